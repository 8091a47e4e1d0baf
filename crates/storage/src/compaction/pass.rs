//! The two walks of a round, batch by batch: over the dirty section for the map, and over all of it to write what stays.

use std::collections::VecDeque;
use std::ops::Range;

use ottla_protocol::record::{BatchView, records};
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::Offset;

use super::filter::{DECOMPRESSED_SIZE_MAX, Filter, FilterError, Filtered, Outcome, control_kind};
use super::offset_map::{Full, OffsetMap};
use super::source::{Batch, BatchReader, Source};
use super::transactions::WalkedTransactions;
use super::writer::CleanedSegment;
use super::{CleanError, CleaningStats, Plan, ReadyGroup};
use crate::io::{OpenMode, StorageError};
use crate::layout::{FileKind, FileName};

/// The walk that fills the map. Source: Kafka `Cleaner.buildOffsetMap`.
#[derive(Debug)]
pub(super) struct MapPass {
    map: Option<OffsetMap>,
    transactions: WalkedTransactions,
    /// Index of the source that is walked.
    at: usize,
    reader: Option<BatchReader>,
    is_done: bool,
}

impl MapPass {
    pub(super) fn new(plan: &mut Plan) -> Result<Self, CleanError> {
        let (from, to) = (plan.first_dirty, plan.first_uncleanable);
        let mut transactions = WalkedTransactions::default();
        transactions.add(plan.aborted.between(&*plan.disk, &plan.dir, from, to)?);
        let first_dirty = plan.sources.partition_point(|source| source.base_offset <= from).saturating_sub(1);
        let options = plan.options;
        let keys = u64::try_from(to.0 - from.0).unwrap_or(0);
        let map =
            OffsetMap::new(options.hash_secret, options.dedupe_buffer_size, options.load_factor, keys + 1);
        let is_done = from >= to || plan.sources.is_empty();
        Ok(Self { map: Some(map), transactions, at: first_dirty, reader: None, is_done })
    }

    pub(super) const fn is_done(&self) -> bool {
        self.is_done
    }

    /// The map, once the walk is done.
    pub(super) fn take_map(&mut self) -> OffsetMap {
        self.map.take().expect("taken once")
    }

    /// Walks over the next batch.
    pub(super) fn step(&mut self, plan: &Plan, stats: &mut CleaningStats) -> Result<(), CleanError> {
        let source = plan.sources[self.at];
        let map = self.map.as_mut().expect("there until the walk is done");
        let reader = match &mut self.reader {
            Some(reader) => reader,
            None => self.reader.insert(open(plan, source)?),
        };
        let Some(batch) = reader.next()? else {
            // Where compaction has left a gap before the next segment, there is nothing to come.
            map.set_latest(Offset(source.end_offset.0 - 1));
            self.reader = None;
            self.at += 1;
            self.is_done = self.at == plan.sources.len();
            return Ok(());
        };
        let size = batch.bytes().len();
        stats.bytes_mapped += size as u64;
        let put = map_batch(&batch, plan.first_dirty, map, &mut self.transactions);
        match put.map_err(|error| reader.damage_before(size, &error))? {
            Ok(()) => Ok(()),
            Err(Full) => {
                self.is_done = true;
                Ok(())
            }
        }
    }
}

/// Puts the keys of a batch of the dirty section into the map.
fn map_batch(
    batch: &Batch<'_>,
    first_dirty: Offset,
    map: &mut OffsetMap,
    transactions: &mut WalkedTransactions,
) -> Result<Result<(), Full>, FilterError> {
    let last_offset = batch.header().last_offset();
    match batch {
        Batch::Current(batch) if batch.header().attributes.is_control() => {
            let header = batch.header();
            let kind = control_kind(header, batch.records_bytes())?;
            transactions.on_control(header, kind);
        }
        Batch::Current(batch) => {
            let is_aborted = transactions.on_data(batch.header());
            if !is_aborted
                && last_offset >= first_dirty
                && let Err(full) = map_records(batch, first_dirty, map)?
            {
                return Ok(Err(full));
            }
        }
        Batch::Legacy(batch) if last_offset >= first_dirty => {
            for record in batch.records(DECOMPRESSED_SIZE_MAX)?.iter() {
                if let Some(key) = record.key.filter(|_| record.offset >= first_dirty)
                    && let Err(full) = map.put(key, record.offset)
                {
                    return Ok(Err(full));
                }
            }
        }
        Batch::Legacy(_) => {}
    }
    if last_offset >= first_dirty {
        map.set_latest(last_offset);
    }
    Ok(Ok(()))
}

fn map_records(
    batch: &BatchView<'_>,
    first_dirty: Offset,
    map: &mut OffsetMap,
) -> Result<Result<(), Full>, FilterError> {
    let header = batch.header();
    if header.record_count == 0 {
        return Ok(Ok(()));
    }
    let plain = batch.uncompressed_records(DECOMPRESSED_SIZE_MAX)?;
    for record in records(&plain, header.record_count) {
        let record = record?;
        let offset = record.offset(header);
        if let Some(key) = record.key.filter(|_| offset >= first_dirty)
            && let Err(full) = map.put(key, offset)
        {
            return Ok(Err(full));
        }
    }
    Ok(Ok(()))
}

/// The walk that writes. Source: Kafka `Cleaner.cleanSegments`.
#[derive(Debug)]
pub(super) struct CleanPass {
    map: OffsetMap,
    transactions: WalkedTransactions,
    groups: VecDeque<Range<usize>>,
    group: Option<GroupPass>,
    ready: Option<ReadyGroup>,
    /// Base offset of the segment of which there may be `.cleaned` files.
    making: Option<Offset>,
    /// Tombstones of the old formats may go from segments that were last changed at or before this.
    legacy_horizon: Timestamp,
}

/// The group that is being written.
#[derive(Debug)]
struct GroupPass {
    sources: Range<usize>,
    /// Index of the source that is read.
    at: usize,
    reader: Option<BatchReader>,
    drops_legacy_tombstones: bool,
    writer: CleanedSegment,
}

impl CleanPass {
    pub(super) fn new(
        plan: &Plan,
        map: OffsetMap,
        groups: VecDeque<Range<usize>>,
    ) -> Result<Self, CleanError> {
        let clean = plan.sources.partition_point(|source| source.base_offset < plan.first_dirty);
        let legacy_horizon = match clean.checked_sub(1) {
            Some(last) => {
                let modified = modified(plan, plan.sources[last])?;
                Timestamp(modified.0.saturating_sub(plan.config.compaction.delete_retention_ms))
            }
            None => Timestamp(0),
        };
        let transactions = WalkedTransactions::default();
        Ok(Self { map, transactions, groups, group: None, ready: None, making: None, legacy_horizon })
    }

    pub(super) fn is_done(&self) -> bool {
        self.groups.is_empty() && self.group.is_none() && self.ready.is_none()
    }

    /// Everything below is compacted after the round.
    pub(super) const fn end_offset(&self) -> Offset {
        self.map.latest().next()
    }

    /// Base offset of the segment of which there may be `.cleaned` files.
    pub(super) const fn making(&self) -> Option<Offset> {
        self.making
    }

    /// The group that is written and waits for its place.
    pub(super) const fn ready(&self) -> Option<&ReadyGroup> {
        self.ready.as_ref()
    }

    /// Takes that group: it has got its place.
    pub(super) fn take_ready(&mut self) -> Option<ReadyGroup> {
        self.making = None;
        self.ready.take()
    }

    /// Goes on by a batch, or to the next segment or group.
    pub(super) fn step(&mut self, plan: &mut Plan, stats: &mut CleaningStats) -> Result<(), CleanError> {
        let Some(group) = &mut self.group else {
            let Some(sources) = self.groups.pop_front() else { return Ok(()) };
            let base_offset = plan.sources[sources.start].base_offset;
            let interval = plan.config.index_interval_bytes;
            self.making = Some(base_offset);
            let writer = CleanedSegment::create(&*plan.disk, &plan.dir, base_offset, interval)?;
            let at = sources.start;
            self.group =
                Some(GroupPass { sources, at, reader: None, drops_legacy_tombstones: false, writer });
            return Ok(());
        };
        if group.at == group.sources.end {
            let GroupPass { sources, writer, .. } = self.group.take().expect("looked at above");
            let last_modified = modified(plan, plan.sources[sources.end - 1])?;
            let segment = writer.finish(&*plan.disk, &plan.dir, last_modified)?;
            stats.segments_written += 1;
            self.ready = Some(ReadyGroup { sources, segment });
            return Ok(());
        }
        let source = plan.sources[group.at];
        let Some(reader) = &mut group.reader else {
            // All that concern the segment, whole: its index is made anew from them.
            let (from, to) = (source.base_offset, source.end_offset);
            self.transactions.add(plan.aborted.between(&*plan.disk, &plan.dir, from, to)?);
            group.drops_legacy_tombstones = modified(plan, source)? <= self.legacy_horizon;
            group.reader = Some(open(plan, source)?);
            return Ok(());
        };
        let filter = Filter {
            map: &self.map,
            last_records: &plan.last_records,
            first_uncleanable: plan.first_uncleanable,
            now: plan.now,
            delete_retention_ms: plan.config.compaction.delete_retention_ms,
            drops_legacy_tombstones: group.drops_legacy_tombstones,
        };
        let Some(batch) = reader.next()? else {
            group.reader = None;
            group.at += 1;
            return Ok(());
        };
        let size = batch.bytes().len();
        let result = filter.apply(&batch, &mut self.transactions).map(|filtered| {
            let bytes = match &filtered.outcome {
                Outcome::Kept => batch.bytes(),
                Outcome::Rewritten(bytes) => bytes,
                Outcome::Dropped => &[],
            };
            note(stats, size, bytes.len(), &filtered);
            let appended = if bytes.is_empty() { Ok(()) } else { group.writer.append(bytes) };
            appended.map(|()| filtered.aborted)
        });
        match result {
            Ok(appended) => {
                if let Some(entry) = appended? {
                    group.writer.push_aborted(entry);
                }
                Ok(())
            }
            Err(FilterError::UnknownTransaction(_)) => {
                Err(CleanError::TransactionIndex { base_offset: source.base_offset })
            }
            Err(error) => Err(reader.damage_before(size, &error)),
        }
    }
}

fn note(stats: &mut CleaningStats, read: usize, written: usize, filtered: &Filtered) {
    stats.bytes_read += read as u64;
    stats.bytes_written += written as u64;
    stats.records_read += filtered.records;
    stats.records_written += filtered.records_kept;
    stats.records_without_key += filtered.records_without_key;
}

fn open(plan: &Plan, source: Source) -> Result<BatchReader, StorageError> {
    let path = FileName::live(source.base_offset, FileKind::Log).in_dir(&plan.dir);
    let file = plan.disk.open(&path, OpenMode::ReadOnly)?;
    Ok(BatchReader::new(source, file, plan.options.io_buffer_size))
}

/// When a segment was last written to, before it was compacted for the first time.
fn modified(plan: &Plan, source: Source) -> Result<Timestamp, StorageError> {
    let path = FileName::live(source.base_offset, FileKind::Log).in_dir(&plan.dir);
    Ok(plan.disk.stat(&path)?.map_or(Timestamp::NONE, |stat| stat.modified))
}
