// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `FeatureLevelRecord` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Metadata record of type 12: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FeatureLevelRecord {
    /// `Name`.
    pub name: String,
    /// `FeatureLevel`.
    pub feature_level: i16,
}

impl Message for FeatureLevelRecord {
    const NAME: &'static str = "FeatureLevelRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { name: reader.string()?, feature_level: reader.i16()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string(&self.name);
        writer.i16(self.feature_level);
        writer.no_tagged_fields();
    }
}

impl StoredRecord for FeatureLevelRecord {
    const RECORD_TYPE: i16 = 12;
}
