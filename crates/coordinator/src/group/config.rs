//! The settings of a group coordinator.

use super::consumer::ConsumerGroupConfig;

/// The settings of a group coordinator; each is the broker config of the name given. All times in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupConfig {
    /// `group.min.session.timeout.ms`
    pub session_timeout_ms_min: i32,
    /// `group.max.session.timeout.ms`
    pub session_timeout_ms_max: i32,
    /// `group.initial.rebalance.delay.ms`
    pub initial_rebalance_delay_ms: i32,
    /// `group.max.size`, in members.
    pub size_max: usize,
    /// `offset.metadata.max.bytes`; despite its name it counts UTF-16 units.
    pub offset_metadata_size_max: usize,
    /// `offsets.retention.minutes`, in milliseconds.
    pub offsets_retention_ms: i64,
    /// `offsets.retention.check.interval.ms`
    pub offsets_retention_check_interval_ms: i64,
    /// `offsets.commit.timeout.ms`: how long a response waits for its records to be committed.
    pub offsets_commit_timeout_ms: i32,
    /// The settings of consumer groups.
    pub consumer: ConsumerGroupConfig,
    /// Largest size of a batch in bytes: `max.message.bytes` of `__consumer_offsets`.
    pub batch_size_max: usize,
}

impl Default for GroupConfig {
    /// The defaults of Kafka 4.3.1.
    fn default() -> Self {
        Self {
            session_timeout_ms_min: 6_000,
            session_timeout_ms_max: 1_800_000,
            initial_rebalance_delay_ms: 3_000,
            size_max: i32::MAX as usize,
            offset_metadata_size_max: 4_096,
            offsets_retention_ms: 7 * 24 * 60 * 60 * 1_000,
            offsets_retention_check_interval_ms: 600_000,
            offsets_commit_timeout_ms: 5_000,
            consumer: ConsumerGroupConfig::default(),
            batch_size_max: 1_048_588,
        }
    }
}
