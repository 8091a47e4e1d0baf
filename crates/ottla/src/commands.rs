//! The commands of the command line but `serve`.

pub mod base64;
pub mod consume;
pub mod json_record;
pub mod log;
pub mod output;
pub mod perf;
pub mod produce;
pub mod storage;
pub mod time;
pub mod topic;
pub mod txn;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::anyhow;
use ottla_client::{Client, Error};

use crate::cli::{ClusterOptions, Command};

/// Runs a command to its end. [`Command::Serve`] is not for this function: the host runs it.
///
/// Gives 0 if all went well and 1 if a part of it failed, with the reason already printed.
pub fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(_) => Err(anyhow!("`serve` is not one of the client commands")),
        Command::Topic(args) => block_on(topic::run(args)),
        Command::Produce(options) => block_on(produce::run(options)),
        Command::Consume(options) => block_on(consume::run(options)),
        Command::Txn(args) => block_on(txn::run(args)),
        Command::Log(args) => log::run(&args),
        Command::Perf(args) => block_on(perf::run(args)),
        Command::Storage(args) => storage::run(args),
    }
}

/// Runs a future on a runtime of one thread, which is all that a command needs.
fn block_on<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(future);
    // A thread may still wait for standard input, which may never come.
    runtime.shutdown_background();
    result
}

/// How long a topic may take to appear: a broker learns of it a moment after it was created.
const BRIEF_WAIT: Duration = Duration::from_millis(300);
/// The same for commands that cause its creation.
const CREATION_WAIT: Duration = Duration::from_secs(3);

/// Connects to the cluster that the options name. A topic that is not there is waited for so long.
async fn connect(options: &ClusterOptions, unknown_topic_wait: Duration) -> anyhow::Result<Client> {
    let timeout = options.timeout.0;
    let client = Client::builder(&options.bootstrap_server)
        .client_id(&options.client_id)
        .connect_timeout(timeout)
        .request_timeout(timeout)
        .api_timeout(timeout)
        .unknown_topic_wait(unknown_topic_wait)
        .connect()
        .await;
    client.map_err(|error| match error {
        Error::NoBroker { .. } => anyhow!(
            "{error}\n  Is a broker running there? `ottla serve` starts one; --bootstrap-server (-b) or OTTLA_BOOTSTRAP \
             names another."
        ),
        error => error.into(),
    })
}
