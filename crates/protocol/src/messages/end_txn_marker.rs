// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `EndTxnMarker` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message};
use crate::wire::{DecodeError, Reader, Writer};

/// Data: version 0, never flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct EndTxnMarker {
    /// `CoordinatorEpoch`.
    pub coordinator_epoch: i32,
}

impl Message for EndTxnMarker {
    const NAME: &'static str = "EndTxnMarker";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        Ok(Self { coordinator_epoch: reader.i32()? })
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.coordinator_epoch);
    }
}
