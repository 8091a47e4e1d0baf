//! The producer: batches records, sends them, and tells of each what came of it.
//!
//! ```text
//!   send ──> accumulator (a queue per partition) ──> sender task ──> one request per broker with a batch per partition
//!    │                                                   │
//!    └── Delivery  <─────────── offset or error ─────────┘
//! ```

mod accumulator;
mod batch;
mod delivery;
mod options;
mod queue;
mod request;
mod sender;
#[cfg(test)]
mod tests;
mod transaction;
mod verdict;

use std::sync::Arc;

use tokio::sync::{Notify, Semaphore};
use tokio::time::timeout;

use self::accumulator::{Accumulator, Appending};
pub use self::delivery::{Delivery, ProduceError, RecordMetadata};
pub use self::options::{Acks, ProducerBuilder, ProducerOptions};
use self::transaction::Membership;
pub use self::transaction::{GroupMetadata, Transaction, TransactionError, TransactionalProducer};
use crate::client::{AutoCreate, Client};
use crate::record::Record;
use crate::task::Task;

/// Sends records to topics. Cheap to clone; clones share everything.
///
/// By default it is idempotent: a record that is reported as delivered is in the log exactly once, and records of one
/// partition are in the order in which they were sent, whatever was retried on the way.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use ottla_client::{Client, Producer, Record};
///
/// let client = Client::connect("localhost:9092").await?;
/// let producer = Producer::builder(&client).start();
///
/// // Waits for room in the buffer only; the delivery tells when the brokers have it.
/// let delivery = producer.send(Record::new("orders").key("customer-7").value("3 apples")).await?;
/// let metadata = delivery.await?;
/// println!("partition {} offset {:?}", metadata.partition, metadata.offset);
///
/// producer.close().await;
/// # Ok(()) }
/// ```
///
/// To send much, keep the deliveries and look at them later, or let go of them and call [`Producer::flush`].
#[derive(Clone, Debug)]
pub struct Producer {
    shared: Arc<Shared>,
    sender: Arc<Task<()>>,
}

#[derive(Debug)]
struct Shared {
    client: Client,
    options: ProducerOptions,
    accumulator: Accumulator,
    /// Bytes of records that may still be buffered.
    memory: Arc<Semaphore>,
    /// Something for the sender to look at.
    wake: Notify,
    /// Batches have ended.
    progress: Notify,
    /// Set for a producer of transactions.
    transactions: Option<Membership>,
}

impl Producer {
    /// To set options before starting.
    pub fn builder(client: &Client) -> ProducerBuilder {
        ProducerBuilder::new(client.clone())
    }

    fn start(client: Client, options: ProducerOptions, transactions: Option<Membership>) -> Self {
        let mut limits = options.limits();
        limits.is_transactional = transactions.is_some();
        let shared = Arc::new(Shared {
            accumulator: Accumulator::new(limits),
            memory: Arc::new(Semaphore::new(options.buffer_memory)),
            wake: Notify::new(),
            progress: Notify::new(),
            client,
            options,
            transactions,
        });
        let sender = Arc::new(Task::spawn(sender::run(Arc::clone(&shared))));
        Self { shared, sender }
    }

    /// Puts `record` into a batch and returns its delivery. Waits while the buffer is full, and for the topic's metadata if
    /// it is not known yet.
    ///
    /// Records of one partition are sent in the order in which these calls return.
    /// Errors: the topic or partition does not exist, the record is too large, or the buffer stayed full.
    pub async fn send(&self, record: Record) -> Result<Delivery, ProduceError> {
        let size = record.size_max();
        let options = &self.shared.options;
        let size_max = options.request_size_max.min(options.buffer_memory);
        if size > size_max {
            return Err(ProduceError::TooLarge { size, size_max });
        }
        let topic = self
            .shared
            .client
            .find_topic(&record.topic, AutoCreate::Allowed)
            .await
            .map_err(|error| ProduceError::Metadata(Box::new(error)))?;
        let permit = self.reserve(size).await?;
        let (delivery, appended) =
            self.shared.accumulator.append(Appending { record, size, topic: &topic, permit })?;
        if appended.wakes_sender() {
            self.shared.wake.notify_one();
        }
        Ok(delivery)
    }

    /// Sends what is buffered and waits until every record sent so far is delivered or given up.
    pub async fn flush(&self) {
        let up_to = self.shared.accumulator.begin_flush();
        self.shared.wake.notify_one();
        loop {
            let progress = self.shared.progress.notified();
            tokio::pin!(progress);
            // From here on no progress is missed.
            progress.as_mut().enable();
            if self.shared.accumulator.is_finished(up_to) {
                break;
            }
            progress.await;
        }
        self.shared.accumulator.end_flush();
    }

    /// Gives up every record that is not on its way.
    fn give_up(&self) {
        let finished = self.shared.accumulator.give_up_all(&ProduceError::Aborted);
        sender::end(finished, None, &self.shared);
    }

    /// Flushes and ends the sender. Whatever is sent later, through clones, fails with [`ProduceError::Closed`].
    pub async fn close(&self) {
        self.shared.accumulator.close();
        self.shared.wake.notify_one();
        self.sender.join().await;
    }

    async fn reserve(&self, size: usize) -> Result<tokio::sync::OwnedSemaphorePermit, ProduceError> {
        let memory = Arc::clone(&self.shared.memory);
        let permits =
            u32::try_from(size).map_err(|_| ProduceError::TooLarge { size, size_max: u32::MAX as usize })?;
        if let Ok(permit) = Arc::clone(&memory).try_acquire_many_owned(permits) {
            return Ok(permit);
        }
        // Open batches must go, however young, or nothing would ever make room.
        let _starving = self.shared.accumulator.starve();
        self.shared.wake.notify_one();
        let wait = self.shared.options.max_block;
        let permit = timeout(wait, memory.acquire_many_owned(permits)).await;
        permit.map_err(|_| ProduceError::BufferFull { after: wait })?.map_err(|_| ProduceError::Closed)
    }
}
