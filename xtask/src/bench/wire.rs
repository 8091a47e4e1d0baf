//! The suites that the load generator drives: it speaks the protocol itself and costs little.

use serde_json::Value;

use super::Bench;
use super::broker::{Broker, Kind};
use super::results::Results;

/// One case: what the load generator is asked for.
struct Case {
    name: &'static str,
    partitions: u32,
    connections: u32,
    depth: u32,
    requests: u64,
    records: u32,
    size: u32,
    acks: &'static str,
}

const fn case(
    name: &'static str,
    [partitions, connections, depth]: [u32; 3],
    requests: u64,
    [records, size]: [u32; 2],
    acks: &'static str,
) -> Case {
    Case { name, partitions, connections, depth, requests, records, size, acks }
}

const PRODUCE: [Case; 7] = [
    case("16 KB batches of 100 B, acks 1", [1, 1, 5], 60_000, [150, 100], "1"),
    case("16 KB batches of 100 B, acks all", [1, 1, 5], 60_000, [150, 100], "-1"),
    case("64 KB batches of 100 B, acks 1", [4, 4, 5], 20_000, [600, 100], "1"),
    case("64 KB batches of 100 B, acks all", [4, 4, 5], 20_000, [600, 100], "-1"),
    case("64 KB batches of 1 KiB, acks 1", [4, 4, 5], 20_000, [62, 1024], "1"),
    case("1 MB batches of 1 KiB, acks 1", [4, 4, 3], 2_000, [950, 1024], "1"),
    case("1 MB batches of 1 KiB, acks all", [4, 4, 3], 2_000, [950, 1024], "-1"),
];

const REQUESTS: [Case; 8] = [
    case("one record, 1 connection", [10, 1, 1], 40_000, [1, 100], "1"),
    case("one record, 10 connections", [10, 10, 1], 150_000, [1, 100], "1"),
    case("one record, 10 connections, acks all", [10, 10, 1], 150_000, [1, 100], "-1"),
    case("one record, 64 connections", [10, 64, 1], 150_000, [1, 100], "1"),
    case("one record, 100 connections", [10, 100, 1], 150_000, [1, 100], "1"),
    case("one record, 512 connections", [10, 512, 1], 150_000, [1, 100], "1"),
    case("one record, 1000 connections", [10, 1000, 1], 150_000, [1, 100], "1"),
    case("20 partitions a request", [100, 5, 1], 20_000, [1, 100], "1"),
];
/// Partitions in one request of the last case above.
const EACH: &str = "20";
const API_REQUESTS: u64 = 150_000;
const RATE_SECONDS: u64 = 5;

const COSTS: [&str; 6] = ["cpu_s_per_gb", "mb_per_s", "p50_ms", "p99_ms", "p999_ms", "client_cpu_s"];
const SMALL_COSTS: [&str; 6] =
    ["cpu_s_per_million", "requests_per_s", "p50_ms", "p99_ms", "p999_ms", "client_cpu_s"];

/// A topic that is deleted again.
struct Topics<'a> {
    bench: &'a Bench<'a>,
    broker: &'a Broker,
    made: u32,
}

impl Topics<'_> {
    fn create(&mut self, partitions: u32) -> anyhow::Result<String> {
        self.made += 1;
        let name = format!("bench-{}", self.made);
        let partitions = partitions.to_string();
        let broker = &self.broker.address;
        self.bench.load(&["create", "--broker", broker, "--topic", &name, "--partitions", &partitions])?;
        Ok(name)
    }

    fn delete(&self, name: &str) -> anyhow::Result<()> {
        self.bench.load(&["delete", "--broker", &self.broker.address, "--topic", name])?;
        Ok(())
    }
}

/// Batches of several sizes.
pub fn produce(bench: &Bench<'_>, kind: Kind, results: &mut Results) -> anyhow::Result<()> {
    let broker = bench.broker(kind)?;
    let mut topics = Topics { bench, broker: &broker, made: 0 };
    for case in PRODUCE.iter().filter(|case| bench.is_wanted(case.name)) {
        repeat(bench, case, &mut topics, |said| results.measured("produce", case.name, kind, said, &COSTS))?;
    }
    results.add(
        "produce",
        "memory after all of it",
        kind,
        &[("rss_mb", broker.rss_mb()?), ("rss_peak_mb", broker.rss_peak_mb()?)],
    );
    Ok(())
}

/// One record a request, and the cheapest request of all.
pub fn requests(bench: &Bench<'_>, kind: Kind, results: &mut Results) -> anyhow::Result<()> {
    let broker = bench.broker(kind)?;
    let mut topics = Topics { bench, broker: &broker, made: 0 };
    for case in REQUESTS.iter().filter(|case| bench.is_wanted(case.name)) {
        repeat(bench, case, &mut topics, |said| {
            results.measured("requests", case.name, kind, said, &SMALL_COSTS)
        })?;
    }
    let name = "ApiVersions, 10 connections";
    if bench.is_wanted(name) {
        let (requests, pid) = (bench.scaled(API_REQUESTS).to_string(), broker.pid.to_string());
        for turn in 0..=bench.options.repetitions {
            let said = bench.load(&[
                "api",
                "--broker",
                &broker.address,
                "--connections",
                "10",
                "--requests",
                &requests,
                "--pid",
                &pid,
            ])?;
            if turn > 0 {
                results.measured("requests", name, kind, &said, &SMALL_COSTS);
            }
        }
    }
    results.add(
        "requests",
        "memory after all of it",
        kind,
        &[("rss_mb", broker.rss_mb()?), ("rss_peak_mb", broker.rss_peak_mb()?)],
    );
    Ok(())
}

/// Runs a case once uncounted and then counted, each time on a topic of its own.
fn repeat(
    bench: &Bench<'_>,
    case: &Case,
    topics: &mut Topics<'_>,
    mut counted: impl FnMut(&Value),
) -> anyhow::Result<()> {
    for turn in 0..=bench.options.repetitions {
        let topic = topics.create(case.partitions)?;
        let said = send(bench, case, topics.broker, &topic, case.requests, &[])?;
        if turn > 0 {
            counted(&said);
        }
        topics.delete(&topic)?;
    }
    Ok(())
}

fn send(
    bench: &Bench<'_>,
    case: &Case,
    broker: &Broker,
    topic: &str,
    requests: u64,
    more: &[&str],
) -> anyhow::Result<Value> {
    let numbers = [
        u64::from(case.partitions),
        u64::from(case.connections),
        u64::from(case.depth),
        bench.scaled(requests),
        u64::from(case.records),
        u64::from(case.size),
        u64::from(broker.pid),
    ]
    .map(|number| number.to_string());
    let [partitions, connections, depth, requests, records, size, pid] = &numbers;
    let each = if case.partitions > 10 { EACH } else { "1" };
    let mut arguments = vec!["produce", "--broker", &broker.address, "--topic", topic, "--acks", case.acks];
    arguments.extend([
        "--partitions",
        partitions,
        "--connections",
        connections,
        "--depth",
        depth,
        "--each",
        each,
    ]);
    arguments.extend(["--requests", requests, "--records", records, "--size", size, "--pid", pid]);
    arguments.extend(more);
    bench.load(&arguments)
}

/// Everything that was produced, read by as many consumers as there are partitions.
pub fn fetch(bench: &Bench<'_>, kind: Kind, results: &mut Results) -> anyhow::Result<()> {
    let broker = bench.broker(kind)?;
    let mut topics = Topics { bench, broker: &broker, made: 0 };
    let pid = broker.pid.to_string();
    for index in [2, 5] {
        let written = &PRODUCE[index];
        let topic = topics.create(written.partitions)?;
        send(bench, written, &broker, &topic, written.requests, &[])?;
        for (at_a_time, bytes_max) in [("1 MiB a fetch", "1048576"), ("64 KiB a fetch", "65536")] {
            let name = format!("{at_a_time}, of {}", written.name.split(", ").next().unwrap_or_default());
            for turn in 0..=bench.options.repetitions {
                if !bench.is_wanted(&name) {
                    continue;
                }
                let partitions = written.partitions.to_string();
                let said = bench.load(&[
                    "fetch",
                    "--broker",
                    &broker.address,
                    "--topic",
                    &topic,
                    "--partitions",
                    &partitions,
                    "--connections",
                    &partitions,
                    "--max-bytes",
                    bytes_max,
                    "--pid",
                    &pid,
                ])?;
                if turn > 0 {
                    results.measured("fetch", &name, kind, &said, &COSTS);
                }
            }
        }
        topics.delete(&topic)?;
    }
    Ok(())
}

/// Latency at a constant rate, counted from when each request was due.
pub fn rate(bench: &Bench<'_>, kind: Kind, results: &mut Results) -> anyhow::Result<()> {
    let broker = bench.broker(kind)?;
    let mut topics = Topics { bench, broker: &broker, made: 0 };
    for (rate, acks) in [(1_000_u64, "1"), (5_000, "1"), (5_000, "-1")] {
        let shown = if acks == "1" { "1" } else { "all" };
        let name = format!("{rate} requests/s, one record, acks {shown}");
        if !bench.is_wanted(&name) {
            continue;
        }
        let case = case("", [10, 10, 1], rate * RATE_SECONDS, [1, 100], acks);
        let per_second = rate.to_string();
        for turn in 0..=bench.options.repetitions {
            let topic = topics.create(case.partitions)?;
            let said = send(bench, &case, &broker, &topic, case.requests, &["--rate", &per_second])?;
            if turn > 0 {
                results.measured(
                    "rate",
                    &name,
                    kind,
                    &said,
                    &["p50_ms", "p99_ms", "p999_ms", "max_ms", "cpu_s_per_million"],
                );
            }
            topics.delete(&topic)?;
        }
    }
    Ok(())
}
