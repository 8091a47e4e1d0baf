// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `OffsetCommitRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::offset_commit_response::OffsetCommitResponse;
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 8: versions 2 to 10, flexible from 8.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetCommitRequest {
    /// `GroupId`.
    pub group_id: String,
    /// `GenerationIdOrMemberEpoch`, default -1.
    pub generation_id_or_member_epoch: i32,
    /// `MemberId`.
    pub member_id: String,
    /// `GroupInstanceId`, from version 7.
    pub group_instance_id: Option<String>,
    /// `RetentionTimeMs`, up to version 4, default -1.
    pub retention_time_ms: i64,
    /// `Topics`.
    pub topics: Vec<OffsetCommitRequestTopic>,
}

impl Default for OffsetCommitRequest {
    fn default() -> Self {
        Self {
            group_id: String::new(),
            generation_id_or_member_epoch: -1,
            member_id: String::new(),
            group_instance_id: None,
            retention_time_ms: -1,
            topics: Vec::new(),
        }
    }
}

impl Message for OffsetCommitRequest {
    const NAME: &'static str = "OffsetCommitRequest";
    const VERSIONS: RangeInclusive<i16> = 2..=10;
    const FLEXIBLE_FROM: Option<i16> = Some(8);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            group_id: reader.string()?,
            generation_id_or_member_epoch: reader.i32()?,
            member_id: reader.string()?,
            group_instance_id: if version >= 7 { reader.nullable_string()? } else { None },
            retention_time_ms: if version <= 4 { reader.i64()? } else { -1 },
            topics: reader.array(version, OffsetCommitRequestTopic::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string(&self.group_id);
        writer.i32(self.generation_id_or_member_epoch);
        writer.string(&self.member_id);
        if version >= 7 {
            writer.nullable_string(self.group_instance_id.as_deref());
        }
        if version <= 4 {
            writer.i64(self.retention_time_ms);
        }
        writer.array(version, &self.topics, OffsetCommitRequestTopic::encode);
        writer.no_tagged_fields();
    }
}

impl Request for OffsetCommitRequest {
    const API_KEY: ApiKey = ApiKey::OffsetCommit;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = OffsetCommitResponse;
}

/// `OffsetCommitRequestTopic` in `OffsetCommitRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetCommitRequestTopic {
    /// `Name`, up to version 9.
    pub name: String,
    /// `TopicId`, from version 10.
    pub topic_id: Uuid,
    /// `Partitions`.
    pub partitions: Vec<OffsetCommitRequestPartition>,
}

impl OffsetCommitRequestTopic {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            name: if version <= 9 { reader.string()? } else { String::new() },
            topic_id: if version >= 10 { reader.uuid()? } else { Uuid::ZERO },
            partitions: reader.array(version, OffsetCommitRequestPartition::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        if version <= 9 {
            writer.string(&self.name);
        }
        if version >= 10 {
            writer.uuid(self.topic_id);
        }
        writer.array(version, &self.partitions, OffsetCommitRequestPartition::encode);
        writer.no_tagged_fields();
    }
}

/// `OffsetCommitRequestPartition` in `OffsetCommitRequest`.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetCommitRequestPartition {
    /// `PartitionIndex`.
    pub partition_index: i32,
    /// `CommittedOffset`.
    pub committed_offset: i64,
    /// `CommittedLeaderEpoch`, from version 6, default -1.
    pub committed_leader_epoch: i32,
    /// `CommittedMetadata`, default `Some(String::new())`.
    pub committed_metadata: Option<String>,
}

impl Default for OffsetCommitRequestPartition {
    fn default() -> Self {
        Self {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            committed_metadata: Some(String::new()),
        }
    }
}

impl OffsetCommitRequestPartition {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            partition_index: reader.i32()?,
            committed_offset: reader.i64()?,
            committed_leader_epoch: if version >= 6 { reader.i32()? } else { -1 },
            committed_metadata: reader.nullable_string()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i32(self.partition_index);
        writer.i64(self.committed_offset);
        if version >= 6 {
            writer.i32(self.committed_leader_epoch);
        }
        writer.nullable_string(self.committed_metadata.as_deref());
        writer.no_tagged_fields();
    }
}
