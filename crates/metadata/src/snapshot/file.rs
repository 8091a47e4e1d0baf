//! The bytes of a `.checkpoint` file. Source: Kafka `RecordsSnapshotWriter`, `RecordsSnapshotReader`, `RecordsIterator`.

use ottla_protocol::messages::Message;
use ottla_protocol::messages::kraft_version_record::KRaftVersionRecord;
use ottla_protocol::messages::metadata_record::MetadataRecord;
use ottla_protocol::messages::snapshot_footer_record::SnapshotFooterRecord;
use ottla_protocol::messages::snapshot_header_record::SnapshotHeaderRecord;
use ottla_protocol::messages::voters_record::VotersRecord;
use ottla_protocol::record::{
    BatchBuilder, BatchError, BatchOptions, BatchView, CompressionError, batches, records,
};
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{LeaderEpoch, Offset};
use ottla_protocol::wire::DecodeError;

use crate::features::MetadataVersion;
use crate::record::{encode as encode_record, version_after};

/// Control record types in snapshots. Source: Kafka `ControlRecordType`.
const SNAPSHOT_HEADER: i16 = 3;
const SNAPSHOT_FOOTER: i16 = 4;
const KRAFT_VERSION: i16 = 5;
const KRAFT_VOTERS: i16 = 6;

/// Size at which a data batch is closed, in bytes.
const BATCH_BYTES: usize = 1 << 20;
/// Most bytes that one batch may decompress to.
const DECOMPRESSED_BYTES_MAX: usize = 64 << 20;

/// What a snapshot file holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// Append time of the last record that the snapshot contains; 0 in a bootstrap file.
    pub last_contained_log_timestamp: Timestamp,
    /// `kraft.version`, if the quorum is dynamic (from 1 on).
    pub kraft_version: Option<i16>,
    /// The voters, if the quorum is dynamic.
    pub voters: Option<VotersRecord>,
    /// The data.
    pub records: Vec<MetadataRecord>,
}

/// A file that is not a whole, sound snapshot.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SnapshotError {
    /// Bytes that are no batch, or a batch that is cut off.
    #[error("snapshot batch: {0}")]
    Batch(#[from] BatchError),
    /// A batch whose bytes have changed.
    #[error("snapshot batch at offset {offset}: {reason}")]
    Corrupt {
        /// Base offset of the batch.
        offset: Offset,
        /// What is wrong.
        reason: String,
    },
    /// A record that cannot be read.
    #[error("snapshot record: {0}")]
    Record(#[from] DecodeError),
    /// The file does not begin with a header.
    #[error("the snapshot does not begin with a SnapshotHeader record")]
    NoHeader,
    /// The file does not end with a footer: it was not written to its end.
    #[error("the snapshot does not end with a SnapshotFooter record")]
    NoFooter,
}

/// The bytes of the file.
///
/// `epoch` is the snapshot's epoch, 0 in a bootstrap file; `now` is the time of writing, which every batch carries.
///
/// Panics if one record exceeds 2 GiB, which no decoded or decided record does.
#[must_use]
pub fn encode(snapshot: &Snapshot, epoch: LeaderEpoch, now: Timestamp) -> Vec<u8> {
    let mut file = FileWriter { bytes: Vec::new(), next_offset: Offset::ZERO, epoch, now };
    let header = SnapshotHeaderRecord {
        version: 0,
        last_contained_log_timestamp: snapshot.last_contained_log_timestamp.0,
    };
    let mut controls = vec![(SNAPSHOT_HEADER, header.to_vec(0))];
    if let Some(kraft_version) = snapshot.kraft_version.filter(|version| *version >= 1) {
        controls.push((KRAFT_VERSION, KRaftVersionRecord { version: 0, kraft_version }.to_vec(0)));
        controls.extend(snapshot.voters.iter().map(|voters| (KRAFT_VOTERS, voters.to_vec(0))));
    }
    file.control_batch(&controls);
    file.data_batches(&snapshot.records);
    file.control_batch(&[(SNAPSHOT_FOOTER, SnapshotFooterRecord { version: 0 }.to_vec(0))]);
    file.bytes
}

struct FileWriter {
    bytes: Vec<u8>,
    next_offset: Offset,
    epoch: LeaderEpoch,
    now: Timestamp,
}

impl FileWriter {
    fn builder(&self, is_control: bool) -> BatchBuilder {
        BatchBuilder::new(BatchOptions {
            base_offset: self.next_offset,
            leader_epoch: self.epoch,
            is_control,
            ..Default::default()
        })
    }

    fn append(&mut self, batch: &mut BatchBuilder, key: Option<&[u8]>, value: &[u8]) {
        batch.append(self.now, key, Some(value), &[]).expect("a snapshot's batches are far below 2 GiB");
        self.next_offset = self.next_offset.next();
    }

    fn control_batch(&mut self, controls: &[(i16, Vec<u8>)]) {
        let mut batch = self.builder(true);
        for (control_type, value) in controls {
            // The key is the version of the key, 0, and the type.
            let mut key = [0; 4];
            key[2..].copy_from_slice(&control_type.to_be_bytes());
            self.append(&mut batch, Some(&key), value);
        }
        self.bytes.extend(batch.build());
    }

    fn data_batches(&mut self, records: &[MetadataRecord]) {
        let mut version = MetadataVersion::MINIMUM;
        let mut batch = self.builder(false);
        for record in records {
            version = version_after(record, version);
            let value = encode_record(record, version);
            let is_full = batch.record_count() > 0 && batch.uncompressed_size() + value.len() > BATCH_BYTES;
            if is_full {
                self.bytes.extend(std::mem::replace(&mut batch, self.builder(false)).build());
            }
            self.append(&mut batch, None, &value);
        }
        self.bytes.extend(batch.build());
    }
}

/// Reads a whole file.
///
/// Errors: the file is cut off, changed, or not a snapshot.
pub fn decode(bytes: &[u8]) -> Result<Snapshot, SnapshotError> {
    let mut snapshot = Snapshot::default();
    let mut seen = Seen::Nothing;
    for batch in batches(bytes) {
        let batch = batch?;
        let offset = batch.header().base_offset;
        let corrupt = |reason: String| SnapshotError::Corrupt { offset, reason };
        batch.verify_crc().map_err(|error| corrupt(error.to_string()))?;
        if seen == Seen::Footer {
            return Err(corrupt("it follows the footer".into()));
        }
        let is_control = batch.header().attributes.is_control();
        if seen == Seen::Nothing && !is_control {
            return Err(SnapshotError::NoHeader);
        }
        for_each_record(&batch, |key, value| {
            if is_control { snapshot.take_control(key, value, &mut seen) } else { snapshot.take_data(value) }
        })?;
    }
    match seen {
        Seen::Nothing => Err(SnapshotError::NoHeader),
        Seen::Header => Err(SnapshotError::NoFooter),
        Seen::Footer => Ok(snapshot),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Nothing,
    Header,
    Footer,
}

impl Snapshot {
    fn take_data(&mut self, value: &[u8]) -> Result<(), SnapshotError> {
        let (record, _) = MetadataRecord::decode(value)?;
        self.records.push(record);
        Ok(())
    }

    fn take_control(&mut self, key: &[u8], value: &[u8], seen: &mut Seen) -> Result<(), SnapshotError> {
        let control_type = match key {
            [_, _, high, low, ..] => i16::from_be_bytes([*high, *low]),
            _ => -1,
        };
        match (control_type, *seen) {
            (SNAPSHOT_HEADER, Seen::Nothing) => {
                let header = SnapshotHeaderRecord::from_bytes(value, 0)?;
                self.last_contained_log_timestamp = Timestamp(header.last_contained_log_timestamp);
                *seen = Seen::Header;
            }
            (_, Seen::Nothing) => return Err(SnapshotError::NoHeader),
            (KRAFT_VERSION, _) => {
                self.kraft_version = Some(KRaftVersionRecord::from_bytes(value, 0)?.kraft_version);
            }
            (KRAFT_VOTERS, _) => self.voters = Some(VotersRecord::from_bytes(value, 0)?),
            (SNAPSHOT_FOOTER, _) => {
                SnapshotFooterRecord::from_bytes(value, 0)?;
                *seen = Seen::Footer;
            }
            // Control records of a newer version are none of a reader's business.
            _ => {}
        }
        Ok(())
    }
}

fn for_each_record(
    batch: &BatchView<'_>,
    mut take: impl FnMut(&[u8], &[u8]) -> Result<(), SnapshotError>,
) -> Result<(), SnapshotError> {
    let corrupt = |reason: String| SnapshotError::Corrupt { offset: batch.header().base_offset, reason };
    let uncompressed = batch
        .uncompressed_records(DECOMPRESSED_BYTES_MAX)
        .map_err(|error: CompressionError| corrupt(error.to_string()))?;
    for record in records(&uncompressed, batch.header().record_count) {
        let record = record.map_err(|error| corrupt(error.to_string()))?;
        take(record.key.unwrap_or_default(), record.value.unwrap_or_default())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use ottla_protocol::messages::no_op_record::NoOpRecord;
    use ottla_protocol::messages::topic_record::TopicRecord;
    use ottla_protocol::messages::voters_record::Voter;
    use ottla_protocol::types::Uuid;

    use super::*;

    fn sample() -> Snapshot {
        let topic =
            |n: u32| TopicRecord { name: format!("t{n}"), topic_id: Uuid::from_u128(n.into()) }.into();
        Snapshot {
            last_contained_log_timestamp: Timestamp(1234),
            kraft_version: Some(1),
            voters: Some(VotersRecord {
                version: 0,
                voters: vec![Voter { voter_id: 1, ..Default::default() }],
            }),
            records: (0..100).map(topic).collect(),
        }
    }

    #[test]
    fn files_round_trip() {
        for snapshot in [sample(), Snapshot::default()] {
            let bytes = encode(&snapshot, LeaderEpoch(7), Timestamp(99));
            assert_eq!(decode(&bytes).unwrap(), snapshot);
        }
    }

    #[test]
    fn large_snapshots_are_cut_into_batches_with_consecutive_offsets() {
        let name = "x".repeat(1000);
        let record = TopicRecord { name, topic_id: Uuid::ZERO };
        let snapshot = Snapshot { records: vec![record.into(); 3000], ..Default::default() };
        let bytes = encode(&snapshot, LeaderEpoch(0), Timestamp(0));
        let mut next = Offset::ZERO;
        let mut count = 0;
        for batch in batches(&bytes) {
            let header = *batch.unwrap().header();
            assert_eq!(header.base_offset, next);
            next = next.plus(i64::from(header.record_count));
            count += 1;
        }
        assert_eq!((next, count), (Offset(3002), 5));
        assert_eq!(decode(&bytes).unwrap(), snapshot);
    }

    #[test]
    fn every_cut_and_every_flipped_byte_is_noticed() {
        let bytes = encode(&sample(), LeaderEpoch(7), Timestamp(99));
        for cut in 0..bytes.len() {
            assert!(decode(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        // Base offset (8), size (4), epoch (4) and magic (1) of the first batch are not covered by its CRC.
        for at in (17..bytes.len()).step_by(7) {
            let mut changed = bytes.clone();
            changed[at] ^= 0x20;
            let decoded = decode(&changed);
            assert!(decoded.is_err() || decoded.as_ref() == Ok(&sample()), "byte {at}");
        }
    }

    #[test]
    fn nothing_may_follow_the_footer_or_come_before_the_header() {
        let mut twice = encode(&Snapshot::default(), LeaderEpoch(0), Timestamp(0));
        twice.extend(twice.clone());
        assert!(matches!(decode(&twice), Err(SnapshotError::Corrupt { .. })));
        let mut file = FileWriter {
            bytes: Vec::new(),
            next_offset: Offset::ZERO,
            epoch: LeaderEpoch(0),
            now: Timestamp(0),
        };
        file.data_batches(&[NoOpRecord::default().into()]);
        assert_eq!(decode(&file.bytes), Err(SnapshotError::NoHeader));
        assert_eq!(decode(b""), Err(SnapshotError::NoHeader));
    }
}
