//! The shards of a broker on a simulated disk, and clients that speak to them in frames.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ottla_broker::config::StaticConfig;
use ottla_broker::connection::ConnectionState;
use ottla_broker::effect::{
    ConnectionId, NodeRequest, NodeResponse, PartitionCheckpoint, RequestId, ShardId,
};
use ottla_broker::job::{Job, JobDone};
use ottla_broker::log_dirs::LogDirs;
use ottla_broker::node::{BootedLogDir, NodeInput, ReplicaFolder};
use ottla_broker::response::{Answer, ResponseSink};
use ottla_broker::settings::SettingsSource;
use ottla_broker::shard::{Identity, Shard, ShardEffect, ShardInput, ShardSetup};
use ottla_metadata::delta::MetadataDelta;
use ottla_metadata::image::{MetadataImage, Provenance};
use ottla_metadata::record::MetadataRecord;
use ottla_protocol::api::ApiKey;
use ottla_protocol::frame;
use ottla_protocol::message::{Message, Request, Response};
use ottla_protocol::time::{Monotonic, Now, Timestamp};
use ottla_protocol::types::{BrokerId, DirectoryId, LeaderEpoch, Offset, Uuid};
use ottla_protocol::wire::{Reader, Writer};
use ottla_storage::io::Disk;
use ottla_storage::io::simulated::{SimulatedDisk, Survival};

pub mod cluster;
pub mod requests;

pub const TOPIC: &str = cluster::ORDERS.name;
/// The correlation id of every request.
const CORRELATION_ID: i32 = 42;
/// The log directories that there can be.
const DIRS: [&str; 2] = ["/data", "/more"];

/// How many shards the broker has. The scenarios are compiled twice: what a client sees must not depend on it.
pub fn shard_count() -> u16 {
    if module_path!().starts_with("sharded") { 3 } else { 1 }
}

/// APIs whose answers come by an effect, however soon.
const ANSWERED_LATER: [ApiKey; 19] = [
    ApiKey::ConsumerGroupHeartbeat,
    ApiKey::ConsumerGroupDescribe,
    ApiKey::JoinGroup,
    ApiKey::SyncGroup,
    ApiKey::Heartbeat,
    ApiKey::LeaveGroup,
    ApiKey::OffsetDelete,
    ApiKey::OffsetCommit,
    ApiKey::OffsetFetch,
    ApiKey::DescribeGroups,
    ApiKey::ListGroups,
    ApiKey::DeleteGroups,
    ApiKey::AddPartitionsToTxn,
    ApiKey::AddOffsetsToTxn,
    ApiKey::EndTxn,
    ApiKey::WriteTxnMarkers,
    ApiKey::TxnOffsetCommit,
    ApiKey::DescribeTransactions,
    ApiKey::ListTransactions,
];

/// What the shards are started with.
pub struct Options {
    pub topics: Vec<cluster::Topic>,
    /// On the first topic.
    pub topic_configs: Vec<(&'static str, &'static str)>,
    pub broker_configs: Vec<(&'static str, &'static str)>,
    pub log_dirs: usize,
    /// Index of one that cannot be read.
    pub offline_dir: Option<usize>,
    /// Files that each shard's logs may hold open.
    pub files_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            topics: vec![cluster::ORDERS],
            topic_configs: Vec::new(),
            broker_configs: Vec::new(),
            log_dirs: 1,
            offline_dir: None,
            files_max: 1000,
        }
    }
}

/// Shards, clients' connections to them, and the clock.
pub struct Harness {
    shards: Vec<Shard>,
    pub disk: SimulatedDisk,
    pub now: Now,
    /// Jobs that wait to be run, each with its shard.
    pub jobs: Vec<(ShardId, Job)>,
    pub to_node: Vec<NodeInput>,
    stopped: usize,
    /// Connections that the shard wants closed.
    pub closed: Vec<ConnectionId>,
    /// Blocks of producer ids that the shard was given.
    pub blocks_granted: i64,
    options: Options,
    image: Arc<MetadataImage>,
    connections: BTreeMap<ConnectionId, (ConnectionState, u64)>,
    opened: u64,
    current: ConnectionId,
    responses: Vec<(RequestId, ResponseSink)>,
    checkpoints: BTreeMap<ShardId, Vec<PartitionCheckpoint>>,
}

/// What came of a request.
#[derive(Debug, PartialEq)]
pub enum Got<T> {
    Response(T),
    Nothing,
    Waits(RequestId),
    Closed,
}

impl<T: std::fmt::Debug> Got<T> {
    /// The response, which must be there.
    pub fn now(self) -> T {
        match self {
            Self::Response(response) => response,
            other => panic!("expected a response, got {other:?}"),
        }
    }

    /// The request's name, which must wait.
    pub fn later(self) -> RequestId {
        match self {
            Self::Waits(id) => id,
            other => panic!("expected to wait, got {other:?}"),
        }
    }
}

impl Harness {
    /// One broker that leads both partitions of `orders`.
    pub fn new() -> Self {
        Self::start(Options::default())
    }

    /// With these configs on the topic.
    pub fn with_configs(configs: &[(&'static str, &'static str)]) -> Self {
        Self::start(Options { topic_configs: configs.to_vec(), ..Options::default() })
    }

    /// With `__consumer_offsets` beside the topic.
    pub fn with_groups() -> Self {
        Self::start(Options { topics: vec![cluster::ORDERS, cluster::OFFSETS], ..Options::default() })
    }

    pub fn start(options: Options) -> Self {
        let disk = SimulatedDisk::new(1);
        let now = Now { wall: Timestamp(1_700_000_000_000), mono: Monotonic(0) };
        for dir in &DIRS[..options.log_dirs] {
            disk.create_dir_all(&PathBuf::from(dir)).unwrap();
        }
        disk.sync_dir(Path::new("/")).unwrap();
        let records = cluster::records(&options.topics, &options.topic_configs);
        let (image, _) = replay(&MetadataImage::default(), &records);
        let (shards, image) = (make_shards(&options, &disk, &image, &[], true, now), Arc::new(image));
        let mut harness = Self {
            shards,
            disk,
            now,
            jobs: Vec::new(),
            to_node: Vec::new(),
            stopped: 0,
            closed: Vec::new(),
            blocks_granted: 0,
            options,
            image,
            connections: BTreeMap::new(),
            opened: 0,
            current: ConnectionId(0),
            responses: Vec::new(),
            checkpoints: BTreeMap::new(),
        };
        harness.connect();
        harness.drain();
        harness
    }

    /// Opens a connection, which sends what is sent from here on. Connections go around the shards.
    pub fn connect(&mut self) -> ConnectionId {
        let number = self.opened;
        self.opened += 1;
        let id = ConnectionId::new(ShardId((number % u64::from(shard_count())) as u16), number);
        let peer: SocketAddr = "127.0.0.1:50000".parse().unwrap();
        self.connections.insert(id, (ConnectionState::new(id, peer, "PLAINTEXT".into()), 0));
        self.current = id;
        id
    }

    /// Closes a connection.
    pub fn disconnect(&mut self, id: ConnectionId) {
        self.connections.remove(&id);
        self.handle_at(id.shard(), ShardInput::ConnectionClosed(id));
    }

    /// Sends a request and decodes what comes at once.
    pub fn send<R: Request>(&mut self, version: i16, request: &R) -> Got<R::Response> {
        self.send_as("test", version, request)
    }

    /// Sends a request in the newest version, which must be answered at once.
    pub fn ask<R: Request>(&mut self, request: &R) -> R::Response
    where
        R::Response: std::fmt::Debug,
    {
        self.send(newest(R::API_KEY), request).now()
    }

    /// Sends a request in the newest version of an API whose answers come by an effect, lets the shard do what it has to
    /// do at once, and takes the answer.
    pub fn ask_later<R: Request>(&mut self, request: &R) -> R::Response
    where
        R::Response: std::fmt::Debug,
    {
        let version = newest(R::API_KEY);
        let id = self.send(version, request).later();
        self.settle();
        self.take_response::<R>(id, version).expect("answered once the disk has done its work")
    }

    /// Sends a request of this client.
    pub fn send_as<R: Request>(&mut self, client_id: &str, version: i16, request: &R) -> Got<R::Response> {
        match self.send_frame(&encode(client_id, version, request)) {
            Got::Response(bytes) => Got::Response(decode::<R>(&bytes, version)),
            Got::Nothing => Got::Nothing,
            Got::Waits(id) => Got::Waits(id),
            Got::Closed => Got::Closed,
        }
    }

    /// Sends the bytes of a frame, without their length.
    pub fn send_frame(&mut self, frame: &[u8]) -> Got<Vec<u8>> {
        let got = self.send_in_round(frame);
        self.drain();
        let is_answered_later = frame.first_chunk().is_some_and(|api| {
            ApiKey::try_from(i16::from_be_bytes(*api)).is_ok_and(|api| ANSWERED_LATER.contains(&api))
        });
        match got {
            // Between shards nothing is answered at once, which no client sees.
            Got::Waits(id) if shard_count() > 1 && !is_answered_later => {
                let is_closed = self.closed.contains(&id.connection);
                match self.take_frame(id) {
                    Some(bytes) if bytes.is_empty() => Got::Nothing,
                    Some(bytes) => Got::Response(bytes),
                    None if is_closed => Got::Closed,
                    None => Got::Waits(id),
                }
            }
            got => got,
        }
    }

    /// Sends a frame of which more follow in the same round: [`Self::drain`] ends it.
    pub fn send_in_round(&mut self, frame: &[u8]) -> Got<Vec<u8>> {
        let (connection, sequence) = self.connections.get_mut(&self.current).unwrap();
        let request = RequestId { connection: connection.id(), sequence: *sequence };
        *sequence += 1;
        let mut sink = ResponseSink::default();
        let shard = &mut self.shards[usize::from(request.connection.shard().0)];
        match shard.request(connection, request, frame, &mut sink, self.now) {
            Answer::Ready => Got::Response(assemble(&sink)),
            Answer::Nothing => Got::Nothing,
            Answer::Later => Got::Waits(request),
            Answer::Close => Got::Closed,
        }
    }

    /// The response of a request that waited, if it has come.
    pub fn take_response<R: Request>(&mut self, id: RequestId, version: i16) -> Option<R::Response> {
        self.take_frame(id).map(|bytes| decode::<R>(&bytes, version))
    }

    /// The frame of a response that waited, if it has come.
    pub fn take_frame(&mut self, id: RequestId) -> Option<Vec<u8>> {
        let at = self.responses.iter().position(|(request, _)| *request == id)?;
        Some(assemble(&self.responses.remove(at).1))
    }

    /// How many responses came that nobody took.
    pub fn responses_left(&self) -> usize {
        self.responses.len()
    }

    /// Runs every job that waits, and hands over what it came to, until there are no more.
    pub fn run_jobs(&mut self) {
        while !self.jobs.is_empty() {
            self.run_jobs_once();
        }
    }

    /// Runs every job that waits, and hands over what it came to.
    pub fn run_jobs_once(&mut self) {
        for (shard, done) in self.run_jobs_apart() {
            self.shards[usize::from(shard.0)].handle(ShardInput::JobDone(done), self.now);
        }
        self.drain();
    }

    /// Runs every job that waits. What they came to is for the caller to hand over.
    pub fn run_jobs_apart(&mut self) -> Vec<(ShardId, JobDone)> {
        std::mem::take(&mut self.jobs).into_iter().map(|(shard, job)| (shard, job.run())).collect()
    }

    /// Hands a fact to one shard.
    pub fn handle_at(&mut self, shard: ShardId, input: ShardInput) {
        self.shards[usize::from(shard.0)].handle(input, self.now);
        self.drain();
    }

    /// Hands a fact to every shard.
    pub fn handle_all(&mut self, input: impl Fn() -> ShardInput) {
        for shard in &mut self.shards {
            shard.handle(input(), self.now);
        }
        self.drain();
    }

    fn poll_deadline(&self) -> Monotonic {
        self.shards.iter().map(Shard::poll_deadline).min().unwrap()
    }

    /// Lets time pass, and ticks once.
    pub fn pass(&mut self, time: Duration) {
        self.now.mono = self.now.mono + time;
        self.now.wall.0 += i64::try_from(time.as_millis()).unwrap();
        self.handle_all(|| ShardInput::Tick);
    }

    /// Ticks and runs jobs as long as there is something to do at once.
    pub fn settle(&mut self) {
        let mut steps = 0;
        while self.poll_deadline() <= self.now.mono || !self.jobs.is_empty() {
            self.run_jobs();
            self.handle_all(|| ShardInput::Tick);
            steps += 1;
            assert!(steps < 10_000, "a deadline that is due does not pass");
        }
    }

    /// Publishes the image with these records applied.
    pub fn publish(&mut self, records: &[MetadataRecord]) {
        let (image, delta) = replay(&self.image, records);
        self.image = Arc::new(image);
        let changes = Arc::new(delta.changes().clone());
        let image = Arc::clone(&self.image);
        self.handle_all(|| ShardInput::Publish { image: Arc::clone(&image), changes: Arc::clone(&changes) });
    }

    /// The requests that the shard has handed to the control plane since the last call.
    pub fn take_node_requests(&mut self) -> Vec<NodeRequest> {
        let (requests, others) =
            std::mem::take(&mut self.to_node).into_iter().partition(|i| matches!(i, NodeInput::Request(_)));
        self.to_node = others;
        let requests: Vec<NodeInput> = requests;
        let only = requests.into_iter().map(|input| match input {
            NodeInput::Request(request) => request,
            _ => unreachable!("only these were taken"),
        });
        only.collect()
    }

    /// Answers for the control plane.
    pub fn answer<M: Response>(&mut self, request: &NodeRequest, response: &M) {
        let mut writer = Writer::new();
        let (version, context) = (request.context.api_version, &request.context);
        let start = frame::begin_response(&mut writer, M::API_KEY, version, context.correlation_id);
        response.encode(&mut writer, version);
        frame::end_frame(&mut writer, start, 0).unwrap();
        let (shard, request, frame) = (request.shard, request.request, Some(writer.into_vec()));
        self.handle_at(shard, ShardInput::NodeResponse(NodeResponse { shard, request, frame }));
    }

    /// Stops cleanly. Returns whether the shard says that it was clean.
    pub fn stop(&mut self) -> bool {
        self.handle_all(|| ShardInput::Stop);
        self.run_jobs();
        assert!(self.has_stopped());
        let stopped = self.to_node.iter().filter_map(|input| match input {
            NodeInput::ShardStopped { is_clean, .. } => Some(*is_clean),
            _ => None,
        });
        let stopped: Vec<bool> = stopped.collect();
        assert_eq!(stopped.len(), self.shards.len(), "the control plane is told");
        stopped.into_iter().all(|is_clean| is_clean)
    }

    /// Whether every shard has stopped.
    pub fn has_stopped(&self) -> bool {
        self.stopped == self.shards.len()
    }

    /// Another shard on the same disk, after a clean stop.
    pub fn restart(&mut self) {
        assert!(self.stop(), "logs are closed cleanly");
        self.start_again(true);
    }

    /// Another shard on what is left of the disk.
    pub fn crash(&mut self, survival: Survival) {
        self.disk.crash(survival);
        self.start_again(false);
    }

    fn start_again(&mut self, is_clean: bool) {
        for input in &self.to_node {
            if let NodeInput::Checkpoints { shard, entries } = input {
                self.checkpoints.insert(*shard, entries.clone());
            }
        }
        self.jobs.clear();
        self.to_node.clear();
        self.responses.clear();
        self.stopped = 0;
        let checkpoints: Vec<_> = self.checkpoints.values().flatten().cloned().collect();
        self.shards = make_shards(&self.options, &self.disk, &self.image, &checkpoints, is_clean, self.now);
        self.drain();
    }

    /// Ends rounds, and takes the shards' effects, until they have no more to say to each other.
    pub fn drain(&mut self) {
        let mut messages = VecDeque::new();
        loop {
            for at in 0..self.shards.len() {
                self.shards[at].end_round(self.now);
                while let Some(effect) = self.shards[at].poll_effect() {
                    match effect {
                        ShardEffect::ToShard { shard, message } => messages.push_back((shard, message)),
                        effect => self.perform(ShardId(at as u16), effect),
                    }
                }
            }
            let Some((shard, message)) = messages.pop_front() else { return };
            self.shards[usize::from(shard.0)].handle(ShardInput::FromShard(message), self.now);
        }
    }

    fn perform(&mut self, shard: ShardId, effect: ShardEffect) {
        match effect {
            ShardEffect::Respond { request, response } => {
                assert!(
                    self.responses.iter().all(|(other, _)| *other != request),
                    "{request:?} is answered twice"
                );
                assert_eq!(request.connection.shard(), shard, "a response leaves where its connection is");
                self.responses.push((request, response));
            }
            ShardEffect::Run(job) => self.jobs.push((shard, job)),
            ShardEffect::ToNode(input) => self.to_node.push(input),
            ShardEffect::ToShard { .. } => unreachable!("delivered by drain"),
            ShardEffect::Close(connection) => self.closed.push(connection),
            ShardEffect::Stopped => self.stopped += 1,
        }
    }
}

/// The image with these records on top.
fn replay(image: &MetadataImage, records: &[MetadataRecord]) -> (MetadataImage, MetadataDelta) {
    let mut delta = MetadataDelta::new(image);
    let mut offset = image.provenance.last_contained_offset;
    for record in records {
        offset = offset.next();
        let at = Provenance {
            last_contained_offset: offset,
            last_contained_epoch: LeaderEpoch(1),
            last_contained_log_timestamp: Timestamp(0),
        };
        delta.replay(at, record).unwrap();
    }
    let mut applied = delta.apply();
    applied.provenance.last_contained_offset = offset;
    (applied, delta)
}

/// The shards on what is on the disk. `checkpoints` are the last that the control plane was told.
fn make_shards(
    options: &Options,
    disk: &SimulatedDisk,
    image: &MetadataImage,
    checkpoints: &[PartitionCheckpoint],
    is_clean: bool,
    now: Now,
) -> Vec<Shard> {
    let dirs = DIRS[..options.log_dirs].iter().enumerate().map(|(index, path)| BootedLogDir {
        index,
        path: PathBuf::from(path),
        directory_id: DirectoryId(Uuid::from_u128(1000 + index as u128)),
        clean_shutdown: is_clean,
        is_offline: options.offline_dir == Some(index),
        replicas: replicas(path, disk, image, checkpoints),
    });
    let dirs: Vec<BootedLogDir> = dirs.collect();
    let mut configs = vec![
        ("node.id", "1"),
        ("process.roles", "broker,controller"),
        ("controller.listener.names", "CONTROLLER"),
        ("listeners", "PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093"),
        ("controller.quorum.voters", "1@localhost:9093"),
        ("log.dirs", "/data"),
        ("group.initial.rebalance.delay.ms", "0"),
    ];
    configs.extend(&options.broker_configs);
    let setup = |id| ShardSetup {
        id: ShardId(id),
        shard_count: shard_count(),
        identity: Identity { cluster_id: "cluster".to_owned(), node_id: BrokerId(1), kraft_version: 0 },
        disk: Arc::new(disk.clone()),
        log_dirs: LogDirs::new(&dirs),
        settings: SettingsSource::new(Arc::new(StaticConfig::from_iter(configs.clone())), BrokerId(1)),
        image: Arc::new(image.clone()),
        files_max: options.files_max,
        seed: 7 + u64::from(id),
    };
    (0..shard_count()).map(|id| Shard::new(setup(id), now).unwrap()).collect()
}

/// The folders that a boot would find in a log directory.
fn replicas(
    dir: &str,
    disk: &SimulatedDisk,
    image: &MetadataImage,
    checkpoints: &[PartitionCheckpoint],
) -> Vec<ReplicaFolder> {
    let partitions =
        image.topics.iter().flat_map(|topic| topic.partitions.keys().map(|index| (&topic.name, *index)));
    let found = partitions.filter_map(|(topic, partition)| {
        let name = format!("{topic}-{partition}");
        disk.list(&PathBuf::from(dir).join(&name)).ok()?;
        let known = checkpoints.iter().find(|entry| *entry.topic == **topic && entry.partition == partition);
        Some(ReplicaFolder {
            name,
            topic: topic.to_string(),
            partition,
            recovery_point: known.map_or(Offset::ZERO, |entry| entry.recovery_point),
            log_start_offset: known.map_or(Offset::ZERO, |entry| entry.log_start_offset),
            high_watermark: known.map_or(Offset::ZERO, |entry| entry.high_watermark),
            cleaned_up_to: known.and_then(|entry| entry.cleaned_up_to),
        })
    });
    found.collect()
}

/// The bytes of a request's frame, without their length.
pub fn encode<R: Request>(client_id: &str, version: i16, request: &R) -> Vec<u8> {
    let mut writer = Writer::new();
    let start = frame::begin_request(&mut writer, R::API_KEY, version, CORRELATION_ID, Some(client_id));
    request.encode(&mut writer, version);
    frame::end_frame(&mut writer, start, 0).unwrap();
    writer.into_vec().split_off(4)
}

/// The bytes of a response with those of the files in their places.
fn assemble(sink: &ResponseSink) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut from = 0;
    for splice in &sink.splices {
        bytes.extend_from_slice(&sink.bytes[from..splice.at]);
        from = splice.at;
        let mut region = vec![0; usize::try_from(splice.size).unwrap()];
        assert_eq!(splice.file.read_at(&mut region, splice.position).unwrap(), region.len());
        bytes.extend(region);
    }
    bytes.extend_from_slice(&sink.bytes[from..]);
    bytes
}

/// The message in a response's frame.
pub fn decode<R: Request>(bytes: &[u8], version: i16) -> R::Response {
    let size = i32::from_be_bytes(bytes[..4].try_into().unwrap());
    assert_eq!(usize::try_from(size).unwrap(), bytes.len() - 4, "the frame's size is right");
    let mut reader = Reader::new(&bytes[4..]);
    assert_eq!(frame::decode_response_head(&mut reader, R::API_KEY, version).unwrap(), CORRELATION_ID);
    let response = <R::Response as Message>::decode(&mut reader, version).unwrap();
    reader.finish().unwrap();
    response
}

/// Newest version of an API.
pub fn newest(api: ApiKey) -> i16 {
    api.max_stable_version()
}
