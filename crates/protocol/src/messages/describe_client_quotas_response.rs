// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `DescribeClientQuotasResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 48: versions 0 to 1, flexible from 1.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeClientQuotasResponse {
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ErrorMessage`, default `Some(String::new())`.
    pub error_message: Option<String>,
    /// `Entries`, default `Some(Vec::new())`.
    pub entries: Option<Vec<EntryData>>,
}

impl Default for DescribeClientQuotasResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            error_message: Some(String::new()),
            entries: Some(Vec::new()),
        }
    }
}

impl Message for DescribeClientQuotasResponse {
    const NAME: &'static str = "DescribeClientQuotasResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(1);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            throttle_time_ms: reader.i32()?,
            error_code: reader.i16()?,
            error_message: reader.nullable_string()?,
            entries: reader.nullable_array(version, EntryData::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.throttle_time_ms);
        writer.i16(self.error_code);
        writer.nullable_string(self.error_message.as_deref());
        writer.nullable_array(version, self.entries.as_deref(), EntryData::encode);
        writer.no_tagged_fields();
    }
}

impl Response for DescribeClientQuotasResponse {
    const API_KEY: ApiKey = ApiKey::DescribeClientQuotas;
}

/// `EntryData` in `DescribeClientQuotasResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct EntryData {
    /// `Entity`.
    pub entity: Vec<EntityData>,
    /// `Values`.
    pub values: Vec<ValueData>,
}

impl EntryData {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            entity: reader.array(version, EntityData::decode)?,
            values: reader.array(version, ValueData::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.array(version, &self.entity, EntityData::encode);
        writer.array(version, &self.values, ValueData::encode);
        writer.no_tagged_fields();
    }
}

/// `EntityData` in `DescribeClientQuotasResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct EntityData {
    /// `EntityType`.
    pub entity_type: String,
    /// `EntityName`, default `Some(String::new())`.
    pub entity_name: Option<String>,
}

impl Default for EntityData {
    fn default() -> Self {
        Self { entity_type: String::new(), entity_name: Some(String::new()) }
    }
}

impl EntityData {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { entity_type: reader.string()?, entity_name: reader.nullable_string()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.entity_type);
        writer.nullable_string(self.entity_name.as_deref());
        writer.no_tagged_fields();
    }
}

/// `ValueData` in `DescribeClientQuotasResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ValueData {
    /// `Key`.
    pub key: String,
    /// `Value`.
    pub value: f64,
}

impl ValueData {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { key: reader.string()?, value: reader.f64()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.key);
        writer.f64(self.value);
        writer.no_tagged_fields();
    }
}
