//! What a topic asks of each record: a key, a timestamp in range.

use super::{RejectedRecord, ValidationError, ValidationPolicy};
use crate::error::ErrorCode;
use crate::record::batch::BatchView;
use crate::record::header::{BatchHeader, TimestampType};
use crate::record::scan::{RecordShape, scan_records};
use crate::time::Timestamp;
use std::ops::RangeInclusive;

/// What the walk over the records found out.
pub(super) struct Findings {
    /// Largest timestamp, or `NONE`.
    pub(super) max_timestamp: Timestamp,
    /// Offset delta of the first record that has it.
    pub(super) offset_delta_of_max_timestamp: i32,
    /// Whether the offset deltas are 0, 1, 2 and so on.
    pub(super) offsets_are_sequential: bool,
}

/// So many rejected records are named. Kafka names all of them, which lets a request of small records have a response
/// many times its size.
const REJECTED_RECORDS_MAX: usize = 1_000;

/// Reads every record, and holds it against the policy. About 10 ns a record if it is not compressed.
pub(super) fn check_records(
    batch: &BatchView<'_>,
    policy: &ValidationPolicy,
    now: Timestamp,
) -> Result<Findings, ValidationError> {
    let header = batch.header();
    let shared_timestamp = header.log_append_time();
    let base_timestamp = header.base_timestamp.0;
    let plainly_good = plainly_good_timestamps(header, policy, now);
    let mut max_timestamp = Timestamp::NONE;
    let mut offset_delta_of_max_timestamp = header.last_offset_delta;
    let mut offsets_are_sequential = true;
    let mut rejections = Rejections::default();
    scan_records(header, batch.records_bytes(), policy.decompressed_size_max, |index, record| {
        let own_timestamp = Timestamp(base_timestamp.wrapping_add(record.timestamp_delta));
        let timestamp = shared_timestamp.unwrap_or(own_timestamp);
        let is_plainly_good = plainly_good.contains(&timestamp.0) && (record.has_key || !policy.compacted);
        if !is_plainly_good && let Some(flaw) = flaw_of(header, &record, timestamp, policy, now) {
            rejections.add(index, flaw, timestamp, policy, now);
        }
        if timestamp > max_timestamp {
            max_timestamp = timestamp;
            offset_delta_of_max_timestamp = record.offset_delta;
        }
        offsets_are_sequential &= record.offset_delta == index;
    })?;
    rejections.into_result()?;
    Ok(Findings { max_timestamp, offset_delta_of_max_timestamp, offsets_are_sequential })
}

/// Whether a `CreateTime` is too old or too new. Differences wrap, as in Kafka.
pub(super) fn timestamp_is_out_of_range(
    timestamp: Timestamp,
    policy: &ValidationPolicy,
    now: Timestamp,
) -> bool {
    let age = now.0.wrapping_sub(timestamp.0);
    age > policy.timestamp_before_max_ms || age.wrapping_neg() > policy.timestamp_after_max_ms
}

/// Timestamps, in ms, that need no closer look: two comparisons instead of the rules. Maybe none.
fn plainly_good_timestamps(
    header: &BatchHeader,
    policy: &ValidationPolicy,
    now: Timestamp,
) -> RangeInclusive<i64> {
    match (policy.timestamp_type, header.attributes.timestamp_type()) {
        (TimestampType::LogAppendTime, TimestampType::CreateTime) => i64::MIN..=i64::MAX,
        // From 0 on, no difference to the present wraps.
        (TimestampType::CreateTime, _) if now.0 >= 0 => {
            let oldest = now.0.saturating_sub(policy.timestamp_before_max_ms).max(0);
            oldest..=now.0.saturating_add(policy.timestamp_after_max_ms)
        }
        _ => RangeInclusive::new(1, 0),
    }
}

/// What a topic may have against a record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RecordFlaw {
    NoKey,
    TimestampOutOfRange,
    LogAppendTime,
}

/// The rules in Kafka's order: the first one that is broken counts.
fn flaw_of(
    header: &BatchHeader,
    record: &RecordShape,
    timestamp: Timestamp,
    policy: &ValidationPolicy,
    now: Timestamp,
) -> Option<RecordFlaw> {
    if policy.compacted && !record.has_key {
        return Some(RecordFlaw::NoKey);
    }
    if policy.timestamp_type == TimestampType::CreateTime && timestamp != Timestamp::NONE {
        return timestamp_is_out_of_range(timestamp, policy, now).then_some(RecordFlaw::TimestampOutOfRange);
    }
    (header.attributes.timestamp_type() == TimestampType::LogAppendTime).then_some(RecordFlaw::LogAppendTime)
}

impl RecordFlaw {
    fn message(self, timestamp: Timestamp, policy: &ValidationPolicy, now: Timestamp) -> String {
        match self {
            Self::NoKey => "a record of a compacted topic must have a key".to_owned(),
            Self::TimestampOutOfRange => format!(
                "timestamp {timestamp} is not within [{}, {}]",
                now.0.wrapping_sub(policy.timestamp_before_max_ms),
                now.0.wrapping_add(policy.timestamp_after_max_ms)
            ),
            Self::LogAppendTime => "a producer must not set the timestamp type to LogAppendTime".to_owned(),
        }
    }
}

/// The records that are rejected so far.
#[derive(Default)]
struct Rejections {
    count: usize,
    first: Vec<RejectedRecord>,
    any_timestamp: bool,
}

impl Rejections {
    #[cold]
    fn add(
        &mut self,
        index: i32,
        flaw: RecordFlaw,
        timestamp: Timestamp,
        policy: &ValidationPolicy,
        now: Timestamp,
    ) {
        self.count += 1;
        self.any_timestamp |= flaw != RecordFlaw::NoKey;
        if self.first.len() < REJECTED_RECORDS_MAX {
            let message = flaw.message(timestamp, policy, now);
            self.first.push(RejectedRecord { batch_index: index, message });
        }
    }

    fn into_result(self) -> Result<(), ValidationError> {
        if self.count == 0 {
            return Ok(());
        }
        // One bad timestamp decides for the batch.
        let error = if self.any_timestamp { ErrorCode::INVALID_TIMESTAMP } else { ErrorCode::INVALID_RECORD };
        Err(ValidationError::Records { error, count: self.count, rejected: self.first })
    }
}
