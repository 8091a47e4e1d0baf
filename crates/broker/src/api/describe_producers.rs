//! DescribeProducers: the producers that a partition remembers.
//!
//! Source: KIP-664; Kafka `ReplicaManager.activeProducerState`.

use std::collections::BTreeSet;
use std::sync::Arc;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::describe_producers_request::DescribeProducersRequest;
use ottla_protocol::messages::describe_producers_response::{
    DescribeProducersResponse, PartitionResponse, ProducerState, TopicResponse,
};
use ottla_protocol::time::Now;
use ottla_protocol::types::PartitionId;

use crate::shard::Shard;
use ottla_metadata::topic_name;

pub(crate) fn answer(
    shard: &mut Shard,
    request: DescribeProducersRequest,
    now: Now,
) -> DescribeProducersResponse {
    // A partition that is named many times is answered once.
    let mut seen = BTreeSet::new();
    let topics = request.topics.into_iter().map(|topic| {
        let topic_id = shard.image.topics.by_name(&topic.name).map(|topic| topic.id);
        let invalid = topic_name::validate(&topic.name).err();
        let mut partitions = Vec::new();
        for partition in topic.partition_indexes {
            if !seen.insert((topic.name.clone(), partition)) {
                continue;
            }
            let result = match (&invalid, topic_id) {
                (Some(_), _) => Err(ErrorCode::INVALID_TOPIC_EXCEPTION),
                (None, None) => Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
                (None, Some(topic_id)) => producers(shard, PartitionId { topic_id, partition }, now),
            };
            let reason = match (&invalid, topic_id) {
                (Some(invalid), _) => Some(invalid.to_string()),
                (None, None) => Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.message().to_owned()),
                (None, Some(_)) => None,
            };
            partitions.push(PartitionResponse {
                partition_index: partition,
                error_code: result.as_ref().err().copied().unwrap_or(ErrorCode::NONE).into(),
                error_message: reason,
                active_producers: result.unwrap_or_default(),
            });
        }
        TopicResponse { partitions, name: topic.name }
    });
    DescribeProducersResponse { topics: topics.collect(), ..DescribeProducersResponse::default() }
}

fn producers(shard: &mut Shard, id: PartitionId, now: Now) -> Result<Vec<ProducerState>, ErrorCode> {
    let missing = shard.missing_partition_error(id);
    let disk = Arc::clone(&shard.disk);
    let partition = shard.partitions.get_mut(&id).ok_or(missing)?;
    if !partition.is_leader {
        return Err(ErrorCode::NOT_LEADER_OR_FOLLOWER);
    }
    let producers = partition.log(&disk, now)?.producers();
    let states = producers.into_iter().map(|producer| ProducerState {
        producer_id: producer.producer_id.0,
        producer_epoch: producer.producer_epoch.0.into(),
        last_sequence: producer.last_sequence,
        last_timestamp: producer.last_timestamp.0,
        coordinator_epoch: producer.coordinator_epoch,
        current_txn_start_offset: producer.transaction_first_offset.map_or(-1, |offset| offset.0),
    });
    Ok(states.collect())
}
