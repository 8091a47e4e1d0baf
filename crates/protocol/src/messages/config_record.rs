// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ConfigRecord` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Metadata record of type 4: version 0, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigRecord {
    /// `ResourceType`.
    pub resource_type: i8,
    /// `ResourceName`.
    pub resource_name: String,
    /// `Name`.
    pub name: String,
    /// `Value`, default `Some(String::new())`.
    pub value: Option<String>,
}

impl Default for ConfigRecord {
    fn default() -> Self {
        Self {
            resource_type: 0,
            resource_name: String::new(),
            name: String::new(),
            value: Some(String::new()),
        }
    }
}

impl Message for ConfigRecord {
    const NAME: &'static str = "ConfigRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            resource_type: reader.i8()?,
            resource_name: reader.string()?,
            name: reader.string()?,
            value: reader.nullable_string()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i8(self.resource_type);
        writer.string(&self.resource_name);
        writer.string(&self.name);
        writer.nullable_string(self.value.as_deref());
        writer.no_tagged_fields();
    }
}

impl StoredRecord for ConfigRecord {
    const RECORD_TYPE: i16 = 4;
}
