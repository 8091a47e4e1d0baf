// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `InitializeShareGroupStateRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::initialize_share_group_state_response::InitializeShareGroupStateResponse;
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 83: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct InitializeShareGroupStateRequest {
    /// `GroupId`.
    pub group_id: String,
    /// `Topics`.
    pub topics: Vec<InitializeStateData>,
}

impl Message for InitializeShareGroupStateRequest {
    const NAME: &'static str = "InitializeShareGroupStateRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this =
            Self { group_id: reader.string()?, topics: reader.array(version, InitializeStateData::decode)? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string(&self.group_id);
        writer.array(version, &self.topics, InitializeStateData::encode);
        writer.no_tagged_fields();
    }
}

impl Request for InitializeShareGroupStateRequest {
    const API_KEY: ApiKey = ApiKey::InitializeShareGroupState;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = InitializeShareGroupStateResponse;
}

/// `InitializeStateData` in `InitializeShareGroupStateRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct InitializeStateData {
    /// `TopicId`.
    pub topic_id: Uuid,
    /// `Partitions`.
    pub partitions: Vec<PartitionData>,
}

impl InitializeStateData {
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

/// `PartitionData` in `InitializeShareGroupStateRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct PartitionData {
    /// `Partition`.
    pub partition: i32,
    /// `StateEpoch`.
    pub state_epoch: i32,
    /// `StartOffset`.
    pub start_offset: i64,
}

impl PartitionData {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { partition: reader.i32()?, state_epoch: reader.i32()?, start_offset: reader.i64()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i32(self.partition);
        writer.i32(self.state_epoch);
        writer.i64(self.start_offset);
        writer.no_tagged_fields();
    }
}
