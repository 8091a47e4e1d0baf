use ottla_protocol::record::control::TransactionResult;
use ottla_protocol::types::{LeaderEpoch, Offset, TopicId, Uuid};

use crate::io::{Disk, OpenMode};
use crate::leader_epochs::EpochEntry;
use crate::recovery::{OnDamage, OpenError, RecoveryReport};
use crate::testing::*;

/// Three segments of three batches of two records each; epoch 1 begins at offset 8.
fn three_segments() -> Fixture {
    three_segments_of(20)
}

/// The same, with values of this size.
fn three_segments_of(value_size: usize) -> Fixture {
    let value = "v".repeat(value_size);
    let size = batch(0, &[&value, "b"]).len() as u32;
    let mut log = Fixture::new(small_segments(3 * size));
    for index in 0..9 {
        log.epoch = i32::from(index >= 4);
        log.append(&batch(i64::from(index) * 10 + 10, &[&value, "b"]));
    }
    log.log().flush_ticket().unwrap();
    log
}

const LOG_0: &str = "00000000000000000000.log";
const LOG_12: &str = "00000000000000000012.log";

#[test]
fn a_new_log_is_cheap() {
    let disk = crate::io::simulated::SimulatedDisk::new(1);
    let mut log = Fixture::on(disk, small_segments(1000));
    assert_eq!(log.names(), [LOG_0, "partition.metadata"]);
    assert!(std::mem::size_of::<crate::log::Log>() < 1024);
    let report = log.reopen().unwrap();
    assert!(report.is_clean(), "{report}");
    let report = log.restart_cleanly();
    assert!(report.is_clean(), "{report}");
}

#[test]
fn a_clean_restart_scans_nothing() {
    let mut log = three_segments();
    let before = log.records_from(0);
    let report = log.restart_cleanly();
    assert_eq!(report, RecoveryReport::default());
    assert_eq!(log.records_from(0), before);
    assert_eq!(log.append(&batch(100, &["next"])), 18);
    assert_eq!(
        log.log().leader_epochs(),
        [
            EpochEntry { epoch: LeaderEpoch(0), start_offset: Offset(0) },
            EpochEntry { epoch: LeaderEpoch(1), start_offset: Offset(8) }
        ]
    );
}

#[test]
fn an_unclean_restart_scans_from_the_recovery_point() {
    let mut log = three_segments();
    assert_eq!(log.restart_uncleanly().unwrap().segments_scanned, 3);
    log.flush();
    log.open.recovery_point = Offset(7);
    log.open.had_clean_shutdown = false;
    assert_eq!(log.reopen().unwrap().segments_scanned, 2);
    assert_eq!(log.records_from(0).len(), 18);
}

#[test]
fn the_directory_of_another_topic_is_refused() {
    let mut log = three_segments();
    let other = TopicId(Uuid::from_u128(99));
    log.open.topic_id = Some(other);
    let error = log.reopen().unwrap_err();
    assert!(
        matches!(error, OpenError::InconsistentTopicId { found: TOPIC_ID, expected, .. } if expected == other)
    );
    log.open.topic_id = None;
    log.reopen().unwrap();
    assert_eq!(log.log().topic_id(), Some(TOPIC_ID));
}

#[test]
fn a_lost_topic_id_is_written_again() {
    let mut log = three_segments();
    let path = log.path("partition.metadata");
    log.disk.corrupt(&path, Vec::clear);
    log.restart_uncleanly().unwrap();
    assert_eq!(log.log().topic_id(), Some(TOPIC_ID));
    assert!(log.disk.contents(&path).unwrap().starts_with(b"version: 0"));
}

#[test]
fn a_torn_tail_is_cut_at_every_byte() {
    let whole = three_segments();
    let path = whole.path(LOG_12);
    let size = whole.disk.contents(&path).unwrap().len();
    let batch_size = size / 3;
    let mut checked = 0;
    for clean in [false, true] {
        for cut in 0..batch_size {
            let mut log = three_segments();
            if clean {
                log.log.take().unwrap().close().unwrap().run().unwrap();
                log.open.had_clean_shutdown = true;
            }
            log.disk.corrupt(&path, |bytes| bytes.truncate(2 * batch_size + cut));
            let report = log.reopen().unwrap();
            assert_eq!(log.log().log_end_offset(), Offset(16), "cut after {cut} bytes");
            assert_eq!(report.torn_tail.map(|tail| tail.size), (cut > 0).then_some(cut as u64));
            assert_eq!(log.append(&batch(0, &["next"])), 16);
            assert_eq!(log.records_from(0).len(), 17);
            checked += 1;
        }
    }
    println!("{checked} torn tails were cut");
}

#[test]
fn zeros_or_random_bytes_behind_the_tail_are_cut() {
    let mut random = 7_u64;
    for round in 0..20 {
        for clean in [false, true] {
            let mut log = three_segments();
            if clean {
                log.log.take().unwrap().close().unwrap().run().unwrap();
                log.open.had_clean_shutdown = true;
            }
            log.disk.corrupt(&log.path(LOG_12), |bytes| {
                bytes.extend((0..4096).map(|_| {
                    random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    if round == 0 { 0 } else { (random >> 56) as u8 }
                }));
            });
            let report = log.reopen().unwrap();
            assert_eq!(report.torn_tail.map(|tail| tail.size), Some(4096));
            assert_eq!(log.records_from(0).len(), 18);
            assert_eq!(log.append(&batch(0, &["next"])), 18);
        }
    }
}

#[test]
fn damage_with_valid_batches_behind_it_is_not_cut() {
    for position in [700, 2000] {
        let mut log = three_segments_of(600);
        let records = log.records_from(0);
        let before = log.disk.contents(&log.path(LOG_0)).unwrap();
        log.disk.corrupt(&log.path(LOG_0), |bytes| bytes[position] ^= 4);
        let damaged = log.disk.contents(&log.path(LOG_0)).unwrap();
        let Err(OpenError::Damaged(damage)) = log.restart_uncleanly() else { panic!("it is damaged") };
        let size = before.len() as u64 / 3;
        assert_eq!(damage.position, if position == 700 { size } else { 2 * size });
        assert_eq!(damage.offset, Offset(if position == 700 { 2 } else { 4 }));
        assert_eq!(damage.resumes_at, Offset(if position == 700 { 4 } else { 6 }));
        assert_eq!(log.disk.contents(&log.path(LOG_0)).unwrap(), damaged, "nothing was touched");
        log.disk.corrupt(&log.path(LOG_0), |bytes| *bytes = before);
        log.reopen().unwrap();
        assert_eq!(log.records_from(0), records);
    }
}

#[test]
fn damage_is_cut_if_another_replica_has_what_lies_behind() {
    let mut log = three_segments_of(600);
    log.disk.corrupt(&log.path(LOG_0), |bytes| bytes[700] ^= 4);
    log.open.on_damage = OnDamage::Cut;
    let report = log.restart_uncleanly().unwrap();
    assert_eq!(report.damage.map(|damage| damage.offset), Some(Offset(2)));
    assert_eq!(log.records_from(0).len(), 2);
    assert_eq!(log.append(&batch(0, &["next"])), 2);
    log.restart_uncleanly().unwrap();
    assert_eq!(log.records_from(0).len(), 3);
}

#[test]
fn every_flipped_bit_of_the_last_batch_is_found_or_harmless() {
    let size = three_segments().disk.contents(&three_segments().path(LOG_12)).unwrap().len() as u64;
    let first = size / 3 * 2;
    let (mut cut, mut outside) = (0, 0);
    let mut log = three_segments();
    let path = log.path(LOG_12);
    let good = log.disk.contents(&path).unwrap();
    let records = log.records_from(0);
    for bit in first * 8..size * 8 {
        log.disk.corrupt(&path, |bytes| bytes.clone_from(&good));
        log.disk.flip_bit(&path, bit);
        let report = log.restart_uncleanly().unwrap();
        if report.torn_tail.is_some() {
            assert_eq!(log.records_from(0), records[..16], "bit {bit}");
            cut += 1;
        } else {
            // The CRC leaves out the base offset, here going up, and the leader epoch.
            let byte = bit / 8 - first;
            assert!(byte < 8 || (12..16).contains(&byte), "byte {byte} of the batch");
            outside += 1;
        }
        log.log = None;
        log.reopen().unwrap();
    }
    println!("{cut} flips cut the batch, {outside} are outside of the crc");
    assert!(outside < 12 * 8);
}

#[test]
fn every_flipped_bit_in_the_middle_is_damage_or_outside_of_the_crc() {
    let mut log = three_segments();
    let path = log.path(LOG_0);
    let good = log.disk.contents(&path).unwrap();
    let size = good.len() as u64 / 3;
    let (mut damaged, mut outside) = (0, 0);
    for bit in size * 8..2 * size * 8 {
        log.disk.corrupt(&path, |bytes| bytes.clone_from(&good));
        log.disk.flip_bit(&path, bit);
        match log.restart_uncleanly() {
            Err(OpenError::Damaged(damage)) => {
                assert!([2, 4].contains(&damage.offset.0), "bit {bit}: {damage:?}");
                damaged += 1;
            }
            Ok(_) => {
                let byte = bit / 8 - size;
                assert!((12..16).contains(&byte), "byte {byte} of the batch");
                outside += 1;
            }
            Err(error) => panic!("bit {bit}: {error}"),
        }
        log.disk.corrupt(&path, |bytes| bytes.clone_from(&good));
        log.reopen().unwrap();
    }
    println!("{damaged} flips are damage, {outside} are in the epoch");
    assert_eq!(damaged + outside, size * 8);
}

#[test]
fn a_hole_above_the_recovery_point_is_no_damage() {
    // Batches are larger than a sector.
    let mut log = three_segments_of(600);
    let size = log.disk.contents(&log.path(LOG_12)).unwrap().len() / 3;
    log.open.recovery_point = Offset(14);
    log.disk.corrupt(&log.path(LOG_12), |bytes| bytes[size..2 * size].fill(0));
    let lost = log.reopen().unwrap();
    assert_eq!(lost.torn_tail.map(|tail| tail.size), Some(2 * size as u64));
    assert_eq!(log.log().log_end_offset(), Offset(14));
    let mut log = three_segments_of(600);
    log.open.recovery_point = Offset(15);
    log.disk.corrupt(&log.path(LOG_12), |bytes| bytes[size..2 * size].fill(0));
    assert!(matches!(log.reopen(), Err(OpenError::Damaged(_))), "it had been synced");
}

#[test]
fn a_segment_whose_predecessor_lost_its_end_goes() {
    let mut log = three_segments();
    let size = log.disk.contents(&log.path(LOG_12)).unwrap().len() / 3;
    log.disk.corrupt(&log.path("00000000000000000006.log"), |bytes| bytes.truncate(size));
    log.open.recovery_point = Offset(6);
    let report = log.reopen().unwrap();
    assert!(report.torn_tail.is_some(), "{report}");
    assert_eq!(log.log().log_end_offset(), Offset(8));
    assert_eq!(log.append(&batch(0, &["next"])), 8);
    log.restart_uncleanly().unwrap();
    assert_eq!(log.records_from(0).len(), 9);
}

#[test]
fn a_gap_in_a_log_that_was_compacted_is_no_loss_whatever_its_policy_is_today() {
    let mut log = three_segments();
    let size = log.disk.contents(&log.path(LOG_12)).unwrap().len() / 3;
    log.disk.corrupt(&log.path("00000000000000000006.log"), |bytes| bytes.truncate(size));
    log.open.recovery_point = Offset(6);
    log.open.was_compacted = true;
    let end = three_segments().log().log_end_offset();
    let report = log.reopen().unwrap();
    assert_eq!((report.torn_tail, report.damage), (None, None));
    assert_eq!(log.log().log_end_offset(), end);
}

#[test]
fn derived_files_that_are_gone_empty_or_random_are_made_anew() {
    let derived = |name: &str| !name.ends_with(".log");
    let mut count = 0;
    for clean in [true, false] {
        for change in ["remove", "empty", "random"] {
            let names: Vec<_> = {
                let mut log = with_everything();
                if clean {
                    log.restart_cleanly();
                }
                log.names().into_iter().filter(|name| derived(name)).collect()
            };
            for name in names {
                let mut log = with_everything();
                let expected = everything(&mut log);
                log.open.recovery_point = log.log().recovery_point();
                log.log.take().unwrap().close().unwrap().run().unwrap();
                log.open.had_clean_shutdown = clean;
                let path = log.path(&name);
                if log.disk.contents(&path).is_none() {
                    continue;
                }
                if change == "remove" && name.ends_with(".txnindex") {
                    // No file says that there are no aborted transactions.
                    continue;
                }
                match change {
                    "remove" => drop(log.disk.remove_file(&path).unwrap()),
                    "empty" => log.disk.corrupt(&path, Vec::clear),
                    _ => log.disk.corrupt(&path, |bytes| {
                        let mut random = 99_u64;
                        for byte in bytes.iter_mut() {
                            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                            *byte = (random >> 56) as u8;
                        }
                    }),
                }
                log.reopen().unwrap();
                assert_eq!(everything(&mut log), expected, "{change} {name}, clean: {clean}");
                count += 1;
            }
        }
    }
    println!("{count} derived files were made anew");
    assert!(count > 60, "{count}");
}

/// A log with several segments, epochs, producers and an aborted transaction, the first segments of which are synced.
fn with_everything() -> Fixture {
    use ottla_protocol::record::control::TransactionResult;
    let mut log = Fixture::new(small_segments(700));
    for round in 0..4 {
        log.epoch = round;
        log.append(&batch(i64::from(round) * 100, &["plain", "values"]));
        log.append(&idempotent(1, 0, round * 2, 2));
        log.append(&transactional(2, 0, round, 1));
        log.append(&transactional(3, 0, round, 1));
        let result = if round % 2 == 0 { TransactionResult::Abort } else { TransactionResult::Commit };
        log.mark(&marker(2, 0, result));
        log.mark(&marker(3, 0, TransactionResult::Abort));
        if round == 1 {
            log.flush();
        }
    }
    log
}

/// All that can be asked of a log.
fn everything(log: &mut Fixture) -> String {
    let end = log.log().log_end_offset();
    log.log().on_high_watermark(end);
    let records = log.records_from(0);
    let starts: Vec<_> = (0..end.0).map(|offset| log.read_up_to(offset, end.0, 1).len()).collect();
    let aborted = log.log().aborted_transactions(Offset(0), end).unwrap();
    let mut found = |timestamp| {
        log.log().offset_for_timestamp(ottla_protocol::time::Timestamp(timestamp)).unwrap().run().unwrap()
    };
    let times: Vec<_> = [0, 1, 100, 150, 300, 301].into_iter().map(&mut found).collect();
    let max = log.log().offset_of_max_timestamp().unwrap().run().unwrap();
    let (epochs, producers) = (log.log().leader_epochs().to_vec(), log.log().producers());
    let stable = log.log().last_stable_offset(end);
    let topic_id = log.log().topic_id();
    format!(
        "{records:?} {starts:?} {aborted:?} {times:?} {max:?} {epochs:?} {producers:?} {stable} {topic_id:?}"
    )
}

fn copy(log: &Fixture, from: &str, to: &str) {
    let bytes = log.disk.contents(&log.path(from)).unwrap();
    let file = log.disk.open(&log.path(to), OpenMode::Truncate).unwrap();
    file.write_at(&[std::io::IoSlice::new(&bytes)], 0).unwrap();
}

#[test]
fn leftovers_of_deletion_and_compaction_are_settled() {
    let mut log = three_segments();
    let records = log.records_from(0);
    log.restart_cleanly();
    copy(&log, LOG_12, "00000000000000000003.log.deleted");
    copy(&log, LOG_0, "00000000000000000000.log.cleaned");
    copy(&log, LOG_0, "00000000000000000000.index.cleaned");
    copy(&log, "00000000000000000006.index", "00000000000000000007.index");
    let report = log.reopen().unwrap();
    assert_eq!(report.files_removed, 4);
    assert_eq!(log.records_from(0), records);
}

#[test]
fn an_interrupted_swap_is_finished() {
    let mut log = three_segments();
    log.restart_cleanly();
    // Compaction has made one segment of the first two: here it has kept the first batch and the last.
    let first = log.disk.contents(&log.path(LOG_0)).unwrap();
    let second = log.disk.contents(&log.path("00000000000000000006.log")).unwrap();
    let size = first.len() / 3;
    let swap = [&first[..size], &second[2 * size..]].concat();
    let file = log.disk.open(&log.path("00000000000000000000.log.swap"), OpenMode::Truncate).unwrap();
    file.write_at(&[std::io::IoSlice::new(&swap)], 0).unwrap();
    log.reopen().unwrap();
    let bases: Vec<_> = log.log().segment_base_offsets().map(|base| base.0).collect();
    assert_eq!(bases, [0, 12]);
    let offsets: Vec<_> = log.records_from(0).into_iter().map(|(offset, _)| offset).collect();
    assert_eq!(offsets, [0, 1, 10, 11, 12, 13, 14, 15, 16, 17]);
    assert_eq!(log.read_up_to(5, 18, 1), second[2 * size..], "a reader in the gap gets what follows");
}

#[test]
fn a_swap_of_an_unfinished_split_is_dropped() {
    let mut log = three_segments();
    let records = log.records_from(0);
    log.restart_cleanly();
    copy(&log, LOG_0, "00000000000000000000.log.cleaned");
    copy(&log, LOG_12, "00000000000000000004.log.swap");
    log.reopen().unwrap();
    assert_eq!(log.records_from(0), records);
}

#[test]
fn a_log_that_ends_below_its_start_begins_anew_there() {
    let mut log = three_segments();
    log.open.log_start_offset = Offset(30);
    log.open.recovery_point = Offset(30);
    let report = log.reopen().unwrap();
    assert!(report.started_over);
    assert_eq!((log.log().log_start_offset(), log.log().log_end_offset()), (Offset(30), Offset(30)));
    assert_eq!(log.append(&batch(0, &["a"])), 30);
}

#[test]
fn a_log_start_inside_of_a_segment_is_kept() {
    let mut log = three_segments();
    log.log().advance_log_start_offset(Offset(7));
    log.restart_uncleanly().unwrap();
    assert_eq!(log.log().log_start_offset(), Offset(7));
    assert_eq!(log.log().leader_epochs()[0], EpochEntry { epoch: LeaderEpoch(0), start_offset: Offset(7) });
}

#[test]
fn a_transaction_that_is_aborted_after_a_restart_leaves_those_before_it_in_the_index() {
    let mut log = Fixture::new(small_segments(1 << 20));
    let aborted = |log: &mut Fixture| -> Vec<i64> {
        let end = log.log().log_end_offset();
        let found = log.log().aborted_transactions(Offset(0), end).unwrap();
        found.iter().map(|transaction| transaction.first_offset.0).collect()
    };
    let mut expected = Vec::new();
    for round in 0..6 {
        expected.push(log.append(&transactional(1, 0, round, 1)));
        log.mark(&marker(1, 0, TransactionResult::Abort));
        assert_eq!(aborted(&mut log), expected);
        match round % 3 {
            0 => assert!(log.restart_cleanly().is_clean()),
            1 => log.log().release_files(),
            _ => {
                log.restart_uncleanly().unwrap();
            }
        }
        assert_eq!(aborted(&mut log), expected);
    }
}

#[test]
fn indexes_that_somebody_has_removed_are_made_anew_with_that_of_transactions() {
    let mut log = Fixture::new(small_segments(400));
    let mut expected = Vec::new();
    for round in 0..4 {
        expected.push(log.append(&transactional(1, 0, 2 * round, 2)));
        log.mark(&marker(1, 0, TransactionResult::Abort));
        log.append(&transactional(2, 0, 2 * round, 2));
        log.mark(&marker(2, 0, TransactionResult::Commit));
        log.log().roll(at(0).wall).unwrap();
    }
    log.restart_cleanly();
    log.log = None;
    let names = log.names();
    for name in names.iter().filter(|name| name.ends_with("index")) {
        assert!(log.disk.remove_file(&log.path(name)).unwrap());
    }
    log.reopen().unwrap();
    for _ in 0..2 {
        let end = log.log().log_end_offset();
        let found = log.log().aborted_transactions(Offset(0), end).unwrap();
        assert_eq!(found.iter().map(|found| found.first_offset.0).collect::<Vec<_>>(), expected);
        log.log().release_files();
    }
    log.records_from(0);
    assert!(log.restart_cleanly().is_clean());
    assert_eq!(log.names().iter().filter(|name| name.ends_with(".txnindex")).count(), 4);
}
