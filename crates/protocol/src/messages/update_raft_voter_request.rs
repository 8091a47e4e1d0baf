// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `UpdateRaftVoterRequest` and what it holds.

use std::ops::RangeInclusive;

use crate::api::ApiKey;
use crate::message::{self, Message, Request};
use crate::messages::update_raft_voter_response::UpdateRaftVoterResponse;
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Request of API 82: version 0, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateRaftVoterRequest {
    /// `ClusterId`, default `Some(String::new())`.
    pub cluster_id: Option<String>,
    /// `CurrentLeaderEpoch`.
    pub current_leader_epoch: i32,
    /// `VoterId`.
    pub voter_id: i32,
    /// `VoterDirectoryId`.
    pub voter_directory_id: Uuid,
    /// `Listeners`.
    pub listeners: Vec<Listener>,
    /// `KRaftVersionFeature`.
    pub kraft_version_feature: KRaftVersionFeature,
}

impl Default for UpdateRaftVoterRequest {
    fn default() -> Self {
        Self {
            cluster_id: Some(String::new()),
            current_leader_epoch: 0,
            voter_id: 0,
            voter_directory_id: Uuid::ZERO,
            listeners: Vec::new(),
            kraft_version_feature: KRaftVersionFeature::default(),
        }
    }
}

impl Message for UpdateRaftVoterRequest {
    const NAME: &'static str = "UpdateRaftVoterRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            cluster_id: reader.nullable_string()?,
            current_leader_epoch: reader.i32()?,
            voter_id: reader.i32()?,
            voter_directory_id: reader.uuid()?,
            listeners: reader.array(version, Listener::decode)?,
            kraft_version_feature: KRaftVersionFeature::decode(reader, version)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.nullable_string(self.cluster_id.as_deref());
        writer.i32(self.current_leader_epoch);
        writer.i32(self.voter_id);
        writer.uuid(self.voter_directory_id);
        writer.array(version, &self.listeners, Listener::encode);
        self.kraft_version_feature.encode(writer, version);
        writer.no_tagged_fields();
    }
}

impl Request for UpdateRaftVoterRequest {
    const API_KEY: ApiKey = ApiKey::UpdateRaftVoter;
    const IS_NEWEST_UNSTABLE: bool = false;
    type Response = UpdateRaftVoterResponse;
}

/// `Listener` in `UpdateRaftVoterRequest`.
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

/// `KRaftVersionFeature` in `UpdateRaftVoterRequest`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct KRaftVersionFeature {
    /// `MinSupportedVersion`.
    pub min_supported_version: i16,
    /// `MaxSupportedVersion`.
    pub max_supported_version: i16,
}

impl KRaftVersionFeature {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { min_supported_version: reader.i16()?, max_supported_version: reader.i16()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i16(self.min_supported_version);
        writer.i16(self.max_supported_version);
        writer.no_tagged_fields();
    }
}
