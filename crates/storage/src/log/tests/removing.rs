use ottla_protocol::types::{LeaderEpoch, Offset, Uuid};

use crate::io::{Disk, EntryKind};
use crate::leader_epochs::{EpochEnd, EpochEntry};
use crate::log::RetentionReason;
use crate::testing::*;

/// Nine batches of two records each, in segments of three batches; epoch 1 begins at offset 8.
fn nine_batches() -> Fixture {
    let size = batch(0, &["a", "b"]).len() as u32;
    let mut log = Fixture::new(small_segments(3 * size));
    for index in 0..9 {
        log.epoch = i32::from(index >= 4);
        log.append(&batch(i64::from(index) * 10 + 10, &["a", "b"]));
    }
    log
}

fn bases(log: &mut Fixture) -> Vec<i64> {
    log.log().segment_base_offsets().map(|base| base.0).collect()
}

#[test]
fn truncation_cuts_at_a_batch_border() {
    for (offset, records, segments) in
        [(18, 18, 3), (17, 16, 3), (13, 12, 3), (12, 12, 3), (11, 10, 2), (6, 6, 2), (1, 0, 1), (0, 0, 1)]
    {
        let mut log = nine_batches();
        let unlink = log.log().truncate_to(Offset(offset), at(0).wall).unwrap();
        assert_eq!(log.log().log_end_offset(), Offset(offset), "truncated to {offset}");
        assert_eq!(log.records_from(0).len(), records, "truncated to {offset}");
        assert_eq!(log.log().segment_count(), segments, "truncated to {offset}");
        unlink.run(&*log.disk.shared()).unwrap();
        assert_eq!(log.append(&batch(0, &["new"])), offset);
        assert_eq!(log.records_from(offset), [(offset, "new".into())]);
        log.restart_uncleanly().unwrap();
        assert_eq!(log.records_from(offset), [(offset, "new".into())]);
        assert_eq!(log.records_from(0).len(), records + 1);
    }
}

#[test]
fn truncation_beyond_the_end_forgets_epochs_without_records_only() {
    let mut log = nine_batches();
    log.log().assign_leader_epoch(LeaderEpoch(7));
    assert_eq!(log.log().latest_epoch(), Some(LeaderEpoch(7)));
    let unlink = log.log().truncate_to(Offset(20), at(0).wall).unwrap();
    assert!(unlink.is_empty());
    assert_eq!(log.log().latest_epoch(), Some(LeaderEpoch(1)));
    assert_eq!(log.log().log_end_offset(), Offset(18));
}

#[test]
fn truncation_takes_epochs_and_producers_back() {
    let mut log = Fixture::new(small_segments(10_000));
    log.append(&idempotent(1, 0, 0, 2));
    log.epoch = 1;
    log.append(&idempotent(1, 0, 2, 2));
    log.append(&transactional(2, 0, 0, 1));
    assert_eq!(log.log().last_stable_offset(Offset(5)), Offset(4));
    let unlink = log.log().truncate_to(Offset(2), at(0).wall).unwrap();
    assert!(unlink.is_empty());
    assert_eq!(log.log().leader_epochs(), [EpochEntry { epoch: LeaderEpoch(0), start_offset: Offset(0) }]);
    assert_eq!(log.log().last_stable_offset(Offset(2)), Offset(2));
    assert_eq!(log.append(&idempotent(1, 0, 2, 1)), 2, "the sequence goes on from there");
    assert_eq!(log.log().producers().len(), 1);
}

#[test]
fn truncation_moves_the_recovery_point_back() {
    let mut log = nine_batches();
    log.flush();
    assert_eq!(log.log().recovery_point(), Offset(18));
    let ticket = {
        log.append(&batch(0, &["more"]));
        log.log().flush_ticket().unwrap().unwrap()
    };
    drop(log.log().truncate_to(Offset(8), at(0).wall).unwrap());
    assert_eq!(log.log().recovery_point(), Offset(8));
    let flushed = ticket.run().unwrap();
    log.log().mark_flushed(&flushed);
    assert_eq!(log.log().recovery_point(), Offset(8), "what the ticket synced is gone");
}

#[test]
fn truncation_below_the_first_segment_starts_over() {
    let mut log = nine_batches();
    log.log().advance_log_start_offset(Offset(12));
    drop(log.log().delete_old_segments(Offset(18), at(0).wall).unwrap());
    assert_eq!(bases(&mut log), [12]);
    drop(log.log().truncate_to(Offset(5), at(0).wall).unwrap());
    assert_eq!((log.log().log_start_offset(), log.log().log_end_offset()), (Offset(5), Offset(5)));
    assert_eq!(log.append(&batch(0, &["a"])), 5);
}

#[test]
fn a_log_can_be_started_over_anywhere() {
    for start in [None, Some(Offset(10))] {
        let mut log = nine_batches();
        let unlink = log.log().truncate_fully_and_start_at(Offset(40), start, at(0).wall).unwrap();
        unlink.run(&*log.disk.shared()).unwrap();
        assert_eq!(log.log().log_start_offset(), start.unwrap_or(Offset(40)));
        assert_eq!(log.log().log_end_offset(), Offset(40));
        assert_eq!(log.log().leader_epochs(), []);
        assert_eq!(log.append(&batch(0, &["a"])), 40);
        log.restart_uncleanly().unwrap();
        assert_eq!(log.records_from(40), [(40, "a".into())]);
        assert_eq!(
            log.log().leader_epochs(),
            [EpochEntry { epoch: LeaderEpoch(1), start_offset: Offset(40) }]
        );
    }
}

#[test]
fn an_epoch_ends_where_the_next_begins() {
    let mut log = nine_batches();
    let end =
        |epoch, end_offset| Some(EpochEnd { epoch: LeaderEpoch(epoch), end_offset: Offset(end_offset) });
    assert_eq!(log.log().end_offset_for_epoch(LeaderEpoch(0)), end(0, 8));
    assert_eq!(log.log().end_offset_for_epoch(LeaderEpoch(1)), end(1, 18));
    assert_eq!(log.log().end_offset_for_epoch(LeaderEpoch(2)), None);
    assert_eq!(log.log().epoch_at(Offset(9)), Some(LeaderEpoch(1)));
}

#[test]
fn segments_below_the_log_start_go() {
    let mut log = nine_batches();
    assert!(log.log().advance_log_start_offset(Offset(7)));
    assert!(!log.log().advance_log_start_offset(Offset(7)));
    assert_eq!(log.log().leader_epochs()[0], EpochEntry { epoch: LeaderEpoch(0), start_offset: Offset(7) });
    let retained = log.log().delete_old_segments(Offset(18), at(0).wall).unwrap();
    assert_eq!(retained.dropped, [(Offset(0), RetentionReason::LogStartOffset)]);
    assert_eq!(log.log().log_start_offset(), Offset(7), "not lowered to the segment's base");
    assert!(log.names().contains(&"00000000000000000000.log.deleted".to_owned()));
    retained.unlink.run(&*log.disk.shared()).unwrap();
    assert!(!log.names().iter().any(|name| name.starts_with("00000000000000000000")), "{:?}", log.names());
    log.restart_uncleanly().unwrap();
    assert_eq!(log.records_from(7).len(), 11);
}

#[test]
fn old_and_surplus_segments_go() {
    let mut log = nine_batches();
    let mut config = (*log.config).clone();
    config.retention_ms = Some(1000);
    log.log().set_config(config.clone().into());
    let none = log.log().delete_old_segments(Offset(18), at(1030).wall).unwrap();
    assert_eq!(none.dropped, []);
    let retained = log.log().delete_old_segments(Offset(18), at(1031).wall).unwrap();
    assert_eq!(retained.dropped, [(Offset(0), RetentionReason::Time)]);
    drop(retained.unlink);
    assert_eq!(log.log().log_start_offset(), Offset(6));
    config.retention_ms = None;
    config.retention_bytes = Some(log.log().size() / 2);
    log.log().set_config(config.into());
    let retained = log.log().delete_old_segments(Offset(18), at(0).wall).unwrap();
    assert_eq!(retained.dropped, [(Offset(6), RetentionReason::Size)]);
    drop(retained.unlink);
    assert_eq!(bases(&mut log), [12]);
}

#[test]
fn when_all_segments_go_a_new_one_begins_first() {
    let mut log = nine_batches();
    let mut config = (*log.config).clone();
    config.retention_ms = Some(0);
    log.log().set_config(config.into());
    let retained = log.log().delete_old_segments(Offset(18), at(1_000_000).wall).unwrap();
    assert_eq!(retained.dropped.len(), 3);
    drop(retained.unlink);
    assert_eq!(bases(&mut log), [18]);
    assert_eq!((log.log().log_start_offset(), log.log().log_end_offset()), (Offset(18), Offset(18)));
    let again = log.log().delete_old_segments(Offset(18), at(2_000_000).wall).unwrap();
    assert_eq!(again.dropped, [], "an empty active segment stays");
    log.restart_uncleanly().unwrap();
    assert_eq!(log.append(&batch(0, &["a"])), 18);
}

#[test]
fn retention_survives_a_restart() {
    let mut log = nine_batches();
    let mut config = (*log.config).clone();
    config.retention_ms = Some(1000);
    log.config = config.into();
    log.restart_cleanly();
    let retained = log.log().delete_old_segments(Offset(18), at(1061).wall).unwrap();
    assert_eq!(retained.dropped, [(Offset(0), RetentionReason::Time), (Offset(6), RetentionReason::Time)]);
    drop(retained.unlink);
}

#[test]
fn a_deleted_log_is_renamed_and_then_removed() {
    let mut log = nine_batches();
    let unlink = log.log.take().unwrap().delete(Uuid::from_u128(0xabcd)).unwrap();
    let names = |log: &Fixture| {
        let entries = log.disk.list(std::path::Path::new("/data")).unwrap();
        entries
            .into_iter()
            .filter(|entry| entry.kind == EntryKind::Directory)
            .map(|entry| entry.name)
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&log), ["orders-0.0000000000000000000000000000abcd-delete"]);
    unlink.run(&*log.disk.shared()).unwrap();
    assert_eq!(names(&log), [""; 0]);
}

#[test]
fn a_log_goes_on_under_another_name() {
    let mut log = nine_batches();
    let stray = std::path::Path::new("/data/orders-0.0000000000000000000000000000abcd-stray");
    log.log().rename_dir(stray).unwrap();
    assert_eq!(log.log().dir(), stray);
    assert_eq!(log.append(&batch(0, &["a"])), 18);
    log.log().release_files();
    assert_eq!(log.records_from(0).len(), 19);
    log.flush();
    assert_eq!(log.log().recovery_point(), Offset(19));
}

/// Found by the comparison with the model: a hole between two segments is taken for the lost end of the first one.
#[test]
fn a_truncation_in_the_middle_of_a_batch_leaves_no_hole_between_segments() {
    let mut log = nine_batches();
    drop(log.log().truncate_to(Offset(11), at(0).wall).unwrap());
    log.log().roll(at(0).wall).unwrap();
    assert_eq!(bases(&mut log), [0, 6, 10]);
    assert_eq!(log.append(&batch(0, &["a"])), 11);
    let report = log.restart_uncleanly().unwrap();
    assert_eq!(report.torn_tail, None);
    assert_eq!(log.records_from(10), [(11, "a".into())]);
}
