// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `SaslAuthenticateResponse` and what it holds.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 36: versions 0 to 2, flexible from 2.
#[derive(Clone, Debug, PartialEq)]
pub struct SaslAuthenticateResponse {
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ErrorMessage`, default `Some(String::new())`.
    pub error_message: Option<String>,
    /// `AuthBytes`.
    pub auth_bytes: Bytes,
    /// `SessionLifetimeMs`, from version 1.
    pub session_lifetime_ms: i64,
}

impl Default for SaslAuthenticateResponse {
    fn default() -> Self {
        Self {
            error_code: 0,
            error_message: Some(String::new()),
            auth_bytes: Bytes::new(),
            session_lifetime_ms: 0,
        }
    }
}

impl Message for SaslAuthenticateResponse {
    const NAME: &'static str = "SaslAuthenticateResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            error_code: reader.i16()?,
            error_message: reader.nullable_string()?,
            auth_bytes: reader.bytes()?,
            session_lifetime_ms: if version >= 1 { reader.i64()? } else { 0 },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i16(self.error_code);
        writer.nullable_string(self.error_message.as_deref());
        writer.bytes(&self.auth_bytes);
        if version >= 1 {
            writer.i64(self.session_lifetime_ms);
        }
        writer.no_tagged_fields();
    }
}

impl Response for SaslAuthenticateResponse {
    const API_KEY: ApiKey = ApiKey::SaslAuthenticate;
}
