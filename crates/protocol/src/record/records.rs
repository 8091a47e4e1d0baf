//! Records of a batch, read in place from uncompressed bytes.

use super::batch::BatchView;
use super::compression::CompressionError;
use super::header::BatchHeader;
use super::varint::{VarintError, read_varint, read_varlong};
use crate::time::Timestamp;
use crate::types::Offset;

/// A record's header: a name, and a value that may be null. The name is UTF-8 by custom; brokers do not look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordHeader<'a> {
    /// The name.
    pub key: &'a [u8],
    /// The value.
    pub value: Option<&'a [u8]>,
}

/// Bytes that are not the records that the batch's header announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The bytes end inside a record.
    #[error("record {index} ends beyond the batch")]
    Incomplete {
        /// Index of the record in the batch.
        index: i32,
    },
    /// A length or count inside a record is impossible.
    #[error("record {index} is malformed: {reason}")]
    Malformed {
        /// Index of the record in the batch.
        index: i32,
        /// What is wrong.
        reason: &'static str,
    },
    /// The batch's record count is negative.
    #[error("record count {count} is negative")]
    NegativeCount {
        /// The count in the header.
        count: i32,
    },
    /// Bytes are left behind the last record.
    #[error("{size} bytes are left behind the last of {count} records")]
    TrailingBytes {
        /// How many.
        size: usize,
        /// The count in the header.
        count: i32,
    },
    /// The records cannot be decompressed.
    #[error(transparent)]
    Compression(#[from] CompressionError),
}

/// One record, borrowed from uncompressed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordView<'a> {
    /// Size in bytes, with the length in front.
    pub size_bytes: usize,
    /// Flags; none has a meaning so far.
    pub attributes: i8,
    /// Timestamp less the batch's base timestamp, in milliseconds.
    pub timestamp_delta: i64,
    /// Offset less the batch's base offset.
    pub offset_delta: i32,
    /// The key, or null.
    pub key: Option<&'a [u8]>,
    /// The value, or null.
    pub value: Option<&'a [u8]>,
    /// The headers.
    pub headers: RecordHeaders<'a>,
}

impl<'a> RecordView<'a> {
    /// Reads the record at `*position` of `bytes` and moves `*position` behind it. All of it is checked, headers too.
    pub fn read(bytes: &'a [u8], position: &mut usize) -> Result<Self, RecordFault> {
        let start = *position;
        let body_size = read_varint(bytes, position)?;
        let body_size =
            usize::try_from(body_size).map_err(|_| RecordFault::Malformed("its size is negative"))?;
        let body = bytes[*position..].get(..body_size).ok_or(RecordFault::Incomplete)?;
        *position += body_size;
        Self::of_body(body, *position - start)
    }

    /// The record of `size_bytes` whose bytes behind the length are `body`.
    pub(super) fn of_body(body: &'a [u8], size_bytes: usize) -> Result<Self, RecordFault> {
        match Self::read_body(body) {
            Ok(record) => Ok(Self { size_bytes, ..record }),
            // Inside a body of known size, bytes that are missing are a fault of the record.
            Err(RecordFault::Incomplete) => Err(RecordFault::Malformed("a field ends beyond it")),
            Err(fault) => Err(fault),
        }
    }

    fn read_body(body: &'a [u8]) -> Result<Self, RecordFault> {
        let attributes = body.first().ok_or(RecordFault::Incomplete)?.cast_signed();
        let mut position = 1;
        let timestamp_delta = read_varlong(body, &mut position)?;
        let offset_delta = read_varint(body, &mut position)?;
        let key = read_field(body, &mut position)?;
        let value = read_field(body, &mut position)?;
        let count = read_varint(body, &mut position)?;
        let count =
            usize::try_from(count).map_err(|_| RecordFault::Malformed("its header count is negative"))?;
        let headers = RecordHeaders { bytes: &body[position..], count };
        let mut rest = headers;
        while rest.count > 0 {
            rest.read_next()?;
        }
        if !rest.bytes.is_empty() {
            return Err(RecordFault::Malformed("bytes are left behind its headers"));
        }
        Ok(Self { size_bytes: 0, attributes, timestamp_delta, offset_delta, key, value, headers })
    }

    /// The record's offset in the batch with this header.
    #[must_use]
    pub const fn offset(&self, batch: &BatchHeader) -> Offset {
        Offset(batch.base_offset.0.wrapping_add(self.offset_delta as i64))
    }

    /// The record's timestamp in the batch with this header.
    #[must_use]
    pub fn timestamp(&self, batch: &BatchHeader) -> Timestamp {
        let own = Timestamp(batch.base_timestamp.0.wrapping_add(self.timestamp_delta));
        batch.log_append_time().unwrap_or(own)
    }
}

/// A record that owns its bytes, for tools and tests: one allocation a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedRecord {
    /// Its offset in the log.
    pub offset: Offset,
    /// Its timestamp, as readers see it.
    pub timestamp: Timestamp,
    /// The key, or null.
    pub key: Option<Vec<u8>>,
    /// The value, or null.
    pub value: Option<Vec<u8>>,
    /// Names and values of the headers.
    pub headers: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

impl OwnedRecord {
    /// A copy of a record of the batch with this header.
    #[must_use]
    pub fn of(record: &RecordView<'_>, batch: &BatchHeader) -> Self {
        Self {
            offset: record.offset(batch),
            timestamp: record.timestamp(batch),
            key: record.key.map(<[u8]>::to_vec),
            value: record.value.map(<[u8]>::to_vec),
            headers: record.headers.map(|h| (h.key.to_vec(), h.value.map(<[u8]>::to_vec))).collect(),
        }
    }
}

/// What is wrong with one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordFault {
    /// The bytes end before it does.
    Incomplete,
    /// Something in it is impossible.
    Malformed(&'static str),
}

impl RecordFault {
    /// The error of the record at `index` with this fault.
    #[must_use]
    pub const fn at(self, index: i32) -> RecordError {
        match self {
            Self::Incomplete => RecordError::Incomplete { index },
            Self::Malformed(reason) => RecordError::Malformed { index, reason },
        }
    }
}

impl From<VarintError> for RecordFault {
    fn from(error: VarintError) -> Self {
        match error {
            VarintError::Truncated => Self::Incomplete,
            VarintError::TooLong => Self::Malformed("a variable-length integer is too long"),
        }
    }
}

/// The headers of a record: an iterator. All of them have been checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordHeaders<'a> {
    bytes: &'a [u8],
    count: usize,
}

impl<'a> RecordHeaders<'a> {
    fn read_next(&mut self) -> Result<RecordHeader<'a>, RecordFault> {
        let mut position = 0;
        let key =
            read_field(self.bytes, &mut position)?.ok_or(RecordFault::Malformed("a header has no name"))?;
        let value = read_field(self.bytes, &mut position)?;
        self.bytes = &self.bytes[position..];
        self.count -= 1;
        Ok(RecordHeader { key, value })
    }
}

impl<'a> Iterator for RecordHeaders<'a> {
    type Item = RecordHeader<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.count == 0 {
            return None;
        }
        Some(self.read_next().expect("checked when the record was read"))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.count, Some(self.count))
    }
}

impl ExactSizeIterator for RecordHeaders<'_> {}

/// The records of a batch whose header says that there are `count` of them, in `bytes`, which are not compressed.
///
/// Yields an error and ends if a record is broken, if the bytes end early, or if bytes are left at the end. A batch of no
/// records yields nothing, whatever its bytes.
#[must_use]
pub const fn records(bytes: &[u8], count: i32) -> Records<'_> {
    Records { bytes, position: 0, index: 0, count }
}

impl<'a> BatchView<'a> {
    /// The records of a batch that is not compressed. Of a compressed one, use
    /// [`uncompressed_records`](Self::uncompressed_records) and [`records`].
    #[must_use]
    pub fn records(&self) -> Records<'a> {
        records(self.records_bytes(), self.header().record_count)
    }
}

/// The iterator of [`records`].
#[derive(Clone, Debug)]
pub struct Records<'a> {
    bytes: &'a [u8],
    position: usize,
    index: i32,
    count: i32,
}

impl<'a> Records<'a> {
    fn read_next(&mut self) -> Result<RecordView<'a>, RecordError> {
        if self.count < 0 {
            return Err(RecordError::NegativeCount { count: self.count });
        }
        let record =
            RecordView::read(self.bytes, &mut self.position).map_err(|fault| fault.at(self.index))?;
        self.index += 1;
        let left = self.bytes.len() - self.position;
        if self.index == self.count && left > 0 {
            return Err(RecordError::TrailingBytes { size: left, count: self.count });
        }
        Ok(record)
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<RecordView<'a>, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.index == self.count {
            return None;
        }
        let item = self.read_next();
        if item.is_err() {
            self.index = 0;
            self.count = 0;
        }
        Some(item)
    }
}

impl std::iter::FusedIterator for Records<'_> {}

/// A length and as many bytes; a negative length is null.
#[inline]
fn read_field<'a>(bytes: &'a [u8], position: &mut usize) -> Result<Option<&'a [u8]>, RecordFault> {
    let Ok(size) = usize::try_from(read_varint(bytes, position)?) else { return Ok(None) };
    let field = bytes[*position..].get(..size).ok_or(RecordFault::Incomplete)?;
    *position += size;
    Ok(Some(field))
}
