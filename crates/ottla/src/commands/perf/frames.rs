//! Requests, encoded before the clock starts.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use bytes::Bytes;
use ottla_client::{Acks, ApiVersions, Compression, Timestamp, Topic};
use ottla_protocol::frame::{begin_request, end_frame};
use ottla_protocol::messages::Request;
use ottla_protocol::messages::api_versions_request::ApiVersionsRequest;
use ottla_protocol::messages::produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData};
use ottla_protocol::record::{BatchBuilder, BatchOptions};
use ottla_protocol::types::Uuid;
use ottla_protocol::wire::Writer;

use super::repeat::ResponseKind;
use crate::cli::PerfProduceOptions;

/// Every request has the same: responses come in order, and nothing else is sent.
const CORRELATION_ID: i32 = 7;
const CLIENT_ID: &str = "ottla-perf";
/// How long the broker may wait for replicas.
const TIMEOUT_MS: i32 = 30_000;

/// The frame of any request.
pub fn encode<R: Request>(request: &R, version: i16) -> anyhow::Result<Bytes> {
    let mut writer = Writer::new();
    let start = begin_request(&mut writer, R::API_KEY, version, CORRELATION_ID, Some(CLIENT_ID));
    request.encode(&mut writer, version);
    end_frame(&mut writer, start, 0)?;
    Ok(writer.into_vec().into())
}

/// The oldest and shortest form, which every broker answers.
pub fn api_versions() -> anyhow::Result<Bytes> {
    encode(&ApiVersionsRequest::default(), 0)
}

/// The partitions of each connection's requests: `count` in a row, each connection beginning where the one before ended.
pub fn spread(connections: u32, count: usize, topic: &Topic) -> Vec<Vec<i32>> {
    let mut indexes = topic.partitions.iter().map(|partition| partition.index).cycle();
    let count = count.clamp(1, topic.partitions.len().max(1));
    (0..connections).map(|_| indexes.by_ref().take(count).collect()).collect()
}

/// Makes Produce requests of one batch.
pub struct ProduceFrames {
    topic: Arc<str>,
    topic_id: Uuid,
    version: i16,
    acks: Acks,
    batch: Bytes,
}

impl ProduceFrames {
    pub fn new(options: &PerfProduceOptions, topic: &Topic, versions: &ApiVersions) -> anyhow::Result<Self> {
        // Version 13 names the topic by its id alone.
        let version_max = if topic.id.0.is_zero() { 12 } else { i16::MAX };
        let version = versions.pick_within::<ProduceRequest>(i16::MIN, version_max)?;
        if options.partitions_per_request > topic.partitions.len() {
            bail!("--partitions-per-request is more than the topic's {} partitions", topic.partitions.len());
        }
        let batch = batch(options.batch_records, options.record_size, options.compression.into())?;
        Ok(Self {
            topic: Arc::clone(&topic.name),
            topic_id: topic.id.0,
            version,
            acks: options.acks.into(),
            batch: batch.into(),
        })
    }

    /// The frame of a request with a batch for each of `partitions`.
    pub fn frame(&self, partitions: &[i32]) -> anyhow::Result<Bytes> {
        let data = |&index: &i32| PartitionProduceData { index, records: Some(self.batch.clone()) };
        let request = ProduceRequest {
            transactional_id: None,
            acks: match self.acks {
                Acks::None => 0,
                Acks::Leader => 1,
                Acks::All => -1,
            },
            timeout_ms: TIMEOUT_MS,
            topic_data: vec![TopicProduceData {
                name: self.topic.to_string(),
                topic_id: self.topic_id,
                partition_data: partitions.iter().map(data).collect(),
            }],
        };
        encode(&request, self.version)
    }

    pub fn response(&self) -> ResponseKind {
        match self.acks {
            Acks::None => ResponseKind::None,
            _ => ResponseKind::Produce { version: self.version },
        }
    }
}

/// A batch of `count` records without key, each with a value of `size` random capital letters: they compress to about 60 %.
fn batch(count: u32, size: u32, compression: Compression) -> anyhow::Result<Vec<u8>> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let timestamp = Timestamp(i64::try_from(now.as_millis()).unwrap_or(0));
    let mut builder = BatchBuilder::new(BatchOptions { compression, ..BatchOptions::default() });
    let mut random: u64 = 88_172_645_463_325_252;
    let mut value = vec![0; usize::try_from(size)?];
    for _ in 0..count {
        for letter in &mut value {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            *letter = b'A' + (random % 26) as u8;
        }
        builder.append(timestamp, None, Some(&value), &[]).context("the batch is too large")?;
    }
    Ok(builder.build())
}
