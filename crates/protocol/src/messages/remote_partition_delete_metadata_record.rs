// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `RemotePartitionDeleteMetadataRecord` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Remote log metadata record of type 2: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct RemotePartitionDeleteMetadataRecord {
    /// `TopicIdPartition`.
    pub topic_id_partition: TopicIdPartitionEntry,
    /// `BrokerId`.
    pub broker_id: i32,
    /// `EventTimestampMs`.
    pub event_timestamp_ms: i64,
    /// `RemotePartitionDeleteState`.
    pub remote_partition_delete_state: i8,
}

impl Message for RemotePartitionDeleteMetadataRecord {
    const NAME: &'static str = "RemotePartitionDeleteMetadataRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            topic_id_partition: TopicIdPartitionEntry::decode(reader, version)?,
            broker_id: reader.i32()?,
            event_timestamp_ms: reader.i64()?,
            remote_partition_delete_state: reader.i8()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        self.topic_id_partition.encode(writer, version);
        writer.i32(self.broker_id);
        writer.i64(self.event_timestamp_ms);
        writer.i8(self.remote_partition_delete_state);
        writer.no_tagged_fields();
    }
}

impl StoredRecord for RemotePartitionDeleteMetadataRecord {
    const RECORD_TYPE: i16 = 2;
}

/// `TopicIdPartitionEntry` in `RemotePartitionDeleteMetadataRecord`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicIdPartitionEntry {
    /// `Name`.
    pub name: String,
    /// `Id`.
    pub id: Uuid,
    /// `Partition`.
    pub partition: i32,
}

impl TopicIdPartitionEntry {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { name: reader.string()?, id: reader.uuid()?, partition: reader.i32()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.name);
        writer.uuid(self.id);
        writer.i32(self.partition);
        writer.no_tagged_fields();
    }
}
