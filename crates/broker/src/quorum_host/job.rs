//! Work of the metadata log that waits for the disk.

use std::path::PathBuf;
use std::sync::Arc;

use ottla_protocol::types::{LeaderEpoch, Offset};
use ottla_storage::StorageError;
use ottla_storage::io::{Disk, replace_file};
use ottla_storage::log::{FlushTicket, Flushed, Unlink};

use super::snapshots::{SnapshotTask, SnapshotWritten};

/// Work of the metadata log that waits for the disk.
#[derive(Debug)]
pub(crate) enum QuorumJob {
    /// Put the vote and the epoch into `quorum-state`.
    Persist { disk: Arc<dyn Disk>, path: PathBuf, content: String, epoch: LeaderEpoch },
    /// Sync the log.
    Sync(FlushTicket),
    /// Write a snapshot.
    Snapshot(Box<SnapshotTask>),
    /// Unlink files that nothing needs any more.
    Unlink { disk: Arc<dyn Disk>, unlink: Unlink },
}

/// What a [`QuorumJob`] came to.
#[derive(Debug)]
pub(crate) enum QuorumJobDone {
    Persisted(Result<LeaderEpoch, StorageError>),
    Synced(Result<(Offset, Flushed), StorageError>),
    Snapshot(Result<SnapshotWritten, StorageError>),
    Unlinked(Result<(), StorageError>),
}

impl QuorumJob {
    /// Does the work. Waits for the disk.
    pub(crate) fn run(self) -> QuorumJobDone {
        match self {
            Self::Persist { disk, path, content, epoch } => {
                QuorumJobDone::Persisted(replace_file(&*disk, &path, content.as_bytes()).map(|()| epoch))
            }
            Self::Sync(ticket) => {
                let up_to = ticket.up_to();
                QuorumJobDone::Synced(ticket.run().map(|flushed| (up_to, flushed)))
            }
            Self::Snapshot(task) => QuorumJobDone::Snapshot(task.run()),
            Self::Unlink { disk, unlink } => QuorumJobDone::Unlinked(unlink.run(&*disk)),
        }
    }
}
