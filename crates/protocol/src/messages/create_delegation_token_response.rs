// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `CreateDelegationTokenResponse` and what it holds.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 38: versions 1 to 3, flexible from 2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CreateDelegationTokenResponse {
    /// `ErrorCode`.
    pub error_code: i16,
    /// `PrincipalType`.
    pub principal_type: String,
    /// `PrincipalName`.
    pub principal_name: String,
    /// `TokenRequesterPrincipalType`, from version 3.
    pub token_requester_principal_type: String,
    /// `TokenRequesterPrincipalName`, from version 3.
    pub token_requester_principal_name: String,
    /// `IssueTimestampMs`.
    pub issue_timestamp_ms: i64,
    /// `ExpiryTimestampMs`.
    pub expiry_timestamp_ms: i64,
    /// `MaxTimestampMs`.
    pub max_timestamp_ms: i64,
    /// `TokenId`.
    pub token_id: String,
    /// `Hmac`.
    pub hmac: Bytes,
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
}

impl Message for CreateDelegationTokenResponse {
    const NAME: &'static str = "CreateDelegationTokenResponse";
    const VERSIONS: RangeInclusive<i16> = 1..=3;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            error_code: reader.i16()?,
            principal_type: reader.string()?,
            principal_name: reader.string()?,
            token_requester_principal_type: if version >= 3 { reader.string()? } else { String::new() },
            token_requester_principal_name: if version >= 3 { reader.string()? } else { String::new() },
            issue_timestamp_ms: reader.i64()?,
            expiry_timestamp_ms: reader.i64()?,
            max_timestamp_ms: reader.i64()?,
            token_id: reader.string()?,
            hmac: reader.bytes()?,
            throttle_time_ms: reader.i32()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i16(self.error_code);
        writer.string(&self.principal_type);
        writer.string(&self.principal_name);
        if version >= 3 {
            writer.string(&self.token_requester_principal_type);
            writer.string(&self.token_requester_principal_name);
        }
        writer.i64(self.issue_timestamp_ms);
        writer.i64(self.expiry_timestamp_ms);
        writer.i64(self.max_timestamp_ms);
        writer.string(&self.token_id);
        writer.bytes(&self.hmac);
        writer.i32(self.throttle_time_ms);
        writer.no_tagged_fields();
    }
}

impl Response for CreateDelegationTokenResponse {
    const API_KEY: ApiKey = ApiKey::CreateDelegationToken;
}
