//! ListOffsets: offsets by time, and the special ones.
//!
//! A search by timestamp reads batches, so it runs on another thread; the request waits for the last of its searches.
//! Source: Kafka `KafkaApis.handleListOffsetRequest`, `ReplicaManager.fetchOffset`, `Partition.fetchOffsetForTimestamp`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsRequest};
use ottla_protocol::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsResponse, ListOffsetsTopicResponse,
};
use ottla_protocol::time::{Now, Timestamp};
use ottla_protocol::types::{LeaderEpoch, Offset, PartitionId, TopicId};
use ottla_storage::io::StorageError;
use ottla_storage::log::{Log, TimestampLookup, TimestampedOffset};

use crate::job::Job;
use crate::purgatory::ParkedId;
use crate::shard::{RequestOrigin, Shard, ShardEffect, Waiting};

/// The end of what the reader may see.
const LATEST: i64 = -1;
/// The log start offset.
const EARLIEST: i64 = -2;
/// The record with the largest timestamp.
const MAX_TIMESTAMP: i64 = -3;
/// The first offset on the broker's own disk: without tiering the log start offset.
const EARLIEST_LOCAL: i64 = -4;
/// The last offset in tiered storage: none.
const LATEST_TIERED: i64 = -5;
/// The first offset that is not in tiered storage yet: without tiering none.
const EARLIEST_PENDING_UPLOAD: i64 = -6;
/// How long a search may take.
const SEARCH_TIMEOUT: Duration = Duration::from_secs(30);

/// A request that waits for searches.
pub(crate) struct Parked {
    pub origin: RequestOrigin,
    response: ListOffsetsResponse,
    /// Offset from which on a hit does not count, for each search that is under way, by place in the response.
    waiting: std::collections::BTreeMap<Place, Offset>,
}

/// Indexes of a topic and of a partition in the response.
pub(crate) type Place = (usize, usize);

enum Found {
    Offset(Timestamp, Offset, Option<LeaderEpoch>),
    None,
    Search(TimestampLookup, Offset),
}

/// Answers now, or parks the request.
pub(crate) fn answer(
    shard: &mut Shard,
    origin: RequestOrigin,
    request: &ListOffsetsRequest,
    now: Now,
) -> Option<ListOffsetsResponse> {
    let mut response = ListOffsetsResponse::default();
    let mut searches = Vec::new();
    let duplicates = duplicates(request);
    let mut refused = BTreeSet::new();
    for (topic_at, topic) in request.topics.iter().enumerate() {
        let id = shard.image.topics.by_name(&topic.name).map(|topic| topic.id);
        let mut partitions = Vec::with_capacity(topic.partitions.len());
        for asked in &topic.partitions {
            let key = (topic.name.as_str(), asked.partition_index);
            let result = if duplicates.contains(&key) {
                // However often it is named, it is refused once.
                if !refused.insert(key) {
                    continue;
                }
                Err(ErrorCode::INVALID_REQUEST)
            } else {
                find(shard, &origin, request, id, asked, now)
            };
            partitions.push(entry(asked.partition_index, &result));
            if let Ok(Found::Search(lookup, bound)) = result {
                searches.push(((topic_at, partitions.len() - 1), lookup, bound));
            }
        }
        response.topics.push(ListOffsetsTopicResponse { name: topic.name.clone(), partitions });
    }
    if searches.is_empty() {
        return Some(response);
    }
    let waiting = searches.iter().map(|(place, _, bound)| (*place, *bound)).collect();
    let connection = origin.request.connection;
    let parked = Box::new(Parked { origin, response, waiting });
    let deadline = now.mono + SEARCH_TIMEOUT;
    let waiter = shard.purgatory.park(Waiting::ListOffsets(parked), deadline, Some(connection));
    for (place, lookup, _) in searches {
        shard.push(ShardEffect::Run(Job::Search { waiter, place, lookup }));
    }
    None
}

/// A search has ended: answers if it was the last.
pub(crate) fn searched(
    shard: &mut Shard,
    waiter: ParkedId,
    place: Place,
    result: Result<Option<TimestampedOffset>, StorageError>,
) {
    let Some(Waiting::ListOffsets(parked)) = shard.purgatory.get_mut(waiter) else { return };
    let Some(bound) = parked.waiting.remove(&place) else { return };
    let found = match result {
        Ok(Some(hit)) if hit.offset < bound => Ok(Found::Offset(hit.timestamp, hit.offset, hit.leader_epoch)),
        Ok(_) => Ok(Found::None),
        Err(error) => {
            tracing::error!(%error, "search by timestamp failed");
            Err(ErrorCode::KAFKA_STORAGE_ERROR)
        }
    };
    let slot = &mut parked.response.topics[place.0].partitions[place.1];
    *slot = entry(slot.partition_index, &found);
    if parked.waiting.is_empty()
        && let Some(Waiting::ListOffsets(parked)) = shard.purgatory.take(waiter)
    {
        shard.respond_with(&parked.origin, &parked.response);
    }
}

/// The time is up: searches that have not ended have timed out.
pub(crate) fn expire(shard: &mut Shard, mut parked: Parked) {
    for (topic, partition) in parked.waiting.keys() {
        let slot = &mut parked.response.topics[*topic].partitions[*partition];
        *slot = entry(slot.partition_index, &Err(ErrorCode::REQUEST_TIMED_OUT));
    }
    shard.respond_with(&parked.origin, &parked.response);
}

/// Partitions that the request names more than once.
fn duplicates(request: &ListOffsetsRequest) -> BTreeSet<(&str, i32)> {
    let mut seen = BTreeSet::new();
    let all = request.topics.iter().flat_map(|topic| {
        topic.partitions.iter().map(|partition| (topic.name.as_str(), partition.partition_index))
    });
    all.filter(|partition| !seen.insert(*partition)).collect()
}

fn find(
    shard: &mut Shard,
    origin: &RequestOrigin,
    request: &ListOffsetsRequest,
    topic_id: Option<TopicId>,
    asked: &ListOffsetsPartition,
    now: Now,
) -> Result<Found, ErrorCode> {
    if !is_known(asked.timestamp, origin.context.api_version) {
        return Err(ErrorCode::UNSUPPORTED_VERSION);
    }
    let topic_id = topic_id.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
    let id = PartitionId { topic_id, partition: asked.partition_index };
    let missing = shard.missing_partition_error(id);
    let disk = Arc::clone(&shard.disk);
    let partition = shard.partitions.get_mut(&id).ok_or(missing)?;
    partition.check_epoch(LeaderEpoch(asked.current_leader_epoch))?;
    // -2 is a debugging consumer, which may ask any replica.
    if !partition.is_leader && request.replica_id != -2 {
        return Err(ErrorCode::NOT_LEADER_OR_FOLLOWER);
    }
    // Opening the log settles the high watermark.
    partition.log(&disk, now)?;
    let high_watermark = partition.high_watermark;
    let log = partition.log(&disk, now)?;
    let bound = match (request.replica_id, request.isolation_level) {
        (-1, 1) => log.last_stable_offset(high_watermark),
        (-1, _) => high_watermark,
        _ => log.log_end_offset(),
    };
    find_in(log, asked.timestamp, bound).map_err(|error| {
        tracing::error!(%error, "offset cannot be found");
        ErrorCode::KAFKA_STORAGE_ERROR
    })
}

/// Special timestamps of which the version knows, and all real ones.
fn is_known(timestamp: i64, version: i16) -> bool {
    let from = match timestamp {
        LATEST | EARLIEST => 1,
        MAX_TIMESTAMP => 7,
        EARLIEST_LOCAL => 8,
        LATEST_TIERED => 9,
        EARLIEST_PENDING_UPLOAD => 11,
        0.. => 1,
        _ => return false,
    };
    version >= from
}

fn find_in(log: &mut Log, timestamp: i64, bound: Offset) -> Result<Found, StorageError> {
    let start = log.log_start_offset();
    Ok(match timestamp {
        LATEST => Found::Offset(Timestamp::NONE, bound, log.latest_epoch()),
        EARLIEST | EARLIEST_LOCAL => Found::Offset(Timestamp::NONE, start, log.epoch_at(start)),
        LATEST_TIERED | EARLIEST_PENDING_UPLOAD => Found::None,
        MAX_TIMESTAMP => Found::Search(log.offset_of_max_timestamp()?, bound),
        _ => Found::Search(log.offset_for_timestamp(Timestamp(timestamp))?, bound),
    })
}

fn entry(index: i32, result: &Result<Found, ErrorCode>) -> ListOffsetsPartitionResponse {
    let none = ListOffsetsPartitionResponse {
        partition_index: index,
        error_code: ErrorCode::NONE.into(),
        timestamp: -1,
        offset: -1,
        leader_epoch: -1,
    };
    match result {
        Ok(Found::Offset(timestamp, offset, epoch)) => ListOffsetsPartitionResponse {
            timestamp: timestamp.0,
            offset: offset.0,
            leader_epoch: epoch.unwrap_or(LeaderEpoch::UNKNOWN).0,
            ..none
        },
        Ok(Found::None | Found::Search(..)) => none,
        Err(error) => ListOffsetsPartitionResponse { error_code: (*error).into(), ..none },
    }
}
