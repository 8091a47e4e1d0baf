// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `DescribeClientQuotasRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::describe_client_quotas_response::DescribeClientQuotasResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 48: versions 0 to 1, flexible from 1.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeClientQuotasRequest {
    /// `Components`.
    pub components: Vec<ComponentData>,
    /// `Strict`.
    pub strict: bool,
}

impl Message for DescribeClientQuotasRequest {
    const NAME: &'static str = "DescribeClientQuotasRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(1);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { components: reader.array(version, ComponentData::decode)?, strict: reader.bool()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.array(version, &self.components, ComponentData::encode);
        writer.bool(self.strict);
        writer.no_tagged_fields();
    }
}

impl Request for DescribeClientQuotasRequest {
    const API_KEY: ApiKey = ApiKey::DescribeClientQuotas;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = DescribeClientQuotasResponse;
}

/// `ComponentData` in `DescribeClientQuotasRequest`.
#[derive(Clone, Debug, PartialEq)]
pub struct ComponentData {
    /// `EntityType`.
    pub entity_type: String,
    /// `MatchType`.
    pub match_type: i8,
    /// `Match`, default `Some(String::new())`.
    pub r#match: Option<String>,
}

impl Default for ComponentData {
    fn default() -> Self {
        Self { entity_type: String::new(), match_type: 0, r#match: Some(String::new()) }
    }
}

impl ComponentData {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            entity_type: reader.string()?,
            match_type: reader.i8()?,
            r#match: reader.nullable_string()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.entity_type);
        writer.i8(self.match_type);
        writer.nullable_string(self.r#match.as_deref());
        writer.no_tagged_fields();
    }
}
