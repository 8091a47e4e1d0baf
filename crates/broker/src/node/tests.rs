//! Scenarios of the whole control plane on a simulated disk.

mod boot;
mod crash;
mod directories;
mod requests;
mod snapshots;
mod stop;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use ottla_metadata::config::{Listener, StaticConfig};
use ottla_metadata::delta::MetadataChanges;
use ottla_metadata::image::{MetadataImage, Provenance, SecurityProtocol};
use ottla_protocol::error::ErrorCode;
use ottla_protocol::message::Request;
use ottla_protocol::messages::Message;
use ottla_protocol::messages::create_topics_request::{CreatableTopic, CreateTopicsRequest};
use ottla_protocol::messages::create_topics_response::CreateTopicsResponse;
use ottla_protocol::time::{Monotonic, Now, Timestamp};
use ottla_protocol::wire::Reader;
use ottla_storage::io::simulated::SimulatedDisk;

use super::*;
use crate::effect::{ConnectionId, NodeRequest, PartitionCheckpoint, RequestContext, RequestId};

/// A node on a simulated disk, with a host that does everything at once.
struct Harness {
    disk: SimulatedDisk,
    now: Now,
    node: Node,
    booted: Facts,
    next_sequence: u64,
    /// Everything that came out beside jobs.
    effects: Vec<NodeEffect>,
    /// Jobs that the host has not run.
    jobs: Vec<NodeJob>,
}

/// What boot gave beside the node.
struct Facts {
    image: Arc<MetadataImage>,
    cluster_id: String,
    broker_epoch: i64,
    kraft_version: i16,
    log_dirs: Vec<BootedLogDir>,
}

fn start_time() -> Now {
    Now { wall: Timestamp(1_795_513_884_161), mono: Monotonic(1_000_000_000) }
}

fn listener(name: &str, port: u16) -> Listener {
    Listener {
        name: name.into(),
        security_protocol: SecurityProtocol::PLAINTEXT,
        host: "localhost".into(),
        port,
    }
}

fn setup(extra: &str) -> NodeSetup {
    let fixed = format!(
        "process.roles=broker,controller\nnode.id=1\ncontroller.listener.names=CONTROLLER\nlog.dirs=/a,/b\n\
         listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093\n{extra}"
    );
    NodeSetup {
        static_config: Arc::new(StaticConfig::from_properties(&fixed).unwrap()),
        advertised_listeners: vec![listener("PLAINTEXT", 9092)],
        controller_listeners: vec![listener("CONTROLLER", 9093)],
        shard_count: 2,
        auto_format: AutoFormat::Always { cluster_id: Some("MkU3OEVBNTcwNTJENDM2Qg".into()) },
    }
}

fn boot_error(disk: &SimulatedDisk, setup: &NodeSetup) -> BootError {
    match Node::boot(disk.shared(), setup, start_time(), 1) {
        Ok(_) => panic!("the node started"),
        Err(error) => error,
    }
}

impl Harness {
    /// Boots a node, which does not serve yet.
    fn boot_with(disk: &SimulatedDisk, setup: &NodeSetup, seed: u64) -> Result<Self, BootError> {
        let Booted { node, image, cluster_id, broker_epoch, kraft_version, log_dirs, .. } =
            Node::boot(disk.shared(), setup, start_time(), seed)?;
        Ok(Self {
            disk: disk.clone(),
            now: start_time(),
            node,
            booted: Facts { image, cluster_id, broker_epoch, kraft_version, log_dirs },
            next_sequence: 0,
            effects: Vec::new(),
            jobs: Vec::new(),
        })
    }

    /// A node that serves.
    fn start(disk: &SimulatedDisk, setup: &NodeSetup, seed: u64) -> Self {
        let mut harness = Self::boot_with(disk, setup, seed).unwrap();
        harness.shards_ready();
        harness.run();
        assert!(harness.effects.iter().any(|effect| matches!(effect, NodeEffect::Ready)));
        harness
    }

    fn shards_ready(&mut self) {
        for shard in 0..2 {
            self.tell(NodeInput::ShardReady { shard: ShardId(shard) });
        }
    }

    fn tell(&mut self, input: NodeInput) {
        self.node.handle(input, self.now);
    }

    /// Takes the effects; jobs stay to be run.
    fn poll(&mut self) {
        while let Some(effect) = self.node.poll_effect() {
            match effect {
                NodeEffect::Run(job) => self.jobs.push(job),
                effect => self.effects.push(effect),
            }
        }
    }

    /// Runs jobs until there is nothing more to do.
    fn run(&mut self) {
        self.poll();
        while !self.jobs.is_empty() {
            let done = self.jobs.remove(0).run();
            self.tell(NodeInput::JobDone(done));
            self.poll();
        }
    }

    /// Lets time pass, ticking as the node asks for.
    fn pass(&mut self, duration: Duration) {
        let end = self.now.mono + duration;
        while self.node.poll_deadline() <= end {
            let at = self.node.poll_deadline().max(self.now.mono);
            self.set_time(at);
            self.tell(NodeInput::Tick);
            self.run();
        }
        self.set_time(end);
    }

    fn set_time(&mut self, mono: Monotonic) {
        let passed = i64::try_from(mono.since(self.now.mono).as_millis()).unwrap();
        self.now = Now { wall: Timestamp(self.now.wall.0 + passed), mono };
    }

    /// Sends a request; its response comes among the effects.
    fn send<R: Request>(&mut self, request: &R, version: i16) -> RequestId {
        let id = RequestId { connection: ConnectionId(7), sequence: self.next_sequence };
        self.next_sequence += 1;
        let context = RequestContext {
            api_key: R::API_KEY,
            api_version: version,
            correlation_id: 99,
            client_id: None,
            client_address: [127, 0, 0, 1].into(),
            listener: "PLAINTEXT".into(),
        };
        let body = Bytes::from(request.to_vec(version));
        self.tell(NodeInput::Request(NodeRequest { shard: ShardId(1), request: id, context, body }));
        id
    }

    /// The response to a request, if it has come.
    fn response<R: Request>(&self, id: RequestId, version: i16) -> Option<R::Response> {
        let frame = self.effects.iter().find_map(|effect| match effect {
            NodeEffect::Respond(response) if response.request == id => Some(response.frame.as_ref()),
            _ => None,
        })?;
        let frame = frame.expect("the connection is not closed");
        let mut reader = Reader::new(&frame[4..]);
        let correlation =
            ottla_protocol::frame::decode_response_head(&mut reader, R::API_KEY, version).unwrap();
        assert_eq!(
            (correlation, frame.len()),
            (99, 4 + i32::from_be_bytes(*frame.first_chunk().unwrap()) as usize)
        );
        Some(R::Response::decode(&mut reader, version).unwrap())
    }

    /// Sends a request and waits for its response.
    fn call<R: Request>(&mut self, request: &R, version: i16) -> R::Response {
        let id = self.send(request, version);
        self.run();
        self.response::<R>(id, version).expect("the request is answered")
    }

    fn create_topic(&mut self, name: &str, partitions: i32) -> CreateTopicsResponse {
        let response = self.call(&create_topics(&[(name, partitions)]), 7);
        assert_eq!(response.topics[0].error_code, 0, "{:?}", response.topics[0].error_message);
        response
    }

    fn stop(mut self) -> SimulatedDisk {
        self.tell(NodeInput::Stop);
        self.poll();
        assert!(matches!(self.effects.pop(), Some(NodeEffect::StopShards)));
        for shard in 0..2 {
            self.tell(NodeInput::ShardStopped { shard: ShardId(shard), is_clean: true });
        }
        self.run();
        assert!(matches!(self.effects.pop(), Some(NodeEffect::Stopped)), "{:?}", self.effects);
        self.disk
    }

    fn file(&self, path: &str) -> Option<String> {
        let bytes = self.disk.contents(Path::new(path))?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }
}

fn create_topics(topics: &[(&str, i32)]) -> CreateTopicsRequest {
    let topic = |(name, num_partitions): &(&str, i32)| CreatableTopic {
        name: (*name).to_string(),
        num_partitions: *num_partitions,
        replication_factor: 1,
        ..Default::default()
    };
    let topics = topics.iter().map(topic).collect();
    CreateTopicsRequest { topics, timeout_ms: 30_000, validate_only: false }
}

/// The image without what differs between lives of a node: registrations, leaderships, and where the log ends.
fn lasting(image: &MetadataImage) -> MetadataImage {
    let mut image = image.clone();
    image.provenance = Provenance::default();
    image.cluster = Default::default();
    image
}

fn topic_names(image: &MetadataImage) -> Vec<String> {
    image.topics.iter().map(|topic| topic.name.to_string()).collect()
}
