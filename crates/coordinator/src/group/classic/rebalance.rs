//! A rebalance: from the first sign that the members have to meet again, to the new generation.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::coordinator::{Shared, TimerKey};
use super::super::error::join_protocol_name;
use super::{ClassicGroup, ClassicState, JoinPhase};
use crate::host::Record;
use crate::messages::{ErrorCode, JoinGroupRequestProtocol, JoinGroupResponse, JoinGroupResponseMember};

/// The record to write, if a step of a rebalance left the group empty.
pub(in super::super) type EmptyGroupRecord = Option<Record>;

/// How long a group waits at least for static members that are away, whatever rebalance timeout they have asked for: a
/// wait of no time at all would begin anew at once, for ever.
const ABSENT_WAIT_MS_MIN: i32 = 1_000;

impl ClassicGroup {
    /// Something changed that the members have to agree on: starts a rebalance, or moves on the one that runs.
    pub(in super::super) fn rebalance(&mut self, shared: &mut Shared) -> EmptyGroupRecord {
        if self.state == ClassicState::PreparingRebalance {
            self.maybe_complete_join(shared)
        } else {
            self.prepare_rebalance(shared)
        }
    }

    /// Starts a rebalance. From Empty the group waits for more members; else for all its members.
    /// Source: Kafka `GroupMetadataManager.prepareRebalance`.
    pub(super) fn prepare_rebalance(&mut self, shared: &mut Shared) -> EmptyGroupRecord {
        if self.state == ClassicState::CompletingRebalance {
            self.reset_assignment(shared, ErrorCode::REBALANCE_IN_PROGRESS);
        }
        self.pending_syncs.clear();
        shared.timers.cancel(&mut self.sync_timer);

        let is_initial = self.state == ClassicState::Empty;
        self.transition_to(ClassicState::PreparingRebalance, shared.now.wall);
        if is_initial {
            self.is_new_member_added = false;
            let delay_ms = shared.config.initial_rebalance_delay_ms;
            let remaining_ms = self.rebalance_timeout_ms().saturating_sub(delay_ms).max(0);
            self.start_join_timer(shared, JoinPhase::Initial { delay_ms, remaining_ms });
            return None;
        }
        if self.has_everyone_joined() {
            return self.complete_join(shared);
        }
        self.start_join_timer(shared, JoinPhase::Rejoin);
        None
    }

    /// Completes the join phase if all members wait and no id is outstanding; never during the initial delay.
    pub(super) fn maybe_complete_join(&mut self, shared: &mut Shared) -> EmptyGroupRecord {
        let is_initial = self.previous_state == Some(ClassicState::Empty);
        if self.state == ClassicState::PreparingRebalance && !is_initial && self.has_everyone_joined() {
            self.complete_join(shared)
        } else {
            None
        }
    }

    /// As [`Self::maybe_complete_join`], after a member or an id went: during the initial delay too, so that a group
    /// that nobody waits for any more becomes empty at once.
    /// Source: Kafka `removeMemberAndUpdateClassicGroup`, `removePendingMemberAndUpdateClassicGroup`.
    pub(super) fn maybe_complete_join_after_expiry(&mut self, shared: &mut Shared) -> EmptyGroupRecord {
        if self.state == ClassicState::PreparingRebalance && self.has_everyone_joined() {
            self.complete_join(shared)
        } else {
            None
        }
    }

    fn has_everyone_joined(&self) -> bool {
        self.waiting_joins == self.members.len() && self.pending_joins.is_empty()
    }

    pub(super) fn start_join_timer(&mut self, shared: &mut Shared, phase: JoinPhase) {
        let timeout_ms = match phase {
            JoinPhase::Initial { delay_ms, .. } => delay_ms,
            JoinPhase::Rejoin => self.rebalance_timeout_ms(),
        };
        self.join_phase = phase;
        let key = || TimerKey::Join(Arc::clone(&self.id));
        shared.timers.arm(&mut self.join_timer, shared.now.mono, timeout_ms.into(), key);
    }

    /// The join timer came due.
    pub(super) fn end_join_phase(&mut self, shared: &mut Shared) -> EmptyGroupRecord {
        if self.state != ClassicState::PreparingRebalance {
            return None;
        }
        match self.join_phase {
            JoinPhase::Initial { delay_ms, remaining_ms } if self.is_new_member_added && remaining_ms > 0 => {
                self.is_new_member_added = false;
                let next = JoinPhase::Initial {
                    delay_ms: shared.config.initial_rebalance_delay_ms.min(remaining_ms),
                    remaining_ms: remaining_ms.saturating_sub(delay_ms).max(0),
                };
                self.start_join_timer(shared, next);
                None
            }
            JoinPhase::Initial { .. } | JoinPhase::Rejoin => self.complete_join(shared),
        }
    }

    /// Ends the join phase: who waits is in the next generation. Source: Kafka `completeClassicGroupJoin`.
    fn complete_join(&mut self, shared: &mut Shared) -> EmptyGroupRecord {
        shared.timers.cancel(&mut self.join_timer);
        let is_absent =
            |member: &super::Member| member.waiting_join.is_none() && member.group_instance_id.is_none();
        let absent = self.members.iter().filter(|(_, member)| is_absent(member));
        for member_id in absent.map(|(id, _)| Arc::clone(id)).collect::<Vec<_>>() {
            self.remove_member(shared, &member_id, ErrorCode::UNKNOWN_MEMBER_ID);
        }
        if !self.elect_joined_leader() && !self.members.is_empty() {
            // Only static members are left and none of them is here: wait until they come or their sessions end.
            self.join_phase = JoinPhase::Rejoin;
            let timeout_ms = self.rebalance_timeout_ms().max(ABSENT_WAIT_MS_MIN);
            let key = || TimerKey::Join(Arc::clone(&self.id));
            shared.timers.arm(&mut self.join_timer, shared.now.mono, timeout_ms.into(), key);
            return None;
        }
        self.generation = self.generation.wrapping_add(1);
        self.pending_syncs.clear();
        if self.members.is_empty() {
            self.protocol_name = None;
            self.subscribed_topics = self.read_subscribed_topics();
            self.transition_to(ClassicState::Empty, shared.now.wall);
            return Some(self.to_record(&BTreeMap::new()));
        }
        self.protocol_name = Some(self.select_protocol());
        self.subscribed_topics = self.read_subscribed_topics();
        self.transition_to(ClassicState::CompletingRebalance, shared.now.wall);
        self.answer_joins_of_generation(shared);
        None
    }

    /// Keeps the leader if it waits, else makes a member that waits the leader. `false` if nobody waits.
    fn elect_joined_leader(&mut self) -> bool {
        let waits = |id: &Arc<str>| self.members.get(id).is_some_and(|member| member.waiting_join.is_some());
        if self.leader.as_ref().is_some_and(waits) {
            return true;
        }
        let joined = self.members.iter().find(|(_, member)| member.waiting_join.is_some());
        if let Some(id) = joined.map(|(id, _)| Arc::clone(id)) {
            self.leader = Some(id);
            return true;
        }
        false
    }

    fn answer_joins_of_generation(&mut self, shared: &mut Shared) {
        for member_id in self.members.keys().cloned().collect::<Vec<_>>() {
            if let Some(join) = self.take_join(&member_id) {
                let response = self.join_response(&member_id, join.api_version);
                shared.respond_join(join.token, response);
            }
            self.renew_session(shared, &member_id);
            if let Some(member) = self.members.get_mut(&member_id) {
                member.is_new = false;
            }
            self.pending_syncs.insert(member_id);
        }
        self.sync_generation = self.generation;
        let timeout_ms = self.rebalance_timeout_ms();
        let key = || TimerKey::Sync(Arc::clone(&self.id));
        shared.timers.arm(&mut self.sync_timer, shared.now.mono, timeout_ms.into(), key);
    }

    /// The current generation, as a member of it learns it from JoinGroup. The leader learns all members.
    pub(super) fn join_response(&self, member_id: &str, api_version: i16) -> JoinGroupResponse {
        JoinGroupResponse {
            error_code: ErrorCode::NONE.into(),
            generation_id: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol_name: join_protocol_name(self.protocol_name.as_deref(), api_version),
            leader: self.leader.as_deref().unwrap_or_default().to_owned(),
            member_id: member_id.to_owned(),
            members: if self.is_leader(member_id) { self.response_members() } else { Vec::new() },
            ..JoinGroupResponse::default()
        }
    }

    fn response_members(&self) -> Vec<JoinGroupResponseMember> {
        let protocol_name = self.protocol_name.as_deref().unwrap_or_default();
        let members = self.members.iter().map(|(id, member)| JoinGroupResponseMember {
            member_id: id.to_string(),
            group_instance_id: member.group_instance_id.clone(),
            metadata: member.metadata(protocol_name),
        });
        members.collect()
    }

    /// Whether a member with these protocols can be in the group.
    pub(super) fn supports_protocols(
        &self,
        protocol_type: &str,
        protocols: &[JoinGroupRequestProtocol],
    ) -> bool {
        if self.state == ClassicState::Empty {
            return !protocol_type.is_empty() && !protocols.is_empty();
        }
        self.protocol_type.as_deref() == Some(protocol_type)
            && protocols.iter().any(|protocol| self.is_offered_by_all(&protocol.name))
    }

    fn is_offered_by_all(&self, protocol_name: &str) -> bool {
        self.protocol_counts.get(protocol_name).copied().unwrap_or(0) == self.members.len()
    }

    /// The protocol with most votes; each member votes for the first of its own that all offer. A tie goes to the one
    /// that the leader likes better. Source: Kafka `ClassicGroup.selectProtocol`, where ties are arbitrary.
    pub(super) fn select_protocol(&self) -> String {
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for member in self.members.values() {
            let vote = member.protocols.iter().find(|protocol| self.is_offered_by_all(&protocol.name));
            if let Some(protocol) = vote {
                *votes.entry(&protocol.name).or_default() += 1;
            }
        }
        let most = votes.values().max().copied().unwrap_or(0);
        let leader = self.leader.as_ref().and_then(|id| self.members.get(id));
        let preferred = leader.into_iter().flat_map(|member| &member.protocols);
        let winner =
            preferred.map(|protocol| protocol.name.as_str()).find(|name| votes.get(name) == Some(&most));
        winner.unwrap_or_default().to_owned()
    }

    /// The topics that the members subscribe to, if the group is a consumer group whose metadata can be read.
    pub(super) fn read_subscribed_topics(&self) -> Option<BTreeSet<String>> {
        if !self.is_consumer() {
            return None;
        }
        if self.members.is_empty() {
            return Some(BTreeSet::new());
        }
        let protocol_name = self.protocol_name.as_deref()?;
        let mut topics = BTreeSet::new();
        for member in self.members.values() {
            topics.extend(super::log::subscribed_topics(&member.metadata(protocol_name))?);
        }
        Some(topics)
    }
}
