//! Configuration: THE table of keys, values from a file and from the metadata log, and the typed result.
//!
//! * [`ConfigDef`] is a row of the table; [`broker_def`], [`topic_def`], ... find it.
//! * [`StaticConfig`] is what the configuration file and the command line say.
//! * [`ConfigLayers`] puts the dynamic broker configs of the image over it.
//! * [`BrokerConfig`] and [`TopicConfig`] are the typed results that the rest of the program uses.
//! * [`describe`] answers DescribeConfigs; [`markdown`] writes the reference documentation.

mod broker;
mod definition;
pub mod describe;
mod layers;
mod listeners;
pub mod markdown;
mod properties;
mod static_config;
mod table;
mod topic;
pub mod validate;
mod value;

pub use broker::{
    BrokerConfig, ConsumerGroupConfig, GroupCoordinatorConfig, LogManagerConfig, MetadataLogConfig,
    NetworkConfig, NodeConfig, ProcessRoles, QuorumConfig, QuorumVoter, ReplicationConfig, TopicDefaults,
    TransactionConfig,
};
pub use definition::{ConfigDef, ConfigType, DefaultValue, EmptyList, Status, UpdateMode, Validator};
pub use layers::{ConfigLayers, ConfigSource, Resolved};
pub use listeners::{Listener, parse_listeners};
pub use properties::{PropertiesError, parse_properties};
pub use static_config::{StaticConfig, StaticConfigError};
pub use topic::{AckDurability, CleanupPolicy, StoredCompression, TimestampType, TopicConfig};
pub use value::{ConfigValue, InvalidConfig, double_text};

/// The row of a broker key: Kafka's, Kafka's dynamic-only ones, and Ottla's own.
#[must_use]
pub fn broker_def(name: &str) -> Option<&'static ConfigDef> {
    find(&table::BROKER_CONFIGS, name)
        .or_else(|| find(&table::DYNAMIC_ONLY_BROKER_CONFIGS, name))
        .or_else(|| find(&table::OTTLA_BROKER_CONFIGS, name))
}

/// The row of a topic key.
#[must_use]
pub fn topic_def(name: &str) -> Option<&'static ConfigDef> {
    find(&table::TOPIC_CONFIGS, name).or_else(|| find(&table::OTTLA_TOPIC_CONFIGS, name))
}

/// The row of a group key.
#[must_use]
pub fn group_def(name: &str) -> Option<&'static ConfigDef> {
    find(&table::GROUP_CONFIGS, name)
}

/// The row of a key of a client metrics subscription.
#[must_use]
pub fn client_metrics_def(name: &str) -> Option<&'static ConfigDef> {
    find(&table::CLIENT_METRICS_CONFIGS, name)
}

/// Kafka's broker keys, then Ottla's own; each in name order. Without the dynamic-only ones.
pub fn broker_defs() -> impl Iterator<Item = &'static ConfigDef> {
    table::BROKER_CONFIGS.iter().chain(&table::OTTLA_BROKER_CONFIGS)
}

/// Kafka's topic keys, then Ottla's own; each in name order.
pub fn topic_defs() -> impl Iterator<Item = &'static ConfigDef> {
    table::TOPIC_CONFIGS.iter().chain(&table::OTTLA_TOPIC_CONFIGS)
}

/// The group keys in name order.
pub fn group_defs() -> impl Iterator<Item = &'static ConfigDef> {
    table::GROUP_CONFIGS.iter()
}

/// The keys of client metrics subscriptions in name order.
pub fn client_metrics_defs() -> impl Iterator<Item = &'static ConfigDef> {
    table::CLIENT_METRICS_CONFIGS.iter()
}

/// Every row of the table.
pub fn all_defs() -> impl Iterator<Item = &'static ConfigDef> {
    broker_defs()
        .chain(&table::DYNAMIC_ONLY_BROKER_CONFIGS)
        .chain(topic_defs())
        .chain(group_defs())
        .chain(client_metrics_defs())
}

fn find(table: &'static [ConfigDef], name: &str) -> Option<&'static ConfigDef> {
    let index = table.binary_search_by(|def| def.name.cmp(name)).ok()?;
    Some(&table[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_in_name_order_without_repetition() {
        let tables: [&[ConfigDef]; 7] = [
            &table::BROKER_CONFIGS,
            &table::DYNAMIC_ONLY_BROKER_CONFIGS,
            &table::OTTLA_BROKER_CONFIGS,
            &table::TOPIC_CONFIGS,
            &table::OTTLA_TOPIC_CONFIGS,
            &table::GROUP_CONFIGS,
            &table::CLIENT_METRICS_CONFIGS,
        ];
        for table in tables {
            assert!(table.is_sorted_by(|a, b| a.name < b.name), "{}", table[0].name);
        }
    }

    #[test]
    fn synonyms_name_rows_of_the_table() {
        for synonyms in &table::TOPIC_SYNONYMS {
            assert!(topic_def(synonyms.topic_key).is_some(), "{}", synonyms.topic_key);
            for (broker_key, _) in synonyms.broker_keys {
                assert!(broker_def(broker_key).is_some(), "{broker_key}");
            }
        }
        for (group_key, broker_key) in table::GROUP_SYNONYMS {
            let (group, broker) = (group_def(group_key).unwrap(), broker_def(broker_key).unwrap());
            assert_eq!(group.default, broker.default, "{group_key}");
        }
        for key in table::BROKER_SYNONYMS.iter().copied().flatten() {
            assert!(broker_def(key).is_some(), "{key}");
        }
    }

    #[test]
    fn every_row_says_what_it_means() {
        for def in all_defs() {
            assert!(!def.doc.is_empty(), "{}", def.name);
        }
    }
}
