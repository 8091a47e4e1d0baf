//! The answer to DescribeConfigs. Source: Kafka `ConfigHelper`, `ConfigHelperUtils`.

use std::collections::{BTreeMap, BTreeSet};

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::describe_configs_request::DescribeConfigsResource;
use ottla_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
};
use ottla_protocol::types::BrokerId;

use super::definition::{ConfigDef, UpdateMode};
use super::layers::topic_synonyms;
use super::table::{BROKER_SYNONYMS, GROUP_SYNONYMS};
use super::{
    ConfigLayers, ConfigSource, broker_def, broker_defs, client_metrics_defs, group_def, group_defs,
    topic_def, topic_defs,
};
use crate::api_error::ApiError;
use crate::image::{ConfigMap, ConfigResource, ConfigResourceType, MetadataImage};
use crate::topic_name;

/// One config as DescribeConfigs and CreateTopics show it.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigEntry {
    /// The key.
    pub name: String,
    /// The value in effect; `None` if it has none or must not be shown.
    pub value: Option<String>,
    /// The layer that the value is said to come from.
    pub source: ConfigSource,
    /// Whether the value must not be shown.
    pub is_sensitive: bool,
    /// Whether it cannot be changed while the broker runs.
    pub read_only: bool,
    /// Every layer that sets it, or its synonyms, the one that wins first.
    pub synonyms: Vec<ConfigSynonym>,
    /// What the table says of the key; `None` for keys that nobody knows.
    pub def: Option<&'static ConfigDef>,
}

/// One layer's value of a config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigSynonym {
    /// The key that the layer sets.
    pub name: String,
    /// Its value, in its own unit.
    pub value: Option<String>,
    /// The layer.
    pub source: ConfigSource,
}

/// What DescribeConfigs asks beside the resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DescribeOptions {
    /// Whether to list synonyms.
    pub include_synonyms: bool,
    /// Whether to add what each key means.
    pub include_documentation: bool,
}

/// Answers one resource of a DescribeConfigs request. Authorization is the caller's, and so are broker loggers.
///
/// `layers` are those of broker `id`.
#[must_use]
pub fn resource(
    request: &DescribeConfigsResource,
    options: DescribeOptions,
    image: &MetadataImage,
    layers: &ConfigLayers,
    id: BrokerId,
) -> DescribeConfigsResult {
    let mut result = DescribeConfigsResult {
        resource_type: request.resource_type,
        resource_name: request.resource_name.clone(),
        ..Default::default()
    };
    match entries(request, image, layers, id) {
        Ok(entries) => {
            let asked = request.configuration_keys.as_ref().filter(|keys| !keys.is_empty());
            let is_asked = |name: &String| asked.is_none_or(|keys| keys.contains(name));
            let shown = entries.into_iter().filter(|entry| is_asked(&entry.name));
            result.configs = shown.map(|entry| entry.into_result(options)).collect();
        }
        Err(error) => {
            result.error_code = error.code.into();
            // Kafka's answer for a topic that does not exist has an empty text.
            result.error_message = Some(error.message.unwrap_or_default());
        }
    }
    result
}

fn entries(
    request: &DescribeConfigsResource,
    image: &MetadataImage,
    layers: &ConfigLayers,
    id: BrokerId,
) -> Result<Vec<ConfigEntry>, ApiError> {
    let name = request.resource_name.as_str();
    let overrides = |kind| image.configs.get_or_empty(&ConfigResource { kind, name: name.into() });
    match ConfigResourceType::from_id(request.resource_type) {
        Some(kind @ ConfigResourceType::Topic) => {
            topic_name::validate(name)
                .map_err(|reason| ApiError::new(ErrorCode::INVALID_TOPIC_EXCEPTION, reason))?;
            if image.topics.by_name(name).is_none() {
                return Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.into());
            }
            Ok(topic(&overrides(kind), layers))
        }
        Some(ConfigResourceType::Broker) if name.is_empty() => Ok(cluster_default(layers)),
        Some(ConfigResourceType::Broker) => {
            let asked: i32 = name.parse().map_err(|_| {
                ApiError::invalid_request(format!("Broker id must be an integer, but it is: {name}"))
            })?;
            if asked != id.0 {
                return Err(ApiError::invalid_request(format!(
                    "Unexpected broker id, expected {id} or empty string, but received {name}"
                )));
            }
            Ok(broker(layers))
        }
        Some(ConfigResourceType::ClientMetrics) if name.is_empty() => {
            Err(ApiError::invalid_request("Client metrics subscription name must not be empty"))
        }
        Some(kind @ ConfigResourceType::ClientMetrics) => Ok(client_metrics(&overrides(kind))),
        Some(ConfigResourceType::Group) if name.is_empty() => {
            Err(ApiError::invalid_request("Group name must not be empty"))
        }
        Some(kind @ ConfigResourceType::Group) => Ok(group(&overrides(kind), layers)),
        Some(ConfigResourceType::BrokerLogger) | None => {
            Err(ApiError::invalid_request(ErrorCode::INVALID_REQUEST.message()))
        }
    }
}

/// The configs of a topic, in name order.
#[must_use]
pub fn topic(overrides: &ConfigMap, layers: &ConfigLayers) -> Vec<ConfigEntry> {
    let shown = topic_defs().filter(|def| !def.internal || overrides.contains_key(def.name));
    let entry = |def: &'static ConfigDef| {
        let value = layers.topic_value(def, overrides).value;
        let mut synonyms = topic_synonyms(def.name)
            .first()
            .map_or_else(Vec::new, |(broker_key, _)| broker_synonyms(broker_key, layers, def.is_sensitive()));
        own_value_first(&mut synonyms, def, overrides, ConfigSource::Topic);
        entry(def.name, Some(def), value, synonyms)
    };
    sorted(shown.map(entry).collect())
}

/// The configs of a group, in name order.
#[must_use]
pub fn group(overrides: &ConfigMap, layers: &ConfigLayers) -> Vec<ConfigEntry> {
    let entry = |def: &'static ConfigDef| {
        let broker_key =
            GROUP_SYNONYMS.iter().find(|(key, _)| *key == def.name).map(|(_, broker_key)| *broker_key);
        let mut synonyms = match broker_key {
            Some(broker_key) => broker_synonyms(broker_key, layers, false),
            None => default_synonym(def),
        };
        own_value_first(&mut synonyms, def, overrides, ConfigSource::Group);
        let own = overrides.get(def.name).map(|text| shown_text(def, text));
        let inherited = || {
            let def = broker_key.and_then(broker_def).or_else(|| group_def(def.name))?;
            layers.value(def).map(|value| value.to_string())
        };
        entry(def.name, Some(def), own.or_else(inherited), synonyms)
    };
    group_defs().map(entry).collect()
}

/// The configs of a client metrics subscription, in name order.
#[must_use]
pub fn client_metrics(overrides: &ConfigMap) -> Vec<ConfigEntry> {
    let entry = |def: &'static ConfigDef| {
        let mut synonyms = Vec::new();
        own_value_first(&mut synonyms, def, overrides, ConfigSource::ClientMetrics);
        let own = overrides.get(def.name).map(|text| shown_text(def, text));
        entry(def.name, Some(def), own.or_else(|| def.default_text().map(ToString::to_string)), synonyms)
    };
    client_metrics_defs().map(entry).collect()
}

/// The configs of a broker, in name order: all keys of the table, and all others that are set.
#[must_use]
pub fn broker(layers: &ConfigLayers) -> Vec<ConfigEntry> {
    let mut names: BTreeSet<&str> = broker_defs().filter(|def| !def.internal).map(|def| def.name).collect();
    names.extend(layers.static_config().iter().map(|(name, _)| name));
    names.extend(layers.cluster_default().keys().map(|name| &**name));
    names.extend(layers.broker().keys().map(|name| &**name));
    names.into_iter().map(|name| broker_entry(name, layers)).collect()
}

/// The dynamic configs of all brokers, in name order.
#[must_use]
pub fn cluster_default(layers: &ConfigLayers) -> Vec<ConfigEntry> {
    let mut entries = Vec::new();
    for (name, text) in layers.cluster_default() {
        let mut described = broker_entry(name, layers);
        described.synonyms.retain(|synonym| synonym.source == ConfigSource::DynamicDefaultBroker);
        described.source = described.synonyms.first().map_or(ConfigSource::Default, |synonym| synonym.source);
        described.value = (!described.is_sensitive).then(|| text.to_string());
        entries.push(described);
    }
    entries
}

fn broker_entry(name: &str, layers: &ConfigLayers) -> ConfigEntry {
    let def = broker_def(name).or_else(|| {
        // A listener's key, `listener.name.<listener>.<key>`, is of the type of its plain key.
        let (_, plain) = name.strip_prefix("listener.name.")?.split_once('.')?;
        broker_def(plain).or_else(|| plain.split_once('.').and_then(|(_, key)| broker_def(key)))
    });
    let is_sensitive = def.is_none_or(ConfigDef::is_sensitive);
    let value = match def {
        Some(def) if def.name == name => value_of(name, def, layers),
        _ => layers.set_in(name).next().map(|(_, text)| text.to_string()),
    };
    let mut described = entry(name, def, value, broker_synonyms(name, layers, is_sensitive));
    described.read_only = broker_def(name).is_none_or(|def| def.update_mode == UpdateMode::ReadOnly);
    described
}

fn value_of(name: &str, def: &ConfigDef, layers: &ConfigLayers) -> Option<String> {
    if let Some(twin) = node_id_twin(name)
        && layers.set_in(name).next().is_none()
        && let Some((_, text)) = layers.set_in(twin).next()
    {
        return Some(text.to_string());
    }
    layers.value(def).map(|value| value.to_string())
}

/// `broker.id` and `node.id` stand for each other.
fn node_id_twin(name: &str) -> Option<&'static str> {
    match name {
        "broker.id" => Some("node.id"),
        "node.id" => Some("broker.id"),
        _ => None,
    }
}

/// Every layer that sets a broker key or one of its other units, the one that wins first, from the first that sets
/// exactly this key on.
fn broker_synonyms(name: &str, layers: &ConfigLayers, is_sensitive: bool) -> Vec<ConfigSynonym> {
    let single = [name];
    let names = names_of(name).unwrap_or(&single);
    let mut synonyms = Vec::new();
    let mut add = |name: &str, value: &str, source| {
        let value = (!is_sensitive).then(|| value.to_string());
        synonyms.push(ConfigSynonym { name: name.to_string(), value, source });
    };
    for layer in [ConfigSource::DynamicBroker, ConfigSource::DynamicDefaultBroker, ConfigSource::StaticBroker]
    {
        for name in names {
            let mut set = layers.set_in(name).chain(twin_value(name, layers));
            if let Some((source, text)) = set.find(|(source, _)| *source == layer) {
                add(name, text, source);
            }
        }
    }
    for name in names {
        if let Some(text) = broker_def(name).and_then(ConfigDef::default_text) {
            add(name, text, ConfigSource::Default);
        }
    }
    let first = synonyms.iter().position(|synonym| synonym.name == name);
    synonyms.split_off(first.unwrap_or(synonyms.len()))
}

fn twin_value<'a>(name: &str, layers: &'a ConfigLayers) -> Option<(ConfigSource, &'a str)> {
    let text = layers.static_config().get(node_id_twin(name)?)?;
    Some((ConfigSource::StaticBroker, text))
}

fn names_of(name: &str) -> Option<&'static [&'static str]> {
    // The scheduler's interval is the default of the flush interval, and not the other way round.
    let named = |names: &&&[&str]| names.contains(&name) && name != "log.flush.scheduler.interval.ms";
    BROKER_SYNONYMS.iter().find(named).copied()
}

fn default_synonym(def: &ConfigDef) -> Vec<ConfigSynonym> {
    let value = def.default_text().map(ToString::to_string);
    vec![ConfigSynonym { name: def.name.to_string(), value, source: ConfigSource::Default }]
}

fn own_value_first(
    synonyms: &mut Vec<ConfigSynonym>,
    def: &ConfigDef,
    overrides: &ConfigMap,
    source: ConfigSource,
) {
    if let Some(text) = overrides.get(def.name) {
        let value = (!def.is_sensitive()).then(|| shown_text(def, text));
        synonyms.insert(0, ConfigSynonym { name: def.name.to_string(), value, source });
    }
}

/// The text in the table's own spelling, such as lists without blanks.
fn shown_text(def: &ConfigDef, text: &str) -> String {
    def.parse(text).map_or_else(|_| text.to_string(), |value| value.to_string())
}

fn entry(
    name: &str,
    def: Option<&'static ConfigDef>,
    value: Option<String>,
    synonyms: Vec<ConfigSynonym>,
) -> ConfigEntry {
    let is_sensitive = def.is_none_or(ConfigDef::is_sensitive);
    let value = value.map(|text| def.map_or_else(|| text.clone(), |def| shown_text(def, &text)));
    ConfigEntry {
        name: name.to_string(),
        value: value.filter(|_| !is_sensitive),
        source: synonyms.first().map_or(ConfigSource::Default, |synonym| synonym.source),
        is_sensitive,
        read_only: false,
        synonyms,
        def,
    }
}

fn sorted(entries: Vec<ConfigEntry>) -> Vec<ConfigEntry> {
    let by_name: BTreeMap<_, _> = entries.into_iter().map(|entry| (entry.name.clone(), entry)).collect();
    by_name.into_values().collect()
}

impl ConfigEntry {
    /// The entry as DescribeConfigs carries it.
    #[must_use]
    pub fn into_result(self, options: DescribeOptions) -> DescribeConfigsResourceResult {
        let documentation = self.def.filter(|_| options.include_documentation).map(|def| def.doc.to_string());
        let synonyms = if options.include_synonyms { self.synonyms } else { Vec::new() };
        let synonym = |synonym: ConfigSynonym| DescribeConfigsSynonym {
            name: synonym.name,
            value: synonym.value,
            source: synonym.source.id(),
        };
        DescribeConfigsResourceResult {
            name: self.name,
            value: self.value,
            read_only: self.read_only,
            config_source: self.source.id(),
            is_sensitive: self.is_sensitive,
            synonyms: synonyms.into_iter().map(synonym).collect(),
            config_type: self.def.map_or(0, |def| def.value_type.wire_id()),
            documentation,
        }
    }
}

/// Whether a key is one of Ottla's own, which Kafka's tools do not know.
#[must_use]
pub fn is_ottla_key(name: &str) -> bool {
    name == "ack.durability" || name.starts_with("ottla.")
}

/// The row of a key of this kind of resource.
#[must_use]
pub fn def_of(kind: ConfigResourceType, name: &str) -> Option<&'static ConfigDef> {
    match kind {
        ConfigResourceType::Topic => topic_def(name),
        ConfigResourceType::Broker => broker_def(name),
        ConfigResourceType::Group => group_def(name),
        ConfigResourceType::ClientMetrics => super::client_metrics_def(name),
        ConfigResourceType::BrokerLogger => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_kafkas() {
        let answer = |resource_type, name: &str| {
            let request =
                DescribeConfigsResource { resource_type, resource_name: name.into(), ..Default::default() };
            let options = DescribeOptions::default();
            let (image, layers) = (MetadataImage::default(), ConfigLayers::default());
            let result = resource(&request, options, &image, &layers, BrokerId(1));
            (result.error_code, result.error_message.unwrap_or_else(|| "null".into()))
        };
        let invalid = ErrorCode::INVALID_REQUEST.message().to_string();
        for (resource_type, name, code, text) in [
            (2, "gone", ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, ""),
            (
                2,
                "",
                ErrorCode::INVALID_TOPIC_EXCEPTION,
                "Topic name is invalid: the empty string is not allowed",
            ),
            (4, "x", ErrorCode::INVALID_REQUEST, "Broker id must be an integer, but it is: x"),
            (3, "1", ErrorCode::INVALID_REQUEST, invalid.as_str()),
            (99, "1", ErrorCode::INVALID_REQUEST, invalid.as_str()),
        ] {
            assert_eq!(answer(resource_type, name), (code.0, text.to_string()), "{resource_type} {name}");
        }
    }
}
