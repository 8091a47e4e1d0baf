//! FindCoordinator: which broker coordinates a group or transactional id.
//!
//! Source: KIP-699; Kafka `KafkaApis.handleFindCoordinatorRequest`.

use ottla_coordinator::partitioner::partition_for;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::find_coordinator_request::FindCoordinatorRequest;
use ottla_protocol::messages::find_coordinator_response::{Coordinator, FindCoordinatorResponse};

use crate::effect::RequestContext;
use crate::internal_topics;
use crate::shard::Shard;

/// `KeyType` of groups.
const GROUP: i8 = 0;
/// `KeyType` of transactional ids.
const TRANSACTION: i8 = 1;
/// `KeyType` of share partitions.
const SHARE: i8 = 2;
/// First version that knows of share partitions.
const SHARE_FROM: i16 = 6;

pub(crate) fn answer(
    shard: &mut Shard,
    context: &RequestContext,
    request: FindCoordinatorRequest,
) -> FindCoordinatorResponse {
    let is_batched = context.api_version >= 4;
    let keys = if is_batched { request.coordinator_keys } else { vec![request.key] };
    let find = |key| find(shard, context, request.key_type, key);
    let mut coordinators: Vec<Coordinator> = keys.into_iter().map(find).collect();
    if is_batched {
        return FindCoordinatorResponse { coordinators, ..FindCoordinatorResponse::default() };
    }
    let found = coordinators.pop().unwrap_or_default();
    FindCoordinatorResponse {
        error_code: found.error_code,
        // Later versions have no text at all.
        error_message: Some(match ErrorCode::from(found.error_code) {
            ErrorCode::NONE => "NONE".to_owned(),
            error => error.message().to_owned(),
        }),
        node_id: found.node_id,
        host: found.host,
        port: found.port,
        ..FindCoordinatorResponse::default()
    }
}

fn find(shard: &mut Shard, context: &RequestContext, key_type: i8, key: String) -> Coordinator {
    let result = match key_type {
        GROUP => leader_of(shard, context, internal_topics::CONSUMER_OFFSETS, &key),
        TRANSACTION => leader_of(shard, context, internal_topics::TRANSACTION_STATE, &key),
        // The coordinators of share groups are not served yet.
        SHARE if context.api_version >= SHARE_FROM => Err(ErrorCode::COORDINATOR_NOT_AVAILABLE),
        _ => Err(ErrorCode::INVALID_REQUEST),
    };
    match result {
        Ok((node_id, host, port)) => Coordinator { key, node_id, host, port, ..Coordinator::default() },
        Err(error) => Coordinator {
            key,
            node_id: -1,
            host: String::new(),
            port: -1,
            error_code: error.into(),
            ..Coordinator::default()
        },
    }
}

/// The broker that leads the partition of an internal topic that `key` belongs to. A missing topic is created.
fn leader_of(
    shard: &mut Shard,
    context: &RequestContext,
    topic_name: &str,
    key: &str,
) -> Result<(i32, String, i32), ErrorCode> {
    let Some(topic) = shard.image.topics.by_name(topic_name) else {
        shard.create_missing_topic(topic_name);
        return Err(ErrorCode::COORDINATOR_NOT_AVAILABLE);
    };
    let count = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
    let partition = (count > 0).then(|| topic.partition(partition_for(key, count))).flatten();
    let leader = partition.and_then(|partition| shard.image.cluster.broker(partition.leader));
    let endpoint =
        leader.filter(|leader| !leader.fenced).and_then(|leader| leader.endpoint(&context.listener));
    let (leader, endpoint) = leader.zip(endpoint).ok_or(ErrorCode::COORDINATOR_NOT_AVAILABLE)?;
    Ok((leader.id.0, endpoint.host.clone(), endpoint.port.into()))
}
