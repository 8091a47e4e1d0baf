//! Record batches: the unit in which records are produced, stored, replicated and fetched.
//!
//! ```text
//! batch (magic 2)  = 61-byte header | records, as one compressed stream if the header names a codec
//! record           = varint size | attributes | timestamp delta | offset delta | key | value | headers
//! ```
//!
//! Nothing here copies the bytes of a batch unless it has to change them, and nothing trusts a length that it has not
//! checked against the bytes at hand.

pub mod batch;
pub mod builder;
pub mod checksum;
pub mod compression;
pub mod control;
pub mod fuzz;
#[cfg(test)]
mod golden;
pub mod header;
pub mod legacy;
pub mod records;
pub mod scan;
pub mod validate;
pub mod varint;

pub use batch::{BatchError, BatchMut, BatchView, batches};
pub use builder::{BatchBuilder, BatchOptions};
pub use compression::{Compression, CompressionError};
pub use header::{Attributes, BatchHeader, BatchPeek, TimestampType};
pub use records::{RecordHeader, RecordView, records};
