//! The records of an old message: itself, or those of the compressed set that it wraps.

use super::{LegacyHeader, LegacyView};
use crate::record::batch::BatchError;
use crate::record::compression::{Compression, CompressionError, decompress, decompress_magic_0};
use crate::record::header::TimestampType;
use crate::time::Timestamp;
use crate::types::Offset;

/// An old message whose inside cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LegacyError {
    /// Key or value end beyond the message.
    #[error("key or value end beyond the message")]
    FieldTooLong,
    /// A compressed set without a value.
    #[error("a compressed set has no value")]
    NoValue,
    /// A compressed set without messages.
    #[error("a compressed set holds no message")]
    Empty,
    /// A compressed set inside a compressed set.
    #[error("a compressed set holds a compressed set")]
    Nested,
    /// Zstd came with magic 2.
    #[error("a message of magic {magic} is compressed with zstd")]
    Zstd {
        /// 0 or 1.
        magic: i8,
    },
    /// The set's offset is below the last offset inside.
    #[error("offset {outer} of a compressed set is below the last offset {inner} inside")]
    Offset {
        /// Offset of the set.
        outer: Offset,
        /// Offset of its last message, as it stands there.
        inner: Offset,
    },
    /// What is inside is no message of magic 0 or 1.
    #[error(transparent)]
    NotAMessage(#[from] BatchError),
    /// The set cannot be decompressed.
    #[error(transparent)]
    Compression(#[from] CompressionError),
}

/// A record of magic 0 or 1. It has no headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegacyRecord<'a> {
    /// Its offset.
    pub offset: Offset,
    /// Its timestamp; `NONE` in magic 0.
    pub timestamp: Timestamp,
    /// The key, or null.
    pub key: Option<&'a [u8]>,
    /// The value, or null.
    pub value: Option<&'a [u8]>,
}

/// The records of an old message.
#[derive(Clone, Debug)]
pub struct LegacyRecords<'a> {
    source: Source<'a>,
    /// What is added to the offsets inside: they count from 0 in magic 1.
    offset_base: i64,
    /// The one timestamp of all records, if the broker gave it.
    log_append_time: Option<Timestamp>,
}

#[derive(Clone, Debug)]
enum Source<'a> {
    Single(LegacyView<'a>),
    Set(Vec<u8>),
}

impl<'a> LegacyRecords<'a> {
    pub(super) fn of(view: &LegacyView<'a>, limit: usize) -> Result<Self, LegacyError> {
        let header = view.header();
        let compression = header.compression().map_err(CompressionError::from)?;
        let [_, value] = view.key_and_value()?;
        let magic = header.magic;
        let bytes = match compression {
            Compression::None => {
                return Ok(Self { source: Source::Single(*view), offset_base: 0, log_append_time: None });
            }
            Compression::Zstd => return Err(LegacyError::Zstd { magic }),
            codec if magic == 0 => decompress_magic_0(codec, value.ok_or(LegacyError::NoValue)?, limit)?,
            codec => decompress(codec, value.ok_or(LegacyError::NoValue)?, limit)?,
        };
        let last = check_set(&bytes)?.ok_or(LegacyError::Empty)?;
        let outer = header.last_offset;
        let offset_base = match magic {
            0 => 0,
            // Some versions of librdkafka left the set's offset at 0.
            _ if outer == Offset::ZERO => 0,
            _ if outer < last.last_offset => {
                return Err(LegacyError::Offset { outer, inner: last.last_offset });
            }
            _ => outer.0.wrapping_sub(last.last_offset.0),
        };
        let log_append_time =
            (header.timestamp_type() == Some(TimestampType::LogAppendTime)).then_some(header.timestamp);
        Ok(Self { source: Source::Set(bytes), offset_base, log_append_time })
    }

    /// The records, in order.
    pub fn iter(&self) -> impl Iterator<Item = LegacyRecord<'_>> {
        let mut rest = match &self.source {
            Source::Single(view) => view.bytes(),
            Source::Set(bytes) => bytes,
        };
        std::iter::from_fn(move || {
            // The rest of a message that is cut at the end of the set is no record.
            let view = LegacyView::first_of(rest).ok()?;
            rest = &rest[view.bytes().len()..];
            let [key, value] = view.key_and_value().ok()?;
            let header = view.header();
            Some(LegacyRecord {
                offset: Offset(header.last_offset.0.wrapping_add(self.offset_base)),
                timestamp: if header.magic == 0 {
                    Timestamp::NONE
                } else {
                    self.log_append_time.unwrap_or(header.timestamp)
                },
                key,
                value,
            })
        })
    }

    /// Offset of the first record.
    #[must_use]
    pub fn base_offset(&self) -> Offset {
        self.iter().next().map_or(Offset::UNKNOWN, |record| record.offset)
    }
}

/// Checks every whole message of a decompressed set, and returns the header of the last one.
fn check_set(mut rest: &[u8]) -> Result<Option<LegacyHeader>, LegacyError> {
    let mut last = None;
    while !rest.is_empty() {
        let view = match LegacyView::first_of(rest) {
            Ok(view) => view,
            // Kafka takes a cut message at the end for the end.
            Err(BatchError::Incomplete { .. }) => break,
            Err(error) => return Err(error.into()),
        };
        if view.header().is_compressed() {
            return Err(LegacyError::Nested);
        }
        view.key_and_value()?;
        rest = &rest[view.bytes().len()..];
        last = Some(*view.header());
    }
    Ok(last)
}
