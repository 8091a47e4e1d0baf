// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `AddPartitionsToTxnRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::add_partitions_to_txn_response::AddPartitionsToTxnResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 24: versions 0 to 5, flexible from 3.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AddPartitionsToTxnRequest {
    /// `Transactions`, from version 4.
    pub transactions: Vec<AddPartitionsToTxnTransaction>,
    /// `V3AndBelowTransactionalId`, up to version 3.
    pub v3_and_below_transactional_id: String,
    /// `V3AndBelowProducerId`, up to version 3.
    pub v3_and_below_producer_id: i64,
    /// `V3AndBelowProducerEpoch`, up to version 3.
    pub v3_and_below_producer_epoch: i16,
    /// `V3AndBelowTopics`, up to version 3.
    pub v3_and_below_topics: Vec<AddPartitionsToTxnTopic>,
}

impl Message for AddPartitionsToTxnRequest {
    const NAME: &'static str = "AddPartitionsToTxnRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            transactions: if version >= 4 {
                reader.array(version, AddPartitionsToTxnTransaction::decode)?
            } else {
                Vec::new()
            },
            v3_and_below_transactional_id: if version <= 3 { reader.string()? } else { String::new() },
            v3_and_below_producer_id: if version <= 3 { reader.i64()? } else { 0 },
            v3_and_below_producer_epoch: if version <= 3 { reader.i16()? } else { 0 },
            v3_and_below_topics: if version <= 3 {
                reader.array(version, AddPartitionsToTxnTopic::decode)?
            } else {
                Vec::new()
            },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        if version >= 4 {
            writer.array(version, &self.transactions, AddPartitionsToTxnTransaction::encode);
        }
        if version <= 3 {
            writer.string(&self.v3_and_below_transactional_id);
            writer.i64(self.v3_and_below_producer_id);
            writer.i16(self.v3_and_below_producer_epoch);
            writer.array(version, &self.v3_and_below_topics, AddPartitionsToTxnTopic::encode);
        }
        writer.no_tagged_fields();
    }
}

impl Request for AddPartitionsToTxnRequest {
    const API_KEY: ApiKey = ApiKey::AddPartitionsToTxn;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = AddPartitionsToTxnResponse;
}

/// `AddPartitionsToTxnTransaction` in `AddPartitionsToTxnRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AddPartitionsToTxnTransaction {
    /// `TransactionalId`, key.
    pub transactional_id: String,
    /// `ProducerId`.
    pub producer_id: i64,
    /// `ProducerEpoch`.
    pub producer_epoch: i16,
    /// `VerifyOnly`.
    pub verify_only: bool,
    /// `Topics`.
    pub topics: Vec<AddPartitionsToTxnTopic>,
}

impl AddPartitionsToTxnTransaction {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            transactional_id: reader.string()?,
            producer_id: reader.i64()?,
            producer_epoch: reader.i16()?,
            verify_only: reader.bool()?,
            topics: reader.array(version, AddPartitionsToTxnTopic::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.transactional_id);
        writer.i64(self.producer_id);
        writer.i16(self.producer_epoch);
        writer.bool(self.verify_only);
        writer.array(version, &self.topics, AddPartitionsToTxnTopic::encode);
        writer.no_tagged_fields();
    }
}

/// `AddPartitionsToTxnTopic` in `AddPartitionsToTxnRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AddPartitionsToTxnTopic {
    /// `Name`, key.
    pub name: String,
    /// `Partitions`.
    pub partitions: Vec<i32>,
}

impl AddPartitionsToTxnTopic {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { name: reader.string()?, partitions: reader.i32_array()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.name);
        writer.i32_array(&self.partitions);
        writer.no_tagged_fields();
    }
}
