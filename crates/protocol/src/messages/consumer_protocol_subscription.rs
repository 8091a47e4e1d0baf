// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ConsumerProtocolSubscription` and what it holds.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::message::{self, Message};
use crate::wire::{DecodeError, Reader, Writer};

/// Data: versions 0 to 3, never flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerProtocolSubscription {
    /// `Topics`.
    pub topics: Vec<String>,
    /// `UserData`.
    pub user_data: Option<Bytes>,
    /// `OwnedPartitions`, from version 1.
    pub owned_partitions: Vec<TopicPartition>,
    /// `GenerationId`, from version 2, default -1.
    pub generation_id: i32,
    /// `RackId`, from version 3.
    pub rack_id: Option<String>,
}

impl Default for ConsumerProtocolSubscription {
    fn default() -> Self {
        Self {
            topics: Vec::new(),
            user_data: None,
            owned_partitions: Vec::new(),
            generation_id: -1,
            rack_id: None,
        }
    }
}

impl Message for ConsumerProtocolSubscription {
    const NAME: &'static str = "ConsumerProtocolSubscription";
    const VERSIONS: RangeInclusive<i16> = 0..=3;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        Ok(Self {
            topics: reader.string_array()?,
            user_data: reader.nullable_bytes()?,
            owned_partitions: if version >= 1 {
                reader.array(version, TopicPartition::decode)?
            } else {
                Vec::new()
            },
            generation_id: if version >= 2 { reader.i32()? } else { -1 },
            rack_id: if version >= 3 { reader.nullable_string()? } else { None },
        })
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string_array(&self.topics);
        writer.nullable_bytes(self.user_data.as_deref());
        if version >= 1 {
            writer.array(version, &self.owned_partitions, TopicPartition::encode);
        }
        if version >= 2 {
            writer.i32(self.generation_id);
        }
        if version >= 3 {
            writer.nullable_string(self.rack_id.as_deref());
        }
    }
}

/// `TopicPartition` in `ConsumerProtocolSubscription`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicPartition {
    /// `Topic`, key.
    pub topic: String,
    /// `Partitions`.
    pub partitions: Vec<i32>,
}

impl TopicPartition {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        Ok(Self { topic: reader.string()?, partitions: reader.i32_array()? })
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.topic);
        writer.i32_array(&self.partitions);
    }
}
