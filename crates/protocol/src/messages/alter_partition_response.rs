// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `AlterPartitionResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 56: versions 2 to 3, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AlterPartitionResponse {
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `Topics`.
    pub topics: Vec<TopicData>,
}

impl Message for AlterPartitionResponse {
    const NAME: &'static str = "AlterPartitionResponse";
    const VERSIONS: RangeInclusive<i16> = 2..=3;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            throttle_time_ms: reader.i32()?,
            error_code: reader.i16()?,
            topics: reader.array(version, TopicData::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.throttle_time_ms);
        writer.i16(self.error_code);
        writer.array(version, &self.topics, TopicData::encode);
        writer.no_tagged_fields();
    }
}

impl Response for AlterPartitionResponse {
    const API_KEY: ApiKey = ApiKey::AlterPartition;
}

/// `TopicData` in `AlterPartitionResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicData {
    /// `TopicId`.
    pub topic_id: Uuid,
    /// `Partitions`.
    pub partitions: Vec<PartitionData>,
}

impl TopicData {
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

/// `PartitionData` in `AlterPartitionResponse`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct PartitionData {
    /// `PartitionIndex`.
    pub partition_index: i32,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `LeaderId`.
    pub leader_id: i32,
    /// `LeaderEpoch`.
    pub leader_epoch: i32,
    /// `Isr`.
    pub isr: Vec<i32>,
    /// `LeaderRecoveryState`.
    pub leader_recovery_state: i8,
    /// `PartitionEpoch`.
    pub partition_epoch: i32,
}

impl PartitionData {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            partition_index: reader.i32()?,
            error_code: reader.i16()?,
            leader_id: reader.i32()?,
            leader_epoch: reader.i32()?,
            isr: reader.i32_array()?,
            leader_recovery_state: reader.i8()?,
            partition_epoch: reader.i32()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i32(self.partition_index);
        writer.i16(self.error_code);
        writer.i32(self.leader_id);
        writer.i32(self.leader_epoch);
        writer.i32_array(&self.isr);
        writer.i8(self.leader_recovery_state);
        writer.i32(self.partition_epoch);
        writer.no_tagged_fields();
    }
}
