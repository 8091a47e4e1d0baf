//! Where failures of a group request meet the wire: the error table, and each response's way to say an error.

use super::interface::{GroupRequest, GroupResponse};
use crate::messages::{
    ConsumerDescribedGroup, ConsumerGroupHeartbeatResponse, DeletableGroupResult, DescribedGroup, ErrorCode,
    HeartbeatResponse, JoinGroupResponse, LeaveGroupResponse, ListGroupsResponse, OffsetCommitRequest,
    OffsetCommitResponse, OffsetCommitResponsePartition, OffsetCommitResponseTopic, OffsetDeleteResponse,
    OffsetFetchRequestGroup, OffsetFetchResponseGroup, OffsetFetchResponsePartitions,
    OffsetFetchResponseTopics, SyncGroupResponse, TxnOffsetCommitRequest, TxnOffsetCommitResponse,
    TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
};

/// What a request is answered when its records could not be written, or its answer could not be found out.
/// Source: Kafka `CoordinatorOperationExceptionHelper`, `GroupMetadataManager.appendGroupMetadataErrorToResponseError`.
pub(super) fn from_append(error: ErrorCode) -> ErrorCode {
    match error {
        ErrorCode::NETWORK_EXCEPTION => ErrorCode::COORDINATOR_LOAD_IN_PROGRESS,
        ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
        | ErrorCode::NOT_ENOUGH_REPLICAS
        | ErrorCode::REQUEST_TIMED_OUT => ErrorCode::COORDINATOR_NOT_AVAILABLE,
        ErrorCode::NOT_LEADER_OR_FOLLOWER | ErrorCode::KAFKA_STORAGE_ERROR => ErrorCode::NOT_COORDINATOR,
        ErrorCode::MESSAGE_TOO_LARGE | ErrorCode::RECORD_LIST_TOO_LARGE | ErrorCode::INVALID_FETCH_SIZE => {
            ErrorCode::UNKNOWN_SERVER_ERROR
        }
        other => other,
    }
}

impl GroupRequest {
    /// The response that says `error` and nothing else, as `api_version` says it.
    ///
    /// For the host: an error of the authorizer, or NOT_COORDINATOR and COORDINATOR_NOT_AVAILABLE where no coordinator
    /// is at hand to answer.
    #[must_use]
    pub fn error_response(&self, error: ErrorCode, api_version: i16) -> GroupResponse {
        match self {
            Self::JoinGroup(_) => GroupResponse::JoinGroup(join_error("", error, api_version)),
            Self::SyncGroup(_) => GroupResponse::SyncGroup(sync_error(error)),
            Self::Heartbeat(_) => GroupResponse::Heartbeat(HeartbeatResponse {
                error_code: error.into(),
                ..HeartbeatResponse::default()
            }),
            Self::ConsumerGroupHeartbeat(_) => {
                GroupResponse::ConsumerGroupHeartbeat(consumer_heartbeat_error(error))
            }
            Self::ConsumerGroupDescribe { groups } => GroupResponse::ConsumerGroupDescribe(
                groups.iter().map(|group_id| consumer_describe_error(group_id, error)).collect(),
            ),
            Self::LeaveGroup(_) => GroupResponse::LeaveGroup(LeaveGroupResponse {
                error_code: error.into(),
                ..LeaveGroupResponse::default()
            }),
            Self::OffsetCommit(request) => GroupResponse::OffsetCommit(offset_commit_error(request, error)),
            Self::TxnOffsetCommit(request) => {
                GroupResponse::TxnOffsetCommit(txn_offset_commit_error(request, error, api_version))
            }
            Self::OffsetFetch(request) => {
                GroupResponse::OffsetFetch(offset_fetch_error(&request.group, error, api_version))
            }
            Self::DescribeGroups { groups } => GroupResponse::DescribeGroups(
                groups
                    .iter()
                    .map(|group_id| DescribedGroup {
                        group_id: group_id.clone(),
                        error_code: error.into(),
                        ..DescribedGroup::default()
                    })
                    .collect(),
            ),
            Self::ListGroups(_) => GroupResponse::ListGroups(ListGroupsResponse {
                error_code: error.into(),
                ..ListGroupsResponse::default()
            }),
            Self::DeleteGroups { groups } => {
                GroupResponse::DeleteGroups(groups.iter().map(|id| delete_result(id, error)).collect())
            }
            Self::OffsetDelete(_) => GroupResponse::OffsetDelete(OffsetDeleteResponse {
                error_code: error.into(),
                ..OffsetDeleteResponse::default()
            }),
            Self::WriteTxnMarker(_) => GroupResponse::WriteTxnMarker(txn_marker_error(error)),
        }
    }
}

impl GroupResponse {
    /// This response, of a request whose records could not be written, as the response that says so.
    pub(super) fn failed(self, error: ErrorCode, api_version: i16) -> Self {
        match self {
            Self::OffsetCommit(mut response) => {
                for partition in response.topics.iter_mut().flat_map(|topic| &mut topic.partitions) {
                    partition.error_code = error.into();
                }
                Self::OffsetCommit(response)
            }
            Self::TxnOffsetCommit(mut response) => {
                let error = txn_error_before_v2(error, api_version);
                for partition in response.topics.iter_mut().flat_map(|topic| &mut topic.partitions) {
                    partition.error_code = error.into();
                }
                Self::TxnOffsetCommit(response)
            }
            Self::LeaveGroup(_) => Self::LeaveGroup(LeaveGroupResponse {
                error_code: error.into(),
                ..LeaveGroupResponse::default()
            }),
            Self::DeleteGroups(mut results) => {
                for result in &mut results {
                    result.error_code = error.into();
                }
                Self::DeleteGroups(results)
            }
            Self::OffsetDelete(_) => Self::OffsetDelete(OffsetDeleteResponse {
                error_code: error.into(),
                ..OffsetDeleteResponse::default()
            }),
            Self::WriteTxnMarker(_) => Self::WriteTxnMarker(txn_marker_error(error)),
            Self::ConsumerGroupHeartbeat(_) => Self::ConsumerGroupHeartbeat(consumer_heartbeat_error(error)),
            Self::ConsumerGroupDescribe(groups) => Self::ConsumerGroupDescribe(
                groups.iter().map(|group| consumer_describe_error(&group.group_id, error)).collect(),
            ),
            // These wait where members of the classic protocol are in a consumer group.
            Self::JoinGroup(response) => Self::JoinGroup(join_error(&response.member_id, error, api_version)),
            Self::SyncGroup(_) => Self::SyncGroup(sync_error(error)),
            Self::Heartbeat(_) => Self::Heartbeat(HeartbeatResponse {
                error_code: error.into(),
                ..HeartbeatResponse::default()
            }),
            Self::OffsetFetch(_) | Self::DescribeGroups(_) | Self::ListGroups(_) => {
                unreachable!("these never wait for records as a whole")
            }
        }
    }
}

/// A ConsumerGroupHeartbeat response with `error` alone.
fn consumer_heartbeat_error(error: ErrorCode) -> ConsumerGroupHeartbeatResponse {
    ConsumerGroupHeartbeatResponse {
        error_code: error.into(),
        error_message: Some(error.message().to_owned()),
        ..ConsumerGroupHeartbeatResponse::default()
    }
}

/// One group's result of ConsumerGroupDescribe with `error` alone.
fn consumer_describe_error(group_id: &str, error: ErrorCode) -> ConsumerDescribedGroup {
    ConsumerDescribedGroup {
        group_id: group_id.to_owned(),
        error_code: error.into(),
        ..ConsumerDescribedGroup::default()
    }
}

/// A JoinGroup response with `error` alone.
pub(super) fn join_error(member_id: &str, error: ErrorCode, api_version: i16) -> JoinGroupResponse {
    JoinGroupResponse {
        error_code: error.into(),
        member_id: member_id.to_owned(),
        protocol_name: join_protocol_name(None, api_version),
        ..JoinGroupResponse::default()
    }
}

/// The protocol name as `api_version` of JoinGroup says it: null came with version 7.
/// Source: Kafka `JoinGroupResponse`.
pub(super) fn join_protocol_name(name: Option<&str>, api_version: i16) -> Option<String> {
    match name {
        Some(name) if !name.is_empty() => Some(name.to_owned()),
        _ => (api_version < 7).then(String::new),
    }
}

/// A SyncGroup response with `error` alone.
pub(super) fn sync_error(error: ErrorCode) -> SyncGroupResponse {
    SyncGroupResponse {
        error_code: error.into(),
        protocol_type: None,
        protocol_name: None,
        ..SyncGroupResponse::default()
    }
}

/// An OffsetCommit response with `error` for every partition.
pub(super) fn offset_commit_error(request: &OffsetCommitRequest, error: ErrorCode) -> OffsetCommitResponse {
    let topics = request.topics.iter().map(|topic| OffsetCommitResponseTopic {
        name: topic.name.clone(),
        topic_id: topic.topic_id,
        partitions: topic
            .partitions
            .iter()
            .map(|partition| OffsetCommitResponsePartition {
                partition_index: partition.partition_index,
                error_code: error.into(),
            })
            .collect(),
    });
    OffsetCommitResponse { topics: topics.collect(), ..OffsetCommitResponse::default() }
}

/// A TxnOffsetCommit response with `error` for every partition.
pub(super) fn txn_offset_commit_error(
    request: &TxnOffsetCommitRequest,
    error: ErrorCode,
    api_version: i16,
) -> TxnOffsetCommitResponse {
    let error = txn_error_before_v2(error, api_version);
    let topics = request.topics.iter().map(|topic| TxnOffsetCommitResponseTopic {
        name: topic.name.clone(),
        topic_id: topic.topic_id,
        partitions: topic
            .partitions
            .iter()
            .map(|partition| TxnOffsetCommitResponsePartition {
                partition_index: partition.partition_index,
                error_code: error.into(),
            })
            .collect(),
    });
    TxnOffsetCommitResponse { topics: topics.collect(), ..TxnOffsetCommitResponse::default() }
}

/// Producers before version 2 of TxnOffsetCommit may crash on COORDINATOR_LOAD_IN_PROGRESS (KAFKA-7296).
fn txn_error_before_v2(error: ErrorCode, api_version: i16) -> ErrorCode {
    match error {
        ErrorCode::COORDINATOR_LOAD_IN_PROGRESS if api_version < 2 => ErrorCode::COORDINATOR_NOT_AVAILABLE,
        other => other,
    }
}

/// An OffsetFetch response with `error` for the group; before version 2, for every partition.
/// Source: Kafka `OffsetFetchResponse.groupError`.
pub(super) fn offset_fetch_error(
    group: &OffsetFetchRequestGroup,
    error: ErrorCode,
    api_version: i16,
) -> OffsetFetchResponseGroup {
    if api_version >= 2 {
        return OffsetFetchResponseGroup {
            group_id: group.group_id.clone(),
            error_code: error.into(),
            ..OffsetFetchResponseGroup::default()
        };
    }
    let topics = group.topics.iter().flatten().map(|topic| OffsetFetchResponseTopics {
        name: topic.name.clone(),
        topic_id: topic.topic_id,
        partitions: topic
            .partition_indexes
            .iter()
            .map(|&partition_index| OffsetFetchResponsePartitions {
                partition_index,
                error_code: error.into(),
                ..no_offset(partition_index)
            })
            .collect(),
    });
    OffsetFetchResponseGroup {
        group_id: group.group_id.clone(),
        topics: topics.collect(),
        ..OffsetFetchResponseGroup::default()
    }
}

/// What OffsetFetch says of a partition without a committed offset.
pub(super) fn no_offset(partition_index: i32) -> OffsetFetchResponsePartitions {
    OffsetFetchResponsePartitions {
        partition_index,
        committed_offset: -1,
        committed_leader_epoch: -1,
        metadata: Some(String::new()),
        error_code: ErrorCode::NONE.into(),
    }
}

/// One group's result of DeleteGroups.
pub(super) fn delete_result(group_id: &str, error: ErrorCode) -> DeletableGroupResult {
    DeletableGroupResult {
        group_id: group_id.to_owned(),
        error_code: error.into(),
        ..DeletableGroupResult::default()
    }
}

/// The transaction coordinator knows no coordinator errors: it learns that the partition is not ready.
/// Source: Kafka `KafkaApis.handleWriteTxnMarkersRequest`.
fn txn_marker_error(error: ErrorCode) -> ErrorCode {
    match error {
        ErrorCode::COORDINATOR_NOT_AVAILABLE
        | ErrorCode::COORDINATOR_LOAD_IN_PROGRESS
        | ErrorCode::NOT_COORDINATOR => ErrorCode::NOT_LEADER_OR_FOLLOWER,
        other => other,
    }
}
