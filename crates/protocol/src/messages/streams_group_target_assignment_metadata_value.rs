// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `StreamsGroupTargetAssignmentMetadataValue` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Value of coordinator records of type 20: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct StreamsGroupTargetAssignmentMetadataValue {
    /// `AssignmentEpoch`.
    pub assignment_epoch: i32,
    /// `AssignmentTimestamp`, tag 0.
    pub assignment_timestamp: i64,
}

impl Message for StreamsGroupTargetAssignmentMetadataValue {
    const NAME: &'static str = "StreamsGroupTargetAssignmentMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let mut this = Self { assignment_epoch: reader.i32()?, assignment_timestamp: 0 };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 => this.assignment_timestamp = reader.i64()?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.assignment_epoch);
        let has_assignment_timestamp = self.assignment_timestamp != 0;
        writer.unsigned_varint(u32::from(has_assignment_timestamp));
        if has_assignment_timestamp {
            let start = writer.begin_tagged_field(0);
            writer.i64(self.assignment_timestamp);
            writer.end_tagged_field(start);
        }
    }
}

impl StoredRecord for StreamsGroupTargetAssignmentMetadataValue {
    const RECORD_TYPE: i16 = 20;
}
