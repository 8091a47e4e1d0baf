//! Where a value comes from: the layers of configuration, the one that wins first.

use std::sync::Arc;

use ottla_protocol::types::BrokerId;

use super::table::{TOPIC_SYNONYMS, Unit};
use super::{ConfigDef, ConfigValue};
use super::{StaticConfig, broker_def};
use crate::image::{ConfigMap, ConfigResource, ConfigsImage};

/// Layer that a value comes from. The number is the one of a DescribeConfigs response
/// (`DescribeConfigsResponse.ConfigSource`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i8)]
pub enum ConfigSource {
    /// Set on the topic.
    Topic = 1,
    /// Set on this broker in the metadata log.
    DynamicBroker = 2,
    /// Set on all brokers in the metadata log.
    DynamicDefaultBroker = 3,
    /// From the configuration file or the command line.
    StaticBroker = 4,
    /// Not set.
    Default = 5,
    /// Set on the client metrics subscription.
    ClientMetrics = 7,
    /// Set on the group.
    Group = 8,
}

impl ConfigSource {
    /// The number in a DescribeConfigs or CreateTopics response.
    #[must_use]
    pub const fn id(self) -> i8 {
        self as i8
    }
}

/// A value as text, with the key and layer that it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The key that it is set under: the asked one, or a synonym.
    pub name: String,
    /// The value in the asked key's unit; `None` if there is none.
    pub value: Option<String>,
    /// The layer.
    pub source: ConfigSource,
}

/// The broker's layers of configuration: dynamic for this broker, dynamic for all brokers, static, default.
/// Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct ConfigLayers {
    static_config: Arc<StaticConfig>,
    cluster_default: ConfigMap,
    broker: ConfigMap,
}

impl ConfigLayers {
    /// The layers of node `id`: the dynamic ones from the image, over what the node was started with.
    #[must_use]
    pub fn new(static_config: Arc<StaticConfig>, configs: &ConfigsImage, id: BrokerId) -> Self {
        Self {
            static_config,
            cluster_default: configs.get_or_empty(&ConfigResource::cluster_default()),
            broker: configs.get_or_empty(&ConfigResource::broker(id)),
        }
    }

    /// Only what the node was started with.
    #[must_use]
    pub fn of_static(static_config: Arc<StaticConfig>) -> Self {
        Self { static_config, cluster_default: ConfigMap::new(), broker: ConfigMap::new() }
    }

    /// What the node was started with.
    #[must_use]
    pub fn static_config(&self) -> &Arc<StaticConfig> {
        &self.static_config
    }

    /// Dynamic configs of all brokers.
    #[must_use]
    pub fn cluster_default(&self) -> &ConfigMap {
        &self.cluster_default
    }

    /// Dynamic configs of this broker.
    #[must_use]
    pub fn broker(&self) -> &ConfigMap {
        &self.broker
    }

    /// Every layer that sets exactly this key, the one that wins first; defaults are not among them.
    pub fn set_in<'a>(&'a self, key: &'a str) -> impl Iterator<Item = (ConfigSource, &'a str)> {
        [
            self.broker.get(key).map(|value| (ConfigSource::DynamicBroker, &**value)),
            self.cluster_default.get(key).map(|value| (ConfigSource::DynamicDefaultBroker, &**value)),
            self.static_config.get(key).map(|value| (ConfigSource::StaticBroker, value)),
        ]
        .into_iter()
        .flatten()
    }

    /// The value of a broker key, `None` if it has none. A stored value that the key does not admit (an older version
    /// may have admitted it) counts as not set.
    #[must_use]
    pub fn value(&self, def: &ConfigDef) -> Option<ConfigValue> {
        let parsed = self.set_in(def.name).find_map(|(_, text)| def.parse(text).ok());
        parsed.or_else(|| def.default_text().and_then(|text| def.parse(text).ok()))
    }

    /// The value of a topic key where `overrides` are the topic's own configs: those, else the broker keys that are its
    /// default by layer and unit, else the table's default. Source: Kafka
    /// `KafkaConfigSchema.resolveEffectiveTopicConfig`.
    #[must_use]
    pub fn topic_value(&self, def: &ConfigDef, overrides: &ConfigMap) -> Resolved {
        if let Some(text) = overrides.get(def.name) {
            let value = Some(text.to_string());
            return Resolved { name: def.name.to_string(), value, source: ConfigSource::Topic };
        }
        self.topic_default(def)
    }

    /// [`topic_value`](Self::topic_value) of a topic without configs of its own.
    #[must_use]
    pub fn topic_default(&self, def: &ConfigDef) -> Resolved {
        let synonyms = topic_synonyms(def.name);
        for source in
            [ConfigSource::DynamicBroker, ConfigSource::DynamicDefaultBroker, ConfigSource::StaticBroker]
        {
            for (broker_key, unit) in synonyms {
                let set = self.set_in(broker_key).find(|(layer, _)| *layer == source);
                let Some((_, text)) = set else { continue };
                // A value that the broker key itself does not admit counts as not set.
                if broker_def(broker_key).is_none_or(|broker| broker.parse(text).is_err()) {
                    continue;
                }
                return Resolved {
                    name: (*broker_key).to_string(),
                    value: Some(in_unit(text, *unit)),
                    source,
                };
            }
        }
        let value = def.default_text().map(ToString::to_string);
        Resolved { name: def.name.to_string(), value, source: ConfigSource::Default }
    }
}

/// The broker keys that are the default of a topic key, the one that wins first.
pub(super) fn topic_synonyms(topic_key: &str) -> &'static [(&'static str, Unit)] {
    let found = TOPIC_SYNONYMS.binary_search_by(|synonyms| synonyms.topic_key.cmp(topic_key));
    found.map_or(&[], |index| TOPIC_SYNONYMS[index].broker_keys)
}

/// Hours or minutes in milliseconds. Negative means "no limit", which is -1 in any unit.
fn in_unit(text: &str, unit: Unit) -> String {
    let factor: i64 = match unit {
        Unit::Same => return text.to_string(),
        Unit::Hours => 3_600_000,
        Unit::Minutes => 60_000,
    };
    match text.trim().parse::<i64>() {
        Ok(count) if count < 0 => "-1".to_string(),
        Ok(count) => count.saturating_mul(factor).to_string(),
        Err(_) => text.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::topic_def;

    fn layers(fixed: &[(&str, &str)], cluster: &[(&str, &str)], broker: &[(&str, &str)]) -> ConfigLayers {
        let map = |pairs: &[(&str, &str)]| -> ConfigMap {
            pairs.iter().map(|(key, value)| (Arc::from(*key), Arc::from(*value))).collect()
        };
        ConfigLayers {
            static_config: Arc::new(fixed.iter().copied().collect()),
            cluster_default: map(cluster),
            broker: map(broker),
        }
    }

    fn retention(layers: &ConfigLayers) -> (String, String, ConfigSource) {
        let resolved = layers.topic_default(topic_def("retention.ms").unwrap());
        (resolved.name, resolved.value.unwrap(), resolved.source)
    }

    #[test]
    fn the_finer_unit_wins_and_is_converted() {
        let hours = ("log.retention.hours", "2");
        let minutes = ("log.retention.minutes", "3");
        let millis = ("log.retention.ms", "5");
        let expect = |fixed: &[(&str, &str)], name: &str, value: &str, source| {
            assert_eq!(retention(&layers(fixed, &[], &[])), (name.into(), value.into(), source));
        };
        expect(&[], "retention.ms", "604800000", ConfigSource::Default);
        expect(&[hours], "log.retention.hours", "7200000", ConfigSource::StaticBroker);
        expect(&[hours, minutes], "log.retention.minutes", "180000", ConfigSource::StaticBroker);
        expect(&[hours, minutes, millis], "log.retention.ms", "5", ConfigSource::StaticBroker);
        expect(&[("log.retention.hours", "-1")], "log.retention.hours", "-1", ConfigSource::StaticBroker);
    }

    #[test]
    fn the_broker_beats_the_cluster_beats_the_file() {
        let set = |value| ("log.retention.ms", value);
        let fixed = [set("1")];
        assert_eq!(retention(&layers(&fixed, &[set("2")], &[set("3")])).1, "3");
        assert_eq!(retention(&layers(&fixed, &[set("2")], &[])).1, "2");
        assert_eq!(retention(&layers(&fixed, &[], &[])).1, "1");
    }

    #[test]
    fn a_stored_value_that_the_key_does_not_admit_counts_as_not_set() {
        let layers = layers(&[("message.max.bytes", "7")], &[("message.max.bytes", "-5")], &[]);
        assert_eq!(layers.value(broker_def("message.max.bytes").unwrap()), Some(ConfigValue::Int(7)));
        let resolved = layers.topic_default(topic_def("max.message.bytes").unwrap());
        assert_eq!(resolved.value.as_deref(), Some("7"));
    }
}
