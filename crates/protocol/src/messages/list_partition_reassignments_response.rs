// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ListPartitionReassignmentsResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 46: version 0, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct ListPartitionReassignmentsResponse {
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ErrorMessage`, default `Some(String::new())`.
    pub error_message: Option<String>,
    /// `Topics`.
    pub topics: Vec<OngoingTopicReassignment>,
}

impl Default for ListPartitionReassignmentsResponse {
    fn default() -> Self {
        Self { throttle_time_ms: 0, error_code: 0, error_message: Some(String::new()), topics: Vec::new() }
    }
}

impl Message for ListPartitionReassignmentsResponse {
    const NAME: &'static str = "ListPartitionReassignmentsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            throttle_time_ms: reader.i32()?,
            error_code: reader.i16()?,
            error_message: reader.nullable_string()?,
            topics: reader.array(version, OngoingTopicReassignment::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.throttle_time_ms);
        writer.i16(self.error_code);
        writer.nullable_string(self.error_message.as_deref());
        writer.array(version, &self.topics, OngoingTopicReassignment::encode);
        writer.no_tagged_fields();
    }
}

impl Response for ListPartitionReassignmentsResponse {
    const API_KEY: ApiKey = ApiKey::ListPartitionReassignments;
}

/// `OngoingTopicReassignment` in `ListPartitionReassignmentsResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OngoingTopicReassignment {
    /// `Name`.
    pub name: String,
    /// `Partitions`.
    pub partitions: Vec<OngoingPartitionReassignment>,
}

impl OngoingTopicReassignment {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            name: reader.string()?,
            partitions: reader.array(version, OngoingPartitionReassignment::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.name);
        writer.array(version, &self.partitions, OngoingPartitionReassignment::encode);
        writer.no_tagged_fields();
    }
}

/// `OngoingPartitionReassignment` in `ListPartitionReassignmentsResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OngoingPartitionReassignment {
    /// `PartitionIndex`.
    pub partition_index: i32,
    /// `Replicas`.
    pub replicas: Vec<i32>,
    /// `AddingReplicas`.
    pub adding_replicas: Vec<i32>,
    /// `RemovingReplicas`.
    pub removing_replicas: Vec<i32>,
}

impl OngoingPartitionReassignment {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            partition_index: reader.i32()?,
            replicas: reader.i32_array()?,
            adding_replicas: reader.i32_array()?,
            removing_replicas: reader.i32_array()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i32(self.partition_index);
        writer.i32_array(&self.replicas);
        writer.i32_array(&self.adding_replicas);
        writer.i32_array(&self.removing_replicas);
        writer.no_tagged_fields();
    }
}
