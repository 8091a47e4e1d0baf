//! One broker as a value: requests and peer answers in, effects out.
//!
//! Two machines make a broker. [`shard::Shard`] is the data plane: it owns the logs of its partitions, their
//! replication state and the coordinators on them, and answers requests. [`node::Node`] is the control plane: the
//! metadata log, the controller, and the image that it publishes to the shards. Neither opens a socket, spawns or
//! sleeps: the host performs their [`effects`](effect), and tells them what happened.

mod api;
mod authorized;
pub mod connection;
pub mod connection_quota;
mod coordinator_host;
pub mod effect;
mod fetch_session;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod internal_topics;
pub mod job;
pub mod log_dirs;
pub mod log_levels;
pub mod node;
mod partition;
mod producer_ids;
mod purgatory;
mod quorum_host;
pub mod response;
pub mod security;
pub mod settings;
pub mod shard;
mod verification;

pub use api::is_served;
pub use ottla_metadata::config;
