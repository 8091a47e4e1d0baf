//! How groups come from the log, learn of topics, and go.

use std::sync::Arc;

use ottla_metadata::delta::MetadataChanges;
use ottla_metadata::image::{ConfigResourceType, MetadataImage};

use super::super::coordinator::{GroupCoordinator, Shared};
use super::decision::{ConsumerDone, Undo};
use super::settings::ConsumerGroupConfig;
use super::topics::TopicsView;
use super::{Change, ConsumerGroup};

impl GroupCoordinator {
    /// Replays a record of the log. Source: the `replay` functions of Kafka `GroupMetadataManager`.
    pub(in super::super) fn load_consumer(&mut self, group_id: &str, change: Change) {
        let is_tombstone = match &change {
            Change::Group(value) | Change::TargetEpoch(value) => value.is_none(),
            Change::SubscriptionMetadata(exists) => !exists,
            Change::Member(_, value) => value.is_none(),
            Change::Target(_, value) => value.is_none(),
            Change::Current(_, value) => value.is_none(),
            Change::Regex(_, value) => value.is_none(),
        };
        if matches!(change, Change::Group(None)) {
            self.consumer_groups.remove(group_id);
            return;
        }
        if !is_tombstone && !self.consumer_groups.contains_key(group_id) {
            let id = self.known_id(group_id).unwrap_or_else(|| group_id.into());
            // A simple group has no record of its own that could be deleted.
            self.groups.remove(&id);
            self.consumer_groups.insert(Arc::clone(&id), ConsumerGroup::new(id));
        }
        if let Some(group) = self.consumer_groups.get_mut(group_id) {
            group.replay(change);
        }
    }

    /// There is another image. Groups look at their topics with their next heartbeat.
    pub(in super::super) fn metadata_changed(
        &mut self,
        image: Arc<MetadataImage>,
        changes: Option<&MetadataChanges>,
    ) {
        self.topics.update(image, changes);
        let Self { consumer_groups, topics, shared, .. } = self;
        let config = &shared.config.consumer;
        match changes {
            None => {
                for group in consumer_groups.values_mut() {
                    group.read_settings(config, topics.image());
                }
            }
            Some(changes) => {
                let groups =
                    changes.configs.iter().filter(|resource| resource.kind == ConfigResourceType::Group);
                for resource in groups {
                    if let Some(group) = consumer_groups.get_mut(&resource.name) {
                        group.read_settings(config, topics.image());
                    }
                }
            }
        }
    }

    /// The broker's settings have changed.
    pub(in super::super) fn configure_consumer_groups(&mut self, config: ConsumerGroupConfig) {
        self.shared.config.consumer = config;
        let Self { consumer_groups, topics, shared, .. } = self;
        for group in consumer_groups.values_mut() {
            group.read_settings(&shared.config.consumer, topics.image());
        }
    }

    /// Deletes a group without members: another of the same name is about to be made.
    pub(in super::super) fn delete_empty_consumer_group(&mut self, group_id: &str) {
        let Some(mut group) = self.consumer_groups.remove(group_id) else { return };
        group.cancel_timers(&mut self.shared);
        let records = group.tombstones();
        let id = Arc::clone(group.id());
        let undo = Undo { consumer_before: Some(Box::new(group)), ..Undo::default() };
        self.write_consumer(records, ConsumerDone { group: id, reply: None, joined: None, undo });
    }
}

impl ConsumerGroup {
    /// The log is replayed: the sessions of the members start.
    pub(in super::super) fn loaded(&mut self, shared: &mut Shared, topics: &TopicsView) {
        self.read_settings(&shared.config.consumer, topics.image());
        self.watch_all(shared);
    }
}
