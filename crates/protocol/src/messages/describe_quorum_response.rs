// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `DescribeQuorumResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 55: versions 0 to 2, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeQuorumResponse {
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ErrorMessage`, from version 2, default `Some(String::new())`.
    pub error_message: Option<String>,
    /// `Topics`.
    pub topics: Vec<TopicData>,
    /// `Nodes`, from version 2.
    pub nodes: Vec<Node>,
}

impl Default for DescribeQuorumResponse {
    fn default() -> Self {
        Self { error_code: 0, error_message: Some(String::new()), topics: Vec::new(), nodes: Vec::new() }
    }
}

impl Message for DescribeQuorumResponse {
    const NAME: &'static str = "DescribeQuorumResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            error_code: reader.i16()?,
            error_message: if version >= 2 { reader.nullable_string()? } else { Some(String::new()) },
            topics: reader.array(version, TopicData::decode)?,
            nodes: if version >= 2 { reader.array(version, Node::decode)? } else { Vec::new() },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i16(self.error_code);
        if version >= 2 {
            writer.nullable_string(self.error_message.as_deref());
        }
        writer.array(version, &self.topics, TopicData::encode);
        if version >= 2 {
            writer.array(version, &self.nodes, Node::encode);
        }
        writer.no_tagged_fields();
    }
}

impl Response for DescribeQuorumResponse {
    const API_KEY: ApiKey = ApiKey::DescribeQuorum;
}

/// `TopicData` in `DescribeQuorumResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicData {
    /// `TopicName`.
    pub topic_name: String,
    /// `Partitions`.
    pub partitions: Vec<PartitionData>,
}

impl TopicData {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this =
            Self { topic_name: reader.string()?, partitions: reader.array(version, PartitionData::decode)? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.topic_name);
        writer.array(version, &self.partitions, PartitionData::encode);
        writer.no_tagged_fields();
    }
}

/// `PartitionData` in `DescribeQuorumResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionData {
    /// `PartitionIndex`.
    pub partition_index: i32,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ErrorMessage`, from version 2, default `Some(String::new())`.
    pub error_message: Option<String>,
    /// `LeaderId`.
    pub leader_id: i32,
    /// `LeaderEpoch`.
    pub leader_epoch: i32,
    /// `HighWatermark`.
    pub high_watermark: i64,
    /// `CurrentVoters`.
    pub current_voters: Vec<ReplicaState>,
    /// `Observers`.
    pub observers: Vec<ReplicaState>,
}

impl Default for PartitionData {
    fn default() -> Self {
        Self {
            partition_index: 0,
            error_code: 0,
            error_message: Some(String::new()),
            leader_id: 0,
            leader_epoch: 0,
            high_watermark: 0,
            current_voters: Vec::new(),
            observers: Vec::new(),
        }
    }
}

impl PartitionData {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            partition_index: reader.i32()?,
            error_code: reader.i16()?,
            error_message: if version >= 2 { reader.nullable_string()? } else { Some(String::new()) },
            leader_id: reader.i32()?,
            leader_epoch: reader.i32()?,
            high_watermark: reader.i64()?,
            current_voters: reader.array(version, ReplicaState::decode)?,
            observers: reader.array(version, ReplicaState::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i32(self.partition_index);
        writer.i16(self.error_code);
        if version >= 2 {
            writer.nullable_string(self.error_message.as_deref());
        }
        writer.i32(self.leader_id);
        writer.i32(self.leader_epoch);
        writer.i64(self.high_watermark);
        writer.array(version, &self.current_voters, ReplicaState::encode);
        writer.array(version, &self.observers, ReplicaState::encode);
        writer.no_tagged_fields();
    }
}

/// `ReplicaState` in `DescribeQuorumResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplicaState {
    /// `ReplicaId`.
    pub replica_id: i32,
    /// `ReplicaDirectoryId`, from version 2.
    pub replica_directory_id: Uuid,
    /// `LogEndOffset`.
    pub log_end_offset: i64,
    /// `LastFetchTimestamp`, from version 1, default -1.
    pub last_fetch_timestamp: i64,
    /// `LastCaughtUpTimestamp`, from version 1, default -1.
    pub last_caught_up_timestamp: i64,
}

impl Default for ReplicaState {
    fn default() -> Self {
        Self {
            replica_id: 0,
            replica_directory_id: Uuid::ZERO,
            log_end_offset: 0,
            last_fetch_timestamp: -1,
            last_caught_up_timestamp: -1,
        }
    }
}

impl ReplicaState {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            replica_id: reader.i32()?,
            replica_directory_id: if version >= 2 { reader.uuid()? } else { Uuid::ZERO },
            log_end_offset: reader.i64()?,
            last_fetch_timestamp: if version >= 1 { reader.i64()? } else { -1 },
            last_caught_up_timestamp: if version >= 1 { reader.i64()? } else { -1 },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i32(self.replica_id);
        if version >= 2 {
            writer.uuid(self.replica_directory_id);
        }
        writer.i64(self.log_end_offset);
        if version >= 1 {
            writer.i64(self.last_fetch_timestamp);
            writer.i64(self.last_caught_up_timestamp);
        }
        writer.no_tagged_fields();
    }
}

/// `Node` in `DescribeQuorumResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Node {
    /// `NodeId`, key.
    pub node_id: i32,
    /// `Listeners`.
    pub listeners: Vec<Listener>,
}

impl Node {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self { node_id: reader.i32()?, listeners: reader.array(version, Listener::decode)? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i32(self.node_id);
        writer.array(version, &self.listeners, Listener::encode);
        writer.no_tagged_fields();
    }
}

/// `Listener` in `DescribeQuorumResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Listener {
    /// `Name`, key.
    pub name: String,
    /// `Host`.
    pub host: String,
    /// `Port`.
    pub port: u16,
}

impl Listener {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { name: reader.string()?, host: reader.string()?, port: reader.u16()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.name);
        writer.string(&self.host);
        writer.u16(self.port);
        writer.no_tagged_fields();
    }
}
