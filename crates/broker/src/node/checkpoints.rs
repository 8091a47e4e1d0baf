//! The checkpoint files of the log directories: what the shards say of their logs, merged, and written when it is time.
//!
//! A file is written only when its content has changed, and not sooner after the last time than its period says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use ottla_metadata::config::LogManagerConfig;
use ottla_protocol::time::Monotonic;
use ottla_protocol::types::Offset;
use ottla_storage::layout::TopicPartition;
use ottla_storage::log_dir::{CheckpointKind, Checkpoints as StoredCheckpoints, LogDir};

use super::job::{CheckpointFile, Work};
use crate::effect::{PartitionCheckpoint, ShardId};

type Entries = BTreeMap<TopicPartition, Offset>;

/// One checkpoint file of one log directory.
#[derive(Debug)]
struct File {
    kind: CheckpointKind,
    /// What was written last, or read at start.
    written: Entries,
    /// It is not written again before.
    due: Monotonic,
    /// Whether the shards have said something else since.
    is_dirty: bool,
}

/// One log directory.
#[derive(Debug)]
struct Directory {
    index: usize,
    dir: Arc<LogDir>,
    files: [File; 4],
    /// Files are being written: at most one job per directory is under way.
    is_writing: bool,
    /// It failed, or a log in it did: nothing more is written to it.
    has_failed: bool,
}

/// The checkpoint files of all log directories.
#[derive(Debug)]
pub(super) struct CheckpointBook {
    directories: Vec<Directory>,
    by_shard: BTreeMap<ShardId, Vec<PartitionCheckpoint>>,
    periods: Periods,
}

/// How often the files are written.
#[derive(Clone, Copy, Debug)]
struct Periods {
    recovery_point: Duration,
    log_start_offset: Duration,
    high_watermark: Duration,
}

impl Periods {
    fn of(&self, kind: CheckpointKind) -> Duration {
        match kind {
            CheckpointKind::RecoveryPoint => self.recovery_point,
            CheckpointKind::LogStartOffset => self.log_start_offset,
            // Kafka has no period for the cleaner's: it writes the file after every round.
            CheckpointKind::HighWatermark | CheckpointKind::Cleaner => self.high_watermark,
        }
    }
}

impl CheckpointBook {
    /// The files of these directories as they stand at start.
    pub(super) fn new(
        directories: Vec<(usize, Arc<LogDir>, StoredCheckpoints)>,
        config: &LogManagerConfig,
        now: Monotonic,
    ) -> Self {
        let millis = |value: i64| Duration::from_millis(u64::try_from(value).unwrap_or(0));
        let periods = Periods {
            recovery_point: millis(config.recovery_point_checkpoint_interval_ms.into()),
            log_start_offset: millis(config.log_start_checkpoint_interval_ms.into()),
            high_watermark: millis(config.high_watermark_checkpoint_interval_ms),
        };
        let file = |kind, written| File { kind, written, due: now + periods.of(kind), is_dirty: false };
        let directory = |(index, dir, stored): (usize, Arc<LogDir>, StoredCheckpoints)| Directory {
            index,
            dir,
            files: [
                file(CheckpointKind::RecoveryPoint, stored.recovery_points),
                file(CheckpointKind::LogStartOffset, stored.log_start_offsets),
                file(CheckpointKind::HighWatermark, stored.high_watermarks),
                file(CheckpointKind::Cleaner, stored.cleaned),
            ],
            is_writing: false,
            has_failed: false,
        };
        Self {
            directories: directories.into_iter().map(directory).collect(),
            by_shard: BTreeMap::new(),
            periods,
        }
    }

    /// Takes in where the logs of a shard stand.
    pub(super) fn update(&mut self, shard: ShardId, entries: Vec<PartitionCheckpoint>) {
        let name = |entry: &PartitionCheckpoint| (Arc::clone(&entry.topic), entry.partition);
        let names: BTreeSet<_> = entries.iter().map(name).collect();
        let before = self.by_shard.insert(shard, entries).unwrap_or_default();
        // What a deleted partition leaves must not be taken for that of another one of its name: it is written out at once.
        let is_one_gone = before.iter().any(|entry| !names.contains(&name(entry)));
        for file in self.directories.iter_mut().flat_map(|directory| &mut directory.files) {
            file.is_dirty = true;
            if is_one_gone {
                file.due = Monotonic(0);
            }
        }
    }

    /// Writes nothing more to a directory.
    pub(super) fn fail(&mut self, log_dir: usize) {
        for directory in self.directories.iter_mut().filter(|directory| directory.index == log_dir) {
            directory.has_failed = true;
        }
    }

    /// Takes note that a job has ended.
    pub(super) fn written(&mut self, log_dir: usize) {
        for directory in self.directories.iter_mut().filter(|directory| directory.index == log_dir) {
            directory.is_writing = false;
        }
    }

    /// When [`Self::poll`] may have something to do.
    pub(super) fn deadline(&self) -> Monotonic {
        let idle = self.directories.iter().filter(|directory| !directory.is_writing && !directory.has_failed);
        let dirty = idle.flat_map(|directory| &directory.files).filter(|file| file.is_dirty);
        dirty.map(|file| file.due).min().unwrap_or(Monotonic::NEVER)
    }

    /// The jobs that are due.
    pub(super) fn poll(&mut self, now: Monotonic) -> Vec<Work> {
        let mut jobs = Vec::new();
        for at in 0..self.directories.len() {
            let directory = &self.directories[at];
            if directory.is_writing || directory.has_failed {
                continue;
            }
            let files = self.take_changed(at, now, |file| file.is_dirty && file.due <= now);
            if !files.is_empty() {
                let directory = &mut self.directories[at];
                directory.is_writing = true;
                let dir = Arc::clone(&directory.dir);
                jobs.push(Work::Checkpoints { log_dir: directory.index, dir, files });
            }
        }
        jobs
    }

    /// What is left to write when the broker stops, with the directory: `None` for one that has failed.
    pub(super) fn close(&mut self, now: Monotonic) -> Vec<(usize, Arc<LogDir>, Option<Vec<CheckpointFile>>)> {
        let mut closing = Vec::new();
        for at in 0..self.directories.len() {
            let files = self.take_changed(at, now, |_| true);
            let directory = &self.directories[at];
            closing.push((
                directory.index,
                Arc::clone(&directory.dir),
                (!directory.has_failed).then_some(files),
            ));
        }
        closing
    }

    /// The new content of those files of a directory that `select` picks and whose content differs.
    fn take_changed(
        &mut self,
        at: usize,
        now: Monotonic,
        select: impl Fn(&File) -> bool,
    ) -> Vec<CheckpointFile> {
        let index = self.directories[at].index;
        let mut changed = Vec::new();
        for file in self.directories[at].files.iter_mut().filter(|file| select(file)) {
            let entries = self.by_shard.values().flatten().filter(|entry| entry.log_dir == index);
            let current: Entries = entries.filter_map(|entry| file_entry(file.kind, entry)).collect();
            file.is_dirty = false;
            file.due = now + self.periods.of(file.kind);
            if current != file.written {
                let entries =
                    current.iter().map(|(partition, offset)| (partition.clone(), *offset)).collect();
                changed.push(CheckpointFile { kind: file.kind, entries });
                file.written = current;
            }
        }
        changed
    }
}

fn file_entry(kind: CheckpointKind, entry: &PartitionCheckpoint) -> Option<(TopicPartition, Offset)> {
    let offset = match kind {
        CheckpointKind::RecoveryPoint => entry.recovery_point,
        // A log that begins at 0 says nothing that its first segment's name does not.
        CheckpointKind::LogStartOffset if entry.log_start_offset == Offset::ZERO => return None,
        CheckpointKind::LogStartOffset => entry.log_start_offset,
        CheckpointKind::HighWatermark => entry.high_watermark,
        CheckpointKind::Cleaner => entry.cleaned_up_to?,
    };
    Some((TopicPartition { topic: Arc::clone(&entry.topic), partition: entry.partition }, offset))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use ottla_storage::io::simulated::SimulatedDisk;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn book(disk: &SimulatedDisk) -> CheckpointBook {
        let dir = |index, path| {
            let dir = LogDir::open(disk.shared(), Path::new(path)).unwrap();
            (index, Arc::new(dir), StoredCheckpoints::default())
        };
        let config = LogManagerConfig {
            recovery_point_checkpoint_interval_ms: 60_000,
            log_start_checkpoint_interval_ms: 60_000,
            high_watermark_checkpoint_interval_ms: 5_000,
            ..config()
        };
        CheckpointBook::new(vec![dir(0, "/a"), dir(1, "/b")], &config, Monotonic(0))
    }

    fn config() -> LogManagerConfig {
        let layers = ottla_metadata::config::ConfigLayers::of_static(Arc::new(
            ottla_metadata::config::StaticConfig::from_properties(
                "node.id=1\nprocess.roles=broker,controller\ncontroller.listener.names=C\nlisteners=PLAINTEXT://:1,C://:2",
            )
            .unwrap(),
        ));
        ottla_metadata::config::BrokerConfig::resolve(&layers).unwrap().log_manager
    }

    fn entry(log_dir: usize, topic: &str, offsets: [i64; 3]) -> PartitionCheckpoint {
        let [recovery_point, log_start_offset, high_watermark] = offsets.map(Offset);
        PartitionCheckpoint {
            log_dir,
            topic: topic.into(),
            partition: 0,
            recovery_point,
            log_start_offset,
            high_watermark,
            cleaned_up_to: (topic == "x").then_some(Offset(5)),
        }
    }

    fn run(book: &mut CheckpointBook, now: Monotonic) -> usize {
        let jobs = book.poll(now);
        let count = jobs.len();
        for job in jobs {
            let super::super::job::WorkDone::Checkpoints { log_dir, result } =
                super::super::job::NodeJob(job).run().0
            else {
                panic!("not a checkpoint job")
            };
            result.unwrap();
            book.written(log_dir);
        }
        count
    }

    fn read(book: &CheckpointBook, at: usize) -> StoredCheckpoints {
        book.directories[at].dir.checkpoints().unwrap()
    }

    #[test]
    fn files_hold_what_all_shards_say_of_a_directory() {
        let disk = SimulatedDisk::new(0);
        let mut book = book(&disk);
        assert_eq!(book.deadline(), Monotonic::NEVER);
        book.update(ShardId(0), vec![entry(0, "x", [7, 0, 9]), entry(1, "y", [1, 1, 1])]);
        book.update(ShardId(1), vec![entry(0, "z", [3, 2, 4])]);
        assert_eq!(book.deadline(), Monotonic(0) + SECOND * 5);
        assert_eq!(run(&mut book, Monotonic(0) + SECOND * 4), 0, "not yet");
        assert_eq!(run(&mut book, Monotonic(0) + SECOND * 60), 2);
        let key = |topic| TopicPartition::new(topic, 0);
        let stored = read(&book, 0);
        assert_eq!(stored.recovery_points, [(key("x"), Offset(7)), (key("z"), Offset(3))].into());
        assert_eq!(stored.log_start_offsets, [(key("z"), Offset(2))].into());
        assert_eq!(stored.high_watermarks, [(key("x"), Offset(9)), (key("z"), Offset(4))].into());
        assert_eq!(stored.cleaned, [(key("x"), Offset(5))].into(), "the others never were");
        assert_eq!(read(&book, 1).high_watermarks, [(key("y"), Offset(1))].into());
        assert_eq!(book.deadline(), Monotonic::NEVER);
    }

    #[test]
    fn unchanged_files_are_not_written_again() {
        let disk = SimulatedDisk::new(0);
        let mut book = book(&disk);
        let entries = vec![entry(0, "x", [7, 0, 9])];
        book.update(ShardId(0), entries.clone());
        assert_eq!(run(&mut book, Monotonic(0) + SECOND * 60), 1);
        let operations = disk.operations();
        book.update(ShardId(0), entries);
        assert_eq!(run(&mut book, Monotonic(0) + SECOND * 200), 0);
        assert_eq!(disk.operations(), operations);
    }

    #[test]
    fn what_a_deleted_partition_leaves_is_written_out_at_once() {
        let disk = SimulatedDisk::new(0);
        let mut book = book(&disk);
        book.update(ShardId(0), vec![entry(0, "x", [7, 5, 9]), entry(0, "z", [3, 2, 4])]);
        run(&mut book, Monotonic(0) + SECOND * 60);
        book.update(ShardId(0), vec![entry(0, "z", [4, 2, 4])]);
        assert_eq!(run(&mut book, Monotonic(0) + SECOND * 61), 1, "long before the file would be due");
        let key = TopicPartition::new("z", 0);
        assert_eq!(read(&book, 0).log_start_offsets, [(key.clone(), Offset(2))].into());
        assert_eq!(read(&book, 0).recovery_points, [(key, Offset(4))].into());
    }

    #[test]
    fn one_job_per_directory_is_under_way() {
        let disk = SimulatedDisk::new(0);
        let mut book = book(&disk);
        book.update(ShardId(0), vec![entry(0, "x", [7, 0, 9])]);
        assert_eq!(book.poll(Monotonic(0) + SECOND * 60).len(), 1);
        book.update(ShardId(0), vec![entry(0, "x", [8, 0, 9])]);
        assert_eq!((book.poll(Monotonic(0) + SECOND * 200).len(), book.deadline()), (0, Monotonic::NEVER));
        book.written(0);
        assert_eq!(book.poll(Monotonic(0) + SECOND * 200).len(), 1);
    }

    #[test]
    fn a_failed_directory_is_left_alone() {
        let disk = SimulatedDisk::new(0);
        let mut book = book(&disk);
        book.update(ShardId(0), vec![entry(0, "x", [7, 0, 9]), entry(1, "y", [1, 1, 1])]);
        book.fail(0);
        assert_eq!(book.poll(Monotonic(0) + SECOND * 60).len(), 1);
        let closing: Vec<_> =
            book.close(Monotonic(0)).into_iter().map(|(at, _, files)| (at, files.is_some())).collect();
        assert_eq!(closing, [(0, false), (1, true)]);
    }
}
