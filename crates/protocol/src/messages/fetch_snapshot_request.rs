// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `FetchSnapshotRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::fetch_snapshot_response::FetchSnapshotResponse;
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 59: versions 0 to 1, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct FetchSnapshotRequest {
    /// `ClusterId`, tag 0.
    pub cluster_id: Option<String>,
    /// `ReplicaId`, default -1.
    pub replica_id: i32,
    /// `MaxBytes`, default i32::MAX.
    pub max_bytes: i32,
    /// `Topics`.
    pub topics: Vec<TopicSnapshot>,
}

impl Default for FetchSnapshotRequest {
    fn default() -> Self {
        Self { cluster_id: None, replica_id: -1, max_bytes: i32::MAX, topics: Vec::new() }
    }
}

impl Message for FetchSnapshotRequest {
    const NAME: &'static str = "FetchSnapshotRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let mut this = Self {
            cluster_id: None,
            replica_id: reader.i32()?,
            max_bytes: reader.i32()?,
            topics: reader.array(version, TopicSnapshot::decode)?,
        };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 => this.cluster_id = reader.nullable_string()?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.replica_id);
        writer.i32(self.max_bytes);
        writer.array(version, &self.topics, TopicSnapshot::encode);
        let has_cluster_id = self.cluster_id.is_some();
        writer.unsigned_varint(u32::from(has_cluster_id));
        if has_cluster_id {
            let start = writer.begin_tagged_field(0);
            writer.nullable_string(self.cluster_id.as_deref());
            writer.end_tagged_field(start);
        }
    }
}

impl Request for FetchSnapshotRequest {
    const API_KEY: ApiKey = ApiKey::FetchSnapshot;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = FetchSnapshotResponse;
}

/// `TopicSnapshot` in `FetchSnapshotRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicSnapshot {
    /// `Name`.
    pub name: String,
    /// `Partitions`.
    pub partitions: Vec<PartitionSnapshot>,
}

impl TopicSnapshot {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this =
            Self { name: reader.string()?, partitions: reader.array(version, PartitionSnapshot::decode)? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.name);
        writer.array(version, &self.partitions, PartitionSnapshot::encode);
        writer.no_tagged_fields();
    }
}

/// `PartitionSnapshot` in `FetchSnapshotRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct PartitionSnapshot {
    /// `Partition`.
    pub partition: i32,
    /// `CurrentLeaderEpoch`.
    pub current_leader_epoch: i32,
    /// `SnapshotId`.
    pub snapshot_id: SnapshotId,
    /// `Position`.
    pub position: i64,
    /// `ReplicaDirectoryId`, from version 1, tag 0.
    pub replica_directory_id: Uuid,
}

impl PartitionSnapshot {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let mut this = Self {
            partition: reader.i32()?,
            current_leader_epoch: reader.i32()?,
            snapshot_id: SnapshotId::decode(reader, version)?,
            position: reader.i64()?,
            replica_directory_id: Uuid::ZERO,
        };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 if version >= 1 => this.replica_directory_id = reader.uuid()?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i32(self.partition);
        writer.i32(self.current_leader_epoch);
        self.snapshot_id.encode(writer, version);
        writer.i64(self.position);
        let has_replica_directory_id = version >= 1 && !self.replica_directory_id.is_zero();
        writer.unsigned_varint(u32::from(has_replica_directory_id));
        if has_replica_directory_id {
            let start = writer.begin_tagged_field(0);
            writer.uuid(self.replica_directory_id);
            writer.end_tagged_field(start);
        }
    }
}

/// `SnapshotId` in `FetchSnapshotRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SnapshotId {
    /// `EndOffset`.
    pub end_offset: i64,
    /// `Epoch`.
    pub epoch: i32,
}

impl SnapshotId {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { end_offset: reader.i64()?, epoch: reader.i32()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i64(self.end_offset);
        writer.i32(self.epoch);
        writer.no_tagged_fields();
    }
}
