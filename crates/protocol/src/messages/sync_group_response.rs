// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `SyncGroupResponse` and what it holds.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 14: versions 0 to 5, flexible from 4.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SyncGroupResponse {
    /// `ThrottleTimeMs`, from version 1.
    pub throttle_time_ms: i32,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ProtocolType`, from version 5.
    pub protocol_type: Option<String>,
    /// `ProtocolName`, from version 5.
    pub protocol_name: Option<String>,
    /// `Assignment`.
    pub assignment: Bytes,
}

impl Message for SyncGroupResponse {
    const NAME: &'static str = "SyncGroupResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            throttle_time_ms: if version >= 1 { reader.i32()? } else { 0 },
            error_code: reader.i16()?,
            protocol_type: if version >= 5 { reader.nullable_string()? } else { None },
            protocol_name: if version >= 5 { reader.nullable_string()? } else { None },
            assignment: reader.bytes()?,
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
        if version >= 5 {
            writer.nullable_string(self.protocol_type.as_deref());
            writer.nullable_string(self.protocol_name.as_deref());
        }
        writer.bytes(&self.assignment);
        writer.no_tagged_fields();
    }
}

impl Response for SyncGroupResponse {
    const API_KEY: ApiKey = ApiKey::SyncGroup;
}
