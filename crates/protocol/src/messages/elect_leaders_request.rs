// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ElectLeadersRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::elect_leaders_response::ElectLeadersResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 43: versions 0 to 2, flexible from 2.
#[derive(Clone, Debug, PartialEq)]
pub struct ElectLeadersRequest {
    /// `ElectionType`, from version 1.
    pub election_type: i8,
    /// `TopicPartitions`, default `Some(Vec::new())`.
    pub topic_partitions: Option<Vec<TopicPartitions>>,
    /// `TimeoutMs`, default 60_000.
    pub timeout_ms: i32,
}

impl Default for ElectLeadersRequest {
    fn default() -> Self {
        Self { election_type: 0, topic_partitions: Some(Vec::new()), timeout_ms: 60_000 }
    }
}

impl Message for ElectLeadersRequest {
    const NAME: &'static str = "ElectLeadersRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            election_type: if version >= 1 { reader.i8()? } else { 0 },
            topic_partitions: reader.nullable_array(version, TopicPartitions::decode)?,
            timeout_ms: reader.i32()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        if version >= 1 {
            writer.i8(self.election_type);
        }
        writer.nullable_array(version, self.topic_partitions.as_deref(), TopicPartitions::encode);
        writer.i32(self.timeout_ms);
        writer.no_tagged_fields();
    }
}

impl Request for ElectLeadersRequest {
    const API_KEY: ApiKey = ApiKey::ElectLeaders;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = ElectLeadersResponse;
}

/// `TopicPartitions` in `ElectLeadersRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicPartitions {
    /// `Topic`, key.
    pub topic: String,
    /// `Partitions`.
    pub partitions: Vec<i32>,
}

impl TopicPartitions {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { topic: reader.string()?, partitions: reader.i32_array()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.topic);
        writer.i32_array(&self.partitions);
        writer.no_tagged_fields();
    }
}
