//! How the partitions of a transaction are told.

use super::scenario::check;

/// A transaction of `1000/0` on `t-0`, `t-1` and `u-0` that is about to commit; its markers are held.
const PREPARED: &str = r"
        init                    => writes x Empty 1000/0; ok 1000/0
        add 1000/0 t-0 t-1 u-0 tv=2 => writes x Ongoing 1000/0 t-0 t-1 u-0; ok
        markers hold            =>
        commit 1000/0           => writes x PrepareCommit 1000/1 t-0 t-1 u-0; marks commit 1000/1 t-0 t-1 u-0
                                => ok 1000/1
";

#[track_caller]
fn check_prepared(scenario: &str) {
    check(&format!("{PREPARED}{scenario}"));
}

#[test]
fn a_marker_that_was_not_written_is_sent_again() {
    check_prepared(
        r"
        marked t-0=NOT_LEADER_OR_FOLLOWER u-0=UNKNOWN_TOPIC_OR_PARTITION =>
        describe x              => PrepareCommit 1000/1 t-0 u-0
        after 99ms              =>
        after 1ms               => marks commit 1000/1 t-0 u-0
        marked u-0=unanswered   =>
        describe x              => PrepareCommit 1000/1 u-0
        after 100ms             => marks commit 1000/1 u-0
        marked                  => writes x CompleteCommit 1000/1
        describe x              => CompleteCommit 1000/1
    ",
    );
}

#[test]
fn every_error_that_may_pass_is_tried_again() {
    for error in [
        "NOT_ENOUGH_REPLICAS",
        "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
        "REQUEST_TIMED_OUT",
        "KAFKA_STORAGE_ERROR",
        "CLUSTER_AUTHORIZATION_FAILED",
    ] {
        check_prepared(&format!(
            r"
            marked {error}      =>
            after 100ms         => marks commit 1000/1 t-0 t-1 u-0
            marked              => writes x CompleteCommit 1000/1
        "
        ));
    }
}

#[test]
fn a_partition_that_is_gone_or_takes_no_markers_needs_none() {
    check_prepared(
        r"
        marked t-0=gone t-1=UNSUPPORTED_FOR_MESSAGE_FORMAT u-0=UNSUPPORTED_VERSION => writes x CompleteCommit 1000/1
    ",
    );
}

#[test]
fn a_fenced_coordinator_or_producer_sends_no_more() {
    for error in ["TRANSACTION_COORDINATOR_FENCED", "INVALID_PRODUCER_EPOCH"] {
        check_prepared(&format!(
            r"
            marked t-0={error} t-1=NOT_LEADER_OR_FOLLOWER =>
            after 1m            =>
            init                => CONCURRENT_TRANSACTIONS
            restart             => marks commit 1000/1 t-0 t-1 u-0
            marked              => writes x CompleteCommit 1000/1
        "
        ));
    }
}

#[test]
fn a_completion_that_the_log_refuses_is_written_again() {
    check_prepared(
        r"
        log hold                =>
        marked                  => writes x CompleteCommit 1000/1
        log fails NOT_ENOUGH_REPLICAS =>
        init                    => CONCURRENT_TRANSACTIONS
        after 100ms             => writes x CompleteCommit 1000/1
        log takes               =>
        log commits             =>
        log auto                =>
        init                    => writes x Empty 1000/2; ok 1000/2
    ",
    );
}

#[test]
fn markers_of_another_life_are_nobodys() {
    check_prepared(
        r"
        unload                  =>
        marked                  =>
        describe x              => NOT_COORDINATOR
    ",
    );
}
