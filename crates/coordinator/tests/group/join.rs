//! Who may join, and as whom.

use super::scenario::check;

#[test]
fn one_member_goes_all_the_way() {
    check(
        r"
        join a                  => join a: MEMBER_ID_REQUIRED a1; writes g gen 0 none leader none
        join a id=a1            =>
        after 2999ms            =>
        after 1ms               => join a: a1 gen 1 range leader a1 leads a1
        heartbeat a1 gen=1      => heartbeat a1: ok
        sync a1 gen=1 a1=x      => writes g gen 1 range leader a1 a1:x; sync a1: x
        heartbeat a1 gen=1      => heartbeat a1: ok
        sync a1 gen=1           => sync a1: x
        describe g              => describe g: g Stable consumer range (a1*:x)
        leave a1                => writes g gen 2 none leader none; leave a1: ok
        describe g              => describe g: g Empty consumer ()
    ",
    );
}

#[test]
fn before_version_4_a_member_joins_without_an_id() {
    check(
        r"
        join a v3               => writes g gen 0 none leader none
        join b v0               =>
        after 6s                => join a: a1 gen 1 range leader a1 leads a1 b1
                                => join b: b1 gen 1 range leader a1
    ",
    );
}

#[test]
fn a_group_begins_with_a_member_without_an_id() {
    check(
        r"
        join a id=old           => join a: UNKNOWN_MEMBER_ID old
        describe g              => describe g: GROUP_ID_NOT_FOUND g Dead ()
    ",
    );
}

#[test]
fn group_id_and_session_timeout_are_checked_first() {
    check(
        r"
        join a group='' id=x            => join a: INVALID_GROUP_ID x
        join a session=5999ms id=x      => join a: INVALID_SESSION_TIMEOUT x
        join a session=31m id=x         => join a: INVALID_SESSION_TIMEOUT x
        join a session=6s               => join a: MEMBER_ID_REQUIRED a1; writes g gen 0 none leader none
        join a session=30m              => join a: MEMBER_ID_REQUIRED a2
    ",
    );
}

#[test]
fn a_group_has_one_protocol_type_and_a_protocol_that_all_offer() {
    check(
        r"
        join x protocols=none           => join x: INCONSISTENT_GROUP_PROTOCOL
                                        => writes g gen 0 none leader none
        join x type=''                  => join x: INCONSISTENT_GROUP_PROTOCOL
        join a v3 protocols=range,sticky =>
        join x v3 type=connect          => join x: INCONSISTENT_GROUP_PROTOCOL
        join x v3 protocols=other       => join x: INCONSISTENT_GROUP_PROTOCOL
        join b v3 protocols=sticky      =>
        join x v3 protocols=range       => join x: INCONSISTENT_GROUP_PROTOCOL
        after 6s                        => join a: a1 gen 1 sticky leader a1 leads a1 b1
                                        => join b: b1 gen 1 sticky leader a1
        join a id=a1 protocols=range    => join a: INCONSISTENT_GROUP_PROTOCOL a1
    ",
    );
}

#[test]
fn the_protocol_with_most_votes_wins_and_the_leader_breaks_a_tie() {
    check(
        r"
        join a v3 protocols=p,q         => writes g gen 0 none leader none
        join b v3 protocols=q,p         =>
        join c v3 protocols=q,p         =>
        after 6s                        => join a: a1 gen 1 q leader a1 leads a1 b1 c1
                                        => join b: b1 gen 1 q leader a1
                                        => join c: c1 gen 1 q leader a1
        leave c1                        => leave c1: ok
        join b id=b1 protocols=q,p      =>
        join a id=a1 protocols=p,q      => join a: a1 gen 2 p leader a1 leads a1 b1
                                        => join b: b1 gen 2 p leader a1
    ",
    );
}

#[test]
fn an_id_that_was_given_out_is_forgotten_after_the_session_timeout() {
    check(
        r"
        join a session=10s      => join a: MEMBER_ID_REQUIRED a1; writes g gen 0 none leader none
        after 10s               =>
        join a id=a1            => join a: UNKNOWN_MEMBER_ID a1
    ",
    );
}

#[test]
fn an_id_that_was_given_out_holds_up_a_rebalance_but_not_its_group_for_ever() {
    check(
        r"
        join a v3               => writes g gen 0 none leader none
        after 3s                => join a: a1 gen 1 range leader a1 leads a1
        sync a1 gen=1 protocol=none v4 => writes g gen 1 range leader a1 a1:-; sync a1: -
        join b session=8s       => join b: MEMBER_ID_REQUIRED b1
        join a id=a1            =>
        after 8s                => join a: a1 gen 2 range leader a1 leads a1
    ",
    );
}

#[test]
fn an_id_that_was_given_out_is_no_static_members() {
    check(
        r"
        join a                  => join a: MEMBER_ID_REQUIRED a1; writes g gen 0 none leader none
        join a id=a1 instance=i => join a: UNKNOWN_SERVER_ERROR
    ",
    );
}

#[test]
fn a_member_that_missed_the_answer_gets_it_again() {
    check(
        r"
        join a v3               => writes g gen 0 none leader none
        join b v3               =>
        after 6s                => join a: a1 gen 1 range leader a1 leads a1 b1
                                => join b: b1 gen 1 range leader a1
        # CompletingRebalance: unchanged members, the leader too.
        join a id=a1            => join a: a1 gen 1 range leader a1 leads a1 b1
        join b id=b1 v5         => join b: b1 gen 1 range leader a1
        sync a1 gen=1           => writes g gen 1 range leader a1 a1:- b1:-; sync a1: -
        # Stable: unchanged followers.
        join b id=b1            => join b: b1 gen 1 range leader a1
        sync b1 gen=1           => sync b1: -
    ",
    );
}

#[test]
fn a_changed_follower_or_the_leader_starts_a_rebalance() {
    check(
        r"
        join a v3                       => writes g gen 0 none leader none
        join b v3                       =>
        after 6s                        => join a: a1 gen 1 range leader a1 leads a1 b1
                                        => join b: b1 gen 1 range leader a1
        # CompletingRebalance.
        join b id=b1 protocols=range:u  =>
        heartbeat a1 gen=1              => heartbeat a1: REBALANCE_IN_PROGRESS
        join a id=a1                    => join a: a1 gen 2 range leader a1 leads a1 b1
                                        => join b: b1 gen 2 range leader a1
        sync a1 gen=2                   => writes g gen 2 range leader a1 a1:- b1:-; sync a1: -
        sync b1 gen=2                   => sync b1: -
        # Stable.
        join b id=b1 protocols=range:w  =>
        join a id=a1                    => join a: a1 gen 3 range leader a1 leads a1 b1
                                        => join b: b1 gen 3 range leader a1
        sync a1 gen=3                   => writes g gen 3 range leader a1 a1:- b1:-; sync a1: -
        join a id=a1                    =>
        join b id=b1 protocols=range:w  => join a: a1 gen 4 range leader a1 leads a1 b1
                                        => join b: b1 gen 4 range leader a1
    ",
    );
}

#[test]
fn a_full_group_lets_nobody_in() {
    check(
        r"
        config size_max=2
        join a v3                       => writes g gen 0 none leader none
        join b v3                       =>
        # PreparingRebalance: the waiting members count.
        join c v3                       => join c: GROUP_MAX_SIZE_REACHED
        after 6s                        => join a: a1 gen 1 range leader a1 leads a1 b1
                                        => join b: b1 gen 1 range leader a1
        join c                          => join c: GROUP_MAX_SIZE_REACHED
        join b id=b1 protocols=range:u  =>
        join a id=a1                    => join a: a1 gen 2 range leader a1 leads a1 b1
                                        => join b: b1 gen 2 range leader a1
    ",
    );
}

#[test]
fn an_id_that_was_given_out_does_not_reserve_a_place() {
    check(
        r"
        config size_max=1
        join a                  => join a: MEMBER_ID_REQUIRED a1; writes g gen 0 none leader none
        join b v3               =>
        join a id=a1            => join a: GROUP_MAX_SIZE_REACHED
        after 3s                => join b: b1 gen 1 range leader b1 leads b1
        join a id=a1            => join a: GROUP_MAX_SIZE_REACHED
    ",
    );
}

#[test]
fn a_join_that_is_sent_again_takes_the_place_of_the_first() {
    check(
        r"
        join a                  => join a: MEMBER_ID_REQUIRED a1; writes g gen 0 none leader none
        join a id=a1            =>
        join a id=a1            => join a: REBALANCE_IN_PROGRESS a1
        after 3s                => join a: a1 gen 1 range leader a1 leads a1
    ",
    );
}

#[test]
fn a_member_is_known_by_its_id_and_its_instance() {
    check(
        r"
        join a v3               => writes g gen 0 none leader none
        join s instance=i       =>
        after 6s                => join a: a1 gen 1 range leader a1 leads a1 i1
                                => join s: i1 gen 1 range leader a1
        join x id=other         => join x: UNKNOWN_MEMBER_ID other
        join x id=i1 instance=j => join x: UNKNOWN_MEMBER_ID i1
        join x id=a1 instance=i => join x: FENCED_INSTANCE_ID a1
    ",
    );
}
