//! A shard on a simulated disk, and a client that speaks to it in frames.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use ottla_broker::config::StaticConfig;
use ottla_broker::connection::ConnectionState;
use ottla_broker::effect::{ConnectionId, RequestId, ShardId};
use ottla_broker::job::Job;
use ottla_broker::log_dirs::LogDirs;
use ottla_broker::node::{BootedLogDir, NodeInput};
use ottla_broker::response::{Answer, ResponseSink};
use ottla_broker::settings::SettingsSource;
use ottla_broker::shard::{Identity, Shard, ShardEffect, ShardInput, ShardSetup};
use ottla_metadata::delta::MetadataDelta;
use ottla_metadata::image::{MetadataImage, Provenance};
use ottla_metadata::record::MetadataRecord;
use ottla_protocol::api::ApiKey;
use ottla_protocol::frame;
use ottla_protocol::message::{Message, Request};
use ottla_protocol::messages::*;
use ottla_protocol::record::{BatchBuilder, BatchOptions};
use ottla_protocol::time::{Monotonic, Now, Timestamp};
use ottla_protocol::types::{BrokerId, DirectoryId, LeaderEpoch, Offset, TopicId, Uuid};
use ottla_protocol::wire::{Reader, Writer};
use ottla_storage::io::Disk;
use ottla_storage::io::simulated::SimulatedDisk;

pub const TOPIC: &str = "orders";
pub const TOPIC_ID: TopicId = TopicId(Uuid::from_u128(0x0123_4567_89ab_4def_8123_4567_89ab_cdef));

/// A shard that leads both partitions of `orders`, a client's connection to it, and the clock.
pub struct Harness {
    pub shard: Shard,
    pub disk: SimulatedDisk,
    connection: ConnectionState,
    sequence: u64,
    pub now: Now,
    /// Jobs that wait to be run.
    pub jobs: Vec<Job>,
    responses: Vec<(RequestId, ResponseSink)>,
    pub to_node: Vec<NodeInput>,
}

/// What came of a request.
#[derive(Debug, PartialEq)]
pub enum Got<T> {
    Response(T),
    Nothing,
    Waits(RequestId),
    Closed,
}

impl Harness {
    pub fn new() -> Self {
        Self::with_configs(&[])
    }

    /// With these configs on the topic.
    pub fn with_configs(configs: &[(&str, &str)]) -> Self {
        let disk = SimulatedDisk::new(1);
        let now = Now { wall: Timestamp(1_700_000_000_000), mono: Monotonic(0) };
        let dir = BootedLogDir {
            index: 0,
            path: PathBuf::from("/data"),
            directory_id: DirectoryId(Uuid::from_u128(1000)),
            clean_shutdown: true,
            replicas: Vec::new(),
        };
        disk.create_dir_all(&dir.path).unwrap();
        let static_config = [
            ("node.id", "1"),
            ("process.roles", "broker,controller"),
            ("controller.listener.names", "CONTROLLER"),
            ("listeners", "PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093"),
            ("controller.quorum.voters", "1@localhost:9093"),
            ("log.dirs", "/data"),
        ];
        let setup = ShardSetup {
            id: ShardId(0),
            identity: Identity { cluster_id: "cluster".to_owned(), node_id: BrokerId(1) },
            disk: Arc::new(disk.clone()),
            log_dirs: LogDirs::new(&[dir]),
            settings: SettingsSource::new(Arc::new(StaticConfig::from_iter(static_config)), BrokerId(1)),
            image: Arc::new(image(configs)),
            seed: 7,
        };
        let shard = Shard::new(setup, now).unwrap();
        let peer: SocketAddr = "127.0.0.1:50000".parse().unwrap();
        let connection = ConnectionState::new(ConnectionId(0), peer, "PLAINTEXT".into());
        let mut harness = Self {
            shard,
            disk,
            connection,
            sequence: 0,
            now,
            jobs: Vec::new(),
            responses: Vec::new(),
            to_node: Vec::new(),
        };
        harness.drain();
        harness
    }

    /// Sends a request and decodes what comes at once.
    pub fn send<R: Request>(&mut self, version: i16, request: &R) -> Got<R::Response> {
        let mut writer = Writer::new();
        let start = frame::begin_request(&mut writer, R::API_KEY, version, 42, Some("test"));
        request.encode(&mut writer, version);
        frame::end_frame(&mut writer, start, 0).unwrap();
        match self.send_frame(&writer.into_vec()[4..]) {
            Got::Response(bytes) => Got::Response(decode::<R>(&bytes, version)),
            Got::Nothing => Got::Nothing,
            Got::Waits(id) => Got::Waits(id),
            Got::Closed => Got::Closed,
        }
    }

    /// Sends the bytes of a frame, without their length.
    pub fn send_frame(&mut self, frame: &[u8]) -> Got<Vec<u8>> {
        let request = RequestId { connection: self.connection.id(), sequence: self.sequence };
        self.sequence += 1;
        let mut sink = ResponseSink::default();
        let answer = self.shard.request(&mut self.connection, request, frame, &mut sink, self.now);
        self.drain();
        match answer {
            Answer::Ready => Got::Response(assemble(&sink)),
            Answer::Nothing => Got::Nothing,
            Answer::Later => Got::Waits(request),
            Answer::Close => Got::Closed,
        }
    }

    /// The response of a request that waited, if it has come.
    pub fn take_response<R: Request>(&mut self, id: RequestId, version: i16) -> Option<R::Response> {
        let at = self.responses.iter().position(|(request, _)| *request == id)?;
        let (_, sink) = self.responses.remove(at);
        Some(decode::<R>(&assemble(&sink), version))
    }

    /// Runs every job that waits, and hands over what it came to.
    pub fn run_jobs(&mut self) {
        for job in std::mem::take(&mut self.jobs) {
            let done = job.run();
            self.shard.handle(ShardInput::JobDone(done), self.now);
        }
        self.drain();
    }

    /// Lets time pass.
    pub fn pass(&mut self, time: Duration) {
        self.now.mono = self.now.mono + time;
        self.now.wall.0 += i64::try_from(time.as_millis()).unwrap();
        self.shard.handle(ShardInput::Tick, self.now);
        self.drain();
    }

    fn drain(&mut self) {
        self.shard.end_round(self.now);
        while let Some(effect) = self.shard.poll_effect() {
            match effect {
                ShardEffect::Respond { request, response } => self.responses.push((request, response)),
                ShardEffect::Run(job) => self.jobs.push(job),
                ShardEffect::ToNode(input) => self.to_node.push(input),
                ShardEffect::Close(_) | ShardEffect::Stopped => {}
            }
        }
    }
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

fn decode<R: Request>(bytes: &[u8], version: i16) -> R::Response {
    let size = i32::from_be_bytes(bytes[..4].try_into().unwrap());
    assert_eq!(usize::try_from(size).unwrap(), bytes.len() - 4, "the frame's size is right");
    let mut reader = Reader::new(&bytes[4..]);
    assert_eq!(frame::decode_response_head(&mut reader, R::API_KEY, version).unwrap(), 42);
    let response = <R::Response as Message>::decode(&mut reader, version).unwrap();
    reader.finish().unwrap();
    response
}

/// One broker, and the topic `orders` with two partitions and these configs.
fn image(configs: &[(&str, &str)]) -> MetadataImage {
    let mut records = vec![
        MetadataRecord::FeatureLevel(feature_level_record::FeatureLevelRecord {
            name: "metadata.version".to_owned(),
            feature_level: 30,
        }),
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
        MetadataRecord::Topic(topic_record::TopicRecord { name: TOPIC.to_owned(), topic_id: TOPIC_ID.0 }),
    ];
    for (name, value) in configs {
        records.push(MetadataRecord::Config(config_record::ConfigRecord {
            resource_type: 2,
            resource_name: TOPIC.to_owned(),
            name: (*name).to_owned(),
            value: Some((*value).to_owned()),
        }));
    }
    for partition_id in 0..2 {
        records.push(MetadataRecord::Partition(partition_record::PartitionRecord {
            partition_id,
            topic_id: TOPIC_ID.0,
            replicas: vec![1],
            isr: vec![1],
            leader: 1,
            leader_epoch: 0,
            partition_epoch: 0,
            directories: vec![Uuid::from_u128(1000)],
            ..Default::default()
        }));
    }
    let mut delta = MetadataDelta::new(&MetadataImage::default());
    for (offset, record) in records.iter().enumerate() {
        let at = Provenance {
            last_contained_offset: Offset(i64::try_from(offset).unwrap()),
            last_contained_epoch: LeaderEpoch(1),
            last_contained_log_timestamp: Timestamp(0),
        };
        delta.replay(at, record).unwrap();
    }
    delta.apply()
}

/// A batch of records with these values and no keys.
pub fn batch(now: Now, values: &[&str]) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    for value in values {
        builder.append(now.wall, None, Some(value.as_bytes()), &[]).unwrap();
    }
    Bytes::from(builder.build())
}

/// A Produce of one batch to partition 0, by name (up to version 12) and by id.
pub fn produce(acks: i16, records: Bytes) -> produce_request::ProduceRequest {
    produce_request::ProduceRequest {
        acks,
        timeout_ms: 1000,
        topic_data: vec![produce_request::TopicProduceData {
            name: TOPIC.to_owned(),
            topic_id: TOPIC_ID.0,
            partition_data: vec![produce_request::PartitionProduceData { index: 0, records: Some(records) }],
        }],
        ..Default::default()
    }
}

/// A Fetch of partition 0 from `offset`.
pub fn fetch(offset: i64, max_wait_ms: i32, min_bytes: i32) -> fetch_request::FetchRequest {
    fetch_request::FetchRequest {
        max_wait_ms,
        min_bytes,
        max_bytes: 1 << 20,
        topics: vec![fetch_request::FetchTopic {
            topic: TOPIC.to_owned(),
            topic_id: TOPIC_ID.0,
            partitions: vec![fetch_request::FetchPartition {
                partition: 0,
                fetch_offset: offset,
                partition_max_bytes: 1 << 20,
                ..Default::default()
            }],
        }],
        ..Default::default()
    }
}

/// Error and base offset of the only partition of a Produce response.
pub fn produced(response: &produce_response::ProduceResponse) -> (i16, i64) {
    let partition = &response.responses[0].partition_responses[0];
    (partition.error_code, partition.base_offset)
}

/// The only partition of a Fetch response.
pub fn fetched(response: &fetch_response::FetchResponse) -> &fetch_response::PartitionData {
    &response.responses[0].partitions[0]
}

/// Newest version of an API.
pub fn newest(api: ApiKey) -> i16 {
    api.max_stable_version()
}
