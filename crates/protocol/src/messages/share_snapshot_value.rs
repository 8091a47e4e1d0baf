// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ShareSnapshotValue` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Value of coordinator records of type 0: version 0, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareSnapshotValue {
    /// `SnapshotEpoch`.
    pub snapshot_epoch: i32,
    /// `StateEpoch`.
    pub state_epoch: i32,
    /// `LeaderEpoch`.
    pub leader_epoch: i32,
    /// `StartOffset`.
    pub start_offset: i64,
    /// `DeliveryCompleteCount`, tag 0, default -1.
    pub delivery_complete_count: i32,
    /// `CreateTimestamp`.
    pub create_timestamp: i64,
    /// `WriteTimestamp`.
    pub write_timestamp: i64,
    /// `StateBatches`.
    pub state_batches: Vec<StateBatch>,
}

impl Default for ShareSnapshotValue {
    fn default() -> Self {
        Self {
            snapshot_epoch: 0,
            state_epoch: 0,
            leader_epoch: 0,
            start_offset: 0,
            delivery_complete_count: -1,
            create_timestamp: 0,
            write_timestamp: 0,
            state_batches: Vec::new(),
        }
    }
}

impl Message for ShareSnapshotValue {
    const NAME: &'static str = "ShareSnapshotValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let mut this = Self {
            snapshot_epoch: reader.i32()?,
            state_epoch: reader.i32()?,
            leader_epoch: reader.i32()?,
            start_offset: reader.i64()?,
            delivery_complete_count: -1,
            create_timestamp: reader.i64()?,
            write_timestamp: reader.i64()?,
            state_batches: reader.array(version, StateBatch::decode)?,
        };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 => this.delivery_complete_count = reader.i32()?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.snapshot_epoch);
        writer.i32(self.state_epoch);
        writer.i32(self.leader_epoch);
        writer.i64(self.start_offset);
        writer.i64(self.create_timestamp);
        writer.i64(self.write_timestamp);
        writer.array(version, &self.state_batches, StateBatch::encode);
        let has_delivery_complete_count = self.delivery_complete_count != -1;
        writer.unsigned_varint(u32::from(has_delivery_complete_count));
        if has_delivery_complete_count {
            let start = writer.begin_tagged_field(0);
            writer.i32(self.delivery_complete_count);
            writer.end_tagged_field(start);
        }
    }
}

impl StoredRecord for ShareSnapshotValue {
    const RECORD_TYPE: i16 = 0;
}

/// `StateBatch` in `ShareSnapshotValue`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct StateBatch {
    /// `FirstOffset`.
    pub first_offset: i64,
    /// `LastOffset`.
    pub last_offset: i64,
    /// `DeliveryState`.
    pub delivery_state: i8,
    /// `DeliveryCount`.
    pub delivery_count: i16,
}

impl StateBatch {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            first_offset: reader.i64()?,
            last_offset: reader.i64()?,
            delivery_state: reader.i8()?,
            delivery_count: reader.i16()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i64(self.first_offset);
        writer.i64(self.last_offset);
        writer.i8(self.delivery_state);
        writer.i16(self.delivery_count);
        writer.no_tagged_fields();
    }
}
