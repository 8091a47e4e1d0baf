// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `DelegationTokenRecord` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Metadata record of type 10: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DelegationTokenRecord {
    /// `Owner`.
    pub owner: String,
    /// `Requester`.
    pub requester: String,
    /// `Renewers`.
    pub renewers: Vec<String>,
    /// `IssueTimestamp`.
    pub issue_timestamp: i64,
    /// `MaxTimestamp`.
    pub max_timestamp: i64,
    /// `ExpirationTimestamp`.
    pub expiration_timestamp: i64,
    /// `TokenId`.
    pub token_id: String,
}

impl Message for DelegationTokenRecord {
    const NAME: &'static str = "DelegationTokenRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            owner: reader.string()?,
            requester: reader.string()?,
            renewers: reader.string_array()?,
            issue_timestamp: reader.i64()?,
            max_timestamp: reader.i64()?,
            expiration_timestamp: reader.i64()?,
            token_id: reader.string()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string(&self.owner);
        writer.string(&self.requester);
        writer.string_array(&self.renewers);
        writer.i64(self.issue_timestamp);
        writer.i64(self.max_timestamp);
        writer.i64(self.expiration_timestamp);
        writer.string(&self.token_id);
        writer.no_tagged_fields();
    }
}

impl StoredRecord for DelegationTokenRecord {
    const RECORD_TYPE: i16 = 10;
}
