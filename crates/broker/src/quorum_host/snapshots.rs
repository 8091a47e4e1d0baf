//! Which snapshots of the metadata log there are, and writing and dropping them.
//!
//! A snapshot is written as `.checkpoint.part`, synced, renamed; one that goes is renamed to `.checkpoint.deleted` first,
//! so that no crash leaves a snapshot that the log no longer joins. Source: KIP-630; Kafka `KafkaRaftLog`, `Snapshots`.

use std::collections::BTreeMap;
use std::io::IoSlice;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ottla_metadata::image::MetadataImage;
use ottla_metadata::snapshot::{self, Snapshot};
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{LeaderEpoch, Offset};
use ottla_replication::quorum::OffsetAndEpoch;
use ottla_storage::StorageError;
use ottla_storage::io::{Disk, EntryKind, OpenMode, read_file};
use ottla_storage::layout::{CHECKPOINT_SUFFIX, DELETED_SUFFIX, PART_SUFFIX, SnapshotName};

use super::batch::MetadataReadError;

/// A larger file is no snapshot of ours, and is not read into memory.
const SNAPSHOT_SIZE_MAX: u64 = 4 << 30;

/// The snapshot that formatting puts under a dynamic quorum's log: it holds the voters and nothing else.
pub(crate) const BOOTSTRAP_SNAPSHOT: SnapshotName = SnapshotName { offset: Offset::ZERO, epoch: 0 };

/// What is known of a snapshot file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SnapshotFile {
    /// Size in bytes.
    pub(crate) size: u64,
    /// Append time of the last record that it contains, if it was read or written by this process.
    pub(crate) last_contained_log_timestamp: Option<Timestamp>,
}

/// The snapshots of a metadata log.
#[derive(Debug)]
pub(crate) struct Snapshots {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    files: BTreeMap<SnapshotName, SnapshotFile>,
}

impl Snapshots {
    /// Lists the snapshots in `dir`, and removes what an interrupted writing or dropping left behind.
    pub(crate) fn open(disk: Arc<dyn Disk>, dir: &Path) -> Result<Self, StorageError> {
        let mut files = BTreeMap::new();
        for entry in disk.list(dir)? {
            let path = dir.join(&entry.name);
            if let Some(name) = SnapshotName::parse(&entry.name).filter(|_| entry.kind == EntryKind::File) {
                let size = disk.stat(&path)?.map_or(0, |stat| stat.size);
                files.insert(name, SnapshotFile { size, last_contained_log_timestamp: None });
            } else if is_leftover(&entry.name) {
                disk.remove_file(&path)?;
            }
        }
        Ok(Self { disk, dir: dir.to_path_buf(), files })
    }

    /// The snapshot that covers most.
    pub(crate) fn newest(&self) -> Option<SnapshotName> {
        self.files.last_key_value().map(|(name, _)| *name)
    }

    /// The snapshots from the oldest to the newest.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (SnapshotName, SnapshotFile)> + '_ {
        self.files.iter().map(|(name, file)| (*name, *file))
    }

    /// Size of all snapshots, in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.files.values().map(|file| file.size).sum()
    }

    /// The path of a snapshot.
    pub(crate) fn path(&self, name: SnapshotName) -> PathBuf {
        self.dir.join(name.to_string())
    }

    /// Reads a snapshot.
    pub(crate) fn read(&mut self, name: SnapshotName) -> Result<Snapshot, MetadataReadError> {
        let path = self.path(name);
        let damaged =
            |reason: String| MetadataReadError::Damaged { path: path.clone(), offset: Offset::ZERO, reason };
        let bytes = read_file(&*self.disk, &path, SNAPSHOT_SIZE_MAX)?;
        let bytes = bytes.ok_or_else(|| damaged("the file is gone".into()))?;
        let snapshot = snapshot::decode(&bytes).map_err(|error| damaged(error.to_string()))?;
        let timestamp = Some(snapshot.last_contained_log_timestamp);
        self.files
            .insert(name, SnapshotFile { size: bytes.len() as u64, last_contained_log_timestamp: timestamp });
        Ok(snapshot)
    }

    /// The append time of the last record in a snapshot; read from the file if need be.
    pub(crate) fn timestamp(&mut self, name: SnapshotName) -> Result<Timestamp, MetadataReadError> {
        match self.files.get(&name).and_then(|file| file.last_contained_log_timestamp) {
            Some(timestamp) => Ok(timestamp),
            None => Ok(self.read(name)?.last_contained_log_timestamp),
        }
    }

    /// The task that writes a snapshot of an image; `head` says who votes.
    pub(crate) fn task(
        &self,
        name: SnapshotName,
        head: Snapshot,
        image: MetadataImage,
        now: Timestamp,
    ) -> SnapshotTask {
        SnapshotTask { disk: Arc::clone(&self.disk), dir: self.dir.clone(), name, head, image, now }
    }

    /// Takes note of a snapshot that was written.
    pub(crate) fn insert(&mut self, written: SnapshotWritten) {
        let SnapshotWritten { name, size, last_contained_log_timestamp } = written;
        let last_contained_log_timestamp = Some(last_contained_log_timestamp);
        self.files.insert(name, SnapshotFile { size, last_contained_log_timestamp });
    }

    /// Drops every snapshot that ends below `offset`.
    pub(crate) fn drop_before(&mut self, offset: Offset) -> Result<(), StorageError> {
        while let Some((name, _)) = self.files.first_key_value().filter(|(name, _)| name.offset < offset) {
            let path = self.path(*name);
            let deleted = self.dir.join(format!("{name}{DELETED_SUFFIX}"));
            self.disk.rename(&path, &deleted)?;
            self.disk.remove_file(&deleted)?;
            self.files.pop_first();
        }
        Ok(())
    }
}

fn is_leftover(name: &str) -> bool {
    [PART_SUFFIX, DELETED_SUFFIX]
        .iter()
        .any(|suffix| name.strip_suffix(suffix).is_some_and(|rest| rest.ends_with(CHECKPOINT_SUFFIX)))
}

/// A snapshot to be written: run it on another thread.
#[derive(Debug)]
pub struct SnapshotTask {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    name: SnapshotName,
    /// All but the records.
    head: Snapshot,
    image: MetadataImage,
    now: Timestamp,
}

/// A snapshot that is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotWritten {
    name: SnapshotName,
    size: u64,
    last_contained_log_timestamp: Timestamp,
}

impl SnapshotWritten {
    /// Which snapshot.
    pub(crate) fn name(&self) -> SnapshotName {
        self.name
    }

    /// Its size in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }
}

/// The place in the log that a snapshot's name is.
pub(crate) fn offset_and_epoch(name: SnapshotName) -> OffsetAndEpoch {
    OffsetAndEpoch { epoch: LeaderEpoch(name.epoch), offset: name.offset }
}

impl SnapshotTask {
    /// Writes the snapshot. Waits for the disk.
    pub fn run(self) -> Result<SnapshotWritten, StorageError> {
        let content = Snapshot { records: snapshot::snapshot_records(&self.image), ..self.head };
        let bytes = snapshot::encode(&content, LeaderEpoch(self.name.epoch), self.now);
        let part = self.dir.join(format!("{}{PART_SUFFIX}", self.name));
        let file = self.disk.open(&part, OpenMode::Truncate)?;
        file.write_at(&[IoSlice::new(&bytes)], 0)?;
        file.sync_data()?;
        drop(file);
        self.disk.rename(&part, &self.dir.join(self.name.to_string()))?;
        self.disk.sync_dir(&self.dir)?;
        let last_contained_log_timestamp = content.last_contained_log_timestamp;
        Ok(SnapshotWritten { name: self.name, size: bytes.len() as u64, last_contained_log_timestamp })
    }
}
