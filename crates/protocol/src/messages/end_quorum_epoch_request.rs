// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `EndQuorumEpochRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::end_quorum_epoch_response::EndQuorumEpochResponse;
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 54: versions 0 to 1, flexible from 1.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct EndQuorumEpochRequest {
    /// `ClusterId`.
    pub cluster_id: Option<String>,
    /// `Topics`.
    pub topics: Vec<TopicData>,
    /// `LeaderEndpoints`, from version 1.
    pub leader_endpoints: Vec<LeaderEndpoint>,
}

impl Message for EndQuorumEpochRequest {
    const NAME: &'static str = "EndQuorumEpochRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(1);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            cluster_id: reader.nullable_string()?,
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
        writer.array(version, &self.topics, TopicData::encode);
        if version >= 1 {
            writer.array(version, &self.leader_endpoints, LeaderEndpoint::encode);
        }
        writer.no_tagged_fields();
    }
}

impl Request for EndQuorumEpochRequest {
    const API_KEY: ApiKey = ApiKey::EndQuorumEpoch;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = EndQuorumEpochResponse;
}

/// `TopicData` in `EndQuorumEpochRequest`.
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

/// `PartitionData` in `EndQuorumEpochRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct PartitionData {
    /// `PartitionIndex`.
    pub partition_index: i32,
    /// `LeaderId`.
    pub leader_id: i32,
    /// `LeaderEpoch`.
    pub leader_epoch: i32,
    /// `PreferredSuccessors`, up to version 0.
    pub preferred_successors: Vec<i32>,
    /// `PreferredCandidates`, from version 1.
    pub preferred_candidates: Vec<ReplicaInfo>,
}

impl PartitionData {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            partition_index: reader.i32()?,
            leader_id: reader.i32()?,
            leader_epoch: reader.i32()?,
            preferred_successors: if version <= 0 { reader.i32_array()? } else { Vec::new() },
            preferred_candidates: if version >= 1 {
                reader.array(version, ReplicaInfo::decode)?
            } else {
                Vec::new()
            },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i32(self.partition_index);
        writer.i32(self.leader_id);
        writer.i32(self.leader_epoch);
        if version <= 0 {
            writer.i32_array(&self.preferred_successors);
        }
        if version >= 1 {
            writer.array(version, &self.preferred_candidates, ReplicaInfo::encode);
        }
        writer.no_tagged_fields();
    }
}

/// `ReplicaInfo` in `EndQuorumEpochRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ReplicaInfo {
    /// `CandidateId`.
    pub candidate_id: i32,
    /// `CandidateDirectoryId`.
    pub candidate_directory_id: Uuid,
}

impl ReplicaInfo {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { candidate_id: reader.i32()?, candidate_directory_id: reader.uuid()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i32(self.candidate_id);
        writer.uuid(self.candidate_directory_id);
        writer.no_tagged_fields();
    }
}

/// `LeaderEndpoint` in `EndQuorumEpochRequest`.
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
