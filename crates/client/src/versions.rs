//! Which versions of which API a broker serves, learnt when the connection opens.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use ottla_protocol::api::ApiKey;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::api_versions_request::ApiVersionsRequest;
use ottla_protocol::messages::api_versions_response::ApiVersionsResponse;
use ottla_protocol::messages::{Message, Request};
use ottla_protocol::wire::Reader;

use crate::connection::Connection;
use crate::error::{ConnectFailure, RequestError};

/// Name and version that the broker sees of this software (KIP-511). The broker allows letters, digits, `-` and `.`.
const SOFTWARE_NAME: &str = env!("CARGO_PKG_NAME");
const SOFTWARE_VERSION: &str = env!("CARGO_PKG_VERSION");

/// The versions of every API that a broker serves, and the cluster's features.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiVersions {
    ranges: BTreeMap<i16, (i16, i16)>,
    features: BTreeMap<String, i16>,
}

impl ApiVersions {
    /// The versions of `key` that the broker serves, or `None` if it does not serve that API.
    #[must_use]
    pub fn range(&self, key: ApiKey) -> Option<RangeInclusive<i16>> {
        self.ranges.get(&key.into()).map(|&(min, max)| min..=max)
    }

    /// Every API key that the broker serves, with the lowest and highest version; keys that this client does not know
    /// included.
    pub fn iter(&self) -> impl Iterator<Item = (i16, RangeInclusive<i16>)> + '_ {
        self.ranges.iter().map(|(&key, &(min, max))| (key, min..=max))
    }

    /// Level of a finalized feature such as `metadata.version`, or `None` if the broker told none.
    #[must_use]
    pub fn feature(&self, name: &str) -> Option<i16> {
        self.features.get(name).copied()
    }

    /// The newest version of `R` that both sides know.
    ///
    /// Errors: [`RequestError::UnsupportedVersion`] if there is none.
    pub fn pick<R: Request>(&self) -> Result<i16, RequestError> {
        self.pick_within::<R>(*R::VERSIONS.start(), *R::VERSIONS.end())
    }

    /// The newest version of `R` that both sides know and that lies between `min` and `max`, for requests that need a
    /// field of a certain version.
    pub fn pick_within<R: Request>(&self, min: i16, max: i16) -> Result<i16, RequestError> {
        let needed_min = min.max(*R::VERSIONS.start());
        let needed_max = max.min(*R::VERSIONS.end());
        let broker = self.range(R::API_KEY);
        let version = broker.as_ref().map_or(i16::MIN, |range| needed_max.min(*range.end()));
        let lowest = broker.as_ref().map_or(i16::MAX, |range| needed_min.max(*range.start()));
        if version >= lowest {
            return Ok(version);
        }
        let broker =
            broker.map_or_else(|| "none".to_owned(), |range| format!("{} to {}", range.start(), range.end()));
        Err(RequestError::UnsupportedVersion { api: R::API_KEY.name(), needed_min, needed_max, broker })
    }
}

impl From<&ApiVersionsResponse> for ApiVersions {
    fn from(response: &ApiVersionsResponse) -> Self {
        Self {
            ranges: response
                .api_keys
                .iter()
                .map(|api| (api.api_key, (api.min_version, api.max_version)))
                .collect(),
            features: response
                .finalized_features
                .iter()
                .map(|feature| (feature.name.clone(), feature.max_version_level))
                .collect(),
        }
    }
}

/// Asks the broker for its versions. A broker that does not know the newest version of the question itself answers in
/// version 0 and names the versions that it knows; it is asked once more then. Source: KIP-35, KIP-511.
pub(crate) async fn negotiate(connection: &Connection) -> Result<ApiVersions, ConnectFailure> {
    let newest = *ApiVersionsRequest::VERSIONS.end();
    let mut response = ask(connection, newest).await?;
    if ErrorCode(response.error_code) == ErrorCode::UNSUPPORTED_VERSION {
        let version = ApiVersions::from(&response).pick::<ApiVersionsRequest>().unwrap_or(0);
        response = ask(connection, version.min(newest)).await?;
    }
    match ErrorCode(response.error_code) {
        ErrorCode::NONE => Ok(ApiVersions::from(&response)),
        code => Err(ConnectFailure::Refused(code)),
    }
}

async fn ask(connection: &Connection, version: i16) -> Result<ApiVersionsResponse, ConnectFailure> {
    let handshake = |error| ConnectFailure::Handshake(Box::new(error));
    let request = ApiVersionsRequest {
        client_software_name: SOFTWARE_NAME.to_owned(),
        client_software_version: SOFTWARE_VERSION.to_owned(),
        ..Default::default()
    };
    let timeout = connection.options().request_timeout;
    let in_flight = connection.enqueue(&request, version, timeout).await.map_err(handshake)?;
    let frame = in_flight.frame().await.map_err(handshake)?;
    decode(&frame, version).map_err(handshake)
}

/// The response's header is always version 0, which is the correlation id alone; the body starts with the error code in
/// every version, and is of version 0 if that code is UNSUPPORTED_VERSION.
fn decode(frame: &[u8], version: i16) -> Result<ApiVersionsResponse, RequestError> {
    let body = frame.get(4..).unwrap_or_default();
    let code = body.first_chunk().map(|bytes| ErrorCode(i16::from_be_bytes(*bytes)));
    let version = if code == Some(ErrorCode::UNSUPPORTED_VERSION) { 0 } else { version };
    ApiVersionsResponse::decode(&mut Reader::new(body), version).map_err(|error| RequestError::Decode {
        api: ApiVersionsRequest::API_KEY.name(),
        version,
        error,
    })
}
