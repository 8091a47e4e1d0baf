//! DescribeCluster: the cluster's id, controller and brokers.
//!
//! Source: KIP-700, KIP-919, KIP-1073; Kafka `AuthHelper.computeDescribeClusterResponse`.

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::describe_cluster_request::DescribeClusterRequest;
use ottla_protocol::messages::describe_cluster_response::{DescribeClusterBroker, DescribeClusterResponse};
use ottla_protocol::types::BrokerId;

use crate::authorized;
use crate::effect::RequestContext;
use crate::shard::Shard;

/// `EndpointType` of brokers.
const BROKERS: i8 = 1;
/// `EndpointType` of controllers.
const CONTROLLERS: i8 = 2;

pub(crate) fn answer(
    shard: &Shard,
    context: &RequestContext,
    request: &DescribeClusterRequest,
) -> DescribeClusterResponse {
    if request.endpoint_type != BROKERS {
        return refused(request.endpoint_type);
    }
    let brokers = shard.image.cluster.brokers.values();
    let brokers =
        brokers.filter(|broker| !broker.fenced || request.include_fenced_brokers).filter_map(|broker| {
            broker.endpoint(&context.listener).map(|endpoint| DescribeClusterBroker {
                broker_id: broker.id.0,
                host: endpoint.host.clone(),
                port: endpoint.port.into(),
                rack: broker.rack.as_deref().map(str::to_owned),
                is_fenced: broker.fenced,
            })
        });
    DescribeClusterResponse {
        endpoint_type: BROKERS,
        cluster_id: shard.identity.cluster_id.clone(),
        controller_id: shard
            .image
            .cluster
            .unfenced_brokers()
            .next()
            .map_or(BrokerId::NONE, |broker| broker.id)
            .0,
        brokers: brokers.collect(),
        cluster_authorized_operations: if request.include_cluster_authorized_operations {
            authorized::CLUSTER
        } else {
            authorized::NOT_REQUESTED
        },
        ..DescribeClusterResponse::default()
    }
}

fn refused(endpoint_type: i8) -> DescribeClusterResponse {
    let (error, message) = if endpoint_type == CONTROLLERS {
        let message = "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER";
        (ErrorCode::MISMATCHED_ENDPOINT_TYPE, message)
    } else {
        (ErrorCode::UNSUPPORTED_ENDPOINT_TYPE, "Unsupported endpoint type")
    };
    DescribeClusterResponse {
        error_code: error.into(),
        error_message: Some(message.to_owned()),
        ..DescribeClusterResponse::default()
    }
}
