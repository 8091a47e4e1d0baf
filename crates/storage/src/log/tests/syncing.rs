use std::path::Path;

use ottla_protocol::types::{LeaderEpoch, Offset};

use crate::io::Disk;
use crate::io::simulated::{SimulatedDisk, Survival};
use crate::log::FlushTicket;
use crate::testing::*;

#[test]
fn what_was_flushed_survives_the_loss_of_power() {
    let mut log = Fixture::new(small_segments(300));
    log.epoch = 4;
    for index in 0..10 {
        log.append(&idempotent(1, 0, index, 1));
    }
    assert!(log.log().segment_count() > 2);
    log.flush();
    assert_eq!(log.log().recovery_point(), Offset(10));
    log.append(&idempotent(1, 0, 10, 1));
    log.disk.crash(Survival::Nothing);
    let report = log.restart_uncleanly().unwrap();
    assert_eq!((report.segments_scanned, report.torn_tail, report.damage), (1, None, None));
    assert_eq!(log.records_from(0).len(), 10);
    assert_eq!(log.log().latest_epoch(), Some(LeaderEpoch(4)));
    assert_eq!(log.log().topic_id(), Some(TOPIC_ID));
    assert_eq!(log.append(&idempotent(1, 0, 10, 1)), 10);
}

#[test]
fn a_sync_of_the_active_segment_is_one_call() {
    let mut log = Fixture::new(small_segments(10_000));
    log.append(&batch(0, &["a"]));
    log.flush();
    log.append(&batch(0, &["b"]));
    let before = log.disk.operations();
    log.flush();
    assert_eq!(log.disk.operations() - before, 1);
    assert!(log.log().flush_ticket().unwrap().is_none());
}

#[test]
fn a_ticket_that_was_dropped_proves_nothing() {
    let mut log = Fixture::new(small_segments(10_000));
    log.append(&batch(0, &["a"]));
    drop(log.log().flush_ticket().unwrap());
    log.flush();
    log.disk.crash(Survival::Nothing);
    log.restart_uncleanly().unwrap();
    assert_eq!(log.records_from(0), [(0, "a".into())]);
}

#[test]
fn a_log_that_nobody_wrote_to_is_closed_without_a_touch_of_the_disk() {
    let mut log = Fixture::new(small_segments(300));
    log.epoch = 4;
    for index in 0..10 {
        log.append(&idempotent(1, 0, index, 1));
    }
    log.restart_cleanly();
    // Whoever leads again begins an epoch, and writes nothing in it.
    log.log().assign_leader_epoch(LeaderEpoch(5));
    assert_eq!(log.records_from(0).len(), 10);
    let before = log.disk.operations();
    log.log.take().unwrap().close().unwrap().run().unwrap();
    assert_eq!(log.disk.operations(), before);
}

#[test]
fn an_epoch_is_in_the_checkpoint_as_soon_as_it_has_records() {
    let mut log = Fixture::new(small_segments(10_000));
    let checkpoint = |log: &Fixture| {
        let bytes = log.disk.contents(&Path::new(DIR).join("leader-epoch-checkpoint"));
        bytes.map(|bytes| String::from_utf8(bytes).unwrap())
    };
    log.epoch = 4;
    log.append(&batch(0, &["a"]));
    log.flush();
    assert_eq!(checkpoint(&log).as_deref(), Some("0\n1\n4 0\n"));
    log.log().assign_leader_epoch(LeaderEpoch(5));
    log.epoch = 5;
    assert!(log.log().flush_ticket().unwrap().is_none(), "nothing to sync");
    log.append(&batch(0, &["b"]));
    log.flush();
    assert_eq!(checkpoint(&log).as_deref(), Some("0\n2\n4 0\n5 1\n"));
}

#[test]
fn a_sync_that_began_before_a_roll_does_not_vouch_for_the_indexes_of_the_segment() {
    let mut log = Fixture::new(small_segments(300));
    log.append(&batch(0, &["a"]));
    let mut end = 1;
    let ticket = loop {
        let ticket = log.log().flush_ticket().unwrap().unwrap();
        log.append(&batch(0, &["b"]));
        end += 1;
        if log.log().segment_count() > 1 {
            break ticket;
        }
    };
    let flushed = ticket.run().unwrap();
    log.log().mark_flushed(&flushed);
    log.flush();
    let indexes = |log: &Fixture| {
        ["index", "timeindex"]
            .map(|kind| log.disk.contents(&Path::new(DIR).join(format!("00000000000000000000.{kind}"))))
    };
    let written = indexes(&log);
    assert!(written.iter().all(|index| index.as_ref().is_some_and(|bytes| !bytes.is_empty())));
    log.disk.crash(Survival::Nothing);
    assert_eq!(indexes(&log), written, "the indexes are as durable as the segment that they belong to");
    log.restart_uncleanly().unwrap();
    assert_eq!(log.records_from(0).len(), end);
}

#[test]
fn a_clean_close_survives_the_loss_of_power() {
    let mut log = Fixture::new(small_segments(300));
    for index in 0..10 {
        log.append(&idempotent(1, 0, index, 1));
    }
    log.log.take().unwrap().close().unwrap().run().unwrap();
    log.disk.crash(Survival::Nothing);
    log.open.had_clean_shutdown = true;
    let report = log.reopen().unwrap();
    assert!(report.is_clean(), "{report}");
    assert_eq!(log.records_from(0).len(), 10);
    assert_eq!(log.log().recovery_point(), Offset(10));
    assert_eq!(log.append(&idempotent(1, 0, 10, 1)), 10);
}

#[test]
fn many_logs_are_closed_with_few_syncs() {
    let disk = SimulatedDisk::new(1);
    disk.create_dir_all(Path::new("/data")).unwrap();
    disk.sync_dir(Path::new("/")).unwrap();
    let config = std::sync::Arc::new(small_segments(10_000));
    let dir = |index: i32| Path::new("/data").join(format!("orders-{index}"));
    let open = Fixture::new(small_segments(10_000)).open;
    let mut tickets = Vec::new();
    for index in 0..100 {
        let (log, _) = crate::log::Log::open(disk.shared(), &dir(index), config.clone(), &open).unwrap();
        let mut fixture = Fixture {
            disk: disk.clone(),
            config: config.clone(),
            log: Some(log),
            open: open.clone(),
            epoch: 1,
        };
        fixture.append(&batch(0, &["a"]));
        tickets.push(fixture.log.take().unwrap().close().unwrap());
    }
    let before = disk.operations();
    FlushTicket::run_all(&disk, Path::new("/data"), tickets).unwrap();
    let operations = disk.operations() - before;
    assert!(operations <= 302, "a temporary file and a rename of each, and two syncs, not {operations}");
    disk.crash(Survival::Nothing);
    for index in 0..100 {
        let open = crate::log::OpenContext { had_clean_shutdown: true, ..open.clone() };
        let (log, report) = crate::log::Log::open(disk.shared(), &dir(index), config.clone(), &open).unwrap();
        assert!(report.is_clean(), "{report}");
        assert_eq!((log.log_end_offset(), log.latest_epoch()), (Offset(1), Some(LeaderEpoch(1))));
    }
}
