//! Static members: they keep their place while they are away.

use super::scenario::check;

/// A dynamic leader `a1` and a static follower `i1`, stable in generation 1.
const STABLE: &str = r"
        join a v3               => writes g gen 0 none leader none
        join s instance=i       =>
        after 6s                => join a: a1 gen 1 range leader a1 leads a1 i1
                                => join s: i1 gen 1 range leader a1
        sync a1 gen=1 a1=x i1=y => writes g gen 1 range leader a1 a1:x i1:y; sync a1: x
        sync i1 gen=1 instance=i => sync i1: y
";

/// A static leader `i1`, stable in generation 1.
const STATIC_LEADER: &str = r"
        join s instance=i       => writes g gen 0 none leader none
        join b v3               =>
        after 6s                => join b: b1 gen 1 range leader i1
                                => join s: i1 gen 1 range leader i1 leads b1 i1
        sync i1 gen=1 i1=x b1=y => writes g gen 1 range leader i1 b1:y i1:x; sync i1: x
        sync b1 gen=1           => sync b1: y
";

#[track_caller]
fn check_after(before: &str, scenario: &str) {
    check(&format!("{before}{scenario}"));
}

#[test]
fn a_member_that_comes_back_takes_over_without_a_rebalance() {
    check_after(
        STABLE,
        r"
        join s instance=i       => writes g gen 1 range leader a1 a1:x i2:y; join s: i2 gen 1 range leader a1
        heartbeat a1 gen=1      => heartbeat a1: ok
        sync i2 gen=1 instance=i => sync i2: y
        heartbeat i1 gen=1 instance=i => heartbeat i1: FENCED_INSTANCE_ID
        heartbeat i1 gen=1      => heartbeat i1: UNKNOWN_MEMBER_ID
        heartbeat i2 gen=1 instance=i => heartbeat i2: ok
    ",
    );
}

#[test]
fn other_metadata_makes_no_rebalance_as_long_as_the_protocol_stays() {
    check_after(
        STABLE,
        r"
        join s instance=i protocols=range:u => writes g gen 1 range leader a1 a1:x i2:y
                                => join s: i2 gen 1 range leader a1
        heartbeat a1 gen=1      => heartbeat a1: ok
    ",
    );
}

#[test]
fn a_leader_that_comes_back_leads_on_and_skips_the_assignment() {
    check_after(
        STATIC_LEADER,
        r"
        join s instance=i       => writes g gen 1 range leader i2 b1:y i2:x
                                => join s: i2 gen 1 range leader i2 leads b1 i2 skip
        sync i2 gen=1           => sync i2: x
    ",
    );
}

#[test]
fn before_version_9_a_leader_that_comes_back_takes_itself_for_a_follower() {
    check_after(
        STATIC_LEADER,
        r"
        join s instance=i v8    => writes g gen 1 range leader i2 b1:y i2:x; join s: i2 gen 1 range leader i1
    ",
    );
}

#[test]
fn another_protocol_makes_a_rebalance() {
    check(
        r"
        join a v3 protocols=p,q => writes g gen 0 none leader none
        join s instance=i protocols=p,q =>
        after 6s                => join a: a1 gen 1 p leader a1 leads a1 i1; join s: i1 gen 1 p leader a1
        sync a1 gen=1 protocol=p => writes g gen 1 p leader a1 a1:- i1:-; sync a1: -
        join s instance=i protocols=q =>
        heartbeat a1 gen=1      => heartbeat a1: REBALANCE_IN_PROGRESS
        join a id=a1 protocols=p,q => join a: a1 gen 2 q leader a1 leads a1 i2; join s: i2 gen 2 q leader a1
    ",
    );
}

#[test]
fn coming_back_before_the_assignment_is_known_makes_a_rebalance() {
    check(
        r"
        join a v3               => writes g gen 0 none leader none
        join s instance=i       =>
        after 6s                => join a: a1 gen 1 range leader a1 leads a1 i1
                                => join s: i1 gen 1 range leader a1
        sync i1 gen=1           =>
        join s instance=i       => sync i1: FENCED_INSTANCE_ID
        sync a1 gen=1 i1=y      => sync a1: REBALANCE_IN_PROGRESS
        join a id=a1            => join a: a1 gen 2 range leader a1 leads a1 i2
                                => join s: i2 gen 2 range leader a1
    ",
    );
}

#[test]
fn coming_back_twice_during_a_rebalance_fences_the_first() {
    check(
        r"
        join s instance=i       => writes g gen 0 none leader none
        join s instance=i       => join s: FENCED_INSTANCE_ID i1
        after 3s                => join s: i2 gen 1 range leader i2 leads i2
    ",
    );
}

#[test]
fn a_static_member_that_is_away_stays_until_its_session_ends() {
    check_after(
        STABLE,
        r"
        # The rebalance timeout of 60 s would end later than the session of 10 s.
        join a id=a1            =>
        after 10s               => join a: a1 gen 2 range leader a1 leads a1
        join s id=i1 instance=i => join s: UNKNOWN_MEMBER_ID i1
    ",
    );
}

#[test]
fn a_static_member_stays_in_the_generation_it_missed() {
    check(
        r"
        join a v3 rebalance=20s => writes g gen 0 none leader none
        join s instance=i session=30m rebalance=20s =>
        after 6s                => join a: a1 gen 1 range leader a1 leads a1 i1
                                => join s: i1 gen 1 range leader a1
        sync a1 gen=1 i1=y      => writes g gen 1 range leader a1 a1:- i1:y; sync a1: -
        sync i1 gen=1           => sync i1: y
        join a id=a1 rebalance=20s =>
        after 20s               => join a: a1 gen 2 range leader a1 leads a1 i1
        heartbeat i1 gen=1 instance=i => heartbeat i1: ILLEGAL_GENERATION
        sync a1 gen=2 i1=z      => writes g gen 2 range leader a1 a1:- i1:z; sync a1: -
        # It does not ask for its assignment within the rebalance timeout.
        after 9s                =>
        heartbeat a1 gen=2      => heartbeat a1: ok
        after 9s                =>
        heartbeat a1 gen=2      => heartbeat a1: ok
        after 2s                =>
        heartbeat a1 gen=2      => heartbeat a1: REBALANCE_IN_PROGRESS
        heartbeat i1 gen=2      => heartbeat i1: UNKNOWN_MEMBER_ID
    ",
    );
}

#[test]
fn a_rebalance_that_no_static_member_comes_to_begins_again() {
    check(
        r"
        join s instance=i session=10m rebalance=20s => writes g gen 0 none leader none
        join a v3 session=6s rebalance=20s =>
        after 6s                => join a: a1 gen 1 range leader i1
                                => join s: i1 gen 1 range leader i1 leads a1 i1
        sync i1 gen=1           => writes g gen 1 range leader i1 a1:- i1:-; sync i1: -
        leave a1                => leave a1: ok
        # Only the static leader is left, and it does not come: 20 s, again 20 s, and so on.
        after 50s               =>
        describe g              => describe g: g PreparingRebalance consumer (i1:-)
        join s instance=i       => join s: i2 gen 2 range leader i2 leads i2
    ",
    );
}

#[test]
fn the_timeouts_of_the_new_member_replace_the_old_ones() {
    check_after(
        STABLE,
        r"
        join s instance=i session=20s => writes g gen 1 range leader a1 a1:x i2:y
                                => join s: i2 gen 1 range leader a1
        after 9s                =>
        heartbeat a1 gen=1      => heartbeat a1: ok
        after 9s                =>
        heartbeat a1 gen=1      => heartbeat a1: ok
        after 1s                =>
        heartbeat i2 gen=1      => heartbeat i2: ok
    ",
    );
}

#[test]
fn a_rebalance_timeout_of_nothing_does_not_keep_the_coordinator_busy_for_ever() {
    check_after(
        STABLE,
        r"
        join s instance=i rebalance=0s => writes g gen 1 range leader a1 a1:x i2:y
                                => join s: i2 gen 1 range leader a1
        leave a1                => leave a1: ok
        after 5s                =>
        join s instance=i       => join s: i3 gen 2 range leader i3 leads i3
    ",
    );
}
