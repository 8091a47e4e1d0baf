// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ConsumerGroupPartitionMetadataValue` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Value of coordinator records of type 4: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ConsumerGroupPartitionMetadataValue {
    /// `Topics`.
    pub topics: Vec<TopicMetadata>,
}

impl Message for ConsumerGroupPartitionMetadataValue {
    const NAME: &'static str = "ConsumerGroupPartitionMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { topics: reader.array(version, TopicMetadata::decode)? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.array(version, &self.topics, TopicMetadata::encode);
        writer.no_tagged_fields();
    }
}

impl StoredRecord for ConsumerGroupPartitionMetadataValue {
    const RECORD_TYPE: i16 = 4;
}

/// `TopicMetadata` in `ConsumerGroupPartitionMetadataValue`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicMetadata {
    /// `TopicId`.
    pub topic_id: Uuid,
    /// `TopicName`.
    pub topic_name: String,
    /// `NumPartitions`.
    pub num_partitions: i32,
    /// `PartitionMetadata`.
    pub partition_metadata: Vec<PartitionMetadata>,
}

impl TopicMetadata {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            topic_id: reader.uuid()?,
            topic_name: reader.string()?,
            num_partitions: reader.i32()?,
            partition_metadata: reader.array(version, PartitionMetadata::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.uuid(self.topic_id);
        writer.string(&self.topic_name);
        writer.i32(self.num_partitions);
        writer.array(version, &self.partition_metadata, PartitionMetadata::encode);
        writer.no_tagged_fields();
    }
}

/// `PartitionMetadata` in `ConsumerGroupPartitionMetadataValue`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct PartitionMetadata {
    /// `Partition`.
    pub partition: i32,
    /// `Racks`.
    pub racks: Vec<String>,
}

impl PartitionMetadata {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { partition: reader.i32()?, racks: reader.string_array()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i32(self.partition);
        writer.string_array(&self.racks);
        writer.no_tagged_fields();
    }
}
