//! Offsets: who may commit, what is fetched, and how they go.

use super::scenario::check;

#[test]
fn a_client_without_a_group_commits_and_fetches() {
    check(
        r"
        commit t-0=5 t-1=6 u-0=7 meta=text => writes g t-0=5; writes g t-1=6; writes g u-0=7; commit t-0=5: ok ok ok
        fetch t-0 t-2 u-0               => fetch t-0: t-0=5(text) t-2=-1 u-0=7(text)
        fetch all                       => fetch all: t-0=5(text) t-1=6(text) u-0=7(text)
        fetch t-0 stable                => fetch t-0: t-0=5(text)
        describe g                      => describe g: g Empty ()
        list                            => list: g Empty classic
        fetch t-0 group=other           => fetch t-0: t-0=-1
        fetch all group=other           => fetch all: nothing
    ",
    );
}

#[test]
fn the_empty_id_is_a_group_like_any_other() {
    check(
        r"
        commit t-0=5 group=''           => writes t-0=5; commit t-0=5: ok
        fetch t-0 group=''              => fetch t-0: t-0=5
        txn t-0=5 pid=1 group=''        => txn t-0=5: INVALID_GROUP_ID
        offset-delete t-0 group=''      => offset-delete t-0: INVALID_GROUP_ID
    ",
    );
}

#[test]
fn a_generation_needs_a_group() {
    check(
        r"
        commit t-0=5 gen=0              => commit t-0=5: GROUP_ID_NOT_FOUND
        commit t-0=5 gen=0 v8           => commit t-0=5: ILLEGAL_GENERATION
        commit t-0=5 member=x           => writes g t-0=5; commit t-0=5: ok
        commit t-0=5 member=x gen=0     => commit t-0=5: UNKNOWN_MEMBER_ID
        txn t-0=5 pid=1 gen=1 group=h   => txn t-0=5: ILLEGAL_GENERATION
    ",
    );
}

#[test]
fn members_commit_by_the_state_of_their_group() {
    check(
        r"
        join a v3 rebalance=5m          => writes g gen 0 none leader none
        # PreparingRebalance.
        commit t-0=1                    => commit t-0=1: UNKNOWN_MEMBER_ID
        after 3s                        => join a: a1 gen 1 range leader a1 leads a1
        # CompletingRebalance.
        commit t-0=1 member=a1 gen=1    => commit t-0=1: REBALANCE_IN_PROGRESS
        commit t-0=1 member=a1 gen=0    => commit t-0=1: ILLEGAL_GENERATION
        commit t-0=1                    => commit t-0=1: UNKNOWN_MEMBER_ID
        txn t-0=1 pid=1 member=a1 gen=1 => writes pid 1 g t-0=1; txn t-0=1: ok
        txn t-0=1 pid=1                 => writes pid 1 g t-0=1; txn t-0=1: ok
        txn t-0=1 pid=1 member=x gen=1  => txn t-0=1: UNKNOWN_MEMBER_ID
        sync a1 gen=1                   => writes g gen 1 range leader a1 a1:-; sync a1: -
        # Stable.
        commit t-0=1 member=a1 gen=1    => writes g t-0=1; commit t-0=1: ok
        commit t-0=1 member=a1 gen=2    => commit t-0=1: ILLEGAL_GENERATION
        commit t-0=1 member=x gen=1     => commit t-0=1: UNKNOWN_MEMBER_ID
        commit t-0=1 member=a1 gen=1 instance=i => commit t-0=1: UNKNOWN_MEMBER_ID
        commit t-0=1 member=a1          => commit t-0=1: ILLEGAL_GENERATION
        # PreparingRebalance.
        join b v3                       =>
        commit t-0=2 member=a1 gen=1    => writes g t-0=2; commit t-0=2: ok
        # Empty.
        leave b1                        => leave b1: UNKNOWN_MEMBER_ID
        leave a1                        => join b: b1 gen 2 range leader b1 leads b1; leave a1: ok
        leave b1                        => writes g gen 3 none leader none; leave b1: ok
        commit t-0=3 member=a1 gen=1    => commit t-0=3: UNKNOWN_MEMBER_ID
        commit t-0=3                    => writes g t-0=3; commit t-0=3: ok
    ",
    );
}

#[test]
fn a_commit_keeps_the_session_alive() {
    check(
        r"
        join a v3 session=10s           => writes g gen 0 none leader none
        after 3s                        => join a: a1 gen 1 range leader a1 leads a1
        sync a1 gen=1                   => writes g gen 1 range leader a1 a1:-; sync a1: -
        after 9s                        =>
        commit t-0=1 member=a1 gen=1    => writes g t-0=1; commit t-0=1: ok
        after 9s                        =>
        # A transactional one does not.
        txn t-0=1 pid=1 member=a1 gen=1 => writes pid 1 g t-0=1; txn t-0=1: ok
        after 1s                        => writes g gen 2 none leader none
    ",
    );
}

#[test]
fn too_much_metadata_is_refused_for_its_partition_alone() {
    check(
        r"
        config meta_max=4
        commit t-0=5 meta=12345         => commit t-0=5: OFFSET_METADATA_TOO_LARGE
        commit t-0=5 meta=1234          => writes g t-0=5; commit t-0=5: ok
        # It counts UTF-16 units, not bytes.
        commit t-0=5 meta=äöüß          => writes g t-0=5; commit t-0=5: ok
        commit t-0=5 meta=😀😀😀         => commit t-0=5: OFFSET_METADATA_TOO_LARGE
        txn t-0=5 pid=1 meta=12345      => txn t-0=5: OFFSET_METADATA_TOO_LARGE
    ",
    );
}

#[test]
fn an_offset_belongs_to_one_life_of_its_topic() {
    check(
        r"
        commit t-0=5 id=7               => writes g t-0=5; commit t-0=5: ok
        fetch t-0 id=7                  => fetch t-0: t-0=5
        fetch t-0 id=8                  => fetch t-0: t-0=-1
        fetch t-0                       => fetch t-0: t-0=5
        topic-deleted t id=8            =>
        topic-deleted u id=7            =>
        topic-deleted t id=7            => writes g t-0 gone
        fetch t-0                       => fetch t-0: t-0=-1
        commit t-0=6                    => writes g t-0=6; commit t-0=6: ok
        topic-deleted t id=9            => writes g t-0 gone
    ",
    );
}

#[test]
fn offsets_are_deleted_unless_somebody_reads_the_topic() {
    check(
        r"
        offset-delete t-0               => offset-delete t-0: GROUP_ID_NOT_FOUND
        join a v3 protocols=range:t     => writes g gen 0 none leader none
        after 3s                        => join a: a1 gen 1 range leader a1 leads a1
        sync a1 gen=1                   => writes g gen 1 range leader a1 a1:-; sync a1: -
        commit t-0=1 u-0=2 member=a1 gen=1 => writes g t-0=1; writes g u-0=2; commit t-0=1: ok ok
        offset-delete t-0 u-0 u-1       => writes g u-0 gone
                                        => offset-delete t-0: GROUP_SUBSCRIBED_TO_TOPIC ok ok
        fetch all                       => fetch all: t-0=1
        leave a1                        => writes g gen 2 none leader none; leave a1: ok
        offset-delete t-0               => writes g t-0 gone; offset-delete t-0: ok
    ",
    );
}

#[test]
fn a_consumer_group_that_cannot_be_read_may_read_anything() {
    check(
        r"
        join a v3 protocols=range       => writes g gen 0 none leader none
        after 3s                        => join a: a1 gen 1 range leader a1 leads a1
        offset-delete t-0               => offset-delete t-0: GROUP_SUBSCRIBED_TO_TOPIC
    ",
    );
}

#[test]
fn offsets_of_groups_of_other_types_are_deleted_when_they_are_empty() {
    check(
        r"
        join w v3 type=connect          => writes g gen 0 none leader none
        offset-delete t-0               => offset-delete t-0: NON_EMPTY_GROUP
        after 3s                        => join w: w1 gen 1 range leader w1 leads w1
        offset-delete t-0               => offset-delete t-0: NON_EMPTY_GROUP
        leave w1                        => writes g gen 2 none leader none; leave w1: ok
        offset-delete t-0               => offset-delete t-0: ok
    ",
    );
}

#[test]
fn empty_groups_are_deleted_with_their_offsets() {
    check(
        r"
        commit t-0=1 u-0=2              => writes g t-0=1; writes g u-0=2; commit t-0=1: ok ok
        join a v3 group=h               => writes h gen 0 none leader none
        delete g h other g              => writes g t-0 gone; writes g u-0 gone; writes g gone
                                        => delete g: ok NON_EMPTY_GROUP GROUP_ID_NOT_FOUND GROUP_ID_NOT_FOUND
        fetch all                       => fetch all: nothing
        list                            => list: h PreparingRebalance consumer classic
        after 3s                        => join a: a1 gen 1 range leader a1 leads a1
    ",
    );
}

#[test]
fn what_is_on_its_way_into_the_log_is_deleted_too() {
    check(
        r"
        log hold                        =>
        commit t-0=1                    => writes g t-0=1
        offset-delete t-0               =>
        delete g                        =>
        log takes                       => writes g t-0 gone; writes g t-0 gone; writes g gone
        log takes                       =>
        delete g                        => delete g: GROUP_ID_NOT_FOUND
        log commits                     => commit t-0=1: ok; offset-delete t-0: ok; delete g: ok
        fetch all                       => fetch all: nothing
        list                            => list:
    ",
    );
}

#[test]
fn groups_are_listed_by_state_and_type() {
    check(
        r"
        commit t-0=1 group=simple       => writes simple t-0=1; commit t-0=1: ok
        join a v3                       => writes g gen 0 none leader none
        list                            => list: g PreparingRebalance consumer classic | simple Empty classic
        list state=EMPTY                => list: simple Empty classic
        list state=preparingrebalance   => list: g PreparingRebalance consumer classic
        list state=nonsense             => list:
        list type=Classic state=empty   => list: simple Empty classic
        list type=consumer              => list:
        after 3s                        => join a: a1 gen 1 range leader a1 leads a1
        describe g v5                   => describe g: g CompletingRebalance consumer (a1:-)
        describe x v5                   => describe x: x Dead ()
        describe x g                    => describe x: GROUP_ID_NOT_FOUND x Dead () | g CompletingRebalance consumer (a1:-)
    ",
    );
}

#[test]
fn offsets_of_a_simple_group_expire_by_their_commit() {
    check(
        r"
        config retention=7d check=10m
        commit t-0=1                    => writes g t-0=1; commit t-0=1: ok
        after 1d                        =>
        commit t-1=2                    => writes g t-1=2; commit t-1=2: ok
        after 6d                        => writes g t-0 gone
        fetch all                       => fetch all: t-1=2
        after 1d                        => writes g t-1 gone; writes g gone
        list                            => list:
    ",
    );
}

#[test]
fn offsets_of_an_empty_group_expire_by_when_it_became_empty() {
    check(
        r"
        config retention=7d check=10m
        join a v3 session=30m           => writes g gen 0 none leader none
        after 3s                        => join a: a1 gen 1 range leader a1 leads a1
        sync a1 gen=1                   => writes g gen 1 range leader a1 a1:-; sync a1: -
        commit t-0=1 member=a1 gen=1    => writes g t-0=1; commit t-0=1: ok
        after 20m                       =>
        leave a1                        => writes g gen 2 none leader none; leave a1: ok
        after 6d                        =>
        # A later commit does not help.
        commit t-0=2                    => writes g t-0=2; commit t-0=2: ok
        after 23h                       =>
        after 71m                       => writes g t-0 gone; writes g gone
    ",
    );
}

#[test]
fn only_offsets_of_topics_that_no_member_reads_expire() {
    check(
        r"
        config retention=20m check=10m
        join a v3 session=30m protocols=range:t => writes g gen 0 none leader none
        after 3s                        => join a: a1 gen 1 range leader a1 leads a1
        sync a1 gen=1                   => writes g gen 1 range leader a1 a1:-; sync a1: -
        commit t-0=1 u-0=2 member=a1 gen=1 => writes g t-0=1; writes g u-0=2; commit t-0=1: ok ok
        after 29m                       =>
        heartbeat a1 gen=1              => heartbeat a1: ok
        after 2m                        => writes g u-0 gone
        fetch all                       => fetch all: t-0=1
    ",
    );
}

#[test]
fn nothing_expires_while_a_rebalance_runs_or_a_group_of_another_type_has_members() {
    check(
        r"
        config retention=1m check=2m
        join w v3 type=connect session=30m group=c => writes c gen 0 none leader none
        join a v3 session=30m rebalance=30m => writes g gen 0 none leader none
        after 3s                        => join w: w1 gen 1 range leader w1 leads w1
                                        => join a: a1 gen 1 range leader a1 leads a1
        sync w1 gen=1 type=connect group=c => writes c gen 1 range leader w1 w1:-; sync w1: -
        commit t-0=1 member=w1 gen=1 group=c => writes c t-0=1; commit t-0=1: ok
        sync a1 gen=1                   => writes g gen 1 range leader a1 a1:-; sync a1: -
        commit u-0=1 member=a1 gen=1    => writes g u-0=1; commit u-0=1: ok
        join b v3                       =>
        after 3m                        =>
        leave a1                        => join b: b1 gen 2 range leader b1 leads b1; leave a1: ok
    ",
    );
}

#[test]
fn an_old_client_may_say_when_its_offset_expires() {
    check(
        r"
        config retention=1m check=1m
        commit t-0=1 v4 retention=10m   => writes g t-0=1; commit t-0=1: ok
        after 9m                        =>
        restart                         =>
        after 1m                        => writes g t-0 gone; writes g gone
    ",
    );
}

#[test]
fn an_empty_group_without_offsets_goes_at_the_next_scan() {
    check(
        r"
        config check=10m
        join a                          => join a: MEMBER_ID_REQUIRED a1; writes g gen 0 none leader none
        after 10m                       => writes g gone
        join a id=a1                    => join a: UNKNOWN_MEMBER_ID a1
    ",
    );
}

#[test]
fn what_is_on_its_way_into_the_log_keeps_its_group() {
    check(
        r"
        config check=10m
        join a v3                       => writes g gen 0 none leader none
        after 3s                        => join a: a1 gen 1 range leader a1 leads a1
        leave a1                        => writes g gen 2 none leader none; leave a1: ok
        log slow                        =>
        commit t-0=1                    => writes g t-0=1
        after 10m                       => commit t-0=1: COORDINATOR_NOT_AVAILABLE
        log auto                        =>
        log commits                     =>
        after 10m                       =>
        fetch t-0                       => fetch t-0: t-0=1
    ",
    );
}
