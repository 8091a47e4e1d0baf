// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `RenewDelegationTokenRequest` and what it holds.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::renew_delegation_token_response::RenewDelegationTokenResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 39: versions 1 to 2, flexible from 2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct RenewDelegationTokenRequest {
    /// `Hmac`.
    pub hmac: Bytes,
    /// `RenewPeriodMs`.
    pub renew_period_ms: i64,
}

impl Message for RenewDelegationTokenRequest {
    const NAME: &'static str = "RenewDelegationTokenRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { hmac: reader.bytes()?, renew_period_ms: reader.i64()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.bytes(&self.hmac);
        writer.i64(self.renew_period_ms);
        writer.no_tagged_fields();
    }
}

impl Request for RenewDelegationTokenRequest {
    const API_KEY: ApiKey = ApiKey::RenewDelegationToken;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = RenewDelegationTokenResponse;
}
