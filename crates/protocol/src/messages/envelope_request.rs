// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `EnvelopeRequest` and what it holds.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::envelope_response::EnvelopeResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 58: version 0, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvelopeRequest {
    /// `RequestData`.
    pub request_data: Bytes,
    /// `RequestPrincipal`, default `Some(Bytes::new())`.
    pub request_principal: Option<Bytes>,
    /// `ClientHostAddress`.
    pub client_host_address: Bytes,
}

impl Default for EnvelopeRequest {
    fn default() -> Self {
        Self {
            request_data: Bytes::new(),
            request_principal: Some(Bytes::new()),
            client_host_address: Bytes::new(),
        }
    }
}

impl Message for EnvelopeRequest {
    const NAME: &'static str = "EnvelopeRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            request_data: reader.bytes()?,
            request_principal: reader.nullable_bytes()?,
            client_host_address: reader.bytes()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.bytes(&self.request_data);
        writer.nullable_bytes(self.request_principal.as_deref());
        writer.bytes(&self.client_host_address);
        writer.no_tagged_fields();
    }
}

impl Request for EnvelopeRequest {
    const API_KEY: ApiKey = ApiKey::Envelope;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = EnvelopeResponse;
}
