//! The messages and records that the coordinators speak, by their bare names.

pub(crate) use ottla_protocol::error::ErrorCode;
pub(crate) use ottla_protocol::messages::{
    consumer_protocol_subscription::ConsumerProtocolSubscription,
    delete_groups_response::DeletableGroupResult,
    describe_groups_response::{DescribedGroup, DescribedGroupMember},
    group_metadata_key::GroupMetadataKey,
    group_metadata_value::{GroupMetadataValue, MemberMetadata},
    heartbeat_request::HeartbeatRequest,
    heartbeat_response::HeartbeatResponse,
    join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol},
    join_group_response::{JoinGroupResponse, JoinGroupResponseMember},
    leave_group_request::{LeaveGroupRequest, MemberIdentity},
    leave_group_response::{LeaveGroupResponse, MemberResponse},
    legacy_offset_commit_key::LegacyOffsetCommitKey,
    legacy_offset_commit_value::LegacyOffsetCommitValue,
    list_groups_request::ListGroupsRequest,
    list_groups_response::{ListGroupsResponse, ListedGroup},
    offset_commit_key::OffsetCommitKey,
    offset_commit_request::OffsetCommitRequest,
    offset_commit_response::{
        OffsetCommitResponse, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
    },
    offset_commit_value::OffsetCommitValue,
    offset_delete_request::OffsetDeleteRequest,
    offset_delete_response::{
        OffsetDeleteResponse, OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
    },
    offset_fetch_request::OffsetFetchRequestGroup,
    offset_fetch_response::{
        OffsetFetchResponseGroup, OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
    },
    sync_group_request::SyncGroupRequest,
    sync_group_response::SyncGroupResponse,
    txn_offset_commit_request::TxnOffsetCommitRequest,
    txn_offset_commit_response::{
        TxnOffsetCommitResponse, TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
    },
};
