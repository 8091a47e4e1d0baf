//! Whether the configs of a resource, taken together, are valid. Refusals carry Kafka's codes and words.
//!
//! Source: Kafka `LogConfig.validate`, `GroupConfig.validate`, `ClientMetricsConfigs.validate`,
//! `DynamicBrokerConfig.validateConfigs`, `ControllerConfigurationValidator`.

mod groups;

use std::collections::BTreeMap;

pub use groups::group_configs;

use ottla_protocol::error::ErrorCode;

use super::table::DYNAMIC_ONLY_BROKER_CONFIGS;
use super::{ConfigDef, ConfigValue};
use super::{ConfigLayers, UpdateMode, broker_def, client_metrics_def, topic_def};
use crate::api_error::ApiError;
use crate::image::ConfigMap;
use crate::topic_name;

/// Config values by key, all of one resource.
pub type Configs = BTreeMap<String, String>;

/// Checks the name of a topic resource.
///
/// Errors: `INVALID_REQUEST` if it is empty, `INVALID_TOPIC_EXCEPTION` if no topic may have it.
pub fn topic_resource_name(name: &str) -> Result<(), ApiError> {
    if name.is_empty() {
        return Err(ApiError::invalid_request("Default topic resources are not allowed."));
    }
    topic_name::validate(name).map_err(|reason| ApiError::new(ErrorCode::INVALID_TOPIC_EXCEPTION, reason))
}

/// Checks the name of a broker resource: empty, or a node id.
///
/// Errors: `INVALID_REQUEST`.
pub fn broker_resource_name(name: &str) -> Result<(), ApiError> {
    if name.is_empty() {
        return Ok(());
    }
    match name.parse::<i32>() {
        Ok(id) if id >= 0 => Ok(()),
        Ok(_) => Err(ApiError::invalid_request("Invalid negative broker ID.")),
        Err(_) => Err(ApiError::invalid_request("Unable to parse broker name as a base 10 number.")),
    }
}

/// Checks all configs that a topic is about to have, under the defaults of the layers.
///
/// `existing` are those that it has.
///
/// Errors: `INVALID_CONFIG` for unknown keys, values that their key does not admit, and values that contradict each
/// other.
pub fn topic_configs(configs: &Configs, existing: &ConfigMap, layers: &ConfigLayers) -> Result<(), ApiError> {
    let unknown = configs.keys().find(|name| topic_def(name).is_none());
    if let Some(name) = unknown {
        return Err(ApiError::invalid_config(format!("Unknown topic config name: {name}")));
    }
    for (name, text) in configs {
        parse(topic_def(name), text)?;
    }
    let values = TopicValues { configs, layers };
    let (lag_min, lag_max) = (values.long("min.compaction.lag.ms"), values.long("max.compaction.lag.ms"));
    if lag_min > lag_max {
        return Err(ApiError::invalid_config(format!(
            "conflict topic config setting min.compaction.lag.ms ({lag_min}) > max.compaction.lag.ms ({lag_max})"
        )));
    }
    remote_storage(&values, existing)
}

/// The values of a topic about to be changed.
struct TopicValues<'a> {
    configs: &'a Configs,
    layers: &'a ConfigLayers,
}

impl TopicValues<'_> {
    fn value(&self, name: &str) -> Option<ConfigValue> {
        let def = topic_def(name)?;
        match self.configs.get(name) {
            Some(text) => def.parse(text).ok(),
            None => self.layers.topic_default(def).value.and_then(|text| def.parse(&text).ok()),
        }
    }

    fn long(&self, name: &str) -> i64 {
        match self.value(name) {
            Some(ConfigValue::Long(value)) => value,
            _ => 0,
        }
    }

    fn boolean(&self, name: &str) -> bool {
        self.value(name) == Some(ConfigValue::Boolean(true))
    }
}

/// Tiered storage: only where the broker has it, only with policy delete, local limits within the whole ones.
fn remote_storage(values: &TopicValues<'_>, existing: &ConfigMap) -> Result<(), ApiError> {
    let refuse = |reason: &str| Err(ApiError::invalid_config(reason));
    if !values.boolean("remote.storage.enable") {
        let was_enabled =
            existing.get("remote.storage.enable").is_some_and(|text| text.eq_ignore_ascii_case("true"));
        if was_enabled && !values.boolean("remote.log.delete.on.disable") {
            return refuse(
                "It is invalid to disable remote storage without deleting remote data. If you want to keep the remote \
                 data and turn to read only, please set `remote.storage.enable=true,remote.log.copy.disable=true`. If \
                 you want to disable remote storage and delete all remote data, please set \
                 `remote.storage.enable=false,remote.log.delete.on.disable=true`.",
            );
        }
        return Ok(());
    }
    let system = broker_def("remote.log.storage.system.enable").and_then(|def| values.layers.value(def));
    if system != Some(ConfigValue::Boolean(true)) {
        return refuse(
            "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log \
             storage.",
        );
    }
    if let Some(ConfigValue::List(policies)) = values.value("cleanup.policy")
        && !policies.is_empty()
        && policies != ["delete"]
    {
        return refuse(
            "Remote log storage only supports topics with cleanup.policy=delete or cleanup.policy being an empty list.",
        );
    }
    local_limit(values, "local.retention.bytes", "retention.bytes")?;
    local_limit(values, "local.retention.ms", "retention.ms")
}

fn local_limit(values: &TopicValues<'_>, local_key: &str, whole_key: &str) -> Result<(), ApiError> {
    let (local, whole) = (values.long(local_key), values.long(whole_key));
    if whole <= -1 || local == -2 {
        return Ok(());
    }
    let reason = if local == -1 {
        format!("Value must not be -1 as {whole_key} value is set as {whole}.")
    } else if local > whole {
        format!("Value must not be more than {whole_key} property value: {whole}")
    } else if values.boolean("remote.log.copy.disable") && local != whole {
        return Err(ApiError::invalid_config(format!(
            "When `remote.log.copy.disable` is set to true, the `{local_key}` and `{whole_key}` must be set to the \
             identical value because there will be no more logs copied to the remote storage."
        )));
    } else {
        return Ok(());
    };
    Err(ApiError::invalid_config(format!("Invalid value {local} for configuration {local_key}: {reason}")))
}

/// Checks all configs that a client metrics subscription is about to have.
///
/// Errors: `INVALID_REQUEST` for an empty name, an unknown key or an interval out of bounds; `INVALID_CONFIG` for values
/// of the wrong type and for match patterns that are not `selector=pattern`. Whether the pattern is a regular expression
/// is not checked.
pub fn client_metrics_configs(name: &str, configs: &Configs) -> Result<(), ApiError> {
    const SELECTORS: [&str; 6] = [
        "client_instance_id",
        "client_id",
        "client_software_name",
        "client_software_version",
        "client_source_address",
        "client_source_port",
    ];
    if name.is_empty() {
        return Err(ApiError::invalid_request("Subscription name can't be empty"));
    }
    let unknown = configs.keys().find(|name| client_metrics_def(name).is_none());
    if let Some(name) = unknown {
        return Err(ApiError::invalid_request(format!("Unknown client metrics configuration: {name}")));
    }
    for (key, text) in configs {
        match (key.as_str(), parse(client_metrics_def(key), text)?) {
            ("interval.ms", Some(ConfigValue::Int(ms))) if !(100..=3_600_000).contains(&ms) => {
                return Err(ApiError::invalid_request(format!(
                    "Invalid value {ms} for interval.ms, interval must be between 100 and 3600000 (1 hour)"
                )));
            }
            ("match", Some(ConfigValue::List(patterns))) => {
                let is_valid = |pattern: &&String| {
                    let mut parts = pattern.split('=');
                    let selector = parts.next().is_some_and(|selector| SELECTORS.contains(&selector.trim()));
                    selector && parts.next().is_some_and(|value| !value.is_empty()) && parts.next().is_none()
                };
                if let Some(pattern) = patterns.iter().find(|pattern| !is_valid(pattern)) {
                    return Err(ApiError::invalid_config(format!(
                        "Illegal client matching pattern: {pattern}"
                    )));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Checks the dynamic configs that a broker, or with `per_broker` false all brokers, are about to have. The broker that
/// a client asks does this before the controller is asked.
///
/// Errors: `INVALID_REQUEST` for keys that cannot change while a broker runs, keys that need a broker's id, and values
/// that their key does not admit.
pub fn dynamic_broker_configs(configs: &Configs, per_broker: bool) -> Result<(), ApiError> {
    let refuse = |reason: &str, names: &[&str]| {
        if names.is_empty() {
            return Ok(());
        }
        Err(ApiError::invalid_request(format!("{reason}: [{}]", names.join(", "))))
    };
    let with = |predicate: &dyn Fn(&str) -> bool| -> Vec<&str> {
        configs.keys().map(String::as_str).filter(|name| predicate(name)).collect()
    };
    let mode = |name: &str| broker_def(name).map(|def| def.update_mode);
    refuse(
        "Cannot update these configs dynamically",
        &with(&|name| mode(name) == Some(UpdateMode::ReadOnly)),
    )?;
    refuse(
        "These security configs can be dynamically updated only per-listener using the listener prefix",
        &with(&|name| SECURITY_KEYS.contains(&name)),
    )?;
    for (name, text) in configs {
        let plain = listener_key(name).unwrap_or(name);
        let parsed = broker_def(plain).map_or(Ok(None), |def| def.parse(text).map(Some));
        parsed.map_err(|error| ApiError::invalid_request(error.to_string()))?;
    }
    if per_broker {
        return Ok(());
    }
    let needs_broker = |name: &str| match listener_key(name) {
        Some(plain) => {
            !["max.connection.creation.rate", "max.connections", "num.network.threads"].contains(&plain)
        }
        None => mode(name) == Some(UpdateMode::PerBroker),
    };
    refuse(
        "Cannot update these configs at default cluster level, broker id must be specified",
        &with(&needs_broker),
    )
}

/// Keys that hold secrets or files of a listener. Source: Kafka `DYNAMIC_SECURITY_CONFIGS`.
const SECURITY_KEYS: [&str; 10] = [
    "ssl.key.password",
    "ssl.keystore.certificate.chain",
    "ssl.keystore.key",
    "ssl.keystore.location",
    "ssl.keystore.password",
    "ssl.keystore.type",
    "ssl.truststore.certificates",
    "ssl.truststore.location",
    "ssl.truststore.password",
    "ssl.truststore.type",
];

/// The key in `listener.name.<listener>.<key>`.
fn listener_key(name: &str) -> Option<&str> {
    name.strip_prefix("listener.name.")?.split_once('.').map(|(_, key)| key)
}

fn parse(def: Option<&ConfigDef>, text: &str) -> Result<Option<ConfigValue>, ApiError> {
    let parsed = def.map(|def| def.parse(text)).transpose();
    parsed.map_err(|error| ApiError::invalid_config(error.to_string()))
}

/// Whether append and subtract work on a key of a broker, topic, group or subscription.
#[must_use]
pub fn is_list(def: Option<&ConfigDef>) -> bool {
    def.is_some_and(|def| def.value_type == super::ConfigType::List)
}

/// Whether a key can stand in a configuration file.
#[must_use]
pub fn is_dynamic_only(name: &str) -> bool {
    DYNAMIC_ONLY_BROKER_CONFIGS.iter().any(|def| def.name == name)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn configs(pairs: &[(&str, &str)]) -> Configs {
        pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect()
    }

    fn refusal(result: Result<(), ApiError>) -> (i16, String) {
        result.map_or_else(|error| (error.code.0, error.text().to_string()), |()| (0, String::new()))
    }

    #[test]
    fn topic_configs_are_checked_one_by_one_and_together() {
        let check = |pairs: &[(&str, &str)]| {
            refusal(topic_configs(&configs(pairs), &ConfigMap::new(), &ConfigLayers::default()))
        };
        assert_eq!(check(&[("retention.ms", "1"), ("ack.durability", "synced")]).0, 0);
        assert_eq!(check(&[("nope", "1")]), (40, "Unknown topic config name: nope".into()));
        assert_eq!(check(&[("segment.bytes", "1")]).0, 40);
        assert_eq!(
            check(&[("min.compaction.lag.ms", "9"), ("max.compaction.lag.ms", "8")]).1,
            "conflict topic config setting min.compaction.lag.ms (9) > max.compaction.lag.ms (8)"
        );
        assert!(
            check(&[("remote.storage.enable", "true")])
                .1
                .starts_with("Tiered Storage functionality is disabled")
        );
    }

    #[test]
    fn tiered_topics_keep_local_limits_within_the_whole() {
        let fixed = [("remote.log.storage.system.enable", "true")].into_iter().collect();
        let layers = ConfigLayers::of_static(Arc::new(fixed));
        let check = |pairs: &[(&str, &str)]| {
            let mut pairs = pairs.to_vec();
            pairs.push(("remote.storage.enable", "true"));
            refusal(topic_configs(&configs(&pairs), &ConfigMap::new(), &layers)).1
        };
        assert_eq!(check(&[]), "");
        assert!(check(&[("cleanup.policy", "compact")]).starts_with("Remote log storage only supports"));
        assert_eq!(
            check(&[("retention.ms", "5"), ("local.retention.ms", "6")]),
            "Invalid value 6 for configuration local.retention.ms: Value must not be more than retention.ms property \
             value: 5"
        );
        assert!(
            check(&[("retention.bytes", "5"), ("local.retention.bytes", "-1")]).contains("must not be -1")
        );
    }

    #[test]
    fn client_metrics_intervals_and_patterns_are_bounded() {
        let check = |pairs: &[(&str, &str)]| refusal(client_metrics_configs("m", &configs(pairs))).0;
        assert_eq!(check(&[("interval.ms", "100"), ("match", "client_id=a.*,client_software_name=x")]), 0);
        assert_eq!(check(&[("interval.ms", "99")]), 42);
        assert_eq!(check(&[("interval.ms", "x")]), 40);
        assert_eq!(check(&[("match", "nope=1")]), 40);
        assert_eq!(check(&[("match", "client_id")]), 40);
        assert_eq!(check(&[("other", "1")]), 42);
    }

    #[test]
    fn dynamic_broker_configs_respect_their_update_mode() {
        let check =
            |pairs: &[(&str, &str)], per_broker| refusal(dynamic_broker_configs(&configs(pairs), per_broker));
        assert_eq!(check(&[("log.retention.ms", "5")], false).0, 0);
        assert_eq!(check(&[("my.own.key", "5")], false).0, 0);
        assert_eq!(
            check(&[("node.id", "5")], true),
            (42, "Cannot update these configs dynamically: [node.id]".into())
        );
        assert_eq!(
            check(&[("listeners", "PLAINTEXT://:1")], false).1,
            "Cannot update these configs at default cluster level, broker id must be specified: [listeners]"
        );
        assert_eq!(check(&[("log.cleaner.threads", "x")], false).0, 42);
        assert!(check(&[("ssl.keystore.location", "x")], true).1.starts_with("These security configs"));
        assert_eq!(check(&[("listener.name.a.ssl.keystore.location", "x")], true).0, 0);
    }

    #[test]
    fn broker_names_are_node_ids() {
        assert_eq!(refusal(broker_resource_name("")).0, 0);
        assert_eq!(refusal(broker_resource_name("7")).0, 0);
        assert_eq!(refusal(broker_resource_name("-7")).1, "Invalid negative broker ID.");
        assert_eq!(refusal(broker_resource_name("x")).1, "Unable to parse broker name as a base 10 number.");
    }
}
