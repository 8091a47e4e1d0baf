//! Classic members and consumer groups in each other's place, stated as scenarios.

use super::scenario::check;

#[test]
fn a_classic_group_becomes_a_consumer_group_when_such_a_member_comes() {
    check(
        r"
        topics t=2              =>
        join a v3               => writes g gen 0 none leader none
        after 3s                => join a: a1 gen 1 range leader a1 leads a1
        sync a1 gen=1 a1=consumer:t:0,1 => writes g gen 1 range leader a1 a1:t:0,1; sync a1: t:0,1
        beat b epoch=0          => writes g gone; writes a1 reads t classic; writes g epoch 1
                                => writes a1 wants t:0,1; writes g target epoch 1
                                => writes a1 @1 has t:0,1; writes b reads t; writes g epoch 2
                                => writes a1 wants t:0; writes b wants t:1; writes g target epoch 2
                                => writes b @2 unreleased has nothing; beat b: epoch 2 has nothing
        show g                  => show g: g Reconciling 2/2 uniform (a1 @1 classic t:0,1 wants t:0, b @2 nothing wants t:1)
        list                    => list: g Reconciling consumer consumer
        heartbeat a1 gen=1      => heartbeat a1: REBALANCE_IN_PROGRESS
        join a id=a1 owned=t:0,1 => writes a1 reads t classic
                                => writes a1 @1 unrevoked has t:0 gives up t:1
                                => join a: a1 gen 1 range leader
        sync a1 gen=1           => sync a1: t:0
        heartbeat a1 gen=1      => heartbeat a1: REBALANCE_IN_PROGRESS
        join a id=a1 owned=t:0  => writes a1 reads t classic; writes a1 @2 has t:0
                                => join a: a1 gen 2 range leader
        sync a1 gen=2           => sync a1: t:0
        beat b epoch=2          => writes b @2 has t:1; beat b: epoch 2 has t:1
        heartbeat a1 gen=2      => heartbeat a1: ok
        show g                  => show g: g Stable 2/2 uniform (a1 @2 classic t:0, b @2 t:1)
        commit t-0=1 member=a1 gen=2 id=116 => writes g t-0=1; commit t-0=1: ok
        commit t-0=1 member=a1 gen=3 id=116 => commit t-0=1: ILLEGAL_GENERATION
        # The last member of the newer protocol leaves: the group is a classic one again.
        beat b epoch=-1         => writes a1 current gone; writes b current gone
                                => writes a1 target gone; writes b target gone
                                => writes g target gone; writes a1 member gone
                                => writes b member gone; writes topics gone; writes g gone
                                => writes g gen 2 range leader a1 a1:t:0; beat b: epoch -1
        list                    => list: g PreparingRebalance consumer classic
        heartbeat a1 gen=2      => heartbeat a1: REBALANCE_IN_PROGRESS
        join a id=a1            => join a: a1 gen 3 range leader a1 leads a1
        sync a1 gen=3 a1=consumer:t:0,1 => writes g gen 3 range leader a1 a1:t:0,1; sync a1: t:0,1
        list                    => list: g Stable consumer classic
    ",
    );
}

#[test]
fn a_classic_member_joins_a_consumer_group() {
    check(
        r"
        topics t=2              =>
        beat b epoch=0          => writes b reads t; writes g epoch 2; writes b wants t:0,1
                                => writes g target epoch 2; writes b @2 has t:0,1
                                => beat b: epoch 2 has t:0,1
        after 1s                =>
        join a                  => join a: MEMBER_ID_REQUIRED m1
        join a id=x type=connect => join a: INCONSISTENT_GROUP_PROTOCOL x
        join a v3               => writes m2 reads t classic; writes g epoch 3; writes b wants t:0
                                => writes m2 wants t:1; writes g target epoch 3
                                => writes m2 @3 unreleased has nothing
                                => join a: m2 gen 3 range leader
        beat b epoch=2 owned=t:0,1 => writes b @2 unrevoked has t:0 gives up t:1
                                => beat b: epoch 2 has t:0
        beat b epoch=2 owned=t:0 => writes b @3 has t:0; beat b: epoch 3
        show g                  => show g: g Reconciling 3/3 uniform (b @3 t:0, m2 @3 classic nothing wants t:1)
    ",
    );
}

#[test]
fn without_migration_each_kind_stays_what_it_is() {
    check(
        r"
        config policy=disabled  =>
        topics t=2              =>
        beat b epoch=0          => writes b reads t; writes g epoch 2; writes b wants t:0,1
                                => writes g target epoch 2; writes b @2 has t:0,1
                                => beat b: epoch 2 has t:0,1
        join a v3               => join a: INCONSISTENT_GROUP_PROTOCOL
        join a v3 group=h       => writes h gen 0 none leader none
        after 3s                => join a: a1 gen 1 range leader a1 leads a1
        beat b epoch=0 group=h  => beat b: GROUP_ID_NOT_FOUND
        unload                  =>
    ",
    );
}

#[test]
fn an_empty_group_changes_its_kind_whatever_the_policy() {
    check(
        r"
        config policy=disabled  =>
        topics t=2              =>
        commit t-0=1            => writes g t-0=1; commit t-0=1: ok
        beat b epoch=0          => writes g gone; writes b reads t; writes g epoch 2
                                => writes b wants t:0,1; writes g target epoch 2
                                => writes b @2 has t:0,1; beat b: epoch 2 has t:0,1
        beat b epoch=-1         => writes b current gone; writes b target gone
                                => writes b member gone; writes g epoch 3; beat b: epoch -1
        join a v3               => writes g target gone; writes topics gone; writes g gone
                                => writes g gen 0 none leader none
        after 3s                => join a: a1 gen 1 range leader a1 leads a1
        list                    => list: g CompletingRebalance consumer classic
        fetch all               => fetch all: t-0=1
    ",
    );
}

#[test]
fn a_group_of_another_protocol_stays() {
    check(
        r"
        topics t=2              =>
        join a v3 type=connect protocols=x => writes g gen 0 none leader none
        after 3s                => join a: a1 gen 1 x leader a1 leads a1
        sync a1 gen=1 type=connect protocol=x a1=y => writes g gen 1 x leader a1 a1:y; sync a1: y
        beat b epoch=0          => beat b: GROUP_ID_NOT_FOUND
        list                    => list: g Stable connect classic
    ",
    );
}

#[test]
fn a_classic_member_that_does_not_sync_or_join_in_time_is_out() {
    check(
        r"
        topics t=2              =>
        beat b epoch=0          => writes b reads t; writes g epoch 2; writes b wants t:0,1
                                => writes g target epoch 2; writes b @2 has t:0,1
                                => beat b: epoch 2 has t:0,1
        join a v3 rebalance=20s session=30s => writes m1 reads t classic; writes g epoch 3
                                => writes m1 @2 has nothing; join a: m1 gen 2 range leader
        after 20s               => writes m1 current gone; writes m1 target gone
                                => writes m1 member gone; writes g epoch 4
        beat b epoch=2          => writes g target epoch 4; writes b @4 has t:0,1; beat b: epoch 4
        show g                  => show g: g Stable 4/4 uniform (b @4 t:0,1)
    ",
    );
}

#[test]
fn administrators_send_members_away() {
    check(
        r"
        topics t=2              =>
        beat a epoch=0 instance=i => writes a reads t; writes g epoch 2; writes a wants t:0,1
                                => writes g target epoch 2; writes a @2 has t:0,1
                                => beat a: epoch 2 has t:0,1
        beat b epoch=0          => writes b reads t; writes g epoch 3; writes b @2 has nothing
                                => beat b: epoch 2 has nothing
        leave /i b x            => writes a current gone; writes a target gone
                                => writes a member gone; writes b current gone
                                => writes b target gone; writes b member gone; writes g epoch 4
                                => leave /i: ok ok UNKNOWN_MEMBER_ID
        show g                  => show g: g Empty 2/4 uniform ()
    ",
    );
}

#[test]
fn a_refused_conversion_leaves_the_classic_group() {
    check(
        r"
        topics t=2              =>
        join a v3               => writes g gen 0 none leader none
        after 3s                => join a: a1 gen 1 range leader a1 leads a1
        sync a1 gen=1 a1=consumer:t:0,1 => writes g gen 1 range leader a1 a1:t:0,1; sync a1: t:0,1
        log hold                =>
        beat b epoch=0          => writes g gone; writes a1 reads t classic; writes g epoch 1
                                => writes a1 wants t:0,1; writes g target epoch 1
                                => writes a1 @1 has t:0,1; writes b reads t; writes g epoch 2
                                => writes a1 wants t:0; writes b wants t:1; writes g target epoch 2
                                => writes b @2 unreleased has nothing
        log fails NOT_ENOUGH_REPLICAS => beat b: COORDINATOR_NOT_AVAILABLE
        log auto                =>
        list                    => list: g Stable consumer classic
        heartbeat a1 gen=1      => heartbeat a1: ok
        beat b epoch=0          => writes g gone; writes a1 reads t classic; writes g epoch 1
                                => writes a1 wants t:0,1; writes g target epoch 1
                                => writes a1 @1 has t:0,1; writes b reads t; writes g epoch 2
                                => writes a1 wants t:0; writes b wants t:1; writes g target epoch 2
                                => writes b @2 unreleased has nothing; beat b: epoch 2 has nothing
        log hold                =>
        beat b epoch=-1         => writes a1 current gone; writes b current gone
                                => writes a1 target gone; writes b target gone
                                => writes g target gone; writes a1 member gone
                                => writes b member gone; writes topics gone; writes g gone
                                => writes g gen 2 range leader a1 a1:t:0
        log fails NOT_ENOUGH_REPLICAS => beat b: COORDINATOR_NOT_AVAILABLE
        log auto                =>
        show g                  => show g: g Reconciling 2/2 uniform (a1 @1 classic t:0,1 wants t:0, b @2 nothing wants t:1)
        restart                 =>
        show g                  => show g: g Reconciling 2/2 uniform (a1 @1 classic t:0,1 wants t:0, b @2 nothing wants t:1)
    ",
    );
}

#[test]
fn a_static_classic_member_takes_the_place_of_the_last_of_the_newer_protocol() {
    check(
        r"
        topics t=2              =>
        beat b epoch=0 instance=i => writes b reads t; writes g epoch 2; writes b wants t:0,1
                                => writes g target epoch 2; writes b @2 has t:0,1
                                => beat b: epoch 2 has t:0,1
        join a v3               => writes m1 reads t classic; writes g epoch 3
                                => writes m1 @2 has nothing; join a: m1 gen 2 range leader
        after 1s                =>
        beat b epoch=2 owned=t:0,1 instance=i => writes m1 wants t:1; writes b wants t:0
                                => writes g target epoch 3
                                => writes b @2 unrevoked has t:0 gives up t:1
                                => beat b: epoch 2 has t:0
        beat b epoch=2 owned=t:0 instance=i => writes b @3 has t:0; beat b: epoch 3
        join s instance=i       => writes b current gone; writes b target gone
                                => writes b member gone; writes m2 reads t; writes m2 wants t:0
                                => writes m2 @0 has t:0; writes m2 reads t classic
                                => writes m2 @3 has t:0; writes m1 current gone
                                => writes m2 current gone; writes m1 target gone
                                => writes m2 target gone; writes g target gone
                                => writes m1 member gone; writes m2 member gone; writes topics gone
                                => writes g gone; writes g gen 3 range leader m1 m1:t:1 m2:t:0
                                => join s: m2 gen 3 range leader
        list                    => list: g Stable consumer classic
        heartbeat m1 gen=3      => heartbeat m1: ok
        describe g              => describe g: g Stable consumer range (m1*:t:1 m2*:t:0)
    ",
    );
}

#[test]
fn a_classic_group_in_the_midst_of_a_rebalance_is_taken_over() {
    check(
        r"
        topics t=2              =>
        join a v3               => writes g gen 0 none leader none
        join c v3               =>
        beat b epoch=0          => join a: REBALANCE_IN_PROGRESS a1
                                => join c: REBALANCE_IN_PROGRESS c1; writes g gone
                                => writes a1 reads t classic; writes c1 reads t classic
                                => writes g epoch 0; writes a1 wants nothing
                                => writes c1 wants nothing; writes g target epoch 0
                                => writes a1 @0 has nothing; writes c1 @0 has nothing
                                => writes b reads t; writes g epoch 1; writes b wants t:0
                                => writes c1 wants t:1; writes g target epoch 1
                                => writes b @1 has t:0; beat b: epoch 1 has t:0
        after 6s                =>
        beat b epoch=0          => beat b: epoch 1 has t:0
        sync a1 gen=1           => sync a1: ILLEGAL_GENERATION
        show g                  => show g: g Reconciling 1/1 uniform (a1 @0 classic nothing, b @1 t:0, c1 @0 classic nothing wants t:1)
    ",
    );
}

#[test]
fn an_assignment_of_an_own_assignor_is_not_taken_over() {
    check(
        r"
        topics t=2              =>
        join a v3               => writes g gen 0 none leader none
        after 3s                => join a: a1 gen 1 range leader a1 leads a1
        sync a1 gen=1 a1=mine   => writes g gen 1 range leader a1 a1:mine; sync a1: mine
        beat b epoch=0          => beat b: GROUP_ID_NOT_FOUND
        list                    => list: g Stable consumer classic
    ",
    );
}
