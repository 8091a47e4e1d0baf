// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `DescribeLogDirsRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::describe_log_dirs_response::DescribeLogDirsResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 35: versions 1 to 5, flexible from 2.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeLogDirsRequest {
    /// `Topics`, default `Some(Vec::new())`.
    pub topics: Option<Vec<DescribableLogDirTopic>>,
}

impl Default for DescribeLogDirsRequest {
    fn default() -> Self {
        Self { topics: Some(Vec::new()) }
    }
}

impl Message for DescribeLogDirsRequest {
    const NAME: &'static str = "DescribeLogDirsRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=5;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { topics: reader.nullable_array(version, DescribableLogDirTopic::decode)? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.nullable_array(version, self.topics.as_deref(), DescribableLogDirTopic::encode);
        writer.no_tagged_fields();
    }
}

impl Request for DescribeLogDirsRequest {
    const API_KEY: ApiKey = ApiKey::DescribeLogDirs;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = DescribeLogDirsResponse;
}

/// `DescribableLogDirTopic` in `DescribeLogDirsRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribableLogDirTopic {
    /// `Topic`, key.
    pub topic: String,
    /// `Partitions`.
    pub partitions: Vec<i32>,
}

impl DescribableLogDirTopic {
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
