// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `LegacyOffsetCommitKey` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Key of coordinator records of type 0: version 0, never flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct LegacyOffsetCommitKey {
    /// `group`.
    pub group: String,
    /// `topic`.
    pub topic: String,
    /// `partition`.
    pub partition: i32,
}

impl Message for LegacyOffsetCommitKey {
    const NAME: &'static str = "LegacyOffsetCommitKey";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        Ok(Self { group: reader.string()?, topic: reader.string()?, partition: reader.i32()? })
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string(&self.group);
        writer.string(&self.topic);
        writer.i32(self.partition);
    }
}

impl StoredRecord for LegacyOffsetCommitKey {
    const RECORD_TYPE: i16 = 0;
}
