//! JoinGroup: who may join, as whom, and what it sets off.

use std::sync::Arc;

use bytes::Bytes;

use super::super::consumer::ConsumerGroup;
use super::super::coordinator::{Done, GroupCoordinator, Shared};
use super::super::error::join_error;
use super::super::interface::RequestContext;
use super::rebalance::EmptyGroupRecord;
use super::{ClassicGroup, ClassicState, Member, WaitingJoin};
use crate::host::RequestToken;
use crate::messages::{ErrorCode, JoinGroupRequest};
use crate::timers::Timer;

/// How long a brand-new member may wait in JoinGroup. It cannot send heartbeats, and a connection that broke is not
/// noticed while a request waits. Source: Kafka `GroupCoordinatorConfig.CLASSIC_GROUP_NEW_MEMBER_JOIN_TIMEOUT_MS`.
const NEW_MEMBER_JOIN_TIMEOUT_MS: i32 = 5 * 60 * 1000;

/// From this version on, a dynamic member joins with an id that it got by MEMBER_ID_REQUIRED. Source: KIP-394.
const KNOWN_MEMBER_ID_FROM: i16 = 4;

/// A JoinGroup that passed the first checks.
pub(super) struct Join<'a> {
    pub(super) token: RequestToken,
    pub(super) context: &'a RequestContext,
    pub(super) request: JoinGroupRequest,
}

impl Join<'_> {
    fn refuse(&self, shared: &mut Shared, as_member_id: &str, error: ErrorCode) {
        shared.respond_join(self.token, join_error(as_member_id, error, self.context.api_version));
    }

    pub(super) fn waiting(&self) -> WaitingJoin {
        WaitingJoin { token: self.token, api_version: self.context.api_version }
    }

    /// The time that the member may take to rejoin; version 0 has only the session timeout.
    pub(super) fn rebalance_timeout_ms(&self) -> i32 {
        if self.context.api_version == 0 {
            self.request.session_timeout_ms
        } else {
            self.request.rebalance_timeout_ms
        }
    }
}

impl GroupCoordinator {
    /// Answers a JoinGroup, or lets it wait. Source: Kafka `GroupMetadataManager.classicGroupJoinToClassicGroup`.
    pub(in super::super) fn join_group(
        &mut self,
        token: RequestToken,
        context: &RequestContext,
        request: JoinGroupRequest,
    ) {
        let is_new_member = request.member_id.is_empty();
        match self.consumer_groups.get(request.group_id.as_str()).map(ConsumerGroup::is_empty) {
            Some(false) => return self.join_consumer_group(token, context, &request),
            // A new member makes a classic group of it.
            Some(true) if is_new_member => self.delete_empty_consumer_group(&request.group_id),
            Some(true) | None => {}
        }
        let Self { groups, shared, .. } = self;
        let join = Join { token, context, request };
        let is_new_group = !groups.contains_key(join.request.group_id.as_str());
        if is_new_group {
            if !is_new_member {
                return join.refuse(shared, &join.request.member_id, ErrorCode::UNKNOWN_MEMBER_ID);
            }
            let id: Arc<str> = join.request.group_id.as_str().into();
            groups.insert(Arc::clone(&id), ClassicGroup::new(id, shared.now.wall));
        }
        let group =
            groups.get_mut(join.request.group_id.as_str()).expect("it was there, or was just put there");
        let id = Arc::clone(group.id());
        let record = if !group.accepts(&join.request.member_id, shared.config.size_max) {
            join.refuse(shared, "", ErrorCode::GROUP_MAX_SIZE_REACHED);
            group.turn_away(shared, &join.request.member_id)
        } else if is_new_member {
            group.join_new(shared, join)
        } else {
            group.join_existing(shared, join)
        };
        if let Some(record) = record {
            self.write_group(record, Done::Nothing);
        } else if is_new_group {
            // A group exists from its first record on, be it an empty one.
            let record = self.groups[&id].to_empty_record();
            self.write_group(record, Done::GroupCreated { group: id, reply: None });
        }
    }
}

impl ClassicGroup {
    /// Whether the group has room. While it prepares a rebalance, those count who wait already: if the limit was
    /// lowered, the last to rejoin are out. Source: Kafka `GroupMetadataManager.acceptJoiningMember`.
    fn accepts(&self, member_id: &str, size_max: usize) -> bool {
        let member = self.members.get(member_id);
        match self.state {
            ClassicState::Empty => true,
            ClassicState::PreparingRebalance => {
                member.is_some_and(|member| member.waiting_join.is_some()) || self.waiting_joins < size_max
            }
            ClassicState::CompletingRebalance | ClassicState::Stable => {
                member.is_some() || self.members.len() < size_max
            }
        }
    }

    /// The group is full for this member, or this id.
    fn turn_away(&mut self, shared: &mut Shared, member_id: &str) -> EmptyGroupRecord {
        self.forget_pending(shared, member_id);
        self.remove_member(shared, member_id, ErrorCode::UNKNOWN_MEMBER_ID);
        self.maybe_complete_join(shared)
    }

    /// A member without an id. Source: Kafka `classicGroupJoinNewMember`.
    fn join_new(&mut self, shared: &mut Shared, join: Join<'_>) -> EmptyGroupRecord {
        if !self.supports_protocols(&join.request.protocol_type, &join.request.protocols) {
            join.refuse(shared, "", ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
            return None;
        }
        let prefix = join.request.group_instance_id.as_deref().unwrap_or(&join.context.client_id);
        let member_id = self.unused_member_id(shared, prefix);
        if let Some(instance_id) = &join.request.group_instance_id {
            return match self.static_members.get(instance_id).cloned() {
                Some(old_member_id) => self.replace_static_member(shared, join, &old_member_id, &member_id),
                None => self.join_as(shared, join, &member_id),
            };
        }
        if join.context.api_version < KNOWN_MEMBER_ID_FROM {
            return self.join_as(shared, join, &member_id);
        }
        self.add_pending(shared, &member_id, join.request.session_timeout_ms);
        join.refuse(shared, &member_id, ErrorCode::MEMBER_ID_REQUIRED);
        None
    }

    fn unused_member_id(&self, shared: &mut Shared, prefix: &str) -> Arc<str> {
        loop {
            let id: Arc<str> = shared.member_ids.next(prefix).into();
            // A seed that was used before, in the life of another coordinator, would make the same ids.
            if !self.members.contains_key(&id) && !self.pending_joins.contains_key(&id) {
                return id;
            }
        }
    }

    /// A member that brings an id. Source: Kafka `classicGroupJoinExistingMember`.
    fn join_existing(&mut self, shared: &mut Shared, join: Join<'_>) -> EmptyGroupRecord {
        let request = &join.request;
        let member_id: Arc<str> = request.member_id.as_str().into();
        if !self.supports_protocols(&request.protocol_type, &request.protocols) {
            join.refuse(shared, &member_id, ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
            return None;
        }
        if self.pending_joins.contains_key(&member_id) {
            if request.group_instance_id.is_some() {
                // Ids are given out to dynamic members only.
                join.refuse(shared, "", ErrorCode::UNKNOWN_SERVER_ERROR);
                return None;
            }
            return self.join_as(shared, join, &member_id);
        }
        if let Err(error) = self.validate_member(&member_id, request.group_instance_id.as_deref()) {
            join.refuse(shared, &member_id, error);
            return None;
        }
        let is_unchanged = self.members[&member_id].protocols == request.protocols;
        match self.state {
            ClassicState::PreparingRebalance => self.rejoin(shared, join, &member_id),
            // It may have missed the answer to its first JoinGroup.
            ClassicState::CompletingRebalance if is_unchanged => {
                shared.respond_join(join.token, self.join_response(&member_id, join.context.api_version));
                None
            }
            // The leader may want a new assignment for reasons that its metadata does not show.
            ClassicState::Stable if is_unchanged && !self.is_leader(&member_id) => {
                shared.respond_join(join.token, self.join_response(&member_id, join.context.api_version));
                None
            }
            ClassicState::CompletingRebalance | ClassicState::Stable => self.rejoin(shared, join, &member_id),
            ClassicState::Empty => unreachable!("an empty group has no member to be valid"),
        }
    }

    /// A member joins for the first time. Source: Kafka `addMemberThenRebalanceOrCompleteJoin`.
    fn join_as(&mut self, shared: &mut Shared, join: Join<'_>, member_id: &Arc<str>) -> EmptyGroupRecord {
        let member = Member {
            group_instance_id: join.request.group_instance_id.clone(),
            client_id: join.context.client_id.clone(),
            client_host: join.context.client_host.clone(),
            rebalance_timeout_ms: join.rebalance_timeout_ms(),
            session_timeout_ms: join.request.session_timeout_ms,
            waiting_join: Some(join.waiting()),
            protocols: join.request.protocols,
            assignment: Bytes::new(),
            waiting_sync: None,
            is_new: true,
            session: Timer::default(),
        };
        // Only matters during the initial delay; the first member does not extend it.
        self.is_new_member_added = self.state == ClassicState::PreparingRebalance;
        self.add_member(shared, member_id, member, &join.request.protocol_type);
        if let Some(member) = self.members.get_mut(member_id) {
            Self::arm_session(&self.id, shared, member_id, member, NEW_MEMBER_JOIN_TIMEOUT_MS);
        }
        self.rebalance(shared)
    }

    /// A member joins again. Source: Kafka `updateMemberThenRebalanceOrCompleteJoin`.
    fn rejoin(&mut self, shared: &mut Shared, join: Join<'_>, member_id: &Arc<str>) -> EmptyGroupRecord {
        let (waiting, rebalance_timeout_ms) = (join.waiting(), join.rebalance_timeout_ms());
        let JoinGroupRequest { protocols, session_timeout_ms, .. } = join.request;
        self.update_member(member_id, protocols, rebalance_timeout_ms, session_timeout_ms);
        self.wait_in_join(shared, member_id, waiting);
        self.rebalance(shared)
    }
}
