// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `UpdateFeaturesRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::update_features_response::UpdateFeaturesResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 57: versions 0 to 2, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateFeaturesRequest {
    /// `timeoutMs`, default 60_000.
    pub timeout_ms: i32,
    /// `FeatureUpdates`.
    pub feature_updates: Vec<FeatureUpdateKey>,
    /// `ValidateOnly`, from version 1.
    pub validate_only: bool,
}

impl Default for UpdateFeaturesRequest {
    fn default() -> Self {
        Self { timeout_ms: 60_000, feature_updates: Vec::new(), validate_only: false }
    }
}

impl Message for UpdateFeaturesRequest {
    const NAME: &'static str = "UpdateFeaturesRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            timeout_ms: reader.i32()?,
            feature_updates: reader.array(version, FeatureUpdateKey::decode)?,
            validate_only: if version >= 1 { reader.bool()? } else { false },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.timeout_ms);
        writer.array(version, &self.feature_updates, FeatureUpdateKey::encode);
        if version >= 1 {
            writer.bool(self.validate_only);
        }
        writer.no_tagged_fields();
    }
}

impl Request for UpdateFeaturesRequest {
    const API_KEY: ApiKey = ApiKey::UpdateFeatures;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = UpdateFeaturesResponse;
}

/// `FeatureUpdateKey` in `UpdateFeaturesRequest`.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureUpdateKey {
    /// `Feature`, key.
    pub feature: String,
    /// `MaxVersionLevel`.
    pub max_version_level: i16,
    /// `AllowDowngrade`, up to version 0.
    pub allow_downgrade: bool,
    /// `UpgradeType`, from version 1, default 1.
    pub upgrade_type: i8,
}

impl Default for FeatureUpdateKey {
    fn default() -> Self {
        Self { feature: String::new(), max_version_level: 0, allow_downgrade: false, upgrade_type: 1 }
    }
}

impl FeatureUpdateKey {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            feature: reader.string()?,
            max_version_level: reader.i16()?,
            allow_downgrade: if version <= 0 { reader.bool()? } else { false },
            upgrade_type: if version >= 1 { reader.i8()? } else { 1 },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.feature);
        writer.i16(self.max_version_level);
        if version <= 0 {
            writer.bool(self.allow_downgrade);
        }
        if version >= 1 {
            writer.i8(self.upgrade_type);
        }
        writer.no_tagged_fields();
    }
}
