//! Where configuration comes from, and what of it a partition acts on.

use std::sync::Arc;
use std::time::Duration;

use ottla_metadata::config::{
    BrokerConfig, ConfigLayers, StaticConfig, StaticConfigError, StoredCompression, TimestampType,
    TopicConfig,
};
use ottla_metadata::image::{ConfigResource, MetadataImage};
use ottla_protocol::record;
use ottla_protocol::record::Compression;
use ottla_protocol::types::BrokerId;
use ottla_storage::config::{CleanupPolicy, CompactionConfig, LogConfig};
use ottla_storage::validation::BatchRules;

use crate::log_levels::LogLevels;

/// Most bytes that one batch of a client may decompress to. Kafka has no such bound.
const DECOMPRESSED_BYTES_MAX: usize = 128 << 20;

/// The layers of configuration that do not change while the broker runs; the image brings the others.
#[derive(Clone, Debug)]
pub struct SettingsSource {
    static_config: Arc<StaticConfig>,
    node_id: BrokerId,
    log_levels: Arc<LogLevels>,
}

impl SettingsSource {
    /// What the configuration file and the command line say, for this node.
    #[must_use]
    pub fn new(static_config: Arc<StaticConfig>, node_id: BrokerId) -> Self {
        Self { static_config, node_id, log_levels: Arc::default() }
    }

    /// The same, with the levels of loggers that the control plane changes.
    #[must_use]
    pub fn with_log_levels(self, log_levels: Arc<LogLevels>) -> Self {
        Self { log_levels, ..self }
    }

    /// The levels of loggers.
    #[must_use]
    pub fn log_levels(&self) -> &LogLevels {
        &self.log_levels
    }

    /// All layers, with the dynamic configs of the image.
    #[must_use]
    pub fn layers(&self, image: &MetadataImage) -> ConfigLayers {
        ConfigLayers::new(Arc::clone(&self.static_config), &image.configs, self.node_id)
    }

    /// The broker's configs as they stand with this image.
    ///
    /// Errors: keys that contradict each other, which a running broker has been checked against at its start.
    pub fn broker(&self, image: &MetadataImage) -> Result<BrokerConfig, StaticConfigError> {
        BrokerConfig::resolve(&self.layers(image))
    }
}

/// What the partitions of one topic act on.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicSettings {
    /// The topic's configs, resolved.
    pub topic: TopicConfig,
    /// The log's part.
    pub log: Arc<LogConfig>,
    /// What is asked of clients' batches.
    pub rules: BatchRules,
    /// Whether an acks=all write waits for a sync of this broker's disk (`ack.durability`, `flush.messages=1`).
    pub ack_waits_for_sync: bool,
}

impl TopicSettings {
    /// The settings of a topic under the broker's.
    #[must_use]
    pub fn of_topic(name: &str, image: &MetadataImage, broker: &BrokerConfig) -> Self {
        let overrides = image.configs.get_or_empty(&ConfigResource::topic(name));
        Self::new(broker.topic_config.with_overrides(&overrides), broker)
    }

    fn new(topic: TopicConfig, broker: &BrokerConfig) -> Self {
        Self {
            log: Arc::new(log_config(&topic, broker)),
            rules: batch_rules(&topic),
            ack_waits_for_sync: topic.ack_needs_sync() || topic.flush_messages == 1,
            topic,
        }
    }
}

fn log_config(topic: &TopicConfig, broker: &BrokerConfig) -> LogConfig {
    LogConfig {
        segment_bytes: non_negative(topic.segment_bytes),
        segment_ms: topic.segment_ms,
        segment_jitter_ms: topic.segment_jitter_ms,
        segment_index_bytes: non_negative(topic.segment_index_bytes),
        index_interval_bytes: non_negative(topic.index_interval_bytes),
        retention_ms: (topic.retention_ms >= 0).then_some(topic.retention_ms),
        retention_bytes: u64::try_from(topic.retention_bytes).ok(),
        cleanup_policy: CleanupPolicy {
            delete: topic.cleanup_policy.delete,
            compact: topic.cleanup_policy.compact,
        },
        compaction: CompactionConfig {
            min_cleanable_dirty_ratio: topic.min_cleanable_dirty_ratio,
            min_compaction_lag_ms: topic.min_compaction_lag_ms,
            max_compaction_lag_ms: topic.max_compaction_lag_ms,
            delete_retention_ms: topic.delete_retention_ms,
        },
        file_delete_delay: Duration::from_millis(u64::try_from(topic.file_delete_delay_ms).unwrap_or(0)),
        producer_id_expiration_ms: broker.transactions.producer_id_expiration_ms.into(),
    }
}

fn batch_rules(topic: &TopicConfig) -> BatchRules {
    let bound = |ms: i64| (ms != i64::MAX).then(|| Duration::from_millis(u64::try_from(ms).unwrap_or(0)));
    let compression = match topic.compression_type {
        StoredCompression::Producer => None,
        StoredCompression::Uncompressed => Some((Compression::None, None)),
        StoredCompression::Gzip => Some((Compression::Gzip, Some(topic.compression_gzip_level))),
        StoredCompression::Snappy => Some((Compression::Snappy, None)),
        StoredCompression::Lz4 => Some((Compression::Lz4, Some(topic.compression_lz4_level))),
        StoredCompression::Zstd => Some((Compression::Zstd, Some(topic.compression_zstd_level))),
    };
    BatchRules {
        batch_bytes_max: non_negative(topic.max_message_bytes),
        compression,
        timestamp_type: match topic.message_timestamp_type {
            TimestampType::CreateTime => record::TimestampType::CreateTime,
            TimestampType::LogAppendTime => record::TimestampType::LogAppendTime,
        },
        timestamp_before_max: bound(topic.message_timestamp_before_max_ms),
        timestamp_after_max: bound(topic.message_timestamp_after_max_ms),
        keys_required: topic.cleanup_policy.compact,
        decompressed_bytes_max: DECOMPRESSED_BYTES_MAX,
    }
}

fn non_negative(value: i32) -> u32 {
    u32::try_from(value).unwrap_or(0)
}
