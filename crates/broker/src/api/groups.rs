//! The APIs of classic groups and committed offsets: from requests to coordinators and back.
//!
//! What needs the metadata image is done here: topics get both their name and their id, and partitions that do not exist
//! are taken out and answered beside. Source: Kafka `KafkaApis`, `GroupCoordinatorService`.

use std::collections::BTreeMap;

use ottla_coordinator::group::{GroupRequest, GroupResponse, OffsetFetch};
use ottla_protocol::api::ApiKey;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::delete_groups_request::DeleteGroupsRequest;
use ottla_protocol::messages::delete_groups_response::DeleteGroupsResponse;
use ottla_protocol::messages::describe_groups_request::DescribeGroupsRequest;
use ottla_protocol::messages::describe_groups_response::DescribeGroupsResponse;
use ottla_protocol::messages::heartbeat_request::HeartbeatRequest;
use ottla_protocol::messages::join_group_request::JoinGroupRequest;
use ottla_protocol::messages::leave_group_request::LeaveGroupRequest;
use ottla_protocol::messages::list_groups_request::ListGroupsRequest;
use ottla_protocol::messages::list_groups_response::ListGroupsResponse;
use ottla_protocol::messages::offset_commit_request::{OffsetCommitRequest, OffsetCommitRequestTopic};
use ottla_protocol::messages::offset_commit_response::{
    OffsetCommitResponse, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use ottla_protocol::messages::offset_delete_request::OffsetDeleteRequest;
use ottla_protocol::messages::offset_fetch_request::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use ottla_protocol::messages::offset_fetch_response::{
    OffsetFetchResponse, OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponseTopic,
};
use ottla_protocol::messages::sync_group_request::SyncGroupRequest;
use ottla_protocol::time::Now;
use ottla_protocol::types::TopicId;
use ottla_protocol::wire::DecodeError;

use super::decode;
use crate::authorized;
use crate::response::{Answer, ResponseSink};
use crate::shard::{RequestOrigin, Shard};

/// How the parts of an answer become the response.
pub(crate) enum Gathered {
    /// There is one part, and it is the response.
    Single,
    /// OffsetCommit: these partitions were taken out of the request.
    OffsetCommit(Vec<OffsetCommitResponseTopic>),
    /// OffsetFetch: one part per group; topics of these ids do not exist.
    OffsetFetch(Vec<UnknownTopics>),
    /// DescribeGroups: one part per partition; the order of the ids in the request.
    Describe { order: Vec<String>, include_operations: bool },
    /// ListGroups: one part per partition.
    List,
    /// DeleteGroups: one part per partition; the order of the ids in the request.
    Delete(Vec<String>),
}

/// Topics of one group in an OffsetFetch that are asked for by an id that no topic has.
type UnknownTopics = Vec<OffsetFetchRequestTopics>;

/// First version of OffsetCommit and OffsetFetch that names topics by id.
const TOPIC_IDS_FROM: i16 = 10;

/// Handles a request. Errors: its body cannot be read.
pub(crate) fn handle(
    shard: &mut Shard,
    origin: RequestOrigin,
    body: &[u8],
    _sink: &mut ResponseSink,
    now: Now,
) -> Result<Answer, DecodeError> {
    let version = origin.context.api_version;
    match origin.context.api_key {
        ApiKey::JoinGroup => {
            let request: JoinGroupRequest = decode(body, version)?;
            let group = request.group_id.clone();
            ask_one(shard, origin, &group, GroupRequest::JoinGroup(request), now);
        }
        ApiKey::SyncGroup => {
            let request: SyncGroupRequest = decode(body, version)?;
            let group = request.group_id.clone();
            ask_one(shard, origin, &group, GroupRequest::SyncGroup(request), now);
        }
        ApiKey::Heartbeat => {
            let request: HeartbeatRequest = decode(body, version)?;
            let group = request.group_id.clone();
            ask_one(shard, origin, &group, GroupRequest::Heartbeat(request), now);
        }
        ApiKey::LeaveGroup => {
            let request: LeaveGroupRequest = decode(body, version)?;
            let group = request.group_id.clone();
            ask_one(shard, origin, &group, GroupRequest::LeaveGroup(request), now);
        }
        ApiKey::OffsetDelete => {
            let request: OffsetDeleteRequest = decode(body, version)?;
            let group = request.group_id.clone();
            ask_one(shard, origin, &group, GroupRequest::OffsetDelete(request), now);
        }
        ApiKey::OffsetCommit => commit(shard, origin, decode(body, version)?, now),
        ApiKey::OffsetFetch => fetch(shard, origin, decode(body, version)?, now),
        ApiKey::DescribeGroups => describe(shard, origin, decode(body, version)?, now),
        ApiKey::ListGroups => list(shard, origin, &decode(body, version)?, now),
        ApiKey::DeleteGroups => delete(shard, origin, decode(body, version)?, now),
        other => unreachable!("{other} is not an API of groups"),
    }
    Ok(Answer::Later)
}

fn ask_one(shard: &mut Shard, origin: RequestOrigin, group: &str, request: GroupRequest, now: Now) {
    let partition = shard.group_partition(group);
    shard.ask_coordinators(origin, Gathered::Single, vec![(partition, request)], now);
}

fn commit(shard: &mut Shard, origin: RequestOrigin, mut request: OffsetCommitRequest, now: Now) {
    let by_id = origin.context.api_version >= TOPIC_IDS_FROM;
    let mut refused = Vec::new();
    let mut known = Vec::new();
    for mut topic in std::mem::take(&mut request.topics) {
        let topics = &shard.image.topics;
        let found = if by_id { topics.by_id(TopicId(topic.topic_id)) } else { topics.by_name(&topic.name) };
        let Some(found) = found else {
            let error =
                if by_id { ErrorCode::UNKNOWN_TOPIC_ID } else { ErrorCode::UNKNOWN_TOPIC_OR_PARTITION };
            refused.push(refuse(&topic, error, |_| true));
            continue;
        };
        topic.name = found.name.to_string();
        topic.topic_id = found.id.0;
        let exists = |index: i32| found.partitions.contains_key(&index);
        let missing = refuse(&topic, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, |index| !exists(index));
        if !missing.partitions.is_empty() {
            refused.push(missing);
        }
        topic.partitions.retain(|partition| exists(partition.partition_index));
        if !topic.partitions.is_empty() {
            known.push(topic);
        }
    }
    if known.is_empty() && !refused.is_empty() {
        let response = OffsetCommitResponse { topics: refused, ..OffsetCommitResponse::default() };
        shard.respond_with(&origin, &response);
        return;
    }
    request.topics = known;
    let partition = shard.group_partition(&request.group_id);
    let requests = vec![(partition, GroupRequest::OffsetCommit(request))];
    shard.ask_coordinators(origin, Gathered::OffsetCommit(refused), requests, now);
}

fn refuse(
    topic: &OffsetCommitRequestTopic,
    error: ErrorCode,
    which: impl Fn(i32) -> bool,
) -> OffsetCommitResponseTopic {
    let partitions = topic.partitions.iter().filter(|partition| which(partition.partition_index));
    let partitions = partitions.map(|partition| OffsetCommitResponsePartition {
        partition_index: partition.partition_index,
        error_code: error.into(),
    });
    OffsetCommitResponseTopic {
        name: topic.name.clone(),
        topic_id: topic.topic_id,
        partitions: partitions.collect(),
    }
}

fn fetch(shard: &mut Shard, origin: RequestOrigin, request: OffsetFetchRequest, now: Now) {
    let version = origin.context.api_version;
    let groups =
        if version >= 8 { request.groups } else { vec![single_group(request.group_id, request.topics)] };
    let mut unknown = Vec::new();
    let mut requests = Vec::new();
    for mut group in groups {
        let mut missing = Vec::new();
        if let Some(topics) = group.topics.take() {
            let (found, not_found) = resolve(shard, version, topics);
            missing = not_found;
            group.topics = Some(found);
        }
        unknown.push(missing);
        let partition = shard.group_partition(&group.group_id);
        let fetch = OffsetFetch { group, require_stable: request.require_stable };
        requests.push((partition, GroupRequest::OffsetFetch(fetch)));
    }
    shard.ask_coordinators(origin, Gathered::OffsetFetch(unknown), requests, now);
}

fn single_group(
    group_id: String,
    topics: Option<Vec<ottla_protocol::messages::offset_fetch_request::OffsetFetchRequestTopic>>,
) -> OffsetFetchRequestGroup {
    let topics = topics.map(|topics| {
        let topics = topics.into_iter().map(|topic| OffsetFetchRequestTopics {
            name: topic.name,
            partition_indexes: topic.partition_indexes,
            ..OffsetFetchRequestTopics::default()
        });
        topics.collect()
    });
    OffsetFetchRequestGroup { group_id, topics, ..OffsetFetchRequestGroup::default() }
}

/// Gives topics that are asked for by id their names, and by name their ids. Returns those whose id no topic has apart.
fn resolve(
    shard: &Shard,
    version: i16,
    topics: Vec<OffsetFetchRequestTopics>,
) -> (Vec<OffsetFetchRequestTopics>, UnknownTopics) {
    let mut unknown = Vec::new();
    let mut found = Vec::new();
    for mut topic in topics {
        if version < TOPIC_IDS_FROM {
            found.push(topic);
            continue;
        }
        match shard.image.topics.by_id(TopicId(topic.topic_id)) {
            Some(known) => {
                topic.name = known.name.to_string();
                found.push(topic);
            }
            None => unknown.push(topic),
        }
    }
    (found, unknown)
}

/// Takes ids apart by the partition of their group.
fn by_partition(shard: &Shard, groups: &[String]) -> BTreeMap<Result<i32, ErrorCode>, Vec<String>> {
    let mut parts = BTreeMap::<Result<i32, ErrorCode>, Vec<String>>::new();
    for group in groups {
        parts.entry(shard.group_partition(group)).or_default().push(group.clone());
    }
    parts
}

fn describe(shard: &mut Shard, origin: RequestOrigin, request: DescribeGroupsRequest, now: Now) {
    let parts = by_partition(shard, &request.groups).into_iter();
    let requests =
        parts.map(|(partition, groups)| (partition, GroupRequest::DescribeGroups { groups })).collect();
    let include_operations = request.include_authorized_operations;
    let kind = Gathered::Describe { order: request.groups, include_operations };
    shard.ask_coordinators(origin, kind, requests, now);
}

fn list(shard: &mut Shard, origin: RequestOrigin, request: &ListGroupsRequest, now: Now) {
    let partitions = shard.hosted_group_partitions().into_iter();
    let requests = partitions.map(|index| (Ok(index), GroupRequest::ListGroups(request.clone()))).collect();
    shard.ask_coordinators(origin, Gathered::List, requests, now);
}

fn delete(shard: &mut Shard, origin: RequestOrigin, request: DeleteGroupsRequest, now: Now) {
    let parts = by_partition(shard, &request.groups_names).into_iter();
    let requests =
        parts.map(|(partition, groups)| (partition, GroupRequest::DeleteGroups { groups })).collect();
    shard.ask_coordinators(origin, Gathered::Delete(request.groups_names), requests, now);
}

/// Makes the response of its parts and sends it.
pub(crate) fn finish(shard: &mut Shard, origin: &RequestOrigin, kind: Gathered, parts: Vec<GroupResponse>) {
    match kind {
        Gathered::Single => finish_single(shard, origin, parts),
        Gathered::OffsetCommit(refused) => {
            let mut response = OffsetCommitResponse::default();
            for part in parts {
                if let GroupResponse::OffsetCommit(part) = part {
                    response = part;
                }
            }
            response.topics.extend(refused);
            shard.respond_with(origin, &response);
        }
        Gathered::OffsetFetch(unknown) => finish_fetch(shard, origin, &unknown, parts),
        Gathered::Describe { order, include_operations } => {
            let mut groups = BTreeMap::new();
            for part in parts {
                if let GroupResponse::DescribeGroups(described) = part {
                    groups.extend(described.into_iter().map(|group| (group.group_id.clone(), group)));
                }
            }
            let groups = order.iter().filter_map(|id| groups.get(id).cloned()).map(|mut group| {
                if include_operations {
                    group.authorized_operations = authorized::GROUP;
                }
                group
            });
            let response =
                DescribeGroupsResponse { groups: groups.collect(), ..DescribeGroupsResponse::default() };
            shard.respond_with(origin, &response);
        }
        Gathered::List => {
            let mut response = ListGroupsResponse::default();
            for part in parts {
                if let GroupResponse::ListGroups(part) = part {
                    response.groups.extend(part.groups);
                    if part.error_code != 0 {
                        response.error_code = part.error_code;
                    }
                }
            }
            shard.respond_with(origin, &response);
        }
        Gathered::Delete(order) => {
            let mut results = BTreeMap::new();
            for part in parts {
                if let GroupResponse::DeleteGroups(deleted) = part {
                    results.extend(deleted.into_iter().map(|result| (result.group_id.clone(), result)));
                }
            }
            let results = order.iter().filter_map(|id| results.get(id).cloned()).collect();
            shard.respond_with(origin, &DeleteGroupsResponse { results, ..DeleteGroupsResponse::default() });
        }
    }
}

fn finish_single(shard: &mut Shard, origin: &RequestOrigin, parts: Vec<GroupResponse>) {
    for part in parts {
        match part {
            GroupResponse::JoinGroup(response) => shard.respond_with(origin, &response),
            GroupResponse::SyncGroup(response) => shard.respond_with(origin, &response),
            GroupResponse::Heartbeat(response) => shard.respond_with(origin, &response),
            GroupResponse::LeaveGroup(response) => shard.respond_with(origin, &response),
            GroupResponse::OffsetDelete(response) => shard.respond_with(origin, &response),
            other => unreachable!("{other:?} is not a response of one part"),
        }
    }
}

fn finish_fetch(
    shard: &mut Shard,
    origin: &RequestOrigin,
    unknown: &[UnknownTopics],
    parts: Vec<GroupResponse>,
) {
    let groups = parts.into_iter().zip(unknown).filter_map(|(part, unknown)| match part {
        GroupResponse::OffsetFetch(mut group) => {
            group.topics.extend(unknown.iter().map(unknown_topic));
            Some(group)
        }
        _ => None,
    });
    let mut groups: Vec<OffsetFetchResponseGroup> = groups.collect();
    if origin.context.api_version >= 8 {
        shard.respond_with(origin, &OffsetFetchResponse { groups, ..OffsetFetchResponse::default() });
        return;
    }
    let group = groups.pop().unwrap_or_default();
    let response = OffsetFetchResponse {
        error_code: group.error_code,
        topics: group.topics.into_iter().map(old_topic).collect(),
        ..OffsetFetchResponse::default()
    };
    shard.respond_with(origin, &response);
}

fn unknown_topic(
    topic: &OffsetFetchRequestTopics,
) -> ottla_protocol::messages::offset_fetch_response::OffsetFetchResponseTopics {
    use ottla_protocol::messages::offset_fetch_response::{
        OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
    };
    let partitions = topic.partition_indexes.iter().map(|index| OffsetFetchResponsePartitions {
        partition_index: *index,
        committed_offset: -1,
        committed_leader_epoch: -1,
        metadata: Some(String::new()),
        error_code: ErrorCode::UNKNOWN_TOPIC_ID.into(),
    });
    OffsetFetchResponseTopics {
        name: String::new(),
        topic_id: topic.topic_id,
        partitions: partitions.collect(),
    }
}

/// A topic in the shape of versions before 8.
fn old_topic(
    topic: ottla_protocol::messages::offset_fetch_response::OffsetFetchResponseTopics,
) -> OffsetFetchResponseTopic {
    let partitions = topic.partitions.into_iter().map(|partition| OffsetFetchResponsePartition {
        partition_index: partition.partition_index,
        committed_offset: partition.committed_offset,
        committed_leader_epoch: partition.committed_leader_epoch,
        metadata: partition.metadata,
        error_code: partition.error_code,
    });
    OffsetFetchResponseTopic { name: topic.name, partitions: partitions.collect() }
}
