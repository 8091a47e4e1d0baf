//! The gate for what clients send: is this one well-formed batch that the topic allows?
//!
//! The checks themselves are [`ottla_protocol::record::validate`]'s; this is their bridge to the log.

use std::time::Duration;

use ottla_protocol::error::ErrorCode;
pub use ottla_protocol::record::validate::RejectedRecord;
use ottla_protocol::record::validate::{
    self, BatchOrigin, TargetCompression, ValidationDepth, ValidationError, ValidationPolicy, single_batch,
};
use ottla_protocol::record::{Compression, TimestampType};
use ottla_protocol::time::Timestamp;

use crate::append::LeaderBatch;

/// What a topic asks of the batches that clients send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchRules {
    /// Largest batch (`max.message.bytes`), checked before and after recompression.
    pub batch_bytes_max: u32,
    /// Codec and level of stored batches (`compression.type`, `compression.*.level`); `None` keeps the producer's.
    pub compression: Option<(Compression, Option<i32>)>,
    /// Whose clock counts (`message.timestamp.type`).
    pub timestamp_type: TimestampType,
    /// How far in the past a `CreateTime` may lie (`message.timestamp.before.max.ms`); `None` is no bound.
    pub timestamp_before_max: Option<Duration>,
    /// How far in the future a `CreateTime` may lie (`message.timestamp.after.max.ms`); `None` is no bound.
    pub timestamp_after_max: Option<Duration>,
    /// Records must have keys (`cleanup.policy` holds `compact`).
    pub keys_required: bool,
    /// Bound on what one batch may decompress to, in bytes.
    pub decompressed_bytes_max: usize,
}

/// Why a client's bytes are refused. Nothing was appended.
#[derive(Debug, thiserror::Error)]
pub enum BatchRejection {
    /// Some records have timestamps out of bounds: INVALID_TIMESTAMP (32).
    #[error("{} records have an invalid timestamp", .0.len())]
    Timestamps(Vec<RejectedRecord>),
    /// Some records lack a key: INVALID_RECORD (87).
    #[error("{} records are invalid", .0.len())]
    Records(Vec<RejectedRecord>),
    /// A compressed batch whose records do not count their offsets from 0: INVALID_RECORD (87). Kafka 4.3.1 fails on it.
    #[error("the records of a compressed batch must count their offsets from 0")]
    Offsets,
    /// An lz4 frame whose blocks refer to each other, which Java's readers refuse: INVALID_RECORD (87).
    #[error("lz4 blocks must be independent")]
    DependentBlocks,
    /// The batch is not what it must be.
    #[error(transparent)]
    Batch(ValidationError),
}

impl From<ValidationError> for BatchRejection {
    fn from(error: ValidationError) -> Self {
        match error {
            ValidationError::Records { error: ErrorCode::INVALID_TIMESTAMP, rejected, .. } => {
                Self::Timestamps(rejected)
            }
            ValidationError::Records { rejected, .. } => Self::Records(rejected),
            error => Self::Batch(error),
        }
    }
}

impl From<&BatchRejection> for ErrorCode {
    fn from(rejection: &BatchRejection) -> Self {
        match rejection {
            BatchRejection::Timestamps(_) => Self::INVALID_TIMESTAMP,
            BatchRejection::Records(_) | BatchRejection::Offsets | BatchRejection::DependentBlocks => {
                Self::INVALID_RECORD
            }
            BatchRejection::Batch(error) => error.into(),
        }
    }
}

/// Checks the bytes that a client sent for one partition and makes them ready for the log: timestamps and codec are the
/// topic's afterwards.
///
/// O(size) for the CRC and for a look at the shape of the records. Compressed records are unpacked for it piece by piece, as Kafka
/// does: a batch that claims other records than it holds would stop every consumer of the partition, and a bomb is refused at
/// the cap. Source: Kafka `UnifiedLog.analyzeAndValidateRecords`, `LogValidator`.
pub fn validate<'a>(
    bytes: &'a [u8],
    rules: &BatchRules,
    now: Timestamp,
) -> Result<LeaderBatch<'a>, BatchRejection> {
    let batch = single_batch(bytes, i16::MAX)?;
    let policy = policy(rules);
    let codec = batch.header().attributes.compression();
    if codec == Ok(Compression::Lz4) && has_dependent_blocks(batch.records_bytes()) {
        return Err(BatchRejection::DependentBlocks);
    }
    let mut valid = validate::validate(batch, &policy, now)?;
    if valid.needs_rebuild {
        let keeps_codec = rules.compression.is_none_or(|(target, _)| codec == Ok(target));
        if keeps_codec {
            return Err(BatchRejection::Offsets);
        }
        valid = validate::rebuild(&valid, &policy)?;
    }
    Ok(LeaderBatch::from_parts(valid.header, valid.records))
}

/// Whether the flags of an lz4 frame say so. The magic number comes before them.
fn has_dependent_blocks(frame: &[u8]) -> bool {
    const INDEPENDENT: u8 = 0x20;
    frame.get(4).is_some_and(|flags| flags & INDEPENDENT == 0)
}

fn policy(rules: &BatchRules) -> ValidationPolicy {
    let ms = |bound: Option<Duration>| {
        bound.and_then(|bound| i64::try_from(bound.as_millis()).ok()).unwrap_or(i64::MAX)
    };
    ValidationPolicy {
        origin: BatchOrigin::Client,
        depth: ValidationDepth::Thorough,
        compression: rules.compression.map_or(TargetCompression::Producer, |(compression, level)| {
            TargetCompression::Fixed { compression, level }
        }),
        timestamp_type: rules.timestamp_type,
        timestamp_before_max_ms: ms(rules.timestamp_before_max),
        timestamp_after_max_ms: ms(rules.timestamp_after_max),
        compacted: rules.keys_required,
        batch_size_max: rules.batch_bytes_max as usize,
        decompressed_size_max: rules.decompressed_bytes_max,
    }
}

#[cfg(test)]
mod tests {
    use ottla_protocol::record::{BatchBuilder, BatchOptions};
    use ottla_protocol::types::Offset;

    use super::*;

    fn rules() -> BatchRules {
        BatchRules {
            batch_bytes_max: 1 << 20,
            compression: None,
            timestamp_type: TimestampType::CreateTime,
            timestamp_before_max: None,
            timestamp_after_max: Some(Duration::from_secs(3600)),
            keys_required: false,
            decompressed_bytes_max: 1 << 20,
        }
    }

    fn batch(compression: Compression, timestamp: i64) -> Vec<u8> {
        let mut builder = BatchBuilder::new(BatchOptions { compression, ..BatchOptions::default() });
        builder.append(Timestamp(timestamp), None, Some(b"value"), &[]).unwrap();
        builder.build()
    }

    fn code(bytes: &[u8], rules: &BatchRules) -> ErrorCode {
        validate(bytes, rules, Timestamp(1000))
            .map_or_else(|rejection| ErrorCode::from(&rejection), |_| ErrorCode::NONE)
    }

    #[test]
    fn a_batch_that_changes_nothing_is_borrowed() {
        for compression in Compression::ALL {
            let bytes = batch(compression, 1000);
            let valid = validate(&bytes, &rules(), Timestamp(1000)).unwrap();
            assert!(matches!(valid.records, std::borrow::Cow::Borrowed(_)), "{compression:?}");
            assert_eq!(valid.header().base_offset, Offset(0));
        }
    }

    #[test]
    fn refusals_have_kafkas_codes() {
        let good = batch(Compression::None, 1000);
        assert_eq!(code(&good, &rules()), ErrorCode::NONE);
        assert_eq!(code(&[], &rules()), ErrorCode::INVALID_RECORD);
        assert_eq!(code(&good.repeat(2), &rules()), ErrorCode::INVALID_RECORD);
        let mut wrong_crc = good.clone();
        *wrong_crc.last_mut().unwrap() ^= 1;
        assert_eq!(code(&wrong_crc, &rules()), ErrorCode::CORRUPT_MESSAGE);
        assert_eq!(code(&good, &BatchRules { batch_bytes_max: 60, ..rules() }), ErrorCode::MESSAGE_TOO_LARGE);
        assert_eq!(code(&good, &BatchRules { keys_required: true, ..rules() }), ErrorCode::INVALID_RECORD);
        let early = batch(Compression::Lz4, 3_700_000);
        assert_eq!(code(&early, &rules()), ErrorCode::INVALID_TIMESTAMP);
    }

    #[test]
    fn another_codec_or_clock_makes_another_batch() {
        let bytes = batch(Compression::Gzip, 1000);
        let zstd = BatchRules { compression: Some((Compression::Zstd, Some(1))), ..rules() };
        let valid = validate(&bytes, &zstd, Timestamp(1000)).unwrap();
        assert_eq!(valid.header().attributes.compression(), Ok(Compression::Zstd));
        let stamped = BatchRules { timestamp_type: TimestampType::LogAppendTime, ..rules() };
        let valid = validate(&bytes, &stamped, Timestamp(5000)).unwrap();
        assert_eq!(valid.header().log_append_time(), Some(Timestamp(5000)));
    }
}
