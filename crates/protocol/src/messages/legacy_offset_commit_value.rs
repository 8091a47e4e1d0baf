// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `LegacyOffsetCommitValue` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Value of coordinator records of type 0: version 0, never flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct LegacyOffsetCommitValue {
    /// `offset`.
    pub offset: i64,
    /// `metadata`.
    pub metadata: String,
    /// `commitTimestamp`.
    pub commit_timestamp: i64,
}

impl Message for LegacyOffsetCommitValue {
    const NAME: &'static str = "LegacyOffsetCommitValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        Ok(Self { offset: reader.i64()?, metadata: reader.string()?, commit_timestamp: reader.i64()? })
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i64(self.offset);
        writer.string(&self.metadata);
        writer.i64(self.commit_timestamp);
    }
}

impl StoredRecord for LegacyOffsetCommitValue {
    const RECORD_TYPE: i16 = 0;
}
