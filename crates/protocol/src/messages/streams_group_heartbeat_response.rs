// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `StreamsGroupHeartbeatResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 88: versions 0 to 1, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamsGroupHeartbeatResponse {
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ErrorMessage`.
    pub error_message: Option<String>,
    /// `MemberId`.
    pub member_id: String,
    /// `MemberEpoch`.
    pub member_epoch: i32,
    /// `HeartbeatIntervalMs`.
    pub heartbeat_interval_ms: i32,
    /// `AcceptableRecoveryLagLegacy`, up to version 0.
    pub acceptable_recovery_lag_legacy: i32,
    /// `TaskOffsetIntervalMs`.
    pub task_offset_interval_ms: i32,
    /// `AcceptableRecoveryLag`, from version 1, default -1.
    pub acceptable_recovery_lag: i64,
    /// `Status`, default `Some(Vec::new())`.
    pub status: Option<Vec<Status>>,
    /// `ActiveTasks`.
    pub active_tasks: Option<Vec<TaskIds>>,
    /// `StandbyTasks`.
    pub standby_tasks: Option<Vec<TaskIds>>,
    /// `WarmupTasks`.
    pub warmup_tasks: Option<Vec<TaskIds>>,
    /// `TopologyDescriptionRequired`, from version 1.
    pub topology_description_required: bool,
    /// `EndpointInformationEpoch`.
    pub endpoint_information_epoch: i32,
    /// `PartitionsByUserEndpoint`.
    pub partitions_by_user_endpoint: Option<Vec<EndpointToPartitions>>,
}

impl Default for StreamsGroupHeartbeatResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            error_message: None,
            member_id: String::new(),
            member_epoch: 0,
            heartbeat_interval_ms: 0,
            acceptable_recovery_lag_legacy: 0,
            task_offset_interval_ms: 0,
            acceptable_recovery_lag: -1,
            status: Some(Vec::new()),
            active_tasks: None,
            standby_tasks: None,
            warmup_tasks: None,
            topology_description_required: false,
            endpoint_information_epoch: 0,
            partitions_by_user_endpoint: None,
        }
    }
}

impl Message for StreamsGroupHeartbeatResponse {
    const NAME: &'static str = "StreamsGroupHeartbeatResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            throttle_time_ms: reader.i32()?,
            error_code: reader.i16()?,
            error_message: reader.nullable_string()?,
            member_id: reader.string()?,
            member_epoch: reader.i32()?,
            heartbeat_interval_ms: reader.i32()?,
            acceptable_recovery_lag_legacy: if version <= 0 { reader.i32()? } else { 0 },
            task_offset_interval_ms: reader.i32()?,
            acceptable_recovery_lag: if version >= 1 { reader.i64()? } else { -1 },
            status: reader.nullable_array(version, Status::decode)?,
            active_tasks: reader.nullable_array(version, TaskIds::decode)?,
            standby_tasks: reader.nullable_array(version, TaskIds::decode)?,
            warmup_tasks: reader.nullable_array(version, TaskIds::decode)?,
            topology_description_required: if version >= 1 { reader.bool()? } else { false },
            endpoint_information_epoch: reader.i32()?,
            partitions_by_user_endpoint: reader.nullable_array(version, EndpointToPartitions::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.throttle_time_ms);
        writer.i16(self.error_code);
        writer.nullable_string(self.error_message.as_deref());
        writer.string(&self.member_id);
        writer.i32(self.member_epoch);
        writer.i32(self.heartbeat_interval_ms);
        if version <= 0 {
            writer.i32(self.acceptable_recovery_lag_legacy);
        }
        writer.i32(self.task_offset_interval_ms);
        if version >= 1 {
            writer.i64(self.acceptable_recovery_lag);
        }
        writer.nullable_array(version, self.status.as_deref(), Status::encode);
        writer.nullable_array(version, self.active_tasks.as_deref(), TaskIds::encode);
        writer.nullable_array(version, self.standby_tasks.as_deref(), TaskIds::encode);
        writer.nullable_array(version, self.warmup_tasks.as_deref(), TaskIds::encode);
        if version >= 1 {
            writer.bool(self.topology_description_required);
        }
        writer.i32(self.endpoint_information_epoch);
        writer.nullable_array(
            version,
            self.partitions_by_user_endpoint.as_deref(),
            EndpointToPartitions::encode,
        );
        writer.no_tagged_fields();
    }
}

impl Response for StreamsGroupHeartbeatResponse {
    const API_KEY: ApiKey = ApiKey::StreamsGroupHeartbeat;
}

/// `Status` in `StreamsGroupHeartbeatResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Status {
    /// `StatusCode`.
    pub status_code: i8,
    /// `StatusDetail`.
    pub status_detail: String,
}

impl Status {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { status_code: reader.i8()?, status_detail: reader.string()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i8(self.status_code);
        writer.string(&self.status_detail);
        writer.no_tagged_fields();
    }
}

/// `TaskIds` in `StreamsGroupHeartbeatResponse`.
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

/// `EndpointToPartitions` in `StreamsGroupHeartbeatResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct EndpointToPartitions {
    /// `UserEndpoint`.
    pub user_endpoint: Endpoint,
    /// `ActivePartitions`.
    pub active_partitions: Vec<TopicPartition>,
    /// `StandbyPartitions`.
    pub standby_partitions: Vec<TopicPartition>,
}

impl EndpointToPartitions {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            user_endpoint: Endpoint::decode(reader, version)?,
            active_partitions: reader.array(version, TopicPartition::decode)?,
            standby_partitions: reader.array(version, TopicPartition::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        self.user_endpoint.encode(writer, version);
        writer.array(version, &self.active_partitions, TopicPartition::encode);
        writer.array(version, &self.standby_partitions, TopicPartition::encode);
        writer.no_tagged_fields();
    }
}

/// `Endpoint` in `StreamsGroupHeartbeatResponse`.
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

/// `TopicPartition` in `StreamsGroupHeartbeatResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicPartition {
    /// `Topic`.
    pub topic: String,
    /// `Partitions`.
    pub partitions: Vec<i32>,
}

impl TopicPartition {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { topic: reader.string()?, partitions: reader.i32_array()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.topic);
        writer.i32_array(&self.partitions);
        writer.no_tagged_fields();
    }
}
