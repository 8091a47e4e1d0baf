// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `AlterConfigsRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::alter_configs_response::AlterConfigsResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 33: versions 0 to 2, flexible from 2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AlterConfigsRequest {
    /// `Resources`.
    pub resources: Vec<AlterConfigsResource>,
    /// `ValidateOnly`.
    pub validate_only: bool,
}

impl Message for AlterConfigsRequest {
    const NAME: &'static str = "AlterConfigsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            resources: reader.array(version, AlterConfigsResource::decode)?,
            validate_only: reader.bool()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.array(version, &self.resources, AlterConfigsResource::encode);
        writer.bool(self.validate_only);
        writer.no_tagged_fields();
    }
}

impl Request for AlterConfigsRequest {
    const API_KEY: ApiKey = ApiKey::AlterConfigs;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = AlterConfigsResponse;
}

/// `AlterConfigsResource` in `AlterConfigsRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AlterConfigsResource {
    /// `ResourceType`, key.
    pub resource_type: i8,
    /// `ResourceName`, key.
    pub resource_name: String,
    /// `Configs`.
    pub configs: Vec<AlterableConfig>,
}

impl AlterConfigsResource {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            resource_type: reader.i8()?,
            resource_name: reader.string()?,
            configs: reader.array(version, AlterableConfig::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i8(self.resource_type);
        writer.string(&self.resource_name);
        writer.array(version, &self.configs, AlterableConfig::encode);
        writer.no_tagged_fields();
    }
}

/// `AlterableConfig` in `AlterConfigsRequest`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterableConfig {
    /// `Name`, key.
    pub name: String,
    /// `Value`, default `Some(String::new())`.
    pub value: Option<String>,
}

impl Default for AlterableConfig {
    fn default() -> Self {
        Self { name: String::new(), value: Some(String::new()) }
    }
}

impl AlterableConfig {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { name: reader.string()?, value: reader.nullable_string()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.name);
        writer.nullable_string(self.value.as_deref());
        writer.no_tagged_fields();
    }
}
