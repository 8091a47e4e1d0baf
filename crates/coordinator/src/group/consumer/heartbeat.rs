//! ConsumerGroupHeartbeat: a member joins, changes, goes on, or rejoins.

use std::sync::Arc;

use ottla_metadata::api_error::ApiError;

use super::super::coordinator::{GroupCoordinator, Reply, Shared};
use super::super::interface::{GroupResponse, RequestContext};
use super::change::MemberMetadata;
use super::decision::{ConsumerDone, Decision, Undo};
use super::member::{
    CurrentAssignment, HeldPartitions, JOIN_EPOCH, LEAVE_EPOCH, LEAVE_STATIC_EPOCH, Member, is_subset,
};
use super::regexes::RegexUpdate;
use super::topics::TopicsView;
use super::{Change, ConsumerGroup};
use crate::host::{Record, RequestToken};
use crate::messages::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, ErrorCode, HeartbeatAssignment,
    HeartbeatResponseTopicPartitions, HeartbeatTopicPartitions,
};

/// From this version on, the client makes the member id.
const MEMBER_ID_REQUIRED_FROM: i16 = 1;

impl GroupCoordinator {
    /// Answers a ConsumerGroupHeartbeat when what it tells is committed.
    /// Source: Kafka `GroupMetadataManager.consumerGroupHeartbeat`.
    pub(in super::super) fn consumer_group_heartbeat(
        &mut self,
        token: RequestToken,
        context: &RequestContext,
        request: &ConsumerGroupHeartbeatRequest,
    ) {
        let result = match request.member_epoch {
            LEAVE_EPOCH | LEAVE_STATIC_EPOCH => self.leave_consumer_group(token, context, request),
            _ => self.heartbeat_of_member(token, context, request),
        };
        if let Err(error) = result {
            self.shared.respond(token, GroupResponse::ConsumerGroupHeartbeat(refused(&error)));
        }
    }

    fn heartbeat_of_member(
        &mut self,
        token: RequestToken,
        context: &RequestContext,
        request: &ConsumerGroupHeartbeatRequest,
    ) -> Result<(), ApiError> {
        let is_joining = request.member_epoch == JOIN_EPOCH;
        let Opened { group: group_id, mut records, mut undo } =
            self.open_consumer_group(&request.group_id, is_joining)?;
        let Self { consumer_groups, shared, topics, .. } = self;
        let group = consumer_groups.get_mut(&group_id).expect("it was there, or was just put there");
        let mut decision = Decision::new(group);
        let result = Heartbeat { shared, topics, context, request }.decide(&mut decision);
        records.append(&mut decision.records);
        undo.changes.append(&mut decision.undo);
        match result {
            Ok(response) => {
                let response = GroupResponse::ConsumerGroupHeartbeat(response);
                let reply = Some(Reply { token, api_version: context.api_version, response });
                self.write_consumer(records, ConsumerDone { group: group_id, reply, joined: None, undo });
                Ok(())
            }
            Err(error) => {
                self.undo_consumer(&group_id, undo, error.code);
                Err(error)
            }
        }
    }

    /// The group of a request. A member that joins makes it if there is none, also in place of a classic one.
    /// Source: Kafka `getOrMaybeCreateConsumerGroup`.
    fn open_consumer_group(&mut self, group_id: &str, is_joining: bool) -> Result<Opened, ApiError> {
        if let Some(group) = self.consumer_groups.get(group_id) {
            return Ok(Opened { group: Arc::clone(group.id()), records: Vec::new(), undo: Undo::default() });
        }
        match self.groups.contains_key(group_id) {
            true if is_joining => self.upgrade_group(group_id),
            true => Err(not_found(format!("Group {group_id} is not a consumer group."))),
            false if is_joining => {
                let group: Arc<str> = group_id.into();
                self.create_consumer_group(&group);
                let undo = Undo { is_created: true, ..Undo::default() };
                Ok(Opened { group, records: Vec::new(), undo })
            }
            false => Err(not_found(format!("Consumer group {group_id} not found."))),
        }
    }

    /// Puts an empty group in the map.
    pub(super) fn create_consumer_group(&mut self, id: &Arc<str>) -> &mut ConsumerGroup {
        let mut group = ConsumerGroup::new(Arc::clone(id));
        group.read_settings(&self.shared.config.consumer, self.topics.image());
        self.consumer_groups.entry(Arc::clone(id)).or_insert(group)
    }
}

/// The group of a request, and what was done to have it.
pub(super) struct Opened {
    pub(super) group: Arc<str>,
    pub(super) records: Vec<Record>,
    pub(super) undo: Undo,
}

pub(super) fn not_found(message: String) -> ApiError {
    ApiError::new(ErrorCode::GROUP_ID_NOT_FOUND, message)
}

/// A response that says why.
fn refused(error: &ApiError) -> ConsumerGroupHeartbeatResponse {
    ConsumerGroupHeartbeatResponse {
        error_code: error.code.into(),
        error_message: Some(error.text().to_owned()),
        ..ConsumerGroupHeartbeatResponse::default()
    }
}

/// What is wrong with a request, whatever the groups are.
/// Source: Kafka `GroupCoordinatorService.throwIfConsumerGroupHeartbeatRequestIsInvalid`.
pub(in super::super) fn check_request(
    request: &ConsumerGroupHeartbeatRequest,
    api_version: i16,
    assignors: &[String],
) -> Result<(), ConsumerGroupHeartbeatResponse> {
    check(request, api_version, assignors).map_err(|error| refused(&error))
}

fn check(
    request: &ConsumerGroupHeartbeatRequest,
    api_version: i16,
    assignors: &[String],
) -> Result<(), ApiError> {
    let invalid = |message: &str| Err(ApiError::invalid_request(message));
    let is_blank = |text: Option<&str>| text.is_some_and(|text| text.trim().is_empty());
    let epoch = request.member_epoch;
    let needs_id = api_version >= MEMBER_ID_REQUIRED_FROM || epoch > JOIN_EPOCH || epoch == LEAVE_EPOCH;
    if needs_id && is_blank(Some(&request.member_id)) {
        return invalid("MemberId can't be empty.");
    }
    if is_blank(Some(&request.group_id)) {
        return invalid("GroupId can't be empty.");
    }
    if is_blank(request.instance_id.as_deref()) {
        return invalid("InstanceId can't be empty.");
    }
    if is_blank(request.rack_id.as_deref()) {
        return invalid("RackId can't be empty.");
    }
    match epoch {
        JOIN_EPOCH if request.rebalance_timeout_ms == -1 => {
            return invalid("RebalanceTimeoutMs must be provided in first request.");
        }
        JOIN_EPOCH if request.topic_partitions.as_ref().is_none_or(|owned| !owned.is_empty()) => {
            return invalid("TopicPartitions must be empty when (re-)joining.");
        }
        JOIN_EPOCH
            if request.subscribed_topic_names.is_none() && request.subscribed_topic_regex.is_none() =>
        {
            return invalid(
                "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.",
            );
        }
        LEAVE_STATIC_EPOCH if request.instance_id.is_none() => return invalid("InstanceId can't be null."),
        epoch if epoch < LEAVE_STATIC_EPOCH => return invalid("MemberEpoch is invalid."),
        _ => {}
    }
    if let Some(assignor) = &request.server_assignor
        && !assignors.contains(assignor)
    {
        let supported = assignors.join(", ");
        return Err(ApiError::new(
            ErrorCode::UNSUPPORTED_ASSIGNOR,
            format!("ServerAssignor {assignor} is not supported. Supported assignors: {supported}."),
        ));
    }
    Ok(())
}

/// A heartbeat of a member, or of one to be.
struct Heartbeat<'a> {
    shared: &'a mut Shared,
    topics: &'a mut TopicsView,
    context: &'a RequestContext,
    request: &'a ConsumerGroupHeartbeatRequest,
}

impl Heartbeat<'_> {
    fn decide(&mut self, decision: &mut Decision<'_>) -> Result<ConsumerGroupHeartbeatResponse, ApiError> {
        let request = self.request;
        decision.group.check_size(&request.member_id, self.shared.config.consumer.size_max)?;
        let member_id = match request.member_id.as_str() {
            "" => self.shared.member_ids.next_uuid().into(),
            member_id => member_id.into(),
        };
        let (member_id, before) = self.find_member(decision, member_id)?;
        let subscription =
            decision.update_member(self.shared, self.topics, &member_id, &before, |metadata| {
                self.context.changes(request, metadata)
            })?;
        decision.update_target(self.shared, self.topics);
        decision.reconcile(
            self.shared,
            self.topics,
            &member_id,
            subscription.has_changed,
            request.topic_partitions.as_deref(),
        )?;
        let group = &mut *decision.group;
        group.watch_session(self.shared, &member_id, group.settings.session_timeout_ms);
        let current = group.members.get(&member_id).map(Member::current);
        let Some(CurrentAssignment { member_epoch, assigned, .. }) = current else {
            unreachable!("a member that was just written is there")
        };
        let is_full = request.rebalance_timeout_ms != -1
            && (request.subscribed_topic_names.is_some() || request.subscribed_topic_regex.is_some())
            && request.topic_partitions.is_some();
        let tells = request.member_epoch == JOIN_EPOCH || is_full || *assigned != before.current().assigned;
        Ok(ConsumerGroupHeartbeatResponse {
            member_id: Some(member_id.to_string()),
            member_epoch: *member_epoch,
            heartbeat_interval_ms: group.settings.heartbeat_interval_ms,
            assignment: tells.then(|| assignment(assigned)),
            ..ConsumerGroupHeartbeatResponse::default()
        })
    }

    /// The member of the request, as it was; a new one is nothing yet.
    fn find_member(
        &self,
        decision: &mut Decision<'_>,
        member_id: Arc<str>,
    ) -> Result<(Arc<str>, Member), ApiError> {
        let epoch = self.request.member_epoch;
        let owned = self.request.topic_partitions.as_deref();
        if let Some(instance_id) = &self.request.instance_id {
            return match epoch {
                JOIN_EPOCH => decision.join_static(member_id, instance_id, false),
                _ => {
                    let (id, member) = decision.group.known_static_member(&member_id, instance_id)?;
                    check_epoch(member.current(), epoch, owned)?;
                    Ok((Arc::clone(id), member.clone()))
                }
            };
        }
        match decision.group.member(&member_id) {
            Ok((id, member)) => {
                check_epoch(member.current(), epoch, owned)?;
                Ok((Arc::clone(id), member.clone()))
            }
            Err(_) if epoch == JOIN_EPOCH => Ok((member_id, Member::default())),
            Err(error) => Err(error),
        }
    }
}

impl RequestContext {
    /// What a heartbeat changes of what a member said of itself; `None` if nothing.
    fn changes(
        &self,
        request: &ConsumerGroupHeartbeatRequest,
        metadata: &MemberMetadata,
    ) -> Option<MemberMetadata> {
        let differs = |new: &Option<String>, old: &Option<String>| new.is_some() && new != old;
        let names = request.subscribed_topic_names.as_deref().map(sorted);
        let is_same = metadata.client_id == self.client_id
            && metadata.client_host == self.client_host
            && metadata.classic_member_metadata.is_none()
            && !differs(&request.instance_id, &metadata.instance_id)
            && !differs(&request.rack_id, &metadata.rack_id)
            && !differs(&request.server_assignor, &metadata.server_assignor)
            && !differs(&request.subscribed_topic_regex, &metadata.subscribed_topic_regex)
            && [-1, metadata.rebalance_timeout_ms].contains(&request.rebalance_timeout_ms)
            && names.as_ref().is_none_or(|names| names.iter().eq(&metadata.subscribed_topic_names));
        if is_same {
            return None;
        }
        let or = |new: &Option<String>, old: &Option<String>| new.clone().or_else(|| old.clone());
        Some(MemberMetadata {
            instance_id: or(&request.instance_id, &metadata.instance_id),
            rack_id: or(&request.rack_id, &metadata.rack_id),
            client_id: self.client_id.clone(),
            client_host: self.client_host.clone(),
            subscribed_topic_names: match names {
                Some(names) => names.into_iter().map(str::to_owned).collect(),
                None => metadata.subscribed_topic_names.clone(),
            },
            subscribed_topic_regex: or(&request.subscribed_topic_regex, &metadata.subscribed_topic_regex),
            rebalance_timeout_ms: match request.rebalance_timeout_ms {
                -1 => metadata.rebalance_timeout_ms,
                timeout_ms => timeout_ms,
            },
            server_assignor: or(&request.server_assignor, &metadata.server_assignor),
            classic_member_metadata: None,
        })
    }
}

/// Names in order, each once.
pub(super) fn sorted(names: &[String]) -> Vec<&str> {
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether what a member is subscribed to is another than before.
pub(super) struct SubscriptionChange {
    pub(super) has_changed: bool,
}

impl Decision<'_> {
    /// Writes what a member says of itself if that changed, and what follows for the group's epoch.
    pub(super) fn update_member(
        &mut self,
        shared: &mut Shared,
        topics: &mut TopicsView,
        member_id: &Arc<str>,
        before: &Member,
        change: impl FnOnce(&MemberMetadata) -> Option<MemberMetadata>,
    ) -> Result<SubscriptionChange, ApiError> {
        let refreshed = self.group.last_refresh();
        let mut have_names_changed = false;
        if let Some(metadata) = change(before.metadata()) {
            have_names_changed = metadata.subscribed_topic_names != before.metadata().subscribed_topic_names;
            self.apply(Change::Member(Arc::clone(member_id), Some(Arc::new(metadata))));
        }
        let after = self.group.members.get(member_id).and_then(Member::regex).map(str::to_owned);
        let regex = self.update_regex(shared, topics, refreshed, before.regex(), after.as_deref())?;
        // While a new expression is not resolved, a new epoch would be for nothing: there will be one when it is.
        let is_changed = have_names_changed || regex == RegexUpdate::Resolved;
        if is_changed || self.group.may_topics_have_changed(topics) {
            self.update_group_epoch(is_changed, topics);
        }
        Ok(SubscriptionChange { has_changed: have_names_changed || regex != RegexUpdate::Unchanged })
    }
}

impl ConsumerGroup {
    /// Checks that the group has room for a member, or that it is one already.
    pub(super) fn check_size(&self, member_id: &str, size_max: usize) -> Result<(), ApiError> {
        if self.members.len() < size_max || self.members.contains_key(member_id) {
            return Ok(());
        }
        Err(ApiError::new(
            ErrorCode::GROUP_MAX_SIZE_REACHED,
            format!("The consumer group has reached its maximum capacity of {size_max} members."),
        ))
    }
}

/// Whether a member may speak for the epoch that it says. The epoch before is good if the answer that told of the
/// present one may be lost. Source: Kafka `throwIfConsumerGroupMemberEpochIsInvalid`.
fn check_epoch(
    current: &CurrentAssignment,
    epoch: i32,
    owned: Option<&[HeartbeatTopicPartitions]>,
) -> Result<(), ApiError> {
    let known = current.member_epoch;
    let is_previous = epoch == current.previous_member_epoch && is_subset(owned, &current.assigned);
    if epoch == JOIN_EPOCH || epoch == known || (epoch < known && is_previous) {
        return Ok(());
    }
    let which = if epoch > known { "greater" } else { "smaller" };
    Err(ApiError::new(
        ErrorCode::FENCED_MEMBER_EPOCH,
        format!(
            "The consumer group member has a {which} member epoch ({epoch}) than the one known by the group \
             coordinator ({known}). The member must abandon all its partitions and rejoin."
        ),
    ))
}

fn assignment(assigned: &HeldPartitions) -> HeartbeatAssignment {
    let topics = assigned.iter().map(|(topic_id, partitions)| HeartbeatResponseTopicPartitions {
        topic_id: topic_id.0,
        partitions: partitions.keys().copied().collect(),
    });
    HeartbeatAssignment { topic_partitions: topics.collect() }
}
