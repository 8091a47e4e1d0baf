// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `RemoteLogSegmentMetadataUpdateRecord` and what it holds.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::message::{self, Message, StoredRecord};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Remote log metadata record of type 1: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct RemoteLogSegmentMetadataUpdateRecord {
    /// `RemoteLogSegmentId`.
    pub remote_log_segment_id: RemoteLogSegmentIdEntry,
    /// `BrokerId`.
    pub broker_id: i32,
    /// `EventTimestampMs`.
    pub event_timestamp_ms: i64,
    /// `CustomMetadata`.
    pub custom_metadata: Option<Bytes>,
    /// `RemoteLogSegmentState`.
    pub remote_log_segment_state: i8,
}

impl Message for RemoteLogSegmentMetadataUpdateRecord {
    const NAME: &'static str = "RemoteLogSegmentMetadataUpdateRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            remote_log_segment_id: RemoteLogSegmentIdEntry::decode(reader, version)?,
            broker_id: reader.i32()?,
            event_timestamp_ms: reader.i64()?,
            custom_metadata: reader.nullable_bytes()?,
            remote_log_segment_state: reader.i8()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        self.remote_log_segment_id.encode(writer, version);
        writer.i32(self.broker_id);
        writer.i64(self.event_timestamp_ms);
        writer.nullable_bytes(self.custom_metadata.as_deref());
        writer.i8(self.remote_log_segment_state);
        writer.no_tagged_fields();
    }
}

impl StoredRecord for RemoteLogSegmentMetadataUpdateRecord {
    const RECORD_TYPE: i16 = 1;
}

/// `RemoteLogSegmentIdEntry` in `RemoteLogSegmentMetadataUpdateRecord`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct RemoteLogSegmentIdEntry {
    /// `TopicIdPartition`.
    pub topic_id_partition: TopicIdPartitionEntry,
    /// `Id`.
    pub id: Uuid,
}

impl RemoteLogSegmentIdEntry {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this =
            Self { topic_id_partition: TopicIdPartitionEntry::decode(reader, version)?, id: reader.uuid()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        self.topic_id_partition.encode(writer, version);
        writer.uuid(self.id);
        writer.no_tagged_fields();
    }
}

/// `TopicIdPartitionEntry` in `RemoteLogSegmentMetadataUpdateRecord`.
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
