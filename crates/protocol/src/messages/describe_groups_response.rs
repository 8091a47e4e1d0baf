// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `DescribeGroupsResponse` and what it holds.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 15: versions 0 to 6, flexible from 5.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeGroupsResponse {
    /// `ThrottleTimeMs`, from version 1.
    pub throttle_time_ms: i32,
    /// `Groups`.
    pub groups: Vec<DescribedGroup>,
}

impl Message for DescribeGroupsResponse {
    const NAME: &'static str = "DescribeGroupsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_FROM: Option<i16> = Some(5);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            throttle_time_ms: if version >= 1 { reader.i32()? } else { 0 },
            groups: reader.array(version, DescribedGroup::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        if version >= 1 {
            writer.i32(self.throttle_time_ms);
        }
        writer.array(version, &self.groups, DescribedGroup::encode);
        writer.no_tagged_fields();
    }
}

impl Response for DescribeGroupsResponse {
    const API_KEY: ApiKey = ApiKey::DescribeGroups;
}

/// `DescribedGroup` in `DescribeGroupsResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribedGroup {
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ErrorMessage`, from version 6.
    pub error_message: Option<String>,
    /// `GroupId`.
    pub group_id: String,
    /// `GroupState`.
    pub group_state: String,
    /// `ProtocolType`.
    pub protocol_type: String,
    /// `ProtocolData`.
    pub protocol_data: String,
    /// `Members`.
    pub members: Vec<DescribedGroupMember>,
    /// `AuthorizedOperations`, from version 3, default i32::MIN.
    pub authorized_operations: i32,
}

impl Default for DescribedGroup {
    fn default() -> Self {
        Self {
            error_code: 0,
            error_message: None,
            group_id: String::new(),
            group_state: String::new(),
            protocol_type: String::new(),
            protocol_data: String::new(),
            members: Vec::new(),
            authorized_operations: i32::MIN,
        }
    }
}

impl DescribedGroup {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            error_code: reader.i16()?,
            error_message: if version >= 6 { reader.nullable_string()? } else { None },
            group_id: reader.string()?,
            group_state: reader.string()?,
            protocol_type: reader.string()?,
            protocol_data: reader.string()?,
            members: reader.array(version, DescribedGroupMember::decode)?,
            authorized_operations: if version >= 3 { reader.i32()? } else { i32::MIN },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i16(self.error_code);
        if version >= 6 {
            writer.nullable_string(self.error_message.as_deref());
        }
        writer.string(&self.group_id);
        writer.string(&self.group_state);
        writer.string(&self.protocol_type);
        writer.string(&self.protocol_data);
        writer.array(version, &self.members, DescribedGroupMember::encode);
        if version >= 3 {
            writer.i32(self.authorized_operations);
        }
        writer.no_tagged_fields();
    }
}

/// `DescribedGroupMember` in `DescribeGroupsResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribedGroupMember {
    /// `MemberId`.
    pub member_id: String,
    /// `GroupInstanceId`, from version 4.
    pub group_instance_id: Option<String>,
    /// `ClientId`.
    pub client_id: String,
    /// `ClientHost`.
    pub client_host: String,
    /// `MemberMetadata`.
    pub member_metadata: Bytes,
    /// `MemberAssignment`.
    pub member_assignment: Bytes,
}

impl DescribedGroupMember {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            member_id: reader.string()?,
            group_instance_id: if version >= 4 { reader.nullable_string()? } else { None },
            client_id: reader.string()?,
            client_host: reader.string()?,
            member_metadata: reader.bytes()?,
            member_assignment: reader.bytes()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.member_id);
        if version >= 4 {
            writer.nullable_string(self.group_instance_id.as_deref());
        }
        writer.string(&self.client_id);
        writer.string(&self.client_host);
        writer.bytes(&self.member_metadata);
        writer.bytes(&self.member_assignment);
        writer.no_tagged_fields();
    }
}
