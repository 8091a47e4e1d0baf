// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `AccessControlEntryRecord` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Metadata record of type 18: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AccessControlEntryRecord {
    /// `Id`.
    pub id: Uuid,
    /// `ResourceType`.
    pub resource_type: i8,
    /// `ResourceName`.
    pub resource_name: String,
    /// `PatternType`.
    pub pattern_type: i8,
    /// `Principal`.
    pub principal: String,
    /// `Host`.
    pub host: String,
    /// `Operation`.
    pub operation: i8,
    /// `PermissionType`.
    pub permission_type: i8,
}

impl Message for AccessControlEntryRecord {
    const NAME: &'static str = "AccessControlEntryRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            id: reader.uuid()?,
            resource_type: reader.i8()?,
            resource_name: reader.string()?,
            pattern_type: reader.i8()?,
            principal: reader.string()?,
            host: reader.string()?,
            operation: reader.i8()?,
            permission_type: reader.i8()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.uuid(self.id);
        writer.i8(self.resource_type);
        writer.string(&self.resource_name);
        writer.i8(self.pattern_type);
        writer.string(&self.principal);
        writer.string(&self.host);
        writer.i8(self.operation);
        writer.i8(self.permission_type);
        writer.no_tagged_fields();
    }
}

impl StoredRecord for AccessControlEntryRecord {
    const RECORD_TYPE: i16 = 18;
}
