// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ResponseHeader` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message};
use crate::wire::{DecodeError, Reader, Writer};

/// Header: versions 0 to 1, flexible from 1.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ResponseHeader {
    /// `CorrelationId`.
    pub correlation_id: i32,
}

impl Message for ResponseHeader {
    const NAME: &'static str = "ResponseHeader";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(1);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { correlation_id: reader.i32()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.correlation_id);
        writer.no_tagged_fields();
    }
}
