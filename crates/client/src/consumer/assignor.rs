//! The range assignor: each topic's partitions are dealt out in contiguous ranges (`RangeAssignor`).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::partition::TopicPartition;

/// A member of a group, as its leader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subscriber {
    pub(super) member_id: String,
    /// `group.instance.id` of a static member.
    pub(super) instance_id: Option<String>,
    pub(super) topics: Vec<String>,
}

/// The partitions of each member, by member id. `partition_counts` holds the topics that exist.
///
/// Of each topic, the members that subscribe to it get equal ranges in the order of their ids, the first ones one partition
/// more if it does not come out even. Static members come first, in the order of their instance ids, so that a restart
/// changes nothing.
pub(super) fn assign_ranges(
    subscribers: &[Subscriber],
    partition_counts: &BTreeMap<Arc<str>, i32>,
) -> BTreeMap<String, Vec<TopicPartition>> {
    let mut assignments: BTreeMap<String, Vec<TopicPartition>> =
        subscribers.iter().map(|member| (member.member_id.clone(), Vec::new())).collect();
    let mut ordered: Vec<&Subscriber> = subscribers.iter().collect();
    ordered
        .sort_by_key(|member| (member.instance_id.is_none(), member.instance_id.as_ref(), &member.member_id));
    for (topic, &count) in partition_counts {
        let members: Vec<&&Subscriber> =
            ordered.iter().filter(|member| member.topics.iter().any(|name| **name == **topic)).collect();
        let mut next = 0;
        for (member, left) in members.iter().zip((1..=members.len()).rev()) {
            // What is left, dealt to those who are left, rounded up: the first ones get the odd ones.
            let remaining = usize::try_from(count - next).unwrap_or(0);
            let size = i32::try_from(remaining.div_ceil(left)).unwrap_or(0);
            let range =
                (next..next + size).map(|partition| TopicPartition::new(Arc::clone(topic), partition));
            assignments.entry(member.member_id.clone()).or_default().extend(range);
            next += size;
        }
    }
    assignments
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Members as `id:topic,topic` or `id/instance:topic`, topics as `name=count`; gives `id: topic-0 ..`.
    fn check(members: &[&str], topics: &[(&str, i32)], expected: &[&str]) {
        let subscribers: Vec<Subscriber> = members
            .iter()
            .map(|text| {
                let (id, topics) = text.split_once(':').unwrap();
                let (id, instance) =
                    id.split_once('/').map_or((id, None), |(id, instance)| (id, Some(instance)));
                Subscriber {
                    member_id: id.to_owned(),
                    instance_id: instance.map(str::to_owned),
                    topics: topics.split(',').map(str::to_owned).collect(),
                }
            })
            .collect();
        let counts = topics.iter().map(|&(name, count)| (name.into(), count)).collect();
        let assigned: Vec<String> = assign_ranges(&subscribers, &counts)
            .into_iter()
            .map(|(id, partitions)| {
                let partitions: Vec<String> = partitions.iter().map(ToString::to_string).collect();
                format!("{id}: {}", partitions.join(" "))
            })
            .collect();
        assert_eq!(assigned, expected);
    }

    #[test]
    fn each_topic_is_dealt_out_in_ranges_and_the_first_members_get_the_odd_ones() {
        check(&["b:s,t", "a:s,t"], &[("s", 3), ("t", 4)], &["a: s-0 s-1 t-0 t-1", "b: s-2 t-2 t-3"]);
        check(&["a:t", "b:t", "c:t"], &[("t", 7)], &["a: t-0 t-1 t-2", "b: t-3 t-4", "c: t-5 t-6"]);
    }

    #[test]
    fn members_get_only_what_they_subscribe_to_and_what_exists() {
        check(&["a:s", "b:t", "c:s,nope"], &[("s", 2), ("t", 1)], &["a: s-0", "b: t-0", "c: s-1"]);
    }

    #[test]
    fn members_beyond_the_partitions_get_none() {
        check(&["a:t", "b:t", "c:t"], &[("t", 2)], &["a: t-0", "b: t-1", "c: "]);
    }

    #[test]
    fn static_members_come_first_in_the_order_of_their_instance_ids() {
        check(&["a:t", "z/1:t", "y/2:t"], &[("t", 3)], &["a: t-2", "y: t-1", "z: t-0"]);
    }
}
