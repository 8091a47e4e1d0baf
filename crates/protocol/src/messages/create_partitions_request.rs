// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `CreatePartitionsRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::create_partitions_response::CreatePartitionsResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 37: versions 0 to 3, flexible from 2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CreatePartitionsRequest {
    /// `Topics`.
    pub topics: Vec<CreatePartitionsTopic>,
    /// `TimeoutMs`.
    pub timeout_ms: i32,
    /// `ValidateOnly`.
    pub validate_only: bool,
}

impl Message for CreatePartitionsRequest {
    const NAME: &'static str = "CreatePartitionsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=3;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            topics: reader.array(version, CreatePartitionsTopic::decode)?,
            timeout_ms: reader.i32()?,
            validate_only: reader.bool()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.array(version, &self.topics, CreatePartitionsTopic::encode);
        writer.i32(self.timeout_ms);
        writer.bool(self.validate_only);
        writer.no_tagged_fields();
    }
}

impl Request for CreatePartitionsRequest {
    const API_KEY: ApiKey = ApiKey::CreatePartitions;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = CreatePartitionsResponse;
}

/// `CreatePartitionsTopic` in `CreatePartitionsRequest`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreatePartitionsTopic {
    /// `Name`, key.
    pub name: String,
    /// `Count`.
    pub count: i32,
    /// `Assignments`, default `Some(Vec::new())`.
    pub assignments: Option<Vec<CreatePartitionsAssignment>>,
}

impl Default for CreatePartitionsTopic {
    fn default() -> Self {
        Self { name: String::new(), count: 0, assignments: Some(Vec::new()) }
    }
}

impl CreatePartitionsTopic {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            name: reader.string()?,
            count: reader.i32()?,
            assignments: reader.nullable_array(version, CreatePartitionsAssignment::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.name);
        writer.i32(self.count);
        writer.nullable_array(version, self.assignments.as_deref(), CreatePartitionsAssignment::encode);
        writer.no_tagged_fields();
    }
}

/// `CreatePartitionsAssignment` in `CreatePartitionsRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CreatePartitionsAssignment {
    /// `BrokerIds`.
    pub broker_ids: Vec<i32>,
}

impl CreatePartitionsAssignment {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { broker_ids: reader.i32_array()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i32_array(&self.broker_ids);
        writer.no_tagged_fields();
    }
}
