//! OffsetDelete, DeleteGroups, and the offsets of deleted topics.

use std::sync::Arc;

use ottla_protocol::types::TopicId;

use super::super::classic::ClassicState;
use super::super::coordinator::{Done, GroupCoordinator, RemovedGroups, Replay, Reply};
use super::super::error::delete_result;
use super::super::interface::{GroupResponse, RequestContext};
use super::super::records;
use super::{OffsetKey, Slot};
use crate::host::{Record, RequestToken};
use crate::journal::BatchKind;
use crate::messages::{
    ErrorCode, OffsetDeleteRequest, OffsetDeleteResponse, OffsetDeleteResponsePartition,
    OffsetDeleteResponseTopic,
};

/// Tombstones in one decision, where they need not be written all or none.
const TOMBSTONES_PER_DECISION: usize = 1_000;

/// The tombstone of an offset.
pub(super) fn tombstone(key: OffsetKey) -> (Record, Replay) {
    (records::offset_commit(&key, None), Replay::Offset(key, None))
}

/// The tombstone of a group.
pub(super) fn group_tombstone(group: &str) -> (Record, Replay) {
    (records::group_metadata(group, None), Replay::Group)
}

impl GroupCoordinator {
    /// Deletes offsets of one group. Source: Kafka `OffsetMetadataManager.deleteOffsets`.
    pub(in super::super) fn delete_offsets(
        &mut self,
        token: RequestToken,
        context: &RequestContext,
        request: &OffsetDeleteRequest,
    ) {
        let refusal = match self.groups.get(request.group_id.as_str()) {
            Some(group) if group.state() != ClassicState::Empty && !group.is_consumer() => {
                Some(ErrorCode::NON_EMPTY_GROUP)
            }
            None if !self.has_group(&request.group_id) => Some(ErrorCode::GROUP_ID_NOT_FOUND),
            Some(_) | None => None,
        };
        if let Some(error) = refusal {
            let response =
                OffsetDeleteResponse { error_code: error.into(), ..OffsetDeleteResponse::default() };
            return self.shared.respond(token, GroupResponse::OffsetDelete(response));
        }
        let group = self.groups.get(request.group_id.as_str());
        let consumer_group = self.consumer_groups.get(request.group_id.as_str());
        let group_id: Arc<str> = request.group_id.as_str().into();
        let mut tombstones = Vec::new();
        let topics = request.topics.iter().map(|topic| {
            let is_subscribed = group.is_some_and(|group| group.is_subscribed_to(&topic.name))
                || consumer_group.is_some_and(|group| group.is_subscribed_to(&topic.name));
            let error = if is_subscribed { ErrorCode::GROUP_SUBSCRIBED_TO_TOPIC } else { ErrorCode::NONE };
            let partitions = topic.partitions.iter().map(|partition| {
                let key = self.offsets.key(&group_id, &topic.name, partition.partition_index);
                if !is_subscribed && self.offsets.slot(&key).is_some() {
                    tombstones.push(tombstone(key));
                }
                OffsetDeleteResponsePartition {
                    partition_index: partition.partition_index,
                    error_code: error.into(),
                }
            });
            OffsetDeleteResponseTopic { name: topic.name.clone(), partitions: partitions.collect() }
        });
        let response = OffsetDeleteResponse { topics: topics.collect(), ..OffsetDeleteResponse::default() };
        let response = GroupResponse::OffsetDelete(response);
        if tombstones.is_empty() {
            return self.shared.respond(token, response);
        }
        self.write(BatchKind::Plain, tombstones, Done::respond(token, context.api_version, response));
    }

    /// Deletes whole groups that are empty. Source: Kafka `GroupCoordinatorShard.deleteGroups`.
    pub(in super::super) fn delete_groups(
        &mut self,
        token: RequestToken,
        context: &RequestContext,
        group_ids: &[String],
    ) {
        let mut tombstones = Vec::new();
        let mut removed = RemovedGroups::default();
        let results = group_ids.iter().map(|group_id| {
            let error = self.refuse_deletion(group_id).unwrap_or(ErrorCode::NONE);
            if error == ErrorCode::NONE {
                tombstones.extend(self.offsets.keys(group_id).map(tombstone));
                self.take_group_out(group_id, &mut tombstones, &mut removed);
            }
            delete_result(group_id, error)
        });
        let response = GroupResponse::DeleteGroups(results.collect());
        if tombstones.is_empty() {
            return self.shared.respond(token, response);
        }
        let reply = Some(Reply { token, api_version: context.api_version, response });
        self.write(BatchKind::Plain, tombstones, Done::GroupsRemoved { removed, reply });
    }

    fn refuse_deletion(&self, group_id: &str) -> Option<ErrorCode> {
        let is_empty = match (self.groups.get(group_id), self.consumer_groups.get(group_id)) {
            (Some(group), _) => group.state() == ClassicState::Empty,
            (None, Some(group)) => group.is_empty(),
            (None, None) => return Some(ErrorCode::GROUP_ID_NOT_FOUND),
        };
        (!is_empty).then_some(ErrorCode::NON_EMPTY_GROUP)
    }

    /// Takes an empty group out of its map; adds the tombstones of its records.
    pub(super) fn take_group_out(
        &mut self,
        group_id: &str,
        tombstones: &mut Vec<(Record, Replay)>,
        removed: &mut RemovedGroups,
    ) {
        if let Some(group) = self.remove_group(group_id) {
            tombstones.push(group_tombstone(group_id));
            removed.classic.push(group);
        }
        if let Some(mut group) = self.consumer_groups.remove(group_id) {
            group.cancel_timers(&mut self.shared);
            tombstones.extend(group.tombstones().into_iter().map(|record| (record, Replay::Group)));
            removed.consumer.push(group);
        }
    }

    /// Deletes the offsets of topics that are gone. An offset that is known to be of a later life of the name stays.
    /// Source: Kafka `OffsetMetadataManager.onTopicsDeleted`.
    pub(in super::super) fn topics_deleted(&mut self, topics: &[(String, TopicId)]) {
        let mut tombstones = Vec::new();
        for (group, known) in &self.offsets.groups {
            for (name, topic_id) in topics {
                let Some((topic, slots)) = known.get_key_value(name.as_str()) else { continue };
                let gone = slots.iter().filter(|(_, slot)| slot.is_of(*topic_id));
                tombstones.extend(gone.map(|(&partition, _)| {
                    tombstone(OffsetKey { group: Arc::clone(group), topic: Arc::clone(topic), partition })
                }));
            }
        }
        self.write_tombstones(tombstones);
    }

    /// Writes tombstones that may be written apart.
    pub(super) fn write_tombstones(&mut self, mut tombstones: Vec<(Record, Replay)>) {
        while !tombstones.is_empty() {
            let rest = tombstones.split_off(tombstones.len().min(TOMBSTONES_PER_DECISION));
            self.write(BatchKind::Plain, tombstones, Done::Nothing);
            tombstones = rest;
        }
    }
}

impl Slot {
    /// Whether something in it may be of this life of its topic. Transactional commits do not say, and what is in
    /// flight was decided before the topic was deleted.
    fn is_of(&self, topic_id: TopicId) -> bool {
        let may_be = |id: TopicId| id == TopicId::ZERO || id == topic_id;
        let is_committed = self.committed.as_ref().is_some_and(|logged| may_be(logged.offset.topic_id));
        is_committed || !self.open_transactions.is_empty() || self.in_flight > 0
    }
}
