//! ConsumerGroupHeartbeat and ConsumerGroupDescribe. Source: Kafka `KafkaApis.handleConsumerGroupHeartbeat`,
//! `handleConsumerGroupDescribe`.

use std::collections::BTreeMap;

use ottla_coordinator::group::{GroupRequest, GroupResponse};
use ottla_metadata::features::GROUP_VERSION;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::consumer_group_describe_request::ConsumerGroupDescribeRequest;
use ottla_protocol::messages::consumer_group_describe_response::{
    ConsumerGroupDescribeResponse, DescribedGroup,
};
use ottla_protocol::messages::consumer_group_heartbeat_request::ConsumerGroupHeartbeatRequest;
use ottla_protocol::messages::consumer_group_heartbeat_response::ConsumerGroupHeartbeatResponse;
use ottla_protocol::time::Now;

use super::{Gathered, ask_one, by_partition, distinct};
use crate::authorized;
use crate::shard::{RequestOrigin, Shard};

/// Whether groups of the consumer protocol are served: by the broker's config and the cluster's feature level.
fn is_enabled(shard: &Shard) -> bool {
    shard.config.consumer_groups.enable && shard.image.features.level(GROUP_VERSION) >= 1
}

pub(super) fn heartbeat(
    shard: &mut Shard,
    origin: RequestOrigin,
    request: ConsumerGroupHeartbeatRequest,
    now: Now,
) {
    if !is_enabled(shard) {
        let error = ErrorCode::UNSUPPORTED_VERSION;
        let response = ConsumerGroupHeartbeatResponse {
            error_code: error.into(),
            error_message: Some(error.message().to_owned()),
            ..ConsumerGroupHeartbeatResponse::default()
        };
        return shard.respond_with(&origin, &response);
    }
    let group = request.group_id.clone();
    ask_one(shard, origin, &group, GroupRequest::ConsumerGroupHeartbeat(Box::new(request)), now);
}

pub(super) fn describe(
    shard: &mut Shard,
    origin: RequestOrigin,
    request: ConsumerGroupDescribeRequest,
    now: Now,
) {
    let order = distinct(request.group_ids);
    if !is_enabled(shard) {
        let groups = order.into_iter().map(|id| failed(id, ErrorCode::UNSUPPORTED_VERSION));
        let response = ConsumerGroupDescribeResponse {
            groups: groups.collect(),
            ..ConsumerGroupDescribeResponse::default()
        };
        return shard.respond_with(&origin, &response);
    }
    let named: Vec<String> = order.iter().filter(|id| !id.is_empty()).cloned().collect();
    let parts = by_partition(shard, &named).into_iter();
    let requests = parts
        .map(|(partition, groups)| (partition, GroupRequest::ConsumerGroupDescribe { groups }))
        .collect();
    let include_operations = request.include_authorized_operations;
    shard.ask_coordinators(origin, Gathered::ConsumerDescribe { order, include_operations }, requests, now);
}

fn failed(group_id: String, error: ErrorCode) -> DescribedGroup {
    DescribedGroup { group_id, error_code: error.into(), ..DescribedGroup::default() }
}

pub(super) fn finish_describe(
    shard: &mut Shard,
    origin: &RequestOrigin,
    order: &[String],
    include_operations: bool,
    parts: Vec<GroupResponse>,
) {
    let mut described = BTreeMap::<String, DescribedGroup>::new();
    for part in parts {
        if let GroupResponse::ConsumerGroupDescribe(groups) = part {
            described.extend(groups.into_iter().map(|group| (group.group_id.clone(), group)));
        }
    }
    let groups = order.iter().map(|id| {
        let group = described.remove(id).unwrap_or_else(|| failed(id.clone(), ErrorCode::INVALID_GROUP_ID));
        let shows_operations = include_operations && group.error_code == 0;
        let authorized_operations =
            if shows_operations { authorized::GROUP } else { authorized::NOT_REQUESTED };
        DescribedGroup { authorized_operations, ..group }
    });
    let response = ConsumerGroupDescribeResponse {
        groups: groups.collect(),
        ..ConsumerGroupDescribeResponse::default()
    };
    shard.respond_with(origin, &response);
}
