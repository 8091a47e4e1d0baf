//! The configs of one topic as a typed struct: what the log and the partitions work with.

use super::{ConfigDef, ConfigValue};
use super::{ConfigLayers, topic_def, topic_defs};
use crate::image::ConfigMap;

/// How old records leave a log. Neither flag: they stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CleanupPolicy {
    /// Keep only the last record of each key.
    pub compact: bool,
    /// Drop old segments by age and size.
    pub delete: bool,
}

/// Codec in which batches are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredCompression {
    /// As the producer sent them.
    Producer,
    /// Not compressed.
    Uncompressed,
    /// gzip.
    Gzip,
    /// snappy.
    Snappy,
    /// lz4.
    Lz4,
    /// zstd.
    Zstd,
}

/// Who sets the timestamps of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampType {
    /// The producer.
    CreateTime,
    /// The broker, at append.
    LogAppendTime,
}

/// What a record acknowledged with acks=all has survived (`ack.durability`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AckDurability {
    /// Synced while `min.insync.replicas` is 1, replicated otherwise.
    Auto,
    /// It is on all in-sync replicas.
    Replicated,
    /// It is synced to the leader's disk as well.
    Synced,
}

/// All configs of one topic, resolved. Fields are named after their keys; sizes are in bytes.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)] // Each field is its key; the table says what it means.
pub struct TopicConfig {
    pub ack_durability: AckDurability,
    pub cleanup_policy: CleanupPolicy,
    pub compression_gzip_level: i32,
    pub compression_lz4_level: i32,
    pub compression_type: StoredCompression,
    pub compression_zstd_level: i32,
    pub delete_retention_ms: i64,
    pub file_delete_delay_ms: i64,
    pub flush_messages: i64,
    pub flush_ms: i64,
    pub index_interval_bytes: i32,
    pub local_retention_bytes: i64,
    pub local_retention_ms: i64,
    pub max_compaction_lag_ms: i64,
    pub max_message_bytes: i32,
    pub message_timestamp_after_max_ms: i64,
    pub message_timestamp_before_max_ms: i64,
    pub message_timestamp_type: TimestampType,
    pub min_cleanable_dirty_ratio: f64,
    pub min_compaction_lag_ms: i64,
    pub min_insync_replicas: i32,
    pub preallocate: bool,
    pub remote_storage_enable: bool,
    pub retention_bytes: i64,
    pub retention_ms: i64,
    pub segment_bytes: i32,
    pub segment_index_bytes: i32,
    pub segment_jitter_ms: i64,
    pub segment_ms: i64,
    pub unclean_leader_election_enable: bool,
}

impl TopicConfig {
    /// The configs of a topic without any of its own on this broker.
    #[must_use]
    pub fn defaults(layers: &ConfigLayers) -> Self {
        let mut config = Self::blank();
        for def in topic_defs() {
            config.apply_text(def, def.default_text());
            config.apply_text(def, layers.topic_default(def).value.as_deref());
        }
        config
    }

    /// These defaults under the topic's own configs. Values that their key does not admit are passed over.
    #[must_use]
    pub fn with_overrides(&self, overrides: &ConfigMap) -> Self {
        let mut config = self.clone();
        for (key, text) in overrides {
            if let Some(def) = topic_def(key) {
                config.apply_text(def, Some(text));
            }
        }
        config
    }

    /// Whether an acks=all response must wait for a sync of the leader's disk.
    #[must_use]
    pub fn ack_needs_sync(&self) -> bool {
        match self.ack_durability {
            AckDurability::Auto => self.min_insync_replicas <= 1,
            AckDurability::Replicated => false,
            AckDurability::Synced => true,
        }
    }

    fn apply_text(&mut self, def: &ConfigDef, text: Option<&str>) {
        if let Some(value) = text.and_then(|text| def.parse(text).ok()) {
            self.apply(def.name, &value);
        }
    }

    /// Every field has its key here; the test below proves that none is missing.
    fn apply(&mut self, key: &str, value: &ConfigValue) {
        match (key, value) {
            ("ack.durability", ConfigValue::Text(text)) => self.ack_durability = ack_durability(text),
            ("cleanup.policy", ConfigValue::List(items)) => self.cleanup_policy = cleanup_policy(items),
            ("compression.gzip.level", ConfigValue::Int(level)) => self.compression_gzip_level = *level,
            ("compression.lz4.level", ConfigValue::Int(level)) => self.compression_lz4_level = *level,
            ("compression.type", ConfigValue::Text(text)) => self.compression_type = stored_compression(text),
            ("compression.zstd.level", ConfigValue::Int(level)) => self.compression_zstd_level = *level,
            ("delete.retention.ms", ConfigValue::Long(ms)) => self.delete_retention_ms = *ms,
            ("file.delete.delay.ms", ConfigValue::Long(ms)) => self.file_delete_delay_ms = *ms,
            ("flush.messages", ConfigValue::Long(count)) => self.flush_messages = *count,
            ("flush.ms", ConfigValue::Long(ms)) => self.flush_ms = *ms,
            ("index.interval.bytes", ConfigValue::Int(bytes)) => self.index_interval_bytes = *bytes,
            // Set after segment.bytes if at all: the table is in name order and has no default for it.
            ("internal.segment.bytes", ConfigValue::Int(bytes)) => self.segment_bytes = *bytes,
            ("local.retention.bytes", ConfigValue::Long(bytes)) => self.local_retention_bytes = *bytes,
            ("local.retention.ms", ConfigValue::Long(ms)) => self.local_retention_ms = *ms,
            ("max.compaction.lag.ms", ConfigValue::Long(ms)) => self.max_compaction_lag_ms = *ms,
            ("max.message.bytes", ConfigValue::Int(bytes)) => self.max_message_bytes = *bytes,
            ("message.timestamp.after.max.ms", ConfigValue::Long(ms)) => {
                self.message_timestamp_after_max_ms = *ms
            }
            ("message.timestamp.before.max.ms", ConfigValue::Long(ms)) => {
                self.message_timestamp_before_max_ms = *ms
            }
            ("message.timestamp.type", ConfigValue::Text(text)) => {
                self.message_timestamp_type = timestamp_type(text)
            }
            ("min.cleanable.dirty.ratio", ConfigValue::Double(ratio)) => {
                self.min_cleanable_dirty_ratio = *ratio
            }
            ("min.compaction.lag.ms", ConfigValue::Long(ms)) => self.min_compaction_lag_ms = *ms,
            ("min.insync.replicas", ConfigValue::Int(count)) => self.min_insync_replicas = *count,
            ("preallocate", ConfigValue::Boolean(on)) => self.preallocate = *on,
            ("remote.storage.enable", ConfigValue::Boolean(on)) => self.remote_storage_enable = *on,
            ("retention.bytes", ConfigValue::Long(bytes)) => self.retention_bytes = *bytes,
            ("retention.ms", ConfigValue::Long(ms)) => self.retention_ms = *ms,
            ("segment.bytes", ConfigValue::Int(bytes)) => self.segment_bytes = *bytes,
            ("segment.index.bytes", ConfigValue::Int(bytes)) => self.segment_index_bytes = *bytes,
            ("segment.jitter.ms", ConfigValue::Long(ms)) => self.segment_jitter_ms = *ms,
            ("segment.ms", ConfigValue::Long(ms)) => self.segment_ms = *ms,
            ("unclean.leader.election.enable", ConfigValue::Boolean(on)) => {
                self.unclean_leader_election_enable = *on
            }
            _ => {}
        }
    }

    /// Something to apply the defaults of the table to.
    const fn blank() -> Self {
        Self {
            ack_durability: AckDurability::Auto,
            cleanup_policy: CleanupPolicy { compact: false, delete: true },
            compression_gzip_level: 0,
            compression_lz4_level: 0,
            compression_type: StoredCompression::Producer,
            compression_zstd_level: 0,
            delete_retention_ms: 0,
            file_delete_delay_ms: 0,
            flush_messages: 0,
            flush_ms: 0,
            index_interval_bytes: 0,
            local_retention_bytes: 0,
            local_retention_ms: 0,
            max_compaction_lag_ms: 0,
            max_message_bytes: 0,
            message_timestamp_after_max_ms: 0,
            message_timestamp_before_max_ms: 0,
            message_timestamp_type: TimestampType::CreateTime,
            min_cleanable_dirty_ratio: 0.0,
            min_compaction_lag_ms: 0,
            min_insync_replicas: 0,
            preallocate: false,
            remote_storage_enable: false,
            retention_bytes: 0,
            retention_ms: 0,
            segment_bytes: 0,
            segment_index_bytes: 0,
            segment_jitter_ms: 0,
            segment_ms: 0,
            unclean_leader_election_enable: false,
        }
    }
}

impl Default for TopicConfig {
    /// The defaults of the table.
    fn default() -> Self {
        Self::defaults(&ConfigLayers::default())
    }
}

fn ack_durability(text: &str) -> AckDurability {
    match text {
        "replicated" => AckDurability::Replicated,
        "synced" => AckDurability::Synced,
        _ => AckDurability::Auto,
    }
}

fn cleanup_policy(items: &[String]) -> CleanupPolicy {
    let has = |policy: &str| items.iter().any(|item| item == policy);
    CleanupPolicy { compact: has("compact"), delete: has("delete") }
}

fn stored_compression(text: &str) -> StoredCompression {
    match text {
        "uncompressed" => StoredCompression::Uncompressed,
        "gzip" => StoredCompression::Gzip,
        "snappy" => StoredCompression::Snappy,
        "lz4" => StoredCompression::Lz4,
        "zstd" => StoredCompression::Zstd,
        _ => StoredCompression::Producer,
    }
}

fn timestamp_type(text: &str) -> TimestampType {
    if text == "LogAppendTime" { TimestampType::LogAppendTime } else { TimestampType::CreateTime }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::config::{ConfigType, Status};

    fn overrides(pairs: &[(&str, &str)]) -> ConfigMap {
        pairs.iter().map(|(key, value)| (Arc::from(*key), Arc::from(*value))).collect()
    }

    #[test]
    fn defaults_are_kafkas() {
        let config = TopicConfig::default();
        assert_eq!(config.cleanup_policy, CleanupPolicy { compact: false, delete: true });
        assert_eq!(config.retention_ms, 604_800_000);
        assert_eq!(config.segment_bytes, 1 << 30);
        assert_eq!(config.max_message_bytes, 1_048_588);
        assert_eq!(config.flush_messages, i64::MAX);
        assert_eq!(config.min_insync_replicas, 1);
        assert!(config.ack_needs_sync());
    }

    /// Another valid value for a key, to see whether the struct takes it.
    fn other_value(def: &ConfigDef) -> &'static str {
        match (def.name, def.value_type) {
            ("compression.type", _) => "zstd",
            ("message.timestamp.type", _) => "LogAppendTime",
            ("ack.durability", _) => "synced",
            ("cleanup.policy", _) => "compact",
            ("min.cleanable.dirty.ratio", _) => "0.25",
            ("compression.gzip.level" | "compression.lz4.level" | "compression.zstd.level", _) => "5",
            (_, ConfigType::Boolean) if def.default_text() == Some("true") => "false",
            (_, ConfigType::Boolean) => "true",
            _ => "1048577",
        }
    }

    #[test]
    fn every_implemented_key_reaches_its_field() {
        let defaults = TopicConfig::default();
        for def in topic_defs().filter(|def| def.status == Status::Implemented) {
            let changed = defaults.with_overrides(&overrides(&[(def.name, other_value(def))]));
            assert_ne!(changed, defaults, "{}", def.name);
        }
    }

    #[test]
    fn the_topic_beats_the_broker_and_bad_values_are_passed_over() {
        let fixed = [("log.retention.hours", "1"), ("message.max.bytes", "5")].into_iter().collect();
        let defaults = TopicConfig::defaults(&ConfigLayers::of_static(Arc::new(fixed)));
        assert_eq!(defaults.retention_ms, 3_600_000);
        let config =
            defaults.with_overrides(&overrides(&[("retention.ms", "7"), ("max.message.bytes", "x")]));
        assert_eq!((config.retention_ms, config.max_message_bytes), (7, 5));
    }

    #[test]
    fn auto_durability_syncs_only_where_one_replica_may_acknowledge() {
        let needs = |pairs: &[(&str, &str)]| {
            TopicConfig::default().with_overrides(&overrides(pairs)).ack_needs_sync()
        };
        assert!(needs(&[]));
        assert!(!needs(&[("min.insync.replicas", "2")]));
        assert!(needs(&[("min.insync.replicas", "2"), ("ack.durability", "synced")]));
        assert!(!needs(&[("ack.durability", "replicated")]));
    }
}
