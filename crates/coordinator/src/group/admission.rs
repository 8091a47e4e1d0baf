//! What is checked of a request before any group is looked at, and who answers the rest.

use super::consumer::check_request;
use super::coordinator::{Done, GroupCoordinator, Phase};
use super::error::join_error;
use super::interface::{GroupRequest, GroupResponse, RequestContext};
use crate::host::RequestToken;
use crate::journal::BatchKind;
use crate::messages::{ErrorCode, HeartbeatResponse, JoinGroupRequest, ListGroupsResponse};

/// From this version on, a SyncGroup has to name the group's protocol. Source: KIP-559.
const SYNC_PROTOCOL_FROM: i16 = 5;

impl GroupCoordinator {
    /// Answers a request, or sees to it that it is answered.
    pub(super) fn request(&mut self, token: RequestToken, context: &RequestContext, request: GroupRequest) {
        if let Some(response) = self.refuse(context, &request) {
            return self.shared.respond(token, response);
        }
        match request {
            GroupRequest::JoinGroup(request) => self.join_group(token, context, request),
            GroupRequest::SyncGroup(request) => self.sync_group(token, context, &request),
            GroupRequest::ConsumerGroupHeartbeat(request) => {
                self.consumer_group_heartbeat(token, context, &request);
            }
            GroupRequest::ConsumerGroupDescribe { groups } => {
                let described = groups.iter().map(|id| self.describe_consumer_group(id)).collect();
                let response = GroupResponse::ConsumerGroupDescribe(described);
                self.respond_after_all(token, context, response);
            }
            GroupRequest::Heartbeat(request)
                if self.consumer_groups.contains_key(request.group_id.as_str()) =>
            {
                self.heartbeat_consumer_group(token, context.api_version, &request);
            }
            GroupRequest::Heartbeat(request) => {
                let error_code = self.heartbeat(&request).into();
                let response = HeartbeatResponse { error_code, ..HeartbeatResponse::default() };
                self.shared.respond(token, GroupResponse::Heartbeat(response));
            }
            GroupRequest::LeaveGroup(request) => self.leave_group(token, context, request),
            GroupRequest::OffsetCommit(request) => self.commit_offsets(token, context, &request),
            GroupRequest::TxnOffsetCommit(request) => self.commit_txn_offsets(token, context, &request),
            GroupRequest::OffsetFetch(request) => self.fetch_offsets(token, context, request),
            GroupRequest::DescribeGroups { groups } => {
                let version = context.api_version;
                let described = groups.iter().map(|id| self.describe_group(id, version)).collect();
                self.shared.respond(token, GroupResponse::DescribeGroups(described));
            }
            GroupRequest::ListGroups(request) => {
                let groups = self.list_groups(&request);
                let response = ListGroupsResponse { groups, ..ListGroupsResponse::default() };
                self.shared.respond(token, GroupResponse::ListGroups(response));
            }
            GroupRequest::DeleteGroups { groups } => self.delete_groups(token, context, &groups),
            GroupRequest::OffsetDelete(request) => self.delete_offsets(token, context, &request),
            GroupRequest::WriteTxnMarker(marker) => {
                let response = GroupResponse::WriteTxnMarker(ErrorCode::NONE);
                let done = Done::respond(token, context.api_version, response);
                self.write(BatchKind::Marker(marker), Vec::new(), done);
            }
        }
    }

    /// The answer to a request that gets no further. Source: Kafka `GroupCoordinatorService`.
    fn refuse(&self, context: &RequestContext, request: &GroupRequest) -> Option<GroupResponse> {
        let version = context.api_version;
        if let GroupRequest::SyncGroup(sync) = request {
            let names_protocol = sync.protocol_type.is_some() && sync.protocol_name.is_some();
            if version >= SYNC_PROTOCOL_FROM && !names_protocol {
                return Some(request.error_response(ErrorCode::INCONSISTENT_GROUP_PROTOCOL, version));
            }
        }
        if let GroupRequest::JoinGroup(join) = request
            && let Some(error) = self.refuse_join(join)
        {
            return Some(GroupResponse::JoinGroup(join_error(&join.member_id, error, version)));
        }
        if let GroupRequest::ConsumerGroupHeartbeat(heartbeat) = request
            && let Err(response) = check_request(heartbeat, version, &self.shared.config.consumer.assignors)
        {
            return Some(GroupResponse::ConsumerGroupHeartbeat(response));
        }
        let lacks_group_id = match request {
            GroupRequest::SyncGroup(request) => request.group_id.is_empty(),
            GroupRequest::Heartbeat(request) => request.group_id.is_empty(),
            GroupRequest::LeaveGroup(request) => request.group_id.is_empty(),
            GroupRequest::TxnOffsetCommit(request) => request.group_id.is_empty(),
            GroupRequest::OffsetDelete(request) => request.group_id.is_empty(),
            // The empty id names a simple group of clients from before groups had coordinators.
            _ => false,
        };
        if lacks_group_id {
            return Some(request.error_response(ErrorCode::INVALID_GROUP_ID, version));
        }
        match self.phase {
            Phase::Active => None,
            // A member that is alive shall not lose its patience meanwhile.
            Phase::Loading if matches!(request, GroupRequest::Heartbeat(_)) => {
                Some(request.error_response(ErrorCode::NONE, version))
            }
            Phase::Loading => Some(request.error_response(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS, version)),
            Phase::Unloaded => Some(request.error_response(ErrorCode::NOT_COORDINATOR, version)),
        }
    }

    fn refuse_join(&self, request: &JoinGroupRequest) -> Option<ErrorCode> {
        let config = &self.shared.config;
        let session_timeouts = config.session_timeout_ms_min..=config.session_timeout_ms_max;
        if request.group_id.is_empty() {
            Some(ErrorCode::INVALID_GROUP_ID)
        } else if !session_timeouts.contains(&request.session_timeout_ms) {
            Some(ErrorCode::INVALID_SESSION_TIMEOUT)
        } else {
            None
        }
    }
}
