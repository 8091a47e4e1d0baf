// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ConsumerGroupMetadataValue` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Value of coordinator records of type 3: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ConsumerGroupMetadataValue {
    /// `Epoch`.
    pub epoch: i32,
    /// `MetadataHash`, tag 0.
    pub metadata_hash: i64,
}

impl Message for ConsumerGroupMetadataValue {
    const NAME: &'static str = "ConsumerGroupMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let mut this = Self { epoch: reader.i32()?, metadata_hash: 0 };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 => this.metadata_hash = reader.i64()?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.epoch);
        let has_metadata_hash = self.metadata_hash != 0;
        writer.unsigned_varint(u32::from(has_metadata_hash));
        if has_metadata_hash {
            let start = writer.begin_tagged_field(0);
            writer.i64(self.metadata_hash);
            writer.end_tagged_field(start);
        }
    }
}

impl StoredRecord for ConsumerGroupMetadataValue {
    const RECORD_TYPE: i16 = 3;
}
