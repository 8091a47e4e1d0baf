// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `RemoveUserScramCredentialRecord` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Metadata record of type 22: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct RemoveUserScramCredentialRecord {
    /// `Name`.
    pub name: String,
    /// `Mechanism`.
    pub mechanism: i8,
}

impl Message for RemoveUserScramCredentialRecord {
    const NAME: &'static str = "RemoveUserScramCredentialRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { name: reader.string()?, mechanism: reader.i8()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string(&self.name);
        writer.i8(self.mechanism);
        writer.no_tagged_fields();
    }
}

impl StoredRecord for RemoveUserScramCredentialRecord {
    const RECORD_TYPE: i16 = 22;
}
