//! OffsetCommit and TxnOffsetCommit.

use std::sync::Arc;

use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, TopicId};

use super::super::classic::ClassicGroup;
use super::super::consumer::Admission;
use super::super::coordinator::{Done, GroupCoordinator, Replay, Reply};
use super::super::error::{offset_commit_error, txn_offset_commit_error};
use super::super::interface::{GroupResponse, RequestContext};
use super::super::records;
use super::CommittedOffset;
use crate::host::{Record, RequestToken};
use crate::journal::BatchKind;
use crate::messages::{
    ErrorCode, OffsetCommitRequest, OffsetCommitResponse, OffsetCommitResponsePartition,
    OffsetCommitResponseTopic, TxnOffsetCommitRequest, TxnOffsetCommitResponse,
    TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
};

/// From this version of OffsetCommit on, a group that does not exist has an error of its own.
const GROUP_ID_NOT_FOUND_FROM: i16 = 9;

/// Who commits, as either request says it.
pub(in super::super) struct Committer<'a> {
    pub(in super::super) member_id: &'a str,
    pub(in super::super) group_instance_id: Option<&'a str>,
    /// Negative if it is no member.
    pub(in super::super) generation: i32,
    pub(in super::super) is_transactional: bool,
}

impl GroupCoordinator {
    /// Writes offsets, and answers when they are committed. Source: Kafka `OffsetMetadataManager.commitOffset`.
    pub(in super::super) fn commit_offsets(
        &mut self,
        token: RequestToken,
        context: &RequestContext,
        request: &OffsetCommitRequest,
    ) {
        let committer = Committer {
            member_id: &request.member_id,
            group_instance_id: request.group_instance_id.as_deref(),
            generation: request.generation_id_or_member_epoch,
            is_transactional: false,
        };
        let unknown_group = if context.api_version >= GROUP_ID_NOT_FOUND_FROM {
            ErrorCode::GROUP_ID_NOT_FOUND
        } else {
            ErrorCode::ILLEGAL_GENERATION
        };
        let admission = self.admit_commit(&request.group_id, &committer, context.api_version, unknown_group);
        let places = || {
            request.topics.iter().flat_map(|topic| {
                let id = TopicId(topic.topic_id);
                topic.partitions.iter().map(move |partition| {
                    (id, partition.partition_index, partition.committed_metadata.as_deref())
                })
            })
        };
        if let Err(error) = admission.and_then(|admission| self.admit_partitions(&admission, places())) {
            let response = GroupResponse::OffsetCommit(offset_commit_error(request, error));
            return self.shared.respond(token, response);
        }
        let now = self.shared.now.wall;
        let expire_timestamp = (request.retention_time_ms != -1)
            .then(|| Timestamp(now.0.saturating_add(request.retention_time_ms)));
        let group = self.known_id(&request.group_id).unwrap_or_else(|| request.group_id.as_str().into());
        let mut records = Vec::new();
        let mut topics = Vec::with_capacity(request.topics.len());
        for topic in &request.topics {
            let mut partitions = Vec::with_capacity(topic.partitions.len());
            for partition in &topic.partitions {
                let metadata = partition.committed_metadata.as_deref().unwrap_or_default();
                let error = self.check_metadata(metadata).err().unwrap_or(ErrorCode::NONE);
                if error == ErrorCode::NONE {
                    let offset = CommittedOffset {
                        offset: Offset(partition.committed_offset),
                        leader_epoch: LeaderEpoch(partition.committed_leader_epoch),
                        metadata: metadata.into(),
                        commit_timestamp: now,
                        expire_timestamp,
                        topic_id: TopicId(topic.topic_id),
                    };
                    records.push(self.offset_record(&group, &topic.name, partition.partition_index, offset));
                }
                partitions.push(OffsetCommitResponsePartition {
                    partition_index: partition.partition_index,
                    error_code: error.into(),
                });
            }
            let (name, topic_id) = (topic.name.clone(), topic.topic_id);
            topics.push(OffsetCommitResponseTopic { name, topic_id, partitions });
        }
        let response = OffsetCommitResponse { topics, ..OffsetCommitResponse::default() };
        let reply = Reply {
            token,
            api_version: context.api_version,
            response: GroupResponse::OffsetCommit(response),
        };
        self.write_commit(BatchKind::Plain, &group, records, reply);
    }

    /// Writes offsets that count when the producer's transaction commits.
    /// Source: Kafka `OffsetMetadataManager.commitTransactionalOffset`.
    pub(in super::super) fn commit_txn_offsets(
        &mut self,
        token: RequestToken,
        context: &RequestContext,
        request: &TxnOffsetCommitRequest,
    ) {
        let committer = Committer {
            member_id: &request.member_id,
            group_instance_id: request.group_instance_id.as_deref(),
            generation: request.generation_id_or_member_epoch,
            is_transactional: true,
        };
        let unknown_group = ErrorCode::ILLEGAL_GENERATION;
        let admission = self.admit_commit(&request.group_id, &committer, context.api_version, unknown_group);
        let places = || {
            request.topics.iter().flat_map(|topic| {
                // Most versions do not say the id.
                let id = self.topics.topic_id(&topic.name);
                topic.partitions.iter().map(move |partition| {
                    (id, partition.partition_index, partition.committed_metadata.as_deref())
                })
            })
        };
        if let Err(error) = admission.and_then(|admission| self.admit_partitions(&admission, places())) {
            let response = txn_offset_commit_error(request, error, context.api_version);
            return self.shared.respond(token, GroupResponse::TxnOffsetCommit(response));
        }
        let now = self.shared.now.wall;
        let group = self.known_id(&request.group_id).unwrap_or_else(|| request.group_id.as_str().into());
        let mut records = Vec::new();
        let mut topics = Vec::with_capacity(request.topics.len());
        for topic in &request.topics {
            let mut partitions = Vec::with_capacity(topic.partitions.len());
            for partition in &topic.partitions {
                let metadata = partition.committed_metadata.as_deref().unwrap_or_default();
                let error = self.check_metadata(metadata).err().unwrap_or(ErrorCode::NONE);
                if error == ErrorCode::NONE {
                    let offset = CommittedOffset {
                        offset: Offset(partition.committed_offset),
                        leader_epoch: LeaderEpoch(partition.committed_leader_epoch),
                        metadata: metadata.into(),
                        commit_timestamp: now,
                        expire_timestamp: None,
                        // Only version 6 says.
                        topic_id: TopicId(topic.topic_id),
                    };
                    records.push(self.offset_record(&group, &topic.name, partition.partition_index, offset));
                }
                partitions.push(TxnOffsetCommitResponsePartition {
                    partition_index: partition.partition_index,
                    error_code: error.into(),
                });
            }
            let (name, topic_id) = (topic.name.clone(), topic.topic_id);
            topics.push(TxnOffsetCommitResponseTopic { name, topic_id, partitions });
        }
        let response = TxnOffsetCommitResponse { topics, ..TxnOffsetCommitResponse::default() };
        let producer_id = ProducerId(request.producer_id);
        let kind = BatchKind::Transactional(producer_id, ProducerEpoch(request.producer_epoch));
        let response = GroupResponse::TxnOffsetCommit(response);
        let reply = Reply { token, api_version: context.api_version, response };
        self.write_commit(kind, &group, records, reply);
    }

    /// Whether the committer may commit; a member that does proves that it is alive.
    fn admit_commit(
        &mut self,
        group_id: &str,
        committer: &Committer<'_>,
        api_version: i16,
        unknown_group: ErrorCode,
    ) -> Result<Admission, ErrorCode> {
        if let Some(group) = self.consumer_groups.get(group_id) {
            return group.admit_commit(committer, api_version);
        }
        let Self { groups, shared, .. } = self;
        match groups.get_mut(group_id) {
            Some(group) => group.admit_commit(shared, committer).map(|()| Admission::All),
            // A client that manages its assignment itself, or a tool.
            None if committer.generation < 0 => Ok(Admission::All),
            None => Err(unknown_group),
        }
    }

    /// Whether the committer may commit all partitions that are not refused for their metadata.
    fn admit_partitions<'a>(
        &self,
        admission: &Admission,
        places: impl Iterator<Item = (TopicId, i32, Option<&'a str>)>,
    ) -> Result<(), ErrorCode> {
        let mut places =
            places.filter(|(_, _, metadata)| self.check_metadata(metadata.unwrap_or_default()).is_ok());
        places.try_for_each(|(topic, partition, _)| admission.admit(topic, partition))
    }

    fn check_metadata(&self, metadata: &str) -> Result<(), ErrorCode> {
        let size_max = self.shared.config.offset_metadata_size_max;
        // A text has at most as many UTF-16 units as bytes.
        if metadata.len() > size_max && metadata.encode_utf16().count() > size_max {
            Err(ErrorCode::OFFSET_METADATA_TOO_LARGE)
        } else {
            Ok(())
        }
    }

    fn offset_record(
        &self,
        group: &Arc<str>,
        topic: &str,
        partition: i32,
        offset: CommittedOffset,
    ) -> (Record, Replay) {
        let key = self.offsets.key(group, topic, partition);
        (records::offset_commit(&key, Some(&offset)), Replay::Offset(key, Some(offset)))
    }

    /// Writes the offsets. If there is no such group, this makes it: a simple one.
    fn write_commit(
        &mut self,
        kind: BatchKind,
        group_id: &Arc<str>,
        records: Vec<(Record, Replay)>,
        reply: Reply,
    ) {
        if records.is_empty() {
            return self.shared.respond(reply.token, reply.response);
        }
        let reply = Some(reply);
        if self.has_group(group_id) {
            return self.write(kind, records, Done::Respond(reply));
        }
        let group = ClassicGroup::new(Arc::clone(group_id), self.shared.now.wall);
        self.groups.insert(Arc::clone(group_id), group);
        self.write(kind, records, Done::GroupCreated { group: Arc::clone(group_id), reply });
    }
}
