// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ShareFetchRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::share_fetch_response::ShareFetchResponse;
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 78: versions 1 to 2, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareFetchRequest {
    /// `GroupId`.
    pub group_id: Option<String>,
    /// `MemberId`, default `Some(String::new())`.
    pub member_id: Option<String>,
    /// `ShareSessionEpoch`.
    pub share_session_epoch: i32,
    /// `MaxWaitMs`.
    pub max_wait_ms: i32,
    /// `MinBytes`.
    pub min_bytes: i32,
    /// `MaxBytes`, default i32::MAX.
    pub max_bytes: i32,
    /// `MaxRecords`.
    pub max_records: i32,
    /// `BatchSize`.
    pub batch_size: i32,
    /// `ShareAcquireMode`, from version 2.
    pub share_acquire_mode: i8,
    /// `IsRenewAck`, from version 2.
    pub is_renew_ack: bool,
    /// `Topics`.
    pub topics: Vec<FetchTopic>,
    /// `ForgottenTopicsData`.
    pub forgotten_topics_data: Vec<ForgottenTopic>,
}

impl Default for ShareFetchRequest {
    fn default() -> Self {
        Self {
            group_id: None,
            member_id: Some(String::new()),
            share_session_epoch: 0,
            max_wait_ms: 0,
            min_bytes: 0,
            max_bytes: i32::MAX,
            max_records: 0,
            batch_size: 0,
            share_acquire_mode: 0,
            is_renew_ack: false,
            topics: Vec::new(),
            forgotten_topics_data: Vec::new(),
        }
    }
}

impl Message for ShareFetchRequest {
    const NAME: &'static str = "ShareFetchRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            group_id: reader.nullable_string()?,
            member_id: reader.nullable_string()?,
            share_session_epoch: reader.i32()?,
            max_wait_ms: reader.i32()?,
            min_bytes: reader.i32()?,
            max_bytes: reader.i32()?,
            max_records: reader.i32()?,
            batch_size: reader.i32()?,
            share_acquire_mode: if version >= 2 { reader.i8()? } else { 0 },
            is_renew_ack: if version >= 2 { reader.bool()? } else { false },
            topics: reader.array(version, FetchTopic::decode)?,
            forgotten_topics_data: reader.array(version, ForgottenTopic::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.nullable_string(self.group_id.as_deref());
        writer.nullable_string(self.member_id.as_deref());
        writer.i32(self.share_session_epoch);
        writer.i32(self.max_wait_ms);
        writer.i32(self.min_bytes);
        writer.i32(self.max_bytes);
        writer.i32(self.max_records);
        writer.i32(self.batch_size);
        if version >= 2 {
            writer.i8(self.share_acquire_mode);
            writer.bool(self.is_renew_ack);
        }
        writer.array(version, &self.topics, FetchTopic::encode);
        writer.array(version, &self.forgotten_topics_data, ForgottenTopic::encode);
        writer.no_tagged_fields();
    }
}

impl Request for ShareFetchRequest {
    const API_KEY: ApiKey = ApiKey::ShareFetch;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = ShareFetchResponse;
}

/// `FetchTopic` in `ShareFetchRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FetchTopic {
    /// `TopicId`, key.
    pub topic_id: Uuid,
    /// `Partitions`.
    pub partitions: Vec<FetchPartition>,
}

impl FetchTopic {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this =
            Self { topic_id: reader.uuid()?, partitions: reader.array(version, FetchPartition::decode)? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.uuid(self.topic_id);
        writer.array(version, &self.partitions, FetchPartition::encode);
        writer.no_tagged_fields();
    }
}

/// `FetchPartition` in `ShareFetchRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FetchPartition {
    /// `PartitionIndex`, key.
    pub partition_index: i32,
    /// `AcknowledgementBatches`.
    pub acknowledgement_batches: Vec<AcknowledgementBatch>,
}

impl FetchPartition {
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

/// `AcknowledgementBatch` in `ShareFetchRequest`.
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

/// `ForgottenTopic` in `ShareFetchRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ForgottenTopic {
    /// `TopicId`.
    pub topic_id: Uuid,
    /// `Partitions`.
    pub partitions: Vec<i32>,
}

impl ForgottenTopic {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { topic_id: reader.uuid()?, partitions: reader.i32_array()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.uuid(self.topic_id);
        writer.i32_array(&self.partitions);
        writer.no_tagged_fields();
    }
}
