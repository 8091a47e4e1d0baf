// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ControlRecordTypeSchema` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message};
use crate::wire::{DecodeError, Reader, Writer};

/// Data: version 0, never flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ControlRecordTypeSchema {
    /// `Type`.
    pub r#type: i16,
}

impl Message for ControlRecordTypeSchema {
    const NAME: &'static str = "ControlRecordTypeSchema";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        Ok(Self { r#type: reader.i16()? })
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i16(self.r#type);
    }
}
