//! Rolling: the active segment is closed, and a new one begun.

use std::io::IoSlice;
use std::sync::Arc;

use ottla_protocol::time::Timestamp;
use ottla_protocol::types::Offset;

use super::Log;
use crate::error::StorageError;
use crate::io::OpenMode;
use crate::layout::{FileKind, FileName};
use crate::producer_state::snapshot;
use crate::segment::{Segment, is_in_range};

impl Log {
    /// Begins a new segment at the log's end, unless the active one is empty.
    pub fn roll(&mut self, now: Timestamp) -> Result<(), StorageError> {
        self.check_usable()?;
        if self.active().size == 0 {
            return Ok(());
        }
        self.roll_at(self.next_base(self.log_end_offset, self.log_end_offset), now)
    }

    /// Where a segment begins whose first batch has the offsets `first..=last`: at the end of the last batch, without a gap
    /// between the segments, by which recovery knows that nothing is missing; with a gap only if the offsets would not fit.
    pub(super) fn next_base(&self, first: Offset, last: Offset) -> Offset {
        let end = self.hole_from.unwrap_or(self.log_end_offset).min(first);
        if is_in_range(end, last) { end } else { first }
    }

    /// Begins a new segment at `base_offset`, at or behind the last batch's end; in place of the active one if that is empty.
    ///
    /// Errors: the new file cannot be made. Then nothing has changed.
    pub(super) fn roll_at(&mut self, base_offset: Offset, now: Timestamp) -> Result<(), StorageError> {
        let jitter_ms = self.draw_jitter_ms();
        let mut segment = Segment::new(base_offset, now, jitter_ms);
        let path = segment.path(&self.dir, FileKind::Log);
        let mode =
            if self.active().base_offset == base_offset { OpenMode::Existing } else { OpenMode::Truncate };
        segment.set_file(self.disk.open(&path, mode)?);
        self.sync.note_dir_change();
        self.write_snapshot(base_offset);
        self.recent.clear();
        if self.active().size == 0 {
            let empty = self.segments.pop_back().expect("a log has a segment");
            if empty.base_offset != base_offset {
                // Nothing is in it: if its files stay, they do no harm.
                for kind in FileKind::OF_SEGMENT {
                    let _ = self.disk.remove_file(&empty.path(&self.dir, kind));
                }
            }
        } else {
            let (disk, dir) = (Arc::clone(&self.disk), Arc::clone(&self.dir));
            let sealed = self.active_mut();
            sealed.note_max_timestamp();
            if let Err(error) = sealed.spill(&*disk, &dir) {
                // The entries stay in memory; the flush that must come before the segment counts as synced tries again.
                tracing::warn!(%error, "indexes of a closed segment wait in memory");
            }
        }
        self.segments.push_back(segment);
        Ok(())
    }

    /// Writes the producer state at `offset`, where a segment begins or the log ends. Not synced.
    ///
    /// A failure is no harm: recovery reads more of the log then.
    pub(super) fn write_snapshot(&mut self, offset: Offset) {
        let newest = self.snapshots.last().copied().unwrap_or(Offset::ZERO);
        if offset <= newest {
            return;
        }
        let path = FileName::live(offset, FileKind::ProducerSnapshot).in_dir(&self.dir);
        let bytes = snapshot::encode(&self.producers);
        let written = self
            .disk
            .open(&path, OpenMode::Truncate)
            .and_then(|file| file.write_at(&[IoSlice::new(&bytes)], 0));
        match written {
            Ok(()) => {
                self.snapshots.insert(offset);
                self.remove_stray_snapshots(offset);
            }
            Err(error) => {
                tracing::warn!(%error, "no producer snapshot");
                let _ = self.disk.remove_file(&path);
            }
        }
    }

    /// Removes snapshots that are neither at a segment's beginning nor `newest`: those of earlier closes.
    fn remove_stray_snapshots(&mut self, newest: Offset) {
        let is_base = |offset: Offset| self.segments.iter().any(|segment| segment.base_offset == offset);
        let strays: Vec<_> =
            self.snapshots.range(..newest).filter(|offset| !is_base(**offset)).copied().collect();
        for offset in strays {
            // If it stays, the next opening removes it.
            let _ =
                self.disk.remove_file(&FileName::live(offset, FileKind::ProducerSnapshot).in_dir(&self.dir));
            self.snapshots.remove(&offset);
        }
    }

    /// Splitmix64: what is taken off `segment.ms` differs between the logs of a topic, so that not all roll at once.
    pub(super) fn draw_jitter_ms(&mut self) -> i64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let range = self.config.segment_jitter_ms.min(self.config.segment_ms);
        if range > 0 { (mixed % range as u64) as i64 } else { 0 }
    }
}
