//! The cluster that a shard is shown: one broker, and topics that it leads.

use ottla_metadata::record::MetadataRecord;
use ottla_protocol::messages::*;
use ottla_protocol::types::{TopicId, Uuid};

/// A topic to create.
#[derive(Clone, Copy, Debug)]
pub struct Topic {
    pub name: &'static str,
    pub id: TopicId,
    pub partitions: i32,
    /// Index of the log directory that its partitions lie in.
    pub log_dir: u128,
}

pub const ORDERS: Topic = Topic {
    name: "orders",
    id: TopicId(Uuid::from_u128(0x0123_4567_89ab_4def_8123_4567_89ab_cdef)),
    partitions: 2,
    log_dir: 0,
};

/// `orders` of another life.
pub const ORDERS_AGAIN: Topic =
    Topic { id: TopicId(Uuid::from_u128(0x1123_4567_89ab_4def_8123_4567_89ab_cdef)), ..ORDERS };

pub const PAYMENTS: Topic = Topic {
    name: "payments",
    id: TopicId(Uuid::from_u128(0x2123_4567_89ab_4def_8123_4567_89ab_cdef)),
    partitions: 1,
    log_dir: 0,
};

pub const OFFSETS: Topic = Topic {
    name: "__consumer_offsets",
    id: TopicId(Uuid::from_u128(0x3123_4567_89ab_4def_8123_4567_89ab_cdef)),
    partitions: 1,
    log_dir: 0,
};

pub const TRANSACTIONS: Topic = Topic {
    name: "__transaction_state",
    id: TopicId(Uuid::from_u128(0x4123_4567_89ab_4def_8123_4567_89ab_cdef)),
    partitions: 1,
    log_dir: 0,
};

/// The record that sets a feature's level.
pub fn feature(name: &str, feature_level: i16) -> MetadataRecord {
    MetadataRecord::FeatureLevel(feature_level_record::FeatureLevelRecord {
        name: name.to_owned(),
        feature_level,
    })
}

/// The records of the broker and of these topics.
pub fn records(topics: &[Topic], configs: &[(&str, &str)]) -> Vec<MetadataRecord> {
    let mut records = vec![
        MetadataRecord::FeatureLevel(feature_level_record::FeatureLevelRecord {
            name: "metadata.version".to_owned(),
            feature_level: 30,
        }),
        MetadataRecord::RegisterBroker(register_broker_record::RegisterBrokerRecord {
            broker_id: 1,
            end_points: vec![register_broker_record::BrokerEndpoint {
                name: "PLAINTEXT".to_owned(),
                host: "localhost".to_owned(),
                port: 9092,
                security_protocol: 0,
            }],
            fenced: false,
            log_dirs: vec![Uuid::from_u128(1000), Uuid::from_u128(1001)],
            ..Default::default()
        }),
    ];
    records.extend(topics.iter().flat_map(|topic| create(*topic)));
    records.extend(configs.iter().map(|(name, value)| topic_config(topics[0].name, name, Some(value))));
    records
}

/// The records of a new topic.
pub fn create(topic: Topic) -> Vec<MetadataRecord> {
    let created = topic_record::TopicRecord { name: topic.name.to_owned(), topic_id: topic.id.0 };
    let partitions = (0..topic.partitions).map(|partition_id| {
        MetadataRecord::Partition(partition_record::PartitionRecord {
            partition_id,
            topic_id: topic.id.0,
            replicas: vec![1],
            isr: vec![1],
            leader: 1,
            leader_epoch: 0,
            partition_epoch: 0,
            directories: vec![Uuid::from_u128(1000 + topic.log_dir)],
            ..Default::default()
        })
    });
    let compact = (topic.name == OFFSETS.name || topic.name == TRANSACTIONS.name)
        .then(|| topic_config(topic.name, "cleanup.policy", Some("compact")));
    std::iter::once(MetadataRecord::Topic(created)).chain(partitions).chain(compact).collect()
}

/// The record that deletes a topic.
pub fn delete(topic: Topic) -> MetadataRecord {
    MetadataRecord::RemoveTopic(remove_topic_record::RemoveTopicRecord { topic_id: topic.id.0 })
}

/// The record that sets, or with `None` deletes, a topic's config.
pub fn topic_config(topic: &str, name: &str, value: Option<&str>) -> MetadataRecord {
    config(2, topic, name, value)
}

/// The record that sets, or with `None` deletes, a config of every broker.
pub fn broker_config(name: &str, value: Option<&str>) -> MetadataRecord {
    config(4, "", name, value)
}

fn config(resource_type: i8, resource_name: &str, name: &str, value: Option<&str>) -> MetadataRecord {
    MetadataRecord::Config(config_record::ConfigRecord {
        resource_type,
        resource_name: resource_name.to_owned(),
        name: name.to_owned(),
        value: value.map(str::to_owned),
    })
}

/// The record that gives a partition another leader; -1 for none.
pub fn leader(topic: Topic, partition_id: i32, leader: i32) -> MetadataRecord {
    MetadataRecord::PartitionChange(partition_change_record::PartitionChangeRecord {
        partition_id,
        topic_id: topic.id.0,
        leader,
        ..Default::default()
    })
}
