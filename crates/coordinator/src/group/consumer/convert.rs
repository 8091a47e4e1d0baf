//! A group changes its kind while its members go on: classic to consumer when the first member comes that speaks the
//! newer protocol, and back when the last such member goes. Source: KIP-848; Kafka `convertToConsumerGroup`,
//! `convertToClassicGroup`, `ConsumerGroup.fromClassicGroup`, `ClassicGroup.fromConsumerGroup`.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_metadata::api_error::ApiError;
use ottla_protocol::message::Message;
use ottla_protocol::wire::Reader;

use super::super::classic::{ClassicGroup, ClassicMemberView, ClassicState, ConvertedMember};
use super::super::config::GroupConfig;
use super::super::coordinator::{GroupCoordinator, Reply};
use super::super::records;
use super::change::{MemberMetadata, Partitions};
use super::classic_members::{encode_assignment, read_subscription};
use super::decision::{ConsumerDone, Decision, Undo};
use super::heartbeat::{Opened, not_found, sorted};
use super::member::{CurrentAssignment, MemberState};
use super::topics::TopicsView;
use super::{Change, ConsumerGroup};
use crate::host::Record;
use crate::messages::{ClassicMemberMetadata, ClassicProtocol, ConsumerProtocolAssignment, ErrorCode};

/// A member of a classic group, as it will be in the consumer group.
struct UpgradedMember {
    id: Arc<str>,
    metadata: Arc<MemberMetadata>,
    target: Arc<Partitions>,
    current: Arc<CurrentAssignment>,
}

impl GroupCoordinator {
    /// Puts a consumer group in the place of a classic one, for a member that joins.
    pub(super) fn upgrade_group(&mut self, group_id: &str) -> Result<Opened, ApiError> {
        let Self { groups, shared, topics, .. } = self;
        let Some(classic) = groups.get_mut(group_id) else { return Err(not_found(String::new())) };
        let group = Arc::clone(classic.id());
        let mut records = vec![records::group_metadata(&group, None)];
        let mut members = Vec::new();
        let generation = classic.generation();
        if classic.state() != ClassicState::Empty {
            classic.check_upgrade(&shared.config)?;
            members = upgraded_members(classic, topics)?;
            classic.answer_all(shared, ErrorCode::REBALANCE_IN_PROGRESS);
        }
        let is_conversion = !members.is_empty();
        let classic = self.remove_group(group_id).map(Box::new);
        let mut undo = Undo { classic_before: classic, is_created: true, ..Undo::default() };
        self.create_consumer_group(&group);
        if !is_conversion {
            return Ok(Opened { group, records, undo });
        }
        let Self { consumer_groups, shared, topics, .. } = self;
        let Some(consumer) = consumer_groups.get_mut(&group) else { return Err(not_found(String::new())) };
        let mut decision = Decision::new(consumer);
        decision.write_upgraded(&members, generation, topics);
        records.append(&mut decision.records);
        undo.changes.append(&mut decision.undo);
        for member in &members {
            let timeout_ms = member.metadata.classic_member_metadata.as_ref();
            let timeout_ms = timeout_ms.map_or(0, |classic| classic.session_timeout_ms);
            decision.group.watch_session(shared, &member.id, timeout_ms);
        }
        Ok(Opened { group, records, undo })
    }

    /// Members leave, and only those of the classic protocol stay.
    pub(super) fn downgrade_without(
        &mut self,
        group_id: &Arc<str>,
        leaving: &[Arc<str>],
        reply: Option<Reply>,
    ) {
        let Some(group) = self.consumer_groups.get(group_id) else { return };
        let records = group.tombstones();
        self.downgrade(group_id, leaving, records, Undo::default(), true, reply);
    }

    /// A static member of the classic protocol took the place of the last member of the newer protocol: `records` and
    /// `undo` are what that took.
    pub(super) fn downgrade_replacing(
        &mut self,
        group_id: &Arc<str>,
        mut records: Vec<Record>,
        undo: Undo,
        reply: Option<Reply>,
    ) {
        let Some(group) = self.consumer_groups.get(group_id) else { return };
        let is_stale = group.assignment_epoch < group.group_epoch;
        records.append(&mut group.tombstones());
        self.downgrade(group_id, &[], records, undo, is_stale, reply);
    }

    fn downgrade(
        &mut self,
        group_id: &Arc<str>,
        leaving: &[Arc<str>],
        mut records: Vec<Record>,
        mut undo: Undo,
        has_to_rebalance: bool,
        reply: Option<Reply>,
    ) {
        let Some(mut consumer) = self.consumer_groups.remove(group_id) else { return };
        consumer.cancel_timers(&mut self.shared);
        let members = consumer.downgraded_members(leaving, &self.topics);
        let now = self.shared.now.wall;
        let mut classic =
            ClassicGroup::from_consumer_group(Arc::clone(group_id), consumer.group_epoch, members, now);
        records.push(classic.to_stored_record());
        undo.consumer_before = Some(Box::new(consumer));
        undo.is_classic_made = true;
        self.write_consumer(records, ConsumerDone { group: Arc::clone(group_id), reply, joined: None, undo });
        if let Some(record) = classic.begin_after_downgrade(&mut self.shared, has_to_rebalance) {
            self.shared.write_group(record, super::super::coordinator::Done::Nothing);
        }
        self.groups.insert(Arc::clone(group_id), classic);
    }
}

impl Decision<'_> {
    fn write_upgraded(&mut self, members: &[UpgradedMember], generation: i32, topics: &mut TopicsView) {
        for member in members {
            self.apply(Change::Member(Arc::clone(&member.id), Some(Arc::clone(&member.metadata))));
        }
        let hash = self.group.topics_hash(topics);
        self.apply(Change::Group(Some((generation, hash))));
        for member in members {
            self.apply(Change::Target(Arc::clone(&member.id), Some(Arc::clone(&member.target))));
        }
        self.apply(Change::TargetEpoch(Some((generation, 0))));
        for member in members {
            self.apply(Change::Current(Arc::clone(&member.id), Some(Arc::clone(&member.current))));
        }
    }
}

impl ClassicGroup {
    /// Whether the group may become a consumer group with its members. Source: Kafka `validateOnlineUpgrade`.
    fn check_upgrade(&self, config: &GroupConfig) -> Result<(), ApiError> {
        let refuse = |why: &str| {
            let id = self.id();
            Err(not_found(format!("Cannot upgrade classic group {id} to consumer group because {why}.")))
        };
        if !config.consumer.migration_policy.is_upgrade_enabled() {
            refuse("online upgrade is disabled")
        } else if !self.is_consumer() {
            refuse("the group does not use the consumer embedded protocol")
        } else if self.member_count() > config.consumer.size_max {
            refuse("the group size exceeds the consumer group maximum size")
        } else {
            Ok(())
        }
    }
}

/// The members of a classic group with their assignments of its last generation.
/// Errors: an assignment or a subscription cannot be read, or has what would be lost.
fn upgraded_members(group: &ClassicGroup, topics: &TopicsView) -> Result<Vec<UpgradedMember>, ApiError> {
    group.views().map(|member| upgraded_member(group, &member, topics)).collect()
}

fn upgraded_member(
    group: &ClassicGroup,
    member: &ClassicMemberView<'_>,
    topics: &TopicsView,
) -> Result<UpgradedMember, ApiError> {
    let refuse = |why: &str| {
        let id = group.id();
        not_found(format!("Cannot upgrade classic group {id} to consumer group because {why}."))
    };
    const MALFORMED: &str = "the embedded consumer protocol is malformed";
    let generation = group.generation();
    let subscription = read_subscription(&member.metadata).ok_or_else(|| refuse(MALFORMED))?;
    let target = match member.assignment.is_empty() {
        // It has never come for one.
        true => Partitions::new(),
        false => {
            let assignment = read_assignment(member.assignment).ok_or_else(|| refuse(MALFORMED))?;
            if assignment.user_data.is_some_and(|data| !data.is_empty()) {
                return Err(refuse(
                    "an unsupported custom assignor is in use. Please refer to the documentation or switch to a \
                     default assignor before re-attempting the upgrade",
                ));
            }
            let assigned =
                assignment.assigned_partitions.into_iter().filter(|topic| !topic.partitions.is_empty());
            let assigned = assigned.filter_map(|assigned| {
                Some((topics.topic(&assigned.topic)?.id, assigned.partitions.into_iter().collect()))
            });
            assigned.collect()
        }
    };
    let with_epoch = |partitions: &std::collections::BTreeSet<i32>| -> BTreeMap<i32, i32> {
        partitions.iter().map(|partition| (*partition, generation)).collect()
    };
    let current = CurrentAssignment {
        member_epoch: generation,
        previous_member_epoch: generation,
        state: MemberState::Stable,
        assigned: target.iter().map(|(topic, partitions)| (*topic, with_epoch(partitions))).collect(),
        pending_revocation: BTreeMap::new(),
    };
    let protocols = member
        .protocols
        .iter()
        .map(|protocol| ClassicProtocol { name: protocol.name.clone(), metadata: protocol.metadata.clone() });
    let metadata = MemberMetadata {
        instance_id: member.group_instance_id.map(str::to_owned),
        rack_id: subscription.rack_id.filter(|rack| !rack.is_empty()),
        client_id: member.client_id.to_owned(),
        client_host: member.client_host.to_owned(),
        subscribed_topic_names: sorted(&subscription.topics).into_iter().map(str::to_owned).collect(),
        subscribed_topic_regex: Some(String::new()),
        rebalance_timeout_ms: member.rebalance_timeout_ms,
        server_assignor: None,
        classic_member_metadata: Some(ClassicMemberMetadata {
            session_timeout_ms: member.session_timeout_ms,
            supported_protocols: protocols.collect(),
        }),
    };
    Ok(UpgradedMember {
        id: Arc::clone(member.id),
        metadata: Arc::new(metadata),
        target: Arc::new(target),
        current: Arc::new(current),
    })
}

fn read_assignment(bytes: &[u8]) -> Option<ConsumerProtocolAssignment> {
    let mut reader = Reader::new(bytes);
    let version = reader.i16().ok()?.min(*ConsumerProtocolAssignment::VERSIONS.end());
    ConsumerProtocolAssignment::decode(&mut reader, version).ok()
}

impl ConsumerGroup {
    /// Whether the group becomes a classic one when these members are gone.
    /// Source: Kafka `validateOnlineDowngradeWithFencedMembers`.
    pub(super) fn may_downgrade_without(&self, leaving: &[Arc<str>], config: &GroupConfig) -> bool {
        let is_classic =
            |id: &Arc<str>| self.members.get(id).is_some_and(|member| member.classic().is_some());
        let leaving_classic = leaving.iter().filter(|id| is_classic(id)).count();
        let left = self.members.len().saturating_sub(leaving.len());
        left > 0
            && self.classic_count - leaving_classic == left
            && config.consumer.migration_policy.is_downgrade_enabled()
            && left <= config.size_max
    }

    /// Whether the group becomes a classic one when a member of the classic protocol takes over this instance id.
    /// Source: Kafka `validateOnlineDowngradeWithReplacedMember`.
    pub(super) fn may_downgrade_replacing(&self, instance_id: &str, config: &GroupConfig) -> bool {
        let replaced = self.static_member(instance_id);
        replaced.is_some_and(|(_, member)| member.classic().is_none())
            && self.classic_count + 1 == self.members.len()
            && config.consumer.migration_policy.is_downgrade_enabled()
            && self.members.len() <= config.size_max
    }

    /// The members that stay, with what they are to have.
    fn downgraded_members(&self, leaving: &[Arc<str>], topics: &TopicsView) -> Vec<ConvertedMember> {
        let staying = self.members.iter().filter(|(id, _)| !leaving.contains(id));
        let members = staying.filter_map(|(id, member)| {
            let (metadata, classic) = (member.metadata(), member.classic()?);
            let first = classic.supported_protocols.first();
            let version = first.map(|protocol| protocol.metadata.clone()).unwrap_or_default();
            let protocols = classic.supported_protocols.iter();
            Some(ConvertedMember {
                id: Arc::clone(id),
                group_instance_id: metadata.instance_id.clone(),
                client_id: metadata.client_id.clone(),
                client_host: metadata.client_host.clone(),
                rebalance_timeout_ms: metadata.rebalance_timeout_ms,
                session_timeout_ms: classic.session_timeout_ms,
                protocols: protocols
                    .map(|protocol| (protocol.name.clone(), protocol.metadata.clone()))
                    .collect(),
                assignment: encode_assignment(&self.target(id), &version, topics),
            })
        });
        members.collect()
    }
}
