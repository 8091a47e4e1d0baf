// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `VoteRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::vote_response::VoteResponse;
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 52: versions 0 to 2, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct VoteRequest {
    /// `ClusterId`.
    pub cluster_id: Option<String>,
    /// `VoterId`, from version 1, default -1.
    pub voter_id: i32,
    /// `Topics`.
    pub topics: Vec<TopicData>,
}

impl Default for VoteRequest {
    fn default() -> Self {
        Self { cluster_id: None, voter_id: -1, topics: Vec::new() }
    }
}

impl Message for VoteRequest {
    const NAME: &'static str = "VoteRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            cluster_id: reader.nullable_string()?,
            voter_id: if version >= 1 { reader.i32()? } else { -1 },
            topics: reader.array(version, TopicData::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.nullable_string(self.cluster_id.as_deref());
        if version >= 1 {
            writer.i32(self.voter_id);
        }
        writer.array(version, &self.topics, TopicData::encode);
        writer.no_tagged_fields();
    }
}

impl Request for VoteRequest {
    const API_KEY: ApiKey = ApiKey::Vote;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = VoteResponse;
}

/// `TopicData` in `VoteRequest`.
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

/// `PartitionData` in `VoteRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct PartitionData {
    /// `PartitionIndex`.
    pub partition_index: i32,
    /// `ReplicaEpoch`.
    pub replica_epoch: i32,
    /// `ReplicaId`.
    pub replica_id: i32,
    /// `ReplicaDirectoryId`, from version 1.
    pub replica_directory_id: Uuid,
    /// `VoterDirectoryId`, from version 1.
    pub voter_directory_id: Uuid,
    /// `LastOffsetEpoch`.
    pub last_offset_epoch: i32,
    /// `LastOffset`.
    pub last_offset: i64,
    /// `PreVote`, from version 2.
    pub pre_vote: bool,
}

impl PartitionData {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            partition_index: reader.i32()?,
            replica_epoch: reader.i32()?,
            replica_id: reader.i32()?,
            replica_directory_id: if version >= 1 { reader.uuid()? } else { Uuid::ZERO },
            voter_directory_id: if version >= 1 { reader.uuid()? } else { Uuid::ZERO },
            last_offset_epoch: reader.i32()?,
            last_offset: reader.i64()?,
            pre_vote: if version >= 2 { reader.bool()? } else { false },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i32(self.partition_index);
        writer.i32(self.replica_epoch);
        writer.i32(self.replica_id);
        if version >= 1 {
            writer.uuid(self.replica_directory_id);
            writer.uuid(self.voter_directory_id);
        }
        writer.i32(self.last_offset_epoch);
        writer.i64(self.last_offset);
        if version >= 2 {
            writer.bool(self.pre_vote);
        }
        writer.no_tagged_fields();
    }
}
