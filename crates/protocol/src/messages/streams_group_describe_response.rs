// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `StreamsGroupDescribeResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 89: versions 0 to 1, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct StreamsGroupDescribeResponse {
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
    /// `Groups`.
    pub groups: Vec<DescribedGroup>,
}

impl Message for StreamsGroupDescribeResponse {
    const NAME: &'static str = "StreamsGroupDescribeResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this =
            Self { throttle_time_ms: reader.i32()?, groups: reader.array(version, DescribedGroup::decode)? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.throttle_time_ms);
        writer.array(version, &self.groups, DescribedGroup::encode);
        writer.no_tagged_fields();
    }
}

impl Response for StreamsGroupDescribeResponse {
    const API_KEY: ApiKey = ApiKey::StreamsGroupDescribe;
}

/// `DescribedGroup` in `StreamsGroupDescribeResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribedGroup {
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ErrorMessage`.
    pub error_message: Option<String>,
    /// `GroupId`.
    pub group_id: String,
    /// `GroupState`.
    pub group_state: String,
    /// `GroupEpoch`.
    pub group_epoch: i32,
    /// `AssignmentEpoch`.
    pub assignment_epoch: i32,
    /// `Topology`.
    pub topology: Option<Topology>,
    /// `Members`.
    pub members: Vec<Member>,
    /// `AuthorizedOperations`, default i32::MIN.
    pub authorized_operations: i32,
    /// `TopologyDescription`, from version 1.
    pub topology_description: Option<TopologyDescription>,
    /// `TopologyDescriptionStatus`, from version 1.
    pub topology_description_status: i8,
    /// `AssignorName`, from version 1.
    pub assignor_name: Option<String>,
}

impl Default for DescribedGroup {
    fn default() -> Self {
        Self {
            error_code: 0,
            error_message: None,
            group_id: String::new(),
            group_state: String::new(),
            group_epoch: 0,
            assignment_epoch: 0,
            topology: None,
            members: Vec::new(),
            authorized_operations: i32::MIN,
            topology_description: None,
            topology_description_status: 0,
            assignor_name: None,
        }
    }
}

impl DescribedGroup {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            error_code: reader.i16()?,
            error_message: reader.nullable_string()?,
            group_id: reader.string()?,
            group_state: reader.string()?,
            group_epoch: reader.i32()?,
            assignment_epoch: reader.i32()?,
            topology: if reader.is_present()? { Some(Topology::decode(reader, version)?) } else { None },
            members: reader.array(version, Member::decode)?,
            authorized_operations: reader.i32()?,
            topology_description: if version >= 1 {
                if reader.is_present()? { Some(TopologyDescription::decode(reader, version)?) } else { None }
            } else {
                None
            },
            topology_description_status: if version >= 1 { reader.i8()? } else { 0 },
            assignor_name: if version >= 1 { reader.nullable_string()? } else { None },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i16(self.error_code);
        writer.nullable_string(self.error_message.as_deref());
        writer.string(&self.group_id);
        writer.string(&self.group_state);
        writer.i32(self.group_epoch);
        writer.i32(self.assignment_epoch);
        writer.present(self.topology.is_some());
        if let Some(value) = &self.topology {
            value.encode(writer, version);
        }
        writer.array(version, &self.members, Member::encode);
        writer.i32(self.authorized_operations);
        if version >= 1 {
            writer.present(self.topology_description.is_some());
            if let Some(value) = &self.topology_description {
                value.encode(writer, version);
            }
            writer.i8(self.topology_description_status);
            writer.nullable_string(self.assignor_name.as_deref());
        }
        writer.no_tagged_fields();
    }
}

/// `Topology` in `StreamsGroupDescribeResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Topology {
    /// `Epoch`.
    pub epoch: i32,
    /// `Subtopologies`.
    pub subtopologies: Option<Vec<Subtopology>>,
}

impl Topology {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            epoch: reader.i32()?,
            subtopologies: reader.nullable_array(version, Subtopology::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i32(self.epoch);
        writer.nullable_array(version, self.subtopologies.as_deref(), Subtopology::encode);
        writer.no_tagged_fields();
    }
}

/// `Subtopology` in `StreamsGroupDescribeResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Subtopology {
    /// `SubtopologyId`.
    pub subtopology_id: String,
    /// `SourceTopics`.
    pub source_topics: Vec<String>,
    /// `RepartitionSinkTopics`.
    pub repartition_sink_topics: Vec<String>,
    /// `StateChangelogTopics`.
    pub state_changelog_topics: Vec<TopicInfo>,
    /// `RepartitionSourceTopics`.
    pub repartition_source_topics: Vec<TopicInfo>,
}

impl Subtopology {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            subtopology_id: reader.string()?,
            source_topics: reader.string_array()?,
            repartition_sink_topics: reader.string_array()?,
            state_changelog_topics: reader.array(version, TopicInfo::decode)?,
            repartition_source_topics: reader.array(version, TopicInfo::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.subtopology_id);
        writer.string_array(&self.source_topics);
        writer.string_array(&self.repartition_sink_topics);
        writer.array(version, &self.state_changelog_topics, TopicInfo::encode);
        writer.array(version, &self.repartition_source_topics, TopicInfo::encode);
        writer.no_tagged_fields();
    }
}

/// `TopicInfo` in `StreamsGroupDescribeResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicInfo {
    /// `Name`.
    pub name: String,
    /// `Partitions`.
    pub partitions: i32,
    /// `ReplicationFactor`.
    pub replication_factor: i16,
    /// `TopicConfigs`.
    pub topic_configs: Vec<KeyValue>,
}

impl TopicInfo {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            name: reader.string()?,
            partitions: reader.i32()?,
            replication_factor: reader.i16()?,
            topic_configs: reader.array(version, KeyValue::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.name);
        writer.i32(self.partitions);
        writer.i16(self.replication_factor);
        writer.array(version, &self.topic_configs, KeyValue::encode);
        writer.no_tagged_fields();
    }
}

/// `Member` in `StreamsGroupDescribeResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Member {
    /// `MemberId`.
    pub member_id: String,
    /// `MemberEpoch`.
    pub member_epoch: i32,
    /// `InstanceId`.
    pub instance_id: Option<String>,
    /// `RackId`.
    pub rack_id: Option<String>,
    /// `ClientId`.
    pub client_id: String,
    /// `ClientHost`.
    pub client_host: String,
    /// `TopologyEpoch`.
    pub topology_epoch: i32,
    /// `ProcessId`.
    pub process_id: String,
    /// `UserEndpoint`.
    pub user_endpoint: Option<Endpoint>,
    /// `ClientTags`.
    pub client_tags: Vec<KeyValue>,
    /// `TaskOffsets`.
    pub task_offsets: Vec<TaskOffset>,
    /// `TaskEndOffsets`.
    pub task_end_offsets: Vec<TaskOffset>,
    /// `Assignment`.
    pub assignment: Assignment,
    /// `TargetAssignment`.
    pub target_assignment: Assignment,
    /// `IsClassic`.
    pub is_classic: bool,
}

impl Member {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            member_id: reader.string()?,
            member_epoch: reader.i32()?,
            instance_id: reader.nullable_string()?,
            rack_id: reader.nullable_string()?,
            client_id: reader.string()?,
            client_host: reader.string()?,
            topology_epoch: reader.i32()?,
            process_id: reader.string()?,
            user_endpoint: if reader.is_present()? { Some(Endpoint::decode(reader, version)?) } else { None },
            client_tags: reader.array(version, KeyValue::decode)?,
            task_offsets: reader.array(version, TaskOffset::decode)?,
            task_end_offsets: reader.array(version, TaskOffset::decode)?,
            assignment: Assignment::decode(reader, version)?,
            target_assignment: Assignment::decode(reader, version)?,
            is_classic: reader.bool()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.member_id);
        writer.i32(self.member_epoch);
        writer.nullable_string(self.instance_id.as_deref());
        writer.nullable_string(self.rack_id.as_deref());
        writer.string(&self.client_id);
        writer.string(&self.client_host);
        writer.i32(self.topology_epoch);
        writer.string(&self.process_id);
        writer.present(self.user_endpoint.is_some());
        if let Some(value) = &self.user_endpoint {
            value.encode(writer, version);
        }
        writer.array(version, &self.client_tags, KeyValue::encode);
        writer.array(version, &self.task_offsets, TaskOffset::encode);
        writer.array(version, &self.task_end_offsets, TaskOffset::encode);
        self.assignment.encode(writer, version);
        self.target_assignment.encode(writer, version);
        writer.bool(self.is_classic);
        writer.no_tagged_fields();
    }
}

/// `Endpoint` in `StreamsGroupDescribeResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Endpoint {
    /// `Host`.
    pub host: String,
    /// `Port`.
    pub port: u16,
}

impl Endpoint {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { host: reader.string()?, port: reader.u16()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.host);
        writer.u16(self.port);
        writer.no_tagged_fields();
    }
}

/// `KeyValue` in `StreamsGroupDescribeResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct KeyValue {
    /// `Key`.
    pub key: String,
    /// `Value`.
    pub value: String,
}

impl KeyValue {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { key: reader.string()?, value: reader.string()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.key);
        writer.string(&self.value);
        writer.no_tagged_fields();
    }
}

/// `TaskOffset` in `StreamsGroupDescribeResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TaskOffset {
    /// `SubtopologyId`.
    pub subtopology_id: String,
    /// `Partition`.
    pub partition: i32,
    /// `Offset`.
    pub offset: i64,
}

impl TaskOffset {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { subtopology_id: reader.string()?, partition: reader.i32()?, offset: reader.i64()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.subtopology_id);
        writer.i32(self.partition);
        writer.i64(self.offset);
        writer.no_tagged_fields();
    }
}

/// `Assignment` in `StreamsGroupDescribeResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Assignment {
    /// `ActiveTasks`.
    pub active_tasks: Vec<TaskIds>,
    /// `StandbyTasks`.
    pub standby_tasks: Vec<TaskIds>,
    /// `WarmupTasks`.
    pub warmup_tasks: Vec<TaskIds>,
}

impl Assignment {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            active_tasks: reader.array(version, TaskIds::decode)?,
            standby_tasks: reader.array(version, TaskIds::decode)?,
            warmup_tasks: reader.array(version, TaskIds::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.array(version, &self.active_tasks, TaskIds::encode);
        writer.array(version, &self.standby_tasks, TaskIds::encode);
        writer.array(version, &self.warmup_tasks, TaskIds::encode);
        writer.no_tagged_fields();
    }
}

/// `TopologyDescription` in `StreamsGroupDescribeResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopologyDescription {
    /// `Subtopologies`, from version 1.
    pub subtopologies: Vec<TopologyDescriptionSubtopology>,
    /// `GlobalStores`, from version 1.
    pub global_stores: Vec<TopologyDescriptionGlobalStore>,
}

impl TopologyDescription {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            subtopologies: if version >= 1 {
                reader.array(version, TopologyDescriptionSubtopology::decode)?
            } else {
                Vec::new()
            },
            global_stores: if version >= 1 {
                reader.array(version, TopologyDescriptionGlobalStore::decode)?
            } else {
                Vec::new()
            },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        if version >= 1 {
            writer.array(version, &self.subtopologies, TopologyDescriptionSubtopology::encode);
            writer.array(version, &self.global_stores, TopologyDescriptionGlobalStore::encode);
        }
        writer.no_tagged_fields();
    }
}

/// `TaskIds` in `StreamsGroupDescribeResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TaskIds {
    /// `SubtopologyId`.
    pub subtopology_id: String,
    /// `Partitions`.
    pub partitions: Vec<i32>,
}

impl TaskIds {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { subtopology_id: reader.string()?, partitions: reader.i32_array()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.subtopology_id);
        writer.i32_array(&self.partitions);
        writer.no_tagged_fields();
    }
}

/// `TopologyDescriptionSubtopology` in `StreamsGroupDescribeResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopologyDescriptionSubtopology {
    /// `SubtopologyId`, from version 1.
    pub subtopology_id: String,
    /// `Nodes`, from version 1.
    pub nodes: Vec<TopologyDescriptionNode>,
}

impl TopologyDescriptionSubtopology {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            subtopology_id: if version >= 1 { reader.string()? } else { String::new() },
            nodes: if version >= 1 {
                reader.array(version, TopologyDescriptionNode::decode)?
            } else {
                Vec::new()
            },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        if version >= 1 {
            writer.string(&self.subtopology_id);
            writer.array(version, &self.nodes, TopologyDescriptionNode::encode);
        }
        writer.no_tagged_fields();
    }
}

/// `TopologyDescriptionGlobalStore` in `StreamsGroupDescribeResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopologyDescriptionGlobalStore {
    /// `Source`, from version 1.
    pub source: TopologyDescriptionNode,
    /// `Processor`, from version 1.
    pub processor: TopologyDescriptionNode,
}

impl TopologyDescriptionGlobalStore {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            source: if version >= 1 {
                TopologyDescriptionNode::decode(reader, version)?
            } else {
                TopologyDescriptionNode::default()
            },
            processor: if version >= 1 {
                TopologyDescriptionNode::decode(reader, version)?
            } else {
                TopologyDescriptionNode::default()
            },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        if version >= 1 {
            self.source.encode(writer, version);
            self.processor.encode(writer, version);
        }
        writer.no_tagged_fields();
    }
}

/// `TopologyDescriptionNode` in `StreamsGroupDescribeResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopologyDescriptionNode {
    /// `Name`, from version 1.
    pub name: String,
    /// `NodeType`, from version 1.
    pub node_type: i8,
    /// `SourceTopics`, from version 1.
    pub source_topics: Vec<String>,
    /// `SinkTopic`, from version 1.
    pub sink_topic: Option<String>,
    /// `Stores`, from version 1.
    pub stores: Vec<String>,
    /// `Successors`, from version 1.
    pub successors: Vec<String>,
}

impl TopologyDescriptionNode {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            name: if version >= 1 { reader.string()? } else { String::new() },
            node_type: if version >= 1 { reader.i8()? } else { 0 },
            source_topics: if version >= 1 { reader.string_array()? } else { Vec::new() },
            sink_topic: if version >= 1 { reader.nullable_string()? } else { None },
            stores: if version >= 1 { reader.string_array()? } else { Vec::new() },
            successors: if version >= 1 { reader.string_array()? } else { Vec::new() },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        if version >= 1 {
            writer.string(&self.name);
            writer.i8(self.node_type);
            writer.string_array(&self.source_topics);
            writer.nullable_string(self.sink_topic.as_deref());
            writer.string_array(&self.stores);
            writer.string_array(&self.successors);
        }
        writer.no_tagged_fields();
    }
}
