//! The settings of consumer groups: the broker's, and those that a group has of its own.

use ottla_metadata::image::{ConfigResource, MetadataImage};

/// Which conversions between classic and consumer groups are done while members are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MigrationPolicy {
    /// Both.
    #[default]
    Bidirectional,
    /// From classic to consumer alone.
    Upgrade,
    /// From consumer to classic alone.
    Downgrade,
    /// None.
    Disabled,
}

impl MigrationPolicy {
    /// The policy of this name, in any case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let named = [
            ("bidirectional", Self::Bidirectional),
            ("upgrade", Self::Upgrade),
            ("downgrade", Self::Downgrade),
            ("disabled", Self::Disabled),
        ];
        named.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, policy)| policy)
    }

    pub(super) fn is_upgrade_enabled(self) -> bool {
        matches!(self, Self::Bidirectional | Self::Upgrade)
    }

    pub(super) fn is_downgrade_enabled(self) -> bool {
        matches!(self, Self::Bidirectional | Self::Downgrade)
    }
}

/// A time in milliseconds that a group may set for itself, within bounds of the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupTime {
    /// What holds for groups that do not set it.
    pub default_ms: i32,
    /// The least that a group gets.
    pub min_ms: i32,
    /// The most that a group gets.
    pub max_ms: i32,
}

/// The broker's settings of consumer groups; each is the broker config of the name given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerGroupConfig {
    /// `group.consumer.session.timeout.ms` with its `min` and `max`.
    pub session_timeout: GroupTime,
    /// `group.consumer.heartbeat.interval.ms` with its `min` and `max`.
    pub heartbeat_interval: GroupTime,
    /// `group.consumer.assignment.interval.ms` with its `min` and `max`.
    pub assignment_interval: GroupTime,
    /// `group.consumer.max.size`, in members.
    pub size_max: usize,
    /// `group.consumer.assignors`: those of `uniform` and `range` that are served; the first is the default.
    pub assignors: Vec<String>,
    /// `group.consumer.migration.policy`
    pub migration_policy: MigrationPolicy,
    /// `group.consumer.regex.refresh.interval.ms`
    pub regex_refresh_interval_ms: i64,
}

impl Default for ConsumerGroupConfig {
    /// The defaults of Kafka 4.3.1.
    fn default() -> Self {
        Self {
            session_timeout: GroupTime { default_ms: 45_000, min_ms: 45_000, max_ms: 60_000 },
            heartbeat_interval: GroupTime { default_ms: 5_000, min_ms: 5_000, max_ms: 15_000 },
            assignment_interval: GroupTime { default_ms: 1_000, min_ms: 0, max_ms: 15_000 },
            size_max: i32::MAX as usize,
            assignors: vec!["uniform".to_owned(), "range".to_owned()],
            migration_policy: MigrationPolicy::default(),
            regex_refresh_interval_ms: 600_000,
        }
    }
}

impl ConsumerGroupConfig {
    pub(super) fn default_assignor(&self) -> &str {
        self.assignors.first().map_or(super::assignor::UNIFORM, String::as_str)
    }
}

/// The settings of one group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct GroupSettings {
    pub(super) session_timeout_ms: i32,
    pub(super) heartbeat_interval_ms: i32,
    pub(super) assignment_interval_ms: i32,
}

impl GroupSettings {
    /// What holds for the group of this id. A value out of bounds, from a time when they were others, counts as the
    /// bound. Source: Kafka `GroupConfig.evaluate`.
    pub(super) fn of(group_id: &str, config: &ConsumerGroupConfig, image: &MetadataImage) -> Self {
        let own = image.configs.get(&ConfigResource::group(group_id));
        let time = |key: &str, time: GroupTime| {
            let set = own.and_then(|own| own.get(key)?.trim().parse::<i32>().ok());
            // Not `clamp`: nothing says that the bounds are in order.
            set.map_or(time.default_ms, |ms| ms.max(time.min_ms).min(time.max_ms))
        };
        Self {
            session_timeout_ms: time("consumer.session.timeout.ms", config.session_timeout),
            heartbeat_interval_ms: time("consumer.heartbeat.interval.ms", config.heartbeat_interval),
            assignment_interval_ms: time("consumer.assignment.interval.ms", config.assignment_interval),
        }
    }
}
