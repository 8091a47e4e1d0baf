//! What a log remembers of its producers: their last batches, epochs and open transactions.
//!
//! ```text
//! batch ── duplicate of one of the last 5? ── epoch not below? ── sequence follows? ── transaction state fits? ── remember
//! marker ── epoch, coordinator epoch not below? ── transaction completed ── until the high watermark passes: unstable
//! ```
//!
//! Changes are made while batches are checked, before they are written; `ProducerStates::rollback` takes them back if the
//! write fails. Source: KIP-98, KIP-360, KIP-890; Kafka `ProducerStateManager`, `ProducerAppendInfo`, `ProducerStateEntry`.

pub mod snapshot;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use ottla_protocol::record::BatchHeader;
use ottla_protocol::record::batch::NO_SEQUENCE;
use ottla_protocol::record::control::{EndTransactionMarker, TransactionResult};
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{Offset, ProducerEpoch, ProducerId};

use crate::append::{AppendError, AppendOrigin, Appended};
use crate::compaction::LastRecord;
use crate::index::transaction::AbortedTransactionEntry;

/// So many of a producer's last batches are known again when they come a second time.
const BATCHES_MAX: usize = 5;

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

/// Who vouches for a batch, which decides what is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// A leader's append: this origin, this transaction version.
    Check { origin: AppendOrigin, transaction_version: i16 },
    /// It is in a log already, ours or the leader's: what it says is so.
    Follow,
}

/// One of a producer's last batches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct BatchMetadata {
    pub last_sequence: i32,
    pub last_offset: Offset,
    pub offset_delta: i32,
    pub timestamp: Timestamp,
}

impl BatchMetadata {
    fn first_sequence(&self) -> i32 {
        ottla_protocol::record::batch::decrement_sequence(self.last_sequence, self.offset_delta)
    }
}

/// What is remembered of one producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProducerEntry {
    pub epoch: ProducerEpoch,
    pub coordinator_epoch: i32,
    pub last_timestamp: Timestamp,
    pub transaction_first_offset: Option<Offset>,
    /// The last batches of `epoch`, oldest first, in the first `batch_count` places.
    batches: [BatchMetadata; BATCHES_MAX],
    batch_count: u8,
}

impl ProducerEntry {
    pub(crate) const fn new(epoch: ProducerEpoch) -> Self {
        const NONE: BatchMetadata = BatchMetadata {
            last_sequence: 0,
            last_offset: Offset(0),
            offset_delta: 0,
            timestamp: Timestamp(0),
        };
        Self {
            epoch,
            coordinator_epoch: -1,
            last_timestamp: Timestamp::NONE,
            transaction_first_offset: None,
            batches: [NONE; BATCHES_MAX],
            batch_count: 0,
        }
    }

    fn batches(&self) -> &[BatchMetadata] {
        &self.batches[..usize::from(self.batch_count)]
    }

    pub(crate) fn last_batch(&self) -> Option<BatchMetadata> {
        self.batches().last().copied()
    }

    fn last_sequence(&self) -> i32 {
        self.last_batch().map_or(NO_SEQUENCE, |batch| batch.last_sequence)
    }

    pub(crate) fn push(&mut self, batch: BatchMetadata) {
        if usize::from(self.batch_count) == BATCHES_MAX {
            self.batches.rotate_left(1);
            self.batch_count -= 1;
        }
        self.batches[usize::from(self.batch_count)] = batch;
        self.batch_count += 1;
    }

    fn set_epoch(&mut self, epoch: ProducerEpoch) {
        if self.epoch != epoch {
            self.epoch = epoch;
            self.batch_count = 0;
        }
    }

    fn is_expired(&self, now: Timestamp, expiration_ms: i64) -> bool {
        self.transaction_first_offset.is_none()
            && now.0.saturating_sub(self.last_timestamp.0) >= expiration_ms
    }
}

/// What a batch does to the transactions of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TransactionChange {
    /// It is the first of a transaction.
    Started { first_offset: Offset, producer_id: ProducerId },
    /// It is the marker of one.
    Completed(CompletedTransaction),
}

/// A transaction whose marker has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CompletedTransaction {
    pub producer_id: ProducerId,
    pub first_offset: Offset,
    /// Offset of the marker.
    pub last_offset: Offset,
    pub is_aborted: bool,
}

impl CompletedTransaction {
    /// What the transaction index says of it.
    pub(crate) const fn entry(self, last_stable_offset: Offset) -> AbortedTransactionEntry {
        let Self { producer_id, first_offset, last_offset, .. } = self;
        AbortedTransactionEntry { producer_id, first_offset, last_offset, last_stable_offset }
    }
}

/// The producers of one log.
#[derive(Debug, Default)]
pub(crate) struct ProducerStates {
    producers: BTreeMap<ProducerId, ProducerEntry>,
    /// Open transactions: first offset to producer.
    ongoing: BTreeMap<Offset, ProducerId>,
    /// Completed ones whose marker the high watermark has not passed: first offset to marker.
    unreplicated: BTreeMap<Offset, Offset>,
    /// What the entries were before the batches that are not written yet.
    undo: Vec<(ProducerId, Option<ProducerEntry>)>,
}

impl ProducerStates {
    /// Checks a batch, whose header has its final offsets, and remembers it. `marker` is the transaction marker that a control
    /// batch holds; it is `None` for data, and for a control batch that compaction has emptied.
    ///
    /// `Ok(Err(..))` is a duplicate: it must not be written.
    #[inline]
    pub(crate) fn admit(
        &mut self,
        header: &BatchHeader,
        marker: Option<EndTransactionMarker>,
        trust: Trust,
    ) -> Result<Result<Option<TransactionChange>, Appended>, AppendError> {
        if !header.has_producer_id() {
            return Ok(Ok(None));
        }
        let known = self.producers.get(&header.producer_id).copied();
        if let Trust::Check { origin: AppendOrigin::Client, .. } = trust
            && let Some(duplicate) = known.and_then(|entry| find_duplicate(&entry, header))
        {
            return Ok(Err(duplicate));
        }
        let mut entry = known.unwrap_or(ProducerEntry::new(ProducerEpoch::NONE));
        let change = if header.attributes.is_control() {
            let Some(marker) = marker else { return Ok(Ok(None)) };
            complete(&mut entry, header, marker, trust)?.map(TransactionChange::Completed)
        } else {
            add_data(&mut entry, header, trust)?
        };
        self.undo.push((header.producer_id, known));
        self.producers.insert(header.producer_id, entry);
        Ok(Ok(change))
    }

    /// The batches admitted since are written.
    pub(crate) fn commit(&mut self) {
        self.undo.clear();
    }

    /// The batches admitted since the last commit are not written: forgets them.
    pub(crate) fn rollback(&mut self) {
        while let Some((producer_id, entry)) = self.undo.pop() {
            match entry {
                Some(entry) => self.producers.insert(producer_id, entry),
                None => self.producers.remove(&producer_id),
            };
        }
    }

    /// Follows a written batch's change to the transactions. For an aborted transaction, answers the last stable offset after
    /// its marker, as the transaction index has it.
    pub(crate) fn apply(&mut self, change: TransactionChange) -> Option<(CompletedTransaction, Offset)> {
        match change {
            TransactionChange::Started { first_offset, producer_id } => {
                self.ongoing.insert(first_offset, producer_id);
                None
            }
            TransactionChange::Completed(done) => {
                // The first open transaction of another producer; of this one there is no other.
                let next = self.ongoing.iter().find(|(_, producer_id)| **producer_id != done.producer_id);
                let last_stable_offset =
                    next.map_or(done.last_offset.next(), |(first_offset, _)| *first_offset);
                self.ongoing.remove(&done.first_offset);
                self.unreplicated.insert(done.first_offset, done.last_offset);
                done.is_aborted.then_some((done, last_stable_offset))
            }
        }
    }

    /// Transactions whose marker is below `offset` are stable.
    pub(crate) fn forget_replicated(&mut self, offset: Offset) {
        if !self.unreplicated.is_empty() {
            self.unreplicated.retain(|_, marker| *marker >= offset);
        }
    }

    /// First offset of a transaction that is open, or whose marker is not replicated.
    pub(crate) fn first_unstable_offset(&self) -> Option<Offset> {
        let ongoing = self.ongoing.first_key_value().map(|(offset, _)| *offset);
        let unreplicated = self.unreplicated.first_key_value().map(|(offset, _)| *offset);
        ongoing.into_iter().chain(unreplicated).min()
    }

    pub(crate) fn has_open_transaction(&self, producer_id: ProducerId, epoch: ProducerEpoch) -> bool {
        let entry = self.producers.get(&producer_id);
        entry.is_some_and(|entry| entry.transaction_first_offset.is_some() && entry.epoch == epoch)
    }

    pub(crate) fn epoch_of(&self, producer_id: ProducerId) -> Option<ProducerEpoch> {
        self.producers.get(&producer_id).map(|entry| entry.epoch)
    }

    pub(crate) fn expire(&mut self, now: Timestamp, expiration_ms: i64) {
        self.producers.retain(|_, entry| !entry.is_expired(now, expiration_ms));
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = (ProducerId, &ProducerEntry)> {
        self.producers.iter().map(|(producer_id, entry)| (*producer_id, entry))
    }

    /// Takes over entries of a snapshot, but for those that have expired.
    pub(crate) fn load(
        &mut self,
        entries: Vec<(ProducerId, ProducerEntry)>,
        now: Timestamp,
        expiration_ms: i64,
    ) {
        for (producer_id, entry) in entries {
            if entry.is_expired(now, expiration_ms) {
                continue;
            }
            if let Some(first_offset) = entry.transaction_first_offset {
                self.ongoing.insert(first_offset, producer_id);
            }
            self.producers.insert(producer_id, entry);
        }
    }

    /// The last batch of each producer: compaction keeps it.
    pub(crate) fn last_records(&self) -> BTreeMap<ProducerId, LastRecord> {
        let record = |(producer_id, entry): (ProducerId, &ProducerEntry)| {
            let data_offset = entry.last_batch().map(|batch| batch.last_offset);
            (producer_id, LastRecord { data_offset, epoch: entry.epoch })
        };
        self.entries().map(record).collect()
    }

    pub(crate) fn summaries(&self) -> Vec<ProducerSummary> {
        let summary = |(producer_id, entry): (ProducerId, &ProducerEntry)| ProducerSummary {
            producer_id,
            producer_epoch: entry.epoch,
            last_sequence: entry.last_sequence(),
            last_timestamp: entry.last_timestamp,
            coordinator_epoch: entry.coordinator_epoch,
            transaction_first_offset: entry.transaction_first_offset,
        };
        self.entries().map(summary).collect()
    }
}

fn find_duplicate(entry: &ProducerEntry, header: &BatchHeader) -> Option<Appended> {
    if header.producer_epoch != entry.epoch || header.attributes.is_control() {
        return None;
    }
    let range = (header.base_sequence, header.last_sequence());
    let batch =
        entry.batches().iter().find(|batch| (batch.first_sequence(), batch.last_sequence) == range)?;
    Some(Appended {
        base_offset: Offset(batch.last_offset.0.wrapping_sub(i64::from(batch.offset_delta))),
        last_offset: batch.last_offset,
        is_duplicate: true,
        max_timestamp: batch.timestamp,
    })
}

fn add_data(
    entry: &mut ProducerEntry,
    header: &BatchHeader,
    trust: Trust,
) -> Result<Option<TransactionChange>, AppendError> {
    let producer_id = header.producer_id;
    let is_transactional = header.attributes.is_transactional();
    if let Trust::Check { origin, transaction_version } = trust {
        if header.producer_epoch < entry.epoch {
            return Err(invalid_epoch(entry, header));
        }
        if origin == AppendOrigin::Client {
            check_sequence(entry, header, transaction_version)?;
        }
        if let Some(first_offset) = entry.transaction_first_offset
            && !is_transactional
        {
            return Err(AppendError::InvalidTransactionState { producer_id, first_offset });
        }
    }
    entry.set_epoch(header.producer_epoch);
    entry.push(BatchMetadata {
        last_sequence: header.last_sequence(),
        last_offset: header.last_offset(),
        offset_delta: header.last_offset_delta,
        timestamp: header.max_timestamp,
    });
    entry.last_timestamp = header.max_timestamp;
    if is_transactional && entry.transaction_first_offset.is_none() {
        let first_offset = header.base_offset;
        entry.transaction_first_offset = Some(first_offset);
        return Ok(Some(TransactionChange::Started { first_offset, producer_id }));
    }
    Ok(None)
}

fn check_sequence(
    entry: &ProducerEntry,
    header: &BatchHeader,
    transaction_version: i16,
) -> Result<(), AppendError> {
    let (got, last) = (header.base_sequence, entry.last_sequence());
    let is_known = entry.epoch != ProducerEpoch::NONE;
    let in_order = if header.producer_epoch != entry.epoch {
        // A producer that the log has forgotten may go on anywhere, but not one that tells the coordinator first (KIP-890).
        let must_begin = is_known || (transaction_version >= 2 && header.attributes.is_transactional());
        got == 0 || !must_begin
    } else {
        (last == i32::MAX && got == 0) || last.checked_add(1) == Some(got)
    };
    if in_order {
        return Ok(());
    }
    Err(AppendError::OutOfOrderSequence { producer_id: header.producer_id, last, got })
}

fn complete(
    entry: &mut ProducerEntry,
    header: &BatchHeader,
    marker: EndTransactionMarker,
    trust: Trust,
) -> Result<Option<CompletedTransaction>, AppendError> {
    let producer_id = header.producer_id;
    if let Trust::Check { transaction_version, .. } = trust {
        check_marker_epoch(entry, header, transaction_version)?;
        if marker.coordinator_epoch < entry.coordinator_epoch {
            let (current, got) = (entry.coordinator_epoch, marker.coordinator_epoch);
            return Err(AppendError::CoordinatorFenced { producer_id, current, got });
        }
    }
    let completed = entry.transaction_first_offset.take().map(|first_offset| CompletedTransaction {
        producer_id,
        first_offset,
        last_offset: header.base_offset,
        is_aborted: marker.result == TransactionResult::Abort,
    });
    entry.set_epoch(header.producer_epoch);
    entry.coordinator_epoch = marker.coordinator_epoch;
    entry.last_timestamp = header.max_timestamp;
    Ok(completed)
}

fn check_marker_epoch(
    entry: &ProducerEntry,
    header: &BatchHeader,
    transaction_version: i16,
) -> Result<(), AppendError> {
    let (got, current) = (header.producer_epoch, entry.epoch);
    if transaction_version < 2 {
        return if got < current { Err(invalid_epoch(entry, header)) } else { Ok(()) };
    }
    // Each transaction has an epoch of its own, which its marker raises. An equal one is the same marker once more, if the
    // transaction is over; at the last epoch there is no other way.
    let is_retry = got == current && (entry.transaction_first_offset.is_none() || got.0 == i16::MAX);
    if got > current || is_retry { Ok(()) } else { Err(invalid_epoch(entry, header)) }
}

fn invalid_epoch(entry: &ProducerEntry, header: &BatchHeader) -> AppendError {
    AppendError::InvalidProducerEpoch {
        producer_id: header.producer_id,
        current: entry.epoch,
        got: header.producer_epoch,
    }
}
