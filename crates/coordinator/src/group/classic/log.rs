//! A group as a record of the log, and back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use ottla_protocol::message::Message;
use ottla_protocol::time::Timestamp;
use ottla_protocol::wire::Reader;

use super::super::coordinator::Shared;
use super::super::records;
use super::{ClassicGroup, ClassicState, Member};
use crate::host::Record;
use crate::messages::{
    ConsumerProtocolSubscription, GroupMetadataValue, JoinGroupRequestProtocol, MemberMetadata,
};
use crate::timers::Timer;

impl ClassicGroup {
    /// The record of this generation with these assignments; of each member only the metadata for the chosen protocol.
    pub(super) fn to_record(&self, assignments: &BTreeMap<Arc<str>, Bytes>) -> Record {
        let protocol_name = self.protocol_name.as_deref().unwrap_or_default();
        let members = self.members.iter().map(|(id, member)| MemberMetadata {
            member_id: id.to_string(),
            group_instance_id: member.group_instance_id.clone(),
            client_id: member.client_id.clone(),
            client_host: member.client_host.clone(),
            rebalance_timeout: member.rebalance_timeout_ms,
            session_timeout: member.session_timeout_ms,
            subscription: member.metadata(protocol_name),
            assignment: assignments.get(id).cloned().unwrap_or_default(),
        });
        let value = GroupMetadataValue {
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            generation: self.generation,
            protocol: self.protocol_name.clone(),
            leader: self.leader.as_deref().map(str::to_owned),
            current_state_timestamp: self.state_timestamp.unwrap_or(Timestamp::NONE).0,
            members: members.collect(),
        };
        records::group_metadata(&self.id, Some(&value))
    }

    /// The record of a group that has had no generation yet.
    pub(super) fn to_empty_record(&self) -> Record {
        let value = GroupMetadataValue {
            protocol_type: String::new(),
            generation: 0,
            protocol: None,
            leader: None,
            current_state_timestamp: self.state_timestamp.unwrap_or(Timestamp::NONE).0,
            members: Vec::new(),
        };
        records::group_metadata(&self.id, Some(&value))
    }

    /// The group that a record tells of. Its timers do not run yet. Source: Kafka `GroupMetadataManager.replay`.
    pub(in super::super) fn from_record(id: Arc<str>, value: GroupMetadataValue) -> Self {
        let timestamp = Timestamp(value.current_state_timestamp);
        let mut group = Self::new(id, timestamp);
        group.state_timestamp = (timestamp != Timestamp::NONE).then_some(timestamp);
        group.generation = value.generation;
        group.protocol_type = Some(value.protocol_type).filter(|protocol_type| !protocol_type.is_empty());
        let protocol_name = value.protocol;
        for metadata in value.members {
            group.load_member(metadata, protocol_name.clone().unwrap_or_default());
        }
        group.protocol_name = protocol_name;
        let is_member = |leader: &String| group.members.contains_key(leader.as_str());
        let leader = value.leader.filter(is_member).map(|leader| leader.into());
        group.leader = leader.or_else(|| group.members.keys().next().cloned());
        if !group.members.is_empty() {
            group.state = ClassicState::Stable;
        }
        group.subscribed_topics = group.read_subscribed_topics();
        group
    }

    fn load_member(&mut self, metadata: MemberMetadata, protocol_name: String) {
        let id: Arc<str> = metadata.member_id.into();
        let rebalance_timeout_ms = match metadata.rebalance_timeout {
            -1 => metadata.session_timeout,
            timeout_ms => timeout_ms,
        };
        if let Some(instance_id) = &metadata.group_instance_id {
            self.static_members.insert(instance_id.clone(), Arc::clone(&id));
        }
        *self.protocol_counts.entry(protocol_name.clone()).or_default() += 1;
        let member = Member {
            group_instance_id: metadata.group_instance_id,
            client_id: metadata.client_id,
            client_host: metadata.client_host,
            rebalance_timeout_ms,
            session_timeout_ms: metadata.session_timeout,
            protocols: vec![JoinGroupRequestProtocol {
                name: protocol_name,
                metadata: metadata.subscription,
            }],
            assignment: metadata.assignment,
            waiting_join: None,
            waiting_sync: None,
            is_new: false,
            session: Timer::default(),
        };
        if let Some(replaced) = self.members.insert(id, member) {
            // No coordinator writes a member twice; if one did, the counts must still be right.
            for protocol in replaced.protocols {
                *self.protocol_counts.entry(protocol.name).or_insert(1) -= 1;
            }
        }
    }

    /// The log is replayed: the sessions of the members start. A group over the limit rebalances, which gives its
    /// members the chance to commit first. Source: Kafka `GroupMetadataManager.onLoaded`.
    pub(in super::super) fn loaded(&mut self, shared: &mut Shared) -> Option<Record> {
        for member_id in self.members.keys().cloned().collect::<Vec<_>>() {
            self.renew_session(shared, &member_id);
        }
        if self.members.len() > shared.config.size_max { self.prepare_rebalance(shared) } else { None }
    }
}

/// The topics of a consumer's subscription, or `None` if it cannot be read. Version 0 is the front of every version.
/// Source: Kafka `ClassicGroup.computeSubscribedTopics`.
pub(super) fn subscribed_topics(metadata: &[u8]) -> Option<BTreeSet<String>> {
    let mut reader = Reader::new(metadata);
    reader.i16().ok()?;
    let subscription = ConsumerProtocolSubscription::decode(&mut reader, 0).ok()?;
    Some(subscription.topics.into_iter().collect())
}
