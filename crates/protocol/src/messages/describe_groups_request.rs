// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `DescribeGroupsRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::describe_groups_response::DescribeGroupsResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 15: versions 0 to 6, flexible from 5.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeGroupsRequest {
    /// `Groups`.
    pub groups: Vec<String>,
    /// `IncludeAuthorizedOperations`, from version 3.
    pub include_authorized_operations: bool,
}

impl Message for DescribeGroupsRequest {
    const NAME: &'static str = "DescribeGroupsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_FROM: Option<i16> = Some(5);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            groups: reader.string_array()?,
            include_authorized_operations: if version >= 3 { reader.bool()? } else { false },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string_array(&self.groups);
        if version >= 3 {
            writer.bool(self.include_authorized_operations);
        }
        writer.no_tagged_fields();
    }
}

impl Request for DescribeGroupsRequest {
    const API_KEY: ApiKey = ApiKey::DescribeGroups;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = DescribeGroupsResponse;
}
