//! Metadata: brokers, topics, partitions and their leaders.
//!
//! Source: Kafka `KafkaApis.handleTopicMetadataRequest`, `KRaftMetadataCache.getTopicMetadata`.

use std::collections::BTreeSet;
use std::sync::Arc;

use ottla_metadata::image::{BrokerRegistration, MetadataImage, PartitionRegistration, TopicImage};
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::metadata_request::{MetadataRequest, MetadataRequestTopic};
use ottla_protocol::messages::metadata_response::{
    MetadataResponse, MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use ottla_protocol::types::{BrokerId, TopicId};

use crate::authorized;
use crate::effect::RequestContext;
use crate::internal_topics;
use crate::shard::Shard;
use ottla_metadata::topic_name;

/// Answers a Metadata request. Topics that are missing and may be created are asked of the control plane; the answer
/// says UNKNOWN_TOPIC_OR_PARTITION meanwhile, and the client asks again.
pub(crate) fn answer(
    shard: &mut Shard,
    context: &RequestContext,
    request: MetadataRequest,
) -> MetadataResponse {
    let image = Arc::clone(&shard.image);
    let mut response = MetadataResponse {
        brokers: brokers(&image, &context.listener),
        cluster_id: Some(shard.identity.cluster_id.clone()),
        controller_id: image.cluster.unfenced_brokers().next().map_or(BrokerId::NONE, |broker| broker.id).0,
        ..MetadataResponse::default()
    };
    if request.include_cluster_authorized_operations {
        response.cluster_authorized_operations = authorized::CLUSTER;
    }
    let topic_operations = if request.include_topic_authorized_operations {
        authorized::TOPIC
    } else {
        authorized::NOT_REQUESTED
    };
    let view = View { image: &image, context, topic_operations };
    match asked_topics(context.api_version, request.topics) {
        Asked::All => response.topics = image.topics.iter().map(|topic| view.topic(topic)).collect(),
        Asked::Ids(ids) => response.topics = view.by_id(&ids),
        Asked::Names(names) => {
            let may_create = request.allow_auto_topic_creation && shard.config.topics.auto_create;
            let (found, missing): (Vec<_>, Vec<_>) =
                names.into_iter().partition(|name| image.topics.by_name(name).is_some());
            response.topics =
                found.iter().filter_map(|name| image.topics.by_name(name)).map(|t| view.topic(t)).collect();
            for name in missing {
                response.topics.push(missing_topic(shard, &name, may_create, topic_operations));
            }
        }
    }
    response
}

/// The answer to a request that names a topic in a way its version does not allow: INVALID_REQUEST for all of them.
pub(crate) fn is_malformed(version: i16, request: &MetadataRequest) -> bool {
    let bad = |topic: &MetadataRequestTopic| topic.name.is_none() || !topic.topic_id.is_zero();
    version < 12 && request.topics.iter().flatten().any(bad)
}

/// The whole response to a malformed request.
pub(crate) fn malformed(request: MetadataRequest) -> MetadataResponse {
    let topics = request.topics.unwrap_or_default().into_iter();
    let topics = topics.map(|topic| MetadataResponseTopic {
        error_code: ErrorCode::INVALID_REQUEST.into(),
        name: Some(topic.name.unwrap_or_default()),
        topic_id: topic.topic_id,
        ..MetadataResponseTopic::default()
    });
    MetadataResponse { topics: topics.collect(), ..MetadataResponse::default() }
}

enum Asked {
    All,
    Names(Vec<String>),
    Ids(BTreeSet<TopicId>),
}

fn asked_topics(version: i16, topics: Option<Vec<MetadataRequestTopic>>) -> Asked {
    match topics {
        None => Asked::All,
        Some(topics) if topics.is_empty() && version == 0 => Asked::All,
        Some(topics) if topics.iter().any(|topic| !topic.topic_id.is_zero()) => {
            let ids = topics.into_iter().filter(|topic| !topic.topic_id.is_zero());
            Asked::Ids(ids.map(|topic| TopicId(topic.topic_id)).collect())
        }
        Some(topics) => {
            let mut names: Vec<String> = topics.into_iter().filter_map(|topic| topic.name).collect();
            names.sort_unstable();
            names.dedup();
            Asked::Names(names)
        }
    }
}

/// The unfenced brokers that have this listener.
pub(crate) fn brokers(image: &MetadataImage, listener: &str) -> Vec<MetadataResponseBroker> {
    let with_listener = |broker: &Arc<BrokerRegistration>| {
        broker.endpoint(listener).map(|endpoint| MetadataResponseBroker {
            node_id: broker.id.0,
            host: endpoint.host.clone(),
            port: endpoint.port.into(),
            rack: broker.rack.as_deref().map(str::to_owned),
        })
    };
    image.cluster.unfenced_brokers().filter_map(with_listener).collect()
}

fn missing_topic(
    shard: &mut Shard,
    name: &str,
    may_create: bool,
    topic_operations: i32,
) -> MetadataResponseTopic {
    let error = if topic_name::validate(name).is_err() {
        ErrorCode::INVALID_TOPIC_EXCEPTION
    } else {
        if may_create {
            shard.create_missing_topic(name);
        }
        ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
    };
    MetadataResponseTopic {
        error_code: error.into(),
        name: Some(name.to_owned()),
        is_internal: internal_topics::is_internal(name),
        topic_authorized_operations: topic_operations,
        ..MetadataResponseTopic::default()
    }
}

struct View<'a> {
    image: &'a MetadataImage,
    context: &'a RequestContext,
    topic_operations: i32,
}

impl View<'_> {
    /// Unknown ids first, as Kafka orders them.
    fn by_id(&self, ids: &BTreeSet<TopicId>) -> Vec<MetadataResponseTopic> {
        let unknown = ids.iter().filter(|id| self.image.topics.by_id(**id).is_none());
        let unknown = unknown.map(|id| MetadataResponseTopic {
            error_code: ErrorCode::UNKNOWN_TOPIC_ID.into(),
            name: None,
            topic_id: id.0,
            ..MetadataResponseTopic::default()
        });
        let found = ids.iter().filter_map(|id| self.image.topics.by_id(*id)).map(|topic| self.topic(topic));
        unknown.chain(found).collect()
    }

    fn topic(&self, topic: &TopicImage) -> MetadataResponseTopic {
        MetadataResponseTopic {
            error_code: ErrorCode::NONE.into(),
            name: Some(topic.name.to_string()),
            topic_id: topic.id.0,
            is_internal: internal_topics::is_internal(&topic.name),
            partitions: topic
                .partitions
                .iter()
                .map(|(index, partition)| self.partition(*index, partition))
                .collect(),
            topic_authorized_operations: self.topic_operations,
        }
    }

    fn partition(&self, index: i32, partition: &PartitionRegistration) -> MetadataResponsePartition {
        let version = self.context.api_version;
        let mut replicas = partition.replicas.clone();
        let mut isr = partition.isr.clone();
        if version == 0 {
            replicas.retain(|id| self.is_reachable(*id));
            isr.retain(|id| self.is_reachable(*id));
        }
        let leader = self.image.cluster.broker(partition.leader);
        let (error, leader_id) = match leader {
            None => (ErrorCode::LEADER_NOT_AVAILABLE, BrokerId::NONE),
            Some(leader) if leader.endpoint(&self.context.listener).is_none() => {
                let error = if version >= 6 {
                    ErrorCode::LISTENER_NOT_FOUND
                } else {
                    ErrorCode::LEADER_NOT_AVAILABLE
                };
                (error, BrokerId::NONE)
            }
            Some(_) if replicas.len() < partition.replicas.len() || isr.len() < partition.isr.len() => {
                (ErrorCode::REPLICA_NOT_AVAILABLE, partition.leader)
            }
            Some(_) => (ErrorCode::NONE, partition.leader),
        };
        MetadataResponsePartition {
            error_code: error.into(),
            partition_index: index,
            leader_id: leader_id.0,
            leader_epoch: partition.leader_epoch.0,
            replica_nodes: ids(&replicas),
            isr_nodes: ids(&isr),
            offline_replicas: offline_replicas(self.image, &self.context.listener, partition),
        }
    }

    fn is_reachable(&self, id: BrokerId) -> bool {
        is_reachable(self.image, &self.context.listener, id)
    }
}

fn is_reachable(image: &MetadataImage, listener: &str, id: BrokerId) -> bool {
    image.cluster.broker(id).is_some_and(|broker| !broker.fenced && broker.endpoint(listener).is_some())
}

/// Replicas whose broker is away, or whose log directory is offline.
pub(crate) fn offline_replicas(
    image: &MetadataImage,
    listener: &str,
    partition: &PartitionRegistration,
) -> Vec<i32> {
    let is_offline = |id: &&BrokerId| {
        let directory = partition.directory(**id);
        let broker = image.cluster.broker(**id);
        let has_directory =
            broker.zip(directory).is_none_or(|(broker, directory)| broker.has_online_dir(directory));
        !is_reachable(image, listener, **id) || !has_directory
    };
    partition.replicas.iter().filter(is_offline).map(|id| id.0).collect()
}

/// Broker ids as the wire has them.
pub(crate) fn ids(ids: &[BrokerId]) -> Vec<i32> {
    ids.iter().map(|id| id.0).collect()
}

/// Where a leader is, for responses that send a client there without asking for metadata (KIP-951).
pub(crate) struct LeaderEndpoint {
    pub node_id: i32,
    pub host: String,
    pub port: i32,
    pub rack: Option<String>,
}

/// The addresses of these leaders, as far as they have this listener.
pub(crate) fn leader_endpoints(
    image: &MetadataImage,
    listener: &str,
    leaders: &BTreeSet<i32>,
) -> impl Iterator<Item = LeaderEndpoint> {
    leaders.iter().filter_map(move |id| {
        let broker = image.cluster.broker(BrokerId(*id))?;
        let endpoint = broker.endpoint(listener)?;
        Some(LeaderEndpoint {
            node_id: *id,
            host: endpoint.host.clone(),
            port: endpoint.port.into(),
            rack: broker.rack.as_deref().map(str::to_owned),
        })
    })
}
