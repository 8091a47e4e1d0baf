// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `DescribeUserScramCredentialsResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 50: version 0, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeUserScramCredentialsResponse {
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ErrorMessage`, default `Some(String::new())`.
    pub error_message: Option<String>,
    /// `Results`.
    pub results: Vec<DescribeUserScramCredentialsResult>,
}

impl Default for DescribeUserScramCredentialsResponse {
    fn default() -> Self {
        Self { throttle_time_ms: 0, error_code: 0, error_message: Some(String::new()), results: Vec::new() }
    }
}

impl Message for DescribeUserScramCredentialsResponse {
    const NAME: &'static str = "DescribeUserScramCredentialsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            throttle_time_ms: reader.i32()?,
            error_code: reader.i16()?,
            error_message: reader.nullable_string()?,
            results: reader.array(version, DescribeUserScramCredentialsResult::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.throttle_time_ms);
        writer.i16(self.error_code);
        writer.nullable_string(self.error_message.as_deref());
        writer.array(version, &self.results, DescribeUserScramCredentialsResult::encode);
        writer.no_tagged_fields();
    }
}

impl Response for DescribeUserScramCredentialsResponse {
    const API_KEY: ApiKey = ApiKey::DescribeUserScramCredentials;
}

/// `DescribeUserScramCredentialsResult` in `DescribeUserScramCredentialsResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeUserScramCredentialsResult {
    /// `User`.
    pub user: String,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ErrorMessage`, default `Some(String::new())`.
    pub error_message: Option<String>,
    /// `CredentialInfos`.
    pub credential_infos: Vec<CredentialInfo>,
}

impl Default for DescribeUserScramCredentialsResult {
    fn default() -> Self {
        Self {
            user: String::new(),
            error_code: 0,
            error_message: Some(String::new()),
            credential_infos: Vec::new(),
        }
    }
}

impl DescribeUserScramCredentialsResult {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            user: reader.string()?,
            error_code: reader.i16()?,
            error_message: reader.nullable_string()?,
            credential_infos: reader.array(version, CredentialInfo::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.user);
        writer.i16(self.error_code);
        writer.nullable_string(self.error_message.as_deref());
        writer.array(version, &self.credential_infos, CredentialInfo::encode);
        writer.no_tagged_fields();
    }
}

/// `CredentialInfo` in `DescribeUserScramCredentialsResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CredentialInfo {
    /// `Mechanism`.
    pub mechanism: i8,
    /// `Iterations`.
    pub iterations: i32,
}

impl CredentialInfo {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { mechanism: reader.i8()?, iterations: reader.i32()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i8(self.mechanism);
        writer.i32(self.iterations);
        writer.no_tagged_fields();
    }
}
