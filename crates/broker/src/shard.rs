//! The data plane: a shard owns the logs of its partitions, what waits for them, and the coordinators on them.
//!
//! ```text
//! frame ─► request ─► api/… ─► partition ─► log           answered at once, or
//!                        └──► node (control plane)         answered later by an effect:
//!                        └──► purgatory (sync, data, time) ShardEffect::Respond
//! ```

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use ottla_coordinator::group::GroupCoordinator;
use ottla_coordinator::transaction::TransactionCoordinator;
use ottla_metadata::config::{BrokerConfig, StaticConfigError};
use ottla_metadata::delta::MetadataChanges;
use ottla_metadata::image::MetadataImage;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::message::Response;
use ottla_protocol::messages::create_topics_request::CreatableTopic;
use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::{BrokerId, PartitionId, ProducerId, Uuid};
use ottla_storage::io::{Disk, StorageError};
use rustc_hash::FxHashMap;

use crate::api;
use crate::api::verification::HeldWrites;
use crate::connection::ConnectionState;
use crate::coordinator_host::{GroupHost, TransactionHost};
use crate::effect::{ConnectionId, NodeRequest, NodeResponse, RequestContext, RequestId, ShardId};
use crate::fetch_session::FetchSessions;
use crate::internal_topics;
use crate::job::{Job, JobDone, Removals};
use crate::log_dirs::LogDirs;
use crate::node::{NodeInput, ProducerIdBlock};
use crate::partition::Partition;
use crate::producer_ids::ProducerIds;
use crate::purgatory::{ParkedId, Purgatory};
use crate::response::{self, Answer, ResponseSink};
use crate::settings::SettingsSource;

mod cleaning;
mod files;
mod own;
mod peers;
mod publish;
mod report;

use cleaning::LogCleaner;
pub(crate) use own::OwnRequest;
use own::{Asked, OwnAnswer};
pub(crate) use peers::Peer;
pub use peers::PeerMessage;

/// A fact for a shard. Requests come by [`Shard::request`].
#[derive(Debug)]
pub enum ShardInput {
    /// The cluster's state has changed.
    Publish {
        /// The new state.
        image: Arc<MetadataImage>,
        /// How it differs from the one before.
        changes: Arc<MetadataChanges>,
    },
    /// The control plane has answered a request.
    NodeResponse(NodeResponse),
    /// Producer ids to hand out, or the error of having none.
    ProducerIds(Result<ProducerIdBlock, ErrorCode>),
    /// What a [`ShardEffect::Run`] came to.
    JobDone(JobDone),
    /// The control plane found that a log directory has failed: its replicas are offline.
    LogDirFailed {
        /// Index in `log.dirs`.
        log_dir: usize,
    },
    /// Another shard of this broker says something.
    FromShard(PeerMessage),
    /// A connection is gone: nobody waits for its responses.
    ConnectionClosed(ConnectionId),
    /// The time that [`Shard::poll_deadline`] gave has come.
    Tick,
    /// Sync and close every log, and report.
    Stop,
}

/// Something that the host must do for a shard, in the order given.
pub enum ShardEffect {
    /// Send the response of an earlier request; an empty one if the request has none (a Produce with acks=0).
    Respond {
        /// The request.
        request: RequestId,
        /// Its response.
        response: ResponseSink,
    },
    /// Close a connection whose request cannot be answered.
    Close(ConnectionId),
    /// Tell the control plane.
    ToNode(NodeInput),
    /// Hand this to another shard as [`ShardInput::FromShard`], after everything that was handed to it before.
    ToShard {
        /// The receiver.
        shard: ShardId,
        /// What to tell it.
        message: PeerMessage,
    },
    /// Work that waits for the disk: run it on another thread, and bring what it came to as [`ShardInput::JobDone`].
    Run(Job),
    /// Every log is closed: the shard takes no further input.
    Stopped,
}

/// What of the broker never changes while it runs.
#[derive(Clone, Debug)]
pub struct Identity {
    /// `cluster.id`.
    pub cluster_id: String,
    /// `node.id`.
    pub node_id: BrokerId,
    /// Level of `kraft.version`, which the metadata image does not have.
    pub kraft_version: i16,
}

/// What a shard is made of.
pub struct ShardSetup {
    /// Which shard it is.
    pub id: ShardId,
    /// How many shards the broker has.
    pub shard_count: u16,
    /// The broker.
    pub identity: Identity,
    /// The file system.
    pub disk: Arc<dyn Disk>,
    /// The log directories, with the replicas found in them.
    pub log_dirs: LogDirs,
    /// Where configuration comes from.
    pub settings: SettingsSource,
    /// The first image.
    pub image: Arc<MetadataImage>,
    /// Most files that its logs may hold open.
    pub files_max: usize,
    /// Where random ids come from.
    pub seed: u64,
}

/// What waits in the purgatory.
pub(crate) enum Waiting {
    /// A Produce, for its batches to be as durable as it asked.
    Produce(Box<api::produce::Parked>),
    /// A Fetch, for enough bytes.
    Fetch(Box<api::fetch::Parked>),
    /// A ListOffsets, for searches by timestamp.
    ListOffsets(Box<api::list_offsets::Parked>),
    /// An InitProducerId, for a block of ids.
    ProducerId(Box<RequestOrigin>),
    /// A request whose partitions several shards have, for their answers.
    Scattered(Box<api::scatter::Scattered>),
    /// A Fetch that waits on another shard, for news of partitions here.
    Watch(api::fetch::Watch),
    /// A WriteTxnMarkers, for its markers to be durable.
    Markers(Box<api::transactions::markers::Parked>),
    /// Writes of a producer, for its transaction coordinator to be asked again.
    Verification(ProducerId),
}

/// Whom to answer, and in which words.
#[derive(Clone, Debug)]
pub(crate) struct RequestOrigin {
    pub request: RequestId,
    pub context: RequestContext,
}

/// One data-plane shard.
pub struct Shard {
    pub(crate) id: ShardId,
    pub(crate) shard_count: u16,
    pub(crate) identity: Identity,
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) log_dirs: LogDirs,
    pub(crate) source: SettingsSource,
    pub(crate) config: Arc<BrokerConfig>,
    pub(crate) image: Arc<MetadataImage>,
    pub(crate) partitions: FxHashMap<PartitionId, Partition>,
    files: files::OpenFiles,
    pub(crate) purgatory: Purgatory<Waiting>,
    pub(crate) sessions: FetchSessions,
    pub(crate) groups: GroupHost,
    pub(crate) transactions: TransactionHost,
    /// Transactional writes that wait to be verified.
    pub(crate) held_writes: HeldWrites,
    /// What this shard has asked on its own account, by the sequence number of the asking.
    asked: BTreeMap<u64, Asked>,
    /// Answers to it that wait for their turn.
    own_answers: VecDeque<OwnAnswer>,
    pub(crate) producer_ids: ProducerIds,
    /// Partitions that want a sync, or have moved their high watermark, in this round.
    pub(crate) touched: Vec<PartitionId>,
    /// Partitions whose log has yet to be opened.
    pub(crate) unopened: VecDeque<PartitionId>,
    /// Topics whose creation the control plane has been asked for, by the sequence number of the asking.
    creating: BTreeMap<u64, String>,
    /// Requests that wait for others' answers to what this shard asked, by the sequence number of the asking.
    pub(crate) asking: BTreeMap<u64, ParkedId>,
    next_sequence: u64,
    next_checkpoint: Monotonic,
    next_retention: Monotonic,
    /// When to look for logs that `flush.ms` wants synced.
    next_flush: Monotonic,
    cleaner: LogCleaner,
    /// Files that go when readers have had time to let go of them.
    removals: Removals,
    random: u64,
    stopping: bool,
    has_stopped: bool,
    /// Directories whose logs are being closed.
    closing: usize,
    is_close_clean: bool,
    pub(crate) effects: VecDeque<ShardEffect>,
}

/// Most topics that the control plane is asked for at once on behalf of clients that missed them.
const CREATIONS_MAX: usize = 100;
/// Time for opening logs in the background, per step.
const OPEN_SLICE: usize = 16;

impl Shard {
    /// A shard that serves the partitions of `setup.image`. Logs that need recovery are recovered here; others are
    /// opened as they are needed.
    ///
    /// Errors: configs that contradict each other.
    pub fn new(setup: ShardSetup, now: Now) -> Result<Self, StaticConfigError> {
        let config = Arc::new(setup.settings.broker(&setup.image)?);
        let slots = usize::try_from(config.network.fetch_session_cache_slots).unwrap_or(0);
        let mut shard = Self {
            id: setup.id,
            shard_count: setup.shard_count.max(1),
            identity: setup.identity,
            disk: setup.disk,
            log_dirs: setup.log_dirs,
            source: setup.settings,
            partitions: FxHashMap::default(),
            files: files::OpenFiles::new(setup.files_max),
            purgatory: Purgatory::default(),
            sessions: FetchSessions::new(slots, setup.seed),
            groups: GroupHost::new(setup.seed),
            transactions: TransactionHost::new(),
            held_writes: HeldWrites::default(),
            asked: BTreeMap::new(),
            own_answers: VecDeque::new(),
            producer_ids: ProducerIds::default(),
            touched: Vec::new(),
            unopened: VecDeque::new(),
            creating: BTreeMap::new(),
            asking: BTreeMap::new(),
            next_sequence: 0,
            next_checkpoint: now.mono + checkpoint_interval(&config),
            next_retention: now.mono + millis(config.log_manager.initial_task_delay_ms),
            next_flush: now.mono + millis(config.log_manager.flush_scheduler_interval_ms),
            cleaner: LogCleaner::new(now.mono, &config.log_manager),
            removals: Removals::default(),
            random: setup.seed,
            stopping: false,
            has_stopped: false,
            closing: 0,
            is_close_clean: true,
            effects: VecDeque::new(),
            config,
            image: Arc::new(MetadataImage::default()),
        };
        shard.adopt(setup.image, now);
        shard.effects.push_back(ShardEffect::ToNode(NodeInput::ShardReady { shard: shard.id }));
        if !shard.transactions.host.is_empty() {
            api::init_producer_id::ask(&mut shard);
        }
        Ok(shard)
    }

    /// Takes one request frame, without its size field. Call [`end_round`](Self::end_round) after the last of a run.
    pub fn request(
        &mut self,
        connection: &mut ConnectionState,
        request: RequestId,
        frame: &[u8],
        sink: &mut ResponseSink,
        now: Now,
    ) -> Answer {
        api::dispatch(self, connection, request, frame, sink, now)
    }

    /// Takes a fact.
    pub fn handle(&mut self, input: ShardInput, now: Now) {
        match input {
            ShardInput::Publish { image, changes } => self.publish(image, &changes, now),
            ShardInput::NodeResponse(answer) => self.node_answered(answer),
            ShardInput::ProducerIds(block) => self.take_producer_ids(block),
            ShardInput::JobDone(done) => self.job_done(done, now),
            ShardInput::LogDirFailed { log_dir } => {
                if let Some(at) = self.log_dirs.at(log_dir) {
                    self.lose_directory(at, now);
                }
            }
            ShardInput::FromShard(message) => self.told(message, now),
            ShardInput::ConnectionClosed(connection) => self.purgatory.forget(connection),
            ShardInput::Tick => self.tick(now),
            ShardInput::Stop => self.stop(now),
        }
    }

    /// Starts what several requests share: one sync per partition, one batch per coordinator, one wake-up per reader.
    pub fn end_round(&mut self, now: Now) {
        self.run_coordinators(now);
        while let Some(id) = self.touched.pop() {
            self.settle(id, now);
        }
    }

    /// The next thing that the host must do, or `None` if there is nothing more for now.
    pub fn poll_effect(&mut self) -> Option<ShardEffect> {
        self.effects.pop_front()
    }

    /// When to call [`handle`](Self::handle) with [`ShardInput::Tick`] at the latest.
    #[must_use]
    pub fn poll_deadline(&self) -> Monotonic {
        let purgatory = self.purgatory.next_deadline().unwrap_or(Monotonic::NEVER);
        let opening = if self.unopened.is_empty() { Monotonic::NEVER } else { Monotonic(0) };
        let removal = self.removals.first_due().unwrap_or(Monotonic::NEVER);
        let timers =
            self.next_checkpoint.min(self.next_retention).min(self.cleaner.next_deadline()).min(removal);
        let timers = timers.min(self.next_flush);
        purgatory.min(opening).min(timers).min(self.next_coordinator_deadline())
    }

    pub(crate) fn push(&mut self, effect: ShardEffect) {
        self.effects.push_back(effect);
    }

    /// The name of the next thing that this shard asks on its own account.
    pub(crate) fn next_own_request(&mut self) -> RequestId {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        RequestId { connection: ConnectionId::own(self.id), sequence }
    }

    /// Hands a request to the control plane.
    pub(crate) fn forward_to_node(&mut self, request: RequestId, context: RequestContext, body: &[u8]) {
        let request = NodeRequest { shard: self.id, request, context, body: Bytes::copy_from_slice(body) };
        self.effects.push_back(ShardEffect::ToNode(NodeInput::Request(request)));
    }

    /// Asks the control plane to create a topic that somebody missed, unless it has been asked.
    pub(crate) fn create_missing_topic(&mut self, name: &str) {
        self.create_topic(match name {
            internal_topics::CONSUMER_OFFSETS => internal_topics::consumer_offsets(&self.config),
            internal_topics::TRANSACTION_STATE => internal_topics::transaction_state(&self.config),
            _ => internal_topics::auto_created(name, &self.config),
        });
    }

    fn create_topic(&mut self, topic: CreatableTopic) {
        // Whoever finds no room asks again.
        if self.creating.len() >= CREATIONS_MAX || self.creating.values().any(|name| *name == topic.name) {
            return;
        }
        let request = self.next_own_request();
        self.creating.insert(request.sequence, topic.name.clone());
        let (context, body) = internal_topics::create_request(topic);
        self.forward_to_node(request, context, &body);
    }

    fn node_answered(&mut self, answer: NodeResponse) {
        let request = answer.request;
        if request.connection.is_own() {
            self.creating.remove(&request.sequence);
            return;
        }
        match answer.frame {
            Some(bytes) => self.respond(request, ResponseSink { bytes, ..ResponseSink::default() }),
            None => self.push(ShardEffect::Close(request.connection)),
        }
    }

    fn take_producer_ids(&mut self, block: Result<ProducerIdBlock, ErrorCode>) {
        self.producer_ids.refill(block.as_ref().ok().copied());
        let waiting = self.purgatory.ids_where(|waiting| matches!(waiting, Waiting::ProducerId(_)));
        for id in waiting {
            if let Some(Waiting::ProducerId(origin)) = self.purgatory.take(id) {
                api::init_producer_id::answer_waiting(self, &origin, block.as_ref().err().copied());
            }
        }
    }

    fn job_done(&mut self, done: JobDone, now: Now) {
        match done {
            JobDone::Flushed { partition, result } => self.flushed(partition, result, now),
            JobDone::Closed(result) => self.closed(result),
            JobDone::Warmed { waiter, result } => self.warmed(waiter, result, now),
            JobDone::Searched { waiter, place, result } => {
                api::list_offsets::searched(self, waiter, place, result)
            }
            JobDone::Load { partition, result } => self.load_read(partition, result, now),
            JobDone::Cleaned { partition, bytes, result } => {
                self.cleaning_done(partition, bytes, result, now)
            }
            JobDone::RegexesResolved { partition, resolved } => {
                self.regexes_resolved(partition, resolved, now);
            }
            JobDone::Removed => {}
        }
    }

    fn tick(&mut self, now: Now) {
        while let Some(id) = self.purgatory.first_due(now.mono) {
            self.expire(id, now);
        }
        self.tick_coordinators::<GroupCoordinator>(now);
        self.tick_coordinators::<TransactionCoordinator>(now);
        if self.producer_ids.take_missed() {
            api::init_producer_id::ask(self);
        }
        self.open_some(OPEN_SLICE, now);
        if self.next_checkpoint <= now.mono {
            self.next_checkpoint = now.mono + checkpoint_interval(&self.config);
            self.fail_unopened(now);
            self.report_checkpoints();
        }
        if self.next_retention <= now.mono {
            self.next_retention = now.mono + millis(self.config.log_manager.retention_check_interval_ms);
            self.retain(now);
        }
        if self.next_flush <= now.mono {
            self.next_flush = now.mono + millis(self.config.log_manager.flush_scheduler_interval_ms);
            self.sync_by_time(now);
        }
        self.tick_cleaner(now);
        self.run_removals(now.mono);
    }

    /// Answers a request whose time is up.
    fn expire(&mut self, id: ParkedId, now: Now) {
        match self.purgatory.take(id) {
            Some(Waiting::Produce(parked)) => api::produce::expire(self, *parked),
            Some(Waiting::Fetch(parked)) => api::fetch::finish(self, *parked, now),
            Some(Waiting::Scattered(scattered)) => api::scatter::expire(self, &scattered),
            Some(Waiting::Watch(watch)) => api::fetch::tell_watcher(self, watch),
            Some(Waiting::ListOffsets(parked)) => api::list_offsets::expire(self, *parked),
            Some(Waiting::ProducerId(origin)) => {
                let error = ErrorCode::REQUEST_TIMED_OUT;
                api::init_producer_id::answer_waiting(self, &origin, Some(error));
            }
            Some(Waiting::Markers(parked)) => api::transactions::markers::expire(self, *parked),
            Some(Waiting::Verification(producer_id)) => api::verification::retry(self, producer_id, now),
            None => {}
        }
    }

    /// How long a request may wait for the control plane's producer ids.
    pub(crate) const PRODUCER_ID_WAIT: Duration = Duration::from_secs(5);

    /// Encodes a response of the request's version into a sink of its own and sends it.
    pub(crate) fn respond_with<M: Response>(&mut self, origin: &RequestOrigin, message: &M) {
        let mut sink = ResponseSink::default();
        response::encode(&mut sink, &origin.context, message);
        self.respond(origin.request, sink);
    }

    /// The disk refused an append. If it is full, or too many files are open, the log is as it was, and the next append may succeed;
    /// anything else takes the directory offline.
    pub(crate) fn append_failed(&mut self, id: PartitionId, error: &StorageError, now: Now) {
        if error.is_full() {
            tracing::warn!(partition = %id, %error, "append refused: the disk is full");
        } else if error.is_out_of_files() {
            tracing::warn!(partition = %id, %error, "append refused: too many files are open");
            self.spare_files();
        } else {
            self.fail_directory(id, error, now);
        }
    }

    fn warmed(&mut self, waiter: ParkedId, result: Result<(), StorageError>, now: Now) {
        if let Err(error) = result {
            tracing::error!(%error, "read failed");
            if let Some(Waiting::Fetch(parked)) = self.purgatory.take(waiter) {
                api::fetch::finish(self, *parked, now);
            }
            return;
        }
        api::fetch::warmed(self, waiter, now);
    }

    /// 64 random bits.
    pub(crate) fn next_seed(&mut self) -> u64 {
        // SplitMix64.
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A random id.
    pub(crate) fn next_uuid(&mut self) -> Uuid {
        loop {
            let bits = (u128::from(self.next_seed()) << 64) | u128::from(self.next_seed());
            if let Some(id) = Uuid::from_random_bits(bits) {
                return id;
            }
        }
    }
}

/// How often logs report where they stand: the shortest of the intervals that Kafka has for its checkpoint files.
fn checkpoint_interval(config: &BrokerConfig) -> Duration {
    let logs = &config.log_manager;
    let intervals = [
        i64::from(logs.recovery_point_checkpoint_interval_ms),
        i64::from(logs.log_start_checkpoint_interval_ms),
        logs.high_watermark_checkpoint_interval_ms,
    ];
    millis(intervals.into_iter().min().unwrap_or(5_000)).max(Duration::from_secs(1))
}

fn millis(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}
