//! The only writer of a group's state.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::change::{Change, MemberMetadata, ResolvedRegex};
use super::member::{CurrentAssignment, Member, regex_of};
use super::{ConsumerGroup, FIRST_EPOCH};

impl ConsumerGroup {
    /// Replays a change. Returns the change that takes it back: replay it while nothing else was replayed since, or all
    /// that was is taken back before. Source: the `replay` functions of Kafka `GroupMetadataManager`.
    pub(in super::super) fn replay(&mut self, change: Change) -> Change {
        match change {
            Change::Group(value) => {
                let before = Some((self.group_epoch, self.metadata_hash));
                (self.group_epoch, self.metadata_hash) = value.unwrap_or((FIRST_EPOCH, 0));
                Change::Group(before)
            }
            Change::SubscriptionMetadata(exists) => {
                Change::SubscriptionMetadata(std::mem::replace(&mut self.has_subscription_metadata, exists))
            }
            Change::Member(id, metadata) => {
                let before = self.replay_metadata(&id, metadata);
                Change::Member(id, before)
            }
            Change::TargetEpoch(value) => {
                let before = Some((self.assignment_epoch, self.assignment_timestamp_ms));
                (self.assignment_epoch, self.assignment_timestamp_ms) = value.unwrap_or((-1, 0));
                Change::TargetEpoch(before)
            }
            Change::Target(id, target) => {
                let before = match target {
                    Some(target) => self.targets.insert(Arc::clone(&id), target),
                    None => self.targets.remove(&id),
                };
                Change::Target(id, before)
            }
            Change::Current(id, current) => {
                let before = self.replay_current(&id, current.as_ref());
                Change::Current(id, before)
            }
            Change::Regex(regex, resolved) => {
                let before = self.replay_regex(&regex, resolved);
                Change::Regex(regex, before)
            }
        }
    }

    fn replay_metadata(
        &mut self,
        id: &Arc<str>,
        metadata: Option<Arc<MemberMetadata>>,
    ) -> Option<Arc<MemberMetadata>> {
        if let Some(metadata) = &metadata {
            self.count(id, metadata);
        }
        let member = self.members.entry(Arc::clone(id)).or_default();
        let before = std::mem::replace(&mut member.metadata, metadata);
        self.forget_if_gone(id);
        if let Some(before) = &before {
            self.uncount(id, before);
        }
        before
    }

    fn replay_current(
        &mut self,
        id: &Arc<str>,
        current: Option<&Arc<CurrentAssignment>>,
    ) -> Option<Arc<CurrentAssignment>> {
        let member = self.members.entry(Arc::clone(id)).or_default();
        let before = std::mem::replace(&mut member.current, current.cloned());
        for (topic, partitions) in before.iter().flat_map(|before| before.held()) {
            for partition in partitions.keys() {
                let place = (*topic, *partition);
                if self.owners.get(&place).is_some_and(|owner| owner == id) {
                    self.owners.remove(&place);
                }
            }
        }
        for (topic, partitions) in current.iter().flat_map(|current| current.held()) {
            for partition in partitions.keys() {
                self.owners.insert((*topic, *partition), Arc::clone(id));
            }
        }
        self.forget_if_gone(id);
        before
    }

    fn forget_if_gone(&mut self, id: &Arc<str>) {
        if self.members.get(id).is_some_and(|member| *member == Member::default()) {
            self.members.remove(id);
        }
    }

    fn replay_regex(
        &mut self,
        regex: &Arc<str>,
        resolved: Option<Arc<ResolvedRegex>>,
    ) -> Option<Arc<ResolvedRegex>> {
        for topic in resolved.iter().flat_map(|resolved| &resolved.topics) {
            self.subscribed_topics.entry(topic.clone()).or_default().by_regex += 1;
        }
        let before = match resolved {
            Some(resolved) => self.regexes.insert(Arc::clone(regex), resolved),
            None => self.regexes.remove(regex),
        };
        for topic in before.iter().flat_map(|before| &before.topics) {
            self.change_topic(topic, |count| count.by_regex = count.by_regex.saturating_sub(1));
        }
        before
    }

    /// A member says this of itself.
    fn count(&mut self, id: &Arc<str>, metadata: &MemberMetadata) {
        for topic in &metadata.subscribed_topic_names {
            self.subscribed_topics.entry(topic.clone()).or_default().by_name += 1;
        }
        if let Some(regex) = regex_of(metadata) {
            *self.subscribed_regexes.entry(regex.to_owned()).or_default() += 1;
        }
        if let Some(assignor) = &metadata.server_assignor {
            *self.server_assignors.entry(assignor.clone()).or_default() += 1;
        }
        if let Some(instance_id) = &metadata.instance_id {
            self.static_members.insert(instance_id.clone(), Arc::clone(id));
        }
        if let Some(classic) = &metadata.classic_member_metadata {
            self.classic_count += 1;
            for protocol in &classic.supported_protocols {
                *self.classic_protocols.entry(protocol.name.clone()).or_default() += 1;
            }
        }
    }

    /// A member says this of itself no longer.
    fn uncount(&mut self, id: &Arc<str>, metadata: &MemberMetadata) {
        for topic in &metadata.subscribed_topic_names {
            self.change_topic(topic, |count| count.by_name = count.by_name.saturating_sub(1));
        }
        if let Some(regex) = regex_of(metadata) {
            decrement(&mut self.subscribed_regexes, regex);
        }
        if let Some(assignor) = &metadata.server_assignor {
            decrement(&mut self.server_assignors, assignor);
        }
        if let Some(instance_id) = &metadata.instance_id {
            let keeps = self.members.get(id).and_then(|member| member.metadata().instance_id.as_ref())
                == Some(instance_id);
            if !keeps && self.static_members.get(instance_id) == Some(id) {
                self.static_members.remove(instance_id);
            }
        }
        if let Some(classic) = &metadata.classic_member_metadata {
            self.classic_count = self.classic_count.saturating_sub(1);
            for protocol in &classic.supported_protocols {
                decrement(&mut self.classic_protocols, &protocol.name);
            }
        }
    }

    fn change_topic(&mut self, topic: &str, change: impl FnOnce(&mut super::SubscriptionCount)) {
        if let Some(count) = self.subscribed_topics.get_mut(topic) {
            change(count);
            if *count == super::SubscriptionCount::default() {
                self.subscribed_topics.remove(topic);
            }
        }
    }
}

impl CurrentAssignment {
    /// Everything that the member holds, be it to give it up.
    fn held(&self) -> impl Iterator<Item = (&ottla_protocol::types::TopicId, &BTreeMap<i32, i32>)> {
        self.assigned.iter().chain(&self.pending_revocation)
    }
}

fn decrement(counts: &mut BTreeMap<String, usize>, key: &str) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}
