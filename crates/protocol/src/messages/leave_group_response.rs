// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `LeaveGroupResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 13: versions 0 to 5, flexible from 4.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct LeaveGroupResponse {
    /// `ThrottleTimeMs`, from version 1.
    pub throttle_time_ms: i32,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `Members`, from version 3.
    pub members: Vec<MemberResponse>,
}

impl Message for LeaveGroupResponse {
    const NAME: &'static str = "LeaveGroupResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            throttle_time_ms: if version >= 1 { reader.i32()? } else { 0 },
            error_code: reader.i16()?,
            members: if version >= 3 { reader.array(version, MemberResponse::decode)? } else { Vec::new() },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        if version >= 1 {
            writer.i32(self.throttle_time_ms);
        }
        writer.i16(self.error_code);
        if version >= 3 {
            writer.array(version, &self.members, MemberResponse::encode);
        }
        writer.no_tagged_fields();
    }
}

impl Response for LeaveGroupResponse {
    const API_KEY: ApiKey = ApiKey::LeaveGroup;
}

/// `MemberResponse` in `LeaveGroupResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberResponse {
    /// `MemberId`.
    pub member_id: String,
    /// `GroupInstanceId`, default `Some(String::new())`.
    pub group_instance_id: Option<String>,
    /// `ErrorCode`.
    pub error_code: i16,
}

impl Default for MemberResponse {
    fn default() -> Self {
        Self { member_id: String::new(), group_instance_id: Some(String::new()), error_code: 0 }
    }
}

impl MemberResponse {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            member_id: reader.string()?,
            group_instance_id: reader.nullable_string()?,
            error_code: reader.i16()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.member_id);
        writer.nullable_string(self.group_instance_id.as_deref());
        writer.i16(self.error_code);
        writer.no_tagged_fields();
    }
}
