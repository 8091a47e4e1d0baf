//! `ottla consume`.

mod format;

use std::collections::BTreeMap;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use ottla_client::{
    Client, Consumer, GroupOptions, ListedOffset, OffsetReset, OffsetSpec, StartOffset, Timestamp,
    TopicPartition,
};
use ottla_protocol::types::Offset;

use self::format::Format;
use super::output::or_broken_pipe;
use crate::cli::{ConsumeOptions, Start};

/// How long to wait for records before looking whether the end is reached.
const POLL_WAIT: Duration = Duration::from_millis(50);

/// Runs `ottla consume`.
pub async fn run(options: ConsumeOptions) -> anyhow::Result<ExitCode> {
    let format = Format::of(&options)?;
    let client = super::connect(&options.cluster, super::BRIEF_WAIT).await?;
    let result = consume(&client, &options, &format).await;
    client.close().await;
    or_broken_pipe(result)
}

async fn consume(client: &Client, options: &ConsumeOptions, format: &Format) -> anyhow::Result<ExitCode> {
    let plan = if options.group.is_some() { Plan::endless() } else { Plan::make(client, options).await? };
    let mut consumer = Consumer::builder(client)
        .isolation_level(options.isolation_level())
        .offset_reset(OffsetReset::Earliest)
        .poll_records_max(10_000)
        .build();
    for (partition, start) in &plan.starts {
        consumer.assign(partition.clone(), *start);
    }
    if let Some(group) = &options.group {
        // Committed by hand, so that no record counts as read that was not printed.
        let group = GroupOptions { auto_commit: None, ..GroupOptions::new(group) };
        consumer.subscribe(group, options.topics.clone()).await;
    }
    let result = tokio::select! {
        result = print(&mut consumer, &plan, options, format) => result,
        // What was printed is whole: it is flushed after each batch.
        _ = tokio::signal::ctrl_c() => Ok(ExitCode::SUCCESS),
    };
    consumer.close().await;
    result
}

async fn print(
    consumer: &mut Consumer,
    plan: &Plan,
    options: &ConsumeOptions,
    format: &Format,
) -> anyhow::Result<ExitCode> {
    let mut out = BufWriter::with_capacity(256 << 10, io::stdout().lock());
    // A reader at the other end of a pipe may wait for single records too, so only files are written in large pieces.
    let is_eager = options.follow || options.group.is_some() || io::stdout().is_terminal();
    let mut left = options.count.unwrap_or(u64::MAX);
    while left > 0 && !plan.is_done(consumer) {
        let mut last = BTreeMap::new();
        for record in consumer.poll(POLL_WAIT).await? {
            let is_beyond =
                plan.end_of(&record.topic, record.partition).is_some_and(|end| record.offset >= end);
            if left > 0 && !is_beyond {
                format.write(&record, &mut out).context("cannot print")?;
                left -= 1;
                last.insert((record.topic, record.partition), record.offset);
            }
        }
        if is_eager {
            out.flush().context("cannot print")?;
        }
        if options.group.is_some() && !last.is_empty() {
            commit(consumer, last).await?;
        }
    }
    out.flush().context("cannot print")?;
    Ok(ExitCode::SUCCESS)
}

/// Commits the offsets after the last records that were printed.
async fn commit(consumer: &mut Consumer, last: BTreeMap<(Arc<str>, i32), Offset>) -> anyhow::Result<()> {
    let positions = last
        .into_iter()
        .map(|((topic, partition), offset)| (TopicPartition::new(topic, partition), offset.next()));
    match consumer.commit_offsets(positions).await {
        // The group went on without us and reads these records again; so do we, if they are ours again.
        Err(error) if error.is_rebalance() => Ok(()),
        result => Ok(result?),
    }
}

/// Where each partition is read from and, unless more is waited for, up to where.
struct Plan {
    starts: Vec<(TopicPartition, StartOffset)>,
    ends: Option<BTreeMap<TopicPartition, Offset>>,
}

impl Plan {
    /// For a group, which tells where to read.
    fn endless() -> Self {
        Self { starts: Vec::new(), ends: None }
    }

    async fn make(client: &Client, options: &ConsumeOptions) -> anyhow::Result<Self> {
        let partitions = partitions(client, options).await?;
        let from = options.from.unwrap_or(if options.follow { Start::End } else { Start::Beginning });
        let needs_ends = !options.follow || matches!(from, Start::Last(_));
        let ends = if needs_ends {
            Some(offsets(client, options, &partitions, OffsetSpec::Latest).await?)
        } else {
            None
        };
        let end_of = |partition: &TopicPartition| {
            let listed = ends.as_ref().and_then(|ends| ends.get(partition));
            listed.and_then(|listed| listed.offset).unwrap_or(Offset::ZERO)
        };
        let times = match from {
            Start::Time(millis) => {
                let spec = OffsetSpec::AtTimestamp(Timestamp(millis));
                offsets(client, options, &partitions, spec).await?
            }
            _ => BTreeMap::new(),
        };
        let starts = partitions.iter().map(|partition| {
            let start = match from {
                Start::Beginning => StartOffset::Earliest,
                Start::End => StartOffset::Latest,
                Start::Offset(offset) => StartOffset::At(Offset(offset)),
                // The consumer goes on at the first record if that is later.
                Start::Last(count) => StartOffset::At(Offset((end_of(partition).0 - count).max(0))),
                Start::Time(_) => match times.get(partition).and_then(|listed| listed.offset) {
                    Some(offset) => StartOffset::At(offset),
                    None => StartOffset::Latest,
                },
            };
            (partition.clone(), start)
        });
        let starts = starts.collect();
        let ends = partitions.iter().map(|partition| (partition.clone(), end_of(partition))).collect();
        Ok(Self { starts, ends: Some(ends).filter(|_| !options.follow) })
    }

    fn end_of(&self, topic: &Arc<str>, partition: i32) -> Option<Offset> {
        let partition = TopicPartition::new(Arc::clone(topic), partition);
        self.ends.as_ref()?.get(&partition).copied()
    }

    fn is_done(&self, consumer: &Consumer) -> bool {
        self.ends.as_ref().is_some_and(|ends| {
            ends.iter()
                .all(|(partition, &end)| consumer.position(partition).is_some_and(|position| position >= end))
        })
    }
}

async fn partitions(client: &Client, options: &ConsumeOptions) -> anyhow::Result<Vec<TopicPartition>> {
    let mut partitions = Vec::new();
    for name in &options.topics {
        let topic = client.topic(name).await?;
        if let Some(missing) = options.partition.iter().find(|&&index| topic.partition(index).is_none()) {
            bail!("topic `{name}` has partitions 0 to {}, and no {missing}", topic.partition_count() - 1);
        }
        let wanted = |index: &i32| options.partition.is_empty() || options.partition.contains(index);
        let indexes = topic.partitions.iter().map(|partition| partition.index).filter(wanted);
        partitions.extend(indexes.map(|index| TopicPartition::new(Arc::clone(&topic.name), index)));
    }
    Ok(partitions)
}

async fn offsets(
    client: &Client,
    options: &ConsumeOptions,
    partitions: &[TopicPartition],
    spec: OffsetSpec,
) -> anyhow::Result<BTreeMap<TopicPartition, ListedOffset>> {
    let questions: Vec<_> = partitions.iter().map(|partition| (partition.clone(), spec)).collect();
    let answers = client.admin().list_offsets(&questions, options.isolation_level()).await;
    let answers = answers.into_iter().map(|(partition, answer)| Ok((partition, answer?)));
    answers.collect::<Result<_, ottla_client::Error>>().map_err(Into::into)
}
