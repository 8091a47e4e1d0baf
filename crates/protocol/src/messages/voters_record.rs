// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `VotersRecord` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Data: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct VotersRecord {
    /// `Version`.
    pub version: i16,
    /// `Voters`.
    pub voters: Vec<Voter>,
}

impl Message for VotersRecord {
    const NAME: &'static str = "VotersRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self { version: reader.i16()?, voters: reader.array(version, Voter::decode)? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i16(self.version);
        writer.array(version, &self.voters, Voter::encode);
        writer.no_tagged_fields();
    }
}

/// `Voter` in `VotersRecord`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Voter {
    /// `VoterId`.
    pub voter_id: i32,
    /// `VoterDirectoryId`.
    pub voter_directory_id: Uuid,
    /// `Endpoints`.
    pub endpoints: Vec<Endpoint>,
    /// `KRaftVersionFeature`.
    pub kraft_version_feature: KRaftVersionFeature,
}

impl Voter {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            voter_id: reader.i32()?,
            voter_directory_id: reader.uuid()?,
            endpoints: reader.array(version, Endpoint::decode)?,
            kraft_version_feature: KRaftVersionFeature::decode(reader, version)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i32(self.voter_id);
        writer.uuid(self.voter_directory_id);
        writer.array(version, &self.endpoints, Endpoint::encode);
        self.kraft_version_feature.encode(writer, version);
        writer.no_tagged_fields();
    }
}

/// `Endpoint` in `VotersRecord`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Endpoint {
    /// `Name`, key.
    pub name: String,
    /// `Host`.
    pub host: String,
    /// `Port`.
    pub port: u16,
}

impl Endpoint {
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

/// `KRaftVersionFeature` in `VotersRecord`.
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
