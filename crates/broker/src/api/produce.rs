//! Produce: batches from clients into logs.
//!
//! A partition's batch is checked, stamped and written while the request is handled. With acks=1 the answer leaves at
//! once; with acks=all it waits until the write is as durable as the topic promises.
//! Source: Kafka `KafkaApis.handleProduceRequest`, `ReplicaManager.appendRecords`, `DelayedProduce`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::produce_response::{
    BatchIndexAndErrorMessage, LeaderIdAndEpoch, NodeEndpoint, PartitionProduceResponse,
};
use ottla_protocol::produce_response::ProduceResponseEncoder;
use ottla_protocol::produce_view::{ProducePartition, ProduceTopic, ProduceView};
use ottla_protocol::record::{BatchHeader, Compression, TimestampType};
use ottla_protocol::time::Now;
use ottla_protocol::types::{Offset, PartitionId, TopicId};
use ottla_protocol::wire::DecodeError;
use ottla_storage::append::{AppendContext, AppendError, AppendOrigin};
use ottla_storage::validation::{self, BatchRejection, RejectedRecord};
use rustc_hash::FxHashMap;

use super::metadata::{self, LeaderEndpoint};
use crate::fetch_session::TopicKey;
use crate::internal_topics;
use crate::partition::Partition;
use crate::purgatory::ParkedId;
use crate::response::{Answer, FrameWriter, ResponseSink};
use crate::shard::{RequestOrigin, Shard, Waiting};

/// The client that may write to internal topics (`AdminUtils.ADMIN_CLIENT_ID`).
const ADMIN_CLIENT: &str = "__admin_client";
/// First version that names topics by id.
const TOPIC_IDS_FROM: i16 = 13;

/// A Produce that waits for durability.
pub(crate) struct Parked {
    pub origin: RequestOrigin,
    outcomes: Vec<Outcome>,
    /// How many partitions are not as durable as asked yet.
    waiting: usize,
}

/// What became of one partition's batch.
struct Outcome {
    topic: TopicKey,
    /// The partition, as far as its topic is known.
    id: PartitionId,
    response: PartitionProduceResponse,
    /// End of the batch while the partition is not as durable as asked.
    needed: Option<Offset>,
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
    let outcomes = named_once(&request, &topics).into_iter().map(|(topic, partition)| {
        if !has_right {
            let response = refused(partition.index, ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
            let id = PartitionId { topic_id: TopicId::ZERO, partition: partition.index };
            return Outcome { topic: topics[topic].key.clone(), id, response, needed: None };
        }
        append(shard, &origin, &request, &topics[topic], &partition, now)
    });
    let outcomes: Vec<Outcome> = outcomes.collect();
    let is_failed = outcomes.iter().any(|outcome| outcome.response.error_code != 0);
    if request.acks == 0 {
        // There is no answer in which to say so: the client learns of an error by the closed connection.
        return Ok(if is_failed { Answer::Close } else { Answer::Nothing });
    }
    let waiting = outcomes.iter().filter(|outcome| outcome.needed.is_some()).count();
    if waiting == 0 {
        encode(shard, &origin, &outcomes, sink);
        return Ok(Answer::Ready);
    }
    let timeout = Duration::from_millis(u64::try_from(request.timeout_ms).unwrap_or(0));
    park(shard, Parked { origin, outcomes, waiting }, now, timeout);
    Ok(Answer::Later)
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

/// Appends one partition's batch, if everything allows it.
fn append(
    shard: &mut Shard,
    origin: &RequestOrigin,
    request: &ProduceView<'_>,
    found: &Found,
    partition: &ProducePartition<'_>,
    now: Now,
) -> Outcome {
    let topic_id = found.topic.as_ref().map_or(TopicId::ZERO, |(id, _)| *id);
    let id = PartitionId { topic_id, partition: partition.index };
    let result = may_append(shard, origin, request, found, id).map_err(Refusal::Code).and_then(|()| {
        let records = partition.records.unwrap_or_default();
        append_to(shard, id, origin.context.api_version, request, records, now)
    });
    let (response, needed) = match result {
        Ok(written) => {
            shard.touch(id);
            written
        }
        Err(refusal) => (refusal.response(shard, id), None),
    };
    Outcome { topic: found.key.clone(), id, response, needed }
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

/// Why a partition's batch was not appended.
enum Refusal {
    Code(ErrorCode),
    Batch(BatchRejection),
    Append(AppendError),
}

fn append_to(
    shard: &mut Shard,
    id: PartitionId,
    version: i16,
    request: &ProduceView<'_>,
    records: &[u8],
    now: Now,
) -> Result<(PartitionProduceResponse, Option<Offset>), Refusal> {
    let disk = Arc::clone(&shard.disk);
    let missing = shard.missing_partition_error(id);
    let partition = shard.partitions.get_mut(&id).ok_or(Refusal::Code(missing))?;
    if !partition.is_leader {
        return Err(Refusal::Code(ErrorCode::NOT_LEADER_OR_FOLLOWER));
    }
    let settings = Arc::clone(&partition.settings);
    if request.acks == -1
        && partition.isr_size < settings.topic.min_insync_replicas.min(partition.replica_count)
    {
        return Err(Refusal::Code(ErrorCode::NOT_ENOUGH_REPLICAS));
    }
    let codec = BatchHeader::parse(records).ok().and_then(|header| header.attributes.compression().ok());
    if version < 7 && codec == Some(Compression::Zstd) {
        return Err(Refusal::Code(ErrorCode::UNSUPPORTED_COMPRESSION_TYPE));
    }
    let mut batch = validation::validate(records, &settings.rules, now.wall).map_err(Refusal::Batch)?;
    if batch.header().attributes.is_transactional() {
        // A transaction would have to be known to its coordinator, and there is none here yet.
        return Err(Refusal::Code(ErrorCode::INVALID_TXN_STATE));
    }
    let context = AppendContext {
        origin: AppendOrigin::Client,
        leader_epoch: partition.leader_epoch,
        transaction_version: 0,
        now,
    };
    let log = partition.log(&disk, now).map_err(Refusal::Code)?;
    if let Err(error) = log.append_as_leader(std::slice::from_mut(&mut batch), &context) {
        shard.append_failed(id, &error, now);
        return Err(Refusal::Code(ErrorCode::KAFKA_STORAGE_ERROR));
    }
    let log_start_offset = log.log_start_offset();
    let is_stamped = settings.rules.timestamp_type == TimestampType::LogAppendTime;
    let appended = batch.into_outcome().map_err(Refusal::Append)?;
    partition.advance_high_watermark();
    let end = appended.last_offset.next();
    let needed = (request.acks == -1 && partition.acknowledgeable() < end).then_some(end);
    let response = PartitionProduceResponse {
        index: id.partition,
        error_code: ErrorCode::NONE.into(),
        base_offset: appended.base_offset.0,
        log_append_time_ms: if is_stamped { appended.max_timestamp.0 } else { -1 },
        log_start_offset: log_start_offset.0,
        ..PartitionProduceResponse::default()
    };
    Ok((response, needed))
}

fn park(shard: &mut Shard, parked: Parked, now: Now, timeout: Duration) {
    let needs: Vec<_> =
        parked.outcomes.iter().filter_map(|outcome| Some((outcome.id, outcome.needed?))).collect();
    let waiter = shard.purgatory.park(Waiting::Produce(Box::new(parked)), now.mono + timeout);
    for (id, needed) in needs {
        if let Some(partition) = shard.partitions.get_mut(&id) {
            partition.await_ack(needed, waiter);
        }
    }
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
    let outcome = parked.outcomes.iter_mut().find(|outcome| outcome.id == id && outcome.needed.is_some());
    let Some(outcome) = outcome else { return };
    outcome.needed = None;
    if let Some(error) = error {
        outcome.fail(error);
    }
    parked.waiting -= 1;
    if parked.waiting == 0
        && let Some(Waiting::Produce(parked)) = shard.purgatory.take(waiter)
    {
        respond(shard, &parked);
    }
}

/// The time of a waiting request is up: what is not durable yet has timed out. It stays in the log.
pub(crate) fn expire(shard: &mut Shard, mut parked: Parked) {
    for outcome in parked.outcomes.iter_mut().filter(|outcome| outcome.needed.is_some()) {
        outcome.fail(ErrorCode::REQUEST_TIMED_OUT);
    }
    respond(shard, &parked);
}

fn respond(shard: &mut Shard, parked: &Parked) {
    let mut sink = ResponseSink::default();
    encode(shard, &parked.origin, &parked.outcomes, &mut sink);
    shard.respond(parked.origin.request, sink);
}

impl Outcome {
    fn fail(&mut self, error: ErrorCode) {
        self.response = refused(self.id.partition, error);
    }
}

fn refused(index: i32, error: ErrorCode) -> PartitionProduceResponse {
    PartitionProduceResponse {
        index,
        error_code: error.into(),
        base_offset: -1,
        log_append_time_ms: -1,
        log_start_offset: -1,
        ..PartitionProduceResponse::default()
    }
}

impl Refusal {
    fn error(&self) -> ErrorCode {
        match self {
            Self::Code(error) => *error,
            Self::Batch(rejection) => rejection.into(),
            Self::Append(error) => error.into(),
        }
    }

    fn response(&self, shard: &Shard, id: PartitionId) -> PartitionProduceResponse {
        let mut response = refused(id.partition, self.error());
        match self {
            Self::Code(ErrorCode::NOT_LEADER_OR_FOLLOWER) => {
                if let Some(registration) = shard.image.topics.partition(id) {
                    response.current_leader = LeaderIdAndEpoch {
                        leader_id: registration.leader.0,
                        leader_epoch: registration.leader_epoch.0,
                    };
                }
            }
            Self::Batch(BatchRejection::Timestamps(records)) => {
                reject_records(&mut response, records, |record| record.message.clone())
            }
            Self::Batch(BatchRejection::Records(records)) => {
                let name = shard.partitions.get(&id).map(Partition::name).unwrap_or_default();
                reject_records(&mut response, records, |_| {
                    format!("Compacted topic cannot accept message without key in topic partition {name}")
                });
            }
            // The code says it all, in the client's own words.
            Self::Code(_) | Self::Batch(_) | Self::Append(_) => {}
        }
        response
    }
}

/// Names every rejected record, and the first three in the message, in Kafka's words.
fn reject_records(
    response: &mut PartitionProduceResponse,
    records: &[RejectedRecord],
    text: impl Fn(&RejectedRecord) -> String,
) {
    let errors = records.iter().map(|record| BatchIndexAndErrorMessage {
        batch_index: record.batch_index,
        batch_index_error_message: Some(text(record)),
    });
    response.record_errors = errors.collect();
    let shown = response.record_errors.iter().take(3).map(|error| {
        let (index, message) =
            (error.batch_index, error.batch_index_error_message.as_deref().unwrap_or_default());
        format!("RecordError(batchIndex={index}, message='{message}')")
    });
    response.error_message = Some(format!(
        "One or more records have been rejected due to {} record errors in total, and only showing the first three errors at \
         most: [{}]",
        response.record_errors.len(),
        shown.collect::<Vec<_>>().join(", ")
    ));
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
