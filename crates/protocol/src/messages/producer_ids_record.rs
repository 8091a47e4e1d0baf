// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ProducerIdsRecord` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Metadata record of type 15: version 0, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct ProducerIdsRecord {
    /// `BrokerId`.
    pub broker_id: i32,
    /// `BrokerEpoch`, default -1.
    pub broker_epoch: i64,
    /// `NextProducerId`.
    pub next_producer_id: i64,
}

impl Default for ProducerIdsRecord {
    fn default() -> Self {
        Self { broker_id: 0, broker_epoch: -1, next_producer_id: 0 }
    }
}

impl Message for ProducerIdsRecord {
    const NAME: &'static str = "ProducerIdsRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this =
            Self { broker_id: reader.i32()?, broker_epoch: reader.i64()?, next_producer_id: reader.i64()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.broker_id);
        writer.i64(self.broker_epoch);
        writer.i64(self.next_producer_id);
        writer.no_tagged_fields();
    }
}

impl StoredRecord for ProducerIdsRecord {
    const RECORD_TYPE: i16 = 15;
}
