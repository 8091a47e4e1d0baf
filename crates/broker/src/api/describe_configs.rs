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

use ottla_protocol::types::BrokerId;

use crate::shard::Shard;

/// `ConfigSource` of log levels.
const DYNAMIC_BROKER_LOGGER_CONFIG: i8 = 6;

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

/// The log levels of this broker.
fn loggers(shard: &Shard, resource: &DescribeConfigsResource) -> DescribeConfigsResult {
    let mut result = DescribeConfigsResult {
        resource_type: resource.resource_type,
        resource_name: resource.resource_name.clone(),
        ..DescribeConfigsResult::default()
    };
    if let Err(reason) = check_broker(&resource.resource_name, shard.identity.node_id) {
        result.error_code = ErrorCode::INVALID_REQUEST.into();
        result.error_message = Some(reason);
        return result;
    }
    let asked = resource.configuration_keys.as_ref().filter(|keys| !keys.is_empty());
    let is_asked = |name: &str| asked.is_none_or(|keys| keys.iter().any(|key| key == name));
    let levels = shard.source.log_levels().list().into_iter().filter(|(name, _)| is_asked(name));
    result.configs = levels
        .map(|(name, level)| DescribeConfigsResourceResult {
            name: name.to_owned(),
            value: Some(level.name().to_owned()),
            config_source: DYNAMIC_BROKER_LOGGER_CONFIG,
            ..DescribeConfigsResourceResult::default()
        })
        .collect();
    result
}

fn check_broker(name: &str, expected: BrokerId) -> Result<(), String> {
    if name.is_empty() {
        return Err("Broker id must not be empty".to_owned());
    }
    match name.parse::<i32>() {
        Err(_) => Err(format!("Broker id must be an integer, but it is: {name}")),
        Ok(id) if id != expected.0 => {
            Err(format!("Unexpected broker id, expected {expected} but received {name}"))
        }
        Ok(_) => Ok(()),
    }
}
