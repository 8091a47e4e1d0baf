use ottla_protocol::record::{Compression, batches};
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{LeaderEpoch, Offset};

use crate::log::{CachedRead, ReadError, ReadRequest, TimestampedOffset};
use crate::testing::*;

fn request(offset: i64, upper_bound: i64, max_bytes: u32) -> ReadRequest {
    ReadRequest { offset: Offset(offset), upper_bound: Offset(upper_bound), max_bytes, min_one_batch: true }
}

/// Twenty batches of three records each, in segments of four batches.
fn twenty_batches() -> Fixture {
    let values = |index: i64| ["x", "y", "z"].map(|value| format!("{value}{index}"));
    let size = batch(0, &["x10", "y10", "z10"]).len() as u32;
    let mut log = Fixture::new(small_segments(4 * size));
    for index in 10..30 {
        log.append(&batch(index * 100, &values(index).each_ref().map(String::as_str)));
    }
    log
}

fn base_offsets(bytes: &[u8]) -> Vec<i64> {
    batches(bytes).filter_map(Result::ok).map(|batch| batch.header().base_offset.0).collect()
}

#[test]
fn every_offset_is_found_in_its_batch() {
    let mut log = twenty_batches();
    for round in 0..2 {
        for offset in 0..60 {
            let bytes = log.read_up_to(offset, 60, 1);
            assert_eq!(base_offsets(&bytes), [offset / 3 * 3], "offset {offset} in round {round}");
        }
        log.restart_cleanly();
    }
}

#[test]
fn a_read_ends_at_its_bounds() {
    let mut log = twenty_batches();
    let size = log.read_up_to(0, 60, 1).len() as u32;
    let mut offsets = |offset, bound, max| base_offsets(&log.read_up_to(offset, bound, max));
    assert_eq!(offsets(0, 60, 1000), [0, 3, 6, 9], "at the segment's end");
    assert_eq!(offsets(0, 6, 1000), [0, 3], "at the upper bound");
    assert_eq!(offsets(0, 7, 1000), [0, 3], "before the batch that the upper bound is in");
    assert_eq!(offsets(4, 60, 2 * size), [3, 6]);
    assert_eq!(offsets(4, 60, 2 * size + 70), [3, 6], "the last one is cut");
    assert_eq!(offsets(57, 58, 1000), [0_i64; 0]);
    assert_eq!(log.read_up_to(4, 60, 2 * size + 70).len() as u32, 2 * size + 70);
    assert!(log.read_up_to(60, 60, 1000).is_empty());
    assert!(log.read_up_to(59, 30, 1000).is_empty());
}

#[test]
fn a_small_read_is_cut_unless_one_batch_is_asked_for() {
    let mut log = twenty_batches();
    let region =
        log.log().read(&ReadRequest { min_one_batch: false, ..request(0, 60, 10) }).unwrap().unwrap();
    assert_eq!((region.size, region.first_batch_is_cut), (10, true));
    let none = log.log().read(&ReadRequest { min_one_batch: false, ..request(0, 60, 0) }).unwrap();
    assert!(none.is_none());
    let region = log.log().read(&request(0, 60, 10)).unwrap().unwrap();
    assert_eq!((region.size > 60, region.first_batch_is_cut, region.end_offset), (true, false, Offset(12)));
}

#[test]
fn offsets_outside_of_the_log_are_refused() {
    let mut log = twenty_batches();
    assert!(log.log().advance_log_start_offset(Offset(5)));
    for offset in [-1, 0, 4, 61, i64::MAX] {
        let error = log.log().read(&request(offset, 60, 1)).unwrap_err();
        assert!(matches!(error, ReadError::OffsetOutOfRange { .. }), "{offset}: {error}");
    }
    assert!(log.log().read(&request(5, 60, 1)).unwrap().is_some());
}

#[test]
fn the_log_end_is_read_without_a_look_at_the_disk() {
    let mut log = twenty_batches();
    log.read_up_to(58, 60, 1000);
    let before = log.disk.operations();
    for bound in 58..=60 {
        log.log().read(&request(57, bound, 1000)).unwrap();
    }
    assert_eq!(log.disk.operations(), before);
}

#[test]
fn a_reader_that_goes_on_reads_one_header_a_time() {
    let mut log = twenty_batches();
    log.restart_cleanly();
    log.read_up_to(0, 60, 1);
    let before = log.disk.operations();
    log.log().read(&request(3, 60, 1)).unwrap();
    assert_eq!(log.disk.operations() - before, 1);
}

#[test]
fn a_cold_read_says_what_to_fetch() {
    let mut log = twenty_batches();
    log.restart_cleanly();
    log.disk.evict();
    for offset in 0..60 {
        let mut waits = 0;
        loop {
            match log.log().read_cached(&request(offset, 60, 1)).unwrap() {
                CachedRead::Cold(cold) => {
                    cold.run().unwrap();
                    waits += 1;
                    assert!(waits < 5, "no end of it at {offset}");
                }
                CachedRead::Region(region) => {
                    assert_eq!(region.base_offset, Offset(offset / 3 * 3));
                    break;
                }
                CachedRead::Empty => panic!("{offset} is there"),
            }
        }
        log.disk.evict();
        log.log().release_files();
    }
    assert!(matches!(log.log().read_cached(&request(60, 60, 1)).unwrap(), CachedRead::Empty));
}

#[test]
fn a_region_whose_records_are_cold_is_not_given_to_who_must_not_wait() {
    let mut log = twenty_batches();
    log.restart_cleanly();
    let whole = log.log().read(&request(0, 60, 1_000_000)).unwrap().unwrap();
    // The index and the places of the batches are known by now.
    log.disk.evict();
    let CachedRead::Cold(cold) = log.log().read_cached(&request(0, 60, 1_000_000)).unwrap() else {
        panic!("the records are not in the page cache");
    };
    cold.run().unwrap();
    let CachedRead::Region(region) = log.log().read_cached(&request(0, 60, 1_000_000)).unwrap() else {
        panic!("they have been read");
    };
    assert_eq!((region.position, region.size), (whole.position, whole.size));
}

#[test]
fn what_was_just_written_is_not_asked_for_in_the_page_cache() {
    let mut log = twenty_batches();
    let before = log.disk.operations();
    let read = log.log().read_cached(&request(57, 60, 1_000_000)).unwrap();
    assert!(matches!(read, CachedRead::Region(_)));
    assert_eq!(log.disk.operations(), before);
}

#[test]
fn readers_keep_what_they_found_when_the_segment_is_deleted() {
    let mut log = twenty_batches();
    let region = log.log().read(&request(0, 60, 1000)).unwrap().unwrap();
    log.log().advance_log_start_offset(Offset(12));
    let retained = log.log().delete_old_segments(Offset(60), at(0).wall).unwrap();
    retained.unlink.run(&*log.disk.shared()).unwrap();
    let mut bytes = vec![0; region.size as usize];
    region.file.read_at(&mut bytes, region.position).unwrap();
    assert_eq!(base_offsets(&bytes), [0, 3, 6, 9]);
}

fn found(timestamp: i64, offset: i64) -> Option<TimestampedOffset> {
    let leader_epoch = Some(LeaderEpoch(0));
    Some(TimestampedOffset { timestamp: Timestamp(timestamp), offset: Offset(offset), leader_epoch })
}

fn search(log: &mut Fixture, timestamp: i64) -> Option<TimestampedOffset> {
    log.log().offset_for_timestamp(Timestamp(timestamp)).unwrap().run().unwrap()
}

#[test]
fn the_first_record_of_a_time_is_found() {
    let mut log = twenty_batches();
    for round in 0..3 {
        assert_eq!(search(&mut log, 0), found(1000, 0));
        for index in 10..30 {
            let offset = (index - 10) * 3;
            assert_eq!(search(&mut log, index * 100), found(index * 100, offset), "round {round}");
            assert_eq!(search(&mut log, index * 100 - 99), found(index * 100, offset));
        }
        assert_eq!(search(&mut log, 2901), None);
        let max = log.log().offset_of_max_timestamp().unwrap().run().unwrap();
        assert_eq!(max, found(2900, 57));
        match round {
            0 => drop(log.restart_cleanly()),
            _ => drop(log.restart_uncleanly().unwrap()),
        }
    }
}

#[test]
fn a_record_is_found_inside_of_its_batch() {
    for compression in Compression::ALL {
        let mut log = Fixture::new(small_segments(10_000));
        log.append(&compressed(compression, 50, &["a"]));
        let options = ottla_protocol::record::BatchOptions { compression, ..Default::default() };
        let mut builder = ottla_protocol::record::BatchBuilder::new(options);
        for timestamp in [100, 300, 200, 300] {
            builder.append(Timestamp(timestamp), None, Some(b"v"), &[]).unwrap();
        }
        log.append(&builder.build());
        assert_eq!(search(&mut log, 200), found(300, 2), "{compression:?}");
        assert_eq!(search(&mut log, 60), found(100, 1));
        let max = log.log().offset_of_max_timestamp().unwrap().run().unwrap();
        assert_eq!(max, found(300, 2), "the first of several");
        log.log().advance_log_start_offset(Offset(3));
        assert_eq!(search(&mut log, 60), found(200, 3), "not below the log start");
    }
}

#[test]
fn an_empty_log_has_no_record_of_any_time() {
    let mut log = Fixture::new(small_segments(10_000));
    assert_eq!(search(&mut log, 0), None);
    assert_eq!(log.log().offset_of_max_timestamp().unwrap().run().unwrap(), None);
}

#[test]
fn timestamps_that_go_back_are_searched_from_the_beginning_on() {
    let mut log = Fixture::new(small_segments(400));
    for timestamp in [500, 100, 700, 200, 600, 650] {
        log.append(&batch(timestamp, &["some value of a few bytes"]));
    }
    assert!(log.log().segment_count() > 1);
    assert_eq!(search(&mut log, 150), found(500, 0));
    assert_eq!(search(&mut log, 501), found(700, 2));
    assert_eq!(search(&mut log, 701), None);
}

/// Found by the comparison with the model: a segment that was rolled while its indexes were let go of had no time index entry
/// for its largest timestamp.
#[test]
fn the_largest_timestamp_is_indexed_whatever_was_released() {
    let mut config = small_segments(400);
    config.index_interval_bytes = 4096;
    let mut log = Fixture::new(config);
    log.append(&batch(0, &["a"]));
    log.append(&batch(0, &["b"]));
    drop(log.log().truncate_to(Offset(1), at(0).wall).unwrap());
    log.append(&batch(700, &["c"]));
    log.append(&batch(0, &["d"]));
    log.log().release_files();
    log.append(&batch(
        0,
        &["this one begins the next segment, for it is long enough for that", &"e".repeat(150)],
    ));
    assert_eq!(log.log().segment_count(), 2);
    log.restart_cleanly();
    assert_eq!(search(&mut log, 1), found(700, 1));
}
