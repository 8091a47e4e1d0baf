// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ListTransactionsResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 66: versions 0 to 2, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ListTransactionsResponse {
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `UnknownStateFilters`.
    pub unknown_state_filters: Vec<String>,
    /// `TransactionStates`.
    pub transaction_states: Vec<TransactionState>,
}

impl Message for ListTransactionsResponse {
    const NAME: &'static str = "ListTransactionsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            throttle_time_ms: reader.i32()?,
            error_code: reader.i16()?,
            unknown_state_filters: reader.string_array()?,
            transaction_states: reader.array(version, TransactionState::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.throttle_time_ms);
        writer.i16(self.error_code);
        writer.string_array(&self.unknown_state_filters);
        writer.array(version, &self.transaction_states, TransactionState::encode);
        writer.no_tagged_fields();
    }
}

impl Response for ListTransactionsResponse {
    const API_KEY: ApiKey = ApiKey::ListTransactions;
}

/// `TransactionState` in `ListTransactionsResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TransactionState {
    /// `TransactionalId`.
    pub transactional_id: String,
    /// `ProducerId`.
    pub producer_id: i64,
    /// `TransactionState`.
    pub transaction_state: String,
}

impl TransactionState {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            transactional_id: reader.string()?,
            producer_id: reader.i64()?,
            transaction_state: reader.string()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.transactional_id);
        writer.i64(self.producer_id);
        writer.string(&self.transaction_state);
        writer.no_tagged_fields();
    }
}
