// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `UnfenceBrokerRecord` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Metadata record of type 8: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct UnfenceBrokerRecord {
    /// `Id`.
    pub id: i32,
    /// `Epoch`.
    pub epoch: i64,
}

impl Message for UnfenceBrokerRecord {
    const NAME: &'static str = "UnfenceBrokerRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { id: reader.i32()?, epoch: reader.i64()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.id);
        writer.i64(self.epoch);
        writer.no_tagged_fields();
    }
}

impl StoredRecord for UnfenceBrokerRecord {
    const RECORD_TYPE: i16 = 8;
}
