//! What a transaction writes to.

use super::scenario::check;

#[test]
fn partitions_are_added_once() {
    check(
        r"
        init                    => writes x Empty 1000/0; ok 1000/0
        add 1000/0 t-1 u-0      => writes x Ongoing 1000/0 t-1 u-0; ok
        add 1000/0 t-1          => ok
        add 1000/0 t-0 t-1      => writes x Ongoing 1000/0 t-0 t-1 u-0; ok
        describe x              => Ongoing 1000/0 t-0 t-1 u-0
        list state=Ongoing      => ok x 1000 Ongoing
    ",
    );
}

#[test]
fn the_producer_has_to_be_the_current_one() {
    check(
        r"
        add 1000/0 t-0          => INVALID_PRODUCER_ID_MAPPING
        add 1000/0 t-0 id=''    => INVALID_REQUEST
        init                    => writes x Empty 1000/0; ok 1000/0
        init                    => writes x Empty 1000/1; ok 1000/1
        add 1001/1 t-0          => INVALID_PRODUCER_ID_MAPPING
        add 1000/0 t-0          => PRODUCER_FENCED
        add 1000/0 t-0 v1       => INVALID_PRODUCER_EPOCH
        add 1000/2 t-0          => PRODUCER_FENCED
        add 1000/1 t-0          => writes x Ongoing 1000/1 t-0; ok
    ",
    );
}

#[test]
fn nothing_is_added_while_a_transaction_ends() {
    check(
        r"
        init                    => writes x Empty 1000/0; ok 1000/0
        log slow                =>
        add 1000/0 t-0          => writes x Ongoing 1000/0 t-0
        add 1000/0 t-1          => CONCURRENT_TRANSACTIONS
        commit 1000/0 v4        => CONCURRENT_TRANSACTIONS
        log commits             => ok
        log auto                =>
        markers hold            =>
        commit 1000/0 v4        => writes x PrepareCommit 1000/0 t-0; marks commit 1000/0 t-0; ok
        add 1000/0 t-0          => CONCURRENT_TRANSACTIONS
        marked                  => writes x CompleteCommit 1000/0
        add 1000/0 t-1          => writes x Ongoing 1000/0 t-1; ok
    ",
    );
}

#[test]
fn a_broker_may_ask_whether_a_partition_is_part_of_a_transaction() {
    check(
        r"
        verify 1000/0 t-0       => INVALID_PRODUCER_ID_MAPPING
        verify 1000/0 t-0 id='' => INVALID_REQUEST
        init                    => writes x Empty 1000/0; ok 1000/0
        verify 1000/0 t-0       => TRANSACTION_ABORTABLE
        add 1000/0 t-0          => writes x Ongoing 1000/0 t-0; ok
        verify 1000/0 t-0 t-1   => ok TRANSACTION_ABORTABLE
        verify 1001/0 t-0 t-1   => INVALID_PRODUCER_ID_MAPPING INVALID_PRODUCER_ID_MAPPING
        verify 1000/1 t-0       => PRODUCER_FENCED
        # What is on its way does not count, and does not disturb.
        log slow                =>
        add 1000/0 t-1          => writes x Ongoing 1000/0 t-0 t-1
        verify 1000/0 t-0 t-1   => ok TRANSACTION_ABORTABLE
        log commits             => ok
        log auto                =>
        markers hold            =>
        commit 1000/0 v4        => writes x PrepareCommit 1000/0 t-0 t-1; marks commit 1000/0 t-0 t-1; ok
        verify 1000/0 t-0       => CONCURRENT_TRANSACTIONS
        loading                 =>
        verify 1000/0 t-0       => COORDINATOR_LOAD_IN_PROGRESS
        add 1000/0 t-0          => COORDINATOR_LOAD_IN_PROGRESS
    ",
    );
}

#[test]
fn what_brokers_add_waits_for_the_step_that_is_on_its_way_and_is_added_together() {
    check(
        r"
        init                    => writes x Empty 1000/0; ok 1000/0
        log slow                =>
        add 1000/0 t-0 tv=2     => writes x Ongoing 1000/0 t-0
        add 1000/0 t-1 tv=2     =>
        add 1000/0 u-0 tv=2     =>
        add 1000/1 u-1 tv=2     =>
        log commits             => ok; PRODUCER_FENCED; writes x Ongoing 1000/0 t-0 t-1 u-0
        log commits             => ok; ok
        log auto                =>
        markers hold            =>
        commit 1000/0           => writes x PrepareCommit 1000/1 t-0 t-1 u-0; marks commit 1000/1 t-0 t-1 u-0; ok 1000/1
        add 1000/1 t-0 tv=2     =>
        marked                  => writes x CompleteCommit 1000/1; writes x Ongoing 1000/1 t-0; ok
    ",
    );
}

#[test]
fn what_brokers_add_does_not_wait_for_long() {
    check(
        r"
        init                    => writes x Empty 1000/0; ok 1000/0
        add 1000/0 t-0 tv=2     => writes x Ongoing 1000/0 t-0; ok
        markers hold            =>
        commit 1000/0           => writes x PrepareCommit 1000/1 t-0; marks commit 1000/1 t-0; ok 1000/1
        add 1000/1 t-0 tv=2     =>
        after 99ms              =>
        after 1ms               => CONCURRENT_TRANSACTIONS
        add 1000/1 t-1 tv=2     =>
        unload                  => NOT_COORDINATOR
    ",
    );
}
