//! One partition's log on disk in Kafka's format: append, read, roll, index, recover, truncate, retain, compact, dump.
//!
//! This crate knows bytes, offsets and files. It does not know leaders, peers or requests, has no clock and no threads, and
//! touches files only through [`io::Disk`].

pub mod append;
pub mod checkpoint;
pub mod clean_shutdown;
pub mod compaction;
pub mod config;
#[cfg(test)]
mod crash_tests;
pub mod dump;
pub mod error;
#[cfg(test)]
mod fault_tests;
#[cfg(test)]
mod fuzz_tests;
pub mod index;
pub mod io;
pub mod layout;
pub mod leader_epochs;
pub mod log;
pub mod log_dir;
pub mod meta_properties;
#[cfg(test)]
mod model_tests;
pub mod partition_metadata;
pub mod producer_state;
pub mod recovery;
pub mod retention;
mod segment;
#[cfg(test)]
mod testing;
pub mod validation;
mod walk;

pub use error::StorageError;
