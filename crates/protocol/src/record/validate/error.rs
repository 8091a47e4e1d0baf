//! Why a batch is refused, and with which code.

use crate::error::ErrorCode;
use crate::record::batch::{BatchError, CrcMismatch};
use crate::record::builder::{AppendRecordError, BatchOptionsError};
use crate::record::compression::CompressionError;
use crate::record::records::RecordError;
use crate::types::Offset;

/// A record on account of which its batch is refused (`RecordErrors` of the Produce response).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedRecord {
    /// Index of the record in the batch (`BatchIndex`).
    pub batch_index: i32,
    /// What is wrong, for people (`BatchIndexErrorMessage`).
    pub message: String,
}

/// Why a batch is refused. Nothing of it may be appended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValidationError {
    /// There is no whole batch.
    #[error("there is no whole batch for the partition")]
    NoBatch,
    /// There is a second batch.
    #[error("there is more than one batch for the partition")]
    MoreThanOneBatch,
    /// The bytes are no batch, or one of an old magic.
    #[error(transparent)]
    NotABatch(#[from] BatchError),
    /// The codec is newer than the request.
    #[error("zstd in a Produce of version {produce_version}, before 7")]
    ZstdNotAllowed {
        /// Version of the request.
        produce_version: i16,
    },
    /// A client's batch does not begin at offset 0.
    #[error("base offset {base_offset} where 0 is expected")]
    BaseOffset {
        /// The base offset.
        base_offset: Offset,
    },
    /// The batch is larger than the topic allows.
    #[error("batch of {size} bytes exceeds the maximum of {size_max}")]
    TooLarge {
        /// Size of the batch, after recompression if that is what made it too large.
        size: usize,
        /// `max.message.bytes`.
        size_max: usize,
    },
    /// The bytes are not those over which the CRC was computed.
    #[error(transparent)]
    Crc(#[from] CrcMismatch),
    /// Count and offsets contradict each other, or there is no record.
    #[error("{record_count} records do not fill the offsets 0 to {last_offset_delta}")]
    OffsetRange {
        /// Last offset delta in the header.
        last_offset_delta: i32,
        /// Record count in the header.
        record_count: i32,
    },
    /// Control records are not a client's to write.
    #[error("a client must not write control records")]
    ControlBatch,
    /// An idempotent producer's batch without a sequence.
    #[error("base sequence {base_sequence} of a batch with a producer id")]
    Sequence {
        /// Base sequence in the header.
        base_sequence: i32,
    },
    /// The records cannot be decompressed.
    #[error(transparent)]
    Compression(#[from] CompressionError),
    /// The records are broken, fewer or more than the header says.
    #[error(transparent)]
    Malformed(RecordError),
    /// Records that the topic does not allow.
    #[error("{count} records are refused, the first because: {}", .rejected[0].message)]
    Records {
        /// `INVALID_TIMESTAMP` if a timestamp of any is at fault, else `INVALID_RECORD`.
        error: ErrorCode,
        /// How many.
        count: usize,
        /// The first of them, one at least.
        rejected: Vec<RejectedRecord>,
    },
    /// The header cannot be written anew.
    #[error("the batch cannot be written anew: {0}")]
    Options(#[from] BatchOptionsError),
    /// The records cannot be written anew.
    #[error("a record cannot be written anew: {0}")]
    Rebuild(#[from] AppendRecordError),
}

impl From<RecordError> for ValidationError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Compression(error) => Self::Compression(error),
            error => Self::Malformed(error),
        }
    }
}

impl ValidationError {
    /// The records that the response names.
    #[must_use]
    pub fn rejected_records(&self) -> &[RejectedRecord] {
        match self {
            Self::Records { rejected, .. } => rejected,
            _ => &[],
        }
    }
}

/// What the client is told. `UNKNOWN_SERVER_ERROR` is Kafka's answer where its code throws what it did not foresee.
impl From<&ValidationError> for ErrorCode {
    fn from(error: &ValidationError) -> Self {
        match error {
            ValidationError::NoBatch
            | ValidationError::MoreThanOneBatch
            | ValidationError::NotABatch(BatchError::Legacy { .. })
            | ValidationError::BaseOffset { .. }
            | ValidationError::OffsetRange { .. }
            | ValidationError::ControlBatch
            | ValidationError::Sequence { .. }
            | ValidationError::Malformed(_) => Self::INVALID_RECORD,
            ValidationError::NotABatch(_) | ValidationError::Crc(_) => Self::CORRUPT_MESSAGE,
            ValidationError::ZstdNotAllowed { .. } => Self::UNSUPPORTED_COMPRESSION_TYPE,
            ValidationError::TooLarge { .. }
            | ValidationError::Compression(CompressionError::LimitExceeded { .. }) => Self::MESSAGE_TOO_LARGE,
            ValidationError::Compression(_) | ValidationError::Options(_) | ValidationError::Rebuild(_) => {
                Self::UNKNOWN_SERVER_ERROR
            }
            ValidationError::Records { error, .. } => *error,
        }
    }
}
