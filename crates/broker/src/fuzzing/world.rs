//! Two shards with a few topics on a simulated disk, their host, and the book of what they owe.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ottla_metadata::config::StaticConfig;
use ottla_metadata::delta::MetadataDelta;
use ottla_metadata::image::{MetadataImage, Provenance};
use ottla_metadata::record::MetadataRecord;
use ottla_protocol::frame;
use ottla_protocol::messages::*;
use ottla_protocol::time::{Monotonic, Now, Timestamp};
use ottla_protocol::types::{BrokerId, DirectoryId, LeaderEpoch, Offset, ProducerId, TopicId, Uuid};
use ottla_storage::io::simulated::{Fault, FaultKind, SimulatedDisk};
use ottla_storage::io::{Disk, Operation};

use crate::connection::ConnectionState;
use crate::effect::{ConnectionId, NodeRequest, NodeResponse, RequestId, ShardId};
use crate::job::Job;
use crate::log_dirs::LogDirs;
use crate::node::{BootedLogDir, NodeInput, ProducerIdBlock};
use crate::response::{Answer, ResponseSink};
use crate::settings::SettingsSource;
use crate::shard::{Identity, Shard, ShardEffect, ShardInput, ShardSetup};

/// How many shards a world has: requests are scattered, and answered by others.
const SHARDS: u16 = 2;

/// When every world begins.
pub(super) const NOW: Now = Now { wall: Timestamp(1_700_000_000_000), mono: Monotonic(0) };

/// Name, id and partitions of every topic.
pub(super) const TOPICS: &[(&str, TopicId, i32)] = &[
    ("orders", TopicId(Uuid::from_u128(1)), 2),
    ("keyed", TopicId(Uuid::from_u128(2)), 1),
    ("__consumer_offsets", TopicId(Uuid::from_u128(3)), 2),
    ("__transaction_state", TopicId(Uuid::from_u128(5)), 2),
];

/// A topic that comes and goes.
const FLEETING: (&str, TopicId, i32) = ("fleeting", TopicId(Uuid::from_u128(4)), 1);

struct Connection {
    state: ConnectionState,
    sequence: u64,
}

/// One execution of the fuzzer.
pub(super) struct World {
    shards: Vec<Shard>,
    disk: SimulatedDisk,
    image: Arc<MetadataImage>,
    now: Now,
    jobs: Vec<(ShardId, Job)>,
    connections: BTreeMap<usize, Connection>,
    next_connection: u64,
    /// Requests that are not answered yet, with their correlation ids.
    owed: BTreeMap<RequestId, i32>,
    /// Requests that the control plane has.
    at_node: Vec<NodeRequest>,
    /// Shards that have asked for producer ids.
    without_ids: Vec<ShardId>,
    /// The first producer id that no shard has.
    next_producer_id: i64,
    /// Connections that are closed.
    closed: BTreeSet<ConnectionId>,
    stopped: u16,
    all_answered: bool,
}

impl World {
    pub fn new() -> Self {
        let disk = SimulatedDisk::new(1);
        // The disk is new: nothing of it can fail.
        let _ = disk.create_dir_all(&PathBuf::from("/data"));
        let dir = BootedLogDir {
            index: 0,
            path: PathBuf::from("/data"),
            directory_id: DirectoryId(Uuid::from_u128(1000)),
            clean_shutdown: true,
            is_offline: false,
            replicas: Vec::new(),
        };
        let configs = [
            ("node.id", "1"),
            ("process.roles", "broker,controller"),
            ("controller.listener.names", "CONTROLLER"),
            ("listeners", "PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093"),
            ("controller.quorum.voters", "1@localhost:9093"),
            ("log.dirs", "/data"),
            ("max.incremental.fetch.session.cache.slots", "2"),
        ];
        let (image, _) = replay(&MetadataImage::default(), first_records());
        let image = Arc::new(image);
        let setup = |id| ShardSetup {
            id: ShardId(id),
            shard_count: SHARDS,
            identity: Identity { cluster_id: "cluster".to_owned(), node_id: BrokerId(1), kraft_version: 0 },
            disk: Arc::new(disk.clone()),
            log_dirs: LogDirs::new(std::slice::from_ref(&dir)),
            settings: SettingsSource::new(Arc::new(StaticConfig::from_iter(configs)), BrokerId(1)),
            image: Arc::clone(&image),
            files_max: 1000,
            seed: 7 + u64::from(id),
        };
        let shards =
            (0..SHARDS).map(|id| Shard::new(setup(id), NOW).expect("the configs are good")).collect();
        let mut world = Self {
            shards,
            disk,
            image,
            now: NOW,
            jobs: Vec::new(),
            connections: BTreeMap::new(),
            next_connection: 0,
            owed: BTreeMap::new(),
            at_node: Vec::new(),
            without_ids: Vec::new(),
            next_producer_id: 0,
            closed: BTreeSet::new(),
            stopped: 0,
            all_answered: true,
        };
        world.end_round();
        world
    }

    /// A frame on the connection of this index, which is opened if it is not.
    pub fn request(&mut self, index: usize, bytes: &[u8]) {
        let connection = self.connections.entry(index).or_insert_with(|| {
            let shard = ShardId((self.next_connection % u64::from(SHARDS)) as u16);
            let id = ConnectionId::new(shard, self.next_connection);
            self.next_connection += 1;
            let peer: SocketAddr = ([127, 0, 0, 1], 50_000).into();
            Connection { state: ConnectionState::new(id, peer, "PLAINTEXT".into()), sequence: 0 }
        });
        let id = RequestId { connection: connection.state.id(), sequence: connection.sequence };
        connection.sequence += 1;
        let mut sink = ResponseSink::default();
        let shard = &mut self.shards[usize::from(id.connection.shard().0)];
        let answer = shard.request(&mut connection.state, id, bytes, &mut sink, self.now);
        let correlation_id = bytes.get(4..8).map_or(0, |id| i32::from_be_bytes([id[0], id[1], id[2], id[3]]));
        match answer {
            Answer::Ready => check_frame(&sink, correlation_id),
            Answer::Nothing => assert_eq!(bytes[..2], [0, 0], "only a Produce has no answer"),
            Answer::Later => {
                self.owed.insert(id, correlation_id);
            }
            Answer::Close => self.close(index),
        }
        if answer != Answer::Ready {
            assert!(sink.is_empty(), "{answer:?} with an answer");
        }
    }

    fn close(&mut self, index: usize) {
        self.all_answered = false;
        if let Some(connection) = self.connections.remove(&index) {
            let id = connection.state.id();
            self.closed.insert(id);
            self.owed.retain(|request, _| request.connection != id);
            self.tell(id.shard(), ShardInput::ConnectionClosed(id));
        }
    }

    fn tell(&mut self, shard: ShardId, input: ShardInput) {
        self.shards[usize::from(shard.0)].handle(input, self.now);
    }

    fn tell_all(&mut self, input: impl Fn() -> ShardInput) {
        for shard in &mut self.shards {
            shard.handle(input(), self.now);
        }
    }

    /// Ends rounds, and performs the shards' effects, until they have no more to say to each other.
    pub fn end_round(&mut self) {
        let mut messages = VecDeque::new();
        loop {
            for at in 0..SHARDS {
                self.shards[usize::from(at)].end_round(self.now);
                while let Some(effect) = self.shards[usize::from(at)].poll_effect() {
                    match effect {
                        ShardEffect::ToShard { shard, message } => messages.push_back((shard, message)),
                        effect => self.perform(ShardId(at), effect),
                    }
                }
            }
            let Some((shard, message)) = messages.pop_front() else { return };
            self.tell(shard, ShardInput::FromShard(message));
        }
    }

    fn perform(&mut self, shard: ShardId, effect: ShardEffect) {
        match effect {
            ShardEffect::Respond { request, response } => self.responded(request, &response),
            ShardEffect::Close(connection) => {
                let open = self.connections.iter().find(|(_, open)| open.state.id() == connection);
                if let Some(index) = open.map(|(index, _)| *index) {
                    self.close(index);
                }
            }
            ShardEffect::ToNode(NodeInput::Request(request)) => self.at_node.push(request),
            ShardEffect::ToNode(NodeInput::AllocateProducerIds { shard }) => self.without_ids.push(shard),
            ShardEffect::ToNode(_) => {}
            ShardEffect::ToShard { .. } => unreachable!("delivered by end_round"),
            ShardEffect::Run(job) => self.jobs.push((shard, job)),
            ShardEffect::Stopped => self.stopped += 1,
        }
    }

    fn responded(&mut self, request: RequestId, response: &ResponseSink) {
        match self.owed.remove(&request) {
            // A Produce without an answer that another shard had to look at.
            Some(_) if response.is_empty() => {}
            Some(correlation_id) => check_frame(response, correlation_id),
            None => assert!(self.closed.contains(&request.connection), "{request:?} is answered again"),
        }
    }

    /// Runs the jobs that wait, among them those of the control plane that gives producer ids.
    pub fn run_jobs(&mut self) {
        self.grant_producer_ids(2);
        for (shard, job) in std::mem::take(&mut self.jobs) {
            self.tell(shard, ShardInput::JobDone(job.run()));
        }
        self.end_round();
    }

    /// Lets as many tenths of a second pass as the first byte says.
    pub fn pass(&mut self, bytes: &[u8]) {
        self.advance(Duration::from_millis(100) * bytes.first().copied().unwrap_or(1).into());
    }

    fn advance(&mut self, time: Duration) {
        self.now.mono = self.now.mono + time;
        self.now.wall.0 += i64::try_from(time.as_millis()).unwrap_or(0);
        self.tick();
    }

    fn tick(&mut self) {
        self.tell_all(|| ShardInput::Tick);
        self.end_round();
    }

    /// Lets the event happen that the bytes name.
    pub fn event(&mut self, bytes: &[u8]) {
        let kind = bytes.first().copied().unwrap_or(0);
        let detail = bytes.get(1).copied().unwrap_or(0);
        match kind & 15 {
            0 | 1 => self.close((detail & 3).into()),
            2 => self.disk.evict(),
            3 => self.disk.set_capacity(self.disk.space_used() + u64::from(detail)),
            4 | 5 => self.disk.set_capacity(1 << 40),
            6 => self.fail_disk(detail),
            7 | 8 => self.answer_from_node(),
            9 => self.grant_producer_ids((detail & 3).into()),
            10 => self.publish(vec![config("retention.bytes", Some("100")), config("retention.bytes", None)]),
            11 => self.publish(vec![config("cleanup.policy", (detail & 1 == 0).then_some("compact"))]),
            12 => self.toggle_topic(),
            13 | 14 => self.publish(vec![leader(if detail & 1 == 0 { -1 } else { 1 }, detail)]),
            15 if detail & 3 == 3 => {
                self.publish(vec![feature("transaction.version", i16::from(detail >> 2) % 3)]);
            }
            _ => self.advance(Duration::from_secs(300)),
        }
        self.end_round();
    }

    fn fail_disk(&mut self, detail: u8) {
        let operation = match detail & 3 {
            0 => Operation::Sync,
            1 => Operation::Write,
            2 => Operation::Read,
            _ => Operation::Open,
        };
        let after = u64::from(detail >> 5);
        self.disk.inject(Fault {
            operation: Some(operation),
            after,
            count: 1,
            kind: FaultKind::Io { torn: 0 },
        });
    }

    /// Gives so many producer ids to every shard that has asked for some: none of them twice.
    fn grant_producer_ids(&mut self, count: i32) {
        for shard in std::mem::take(&mut self.without_ids) {
            let block = ProducerIdBlock { first: ProducerId(self.next_producer_id), count };
            self.next_producer_id += i64::from(count);
            self.tell(shard, ShardInput::ProducerIds(Ok(block)));
        }
        self.end_round();
    }

    fn answer_from_node(&mut self) {
        for request in std::mem::take(&mut self.at_node) {
            // The smallest response: the control plane's own are tested where they are made.
            let frame = [&4i32.to_be_bytes()[..], &request.context.correlation_id.to_be_bytes()].concat();
            let NodeRequest { shard, request, .. } = request;
            let answer = NodeResponse { shard, request, frame: Some(frame) };
            self.tell(shard, ShardInput::NodeResponse(answer));
        }
        self.end_round();
    }

    fn toggle_topic(&mut self) {
        let (name, id, partitions) = FLEETING;
        let records = match self.image.topics.by_name(name) {
            None => create(name, id, partitions),
            Some(_) => {
                vec![MetadataRecord::RemoveTopic(remove_topic_record::RemoveTopicRecord { topic_id: id.0 })]
            }
        };
        self.publish(records);
    }

    fn publish(&mut self, records: Vec<MetadataRecord>) {
        let (image, delta) = replay(&self.image, records);
        self.image = Arc::new(image);
        let (image, changes) = (Arc::clone(&self.image), Arc::new(delta.changes().clone()));
        self.tell_all(|| ShardInput::Publish { image: Arc::clone(&image), changes: Arc::clone(&changes) });
        self.end_round();
    }

    /// Lets a minute pass as the shard wants it, and stops. Whether every request was answered.
    pub fn finish(mut self) -> bool {
        self.end_round();
        for _ in 0..40 {
            self.run_jobs();
            self.answer_from_node();
            let deadline = self.shards.iter().map(Shard::poll_deadline).min().unwrap_or(Monotonic::NEVER);
            assert!(self.owed.is_empty() || deadline < Monotonic::NEVER, "{:?} wait without end", self.owed);
            let wait = deadline.since(self.now.mono).min(Duration::from_secs(30));
            self.advance(wait);
        }
        self.tell_all(|| ShardInput::Stop);
        self.end_round();
        self.run_jobs();
        assert!(self.owed.is_empty(), "{:?} are not answered by a stop", self.owed);
        assert_eq!(self.stopped, SHARDS, "the stop does not end");
        self.all_answered
    }
}

/// Whether the sink holds one whole frame with this correlation id, and the files have what it promises.
fn check_frame(sink: &ResponseSink, correlation_id: i32) {
    let size = sink.size() - frame::FRAME_LENGTH_SIZE as u64;
    let head: [u8; 8] = sink.bytes[..8].try_into().expect("length and header come from memory");
    let [a, b, c, d, id @ ..] = head;
    assert_eq!(u64::from(u32::from_be_bytes([a, b, c, d])), size, "the frame's length");
    assert_eq!(i32::from_be_bytes(id), correlation_id);
    let mut last = 8;
    for splice in &sink.splices {
        assert!(splice.at >= last && splice.at <= sink.bytes.len(), "splices are in order");
        last = splice.at;
        let end = splice.file.len().expect("the simulated disk knows lengths");
        assert!(splice.position + splice.size <= end, "the file has the region");
    }
}

fn replay(image: &MetadataImage, records: Vec<MetadataRecord>) -> (MetadataImage, MetadataDelta) {
    let mut delta = MetadataDelta::new(image);
    let mut offset = image.provenance.last_contained_offset;
    for record in records {
        offset = offset.next();
        let at = Provenance {
            last_contained_offset: Offset(offset.0),
            last_contained_epoch: LeaderEpoch(1),
            last_contained_log_timestamp: Timestamp(0),
        };
        delta.replay(at, &record).expect("the world's own records are good");
    }
    let mut applied = delta.apply();
    applied.provenance.last_contained_offset = offset;
    (applied, delta)
}

fn first_records() -> Vec<MetadataRecord> {
    let mut records = vec![
        feature("metadata.version", 30),
        feature("transaction.version", 2),
        feature("group.version", 1),
        MetadataRecord::RegisterBroker(register_broker_record::RegisterBrokerRecord {
            broker_id: 1,
            end_points: vec![register_broker_record::BrokerEndpoint {
                name: "PLAINTEXT".to_owned(),
                host: "localhost".to_owned(),
                port: 9092,
                security_protocol: 0,
            }],
            fenced: false,
            ..Default::default()
        }),
    ];
    for (name, id, partitions) in TOPICS {
        records.extend(create(name, *id, *partitions));
    }
    records.extend(
        ["keyed", "__consumer_offsets", "__transaction_state"]
            .map(|topic| topic_config(topic, "cleanup.policy", Some("compact"))),
    );
    records
}

fn feature(name: &str, level: i16) -> MetadataRecord {
    MetadataRecord::FeatureLevel(feature_level_record::FeatureLevelRecord {
        name: name.to_owned(),
        feature_level: level,
    })
}

fn create(name: &str, id: TopicId, partitions: i32) -> Vec<MetadataRecord> {
    let topic = topic_record::TopicRecord { name: name.to_owned(), topic_id: id.0 };
    let partitions = (0..partitions).map(|partition_id| {
        MetadataRecord::Partition(partition_record::PartitionRecord {
            partition_id,
            topic_id: id.0,
            replicas: vec![1],
            isr: vec![1],
            leader: 1,
            leader_epoch: 0,
            partition_epoch: 0,
            directories: vec![Uuid::from_u128(1000)],
            ..Default::default()
        })
    });
    std::iter::once(MetadataRecord::Topic(topic)).chain(partitions).collect()
}

fn config(name: &str, value: Option<&str>) -> MetadataRecord {
    topic_config(TOPICS[0].0, name, value)
}

fn topic_config(topic: &str, name: &str, value: Option<&str>) -> MetadataRecord {
    MetadataRecord::Config(config_record::ConfigRecord {
        resource_type: 2,
        resource_name: topic.to_owned(),
        name: name.to_owned(),
        value: value.map(str::to_owned),
    })
}

fn leader(leader: i32, detail: u8) -> MetadataRecord {
    let (_, id, partitions) = TOPICS[usize::from(detail >> 1) % TOPICS.len()];
    MetadataRecord::PartitionChange(partition_change_record::PartitionChangeRecord {
        partition_id: i32::from(detail >> 4) % partitions,
        topic_id: id.0,
        leader,
        ..Default::default()
    })
}
