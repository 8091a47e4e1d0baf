//! What a node was started with: the configuration file, and settings of the command line over it.

use std::collections::BTreeMap;

use super::table::DYNAMIC_ONLY_BROKER_CONFIGS;
use super::{PropertiesError, broker_def, parse_properties};

/// A configuration that a node cannot start with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StaticConfigError {
    /// The file is not in properties syntax.
    #[error(transparent)]
    Properties(#[from] PropertiesError),
    /// A key has a value that it does not admit.
    #[error("{0}")]
    InvalidValue(String),
    /// A key that a node needs is not set.
    #[error("Missing required configuration \"{0}\" which has no default value.")]
    Missing(&'static str),
    /// Keys contradict each other.
    #[error("{0}")]
    Conflict(String),
}

/// Values by key, as text. Keys that Kafka does not know are kept: listener-scoped keys and plug-ins' keys are among
/// them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StaticConfig {
    values: BTreeMap<String, String>,
}

impl StaticConfig {
    /// Reads a `server.properties` text. Nothing is checked yet but the syntax.
    ///
    /// Errors: the text is not in Java properties syntax.
    pub fn from_properties(text: &str) -> Result<Self, PropertiesError> {
        Ok(parse_properties(text)?.into_iter().collect())
    }

    /// Sets one value, in place of an older one.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<String>) {
        self.values.insert(key.into(), value.into());
    }

    /// The value set for a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// Every value that is set, in key order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Checks every value against its key.
    ///
    /// Returns the keys that nobody knows, which a program should warn of. Listener-scoped keys
    /// (`listener.name.<listener>.<key>`) count as known if the key at their end is.
    ///
    /// Errors: the first value, in key order, that its key does not admit.
    pub fn check(&self) -> Result<Vec<&str>, StaticConfigError> {
        let mut unknown = Vec::new();
        for (key, value) in self.iter() {
            let known = broker_def(key).or_else(|| listener_scoped(key).and_then(broker_def));
            match known {
                Some(def) if DYNAMIC_ONLY_BROKER_CONFIGS.contains(def) => unknown.push(key),
                Some(def) => {
                    let parsed = def.parse(value);
                    parsed.map_err(|error| StaticConfigError::InvalidValue(error.to_string()))?;
                }
                None => unknown.push(key),
            }
        }
        Ok(unknown)
    }
}

/// The plain key in `listener.name.<listener>.<key>` or `listener.name.<listener>.<mechanism>.<key>`.
fn listener_scoped(key: &str) -> Option<&str> {
    let (_, plain) = key.strip_prefix("listener.name.")?.split_once('.')?;
    if broker_def(plain).is_some() { Some(plain) } else { plain.split_once('.').map(|(_, key)| key) }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for StaticConfig {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        Self { values: entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_of_a_repeated_key_counts() {
        let config = StaticConfig::from_properties("node.id=1\nnode.id=2").unwrap();
        assert_eq!(config.get("node.id"), Some("2"));
    }

    #[test]
    fn values_are_checked_and_unknown_keys_are_named() {
        let config = StaticConfig::from_properties(
            "node.id=1\nlog.retentoin.ms=5\nlistener.name.client.ssl.keystore.type=PEM\n\
             listener.name.client.scram-sha-256.sasl.jaas.config=x\nleader.replication.throttled.rate=1",
        )
        .unwrap();
        assert_eq!(config.check().unwrap(), ["leader.replication.throttled.rate", "log.retentoin.ms"]);
        let config = StaticConfig::from_properties("log.segment.bytes=12").unwrap();
        assert_eq!(
            config.check().unwrap_err().to_string(),
            "Invalid value 12 for configuration log.segment.bytes: Value must be at least 1048576"
        );
    }
}
