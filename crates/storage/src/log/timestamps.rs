//! From a timestamp to an offset. The search reads and may decompress batches, so it is handed out as a job.

use std::sync::Arc;

use ottla_protocol::record::legacy::{AnyHeader, LegacyView};
use ottla_protocol::record::scan::scan_records;
use ottla_protocol::record::{BatchHeader, BatchView};
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{LeaderEpoch, Offset};

use super::Log;
use crate::error::StorageError;
use crate::index::IndexEntry;
use crate::index::offset::OffsetEntry;
use crate::index::time::TimeEntry;
use crate::io::{Disk, DiskFile, OpenMode, read_exact_at};
use crate::layout::{FileKind, FileName};
use crate::segment::{MaxTimestamp, Segment};
use crate::walk::{Access, CHUNK_SIZE, HeaderReader, ReadFault, read_batch};

/// Most that the records of one batch may decompress to. They are looked at piece by piece.
const DECOMPRESSED_SIZE_MAX: usize = 1 << 30;
/// Most that an old compressed set may decompress to: it is held in memory.
const LEGACY_DECOMPRESSED_SIZE_MAX: usize = 64 << 20;

/// A record found by timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampedOffset {
    /// The record's timestamp.
    pub timestamp: Timestamp,
    /// Its offset.
    pub offset: Offset,
    /// Epoch of the leader that appended it; `None` if the batch has none.
    pub leader_epoch: Option<LeaderEpoch>,
}

/// A search by timestamp. It reads and decompresses batches: run it on another thread.
#[derive(Debug)]
pub struct TimestampLookup {
    disk: Arc<dyn Disk>,
    dir: Arc<std::path::Path>,
    log_start_offset: Offset,
    segments: Vec<SegmentView>,
    /// `None` looks for the largest timestamp.
    target: Option<Timestamp>,
    /// While it is held, compaction moves no segment.
    _lookup: Arc<()>,
}

/// A segment as it was when the search was handed out.
#[derive(Debug)]
struct SegmentView {
    base_offset: Offset,
    size: u32,
    max_timestamp: Option<MaxTimestamp>,
    /// Index entries that are not in the files.
    offsets_tail: Vec<OffsetEntry>,
    times_tail: Vec<TimeEntry>,
}

impl Log {
    /// The search for the first record from the log start on whose timestamp is `timestamp` or later.
    ///
    /// Source: Kafka `UnifiedLog.searchOffsetInLocalLog`, `LogSegment.findOffsetByTimestamp`.
    pub fn offset_for_timestamp(&mut self, timestamp: Timestamp) -> Result<TimestampLookup, StorageError> {
        Ok(self.timestamp_lookup(Some(timestamp)))
    }

    /// The search for the record with the largest timestamp; the first of several.
    pub fn offset_of_max_timestamp(&mut self) -> Result<TimestampLookup, StorageError> {
        Ok(self.timestamp_lookup(None))
    }

    fn timestamp_lookup(&self, target: Option<Timestamp>) -> TimestampLookup {
        let may_have = |segment: &&Segment| {
            let max = segment.max_timestamp();
            segment.size > 0 && max.is_none_or(|max| target.is_none_or(|target| max.timestamp >= target))
        };
        let view = |segment: &Segment| SegmentView {
            base_offset: segment.base_offset,
            size: segment.size,
            max_timestamp: segment.max_timestamp(),
            offsets_tail: segment.indexes().map_or_else(Vec::new, |open| open.offsets.tail().to_vec()),
            times_tail: segment.indexes().map_or_else(Vec::new, |open| open.times.tail().to_vec()),
        };
        TimestampLookup {
            disk: Arc::clone(&self.disk),
            dir: Arc::clone(&self.dir),
            log_start_offset: self.log_start_offset,
            segments: self.segments.iter().filter(may_have).map(view).collect(),
            target,
            _lookup: Arc::clone(&self.lookups),
        }
    }
}

impl TimestampLookup {
    /// The record found, or `None` if there is none. Waits for the disk.
    pub fn run(self) -> Result<Option<TimestampedOffset>, StorageError> {
        match self.target {
            Some(target) => self.find_first(target),
            None => self.find_largest(),
        }
    }

    fn find_first(&self, target: Timestamp) -> Result<Option<TimestampedOffset>, StorageError> {
        for segment in &self.segments {
            let Some(file) = self.open(segment, FileKind::Log)? else { continue };
            let max = self.max_timestamp(segment)?;
            if max.is_some_and(|max| max.timestamp < target) {
                continue;
            }
            let from = self.time_floor(segment, target)?.unwrap_or(segment.base_offset);
            let position = self.position_of(segment, &file, from.max(self.log_start_offset))?;
            if let Some(found) = self.scan(segment, &file, position, |timestamp| timestamp >= target)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn find_largest(&self) -> Result<Option<TimestampedOffset>, StorageError> {
        let mut largest: Option<(MaxTimestamp, &SegmentView)> = None;
        for segment in &self.segments {
            let Some(max) = self.max_timestamp(segment)? else { continue };
            if largest.is_none_or(|(so_far, _)| max.timestamp > so_far.timestamp) {
                largest = Some((max, segment));
            }
        }
        let Some((max, segment)) = largest.filter(|(max, _)| max.timestamp > Timestamp::NONE) else {
            return Ok(None);
        };
        let Some(file) = self.open(segment, FileKind::Log)? else { return Ok(None) };
        let position = self.position_of(segment, &file, max.offset)?;
        self.scan(segment, &file, position, |timestamp| timestamp == max.timestamp)
    }

    /// The first record from `position` on, at or above the log start, that `is_wanted`.
    fn scan(
        &self,
        segment: &SegmentView,
        file: &Arc<dyn DiskFile>,
        mut position: u32,
        is_wanted: impl Fn(Timestamp) -> bool,
    ) -> Result<Option<TimestampedOffset>, StorageError> {
        let mut buffer = vec![0; CHUNK_SIZE];
        let mut reader = HeaderReader::new(file, segment.size, Access::Wait, &mut buffer);
        while position < segment.size {
            let Ok(header) = reader.at(position).map_err(ReadFault::into_storage)? else { break };
            // If any of its records is wanted, its largest timestamp is one that is.
            if header.last_offset() >= self.log_start_offset && is_wanted(header.max_timestamp()) {
                let bytes = read_batch(file, position, header.size_bytes())?;
                let found = first_record(&bytes, &header, |timestamp, offset| {
                    offset >= self.log_start_offset && is_wanted(timestamp)
                });
                if let Some((timestamp, offset)) = found {
                    return Ok(Some(TimestampedOffset {
                        timestamp,
                        offset,
                        leader_epoch: epoch_of(&header),
                    }));
                }
            }
            position += header.size_bytes() as u32;
        }
        Ok(None)
    }

    /// Where to begin in order not to miss the batch that holds `offset`.
    fn position_of(
        &self,
        segment: &SegmentView,
        file: &Arc<dyn DiskFile>,
        offset: Offset,
    ) -> Result<u32, StorageError> {
        let target = offset.0.saturating_sub(segment.base_offset.0);
        let is_at_or_below = |entry: &OffsetEntry| i64::from(entry.relative_offset) <= target;
        let floor = self.floor(segment, FileKind::OffsetIndex, &segment.offsets_tail, is_at_or_below)?;
        let Some(entry) = floor.filter(|entry| entry.position < segment.size) else { return Ok(0) };
        // An index that is not the segment's own is worth nothing.
        let mut head = [0; 64];
        let read = file.read_at(&mut head, u64::from(entry.position))?;
        let expected = segment.base_offset.plus(i64::from(entry.relative_offset));
        let is_right = AnyHeader::parse(&head[..read]).is_ok_and(|header| header.last_offset() == expected);
        Ok(if is_right { entry.position } else { 0 })
    }

    /// An offset before which no timestamp reaches `target`.
    fn time_floor(&self, segment: &SegmentView, target: Timestamp) -> Result<Option<Offset>, StorageError> {
        let is_at_or_below = |entry: &TimeEntry| entry.timestamp <= target;
        let floor = self.floor(segment, FileKind::TimeIndex, &segment.times_tail, is_at_or_below)?;
        Ok(floor.map(|entry| segment.base_offset.plus(i64::from(entry.relative_offset))))
    }

    fn max_timestamp(&self, segment: &SegmentView) -> Result<Option<MaxTimestamp>, StorageError> {
        if segment.max_timestamp.is_some() {
            return Ok(segment.max_timestamp);
        }
        let last = self.floor(segment, FileKind::TimeIndex, &segment.times_tail, |_: &TimeEntry| true)?;
        Ok(last.map(|last| MaxTimestamp {
            timestamp: last.timestamp,
            offset: segment.base_offset.plus(i64::from(last.relative_offset)),
        }))
    }

    /// The last entry that `is_at_or_below`, in memory or in the file.
    fn floor<E: IndexEntry>(
        &self,
        segment: &SegmentView,
        kind: FileKind,
        tail: &[E],
        is_at_or_below: impl Fn(&E) -> bool,
    ) -> Result<Option<E>, StorageError> {
        if let Some(at) = tail.partition_point(&is_at_or_below).checked_sub(1) {
            return Ok(Some(tail[at]));
        }
        let Some(file) = self.open(segment, kind)? else { return Ok(None) };
        let mut bytes = [0; 16];
        let mut entry = |index: u64| {
            read_exact_at(&*file, &mut bytes[..E::SIZE], index * E::SIZE as u64)?;
            Ok::<_, StorageError>(E::decode(&bytes[..E::SIZE]))
        };
        let (mut low, mut high) = (0, file.len()? / E::SIZE as u64);
        while low < high {
            let middle = low + (high - low) / 2;
            if is_at_or_below(&entry(middle)?) { low = middle + 1 } else { high = middle }
        }
        if low == 0 { Ok(None) } else { entry(low - 1).map(Some) }
    }

    /// A file of the segment; `None` if it is gone.
    fn open(&self, segment: &SegmentView, kind: FileKind) -> Result<Option<Arc<dyn DiskFile>>, StorageError> {
        let path = FileName::live(segment.base_offset, kind).in_dir(&self.dir);
        match self.disk.open(&path, OpenMode::ReadOnly) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn epoch_of(header: &AnyHeader) -> Option<LeaderEpoch> {
    match header {
        AnyHeader::Current(header) => Some(header.leader_epoch).filter(|epoch| *epoch >= LeaderEpoch(0)),
        AnyHeader::Legacy(_) => None,
    }
}

fn first_record(
    bytes: &[u8],
    header: &AnyHeader,
    is_wanted: impl Fn(Timestamp, Offset) -> bool,
) -> Option<(Timestamp, Offset)> {
    match header {
        AnyHeader::Current(header) => first_current_record(bytes, header, is_wanted),
        AnyHeader::Legacy(_) => {
            let records = LegacyView::first_of(bytes).ok()?.records(LEGACY_DECOMPRESSED_SIZE_MAX).ok()?;
            let mut records = records.iter().map(|record| (record.timestamp, record.offset));
            records.find(|(timestamp, offset)| is_wanted(*timestamp, *offset))
        }
    }
}

fn first_current_record(
    bytes: &[u8],
    header: &BatchHeader,
    is_wanted: impl Fn(Timestamp, Offset) -> bool,
) -> Option<(Timestamp, Offset)> {
    let batch = BatchView::first_of(bytes).ok()?;
    let mut found = None;
    // Records that cannot be read end the look, but not the search: the next batch may have what is wanted.
    let _ = scan_records(header, batch.records_bytes(), DECOMPRESSED_SIZE_MAX, |_, record| {
        let timestamp = record.timestamp(header);
        let offset = header.base_offset.plus(i64::from(record.offset_delta));
        if found.is_none() && is_wanted(timestamp, offset) {
            found = Some((timestamp, offset));
        }
    });
    found
}
