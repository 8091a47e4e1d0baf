//! Every name on disk, in one place.
//!
//! ```text
//! <log dir>/                         .lock  meta.properties  bootstrap.checkpoint  .kafka_cleanshutdown
//!                                    recovery-point-offset-checkpoint  log-start-offset-checkpoint
//!                                    replication-offset-checkpoint  cleaner-offset-checkpoint
//!   <topic>-<partition>/             partition.metadata  leader-epoch-checkpoint
//!     <20-digit base offset>.log .index .timeindex .txnindex     <20-digit offset>.snapshot
//!     any of these with .deleted (to be unlinked), .cleaned (compaction at work), .swap (compaction's result)
//!   <topic>-<partition>.<32 hex>-delete | -stray | -future/      on its way out | not ours | on its way in
//! ```
//!
//! Source: Kafka `LogFileUtils`, `LocalLog`, `UnifiedLog.parseTopicPartitionName`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ottla_protocol::types::{Offset, Uuid};

/// Identity of a log directory and of its cluster.
pub const META_PROPERTIES: &str = "meta.properties";
/// Locked for as long as a process uses the log directory.
pub const LOCK: &str = ".lock";
/// Written at a clean stop, removed at start.
pub const CLEAN_SHUTDOWN: &str = ".kafka_cleanshutdown";
/// The metadata records that a freshly formatted controller starts from.
pub const BOOTSTRAP_CHECKPOINT: &str = "bootstrap.checkpoint";
/// Offsets below which each log is known to be synced.
pub const RECOVERY_POINT_CHECKPOINT: &str = "recovery-point-offset-checkpoint";
/// First offsets that may be read, where they are not the first segment's base.
pub const LOG_START_OFFSET_CHECKPOINT: &str = "log-start-offset-checkpoint";
/// High watermarks.
pub const HIGH_WATERMARK_CHECKPOINT: &str = "replication-offset-checkpoint";
/// First offsets that compaction has not seen.
pub const CLEANER_CHECKPOINT: &str = "cleaner-offset-checkpoint";
/// Where tiered storage caches its indexes; no replica.
pub const REMOTE_LOG_INDEX_CACHE: &str = "remote-log-index-cache";
/// Directory of the metadata log.
pub const CLUSTER_METADATA_DIR: &str = "__cluster_metadata-0";
/// The quorum's vote and epoch, in [`CLUSTER_METADATA_DIR`].
pub const QUORUM_STATE: &str = "quorum-state";

/// The topic's id, in a replica's directory.
pub const PARTITION_METADATA: &str = "partition.metadata";
/// First offset of each leader epoch, in a replica's directory.
pub const LEADER_EPOCH_CHECKPOINT: &str = "leader-epoch-checkpoint";

/// What a file that shall replace another is written as.
pub const TEMPORARY_SUFFIX: &str = ".tmp";
/// A file that waits to be unlinked.
pub const DELETED_SUFFIX: &str = ".deleted";
/// Compaction's output while it is being written.
pub const CLEANED_SUFFIX: &str = ".cleaned";
/// Compaction's output, whole, which takes the place of what it was made from.
pub const SWAP_SUFFIX: &str = ".swap";
/// A metadata snapshot.
pub const CHECKPOINT_SUFFIX: &str = ".checkpoint";
/// A metadata snapshot while it is being written.
pub const PART_SUFFIX: &str = ".part";

/// The longest name that common file systems take, in bytes.
const NAME_SIZE_MAX: usize = 255;

/// The kinds of numbered files in a replica's directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// Batches.
    Log,
    /// Offset to position.
    OffsetIndex,
    /// Timestamp to offset.
    TimeIndex,
    /// Aborted transactions.
    TransactionIndex,
    /// Producer state up to the offset in the name.
    ProducerSnapshot,
}

impl FileKind {
    /// The four files of a segment, the log first.
    pub const OF_SEGMENT: [Self; 4] = [Self::Log, Self::OffsetIndex, Self::TimeIndex, Self::TransactionIndex];
    const ALL: [Self; 5] =
        [Self::Log, Self::OffsetIndex, Self::TimeIndex, Self::TransactionIndex, Self::ProducerSnapshot];

    /// The suffix, with its dot.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Log => ".log",
            Self::OffsetIndex => ".index",
            Self::TimeIndex => ".timeindex",
            Self::TransactionIndex => ".txnindex",
            Self::ProducerSnapshot => ".snapshot",
        }
    }
}

/// What has become of a numbered file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileState {
    /// It is in use.
    Live,
    /// It waits to be unlinked.
    Deleted,
    /// Compaction was writing it.
    Cleaned,
    /// Compaction had finished it.
    Swap,
}

impl FileState {
    const ALL: [Self; 4] = [Self::Deleted, Self::Cleaned, Self::Swap, Self::Live];

    /// What is appended to the name.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Live => "",
            Self::Deleted => DELETED_SUFFIX,
            Self::Cleaned => CLEANED_SUFFIX,
            Self::Swap => SWAP_SUFFIX,
        }
    }
}

/// The name of a numbered file in a replica's directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName {
    /// Base offset of the segment, or end offset of the snapshot.
    pub offset: Offset,
    /// What it holds.
    pub kind: FileKind,
    /// Whether it is in use.
    pub state: FileState,
}

impl FileName {
    /// The live file of `kind` at `offset`.
    #[must_use]
    pub const fn live(offset: Offset, kind: FileKind) -> Self {
        Self { offset, kind, state: FileState::Live }
    }

    /// The name's parts, or `None` if it is none of these names.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (rest, state) =
            FileState::ALL.iter().find_map(|state| Some((name.strip_suffix(state.suffix())?, *state)))?;
        let (digits, kind) =
            FileKind::ALL.iter().find_map(|kind| Some((rest.strip_suffix(kind.suffix())?, *kind)))?;
        let is_number = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
        // No log gets there, and what lies behind a base offset must be an offset, too.
        const OFFSET_MAX: i64 = i64::MAX - (1 << 33);
        let offset = Offset(if is_number { digits.parse().ok()? } else { return None });
        if offset.0 > OFFSET_MAX {
            return None;
        }
        Some(Self { offset, kind, state })
    }

    /// The path in `dir`.
    #[must_use]
    pub fn in_dir(self, dir: &Path) -> PathBuf {
        dir.join(self.to_string())
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:020}{}{}", self.offset.0, self.kind.suffix(), self.state.suffix())
    }
}

/// A partition by name, as directories and checkpoint files have it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// The topic's name.
    pub topic: Arc<str>,
    /// Index of the partition in its topic, from 0.
    pub partition: i32,
}

impl TopicPartition {
    /// Partition `partition` of `topic`.
    #[must_use]
    pub fn new(topic: &str, partition: i32) -> Self {
        Self { topic: topic.into(), partition }
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

/// What a replica's directory is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReplicaDirKind {
    /// The replica in use.
    Current,
    /// To be removed (`-delete`).
    Delete,
    /// Found at start and not ours; kept for the operator (`-stray`).
    Stray,
    /// Target of a move between log directories (`-future`).
    Future,
}

impl ReplicaDirKind {
    const SUFFIXED: [Self; 3] = [Self::Delete, Self::Stray, Self::Future];

    const fn suffix(self) -> &'static str {
        match self {
            Self::Current => "",
            Self::Delete => "-delete",
            Self::Stray => "-stray",
            Self::Future => "-future",
        }
    }
}

/// The name of a replica's directory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplicaDirName {
    /// The partition. The topic of a `-delete` or `-stray` directory may be cut short.
    pub topic_partition: TopicPartition,
    /// What the directory is for.
    pub kind: ReplicaDirKind,
    name: Box<str>,
}

impl ReplicaDirName {
    /// The directory of the replica in use.
    #[must_use]
    pub fn current(topic_partition: TopicPartition) -> Self {
        let name = topic_partition.to_string().into();
        Self { topic_partition, kind: ReplicaDirKind::Current, name }
    }

    /// A directory of another kind than `Current`; `unique_id` keeps several of one partition apart. The topic is cut so that
    /// the name fits 255 bytes, but not for `Future`, as Kafka does it.
    #[must_use]
    pub fn suffixed(topic_partition: TopicPartition, kind: ReplicaDirKind, unique_id: Uuid) -> Self {
        if kind == ReplicaDirKind::Current {
            return Self::current(topic_partition);
        }
        let tail = format!("-{}.{:032x}{}", topic_partition.partition, unique_id.as_u128(), kind.suffix());
        let topic: &str = &topic_partition.topic;
        let room = if kind == ReplicaDirKind::Future { topic.len() } else { NAME_SIZE_MAX - tail.len() };
        let cut = (0..=topic.len().min(room)).rev().find(|at| topic.is_char_boundary(*at)).unwrap_or(0);
        let name = format!("{}{tail}", &topic[..cut]).into();
        Self { topic_partition, kind, name }
    }

    /// The name's parts, or `None` if it is no replica's directory.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let suffixed = ReplicaDirKind::SUFFIXED
            .iter()
            .find_map(|kind| Some((name.strip_suffix(kind.suffix())?.rsplit_once('.')?, *kind)));
        let (base, kind) = match suffixed {
            Some(((base, unique_id), kind)) if !unique_id.is_empty() => (base, kind),
            _ => (name, ReplicaDirKind::Current),
        };
        let (topic, partition) = base.rsplit_once('-')?;
        let is_number = !partition.is_empty() && partition.bytes().all(|byte| byte.is_ascii_digit());
        if topic.is_empty() || !is_number {
            return None;
        }
        let topic_partition = TopicPartition::new(topic, partition.parse().ok()?);
        Some(Self { topic_partition, kind, name: name.into() })
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for ReplicaDirName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// The id of a metadata snapshot: it holds everything below `offset`, the last record of which has this epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnapshotName {
    /// End offset, exclusive.
    pub offset: Offset,
    /// Epoch of the last record.
    pub epoch: i32,
}

impl SnapshotName {
    /// The parts of `<20-digit offset>-<10-digit epoch>.checkpoint`, or `None` if it is no such name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (offset, epoch) = name.strip_suffix(CHECKPOINT_SUFFIX)?.split_once('-')?;
        let is_number =
            |text: &str, size| text.len() == size && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(offset, 20) || !is_number(epoch, 10) {
            return None;
        }
        Some(Self { offset: Offset(offset.parse().ok()?), epoch: epoch.parse().ok()? })
    }
}

impl fmt::Display for SnapshotName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:020}-{:010}{CHECKPOINT_SUFFIX}", self.offset.0, self.epoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_files_have_kafkas_names() {
        for (kind, state, name) in [
            (FileKind::Log, FileState::Live, "00000000000000000042.log"),
            (FileKind::OffsetIndex, FileState::Deleted, "00000000000000000042.index.deleted"),
            (FileKind::TimeIndex, FileState::Cleaned, "00000000000000000042.timeindex.cleaned"),
            (FileKind::TransactionIndex, FileState::Swap, "00000000000000000042.txnindex.swap"),
            (FileKind::ProducerSnapshot, FileState::Live, "00000000000000000042.snapshot"),
        ] {
            let file = FileName { offset: Offset(42), kind, state };
            assert_eq!(file.to_string(), name);
            assert_eq!(FileName::parse(name), Some(file));
        }
    }

    #[test]
    fn other_names_are_no_numbered_files() {
        for name in [
            "",
            ".log",
            "42.log",
            "0000000000000000004x.log",
            "99999999999999999999.log",
            "09223372036854775807.log",
            "-0000000000000000042.log",
            "00000000000000000042.log.tmp",
            "00000000000000000042-0000000001.checkpoint",
            "partition.metadata",
        ] {
            assert_eq!(FileName::parse(name), None, "{name}");
        }
    }

    #[test]
    fn replica_directories_are_told_apart() {
        let parse =
            |name: &str| ReplicaDirName::parse(name).map(|dir| (dir.topic_partition.to_string(), dir.kind));
        assert_eq!(parse("orders-7"), Some(("orders-7".into(), ReplicaDirKind::Current)));
        assert_eq!(parse("a-b.c-d-12"), Some(("a-b.c-d-12".into(), ReplicaDirKind::Current)));
        assert_eq!(parse("x.y-delete-0"), Some(("x.y-delete-0".into(), ReplicaDirKind::Current)));
        let id = Uuid::from_u128(0xabc);
        for kind in [ReplicaDirKind::Delete, ReplicaDirKind::Stray, ReplicaDirKind::Future] {
            let dir = ReplicaDirName::suffixed(TopicPartition::new("orders", 7), kind, id);
            assert_eq!(parse(dir.as_str()), Some(("orders-7".into(), kind)), "{dir}");
        }
        for name in ["", "-", "-0", "orders", "orders-", "orders-x", "orders--1x", "remote-log-index-cache"] {
            assert_eq!(parse(name), None, "{name}");
        }
    }

    #[test]
    fn long_topics_are_cut_in_delete_and_stray_names_only() {
        let id = Uuid::from_u128(u128::MAX);
        let name = |kind| ReplicaDirName::suffixed(TopicPartition::new(&"t".repeat(249), 10), kind, id);
        assert_eq!(name(ReplicaDirKind::Delete).as_str().len(), 255);
        assert_eq!(name(ReplicaDirKind::Stray).as_str().len(), 255);
        assert!(
            name(ReplicaDirKind::Delete).as_str().ends_with("-10.ffffffffffffffffffffffffffffffff-delete")
        );
        assert_eq!(name(ReplicaDirKind::Future).as_str().len(), 249 + 3 + 1 + 32 + 7);
    }

    #[test]
    fn metadata_snapshots_have_kafkas_names() {
        let snapshot = SnapshotName { offset: Offset(7), epoch: 3 };
        assert_eq!(snapshot.to_string(), "00000000000000000007-0000000003.checkpoint");
        assert_eq!(SnapshotName::parse(&snapshot.to_string()), Some(snapshot));
        assert_eq!(SnapshotName::parse("00000000000000000007-0000000003.checkpoint.part"), None);
        assert_eq!(SnapshotName::parse("bootstrap.checkpoint"), None);
    }
}
