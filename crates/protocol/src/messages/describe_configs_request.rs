// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `DescribeConfigsRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::describe_configs_response::DescribeConfigsResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 32: versions 1 to 4, flexible from 4.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeConfigsRequest {
    /// `Resources`.
    pub resources: Vec<DescribeConfigsResource>,
    /// `IncludeSynonyms`.
    pub include_synonyms: bool,
    /// `IncludeDocumentation`, from version 3.
    pub include_documentation: bool,
}

impl Message for DescribeConfigsRequest {
    const NAME: &'static str = "DescribeConfigsRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=4;
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            resources: reader.array(version, DescribeConfigsResource::decode)?,
            include_synonyms: reader.bool()?,
            include_documentation: if version >= 3 { reader.bool()? } else { false },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.array(version, &self.resources, DescribeConfigsResource::encode);
        writer.bool(self.include_synonyms);
        if version >= 3 {
            writer.bool(self.include_documentation);
        }
        writer.no_tagged_fields();
    }
}

impl Request for DescribeConfigsRequest {
    const API_KEY: ApiKey = ApiKey::DescribeConfigs;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = DescribeConfigsResponse;
}

/// `DescribeConfigsResource` in `DescribeConfigsRequest`.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeConfigsResource {
    /// `ResourceType`.
    pub resource_type: i8,
    /// `ResourceName`.
    pub resource_name: String,
    /// `ConfigurationKeys`, default `Some(Vec::new())`.
    pub configuration_keys: Option<Vec<String>>,
}

impl Default for DescribeConfigsResource {
    fn default() -> Self {
        Self { resource_type: 0, resource_name: String::new(), configuration_keys: Some(Vec::new()) }
    }
}

impl DescribeConfigsResource {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            resource_type: reader.i8()?,
            resource_name: reader.string()?,
            configuration_keys: reader.nullable_string_array()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i8(self.resource_type);
        writer.string(&self.resource_name);
        writer.nullable_string_array(self.configuration_keys.as_deref());
        writer.no_tagged_fields();
    }
}
