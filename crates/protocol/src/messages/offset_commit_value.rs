// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `OffsetCommitValue` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Value of coordinator records of type 1: versions 0 to 4, flexible from 4.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetCommitValue {
    /// `offset`.
    pub offset: i64,
    /// `leaderEpoch`, from version 3, default -1.
    pub leader_epoch: i32,
    /// `metadata`.
    pub metadata: String,
    /// `commitTimestamp`.
    pub commit_timestamp: i64,
    /// `expireTimestamp`, in version 1, default -1.
    pub expire_timestamp: i64,
    /// `topicId`, from version 4, tag 0.
    pub topic_id: Uuid,
}

impl Default for OffsetCommitValue {
    fn default() -> Self {
        Self {
            offset: 0,
            leader_epoch: -1,
            metadata: String::new(),
            commit_timestamp: 0,
            expire_timestamp: -1,
            topic_id: Uuid::ZERO,
        }
    }
}

impl Message for OffsetCommitValue {
    const NAME: &'static str = "OffsetCommitValue";
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let mut this = Self {
            offset: reader.i64()?,
            leader_epoch: if version >= 3 { reader.i32()? } else { -1 },
            metadata: reader.string()?,
            commit_timestamp: reader.i64()?,
            expire_timestamp: if version == 1 { reader.i64()? } else { -1 },
            topic_id: Uuid::ZERO,
        };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 => this.topic_id = reader.uuid()?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i64(self.offset);
        if version >= 3 {
            writer.i32(self.leader_epoch);
        }
        writer.string(&self.metadata);
        writer.i64(self.commit_timestamp);
        if version == 1 {
            writer.i64(self.expire_timestamp);
        }
        if version < 4 {
            return;
        }
        let has_topic_id = !self.topic_id.is_zero();
        writer.unsigned_varint(u32::from(has_topic_id));
        if has_topic_id {
            let start = writer.begin_tagged_field(0);
            writer.uuid(self.topic_id);
            writer.end_tagged_field(start);
        }
    }
}

impl StoredRecord for OffsetCommitValue {
    const RECORD_TYPE: i16 = 1;
}
