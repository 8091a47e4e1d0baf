// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `DeleteGroupsResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 42: versions 0 to 3, flexible from 2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DeleteGroupsResponse {
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
    /// `Results`.
    pub results: Vec<DeletableGroupResult>,
}

impl Message for DeleteGroupsResponse {
    const NAME: &'static str = "DeleteGroupsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=3;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            throttle_time_ms: reader.i32()?,
            results: reader.array(version, DeletableGroupResult::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.throttle_time_ms);
        writer.array(version, &self.results, DeletableGroupResult::encode);
        writer.no_tagged_fields();
    }
}

impl Response for DeleteGroupsResponse {
    const API_KEY: ApiKey = ApiKey::DeleteGroups;
}

/// `DeletableGroupResult` in `DeleteGroupsResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DeletableGroupResult {
    /// `GroupId`, key.
    pub group_id: String,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ErrorMessage`, from version 3.
    pub error_message: Option<String>,
}

impl DeletableGroupResult {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            group_id: reader.string()?,
            error_code: reader.i16()?,
            error_message: if version >= 3 { reader.nullable_string()? } else { None },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.group_id);
        writer.i16(self.error_code);
        if version >= 3 {
            writer.nullable_string(self.error_message.as_deref());
        }
        writer.no_tagged_fields();
    }
}
