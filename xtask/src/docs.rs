//! `cargo xtask docs`: the reference pages that come from tables in the code, and whether they are fresh.

use std::process::Command;

use anyhow::{Context, bail};

use crate::root;

/// What to do with the pages.
#[derive(clap::Args)]
pub struct Options {
    /// Write nothing; fail if a page is not what the tables say.
    #[arg(long)]
    check: bool,
}

/// Writes the pages, or checks them.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let mut command = Command::new("cargo");
    command.args(["run", "--quiet", "-p", "ottla-broker", "--example", "reference_docs", "--"]);
    if options.check {
        command.arg("--check");
    }
    let status = command.current_dir(root()).status().context("cannot run cargo")?;
    if !status.success() {
        bail!("the reference pages are not fresh, or cannot be written");
    }
    Ok(())
}

/// Whether every page is what the tables say.
pub fn check_all() -> anyhow::Result<()> {
    run(&Options { check: true })
}
