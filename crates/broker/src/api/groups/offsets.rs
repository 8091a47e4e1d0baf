//! OffsetCommit, OffsetFetch and OffsetDelete: what of them needs the metadata image.

use std::collections::{BTreeMap, BTreeSet};

use ottla_coordinator::group::{GroupRequest, GroupResponse, OffsetFetch};
use ottla_metadata::image::TopicImage;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::offset_commit_request::{OffsetCommitRequest, OffsetCommitRequestTopic};
use ottla_protocol::messages::offset_commit_response::{
    OffsetCommitResponse, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use ottla_protocol::messages::offset_delete_request::{OffsetDeleteRequest, OffsetDeleteRequestTopic};
use ottla_protocol::messages::offset_delete_response::{
    OffsetDeleteResponse, OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};
use ottla_protocol::messages::offset_fetch_request::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};
use ottla_protocol::messages::offset_fetch_response::{
    OffsetFetchResponse, OffsetFetchResponseGroup, OffsetFetchResponsePartition,
    OffsetFetchResponsePartitions, OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};
use ottla_protocol::time::Now;
use ottla_protocol::types::TopicId;

use super::Gathered;
use crate::shard::{RequestOrigin, Shard};

/// Partitions of an OffsetCommit that do not exist, with their error.
pub(crate) type RefusedCommits = Vec<OffsetCommitResponseTopic>;
/// Partitions of an OffsetDelete that do not exist, with their error.
pub(crate) type RefusedDeletes = Vec<OffsetDeleteResponseTopic>;
/// Topics of one group in an OffsetFetch that are asked for by an id that no topic has.
pub(crate) type UnknownTopics = Vec<OffsetFetchRequestTopics>;

/// First version of OffsetCommit and OffsetFetch that names topics by id.
const TOPIC_IDS_FROM: i16 = 10;
/// First version of OffsetFetch that asks for several groups.
const SEVERAL_GROUPS_FROM: i16 = 8;

pub(super) fn commit(shard: &mut Shard, origin: RequestOrigin, mut request: OffsetCommitRequest, now: Now) {
    let by_id = origin.context.api_version >= TOPIC_IDS_FROM;
    let mut refused = RefusedCommits::new();
    let mut known = Vec::new();
    for mut topic in std::mem::take(&mut request.topics) {
        let topics = &shard.image.topics;
        let found = if by_id { topics.by_id(TopicId(topic.topic_id)) } else { topics.by_name(&topic.name) };
        let Some(found) = found else {
            let error =
                if by_id { ErrorCode::UNKNOWN_TOPIC_ID } else { ErrorCode::UNKNOWN_TOPIC_OR_PARTITION };
            refused.push(refused_commit(&topic, error, |_| true));
            continue;
        };
        topic.name = found.name.to_string();
        topic.topic_id = found.id.0;
        let missing =
            refused_commit(&topic, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, |index| !has(found, index));
        if !missing.partitions.is_empty() {
            refused.push(missing);
        }
        topic.partitions.retain(|partition| has(found, partition.partition_index));
        if !topic.partitions.is_empty() {
            known.push(topic);
        }
    }
    if known.is_empty() {
        let response = OffsetCommitResponse { topics: refused, ..OffsetCommitResponse::default() };
        return shard.respond_with(&origin, &response);
    }
    request.topics = known;
    let partition = shard.group_partition(&request.group_id);
    let requests = vec![(partition, GroupRequest::OffsetCommit(request))];
    shard.ask_coordinators(origin, Gathered::OffsetCommit(refused), requests, now);
}

fn has(topic: &TopicImage, index: i32) -> bool {
    topic.partitions.contains_key(&index)
}

fn refused_commit(
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

pub(super) fn finish_commit(
    shard: &mut Shard,
    origin: &RequestOrigin,
    refused: RefusedCommits,
    parts: Vec<GroupResponse>,
) {
    let mut response = OffsetCommitResponse::default();
    for part in parts {
        if let GroupResponse::OffsetCommit(part) = part {
            response = part;
        }
    }
    let known = response.topics.iter().enumerate();
    let known: BTreeMap<_, _> = known.map(|(at, topic)| ((topic.name.clone(), topic.topic_id), at)).collect();
    for topic in refused {
        match known.get(&(topic.name.clone(), topic.topic_id)) {
            Some(at) => response.topics[*at].partitions.extend(topic.partitions),
            None => response.topics.push(topic),
        }
    }
    shard.respond_with(origin, &response);
}

pub(super) fn fetch(shard: &mut Shard, origin: RequestOrigin, request: OffsetFetchRequest, now: Now) {
    let version = origin.context.api_version;
    let mut groups = if version >= SEVERAL_GROUPS_FROM {
        request.groups
    } else {
        vec![single_group(request.group_id, request.topics)]
    };
    // A client that names a group many times is answered once.
    let mut seen = BTreeSet::new();
    groups.retain(|group| seen.insert(group.group_id.clone()));
    let mut unknown = Vec::with_capacity(groups.len());
    let mut requests = Vec::with_capacity(groups.len());
    for mut group in groups {
        let mut missing = Vec::new();
        if let Some(mut topics) = group.topics.take() {
            once_each(&mut topics);
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

/// A client that names a partition many times is answered once.
fn once_each(topics: &mut [OffsetFetchRequestTopics]) {
    let (mut places, mut seen) = (BTreeMap::new(), BTreeSet::new());
    for topic in topics {
        let next = places.len();
        let place = *places.entry((topic.name.clone(), topic.topic_id)).or_insert(next);
        topic.partition_indexes.retain(|index| seen.insert((place, *index)));
    }
}

fn single_group(group_id: String, topics: Option<Vec<OffsetFetchRequestTopic>>) -> OffsetFetchRequestGroup {
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

/// Gives topics that are asked for by id their names. Returns those whose id no topic has apart.
fn resolve(
    shard: &Shard,
    version: i16,
    topics: Vec<OffsetFetchRequestTopics>,
) -> (Vec<OffsetFetchRequestTopics>, UnknownTopics) {
    if version < TOPIC_IDS_FROM {
        return (topics, Vec::new());
    }
    let mut unknown = Vec::new();
    let mut found = Vec::with_capacity(topics.len());
    for mut topic in topics {
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

pub(super) fn finish_fetch(
    shard: &mut Shard,
    origin: &RequestOrigin,
    unknown: &[UnknownTopics],
    parts: Vec<GroupResponse>,
) {
    let version = origin.context.api_version;
    let groups = parts.into_iter().zip(unknown).filter_map(|(part, unknown)| match part {
        GroupResponse::OffsetFetch(group) => Some(with_topic_ids(shard, version, group, unknown)),
        _ => None,
    });
    let mut groups: Vec<OffsetFetchResponseGroup> = groups.collect();
    if version >= SEVERAL_GROUPS_FROM {
        let response = OffsetFetchResponse { groups, ..OffsetFetchResponse::default() };
        return shard.respond_with(origin, &response);
    }
    let group = groups.pop().unwrap_or_default();
    let response = OffsetFetchResponse {
        error_code: group.error_code,
        topics: group.topics.into_iter().map(old_topic).collect(),
        ..OffsetFetchResponse::default()
    };
    shard.respond_with(origin, &response);
}

/// The group as a version that names topics by id shows it: topics that are gone cannot be shown, and those that never
/// were have an error. An error of the whole group stays as it is.
fn with_topic_ids(
    shard: &Shard,
    version: i16,
    mut group: OffsetFetchResponseGroup,
    unknown: &UnknownTopics,
) -> OffsetFetchResponseGroup {
    if version < TOPIC_IDS_FROM || group.error_code != 0 {
        return group;
    }
    for topic in group.topics.iter_mut().filter(|topic| topic.topic_id.is_zero()) {
        if let Some(known) = shard.image.topics.by_name(&topic.name) {
            topic.topic_id = known.id.0;
        }
    }
    group.topics.retain(|topic| !topic.topic_id.is_zero());
    group.topics.extend(unknown.iter().map(unknown_topic));
    group
}

fn unknown_topic(topic: &OffsetFetchRequestTopics) -> OffsetFetchResponseTopics {
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
fn old_topic(topic: OffsetFetchResponseTopics) -> OffsetFetchResponseTopic {
    let partitions = topic.partitions.into_iter().map(|partition| OffsetFetchResponsePartition {
        partition_index: partition.partition_index,
        committed_offset: partition.committed_offset,
        committed_leader_epoch: partition.committed_leader_epoch,
        metadata: partition.metadata,
        error_code: partition.error_code,
    });
    OffsetFetchResponseTopic { name: topic.name, partitions: partitions.collect() }
}

pub(super) fn delete(shard: &mut Shard, origin: RequestOrigin, mut request: OffsetDeleteRequest, now: Now) {
    let mut refused = RefusedDeletes::new();
    for topic in &mut request.topics {
        let found = shard.image.topics.by_name(&topic.name);
        let exists = |index: i32| found.is_some_and(|found| has(found, index));
        let missing = refused_delete(topic, |index| !exists(index));
        if !missing.partitions.is_empty() || found.is_none() {
            refused.push(missing);
        }
        topic.partitions.retain(|partition| exists(partition.partition_index));
    }
    request.topics.retain(|topic| !topic.partitions.is_empty());
    let partition = shard.group_partition(&request.group_id);
    let requests = vec![(partition, GroupRequest::OffsetDelete(request))];
    shard.ask_coordinators(origin, Gathered::OffsetDelete(refused), requests, now);
}

fn refused_delete(
    topic: &OffsetDeleteRequestTopic,
    which: impl Fn(i32) -> bool,
) -> OffsetDeleteResponseTopic {
    let partitions = topic.partitions.iter().filter(|partition| which(partition.partition_index));
    let partitions = partitions.map(|partition| OffsetDeleteResponsePartition {
        partition_index: partition.partition_index,
        error_code: ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.into(),
    });
    OffsetDeleteResponseTopic { name: topic.name.clone(), partitions: partitions.collect() }
}

/// An error of the whole request hides those of its partitions.
pub(super) fn finish_delete(
    shard: &mut Shard,
    origin: &RequestOrigin,
    refused: RefusedDeletes,
    parts: Vec<GroupResponse>,
) {
    let mut response = OffsetDeleteResponse::default();
    for part in parts {
        if let GroupResponse::OffsetDelete(part) = part {
            response = part;
        }
    }
    let refused = if response.error_code == 0 { refused } else { Vec::new() };
    let known = response.topics.iter().enumerate();
    let known: BTreeMap<_, _> = known.map(|(at, topic)| (topic.name.clone(), at)).collect();
    for topic in refused {
        match known.get(&topic.name) {
            Some(at) => response.topics[*at].partitions.extend(topic.partitions),
            None => response.topics.push(topic),
        }
    }
    shard.respond_with(origin, &response);
}
