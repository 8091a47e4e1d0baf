// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `BeginTransactionRecord` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Metadata record of type 23: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct BeginTransactionRecord {
    /// `Name`, tag 0.
    pub name: Option<String>,
}

impl Message for BeginTransactionRecord {
    const NAME: &'static str = "BeginTransactionRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let mut this = Self { name: None };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 => this.name = reader.nullable_string()?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        let has_name = self.name.is_some();
        writer.unsigned_varint(u32::from(has_name));
        if has_name {
            let start = writer.begin_tagged_field(0);
            writer.nullable_string(self.name.as_deref());
            writer.end_tagged_field(start);
        }
    }
}

impl StoredRecord for BeginTransactionRecord {
    const RECORD_TYPE: i16 = 23;
}
