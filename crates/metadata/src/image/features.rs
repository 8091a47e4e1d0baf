//! The finalized feature levels.

use std::collections::BTreeMap;
use std::sync::Arc;

use imbl::OrdMap;

use crate::features::{ELIGIBLE_LEADER_REPLICAS_VERSION, METADATA_VERSION, MetadataVersion};

/// Finalized feature levels of the cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeaturesImage {
    /// Level of `metadata.version`; `None` only before the bootstrap records are replayed.
    pub metadata_version: Option<MetadataVersion>,
    /// Levels of all other features; a feature at level 0 is absent.
    pub levels: OrdMap<Arc<str>, i16>,
}

impl FeaturesImage {
    /// The metadata version, or the oldest one while the log has not said.
    #[must_use]
    pub fn metadata_version_or_minimum(&self) -> MetadataVersion {
        self.metadata_version.unwrap_or(MetadataVersion::MINIMUM)
    }

    /// Level of a feature; 0 if it is off or unknown.
    #[must_use]
    pub fn level(&self, name: &str) -> i16 {
        match name {
            METADATA_VERSION => self.metadata_version.map_or(0, MetadataVersion::level),
            _ => self.levels.get(name).copied().unwrap_or(0),
        }
    }

    /// Whether eligible leader replicas are kept and used (KIP-966).
    #[must_use]
    pub fn is_elr_enabled(&self) -> bool {
        self.level(ELIGIBLE_LEADER_REPLICAS_VERSION) >= 1
    }

    /// Every finalized level, `metadata.version` included, as ApiVersions shows them.
    #[must_use]
    pub fn finalized(&self) -> BTreeMap<String, i16> {
        let mut levels: BTreeMap<_, _> =
            self.levels.iter().map(|(name, level)| (name.to_string(), *level)).collect();
        if let Some(version) = self.metadata_version {
            levels.insert(METADATA_VERSION.to_string(), version.level());
        }
        levels
    }
}
