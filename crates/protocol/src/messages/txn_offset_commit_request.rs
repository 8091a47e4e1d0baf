// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `TxnOffsetCommitRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::txn_offset_commit_response::TxnOffsetCommitResponse;
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 28: versions 0 to 6, flexible from 3.
#[derive(Clone, Debug, PartialEq)]
pub struct TxnOffsetCommitRequest {
    /// `TransactionalId`.
    pub transactional_id: String,
    /// `GroupId`.
    pub group_id: String,
    /// `ProducerId`.
    pub producer_id: i64,
    /// `ProducerEpoch`.
    pub producer_epoch: i16,
    /// `GenerationIdOrMemberEpoch`, from version 3, default -1.
    pub generation_id_or_member_epoch: i32,
    /// `MemberId`, from version 3.
    pub member_id: String,
    /// `GroupInstanceId`, from version 3.
    pub group_instance_id: Option<String>,
    /// `Topics`.
    pub topics: Vec<TxnOffsetCommitRequestTopic>,
}

impl Default for TxnOffsetCommitRequest {
    fn default() -> Self {
        Self {
            transactional_id: String::new(),
            group_id: String::new(),
            producer_id: 0,
            producer_epoch: 0,
            generation_id_or_member_epoch: -1,
            member_id: String::new(),
            group_instance_id: None,
            topics: Vec::new(),
        }
    }
}

impl Message for TxnOffsetCommitRequest {
    const NAME: &'static str = "TxnOffsetCommitRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            transactional_id: reader.string()?,
            group_id: reader.string()?,
            producer_id: reader.i64()?,
            producer_epoch: reader.i16()?,
            generation_id_or_member_epoch: if version >= 3 { reader.i32()? } else { -1 },
            member_id: if version >= 3 { reader.string()? } else { String::new() },
            group_instance_id: if version >= 3 { reader.nullable_string()? } else { None },
            topics: reader.array(version, TxnOffsetCommitRequestTopic::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string(&self.transactional_id);
        writer.string(&self.group_id);
        writer.i64(self.producer_id);
        writer.i16(self.producer_epoch);
        if version >= 3 {
            writer.i32(self.generation_id_or_member_epoch);
            writer.string(&self.member_id);
            writer.nullable_string(self.group_instance_id.as_deref());
        }
        writer.array(version, &self.topics, TxnOffsetCommitRequestTopic::encode);
        writer.no_tagged_fields();
    }
}

impl Request for TxnOffsetCommitRequest {
    const API_KEY: ApiKey = ApiKey::TxnOffsetCommit;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = TxnOffsetCommitResponse;
}

/// `TxnOffsetCommitRequestTopic` in `TxnOffsetCommitRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TxnOffsetCommitRequestTopic {
    /// `Name`, up to version 5.
    pub name: String,
    /// `TopicId`, from version 6.
    pub topic_id: Uuid,
    /// `Partitions`.
    pub partitions: Vec<TxnOffsetCommitRequestPartition>,
}

impl TxnOffsetCommitRequestTopic {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            name: if version <= 5 { reader.string()? } else { String::new() },
            topic_id: if version >= 6 { reader.uuid()? } else { Uuid::ZERO },
            partitions: reader.array(version, TxnOffsetCommitRequestPartition::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        if version <= 5 {
            writer.string(&self.name);
        }
        if version >= 6 {
            writer.uuid(self.topic_id);
        }
        writer.array(version, &self.partitions, TxnOffsetCommitRequestPartition::encode);
        writer.no_tagged_fields();
    }
}

/// `TxnOffsetCommitRequestPartition` in `TxnOffsetCommitRequest`.
#[derive(Clone, Debug, PartialEq)]
pub struct TxnOffsetCommitRequestPartition {
    /// `PartitionIndex`.
    pub partition_index: i32,
    /// `CommittedOffset`.
    pub committed_offset: i64,
    /// `CommittedLeaderEpoch`, from version 2, default -1.
    pub committed_leader_epoch: i32,
    /// `CommittedMetadata`, default `Some(String::new())`.
    pub committed_metadata: Option<String>,
}

impl Default for TxnOffsetCommitRequestPartition {
    fn default() -> Self {
        Self {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            committed_metadata: Some(String::new()),
        }
    }
}

impl TxnOffsetCommitRequestPartition {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            partition_index: reader.i32()?,
            committed_offset: reader.i64()?,
            committed_leader_epoch: if version >= 2 { reader.i32()? } else { -1 },
            committed_metadata: reader.nullable_string()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i32(self.partition_index);
        writer.i64(self.committed_offset);
        if version >= 2 {
            writer.i32(self.committed_leader_epoch);
        }
        writer.nullable_string(self.committed_metadata.as_deref());
        writer.no_tagged_fields();
    }
}
