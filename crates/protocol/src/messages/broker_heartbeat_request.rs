// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `BrokerHeartbeatRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::broker_heartbeat_response::BrokerHeartbeatResponse;
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 63: versions 0 to 2, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerHeartbeatRequest {
    /// `BrokerId`.
    pub broker_id: i32,
    /// `BrokerEpoch`, default -1.
    pub broker_epoch: i64,
    /// `CurrentMetadataOffset`.
    pub current_metadata_offset: i64,
    /// `WantFence`.
    pub want_fence: bool,
    /// `WantShutDown`.
    pub want_shut_down: bool,
    /// `OfflineLogDirs`, from version 1, tag 0.
    pub offline_log_dirs: Vec<Uuid>,
    /// `CordonedLogDirs`, from version 2, tag 1.
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}

impl Default for BrokerHeartbeatRequest {
    fn default() -> Self {
        Self {
            broker_id: 0,
            broker_epoch: -1,
            current_metadata_offset: 0,
            want_fence: false,
            want_shut_down: false,
            offline_log_dirs: Vec::new(),
            cordoned_log_dirs: None,
        }
    }
}

impl Message for BrokerHeartbeatRequest {
    const NAME: &'static str = "BrokerHeartbeatRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let mut this = Self {
            broker_id: reader.i32()?,
            broker_epoch: reader.i64()?,
            current_metadata_offset: reader.i64()?,
            want_fence: reader.bool()?,
            want_shut_down: reader.bool()?,
            offline_log_dirs: Vec::new(),
            cordoned_log_dirs: None,
        };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 if version >= 1 => this.offline_log_dirs = reader.uuid_array()?,
                1 if version >= 2 => this.cordoned_log_dirs = reader.nullable_uuid_array()?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.broker_id);
        writer.i64(self.broker_epoch);
        writer.i64(self.current_metadata_offset);
        writer.bool(self.want_fence);
        writer.bool(self.want_shut_down);
        let has_offline_log_dirs = version >= 1 && !self.offline_log_dirs.is_empty();
        let has_cordoned_log_dirs = version >= 2 && self.cordoned_log_dirs.is_some();
        writer.unsigned_varint(u32::from(has_offline_log_dirs) + u32::from(has_cordoned_log_dirs));
        if has_offline_log_dirs {
            let start = writer.begin_tagged_field(0);
            writer.uuid_array(&self.offline_log_dirs);
            writer.end_tagged_field(start);
        }
        if has_cordoned_log_dirs {
            let start = writer.begin_tagged_field(1);
            writer.nullable_uuid_array(self.cordoned_log_dirs.as_deref());
            writer.end_tagged_field(start);
        }
    }
}

impl Request for BrokerHeartbeatRequest {
    const API_KEY: ApiKey = ApiKey::BrokerHeartbeat;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = BrokerHeartbeatResponse;
}
