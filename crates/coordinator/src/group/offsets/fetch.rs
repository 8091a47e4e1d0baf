//! OffsetFetch.

use super::super::coordinator::{Done, GroupCoordinator, StableFetch};
use super::super::error::{from_append, no_offset, offset_fetch_error};
use super::super::interface::{GroupResponse, OffsetFetch, RequestContext};
use super::Slot;
use crate::host::RequestToken;
use crate::journal::Fate;
use crate::messages::{
    ErrorCode, OffsetFetchRequestGroup, OffsetFetchResponseGroup, OffsetFetchResponsePartitions,
    OffsetFetchResponseTopics,
};
use ottla_protocol::types::TopicId;

impl GroupCoordinator {
    /// Answers with what is committed. A fetch of stable offsets first waits for everything that was decided before it.
    /// Source: Kafka `GroupCoordinatorService.fetchOffsets`.
    pub(in super::super) fn fetch_offsets(
        &mut self,
        token: RequestToken,
        context: &RequestContext,
        request: OffsetFetch,
    ) {
        if let Err(error) = self.admit_fetch(&request) {
            let response = offset_fetch_error(&request.group, error, context.api_version);
            return self.shared.respond(token, GroupResponse::OffsetFetch(response));
        }
        if !request.require_stable {
            let response = self.committed_offsets(&request);
            return self.shared.respond(token, GroupResponse::OffsetFetch(response));
        }
        let fetch = Box::new(StableFetch { token, api_version: context.api_version, request });
        let waits = self.shared.journal.push_after_all(Done::StableFetch(Some(fetch)), self.shared.now);
        if let Err(Done::StableFetch(Some(fetch))) = waits {
            self.finish_stable_fetch(&fetch, Fate::Committed);
        }
    }

    /// Whether who asks may: a member of a consumer group has to be in the epoch that it says.
    fn admit_fetch(&self, request: &OffsetFetch) -> Result<(), ErrorCode> {
        let OffsetFetchRequestGroup { group_id, member_id, member_epoch, .. } = &request.group;
        let group = self.consumer_groups.get(group_id.as_str());
        group.map_or(Ok(()), |group| group.admit_fetch(member_id.as_deref(), *member_epoch))
    }

    /// What a fetch of stable offsets waited for is committed, or is not.
    pub(in super::super) fn finish_stable_fetch(&mut self, fetch: &StableFetch, fate: Fate) {
        let error = match fate.error() {
            None => {
                let response = self.committed_offsets(&fetch.request);
                return self.shared.respond(fetch.token, GroupResponse::OffsetFetch(response));
            }
            // Old consumers do not retry on COORDINATOR_NOT_AVAILABLE. Source: Kafka `handleOffsetFetchException`.
            Some(
                ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
                | ErrorCode::NOT_ENOUGH_REPLICAS
                | ErrorCode::REQUEST_TIMED_OUT,
            ) => ErrorCode::NOT_COORDINATOR,
            Some(error) => from_append(error),
        };
        self.shared.fail_fetch(fetch, error);
    }

    /// Source: Kafka `OffsetMetadataManager.fetchOffsets`, `fetchAllOffsets`.
    fn committed_offsets(&self, request: &OffsetFetch) -> OffsetFetchResponseGroup {
        let OffsetFetch { group, require_stable } = request;
        let topics = match &group.topics {
            None => self.all_committed(&group.group_id, *require_stable),
            Some(_) => self.asked_committed(group, *require_stable),
        };
        OffsetFetchResponseGroup {
            group_id: group.group_id.clone(),
            topics,
            ..OffsetFetchResponseGroup::default()
        }
    }

    fn asked_committed(
        &self,
        group: &OffsetFetchRequestGroup,
        require_stable: bool,
    ) -> Vec<OffsetFetchResponseTopics> {
        let known = self.known_offsets(&group.group_id);
        let topics = group.topics.iter().flatten().map(|topic| {
            let slots = known.and_then(|topics| topics.get(topic.name.as_str()));
            let partitions = topic.partition_indexes.iter().map(|&partition| {
                let slot = slots.and_then(|slots| slots.get(&partition));
                let shown =
                    slot.and_then(|slot| slot.show(partition, TopicId(topic.topic_id), require_stable));
                shown.unwrap_or_else(|| no_offset(partition))
            });
            OffsetFetchResponseTopics {
                name: topic.name.clone(),
                topic_id: topic.topic_id,
                partitions: partitions.collect(),
            }
        });
        topics.collect()
    }

    fn all_committed(&self, group_id: &str, require_stable: bool) -> Vec<OffsetFetchResponseTopics> {
        let topics = self.known_offsets(group_id).into_iter().flatten().map(|(name, slots)| {
            let committed = slots.iter().filter(|(_, slot)| slot.committed.is_some());
            OffsetFetchResponseTopics {
                name: name.to_string(),
                partitions: committed
                    .filter_map(|(&partition, slot)| slot.show(partition, TopicId::ZERO, require_stable))
                    .collect(),
                ..OffsetFetchResponseTopics::default()
            }
        });
        topics.filter(|topic| !topic.partitions.is_empty()).collect()
    }

    fn known_offsets(&self, group_id: &str) -> Option<&super::Topics> {
        if self.has_group(group_id) { self.offsets.groups.get(group_id) } else { None }
    }
}

impl Slot {
    /// What OffsetFetch says of the partition, or `None` if it has no offset, or one of another life of the topic than
    /// the one that is asked for. The zero id asks for any.
    fn show(
        &self,
        partition_index: i32,
        topic_id: TopicId,
        require_stable: bool,
    ) -> Option<OffsetFetchResponsePartitions> {
        if require_stable && !self.open_transactions.is_empty() {
            let error_code = ErrorCode::UNSTABLE_OFFSET_COMMIT.into();
            return Some(OffsetFetchResponsePartitions { error_code, ..no_offset(partition_index) });
        }
        let offset = &self.committed.as_ref()?.offset;
        let is_known = offset.topic_id != TopicId::ZERO && topic_id != TopicId::ZERO;
        if is_known && offset.topic_id != topic_id {
            return None;
        }
        Some(OffsetFetchResponsePartitions {
            partition_index,
            committed_offset: offset.offset.0,
            committed_leader_epoch: offset.leader_epoch.0,
            metadata: Some((*offset.metadata).to_owned()),
            error_code: ErrorCode::NONE.into(),
        })
    }
}
