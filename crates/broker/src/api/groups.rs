//! The APIs of groups and committed offsets: from requests to coordinators and back.
//!
//! What needs the metadata image is done here: topics get both their name and their id, and partitions that do not exist
//! are taken out and answered beside. Source: Kafka `KafkaApis`, `GroupCoordinatorService`.

use std::collections::{BTreeMap, BTreeSet};

use ottla_coordinator::group::{GroupRequest, GroupResponse};
use ottla_protocol::api::ApiKey;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::delete_groups_request::DeleteGroupsRequest;
use ottla_protocol::messages::delete_groups_response::DeleteGroupsResponse;
use ottla_protocol::messages::describe_groups_request::DescribeGroupsRequest;
use ottla_protocol::messages::describe_groups_response::{DescribeGroupsResponse, DescribedGroup};
use ottla_protocol::messages::heartbeat_request::HeartbeatRequest;
use ottla_protocol::messages::join_group_request::JoinGroupRequest;
use ottla_protocol::messages::leave_group_request::LeaveGroupRequest;
use ottla_protocol::messages::list_groups_request::ListGroupsRequest;
use ottla_protocol::messages::list_groups_response::ListGroupsResponse;
use ottla_protocol::messages::sync_group_request::SyncGroupRequest;
use ottla_protocol::time::Now;
use ottla_protocol::wire::DecodeError;

use super::decode;
use super::transactions::markers;
use super::transactions::offsets::{self as txn_offsets, RefusedTxnCommits};
use crate::authorized;
use crate::internal_topics::CONSUMER_OFFSETS;
use crate::purgatory::ParkedId;
use crate::response::{Answer, ResponseSink};
use crate::shard::{RequestOrigin, Shard};

mod consumer;
mod offsets;

use offsets::{RefusedCommits, RefusedDeletes, UnknownTopics};

/// How the parts of an answer become the response.
pub(crate) enum Gathered {
    /// There is one part, and it is the response.
    Single,
    /// OffsetCommit: these partitions were taken out of the request.
    OffsetCommit(RefusedCommits),
    /// OffsetFetch: one part per group; topics of these ids do not exist.
    OffsetFetch(Vec<UnknownTopics>),
    /// OffsetDelete: these partitions were taken out of the request.
    OffsetDelete(RefusedDeletes),
    /// DescribeGroups: one part per partition; the order of the ids in the request.
    Describe { order: Vec<String>, include_operations: bool },
    /// ConsumerGroupDescribe: one part per partition; the order of the ids in the request.
    ConsumerDescribe { order: Vec<String>, include_operations: bool },
    /// ListGroups: one part per partition.
    List,
    /// DeleteGroups: one part per partition; the order of the ids in the request.
    Delete(Vec<String>),
    /// TxnOffsetCommit: these partitions were taken out of the request.
    TxnOffsetCommit(RefusedTxnCommits),
    /// WriteTxnMarkers: one part for each of these slots of a request that waits.
    Markers { waiter: ParkedId, slots: Vec<usize> },
}

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
        ApiKey::ConsumerGroupHeartbeat => consumer::heartbeat(shard, origin, decode(body, version)?, now),
        ApiKey::ConsumerGroupDescribe => consumer::describe(shard, origin, decode(body, version)?, now),
        ApiKey::LeaveGroup => {
            let request: LeaveGroupRequest = decode(body, version)?;
            let group = request.group_id.clone();
            ask_one(shard, origin, &group, GroupRequest::LeaveGroup(request), now);
        }
        ApiKey::OffsetDelete => offsets::delete(shard, origin, decode(body, version)?, now),
        ApiKey::OffsetCommit => offsets::commit(shard, origin, decode(body, version)?, now),
        ApiKey::OffsetFetch => offsets::fetch(shard, origin, decode(body, version)?, now),
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

/// Every id once, in the order in which they came: a client that names one many times is answered once.
pub(super) fn distinct(groups: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let is_first: Vec<bool> = groups.iter().map(|group| seen.insert(group.as_str())).collect();
    groups.into_iter().zip(is_first).filter_map(|(group, is_first)| is_first.then_some(group)).collect()
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
    let order = distinct(request.groups);
    let parts = by_partition(shard, &order).into_iter();
    let requests =
        parts.map(|(partition, groups)| (partition, GroupRequest::DescribeGroups { groups })).collect();
    let kind = Gathered::Describe { order, include_operations: request.include_authorized_operations };
    shard.ask_coordinators(origin, kind, requests, now);
}

fn list(shard: &mut Shard, origin: RequestOrigin, request: &ListGroupsRequest, now: Now) {
    let partitions = shard.led_partitions(CONSUMER_OFFSETS).into_iter();
    let requests = partitions.map(|index| (Ok(index), GroupRequest::ListGroups(request.clone()))).collect();
    shard.ask_coordinators(origin, Gathered::List, requests, now);
}

fn delete(shard: &mut Shard, origin: RequestOrigin, request: DeleteGroupsRequest, now: Now) {
    let order = distinct(request.groups_names);
    let parts = by_partition(shard, &order).into_iter();
    let requests =
        parts.map(|(partition, groups)| (partition, GroupRequest::DeleteGroups { groups })).collect();
    shard.ask_coordinators(origin, Gathered::Delete(order), requests, now);
}

/// Makes the response of its parts and sends it.
pub(crate) fn finish(shard: &mut Shard, origin: &RequestOrigin, kind: Gathered, parts: Vec<GroupResponse>) {
    match kind {
        Gathered::Single => finish_single(shard, origin, parts),
        Gathered::OffsetCommit(refused) => offsets::finish_commit(shard, origin, refused, parts),
        Gathered::OffsetFetch(unknown) => offsets::finish_fetch(shard, origin, &unknown, parts),
        Gathered::OffsetDelete(refused) => offsets::finish_delete(shard, origin, refused, parts),
        Gathered::Describe { order, include_operations } => {
            finish_describe(shard, origin, &order, include_operations, parts);
        }
        Gathered::TxnOffsetCommit(refused) => txn_offsets::finish(shard, origin, refused, parts),
        Gathered::Markers { waiter, slots } => markers::written_by_groups(shard, waiter, &slots, parts),
        Gathered::ConsumerDescribe { order, include_operations } => {
            consumer::finish_describe(shard, origin, &order, include_operations, parts);
        }
        Gathered::List => shard.respond_with(origin, &list_response(parts)),
        Gathered::Delete(order) => {
            let mut results = BTreeMap::new();
            for part in parts {
                if let GroupResponse::DeleteGroups(deleted) = part {
                    results.extend(deleted.into_iter().map(|result| (result.group_id.clone(), result)));
                }
            }
            let results = order.iter().filter_map(|id| results.remove(id)).collect();
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
            GroupResponse::ConsumerGroupHeartbeat(response) => shard.respond_with(origin, &response),
            GroupResponse::LeaveGroup(response) => shard.respond_with(origin, &response),
            other => unreachable!("{other:?} is not a response of one part"),
        }
    }
}

fn finish_describe(
    shard: &mut Shard,
    origin: &RequestOrigin,
    order: &[String],
    include_operations: bool,
    parts: Vec<GroupResponse>,
) {
    let mut described = BTreeMap::<String, DescribedGroup>::new();
    for part in parts {
        if let GroupResponse::DescribeGroups(groups) = part {
            described.extend(groups.into_iter().map(|group| (group.group_id.clone(), group)));
        }
    }
    let groups = order.iter().filter_map(|id| described.remove(id)).map(|group| {
        let shows_operations = include_operations && group.error_code == 0;
        let authorized_operations =
            if shows_operations { authorized::GROUP } else { authorized::NOT_REQUESTED };
        DescribedGroup { authorized_operations, ..group }
    });
    let response = DescribeGroupsResponse { groups: groups.collect(), ..DescribeGroupsResponse::default() };
    shard.respond_with(origin, &response);
}

/// A partition that is led elsewhere by now lists nothing; any other error is the error of the whole.
fn list_response(parts: Vec<GroupResponse>) -> ListGroupsResponse {
    let mut response = ListGroupsResponse::default();
    for part in parts {
        let GroupResponse::ListGroups(part) = part else { continue };
        match ErrorCode::from(part.error_code) {
            ErrorCode::NONE => response.groups.extend(part.groups),
            ErrorCode::NOT_COORDINATOR => {}
            error => {
                return ListGroupsResponse { error_code: error.into(), ..ListGroupsResponse::default() };
            }
        }
    }
    response
}
