//! Client telemetry: no metrics are wanted, and clients that ask are told so.
//!
//! Source: KIP-714; Kafka `ClientMetricsManager`.

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::get_telemetry_subscriptions_request::GetTelemetrySubscriptionsRequest;
use ottla_protocol::messages::get_telemetry_subscriptions_response::GetTelemetrySubscriptionsResponse;
use ottla_protocol::messages::push_telemetry_request::PushTelemetryRequest;
use ottla_protocol::messages::push_telemetry_response::PushTelemetryResponse;
use ottla_protocol::types::Uuid;

use crate::shard::Shard;

/// How often clients ask again (`ClientMetricsConfigs.INTERVAL_MS_DEFAULT`).
const PUSH_INTERVAL_MS: i32 = 300_000;
/// `telemetry.max.bytes`.
const BYTES_MAX: i32 = 1_048_576;
/// The subscription of no metrics.
const EMPTY_SUBSCRIPTION: i32 = 0;
/// zstd, lz4, gzip, snappy: in the order of preference.
const COMPRESSION_TYPES: [i8; 4] = [4, 3, 1, 2];

pub(crate) fn subscriptions(
    shard: &mut Shard,
    request: &GetTelemetrySubscriptionsRequest,
) -> GetTelemetrySubscriptionsResponse {
    let client = request.client_instance_id;
    GetTelemetrySubscriptionsResponse {
        client_instance_id: if client.is_zero() { shard.next_uuid() } else { client },
        subscription_id: EMPTY_SUBSCRIPTION,
        accepted_compression_types: COMPRESSION_TYPES.to_vec(),
        push_interval_ms: PUSH_INTERVAL_MS,
        telemetry_max_bytes: BYTES_MAX,
        delta_temporality: true,
        requested_metrics: Vec::new(),
        ..GetTelemetrySubscriptionsResponse::default()
    }
}

/// Checks a push and drops what it holds, which is never unpacked.
pub(crate) fn push(request: &PushTelemetryRequest) -> PushTelemetryResponse {
    let error = if request.client_instance_id == Uuid::ZERO {
        ErrorCode::INVALID_REQUEST
    } else if request.subscription_id != EMPTY_SUBSCRIPTION {
        ErrorCode::UNKNOWN_SUBSCRIPTION_ID
    } else if !(0..=4).contains(&request.compression_type) {
        ErrorCode::UNSUPPORTED_COMPRESSION_TYPE
    } else if request.metrics.len() > BYTES_MAX as usize {
        ErrorCode::TELEMETRY_TOO_LARGE
    } else {
        ErrorCode::NONE
    };
    PushTelemetryResponse { error_code: error.into(), ..PushTelemetryResponse::default() }
}
