//! Formatting of log directories, as `kafka-storage format` does it, and what `kafka-storage info` prints.
//!
//! Every directory gets `bootstrap.checkpoint` and then `meta.properties`, whose presence says that the directory is
//! formatted. The metadata directory of a dynamic quorum with initial voters gets the snapshot
//! `__cluster_metadata-0/00000000000000000000-0000000000.checkpoint` in between, which names them.
//! Source: Kafka `StorageTool`, `Formatter`; KIP-853.

mod info;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ottla_metadata::bootstrap::{BootstrapError, BootstrapMetadata};
use ottla_metadata::features::{KRAFT_VERSION, KRAFT_VERSION_LATEST, METADATA_VERSION, MetadataVersion};
use ottla_metadata::record::MetadataRecord;
use ottla_metadata::snapshot::{self, Snapshot};
use ottla_protocol::messages::user_scram_credential_record::UserScramCredentialRecord;
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{BrokerId, DirectoryId, LeaderEpoch};
use ottla_replication::quorum::{KRaftVersion, Voter, VoterSet};
use ottla_storage::StorageError;
use ottla_storage::io::{Disk, replace_file};
use ottla_storage::layout::{BOOTSTRAP_CHECKPOINT, CLUSTER_METADATA_DIR};
use ottla_storage::log_dir::{LogDir, LogDirError, MetaProperties, MetaPropertiesError};

pub use info::{StorageInfo, StoredIdentity, info, stored_identity};
pub use ottla_replication::quorum::{ReplicaKey, VoterEndpoint};

use crate::quorum_host::BOOTSTRAP_SNAPSHOT;
use ottla_metadata::random::Random;

/// Lowest and highest kraft.version that this program supports, inclusive.
pub(crate) const KRAFT_VERSIONS: (i16, i16) = (0, KRAFT_VERSION_LATEST);

/// Who the first voters of a new cluster's quorum are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InitialQuorum {
    /// Those of `controller.quorum.voters`: a static quorum, kraft.version 0.
    Static,
    /// This node alone, listening here: a dynamic quorum (`--standalone`).
    Standalone(VoterEndpoint),
    /// These, the same on every node: a dynamic quorum (`--initial-controllers`).
    Controllers(Vec<(ReplicaKey, VoterEndpoint)>),
    /// A dynamic quorum that this node does not know yet (`--no-initial-controllers`).
    Unknown,
}

/// How log directories are formatted.
#[derive(Clone, Debug)]
pub struct FormatOptions {
    /// The cluster's id; `None` makes a new one.
    pub cluster_id: Option<String>,
    /// `node.id`.
    pub node_id: BrokerId,
    /// `log.dirs`.
    pub log_dirs: Vec<PathBuf>,
    /// `metadata.log.dir`, or the first of `log_dirs`.
    pub metadata_log_dir: PathBuf,
    /// Level of `metadata.version` (`--release-version`).
    pub metadata_version: MetadataVersion,
    /// Levels of other features than by default (`--feature`); `metadata.version` is not among them.
    pub features: BTreeMap<String, i16>,
    /// The first voters.
    pub quorum: InitialQuorum,
    /// SCRAM credentials that the cluster begins with (`--add-scram`).
    pub scram_credentials: Vec<UserScramCredentialRecord>,
    /// Leave directories alone that are formatted already, in place of refusing (`--ignore-formatted`).
    pub ignore_formatted: bool,
}

/// Why directories are not formatted.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// A directory is formatted already.
    #[error(
        "Log directory {path} is already formatted. Use --ignore-formatted to ignore this directory and format the others.",
        path = .0.display()
    )]
    AlreadyFormatted(PathBuf),
    /// A directory belongs to another cluster.
    #[error("Invalid cluster.id in: {path}. Expected {expected}, but read {found}", path = path.display())]
    OtherCluster {
        /// The directory's `meta.properties`.
        path: PathBuf,
        /// The cluster that is asked for.
        expected: String,
        /// The cluster that it belongs to.
        found: String,
    },
    /// A directory belongs to another node.
    #[error(
        "Stored node id {found} doesn't match previous node id {expected} in {path}. If you moved your data, make sure \
         your configured node id matches. If you intend to create a new node, you should remove all data in your data \
         directories.",
        path = path.display()
    )]
    OtherNode {
        /// The directory's `meta.properties`.
        path: PathBuf,
        /// The node that is asked for.
        expected: BrokerId,
        /// The node that it belongs to.
        found: BrokerId,
    },
    /// `metadata.version` among the features.
    #[error("Use --release-version instead of --feature metadata.version=X to avoid ambiguity.")]
    MetadataVersionAsFeature,
    /// A level of `kraft.version` that does not go with the quorum.
    #[error("Cannot set kraft.version to {level} {why}")]
    KRaftVersion {
        /// The level.
        level: i16,
        /// Why not.
        why: &'static str,
    },
    /// Credentials in a metadata log that cannot hold them.
    #[error("SCRAM is only supported in metadata.version 3.5-IV2 or later.")]
    NoScram,
    /// Levels of other features that do not go together.
    #[error(transparent)]
    Features(#[from] BootstrapError),
    /// A directory cannot be used.
    #[error(transparent)]
    LogDir(#[from] LogDirError),
    /// The directories do not agree.
    #[error(transparent)]
    MetaProperties(#[from] MetaPropertiesError),
    /// The disk failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What a formatted directory is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectoryKind {
    /// Topics' replicas only.
    Data,
    /// The metadata log of a static quorum.
    Metadata,
    /// The metadata log of a dynamic quorum in which this node has no vote yet.
    DynamicMetadata,
    /// The metadata log of a dynamic quorum in which this node votes.
    DynamicMetadataVoter,
}

impl fmt::Display for DirectoryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Data => "data directory",
            Self::Metadata => "metadata directory",
            Self::DynamicMetadata => "dynamic metadata directory",
            Self::DynamicMetadataVoter => "dynamic metadata voter directory",
        })
    }
}

/// What was formatted. Displays the lines that `kafka-storage format` prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formatted {
    /// The cluster's id.
    pub cluster_id: String,
    /// Level of `metadata.version`.
    pub metadata_version: MetadataVersion,
    /// The directories that were formatted.
    pub directories: Vec<(PathBuf, DirectoryKind, DirectoryId)>,
}

impl fmt::Display for Formatted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.directories.is_empty() {
            return writeln!(f, "All of the log directories are already formatted.");
        }
        for (path, kind, _) in &self.directories {
            let version = self.metadata_version;
            writeln!(
                f,
                "Formatting {kind} {path} with {METADATA_VERSION} {version}.",
                path = path.display()
            )?;
        }
        Ok(())
    }
}

/// Formats the directories that are not formatted yet. Waits for the disk.
///
/// Errors: a directory is formatted already and `ignore_formatted` is not set, belongs to another cluster or node, is
/// in use by another process, or the features contradict each other. Then nothing was written, unless the disk failed.
pub fn format(
    disk: &Arc<dyn Disk>,
    options: &FormatOptions,
    now: Timestamp,
    seed: u64,
) -> Result<Formatted, FormatError> {
    let mut dirs = Vec::new();
    for path in all_dirs(options) {
        create_durably(&**disk, path)?;
        dirs.push(LogDir::open(Arc::clone(disk), path)?);
    }
    format_dirs(&mut dirs.iter_mut().collect::<Vec<_>>(), options, now, &mut Random::new(seed))
}

/// Creates a directory, and what is missing above it, so that a power cut does not take it away with all in it.
pub(crate) fn create_durably(disk: &dyn Disk, path: &Path) -> Result<(), StorageError> {
    let is_missing = |dir: &&Path| disk.list(dir).is_err_and(|error| error.is_not_found());
    let missing: Vec<&Path> = path.ancestors().take_while(is_missing).collect();
    disk.create_dir_all(path)?;
    for dir in missing.iter().rev() {
        let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
        disk.sync_dir(parent.unwrap_or(Path::new(".")))?;
    }
    Ok(())
}

/// The directories to format, the metadata directory first: as long as it is not formatted, nothing is.
pub(crate) fn all_dirs(options: &FormatOptions) -> impl Iterator<Item = &Path> {
    let metadata = options.metadata_log_dir.as_path();
    let others = options.log_dirs.iter().map(PathBuf::as_path).filter(move |path| *path != metadata);
    std::iter::once(metadata).chain(others)
}

/// Formats those of the directories, which are locked by us, that are not formatted yet.
pub(crate) fn format_dirs(
    dirs: &mut [&mut LogDir],
    options: &FormatOptions,
    now: Timestamp,
    random: &mut Random,
) -> Result<Formatted, FormatError> {
    let cluster_id = agreed_cluster_id(dirs, options)?.unwrap_or_else(|| random.uuid().to_string());
    let kraft_version = kraft_version(options)?;
    let bootstrap = bootstrap_metadata(options)?.encode(now);
    let mut used: Vec<_> = dirs.iter().filter_map(|dir| dir.meta_properties()?.directory_id).collect();
    let mut directories = Vec::new();
    for dir in dirs.iter_mut().filter(|dir| dir.meta_properties().is_none()) {
        let is_metadata = dir.path() == options.metadata_log_dir;
        let kind = if is_metadata { metadata_kind(options) } else { DirectoryKind::Data };
        let directory_id = match own_directory_id(options) {
            Some(id) if is_metadata => id,
            _ => fresh_directory_id(random, &used),
        };
        let disk = Arc::clone(dir.disk());
        replace_file(&*disk, &dir.path().join(BOOTSTRAP_CHECKPOINT), &bootstrap)?;
        if matches!(kind, DirectoryKind::DynamicMetadata | DirectoryKind::DynamicMetadataVoter)
            && let Some(voters) = initial_voters(options, directory_id)
        {
            write_voters(&*disk, dir.path(), kraft_version, &voters, now)?;
        }
        dir.write_meta_properties(MetaProperties::new(cluster_id.clone(), options.node_id, directory_id))?;
        used.push(directory_id);
        directories.push((dir.path().to_path_buf(), kind, directory_id));
    }
    Ok(Formatted { cluster_id, metadata_version: options.metadata_version, directories })
}

/// The cluster id of the options or else of the directories that are formatted, after checking that none contradicts.
fn agreed_cluster_id(dirs: &[&mut LogDir], options: &FormatOptions) -> Result<Option<String>, FormatError> {
    let mut agreed = options.cluster_id.clone();
    for dir in dirs {
        let Some(properties) = dir.meta_properties() else { continue };
        if !options.ignore_formatted {
            return Err(FormatError::AlreadyFormatted(dir.path().to_path_buf()));
        }
        let path = dir.path().join(ottla_storage::layout::META_PROPERTIES);
        if let Some(found) = properties.node_id.filter(|id| *id != options.node_id) {
            return Err(FormatError::OtherNode { path, expected: options.node_id, found });
        }
        match (&agreed, &properties.cluster_id) {
            (Some(expected), Some(found)) if expected != found => {
                let (expected, found) = (expected.clone(), found.clone());
                return Err(FormatError::OtherCluster { path, expected, found });
            }
            (None, Some(found)) => agreed = Some(found.clone()),
            _ => {}
        }
    }
    Ok(agreed)
}

fn bootstrap_metadata(options: &FormatOptions) -> Result<BootstrapMetadata, FormatError> {
    if options.features.contains_key(METADATA_VERSION) {
        return Err(FormatError::MetadataVersionAsFeature);
    }
    let others = options.features.iter().filter(|(name, _)| *name != KRAFT_VERSION);
    let features = others.map(|(name, level)| (name.clone(), *level)).collect();
    let mut bootstrap = BootstrapMetadata::new(options.metadata_version, &features)?;
    if !options.scram_credentials.is_empty() && !options.metadata_version.is_scram_supported() {
        return Err(FormatError::NoScram);
    }
    bootstrap.records.extend(options.scram_credentials.iter().cloned().map(MetadataRecord::from));
    Ok(bootstrap)
}

/// Source: Kafka `Formatter.effectiveKRaftFeatureLevel`.
fn kraft_version(options: &FormatOptions) -> Result<KRaftVersion, FormatError> {
    let is_dynamic = options.quorum != InitialQuorum::Static;
    let level = match options.features.get(KRAFT_VERSION) {
        None => i16::from(is_dynamic),
        Some(0) if is_dynamic => {
            let why = "if controller.quorum.voters is empty and one of the flags --standalone, --initial-controllers, \
                       or --no-initial-controllers is used. For dynamic controllers support, try removing the \
                       --feature flag for kraft.version.";
            return Err(FormatError::KRaftVersion { level: 0, why });
        }
        Some(level) if *level != 0 && !is_dynamic => {
            let why = "unless controller.quorum.voters is empty and one of the flags --standalone, \
                       --initial-controllers, or --no-initial-controllers is used. For dynamic controllers support, \
                       try using one of --standalone, --initial-controllers, or --no-initial-controllers and removing \
                       controller.quorum.voters.";
            return Err(FormatError::KRaftVersion { level: *level, why });
        }
        Some(level) => *level,
    };
    let unknown = || BootstrapError::UnknownLevel(KRAFT_VERSION.into(), level);
    Ok(KRaftVersion::from_level(level).ok_or_else(unknown)?)
}

fn metadata_kind(options: &FormatOptions) -> DirectoryKind {
    match &options.quorum {
        // Without known voters the directory is no different from a static quorum's.
        InitialQuorum::Static | InitialQuorum::Unknown => DirectoryKind::Metadata,
        InitialQuorum::Standalone(_) => DirectoryKind::DynamicMetadataVoter,
        InitialQuorum::Controllers(_) if own_directory_id(options).is_some() => {
            DirectoryKind::DynamicMetadataVoter
        }
        InitialQuorum::Controllers(_) => DirectoryKind::DynamicMetadata,
    }
}

/// The id of the metadata directory, if the options name it.
fn own_directory_id(options: &FormatOptions) -> Option<DirectoryId> {
    let InitialQuorum::Controllers(controllers) = &options.quorum else { return None };
    controllers.iter().find(|(key, _)| key.id == options.node_id)?.0.directory_id
}

fn fresh_directory_id(random: &mut Random, used: &[DirectoryId]) -> DirectoryId {
    loop {
        let id = DirectoryId(random.uuid());
        if !used.contains(&id) {
            return id;
        }
    }
}

fn initial_voters(options: &FormatOptions, directory_id: DirectoryId) -> Option<VoterSet> {
    let voter = |key: ReplicaKey, endpoint: &VoterEndpoint| Voter {
        key,
        endpoints: vec![endpoint.clone()],
        kraft_versions: KRAFT_VERSIONS,
    };
    match &options.quorum {
        InitialQuorum::Static | InitialQuorum::Unknown => None,
        InitialQuorum::Standalone(endpoint) => {
            let key = ReplicaKey { id: options.node_id, directory_id: Some(directory_id) };
            Some([voter(key, endpoint)].into_iter().collect())
        }
        InitialQuorum::Controllers(controllers) => {
            Some(controllers.iter().map(|(key, endpoint)| voter(*key, endpoint)).collect())
        }
    }
}

fn write_voters(
    disk: &dyn Disk,
    log_dir: &Path,
    kraft_version: KRaftVersion,
    voters: &VoterSet,
    now: Timestamp,
) -> Result<(), StorageError> {
    let snapshot = Snapshot {
        last_contained_log_timestamp: now,
        kraft_version: Some(kraft_version.level()),
        voters: Some(voters.to_record()),
        records: Vec::new(),
    };
    let dir = log_dir.join(CLUSTER_METADATA_DIR);
    disk.create_dir_all(&dir)?;
    let bytes = snapshot::encode(&snapshot, LeaderEpoch(BOOTSTRAP_SNAPSHOT.epoch), now);
    replace_file(disk, &dir.join(BOOTSTRAP_SNAPSHOT.to_string()), &bytes)
}
