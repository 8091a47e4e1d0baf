//! The topics of a scenario, as a metadata image. A topic's id is the number of its first letter: `t` is 116.

use std::sync::Arc;

use ottla_metadata::delta::{MetadataChanges, MetadataDelta};
use ottla_metadata::image::{MetadataImage, Provenance};
use ottla_protocol::messages::config_record::ConfigRecord;
use ottla_protocol::messages::consumer_group_heartbeat_request::TopicPartitions;
use ottla_protocol::messages::metadata_record::MetadataRecord;
use ottla_protocol::messages::partition_record::PartitionRecord;
use ottla_protocol::messages::remove_topic_record::RemoveTopicRecord;
use ottla_protocol::messages::topic_record::TopicRecord;
use ottla_protocol::types::Uuid;

/// The topics that there are.
#[derive(Default)]
pub struct Topics {
    image: Arc<MetadataImage>,
}

fn id(name: &str) -> Uuid {
    Uuid::from_u128(name.bytes().fold(0, |id, byte| (id << 8) | u128::from(byte)))
}

impl Topics {
    pub fn image(&self) -> Arc<MetadataImage> {
        Arc::clone(&self.image)
    }

    /// Creates topics, or gives them more partitions.
    pub fn set(&mut self, topics: &[(&str, &str)]) -> MetadataChanges {
        let mut records = Vec::new();
        for (name, count) in topics {
            let known = self.image.topics.by_name(name).map_or(0, |topic| topic.partitions.len());
            if known == 0 {
                records
                    .push(MetadataRecord::from(TopicRecord { name: (*name).to_owned(), topic_id: id(name) }));
            }
            for partition_id in known..count.parse().unwrap() {
                records.push(MetadataRecord::from(PartitionRecord {
                    partition_id: i32::try_from(partition_id).unwrap(),
                    topic_id: id(name),
                    replicas: vec![1],
                    isr: vec![1],
                    leader: 1,
                    ..PartitionRecord::default()
                }));
            }
        }
        self.replay(records)
    }

    pub fn delete(&mut self, name: &str) -> MetadataChanges {
        if self.image.topics.by_name(name).is_none() {
            return MetadataChanges::default();
        }
        self.replay(vec![RemoveTopicRecord { topic_id: id(name) }.into()])
    }

    /// Sets configs of a group: `session=50s`.
    pub fn configure(&mut self, group: &str, configs: &[(&str, &str)]) -> MetadataChanges {
        let records = configs.iter().map(|(key, value)| {
            let name = match *key {
                "session" => "consumer.session.timeout.ms",
                "interval" => "consumer.assignment.interval.ms",
                _ => panic!("config: {key}"),
            };
            MetadataRecord::from(ConfigRecord {
                resource_type: 32,
                resource_name: group.to_owned(),
                name: name.to_owned(),
                value: Some((*value).to_owned()),
            })
        });
        self.replay(records.collect())
    }

    fn replay(&mut self, records: Vec<MetadataRecord>) -> MetadataChanges {
        let offset = self.image.provenance.last_contained_offset.next();
        let mut delta = MetadataDelta::new(&self.image);
        let at = Provenance { last_contained_offset: offset, ..Provenance::default() };
        for record in records {
            delta.replay(at, &record).unwrap();
        }
        let changes = delta.changes().clone();
        self.image = Arc::new(delta.apply());
        changes
    }

    /// `t:0,1+u:2`, or `none`.
    pub fn partitions(&self, text: &str) -> Vec<TopicPartitions> {
        let topics = text.split('+').filter(|topic| *topic != "none").map(|topic| {
            let (name, partitions) = topic.split_once(':').unwrap();
            let partitions = partitions.split(',').map(|index| index.parse().unwrap()).collect();
            TopicPartitions { topic_id: id(name), partitions }
        });
        topics.collect()
    }

    /// `t:0,1+u:2`, or `nothing`.
    pub fn show<'a>(&self, topics: impl Iterator<Item = (Uuid, &'a [i32])>) -> String {
        let shown = topics.map(|(id, partitions)| {
            let bytes = id.as_u128().to_be_bytes();
            let name = String::from_utf8_lossy(&bytes).trim_start_matches('\0').to_owned();
            let partitions: Vec<String> = partitions.iter().map(i32::to_string).collect();
            format!("{name}:{}", partitions.join(","))
        });
        let shown = shown.collect::<Vec<_>>().join("+");
        if shown.is_empty() { "nothing".to_owned() } else { shown }
    }
}
