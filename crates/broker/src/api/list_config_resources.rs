//! ListConfigResources: what configs can be asked for.
//!
//! Source: KIP-1000, KIP-1142; Kafka `KafkaApis.handleListConfigResources`.

use std::collections::BTreeSet;

use ottla_metadata::image::ConfigResourceType;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::list_config_resources_request::ListConfigResourcesRequest;
use ottla_protocol::messages::list_config_resources_response::{ConfigResource, ListConfigResourcesResponse};

use crate::shard::Shard;

const ALL: [ConfigResourceType; 5] = [
    ConfigResourceType::Topic,
    ConfigResourceType::Broker,
    ConfigResourceType::BrokerLogger,
    ConfigResourceType::ClientMetrics,
    ConfigResourceType::Group,
];

pub(crate) fn answer(
    shard: &Shard,
    version: i16,
    request: &ListConfigResourcesRequest,
) -> ListConfigResourcesResponse {
    let asked: Result<BTreeSet<_>, ()> =
        request.resource_types.iter().map(|id| ConfigResourceType::from_id(*id).ok_or(())).collect();
    let types = match asked {
        Err(()) => {
            let error_code = ErrorCode::UNSUPPORTED_VERSION.into();
            return ListConfigResourcesResponse { error_code, ..ListConfigResourcesResponse::default() };
        }
        Ok(_) if version == 0 => BTreeSet::from([ConfigResourceType::ClientMetrics]),
        Ok(types) if types.is_empty() => BTreeSet::from(ALL),
        Ok(types) => types,
    };
    let resources = types.into_iter().flat_map(|kind| {
        names(shard, kind)
            .into_iter()
            .map(move |resource_name| ConfigResource { resource_name, resource_type: kind.id() })
    });
    ListConfigResourcesResponse {
        config_resources: resources.collect(),
        ..ListConfigResourcesResponse::default()
    }
}

fn names(shard: &Shard, kind: ConfigResourceType) -> Vec<String> {
    let image = &shard.image;
    match kind {
        ConfigResourceType::Topic => image.topics.iter().map(|topic| topic.name.to_string()).collect(),
        ConfigResourceType::Broker | ConfigResourceType::BrokerLogger => {
            image.cluster.brokers.keys().map(ToString::to_string).collect()
        }
        ConfigResourceType::ClientMetrics | ConfigResourceType::Group => {
            let of_kind = image.configs.iter().filter(|(resource, _)| resource.kind == kind);
            of_kind.map(|(resource, _)| resource.name.to_string()).collect()
        }
    }
}
