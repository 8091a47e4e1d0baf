//! The offset index: which batch lies where. An entry says that the batch whose last offset it has begins at its position.
//!
//! ```text
//! i32 offset relative to the segment's base | i32 position           ascending in both
//! ```
//!
//! Source: Kafka `OffsetIndex`.

use super::IndexEntry;

/// An entry of the offset index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffsetEntry {
    /// Last offset of the batch, less the segment's base offset. At most 2³¹ - 1.
    pub relative_offset: u32,
    /// Where the batch begins, in bytes.
    pub position: u32,
}

impl IndexEntry for OffsetEntry {
    const SIZE: usize = 8;

    fn encode(self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.relative_offset.to_be_bytes());
        bytes.extend_from_slice(&self.position.to_be_bytes());
    }

    fn decode(bytes: &[u8]) -> Self {
        Self { relative_offset: be_u32(&bytes[0..]), position: be_u32(&bytes[4..]) }
    }
}

fn be_u32(bytes: &[u8]) -> u32 {
    u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

/// All entries in the bytes of an index file. Bytes that do not make a whole entry at the end are left out.
pub fn entries(bytes: &[u8]) -> impl Iterator<Item = OffsetEntry> + '_ {
    bytes.chunks_exact(OffsetEntry::SIZE).map(OffsetEntry::decode)
}
