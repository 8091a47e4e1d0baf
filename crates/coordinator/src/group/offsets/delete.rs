//! OffsetDelete, DeleteGroups, and the offsets of deleted topics.

use std::sync::Arc;

use ottla_protocol::types::TopicId;

use super::super::classic::{ClassicGroup, ClassicState};
use super::super::coordinator::{Done, GroupCoordinator, Replay, Reply};
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
            None => Some(ErrorCode::GROUP_ID_NOT_FOUND),
            Some(_) => None,
        };
        if let Some(error) = refusal {
            let response =
                OffsetDeleteResponse { error_code: error.into(), ..OffsetDeleteResponse::default() };
            return self.shared.respond(token, GroupResponse::OffsetDelete(response));
        }
        let group = self.groups.get(request.group_id.as_str());
        let group_id: Arc<str> = request.group_id.as_str().into();
        let mut tombstones = Vec::new();
        let topics = request.topics.iter().map(|topic| {
            let is_subscribed = group.is_some_and(|group| group.is_subscribed_to(&topic.name));
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
        let mut groups = Vec::new();
        let results = group_ids.iter().map(|group_id| {
            let error = match self.groups.get(group_id.as_str()).map(ClassicGroup::state) {
                None => ErrorCode::GROUP_ID_NOT_FOUND,
                Some(ClassicState::Empty) => ErrorCode::NONE,
                Some(_) => ErrorCode::NON_EMPTY_GROUP,
            };
            if error == ErrorCode::NONE {
                tombstones.extend(self.offsets.keys(group_id).map(tombstone));
                tombstones.push(group_tombstone(group_id));
                groups.extend(self.remove_group(group_id));
            }
            delete_result(group_id, error)
        });
        let response = GroupResponse::DeleteGroups(results.collect());
        if tombstones.is_empty() {
            return self.shared.respond(token, response);
        }
        let reply = Some(Reply { token, api_version: context.api_version, response });
        self.write(BatchKind::Plain, tombstones, Done::GroupsRemoved { groups, reply });
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
