//! Who gets which producer id and epoch.

use super::scenario::check;

#[test]
fn a_new_id_begins_in_epoch_0_and_each_producer_gets_the_next() {
    check(
        r"
        init                    => writes x Empty 1000/0; ok 1000/0
        init                    => writes x Empty 1000/1; ok 1000/1
        init id=y               => writes y Empty 1001/0; ok 1001/0
        describe x y z ''       => Empty 1000/1 | Empty 1001/0 | TRANSACTIONAL_ID_NOT_FOUND | INVALID_REQUEST
    ",
    );
}

#[test]
fn a_request_that_makes_no_sense_gets_no_further() {
    check(
        r"
        config max=15m
        init id=''              => INVALID_REQUEST
        init epoch-only         => INVALID_REQUEST
        init as=7/-1            => INVALID_REQUEST
        init timeout=0s         => INVALID_TRANSACTION_TIMEOUT
        init timeout=15m        => writes x Empty 1000/0; ok 1000/0
        init timeout=900001ms   => INVALID_TRANSACTION_TIMEOUT
        init 2pc                => TRANSACTIONAL_ID_AUTHORIZATION_FAILED
        init keep               => UNSUPPORTED_VERSION
        loading                 =>
        init                    => COORDINATOR_LOAD_IN_PROGRESS
    ",
    );
}

#[test]
fn a_producer_that_goes_on_gets_the_next_epoch_and_a_retry_the_same() {
    check(
        r"
        init                    => writes x Empty 1000/0; ok 1000/0
        init as=1000/0          => writes x Empty 1000/1; ok 1000/1
        # The answer was lost.
        init as=1000/0          => writes x Empty 1000/1; ok 1000/1
        init as=1000/1          => writes x Empty 1000/2; ok 1000/2
        init as=1000/0          => PRODUCER_FENCED
        init as=1000/0 v3       => INVALID_PRODUCER_EPOCH
        init as=7/2             => PRODUCER_FENCED
        # Another producer that knows nothing fences it.
        init                    => writes x Empty 1000/3; ok 1000/3
        init as=1000/2          => PRODUCER_FENCED
    ",
    );
}

#[test]
fn a_producer_whose_id_was_forgotten_gets_a_new_one() {
    check(
        r"
        init as=7/5             => writes x Empty 1000/0; ok 1000/0
    ",
    );
}

#[test]
fn an_open_transaction_is_aborted_first() {
    check(
        r"
        init                    => writes x Empty 1000/0; ok 1000/0
        add 1000/0 t-0 tv=2     => writes x Ongoing 1000/0 t-0; ok
        init                    => writes x PrepareAbort 1000/1 t-0; marks abort 1000/1 t-0; CONCURRENT_TRANSACTIONS
                                => writes x CompleteAbort 1000/1
        init                    => writes x Empty 1000/2; ok 1000/2
        add 1000/0 t-0 tv=2     => PRODUCER_FENCED
    ",
    );
}

#[test]
fn with_transaction_version_1_the_fence_is_an_epoch_too() {
    check(
        r"
        config tv=1
        init                    => writes x Empty 1000/0; ok 1000/0
        add 1000/0 t-0          => writes x Ongoing 1000/0 t-0; ok
        init as=1000/0          => writes x PrepareAbort 1000/1 t-0; marks abort 1000/1 t-0; CONCURRENT_TRANSACTIONS
                                => writes x CompleteAbort 1000/1
        init as=1000/0          => PRODUCER_FENCED
        init                    => writes x Empty 1000/2; ok 1000/2
    ",
    );
}

#[test]
fn a_transaction_that_is_about_to_end_ends_first() {
    check(
        r"
        init                    => writes x Empty 1000/0; ok 1000/0
        add 1000/0 t-0 tv=2     => writes x Ongoing 1000/0 t-0; ok
        markers hold            =>
        commit 1000/0           => writes x PrepareCommit 1000/1 t-0; marks commit 1000/1 t-0; ok 1000/1
        init                    => CONCURRENT_TRANSACTIONS
        marked                  => writes x CompleteCommit 1000/1
        init                    => writes x Empty 1000/2; ok 1000/2
    ",
    );
}

#[test]
fn one_step_at_a_time() {
    check(
        r"
        log hold                =>
        init                    => writes x Empty 1000/0
        init                    => CONCURRENT_TRANSACTIONS
        init id=y               =>
        log takes               => writes y Empty 1001/0
        log commits             => ok 1000/0
        log takes               =>
        log commits             => ok 1001/0
    ",
    );
}

#[test]
fn when_the_epochs_are_used_up_there_is_a_new_id() {
    check(
        r"
        epoch 32765             =>
        init as=1000/32765      => writes x Empty 1000/32766; ok 1000/32766
        init as=1000/32766      => writes x Empty 1001/0; ok 1001/0
        # A retry: the id before, with its last epoch.
        init as=1000/32766      => writes x Empty 1001/0; ok 1001/0
        init as=1000/5          => PRODUCER_FENCED
    ",
    );
    check(
        r"
        epoch 32766             =>
        init as=1000/7          => UNKNOWN_SERVER_ERROR
        init                    => writes x Empty 1001/0; ok 1001/0
    ",
    );
}

#[test]
fn without_a_producer_id_at_hand_the_client_tries_again() {
    check(
        r"
        no-ids                  =>
        init                    => COORDINATOR_LOAD_IN_PROGRESS
        list                    => ok
    ",
    );
}

#[test]
fn a_two_phase_commit_never_times_out() {
    check(
        r"
        config 2pc=true
        init 2pc timeout=60s    => writes x Empty 1000/0; ok 1000/0
        add 1000/0 t-0 tv=2     => writes x Ongoing 1000/0 t-0; ok
        after 6d                =>
        describe x              => Ongoing 1000/0 t-0
    ",
    );
}
