// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `DescribeTopicPartitionsRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::describe_topic_partitions_response::DescribeTopicPartitionsResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 75: version 0, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeTopicPartitionsRequest {
    /// `Topics`.
    pub topics: Vec<TopicRequest>,
    /// `ResponsePartitionLimit`, default 2000.
    pub response_partition_limit: i32,
    /// `Cursor`.
    pub cursor: Option<Cursor>,
}

impl Default for DescribeTopicPartitionsRequest {
    fn default() -> Self {
        Self { topics: Vec::new(), response_partition_limit: 2000, cursor: None }
    }
}

impl Message for DescribeTopicPartitionsRequest {
    const NAME: &'static str = "DescribeTopicPartitionsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            topics: reader.array(version, TopicRequest::decode)?,
            response_partition_limit: reader.i32()?,
            cursor: if reader.is_present()? { Some(Cursor::decode(reader, version)?) } else { None },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.array(version, &self.topics, TopicRequest::encode);
        writer.i32(self.response_partition_limit);
        writer.present(self.cursor.is_some());
        if let Some(value) = &self.cursor {
            value.encode(writer, version);
        }
        writer.no_tagged_fields();
    }
}

impl Request for DescribeTopicPartitionsRequest {
    const API_KEY: ApiKey = ApiKey::DescribeTopicPartitions;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = DescribeTopicPartitionsResponse;
}

/// `TopicRequest` in `DescribeTopicPartitionsRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicRequest {
    /// `Name`.
    pub name: String,
}

impl TopicRequest {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { name: reader.string()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.name);
        writer.no_tagged_fields();
    }
}

/// `Cursor` in `DescribeTopicPartitionsRequest`.
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
