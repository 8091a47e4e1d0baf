// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ListTransactionsRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::list_transactions_response::ListTransactionsResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 66: versions 0 to 2, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct ListTransactionsRequest {
    /// `StateFilters`.
    pub state_filters: Vec<String>,
    /// `ProducerIdFilters`.
    pub producer_id_filters: Vec<i64>,
    /// `DurationFilter`, from version 1, default -1.
    pub duration_filter: i64,
    /// `TransactionalIdPattern`, from version 2.
    pub transactional_id_pattern: Option<String>,
}

impl Default for ListTransactionsRequest {
    fn default() -> Self {
        Self {
            state_filters: Vec::new(),
            producer_id_filters: Vec::new(),
            duration_filter: -1,
            transactional_id_pattern: None,
        }
    }
}

impl Message for ListTransactionsRequest {
    const NAME: &'static str = "ListTransactionsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            state_filters: reader.string_array()?,
            producer_id_filters: reader.i64_array()?,
            duration_filter: if version >= 1 { reader.i64()? } else { -1 },
            transactional_id_pattern: if version >= 2 { reader.nullable_string()? } else { None },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string_array(&self.state_filters);
        writer.i64_array(&self.producer_id_filters);
        if version >= 1 {
            writer.i64(self.duration_filter);
        }
        if version >= 2 {
            writer.nullable_string(self.transactional_id_pattern.as_deref());
        }
        writer.no_tagged_fields();
    }
}

impl Request for ListTransactionsRequest {
    const API_KEY: ApiKey = ApiKey::ListTransactions;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = ListTransactionsResponse;
}
