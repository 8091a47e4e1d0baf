// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ListPartitionReassignmentsRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::list_partition_reassignments_response::ListPartitionReassignmentsResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 46: version 0, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct ListPartitionReassignmentsRequest {
    /// `TimeoutMs`, default 60_000.
    pub timeout_ms: i32,
    /// `Topics`.
    pub topics: Option<Vec<ListPartitionReassignmentsTopics>>,
}

impl Default for ListPartitionReassignmentsRequest {
    fn default() -> Self {
        Self { timeout_ms: 60_000, topics: None }
    }
}

impl Message for ListPartitionReassignmentsRequest {
    const NAME: &'static str = "ListPartitionReassignmentsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            timeout_ms: reader.i32()?,
            topics: reader.nullable_array(version, ListPartitionReassignmentsTopics::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.timeout_ms);
        writer.nullable_array(version, self.topics.as_deref(), ListPartitionReassignmentsTopics::encode);
        writer.no_tagged_fields();
    }
}

impl Request for ListPartitionReassignmentsRequest {
    const API_KEY: ApiKey = ApiKey::ListPartitionReassignments;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = ListPartitionReassignmentsResponse;
}

/// `ListPartitionReassignmentsTopics` in `ListPartitionReassignmentsRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ListPartitionReassignmentsTopics {
    /// `Name`.
    pub name: String,
    /// `PartitionIndexes`.
    pub partition_indexes: Vec<i32>,
}

impl ListPartitionReassignmentsTopics {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { name: reader.string()?, partition_indexes: reader.i32_array()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.name);
        writer.i32_array(&self.partition_indexes);
        writer.no_tagged_fields();
    }
}
