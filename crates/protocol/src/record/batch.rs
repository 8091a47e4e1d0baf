//! Whole batches in memory: views over them, the walk from one to the next, and the fields that a leader may change.

use super::checksum::crc32c;
use super::compression::{Compression, CompressionError, decompress};
use super::header::{
    ATTRIBUTES_OFFSET, BASE_OFFSET_OFFSET, CRC_OFFSET, LEADER_EPOCH_OFFSET, MAX_TIMESTAMP_OFFSET,
};
pub use super::header::{
    Attributes, BatchHeader, BatchPeek, HEADER_SIZE_UP_TO_MAGIC, MAGIC_V2, NO_SEQUENCE,
    RECORD_BATCH_OVERHEAD, TimestampType, decrement_sequence, increment_sequence,
};
use crate::time::Timestamp;
use crate::types::{LeaderEpoch, Offset};
use std::borrow::Cow;

/// Bytes that are not a batch of magic 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// The bytes end before the batch does: at the end of a file, a torn tail; in a fetch, a cut that is allowed.
    #[error("the batch needs {needed} bytes, of which {available} are here")]
    Incomplete {
        /// Bytes that the batch, or its header as far as it must be read, takes.
        needed: usize,
        /// Bytes at hand.
        available: usize,
    },
    /// The length is negative, or leaves no room for a header.
    #[error("batch length {length} is below the minimum of {minimum}")]
    LengthTooSmall {
        /// The length as it stands in the batch.
        length: i32,
        /// The least length of the format.
        minimum: usize,
    },
    /// A batch of magic 0 or 1, where only magic 2 will do (see `legacy`).
    #[error("batch of the old magic {magic}")]
    Legacy {
        /// 0 or 1.
        magic: i8,
    },
    /// A magic that no version of Kafka has written.
    #[error("unknown batch magic {magic}")]
    UnknownMagic {
        /// The magic as it stands in the batch.
        magic: i8,
    },
}

/// A batch whose bytes are not those over which its CRC was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("batch crc {stored:#010x} does not match computed {computed:#010x}")]
pub struct CrcMismatch {
    /// The CRC in the header.
    pub stored: u32,
    /// The CRC of the bytes.
    pub computed: u32,
}

/// One whole batch of magic 2, borrowed. Its CRC has not been checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchView<'a> {
    bytes: &'a [u8],
    header: BatchHeader,
}

impl<'a> BatchView<'a> {
    /// The batch at the beginning of `bytes`, which may go on behind it. O(1).
    pub fn first_of(bytes: &'a [u8]) -> Result<Self, BatchError> {
        let header = BatchHeader::parse(bytes)?;
        let needed = header.size_bytes;
        let bytes = bytes.get(..needed).ok_or(BatchError::Incomplete { needed, available: bytes.len() })?;
        Ok(Self { bytes, header })
    }

    /// The header.
    #[must_use]
    pub const fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// The whole batch.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// What follows the header: the records, compressed if the header says so.
    #[must_use]
    pub fn records_bytes(&self) -> &'a [u8] {
        &self.bytes[RECORD_BATCH_OVERHEAD..]
    }

    /// Checks the CRC. O(size).
    pub fn verify_crc(&self) -> Result<(), CrcMismatch> {
        let computed = crc32c(&self.bytes[ATTRIBUTES_OFFSET..]);
        let stored = self.header.crc;
        if stored == computed { Ok(()) } else { Err(CrcMismatch { stored, computed }) }
    }

    /// The records uncompressed, borrowed if they are so already. `limit` bounds the decompressed size in bytes.
    pub fn uncompressed_records(&self, limit: usize) -> Result<Cow<'a, [u8]>, CompressionError> {
        match self.header.attributes.compression()? {
            Compression::None => Ok(Cow::Borrowed(self.records_bytes())),
            compression => decompress(compression, self.records_bytes(), limit).map(Cow::Owned),
        }
    }
}

/// The batches in `bytes`, one behind the other. Ends after the first error; an incomplete batch at the end is the
/// error [`BatchError::Incomplete`].
#[must_use]
pub const fn batches(bytes: &[u8]) -> Batches<'_> {
    Batches { rest: bytes, position: 0 }
}

/// The iterator of [`batches`].
#[derive(Clone, Debug)]
pub struct Batches<'a> {
    rest: &'a [u8],
    position: usize,
}

impl Batches<'_> {
    /// Where the next batch begins; after an error, where the bytes that are no batch begin.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }
}

impl<'a> Iterator for Batches<'a> {
    type Item = Result<BatchView<'a>, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let item = BatchView::first_of(self.rest);
        match &item {
            Ok(batch) => {
                self.position += batch.bytes.len();
                self.rest = &self.rest[batch.bytes.len()..];
            }
            Err(_) => self.rest = &[],
        }
        Some(item)
    }
}

impl std::iter::FusedIterator for Batches<'_> {}

/// One whole batch of magic 2, whose header fields the leader stamps before it appends.
#[derive(Debug)]
pub struct BatchMut<'a> {
    bytes: &'a mut [u8],
}

impl<'a> BatchMut<'a> {
    /// The batch at the beginning of `bytes`, which may go on behind it. O(1).
    pub fn first_of(bytes: &'a mut [u8]) -> Result<Self, BatchError> {
        let size_bytes = BatchView::first_of(bytes)?.bytes.len();
        Ok(Self { bytes: &mut bytes[..size_bytes] })
    }

    /// The batch as it is.
    #[must_use]
    pub fn view(&self) -> BatchView<'_> {
        BatchView::first_of(self.bytes).expect("no stamp touches length or magic")
    }

    /// Sets the offset of the first record. The CRC does not cover it.
    pub fn set_base_offset(&mut self, base_offset: Offset) {
        self.put(BASE_OFFSET_OFFSET, base_offset.0.to_be_bytes());
    }

    /// Sets the epoch of the leader that appends the batch. The CRC does not cover it.
    pub fn set_leader_epoch(&mut self, leader_epoch: LeaderEpoch) {
        self.put(LEADER_EPOCH_OFFSET, leader_epoch.0.to_be_bytes());
    }

    /// Sets timestamp type and max timestamp, and the CRC if either changes. O(size) then, else O(1).
    ///
    /// Source: Kafka `DefaultRecordBatch.setMaxTimestamp`.
    pub fn set_max_timestamp(&mut self, timestamp_type: TimestampType, max_timestamp: Timestamp) {
        let header = *self.view().header();
        if header.attributes.timestamp_type() == timestamp_type && header.max_timestamp == max_timestamp {
            return;
        }
        let attributes = header.attributes.with_timestamp_type(timestamp_type);
        self.put(ATTRIBUTES_OFFSET, attributes.0.to_be_bytes());
        self.put(MAX_TIMESTAMP_OFFSET, max_timestamp.0.to_be_bytes());
        let crc = crc32c(&self.bytes[ATTRIBUTES_OFFSET..]);
        self.put(CRC_OFFSET, crc.to_be_bytes());
    }

    fn put<const N: usize>(&mut self, at: usize, bytes: [u8; N]) {
        self.bytes[at..at + N].copy_from_slice(&bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::builder::{BatchBuilder, BatchOptions};
    use crate::types::{ProducerEpoch, ProducerId};
    use proptest::prelude::*;

    fn batch(base_offset: i64, records: i64) -> Vec<u8> {
        let options = BatchOptions {
            base_offset: Offset(base_offset),
            producer_id: ProducerId(7),
            producer_epoch: ProducerEpoch(1),
            base_sequence: 40,
            ..BatchOptions::default()
        };
        let mut builder = BatchBuilder::new(options);
        for i in 0..records {
            builder.append(Timestamp(1_000 + i), Some(b"key"), Some(b"value"), &[]).unwrap();
        }
        builder.build()
    }

    #[test]
    fn batches_follow_each_other_up_to_the_torn_tail() {
        let whole = [batch(0, 3), batch(3, 1), batch(4, 2)];
        let bytes = whole.concat();
        let ends: Vec<usize> = whole
            .iter()
            .scan(0, |end, batch| {
                *end += batch.len();
                Some(*end)
            })
            .collect();
        for cut in 0..=bytes.len() {
            let mut walk = batches(&bytes[..cut]);
            let found: Vec<_> =
                walk.by_ref().map_while(Result::ok).map(|batch| batch.bytes().to_vec()).collect();
            let whole_count = ends.iter().filter(|&&end| end <= cut).count();
            assert_eq!(found, whole[..whole_count], "{cut}");
            assert_eq!(walk.position(), whole_count.checked_sub(1).map_or(0, |last| ends[last]), "{cut}");
            let mut last = batches(&bytes[..cut]).skip(whole_count);
            match last.next() {
                None => assert!(cut == 0 || ends.contains(&cut)),
                Some(Err(BatchError::Incomplete { needed, available })) => {
                    assert!(needed > available, "{cut}")
                }
                other => panic!("{cut}: {other:?}"),
            }
            assert!(last.next().is_none());
        }
    }

    #[test]
    fn a_flipped_bit_under_the_crc_is_found() {
        let bytes = batch(0, 2);
        BatchView::first_of(&bytes).unwrap().verify_crc().unwrap();
        for bit in CRC_OFFSET * 8..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(BatchView::first_of(&flipped).unwrap().verify_crc().is_err(), "bit {bit}");
        }
    }

    #[test]
    fn stamps_touch_their_fields_only() {
        let original = batch(0, 2);
        let mut bytes = [original.clone(), vec![9; 5]].concat();
        let mut stamped = BatchMut::first_of(&mut bytes).unwrap();
        stamped.set_base_offset(Offset(77));
        stamped.set_leader_epoch(LeaderEpoch(5));
        let before = *BatchView::first_of(&original).unwrap().header();
        let after = *stamped.view().header();
        assert_eq!(after, BatchHeader { base_offset: Offset(77), leader_epoch: LeaderEpoch(5), ..before });
        stamped.view().verify_crc().unwrap();

        stamped.set_max_timestamp(TimestampType::CreateTime, before.max_timestamp);
        assert_eq!(*stamped.view().header(), after, "nothing changes, nothing is written");
        stamped.set_max_timestamp(TimestampType::LogAppendTime, Timestamp(5_000));
        let view = stamped.view();
        view.verify_crc().unwrap();
        let expected = BatchHeader {
            attributes: Attributes(0x08),
            max_timestamp: Timestamp(5_000),
            crc: view.header().crc,
            ..after
        };
        assert_eq!(*view.header(), expected);
        assert_eq!(view.records_bytes(), &original[RECORD_BATCH_OVERHEAD..]);
        assert_eq!(bytes[original.len()..], [9; 5]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_walked_to_an_end(bytes: Vec<u8>) {
            let total: usize = batches(&bytes).filter_map(Result::ok).map(|batch| batch.bytes().len()).sum();
            prop_assert!(total <= bytes.len());
        }

        #[test]
        fn forged_lengths_never_panic(length: i32, magic in 0i8..4) {
            let mut bytes = batch(0, 1);
            bytes[8..12].copy_from_slice(&length.to_be_bytes());
            bytes[16] = magic as u8;
            for batch in batches(&bytes).flatten() {
                prop_assert!(batch.bytes().len() <= bytes.len());
            }
            let _ = BatchMut::first_of(&mut bytes);
        }
    }
}
