//! `cargo xtask bench`: Ottla and the real Apache Kafka side by side, with the same load generator (`bench/load`) and the
//! same Java tools, beside what the machine can do without a broker.
//!
//! Only one broker runs at a time. Every case is run once without being counted, then `--repetitions` times; the figures are
//! medians. CPU seconds are the broker's, user and system, from /proc. The run is written to `bench/runs/`.

mod broker;
mod java;
mod machine;
mod partitions;
mod results;
mod wire;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, ensure};
use clap::ValueEnum;
use serde_json::Value;

use broker::{Broker, Kind};
use results::Results;

/// Options of `cargo xtask bench`.
#[derive(clap::Args)]
pub struct Options {
    /// Suites to run; all of them unless some are named.
    suites: Vec<Suite>,
    /// Brokers to measure.
    #[arg(long, value_delimiter = ',', default_value = "ottla,kafka")]
    kinds: Vec<Kind>,
    /// Counted runs of each case.
    #[arg(long, default_value_t = 3)]
    repetitions: u32,
    /// Part of each case's size, for a first look: 0.05 takes minutes instead of an hour.
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// Only cases whose name has this text.
    #[arg(long, default_value = "")]
    only: String,
    /// The run is written to bench/runs/DATE-NAME.md and .json.
    #[arg(long, default_value = "run")]
    name: String,
    /// Port of the broker; the real Kafka's controller takes the next one.
    #[arg(long, default_value_t = 25292)]
    port: u16,
    /// Use the program that $OTTLA_BIN names, or target/release/ottla, without building it.
    #[arg(long)]
    no_build: bool,
}

/// A group of cases.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Suite {
    /// From the process's start to the first answered Metadata; memory when idle.
    Start,
    /// Batches of several sizes, acks 1 and all.
    Produce,
    /// Reading them again.
    Fetch,
    /// One record a request over 1 to 1,000 connections; ApiVersions.
    Requests,
    /// Latency at a constant rate.
    Rate,
    /// Kafka's EndToEndLatency.
    Latency,
    /// Kafka's ProducerPerformance and ConsumerPerformance.
    Perf,
    /// 1,000 and 5,000 partitions: creating, memory, restarting.
    Partitions,
}

const ALL: [Suite; 8] = [
    Suite::Start,
    Suite::Produce,
    Suite::Fetch,
    Suite::Requests,
    Suite::Rate,
    Suite::Latency,
    Suite::Perf,
    Suite::Partitions,
];

/// Measures, prints the table and writes it down.
pub fn run(options: &Options) -> anyhow::Result<()> {
    if options.kinds.contains(&Kind::Ottla) && !options.no_build {
        crate::compat::build()?;
    }
    let bench = Bench { options, load: build_load()?, folder: crate::root().join("bench/.cache/run") };
    std::fs::create_dir_all(&bench.folder)?;
    let mut results = Results::default();
    let suites = if options.suites.is_empty() { &ALL[..] } else { &options.suites };
    machine::limits(&bench, &mut results)?;
    for suite in suites {
        for &kind in &options.kinds {
            bench.suite(*suite, kind, &mut results)?;
        }
    }
    results.write(&options.name, options.repetitions, options.scale)
}

/// The load generator, built in its own workspace.
fn build_load() -> anyhow::Result<PathBuf> {
    let folder = crate::root().join("bench/load");
    let target = crate::root().join("bench/.cache/target");
    let status = Command::new(env!("CARGO"))
        .args(["build", "--release", "--locked", "--quiet", "--target-dir"])
        .arg(&target)
        .current_dir(&folder)
        .status()?;
    ensure!(status.success(), "the load generator does not build");
    Ok(target.join("release/ottla-load"))
}

/// What every suite works with.
struct Bench<'a> {
    options: &'a Options,
    load: PathBuf,
    folder: PathBuf,
}

impl Bench<'_> {
    fn suite(&self, suite: Suite, kind: Kind, results: &mut Results) -> anyhow::Result<()> {
        println!("\n== {suite:?}, {kind}");
        match suite {
            Suite::Start => self.start(kind, results),
            Suite::Produce => wire::produce(self, kind, results),
            Suite::Fetch => wire::fetch(self, kind, results),
            Suite::Requests => wire::requests(self, kind, results),
            Suite::Rate => wire::rate(self, kind, results),
            Suite::Latency => java::latency(self, kind, results),
            Suite::Perf => java::perf(self, kind, results),
            Suite::Partitions => partitions::run(self, kind, results),
        }
    }

    /// Fresh start, restart with a little data, memory two seconds later.
    fn start(&self, kind: Kind, results: &mut Results) -> anyhow::Result<()> {
        for _ in 0..self.options.repetitions {
            let mut broker = self.broker(kind)?;
            results.add("start", "fresh start", kind, &[("ready_ms", broker.ready_seconds * 1000.0)]);
            std::thread::sleep(std::time::Duration::from_secs(2));
            results.add("start", "idle", kind, &[("rss_mb", broker.rss_mb()?)]);
            self.load(&["create", "--broker", &broker.address, "--topic", "one", "--partitions", "1"])?;
            broker.restart()?;
            results.add("start", "restart", kind, &[("ready_ms", broker.ready_seconds * 1000.0)]);
        }
        Ok(())
    }

    /// A fresh broker, which stops and is removed when it is dropped.
    fn broker(&self, kind: Kind) -> anyhow::Result<Broker> {
        Broker::start(kind, &self.folder.join(kind.to_string()), self.options.port)
    }

    /// Runs the load generator; its line of JSON.
    fn load(&self, arguments: &[&str]) -> anyhow::Result<Value> {
        let output = Command::new(&self.load).args(arguments).output()?;
        ensure!(
            output.status.success(),
            "ottla-load {}: {}{}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).context("ottla-load did not print JSON")
    }

    /// A case's count of requests or records, at this run's scale.
    fn scaled(&self, count: u64) -> u64 {
        ((count as f64 * self.options.scale) as u64).max(1)
    }

    fn is_wanted(&self, case: &str) -> bool {
        case.contains(&self.options.only)
    }
}
