// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ShareAcknowledgeRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::share_acknowledge_response::ShareAcknowledgeResponse;
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 79: versions 1 to 2, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareAcknowledgeRequest {
    /// `GroupId`.
    pub group_id: Option<String>,
    /// `MemberId`, default `Some(String::new())`.
    pub member_id: Option<String>,
    /// `ShareSessionEpoch`.
    pub share_session_epoch: i32,
    /// `IsRenewAck`, from version 2.
    pub is_renew_ack: bool,
    /// `Topics`.
    pub topics: Vec<AcknowledgeTopic>,
}

impl Default for ShareAcknowledgeRequest {
    fn default() -> Self {
        Self {
            group_id: None,
            member_id: Some(String::new()),
            share_session_epoch: 0,
            is_renew_ack: false,
            topics: Vec::new(),
        }
    }
}

impl Message for ShareAcknowledgeRequest {
    const NAME: &'static str = "ShareAcknowledgeRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            group_id: reader.nullable_string()?,
            member_id: reader.nullable_string()?,
            share_session_epoch: reader.i32()?,
            is_renew_ack: if version >= 2 { reader.bool()? } else { false },
            topics: reader.array(version, AcknowledgeTopic::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.nullable_string(self.group_id.as_deref());
        writer.nullable_string(self.member_id.as_deref());
        writer.i32(self.share_session_epoch);
        if version >= 2 {
            writer.bool(self.is_renew_ack);
        }
        writer.array(version, &self.topics, AcknowledgeTopic::encode);
        writer.no_tagged_fields();
    }
}

impl Request for ShareAcknowledgeRequest {
    const API_KEY: ApiKey = ApiKey::ShareAcknowledge;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = ShareAcknowledgeResponse;
}

/// `AcknowledgeTopic` in `ShareAcknowledgeRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AcknowledgeTopic {
    /// `TopicId`, key.
    pub topic_id: Uuid,
    /// `Partitions`.
    pub partitions: Vec<AcknowledgePartition>,
}

impl AcknowledgeTopic {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            topic_id: reader.uuid()?,
            partitions: reader.array(version, AcknowledgePartition::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.uuid(self.topic_id);
        writer.array(version, &self.partitions, AcknowledgePartition::encode);
        writer.no_tagged_fields();
    }
}

/// `AcknowledgePartition` in `ShareAcknowledgeRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AcknowledgePartition {
    /// `PartitionIndex`, key.
    pub partition_index: i32,
    /// `AcknowledgementBatches`.
    pub acknowledgement_batches: Vec<AcknowledgementBatch>,
}

impl AcknowledgePartition {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            partition_index: reader.i32()?,
            acknowledgement_batches: reader.array(version, AcknowledgementBatch::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i32(self.partition_index);
        writer.array(version, &self.acknowledgement_batches, AcknowledgementBatch::encode);
        writer.no_tagged_fields();
    }
}

/// `AcknowledgementBatch` in `ShareAcknowledgeRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AcknowledgementBatch {
    /// `FirstOffset`.
    pub first_offset: i64,
    /// `LastOffset`.
    pub last_offset: i64,
    /// `AcknowledgeTypes`.
    pub acknowledge_types: Vec<i8>,
}

impl AcknowledgementBatch {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            first_offset: reader.i64()?,
            last_offset: reader.i64()?,
            acknowledge_types: reader.i8_array()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i64(self.first_offset);
        writer.i64(self.last_offset);
        writer.i8_array(&self.acknowledge_types);
        writer.no_tagged_fields();
    }
}
