//! Load that reads: each connection fetches its partitions from the first offset to the end. Batches are counted by their
//! headers.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use anyhow::Context as _;
use bytes::Bytes;
use ottla_client::{Address, IsolationLevel, OffsetSpec, TopicPartition};
use ottla_protocol::api::ApiKey;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::frame::decode_response_head;
use ottla_protocol::messages::Message;
use ottla_protocol::messages::fetch_request::{FetchPartition, FetchRequest, FetchTopic};
use ottla_protocol::messages::fetch_response::FetchResponse;
use ottla_protocol::record::batches;
use ottla_protocol::types::{Offset, Uuid};
use ottla_protocol::wire::Reader;
use tokio::task::JoinSet;

use super::frames::encode;
use super::meter::{Meter, Sample};
use super::report::{Report, progress_every_second};
use super::wire::Wire;
use super::{Bench, leader_of, wait_for_leaders};
use crate::cli::PerfConsumeOptions;

/// How long the broker waits for the bytes that are asked for.
const WAIT_MS: i32 = 500;
/// Epoch of a fetch without a session.
const SESSIONLESS: i32 = -1;

/// A part of the topic to read.
#[derive(Clone, Copy, Debug)]
struct Span {
    partition: i32,
    start: Offset,
    end: Offset,
}

/// Runs the load.
pub async fn run(bench: &Bench<'_>, options: &PerfConsumeOptions) -> anyhow::Result<Report> {
    let topic = bench.client.topic(&options.topic).await?;
    let topic = wait_for_leaders(bench.client, &topic).await?;
    let spans = spans(bench, options).await?;
    let count = options.connections.unwrap_or(u32::try_from(spans.len())?);
    let versions = bench.client.connection(leader_of(&topic, 0)?).await?.versions().clone();
    let version_max = if topic.id.0.is_zero() { 12 } else { i16::MAX };
    let version = versions.pick_within::<FetchRequest>(i16::MIN, version_max)?;
    let question =
        Question { topic: Arc::clone(&topic.name), topic_id: topic.id.0, version, options: options.clone() };
    let question = Rc::new(question);
    let cluster = bench.client.cluster();
    let mut fetches = Vec::new();
    for index in 0..count as usize {
        // With more connections than partitions, several read the same one.
        let of_connection = |i: usize| i % count as usize == index || (i == index % spans.len());
        let mine: Vec<Span> = (0..spans.len()).filter(|&i| of_connection(i)).map(|i| spans[i]).collect();
        let leader =
            |span: &Span| cluster.leader(&topic.name, span.partition).map(|broker| broker.address.clone());
        let mut work: Vec<(Address, Span)> = Vec::new();
        for _ in 0..options.passes {
            for span in &mine {
                work.push((leader(span).context("a partition has no leader")?, *span));
            }
        }
        work.reverse();
        let Some((address, _)) = work.last() else { continue };
        let wire = Wire::connect(address).await.with_context(|| format!("cannot connect to {address}"))?;
        fetches.push(Fetch {
            address: address.clone(),
            wire,
            question: Rc::clone(&question),
            work,
            offset: None,
            state: State::Idle,
            meter: Rc::clone(&bench.meter),
        });
    }
    let request_bytes =
        question.frame(spans.first().map_or(0, |span| span.partition), Offset::ZERO)?.len() as u64;
    drive(bench, options, fetches).await?;
    Report::of("consume", count, 1, request_bytes, &bench.meter)
}

async fn drive(bench: &Bench<'_>, options: &PerfConsumeOptions, fetches: Vec<Fetch>) -> anyhow::Result<()> {
    let mut connections = JoinSet::new();
    bench.start();
    for fetch in fetches {
        connections.spawn_local(fetch);
    }
    let wait_all = async {
        while let Some(result) = connections.join_next().await {
            result??;
        }
        anyhow::Ok(())
    };
    let over = async {
        match options.duration {
            Some(duration) => tokio::time::sleep(duration.0).await,
            None => std::future::pending().await,
        }
        bench.meter.stop();
        std::future::pending::<anyhow::Result<()>>().await
    };
    tokio::select! {
        result = wait_all => result,
        result = over => result,
        () = progress_every_second(bench) => Ok(()),
    }
}

async fn spans(bench: &Bench<'_>, options: &PerfConsumeOptions) -> anyhow::Result<Vec<Span>> {
    let topic = bench.client.topic(&options.topic).await?;
    let ask = |spec| {
        let partitions = topic.partitions.iter().map(|partition| partition.index);
        partitions
            .map(|index| (TopicPartition::new(Arc::clone(&topic.name), index), spec))
            .collect::<Vec<_>>()
    };
    let admin = bench.client.admin();
    let starts = admin.list_offsets(&ask(OffsetSpec::Earliest), IsolationLevel::ReadUncommitted).await;
    let ends = admin.list_offsets(&ask(OffsetSpec::Latest), IsolationLevel::ReadUncommitted).await;
    let mut spans = Vec::new();
    for ((partition, start), (_, end)) in starts.into_iter().zip(ends) {
        let (start, end) = (start?.offset.unwrap_or(Offset::ZERO), end?.offset.unwrap_or(Offset::ZERO));
        if start < end {
            spans.push(Span { partition: partition.partition, start, end });
        }
    }
    anyhow::ensure!(!spans.is_empty(), "topic `{}` is empty", options.topic);
    Ok(spans)
}

/// Makes fetch requests.
#[derive(Debug)]
struct Question {
    topic: Arc<str>,
    topic_id: Uuid,
    version: i16,
    options: PerfConsumeOptions,
}

impl Question {
    fn frame(&self, partition: i32, offset: Offset) -> anyhow::Result<Bytes> {
        let request = FetchRequest {
            max_wait_ms: WAIT_MS,
            min_bytes: self.options.min_bytes,
            max_bytes: self.options.max_bytes,
            session_epoch: SESSIONLESS,
            topics: vec![FetchTopic {
                topic: self.topic.to_string(),
                topic_id: self.topic_id,
                partitions: vec![FetchPartition {
                    partition,
                    fetch_offset: offset.0,
                    partition_max_bytes: self.options.max_bytes,
                    ..Default::default()
                }],
            }],
            ..Default::default()
        };
        encode(&request, self.version)
    }
}

type Connecting = Pin<Box<dyn Future<Output = io::Result<Wire>>>>;

/// One connection, which has one fetch under way. It ends when its work is done.
struct Fetch {
    address: Address,
    wire: Wire,
    question: Rc<Question>,
    /// What is left to read, the next last.
    work: Vec<(Address, Span)>,
    /// Where the current span goes on; `None` at its start.
    offset: Option<Offset>,
    state: State,
    meter: Rc<Meter>,
}

/// What a connection is at.
enum State {
    /// The next request is to be made.
    Idle,
    /// The next partition has another leader.
    Connecting(Connecting),
    /// The request is being written.
    Writing { frame: Bytes, since: Instant },
    /// The response is on its way.
    Waiting { since: Instant, request_size: u64 },
}

impl Fetch {
    /// Goes one state on.
    fn step(&mut self, context: &mut Context<'_>, address: &Address, span: Span) -> Poll<io::Result<()>> {
        self.state = match &mut self.state {
            State::Idle if *address != self.address => {
                self.address = address.clone();
                let address = address.clone();
                State::Connecting(Box::pin(async move { Wire::connect(&address).await }))
            }
            State::Idle => {
                let frame = self.question.frame(span.partition, self.offset.unwrap_or(span.start));
                State::Writing { frame: frame.map_err(io::Error::other)?, since: Instant::now() }
            }
            State::Connecting(connecting) => {
                self.wire = ready!(connecting.as_mut().poll(context))?;
                State::Idle
            }
            State::Writing { frame, since } => {
                ready!(self.wire.poll_write_frame(context, frame))?;
                State::Waiting { since: *since, request_size: frame.len() as u64 }
            }
            State::Waiting { since, request_size } => {
                let (since, bytes_out) = (*since, *request_size);
                let response = ready!(self.wire.poll_read_frame(context))?;
                let latency = Some(since.elapsed());
                let (records, offset) = self.read(&response, self.offset.unwrap_or(span.start))?;
                self.meter.add(&Sample { latency, records, bytes_out, bytes_in: response.len() as u64 + 4 });
                self.offset = Some(offset).filter(|&offset| offset < span.end);
                if self.offset.is_none() {
                    self.work.pop();
                }
                State::Idle
            }
        };
        Poll::Ready(Ok(()))
    }

    /// The number of records in a response to a fetch from `offset`, and the offset after them.
    fn read(&self, response: &Bytes, mut offset: Offset) -> io::Result<(u64, Offset)> {
        let mut reader = Reader::shared(response).trusted();
        let decoded = decode_response_head(&mut reader, ApiKey::Fetch, self.question.version)
            .and_then(|_| FetchResponse::decode(&mut reader, self.question.version))
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        let partition = decoded.responses.into_iter().flat_map(|topic| topic.partitions).next();
        let code = ErrorCode(partition.as_ref().map_or(decoded.error_code, |partition| partition.error_code));
        if code.is_error() {
            return Err(io::Error::other(format!("the broker refused a fetch: {code}")));
        }
        let mut records = 0;
        let bytes = partition.and_then(|partition| partition.records).unwrap_or_default();
        // A batch that is cut off at the end comes again.
        for batch in batches(&bytes).map_while(Result::ok) {
            records += u64::try_from(batch.header().record_count).unwrap_or(0);
            offset = batch.header().next_offset();
        }
        Ok((records, offset))
    }
}

impl Future for Fetch {
    type Output = io::Result<()>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        // A connection that always has work lets others and the clock have their turn now and then.
        for _ in 0..64 {
            let is_idle = matches!(this.state, State::Idle);
            let next = this.work.last().cloned().filter(|_| !(is_idle && this.meter.is_stopped()));
            let Some((address, span)) = next else { return Poll::Ready(Ok(())) };
            ready!(this.step(context, &address, span))?;
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
