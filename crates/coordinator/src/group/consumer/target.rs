//! The target assignment: what each member is to have.
//! Source: Kafka `TargetAssignmentBuilder`, `GroupMetadataManager.maybeUpdateTargetAssignment`.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_protocol::types::TopicId;

use super::super::coordinator::Shared;
use super::assignor::{self, AssignedMember, AssignedTopic, Assignment};
use super::change::MemberMetadata;
use super::decision::Decision;
use super::member::Member;
use super::subscription::SubscriptionType;
use super::topics::TopicsView;
use super::{Change, ConsumerGroup};

impl Decision<'_> {
    /// Writes a new target assignment if the group's epoch asks for one, and the last is old enough.
    pub(super) fn update_target(&mut self, shared: &Shared, topics: &TopicsView) {
        let group = &*self.group;
        if group.assignment_epoch >= group.group_epoch {
            return;
        }
        let now_ms = shared.now.wall.0;
        let interval_ms = i64::from(group.settings.assignment_interval_ms);
        let is_due = group.assignment_timestamp_ms == 0
            || interval_ms == 0
            || now_ms >= group.assignment_timestamp_ms.saturating_add(interval_ms);
        if !is_due {
            return;
        }
        let assignor = group.preferred_assignor(&shared.config.consumer).to_owned();
        let changed = group.compute_target(&assignor, topics);
        let epoch = group.group_epoch;
        for (member_id, target) in changed {
            self.apply(Change::Target(member_id, Some(Arc::new(target))));
        }
        self.apply(Change::TargetEpoch(Some((epoch, now_ms.max(0)))));
    }
}

impl ConsumerGroup {
    /// Runs the assignor; gives the members whose target is another than before.
    fn compute_target(&self, assignor: &str, topics: &TopicsView) -> Vec<(Arc<str>, Assignment)> {
        let is_homogeneous = self.subscription_type() == SubscriptionType::Homogeneous;
        let mut subscriptions = Subscriptions::new(self, topics);
        let nothing = Assignment::new();
        let members = self.members.iter().enumerate().map(|(index, (id, member))| AssignedMember {
            id,
            instance_id: member.metadata().instance_id.as_deref(),
            // All are subscribed to the same, so one list is enough.
            topics: if index > 0 && is_homogeneous { Arc::default() } else { subscriptions.of(member) },
            assigned: self.targets.get(id).map_or(&nothing, |target| target),
        });
        let members: Vec<_> = members.collect();
        let assignments = assignor::assign(assignor, &subscriptions.topics, &members, is_homogeneous);
        let assigned = self.members.keys().zip(assignments);
        // A member without a target gets one, be it empty.
        let changed = assigned.filter(|(id, new)| self.targets.get(*id).is_none_or(|old| **old != *new));
        changed.map(|(id, new)| (Arc::clone(id), new)).collect()
    }
}

/// What a member is subscribed to, as it says it: names and a regular expression.
type Subscription<'a> = (&'a [String], Option<&'a str>);

/// What the members are subscribed to, as indexes of topics. Members that say the same share a list.
struct Subscriptions<'a> {
    group: &'a ConsumerGroup,
    view: &'a TopicsView,
    topics: Vec<AssignedTopic>,
    indexes: BTreeMap<TopicId, usize>,
    lists: BTreeMap<Subscription<'a>, Arc<[usize]>>,
}

impl<'a> Subscriptions<'a> {
    fn new(group: &'a ConsumerGroup, view: &'a TopicsView) -> Self {
        Self { group, view, topics: Vec::new(), indexes: BTreeMap::new(), lists: BTreeMap::new() }
    }

    fn of(&mut self, member: &'a Member) -> Arc<[usize]> {
        let MemberMetadata { subscribed_topic_names, .. } = member.metadata();
        let key = (subscribed_topic_names.as_slice(), member.regex());
        if let Some(list) = self.lists.get(&key) {
            return Arc::clone(list);
        }
        let ids = self.group.subscribed_topic_ids(member, self.view);
        let list: Arc<[usize]> = ids.into_iter().filter_map(|id| self.index(id)).collect();
        self.lists.insert(key, Arc::clone(&list));
        list
    }

    fn index(&mut self, id: TopicId) -> Option<usize> {
        if let Some(index) = self.indexes.get(&id) {
            return Some(*index);
        }
        let topic = self.view.image().topics.by_id(id)?;
        let index = self.topics.len();
        let partition_count = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
        self.topics.push(AssignedTopic { id, partition_count });
        self.indexes.insert(id, index);
        Some(index)
    }
}
