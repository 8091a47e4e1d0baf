//! `cargo xtask test`: every check and test of the project, in the order in which failures are found soonest.
//!
//! Steps that run other people's programs need those programs' tools. Where a tool is missing the step is left out and
//! the summary says so; with `CI` set in the environment that is a failure.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::{arrows, configs, docs, root};

/// What to run.
#[derive(clap::Args)]
pub struct Options {
    /// Run only the steps whose name contains this text.
    #[arg(long)]
    only: Option<String>,
    /// Show the steps and stop.
    #[arg(long)]
    list: bool,
}

/// One step of the run.
struct Step {
    name: &'static str,
    what: &'static str,
    /// Programs that must be on the PATH.
    needs: &'static [&'static str],
    run: Run,
}

enum Run {
    /// A command line of cargo.
    Cargo(&'static [&'static str]),
    /// A check of this program.
    Check(fn() -> anyhow::Result<()>),
}

const STEPS: &[Step] = &[
    Step {
        name: "format",
        what: "the code is formatted",
        needs: &[],
        run: Run::Cargo(&["fmt", "--all", "--check"]),
    },
    Step {
        name: "arrows",
        what: "crates use only what the design lets them",
        needs: &[],
        run: Run::Check(arrows::check),
    },
    Step {
        name: "lints",
        what: "no warning anywhere",
        needs: &[],
        run: Run::Cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
    },
    Step {
        name: "docs",
        what: "the reference pages are fresh",
        needs: &[],
        run: Run::Check(docs::check_all),
    },
    Step {
        name: "configs",
        what: "the config table says which keys take effect",
        needs: &[],
        run: Run::Check(configs::check),
    },
    Step { name: "tests", what: "the rules hold", needs: &[], run: Run::Cargo(&["test", "--workspace"]) },
    Step {
        name: "planted-bugs",
        what: "the quorum's simulation finds deliberate bugs",
        needs: &[],
        run: Run::Cargo(&["test", "-p", "ottla-replication", "--features", "planted-bugs", "planted"]),
    },
    Step {
        name: "build",
        what: "the program builds for release",
        needs: &[],
        run: Run::Cargo(&["build", "--release"]),
    },
    Step {
        name: "fuzz",
        what: "no bytes break a decoder",
        needs: &[],
        run: Run::Cargo(&["xtask", "fuzz", "--executions", "50000"]),
    },
    Step {
        name: "oracle",
        what: "Kafka's own classes agree with the codec",
        needs: &["java", "javac", "mvn"],
        run: Run::Cargo(&["xtask", "oracle"]),
    },
    Step {
        name: "compat",
        what: "Kafka's tools and everybody's clients work",
        needs: &["java", "javac", "mvn", "python3", "go", "node", "npm"],
        run: Run::Cargo(&["xtask", "compat", "--quick"]),
    },
];

enum Outcome {
    Passed(Duration),
    Failed(anyhow::Error),
    LeftOut(String),
}

/// Runs the steps. Errors: at least one failed.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let is_wanted = |step: &&Step| options.only.as_ref().is_none_or(|text| step.name.contains(text.as_str()));
    let steps: Vec<&Step> = STEPS.iter().filter(is_wanted).collect();
    if options.list {
        for step in steps {
            println!("{:8} {}", step.name, step.what);
        }
        return Ok(());
    }
    if steps.is_empty() {
        bail!("no step is named like that: see --list");
    }
    let is_ci = std::env::var_os("CI").is_some();
    let mut outcomes = Vec::new();
    for step in steps {
        println!("\n== {}: {}", step.name, step.what);
        let outcome = run_step(step, is_ci);
        if let Outcome::Failed(error) = &outcome {
            println!("== {} failed: {error:#}", step.name);
        }
        outcomes.push((step, outcome));
    }
    summarise(&outcomes)
}

fn run_step(step: &Step, is_ci: bool) -> Outcome {
    let missing: Vec<&str> = step.needs.iter().copied().filter(|program| !is_on_path(program)).collect();
    if !missing.is_empty() {
        let reason = format!("needs {}", missing.join(", "));
        return if is_ci { Outcome::Failed(anyhow::anyhow!(reason)) } else { Outcome::LeftOut(reason) };
    }
    let start = Instant::now();
    let result = match &step.run {
        Run::Cargo(arguments) => cargo(arguments),
        Run::Check(check) => check(),
    };
    match result {
        Ok(()) => Outcome::Passed(start.elapsed()),
        Err(error) => Outcome::Failed(error),
    }
}

fn cargo(arguments: &[&str]) -> anyhow::Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status =
        Command::new(cargo).args(arguments).current_dir(root()).status().context("cannot run cargo")?;
    if !status.success() {
        bail!("`cargo {}` ended with {status}", arguments.join(" "));
    }
    Ok(())
}

fn is_on_path(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|dir: std::path::PathBuf| Path::new(&dir).join(program).is_file())
}

fn summarise(outcomes: &[(&Step, Outcome)]) -> anyhow::Result<()> {
    println!();
    let mut failed = Vec::new();
    for (step, outcome) in outcomes {
        match outcome {
            Outcome::Passed(time) => println!("{:8} passed in {:.1} s", step.name, time.as_secs_f64()),
            Outcome::LeftOut(reason) => println!("{:8} LEFT OUT: {reason}", step.name),
            Outcome::Failed(error) => {
                println!("{:8} FAILED: {error:#}", step.name);
                failed.push(step.name);
            }
        }
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}
