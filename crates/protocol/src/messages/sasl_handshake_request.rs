// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `SaslHandshakeRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::sasl_handshake_response::SaslHandshakeResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 17: versions 0 to 1, never flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SaslHandshakeRequest {
    /// `Mechanism`.
    pub mechanism: String,
}

impl Message for SaslHandshakeRequest {
    const NAME: &'static str = "SaslHandshakeRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        Ok(Self { mechanism: reader.string()? })
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string(&self.mechanism);
    }
}

impl Request for SaslHandshakeRequest {
    const API_KEY: ApiKey = ApiKey::SaslHandshake;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = SaslHandshakeResponse;
}
