//! What ConsumerGroupDescribe and ListGroups show of a group.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_protocol::types::TopicId;

use super::super::coordinator::GroupCoordinator;
use super::change::Partitions;
use super::member::Member;
use super::settings::ConsumerGroupConfig;
use super::topics::TopicsView;
use super::{ConsumerGroup, member};
use crate::messages::{
    ConsumerDescribedGroup, ConsumerDescribedMember, DescribeAssignment, DescribeTopicPartitions, ErrorCode,
    ListedGroup,
};

/// The name of this kind of group on the wire.
pub(in super::super) const GROUP_TYPE: &str = "consumer";

/// How a member's protocol is shown.
const MEMBER_TYPE_CLASSIC: i8 = 0;
const MEMBER_TYPE_CONSUMER: i8 = 1;

impl GroupCoordinator {
    /// Describes one group. Source: Kafka `GroupMetadataManager.consumerGroupDescribe`.
    pub(in super::super) fn describe_consumer_group(&self, group_id: &str) -> ConsumerDescribedGroup {
        if let Some(group) = self.consumer_groups.get(group_id) {
            return group.describe(&self.shared.config.consumer, &self.topics);
        }
        let message = if self.groups.contains_key(group_id) {
            format!("Group {group_id} is not a consumer group.")
        } else {
            format!("Group {group_id} not found.")
        };
        ConsumerDescribedGroup {
            group_id: group_id.to_owned(),
            error_code: ErrorCode::GROUP_ID_NOT_FOUND.into(),
            error_message: Some(message),
            ..ConsumerDescribedGroup::default()
        }
    }
}

impl ConsumerGroup {
    fn describe(&self, config: &ConsumerGroupConfig, topics: &TopicsView) -> ConsumerDescribedGroup {
        let members = self.members.iter().map(|(id, member)| self.describe_member(id, member, topics));
        ConsumerDescribedGroup {
            group_id: self.id.to_string(),
            group_state: self.state().name().to_owned(),
            group_epoch: self.group_epoch,
            assignment_epoch: self.assignment_epoch,
            assignor_name: self.preferred_assignor(config).to_owned(),
            members: members.collect(),
            ..ConsumerDescribedGroup::default()
        }
    }

    fn describe_member(
        &self,
        id: &Arc<str>,
        member: &Member,
        topics: &TopicsView,
    ) -> ConsumerDescribedMember {
        let metadata = member.metadata();
        let current = member.current();
        // What it must give up is its own until it has.
        let mut held = member::without_epochs(&current.assigned);
        for (topic, partitions) in member::without_epochs(&current.pending_revocation) {
            held.entry(topic).or_default().extend(partitions);
        }
        ConsumerDescribedMember {
            member_id: id.to_string(),
            instance_id: metadata.instance_id.clone(),
            rack_id: metadata.rack_id.clone(),
            member_epoch: current.member_epoch,
            client_id: metadata.client_id.clone(),
            client_host: metadata.client_host.clone(),
            subscribed_topic_names: metadata.subscribed_topic_names.clone(),
            subscribed_topic_regex: metadata.subscribed_topic_regex.clone(),
            assignment: assignment(&held, topics),
            target_assignment: assignment(&self.target(id), topics),
            member_type: if member.classic().is_some() { MEMBER_TYPE_CLASSIC } else { MEMBER_TYPE_CONSUMER },
        }
    }

    /// The group in brief.
    pub(in super::super) fn list(&self) -> ListedGroup {
        ListedGroup {
            group_id: self.id.to_string(),
            protocol_type: super::super::classic::CONSUMER_PROTOCOL_TYPE.to_owned(),
            group_state: self.state().name().to_owned(),
            group_type: GROUP_TYPE.to_owned(),
        }
    }
}

/// Partitions with the names of their topics; topics that are gone are left out.
fn assignment(partitions: &Partitions, topics: &TopicsView) -> DescribeAssignment {
    let by_name: BTreeMap<&str, (&TopicId, _)> = partitions
        .iter()
        .filter_map(|(id, partitions)| Some((&*topics.image().topics.by_id(*id)?.name, (id, partitions))))
        .collect();
    let topic_partitions = by_name.into_iter().map(|(name, (id, partitions))| DescribeTopicPartitions {
        topic_id: id.0,
        topic_name: name.to_owned(),
        partitions: partitions.iter().copied().collect(),
    });
    DescribeAssignment { topic_partitions: topic_partitions.collect() }
}
