// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `AlterClientQuotasResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 49: versions 0 to 1, flexible from 1.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AlterClientQuotasResponse {
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
    /// `Entries`.
    pub entries: Vec<EntryData>,
}

impl Message for AlterClientQuotasResponse {
    const NAME: &'static str = "AlterClientQuotasResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(1);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this =
            Self { throttle_time_ms: reader.i32()?, entries: reader.array(version, EntryData::decode)? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.throttle_time_ms);
        writer.array(version, &self.entries, EntryData::encode);
        writer.no_tagged_fields();
    }
}

impl Response for AlterClientQuotasResponse {
    const API_KEY: ApiKey = ApiKey::AlterClientQuotas;
}

/// `EntryData` in `AlterClientQuotasResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryData {
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ErrorMessage`, default `Some(String::new())`.
    pub error_message: Option<String>,
    /// `Entity`.
    pub entity: Vec<EntityData>,
}

impl Default for EntryData {
    fn default() -> Self {
        Self { error_code: 0, error_message: Some(String::new()), entity: Vec::new() }
    }
}

impl EntryData {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            error_code: reader.i16()?,
            error_message: reader.nullable_string()?,
            entity: reader.array(version, EntityData::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i16(self.error_code);
        writer.nullable_string(self.error_message.as_deref());
        writer.array(version, &self.entity, EntityData::encode);
        writer.no_tagged_fields();
    }
}

/// `EntityData` in `AlterClientQuotasResponse`.
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
