// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ListGroupsResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 16: versions 0 to 5, flexible from 3.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ListGroupsResponse {
    /// `ThrottleTimeMs`, from version 1.
    pub throttle_time_ms: i32,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `Groups`.
    pub groups: Vec<ListedGroup>,
}

impl Message for ListGroupsResponse {
    const NAME: &'static str = "ListGroupsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            throttle_time_ms: if version >= 1 { reader.i32()? } else { 0 },
            error_code: reader.i16()?,
            groups: reader.array(version, ListedGroup::decode)?,
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
        writer.array(version, &self.groups, ListedGroup::encode);
        writer.no_tagged_fields();
    }
}

impl Response for ListGroupsResponse {
    const API_KEY: ApiKey = ApiKey::ListGroups;
}

/// `ListedGroup` in `ListGroupsResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ListedGroup {
    /// `GroupId`.
    pub group_id: String,
    /// `ProtocolType`.
    pub protocol_type: String,
    /// `GroupState`, from version 4.
    pub group_state: String,
    /// `GroupType`, from version 5.
    pub group_type: String,
}

impl ListedGroup {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            group_id: reader.string()?,
            protocol_type: reader.string()?,
            group_state: if version >= 4 { reader.string()? } else { String::new() },
            group_type: if version >= 5 { reader.string()? } else { String::new() },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.group_id);
        writer.string(&self.protocol_type);
        if version >= 4 {
            writer.string(&self.group_state);
        }
        if version >= 5 {
            writer.string(&self.group_type);
        }
        writer.no_tagged_fields();
    }
}
