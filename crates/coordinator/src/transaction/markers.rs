//! The partitions of a transaction that is about to end are told how, by a marker in each; then it has ended.
//!
//! Source: Kafka `TransactionMarkerChannelManager`, `TransactionMarkerRequestCompletionHandler`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::coordinator::{Done, TimerKey, TransactionCoordinator};
use super::end::result_of;
use super::interface::{Effect, MarkerOutcome, MarkerToken, Markers, TopicPartition};
use super::metadata::Metadata;
use crate::messages::ErrorCode;
use crate::timers::Entry;

/// A transaction that is about to end. The partitions without a marker are in its metadata.
#[derive(Debug)]
pub(super) struct Ending {
    /// What it will be.
    pub(super) complete: Metadata,
    /// Partitions whose marker has to be sent again.
    unsent: BTreeSet<TopicPartition>,
}

/// Markers that the host is writing.
#[derive(Debug)]
pub(super) struct Order {
    id: Arc<str>,
    partitions: BTreeSet<TopicPartition>,
}

impl TransactionCoordinator {
    /// It is committed that a transaction will end: its partitions are told.
    pub(super) fn begin_ending(&mut self, id: &Arc<str>) {
        let Some(transaction) = self.transactions.get_mut(id) else { return };
        let complete = transaction.metadata.completed(self.now.wall);
        transaction.pending = Some(complete.state);
        transaction.ending = Some(Ending { complete, unsent: BTreeSet::new() });
        let partitions = transaction.metadata.partitions.clone();
        self.send_markers(id, partitions);
    }

    /// It is committed that it has ended.
    pub(super) fn end_ending(&mut self, id: &Arc<str>) {
        if let Some(transaction) = self.transactions.get_mut(id) {
            transaction.ending = None;
            self.timers.cancel(&mut transaction.retry);
        }
    }

    fn send_markers(&mut self, id: &Arc<str>, partitions: BTreeSet<TopicPartition>) {
        let Some(transaction) = self.transactions.get(id) else { return };
        if partitions.is_empty() {
            return self.maybe_complete(id);
        }
        let metadata = &transaction.metadata;
        let markers = Markers {
            producer_id: metadata.producer_id,
            producer_epoch: metadata.producer_epoch,
            coordinator_epoch: self.coordinator_epoch,
            result: result_of(metadata.state),
            transaction_version: metadata.client_transaction_version,
            partitions: partitions.iter().cloned().collect(),
        };
        let token = MarkerToken(self.orders_made);
        self.orders_made += 1;
        self.orders.insert(token, Order { id: Arc::clone(id), partitions });
        self.effects.push_back(Effect::WriteMarkers { token, markers });
    }

    /// What became of the markers of one order.
    pub(super) fn markers_written(
        &mut self,
        token: MarkerToken,
        outcomes: &[(TopicPartition, MarkerOutcome)],
    ) {
        let Some(Order { id, partitions }) = self.orders.remove(&token) else { return };
        let Some(transaction) = self.transactions.get_mut(&id) else { return };
        let Some(ending) = &mut transaction.ending else { return };
        let outcomes: BTreeMap<_, _> = outcomes.iter().map(|(of, outcome)| (of, *outcome)).collect();
        let mut is_abandoned = false;
        for partition in partitions {
            match outcomes.get(&partition).copied().unwrap_or(MarkerOutcome::Unanswered) {
                MarkerOutcome::Gone
                | MarkerOutcome::Answered(
                    ErrorCode::NONE
                    // A partition that takes no marker took no record of the transaction either.
                    | ErrorCode::UNSUPPORTED_FOR_MESSAGE_FORMAT
                    | ErrorCode::UNSUPPORTED_VERSION,
                ) => {
                    transaction.metadata.partitions.remove(&partition);
                }
                MarkerOutcome::Answered(
                    ErrorCode::INVALID_PRODUCER_EPOCH | ErrorCode::TRANSACTION_COORDINATOR_FENCED,
                ) => is_abandoned = true,
                MarkerOutcome::Answered(_) | MarkerOutcome::Unanswered => {
                    ending.unsent.insert(partition);
                }
            }
        }
        if is_abandoned {
            // A newer producer epoch or coordinator has taken over: what becomes of the transaction is decided there.
            transaction.ending = None;
            self.timers.cancel(&mut transaction.retry);
        } else if ending.unsent.is_empty() {
            self.maybe_complete(&id);
        } else {
            self.retry_later(&id);
        }
    }

    /// Writes that the transaction has ended, if every partition is told.
    fn maybe_complete(&mut self, id: &Arc<str>) {
        let Some(transaction) = self.transactions.get(id) else { return };
        let Some(ending) = &transaction.ending else { return };
        if transaction.metadata.partitions.is_empty() {
            let complete = ending.complete.clone();
            self.write(id, complete, Done::Completed { id: Arc::clone(id) });
        }
    }

    /// What could not be done will be tried again.
    pub(super) fn retry_later(&mut self, id: &Arc<str>) {
        let (now, backoff_ms) = (self.now.mono, self.config.retry_backoff_ms.into());
        if let Some(transaction) = self.transactions.get_mut(id) {
            let key = || TimerKey::Retry(Arc::clone(id));
            self.timers.arm(&mut transaction.retry, now, backoff_ms, key);
        }
    }

    /// It may be time to try again.
    pub(super) fn retry_timer(&mut self, entry: &Entry, id: &Arc<str>) {
        let now = self.now.mono;
        let Some(transaction) = self.transactions.get_mut(id) else { return };
        let key = TimerKey::Retry(Arc::clone(id));
        if !self.timers.is_due(&mut transaction.retry, entry, key, now) {
            return;
        }
        if let Some(ending) = &mut transaction.ending {
            let unsent = std::mem::take(&mut ending.unsent);
            self.send_markers(id, unsent);
        }
    }
}
