// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `OffsetFetchResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 9: versions 1 to 10, flexible from 6.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetFetchResponse {
    /// `ThrottleTimeMs`, from version 3.
    pub throttle_time_ms: i32,
    /// `Topics`, up to version 7.
    pub topics: Vec<OffsetFetchResponseTopic>,
    /// `ErrorCode`, in versions 2 to 7.
    pub error_code: i16,
    /// `Groups`, from version 8.
    pub groups: Vec<OffsetFetchResponseGroup>,
}

impl Message for OffsetFetchResponse {
    const NAME: &'static str = "OffsetFetchResponse";
    const VERSIONS: RangeInclusive<i16> = 1..=10;
    const FLEXIBLE_FROM: Option<i16> = Some(6);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            throttle_time_ms: if version >= 3 { reader.i32()? } else { 0 },
            topics: if version <= 7 {
                reader.array(version, OffsetFetchResponseTopic::decode)?
            } else {
                Vec::new()
            },
            error_code: if (2..=7).contains(&version) { reader.i16()? } else { 0 },
            groups: if version >= 8 {
                reader.array(version, OffsetFetchResponseGroup::decode)?
            } else {
                Vec::new()
            },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        if version >= 3 {
            writer.i32(self.throttle_time_ms);
        }
        if version <= 7 {
            writer.array(version, &self.topics, OffsetFetchResponseTopic::encode);
        }
        if (2..=7).contains(&version) {
            writer.i16(self.error_code);
        }
        if version >= 8 {
            writer.array(version, &self.groups, OffsetFetchResponseGroup::encode);
        }
        writer.no_tagged_fields();
    }
}

impl Response for OffsetFetchResponse {
    const API_KEY: ApiKey = ApiKey::OffsetFetch;
}

/// `OffsetFetchResponseTopic` in `OffsetFetchResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetFetchResponseTopic {
    /// `Name`.
    pub name: String,
    /// `Partitions`.
    pub partitions: Vec<OffsetFetchResponsePartition>,
}

impl OffsetFetchResponseTopic {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            name: reader.string()?,
            partitions: reader.array(version, OffsetFetchResponsePartition::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.name);
        writer.array(version, &self.partitions, OffsetFetchResponsePartition::encode);
        writer.no_tagged_fields();
    }
}

/// `OffsetFetchResponsePartition` in `OffsetFetchResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchResponsePartition {
    /// `PartitionIndex`.
    pub partition_index: i32,
    /// `CommittedOffset`.
    pub committed_offset: i64,
    /// `CommittedLeaderEpoch`, from version 5, default -1.
    pub committed_leader_epoch: i32,
    /// `Metadata`, default `Some(String::new())`.
    pub metadata: Option<String>,
    /// `ErrorCode`.
    pub error_code: i16,
}

impl Default for OffsetFetchResponsePartition {
    fn default() -> Self {
        Self {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            metadata: Some(String::new()),
            error_code: 0,
        }
    }
}

impl OffsetFetchResponsePartition {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            partition_index: reader.i32()?,
            committed_offset: reader.i64()?,
            committed_leader_epoch: if version >= 5 { reader.i32()? } else { -1 },
            metadata: reader.nullable_string()?,
            error_code: reader.i16()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i32(self.partition_index);
        writer.i64(self.committed_offset);
        if version >= 5 {
            writer.i32(self.committed_leader_epoch);
        }
        writer.nullable_string(self.metadata.as_deref());
        writer.i16(self.error_code);
        writer.no_tagged_fields();
    }
}

/// `OffsetFetchResponseGroup` in `OffsetFetchResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetFetchResponseGroup {
    /// `GroupId`.
    pub group_id: String,
    /// `Topics`.
    pub topics: Vec<OffsetFetchResponseTopics>,
    /// `ErrorCode`.
    pub error_code: i16,
}

impl OffsetFetchResponseGroup {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            group_id: reader.string()?,
            topics: reader.array(version, OffsetFetchResponseTopics::decode)?,
            error_code: reader.i16()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.string(&self.group_id);
        writer.array(version, &self.topics, OffsetFetchResponseTopics::encode);
        writer.i16(self.error_code);
        writer.no_tagged_fields();
    }
}

/// `OffsetFetchResponseTopics` in `OffsetFetchResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetFetchResponseTopics {
    /// `Name`, up to version 9.
    pub name: String,
    /// `TopicId`, from version 10.
    pub topic_id: Uuid,
    /// `Partitions`.
    pub partitions: Vec<OffsetFetchResponsePartitions>,
}

impl OffsetFetchResponseTopics {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            name: if version <= 9 { reader.string()? } else { String::new() },
            topic_id: if version >= 10 { reader.uuid()? } else { Uuid::ZERO },
            partitions: reader.array(version, OffsetFetchResponsePartitions::decode)?,
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
        writer.array(version, &self.partitions, OffsetFetchResponsePartitions::encode);
        writer.no_tagged_fields();
    }
}

/// `OffsetFetchResponsePartitions` in `OffsetFetchResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchResponsePartitions {
    /// `PartitionIndex`.
    pub partition_index: i32,
    /// `CommittedOffset`.
    pub committed_offset: i64,
    /// `CommittedLeaderEpoch`, default -1.
    pub committed_leader_epoch: i32,
    /// `Metadata`, default `Some(String::new())`.
    pub metadata: Option<String>,
    /// `ErrorCode`.
    pub error_code: i16,
}

impl Default for OffsetFetchResponsePartitions {
    fn default() -> Self {
        Self {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            metadata: Some(String::new()),
            error_code: 0,
        }
    }
}

impl OffsetFetchResponsePartitions {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            partition_index: reader.i32()?,
            committed_offset: reader.i64()?,
            committed_leader_epoch: reader.i32()?,
            metadata: reader.nullable_string()?,
            error_code: reader.i16()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i32(self.partition_index);
        writer.i64(self.committed_offset);
        writer.i32(self.committed_leader_epoch);
        writer.nullable_string(self.metadata.as_deref());
        writer.i16(self.error_code);
        writer.no_tagged_fields();
    }
}
