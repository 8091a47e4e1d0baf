//! What takes too long, and who was not heard of for long.

use super::scenario::check;

#[test]
fn a_transaction_that_takes_too_long_is_aborted() {
    check(
        r"
        init timeout=25s        => writes x Empty 1000/0; ok 1000/0
        after 20s               =>
        add 1000/0 t-0 tv=2     => writes x Ongoing 1000/0 t-0; ok
        after 10s               =>
        # What is added later does not help.
        add 1000/0 t-1 tv=2     => writes x Ongoing 1000/0 t-0 t-1; ok
        after 19s               =>
        after 1s                => writes x PrepareAbort 1000/1 t-0 t-1; marks abort 1000/1 t-0 t-1
                                => writes x CompleteAbort 1000/1
        commit 1000/0           => INVALID_TXN_STATE
        abort 1000/0            => ok 1000/1
        add 1000/0 t-0 tv=2     => PRODUCER_FENCED
    ",
    );
}

#[test]
fn with_transaction_version_1_it_is_fenced() {
    check(
        r"
        config tv=1
        init timeout=5s         => writes x Empty 1000/0; ok 1000/0
        add 1000/0 t-0          => writes x Ongoing 1000/0 t-0; ok
        after 10s               => writes x PrepareAbort 1000/1 t-0; marks abort 1000/1 t-0; writes x CompleteAbort 1000/1
        abort 1000/0 v4         => PRODUCER_FENCED
        tv 2                    =>
        init timeout=5s         => writes x Empty 1000/2; ok 1000/2
    ",
    );
}

#[test]
fn a_step_on_its_way_is_not_disturbed() {
    check(
        r"
        init timeout=5s         => writes x Empty 1000/0; ok 1000/0
        add 1000/0 t-0          => writes x Ongoing 1000/0 t-0; ok
        log slow                =>
        commit 1000/0           => writes x PrepareCommit 1000/1 t-0
        after 10s               =>
        log auto                =>
        log commits             => marks commit 1000/1 t-0; ok 1000/1; writes x CompleteCommit 1000/1
    ",
    );
}

#[test]
fn an_id_that_nobody_uses_is_forgotten() {
    check(
        r"
        config expiration=2h
        init                    => writes x Empty 1000/0; ok 1000/0
        init id=y               => writes y Empty 1001/0; ok 1001/0
        after 1h                =>
        add 1001/0 t-0 id=y     => writes y Ongoing 1001/0 t-0; ok
        commit 1001/0 v4 id=y   => writes y PrepareCommit 1001/0 t-0; marks commit 1001/0 t-0; ok
                                => writes y CompleteCommit 1001/0
        after 1h                => writes x gone
        list                    => ok y 1001 CompleteCommit
        add 1000/0 t-0          => INVALID_PRODUCER_ID_MAPPING
        init as=1000/0          => writes x Empty 1002/0; ok 1002/0
        log slow                =>
        after 1h                => writes y gone
        init id=y               => CONCURRENT_TRANSACTIONS
        log commits             =>
        describe y              => TRANSACTIONAL_ID_NOT_FOUND
        restart                 =>
        list                    => ok x 1002 Empty
    ",
    );
}

#[test]
fn an_id_that_could_not_be_forgotten_stays() {
    check(
        r"
        config expiration=1h
        init                    => writes x Empty 1000/0; ok 1000/0
        log hold                =>
        after 1h                => writes x gone
        log fails NOT_ENOUGH_REPLICAS =>
        log auto                =>
        init                    => writes x Empty 1000/1; ok 1000/1
    ",
    );
}

#[test]
fn transactions_are_listed_by_state_producer_and_age() {
    check(
        r"
        init                    => writes x Empty 1000/0; ok 1000/0
        init id=y timeout=15m   => writes y Empty 1001/0; ok 1001/0
        add 1001/0 t-0 id=y     => writes y Ongoing 1001/0 t-0; ok
        after 10s               =>
        list                    => ok x 1000 Empty | y 1001 Ongoing
        list state=Ongoing      => ok y 1001 Ongoing
        list state=nonsense     => ok ?nonsense
        list state=empty        => ok ?empty
        list pid=1000           => ok x 1000 Empty
        list longer=9s          => ok x 1000 Empty | y 1001 Ongoing
        list longer=10s         => ok x 1000 Empty
        loading                 =>
        list                    => COORDINATOR_LOAD_IN_PROGRESS
        describe x              => COORDINATOR_LOAD_IN_PROGRESS
    ",
    );
}
