//! The task that sends: it takes ready batches from the queues, groups them by leader, and brings the answers back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use ottla_protocol::error::Retry;
use ottla_protocol::messages::init_producer_id_request::InitProducerIdRequest;
use ottla_protocol::messages::produce_request::ProduceRequest;
use ottla_protocol::messages::produce_response::ProduceResponse;
use ottla_protocol::record::Compression;
use ottla_protocol::types::{BrokerId, ProducerEpoch, ProducerId, TopicId};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Shared;
use super::accumulator::{State, Ticket};
use super::batch::{ProducerIdentity, stamp};
use super::delivery::{ProduceError, RecordMetadata};
use super::options::Acks;
use super::queue::{Attempt, Failure, Finished, Payload, Taken};
use super::request::{self, Answer, Sent};
use super::verdict::Verdict;
use crate::backoff::Backoff;
use crate::client::{AutoCreate, Client};
use crate::connection::Connection;
use crate::error::{ApiError, Error, RequestError};
use crate::partition::TopicPartition;

/// Longest time without looking at anything.
const IDLE: Duration = Duration::from_secs(60);
/// From this size on, in bytes, batches are compressed on a thread of their own: it takes longer than a task should.
const COMPRESSED_APART_SIZE: usize = 96 << 10;

/// Runs until the producer is closed and every record has ended.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut sender = Sender {
        backoff: shared.client.backoff(),
        shared: Arc::clone(&shared),
        events: JoinSet::new(),
        brokers: BTreeMap::new(),
        identity: Fetching::default(),
        metadata: Fetching::default(),
        metadata_due: Instant::now() + shared.options.metadata_age_max,
        cursor: None,
    };
    loop {
        let wake_at = sender.send_ready().await;
        if sender.is_done() {
            break;
        }
        tokio::select! {
            () = shared.wake.notified() => {}
            Some(event) = sender.events.join_next() => match event {
                Ok(event) => sender.handle(event),
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                Err(_) => {}
            },
            () = tokio::time::sleep_until(wake_at) => {}
        }
    }
    shared.progress.notify_waiters();
}

struct Sender {
    shared: Arc<Shared>,
    backoff: Backoff,
    /// Everything that is waited for. Owned: it ends with the sender.
    events: JoinSet<Event>,
    brokers: BTreeMap<BrokerId, BrokerState>,
    identity: Fetching,
    metadata: Fetching,
    /// When the metadata is too old.
    metadata_due: Instant,
    /// The partition after which the next round begins, so that all get their turn.
    cursor: Option<TopicPartition>,
}

/// What the sender knows of one broker.
#[derive(Debug, Default)]
struct BrokerState {
    connection: Option<Arc<Connection>>,
    connecting: Fetching,
    in_flight: usize,
}

/// Something that is fetched when it is needed: one at a time, and after a failure not at once again.
#[derive(Debug, Default)]
struct Fetching {
    is_under_way: bool,
    not_before: Option<Instant>,
}

impl Fetching {
    /// Whether to begin now; it counts as begun then.
    fn begin(&mut self, now: Instant) -> bool {
        let may_begin = !self.is_under_way && self.not_before.is_none_or(|at| now >= at);
        self.is_under_way |= may_begin;
        may_begin
    }

    fn end(&mut self, not_before: Option<Instant>) {
        *self = Self { is_under_way: false, not_before };
    }
}

enum Event {
    Connected(BrokerId, Result<Arc<Connection>, Error>),
    Answered(BrokerId, Vec<Sent>, Result<Option<ProduceResponse>, RequestError>),
    Identified(Result<ProducerIdentity, Error>),
    Refreshed(Result<(), Error>),
}

/// The batches for one broker.
#[derive(Default)]
struct Load {
    batches: Vec<(TopicPartition, TopicId, Taken)>,
    size: usize,
}

impl Sender {
    fn is_done(&self) -> bool {
        let state = self.shared.accumulator.lock();
        state.is_closed && state.active.is_empty()
    }

    /// Sends what can be sent now. Returns when to look again if nothing else happens.
    async fn send_ready(&mut self) -> Instant {
        loop {
            let now = Instant::now();
            let (loads, wake_at) = self.collect(now);
            if loads.is_empty() {
                return wake_at;
            }
            for (broker, load) in loads {
                self.send(broker, load).await;
            }
        }
    }

    /// Takes at most one batch of each partition whose leader has room.
    fn collect(&mut self, now: Instant) -> (BTreeMap<BrokerId, Load>, Instant) {
        let mut round = Round {
            now,
            wake_at: now + IDLE,
            needs_metadata: now >= self.metadata_due,
            needs_identity: false,
            loads: BTreeMap::new(),
        };
        let shared = Arc::clone(&self.shared);
        let mut finished = Vec::new();
        {
            let mut state = shared.accumulator.lock();
            for key in state.active_from(self.cursor.as_ref()) {
                self.visit(&key, &mut state, &mut round, &mut finished);
            }
        }
        self.cursor =
            round.loads.values().flat_map(|load| load.batches.last()).map(|(key, ..)| key.clone()).next();
        end(finished, None, &shared);
        // A transactional producer has its identity from its coordinator.
        let may_identify = self.shared.transactions.is_none();
        if round.needs_identity && may_identify && self.identity.begin(now) {
            let client = shared.client.clone();
            self.events.spawn(async move { Event::Identified(init_producer_id(&client).await) });
        }
        if round.needs_metadata && self.metadata.begin(now) {
            let client = shared.client.clone();
            self.events.spawn(async move {
                Event::Refreshed(client.refresh(&[], AutoCreate::Forbidden).await.map(|_| ()))
            });
        }
        let retries = [self.identity.not_before, self.metadata.not_before].into_iter().flatten();
        let wake_at = retries.chain([round.wake_at]).filter(|&at| at > now).min().unwrap_or(round.wake_at);
        (round.loads, wake_at)
    }

    fn visit(
        &mut self,
        key: &TopicPartition,
        state: &mut State,
        round: &mut Round,
        finished: &mut Vec<Finished<Ticket, ProduceError>>,
    ) {
        let is_hurrying = state.is_hurrying();
        let Some(queue) = state.queues.get_mut(key) else { return };
        queue.expire(round.now, finished);
        if queue.is_empty() {
            state.active.remove(key);
            return;
        }
        round.needs_identity |= queue.needs_identity();
        let cluster = self.shared.client.cluster();
        let topic = cluster.topics.get(&*key.topic);
        let Some(leader) = cluster.leader(&key.topic, key.partition) else {
            round.needs_metadata = true;
            round.wake_by(queue.deadline(round.now));
            return;
        };
        let load_size = round.loads.get(&leader.id).map_or(0, |load| load.size);
        let has_room = load_size < self.shared.options.request_size_max;
        if has_room
            && self.can_send_to(leader.id, round)
            && let Some(taken) = queue.take(round.now, is_hurrying, finished)
        {
            let load = round.loads.entry(leader.id).or_default();
            load.size += taken.payload.size();
            let topic_id = topic.map_or(TopicId::ZERO, |topic| topic.id);
            load.batches.push((key.clone(), topic_id, taken));
        }
        round.needs_identity |= queue.needs_identity();
        round.wake_by(queue.deadline(round.now));
    }

    /// Whether a connection to the broker is open and takes one more request. Opens one if there is none.
    fn can_send_to(&mut self, id: BrokerId, round: &mut Round) -> bool {
        let broker = self.brokers.entry(id).or_default();
        match &broker.connection {
            Some(connection) if !connection.is_closed() => {
                broker.in_flight < self.shared.options.in_flight_max
            }
            _ => {
                broker.connection = None;
                if broker.connecting.begin(round.now) {
                    let client = self.shared.client.clone();
                    self.events.spawn(async move { Event::Connected(id, client.connection(id).await) });
                }
                round.wake_by(broker.connecting.not_before.filter(|&at| at > round.now));
                false
            }
        }
    }

    async fn send(&mut self, id: BrokerId, load: Load) {
        let options = self.shared.options.clone();
        let mut batches = Vec::with_capacity(load.batches.len());
        for (partition, topic_id, taken) in load.batches {
            batches.push(prepare(partition, topic_id, taken, options.compression).await);
        }
        let broker = self.brokers.entry(id).or_default();
        let Some(connection) = broker.connection.clone() else {
            let closed = RequestError::Closed(crate::error::CloseReason::Local);
            return self.answered(batches, Err(closed));
        };
        broker.in_flight += 1;
        let (request, version_max) = request::encode(&batches, &options, self.shared.transactions.as_ref());
        let version = match connection.versions().pick_within::<ProduceRequest>(i16::MIN, version_max) {
            Ok(version) => version,
            Err(error) => {
                broker.in_flight -= 1;
                return self.answered(batches, Err(error));
            }
        };
        if options.acks == Acks::None {
            let result = connection.send_one_way(&request, version).await.map(|()| None);
            broker.in_flight -= 1;
            return self.answered(batches, result);
        }
        // In line before the next request to this broker is: the order of the sequences is kept.
        match connection.enqueue(&request, version, options.request_timeout).await {
            Ok(in_flight) => {
                self.events
                    .spawn(async move { Event::Answered(id, batches, in_flight.response().await.map(Some)) });
            }
            Err(error) => {
                broker.in_flight -= 1;
                self.answered(batches, Err(error));
            }
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Connected(id, result) => {
                let retry_at = result.as_ref().err().map(|_| Instant::now() + self.backoff.next_wait());
                if let Err(error) = &result {
                    tracing::debug!(%error, broker = id.0, "the producer cannot reach a broker");
                    self.metadata_due = Instant::now();
                }
                let broker = self.brokers.entry(id).or_default();
                broker.connecting.end(retry_at);
                broker.connection = result.ok();
            }
            Event::Answered(id, batches, result) => {
                let broker = self.brokers.entry(id).or_default();
                broker.in_flight = broker.in_flight.saturating_sub(1);
                self.answered(batches, result);
            }
            Event::Identified(result) => self.identified(result),
            Event::Refreshed(result) => {
                let now = Instant::now();
                // Even good news are not asked for without end: a partition may stay without a leader.
                self.metadata.end(Some(now + self.backoff.next_wait()));
                if result.is_ok() {
                    self.metadata_due = now + self.shared.options.metadata_age_max;
                }
            }
        }
    }

    fn identified(&mut self, result: Result<ProducerIdentity, Error>) {
        let mut state = self.shared.accumulator.lock();
        let state = &mut *state;
        let mut finished = Vec::new();
        match result {
            Ok(identity) => {
                for queue in state.queues.values_mut().filter(|queue| queue.needs_identity()) {
                    queue.set_identity(identity);
                }
                self.identity.end(None);
            }
            Err(error) if error.is_retriable() => {
                tracing::debug!(%error, "the producer got no id");
                self.identity.end(Some(Instant::now() + self.backoff.next_wait()));
            }
            Err(error) => {
                let fatal = ProduceError::Cluster(Box::new(error));
                for queue in state.queues.values_mut() {
                    queue.give_up_all(&fatal, Instant::now(), &mut finished);
                }
                state.fatal = Some(fatal);
                self.identity.end(None);
            }
        }
        end(finished, None, &self.shared);
    }

    fn answered(&mut self, batches: Vec<Sent>, result: Result<Option<ProduceResponse>, RequestError>) {
        let is_answer = result.is_ok();
        let outcomes = outcomes(result, &batches);
        let shared = Arc::clone(&self.shared);
        let backoff = self.backoff.next_wait();
        let mut state = shared.accumulator.lock();
        for (batch, outcome) in batches.into_iter().zip(outcomes) {
            let partition = batch.partition.partition;
            let (verdict, error, answer) = match outcome {
                Ok(answer) => (Verdict::Written, ProduceError::Closed, Some((partition, answer))),
                Err((verdict, error)) => (verdict, error, None),
            };
            if answer.is_none() && needs_metadata(&error) {
                self.metadata_due = Instant::now();
            }
            let split_id = state.new_batch_id();
            let Some(queue) = state.queues.get_mut(&batch.partition) else { continue };
            let attempt = Attempt { id: batch.id, verdict, error, bytes: Vec::from(batch.bytes) };
            let mut finished = Vec::new();
            queue.complete(attempt, split_id, Instant::now(), backoff, &mut finished);
            if queue.is_empty() {
                state.active.remove(&batch.partition);
            }
            end(finished, answer.as_ref(), &shared);
        }
        if is_answer {
            self.backoff = shared.client.backoff();
        }
    }
}

/// What a response, or its absence, means for each batch of the request.
fn outcomes(
    result: Result<Option<ProduceResponse>, RequestError>,
    batches: &[Sent],
) -> Vec<Result<Answer, (Verdict, ProduceError)>> {
    match result {
        Ok(Some(response)) => request::decode(response, batches)
            .into_iter()
            .map(|answer| match answer {
                Some(Ok(answer)) => Ok(answer),
                Some(Err(error)) => Err((Verdict::of(error.code), ProduceError::Refused(error))),
                None => Err((Verdict::Unknown, ProduceError::Cluster(Box::new(Error::MissingResult)))),
            })
            .collect(),
        // Written to the socket is all that acks=0 asks for.
        Ok(None) => batches.iter().map(|_| Ok(Answer { base_offset: None, log_append_time: None })).collect(),
        Err(error) => {
            let verdict = if error.is_retriable() { Verdict::Unknown } else { Verdict::Rejected };
            batches.iter().map(|_| Err((verdict, ProduceError::Request(error.clone())))).collect()
        }
    }
}

/// What one look at the queues found.
struct Round {
    now: Instant,
    wake_at: Instant,
    needs_metadata: bool,
    needs_identity: bool,
    loads: BTreeMap<BrokerId, Load>,
}

impl Round {
    fn wake_by(&mut self, at: Option<Instant>) {
        self.wake_at = at.map_or(self.wake_at, |at| at.min(self.wake_at));
    }
}

/// Compresses a batch if that was not done yet, and stamps it.
async fn prepare(
    partition: TopicPartition,
    topic_id: TopicId,
    taken: Taken,
    compression: Compression,
) -> Sent {
    let mut bytes = match taken.payload {
        Payload::Builder(builder)
            if compression != Compression::None && builder.uncompressed_size() >= COMPRESSED_APART_SIZE =>
        {
            // Other tasks of this thread go on meanwhile.
            match tokio::task::spawn_blocking(|| builder.build()).await {
                Ok(bytes) => bytes,
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                // The runtime is ending, and this task with it.
                Err(_) => Vec::new(),
            }
        }
        payload => payload.into_bytes(),
    };
    stamp(&mut bytes, taken.identity, taken.base_sequence);
    Sent { partition, topic_id, id: taken.id, bytes: Bytes::from(bytes) }
}

fn needs_metadata(error: &ProduceError) -> bool {
    match error {
        ProduceError::Refused(error) => error.code.retry() == Retry::AfterRefresh,
        ProduceError::Request(error) => error.is_retriable(),
        _ => false,
    }
}

/// Tells those who wait for the records of `finished` what came of them. `answer` is that of the partition's leader, for
/// the one batch among them that was written.
pub(super) fn end(
    finished: Vec<Finished<Ticket, ProduceError>>,
    answer: Option<&(i32, Answer)>,
    shared: &Shared,
) {
    if finished.is_empty() {
        return;
    }
    for batch in finished {
        let failure = batch.failure.map(|failure| match failure {
            Failure::Rejected(error) => error,
            Failure::Expired(last) => {
                ProduceError::Expired { after: shared.options.delivery_timeout, last: last.map(Box::new) }
            }
            Failure::OutcomeUnknown(last) => ProduceError::OutcomeUnknown { last: last.map(Box::new) },
        });
        if let (Some(error), Some(transactions)) = (&failure, &shared.transactions) {
            transactions.fail(error);
        }
        for (ticket, index) in batch.tickets.into_iter().zip(0..) {
            let result = match (&failure, answer) {
                (Some(error), _) => Err(error.clone()),
                (None, Some((partition, answer))) => Ok(RecordMetadata {
                    partition: *partition,
                    offset: answer.base_offset.map(|base| base.plus(index)),
                    timestamp: answer.log_append_time.unwrap_or(ticket.timestamp),
                }),
                (None, None) => Err(ProduceError::Closed),
            };
            // Nobody waits if the delivery was dropped.
            let _ = ticket.sender.send(result);
        }
    }
    shared.progress.notify_waiters();
}

/// Asks any broker for a producer id.
async fn init_producer_id(client: &Client) -> Result<ProducerIdentity, Error> {
    let request = InitProducerIdRequest {
        transactional_id: None,
        transaction_timeout_ms: i32::MAX,
        ..Default::default()
    };
    let response = client.send_to_any(&request).await?;
    let what = "get a producer id";
    ApiError::check(response.error_code, None).map_err(|error| Error::api(what, error))?;
    Ok(ProducerIdentity {
        id: ProducerId(response.producer_id),
        epoch: ProducerEpoch(response.producer_epoch),
        is_transactional: false,
    })
}
