// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ShareGroupMetadataValue` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Value of coordinator records of type 11: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ShareGroupMetadataValue {
    /// `Epoch`.
    pub epoch: i32,
    /// `MetadataHash`.
    pub metadata_hash: i64,
}

impl Message for ShareGroupMetadataValue {
    const NAME: &'static str = "ShareGroupMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { epoch: reader.i32()?, metadata_hash: reader.i64()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.epoch);
        writer.i64(self.metadata_hash);
        writer.no_tagged_fields();
    }
}

impl StoredRecord for ShareGroupMetadataValue {
    const RECORD_TYPE: i16 = 11;
}
