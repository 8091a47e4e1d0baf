// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `CreateTopicsRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::create_topics_response::CreateTopicsResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 19: versions 2 to 7, flexible from 5.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateTopicsRequest {
    /// `Topics`.
    pub topics: Vec<CreatableTopic>,
    /// `timeoutMs`, default 60_000.
    pub timeout_ms: i32,
    /// `validateOnly`.
    pub validate_only: bool,
}

impl Default for CreateTopicsRequest {
    fn default() -> Self {
        Self { topics: Vec::new(), timeout_ms: 60_000, validate_only: false }
    }
}

impl Message for CreateTopicsRequest {
    const NAME: &'static str = "CreateTopicsRequest";
    const VERSIONS: RangeInclusive<i16> = 2..=7;
    const FLEXIBLE_FROM: Option<i16> = Some(5);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            topics: reader.array(version, CreatableTopic::decode)?,
            timeout_ms: reader.i32()?,
            validate_only: reader.bool()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.array(version, &self.topics, CreatableTopic::encode);
        writer.i32(self.timeout_ms);
        writer.bool(self.validate_only);
        writer.no_tagged_fields();
    }
}

impl Request for CreateTopicsRequest {
    const API_KEY: ApiKey = ApiKey::CreateTopics;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = CreateTopicsResponse;
}

/// `CreatableTopic` in `CreateTopicsRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CreatableTopic {
    /// `Name`, key.
    pub name: String,
    /// `NumPartitions`.
    pub num_partitions: i32,
    /// `ReplicationFactor`.
    pub replication_factor: i16,
    /// `Assignments`.
    pub assignments: Vec<CreatableReplicaAssignment>,
    /// `Configs`.
    pub configs: Vec<CreatableTopicConfig>,
}

impl CreatableTopic {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            name: reader.string()?,
            num_partitions: reader.i32()?,
            replication_factor: reader.i16()?,
            assignments: reader.array(version, CreatableReplicaAssignment::decode)?,
            configs: reader.array(version, CreatableTopicConfig::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.name);
        writer.i32(self.num_partitions);
        writer.i16(self.replication_factor);
        writer.array(version, &self.assignments, CreatableReplicaAssignment::encode);
        writer.array(version, &self.configs, CreatableTopicConfig::encode);
        writer.no_tagged_fields();
    }
}

/// `CreatableReplicaAssignment` in `CreateTopicsRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CreatableReplicaAssignment {
    /// `PartitionIndex`, key.
    pub partition_index: i32,
    /// `BrokerIds`.
    pub broker_ids: Vec<i32>,
}

impl CreatableReplicaAssignment {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { partition_index: reader.i32()?, broker_ids: reader.i32_array()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i32(self.partition_index);
        writer.i32_array(&self.broker_ids);
        writer.no_tagged_fields();
    }
}

/// `CreatableTopicConfig` in `CreateTopicsRequest`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreatableTopicConfig {
    /// `Name`, key.
    pub name: String,
    /// `Value`, default `Some(String::new())`.
    pub value: Option<String>,
}

impl Default for CreatableTopicConfig {
    fn default() -> Self {
        Self { name: String::new(), value: Some(String::new()) }
    }
}

impl CreatableTopicConfig {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { name: reader.string()?, value: reader.nullable_string()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.name);
        writer.nullable_string(self.value.as_deref());
        writer.no_tagged_fields();
    }
}
