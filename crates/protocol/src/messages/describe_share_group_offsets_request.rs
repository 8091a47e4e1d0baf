// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `DescribeShareGroupOffsetsRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::describe_share_group_offsets_response::DescribeShareGroupOffsetsResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 90: versions 0 to 1, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeShareGroupOffsetsRequest {
    /// `Groups`.
    pub groups: Vec<DescribeShareGroupOffsetsRequestGroup>,
}

impl Message for DescribeShareGroupOffsetsRequest {
    const NAME: &'static str = "DescribeShareGroupOffsetsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { groups: reader.array(version, DescribeShareGroupOffsetsRequestGroup::decode)? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.array(version, &self.groups, DescribeShareGroupOffsetsRequestGroup::encode);
        writer.no_tagged_fields();
    }
}

impl Request for DescribeShareGroupOffsetsRequest {
    const API_KEY: ApiKey = ApiKey::DescribeShareGroupOffsets;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = DescribeShareGroupOffsetsResponse;
}

/// `DescribeShareGroupOffsetsRequestGroup` in `DescribeShareGroupOffsetsRequest`.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeShareGroupOffsetsRequestGroup {
    /// `GroupId`.
    pub group_id: String,
    /// `Topics`, default `Some(Vec::new())`.
    pub topics: Option<Vec<DescribeShareGroupOffsetsRequestTopic>>,
}

impl Default for DescribeShareGroupOffsetsRequestGroup {
    fn default() -> Self {
        Self { group_id: String::new(), topics: Some(Vec::new()) }
    }
}

impl DescribeShareGroupOffsetsRequestGroup {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            group_id: reader.string()?,
            topics: reader.nullable_array(version, DescribeShareGroupOffsetsRequestTopic::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.group_id);
        writer.nullable_array(version, self.topics.as_deref(), DescribeShareGroupOffsetsRequestTopic::encode);
        writer.no_tagged_fields();
    }
}

/// `DescribeShareGroupOffsetsRequestTopic` in `DescribeShareGroupOffsetsRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeShareGroupOffsetsRequestTopic {
    /// `TopicName`.
    pub topic_name: String,
    /// `Partitions`.
    pub partitions: Vec<i32>,
}

impl DescribeShareGroupOffsetsRequestTopic {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { topic_name: reader.string()?, partitions: reader.i32_array()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.topic_name);
        writer.i32_array(&self.partitions);
        writer.no_tagged_fields();
    }
}
