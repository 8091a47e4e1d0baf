//! The log directories at start: locked, checked, formatted if need be, and looked through.
//!
//! Source for the checks: Kafka `MetaPropertiesEnsemble.verify`, `KafkaRaftServer.initializeLogDirs`,
//! `LogManager.loadLogs`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ottla_metadata::config::BrokerConfig;
use ottla_metadata::features::MetadataVersion;
use ottla_metadata::image::MetadataImage;
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{BrokerId, DirectoryId, Offset, TopicId};
use ottla_storage::StorageError;
use ottla_storage::io::Disk;
use ottla_storage::layout::{
    CLUSTER_METADATA_DIR, FileKind, FileName, ReplicaDirKind, ReplicaDirName, TopicPartition,
};
use ottla_storage::log_dir::{Checkpoints, CleanShutdown, LogDir, LogDirError, MetaProperties};
use ottla_storage::meta_properties::check_agreement;
use ottla_storage::partition_metadata::{self, PartitionMetadata};

use super::{AutoFormat, BootError, BootedLogDir, NodeSetup, ReplicaFolder};
use crate::node::format::{FormatOptions, InitialQuorum, create_durably, format_dirs};
use ottla_metadata::random::Random;

/// One log directory that is online.
#[derive(Debug)]
pub(in crate::node) struct Directory {
    /// Index in `log.dirs`; the metadata directory may be none of them and comes after the last.
    pub(in crate::node) index: usize,
    pub(in crate::node) dir: LogDir,
    pub(in crate::node) directory_id: DirectoryId,
    /// Whether it is one of `log.dirs`.
    pub(in crate::node) holds_replicas: bool,
}

/// All log directories that are online.
#[derive(Debug)]
pub(in crate::node) struct Directories {
    pub(in crate::node) cluster_id: String,
    /// In the order of `log.dirs`.
    pub(in crate::node) online: Vec<Directory>,
    /// Those of `log.dirs` that cannot be read, by their index.
    pub(in crate::node) offline: Vec<(usize, PathBuf)>,
    /// Path of the metadata directory, which is one of them.
    pub(in crate::node) metadata: PathBuf,
}

impl Directories {
    /// The id of the metadata directory.
    pub(in crate::node) fn metadata_id(&self) -> DirectoryId {
        let metadata = self.online.iter().find(|directory| directory.dir.path() == self.metadata);
        metadata.expect("the metadata directory is online").directory_id
    }
}

/// Locks and checks the directories.
pub(in crate::node) fn open_directories(
    disk: &Arc<dyn Disk>,
    setup: &NodeSetup,
    config: &BrokerConfig,
    now: Timestamp,
    random: &mut Random,
) -> Result<Directories, BootError> {
    let metadata = PathBuf::from(&config.node.metadata_log_dir);
    let Locked { mut opened, offline } = lock(disk, config, &metadata)?;
    check_node_id(&opened, config.node.id)?;
    format_if_needed(&mut opened, setup, config, &metadata, now, random)?;
    for (_, dir) in &opened {
        let found = dir.path().join(CLUSTER_METADATA_DIR);
        if dir.path() != metadata && disk.list(&found).is_ok() {
            return Err(BootError::UnexpectedMetadataLog { found, configured: metadata });
        }
    }
    let identities = opened.iter().filter_map(|(_, dir)| Some((dir.path(), dir.meta_properties()?)));
    check_agreement(identities)?;
    let mut cluster_id = None;
    let mut online = Vec::new();
    for (index, mut dir) in opened {
        let properties = dir.meta_properties().cloned();
        let Some(MetaProperties { cluster_id: Some(found), directory_id, .. }) = properties else {
            return Err(BootError::NotFormatted(dir.path().to_path_buf()));
        };
        let directory_id = match directory_id {
            Some(id) => id,
            None => give_id(&mut dir, &found, config.node.id, random)?,
        };
        cluster_id.get_or_insert(found);
        let holds_replicas = config.node.log_dirs.iter().any(|path| Path::new(path) == dir.path());
        online.push(Directory { index, dir, directory_id, holds_replicas });
    }
    if !online.iter().any(|directory| directory.holds_replicas) {
        return Err(BootError::NoLogDirs(config.node.log_dirs.clone()));
    }
    let cluster_id = cluster_id.expect("the metadata directory is online and formatted");
    Ok(Directories { cluster_id, online, offline, metadata })
}

/// The directories by their index, as far as they can be used.
struct Locked {
    opened: Vec<(usize, LogDir)>,
    offline: Vec<(usize, PathBuf)>,
}

/// Locks the directories. One that cannot be read is left out, unless it is the metadata directory: it is offline.
fn lock(disk: &Arc<dyn Disk>, config: &BrokerConfig, metadata: &Path) -> Result<Locked, BootError> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for path in config.node.log_dirs.iter().map(PathBuf::from).chain([metadata.to_path_buf()]) {
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    let (mut opened, mut offline) = (Vec::new(), Vec::new());
    for (index, path) in paths.iter().enumerate() {
        let created = create_durably(&**disk, path).map_err(LogDirError::from);
        match created.and_then(|()| LogDir::open(Arc::clone(disk), path)) {
            Ok(dir) => opened.push((index, dir)),
            Err(error @ LogDirError::Locked(_)) => return Err(error.into()),
            Err(error) if path == metadata => return Err(error.into()),
            Err(error) => {
                tracing::error!(%error, path = %path.display(), "log directory is offline");
                offline.push((index, path.clone()));
            }
        }
    }
    Ok(Locked { opened, offline })
}

fn check_node_id(opened: &[(usize, LogDir)], expected: BrokerId) -> Result<(), BootError> {
    for (_, dir) in opened {
        let stored = dir.meta_properties().and_then(|properties| properties.node_id);
        if let Some(found) = stored.filter(|found| *found != expected) {
            return Err(BootError::OtherNode { path: dir.path().to_path_buf(), expected, found });
        }
    }
    Ok(())
}

fn format_if_needed(
    opened: &mut [(usize, LogDir)],
    setup: &NodeSetup,
    config: &BrokerConfig,
    metadata: &Path,
    now: Timestamp,
    random: &mut Random,
) -> Result<(), BootError> {
    let Some(unformatted) = opened.iter().find(|(_, dir)| dir.meta_properties().is_none()) else {
        return Ok(());
    };
    let AutoFormat::Always { cluster_id } = &setup.auto_format else {
        return Err(BootError::NotFormatted(unformatted.1.path().to_path_buf()));
    };
    let formatted = opened.iter().find(|(_, dir)| dir.meta_properties().is_some());
    let is_metadata_formatted =
        opened.iter().any(|(_, dir)| dir.path() == metadata && dir.meta_properties().is_some());
    if let Some((_, other)) = formatted.filter(|_| !is_metadata_formatted) {
        let (metadata, other) = (metadata.to_path_buf(), other.path().to_path_buf());
        return Err(BootError::MetadataDirectoryMissing { metadata, other });
    }
    for (_, dir) in opened.iter().filter(|(_, dir)| dir.meta_properties().is_none()) {
        refuse_data(dir)?;
    }
    let options = FormatOptions {
        cluster_id: if formatted.is_some() { None } else { cluster_id.clone() },
        node_id: config.node.id,
        log_dirs: config.node.log_dirs.iter().map(PathBuf::from).collect(),
        metadata_log_dir: metadata.to_path_buf(),
        metadata_version: MetadataVersion::LATEST_PRODUCTION,
        features: std::collections::BTreeMap::new(),
        quorum: initial_quorum(setup, config),
        scram_credentials: Vec::new(),
        ignore_formatted: true,
    };
    // The metadata directory goes first: as long as it is not formatted, no other is.
    opened.sort_by_key(|(index, dir)| (dir.path() != metadata, *index));
    let mut dirs: Vec<_> = opened.iter_mut().map(|(_, dir)| dir).collect();
    let formatted = format_dirs(&mut dirs, &options, now, random)?;
    opened.sort_by_key(|(index, _)| *index);
    tracing::info!(cluster_id = formatted.cluster_id, "formatted the log directories");
    Ok(())
}

/// A node with static voters keeps them; one without is a dynamic quorum of itself, as Kafka's own
/// `kafka-storage format --standalone` makes it.
fn initial_quorum(setup: &NodeSetup, config: &BrokerConfig) -> InitialQuorum {
    match setup.controller_listeners.first() {
        Some(listener) if config.quorum.voters.is_empty() => {
            InitialQuorum::Standalone(super::voter_endpoint(listener))
        }
        _ => InitialQuorum::Static,
    }
}

/// A directory without `meta.properties` may hold a metadata snapshot (formatting was interrupted), but no log.
fn refuse_data(dir: &LogDir) -> Result<(), BootError> {
    let replicas = dir.replicas()?;
    let metadata = dir.path().join(CLUSTER_METADATA_DIR);
    let has_metadata_log = replicas.has_cluster_metadata
        && dir.disk().list(&metadata)?.iter().any(|entry| entry.name.ends_with(".log"));
    if replicas.dirs.is_empty() && !has_metadata_log {
        return Ok(());
    }
    Err(BootError::DataWithoutIdentity(dir.path().to_path_buf()))
}

/// A directory from before directories had ids gets one.
fn give_id(
    dir: &mut LogDir,
    cluster_id: &str,
    node_id: BrokerId,
    random: &mut Random,
) -> Result<DirectoryId, StorageError> {
    let id = DirectoryId(random.uuid());
    dir.write_meta_properties(MetaProperties::new(cluster_id.to_owned(), node_id, id))?;
    Ok(id)
}

/// What was found in a log directory beside its identity.
#[derive(Debug)]
pub(in crate::node) struct Inventory {
    pub(in crate::node) booted: BootedLogDir,
    pub(in crate::node) checkpoints: Checkpoints,
    /// Folders that were on their way out.
    pub(in crate::node) to_remove: Vec<PathBuf>,
}

/// Takes the clean shutdown marker and looks through a directory. One that fails is offline, unless it is the metadata
/// directory.
pub(in crate::node) fn inventory_or_offline(
    directory: &Directory,
    is_metadata: bool,
    look_through: impl FnOnce(&Directory) -> Result<Inventory, StorageError>,
) -> Result<Inventory, StorageError> {
    match look_through(directory) {
        Err(error) if !is_metadata => {
            let path = directory.dir.path();
            tracing::error!(%error, path = %path.display(), "log directory failed: it is offline");
            let booted = BootedLogDir {
                directory_id: directory.directory_id,
                ..BootedLogDir::offline(directory.index, path.to_path_buf())
            };
            Ok(Inventory { booted, checkpoints: Checkpoints::default(), to_remove: Vec::new() })
        }
        result => result,
    }
}

/// Looks through a directory: the replicas of this node's partitions, with their checkpoints. Folders of other
/// partitions are renamed to `-stray` and left to the operator.
pub(in crate::node) fn take_inventory(
    directory: &Directory,
    image: &MetadataImage,
    node_id: BrokerId,
    clean_shutdown: Option<CleanShutdown>,
    random: &mut Random,
) -> Result<Inventory, StorageError> {
    let dir = &directory.dir;
    let checkpoints = dir.checkpoints()?;
    for (path, reason) in &checkpoints.unreadable {
        tracing::warn!(path = %path.display(), reason, "checkpoint file is not readable: logs are recovered whole");
    }
    let mut replicas = Vec::new();
    let mut to_remove = Vec::new();
    for (name, path) in dir.replicas()?.dirs {
        match name.kind {
            ReplicaDirKind::Current => match why_stray(&**dir.disk(), image, node_id, &name, &path)? {
                None => replicas.push(replica_folder(&name, &checkpoints)),
                Some(reason) => {
                    let partition = name.topic_partition.clone();
                    let stray = ReplicaDirName::suffixed(partition, ReplicaDirKind::Stray, random.uuid());
                    tracing::warn!(from = %path.display(), to = %stray, %reason, "replica is stray: set aside");
                    dir.disk().rename(&path, &dir.path().join(stray.as_str()))?;
                }
            },
            ReplicaDirKind::Delete => to_remove.push(path),
            // An interrupted move between directories is begun anew; strays are the operator's.
            ReplicaDirKind::Future | ReplicaDirKind::Stray => {}
        }
    }
    let booted = BootedLogDir {
        index: directory.index,
        path: dir.path().to_path_buf(),
        directory_id: directory.directory_id,
        clean_shutdown: clean_shutdown.is_some(),
        is_offline: false,
        replicas,
    };
    Ok(Inventory { booted, checkpoints, to_remove })
}

/// Why a replica's folder is not one of this node's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Stray {
    #[error("its topic {0} does not exist")]
    NoSuchTopic(TopicId),
    #[error("it holds records, and nothing says of which topic")]
    UnknownTopic,
    #[error("no such partition has a replica on this broker")]
    NotAssigned,
}

/// Whether the folder is stray: of a topic that is gone (one of the same name may have come after it), or of a partition
/// that has no replica here.
///
/// The topic's id is on the disk before any record is. Where it is missing and there are records, they were never
/// synced, and might be those of a deleted topic. A folder without records is nobody's, and can become anybody's.
/// Source: Kafka `BrokerMetadataPublisher.initializeManagers`, `LogManager.isStrayReplica`.
fn why_stray(
    disk: &dyn Disk,
    image: &MetadataImage,
    node_id: BrokerId,
    name: &ReplicaDirName,
    path: &Path,
) -> Result<Option<Stray>, StorageError> {
    let TopicPartition { topic: topic_name, partition } = &name.topic_partition;
    let topic = match partition_metadata::read(disk, path)? {
        PartitionMetadata::Known(id) => match image.topics.by_id(id) {
            Some(topic) => Some(topic),
            None => return Ok(Some(Stray::NoSuchTopic(id))),
        },
        PartitionMetadata::Missing | PartitionMetadata::Unreadable => {
            if has_records(disk, path)? {
                return Ok(Some(Stray::UnknownTopic));
            }
            image.topics.by_name(topic_name)
        }
    };
    let topic = topic.filter(|topic| topic.name == *topic_name);
    let registration = topic.and_then(|topic| topic.partition(*partition));
    let is_ours = registration.is_some_and(|registration| registration.replicas.contains(&node_id));
    Ok((!is_ours).then_some(Stray::NotAssigned))
}

fn has_records(disk: &dyn Disk, path: &Path) -> Result<bool, StorageError> {
    for entry in disk.list(path)? {
        let is_log = FileName::parse(&entry.name).is_some_and(|file| file.kind == FileKind::Log);
        if is_log && disk.stat(&path.join(&entry.name))?.is_some_and(|stat| stat.size > 0) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn replica_folder(name: &ReplicaDirName, checkpoints: &Checkpoints) -> ReplicaFolder {
    let partition = &name.topic_partition;
    let offset = |offsets: &std::collections::BTreeMap<TopicPartition, Offset>| {
        offsets.get(partition).copied().unwrap_or(Offset::ZERO)
    };
    ReplicaFolder {
        name: name.to_string(),
        topic: partition.topic.to_string(),
        partition: partition.partition,
        recovery_point: offset(&checkpoints.recovery_points),
        log_start_offset: offset(&checkpoints.log_start_offsets),
        high_watermark: offset(&checkpoints.high_watermarks),
        cleaned_up_to: checkpoints.cleaned.get(partition).copied(),
    }
}
