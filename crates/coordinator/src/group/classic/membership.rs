//! Members come, change and go; counts, leadership and timers follow.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::coordinator::{Shared, TimerKey};
use super::super::error::join_error;
use super::super::interface::GroupResponse;
use super::{ClassicGroup, Member, PENDING_MEMBERS_MAX, WaitingJoin};
use crate::host::RequestToken;
use crate::messages::{ErrorCode, JoinGroupRequestProtocol, JoinGroupResponse};

impl ClassicGroup {
    /// Adds a member. The first decides the group's protocol type and is its leader.
    pub(super) fn add_member(
        &mut self,
        shared: &mut Shared,
        member_id: &Arc<str>,
        member: Member,
        protocol_type: &str,
    ) {
        if self.members.is_empty() {
            self.protocol_type = Some(protocol_type.to_owned());
        }
        if let Some(instance_id) = &member.group_instance_id {
            self.static_members.insert(instance_id.clone(), Arc::clone(member_id));
        }
        self.leader.get_or_insert_with(|| Arc::clone(member_id));
        count_protocols(&mut self.protocol_counts, &member);
        self.waiting_joins += usize::from(member.waiting_join.is_some());
        self.forget_pending(shared, member_id);
        let replaced = self.members.insert(Arc::clone(member_id), member);
        assert!(replaced.is_none(), "a member is added once");
    }

    /// Takes a member out; a request of it that waits is answered with `error`. Some other member becomes the leader.
    pub(super) fn remove_member(&mut self, shared: &mut Shared, member_id: &str, error: ErrorCode) {
        self.answer_join_error(shared, member_id, "", error);
        self.answer_sync_error(shared, member_id, error);
        let Some(mut member) = self.members.remove(member_id) else { return };
        shared.timers.cancel(&mut member.session);
        uncount_protocols(&mut self.protocol_counts, &member);
        if let Some(instance_id) = &member.group_instance_id {
            self.static_members.remove(instance_id);
        }
        if self.is_leader(member_id) {
            self.leader = self.members.keys().next().cloned();
        }
        self.pending_syncs.remove(member_id);
    }

    /// Gives a member what its new JoinGroup says.
    pub(super) fn update_member(
        &mut self,
        member_id: &str,
        protocols: Vec<JoinGroupRequestProtocol>,
        rebalance_timeout_ms: i32,
        session_timeout_ms: i32,
    ) {
        let Some(member) = self.members.get_mut(member_id) else { return };
        uncount_protocols(&mut self.protocol_counts, member);
        member.protocols = protocols;
        member.rebalance_timeout_ms = rebalance_timeout_ms;
        member.session_timeout_ms = session_timeout_ms;
        count_protocols(&mut self.protocol_counts, member);
    }

    /// A member waits in JoinGroup from here on. If an earlier one waits too, the client gave it up: it has to be
    /// answered, and learns to join again.
    pub(super) fn wait_in_join(&mut self, shared: &mut Shared, member_id: &str, join: WaitingJoin) {
        self.answer_join_error(shared, member_id, member_id, ErrorCode::REBALANCE_IN_PROGRESS);
        if let Some(member) = self.members.get_mut(member_id) {
            member.waiting_join = Some(join);
            self.waiting_joins += 1;
        }
    }

    /// Takes the JoinGroup in which a member waits, to answer it.
    pub(super) fn take_join(&mut self, member_id: &str) -> Option<WaitingJoin> {
        let join = self.members.get_mut(member_id)?.waiting_join.take()?;
        self.waiting_joins -= 1;
        Some(join)
    }

    /// Answers the JoinGroup in which a member waits, if it does. `as_member_id` is the id in the answer.
    pub(super) fn answer_join_error(
        &mut self,
        shared: &mut Shared,
        member_id: &str,
        as_member_id: &str,
        error: ErrorCode,
    ) {
        if let Some(join) = self.take_join(member_id) {
            shared.respond_join(join.token, join_error(as_member_id, error, join.api_version));
        }
    }

    /// Answers every JoinGroup and SyncGroup that waits.
    pub(in super::super) fn answer_all(&mut self, shared: &mut Shared, error: ErrorCode) {
        for member_id in self.members.keys().cloned().collect::<Vec<_>>() {
            self.answer_join_error(shared, &member_id, &member_id, error);
            self.answer_sync_error(shared, &member_id, error);
        }
    }

    /// Answers every JoinGroup that waits, with the id left empty: the member has to begin anew.
    pub(in super::super) fn answer_joins(&mut self, shared: &mut Shared, error: ErrorCode) {
        for member_id in self.members.keys().cloned().collect::<Vec<_>>() {
            self.answer_join_error(shared, &member_id, "", error);
        }
    }

    /// The member, or the id that was given out, was heard of: its session starts anew.
    pub(in super::super) fn renew_session(&mut self, shared: &mut Shared, member_id: &str) {
        if let Some(member) = self.members.get_mut(member_id) {
            let timeout_ms = member.session_timeout_ms;
            Self::arm_session(&self.id, shared, member_id, member, timeout_ms);
        }
    }

    pub(super) fn arm_session(
        group_id: &Arc<str>,
        shared: &mut Shared,
        member_id: &str,
        member: &mut Member,
        timeout_ms: i32,
    ) {
        let key = || TimerKey::Session(Arc::clone(group_id), member_id.into());
        shared.timers.arm(&mut member.session, shared.now.mono, timeout_ms.into(), key);
    }

    /// Remembers an id that is given out.
    pub(super) fn add_pending(&mut self, shared: &mut Shared, member_id: &Arc<str>, session_timeout_ms: i32) {
        while self.pending_joins.len() >= PENDING_MEMBERS_MAX {
            let Some(oldest) = self.pending_order.pop_front() else { break };
            self.forget_pending(shared, &oldest);
        }
        let mut timer = super::Timer::default();
        let key = || TimerKey::Session(Arc::clone(&self.id), Arc::clone(member_id));
        shared.timers.arm(&mut timer, shared.now.mono, session_timeout_ms.into(), key);
        self.pending_joins.insert(Arc::clone(member_id), timer);
        self.pending_order.push_back(Arc::clone(member_id));
    }

    /// Forgets an id that was given out; `false` if there is none.
    pub(super) fn forget_pending(&mut self, shared: &mut Shared, member_id: &str) -> bool {
        let Some(mut timer) = self.pending_joins.remove(member_id) else { return false };
        shared.timers.cancel(&mut timer);
        if self.pending_joins.is_empty() {
            self.pending_order.clear();
        } else if self.pending_order.len() > 2 * PENDING_MEMBERS_MAX {
            self.pending_order.retain(|id| self.pending_joins.contains_key(id));
        }
        true
    }

    /// The group is taken out of the map: nothing of it may come due any more.
    pub(in super::super) fn cancel_timers(&mut self, shared: &mut Shared) {
        shared.timers.cancel(&mut self.join_timer);
        shared.timers.cancel(&mut self.sync_timer);
        for (_, mut timer) in std::mem::take(&mut self.pending_joins) {
            shared.timers.cancel(&mut timer);
        }
        self.pending_order.clear();
        for member in self.members.values_mut() {
            shared.timers.cancel(&mut member.session);
        }
    }
}

fn count_protocols(counts: &mut BTreeMap<String, usize>, member: &Member) {
    for name in member.protocol_names() {
        *counts.entry(name.to_owned()).or_default() += 1;
    }
}

fn uncount_protocols(counts: &mut BTreeMap<String, usize>, member: &Member) {
    for name in member.protocol_names() {
        if let Some(count) = counts.get_mut(name) {
            *count -= 1;
            if *count == 0 {
                counts.remove(name);
            }
        }
    }
}

impl Shared {
    /// Sends the answer to a JoinGroup.
    pub(in super::super) fn respond_join(&mut self, token: RequestToken, response: JoinGroupResponse) {
        self.respond(token, GroupResponse::JoinGroup(response));
    }
}
