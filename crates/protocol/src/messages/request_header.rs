// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `RequestHeader` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message};
use crate::wire::{DecodeError, Reader, Writer};

/// Header: versions 1 to 2, flexible from 2.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestHeader {
    /// `RequestApiKey`.
    pub request_api_key: i16,
    /// `RequestApiVersion`.
    pub request_api_version: i16,
    /// `CorrelationId`.
    pub correlation_id: i32,
    /// `ClientId`, default `Some(String::new())`.
    pub client_id: Option<String>,
}

impl Default for RequestHeader {
    fn default() -> Self {
        Self { request_api_key: 0, request_api_version: 0, correlation_id: 0, client_id: Some(String::new()) }
    }
}

impl Message for RequestHeader {
    const NAME: &'static str = "RequestHeader";
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            request_api_key: reader.i16()?,
            request_api_version: reader.i16()?,
            correlation_id: reader.i32()?,
            client_id: reader.classic_nullable_string()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i16(self.request_api_key);
        writer.i16(self.request_api_version);
        writer.i32(self.correlation_id);
        writer.classic_nullable_string(self.client_id.as_deref());
        writer.no_tagged_fields();
    }
}
