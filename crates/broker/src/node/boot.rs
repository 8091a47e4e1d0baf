//! From a directory to a running control plane.
//!
//! ```text
//! lock and check the log directories ─► format them if need be ─► open the metadata log ─► replay ─► lead
//!   ─► first records of a new cluster ─► register the controller and the broker (fenced)
//! ```
//! Nothing here waits for the metadata log to be on the disk: the node's first effects are the jobs that sync it, and
//! nothing is committed before they are done.

mod directories;
mod error;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use ottla_metadata::config::{BrokerConfig, ConfigLayers, Listener, StaticConfig};
use ottla_metadata::image::MetadataImage;
use ottla_metadata::random::Random;
use ottla_protocol::time::Now;
use ottla_protocol::types::{BrokerId, DirectoryId, Offset, Uuid};
use ottla_replication::quorum::VoterEndpoint;
use ottla_storage::io::Disk;
use ottla_storage::log_dir::CleanShutdown;

pub(super) use self::directories::{Directories, Inventory};
use self::directories::{inventory_or_offline, open_directories, take_inventory};
pub use self::error::BootError;
use super::Node;
use super::control_plane::ControlPlane;
use crate::log_levels::LogLevels;

/// What a node is started with.
#[derive(Clone, Debug)]
pub struct NodeSetup {
    /// What the configuration file and the command line say.
    pub static_config: Arc<StaticConfig>,
    /// `advertised.listeners`, with the host names and the ports that clients shall use: neither empty nor 0.
    pub advertised_listeners: Vec<Listener>,
    /// The controller's listeners, likewise. Not empty.
    pub controller_listeners: Vec<Listener>,
    /// How many shards will report `ShardReady` and `ShardStopped`.
    pub shard_count: u16,
    /// What to do about log directories that are not formatted.
    pub auto_format: AutoFormat,
}

/// What to do about log directories that are not formatted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AutoFormat {
    /// Refuse to start, as Kafka does.
    #[default]
    Never,
    /// Format them: for the cluster that the other directories belong to, else for this one, else for a new one.
    Always {
        /// The cluster's id, if it shall not be made up.
        cluster_id: Option<String>,
    },
}

/// A started control plane, and what the shards need to open their logs.
#[derive(Debug)]
pub struct Booted {
    /// The control plane. Its first effects are waiting.
    pub node: Node,
    /// The cluster's state as the metadata log has it: this broker is registered and still fenced. It may be shown to
    /// nobody outside of the process before [`NodeEffect::Ready`](super::NodeEffect::Ready).
    pub image: Arc<MetadataImage>,
    /// The cluster's id, as in `meta.properties`.
    pub cluster_id: String,
    /// This broker's epoch: the offset of its registration.
    pub broker_epoch: i64,
    /// Level of `kraft.version`, which is no part of the image: ApiVersions shows it beside the other finalized features
    /// if it is not 0.
    pub kraft_version: i16,
    /// The levels of loggers, for whoever shows them.
    pub log_levels: Arc<LogLevels>,
    /// Every log directory, in the order of `log.dirs`.
    pub log_dirs: Vec<BootedLogDir>,
}

/// One log directory at start.
#[derive(Clone, Debug)]
pub struct BootedLogDir {
    /// Index in `log.dirs`: [`PartitionCheckpoint::log_dir`](crate::effect::PartitionCheckpoint) names it.
    pub index: usize,
    /// Where it is.
    pub path: PathBuf,
    /// Its `directory.id`.
    pub directory_id: DirectoryId,
    /// Whether the broker stopped cleanly: logs need no recovery.
    pub clean_shutdown: bool,
    /// Whether it cannot be used: replicas that lie in it are offline.
    pub is_offline: bool,
    /// The replicas of existing partitions found in it, by folder name.
    pub replicas: Vec<ReplicaFolder>,
}

impl BootedLogDir {
    /// A directory that cannot be used, and whose id is not known.
    pub(super) fn offline(index: usize, path: PathBuf) -> Self {
        Self {
            index,
            path,
            directory_id: DirectoryId::LOST,
            clean_shutdown: false,
            is_offline: true,
            replicas: Vec::new(),
        }
    }
}

/// The folder of one replica in a log directory, with what the checkpoint files say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicaFolder {
    /// The folder's name, such as `orders-0`.
    pub name: String,
    /// The topic's name, read from the folder's.
    pub topic: String,
    /// Index of the partition.
    pub partition: i32,
    /// Everything below is known to be on the disk: recovery starts here. 0 if not known.
    pub recovery_point: Offset,
    /// First offset that may be read. 0 if not known.
    pub log_start_offset: Offset,
    /// High watermark. 0 if not known: clamp it to [log start, log end].
    pub high_watermark: Offset,
    /// Up to where it is compacted; `None` if it never was.
    pub cleaned_up_to: Option<Offset>,
}

impl Node {
    /// Starts a control plane.
    ///
    /// Locks and checks the log directories (formatting them if `setup` allows it), opens the metadata log, becomes the
    /// leader of its quorum, and registers this controller and broker. `seed` makes the ids that it makes up its own.
    pub fn boot(disk: Arc<dyn Disk>, setup: &NodeSetup, now: Now, seed: u64) -> Result<Booted, BootError> {
        let mut random = Random::new(seed);
        let config = BrokerConfig::resolve(&ConfigLayers::of_static(Arc::clone(&setup.static_config)))?;
        if !config.node.roles.broker || !config.node.roles.controller {
            return Err(BootError::Roles);
        }
        let directories = open_directories(&disk, setup, &config, now.wall, &mut random)?;
        let mut control = ControlPlane::open(&disk, setup, &config, &directories, now, &mut random)?;
        control.lead(now)?;
        control.activate(&*disk, &directories.metadata, now)?;

        let mut clean_shutdowns = Vec::new();
        for directory in &directories.online {
            clean_shutdowns.push(directory.dir.take_clean_shutdown());
        }
        let identity = Identity {
            node_id: config.node.id,
            cluster_id: directories.cluster_id.clone(),
            incarnation_id: random.uuid(),
        };
        control.register_controller(setup, &identity, now)?;
        let markers = directories.online.iter().zip(&clean_shutdowns);
        let markers = markers.filter(|(directory, _)| directory.holds_replicas);
        let common = common_epoch(markers.map(|(_, marker)| marker.as_ref().ok()?.as_ref()));
        // Nobody knows what became of a directory that is offline.
        let previous_epoch = common.filter(|_| directories.offline.is_empty());
        let registered = directories.online.iter().filter(|directory| directory.holds_replicas);
        let log_dirs = registered.map(|directory| directory.directory_id).collect();
        let broker_epoch =
            control.register_broker(setup, &config, &identity, log_dirs, previous_epoch, now)?;
        let image = Arc::new(control.adopt());

        let mut inventories = Vec::new();
        for (directory, clean_shutdown) in directories.online.iter().zip(clean_shutdowns) {
            let is_metadata = directory.dir.path() == directories.metadata;
            inventories.push(inventory_or_offline(directory, is_metadata, |directory| {
                take_inventory(directory, &image, identity.node_id, clean_shutdown?, &mut random)
            })?);
        }
        let log_dirs = booted_log_dirs(&directories, &inventories);
        check_each_once(&log_dirs)?;
        let cluster_id = identity.cluster_id.clone();
        let kraft_version = control.quorum.quorum().membership().kraft_version().level();
        let parts = NodeParts {
            disk,
            identity,
            broker_epoch,
            shard_count: setup.shard_count,
            config,
            directories,
            inventories,
            control,
            published: Arc::clone(&image),
            random,
        };
        let node = Self::new(parts, now);
        let log_levels = Arc::clone(&node.log_levels);
        Ok(Booted { node, image, cluster_id, broker_epoch, kraft_version, log_levels, log_dirs })
    }
}

/// Who the node is.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub(super) node_id: BrokerId,
    pub(super) cluster_id: String,
    /// Id of this life of the process.
    pub(super) incarnation_id: Uuid,
}

/// What a booted node is made of.
pub(super) struct NodeParts {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) identity: Identity,
    pub(super) broker_epoch: i64,
    pub(super) shard_count: u16,
    pub(super) config: BrokerConfig,
    pub(super) directories: Directories,
    pub(super) inventories: Vec<Inventory>,
    pub(super) control: ControlPlane,
    pub(super) published: Arc<MetadataImage>,
    pub(super) random: Random,
}

fn booted_log_dirs(directories: &Directories, inventories: &[Inventory]) -> Vec<BootedLogDir> {
    let online = directories.online.iter().zip(inventories);
    let online = online.filter(|(directory, _)| directory.holds_replicas);
    let online = online.map(|(_, inventory)| inventory.booted.clone());
    let offline = directories.offline.iter().map(|(index, path)| BootedLogDir::offline(*index, path.clone()));
    let mut log_dirs: Vec<_> = online.chain(offline).collect();
    log_dirs.sort_by_key(|dir| dir.index);
    log_dirs
}

/// Source: Kafka `LogManager.loadLog`.
fn check_each_once(log_dirs: &[BootedLogDir]) -> Result<(), BootError> {
    let mut places: BTreeMap<&str, &BootedLogDir> = BTreeMap::new();
    for dir in log_dirs {
        for replica in &dir.replicas {
            if let Some(first) = places.insert(&replica.name, dir) {
                let (first, second) = (first.path.clone(), dir.path.clone());
                return Err(BootError::DuplicateReplica { replica: replica.name.clone(), first, second });
            }
        }
    }
    Ok(())
}

/// The broker epoch in the markers of all directories; `None` (an unclean shutdown) if one has none or another.
/// Source: Kafka `LogManager.readBrokerEpochFromCleanShutdownFiles`.
fn common_epoch<'a>(markers: impl Iterator<Item = Option<&'a CleanShutdown>>) -> Option<i64> {
    let mut epochs = markers.map(|marker| marker?.broker_epoch);
    let first = epochs.next()??;
    epochs.all(|epoch| epoch == Some(first)).then_some(first)
}

/// A listener as it stands in the Voters record.
pub(super) fn voter_endpoint(listener: &Listener) -> VoterEndpoint {
    VoterEndpoint { listener: listener.name.clone(), host: listener.host.clone(), port: listener.port }
}
