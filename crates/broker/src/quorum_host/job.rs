//! Work of the metadata log that waits for the disk.

use std::path::PathBuf;
use std::sync::Arc;

use ottla_replication::quorum::SyncPoint;
use ottla_storage::StorageError;
use ottla_storage::io::{Disk, replace_file};
use ottla_storage::log::{FlushTicket, Flushed, Unlink};

use super::snapshots::{SnapshotTask, SnapshotWritten};

/// Work of the metadata log that waits for the disk.
#[derive(Debug)]
pub(crate) enum QuorumJob {
    /// Put the vote and the epoch into `quorum-state`.
    Persist { disk: Arc<dyn Disk>, path: PathBuf, content: String, sequence: u64 },
    /// Sync the log, up to this point at least.
    Sync(FlushTicket, SyncPoint),
    /// Write a snapshot.
    Snapshot(Box<SnapshotTask>),
    /// Unlink files that nothing needs any more.
    Unlink { disk: Arc<dyn Disk>, unlink: Unlink },
}

/// What a [`QuorumJob`] came to.
#[derive(Debug)]
pub(crate) enum QuorumJobDone {
    Persisted(Result<u64, StorageError>),
    Synced(Result<(SyncPoint, Flushed), StorageError>),
    Snapshot(Result<SnapshotWritten, StorageError>),
    Unlinked(Result<(), StorageError>),
}

impl QuorumJob {
    /// Does the work. Waits for the disk.
    pub(crate) fn run(self) -> QuorumJobDone {
        match self {
            Self::Persist { disk, path, content, sequence } => {
                QuorumJobDone::Persisted(replace_file(&*disk, &path, content.as_bytes()).map(|()| sequence))
            }
            Self::Sync(ticket, point) => QuorumJobDone::Synced(ticket.run().map(|flushed| (point, flushed))),
            Self::Snapshot(task) => QuorumJobDone::Snapshot(task.run()),
            Self::Unlink { disk, unlink } => QuorumJobDone::Unlinked(unlink.run(&*disk)),
        }
    }
}
