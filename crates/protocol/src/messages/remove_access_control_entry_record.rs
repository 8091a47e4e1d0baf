// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `RemoveAccessControlEntryRecord` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Metadata record of type 19: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct RemoveAccessControlEntryRecord {
    /// `Id`.
    pub id: Uuid,
}

impl Message for RemoveAccessControlEntryRecord {
    const NAME: &'static str = "RemoveAccessControlEntryRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { id: reader.uuid()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.uuid(self.id);
        writer.no_tagged_fields();
    }
}

impl StoredRecord for RemoveAccessControlEntryRecord {
    const RECORD_TYPE: i16 = 19;
}
