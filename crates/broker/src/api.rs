//! From a request frame to the handler of its API.
//!
//! Each API has a file of its own. Hot ones (Produce, Fetch) read the frame without copying it; all others are decoded
//! into plain values. Source for the order of the checks: Kafka `SocketServer.Processor`, `KafkaApis.handle`.

use std::sync::Arc;

use ottla_protocol::api::{ApiKey, Listener};
use ottla_protocol::frame::{self, RequestHeadError};
use ottla_protocol::message::Request;
use ottla_protocol::messages::*;
use ottla_protocol::time::Now;
use ottla_protocol::wire::{DecodeError, Reader};

use crate::connection::ConnectionState;
use crate::effect::{RequestContext, RequestId};
use crate::node::Node;
use crate::response::{self, Answer, ResponseSink};
use crate::shard::{RequestOrigin, Shard};

mod api_versions;
mod delete_records;
mod describe_cluster;
mod describe_configs;
mod describe_log_dirs;
mod describe_producers;
mod describe_topic_partitions;
pub(crate) mod fetch;
mod fetch_request;
mod fetch_response;
mod find_coordinator;
pub(crate) mod groups;
pub(crate) mod init_producer_id;
mod list_config_resources;
pub(crate) mod list_offsets;
pub(crate) mod metadata;
mod offset_for_leader_epoch;
pub(crate) mod produce;
mod sasl;
pub(crate) mod scatter;
mod telemetry;
pub(crate) mod transactions;
pub(crate) mod verification;

/// The APIs that a shard answers by itself.
const SERVED_BY_SHARDS: &[ApiKey] = &[
    ApiKey::Produce,
    ApiKey::Fetch,
    ApiKey::ListOffsets,
    ApiKey::Metadata,
    ApiKey::OffsetCommit,
    ApiKey::OffsetFetch,
    ApiKey::FindCoordinator,
    ApiKey::JoinGroup,
    ApiKey::Heartbeat,
    ApiKey::LeaveGroup,
    ApiKey::SyncGroup,
    ApiKey::DescribeGroups,
    ApiKey::ListGroups,
    ApiKey::SaslHandshake,
    ApiKey::ApiVersions,
    ApiKey::DeleteRecords,
    ApiKey::InitProducerId,
    ApiKey::OffsetForLeaderEpoch,
    ApiKey::AddPartitionsToTxn,
    ApiKey::AddOffsetsToTxn,
    ApiKey::EndTxn,
    ApiKey::WriteTxnMarkers,
    ApiKey::TxnOffsetCommit,
    ApiKey::DescribeConfigs,
    ApiKey::DescribeLogDirs,
    ApiKey::SaslAuthenticate,
    ApiKey::DeleteGroups,
    ApiKey::OffsetDelete,
    ApiKey::DescribeCluster,
    ApiKey::DescribeProducers,
    ApiKey::DescribeTransactions,
    ApiKey::ListTransactions,
    ApiKey::GetTelemetrySubscriptions,
    ApiKey::PushTelemetry,
    ApiKey::ListConfigResources,
    ApiKey::DescribeTopicPartitions,
    ApiKey::ConsumerGroupHeartbeat,
    ApiKey::ConsumerGroupDescribe,
];

/// What of it is answered on a controller's listener too.
const SERVED_TO_CONTROLLERS: &[ApiKey] = &[
    ApiKey::SaslHandshake,
    ApiKey::ApiVersions,
    ApiKey::DescribeConfigs,
    ApiKey::SaslAuthenticate,
    ApiKey::DescribeCluster,
];

/// Whether this node answers the API on a listener of this kind.
#[must_use]
pub fn is_served(api: ApiKey, listener: Listener) -> bool {
    let by_shards = match listener {
        Listener::Broker => SERVED_BY_SHARDS,
        Listener::Controller => SERVED_TO_CONTROLLERS,
    };
    api.is_served_on(listener) && (by_shards.contains(&api) || Node::serves(api))
}

/// What kind of listener this name is.
fn kind_of(shard: &Shard, listener: &str) -> Listener {
    let is_controller = shard.config.node.controller_listener_names.iter().any(|name| name == listener);
    if is_controller { Listener::Controller } else { Listener::Broker }
}

/// Handles one frame. `Answer::Close` for whatever Kafka closes the connection on: a frame that cannot be read, an API or
/// version that is not served.
pub(crate) fn dispatch(
    shard: &mut Shard,
    connection: &mut ConnectionState,
    request: RequestId,
    frame: &[u8],
    sink: &mut ResponseSink,
    now: Now,
) -> Answer {
    match try_dispatch(shard, connection, request, frame, sink, now) {
        Ok(answer) => answer,
        Err(error) => {
            tracing::debug!(peer = %connection.peer(), %error, "request refused");
            Answer::Close
        }
    }
}

/// Why a request is not even answered.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error(transparent)]
    Head(#[from] RequestHeadError),
    #[error("{0}")]
    Malformed(#[from] DecodeError),
    #[error("{0} is not served")]
    NotServed(ApiKey),
}

fn try_dispatch(
    shard: &mut Shard,
    connection: &mut ConnectionState,
    request: RequestId,
    frame: &[u8],
    sink: &mut ResponseSink,
    now: Now,
) -> Result<Answer, Refused> {
    let head = frame::decode_request_head(frame)?;
    let api = head.api_key;
    if !is_served(api, kind_of(shard, connection.listener())) {
        return Err(Refused::NotServed(api));
    }
    if !head.is_version_known() {
        api_versions::refuse_version(sink, head.correlation_id);
        return Ok(Answer::Ready);
    }
    let context = RequestContext {
        api_key: api,
        api_version: head.api_version,
        correlation_id: head.correlation_id,
        client_id: connection.share_client_id(head.client_id),
        client_address: connection.peer().ip(),
        listener: Arc::clone(connection.listener()),
    };
    let origin = RequestOrigin { request, context };
    match api {
        ApiKey::Produce => Ok(produce::handle(shard, origin, frame, head.body_start, sink, now)?),
        ApiKey::Fetch => Ok(fetch::handle(shard, origin, frame, head.body_start, sink, now)?),
        _ if Node::serves(api) => {
            shard.forward_to_node(request, origin.context, &frame[head.body_start..]);
            Ok(Answer::Later)
        }
        _ => dispatch_owned(shard, origin, &frame[head.body_start..], sink, now),
    }
}

/// Decodes a request of this connection's version. Bytes behind it are passed over, as Kafka does.
fn decode<R: Request>(body: &[u8], version: i16) -> Result<R, DecodeError> {
    R::decode(&mut Reader::new(body), version)
}

fn dispatch_owned(
    shard: &mut Shard,
    origin: RequestOrigin,
    body: &[u8],
    sink: &mut ResponseSink,
    now: Now,
) -> Result<Answer, Refused> {
    if scatter::begin(shard, &origin, body, now)? {
        return Ok(Answer::Later);
    }
    let context = origin.context.clone();
    let version = context.api_version;
    /// Decodes, answers with the expression, encodes.
    macro_rules! reply {
        ($request:ty, |$name:ident| $answer:expr) => {{
            let $name: $request = decode(body, version)?;
            response::encode(sink, &context, &$answer);
            Ok(Answer::Ready)
        }};
    }
    match context.api_key {
        ApiKey::ApiVersions => {
            reply!(api_versions_request::ApiVersionsRequest, |request| api_versions::answer(
                shard, &context, &request
            ))
        }
        ApiKey::SaslHandshake => {
            reply!(sasl_handshake_request::SaslHandshakeRequest, |_request| sasl::refuse_handshake())
        }
        ApiKey::SaslAuthenticate => {
            reply!(sasl_authenticate_request::SaslAuthenticateRequest, |_request| sasl::refuse_authenticate())
        }
        ApiKey::Metadata => reply!(metadata_request::MetadataRequest, |request| {
            if metadata::is_malformed(version, &request) {
                metadata::malformed(request)
            } else {
                metadata::answer(shard, &context, request)
            }
        }),
        ApiKey::DescribeCluster => reply!(describe_cluster_request::DescribeClusterRequest, |request| {
            describe_cluster::answer(shard, &context, &request)
        }),
        ApiKey::DescribeTopicPartitions => {
            reply!(describe_topic_partitions_request::DescribeTopicPartitionsRequest, |request| {
                describe_topic_partitions::answer(shard, &context, &request)
            })
        }
        ApiKey::FindCoordinator => reply!(find_coordinator_request::FindCoordinatorRequest, |request| {
            find_coordinator::answer(shard, &context, request)
        }),
        ApiKey::ListOffsets => {
            let request: list_offsets_request::ListOffsetsRequest = decode(body, version)?;
            Ok(ready_or_later(sink, &context, list_offsets::answer(shard, origin, &request, now)))
        }
        ApiKey::OffsetForLeaderEpoch => {
            reply!(offset_for_leader_epoch_request::OffsetForLeaderEpochRequest, |request| {
                offset_for_leader_epoch::answer(shard, request, now)
            })
        }
        ApiKey::DeleteRecords => reply!(delete_records_request::DeleteRecordsRequest, |request| {
            delete_records::answer(shard, request, now)
        }),
        ApiKey::InitProducerId => {
            let request: init_producer_id_request::InitProducerIdRequest = decode(body, version)?;
            Ok(ready_or_later(sink, &context, init_producer_id::answer(shard, origin, &request, now)))
        }
        ApiKey::DescribeConfigs => reply!(describe_configs_request::DescribeConfigsRequest, |request| {
            describe_configs::answer(shard, &request)
        }),
        ApiKey::DescribeLogDirs => reply!(describe_log_dirs_request::DescribeLogDirsRequest, |request| {
            describe_log_dirs::answer(shard, request, now)
        }),
        ApiKey::DescribeProducers => {
            reply!(describe_producers_request::DescribeProducersRequest, |request| {
                describe_producers::answer(shard, request, now)
            })
        }
        ApiKey::ListConfigResources => {
            reply!(list_config_resources_request::ListConfigResourcesRequest, |request| {
                list_config_resources::answer(shard, version, &request)
            })
        }
        ApiKey::GetTelemetrySubscriptions => {
            reply!(get_telemetry_subscriptions_request::GetTelemetrySubscriptionsRequest, |request| {
                telemetry::subscriptions(shard, &request)
            })
        }
        ApiKey::PushTelemetry => {
            reply!(push_telemetry_request::PushTelemetryRequest, |request| telemetry::push(&request))
        }
        ApiKey::AddPartitionsToTxn
        | ApiKey::AddOffsetsToTxn
        | ApiKey::EndTxn
        | ApiKey::WriteTxnMarkers
        | ApiKey::TxnOffsetCommit
        | ApiKey::DescribeTransactions
        | ApiKey::ListTransactions => Ok(transactions::handle(shard, origin, body, now)?),
        _ => Ok(groups::handle(shard, origin, body, sink, now)?),
    }
}

/// Encodes the response if it is there.
fn ready_or_later<M: ottla_protocol::message::Response>(
    sink: &mut ResponseSink,
    context: &RequestContext,
    response: Option<M>,
) -> Answer {
    match response {
        Some(message) => {
            response::encode(sink, context, &message);
            Answer::Ready
        }
        None => Answer::Later,
    }
}
