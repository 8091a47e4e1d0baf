//! A producer's batch as bytes: stamped with the producer's sequence before each send, split when the broker finds it too
//! large.

use ottla_protocol::record::header::{NO_SEQUENCE, RECORD_BATCH_OVERHEAD};
use ottla_protocol::record::records::{RecordHeader, RecordView, records};
use ottla_protocol::record::{BatchBuilder, BatchHeader, BatchOptions, BatchView, Compression};
use ottla_protocol::types::{ProducerEpoch, ProducerId};

/// Most bytes that a batch of our own can decompress to.
const UNCOMPRESSED_MAX: usize = 1 << 30;

/// Who sends: the producer's id and the epoch in use for one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProducerIdentity {
    pub(crate) id: ProducerId,
    pub(crate) epoch: ProducerEpoch,
    /// Whether what is sent is part of a transaction.
    pub(crate) is_transactional: bool,
}

/// How batches are compressed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Codec {
    pub(crate) compression: Compression,
    pub(crate) level: Option<i32>,
}

impl Codec {
    pub(crate) fn builder(self, room: usize) -> BatchBuilder {
        let options = BatchOptions {
            compression: self.compression,
            compression_level: self.level,
            ..BatchOptions::default()
        };
        BatchBuilder::with_capacity(options, room)
    }
}

/// Writes producer id, epoch and sequence into the header of a whole batch, and the CRC that covers them.
pub(crate) fn stamp(batch: &mut [u8], identity: Option<ProducerIdentity>, base_sequence: i32) {
    let Ok(mut header) = BatchHeader::parse(batch) else { return };
    let identity = identity.unwrap_or(ProducerIdentity {
        id: ProducerId::NONE,
        epoch: ProducerEpoch::NONE,
        is_transactional: false,
    });
    let base_sequence = if identity.id == ProducerId::NONE { NO_SEQUENCE } else { base_sequence };
    let is_same = (header.producer_id, header.producer_epoch, header.base_sequence)
        == (identity.id, identity.epoch, base_sequence);
    if is_same {
        return;
    }
    if identity.is_transactional {
        header.attributes = header.attributes.with_transactional();
    }
    header.producer_id = identity.id;
    header.producer_epoch = identity.epoch;
    header.base_sequence = base_sequence;
    let (head, records) = batch.split_at_mut(RECORD_BATCH_OVERHEAD);
    header.seal(records);
    head.copy_from_slice(&header.to_bytes());
}

/// The first and the second half of a batch's records as two batches, with the number of records in the first. `None` if
/// there is only one record.
pub(crate) fn split(batch: &[u8], codec: Codec) -> Option<(Vec<u8>, Vec<u8>, i32)> {
    let view = BatchView::first_of(batch).ok()?;
    let header = view.header();
    let first_count = header.record_count / 2;
    if first_count == 0 {
        return None;
    }
    let bytes = view.uncompressed_records(UNCOMPRESSED_MAX).ok()?;
    let (mut first, mut second) = (codec.builder(bytes.len() / 2), codec.builder(bytes.len() / 2));
    for (record, index) in records(&bytes, header.record_count).zip(0i32..) {
        let half = if index < first_count { &mut first } else { &mut second };
        copy_record(&record.ok()?, header, half)?;
    }
    Some((first.build(), second.build(), first_count))
}

fn copy_record(record: &RecordView<'_>, header: &BatchHeader, into: &mut BatchBuilder) -> Option<()> {
    let headers: Vec<RecordHeader<'_>> = record.headers.collect();
    into.append(record.timestamp(header), record.key, record.value, &headers).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ottla_protocol::time::Timestamp;

    fn batch(codec: Codec, values: &[&str]) -> Vec<u8> {
        let mut builder = codec.builder(0);
        for (value, at) in values.iter().zip(100..) {
            builder.append(Timestamp(at), None, Some(value.as_bytes()), &[]).unwrap();
        }
        builder.build()
    }

    fn values(batch: &[u8]) -> Vec<(i64, String)> {
        let view = BatchView::first_of(batch).unwrap();
        view.verify_crc().unwrap();
        let bytes = view.uncompressed_records(1 << 20).unwrap();
        records(&bytes, view.header().record_count)
            .map(|record| {
                let record = record.unwrap();
                let value = String::from_utf8(record.value.unwrap().to_vec()).unwrap();
                (record.timestamp(view.header()).0, value)
            })
            .collect()
    }

    #[test]
    fn a_stamp_changes_the_producers_fields_and_keeps_the_crc_right() {
        let codec = Codec { compression: Compression::Zstd, level: None };
        let mut stamped = batch(codec, &["a", "b"]);
        let before = stamped.clone();
        let identity =
            ProducerIdentity { id: ProducerId(7), epoch: ProducerEpoch(2), is_transactional: false };
        stamp(&mut stamped, Some(identity), 40);
        let view = BatchView::first_of(&stamped).unwrap();
        let header = view.header();
        assert_eq!((header.producer_id.0, header.producer_epoch.0, header.base_sequence), (7, 2, 40));
        assert_eq!(values(&stamped), values(&before));
        stamp(&mut stamped, None, 0);
        assert_eq!(stamped, before);
        stamp(&mut stamped, Some(ProducerIdentity { is_transactional: true, ..identity }), 0);
        let view = BatchView::first_of(&stamped).unwrap();
        assert!(view.header().attributes.is_transactional());
        assert_eq!(values(&stamped), values(&before));
    }

    #[test]
    fn a_split_keeps_every_record_in_order() {
        for compression in Compression::ALL {
            let codec = Codec { compression, level: None };
            let whole = batch(codec, &["a", "b", "c", "d", "e"]);
            let (first, second, first_count) = split(&whole, codec).unwrap();
            assert_eq!(first_count, 2);
            assert_eq!([values(&first), values(&second)].concat(), values(&whole));
        }
    }

    #[test]
    fn a_batch_of_one_record_cannot_be_split() {
        assert_eq!(split(&batch(Codec::default(), &["a"]), Codec::default()), None);
    }
}
