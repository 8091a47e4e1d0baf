// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `MetadataResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 3: versions 0 to 13, flexible from 9.
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataResponse {
    /// `ThrottleTimeMs`, from version 3.
    pub throttle_time_ms: i32,
    /// `Brokers`.
    pub brokers: Vec<MetadataResponseBroker>,
    /// `ClusterId`, from version 2.
    pub cluster_id: Option<String>,
    /// `ControllerId`, from version 1, default -1.
    pub controller_id: i32,
    /// `Topics`.
    pub topics: Vec<MetadataResponseTopic>,
    /// `ClusterAuthorizedOperations`, in versions 8 to 10, default i32::MIN.
    pub cluster_authorized_operations: i32,
    /// `ErrorCode`, from version 13.
    pub error_code: i16,
}

impl Default for MetadataResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            brokers: Vec::new(),
            cluster_id: None,
            controller_id: -1,
            topics: Vec::new(),
            cluster_authorized_operations: i32::MIN,
            error_code: 0,
        }
    }
}

impl Message for MetadataResponse {
    const NAME: &'static str = "MetadataResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=13;
    const FLEXIBLE_FROM: Option<i16> = Some(9);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            throttle_time_ms: if version >= 3 { reader.i32()? } else { 0 },
            brokers: reader.array(version, MetadataResponseBroker::decode)?,
            cluster_id: if version >= 2 { reader.nullable_string()? } else { None },
            controller_id: if version >= 1 { reader.i32()? } else { -1 },
            topics: reader.array(version, MetadataResponseTopic::decode)?,
            cluster_authorized_operations: if (8..=10).contains(&version) { reader.i32()? } else { i32::MIN },
            error_code: if version >= 13 { reader.i16()? } else { 0 },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        if version >= 3 {
            writer.i32(self.throttle_time_ms);
        }
        writer.array(version, &self.brokers, MetadataResponseBroker::encode);
        if version >= 2 {
            writer.nullable_string(self.cluster_id.as_deref());
        }
        if version >= 1 {
            writer.i32(self.controller_id);
        }
        writer.array(version, &self.topics, MetadataResponseTopic::encode);
        if (8..=10).contains(&version) {
            writer.i32(self.cluster_authorized_operations);
        }
        if version >= 13 {
            writer.i16(self.error_code);
        }
        writer.no_tagged_fields();
    }
}

impl Response for MetadataResponse {
    const API_KEY: ApiKey = ApiKey::Metadata;
}

/// `MetadataResponseBroker` in `MetadataResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct MetadataResponseBroker {
    /// `NodeId`, key.
    pub node_id: i32,
    /// `Host`.
    pub host: String,
    /// `Port`.
    pub port: i32,
    /// `Rack`, from version 1.
    pub rack: Option<String>,
}

impl MetadataResponseBroker {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            node_id: reader.i32()?,
            host: reader.string()?,
            port: reader.i32()?,
            rack: if version >= 1 { reader.nullable_string()? } else { None },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i32(self.node_id);
        writer.string(&self.host);
        writer.i32(self.port);
        if version >= 1 {
            writer.nullable_string(self.rack.as_deref());
        }
        writer.no_tagged_fields();
    }
}

/// `MetadataResponseTopic` in `MetadataResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataResponseTopic {
    /// `ErrorCode`.
    pub error_code: i16,
    /// `Name`, null from version 12, key, default `Some(String::new())`.
    pub name: Option<String>,
    /// `TopicId`, from version 10.
    pub topic_id: Uuid,
    /// `IsInternal`, from version 1.
    pub is_internal: bool,
    /// `Partitions`.
    pub partitions: Vec<MetadataResponsePartition>,
    /// `TopicAuthorizedOperations`, from version 8, default i32::MIN.
    pub topic_authorized_operations: i32,
}

impl Default for MetadataResponseTopic {
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

impl MetadataResponseTopic {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            error_code: reader.i16()?,
            name: if version >= 12 { reader.nullable_string()? } else { Some(reader.string()?) },
            topic_id: if version >= 10 { reader.uuid()? } else { Uuid::ZERO },
            is_internal: if version >= 1 { reader.bool()? } else { false },
            partitions: reader.array(version, MetadataResponsePartition::decode)?,
            topic_authorized_operations: if version >= 8 { reader.i32()? } else { i32::MIN },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i16(self.error_code);
        if version >= 12 {
            writer.nullable_string(self.name.as_deref());
        } else {
            writer.string(self.name.as_deref().unwrap_or_default());
        }
        if version >= 10 {
            writer.uuid(self.topic_id);
        }
        if version >= 1 {
            writer.bool(self.is_internal);
        }
        writer.array(version, &self.partitions, MetadataResponsePartition::encode);
        if version >= 8 {
            writer.i32(self.topic_authorized_operations);
        }
        writer.no_tagged_fields();
    }
}

/// `MetadataResponsePartition` in `MetadataResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataResponsePartition {
    /// `ErrorCode`.
    pub error_code: i16,
    /// `PartitionIndex`.
    pub partition_index: i32,
    /// `LeaderId`.
    pub leader_id: i32,
    /// `LeaderEpoch`, from version 7, default -1.
    pub leader_epoch: i32,
    /// `ReplicaNodes`.
    pub replica_nodes: Vec<i32>,
    /// `IsrNodes`.
    pub isr_nodes: Vec<i32>,
    /// `OfflineReplicas`, from version 5.
    pub offline_replicas: Vec<i32>,
}

impl Default for MetadataResponsePartition {
    fn default() -> Self {
        Self {
            error_code: 0,
            partition_index: 0,
            leader_id: 0,
            leader_epoch: -1,
            replica_nodes: Vec::new(),
            isr_nodes: Vec::new(),
            offline_replicas: Vec::new(),
        }
    }
}

impl MetadataResponsePartition {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            error_code: reader.i16()?,
            partition_index: reader.i32()?,
            leader_id: reader.i32()?,
            leader_epoch: if version >= 7 { reader.i32()? } else { -1 },
            replica_nodes: reader.i32_array()?,
            isr_nodes: reader.i32_array()?,
            offline_replicas: if version >= 5 { reader.i32_array()? } else { Vec::new() },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i16(self.error_code);
        writer.i32(self.partition_index);
        writer.i32(self.leader_id);
        if version >= 7 {
            writer.i32(self.leader_epoch);
        }
        writer.i32_array(&self.replica_nodes);
        writer.i32_array(&self.isr_nodes);
        if version >= 5 {
            writer.i32_array(&self.offline_replicas);
        }
        writer.no_tagged_fields();
    }
}
