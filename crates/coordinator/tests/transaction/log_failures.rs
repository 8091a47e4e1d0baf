//! What is promised waits for the log; what the log refuses never was.

use super::scenario::check;

#[test]
fn a_refused_step_never_was() {
    check(
        r"
        log hold                =>
        init                    => writes x Empty 1000/0
        log fails NOT_ENOUGH_REPLICAS => COORDINATOR_NOT_AVAILABLE
        list                    => ok
        init                    => writes x Empty 1001/0
        log takes               =>
        log commits             => ok 1001/0
        add 1001/0 t-0 tv=2     => writes x Ongoing 1001/0 t-0
        log fails NOT_LEADER_OR_FOLLOWER => NOT_COORDINATOR
        describe x              => Empty 1001/0
        add 1001/0 t-0 tv=2     => writes x Ongoing 1001/0 t-0
        log takes               =>
        log commits             => ok
        commit 1001/0           => writes x PrepareCommit 1001/1 t-0
        log fails MESSAGE_TOO_LARGE => UNKNOWN_SERVER_ERROR
        commit 1001/0           => writes x PrepareCommit 1001/1 t-0
        log fails KAFKA_STORAGE_ERROR => NOT_COORDINATOR
        # A fence.
        init                    => writes x PrepareAbort 1001/1 t-0
        log fails NOT_ENOUGH_REPLICAS_AFTER_APPEND => COORDINATOR_NOT_AVAILABLE
        verify 1001/0 t-0       => ok
        commit 1001/0           => writes x PrepareCommit 1001/1 t-0
        log takes               =>
        log commits             => marks commit 1001/1 t-0; ok 1001/1; writes x CompleteCommit 1001/1
    ",
    );
}

#[test]
fn a_response_waits_no_longer_than_the_append_timeout() {
    check(
        r"
        log slow                =>
        init                    => writes x Empty 1000/0
        after 30s               => COORDINATOR_NOT_AVAILABLE
        # The record is in the log, so nothing else may happen before it is committed.
        init                    => CONCURRENT_TRANSACTIONS
        log commits             =>
        log auto                =>
        init                    => writes x Empty 1000/1; ok 1000/1
        add 1000/1 t-0 tv=2     => writes x Ongoing 1000/1 t-0; ok
        log slow                =>
        commit 1000/1           => writes x PrepareCommit 1000/2 t-0
        after 30s               => COORDINATOR_NOT_AVAILABLE
        log auto                =>
        log commits             => marks commit 1000/2 t-0; writes x CompleteCommit 1000/2
        commit 1000/1           => ok 1000/2
    ",
    );
}

#[test]
fn when_the_partition_moves_away_everything_that_waits_is_answered() {
    check(
        r"
        init                    => writes x Empty 1000/0; ok 1000/0
        init id=y               => writes y Empty 1001/0; ok 1001/0
        add 1001/0 t-0 id=y     => writes y Ongoing 1001/0 t-0; ok
        log hold                =>
        add 1000/0 t-0          => writes x Ongoing 1000/0 t-0
        abort 1001/0 v4 id=y    =>
        init id=z               =>
        unload                  => NOT_COORDINATOR; NOT_COORDINATOR; NOT_COORDINATOR
        init                    => NOT_COORDINATOR
        add 1000/0 t-0          => NOT_COORDINATOR
        commit 1000/0           => NOT_COORDINATOR
        list                    => NOT_COORDINATOR
        after 1d                =>
    ",
    );
}
