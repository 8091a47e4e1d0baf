//! Produce: batches from clients into logs.
//!
//! A partition's batch is checked, stamped and written while the request is handled. With acks=1 the answer leaves at
//! once; with acks=all it waits until the write is as durable as the topic promises.
//! Source: Kafka `KafkaApis.handleProduceRequest`, `ReplicaManager.appendRecords`, `DelayedProduce`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::produce_response::{NodeEndpoint, PartitionProduceResponse};
use ottla_protocol::produce_response::ProduceResponseEncoder;
use ottla_protocol::produce_view::{ProducePartition, ProduceTopic, ProduceView};
use ottla_protocol::record::BatchHeader;
use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::{Offset, PartitionId, TopicId};
use ottla_protocol::wire::DecodeError;
use rustc_hash::FxHashMap;

use super::metadata::{self, LeaderEndpoint};
use super::verification::Verdict;
use crate::effect::ShardId;
use crate::fetch_session::TopicKey;
use crate::internal_topics;
use crate::purgatory::ParkedId;
use crate::response::{Answer, FrameWriter, ResponseSink};
use crate::shard::{Peer, RequestOrigin, Shard, Waiting};

mod append;
mod held;

use append::{Refusal, append, refused};
use held::Writer;
pub(crate) use held::{HeldBatches, verified};

/// The client that may write to internal topics (`AdminUtils.ADMIN_CLIENT_ID`).
const ADMIN_CLIENT: &str = "__admin_client";
/// First version that names topics by id.
const TOPIC_IDS_FROM: i16 = 13;

/// How much longer than its client wants a Produce waits for other shards, which keep the time themselves.
const PEER_ALLOWANCE: Duration = Duration::from_secs(5);

/// A Produce that waits, or what another shard's Produce wants of this one.
pub(crate) struct Parked {
    asker: Asker,
    acks: i16,
    outcomes: Vec<Outcome>,
    /// How many outcomes are not known yet.
    waiting: usize,
}

/// Who waits for the outcomes.
enum Asker {
    Client(RequestOrigin),
    Shard(ShardId, ParkedId),
}

/// What became of one partition's batch.
struct Outcome {
    /// Index of the outcome in the client's request.
    place: usize,
    topic: TopicKey,
    /// The partition, as far as its topic is known.
    id: PartitionId,
    response: PartitionProduceResponse,
    pending: Pending,
}

/// What an outcome waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pending {
    Nothing,
    /// The batch, which ends here, is not as durable as asked.
    Durability(Offset),
    /// The shard of the partition.
    Shard,
    /// The transaction's coordinator, before anything is written.
    Verification,
}

/// Batches for partitions of another shard.
pub(crate) struct PeerAppend {
    waiter: ParkedId,
    version: i16,
    acks: i16,
    timeout: Duration,
    /// Of the request, if it has batches of a transaction.
    transactional_id: Option<Arc<str>>,
    batches: Vec<PeerBatch>,
}

struct PeerBatch {
    place: usize,
    id: PartitionId,
    records: Bytes,
}

/// Handles a request. Errors: its body cannot be read.
pub(crate) fn handle(
    shard: &mut Shard,
    origin: RequestOrigin,
    frame: &[u8],
    body_start: usize,
    sink: &mut ResponseSink,
    now: Now,
) -> Result<Answer, DecodeError> {
    let version = origin.context.api_version;
    let request = ProduceView::new(frame, body_start, version)?;
    let has_right = request.transactional_id.is_some() || !has_transactional_batch(&request);
    let topics: Vec<Found> = request.topics().map(|topic| find_topic(shard, &topic, version)).collect();
    let writer = match Writer::of(&request, version) {
        Ok(writer) => writer,
        Err(error) => return Ok(refuse_all(shard, &origin, &request, &topics, error, sink)),
    };
    let mut outcomes = Vec::with_capacity(1);
    let mut elsewhere = BTreeMap::<ShardId, Vec<PeerBatch>>::new();
    let mut held = Vec::new();
    for (place, (topic, partition)) in named_once(&request, &topics).into_iter().enumerate() {
        let found = &topics[topic];
        let topic_id = found.topic.as_ref().map_or(TopicId::ZERO, |(id, _)| *id);
        let id = PartitionId { topic_id, partition: partition.index };
        let records = partition.records.unwrap_or_default();
        let allowed = match has_right {
            true => may_append(shard, &origin, &request, found, id),
            false => Err(ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED),
        };
        let (response, pending) = match allowed {
            Err(error) => (Refusal::Code(error).response(shard, id), Pending::Nothing),
            Ok(()) if !shard.is_owner(id) => {
                let records = Bytes::copy_from_slice(records);
                elsewhere.entry(shard.owner(id)).or_default().push(PeerBatch { place, id, records });
                (PartitionProduceResponse::default(), Pending::Shard)
            }
            Ok(()) if writer.as_ref().is_some_and(|writer| writer.must_hold(shard, id, records)) => {
                held.push(PeerBatch { place, id, records: Bytes::copy_from_slice(records) });
                (PartitionProduceResponse::default(), Pending::Verification)
            }
            Ok(()) => append(shard, id, version, request.acks, records, Verdict::Unchecked, now),
        };
        outcomes.push(Outcome { place, topic: found.key.clone(), id, response, pending });
    }
    let waiting = outcomes.iter().filter(|outcome| outcome.pending != Pending::Nothing).count();
    if waiting == 0 {
        return Ok(answer(shard, &origin, request.acks, &outcomes, sink));
    }
    let mut timeout = Duration::from_millis(u64::try_from(request.timeout_ms).unwrap_or(0));
    if request.acks != -1 {
        // The client's time is for replicas, and it waits for none.
        timeout = timeout.max(PEER_ALLOWANCE);
    }
    let allowance = if elsewhere.is_empty() { Duration::ZERO } else { PEER_ALLOWANCE };
    let acks = request.acks;
    let parked = Parked { asker: Asker::Client(origin), acks, outcomes, waiting };
    let waiter = park(shard, parked, now.mono + timeout + allowance);
    for (other, batches) in elsewhere {
        let transactional_id = writer.as_ref().map(|writer| Arc::clone(&writer.transactional_id));
        let append = PeerAppend { waiter, version, acks, timeout, transactional_id, batches };
        shard.tell(other, Peer::Append(append));
    }
    if let Some(writer) = &writer {
        writer.hold(shard, HeldBatches { waiter, version, acks, batches: held }, now);
    }
    Ok(Answer::Later)
}

/// Answers a request of which nothing is appended.
fn refuse_all(
    shard: &Shard,
    origin: &RequestOrigin,
    request: &ProduceView<'_>,
    topics: &[Found],
    error: ErrorCode,
    sink: &mut ResponseSink,
) -> Answer {
    let partitions = named_once(request, topics).into_iter().enumerate();
    let outcomes = partitions.map(|(place, (topic, partition))| Outcome {
        place,
        topic: topics[topic].key.clone(),
        id: PartitionId { topic_id: TopicId::ZERO, partition: partition.index },
        response: refused(partition.index, error),
        pending: Pending::Nothing,
    });
    let outcomes: Vec<Outcome> = outcomes.collect();
    answer(shard, origin, request.acks, &outcomes, sink)
}

/// Answers a request whose outcomes are all known.
fn answer(
    shard: &Shard,
    origin: &RequestOrigin,
    acks: i16,
    outcomes: &[Outcome],
    sink: &mut ResponseSink,
) -> Answer {
    if acks == 0 {
        // There is no answer in which to say so: the client learns of an error by the closed connection.
        let is_failed = outcomes.iter().any(|outcome| outcome.response.error_code != 0);
        return if is_failed { Answer::Close } else { Answer::Nothing };
    }
    encode(shard, origin, outcomes, sink);
    Answer::Ready
}

/// Appends what another shard was asked to append to partitions of this one.
pub(crate) fn append_for_peer(shard: &mut Shard, from: ShardId, request: PeerAppend, now: Now) {
    let PeerAppend { waiter, version, acks, timeout, transactional_id, batches } = request;
    let writer = transactional_id.and_then(|id| Writer::of_batches(id, &batches, version));
    let mut outcomes = Vec::with_capacity(batches.len());
    let mut held = Vec::new();
    for batch in batches {
        let (place, id) = (batch.place, batch.id);
        let must_hold = writer.as_ref().is_some_and(|writer| writer.must_hold(shard, id, &batch.records));
        let (response, pending) = if must_hold {
            held.push(batch);
            (PartitionProduceResponse::default(), Pending::Verification)
        } else {
            append(shard, id, version, acks, &batch.records, Verdict::Unchecked, now)
        };
        outcomes.push(Outcome { place, topic: TopicKey::Id(id.topic_id), id, response, pending });
    }
    let waiting = outcomes.iter().filter(|outcome| outcome.pending != Pending::Nothing).count();
    let parked = Parked { asker: Asker::Shard(from, waiter), acks, outcomes, waiting };
    if waiting == 0 {
        return respond(shard, parked);
    }
    let waiter = park(shard, parked, now.mono + timeout);
    if let Some(writer) = writer {
        writer.hold(shard, HeldBatches { waiter, version, acks, batches: held }, now);
    }
}

/// Another shard has appended, or refused, its part of a request.
pub(crate) fn appended(shard: &mut Shard, waiter: ParkedId, results: Vec<(usize, PartitionProduceResponse)>) {
    let Some(Waiting::Produce(parked)) = shard.purgatory.get_mut(waiter) else { return };
    for (place, response) in results {
        let outcome = &mut parked.outcomes[place];
        debug_assert_eq!(outcome.pending, Pending::Shard, "a part is answered once");
        outcome.response = response;
        outcome.pending = Pending::Nothing;
        parked.waiting -= 1;
    }
    respond_if_done(shard, waiter);
}

/// Whether any batch says that it belongs to a transaction.
fn has_transactional_batch(request: &ProduceView<'_>) -> bool {
    let mut batches =
        request.topics().flat_map(|topic| topic.partitions()).filter_map(|partition| partition.records);
    batches
        .any(|records| BatchHeader::parse(records).is_ok_and(|header| header.attributes.is_transactional()))
}

/// The partitions of a request with the index of their topic, each once: of those named twice the first has the place
/// and the last the records, as in Kafka.
fn named_once<'a>(request: &ProduceView<'a>, topics: &[Found]) -> Vec<(usize, ProducePartition<'a>)> {
    let mut partitions: Vec<(usize, ProducePartition<'a>)> = Vec::with_capacity(1);
    let mut places = FxHashMap::default();
    for (at, topic) in request.topics().enumerate() {
        let topic_id = topics[at].topic.as_ref().map(|(id, _)| *id);
        for partition in topic.partitions() {
            // Topics that do not exist append nothing, however often they are named.
            let id = topic_id.map(|topic_id| PartitionId { topic_id, partition: partition.index });
            if let Ok(Some(first)) = id.map(|id| places.insert(id, partitions.len())) {
                places.insert(
                    PartitionId { topic_id: topic_id.unwrap_or_default(), partition: partition.index },
                    first,
                );
                partitions[first].1 = partition;
            } else {
                partitions.push((at, partition));
            }
        }
    }
    partitions
}

/// A topic of the request, and what it is here.
struct Found {
    key: TopicKey,
    topic: Result<(TopicId, Arc<str>), ErrorCode>,
}

fn find_topic(shard: &Shard, topic: &ProduceTopic<'_>, version: i16) -> Found {
    let topics = &shard.image.topics;
    if version >= TOPIC_IDS_FROM {
        let id = TopicId(topic.topic_id);
        let found = topics.by_id(id).map(|topic| (topic.id, Arc::clone(&topic.name)));
        return Found { key: TopicKey::Id(id), topic: found.ok_or(ErrorCode::UNKNOWN_TOPIC_ID) };
    }
    match topics.by_name(topic.name) {
        Some(found) => {
            let name = Arc::clone(&found.name);
            Found { key: TopicKey::Name(Arc::clone(&name)), topic: Ok((found.id, name)) }
        }
        None => Found {
            key: TopicKey::Name(topic.name.into()),
            topic: Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        },
    }
}

fn may_append(
    shard: &Shard,
    origin: &RequestOrigin,
    request: &ProduceView<'_>,
    found: &Found,
    id: PartitionId,
) -> Result<(), ErrorCode> {
    let (_, name) = found.topic.as_ref().map_err(|error| *error)?;
    if !shard.partitions.contains_key(&id) && shard.image.topics.partition(id).is_none() {
        return Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    }
    if !matches!(request.acks, -1..=1) {
        return Err(ErrorCode::INVALID_REQUIRED_ACKS);
    }
    if internal_topics::is_internal(name) && origin.context.client_id.as_deref() != Some(ADMIN_CLIENT) {
        return Err(ErrorCode::INVALID_TOPIC_EXCEPTION);
    }
    Ok(())
}

fn park(shard: &mut Shard, parked: Parked, deadline: Monotonic) -> ParkedId {
    let needs = parked.outcomes.iter().filter_map(|outcome| match outcome.pending {
        Pending::Durability(end) => Some((outcome.id, end)),
        Pending::Nothing | Pending::Shard | Pending::Verification => None,
    });
    let needs: Vec<_> = needs.collect();
    let connection = match &parked.asker {
        Asker::Client(origin) => Some(origin.request.connection),
        Asker::Shard(..) => None,
    };
    let waiter = shard.purgatory.park(Waiting::Produce(Box::new(parked)), deadline, connection);
    for (id, needed) in needs {
        match shard.partitions.get_mut(&id) {
            Some(partition) if partition.is_online() => partition.await_ack(needed, waiter),
            // Another partition of the request has taken its directory along.
            _ => fail(shard, waiter, id),
        }
    }
    waiter
}

/// One of the partitions that a request waits for is durable: answers if it was the last.
pub(crate) fn advance(shard: &mut Shard, waiter: ParkedId, id: PartitionId) {
    settle(shard, waiter, id, None);
}

/// One of the partitions that a request waits for is gone.
pub(crate) fn fail(shard: &mut Shard, waiter: ParkedId, id: PartitionId) {
    settle(shard, waiter, id, Some(ErrorCode::KAFKA_STORAGE_ERROR));
}

fn settle(shard: &mut Shard, waiter: ParkedId, id: PartitionId, error: Option<ErrorCode>) {
    let Some(Waiting::Produce(parked)) = shard.purgatory.get_mut(waiter) else { return };
    let mut outcomes = parked.outcomes.iter_mut();
    let waits =
        |outcome: &&mut Outcome| outcome.id == id && matches!(outcome.pending, Pending::Durability(_));
    let Some(outcome) = outcomes.find(waits) else { return };
    outcome.pending = Pending::Nothing;
    if let Some(error) = error {
        outcome.fail(error);
    }
    parked.waiting -= 1;
    respond_if_done(shard, waiter);
}

fn respond_if_done(shard: &mut Shard, waiter: ParkedId) {
    if let Some(Waiting::Produce(parked)) = shard.purgatory.get_mut(waiter)
        && parked.waiting == 0
        && let Some(Waiting::Produce(parked)) = shard.purgatory.take(waiter)
    {
        respond(shard, *parked);
    }
}

/// The time of a waiting request is up: what is not durable yet has timed out. It stays in the log.
pub(crate) fn expire(shard: &mut Shard, mut parked: Parked) {
    for outcome in parked.outcomes.iter_mut().filter(|outcome| outcome.pending != Pending::Nothing) {
        outcome.fail(ErrorCode::REQUEST_TIMED_OUT);
    }
    respond(shard, parked);
}

fn respond(shard: &mut Shard, parked: Parked) {
    match parked.asker {
        Asker::Client(origin) => {
            let mut sink = ResponseSink::default();
            match answer(shard, &origin, parked.acks, &parked.outcomes, &mut sink) {
                Answer::Close => shard.close(origin.request.connection),
                // Nothing to say is a response, too: the connection's next one can leave.
                Answer::Ready | Answer::Nothing | Answer::Later => shard.respond(origin.request, sink),
            }
        }
        Asker::Shard(other, waiter) => {
            let results = parked.outcomes.into_iter().map(|outcome| (outcome.place, outcome.response));
            shard.tell(other, Peer::Appended { waiter, results: results.collect() });
        }
    }
}

impl Outcome {
    fn fail(&mut self, error: ErrorCode) {
        self.response = refused(self.id.partition, error);
    }
}

fn encode(shard: &Shard, origin: &RequestOrigin, outcomes: &[Outcome], sink: &mut ResponseSink) {
    let context = &origin.context;
    let mut frame = FrameWriter::begin(sink, context);
    let topics = outcomes.chunk_by(|a, b| a.topic == b.topic);
    let mut encoder =
        ProduceResponseEncoder::new(&mut frame.writer, context.api_version, topics.clone().count());
    for topic in topics {
        encoder.topic(topic[0].topic.name(), topic[0].topic.id().0, topic.len());
        for outcome in topic {
            encoder.partition(&outcome.response);
        }
    }
    let leaders = outcomes.iter().map(|outcome| outcome.response.current_leader.leader_id);
    let leaders: BTreeSet<i32> = leaders.filter(|id| *id >= 0).collect();
    let endpoints = metadata::leader_endpoints(&shard.image, &context.listener, &leaders);
    let endpoints: Vec<NodeEndpoint> = endpoints
        .map(|LeaderEndpoint { node_id, host, port, rack }| NodeEndpoint { node_id, host, port, rack })
        .collect();
    encoder.finish(0, &endpoints);
    frame.end();
}
