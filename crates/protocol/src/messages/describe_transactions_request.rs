// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `DescribeTransactionsRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::describe_transactions_response::DescribeTransactionsResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 65: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeTransactionsRequest {
    /// `TransactionalIds`.
    pub transactional_ids: Vec<String>,
}

impl Message for DescribeTransactionsRequest {
    const NAME: &'static str = "DescribeTransactionsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { transactional_ids: reader.string_array()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string_array(&self.transactional_ids);
        writer.no_tagged_fields();
    }
}

impl Request for DescribeTransactionsRequest {
    const API_KEY: ApiKey = ApiKey::DescribeTransactions;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = DescribeTransactionsResponse;
}
