// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ConsumerProtocolAssignment` and what it holds.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::message::{self, Message};
use crate::wire::{DecodeError, Reader, Writer};

/// Data: versions 0 to 3, never flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ConsumerProtocolAssignment {
    /// `AssignedPartitions`.
    pub assigned_partitions: Vec<TopicPartition>,
    /// `UserData`.
    pub user_data: Option<Bytes>,
}

impl Message for ConsumerProtocolAssignment {
    const NAME: &'static str = "ConsumerProtocolAssignment";
    const VERSIONS: RangeInclusive<i16> = 0..=3;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        Ok(Self {
            assigned_partitions: reader.array(version, TopicPartition::decode)?,
            user_data: reader.nullable_bytes()?,
        })
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.array(version, &self.assigned_partitions, TopicPartition::encode);
        writer.nullable_bytes(self.user_data.as_deref());
    }
}

/// `TopicPartition` in `ConsumerProtocolAssignment`.
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
