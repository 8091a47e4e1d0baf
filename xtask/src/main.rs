//! All chores of the project: `cargo xtask --help`.

mod arrows;
mod codegen;
mod fuzz;
mod oracle;
mod test;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// All chores of the project.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

/// One chore a module: each has a `Options` struct and a `run` function.
#[derive(Subcommand)]
enum Chore {
    /// Write the Rust code of every message from the schema files.
    Codegen(codegen::Options),
    /// Run the fuzz targets.
    Fuzz(fuzz::Options),
    /// Compare our codec with Kafka's own classes, byte for byte.
    Oracle(oracle::Options),
    /// Run every check and test.
    Test(test::Options),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().chore {
        Chore::Codegen(options) => codegen::run(&options),
        Chore::Fuzz(options) => fuzz::run(&options),
        Chore::Oracle(options) => oracle::run(&options),
        Chore::Test(options) => test::run(&options),
    }
}

/// The root of the checkout.
fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}
