//! What a classic group shows when it becomes a consumer group, and how it is made of one.

use std::sync::Arc;

use bytes::Bytes;
use ottla_protocol::time::Timestamp;

use super::super::coordinator::Shared;
use super::rebalance::EmptyGroupRecord;
use super::{CONSUMER_PROTOCOL_TYPE, ClassicGroup, ClassicState, JoinPhase, Member};
use crate::host::Record;
use crate::messages::JoinGroupRequestProtocol;
use crate::timers::Timer;

/// A member, as far as a consumer group takes it over.
pub(in super::super) struct ClassicMemberView<'a> {
    pub(in super::super) id: &'a Arc<str>,
    pub(in super::super) group_instance_id: Option<&'a str>,
    pub(in super::super) client_id: &'a str,
    pub(in super::super) client_host: &'a str,
    pub(in super::super) rebalance_timeout_ms: i32,
    pub(in super::super) session_timeout_ms: i32,
    pub(in super::super) protocols: &'a [JoinGroupRequestProtocol],
    /// Its metadata for the group's protocol.
    pub(in super::super) metadata: Bytes,
    pub(in super::super) assignment: &'a Bytes,
}

/// A member of a consumer group that speaks the classic protocol.
pub(in super::super) struct ConvertedMember {
    pub(in super::super) id: Arc<str>,
    pub(in super::super) group_instance_id: Option<String>,
    pub(in super::super) client_id: String,
    pub(in super::super) client_host: String,
    pub(in super::super) rebalance_timeout_ms: i32,
    pub(in super::super) session_timeout_ms: i32,
    /// Names and metadata, in order of preference.
    pub(in super::super) protocols: Vec<(String, Bytes)>,
    pub(in super::super) assignment: Bytes,
}

impl ClassicGroup {
    /// The number of the last generation.
    pub(in super::super) fn generation(&self) -> i32 {
        self.generation
    }

    /// Number of members.
    pub(in super::super) fn member_count(&self) -> usize {
        self.members.len()
    }

    /// The members, in order of id.
    pub(in super::super) fn views(&self) -> impl Iterator<Item = ClassicMemberView<'_>> {
        // Before the first generation is made up there is no protocol yet: the one that would be chosen.
        let protocol_name = self.protocol_name.clone().unwrap_or_else(|| self.select_protocol());
        self.members.iter().map(move |(id, member)| ClassicMemberView {
            id,
            group_instance_id: member.group_instance_id.as_deref(),
            client_id: &member.client_id,
            client_host: &member.client_host,
            rebalance_timeout_ms: member.rebalance_timeout_ms,
            session_timeout_ms: member.session_timeout_ms,
            protocols: &member.protocols,
            metadata: member.metadata(&protocol_name),
            assignment: &member.assignment,
        })
    }

    /// A stable group of these members. Its timers do not run yet.
    pub(in super::super) fn from_consumer_group(
        id: Arc<str>,
        generation: i32,
        members: Vec<ConvertedMember>,
        now: Timestamp,
    ) -> Self {
        let mut group = Self::new(id, now);
        group.generation = generation;
        group.protocol_type = Some(CONSUMER_PROTOCOL_TYPE.to_owned());
        for converted in members {
            group.add_converted(converted);
        }
        if !group.members.is_empty() {
            group.state = ClassicState::Stable;
            group.protocol_name = Some(group.select_protocol());
        }
        group.subscribed_topics = group.read_subscribed_topics();
        group
    }

    fn add_converted(&mut self, converted: ConvertedMember) {
        let ConvertedMember { id, group_instance_id, assignment, .. } = converted;
        if let Some(instance_id) = &group_instance_id {
            self.static_members.insert(instance_id.clone(), Arc::clone(&id));
        }
        self.leader.get_or_insert_with(|| Arc::clone(&id));
        let protocols = converted.protocols.into_iter();
        let member = Member {
            group_instance_id,
            client_id: converted.client_id,
            client_host: converted.client_host,
            rebalance_timeout_ms: converted.rebalance_timeout_ms,
            session_timeout_ms: converted.session_timeout_ms,
            protocols: protocols
                .map(|(name, metadata)| JoinGroupRequestProtocol { name, metadata })
                .collect(),
            assignment,
            waiting_join: None,
            waiting_sync: None,
            is_new: false,
            session: Timer::default(),
        };
        for name in member.protocol_names() {
            *self.protocol_counts.entry(name.to_owned()).or_default() += 1;
        }
        self.members.insert(id, member);
    }

    /// The record of this generation with the assignments that the members have.
    pub(in super::super) fn to_stored_record(&self) -> Record {
        self.to_record(&self.assignments())
    }

    /// Begins to watch the members of a group that was a consumer group.
    pub(in super::super) fn begin_after_downgrade(
        &mut self,
        shared: &mut Shared,
        has_to_rebalance: bool,
    ) -> EmptyGroupRecord {
        self.renew_all_sessions(shared);
        if has_to_rebalance { self.prepare_rebalance(shared) } else { None }
    }

    /// Goes on after its conversion was refused by the log: whoever waited was told to join again.
    pub(in super::super) fn resume(&mut self, shared: &mut Shared) {
        self.renew_all_sessions(shared);
        match self.state {
            ClassicState::PreparingRebalance => self.start_join_timer(shared, JoinPhase::Rejoin),
            ClassicState::CompletingRebalance if !self.members.is_empty() => {
                // Nobody waits, so there is no record: the group waits for all.
                self.prepare_rebalance(shared);
            }
            ClassicState::CompletingRebalance | ClassicState::Stable | ClassicState::Empty => {}
        }
    }

    fn renew_all_sessions(&mut self, shared: &mut Shared) {
        for member_id in self.members.keys().cloned().collect::<Vec<_>>() {
            self.renew_session(shared, &member_id);
        }
    }
}
