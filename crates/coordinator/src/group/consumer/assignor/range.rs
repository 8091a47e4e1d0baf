//! The range assignor: each topic's partitions in consecutive ranges, to the members in order of instance id, then of
//! member id. Topics with as many partitions are divided alike, so that what belongs together is read together.
//! Source: Kafka `RangeAssignor`.

use super::{AssignedMember, AssignedTopic, Assignment};

/// How one topic is divided.
struct Division {
    partition_count: i32,
    quota: i32,
    /// Members that get one more.
    extras: i32,
    /// First partition that nobody has.
    next: i32,
}

impl Division {
    fn new(partition_count: i32, member_count: usize) -> Self {
        let member_count = i32::try_from(member_count).unwrap_or(i32::MAX).max(1);
        Self {
            partition_count,
            quota: partition_count / member_count,
            extras: partition_count % member_count,
            next: 0,
        }
    }

    fn take(&mut self) -> std::ops::Range<i32> {
        let is_larger = self.extras > 0;
        self.extras -= i32::from(is_larger);
        let start = self.next;
        self.next = (start + self.quota + i32::from(is_larger)).min(self.partition_count);
        start..self.next
    }
}

/// All members are subscribed to what the first is subscribed to.
pub(super) fn assign_homogeneous(
    topics: &[AssignedTopic],
    members: &[AssignedMember<'_>],
) -> Vec<Assignment> {
    let subscribed = members.first().map(|member| &member.topics[..]).unwrap_or_default();
    divide(topics, members, |_| subscribed, |_| members.len())
}

/// The members are subscribed to different topics.
pub(super) fn assign_mixed(topics: &[AssignedTopic], members: &[AssignedMember<'_>]) -> Vec<Assignment> {
    let mut subscribers = vec![0; topics.len()];
    for topic in members.iter().flat_map(|member| member.topics.iter()) {
        subscribers[*topic] += 1;
    }
    divide(topics, members, |member| &members[member].topics, |topic| subscribers[topic])
}

fn divide<'a>(
    topics: &[AssignedTopic],
    members: &[AssignedMember<'_>],
    subscribed: impl Fn(usize) -> &'a [usize],
    subscriber_count: impl Fn(usize) -> usize,
) -> Vec<Assignment> {
    let divisions = topics.iter().enumerate();
    let mut divisions: Vec<Division> = divisions
        .map(|(index, topic)| Division::new(topic.partition_count, subscriber_count(index)))
        .collect();
    let mut order: Vec<usize> = (0..members.len()).collect();
    // Those with an instance id first.
    order.sort_by_key(|index| {
        let member = &members[*index];
        (member.instance_id.is_none(), member.instance_id.unwrap_or(member.id))
    });
    let mut assignments = vec![Assignment::new(); members.len()];
    for member in order {
        for topic in subscribed(member) {
            let range = divisions[*topic].take();
            if !range.is_empty() {
                assignments[member].insert(topics[*topic].id, range.collect());
            }
        }
    }
    assignments
}
