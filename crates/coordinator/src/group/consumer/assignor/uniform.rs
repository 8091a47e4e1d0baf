//! The uniform assignor for members that are all subscribed to the same: every member gets as many partitions as any
//! other, or one more, and keeps what it has of its share. O(members + partitions), up to logarithms.
//! Source: Kafka `UniformHomogeneousAssignmentBuilder`.

use std::collections::BTreeMap;

use super::{AssignedMember, AssignedTopic, Assignment, add, remove};
use ottla_protocol::types::TopicId;

/// What every member gets.
struct Quota {
    /// At least.
    least: usize,
    /// Members that may still get one more.
    extras: usize,
}

/// All members are subscribed to what the first is subscribed to.
pub(super) fn assign(topics: &[AssignedTopic], members: &[AssignedMember<'_>]) -> Vec<Assignment> {
    let subscribed = members.first().map(|member| &member.topics[..]).unwrap_or_default();
    let subscribed = subscribed.iter().map(|index| &topics[*index]);
    let subscribed: BTreeMap<TopicId, usize> =
        subscribed.map(|topic| (topic.id, usize::try_from(topic.partition_count).unwrap_or(0))).collect();
    if subscribed.is_empty() {
        return vec![Assignment::new(); members.len()];
    }
    let mut unassigned = find_unassigned(&subscribed, members);
    let partition_count: usize = subscribed.values().sum();
    let mut quota = Quota { least: partition_count / members.len(), extras: partition_count % members.len() };
    let mut assignments = Vec::with_capacity(members.len());
    let mut rooms = Vec::with_capacity(members.len());
    for (index, member) in members.iter().enumerate() {
        let mut assignment = member.assigned.clone();
        assignment.retain(|topic, partitions| {
            let count = subscribed.get(topic).copied().unwrap_or(0);
            partitions.retain(|partition| usize::try_from(*partition).is_ok_and(|index| index < count));
            !partitions.is_empty()
        });
        rooms.push(fit(&mut assignment, &mut quota, members.len() - index, &mut unassigned));
        assignments.push(assignment);
    }
    let mut unassigned = unassigned.into_iter();
    for (assignment, room) in assignments.iter_mut().zip(rooms) {
        for (topic, partition) in unassigned.by_ref().take(room) {
            add(assignment, topic, partition);
        }
    }
    debug_assert!(unassigned.next().is_none(), "the quotas add up to all partitions");
    assignments
}

/// The partitions that nobody has, topic by topic.
fn find_unassigned(
    subscribed: &BTreeMap<TopicId, usize>,
    members: &[AssignedMember<'_>],
) -> Vec<(TopicId, i32)> {
    let mut is_assigned: BTreeMap<TopicId, Vec<bool>> =
        subscribed.iter().map(|(topic, count)| (*topic, vec![false; *count])).collect();
    for (topic, partitions) in members.iter().flat_map(|member| member.assigned) {
        let Some(flags) = is_assigned.get_mut(topic) else { continue };
        for partition in partitions {
            if let Some(flag) = usize::try_from(*partition).ok().and_then(|index| flags.get_mut(index)) {
                *flag = true;
            }
        }
    }
    let unassigned = is_assigned.into_iter().flat_map(|(topic, flags)| {
        let partitions = (0..).zip(flags).filter(|(_, is_assigned)| !is_assigned);
        partitions.map(move |(partition, _)| (topic, partition))
    });
    unassigned.collect()
}

/// Takes from a member what is beyond its quota. Gives how many it may get. `members_left` counts it, too.
fn fit(
    assignment: &mut Assignment,
    quota: &mut Quota,
    members_left: usize,
    unassigned: &mut Vec<(TopicId, i32)>,
) -> usize {
    let may_have_extra = quota.extras > 0;
    let most = quota.least + usize::from(may_have_extra);
    let held: usize = assignment.values().map(std::collections::BTreeSet::len).sum();
    let surplus: Vec<(TopicId, i32)> = assignment
        .iter()
        .flat_map(|(topic, partitions)| partitions.iter().map(|partition| (*topic, *partition)))
        .skip(most)
        .collect();
    for (topic, partition) in surplus {
        remove(assignment, topic, partition);
        unassigned.push((topic, partition));
    }
    let mut room = most.saturating_sub(held);
    let mut has_extra = may_have_extra;
    // Whoever does not fill its extra place leaves it to others, as long as there are others.
    if room > 0 && has_extra && members_left > quota.extras {
        room -= 1;
        has_extra = false;
    }
    quota.extras -= usize::from(has_extra);
    room
}
