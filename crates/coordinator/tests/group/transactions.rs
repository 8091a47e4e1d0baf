//! Offsets that are part of a transaction.

use super::scenario::check;

#[test]
fn a_transactional_commit_counts_from_the_marker_on() {
    check(
        r"
        commit t-0=1                    => writes g t-0=1; commit t-0=1: ok
        txn t-0=5 t-1=6 pid=1           => writes pid 1 g t-0=5; writes pid 1 g t-1=6; txn t-0=5: ok ok
        fetch t-0 t-1                   => fetch t-0: t-0=1 t-1=-1
        fetch t-0 t-1 t-2 stable        => fetch t-0: t-0 UNSTABLE_OFFSET_COMMIT t-1 UNSTABLE_OFFSET_COMMIT t-2=-1
        fetch all stable                => fetch all: t-0 UNSTABLE_OFFSET_COMMIT
        marker pid=1 commit             => writes pid 1 commit; marker commit: ok
        fetch t-0 t-1 stable            => fetch t-0: t-0=5 t-1=6
    ",
    );
}

#[test]
fn an_aborted_commit_never_was() {
    check(
        r"
        commit t-0=1                    => writes g t-0=1; commit t-0=1: ok
        txn t-0=5 pid=1                 => writes pid 1 g t-0=5; txn t-0=5: ok
        marker pid=1 abort              => writes pid 1 abort; marker abort: ok
        fetch t-0 stable                => fetch t-0: t-0=1
    ",
    );
}

#[test]
fn a_marker_is_of_one_producer() {
    check(
        r"
        txn t-0=5 pid=1                 => writes pid 1 g t-0=5; txn t-0=5: ok
        txn t-0=6 pid=2                 => writes pid 2 g t-0=6; txn t-0=6: ok
        marker pid=2 commit             => writes pid 2 commit; marker commit: ok
        fetch t-0 stable                => fetch t-0: t-0 UNSTABLE_OFFSET_COMMIT
        fetch t-0                       => fetch t-0: t-0=6
        # The commit that is logged first is the older one, whenever its marker comes.
        marker pid=1 commit             => writes pid 1 commit; marker commit: ok
        fetch t-0 stable                => fetch t-0: t-0=6
        marker pid=9 commit             => writes pid 9 commit; marker commit: ok
    ",
    );
}

#[test]
fn a_plain_commit_after_a_transactional_one_is_the_newer() {
    check(
        r"
        txn t-0=5 pid=1                 => writes pid 1 g t-0=5; txn t-0=5: ok
        commit t-0=9                    => writes g t-0=9; commit t-0=9: ok
        marker pid=1 commit             => writes pid 1 commit; marker commit: ok
        fetch t-0                       => fetch t-0: t-0=9
        restart                         =>
        fetch t-0                       => fetch t-0: t-0=9
    ",
    );
}

#[test]
fn open_transactions_survive_a_restart() {
    check(
        r"
        txn t-0=5 pid=1                 => writes pid 1 g t-0=5; txn t-0=5: ok
        txn t-1=6 pid=2                 => writes pid 2 g t-1=6; txn t-1=6: ok
        marker pid=2 commit             => writes pid 2 commit; marker commit: ok
        restart                         =>
        fetch t-0 t-1 stable            => fetch t-0: t-0 UNSTABLE_OFFSET_COMMIT t-1=6
        list                            => list: g Empty classic
        marker pid=1 commit             => writes pid 1 commit; marker commit: ok
        fetch t-0 stable                => fetch t-0: t-0=5
    ",
    );
}

#[test]
fn deletion_ends_what_transactions_have_committed() {
    check(
        r"
        txn t-0=5 pid=1                 => writes pid 1 g t-0=5; txn t-0=5: ok
        offset-delete t-0               => writes g t-0 gone; offset-delete t-0: ok
        fetch t-0 stable                => fetch t-0: t-0=-1
        txn t-0=5 u-0=6 pid=1           => writes pid 1 g t-0=5; writes pid 1 g u-0=6; txn t-0=5: ok ok
        topic-deleted t id=7            => writes g t-0 gone
        delete g                        => writes g u-0 gone; writes g gone; delete g: ok
        marker pid=1 commit             => writes pid 1 commit; marker commit: ok
        fetch all                       => fetch all: nothing
    ",
    );
}

#[test]
fn nothing_expires_under_an_open_transaction() {
    check(
        r"
        config retention=1m check=1m
        commit t-0=1                    => writes g t-0=1; commit t-0=1: ok
        txn t-0=5 pid=1                 => writes pid 1 g t-0=5; txn t-0=5: ok
        after 10m                       =>
        marker pid=1 abort              => writes pid 1 abort; marker abort: ok
        after 1m                        => writes g t-0 gone; writes g gone
    ",
    );
}

#[test]
fn batches_of_transactions_and_plain_ones_keep_their_order() {
    check(
        r"
        log hold                        =>
        round commit t-0=1 / txn t-0=2 pid=1 / txn t-1=3 pid=1 / marker pid=1 commit / commit t-2=4 => writes g t-0=1
        log takes                       => writes pid 1 g t-0=2; writes pid 1 g t-1=3
        log takes                       => writes pid 1 commit
        log takes                       => writes g t-2=4
        log takes                       =>
        log commits                     => commit t-0=1: ok; txn t-0=2: ok; txn t-1=3: ok; marker commit: ok
                                        => commit t-2=4: ok
        fetch all                       => fetch all: t-0=2 t-1=3 t-2=4
    ",
    );
}

#[test]
fn a_fetch_of_stable_offsets_waits_for_what_was_committed_before() {
    check(
        r"
        log slow                        =>
        txn t-0=5 pid=1                 => writes pid 1 g t-0=5
        fetch t-0 stable                =>
        marker pid=1 commit             => writes pid 1 commit
        fetch t-0 stable                =>
        commit t-0=7                    => writes g t-0=7
        log commits                     => txn t-0=5: ok; fetch t-0: t-0 UNSTABLE_OFFSET_COMMIT
                                        => marker commit: ok; fetch t-0: t-0=5; commit t-0=7: ok
        log hold                        =>
        commit t-0=8                    => writes g t-0=8
        fetch t-0 stable                =>
        log fails NOT_ENOUGH_REPLICAS   => commit t-0=8: COORDINATOR_NOT_AVAILABLE; fetch t-0: NOT_COORDINATOR
        commit t-0=8                    => writes g t-0=8
        fetch t-0 stable                =>
        after 5s                        => commit t-0=8: COORDINATOR_NOT_AVAILABLE; fetch t-0: NOT_COORDINATOR
    ",
    );
}
