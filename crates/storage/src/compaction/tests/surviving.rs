//! Which records stay.

use ottla_protocol::record::{BatchOptions, BatchView, Compression, RecordHeader};
use ottla_protocol::types::LeaderEpoch;

use super::*;

#[test]
fn the_last_record_of_each_key_stays() {
    let mut log = log_of(compacted(1 << 20), &[&["a", "b", "a"], &["b", "c"], &["c"]]);
    log.append(&keyed(&[("a", Some("active"))]));
    let cleaned = log.clean(0);
    assert_eq!((cleaned.first_dirty, cleaned.end_offset), (Offset(0), Offset(6)));
    assert_eq!(log.pairs(), ["a=2", "b=3", "c=5", "a=active"], "the active segment counts for nothing");
    assert_eq!(log.log().segment_count(), 2, "three segments have become one");
    assert_eq!(log.log().cleaned_up_to(), Some(Offset(6)));
    let stats = cleaned.stats;
    assert_eq!((stats.records_read, stats.records_written, stats.keys), (6, 3, 3));
}

#[test]
fn a_batch_keeps_its_offsets_and_gets_gaps() {
    let mut log = Fixture::new(compacted(1 << 20));
    log.epoch = 4;
    log.append(&keyed(&[("a", Some("0")), ("b", Some("1")), ("a", Some("2")), ("c", Some("3"))]));
    log.append(&keyed(&[("b", Some("4"))]));
    log.append(&keyed(&[("c", Some("5"))]));
    log.roll();
    log.clean(0);
    assert_eq!(log.shapes(), [(0, 3, 1), (4, 4, 1), (5, 5, 1)]);
    assert_eq!(log.pairs(), ["a=2", "b=4", "c=5"]);
    let first = log.batches().remove(0);
    assert_eq!(BatchView::first_of(&first).unwrap().header().leader_epoch, LeaderEpoch(4));
}

#[test]
fn what_stays_is_found_by_offset_and_time_and_survives_restarts() {
    let mut log = Fixture::new(compacted(1 << 20));
    for at in 0..40_i64 {
        let (key, value) = (format!("k{}", at % 7), at.to_string());
        log.append(&keyed_with(BatchOptions::default(), 1000 + at, &[(&key, Some(&value))]));
        if at % 10 == 9 {
            log.roll();
        }
    }
    log.clean(0);
    let expected: Vec<String> = (33..40).map(|at| format!("k{}={at}", at % 7)).collect();
    for restart in ["none", "clean", "unclean"] {
        assert_eq!(log.pairs(), expected, "{restart}");
        for offset in 0..40 {
            let bytes = log.read_up_to(offset, 40, 1);
            let header = *BatchView::first_of(&bytes).unwrap().header();
            assert_eq!(header.base_offset.0, offset.max(33), "{restart}");
            let found = log.log().offset_for_timestamp(Timestamp(1000 + offset)).unwrap().run().unwrap();
            assert_eq!(found.unwrap().offset.0, offset.max(33), "{restart}");
        }
        match restart {
            "none" => assert!(log.restart_cleanly().is_clean()),
            _ => {
                log.restart_uncleanly().unwrap();
            }
        }
    }
}

#[test]
fn a_tombstone_goes_when_its_delete_horizon_has_come() {
    let mut log = Fixture::new(compacted(1 << 20));
    log.append(&keyed(&[("a", Some("0")), ("b", Some("1"))]));
    log.append(&keyed(&[("a", None)]));
    log.append(&keyed(&[("c", Some("3"))]));
    log.roll();
    log.clean(5000);
    assert_eq!(log.pairs(), ["b=1", "a=-", "c=3"]);
    let horizons = |log: &mut Fixture| -> Vec<_> {
        let horizon = |batch: &Vec<u8>| BatchView::first_of(batch).unwrap().header().delete_horizon();
        log.batches().iter().map(horizon).collect()
    };
    assert_eq!(horizons(&mut log), [None, Some(Timestamp(6000)), None]);
    // It is set once, and counts from then on.
    for (now, pairs) in [(5999, vec!["b=1", "a=-", "c=3", "d=4"]), (6000, vec!["b=1", "c=3", "d=5"])] {
        let value = log.log().log_end_offset().to_string();
        log.append(&keyed(&[("d", Some(&value))]));
        log.roll();
        log.clean(now);
        assert_eq!(log.pairs(), pairs, "at {now}");
    }
}

#[test]
fn timestamps_stay_what_they_were_under_a_delete_horizon() {
    let mut log = Fixture::new(compacted(1 << 20));
    let options = BatchOptions { compression: Compression::Zstd, ..BatchOptions::default() };
    log.append(&keyed_with(options, 777, &[("a", None), ("b", Some("1")), ("b", Some("2"))]));
    log.roll();
    log.clean(5000);
    let batch = log.batches().remove(0);
    let batch = BatchView::first_of(&batch).unwrap();
    let header = *batch.header();
    assert_eq!((header.base_timestamp, header.max_timestamp), (Timestamp(6000), Timestamp(777)));
    let plain = batch.uncompressed_records(1000).unwrap();
    for record in records(&plain, header.record_count) {
        assert_eq!(record.unwrap().timestamp(&header), Timestamp(777));
    }
}

#[test]
fn codec_headers_and_append_time_stay() {
    for compression in Compression::ALL {
        let mut log = Fixture::new(compacted(1 << 20));
        let options =
            BatchOptions { compression, log_append_time: Some(Timestamp(99)), ..BatchOptions::default() };
        let mut builder = BatchBuilder::new(options);
        let headers = [RecordHeader { key: b"h", value: None }, RecordHeader { key: b"", value: Some(b"x") }];
        for value in ["0", "1"] {
            builder.append(Timestamp(5), Some(b"key"), Some(value.as_bytes()), &headers).unwrap();
        }
        log.append(&builder.build());
        log.roll();
        log.clean(0);
        let batch = log.batches().remove(0);
        let batch = BatchView::first_of(&batch).unwrap();
        let header = *batch.header();
        assert_eq!(header.attributes.compression(), Ok(compression));
        assert_eq!(header.log_append_time(), Some(Timestamp(99)));
        let plain = batch.uncompressed_records(1000).unwrap();
        let found: Vec<_> = records(&plain, header.record_count).map(|record| record.unwrap()).collect();
        assert_eq!((found.len(), found[0].offset(&header)), (1, Offset(1)));
        assert_eq!(found[0].headers.collect::<Vec<_>>(), headers);
    }
}

#[test]
fn records_without_a_key_go() {
    let mut log = Fixture::new(compacted(1 << 20));
    log.append(&keyed(&[("", Some("0")), ("a", Some("1")), ("", None)]));
    log.append(&keyed(&[("b", Some("3"))]));
    log.roll();
    let cleaned = log.clean(0);
    assert_eq!((log.pairs(), cleaned.stats.records_without_key), (vec!["a=1".into(), "b=3".into()], 2));
}

#[test]
fn the_last_batch_of_a_round_and_of_a_producer_keep_their_headers() {
    let mut log = Fixture::new(compacted(1 << 20));
    log.append(&of_producer(1, 0, &[("a", Some("0"))]));
    log.append(&of_producer(1, 1, &[("a", Some("1")), ("b", Some("2"))]));
    log.append(&of_producer(2, 0, &[("a", Some("3"))]));
    log.append(&keyed(&[("b", Some("4"))]));
    log.append(&keyed(&[("", Some("5"))]));
    log.roll();
    let before = log.log().producers();
    log.clean(0);
    assert_eq!(log.shapes(), [(1, 2, 0), (3, 3, 1), (4, 4, 1), (5, 5, 0)]);
    log.restart_uncleanly().unwrap();
    assert_eq!(log.log().producers(), before, "sequences are known from what is left");
    // The next round lets the end of this one go, but not the producer's.
    log.append(&keyed(&[("c", Some("6"))]));
    log.roll();
    log.clean(0);
    assert_eq!(log.shapes(), [(1, 2, 0), (3, 3, 1), (4, 4, 1), (6, 6, 1)]);
    // A producer that has been forgotten is not remembered for the log's sake.
    log.log().expire_producers(Timestamp(i64::MAX));
    log.append(&keyed(&[("d", Some("7"))]));
    log.roll();
    log.clean(0);
    assert_eq!(log.shapes(), [(3, 3, 1), (4, 4, 1), (6, 6, 1), (7, 7, 1)]);
}

#[test]
fn batches_without_change_stay_byte_for_byte() {
    let mut log = log_of(compacted(1 << 20), &[&["a", "b", "c"], &["d"]]);
    let before = log.batches();
    log.clean(0);
    assert_eq!(log.batches(), before);
}

#[test]
fn a_full_map_ends_the_round_early_and_the_next_one_goes_on() {
    let mut log = log_of(compacted(1 << 20), &[&["a", "b", "a"], &["c", "d", "a"], &["b", "e"]]);
    // Room for three keys.
    let small = CleanerOptions { dedupe_buffer_size: 6 * 24, load_factor: 0.5, ..OPTIONS };
    let cleaned = log.clean_with(0, small).unwrap();
    assert_eq!(cleaned.end_offset, Offset(4), "d is one key too many");
    assert_eq!(log.pairs(), ["b=1", "a=2", "c=3", "d=4", "a=5", "b=6", "e=7"]);
    assert_eq!(log.clean_with(0, small).unwrap().end_offset, Offset(7), "and e again");
    assert_eq!(log.clean_with(0, small).unwrap().end_offset, Offset(8));
    assert_eq!(log.pairs(), ["c=3", "d=4", "a=5", "b=6", "e=7"]);
}

#[test]
fn a_large_batch_is_read_whole() {
    let mut log = Fixture::new(compacted(1 << 20));
    let value = "v".repeat(5000);
    log.append(&keyed(&[("a", Some(&value)), ("b", Some("1"))]));
    log.append(&keyed(&[("b", Some(&value))]));
    log.roll();
    log.clean(0);
    assert_eq!(log.pairs(), [format!("a={value}"), format!("b={value}")]);
}

#[test]
fn groups_are_no_larger_than_a_segment() {
    let keys: Vec<String> = (0..40).map(|key| format!("key {key}")).collect();
    let mut log = Fixture::new(compacted(700));
    for key in &keys {
        log.append(&keyed(&[(key, Some("value"))]));
    }
    log.roll();
    let count = log.log().segment_count();
    log.clean(0);
    assert_eq!(log.log().segment_count(), count, "full ones stay full");
    // The keys of the later half anew: the segments of their old records are empty, and merge with their neighbours.
    for key in &keys[20..] {
        log.append(&keyed(&[(key, Some("again"))]));
    }
    log.roll();
    log.clean(0);
    log.append(&keyed(&[("end", Some("x"))]));
    log.roll();
    log.clean(0);
    assert!(log.log().segment_count() <= count + 2, "{} segments", log.log().segment_count());
    assert_eq!(log.pairs().len(), 41);
}

#[test]
fn a_batch_that_nobody_can_write_anew_stays_as_it_is() {
    let mut bytes = keyed(&[("a", Some("0")), ("b", Some("1"))]);
    let mut header = *BatchView::first_of(&bytes).unwrap().header();
    // Of a transaction, but of no producer.
    header.attributes = header.attributes.with_transactional();
    let records = bytes.split_off(61);
    header.seal(&records);
    let bytes = [&header.to_bytes()[..], &records].concat();
    let mut log = Fixture::new(compacted(1 << 20));
    log.append(&bytes);
    log.append(&keyed(&[("a", Some("2"))]));
    log.roll();
    log.clean(0);
    assert_eq!(log.pairs(), ["a=0", "b=1", "a=2"]);
    assert_eq!(log.shapes(), [(0, 1, 2), (2, 2, 1)]);
}
