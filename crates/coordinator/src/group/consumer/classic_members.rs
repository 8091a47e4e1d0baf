//! Members of the classic protocol in a consumer group: their requests, as the group's own protocol has it.
//!
//! ```text
//!   JoinGroup   what a heartbeat with a new subscription and the owned partitions is; the generation is the member epoch
//!   SyncGroup   what the assignment in a heartbeat's answer is
//!   Heartbeat   REBALANCE_IN_PROGRESS where the member has to give up or can get partitions: it joins again then
//! ```
//! Source: Kafka `classicGroupJoinToConsumerGroup` and its neighbours.

use std::sync::Arc;

use bytes::Bytes;
use ottla_metadata::api_error::ApiError;
use ottla_protocol::message::Message;
use ottla_protocol::wire::{Reader, Writer};

use super::super::classic::CONSUMER_PROTOCOL_TYPE;
use super::super::coordinator::{GroupCoordinator, Reply, Shared};
use super::super::error::{join_error, sync_error};
use super::super::interface::{GroupResponse, RequestContext};
use super::ConsumerGroup;
use super::change::MemberMetadata;
use super::decision::{ClassicJoin, ConsumerDone, Decision, Undo, unknown_member};
use super::heartbeat::sorted;
use super::member::{HeldPartitions, Member, MemberState, without_epochs};
use super::settings::MigrationPolicy;
use super::topics::TopicsView;
use crate::host::RequestToken;
use crate::messages::{
    AssignedTopicPartition, ClassicMemberMetadata, ClassicProtocol, ConsumerProtocolAssignment,
    ConsumerProtocolSubscription, ErrorCode, HeartbeatRequest, HeartbeatResponse, HeartbeatTopicPartitions,
    JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest, MemberIdentity, MemberResponse, SyncGroupRequest,
    SyncGroupResponse,
};

/// From this version of JoinGroup on, a dynamic member joins with an id that it got by MEMBER_ID_REQUIRED.
const KNOWN_MEMBER_ID_FROM: i16 = 4;
/// From this version of LeaveGroup on, a request names any number of members.
const MANY_MEMBERS_FROM: i16 = 3;

impl GroupCoordinator {
    /// Answers a JoinGroup to a consumer group with members.
    pub(in super::super) fn join_consumer_group(
        &mut self,
        token: RequestToken,
        context: &RequestContext,
        request: &JoinGroupRequest,
    ) {
        if let Err((member_id, error)) = self.join_classic_member(token, context, request) {
            self.shared.respond_join(token, join_error(&member_id, error.code, context.api_version));
        }
    }

    fn join_classic_member(
        &mut self,
        token: RequestToken,
        context: &RequestContext,
        request: &JoinGroupRequest,
    ) -> Result<(), (String, ApiError)> {
        let api_version = context.api_version;
        let Self { consumer_groups, shared, topics, .. } = self;
        let Some(group) = consumer_groups.get_mut(request.group_id.as_str()) else { return Ok(()) };
        let group_id = Arc::clone(group.id());
        let refuse = |error: ApiError| (request.member_id.clone(), error);
        let is_new = request.member_id.is_empty();
        let subscription = check_join(group, shared, request).map_err(refuse)?;
        let member_id: Arc<str> =
            if is_new { shared.member_ids.next_uuid().into() } else { request.member_id.as_str().into() };
        if is_new && request.group_instance_id.is_none() && api_version >= KNOWN_MEMBER_ID_FROM {
            return Err((member_id.to_string(), ErrorCode::MEMBER_ID_REQUIRED.into()));
        }
        let replaces_last = request
            .group_instance_id
            .as_deref()
            .is_some_and(|instance_id| group.may_downgrade_replacing(instance_id, &shared.config));
        let mut decision = Decision::new(group);
        let join = Join { context, request, subscription: &subscription };
        let result = join.decide(&mut decision, shared, topics, member_id, replaces_last);
        let Decision { records, undo: changes, .. } = decision;
        let undo = Undo { changes, ..Undo::default() };
        match result {
            Err(error) => {
                self.undo_consumer(&group_id, undo, error.code);
                Err(refuse(error))
            }
            Ok((member_id, response)) => {
                let response = GroupResponse::JoinGroup(response);
                let reply = Some(Reply { token, api_version, response });
                if replaces_last {
                    self.downgrade_replacing(&group_id, records, undo, reply);
                    return Ok(());
                }
                let joined = Some(ClassicJoin {
                    member_id,
                    session_timeout_ms: request.session_timeout_ms,
                    rebalance_timeout_ms: request.rebalance_timeout_ms,
                });
                self.write_consumer(records, ConsumerDone { group: group_id, reply, joined, undo });
                Ok(())
            }
        }
    }

    /// Answers a SyncGroup of a member of a consumer group.
    pub(in super::super) fn sync_consumer_group(
        &mut self,
        token: RequestToken,
        api_version: i16,
        request: &SyncGroupRequest,
    ) {
        let Self { consumer_groups, shared, topics, .. } = self;
        let Some(group) = consumer_groups.get_mut(request.group_id.as_str()) else { return };
        match group.sync(shared, topics, request) {
            Ok(response) => {
                let group = Arc::clone(group.id());
                let response = GroupResponse::SyncGroup(response);
                let reply = Some(Reply { token, api_version, response });
                self.write_consumer(
                    Vec::new(),
                    ConsumerDone { group, reply, joined: None, undo: Undo::default() },
                );
            }
            Err(error) => shared.respond(token, GroupResponse::SyncGroup(sync_error(error.code))),
        }
    }

    /// Answers a Heartbeat of a member of a consumer group.
    pub(in super::super) fn heartbeat_consumer_group(
        &mut self,
        token: RequestToken,
        api_version: i16,
        request: &HeartbeatRequest,
    ) {
        let Self { consumer_groups, shared, .. } = self;
        let Some(group) = consumer_groups.get_mut(request.group_id.as_str()) else { return };
        let answer = |error: ErrorCode| {
            let error_code = error.into();
            GroupResponse::Heartbeat(HeartbeatResponse { error_code, ..HeartbeatResponse::default() })
        };
        match group.classic_heartbeat(shared, request) {
            Ok(error) => {
                let group = Arc::clone(group.id());
                let reply = Some(Reply { token, api_version, response: answer(error) });
                self.write_consumer(
                    Vec::new(),
                    ConsumerDone { group, reply, joined: None, undo: Undo::default() },
                );
            }
            Err(error) => shared.respond(token, answer(error.code)),
        }
    }

    /// Answers a LeaveGroup to a consumer group: also an administrator may send members away by it, of either protocol.
    pub(in super::super) fn leave_consumer_group_classic(
        &mut self,
        token: RequestToken,
        api_version: i16,
        request: LeaveGroupRequest,
    ) {
        let Some(group) = self.consumer_groups.get(request.group_id.as_str()) else { return };
        let group_id = Arc::clone(group.id());
        let identities = if api_version >= MANY_MEMBERS_FROM {
            request.members
        } else {
            vec![MemberIdentity { member_id: request.member_id, ..MemberIdentity::default() }]
        };
        let mut leaving = Vec::new();
        let members = identities.into_iter().map(|identity| {
            let left = group.find_leaving(&identity);
            let error = left.as_ref().err().map_or(ErrorCode::NONE, |error| error.code);
            leaving.extend(left.ok().filter(|id| !leaving.contains(id)));
            MemberResponse {
                member_id: identity.member_id,
                group_instance_id: identity.group_instance_id,
                error_code: error.into(),
            }
        });
        let members: Vec<_> = members.collect();
        let response = super::super::classic::leave_response(members, api_version);
        let reply = Some(Reply { token, api_version, response: GroupResponse::LeaveGroup(response) });
        self.fence_members(&group_id, &leaving, reply);
    }
}

/// What is checked of a JoinGroup before there is a member. Gives its subscription.
fn check_join(
    group: &ConsumerGroup,
    shared: &Shared,
    request: &JoinGroupRequest,
) -> Result<ConsumerProtocolSubscription, ApiError> {
    let config = &shared.config.consumer;
    let inconsistent = ApiError::from(ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
    if config.migration_policy == MigrationPolicy::Disabled {
        return Err(inconsistent);
    }
    group.check_size(&request.member_id, config.size_max)?;
    let is_offered_by_all =
        |name: &str| group.classic_protocols.get(name).copied().unwrap_or(0) == group.classic_count;
    let is_supported = request.protocol_type == CONSUMER_PROTOCOL_TYPE
        && request.protocols.iter().any(|protocol| is_offered_by_all(&protocol.name));
    let Some(first) = request.protocols.first().filter(|_| is_supported) else { return Err(inconsistent) };
    // Kafka fails on metadata that it cannot read, with UNKNOWN_SERVER_ERROR.
    read_subscription(&first.metadata).ok_or_else(|| ErrorCode::UNKNOWN_SERVER_ERROR.into())
}

/// A consumer's subscription, as far as its version goes.
pub(super) fn read_subscription(metadata: &[u8]) -> Option<ConsumerProtocolSubscription> {
    let mut reader = Reader::new(metadata);
    let version = reader.i16().ok()?;
    // Newer versions only add fields.
    let version = version.min(*ConsumerProtocolSubscription::VERSIONS.end());
    ConsumerProtocolSubscription::decode(&mut reader, version).ok()
}

struct Join<'a> {
    context: &'a RequestContext,
    request: &'a JoinGroupRequest,
    subscription: &'a ConsumerProtocolSubscription,
}

impl Join<'_> {
    fn decide(
        &self,
        decision: &mut Decision<'_>,
        shared: &mut Shared,
        topics: &mut TopicsView,
        member_id: Arc<str>,
        replaces_last: bool,
    ) -> Result<(Arc<str>, JoinGroupResponse), ApiError> {
        let (member_id, before) = self.find_member(decision, member_id)?;
        let change = |metadata: &MemberMetadata| {
            let next = self.metadata(metadata);
            (next != *metadata).then_some(next)
        };
        let subscription = decision.update_member(shared, topics, &member_id, &before, change)?;
        let owned = self.owned(topics);
        let has_changed = subscription.has_changed;
        if !replaces_last {
            decision.update_target(shared, topics);
            decision.reconcile(shared, topics, &member_id, has_changed, Some(&owned))?;
        } else if decision.group.assignment_epoch >= decision.group.group_epoch {
            // Else the classic group will rebalance anyway.
            decision.reconcile(shared, topics, &member_id, has_changed, Some(&owned))?;
        }
        let response = JoinGroupResponse {
            member_id: member_id.to_string(),
            generation_id: decision.group.members.get(&member_id).map_or(0, Member::epoch),
            protocol_type: Some(CONSUMER_PROTOCOL_TYPE.to_owned()),
            protocol_name: self.request.protocols.first().map(|protocol| protocol.name.clone()),
            ..JoinGroupResponse::default()
        };
        Ok((member_id, response))
    }

    fn find_member(
        &self,
        decision: &mut Decision<'_>,
        member_id: Arc<str>,
    ) -> Result<(Arc<str>, Member), ApiError> {
        match &self.request.group_instance_id {
            Some(instance_id) if self.request.member_id.is_empty() => {
                decision.join_static(member_id, instance_id, true)
            }
            Some(instance_id) => {
                let (id, member) = decision.group.known_static_member(&member_id, instance_id)?;
                Ok((Arc::clone(id), member.clone()))
            }
            None => {
                let known = decision.group.members.get(&member_id).cloned().unwrap_or_default();
                Ok((member_id, known))
            }
        }
    }

    fn metadata(&self, before: &MemberMetadata) -> MemberMetadata {
        let request = self.request;
        let rack = self.subscription.rack_id.clone().filter(|rack| !rack.is_empty());
        let protocols = request.protocols.iter().map(|protocol| ClassicProtocol {
            name: protocol.name.clone(),
            metadata: protocol.metadata.clone(),
        });
        MemberMetadata {
            instance_id: request.group_instance_id.clone().or_else(|| before.instance_id.clone()),
            rack_id: rack.or_else(|| before.rack_id.clone()),
            client_id: self.context.client_id.clone(),
            client_host: self.context.client_host.clone(),
            subscribed_topic_names: sorted(&self.subscription.topics)
                .into_iter()
                .map(str::to_owned)
                .collect(),
            subscribed_topic_regex: Some(String::new()),
            rebalance_timeout_ms: match request.rebalance_timeout_ms {
                -1 => before.rebalance_timeout_ms,
                timeout_ms => timeout_ms,
            },
            server_assignor: before.server_assignor.clone(),
            classic_member_metadata: Some(ClassicMemberMetadata {
                session_timeout_ms: request.session_timeout_ms,
                supported_protocols: protocols.collect(),
            }),
        }
    }

    /// What the member owns, by id.
    fn owned(&self, topics: &TopicsView) -> Vec<HeartbeatTopicPartitions> {
        let owned = self.subscription.owned_partitions.iter().filter_map(|owned| {
            let topic_id = topics.topic(&owned.topic)?.id.0;
            Some(HeartbeatTopicPartitions { topic_id, partitions: owned.partitions.clone() })
        });
        owned.collect()
    }
}

impl ConsumerGroup {
    /// The member of a request of the classic protocol, in the generation that the request says.
    fn classic_member(
        &self,
        member_id: &str,
        instance_id: Option<&str>,
        generation: i32,
    ) -> Result<(Arc<str>, Member), ApiError> {
        let (id, member) = match instance_id {
            None => self.member(member_id)?,
            Some(instance_id) => self.known_static_member(member_id, instance_id)?,
        };
        if member.classic().is_none() {
            let message = format!("Member {id} does not use the classic protocol.");
            return Err(ApiError::new(ErrorCode::UNKNOWN_MEMBER_ID, message));
        }
        if member.epoch() != generation {
            return Err(ErrorCode::ILLEGAL_GENERATION.into());
        }
        Ok((Arc::clone(id), member.clone()))
    }

    fn sync(
        &mut self,
        shared: &mut Shared,
        topics: &TopicsView,
        request: &SyncGroupRequest,
    ) -> Result<SyncGroupResponse, ApiError> {
        let instance_id = request.group_instance_id.as_deref();
        let (id, member) = self.classic_member(&request.member_id, instance_id, request.generation_id)?;
        let classic = member.classic();
        let first = classic.and_then(|classic| classic.supported_protocols.first());
        let differs =
            |asked: &Option<String>, ours: &str| asked.as_deref().is_some_and(|asked| asked != ours);
        if differs(&request.protocol_type, CONSUMER_PROTOCOL_TYPE)
            || differs(&request.protocol_name, first.map_or("", |protocol| &protocol.name))
        {
            return Err(ErrorCode::INCONSISTENT_GROUP_PROTOCOL.into());
        }
        // Who gives up partitions has joined already, and joins again when that is done.
        let current = member.current();
        if self.assignment_epoch > current.member_epoch && current.state != MemberState::UnrevokedPartitions {
            self.watch_join(shared, &id, member.metadata().rebalance_timeout_ms);
            return Err(ErrorCode::REBALANCE_IN_PROGRESS.into());
        }
        self.unwatch_sync(shared, &id);
        self.watch_session(shared, &id, classic.map_or(0, |classic| classic.session_timeout_ms));
        let metadata = first.map_or_else(Bytes::new, |protocol| protocol.metadata.clone());
        Ok(SyncGroupResponse {
            protocol_type: request.protocol_type.clone(),
            protocol_name: request.protocol_name.clone(),
            assignment: classic_assignment(&current.assigned, &metadata, topics),
            ..SyncGroupResponse::default()
        })
    }

    fn classic_heartbeat(
        &mut self,
        shared: &mut Shared,
        request: &HeartbeatRequest,
    ) -> Result<ErrorCode, ApiError> {
        let instance_id = request.group_instance_id.as_deref();
        let (id, member) = self.classic_member(&request.member_id, instance_id, request.generation_id)?;
        self.watch_session(shared, &id, member.classic().map_or(0, |classic| classic.session_timeout_ms));
        let must_join = member.epoch() < self.assignment_epoch
            || match member.current().state {
                MemberState::UnrevokedPartitions => true,
                MemberState::UnreleasedPartitions => !self.waits_for_others(&id, &member),
                MemberState::Stable | MemberState::Unknown => false,
            };
        if !must_join {
            return Ok(ErrorCode::NONE);
        }
        self.watch_join(shared, &id, member.metadata().rebalance_timeout_ms);
        Ok(ErrorCode::REBALANCE_IN_PROGRESS)
    }

    /// Whether a partition that the member is to have is still another's.
    fn waits_for_others(&self, member_id: &str, member: &Member) -> bool {
        let assigned = &member.current().assigned;
        self.target(member_id).iter().any(|(topic, partitions)| {
            let has = assigned.get(topic);
            partitions.iter().any(|partition| {
                !has.is_some_and(|has| has.contains_key(partition))
                    && self.owners.contains_key(&(*topic, *partition))
            })
        })
    }

    /// The member that a LeaveGroup names. An administrator knows a static member by its instance id alone.
    fn find_leaving(&self, identity: &MemberIdentity) -> Result<Arc<str>, ApiError> {
        let (id, _) = match &identity.group_instance_id {
            None => self.member(&identity.member_id)?,
            Some(instance_id) if identity.member_id.is_empty() => {
                self.static_member(instance_id).ok_or_else(|| unknown_member(&self.id, instance_id))?
            }
            Some(instance_id) => self.known_static_member(&identity.member_id, instance_id)?,
        };
        Ok(Arc::clone(id))
    }
}

/// An assignment as a consumer of the classic protocol reads it, in the version of its subscription.
pub(super) fn classic_assignment(assigned: &HeldPartitions, metadata: &[u8], topics: &TopicsView) -> Bytes {
    encode_assignment(&without_epochs(assigned), metadata, topics)
}

/// As [`classic_assignment`], of a target.
pub(super) fn encode_assignment(
    partitions: &super::change::Partitions,
    metadata: &[u8],
    topics: &TopicsView,
) -> Bytes {
    let newest = *ConsumerProtocolAssignment::VERSIONS.end();
    let version = Reader::new(metadata).i16().unwrap_or(0).clamp(0, newest);
    let assigned = partitions.iter().filter_map(|(id, partitions)| {
        let topic = topics.image().topics.by_id(*id)?.name.to_string();
        Some(AssignedTopicPartition { topic, partitions: partitions.iter().copied().collect() })
    });
    let assignment =
        ConsumerProtocolAssignment { assigned_partitions: assigned.collect(), ..Default::default() };
    let mut writer = Writer::new();
    writer.i16(version);
    assignment.encode(&mut writer, version);
    writer.into_vec().into()
}
