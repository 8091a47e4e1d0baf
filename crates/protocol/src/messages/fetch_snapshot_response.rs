// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `FetchSnapshotResponse` and what it holds.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 59: versions 0 to 1, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FetchSnapshotResponse {
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `Topics`.
    pub topics: Vec<TopicSnapshot>,
    /// `NodeEndpoints`, from version 1, tag 0.
    pub node_endpoints: Vec<NodeEndpoint>,
}

impl Message for FetchSnapshotResponse {
    const NAME: &'static str = "FetchSnapshotResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let mut this = Self {
            throttle_time_ms: reader.i32()?,
            error_code: reader.i16()?,
            topics: reader.array(version, TopicSnapshot::decode)?,
            node_endpoints: Vec::new(),
        };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 if version >= 1 => this.node_endpoints = reader.array(version, NodeEndpoint::decode)?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.throttle_time_ms);
        writer.i16(self.error_code);
        writer.array(version, &self.topics, TopicSnapshot::encode);
        let has_node_endpoints = version >= 1 && !self.node_endpoints.is_empty();
        writer.unsigned_varint(u32::from(has_node_endpoints));
        if has_node_endpoints {
            let start = writer.begin_tagged_field(0);
            writer.array(version, &self.node_endpoints, NodeEndpoint::encode);
            writer.end_tagged_field(start);
        }
    }
}

impl Response for FetchSnapshotResponse {
    const API_KEY: ApiKey = ApiKey::FetchSnapshot;
}

/// `TopicSnapshot` in `FetchSnapshotResponse`.
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

/// `PartitionSnapshot` in `FetchSnapshotResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct PartitionSnapshot {
    /// `Index`.
    pub index: i32,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `SnapshotId`.
    pub snapshot_id: SnapshotId,
    /// `CurrentLeader`, tag 0.
    pub current_leader: LeaderIdAndEpoch,
    /// `Size`.
    pub size: i64,
    /// `Position`.
    pub position: i64,
    /// `UnalignedRecords`.
    pub unaligned_records: Bytes,
}

impl PartitionSnapshot {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let mut this = Self {
            index: reader.i32()?,
            error_code: reader.i16()?,
            snapshot_id: SnapshotId::decode(reader, version)?,
            current_leader: LeaderIdAndEpoch::default(),
            size: reader.i64()?,
            position: reader.i64()?,
            unaligned_records: reader.bytes()?,
        };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 => this.current_leader = LeaderIdAndEpoch::decode(reader, version)?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i32(self.index);
        writer.i16(self.error_code);
        self.snapshot_id.encode(writer, version);
        writer.i64(self.size);
        writer.i64(self.position);
        writer.bytes(&self.unaligned_records);
        let has_current_leader = self.current_leader != LeaderIdAndEpoch::default();
        writer.unsigned_varint(u32::from(has_current_leader));
        if has_current_leader {
            let start = writer.begin_tagged_field(0);
            self.current_leader.encode(writer, version);
            writer.end_tagged_field(start);
        }
    }
}

/// `SnapshotId` in `FetchSnapshotResponse`.
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

/// `LeaderIdAndEpoch` in `FetchSnapshotResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct LeaderIdAndEpoch {
    /// `LeaderId`.
    pub leader_id: i32,
    /// `LeaderEpoch`.
    pub leader_epoch: i32,
}

impl LeaderIdAndEpoch {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { leader_id: reader.i32()?, leader_epoch: reader.i32()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i32(self.leader_id);
        writer.i32(self.leader_epoch);
        writer.no_tagged_fields();
    }
}

/// `NodeEndpoint` in `FetchSnapshotResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct NodeEndpoint {
    /// `NodeId`, key.
    pub node_id: i32,
    /// `Host`.
    pub host: String,
    /// `Port`.
    pub port: u16,
}

impl NodeEndpoint {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { node_id: reader.i32()?, host: reader.string()?, port: reader.u16()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i32(self.node_id);
        writer.string(&self.host);
        writer.u16(self.port);
        writer.no_tagged_fields();
    }
}
