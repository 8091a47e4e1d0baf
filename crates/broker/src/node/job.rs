//! Work of the control plane that waits for the disk.

use std::path::PathBuf;
use std::sync::Arc;

use ottla_protocol::types::Offset;
use ottla_storage::StorageError;
use ottla_storage::io::Disk;
use ottla_storage::layout::TopicPartition;
use ottla_storage::log::FlushTicket;
use ottla_storage::log_dir::{CheckpointKind, LogDir};

use crate::quorum_host::{QuorumJob, QuorumJobDone};

/// Work that waits for the disk: run it on another thread.
#[derive(Debug)]
pub struct NodeJob(pub(super) Work);

/// What a [`NodeJob`] came to: hand it to the node that made the job.
#[derive(Debug)]
pub struct NodeJobDone(pub(super) WorkDone);

#[derive(Debug)]
pub(super) enum Work {
    Quorum(QuorumJob),
    /// Replace checkpoint files of a log directory.
    Checkpoints {
        log_dir: usize,
        dir: Arc<LogDir>,
        files: Vec<CheckpointFile>,
    },
    /// Close a log directory.
    Close(CloseLogDir),
    /// Remove replica folders that were on their way out when the broker stopped.
    RemoveFolders {
        disk: Arc<dyn Disk>,
        folders: Vec<PathBuf>,
    },
}

#[derive(Debug)]
pub(super) enum WorkDone {
    Quorum(QuorumJobDone),
    Checkpoints { log_dir: usize, result: Result<(), StorageError> },
    Closed { log_dir: usize, result: Result<(), StorageError> },
    FoldersRemoved(Result<(), StorageError>),
}

/// The content of one checkpoint file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CheckpointFile {
    pub(super) kind: CheckpointKind,
    pub(super) entries: Vec<(TopicPartition, Offset)>,
}

/// The last that happens to a log directory: the metadata log in it is synced, the checkpoint files are written, and the
/// clean shutdown marker says that all is well.
#[derive(Debug)]
pub(super) struct CloseLogDir {
    pub(super) log_dir: usize,
    pub(super) dir: Arc<LogDir>,
    pub(super) metadata_log: Option<FlushTicket>,
    pub(super) files: Vec<CheckpointFile>,
    /// The broker's epoch, for the marker; `None` if a log in the directory was not closed cleanly.
    pub(super) clean_shutdown: Option<i64>,
}

impl NodeJob {
    /// Does the work. Waits for the disk.
    #[must_use]
    pub fn run(self) -> NodeJobDone {
        NodeJobDone(match self.0 {
            Work::Quorum(job) => WorkDone::Quorum(job.run()),
            Work::Checkpoints { log_dir, dir, files } => {
                WorkDone::Checkpoints { log_dir, result: write_files(&dir, &files) }
            }
            Work::Close(close) => WorkDone::Closed { log_dir: close.log_dir, result: close.run() },
            Work::RemoveFolders { disk, folders } => {
                let result = folders.iter().try_for_each(|folder| disk.remove_dir_all(folder).map(drop));
                WorkDone::FoldersRemoved(result)
            }
        })
    }
}

impl CloseLogDir {
    fn run(self) -> Result<(), StorageError> {
        if let Some(ticket) = self.metadata_log {
            ticket.run()?;
        }
        write_files(&self.dir, &self.files)?;
        match self.clean_shutdown {
            Some(broker_epoch) => self.dir.write_clean_shutdown(broker_epoch),
            None => Ok(()),
        }
    }
}

fn write_files(dir: &LogDir, files: &[CheckpointFile]) -> Result<(), StorageError> {
    files.iter().try_for_each(|file| {
        dir.write_checkpoint(file.kind, file.entries.iter().map(|(partition, offset)| (partition, *offset)))
    })
}
