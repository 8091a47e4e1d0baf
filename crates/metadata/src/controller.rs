//! Who may change the cluster's state, and into what.
//!
//! Every request has a `decide` half, a method that reads the latest state and gives an [`Outcome`]: records to append
//! and the response to send once they are committed. [`Controller::replay`] is the only writer of state; it sees each
//! record right after it is appended, so that the next decision builds on it, committed or not. A controller that loses
//! its office is dropped; the next one begins with [`Controller::new`] on the committed image.

mod access;
mod alter_partition;
mod assignment;
mod brokers;
mod configs;
mod directories;
mod elections;
mod features;
mod heartbeats;
mod leadership;
mod partitions;
mod placement;
mod producer_ids;
mod quotas;
mod reassignments;
mod topics;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use access::{AllowAll, MutationQuota, QuotaExceeded, TopicAccess, Unlimited};
use heartbeats::Heartbeats;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::metadata_record::MetadataRecord;
use ottla_protocol::time::Now;
use ottla_protocol::types::{BrokerId, Offset};
pub use producer_ids::PRODUCER_ID_BLOCK_SIZE;
pub use quotas::describe_client_quotas;
pub use reassignments::list_partition_reassignments;

use crate::api_error::ApiError;
use crate::bootstrap::{self, BootstrapMetadata};
use crate::config::{ConfigLayers, ConfigValue, StaticConfig, broker_def, topic_def};
use crate::delta::{DeltaError, MetadataChanges};
use crate::features::MetadataVersion;
use crate::image::{ConfigMap, ConfigResource, MetadataImage, Provenance};
use crate::topic_name;

/// Most records that one request of a user may make. Source: Kafka `QuorumController.MAX_RECORDS_PER_USER_OP`.
pub const RECORDS_PER_REQUEST_MAX: usize = 10_000;

/// What a decision came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome<R> {
    /// Records to append, in this order.
    pub records: Vec<MetadataRecord>,
    /// The response to send once the records are committed; at once if there are none.
    pub response: R,
    /// Whether the records must be appended in one batch, so that all or none of them count.
    pub atomic: bool,
}

/// Refuses a request of a user that would make too many records for one batch.
fn check_record_count(records: &[MetadataRecord]) -> Result<(), ApiError> {
    if records.len() <= RECORDS_PER_REQUEST_MAX {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::POLICY_VIOLATION, "Unable to perform excessively large batch operation."))
}

impl<R> Outcome<R> {
    fn atomic(records: Vec<MetadataRecord>, response: R) -> Self {
        Self { records, response, atomic: true }
    }

    fn in_order(records: Vec<MetadataRecord>, response: R) -> Self {
        Self { records, response, atomic: false }
    }

    fn unchanged(response: R) -> Self {
        Self::atomic(Vec::new(), response)
    }
}

/// What a decision needs beside the request.
pub struct RequestContext<'a> {
    /// When the request is decided.
    pub now: Now,
    /// Seed for topic ids and replica placement: another one for each request.
    pub seed: u64,
    /// Version of the request.
    pub api_version: i16,
    /// Whether a broker has checked and forwarded the request, as opposed to a client that talks to the controller.
    pub is_forwarded: bool,
    /// What the principal may do with topics.
    pub access: &'a dyn TopicAccess,
    /// The principal's budget of partition mutations.
    pub quota: &'a mut dyn MutationQuota,
}

/// What a controller is started with.
#[derive(Clone, Debug)]
pub struct ControllerConfig {
    /// This node.
    pub node_id: BrokerId,
    /// The cluster's id, which registrations must name.
    pub cluster_id: String,
    /// The node's static configuration.
    pub static_config: Arc<StaticConfig>,
    /// Node ids of the quorum's voters.
    pub quorum_node_ids: Vec<BrokerId>,
}

/// The active controller.
#[derive(Clone, Debug)]
pub struct Controller {
    config: ControllerConfig,
    /// Everything replayed, an open transaction included.
    latest: MetadataImage,
    /// The state before the open transaction.
    before_transaction: Option<MetadataImage>,
    /// Names of topics by what metrics make of them, for names that have `.` or `_`.
    colliding_names: BTreeMap<String, BTreeSet<Arc<str>>>,
    heartbeats: Heartbeats,
    /// Offsets of the brokers' registrations. Brokers from a snapshot are absent: their epoch stands for it.
    register_offsets: BTreeMap<BrokerId, Offset>,
}

impl Controller {
    /// A controller that takes office with this state. Every unfenced broker gets a whole session from `now` on.
    #[must_use]
    pub fn new(config: ControllerConfig, image: &MetadataImage, now: Now) -> Self {
        let mut controller = Self {
            config,
            latest: image.clone(),
            before_transaction: None,
            colliding_names: BTreeMap::new(),
            heartbeats: Heartbeats::default(),
            register_offsets: BTreeMap::new(),
        };
        controller.index_names();
        for broker in image.cluster.unfenced_brokers() {
            controller.heartbeats.register(broker.id, broker.epoch, now.mono);
        }
        controller
    }

    /// Everything replayed, committed or not.
    #[must_use]
    pub fn image(&self) -> &MetadataImage {
        &self.latest
    }

    /// Whether a metadata transaction is open.
    #[must_use]
    pub fn in_transaction(&self) -> bool {
        self.before_transaction.is_some()
    }

    /// The metadata version in force.
    #[must_use]
    pub fn metadata_version(&self) -> MetadataVersion {
        self.latest.features.metadata_version_or_minimum()
    }

    /// What to append on taking office: the bootstrap records into an empty log; the end of a transaction that a former
    /// controller left open; nothing otherwise.
    #[must_use]
    pub fn activate(&self, bootstrap: &BootstrapMetadata) -> Outcome<()> {
        // Before the bootstrap records are committed there is no metadata version; an open transaction may have set one.
        let before = self.before_transaction.as_ref().unwrap_or(&self.latest);
        let is_empty = before.features.metadata_version.is_none();
        let mut records = Vec::new();
        if self.in_transaction() {
            records.push(bootstrap::abort_transaction("Controller failover"));
        }
        if is_empty {
            records.extend(bootstrap.activation_records(self.static_min_insync_replicas()));
        }
        Outcome::in_order(records, ())
    }

    /// Replays a record that was appended, or read from the log, where `at` is its offset, epoch and append time.
    ///
    /// Errors: the record does not fit the state; the controller must not be used further then.
    pub fn replay(&mut self, at: Provenance, record: &MetadataRecord) -> Result<(), DeltaError> {
        match record {
            MetadataRecord::BeginTransaction(_) => {
                if self.before_transaction.is_some() {
                    return Err(DeltaError::NestedTransaction);
                }
                self.before_transaction = Some(self.latest.clone());
            }
            MetadataRecord::EndTransaction(_) => {
                self.before_transaction.take().ok_or(DeltaError::NoTransaction)?;
            }
            MetadataRecord::AbortTransaction(_) => {
                self.latest = self.before_transaction.take().ok_or(DeltaError::NoTransaction)?;
                self.index_names();
            }
            _ => {
                let mut changes = MetadataChanges::default();
                self.latest.replay(record, &mut changes)?;
                self.update_indexes(at.last_contained_offset, record, &changes);
            }
        }
        self.latest.provenance = at;
        Ok(())
    }

    /// Offset of the record that will be appended next, if nothing else is appended before it.
    #[must_use]
    pub fn next_offset(&self) -> Offset {
        self.latest.provenance.last_contained_offset.next()
    }

    fn update_indexes(&mut self, offset: Offset, record: &MetadataRecord, changes: &MetadataChanges) {
        if let MetadataRecord::RegisterBroker(broker) = record {
            self.register_offsets.insert(BrokerId(broker.broker_id), offset);
        }
        if let MetadataRecord::Topic(topic) = record
            && topic_name::has_collision_chars(&topic.name)
        {
            let unified = topic_name::unify_collision_chars(&topic.name);
            self.colliding_names.entry(unified).or_default().insert(topic.name.as_str().into());
        }
        for topic in changes.deleted_topics.values() {
            let unified = topic_name::unify_collision_chars(&topic.name);
            if let Some(names) = self.colliding_names.get_mut(&unified) {
                names.remove(&topic.name);
                if names.is_empty() {
                    self.colliding_names.remove(&unified);
                }
            }
        }
        if let MetadataRecord::UnregisterBroker(broker) = record {
            self.heartbeats.remove(BrokerId(broker.broker_id));
            self.register_offsets.remove(&BrokerId(broker.broker_id));
        }
    }

    fn index_names(&mut self) {
        self.colliding_names.clear();
        for topic in self.latest.topics.iter().filter(|topic| topic_name::has_collision_chars(&topic.name)) {
            let unified = topic_name::unify_collision_chars(&topic.name);
            self.colliding_names.entry(unified).or_default().insert(Arc::clone(&topic.name));
        }
    }

    /// The layers of this node's configuration.
    fn layers(&self) -> ConfigLayers {
        ConfigLayers::new(Arc::clone(&self.config.static_config), &self.latest.configs, self.config.node_id)
    }

    fn topic_overrides(&self, name: &str) -> ConfigMap {
        self.latest.configs.get_or_empty(&ConfigResource::topic(name))
    }

    /// A topic's value of a key, as text in the key's own type.
    fn topic_config(&self, layers: &ConfigLayers, topic: &str, key: &str) -> Option<ConfigValue> {
        let def = topic_def(key)?;
        let text = layers.topic_value(def, &self.topic_overrides(topic)).value;
        let parsed = text.and_then(|text| def.parse(&text).ok());
        parsed.or_else(|| def.default_text().and_then(|text| def.parse(text).ok()))
    }

    /// The `min.insync.replicas` that the configuration file gives.
    fn static_min_insync_replicas(&self) -> i32 {
        let layers = ConfigLayers::of_static(Arc::clone(&self.config.static_config));
        match broker_def("min.insync.replicas").and_then(|def| layers.value(def)) {
            Some(ConfigValue::Int(count)) => count,
            _ => 1,
        }
    }
}
