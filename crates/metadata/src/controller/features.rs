//! UpdateFeatures. Source: Kafka `FeatureControlManager`, `QuorumController.updateFeatures`.
//!
//! `kraft.version` is the quorum's: to raise it writes control records, which this crate does not know.

use std::collections::BTreeMap;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::config_record::ConfigRecord;
use ottla_protocol::messages::feature_level_record::FeatureLevelRecord;
use ottla_protocol::messages::metadata_record::MetadataRecord;
use ottla_protocol::messages::no_op_record::NoOpRecord;
use ottla_protocol::messages::update_features_request::{FeatureUpdateKey, UpdateFeaturesRequest};
use ottla_protocol::messages::update_features_response::{UpdatableFeatureResult, UpdateFeaturesResponse};

use super::{Controller, Outcome, RequestContext};
use crate::api_error::ApiError;
use crate::bootstrap::cluster_min_insync_replicas;
use crate::features::{
    ELIGIBLE_LEADER_REPLICAS_VERSION, KRAFT_VERSION, METADATA_VERSION, MetadataVersion, VersionRange,
    feature_by_name, supported_features,
};
use crate::image::{ConfigResource, ConfigResourceType};

const UPGRADE: i8 = 1;
const SAFE_DOWNGRADE: i8 = 2;
const UNSAFE_DOWNGRADE: i8 = 3;

impl Controller {
    /// Decides an UpdateFeatures request: all updates, or none. `kraft_version` is the quorum's level.
    #[must_use]
    pub fn update_features(
        &self,
        request: &UpdateFeaturesRequest,
        kraft_version: i16,
        context: &RequestContext<'_>,
    ) -> Outcome<UpdateFeaturesResponse> {
        let mut records = Vec::new();
        let mut proposed = self.latest.features.finalized();
        proposed.insert(METADATA_VERSION.to_string(), self.metadata_version().level());
        proposed.extend(
            request.feature_updates.iter().map(|update| (update.feature.clone(), update.max_version_level)),
        );
        for update in &request.feature_updates {
            match self.update_feature(update, kraft_version, context.api_version, &proposed) {
                Ok(record) => records.extend(record),
                Err(error) => return refused(&error),
            }
        }
        let enables_elr = |update: &FeatureUpdateKey| {
            update.feature == ELIGIBLE_LEADER_REPLICAS_VERSION && update.max_version_level > 0
        };
        if request.feature_updates.iter().any(enables_elr) {
            let mut safe = self.elr_safety_records();
            safe.append(&mut records);
            records = safe;
        }
        if request.validate_only {
            records.clear();
        }
        // From version 2 on the top-level code says it all.
        let shown = request.feature_updates.iter().filter(|_| context.api_version <= 1);
        let results = shown.map(|update| UpdatableFeatureResult {
            feature: update.feature.clone(),
            error_code: 0,
            error_message: None,
        });
        Outcome::atomic(records, UpdateFeaturesResponse { results: results.collect(), ..Default::default() })
    }

    fn update_feature(
        &self,
        update: &FeatureUpdateKey,
        kraft_version: i16,
        api_version: i16,
        proposed: &BTreeMap<String, i16>,
    ) -> Result<Option<MetadataRecord>, ApiError> {
        let (name, level) = (update.feature.as_str(), update.max_version_level);
        let refuse = |reason: &str| {
            let message = format!("Invalid update version {level} for feature {name}. {reason}");
            Err(ApiError::new(ErrorCode::INVALID_UPDATE_VERSION, message))
        };
        // Version 0 knows only a flag.
        let upgrade_type = match (api_version, update.allow_downgrade) {
            (0, true) => SAFE_DOWNGRADE,
            (0, false) => UPGRADE,
            _ => update.upgrade_type,
        };
        if !(UPGRADE..=UNSAFE_DOWNGRADE).contains(&upgrade_type) {
            return refuse("The controller does not support the given upgrade type.");
        }
        if level < 0 {
            return refuse("A feature version cannot be less than 0.");
        }
        if let Some(reason) = self.reason_not_supported(name, level) {
            return refuse(&reason);
        }
        let is_kraft_version = name == KRAFT_VERSION;
        let current = if is_kraft_version { kraft_version } else { self.latest.features.level(name) };
        if level < current && upgrade_type == UPGRADE {
            return refuse(
                "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe \
                 downgrade.",
            );
        }
        if level > current && upgrade_type != UPGRADE {
            return refuse("Can't downgrade to a newer version.");
        }
        if is_kraft_version {
            return match upgrade_type {
                // There must be something in the log to wait for.
                UPGRADE if level == current => Ok(Some(NoOpRecord::default().into())),
                UPGRADE => refuse("The level of the quorum cannot be raised while it runs."),
                _ if level == current => Ok(None),
                _ => refuse("Can't downgrade the version of this feature."),
            };
        }
        if name == METADATA_VERSION {
            self.check_metadata_version(level, upgrade_type)?;
        } else {
            let Some(feature) = feature_by_name(name) else {
                return refuse("This feature cannot be changed here.");
            };
            if let Some(reason) = feature.unmet_dependency(level, proposed) {
                return refuse(&reason);
            }
        }
        Ok(Some(FeatureLevelRecord { name: name.to_string(), feature_level: level }.into()))
    }

    fn check_metadata_version(&self, level: i16, upgrade_type: i8) -> Result<(), ApiError> {
        let refuse = |message: String| Err(ApiError::new(ErrorCode::INVALID_UPDATE_VERSION, message));
        let current = self.metadata_version();
        let Some(new) = MetadataVersion::from_level(level) else {
            let (min, max) = (MetadataVersion::MINIMUM.level(), MetadataVersion::LATEST_TESTING.level());
            return refuse(format!(
                "Invalid metadata.version {level}. Valid versions are from {min} to {max}."
            ));
        };
        if new >= current || !new.format_changed_between(current) {
            return Ok(());
        }
        let reason = if upgrade_type == UNSAFE_DOWNGRADE {
            "Unsafe metadata downgrade is not supported in this version."
        } else {
            "Refusing to perform the requested downgrade because it might delete metadata information."
        };
        refuse(format!(
            "Unsupported metadata.version downgrade from {} to {level}. {reason}",
            current.level()
        ))
    }

    /// Why not every node supports the level, if so: this controller, every registered broker, every other controller.
    fn reason_not_supported(&self, name: &str, level: i16) -> Option<String> {
        let own = supported_features().get(name).copied();
        let local = format!("Local controller {}", self.config.node_id);
        if let Some(reason) = reason_out_of_range(&local, own, level) {
            return Some(reason);
        }
        let brokers = self.latest.cluster.brokers.values();
        for broker in brokers {
            let range = broker.features.get(name).copied();
            if let Some(reason) = reason_out_of_range(&format!("Broker {}", broker.id), range, level) {
                return Some(reason);
            }
        }
        if !self.metadata_version().is_controller_registration_supported() {
            return None;
        }
        let others = || self.latest.cluster.controllers.values().filter(|c| c.id != self.config.node_id);
        for controller in others() {
            let range = controller.features.get(name).copied();
            if let Some(reason) = reason_out_of_range(&format!("Controller {}", controller.id), range, level)
            {
                return Some(reason);
            }
        }
        let known = |id: &ottla_protocol::types::BrokerId| {
            *id == self.config.node_id || self.latest.cluster.controllers.contains_key(id)
        };
        let missing = self.config.quorum_node_ids.iter().find(|id| !known(id))?;
        Some(format!("controller {missing} has not registered, and may not support this feature"))
    }

    /// With eligible leader replicas, `min.insync.replicas` may only stand at the cluster's level.
    fn elr_safety_records(&self) -> Vec<MetadataRecord> {
        const KEY: &str = "min.insync.replicas";
        let mut records = Vec::new();
        let cluster = self.latest.configs.get(&ConfigResource::cluster_default());
        if cluster.is_none_or(|configs| !configs.contains_key(KEY)) {
            records.push(cluster_min_insync_replicas(self.static_min_insync_replicas()));
        }
        let of_brokers = self.latest.configs.iter().filter(|(resource, configs)| {
            resource.kind == ConfigResourceType::Broker
                && !resource.name.is_empty()
                && configs.contains_key(KEY)
        });
        records.extend(of_brokers.map(|(resource, _)| {
            let record = ConfigRecord {
                resource_type: resource.kind.id(),
                resource_name: resource.name.to_string(),
                name: KEY.to_string(),
                value: None,
            };
            record.into()
        }));
        records
    }
}

fn reason_out_of_range(node: &str, range: Option<VersionRange>, level: i16) -> Option<String> {
    let range = range.unwrap_or_default();
    if range.contains(level) {
        return None;
    }
    if range.max == 0 {
        return Some(format!("{node} does not support this feature."));
    }
    Some(format!("{node} only supports versions {range}"))
}

fn refused(error: &ApiError) -> Outcome<UpdateFeaturesResponse> {
    let message = format!(
        "The update failed for all features since the following feature had an error: {}",
        error.text()
    );
    Outcome::unchanged(UpdateFeaturesResponse {
        error_code: error.code.into(),
        error_message: Some(message),
        ..Default::default()
    })
}
