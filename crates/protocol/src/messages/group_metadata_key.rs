// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `GroupMetadataKey` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Key of coordinator records of type 2: version 0, never flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct GroupMetadataKey {
    /// `group`.
    pub group: String,
}

impl Message for GroupMetadataKey {
    const NAME: &'static str = "GroupMetadataKey";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        Ok(Self { group: reader.string()? })
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string(&self.group);
    }
}

impl StoredRecord for GroupMetadataKey {
    const RECORD_TYPE: i16 = 2;
}
