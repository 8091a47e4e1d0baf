//! When a rebalance begins, whom it waits for, and when it gives up.

use super::scenario::check;

/// Two members `a1` (the leader) and `b1`, stable in generation 1.
const TWO_STABLE: &str = r"
        join a v3 session=10s rebalance=60s => writes g gen 0 none leader none
        join b v3 session=10s rebalance=60s =>
        after 6s                => join a: a1 gen 1 range leader a1 leads a1 b1
                                => join b: b1 gen 1 range leader a1
        sync a1 gen=1 a1=x b1=y => writes g gen 1 range leader a1 a1:x b1:y; sync a1: x
        sync b1 gen=1           => sync b1: y
";

#[track_caller]
fn check_two(scenario: &str) {
    check(&format!("{TWO_STABLE}{scenario}"));
}

#[test]
fn the_initial_delay_is_extended_while_members_come_and_ends_with_the_rebalance_timeout() {
    check(
        r"
        # 3 s, extended by 3 s, then by what is left of the 7 s.
        join a v3 rebalance=7s  => writes g gen 0 none leader none
        after 1s                =>
        join b v3 rebalance=90s =>
        after 2s                =>
        join c v3               =>
        after 3s                =>
        join d v3               =>
        after 999ms             =>
        after 1ms               => join a: a1 gen 1 range leader a1 leads a1 b1 c1 d1
                                => join b: b1 gen 1 range leader a1
                                => join c: c1 gen 1 range leader a1
                                => join d: d1 gen 1 range leader a1
    ",
    );
}

#[test]
fn the_initial_delay_is_not_extended_if_nobody_comes() {
    check(
        r"
        join a v3               => writes g gen 0 none leader none
        after 1s                =>
        join b v3               =>
        after 2s                =>
        after 2999ms            =>
        after 1ms               => join a: a1 gen 1 range leader a1 leads a1 b1
                                => join b: b1 gen 1 range leader a1
    ",
    );
}

#[test]
fn without_an_initial_delay_the_first_member_is_alone() {
    check(
        r"
        config delay=0s
        join a v3               => writes g gen 0 none leader none
        after 0s                => join a: a1 gen 1 range leader a1 leads a1
    ",
    );
}

#[test]
fn the_initial_delay_goes_on_when_its_only_member_leaves() {
    check(
        r"
        join a v3               => writes g gen 0 none leader none
        after 3s                => join a: a1 gen 1 range leader a1 leads a1
        leave a1                => writes g gen 2 none leader none; leave a1: ok
        join b                  => join b: MEMBER_ID_REQUIRED b1
        join b id=b1            =>
        leave b1                => join b: UNKNOWN_MEMBER_ID; leave b1: ok
        describe g              => describe g: g PreparingRebalance consumer ()
        after 3s                => writes g gen 3 none leader none
        describe g              => describe g: g Empty consumer ()
    ",
    );
}

#[test]
fn a_new_member_makes_the_others_rejoin() {
    check_two(
        r"
        join c                  => join c: MEMBER_ID_REQUIRED c1
        heartbeat a1 gen=1      => heartbeat a1: ok
        join c id=c1            =>
        heartbeat a1 gen=1      => heartbeat a1: REBALANCE_IN_PROGRESS
        sync a1 gen=1           => sync a1: REBALANCE_IN_PROGRESS
        join a id=a1            =>
        join b id=b1            => join a: a1 gen 2 range leader a1 leads a1 b1 c1
                                => join b: b1 gen 2 range leader a1
                                => join c: c1 gen 2 range leader a1
        heartbeat a1 gen=1      => heartbeat a1: ILLEGAL_GENERATION
    ",
    );
}

#[test]
fn who_does_not_rejoin_in_time_is_out_even_if_it_heartbeats() {
    check_two(
        r"
        join c v3 rebalance=12s =>
        join a id=a1 rebalance=12s =>
        after 6s                =>
        heartbeat b1 gen=1      => heartbeat b1: REBALANCE_IN_PROGRESS
        after 9s                =>
        heartbeat b1 gen=1      => heartbeat b1: REBALANCE_IN_PROGRESS
        after 9s                =>
        heartbeat b1 gen=1      => heartbeat b1: REBALANCE_IN_PROGRESS
        after 9s                =>
        heartbeat b1 gen=1      => heartbeat b1: REBALANCE_IN_PROGRESS
        after 9s                =>
        heartbeat b1 gen=1      => heartbeat b1: REBALANCE_IN_PROGRESS
        after 9s                =>
        heartbeat b1 gen=1      => heartbeat b1: REBALANCE_IN_PROGRESS
        after 8999ms            =>
        # b's own 60 s are the longest of the three.
        after 1ms               => join a: a1 gen 2 range leader a1 leads a1 c1
                                => join c: c1 gen 2 range leader a1
        heartbeat b1 gen=1      => heartbeat b1: UNKNOWN_MEMBER_ID
    ",
    );
}

#[test]
fn the_session_that_ends_takes_the_member_out_and_the_rebalance_goes_on_without_it() {
    check_two(
        r"
        after 5s                =>
        heartbeat a1 gen=1      => heartbeat a1: ok
        # b1 goes silent.
        after 5s                =>
        heartbeat a1 gen=1      => heartbeat a1: REBALANCE_IN_PROGRESS
        join a id=a1            => join a: a1 gen 2 range leader a1 leads a1
        sync a1 gen=2 a1=z      => writes g gen 2 range leader a1 a1:z; sync a1: z
        # And a1: nobody is left.
        after 10s               => writes g gen 3 none leader none
        describe g              => describe g: g Empty consumer ()
    ",
    );
}

#[test]
fn the_session_of_a_member_that_the_coordinator_keeps_waiting_does_not_end() {
    check_two(
        r"
        join a id=a1            =>
        after 5s                =>
        heartbeat b1 gen=1      => heartbeat b1: REBALANCE_IN_PROGRESS
        after 9s                =>
        # a1 waits in JoinGroup since 14 s; its session of 10 s starts with the answer.
        join b id=b1            => join a: a1 gen 2 range leader a1 leads a1 b1
                                => join b: b1 gen 2 range leader a1
        sync b1 gen=2           =>
        heartbeat a1 gen=2      => heartbeat a1: ok
        after 9s                =>
        heartbeat a1 gen=2      => heartbeat a1: ok
        after 9s                =>
        # b1 waits in SyncGroup since 18 s.
        sync a1 gen=2 b1=w      => writes g gen 2 range leader a1 a1:- b1:w; sync a1: -; sync b1: w
        after 9999ms            =>
        heartbeat a1 gen=2      => heartbeat a1: ok
        after 1ms               =>
        heartbeat b1 gen=2      => heartbeat b1: UNKNOWN_MEMBER_ID
    ",
    );
}

#[test]
fn a_new_member_waits_five_minutes_at_most() {
    check(
        r"
        join a v3 rebalance=6m session=30m => writes g gen 0 none leader none
        after 3s                => join a: a1 gen 1 range leader a1 leads a1
        join b v3 session=10s   =>
        after 299999ms          =>
        after 1ms               => join b: UNKNOWN_MEMBER_ID
    ",
    );
}

#[test]
fn who_never_asks_for_its_assignment_is_out() {
    check(
        r"
        join a v3 session=30m rebalance=60s => writes g gen 0 none leader none
        join b v3 session=30m rebalance=60s =>
        after 6s                => join a: a1 gen 1 range leader a1 leads a1 b1
                                => join b: b1 gen 1 range leader a1
        sync a1 gen=1 a1=x b1=y => writes g gen 1 range leader a1 a1:x b1:y; sync a1: x
        # Stable, but b1 has not come for it.
        after 59999ms           =>
        heartbeat a1 gen=1      => heartbeat a1: ok
        after 1ms               =>
        heartbeat a1 gen=1      => heartbeat a1: REBALANCE_IN_PROGRESS
        heartbeat b1 gen=1      => heartbeat b1: UNKNOWN_MEMBER_ID
    ",
    );
}

#[test]
fn a_leader_that_brings_no_assignment_is_out() {
    check(
        r"
        join a v3 session=30m   => writes g gen 0 none leader none
        join b v3 session=30m   =>
        after 6s                => join a: a1 gen 1 range leader a1 leads a1 b1
                                => join b: b1 gen 1 range leader a1
        sync b1 gen=1           =>
        after 60s               => sync b1: REBALANCE_IN_PROGRESS
        join b id=b1            => join b: b1 gen 2 range leader b1 leads b1
    ",
    );
}

#[test]
fn another_member_leads_when_the_leader_does_not_rejoin() {
    check_two(
        r"
        join b id=b1 protocols=range:u rebalance=20s =>
        after 9s                =>
        heartbeat a1 gen=1      => heartbeat a1: REBALANCE_IN_PROGRESS
        after 10s               => join b: b1 gen 2 range leader b1 leads b1
    ",
    );
}

#[test]
fn sync_is_checked_against_member_generation_and_protocol() {
    check(
        r"
        sync x gen=1                    => sync x: UNKNOWN_MEMBER_ID
        join a v3                       => writes g gen 0 none leader none
        after 3s                        => join a: a1 gen 1 range leader a1 leads a1
        sync a1 gen=1 group=''          => sync a1: INVALID_GROUP_ID
        sync a1 gen=1 type=none         => sync a1: INCONSISTENT_GROUP_PROTOCOL
        sync a1 gen=1 protocol=none     => sync a1: INCONSISTENT_GROUP_PROTOCOL
        sync x gen=1                    => sync x: UNKNOWN_MEMBER_ID
        sync a1 gen=2                   => sync a1: ILLEGAL_GENERATION
        sync a1 gen=0                   => sync a1: ILLEGAL_GENERATION
        sync a1 gen=1 type=connect      => sync a1: INCONSISTENT_GROUP_PROTOCOL
        sync a1 gen=1 protocol=sticky   => sync a1: INCONSISTENT_GROUP_PROTOCOL
        sync a1 gen=1 instance=i        => sync a1: UNKNOWN_MEMBER_ID
        sync a1 gen=1 v4 type=none protocol=none a1=x other=y => writes g gen 1 range leader a1 a1:x
                                        => sync a1: x
        leave a1                        => writes g gen 2 none leader none; leave a1: ok
        sync a1 gen=2                   => sync a1: UNKNOWN_MEMBER_ID
    ",
    );
}

#[test]
fn heartbeat_is_checked_against_member_and_generation() {
    check(
        r"
        heartbeat x gen=1               => heartbeat x: UNKNOWN_MEMBER_ID
        heartbeat x gen=1 group=''      => heartbeat x: INVALID_GROUP_ID
        join a                          => join a: MEMBER_ID_REQUIRED a1; writes g gen 0 none leader none
        # An id that was given out is no member yet.
        heartbeat a1 gen=0              => heartbeat a1: UNKNOWN_MEMBER_ID
        join a id=a1                    =>
        heartbeat a1 gen=0              => heartbeat a1: REBALANCE_IN_PROGRESS
        heartbeat a1 gen=1              => heartbeat a1: ILLEGAL_GENERATION
        after 3s                        => join a: a1 gen 1 range leader a1 leads a1
        heartbeat a1 gen=1              => heartbeat a1: ok
        heartbeat a1 gen=1 instance=i   => heartbeat a1: UNKNOWN_MEMBER_ID
        leave a1                        => writes g gen 2 none leader none; leave a1: ok
        heartbeat a1 gen=2              => heartbeat a1: UNKNOWN_MEMBER_ID
    ",
    );
}

#[test]
fn followers_wait_for_the_leaders_assignment_and_a_rebalance_sends_them_back() {
    check(
        r"
        join a v3                       => writes g gen 0 none leader none
        join b v3                       =>
        after 6s                        => join a: a1 gen 1 range leader a1 leads a1 b1
                                        => join b: b1 gen 1 range leader a1
        sync b1 gen=1                   =>
        join c v3                       => sync b1: REBALANCE_IN_PROGRESS
        join a id=a1                    =>
        join b id=b1                    => join a: a1 gen 2 range leader a1 leads a1 b1 c1
                                        => join b: b1 gen 2 range leader a1
                                        => join c: c1 gen 2 range leader a1
        sync b1 gen=2                   =>
        sync b1 gen=2                   => sync b1: REBALANCE_IN_PROGRESS
        sync c1 gen=2                   =>
        sync a1 gen=2 c1=z              => writes g gen 2 range leader a1 a1:- b1:- c1:z
                                        => sync a1: -; sync b1: -; sync c1: z
    ",
    );
}

#[test]
fn a_group_of_another_type_rebalances_too() {
    check(
        r"
        join w v3 type=connect protocols=sessioned => writes g gen 0 none leader none
        after 3s                => join w: w1 gen 1 sessioned leader w1 leads w1
        sync w1 gen=1 type=connect protocol=sessioned w1=x => writes g gen 1 sessioned leader w1 w1:x
                                => sync w1: x
        list                    => list: g Stable connect classic
    ",
    );
}
