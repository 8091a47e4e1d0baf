//! Fetch: stretches of logs to consumers.
//!
//! A request is answered at once if there is enough to send, or something is wrong; else it waits in the purgatory until
//! its partitions have more, or its time is up. Records leave as regions of log files.
//! Source: Kafka `KafkaApis.handleFetchRequest`, `ReplicaManager.fetchMessages`, `DelayedFetch`.

use std::sync::Arc;
use std::time::Duration;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::fetch_response::{
    AbortedTransaction, EpochEndOffset, LeaderIdAndEpoch, PartitionData,
};
use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::{BrokerId, LeaderEpoch, Offset, PartitionId};
use ottla_protocol::wire::DecodeError;
use ottla_storage::log::{CachedRead, ColdRead, Log, ReadError, ReadRequest, Region};

use super::fetch_request::{self, FetchParams, Isolation};
use super::fetch_response;
use crate::fetch_session::{FetchContext, FetchTarget, Reported, TopicKey};
use crate::job::Job;
use crate::purgatory::ParkedId;
use crate::response::{Answer, ResponseSink};
use crate::shard::{RequestOrigin, Shard, ShardEffect, Waiting};

/// A Fetch that waits for data.
pub(crate) struct Parked {
    pub origin: RequestOrigin,
    params: FetchParams,
    context: FetchContext,
    targets: Vec<FetchTarget>,
    /// From then on anything is enough.
    deadline: Monotonic,
    /// A read from the disk is under way for it: it is looked at when that has ended.
    is_warming: bool,
}

/// How long a fetch waits for the disk at most, whatever its client wants.
const DISK_WAIT: Duration = Duration::from_secs(30);
/// Most record bytes of one response, whatever the config says: its size must fit a frame.
const RESPONSE_BYTES_MAX: i32 = 1 << 30;

/// What a partition has to say.
#[derive(Debug, Default)]
pub(super) struct Fetched {
    pub partition: PartitionData,
    pub region: Option<Region>,
}

/// Reads of several partitions.
struct ReadAll {
    fetched: Vec<Fetched>,
    bytes: u64,
    /// Something other than records must be said at once.
    is_urgent: bool,
    /// A read that waits for the disk, and where.
    cold: Option<ColdRead>,
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
    let (mut params, session) = fetch_request::read(frame, body_start, origin.context.api_version)?;
    params.bytes_max = params.bytes_max.min(shard.config.network.fetch_bytes_max).min(RESPONSE_BYTES_MAX);
    params.bytes_min = params.bytes_min.min(params.bytes_max);
    let (context, targets) = match shard.sessions.begin(session, now.mono) {
        Ok(begun) => begun,
        Err(error) => {
            fetch_response::encode_error(&origin, error, sink);
            return Ok(Answer::Ready);
        }
    };
    let deadline = now.mono + Duration::from_millis(u64::try_from(params.wait_ms_max).unwrap_or(0));
    let parked = Parked { origin, params, context, targets, deadline, is_warming: false };
    let read = read_all(shard, &parked, Access::Cached, now);
    if read.cold.is_none() && is_enough(&parked, &read, now) {
        fetch_response::encode(shard, &parked.origin, &parked.context, &parked.targets, read.fetched, sink);
        return Ok(Answer::Ready);
    }
    park(shard, parked, read.cold, now);
    Ok(Answer::Later)
}

fn is_enough(parked: &Parked, read: &ReadAll, now: Now) -> bool {
    parked.deadline <= now.mono
        || read.is_urgent
        || read.bytes >= u64::try_from(parked.params.bytes_min).unwrap_or(0)
}

fn park(shard: &mut Shard, mut parked: Parked, cold: Option<ColdRead>, now: Now) {
    parked.is_warming = cold.is_some();
    let deadline =
        if parked.is_warming { parked.deadline.max(now.mono + DISK_WAIT) } else { parked.deadline };
    let ids: Vec<PartitionId> =
        parked.targets.iter().filter_map(|target| resolve(shard, target).ok()).collect();
    let waiter = shard.purgatory.park(Waiting::Fetch(Box::new(parked)), deadline);
    if let Some(read) = cold {
        shard.push(ShardEffect::Run(Job::Warm { waiter, read }));
    }
    for id in ids {
        if let Some(partition) = shard.partitions.get_mut(&id) {
            partition.await_records(waiter, |id| shard.purgatory.contains(id));
        }
    }
}

/// What a request needs is in the page cache by now.
pub(crate) fn warmed(shard: &mut Shard, waiter: ParkedId, now: Now) {
    if let Some(Waiting::Fetch(parked)) = shard.purgatory.get_mut(waiter) {
        parked.is_warming = false;
        retry(shard, waiter, now);
    }
}

/// Looks whether a waiting request has enough by now, and answers it then. Returns whether it still waits.
pub(crate) fn retry(shard: &mut Shard, waiter: ParkedId, now: Now) -> bool {
    let Some(Waiting::Fetch(place)) = shard.purgatory.get_mut(waiter) else { return false };
    if place.is_warming {
        return true;
    }
    // The request is put back below if it still waits; meanwhile its place stands for it.
    let stand_in = Parked {
        origin: place.origin.clone(),
        params: place.params,
        context: FetchContext::Sessionless,
        targets: Vec::new(),
        deadline: place.deadline,
        is_warming: false,
    };
    let mut parked = std::mem::replace(&mut **place, stand_in);
    let read = read_all(shard, &parked, Access::Cached, now);
    let waits = match read.cold {
        Some(read) => {
            parked.is_warming = true;
            shard.push(ShardEffect::Run(Job::Warm { waiter, read }));
            true
        }
        None => !is_enough(&parked, &read, now),
    };
    if waits {
        if let Some(Waiting::Fetch(place)) = shard.purgatory.get_mut(waiter) {
            **place = parked;
        }
        return true;
    }
    shard.purgatory.take(waiter);
    respond(shard, &parked, read.fetched);
    false
}

/// Answers with what there is: the time is up. Waits for the disk if need be.
pub(crate) fn finish(shard: &mut Shard, parked: &Parked, now: Now) {
    let read = read_all(shard, parked, Access::Wait, now);
    respond(shard, parked, read.fetched);
}

fn respond(shard: &mut Shard, parked: &Parked, fetched: Vec<Fetched>) {
    let mut sink = ResponseSink::default();
    fetch_response::encode(shard, &parked.origin, &parked.context, &parked.targets, fetched, &mut sink);
    shard.respond(parked.origin.request, sink);
}

/// The partition that a target means. Errors: unknown name or id.
pub(super) fn resolve(shard: &Shard, target: &FetchTarget) -> Result<PartitionId, ErrorCode> {
    let (topic, missing) = match &target.topic {
        TopicKey::Name(name) => (shard.image.topics.by_name(name), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        TopicKey::Id(id) => {
            let id = PartitionId { topic_id: *id, partition: target.partition };
            if shard.partitions.contains_key(&id) {
                return Ok(id);
            }
            (shard.image.topics.by_id(id.topic_id), ErrorCode::UNKNOWN_TOPIC_ID)
        }
    };
    let topic = topic.ok_or(missing)?;
    topic.partition(target.partition).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
    Ok(PartitionId { topic_id: topic.id, partition: target.partition })
}

fn read_all(shard: &mut Shard, parked: &Parked, access: Access, now: Now) -> ReadAll {
    let mut room = u64::try_from(parked.params.bytes_max).unwrap_or(0);
    let mut all =
        ReadAll { fetched: Vec::with_capacity(parked.targets.len()), bytes: 0, is_urgent: false, cold: None };
    // Partitions that do not exist end nobody's wait for those that do: the client would ask again at once.
    let mut exists_any = false;
    for target in &parked.targets {
        let reader = Reader { parked, room, is_first: all.bytes == 0, access, now };
        let fetched = match resolve(shard, target) {
            Err(error) => failed(shard, parked, target, error),
            Ok(id) => {
                exists_any = true;
                let fetched = match read_one(shard, id, target, &reader) {
                    Ok(Read::Done(fetched)) => fetched,
                    Ok(Read::Cold(cold)) => {
                        all.cold = all.cold.or(Some(cold));
                        Fetched::default()
                    }
                    Err(error) => failed(shard, parked, target, error),
                };
                all.is_urgent |= fetched.is_special();
                fetched
            }
        };
        let size = fetched.region.as_ref().map_or(0, |region| u64::from(region.size));
        room = room.saturating_sub(size);
        all.bytes += size;
        all.fetched.push(fetched);
    }
    all.is_urgent |= !exists_any;
    all
}

/// Whether a read may wait for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    Cached,
    Wait,
}

/// How one partition is read.
struct Reader<'a> {
    parked: &'a Parked,
    /// Bytes that the response still takes.
    room: u64,
    /// Whether nothing has been read yet: then one batch comes whole, however large.
    is_first: bool,
    access: Access,
    now: Now,
}

enum Read {
    Done(Fetched),
    Cold(ColdRead),
}

fn read_one(
    shard: &mut Shard,
    id: PartitionId,
    target: &FetchTarget,
    reader: &Reader<'_>,
) -> Result<Read, ErrorCode> {
    if target.max_bytes < 0 || reader.parked.params.bytes_max < 0 {
        return Err(ErrorCode::UNKNOWN_SERVER_ERROR);
    }
    let missing = shard.missing_partition_error(id);
    let disk = Arc::clone(&shard.disk);
    let partition = shard.partitions.get_mut(&id).ok_or(missing)?;
    partition.check_epoch(target.current_leader_epoch)?;
    if !partition.is_leader {
        return Err(ErrorCode::NOT_LEADER_OR_FOLLOWER);
    }
    let replica_id = BrokerId(reader.parked.params.replica_id);
    if replica_id.0 >= 0
        && !shard.image.topics.partition(id).is_some_and(|p| p.replicas.contains(&replica_id))
    {
        let is_fenced = target.current_leader_epoch != LeaderEpoch::UNKNOWN;
        return Err(if is_fenced {
            ErrorCode::UNKNOWN_LEADER_EPOCH
        } else {
            ErrorCode::NOT_LEADER_OR_FOLLOWER
        });
    }
    // Opening the log settles the high watermark.
    partition.log(&disk, reader.now)?;
    let high_watermark = partition.high_watermark;
    let log = partition.log(&disk, reader.now)?;
    let log_start_offset = log.log_start_offset();
    let last_stable_offset = log.last_stable_offset(high_watermark);
    if let Some(diverging_epoch) = divergence(log, target)? {
        let partition = PartitionData {
            partition_index: target.partition,
            high_watermark: high_watermark.0,
            last_stable_offset: last_stable_offset.0,
            log_start_offset: log_start_offset.0,
            diverging_epoch,
            aborted_transactions: None,
            ..PartitionData::default()
        };
        return Ok(Read::Done(Fetched { partition, region: None }));
    }
    let upper_bound = match reader.parked.params.isolation {
        _ if reader.parked.params.replica_id >= 0 => log.log_end_offset(),
        Isolation::ReadUncommitted => high_watermark,
        Isolation::ReadCommitted => last_stable_offset,
    };
    let max_bytes = u64::try_from(target.max_bytes).unwrap_or(0).min(reader.room);
    let request = ReadRequest {
        offset: target.fetch_offset,
        upper_bound,
        max_bytes: u32::try_from(max_bytes).unwrap_or(u32::MAX),
        min_one_batch: reader.is_first,
    };
    let read = match reader.access {
        Access::Cached => log.read_cached(&request),
        Access::Wait => log.read(&request).map(|region| region.map_or(CachedRead::Empty, CachedRead::Region)),
    };
    let region = match read {
        // Part of a batch is of no use to anybody who has something else to read.
        Ok(CachedRead::Region(region)) => (!region.first_batch_is_cut).then_some(region),
        Ok(CachedRead::Empty) => None,
        Ok(CachedRead::Cold(cold)) => return Ok(Read::Cold(cold)),
        Err(ReadError::OffsetOutOfRange { .. }) => return Err(ErrorCode::OFFSET_OUT_OF_RANGE),
        Err(error @ ReadError::Storage(_)) => {
            tracing::error!(partition = partition.name(), %error, "read failed");
            return Err(ErrorCode::KAFKA_STORAGE_ERROR);
        }
    };
    let aborted = aborted(log, reader.parked.params.isolation, target.fetch_offset, region.as_ref())?;
    let partition = PartitionData {
        partition_index: target.partition,
        high_watermark: high_watermark.0,
        last_stable_offset: last_stable_offset.0,
        log_start_offset: log_start_offset.0,
        aborted_transactions: aborted,
        ..PartitionData::default()
    };
    Ok(Read::Done(Fetched { partition, region }))
}

/// Where the reader's log parts from ours, if it does. Errors: `OFFSET_OUT_OF_RANGE` if its epoch is none of ours.
/// Source: KIP-595; Kafka `Partition.readRecords`.
fn divergence(log: &Log, target: &FetchTarget) -> Result<Option<EpochEndOffset>, ErrorCode> {
    if target.last_fetched_epoch.0 < 0 {
        return Ok(None);
    }
    let end = log.end_offset_for_epoch(target.last_fetched_epoch).ok_or(ErrorCode::OFFSET_OUT_OF_RANGE)?;
    let parts = end.epoch < target.last_fetched_epoch || end.end_offset < target.fetch_offset;
    Ok(parts.then_some(EpochEndOffset { epoch: end.epoch.0, end_offset: end.end_offset.0 }))
}

fn aborted(
    log: &mut Log,
    isolation: Isolation,
    from: Offset,
    region: Option<&Region>,
) -> Result<Option<Vec<AbortedTransaction>>, ErrorCode> {
    let region = match (isolation, region) {
        (Isolation::ReadUncommitted, _) => return Ok(None),
        (Isolation::ReadCommitted, None) => return Ok(Some(Vec::new())),
        (Isolation::ReadCommitted, Some(region)) => region,
    };
    let aborted = log.aborted_transactions(from, region.end_offset).map_err(|error| {
        tracing::error!(%error, "transaction index cannot be read");
        ErrorCode::KAFKA_STORAGE_ERROR
    })?;
    let aborted = aborted.into_iter().map(|transaction| AbortedTransaction {
        producer_id: transaction.producer_id.0,
        first_offset: transaction.first_offset.0,
    });
    Ok(Some(aborted.collect()))
}

fn failed(shard: &Shard, parked: &Parked, target: &FetchTarget, error: ErrorCode) -> Fetched {
    let version = parked.origin.context.api_version;
    let error = match error {
        ErrorCode::KAFKA_STORAGE_ERROR if version <= 5 => ErrorCode::NOT_LEADER_OR_FOLLOWER,
        other => other,
    };
    let is_unknown = matches!(error, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION | ErrorCode::UNKNOWN_TOPIC_ID);
    let names_leader = matches!(error, ErrorCode::NOT_LEADER_OR_FOLLOWER | ErrorCode::FENCED_LEADER_EPOCH);
    let leader = resolve(shard, target).ok().and_then(|id| shard.image.topics.partition(id));
    let leader = leader.filter(|_| version >= 16 && names_leader);
    let partition = PartitionData {
        partition_index: target.partition,
        error_code: error.into(),
        high_watermark: -1,
        current_leader: leader.map_or_else(LeaderIdAndEpoch::default, |registration| LeaderIdAndEpoch {
            leader_id: registration.leader.0,
            leader_epoch: registration.leader_epoch.0,
        }),
        // Kafka says null where it has tried to read.
        aborted_transactions: is_unknown.then(Vec::new),
        ..PartitionData::default()
    };
    Fetched { partition, region: None }
}

impl Fetched {
    /// Whether this must be said at once, and always: an error or a divergence.
    fn is_special(&self) -> bool {
        self.partition.error_code != 0 || self.partition.diverging_epoch != EpochEndOffset::default()
    }

    /// What a session notes of this answer.
    pub(super) fn reported(&self) -> Reported {
        Reported {
            high_watermark: Offset(self.partition.high_watermark),
            log_start_offset: Offset(self.partition.log_start_offset),
            has_records: self.region.is_some(),
            is_special: self.is_special(),
        }
    }
}
