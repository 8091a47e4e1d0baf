//! The log directories as a shard sees them: which replica lies where, and where a new one goes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use ottla_protocol::types::{DirectoryId, Offset, TopicId};
use ottla_storage::io::{Disk, DiskSpace, StorageError};

use crate::node::BootedLogDir;

/// One log directory.
#[derive(Clone, Debug)]
pub struct LogDirState {
    /// Index in `log.dirs`.
    pub index: usize,
    /// Where it is.
    pub path: PathBuf,
    /// Its `directory.id`.
    pub directory_id: DirectoryId,
    /// Whether it failed, and serves nothing until the broker starts again.
    pub is_offline: bool,
    /// Whether the broker stopped cleanly before this start.
    pub clean_shutdown: bool,
    /// Replicas in it.
    pub replica_count: usize,
}

/// A replica's folder found at start, with what the checkpoint files say of it.
#[derive(Clone, Debug)]
pub struct FoundReplica {
    /// Index of its directory in [`LogDirs`].
    pub log_dir: usize,
    /// Where recovery begins.
    pub recovery_point: Offset,
    /// First offset that may be read.
    pub log_start_offset: Offset,
    /// High watermark.
    pub high_watermark: Offset,
    /// Up to where it is compacted; `None` if it never was.
    pub cleaned_up_to: Option<Offset>,
}

/// All log directories of the broker.
#[derive(Clone, Debug, Default)]
pub struct LogDirs {
    dirs: Vec<LogDirState>,
    found: BTreeMap<(String, i32), FoundReplica>,
}

impl LogDirs {
    /// The directories that the control plane opened.
    #[must_use]
    pub fn new(booted: &[BootedLogDir]) -> Self {
        let mut dirs = Self::default();
        for (at, dir) in booted.iter().enumerate() {
            dirs.dirs.push(LogDirState {
                index: dir.index,
                path: dir.path.clone(),
                directory_id: dir.directory_id,
                is_offline: false,
                clean_shutdown: dir.clean_shutdown,
                replica_count: 0,
            });
            for replica in &dir.replicas {
                let found = FoundReplica {
                    log_dir: at,
                    recovery_point: replica.recovery_point,
                    log_start_offset: replica.log_start_offset,
                    high_watermark: replica.high_watermark,
                    cleaned_up_to: replica.cleaned_up_to,
                };
                dirs.found.insert((replica.topic.clone(), replica.partition), found);
            }
        }
        dirs
    }

    /// The directory at an index of this list.
    #[must_use]
    pub fn get(&self, at: usize) -> &LogDirState {
        &self.dirs[at]
    }

    /// All directories.
    pub fn iter(&self) -> impl Iterator<Item = &LogDirState> {
        self.dirs.iter()
    }

    /// Takes the folder that was found for a partition at start; there is none after the first call.
    pub fn take_found(&mut self, topic: &str, partition: i32) -> Option<FoundReplica> {
        self.found.remove(&(topic.to_owned(), partition))
    }

    /// Where a new replica goes: the directory that the controller chose, else the one with the fewest replicas.
    #[must_use]
    pub fn place(&self, assigned: Option<DirectoryId>) -> usize {
        let online = || self.dirs.iter().enumerate().filter(|(_, dir)| !dir.is_offline);
        let assigned = assigned.and_then(|id| online().find(|(_, dir)| dir.directory_id == id));
        let place = assigned.or_else(|| online().min_by_key(|(_, dir)| dir.replica_count));
        place.map_or(0, |(at, _)| at)
    }

    /// Counts a replica in or out.
    pub fn count(&mut self, at: usize, change: isize) {
        let count = &mut self.dirs[at].replica_count;
        *count = count.saturating_add_signed(change);
    }

    /// Marks a directory as failed.
    pub fn take_offline(&mut self, at: usize) {
        self.dirs[at].is_offline = true;
    }

    /// The folder of a replica.
    #[must_use]
    pub fn folder(&self, at: usize, topic: &str, partition: i32) -> PathBuf {
        self.dirs[at].path.join(format!("{topic}-{partition}"))
    }

    /// Room on a directory's file system.
    pub fn space(&self, disk: &Arc<dyn Disk>, at: usize) -> Result<DiskSpace, StorageError> {
        disk.space(&self.dirs[at].path)
    }
}

/// A topic's id as the log wants it: none for a topic from before ids.
#[must_use]
pub fn known(id: TopicId) -> Option<TopicId> {
    (id != TopicId::ZERO).then_some(id)
}
