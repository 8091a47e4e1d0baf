// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `AlterPartitionRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::alter_partition_response::AlterPartitionResponse;
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 56: versions 2 to 3, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterPartitionRequest {
    /// `BrokerId`.
    pub broker_id: i32,
    /// `BrokerEpoch`, default -1.
    pub broker_epoch: i64,
    /// `Topics`.
    pub topics: Vec<TopicData>,
}

impl Default for AlterPartitionRequest {
    fn default() -> Self {
        Self { broker_id: 0, broker_epoch: -1, topics: Vec::new() }
    }
}

impl Message for AlterPartitionRequest {
    const NAME: &'static str = "AlterPartitionRequest";
    const VERSIONS: RangeInclusive<i16> = 2..=3;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            broker_id: reader.i32()?,
            broker_epoch: reader.i64()?,
            topics: reader.array(version, TopicData::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.broker_id);
        writer.i64(self.broker_epoch);
        writer.array(version, &self.topics, TopicData::encode);
        writer.no_tagged_fields();
    }
}

impl Request for AlterPartitionRequest {
    const API_KEY: ApiKey = ApiKey::AlterPartition;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = AlterPartitionResponse;
}

/// `TopicData` in `AlterPartitionRequest`.
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

/// `PartitionData` in `AlterPartitionRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct PartitionData {
    /// `PartitionIndex`.
    pub partition_index: i32,
    /// `LeaderEpoch`.
    pub leader_epoch: i32,
    /// `NewIsr`, up to version 2.
    pub new_isr: Vec<i32>,
    /// `NewIsrWithEpochs`, from version 3.
    pub new_isr_with_epochs: Vec<BrokerState>,
    /// `LeaderRecoveryState`.
    pub leader_recovery_state: i8,
    /// `PartitionEpoch`.
    pub partition_epoch: i32,
}

impl PartitionData {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            partition_index: reader.i32()?,
            leader_epoch: reader.i32()?,
            new_isr: if version <= 2 { reader.i32_array()? } else { Vec::new() },
            new_isr_with_epochs: if version >= 3 {
                reader.array(version, BrokerState::decode)?
            } else {
                Vec::new()
            },
            leader_recovery_state: reader.i8()?,
            partition_epoch: reader.i32()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i32(self.partition_index);
        writer.i32(self.leader_epoch);
        if version <= 2 {
            writer.i32_array(&self.new_isr);
        }
        if version >= 3 {
            writer.array(version, &self.new_isr_with_epochs, BrokerState::encode);
        }
        writer.i8(self.leader_recovery_state);
        writer.i32(self.partition_epoch);
        writer.no_tagged_fields();
    }
}

/// `BrokerState` in `AlterPartitionRequest`.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerState {
    /// `BrokerId`.
    pub broker_id: i32,
    /// `BrokerEpoch`, default -1.
    pub broker_epoch: i64,
}

impl Default for BrokerState {
    fn default() -> Self {
        Self { broker_id: 0, broker_epoch: -1 }
    }
}

impl BrokerState {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { broker_id: reader.i32()?, broker_epoch: reader.i64()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i32(self.broker_id);
        writer.i64(self.broker_epoch);
        writer.no_tagged_fields();
    }
}
