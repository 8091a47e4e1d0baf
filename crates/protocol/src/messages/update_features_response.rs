// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `UpdateFeaturesResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 57: versions 0 to 2, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateFeaturesResponse {
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ErrorMessage`, default `Some(String::new())`.
    pub error_message: Option<String>,
    /// `Results`, up to version 1.
    pub results: Vec<UpdatableFeatureResult>,
}

impl Default for UpdateFeaturesResponse {
    fn default() -> Self {
        Self { throttle_time_ms: 0, error_code: 0, error_message: Some(String::new()), results: Vec::new() }
    }
}

impl Message for UpdateFeaturesResponse {
    const NAME: &'static str = "UpdateFeaturesResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            throttle_time_ms: reader.i32()?,
            error_code: reader.i16()?,
            error_message: reader.nullable_string()?,
            results: if version <= 1 {
                reader.array(version, UpdatableFeatureResult::decode)?
            } else {
                Vec::new()
            },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.throttle_time_ms);
        writer.i16(self.error_code);
        writer.nullable_string(self.error_message.as_deref());
        if version <= 1 {
            writer.array(version, &self.results, UpdatableFeatureResult::encode);
        }
        writer.no_tagged_fields();
    }
}

impl Response for UpdateFeaturesResponse {
    const API_KEY: ApiKey = ApiKey::UpdateFeatures;
}

/// `UpdatableFeatureResult` in `UpdateFeaturesResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdatableFeatureResult {
    /// `Feature`, key.
    pub feature: String,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ErrorMessage`, default `Some(String::new())`.
    pub error_message: Option<String>,
}

impl Default for UpdatableFeatureResult {
    fn default() -> Self {
        Self { feature: String::new(), error_code: 0, error_message: Some(String::new()) }
    }
}

impl UpdatableFeatureResult {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            feature: reader.string()?,
            error_code: reader.i16()?,
            error_message: reader.nullable_string()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.feature);
        writer.i16(self.error_code);
        writer.nullable_string(self.error_message.as_deref());
        writer.no_tagged_fields();
    }
}
