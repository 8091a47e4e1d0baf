//! `ottla perf`: a load generator that is light enough for the broker to be the bottleneck.
//!
//! Requests are encoded before the clock starts and written as they are; responses are looked at for errors only. One thread
//! drives all connections by hand-written futures: a round trip costs one send, one receive and a share of one epoll wait.

mod fetch;
mod frames;
mod meter;
mod pace;
mod process;
mod repeat;
mod report;
mod wire;

use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;

use anyhow::{Context, bail};
use ottla_client::{Address, Client, IsolationLevel, NewTopic, OffsetSpec, Topic, TopicPartition};
use ottla_protocol::error::ErrorCode;
use ottla_protocol::types::BrokerId;
use tokio::task::LocalSet;

use self::meter::Meter;
use self::process::ProcessTimes;
use self::report::Report;
use crate::cli::{PerfArgs, PerfCommand, PerfProduceOptions};

/// Runs `ottla perf`.
pub async fn run(args: PerfArgs) -> anyhow::Result<ExitCode> {
    let client = super::connect(&args.cluster, super::CREATION_WAIT).await?;
    let result = measure(&client, &args).await;
    client.close().await;
    let report = result?;
    if args.output.json {
        super::output::print_json(&report.to_json())?;
    } else {
        print!("{report}");
    }
    Ok(if report.errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What all kinds of load have in common.
struct Bench<'a> {
    client: &'a Client,
    meter: Rc<Meter>,
    quiet: bool,
    /// The broker's process, if it runs on this machine and is watched.
    broker_pid: Option<u32>,
}

impl Bench<'_> {
    /// From here on it counts.
    fn start(&self) {
        // A process that cannot be looked at is found out at the end, with an error.
        if let Some(times) = self.broker_pid.and_then(|pid| ProcessTimes::of(pid).ok()) {
            self.meter.note_broker(times);
        }
        self.meter.start();
    }
}

async fn measure(client: &Client, args: &PerfArgs) -> anyhow::Result<Report> {
    let bench = Bench { client, meter: Rc::new(Meter::new()), quiet: args.quiet, broker_pid: args.pid };
    let load = async {
        match &args.command {
            PerfCommand::Produce(options) => produce(&bench, options).await,
            PerfCommand::Consume(options) => fetch::run(&bench, options).await,
            PerfCommand::Ping(options) => repeat::run(&bench, &options.load, ping(&bench)?).await,
        }
    };
    let mut report = LocalSet::new().run_until(load).await?;
    if let Some(pid) = args.pid {
        let after = ProcessTimes::of(pid).with_context(|| format!("--pid {pid}"))?;
        report.broker = bench.meter.broker_times().map(|before| after.since(before));
    }
    Ok(report)
}

/// What a connection of a constant load sends, over and over.
struct Work {
    mode: &'static str,
    /// For each connection: where it goes, and its frame.
    frames: Vec<(Address, bytes::Bytes)>,
    response: repeat::ResponseKind,
    records_per_request: u64,
}

fn ping(bench: &Bench<'_>) -> anyhow::Result<impl Fn(u32) -> anyhow::Result<Work>> {
    let cluster = bench.client.cluster();
    let address = cluster.brokers.values().next().context("the cluster has no brokers")?.address.clone();
    let frame = frames::api_versions()?;
    Ok(move |connections| {
        Ok(Work {
            mode: "ping",
            frames: (0..connections).map(|_| (address.clone(), frame.clone())).collect(),
            response: repeat::ResponseKind::ApiVersions,
            records_per_request: 0,
        })
    })
}

async fn produce(bench: &Bench<'_>, options: &PerfProduceOptions) -> anyhow::Result<Report> {
    let topic = topic(bench.client, options).await?;
    let connection = bench.client.connection(leader_of(&topic, 0)?).await?;
    let frames = frames::ProduceFrames::new(options, &topic, connection.versions())?;
    let cluster = bench.client.cluster();
    let work = |connections: u32| {
        let partitions = frames::spread(connections, options.partitions_per_request, &topic);
        let frame = |partitions: Vec<i32>| {
            let first = partitions.first().copied().unwrap_or(0);
            let leader = cluster.leader(&topic.name, first).context("a partition has no leader")?;
            Ok((leader.address.clone(), frames.frame(&partitions)?))
        };
        Ok(Work {
            mode: "produce",
            frames: partitions.into_iter().map(frame).collect::<anyhow::Result<_>>()?,
            response: frames.response(),
            records_per_request: u64::from(options.batch_records)
                * options.partitions_per_request.min(topic.partitions.len()) as u64,
        })
    };
    repeat::run(bench, &options.load, work).await
}

async fn topic(client: &Client, options: &PerfProduceOptions) -> anyhow::Result<Arc<Topic>> {
    if options.create {
        let default = i32::try_from(options.load.connections).unwrap_or(1);
        let mut topic = NewTopic::new(&options.topic).partitions(options.partitions.unwrap_or(default));
        if let Some(factor) = options.replication_factor {
            topic = topic.replication_factor(factor);
        }
        match client.admin().create_topic(&topic).await {
            Err(error) if error.code() != Some(ErrorCode::TOPIC_ALREADY_EXISTS) => return Err(error.into()),
            _ => {}
        }
    }
    let topic = client.topic(&options.topic).await.context("give --create to create it")?;
    let topic = wait_for_leaders(client, &topic).await?;
    // A leader that was only just appointed may not know it yet. This asks until it does.
    let ends: Vec<_> = topic
        .partitions
        .iter()
        .map(|partition| (TopicPartition::new(Arc::clone(&topic.name), partition.index), OffsetSpec::Latest))
        .collect();
    for (_, end) in client.admin().list_offsets(&ends, IsolationLevel::ReadUncommitted).await {
        end?;
    }
    Ok(topic)
}

/// A topic that was just created gets its leaders a moment later.
async fn wait_for_leaders(client: &Client, topic: &Topic) -> anyhow::Result<Arc<Topic>> {
    let mut wait = std::time::Duration::from_millis(10);
    for _ in 0..10 {
        let cluster = client.refresh(&[&topic.name], ottla_client::AutoCreate::Forbidden).await?;
        let topic = cluster.topics.get(&*topic.name).context("the topic is gone")?;
        if topic.partitions.iter().all(|partition| partition.leader.is_some()) {
            return Ok(Arc::clone(topic));
        }
        tokio::time::sleep(wait).await;
        wait *= 2;
    }
    bail!("topic `{}` has partitions without a leader", topic.name)
}

fn leader_of(topic: &Topic, partition: i32) -> anyhow::Result<BrokerId> {
    let leader = topic.partition(partition).and_then(|partition| partition.leader);
    leader.with_context(|| format!("partition {partition} of topic `{}` has no leader", topic.name))
}
