//! One log directory: its lock, its identity, the replicas in it, and its checkpoint files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ottla_protocol::types::Offset;

use crate::checkpoint::{self, CheckpointError};
use crate::clean_shutdown;
pub use crate::clean_shutdown::CleanShutdown;
use crate::error::StorageError;
use crate::io::{Disk, DiskLock, DiskSpace, EntryKind};
use crate::layout::{
    CLEANER_CHECKPOINT, CLUSTER_METADATA_DIR, HIGH_WATERMARK_CHECKPOINT, LOCK, LOG_START_OFFSET_CHECKPOINT,
    META_PROPERTIES, RECOVERY_POINT_CHECKPOINT, REMOTE_LOG_INDEX_CACHE, ReplicaDirName, TopicPartition,
};
pub use crate::meta_properties::{MetaProperties, MetaPropertiesError};

/// Why a log directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LogDirError {
    /// Another process uses it.
    #[error("log directory {path} is locked: another broker is using it", path = .0.display())]
    Locked(PathBuf),
    /// `meta.properties` cannot be used.
    #[error(transparent)]
    MetaProperties(#[from] MetaPropertiesError),
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

/// The checkpoint files of a log directory. A file that is missing or unreadable has no entries: everything is recovered then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkpoints {
    /// Offsets below which each log is synced.
    pub recovery_points: BTreeMap<TopicPartition, Offset>,
    /// Log start offsets that are not the first segment's base.
    pub log_start_offsets: BTreeMap<TopicPartition, Offset>,
    /// High watermarks.
    pub high_watermarks: BTreeMap<TopicPartition, Offset>,
    /// Offsets below which each log is compacted.
    pub cleaned: BTreeMap<TopicPartition, Offset>,
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
    /// `cleaner-offset-checkpoint`.
    Cleaner,
}

impl CheckpointKind {
    /// The file's name.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::RecoveryPoint => RECOVERY_POINT_CHECKPOINT,
            Self::LogStartOffset => LOG_START_OFFSET_CHECKPOINT,
            Self::HighWatermark => HIGH_WATERMARK_CHECKPOINT,
            Self::Cleaner => CLEANER_CHECKPOINT,
        }
    }
}

/// A log directory that this process has locked.
#[derive(Debug)]
pub struct LogDir {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    meta_properties: Option<MetaProperties>,
    /// Given back when the value is dropped.
    _lock: Box<dyn DiskLock>,
}

impl LogDir {
    /// Creates the directory if need be, locks it, and reads its identity.
    pub fn open(disk: Arc<dyn Disk>, path: &Path) -> Result<Self, LogDirError> {
        disk.create_dir_all(path)?;
        let lock = disk.lock(&path.join(LOCK))?.ok_or_else(|| LogDirError::Locked(path.to_path_buf()))?;
        let meta_properties = MetaProperties::read(&*disk, &path.join(META_PROPERTIES))?;
        Ok(Self { disk, path: path.to_path_buf(), meta_properties, _lock: lock })
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file system that it is on.
    #[must_use]
    pub const fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    /// What `meta.properties` says; `None` if the directory was not formatted.
    #[must_use]
    pub const fn meta_properties(&self) -> Option<&MetaProperties> {
        self.meta_properties.as_ref()
    }

    /// Replaces `meta.properties`, durably. Waits for the disk.
    pub fn write_meta_properties(&mut self, properties: MetaProperties) -> Result<(), StorageError> {
        properties.write(&*self.disk, &self.path.join(META_PROPERTIES))?;
        self.meta_properties = Some(properties);
        Ok(())
    }

    /// Lists the replica directories. `-delete` ones shall be removed by the caller.
    pub fn replicas(&self) -> Result<Replicas, StorageError> {
        let mut replicas = Replicas::default();
        for entry in self.disk.list(&self.path)? {
            if entry.kind != EntryKind::Directory || entry.name == REMOTE_LOG_INDEX_CACHE {
                continue;
            }
            let path = self.path.join(&entry.name);
            if entry.name == CLUSTER_METADATA_DIR {
                replicas.has_cluster_metadata = true;
            } else if let Some(name) = ReplicaDirName::parse(&entry.name) {
                replicas.dirs.push((name, path));
            } else if entry.name != "lost+found" {
                replicas.unknown.push(path);
            }
        }
        Ok(replicas)
    }

    /// Reads the checkpoint files.
    pub fn checkpoints(&self) -> Result<Checkpoints, StorageError> {
        let mut unreadable = Vec::new();
        let mut read = |kind: CheckpointKind| {
            let path = self.path.join(kind.file_name());
            match checkpoint::read_offsets(&*self.disk, &path) {
                Ok(offsets) => Ok(offsets),
                Err(CheckpointError::Storage(error)) if !error.is_damage() => Err(error),
                Err(error) => {
                    unreadable.push((path, error.to_string()));
                    Ok(BTreeMap::new())
                }
            }
        };
        Ok(Checkpoints {
            recovery_points: read(CheckpointKind::RecoveryPoint)?,
            log_start_offsets: read(CheckpointKind::LogStartOffset)?,
            high_watermarks: read(CheckpointKind::HighWatermark)?,
            cleaned: read(CheckpointKind::Cleaner)?,
            unreadable,
        })
    }

    /// Replaces a checkpoint file, durably. Waits for the disk.
    pub fn write_checkpoint<'a>(
        &self,
        kind: CheckpointKind,
        entries: impl IntoIterator<Item = (&'a TopicPartition, Offset)>,
    ) -> Result<(), StorageError> {
        checkpoint::write_offsets(&*self.disk, &self.path.join(kind.file_name()), entries)
    }

    /// Whether the last stop was clean: what the marker said. The marker is taken away, durably.
    pub fn take_clean_shutdown(&self) -> Result<Option<CleanShutdown>, StorageError> {
        clean_shutdown::take(&*self.disk, &self.path)
    }

    /// Says that everything in the directory is closed and synced. Waits for the disk.
    pub fn write_clean_shutdown(&self, broker_epoch: i64) -> Result<(), StorageError> {
        clean_shutdown::write(&*self.disk, &self.path, broker_epoch)
    }

    /// Room on its file system.
    pub fn space(&self) -> Result<DiskSpace, StorageError> {
        self.disk.space(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use std::io::IoSlice;

    use ottla_protocol::types::{BrokerId, DirectoryId, Uuid};

    use super::*;
    use crate::io::OpenMode;
    use crate::io::simulated::SimulatedDisk;
    use crate::layout::ReplicaDirKind;

    const PATH: &str = "/data";

    fn open(disk: &SimulatedDisk) -> LogDir {
        LogDir::open(disk.shared(), Path::new(PATH)).unwrap()
    }

    #[test]
    fn a_directory_is_used_by_one_process() {
        let disk = SimulatedDisk::new(0);
        let first = open(&disk);
        let second = LogDir::open(disk.shared(), Path::new(PATH));
        assert!(matches!(second, Err(LogDirError::Locked(path)) if path == Path::new(PATH)));
        drop(first);
        open(&disk);
    }

    #[test]
    fn its_identity_is_kept() {
        let disk = SimulatedDisk::new(0);
        let mut dir = open(&disk);
        assert_eq!(dir.meta_properties(), None);
        let properties = MetaProperties::new("c".into(), BrokerId(1), DirectoryId(Uuid::from_u128(1 << 70)));
        dir.write_meta_properties(properties.clone()).unwrap();
        assert_eq!(dir.meta_properties(), Some(&properties));
        drop(dir);
        assert_eq!(open(&disk).meta_properties(), Some(&properties));
    }

    #[test]
    fn replicas_are_found_by_their_names() {
        let disk = SimulatedDisk::new(0);
        let dir = open(&disk);
        let gone =
            ReplicaDirName::suffixed(TopicPartition::new("b", 1), ReplicaDirKind::Delete, Uuid::from_u128(7));
        for name in ["a-0", gone.as_str(), "__cluster_metadata-0", "remote-log-index-cache", "whatever"] {
            disk.create_dir_all(&dir.path().join(name)).unwrap();
        }
        disk.open(&dir.path().join("file-0"), OpenMode::Create).unwrap();
        let current = ReplicaDirName::current(TopicPartition::new("a", 0));
        let at = |name: &str| dir.path().join(name);
        let expected = Replicas {
            dirs: vec![(current, at("a-0")), (gone.clone(), at(gone.as_str()))],
            unknown: vec![at("whatever")],
            has_cluster_metadata: true,
        };
        assert_eq!(dir.replicas().unwrap(), expected);
    }

    #[test]
    fn checkpoints_are_kept_and_an_unreadable_one_is_empty() {
        let disk = SimulatedDisk::new(0);
        let dir = open(&disk);
        assert_eq!(dir.checkpoints().unwrap(), Checkpoints::default());
        let key = TopicPartition::new("a", 0);
        dir.write_checkpoint(CheckpointKind::RecoveryPoint, [(&key, Offset(5))]).unwrap();
        dir.write_checkpoint(CheckpointKind::HighWatermark, [(&key, Offset(6))]).unwrap();
        let path = dir.path().join(LOG_START_OFFSET_CHECKPOINT);
        let garbage = disk.open(&path, OpenMode::Create).unwrap();
        garbage.write_at(&[IoSlice::new(b"\0\0\0")], 0).unwrap();
        let expected = Checkpoints {
            recovery_points: BTreeMap::from([(key.clone(), Offset(5))]),
            log_start_offsets: BTreeMap::new(),
            high_watermarks: BTreeMap::from([(key, Offset(6))]),
            cleaned: BTreeMap::new(),
            unreadable: vec![(path, "line 1 of the checkpoint is not version 0".into())],
        };
        assert_eq!(dir.checkpoints().unwrap(), expected);
    }
}
