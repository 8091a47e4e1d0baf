//! The topics that brokers keep for themselves, what they are created with, and what missing topics are created with.

use std::net::{IpAddr, Ipv4Addr};

use ottla_metadata::config::BrokerConfig;
pub use ottla_metadata::topic_name::is_internal;
use ottla_protocol::api::ApiKey;
use ottla_protocol::message::Message;
use ottla_protocol::messages::create_topics_request::{
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};

use crate::effect::RequestContext;

/// Committed offsets and group metadata.
pub const CONSUMER_OFFSETS: &str = "__consumer_offsets";
/// Transactional ids, their producers and transactions.
pub const TRANSACTION_STATE: &str = "__transaction_state";
/// Share groups' delivery state.
pub const SHARE_GROUP_STATE: &str = "__share_group_state";

fn entry(name: &str, value: &impl ToString) -> CreatableTopicConfig {
    CreatableTopicConfig { name: name.to_owned(), value: Some(value.to_string()) }
}

/// How `__consumer_offsets` is created. Source: Kafka `GroupCoordinatorService.groupMetadataTopicConfigs`.
#[must_use]
pub fn consumer_offsets(config: &BrokerConfig) -> CreatableTopic {
    CreatableTopic {
        name: CONSUMER_OFFSETS.to_owned(),
        num_partitions: config.groups.offsets_topic_partitions,
        replication_factor: config.groups.offsets_topic_replication_factor,
        configs: vec![
            entry("cleanup.policy", &"compact"),
            entry("segment.bytes", &config.groups.offsets_topic_segment_bytes),
            entry("compression.type", &"producer"),
        ],
        ..CreatableTopic::default()
    }
}

/// How `__transaction_state` is created. Source: Kafka `TransactionStateManager.transactionTopicConfigs`.
#[must_use]
pub fn transaction_state(config: &BrokerConfig) -> CreatableTopic {
    let transactions = &config.transactions;
    CreatableTopic {
        name: TRANSACTION_STATE.to_owned(),
        num_partitions: transactions.topic_partitions,
        replication_factor: transactions.topic_replication_factor,
        configs: vec![
            entry("unclean.leader.election.enable", &false),
            entry("compression.type", &"uncompressed"),
            entry("cleanup.policy", &"compact"),
            entry("min.insync.replicas", &transactions.topic_min_isr),
            entry("segment.bytes", &transactions.topic_segment_bytes),
        ],
        ..CreatableTopic::default()
    }
}

/// How a topic is created that a client missed: with the controller's defaults, unless the configuration file sets its
/// own. Source: Kafka `DefaultAutoTopicCreationManager`.
#[must_use]
pub fn auto_created(name: &str, config: &BrokerConfig) -> CreatableTopic {
    CreatableTopic {
        name: name.to_owned(),
        num_partitions: config.topics.num_partitions_set.unwrap_or(-1),
        replication_factor: config.topics.replication_factor_set.unwrap_or(-1),
        ..CreatableTopic::default()
    }
}

/// The request by which a broker asks for a topic on its own account.
#[must_use]
pub fn create_request(topic: CreatableTopic) -> (RequestContext, Vec<u8>) {
    let context = own_context(ApiKey::CreateTopics);
    let request = CreateTopicsRequest { topics: vec![topic], ..CreateTopicsRequest::default() };
    let body = request.to_vec(context.api_version);
    (context, body)
}

/// Who asks if the broker does, in the newest version.
#[must_use]
pub fn own_context(api_key: ApiKey) -> RequestContext {
    RequestContext {
        api_key,
        api_version: api_key.max_version(),
        correlation_id: 0,
        client_id: None,
        client_address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        listener: "".into(),
    }
}
