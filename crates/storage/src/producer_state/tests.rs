use ottla_protocol::record::control::TransactionResult;
use ottla_protocol::record::{Attributes, BatchHeader};
use ottla_protocol::types::LeaderEpoch;

use super::snapshot::{SnapshotError, decode, encode};
use super::*;

const ID: ProducerId = ProducerId(7);

/// A log that only knows producers.
#[derive(Default)]
struct Producers {
    states: ProducerStates,
    end: i64,
    aborted: Vec<(i64, i64, i64)>,
    transaction_version: i16,
}

impl Producers {
    fn header(
        &self,
        id: ProducerId,
        epoch: i16,
        sequence: i32,
        count: i32,
        attributes: Attributes,
    ) -> BatchHeader {
        BatchHeader {
            base_offset: Offset(self.end),
            size_bytes: 100,
            leader_epoch: LeaderEpoch(0),
            magic: 2,
            crc: 0,
            attributes,
            last_offset_delta: count - 1,
            base_timestamp: Timestamp(self.end),
            max_timestamp: Timestamp(self.end),
            producer_id: id,
            producer_epoch: ProducerEpoch(epoch),
            base_sequence: sequence,
            record_count: count,
        }
    }

    fn admit(&mut self, header: BatchHeader, marker: Option<EndTransactionMarker>, trust: Trust) -> String {
        match self.states.admit(&header, marker, trust) {
            Ok(Ok(change)) => {
                self.states.commit();
                self.end = header.next_offset().0;
                if let Some((done, lso)) = change.and_then(|change| self.states.apply(change)) {
                    self.aborted.push((done.first_offset.0, done.last_offset.0, lso.0));
                }
                format!("@{}", header.base_offset)
            }
            Ok(Err(duplicate)) => format!("duplicate @{}..={}", duplicate.base_offset, duplicate.last_offset),
            Err(error) => error.to_string(),
        }
    }

    fn client(&self) -> Trust {
        Trust::Check { origin: AppendOrigin::Client, transaction_version: self.transaction_version }
    }

    fn data(&mut self, epoch: i16, sequence: i32, count: i32) -> String {
        self.admit(self.header(ID, epoch, sequence, count, Attributes::default()), None, self.client())
    }

    fn in_transaction(&mut self, id: i64, epoch: i16, sequence: i32, count: i32) -> String {
        let attributes = Attributes::default().with_transactional();
        self.admit(self.header(ProducerId(id), epoch, sequence, count, attributes), None, self.client())
    }

    fn marker(&mut self, id: i64, epoch: i16, result: TransactionResult, coordinator_epoch: i32) -> String {
        let attributes = Attributes::default().with_transactional().with_control();
        let trust =
            Trust::Check { origin: AppendOrigin::Coordinator, transaction_version: self.transaction_version };
        let header = self.header(ProducerId(id), epoch, NO_SEQUENCE, 1, attributes);
        self.admit(header, Some(EndTransactionMarker { result, coordinator_epoch }), trust)
    }

    fn unstable(&self) -> Option<i64> {
        self.states.first_unstable_offset().map(|offset| offset.0)
    }
}

#[test]
fn sequences_must_follow_each_other() {
    let mut log = Producers::default();
    assert_eq!(log.data(0, 0, 3), "@0");
    assert_eq!(log.data(0, 3, 2), "@3");
    assert_eq!(log.data(0, 6, 1), "sequence 6 of producer 7 follows 4");
    assert_eq!(log.data(0, 4, 1), "sequence 4 of producer 7 follows 4");
    assert_eq!(log.data(0, 5, 1), "@5");
}

#[test]
fn a_sequence_wraps_to_zero() {
    let mut log = Producers::default();
    assert_eq!(log.data(0, i32::MAX - 1, 2), "@0");
    assert_eq!(log.data(0, 0, 1), "@2");
    assert_eq!(log.data(0, i32::MAX - 1, 2), "duplicate @0..=1");
    let mut log = Producers::default();
    assert_eq!(log.data(0, i32::MAX, 3), "@0", "wraps within the batch");
    assert_eq!(log.data(0, 2, 1), "@3");
    assert_eq!(log.data(0, i32::MAX, 3), "duplicate @0..=2");
}

#[test]
fn the_last_five_batches_are_known_again() {
    let mut log = Producers::default();
    for batch in 0..6 {
        log.data(0, batch * 2, 2);
    }
    for batch in 1..6 {
        assert_eq!(log.data(0, batch * 2, 2), format!("duplicate @{}..={}", batch * 2, batch * 2 + 1));
    }
    assert_eq!(log.data(0, 0, 2), "sequence 0 of producer 7 follows 11", "the sixth last is not");
    assert_eq!(log.data(0, 10, 1), "sequence 10 of producer 7 follows 11", "a part of one is not");
}

#[test]
fn a_higher_epoch_begins_at_zero_and_fences_the_lower() {
    let mut log = Producers::default();
    assert_eq!(log.data(3, 5, 1), "@0", "a producer that is not known may go on anywhere");
    assert_eq!(log.data(4, 1, 1), "sequence 1 of producer 7 follows 5");
    assert_eq!(log.data(4, 0, 1), "@1");
    assert_eq!(log.data(3, 6, 1), "epoch 3 of producer 7 is below its current 4");
    assert_eq!(log.data(3, 5, 1), "epoch 3 of producer 7 is below its current 4", "not known again either");
    assert_eq!(log.data(4, 1, 1), "@2");
}

#[test]
fn a_transaction_of_version_2_begins_at_zero() {
    let mut log = Producers { transaction_version: 2, ..Producers::default() };
    assert_eq!(log.in_transaction(1, 0, 5, 1), "sequence 5 of producer 1 follows -1");
    assert_eq!(log.in_transaction(1, 0, 0, 1), "@0");
    assert_eq!(log.data(0, 5, 1), "@1", "outside of transactions, it may still go on anywhere");
}

#[test]
fn an_open_transaction_admits_its_own_batches_only() {
    let mut log = Producers::default();
    assert_eq!(log.in_transaction(7, 0, 0, 2), "@0");
    assert_eq!(log.data(0, 2, 1), "producer 7 has an open transaction since offset 0");
    assert!(log.states.has_open_transaction(ID, ProducerEpoch(0)));
    assert!(!log.states.has_open_transaction(ID, ProducerEpoch(1)));
    assert_eq!(log.marker(7, 0, TransactionResult::Commit, 0), "@2");
    assert!(!log.states.has_open_transaction(ID, ProducerEpoch(0)));
    assert_eq!(log.data(0, 2, 1), "@3", "sequences go on behind the marker");
}

#[test]
fn a_marker_of_a_lower_epoch_or_coordinator_is_refused() {
    let mut log = Producers::default();
    log.in_transaction(7, 5, 0, 1);
    let commit = TransactionResult::Commit;
    assert_eq!(log.marker(7, 4, commit, 3), "epoch 4 of producer 7 is below its current 5");
    assert_eq!(log.marker(7, 5, commit, 3), "@1");
    assert_eq!(log.marker(7, 5, commit, 2), "coordinator epoch 2 for producer 7 is below 3");
    assert_eq!(log.marker(7, 6, commit, 3), "@2", "without a transaction, too");
    assert_eq!(log.data(6, 0, 1), "@3", "the marker's epoch is the producer's");
}

#[test]
fn a_marker_of_version_2_raises_the_epoch() {
    let mut log = Producers { transaction_version: 2, ..Producers::default() };
    let commit = TransactionResult::Commit;
    log.in_transaction(7, 5, 0, 1);
    assert_eq!(log.marker(7, 5, commit, 0), "epoch 5 of producer 7 is below its current 5");
    assert_eq!(log.marker(7, 6, commit, 0), "@1");
    assert_eq!(log.marker(7, 6, commit, 0), "@2", "once more, as no transaction is open");
    assert_eq!(log.in_transaction(7, 6, 0, 1), "@3");
    assert_eq!(log.marker(7, 6, commit, 0), "epoch 6 of producer 7 is below its current 6");
}

#[test]
fn the_first_transaction_that_is_not_replicated_is_unstable() {
    let mut log = Producers::default();
    assert_eq!(log.unstable(), None);
    log.in_transaction(1, 0, 0, 5);
    log.in_transaction(2, 0, 0, 5);
    assert_eq!(log.unstable(), Some(0));
    log.marker(1, 0, TransactionResult::Commit, 0);
    assert_eq!(log.unstable(), Some(0), "its marker at 10 is not replicated");
    log.states.forget_replicated(Offset(10));
    assert_eq!(log.unstable(), Some(0));
    log.states.forget_replicated(Offset(11));
    assert_eq!(log.unstable(), Some(5));
    log.marker(2, 0, TransactionResult::Abort, 0);
    log.states.forget_replicated(Offset(99));
    assert_eq!(log.unstable(), None);
}

#[test]
fn an_aborted_transaction_is_indexed_with_the_stable_offset_after_it() {
    let mut log = Producers::default();
    log.in_transaction(1, 0, 0, 5);
    log.in_transaction(2, 0, 0, 5);
    log.in_transaction(3, 0, 0, 5);
    log.marker(2, 0, TransactionResult::Abort, 0);
    log.marker(1, 0, TransactionResult::Abort, 0);
    log.marker(3, 0, TransactionResult::Abort, 0);
    assert_eq!(log.aborted, [(5, 15, 0), (0, 16, 10), (10, 17, 18)]);
}

#[test]
fn what_was_not_written_is_forgotten() {
    let mut log = Producers::default();
    log.data(0, 0, 1);
    let before = log.states.producers.clone();
    let trust = log.client();
    for (id, sequence) in [(ID, 1), (ID, 2), (ProducerId(8), 0)] {
        let header = log.header(id, 0, sequence, 1, Attributes::default());
        assert!(matches!(log.states.admit(&header, None, trust), Ok(Ok(None))));
    }
    log.states.rollback();
    assert_eq!(log.states.producers, before);
    assert_eq!(log.data(0, 1, 1), "@1");
}

#[test]
fn what_a_log_holds_is_followed_without_a_check() {
    let mut log = Producers::default();
    log.data(5, 0, 1);
    let header = log.header(ID, 3, 99, 1, Attributes::default());
    assert_eq!(log.admit(header, None, Trust::Follow), "@1");
    assert_eq!(log.states.summaries()[0].last_sequence, 99);
    let emptied = log.header(ID, 3, -1, 0, Attributes::default().with_control());
    assert!(
        matches!(log.states.admit(&emptied, None, Trust::Follow), Ok(Ok(None))),
        "a marker compacted away"
    );
}

#[test]
fn silent_producers_expire_unless_a_transaction_is_open() {
    let mut log = Producers::default();
    log.data(0, 0, 1);
    log.in_transaction(1, 0, 0, 1);
    log.states.expire(Timestamp(999), 1000);
    assert_eq!(log.states.summaries().len(), 2);
    log.states.expire(Timestamp(100_000), 1000);
    let ids: Vec<_> = log.states.summaries().iter().map(|summary| summary.producer_id.0).collect();
    assert_eq!(ids, [1]);
}

#[test]
fn a_snapshot_keeps_the_last_batch_and_the_open_transaction() {
    let mut log = Producers::default();
    log.data(2, 0, 3);
    log.data(2, 3, 2);
    log.in_transaction(1, 0, 0, 2);
    log.in_transaction(3, 0, 0, 1);
    log.marker(3, 1, TransactionResult::Abort, 4);
    let bytes = encode(&log.states);
    assert_eq!(bytes.len(), 2 + 4 + 4 + 3 * 46);
    let mut restored = Producers { end: log.end, ..Producers::default() };
    let entries = decode(&bytes).unwrap().into_iter().map(snapshot::SnapshotEntry::into_entry).collect();
    restored.states.load(entries, Timestamp(0), 1000);
    assert_eq!(restored.states.summaries(), log.states.summaries());
    assert_eq!(restored.unstable(), Some(5));
    assert_eq!(restored.data(2, 3, 2), "duplicate @3..=4");
    assert_eq!(restored.data(2, 5, 1), "@9");
    assert_eq!(encode(&ProducerStates::default()).len(), 10);
}

#[test]
fn a_damaged_snapshot_is_refused() {
    let mut log = Producers::default();
    log.data(2, 0, 3);
    let bytes = encode(&log.states);
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(decode(&flipped).is_err(), "bit {bit}");
    }
    for size in 0..bytes.len() {
        assert!(decode(&bytes[..size]).is_err(), "{size} bytes");
    }
    let mut claims = bytes;
    claims.truncate(10);
    claims[6..10].copy_from_slice(&i32::MAX.to_be_bytes());
    let crc = ottla_protocol::record::checksum::crc32c(&claims[6..]);
    claims[2..6].copy_from_slice(&crc.to_be_bytes());
    assert_eq!(decode(&claims), Err(SnapshotError::Count { count: i32::MAX, size: 0 }));
}
