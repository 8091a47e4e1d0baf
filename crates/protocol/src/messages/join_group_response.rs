// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `JoinGroupResponse` and what it holds.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 11: versions 0 to 9, flexible from 6.
#[derive(Clone, Debug, PartialEq)]
pub struct JoinGroupResponse {
    /// `ThrottleTimeMs`, from version 2.
    pub throttle_time_ms: i32,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `GenerationId`, default -1.
    pub generation_id: i32,
    /// `ProtocolType`, from version 7.
    pub protocol_type: Option<String>,
    /// `ProtocolName`, null from version 7, default `Some(String::new())`.
    pub protocol_name: Option<String>,
    /// `Leader`.
    pub leader: String,
    /// `SkipAssignment`, from version 9.
    pub skip_assignment: bool,
    /// `MemberId`.
    pub member_id: String,
    /// `Members`.
    pub members: Vec<JoinGroupResponseMember>,
}

impl Default for JoinGroupResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            generation_id: -1,
            protocol_type: None,
            protocol_name: Some(String::new()),
            leader: String::new(),
            skip_assignment: false,
            member_id: String::new(),
            members: Vec::new(),
        }
    }
}

impl Message for JoinGroupResponse {
    const NAME: &'static str = "JoinGroupResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=9;
    const FLEXIBLE_FROM: Option<i16> = Some(6);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            throttle_time_ms: if version >= 2 { reader.i32()? } else { 0 },
            error_code: reader.i16()?,
            generation_id: reader.i32()?,
            protocol_type: if version >= 7 { reader.nullable_string()? } else { None },
            protocol_name: if version >= 7 { reader.nullable_string()? } else { Some(reader.string()?) },
            leader: reader.string()?,
            skip_assignment: if version >= 9 { reader.bool()? } else { false },
            member_id: reader.string()?,
            members: reader.array(version, JoinGroupResponseMember::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        if version >= 2 {
            writer.i32(self.throttle_time_ms);
        }
        writer.i16(self.error_code);
        writer.i32(self.generation_id);
        if version >= 7 {
            writer.nullable_string(self.protocol_type.as_deref());
        }
        if version >= 7 {
            writer.nullable_string(self.protocol_name.as_deref());
        } else {
            writer.string(self.protocol_name.as_deref().unwrap_or_default());
        }
        writer.string(&self.leader);
        if version >= 9 {
            writer.bool(self.skip_assignment);
        }
        writer.string(&self.member_id);
        writer.array(version, &self.members, JoinGroupResponseMember::encode);
        writer.no_tagged_fields();
    }
}

impl Response for JoinGroupResponse {
    const API_KEY: ApiKey = ApiKey::JoinGroup;
}

/// `JoinGroupResponseMember` in `JoinGroupResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct JoinGroupResponseMember {
    /// `MemberId`.
    pub member_id: String,
    /// `GroupInstanceId`, from version 5.
    pub group_instance_id: Option<String>,
    /// `Metadata`.
    pub metadata: Bytes,
}

impl JoinGroupResponseMember {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            member_id: reader.string()?,
            group_instance_id: if version >= 5 { reader.nullable_string()? } else { None },
            metadata: reader.bytes()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.member_id);
        if version >= 5 {
            writer.nullable_string(self.group_instance_id.as_deref());
        }
        writer.bytes(&self.metadata);
        writer.no_tagged_fields();
    }
}
