//! Hosts coordinators on this shard's partitions of an internal topic: of groups on `__consumer_offsets`, of
//! transactions on `__transaction_state`.
//!
//! What is the same for every kind of coordinator stands here: how one comes, is loaded, told and let go of. What a kind
//! is asked and wants done is in the file of the kind.
//!
//! ```text
//!   leader of the partition ──► loading, slice by slice ──► (synced) ──► serves ──► leads no longer: unloaded, gone
//!                                       └── unreadable ──► answers NOT_COORDINATOR until the next leader epoch
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ottla_coordinator::group::{AppendToken, BatchContents, GroupCoordinator, RequestToken, TxnMarker};
use ottla_coordinator::partitioner::partition_for;
use ottla_coordinator::transaction::TransactionCoordinator;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::record::Compression;
use ottla_protocol::record::control::TransactionResult;
use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::{LeaderEpoch, Offset, PartitionId, ProducerId, TopicId};
use ottla_storage::append::{AppendContext, AppendOrigin, LeaderBatch};
use ottla_storage::io::StorageError;

use crate::api::init_producer_id;
use crate::effect::ShardId;
use crate::job::Job;
use crate::partition::Partition;
use crate::producer_ids::ProducerIds;
use crate::shard::{Peer, RequestOrigin, Shard, ShardEffect};

mod batch;
mod consumer_groups;
mod gathering;
mod groups;
mod loading;
mod transactions;

use batch::CoordinatorBatch;
use gathering::Part;
pub(crate) use gathering::{GatherId, Gathering};
pub(crate) use groups::GroupHost;
pub use loading::LoadRead;
use loading::{Loading, ReplayError, Step};
pub(crate) use transactions::{MarkerOrder, TransactionHost};

/// One kind of coordinator, as its host deals with it.
pub(crate) trait Coordinator: Sized {
    /// The internal topic.
    const TOPIC: &'static str;
    /// Whether it may act only when its log is as durable as what it will write.
    const IS_LOADED_WHEN_SYNCED: bool;
    /// Whether it acts in the leader epoch in which it was loaded, and is loaded again in another.
    const IS_LOADED_IN_EACH_EPOCH: bool;
    /// What it is asked.
    type Request;
    /// What it answers.
    type Response;
    /// What it must know of who asks.
    type Context: Clone;
    /// How several answers become the response to a client's request.
    type Gathered;
    /// What it wants done.
    type Effect;

    /// The coordinators of this kind, and where producer ids come from.
    fn host(shard: &mut Shard) -> (&mut Host<Self>, &mut ProducerIds);
    /// The requests that coordinators of this kind are answering.
    fn gathering(shard: &mut Shard) -> &mut Gathering<Self::Gathered, Self::Response>;
    /// What a coordinator must know of who asks.
    fn context(origin: &RequestOrigin) -> Self::Context;
    /// The answer of a coordinator that cannot be asked.
    fn refuse(request: &Self::Request, error: ErrorCode, context: &Self::Context) -> Self::Response;
    /// Asks another shard's coordinator.
    fn ask_peer(question: Question<Self>) -> Peer;
    /// Brings its answer.
    fn answer_peer(gather: GatherId, index: usize, response: Self::Response) -> Peer;
    /// Makes the response to a client's request of all the answers.
    fn finish(shard: &mut Shard, origin: &RequestOrigin, kind: Self::Gathered, parts: Vec<Self::Response>);
    /// Takes a request.
    fn request(
        &mut self,
        token: RequestToken,
        context: Self::Context,
        request: Self::Request,
        now: Now,
        producer_ids: &mut ProducerIds,
    );
    /// One that knows nothing yet.
    fn new(shard: &Shard, partition: &Partition) -> Self;
    /// Replays a record, which may be part of a producer's transaction.
    fn load(
        &mut self,
        offset: Offset,
        producer_id: ProducerId,
        key: &[u8],
        value: Option<&[u8]>,
    ) -> Result<(), ReplayError>;
    /// Replays the end of a producer's transaction.
    fn load_marker(&mut self, producer_id: ProducerId, result: TransactionResult);
    /// Everything is replayed.
    fn loaded(&mut self, now: Now);
    /// It must not act any more.
    fn unload(&mut self);
    /// The log took a batch, or refused it.
    fn appended(&mut self, batch: AppendToken, result: Result<Offset, ErrorCode>, now: Now);
    /// The log is committed up to `end_offset`.
    fn committed(&mut self, end_offset: Offset, now: Now);
    /// Topics are gone.
    fn topics_deleted(&mut self, topics: Vec<(String, TopicId)>, now: Now);
    /// Time has passed.
    fn timer(&mut self, now: Now, producer_ids: &mut ProducerIds);
    /// The next thing to do.
    fn poll_effect(&mut self) -> Option<Self::Effect>;
    /// When to tell it that time has passed.
    fn poll_deadline(&self) -> Monotonic;
    /// Does what the coordinator of the partition wants done.
    fn perform(shard: &mut Shard, partition: PartitionId, effect: Self::Effect, now: Now);
}

/// One part of a client's request, for the coordinator of a partition on another shard.
pub(crate) struct Question<C: Coordinator> {
    pub gather: GatherId,
    pub index: usize,
    pub context: C::Context,
    pub partition: i32,
    pub request: C::Request,
}

/// A coordinator on its partition.
struct Hosted<C> {
    coordinator: C,
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
    /// It is replayed up to here, and acts when that is durable.
    Syncing(Offset),
    Active,
    /// Its log cannot be replayed: it refuses everything.
    Failed,
    /// It is led elsewhere, or gone: its last responses are on their way.
    Leaving,
}

/// The coordinators of one kind on one shard.
pub(crate) struct Host<C> {
    /// By index of the partition.
    hosted: BTreeMap<i32, Hosted<C>>,
    /// Coordinators that may have effects.
    dirty: BTreeSet<i32>,
    /// When some coordinator must be told that time has passed. Right whenever nothing is dirty.
    deadline: Monotonic,
}

impl<C: Coordinator> Host<C> {
    pub fn new() -> Self {
        Self { hosted: BTreeMap::new(), dirty: BTreeSet::new(), deadline: Monotonic::NEVER }
    }

    /// A partition's log is committed up to `end_offset`.
    pub fn committed(&mut self, partition: PartitionId, end_offset: Offset, now: Now) {
        let Some(hosted) = self.hosted.get_mut(&partition.partition) else { return };
        if hosted.partition != partition {
            return;
        }
        match hosted.state {
            HostedState::Active if hosted.told < end_offset => {
                hosted.told = end_offset;
                hosted.coordinator.committed(end_offset, now);
                self.dirty.insert(partition.partition);
            }
            HostedState::Syncing(replayed) if replayed <= end_offset => {
                hosted.told = end_offset;
                hosted.state = HostedState::Active;
                hosted.coordinator.loaded(now);
                self.dirty.insert(partition.partition);
            }
            _ => {}
        }
    }

    /// A topic is gone: so is what is known of its partitions.
    pub fn topic_deleted(&mut self, name: &str, id: TopicId, now: Now) {
        for (index, hosted) in &mut self.hosted {
            match &mut hosted.state {
                HostedState::Loading(_, deleted) => deleted.push((name.to_owned(), id)),
                HostedState::Active | HostedState::Syncing(_) => {
                    hosted.coordinator.topics_deleted(vec![(name.to_owned(), id)], now);
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

    /// The partition is led here in a new epoch.
    fn unload_older(&mut self, partition: PartitionId, leader_epoch: LeaderEpoch) {
        let hosted = self.hosted.get(&partition.partition);
        if C::IS_LOADED_IN_EACH_EPOCH && hosted.is_some_and(|hosted| hosted.leader_epoch < leader_epoch) {
            self.unload(partition);
        }
    }

    /// The shard stops: everybody who waits is told to look elsewhere.
    pub fn unload_all(&mut self) {
        let all: Vec<PartitionId> = self.hosted.values().map(|hosted| hosted.partition).collect();
        all.into_iter().for_each(|partition| self.unload(partition));
    }

    /// Whether no coordinator is here.
    pub fn is_empty(&self) -> bool {
        self.hosted.is_empty()
    }

    /// Whether the coordinator of this very partition is here.
    pub fn is_host_of(&self, partition: PartitionId) -> bool {
        self.hosted.get(&partition.partition).is_some_and(|hosted| hosted.partition == partition)
    }

    /// The coordinator of this very partition, to be handed a fact. A later life of the topic has others.
    fn coordinator_of(&mut self, partition: PartitionId) -> Option<&mut C> {
        let hosted = self.hosted.get_mut(&partition.partition)?;
        if hosted.partition != partition {
            return None;
        }
        self.dirty.insert(partition.partition);
        Some(&mut hosted.coordinator)
    }

    /// Every coordinator, to be handed a fact.
    fn coordinators(&mut self) -> impl Iterator<Item = &mut C> {
        self.dirty.extend(self.hosted.keys());
        self.hosted.values_mut().map(|hosted| &mut hosted.coordinator)
    }

    fn find_deadline(&self) -> Monotonic {
        let deadlines = self.hosted.values().map(|hosted| match &hosted.state {
            HostedState::Loading(loading, _) if loading.is_reading => Monotonic::NEVER,
            HostedState::Loading(..) => Monotonic(0),
            HostedState::Active => hosted.coordinator.poll_deadline(),
            HostedState::Syncing(_) | HostedState::Failed | HostedState::Leaving => Monotonic::NEVER,
        });
        deadlines.min().unwrap_or(Monotonic::NEVER)
    }
}

impl Shard {
    /// Begins to load the coordinators of partitions that have become ours, and lets go of those that are no longer.
    pub(crate) fn adopt_coordinators<C: Coordinator>(&mut self, now: Now) {
        let image = Arc::clone(&self.image);
        let Some(topic) = image.topics.by_name(C::TOPIC) else { return };
        let mut led = Vec::new();
        for index in topic.partitions.keys() {
            let id = PartitionId { topic_id: topic.id, partition: *index };
            match self.partitions.get(&id) {
                Some(partition) if partition.is_leader && partition.is_online() => {
                    let leader_epoch = partition.leader_epoch;
                    led.push((id, leader_epoch));
                    C::host(self).0.unload_older(id, leader_epoch);
                }
                _ => C::host(self).0.unload(id),
            }
        }
        // Whoever leaves makes room for who comes.
        self.run_coordinators(now);
        for (id, leader_epoch) in led {
            let hosted = C::host(self).0.hosted.get(&id.partition);
            let keeps = hosted.is_some_and(|hosted| {
                !matches!(hosted.state, HostedState::Failed) || hosted.leader_epoch >= leader_epoch
            });
            if !keeps && let Some(partition) = self.partitions.get(&id) {
                let hosted = Hosted {
                    coordinator: C::new(self, partition),
                    partition: id,
                    leader_epoch,
                    told: Offset::ZERO,
                    state: HostedState::Loading(Loading::new(), Vec::new()),
                };
                C::host(self).0.hosted.insert(id.partition, hosted);
            }
        }
        let host = C::host(self).0;
        host.deadline = host.find_deadline();
    }

    /// Indexes of the partitions of an internal topic that this broker leads: their coordinators are on its shards.
    pub(crate) fn led_partitions(&self, topic: &str) -> Vec<i32> {
        let topic = self.image.topics.by_name(topic);
        let partitions = topic.iter().flat_map(|topic| &topic.partitions);
        let led = partitions.filter(|(_, registration)| registration.leader == self.identity.node_id);
        led.map(|(index, _)| *index).collect()
    }

    /// The partition of an internal topic that the coordinator of `id` is on. Errors: the topic does not exist.
    fn partition_of<C: Coordinator>(&self, id: &str) -> Result<i32, ErrorCode> {
        let topic = self.image.topics.by_name(C::TOPIC).ok_or(ErrorCode::NOT_COORDINATOR)?;
        let count = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
        if count == 0 { Err(ErrorCode::NOT_COORDINATOR) } else { Ok(partition_for(id, count)) }
    }

    /// The shard on which the coordinator of a partition is, if it is on this broker.
    fn coordinator_shard<C: Coordinator>(&self, index: i32) -> ShardId {
        let topic = self.image.topics.by_name(C::TOPIC);
        topic.map_or(self.id, |topic| self.owner(PartitionId { topic_id: topic.id, partition: index }))
    }

    /// Hands a request to coordinators, part by part: `(partition, request)`. The answer comes by
    /// [`Coordinator::finish`] when all parts have theirs.
    fn ask_parts<C: Coordinator>(
        &mut self,
        origin: RequestOrigin,
        kind: C::Gathered,
        requests: Vec<(Result<i32, ErrorCode>, C::Request)>,
        now: Now,
    ) {
        let context = C::context(&origin);
        if requests.is_empty() {
            return C::finish(self, &origin, kind, Vec::new());
        }
        let gather = C::gathering(self).begin(origin, kind, requests.len());
        for (index, (partition, request)) in requests.into_iter().enumerate() {
            let context = context.clone();
            match partition {
                Err(error) => {
                    let response = C::refuse(&request, error, &context);
                    self.gather::<C>(gather, index, response);
                }
                Ok(partition) => {
                    let shard = self.coordinator_shard::<C>(partition);
                    let question = Question { gather, index, context, partition, request };
                    if shard == self.id {
                        self.ask_hosted(shard, question, now);
                    } else {
                        self.tell(shard, C::ask_peer(question));
                    }
                }
            }
        }
    }

    /// Hands a part of a request to the coordinator on a partition of this shard. `from` gathers the parts.
    pub(crate) fn ask_hosted<C: Coordinator>(&mut self, from: ShardId, question: Question<C>, now: Now) {
        let Question { gather, index, context, partition, request } = question;
        let part = Part { shard: from, gather, index };
        self.load_now::<C>(partition, now);
        if !C::host(self).0.hosted.contains_key(&partition) {
            let response = C::refuse(&request, ErrorCode::NOT_COORDINATOR, &context);
            return self.deliver::<C>(part, response);
        }
        let token = C::gathering(self).ask(part);
        let (host, producer_ids) = C::host(self);
        if let Some(hosted) = host.hosted.get_mut(&partition) {
            hosted.coordinator.request(token, context, request, now, producer_ids);
            host.dirty.insert(partition);
        }
        if self.producer_ids.take_missed() {
            init_producer_id::ask(self);
        }
    }

    /// A coordinator has answered.
    fn answered<C: Coordinator>(&mut self, token: RequestToken, response: C::Response) {
        if let Some(part) = C::gathering(self).take(token) {
            self.deliver::<C>(part, response);
        }
    }

    /// Brings a part's answer to the shard that gathers them.
    fn deliver<C: Coordinator>(&mut self, part: Part, response: C::Response) {
        let Part { shard, gather, index } = part;
        if shard == self.id {
            self.gather::<C>(gather, index, response);
        } else {
            self.tell(shard, C::answer_peer(gather, index, response));
        }
    }

    /// Notes the answer to a part, and answers the request if it was the last.
    pub(crate) fn gather<C: Coordinator>(&mut self, gather: GatherId, index: usize, response: C::Response) {
        if let Some((origin, kind, parts)) = C::gathering(self).add(gather, index, response) {
            C::finish(self, &origin, kind, parts);
        }
    }

    /// Loads the partition's coordinator now if it is not loaded, and that takes but a moment.
    fn load_now<C: Coordinator>(&mut self, index: i32, now: Now) {
        let Some(hosted) = C::host(self).0.hosted.get(&index) else { return };
        if matches!(&hosted.state, HostedState::Loading(loading, _) if !loading.is_reading) {
            // The second step finds the end of a log that the first has read whole.
            self.load_slice::<C>(index, now);
            self.load_slice::<C>(index, now);
        }
    }

    /// Tells every coordinator whose deadline has come, and goes on loading.
    pub(crate) fn tick_coordinators<C: Coordinator>(&mut self, now: Now) {
        let (host, producer_ids) = C::host(self);
        if host.deadline > now.mono {
            return;
        }
        let mut to_load = None;
        for (index, hosted) in &mut host.hosted {
            match &hosted.state {
                HostedState::Active if hosted.coordinator.poll_deadline() <= now.mono => {
                    hosted.coordinator.timer(now, producer_ids);
                    host.dirty.insert(*index);
                }
                HostedState::Loading(loading, _) if !loading.is_reading => to_load = to_load.or(Some(*index)),
                _ => {}
            }
        }
        if let Some(index) = to_load {
            self.load_slice::<C>(index, now);
        }
    }

    fn load_read_of<C: Coordinator>(
        &mut self,
        id: PartitionId,
        result: Result<Option<Vec<u8>>, StorageError>,
        now: Now,
    ) {
        let Some(hosted) = C::host(self).0.hosted.get_mut(&id.partition) else { return };
        let HostedState::Loading(loading, _) = &mut hosted.state else { return };
        if hosted.partition != id || !loading.is_reading {
            return;
        }
        match result {
            Ok(bytes) => {
                loading.read_done(bytes);
                self.load_slice::<C>(id.partition, now);
            }
            Err(error) => self.load_failed::<C>(id.partition, &error),
        }
    }

    /// Replays a slice of the log of the coordinator at `index`.
    fn load_slice<C: Coordinator>(&mut self, index: i32, now: Now) {
        // The log is the shard's and the coordinator the host's: the one that is loaded is taken out for the time.
        let Some(mut hosted) = C::host(self).0.hosted.remove(&index) else { return };
        let result = self.load_slice_of(&mut hosted, now);
        let id = hosted.partition;
        let host = C::host(self).0;
        host.hosted.insert(index, hosted);
        host.dirty.insert(index);
        match result {
            Ok(true) => {}
            Ok(false) => host.unload(id),
            Err(error) => self.load_failed::<C>(index, &error),
        }
    }

    /// `false` if there is no log.
    fn load_slice_of<C: Coordinator>(
        &mut self,
        hosted: &mut Hosted<C>,
        now: Now,
    ) -> Result<bool, loading::LoadError> {
        let HostedState::Loading(loading, deleted) = &mut hosted.state else { return Ok(true) };
        let id = hosted.partition;
        let Some(partition) = self.partitions.get_mut(&id) else { return Ok(false) };
        let Ok(log) = partition.log(&self.disk, now) else { return Ok(false) };
        match loading.step(&mut hosted.coordinator, log)? {
            Step::More => {}
            Step::Read(read) => {
                self.effects.push_back(ShardEffect::Run(Job::Load { partition: id, read }));
            }
            Step::Loaded => {
                let (end, topics) = (log.log_end_offset(), std::mem::take(deleted));
                // What the coordinator says must be as durable as what it will say.
                partition.want_sync(end);
                if C::IS_LOADED_WHEN_SYNCED && partition.acknowledgeable() < end {
                    hosted.state = HostedState::Syncing(end);
                } else {
                    hosted.told = end;
                    hosted.state = HostedState::Active;
                    hosted.coordinator.loaded(now);
                }
                if !topics.is_empty() {
                    hosted.coordinator.topics_deleted(topics, now);
                }
                self.touch(id);
            }
        }
        Ok(true)
    }

    fn load_failed<C: Coordinator>(&mut self, index: i32, error: &dyn std::error::Error) {
        let host = C::host(self).0;
        let Some(hosted) = host.hosted.get_mut(&index) else { return };
        tracing::error!(topic = C::TOPIC, partition = index, %error, "coordinator cannot be loaded: it serves nobody");
        hosted.coordinator.unload();
        hosted.state = HostedState::Failed;
        host.dirty.insert(index);
    }

    /// Performs what the coordinators want done, and takes the answers to what the shard has asked itself.
    pub(crate) fn run_coordinators(&mut self, now: Now) {
        loop {
            self.run_coordinators_of::<GroupCoordinator>(now);
            self.run_coordinators_of::<TransactionCoordinator>(now);
            let is_idle = self.groups.host.dirty.is_empty() && self.transactions.host.dirty.is_empty();
            if !self.take_own_answer(now) && is_idle {
                return;
            }
        }
    }

    /// Performs what the group coordinators want done, now and not at the end of the round.
    pub(crate) fn run_group_coordinators(&mut self, now: Now) {
        self.run_coordinators_of::<GroupCoordinator>(now);
    }

    /// The partition is led here no longer, or its log is gone, whatever coordinator is on it.
    pub(crate) fn unload_coordinators(&mut self, partition: PartitionId) {
        self.groups.host.unload(partition);
        self.transactions.host.unload(partition);
    }

    /// A read for a coordinator has ended.
    pub(crate) fn load_read(
        &mut self,
        id: PartitionId,
        result: Result<Option<Vec<u8>>, StorageError>,
        now: Now,
    ) {
        if self.transactions.host.is_host_of(id) {
            self.load_read_of::<TransactionCoordinator>(id, result, now);
        } else {
            self.load_read_of::<GroupCoordinator>(id, result, now);
        }
    }

    /// Has a transaction marker written to a partition that no coordinator is on. Returns its offset.
    pub(crate) fn append_marker(
        &mut self,
        id: PartitionId,
        marker: TxnMarker,
        now: Now,
    ) -> Result<Offset, ErrorCode> {
        let built = batch::build(now.wall, BatchContents::Marker(marker), Compression::None)?;
        self.append_coordinator_batch(id, &built, now)
    }

    /// When some coordinator must be told that time has passed, or goes on loading.
    pub(crate) fn next_coordinator_deadline(&self) -> Monotonic {
        self.groups.host.deadline.min(self.transactions.host.deadline)
    }

    /// Performs what the coordinators of one kind want done.
    fn run_coordinators_of<C: Coordinator>(&mut self, now: Now) {
        if C::host(self).0.dirty.is_empty() {
            return;
        }
        while let Some(index) = C::host(self).0.dirty.pop_first() {
            while let Some(hosted) = C::host(self).0.hosted.get_mut(&index) {
                let Some(effect) = hosted.coordinator.poll_effect() else { break };
                let partition = hosted.partition;
                C::perform(self, partition, effect, now);
            }
            let host = C::host(self).0;
            if host.hosted.get(&index).is_some_and(|hosted| matches!(hosted.state, HostedState::Leaving)) {
                host.hosted.remove(&index);
            }
        }
        let host = C::host(self).0;
        host.deadline = host.find_deadline();
    }

    /// Writes a coordinator's batch and tells it what became of it.
    fn append_for<C: Coordinator>(
        &mut self,
        partition: PartitionId,
        batch: AppendToken,
        built: Result<CoordinatorBatch, ErrorCode>,
        now: Now,
    ) {
        let result = built.and_then(|built| self.append_coordinator_batch(partition, &built, now));
        if let Err(error) = result {
            let topic = C::TOPIC;
            tracing::warn!(topic, partition = partition.partition, %error, "a coordinator's records are refused");
        }
        if let Some(hosted) = C::host(self).0.hosted.get_mut(&partition.partition)
            && hosted.partition == partition
        {
            hosted.coordinator.appended(batch, result, now);
        }
        self.touch(partition);
    }

    fn append_coordinator_batch(
        &mut self,
        id: PartitionId,
        batch: &CoordinatorBatch,
        now: Now,
    ) -> Result<Offset, ErrorCode> {
        let verifies = self.config.transactions.is_partition_verification_enabled;
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
        let header = *leader_batch.header();
        let is_part = header.attributes.is_transactional() && !header.attributes.is_control();
        let has_asked = partition.verifications.sequence_min(header.producer_id).is_some();
        let log = partition.log(&self.disk, now)?;
        if is_part
            && verifies
            && !has_asked
            && !log.has_open_transaction(header.producer_id, header.producer_epoch)
        {
            return Err(ErrorCode::INVALID_TXN_STATE);
        }
        if let Err(error) = log.append_as_leader(std::slice::from_mut(&mut leader_batch), &context) {
            self.append_failed(id, &error, now);
            return Err(ErrorCode::KAFKA_STORAGE_ERROR);
        }
        let appended = leader_batch.into_outcome().map_err(|error| ErrorCode::from(&error))?;
        partition.verifications.appended(&header);
        partition.advance_high_watermark();
        partition.want_sync(appended.last_offset.next());
        Ok(appended.base_offset)
    }
}
