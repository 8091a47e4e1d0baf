//! Writes batches: uncompressed ones byte for byte as Kafka's `MemoryRecordsBuilder` does.

use super::compression::{Compression, compress_onto};
use super::header::{Attributes, BatchHeader, MAGIC_V2, NO_SEQUENCE, RECORD_BATCH_OVERHEAD, TimestampType};
use super::records::RecordHeader;
use super::varint::{size_of_varint, size_of_varlong, write_varint, write_varlong};
use crate::time::Timestamp;
use crate::types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId};

/// What the header of a new batch says. The default is what a plain producer sends: base offset 0, no codec,
/// `CreateTime`, no producer id, no leader epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchOptions {
    /// Offset of the first record. Producers send 0.
    pub base_offset: Offset,
    /// Epoch of the leader; producers do not know it.
    pub leader_epoch: LeaderEpoch,
    /// Codec of the records.
    pub compression: Compression,
    /// Level of the codec, or `None` for its default.
    pub compression_level: Option<i32>,
    /// `Some` makes the batch `LogAppendTime`, with this as the timestamp of every record.
    pub log_append_time: Option<Timestamp>,
    /// Id of the idempotent or transactional producer.
    pub producer_id: ProducerId,
    /// Its epoch.
    pub producer_epoch: ProducerEpoch,
    /// Sequence of the first record.
    pub base_sequence: i32,
    /// Whether the records belong to a transaction. Needs a producer id.
    pub is_transactional: bool,
    /// Whether they are control records.
    pub is_control: bool,
    /// When compaction may drop the tombstones of this batch.
    pub delete_horizon: Option<Timestamp>,
}

impl Default for BatchOptions {
    fn default() -> Self {
        Self {
            base_offset: Offset::ZERO,
            leader_epoch: LeaderEpoch::UNKNOWN,
            compression: Compression::None,
            compression_level: None,
            log_append_time: None,
            producer_id: ProducerId::NONE,
            producer_epoch: ProducerEpoch::NONE,
            base_sequence: NO_SEQUENCE,
            is_transactional: false,
            is_control: false,
            delete_horizon: None,
        }
    }
}

/// A record that cannot go into the batch. The batch is as it was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendRecordError {
    /// A timestamp below zero that is not "none".
    #[error("negative timestamp {timestamp}")]
    NegativeTimestamp {
        /// The timestamp.
        timestamp: Timestamp,
    },
    /// An offset that does not come after the record before it, or lies below the batch's base offset.
    #[error("offset {offset} where {expected} or more is expected")]
    OffsetOutOfOrder {
        /// The offset.
        offset: Offset,
        /// The least offset that the batch takes.
        expected: Offset,
    },
    /// The offset is too far from the base offset, or the batch would reach 2 GiB.
    #[error("the batch is full")]
    Full,
}

/// A batch in the making. Records are held uncompressed until [`Self::build`].
#[derive(Clone, Debug)]
pub struct BatchBuilder {
    options: BatchOptions,
    /// Room for the header, then the records.
    bytes: Vec<u8>,
    base_timestamp: Option<Timestamp>,
    max_timestamp: Timestamp,
    record_count: i32,
    last_offset: Option<Offset>,
}

impl BatchBuilder {
    /// An empty batch. Panics if the options contradict each other (see [`BatchOptions::check`]).
    #[must_use]
    pub fn new(options: BatchOptions) -> Self {
        Self::with_capacity(options, 0)
    }

    /// An empty batch with room for `records_bytes` bytes of uncompressed records. Panics as [`Self::new`].
    #[must_use]
    pub fn with_capacity(options: BatchOptions, records_bytes: usize) -> Self {
        options.check().expect("options that a batch can have");
        let mut bytes = Vec::with_capacity(RECORD_BATCH_OVERHEAD + records_bytes);
        bytes.resize(RECORD_BATCH_OVERHEAD, 0);
        Self {
            options,
            bytes,
            base_timestamp: options.delete_horizon,
            max_timestamp: Timestamp::NONE,
            record_count: 0,
            last_offset: None,
        }
    }

    /// Appends a record at the offset after the last one's.
    pub fn append(
        &mut self,
        timestamp: Timestamp,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[RecordHeader<'_>],
    ) -> Result<(), AppendRecordError> {
        let offset = self.next_offset().ok_or(AppendRecordError::Full)?;
        self.append_at(offset, timestamp, key, value, headers)
    }

    /// Appends a record at `offset`, which must come after the last record's: compaction leaves gaps.
    pub fn append_at(
        &mut self,
        offset: Offset,
        timestamp: Timestamp,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[RecordHeader<'_>],
    ) -> Result<(), AppendRecordError> {
        let expected = self.next_offset().ok_or(AppendRecordError::Full)?;
        if offset < expected {
            return Err(AppendRecordError::OffsetOutOfOrder { offset, expected });
        }
        if timestamp < Timestamp::NONE {
            return Err(AppendRecordError::NegativeTimestamp { timestamp });
        }
        let base_timestamp = self.base_timestamp.unwrap_or(timestamp);
        let record = RecordForm {
            timestamp_delta: timestamp.0 - base_timestamp.0,
            offset_delta: self.offset_delta(offset).ok_or(AppendRecordError::Full)?,
            key,
            value,
            headers,
        };
        let body_size = record.body_size();
        if self.bytes.len().saturating_add(body_size).saturating_add(10) > i32::MAX as usize {
            return Err(AppendRecordError::Full);
        }
        record.write(body_size, &mut self.bytes);
        self.base_timestamp = Some(base_timestamp);
        self.max_timestamp = self.max_timestamp.max(timestamp);
        self.record_count += 1;
        self.last_offset = Some(offset);
        Ok(())
    }

    /// Makes the header name `last_offset` as the last one, although the record there is gone (compaction).
    ///
    /// Panics if a record lies behind it.
    pub fn set_last_offset(&mut self, last_offset: Offset) {
        assert!(
            self.last_offset.is_none_or(|last| last <= last_offset),
            "last offset {last_offset} goes back"
        );
        self.last_offset = Some(last_offset);
    }

    /// Count of records so far.
    #[must_use]
    pub const fn record_count(&self) -> i32 {
        self.record_count
    }

    /// Size of the batch so far in bytes, before compression.
    #[must_use]
    pub const fn uncompressed_size(&self) -> usize {
        self.bytes.len()
    }

    /// Size that the batch would have with one more record, in bytes, before compression.
    #[must_use]
    pub fn uncompressed_size_with(
        &self,
        timestamp: Timestamp,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[RecordHeader<'_>],
    ) -> usize {
        let record = RecordForm {
            timestamp_delta: timestamp.0.wrapping_sub(self.base_timestamp.unwrap_or(timestamp).0),
            offset_delta: self.next_offset().and_then(|offset| self.offset_delta(offset)).unwrap_or(i32::MAX),
            key,
            value,
            headers,
        };
        let body_size = record.body_size();
        self.bytes.len() + size_of_varint(body_size as i32) + body_size
    }

    /// The batch, or nothing at all if no record was appended, as in Kafka.
    #[must_use]
    pub fn build(mut self) -> Vec<u8> {
        let Some(last_offset) = self.last_offset.filter(|_| self.record_count > 0) else { return Vec::new() };
        let options = self.options;
        if options.compression != Compression::None {
            let mut compressed = vec![0; RECORD_BATCH_OVERHEAD];
            let records = &self.bytes[RECORD_BATCH_OVERHEAD..];
            compress_onto(options.compression, options.compression_level, records, &mut compressed);
            self.bytes = compressed;
        }
        let last_offset_delta =
            i32::try_from(last_offset.0 - options.base_offset.0).expect("checked at append");
        let mut header = BatchHeader {
            base_offset: options.base_offset,
            size_bytes: 0,
            leader_epoch: options.leader_epoch,
            magic: MAGIC_V2,
            crc: 0,
            attributes: options.attributes(),
            last_offset_delta,
            base_timestamp: self.base_timestamp.expect("set by the first record"),
            max_timestamp: options.log_append_time.unwrap_or(self.max_timestamp),
            producer_id: options.producer_id,
            producer_epoch: options.producer_epoch,
            base_sequence: options.base_sequence,
            record_count: self.record_count,
        };
        header.seal(&self.bytes[RECORD_BATCH_OVERHEAD..]);
        self.bytes[..RECORD_BATCH_OVERHEAD].copy_from_slice(&header.to_bytes());
        self.bytes
    }

    /// The least offset that the next record may have; `None` behind the last offset that there is.
    fn next_offset(&self) -> Option<Offset> {
        self.last_offset.map_or(Some(self.options.base_offset), |last| last.0.checked_add(1).map(Offset))
    }

    fn offset_delta(&self, offset: Offset) -> Option<i32> {
        i32::try_from(offset.0.checked_sub(self.options.base_offset.0)?).ok()
    }
}

/// Options that contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchOptionsError {
    /// A transaction without a producer id.
    #[error("a transactional batch has no producer id")]
    NoProducerId,
    /// A producer id without an epoch.
    #[error("a batch with a producer id has no producer epoch")]
    NoProducerEpoch,
    /// A producer id without a sequence, in a batch of data.
    #[error("base sequence {base_sequence} of a batch with a producer id")]
    NoSequence {
        /// The base sequence.
        base_sequence: i32,
    },
    /// A delete horizon before the epoch of time.
    #[error("negative delete horizon {0}")]
    DeleteHorizon(Timestamp),
}

impl BatchOptions {
    /// Whether a batch can have these options. Source: Kafka `MemoryRecordsBuilder.validateProducerState`.
    pub fn check(&self) -> Result<(), BatchOptionsError> {
        let has_producer_id = self.producer_id != ProducerId::NONE;
        if self.is_transactional && !has_producer_id {
            return Err(BatchOptionsError::NoProducerId);
        }
        if has_producer_id && self.producer_epoch == ProducerEpoch::NONE {
            return Err(BatchOptionsError::NoProducerEpoch);
        }
        if has_producer_id && self.base_sequence < 0 && !self.is_control {
            return Err(BatchOptionsError::NoSequence { base_sequence: self.base_sequence });
        }
        match self.delete_horizon {
            Some(time) if time.0 < 0 => Err(BatchOptionsError::DeleteHorizon(time)),
            _ => Ok(()),
        }
    }

    fn attributes(&self) -> Attributes {
        let timestamp_type = if self.log_append_time.is_some() {
            TimestampType::LogAppendTime
        } else {
            TimestampType::CreateTime
        };
        let mut attributes = Attributes::of(self.compression).with_timestamp_type(timestamp_type);
        if self.is_transactional {
            attributes = attributes.with_transactional();
        }
        if self.is_control {
            attributes = attributes.with_control();
        }
        if self.delete_horizon.is_some() {
            attributes = attributes.with_delete_horizon();
        }
        attributes
    }
}

/// The parts of a record, in the order in which they are written.
struct RecordForm<'a> {
    timestamp_delta: i64,
    offset_delta: i32,
    key: Option<&'a [u8]>,
    value: Option<&'a [u8]>,
    headers: &'a [RecordHeader<'a>],
}

impl RecordForm<'_> {
    fn body_size(&self) -> usize {
        let headers: usize =
            self.headers.iter().map(|h| size_of_field(Some(h.key)) + size_of_field(h.value)).sum();
        1 + size_of_varlong(self.timestamp_delta)
            + size_of_varint(self.offset_delta)
            + size_of_field(self.key)
            + size_of_field(self.value)
            + size_of_varint(self.headers.len() as i32)
            + headers
    }

    /// Appends the record. `body_size` and with it every length in the record is below 2^31.
    fn write(&self, body_size: usize, out: &mut Vec<u8>) {
        out.reserve(body_size + 5);
        write_varint(out, body_size as i32);
        out.push(0);
        write_varlong(out, self.timestamp_delta);
        write_varint(out, self.offset_delta);
        write_field(out, self.key);
        write_field(out, self.value);
        write_varint(out, self.headers.len() as i32);
        for header in self.headers {
            write_field(out, Some(header.key));
            write_field(out, header.value);
        }
    }
}

fn size_of_field(field: Option<&[u8]>) -> usize {
    field.map_or(1, |bytes| size_of_varint(bytes.len() as i32) + bytes.len())
}

fn write_field(out: &mut Vec<u8>, field: Option<&[u8]>) {
    match field {
        None => write_varint(out, -1),
        Some(bytes) => {
            write_varint(out, bytes.len() as i32);
            out.extend_from_slice(bytes);
        }
    }
}
