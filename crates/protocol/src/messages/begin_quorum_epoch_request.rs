// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `BeginQuorumEpochRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::begin_quorum_epoch_response::BeginQuorumEpochResponse;
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 53: versions 0 to 1, flexible from 1.
#[derive(Clone, Debug, PartialEq)]
pub struct BeginQuorumEpochRequest {
    /// `ClusterId`.
    pub cluster_id: Option<String>,
    /// `VoterId`, from version 1, default -1.
    pub voter_id: i32,
    /// `Topics`.
    pub topics: Vec<TopicData>,
    /// `LeaderEndpoints`, from version 1.
    pub leader_endpoints: Vec<LeaderEndpoint>,
}

impl Default for BeginQuorumEpochRequest {
    fn default() -> Self {
        Self { cluster_id: None, voter_id: -1, topics: Vec::new(), leader_endpoints: Vec::new() }
    }
}

impl Message for BeginQuorumEpochRequest {
    const NAME: &'static str = "BeginQuorumEpochRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(1);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            cluster_id: reader.nullable_string()?,
            voter_id: if version >= 1 { reader.i32()? } else { -1 },
            topics: reader.array(version, TopicData::decode)?,
            leader_endpoints: if version >= 1 {
                reader.array(version, LeaderEndpoint::decode)?
            } else {
                Vec::new()
            },
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
        if version >= 1 {
            writer.array(version, &self.leader_endpoints, LeaderEndpoint::encode);
        }
        writer.no_tagged_fields();
    }
}

impl Request for BeginQuorumEpochRequest {
    const API_KEY: ApiKey = ApiKey::BeginQuorumEpoch;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = BeginQuorumEpochResponse;
}

/// `TopicData` in `BeginQuorumEpochRequest`.
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

/// `PartitionData` in `BeginQuorumEpochRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct PartitionData {
    /// `PartitionIndex`.
    pub partition_index: i32,
    /// `VoterDirectoryId`, from version 1.
    pub voter_directory_id: Uuid,
    /// `LeaderId`.
    pub leader_id: i32,
    /// `LeaderEpoch`.
    pub leader_epoch: i32,
}

impl PartitionData {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            partition_index: reader.i32()?,
            voter_directory_id: if version >= 1 { reader.uuid()? } else { Uuid::ZERO },
            leader_id: reader.i32()?,
            leader_epoch: reader.i32()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i32(self.partition_index);
        if version >= 1 {
            writer.uuid(self.voter_directory_id);
        }
        writer.i32(self.leader_id);
        writer.i32(self.leader_epoch);
        writer.no_tagged_fields();
    }
}

/// `LeaderEndpoint` in `BeginQuorumEpochRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct LeaderEndpoint {
    /// `Name`, key.
    pub name: String,
    /// `Host`.
    pub host: String,
    /// `Port`.
    pub port: u16,
}

impl LeaderEndpoint {
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
