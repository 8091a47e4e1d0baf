//! How a client behaves.

use std::time::Duration;

use super::Client;
use crate::address::Address;
use crate::connection::ConnectionOptions;
use crate::error::Error;

/// Options of a [`Client`]. The defaults are those of Kafka's own clients.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// Options of each connection.
    pub connection: ConnectionOptions,
    /// Wait before the first retry (`retry.backoff.ms`, 100 ms); it doubles with each further one.
    pub retry_backoff: Duration,
    /// Longest wait between retries (`retry.backoff.max.ms`, 1 s).
    pub retry_backoff_max: Duration,
    /// Time for a whole call with all its retries (`default.api.timeout.ms`, 60 s).
    pub api_timeout: Duration,
    /// How long a topic or partition that does not exist may take to appear (5 s): it may have been created a moment ago, or
    /// be created by the question.
    pub unknown_topic_wait: Duration,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            connection: ConnectionOptions::default(),
            retry_backoff: Duration::from_millis(100),
            retry_backoff_max: Duration::from_secs(1),
            api_timeout: Duration::from_secs(60),
            unknown_topic_wait: Duration::from_secs(5),
        }
    }
}

/// Sets the options of a [`Client`] and connects it.
///
/// ```no_run
/// # async fn example() -> Result<(), ottla_client::Error> {
/// use std::time::Duration;
/// use ottla_client::Client;
///
/// let client = Client::builder("kafka1:9092,kafka2:9092")
///     .client_id("billing")
///     .request_timeout(Duration::from_secs(5))
///     .connect()
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `connect`"]
pub struct ClientBuilder {
    bootstrap: String,
    options: ClientOptions,
}

impl ClientBuilder {
    pub(super) fn new(bootstrap: String) -> Self {
        Self { bootstrap, options: ClientOptions::default() }
    }

    /// All options at once.
    pub fn options(mut self, options: ClientOptions) -> Self {
        self.options = options;
        self
    }

    /// Name that brokers see (`client.id`).
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.options.connection.client_id = client_id.into();
        self
    }

    /// Time for a TCP connection and its version negotiation.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.options.connection.connect_timeout = timeout;
        self
    }

    /// Time until a response must have come (`request.timeout.ms`).
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.options.connection.request_timeout = timeout;
        self
    }

    /// Time for a whole call with all its retries (`default.api.timeout.ms`).
    pub fn api_timeout(mut self, timeout: Duration) -> Self {
        self.options.api_timeout = timeout;
        self
    }

    /// How long a topic that does not exist may take to appear.
    pub fn unknown_topic_wait(mut self, wait: Duration) -> Self {
        self.options.unknown_topic_wait = wait;
        self
    }

    /// Connects to the first address that answers and learns the cluster's brokers from it.
    ///
    /// Errors: [`Error::Address`] if the list cannot be read, [`Error::NoBroker`] if no address answers.
    pub async fn connect(self) -> Result<Client, Error> {
        Client::start(Address::parse_list(&self.bootstrap)?, self.options).await
    }
}
