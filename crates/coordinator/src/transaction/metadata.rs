//! What a transactional id is known to be, and what it may become. A step gives new metadata; it counts when its record
//! is committed.
//!
//! Source: Kafka `TransactionMetadata`, `TxnTransitMetadata`.

use std::collections::BTreeSet;

use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{ProducerEpoch, ProducerId};

use super::interface::TopicPartition;
use super::state::TransactionState;
use crate::messages::ErrorCode;

/// The version of the transaction protocol from which on each transaction has a producer epoch of its own.
/// Source: KIP-890.
const EPOCH_BUMP_FROM: i16 = 2;

/// Everything of a transactional id that is logged, and its last epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Metadata {
    pub(super) state: TransactionState,
    pub(super) producer_id: ProducerId,
    /// The producer id before the last step.
    pub(super) previous_producer_id: ProducerId,
    /// The producer id from the end of this transaction on, if the epochs of the old one are used up.
    pub(super) next_producer_id: ProducerId,
    /// [`ProducerEpoch::NONE`] until the first InitProducerId is committed.
    pub(super) producer_epoch: ProducerEpoch,
    /// The epoch before, by which a retry is told from a stranger. Not logged.
    pub(super) last_producer_epoch: ProducerEpoch,
    pub(super) timeout_ms: i32,
    /// Partitions of the transaction. While it ends, those whose marker is not written yet.
    pub(super) partitions: BTreeSet<TopicPartition>,
    /// [`Timestamp::NONE`] before the first transaction.
    pub(super) start_timestamp: Timestamp,
    pub(super) last_update_timestamp: Timestamp,
    pub(super) client_transaction_version: i16,
}

impl Metadata {
    /// A transactional id that is seen for the first time.
    pub(super) fn new(producer_id: ProducerId, timeout_ms: i32, now: Timestamp) -> Self {
        Self {
            state: TransactionState::Empty,
            producer_id,
            previous_producer_id: ProducerId::NONE,
            next_producer_id: ProducerId::NONE,
            producer_epoch: ProducerEpoch::NONE,
            last_producer_epoch: ProducerEpoch::NONE,
            timeout_ms,
            partitions: BTreeSet::new(),
            start_timestamp: Timestamp::NONE,
            last_update_timestamp: now,
            client_transaction_version: 0,
        }
    }

    /// This in another state. Every step remembers the producer id from before it.
    fn step(&self, state: TransactionState) -> Self {
        assert!(state.may_follow(self.state), "{} does not follow {}", state.name(), self.state.name());
        Self { state, previous_producer_id: self.producer_id, ..self.clone() }
    }

    /// A producer that knows its epoch, or none, begins under the next epoch.
    ///
    /// Errors: PRODUCER_FENCED if the epoch is neither the current one nor, as in a retry, the last; UNKNOWN_SERVER_ERROR
    /// if there is no next epoch, and the producer does not know the current one.
    pub(super) fn with_next_epoch(
        &self,
        timeout_ms: i32,
        expected: Option<ProducerEpoch>,
        now: Timestamp,
    ) -> Result<Self, ErrorCode> {
        if self.is_epoch_exhausted() {
            return Err(ErrorCode::UNKNOWN_SERVER_ERROR);
        }
        let next = self.fencing_epoch();
        let (producer_epoch, last_producer_epoch) = match expected {
            None => (next, ProducerEpoch::NONE),
            Some(epoch) if epoch == self.producer_epoch || self.producer_epoch == ProducerEpoch::NONE => {
                (next, self.producer_epoch)
            }
            Some(epoch) if epoch == self.last_producer_epoch => {
                (self.producer_epoch, self.last_producer_epoch)
            }
            Some(_) => return Err(ErrorCode::PRODUCER_FENCED),
        };
        Ok(Self { producer_epoch, last_producer_epoch, ..self.emptied(timeout_ms, now) })
    }

    /// The producer begins under another id, as the epochs of the old one are used up.
    pub(super) fn with_next_producer_id(
        &self,
        producer_id: ProducerId,
        timeout_ms: i32,
        is_epoch_known: bool,
        now: Timestamp,
    ) -> Self {
        let last_producer_epoch = if is_epoch_known { self.producer_epoch } else { ProducerEpoch::NONE };
        Self {
            producer_id,
            producer_epoch: ProducerEpoch(0),
            last_producer_epoch,
            ..self.emptied(timeout_ms, now)
        }
    }

    fn emptied(&self, timeout_ms: i32, now: Timestamp) -> Self {
        Self {
            timeout_ms,
            partitions: BTreeSet::new(),
            start_timestamp: Timestamp::NONE,
            last_update_timestamp: now,
            ..self.step(TransactionState::Empty)
        }
    }

    /// Partitions are added to the transaction; the first begin it.
    pub(super) fn with_partitions(
        &self,
        added: impl IntoIterator<Item = TopicPartition>,
        client_transaction_version: i16,
        now: Timestamp,
    ) -> Self {
        let mut next = self.step(TransactionState::Ongoing);
        if self.state.is_at_rest() {
            next.start_timestamp = now;
        }
        next.partitions.extend(added);
        next.last_update_timestamp = now;
        next.client_transaction_version = client_transaction_version;
        next
    }

    /// The transaction is to end. From transaction version 2 on, that begins the next epoch; `next_producer_id` is where
    /// the producer goes on if there is none.
    pub(super) fn prepared(
        &self,
        state: TransactionState,
        client_transaction_version: i16,
        next_producer_id: ProducerId,
        now: Timestamp,
    ) -> Self {
        let mut next = self.step(state);
        if client_transaction_version >= EPOCH_BUMP_FROM {
            // The last epoch of all cannot be exceeded; to abort out of it is the way back to health.
            next.producer_epoch = ProducerEpoch(self.producer_epoch.0.saturating_add(1));
            next.last_producer_epoch = self.producer_epoch;
        }
        if self.state.is_at_rest() {
            // There was no transaction whose start is known.
            next.start_timestamp = now;
        }
        next.next_producer_id = next_producer_id;
        next.last_update_timestamp = now;
        next.client_transaction_version = client_transaction_version;
        next
    }

    /// All markers are written.
    pub(super) fn completed(&self, now: Timestamp) -> Self {
        let state = match self.state {
            TransactionState::PrepareCommit => TransactionState::CompleteCommit,
            _ => TransactionState::CompleteAbort,
        };
        let mut next = self.step(state);
        if self.client_transaction_version >= EPOCH_BUMP_FROM && self.next_producer_id != ProducerId::NONE {
            next.producer_id = self.next_producer_id;
            next.producer_epoch = ProducerEpoch(0);
        }
        next.next_producer_id = ProducerId::NONE;
        next.partitions = BTreeSet::new();
        next.last_update_timestamp = now;
        next
    }

    /// Whether the producer id has no epoch left for another producer.
    pub(super) fn is_epoch_exhausted(&self) -> bool {
        is_epoch_exhausted(self.producer_epoch)
    }

    /// The epoch that fences the current producer.
    pub(super) fn fencing_epoch(&self) -> ProducerEpoch {
        ProducerEpoch(self.producer_epoch.0.saturating_add(1))
    }

    /// Whether its transactions never time out, because another system decides how they end. Source: KIP-939.
    pub(super) fn is_two_phase_commit(&self) -> bool {
        self.timeout_ms == i32::MAX
    }
}

/// Whether an epoch is the last that a client may have.
pub(super) fn is_epoch_exhausted(epoch: ProducerEpoch) -> bool {
    epoch.0 >= i16::MAX - 1
}
