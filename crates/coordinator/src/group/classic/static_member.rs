//! A static member that comes back under its instance id takes over from its former self. Source: KIP-345, KIP-814.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::coordinator::{Done, GroupCoordinator, Shared};
use super::super::error::{from_append, join_error, join_protocol_name};
use super::join::Join;
use super::rebalance::EmptyGroupRecord;
use super::{ClassicGroup, ClassicState, Member, WaitingJoin};
use crate::journal::Fate;
use crate::messages::{ErrorCode, JoinGroupRequestProtocol, JoinGroupResponse};
use crate::timers::Timer;

/// From this version on, a leader that comes back learns that it is the leader, and need not assign. Source: KIP-814.
const SKIP_ASSIGNMENT_FROM: i16 = 9;

/// A replacement in a stable group that is being written: what to answer, and how to undo it.
#[derive(Debug)]
pub(in super::super) struct StaticReplacement {
    group: Arc<str>,
    old_member_id: Arc<str>,
    new_member_id: Arc<str>,
    join: WaitingJoin,
    leader_before: String,
    protocols_before: Vec<JoinGroupRequestProtocol>,
    rebalance_timeout_ms_before: i32,
    session_timeout_ms_before: i32,
}

impl ClassicGroup {
    /// Lets `new_member_id` take over. Source: Kafka `updateStaticMemberThenRebalanceOrCompleteJoin`.
    pub(super) fn replace_static_member(
        &mut self,
        shared: &mut Shared,
        join: Join<'_>,
        old_member_id: &Arc<str>,
        new_member_id: &Arc<str>,
    ) -> EmptyGroupRecord {
        let leader_before = self.leader.as_deref().unwrap_or_default().to_owned();
        self.swap_static_member(shared, old_member_id, new_member_id);
        self.renew_session(shared, new_member_id);

        let member = &self.members[new_member_id];
        let replacement = StaticReplacement {
            group: Arc::clone(&self.id),
            old_member_id: Arc::clone(old_member_id),
            new_member_id: Arc::clone(new_member_id),
            join: join.waiting(),
            leader_before,
            protocols_before: member.protocols.clone(),
            rebalance_timeout_ms_before: member.rebalance_timeout_ms,
            session_timeout_ms_before: member.session_timeout_ms,
        };
        let rebalance_timeout_ms = join.rebalance_timeout_ms();
        let session_timeout_ms = join.request.session_timeout_ms;
        self.update_member(new_member_id, join.request.protocols, rebalance_timeout_ms, session_timeout_ms);
        self.wait_in_join(shared, new_member_id, replacement.join);

        match self.state {
            ClassicState::Stable if self.protocol_name.as_deref() == Some(&*self.select_protocol()) => {
                let record = self.to_record(&self.assignments());
                shared.write_group(record, Done::StaticReplaced(Some(Box::new(replacement))));
                None
            }
            // The leader may have been told of the old id, so the new one would get no assignment.
            ClassicState::Stable | ClassicState::CompletingRebalance => self.prepare_rebalance(shared),
            ClassicState::PreparingRebalance => self.maybe_complete_join(shared),
            ClassicState::Empty => unreachable!("an empty group has no static members"),
        }
    }

    /// Gives the member `old_id` the id `new_id`. Requests that wait under the old one are fenced off.
    fn swap_static_member(&mut self, shared: &mut Shared, old_id: &Arc<str>, new_id: &Arc<str>) {
        self.answer_join_error(shared, old_id, old_id, ErrorCode::FENCED_INSTANCE_ID);
        self.answer_sync_error(shared, old_id, ErrorCode::FENCED_INSTANCE_ID);
        let Some(mut member) = self.members.remove(old_id) else { return };
        shared.timers.cancel(&mut member.session);
        if let Some(instance_id) = &member.group_instance_id {
            self.static_members.insert(instance_id.clone(), Arc::clone(new_id));
        }
        if self.is_leader(old_id) {
            self.leader = Some(Arc::clone(new_id));
        }
        if self.pending_syncs.remove(old_id) {
            self.pending_syncs.insert(Arc::clone(new_id));
        }
        let member = Member { is_new: false, session: Timer::default(), ..member };
        self.members.insert(Arc::clone(new_id), member);
    }

    /// Every member's assignment, as stored.
    pub(super) fn assignments(&self) -> BTreeMap<Arc<str>, bytes::Bytes> {
        self.members.iter().map(|(id, member)| (Arc::clone(id), member.assignment.clone())).collect()
    }

    fn static_replaced(&mut self, shared: &mut Shared, replacement: &StaticReplacement) {
        let StaticReplacement { new_member_id, join, leader_before, .. } = replacement;
        if self.members.get(new_member_id).and_then(|member| member.waiting_join) != Some(*join) {
            // A rebalance came in between and answered it.
            return;
        }
        self.take_join(new_member_id);
        let response = if join.api_version >= SKIP_ASSIGNMENT_FROM {
            JoinGroupResponse {
                skip_assignment: self.is_leader(new_member_id),
                ..self.join_response(new_member_id, join.api_version)
            }
        } else {
            // With the former leader's id and no members, the client acts as a follower.
            JoinGroupResponse {
                leader: leader_before.clone(),
                members: Vec::new(),
                ..self.join_response(new_member_id, join.api_version)
            }
        };
        shared.respond_join(join.token, response);
        self.renew_session(shared, new_member_id);
    }

    fn undo_static_replacement(
        &mut self,
        shared: &mut Shared,
        replacement: StaticReplacement,
        error: ErrorCode,
    ) {
        let StaticReplacement { new_member_id, old_member_id, join, .. } = &replacement;
        if self.members.get(new_member_id).and_then(|member| member.waiting_join) == Some(*join) {
            self.take_join(new_member_id);
            let response = JoinGroupResponse {
                generation_id: self.generation,
                protocol_type: self.protocol_type.clone(),
                protocol_name: join_protocol_name(self.protocol_name.as_deref(), join.api_version),
                leader: replacement.leader_before.clone(),
                ..join_error("", error, join.api_version)
            };
            shared.respond_join(join.token, response);
        }
        if !self.members.contains_key(new_member_id) || self.members.contains_key(old_member_id) {
            return;
        }
        let (old_member_id, new_member_id) = (Arc::clone(old_member_id), Arc::clone(new_member_id));
        self.update_member(
            &new_member_id,
            replacement.protocols_before,
            replacement.rebalance_timeout_ms_before,
            replacement.session_timeout_ms_before,
        );
        self.swap_static_member(shared, &new_member_id, &old_member_id);
        self.renew_session(shared, &old_member_id);
    }
}

impl GroupCoordinator {
    /// The record of a replacement is committed, or is not.
    pub(in super::super) fn finish_static_replacement(&mut self, replacement: StaticReplacement, fate: Fate) {
        let Self { groups, shared, .. } = self;
        let Some(group) = groups.get_mut(&replacement.group) else { return };
        match fate.error() {
            None => group.static_replaced(shared, &replacement),
            Some(error) => group.undo_static_replacement(shared, replacement, from_append(error)),
        }
    }
}
