// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `InitProducerIdRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::init_producer_id_response::InitProducerIdResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 22: versions 0 to 6, flexible from 2; 6 is not stable yet.
#[derive(Clone, Debug, PartialEq)]
pub struct InitProducerIdRequest {
    /// `TransactionalId`, default `Some(String::new())`.
    pub transactional_id: Option<String>,
    /// `TransactionTimeoutMs`.
    pub transaction_timeout_ms: i32,
    /// `ProducerId`, from version 3, default -1.
    pub producer_id: i64,
    /// `ProducerEpoch`, from version 3, default -1.
    pub producer_epoch: i16,
    /// `Enable2Pc`, from version 6.
    pub enable_2pc: bool,
    /// `KeepPreparedTxn`, from version 6.
    pub keep_prepared_txn: bool,
}

impl Default for InitProducerIdRequest {
    fn default() -> Self {
        Self {
            transactional_id: Some(String::new()),
            transaction_timeout_ms: 0,
            producer_id: -1,
            producer_epoch: -1,
            enable_2pc: false,
            keep_prepared_txn: false,
        }
    }
}

impl Message for InitProducerIdRequest {
    const NAME: &'static str = "InitProducerIdRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            transactional_id: reader.nullable_string()?,
            transaction_timeout_ms: reader.i32()?,
            producer_id: if version >= 3 { reader.i64()? } else { -1 },
            producer_epoch: if version >= 3 { reader.i16()? } else { -1 },
            enable_2pc: if version >= 6 { reader.bool()? } else { false },
            keep_prepared_txn: if version >= 6 { reader.bool()? } else { false },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.nullable_string(self.transactional_id.as_deref());
        writer.i32(self.transaction_timeout_ms);
        if version >= 3 {
            writer.i64(self.producer_id);
            writer.i16(self.producer_epoch);
        }
        if version >= 6 {
            writer.bool(self.enable_2pc);
            writer.bool(self.keep_prepared_txn);
        }
        writer.no_tagged_fields();
    }
}

impl Request for InitProducerIdRequest {
    const API_KEY: ApiKey = ApiKey::InitProducerId;
    const IS_NEWEST_UNSTABLE: bool = true;
    type Response = InitProducerIdResponse;
}
