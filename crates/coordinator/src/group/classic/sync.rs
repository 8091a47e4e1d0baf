//! SyncGroup: the leader brings the assignments, they are written, and every member gets its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::super::coordinator::{Done, GroupCoordinator, Shared};
use super::super::error::{from_append, sync_error};
use super::super::interface::{GroupResponse, RequestContext};
use super::rebalance::EmptyGroupRecord;
use super::{ClassicGroup, ClassicState};
use crate::host::RequestToken;
use crate::journal::Fate;
use crate::messages::{ErrorCode, SyncGroupRequest, SyncGroupResponse};

/// Assignments that are being written.
#[derive(Debug)]
pub(in super::super) struct Assignments {
    group: Arc<str>,
    generation: i32,
    by_member: BTreeMap<Arc<str>, Bytes>,
}

impl GroupCoordinator {
    /// Answers a SyncGroup, or lets it wait. Source: Kafka `classicGroupSync`.
    pub(in super::super) fn sync_group(
        &mut self,
        token: RequestToken,
        context: &RequestContext,
        request: &SyncGroupRequest,
    ) {
        let is_consumer = self.consumer_groups.get(request.group_id.as_str());
        if is_consumer.is_some_and(|group| !group.is_empty()) {
            return self.sync_consumer_group(token, context.api_version, request);
        }
        let Self { groups, shared, .. } = self;
        let group = groups.get_mut(request.group_id.as_str());
        let Some(group) = group.filter(|group| group.state != ClassicState::Empty) else {
            return shared.respond_sync(token, sync_error(ErrorCode::UNKNOWN_MEMBER_ID));
        };
        match group.validate_sync(request) {
            Err(error) => shared.respond_sync(token, sync_error(error)),
            Ok(()) => group.sync(shared, token, request),
        }
    }

    /// The record with a generation's assignments is committed, or is not. Nothing happens if the group moved on.
    pub(in super::super) fn finish_sync(&mut self, assignments: &Assignments, fate: Fate) {
        let Self { groups, shared, .. } = self;
        let Some(group) = groups.get_mut(&assignments.group) else { return };
        if group.state != ClassicState::CompletingRebalance || group.generation != assignments.generation {
            return;
        }
        let record = match fate.error() {
            None => {
                group.assign(shared, &assignments.by_member);
                None
            }
            Some(error) => {
                group.reset_assignment(shared, from_append(error));
                group.rebalance(shared)
            }
        };
        if let Some(record) = record {
            self.write_group(record, Done::Nothing);
        }
    }
}

impl ClassicGroup {
    fn validate_sync(&self, request: &SyncGroupRequest) -> Result<(), ErrorCode> {
        self.validate_member(&request.member_id, request.group_instance_id.as_deref())?;
        if request.generation_id != self.generation {
            return Err(ErrorCode::ILLEGAL_GENERATION);
        }
        let differs = |asked: &Option<String>, ours: &Option<String>| asked.is_some() && asked != ours;
        if differs(&request.protocol_type, &self.protocol_type)
            || differs(&request.protocol_name, &self.protocol_name)
        {
            return Err(ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
        }
        Ok(())
    }

    fn sync(&mut self, shared: &mut Shared, token: RequestToken, request: &SyncGroupRequest) {
        let member_id = request.member_id.as_str();
        match self.state {
            ClassicState::PreparingRebalance => {
                shared.respond_sync(token, sync_error(ErrorCode::REBALANCE_IN_PROGRESS));
            }
            ClassicState::Stable => {
                self.has_synced(shared, member_id);
                shared.respond_sync(token, self.sync_response(member_id));
            }
            ClassicState::CompletingRebalance => {
                // If an earlier one waits, the client gave it up.
                self.answer_sync_error(shared, member_id, ErrorCode::REBALANCE_IN_PROGRESS);
                if let Some(member) = self.members.get_mut(member_id) {
                    member.waiting_sync = Some(token);
                }
                self.has_synced(shared, member_id);
                if self.is_leader(member_id) {
                    let by_member = self.assignments_from(request);
                    let record = self.to_record(&by_member);
                    let group = Arc::clone(&self.id);
                    let assignments = Assignments { group, generation: self.generation, by_member };
                    shared.write_group(record, Done::Synced(assignments));
                }
            }
            ClassicState::Empty => unreachable!("an empty group has no member to be valid"),
        }
    }

    fn has_synced(&mut self, shared: &mut Shared, member_id: &str) {
        self.pending_syncs.remove(member_id);
        if self.pending_syncs.is_empty() {
            shared.timers.cancel(&mut self.sync_timer);
        }
    }

    /// What the leader gives to each member; nothing to those that it left out. Unknown members are dropped.
    fn assignments_from(&self, request: &SyncGroupRequest) -> BTreeMap<Arc<str>, Bytes> {
        let mut by_member: BTreeMap<_, _> =
            self.members.keys().map(|id| (Arc::clone(id), Bytes::new())).collect();
        for assignment in &request.assignments {
            if let Some(given) = by_member.get_mut(assignment.member_id.as_str()) {
                *given = assignment.assignment.clone();
            }
        }
        by_member
    }

    /// The assignments hold: the group is stable, and whoever waits learns its own.
    fn assign(&mut self, shared: &mut Shared, by_member: &BTreeMap<Arc<str>, Bytes>) {
        for (member_id, member) in &mut self.members {
            member.assignment = by_member.get(member_id).cloned().unwrap_or_default();
        }
        for member_id in self.members.keys().cloned().collect::<Vec<_>>() {
            let response = self.sync_response(&member_id);
            self.answer_sync(shared, &member_id, response);
        }
        self.transition_to(ClassicState::Stable, shared.now.wall);
    }

    /// The generation gets no assignments: whoever waits for one learns `error`.
    pub(super) fn reset_assignment(&mut self, shared: &mut Shared, error: ErrorCode) {
        for member_id in self.members.keys().cloned().collect::<Vec<_>>() {
            if let Some(member) = self.members.get_mut(&member_id) {
                member.assignment = Bytes::new();
            }
            self.answer_sync_error(shared, &member_id, error);
        }
    }

    fn sync_response(&self, member_id: &str) -> SyncGroupResponse {
        SyncGroupResponse {
            error_code: ErrorCode::NONE.into(),
            protocol_type: self.protocol_type.clone(),
            protocol_name: self.protocol_name.clone(),
            assignment: self
                .members
                .get(member_id)
                .map_or_else(Bytes::new, |member| member.assignment.clone()),
            ..SyncGroupResponse::default()
        }
    }

    /// Answers the SyncGroup in which a member waits, if it does.
    pub(super) fn answer_sync_error(&mut self, shared: &mut Shared, member_id: &str, error: ErrorCode) {
        self.answer_sync(shared, member_id, sync_error(error));
    }

    fn answer_sync(&mut self, shared: &mut Shared, member_id: &str, response: SyncGroupResponse) {
        let waiting = self.members.get_mut(member_id).and_then(|member| member.waiting_sync.take());
        if let Some(token) = waiting {
            shared.respond_sync(token, response);
            // Its session ran out unnoticed, perhaps, while it waited.
            self.renew_session(shared, member_id);
        }
    }

    /// The sync timer came due: members that never asked for their assignment are out.
    /// Source: Kafka `expirePendingSync`.
    pub(super) fn end_sync_phase(&mut self, shared: &mut Shared) -> EmptyGroupRecord {
        let is_waiting = matches!(self.state, ClassicState::CompletingRebalance | ClassicState::Stable);
        if !is_waiting || self.sync_generation != self.generation || self.pending_syncs.is_empty() {
            return None;
        }
        for member_id in std::mem::take(&mut self.pending_syncs) {
            self.remove_member(shared, &member_id, ErrorCode::UNKNOWN_MEMBER_ID);
        }
        self.prepare_rebalance(shared)
    }
}

impl Shared {
    fn respond_sync(&mut self, token: RequestToken, response: SyncGroupResponse) {
        self.respond(token, GroupResponse::SyncGroup(response));
    }
}
