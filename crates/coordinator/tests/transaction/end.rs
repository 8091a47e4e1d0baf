//! How transactions end.

use super::scenario::check;

#[test]
fn up_to_version_4_a_transaction_ends_in_its_epoch() {
    check(
        r"
        init                    => writes x Empty 1000/0; ok 1000/0
        add 1000/0 t-0          => writes x Ongoing 1000/0 t-0; ok
        commit 1000/0 v4        => writes x PrepareCommit 1000/0 t-0; marks commit 1000/0 t-0; ok
                                => writes x CompleteCommit 1000/0
        add 1000/0 u-0          => writes x Ongoing 1000/0 u-0; ok
        abort 1000/0 v4         => writes x PrepareAbort 1000/0 u-0; marks abort 1000/0 u-0; ok
                                => writes x CompleteAbort 1000/0
    ",
    );
}

#[test]
fn up_to_version_4_the_same_end_again_is_a_retry() {
    check(
        r"
        commit 1000/0 v4        => INVALID_PRODUCER_ID_MAPPING
        commit 1000/0 v4 id=''  => INVALID_REQUEST
        init                    => writes x Empty 1000/0; ok 1000/0
        commit 1000/0 v4        => INVALID_TXN_STATE
        abort 1000/0 v4         => INVALID_TXN_STATE
        add 1000/0 t-0          => writes x Ongoing 1000/0 t-0; ok
        commit 1001/0 v4        => INVALID_PRODUCER_ID_MAPPING
        commit 1000/1 v4        => PRODUCER_FENCED
        commit 1000/1 v1        => INVALID_PRODUCER_EPOCH
        markers hold            =>
        commit 1000/0 v4        => writes x PrepareCommit 1000/0 t-0; marks commit 1000/0 t-0; ok
        commit 1000/0 v4        => CONCURRENT_TRANSACTIONS
        marked                  => writes x CompleteCommit 1000/0
        commit 1000/0 v4        => ok
        abort 1000/0 v4         => INVALID_TXN_STATE
        markers auto            =>
        add 1000/0 t-0          => writes x Ongoing 1000/0 t-0; ok
        abort 1000/0 v4         => writes x PrepareAbort 1000/0 t-0; marks abort 1000/0 t-0; ok
                                => writes x CompleteAbort 1000/0
        abort 1000/0 v4         => ok
        commit 1000/0 v4        => INVALID_TXN_STATE
    ",
    );
}

#[test]
fn from_version_5_on_the_end_begins_the_next_epoch() {
    check(
        r"
        init                    => writes x Empty 1000/0; ok 1000/0
        add 1000/0 t-0 tv=2     => writes x Ongoing 1000/0 t-0; ok
        commit 1000/0           => writes x PrepareCommit 1000/1 t-0; marks commit 1000/1 t-0; ok 1000/1
                                => writes x CompleteCommit 1000/1
        add 1000/1 t-0 tv=2     => writes x Ongoing 1000/1 t-0; ok
        abort 1000/1            => writes x PrepareAbort 1000/2 t-0; marks abort 1000/2 t-0; ok 1000/2
                                => writes x CompleteAbort 1000/2
    ",
    );
}

#[test]
fn from_version_5_on_the_epoch_before_is_that_of_a_retry() {
    check(
        r"
        commit 1000/0           => INVALID_PRODUCER_ID_MAPPING
        init                    => writes x Empty 1000/0; ok 1000/0
        # Empty.
        commit 1000/0           => INVALID_TXN_STATE
        commit 1000/-1          => PRODUCER_FENCED
        abort 1000/-1           => PRODUCER_FENCED
        abort 1000/0            => writes x PrepareAbort 1000/1; ok 1000/1; writes x CompleteAbort 1000/1
        # CompleteAbort.
        commit 1000/0           => INVALID_TXN_STATE
        commit 1000/1           => INVALID_TXN_STATE
        abort 1000/0            => ok 1000/1
        abort 1000/1            => writes x PrepareAbort 1000/2; ok 1000/2; writes x CompleteAbort 1000/2
        # Ongoing.
        add 1000/2 t-0 tv=2     => writes x Ongoing 1000/2 t-0; ok
        commit 1000/1           => PRODUCER_FENCED
        commit 1000/3           => PRODUCER_FENCED
        commit 7/2              => INVALID_PRODUCER_ID_MAPPING
        markers hold            =>
        commit 1000/2           => writes x PrepareCommit 1000/3 t-0; marks commit 1000/3 t-0; ok 1000/3
        # PrepareCommit: the completion is pending.
        commit 1000/2           => CONCURRENT_TRANSACTIONS
        abort 1000/2            => CONCURRENT_TRANSACTIONS
        marked                  => writes x CompleteCommit 1000/3
        # CompleteCommit.
        commit 1000/2           => ok 1000/3
        commit 1000/3           => INVALID_TXN_STATE
        abort 1000/2            => INVALID_TXN_STATE
        abort 1000/4            => PRODUCER_FENCED
        abort 1000/3            => writes x PrepareAbort 1000/4; ok 1000/4; writes x CompleteAbort 1000/4
    ",
    );
}

#[test]
fn the_last_epoch_of_an_id_ends_in_the_first_of_another() {
    check(
        r"
        epoch 32766             =>
        add 1000/32766 t-0 tv=2 => writes x Ongoing 1000/32766 t-0; ok
        commit 1000/32766       => writes x PrepareCommit 1000/32767 t-0 next 1001; marks commit 1000/32767 t-0
                                => ok 1001/0; writes x CompleteCommit 1001/0
        # The answer was lost.
        commit 1000/32766       => ok 1001/0
        add 1001/0 t-0 tv=2     => writes x Ongoing 1001/0 t-0; ok
    ",
    );
    check(
        r"
        epoch 32766             =>
        add 1000/32766 t-0 tv=2 => writes x Ongoing 1000/32766 t-0; ok
        no-ids                  =>
        commit 1000/32766       => COORDINATOR_LOAD_IN_PROGRESS
        describe x              => Ongoing 1000/32766 t-0
    ",
    );
}

#[test]
fn an_id_that_ran_out_of_epochs_recovers_by_an_abort() {
    check(
        r"
        epoch 32767             =>
        add 1000/32767 t-0 tv=2 => writes x Ongoing 1000/32767 t-0; ok
        abort 1000/32767        => writes x PrepareAbort 1000/32767 t-0 next 1001; marks abort 1000/32767 t-0
                                => ok 1001/0; writes x CompleteAbort 1001/0
    ",
    );
}

#[test]
fn an_end_goes_on_after_a_restart() {
    check(
        r"
        init                    => writes x Empty 1000/0; ok 1000/0
        add 1000/0 t-0 u-0 tv=2 => writes x Ongoing 1000/0 t-0 u-0; ok
        markers hold            =>
        commit 1000/0           => writes x PrepareCommit 1000/1 t-0 u-0; marks commit 1000/1 t-0 u-0; ok 1000/1
        restart                 => marks commit 1000/1 t-0 u-0
        commit 1000/0           => CONCURRENT_TRANSACTIONS
        marked                  => writes x CompleteCommit 1000/1
        commit 1000/0           => ok 1000/1
        restart                 =>
        commit 1000/0           => ok 1000/1
        # After a restart the last epoch of a producer is not known.
        init as=1000/0          => PRODUCER_FENCED
        init as=1000/1          => writes x Empty 1000/2; ok 1000/2
    ",
    );
}
