//! AlterConfigs and IncrementalAlterConfigs: what the broker itself refuses before the controller decides on the rest.
//!
//! Source: Kafka `ConfigAdminManager`, `RuntimeLoggerManager`.

use std::collections::BTreeMap;
use std::sync::Arc;

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
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use ottla_protocol::messages::incremental_alter_configs_response::{
    AlterConfigsResourceResponse as IncrementalResponse, IncrementalAlterConfigsResponse,
};
use ottla_protocol::types::BrokerId;

use crate::log_levels::{LevelChange, LogLevels};

/// Operation codes of IncrementalAlterConfigs.
const OPERATIONS: [&str; 4] = ["SET", "DELETE", "APPEND", "SUBTRACT"];
const DELETE: i8 = 1;

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

/// What of a request's subjects is this broker's own.
pub(super) struct Local {
    pub(super) node_id: BrokerId,
    pub(super) log_levels: Arc<LogLevels>,
}

/// Decides an IncrementalAlterConfigs request. Levels of loggers change at once: no log keeps them.
pub(super) fn incremental_alter_configs(
    controller: &Controller,
    local: &Local,
    request: &IncrementalAlterConfigsRequest,
    context: &RequestContext<'_>,
) -> Outcome<IncrementalAlterConfigsResponse> {
    let keys =
        request.resources.iter().map(|resource| (resource.resource_type, resource.resource_name.as_str()));
    let repeated = repeated(keys);
    let verdict = |resource: &AlterConfigsResource| {
        let (kind, name) = (resource.resource_type, resource.resource_name.as_str());
        if let Err(refusal) = check_appears_once(&repeated, kind, name) {
            return Verdict::Done(Err(refusal));
        }
        if kind == ConfigResourceType::BrokerLogger.id() {
            return Verdict::Done(alter_loggers(local, resource, request.validate_only));
        }
        check_broker(kind, name, local.node_id)
            .map_or_else(|refusal| Verdict::Done(Err(refusal)), |()| Verdict::Controllers)
    };
    let verdicts: Vec<_> = request.resources.iter().map(verdict).collect();
    let others = request.resources.iter().zip(&verdicts);
    let others = others.filter(|(_, verdict)| matches!(verdict, Verdict::Controllers));
    let rest = IncrementalAlterConfigsRequest {
        resources: others.map(|(resource, _)| resource.clone()).collect(),
        validate_only: request.validate_only,
    };
    let outcome = controller.incremental_alter_configs(&rest, context);
    let mut decided = outcome.response.responses.into_iter();
    let response = |(resource, verdict): (&AlterConfigsResource, Verdict)| {
        let (error_code, error_message) = match verdict {
            Verdict::Controllers => decided
                .next()
                .map(|response| (response.error_code, response.error_message))
                .unwrap_or_default(),
            Verdict::Done(result) => code_and_message(&result),
        };
        let (resource_type, resource_name) = (resource.resource_type, resource.resource_name.clone());
        IncrementalResponse { error_code, error_message, resource_type, resource_name }
    };
    let responses = request.resources.iter().zip(verdicts).map(response).collect();
    let response = IncrementalAlterConfigsResponse { throttle_time_ms: 0, responses };
    Outcome { records: outcome.records, response, atomic: outcome.atomic }
}

/// Who decides on a resource.
enum Verdict {
    /// The controller.
    Controllers,
    /// This broker, which has.
    Done(Result<(), ApiError>),
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

/// All changes of a resource take effect, or none does.
fn alter_loggers(
    local: &Local,
    resource: &AlterConfigsResource,
    validate_only: bool,
) -> Result<(), ApiError> {
    let counts = repeated(resource.configs.iter().map(|config| (0, config.name.as_str())));
    if counts.values().any(|count| *count > 1) {
        return Err(ApiError::invalid_request("Error due to duplicate config keys"));
    }
    let nulls =
        resource.configs.iter().filter(|config| config.config_operation != DELETE && config.value.is_none());
    let nulls: Vec<_> = nulls.map(|config| config.name.as_str()).collect();
    if !nulls.is_empty() {
        let reason = format!("Null value not supported for : {}", nulls.join(", "));
        return Err(ApiError::invalid_request(reason));
    }
    let (name, expected) = (&resource.resource_name, local.node_id);
    let id: i32 = name
        .parse()
        .map_err(|_| ApiError::invalid_request(format!("Node id must be an integer, but it is: {name}")))?;
    if id != expected.0 {
        let reason = format!("Unexpected node id. Expected {expected}, but received {id}");
        return Err(ApiError::invalid_request(reason));
    }
    let mut changes = Vec::new();
    for config in &resource.configs {
        let (logger, change) = (config.name.as_str(), level_change(config)?);
        local.log_levels.check(logger, change)?;
        changes.push((logger, change));
    }
    if !validate_only {
        for (logger, change) in changes {
            local.log_levels.change(logger, change);
            tracing::warn!(logger, ?change, "the level of a logger is changed");
        }
    }
    Ok(())
}

fn level_change(config: &AlterableConfig) -> Result<LevelChange<'_>, ApiError> {
    let operation = usize::try_from(config.config_operation).ok().and_then(|code| OPERATIONS.get(code));
    match operation {
        Some(&"SET") => Ok(LevelChange::Set(config.value.as_deref().unwrap_or_default())),
        Some(&"DELETE") => Ok(LevelChange::Delete),
        Some(operation) => Err(ApiError::invalid_request(format!(
            "{operation} operation is not allowed for the BROKER_LOGGER resource"
        ))),
        None => Err(ApiError::invalid_request(format!(
            "Unknown operation type {} is not allowed for the BROKER_LOGGER resource",
            config.config_operation
        ))),
    }
}
