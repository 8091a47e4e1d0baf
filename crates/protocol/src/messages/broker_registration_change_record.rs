// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `BrokerRegistrationChangeRecord` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Metadata record of type 17: versions 0 to 3, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct BrokerRegistrationChangeRecord {
    /// `BrokerId`.
    pub broker_id: i32,
    /// `BrokerEpoch`.
    pub broker_epoch: i64,
    /// `Fenced`, tag 0.
    pub fenced: i8,
    /// `InControlledShutdown`, from version 1, tag 1.
    pub in_controlled_shutdown: i8,
    /// `LogDirs`, from version 2, tag 2.
    pub log_dirs: Vec<Uuid>,
    /// `CordonedLogDirs`, from version 3, tag 3.
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}

impl Message for BrokerRegistrationChangeRecord {
    const NAME: &'static str = "BrokerRegistrationChangeRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=3;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let mut this = Self {
            broker_id: reader.i32()?,
            broker_epoch: reader.i64()?,
            fenced: 0,
            in_controlled_shutdown: 0,
            log_dirs: Vec::new(),
            cordoned_log_dirs: None,
        };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 => this.fenced = reader.i8()?,
                1 if version >= 1 => this.in_controlled_shutdown = reader.i8()?,
                2 if version >= 2 => this.log_dirs = reader.uuid_array()?,
                3 if version >= 3 => this.cordoned_log_dirs = reader.nullable_uuid_array()?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.broker_id);
        writer.i64(self.broker_epoch);
        let has_fenced = self.fenced != 0;
        let has_in_controlled_shutdown = version >= 1 && self.in_controlled_shutdown != 0;
        let has_log_dirs = version >= 2 && !self.log_dirs.is_empty();
        let has_cordoned_log_dirs = version >= 3 && self.cordoned_log_dirs.is_some();
        writer.unsigned_varint(
            u32::from(has_fenced)
                + u32::from(has_in_controlled_shutdown)
                + u32::from(has_log_dirs)
                + u32::from(has_cordoned_log_dirs),
        );
        if has_fenced {
            let start = writer.begin_tagged_field(0);
            writer.i8(self.fenced);
            writer.end_tagged_field(start);
        }
        if has_in_controlled_shutdown {
            let start = writer.begin_tagged_field(1);
            writer.i8(self.in_controlled_shutdown);
            writer.end_tagged_field(start);
        }
        if has_log_dirs {
            let start = writer.begin_tagged_field(2);
            writer.uuid_array(&self.log_dirs);
            writer.end_tagged_field(start);
        }
        if has_cordoned_log_dirs {
            let start = writer.begin_tagged_field(3);
            writer.nullable_uuid_array(self.cordoned_log_dirs.as_deref());
            writer.end_tagged_field(start);
        }
    }
}

impl StoredRecord for BrokerRegistrationChangeRecord {
    const RECORD_TYPE: i16 = 17;
}
