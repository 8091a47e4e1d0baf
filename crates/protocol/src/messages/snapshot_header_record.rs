// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `SnapshotHeaderRecord` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message};
use crate::wire::{DecodeError, Reader, Writer};

/// Data: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SnapshotHeaderRecord {
    /// `Version`.
    pub version: i16,
    /// `LastContainedLogTimestamp`.
    pub last_contained_log_timestamp: i64,
}

impl Message for SnapshotHeaderRecord {
    const NAME: &'static str = "SnapshotHeaderRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { version: reader.i16()?, last_contained_log_timestamp: reader.i64()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i16(self.version);
        writer.i64(self.last_contained_log_timestamp);
        writer.no_tagged_fields();
    }
}
