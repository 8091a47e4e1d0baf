//! IncrementalAlterConfigs and the legacy AlterConfigs.
//!
//! Source: Kafka `ConfigurationControlManager`, `ControllerApis.handleIncrementalAlterConfigs`,
//! `handleLegacyAlterConfigs`.

use std::collections::{BTreeMap, BTreeSet};

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::alter_configs_request::AlterConfigsRequest;
use ottla_protocol::messages::alter_configs_response::{
    AlterConfigsResourceResponse as LegacyResourceResponse, AlterConfigsResponse,
};
use ottla_protocol::messages::clear_elr_record::ClearElrRecord;
use ottla_protocol::messages::config_record::ConfigRecord;
use ottla_protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, IncrementalAlterConfigsRequest,
};
use ottla_protocol::messages::incremental_alter_configs_response::{
    AlterConfigsResourceResponse, IncrementalAlterConfigsResponse,
};
use ottla_protocol::messages::metadata_record::MetadataRecord;
use ottla_protocol::types::BrokerId;

use super::{Controller, Outcome, RequestContext};
use crate::api_error::{ApiError, code_and_message};
use crate::config::{ConfigLayers, describe, validate};
use crate::features::MetadataVersion;
use crate::image::{ConfigMap, ConfigResource, ConfigResourceType};

const MIN_INSYNC_REPLICAS: &str = "min.insync.replicas";
const CORDONED_LOG_DIRS: &str = "cordoned.log.dirs";
/// Longest value, in UTF-16 units.
const VALUE_LENGTH_MAX: usize = 32_767;

/// What to do with one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AlterOperation {
    Set,
    Delete,
    Append,
    Subtract,
}

impl AlterOperation {
    fn from_id(id: i8) -> Option<Self> {
        match id {
            0 => Some(Self::Set),
            1 => Some(Self::Delete),
            2 => Some(Self::Append),
            3 => Some(Self::Subtract),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Set => "SET",
            Self::Delete => "DELETE",
            Self::Append => "APPEND",
            Self::Subtract => "SUBTRACT",
        }
    }
}

/// A change of one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ConfigChange {
    pub(super) name: String,
    pub(super) operation: AlterOperation,
    pub(super) value: Option<String>,
}

/// New values by key; `None` deletes.
type NewValues = BTreeMap<String, Option<String>>;

impl Controller {
    /// Decides an IncrementalAlterConfigs request. A resource is changed whole or not at all; resources that are refused
    /// do not keep the others from being changed. Authorization, and broker loggers, are the caller's.
    #[must_use]
    pub fn incremental_alter_configs(
        &self,
        request: &IncrementalAlterConfigsRequest,
        context: &RequestContext<'_>,
    ) -> Outcome<IncrementalAlterConfigsResponse> {
        let layers = self.layers();
        let keys =
            request.resources.iter().map(|resource| (resource.resource_type, &*resource.resource_name));
        let repeated = repeated(keys);
        let (mut records, mut responses) = (Vec::new(), Vec::new());
        for resource in &request.resources {
            let result = if repeated.contains(&(resource.resource_type, &*resource.resource_name)) {
                Err(ApiError::invalid_request("Each resource must appear at most once."))
            } else {
                self.alter_one(resource, context, &layers).map(|altered| records.extend(altered))
            };
            let (error_code, error_message) = code_and_message(&result);
            responses.push(AlterConfigsResourceResponse {
                error_code,
                error_message,
                resource_type: resource.resource_type,
                resource_name: resource.resource_name.clone(),
            });
        }
        records.extend(self.clear_elr_records(&records));
        if request.validate_only {
            records.clear();
        }
        Outcome::atomic(records, IncrementalAlterConfigsResponse { throttle_time_ms: 0, responses })
    }

    /// Decides an AlterConfigs request: the values given replace all values of the resource.
    #[must_use]
    pub fn alter_configs(
        &self,
        request: &AlterConfigsRequest,
        context: &RequestContext<'_>,
    ) -> Outcome<AlterConfigsResponse> {
        let layers = self.layers();
        let keys =
            request.resources.iter().map(|resource| (resource.resource_type, &*resource.resource_name));
        let repeated = repeated(keys);
        let (mut records, mut responses) = (Vec::new(), Vec::new());
        for resource in &request.resources {
            let values = resource.configs.iter().map(|config| (config.name.clone(), config.value.clone()));
            let result = if repeated.contains(&(resource.resource_type, &*resource.resource_name)) {
                Err(ApiError::invalid_request("Each resource must appear at most once."))
            } else {
                resource_of(resource.resource_type, &resource.resource_name)
                    .and_then(|resource| self.replace_all(&resource, values.collect(), context, &layers))
                    .map(|altered| records.extend(altered))
            };
            let (error_code, error_message) = code_and_message(&result);
            responses.push(LegacyResourceResponse {
                error_code,
                error_message,
                resource_type: resource.resource_type,
                resource_name: resource.resource_name.clone(),
            });
        }
        records.extend(self.clear_elr_records(&records));
        if request.validate_only {
            records.clear();
        }
        Outcome::atomic(records, AlterConfigsResponse { throttle_time_ms: 0, responses })
    }

    /// Records that set the configs of a topic that is being created.
    pub(super) fn alter_new_resource(
        &self,
        resource: &ConfigResource,
        changes: &[ConfigChange],
        is_forwarded: bool,
        layers: &ConfigLayers,
    ) -> Result<Vec<MetadataRecord>, ApiError> {
        let existing = ConfigMap::new();
        let values = new_values(resource, changes, &existing)?;
        self.check(resource, &existing, &values, is_forwarded, layers)?;
        Ok(to_records(resource, values))
    }

    fn alter_one(
        &self,
        request: &AlterConfigsResource,
        context: &RequestContext<'_>,
        layers: &ConfigLayers,
    ) -> Result<Vec<MetadataRecord>, ApiError> {
        let resource = resource_of(request.resource_type, &request.resource_name)?;
        let mut names = BTreeSet::new();
        if !request.configs.iter().all(|config| names.insert(config.name.as_str())) {
            return Err(ApiError::invalid_request("Error due to duplicate config keys"));
        }
        let mut changes = Vec::with_capacity(request.configs.len());
        let mut nulls = Vec::new();
        for config in &request.configs {
            let operation = AlterOperation::from_id(config.config_operation).ok_or_else(|| {
                ApiError::invalid_request(format!("Unknown operations type {}", config.config_operation))
            })?;
            if config.value.is_none() && operation != AlterOperation::Delete {
                nulls.push(config.name.as_str());
            }
            changes.push(ConfigChange { name: config.name.clone(), operation, value: config.value.clone() });
        }
        if !nulls.is_empty() {
            let reason = format!("Null value not supported for : {}", nulls.join(", "));
            return Err(ApiError::invalid_request(reason));
        }
        let existing = self.latest.configs.get_or_empty(&resource);
        let values = new_values(&resource, &changes, &existing)?;
        self.check(&resource, &existing, &values, context.is_forwarded, layers)?;
        self.check_exists(&resource)?;
        Ok(to_records(&resource, values))
    }

    fn replace_all(
        &self,
        resource: &ConfigResource,
        given: NewValues,
        context: &RequestContext<'_>,
        layers: &ConfigLayers,
    ) -> Result<Vec<MetadataRecord>, ApiError> {
        let nulls: Vec<_> =
            given.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| &**name).collect();
        if !nulls.is_empty() {
            let reason = format!("Null value not supported for : {}", nulls.join(", "));
            return Err(ApiError::invalid_request(reason));
        }
        let existing = self.latest.configs.get_or_empty(resource);
        let unchanged = |name: &String, value: &Option<String>| {
            resource.kind != ConfigResourceType::Broker
                && existing.get(name.as_str()).map(|text| &**text) == value.as_deref()
        };
        let deleted =
            existing.keys().filter(|name| !given.contains_key(&***name)).map(|name| (name.to_string(), None));
        let mut values: NewValues = deleted.collect();
        values.extend(given.into_iter().filter(|(name, value)| !unchanged(name, value)));
        self.check(resource, &existing, &values, context.is_forwarded, layers)?;
        self.check_exists(resource)?;
        Ok(to_records(resource, values))
    }

    /// Checks the values that the resource will have.
    fn check(
        &self,
        resource: &ConfigResource,
        existing: &ConfigMap,
        values: &NewValues,
        is_forwarded: bool,
        layers: &ConfigLayers,
    ) -> Result<(), ApiError> {
        let mut all: validate::Configs =
            existing.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        for (name, value) in values {
            self.check_value(resource, existing, name, value.as_deref(), is_forwarded)?;
            match value {
                Some(value) => all.insert(name.clone(), value.clone()),
                None => all.remove(name),
            };
        }
        let name = &*resource.name;
        match resource.kind {
            ConfigResourceType::Topic => {
                validate::topic_resource_name(name)?;
                validate::topic_configs(&all, existing, layers)
            }
            ConfigResourceType::Broker => {
                validate::broker_resource_name(name)?;
                validate::dynamic_broker_configs(&all, !name.is_empty())
            }
            ConfigResourceType::ClientMetrics => validate::client_metrics_configs(name, &all),
            ConfigResourceType::Group => validate::group_configs(name, &all, layers),
            ConfigResourceType::BrokerLogger => {
                Err(ApiError::invalid_request("Unknown resource type BROKER_LOGGER"))
            }
        }
    }

    fn check_value(
        &self,
        resource: &ConfigResource,
        existing: &ConfigMap,
        name: &str,
        value: Option<&str>,
        is_forwarded: bool,
    ) -> Result<(), ApiError> {
        let refuse = |reason: String| Err(ApiError::invalid_config(reason));
        let is_broker = resource.kind == ConfigResourceType::Broker;
        if is_broker && name == MIN_INSYNC_REPLICAS && self.latest.features.is_elr_enabled() {
            if !resource.name.is_empty() {
                return refuse(
                    "Broker-level min.insync.replicas cannot be altered while ELR is enabled.".into(),
                );
            }
            if value.is_none() {
                return refuse(
                    "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.".into(),
                );
            }
        }
        if is_broker && name == CORDONED_LOG_DIRS {
            if !self.metadata_version().is_cordoned_log_dirs_supported() {
                let needed = MetadataVersion::from_level(30).map_or("", MetadataVersion::name);
                return refuse(format!(
                    "The cordoned.log.dirs configuration value cannot be set because it requires metadata.version >= \
                     {needed}"
                ));
            }
            if !is_forwarded && !shrinks(existing.get(name).map(|text| &**text), value) {
                return refuse(
                    "When updating cordoned.log.dirs via controllers,  the new value must be a subset of the current \
                     configuration value."
                        .into(),
                );
            }
        }
        if value.is_some_and(|value| value.encode_utf16().count() > VALUE_LENGTH_MAX) {
            return refuse(format!(
                "The configuration value cannot be added because it exceeds the maximum value size of \
                 {VALUE_LENGTH_MAX} bytes."
            ));
        }
        Ok(())
    }

    fn check_exists(&self, resource: &ConfigResource) -> Result<(), ApiError> {
        let exists = match resource.kind {
            ConfigResourceType::Topic => self.latest.topics.by_name(&resource.name).is_some(),
            ConfigResourceType::Broker if !resource.name.is_empty() => {
                // The name was checked to be a number.
                let id = resource.name.parse().map(BrokerId);
                let known = id.is_ok_and(|id| {
                    self.latest.cluster.broker(id).is_some() || self.config.quorum_node_ids.contains(&id)
                });
                if !known {
                    let reason = format!("No node with id {} found.", resource.name);
                    return Err(ApiError::new(ErrorCode::BROKER_ID_NOT_REGISTERED, reason));
                }
                true
            }
            _ => true,
        };
        if exists {
            return Ok(());
        }
        let reason = format!("The topic '{}' does not exist.", resource.name);
        Err(ApiError::new(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, reason))
    }

    /// With eligible leader replicas on, another `min.insync.replicas` makes what they promise void.
    fn clear_elr_records(&self, records: &[MetadataRecord]) -> Vec<MetadataRecord> {
        if !self.latest.features.is_elr_enabled() {
            return Vec::new();
        }
        let cleared = records.iter().filter_map(|record| match record {
            MetadataRecord::Config(config) if config.name == MIN_INSYNC_REPLICAS => {
                let is_topic = config.resource_type == ConfigResourceType::Topic.id();
                let topic_name = if is_topic { config.resource_name.clone() } else { String::new() };
                Some(ClearElrRecord { topic_name }.into())
            }
            _ => None,
        });
        cleared.collect()
    }
}

fn repeated<'a>(keys: impl Iterator<Item = (i8, &'a str)>) -> BTreeSet<(i8, &'a str)> {
    let mut seen = BTreeSet::new();
    keys.filter(|key| !seen.insert(*key)).collect()
}

fn resource_of(resource_type: i8, name: &str) -> Result<ConfigResource, ApiError> {
    match ConfigResourceType::from_id(resource_type) {
        Some(ConfigResourceType::BrokerLogger) | None => {
            Err(ApiError::invalid_request(format!("Unknown resource type {resource_type}")))
        }
        Some(kind) => Ok(ConfigResource { kind, name: name.into() }),
    }
}

/// The values that change. Those of brokers are written even if they are the same: that makes brokers load files anew.
fn new_values(
    resource: &ConfigResource,
    changes: &[ConfigChange],
    existing: &ConfigMap,
) -> Result<NewValues, ApiError> {
    let mut values = NewValues::new();
    for change in changes {
        let current = existing.get(change.name.as_str()).map(|text| text.to_string());
        let given = change.value.as_deref().unwrap_or_default();
        let new = match change.operation {
            AlterOperation::Set => Some(given.to_string()),
            AlterOperation::Delete => None,
            AlterOperation::Append | AlterOperation::Subtract => {
                Some(altered_list(resource, change, current.as_deref(), given)?)
            }
        };
        if new != current || resource.kind == ConfigResourceType::Broker {
            values.insert(change.name.clone(), new);
        }
    }
    Ok(values)
}

fn altered_list(
    resource: &ConfigResource,
    change: &ConfigChange,
    current: Option<&str>,
    given: &str,
) -> Result<String, ApiError> {
    let def = describe::def_of(resource.kind, &change.name);
    if !validate::is_list(def) {
        return Err(ApiError::invalid_config(format!(
            "Can't {} to key {} because its type is not LIST.",
            change.operation.name(),
            change.name
        )));
    }
    let current = current.or_else(|| def.and_then(|def| def.default_text())).unwrap_or_default();
    let mut items: Vec<&str> = current.split(',').filter(|item| !item.is_empty()).collect();
    for item in given.split(',') {
        let position = items.iter().position(|present| *present == item);
        match (change.operation, position) {
            (AlterOperation::Append, None) => items.push(item),
            (AlterOperation::Subtract, Some(index)) => {
                items.remove(index);
            }
            _ => {}
        }
    }
    Ok(items.join(","))
}

/// Whether each item of the new list is one of the current list.
fn shrinks(current: Option<&str>, new: Option<&str>) -> bool {
    let items =
        |text: &str| -> BTreeSet<String> { text.split(',').map(|item| item.trim().to_string()).collect() };
    match new.map(str::trim) {
        None | Some("") => true,
        Some(new) => items(new).is_subset(&current.map(items).unwrap_or_default()),
    }
}

fn to_records(resource: &ConfigResource, values: NewValues) -> Vec<MetadataRecord> {
    let record = |(name, value)| {
        let (resource_type, resource_name) = (resource.kind.id(), resource.name.to_string());
        ConfigRecord { resource_type, resource_name, name, value }.into()
    };
    values.into_iter().map(record).collect()
}
