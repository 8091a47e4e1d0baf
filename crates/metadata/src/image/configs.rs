//! Dynamic configs by resource, as the metadata log holds them: not resolved, not parsed.

use std::fmt;
use std::sync::Arc;

use imbl::OrdMap;
use ottla_protocol::types::BrokerId;

/// What a config belongs to (Kafka `ConfigResource.Type`). The number is the one in records and on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i8)]
pub enum ConfigResourceType {
    /// A topic.
    Topic = 2,
    /// A broker, or with an empty name all brokers.
    Broker = 4,
    /// The log levels of a broker. Never stored.
    BrokerLogger = 8,
    /// A client metrics subscription.
    ClientMetrics = 16,
    /// A group.
    Group = 32,
}

impl ConfigResourceType {
    /// The type with this number.
    #[must_use]
    pub const fn from_id(id: i8) -> Option<Self> {
        match id {
            2 => Some(Self::Topic),
            4 => Some(Self::Broker),
            8 => Some(Self::BrokerLogger),
            16 => Some(Self::ClientMetrics),
            32 => Some(Self::Group),
            _ => None,
        }
    }

    /// The number in records and on the wire.
    #[must_use]
    pub const fn id(self) -> i8 {
        self as i8
    }

    /// Kafka's name of the type, as it stands in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Topic => "TOPIC",
            Self::Broker => "BROKER",
            Self::BrokerLogger => "BROKER_LOGGER",
            Self::ClientMetrics => "CLIENT_METRICS",
            Self::Group => "GROUP",
        }
    }
}

/// The owner of configs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConfigResource {
    /// What it is.
    pub kind: ConfigResourceType,
    /// Its name. Empty with [`ConfigResourceType::Broker`]: the default of all brokers.
    pub name: Arc<str>,
}

impl ConfigResource {
    /// The configs of all brokers.
    #[must_use]
    pub fn cluster_default() -> Self {
        Self { kind: ConfigResourceType::Broker, name: "".into() }
    }

    /// The configs of one broker.
    #[must_use]
    pub fn broker(id: BrokerId) -> Self {
        Self { kind: ConfigResourceType::Broker, name: id.to_string().into() }
    }

    /// The configs of one topic.
    #[must_use]
    pub fn topic(name: &str) -> Self {
        Self { kind: ConfigResourceType::Topic, name: name.into() }
    }

    /// The configs of one group.
    #[must_use]
    pub fn group(name: &str) -> Self {
        Self { kind: ConfigResourceType::Group, name: name.into() }
    }

    /// The configs of one client metrics subscription.
    #[must_use]
    pub fn client_metrics(name: &str) -> Self {
        Self { kind: ConfigResourceType::ClientMetrics, name: name.into() }
    }
}

impl fmt::Display for ConfigResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConfigResource(type={}, name='{}')", self.kind.name(), self.name)
    }
}

/// Config values by key.
pub type ConfigMap = OrdMap<Arc<str>, Arc<str>>;

/// All dynamic configs. A resource without any is absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConfigsImage {
    resources: OrdMap<ConfigResource, ConfigMap>,
}

impl ConfigsImage {
    /// The configs set on exactly this resource; `None` if there is none.
    #[must_use]
    pub fn get(&self, resource: &ConfigResource) -> Option<&ConfigMap> {
        self.resources.get(resource)
    }

    /// The configs set on exactly this resource, as a cheap copy; empty if there is none.
    #[must_use]
    pub fn get_or_empty(&self, resource: &ConfigResource) -> ConfigMap {
        self.get(resource).cloned().unwrap_or_default()
    }

    /// Every resource that has configs, in order of type and name.
    pub fn iter(&self) -> impl Iterator<Item = (&ConfigResource, &ConfigMap)> {
        self.resources.iter()
    }

    /// Sets or, with `None`, deletes one value.
    pub(crate) fn set(&mut self, resource: ConfigResource, key: &str, value: Option<&str>) {
        let mut configs = self.get_or_empty(&resource);
        match value {
            Some(value) => configs.insert(key.into(), value.into()),
            None => configs.remove(key),
        };
        if configs.is_empty() {
            self.resources.remove(&resource);
        } else {
            self.resources.insert(resource, configs);
        }
    }

    /// Deletes all values of a resource; whether there were any.
    pub(crate) fn remove_resource(&mut self, resource: &ConfigResource) -> bool {
        self.resources.remove(resource).is_some()
    }
}
