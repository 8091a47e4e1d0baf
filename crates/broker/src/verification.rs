//! Which producers may begin a transaction on a partition.
//!
//! The first batch of a transaction is written only after the transaction's coordinator has said that the partition is
//! part of it. The asking leaves a [`Guard`]; a marker that is written meanwhile takes it away, so that an answer about
//! the last transaction opens none that nobody would ever end.
//! Source: KIP-890; Kafka `VerificationStateEntry`, `UnifiedLog.maybeStartTransactionVerification`.

use std::collections::BTreeMap;

use ottla_protocol::record::BatchHeader;
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{ProducerEpoch, ProducerId};

/// One asking. No two of a partition are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Guard(u64);

/// Who wants to begin a transaction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beginner {
    pub producer_id: ProducerId,
    pub producer_epoch: ProducerEpoch,
    /// First sequence of its batch; [`i32::MIN`] if it has none.
    pub sequence: i32,
    /// Whether the asking adds the partition to the transaction (transaction version 2).
    pub adds: bool,
}

#[derive(Debug)]
struct Entry {
    guard: Guard,
    producer_epoch: ProducerEpoch,
    /// A batch behind one that is still to come must not be the first.
    sequence_min: i32,
    adds: bool,
    since: Timestamp,
}

/// The producers that have asked, and not yet begun.
#[derive(Debug, Default)]
pub(crate) struct Verifications {
    entries: BTreeMap<ProducerId, Entry>,
    made: u64,
}

impl Verifications {
    /// A producer is going to ask, or asks again.
    pub fn begin(&mut self, beginner: &Beginner, now: Timestamp) -> Guard {
        let Beginner { producer_id, producer_epoch, sequence, adds } = *beginner;
        let made = &mut self.made;
        let entry = self.entries.entry(producer_id).or_insert_with(|| {
            *made += 1;
            Entry { guard: Guard(*made), producer_epoch, sequence_min: sequence, adds, since: now }
        });
        if producer_epoch == entry.producer_epoch {
            entry.sequence_min = entry.sequence_min.min(sequence);
        } else if producer_epoch > entry.producer_epoch {
            entry.producer_epoch = producer_epoch;
            entry.sequence_min = sequence;
        }
        entry.guard
    }

    /// Whether what `guard` was made for may be written.
    pub fn holds(&self, producer_id: ProducerId, guard: Guard) -> bool {
        self.entries.get(&producer_id).is_some_and(|entry| entry.guard == guard)
    }

    /// The lowest first sequence that the producer has asked with.
    pub fn sequence_min(&self, producer_id: ProducerId) -> Option<i32> {
        self.entries.get(&producer_id).map(|entry| entry.sequence_min)
    }

    /// The asking has come to nothing, and would again.
    pub fn refuse(&mut self, producer_id: ProducerId, guard: Guard) {
        if self.holds(producer_id, guard) {
            self.entries.remove(&producer_id);
        }
    }

    /// A batch is in the log: its transaction has begun, or ended.
    pub fn appended(&mut self, header: &BatchHeader) {
        if !header.attributes.is_transactional() {
            return;
        }
        let producer_id = header.producer_id;
        // The marker of the last transaction carries the epoch of the next one, which may have asked already.
        let is_next = self.entries.get(&producer_id).is_some_and(|entry| {
            entry.adds && header.attributes.is_control() && entry.producer_epoch == header.producer_epoch
        });
        if !is_next {
            self.entries.remove(&producer_id);
        }
    }

    /// Forgets who has asked `expiration_ms` ago and never begun.
    pub fn expire(&mut self, now: Timestamp, expiration_ms: i64) {
        self.entries.retain(|_, entry| now.0.saturating_sub(entry.since.0) < expiration_ms);
    }
}

#[cfg(test)]
mod tests {
    use ottla_protocol::record::control::{EndTransactionMarker, TransactionResult};
    use ottla_protocol::record::{BatchBuilder, BatchOptions, BatchView};

    use super::*;

    const PRODUCER: ProducerId = ProducerId(7);

    fn beginner(epoch: i16, sequence: i32, adds: bool) -> Beginner {
        Beginner { producer_id: PRODUCER, producer_epoch: ProducerEpoch(epoch), sequence, adds }
    }

    fn marker(epoch: i16) -> BatchHeader {
        let end = EndTransactionMarker { result: TransactionResult::Abort, coordinator_epoch: 0 };
        let bytes = end.batch(PRODUCER, ProducerEpoch(epoch), Timestamp(0));
        *BatchView::first_of(&bytes).unwrap().header()
    }

    fn batch(epoch: i16) -> BatchHeader {
        let options = BatchOptions {
            producer_id: PRODUCER,
            producer_epoch: ProducerEpoch(epoch),
            base_sequence: 0,
            is_transactional: true,
            ..BatchOptions::default()
        };
        let mut builder = BatchBuilder::new(options);
        builder.append(Timestamp(0), None, Some(b"v"), &[]).unwrap();
        *BatchView::first_of(&builder.build()).unwrap().header()
    }

    #[test]
    fn a_marker_takes_the_guard_of_the_transaction_that_it_ends() {
        let mut verifications = Verifications::default();
        let guard = verifications.begin(&beginner(0, 0, false), Timestamp(0));
        assert!(verifications.holds(PRODUCER, guard));
        verifications.appended(&marker(0));
        assert!(!verifications.holds(PRODUCER, guard));
        let next = verifications.begin(&beginner(0, 0, false), Timestamp(0));
        assert_ne!(guard, next, "a late answer does not open the next transaction");
    }

    #[test]
    fn the_marker_of_the_last_transaction_leaves_the_guard_of_the_next() {
        let mut verifications = Verifications::default();
        let guard = verifications.begin(&beginner(1, 0, true), Timestamp(0));
        verifications.appended(&marker(1));
        assert!(verifications.holds(PRODUCER, guard));
        verifications.appended(&batch(1));
        assert!(!verifications.holds(PRODUCER, guard), "it has begun");
    }

    #[test]
    fn the_lowest_sequence_of_the_epoch_counts() {
        let mut verifications = Verifications::default();
        let first = verifications.begin(&beginner(0, 5, true), Timestamp(0));
        assert_eq!(verifications.begin(&beginner(0, 3, true), Timestamp(0)), first);
        verifications.begin(&beginner(0, 9, true), Timestamp(0));
        assert_eq!(verifications.sequence_min(PRODUCER), Some(3));
        verifications.begin(&beginner(1, 4, true), Timestamp(0));
        assert_eq!(verifications.sequence_min(PRODUCER), Some(4));
    }

    #[test]
    fn who_never_begins_is_forgotten() {
        let mut verifications = Verifications::default();
        let guard = verifications.begin(&beginner(0, 0, true), Timestamp(100));
        verifications.expire(Timestamp(199), 100);
        assert!(verifications.holds(PRODUCER, guard));
        verifications.expire(Timestamp(200), 100);
        assert!(!verifications.holds(PRODUCER, guard));
    }
}
