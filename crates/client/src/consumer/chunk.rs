//! What a fetch brought of one partition: whole batches, turned into records one batch at a time.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use ottla_protocol::messages::fetch_response::AbortedTransaction;
use ottla_protocol::record::control::ControlRecordType;
use ottla_protocol::record::records::{RecordError, RecordView};
use ottla_protocol::record::{BatchError, BatchHeader, BatchView, CompressionError, batches, records};
use ottla_protocol::types::{Offset, ProducerId};

use crate::record::{ConsumerRecord, Header};

/// Why a batch cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchFault {
    /// Its bytes are not those that were written.
    #[error("its CRC is {stored:#010x}, that of its bytes {computed:#010x}")]
    Crc {
        /// The CRC in its header.
        stored: u32,
        /// The CRC of its bytes.
        computed: u32,
    },
    /// It is no batch of this version of the format.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// Its records cannot be decompressed.
    #[error(transparent)]
    Compression(#[from] CompressionError),
    /// Its records are malformed.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// How batches are read.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) topic: Arc<str>,
    pub(super) partition: i32,
    /// Records before this offset are left out: a batch may begin before the offset that was asked for.
    pub(super) from: Offset,
    pub(super) checks_crcs: bool,
    pub(super) batch_bytes_max: usize,
    pub(super) is_read_committed: bool,
}

/// Whole batches of one response.
#[derive(Debug)]
pub(super) struct Chunk {
    bytes: Bytes,
    /// Aborted transactions that overlap these batches and begin behind what was read, the last one first.
    aborted: Vec<AbortedTransaction>,
    /// Producers whose records, here, belong to an aborted transaction.
    aborted_producers: BTreeSet<ProducerId>,
}

impl Chunk {
    /// The whole batches in `bytes`, and the offset after the last of them. A batch that was cut off at the end, as brokers do
    /// to stay within the size that was asked for, is left out. `None` if there is no whole batch.
    pub(super) fn new(
        bytes: &Bytes,
        aborted: Vec<AbortedTransaction>,
    ) -> Result<Option<(Self, Offset)>, BatchError> {
        let mut next_offset = None;
        let mut whole = batches(bytes);
        let mut size = 0;
        while let Some(batch) = whole.next() {
            match batch {
                Ok(batch) => next_offset = Some(batch.header().next_offset()),
                Err(BatchError::Incomplete { .. }) => break,
                // What comes before it can still be read.
                Err(_) if next_offset.is_some() => break,
                Err(error) => return Err(error),
            }
            size = whole.position();
        }
        let Some(next_offset) = next_offset else { return Ok(None) };
        let mut aborted = aborted;
        aborted.sort_by_key(|transaction| std::cmp::Reverse(transaction.first_offset));
        let chunk = Self { bytes: bytes.slice(..size), aborted, aborted_producers: BTreeSet::new() };
        Ok(Some((chunk, next_offset)))
    }

    /// Bytes that were not read yet.
    pub(super) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// The records of the next batch that `reading` wants, and the offset after the batch; `None` at the end. A batch that
    /// cannot be read stays.
    pub(super) fn next_batch(
        &mut self,
        reading: &Reading,
    ) -> Option<Result<(Vec<ConsumerRecord>, Offset), BatchFault>> {
        if self.bytes.is_empty() {
            return None;
        }
        let (result, size) = match BatchView::first_of(&self.bytes) {
            Ok(batch) => (self.read(&batch, reading), batch.bytes().len()),
            Err(error) => (Err(error.into()), 0),
        };
        match result {
            Ok((records, producers, next_offset)) => {
                self.update_aborted(producers);
                let _read = self.bytes.split_to(size);
                Some(Ok((records, next_offset)))
            }
            Err(fault) => Some(Err(fault)),
        }
    }

    fn read(&self, batch: &BatchView<'_>, reading: &Reading) -> Result<ReadBatch, BatchFault> {
        let header = batch.header();
        let next_offset = header.next_offset();
        if reading.checks_crcs {
            batch.verify_crc().map_err(|e| BatchFault::Crc { stored: e.stored, computed: e.computed })?;
        }
        let mut change = AbortedChange::Begins(next_offset);
        let is_wanted = next_offset > reading.from;
        if header.attributes.is_control() {
            let uncompressed = batch.uncompressed_records(reading.batch_bytes_max)?;
            let first = records(&uncompressed, header.record_count).next().transpose()?;
            let kind = first.map(|record| ControlRecordType::from_key(record.key));
            if matches!(kind, Some(Ok(Some(ControlRecordType::Abort)))) {
                change = AbortedChange::Ends(header.producer_id, next_offset);
            }
            return Ok((Vec::new(), change, next_offset));
        }
        if !is_wanted || (reading.is_read_committed && self.is_aborted(header)) {
            return Ok((Vec::new(), change, next_offset));
        }
        let owned = if header.attributes.is_compressed() {
            Bytes::from(batch.uncompressed_records(reading.batch_bytes_max)?.into_owned())
        } else {
            self.bytes.slice_ref(batch.records_bytes())
        };
        let capacity = usize::try_from(header.record_count).unwrap_or(0).min(owned.len());
        let mut out = Vec::with_capacity(capacity);
        for record in records(&owned, header.record_count) {
            let record = record?;
            if record.offset(header) >= reading.from {
                out.push(to_owned(&record, header, &owned, reading));
            }
        }
        Ok((out, change, next_offset))
    }

    /// Whether the batch belongs to a transaction that was aborted. Source: Kafka `CompletedFetch.isBatchAborted`.
    fn is_aborted(&self, header: &BatchHeader) -> bool {
        let begins = |transaction: &&AbortedTransaction| transaction.first_offset <= header.last_offset().0;
        header.attributes.is_transactional()
            && (self.aborted_producers.contains(&header.producer_id)
                || self
                    .aborted
                    .iter()
                    .rev()
                    .take_while(begins)
                    .any(|transaction| transaction.producer_id == header.producer_id.0))
    }

    fn update_aborted(&mut self, change: AbortedChange) {
        let (AbortedChange::Begins(next_offset) | AbortedChange::Ends(_, next_offset)) = change;
        while let Some(begun) = self.aborted.pop_if(|transaction| transaction.first_offset < next_offset.0) {
            self.aborted_producers.insert(ProducerId(begun.producer_id));
        }
        if let AbortedChange::Ends(producer_id, _) = change {
            self.aborted_producers.remove(&producer_id);
        }
    }
}

type ReadBatch = (Vec<ConsumerRecord>, AbortedChange, Offset);

/// What a batch that ends before the offset does to the set of producers in an aborted transaction.
#[derive(Clone, Copy, Debug)]
enum AbortedChange {
    /// Transactions that begin before the offset are under way.
    Begins(Offset),
    /// The same, and then the producer's transaction is over.
    Ends(ProducerId, Offset),
}

fn to_owned(
    record: &RecordView<'_>,
    header: &BatchHeader,
    bytes: &Bytes,
    reading: &Reading,
) -> ConsumerRecord {
    ConsumerRecord {
        topic: Arc::clone(&reading.topic),
        partition: reading.partition,
        offset: record.offset(header),
        leader_epoch: header.leader_epoch,
        timestamp: record.timestamp(header),
        timestamp_type: header.attributes.timestamp_type(),
        key: record.key.map(|key| bytes.slice_ref(key)),
        value: record.value.map(|value| bytes.slice_ref(value)),
        headers: record
            .headers
            .map(|header| Header {
                name: String::from_utf8_lossy(header.key).into(),
                value: header.value.map(|value| bytes.slice_ref(value)),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ottla_protocol::record::{BatchBuilder, BatchOptions, Compression};
    use ottla_protocol::time::Timestamp;
    use ottla_protocol::types::ProducerEpoch;

    fn reading(from: i64) -> Reading {
        Reading {
            topic: "t".into(),
            partition: 0,
            from: Offset(from),
            checks_crcs: true,
            batch_bytes_max: 1 << 20,
            is_read_committed: true,
        }
    }

    /// A batch of two records at `base_offset` whose values are their offsets.
    fn batch(base_offset: i64, producer: Option<i64>, compression: Compression) -> Vec<u8> {
        let mut options =
            BatchOptions { base_offset: Offset(base_offset), compression, ..Default::default() };
        if let Some(id) = producer {
            options = BatchOptions {
                producer_id: ProducerId(id),
                producer_epoch: ProducerEpoch(0),
                base_sequence: 0,
                is_transactional: true,
                ..options
            };
        }
        let mut builder = BatchBuilder::new(options);
        for offset in [base_offset, base_offset + 1] {
            builder.append(Timestamp(1), None, Some(offset.to_string().as_bytes()), &[]).unwrap();
        }
        builder.build()
    }

    fn marker(offset: i64, producer: i64, kind: ControlRecordType) -> Vec<u8> {
        let mut builder = BatchBuilder::new(BatchOptions {
            base_offset: Offset(offset),
            producer_id: ProducerId(producer),
            producer_epoch: ProducerEpoch(0),
            is_transactional: true,
            is_control: true,
            ..Default::default()
        });
        builder.append(Timestamp(1), Some(&kind.key()), Some(&[0, 0, 0, 0, 0, 0]), &[]).unwrap();
        builder.build()
    }

    /// All offsets that are read of `parts`, each checked against its record's value.
    fn read_all(parts: &[Vec<u8>], aborted: &[(i64, i64)], reading: &Reading) -> Vec<i64> {
        let aborted = aborted
            .iter()
            .map(|&(producer_id, first_offset)| AbortedTransaction { producer_id, first_offset })
            .collect();
        let (mut chunk, _) = Chunk::new(&Bytes::from(parts.concat()), aborted).unwrap().unwrap();
        let mut offsets = Vec::new();
        while let Some(batch) = chunk.next_batch(reading) {
            for record in batch.unwrap().0 {
                assert_eq!(record.value.unwrap(), record.offset.to_string());
                offsets.push(record.offset.0);
            }
        }
        offsets
    }

    #[test]
    fn records_before_the_position_are_left_out_in_every_codec() {
        for compression in Compression::ALL {
            let parts = [batch(10, None, compression), batch(12, None, compression)];
            assert_eq!(read_all(&parts, &[], &reading(11)), [11, 12, 13], "{compression}");
        }
    }

    #[test]
    fn a_batch_that_is_cut_off_is_left_for_the_next_fetch() {
        let whole = batch(10, None, Compression::None);
        for cut in 0..whole.len() {
            let bytes = Bytes::from([whole.as_slice(), &whole[..cut]].concat());
            let (chunk, next_offset) = Chunk::new(&bytes, Vec::new()).unwrap().unwrap();
            assert_eq!((chunk.size(), next_offset), (whole.len(), Offset(12)));
        }
        assert!(Chunk::new(&Bytes::from(whole[..whole.len() - 1].to_vec()), Vec::new()).unwrap().is_none());
    }

    #[test]
    fn aborted_transactions_and_markers_are_not_seen_by_read_committed() {
        let none = Compression::None;
        let parts = [
            batch(0, Some(7), none),
            batch(2, Some(8), none),
            batch(4, None, none),
            marker(6, 7, ControlRecordType::Abort),
            batch(7, Some(7), none),
            marker(9, 8, ControlRecordType::Commit),
            marker(10, 7, ControlRecordType::Commit),
        ];
        assert_eq!(read_all(&parts, &[(7, 0)], &reading(0)), [2, 3, 4, 5, 7, 8]);
        let uncommitted = Reading { is_read_committed: false, ..reading(0) };
        assert_eq!(read_all(&parts, &[], &uncommitted), [0, 1, 2, 3, 4, 5, 7, 8]);
    }

    #[test]
    fn a_transaction_may_be_aborted_twice_in_one_chunk() {
        let none = Compression::None;
        let parts = [
            batch(0, Some(7), none),
            marker(2, 7, ControlRecordType::Abort),
            batch(3, Some(7), none),
            marker(5, 7, ControlRecordType::Commit),
            batch(6, Some(7), none),
            marker(8, 7, ControlRecordType::Abort),
        ];
        assert_eq!(read_all(&parts, &[(7, 6), (7, 0)], &reading(0)), [3, 4]);
    }

    #[test]
    fn a_flipped_bit_is_found_and_the_batch_stays() {
        let mut bytes = batch(0, None, Compression::None);
        *bytes.last_mut().unwrap() ^= 1;
        let (mut chunk, _) = Chunk::new(&Bytes::from(bytes), Vec::new()).unwrap().unwrap();
        for _ in 0..2 {
            assert!(matches!(chunk.next_batch(&reading(0)), Some(Err(BatchFault::Crc { .. }))));
        }
    }
}
