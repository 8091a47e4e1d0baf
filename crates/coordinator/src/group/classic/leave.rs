//! LeaveGroup: members go of their own accord, or are sent away by an administrator.

use std::sync::Arc;

use super::super::coordinator::{Done, GroupCoordinator, Shared};
use super::super::interface::{GroupResponse, RequestContext};
use super::{ClassicGroup, ClassicState};
use crate::host::RequestToken;
use crate::messages::{ErrorCode, LeaveGroupRequest, LeaveGroupResponse, MemberIdentity, MemberResponse};

/// From this version on, a request names any number of members, and each has its own error.
const MANY_MEMBERS_FROM: i16 = 3;

impl GroupCoordinator {
    /// Answers a LeaveGroup; after the write, if the group is empty then. Source: Kafka `classicGroupLeave`.
    pub(in super::super) fn leave_group(
        &mut self,
        token: RequestToken,
        context: &RequestContext,
        request: LeaveGroupRequest,
    ) {
        let api_version = context.api_version;
        if self.consumer_groups.contains_key(request.group_id.as_str()) {
            return self.leave_consumer_group_classic(token, api_version, request);
        }
        let Self { groups, shared, .. } = self;
        let identities = if api_version >= MANY_MEMBERS_FROM {
            request.members
        } else {
            vec![MemberIdentity { member_id: request.member_id, ..MemberIdentity::default() }]
        };
        let mut group = groups.get_mut(request.group_id.as_str());
        let mut has_any_left = false;
        let members = identities.into_iter().map(|identity| {
            let left = group.as_mut().map_or(Err(ErrorCode::UNKNOWN_MEMBER_ID), |group| {
                group.leave(shared, &identity.member_id, identity.group_instance_id.as_deref())
            });
            has_any_left |= left.is_ok();
            MemberResponse {
                member_id: identity.member_id,
                group_instance_id: identity.group_instance_id,
                error_code: left.err().unwrap_or(ErrorCode::NONE).into(),
            }
        });
        let members: Vec<_> = members.collect();
        let response = GroupResponse::LeaveGroup(response(members, api_version));
        let record = match group {
            Some(group) if has_any_left => match group.state {
                ClassicState::Stable | ClassicState::CompletingRebalance => group.prepare_rebalance(shared),
                ClassicState::PreparingRebalance => group.maybe_complete_join(shared),
                ClassicState::Empty => None,
            },
            _ => None,
        };
        match record {
            None => self.shared.respond(token, response),
            Some(record) => self.write_group(record, Done::respond(token, api_version, response)),
        }
    }
}

/// The response; before version 3 the one member's error is the response's.
pub(in super::super) fn response(members: Vec<MemberResponse>, api_version: i16) -> LeaveGroupResponse {
    if api_version >= MANY_MEMBERS_FROM {
        return LeaveGroupResponse { members, ..LeaveGroupResponse::default() };
    }
    let error_code = members.first().map_or(ErrorCode::NONE.into(), |member| member.error_code);
    LeaveGroupResponse { error_code, ..LeaveGroupResponse::default() }
}

impl ClassicGroup {
    /// Takes one member out. An administrator knows a static member by its instance id alone.
    fn leave(
        &mut self,
        shared: &mut Shared,
        member_id: &str,
        group_instance_id: Option<&str>,
    ) -> Result<(), ErrorCode> {
        let by_instance = || group_instance_id.and_then(|id| self.static_members.get(id));
        let member_id: Arc<str> = if member_id.is_empty() {
            by_instance().cloned().ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?
        } else if self.forget_pending(shared, member_id) {
            return Ok(());
        } else {
            self.validate_member(member_id, group_instance_id)?;
            member_id.into()
        };
        self.remove_member(shared, &member_id, ErrorCode::UNKNOWN_MEMBER_ID);
        Ok(())
    }
}
