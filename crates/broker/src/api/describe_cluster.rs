//! DescribeCluster: the cluster's id, controller and brokers.
//!
//! Source: KIP-700, KIP-919, KIP-1073; Kafka `AuthHelper.computeDescribeClusterResponse`.

use ottla_protocol::api::Listener;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::describe_cluster_request::DescribeClusterRequest;
use ottla_protocol::messages::describe_cluster_response::{DescribeClusterBroker, DescribeClusterResponse};
use ottla_protocol::types::BrokerId;

use super::kind_of;
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
    let (here, name) = match kind_of(shard, &context.listener) {
        Listener::Broker => (BROKERS, "BROKER"),
        Listener::Controller => (CONTROLLERS, "CONTROLLER"),
    };
    if request.endpoint_type != here {
        return refused(request.endpoint_type, name);
    }
    if here == CONTROLLERS {
        return controllers(shard, request);
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
        cluster_authorized_operations: operations(request),
        ..DescribeClusterResponse::default()
    }
}

/// The registered controllers, by their own listeners. The only voter is the active one.
fn controllers(shard: &Shard, request: &DescribeClusterRequest) -> DescribeClusterResponse {
    let controllers = shard.image.cluster.controllers.values().filter_map(|controller| {
        controller.endpoints.first().map(|endpoint| DescribeClusterBroker {
            broker_id: controller.id.0,
            host: endpoint.host.clone(),
            port: endpoint.port.into(),
            rack: None,
            is_fenced: false,
        })
    });
    DescribeClusterResponse {
        endpoint_type: CONTROLLERS,
        cluster_id: shard.identity.cluster_id.clone(),
        controller_id: shard.identity.node_id.0,
        brokers: controllers.collect(),
        cluster_authorized_operations: operations(request),
        ..DescribeClusterResponse::default()
    }
}

fn operations(request: &DescribeClusterRequest) -> i32 {
    if request.include_cluster_authorized_operations {
        authorized::CLUSTER
    } else {
        authorized::NOT_REQUESTED
    }
}

fn refused(endpoint_type: i8, here: &str) -> DescribeClusterResponse {
    let wanted = match endpoint_type {
        BROKERS => Some("BROKER"),
        CONTROLLERS => Some("CONTROLLER"),
        _ => None,
    };
    let (error, message) = match wanted {
        Some(wanted) => {
            let message = format!(
                "The request was sent to an endpoint of type {here}, but we wanted an endpoint of type {wanted}"
            );
            (ErrorCode::MISMATCHED_ENDPOINT_TYPE, message)
        }
        None => (ErrorCode::UNSUPPORTED_ENDPOINT_TYPE, format!("Unsupported endpoint type {endpoint_type}")),
    };
    DescribeClusterResponse {
        error_code: error.into(),
        error_message: Some(message),
        ..DescribeClusterResponse::default()
    }
}
