//! What the assignors promise.

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;

use super::*;
use ottla_protocol::types::Uuid;

fn topic(id: u128, partition_count: i32) -> AssignedTopic {
    AssignedTopic { id: TopicId(Uuid::from_u128(id)), partition_count }
}

/// Members by the indexes of their topics, with what they have.
fn run(
    assignor: &str,
    topics: &[AssignedTopic],
    members: &[(&str, &[usize])],
    before: &[Assignment],
    is_homogeneous: bool,
) -> Vec<Assignment> {
    let nothing = Assignment::new();
    let members = members.iter().enumerate().map(|(index, (id, topics))| AssignedMember {
        id,
        instance_id: None,
        topics: topics.iter().copied().collect(),
        assigned: before.get(index).unwrap_or(&nothing),
    });
    assign(assignor, topics, &members.collect::<Vec<_>>(), is_homogeneous)
}

/// `t:0,1 u:3`, with topics named by their index from `t`.
fn show(topics: &[AssignedTopic], assignments: &[Assignment]) -> Vec<String> {
    let name = |id| char::from(b't' + u8::try_from(topics.iter().position(|t| t.id == id).unwrap()).unwrap());
    let shown = assignments.iter().map(|assignment| {
        let topics = assignment.iter().map(|(id, partitions)| {
            let partitions: Vec<String> = partitions.iter().map(i32::to_string).collect();
            format!("{}:{}", name(*id), partitions.join(","))
        });
        topics.collect::<Vec<_>>().join(" ")
    });
    shown.collect()
}

#[test]
fn range_gives_each_member_the_same_partitions_of_every_topic() {
    let topics = [topic(1, 3), topic(2, 3)];
    let assigned = run(RANGE, &topics, &[("a", &[0, 1]), ("b", &[0, 1])], &[], true);
    assert_eq!(show(&topics, &assigned), ["t:0,1 u:0,1", "t:2 u:2"]);
}

#[test]
fn range_orders_members_by_instance_id_then_member_id() {
    let topics = [topic(1, 3)];
    let nothing = Assignment::new();
    let member = |id, instance_id| AssignedMember { id, instance_id, topics: [0].into(), assigned: &nothing };
    let members = [member("a", None), member("x", Some("2")), member("y", Some("1"))];
    assert_eq!(show(&topics, &assign(RANGE, &topics, &members, true)), ["t:2", "t:1", "t:0"]);
}

#[test]
fn range_divides_a_topic_among_its_subscribers() {
    let topics = [topic(1, 4), topic(2, 3)];
    let members: [(&str, &[usize]); 3] = [("a", &[0]), ("b", &[0, 1]), ("c", &[1])];
    assert_eq!(show(&topics, &run(RANGE, &topics, &members, &[], false)), ["t:0,1", "t:2,3 u:0,1", "u:2"]);
}

#[test]
fn uniform_keeps_what_it_can() {
    let topics = [topic(1, 6)];
    let one = run(UNIFORM, &topics, &[("a", &[0])], &[], true);
    assert_eq!(show(&topics, &one), ["t:0,1,2,3,4,5"]);
    let two = run(UNIFORM, &topics, &[("a", &[0]), ("b", &[0])], &one, true);
    assert_eq!(show(&topics, &two), ["t:0,1,2", "t:3,4,5"]);
    let four: [(&str, &[usize]); 4] = [("a", &[0]), ("b", &[0]), ("c", &[0]), ("d", &[0])];
    let four = run(UNIFORM, &topics, &four, &two, true);
    assert_eq!(show(&topics, &four), ["t:0,1", "t:3,4", "t:2", "t:5"]);
    let back = run(UNIFORM, &topics, &[("a", &[0]), ("c", &[0])], &[four[0].clone(), four[2].clone()], true);
    assert_eq!(show(&topics, &back), ["t:0,1,3", "t:2,4,5"]);
}

#[test]
fn uniform_evens_out_what_the_subscriptions_leave_room_for() {
    let topics = [topic(1, 4), topic(2, 4)];
    let members: [(&str, &[usize]); 2] = [("a", &[0, 1]), ("b", &[0])];
    assert_eq!(show(&topics, &run(UNIFORM, &topics, &members, &[], false)), ["u:0,1,2,3", "t:0,1,2,3"]);
}

#[test]
fn ten_thousand_members_are_assigned() {
    // An assignor that took more than near-linear time would take this test minutes.
    let topics: Vec<_> = (1..=100).map(|id| topic(id, 200)).collect();
    let ids: Vec<String> = (0..10_000).map(|index| format!("member-{index:05}")).collect();
    let all: Vec<usize> = (0..100).collect();
    let count = |assigned: &[Assignment]| -> usize {
        assigned.iter().flat_map(|assignment| assignment.values()).map(std::collections::BTreeSet::len).sum()
    };
    let same: Vec<(&str, &[usize])> = ids.iter().map(|id| (id.as_str(), all.as_slice())).collect();
    let mixed = ids.iter().zip(0..).map(|(id, at)| (id.as_str(), &all[at % 90..at % 90 + 11]));
    let mixed: Vec<(&str, &[usize])> = mixed.collect();
    for assignor in [UNIFORM, RANGE] {
        let first = run(assignor, &topics, &same, &[], true);
        assert_eq!(count(&first), 20_000);
        assert_eq!(count(&run(assignor, &topics, &same[1..], &first[1..], true)), 20_000);
        let first = run(assignor, &topics, &mixed, &[], false);
        assert_eq!(count(&first), 20_000);
        assert_eq!(count(&run(assignor, &topics, &mixed[1..], &first[1..], false)), 20_000);
    }
}

prop_compose! {
    fn any_group()(partitions in vec(1..12i32, 1..6), member_count in 1..8usize)(
        subscriptions in vec(btree_set(0..partitions.len(), 0..=partitions.len()), member_count),
        kept in vec((0..partitions.len(), 0..12i32, 0..member_count), 0..40),
        partitions in Just(partitions),
    ) -> (Vec<AssignedTopic>, Vec<Vec<usize>>, Vec<Assignment>) {
        let topics: Vec<_> = (1..).zip(partitions).map(|(id, count)| topic(id, count)).collect();
        let mut before = vec![Assignment::new(); subscriptions.len()];
        let mut taken = std::collections::BTreeSet::new();
        for (topic, partition, member) in kept {
            if partition < topics[topic].partition_count && taken.insert((topic, partition)) {
                add(&mut before[member], topics[topic].id, partition);
            }
        }
        (topics, subscriptions.into_iter().map(|topics| topics.into_iter().collect()).collect(), before)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_partition_of_a_subscribed_topic_has_one_owner_that_is_subscribed(
        (topics, subscriptions, before) in any_group(),
        assignor in prop_oneof![Just(UNIFORM), Just(RANGE)],
    ) {
        let ids: Vec<String> = (0..subscriptions.len()).map(|index| format!("m{index}")).collect();
        let members: Vec<(&str, &[usize])> =
            ids.iter().zip(&subscriptions).map(|(id, topics)| (id.as_str(), topics.as_slice())).collect();
        let assigned = run(assignor, &topics, &members, &before, false);
        for (index, topic) in topics.iter().enumerate() {
            let subscribers: Vec<_> = (0..members.len()).filter(|member| subscriptions[*member].contains(&index)).collect();
            for partition in 0..topic.partition_count {
                let has = |member: &usize| assigned[*member].get(&topic.id).is_some_and(|partitions| partitions.contains(&partition));
                let owners: Vec<_> = (0..members.len()).filter(has).collect();
                prop_assert_eq!(owners.len(), usize::from(!subscribers.is_empty()));
                prop_assert!(owners.iter().all(|owner| subscribers.contains(owner)));
            }
        }
        if assignor == UNIFORM {
            let again = run(assignor, &topics, &members, &assigned, false);
            prop_assert_eq!(&again, &assigned, "a balanced assignment stays");
        }
    }

    #[test]
    fn uniform_shares_differ_by_one_at_most_and_move_no_more_than_they_must(
        (topics, subscriptions, before) in any_group(),
    ) {
        let all: Vec<usize> = (0..topics.len()).collect();
        let ids: Vec<String> = (0..subscriptions.len()).map(|index| format!("m{index}")).collect();
        let members: Vec<(&str, &[usize])> = ids.iter().map(|id| (id.as_str(), all.as_slice())).collect();
        let assigned = run(UNIFORM, &topics, &members, &before, true);
        let size = |assignment: &Assignment| assignment.values().map(std::collections::BTreeSet::len).sum::<usize>();
        let sizes: Vec<usize> = assigned.iter().map(size).collect();
        let total: usize = topics.iter().map(|topic| usize::try_from(topic.partition_count).unwrap()).sum();
        prop_assert_eq!(sizes.iter().sum::<usize>(), total);
        prop_assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1, "{:?}", sizes);
        let least = total / members.len();
        for (before, after) in before.iter().zip(&assigned) {
            let kept = before.iter().flat_map(|(topic, partitions)| partitions.iter().map(move |p| (topic, p)));
            let kept = kept.filter(|(topic, p)| after.get(topic).is_some_and(|partitions| partitions.contains(p))).count();
            prop_assert!(kept >= size(before).min(least), "kept {} of {}", kept, size(before));
        }
    }
}
