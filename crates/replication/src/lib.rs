//! How a log is agreed: the KRaft quorum and the in-sync replicas of a partition.
//!
//! Plain values and pure machines: facts in, effects out. Nothing here reads a clock, a file or a socket.

pub mod divergence;
pub mod quorum;
