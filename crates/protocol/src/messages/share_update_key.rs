// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ShareUpdateKey` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Key of coordinator records of type 1: version 0, never flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ShareUpdateKey {
    /// `GroupId`.
    pub group_id: String,
    /// `TopicId`.
    pub topic_id: Uuid,
    /// `Partition`.
    pub partition: i32,
}

impl Message for ShareUpdateKey {
    const NAME: &'static str = "ShareUpdateKey";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        Ok(Self { group_id: reader.string()?, topic_id: reader.uuid()?, partition: reader.i32()? })
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string(&self.group_id);
        writer.uuid(self.topic_id);
        writer.i32(self.partition);
    }
}

impl StoredRecord for ShareUpdateKey {
    const RECORD_TYPE: i16 = 1;
}
