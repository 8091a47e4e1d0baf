//! The consumer: reads records of the partitions that it is assigned.

mod assignor;
mod chunk;
mod fetch;
mod membership;
#[cfg(test)]
mod membership_tests;
mod options;
mod session;
mod state;
mod subscription;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{BrokerId, Offset};
use tokio::task::JoinSet;
use tokio::time::Instant;

pub use self::chunk::BatchFault;
use self::fetch::{Event, Fetcher};
pub use self::membership::GroupOptions;
pub use self::options::{ConsumerBuilder, ConsumerOptions, OffsetReset};
use self::state::{PartitionState, Position};
use self::subscription::{Subscription, next_event};
use crate::admin::{Admin, OffsetSpec};
use crate::backoff::Backoff;
use crate::client::{AutoCreate, Client};
use crate::error::{ApiError, Error};
use crate::partition::TopicPartition;
use crate::record::ConsumerRecord;

/// Where reading a partition begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartOffset {
    /// At the first record that is still there.
    Earliest,
    /// At the end: records that come later.
    Latest,
    /// At this offset.
    At(Offset),
    /// At the first record with this timestamp or a later one; at the end if there is none.
    AtTimestamp(Timestamp),
}

/// Why nothing can be read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ConsumeError {
    /// The position is not in the log, and the consumer was told to fail then.
    #[error("offset {offset} of {partition} is not in the log")]
    OffsetOutOfRange {
        /// Partition.
        partition: TopicPartition,
        /// Position.
        offset: Offset,
    },
    /// A batch cannot be read. The consumer stays before it; [`Consumer::seek`] leads past it.
    #[error("the batch of {partition} at offset {offset} cannot be read: {fault}")]
    Batch {
        /// Partition.
        partition: TopicPartition,
        /// Position of the consumer.
        offset: Offset,
        /// What is wrong with it.
        fault: BatchFault,
    },
    /// A broker refused for good.
    #[error("cannot read {partition}: {error}")]
    Partition {
        /// Partition.
        partition: TopicPartition,
        /// The broker's answer.
        error: ApiError,
    },
    /// The partition is not assigned to this consumer.
    #[error("{0} is not assigned to this consumer")]
    NotAssigned(TopicPartition),
    /// The group has committed no offset of the partition, and the consumer was told to fail then.
    #[error("the group has committed no offset of {0}")]
    NoCommittedOffset(TopicPartition),
    /// The group rebalances, and partitions may have gone to other members.
    #[error("the group rebalances: its partitions may be read by other members")]
    Rebalancing,
    /// The consumer is in no group.
    #[error("the consumer is in no group")]
    NotSubscribed,
    /// The cluster could not be asked.
    #[error(transparent)]
    Cluster(#[from] Error),
}

impl ConsumeError {
    /// Whether a commit failed because the group has gone on, or goes on, without this member's partitions. They are read
    /// again by whoever has them now.
    #[must_use]
    pub fn is_rebalance(&self) -> bool {
        match self {
            Self::Rebalancing => true,
            Self::Cluster(error) => matches!(
                error.code(),
                Some(
                    ErrorCode::REBALANCE_IN_PROGRESS
                        | ErrorCode::ILLEGAL_GENERATION
                        | ErrorCode::UNKNOWN_MEMBER_ID
                )
            ),
            _ => false,
        }
    }
}

/// Reads records. It fetches ahead while the program works on what it has.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use ottla_client::{Client, Consumer, StartOffset};
///
/// let client = Client::connect("localhost:9092").await?;
/// let mut consumer = Consumer::builder(&client).build();
/// consumer.assign_topic("orders", StartOffset::Earliest).await?;
/// loop {
///     for record in consumer.poll(Duration::from_secs(1)).await? {
///         println!("{}-{}@{}: {:?}", record.topic, record.partition, record.offset, record.value);
///     }
/// }
/// # }
/// ```
///
/// Futures of its methods may be dropped at any time without losing records.
#[derive(Debug)]
pub struct Consumer {
    options: Arc<ConsumerOptions>,
    admin: Admin,
    fetcher: Fetcher,
    partitions: BTreeMap<TopicPartition, PartitionState>,
    /// Partitions with fetched batches, in the order in which they get their turn.
    turns: VecDeque<TopicPartition>,
    /// Records that were decoded and not returned.
    decoded: VecDeque<ConsumerRecord>,
    /// What is waited for. Owned: it ends with the consumer.
    events: JoinSet<Event>,
    errors: VecDeque<ConsumeError>,
    subscription: Option<Subscription>,
    is_resolving: bool,
    is_refreshing: bool,
    /// Nothing is asked again before this time, after a failure.
    not_before: Option<Instant>,
    metadata_due: Instant,
    backoff: Backoff,
    /// Counts assignments and seeks, to know answers to old questions by.
    generation: u64,
}

impl Consumer {
    /// To set options before building.
    pub fn builder(client: &Client) -> ConsumerBuilder {
        ConsumerBuilder::new(client.clone())
    }

    fn new(client: &Client, options: ConsumerOptions) -> Self {
        let options = Arc::new(options);
        Self {
            admin: client.admin(),
            fetcher: Fetcher::new(client.with_own_connections(), Arc::clone(&options)),
            partitions: BTreeMap::new(),
            turns: VecDeque::new(),
            decoded: VecDeque::new(),
            events: JoinSet::new(),
            errors: VecDeque::new(),
            subscription: None,
            is_resolving: false,
            is_refreshing: false,
            not_before: None,
            metadata_due: Instant::now() + options.metadata_age_max,
            backoff: client.backoff(),
            generation: 0,
            options,
        }
    }

    /// Reads `partition` too, from `start` on. If it is assigned already, this is a seek.
    pub fn assign(&mut self, partition: impl Into<TopicPartition>, start: StartOffset) {
        self.generation += 1;
        let partition = partition.into();
        self.drop_fetched(&partition);
        self.partitions.insert(partition, PartitionState::new(start, self.generation));
    }

    /// Reads all partitions that `topic` has at the moment, from `start` on.
    ///
    /// Errors: [`Error::Api`] with `UNKNOWN_TOPIC_OR_PARTITION` if there is no such topic.
    pub async fn assign_topic(&mut self, topic: &str, start: StartOffset) -> Result<(), Error> {
        let topic = self.admin.client().topic(topic).await?;
        for partition in &topic.partitions {
            self.assign((Arc::clone(&topic.name), partition.index), start);
        }
        Ok(())
    }

    /// Stops reading `partition`.
    pub fn unassign(&mut self, partition: &TopicPartition) {
        self.drop_fetched(partition);
        self.partitions.remove(partition);
    }

    /// The partitions that are read.
    pub fn assignment(&self) -> impl Iterator<Item = &TopicPartition> {
        self.partitions.keys()
    }

    /// Goes on at `start` in an assigned partition.
    pub fn seek(&mut self, partition: &TopicPartition, start: StartOffset) -> Result<(), ConsumeError> {
        if !self.partitions.contains_key(partition) {
            return Err(ConsumeError::NotAssigned(partition.clone()));
        }
        let is_paused = self.partitions.get(partition).is_some_and(|state| state.is_paused);
        self.assign(partition.clone(), start);
        if is_paused {
            self.pause(partition)?;
        }
        Ok(())
    }

    /// Returns nothing more of `partition` until [`Consumer::resume`].
    pub fn pause(&mut self, partition: &TopicPartition) -> Result<(), ConsumeError> {
        let state = self.partitions.get_mut(partition);
        state.ok_or_else(|| ConsumeError::NotAssigned(partition.clone()))?.is_paused = true;
        // They are fetched again later, which is simpler than keeping them.
        let position = self.position(partition);
        if self.drop_fetched(partition)
            && let Some((state, offset)) = self.partitions.get_mut(partition).zip(position)
        {
            self.generation += 1;
            state.rewind(offset, self.generation);
        }
        Ok(())
    }

    /// Reads `partition` again after [`Consumer::pause`].
    pub fn resume(&mut self, partition: &TopicPartition) -> Result<(), ConsumeError> {
        let state = self.partitions.get_mut(partition);
        state.ok_or_else(|| ConsumeError::NotAssigned(partition.clone()))?.is_paused = false;
        Ok(())
    }

    /// Offset of the next record of `partition` that [`Consumer::poll`] returns, if it is known: not before the first fetch
    /// after an assignment by name or time.
    #[must_use]
    pub fn position(&self, partition: &TopicPartition) -> Option<Offset> {
        let waiting = self
            .decoded
            .iter()
            .find(|record| record.topic == partition.topic && record.partition == partition.partition);
        waiting.map(|record| record.offset).or_else(|| self.partitions.get(partition)?.consumed())
    }

    /// Offset after the last record of `partition` that may be read, as the last fetch told.
    #[must_use]
    pub fn end_offset(&self, partition: &TopicPartition) -> Option<Offset> {
        self.partitions.get(partition)?.end_offset
    }

    /// The next records, as soon as there are any; nothing if none come within `wait`. They are of one partition and in
    /// order.
    ///
    /// Errors: see [`ConsumeError`]. The consumer stays usable, and other partitions are read on.
    pub async fn poll(&mut self, wait: Duration) -> Result<Vec<ConsumerRecord>, ConsumeError> {
        let deadline = Instant::now() + wait;
        self.begin_poll(Instant::now());
        loop {
            self.fetch();
            if let Some(error) = self.errors.pop_front() {
                return Err(error);
            }
            self.decode()?;
            if !self.decoded.is_empty() {
                // What was read makes room for more.
                self.fetch();
                return Ok(self.take_decoded());
            }
            let wake_at = self.not_before.map_or(deadline, |at| at.min(deadline));
            tokio::select! {
                event = next_event(self.subscription.as_mut()) => self.group_event(event),
                Some(event) = self.events.join_next() => match event {
                    Ok(event) => self.handle(event),
                    Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                    Err(_) => {}
                },
                () = tokio::time::sleep_until(wake_at) => {}
            }
            let now = Instant::now();
            self.not_before = self.not_before.filter(|&at| at > now);
            if now >= deadline && self.turns.is_empty() && self.errors.is_empty() {
                return Ok(Vec::new());
            }
        }
    }

    /// Leaves its group, with its positions committed if that is automatic, and closes its connections.
    pub async fn close(mut self) {
        self.leave_group().await;
        self.events.shutdown().await;
        self.fetcher.close().await;
    }

    /// Decodes the next batch of the partition whose turn it is, if nothing decoded is left.
    fn decode(&mut self) -> Result<(), ConsumeError> {
        while self.decoded.is_empty() {
            let Some(partition) = self.turns.pop_front() else { return Ok(()) };
            let Some(state) = self.partitions.get_mut(&partition) else { continue };
            match state.next_batch(&partition, &self.options) {
                Some(Ok(records)) => {
                    self.decoded.extend(records);
                    self.turns.push_back(partition);
                }
                Some(Err((offset, fault))) => {
                    self.turns.push_back(partition.clone());
                    return Err(ConsumeError::Batch { partition, offset, fault });
                }
                None => {}
            }
        }
        Ok(())
    }

    fn take_decoded(&mut self) -> Vec<ConsumerRecord> {
        if self.decoded.len() <= self.options.poll_records_max {
            return std::mem::take(&mut self.decoded).into();
        }
        self.decoded.drain(..self.options.poll_records_max.max(1)).collect()
    }

    /// Forgets what was fetched of `partition` and not returned. Whether there was anything.
    fn drop_fetched(&mut self, partition: &TopicPartition) -> bool {
        let before = self.decoded.len();
        self.decoded
            .retain(|record| record.topic != partition.topic || record.partition != partition.partition);
        self.turns.retain(|turn| turn != partition);
        let had_chunks = self.partitions.get_mut(partition).is_some_and(PartitionState::drop_chunks);
        had_chunks || self.decoded.len() != before
    }

    /// Sets everything going that should be: offsets to find out, metadata to refresh, fetches.
    fn fetch(&mut self) {
        let now = Instant::now();
        if self.not_before.is_some_and(|at| now < at) {
            return;
        }
        self.resolve_positions();
        let is_stale = now >= self.metadata_due;
        let lacks_leader = self.fetcher.fetch(&self.partitions, &mut self.events);
        if (is_stale || lacks_leader) && !self.is_refreshing {
            self.is_refreshing = true;
            let client = self.admin.client().clone();
            let topics: Vec<String> = self.partitions.keys().map(|key| key.topic.to_string()).collect();
            self.events.spawn(async move {
                let mut names: Vec<&str> = topics.iter().map(String::as_str).collect();
                names.dedup();
                Event::Refreshed(client.refresh(&names, AutoCreate::Forbidden).await.map(|_| ()))
            });
        }
    }

    /// Asks for the offsets of partitions whose position is not a number yet.
    fn resolve_positions(&mut self) {
        if self.is_resolving {
            return;
        }
        let mut questions = Vec::new();
        let mut generations = BTreeMap::new();
        for (partition, state) in &mut self.partitions {
            if let Position::Unresolved(start) = state.position {
                let spec = match start {
                    StartOffset::Earliest => OffsetSpec::Earliest,
                    StartOffset::AtTimestamp(timestamp) => OffsetSpec::AtTimestamp(timestamp),
                    StartOffset::Latest | StartOffset::At(_) => OffsetSpec::Latest,
                };
                questions.push((partition.clone(), spec));
                generations.insert(partition.clone(), state.generation);
            }
        }
        if questions.is_empty() {
            return;
        }
        self.is_resolving = true;
        let admin = self.admin.clone();
        let isolation_level = self.options.isolation_level;
        self.events.spawn(async move {
            let answers = admin.list_offsets(&questions, isolation_level).await;
            Event::Resolved(generations, answers)
        });
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Refreshed(result) => {
                self.is_refreshing = false;
                match result {
                    Ok(()) => self.metadata_due = Instant::now() + self.options.metadata_age_max,
                    Err(error) => self.fail_or_wait(error),
                }
                if self.fetcher.lacks_leader(&self.partitions) {
                    self.wait();
                }
            }
            Event::Resolved(generations, answers) => {
                self.is_resolving = false;
                for (partition, answer) in answers {
                    let generation = generations.get(&partition).copied();
                    let Some(state) = self.partitions.get_mut(&partition) else { continue };
                    if Some(state.generation) != generation {
                        continue;
                    }
                    match answer {
                        Ok(listed) => state.resolve(listed.offset),
                        Err(error) => self.fail_or_wait(error),
                    }
                }
            }
            Event::Fetched(broker, generations, result) => self.fetched(broker, &generations, result),
        }
    }

    fn fetched(
        &mut self,
        broker: BrokerId,
        generations: &BTreeMap<TopicPartition, u64>,
        result: fetch::Fetched,
    ) {
        let Some(answers) = self.fetcher.fetched(broker, result) else {
            self.metadata_due = Instant::now();
            return self.wait();
        };
        let mut waits = false;
        for (partition, data) in answers {
            let generation = generations.get(&partition).copied();
            let Some(state) = self.partitions.get_mut(&partition) else { continue };
            if Some(state.generation) != generation {
                continue;
            }
            match state.fetched(data, &self.options) {
                Ok(true) => self.turns.push_back(partition),
                Ok(false) => {}
                Err(state::Refusal::OutOfRange(offset)) => match self.options.offset_reset {
                    OffsetReset::Fail => {
                        waits = true;
                        self.errors.push_back(ConsumeError::OffsetOutOfRange { partition, offset });
                    }
                    OffsetReset::Earliest => state.position = Position::Unresolved(StartOffset::Earliest),
                    OffsetReset::Latest => state.position = Position::Unresolved(StartOffset::Latest),
                },
                Err(state::Refusal::Retry) => {
                    waits = true;
                    self.metadata_due = Instant::now();
                }
                Err(state::Refusal::Fatal(error)) => {
                    waits = true;
                    self.errors.push_back(ConsumeError::Partition { partition, error });
                }
                Err(state::Refusal::Batch(offset, fault)) => {
                    waits = true;
                    self.errors.push_back(ConsumeError::Batch { partition, offset, fault });
                }
            }
        }
        if waits {
            self.wait();
        } else {
            self.backoff = self.admin.client().backoff();
        }
    }

    fn fail_or_wait(&mut self, error: Error) {
        if !error.is_retriable() {
            self.errors.push_back(error.into());
        }
        self.wait();
    }

    fn wait(&mut self) {
        self.not_before = Some(Instant::now() + self.backoff.next_wait());
    }
}
