//! What goes into a log and what comes of it: batches on their way in, their verdicts, and the errors of an append.

use std::borrow::Cow;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::record::header::RECORD_BATCH_OVERHEAD;
use ottla_protocol::record::{BatchError, BatchHeader, BatchView};
use ottla_protocol::time::{Now, Timestamp};
use ottla_protocol::types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId};

use crate::error::StorageError;

/// Where a batch comes from, which decides what is checked. Source: Kafka `AppendOrigin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppendOrigin {
    /// A client's Produce: duplicates are found, sequences and producer epochs are checked.
    Client,
    /// A coordinator of this broker, markers included: producer epochs are checked, sequences are not.
    Coordinator,
    /// The leader of the metadata quorum: nothing is checked.
    RaftLeader,
}

/// How a leader appends.
#[derive(Clone, Copy, Debug)]
pub struct AppendContext {
    /// Where the batches come from.
    pub origin: AppendOrigin,
    /// The leader's epoch, which is stamped into every batch.
    pub leader_epoch: LeaderEpoch,
    /// `transaction.version` that the writer speaks. From 2 on, a marker's epoch must be above that of the producer's last
    /// batch, and a transactional batch of a producer without state must begin at sequence 0 (KIP-890).
    pub transaction_version: i16,
    /// The time.
    pub now: Now,
}

/// One whole batch on its way into a leader's log, and what has become of it.
///
/// The bytes are borrowed and stay as they are: the header is stamped in a copy of its 61 bytes, and both parts go down in
/// one vectored write.
#[derive(Debug)]
pub struct LeaderBatch<'a> {
    pub(crate) header: BatchHeader,
    pub(crate) head: [u8; RECORD_BATCH_OVERHEAD],
    pub(crate) records: Cow<'a, [u8]>,
    pub(crate) outcome: Option<Result<Appended, AppendError>>,
}

impl<'a> LeaderBatch<'a> {
    /// The batch that `bytes` begin with. Nothing but its framing is checked: what a client sent goes through
    /// [`crate::validation`] first. O(1).
    pub fn new(bytes: &'a [u8]) -> Result<Self, BatchError> {
        let view = BatchView::first_of(bytes)?;
        Ok(Self::from_parts(*view.header(), Cow::Borrowed(view.records_bytes())))
    }

    /// A batch of this header and these records, which it was sealed with.
    #[must_use]
    pub fn from_parts(header: BatchHeader, records: Cow<'a, [u8]>) -> Self {
        Self { header, head: header.to_bytes(), records, outcome: None }
    }

    /// The header; offset and epoch are the leader's once the batch is appended.
    #[must_use]
    pub const fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// What has become of the batch; `None` before the append.
    #[must_use]
    pub const fn outcome(&self) -> Option<&Result<Appended, AppendError>> {
        self.outcome.as_ref()
    }

    /// What has become of the batch, by value. Panics if it was not handed to an append.
    pub fn into_outcome(self) -> Result<Appended, AppendError> {
        self.outcome.expect("the batch was handed to an append")
    }
}

/// A batch that is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Offset of its first record.
    pub base_offset: Offset,
    /// Offset of its last record.
    pub last_offset: Offset,
    /// It had been appended before; the offsets and the time are those of then.
    pub is_duplicate: bool,
    /// Largest timestamp of its records; time of the append under `LogAppendTime`.
    pub max_timestamp: Timestamp,
}

/// What a leader's append of several batches came to. The verdict on each is in the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaderAppended {
    /// Log end offset before.
    pub base_offset: Offset,
    /// Log end offset after; equal if nothing was appended.
    pub end_offset: Offset,
    /// Bytes written.
    pub size: u64,
    /// A new segment was begun.
    pub rolled: bool,
}

/// How a follower appends what it fetched.
#[derive(Clone, Copy, Debug)]
pub struct FollowerContext {
    /// The leader epoch that the replica follows: batches of a higher one, and all behind them, are not appended.
    pub leader_epoch: LeaderEpoch,
    /// The time.
    pub now: Now,
}

/// What a follower's append came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FollowerAppended {
    /// Log end offset after.
    pub end_offset: Offset,
    /// Bytes appended. Less than offered if the last batch was cut or of a higher epoch.
    pub size: u64,
    /// Largest timestamp appended, or `Timestamp::NONE`.
    pub max_timestamp: Timestamp,
}

/// Why a batch is not appended. The log is as it was before, as far as this batch goes.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Bytes that are no batch.
    #[error(transparent)]
    NotABatch(#[from] BatchError),
    /// The bytes are not those over which the CRC was computed.
    #[error("batch crc {stored:#010x} does not match computed {computed:#010x}")]
    CorruptBatch {
        /// In the header.
        stored: u32,
        /// Over the bytes.
        computed: u32,
    },
    /// A batch that no segment can hold.
    #[error("batch of {size} bytes exceeds segments of {segment_bytes}")]
    LargerThanSegment {
        /// Size of the batch.
        size: usize,
        /// `segment.bytes`.
        segment_bytes: u32,
    },
    /// The sequence does not follow the producer's last one.
    #[error("sequence {got} of producer {producer_id} follows {last}")]
    OutOfOrderSequence {
        /// The producer.
        producer_id: ProducerId,
        /// Last sequence in the log, -1 if there is none.
        last: i32,
        /// First sequence of the batch.
        got: i32,
    },
    /// The producer has been fenced by a newer epoch.
    #[error("epoch {got} of producer {producer_id} is below its current {current}")]
    InvalidProducerEpoch {
        /// The producer.
        producer_id: ProducerId,
        /// Its epoch in the log.
        current: ProducerEpoch,
        /// The batch's.
        got: ProducerEpoch,
    },
    /// A batch outside of any transaction while one of the producer's is open.
    #[error("producer {producer_id} has an open transaction since offset {first_offset}")]
    InvalidTransactionState {
        /// The producer.
        producer_id: ProducerId,
        /// First offset of the transaction.
        first_offset: Offset,
    },
    /// A marker of a transaction coordinator that has been replaced.
    #[error("coordinator epoch {got} for producer {producer_id} is below {current}")]
    CoordinatorFenced {
        /// The producer.
        producer_id: ProducerId,
        /// Epoch of the last marker's coordinator.
        current: i32,
        /// This marker's.
        got: i32,
    },
    /// A control batch that holds no readable marker.
    #[error("control batch of producer {producer_id} holds no transaction marker")]
    InvalidMarker {
        /// The producer.
        producer_id: ProducerId,
    },
    /// A follower was sent offsets that do not go on where its log ends.
    #[error("batch at offset {got} where offset {expected} or more must follow")]
    UnexpectedOffset {
        /// Log end offset, or end of the batch before.
        expected: Offset,
        /// Base offset of the batch.
        got: Offset,
    },
    /// The disk failed, now or earlier. Nothing of the append is visible.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<&AppendError> for ErrorCode {
    fn from(error: &AppendError) -> Self {
        match error {
            AppendError::NotABatch(_) | AppendError::CorruptBatch { .. } => Self::CORRUPT_MESSAGE,
            AppendError::LargerThanSegment { .. } => Self::RECORD_LIST_TOO_LARGE,
            AppendError::OutOfOrderSequence { .. } => Self::OUT_OF_ORDER_SEQUENCE_NUMBER,
            AppendError::InvalidProducerEpoch { .. } => Self::INVALID_PRODUCER_EPOCH,
            AppendError::InvalidTransactionState { .. } => Self::INVALID_TXN_STATE,
            AppendError::CoordinatorFenced { .. } => Self::TRANSACTION_COORDINATOR_FENCED,
            AppendError::InvalidMarker { .. } => Self::INVALID_RECORD,
            // A follower's own affair, which no client hears of.
            AppendError::UnexpectedOffset { .. } => Self::UNKNOWN_SERVER_ERROR,
            AppendError::Storage(_) => Self::KAFKA_STORAGE_ERROR,
        }
    }
}
