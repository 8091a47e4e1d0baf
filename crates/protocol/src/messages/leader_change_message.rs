// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `LeaderChangeMessage` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Data: versions 0 to 1, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct LeaderChangeMessage {
    /// `Version`.
    pub version: i16,
    /// `LeaderId`.
    pub leader_id: i32,
    /// `Voters`.
    pub voters: Vec<Voter>,
    /// `GrantingVoters`.
    pub granting_voters: Vec<Voter>,
}

impl Message for LeaderChangeMessage {
    const NAME: &'static str = "LeaderChangeMessage";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            version: reader.i16()?,
            leader_id: reader.i32()?,
            voters: reader.array(version, Voter::decode)?,
            granting_voters: reader.array(version, Voter::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i16(self.version);
        writer.i32(self.leader_id);
        writer.array(version, &self.voters, Voter::encode);
        writer.array(version, &self.granting_voters, Voter::encode);
        writer.no_tagged_fields();
    }
}

/// `Voter` in `LeaderChangeMessage`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Voter {
    /// `VoterId`.
    pub voter_id: i32,
    /// `VoterDirectoryId`, from version 1.
    pub voter_directory_id: Uuid,
}

impl Voter {
    pub(crate) fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let this = Self {
            voter_id: reader.i32()?,
            voter_directory_id: if version >= 1 { reader.uuid()? } else { Uuid::ZERO },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, version: i16) {
        writer.i32(self.voter_id);
        if version >= 1 {
            writer.uuid(self.voter_directory_id);
        }
        writer.no_tagged_fields();
    }
}
