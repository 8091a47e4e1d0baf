//! The cluster's state at one offset of the metadata log, as an immutable value.
//!
//! All parts are persistent maps or `Arc`s: a clone costs a few reference counts, and two images share what did not
//! change between them. Nothing here decides anything; [`crate::controller`] does.

mod cluster;
mod configs;
mod features;
mod quotas;
mod replay;
mod security;
mod topics;

pub use cluster::{
    BrokerEpoch, BrokerRegistration, ClusterImage, ControllerRegistration, Endpoint, SecurityProtocol,
};
pub use configs::{ConfigMap, ConfigResource, ConfigResourceType, ConfigsImage};
pub use features::FeaturesImage;
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{LeaderEpoch, Offset, ProducerId};
pub use quotas::{ClientQuotaEntity, ClientQuotasImage, QuotaMap};
pub use replay::ReplayError;
pub(crate) use replay::merge_partition;
pub use security::{
    AclsImage, DelegationToken, DelegationTokensImage, ScramCredential, ScramImage, ScramMechanism,
    StandardAcl,
};
pub use topics::{LeaderRecoveryState, PartitionRegistration, TopicImage, TopicsImage};

/// Up to which record of the metadata log an image goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// Offset of the last contained record; -1 if none is contained.
    pub last_contained_offset: Offset,
    /// Leader epoch of that record's batch.
    pub last_contained_epoch: LeaderEpoch,
    /// Append time of that record's batch.
    pub last_contained_log_timestamp: Timestamp,
}

impl Default for Provenance {
    fn default() -> Self {
        Self {
            last_contained_offset: Offset::UNKNOWN,
            last_contained_epoch: LeaderEpoch::UNKNOWN,
            last_contained_log_timestamp: Timestamp::NONE,
        }
    }
}

/// Blocks of producer ids handed out so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProducerIdsImage {
    /// First id that is not handed out; `None` before the first block.
    pub next_producer_id: Option<ProducerId>,
}

/// The cluster's state at one offset of the metadata log. Source: Kafka `MetadataImage`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetadataImage {
    /// Up to where the image goes.
    pub provenance: Provenance,
    /// Finalized feature levels.
    pub features: FeaturesImage,
    /// Registered brokers and controllers.
    pub cluster: ClusterImage,
    /// Topics and partitions.
    pub topics: TopicsImage,
    /// Dynamic configs.
    pub configs: ConfigsImage,
    /// Client quotas.
    pub client_quotas: ClientQuotasImage,
    /// Producer id blocks.
    pub producer_ids: ProducerIdsImage,
    /// Access control entries.
    pub acls: AclsImage,
    /// SCRAM credentials.
    pub scram: ScramImage,
    /// Delegation tokens.
    pub delegation_tokens: DelegationTokensImage,
}
