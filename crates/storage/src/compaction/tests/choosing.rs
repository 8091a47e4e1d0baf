//! Which part of a log is dirty.

use super::*;

/// (first dirty, first uncleanable, is there dirt enough).
fn range(log: &mut Fixture, now: i64) -> (i64, i64, bool) {
    let dirt = log.dirt(now).expect("something in the log");
    (dirt.first_dirty.0, dirt.first_uncleanable.0, dirt.wants_cleaning(0.5))
}

#[test]
fn closed_segments_are_dirty_and_then_clean() {
    let mut log = log_of(compacted(1 << 20), &[&["a", "b"], &["c"]]);
    log.append(&keyed(&[("d", Some("3"))]));
    assert_eq!(range(&mut log, 0), (0, 3, true));
    log.clean(0);
    assert_eq!(range(&mut log, 0), (3, 3, false));
    log.roll();
    let dirt = log.dirt(0).unwrap();
    assert_eq!((dirt.first_dirty, dirt.first_uncleanable), (Offset(3), Offset(4)));
    assert_eq!((dirt.clean_bytes, dirt.dirty_bytes), (3 * dirt.dirty_bytes, dirt.dirty_bytes));
    assert_eq!(dirt.ratio(), 0.25);
    assert!(dirt.wants_cleaning(0.2) && !dirt.wants_cleaning(0.25));
}

#[test]
fn only_topics_that_are_compacted_are() {
    let mut log = log_of(compacted(1 << 20), &[&["a"]]);
    set_config(&mut log, |config| config.cleanup_policy = CleanupPolicy { delete: true, compact: false });
    assert_eq!(log.dirt(0), None);
    set_config(&mut log, |config| config.cleanup_policy = CleanupPolicy { delete: true, compact: true });
    assert_eq!(range(&mut log, 0), (0, 1, true));
    let mut empty = Fixture::new(compacted(1 << 20));
    assert_eq!(empty.dirt(0), None);
}

#[test]
fn an_open_transaction_and_the_high_watermark_bound_it() {
    let mut log = log_of(compacted(1 << 20), &[&["a"], &["b"]]);
    log.append(&in_transaction(1, 0, &[("c", Some("2"))]));
    log.roll();
    log.append(&keyed(&[("d", Some("3"))]));
    log.roll();
    assert_eq!(range(&mut log, 0), (0, 2, true));
    let below = log.log().dirt(Offset(1), Timestamp(0)).unwrap().unwrap();
    assert_eq!(below.first_uncleanable, Offset(1));
    log.mark(&commit(1));
    assert_eq!(range(&mut log, 0), (0, 4, true));
}

#[test]
fn young_segments_wait() {
    let mut log = Fixture::new(compacted(1 << 20));
    for timestamp in [1000, 2000, 1500] {
        log.append(&keyed_with(BatchOptions::default(), timestamp, &[("a", Some("x"))]));
        log.roll();
    }
    set_config(&mut log, |config| config.compaction.min_compaction_lag_ms = 100);
    assert_eq!(log.dirt(1099), None);
    assert_eq!(range(&mut log, 1100), (0, 1, true));
    assert_eq!(range(&mut log, 2099), (0, 1, true), "the third is old enough, but the second is not");
    assert_eq!(range(&mut log, 2100), (0, 3, true));
}

#[test]
fn what_has_waited_too_long_is_compacted_whatever_its_share() {
    let mut log = Fixture::new(compacted(1 << 20));
    for timestamp in [1000, 1000, 1000, 5000] {
        log.append(&keyed_with(BatchOptions::default(), timestamp, &[("a", Some(&"x".repeat(100)))]));
        log.roll();
    }
    log.log().restore_cleaned_up_to(Offset(3));
    assert_eq!(range(&mut log, 9000), (3, 4, false));
    set_config(&mut log, |config| config.compaction.max_compaction_lag_ms = 500);
    assert_eq!(range(&mut log, 5500), (3, 4, false));
    assert_eq!(range(&mut log, 5501), (3, 4, true));
    assert_eq!(log.dirt(5501).unwrap().overdue_ms, 1);
    log.log().restore_cleaned_up_to(Offset(4));
    assert_eq!(range(&mut log, 9999), (4, 4, false), "nothing is dirty");
}

#[test]
fn a_checkpoint_that_cannot_be_counts_for_nothing() {
    let mut log = log_of(compacted(1 << 20), &[&["a", "b"], &["c"]]);
    log.log().restore_cleaned_up_to(Offset(100));
    assert_eq!(range(&mut log, 0), (0, 3, true), "beyond the end");
    log.log().restore_cleaned_up_to(Offset(1));
    log.log().advance_log_start_offset(Offset(2));
    assert_eq!(range(&mut log, 0), (2, 3, false), "below the start");
}

#[test]
fn truncation_makes_what_comes_anew_dirty() {
    let mut log = log_of(compacted(1 << 20), &[&["a", "b"], &["c"]]);
    log.clean(0);
    log.log().truncate_to(Offset(1), Timestamp(0)).unwrap().run(&*log.disk.shared()).unwrap();
    assert_eq!(log.log().cleaned_up_to(), Some(Offset(1)));
    let _ = log.log().truncate_fully_and_start_at(Offset(0), None, Timestamp(0)).unwrap();
    assert_eq!(log.log().cleaned_up_to(), Some(Offset(0)));
}
