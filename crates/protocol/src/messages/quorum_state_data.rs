// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `QuorumStateData` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Data: versions 0 to 1, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct QuorumStateData {
    /// `ClusterId`, up to version 0.
    pub cluster_id: String,
    /// `LeaderId`, default -1.
    pub leader_id: i32,
    /// `LeaderEpoch`, default -1.
    pub leader_epoch: i32,
    /// `VotedId`, default -1.
    pub voted_id: i32,
    /// `VotedDirectoryId`, from version 1.
    pub voted_directory_id: Uuid,
    /// `AppliedOffset`, up to version 0.
    pub applied_offset: i64,
    /// `CurrentVoters`, up to version 0, default `Some(Vec::new())`.
    pub current_voters: Option<Vec<Voter>>,
}

impl Default for QuorumStateData {
    fn default() -> Self {
        Self {
            cluster_id: String::new(),
            leader_id: -1,
            leader_epoch: -1,
            voted_id: -1,
            voted_directory_id: Uuid::ZERO,
            applied_offset: 0,
            current_voters: Some(Vec::new()),
        }
    }
}

impl Message for QuorumStateData {
    const NAME: &'static str = "QuorumStateData";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            cluster_id: if version <= 0 { reader.string()? } else { String::new() },
            leader_id: reader.i32()?,
            leader_epoch: reader.i32()?,
            voted_id: reader.i32()?,
            voted_directory_id: if version >= 1 { reader.uuid()? } else { Uuid::ZERO },
            applied_offset: if version <= 0 { reader.i64()? } else { 0 },
            current_voters: if version <= 0 {
                reader.nullable_array(version, Voter::decode)?
            } else {
                Some(Vec::new())
            },
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        if version <= 0 {
            writer.string(&self.cluster_id);
        }
        writer.i32(self.leader_id);
        writer.i32(self.leader_epoch);
        writer.i32(self.voted_id);
        if version >= 1 {
            writer.uuid(self.voted_directory_id);
        }
        if version <= 0 {
            writer.i64(self.applied_offset);
            writer.nullable_array(version, self.current_voters.as_deref(), Voter::encode);
        }
        writer.no_tagged_fields();
    }
}

/// `Voter` in `QuorumStateData`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Voter {
    /// `VoterId`.
    pub voter_id: i32,
}

impl Voter {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { voter_id: reader.i32()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i32(self.voter_id);
        writer.no_tagged_fields();
    }
}
