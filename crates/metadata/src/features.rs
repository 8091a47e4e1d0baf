//! The table of `metadata.version` levels and of feature flags: what each level is called, brings and depends on.
//!
//! Source: Kafka `MetadataVersion`, `Feature`, `GroupVersion`, `TransactionVersion`, `EligibleLeaderReplicasVersion`,
//! `ShareVersion`, `StreamsVersion`, `KRaftVersion`.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Name of the feature that decides the format of the metadata log.
pub const METADATA_VERSION: &str = "metadata.version";
/// Name of the feature that decides the format of the quorum's control records. It has no `FeatureLevelRecord`.
pub const KRAFT_VERSION: &str = "kraft.version";
/// Name of the feature that turns the consumer group protocol of KIP-848 on.
pub const GROUP_VERSION: &str = "group.version";
/// Name of the feature that decides the transaction protocol (KIP-890).
pub const TRANSACTION_VERSION: &str = "transaction.version";
/// Name of the feature that turns eligible leader replicas on (KIP-966).
pub const ELIGIBLE_LEADER_REPLICAS_VERSION: &str = "eligible.leader.replicas.version";
/// Name of the feature that turns share groups on (KIP-932).
pub const SHARE_VERSION: &str = "share.version";
/// Name of the feature that turns streams groups on (KIP-1071).
pub const STREAMS_VERSION: &str = "streams.version";

/// One row of the table of metadata versions.
struct MetadataVersionRow {
    release: &'static str,
    name: &'static str,
    /// Whether the records differ from those of the level below, so that going back over this level loses data.
    format_changed: bool,
}

const fn row(release: &'static str, name: &'static str, format_changed: bool) -> MetadataVersionRow {
    MetadataVersionRow { release, name, format_changed }
}

const MINIMUM_LEVEL: i16 = 7;

/// Levels from [`MINIMUM_LEVEL`] on, one after the other.
const METADATA_VERSIONS: [MetadataVersionRow; 25] = [
    row("3.3", "3.3-IV3", true),
    row("3.4", "3.4-IV0", true),
    row("3.5", "3.5-IV0", false),
    row("3.5", "3.5-IV1", false),
    row("3.5", "3.5-IV2", true),
    row("3.6", "3.6-IV0", false),
    row("3.6", "3.6-IV1", true),
    row("3.6", "3.6-IV2", true),
    row("3.7", "3.7-IV0", true),
    row("3.7", "3.7-IV1", false),
    row("3.7", "3.7-IV2", true),
    row("3.7", "3.7-IV3", false),
    row("3.7", "3.7-IV4", false),
    row("3.8", "3.8-IV0", false),
    row("3.9", "3.9-IV0", false),
    row("4.0", "4.0-IV0", false),
    row("4.0", "4.0-IV1", true),
    row("4.0", "4.0-IV2", false),
    row("4.0", "4.0-IV3", false),
    row("4.1", "4.1-IV0", false),
    row("4.1", "4.1-IV1", false),
    row("4.2", "4.2-IV0", false),
    row("4.2", "4.2-IV1", false),
    row("4.3", "4.3-IV0", true),
    row("4.4", "4.4-IV0", false),
];

/// A level of `metadata.version` that this program knows. Ordered by level.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetadataVersion(i16);

impl MetadataVersion {
    /// The oldest level that can be read: 3.3-IV3.
    pub const MINIMUM: Self = Self(MINIMUM_LEVEL);
    /// The newest level that is stable, and the default of a new cluster: 4.3-IV0.
    pub const LATEST_PRODUCTION: Self = Self(30);
    /// The newest level that is known at all: 4.4-IV0. It may change before it is released.
    pub const LATEST_TESTING: Self = Self(31);
    /// First level with metadata transactions (KIP-868).
    pub const IBP_3_6_IV1: Self = Self(13);
    /// First level with directory assignment (KIP-858).
    pub const IBP_3_7_IV2: Self = Self(17);

    /// The version with this level, or `None` if it is not known.
    #[must_use]
    pub fn from_level(level: i16) -> Option<Self> {
        (Self::MINIMUM.0..=Self::LATEST_TESTING.0).contains(&level).then_some(Self(level))
    }

    /// Every known version, oldest first.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> {
        (Self::MINIMUM.0..=Self::LATEST_TESTING.0).map(Self)
    }

    /// The level as it stands in a `FeatureLevelRecord`.
    #[must_use]
    pub const fn level(self) -> i16 {
        self.0
    }

    /// Kafka's name of the version, such as `4.3-IV0`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The release that the version belongs to, such as `4.3`.
    #[must_use]
    pub fn release(self) -> &'static str {
        self.row().release
    }

    /// Whether the version is stable.
    #[must_use]
    pub fn is_production(self) -> bool {
        self <= Self::LATEST_PRODUCTION
    }

    /// Whether the format of the metadata log differs between the two versions, so that a downgrade loses records.
    /// Source: Kafka `MetadataVersion.checkIfMetadataChanged`.
    #[must_use]
    pub fn format_changed_between(self, other: Self) -> bool {
        let (low, high) = (self.min(other), self.max(other));
        (low.0 + 1..=high.0).any(|level| Self(level).row().format_changed)
    }

    /// Whether a shrinking ISR must raise the leader epoch (before 3.6-IV0).
    #[must_use]
    pub fn is_leader_epoch_bump_required_on_isr_shrink(self) -> bool {
        self.0 < 12
    }

    /// Whether SCRAM credentials may be stored.
    #[must_use]
    pub fn is_scram_supported(self) -> bool {
        self.0 >= 11
    }

    /// Whether Begin, End and AbortTransactionRecord may be written.
    #[must_use]
    pub fn is_metadata_transaction_supported(self) -> bool {
        self >= Self::IBP_3_6_IV1
    }

    /// Whether delegation tokens may be stored.
    #[must_use]
    pub fn is_delegation_token_supported(self) -> bool {
        self.0 >= 14
    }

    /// Whether controllers register themselves (KIP-919).
    #[must_use]
    pub fn is_controller_registration_supported(self) -> bool {
        self.0 >= 15
    }

    /// Whether partitions carry the directory of each replica (KIP-858).
    #[must_use]
    pub fn is_directory_assignment_supported(self) -> bool {
        self >= Self::IBP_3_7_IV2
    }

    /// Whether partitions may carry eligible leader replicas (KIP-966).
    #[must_use]
    pub fn is_elr_supported(self) -> bool {
        self.0 >= 23
    }

    /// Whether brokers may report cordoned log directories (KIP-1066).
    #[must_use]
    pub fn is_cordoned_log_dirs_supported(self) -> bool {
        self.0 >= 30
    }

    /// Version of the `RegisterBrokerRecord` to write.
    #[must_use]
    pub fn register_broker_record_version(self) -> i16 {
        match self.0 {
            30.. => 4,
            17.. => 3,
            8.. => 2,
            _ => 1,
        }
    }

    /// Version of the `PartitionRecord` and of the `PartitionChangeRecord` to write.
    #[must_use]
    pub fn partition_record_version(self) -> i16 {
        match self.0 {
            23.. => 2,
            17.. => 1,
            _ => 0,
        }
    }

    /// Version of the Fetch request that brokers send to each other.
    #[must_use]
    pub fn fetch_request_version(self) -> i16 {
        match self.0 {
            27.. => 18,
            21.. => 17,
            19.. => 16,
            10.. => 15,
            9 => 14,
            _ => 13,
        }
    }

    /// Version of the ListOffsets request that brokers send to each other.
    #[must_use]
    pub fn list_offsets_request_version(self) -> i16 {
        match self.0 {
            29.. => 11,
            25.. => 10,
            21.. => 9,
            9.. => 8,
            _ => 7,
        }
    }

    fn row(self) -> &'static MetadataVersionRow {
        // The field is private and every constructor checks the range, so the index is always inside the table.
        &METADATA_VERSIONS[(self.0 - MINIMUM_LEVEL) as usize]
    }
}

impl fmt::Display for MetadataVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Debug for MetadataVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that names no stable metadata version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Unknown metadata.version '{text}'. Supported metadata.version are: {supported}")]
pub struct ParseMetadataVersionError {
    text: String,
    supported: String,
}

impl FromStr for MetadataVersion {
    type Err = ParseMetadataVersionError;

    /// Reads `4.3`, `4.3.x` (the newest stable level of that release) or `4.3-IV0`. Only the first two parts between
    /// dots count. Unstable levels are refused. Source: Kafka `MetadataVersion.fromVersionString`.
    fn from_str(text: &str) -> Result<Self, ParseMetadataVersionError> {
        let key = match text.match_indices('.').nth(1) {
            Some((second_dot, _)) => &text[..second_dot],
            None => text,
        };
        Self::all()
            .rev()
            .filter(|version| version.is_production())
            .find(|version| version.name() == key || version.release() == key)
            .ok_or_else(|| ParseMetadataVersionError {
                text: text.chars().take(64).collect(),
                supported: Self::all()
                    .filter(|version| version.is_production())
                    .map(Self::name)
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }
}

/// One feature flag other than `metadata.version`.
#[derive(Debug, PartialEq, Eq)]
pub struct Feature {
    /// Name as it stands in a `FeatureLevelRecord`.
    pub name: &'static str,
    /// Highest level. Every feature starts at level 0, which means off.
    pub latest: i16,
    /// Metadata version from which on a new cluster gets level 1, 2, ... by default. `None` is never by default.
    bootstrap_metadata_versions: &'static [i16],
    /// Metadata version that each level from 1 on needs beyond the minimum.
    metadata_version_needed: i16,
}

impl Feature {
    /// The level that a new cluster of this metadata version gets. Source: Kafka `Feature.defaultLevel`.
    #[must_use]
    pub fn default_level(&self, metadata_version: MetadataVersion) -> i16 {
        let bootstraps = self.bootstrap_metadata_versions.iter();
        bootstraps.take_while(|needed| **needed <= metadata_version.level()).count() as i16
    }

    /// Why `level` cannot be set beside the other features' `levels` (which hold `metadata.version` too), in Kafka's
    /// words, or `None` if it can. Source: Kafka `Feature.validateVersion`.
    #[must_use]
    pub fn unmet_dependency(&self, level: i16, levels: &BTreeMap<String, i16>) -> Option<String> {
        if level < 1 {
            return None;
        }
        let metadata_version = levels.get(METADATA_VERSION).copied().unwrap_or(0);
        let name = self.name;
        if metadata_version < MetadataVersion::MINIMUM.level() {
            let minimum = MetadataVersion::MINIMUM;
            return Some(format!(
                "{name} could not be set to {level} because it depends on metadata.version={} ({minimum})",
                minimum.level()
            ));
        }
        let needed = self.metadata_version_needed;
        (metadata_version < needed).then(|| {
            format!(
                "{name} could not be set to {level} because it depends on metadata.version level {needed}"
            )
        })
    }
}

const fn feature(name: &'static str, bootstrap: &'static [i16], latest: i16, needed: i16) -> Feature {
    Feature { name, latest, bootstrap_metadata_versions: bootstrap, metadata_version_needed: needed }
}

/// Every feature flag with a `FeatureLevelRecord`, in name order.
pub const FEATURES: [Feature; 5] = [
    feature(ELIGIBLE_LEADER_REPLICAS_VERSION, &[26], 1, 23),
    feature(GROUP_VERSION, &[22], 1, 0),
    feature(SHARE_VERSION, &[28], 1, 0),
    feature(STREAMS_VERSION, &[29], 1, 0),
    feature(TRANSACTION_VERSION, &[24, 24], 2, 0),
];

/// The highest level of `kraft.version`.
pub const KRAFT_VERSION_LATEST: i16 = 1;

/// The feature flag of this name; `None` for `metadata.version`, `kraft.version` and unknown names.
#[must_use]
pub fn feature_by_name(name: &str) -> Option<&'static Feature> {
    FEATURES.iter().find(|feature| feature.name == name)
}

/// Lowest and highest level of a feature that a node supports; both inclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VersionRange {
    /// Lowest supported level.
    pub min: i16,
    /// Highest supported level.
    pub max: i16,
}

impl VersionRange {
    /// Whether the level lies in the range.
    #[must_use]
    pub fn contains(self, level: i16) -> bool {
        (self.min..=self.max).contains(&level)
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.min == self.max { write!(f, "{}", self.min) } else { write!(f, "{}-{}", self.min, self.max) }
    }
}

/// What this program supports, by feature name: for ApiVersions and for broker and controller registrations.
#[must_use]
pub fn supported_features() -> BTreeMap<&'static str, VersionRange> {
    let mut supported: BTreeMap<_, _> =
        FEATURES.iter().map(|feature| (feature.name, VersionRange { min: 0, max: feature.latest })).collect();
    let (min, max) = (MetadataVersion::MINIMUM.level(), MetadataVersion::LATEST_PRODUCTION.level());
    supported.insert(METADATA_VERSION, VersionRange { min, max });
    supported.insert(KRAFT_VERSION, VersionRange { min: 0, max: KRAFT_VERSION_LATEST });
    supported
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_texts_parse_as_kafka_parses_them() {
        let level = |text: &str| text.parse::<MetadataVersion>().map(MetadataVersion::level).ok();
        for (text, expected) in [
            ("4.3", Some(30)),
            ("4.3.1", Some(30)),
            ("4.3-IV0", Some(30)),
            ("4.2", Some(29)),
            ("4.2-IV0", Some(28)),
            ("3.3-IV3", Some(7)),
            ("3.3", Some(7)),
            ("4.4", None),
            ("4.4-IV0", None),
            ("3.3-IV0", None),
            ("", None),
            ("4", None),
            ("ä.ö.ü", None),
        ] {
            assert_eq!(level(text), expected, "{text}");
        }
    }

    #[test]
    fn the_table_has_a_row_for_every_level() {
        let names: Vec<_> = MetadataVersion::all().map(|version| (version.level(), version.name())).collect();
        assert_eq!(names.first(), Some(&(7, "3.3-IV3")));
        assert_eq!(names.last(), Some(&(31, "4.4-IV0")));
        assert_eq!(MetadataVersion::LATEST_PRODUCTION.name(), "4.3-IV0");
        assert_eq!(MetadataVersion::from_level(6), None);
        assert_eq!(MetadataVersion::from_level(32), None);
    }

    #[test]
    fn a_downgrade_is_lossless_only_where_no_format_changed() {
        let changed = |a: &str, b: &str| {
            a.parse::<MetadataVersion>().unwrap().format_changed_between(b.parse().unwrap())
        };
        assert!(!changed("4.3", "4.3"));
        assert!(changed("4.3", "4.2"));
        assert!(!changed("4.2", "4.0-IV1"));
        assert!(changed("4.0-IV1", "4.0-IV0"));
        assert!(!changed("4.0-IV0", "3.7-IV2"));
        assert!(changed("3.7-IV1", "3.7-IV2"));
    }

    #[test]
    fn a_new_cluster_gets_the_highest_levels_of_its_metadata_version() {
        let levels = |text: &str| {
            let version: MetadataVersion = text.parse().unwrap();
            FEATURES.iter().map(|feature| feature.default_level(version)).collect::<Vec<_>>()
        };
        assert_eq!(levels("4.3"), [1, 1, 1, 1, 2]);
        assert_eq!(levels("4.0"), [0, 1, 0, 0, 2]);
        assert_eq!(levels("4.0-IV0"), [0, 1, 0, 0, 0]);
        assert_eq!(levels("3.9"), [0; 5]);
    }

    #[test]
    fn elr_needs_its_metadata_version() {
        let elr = feature_by_name(ELIGIBLE_LEADER_REPLICAS_VERSION).unwrap();
        let levels = |level| BTreeMap::from([(METADATA_VERSION.to_string(), level)]);
        assert_eq!(elr.unmet_dependency(1, &levels(23)), None);
        assert_eq!(elr.unmet_dependency(0, &levels(7)), None);
        assert_eq!(
            elr.unmet_dependency(1, &levels(22)).unwrap(),
            "eligible.leader.replicas.version could not be set to 1 because it depends on metadata.version level 23"
        );
    }

    #[test]
    fn record_versions_follow_the_level() {
        let versions = |level| {
            let version = MetadataVersion::from_level(level).unwrap();
            [
                version.register_broker_record_version(),
                version.partition_record_version(),
                version.fetch_request_version(),
                version.list_offsets_request_version(),
            ]
        };
        assert_eq!(versions(7), [1, 0, 13, 7]);
        assert_eq!(versions(9), [2, 0, 14, 8]);
        assert_eq!(versions(17), [3, 1, 15, 8]);
        assert_eq!(versions(23), [3, 2, 17, 9]);
        assert_eq!(versions(30), [4, 2, 18, 11]);
    }
}
