// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `DescribeConfigsResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 32: versions 1 to 4, flexible from 4.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeConfigsResponse {
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
    /// `Results`.
    pub results: Vec<DescribeConfigsResult>,
}

impl Message for DescribeConfigsResponse {
    const NAME: &'static str = "DescribeConfigsResponse";
    const VERSIONS: RangeInclusive<i16> = 1..=4;
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            throttle_time_ms: reader.i32()?,
            results: reader.array(version, DescribeConfigsResult::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.throttle_time_ms);
        writer.array(version, &self.results, DescribeConfigsResult::encode);
        writer.no_tagged_fields();
    }
}

impl Response for DescribeConfigsResponse {
    const API_KEY: ApiKey = ApiKey::DescribeConfigs;
}

/// `DescribeConfigsResult` in `DescribeConfigsResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeConfigsResult {
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ErrorMessage`, default `Some(String::new())`.
    pub error_message: Option<String>,
    /// `ResourceType`.
    pub resource_type: i8,
    /// `ResourceName`.
    pub resource_name: String,
    /// `Configs`.
    pub configs: Vec<DescribeConfigsResourceResult>,
}

impl Default for DescribeConfigsResult {
    fn default() -> Self {
        Self {
            error_code: 0,
            error_message: Some(String::new()),
            resource_type: 0,
            resource_name: String::new(),
            configs: Vec::new(),
        }
    }
}

impl DescribeConfigsResult {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            error_code: reader.i16()?,
            error_message: reader.nullable_string()?,
            resource_type: reader.i8()?,
            resource_name: reader.string()?,
            configs: reader.array(version, DescribeConfigsResourceResult::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i16(self.error_code);
        writer.nullable_string(self.error_message.as_deref());
        writer.i8(self.resource_type);
        writer.string(&self.resource_name);
        writer.array(version, &self.configs, DescribeConfigsResourceResult::encode);
        writer.no_tagged_fields();
    }
}

/// `DescribeConfigsResourceResult` in `DescribeConfigsResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeConfigsResourceResult {
    /// `Name`.
    pub name: String,
    /// `Value`, default `Some(String::new())`.
    pub value: Option<String>,
    /// `ReadOnly`.
    pub read_only: bool,
    /// `ConfigSource`, default -1.
    pub config_source: i8,
    /// `IsSensitive`.
    pub is_sensitive: bool,
    /// `Synonyms`.
    pub synonyms: Vec<DescribeConfigsSynonym>,
    /// `ConfigType`, from version 3.
    pub config_type: i8,
    /// `Documentation`, from version 3, default `Some(String::new())`.
    pub documentation: Option<String>,
}

impl Default for DescribeConfigsResourceResult {
    fn default() -> Self {
        Self {
            name: String::new(),
            value: Some(String::new()),
            read_only: false,
            config_source: -1,
            is_sensitive: false,
            synonyms: Vec::new(),
            config_type: 0,
            documentation: Some(String::new()),
        }
    }
}

impl DescribeConfigsResourceResult {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            name: reader.string()?,
            value: reader.nullable_string()?,
            read_only: reader.bool()?,
            config_source: reader.i8()?,
            is_sensitive: reader.bool()?,
            synonyms: reader.array(version, DescribeConfigsSynonym::decode)?,
            config_type: if version >= 3 { reader.i8()? } else { 0 },
            documentation: if version >= 3 { reader.nullable_string()? } else { Some(String::new()) },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.name);
        writer.nullable_string(self.value.as_deref());
        writer.bool(self.read_only);
        writer.i8(self.config_source);
        writer.bool(self.is_sensitive);
        writer.array(version, &self.synonyms, DescribeConfigsSynonym::encode);
        if version >= 3 {
            writer.i8(self.config_type);
            writer.nullable_string(self.documentation.as_deref());
        }
        writer.no_tagged_fields();
    }
}

/// `DescribeConfigsSynonym` in `DescribeConfigsResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeConfigsSynonym {
    /// `Name`.
    pub name: String,
    /// `Value`, default `Some(String::new())`.
    pub value: Option<String>,
    /// `Source`.
    pub source: i8,
}

impl Default for DescribeConfigsSynonym {
    fn default() -> Self {
        Self { name: String::new(), value: Some(String::new()), source: 0 }
    }
}

impl DescribeConfigsSynonym {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { name: reader.string()?, value: reader.nullable_string()?, source: reader.i8()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.name);
        writer.nullable_string(self.value.as_deref());
        writer.i8(self.source);
        writer.no_tagged_fields();
    }
}
