//! What a log remembers of its producers: the last batches, epochs and open transactions.

use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{Offset, ProducerEpoch, ProducerId};

/// What DescribeProducers tells of a producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerSummary {
    /// The producer.
    pub producer_id: ProducerId,
    /// Its last epoch.
    pub producer_epoch: ProducerEpoch,
    /// Sequence of its last record, -1 if none is remembered.
    pub last_sequence: i32,
    /// Timestamp of its last batch.
    pub last_timestamp: Timestamp,
    /// Epoch of the coordinator that wrote its last marker, -1 if there is none.
    pub coordinator_epoch: i32,
    /// First offset of its open transaction.
    pub transaction_first_offset: Option<Offset>,
}
