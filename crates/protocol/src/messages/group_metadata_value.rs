// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `GroupMetadataValue` and what it holds.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Value of coordinator records of type 2: versions 0 to 4, flexible from 4.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupMetadataValue {
    /// `protocolType`.
    pub protocol_type: String,
    /// `generation`.
    pub generation: i32,
    /// `protocol`, default `Some(String::new())`.
    pub protocol: Option<String>,
    /// `leader`, default `Some(String::new())`.
    pub leader: Option<String>,
    /// `currentStateTimestamp`, from version 2, default -1.
    pub current_state_timestamp: i64,
    /// `members`.
    pub members: Vec<MemberMetadata>,
}

impl Default for GroupMetadataValue {
    fn default() -> Self {
        Self {
            protocol_type: String::new(),
            generation: 0,
            protocol: Some(String::new()),
            leader: Some(String::new()),
            current_state_timestamp: -1,
            members: Vec::new(),
        }
    }
}

impl Message for GroupMetadataValue {
    const NAME: &'static str = "GroupMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            protocol_type: reader.string()?,
            generation: reader.i32()?,
            protocol: reader.nullable_string()?,
            leader: reader.nullable_string()?,
            current_state_timestamp: if version >= 2 { reader.i64()? } else { -1 },
            members: reader.array(version, MemberMetadata::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string(&self.protocol_type);
        writer.i32(self.generation);
        writer.nullable_string(self.protocol.as_deref());
        writer.nullable_string(self.leader.as_deref());
        if version >= 2 {
            writer.i64(self.current_state_timestamp);
        }
        writer.array(version, &self.members, MemberMetadata::encode);
        writer.no_tagged_fields();
    }
}

impl StoredRecord for GroupMetadataValue {
    const RECORD_TYPE: i16 = 2;
}

/// `MemberMetadata` in `GroupMetadataValue`.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberMetadata {
    /// `memberId`.
    pub member_id: String,
    /// `groupInstanceId`, from version 3.
    pub group_instance_id: Option<String>,
    /// `clientId`.
    pub client_id: String,
    /// `clientHost`.
    pub client_host: String,
    /// `rebalanceTimeout`, from version 1, default -1.
    pub rebalance_timeout: i32,
    /// `sessionTimeout`.
    pub session_timeout: i32,
    /// `subscription`.
    pub subscription: Bytes,
    /// `assignment`.
    pub assignment: Bytes,
}

impl Default for MemberMetadata {
    fn default() -> Self {
        Self {
            member_id: String::new(),
            group_instance_id: None,
            client_id: String::new(),
            client_host: String::new(),
            rebalance_timeout: -1,
            session_timeout: 0,
            subscription: Bytes::new(),
            assignment: Bytes::new(),
        }
    }
}

impl MemberMetadata {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            member_id: reader.string()?,
            group_instance_id: if version >= 3 { reader.nullable_string()? } else { None },
            client_id: reader.string()?,
            client_host: reader.string()?,
            rebalance_timeout: if version >= 1 { reader.i32()? } else { -1 },
            session_timeout: reader.i32()?,
            subscription: reader.bytes()?,
            assignment: reader.bytes()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.member_id);
        if version >= 3 {
            writer.nullable_string(self.group_instance_id.as_deref());
        }
        writer.string(&self.client_id);
        writer.string(&self.client_host);
        if version >= 1 {
            writer.i32(self.rebalance_timeout);
        }
        writer.i32(self.session_timeout);
        writer.bytes(&self.subscription);
        writer.bytes(&self.assignment);
        writer.no_tagged_fields();
    }
}
