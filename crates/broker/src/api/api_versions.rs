//! ApiVersions: which APIs, versions and features this broker has.
//!
//! Source: KIP-511, KIP-584; Kafka `ApiVersionsResponse`, `SimpleApiVersionManager`.

use ottla_metadata::features::{KRAFT_VERSION, supported_features};
use ottla_protocol::api::ApiKey;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::message::Message;
use ottla_protocol::messages::api_versions_request::ApiVersionsRequest;
use ottla_protocol::messages::api_versions_response::{
    ApiVersion, ApiVersionsResponse, FinalizedFeatureKey, SupportedFeatureKey,
};

use super::{is_served, kind_of};
use crate::effect::RequestContext;
use crate::response::{FrameWriter, ResponseSink};
use crate::shard::Shard;

/// APIs that are answered but not advertised: clients would push metrics that nobody collects.
const NOT_ADVERTISED: &[ApiKey] = &[ApiKey::GetTelemetrySubscriptions, ApiKey::PushTelemetry];

pub(crate) fn answer(
    shard: &Shard,
    context: &RequestContext,
    request: &ApiVersionsRequest,
) -> ApiVersionsResponse {
    let version = context.api_version;
    if version >= 3
        && !(is_software(&request.client_software_name) && is_software(&request.client_software_version))
    {
        return ApiVersionsResponse {
            error_code: ErrorCode::INVALID_REQUEST.into(),
            ..ApiVersionsResponse::default()
        };
    }
    let identity = &shard.identity;
    let is_other_cluster = request.cluster_id.as_ref().is_some_and(|id| *id != identity.cluster_id);
    let is_other_node = request.node_id >= 0 && request.node_id != identity.node_id.0;
    if version >= 5 && (is_other_cluster || is_other_node) {
        let error_code = ErrorCode::REBOOTSTRAP_REQUIRED.into();
        return ApiVersionsResponse { error_code, ..ApiVersionsResponse::default() };
    }
    let image = &shard.image;
    let kind = kind_of(shard, &context.listener);
    let apis = ApiKey::ALL.iter().filter(|api| is_served(**api, kind) && !NOT_ADVERTISED.contains(api));
    let supported = supported_features().into_iter().filter(|(_, range)| version >= 4 || range.min > 0);
    ApiVersionsResponse {
        api_keys: apis.map(|api| advertised(*api)).collect(),
        supported_features: supported
            .map(|(name, range)| SupportedFeatureKey {
                name: name.to_owned(),
                min_version: range.min,
                max_version: range.max,
            })
            .collect(),
        finalized_features_epoch: image.provenance.last_contained_offset.0,
        finalized_features: image
            .features
            .finalized()
            .into_iter()
            .chain((identity.kraft_version > 0).then(|| (KRAFT_VERSION.to_owned(), identity.kraft_version)))
            .map(|(name, level)| FinalizedFeatureKey {
                name,
                max_version_level: level,
                min_version_level: level,
            })
            .collect(),
        ..ApiVersionsResponse::default()
    }
}

/// Answers a version that does not exist: in version 0, which everybody reads, with the range of this one API.
pub(crate) fn refuse_version(sink: &mut ResponseSink, correlation_id: i32) {
    let response = ApiVersionsResponse {
        error_code: ErrorCode::UNSUPPORTED_VERSION.into(),
        api_keys: vec![advertised(ApiKey::ApiVersions)],
        ..ApiVersionsResponse::default()
    };
    let mut frame = FrameWriter::begin_in(sink, ApiKey::ApiVersions, 0, correlation_id);
    response.encode(&mut frame.writer, 0);
    frame.end();
}

fn advertised(api: ApiKey) -> ApiVersion {
    ApiVersion {
        api_key: api.into(),
        min_version: api.advertised_min_version(),
        max_version: api.max_stable_version(),
    }
}

/// Whether a client's software name or version has the form that metrics can show: letters and digits, with dots and
/// dashes inside. Source: Kafka `ApiVersionsRequest.isValid`.
fn is_software(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_edge = |byte: &u8| byte.is_ascii_alphanumeric();
    let is_inner = |byte: &u8| is_edge(byte) || matches!(byte, b'.' | b'-');
    bytes.first().is_some_and(is_edge) && bytes.last().is_some_and(is_edge) && bytes.iter().all(is_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn software_names_are_words_with_dots_and_dashes_inside() {
        for good in ["a", "apache-kafka-java", "4.3.1", "v1-beta.2"] {
            assert!(is_software(good), "{good}");
        }
        for bad in ["", "-a", "a.", "a b", "ä", "a_b"] {
            assert!(!is_software(bad), "{bad}");
        }
    }
}
