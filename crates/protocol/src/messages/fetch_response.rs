// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `FetchResponse` and what it holds.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 1: versions 4 to 18, flexible from 12.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FetchResponse {
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
    /// `ErrorCode`, from version 7.
    pub error_code: i16,
    /// `SessionId`, from version 7.
    pub session_id: i32,
    /// `Responses`.
    pub responses: Vec<FetchableTopicResponse>,
    /// `NodeEndpoints`, from version 16, tag 0.
    pub node_endpoints: Vec<NodeEndpoint>,
}

impl Message for FetchResponse {
    const NAME: &'static str = "FetchResponse";
    const VERSIONS: RangeInclusive<i16> = 4..=18;
    const FLEXIBLE_FROM: Option<i16> = Some(12);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let mut this = Self {
            throttle_time_ms: reader.i32()?,
            error_code: if version >= 7 { reader.i16()? } else { 0 },
            session_id: if version >= 7 { reader.i32()? } else { 0 },
            responses: reader.array(version, FetchableTopicResponse::decode)?,
            node_endpoints: Vec::new(),
        };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 if version >= 16 => this.node_endpoints = reader.array(version, NodeEndpoint::decode)?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.throttle_time_ms);
        if version >= 7 {
            writer.i16(self.error_code);
            writer.i32(self.session_id);
        }
        writer.array(version, &self.responses, FetchableTopicResponse::encode);
        if version < 12 {
            return;
        }
        let has_node_endpoints = version >= 16 && !self.node_endpoints.is_empty();
        writer.unsigned_varint(u32::from(has_node_endpoints));
        if has_node_endpoints {
            let start = writer.begin_tagged_field(0);
            writer.array(version, &self.node_endpoints, NodeEndpoint::encode);
            writer.end_tagged_field(start);
        }
    }
}

impl Response for FetchResponse {
    const API_KEY: ApiKey = ApiKey::Fetch;
}

/// `FetchableTopicResponse` in `FetchResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FetchableTopicResponse {
    /// `Topic`, up to version 12.
    pub topic: String,
    /// `TopicId`, from version 13.
    pub topic_id: Uuid,
    /// `Partitions`.
    pub partitions: Vec<PartitionData>,
}

impl FetchableTopicResponse {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            topic: if version <= 12 { reader.string()? } else { String::new() },
            topic_id: if version >= 13 { reader.uuid()? } else { Uuid::ZERO },
            partitions: reader.array(version, PartitionData::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        if version <= 12 {
            writer.string(&self.topic);
        }
        if version >= 13 {
            writer.uuid(self.topic_id);
        }
        writer.array(version, &self.partitions, PartitionData::encode);
        writer.no_tagged_fields();
    }
}

/// `PartitionData` in `FetchResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionData {
    /// `PartitionIndex`.
    pub partition_index: i32,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `HighWatermark`.
    pub high_watermark: i64,
    /// `LastStableOffset`, default -1.
    pub last_stable_offset: i64,
    /// `LogStartOffset`, from version 5, default -1.
    pub log_start_offset: i64,
    /// `DivergingEpoch`, from version 12, tag 0.
    pub diverging_epoch: EpochEndOffset,
    /// `CurrentLeader`, from version 12, tag 1.
    pub current_leader: LeaderIdAndEpoch,
    /// `SnapshotId`, from version 12, tag 2.
    pub snapshot_id: SnapshotId,
    /// `AbortedTransactions`, default `Some(Vec::new())`.
    pub aborted_transactions: Option<Vec<AbortedTransaction>>,
    /// `PreferredReadReplica`, from version 11, default -1.
    pub preferred_read_replica: i32,
    /// `Records`.
    pub records: Option<Bytes>,
}

impl Default for PartitionData {
    fn default() -> Self {
        Self {
            partition_index: 0,
            error_code: 0,
            high_watermark: 0,
            last_stable_offset: -1,
            log_start_offset: -1,
            diverging_epoch: EpochEndOffset::default(),
            current_leader: LeaderIdAndEpoch::default(),
            snapshot_id: SnapshotId::default(),
            aborted_transactions: Some(Vec::new()),
            preferred_read_replica: -1,
            records: None,
        }
    }
}

impl PartitionData {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let mut this = Self {
            partition_index: reader.i32()?,
            error_code: reader.i16()?,
            high_watermark: reader.i64()?,
            last_stable_offset: reader.i64()?,
            log_start_offset: if version >= 5 { reader.i64()? } else { -1 },
            diverging_epoch: EpochEndOffset::default(),
            current_leader: LeaderIdAndEpoch::default(),
            snapshot_id: SnapshotId::default(),
            aborted_transactions: reader.nullable_array(version, AbortedTransaction::decode)?,
            preferred_read_replica: if version >= 11 { reader.i32()? } else { -1 },
            records: reader.nullable_bytes()?,
        };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 => this.diverging_epoch = EpochEndOffset::decode(reader, version)?,
                1 => this.current_leader = LeaderIdAndEpoch::decode(reader, version)?,
                2 => this.snapshot_id = SnapshotId::decode(reader, version)?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i32(self.partition_index);
        writer.i16(self.error_code);
        writer.i64(self.high_watermark);
        writer.i64(self.last_stable_offset);
        if version >= 5 {
            writer.i64(self.log_start_offset);
        }
        writer.nullable_array(version, self.aborted_transactions.as_deref(), AbortedTransaction::encode);
        if version >= 11 {
            writer.i32(self.preferred_read_replica);
        }
        writer.nullable_bytes(self.records.as_deref());
        if version < 12 {
            return;
        }
        let has_diverging_epoch = self.diverging_epoch != EpochEndOffset::default();
        let has_current_leader = self.current_leader != LeaderIdAndEpoch::default();
        let has_snapshot_id = self.snapshot_id != SnapshotId::default();
        writer.unsigned_varint(
            u32::from(has_diverging_epoch) + u32::from(has_current_leader) + u32::from(has_snapshot_id),
        );
        if has_diverging_epoch {
            let start = writer.begin_tagged_field(0);
            self.diverging_epoch.encode(writer, version);
            writer.end_tagged_field(start);
        }
        if has_current_leader {
            let start = writer.begin_tagged_field(1);
            self.current_leader.encode(writer, version);
            writer.end_tagged_field(start);
        }
        if has_snapshot_id {
            let start = writer.begin_tagged_field(2);
            self.snapshot_id.encode(writer, version);
            writer.end_tagged_field(start);
        }
    }
}

/// `EpochEndOffset` in `FetchResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct EpochEndOffset {
    /// `Epoch`, default -1.
    pub epoch: i32,
    /// `EndOffset`, default -1.
    pub end_offset: i64,
}

impl Default for EpochEndOffset {
    fn default() -> Self {
        Self { epoch: -1, end_offset: -1 }
    }
}

impl EpochEndOffset {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { epoch: reader.i32()?, end_offset: reader.i64()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i32(self.epoch);
        writer.i64(self.end_offset);
        writer.no_tagged_fields();
    }
}

/// `LeaderIdAndEpoch` in `FetchResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct LeaderIdAndEpoch {
    /// `LeaderId`, default -1.
    pub leader_id: i32,
    /// `LeaderEpoch`, default -1.
    pub leader_epoch: i32,
}

impl Default for LeaderIdAndEpoch {
    fn default() -> Self {
        Self { leader_id: -1, leader_epoch: -1 }
    }
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

/// `SnapshotId` in `FetchResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotId {
    /// `EndOffset`, default -1.
    pub end_offset: i64,
    /// `Epoch`, default -1.
    pub epoch: i32,
}

impl Default for SnapshotId {
    fn default() -> Self {
        Self { end_offset: -1, epoch: -1 }
    }
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

/// `AbortedTransaction` in `FetchResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AbortedTransaction {
    /// `ProducerId`.
    pub producer_id: i64,
    /// `FirstOffset`.
    pub first_offset: i64,
}

impl AbortedTransaction {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { producer_id: reader.i64()?, first_offset: reader.i64()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i64(self.producer_id);
        writer.i64(self.first_offset);
        writer.no_tagged_fields();
    }
}

/// `NodeEndpoint` in `FetchResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct NodeEndpoint {
    /// `NodeId`, key.
    pub node_id: i32,
    /// `Host`.
    pub host: String,
    /// `Port`.
    pub port: i32,
    /// `Rack`.
    pub rack: Option<String>,
}

impl NodeEndpoint {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            node_id: reader.i32()?,
            host: reader.string()?,
            port: reader.i32()?,
            rack: reader.nullable_string()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i32(self.node_id);
        writer.string(&self.host);
        writer.i32(self.port);
        writer.nullable_string(self.rack.as_deref());
        writer.no_tagged_fields();
    }
}
