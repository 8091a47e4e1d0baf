//! What a leader checks of a batch before it appends it, and what it changes: a pure function of the bytes that came, the
//! topic's configuration and the time.
//!
//! ```text
//! bytes ── single_batch: one batch of magic 2 ── header: base offset, size, crc, counts, flags
//!       ── records: keys, timestamps, offset deltas ── [rebuild: another codec] ── header and records to append
//! ```
//!
//! Offsets and sequences against the log's state are not checked here: that is the log's job.
//!
//! The answers are Kafka's (see `golden/validation.txt`) with these exceptions. Kafka 4.3.1 fails with an unexpected error on a
//! compressed batch whose offsets have gaps: it is rebuilt here, as Kafka means to. Kafka does not see that a record inside
//! a compressed batch belies its own size, which no consumer could read: it is refused here. What decompresses to too much
//! is refused. Where two things are wrong, the one that is named may be another.
//!
//! Source: Kafka `ProduceRequest.validateRecords`, `UnifiedLog.analyzeAndValidateRecords`, `LogValidator`.

mod error;
mod rebuild;
mod records;
mod shape;
#[cfg(test)]
mod tests;

use super::batch::BatchView;
use super::compression::{Compression, CompressionError};
use super::header::{BatchHeader, RECORD_BATCH_OVERHEAD, TimestampType};
use crate::time::Timestamp;
use crate::types::Offset;
pub use error::{RejectedRecord, ValidationError};
pub use rebuild::rebuild;
use records::{check_records, timestamp_is_out_of_range};
pub use shape::single_batch;
use std::borrow::Cow;

/// Whose batch it is. Source: Kafka `AppendOrigin`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BatchOrigin {
    /// A client's, by Produce.
    #[default]
    Client,
    /// A coordinator's of this broker. It may hold control records, and its base offset does not matter.
    Coordinator,
}

/// The codec in which a topic stores batches (`compression.type`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TargetCompression {
    /// `producer`: as the producer sent it.
    #[default]
    Producer,
    /// This codec. A batch that comes in it is kept as it is, whatever its level.
    Fixed {
        /// The codec.
        compression: Compression,
        /// Its level, or `None` for the default.
        level: Option<i32>,
    },
}

/// How far a batch is looked into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ValidationDepth {
    /// Every record is read, as Kafka does; a compressed batch is decompressed for it.
    #[default]
    Thorough,
    /// Records are read only if the topic asks something of them that the header does not answer: keys on a compacted
    /// topic, timestamps if the header's largest is out of bounds or there is a bound on the smallest, or another codec.
    /// What the producer's header says of count, offsets and largest timestamp is believed.
    HeaderOnly,
}

/// What a topic asks of batches. The default is Kafka's for a new topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidationPolicy {
    /// Whose batches these are.
    pub origin: BatchOrigin,
    /// How far they are looked into.
    pub depth: ValidationDepth,
    /// Codec of stored batches.
    pub compression: TargetCompression,
    /// Whose clock counts (`message.timestamp.type`).
    pub timestamp_type: TimestampType,
    /// How far in the past a `CreateTime` may lie, in ms (`message.timestamp.before.max.ms`).
    pub timestamp_before_max_ms: i64,
    /// How far in the future a `CreateTime` may lie, in ms (`message.timestamp.after.max.ms`).
    pub timestamp_after_max_ms: i64,
    /// Whether records must have keys (`cleanup.policy` holds `compact`).
    pub compacted: bool,
    /// Largest batch, in bytes, as it comes and as it is stored (`max.message.bytes`).
    pub batch_size_max: usize,
    /// Most that the records of a batch may decompress to, in bytes. Kafka has no such bound.
    pub decompressed_size_max: usize,
}

impl Default for ValidationPolicy {
    fn default() -> Self {
        Self {
            origin: BatchOrigin::Client,
            depth: ValidationDepth::Thorough,
            compression: TargetCompression::Producer,
            timestamp_type: TimestampType::CreateTime,
            timestamp_before_max_ms: i64::MAX,
            timestamp_after_max_ms: 3_600_000,
            compacted: false,
            batch_size_max: 1_048_588,
            decompressed_size_max: 1 << 30,
        }
    }
}

/// A batch that may be appended, once it has been rebuilt if it must be. Base offset and leader epoch are as they came:
/// the CRC does not cover them, and the log sets them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidBatch<'a> {
    /// The header, with the topic's timestamp type, the right max timestamp and the CRC that goes with them.
    pub header: BatchHeader,
    /// What goes behind the header.
    pub records: Cow<'a, [u8]>,
    /// The time of the append, if that is the timestamp of the records (`LogAppendTimeMs` of the response).
    pub log_append_time: Option<Timestamp>,
    /// Offset delta of the first record with the largest timestamp, if the records were read.
    pub offset_delta_of_max_timestamp: Option<i32>,
    /// Whether the records must be written anew before they are appended (see [`rebuild`]).
    pub needs_rebuild: bool,
    /// The one timestamp of all records, if the batch came as `LogAppendTime`.
    shared_timestamp: Option<Timestamp>,
}

impl ValidBatch<'_> {
    /// Size of the batch in bytes.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.header.size_bytes
    }
}

/// Checks one batch (see [`single_batch`]) that came at the time `now`.
///
/// O(size) for the CRC; reads the records as far as `policy.depth` says. If the result needs a rebuild, that is still to
/// be done, and may take long.
pub fn validate<'a>(
    batch: BatchView<'a>,
    policy: &ValidationPolicy,
    now: Timestamp,
) -> Result<ValidBatch<'a>, ValidationError> {
    let compression = check_batch(&batch, policy)?;
    let mut header = *batch.header();
    let mut needs_rebuild = match policy.compression {
        TargetCompression::Producer => false,
        // Control records stay uncompressed if they came so.
        TargetCompression::Fixed { compression: target, .. } => {
            target != compression && !(compression == Compression::None && header.attributes.is_control())
        }
    };
    let mut max_timestamp = header.max_timestamp;
    let mut offset_delta_of_max_timestamp = None;
    if needs_rebuild || must_read_records(&header, policy, now) {
        let found = check_records(&batch, policy, now)?;
        // Kafka does not look at the offset deltas of a batch that is and stays uncompressed.
        needs_rebuild |= !found.offsets_are_sequential && compression != Compression::None;
        max_timestamp = found.max_timestamp;
        offset_delta_of_max_timestamp = Some(found.offset_delta_of_max_timestamp);
    }
    let log_append_time = match policy.timestamp_type {
        TimestampType::CreateTime => None,
        TimestampType::LogAppendTime => Some(now),
    };
    stamp(
        &mut header,
        batch.records_bytes(),
        policy.timestamp_type,
        log_append_time.unwrap_or(max_timestamp),
    );
    Ok(ValidBatch {
        header,
        records: Cow::Borrowed(batch.records_bytes()),
        log_append_time,
        offset_delta_of_max_timestamp,
        needs_rebuild,
        shared_timestamp: batch.header().log_append_time(),
    })
}

/// The checks that need the header and the CRC only, in Kafka's order. Returns the codec of the batch.
fn check_batch(batch: &BatchView<'_>, policy: &ValidationPolicy) -> Result<Compression, ValidationError> {
    let header = batch.header();
    let is_client = policy.origin == BatchOrigin::Client;
    if is_client && header.base_offset != Offset::ZERO {
        return Err(ValidationError::BaseOffset { base_offset: header.base_offset });
    }
    check_size(header.size_bytes, policy)?;
    batch.verify_crc()?;
    let compression = header.attributes.compression().map_err(CompressionError::from)?;
    if is_client {
        check_client_header(header)?;
    }
    Ok(compression)
}

fn check_size(size: usize, policy: &ValidationPolicy) -> Result<(), ValidationError> {
    let size_max = policy.batch_size_max;
    if size > size_max { Err(ValidationError::TooLarge { size, size_max }) } else { Ok(()) }
}

fn check_client_header(header: &BatchHeader) -> Result<(), ValidationError> {
    let (last_offset_delta, record_count) = (header.last_offset_delta, header.record_count);
    if last_offset_delta < 0
        || record_count <= 0
        || i64::from(last_offset_delta) + 1 != i64::from(record_count)
    {
        return Err(ValidationError::OffsetRange { last_offset_delta, record_count });
    }
    if header.attributes.is_control() {
        return Err(ValidationError::ControlBatch);
    }
    if header.has_producer_id() && header.base_sequence < 0 {
        return Err(ValidationError::Sequence { base_sequence: header.base_sequence });
    }
    Ok(())
}

/// Whether the header leaves open what the policy asks.
fn must_read_records(header: &BatchHeader, policy: &ValidationPolicy, now: Timestamp) -> bool {
    if policy.depth == ValidationDepth::Thorough || policy.compacted {
        return true;
    }
    match (policy.timestamp_type, header.attributes.timestamp_type()) {
        (TimestampType::LogAppendTime, TimestampType::CreateTime) => false,
        (TimestampType::CreateTime, TimestampType::CreateTime) => {
            policy.timestamp_before_max_ms != i64::MAX
                || timestamp_is_out_of_range(header.max_timestamp, policy, now)
        }
        // Such a batch is refused, or taken as one of CreateTime if its one timestamp is in range.
        (_, TimestampType::LogAppendTime) => true,
    }
}

/// Sets timestamp type and max timestamp, and the CRC if either changes.
fn stamp(header: &mut BatchHeader, records: &[u8], timestamp_type: TimestampType, max_timestamp: Timestamp) {
    if header.attributes.timestamp_type() == timestamp_type && header.max_timestamp == max_timestamp {
        return;
    }
    header.attributes = header.attributes.with_timestamp_type(timestamp_type);
    header.max_timestamp = max_timestamp;
    header.seal(records);
    debug_assert_eq!(header.size_bytes, RECORD_BATCH_OVERHEAD + records.len());
}
