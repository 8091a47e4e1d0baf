//! Whether the configs of a group lie within the broker's bounds.

use super::{Configs, parse};
use crate::api_error::ApiError;
use crate::config::table::GROUP_SYNONYMS;
use crate::config::{ConfigLayers, ConfigValue, broker_def, group_def};

/// Checks all configs that a group is about to have, against the broker's bounds.
///
/// Errors: `INVALID_REQUEST` for an empty name, else `INVALID_CONFIG`.
pub fn group_configs(name: &str, configs: &Configs, layers: &ConfigLayers) -> Result<(), ApiError> {
    if name.is_empty() {
        return Err(ApiError::invalid_request("Default group resources are not allowed."));
    }
    let unknown = configs.keys().find(|name| group_def(name).is_none());
    if let Some(name) = unknown {
        return Err(ApiError::invalid_config(format!("Unknown group config name: {name}")));
    }
    for (name, text) in configs {
        parse(group_def(name), text)?;
    }
    for (key, min_key, max_key) in GROUP_BOUNDS {
        let value = group_int(key, configs, layers);
        let bound = |key: &str| broker_def(key).and_then(|def| layers.value(def)).as_ref().and_then(as_int);
        if let Some(min_key) = min_key
            && bound(min_key).is_some_and(|min| value < min)
        {
            return Err(ApiError::invalid_config(format!(
                "{key} must be greater than or equal to {min_key}"
            )));
        }
        if bound(max_key).is_some_and(|max| value > max) {
            return Err(ApiError::invalid_config(format!("{key} must be less than or equal to {max_key}")));
        }
    }
    for protocol in ["consumer", "share", "streams"] {
        let (session_key, heartbeat_key) =
            (format!("{protocol}.session.timeout.ms"), format!("{protocol}.heartbeat.interval.ms"));
        if group_int(&session_key, configs, layers) <= group_int(&heartbeat_key, configs, layers) {
            return Err(ApiError::invalid_config(format!(
                "{session_key} must be greater than {heartbeat_key}"
            )));
        }
    }
    Ok(())
}

/// Group keys with the broker keys that bound them below and above.
const GROUP_BOUNDS: [(&str, Option<&str>, &str); 13] = [
    (
        "consumer.heartbeat.interval.ms",
        Some("group.consumer.min.heartbeat.interval.ms"),
        "group.consumer.max.heartbeat.interval.ms",
    ),
    (
        "consumer.session.timeout.ms",
        Some("group.consumer.min.session.timeout.ms"),
        "group.consumer.max.session.timeout.ms",
    ),
    (
        "consumer.assignment.interval.ms",
        Some("group.consumer.min.assignment.interval.ms"),
        "group.consumer.max.assignment.interval.ms",
    ),
    (
        "share.heartbeat.interval.ms",
        Some("group.share.min.heartbeat.interval.ms"),
        "group.share.max.heartbeat.interval.ms",
    ),
    (
        "share.session.timeout.ms",
        Some("group.share.min.session.timeout.ms"),
        "group.share.max.session.timeout.ms",
    ),
    (
        "share.record.lock.duration.ms",
        Some("group.share.min.record.lock.duration.ms"),
        "group.share.max.record.lock.duration.ms",
    ),
    (
        "share.delivery.count.limit",
        Some("group.share.min.delivery.count.limit"),
        "group.share.max.delivery.count.limit",
    ),
    (
        "share.partition.max.record.locks",
        Some("group.share.min.partition.max.record.locks"),
        "group.share.max.partition.max.record.locks",
    ),
    (
        "share.assignment.interval.ms",
        Some("group.share.min.assignment.interval.ms"),
        "group.share.max.assignment.interval.ms",
    ),
    (
        "streams.heartbeat.interval.ms",
        Some("group.streams.min.heartbeat.interval.ms"),
        "group.streams.max.heartbeat.interval.ms",
    ),
    (
        "streams.session.timeout.ms",
        Some("group.streams.min.session.timeout.ms"),
        "group.streams.max.session.timeout.ms",
    ),
    ("streams.num.standby.replicas", None, "group.streams.max.standby.replicas"),
    (
        "streams.assignment.interval.ms",
        Some("group.streams.min.assignment.interval.ms"),
        "group.streams.max.assignment.interval.ms",
    ),
];

fn group_int(key: &str, configs: &Configs, layers: &ConfigLayers) -> i32 {
    let def = group_def(key);
    let own = configs.get(key).and_then(|text| def?.parse(text).ok());
    let synonym = || {
        let (_, broker_key) = GROUP_SYNONYMS.iter().find(|(group_key, _)| *group_key == key)?;
        layers.value(broker_def(broker_key)?)
    };
    own.or_else(synonym).as_ref().and_then(as_int).unwrap_or(0)
}

fn as_int(value: &ConfigValue) -> Option<i32> {
    match value {
        ConfigValue::Int(value) => Some(*value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn group_configs_stay_within_the_brokers_bounds() {
        let check = |pairs: &[(&str, &str)]| {
            refusal(group_configs("g", &configs_of(pairs), &ConfigLayers::default()))
        };
        assert_eq!(check(&[("consumer.session.timeout.ms", "50000")]).0, 0);
        assert_eq!(
            check(&[("consumer.session.timeout.ms", "61000")]).1,
            "consumer.session.timeout.ms must be less than or equal to group.consumer.max.session.timeout.ms"
        );
        assert_eq!(check(&[("x", "1")]).1, "Unknown group config name: x");
        assert_eq!(refusal(group_configs("", &configs_of(&[]), &ConfigLayers::default())).0, 42);
    }

    fn configs_of(pairs: &[(&str, &str)]) -> Configs {
        pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect()
    }

    fn refusal(result: Result<(), ApiError>) -> (i16, String) {
        result.map_or_else(|error| (error.code.0, error.text().to_string()), |()| (0, String::new()))
    }
}
