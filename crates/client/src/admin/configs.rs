//! Configs of topics, brokers, groups and client metrics: reading and changing.

use std::fmt;

use ottla_protocol::messages::describe_configs_request::{DescribeConfigsRequest, DescribeConfigsResource};
use ottla_protocol::messages::describe_configs_response::DescribeConfigsResourceResult;
use ottla_protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use ottla_protocol::types::BrokerId;

use super::Admin;
use crate::error::{ApiError, Error};
use ottla_protocol::messages::Request;

/// What a config belongs to. Source: Kafka `ConfigResource.Type`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConfigResource {
    /// One topic.
    Topic(String),
    /// One broker.
    Broker(BrokerId),
    /// The default for all brokers.
    BrokerDefault,
    /// The log levels of one broker.
    BrokerLogger(BrokerId),
    /// One subscription of client metrics.
    ClientMetrics(String),
    /// One group.
    Group(String),
}

impl ConfigResource {
    fn wire_type(&self) -> i8 {
        match self {
            Self::Topic(_) => 2,
            Self::Broker(_) | Self::BrokerDefault => 4,
            Self::BrokerLogger(_) => 8,
            Self::ClientMetrics(_) => 16,
            Self::Group(_) => 32,
        }
    }

    fn wire_name(&self) -> String {
        match self {
            Self::Topic(name) | Self::ClientMetrics(name) | Self::Group(name) => name.clone(),
            Self::Broker(id) | Self::BrokerLogger(id) => id.to_string(),
            Self::BrokerDefault => String::new(),
        }
    }

    /// The broker that alone can answer for this resource.
    fn broker(&self) -> Option<BrokerId> {
        match self {
            Self::Broker(id) | Self::BrokerLogger(id) => Some(*id),
            _ => None,
        }
    }
}

impl fmt::Display for ConfigResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Topic(name) => write!(f, "topic `{name}`"),
            Self::Broker(id) => write!(f, "broker {id}"),
            Self::BrokerDefault => f.write_str("all brokers"),
            Self::BrokerLogger(id) => write!(f, "loggers of broker {id}"),
            Self::ClientMetrics(name) => write!(f, "client metrics `{name}`"),
            Self::Group(name) => write!(f, "group `{name}`"),
        }
    }
}

/// Where a value comes from. Source: Kafka `DescribeConfigsResponse.ConfigSource`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigSource {
    /// Set on the topic.
    Topic,
    /// Set on the broker while it runs.
    DynamicBroker,
    /// Set for all brokers while they run.
    DynamicBrokerDefault,
    /// From the broker's file or command line.
    StaticBroker,
    /// Kafka's default.
    Default,
    /// A log level set while the broker runs.
    DynamicBrokerLogger,
    /// Set on the client metrics subscription.
    ClientMetrics,
    /// Set on the group.
    Group,
    /// Something that this client does not know.
    Unknown,
}

impl From<i8> for ConfigSource {
    fn from(source: i8) -> Self {
        match source {
            1 => Self::Topic,
            2 => Self::DynamicBroker,
            3 => Self::DynamicBrokerDefault,
            4 => Self::StaticBroker,
            5 => Self::Default,
            6 => Self::DynamicBrokerLogger,
            7 => Self::ClientMetrics,
            8 => Self::Group,
            _ => Self::Unknown,
        }
    }
}

impl ConfigSource {
    /// Kafka's name of the source.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Topic => "DYNAMIC_TOPIC_CONFIG",
            Self::DynamicBroker => "DYNAMIC_BROKER_CONFIG",
            Self::DynamicBrokerDefault => "DYNAMIC_DEFAULT_BROKER_CONFIG",
            Self::StaticBroker => "STATIC_BROKER_CONFIG",
            Self::Default => "DEFAULT_CONFIG",
            Self::DynamicBrokerLogger => "DYNAMIC_BROKER_LOGGER_CONFIG",
            Self::ClientMetrics => "DYNAMIC_CLIENT_METRICS_CONFIG",
            Self::Group => "DYNAMIC_GROUP_CONFIG",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// One config with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigEntry {
    /// Key, such as `retention.ms`.
    pub name: String,
    /// Value; `None` if it is unset or secret.
    pub value: Option<String>,
    /// Where the value comes from.
    pub source: ConfigSource,
    /// Whether it cannot be changed while the broker runs.
    pub is_read_only: bool,
    /// Whether its value is secret.
    pub is_sensitive: bool,
    /// What it means, if asked for and told.
    pub documentation: Option<String>,
}

impl ConfigEntry {
    /// Whether someone set it: neither Kafka's default nor from the broker's file.
    #[must_use]
    pub fn is_override(&self) -> bool {
        !matches!(self.source, ConfigSource::Default | ConfigSource::StaticBroker | ConfigSource::Unknown)
    }
}

/// A change of one config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigChange {
    /// Give `name` this value.
    Set {
        /// Key.
        name: String,
        /// New value.
        value: String,
    },
    /// Let `name` fall back to its default.
    Delete {
        /// Key.
        name: String,
    },
    /// Add an element to a list.
    Append {
        /// Key.
        name: String,
        /// Element, or several with commas between.
        value: String,
    },
    /// Take an element from a list.
    Subtract {
        /// Key.
        name: String,
        /// Element, or several with commas between.
        value: String,
    },
}

impl ConfigChange {
    /// Gives `name` the value `value`.
    pub fn set(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self::Set { name: name.into(), value: value.into() }
    }

    /// Lets `name` fall back to its default.
    pub fn delete(name: impl Into<String>) -> Self {
        Self::Delete { name: name.into() }
    }

    fn to_request(&self) -> AlterableConfig {
        let (config_operation, name, value) = match self {
            Self::Set { name, value } => (0, name, Some(value)),
            Self::Delete { name } => (1, name, None),
            Self::Append { name, value } => (2, name, Some(value)),
            Self::Subtract { name, value } => (3, name, Some(value)),
        };
        AlterableConfig { name: name.clone(), config_operation, value: value.cloned() }
    }
}

impl Admin {
    /// All configs of `resource`, in the broker's order.
    pub async fn describe_configs(&self, resource: &ConfigResource) -> Result<Vec<ConfigEntry>, Error> {
        let request = DescribeConfigsRequest {
            resources: vec![DescribeConfigsResource {
                resource_type: resource.wire_type(),
                resource_name: resource.wire_name(),
                configuration_keys: None,
            }],
            include_documentation: true,
            ..Default::default()
        };
        let what = || format!("describe the configs of {resource}");
        self.client
            .retry(&what(), || async {
                let response = self.send_for(resource, &request).await?;
                let result = response.results.into_iter().next().ok_or(Error::MissingResult)?;
                ApiError::check(result.error_code, result.error_message)
                    .map_err(|error| Error::api(what(), error))?;
                Ok(result.configs.into_iter().map(entry).collect())
            })
            .await
    }

    /// Makes `changes` to the configs of `resource`: all of them or, on an error, none. Others keep their values.
    pub async fn alter_configs(
        &self,
        resource: &ConfigResource,
        changes: &[ConfigChange],
    ) -> Result<(), Error> {
        let request = IncrementalAlterConfigsRequest {
            resources: vec![AlterConfigsResource {
                resource_type: resource.wire_type(),
                resource_name: resource.wire_name(),
                configs: changes.iter().map(ConfigChange::to_request).collect(),
            }],
            ..Default::default()
        };
        let what = || format!("alter the configs of {resource}");
        self.client
            .retry(&what(), || async {
                let response = self.send_for(resource, &request).await?;
                let result = response.responses.into_iter().next().ok_or(Error::MissingResult)?;
                ApiError::check(result.error_code, result.error_message)
                    .map_err(|error| Error::api(what(), error))
            })
            .await
    }

    async fn send_for<R: Request>(
        &self,
        resource: &ConfigResource,
        request: &R,
    ) -> Result<R::Response, Error> {
        match resource.broker() {
            Some(id) => self.client.send_to(id, request).await,
            None => self.client.send_to_any(request).await,
        }
    }
}

fn entry(config: DescribeConfigsResourceResult) -> ConfigEntry {
    ConfigEntry {
        name: config.name,
        value: config.value,
        source: config.config_source.into(),
        is_read_only: config.read_only,
        is_sensitive: config.is_sensitive,
        documentation: config.documentation,
    }
}
