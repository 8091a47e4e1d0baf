// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `RemoveDelegationTokenRecord` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Metadata record of type 26: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct RemoveDelegationTokenRecord {
    /// `TokenId`.
    pub token_id: String,
}

impl Message for RemoveDelegationTokenRecord {
    const NAME: &'static str = "RemoveDelegationTokenRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { token_id: reader.string()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string(&self.token_id);
        writer.no_tagged_fields();
    }
}

impl StoredRecord for RemoveDelegationTokenRecord {
    const RECORD_TYPE: i16 = 26;
}
