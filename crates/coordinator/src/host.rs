//! What passes between any coordinator and its host: names for what is under way, and records.

use bytes::Bytes;

/// One request of the host, until its response comes out: exactly once, in any order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestToken(pub u64);

/// One batch of records that a coordinator asked its host to append. Counts up from 0 for each coordinator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppendToken(pub u64);

/// One record, without headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The key, with its leading record type.
    pub key: Bytes,
    /// The value, with its leading version; `None` is a tombstone.
    pub value: Option<Bytes>,
}
