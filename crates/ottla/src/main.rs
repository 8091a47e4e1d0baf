//! The program: `ottla serve` and the commands.

mod cli;
mod commands;
mod serve;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use cli::{Cli, Command, ServeOptions};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let result = match Cli::parse().into_command() {
        Command::Serve(options) => serve(options).map(|()| ExitCode::SUCCESS),
        command => commands::run(command),
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn serve(options: ServeOptions) -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_env("OTTLA_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let is_terminal = std::io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(is_terminal)
        .with_env_filter(filter)
        .init();
    serve::run(serve::Options {
        config: options.config,
        data_dir: options.data_dir,
        listen: options.listen,
        controller_listen: options.controller_listen,
        node_id: options.node_id,
        set: options.set,
    })
}
