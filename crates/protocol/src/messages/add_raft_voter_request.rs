// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `AddRaftVoterRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::add_raft_voter_response::AddRaftVoterResponse;
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 80: versions 0 to 1, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct AddRaftVoterRequest {
    /// `ClusterId`, default `Some(String::new())`.
    pub cluster_id: Option<String>,
    /// `TimeoutMs`.
    pub timeout_ms: i32,
    /// `VoterId`.
    pub voter_id: i32,
    /// `VoterDirectoryId`.
    pub voter_directory_id: Uuid,
    /// `Listeners`.
    pub listeners: Vec<Listener>,
    /// `AckWhenCommitted`, from version 1, default true.
    pub ack_when_committed: bool,
}

impl Default for AddRaftVoterRequest {
    fn default() -> Self {
        Self {
            cluster_id: Some(String::new()),
            timeout_ms: 0,
            voter_id: 0,
            voter_directory_id: Uuid::ZERO,
            listeners: Vec::new(),
            ack_when_committed: true,
        }
    }
}

impl Message for AddRaftVoterRequest {
    const NAME: &'static str = "AddRaftVoterRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            cluster_id: reader.nullable_string()?,
            timeout_ms: reader.i32()?,
            voter_id: reader.i32()?,
            voter_directory_id: reader.uuid()?,
            listeners: reader.array(version, Listener::decode)?,
            ack_when_committed: if version >= 1 { reader.bool()? } else { true },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.nullable_string(self.cluster_id.as_deref());
        writer.i32(self.timeout_ms);
        writer.i32(self.voter_id);
        writer.uuid(self.voter_directory_id);
        writer.array(version, &self.listeners, Listener::encode);
        if version >= 1 {
            writer.bool(self.ack_when_committed);
        }
        writer.no_tagged_fields();
    }
}

impl Request for AddRaftVoterRequest {
    const API_KEY: ApiKey = ApiKey::AddRaftVoter;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = AddRaftVoterResponse;
}

/// `Listener` in `AddRaftVoterRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Listener {
    /// `Name`, key.
    pub name: String,
    /// `Host`.
    pub host: String,
    /// `Port`.
    pub port: u16,
}

impl Listener {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { name: reader.string()?, host: reader.string()?, port: reader.u16()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.name);
        writer.string(&self.host);
        writer.u16(self.port);
        writer.no_tagged_fields();
    }
}
