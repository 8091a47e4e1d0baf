//! Members go: by their own wish, or because they went silent or did not do their part.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_metadata::api_error::ApiError;

use super::super::coordinator::{GroupCoordinator, Reply};
use super::super::interface::{GroupResponse, RequestContext};
use super::Change;
use super::decision::{ConsumerDone, Decision, Undo};
use super::heartbeat::not_found;
use super::member::{CurrentAssignment, HeldPartitions, LEAVE_STATIC_EPOCH, Member};
use crate::host::RequestToken;
use crate::messages::{ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse};

impl GroupCoordinator {
    /// A member leaves by its heartbeat. Source: Kafka `GroupMetadataManager.consumerGroupLeave`.
    pub(super) fn leave_consumer_group(
        &mut self,
        token: RequestToken,
        context: &RequestContext,
        request: &ConsumerGroupHeartbeatRequest,
    ) -> Result<(), ApiError> {
        let group_id = &request.group_id;
        let Some(group) = self.consumer_groups.get_mut(group_id.as_str()) else {
            return Err(not_found(if self.groups.contains_key(group_id.as_str()) {
                format!("Group {group_id} is not a consumer group.")
            } else {
                format!("Group {group_id} not found.")
            }));
        };
        let (member_id, member) = match &request.instance_id {
            None => group.member(&request.member_id)?,
            Some(instance_id) => group.known_static_member(&request.member_id, instance_id)?,
        };
        let member_id = Arc::clone(member_id);
        let response = ConsumerGroupHeartbeatResponse {
            member_id: Some(member_id.to_string()),
            member_epoch: request.member_epoch,
            ..ConsumerGroupHeartbeatResponse::default()
        };
        let response = GroupResponse::ConsumerGroupHeartbeat(response);
        let reply = Some(Reply { token, api_version: context.api_version, response });
        if request.member_epoch != LEAVE_STATIC_EPOCH || request.instance_id.is_none() {
            let group = Arc::clone(group.id());
            self.fence_members(&group, &[member_id], reply);
            return Ok(());
        }
        let current = away(member);
        let mut decision = Decision::new(group);
        decision.apply(Change::Current(member_id, Some(Arc::new(current))));
        let Decision { records, undo: changes, group, .. } = decision;
        let undo = Undo { changes, ..Undo::default() };
        let done = ConsumerDone { group: Arc::clone(group.id()), reply, joined: None, undo };
        self.write_consumer(records, done);
        Ok(())
    }

    /// Takes members out. If only members of the classic protocol are left, the group becomes a classic one.
    /// Source: Kafka `GroupMetadataManager.consumerGroupFenceMembers`.
    pub(super) fn fence_members(&mut self, group_id: &Arc<str>, members: &[Arc<str>], reply: Option<Reply>) {
        let Self { consumer_groups, shared, topics, .. } = self;
        let Some(group) = consumer_groups.get_mut(group_id) else { return };
        if !members.is_empty() && group.may_downgrade_without(members, &shared.config) {
            return self.downgrade_without(group_id, members, reply);
        }
        let mut decision = Decision::new(group);
        if !members.is_empty() {
            let mut regexes = BTreeMap::<String, usize>::new();
            for member_id in members {
                let regex = decision.group.members.get(member_id).and_then(Member::regex);
                if let Some(regex) = regex {
                    *regexes.entry(regex.to_owned()).or_default() += 1;
                }
                decision.remove_member(member_id);
                decision.group.cancel_member_timers(shared, member_id);
            }
            for regex in regexes.into_keys() {
                if !decision.group.subscribed_regexes.contains_key(&regex) {
                    decision.apply(Change::Regex(regex.into(), None));
                }
            }
            let hash = decision.group.topics_hash(topics);
            let epoch = decision.group.group_epoch.saturating_add(1);
            decision.apply(Change::Group(Some((epoch, hash))));
        }
        let Decision { records, undo: changes, .. } = decision;
        let undo = Undo { changes, ..Undo::default() };
        self.write_consumer(records, ConsumerDone { group: Arc::clone(group_id), reply, joined: None, undo });
    }
}

/// What a static member has that is away: its partitions wait for it, and count as given to whoever comes back.
/// Source: Kafka `consumerGroupStaticMemberGroupLeave`.
fn away(member: &Member) -> CurrentAssignment {
    let assigned: HeldPartitions = member
        .current()
        .assigned
        .iter()
        .map(|(topic, partitions)| (*topic, partitions.keys().map(|partition| (*partition, 0)).collect()))
        .collect();
    CurrentAssignment {
        member_epoch: LEAVE_STATIC_EPOCH,
        assigned,
        pending_revocation: HeldPartitions::new(),
        ..member.current().clone()
    }
}
