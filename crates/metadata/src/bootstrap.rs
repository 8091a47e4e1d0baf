//! The first records of a cluster. Source: Kafka `StorageTool`, `Formatter`, `BootstrapMetadata`,
//! `ActivationRecordsGenerator`.

use std::collections::BTreeMap;

use ottla_protocol::messages::abort_transaction_record::AbortTransactionRecord;
use ottla_protocol::messages::begin_transaction_record::BeginTransactionRecord;
use ottla_protocol::messages::config_record::ConfigRecord;
use ottla_protocol::messages::end_transaction_record::EndTransactionRecord;
use ottla_protocol::messages::feature_level_record::FeatureLevelRecord;
use ottla_protocol::messages::metadata_record::MetadataRecord;
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::LeaderEpoch;

use crate::features::{
    ELIGIBLE_LEADER_REPLICAS_VERSION, FEATURES, KRAFT_VERSION, METADATA_VERSION, MetadataVersion,
    feature_by_name,
};
use crate::image::ConfigResourceType;
use crate::snapshot::{self, Snapshot, SnapshotError};

/// Name of the transaction that holds the first records.
const BOOTSTRAP_TRANSACTION: &str = "Bootstrap records";

/// What a new cluster begins with.
#[derive(Clone, Debug, PartialEq)]
pub struct BootstrapMetadata {
    /// The records, the metadata version first.
    pub records: Vec<MetadataRecord>,
}

/// Feature levels that a new cluster cannot have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BootstrapError {
    /// A feature that is not known.
    #[error("Unsupported feature: {0}. Supported features are: {1}")]
    UnknownFeature(String, String),
    /// A level that the feature does not have.
    #[error("No feature:{0} with feature level {1}")]
    UnknownLevel(String, i16),
    /// A feature that needs another one.
    #[error("{0}")]
    UnmetDependency(String),
}

impl BootstrapMetadata {
    /// The records of a new cluster: `metadata_version`, and every other feature at its default level for it, or at the
    /// level in `features`. `kraft.version` has no record and must not be among them.
    ///
    /// Errors: an unknown feature or level, or a level whose dependencies do not hold.
    pub fn new(
        metadata_version: MetadataVersion,
        features: &BTreeMap<String, i16>,
    ) -> Result<Self, BootstrapError> {
        let mut levels = BTreeMap::from([(METADATA_VERSION.to_string(), metadata_version.level())]);
        for feature in &FEATURES {
            levels.insert(feature.name.to_string(), feature.default_level(metadata_version));
        }
        for (name, level) in features {
            let feature = feature_by_name(name).ok_or_else(|| {
                let known: Vec<_> = FEATURES.iter().map(|feature| feature.name).collect();
                BootstrapError::UnknownFeature(name.clone(), format!("{}, {KRAFT_VERSION}", known.join(", ")))
            })?;
            if !(0..=feature.latest).contains(level) {
                return Err(BootstrapError::UnknownLevel(name.clone(), *level));
            }
            levels.insert(name.clone(), *level);
        }
        for feature in &FEATURES {
            let level = levels.get(feature.name).copied().unwrap_or(0);
            if let Some(reason) = feature.unmet_dependency(level, &levels) {
                return Err(BootstrapError::UnmetDependency(reason));
            }
        }
        let first = feature_level(METADATA_VERSION, metadata_version.level());
        let others = levels.iter().filter(|(name, level)| *name != METADATA_VERSION && **level > 0);
        let records = std::iter::once(first).chain(others.map(|(name, level)| feature_level(name, *level)));
        Ok(Self { records: records.collect() })
    }

    /// What stands for a missing `bootstrap.checkpoint`: the latest metadata version and no other feature.
    #[must_use]
    pub fn missing() -> Self {
        Self { records: vec![feature_level(METADATA_VERSION, MetadataVersion::LATEST_PRODUCTION.level())] }
    }

    /// Reads a `bootstrap.checkpoint`.
    pub fn decode(bytes: &[u8]) -> Result<Self, SnapshotError> {
        Ok(Self { records: snapshot::decode(bytes)?.records })
    }

    /// The bytes of `bootstrap.checkpoint`, where `now` is the time of writing.
    #[must_use]
    pub fn encode(&self, now: Timestamp) -> Vec<u8> {
        let snapshot = Snapshot {
            last_contained_log_timestamp: Timestamp(0),
            records: self.records.clone(),
            ..Default::default()
        };
        snapshot::encode(&snapshot, LeaderEpoch(0), now)
    }

    /// The level of a feature in these records; 0 if it has none.
    #[must_use]
    pub fn level(&self, name: &str) -> i16 {
        let level = |record: &MetadataRecord| match record {
            MetadataRecord::FeatureLevel(feature) if feature.name == name => Some(feature.feature_level),
            _ => None,
        };
        self.records.iter().rev().find_map(level).unwrap_or(0)
    }

    /// What the first active controller writes into an empty log: the records in one transaction, if the metadata version
    /// knows transactions, with the cluster-wide `min.insync.replicas` that eligible leader replicas need.
    ///
    /// `min_insync_replicas` is the controller's static value.
    #[must_use]
    pub fn activation_records(&self, min_insync_replicas: i32) -> Vec<MetadataRecord> {
        let version =
            MetadataVersion::from_level(self.level(METADATA_VERSION)).unwrap_or(MetadataVersion::MINIMUM);
        let in_transaction = version.is_metadata_transaction_supported();
        let mut records = Vec::new();
        if in_transaction {
            records.push(BeginTransactionRecord { name: Some(BOOTSTRAP_TRANSACTION.into()) }.into());
        }
        records.extend(self.records.iter().cloned());
        if self.level(ELIGIBLE_LEADER_REPLICAS_VERSION) > 0 {
            records.push(cluster_min_insync_replicas(min_insync_replicas));
        }
        if in_transaction {
            records.push(EndTransactionRecord::default().into());
        }
        records
    }
}

/// What an active controller writes into a log that ends inside a transaction.
#[must_use]
pub fn abort_transaction(reason: &str) -> MetadataRecord {
    AbortTransactionRecord { reason: Some(reason.to_string()) }.into()
}

/// The cluster-wide `min.insync.replicas` that must stand in the log while eligible leader replicas are on.
#[must_use]
pub(crate) fn cluster_min_insync_replicas(count: i32) -> MetadataRecord {
    let record = ConfigRecord {
        resource_type: ConfigResourceType::Broker.id(),
        resource_name: String::new(),
        name: "min.insync.replicas".into(),
        value: Some(count.to_string()),
    };
    record.into()
}

fn feature_level(name: &str, feature_level: i16) -> MetadataRecord {
    FeatureLevelRecord { name: name.to_string(), feature_level }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(bootstrap: &BootstrapMetadata) -> Vec<(String, i16)> {
        let level = |record: &MetadataRecord| match record {
            MetadataRecord::FeatureLevel(feature) => (feature.name.clone(), feature.feature_level),
            other => panic!("{other:?}"),
        };
        bootstrap.records.iter().map(level).collect()
    }

    fn bootstrap(version: &str, features: &[(&str, i16)]) -> Result<BootstrapMetadata, BootstrapError> {
        let features = features.iter().map(|(name, level)| ((*name).to_string(), *level)).collect();
        BootstrapMetadata::new(version.parse().unwrap(), &features)
    }

    #[test]
    fn a_new_cluster_has_the_default_features_of_its_version() {
        let pair = |name: &str, level| (name.to_string(), level);
        assert_eq!(
            levels(&bootstrap("4.3", &[]).unwrap()),
            [
                pair("metadata.version", 30),
                pair("eligible.leader.replicas.version", 1),
                pair("group.version", 1),
                pair("share.version", 1),
                pair("streams.version", 1),
                pair("transaction.version", 2),
            ]
        );
        assert_eq!(levels(&bootstrap("3.9", &[]).unwrap()), [pair("metadata.version", 21)]);
        assert_eq!(
            levels(&bootstrap("4.0", &[("transaction.version", 0)]).unwrap()),
            [pair("metadata.version", 25), pair("group.version", 1)]
        );
    }

    #[test]
    fn impossible_features_are_refused() {
        assert!(matches!(bootstrap("4.3", &[("nope", 1)]), Err(BootstrapError::UnknownFeature(..))));
        assert!(matches!(bootstrap("4.3", &[("group.version", 2)]), Err(BootstrapError::UnknownLevel(..))));
        let elr = bootstrap("3.9", &[("eligible.leader.replicas.version", 1)]);
        assert!(matches!(elr, Err(BootstrapError::UnmetDependency(_))));
    }

    #[test]
    fn the_first_records_are_one_transaction_with_the_cluster_wide_min_isr() {
        let records = bootstrap("4.3", &[]).unwrap().activation_records(2);
        assert!(matches!(records.first(), Some(MetadataRecord::BeginTransaction(_))));
        assert_eq!(records[records.len() - 2], cluster_min_insync_replicas(2));
        assert!(matches!(records.last(), Some(MetadataRecord::EndTransaction(_))));
        let old = bootstrap("3.4", &[]).unwrap();
        assert_eq!(old.activation_records(2), old.records);
    }

    #[test]
    fn files_round_trip() {
        let bootstrap = bootstrap("4.3", &[]).unwrap();
        assert_eq!(BootstrapMetadata::decode(&bootstrap.encode(Timestamp(5))), Ok(bootstrap));
    }
}
