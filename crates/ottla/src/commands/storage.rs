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
use ottla_broker::node::format::{self, InitialQuorum, ReplicaKey, StorageInfo, VoterEndpoint};
use ottla_broker::security::scram::credential_of_argument;
use ottla_client::{Address, Timestamp};
use ottla_protocol::types::{BrokerId, DirectoryId, Uuid};
use ottla_storage::io::Disk;
use ottla_storage::io::posix::PosixDisk;
use serde_json::json;

use super::base64;
use super::output::print_json;
use crate::cli::{
    FormatOptions, InitialController, KeyValue, StorageArgs, StorageCommand, StorageInfoOptions,
};
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
    let credential = |argument: &String| {
        let salt: [u8; 32] = random_bytes()?;
        credential_of_argument(argument, &salt, base64::decode).context("--add-scram")
    };
    let scram_credentials = options.add_scram.iter().map(credential).collect::<anyhow::Result<_>>()?;
    let first = FirstControllers {
        standalone: options.standalone,
        joins_others: options.no_initial_controllers,
        controllers: options.initial_controllers,
    };
    let config = resolve(serve::Options {
        config: options.config,
        data_dir: options.data_dir,
        node_id: options.node_id,
        set: options.set,
        ..Default::default()
    })?;
    let quorum = first.quorum(&config)?;
    let options = format::FormatOptions {
        cluster_id: Some(cluster_id.to_string()),
        node_id: config.node.id,
        log_dirs: config.node.log_dirs.iter().map(PathBuf::from).collect(),
        metadata_log_dir: PathBuf::from(&config.node.metadata_log_dir),
        metadata_version,
        features,
        quorum,
        scram_credentials,
        ignore_formatted: options.ignore_formatted,
    };
    let disk: Arc<dyn Disk> = Arc::new(PosixDisk);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = Timestamp(i64::try_from(now.as_millis()).unwrap_or(i64::MAX));
    let formatted = format::format(&disk, &options, now, u64::from_ne_bytes(random_bytes()?))?;
    write!(std::io::stdout(), "{formatted}")?;
    Ok(ExitCode::SUCCESS)
}

/// Who the first voters of a quorum that can grow are.
struct FirstControllers {
    standalone: bool,
    joins_others: bool,
    controllers: Vec<InitialController>,
}

impl FirstControllers {
    fn quorum(self, config: &BrokerConfig) -> anyhow::Result<InitialQuorum> {
        let is_said = self.standalone || self.joins_others || !self.controllers.is_empty();
        if !config.quorum.voters.is_empty() {
            if is_said {
                bail!(
                    "--standalone, --initial-controllers and --no-initial-controllers are for nodes without controller.quorum.voters"
                );
            }
            return Ok(InitialQuorum::Static);
        }
        if !config.node.roles.controller && (self.standalone || !self.controllers.is_empty()) {
            bail!("process.roles has no controller: only one can be among the first");
        }
        if self.standalone {
            return Ok(InitialQuorum::Standalone(own_endpoint(config)?));
        }
        if !self.controllers.is_empty() {
            let listener = own_endpoint(config)?.listener;
            let voter = |controller: InitialController| {
                let directory_id = Some(DirectoryId(controller.directory_id));
                let key = ReplicaKey { id: BrokerId(controller.id), directory_id };
                let Address { host, port } = controller.address;
                (key, VoterEndpoint { listener: listener.clone(), host, port })
            };
            return Ok(InitialQuorum::Controllers(self.controllers.into_iter().map(voter).collect()));
        }
        if self.joins_others {
            return Ok(InitialQuorum::Unknown);
        }
        if !config.node.roles.controller {
            return Ok(InitialQuorum::Static);
        }
        bail!(
            "controller.quorum.voters is not set for this controller: say --standalone, --initial-controllers or \
             --no-initial-controllers"
        );
    }
}

/// Where others reach this node's controller listener.
fn own_endpoint(config: &BrokerConfig) -> anyhow::Result<VoterEndpoint> {
    let node = &config.node;
    let is_controllers = |name: &str| node.controller_listener_names.iter().any(|known| known == name);
    let listeners = node.advertised_listeners.iter().chain(&node.listeners);
    let listener = listeners.into_iter().find(|listener| is_controllers(&listener.name));
    let listener = listener.context("listeners has none of controller.listener.names")?;
    Ok(VoterEndpoint { listener: listener.name.clone(), host: listener.host.clone(), port: listener.port })
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
