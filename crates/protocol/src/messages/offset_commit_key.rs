// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `OffsetCommitKey` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Key of coordinator records of type 1: version 0, never flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetCommitKey {
    /// `group`.
    pub group: String,
    /// `topic`.
    pub topic: String,
    /// `partition`.
    pub partition: i32,
}

impl Message for OffsetCommitKey {
    const NAME: &'static str = "OffsetCommitKey";
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

impl StoredRecord for OffsetCommitKey {
    const RECORD_TYPE: i16 = 1;
}
