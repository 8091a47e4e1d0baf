//! The records that wait to be delivered: a queue for each partition, shared by those who send and the sender.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use ottla_protocol::record::records::RecordHeader;
use ottla_protocol::time::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::time::Instant;

use super::batch::ProducerIdentity;
use super::delivery::{Delivery, ProduceError, RecordMetadata};
use super::queue::{Appended, BatchId, Finished, Limits, PartitionQueue};
use crate::cluster::Topic;
use crate::partition::TopicPartition;
use crate::partitioner::{StickyPartitioner, partition_for_key};
use crate::random::Random;
use crate::record::Record;

/// What is kept of a record until it is delivered.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) sender: oneshot::Sender<Result<RecordMetadata, ProduceError>>,
    pub(super) timestamp: Timestamp,
    /// Given back to the buffer with the ticket.
    _permit: OwnedSemaphorePermit,
}

pub(super) type Queue = PartitionQueue<Ticket, ProduceError>;

#[derive(Debug)]
pub(super) struct Accumulator {
    limits: Limits,
    state: Mutex<State>,
}

/// What is behind the lock. It is never held across an await.
#[derive(Debug, Default)]
pub(super) struct State {
    /// A queue for every partition that was ever sent to: it holds the sequence.
    pub(super) queues: BTreeMap<TopicPartition, Queue>,
    /// The partitions whose queue is not empty.
    pub(super) active: BTreeSet<TopicPartition>,
    topics: HashMap<Arc<str>, TopicState>,
    next_batch_id: BatchId,
    /// Flushes and senders without memory that wait: open batches go at once.
    hurrying: usize,
    pub(super) is_closed: bool,
    /// Set when no record can ever be delivered: the producer gets no id.
    pub(super) fatal: Option<ProduceError>,
    /// Under which transactions are written; other producers get an identity when they need one.
    identity: Option<ProducerIdentity>,
}

#[derive(Debug)]
struct TopicState {
    metadata: Arc<Topic>,
    /// Partitions that have a leader, ascending.
    available: Vec<i32>,
    sticky: StickyPartitioner,
}

/// A record on its way into a batch.
pub(super) struct Appending<'a> {
    pub(super) record: Record,
    pub(super) size: usize,
    pub(super) topic: &'a Arc<Topic>,
    pub(super) permit: OwnedSemaphorePermit,
}

impl Accumulator {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, state: Mutex::default() }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn append(&self, appending: Appending<'_>) -> Result<(Delivery, Appended), ProduceError> {
        let Appending { record, size, topic, permit } = appending;
        let timestamp = record.timestamp.unwrap_or_else(wall_clock);
        let (sender, delivery) = Delivery::new();
        let mut state = self.lock();
        if state.is_closed {
            return Err(ProduceError::Closed);
        }
        if let Some(error) = &state.fatal {
            return Err(error.clone());
        }
        let partition = state.choose_partition(&record, size, topic, self.limits.batch_size)?;
        let key = TopicPartition { topic: Arc::clone(&topic.name), partition };
        let state = &mut *state;
        let id = state.new_batch_id();
        let queue = match state.queues.get_mut(&key) {
            Some(queue) => queue,
            None => {
                let queue = state.queues.entry(key.clone()).or_insert_with(|| Queue::new(self.limits));
                if let Some(identity) = state.identity {
                    queue.set_identity(identity);
                }
                queue
            }
        };
        let ticket = Ticket { sender, timestamp, _permit: permit };
        let appended = queue.append(ticket, size, id, Instant::now(), |builder| {
            let headers: Vec<RecordHeader<'_>> = record
                .headers
                .iter()
                .map(|header| RecordHeader { key: header.name.as_bytes(), value: header.value.as_deref() })
                .collect();
            builder.append(timestamp, record.key.as_deref(), record.value.as_deref(), &headers).is_ok()
        });
        if appended == Appended::Refused {
            return Err(ProduceError::InvalidTimestamp(timestamp));
        }
        if appended == Appended::InNewBatch {
            state.active.insert(key);
        }
        Ok((delivery, appended))
    }

    /// Makes open batches go at once until [`Self::end_flush`]. Gives what to ask [`Self::is_finished`] for.
    pub(super) fn begin_flush(&self) -> BatchId {
        let mut state = self.lock();
        state.hurrying += 1;
        state.new_batch_id()
    }

    pub(super) fn end_flush(&self) {
        let mut state = self.lock();
        state.hurrying = state.hurrying.saturating_sub(1);
    }

    /// Whether every batch that was begun before `up_to` was given out has ended.
    pub(super) fn is_finished(&self, up_to: BatchId) -> bool {
        let state = self.lock();
        state.active.iter().all(|key| {
            state.queues.get(key).is_none_or(|queue| queue.oldest().is_none_or(|oldest| oldest > up_to))
        })
    }

    /// Makes open batches go at once while the guard lives.
    pub(super) fn starve(&self) -> Starving<'_> {
        self.lock().hurrying += 1;
        Starving(self)
    }

    /// Gives up every record that is not on its way.
    pub(super) fn give_up_all(&self, error: &ProduceError) -> Vec<Finished<Ticket, ProduceError>> {
        let mut state = self.lock();
        let mut finished = Vec::new();
        let now = Instant::now();
        for queue in state.queues.values_mut() {
            queue.give_up_all(error, now, &mut finished);
        }
        let state = &mut *state;
        let queues = &state.queues;
        state.active.retain(|key| queues.get(key).is_some_and(|queue| !queue.is_empty()));
        finished
    }

    /// The next transaction is written under this identity. Nothing of the last one is left.
    pub(super) fn restart(&self, identity: ProducerIdentity) {
        let mut state = self.lock();
        state.identity = Some(identity);
        for queue in state.queues.values_mut() {
            queue.restart(identity);
        }
    }

    pub(super) fn close(&self) {
        self.lock().is_closed = true;
    }
}

/// Someone waits for memory.
pub(super) struct Starving<'a>(&'a Accumulator);

impl Drop for Starving<'_> {
    fn drop(&mut self) {
        self.0.end_flush();
    }
}

impl Appended {
    /// Whether the sender has something new to do: a batch to send, or a linger time to wait for.
    pub(super) fn wakes_sender(self) -> bool {
        matches!(self, Self::InNewBatch | Self::Full)
    }
}

impl State {
    pub(super) fn new_batch_id(&mut self) -> BatchId {
        self.next_batch_id += 1;
        self.next_batch_id
    }

    /// The partitions with batches: those after `cursor`, then the others.
    pub(super) fn active_from(&self, cursor: Option<&TopicPartition>) -> Vec<TopicPartition> {
        let Some(cursor) = cursor else { return self.active.iter().cloned().collect() };
        let after = self.active.range((Bound::Excluded(cursor), Bound::Unbounded));
        after.chain(self.active.range(..=cursor)).cloned().collect()
    }

    /// Whether open batches go at once.
    pub(super) fn is_hurrying(&self) -> bool {
        self.hurrying > 0 || self.is_closed
    }

    fn choose_partition(
        &mut self,
        record: &Record,
        size: usize,
        topic: &Arc<Topic>,
        batch_size: usize,
    ) -> Result<i32, ProduceError> {
        let count = topic.partition_count();
        if let Some(partition) = record.partition {
            if (0..count).contains(&partition) {
                return Ok(partition);
            }
            return Err(ProduceError::UnknownPartition { topic: topic.name.to_string(), partition, count });
        }
        if count == 0 {
            return Err(ProduceError::NoLeader(topic.name.to_string()));
        }
        if let Some(key) = &record.key {
            return Ok(partition_for_key(key, count));
        }
        let state = self.topics.entry(Arc::clone(&topic.name)).or_insert_with(|| TopicState {
            available: available(topic),
            metadata: Arc::clone(topic),
            sticky: StickyPartitioner::new(batch_size, Random::from_entropy()),
        });
        if !Arc::ptr_eq(&state.metadata, topic) {
            state.available = available(topic);
            state.metadata = Arc::clone(topic);
        }
        // Without any leader a partition may get one before the record is given up.
        let everywhere = || (0..count).collect::<Vec<_>>();
        let chosen = match state.available.as_slice() {
            [] => state.sticky.next(&everywhere(), size),
            available => state.sticky.next(available, size),
        };
        chosen.ok_or_else(|| ProduceError::NoLeader(topic.name.to_string()))
    }
}

fn available(topic: &Topic) -> Vec<i32> {
    topic
        .partitions
        .iter()
        .filter(|partition| partition.leader.is_some())
        .map(|partition| partition.index)
        .collect()
}

fn wall_clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
