// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ApiVersionsResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 18: versions 0 to 5, flexible from 3.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiVersionsResponse {
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ApiKeys`.
    pub api_keys: Vec<ApiVersion>,
    /// `ThrottleTimeMs`, from version 1.
    pub throttle_time_ms: i32,
    /// `SupportedFeatures`, from version 3, tag 0.
    pub supported_features: Vec<SupportedFeatureKey>,
    /// `FinalizedFeaturesEpoch`, from version 3, tag 1, default -1.
    pub finalized_features_epoch: i64,
    /// `FinalizedFeatures`, from version 3, tag 2.
    pub finalized_features: Vec<FinalizedFeatureKey>,
    /// `ZkMigrationReady`, from version 3, tag 3.
    pub zk_migration_ready: bool,
}

impl Default for ApiVersionsResponse {
    fn default() -> Self {
        Self {
            error_code: 0,
            api_keys: Vec::new(),
            throttle_time_ms: 0,
            supported_features: Vec::new(),
            finalized_features_epoch: -1,
            finalized_features: Vec::new(),
            zk_migration_ready: false,
        }
    }
}

impl Message for ApiVersionsResponse {
    const NAME: &'static str = "ApiVersionsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let mut this = Self {
            error_code: reader.i16()?,
            api_keys: reader.array(version, ApiVersion::decode)?,
            throttle_time_ms: if version >= 1 { reader.i32()? } else { 0 },
            supported_features: Vec::new(),
            finalized_features_epoch: -1,
            finalized_features: Vec::new(),
            zk_migration_ready: false,
        };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 => this.supported_features = reader.array(version, SupportedFeatureKey::decode)?,
                1 => this.finalized_features_epoch = reader.i64()?,
                2 => this.finalized_features = reader.array(version, FinalizedFeatureKey::decode)?,
                3 => this.zk_migration_ready = reader.bool()?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i16(self.error_code);
        writer.array(version, &self.api_keys, ApiVersion::encode);
        if version >= 1 {
            writer.i32(self.throttle_time_ms);
        }
        if version < 3 {
            return;
        }
        let has_supported_features = !self.supported_features.is_empty();
        let has_finalized_features_epoch = self.finalized_features_epoch != -1;
        let has_finalized_features = !self.finalized_features.is_empty();
        let has_zk_migration_ready = self.zk_migration_ready;
        writer.unsigned_varint(
            u32::from(has_supported_features)
                + u32::from(has_finalized_features_epoch)
                + u32::from(has_finalized_features)
                + u32::from(has_zk_migration_ready),
        );
        if has_supported_features {
            let start = writer.begin_tagged_field(0);
            writer.array(version, &self.supported_features, SupportedFeatureKey::encode);
            writer.end_tagged_field(start);
        }
        if has_finalized_features_epoch {
            let start = writer.begin_tagged_field(1);
            writer.i64(self.finalized_features_epoch);
            writer.end_tagged_field(start);
        }
        if has_finalized_features {
            let start = writer.begin_tagged_field(2);
            writer.array(version, &self.finalized_features, FinalizedFeatureKey::encode);
            writer.end_tagged_field(start);
        }
        if has_zk_migration_ready {
            let start = writer.begin_tagged_field(3);
            writer.bool(self.zk_migration_ready);
            writer.end_tagged_field(start);
        }
    }
}

impl Response for ApiVersionsResponse {
    const API_KEY: ApiKey = ApiKey::ApiVersions;
}

/// `ApiVersion` in `ApiVersionsResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ApiVersion {
    /// `ApiKey`, key.
    pub api_key: i16,
    /// `MinVersion`.
    pub min_version: i16,
    /// `MaxVersion`.
    pub max_version: i16,
}

impl ApiVersion {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { api_key: reader.i16()?, min_version: reader.i16()?, max_version: reader.i16()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i16(self.api_key);
        writer.i16(self.min_version);
        writer.i16(self.max_version);
        writer.no_tagged_fields();
    }
}

/// `SupportedFeatureKey` in `ApiVersionsResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SupportedFeatureKey {
    /// `Name`, key.
    pub name: String,
    /// `MinVersion`.
    pub min_version: i16,
    /// `MaxVersion`.
    pub max_version: i16,
}

impl SupportedFeatureKey {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { name: reader.string()?, min_version: reader.i16()?, max_version: reader.i16()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.name);
        writer.i16(self.min_version);
        writer.i16(self.max_version);
        writer.no_tagged_fields();
    }
}

/// `FinalizedFeatureKey` in `ApiVersionsResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FinalizedFeatureKey {
    /// `Name`, key.
    pub name: String,
    /// `MaxVersionLevel`.
    pub max_version_level: i16,
    /// `MinVersionLevel`.
    pub min_version_level: i16,
}

impl FinalizedFeatureKey {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            name: reader.string()?,
            max_version_level: reader.i16()?,
            min_version_level: reader.i16()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.name);
        writer.i16(self.max_version_level);
        writer.i16(self.min_version_level);
        writer.no_tagged_fields();
    }
}
