//! What of a topic's configuration a log acts on.

use std::time::Duration;

/// How many bytes the index of one segment may take (`segment.index.bytes`), in Kafka's default.
pub const SEGMENT_INDEX_BYTES_DEFAULT: u32 = 10 * 1024 * 1024;

/// How a topic loses old records (`cleanup.policy`). Neither is allowed: only DeleteRecords drops records then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CleanupPolicy {
    /// By age and size.
    pub delete: bool,
    /// By key.
    pub compact: bool,
}

/// When and how a log is compacted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CompactionConfig {
    /// A log is compacted when the dirty section has a greater share than this (`min.cleanable.dirty.ratio`), from 0 to 1.
    pub min_cleanable_dirty_ratio: f64,
    /// A segment stays as it is while its newest record is younger, in milliseconds (`min.compaction.lag.ms`).
    pub min_compaction_lag_ms: i64,
    /// A log is compacted, whatever its share of dirt, when a record has waited for so long, in milliseconds
    /// (`max.compaction.lag.ms`).
    pub max_compaction_lag_ms: i64,
    /// Tombstones and transaction markers stay for so long after the compaction that made them superfluous, in milliseconds
    /// (`delete.retention.ms`).
    pub delete_retention_ms: i64,
}

impl Default for CompactionConfig {
    /// Kafka's defaults.
    fn default() -> Self {
        Self {
            min_cleanable_dirty_ratio: 0.5,
            min_compaction_lag_ms: 0,
            max_compaction_lag_ms: i64::MAX,
            delete_retention_ms: 24 * 60 * 60 * 1000,
        }
    }
}

/// The part of a topic's configuration that its logs act on. Shared by all partitions of a topic.
#[derive(Clone, Debug, PartialEq)]
pub struct LogConfig {
    /// A segment is rolled before it would grow beyond this many bytes (`segment.bytes`). At most 2³¹ - 1.
    pub segment_bytes: u32,
    /// A segment is rolled when its records span more than this (`segment.ms`).
    pub segment_ms: i64,
    /// Upper bound of what is taken off `segment_ms` at random, per segment (`segment.jitter.ms`).
    pub segment_jitter_ms: i64,
    /// Size of an offset or time index at which a segment is rolled (`segment.index.bytes`).
    pub segment_index_bytes: u32,
    /// An index entry is written after at least this many bytes of batches (`index.interval.bytes`).
    pub index_interval_bytes: u32,
    /// Segments whose newest record is older go (`retention.ms`); `None` keeps them for ever.
    pub retention_ms: Option<i64>,
    /// Oldest segments go while the others alone have at least this size (`retention.bytes`); `None` is no bound.
    pub retention_bytes: Option<u64>,
    /// Which kinds of retention apply (`cleanup.policy`).
    pub cleanup_policy: CleanupPolicy,
    /// How it is compacted, if it is.
    pub compaction: CompactionConfig,
    /// Wait between renaming files to `.deleted` and removing them, for readers that still hold a position in them
    /// (`file.delete.delay.ms`).
    pub file_delete_delay: Duration,
    /// Producer state goes after a producer has been silent this long (`producer.id.expiration.ms`).
    pub producer_id_expiration_ms: i64,
}

impl Default for LogConfig {
    /// Kafka's defaults.
    fn default() -> Self {
        const DAY_MS: i64 = 24 * 60 * 60 * 1000;
        Self {
            segment_bytes: 1 << 30,
            segment_ms: 7 * DAY_MS,
            segment_jitter_ms: 0,
            segment_index_bytes: SEGMENT_INDEX_BYTES_DEFAULT,
            index_interval_bytes: 4096,
            retention_ms: Some(7 * DAY_MS),
            retention_bytes: None,
            cleanup_policy: CleanupPolicy { delete: true, compact: false },
            compaction: CompactionConfig::default(),
            file_delete_delay: Duration::from_secs(60),
            producer_id_expiration_ms: DAY_MS,
        }
    }
}
