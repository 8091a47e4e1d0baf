// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `DefaultPrincipalData` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message};
use crate::wire::{DecodeError, Reader, Writer};

/// Data: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DefaultPrincipalData {
    /// `Type`.
    pub r#type: String,
    /// `Name`.
    pub name: String,
    /// `TokenAuthenticated`.
    pub token_authenticated: bool,
}

impl Message for DefaultPrincipalData {
    const NAME: &'static str = "DefaultPrincipalData";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this =
            Self { r#type: reader.string()?, name: reader.string()?, token_authenticated: reader.bool()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string(&self.r#type);
        writer.string(&self.name);
        writer.bool(self.token_authenticated);
        writer.no_tagged_fields();
    }
}
