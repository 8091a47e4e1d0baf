// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `StreamsGroupHeartbeatRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::streams_group_heartbeat_response::StreamsGroupHeartbeatResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 88: versions 0 to 1, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamsGroupHeartbeatRequest {
    /// `GroupId`.
    pub group_id: String,
    /// `MemberId`.
    pub member_id: String,
    /// `MemberEpoch`.
    pub member_epoch: i32,
    /// `EndpointInformationEpoch`.
    pub endpoint_information_epoch: i32,
    /// `InstanceId`.
    pub instance_id: Option<String>,
    /// `RackId`.
    pub rack_id: Option<String>,
    /// `RebalanceTimeoutMs`, default -1.
    pub rebalance_timeout_ms: i32,
    /// `Topology`.
    pub topology: Option<Topology>,
    /// `ActiveTasks`.
    pub active_tasks: Option<Vec<TaskIds>>,
    /// `StandbyTasks`.
    pub standby_tasks: Option<Vec<TaskIds>>,
    /// `WarmupTasks`.
    pub warmup_tasks: Option<Vec<TaskIds>>,
    /// `ProcessId`.
    pub process_id: Option<String>,
    /// `UserEndpoint`.
    pub user_endpoint: Option<Endpoint>,
    /// `ClientTags`.
    pub client_tags: Option<Vec<KeyValue>>,
    /// `TaskOffsets`.
    pub task_offsets: Option<Vec<TaskOffset>>,
    /// `TaskEndOffsets`.
    pub task_end_offsets: Option<Vec<TaskOffset>>,
    /// `ShutdownApplication`.
    pub shutdown_application: bool,
}

impl Default for StreamsGroupHeartbeatRequest {
    fn default() -> Self {
        Self {
            group_id: String::new(),
            member_id: String::new(),
            member_epoch: 0,
            endpoint_information_epoch: 0,
            instance_id: None,
            rack_id: None,
            rebalance_timeout_ms: -1,
            topology: None,
            active_tasks: None,
            standby_tasks: None,
            warmup_tasks: None,
            process_id: None,
            user_endpoint: None,
            client_tags: None,
            task_offsets: None,
            task_end_offsets: None,
            shutdown_application: false,
        }
    }
}

impl Message for StreamsGroupHeartbeatRequest {
    const NAME: &'static str = "StreamsGroupHeartbeatRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            group_id: reader.string()?,
            member_id: reader.string()?,
            member_epoch: reader.i32()?,
            endpoint_information_epoch: reader.i32()?,
            instance_id: reader.nullable_string()?,
            rack_id: reader.nullable_string()?,
            rebalance_timeout_ms: reader.i32()?,
            topology: if reader.is_present()? { Some(Topology::decode(reader, version)?) } else { None },
            active_tasks: reader.nullable_array(version, TaskIds::decode)?,
            standby_tasks: reader.nullable_array(version, TaskIds::decode)?,
            warmup_tasks: reader.nullable_array(version, TaskIds::decode)?,
            process_id: reader.nullable_string()?,
            user_endpoint: if reader.is_present()? { Some(Endpoint::decode(reader, version)?) } else { None },
            client_tags: reader.nullable_array(version, KeyValue::decode)?,
            task_offsets: reader.nullable_array(version, TaskOffset::decode)?,
            task_end_offsets: reader.nullable_array(version, TaskOffset::decode)?,
            shutdown_application: reader.bool()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string(&self.group_id);
        writer.string(&self.member_id);
        writer.i32(self.member_epoch);
        writer.i32(self.endpoint_information_epoch);
        writer.nullable_string(self.instance_id.as_deref());
        writer.nullable_string(self.rack_id.as_deref());
        writer.i32(self.rebalance_timeout_ms);
        writer.present(self.topology.is_some());
        if let Some(value) = &self.topology {
            value.encode(writer, version);
        }
        writer.nullable_array(version, self.active_tasks.as_deref(), TaskIds::encode);
        writer.nullable_array(version, self.standby_tasks.as_deref(), TaskIds::encode);
        writer.nullable_array(version, self.warmup_tasks.as_deref(), TaskIds::encode);
        writer.nullable_string(self.process_id.as_deref());
        writer.present(self.user_endpoint.is_some());
        if let Some(value) = &self.user_endpoint {
            value.encode(writer, version);
        }
        writer.nullable_array(version, self.client_tags.as_deref(), KeyValue::encode);
        writer.nullable_array(version, self.task_offsets.as_deref(), TaskOffset::encode);
        writer.nullable_array(version, self.task_end_offsets.as_deref(), TaskOffset::encode);
        writer.bool(self.shutdown_application);
        writer.no_tagged_fields();
    }
}

impl Request for StreamsGroupHeartbeatRequest {
    const API_KEY: ApiKey = ApiKey::StreamsGroupHeartbeat;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = StreamsGroupHeartbeatResponse;
}

/// `Topology` in `StreamsGroupHeartbeatRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Topology {
    /// `Epoch`.
    pub epoch: i32,
    /// `Subtopologies`.
    pub subtopologies: Vec<Subtopology>,
}

impl Topology {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self { epoch: reader.i32()?, subtopologies: reader.array(version, Subtopology::decode)? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i32(self.epoch);
        writer.array(version, &self.subtopologies, Subtopology::encode);
        writer.no_tagged_fields();
    }
}

/// `Subtopology` in `StreamsGroupHeartbeatRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Subtopology {
    /// `SubtopologyId`.
    pub subtopology_id: String,
    /// `SourceTopics`.
    pub source_topics: Vec<String>,
    /// `SourceTopicRegex`.
    pub source_topic_regex: Vec<String>,
    /// `StateChangelogTopics`.
    pub state_changelog_topics: Vec<TopicInfo>,
    /// `RepartitionSinkTopics`.
    pub repartition_sink_topics: Vec<String>,
    /// `RepartitionSourceTopics`.
    pub repartition_source_topics: Vec<TopicInfo>,
    /// `CopartitionGroups`.
    pub copartition_groups: Vec<CopartitionGroup>,
}

impl Subtopology {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            subtopology_id: reader.string()?,
            source_topics: reader.string_array()?,
            source_topic_regex: reader.string_array()?,
            state_changelog_topics: reader.array(version, TopicInfo::decode)?,
            repartition_sink_topics: reader.string_array()?,
            repartition_source_topics: reader.array(version, TopicInfo::decode)?,
            copartition_groups: reader.array(version, CopartitionGroup::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.subtopology_id);
        writer.string_array(&self.source_topics);
        writer.string_array(&self.source_topic_regex);
        writer.array(version, &self.state_changelog_topics, TopicInfo::encode);
        writer.string_array(&self.repartition_sink_topics);
        writer.array(version, &self.repartition_source_topics, TopicInfo::encode);
        writer.array(version, &self.copartition_groups, CopartitionGroup::encode);
        writer.no_tagged_fields();
    }
}

/// `TopicInfo` in `StreamsGroupHeartbeatRequest`.
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

/// `CopartitionGroup` in `StreamsGroupHeartbeatRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CopartitionGroup {
    /// `SourceTopics`.
    pub source_topics: Vec<i16>,
    /// `SourceTopicRegex`.
    pub source_topic_regex: Vec<i16>,
    /// `RepartitionSourceTopics`.
    pub repartition_source_topics: Vec<i16>,
}

impl CopartitionGroup {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            source_topics: reader.i16_array()?,
            source_topic_regex: reader.i16_array()?,
            repartition_source_topics: reader.i16_array()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i16_array(&self.source_topics);
        writer.i16_array(&self.source_topic_regex);
        writer.i16_array(&self.repartition_source_topics);
        writer.no_tagged_fields();
    }
}

/// `TaskIds` in `StreamsGroupHeartbeatRequest`.
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

/// `Endpoint` in `StreamsGroupHeartbeatRequest`.
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

/// `KeyValue` in `StreamsGroupHeartbeatRequest`.
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

/// `TaskOffset` in `StreamsGroupHeartbeatRequest`.
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
