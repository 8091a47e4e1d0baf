//! DeleteRecords: raises the log start offset.
//!
//! Source: KIP-107; Kafka `ReplicaManager.deleteRecords`, `Partition.deleteRecordsOnLeader`.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::delete_records_request::DeleteRecordsRequest;
use ottla_protocol::messages::delete_records_response::{
    DeleteRecordsPartitionResult, DeleteRecordsResponse, DeleteRecordsTopicResult,
};
use ottla_protocol::time::Now;
use ottla_protocol::types::{Offset, PartitionId};

use crate::internal_topics;
use crate::shard::Shard;

/// "Everything below the high watermark".
const HIGH_WATERMARK: i64 = -1;

pub(crate) fn answer(shard: &mut Shard, request: DeleteRecordsRequest, now: Now) -> DeleteRecordsResponse {
    let mut response = DeleteRecordsResponse::default();
    for topic in request.topics {
        let topic_id = shard.image.topics.by_name(&topic.name).map(|topic| topic.id);
        // Of a partition that is named twice the last offset counts.
        let asked: BTreeMap<i32, i64> =
            topic.partitions.iter().map(|p| (p.partition_index, p.offset)).collect();
        let partitions = asked.into_iter().map(|(partition, offset)| {
            let result = topic_id.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION).and_then(|topic_id| {
                delete(shard, &topic.name, PartitionId { topic_id, partition }, offset, now)
            });
            DeleteRecordsPartitionResult {
                partition_index: partition,
                low_watermark: result.map_or(-1, |offset| offset.0),
                error_code: result.err().unwrap_or(ErrorCode::NONE).into(),
            }
        });
        let partitions: Vec<_> = partitions.collect();
        if !partitions.is_empty() {
            response.topics.push(DeleteRecordsTopicResult { partitions, name: topic.name });
        }
    }
    response
}

/// Returns the new log start offset.
fn delete(
    shard: &mut Shard,
    topic: &str,
    id: PartitionId,
    offset: i64,
    now: Now,
) -> Result<Offset, ErrorCode> {
    let missing = shard.missing_partition_error(id);
    let disk = Arc::clone(&shard.disk);
    let partition = shard.partitions.get_mut(&id).ok_or(missing)?;
    if !partition.is_leader {
        return Err(ErrorCode::NOT_LEADER_OR_FOLLOWER);
    }
    if internal_topics::is_internal(topic) && topic != internal_topics::SHARE_GROUP_STATE {
        return Err(ErrorCode::INVALID_TOPIC_EXCEPTION);
    }
    let policy = partition.settings.topic.cleanup_policy;
    if policy.compact && !policy.delete {
        return Err(ErrorCode::POLICY_VIOLATION);
    }
    // Opening the log settles the high watermark.
    partition.log(&disk, now)?;
    let high_watermark = partition.high_watermark;
    let log = partition.log(&disk, now)?;
    let offset = if offset == HIGH_WATERMARK { high_watermark } else { Offset(offset) };
    if offset.0 < 0 || offset > high_watermark {
        return Err(ErrorCode::OFFSET_OUT_OF_RANGE);
    }
    // What is deleted already is no error: the answer says where the log begins.
    if offset > log.log_start_offset() {
        log.advance_log_start_offset(offset);
    }
    Ok(log.log_start_offset())
}
