// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ConsumerGroupHeartbeatRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::consumer_group_heartbeat_response::ConsumerGroupHeartbeatResponse;
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 68: versions 0 to 1, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerGroupHeartbeatRequest {
    /// `GroupId`.
    pub group_id: String,
    /// `MemberId`.
    pub member_id: String,
    /// `MemberEpoch`.
    pub member_epoch: i32,
    /// `InstanceId`.
    pub instance_id: Option<String>,
    /// `RackId`.
    pub rack_id: Option<String>,
    /// `RebalanceTimeoutMs`, default -1.
    pub rebalance_timeout_ms: i32,
    /// `SubscribedTopicNames`.
    pub subscribed_topic_names: Option<Vec<String>>,
    /// `SubscribedTopicRegex`, from version 1.
    pub subscribed_topic_regex: Option<String>,
    /// `ServerAssignor`.
    pub server_assignor: Option<String>,
    /// `TopicPartitions`.
    pub topic_partitions: Option<Vec<TopicPartitions>>,
}

impl Default for ConsumerGroupHeartbeatRequest {
    fn default() -> Self {
        Self {
            group_id: String::new(),
            member_id: String::new(),
            member_epoch: 0,
            instance_id: None,
            rack_id: None,
            rebalance_timeout_ms: -1,
            subscribed_topic_names: None,
            subscribed_topic_regex: None,
            server_assignor: None,
            topic_partitions: None,
        }
    }
}

impl Message for ConsumerGroupHeartbeatRequest {
    const NAME: &'static str = "ConsumerGroupHeartbeatRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            group_id: reader.string()?,
            member_id: reader.string()?,
            member_epoch: reader.i32()?,
            instance_id: reader.nullable_string()?,
            rack_id: reader.nullable_string()?,
            rebalance_timeout_ms: reader.i32()?,
            subscribed_topic_names: reader.nullable_string_array()?,
            subscribed_topic_regex: if version >= 1 { reader.nullable_string()? } else { None },
            server_assignor: reader.nullable_string()?,
            topic_partitions: reader.nullable_array(version, TopicPartitions::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string(&self.group_id);
        writer.string(&self.member_id);
        writer.i32(self.member_epoch);
        writer.nullable_string(self.instance_id.as_deref());
        writer.nullable_string(self.rack_id.as_deref());
        writer.i32(self.rebalance_timeout_ms);
        writer.nullable_string_array(self.subscribed_topic_names.as_deref());
        if version >= 1 {
            writer.nullable_string(self.subscribed_topic_regex.as_deref());
        }
        writer.nullable_string(self.server_assignor.as_deref());
        writer.nullable_array(version, self.topic_partitions.as_deref(), TopicPartitions::encode);
        writer.no_tagged_fields();
    }
}

impl Request for ConsumerGroupHeartbeatRequest {
    const API_KEY: ApiKey = ApiKey::ConsumerGroupHeartbeat;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = ConsumerGroupHeartbeatResponse;
}

/// `TopicPartitions` in `ConsumerGroupHeartbeatRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicPartitions {
    /// `TopicId`.
    pub topic_id: Uuid,
    /// `Partitions`.
    pub partitions: Vec<i32>,
}

impl TopicPartitions {
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
