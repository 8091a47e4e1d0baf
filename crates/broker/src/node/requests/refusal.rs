//! Requests that fail as a whole: the same code for everything that they ask for.
//!
//! Source: Kafka `getErrorResponse` of each request class.

use ottla_protocol::api::ApiKey;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::Request;
use ottla_protocol::messages::alter_client_quotas_request::AlterClientQuotasRequest;
use ottla_protocol::messages::alter_client_quotas_response::{
    AlterClientQuotasResponse, EntityData, EntryData,
};
use ottla_protocol::messages::alter_configs_request::AlterConfigsRequest;
use ottla_protocol::messages::alter_configs_response::{AlterConfigsResourceResponse, AlterConfigsResponse};
use ottla_protocol::messages::create_partitions_request::CreatePartitionsRequest;
use ottla_protocol::messages::create_partitions_response::{
    CreatePartitionsResponse, CreatePartitionsTopicResult,
};
use ottla_protocol::messages::create_topics_request::CreateTopicsRequest;
use ottla_protocol::messages::create_topics_response::{CreatableTopicResult, CreateTopicsResponse};
use ottla_protocol::messages::delete_topics_request::DeleteTopicsRequest;
use ottla_protocol::messages::delete_topics_response::{DeletableTopicResult, DeleteTopicsResponse};
use ottla_protocol::messages::elect_leaders_request::ElectLeadersRequest;
use ottla_protocol::messages::elect_leaders_response::{
    ElectLeadersResponse, PartitionResult, ReplicaElectionResult,
};
use ottla_protocol::messages::incremental_alter_configs_request::IncrementalAlterConfigsRequest;
use ottla_protocol::messages::incremental_alter_configs_response::{
    AlterConfigsResourceResponse as IncrementalResourceResponse, IncrementalAlterConfigsResponse,
};
use ottla_protocol::messages::unregister_broker_response::UnregisterBrokerResponse;
use ottla_protocol::messages::update_features_response::UpdateFeaturesResponse;
use ottla_protocol::wire::Reader;

use super::response_frame;
use crate::effect::NodeRequest;

/// The response frame that refuses all of a request; `None` closes the connection.
pub(super) fn frame(request: &NodeRequest, code: ErrorCode) -> Option<Vec<u8>> {
    match request.context.api_key {
        ApiKey::CreateTopics => refuse(request, code, create_topics),
        ApiKey::DeleteTopics => refuse(request, code, delete_topics),
        ApiKey::CreatePartitions => refuse(request, code, create_partitions),
        ApiKey::AlterConfigs => refuse(request, code, alter_configs),
        ApiKey::IncrementalAlterConfigs => refuse(request, code, incremental_alter_configs),
        ApiKey::ElectLeaders => refuse(request, code, elect_leaders),
        ApiKey::AlterClientQuotas => refuse(request, code, alter_client_quotas),
        ApiKey::UpdateFeatures => {
            let (error_code, error_message) = (code.into(), message(code));
            let response = UpdateFeaturesResponse { error_code, error_message, ..Default::default() };
            response_frame(request, &response)
        }
        ApiKey::UnregisterBroker => {
            let (error_code, error_message) = (code.into(), message(code));
            let response = UnregisterBrokerResponse { error_code, error_message, ..Default::default() };
            response_frame(request, &response)
        }
        _ => None,
    }
}

fn refuse<R: Request>(
    request: &NodeRequest,
    code: ErrorCode,
    answer: impl FnOnce(R, ErrorCode) -> R::Response,
) -> Option<Vec<u8>> {
    let body = R::decode(&mut Reader::new(&request.body), request.context.api_version).ok()?;
    response_frame(request, &answer(body, code))
}

fn message(code: ErrorCode) -> Option<String> {
    Some(code.message().to_string())
}

fn create_topics(request: CreateTopicsRequest, code: ErrorCode) -> CreateTopicsResponse {
    let topics = request.topics.into_iter().map(|topic| CreatableTopicResult {
        name: topic.name,
        error_code: code.into(),
        error_message: message(code),
        ..Default::default()
    });
    CreateTopicsResponse { topics: topics.collect(), ..Default::default() }
}

fn delete_topics(request: DeleteTopicsRequest, code: ErrorCode) -> DeleteTopicsResponse {
    let by_name = request.topic_names.into_iter().map(|name| (Some(name), Default::default()));
    let topics = request.topics.into_iter().map(|topic| (topic.name, topic.topic_id)).chain(by_name);
    let responses = topics.map(|(name, topic_id)| DeletableTopicResult {
        name,
        topic_id,
        error_code: code.into(),
        ..Default::default()
    });
    DeleteTopicsResponse { responses: responses.collect(), ..Default::default() }
}

fn create_partitions(request: CreatePartitionsRequest, code: ErrorCode) -> CreatePartitionsResponse {
    let results = request.topics.into_iter().map(|topic| CreatePartitionsTopicResult {
        name: topic.name,
        error_code: code.into(),
        error_message: message(code),
    });
    CreatePartitionsResponse { results: results.collect(), ..Default::default() }
}

fn alter_configs(request: AlterConfigsRequest, code: ErrorCode) -> AlterConfigsResponse {
    let responses = request.resources.into_iter().map(|resource| AlterConfigsResourceResponse {
        error_code: code.into(),
        error_message: message(code),
        resource_type: resource.resource_type,
        resource_name: resource.resource_name,
    });
    AlterConfigsResponse { responses: responses.collect(), ..Default::default() }
}

fn incremental_alter_configs(
    request: IncrementalAlterConfigsRequest,
    code: ErrorCode,
) -> IncrementalAlterConfigsResponse {
    let responses = request.resources.into_iter().map(|resource| IncrementalResourceResponse {
        error_code: code.into(),
        error_message: message(code),
        resource_type: resource.resource_type,
        resource_name: resource.resource_name,
    });
    IncrementalAlterConfigsResponse { responses: responses.collect(), ..Default::default() }
}

fn elect_leaders(request: ElectLeadersRequest, code: ErrorCode) -> ElectLeadersResponse {
    let partition = |partition_id| PartitionResult {
        partition_id,
        error_code: code.into(),
        error_message: message(code),
    };
    let topics = request.topic_partitions.unwrap_or_default();
    let results = topics.into_iter().map(|topic| ReplicaElectionResult {
        topic: topic.topic,
        partition_result: topic.partitions.into_iter().map(partition).collect(),
    });
    ElectLeadersResponse {
        error_code: code.into(),
        replica_election_results: results.collect(),
        ..Default::default()
    }
}

fn alter_client_quotas(request: AlterClientQuotasRequest, code: ErrorCode) -> AlterClientQuotasResponse {
    let entries = request.entries.into_iter().map(|entry| EntryData {
        error_code: code.into(),
        error_message: message(code),
        entity: entry
            .entity
            .into_iter()
            .map(|entity| EntityData { entity_type: entity.entity_type, entity_name: entity.entity_name })
            .collect(),
    });
    AlterClientQuotasResponse { entries: entries.collect(), ..Default::default() }
}
