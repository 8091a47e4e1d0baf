//! `ottla storage`.

use std::fs::File;
use std::io::{Read, Write};
use std::process::ExitCode;

use anyhow::{Context, bail};
use ottla_protocol::types::Uuid;

use crate::cli::{FormatOptions, StorageArgs, StorageCommand, StorageInfoOptions};

/// Runs `ottla storage`.
pub fn run(args: StorageArgs) -> anyhow::Result<ExitCode> {
    match args.command {
        StorageCommand::Format(options) => format(&options),
        StorageCommand::Info(options) => info(&options),
        StorageCommand::RandomUuid => random_uuid(),
    }
}

fn format(_options: &FormatOptions) -> anyhow::Result<ExitCode> {
    bail!("not wired")
}

fn info(_options: &StorageInfoOptions) -> anyhow::Result<ExitCode> {
    bail!("not wired")
}

fn random_uuid() -> anyhow::Result<ExitCode> {
    let mut source = File::open("/dev/urandom").context("cannot open /dev/urandom")?;
    let uuid = loop {
        let mut bits = [0; 16];
        source.read_exact(&mut bits).context("cannot read /dev/urandom")?;
        if let Some(uuid) = Uuid::from_random_bits(u128::from_ne_bytes(bits)) {
            break uuid;
        }
    };
    writeln!(std::io::stdout(), "{uuid}")?;
    Ok(ExitCode::SUCCESS)
}
