// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ProducerSnapshot` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message};
use crate::wire::{DecodeError, Reader, Writer};

/// Data: version 1, never flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ProducerSnapshot {
    /// `Crc`.
    pub crc: u32,
    /// `ProducerEntries`.
    pub producer_entries: Vec<ProducerEntry>,
}

impl Message for ProducerSnapshot {
    const NAME: &'static str = "ProducerSnapshot";
    const VERSIONS: RangeInclusive<i16> = 1..=1;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        Ok(Self { crc: reader.u32()?, producer_entries: reader.array(version, ProducerEntry::decode)? })
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.u32(self.crc);
        writer.array(version, &self.producer_entries, ProducerEntry::encode);
    }
}

/// `ProducerEntry` in `ProducerSnapshot`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ProducerEntry {
    /// `ProducerId`.
    pub producer_id: i64,
    /// `Epoch`.
    pub epoch: i16,
    /// `LastSequence`.
    pub last_sequence: i32,
    /// `LastOffset`.
    pub last_offset: i64,
    /// `OffsetDelta`.
    pub offset_delta: i32,
    /// `Timestamp`.
    pub timestamp: i64,
    /// `CoordinatorEpoch`.
    pub coordinator_epoch: i32,
    /// `CurrentTxnFirstOffset`.
    pub current_txn_first_offset: i64,
}

impl ProducerEntry {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        Ok(Self {
            producer_id: reader.i64()?,
            epoch: reader.i16()?,
            last_sequence: reader.i32()?,
            last_offset: reader.i64()?,
            offset_delta: reader.i32()?,
            timestamp: reader.i64()?,
            coordinator_epoch: reader.i32()?,
            current_txn_first_offset: reader.i64()?,
        })
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i64(self.producer_id);
        writer.i16(self.epoch);
        writer.i32(self.last_sequence);
        writer.i64(self.last_offset);
        writer.i32(self.offset_delta);
        writer.i64(self.timestamp);
        writer.i32(self.coordinator_epoch);
        writer.i64(self.current_txn_first_offset);
    }
}
