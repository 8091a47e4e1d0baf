// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `TransactionLogValue` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Value of coordinator records of type 0: versions 0 to 1, flexible from 1.
#[derive(Clone, Debug, PartialEq)]
pub struct TransactionLogValue {
    /// `ProducerId`.
    pub producer_id: i64,
    /// `PreviousProducerId`, from version 1, tag 0, default -1.
    pub previous_producer_id: i64,
    /// `NextProducerId`, from version 1, tag 1, default -1.
    pub next_producer_id: i64,
    /// `ProducerEpoch`.
    pub producer_epoch: i16,
    /// `NextProducerEpoch`, from version 1, tag 3, default -1.
    pub next_producer_epoch: i16,
    /// `TransactionTimeoutMs`.
    pub transaction_timeout_ms: i32,
    /// `TransactionStatus`.
    pub transaction_status: i8,
    /// `TransactionPartitions`, default `Some(Vec::new())`.
    pub transaction_partitions: Option<Vec<PartitionsSchema>>,
    /// `TransactionLastUpdateTimestampMs`.
    pub transaction_last_update_timestamp_ms: i64,
    /// `TransactionStartTimestampMs`.
    pub transaction_start_timestamp_ms: i64,
    /// `ClientTransactionVersion`, from version 1, tag 2.
    pub client_transaction_version: i16,
}

impl Default for TransactionLogValue {
    fn default() -> Self {
        Self {
            producer_id: 0,
            previous_producer_id: -1,
            next_producer_id: -1,
            producer_epoch: 0,
            next_producer_epoch: -1,
            transaction_timeout_ms: 0,
            transaction_status: 0,
            transaction_partitions: Some(Vec::new()),
            transaction_last_update_timestamp_ms: 0,
            transaction_start_timestamp_ms: 0,
            client_transaction_version: 0,
        }
    }
}

impl Message for TransactionLogValue {
    const NAME: &'static str = "TransactionLogValue";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(1);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let mut this = Self {
            producer_id: reader.i64()?,
            previous_producer_id: -1,
            next_producer_id: -1,
            producer_epoch: reader.i16()?,
            next_producer_epoch: -1,
            transaction_timeout_ms: reader.i32()?,
            transaction_status: reader.i8()?,
            transaction_partitions: reader.nullable_array(version, PartitionsSchema::decode)?,
            transaction_last_update_timestamp_ms: reader.i64()?,
            transaction_start_timestamp_ms: reader.i64()?,
            client_transaction_version: 0,
        };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 => this.previous_producer_id = reader.i64()?,
                1 => this.next_producer_id = reader.i64()?,
                2 => this.client_transaction_version = reader.i16()?,
                3 => this.next_producer_epoch = reader.i16()?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i64(self.producer_id);
        writer.i16(self.producer_epoch);
        writer.i32(self.transaction_timeout_ms);
        writer.i8(self.transaction_status);
        writer.nullable_array(version, self.transaction_partitions.as_deref(), PartitionsSchema::encode);
        writer.i64(self.transaction_last_update_timestamp_ms);
        writer.i64(self.transaction_start_timestamp_ms);
        if version < 1 {
            return;
        }
        let has_previous_producer_id = self.previous_producer_id != -1;
        let has_next_producer_id = self.next_producer_id != -1;
        let has_client_transaction_version = self.client_transaction_version != 0;
        let has_next_producer_epoch = self.next_producer_epoch != -1;
        writer.unsigned_varint(
            u32::from(has_previous_producer_id)
                + u32::from(has_next_producer_id)
                + u32::from(has_client_transaction_version)
                + u32::from(has_next_producer_epoch),
        );
        if has_previous_producer_id {
            let start = writer.begin_tagged_field(0);
            writer.i64(self.previous_producer_id);
            writer.end_tagged_field(start);
        }
        if has_next_producer_id {
            let start = writer.begin_tagged_field(1);
            writer.i64(self.next_producer_id);
            writer.end_tagged_field(start);
        }
        if has_client_transaction_version {
            let start = writer.begin_tagged_field(2);
            writer.i16(self.client_transaction_version);
            writer.end_tagged_field(start);
        }
        if has_next_producer_epoch {
            let start = writer.begin_tagged_field(3);
            writer.i16(self.next_producer_epoch);
            writer.end_tagged_field(start);
        }
    }
}

impl StoredRecord for TransactionLogValue {
    const RECORD_TYPE: i16 = 0;
}

/// `PartitionsSchema` in `TransactionLogValue`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct PartitionsSchema {
    /// `Topic`.
    pub topic: String,
    /// `PartitionIds`.
    pub partition_ids: Vec<i32>,
}

impl PartitionsSchema {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { topic: reader.string()?, partition_ids: reader.i32_array()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.topic);
        writer.i32_array(&self.partition_ids);
        writer.no_tagged_fields();
    }
}
