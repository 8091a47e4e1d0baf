//! What of a batch stays: all of it, some of its records, its header, or nothing.
//!
//! | batch | stays |
//! |---|---|
//! | data, a record | if no later one has its key; a tombstone, until the delete horizon that its first compaction sets |
//! | data of an aborted transaction | no record |
//! | a marker | until its transaction has no batch left, and then until the delete horizon |
//! | any, the last of a producer that the log remembers | at least its header: it has the producer's last sequence and epoch |
//! | any, the last of the round | at least its header: it has the last offset |
//!
//! A batch that loses records keeps its offsets, sequence and codec, with gaps between its records.
//!
//! Source: Kafka `Cleaner.cleanInto`, `MemoryRecords.filterTo`; KIP-534.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ottla_protocol::record::builder::{AppendRecordError, BatchOptionsError};
use ottla_protocol::record::control::{ControlRecordError, ControlRecordType};
use ottla_protocol::record::header::{Attributes, MAGIC_V2};
use ottla_protocol::record::legacy::{AnyHeader, LegacyError, LegacyRecord, LegacyView};
use ottla_protocol::record::records::{RecordError, RecordView};
use ottla_protocol::record::{
    BatchBuilder, BatchHeader, BatchOptions, BatchView, Compression, CompressionError, RecordHeader,
    TimestampType, records,
};
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{Offset, ProducerEpoch, ProducerId};

use super::offset_map::OffsetMap;
use super::source::Batch;
use super::transactions::{ControlVerdict, WalkedTransactions};
use crate::index::transaction::AbortedTransactionEntry;

/// Most bytes that the records of one batch may decompress to: they are held in memory.
pub(super) const DECOMPRESSED_SIZE_MAX: usize = 256 << 20;

/// The last batch of a producer that the log remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LastRecord {
    /// Last offset of its last batch of data under its present epoch.
    pub data_offset: Option<Offset>,
    pub epoch: ProducerEpoch,
}

/// A batch whose records cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub(super) enum FilterError {
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(transparent)]
    Compression(#[from] CompressionError),
    #[error(transparent)]
    Legacy(#[from] LegacyError),
    #[error(transparent)]
    Control(#[from] ControlRecordError),
    #[error(transparent)]
    Options(#[from] BatchOptionsError),
    #[error(transparent)]
    Append(#[from] AppendRecordError),
    #[error("a record has offset {offset} in a batch that ends at {last_offset}")]
    Offset { offset: Offset, last_offset: Offset },
    #[error("a marker aborts a transaction of producer {0} that no transaction index has")]
    UnknownTransaction(ProducerId),
}

/// What becomes of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It stays as it is.
    Kept,
    /// This takes its place.
    Rewritten(Vec<u8>),
    /// It goes.
    Dropped,
}

/// What was done to a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filtered {
    pub outcome: Outcome,
    /// For the transaction index: the transaction that the batch aborts, if any of it is left.
    pub aborted: Option<AbortedTransactionEntry>,
    pub records: u64,
    pub records_kept: u64,
    /// Records without a key, which have no place in a compacted log and go.
    pub records_without_key: u64,
}

/// What a batch is judged by.
#[derive(Debug)]
pub(super) struct Filter<'a> {
    pub map: &'a OffsetMap,
    pub last_records: &'a BTreeMap<ProducerId, LastRecord>,
    /// Where the round ends.
    pub first_uncleanable: Offset,
    /// The time that the round began at.
    pub now: Timestamp,
    pub delete_retention_ms: i64,
    /// Tombstones of the old formats, which have no delete horizon, may go.
    pub drops_legacy_tombstones: bool,
}

/// What becomes of a batch that loses all of its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WhenEmpty {
    KeepHeader,
    Drop,
}

/// What of the records of a batch stays.
#[derive(Debug, Default)]
struct Selection {
    kept: Vec<bool>,
    kept_count: u64,
    has_tombstone: bool,
    without_key: u64,
}

impl Selection {
    fn keep_all(&mut self) {
        self.kept_count = self.kept.len() as u64;
        self.without_key = 0;
    }

    fn push(&mut self, stays: bool, has_value: bool) {
        self.kept.push(stays);
        self.kept_count += u64::from(stays);
        self.has_tombstone |= stays && !has_value;
    }
}

impl Filter<'_> {
    /// Judges the next batch of the walk. Errors: its records cannot be read, or written with what its header says.
    pub(super) fn apply(
        &self,
        batch: &Batch<'_>,
        transactions: &mut WalkedTransactions,
    ) -> Result<Filtered, FilterError> {
        match batch {
            Batch::Current(batch) => self.apply_current(batch, transactions),
            Batch::Legacy(batch) => self.apply_legacy(batch),
        }
    }

    fn apply_current(
        &self,
        batch: &BatchView<'_>,
        transactions: &mut WalkedTransactions,
    ) -> Result<Filtered, FilterError> {
        let header = *batch.header();
        let plain = match header.record_count {
            0 => Cow::Borrowed(&[][..]),
            _ => batch.uncompressed_records(DECOMPRESSED_SIZE_MAX)?,
        };
        let (can_go, aborted) = if header.attributes.is_control() {
            let kind = control_kind(&header, &plain)?;
            let ControlVerdict { can_go, aborted, is_unknown } = transactions.on_control(&header, kind);
            if is_unknown {
                return Err(FilterError::UnknownTransaction(header.producer_id));
            }
            (can_go, aborted)
        } else {
            (transactions.on_data(&header), None)
        };
        let is_emptied_marker = can_go && header.attributes.is_control();
        let loses_all = if is_emptied_marker { self.is_past_horizon(&header) } else { can_go };
        let mut selection = Selection::default();
        for record in records(&plain, header.record_count) {
            let record = record?;
            let stays = if loses_all {
                false
            } else if header.attributes.is_control() {
                true
            } else {
                self.stays(&header, &record, &mut selection)
            };
            selection.push(stays, record.value.is_some());
        }
        let outcome = if selection.kept_count > 0 {
            let sets_horizon =
                (selection.has_tombstone || is_emptied_marker) && header.delete_horizon().is_none();
            if selection.kept_count == selection.kept.len() as u64 && !sets_horizon {
                Outcome::Kept
            } else {
                let horizon = Timestamp(self.now.0.saturating_add(self.delete_retention_ms));
                let horizon = if sets_horizon { Some(horizon) } else { header.delete_horizon() };
                match rewrite(&header, &plain, &selection.kept, horizon) {
                    Ok(bytes) => Outcome::Rewritten(bytes),
                    // A producer can send what no producer should, and nobody can write it anew: a transaction without a producer, a
                    // time before all times. Kafka's cleaner gives the partition up for it; here the batch stays as it is.
                    Err(FilterError::Options(_) | FilterError::Append(_)) => {
                        selection.keep_all();
                        Outcome::Kept
                    }
                    Err(error) => return Err(error),
                }
            }
        } else if self.when_empty(&AnyHeader::Current(header)) == WhenEmpty::Drop {
            Outcome::Dropped
        } else if batch.bytes() == header.emptied().to_bytes() {
            Outcome::Kept
        } else {
            Outcome::Rewritten(header.emptied().to_bytes().to_vec())
        };
        Ok(filtered(outcome, aborted, &selection))
    }

    /// A message of magic 0 or 1. What stays of it becomes a batch of magic 2.
    fn apply_legacy(&self, batch: &LegacyView<'_>) -> Result<Filtered, FilterError> {
        let set = batch.records(DECOMPRESSED_SIZE_MAX)?;
        let mut selection = Selection::default();
        for record in set.iter() {
            let stays = if record.offset > self.map.latest() {
                true
            } else if let Some(key) = record.key {
                let is_needed = record.value.is_some() || !self.drops_legacy_tombstones;
                self.is_last(key, record.offset) && is_needed
            } else {
                selection.without_key += 1;
                false
            };
            selection.push(stays, record.value.is_some());
        }
        let header = batch.header();
        let kept: Vec<LegacyRecord<'_>> =
            set.iter().zip(&selection.kept).filter(|(_, stays)| **stays).map(|(record, _)| record).collect();
        let outcome = if !kept.is_empty() {
            let horizon = Timestamp(self.now.0.saturating_add(self.delete_retention_ms));
            Outcome::Rewritten(convert(batch, &kept, selection.has_tombstone.then_some(horizon))?)
        } else if self.when_empty(&AnyHeader::Legacy(*header)) == WhenEmpty::Drop {
            Outcome::Dropped
        } else {
            Outcome::Rewritten(empty_at(header.last_offset, header.timestamp))
        };
        Ok(filtered(outcome, None, &selection))
    }

    /// Whether a record of data stays.
    fn stays(&self, header: &BatchHeader, record: &RecordView<'_>, selection: &mut Selection) -> bool {
        let offset = record.offset(header);
        if offset > self.map.latest() {
            return true;
        }
        let Some(key) = record.key else {
            selection.without_key += 1;
            return false;
        };
        self.is_last(key, offset) && (record.value.is_some() || !self.is_past_horizon(header))
    }

    fn is_last(&self, key: &[u8], offset: Offset) -> bool {
        self.map.get(key).is_none_or(|last| offset >= last)
    }

    /// Whether the batch's delete horizon has come.
    fn is_past_horizon(&self, header: &BatchHeader) -> bool {
        header.delete_horizon().is_some_and(|horizon| horizon <= self.now)
    }

    fn when_empty(&self, header: &AnyHeader) -> WhenEmpty {
        let is_last_of_producer = match header {
            AnyHeader::Current(header) if header.has_producer_id() => {
                self.last_records.get(&header.producer_id).is_some_and(|last| match last.data_offset {
                    Some(offset) => header.last_offset() == offset,
                    None => header.attributes.is_control() && header.producer_epoch == last.epoch,
                })
            }
            _ => false,
        };
        if is_last_of_producer || header.next_offset() == self.first_uncleanable {
            WhenEmpty::KeepHeader
        } else {
            WhenEmpty::Drop
        }
    }
}

fn filtered(outcome: Outcome, aborted: Option<AbortedTransactionEntry>, selection: &Selection) -> Filtered {
    Filtered {
        outcome,
        aborted,
        records: selection.kept.len() as u64,
        records_kept: selection.kept_count,
        records_without_key: selection.without_key,
    }
}

/// What the first record of a control batch says; `None` if there is none, or it is of a kind of the future.
pub(super) fn control_kind(
    header: &BatchHeader,
    plain: &[u8],
) -> Result<Option<ControlRecordType>, FilterError> {
    match records(plain, header.record_count).next() {
        Some(record) => Ok(ControlRecordType::from_key(record?.key)?),
        None => Ok(None),
    }
}

/// The batch with some of its records.
fn rewrite(
    header: &BatchHeader,
    plain: &[u8],
    kept: &[bool],
    delete_horizon: Option<Timestamp>,
) -> Result<Vec<u8>, FilterError> {
    let options = BatchOptions {
        base_offset: header.base_offset,
        leader_epoch: header.leader_epoch,
        compression: header.attributes.compression().map_err(CompressionError::from)?,
        compression_level: None,
        log_append_time: header.log_append_time(),
        producer_id: header.producer_id,
        producer_epoch: header.producer_epoch,
        base_sequence: header.base_sequence,
        is_transactional: header.attributes.is_transactional(),
        is_control: header.attributes.is_control(),
        delete_horizon,
    };
    options.check()?;
    let mut builder = BatchBuilder::with_capacity(options, plain.len());
    let mut headers: Vec<RecordHeader<'_>> = Vec::new();
    for (record, _) in records(plain, header.record_count).zip(kept).filter(|(_, stays)| **stays) {
        let record = record?;
        headers.clear();
        headers.extend(record.headers);
        let (offset, timestamp) = (record.offset(header), record.timestamp(header));
        if offset > header.last_offset() {
            return Err(FilterError::Offset { offset, last_offset: header.last_offset() });
        }
        builder.append_at(offset, timestamp, record.key, record.value, &headers)?;
    }
    builder.set_last_offset(header.last_offset());
    Ok(builder.build())
}

/// A batch of magic 2 with the records of an old message.
fn convert(
    batch: &LegacyView<'_>,
    kept: &[LegacyRecord<'_>],
    delete_horizon: Option<Timestamp>,
) -> Result<Vec<u8>, FilterError> {
    let header = batch.header();
    let is_append_time = header.timestamp_type() == Some(TimestampType::LogAppendTime);
    let options = BatchOptions {
        base_offset: kept[0].offset,
        compression: header.compression().map_err(CompressionError::from)?,
        log_append_time: is_append_time.then_some(header.timestamp),
        delete_horizon,
        ..BatchOptions::default()
    };
    options.check()?;
    let mut builder = BatchBuilder::new(options);
    for record in kept {
        builder.append_at(record.offset, record.timestamp, record.key, record.value, &[])?;
    }
    Ok(builder.build())
}

/// A batch without records at `offset`, in the place of an old message that was the last of the round.
fn empty_at(offset: Offset, timestamp: Timestamp) -> Vec<u8> {
    let header = BatchHeader {
        base_offset: offset,
        size_bytes: 0,
        leader_epoch: ottla_protocol::types::LeaderEpoch::UNKNOWN,
        magic: MAGIC_V2,
        crc: 0,
        attributes: Attributes::of(Compression::None),
        last_offset_delta: 0,
        base_timestamp: Timestamp::NONE,
        max_timestamp: timestamp,
        producer_id: ProducerId::NONE,
        producer_epoch: ProducerEpoch::NONE,
        base_sequence: ottla_protocol::record::batch::NO_SEQUENCE,
        record_count: 0,
    };
    header.emptied().to_bytes().to_vec()
}
