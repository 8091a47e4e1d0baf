//! The cluster's topics, as groups see them.
//!
//! A group need not be told of every change: it asks, with its next heartbeat, whether one of its topics has changed
//! since it looked last. Source: Kafka `GroupMetadataManager.onMetadataUpdate`, `Utils.computeTopicHash`.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_metadata::delta::MetadataChanges;
use ottla_metadata::image::{MetadataImage, TopicImage};
use ottla_protocol::types::TopicId;
use twox_hash::XxHash3_64;

/// First byte of what is hashed of a topic: the version of the scheme.
const TOPIC_HASH_MAGIC: u8 = 0;

/// Changes of topics that are remembered one by one; beyond this every topic counts as changed.
const CHANGES_MAX: usize = 100_000;

/// The cluster's topics.
#[derive(Debug, Default)]
pub(in super::super) struct TopicsView {
    image: Arc<MetadataImage>,
    /// Counts up with each image.
    version: u64,
    /// Version in which each topic came, changed or went, by name.
    changed_at: BTreeMap<Arc<str>, u64>,
    /// Version before which any topic may have changed.
    forgotten: u64,
    /// Offset of the metadata log at which a topic was created last; `None` before the first image.
    new_topics_at: Option<i64>,
    /// Hashes of topics as they are in this image.
    hashes: BTreeMap<String, u64>,
}

impl TopicsView {
    /// Takes the next image; `changes` is what differs from the last, or `None` if anything may.
    pub(in super::super) fn update(&mut self, image: Arc<MetadataImage>, changes: Option<&MetadataChanges>) {
        self.version += 1;
        let offset = image.provenance.last_contained_offset.0;
        let is_new = changes.is_none_or(|changes| changes.topics.values().any(|topic| topic.is_new));
        if is_new || self.new_topics_at.is_none() {
            self.new_topics_at = Some(offset);
        }
        let mut changed: Vec<Arc<str>> = Vec::new();
        if let Some(changes) = changes {
            let known = changes.topics.keys().filter_map(|id| image.topics.by_id(*id));
            changed.extend(known.map(|topic| Arc::clone(&topic.name)));
            changed.extend(changes.deleted_topics.values().map(|topic| Arc::clone(&topic.name)));
        }
        self.image = image;
        if changes.is_none() || self.changed_at.len() + changed.len() > CHANGES_MAX {
            self.forgotten = self.version;
            self.changed_at.clear();
            self.hashes.clear();
        }
        for name in changed {
            self.hashes.remove(&*name);
            self.changed_at.insert(name, self.version);
        }
    }

    /// The image.
    pub(super) fn image(&self) -> &Arc<MetadataImage> {
        &self.image
    }

    /// Number of the image.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// Offset of the metadata log at which a topic was created last.
    pub(super) fn new_topics_at(&self) -> i64 {
        self.new_topics_at.unwrap_or(-1)
    }

    /// Whether one of `topics` has changed since `version`.
    pub(super) fn has_changed<'a>(&self, mut topics: impl Iterator<Item = &'a str>, version: u64) -> bool {
        if version == self.version {
            return false;
        }
        version < self.forgotten
            || topics.any(|topic| self.changed_at.get(topic).is_some_and(|changed| *changed > version))
    }

    /// The topic of this name.
    pub(super) fn topic(&self, name: &str) -> Option<&Arc<TopicImage>> {
        self.image.topics.by_name(name)
    }

    /// The id of the topic of this name, or [`TopicId::ZERO`].
    pub(in super::super) fn topic_id(&self, name: &str) -> TopicId {
        self.topic(name).map_or(TopicId::ZERO, |topic| topic.id)
    }

    /// Hash of what the topics of these names, in order of name, are like: 0 if none of them exists.
    /// Source: Kafka `Utils.computeGroupHash`.
    pub(super) fn hash<'a>(&mut self, names: impl Iterator<Item = &'a str>) -> i64 {
        let mut bytes = Vec::new();
        for name in names {
            let hash = match self.hashes.get(name) {
                Some(hash) => *hash,
                None => {
                    let Some(topic) = self.image.topics.by_name(name) else { continue };
                    let hash = topic_hash(topic, &self.image);
                    self.hashes.insert(name.to_owned(), hash);
                    hash
                }
            };
            bytes.extend_from_slice(&hash.to_le_bytes());
        }
        if bytes.is_empty() { 0 } else { XxHash3_64::oneshot(&bytes).cast_signed() }
    }
}

/// XXH3 of the topic's id, name, partitions and their racks, as hash4j feeds it: integers in little endian, texts in
/// UTF-16 with their length behind.
fn topic_hash(topic: &TopicImage, image: &MetadataImage) -> u64 {
    let mut bytes = vec![TOPIC_HASH_MAGIC];
    let id = topic.id.0.as_u128();
    for half in [id >> 64, id & u128::from(u64::MAX)] {
        let half = u64::try_from(half).unwrap_or(u64::MAX);
        bytes.extend_from_slice(&half.to_le_bytes());
    }
    put_text(&mut bytes, &topic.name);
    put_int(&mut bytes, topic.partitions.len());
    for (index, partition) in &topic.partitions {
        bytes.extend_from_slice(&index.to_le_bytes());
        let brokers = partition.replicas.iter().filter_map(|id| image.cluster.brokers.get(id));
        // Sorted, and as often as there are replicas in them.
        let mut racks: Vec<&str> = brokers.filter_map(|broker| broker.rack.as_deref()).collect();
        racks.sort_unstable();
        for rack in racks {
            put_int(&mut bytes, rack.encode_utf16().count());
            put_text(&mut bytes, rack);
        }
    }
    XxHash3_64::oneshot(&bytes)
}

fn put_int(bytes: &mut Vec<u8>, value: usize) {
    bytes.extend_from_slice(&i32::try_from(value).unwrap_or(i32::MAX).to_le_bytes());
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    let units = text.encode_utf16();
    bytes.extend(units.clone().flat_map(u16::to_le_bytes));
    put_int(bytes, units.count());
}
