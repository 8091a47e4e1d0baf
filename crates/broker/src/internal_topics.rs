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
/// Share groups' delivery state.
pub const SHARE_GROUP_STATE: &str = "__share_group_state";

/// How `__consumer_offsets` is created. Source: Kafka `GroupCoordinatorService.groupMetadataTopicConfigs`.
#[must_use]
pub fn consumer_offsets(config: &BrokerConfig) -> CreatableTopic {
    let entry =
        |name: &str, value: String| CreatableTopicConfig { name: name.to_owned(), value: Some(value) };
    CreatableTopic {
        name: CONSUMER_OFFSETS.to_owned(),
        num_partitions: config.groups.offsets_topic_partitions,
        replication_factor: config.groups.offsets_topic_replication_factor,
        configs: vec![
            entry("cleanup.policy", "compact".to_owned()),
            entry("segment.bytes", config.groups.offsets_topic_segment_bytes.to_string()),
            entry("compression.type", "producer".to_owned()),
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
    let api_version = ApiKey::CreateTopics.max_version();
    let context = RequestContext {
        api_key: ApiKey::CreateTopics,
        api_version,
        correlation_id: 0,
        client_id: None,
        client_address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        listener: "".into(),
    };
    let request = CreateTopicsRequest { topics: vec![topic], ..CreateTopicsRequest::default() };
    (context, request.to_vec(api_version))
}
