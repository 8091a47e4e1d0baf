//! Registered brokers and controllers.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use imbl::OrdMap;
use ottla_protocol::types::{BrokerId, DirectoryId, Uuid};

use crate::features::VersionRange;

/// Number of a broker's registration: the offset of the first record that the controller wrote for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BrokerEpoch(pub i64);

impl BrokerEpoch {
    /// "No epoch" on the wire.
    pub const UNKNOWN: Self = Self(-1);
}

impl fmt::Display for BrokerEpoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Number of a security protocol as it stands in records and on the wire (Kafka `SecurityProtocol.id`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecurityProtocol(pub i16);

impl SecurityProtocol {
    /// No encryption, no authentication.
    pub const PLAINTEXT: Self = Self(0);
    /// TLS.
    pub const SSL: Self = Self(1);
    /// SASL without encryption.
    pub const SASL_PLAINTEXT: Self = Self(2);
    /// SASL over TLS.
    pub const SASL_SSL: Self = Self(3);

    /// The protocol of this name in any case, such as `SASL_SSL`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::PLAINTEXT, Self::SSL, Self::SASL_PLAINTEXT, Self::SASL_SSL]
            .into_iter()
            .find(|protocol| protocol.name().eq_ignore_ascii_case(name))
    }

    /// Kafka's name of the protocol.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PLAINTEXT => "PLAINTEXT",
            Self::SSL => "SSL",
            Self::SASL_PLAINTEXT => "SASL_PLAINTEXT",
            Self::SASL_SSL => "SASL_SSL",
            _ => "UNKNOWN",
        }
    }
}

/// Where a node listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Name of the listener, such as `PLAINTEXT`.
    pub listener: String,
    /// Host name or address as advertised.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Protocol of the listener.
    pub security_protocol: SecurityProtocol,
}

/// One broker as it registered, with the changes since. Source: Kafka `BrokerRegistration`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerRegistration {
    /// Node id.
    pub id: BrokerId,
    /// Number of this registration.
    pub epoch: BrokerEpoch,
    /// Id of this life of the broker's process.
    pub incarnation_id: Uuid,
    /// Advertised listeners, in the order of the record.
    pub endpoints: Vec<Endpoint>,
    /// Feature levels that the broker supports.
    pub features: BTreeMap<String, VersionRange>,
    /// Name of the rack, if one is configured.
    pub rack: Option<Arc<str>>,
    /// Whether the broker is kept out of all ISRs and leaderships.
    pub fenced: bool,
    /// Whether the broker is shutting down in order.
    pub in_controlled_shutdown: bool,
    /// Whether the broker came from ZooKeeper; only in upgraded logs.
    pub is_migrating_zk_broker: bool,
    /// Ids of the online log directories; empty before directory assignment.
    pub log_dirs: Vec<DirectoryId>,
    /// Log directories that get no new replicas; `None` where the metadata version does not carry them.
    pub cordoned_log_dirs: Option<Vec<DirectoryId>>,
}

impl BrokerRegistration {
    /// Whether the broker may be in ISRs: neither fenced nor shutting down.
    #[must_use]
    pub fn is_active(&self) -> bool {
        !self.fenced && !self.in_controlled_shutdown
    }

    /// The endpoint of this listener.
    #[must_use]
    pub fn endpoint(&self, listener: &str) -> Option<&Endpoint> {
        self.endpoints.iter().find(|endpoint| endpoint.listener == listener)
    }

    /// Whether a replica in this directory is reachable: the directory is online, or not known.
    /// Source: Kafka `BrokerRegistration.hasOnlineDir`, `DirectoryId.isOnline`.
    #[must_use]
    pub fn has_online_dir(&self, directory: DirectoryId) -> bool {
        match directory {
            DirectoryId::UNASSIGNED | DirectoryId::MIGRATING => true,
            DirectoryId::LOST => false,
            // Registrations from before directories had ids list none: every directory counts as online.
            _ => self.log_dirs.is_empty() || self.log_dirs.contains(&directory),
        }
    }

    /// Whether the broker has a directory that takes new replicas.
    #[must_use]
    pub fn has_uncordoned_dir(&self) -> bool {
        match &self.cordoned_log_dirs {
            Some(cordoned) if !self.log_dirs.is_empty() => {
                self.log_dirs.iter().any(|dir| !cordoned.contains(dir))
            }
            _ => true,
        }
    }
}

/// One controller as it registered (KIP-919).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControllerRegistration {
    /// Node id.
    pub id: BrokerId,
    /// Id of this life of the controller's process.
    pub incarnation_id: Uuid,
    /// Whether it was ready for a migration from ZooKeeper; only in upgraded logs.
    pub zk_migration_ready: bool,
    /// Listeners, in the order of the record.
    pub endpoints: Vec<Endpoint>,
    /// Feature levels that the controller supports.
    pub features: BTreeMap<String, VersionRange>,
}

/// Registered nodes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClusterImage {
    /// Registered brokers, fenced ones too.
    pub brokers: OrdMap<BrokerId, Arc<BrokerRegistration>>,
    /// Registered controllers.
    pub controllers: OrdMap<BrokerId, Arc<ControllerRegistration>>,
}

impl ClusterImage {
    /// The registration of a broker.
    #[must_use]
    pub fn broker(&self, id: BrokerId) -> Option<&Arc<BrokerRegistration>> {
        self.brokers.get(&id)
    }

    /// Whether the broker is registered, unfenced and not shutting down.
    #[must_use]
    pub fn is_active(&self, id: BrokerId) -> bool {
        self.broker(id).is_some_and(|broker| broker.is_active())
    }

    /// Brokers that are not fenced, by id.
    pub fn unfenced_brokers(&self) -> impl Iterator<Item = &Arc<BrokerRegistration>> {
        self.brokers.values().filter(|broker| !broker.fenced)
    }
}
