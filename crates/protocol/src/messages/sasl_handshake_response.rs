// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `SaslHandshakeResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 17: versions 0 to 1, never flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SaslHandshakeResponse {
    /// `ErrorCode`.
    pub error_code: i16,
    /// `Mechanisms`.
    pub mechanisms: Vec<String>,
}

impl Message for SaslHandshakeResponse {
    const NAME: &'static str = "SaslHandshakeResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        Ok(Self { error_code: reader.i16()?, mechanisms: reader.string_array()? })
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i16(self.error_code);
        writer.string_array(&self.mechanisms);
    }
}

impl Response for SaslHandshakeResponse {
    const API_KEY: ApiKey = ApiKey::SaslHandshake;
}
