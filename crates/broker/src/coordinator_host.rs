//! Hosts the group coordinators of this shard's partitions of `__consumer_offsets`.
//!
//! Requests go in with a token each; what comes out is a batch to append, or a response. A request about many groups is
//! taken apart by partition, and answered when the last part has its response.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use ottla_coordinator::group::{
    BatchContents, Effect, GroupConfig, GroupCoordinator, GroupRequest, GroupResponse, Input, LoadedBatch, RequestContext,
    RequestToken, TxnResult,
};
use ottla_coordinator::partitioner::partition_for;
use ottla_metadata::config::BrokerConfig;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::record::control::{EndTransactionMarker, TransactionResult};
use ottla_protocol::record::{BatchBuilder, BatchOptions, RecordView, batches, records};
use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::{Offset, PartitionId, ProducerId, TopicId};
use ottla_storage::append::{AppendContext, AppendOrigin, LeaderBatch};
use ottla_storage::io::read_exact_at;
use ottla_storage::log::{Log, ReadRequest};

use crate::api::groups::{self, Gathered};
use crate::effect::ConnectionId;
use crate::internal_topics::CONSUMER_OFFSETS;
use crate::shard::{RequestOrigin, Shard};

/// Bytes of a log that are replayed at a time.
const LOAD_BYTES: u32 = 4 << 20;
/// Most bytes that a batch of coordinator records may decompress to.
const DECOMPRESSED_BYTES_MAX: usize = 64 << 20;

struct Hosted {
    coordinator: GroupCoordinator,
    partition: PartitionId,
    /// The committed offset that the coordinator knows of.
    told: Offset,
}

/// One part of a request on its way through a coordinator.
struct Part {
    gather: u64,
    index: usize,
}

/// A request and the parts of its answer.
pub(crate) struct Gather {
    pub origin: RequestOrigin,
    pub kind: Gathered,
    parts: Vec<Option<GroupResponse>>,
}

/// The coordinators of one shard.
pub(crate) struct GroupHost {
    seed: u64,
    hosted: BTreeMap<i32, Hosted>,
    parts: BTreeMap<u64, Part>,
    gathers: BTreeMap<u64, Gather>,
    next_token: u64,
    next_gather: u64,
}

impl GroupHost {
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            hosted: BTreeMap::new(),
            parts: BTreeMap::new(),
            gathers: BTreeMap::new(),
            next_token: 0,
            next_gather: 0,
        }
    }

    /// When some coordinator must be told that time has passed.
    pub fn next_deadline(&self) -> Monotonic {
        let deadlines = self.hosted.values().map(|hosted| hosted.coordinator.poll_deadline());
        deadlines.min().unwrap_or(Monotonic::NEVER)
    }

    /// Tells every coordinator whose deadline has come.
    pub fn tick(&mut self, now: Now) {
        for hosted in self.hosted.values_mut() {
            if hosted.coordinator.poll_deadline() <= now.mono {
                hosted.coordinator.handle(Input::Timer, now);
            }
        }
    }

    /// A partition's log is committed up to `end_offset`.
    pub fn committed(&mut self, partition: i32, end_offset: Offset, now: Now) {
        if let Some(hosted) = self.hosted.get_mut(&partition)
            && hosted.told < end_offset
        {
            hosted.told = end_offset;
            hosted.coordinator.handle(Input::Committed { end_offset }, now);
        }
    }

    /// A topic is gone: so are the offsets of its partitions.
    pub fn topic_deleted(&mut self, name: &str, id: TopicId, now: Now) {
        for hosted in self.hosted.values_mut() {
            hosted.coordinator.handle(Input::TopicsDeleted { topics: vec![(name.to_owned(), id)] }, now);
        }
    }

    /// The partition is led here no longer. What waits is answered by the last effects.
    pub fn unload(&mut self, partition: i32) {
        if let Some(hosted) = self.hosted.get_mut(&partition) {
            hosted.coordinator.unload();
        }
    }

    /// Nobody waits for the answers of a closed connection.
    pub fn forget(&mut self, connection: ConnectionId) {
        self.gathers.retain(|_, gather| gather.origin.request.connection != connection);
    }
}

/// The config of a coordinator.
fn group_config(config: &BrokerConfig) -> GroupConfig {
    let groups = &config.groups;
    GroupConfig {
        session_timeout_ms_min: groups.session_timeout_ms_min,
        session_timeout_ms_max: groups.session_timeout_ms_max,
        initial_rebalance_delay_ms: groups.initial_rebalance_delay_ms,
        size_max: usize::try_from(groups.size_max).unwrap_or(usize::MAX),
        offset_metadata_size_max: usize::try_from(groups.offset_metadata_bytes_max).unwrap_or(0),
        offsets_retention_ms: i64::from(groups.offsets_retention_minutes) * 60_000,
        offsets_retention_check_interval_ms: groups.offsets_retention_check_interval_ms,
        offsets_commit_timeout_ms: groups.offsets_commit_timeout_ms,
        ..GroupConfig::default()
    }
}

impl Shard {
    /// The partition of `__consumer_offsets` that a group belongs to. Errors: the topic does not exist.
    pub(crate) fn group_partition(&self, group: &str) -> Result<i32, ErrorCode> {
        let topic = self.image.topics.by_name(CONSUMER_OFFSETS).ok_or(ErrorCode::NOT_COORDINATOR)?;
        let count = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
        if count == 0 {
            return Err(ErrorCode::NOT_COORDINATOR);
        }
        Ok(partition_for(group, count))
    }

    /// Indexes of the partitions of `__consumer_offsets` that this shard leads.
    pub(crate) fn led_group_partitions(&self) -> Vec<i32> {
        let of_topic = self.partitions.values().filter(|partition| &*partition.topic == CONSUMER_OFFSETS);
        let mut led: Vec<i32> = of_topic.filter(|p| p.is_leader).map(|partition| partition.id.partition).collect();
        led.sort_unstable();
        led
    }

    /// Hands a request to the coordinators, part by part: `(partition, request)`. The answer comes by
    /// [`groups::finish`] when all parts have theirs.
    pub(crate) fn ask_coordinators(
        &mut self,
        origin: RequestOrigin,
        kind: Gathered,
        requests: Vec<(Result<i32, ErrorCode>, GroupRequest)>,
        now: Now,
    ) {
        let context = RequestContext {
            client_id: origin.context.client_id.as_deref().unwrap_or_default().to_owned(),
            client_host: format!("/{}", origin.context.client_address),
            api_version: origin.context.api_version,
        };
        let gather = self.groups.next_gather;
        self.groups.next_gather += 1;
        let parts = requests.iter().map(|_| None).collect();
        self.groups.gathers.insert(gather, Gather { origin, kind, parts });
        let is_empty = requests.is_empty();
        for (index, (partition, request)) in requests.into_iter().enumerate() {
            let hosted = partition.and_then(|partition| self.host_of(partition, now));
            match hosted {
                Ok(partition) => {
                    let token = self.groups.next_token;
                    self.groups.next_token += 1;
                    self.groups.parts.insert(token, Part { gather, index });
                    if let Some(hosted) = self.groups.hosted.get_mut(&partition) {
                        let (token, context) = (RequestToken(token), context.clone());
                        hosted.coordinator.handle(Input::Request { token, context, request }, now);
                    }
                }
                Err(error) => {
                    let response = request.error_response(error, context.api_version);
                    self.gather(gather, index, response);
                }
            }
        }
        if is_empty {
            self.finish_gather(gather);
        }
    }

    /// Makes sure that the partition's coordinator is here and loaded.
    fn host_of(&mut self, index: i32, now: Now) -> Result<i32, ErrorCode> {
        if self.groups.hosted.contains_key(&index) {
            return Ok(index);
        }
        let topic = self.image.topics.by_name(CONSUMER_OFFSETS).ok_or(ErrorCode::NOT_COORDINATOR)?;
        let id = PartitionId { topic_id: topic.id, partition: index };
        let disk = Arc::clone(&self.disk);
        let partition = self.partitions.get_mut(&id).filter(|p| p.is_leader).ok_or(ErrorCode::NOT_COORDINATOR)?;
        let log = partition.log(&disk, now).map_err(|_| ErrorCode::NOT_COORDINATOR)?;
        let mut coordinator = GroupCoordinator::new(group_config(&self.config), self.groups.seed ^ index as u64);
        if let Err(error) = load(&mut coordinator, log) {
            tracing::error!(partition = index, %error, "group coordinator cannot be loaded");
            return Err(ErrorCode::NOT_COORDINATOR);
        }
        coordinator.loaded(now);
        let told = log.log_end_offset();
        self.groups.hosted.insert(index, Hosted { coordinator, partition: id, told });
        Ok(index)
    }

    /// Performs what the coordinators want done.
    pub(crate) fn run_groups(&mut self, now: Now) {
        let indexes: Vec<i32> = self.groups.hosted.keys().copied().collect();
        for index in indexes {
            while let Some(hosted) = self.groups.hosted.get_mut(&index) {
                let Some(effect) = hosted.coordinator.poll_effect() else { break };
                let partition = hosted.partition;
                match effect {
                    Effect::Append { batch, timestamp, contents } => {
                        let built = build(timestamp, contents);
                        let result = self.append_group_batch(partition, &built, now);
                        if let Some(hosted) = self.groups.hosted.get_mut(&index) {
                            hosted.coordinator.handle(Input::Appended { batch, result }, now);
                        }
                        self.touch(partition);
                    }
                    Effect::Respond { token, response } => {
                        if let Some(part) = self.groups.parts.remove(&token.0) {
                            self.gather(part.gather, part.index, response);
                        }
                    }
                }
            }
        }
        self.groups.hosted.retain(|_, hosted| self.partitions.get(&hosted.partition).is_some_and(|p| p.is_online()));
    }

    fn append_group_batch(&mut self, id: PartitionId, batch: &[u8], now: Now) -> Result<Offset, ErrorCode> {
        let disk = Arc::clone(&self.disk);
        let partition = self.partitions.get_mut(&id).ok_or(ErrorCode::NOT_LEADER_OR_FOLLOWER)?;
        let context = AppendContext {
            origin: AppendOrigin::Coordinator,
            leader_epoch: partition.leader_epoch,
            transaction_version: 0,
            now,
        };
        let mut batch = LeaderBatch::new(batch).map_err(|_| ErrorCode::UNKNOWN_SERVER_ERROR)?;
        let log = partition.log(&disk, now)?;
        if let Err(error) = log.append_as_leader(std::slice::from_mut(&mut batch), &context) {
            self.append_failed(id, &error, now);
            return Err(ErrorCode::KAFKA_STORAGE_ERROR);
        }
        let appended = batch.into_outcome().map_err(|error| ErrorCode::from(&error))?;
        partition.advance_high_watermark();
        partition.want_sync(appended.last_offset.next());
        Ok(appended.base_offset)
    }

    fn gather(&mut self, gather: u64, index: usize, response: GroupResponse) {
        let Some(gathering) = self.groups.gathers.get_mut(&gather) else { return };
        gathering.parts[index] = Some(response);
        if gathering.parts.iter().all(Option::is_some) {
            self.finish_gather(gather);
        }
    }

    fn finish_gather(&mut self, gather: u64) {
        if let Some(Gather { origin, kind, parts }) = self.groups.gathers.remove(&gather) {
            groups::finish(self, &origin, kind, parts.into_iter().flatten().collect());
        }
    }
}

/// Replays a log into a coordinator.
fn load(coordinator: &mut GroupCoordinator, log: &mut Log) -> Result<(), LoadError> {
    let end = log.log_end_offset();
    let mut offset = log.log_start_offset();
    while offset < end {
        let request = ReadRequest { offset, upper_bound: end, max_bytes: LOAD_BYTES, min_one_batch: true };
        let Some(region) = log.read(&request)? else { break };
        let mut bytes = vec![0; region.size as usize];
        read_exact_at(&*region.file, &mut bytes, region.position)?;
        let before = offset;
        for batch in batches(&bytes) {
            // The region may end within a batch, which the next read brings whole.
            let Ok(batch) = batch else { break };
            let header = *batch.header();
            offset = header.next_offset();
            let plain = batch.uncompressed_records(DECOMPRESSED_BYTES_MAX)?;
            for record in records(&plain, header.record_count) {
                let record = record?;
                if header.attributes.is_control() {
                    load_marker(coordinator, header.producer_id, &record);
                    continue;
                }
                let producer_id =
                    if header.attributes.is_transactional() { header.producer_id } else { ProducerId::NONE };
                let at = header.base_offset.plus(record.offset_delta.into());
                let batch = LoadedBatch { producer_id };
                if let Err(error) = coordinator.load(at, batch, record.key.unwrap_or_default(), record.value) {
                    tracing::warn!(offset = at.0, %error, "record of a group is passed over");
                }
            }
        }
        if offset == before {
            break;
        }
    }
    Ok(())
}

fn load_marker(coordinator: &mut GroupCoordinator, producer_id: ProducerId, record: &RecordView<'_>) {
    // Control records of other kinds, and unreadable ones, say nothing to groups.
    if let Ok(Some(marker)) = EndTransactionMarker::from_record(record.key, record.value) {
        let result = match marker.result {
            TransactionResult::Commit => TxnResult::Commit,
            TransactionResult::Abort => TxnResult::Abort,
        };
        coordinator.load_marker(producer_id, result);
    }
}

/// Why a coordinator's log cannot be replayed.
#[derive(Debug, thiserror::Error)]
enum LoadError {
    #[error(transparent)]
    Read(#[from] ottla_storage::log::ReadError),
    #[error(transparent)]
    Storage(#[from] ottla_storage::io::StorageError),
    #[error(transparent)]
    Compression(#[from] ottla_protocol::record::CompressionError),
    #[error(transparent)]
    Record(#[from] ottla_protocol::record::records::RecordError),
}

/// A coordinator's batch as bytes.
fn build(timestamp: ottla_protocol::time::Timestamp, contents: BatchContents) -> Bytes {
    let (options, list) = match contents {
        BatchContents::Records(list) => (BatchOptions::default(), list),
        BatchContents::Transactional { producer_id, producer_epoch, records } => {
            let options = BatchOptions { producer_id, producer_epoch, is_transactional: true, ..BatchOptions::default() };
            (options, records)
        }
        BatchContents::Marker(marker) => {
            let result = match marker.result {
                TxnResult::Commit => TransactionResult::Commit,
                TxnResult::Abort => TransactionResult::Abort,
            };
            let end = EndTransactionMarker { result, coordinator_epoch: marker.coordinator_epoch.0 };
            return Bytes::from(end.batch(marker.producer_id, marker.producer_epoch, timestamp));
        }
    };
    let mut builder = BatchBuilder::new(options);
    for record in &list {
        builder
            .append(timestamp, Some(&record.key), record.value.as_deref(), &[])
            .expect("a coordinator's records are few and small");
    }
    Bytes::from(builder.build())
}
