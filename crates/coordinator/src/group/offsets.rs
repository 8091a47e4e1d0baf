//! Committed offsets of all groups of a partition, and those of transactions that are still open.
//!
//! [`Offsets::replay`] and [`Offsets::replay_marker`] are the only writers of committed offsets, at start-up and at run
//! time. A record that is decided but not yet committed only counts as *in flight*: it can be seen by what deletes and
//! expires, and by nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{LeaderEpoch, Offset, ProducerId, TopicId};

use super::interface::TxnResult;

mod commit;
mod delete;
mod expiry;
mod fetch;

pub(super) use commit::Committer;
pub(super) use expiry::ExpiryScan;

/// One partition's place in one group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct OffsetKey {
    /// The group's id.
    pub(super) group: Arc<str>,
    /// The topic's name.
    pub(super) topic: Arc<str>,
    /// Index of the partition in its topic.
    pub(super) partition: i32,
}

/// One committed offset. Source: Kafka `OffsetAndMetadata`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CommittedOffset {
    /// The next offset that the group will read.
    pub(super) offset: Offset,
    /// Leader epoch of the last record read, or [`LeaderEpoch::UNKNOWN`].
    pub(super) leader_epoch: LeaderEpoch,
    /// The client's own text.
    pub(super) metadata: Box<str>,
    /// When it was committed.
    pub(super) commit_timestamp: Timestamp,
    /// When it expires, if an old client said so.
    pub(super) expire_timestamp: Option<Timestamp>,
    /// The topic's id, or [`TopicId::ZERO`] if it was not known.
    pub(super) topic_id: TopicId,
}

/// A committed offset and where it is logged.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Logged {
    offset: CommittedOffset,
    record_offset: Offset,
}

/// What is known of one partition in one group. A slot that knows nothing is taken out.
#[derive(Debug, Default)]
struct Slot {
    committed: Option<Logged>,
    /// Number of its records, tombstones among them, that are decided and not yet committed.
    in_flight: u32,
    /// Producers with an open transaction that commits an offset here.
    open_transactions: Vec<ProducerId>,
}

impl Slot {
    fn is_empty(&self) -> bool {
        self.committed.is_none() && self.in_flight == 0 && self.open_transactions.is_empty()
    }
}

type Topics = BTreeMap<Arc<str>, BTreeMap<i32, Slot>>;

/// The offsets of all groups.
#[derive(Debug, Default)]
pub(super) struct Offsets {
    groups: BTreeMap<Arc<str>, Topics>,
    /// What open transactions have committed. Invariant: a key is here for a producer exactly if the producer is in the
    /// key's slot.
    transactions: BTreeMap<ProducerId, BTreeMap<OffsetKey, Logged>>,
}

impl Offsets {
    /// Counts a record as in flight: it is decided, and will be replayed or settled.
    pub(super) fn decided(&mut self, key: &OffsetKey) {
        self.slot_mut(key).in_flight += 1;
    }

    /// A decided record is in flight no longer: the log refused it, or it is about to be replayed.
    pub(super) fn settled(&mut self, key: &OffsetKey) {
        self.change_slot(key, |slot| slot.in_flight = slot.in_flight.saturating_sub(1));
    }

    /// Replays a record. `producer_id` is that of its batch if it is transactional, else [`ProducerId::NONE`]; `None` is
    /// a tombstone, which also ends what open transactions have committed there.
    /// Source: Kafka `OffsetMetadataManager.replay`.
    pub(super) fn replay(
        &mut self,
        record_offset: Offset,
        producer_id: ProducerId,
        key: &OffsetKey,
        value: Option<CommittedOffset>,
    ) {
        let Some(offset) = value else {
            let mut producers = Vec::new();
            self.change_slot(key, |slot| {
                slot.committed = None;
                producers = std::mem::take(&mut slot.open_transactions);
            });
            for producer in producers {
                if let Some(offsets) = self.transactions.get_mut(&producer) {
                    offsets.remove(key);
                }
            }
            return;
        };
        let logged = Logged { offset, record_offset };
        if producer_id == ProducerId::NONE {
            self.slot_mut(key).committed = Some(logged);
        } else {
            let slot = self.slot_mut(key);
            if !slot.open_transactions.contains(&producer_id) {
                slot.open_transactions.push(producer_id);
            }
            self.transactions.entry(producer_id).or_default().insert(key.clone(), logged);
        }
    }

    /// Replays the end of a producer's transaction. A plain commit that was logged after the transaction's own stays.
    /// Source: Kafka `OffsetMetadataManager.replayEndTransactionMarker`.
    pub(super) fn replay_marker(&mut self, producer_id: ProducerId, result: TxnResult) {
        for (key, logged) in self.transactions.remove(&producer_id).unwrap_or_default() {
            self.change_slot(&key, |slot| {
                slot.open_transactions.retain(|open| *open != producer_id);
                let is_newer =
                    slot.committed.as_ref().is_none_or(|old| old.record_offset < logged.record_offset);
                if result == TxnResult::Commit && is_newer {
                    slot.committed = Some(logged);
                }
            });
        }
    }

    /// Number of partitions of which a group has, or will have, an offset.
    fn count(&self, group: &str) -> usize {
        self.groups.get(group).map_or(0, |topics| topics.values().map(BTreeMap::len).sum())
    }

    /// The key of one partition, which shares its texts with the map's.
    pub(super) fn key(&self, group: &Arc<str>, topic: &str, partition: i32) -> OffsetKey {
        let known = self.groups.get(group).and_then(|topics| topics.get_key_value(topic));
        let topic = known.map_or_else(|| topic.into(), |(topic, _)| Arc::clone(topic));
        OffsetKey { group: Arc::clone(group), topic, partition }
    }

    /// Every partition of which a group has, or will have, an offset.
    fn keys<'a>(&'a self, group: &str) -> impl Iterator<Item = OffsetKey> + use<'a> {
        self.groups.get_key_value(group).into_iter().flat_map(|(group, topics)| {
            topics.iter().flat_map(move |(topic, slots)| {
                slots.keys().map(move |&partition| OffsetKey {
                    group: Arc::clone(group),
                    topic: Arc::clone(topic),
                    partition,
                })
            })
        })
    }

    fn slot(&self, key: &OffsetKey) -> Option<&Slot> {
        self.groups.get(&key.group)?.get(&key.topic)?.get(&key.partition)
    }

    fn slot_mut(&mut self, key: &OffsetKey) -> &mut Slot {
        let topics = self.groups.entry(Arc::clone(&key.group)).or_default();
        topics.entry(Arc::clone(&key.topic)).or_default().entry(key.partition).or_default()
    }

    /// Changes a slot if there is one, and takes it out, with its topic and group, if nothing is left in it.
    fn change_slot(&mut self, key: &OffsetKey, change: impl FnOnce(&mut Slot)) {
        let Some(topics) = self.groups.get_mut(&key.group) else { return };
        let Some(slots) = topics.get_mut(&key.topic) else { return };
        let Some(slot) = slots.get_mut(&key.partition) else { return };
        change(slot);
        if !slot.is_empty() {
            return;
        }
        slots.remove(&key.partition);
        if slots.is_empty() {
            topics.remove(&key.topic);
        }
        if topics.is_empty() {
            self.groups.remove(&key.group);
        }
    }
}
