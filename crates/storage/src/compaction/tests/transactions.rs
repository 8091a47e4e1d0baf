//! What becomes of transactions.

use super::*;
use crate::layout::FileName;

fn aborted(log: &mut Fixture) -> Vec<(i64, i64)> {
    let end = log.log().log_end_offset();
    let found = log.log().aborted_transactions(Offset(0), end).unwrap();
    found.iter().map(|found| (found.producer_id.0, found.first_offset.0)).collect()
}

/// Something to compact behind everything else.
fn end_round(log: &mut Fixture, now: i64) {
    log.append(&keyed(&[("end", Some("x"))]));
    log.roll();
    log.clean(now);
}

#[test]
fn aborted_records_go_at_once_and_the_marker_later() {
    let mut log = Fixture::new(compacted(1 << 20));
    log.append(&keyed(&[("a", Some("0"))]));
    log.append(&in_transaction(1, 0, &[("a", Some("1")), ("b", Some("2"))]));
    log.append(&in_transaction(1, 2, &[("c", Some("3"))]));
    log.mark(&abort(1));
    log.append(&keyed(&[("d", Some("5"))]));
    log.roll();
    log.clean(5000);
    assert_eq!(log.pairs(), ["a=0", "d=5"]);
    // The producer's last batch is left, emptied; so its marker is needed and indexed.
    assert_eq!(log.shapes(), [(0, 0, 1), (3, 3, 0), (4, 4, 1), (5, 5, 1)]);
    assert_eq!(aborted(&mut log), [(1, 1)]);
    // The producer goes on: what was its last batch is not any more, and goes.
    log.append(&in_transaction(1, 3, &[("c", Some("6"))]));
    log.mark(&commit(1));
    end_round(&mut log, 6000);
    assert_eq!(log.pairs(), ["a=0", "d=5", "c=6", "end=x"]);
    assert_eq!(log.shapes()[1], (4, 4, 1), "its marker is the only trace of the transaction");
    for now in [7000, 7999] {
        end_round(&mut log, now);
        assert_eq!(log.shapes()[1], (4, 4, 1), "it stays until readers have had time to see it");
        assert_eq!(aborted(&mut log), [], "nothing of the transaction is left to be skipped");
    }
    end_round(&mut log, 8000);
    assert_eq!(log.shapes()[..4], [(0, 0, 1), (5, 5, 1), (6, 6, 1), (7, 7, 1)]);
}

#[test]
fn committed_records_are_compacted_by_key_and_their_marker_stays_with_them() {
    let mut log = Fixture::new(compacted(1 << 20));
    log.append(&in_transaction(1, 0, &[("a", Some("0")), ("b", Some("1"))]));
    log.mark(&commit(1));
    log.append(&in_transaction(2, 0, &[("a", Some("3"))]));
    log.mark(&commit(2));
    end_round(&mut log, 0);
    assert_eq!(log.pairs(), ["b=1", "a=3", "end=x"]);
    log.append(&keyed(&[("b", Some("6"))]));
    log.log().expire_producers(Timestamp(i64::MAX));
    end_round(&mut log, 5000);
    assert_eq!(log.shapes(), [(2, 2, 1), (3, 3, 1), (4, 4, 1), (6, 6, 1), (7, 7, 1)]);
    for now in [6000, 6999] {
        end_round(&mut log, now);
        assert_eq!(log.shapes()[..3], [(2, 2, 1), (3, 3, 1), (4, 4, 1)]);
    }
    end_round(&mut log, 7000);
    assert_eq!(log.shapes()[..3], [(3, 3, 1), (4, 4, 1), (6, 6, 1)], "the first marker is gone");
}

#[test]
fn a_transaction_across_segments_and_groups_is_one() {
    for segment_bytes in [1 << 20, 400] {
        let mut log = Fixture::new(compacted(segment_bytes));
        log.append(&in_transaction(1, 0, &[("a", Some("0")), ("x", Some("1"))]));
        log.roll();
        log.append(&in_transaction(2, 0, &[("a", Some("2"))]));
        log.append(&in_transaction(1, 2, &[("b", Some("3"))]));
        log.roll();
        log.append(&in_transaction(1, 3, &[("c", Some("4"))]));
        log.mark(&commit(2));
        log.roll();
        log.mark(&abort(1));
        end_round(&mut log, 0);
        assert_eq!(log.pairs(), ["a=2", "end=x"]);
        assert_eq!(aborted(&mut log), [(1, 0)]);
        let report = log.restart_cleanly();
        assert!(report.is_clean(), "{report}");
        assert_eq!(aborted(&mut log), [(1, 0)]);
        log.restart_uncleanly().unwrap();
        assert_eq!(aborted(&mut log), [(1, 0)], "made anew from what is left");
    }
}

#[test]
fn a_marker_in_the_active_segment_decides() {
    let mut log = Fixture::new(compacted(1 << 20));
    log.append(&in_transaction(1, 0, &[("a", Some("0"))]));
    log.append(&keyed(&[("b", Some("1"))]));
    log.roll();
    log.mark(&abort(1));
    log.append(&in_transaction(1, 1, &[("c", Some("3"))]));
    log.mark(&commit(1));
    assert_eq!(log.dirt(0).unwrap().first_uncleanable, Offset(2));
    log.clean(0);
    assert_eq!(log.pairs(), ["b=1", "c=3"]);
}

#[test]
fn a_missing_transaction_index_is_found_and_made_anew() {
    let mut log = Fixture::new(compacted(1 << 20));
    log.append(&in_transaction(1, 0, &[("a", Some("0"))]));
    log.mark(&abort(1));
    log.append(&keyed(&[("b", Some("2"))]));
    log.roll();
    log.flush();
    log.restart_cleanly();
    log.log = None;
    let index = FileName::live(Offset(0), FileKind::TransactionIndex).to_string();
    assert!(log.disk.remove_file(&log.path(&index)).unwrap());
    log.reopen().unwrap();
    let before = log.batches();
    let error = log.clean_with(0, OPTIONS).unwrap_err();
    assert!(matches!(error, CleanError::TransactionIndex { base_offset: Offset(0) }), "{error}");
    assert_eq!(log.batches(), before, "nothing is lost");
    assert!(!log.names().iter().any(|name| name.ends_with(".cleaned")), "{:?}", log.names());
    log.log().recover_transaction_index(Offset(0)).unwrap();
    log.clean(0);
    assert_eq!(log.pairs(), ["b=2"]);
    assert_eq!(aborted(&mut log), [(1, 0)]);
}
