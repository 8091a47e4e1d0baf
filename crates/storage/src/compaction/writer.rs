//! A segment in the making: under its `.cleaned` names until it is whole and synced.

use std::io::IoSlice;
use std::path::Path;
use std::sync::Arc;

use ottla_protocol::record::legacy::AnyHeader;
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::Offset;

use super::CleanError;
use crate::index::transaction::AbortedTransactionEntry;
use crate::io::{Disk, DiskFile, OpenMode, StorageError};
use crate::layout::{FileKind, FileName, FileState};
use crate::segment::Segment;

/// Bytes that are gathered before they are written.
const BUFFER_SIZE: usize = 256 << 10;
/// So many bytes are written before they are synced: a sync of all at the end would hold up the syncs of others.
const SYNC_SIZE: u64 = 8 << 20;

/// A `.cleaned` segment that grows.
#[derive(Debug)]
pub(super) struct CleanedSegment {
    /// Its indexes and sizes, as of all batches, written or not.
    segment: Segment,
    file: Arc<dyn DiskFile>,
    /// Batches that are not written yet.
    buffer: Vec<u8>,
    written: u64,
    synced: u64,
    index_interval_bytes: u32,
}

impl CleanedSegment {
    /// An empty one. What is left of an earlier one is removed.
    pub(super) fn create(
        disk: &dyn Disk,
        dir: &Path,
        base_offset: Offset,
        index_interval_bytes: u32,
    ) -> Result<Self, StorageError> {
        for kind in FileKind::OF_SEGMENT {
            disk.remove_file(&cleaned(base_offset, kind).in_dir(dir))?;
        }
        Ok(Self {
            segment: Segment::new(base_offset, Timestamp::NONE, 0),
            file: disk.open(&cleaned(base_offset, FileKind::Log).in_dir(dir), OpenMode::Truncate)?,
            buffer: Vec::new(),
            written: 0,
            synced: 0,
            index_interval_bytes,
        })
    }

    /// Appends a batch, which must come after the last one.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), CleanError> {
        let header = AnyHeader::parse(bytes).expect("a whole batch");
        // Recompressed batches may be larger than they were.
        if u64::from(self.segment.size) + bytes.len() as u64 > i32::MAX as u64 {
            return Err(CleanError::TooLarge { base_offset: self.segment.base_offset });
        }
        self.segment.note_batch(&header, self.index_interval_bytes);
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER_SIZE { self.write().map_err(CleanError::Storage) } else { Ok(()) }
    }

    /// Adds an aborted transaction to the index.
    pub(super) fn push_aborted(&mut self, entry: AbortedTransactionEntry) {
        self.segment.transactions.push(entry);
    }

    /// Writes the rest, and the indexes, and makes all of it durable under the `.cleaned` names. The files get `modified` as the
    /// time of their last change.
    pub(super) fn finish(
        mut self,
        disk: &dyn Disk,
        dir: &Path,
        modified: Timestamp,
    ) -> Result<Segment, StorageError> {
        self.write()?;
        let base_offset = self.segment.base_offset;
        self.segment.note_max_timestamp();
        self.segment.spill_as(disk, |kind| cleaned(base_offset, kind).in_dir(dir))?;
        disk.set_modified(&cleaned(base_offset, FileKind::Log).in_dir(dir), modified)?;
        self.file.sync_data()?;
        for kind in self.segment.file_kinds().filter(|kind| *kind != FileKind::Log) {
            disk.open(&cleaned(base_offset, kind).in_dir(dir), OpenMode::Existing)?.sync_data()?;
        }
        disk.sync_dir(dir)?;
        self.segment.release();
        self.segment.is_synced = true;
        Ok(self.segment)
    }

    fn write(&mut self) -> Result<(), StorageError> {
        if !self.buffer.is_empty() {
            self.file.write_at(&[IoSlice::new(&self.buffer)], self.written)?;
            self.written += self.buffer.len() as u64;
            self.buffer.clear();
        }
        if self.written - self.synced >= SYNC_SIZE {
            self.file.sync_data()?;
            self.synced = self.written;
        }
        Ok(())
    }
}

/// The name of a file of a segment in the making.
pub(crate) const fn cleaned(offset: Offset, kind: FileKind) -> FileName {
    FileName { offset, kind, state: FileState::Cleaned }
}
