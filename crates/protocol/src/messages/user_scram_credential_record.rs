// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `UserScramCredentialRecord` and what it holds.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Metadata record of type 11: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct UserScramCredentialRecord {
    /// `Name`.
    pub name: String,
    /// `Mechanism`.
    pub mechanism: i8,
    /// `Salt`.
    pub salt: Bytes,
    /// `StoredKey`.
    pub stored_key: Bytes,
    /// `ServerKey`.
    pub server_key: Bytes,
    /// `Iterations`.
    pub iterations: i32,
}

impl Message for UserScramCredentialRecord {
    const NAME: &'static str = "UserScramCredentialRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            name: reader.string()?,
            mechanism: reader.i8()?,
            salt: reader.bytes()?,
            stored_key: reader.bytes()?,
            server_key: reader.bytes()?,
            iterations: reader.i32()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string(&self.name);
        writer.i8(self.mechanism);
        writer.bytes(&self.salt);
        writer.bytes(&self.stored_key);
        writer.bytes(&self.server_key);
        writer.i32(self.iterations);
        writer.no_tagged_fields();
    }
}

impl StoredRecord for UserScramCredentialRecord {
    const RECORD_TYPE: i16 = 11;
}
