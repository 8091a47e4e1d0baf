//! Kafka's wire bytes and stored records as values, and the vocabulary that every other crate speaks.
//!
//! This crate does no I/O, and never sizes an allocation by a length that it has not checked against the bytes at hand.

pub mod api;
pub mod error;
pub mod fetch_response;
pub mod fetch_view;
pub mod frame;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod message;
pub mod messages;
pub mod produce_response;
pub mod produce_view;
pub mod record;
pub mod time;
pub mod types;
pub mod wire;
