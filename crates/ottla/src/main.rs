//! The program: `ottla serve` and the commands.

mod cli;
mod commands;
mod log_filter;
mod serve;

use std::process::ExitCode;

use clap::Parser;

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
    log_filter::init();
    serve::run(serve::Options {
        config: options.config,
        data_dir: options.data_dir,
        listen: options.listen,
        controller_listen: options.controller_listen,
        node_id: options.node_id,
        set: options.set,
    })
}
