//! Batches of the metadata log: records to bytes and back.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use ottla_metadata::record::MetadataRecord;
use ottla_protocol::messages::Message;
use ottla_protocol::messages::kraft_version_record::KRaftVersionRecord;
use ottla_protocol::messages::leader_change_message::{LeaderChangeMessage, Voter};
use ottla_protocol::messages::voters_record::VotersRecord;
use ottla_protocol::record::control::{ControlRecordType, quorum_batch};
use ottla_protocol::record::{BatchBuilder, BatchOptions, BatchView, records};
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{BrokerId, LeaderEpoch, Offset};
use ottla_protocol::wire::{DecodeError, Reader};
use ottla_replication::quorum::{KRaftVersion, StartOfEpoch, VoterSet};
use ottla_storage::StorageError;

/// No batch of the metadata log is larger. Source: Kafka `KafkaRaftClient.MAX_BATCH_SIZE_BYTES`.
pub(crate) const BATCH_SIZE_MAX: usize = 8 * 1024 * 1024;
/// No batch holds more records. Source: Kafka `QuorumController.DEFAULT_MAX_RECORDS_PER_BATCH`.
pub(crate) const BATCH_RECORDS_MAX: usize = 10_000;
/// Room that a record takes beside its value: lengths, deltas, and counts.
const RECORD_OVERHEAD_MAX: usize = 32;

/// Bytes of the metadata log, or of a snapshot of it, that cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum MetadataReadError {
    /// They are damaged.
    #[error("{path} is damaged at offset {offset}: {reason}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Base offset of the batch, or of where it should be.
        offset: Offset,
        /// What is wrong.
        reason: String,
    },
    /// A record that this program does not know: a newer one wrote it.
    #[error("{path} holds a record at offset {offset} that this version does not know: {reason}", path = path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Offset of the record.
        offset: Offset,
        /// What is not known.
        reason: DecodeError,
    },
    /// The disk failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A control record of the metadata log.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ControlRecord {
    LeaderChange(LeaderChangeMessage),
    KRaftVersion(KRaftVersionRecord),
    Voters(VotersRecord),
    /// One that says nothing here, or a type of the future, which readers skip.
    Other,
}

impl ControlRecord {
    /// The records that open a leader's epoch. LeaderChange is written in version 0, as Kafka 4.3 does.
    pub(crate) fn start_of_epoch(start: &StartOfEpoch) -> Vec<Self> {
        let voter = |id: &BrokerId| Voter { voter_id: id.0, ..Default::default() };
        let mut records = vec![Self::LeaderChange(LeaderChangeMessage {
            version: 0,
            leader_id: start.leader.0,
            voters: start.voters.iter().map(voter).collect(),
            granting_voters: start.granting_voters.iter().map(voter).collect(),
        })];
        if let Some((version, voters)) = &start.membership {
            records.extend(Self::membership(*version, voters));
        }
        records
    }

    /// The records that say who votes.
    pub(crate) fn membership(version: KRaftVersion, voters: &VoterSet) -> [Self; 2] {
        let version = KRaftVersionRecord { version: 0, kraft_version: version.level() };
        [Self::KRaftVersion(version), Self::Voters(voters.to_record())]
    }

    fn to_bytes(&self) -> (ControlRecordType, Vec<u8>) {
        match self {
            Self::LeaderChange(message) => (ControlRecordType::LeaderChange, message.to_vec(0)),
            Self::KRaftVersion(message) => (ControlRecordType::KraftVersion, message.to_vec(0)),
            Self::Voters(message) => (ControlRecordType::KraftVoters, message.to_vec(0)),
            Self::Other => unreachable!("only known control records are written"),
        }
    }

    fn from_bytes(key: Option<&[u8]>, value: &[u8]) -> Result<Self, String> {
        let kind = ControlRecordType::from_key(key).map_err(|error| error.to_string())?;
        let decoded = match kind {
            Some(ControlRecordType::LeaderChange) => decode(value).map(Self::LeaderChange),
            Some(ControlRecordType::KraftVersion) => decode(value).map(Self::KRaftVersion),
            Some(ControlRecordType::KraftVoters) => decode(value).map(Self::Voters),
            _ => Ok(Self::Other),
        };
        decoded.map_err(|error| error.to_string())
    }
}

/// Reads a message whose version stands in its first two bytes. A newer one is read as the newest known.
fn decode<M: Message>(value: &[u8]) -> Result<M, DecodeError> {
    let stored = value.first_chunk().map_or(0, |bytes| i16::from_be_bytes(*bytes));
    M::decode(&mut Reader::new(value), stored.clamp(*M::VERSIONS.start(), *M::VERSIONS.end()))
}

/// One batch of control records. Offsets and epoch are the log's to set.
pub(crate) fn control_batch(records: &[ControlRecord], now: Timestamp) -> Vec<u8> {
    let encoded: Vec<_> = records.iter().map(ControlRecord::to_bytes).collect();
    let borrowed: Vec<_> = encoded.iter().map(|(kind, value)| (*kind, value.as_slice())).collect();
    quorum_batch(Offset::ZERO, LeaderEpoch::UNKNOWN, now, &borrowed)
}

/// One batch of data records, whose values are given; keys are null. Offsets and epoch are the log's to set. The caller
/// keeps it below [`BATCH_SIZE_MAX`].
pub(crate) fn data_batch<'a>(values: impl Iterator<Item = &'a Bytes>, now: Timestamp) -> Vec<u8> {
    let mut batch = BatchBuilder::new(BatchOptions::default());
    for value in values {
        batch.append(now, None, Some(value), &[]).expect("the caller bounds the batch's size");
    }
    batch.build()
}

/// An upper bound of the records' size in a batch, in bytes.
pub(crate) fn size_of(values: &[Bytes]) -> usize {
    values.iter().map(|value| value.len() + RECORD_OVERHEAD_MAX).sum()
}

/// Cuts a run of values into batches of at most `size_max` bytes and [`BATCH_RECORDS_MAX`] records. A value that is too
/// large by itself comes alone.
pub(crate) fn chunks(values: &[Bytes], size_max: usize) -> impl Iterator<Item = &[Bytes]> {
    let mut rest = values;
    std::iter::from_fn(move || {
        let mut size = 0;
        let fits = |value: &&Bytes| {
            size += value.len() + RECORD_OVERHEAD_MAX;
            size <= size_max
        };
        let count = rest.iter().take(BATCH_RECORDS_MAX).take_while(fits).count().max(1).min(rest.len());
        let (chunk, after) = rest.split_at(count);
        rest = after;
        (!chunk.is_empty()).then_some(chunk)
    })
}

/// What a batch of the metadata log holds.
#[derive(Debug, PartialEq)]
pub(crate) enum BatchContent {
    Control(Vec<ControlRecord>),
    /// Data records, each with its offset.
    Data(Vec<(Offset, MetadataRecord)>),
}

/// Reads a batch, after checking its CRC. `path` is for the error.
pub(crate) fn content(batch: &BatchView<'_>, path: &Path) -> Result<BatchContent, MetadataReadError> {
    let header = batch.header();
    let base_offset = header.base_offset;
    let damaged =
        |reason: String| MetadataReadError::Damaged { path: path.into(), offset: base_offset, reason };
    batch.verify_crc().map_err(|error| {
        damaged(format!("crc {:#010x} does not match computed {:#010x}", error.stored, error.computed))
    })?;
    let bytes = batch.uncompressed_records(2 * BATCH_SIZE_MAX).map_err(|error| damaged(error.to_string()))?;
    let is_control = header.attributes.is_control();
    let mut control = Vec::new();
    let mut data = Vec::new();
    for record in records(&bytes, header.record_count) {
        let record = record.map_err(|error| damaged(error.to_string()))?;
        let value = record.value.unwrap_or_default();
        if is_control {
            control.push(ControlRecord::from_bytes(record.key, value).map_err(damaged)?);
        } else {
            let offset = base_offset.plus(i64::from(record.offset_delta));
            let newer = |reason| MetadataReadError::Newer { path: path.into(), offset, reason };
            data.push((offset, MetadataRecord::decode(value).map_err(newer)?.0));
        }
    }
    Ok(if is_control { BatchContent::Control(control) } else { BatchContent::Data(data) })
}

#[cfg(test)]
mod tests {
    use ottla_protocol::messages::feature_level_record::FeatureLevelRecord;
    use ottla_replication::quorum::{ReplicaKey, Voter as QuorumVoter, VoterEndpoint};

    use super::*;

    fn read(bytes: &[u8]) -> Result<BatchContent, MetadataReadError> {
        content(&BatchView::first_of(bytes).unwrap(), Path::new("log"))
    }

    #[test]
    fn control_records_survive_their_batch() {
        let voters: VoterSet = [QuorumVoter {
            key: ReplicaKey { id: BrokerId(1), directory_id: None },
            endpoints: vec![VoterEndpoint {
                listener: "CONTROLLER".into(),
                host: "localhost".into(),
                port: 9093,
            }],
            kraft_versions: (0, 1),
        }]
        .into_iter()
        .collect();
        let start = StartOfEpoch {
            epoch: LeaderEpoch(3),
            leader: BrokerId(1),
            voters: vec![BrokerId(1)],
            granting_voters: vec![BrokerId(1)],
            membership: Some((KRaftVersion::Reconfigurable, voters)),
        };
        let records = ControlRecord::start_of_epoch(&start);
        let bytes = control_batch(&records, Timestamp(1));
        assert_eq!(read(&bytes).unwrap(), BatchContent::Control(records));
    }

    #[test]
    fn a_leader_change_is_kafkas_to_the_byte() {
        // The first batch of a log that Apache Kafka 4.3.1 wrote, less the membership.
        let start = StartOfEpoch {
            epoch: LeaderEpoch(1),
            leader: BrokerId(1),
            voters: vec![BrokerId(1)],
            granting_voters: vec![BrokerId(1)],
            membership: None,
        };
        let (kind, value) = ControlRecord::start_of_epoch(&start)[0].to_bytes();
        assert_eq!((kind.key(), value.len()), ([0, 0, 0, 2], 19));
        assert_eq!(value, [0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 1, 0, 2, 0, 0, 0, 1, 0, 0]);
    }

    #[test]
    fn a_record_of_the_future_is_told_from_damage() {
        let record = MetadataRecord::FeatureLevel(FeatureLevelRecord {
            name: "metadata.version".into(),
            feature_level: 30,
        });
        let value =
            ottla_metadata::record::encode(&record, ottla_metadata::features::MetadataVersion::MINIMUM);
        let unknown = Bytes::from_static(&[1, 99, 0]);
        let batch = data_batch([&value, &unknown].into_iter(), Timestamp(1));
        assert!(matches!(read(&batch), Err(MetadataReadError::Newer { offset: Offset(1), .. })));
        let mut flipped = batch;
        *flipped.last_mut().unwrap() ^= 1;
        assert!(matches!(read(&flipped), Err(MetadataReadError::Damaged { offset: Offset(0), .. })));
    }

    #[test]
    fn runs_are_cut_by_size_and_count() {
        let values: Vec<_> = (0..25_000).map(|_| Bytes::from_static(b"x")).collect();
        let counts: Vec<_> = chunks(&values, usize::MAX).map(<[_]>::len).collect();
        assert_eq!(counts, [10_000, 10_000, 5_000]);
        let values = vec![Bytes::from(vec![0; 100]); 5];
        assert_eq!(chunks(&values, 300).map(<[_]>::len).collect::<Vec<_>>(), [2, 2, 1]);
        assert_eq!(chunks(&values, 10).count(), 5, "too large ones come alone");
        assert_eq!(chunks(&[], 10).count(), 0);
    }
}
