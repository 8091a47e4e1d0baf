//! Hosts the group coordinators of this shard's partitions of `__consumer_offsets`.
//!
//! Requests go in with a token each; what comes out is a batch to append, or a response. A request about many groups is
//! taken apart by partition, and answered when the last part has its response.
//!
//! ```text
//!   leader of the partition ──► loading, slice by slice ──► serves ──► leads no longer: unloaded, gone
//!                                       └── unreadable ──► answers NOT_COORDINATOR until the next leader epoch
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ottla_coordinator::group::{
    Effect, GroupConfig, GroupCoordinator, GroupRequest, GroupResponse, Input, RequestContext, RequestToken,
};
use ottla_coordinator::partitioner::partition_for;
use ottla_metadata::config::BrokerConfig;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::record::Compression;
use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::{LeaderEpoch, Offset, PartitionId, TopicId};
use ottla_storage::append::{AppendContext, AppendOrigin, LeaderBatch};
use ottla_storage::io::StorageError;

use crate::api::groups::{self, Gathered};
use crate::effect::ShardId;
use crate::internal_topics::CONSUMER_OFFSETS;
use crate::job::Job;
use crate::partition::Partition;
use crate::shard::{Peer, RequestOrigin, Shard, ShardEffect};

mod batch;
mod loading;

use batch::CoordinatorBatch;
pub use loading::LoadRead;
use loading::{Loading, Step};

struct Hosted {
    coordinator: GroupCoordinator,
    partition: PartitionId,
    /// The epoch in which it was loaded.
    leader_epoch: LeaderEpoch,
    /// The committed offset that the coordinator knows of.
    told: Offset,
    state: HostedState,
}

enum HostedState {
    /// Its log is being replayed; these topics were deleted meanwhile.
    Loading(Loading, Vec<(String, TopicId)>),
    Active,
    /// Its log cannot be replayed: it refuses everything.
    Failed,
    /// It is led elsewhere, or gone: its last responses are on their way.
    Leaving,
}

/// One part of a request on its way through a coordinator: the shard that gathers the parts, the number of the gathering,
/// and the part's place in it.
type Part = (ShardId, u64, usize);

/// A request and the parts of its answer.
pub(crate) struct Gather {
    pub origin: RequestOrigin,
    pub kind: Gathered,
    parts: Vec<Option<GroupResponse>>,
    missing: usize,
}

/// The coordinators of one shard.
pub(crate) struct GroupHost {
    seed: u64,
    /// By index of the partition.
    hosted: BTreeMap<i32, Hosted>,
    /// Coordinators that may have effects.
    dirty: BTreeSet<i32>,
    /// When some coordinator must be told that time has passed. Right whenever nothing is dirty.
    deadline: Monotonic,
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
            dirty: BTreeSet::new(),
            deadline: Monotonic::NEVER,
            parts: BTreeMap::new(),
            gathers: BTreeMap::new(),
            next_token: 0,
            next_gather: 0,
        }
    }

    /// When some coordinator must be told that time has passed, or goes on loading.
    pub fn next_deadline(&self) -> Monotonic {
        self.deadline
    }

    /// A partition's log is committed up to `end_offset`.
    pub fn committed(&mut self, partition: PartitionId, end_offset: Offset, now: Now) {
        let Some(hosted) = self.hosted.get_mut(&partition.partition) else { return };
        if hosted.partition == partition
            && hosted.told < end_offset
            && matches!(hosted.state, HostedState::Active)
        {
            hosted.told = end_offset;
            hosted.coordinator.handle(Input::Committed { end_offset }, now);
            self.dirty.insert(partition.partition);
        }
    }

    /// A topic is gone: so are the offsets of its partitions.
    pub fn topic_deleted(&mut self, name: &str, id: TopicId, now: Now) {
        for (index, hosted) in &mut self.hosted {
            match &mut hosted.state {
                HostedState::Loading(_, deleted) => deleted.push((name.to_owned(), id)),
                HostedState::Active => {
                    let topics = vec![(name.to_owned(), id)];
                    hosted.coordinator.handle(Input::TopicsDeleted { topics }, now);
                    self.dirty.insert(*index);
                }
                HostedState::Failed | HostedState::Leaving => {}
            }
        }
    }

    /// The partition is led here no longer, or its log is gone. What waits is answered by the last effects.
    pub fn unload(&mut self, partition: PartitionId) {
        if let Some(hosted) = self.hosted.get_mut(&partition.partition)
            && hosted.partition == partition
        {
            hosted.coordinator.unload();
            hosted.state = HostedState::Leaving;
            self.dirty.insert(partition.partition);
        }
    }

    /// The shard stops: everybody who waits is told to look elsewhere.
    pub fn unload_all(&mut self) {
        let all: Vec<PartitionId> = self.hosted.values().map(|hosted| hosted.partition).collect();
        all.into_iter().for_each(|partition| self.unload(partition));
    }

    fn find_deadline(&self) -> Monotonic {
        let deadlines = self.hosted.values().map(|hosted| match &hosted.state {
            HostedState::Loading(loading, _) if loading.is_reading => Monotonic::NEVER,
            HostedState::Loading(..) => Monotonic(0),
            HostedState::Active => hosted.coordinator.poll_deadline(),
            HostedState::Failed | HostedState::Leaving => Monotonic::NEVER,
        });
        deadlines.min().unwrap_or(Monotonic::NEVER)
    }
}

/// The config of a partition's coordinator.
fn group_config(config: &BrokerConfig, partition: &Partition) -> GroupConfig {
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
        batch_size_max: partition.settings.rules.batch_bytes_max as usize,
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

    /// Indexes of the partitions of `__consumer_offsets` that this broker leads: their coordinators are on its shards.
    pub(crate) fn led_group_partitions(&self) -> Vec<i32> {
        let topic = self.image.topics.by_name(CONSUMER_OFFSETS);
        let partitions = topic.iter().flat_map(|topic| &topic.partitions);
        let led = partitions.filter(|(_, registration)| registration.leader == self.identity.node_id);
        led.map(|(index, _)| *index).collect()
    }

    /// The shard on which the coordinator of a partition of `__consumer_offsets` is, if it is on this broker.
    fn group_shard(&self, index: i32) -> ShardId {
        let topic = self.image.topics.by_name(CONSUMER_OFFSETS);
        topic.map_or(self.id, |topic| self.owner(PartitionId { topic_id: topic.id, partition: index }))
    }

    /// Begins to load the coordinators of partitions that have become ours, and lets go of those that are no longer.
    pub(crate) fn adopt_coordinators(&mut self, now: Now) {
        let image = Arc::clone(&self.image);
        let Some(topic) = image.topics.by_name(CONSUMER_OFFSETS) else { return };
        let mut led = Vec::new();
        for index in topic.partitions.keys() {
            let id = PartitionId { topic_id: topic.id, partition: *index };
            match self.partitions.get(&id) {
                Some(partition) if partition.is_leader && partition.is_online() => {
                    led.push((id, partition.leader_epoch))
                }
                _ => self.groups.unload(id),
            }
        }
        // Whoever leaves makes room for who comes.
        self.run_groups(now);
        for (id, leader_epoch) in led {
            let hosted = self.groups.hosted.get(&id.partition);
            let keeps = hosted.is_some_and(|hosted| {
                !matches!(hosted.state, HostedState::Failed) || hosted.leader_epoch >= leader_epoch
            });
            if !keeps && let Some(partition) = self.partitions.get(&id) {
                let seed = self.groups.seed ^ u64::from(id.partition.cast_unsigned());
                let hosted = Hosted {
                    coordinator: GroupCoordinator::new(group_config(&self.config, partition), seed),
                    partition: id,
                    leader_epoch,
                    told: Offset::ZERO,
                    state: HostedState::Loading(Loading::new(), Vec::new()),
                };
                self.groups.hosted.insert(id.partition, hosted);
            }
        }
        self.groups.deadline = self.groups.find_deadline();
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
        if requests.is_empty() {
            return groups::finish(self, &origin, kind, Vec::new());
        }
        let gather = self.groups.next_gather;
        self.groups.next_gather += 1;
        let parts = requests.iter().map(|_| None).collect();
        self.groups.gathers.insert(gather, Gather { origin, kind, parts, missing: requests.len() });
        for (index, (partition, request)) in requests.into_iter().enumerate() {
            let context = context.clone();
            match partition {
                Err(error) => {
                    let response = request.error_response(error, context.api_version);
                    self.gather(gather, index, response);
                }
                Ok(partition) if self.group_shard(partition) == self.id => {
                    self.ask_hosted((self.id, gather, index), partition, context, request, now);
                }
                Ok(partition) => {
                    let (shard, request) = (self.group_shard(partition), Box::new(request));
                    self.tell(shard, Peer::AskGroup { gather, index, context, partition, request });
                }
            }
        }
    }

    /// Hands a part of a request to the coordinator on a partition of this shard.
    pub(crate) fn ask_hosted(
        &mut self,
        part: Part,
        partition: i32,
        context: RequestContext,
        request: GroupRequest,
        now: Now,
    ) {
        let at = self.host_of(partition, now);
        match at.and_then(|at| self.groups.hosted.get_mut(&at).ok_or(ErrorCode::NOT_COORDINATOR)) {
            Ok(hosted) => {
                let token = self.groups.next_token;
                self.groups.next_token += 1;
                self.groups.parts.insert(token, part);
                let token = RequestToken(token);
                hosted.coordinator.handle(Input::Request { token, context, request }, now);
                self.groups.dirty.insert(hosted.partition.partition);
            }
            Err(error) => {
                let response = request.error_response(error, context.api_version);
                self.deliver(part, response);
            }
        }
    }

    /// Brings a part's answer to the shard that gathers them.
    fn deliver(&mut self, (shard, gather, index): Part, response: GroupResponse) {
        if shard == self.id {
            self.gather(gather, index, response);
        } else {
            self.tell(shard, Peer::GroupAnswer { gather, index, response: Box::new(response) });
        }
    }

    /// Makes sure that the partition's coordinator is here, and loads it now if that takes but a moment.
    fn host_of(&mut self, index: i32, now: Now) -> Result<i32, ErrorCode> {
        let hosted = self.groups.hosted.get(&index).ok_or(ErrorCode::NOT_COORDINATOR)?;
        if matches!(&hosted.state, HostedState::Loading(loading, _) if !loading.is_reading) {
            // The second step finds the end of a log that the first has read whole.
            self.load_slice(index, now);
            self.load_slice(index, now);
        }
        Ok(index)
    }

    /// Tells every coordinator whose deadline has come, and goes on loading.
    pub(crate) fn tick_groups(&mut self, now: Now) {
        if self.groups.deadline > now.mono {
            return;
        }
        let mut to_load = None;
        for (index, hosted) in &mut self.groups.hosted {
            match &hosted.state {
                HostedState::Active if hosted.coordinator.poll_deadline() <= now.mono => {
                    hosted.coordinator.handle(Input::Timer, now);
                    self.groups.dirty.insert(*index);
                }
                HostedState::Loading(loading, _) if !loading.is_reading => to_load = to_load.or(Some(*index)),
                _ => {}
            }
        }
        if let Some(index) = to_load {
            self.load_slice(index, now);
        }
    }

    /// A read for a coordinator has ended.
    pub(crate) fn load_read(
        &mut self,
        id: PartitionId,
        result: Result<Option<Vec<u8>>, StorageError>,
        now: Now,
    ) {
        let Some(hosted) = self.groups.hosted.get_mut(&id.partition) else { return };
        let HostedState::Loading(loading, _) = &mut hosted.state else { return };
        if hosted.partition != id || !loading.is_reading {
            return;
        }
        match result {
            Ok(bytes) => {
                loading.read_done(bytes);
                self.load_slice(id.partition, now);
            }
            Err(error) => self.load_failed(id.partition, &error),
        }
    }

    /// Replays a slice of the log of the coordinator at `index`.
    fn load_slice(&mut self, index: i32, now: Now) {
        let Some(hosted) = self.groups.hosted.get_mut(&index) else { return };
        let HostedState::Loading(loading, deleted) = &mut hosted.state else { return };
        let id = hosted.partition;
        let Some(partition) = self.partitions.get_mut(&id) else { return self.groups.unload(id) };
        let Ok(log) = partition.log(&self.disk, now) else { return self.groups.unload(id) };
        match loading.step(&mut hosted.coordinator, log) {
            Ok(Step::More) => {}
            Ok(Step::Read(read)) => {
                self.effects.push_back(ShardEffect::Run(Job::Load { partition: id, read }));
            }
            Ok(Step::Loaded) => {
                let (end, topics) = (log.log_end_offset(), std::mem::take(deleted));
                hosted.told = end;
                hosted.state = HostedState::Active;
                hosted.coordinator.loaded(now);
                if !topics.is_empty() {
                    hosted.coordinator.handle(Input::TopicsDeleted { topics }, now);
                }
                // What groups are told must be as durable as what they will be told.
                partition.want_sync(end);
                self.touch(id);
            }
            Err(error) => return self.load_failed(index, &error),
        }
        self.groups.dirty.insert(index);
    }

    fn load_failed(&mut self, index: i32, error: &dyn std::error::Error) {
        let Some(hosted) = self.groups.hosted.get_mut(&index) else { return };
        tracing::error!(partition = index, %error, "group coordinator cannot be loaded: its groups are not served");
        hosted.coordinator.unload();
        hosted.state = HostedState::Failed;
        self.groups.dirty.insert(index);
    }

    /// Performs what the coordinators want done.
    pub(crate) fn run_groups(&mut self, now: Now) {
        if self.groups.dirty.is_empty() {
            return;
        }
        while let Some(index) = self.groups.dirty.pop_first() {
            while let Some(hosted) = self.groups.hosted.get_mut(&index) {
                let Some(effect) = hosted.coordinator.poll_effect() else { break };
                let partition = hosted.partition;
                match effect {
                    Effect::Append { batch, timestamp, contents } => {
                        let built = batch::build(timestamp, contents, self.offsets_compression());
                        let result = built.and_then(|built| self.append_group_batch(partition, &built, now));
                        if let Err(error) = result {
                            tracing::warn!(partition = index, %error, "a coordinator's records are refused");
                        }
                        if let Some(hosted) = self.groups.hosted.get_mut(&index) {
                            hosted.coordinator.handle(Input::Appended { batch, result }, now);
                        }
                        self.touch(partition);
                    }
                    Effect::Respond { token, response } => {
                        if let Some(part) = self.groups.parts.remove(&token.0) {
                            self.deliver(part, response);
                        }
                    }
                }
            }
            if self
                .groups
                .hosted
                .get(&index)
                .is_some_and(|hosted| matches!(hosted.state, HostedState::Leaving))
            {
                self.groups.hosted.remove(&index);
            }
        }
        self.groups.deadline = self.groups.find_deadline();
    }

    fn offsets_compression(&self) -> Compression {
        let code = u8::try_from(self.config.groups.offsets_topic_compression_codec);
        code.ok().and_then(|code| Compression::from_code(code).ok()).unwrap_or(Compression::None)
    }

    fn append_group_batch(
        &mut self,
        id: PartitionId,
        batch: &CoordinatorBatch,
        now: Now,
    ) -> Result<Offset, ErrorCode> {
        let partition = self.partitions.get_mut(&id).ok_or(ErrorCode::NOT_LEADER_OR_FOLLOWER)?;
        if !partition.is_leader {
            return Err(ErrorCode::NOT_LEADER_OR_FOLLOWER);
        }
        let isr_size_min = partition.settings.topic.min_insync_replicas.min(partition.replica_count);
        if partition.isr_size < isr_size_min {
            return Err(ErrorCode::NOT_ENOUGH_REPLICAS);
        }
        if batch.bytes.len() > partition.settings.rules.batch_bytes_max as usize {
            return Err(ErrorCode::MESSAGE_TOO_LARGE);
        }
        let context = AppendContext {
            origin: AppendOrigin::Coordinator,
            leader_epoch: partition.leader_epoch,
            transaction_version: batch.transaction_version,
            now,
        };
        let mut leader_batch = LeaderBatch::new(&batch.bytes).map_err(|_| ErrorCode::CORRUPT_MESSAGE)?;
        let log = partition.log(&self.disk, now)?;
        if let Err(error) = log.append_as_leader(std::slice::from_mut(&mut leader_batch), &context) {
            self.append_failed(id, &error, now);
            return Err(ErrorCode::KAFKA_STORAGE_ERROR);
        }
        let appended = leader_batch.into_outcome().map_err(|error| ErrorCode::from(&error))?;
        partition.advance_high_watermark();
        partition.want_sync(appended.last_offset.next());
        Ok(appended.base_offset)
    }

    /// Notes the answer to a part, and answers the request if it was the last.
    pub(crate) fn gather(&mut self, gather: u64, index: usize, response: GroupResponse) {
        let Some(gathering) = self.groups.gathers.get_mut(&gather) else { return };
        debug_assert!(gathering.parts[index].is_none(), "a part is answered once");
        gathering.parts[index] = Some(response);
        gathering.missing -= 1;
        if gathering.missing == 0
            && let Some(Gather { origin, kind, parts, .. }) = self.groups.gathers.remove(&gather)
        {
            groups::finish(self, &origin, kind, parts.into_iter().flatten().collect());
        }
    }
}
