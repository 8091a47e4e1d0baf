// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `UnregisterBrokerResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 64: version 0, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct UnregisterBrokerResponse {
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ErrorMessage`, default `Some(String::new())`.
    pub error_message: Option<String>,
}

impl Default for UnregisterBrokerResponse {
    fn default() -> Self {
        Self { throttle_time_ms: 0, error_code: 0, error_message: Some(String::new()) }
    }
}

impl Message for UnregisterBrokerResponse {
    const NAME: &'static str = "UnregisterBrokerResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            throttle_time_ms: reader.i32()?,
            error_code: reader.i16()?,
            error_message: reader.nullable_string()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.throttle_time_ms);
        writer.i16(self.error_code);
        writer.nullable_string(self.error_message.as_deref());
        writer.no_tagged_fields();
    }
}

impl Response for UnregisterBrokerResponse {
    const API_KEY: ApiKey = ApiKey::UnregisterBroker;
}
