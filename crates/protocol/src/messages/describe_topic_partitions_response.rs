// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `DescribeTopicPartitionsResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 75: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeTopicPartitionsResponse {
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
    /// `Topics`.
    pub topics: Vec<DescribeTopicPartitionsResponseTopic>,
    /// `NextCursor`.
    pub next_cursor: Option<Cursor>,
}

impl Message for DescribeTopicPartitionsResponse {
    const NAME: &'static str = "DescribeTopicPartitionsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            throttle_time_ms: reader.i32()?,
            topics: reader.array(version, DescribeTopicPartitionsResponseTopic::decode)?,
            next_cursor: if reader.is_present()? { Some(Cursor::decode(reader, version)?) } else { None },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.throttle_time_ms);
        writer.array(version, &self.topics, DescribeTopicPartitionsResponseTopic::encode);
        writer.present(self.next_cursor.is_some());
        if let Some(value) = &self.next_cursor {
            value.encode(writer, version);
        }
        writer.no_tagged_fields();
    }
}

impl Response for DescribeTopicPartitionsResponse {
    const API_KEY: ApiKey = ApiKey::DescribeTopicPartitions;
}

/// `DescribeTopicPartitionsResponseTopic` in `DescribeTopicPartitionsResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeTopicPartitionsResponseTopic {
    /// `ErrorCode`.
    pub error_code: i16,
    /// `Name`, key, default `Some(String::new())`.
    pub name: Option<String>,
    /// `TopicId`.
    pub topic_id: Uuid,
    /// `IsInternal`.
    pub is_internal: bool,
    /// `Partitions`.
    pub partitions: Vec<DescribeTopicPartitionsResponsePartition>,
    /// `TopicAuthorizedOperations`, default i32::MIN.
    pub topic_authorized_operations: i32,
}

impl Default for DescribeTopicPartitionsResponseTopic {
    fn default() -> Self {
        Self {
            error_code: 0,
            name: Some(String::new()),
            topic_id: Uuid::ZERO,
            is_internal: false,
            partitions: Vec::new(),
            topic_authorized_operations: i32::MIN,
        }
    }
}

impl DescribeTopicPartitionsResponseTopic {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            error_code: reader.i16()?,
            name: reader.nullable_string()?,
            topic_id: reader.uuid()?,
            is_internal: reader.bool()?,
            partitions: reader.array(version, DescribeTopicPartitionsResponsePartition::decode)?,
            topic_authorized_operations: reader.i32()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i16(self.error_code);
        writer.nullable_string(self.name.as_deref());
        writer.uuid(self.topic_id);
        writer.bool(self.is_internal);
        writer.array(version, &self.partitions, DescribeTopicPartitionsResponsePartition::encode);
        writer.i32(self.topic_authorized_operations);
        writer.no_tagged_fields();
    }
}

/// `DescribeTopicPartitionsResponsePartition` in `DescribeTopicPartitionsResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeTopicPartitionsResponsePartition {
    /// `ErrorCode`.
    pub error_code: i16,
    /// `PartitionIndex`.
    pub partition_index: i32,
    /// `LeaderId`.
    pub leader_id: i32,
    /// `LeaderEpoch`, default -1.
    pub leader_epoch: i32,
    /// `ReplicaNodes`.
    pub replica_nodes: Vec<i32>,
    /// `IsrNodes`.
    pub isr_nodes: Vec<i32>,
    /// `EligibleLeaderReplicas`.
    pub eligible_leader_replicas: Option<Vec<i32>>,
    /// `LastKnownElr`.
    pub last_known_elr: Option<Vec<i32>>,
    /// `OfflineReplicas`.
    pub offline_replicas: Vec<i32>,
}

impl Default for DescribeTopicPartitionsResponsePartition {
    fn default() -> Self {
        Self {
            error_code: 0,
            partition_index: 0,
            leader_id: 0,
            leader_epoch: -1,
            replica_nodes: Vec::new(),
            isr_nodes: Vec::new(),
            eligible_leader_replicas: None,
            last_known_elr: None,
            offline_replicas: Vec::new(),
        }
    }
}

impl DescribeTopicPartitionsResponsePartition {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            error_code: reader.i16()?,
            partition_index: reader.i32()?,
            leader_id: reader.i32()?,
            leader_epoch: reader.i32()?,
            replica_nodes: reader.i32_array()?,
            isr_nodes: reader.i32_array()?,
            eligible_leader_replicas: reader.nullable_i32_array()?,
            last_known_elr: reader.nullable_i32_array()?,
            offline_replicas: reader.i32_array()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i16(self.error_code);
        writer.i32(self.partition_index);
        writer.i32(self.leader_id);
        writer.i32(self.leader_epoch);
        writer.i32_array(&self.replica_nodes);
        writer.i32_array(&self.isr_nodes);
        writer.nullable_i32_array(self.eligible_leader_replicas.as_deref());
        writer.nullable_i32_array(self.last_known_elr.as_deref());
        writer.i32_array(&self.offline_replicas);
        writer.no_tagged_fields();
    }
}

/// `Cursor` in `DescribeTopicPartitionsResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Cursor {
    /// `TopicName`.
    pub topic_name: String,
    /// `PartitionIndex`.
    pub partition_index: i32,
}

impl Cursor {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { topic_name: reader.string()?, partition_index: reader.i32()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.topic_name);
        writer.i32(self.partition_index);
        writer.no_tagged_fields();
    }
}
