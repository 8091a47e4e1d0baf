//! Why a call failed. One enum per layer: connecting, one request, a call of [`Client`](crate::Client) or
//! [`Admin`](crate::Admin). Producer and consumer have their own.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::wire::DecodeError;

use crate::address::{Address, ParseAddressError};

/// Why a connection could not be made or used for the first time.
#[derive(Clone, Debug, thiserror::Error)]
#[error("could not connect to {address}: {failure}")]
pub struct ConnectError {
    /// The address that was tried.
    pub address: Address,
    /// What went wrong.
    pub failure: ConnectFailure,
}

/// The step of connecting that failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ConnectFailure {
    /// The name did not resolve, or no address behind it accepted the connection.
    #[error("{0}")]
    Socket(Arc<io::Error>),
    /// Nothing answered in time.
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    /// The peer accepted the connection and then failed the version negotiation. Often it is no Kafka broker, or the
    /// port expects TLS.
    #[error("the version negotiation failed: {0}")]
    Handshake(Box<RequestError>),
    /// The broker refused the version negotiation.
    #[error("the broker refused the version negotiation: {0}")]
    Refused(ErrorCode),
}

/// Why a connection ended.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CloseReason {
    /// The broker closed it. Brokers do so when they stop, and on requests that they cannot read.
    #[error("closed by the broker")]
    Peer,
    /// The socket failed.
    #[error("{0}")]
    Socket(Arc<io::Error>),
    /// This side closed it.
    #[error("closed")]
    Local,
    /// A response did not come in time, so no later one can be trusted to.
    #[error("a response to {api} did not come within {after:?}")]
    ResponseOverdue {
        /// The API that was called.
        api: &'static str,
        /// How long it was waited for.
        after: Duration,
    },
    /// The broker sent bytes that are no response to what was asked.
    #[error("the broker sent {0}")]
    BadResponse(String),
}

/// Why one request on one connection failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RequestError {
    /// The connection ended before the response came. The broker may have acted on the request.
    #[error("connection to the broker: {0}")]
    Closed(CloseReason),
    /// The response did not come in time. The broker may have acted on the request.
    #[error("no response to {api} within {after:?}")]
    TimedOut {
        /// The API that was called.
        api: &'static str,
        /// How long it was waited for.
        after: Duration,
    },
    /// Broker and client share no version of this API that can carry the request.
    #[error("the broker does not support {api} in versions {needed_min} to {needed_max} (it has {broker})")]
    UnsupportedVersion {
        /// The API that was called.
        api: &'static str,
        /// Lowest version that can carry the request.
        needed_min: i16,
        /// Highest version that this client knows.
        needed_max: i16,
        /// The broker's versions, or "none".
        broker: String,
    },
    /// The response could not be read.
    #[error("a {api} v{version} response that cannot be read: {error}")]
    Decode {
        /// The API that was called.
        api: &'static str,
        /// Version of the response.
        version: i16,
        /// Where and why.
        error: DecodeError,
    },
    /// The request is larger than a frame can be.
    #[error("a {api} request of {size} bytes does not fit a frame")]
    TooLarge {
        /// The API that was called.
        api: &'static str,
        /// Size of the request in bytes.
        size: usize,
    },
}

impl RequestError {
    /// Whether the same request may work on another connection.
    #[must_use]
    pub fn is_retriable(&self) -> bool {
        matches!(self, Self::Closed(_) | Self::TimedOut { .. })
    }
}

/// An error that a broker answered with: Kafka's code, and the broker's words if it sent any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// Kafka's error code.
    pub code: ErrorCode,
    /// The broker's explanation.
    pub message: Option<String>,
}

impl ApiError {
    /// `Ok` for error code 0, the error otherwise.
    pub fn check(code: i16, message: Option<String>) -> Result<(), Self> {
        let code = ErrorCode(code);
        if code == ErrorCode::NONE { Ok(()) } else { Err(Self { code, message }) }
    }
}

impl std::error::Error for ApiError {}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.message.as_deref().filter(|message| !message.is_empty()) {
            Some(message) => write!(f, "{message} ({})", self.code.name()),
            None => write!(f, "{} ({})", self.code.message(), self.code.name()),
        }
    }
}

/// Why a call of [`Client`](crate::Client) or [`Admin`](crate::Admin) failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// None of the bootstrap addresses led to a broker.
    #[error("no broker could be reached at {bootstrap}: {last}")]
    NoBroker {
        /// The addresses that were tried, as one list.
        bootstrap: String,
        /// The last failure.
        last: Box<Self>,
    },
    /// A broker could not be connected to.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A request got no usable response.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// A broker refused.
    #[error("{what}: {error}")]
    Api {
        /// What was asked for, such as "create topic `orders`".
        what: String,
        /// The broker's answer.
        error: ApiError,
    },
    /// The cluster has no such broker.
    #[error("the cluster has no broker {0}")]
    UnknownBroker(i32),
    /// The partition has no leader at the moment, or the client does not know it.
    #[error("partition {partition} of topic `{topic}` has no leader")]
    NoLeader {
        /// Topic name.
        topic: String,
        /// Partition index.
        partition: i32,
    },
    /// It did not work within the time allowed for the whole call.
    #[error("{what} did not succeed within {after:?}: {last}")]
    TimedOut {
        /// What was asked for.
        what: String,
        /// The time allowed.
        after: Duration,
        /// Why the last try failed.
        last: Box<Self>,
    },
    /// The bootstrap list cannot be read.
    #[error(transparent)]
    Address(#[from] ParseAddressError),
    /// The broker's answer leaves out what was asked for.
    #[error("the broker's answer leaves out what was asked for")]
    MissingResult,
    /// The client was closed.
    #[error("the client is closed")]
    Closed,
}

impl Error {
    /// The broker's error code, if a broker refused.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Api { error, .. } => Some(error.code),
            Self::NoBroker { last, .. } | Self::TimedOut { last, .. } => last.code(),
            _ => None,
        }
    }

    /// Whether the same call may work a little later, perhaps with fresher metadata.
    #[must_use]
    pub fn is_retriable(&self) -> bool {
        match self {
            Self::Connect(_) | Self::NoBroker { .. } | Self::NoLeader { .. } | Self::UnknownBroker(_) => true,
            Self::Request(error) => error.is_retriable(),
            Self::Api { error, .. } => error.code.is_retriable(),
            Self::TimedOut { .. } | Self::Address(_) | Self::MissingResult | Self::Closed => false,
        }
    }

    pub(crate) fn api(what: impl Into<String>, error: ApiError) -> Self {
        Self::Api { what: what.into(), error }
    }
}
