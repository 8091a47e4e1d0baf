//! Group, transaction and share coordinators as replayed state machines.
//!
//! One coordinator value serves one partition of an internal topic, on the broker that leads it. It takes facts
//! (requests, what became of an append, the time) and gives effects (append these records, send this response); it
//! owns no clock, socket or log. What is logged changes state in one way only: by replay of the record, which is the
//! same code at start-up and at run time.
//!
//! ```text
//!            requests, appended, committed, timer            append, respond
//!   host  ------------------------------------->  machine  ------------------>  host
//!            load(record) .. loaded()                        poll_deadline()
//! ```

pub mod group;
mod host;
mod journal;
mod messages;
pub mod partitioner;
mod timers;
pub mod transaction;
