//! Runs the fuzz targets: valid inputs and damaged copies of them, and the rules that every target must keep.
//!
//! A target must not panic, must come back within a second, and must allocate no more than its bound (for decoders
//! twice the size of the input plus 1 MiB). The input of an execution depends on the seed and the execution's number
//! alone, so that a failure can be repeated by its number.

mod record_targets;
mod watchdog;

use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use std::{fs, process};

use anyhow::{Context, ensure};
use clap::Parser;
use ottla_protocol::fuzzing::{Random, TARGETS, Target};
use tikv_jemalloc_ctl::thread;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Executions with one valid input: first as it is, then damaged.
const EXECUTIONS_PER_INPUT: u64 = 16;
const EXECUTION_TIME_MAX: Duration = Duration::from_secs(1);

/// Runs the fuzz targets on damaged inputs.
#[derive(Parser)]
struct Arguments {
    /// Only the target of this name (may be given several times).
    #[arg(long)]
    target: Vec<String>,
    /// Executions of each target.
    #[arg(long, default_value_t = 100_000)]
    executions: u64,
    /// The same seed gives the same inputs.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Begin at this execution: to repeat a failure.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Run the one target on the bytes of a file instead.
    #[arg(long)]
    input: Option<PathBuf>,
    /// List the targets.
    #[arg(long)]
    list: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let targets = TARGETS.iter().chain(record_targets::TARGETS).chain(ottla_broker::fuzzing::TARGETS);
    let all: Vec<Target> = targets.copied().collect();
    if arguments.list {
        all.iter().for_each(|target| println!("{}", target.name));
        return Ok(());
    }
    for name in &arguments.target {
        ensure!(all.iter().any(|target| target.name == name), "no target {name}: see --list");
    }
    let chosen =
        |target: &&Target| arguments.target.is_empty() || arguments.target.iter().any(|n| n == target.name);
    let targets: Vec<&Target> = all.iter().filter(chosen).collect();
    if let Some(path) = &arguments.input {
        let input = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        for target in targets {
            println!("{}: {}", target.name, if (target.run)(&input) { "accepted" } else { "refused" });
        }
        return Ok(());
    }
    // A panic is reported with its execution, not by the default hook, which would allocate while it is measured.
    panic::set_hook(Box::new(|_| {}));
    watchdog::start();
    println!("target                    executions   accepted   per second   slowest   most memory");
    let mut failed = false;
    for target in targets {
        failed |= !fuzz(target, &arguments)?;
    }
    if failed {
        process::exit(1);
    }
    Ok(())
}

/// What was seen of one target.
#[derive(Default)]
struct Report {
    executions: u64,
    accepted: u64,
    slowest: Duration,
    /// The largest share of its bound that one execution allocated, in percent, and how much of what.
    most_memory: (u64, u64, usize),
}

/// Fuzzes one target and prints a line. Gives whether all rules were kept.
fn fuzz(target: &Target, arguments: &Arguments) -> anyhow::Result<bool> {
    let allocated = thread::allocatedp::read().map_err(|error| anyhow::anyhow!("jemalloc: {error}"))?;
    let mut report = Report::default();
    let began = Instant::now();
    let mut valid = Vec::new();
    for number in arguments.first..arguments.first + arguments.executions {
        if number % EXECUTIONS_PER_INPUT == 0 || valid.is_empty() {
            let input = number / EXECUTIONS_PER_INPUT;
            valid = (target.seed)(&mut Random::new(arguments.seed.wrapping_mul(1 << 40).wrapping_add(input)));
        }
        let mut random = Random::new(!arguments.seed.wrapping_mul(1 << 40).wrapping_add(number));
        let is_valid = number % EXECUTIONS_PER_INPUT == 0;
        let input = if is_valid { valid.clone() } else { random.mutated(valid.clone()) };
        watchdog::begin(target.name, number);
        let before = allocated.get();
        let start = Instant::now();
        let outcome = panic::catch_unwind(AssertUnwindSafe(|| (target.run)(&input)));
        let took = start.elapsed();
        let memory = allocated.get() - before;
        let broken = match outcome {
            Err(_) => Some("panicked".to_owned()),
            Ok(_) if took > EXECUTION_TIME_MAX => Some(format!("took {took:?}")),
            Ok(_) if memory > (target.memory_max)(input.len()) => Some(format!("allocated {memory} bytes")),
            Ok(_) => None,
        };
        if let Some(broken) = broken {
            let path = save(target, number, &input)?;
            println!("{}: execution {number} {broken}: {}", target.name, path.display());
            return Ok(false);
        }
        report.executions += 1;
        report.accepted += u64::from(outcome.unwrap_or(false));
        report.slowest = report.slowest.max(took);
        let share = (100 * memory).checked_div((target.memory_max)(input.len())).unwrap_or_default();
        report.most_memory = report.most_memory.max((share, memory, input.len()));
    }
    print(target, &report, began.elapsed());
    Ok(true)
}

fn print(target: &Target, report: &Report, took: Duration) {
    let per_second = report.executions as f64 / took.as_secs_f64();
    let (share, memory, size) = report.most_memory;
    println!(
        "{:<24} {:>11}   {:>7.1}%   {per_second:>10.0}   {:>7?}   {share}% of the bound: {memory} bytes for {size} of input",
        target.name,
        report.executions,
        100.0 * report.accepted as f64 / report.executions.max(1) as f64,
        Duration::from_micros(report.slowest.as_micros() as u64),
    );
}

/// Keeps the input that broke a rule.
fn save(target: &Target, number: u64, input: &[u8]) -> anyhow::Result<PathBuf> {
    let folder = std::env::temp_dir().join("ottla-fuzz");
    fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{}-{number}", target.name));
    fs::write(&path, input)?;
    Ok(path)
}
