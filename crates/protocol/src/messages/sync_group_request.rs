// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `SyncGroupRequest` and what it holds.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::sync_group_response::SyncGroupResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 14: versions 0 to 5, flexible from 4.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SyncGroupRequest {
    /// `GroupId`.
    pub group_id: String,
    /// `GenerationId`.
    pub generation_id: i32,
    /// `MemberId`.
    pub member_id: String,
    /// `GroupInstanceId`, from version 3.
    pub group_instance_id: Option<String>,
    /// `ProtocolType`, from version 5.
    pub protocol_type: Option<String>,
    /// `ProtocolName`, from version 5.
    pub protocol_name: Option<String>,
    /// `Assignments`.
    pub assignments: Vec<SyncGroupRequestAssignment>,
}

impl Message for SyncGroupRequest {
    const NAME: &'static str = "SyncGroupRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            group_id: reader.string()?,
            generation_id: reader.i32()?,
            member_id: reader.string()?,
            group_instance_id: if version >= 3 { reader.nullable_string()? } else { None },
            protocol_type: if version >= 5 { reader.nullable_string()? } else { None },
            protocol_name: if version >= 5 { reader.nullable_string()? } else { None },
            assignments: reader.array(version, SyncGroupRequestAssignment::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string(&self.group_id);
        writer.i32(self.generation_id);
        writer.string(&self.member_id);
        if version >= 3 {
            writer.nullable_string(self.group_instance_id.as_deref());
        }
        if version >= 5 {
            writer.nullable_string(self.protocol_type.as_deref());
            writer.nullable_string(self.protocol_name.as_deref());
        }
        writer.array(version, &self.assignments, SyncGroupRequestAssignment::encode);
        writer.no_tagged_fields();
    }
}

impl Request for SyncGroupRequest {
    const API_KEY: ApiKey = ApiKey::SyncGroup;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = SyncGroupResponse;
}

/// `SyncGroupRequestAssignment` in `SyncGroupRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SyncGroupRequestAssignment {
    /// `MemberId`.
    pub member_id: String,
    /// `Assignment`.
    pub assignment: Bytes,
}

impl SyncGroupRequestAssignment {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { member_id: reader.string()?, assignment: reader.bytes()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.member_id);
        writer.bytes(&self.assignment);
        writer.no_tagged_fields();
    }
}
