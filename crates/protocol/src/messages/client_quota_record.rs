// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ClientQuotaRecord` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Metadata record of type 14: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ClientQuotaRecord {
    /// `Entity`.
    pub entity: Vec<EntityData>,
    /// `Key`.
    pub key: String,
    /// `Value`.
    pub value: f64,
    /// `Remove`.
    pub remove: bool,
}

impl Message for ClientQuotaRecord {
    const NAME: &'static str = "ClientQuotaRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            entity: reader.array(version, EntityData::decode)?,
            key: reader.string()?,
            value: reader.f64()?,
            remove: reader.bool()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.array(version, &self.entity, EntityData::encode);
        writer.string(&self.key);
        writer.f64(self.value);
        writer.bool(self.remove);
        writer.no_tagged_fields();
    }
}

impl StoredRecord for ClientQuotaRecord {
    const RECORD_TYPE: i16 = 14;
}

/// `EntityData` in `ClientQuotaRecord`.
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
