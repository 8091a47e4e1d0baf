//! What is promised waits for the log; what the log refuses never was.

use super::scenario::check;

/// One member `a1` in generation 1, which has not synced.
const JOINED: &str = r"
        join a v3               => writes g gen 0 none leader none
        after 3s                => join a: a1 gen 1 range leader a1 leads a1
";

#[track_caller]
fn check_joined(scenario: &str) {
    check(&format!("{JOINED}{scenario}"));
}

#[test]
fn a_response_waits_until_its_records_are_committed() {
    check_joined(
        r"
        log slow                =>
        sync a1 gen=1 a1=x      => writes g gen 1 range leader a1 a1:x
        describe g              => describe g: g CompletingRebalance consumer (a1:-)
        heartbeat a1 gen=1      => heartbeat a1: ok
        log commits             => sync a1: x
        commit t-0=5 member=a1 gen=1 => writes g t-0=5
        fetch t-0               => fetch t-0: t-0=-1
        log commits             => commit t-0=5: ok
        fetch t-0               => fetch t-0: t-0=5
    ",
    );
}

#[test]
fn decisions_of_one_round_share_a_batch_and_later_ones_wait_for_the_log_to_take_it() {
    check(
        r"
        log hold                =>
        round commit t-0=1 / commit t-1=2 group=h / commit t-0=3 => writes g t-0=1; writes h t-1=2; writes g t-0=3
        commit t-0=4            =>
        commit t-0=5            =>
        log takes               => writes g t-0=4; writes g t-0=5
        log commits             => commit t-0=1: ok; commit t-1=2: ok; commit t-0=3: ok
        fetch t-0               => fetch t-0: t-0=3
        log takes               =>
        log commits             => commit t-0=4: ok; commit t-0=5: ok
        fetch t-0               => fetch t-0: t-0=5
    ",
    );
}

#[test]
fn a_batch_is_no_larger_than_the_log_takes() {
    check(
        r"
        config batch_max=150
        log hold                =>
        round commit t-0=1 / commit t-1=2 / commit t-2=3 => writes g t-0=1
        log takes               => writes g t-1=2
        log takes               => writes g t-2=3
        log takes               =>
        log commits             => commit t-0=1: ok; commit t-1=2: ok; commit t-2=3: ok
    ",
    );
}

#[test]
fn a_refused_commit_never_was() {
    check(
        r"
        commit t-0=1            => writes g t-0=1; commit t-0=1: ok
        log hold                =>
        commit t-0=2            => writes g t-0=2
        log fails NOT_ENOUGH_REPLICAS => commit t-0=2: COORDINATOR_NOT_AVAILABLE
        fetch t-0               => fetch t-0: t-0=1
        commit t-0=2            => writes g t-0=2
        commit t-0=3            =>
        # What was decided on top of it goes with it.
        log fails MESSAGE_TOO_LARGE => commit t-0=2: UNKNOWN_SERVER_ERROR; commit t-0=3: UNKNOWN_SERVER_ERROR
        fetch t-0               => fetch t-0: t-0=1
        offset-delete t-0       => writes g t-0 gone
        log fails NOT_LEADER_OR_FOLLOWER => offset-delete t-0: NOT_COORDINATOR
        fetch t-0               => fetch t-0: t-0=1
    ",
    );
}

#[test]
fn errors_of_the_log_are_translated_for_each_api() {
    check(
        r"
        log hold                =>
        commit t-0=2            => writes g t-0=2
        log fails KAFKA_STORAGE_ERROR => commit t-0=2: NOT_COORDINATOR
        txn t-0=2 pid=1         => writes pid 1 g t-0=2
        log fails NETWORK_EXCEPTION => txn t-0=2: COORDINATOR_LOAD_IN_PROGRESS
        txn t-0=2 pid=1 v1      => writes pid 1 g t-0=2
        log fails NETWORK_EXCEPTION => txn t-0=2: COORDINATOR_NOT_AVAILABLE
        txn t-0=2 pid=1         => writes pid 1 g t-0=2
        log fails INVALID_PRODUCER_EPOCH => txn t-0=2: INVALID_PRODUCER_EPOCH
        marker pid=1 commit     => writes pid 1 commit
        log fails NOT_COORDINATOR => marker commit: NOT_LEADER_OR_FOLLOWER
    ",
    );
}

#[test]
fn a_refused_assignment_makes_a_rebalance() {
    check_joined(
        r"
        log hold                =>
        join b v3               =>
        join a id=a1            => join a: a1 gen 2 range leader a1 leads a1 b1; join b: b1 gen 2 range leader a1
        sync b1 gen=2           =>
        sync a1 gen=2 b1=y      => writes g gen 2 range leader a1 a1:- b1:y
        log fails NOT_ENOUGH_REPLICAS => sync a1: COORDINATOR_NOT_AVAILABLE; sync b1: COORDINATOR_NOT_AVAILABLE
        heartbeat a1 gen=2      => heartbeat a1: REBALANCE_IN_PROGRESS
        join a id=a1            =>
        join b id=b1            => join a: a1 gen 3 range leader a1 leads a1 b1; join b: b1 gen 3 range leader a1
    ",
    );
}

#[test]
fn an_assignment_of_a_generation_that_is_over_changes_nothing() {
    check_joined(
        r"
        log slow                =>
        sync a1 gen=1 a1=x      => writes g gen 1 range leader a1 a1:x
        join b v3               => sync a1: REBALANCE_IN_PROGRESS
        join a id=a1            => join a: a1 gen 2 range leader a1 leads a1 b1; join b: b1 gen 2 range leader a1
        log commits             =>
        describe g              => describe g: g CompletingRebalance consumer (a1:- b1:-)
    ",
    );
}

#[test]
fn a_refused_group_never_was() {
    check(
        r"
        log hold                =>
        join a                  => join a: MEMBER_ID_REQUIRED a1; writes g gen 0 none leader none
        join b v3               =>
        log fails NOT_ENOUGH_REPLICAS => join b: COORDINATOR_NOT_AVAILABLE
        describe g              => describe g: GROUP_ID_NOT_FOUND g Dead ()
        log auto                =>
        join a id=a1            => join a: UNKNOWN_MEMBER_ID a1
        after 1m                =>
        join a                  => join a: MEMBER_ID_REQUIRED a2; writes g gen 0 none leader none
    ",
    );
}

#[test]
fn a_refused_replacement_of_a_static_member_is_undone() {
    check(
        r"
        join s instance=i       => writes g gen 0 none leader none
        join b v3               =>
        after 6s                => join b: b1 gen 1 range leader i1; join s: i1 gen 1 range leader i1 leads b1 i1
        sync i1 gen=1 i1=x      => writes g gen 1 range leader i1 b1:- i1:x; sync i1: x
        sync b1 gen=1           => sync b1: -
        log hold                =>
        join s instance=i protocols=range:u session=20s => writes g gen 1 range leader i2 b1:- i2:x
        heartbeat i1 gen=1 instance=i => heartbeat i1: FENCED_INSTANCE_ID
        log fails NOT_ENOUGH_REPLICAS => join s: COORDINATOR_NOT_AVAILABLE
        heartbeat i1 gen=1 instance=i => heartbeat i1: ok
        describe g              => describe g: g Stable consumer range (b1*:- i1*:x)
        # The session is that of before, too.
        after 9s                =>
        heartbeat b1 gen=1      => heartbeat b1: ok
        after 1s                =>
        heartbeat b1 gen=1      => heartbeat b1: REBALANCE_IN_PROGRESS
    ",
    );
}

#[test]
fn a_refused_deletion_brings_the_group_back() {
    check(
        r"
        commit t-0=1            => writes g t-0=1; commit t-0=1: ok
        log hold                =>
        delete g                => writes g t-0 gone; writes g gone
        describe g              => describe g: GROUP_ID_NOT_FOUND g Dead ()
        # On top of the deletion, a new group of the name.
        join a v3               =>
        log fails NOT_ENOUGH_REPLICAS => delete g: COORDINATOR_NOT_AVAILABLE; join a: COORDINATOR_NOT_AVAILABLE
        fetch t-0               => fetch t-0: t-0=1
        describe g              => describe g: g Empty ()
    ",
    );
}

#[test]
fn a_group_that_is_made_on_top_of_a_deletion_stays() {
    check(
        r"
        commit t-0=1            => writes g t-0=1; commit t-0=1: ok
        log slow                =>
        delete g                => writes g t-0 gone; writes g gone
        commit t-1=2            => writes g t-1=2
        join a v3               =>
        log commits             => delete g: ok; commit t-1=2: ok
        fetch all               => fetch all: t-1=2
        after 3s                => join a: a1 gen 1 range leader a1 leads a1
        log auto                =>
        restart                 =>
        fetch all               => fetch all: t-1=2
        describe g              => describe g: g Empty ()
    ",
    );
}

#[test]
fn a_response_waits_no_longer_than_the_commit_timeout() {
    check(
        r"
        log slow                =>
        commit t-0=1            => writes g t-0=1
        after 4999ms            =>
        commit t-0=2            => writes g t-0=2
        after 1ms               => commit t-0=1: COORDINATOR_NOT_AVAILABLE
        # The record is in the log: its offset counts when it is committed.
        log commits             => commit t-0=2: ok
        fetch t-0               => fetch t-0: t-0=2
        log hold                =>
        commit t-0=3            => writes g t-0=3
        commit t-0=4            =>
        after 5s                => commit t-0=3: COORDINATOR_NOT_AVAILABLE; commit t-0=4: COORDINATOR_NOT_AVAILABLE
        log takes               => writes g t-0=4
        log takes               =>
        log commits             =>
        fetch t-0               => fetch t-0: t-0=4
    ",
    );
}

#[test]
fn an_assignment_that_takes_too_long_makes_a_rebalance() {
    check_joined(
        r"
        log slow                =>
        sync a1 gen=1 a1=x      => writes g gen 1 range leader a1 a1:x
        after 5s                => sync a1: COORDINATOR_NOT_AVAILABLE
        log commits             =>
        heartbeat a1 gen=1      => heartbeat a1: REBALANCE_IN_PROGRESS
    ",
    );
}

#[test]
fn leaving_is_answered_when_the_empty_group_is_written() {
    check_joined(
        r"
        log hold                =>
        leave a1                => writes g gen 2 none leader none
        log fails NOT_ENOUGH_REPLICAS => leave a1: COORDINATOR_NOT_AVAILABLE
        describe g              => describe g: g Empty consumer ()
    ",
    );
}

#[test]
fn when_the_partition_moves_away_everything_that_waits_is_answered() {
    check_joined(
        r"
        sync a1 gen=1           => writes g gen 1 range leader a1 a1:-; sync a1: -
        join b v3 group=h       => writes h gen 0 none leader none
        log slow                =>
        commit t-0=1 member=a1 gen=1 => writes g t-0=1
        fetch t-0 stable        =>
        delete nothing          => delete nothing: GROUP_ID_NOT_FOUND
        join a id=a1 protocols=range:u => join a: a1 gen 2 range leader a1 leads a1
        sync a1 gen=2           => writes g gen 2 range leader a1 a1:-
        unload                  => commit t-0=1: NOT_COORDINATOR; fetch t-0: NOT_COORDINATOR
                                => sync a1: NOT_COORDINATOR; join b: NOT_COORDINATOR b1
        heartbeat a1 gen=2      => heartbeat a1: NOT_COORDINATOR
        log commits             =>
        after 1h                =>
    ",
    );
}
