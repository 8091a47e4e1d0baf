// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `TopicRecord` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Metadata record of type 2: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicRecord {
    /// `Name`.
    pub name: String,
    /// `TopicId`.
    pub topic_id: Uuid,
}

impl Message for TopicRecord {
    const NAME: &'static str = "TopicRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { name: reader.string()?, topic_id: reader.uuid()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string(&self.name);
        writer.uuid(self.topic_id);
        writer.no_tagged_fields();
    }
}

impl StoredRecord for TopicRecord {
    const RECORD_TYPE: i16 = 2;
}
