//! Batches of the metadata log: records to bytes and back.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use ottla_metadata::record::MetadataRecord;
use ottla_protocol::record::{BatchBuilder, BatchOptions, BatchView, records};
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::Offset;
use ottla_protocol::wire::DecodeError;
use ottla_replication::quorum::{ControlRecord, KRaftVersion};
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
            let record = ControlRecord::from_bytes(record.key, value).map_err(damaged)?;
            check_kraft_version(&record).map_err(damaged)?;
            control.push(record);
        } else {
            let offset = base_offset.plus(i64::from(record.offset_delta));
            let newer = |reason| MetadataReadError::Newer { path: path.into(), offset, reason };
            data.push((offset, MetadataRecord::decode(value).map_err(newer)?.0));
        }
    }
    Ok(if is_control { BatchContent::Control(control) } else { BatchContent::Data(data) })
}

/// A level of kraft.version that this program does not know is one that it must not vote under.
fn check_kraft_version(record: &ControlRecord) -> Result<(), String> {
    match record {
        ControlRecord::KRaftVersion(record) if KRaftVersion::from_level(record.kraft_version).is_none() => {
            Err(format!("kraft.version {} is not known", record.kraft_version))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use ottla_protocol::messages::feature_level_record::FeatureLevelRecord;
    use ottla_protocol::messages::kraft_version_record::KRaftVersionRecord;
    use ottla_protocol::types::LeaderEpoch;
    use ottla_replication::quorum::control_batch;

    use super::*;

    fn read(bytes: &[u8]) -> Result<BatchContent, MetadataReadError> {
        content(&BatchView::first_of(bytes).unwrap(), Path::new("log"))
    }

    #[test]
    fn control_records_are_told_from_data_and_an_unknown_kraft_version_from_a_known_one() {
        let batch = |version: KRaftVersionRecord| {
            let records = [ControlRecord::KRaftVersion(version)];
            let bytes = control_batch(Offset::ZERO, LeaderEpoch(3), &records, Timestamp(1));
            (records, read(&bytes))
        };
        let (records, found) = batch(KRaftVersion::Reconfigurable.to_record());
        assert_eq!(found.unwrap(), BatchContent::Control(records.to_vec()));
        let (_, found) = batch(KRaftVersionRecord { version: 0, kraft_version: 7 });
        assert!(matches!(found, Err(MetadataReadError::Damaged { .. })));
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
