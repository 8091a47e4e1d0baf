// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `AlterPartitionReassignmentsRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::alter_partition_reassignments_response::AlterPartitionReassignmentsResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 45: versions 0 to 1, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterPartitionReassignmentsRequest {
    /// `TimeoutMs`, default 60_000.
    pub timeout_ms: i32,
    /// `AllowReplicationFactorChange`, from version 1, default true.
    pub allow_replication_factor_change: bool,
    /// `Topics`.
    pub topics: Vec<ReassignableTopic>,
}

impl Default for AlterPartitionReassignmentsRequest {
    fn default() -> Self {
        Self { timeout_ms: 60_000, allow_replication_factor_change: true, topics: Vec::new() }
    }
}

impl Message for AlterPartitionReassignmentsRequest {
    const NAME: &'static str = "AlterPartitionReassignmentsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            timeout_ms: reader.i32()?,
            allow_replication_factor_change: if version >= 1 { reader.bool()? } else { true },
            topics: reader.array(version, ReassignableTopic::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.timeout_ms);
        if version >= 1 {
            writer.bool(self.allow_replication_factor_change);
        }
        writer.array(version, &self.topics, ReassignableTopic::encode);
        writer.no_tagged_fields();
    }
}

impl Request for AlterPartitionReassignmentsRequest {
    const API_KEY: ApiKey = ApiKey::AlterPartitionReassignments;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = AlterPartitionReassignmentsResponse;
}

/// `ReassignableTopic` in `AlterPartitionReassignmentsRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ReassignableTopic {
    /// `Name`.
    pub name: String,
    /// `Partitions`.
    pub partitions: Vec<ReassignablePartition>,
}

impl ReassignableTopic {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            name: reader.string()?,
            partitions: reader.array(version, ReassignablePartition::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.name);
        writer.array(version, &self.partitions, ReassignablePartition::encode);
        writer.no_tagged_fields();
    }
}

/// `ReassignablePartition` in `AlterPartitionReassignmentsRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ReassignablePartition {
    /// `PartitionIndex`.
    pub partition_index: i32,
    /// `Replicas`.
    pub replicas: Option<Vec<i32>>,
}

impl ReassignablePartition {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { partition_index: reader.i32()?, replicas: reader.nullable_i32_array()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i32(self.partition_index);
        writer.nullable_i32_array(self.replicas.as_deref());
        writer.no_tagged_fields();
    }
}
