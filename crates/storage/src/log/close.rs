//! The end of a log's use: a clean close, deletion, another name.

use std::path::Path;
use std::sync::Arc;

use ottla_protocol::types::Uuid;

use super::{FlushTicket, Log, Unlink};
use crate::error::StorageError;
use crate::layout::{ReplicaDirKind, ReplicaDirName};

impl Log {
    /// Writes out indexes and producer state and lets go of the files. Nothing of the log is lost once the ticket was run (see
    /// [`FlushTicket::run_all`]); then the clean shutdown marker may be written.
    ///
    /// Errors: the disk fails, or an append could not be taken back. Then the log must be recovered when it is opened again.
    pub fn close(mut self) -> Result<FlushTicket, StorageError> {
        self.check_usable()?;
        if self.is_untouched() {
            return Ok(self.idle_ticket());
        }
        let last = self.segments.len() - 1;
        self.ensure_indexes(last)?;
        self.active_mut().note_max_timestamp();
        self.write_snapshot(self.log_end_offset);
        self.sync.note_dir_change();
        self.ticket(true)
    }

    /// Renames the directory to its `-delete` name; the files go when the answer is run. `unique_id` must be random.
    pub fn delete(self, unique_id: Uuid) -> Result<Unlink, StorageError> {
        let name = self.dir.file_name().and_then(|name| name.to_str()).and_then(ReplicaDirName::parse);
        let dir = match name {
            Some(name) => {
                let name = ReplicaDirName::suffixed(name.topic_partition, ReplicaDirKind::Delete, unique_id);
                let dir = self.dir.with_file_name(name.as_str());
                self.disk.rename(&self.dir, &dir)?;
                dir
            }
            // A directory by another name is none that a scan would take for a replica.
            None => self.dir.to_path_buf(),
        };
        Ok(Unlink::dir(dir))
    }

    /// Renames the directory, and goes on in it (`-future` to current, current to `-stray`). The rename is synced with the next
    /// flush.
    pub fn rename_dir(&mut self, dir: &Path) -> Result<(), StorageError> {
        self.disk.rename(&self.dir, dir)?;
        self.dir = Arc::from(dir);
        self.index_block = None;
        self.sync.note_rename();
        // The parent has a new entry.
        self.sync.note_new_metadata();
        Ok(())
    }
}
