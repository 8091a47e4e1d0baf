//! AlterConfigs and IncrementalAlterConfigs: what the broker itself refuses before the controller decides on the rest.
//!
//! Source: Kafka `ConfigAdminManager`, `RuntimeLoggerManager`.

use std::collections::BTreeMap;

use ottla_metadata::api_error::{ApiError, code_and_message};
use ottla_metadata::controller::{Controller, Outcome, RequestContext};
use ottla_metadata::image::ConfigResourceType;
use ottla_protocol::messages::alter_configs_request::{
    AlterConfigsRequest, AlterConfigsResource as LegacyResource,
};
use ottla_protocol::messages::alter_configs_response::{
    AlterConfigsResourceResponse as LegacyResponse, AlterConfigsResponse,
};
use ottla_protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, IncrementalAlterConfigsRequest,
};
use ottla_protocol::messages::incremental_alter_configs_response::{
    AlterConfigsResourceResponse as IncrementalResponse, IncrementalAlterConfigsResponse,
};
use ottla_protocol::types::BrokerId;

/// Operation codes of IncrementalAlterConfigs.
const OPERATIONS: [&str; 4] = ["SET", "DELETE", "APPEND", "SUBTRACT"];

/// Decides an AlterConfigs request.
pub(super) fn alter_configs(
    controller: &Controller,
    node_id: BrokerId,
    request: &AlterConfigsRequest,
    context: &RequestContext<'_>,
) -> Outcome<AlterConfigsResponse> {
    let keys =
        request.resources.iter().map(|resource| (resource.resource_type, resource.resource_name.as_str()));
    let repeated = repeated(keys);
    let verdict = |resource_type, name: &str| {
        let check = check_appears_once(&repeated, resource_type, name);
        check.and_then(|()| check_broker(resource_type, name, node_id))
    };
    let verdicts: Vec<_> = request
        .resources
        .iter()
        .map(|resource| verdict(resource.resource_type, &resource.resource_name))
        .collect();
    let rest = AlterConfigsRequest {
        resources: kept(&request.resources, &verdicts),
        validate_only: request.validate_only,
    };
    let outcome = controller.alter_configs(&rest, context);
    let mut decided = outcome.response.responses.into_iter();
    let response = |(resource, verdict): (&LegacyResource, Result<(), ApiError>)| {
        let (error_code, error_message) = match verdict {
            Ok(()) => decided
                .next()
                .map(|response| (response.error_code, response.error_message))
                .unwrap_or_default(),
            refused => code_and_message(&refused),
        };
        let (resource_type, resource_name) = (resource.resource_type, resource.resource_name.clone());
        LegacyResponse { error_code, error_message, resource_type, resource_name }
    };
    let responses = request.resources.iter().zip(verdicts).map(response).collect();
    let response = AlterConfigsResponse { throttle_time_ms: 0, responses };
    Outcome { records: outcome.records, response, atomic: outcome.atomic }
}

/// Decides an IncrementalAlterConfigs request.
pub(super) fn incremental_alter_configs(
    controller: &Controller,
    node_id: BrokerId,
    request: &IncrementalAlterConfigsRequest,
    context: &RequestContext<'_>,
) -> Outcome<IncrementalAlterConfigsResponse> {
    let keys =
        request.resources.iter().map(|resource| (resource.resource_type, resource.resource_name.as_str()));
    let repeated = repeated(keys);
    let verdict = |resource: &AlterConfigsResource| {
        check_appears_once(&repeated, resource.resource_type, &resource.resource_name)?;
        check_broker(resource.resource_type, &resource.resource_name, node_id)?;
        check_logger(resource, node_id)
    };
    let verdicts: Vec<_> = request.resources.iter().map(verdict).collect();
    let rest = IncrementalAlterConfigsRequest {
        resources: kept(&request.resources, &verdicts),
        validate_only: request.validate_only,
    };
    let outcome = controller.incremental_alter_configs(&rest, context);
    let mut decided = outcome.response.responses.into_iter();
    let response = |(resource, verdict): (&AlterConfigsResource, Result<(), ApiError>)| {
        let (error_code, error_message) = match verdict {
            Ok(()) => decided
                .next()
                .map(|response| (response.error_code, response.error_message))
                .unwrap_or_default(),
            refused => code_and_message(&refused),
        };
        let (resource_type, resource_name) = (resource.resource_type, resource.resource_name.clone());
        IncrementalResponse { error_code, error_message, resource_type, resource_name }
    };
    let responses = request.resources.iter().zip(verdicts).map(response).collect();
    let response = IncrementalAlterConfigsResponse { throttle_time_ms: 0, responses };
    Outcome { records: outcome.records, response, atomic: outcome.atomic }
}

fn repeated<'a>(keys: impl Iterator<Item = (i8, &'a str)>) -> BTreeMap<(i8, &'a str), usize> {
    let mut counts = BTreeMap::new();
    for key in keys {
        *counts.entry(key).or_default() += 1;
    }
    counts
}

fn check_appears_once(
    counts: &BTreeMap<(i8, &str), usize>,
    resource_type: i8,
    name: &str,
) -> Result<(), ApiError> {
    if counts.get(&(resource_type, name)).is_some_and(|count| *count > 1) {
        return Err(ApiError::invalid_request("Each resource must appear at most once."));
    }
    Ok(())
}

fn kept<T: Clone>(resources: &[T], verdicts: &[Result<(), ApiError>]) -> Vec<T> {
    let kept = resources.iter().zip(verdicts).filter(|(_, verdict)| verdict.is_ok());
    kept.map(|(resource, _)| resource.clone()).collect()
}

/// A broker takes configs for itself and for all brokers, but not for another one.
fn check_broker(resource_type: i8, name: &str, node_id: BrokerId) -> Result<(), ApiError> {
    if resource_type != ConfigResourceType::Broker.id() || name.is_empty() {
        return Ok(());
    }
    let id: i32 = name
        .parse()
        .map_err(|_| ApiError::invalid_request(format!("Node id must be an integer, but it is: {name}")))?;
    if id == node_id.0 {
        return Ok(());
    }
    Err(ApiError::invalid_request(format!("Unexpected broker id, expected {node_id}, but received {name}")))
}

/// This broker has no loggers whose levels could be set by name.
fn check_logger(resource: &AlterConfigsResource, node_id: BrokerId) -> Result<(), ApiError> {
    if resource.resource_type != ConfigResourceType::BrokerLogger.id() {
        return Ok(());
    }
    let name = &resource.resource_name;
    let id: i32 = name
        .parse()
        .map_err(|_| ApiError::invalid_request(format!("Node id must be an integer, but it is: {name}")))?;
    if id != node_id.0 {
        return Err(ApiError::invalid_request(format!(
            "Unexpected node id. Expected {node_id}, but received {id}"
        )));
    }
    let Some(config) = resource.configs.first() else { return Ok(()) };
    {
        let operation = usize::try_from(config.config_operation).ok().and_then(|code| OPERATIONS.get(code));
        Err(match operation {
            Some(&"SET" | &"DELETE") => {
                ApiError::invalid_config(format!("Logger {} does not exist!", config.name))
            }
            Some(operation) => ApiError::invalid_request(format!(
                "{operation} operation is not allowed for the BROKER_LOGGER resource"
            )),
            None => ApiError::invalid_request(format!(
                "Unknown operation type {} is not allowed for the BROKER_LOGGER resource",
                config.config_operation
            )),
        })
    }
}
