//! Responses and records as short text.

use std::collections::BTreeMap;

use super::topics::Topics;
use bytes::Bytes;
use ottla_coordinator::group::{BatchContents, GroupResponse, Record, TxnResult};
use ottla_protocol::error::ErrorCode;
use ottla_protocol::message::Message;
use ottla_protocol::messages::consumer_group_describe_response::{
    Assignment as DescribeAssignment, DescribedGroup as ConsumerDescribedGroup,
};
use ottla_protocol::messages::{
    consumer_group_current_member_assignment_key::ConsumerGroupCurrentMemberAssignmentKey,
    consumer_group_current_member_assignment_value::{
        ConsumerGroupCurrentMemberAssignmentValue, TopicPartitions as CurrentPartitions,
    },
    consumer_group_member_metadata_key::ConsumerGroupMemberMetadataKey,
    consumer_group_member_metadata_value::ConsumerGroupMemberMetadataValue,
    consumer_group_metadata_key::ConsumerGroupMetadataKey,
    consumer_group_metadata_value::ConsumerGroupMetadataValue,
    consumer_group_regular_expression_key::ConsumerGroupRegularExpressionKey,
    consumer_group_regular_expression_value::ConsumerGroupRegularExpressionValue,
    consumer_group_target_assignment_member_key::ConsumerGroupTargetAssignmentMemberKey,
    consumer_group_target_assignment_member_value::ConsumerGroupTargetAssignmentMemberValue,
    consumer_group_target_assignment_metadata_key::ConsumerGroupTargetAssignmentMetadataKey,
    consumer_group_target_assignment_metadata_value::ConsumerGroupTargetAssignmentMetadataValue,
    consumer_protocol_assignment::ConsumerProtocolAssignment,
    group_metadata_key::GroupMetadataKey,
    group_metadata_value::GroupMetadataValue,
    join_group_response::JoinGroupResponse,
    offset_commit_key::OffsetCommitKey,
    offset_commit_value::OffsetCommitValue,
    offset_fetch_response::OffsetFetchResponseGroup,
};

/// Short names for member ids: `a1` is the first id seen of a client `a`.
#[derive(Default)]
pub struct Names {
    by_id: BTreeMap<String, String>,
    seen: BTreeMap<String, u32>,
}

impl Names {
    /// The id that a name stands for; a name that stands for none is an id.
    pub fn id(&self, name: &str) -> String {
        let found = self.by_id.iter().find(|(_, known)| *known == name);
        found.map_or_else(|| name.to_owned(), |(id, _)| id.clone())
    }

    fn name(&mut self, id: &str) -> String {
        const UUID_CHARS: usize = 36;
        if let Some(name) = self.by_id.get(id) {
            return name.clone();
        }
        const SHORT_UUID_CHARS: usize = 22;
        if id.len() == SHORT_UUID_CHARS {
            let count = self.seen.entry("m".to_owned()).or_default();
            *count += 1;
            let name = format!("m{count}");
            self.by_id.insert(id.to_owned(), name.clone());
            return name;
        }
        let Some(end) = id.len().checked_sub(UUID_CHARS + 1) else { return id.to_owned() };
        let client = &id[..end];
        let count = self.seen.entry(client.to_owned()).or_default();
        *count += 1;
        let name = format!("{client}{count}");
        self.by_id.insert(id.to_owned(), name.clone());
        name
    }
}

fn error(code: i16) -> &'static str {
    if code == 0 { "ok" } else { ErrorCode(code).name() }
}

fn text(bytes: &Bytes) -> String {
    if bytes.is_empty() { "-".to_owned() } else { String::from_utf8_lossy(bytes).into_owned() }
}

/// One response.
pub fn show_response(names: &mut Names, topics: &Topics, response: &GroupResponse) -> String {
    match response {
        GroupResponse::ConsumerGroupHeartbeat(response) if response.error_code != 0 => {
            error(response.error_code).to_owned()
        }
        GroupResponse::ConsumerGroupHeartbeat(response) => {
            let assignment = response.assignment.as_ref().map(|assignment| {
                let owned = assignment.topic_partitions.iter().map(|t| (t.topic_id, t.partitions.as_slice()));
                format!(" has {}", topics.show(owned))
            });
            format!("epoch {}{}", response.member_epoch, assignment.unwrap_or_default())
        }
        GroupResponse::ConsumerGroupDescribe(groups) => groups
            .iter()
            .map(|group| show_consumer_group(names, topics, group))
            .collect::<Vec<_>>()
            .join(" | "),
        GroupResponse::JoinGroup(response) => show_join(names, response),
        GroupResponse::SyncGroup(response) if response.error_code != 0 => {
            error(response.error_code).to_owned()
        }
        GroupResponse::SyncGroup(response) => assignment(&response.assignment),
        GroupResponse::Heartbeat(response) => error(response.error_code).to_owned(),
        GroupResponse::LeaveGroup(response) => {
            let members = response.members.iter().map(|member| error(member.error_code));
            let errors: Vec<_> = Some(error(response.error_code))
                .filter(|e| *e != "ok" || members.len() == 0)
                .into_iter()
                .chain(members)
                .collect();
            errors.join(" ")
        }
        GroupResponse::OffsetCommit(response) => {
            let partitions = response.topics.iter().flat_map(|topic| &topic.partitions);
            partitions.map(|partition| error(partition.error_code)).collect::<Vec<_>>().join(" ")
        }
        GroupResponse::TxnOffsetCommit(response) => {
            let partitions = response.topics.iter().flat_map(|topic| &topic.partitions);
            partitions.map(|partition| error(partition.error_code)).collect::<Vec<_>>().join(" ")
        }
        GroupResponse::OffsetFetch(response) => show_fetch(response),
        GroupResponse::DescribeGroups(groups) => {
            let groups = groups.iter().map(|group| {
                let members = group.members.iter().map(|member| {
                    let metadata = if member.member_metadata.is_empty() { "" } else { "*" };
                    format!(
                        "{}{metadata}:{}",
                        names.name(&member.member_id),
                        assignment(&member.member_assignment)
                    )
                });
                let members = members.collect::<Vec<_>>().join(" ");
                let error = if group.error_code == 0 { "" } else { error(group.error_code) };
                let (type_, data) = (&group.protocol_type, &group.protocol_data);
                format!("{error} {} {} {type_} {data} ({members})", group.group_id, group.group_state)
            });
            groups.collect::<Vec<_>>().join(" | ")
        }
        GroupResponse::ListGroups(response) if response.error_code != 0 => {
            error(response.error_code).to_owned()
        }
        GroupResponse::ListGroups(response) => {
            let groups = response.groups.iter().map(|group| {
                let (id, type_) = (&group.group_id, &group.protocol_type);
                format!("{id} {} {type_} {}", group.group_state, group.group_type)
            });
            groups.collect::<Vec<_>>().join(" | ")
        }
        GroupResponse::DeleteGroups(results) => {
            results.iter().map(|result| error(result.error_code)).collect::<Vec<_>>().join(" ")
        }
        GroupResponse::OffsetDelete(response) if response.error_code != 0 => {
            error(response.error_code).to_owned()
        }
        GroupResponse::OffsetDelete(response) => {
            let partitions = response.topics.iter().flat_map(|topic| &topic.partitions);
            partitions.map(|partition| error(partition.error_code)).collect::<Vec<_>>().join(" ")
        }
        GroupResponse::WriteTxnMarker(code) => error(code.0).to_owned(),
    }
}

/// An assignment of the classic protocol: that of a consumer, or whatever the scenario made up.
fn assignment(bytes: &Bytes) -> String {
    if bytes.get(..2).is_none_or(|version| version[0] != 0) {
        return text(bytes);
    }
    let assignment = ConsumerProtocolAssignment::from_bytes(&bytes[2..], i16::from(bytes[1])).unwrap();
    let topics = assignment.assigned_partitions.iter().map(|assigned| {
        let partitions: Vec<String> = assigned.partitions.iter().map(i32::to_string).collect();
        format!("{}:{}", assigned.topic, partitions.join(","))
    });
    let shown = topics.collect::<Vec<_>>().join("+");
    if shown.is_empty() { "nothing".to_owned() } else { shown }
}

fn show_consumer_group(names: &mut Names, topics: &Topics, group: &ConsumerDescribedGroup) -> String {
    if group.error_code != 0 {
        return format!("{} {}", error(group.error_code), group.error_message.as_deref().unwrap_or_default());
    }
    let list = |assignment: &DescribeAssignment| {
        topics.show(assignment.topic_partitions.iter().map(|t| (t.topic_id, t.partitions.as_slice())))
    };
    let members = group.members.iter().map(|member| {
        let (has, wants) = (list(&member.assignment), list(&member.target_assignment));
        let wants = if has == wants { String::new() } else { format!(" wants {wants}") };
        let classic = if member.member_type == 0 { " classic" } else { "" };
        format!("{} @{}{classic} {has}{wants}", names.name(&member.member_id), member.member_epoch)
    });
    let members = members.collect::<Vec<_>>().join(", ");
    let (state, assignor) = (&group.group_state, &group.assignor_name);
    format!(
        "{} {state} {}/{} {assignor} ({members})",
        group.group_id, group.assignment_epoch, group.group_epoch
    )
}

fn show_join(names: &mut Names, response: &JoinGroupResponse) -> String {
    let member = names.name(&response.member_id);
    if response.error_code != 0 {
        return format!("{} {member}", error(response.error_code));
    }
    let protocol = response.protocol_name.as_deref().unwrap_or("null");
    let leader = names.name(&response.leader);
    let members: Vec<_> = response.members.iter().map(|member| names.name(&member.member_id)).collect();
    let skip = if response.skip_assignment { " skip" } else { "" };
    let members = if members.is_empty() { String::new() } else { format!(" leads {}", members.join(" ")) };
    format!("{member} gen {} {protocol} leader {leader}{members}{skip}", response.generation_id)
}

fn show_fetch(response: &OffsetFetchResponseGroup) -> String {
    if response.error_code != 0 {
        return error(response.error_code).to_owned();
    }
    let topics = response.topics.iter().flat_map(|topic| {
        topic.partitions.iter().map(|partition| {
            let (name, index) = (&topic.name, partition.partition_index);
            if partition.error_code != 0 {
                return format!("{name}-{index} {}", error(partition.error_code));
            }
            let metadata = partition.metadata.as_deref().unwrap_or("null");
            let metadata = if metadata.is_empty() { String::new() } else { format!("({metadata})") };
            format!("{name}-{index}={}{metadata}", partition.committed_offset)
        })
    });
    let shown = topics.collect::<Vec<_>>().join(" ");
    if shown.is_empty() { "nothing".to_owned() } else { shown }
}

/// The contents of a batch, a line for each record.
pub fn show_contents(names: &mut Names, topics: &Topics, contents: &BatchContents) -> Vec<String> {
    match contents {
        BatchContents::Records(records) => {
            records.iter().map(|record| format!("writes {}", show_record(names, topics, record))).collect()
        }
        BatchContents::Transactional { producer_id, records, .. } => records
            .iter()
            .map(|record| format!("writes pid {producer_id} {}", show_record(names, topics, record)))
            .collect(),
        BatchContents::Marker(marker) => {
            let result = if marker.result == TxnResult::Commit { "commit" } else { "abort" };
            vec![format!("writes pid {} {result}", marker.producer_id)]
        }
    }
}

fn show_record(names: &mut Names, topics: &Topics, record: &Record) -> String {
    let number = |bytes: &Bytes| i16::from_be_bytes([bytes[0], bytes[1]]);
    match number(&record.key) {
        1 => {
            let key = OffsetCommitKey::from_bytes(&record.key[2..], 0).unwrap();
            let (group, topic, partition) = (&key.group, &key.topic, key.partition);
            let Some(value) = &record.value else { return format!("{group} {topic}-{partition} gone") };
            let value = OffsetCommitValue::from_bytes(&value[2..], number(value)).unwrap();
            format!("{group} {topic}-{partition}={}", value.offset)
        }
        2 => {
            let key = GroupMetadataKey::from_bytes(&record.key[2..], 0).unwrap();
            let Some(value) = &record.value else { return format!("{} gone", key.group) };
            let value = GroupMetadataValue::from_bytes(&value[2..], number(value)).unwrap();
            let members = value.members.iter().map(|member| {
                format!(" {}:{}", names.name(&member.member_id), assignment(&member.assignment))
            });
            let members: String = members.collect();
            let leader = value.leader.as_deref().map_or_else(|| "none".to_owned(), |id| names.name(id));
            let protocol = value.protocol.as_deref().unwrap_or("none");
            format!("{} gen {} {protocol} leader {leader}{members}", key.group, value.generation)
        }
        _ => show_consumer_record(names, topics, record),
    }
}

fn read<M: Message>(bytes: &[u8]) -> M {
    M::from_bytes(&bytes[2..], 0).unwrap()
}

/// One record of a consumer group.
fn show_consumer_record(names: &mut Names, topics: &Topics, record: &Record) -> String {
    let (key, value) = (&record.key[..], record.value.as_deref());
    match i16::from_be_bytes([key[0], key[1]]) {
        3 => {
            let group = read::<ConsumerGroupMetadataKey>(key).group_id;
            let Some(value) = value else { return format!("{group} gone") };
            let value: ConsumerGroupMetadataValue = read(value);
            format!("{group} epoch {}", value.epoch)
        }
        4 => "topics gone".to_owned(),
        5 => {
            let key: ConsumerGroupMemberMetadataKey = read(key);
            let name = names.name(&key.member_id);
            let Some(value) = value else { return format!("{name} member gone") };
            let value: ConsumerGroupMemberMetadataValue = read(value);
            let classic = value.classic_member_metadata.as_ref().map_or("", |_| " classic");
            let regex = value.subscribed_topic_regex.filter(|regex| !regex.is_empty());
            let regex = regex.map_or_else(String::new, |regex| format!(" /{regex}/"));
            format!("{name} reads {}{regex}{classic}", value.subscribed_topic_names.join("+"))
        }
        6 => {
            let group = read::<ConsumerGroupTargetAssignmentMetadataKey>(key).group_id;
            let Some(value) = value else { return format!("{group} target gone") };
            let value: ConsumerGroupTargetAssignmentMetadataValue = read(value);
            format!("{group} target epoch {}", value.assignment_epoch)
        }
        7 => {
            let key: ConsumerGroupTargetAssignmentMemberKey = read(key);
            let name = names.name(&key.member_id);
            let Some(value) = value else { return format!("{name} target gone") };
            let value: ConsumerGroupTargetAssignmentMemberValue = read(value);
            let partitions = value.topic_partitions.iter().map(|t| (t.topic_id, t.partitions.as_slice()));
            format!("{name} wants {}", topics.show(partitions))
        }
        8 => {
            let key: ConsumerGroupCurrentMemberAssignmentKey = read(key);
            let name = names.name(&key.member_id);
            let Some(value) = value else { return format!("{name} current gone") };
            let value: ConsumerGroupCurrentMemberAssignmentValue = read(value);
            let list = |held: &[CurrentPartitions]| {
                topics.show(held.iter().map(|t| (t.topic_id, t.partitions.as_slice())))
            };
            let state = ["", " unrevoked", " unreleased"][usize::try_from(value.state).unwrap()];
            let pending = match value.partitions_pending_revocation.as_slice() {
                [] => String::new(),
                pending => format!(" gives up {}", list(pending)),
            };
            let has = list(&value.assigned_partitions);
            format!("{name} @{}{state} has {has}{pending}", value.member_epoch)
        }
        16 => {
            let key: ConsumerGroupRegularExpressionKey = read(key);
            let regex = key.regular_expression;
            let Some(value) = value else { return format!("/{regex}/ gone") };
            let value: ConsumerGroupRegularExpressionValue = read(value);
            format!("/{regex}/ is {}", value.topics.join("+"))
        }
        record_type => panic!("record type {record_type}"),
    }
}
