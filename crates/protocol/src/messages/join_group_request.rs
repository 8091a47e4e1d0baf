// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `JoinGroupRequest` and what it holds.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::join_group_response::JoinGroupResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 11: versions 0 to 9, flexible from 6.
#[derive(Clone, Debug, PartialEq)]
pub struct JoinGroupRequest {
    /// `GroupId`.
    pub group_id: String,
    /// `SessionTimeoutMs`.
    pub session_timeout_ms: i32,
    /// `RebalanceTimeoutMs`, from version 1, default -1.
    pub rebalance_timeout_ms: i32,
    /// `MemberId`.
    pub member_id: String,
    /// `GroupInstanceId`, from version 5.
    pub group_instance_id: Option<String>,
    /// `ProtocolType`.
    pub protocol_type: String,
    /// `Protocols`.
    pub protocols: Vec<JoinGroupRequestProtocol>,
    /// `Reason`, from version 8.
    pub reason: Option<String>,
}

impl Default for JoinGroupRequest {
    fn default() -> Self {
        Self {
            group_id: String::new(),
            session_timeout_ms: 0,
            rebalance_timeout_ms: -1,
            member_id: String::new(),
            group_instance_id: None,
            protocol_type: String::new(),
            protocols: Vec::new(),
            reason: None,
        }
    }
}

impl Message for JoinGroupRequest {
    const NAME: &'static str = "JoinGroupRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=9;
    const FLEXIBLE_FROM: Option<i16> = Some(6);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            group_id: reader.string()?,
            session_timeout_ms: reader.i32()?,
            rebalance_timeout_ms: if version >= 1 { reader.i32()? } else { -1 },
            member_id: reader.string()?,
            group_instance_id: if version >= 5 { reader.nullable_string()? } else { None },
            protocol_type: reader.string()?,
            protocols: reader.array(version, JoinGroupRequestProtocol::decode)?,
            reason: if version >= 8 { reader.nullable_string()? } else { None },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string(&self.group_id);
        writer.i32(self.session_timeout_ms);
        if version >= 1 {
            writer.i32(self.rebalance_timeout_ms);
        }
        writer.string(&self.member_id);
        if version >= 5 {
            writer.nullable_string(self.group_instance_id.as_deref());
        }
        writer.string(&self.protocol_type);
        writer.array(version, &self.protocols, JoinGroupRequestProtocol::encode);
        if version >= 8 {
            writer.nullable_string(self.reason.as_deref());
        }
        writer.no_tagged_fields();
    }
}

impl Request for JoinGroupRequest {
    const API_KEY: ApiKey = ApiKey::JoinGroup;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = JoinGroupResponse;
}

/// `JoinGroupRequestProtocol` in `JoinGroupRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct JoinGroupRequestProtocol {
    /// `Name`, key.
    pub name: String,
    /// `Metadata`.
    pub metadata: Bytes,
}

impl JoinGroupRequestProtocol {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { name: reader.string()?, metadata: reader.bytes()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.name);
        writer.bytes(&self.metadata);
        writer.no_tagged_fields();
    }
}
