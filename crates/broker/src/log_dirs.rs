//! The log directories as a shard sees them: which replica lies where, and where a new one goes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use ottla_protocol::types::{DirectoryId, Offset, TopicId};
use ottla_storage::io::{Disk, DiskSpace, StorageError};

use crate::effect::ShardId;
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
    /// Whether it gets no new replicas (`cordoned.log.dirs`).
    pub is_cordoned: bool,
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

/// Where a replica goes, by index in [`LogDirs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Into this directory.
    Online(usize),
    /// Nowhere: it may lie in this directory, which is offline.
    Offline(usize),
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
                is_offline: dir.is_offline,
                is_cordoned: false,
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

    /// Where the directory with this index in `log.dirs` stands in this list.
    #[must_use]
    pub fn at(&self, log_dir: usize) -> Option<usize> {
        self.dirs.iter().position(|dir| dir.index == log_dir)
    }

    /// All directories.
    pub fn iter(&self) -> impl Iterator<Item = &LogDirState> {
        self.dirs.iter()
    }

    /// Takes the folder that was found for a partition at start; there is none after the first call.
    pub fn take_found(&mut self, topic: &str, partition: i32) -> Option<FoundReplica> {
        self.found.remove(&(topic.to_owned(), partition))
    }

    /// Where a replica goes that has no folder: the directory that the cluster's state names, else the one with the fewest
    /// replicas that is not cordoned. `shard` decides between equals, so that not all shards begin with the same one.
    ///
    /// If the named directory is not online, but some directory is offline, the replica may lie in that one: an empty one
    /// must not take its place. Source: Kafka `Partition.createLogInAssignedDirectoryId`, `LogManager.nextLogDirs`.
    #[must_use]
    pub fn place(&self, assigned: Option<DirectoryId>, shard: ShardId) -> Place {
        let online = || self.dirs.iter().enumerate().filter(|(_, dir)| !dir.is_offline);
        let named = assigned.and_then(|id| online().find(|(_, dir)| dir.directory_id == id));
        if let Some((at, _)) = named {
            return Place::Online(at);
        }
        let offline = self.dirs.iter().position(|dir| dir.is_offline);
        let is_named = assigned.is_some_and(|id| id != DirectoryId::UNASSIGNED);
        if let Some(at) = offline.filter(|_| is_named || online().next().is_none()) {
            return Place::Offline(at);
        }
        let distance =
            |at: usize| (at + self.dirs.len() - usize::from(shard.0) % self.dirs.len()) % self.dirs.len();
        let open = online().filter(|(_, dir)| !dir.is_cordoned);
        let best = open.min_by_key(|(at, dir)| (dir.replica_count, distance(*at)));
        Place::Online(best.or_else(|| online().next()).map_or(0, |(at, _)| at))
    }

    /// Only the directories with these paths get no new replicas; `*` stands for all.
    pub fn cordon(&mut self, paths: &[String]) {
        for dir in &mut self.dirs {
            let is_meant = |path: &String| path == "*" || *path == dir.path.to_string_lossy();
            dir.is_cordoned = paths.iter().any(is_meant);
        }
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

#[cfg(test)]
mod tests {
    use ottla_protocol::types::Uuid;

    use super::*;

    fn id(index: usize) -> DirectoryId {
        DirectoryId(Uuid::from_u128(1000 + index as u128))
    }

    /// Directories with so many replicas each, some of which are offline.
    fn dirs(replicas: &[usize], offline: &[usize]) -> LogDirs {
        let dir = |index| BootedLogDir {
            index,
            path: format!("/{index}").into(),
            directory_id: id(index),
            clean_shutdown: true,
            is_offline: offline.contains(&index),
            replicas: Vec::new(),
        };
        let mut dirs = LogDirs::new(&(0..replicas.len()).map(dir).collect::<Vec<_>>());
        for (at, count) in replicas.iter().enumerate() {
            dirs.count(at, isize::try_from(*count).unwrap());
        }
        dirs
    }

    const ANYWHERE: Option<DirectoryId> = Some(DirectoryId::UNASSIGNED);

    #[test]
    fn a_replica_goes_where_the_cluster_says_or_where_fewest_are() {
        let dirs = dirs(&[2, 1, 1], &[]);
        assert_eq!(dirs.place(Some(id(0)), ShardId(0)), Place::Online(0));
        for (shard, at) in [(0, 1), (1, 1), (2, 2), (3, 1), (5, 2)] {
            assert_eq!(dirs.place(ANYWHERE, ShardId(shard)), Place::Online(at), "shard {shard}");
        }
        assert_eq!(dirs.place(None, ShardId(0)), Place::Online(1), "the state knows no directories");
    }

    #[test]
    fn a_replica_that_may_lie_in_a_directory_that_is_offline_is_not_made_again() {
        let two = dirs(&[0, 0], &[1]);
        assert_eq!(two.place(Some(id(1)), ShardId(0)), Place::Offline(1));
        assert_eq!(two.place(Some(DirectoryId::LOST), ShardId(0)), Place::Offline(1));
        assert_eq!(
            two.place(Some(id(7)), ShardId(0)),
            Place::Offline(1),
            "it may be the one that is offline"
        );
        assert_eq!(two.place(ANYWHERE, ShardId(1)), Place::Online(0));
        let taken_away = dirs(&[0, 0], &[]);
        assert_eq!(taken_away.place(Some(id(7)), ShardId(0)), Place::Online(0), "it is gone for good");
        assert_eq!(dirs(&[0], &[0]).place(ANYWHERE, ShardId(0)), Place::Offline(0));
    }

    #[test]
    fn cordoned_directories_get_nothing_unless_all_are() {
        let mut dirs = dirs(&[0, 5], &[]);
        dirs.cordon(&["/0".into(), "/elsewhere".into()]);
        assert_eq!(dirs.place(ANYWHERE, ShardId(0)), Place::Online(1));
        assert_eq!(dirs.place(Some(id(0)), ShardId(0)), Place::Online(0), "what is named stays named");
        dirs.cordon(&["*".into()]);
        assert_eq!(dirs.place(ANYWHERE, ShardId(0)), Place::Online(0));
        dirs.cordon(&[]);
        assert_eq!(dirs.place(ANYWHERE, ShardId(0)), Place::Online(0));
    }
}
