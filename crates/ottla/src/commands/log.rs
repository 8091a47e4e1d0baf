//! `ottla log`.

use std::process::ExitCode;

use anyhow::bail;

use crate::cli::{LogArgs, LogCommand};

/// Runs `ottla log`.
pub fn run(args: &LogArgs) -> anyhow::Result<ExitCode> {
    match &args.command {
        LogCommand::Dump { .. } => bail!("not wired"),
    }
}
