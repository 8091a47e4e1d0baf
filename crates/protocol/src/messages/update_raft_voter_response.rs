// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `UpdateRaftVoterResponse` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Response};
use crate::wire::{DecodeError, Reader, Writer};

/// Response of API 82: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct UpdateRaftVoterResponse {
    /// `ThrottleTimeMs`.
    pub throttle_time_ms: i32,
    /// `ErrorCode`.
    pub error_code: i16,
    /// `CurrentLeader`, tag 0.
    pub current_leader: CurrentLeader,
}

impl Message for UpdateRaftVoterResponse {
    const NAME: &'static str = "UpdateRaftVoterResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let mut this = Self {
            throttle_time_ms: reader.i32()?,
            error_code: reader.i16()?,
            current_leader: CurrentLeader::default(),
        };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 => this.current_leader = CurrentLeader::decode(reader, version)?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.throttle_time_ms);
        writer.i16(self.error_code);
        let has_current_leader = self.current_leader != CurrentLeader::default();
        writer.unsigned_varint(u32::from(has_current_leader));
        if has_current_leader {
            let start = writer.begin_tagged_field(0);
            self.current_leader.encode(writer, version);
            writer.end_tagged_field(start);
        }
    }
}

impl Response for UpdateRaftVoterResponse {
    const API_KEY: ApiKey = ApiKey::UpdateRaftVoter;
}

/// `CurrentLeader` in `UpdateRaftVoterResponse`.
#[derive(Clone, Debug, PartialEq)]
pub struct CurrentLeader {
    /// `LeaderId`, default -1.
    pub leader_id: i32,
    /// `LeaderEpoch`, default -1.
    pub leader_epoch: i32,
    /// `Host`.
    pub host: String,
    /// `Port`.
    pub port: i32,
}

impl Default for CurrentLeader {
    fn default() -> Self {
        Self { leader_id: -1, leader_epoch: -1, host: String::new(), port: 0 }
    }
}

impl CurrentLeader {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            leader_id: reader.i32()?,
            leader_epoch: reader.i32()?,
            host: reader.string()?,
            port: reader.i32()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i32(self.leader_id);
        writer.i32(self.leader_epoch);
        writer.string(&self.host);
        writer.i32(self.port);
        writer.no_tagged_fields();
    }
}
