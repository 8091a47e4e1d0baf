// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `StreamsGroupDescribeRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::streams_group_describe_response::StreamsGroupDescribeResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 89: versions 0 to 1, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct StreamsGroupDescribeRequest {
    /// `GroupIds`.
    pub group_ids: Vec<String>,
    /// `IncludeAuthorizedOperations`.
    pub include_authorized_operations: bool,
    /// `IncludeTopologyDescription`, from version 1.
    pub include_topology_description: bool,
}

impl Message for StreamsGroupDescribeRequest {
    const NAME: &'static str = "StreamsGroupDescribeRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            group_ids: reader.string_array()?,
            include_authorized_operations: reader.bool()?,
            include_topology_description: if version >= 1 { reader.bool()? } else { false },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string_array(&self.group_ids);
        writer.bool(self.include_authorized_operations);
        if version >= 1 {
            writer.bool(self.include_topology_description);
        }
        writer.no_tagged_fields();
    }
}

impl Request for StreamsGroupDescribeRequest {
    const API_KEY: ApiKey = ApiKey::StreamsGroupDescribe;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = StreamsGroupDescribeResponse;
}
