// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ProduceResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 0: versions 3 to 13, flexible from 9.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ProduceResponse {
    /// `Responses`.
    pub responses: Vec<TopicProduceResponse>,
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
    /// `NodeEndpoints`, from version 10, tag 0.
    pub node_endpoints: Vec<NodeEndpoint>,
}

impl Message for ProduceResponse {
    const NAME: &'static str = "ProduceResponse";
    const VERSIONS: RangeInclusive<i16> = 3..=13;
    const FLEXIBLE_FROM: Option<i16> = Some(9);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let mut this = Self {
            responses: reader.array(version, TopicProduceResponse::decode)?,
            throttle_time_ms: reader.i32()?,
            node_endpoints: Vec::new(),
        };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 if version >= 10 => this.node_endpoints = reader.array(version, NodeEndpoint::decode)?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.array(version, &self.responses, TopicProduceResponse::encode);
        writer.i32(self.throttle_time_ms);
        if version < 9 {
            return;
        }
        let has_node_endpoints = version >= 10 && !self.node_endpoints.is_empty();
        writer.unsigned_varint(u32::from(has_node_endpoints));
        if has_node_endpoints {
            let start = writer.begin_tagged_field(0);
            writer.array(version, &self.node_endpoints, NodeEndpoint::encode);
            writer.end_tagged_field(start);
        }
    }
}

impl Response for ProduceResponse {
    const API_KEY: ApiKey = ApiKey::Produce;
}

/// `TopicProduceResponse` in `ProduceResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicProduceResponse {
    /// `Name`, up to version 12, key.
    pub name: String,
    /// `TopicId`, from version 13, key.
    pub topic_id: Uuid,
    /// `PartitionResponses`.
    pub partition_responses: Vec<PartitionProduceResponse>,
}

impl TopicProduceResponse {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            name: if version <= 12 { reader.string()? } else { String::new() },
            topic_id: if version >= 13 { reader.uuid()? } else { Uuid::ZERO },
            partition_responses: reader.array(version, PartitionProduceResponse::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        if version <= 12 {
            writer.string(&self.name);
        }
        if version >= 13 {
            writer.uuid(self.topic_id);
        }
        writer.array(version, &self.partition_responses, PartitionProduceResponse::encode);
        writer.no_tagged_fields();
    }
}

/// `PartitionProduceResponse` in `ProduceResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionProduceResponse {
    /// `Index`.
    pub index: i32,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `BaseOffset`.
    pub base_offset: i64,
    /// `LogAppendTimeMs`, default -1.
    pub log_append_time_ms: i64,
    /// `LogStartOffset`, from version 5, default -1.
    pub log_start_offset: i64,
    /// `RecordErrors`, from version 8.
    pub record_errors: Vec<BatchIndexAndErrorMessage>,
    /// `ErrorMessage`, from version 8.
    pub error_message: Option<String>,
    /// `CurrentLeader`, from version 10, tag 0.
    pub current_leader: LeaderIdAndEpoch,
}

impl Default for PartitionProduceResponse {
    fn default() -> Self {
        Self {
            index: 0,
            error_code: 0,
            base_offset: 0,
            log_append_time_ms: -1,
            log_start_offset: -1,
            record_errors: Vec::new(),
            error_message: None,
            current_leader: LeaderIdAndEpoch::default(),
        }
    }
}

impl PartitionProduceResponse {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let mut this = Self {
            index: reader.i32()?,
            error_code: reader.i16()?,
            base_offset: reader.i64()?,
            log_append_time_ms: reader.i64()?,
            log_start_offset: if version >= 5 { reader.i64()? } else { -1 },
            record_errors: if version >= 8 {
                reader.array(version, BatchIndexAndErrorMessage::decode)?
            } else {
                Vec::new()
            },
            error_message: if version >= 8 { reader.nullable_string()? } else { None },
            current_leader: LeaderIdAndEpoch::default(),
        };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 if version >= 10 => this.current_leader = LeaderIdAndEpoch::decode(reader, version)?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i32(self.index);
        writer.i16(self.error_code);
        writer.i64(self.base_offset);
        writer.i64(self.log_append_time_ms);
        if version >= 5 {
            writer.i64(self.log_start_offset);
        }
        if version >= 8 {
            writer.array(version, &self.record_errors, BatchIndexAndErrorMessage::encode);
            writer.nullable_string(self.error_message.as_deref());
        }
        if version < 9 {
            return;
        }
        let has_current_leader = version >= 10 && self.current_leader != LeaderIdAndEpoch::default();
        writer.unsigned_varint(u32::from(has_current_leader));
        if has_current_leader {
            let start = writer.begin_tagged_field(0);
            self.current_leader.encode(writer, version);
            writer.end_tagged_field(start);
        }
    }
}

/// `BatchIndexAndErrorMessage` in `ProduceResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct BatchIndexAndErrorMessage {
    /// `BatchIndex`.
    pub batch_index: i32,
    /// `BatchIndexErrorMessage`.
    pub batch_index_error_message: Option<String>,
}

impl BatchIndexAndErrorMessage {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { batch_index: reader.i32()?, batch_index_error_message: reader.nullable_string()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i32(self.batch_index);
        writer.nullable_string(self.batch_index_error_message.as_deref());
        writer.no_tagged_fields();
    }
}

/// `LeaderIdAndEpoch` in `ProduceResponse`.
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

/// `NodeEndpoint` in `ProduceResponse`.
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
