//! A new coordinator begins where the log ends.

use super::scenario::check;

#[test]
fn a_stable_group_goes_on() {
    check(
        r"
        join a v3               => writes g gen 0 none leader none
        join s instance=i       =>
        after 6s                => join a: a1 gen 1 range leader a1 leads a1 i1
                                => join s: i1 gen 1 range leader a1
        sync a1 gen=1 a1=x i1=y => writes g gen 1 range leader a1 a1:x i1:y; sync a1: x
        commit t-0=5 member=a1 gen=1 => writes g t-0=5; commit t-0=5: ok
        restart                 =>
        describe g              => describe g: g Stable consumer range (a1*:x i1*:y)
        fetch t-0               => fetch t-0: t-0=5
        heartbeat a1 gen=1      => heartbeat a1: ok
        sync i1 gen=1 instance=i => sync i1: y
        join s instance=i       => writes g gen 1 range leader a1 a1:x i2:y; join s: i2 gen 1 range leader a1
        # Sessions begin with the load.
        after 9999ms            =>
        heartbeat a1 gen=1      => heartbeat a1: ok
        after 1ms               =>
        heartbeat a1 gen=1      => heartbeat a1: REBALANCE_IN_PROGRESS
    ",
    );
}

#[test]
fn a_rebalance_that_was_not_finished_is_forgotten() {
    check(
        r"
        join a v3               => writes g gen 0 none leader none
        after 3s                => join a: a1 gen 1 range leader a1 leads a1
        restart                 =>
        describe g              => describe g: g Empty ()
        heartbeat a1 gen=1      => heartbeat a1: UNKNOWN_MEMBER_ID
        join a id=a1            => join a: UNKNOWN_MEMBER_ID a1
    ",
    );
}

#[test]
fn the_generation_goes_on_from_an_empty_group() {
    check(
        r"
        join a v3               => writes g gen 0 none leader none
        after 3s                => join a: a1 gen 1 range leader a1 leads a1
        leave a1                => writes g gen 2 none leader none; leave a1: ok
        restart                 =>
        describe g              => describe g: g Empty consumer ()
        join a v3               =>
        after 3s                => join a: a2 gen 3 range leader a2 leads a2
    ",
    );
}

#[test]
fn a_group_over_the_limit_rebalances() {
    check(
        r"
        join a v3 group=h       => writes h gen 0 none leader none
        join b v3 group=h       =>
        after 6s                => join a: a1 gen 1 range leader a1 leads a1 b1; join b: b1 gen 1 range leader a1
        sync a1 gen=1 group=h   => writes h gen 1 range leader a1 a1:- b1:-; sync a1: -
        limit 1                 =>
        restart                 =>
        heartbeat a1 gen=1 group=h => heartbeat a1: REBALANCE_IN_PROGRESS
        commit t-0=5 member=b1 gen=1 group=h => writes h t-0=5; commit t-0=5: ok
        join b id=b1 group=h    =>
        join a id=a1 group=h    => join a: GROUP_MAX_SIZE_REACHED; join b: b1 gen 2 range leader b1 leads b1
    ",
    );
}

#[test]
fn deleted_groups_and_offsets_stay_deleted() {
    check(
        r"
        commit t-0=5 t-1=6      => writes g t-0=5; writes g t-1=6; commit t-0=5: ok ok
        commit t-0=7 group=h    => writes h t-0=7; commit t-0=7: ok
        offset-delete t-0       => writes g t-0 gone; offset-delete t-0: ok
        delete h                => writes h t-0 gone; writes h gone; delete h: ok
        restart                 =>
        fetch all               => fetch all: t-1=6
        list                    => list: g Empty classic
    ",
    );
}

#[test]
fn while_it_loads_it_answers_so() {
    check(
        r"
        loading                 =>
        join a                  => join a: COORDINATOR_LOAD_IN_PROGRESS
        join a session=1s id=x  => join a: INVALID_SESSION_TIMEOUT x
        sync x gen=1            => sync x: COORDINATOR_LOAD_IN_PROGRESS
        sync x gen=1 type=none  => sync x: INCONSISTENT_GROUP_PROTOCOL
        heartbeat x gen=1       => heartbeat x: ok
        leave x                 => leave x: COORDINATOR_LOAD_IN_PROGRESS
        leave x v2              => leave x: COORDINATOR_LOAD_IN_PROGRESS
        commit t-0=1            => commit t-0=1: COORDINATOR_LOAD_IN_PROGRESS
        txn t-0=1 pid=1         => txn t-0=1: COORDINATOR_LOAD_IN_PROGRESS
        txn t-0=1 pid=1 v1      => txn t-0=1: COORDINATOR_NOT_AVAILABLE
        fetch t-0               => fetch t-0: COORDINATOR_LOAD_IN_PROGRESS
        fetch t-0 v1            => fetch t-0: t-0 COORDINATOR_LOAD_IN_PROGRESS
        describe g              => describe g: COORDINATOR_LOAD_IN_PROGRESS g ()
        list                    => list: COORDINATOR_LOAD_IN_PROGRESS
        delete g                => delete g: COORDINATOR_LOAD_IN_PROGRESS
        offset-delete t-0       => offset-delete t-0: COORDINATOR_LOAD_IN_PROGRESS
        marker pid=1 commit     => marker commit: NOT_LEADER_OR_FOLLOWER
    ",
    );
}
