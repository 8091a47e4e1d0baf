// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `UnregisterControllerRecord` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Metadata record of type 29: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct UnregisterControllerRecord {
    /// `ControllerId`.
    pub controller_id: i32,
}

impl Message for UnregisterControllerRecord {
    const NAME: &'static str = "UnregisterControllerRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { controller_id: reader.i32()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.controller_id);
        writer.no_tagged_fields();
    }
}

impl StoredRecord for UnregisterControllerRecord {
    const RECORD_TYPE: i16 = 29;
}
