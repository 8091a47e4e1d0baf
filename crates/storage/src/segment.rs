//! One segment: a file of batches and its indexes.
//!
//! What a segment knows of itself is loaded when it is needed: a partition that nobody uses costs no open file and a few
//! hundred bytes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ottla_protocol::record::legacy::AnyHeader;
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::Offset;

use crate::config::LogConfig;
use crate::error::StorageError;
use crate::index::offset::OffsetEntry;
use crate::index::time::TimeEntry;
use crate::index::transaction::TransactionIndex;
use crate::index::{IndexEntry, SparseIndex};
use crate::io::{Disk, DiskFile, OpenMode, read_exact_at};
use crate::layout::{FileKind, FileName};

/// Largest offset of a segment less its base: what 31 bits hold.
pub(crate) const RELATIVE_OFFSET_MAX: i64 = i32::MAX as i64;

/// The largest timestamp of a segment and the last offset of the batch that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MaxTimestamp {
    pub timestamp: Timestamp,
    pub offset: Offset,
}

/// Both sparse indexes, which grow together.
#[derive(Debug, Default)]
pub(crate) struct Indexes {
    /// Both have a file.
    have_files: bool,
    pub offsets: SparseIndex<OffsetEntry>,
    pub times: SparseIndex<TimeEntry>,
}

/// One segment of a log.
#[derive(Debug)]
pub(crate) struct Segment {
    pub base_offset: Offset,
    /// Size of the batches, in bytes.
    pub size: u32,
    /// When the segment was begun by this process.
    pub created: Timestamp,
    /// Largest timestamp of the first batch; `None` if not known yet.
    first_timestamp: Option<Timestamp>,
    max_timestamp: Option<MaxTimestamp>,
    file: Option<Arc<dyn DiskFile>>,
    indexes: Option<Box<Indexes>>,
    pub transactions: TransactionIndex,
    bytes_since_index_entry: u32,
    /// What is taken off `segment.ms`.
    pub roll_jitter_ms: i64,
    /// Batches, indexes and the next segment's snapshot are on the disk, and will not change.
    pub is_synced: bool,
}

impl Segment {
    /// A segment without batches, which has no file yet or an empty one.
    pub(crate) fn new(base_offset: Offset, now: Timestamp, roll_jitter_ms: i64) -> Self {
        Self {
            base_offset,
            size: 0,
            created: now,
            first_timestamp: None,
            max_timestamp: Some(MaxTimestamp { timestamp: Timestamp::NONE, offset: base_offset }),
            file: None,
            indexes: Some(Box::default()),
            transactions: TransactionIndex::on_disk(false),
            bytes_since_index_entry: 0,
            roll_jitter_ms,
            is_synced: false,
        }
    }

    /// A segment that is on the disk, with `size` bytes of batches.
    pub(crate) fn on_disk(
        base_offset: Offset,
        size: u32,
        has_transaction_index: bool,
        now: Timestamp,
    ) -> Self {
        Self {
            size,
            max_timestamp: None,
            indexes: None,
            transactions: TransactionIndex::on_disk(has_transaction_index),
            is_synced: true,
            ..Self::new(base_offset, now, 0)
        }
    }

    pub(crate) fn path(&self, dir: &Path, kind: FileKind) -> PathBuf {
        FileName::live(self.base_offset, kind).in_dir(dir)
    }

    /// The file of batches, opened if need be.
    pub(crate) fn file(&mut self, disk: &dyn Disk, dir: &Path) -> Result<&Arc<dyn DiskFile>, StorageError> {
        if self.file.is_none() {
            let path = self.path(dir, FileKind::Log);
            self.file = Some(disk.open(&path, OpenMode::Existing)?);
        }
        Ok(self.file.as_ref().expect("opened above"))
    }

    pub(crate) const fn open_file(&self) -> Option<&Arc<dyn DiskFile>> {
        self.file.as_ref()
    }

    pub(crate) fn set_file(&mut self, file: Arc<dyn DiskFile>) {
        self.file = Some(file);
    }

    /// Opens the indexes if they are not open. `false` if they are missing, or cannot be those of a segment that ends before
    /// `end_offset`: then they must be made anew from the batches.
    pub(crate) fn open_indexes(
        &mut self,
        disk: &dyn Disk,
        dir: &Path,
        end_offset: Offset,
        config: &LogConfig,
    ) -> Result<bool, StorageError> {
        if self.indexes.is_some() {
            return Ok(true);
        }
        let relative_end = end_offset.0.saturating_sub(self.base_offset.0);
        let is_inside = |relative: u32| i64::from(relative) < relative_end;
        let offsets = read_index(disk, &self.path(dir, FileKind::OffsetIndex), |_, last: &OffsetEntry| {
            is_inside(last.relative_offset) && last.position < self.size
        })?;
        let times =
            read_index(disk, &self.path(dir, FileKind::TimeIndex), |first: &TimeEntry, last: &TimeEntry| {
                is_inside(last.relative_offset)
                    && first.timestamp >= Timestamp(0)
                    && first.timestamp <= last.timestamp
            })?;
        let (Some(offsets), Some(times)) = (offsets, times) else { return Ok(false) };
        // A segment of this size has had an entry, and every segment with a timestamp has one in the time index.
        let lacks_entries = offsets.len() == 0 && self.size > 16 * config.index_interval_bytes.max(4096);
        if lacks_entries || (times.len() == 0 && self.size > 0) {
            return Ok(false);
        }
        let last = times.last();
        self.max_timestamp.get_or_insert(MaxTimestamp {
            timestamp: last.map_or(Timestamp::NONE, |last| last.timestamp),
            offset: self.base_offset.plus(last.map_or(0, |last| i64::from(last.relative_offset))),
        });
        self.indexes = Some(Box::new(Indexes { have_files: true, offsets, times }));
        Ok(true)
    }

    /// The indexes, if they are open.
    pub(crate) fn indexes(&self) -> Option<&Indexes> {
        self.indexes.as_deref()
    }

    /// Largest timestamp; known once the indexes were opened.
    pub(crate) const fn max_timestamp(&self) -> Option<MaxTimestamp> {
        self.max_timestamp
    }

    pub(crate) fn set_max_timestamp(&mut self, max: MaxTimestamp) {
        self.max_timestamp = Some(max);
    }

    /// Largest timestamp of the first batch, read if need be; `None` if there is no batch.
    pub(crate) fn first_timestamp(
        &mut self,
        disk: &dyn Disk,
        dir: &Path,
    ) -> Result<Option<Timestamp>, StorageError> {
        if self.first_timestamp.is_none() && self.size > 0 {
            let mut head = [0; 64];
            let file = self.file(disk, dir)?;
            let read = file.read_at(&mut head, 0)?;
            let header = AnyHeader::parse(&head[..read]).ok();
            self.first_timestamp = Some(header.map_or(Timestamp::NONE, |header| header.max_timestamp()));
        }
        Ok(self.first_timestamp)
    }

    /// Takes note of a batch that was written at the end. The indexes must be open.
    #[inline]
    pub(crate) fn note_batch(&mut self, header: &AnyHeader, index_interval_bytes: u32) {
        if self.size == 0 {
            self.first_timestamp = Some(header.max_timestamp());
        }
        self.index_batch(self.size, header, index_interval_bytes);
        self.size += size_of(header);
        self.is_synced = false;
    }

    /// Gives the batch at `position` an index entry if one is due. The indexes must be open.
    #[inline]
    pub(crate) fn index_batch(&mut self, position: u32, header: &AnyHeader, index_interval_bytes: u32) {
        let offset = header.last_offset();
        let timestamp = header.max_timestamp();
        if self.max_timestamp.is_none_or(|max| timestamp > max.timestamp) {
            self.max_timestamp = Some(MaxTimestamp { timestamp, offset });
        }
        if self.bytes_since_index_entry > index_interval_bytes {
            let relative_offset = relative_to(self.base_offset, offset);
            let indexes = self.indexes.as_mut().expect("open in a segment that grows");
            indexes.offsets.push(OffsetEntry { relative_offset, position });
            self.bytes_since_index_entry = 0;
            self.note_max_timestamp();
        }
        self.bytes_since_index_entry = self.bytes_since_index_entry.saturating_add(size_of(header));
    }

    /// Gives the largest timestamp a time index entry, if it has none.
    pub(crate) fn note_max_timestamp(&mut self) {
        let (Some(max), Some(indexes)) = (self.max_timestamp, self.indexes.as_mut()) else { return };
        let last = indexes.times.last().map_or(Timestamp::NONE, |last| last.timestamp);
        if max.timestamp > last {
            let relative_offset = relative_to(self.base_offset, max.offset);
            indexes.times.push(TimeEntry { timestamp: max.timestamp, relative_offset });
        }
    }

    /// Says how many bytes lie behind the last indexed batch.
    pub(crate) const fn set_bytes_since_index_entry(&mut self, bytes: u32) {
        self.bytes_since_index_entry = bytes;
    }

    /// Whether `added` more entries may not fit one of the indexes. Kafka keeps a place of the time index for the roll.
    pub(crate) fn is_index_full(&self, config: &LogConfig, added: u32) -> bool {
        let Some(indexes) = &self.indexes else { return false };
        let offsets_max = config.segment_index_bytes / OffsetEntry::SIZE as u32;
        let times_max = (config.segment_index_bytes / TimeEntry::SIZE as u32).saturating_sub(1);
        indexes.offsets.len().saturating_add(added) >= offsets_max
            || indexes.times.len().saturating_add(added) >= times_max
    }

    /// Writes what index files lack if enough of it has gathered. An error changes nothing: the next append tries again.
    pub(crate) fn maybe_spill(&mut self, disk: &dyn Disk, dir: &Path) -> Result<(), StorageError> {
        if self.indexes.as_ref().is_some_and(|indexes| indexes.offsets.is_spill_due()) {
            self.spill(disk, dir)
        } else {
            Ok(())
        }
    }

    /// Writes what index files lack, creating them if need be. Not synced.
    pub(crate) fn spill(&mut self, disk: &dyn Disk, dir: &Path) -> Result<(), StorageError> {
        let base_offset = self.base_offset;
        self.spill_as(disk, |kind| FileName::live(base_offset, kind).in_dir(dir))
    }

    /// [`Self::spill`] to files of other names.
    pub(crate) fn spill_as(
        &mut self,
        disk: &dyn Disk,
        path: impl Fn(FileKind) -> PathBuf,
    ) -> Result<(), StorageError> {
        if let Some(indexes) = &mut self.indexes {
            indexes.offsets.spill(disk, &path(FileKind::OffsetIndex))?;
            indexes.times.spill(disk, &path(FileKind::TimeIndex))?;
            indexes.have_files = true;
        }
        self.transactions.spill(disk, &path(FileKind::TransactionIndex))
    }

    /// The kinds of files that it has once its indexes are written.
    pub(crate) fn file_kinds(&self) -> impl Iterator<Item = FileKind> + use<> {
        let has_transactions = self.transactions.has_file();
        let has = move |kind: &FileKind| *kind != FileKind::TransactionIndex || has_transactions;
        FileKind::OF_SEGMENT.into_iter().filter(has)
    }

    /// Lets go of what was opened for reading, if all of it is on the disk.
    pub(crate) fn release(&mut self) {
        self.file = None;
        let max = self.max_timestamp.map_or(Timestamp::NONE, |max| max.timestamp);
        let is_written = |open: &Indexes| {
            let last = open.times.last().map_or(Timestamp::NONE, |last| last.timestamp);
            open.have_files && open.offsets.tail().is_empty() && open.times.tail().is_empty() && last >= max
        };
        if self.indexes.as_deref().is_some_and(is_written) {
            self.indexes = None;
        }
        self.transactions.release();
    }

    /// Begins the indexes anew, for a scan from the beginning.
    pub(crate) fn reset_indexes(&mut self, disk: &dyn Disk, dir: &Path) -> Result<(), StorageError> {
        self.reset_sparse_indexes();
        self.first_timestamp = None;
        self.is_synced = false;
        self.transactions.reset(disk, &self.path(dir, FileKind::TransactionIndex))
    }

    /// Begins the two sparse indexes anew, for a walk from the beginning.
    pub(crate) fn reset_sparse_indexes(&mut self) {
        self.indexes = Some(Box::default());
        self.max_timestamp = Some(MaxTimestamp { timestamp: Timestamp::NONE, offset: self.base_offset });
        self.bytes_since_index_entry = 0;
    }
}

/// `offset` relative to `base`. Panics if it lies outside of a segment at `base`, which is checked where batches come in.
pub(crate) fn relative_to(base: Offset, offset: Offset) -> u32 {
    let relative = offset.0 - base.0;
    assert!((0..=RELATIVE_OFFSET_MAX).contains(&relative), "offset {offset} in the segment at {base}");
    relative as u32
}

/// Whether `offset` can be in a segment at `base`.
pub(crate) const fn is_in_range(base: Offset, offset: Offset) -> bool {
    match offset.0.checked_sub(base.0) {
        Some(relative) => relative >= 0 && relative <= RELATIVE_OFFSET_MAX,
        None => false,
    }
}

fn size_of(header: &AnyHeader) -> u32 {
    u32::try_from(header.size_bytes()).expect("a batch fits its segment")
}

/// The index in a file; `None` if there is no file, or its size, first or last entry cannot be.
fn read_index<E: IndexEntry>(
    disk: &dyn Disk,
    path: &Path,
    is_plausible: impl Fn(&E, &E) -> bool,
) -> Result<Option<SparseIndex<E>>, StorageError> {
    let file = match disk.open(path, OpenMode::ReadOnly) {
        Ok(file) => file,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    let size = file.len()?;
    let Ok(count) = u32::try_from(size / E::SIZE as u64) else { return Ok(None) };
    if size % E::SIZE as u64 != 0 {
        return Ok(None);
    }
    if count == 0 {
        return Ok(Some(SparseIndex::default()));
    }
    let mut bytes = [0; 16];
    let mut entry = |index: u32| {
        read_exact_at(&*file, &mut bytes[..E::SIZE], u64::from(index) * E::SIZE as u64)?;
        Ok::<_, StorageError>(E::decode(&bytes[..E::SIZE]))
    };
    let (first, last) = (entry(0)?, entry(count - 1)?);
    Ok(is_plausible(&first, &last).then(|| SparseIndex::with_file(count, Some(last))))
}
