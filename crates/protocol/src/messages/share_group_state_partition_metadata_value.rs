// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ShareGroupStatePartitionMetadataValue` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Value of coordinator records of type 15: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ShareGroupStatePartitionMetadataValue {
    /// `InitializingTopics`.
    pub initializing_topics: Vec<TopicPartitionsInfo>,
    /// `InitializedTopics`.
    pub initialized_topics: Vec<TopicPartitionsInfo>,
    /// `DeletingTopics`.
    pub deleting_topics: Vec<TopicInfo>,
}

impl Message for ShareGroupStatePartitionMetadataValue {
    const NAME: &'static str = "ShareGroupStatePartitionMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            initializing_topics: reader.array(version, TopicPartitionsInfo::decode)?,
            initialized_topics: reader.array(version, TopicPartitionsInfo::decode)?,
            deleting_topics: reader.array(version, TopicInfo::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.array(version, &self.initializing_topics, TopicPartitionsInfo::encode);
        writer.array(version, &self.initialized_topics, TopicPartitionsInfo::encode);
        writer.array(version, &self.deleting_topics, TopicInfo::encode);
        writer.no_tagged_fields();
    }
}

impl StoredRecord for ShareGroupStatePartitionMetadataValue {
    const RECORD_TYPE: i16 = 15;
}

/// `TopicPartitionsInfo` in `ShareGroupStatePartitionMetadataValue`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicPartitionsInfo {
    /// `TopicId`.
    pub topic_id: Uuid,
    /// `TopicName`.
    pub topic_name: String,
    /// `Partitions`.
    pub partitions: Vec<i32>,
}

impl TopicPartitionsInfo {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this =
            Self { topic_id: reader.uuid()?, topic_name: reader.string()?, partitions: reader.i32_array()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.uuid(self.topic_id);
        writer.string(&self.topic_name);
        writer.i32_array(&self.partitions);
        writer.no_tagged_fields();
    }
}

/// `TopicInfo` in `ShareGroupStatePartitionMetadataValue`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicInfo {
    /// `TopicId`.
    pub topic_id: Uuid,
    /// `TopicName`.
    pub topic_name: String,
}

impl TopicInfo {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { topic_id: reader.uuid()?, topic_name: reader.string()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.uuid(self.topic_id);
        writer.string(&self.topic_name);
        writer.no_tagged_fields();
    }
}
