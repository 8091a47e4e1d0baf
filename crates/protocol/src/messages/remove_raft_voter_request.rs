// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `RemoveRaftVoterRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::remove_raft_voter_response::RemoveRaftVoterResponse;
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 81: version 0, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoveRaftVoterRequest {
    /// `ClusterId`, default `Some(String::new())`.
    pub cluster_id: Option<String>,
    /// `VoterId`.
    pub voter_id: i32,
    /// `VoterDirectoryId`.
    pub voter_directory_id: Uuid,
}

impl Default for RemoveRaftVoterRequest {
    fn default() -> Self {
        Self { cluster_id: Some(String::new()), voter_id: 0, voter_directory_id: Uuid::ZERO }
    }
}

impl Message for RemoveRaftVoterRequest {
    const NAME: &'static str = "RemoveRaftVoterRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            cluster_id: reader.nullable_string()?,
            voter_id: reader.i32()?,
            voter_directory_id: reader.uuid()?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.nullable_string(self.cluster_id.as_deref());
        writer.i32(self.voter_id);
        writer.uuid(self.voter_directory_id);
        writer.no_tagged_fields();
    }
}

impl Request for RemoveRaftVoterRequest {
    const API_KEY: ApiKey = ApiKey::RemoveRaftVoter;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = RemoveRaftVoterResponse;
}
