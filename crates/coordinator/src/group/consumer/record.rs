//! The records of consumer groups as bytes, in the versions that Kafka 4.3.1 writes.
//! Source: Kafka `GroupCoordinatorRecordHelpers`, `GroupCoordinatorRecordSerde`.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_protocol::message::{Message, StoredRecord};
use ottla_protocol::types::TopicId;
use ottla_protocol::wire::{DecodeError, Reader};

use super::super::records::{decode_value, encode};
use super::change::{Change, MemberMetadata, Partitions, ResolvedRegex};
use super::member::{CurrentAssignment, HeldPartitions, MemberState};
use crate::host::Record;
use crate::messages::{
    ConsumerGroupCurrentMemberAssignmentKey, ConsumerGroupCurrentMemberAssignmentValue,
    ConsumerGroupMemberMetadataKey, ConsumerGroupMetadataKey, ConsumerGroupMetadataValue,
    ConsumerGroupPartitionMetadataKey, ConsumerGroupPartitionMetadataValue,
    ConsumerGroupRegularExpressionKey, ConsumerGroupRegularExpressionValue,
    ConsumerGroupTargetAssignmentMemberKey, ConsumerGroupTargetAssignmentMemberValue,
    ConsumerGroupTargetAssignmentMetadataKey, ConsumerGroupTargetAssignmentMetadataValue,
    CurrentTopicPartitions, TargetTopicPartition,
};

/// The record of a change of `group`.
pub(super) fn to_record(group: &str, change: &Change) -> Record {
    let group_id = group.to_owned();
    match change {
        Change::Group(value) => record(
            &ConsumerGroupMetadataKey { group_id },
            value.map(|(epoch, metadata_hash)| ConsumerGroupMetadataValue { epoch, metadata_hash }).as_ref(),
        ),
        Change::SubscriptionMetadata(exists) => record(
            &ConsumerGroupPartitionMetadataKey { group_id },
            exists.then(ConsumerGroupPartitionMetadataValue::default).as_ref(),
        ),
        Change::Member(member_id, value) => record(
            &ConsumerGroupMemberMetadataKey { group_id, member_id: member_id.to_string() },
            value.as_deref(),
        ),
        Change::TargetEpoch(value) => {
            let value = value.map(|(assignment_epoch, assignment_timestamp)| {
                ConsumerGroupTargetAssignmentMetadataValue { assignment_epoch, assignment_timestamp }
            });
            record(&ConsumerGroupTargetAssignmentMetadataKey { group_id }, value.as_ref())
        }
        Change::Target(member_id, value) => record(
            &ConsumerGroupTargetAssignmentMemberKey { group_id, member_id: member_id.to_string() },
            value.as_deref().map(target_value).as_ref(),
        ),
        Change::Current(member_id, value) => record(
            &ConsumerGroupCurrentMemberAssignmentKey { group_id, member_id: member_id.to_string() },
            value.as_deref().map(current_value).as_ref(),
        ),
        Change::Regex(regex, value) => record(
            &ConsumerGroupRegularExpressionKey { group_id, regular_expression: regex.to_string() },
            value.as_deref().map(regex_value).as_ref(),
        ),
    }
}

fn record<K: StoredRecord>(key: &K, value: Option<&impl Message>) -> Record {
    Record { key: encode(K::RECORD_TYPE, key, 0), value: value.map(|value| encode(0, value, 0)) }
}

fn target_value(partitions: &Partitions) -> ConsumerGroupTargetAssignmentMemberValue {
    let topics = partitions.iter().map(|(topic_id, partitions)| TargetTopicPartition {
        topic_id: topic_id.0,
        partitions: partitions.iter().copied().collect(),
    });
    ConsumerGroupTargetAssignmentMemberValue { topic_partitions: topics.collect() }
}

fn current_value(current: &CurrentAssignment) -> ConsumerGroupCurrentMemberAssignmentValue {
    let held = |held: &HeldPartitions| {
        let topics = held.iter().map(|(topic_id, partitions)| CurrentTopicPartitions {
            topic_id: topic_id.0,
            partitions: partitions.keys().copied().collect(),
            assignment_epochs: Some(partitions.values().copied().collect()),
        });
        topics.collect()
    };
    ConsumerGroupCurrentMemberAssignmentValue {
        member_epoch: current.member_epoch,
        previous_member_epoch: current.previous_member_epoch,
        state: current.state.value(),
        assigned_partitions: held(&current.assigned),
        partitions_pending_revocation: held(&current.pending_revocation),
    }
}

fn regex_value(resolved: &ResolvedRegex) -> ConsumerGroupRegularExpressionValue {
    ConsumerGroupRegularExpressionValue {
        topics: resolved.topics.iter().cloned().collect(),
        version: resolved.version,
        timestamp: resolved.timestamp_ms,
    }
}

/// Whether records of this type are of consumer groups.
pub(in super::super) fn is_consumer_record(record_type: i16) -> bool {
    [
        ConsumerGroupMetadataKey::RECORD_TYPE,
        ConsumerGroupPartitionMetadataKey::RECORD_TYPE,
        ConsumerGroupMemberMetadataKey::RECORD_TYPE,
        ConsumerGroupTargetAssignmentMetadataKey::RECORD_TYPE,
        ConsumerGroupTargetAssignmentMemberKey::RECORD_TYPE,
        ConsumerGroupCurrentMemberAssignmentKey::RECORD_TYPE,
        ConsumerGroupRegularExpressionKey::RECORD_TYPE,
    ]
    .contains(&record_type)
}

/// What could not be read of a record.
pub(in super::super) enum Unreadable {
    Key(DecodeError),
    Value(DecodeError),
}

/// The group and the change that a record tells of. `key` is what follows the record type, which is one of ours.
pub(in super::super) fn decode(
    record_type: i16,
    key: &mut Reader<'_>,
    value: Option<&[u8]>,
) -> Result<(String, Change), Unreadable> {
    Ok(match record_type {
        ConsumerGroupMetadataKey::RECORD_TYPE => {
            let key: ConsumerGroupMetadataKey = read_key(key)?;
            let value = read_value(value)?;
            let value = value.map(|value: ConsumerGroupMetadataValue| (value.epoch, value.metadata_hash));
            (key.group_id, Change::Group(value))
        }
        ConsumerGroupPartitionMetadataKey::RECORD_TYPE => {
            let key: ConsumerGroupPartitionMetadataKey = read_key(key)?;
            (key.group_id, Change::SubscriptionMetadata(value.is_some()))
        }
        ConsumerGroupMemberMetadataKey::RECORD_TYPE => {
            let key: ConsumerGroupMemberMetadataKey = read_key(key)?;
            let value: Option<MemberMetadata> = read_value(value)?;
            (key.group_id, Change::Member(key.member_id.into(), value.map(Arc::new)))
        }
        ConsumerGroupTargetAssignmentMetadataKey::RECORD_TYPE => {
            let key: ConsumerGroupTargetAssignmentMetadataKey = read_key(key)?;
            let value: Option<ConsumerGroupTargetAssignmentMetadataValue> = read_value(value)?;
            let value = value.map(|value| (value.assignment_epoch, value.assignment_timestamp));
            (key.group_id, Change::TargetEpoch(value))
        }
        ConsumerGroupTargetAssignmentMemberKey::RECORD_TYPE => {
            let key: ConsumerGroupTargetAssignmentMemberKey = read_key(key)?;
            let value = read_value(value)?.map(target_from_value).map(Arc::new);
            (key.group_id, Change::Target(key.member_id.into(), value))
        }
        ConsumerGroupCurrentMemberAssignmentKey::RECORD_TYPE => {
            let key: ConsumerGroupCurrentMemberAssignmentKey = read_key(key)?;
            let value = read_value(value)?.map(current_from_value).map(Arc::new);
            (key.group_id, Change::Current(key.member_id.into(), value))
        }
        _ => {
            let key: ConsumerGroupRegularExpressionKey = read_key(key)?;
            let value = read_value(value)?.map(regex_from_value).map(Arc::new);
            (key.group_id, Change::Regex(key.regular_expression.into(), value))
        }
    })
}

fn read_key<K: Message>(reader: &mut Reader<'_>) -> Result<K, Unreadable> {
    K::decode(reader, 0).map_err(Unreadable::Key)
}

fn read_value<V: Message>(value: Option<&[u8]>) -> Result<Option<V>, Unreadable> {
    value.map(decode_value).transpose().map_err(Unreadable::Value)
}

fn target_from_value(value: ConsumerGroupTargetAssignmentMemberValue) -> Partitions {
    let topics = value.topic_partitions.into_iter().filter(|topic| !topic.partitions.is_empty());
    topics.map(|topic| (TopicId(topic.topic_id), topic.partitions.into_iter().collect())).collect()
}

fn current_from_value(value: ConsumerGroupCurrentMemberAssignmentValue) -> CurrentAssignment {
    CurrentAssignment {
        member_epoch: value.member_epoch,
        previous_member_epoch: value.previous_member_epoch,
        state: MemberState::from_value(value.state),
        assigned: held_from_value(value.assigned_partitions, value.member_epoch),
        pending_revocation: held_from_value(value.partitions_pending_revocation, value.member_epoch),
    }
}

/// Brokers before 4.3 did not write the epochs of partitions: they count as assigned in the member's epoch.
/// Source: Kafka `Utils.assignmentFromTopicPartitions`.
fn held_from_value(topics: Vec<CurrentTopicPartitions>, member_epoch: i32) -> HeldPartitions {
    let default_epoch = member_epoch.max(0);
    let mut held = BTreeMap::new();
    for topic in topics.into_iter().filter(|topic| !topic.partitions.is_empty()) {
        let epochs = topic.assignment_epochs.filter(|epochs| epochs.len() == topic.partitions.len());
        let epochs = epochs.unwrap_or_else(|| vec![default_epoch; topic.partitions.len()]);
        let partitions = topic.partitions.into_iter().zip(epochs);
        held.insert(TopicId(topic.topic_id), partitions.collect());
    }
    held
}

fn regex_from_value(value: ConsumerGroupRegularExpressionValue) -> ResolvedRegex {
    ResolvedRegex {
        topics: value.topics.into_iter().collect(),
        version: value.version,
        timestamp_ms: value.timestamp,
    }
}
