//! The cluster as the last Metadata response showed it: an immutable value, replaced as a whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::metadata_response::{
    MetadataResponse, MetadataResponsePartition, MetadataResponseTopic,
};
use ottla_protocol::types::{BrokerId, LeaderEpoch, TopicId};

use crate::address::Address;
use crate::error::ApiError;

/// Brokers, and the topics that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cluster {
    /// The cluster's id, if the broker told.
    pub cluster_id: Option<String>,
    /// A broker that takes requests for the controller. With KRaft that is any broker.
    pub controller: Option<BrokerId>,
    /// The brokers that are alive, by id.
    pub brokers: BTreeMap<BrokerId, Broker>,
    /// The topics known so far, by name.
    pub topics: BTreeMap<String, Arc<Topic>>,
}

/// One broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broker {
    /// `node.id`.
    pub id: BrokerId,
    /// Where it listens for this client.
    pub address: Address,
    /// `broker.rack`, if set.
    pub rack: Option<String>,
}

/// One topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Name.
    pub name: Arc<str>,
    /// Id of this life of the topic; zero from brokers older than Kafka 2.8.
    pub id: TopicId,
    /// Whether it is one of the broker's own (`__consumer_offsets` and the like).
    pub is_internal: bool,
    /// The partitions by ascending index, from 0.
    pub partitions: Vec<Partition>,
}

/// One partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Index in its topic, from 0.
    pub index: i32,
    /// The leader, if there is one.
    pub leader: Option<BrokerId>,
    /// Number of the leader's reign; unknown from old brokers.
    pub leader_epoch: LeaderEpoch,
    /// Brokers that hold a replica, the preferred leader first.
    pub replicas: Vec<BrokerId>,
    /// Replicas that are in sync.
    pub isr: Vec<BrokerId>,
    /// Replicas whose broker or disk is down.
    pub offline_replicas: Vec<BrokerId>,
}

impl Topic {
    /// The partition of that index.
    #[must_use]
    pub fn partition(&self, index: i32) -> Option<&Partition> {
        self.partitions.get(usize::try_from(index).ok()?).filter(|partition| partition.index == index)
    }

    /// Number of partitions.
    #[must_use]
    pub fn partition_count(&self) -> i32 {
        i32::try_from(self.partitions.len()).unwrap_or(i32::MAX)
    }
}

impl Cluster {
    /// The leader of a partition, if the partition is known and has one.
    #[must_use]
    pub fn leader(&self, topic: &str, partition: i32) -> Option<&Broker> {
        let leader = self.topics.get(topic)?.partition(partition)?.leader?;
        self.brokers.get(&leader)
    }

    /// The name of the topic with this id.
    #[must_use]
    pub fn topic_name(&self, id: TopicId) -> Option<&Arc<str>> {
        self.topics.values().find(|topic| topic.id == id).map(|topic| &topic.name)
    }

    /// This snapshot brought up to date by `response`, and the topics that it had an error for.
    ///
    /// A topic that the response does not name stays. A partition keeps its leader if the response knows an older leader
    /// epoch of the same topic, as a broker that lags behind may (KIP-320). A topic with an error is forgotten.
    pub(crate) fn updated(&self, response: &MetadataResponse) -> (Self, BTreeMap<String, ApiError>) {
        let mut topics = self.topics.clone();
        let mut errors = BTreeMap::new();
        for topic in &response.topics {
            let name = topic.name.clone().unwrap_or_default();
            if let Err(error) = ApiError::check(topic.error_code, None) {
                topics.remove(&name);
                errors.insert(name, error);
                continue;
            }
            let fresh = Arc::new(topic_of(topic, self.topics.get(&name)));
            topics.insert(name, fresh);
        }
        let brokers = response.brokers.iter().filter_map(|broker| {
            let id = BrokerId(broker.node_id);
            let address = Address::new(broker.host.clone(), u16::try_from(broker.port).ok()?);
            Some((id, Broker { id, address, rack: broker.rack.clone() }))
        });
        let cluster = Self {
            cluster_id: response.cluster_id.clone(),
            controller: some_broker(response.controller_id),
            brokers: brokers.collect(),
            topics,
        };
        (cluster, errors)
    }
}

fn topic_of(topic: &MetadataResponseTopic, known: Option<&Arc<Topic>>) -> Topic {
    let id = TopicId(topic.topic_id);
    let known = known.filter(|known| known.id == id && id != TopicId::ZERO);
    let mut partitions: Vec<Partition> = topic
        .partitions
        .iter()
        .map(|partition| {
            partition_of(partition, known.and_then(|known| known.partition(partition.partition_index)))
        })
        .collect();
    partitions.sort_by_key(|partition| partition.index);
    Topic {
        name: topic.name.as_deref().unwrap_or_default().into(),
        id,
        is_internal: topic.is_internal,
        partitions,
    }
}

fn partition_of(partition: &MetadataResponsePartition, known: Option<&Partition>) -> Partition {
    let leader_epoch = LeaderEpoch(partition.leader_epoch);
    if let Some(known) = known.filter(|known| known.leader_epoch > leader_epoch) {
        return known.clone();
    }
    // A partition may come with an error and a leader: LEADER_NOT_AVAILABLE has none, REPLICA_NOT_AVAILABLE is harmless.
    let has_leader = ErrorCode(partition.error_code) != ErrorCode::LEADER_NOT_AVAILABLE;
    Partition {
        index: partition.partition_index,
        leader: some_broker(partition.leader_id).filter(|_| has_leader),
        leader_epoch,
        replicas: partition.replica_nodes.iter().copied().map(BrokerId).collect(),
        isr: partition.isr_nodes.iter().copied().map(BrokerId).collect(),
        offline_replicas: partition.offline_replicas.iter().copied().map(BrokerId).collect(),
    }
}

fn some_broker(id: i32) -> Option<BrokerId> {
    Some(BrokerId(id)).filter(|&id| id != BrokerId::NONE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ottla_protocol::messages::metadata_response::MetadataResponseBroker;
    use ottla_protocol::types::Uuid;

    fn response(topic_id: u128, leader_id: i32, leader_epoch: i32, error: ErrorCode) -> MetadataResponse {
        MetadataResponse {
            brokers: (1..=2)
                .map(|node_id| MetadataResponseBroker {
                    node_id,
                    host: "host".to_owned(),
                    port: 9091 + node_id,
                    ..Default::default()
                })
                .collect(),
            topics: vec![MetadataResponseTopic {
                error_code: error.into(),
                name: Some("t".to_owned()),
                topic_id: Uuid::from_u128(topic_id),
                partitions: vec![MetadataResponsePartition { leader_id, leader_epoch, ..Default::default() }],
                ..Default::default()
            }],
            ..Default::default()
        }
    }

    fn leader_after(responses: &[MetadataResponse]) -> Option<i32> {
        let cluster =
            responses.iter().fold(Cluster::default(), |cluster, response| cluster.updated(response).0);
        cluster.leader("t", 0).map(|broker| broker.id.0)
    }

    #[test]
    fn the_higher_leader_epoch_wins_within_one_life_of_a_topic() {
        let none = ErrorCode::NONE;
        assert_eq!(leader_after(&[response(7, 1, 5, none), response(7, 2, 4, none)]), Some(1));
        assert_eq!(leader_after(&[response(7, 1, 5, none), response(7, 2, 6, none)]), Some(2));
        assert_eq!(leader_after(&[response(7, 1, 5, none), response(8, 2, 0, none)]), Some(2));
        assert_eq!(leader_after(&[response(0, 1, 5, none), response(0, 2, 4, none)]), Some(2));
    }

    #[test]
    fn a_topic_with_an_error_is_forgotten_and_reported() {
        let known = Cluster::default().updated(&response(7, 1, 5, ErrorCode::NONE)).0;
        let (cluster, errors) = known.updated(&response(0, -1, -1, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION));
        assert!(cluster.topics.is_empty());
        let error = ApiError { code: ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, message: None };
        assert_eq!(errors, BTreeMap::from([("t".to_owned(), error)]));
    }

    #[test]
    fn a_partition_without_a_leader_has_none() {
        assert_eq!(leader_after(&[response(7, -1, 5, ErrorCode::NONE)]), None);
    }
}
