// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ShareGroupDescribeRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::share_group_describe_response::ShareGroupDescribeResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 77: version 1, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ShareGroupDescribeRequest {
    /// `GroupIds`.
    pub group_ids: Vec<String>,
    /// `IncludeAuthorizedOperations`.
    pub include_authorized_operations: bool,
}

impl Message for ShareGroupDescribeRequest {
    const NAME: &'static str = "ShareGroupDescribeRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { group_ids: reader.string_array()?, include_authorized_operations: reader.bool()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string_array(&self.group_ids);
        writer.bool(self.include_authorized_operations);
        writer.no_tagged_fields();
    }
}

impl Request for ShareGroupDescribeRequest {
    const API_KEY: ApiKey = ApiKey::ShareGroupDescribe;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = ShareGroupDescribeResponse;
}
