//! All chores of the project: `cargo xtask --help`.

mod arrows;
mod bench;
mod codegen;
mod compat;
mod configs;
mod docs;
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
    /// Measure Ottla and the real Apache Kafka side by side.
    Bench(bench::Options),
    /// Write the Rust code of every message from the schema files.
    Codegen(codegen::Options),
    /// Run other people's clients and tools against a broker.
    Compat(compat::Options),
    /// Write the reference pages that come from tables in the code.
    Docs(docs::Options),
    /// Run the fuzz targets.
    Fuzz(fuzz::Options),
    /// Compare our codec with Kafka's own classes, byte for byte.
    Oracle(oracle::Options),
    /// Run every check and test.
    Test(test::Options),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().chore {
        Chore::Bench(options) => bench::run(&options),
        Chore::Codegen(options) => codegen::run(&options),
        Chore::Compat(options) => compat::run(&options),
        Chore::Docs(options) => docs::run(&options),
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
