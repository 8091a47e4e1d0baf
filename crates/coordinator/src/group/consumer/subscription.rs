//! What the members are subscribed to, all together.

use std::collections::BTreeSet;

use ottla_protocol::types::TopicId;

use super::decision::Decision;
use super::member::Member;
use super::topics::TopicsView;
use super::{Change, ConsumerGroup};

/// Whether all members are subscribed to the same topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SubscriptionType {
    Homogeneous,
    Heterogeneous,
}

impl ConsumerGroup {
    /// Whether all members are subscribed to the same topics. Source: Kafka `ConsumerGroup.subscriptionType`.
    pub(super) fn subscription_type(&self) -> SubscriptionType {
        let counts = self.subscribed_topics.values();
        let is_homogeneous = match self.subscribed_regexes.values().next() {
            None => counts.into_iter().all(|count| count.by_name == self.members.len()),
            Some(members) if *members == self.members.len() => {
                counts.into_iter().all(|count| count.by_regex == 1 && count.by_name == 0)
            }
            Some(_) => false,
        };
        if is_homogeneous { SubscriptionType::Homogeneous } else { SubscriptionType::Heterogeneous }
    }

    /// The topics that a member is subscribed to, those that exist.
    pub(super) fn subscribed_topic_ids(&self, member: &Member, topics: &TopicsView) -> BTreeSet<TopicId> {
        let named = member.metadata().subscribed_topic_names.iter();
        // An expression that is not resolved yet matches nothing.
        let resolved = member.regex().and_then(|regex| self.regexes.get(regex));
        let matched = resolved.iter().flat_map(|resolved| &resolved.topics);
        named.chain(matched).filter_map(|name| Some(topics.topic(name)?.id)).collect()
    }

    /// Hash of what the topics that the group is subscribed to are like.
    pub(super) fn topics_hash(&self, topics: &mut TopicsView) -> i64 {
        topics.hash(self.subscribed_topics.keys().map(String::as_str))
    }

    /// Whether a topic that the group is subscribed to may have changed since the group looked last.
    pub(super) fn may_topics_have_changed(&mut self, topics: &TopicsView) -> bool {
        let Some(version) = self.checked_topics else { return true };
        if topics.has_changed(self.subscribed_topics.keys().map(String::as_str), version) {
            return true;
        }
        self.checked_topics = Some(topics.version());
        false
    }
}

impl Decision<'_> {
    /// Writes a new group epoch if `is_changed`, or if the topics are not what they were.
    /// Source: Kafka `GroupMetadataManager.updateSubscriptionMetadata`.
    pub(super) fn update_group_epoch(&mut self, is_changed: bool, topics: &mut TopicsView) {
        let hash = self.group.topics_hash(topics);
        if is_changed || hash != self.group.metadata_hash {
            let epoch = self.group.group_epoch.saturating_add(1);
            self.apply(Change::Group(Some((epoch, hash))));
        }
        self.group.checked_topics = Some(topics.version());
        if self.group.has_subscription_metadata {
            self.apply(Change::SubscriptionMetadata(false));
        }
    }
}
