//! `ottla storage`: what `kafka-storage` does.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use ottla_broker::config::{BrokerConfig, ConfigLayers};
use ottla_broker::node::format::{self, InitialQuorum, StorageInfo};
use ottla_client::Timestamp;
use ottla_protocol::types::Uuid;
use ottla_storage::io::Disk;
use ottla_storage::io::posix::PosixDisk;
use serde_json::json;

use super::output::print_json;
use crate::cli::{FormatOptions, KeyValue, StorageArgs, StorageCommand, StorageInfoOptions};
use crate::serve;

/// Release whose features a new cluster begins with.
const RELEASE_DEFAULT: &str = "4.3";

/// Runs `ottla storage`.
pub fn run(args: StorageArgs) -> anyhow::Result<ExitCode> {
    match args.command {
        StorageCommand::Format(options) => format(options),
        StorageCommand::Info(options) => info(options),
        StorageCommand::RandomUuid => {
            writeln!(std::io::stdout(), "{}", random_uuid()?)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn format(options: FormatOptions) -> anyhow::Result<ExitCode> {
    let cluster_id: Uuid = options.cluster_id.parse().context("--cluster-id")?;
    let release = options.release_version.as_deref().unwrap_or(RELEASE_DEFAULT);
    let metadata_version = release.parse().context("--release-version")?;
    let features = options.feature.iter().map(level).collect::<anyhow::Result<BTreeMap<String, i16>>>()?;
    let joins_others = options.no_initial_controllers;
    let config = resolve(serve::Options {
        config: options.config,
        data_dir: options.data_dir,
        node_id: options.node_id,
        set: options.set,
        ..Default::default()
    })?;
    let quorum = initial_quorum(&config, joins_others)?;
    let options = format::FormatOptions {
        cluster_id: Some(cluster_id.to_string()),
        node_id: config.node.id,
        log_dirs: config.node.log_dirs.iter().map(PathBuf::from).collect(),
        metadata_log_dir: PathBuf::from(&config.node.metadata_log_dir),
        metadata_version,
        features,
        quorum,
        ignore_formatted: options.ignore_formatted,
    };
    let disk: Arc<dyn Disk> = Arc::new(PosixDisk);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = Timestamp(i64::try_from(now.as_millis()).unwrap_or(i64::MAX));
    let formatted = format::format(&disk, &options, now, u64::from_ne_bytes(random_bytes()?))?;
    write!(std::io::stdout(), "{formatted}")?;
    Ok(ExitCode::SUCCESS)
}

/// The first voters of the quorum that the node is of.
fn initial_quorum(config: &BrokerConfig, joins_others: bool) -> anyhow::Result<InitialQuorum> {
    match (config.quorum.voters.is_empty(), joins_others) {
        (false, false) => Ok(InitialQuorum::Static),
        (false, true) => bail!("--no-initial-controllers is for nodes without controller.quorum.voters"),
        (true, true) => Ok(InitialQuorum::Unknown),
        (true, false) if !config.node.roles.controller => Ok(InitialQuorum::Static),
        (true, false) => bail!(
            "controller.quorum.voters is not set for this controller: set it, or let the node join other controllers \
             with --no-initial-controllers"
        ),
    }
}

fn info(options: StorageInfoOptions) -> anyhow::Result<ExitCode> {
    let config =
        resolve(serve::Options { config: options.config, data_dir: options.data_dir, ..Default::default() })?;
    let dirs = config.node.log_dirs.iter().chain([&config.node.metadata_log_dir]).map(PathBuf::from);
    let info = format::info(&PosixDisk, &dirs.collect::<Vec<_>>());
    if options.output.json {
        print_json(&info_json(&info))?;
    } else {
        write!(std::io::stdout(), "{info}")?;
    }
    Ok(if info.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn info_json(info: &StorageInfo) -> serde_json::Value {
    let metadata = info.metadata.as_ref().map(|metadata| {
        json!({
            "cluster_id": metadata.cluster_id,
            "node_id": metadata.node_id.map(|id| id.0),
            "directory_id": metadata.directory_id.map(|id| id.to_string()),
            "version": metadata.version,
        })
    });
    json!({ "directories": info.directories, "metadata": metadata, "problems": info.problems })
}

fn resolve(options: serve::Options) -> anyhow::Result<BrokerConfig> {
    let config = Arc::new(options.into_config()?);
    Ok(BrokerConfig::resolve(&ConfigLayers::of_static(config))?)
}

fn level(feature: &KeyValue) -> anyhow::Result<(String, i16)> {
    let KeyValue { key, value } = feature;
    let level =
        value.parse().with_context(|| format!("--feature {key}={value}: the level is not a number"))?;
    Ok((key.clone(), level))
}

fn random_uuid() -> anyhow::Result<Uuid> {
    loop {
        if let Some(uuid) = Uuid::from_random_bits(u128::from_ne_bytes(random_bytes()?)) {
            return Ok(uuid);
        }
    }
}

fn random_bytes<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    let mut source = File::open("/dev/urandom").context("cannot open /dev/urandom")?;
    source.read_exact(&mut bytes).context("cannot read /dev/urandom")?;
    Ok(bytes)
}
