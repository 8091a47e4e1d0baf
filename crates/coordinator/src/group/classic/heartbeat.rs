//! Heartbeat, and what follows when it stays out.

use super::super::coordinator::{Done, GroupCoordinator, Shared, TimerKey};
use super::rebalance::EmptyGroupRecord;
use super::{ClassicGroup, ClassicState};
use crate::messages::{ErrorCode, HeartbeatRequest};
use crate::timers::Entry;

impl GroupCoordinator {
    /// What a Heartbeat is answered. Source: Kafka `classicGroupHeartbeat`.
    pub(in super::super) fn heartbeat(&mut self, request: &HeartbeatRequest) -> ErrorCode {
        let Self { groups, shared, .. } = self;
        match groups.get_mut(request.group_id.as_str()) {
            None => ErrorCode::UNKNOWN_MEMBER_ID,
            Some(group) => group.heartbeat(shared, request),
        }
    }

    /// A timer of a group may have come due.
    pub(in super::super) fn group_timer(&mut self, entry: &Entry, key: TimerKey) {
        let Self { groups, shared, .. } = self;
        let (TimerKey::Session(id, _) | TimerKey::Join(id) | TimerKey::Sync(id)) = &key else { return };
        let Some(group) = groups.get_mut(id) else { return };
        if let Some(record) = group.timer(shared, entry, key) {
            self.write_group(record, Done::Nothing);
        }
    }
}

impl ClassicGroup {
    fn heartbeat(&mut self, shared: &mut Shared, request: &HeartbeatRequest) -> ErrorCode {
        let member_id = request.member_id.as_str();
        if let Err(error) = self.validate_member(member_id, request.group_instance_id.as_deref()) {
            return error;
        }
        if request.generation_id != self.generation {
            return ErrorCode::ILLEGAL_GENERATION;
        }
        self.renew_session(shared, member_id);
        match self.state {
            ClassicState::PreparingRebalance => ErrorCode::REBALANCE_IN_PROGRESS,
            ClassicState::CompletingRebalance | ClassicState::Stable => ErrorCode::NONE,
            ClassicState::Empty => unreachable!("an empty group has no member to be valid"),
        }
    }

    fn timer(&mut self, shared: &mut Shared, entry: &Entry, key: TimerKey) -> EmptyGroupRecord {
        let now = shared.now.mono;
        match key {
            TimerKey::Join(_) => {
                let is_due = shared.timers.is_due(&mut self.join_timer, entry, key, now);
                if is_due { self.end_join_phase(shared) } else { None }
            }
            TimerKey::Sync(_) => {
                let is_due = shared.timers.is_due(&mut self.sync_timer, entry, key, now);
                if is_due { self.end_sync_phase(shared) } else { None }
            }
            TimerKey::Session(_, ref member_id) => {
                let member_id = member_id.clone();
                if let Some(timer) = self.pending_joins.get_mut(&member_id) {
                    let is_due = shared.timers.is_due(timer, entry, key, now);
                    return if is_due { self.expire_pending(shared, &member_id) } else { None };
                }
                let member = self.members.get_mut(&member_id)?;
                let is_due = shared.timers.is_due(&mut member.session, entry, key, now);
                // Whoever is excused gets a new session with the answer.
                if is_due && !member.is_excused() { self.expire_member(shared, &member_id) } else { None }
            }
            TimerKey::Consumer(..) | TimerKey::Expiry => None,
        }
    }

    /// An id that was given out was never used. Source: Kafka `removePendingMemberAndUpdateClassicGroup`.
    fn expire_pending(&mut self, shared: &mut Shared, member_id: &str) -> EmptyGroupRecord {
        self.forget_pending(shared, member_id);
        self.maybe_complete_join_after_expiry(shared)
    }

    /// A member went silent. Source: Kafka `removeMemberAndUpdateClassicGroup`.
    fn expire_member(&mut self, shared: &mut Shared, member_id: &str) -> EmptyGroupRecord {
        self.remove_member(shared, member_id, ErrorCode::UNKNOWN_MEMBER_ID);
        match self.state {
            ClassicState::Stable | ClassicState::CompletingRebalance => self.prepare_rebalance(shared),
            ClassicState::PreparingRebalance => self.maybe_complete_join_after_expiry(shared),
            ClassicState::Empty => None,
        }
    }
}
