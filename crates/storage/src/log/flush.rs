//! Making a log durable, on another thread.
//!
//! Indexes and producer snapshots need to be on the disk only before the recovery point passes their segment: until then
//! recovery would make them anew. So a sync of the active segment is a sync of one file.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ottla_protocol::types::Offset;

use super::Log;
use crate::checkpoint::format_epochs;
use crate::error::StorageError;
use crate::io::{Disk, DiskFile, OpenMode, replace_file};
use crate::layout::{FileKind, FileName, LEADER_EPOCH_CHECKPOINT, PARTITION_METADATA, TEMPORARY_SUFFIX};
use crate::leader_epochs::EpochEntry;

/// From so many files on, one sync of the whole file system is cheaper than one of each.
const FILES_MAX: usize = 32;

/// What is synced, and what is not.
#[derive(Debug)]
pub(super) struct SyncState {
    /// Everything below is on the disk.
    recovery_point: Offset,
    /// Counts truncations and renames: tickets from before one prove nothing.
    generation: u32,
    /// Counts changes of the directory's entries, and how many of them are synced.
    dir_changes: u64,
    dir_changes_synced: u64,
    /// The directory itself may not be in its parent yet, nor its `partition.metadata` on the disk.
    is_new: bool,
    /// Counts versions of the leader epochs, and which one is in their checkpoint.
    epochs_version: u64,
    epochs_written: u64,
    /// The newest version; `None` if what is in the checkpoint is not known.
    epochs: Option<Vec<EpochEntry>>,
    /// The version that a ticket wrote last, held while it writes: there is one writer.
    epochs_writer: Arc<Mutex<u64>>,
}

impl SyncState {
    pub(super) fn new(recovery_point: Offset, is_new: bool) -> Self {
        Self {
            recovery_point,
            generation: 0,
            dir_changes: u64::from(is_new),
            dir_changes_synced: 0,
            is_new,
            epochs_version: 0,
            epochs_written: 0,
            epochs: None,
            epochs_writer: Arc::default(),
        }
    }

    pub(super) const fn set_recovery_point(&mut self, recovery_point: Offset) {
        self.recovery_point = recovery_point;
    }

    pub(super) const fn generation(&self) -> u32 {
        self.generation
    }

    /// These epochs are in the checkpoint.
    pub(super) fn set_epochs(&mut self, entries: &[EpochEntry]) {
        self.epochs = Some(entries.to_vec());
    }

    /// What is in the checkpoint is not what it should be: it must be written again.
    pub(super) fn forget_epochs(&mut self) {
        self.epochs = None;
    }

    /// Takes what the checkpoint is to hold; a new version if it differs from the one before.
    fn note_epochs(&mut self, entries: &[EpochEntry]) {
        if self.epochs.as_deref() != Some(entries) {
            self.epochs_version += 1;
            self.epochs = Some(entries.to_vec());
        }
    }

    /// Whether the directory's entries are as they were when the log was opened.
    pub(super) const fn is_as_opened(&self) -> bool {
        self.generation == 0 && self.dir_changes == 0 && self.epochs_version == 0
    }

    pub(super) const fn note_dir_change(&mut self) {
        self.dir_changes += 1;
    }

    pub(super) fn note_truncation(&mut self, offset: Offset) {
        self.generation += 1;
        self.recovery_point = self.recovery_point.min(offset);
    }

    pub(super) const fn note_rename(&mut self) {
        self.generation += 1;
    }

    pub(super) const fn note_new_metadata(&mut self) {
        self.is_new = true;
        self.dir_changes += 1;
    }
}

/// Everything that must be synced for the recovery point to move up. Run it on another thread.
#[derive(Debug)]
pub struct FlushTicket {
    disk: Arc<dyn Disk>,
    dir: Arc<Path>,
    /// Files that are open, and files that are not.
    files: Vec<Arc<dyn DiskFile>>,
    paths: Vec<PathBuf>,
    epochs: Option<EpochsWrite>,
    syncs_dir: bool,
    syncs_parent: bool,
    flushed: Flushed,
}

/// A leader epoch checkpoint to write.
#[derive(Debug)]
struct EpochsWrite {
    text: String,
    version: u64,
    writer: Arc<Mutex<u64>>,
}

/// The proof that a ticket was run; hand it to [`Log::mark_flushed`] of the same log.
#[derive(Debug)]
pub struct Flushed {
    up_to: Offset,
    /// Base offset of the segment that was the active one.
    active_base: Offset,
    generation: u32,
    dir_changes: u64,
    epochs_version: u64,
    includes_new: bool,
}

impl Flushed {
    /// Where the recovery point will be.
    #[must_use]
    pub const fn up_to(&self) -> Offset {
        self.up_to
    }
}

impl FlushTicket {
    /// Where the recovery point will be.
    #[must_use]
    pub const fn up_to(&self) -> Offset {
        self.flushed.up_to
    }

    /// Syncs. Waits for the disk. A failure ends the log: nothing is retried.
    pub fn run(self) -> Result<Flushed, StorageError> {
        for file in &self.files {
            file.sync_data()?;
        }
        for path in &self.paths {
            match self.disk.open(path, OpenMode::Existing) {
                Ok(file) => file.sync_data()?,
                // Retention has taken it meanwhile.
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error),
            }
        }
        let mut syncs_dir = self.syncs_dir;
        if let Some(epochs) = &self.epochs {
            let mut written = epochs.writer.lock().unwrap_or_else(PoisonError::into_inner);
            if *written < epochs.version {
                replace_file(&*self.disk, &self.dir.join(LEADER_EPOCH_CHECKPOINT), epochs.text.as_bytes())?;
                *written = epochs.version;
                syncs_dir = false;
            }
        }
        if syncs_dir {
            self.disk.sync_dir(&self.dir)?;
        }
        if self.syncs_parent
            && let Some(parent) = self.dir.parent()
        {
            self.disk.sync_dir(parent)?;
        }
        Ok(self.flushed)
    }

    /// Syncs many logs of one log directory with as few calls as will do: file by file if they are few, the whole file system
    /// at once if they are many. All or nothing. Waits for the disk.
    pub fn run_all(
        disk: &dyn Disk,
        log_dir: &Path,
        tickets: Vec<Self>,
    ) -> Result<Vec<Flushed>, StorageError> {
        let syncs = |ticket: &Self| {
            ticket.files.len()
                + ticket.paths.len()
                + 2 * usize::from(ticket.epochs.is_some())
                + usize::from(ticket.syncs_dir)
                + usize::from(ticket.syncs_parent)
        };
        if tickets.iter().map(syncs).sum::<usize>() < FILES_MAX {
            return tickets.into_iter().map(Self::run).collect();
        }
        // New checkpoints must be on the disk before they take the place of the old ones.
        let mut renames = Vec::new();
        for ticket in &tickets {
            let Some(epochs) = &ticket.epochs else { continue };
            let mut written = epochs.writer.lock().unwrap_or_else(PoisonError::into_inner);
            if *written < epochs.version {
                let path = ticket.dir.join(LEADER_EPOCH_CHECKPOINT);
                let temporary = ticket.dir.join(format!("{LEADER_EPOCH_CHECKPOINT}{TEMPORARY_SUFFIX}"));
                let file = disk.open(&temporary, OpenMode::Truncate)?;
                file.write_at(&[std::io::IoSlice::new(epochs.text.as_bytes())], 0)?;
                *written = epochs.version;
                renames.push((temporary, path));
            }
        }
        disk.sync_all(log_dir)?;
        if !renames.is_empty() {
            for (temporary, path) in &renames {
                disk.rename(temporary, path)?;
            }
            disk.sync_all(log_dir)?;
        }
        Ok(tickets.into_iter().map(|ticket| ticket.flushed).collect())
    }
}

impl Log {
    /// Everything below is on the disk.
    #[must_use]
    pub const fn recovery_point(&self) -> Offset {
        self.sync.recovery_point
    }

    /// What to sync for the recovery point to reach the log's end; `None` if it is there. A failed sync, or a ticket that is
    /// dropped, leaves the recovery point where it is.
    pub fn flush_ticket(&mut self) -> Result<Option<FlushTicket>, StorageError> {
        if self.sync.recovery_point >= self.log_end_offset {
            return Ok(None);
        }
        self.ticket(false).map(Some)
    }

    /// Moves the recovery point up after a ticket was run. A ticket from before a truncation has no effect.
    pub fn mark_flushed(&mut self, flushed: &Flushed) {
        if flushed.generation != self.sync.generation {
            return;
        }
        let sync = &mut self.sync;
        sync.recovery_point = sync.recovery_point.max(flushed.up_to);
        sync.dir_changes_synced = sync.dir_changes_synced.max(flushed.dir_changes);
        sync.epochs_written = sync.epochs_written.max(flushed.epochs_version);
        sync.is_new &= !flushed.includes_new;
        let closed = self.segments.len() - 1;
        for index in (0..closed).rev() {
            if self.segments[index].is_synced {
                break;
            }
            // Of the segment that was the active one the indexes were not synced.
            if self.segments[index].base_offset < flushed.active_base {
                self.segments[index].is_synced = true;
                self.segments[index].release();
            }
        }
    }

    /// The leader epochs that have records: one that has none yet is begun anew by whoever leads next.
    fn epochs_with_records(&self) -> &[EpochEntry] {
        let entries = self.epochs.entries();
        let count = entries.partition_point(|entry| entry.start_offset < self.log_end_offset);
        &entries[..count]
    }

    /// Whether closing the log would change nothing on the disk: it was opened after a clean close, and not written since.
    pub(super) fn is_untouched(&mut self) -> bool {
        let is_complete = self.snapshots.last().copied().unwrap_or(Offset::ZERO) >= self.log_end_offset;
        let epochs = self.epochs_with_records();
        let has_new_epochs = self.sync.epochs.as_deref().is_none_or(|known| known != epochs);
        self.opened_clean_at == Some(self.log_end_offset)
            && self.sync.recovery_point >= self.log_end_offset
            && self.sync.is_as_opened()
            && is_complete
            && !has_new_epochs
    }

    /// A ticket of which there is nothing to do.
    pub(super) fn idle_ticket(&self) -> FlushTicket {
        FlushTicket {
            disk: Arc::clone(&self.disk),
            dir: Arc::clone(&self.dir),
            files: Vec::new(),
            paths: Vec::new(),
            epochs: None,
            syncs_dir: false,
            syncs_parent: false,
            flushed: Flushed {
                up_to: self.log_end_offset,
                active_base: self.active().base_offset,
                generation: self.sync.generation,
                dir_changes: self.sync.dir_changes,
                epochs_version: self.sync.epochs_version,
                includes_new: false,
            },
        }
    }

    /// What is to be synced; with the active segment's indexes as well if the log `is_closing`.
    pub(super) fn ticket(&mut self, is_closing: bool) -> Result<FlushTicket, StorageError> {
        let (disk, dir) = (Arc::clone(&self.disk), Arc::clone(&self.dir));
        let (mut files, mut paths) = (Vec::new(), Vec::new());
        let last = self.segments.len() - 1;
        for index in (0..=last).rev() {
            let segment = &mut self.segments[index];
            let is_active = index == last;
            if segment.is_synced && !is_active {
                break;
            }
            match segment.open_file() {
                Some(file) => files.push(Arc::clone(file)),
                None => paths.push(segment.path(&dir, FileKind::Log)),
            }
            if is_active && !is_closing {
                continue;
            }
            segment.spill(&*disk, &dir)?;
            paths.push(segment.path(&dir, FileKind::OffsetIndex));
            paths.push(segment.path(&dir, FileKind::TimeIndex));
            if segment.transactions.has_file() {
                paths.push(segment.path(&dir, FileKind::TransactionIndex));
            }
            let next = if is_active { self.log_end_offset } else { self.segments[index + 1].base_offset };
            if self.snapshots.contains(&next) {
                paths.push(FileName::live(next, FileKind::ProducerSnapshot).in_dir(&dir));
            }
        }
        if self.sync.is_new && self.topic_id.is_some() {
            paths.push(dir.join(PARTITION_METADATA));
        }
        let with_records = self.epochs_with_records().len();
        self.sync.note_epochs(&self.epochs.entries()[..with_records]);
        let sync = &self.sync;
        let epochs = (sync.epochs_version > sync.epochs_written).then(|| EpochsWrite {
            text: format_epochs(self.epochs_with_records()),
            version: sync.epochs_version,
            writer: Arc::clone(&sync.epochs_writer),
        });
        Ok(FlushTicket {
            disk,
            dir,
            files,
            paths,
            epochs,
            syncs_dir: is_closing || sync.dir_changes > sync.dir_changes_synced,
            syncs_parent: sync.is_new,
            flushed: Flushed {
                up_to: self.log_end_offset,
                active_base: self.active().base_offset,
                generation: sync.generation,
                dir_changes: sync.dir_changes,
                epochs_version: sync.epochs_version,
                includes_new: sync.is_new,
            },
        })
    }
}
