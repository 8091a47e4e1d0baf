//! One log directory: its lock, its identity, the replicas in it, and its checkpoint files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ottla_protocol::types::{BrokerId, DirectoryId, Offset};

use crate::error::StorageError;
use crate::io::{Disk, DiskSpace};
use crate::layout::{ReplicaDirName, TopicPartition};

fn unfinished<T>() -> T {
    panic!("not built yet")
}

/// What `meta.properties` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetaProperties {
    /// 1, or 0 for a directory of a ZooKeeper broker.
    pub version: i32,
    /// Id of the cluster, base64 as a rule.
    pub cluster_id: Option<String>,
    /// Id of the node.
    pub node_id: Option<BrokerId>,
    /// Id of this directory.
    pub directory_id: Option<DirectoryId>,
}

/// Why a log directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LogDirError {
    /// Another process uses it.
    #[error("log directory {path} is locked: another broker is using it", path = .0.display())]
    Locked(PathBuf),
    /// `meta.properties` cannot be understood.
    #[error("{path}: {reason}", path = path.display())]
    MetaProperties {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The disk failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What a scan of a log directory found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replicas {
    /// Replica directories, with their paths.
    pub dirs: Vec<(ReplicaDirName, PathBuf)>,
    /// Directories that are nobody's: Kafka refuses to start over them.
    pub unknown: Vec<PathBuf>,
    /// The metadata log is here.
    pub has_cluster_metadata: bool,
}

/// The checkpoint files of a log directory. A file that is missing or unreadable is empty: everything is recovered then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkpoints {
    /// Offsets below which each log is synced.
    pub recovery_points: BTreeMap<TopicPartition, Offset>,
    /// Log start offsets that are not the first segment's base.
    pub log_start_offsets: BTreeMap<TopicPartition, Offset>,
    /// High watermarks.
    pub high_watermarks: BTreeMap<TopicPartition, Offset>,
    /// Files that could not be understood, with the reason.
    pub unreadable: Vec<(PathBuf, String)>,
}

/// Which checkpoint file to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckpointKind {
    /// `recovery-point-offset-checkpoint`.
    RecoveryPoint,
    /// `log-start-offset-checkpoint`.
    LogStartOffset,
    /// `replication-offset-checkpoint`.
    HighWatermark,
}

/// A log directory that this process has locked.
#[derive(Debug)]
pub struct LogDir(());

impl LogDir {
    /// Creates the directory if need be, locks it, and reads its identity.
    pub fn open(disk: Arc<dyn Disk>, path: &Path) -> Result<Self, LogDirError> {
        let _ = (disk, path);
        unfinished()
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        unfinished()
    }

    /// The file system that it is on.
    #[must_use]
    pub fn disk(&self) -> &Arc<dyn Disk> {
        unfinished()
    }

    /// What `meta.properties` says; `None` if the directory was not formatted.
    #[must_use]
    pub fn meta_properties(&self) -> Option<&MetaProperties> {
        unfinished()
    }

    /// Writes `meta.properties` (version 1), durably.
    pub fn write_meta_properties(&mut self, properties: MetaProperties) -> Result<(), StorageError> {
        let _ = properties;
        unfinished()
    }

    /// Lists the replica directories. `-delete` ones shall be removed by the caller.
    pub fn replicas(&self) -> Result<Replicas, StorageError> {
        unfinished()
    }

    /// Reads the checkpoint files.
    pub fn checkpoints(&self) -> Result<Checkpoints, StorageError> {
        unfinished()
    }

    /// Replaces a checkpoint file, durably. Waits for the disk.
    pub fn write_checkpoint<'a>(
        &self,
        kind: CheckpointKind,
        entries: impl IntoIterator<Item = (&'a TopicPartition, Offset)>,
    ) -> Result<(), StorageError> {
        let _ = (kind, entries.into_iter().count());
        unfinished()
    }

    /// Whether the last stop was clean: the broker epoch in the marker. The marker is removed, durably.
    pub fn take_clean_shutdown(&self) -> Result<Option<CleanShutdown>, StorageError> {
        unfinished()
    }

    /// Says that everything in the directory is closed and synced. Waits for the disk.
    pub fn write_clean_shutdown(&self, broker_epoch: i64) -> Result<(), StorageError> {
        let _ = broker_epoch;
        unfinished()
    }

    /// Room on its file system.
    pub fn space(&self) -> Result<DiskSpace, StorageError> {
        unfinished()
    }
}

/// A clean shutdown marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CleanShutdown {
    /// Epoch of the broker at its stop; `None` if the marker was there but not readable.
    pub broker_epoch: Option<i64>,
}
