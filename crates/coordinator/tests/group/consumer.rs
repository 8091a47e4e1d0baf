//! Rules of consumer groups, stated as scenarios.

use super::scenario::check;

#[test]
fn the_first_member_gets_everything_at_once() {
    check(
        r"
        topics t=3              =>
        beat a epoch=0          => writes a reads t; writes g epoch 2; writes a wants t:0,1,2
                                => writes g target epoch 2; writes a @2 has t:0,1,2
                                => beat a: epoch 2 has t:0,1,2
        beat a epoch=2          => beat a: epoch 2
        beat a epoch=2 owned=t:0,1,2 => beat a: epoch 2
        show g                  => show g: g Stable 2/2 uniform (a @2 t:0,1,2)
        list                    => list: g Stable consumer consumer
    ",
    );
}

#[test]
fn a_partition_moves_when_its_owner_has_given_it_up() {
    check(
        r"
        topics t=4              =>
        beat a epoch=0          => writes a reads t; writes g epoch 2; writes a wants t:0,1,2,3
                                => writes g target epoch 2; writes a @2 has t:0,1,2,3
                                => beat a: epoch 2 has t:0,1,2,3
        after 1s                =>
        beat b epoch=0          => writes b reads t; writes g epoch 3; writes a wants t:0,1
                                => writes b wants t:2,3; writes g target epoch 3
                                => writes b @3 unreleased has nothing; beat b: epoch 3 has nothing
        show g                  => show g: g Reconciling 3/3 uniform (a @2 t:0,1,2,3 wants t:0,1, b @3 nothing wants t:2,3)
        # b waits for partitions that a still has.
        beat b epoch=3          => writes b @3 unreleased has nothing; beat b: epoch 3
        # a has to give them up, and is told so once.
        beat a epoch=2 owned=t:0,1,2,3 => writes a @2 unrevoked has t:0,1 gives up t:2,3
                                => beat a: epoch 2 has t:0,1
        beat a epoch=2          => beat a: epoch 2
        beat a epoch=2 owned=t:0,1,2,3 => beat a: epoch 2
        beat b epoch=3          => beat b: epoch 3
        beat a epoch=2 owned=t:0,1 => writes a @3 has t:0,1; beat a: epoch 3
        beat b epoch=3          => writes b @3 has t:2,3; beat b: epoch 3 has t:2,3
        beat a epoch=3          => beat a: epoch 3
        show g                  => show g: g Stable 3/3 uniform (a @3 t:0,1, b @3 t:2,3)
    ",
    );
}

#[test]
fn targets_are_computed_one_in_an_interval_at_most() {
    check(
        r"
        topics t=4              =>
        beat a epoch=0          => writes a reads t; writes g epoch 2; writes a wants t:0,1,2,3
                                => writes g target epoch 2; writes a @2 has t:0,1,2,3
                                => beat a: epoch 2 has t:0,1,2,3
        beat b epoch=0          => writes b reads t; writes g epoch 3; writes b @2 has nothing
                                => beat b: epoch 2 has nothing
        beat c epoch=0          => writes c reads t; writes g epoch 4; writes c @2 has nothing
                                => beat c: epoch 2 has nothing
        beat c epoch=2          => beat c: epoch 2
        after 1s                =>
        beat c epoch=2          => writes a wants t:0,1; writes b wants t:2; writes c wants t:3
                                => writes g target epoch 4; writes c @4 unreleased has nothing
                                => beat c: epoch 4
        show g                  => show g: g Reconciling 4/4 uniform (a @2 t:0,1,2,3 wants t:0,1, b @2 nothing wants t:2, c @4 nothing wants t:3)
    ",
    );
}

#[test]
fn a_member_that_does_not_give_up_its_partitions_in_time_is_out() {
    check(
        r"
        topics t=2              =>
        beat a epoch=0 timeout=30s => writes a reads t; writes g epoch 2; writes a wants t:0,1
                                => writes g target epoch 2; writes a @2 has t:0,1
                                => beat a: epoch 2 has t:0,1
        after 1s                =>
        beat b epoch=0          => writes b reads t; writes g epoch 3; writes a wants t:0
                                => writes b wants t:1; writes g target epoch 3
                                => writes b @3 unreleased has nothing; beat b: epoch 3 has nothing
        beat a epoch=2 owned=t:0,1 => writes a @2 unrevoked has t:0 gives up t:1
                                => beat a: epoch 2 has t:0
        after 29999ms           =>
        beat a epoch=2 owned=t:0,1 => beat a: epoch 2
        after 1ms               => writes a current gone; writes a target gone
                                => writes a member gone; writes g epoch 4
        beat a epoch=2 owned=t:0,1 => beat a: UNKNOWN_MEMBER_ID
        beat b epoch=3          => writes b wants t:0,1; writes g target epoch 4
                                => writes b @4 has t:0,1; beat b: epoch 4 has t:0,1
        beat b epoch=4          => beat b: epoch 4
    ",
    );
}

#[test]
fn a_silent_member_is_out() {
    check(
        r"
        topics t=2              =>
        beat a epoch=0          => writes a reads t; writes g epoch 2; writes a wants t:0,1
                                => writes g target epoch 2; writes a @2 has t:0,1
                                => beat a: epoch 2 has t:0,1
        after 44999ms           =>
        beat a epoch=2          => beat a: epoch 2
        after 44999ms           =>
        show g                  => show g: g Stable 2/2 uniform (a @2 t:0,1)
        after 1ms               => writes a current gone; writes a target gone
                                => writes a member gone; writes g epoch 3
        show g                  => show g: g Empty 2/3 uniform ()
        beat a epoch=2          => beat a: UNKNOWN_MEMBER_ID
    ",
    );
}

#[test]
fn a_group_may_have_its_own_session_timeout() {
    check(
        r"
        topics t=2              =>
        group-config g session=50000 =>
        beat a epoch=0          => writes a reads t; writes g epoch 2; writes a wants t:0,1
                                => writes g target epoch 2; writes a @2 has t:0,1
                                => beat a: epoch 2 has t:0,1
        after 49999ms           =>
        show g                  => show g: g Stable 2/2 uniform (a @2 t:0,1)
        after 1ms               => writes a current gone; writes a target gone
                                => writes a member gone; writes g epoch 3
        # Out of bounds counts as the bound.
        group-config g session=70000 =>
        beat a epoch=0          => writes a reads t; writes g epoch 4; writes a wants t:0,1
                                => writes g target epoch 4; writes a @4 has t:0,1
                                => beat a: epoch 4 has t:0,1
        after 59999ms           =>
        show g                  => show g: g Stable 4/4 uniform (a @4 t:0,1)
        after 1ms               => writes a current gone; writes a target gone
                                => writes a member gone; writes g epoch 5
    ",
    );
}

#[test]
fn a_member_leaves() {
    check(
        r"
        topics t=2              =>
        beat a epoch=0          => writes a reads t; writes g epoch 2; writes a wants t:0,1
                                => writes g target epoch 2; writes a @2 has t:0,1
                                => beat a: epoch 2 has t:0,1
        beat a epoch=-1         => writes a current gone; writes a target gone
                                => writes a member gone; writes g epoch 3; beat a: epoch -1
        show g                  => show g: g Empty 2/3 uniform ()
        beat a epoch=2          => beat a: UNKNOWN_MEMBER_ID
        beat a epoch=0          => writes a reads t; writes g epoch 4; writes a @2 has nothing
                                => beat a: epoch 2 has nothing
    ",
    );
}

#[test]
fn epochs_are_checked() {
    check(
        r"
        topics t=2              =>
        beat a epoch=1          => beat a: GROUP_ID_NOT_FOUND
        beat a epoch=-1         => beat a: GROUP_ID_NOT_FOUND
        beat a epoch=0          => writes a reads t; writes g epoch 2; writes a wants t:0,1
                                => writes g target epoch 2; writes a @2 has t:0,1
                                => beat a: epoch 2 has t:0,1
        beat b epoch=2          => beat b: UNKNOWN_MEMBER_ID
        beat b epoch=-1         => beat b: UNKNOWN_MEMBER_ID
        beat a epoch=3          => beat a: FENCED_MEMBER_EPOCH
        beat a epoch=1          => beat a: FENCED_MEMBER_EPOCH
        # The answer that told of epoch 2 may be lost.
        beat a epoch=0          => beat a: epoch 2 has t:0,1
        after 1s                =>
        beat b epoch=0          => writes b reads t; writes g epoch 3; writes a wants t:0
                                => writes b wants t:1; writes g target epoch 3
                                => writes b @3 unreleased has nothing; beat b: epoch 3 has nothing
        beat a epoch=2 owned=t:0,1 => writes a @2 unrevoked has t:0 gives up t:1
                                => beat a: epoch 2 has t:0
        beat a epoch=2 owned=t:0 => writes a @3 has t:0; beat a: epoch 3
        beat a epoch=2 owned=t:0 => beat a: epoch 3
        beat a epoch=2 owned=t:0,1 => beat a: FENCED_MEMBER_EPOCH
        beat a epoch=2          => beat a: FENCED_MEMBER_EPOCH
    ",
    );
}

#[test]
fn what_is_asked_is_checked() {
    check(
        r"
        beat a epoch=0 group='' => beat a: INVALID_REQUEST
        beat anonymous epoch=0  => beat anonymous: INVALID_REQUEST
        beat anonymous epoch=0 v0 => writes m1 reads t; writes g epoch 2; writes m1 wants nothing
                                => writes g target epoch 2; writes m1 @2 has nothing
                                => beat anonymous: epoch 2 has nothing
        beat anonymous epoch=-1 v0 => beat anonymous: INVALID_REQUEST
        beat a epoch=0 instance='' => beat a: INVALID_REQUEST
        beat a epoch=0 rack=''  => beat a: INVALID_REQUEST
        beat a epoch=0 owned=t:0 => beat a: INVALID_REQUEST
        beat a epoch=-2         => beat a: INVALID_REQUEST
        beat a epoch=-3         => beat a: INVALID_REQUEST
        beat a epoch=0 assignor=mine => beat a: UNSUPPORTED_ASSIGNOR
        beat a epoch=0 regex=[  => beat a: INVALID_REGULAR_EXPRESSION
        list                    => list: g Stable consumer consumer
    ",
    );
}

#[test]
fn a_full_group_takes_nobody() {
    check(
        r"
        config consumer_max=1   =>
        topics t=2              =>
        beat a epoch=0          => writes a reads t; writes g epoch 2; writes a wants t:0,1
                                => writes g target epoch 2; writes a @2 has t:0,1
                                => beat a: epoch 2 has t:0,1
        beat b epoch=0          => beat b: GROUP_MAX_SIZE_REACHED
        beat a epoch=0          => beat a: epoch 2 has t:0,1
    ",
    );
}

#[test]
fn a_change_of_topics_is_noticed_with_the_next_heartbeat() {
    check(
        r"
        topics t=1 x=1          =>
        beat a epoch=0 topics=t+u => writes a reads t+u; writes g epoch 2; writes a wants t:0
                                => writes g target epoch 2; writes a @2 has t:0
                                => beat a: epoch 2 has t:0
        beat a epoch=2          => beat a: epoch 2
        topics x=2              =>
        beat a epoch=2          => beat a: epoch 2
        topics t=2              =>
        after 1s                =>
        beat a epoch=2          => writes g epoch 3; writes a wants t:0,1; writes g target epoch 3
                                => writes a @3 has t:0,1; beat a: epoch 3 has t:0,1
        topics u=1              =>
        after 1s                =>
        beat a epoch=3          => writes g epoch 4; writes a wants t:0,1+u:0
                                => writes g target epoch 4; writes a @4 has t:0,1+u:0
                                => beat a: epoch 4 has t:0,1+u:0
        topic-gone t            =>
        after 1s                =>
        beat a epoch=4 owned=t:0,1+u:0 => writes g epoch 5; writes a wants u:0
                                => writes g target epoch 5
                                => writes a @4 unrevoked has u:0 gives up t:0,1
                                => beat a: epoch 4 has u:0
        beat a epoch=4 owned=u:0 => writes a @5 has u:0; beat a: epoch 5
        show g                  => show g: g Stable 5/5 uniform (a @5 u:0)
    ",
    );
}

#[test]
fn a_member_changes_its_subscription() {
    check(
        r"
        topics t=2 u=2          =>
        beat a epoch=0 topics=t+u => writes a reads t+u; writes g epoch 2
                                => writes a wants t:0,1+u:0,1; writes g target epoch 2
                                => writes a @2 has t:0,1+u:0,1; beat a: epoch 2 has t:0,1+u:0,1
        # It gives up the topic at once, though the target is computed later.
        beat a epoch=2 topics=u owned=t:0,1+u:0,1 => writes a reads u; writes g epoch 3
                                => writes a @2 unrevoked has u:0,1 gives up t:0,1
                                => beat a: epoch 2 has u:0,1
        beat a epoch=2 owned=u:0,1 => writes a @2 has u:0,1; beat a: epoch 2
        after 1s                =>
        beat a epoch=2          => writes a wants u:0,1; writes g target epoch 3
                                => writes a @3 has u:0,1; beat a: epoch 3
    ",
    );
}

#[test]
fn the_assignor_that_most_ask_for_is_taken() {
    check(
        r"
        config interval=0s      =>
        topics t=3 u=3          =>
        beat a epoch=0 topics=t+u => writes a reads t+u; writes g epoch 2
                                => writes a wants t:0,1,2+u:0,1,2; writes g target epoch 2
                                => writes a @2 has t:0,1,2+u:0,1,2
                                => beat a: epoch 2 has t:0,1,2+u:0,1,2
        beat b epoch=0 topics=t+u assignor=range => writes b reads t+u; writes g epoch 3
                                => writes a wants t:0,1+u:0,1; writes b wants t:2+u:2
                                => writes g target epoch 3; writes b @3 unreleased has nothing
                                => beat b: epoch 3 has nothing
        show g                  => show g: g Reconciling 3/3 range (a @2 t:0,1,2+u:0,1,2 wants t:0,1+u:0,1, b @3 nothing wants t:2+u:2)
        beat a epoch=2 assignor=uniform owned=t:0,1,2+u:0,1,2 => writes a reads t+u
                                => writes a @2 unrevoked has t:0,1+u:0,1 gives up t:2+u:2
                                => beat a: epoch 2 has t:0,1+u:0,1
        beat c epoch=0 topics=t+u assignor=uniform => writes c reads t+u; writes g epoch 4
                                => writes a wants t:0,1; writes c wants u:0,1
                                => writes g target epoch 4; writes c @4 unreleased has nothing
                                => beat c: epoch 4 has nothing
        show g                  => show g: g Reconciling 4/4 uniform (a @2 t:0,1,2+u:0,1,2 wants t:0,1, b @3 nothing wants t:2+u:2, c @4 nothing wants u:0,1)
    ",
    );
}

#[test]
fn a_static_member_keeps_its_partitions_while_it_is_away() {
    check(
        r"
        topics t=2              =>
        beat a epoch=0 instance=i => writes a reads t; writes g epoch 2; writes a wants t:0,1
                                => writes g target epoch 2; writes a @2 has t:0,1
                                => beat a: epoch 2 has t:0,1
        beat b epoch=0 instance=i => beat b: UNRELEASED_INSTANCE_ID
        beat a epoch=-2         => beat a: INVALID_REQUEST
        beat a epoch=-2 instance=i => writes a @-2 has t:0,1; beat a: epoch -2
        show g                  => show g: g Reconciling 2/2 uniform (a @-2 t:0,1)
        # Whoever has the instance id next takes over.
        beat b epoch=0 instance=i => writes a current gone; writes a target gone
                                => writes a member gone; writes b reads t; writes b wants t:0,1
                                => writes b @0 has t:0,1; writes b reads t; writes b @2 has t:0,1
                                => beat b: epoch 2 has t:0,1
        beat a epoch=2 instance=i => beat a: FENCED_INSTANCE_ID
        beat a epoch=-1 instance=i => beat a: FENCED_INSTANCE_ID
        beat b epoch=2 instance=j => beat b: UNKNOWN_MEMBER_ID
        beat b epoch=2 instance=i => beat b: epoch 2
        show g                  => show g: g Stable 2/2 uniform (b @2 t:0,1)
        beat b epoch=-1 instance=i => writes b current gone; writes b target gone
                                => writes b member gone; writes g epoch 3; beat b: epoch -1
    ",
    );
}

#[test]
fn a_static_member_that_does_not_come_back_is_out() {
    check(
        r"
        topics t=2              =>
        beat a epoch=0 instance=i => writes a reads t; writes g epoch 2; writes a wants t:0,1
                                => writes g target epoch 2; writes a @2 has t:0,1
                                => beat a: epoch 2 has t:0,1
        beat a epoch=-2 instance=i => writes a @-2 has t:0,1; beat a: epoch -2
        after 45s               => writes a current gone; writes a target gone
                                => writes a member gone; writes g epoch 3
        show g                  => show g: g Empty 2/3 uniform ()
        beat b epoch=0 instance=i => writes b reads t; writes g epoch 4; writes b wants t:0,1
                                => writes g target epoch 4; writes b @4 has t:0,1
                                => beat b: epoch 4 has t:0,1
    ",
    );
}

#[test]
fn a_regular_expression_is_resolved_apart() {
    check(
        r"
        topics topic-a=2 other=1 =>
        beat a epoch=0 regex=topic-.* => resolves; writes a reads /topic-.*/
                                => writes a @1 has nothing; beat a: epoch 1 has nothing
        beat a epoch=1          => beat a: epoch 1
        resolve                 => writes /topic-.*/ is topic-a; writes g epoch 2
        beat a epoch=1          => writes a wants topic-a:0,1; writes g target epoch 2
                                => writes a @2 has topic-a:0,1; beat a: epoch 2 has topic-a:0,1
        show g                  => show g: g Stable 2/2 uniform (a @2 topic-a:0,1)
        # A new topic has it resolved again, ten seconds later at the earliest.
        topics topic-b=1        =>
        beat a epoch=2          => beat a: epoch 2
        after 10001ms           =>
        beat a epoch=2          => resolves; beat a: epoch 2
        resolve                 => writes /topic-.*/ is topic-a+topic-b; writes g epoch 3
        beat a epoch=2          => writes a wants topic-a:0,1+topic-b:0; writes g target epoch 3
                                => writes a @3 has topic-a:0,1+topic-b:0
                                => beat a: epoch 3 has topic-a:0,1+topic-b:0
        # A second member of the same expression has nothing to wait for.
        beat b epoch=0 regex=topic-.* => writes b reads /topic-.*/; writes g epoch 4
                                => writes b @3 has nothing; beat b: epoch 3 has nothing
        after 1s                =>
        beat b epoch=3          => writes a wants topic-a:0,1; writes b wants topic-b:0
                                => writes g target epoch 4; writes b @4 unreleased has nothing
                                => beat b: epoch 4
        # The last member takes the expression along.
        beat a epoch=-1         => writes a current gone; writes a target gone
                                => writes a member gone; writes g epoch 5; beat a: epoch -1
        beat b epoch=-1         => writes b current gone; writes b target gone
                                => writes b member gone; writes /topic-.*/ gone; writes g epoch 6
                                => beat b: epoch -1
    ",
    );
}

#[test]
fn a_member_turns_from_an_expression_to_names() {
    check(
        r"
        topics t=1 u=1          =>
        beat a epoch=0 regex=[tu] => resolves; writes a reads /[tu]/; writes a @1 has nothing
                                => beat a: epoch 1 has nothing
        resolve                 => writes /[tu]/ is t+u; writes g epoch 2
        beat a epoch=1          => writes a wants t:0+u:0; writes g target epoch 2
                                => writes a @2 has t:0+u:0; beat a: epoch 2 has t:0+u:0
        after 1s                =>
        beat a epoch=2 topics=t regex='' owned=t:0+u:0 => writes a reads t; writes /[tu]/ gone
                                => writes g epoch 3; writes a wants t:0; writes g target epoch 3
                                => writes a @2 unrevoked has t:0 gives up u:0
                                => beat a: epoch 2 has t:0
        beat a epoch=2 owned=t:0 => writes a @3 has t:0; beat a: epoch 3
    ",
    );
}

#[test]
fn expressions_are_resolved_again_in_a_while() {
    check(
        r"
        config refresh=20s      =>
        topics t=1              =>
        beat a epoch=0 regex=t.* => resolves; writes a reads /t.*/; writes a @1 has nothing
                                => beat a: epoch 1 has nothing
        beat a epoch=1          => beat a: epoch 1
        resolve                 => writes /t.*/ is t; writes g epoch 2
        beat a epoch=1          => writes a wants t:0; writes g target epoch 2; writes a @2 has t:0
                                => beat a: epoch 2 has t:0
        after 20s               =>
        beat a epoch=2          => beat a: epoch 2
        after 1ms               =>
        beat a epoch=2          => resolves; beat a: epoch 2
        beat a epoch=2          => beat a: epoch 2
        resolve                 => writes /t.*/ is t
        beat a epoch=2          => beat a: epoch 2
    ",
    );
}

#[test]
fn members_commit_in_their_epoch_or_what_they_have_since() {
    check(
        r"
        topics t=2              =>
        beat a epoch=0          => writes a reads t; writes g epoch 2; writes a wants t:0,1
                                => writes g target epoch 2; writes a @2 has t:0,1
                                => beat a: epoch 2 has t:0,1
        commit t-0=5 member=a gen=2 id=116 => writes g t-0=5; commit t-0=5: ok
        commit t-0=5 member=a gen=2 id=116 v8 => commit t-0=5: UNSUPPORTED_VERSION
        commit t-0=6 member=a gen=3 id=116 => commit t-0=6: STALE_MEMBER_EPOCH
        commit t-0=6 member=b gen=2 id=116 => commit t-0=6: UNKNOWN_MEMBER_ID
        commit t-0=6            => commit t-0=6: UNKNOWN_MEMBER_ID
        after 1s                =>
        beat b epoch=0          => writes b reads t; writes g epoch 3; writes a wants t:0
                                => writes b wants t:1; writes g target epoch 3
                                => writes b @3 unreleased has nothing; beat b: epoch 3 has nothing
        beat a epoch=2 owned=t:0,1 => writes a @2 unrevoked has t:0 gives up t:1
                                => beat a: epoch 2 has t:0
        beat a epoch=2 owned=t:0 => writes a @3 has t:0; beat a: epoch 3
        # It has partition 0 since epoch 2, and partition 1 no more.
        commit t-0=7 member=a gen=2 id=116 => writes g t-0=7; commit t-0=7: ok
        commit t-0=7 member=a gen=1 id=116 => commit t-0=7: STALE_MEMBER_EPOCH
        commit t-1=7 member=a gen=2 id=116 => commit t-1=7: STALE_MEMBER_EPOCH
        txn t-1=7 member=a gen=2 pid=1 => txn t-1=7: ILLEGAL_GENERATION
        txn t-0=8 member=a gen=2 pid=1 => writes pid 1 g t-0=8; txn t-0=8: ok
        txn t-1=8 pid=1         => writes pid 1 g t-1=8; txn t-1=8: ok
        fetch t-0 member=a epoch=3 => fetch t-0: t-0=7
        fetch t-0 member=a epoch=2 => fetch t-0: STALE_MEMBER_EPOCH
        fetch t-0 member=c epoch=2 => fetch t-0: UNKNOWN_MEMBER_ID
        fetch t-0               => fetch t-0: t-0=7
    ",
    );
}

#[test]
fn offsets_of_subscribed_topics_stay() {
    check(
        r"
        config retention=1m check=2m =>
        topics t=1 u=1          =>
        beat a epoch=0          => writes a reads t; writes g epoch 2; writes a wants t:0
                                => writes g target epoch 2; writes a @2 has t:0
                                => beat a: epoch 2 has t:0
        commit t-0=1 member=a gen=2 => writes g t-0=1; commit t-0=1: ok
        commit u-0=1 member=a gen=2 => writes g u-0=1; commit u-0=1: ok
        offset-delete t-0       => offset-delete t-0: GROUP_SUBSCRIBED_TO_TOPIC
        after 40s               =>
        beat a epoch=2          => beat a: epoch 2
        after 40s               =>
        beat a epoch=2          => beat a: epoch 2
        after 40s               => writes g u-0 gone
        fetch all               => fetch all: t-0=1
        offset-delete u-0       => offset-delete u-0: ok
        delete g                => delete g: NON_EMPTY_GROUP
        beat a epoch=-1         => writes a current gone; writes a target gone
                                => writes a member gone; writes g epoch 3; beat a: epoch -1
        after 2m                => writes g t-0 gone; writes g target gone; writes topics gone
                                => writes g gone
        list                    => list:
    ",
    );
}

#[test]
fn an_empty_group_can_be_deleted() {
    check(
        r"
        topics t=1              =>
        beat a epoch=0          => writes a reads t; writes g epoch 2; writes a wants t:0
                                => writes g target epoch 2; writes a @2 has t:0
                                => beat a: epoch 2 has t:0
        commit t-0=1 member=a gen=2 => writes g t-0=1; commit t-0=1: ok
        delete g                => delete g: NON_EMPTY_GROUP
        beat a epoch=-1         => writes a current gone; writes a target gone
                                => writes a member gone; writes g epoch 3; beat a: epoch -1
        commit t-0=2            => writes g t-0=2; commit t-0=2: ok
        delete g                => writes g t-0 gone; writes g target gone; writes topics gone
                                => writes g gone; delete g: ok
        list                    => list:
        fetch all               => fetch all: nothing
        show g                  => show g: GROUP_ID_NOT_FOUND Group g not found.
        restart                 =>
        list                    => list:
    ",
    );
}

#[test]
fn groups_are_listed_by_type_and_state() {
    check(
        r"
        topics t=1              =>
        beat a epoch=0          => writes a reads t; writes g epoch 2; writes a wants t:0
                                => writes g target epoch 2; writes a @2 has t:0
                                => beat a: epoch 2 has t:0
        join c v3 group=h       => writes h gen 0 none leader none
        list                    => list: g Stable consumer consumer | h PreparingRebalance consumer classic
        list type=consumer      => list: g Stable consumer consumer
        list type=classic       => list: h PreparingRebalance consumer classic
        list state=stable       => list: g Stable consumer consumer
        describe g              => describe g: GROUP_ID_NOT_FOUND g Dead ()
        show h                  => show h: GROUP_ID_NOT_FOUND Group h is not a consumer group.
        unload                  => join c: NOT_COORDINATOR c1
    ",
    );
}

#[test]
fn a_new_coordinator_goes_on_where_the_log_ends() {
    check(
        r"
        topics t=4              =>
        beat a epoch=0          => writes a reads t; writes g epoch 2; writes a wants t:0,1,2,3
                                => writes g target epoch 2; writes a @2 has t:0,1,2,3
                                => beat a: epoch 2 has t:0,1,2,3
        after 1s                =>
        beat b epoch=0          => writes b reads t; writes g epoch 3; writes a wants t:0,1
                                => writes b wants t:2,3; writes g target epoch 3
                                => writes b @3 unreleased has nothing; beat b: epoch 3 has nothing
        beat a epoch=2 owned=t:0,1,2,3 => writes a @2 unrevoked has t:0,1 gives up t:2,3
                                => beat a: epoch 2 has t:0,1
        show g                  => show g: g Reconciling 3/3 uniform (a @2 t:0,1,2,3 wants t:0,1, b @3 nothing wants t:2,3)
        restart                 =>
        show g                  => show g: g Reconciling 3/3 uniform (a @2 t:0,1,2,3 wants t:0,1, b @3 nothing wants t:2,3)
        # Who was to give up partitions has its full time again.
        after 44999ms           =>
        beat b epoch=3          => writes b @3 unreleased has nothing; beat b: epoch 3
        after 1ms               => writes a current gone; writes a target gone
                                => writes a member gone; writes g epoch 4
        show g                  => show g: g Assigning 3/4 uniform (b @3 nothing wants t:2,3)
    ",
    );
}

#[test]
fn an_answer_waits_for_what_it_tells_of() {
    check(
        r"
        topics t=2              =>
        log hold                =>
        beat a epoch=0          => writes a reads t; writes g epoch 2; writes a wants t:0,1
                                => writes g target epoch 2; writes a @2 has t:0,1
        beat a epoch=2          =>
        show g                  =>
        log takes               =>
        log commits             => beat a: epoch 2 has t:0,1; beat a: epoch 2
                                => show g: g Stable 2/2 uniform (a @2 t:0,1)
    ",
    );
}

#[test]
fn what_the_log_refuses_has_never_been() {
    check(
        r"
        topics t=2              =>
        log hold                =>
        round beat a epoch=0 / beat b epoch=0 => writes a reads t; writes g epoch 2
                                => writes a wants t:0,1; writes g target epoch 2
                                => writes a @2 has t:0,1; writes b reads t; writes g epoch 3
                                => writes b @2 has nothing
        log fails NOT_ENOUGH_REPLICAS => beat a: COORDINATOR_NOT_AVAILABLE
                                => beat b: COORDINATOR_NOT_AVAILABLE
        list                    => list:
        log auto                =>
        beat a epoch=0          => writes a reads t; writes g epoch 2; writes a wants t:0,1
                                => writes g target epoch 2; writes a @2 has t:0,1
                                => beat a: epoch 2 has t:0,1
        after 1s                =>
        log hold                =>
        beat b epoch=0          => writes b reads t; writes g epoch 3; writes a wants t:0
                                => writes b wants t:1; writes g target epoch 3
                                => writes b @3 unreleased has nothing
        beat a epoch=2 owned=t:0,1 =>
        log fails NOT_LEADER_OR_FOLLOWER => beat b: NOT_COORDINATOR; beat a: NOT_COORDINATOR
        log auto                =>
        show g                  => show g: g Stable 2/2 uniform (a @2 t:0,1)
        beat a epoch=2          => beat a: epoch 2
    ",
    );
}
