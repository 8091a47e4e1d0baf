//! `cargo xtask compat`: other people's clients and tools against a broker, Ottla's or the real Apache Kafka.
//!
//! The suites are the scripts of `compat/`; each prints its own figures and ends with `N passed, N failed`. This chore
//! builds the broker, runs them one after another and adds up.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use clap::ValueEnum;

/// Options of `cargo xtask compat`.
#[derive(clap::Args)]
pub struct Options {
    /// Suites to run, in this order; all of them unless some are named.
    suites: Vec<Suite>,
    /// Which broker: `ottla` (built first) or `kafka` (the real one, from Maven Central).
    #[arg(long, default_value = "ottla")]
    kind: String,
    /// The most telling part of each suite, for every change: small text, few cycles.
    #[arg(long)]
    quick: bool,
    /// Use the program that $OTTLA_BIN names, or target/release/ottla, without building it.
    #[arg(long)]
    no_build: bool,
}

/// Scripts that run both kinds side by side, whatever is asked for.
const BOTH_KINDS: [&str; 3] = ["compat/metadata/run", "compat/storage/compaction", "compat/groups/handover"];

/// One script of `compat/`.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Suite {
    /// Real text in by every client with every codec, out by every other.
    TextMatrix,
    /// Kafka's command line tools, their output compared with the real Kafka's.
    Tools,
    /// Broken requests: the answer, the broker's memory, and that it goes on serving.
    BadInput,
    /// Limits of connections and of the memory they hold.
    Limits,
    /// kill -9 under load: no acknowledged record is lost.
    Kill9,
    /// One directory, used in turn by Ottla and by the real Kafka.
    Metadata,
    /// Consumers of the consumer protocol, and of both protocols in one group.
    Groups,
    /// Exactly once: what clients and tools see of transactions, and kill -9 between them.
    Transactions,
    /// Kafka Streams counts words exactly once while it and the broker are killed.
    Streams,
    /// The same logs, compacted by Ottla's cleaner and by the real Kafka's.
    Compaction,
}

const ALL: [Suite; 10] = [
    Suite::BadInput,
    Suite::Limits,
    Suite::Compaction,
    Suite::TextMatrix,
    Suite::Tools,
    Suite::Groups,
    Suite::Kill9,
    Suite::Metadata,
    Suite::Transactions,
    Suite::Streams,
];

impl Suite {
    /// The command lines, from the root of the checkout, without the kind of broker.
    fn commands(self, quick: bool) -> &'static [&'static [&'static str]] {
        match (self, quick) {
            (Self::TextMatrix, true) => &[&["compat/text-matrix", "--size", "0.5"]],
            (Self::TextMatrix, false) => &[
                &["compat/text-matrix", "--size", "2"],
                &["compat/text-matrix", "--size", "100", "--consumers", "2"],
            ],
            (Self::Tools, _) => &[&["compat/tools/run"]],
            (Self::Groups, _) => &[&["compat/groups/run"], &[BOTH_KINDS[2]]],
            (Self::Limits, _) => &[&["compat/limits"]],
            (Self::BadInput, true) => &[&["compat/bad-input/suite"]],
            (Self::BadInput, false) => &[&["compat/bad-input/suite", "--heavy"]],
            (Self::Kill9, true) => &[&["compat/kill9", "--cycles", "20", "--dump"]],
            (Self::Metadata, _) => &[&[BOTH_KINDS[0]]],
            (Self::Transactions, true) => &[
                &["compat/transactions/run"],
                &["compat/transactions/kill9", "--kills", "5", "--records", "20000"],
            ],
            (Self::Streams, true) => &[&["compat/streams/run", "--kills", "3", "--lines", "20000"]],
            (Self::Streams, false) => &[&["compat/streams/run"]],
            (Self::Transactions, false) => &[&["compat/transactions/run"], &["compat/transactions/kill9"]],
            (Self::Compaction, true) => &[&[BOTH_KINDS[1], "--quick"]],
            (Self::Compaction, false) => &[&[BOTH_KINDS[1]]],
            (Self::Kill9, false) => &[&["compat/kill9", "--cycles", "200", "--dump"]],
        }
    }
}

/// Runs the suites; fails if one case of one of them fails.
pub fn run(options: &Options) -> anyhow::Result<()> {
    if options.kind == "ottla" && !options.no_build {
        build()?;
    }
    self_test()?;
    let suites = if options.suites.is_empty() { &ALL[..] } else { &options.suites };
    let mut summary = Vec::new();
    for suite in suites {
        for command in suite.commands(options.quick) {
            summary.push(run_one(command, &options.kind)?);
        }
    }
    println!();
    for outcome in &summary {
        println!(
            "{}: {} passed, {} failed, {} s",
            outcome.command, outcome.passed, outcome.failed, outcome.seconds
        );
    }
    let passed: u64 = summary.iter().map(|outcome| outcome.passed).sum();
    let failed: u64 = summary.iter().map(|outcome| outcome.failed).sum();
    println!("compat: {passed} passed, {failed} failed");
    ensure!(failed == 0, "{failed} cases failed");
    Ok(())
}

/// What one script said at its end.
struct Outcome {
    command: String,
    passed: u64,
    failed: u64,
    seconds: u64,
}

/// Runs a script, shows what it says, and reads its last line.
fn run_one(command: &[&str], kind: &str) -> anyhow::Result<Outcome> {
    let kind: &[&str] = if BOTH_KINDS.contains(&command[0]) { &[] } else { &["--kind", kind] };
    let shown = [command, kind].concat().join(" ");
    println!("\n== {shown}");
    let started = Instant::now();
    let mut child = Command::new(command[0])
        .args(&command[1..])
        .args(kind)
        .current_dir(crate::root())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{} needs python3", command[0]))?;
    let mut counts = None;
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line?;
            println!("{line}");
            counts = passed_and_failed(&line).or(counts);
        }
    }
    let status = child.wait()?;
    let Some((passed, failed)) = counts else { bail!("{shown} ended without a result ({status})") };
    ensure!(status.success() == (failed == 0), "{shown}: {failed} failed, yet it ended with {status}");
    ensure!(passed + failed > 0, "{shown} ran nothing");
    Ok(Outcome { command: shown, passed, failed, seconds: started.elapsed().as_secs() })
}

/// Reads `N passed, N failed`.
fn passed_and_failed(line: &str) -> Option<(u64, u64)> {
    let (passed, failed) = line.trim().split_once(" passed, ")?;
    Some((passed.parse().ok()?, failed.strip_suffix(" failed")?.parse().ok()?))
}

/// The checker of `kill9` must find violations that are planted for it.
fn self_test() -> anyhow::Result<()> {
    let output = Command::new("python3")
        .arg("compat/lib/test_numbered.py")
        .current_dir(crate::root())
        .output()
        .context("python3 is missing (Debian: apt-get install python3 python3-venv)")?;
    ensure!(
        output.status.success(),
        "the checker of kill9 fails its own test:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// Builds the broker as users run it.
pub fn build() -> anyhow::Result<()> {
    let status = Command::new(env!("CARGO"))
        .args(["build", "--release", "--package", "ottla"])
        .current_dir(crate::root())
        .status()?;
    ensure!(status.success(), "the broker does not build");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::passed_and_failed;

    #[test]
    fn only_the_closing_line_is_a_result() {
        assert_eq!(passed_and_failed("245 passed, 0 failed"), Some((245, 0)));
        assert_eq!(passed_and_failed("topics: 55 as the real Kafka, 0 different"), None);
        assert_eq!(passed_and_failed("x passed, 0 failed"), None);
        assert_eq!(passed_and_failed("1 passed, 2 failed now"), None);
    }
}
