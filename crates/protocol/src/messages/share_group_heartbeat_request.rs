// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ShareGroupHeartbeatRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::share_group_heartbeat_response::ShareGroupHeartbeatResponse;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 76: version 1, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ShareGroupHeartbeatRequest {
    /// `GroupId`.
    pub group_id: String,
    /// `MemberId`.
    pub member_id: String,
    /// `MemberEpoch`.
    pub member_epoch: i32,
    /// `RackId`.
    pub rack_id: Option<String>,
    /// `SubscribedTopicNames`.
    pub subscribed_topic_names: Option<Vec<String>>,
}

impl Message for ShareGroupHeartbeatRequest {
    const NAME: &'static str = "ShareGroupHeartbeatRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            group_id: reader.string()?,
            member_id: reader.string()?,
            member_epoch: reader.i32()?,
            rack_id: reader.nullable_string()?,
            subscribed_topic_names: reader.nullable_string_array()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.string(&self.group_id);
        writer.string(&self.member_id);
        writer.i32(self.member_epoch);
        writer.nullable_string(self.rack_id.as_deref());
        writer.nullable_string_array(self.subscribed_topic_names.as_deref());
        writer.no_tagged_fields();
    }
}

impl Request for ShareGroupHeartbeatRequest {
    const API_KEY: ApiKey = ApiKey::ShareGroupHeartbeat;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = ShareGroupHeartbeatResponse;
}
