//! Retention: which segments go, and how files go.

use std::path::PathBuf;
use std::sync::Arc;

use ottla_protocol::time::Timestamp;
use ottla_protocol::types::Offset;

use super::Log;
use crate::error::StorageError;
use crate::io::Disk;
use crate::layout::{FileKind, FileName, FileState};
pub use crate::retention::RetentionReason;
use crate::retention::{Candidate, Rules, select};

/// Files under their `.deleted` names, or a `-delete` directory, to be unlinked after `file.delete.delay.ms`.
#[derive(Debug, Default)]
#[must_use = "the files stay until they are unlinked, or the log is opened again"]
pub struct Unlink {
    files: Vec<PathBuf>,
    dir: Option<PathBuf>,
}

impl Unlink {
    pub(super) const fn dir(dir: PathBuf) -> Self {
        Self { files: Vec::new(), dir: Some(dir) }
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.dir.is_none()
    }

    /// Unlinks. May wait for the disk.
    pub fn run(self, disk: &dyn Disk) -> Result<(), StorageError> {
        for file in &self.files {
            disk.remove_file(file)?;
        }
        if let Some(dir) = &self.dir {
            disk.remove_dir_all(dir)?;
        }
        Ok(())
    }
}

/// What retention did.
#[derive(Debug)]
pub struct Retained {
    /// Base offsets of the segments that went, with the reason, oldest first.
    pub dropped: Vec<(Offset, RetentionReason)>,
    /// Their files.
    pub unlink: Unlink,
}

impl Log {
    /// Applies retention: segments wholly below the high watermark go by log start offset, size and time. If all go, a new one
    /// is begun first. The log start offset rises to what is left.
    ///
    /// Reads the time index of the oldest segment, once.
    pub fn delete_old_segments(
        &mut self,
        high_watermark: Offset,
        now: Timestamp,
    ) -> Result<Retained, StorageError> {
        self.check_usable()?;
        let candidates = self.candidates(now)?;
        let rules = Rules {
            log_start_offset: self.log_start_offset,
            high_watermark,
            retention_ms: self.config.retention_ms,
            retention_bytes: self.config.retention_bytes,
            deletes_by_age_and_size: self.config.cleanup_policy.delete,
            now,
        };
        let reasons = select(&candidates, &rules);
        let mut dropped = Vec::with_capacity(reasons.len());
        if reasons.is_empty() {
            return Ok(Retained { dropped, unlink: Unlink::default() });
        }
        if reasons.len() == self.segments.len() {
            self.roll_at(self.log_end_offset, now)?;
        }
        let mut unlink = Unlink::default();
        for reason in reasons {
            let base_offset = self.segments[0].base_offset;
            // The log start moves first: a reader must not be told of an offset whose segment is gone.
            let next = self.segments[1].base_offset;
            self.advance_log_start_offset(next);
            self.drop_segment(0, &mut unlink)?;
            dropped.push((base_offset, reason));
        }
        Ok(Retained { dropped, unlink })
    }

    /// What retention asks of each segment. A segment that stays for its age ends the list: no later one is asked.
    fn candidates(&mut self, now: Timestamp) -> Result<Vec<Candidate>, StorageError> {
        let mut candidates = Vec::with_capacity(self.segments.len());
        let mut reaches_age = self.config.cleanup_policy.delete;
        for index in 0..self.segments.len() {
            let mut candidate = Candidate {
                base_offset: self.segments[index].base_offset,
                end_offset: self.segment_end(index),
                is_active: index + 1 == self.segments.len(),
                size: self.segments[index].size,
                largest_timestamp: None,
            };
            if let Some(retention_ms) = self.config.retention_ms
                && reaches_age
                && candidate.size > 0
            {
                let largest = self.largest_timestamp(index)?;
                candidate.largest_timestamp = Some(largest);
                reaches_age = now.0.saturating_sub(largest.0) > retention_ms;
            }
            candidates.push(candidate);
        }
        Ok(candidates)
    }

    /// Largest timestamp of a segment; the time of its last write if its records have none.
    pub(super) fn largest_timestamp(&mut self, index: usize) -> Result<Timestamp, StorageError> {
        if self.segments[index].max_timestamp().is_none() {
            self.ensure_indexes(index)?;
        }
        let segment = &self.segments[index];
        match segment.max_timestamp() {
            Some(max) if max.timestamp >= Timestamp(0) => Ok(max.timestamp),
            _ => {
                let stat = self.disk.stat(&segment.path(&self.dir, FileKind::Log))?;
                Ok(stat.map_or(segment.created, |stat| stat.modified))
            }
        }
    }

    /// Takes a segment out of the log, and renames its files, with the producer snapshot at its base.
    pub(super) fn drop_segment(&mut self, index: usize, unlink: &mut Unlink) -> Result<(), StorageError> {
        let segment = self.segments.remove(index).expect("a segment of the log");
        self.index_block = None;
        self.bound = None;
        for kind in FileKind::OF_SEGMENT {
            self.mark_deleted(segment.base_offset, kind, unlink)?;
        }
        self.drop_snapshot(segment.base_offset, unlink)
    }

    pub(super) fn drop_snapshot(&mut self, offset: Offset, unlink: &mut Unlink) -> Result<(), StorageError> {
        if self.snapshots.remove(&offset) {
            self.mark_deleted(offset, FileKind::ProducerSnapshot, unlink)?;
        }
        Ok(())
    }

    fn mark_deleted(
        &mut self,
        offset: Offset,
        kind: FileKind,
        unlink: &mut Unlink,
    ) -> Result<(), StorageError> {
        let live = FileName::live(offset, kind);
        let deleted = FileName { state: FileState::Deleted, ..live }.in_dir(&self.dir);
        let disk = Arc::clone(&self.disk);
        match disk.rename(&live.in_dir(&self.dir), &deleted) {
            Ok(()) => {
                unlink.files.push(deleted);
                self.sync.note_dir_change();
                Ok(())
            }
            // Index files come into being when there is something to write.
            Err(error) if error.is_not_found() => Ok(()),
            Err(error) => Err(error),
        }
    }
}
