// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `LeaveGroupRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::leave_group_response::LeaveGroupResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 13: versions 0 to 5, flexible from 4.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct LeaveGroupRequest {
    /// `GroupId`.
    pub group_id: String,
    /// `MemberId`, up to version 2.
    pub member_id: String,
    /// `Members`, from version 3.
    pub members: Vec<MemberIdentity>,
}

impl Message for LeaveGroupRequest {
    const NAME: &'static str = "LeaveGroupRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            group_id: reader.string()?,
            member_id: if version <= 2 { reader.string()? } else { String::new() },
            members: if version >= 3 { reader.array(version, MemberIdentity::decode)? } else { Vec::new() },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string(&self.group_id);
        if version <= 2 {
            writer.string(&self.member_id);
        }
        if version >= 3 {
            writer.array(version, &self.members, MemberIdentity::encode);
        }
        writer.no_tagged_fields();
    }
}

impl Request for LeaveGroupRequest {
    const API_KEY: ApiKey = ApiKey::LeaveGroup;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = LeaveGroupResponse;
}

/// `MemberIdentity` in `LeaveGroupRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct MemberIdentity {
    /// `MemberId`.
    pub member_id: String,
    /// `GroupInstanceId`.
    pub group_instance_id: Option<String>,
    /// `Reason`, from version 5.
    pub reason: Option<String>,
}

impl MemberIdentity {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            member_id: reader.string()?,
            group_instance_id: reader.nullable_string()?,
            reason: if version >= 5 { reader.nullable_string()? } else { None },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.member_id);
        writer.nullable_string(self.group_instance_id.as_deref());
        if version >= 5 {
            writer.nullable_string(self.reason.as_deref());
        }
        writer.no_tagged_fields();
    }
}
