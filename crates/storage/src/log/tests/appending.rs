use ottla_protocol::record::control::TransactionResult;
use ottla_protocol::record::{BatchError, batches};
use ottla_protocol::types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId};

use crate::append::{AppendContext, AppendError, AppendOrigin, LeaderBatch};
use crate::io::Operation;
use crate::io::simulated::{Fault, FaultKind};
use crate::log::AbortedTransaction;
use crate::testing::*;

#[test]
fn a_leader_gives_offsets_and_its_epoch() {
    let mut log = Fixture::new(small_segments(1000));
    log.epoch = 3;
    assert_eq!(log.append(&batch(0, &["a", "b"])), 0);
    assert_eq!(log.append(&batch(0, &["c"])), 2);
    let bytes = log.read_up_to(0, 3, 1000);
    let headers: Vec<_> = batches(&bytes).map(|batch| *batch.unwrap().header()).collect();
    assert_eq!(headers.iter().map(|header| header.base_offset.0).collect::<Vec<_>>(), [0, 2]);
    assert!(headers.iter().all(|header| header.leader_epoch == LeaderEpoch(3)));
    assert_eq!(log.log().log_end_offset(), Offset(3));
    assert_eq!(log.log().latest_epoch(), Some(LeaderEpoch(3)));
    assert_eq!(log.records_from(1), [(1, "b".into()), (2, "c".into())]);
}

#[test]
fn many_batches_go_down_with_one_write() {
    let mut log = Fixture::new(small_segments(100_000));
    log.append(&batch(0, &["first"]));
    let bytes: Vec<_> = (0..50).map(|index| batch(0, &[&format!("value {index}")])).collect();
    let mut batches: Vec<_> = bytes.iter().map(|bytes| LeaderBatch::new(bytes).unwrap()).collect();
    let context = AppendContext {
        origin: AppendOrigin::Client,
        leader_epoch: LeaderEpoch(0),
        transaction_version: 1,
        now: at(0),
    };
    let before = log.disk.operations();
    let appended = log.log().append_as_leader(&mut batches, &context).unwrap();
    assert_eq!(log.disk.operations() - before, 1);
    assert_eq!((appended.base_offset, appended.end_offset, appended.rolled), (Offset(1), Offset(51), false));
    let offsets: Vec<_> =
        batches.into_iter().map(|batch| batch.into_outcome().unwrap().base_offset.0).collect();
    assert_eq!(offsets, (1..51).collect::<Vec<_>>());
    assert_eq!(log.records_from(50), [(50, "value 49".into())]);
}

#[test]
fn a_refused_batch_does_not_keep_the_others_out() {
    let mut log = Fixture::new(small_segments(100_000));
    let bytes =
        [idempotent(1, 0, 0, 2), idempotent(1, 0, 7, 1), idempotent(1, 0, 2, 1), idempotent(1, 0, 0, 2)];
    let mut batches: Vec<_> = bytes.iter().map(|bytes| LeaderBatch::new(bytes).unwrap()).collect();
    let context = AppendContext {
        origin: AppendOrigin::Client,
        leader_epoch: LeaderEpoch(0),
        transaction_version: 1,
        now: at(0),
    };
    log.log().append_as_leader(&mut batches, &context).unwrap();
    let outcomes: Vec<_> = batches
        .into_iter()
        .map(|batch| match batch.into_outcome() {
            Ok(appended) => {
                format!("{}..={} {}", appended.base_offset, appended.last_offset, appended.is_duplicate)
            }
            Err(error) => error.to_string(),
        })
        .collect();
    assert_eq!(outcomes, ["0..=1 false", "sequence 7 of producer 1 follows 1", "2..=2 false", "0..=1 true"]);
    assert_eq!(log.log().log_end_offset(), Offset(3));
}

#[test]
fn a_segment_rolls_before_it_grows_too_large() {
    let size = batch(0, &["a"]).len() as u32;
    let mut log = Fixture::new(small_segments(3 * size));
    for _ in 0..7 {
        log.append(&batch(0, &["a"]));
    }
    assert_eq!(log.log().segment_base_offsets().map(|base| base.0).collect::<Vec<_>>(), [0, 3, 6]);
    assert_eq!(log.log().size(), u64::from(7 * size));
    assert_eq!(log.records_from(0).len(), 7);
    let names = log.names();
    for name in ["00000000000000000003.log", "00000000000000000003.snapshot", "00000000000000000000.index"] {
        assert!(names.contains(&name.to_owned()), "{name} in {names:?}");
    }
}

#[test]
fn a_group_of_batches_may_span_segments() {
    let size = batch(0, &["a"]).len() as u32;
    let mut log = Fixture::new(small_segments(3 * size));
    let bytes = batch(0, &["a"]);
    let mut batches: Vec<_> = (0..200).map(|_| LeaderBatch::new(&bytes).unwrap()).collect();
    let context = AppendContext {
        origin: AppendOrigin::Client,
        leader_epoch: LeaderEpoch(0),
        transaction_version: 1,
        now: at(0),
    };
    let appended = log.log().append_as_leader(&mut batches, &context).unwrap();
    assert!(appended.rolled);
    assert_eq!(log.log().segment_count(), 67);
    assert_eq!(log.records_from(0).len(), 200);
}

#[test]
fn a_segment_rolls_when_its_records_span_too_much_time() {
    let mut config = small_segments(10_000);
    config.segment_ms = 100;
    let mut log = Fixture::new(config);
    log.append(&batch(1000, &["a"]));
    log.append(&batch(1100, &["b"]));
    assert_eq!(log.log().segment_count(), 1);
    log.append(&batch(1101, &["c"]));
    assert_eq!(log.log().segment_count(), 2);
    log.append(&batch(1000, &["an older one"]));
    assert_eq!(log.log().segment_count(), 2);
}

#[test]
fn a_segment_rolls_when_an_index_is_full() {
    let mut config = small_segments(1 << 20);
    config.segment_index_bytes = 8 * 10;
    let mut log = Fixture::new(config);
    for timestamp in 0..40 {
        log.append(&batch(timestamp, &["a"]));
    }
    // 5 places in the time index are left of 6, and each batch but the first takes one.
    assert_eq!(log.log().segment_base_offsets().map(|base| base.0).take(3).collect::<Vec<_>>(), [0, 6, 12]);
    assert_eq!(log.records_from(0).len(), 40);
}

#[test]
fn a_batch_that_no_segment_holds_is_refused() {
    let mut log = Fixture::new(small_segments(100));
    let error = log.append_from(AppendOrigin::Client, &batch(0, &["x"; 40])).unwrap_err();
    assert!(matches!(error, AppendError::LargerThanSegment { segment_bytes: 100, .. }), "{error}");
    assert_eq!(log.log().log_end_offset(), Offset(0));
}

#[test]
fn a_duplicate_is_answered_with_its_offsets_after_a_restart_too() {
    let mut log = Fixture::new(small_segments(10_000));
    log.append(&idempotent(1, 0, 0, 2));
    log.append(&idempotent(1, 0, 2, 3));
    let again = |log: &mut Fixture| {
        let appended = log.append_from(AppendOrigin::Client, &idempotent(1, 0, 2, 3)).unwrap();
        (appended.is_duplicate, appended.base_offset.0, appended.last_offset.0)
    };
    assert_eq!(again(&mut log), (true, 2, 4));
    log.restart_cleanly();
    assert_eq!(again(&mut log), (true, 2, 4));
    log.restart_uncleanly().unwrap();
    assert_eq!(again(&mut log), (true, 2, 4));
    assert_eq!(log.log().log_end_offset(), Offset(5));
}

#[test]
fn transactions_hold_the_last_stable_offset_back() {
    let mut log = Fixture::new(small_segments(300));
    log.append(&transactional(1, 0, 0, 2));
    log.append(&batch(0, &["plain"]));
    log.append(&transactional(2, 0, 0, 1));
    assert_eq!(log.log().last_stable_offset(Offset(4)), Offset(0));
    assert!(log.log().has_open_transaction(ProducerId(1), ProducerEpoch(0)));
    assert_eq!(log.mark(&marker(1, 0, TransactionResult::Abort)), 4);
    assert_eq!(log.log().last_stable_offset(Offset(4)), Offset(0), "the marker is not replicated");
    log.log().on_high_watermark(Offset(5));
    assert_eq!(log.log().last_stable_offset(Offset(5)), Offset(3));
    assert_eq!(log.mark(&marker(2, 0, TransactionResult::Commit)), 5);
    log.log().on_high_watermark(Offset(6));
    assert_eq!(log.log().last_stable_offset(Offset(6)), Offset(6));
    let aborted = AbortedTransaction { producer_id: ProducerId(1), first_offset: Offset(0) };
    for restart in 0..3 {
        match restart {
            0 => {}
            1 => drop(log.restart_cleanly()),
            _ => drop(log.restart_uncleanly().unwrap()),
        }
        log.log().on_high_watermark(Offset(6));
        assert_eq!(log.log().last_stable_offset(Offset(6)), Offset(6));
        let mut between = |from, to| log.log().aborted_transactions(Offset(from), Offset(to)).unwrap();
        assert_eq!(between(0, 6), [aborted]);
        assert_eq!(between(4, 5), [aborted], "its marker");
        assert_eq!(between(5, 6), []);
    }
}

#[test]
fn a_follower_appends_whole_batches_as_they_are() {
    let mut leader = Fixture::new(small_segments(10_000));
    leader.epoch = 2;
    for value in ["a", "b", "c"] {
        leader.append(&batch(0, &[value, value]));
    }
    let bytes = leader.read_up_to(0, 6, 10_000);
    let mut follower = Fixture::new(small_segments(10_000));
    follower.epoch = 2;
    let whole = bytes.len() - 10;
    assert_eq!(follower.append_as_follower(&bytes[..whole]).unwrap(), 4, "the cut one is left out");
    assert_eq!(follower.append_as_follower(&bytes[whole / 2 + 5..][..0]).unwrap(), 4);
    let last = bytes.len() / 3 * 2;
    assert_eq!(follower.append_as_follower(&bytes[last..]).unwrap(), 6);
    assert_eq!(follower.read_up_to(0, 6, 10_000), bytes);
    assert_eq!(follower.log().leader_epochs(), leader.log().leader_epochs());
    assert_eq!(follower.records_from(0), leader.records_from(0));
}

#[test]
fn a_follower_refuses_what_is_damaged_or_out_of_order() {
    let mut leader = Fixture::new(small_segments(10_000));
    leader.append(&batch(0, &["a"]));
    leader.append(&batch(0, &["b"]));
    let bytes = leader.read_up_to(0, 2, 10_000);
    let half = bytes.len() / 2;
    let mut follower = Fixture::new(small_segments(10_000));
    let mut flipped = bytes.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let error = follower.append_as_follower(&flipped).unwrap_err();
    assert!(matches!(error, AppendError::CorruptBatch { .. }), "{error}");
    assert_eq!(follower.log().log_end_offset(), Offset(1), "the batch before it is good");
    let error = follower.append_as_follower(&bytes).unwrap_err();
    assert!(
        matches!(error, AppendError::UnexpectedOffset { expected: Offset(1), got: Offset(0) }),
        "{error}"
    );
    let mut wrong_magic = bytes[half..].to_vec();
    wrong_magic[16] = 9;
    let error = follower.append_as_follower(&wrong_magic).unwrap_err();
    assert!(matches!(error, AppendError::NotABatch(BatchError::UnknownMagic { magic: 9 })), "{error}");
    follower.append_as_follower(&bytes[half..]).unwrap();
    assert_eq!(follower.records_from(0), leader.records_from(0));
}

#[test]
fn a_follower_does_not_take_batches_of_a_later_leader() {
    let mut leader = Fixture::new(small_segments(10_000));
    leader.append(&batch(0, &["a"]));
    leader.epoch = 1;
    leader.append(&batch(0, &["b"]));
    let bytes = leader.read_up_to(0, 2, 10_000);
    let mut follower = Fixture::new(small_segments(10_000));
    assert_eq!(follower.append_as_follower(&bytes).unwrap(), 1);
}

#[test]
fn an_empty_follower_may_begin_in_the_middle_of_a_batch() {
    let mut leader = Fixture::new(small_segments(10_000));
    leader.append(&batch(0, &["a", "b", "c", "d"]));
    let bytes = leader.read_up_to(2, 4, 10_000);
    let mut follower = Fixture::new(small_segments(10_000));
    follower
        .log()
        .truncate_fully_and_start_at(Offset(2), None, at(0).wall)
        .unwrap()
        .run(&*follower.disk.shared())
        .unwrap();
    assert_eq!(follower.append_as_follower(&bytes).unwrap(), 4);
    assert_eq!(follower.log().log_start_offset(), Offset(2));
    assert_eq!(follower.records_from(2), [(2, "c".into()), (3, "d".into())]);
    follower.restart_uncleanly().unwrap();
    assert_eq!(follower.records_from(2), [(2, "c".into()), (3, "d".into())]);
}

#[test]
fn nothing_of_a_failed_write_is_visible() {
    for kind in [FaultKind::Io { torn: 5 }, FaultKind::Full { torn: 70 }, FaultKind::Full { torn: 0 }] {
        let mut log = Fixture::new(small_segments(10_000));
        log.append(&idempotent(1, 0, 0, 1));
        log.disk.inject(Fault { operation: Some(Operation::Write), after: 0, count: 1, kind });
        let error = log.append_from(AppendOrigin::Client, &idempotent(1, 0, 1, 1)).unwrap_err();
        assert!(matches!(error, AppendError::Storage(_)), "{error}");
        assert_eq!(log.log().log_end_offset(), Offset(1));
        assert_eq!(log.append(&idempotent(1, 0, 1, 1)), 1, "the same batch once more");
        assert_eq!(log.records_from(0).len(), 2);
        let report = log.restart_uncleanly().unwrap();
        assert_eq!(report.torn_tail, None);
        assert_eq!(log.records_from(0).len(), 2);
    }
}

#[test]
fn a_log_that_cannot_take_a_write_back_takes_no_other() {
    let mut log = Fixture::new(small_segments(10_000));
    log.append(&batch(0, &["a"]));
    let fault =
        |operation| Fault { operation: Some(operation), after: 0, count: 1, kind: FaultKind::Io { torn: 9 } };
    log.disk.inject(fault(Operation::Write));
    log.disk.inject(fault(Operation::SetLen));
    assert!(log.append_from(AppendOrigin::Client, &batch(0, &["b"])).is_err());
    assert!(log.append_from(AppendOrigin::Client, &batch(0, &["c"])).is_err());
    let report = log.restart_uncleanly().unwrap();
    assert_eq!(report.torn_tail.map(|tail| tail.size), Some(9));
    assert_eq!(log.append(&batch(0, &["c"])), 1);
    assert_eq!(log.records_from(0), [(0, "a".into()), (1, "c".into())]);
}

#[test]
fn a_failed_roll_leaves_the_log_ready_for_another_try() {
    let size = batch(0, &["a"]).len() as u32;
    let mut log = Fixture::new(small_segments(size));
    log.append(&batch(0, &["a"]));
    log.disk.inject(Fault {
        operation: Some(Operation::Open),
        after: 0,
        count: 1,
        kind: FaultKind::Full { torn: 0 },
    });
    assert!(log.append_from(AppendOrigin::Client, &batch(0, &["b"])).is_err());
    assert_eq!(log.append(&batch(0, &["c"])), 1);
    assert_eq!(log.records_from(0), [(0, "a".into()), (1, "c".into())]);
}
