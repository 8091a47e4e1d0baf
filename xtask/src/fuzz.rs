//! `cargo xtask fuzz`: runs the fuzz targets, on the stable toolchain.
//!
//! What the targets are and what they promise is in the `ottla-fuzz` crate; this builds it with optimisation and
//! overflow checks, and hands the options on.

use std::env;
use std::process::Command;

use anyhow::ensure;

/// Options of `cargo xtask fuzz`.
#[derive(clap::Args)]
pub struct Options {
    /// `--target NAME`, `--executions N`, `--seed N`, `--first N`, `--input FILE`, `--list`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Runs the targets; fails if one breaks a rule.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["run", "--quiet", "--profile", "fuzz", "--package", "ottla-fuzz", "--"])
        .args(&options.arguments)
        .current_dir(crate::root())
        .status()?;
    ensure!(status.success(), "a fuzz target broke a rule");
    Ok(())
}
