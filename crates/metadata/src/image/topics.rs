//! Topics by id and by name, and their partitions.

use std::ops::Bound;
use std::sync::Arc;

use imbl::OrdMap;
use ottla_protocol::types::{BrokerId, DirectoryId, LeaderEpoch, PartitionId, TopicId};

/// Whether a partition's leader has finished recovery after an unclean election (KIP-704).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LeaderRecoveryState {
    /// The usual state.
    #[default]
    Recovered,
    /// Elected from outside the ISR, and not yet through recovery.
    Recovering,
}

impl LeaderRecoveryState {
    /// The value in records and on the wire.
    #[must_use]
    pub const fn value(self) -> i8 {
        match self {
            Self::Recovered => 0,
            Self::Recovering => 1,
        }
    }

    /// The state with this value; `None` for anything but 0 and 1 (-1 means "unchanged" in change records).
    #[must_use]
    pub const fn from_value(value: i8) -> Option<Self> {
        match value {
            0 => Some(Self::Recovered),
            1 => Some(Self::Recovering),
            _ => None,
        }
    }
}

/// Who holds and leads one partition. Source: Kafka `PartitionRegistration`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartitionRegistration {
    /// Assigned replicas; the first is the preferred leader.
    pub replicas: Vec<BrokerId>,
    /// Directory of each replica, in the order of `replicas` and as many.
    pub directories: Vec<DirectoryId>,
    /// In-sync replicas.
    pub isr: Vec<BrokerId>,
    /// Replicas that a running reassignment removes.
    pub removing_replicas: Vec<BrokerId>,
    /// Replicas that a running reassignment adds.
    pub adding_replicas: Vec<BrokerId>,
    /// Eligible leader replicas: outside the ISR, yet holding everything committed (KIP-966).
    pub elr: Vec<BrokerId>,
    /// The last known members of the ELR, for when nobody is left.
    pub last_known_elr: Vec<BrokerId>,
    /// The leader, or [`BrokerId::NONE`].
    pub leader: BrokerId,
    /// Whether the leader still recovers from an unclean election.
    pub leader_recovery_state: LeaderRecoveryState,
    /// Number of the leader's reign.
    pub leader_epoch: LeaderEpoch,
    /// Number of changes to this registration.
    pub partition_epoch: i32,
}

impl PartitionRegistration {
    /// Whether the partition has a leader.
    #[must_use]
    pub fn has_leader(&self) -> bool {
        self.leader != BrokerId::NONE
    }

    /// The replica that leads when everything is well.
    #[must_use]
    pub fn preferred_leader(&self) -> BrokerId {
        self.replicas.first().copied().unwrap_or(BrokerId::NONE)
    }

    /// Directory of a replica, or `None` if the broker holds none.
    #[must_use]
    pub fn directory(&self, replica: BrokerId) -> Option<DirectoryId> {
        let index = self.replicas.iter().position(|id| *id == replica)?;
        self.directories.get(index).copied()
    }

    /// Whether replicas are being moved.
    #[must_use]
    pub fn is_reassigning(&self) -> bool {
        !self.adding_replicas.is_empty() || !self.removing_replicas.is_empty()
    }
}

/// One life of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicImage {
    /// Name of the topic.
    pub name: Arc<str>,
    /// Id of this life of the topic.
    pub id: TopicId,
    /// Partitions by index. Kafka numbers them from 0 without gaps.
    pub partitions: OrdMap<i32, Arc<PartitionRegistration>>,
}

impl TopicImage {
    /// The registration of a partition.
    #[must_use]
    pub fn partition(&self, index: i32) -> Option<&Arc<PartitionRegistration>> {
        self.partitions.get(&index)
    }
}

/// All topics.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicsImage {
    by_id: OrdMap<TopicId, Arc<TopicImage>>,
    /// Only ids: a second owner of each topic would make every change of a partition copy it.
    ids: OrdMap<Arc<str>, TopicId>,
}

impl TopicsImage {
    /// The topic of this name. O(log topics).
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&Arc<TopicImage>> {
        self.by_id(*self.ids.get(name)?)
    }

    /// The topic of this id. O(log topics).
    #[must_use]
    pub fn by_id(&self, id: TopicId) -> Option<&Arc<TopicImage>> {
        self.by_id.get(&id)
    }

    /// The registration of a partition. O(log topics).
    #[must_use]
    pub fn partition(&self, id: PartitionId) -> Option<&Arc<PartitionRegistration>> {
        self.by_id(id.topic_id)?.partition(id.partition)
    }

    /// All topics in name order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<TopicImage>> {
        self.ids.values().filter_map(|id| self.by_id(*id))
    }

    /// Topics whose name is `first` or sorts after it, in name order.
    pub fn iter_from(&self, first: &str) -> impl Iterator<Item = &Arc<TopicImage>> {
        let names = self.ids.range::<_, str>((Bound::Included(first), Bound::Unbounded));
        names.filter_map(|(_, id)| self.by_id(*id))
    }

    /// Number of topics.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is no topic.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Puts a topic in, in place of an older image of the same id.
    pub(crate) fn put(&mut self, topic: TopicImage) {
        self.ids.insert(Arc::clone(&topic.name), topic.id);
        self.by_id.insert(topic.id, Arc::new(topic));
    }

    /// Changes a topic; in place unless another image shares it. `None` if there is none.
    pub(crate) fn update<R>(&mut self, id: TopicId, change: impl FnOnce(&mut TopicImage) -> R) -> Option<R> {
        self.by_id.get_mut(&id).map(|topic| change(Arc::make_mut(topic)))
    }

    /// Takes a topic out.
    pub(crate) fn remove(&mut self, id: TopicId) -> Option<Arc<TopicImage>> {
        let topic = self.by_id.remove(&id)?;
        // A later topic may have taken the name over; it stays.
        if self.ids.get(&topic.name) == Some(&id) {
            self.ids.remove(&topic.name);
        }
        Some(topic)
    }
}
