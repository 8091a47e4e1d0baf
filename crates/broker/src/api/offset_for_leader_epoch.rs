//! OffsetForLeaderEpoch: where a leader's reign ended, for clients that look for their log's divergence.
//!
//! Source: KIP-101, KIP-320; Kafka `ReplicaManager.lastOffsetForLeaderEpoch`.

use std::sync::Arc;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::offset_for_leader_epoch_request::{
    OffsetForLeaderEpochRequest, OffsetForLeaderPartition,
};
use ottla_protocol::messages::offset_for_leader_epoch_response::{
    EpochEndOffset, OffsetForLeaderEpochResponse, OffsetForLeaderTopicResult,
};
use ottla_protocol::time::Now;
use ottla_protocol::types::{LeaderEpoch, PartitionId};

use crate::shard::Shard;

pub(crate) fn answer(
    shard: &mut Shard,
    request: OffsetForLeaderEpochRequest,
    now: Now,
) -> OffsetForLeaderEpochResponse {
    let topics = request.topics.into_iter().map(|topic| {
        let topic_id = shard.image.topics.by_name(&topic.topic).map(|topic| topic.id);
        let partitions = topic.partitions.iter().map(|asked| {
            let result = topic_id.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION).and_then(|topic_id| {
                find(shard, PartitionId { topic_id, partition: asked.partition }, asked, now)
            });
            let (error, (epoch, end_offset)) = match result {
                Ok(end) => (ErrorCode::NONE, end),
                Err(error) => (error, (-1, -1)),
            };
            EpochEndOffset {
                error_code: error.into(),
                partition: asked.partition,
                leader_epoch: epoch,
                end_offset,
            }
        });
        OffsetForLeaderTopicResult { partitions: partitions.collect(), topic: topic.topic }
    });
    OffsetForLeaderEpochResponse { topics: topics.collect(), ..OffsetForLeaderEpochResponse::default() }
}

fn find(
    shard: &mut Shard,
    id: PartitionId,
    asked: &OffsetForLeaderPartition,
    now: Now,
) -> Result<(i32, i64), ErrorCode> {
    let missing = shard.missing_partition_error(id);
    let disk = Arc::clone(&shard.disk);
    let partition = shard.partitions.get_mut(&id).ok_or(missing)?;
    partition.check_epoch(LeaderEpoch(asked.current_leader_epoch))?;
    if !partition.is_leader {
        return Err(ErrorCode::NOT_LEADER_OR_FOLLOWER);
    }
    let end = partition.log(&disk, now)?.end_offset_for_epoch(LeaderEpoch(asked.leader_epoch));
    Ok(end.map_or((-1, -1), |end| (end.epoch.0, end.end_offset.0)))
}
