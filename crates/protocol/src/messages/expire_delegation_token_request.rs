// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ExpireDelegationTokenRequest` and what it holds.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::expire_delegation_token_response::ExpireDelegationTokenResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 40: versions 1 to 2, flexible from 2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ExpireDelegationTokenRequest {
    /// `Hmac`.
    pub hmac: Bytes,
    /// `ExpiryTimePeriodMs`.
    pub expiry_time_period_ms: i64,
}

impl Message for ExpireDelegationTokenRequest {
    const NAME: &'static str = "ExpireDelegationTokenRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { hmac: reader.bytes()?, expiry_time_period_ms: reader.i64()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.bytes(&self.hmac);
        writer.i64(self.expiry_time_period_ms);
        writer.no_tagged_fields();
    }
}

impl Request for ExpireDelegationTokenRequest {
    const API_KEY: ApiKey = ApiKey::ExpireDelegationToken;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = ExpireDelegationTokenResponse;
}
