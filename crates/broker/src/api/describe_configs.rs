//! DescribeConfigs: what is configured, where it comes from, and what it means.
//!
//! Source: KIP-133, KIP-226, KIP-569; Kafka `ConfigHelper`.

use std::collections::BTreeSet;

use ottla_metadata::config::describe::{self, DescribeOptions};
use ottla_metadata::image::ConfigResourceType;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::describe_configs_request::{DescribeConfigsRequest, DescribeConfigsResource};
use ottla_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResponse, DescribeConfigsResult,
};

use crate::shard::Shard;

/// `ConfigSource` of log levels.
const DYNAMIC_BROKER_LOGGER_CONFIG: i8 = 6;
/// Kafka's name of the logger above all others.
const ROOT_LOGGER: &str = "root";

pub(crate) fn answer(shard: &Shard, request: &DescribeConfigsRequest) -> DescribeConfigsResponse {
    let layers = shard.source.layers(&shard.image);
    let options = DescribeOptions {
        include_synonyms: request.include_synonyms,
        include_documentation: request.include_documentation,
    };
    // A resource that is named many times is answered once.
    let mut seen = BTreeSet::new();
    let distinct =
        request.resources.iter().filter(|one| seen.insert((one.resource_type, one.resource_name.as_str())));
    let results = distinct.map(|resource| {
        if resource.resource_type == ConfigResourceType::BrokerLogger.id() {
            return loggers(shard, resource);
        }
        describe::resource(resource, options, &shard.image, &layers, shard.identity.node_id)
    });
    DescribeConfigsResponse { results: results.collect(), ..DescribeConfigsResponse::default() }
}

/// The log levels of this broker: there is one, for all of it.
fn loggers(shard: &Shard, resource: &DescribeConfigsResource) -> DescribeConfigsResult {
    let mut result = DescribeConfigsResult {
        resource_type: resource.resource_type,
        resource_name: resource.resource_name.clone(),
        ..DescribeConfigsResult::default()
    };
    if resource.resource_name.parse() != Ok(shard.identity.node_id.0) {
        let (expected, got) = (shard.identity.node_id, &resource.resource_name);
        result.error_code = ErrorCode::INVALID_REQUEST.into();
        result.error_message = Some(if got.is_empty() {
            "Broker id must not be empty".to_owned()
        } else {
            format!("Unexpected broker id, expected {expected} but received {got}")
        });
        return result;
    }
    let is_asked =
        resource.configuration_keys.as_ref().is_none_or(|keys| keys.iter().any(|key| key == ROOT_LOGGER));
    if is_asked {
        result.configs.push(DescribeConfigsResourceResult {
            name: ROOT_LOGGER.to_owned(),
            value: Some("INFO".to_owned()),
            config_source: DYNAMIC_BROKER_LOGGER_CONFIG,
            ..DescribeConfigsResourceResult::default()
        });
    }
    result
}
