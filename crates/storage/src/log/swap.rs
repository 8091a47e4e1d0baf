//! Compaction: a group of segments gives its place to one.
//!
//! ```text
//!  .cleaned ─► .swap     a crash before: nothing has happened; from here on: opening finishes it
//!  live ─► .deleted      the segments of the group
//!  .swap ─► live
//! ```
//!
//! Directory entries reach the disk in the order in which they change, so no step waits for one before it to be synced. The log
//! file comes first of its segment's: index files without it are nothing, and it without them has them made anew.
//!
//! Source: Kafka `LocalLog.replaceSegments`.

use std::sync::Arc;

use super::{Log, Unlink};
use crate::compaction::{Cleaning, ReadyGroup, cleaned};
use crate::error::StorageError;
use crate::layout::{FileName, FileState};

/// Why a group cannot take its place.
#[derive(Debug, thiserror::Error)]
pub enum SwapError {
    /// The log is no longer what the round was planned for: it was truncated, renamed, or segments have gone. The round is of no use.
    #[error("the log has changed since the round was planned")]
    Stale,
    /// A search by timestamp is reading the segments by their names. Try again later.
    #[error("the segments are being read")]
    Busy,
    /// The disk failed half way. Nothing more is written to the log; opening it again finishes the swap.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Log {
    /// Lets the group that is ready take the place of its segments. Their files wait to be unlinked. Nothing happens if no group is
    /// ready.
    ///
    /// Renames files, and does not wait for the disk: the round's next step syncs the directory.
    pub fn swap_in(&mut self, cleaning: &mut Cleaning) -> Result<Unlink, SwapError> {
        let Some(first) = self.place_of(cleaning)? else { return Ok(Unlink::default()) };
        if Arc::strong_count(&self.lookups) > 1 {
            return Err(SwapError::Busy);
        }
        let ready = cleaning.take_ready().expect("it has a place");
        self.replace(first, ready).map_err(|error| {
            self.has_failed = true;
            error.into()
        })
    }

    /// Index of the first segment of the group that is ready.
    fn place_of(&self, cleaning: &Cleaning) -> Result<Option<usize>, SwapError> {
        let plan = cleaning.plan();
        let Some(ready) = cleaning.ready() else { return Ok(None) };
        let sources = &plan.sources[ready.sources.clone()];
        let first = self.segment_of(ready.segment.base_offset);
        let is_same = plan.generation == self.sync.generation()
            && !self.has_failed
            && first + sources.len() < self.segments.len()
            && sources.iter().enumerate().all(|(at, source)| {
                let segment = &self.segments[first + at];
                (segment.base_offset, segment.size) == (source.base_offset, source.size)
            });
        if is_same { Ok(Some(first)) } else { Err(SwapError::Stale) }
    }

    fn replace(&mut self, first: usize, ready: ReadyGroup) -> Result<Unlink, StorageError> {
        let ReadyGroup { sources, mut segment } = ready;
        let (disk, dir) = (Arc::clone(&self.disk), Arc::clone(&self.dir));
        let swap = |kind| FileName { state: FileState::Swap, ..cleaned(segment.base_offset, kind) };
        for kind in segment.file_kinds() {
            disk.rename(&cleaned(segment.base_offset, kind).in_dir(&dir), &swap(kind).in_dir(&dir))?;
        }
        let mut unlink = Unlink::default();
        // The producer snapshot at the group's beginning stays: it is that of the new segment.
        let snapshot = self.snapshots.take(&segment.base_offset);
        for _ in sources {
            self.drop_segment(first, &mut unlink)?;
        }
        self.snapshots.extend(snapshot);
        for kind in segment.file_kinds() {
            disk.rename(&swap(kind).in_dir(&dir), &segment.path(&dir, kind))?;
        }
        segment.roll_jitter_ms = self.draw_jitter_ms();
        self.segments.insert(first, segment);
        self.sync.note_dir_change();
        Ok(unlink)
    }
}
