//! Members that leave.

use super::scenario::check;

#[test]
fn the_others_rebalance_when_one_leaves() {
    check(
        r"
        join a v3               => writes g gen 0 none leader none
        join b v3               =>
        after 6s                => join a: a1 gen 1 range leader a1 leads a1 b1
                                => join b: b1 gen 1 range leader a1
        sync a1 gen=1           => writes g gen 1 range leader a1 a1:- b1:-; sync a1: -
        leave a1                => leave a1: ok
        heartbeat b1 gen=1      => heartbeat b1: REBALANCE_IN_PROGRESS
        join b id=b1            => join b: b1 gen 2 range leader b1 leads b1
    ",
    );
}

#[test]
fn leaving_during_a_rebalance_completes_it() {
    check(
        r"
        join a v3               => writes g gen 0 none leader none
        join b v3               =>
        after 6s                => join a: a1 gen 1 range leader a1 leads a1 b1
                                => join b: b1 gen 1 range leader a1
        join b id=b1 protocols=range:u =>
        leave a1                => join b: b1 gen 2 range leader b1 leads b1; leave a1: ok
    ",
    );
}

#[test]
fn a_member_that_waits_and_is_sent_away_learns_it() {
    check(
        r"
        join a v3               => writes g gen 0 none leader none
        join b v3               =>
        after 6s                => join a: a1 gen 1 range leader a1 leads a1 b1
                                => join b: b1 gen 1 range leader a1
        sync b1 gen=1           =>
        leave b1                => sync b1: UNKNOWN_MEMBER_ID; leave b1: ok
        join a id=a1            => join a: a1 gen 2 range leader a1 leads a1
        join b v3               =>
        describe g              => describe g: g PreparingRebalance consumer (a1:- b2:-)
        join a id=a1            => join a: a1 gen 3 range leader a1 leads a1 b2
                                => join b: b2 gen 3 range leader a1
    ",
    );
}

#[test]
fn many_members_leave_at_once_each_with_its_own_error() {
    check(
        r"
        join a v3               => writes g gen 0 none leader none
        join s instance=i       =>
        join b                  => join b: MEMBER_ID_REQUIRED b1
        after 6s                => join a: a1 gen 1 range leader a1 leads a1 i1
                                => join s: i1 gen 1 range leader a1
        leave nobody a1/i b1 /j i1/j =>
                                => leave nobody: UNKNOWN_MEMBER_ID FENCED_INSTANCE_ID ok UNKNOWN_MEMBER_ID UNKNOWN_MEMBER_ID
        # By its instance id alone, as an administrator does.
        leave /i a1             => writes g gen 2 none leader none; leave /i: ok ok
    ",
    );
}

#[test]
fn an_id_that_was_given_out_can_be_given_back() {
    check(
        r"
        join a                  => join a: MEMBER_ID_REQUIRED a1; writes g gen 0 none leader none
        leave a1                => leave a1: ok
        join a id=a1            => join a: UNKNOWN_MEMBER_ID a1
    ",
    );
}

#[test]
fn before_version_3_the_members_error_is_the_responses() {
    check(
        r"
        leave x v2              => leave x: UNKNOWN_MEMBER_ID
        join a v3               => writes g gen 0 none leader none
        leave x v0              => leave x: UNKNOWN_MEMBER_ID
        leave a1 v2             => leave a1: UNKNOWN_MEMBER_ID
        after 3s                => join a: a1 gen 1 range leader a1 leads a1
        leave a1 v2             => writes g gen 2 none leader none; leave a1: ok
    ",
    );
}

#[test]
fn a_group_that_does_not_exist_is_no_error_of_the_whole() {
    check(
        r"
        leave x y               => leave x: UNKNOWN_MEMBER_ID UNKNOWN_MEMBER_ID
        leave x group=''        => leave x: INVALID_GROUP_ID
    ",
    );
}
