//! What came of a record.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use ottla_protocol::time::Timestamp;
use ottla_protocol::types::Offset;
use tokio::sync::oneshot;

use crate::error::{ApiError, Error, RequestError};

/// Where a record is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordMetadata {
    /// Partition that it went to.
    pub partition: i32,
    /// Its offset; `None` with acks=0, and for a duplicate that the broker no longer remembers the offset of.
    pub offset: Option<Offset>,
    /// Its time, which the broker sets in `LogAppendTime` topics.
    pub timestamp: Timestamp,
}

/// Why a record was not delivered, or is not known to be.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ProduceError {
    /// The topic's metadata could not be had.
    #[error(transparent)]
    Metadata(Box<Error>),
    /// The topic has no such partition.
    #[error("topic `{topic}` has {count} partitions, and no partition {partition}")]
    UnknownPartition {
        /// Topic.
        topic: String,
        /// The partition that was asked for.
        partition: i32,
        /// How many there are.
        count: i32,
    },
    /// No partition of the topic has a leader.
    #[error("no partition of topic `{0}` has a leader")]
    NoLeader(String),
    /// The record does not fit a request, or the buffer.
    #[error("the record takes {size} bytes, more than the {size_max} that a request may have")]
    TooLarge {
        /// Size of the record.
        size: usize,
        /// Largest that is allowed.
        size_max: usize,
    },
    /// The record cannot be encoded: its timestamp is negative.
    #[error("the record's timestamp {0} is negative")]
    InvalidTimestamp(Timestamp),
    /// The buffer stayed full.
    #[error("the buffer stayed full for {after:?}: the brokers take records too slowly")]
    BufferFull {
        /// How long it was waited for.
        after: Duration,
    },
    /// The broker refused the batch that the record was in.
    #[error("the broker refused the record: {0}")]
    Refused(ApiError),
    /// A request could not be sent or got no answer.
    #[error(transparent)]
    Request(RequestError),
    /// A broker could not be reached or gave no producer id.
    #[error(transparent)]
    Cluster(Box<Error>),
    /// The record was not delivered in time. If it was sent and the last error is not a refusal, it may be in the log.
    #[error("the record was not delivered within {after:?}{}", because(.last))]
    Expired {
        /// `delivery_timeout`.
        after: Duration,
        /// The last error of its batch.
        last: Option<Box<Self>>,
    },
    /// A batch before this one was lost, and this one was sent: it may or may not be in the log.
    #[error("it is not known whether the broker has the record{}", because(.last))]
    OutcomeUnknown {
        /// The last error of its batch.
        last: Option<Box<Self>>,
    },
    /// The transaction that the record was part of was aborted before it was sent.
    #[error("the transaction was aborted")]
    Aborted,
    /// The producer was closed or dropped.
    #[error("the producer is closed")]
    Closed,
}

fn because(last: &Option<Box<ProduceError>>) -> String {
    last.as_ref().map(|error| format!(": {error}")).unwrap_or_default()
}

/// Tells, once awaited, what came of a record. Dropping it does not take the record back.
#[derive(Debug)]
#[must_use = "it tells whether the record was delivered"]
pub struct Delivery(oneshot::Receiver<Result<RecordMetadata, ProduceError>>);

impl Delivery {
    pub(super) fn new() -> (oneshot::Sender<Result<RecordMetadata, ProduceError>>, Self) {
        let (sender, receiver) = oneshot::channel();
        (sender, Self(receiver))
    }

    /// What came of the record, or `None` if that is not known yet.
    pub fn try_result(&mut self) -> Option<Result<RecordMetadata, ProduceError>> {
        match self.0.try_recv() {
            Ok(result) => Some(result),
            Err(oneshot::error::TryRecvError::Empty) => None,
            Err(oneshot::error::TryRecvError::Closed) => Some(Err(ProduceError::Closed)),
        }
    }
}

impl Future for Delivery {
    type Output = Result<RecordMetadata, ProduceError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|result| result.unwrap_or(Err(ProduceError::Closed)))
    }
}
