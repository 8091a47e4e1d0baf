// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `FindCoordinatorResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 10: versions 0 to 6, flexible from 3.
#[derive(Clone, Debug, PartialEq)]
pub struct FindCoordinatorResponse {
    /// `ThrottleTimeMs`, from version 1.
    pub throttle_time_ms: i32,
    /// `ErrorCode`, up to version 3.
    pub error_code: i16,
    /// `ErrorMessage`, in versions 1 to 3, default `Some(String::new())`.
    pub error_message: Option<String>,
    /// `NodeId`, up to version 3.
    pub node_id: i32,
    /// `Host`, up to version 3.
    pub host: String,
    /// `Port`, up to version 3.
    pub port: i32,
    /// `Coordinators`, from version 4.
    pub coordinators: Vec<Coordinator>,
}

impl Default for FindCoordinatorResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            error_message: Some(String::new()),
            node_id: 0,
            host: String::new(),
            port: 0,
            coordinators: Vec::new(),
        }
    }
}

impl Message for FindCoordinatorResponse {
    const NAME: &'static str = "FindCoordinatorResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            throttle_time_ms: if version >= 1 { reader.i32()? } else { 0 },
            error_code: if version <= 3 { reader.i16()? } else { 0 },
            error_message: if (1..=3).contains(&version) {
                reader.nullable_string()?
            } else {
                Some(String::new())
            },
            node_id: if version <= 3 { reader.i32()? } else { 0 },
            host: if version <= 3 { reader.string()? } else { String::new() },
            port: if version <= 3 { reader.i32()? } else { 0 },
            coordinators: if version >= 4 { reader.array(version, Coordinator::decode)? } else { Vec::new() },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        if version >= 1 {
            writer.i32(self.throttle_time_ms);
        }
        if version <= 3 {
            writer.i16(self.error_code);
        }
        if (1..=3).contains(&version) {
            writer.nullable_string(self.error_message.as_deref());
        }
        if version <= 3 {
            writer.i32(self.node_id);
            writer.string(&self.host);
            writer.i32(self.port);
        }
        if version >= 4 {
            writer.array(version, &self.coordinators, Coordinator::encode);
        }
        writer.no_tagged_fields();
    }
}

impl Response for FindCoordinatorResponse {
    const API_KEY: ApiKey = ApiKey::FindCoordinator;
}

/// `Coordinator` in `FindCoordinatorResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct Coordinator {
    /// `Key`.
    pub key: String,
    /// `NodeId`.
    pub node_id: i32,
    /// `Host`.
    pub host: String,
    /// `Port`.
    pub port: i32,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ErrorMessage`, default `Some(String::new())`.
    pub error_message: Option<String>,
}

impl Default for Coordinator {
    fn default() -> Self {
        Self {
            key: String::new(),
            node_id: 0,
            host: String::new(),
            port: 0,
            error_code: 0,
            error_message: Some(String::new()),
        }
    }
}

impl Coordinator {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            key: reader.string()?,
            node_id: reader.i32()?,
            host: reader.string()?,
            port: reader.i32()?,
            error_code: reader.i16()?,
            error_message: reader.nullable_string()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.key);
        writer.i32(self.node_id);
        writer.string(&self.host);
        writer.i32(self.port);
        writer.i16(self.error_code);
        writer.nullable_string(self.error_message.as_deref());
        writer.no_tagged_fields();
    }
}
