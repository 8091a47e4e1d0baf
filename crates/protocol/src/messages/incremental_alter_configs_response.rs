// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `IncrementalAlterConfigsResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 44: versions 0 to 1, flexible from 1.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct IncrementalAlterConfigsResponse {
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
    /// `Responses`.
    pub responses: Vec<AlterConfigsResourceResponse>,
}

impl Message for IncrementalAlterConfigsResponse {
    const NAME: &'static str = "IncrementalAlterConfigsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(1);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            throttle_time_ms: reader.i32()?,
            responses: reader.array(version, AlterConfigsResourceResponse::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.throttle_time_ms);
        writer.array(version, &self.responses, AlterConfigsResourceResponse::encode);
        writer.no_tagged_fields();
    }
}

impl Response for IncrementalAlterConfigsResponse {
    const API_KEY: ApiKey = ApiKey::IncrementalAlterConfigs;
}

/// `AlterConfigsResourceResponse` in `IncrementalAlterConfigsResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterConfigsResourceResponse {
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ErrorMessage`, default `Some(String::new())`.
    pub error_message: Option<String>,
    /// `ResourceType`.
    pub resource_type: i8,
    /// `ResourceName`.
    pub resource_name: String,
}

impl Default for AlterConfigsResourceResponse {
    fn default() -> Self {
        Self {
            error_code: 0,
            error_message: Some(String::new()),
            resource_type: 0,
            resource_name: String::new(),
        }
    }
}

impl AlterConfigsResourceResponse {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            error_code: reader.i16()?,
            error_message: reader.nullable_string()?,
            resource_type: reader.i8()?,
            resource_name: reader.string()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i16(self.error_code);
        writer.nullable_string(self.error_message.as_deref());
        writer.i8(self.resource_type);
        writer.string(&self.resource_name);
        writer.no_tagged_fields();
    }
}
