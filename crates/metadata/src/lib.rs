//! The cluster's state as an immutable image, who may change it (the controller), and the config table.
//!
//! This crate does not know how records travel, and reads no clock: time and random seeds come in as arguments.

pub mod api_error;
pub mod bootstrap;
pub mod config;
pub mod controller;
pub mod delta;
pub mod features;
pub mod image;
pub mod random;
pub mod record;
pub mod snapshot;
pub mod topic_name;
