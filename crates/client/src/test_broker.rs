//! A broker for tests: it answers requests over in-memory pipes by a script.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ottla_protocol::api::ApiKey;
use ottla_protocol::frame::{begin_response, decode_request_head, end_frame};
use ottla_protocol::messages::api_versions_response::{ApiVersion, ApiVersionsResponse};
use ottla_protocol::messages::init_producer_id_response::InitProducerIdResponse;
use ottla_protocol::messages::metadata_response::{
    MetadataResponse, MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use ottla_protocol::messages::{Message, Request};
use ottla_protocol::types::Uuid;
use ottla_protocol::wire::{Reader, Writer};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use crate::address::Address;
use crate::task::Task;
use crate::transport::{Opening, Transport};

/// A request as the broker reads it.
pub(crate) struct Asked<'a> {
    pub(crate) key: ApiKey,
    pub(crate) version: i16,
    pub(crate) body: &'a [u8],
}

impl Asked<'_> {
    /// The request, which must be an `R`.
    pub(crate) fn decode<R: Request>(&self) -> R {
        assert_eq!(self.key, R::API_KEY);
        R::decode(&mut Reader::new(self.body), self.version).unwrap()
    }
}

/// What the broker does about a request.
pub(crate) enum Reply {
    /// Answers with this body.
    Body(Vec<u8>),
    /// Does not answer, and goes on.
    Silence,
    /// Answers with this body after a while.
    Later(Duration, Vec<u8>),
    /// Closes the connection.
    Close,
    /// Sends these bytes as they are.
    Raw(Vec<u8>),
}

impl Reply {
    /// Answers with `response`.
    pub(crate) fn with<M: Message>(response: &M, asked: &Asked<'_>) -> Self {
        Self::Body(response.to_vec(asked.version))
    }
}

type Script = Box<dyn FnMut(&Asked<'_>) -> Option<Reply> + Send>;

/// One broker, id 1, that leads partitions 0 and 1 of topic `t`. What the script leaves out it answers itself: ApiVersions,
/// Metadata, InitProducerId.
pub(crate) struct TestBroker {
    script: Arc<Mutex<Script>>,
    versions: BTreeMap<ApiKey, (i16, i16)>,
    connections: Mutex<Vec<Task<io::Result<()>>>>,
}

impl std::fmt::Debug for TestBroker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TestBroker")
    }
}

impl TestBroker {
    pub(crate) fn new(script: impl FnMut(&Asked<'_>) -> Option<Reply> + Send + 'static) -> Self {
        let versions = ApiKey::ALL.iter().map(|&key| (key, (key.min_version(), key.max_stable_version())));
        Self {
            script: Arc::new(Mutex::new(Box::new(script))),
            versions: versions.collect(),
            connections: Mutex::default(),
        }
    }

    /// Limits the versions of one API.
    pub(crate) fn with_versions(mut self, key: ApiKey, min: i16, max: i16) -> Self {
        self.versions.insert(key, (min, max));
        self
    }
}

impl Transport for TestBroker {
    fn open<'a>(&'a self, _address: &'a Address) -> Opening<'a> {
        let (ours, theirs) = tokio::io::duplex(64 << 10);
        let task = Task::spawn(serve(theirs, Arc::clone(&self.script), self.versions.clone()));
        self.connections.lock().unwrap().push(task);
        Box::pin(async {
            let (reader, writer) = tokio::io::split(ours);
            Ok((Box::new(reader) as _, Box::new(writer) as _))
        })
    }
}

async fn serve(
    mut stream: DuplexStream,
    script: Arc<Mutex<Script>>,
    versions: BTreeMap<ApiKey, (i16, i16)>,
) -> io::Result<()> {
    loop {
        let mut length = [0; 4];
        stream.read_exact(&mut length).await?;
        let mut frame = vec![0; u32::from_be_bytes(length) as usize];
        stream.read_exact(&mut frame).await?;
        let head = decode_request_head(&frame).unwrap();
        let asked = Asked { key: head.api_key, version: head.api_version, body: &frame[head.body_start..] };
        let scripted = script.lock().unwrap()(&asked);
        let body = match scripted.unwrap_or_else(|| own_reply(&asked, &versions)) {
            Reply::Close => return Ok(()),
            Reply::Silence => continue,
            Reply::Raw(bytes) => {
                stream.write_all(&bytes).await?;
                continue;
            }
            Reply::Later(wait, body) => {
                tokio::time::sleep(wait).await;
                body
            }
            Reply::Body(body) => body,
        };
        let mut writer = Writer::new();
        let start = begin_response(&mut writer, head.api_key, head.api_version, head.correlation_id);
        writer.raw(&body);
        end_frame(&mut writer, start, 0).unwrap();
        stream.write_all(&writer.into_vec()).await?;
    }
}

fn own_reply(asked: &Asked<'_>, versions: &BTreeMap<ApiKey, (i16, i16)>) -> Reply {
    match asked.key {
        ApiKey::ApiVersions => {
            let api = |(&key, &(min_version, max_version)): (&ApiKey, &(i16, i16))| ApiVersion {
                api_key: key.into(),
                min_version,
                max_version,
            };
            let response =
                ApiVersionsResponse { api_keys: versions.iter().map(api).collect(), ..Default::default() };
            Reply::with(&response, asked)
        }
        ApiKey::Metadata => Reply::with(&metadata(), asked),
        ApiKey::InitProducerId => {
            static NEXT: AtomicI64 = AtomicI64::new(5);
            let producer_id = NEXT.fetch_add(1, Ordering::Relaxed);
            Reply::with(&InitProducerIdResponse { producer_id, ..Default::default() }, asked)
        }
        key => panic!("the script says nothing about {key:?}"),
    }
}

/// Id of topic `t`.
pub(crate) fn topic_id() -> Uuid {
    Uuid::from_u128(77)
}

/// Topic `t` with partitions 0 and 1 on broker 1.
pub(crate) fn metadata() -> MetadataResponse {
    let partition = |partition_index| MetadataResponsePartition {
        partition_index,
        leader_id: 1,
        leader_epoch: 3,
        replica_nodes: vec![1],
        isr_nodes: vec![1],
        ..Default::default()
    };
    MetadataResponse {
        brokers: vec![MetadataResponseBroker {
            node_id: 1,
            host: "b".to_owned(),
            port: 1,
            ..Default::default()
        }],
        controller_id: 1,
        topics: vec![MetadataResponseTopic {
            name: Some("t".to_owned()),
            topic_id: topic_id(),
            partitions: vec![partition(0), partition(1)],
            ..Default::default()
        }],
        ..Default::default()
    }
}
