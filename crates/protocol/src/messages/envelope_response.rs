// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `EnvelopeResponse` and what it holds.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 58: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct EnvelopeResponse {
    /// `ResponseData`.
    pub response_data: Option<Bytes>,
    /// `ErrorCode`.
    pub error_code: i16,
}

impl Message for EnvelopeResponse {
    const NAME: &'static str = "EnvelopeResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { response_data: reader.nullable_bytes()?, error_code: reader.i16()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.nullable_bytes(self.response_data.as_deref());
        writer.i16(self.error_code);
        writer.no_tagged_fields();
    }
}

impl Response for EnvelopeResponse {
    const API_KEY: ApiKey = ApiKey::Envelope;
}
