//! How a producer behaves.

use std::time::Duration;

use ottla_protocol::record::Compression;

use super::Producer;
use super::batch::Codec;
use super::queue::Limits;
use super::transaction::{TransactionError, TransactionalProducer};
use crate::client::Client;

/// When a record counts as delivered (`acks`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Acks {
    /// When it is written to the socket. The broker does not answer, errors are not seen, nothing is retried.
    None,
    /// When the leader has it.
    Leader,
    /// When all in-sync replicas have it.
    #[default]
    All,
}

impl Acks {
    pub(super) fn wire(self) -> i16 {
        match self {
            Self::None => 0,
            Self::Leader => 1,
            Self::All => -1,
        }
    }
}

/// Options of a [`Producer`]. The defaults are those of Kafka's producer, except where it is said.
#[derive(Clone, Debug)]
pub struct ProducerOptions {
    /// When a record counts as delivered (all).
    pub acks: Acks,
    /// Whether retries can neither double nor reorder records (yes). Takes effect with `Acks::All` only.
    pub is_idempotent: bool,
    /// How batches are compressed (not at all).
    pub compression: Compression,
    /// Level of the codec (its default).
    pub compression_level: Option<i32>,
    /// Size at which a batch is sent at once, in bytes before compression (`batch.size`; 64 KiB where Kafka has 16 KiB: it
    /// costs brokers a third of the CPU per byte).
    pub batch_size: usize,
    /// How long a batch waits to become full (`linger.ms`, 5 ms).
    pub linger: Duration,
    /// Bytes of records that may wait to be delivered (`buffer.memory`, 32 MiB); [`Producer::send`] waits for room.
    pub buffer_memory: usize,
    /// How long [`Producer::send`] waits for room (`max.block.ms`, 60 s).
    pub max_block: Duration,
    /// Largest request in bytes, and so the largest record (`max.request.size`, 1 MiB).
    pub request_size_max: usize,
    /// Requests to one broker that may be unanswered at once (`max.in.flight.requests.per.connection`, 5).
    pub in_flight_max: usize,
    /// How long the broker may wait for replicas (`request.timeout.ms`, 30 s).
    pub request_timeout: Duration,
    /// Time from [`Producer::send`] until a record is given up (`delivery.timeout.ms`, 2 min).
    pub delivery_timeout: Duration,
    /// Age at which metadata is fetched again without need (`metadata.max.age.ms`, 5 min).
    pub metadata_age_max: Duration,
}

impl Default for ProducerOptions {
    fn default() -> Self {
        Self {
            acks: Acks::All,
            is_idempotent: true,
            compression: Compression::None,
            compression_level: None,
            batch_size: 64 << 10,
            linger: Duration::from_millis(5),
            buffer_memory: 32 << 20,
            max_block: Duration::from_secs(60),
            request_size_max: 1 << 20,
            in_flight_max: 5,
            request_timeout: Duration::from_secs(30),
            delivery_timeout: Duration::from_secs(120),
            metadata_age_max: Duration::from_secs(300),
        }
    }
}

impl ProducerOptions {
    /// Batches whose sequences a broker remembers. Source: Kafka `ProducerStateEntry.NUM_BATCHES_TO_RETAIN`.
    const BATCHES_REMEMBERED: usize = 5;

    pub(super) fn is_idempotent(&self) -> bool {
        self.is_idempotent && self.acks == Acks::All
    }

    pub(super) fn limits(&self) -> Limits {
        let in_flight_max = self.in_flight_max.max(1);
        Limits {
            batch_size: self.batch_size.min(self.request_size_max).max(1),
            linger: self.linger,
            in_flight_max: if self.is_idempotent() {
                in_flight_max.min(Self::BATCHES_REMEMBERED)
            } else {
                in_flight_max
            },
            delivery_timeout: self.delivery_timeout,
            is_idempotent: self.is_idempotent(),
            is_transactional: false,
            codec: Codec { compression: self.compression, level: self.compression_level },
        }
    }
}

/// Sets the options of a [`Producer`] and starts it.
///
/// ```no_run
/// # async fn example(client: ottla_client::Client) {
/// use std::time::Duration;
/// use ottla_client::{Compression, Producer};
///
/// let producer = Producer::builder(&client)
///     .compression(Compression::Zstd)
///     .linger(Duration::from_millis(20))
///     .batch_size(256 << 10)
///     .start();
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `start`"]
pub struct ProducerBuilder {
    client: Client,
    options: ProducerOptions,
}

impl ProducerBuilder {
    pub(super) fn new(client: Client) -> Self {
        Self { client, options: ProducerOptions::default() }
    }

    /// All options at once.
    pub fn options(mut self, options: ProducerOptions) -> Self {
        self.options = options;
        self
    }

    /// When a record counts as delivered.
    pub fn acks(mut self, acks: Acks) -> Self {
        self.options.acks = acks;
        self
    }

    /// Lets retries double and reorder records, as a broker without producer ids needs.
    pub fn not_idempotent(mut self) -> Self {
        self.options.is_idempotent = false;
        self
    }

    /// How batches are compressed.
    pub fn compression(mut self, compression: Compression) -> Self {
        self.options.compression = compression;
        self
    }

    /// Level of the codec.
    pub fn compression_level(mut self, level: i32) -> Self {
        self.options.compression_level = Some(level);
        self
    }

    /// Size at which a batch is sent at once, in bytes before compression.
    pub fn batch_size(mut self, bytes: usize) -> Self {
        self.options.batch_size = bytes;
        self
    }

    /// How long a batch waits to become full.
    pub fn linger(mut self, linger: Duration) -> Self {
        self.options.linger = linger;
        self
    }

    /// Bytes of records that may wait to be delivered.
    pub fn buffer_memory(mut self, bytes: usize) -> Self {
        self.options.buffer_memory = bytes;
        self
    }

    /// Largest request in bytes, and so the largest record.
    pub fn request_size_max(mut self, bytes: usize) -> Self {
        self.options.request_size_max = bytes;
        self
    }

    /// Requests to one broker that may be unanswered at once.
    pub fn in_flight_max(mut self, count: usize) -> Self {
        self.options.in_flight_max = count;
        self
    }

    /// Time until a record is given up.
    pub fn delivery_timeout(mut self, timeout: Duration) -> Self {
        self.options.delivery_timeout = timeout;
        self
    }

    /// Starts the producer. Must be called inside a tokio runtime.
    #[must_use]
    pub fn start(self) -> Producer {
        Producer::start(self.client, self.options, None)
    }

    /// Starts a producer that writes in transactions, under this `transactional.id`. Whoever had the id before is fenced, and
    /// a transaction that it left open is aborted. Acknowledgements are those of all in-sync replicas, and records are
    /// idempotent, whatever was set.
    ///
    /// `timeout` is how long a transaction may be open (`transaction.timeout.ms`, 1 min in Kafka's producer).
    /// Must be called inside a tokio runtime.
    /// Errors: the coordinator cannot be reached, or does not allow the id or the timeout.
    pub async fn start_transactional(
        mut self,
        transactional_id: impl Into<String>,
        timeout: Duration,
    ) -> Result<TransactionalProducer, TransactionError> {
        self.options.acks = Acks::All;
        self.options.is_idempotent = true;
        TransactionalProducer::start(self.client, self.options, transactional_id.into(), timeout).await
    }
}
