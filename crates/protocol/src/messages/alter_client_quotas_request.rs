// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `AlterClientQuotasRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::alter_client_quotas_response::AlterClientQuotasResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 49: versions 0 to 1, flexible from 1.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AlterClientQuotasRequest {
    /// `Entries`.
    pub entries: Vec<EntryData>,
    /// `ValidateOnly`.
    pub validate_only: bool,
}

impl Message for AlterClientQuotasRequest {
    const NAME: &'static str = "AlterClientQuotasRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(1);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { entries: reader.array(version, EntryData::decode)?, validate_only: reader.bool()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.array(version, &self.entries, EntryData::encode);
        writer.bool(self.validate_only);
        writer.no_tagged_fields();
    }
}

impl Request for AlterClientQuotasRequest {
    const API_KEY: ApiKey = ApiKey::AlterClientQuotas;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = AlterClientQuotasResponse;
}

/// `EntryData` in `AlterClientQuotasRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct EntryData {
    /// `Entity`.
    pub entity: Vec<EntityData>,
    /// `Ops`.
    pub ops: Vec<OpData>,
}

impl EntryData {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            entity: reader.array(version, EntityData::decode)?,
            ops: reader.array(version, OpData::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.array(version, &self.entity, EntityData::encode);
        writer.array(version, &self.ops, OpData::encode);
        writer.no_tagged_fields();
    }
}

/// `EntityData` in `AlterClientQuotasRequest`.
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

/// `OpData` in `AlterClientQuotasRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OpData {
    /// `Key`.
    pub key: String,
    /// `Value`.
    pub value: f64,
    /// `Remove`.
    pub remove: bool,
}

impl OpData {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { key: reader.string()?, value: reader.f64()?, remove: reader.bool()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.key);
        writer.f64(self.value);
        writer.bool(self.remove);
        writer.no_tagged_fields();
    }
}
