// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `FetchRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::fetch_response::FetchResponse;
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 1: versions 4 to 18, flexible from 12.
#[derive(Clone, Debug, PartialEq)]
pub struct FetchRequest {
    /// `ClusterId`, from version 12, tag 0.
    pub cluster_id: Option<String>,
    /// `ReplicaId`, up to version 14, default -1.
    pub replica_id: i32,
    /// `ReplicaState`, from version 15, tag 1.
    pub replica_state: ReplicaState,
    /// `MaxWaitMs`.
    pub max_wait_ms: i32,
    /// `MinBytes`.
    pub min_bytes: i32,
    /// `MaxBytes`, default i32::MAX.
    pub max_bytes: i32,
    /// `IsolationLevel`.
    pub isolation_level: i8,
    /// `SessionId`, from version 7.
    pub session_id: i32,
    /// `SessionEpoch`, from version 7, default -1.
    pub session_epoch: i32,
    /// `Topics`.
    pub topics: Vec<FetchTopic>,
    /// `ForgottenTopicsData`, from version 7.
    pub forgotten_topics_data: Vec<ForgottenTopic>,
    /// `RackId`, from version 11.
    pub rack_id: String,
}

impl Default for FetchRequest {
    fn default() -> Self {
        Self {
            cluster_id: None,
            replica_id: -1,
            replica_state: ReplicaState::default(),
            max_wait_ms: 0,
            min_bytes: 0,
            max_bytes: i32::MAX,
            isolation_level: 0,
            session_id: 0,
            session_epoch: -1,
            topics: Vec::new(),
            forgotten_topics_data: Vec::new(),
            rack_id: String::new(),
        }
    }
}

impl Message for FetchRequest {
    const NAME: &'static str = "FetchRequest";
    const VERSIONS: RangeInclusive<i16> = 4..=18;
    const FLEXIBLE_FROM: Option<i16> = Some(12);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let mut this = Self {
            cluster_id: None,
            replica_id: if version <= 14 { reader.i32()? } else { -1 },
            replica_state: ReplicaState::default(),
            max_wait_ms: reader.i32()?,
            min_bytes: reader.i32()?,
            max_bytes: reader.i32()?,
            isolation_level: reader.i8()?,
            session_id: if version >= 7 { reader.i32()? } else { 0 },
            session_epoch: if version >= 7 { reader.i32()? } else { -1 },
            topics: reader.array(version, FetchTopic::decode)?,
            forgotten_topics_data: if version >= 7 {
                reader.array(version, ForgottenTopic::decode)?
            } else {
                Vec::new()
            },
            rack_id: if version >= 11 { reader.string()? } else { String::new() },
        };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 => this.cluster_id = reader.nullable_string()?,
                1 if version >= 15 => this.replica_state = ReplicaState::decode(reader, version)?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        if version <= 14 {
            writer.i32(self.replica_id);
        }
        writer.i32(self.max_wait_ms);
        writer.i32(self.min_bytes);
        writer.i32(self.max_bytes);
        writer.i8(self.isolation_level);
        if version >= 7 {
            writer.i32(self.session_id);
            writer.i32(self.session_epoch);
        }
        writer.array(version, &self.topics, FetchTopic::encode);
        if version >= 7 {
            writer.array(version, &self.forgotten_topics_data, ForgottenTopic::encode);
        }
        if version >= 11 {
            writer.string(&self.rack_id);
        }
        if version < 12 {
            return;
        }
        let has_cluster_id = self.cluster_id.is_some();
        let has_replica_state = version >= 15 && self.replica_state != ReplicaState::default();
        writer.unsigned_varint(u32::from(has_cluster_id) + u32::from(has_replica_state));
        if has_cluster_id {
            let start = writer.begin_tagged_field(0);
            writer.nullable_string(self.cluster_id.as_deref());
            writer.end_tagged_field(start);
        }
        if has_replica_state {
            let start = writer.begin_tagged_field(1);
            self.replica_state.encode(writer, version);
            writer.end_tagged_field(start);
        }
    }
}

impl Request for FetchRequest {
    const API_KEY: ApiKey = ApiKey::Fetch;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = FetchResponse;
}

/// `ReplicaState` in `FetchRequest`.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplicaState {
    /// `ReplicaId`, default -1.
    pub replica_id: i32,
    /// `ReplicaEpoch`, default -1.
    pub replica_epoch: i64,
}

impl Default for ReplicaState {
    fn default() -> Self {
        Self { replica_id: -1, replica_epoch: -1 }
    }
}

impl ReplicaState {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { replica_id: reader.i32()?, replica_epoch: reader.i64()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i32(self.replica_id);
        writer.i64(self.replica_epoch);
        writer.no_tagged_fields();
    }
}

/// `FetchTopic` in `FetchRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FetchTopic {
    /// `Topic`, up to version 12.
    pub topic: String,
    /// `TopicId`, from version 13.
    pub topic_id: Uuid,
    /// `Partitions`.
    pub partitions: Vec<FetchPartition>,
}

impl FetchTopic {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            topic: if version <= 12 { reader.string()? } else { String::new() },
            topic_id: if version >= 13 { reader.uuid()? } else { Uuid::ZERO },
            partitions: reader.array(version, FetchPartition::decode)?,
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
        writer.array(version, &self.partitions, FetchPartition::encode);
        writer.no_tagged_fields();
    }
}

/// `FetchPartition` in `FetchRequest`.
#[derive(Clone, Debug, PartialEq)]
pub struct FetchPartition {
    /// `Partition`.
    pub partition: i32,
    /// `CurrentLeaderEpoch`, from version 9, default -1.
    pub current_leader_epoch: i32,
    /// `FetchOffset`.
    pub fetch_offset: i64,
    /// `LastFetchedEpoch`, from version 12, default -1.
    pub last_fetched_epoch: i32,
    /// `LogStartOffset`, from version 5, default -1.
    pub log_start_offset: i64,
    /// `PartitionMaxBytes`.
    pub partition_max_bytes: i32,
    /// `ReplicaDirectoryId`, from version 17, tag 0.
    pub replica_directory_id: Uuid,
    /// `HighWatermark`, from version 18, tag 1, default i64::MAX.
    pub high_watermark: i64,
}

impl Default for FetchPartition {
    fn default() -> Self {
        Self {
            partition: 0,
            current_leader_epoch: -1,
            fetch_offset: 0,
            last_fetched_epoch: -1,
            log_start_offset: -1,
            partition_max_bytes: 0,
            replica_directory_id: Uuid::ZERO,
            high_watermark: i64::MAX,
        }
    }
}

impl FetchPartition {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let mut this = Self {
            partition: reader.i32()?,
            current_leader_epoch: if version >= 9 { reader.i32()? } else { -1 },
            fetch_offset: reader.i64()?,
            last_fetched_epoch: if version >= 12 { reader.i32()? } else { -1 },
            log_start_offset: if version >= 5 { reader.i64()? } else { -1 },
            partition_max_bytes: reader.i32()?,
            replica_directory_id: Uuid::ZERO,
            high_watermark: i64::MAX,
        };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 if version >= 17 => this.replica_directory_id = reader.uuid()?,
                1 if version >= 18 => this.high_watermark = reader.i64()?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i32(self.partition);
        if version >= 9 {
            writer.i32(self.current_leader_epoch);
        }
        writer.i64(self.fetch_offset);
        if version >= 12 {
            writer.i32(self.last_fetched_epoch);
        }
        if version >= 5 {
            writer.i64(self.log_start_offset);
        }
        writer.i32(self.partition_max_bytes);
        if version < 12 {
            return;
        }
        let has_replica_directory_id = version >= 17 && !self.replica_directory_id.is_zero();
        let has_high_watermark = version >= 18 && self.high_watermark != i64::MAX;
        writer.unsigned_varint(u32::from(has_replica_directory_id) + u32::from(has_high_watermark));
        if has_replica_directory_id {
            let start = writer.begin_tagged_field(0);
            writer.uuid(self.replica_directory_id);
            writer.end_tagged_field(start);
        }
        if has_high_watermark {
            let start = writer.begin_tagged_field(1);
            writer.i64(self.high_watermark);
            writer.end_tagged_field(start);
        }
    }
}

/// `ForgottenTopic` in `FetchRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ForgottenTopic {
    /// `Topic`, up to version 12.
    pub topic: String,
    /// `TopicId`, from version 13.
    pub topic_id: Uuid,
    /// `Partitions`.
    pub partitions: Vec<i32>,
}

impl ForgottenTopic {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            topic: if version <= 12 { reader.string()? } else { String::new() },
            topic_id: if version >= 13 { reader.uuid()? } else { Uuid::ZERO },
            partitions: reader.i32_array()?,
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
        writer.i32_array(&self.partitions);
        writer.no_tagged_fields();
    }
}
