//! Message sets of magic 0 and 1, which Kafka wrote before 0.11: readable on disk, refused in Produce.
//!
//! ```text
//! i64 offset | i32 size | u32 CRC-32 of the rest | i8 magic | i8 attributes | [i64 timestamp, magic 1] |
//! i32 key size | key | i32 value size | value
//! ```
//!
//! An uncompressed message is a batch of one record. A compressed set is one message whose value is a compressed sequence of
//! messages; its offset is that of the last one inside. Source: Kafka `LegacyRecord`, `AbstractLegacyRecordBatch`.

mod set;

use super::batch::BatchError;
use super::compression::{Compression, UnknownCompression};
use super::header::{BatchHeader, BatchPeek, HEADER_SIZE_UP_TO_MAGIC, LOG_OVERHEAD, TimestampType};
use crate::time::Timestamp;
use crate::types::Offset;
pub use set::{LegacyError, LegacyRecord, LegacyRecords};

/// Least length of a message of magic 0: CRC, magic, attributes, key size, value size.
pub const RECORD_OVERHEAD_V0: usize = 4 + 1 + 1 + 4 + 4;
/// Least length of a message of magic 1, which has a timestamp as well.
pub const RECORD_OVERHEAD_V1: usize = RECORD_OVERHEAD_V0 + 8;

const CRC_OFFSET: usize = LOG_OVERHEAD;
const ATTRIBUTES_OFFSET: usize = HEADER_SIZE_UP_TO_MAGIC;
const TIMESTAMP_OFFSET: usize = ATTRIBUTES_OFFSET + 1;
const COMPRESSION_MASK: u8 = 0x07;
const LOG_APPEND_TIME: u8 = 0x08;

/// Fixed fields of a message, with the offset and size in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegacyHeader {
    /// Offset of the message; of a compressed set, of the last message inside.
    pub last_offset: Offset,
    /// Size of the whole message in bytes.
    pub size_bytes: usize,
    /// CRC-32 (not the Castagnoli one) of everything from the magic on, as stored.
    pub crc: u32,
    /// 0 or 1.
    pub magic: i8,
    /// Codec in bits 0 to 2, timestamp type in bit 3.
    pub attributes: u8,
    /// Timestamp; of a compressed set, the largest inside. `NONE` in magic 0.
    pub timestamp: Timestamp,
}

impl LegacyHeader {
    /// Most bytes that [`Self::parse`] looks at.
    pub const SIZE_MAX: usize = TIMESTAMP_OFFSET + 8;

    /// Reads the fixed fields from the beginning of a message; the rest need not be at hand.
    ///
    /// Errors: too few bytes, a length below the minimum, a magic other than 0 and 1.
    pub fn parse(bytes: &[u8]) -> Result<Self, BatchError> {
        let BatchPeek { base_offset: last_offset, size_bytes, magic } = BatchPeek::parse(bytes)?;
        let needed = match magic {
            0 => TIMESTAMP_OFFSET,
            1 => Self::SIZE_MAX,
            magic => return Err(BatchError::UnknownMagic { magic }),
        };
        if bytes.len() < needed {
            return Err(BatchError::Incomplete { needed, available: bytes.len() });
        }
        let timestamp = if magic == 0 {
            Timestamp::NONE
        } else {
            Timestamp(i64::from_be_bytes(at(bytes, TIMESTAMP_OFFSET)))
        };
        let crc = u32::from_be_bytes(at(bytes, CRC_OFFSET));
        Ok(Self { last_offset, size_bytes, crc, magic, attributes: bytes[ATTRIBUTES_OFFSET], timestamp })
    }

    /// The codec of a compressed set. Errors: a code that names none.
    pub const fn compression(&self) -> Result<Compression, UnknownCompression> {
        Compression::from_code(self.attributes & COMPRESSION_MASK)
    }

    /// Whether this is a compressed set.
    #[must_use]
    pub const fn is_compressed(&self) -> bool {
        self.attributes & COMPRESSION_MASK != 0
    }

    /// Whose clock the timestamp comes from; magic 0 has none.
    #[must_use]
    pub const fn timestamp_type(&self) -> Option<TimestampType> {
        match (self.magic, self.attributes & LOG_APPEND_TIME) {
            (0, _) => None,
            (_, 0) => Some(TimestampType::CreateTime),
            _ => Some(TimestampType::LogAppendTime),
        }
    }
}

/// The header of a batch of any magic, for those who walk a file. 61 bytes are enough for any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnyHeader {
    /// Magic 2.
    Current(BatchHeader),
    /// Magic 0 or 1.
    Legacy(LegacyHeader),
}

impl AnyHeader {
    /// Reads the header at the beginning of `bytes`; the rest of the batch need not be at hand.
    pub fn parse(bytes: &[u8]) -> Result<Self, BatchError> {
        match BatchPeek::parse(bytes)?.magic {
            0 | 1 => LegacyHeader::parse(bytes).map(Self::Legacy),
            _ => BatchHeader::parse(bytes).map(Self::Current),
        }
    }

    /// Size of the whole batch in bytes.
    #[must_use]
    pub const fn size_bytes(&self) -> usize {
        match self {
            Self::Current(header) => header.size_bytes,
            Self::Legacy(header) => header.size_bytes,
        }
    }

    /// Format of the batch.
    #[must_use]
    pub const fn magic(&self) -> i8 {
        match self {
            Self::Current(header) => header.magic,
            Self::Legacy(header) => header.magic,
        }
    }

    /// Offset of the first record; `None` for a compressed set of old, which only its inside can tell.
    #[must_use]
    pub const fn base_offset(&self) -> Option<Offset> {
        match self {
            Self::Current(header) => Some(header.base_offset),
            Self::Legacy(header) if header.is_compressed() => None,
            Self::Legacy(header) => Some(header.last_offset),
        }
    }

    /// Offset of the last record.
    #[must_use]
    pub const fn last_offset(&self) -> Offset {
        match self {
            Self::Current(header) => header.last_offset(),
            Self::Legacy(header) => header.last_offset,
        }
    }

    /// Offset after the batch.
    #[must_use]
    pub const fn next_offset(&self) -> Offset {
        Offset(self.last_offset().0.wrapping_add(1))
    }

    /// Largest timestamp, or `NONE`.
    #[must_use]
    pub const fn max_timestamp(&self) -> Timestamp {
        match self {
            Self::Current(header) => header.max_timestamp,
            Self::Legacy(header) => header.timestamp,
        }
    }
}

/// One whole message of magic 0 or 1, borrowed. Its CRC has not been checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegacyView<'a> {
    bytes: &'a [u8],
    header: LegacyHeader,
}

impl<'a> LegacyView<'a> {
    /// The message at the beginning of `bytes`, which may go on behind it.
    pub fn first_of(bytes: &'a [u8]) -> Result<Self, BatchError> {
        let header = LegacyHeader::parse(bytes)?;
        let needed = header.size_bytes;
        let bytes = bytes.get(..needed).ok_or(BatchError::Incomplete { needed, available: bytes.len() })?;
        Ok(Self { bytes, header })
    }

    /// The fixed fields.
    #[must_use]
    pub const fn header(&self) -> &LegacyHeader {
        &self.header
    }

    /// The whole message.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Checks the CRC. O(size).
    pub fn verify_crc(&self) -> Result<(), super::batch::CrcMismatch> {
        let mut crc = flate2::Crc::new();
        crc.update(&self.bytes[CRC_OFFSET + 4..]);
        let (stored, computed) = (self.header.crc, crc.sum());
        if stored == computed { Ok(()) } else { Err(super::batch::CrcMismatch { stored, computed }) }
    }

    /// The records: the message itself, or those inside a compressed set, which may decompress to `limit` bytes.
    pub fn records(&self, limit: usize) -> Result<LegacyRecords<'a>, LegacyError> {
        LegacyRecords::of(self, limit)
    }

    /// Key and value.
    fn key_and_value(&self) -> Result<[Option<&'a [u8]>; 2], LegacyError> {
        let at = if self.header.magic == 0 { TIMESTAMP_OFFSET } else { Self::KEY_OFFSET_V1 };
        let (key, rest) = field(&self.bytes[at..])?;
        let (value, _) = field(rest)?;
        Ok([key, value])
    }

    const KEY_OFFSET_V1: usize = TIMESTAMP_OFFSET + 8;
}

/// A size and as many bytes, and what follows them; a negative size is null.
fn field(bytes: &[u8]) -> Result<(Option<&[u8]>, &[u8]), LegacyError> {
    let (size, rest) = bytes.split_first_chunk().ok_or(LegacyError::FieldTooLong)?;
    match usize::try_from(i32::from_be_bytes(*size)) {
        Ok(size) => {
            let (field, rest) = rest.split_at_checked(size).ok_or(LegacyError::FieldTooLong)?;
            Ok((Some(field), rest))
        }
        Err(_) => Ok((None, rest)),
    }
}

fn at<const N: usize>(bytes: &[u8], offset: usize) -> [u8; N] {
    bytes[offset..offset + N].try_into().expect("a range of N bytes")
}
