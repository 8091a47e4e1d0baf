//! The control records that the quorum writes for itself: who leads, who votes, and by which rules.
//!
//! Source: KIP-595, KIP-853; Kafka `ControlRecordUtils`, `LeaderState.appendStartOfEpochControlRecords`.

use ottla_protocol::messages::Message;
use ottla_protocol::messages::kraft_version_record::KRaftVersionRecord;
use ottla_protocol::messages::leader_change_message::{LeaderChangeMessage, Voter};
use ottla_protocol::messages::voters_record::VotersRecord;
use ottla_protocol::record::control::{ControlRecordType, quorum_batch};
use ottla_protocol::record::{BatchView, records};
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{BrokerId, LeaderEpoch, Offset};
use ottla_protocol::wire::{DecodeError, Reader};

use super::voters::{KRaftVersion, VoterSet};

/// A control record of the metadata log.
#[derive(Clone, Debug, PartialEq)]
pub enum ControlRecord {
    /// A leader's epoch begins.
    LeaderChange(LeaderChangeMessage),
    /// The level of the feature `kraft.version`.
    KRaftVersion(KRaftVersionRecord),
    /// The voters.
    Voters(VotersRecord),
    /// One that says nothing here, or a type of the future, which readers skip.
    Other,
}

impl ControlRecord {
    /// The record that opens a leader's epoch. It is written in version 0, as Kafka 4.3 does.
    #[must_use]
    pub fn leader_change(
        leader: BrokerId,
        voters: impl Iterator<Item = BrokerId>,
        granting_voters: impl Iterator<Item = BrokerId>,
    ) -> Self {
        let voter = |id: BrokerId| Voter { voter_id: id.0, ..Default::default() };
        Self::LeaderChange(LeaderChangeMessage {
            version: 0,
            leader_id: leader.0,
            voters: voters.map(voter).collect(),
            granting_voters: granting_voters.map(voter).collect(),
        })
    }

    /// The two records that say by which rules who votes.
    #[must_use]
    pub fn membership(version: KRaftVersion, voters: &VoterSet) -> [Self; 2] {
        [Self::KRaftVersion(version.to_record()), Self::Voters(voters.to_record())]
    }

    /// Reads a record of a control batch. A record of a newer version is read as the newest known.
    ///
    /// Errors: a text that says what is wrong with the bytes.
    pub fn from_bytes(key: Option<&[u8]>, value: &[u8]) -> Result<Self, String> {
        let kind = ControlRecordType::from_key(key).map_err(|error| error.to_string())?;
        let decoded = match kind {
            Some(ControlRecordType::LeaderChange) => decode(value).map(Self::LeaderChange),
            Some(ControlRecordType::KraftVersion) => decode(value).map(Self::KRaftVersion),
            Some(ControlRecordType::KraftVoters) => decode(value).map(Self::Voters),
            _ => Ok(Self::Other),
        };
        decoded.map_err(|error| error.to_string())
    }

    fn to_bytes(&self) -> (ControlRecordType, Vec<u8>) {
        match self {
            Self::LeaderChange(message) => (ControlRecordType::LeaderChange, message.to_vec(0)),
            Self::KRaftVersion(message) => (ControlRecordType::KraftVersion, message.to_vec(0)),
            Self::Voters(message) => (ControlRecordType::KraftVoters, message.to_vec(0)),
            Self::Other => unreachable!("only known control records are written"),
        }
    }
}

/// One batch of control records.
#[must_use]
pub fn control_batch(
    base_offset: Offset,
    epoch: LeaderEpoch,
    records: &[ControlRecord],
    now: Timestamp,
) -> Vec<u8> {
    let encoded: Vec<_> = records.iter().map(ControlRecord::to_bytes).collect();
    let borrowed: Vec<_> = encoded.iter().map(|(kind, value)| (*kind, value.as_slice())).collect();
    quorum_batch(base_offset, epoch, now, &borrowed)
}

/// The records of a control batch, each with its offset, or a text that says what is wrong. Other batches hold none.
pub(super) fn records_of(batch: &BatchView<'_>) -> Result<Vec<(Offset, ControlRecord)>, String> {
    let header = batch.header();
    if !header.attributes.is_control() {
        return Ok(Vec::new());
    }
    let bytes = batch.uncompressed_records(CONTROL_BATCH_SIZE_MAX).map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    for record in records(&bytes, header.record_count) {
        let record = record.map_err(|error| error.to_string())?;
        let offset = header.base_offset.plus(i64::from(record.offset_delta));
        found.push((offset, ControlRecord::from_bytes(record.key, record.value.unwrap_or_default())?));
    }
    Ok(found)
}

/// No control batch is larger when it is uncompressed.
const CONTROL_BATCH_SIZE_MAX: usize = 8 << 20;

fn decode<M: Message>(value: &[u8]) -> Result<M, DecodeError> {
    let stored = value.first_chunk().map_or(0, |bytes| i16::from_be_bytes(*bytes));
    M::decode(&mut Reader::new(value), stored.clamp(*M::VERSIONS.start(), *M::VERSIONS.end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_records_survive_their_batch() {
        let ids = || [1, 2, 3].map(BrokerId).into_iter();
        let mut records = vec![ControlRecord::leader_change(BrokerId(1), ids(), ids().take(2))];
        records.extend(ControlRecord::membership(KRaftVersion::Reconfigurable, &VoterSet::default()));
        let bytes = control_batch(Offset(7), LeaderEpoch(3), &records, Timestamp(1));
        let found = records_of(&BatchView::first_of(&bytes).unwrap()).unwrap();
        let expected: Vec<_> = (7..).map(Offset).zip(records).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_leader_change_is_kafkas_to_the_byte() {
        // The first batch of a log that Apache Kafka 4.3.1 wrote, less the membership.
        let one = || [BrokerId(1)].into_iter();
        let (kind, value) = ControlRecord::leader_change(BrokerId(1), one(), one()).to_bytes();
        assert_eq!((kind.key(), value.len()), ([0, 0, 0, 2], 19));
        assert_eq!(value, [0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 1, 0, 2, 0, 0, 0, 1, 0, 0]);
    }
}
