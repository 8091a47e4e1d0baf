//! From one image to the next: records in, an image and what changed out. Metadata transactions are kept back until
//! they end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ottla_protocol::messages::metadata_record::MetadataRecord;
use ottla_protocol::types::{BrokerId, TopicId};

use crate::image::{ClientQuotaEntity, ConfigResource, MetadataImage, Provenance, ReplayError, TopicImage};

/// How one topic differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicChanges {
    /// Whether the topic was not there before.
    pub is_new: bool,
    /// Partitions that are new or different.
    pub partitions: BTreeSet<i32>,
}

/// What differs between two images. Look the new state up in the new image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetadataChanges {
    /// Whether a feature level was set.
    pub features: bool,
    /// Brokers that registered, changed or unregistered.
    pub brokers: BTreeSet<BrokerId>,
    /// Controllers that registered, changed or unregistered.
    pub controllers: BTreeSet<BrokerId>,
    /// Topics that are new or different.
    pub topics: BTreeMap<TopicId, TopicChanges>,
    /// Topics that are gone, as they were last.
    pub deleted_topics: BTreeMap<TopicId, Arc<TopicImage>>,
    /// Resources whose configs were set or deleted, be it to the same value: that asks brokers to load files anew.
    pub configs: BTreeSet<ConfigResource>,
    /// Entities whose quotas were set or deleted.
    pub client_quotas: BTreeSet<ClientQuotaEntity>,
    /// Whether a block of producer ids was handed out.
    pub producer_ids: bool,
    /// Whether access control entries changed.
    pub acls: bool,
    /// Whether SCRAM credentials changed.
    pub scram: bool,
    /// Whether delegation tokens changed.
    pub delegation_tokens: bool,
}

impl MetadataChanges {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What differs between two images that may have nothing in common, as after loading a snapshot.
    #[must_use]
    pub fn between(before: &MetadataImage, after: &MetadataImage) -> Self {
        let mut changes = Self {
            features: before.features != after.features,
            producer_ids: before.producer_ids != after.producer_ids,
            acls: before.acls != after.acls,
            scram: before.scram != after.scram,
            delegation_tokens: before.delegation_tokens != after.delegation_tokens,
            brokers: differing(&before.cluster.brokers, &after.cluster.brokers),
            controllers: differing(&before.cluster.controllers, &after.cluster.controllers),
            ..Self::default()
        };
        for topic in before.topics.iter().filter(|topic| after.topics.by_id(topic.id).is_none()) {
            changes.deleted_topics.insert(topic.id, Arc::clone(topic));
        }
        for topic in after.topics.iter() {
            let old = before.topics.by_id(topic.id);
            if old.is_some_and(|old| Arc::ptr_eq(old, topic) || old == topic) {
                continue;
            }
            let is_new = old.is_none();
            let differs = |index: &i32| old.and_then(|old| old.partition(*index)) != topic.partition(*index);
            let partitions = topic.partitions.keys().copied().filter(|index| differs(index)).collect();
            changes.topics.insert(topic.id, TopicChanges { is_new, partitions });
        }
        let resources = before.configs.iter().chain(after.configs.iter()).map(|(resource, _)| resource);
        let differs =
            |resource: &&ConfigResource| before.configs.get(resource) != after.configs.get(resource);
        changes.configs = resources.filter(differs).cloned().collect();
        let entities =
            before.client_quotas.iter().chain(after.client_quotas.iter()).map(|(entity, _)| entity);
        let differs =
            |entity: &&ClientQuotaEntity| before.client_quotas.get(entity) != after.client_quotas.get(entity);
        changes.client_quotas = entities.filter(differs).cloned().collect();
        changes
    }
}

fn differing<V: PartialEq>(
    before: &imbl::OrdMap<BrokerId, V>,
    after: &imbl::OrdMap<BrokerId, V>,
) -> BTreeSet<BrokerId> {
    let ids = before.keys().chain(after.keys()).copied();
    ids.filter(|id| before.get(id) != after.get(id)).collect()
}

/// Records of the metadata log on their way into the next image.
///
/// ```text
/// MetadataDelta::new(image) ─ replay(at, record)… ─ apply() ──► the next image, with changes()
/// ```
///
/// Records between BeginTransaction and EndTransaction are in `apply` only once EndTransaction is replayed; after
/// AbortTransaction they never are. An open transaction goes on in the delta that [`Self::next`] gives.
#[derive(Clone, Debug, Default)]
pub struct MetadataDelta {
    /// Everything outside an open transaction.
    state: State,
    /// `state` with the records of the open transaction.
    transaction: Option<State>,
}

#[derive(Clone, Debug, Default)]
struct State {
    image: MetadataImage,
    changes: MetadataChanges,
}

/// Why a record cannot be replayed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeltaError {
    /// The record does not fit the state before it.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// A transaction begins inside a transaction.
    #[error("a metadata transaction begins inside another")]
    NestedTransaction,
    /// A transaction ends that has not begun.
    #[error("a metadata transaction ends that has not begun")]
    NoTransaction,
}

impl MetadataDelta {
    /// Nothing on top of this image yet.
    #[must_use]
    pub fn new(image: &MetadataImage) -> Self {
        Self { state: State { image: image.clone(), changes: MetadataChanges::default() }, transaction: None }
    }

    /// Replays one record, where `at` is its offset, epoch and append time.
    ///
    /// Errors: the record does not fit; the delta must not be used further then.
    pub fn replay(&mut self, at: Provenance, record: &MetadataRecord) -> Result<(), DeltaError> {
        match record {
            MetadataRecord::BeginTransaction(_) => {
                if self.transaction.is_some() {
                    return Err(DeltaError::NestedTransaction);
                }
                self.transaction = Some(self.state.clone());
            }
            MetadataRecord::EndTransaction(_) => {
                self.state = self.transaction.take().ok_or(DeltaError::NoTransaction)?;
            }
            MetadataRecord::AbortTransaction(_) => {
                self.transaction.take().ok_or(DeltaError::NoTransaction)?;
            }
            _ => {
                let state = self.transaction.as_mut().unwrap_or(&mut self.state);
                state.image.replay(record, &mut state.changes)?;
            }
        }
        self.transaction.as_mut().unwrap_or(&mut self.state).image.provenance = at;
        Ok(())
    }

    /// The image with everything replayed so far, save an open transaction. Cheap.
    #[must_use]
    pub fn apply(&self) -> MetadataImage {
        self.state.image.clone()
    }

    /// What [`Self::apply`] changed in the image that the delta began with.
    #[must_use]
    pub fn changes(&self) -> &MetadataChanges {
        &self.state.changes
    }

    /// The image with the records of an open transaction too: what the controller decides on.
    #[must_use]
    pub fn latest(&self) -> &MetadataImage {
        &self.transaction.as_ref().unwrap_or(&self.state).image
    }

    /// Whether a transaction is open. No snapshot may be taken then.
    #[must_use]
    pub fn in_transaction(&self) -> bool {
        self.transaction.is_some()
    }

    /// The delta that follows this one: nothing changed yet, an open transaction still open.
    #[must_use]
    pub fn next(&self) -> Self {
        let transaction = self.transaction.as_ref().map(|open| {
            // What the transaction changes counts when it ends; what came before it is in this delta's changes.
            let changes = MetadataChanges::between(&self.state.image, &open.image);
            State { image: open.image.clone(), changes }
        });
        Self {
            state: State { image: self.state.image.clone(), changes: MetadataChanges::default() },
            transaction,
        }
    }
}
