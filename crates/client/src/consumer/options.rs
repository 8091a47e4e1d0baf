//! How a consumer behaves.

use std::time::Duration;

use super::Consumer;
use crate::admin::IsolationLevel;
use crate::client::Client;

/// What a consumer does when its position is no longer (or not yet) in the log (`auto.offset.reset`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OffsetReset {
    /// Goes on at the first offset that is there.
    Earliest,
    /// Goes on at the end.
    #[default]
    Latest,
    /// Reports an error.
    Fail,
}

/// Options of a [`Consumer`]. The defaults are those of Kafka's consumer.
#[derive(Clone, Debug)]
pub struct ConsumerOptions {
    /// Which records are seen (all).
    pub isolation_level: IsolationLevel,
    /// What happens when a position is outside of the log (it goes on at the end).
    pub offset_reset: OffsetReset,
    /// How long a broker waits until it has `fetch_bytes_min` to send (`fetch.max.wait.ms`, 500 ms).
    pub fetch_wait_max: Duration,
    /// Bytes for which a broker waits (`fetch.min.bytes`, 1).
    pub fetch_bytes_min: i32,
    /// Most bytes of one response, unless the first batch is larger (`fetch.max.bytes`, 50 MiB).
    pub fetch_bytes_max: i32,
    /// Most bytes of one partition in a response, unless its first batch is larger (`max.partition.fetch.bytes`, 1 MiB).
    pub fetch_partition_bytes_max: i32,
    /// Fetched bytes of one broker above which nothing more is fetched from it until some are read (16 MiB).
    pub buffer_bytes_max: usize,
    /// Most records that one poll returns (`max.poll.records`, 500). More stay for the next.
    pub poll_records_max: usize,
    /// Whether the CRC of each batch is checked (`check.crcs`, yes).
    pub checks_crcs: bool,
    /// Whether fetch sessions are used, with which a request names only what changed (yes; KIP-227).
    pub uses_sessions: bool,
    /// Most bytes that one batch may decompress to (256 MiB).
    pub batch_bytes_max: usize,
    /// Age at which metadata is fetched again without need (`metadata.max.age.ms`, 5 min).
    pub metadata_age_max: Duration,
}

impl Default for ConsumerOptions {
    fn default() -> Self {
        Self {
            isolation_level: IsolationLevel::ReadUncommitted,
            offset_reset: OffsetReset::Latest,
            fetch_wait_max: Duration::from_millis(500),
            fetch_bytes_min: 1,
            fetch_bytes_max: 50 << 20,
            fetch_partition_bytes_max: 1 << 20,
            buffer_bytes_max: 16 << 20,
            poll_records_max: 500,
            checks_crcs: true,
            uses_sessions: true,
            batch_bytes_max: 256 << 20,
            metadata_age_max: Duration::from_secs(300),
        }
    }
}

/// Sets the options of a [`Consumer`].
///
/// ```no_run
/// # async fn example(client: ottla_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use ottla_client::{Consumer, IsolationLevel, StartOffset};
///
/// let mut consumer = Consumer::builder(&client).isolation_level(IsolationLevel::ReadCommitted).build();
/// consumer.assign_topic("orders", StartOffset::Earliest).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `build`"]
pub struct ConsumerBuilder {
    client: Client,
    options: ConsumerOptions,
}

impl ConsumerBuilder {
    pub(super) fn new(client: Client) -> Self {
        Self { client, options: ConsumerOptions::default() }
    }

    /// All options at once.
    pub fn options(mut self, options: ConsumerOptions) -> Self {
        self.options = options;
        self
    }

    /// Which records are seen.
    pub fn isolation_level(mut self, isolation_level: IsolationLevel) -> Self {
        self.options.isolation_level = isolation_level;
        self
    }

    /// What happens when a position is outside of the log.
    pub fn offset_reset(mut self, offset_reset: OffsetReset) -> Self {
        self.options.offset_reset = offset_reset;
        self
    }

    /// How long a broker waits until it has enough to send.
    pub fn fetch_wait_max(mut self, wait: Duration) -> Self {
        self.options.fetch_wait_max = wait;
        self
    }

    /// Most bytes of one response.
    pub fn fetch_bytes_max(mut self, bytes: i32) -> Self {
        self.options.fetch_bytes_max = bytes;
        self
    }

    /// Most bytes of one partition in a response.
    pub fn fetch_partition_bytes_max(mut self, bytes: i32) -> Self {
        self.options.fetch_partition_bytes_max = bytes;
        self
    }

    /// Most records that one poll returns.
    pub fn poll_records_max(mut self, count: usize) -> Self {
        self.options.poll_records_max = count;
        self
    }

    /// Names every partition in every fetch.
    pub fn without_sessions(mut self) -> Self {
        self.options.uses_sessions = false;
        self
    }

    /// The consumer, which has no partitions yet.
    #[must_use]
    pub fn build(self) -> Consumer {
        Consumer::new(&self.client, self.options)
    }
}
