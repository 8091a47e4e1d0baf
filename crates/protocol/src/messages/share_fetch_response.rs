// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ShareFetchResponse` and what it holds.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 78: versions 1 to 2, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ShareFetchResponse {
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ErrorMessage`.
    pub error_message: Option<String>,
    /// `AcquisitionLockTimeoutMs`.
    pub acquisition_lock_timeout_ms: i32,
    /// `Responses`.
    pub responses: Vec<ShareFetchableTopicResponse>,
    /// `NodeEndpoints`.
    pub node_endpoints: Vec<NodeEndpoint>,
}

impl Message for ShareFetchResponse {
    const NAME: &'static str = "ShareFetchResponse";
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            throttle_time_ms: reader.i32()?,
            error_code: reader.i16()?,
            error_message: reader.nullable_string()?,
            acquisition_lock_timeout_ms: reader.i32()?,
            responses: reader.array(version, ShareFetchableTopicResponse::decode)?,
            node_endpoints: reader.array(version, NodeEndpoint::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.throttle_time_ms);
        writer.i16(self.error_code);
        writer.nullable_string(self.error_message.as_deref());
        writer.i32(self.acquisition_lock_timeout_ms);
        writer.array(version, &self.responses, ShareFetchableTopicResponse::encode);
        writer.array(version, &self.node_endpoints, NodeEndpoint::encode);
        writer.no_tagged_fields();
    }
}

impl Response for ShareFetchResponse {
    const API_KEY: ApiKey = ApiKey::ShareFetch;
}

/// `ShareFetchableTopicResponse` in `ShareFetchResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ShareFetchableTopicResponse {
    /// `TopicId`, key.
    pub topic_id: Uuid,
    /// `Partitions`.
    pub partitions: Vec<PartitionData>,
}

impl ShareFetchableTopicResponse {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this =
            Self { topic_id: reader.uuid()?, partitions: reader.array(version, PartitionData::decode)? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.uuid(self.topic_id);
        writer.array(version, &self.partitions, PartitionData::encode);
        writer.no_tagged_fields();
    }
}

/// `PartitionData` in `ShareFetchResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct PartitionData {
    /// `PartitionIndex`.
    pub partition_index: i32,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `ErrorMessage`.
    pub error_message: Option<String>,
    /// `AcknowledgeErrorCode`.
    pub acknowledge_error_code: i16,
    /// `AcknowledgeErrorMessage`.
    pub acknowledge_error_message: Option<String>,
    /// `CurrentLeader`.
    pub current_leader: LeaderIdAndEpoch,
    /// `Records`.
    pub records: Bytes,
    /// `AcquiredRecords`.
    pub acquired_records: Vec<AcquiredRecords>,
}

impl PartitionData {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            partition_index: reader.i32()?,
            error_code: reader.i16()?,
            error_message: reader.nullable_string()?,
            acknowledge_error_code: reader.i16()?,
            acknowledge_error_message: reader.nullable_string()?,
            current_leader: LeaderIdAndEpoch::decode(reader, version)?,
            records: reader.bytes()?,
            acquired_records: reader.array(version, AcquiredRecords::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i32(self.partition_index);
        writer.i16(self.error_code);
        writer.nullable_string(self.error_message.as_deref());
        writer.i16(self.acknowledge_error_code);
        writer.nullable_string(self.acknowledge_error_message.as_deref());
        self.current_leader.encode(writer, version);
        writer.bytes(&self.records);
        writer.array(version, &self.acquired_records, AcquiredRecords::encode);
        writer.no_tagged_fields();
    }
}

/// `LeaderIdAndEpoch` in `ShareFetchResponse`.
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

/// `AcquiredRecords` in `ShareFetchResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AcquiredRecords {
    /// `FirstOffset`.
    pub first_offset: i64,
    /// `LastOffset`.
    pub last_offset: i64,
    /// `DeliveryCount`.
    pub delivery_count: i16,
}

impl AcquiredRecords {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this =
            Self { first_offset: reader.i64()?, last_offset: reader.i64()?, delivery_count: reader.i16()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i64(self.first_offset);
        writer.i64(self.last_offset);
        writer.i16(self.delivery_count);
        writer.no_tagged_fields();
    }
}

/// `NodeEndpoint` in `ShareFetchResponse`.
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
