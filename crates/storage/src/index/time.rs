//! The time index: up to which offset no timestamp is larger. An entry says that its timestamp is the largest of all batches up
//! to the one that ends with its offset, which has it.
//!
//! ```text
//! i64 timestamp | i32 offset relative to the segment's base          ascending in both
//! ```
//!
//! Source: KIP-33; Kafka `TimeIndex`.

use ottla_protocol::time::Timestamp;

use super::IndexEntry;

/// An entry of the time index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeEntry {
    /// Largest timestamp so far.
    pub timestamp: Timestamp,
    /// Last offset of the batch that has it, less the segment's base offset. At most 2³¹ - 1.
    pub relative_offset: u32,
}

impl IndexEntry for TimeEntry {
    const SIZE: usize = 12;

    fn encode(self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.timestamp.0.to_be_bytes());
        bytes.extend_from_slice(&self.relative_offset.to_be_bytes());
    }

    fn decode(bytes: &[u8]) -> Self {
        let (timestamp, offset) = bytes.split_at(8);
        Self {
            timestamp: Timestamp(i64::from_be_bytes(timestamp.try_into().expect("8 bytes"))),
            relative_offset: u32::from_be_bytes(offset[..4].try_into().expect("4 bytes")),
        }
    }
}

/// All entries in the bytes of an index file. Bytes that do not make a whole entry at the end are left out.
pub fn entries(bytes: &[u8]) -> impl Iterator<Item = TimeEntry> + '_ {
    bytes.chunks_exact(TimeEntry::SIZE).map(TimeEntry::decode)
}
