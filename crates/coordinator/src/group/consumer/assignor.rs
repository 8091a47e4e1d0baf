//! Who gets which partition. All assignors take near-linear time in members, subscriptions and partitions.

use std::sync::Arc;

use ottla_protocol::types::TopicId;

mod range;
mod uniform;
mod uniform_mixed;

/// Name of the assignor that balances and keeps what it can.
pub(super) const UNIFORM: &str = "uniform";
/// Name of the assignor that gives each member the same partitions of every topic.
pub(super) const RANGE: &str = "range";

/// Partitions by topic. No topic is without partitions.
pub(super) type Assignment = super::change::Partitions;

/// A topic that somebody is subscribed to.
#[derive(Clone, Copy, Debug)]
pub(super) struct AssignedTopic {
    pub(super) id: TopicId,
    pub(super) partition_count: i32,
}

/// A member to assign to.
#[derive(Debug)]
pub(super) struct AssignedMember<'a> {
    pub(super) id: &'a str,
    pub(super) instance_id: Option<&'a str>,
    /// Indexes of the topics that it is subscribed to. In a homogeneous group only the first member has them.
    pub(super) topics: Arc<[usize]>,
    /// What it was assigned last.
    pub(super) assigned: &'a Assignment,
}

/// Whether an assignor of this name is served.
#[must_use]
pub fn is_served(name: &str) -> bool {
    [UNIFORM, RANGE].contains(&name)
}

/// The assignment of each member, in order. In a homogeneous group all are subscribed to what the first is subscribed to.
pub(super) fn assign(
    assignor: &str,
    topics: &[AssignedTopic],
    members: &[AssignedMember<'_>],
    is_homogeneous: bool,
) -> Vec<Assignment> {
    match (assignor, is_homogeneous) {
        (RANGE, true) => range::assign_homogeneous(topics, members),
        (RANGE, false) => range::assign_mixed(topics, members),
        (_, true) => uniform::assign(topics, members),
        (_, false) => uniform_mixed::assign(topics, members),
    }
}

/// Adds a partition.
fn add(assignment: &mut Assignment, topic: TopicId, partition: i32) {
    assignment.entry(topic).or_default().insert(partition);
}

/// Takes a partition out, and its topic if nothing is left of it.
fn remove(assignment: &mut Assignment, topic: TopicId, partition: i32) {
    if let Some(partitions) = assignment.get_mut(&topic) {
        partitions.remove(&partition);
        if partitions.is_empty() {
            assignment.remove(&topic);
        }
    }
}

#[cfg(test)]
mod tests;
