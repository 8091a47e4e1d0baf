//! Truncation: what a replica has that its leader has not goes.

use std::sync::Arc;

use ottla_protocol::time::Timestamp;
use ottla_protocol::types::Offset;

use super::{Log, Unlink};
use crate::error::StorageError;
use crate::io::OpenMode;
use crate::layout::FileKind;
use crate::segment::Segment;
use crate::walk::{Access, ReadFault};

impl Log {
    /// Drops everything from `offset` on. A batch that reaches beyond it goes whole. Does nothing if the log ends before, but
    /// for epochs that begin at its end or later. Whoever calls lowers the high watermark to the new end, and writes the new
    /// recovery point to its checkpoint before anything that is appended afterwards is acknowledged: the checkpoint may say that
    /// offsets are synced which are about to be written anew.
    ///
    /// Waits for the disk if whole segments go. Source: Kafka `UnifiedLog.truncateTo`.
    pub fn truncate_to(&mut self, offset: Offset, now: Timestamp) -> Result<Unlink, StorageError> {
        self.check_usable()?;
        if offset >= self.log_end_offset {
            self.epochs.truncate_from_end(self.log_end_offset);
            return Ok(Unlink::default());
        }
        if offset < self.segments[0].base_offset {
            return self.truncate_fully_and_start_at(offset, None, now);
        }
        self.sync.note_truncation(offset);
        self.cleaned_up_to = self.cleaned_up_to.map(|cleaned| cleaned.min(offset));
        self.forget_places();
        let mut unlink = Unlink::default();
        while self.active().base_offset > offset {
            let last = self.segments.len() - 1;
            self.drop_segment(last, &mut unlink)?;
        }
        if !unlink.is_empty() {
            // Later segments must not come back behind one that was cut.
            self.disk.sync_dir(&self.dir)?;
        }
        let end = self.cut_active(offset, now)?;
        self.hole_from = (end < offset).then_some(end);
        for snapshot in self.snapshots.split_off(&offset.next()) {
            self.snapshots.insert(snapshot);
            self.drop_snapshot(snapshot, &mut unlink)?;
        }
        self.log_end_offset = offset;
        self.log_start_offset = self.log_start_offset.min(offset);
        self.epochs.truncate_from_end(offset);
        self.rebuild_producers(now)?;
        Ok(unlink)
    }

    /// Cuts the active segment before the batch that holds `offset` or what follows it. Answers the end of the last batch.
    fn cut_active(&mut self, offset: Offset, now: Timestamp) -> Result<Offset, StorageError> {
        let last = self.segments.len() - 1;
        let (disk, dir) = (Arc::clone(&self.disk), Arc::clone(&self.dir));
        let position = match self.find_batch(last, offset, Access::Wait).map_err(ReadFault::into_storage)? {
            Some(place) => place.position,
            None => self.segments[last].size,
        };
        self.ensure_indexes(last)?;
        let segment = &mut self.segments[last];
        let path = segment.path(&dir, FileKind::TransactionIndex);
        if segment.transactions.load(&*disk, &path, segment.base_offset)?.is_err() {
            segment.transactions.reset(&*disk, &path)?;
        }
        segment.transactions.truncate(&*disk, &path, offset)?;
        segment.file(&*disk, &dir)?.set_len(u64::from(position))?;
        segment.size = position;
        segment.is_synced = false;
        if position == 0 {
            segment.created = now;
        }
        // The indexes are made anew from the batches that are left: simpler than to cut them, and as rare as truncation.
        self.rebuild_indexes(last)
    }

    /// Drops everything and goes on at `offset`; readable from `log_start_offset` on, if given, else from `offset`. The
    /// recovery point checkpoint must be written as for [`Self::truncate_to`].
    ///
    /// Waits for the disk. Source: Kafka `UnifiedLog.truncateFullyAndStartAt`.
    pub fn truncate_fully_and_start_at(
        &mut self,
        offset: Offset,
        log_start_offset: Option<Offset>,
        now: Timestamp,
    ) -> Result<Unlink, StorageError> {
        self.check_usable()?;
        self.sync.note_truncation(offset);
        self.cleaned_up_to = self.cleaned_up_to.map(|cleaned| cleaned.min(offset));
        self.forget_places();
        self.hole_from = None;
        let jitter_ms = self.draw_jitter_ms();
        let mut unlink = Unlink::default();
        // From the end, so that a crash in between leaves a log without a hole.
        while let Some(last) = self.segments.len().checked_sub(1) {
            if let Err(error) = self.drop_segment(last, &mut unlink) {
                self.has_failed = true;
                self.segments.push_back(Segment::new(offset, now, jitter_ms));
                return Err(error);
            }
        }
        for snapshot in std::mem::take(&mut self.snapshots) {
            self.snapshots.insert(snapshot);
            self.drop_snapshot(snapshot, &mut unlink)?;
        }
        let mut segment = Segment::new(offset, now, jitter_ms);
        let made = self.disk.open(&segment.path(&self.dir, FileKind::Log), OpenMode::Truncate);
        let error = made.map(|file| segment.set_file(file)).err();
        self.segments.push_back(segment);
        self.sync.note_dir_change();
        self.epochs.clear();
        self.producers.clear();
        self.log_end_offset = offset;
        self.log_start_offset = log_start_offset.unwrap_or(offset).min(offset);
        match error {
            None => self.disk.sync_dir(&self.dir).map(|()| unlink),
            Some(error) => {
                self.has_failed = true;
                Err(error)
            }
        }
    }

    /// Forgets where batches lie.
    fn forget_places(&mut self) {
        self.recent.clear();
        self.index_block = None;
        self.bound = None;
    }
}
