//! Recovery: reading a log's batches to learn where it ends and what is in it.

use std::sync::Arc;

use ottla_protocol::record::BatchError;
use ottla_protocol::record::legacy::AnyHeader;
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{LeaderEpoch, Offset};

use super::Log;
use super::open::OpenContext;
use crate::error::StorageError;
use crate::io::DiskFile;
use crate::layout::{FileKind, FileName};
use crate::recovery::{Behind, Damage, OnDamage, OpenError, RecoveryReport, Search, TornTail, is_lost_write};
use crate::segment::is_in_range;
use crate::walk::{Access, BatchFault, CHUNK_SIZE, HeaderReader, ReadFault, SCAN_SIZE, check_crc};

/// Where a scan ends before the segment does.
struct BadBatch {
    position: u32,
    expected: Offset,
    fault: BatchFault,
}

impl Log {
    /// Finds the log's end: by a look at the last batches after a clean stop, else by a scan of all that may not be synced.
    pub(super) fn find_end(
        &mut self,
        context: &OpenContext,
        report: &mut RecoveryReport,
    ) -> Result<(), OpenError> {
        let last = self.segments.len() - 1;
        if context.had_clean_shutdown {
            if self.find_clean_end(report)? {
                return Ok(());
            }
            // Whatever closed the log, it did not leave it in order.
            return self.scan_from(last, context, report);
        }
        let first = self.segment_of(context.recovery_point);
        self.scan_from(first, context, report)
    }

    /// The log's end by the batches behind the last index entry; `false` if the file does not end with a batch.
    fn find_clean_end(&mut self, report: &mut RecoveryReport) -> Result<bool, StorageError> {
        let last = self.segments.len() - 1;
        let base_offset = self.segments[last].base_offset;
        self.log_end_offset = base_offset;
        if self.segments[last].size == 0 {
            self.segments[last].reset_sparse_indexes();
            return Ok(true);
        }
        // The end is what is looked for: no entry is too far.
        self.log_end_offset = Offset(i64::MAX);
        let (disk, dir, config) = (Arc::clone(&self.disk), Arc::clone(&self.dir), Arc::clone(&self.config));
        let mut is_usable = self.segments[last].open_indexes(&*disk, &dir, Offset(i64::MAX), &config)?;
        loop {
            if !is_usable {
                report.indexes_rebuilt += 1;
                self.rebuild_indexes(last)?;
            }
            if let Some(end) = self.walk_tail(last)?
                && self.is_time_index_right(last)?
            {
                self.log_end_offset = end;
                return Ok(true);
            }
            if !is_usable {
                return Ok(false);
            }
            is_usable = false;
        }
    }

    /// Walks from the last index entry to the end of the segment; `None` if it leads astray.
    fn walk_tail(&mut self, index: usize) -> Result<Option<Offset>, StorageError> {
        let (disk, dir) = (Arc::clone(&self.disk), Arc::clone(&self.dir));
        let segment = &mut self.segments[index];
        let (base_offset, size) = (segment.base_offset, segment.size);
        let file = Arc::clone(segment.file(&*disk, &dir)?);
        let indexes = segment.indexes().expect("opened before");
        let (entry, time_entry) = (indexes.offsets.last(), indexes.times.last());
        let mut buffer = [0; 1024];
        let mut reader = HeaderReader::new(&file, size, Access::Wait, &mut buffer);
        let (mut position, mut end) = (entry.map_or(0, |entry| entry.position), base_offset);
        let mut max = segment.max_timestamp().map_or(Timestamp::NONE, |max| max.timestamp);
        let mut bytes_since_entry = 0;
        while position < size {
            let Ok(header) = reader.at(position).map_err(ReadFault::into_storage)? else { return Ok(None) };
            let is_indexed = entry.is_some_and(|entry| entry.position == position);
            let expected =
                entry.filter(|_| is_indexed).map(|entry| base_offset.plus(i64::from(entry.relative_offset)));
            let is_placed = header.last_offset() >= end && is_in_range(base_offset, header.last_offset());
            if !is_placed || expected.is_some_and(|expected| expected != header.last_offset()) {
                return Ok(None);
            }
            if header.max_timestamp() > max {
                max = header.max_timestamp();
                segment.set_max_timestamp(crate::segment::MaxTimestamp {
                    timestamp: max,
                    offset: header.last_offset(),
                });
            }
            end = header.next_offset();
            position += header.size_bytes() as u32;
            bytes_since_entry = if is_indexed { 0 } else { bytes_since_entry + header.size_bytes() as u32 };
        }
        segment.set_bytes_since_index_entry(bytes_since_entry);
        let is_beyond = |relative: u32| base_offset.plus(i64::from(relative)) >= end;
        Ok((!time_entry.is_some_and(|entry| is_beyond(entry.relative_offset))).then_some(end))
    }

    /// Scans the segments from `first` on, and cuts the log before the first bad batch.
    fn scan_from(
        &mut self,
        first: usize,
        context: &OpenContext,
        report: &mut RecoveryReport,
    ) -> Result<(), OpenError> {
        let start = self.segments[first].base_offset;
        // Snapshots from there on are made anew: they may be torn.
        for offset in self.snapshots.split_off(&start.next()) {
            self.disk.remove_file(&FileName::live(offset, FileKind::ProducerSnapshot).in_dir(&self.dir))?;
        }
        self.load_producers(start, context.now.wall)?;
        self.log_end_offset = start;
        for index in first..self.segments.len() {
            report.segments_scanned += usize::from(self.segments[index].size > 0);
            let base_offset = self.segments[index].base_offset;
            if index > first {
                self.write_snapshot(base_offset);
            }
            if let Some(bad) =
                self.check_gap(index, first, context).map_or_else(|| self.scan(index), |bad| Ok(Some(bad)))?
            {
                self.settle_bad_batch(index, &bad, context, report)?;
                break;
            }
            let (disk, dir) = (Arc::clone(&self.disk), Arc::clone(&self.dir));
            if index + 1 < self.segments.len() {
                let segment = &mut self.segments[index];
                segment.note_max_timestamp();
                segment.spill(&*disk, &dir)?;
            }
        }
        self.write_snapshot(self.log_end_offset);
        Ok(())
    }

    /// A segment that begins behind the end of the one before it: the end of that one was not synced, and is gone. In a compacted
    /// log there may be such gaps.
    fn check_gap(&self, index: usize, first: usize, context: &OpenContext) -> Option<BadBatch> {
        let is_gap = index > first
            && !self.config.cleanup_policy.compact
            && !context.was_compacted
            && self.segments[index].base_offset > self.log_end_offset
            && self.log_end_offset >= context.recovery_point;
        let (expected, got) = (self.log_end_offset, self.segments[index].base_offset);
        let fault = BatchFault::Gap { end: expected.0, base: got.0 };
        is_gap.then_some(BadBatch { position: 0, expected, fault })
    }

    /// Checks every batch of a segment, and makes what is derived from them anew.
    fn scan(&mut self, index: usize) -> Result<Option<BadBatch>, StorageError> {
        let (disk, dir) = (Arc::clone(&self.disk), Arc::clone(&self.dir));
        let index_interval_bytes = self.config.index_interval_bytes;
        self.segments[index].reset_indexes(&*disk, &dir)?;
        let (base_offset, size) = (self.segments[index].base_offset, self.segments[index].size);
        self.log_end_offset = self.log_end_offset.max(base_offset);
        if size == 0 {
            return Ok(None);
        }
        let file = Arc::clone(self.segments[index].file(&*disk, &dir)?);
        let mut headers = vec![0; SCAN_SIZE.min(size as usize).max(64)];
        let mut bytes = vec![0; CHUNK_SIZE.min(size as usize).max(64)];
        let mut reader = HeaderReader::new(&file, size, Access::Wait, &mut headers);
        let end = self.segments.get(index + 1).map_or(Offset(i64::MAX), |next| next.base_offset);
        let mut previous: Option<(BadBatch, AnyHeader)> = None;
        let mut position = 0;
        while position < size {
            let expected = self.log_end_offset;
            let range = Range {
                base_offset,
                expected,
                end,
                epoch: previous.as_ref().map(|(_, header)| epoch_of(header)),
            };
            let header = match check_batch(&mut reader, position, &range, &mut bytes)? {
                Ok(header) => header,
                Err(fault) => return Ok(Some(blame(previous, BadBatch { position, expected, fault }))),
            };
            self.take_in(index, position, &header, &file)?;
            self.segments[index].index_batch(position, &header, index_interval_bytes);
            self.segments[index].maybe_spill(&*disk, &dir)?;
            self.log_end_offset = header.next_offset();
            let got = header.base_offset().unwrap_or(expected).0;
            let fault = BatchFault::Order { expected: expected.0, got };
            previous = Some((BadBatch { position, expected, fault }, header));
            position += header.size_bytes() as u32;
        }
        Ok(None)
    }

    /// Follows the epoch and the producer of a batch of a scanned segment.
    fn take_in(
        &mut self,
        index: usize,
        position: u32,
        header: &AnyHeader,
        file: &Arc<dyn DiskFile>,
    ) -> Result<(), StorageError> {
        self.note_epoch(header);
        if let Some(entry) = self.follow_header(position, header, file)? {
            self.segments[index].transactions.push(entry);
        }
        Ok(())
    }

    /// Decides what a bad batch is, and cuts the log before it if it may be cut.
    fn settle_bad_batch(
        &mut self,
        index: usize,
        bad: &BadBatch,
        context: &OpenContext,
        report: &mut RecoveryReport,
    ) -> Result<(), OpenError> {
        let (disk, dir) = (Arc::clone(&self.disk), Arc::clone(&self.dir));
        let below_recovery_point = bad.expected < context.recovery_point;
        let path = self.segments[index].path(&dir, FileKind::Log);
        if let Some(behind) = self.find_behind(index, bad)? {
            let file = Arc::clone(self.segments[index].file(&*disk, &dir)?);
            let is_in_later = behind.position == 0;
            let end = if is_in_later { self.segments[index].size } else { behind.position };
            let is_short = is_in_later
                && matches!(
                    bad.fault,
                    BatchFault::Framing(BatchError::Incomplete { .. }) | BatchFault::Gap { .. }
                );
            let is_lost =
                !below_recovery_point && (is_short || is_lost_write(&file, bad.position, end, is_in_later)?);
            if !is_lost {
                let damage = Damage {
                    path,
                    position: u64::from(bad.position),
                    offset: bad.expected,
                    resumes_at: behind.base_offset,
                    reason: bad.fault.to_string(),
                };
                if context.on_damage == OnDamage::Refuse {
                    return Err(OpenError::Damaged(Box::new(damage)));
                }
                report.damage = Some(damage);
            }
        }
        let mut size = u64::from(self.segments[index].size - bad.position);
        while self.segments.len() > index + 1 {
            let later = self.segments.pop_back().expect("a later segment");
            size += u64::from(later.size);
            report.files_removed += self.remove_segment_files(later.base_offset)?;
        }
        let torn_segment = self.segments[index].base_offset;
        if torn_segment > bad.expected {
            // The log ends with the segment before.
            self.segments.pop_back();
            report.files_removed += self.remove_segment_files(torn_segment)?;
        } else {
            self.disk.sync_dir(&dir)?;
            let segment = &mut self.segments[index];
            segment.file(&*disk, &dir)?.set_len(u64::from(bad.position))?;
            segment.size = bad.position;
        }
        self.sync.note_dir_change();
        report.torn_tail = Some(TornTail {
            segment: torn_segment,
            position: u64::from(bad.position),
            size,
            reason: bad.fault.to_string(),
            below_recovery_point,
        });
        Ok(())
    }

    fn remove_segment_files(&mut self, base_offset: Offset) -> Result<usize, StorageError> {
        let mut removed = 0;
        for kind in FileKind::OF_SEGMENT {
            removed +=
                usize::from(self.disk.remove_file(&FileName::live(base_offset, kind).in_dir(&self.dir))?);
        }
        if self.snapshots.remove(&base_offset) {
            let path = FileName::live(base_offset, FileKind::ProducerSnapshot).in_dir(&self.dir);
            removed += usize::from(self.disk.remove_file(&path)?);
        }
        Ok(removed)
    }

    /// The first valid batch behind a bad one: in its segment, or at the beginning of a later one (position 0).
    fn find_behind(&mut self, index: usize, bad: &BadBatch) -> Result<Option<Behind>, StorageError> {
        let (disk, dir) = (Arc::clone(&self.disk), Arc::clone(&self.dir));
        let segment = &mut self.segments[index];
        let (base_offset, size) = (segment.base_offset, segment.size);
        let search = Search {
            file: &Arc::clone(segment.file(&*disk, &dir)?),
            segment: base_offset,
            size,
            from: bad.position,
            expected: bad.expected,
            reaches_beyond: matches!(bad.fault, BatchFault::Framing(BatchError::Incomplete { .. })),
        };
        if matches!(bad.fault, BatchFault::Gap { .. }) {
            // A gap between segments: the batch itself is good.
            return Ok(Some(Behind { position: 0, base_offset }));
        }
        if let BatchFault::Misplaced { next, position } = bad.fault {
            return Ok(Some(Behind { position, base_offset: Offset(next) }));
        }
        if let Some(behind) = search.run()? {
            return Ok(Some(behind));
        }
        let mut bytes = vec![0; CHUNK_SIZE];
        for later in index + 1..self.segments.len() {
            let segment = &mut self.segments[later];
            let (base_offset, size) = (segment.base_offset, segment.size);
            if size == 0 {
                continue;
            }
            let file = Arc::clone(segment.file(&*disk, &dir)?);
            let mut headers = [0; 64];
            let mut reader = HeaderReader::new(&file, size, Access::Wait, &mut headers);
            let expected = bad.expected.max(base_offset);
            let range = Range { base_offset, expected, end: Offset(i64::MAX), epoch: None };
            if check_batch(&mut reader, 0, &range, &mut bytes)?.is_ok() {
                return Ok(Some(Behind { position: 0, base_offset }));
            }
        }
        Ok(None)
    }
}

/// Where the offsets of a batch must lie.
struct Range {
    /// Of the segment.
    base_offset: Offset,
    /// End of the batch before.
    expected: Offset,
    /// Base offset of the next segment.
    end: Offset,
    /// Leader epoch of the batch before.
    epoch: Option<LeaderEpoch>,
}

/// Reads and checks the batch at `position`.
fn check_batch(
    reader: &mut HeaderReader<'_>,
    position: u32,
    range: &Range,
    bytes: &mut [u8],
) -> Result<Result<AnyHeader, BatchFault>, StorageError> {
    let header = match reader.at(position).map_err(ReadFault::into_storage)? {
        Ok(header) => header,
        Err(error) => return Ok(Err(error.into())),
    };
    if let Err(fault) = check_crc(reader, position, &header, bytes)? {
        return Ok(Err(fault));
    }
    let (last_offset, epoch) = (header.last_offset(), epoch_of(&header));
    let got = header.base_offset().unwrap_or(last_offset);
    Ok(if got < range.expected || last_offset < got {
        Err(BatchFault::Order { expected: range.expected.0, got: got.0 })
    } else if !is_in_range(range.base_offset, last_offset) || last_offset >= range.end {
        Err(BatchFault::Range(last_offset.0))
    } else if range.epoch.is_some_and(|before| epoch >= LeaderEpoch(0) && epoch < before) {
        Err(BatchFault::Epoch { before: range.epoch.map_or(-1, |before| before.0), got: epoch.0 })
    } else {
        Ok(header)
    })
}

fn epoch_of(header: &AnyHeader) -> LeaderEpoch {
    match header {
        AnyHeader::Current(header) => header.leader_epoch,
        AnyHeader::Legacy(_) => LeaderEpoch::UNKNOWN,
    }
}

/// Which of two batches is the bad one. The CRC does not cover the base offset: if a batch left a gap, and the one behind it
/// is where it would be without, then the gap is the fault.
fn blame(previous: Option<(BadBatch, AnyHeader)>, bad: BadBatch) -> BadBatch {
    let (Some((before, header)), BatchFault::Order { got, .. }) = (previous, &bad.fault) else { return bad };
    let left_gap = header.base_offset().is_some_and(|base| base > before.expected);
    if !left_gap || *got < before.expected.0 {
        return bad;
    }
    BadBatch { fault: BatchFault::Misplaced { next: *got, position: bad.position }, ..before }
}
