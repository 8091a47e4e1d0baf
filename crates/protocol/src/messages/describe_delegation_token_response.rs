// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `DescribeDelegationTokenResponse` and what it holds.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 41: versions 1 to 3, flexible from 2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeDelegationTokenResponse {
    /// `ErrorCode`.
    pub error_code: i16,
    /// `Tokens`.
    pub tokens: Vec<DescribedDelegationToken>,
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
}

impl Message for DescribeDelegationTokenResponse {
    const NAME: &'static str = "DescribeDelegationTokenResponse";
    const VERSIONS: RangeInclusive<i16> = 1..=3;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            error_code: reader.i16()?,
            tokens: reader.array(version, DescribedDelegationToken::decode)?,
            throttle_time_ms: reader.i32()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i16(self.error_code);
        writer.array(version, &self.tokens, DescribedDelegationToken::encode);
        writer.i32(self.throttle_time_ms);
        writer.no_tagged_fields();
    }
}

impl Response for DescribeDelegationTokenResponse {
    const API_KEY: ApiKey = ApiKey::DescribeDelegationToken;
}

/// `DescribedDelegationToken` in `DescribeDelegationTokenResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribedDelegationToken {
    /// `PrincipalType`.
    pub principal_type: String,
    /// `PrincipalName`.
    pub principal_name: String,
    /// `TokenRequesterPrincipalType`, from version 3.
    pub token_requester_principal_type: String,
    /// `TokenRequesterPrincipalName`, from version 3.
    pub token_requester_principal_name: String,
    /// `IssueTimestamp`.
    pub issue_timestamp: i64,
    /// `ExpiryTimestamp`.
    pub expiry_timestamp: i64,
    /// `MaxTimestamp`.
    pub max_timestamp: i64,
    /// `TokenId`.
    pub token_id: String,
    /// `Hmac`.
    pub hmac: Bytes,
    /// `Renewers`.
    pub renewers: Vec<DescribedDelegationTokenRenewer>,
}

impl DescribedDelegationToken {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            principal_type: reader.string()?,
            principal_name: reader.string()?,
            token_requester_principal_type: if version >= 3 { reader.string()? } else { String::new() },
            token_requester_principal_name: if version >= 3 { reader.string()? } else { String::new() },
            issue_timestamp: reader.i64()?,
            expiry_timestamp: reader.i64()?,
            max_timestamp: reader.i64()?,
            token_id: reader.string()?,
            hmac: reader.bytes()?,
            renewers: reader.array(version, DescribedDelegationTokenRenewer::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.principal_type);
        writer.string(&self.principal_name);
        if version >= 3 {
            writer.string(&self.token_requester_principal_type);
            writer.string(&self.token_requester_principal_name);
        }
        writer.i64(self.issue_timestamp);
        writer.i64(self.expiry_timestamp);
        writer.i64(self.max_timestamp);
        writer.string(&self.token_id);
        writer.bytes(&self.hmac);
        writer.array(version, &self.renewers, DescribedDelegationTokenRenewer::encode);
        writer.no_tagged_fields();
    }
}

/// `DescribedDelegationTokenRenewer` in `DescribeDelegationTokenResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribedDelegationTokenRenewer {
    /// `PrincipalType`.
    pub principal_type: String,
    /// `PrincipalName`.
    pub principal_name: String,
}

impl DescribedDelegationTokenRenewer {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { principal_type: reader.string()?, principal_name: reader.string()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.principal_type);
        writer.string(&self.principal_name);
        writer.no_tagged_fields();
    }
}
