//! The quorum in a world that fails: many replicas on one thread, in virtual time, all of it from one seed.
//!
//! Every seed makes a world of its own: voters that are fixed, change, or come to change; delays, losses, doubled and
//! late messages, partitions; crashes that lose what was not synced, lost disks, slow disks; clocks that run apart, and
//! pauses. After every step the rules of `checker` must hold; when the faults end, everybody must catch up in time.

mod checker;
mod disk;
mod faults;
mod host;
mod mail;
mod network;
mod node;
pub mod options;
mod random;
mod records;
pub mod world;
