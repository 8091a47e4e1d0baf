//! Formatting of log directories, as `kafka-storage format` does it, and what `kafka-storage info` prints.
//!
//! Every directory gets `bootstrap.checkpoint` and then `meta.properties`, whose presence says that the directory is
//! formatted. The metadata directory of a dynamic quorum with initial voters gets the snapshot
//! `__cluster_metadata-0/00000000000000000000-0000000000.checkpoint` in between, which names them.
//! Source: Kafka `StorageTool`, `Formatter`; KIP-853.

mod info;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ottla_metadata::bootstrap::{BootstrapError, BootstrapMetadata};
use ottla_metadata::features::{KRAFT_VERSION, KRAFT_VERSION_LATEST, METADATA_VERSION, MetadataVersion};
use ottla_metadata::snapshot::{self, Snapshot};
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
    Ok(BootstrapMetadata::new(options.metadata_version, &features)?)
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

#[cfg(test)]
mod tests {
    use ottla_storage::io::read_file;
    use ottla_storage::io::simulated::{SimulatedDisk, Survival};

    use super::*;

    const CLUSTER: &str = "MkU3OEVBNTcwNTJENDM2Qg";
    const NOW: Timestamp = Timestamp(1_795_513_882_335);

    fn options(dirs: &[&str]) -> FormatOptions {
        FormatOptions {
            cluster_id: Some(CLUSTER.into()),
            node_id: BrokerId(1),
            log_dirs: dirs.iter().map(PathBuf::from).collect(),
            metadata_log_dir: dirs[0].into(),
            metadata_version: MetadataVersion::LATEST_PRODUCTION,
            features: BTreeMap::new(),
            quorum: InitialQuorum::Standalone(endpoint()),
            ignore_formatted: false,
        }
    }

    fn endpoint() -> VoterEndpoint {
        VoterEndpoint { listener: "CONTROLLER".into(), host: "127.0.0.1".into(), port: 26093 }
    }

    fn read(disk: &Arc<dyn Disk>, path: &str) -> Option<Vec<u8>> {
        read_file(&**disk, Path::new(path), 1 << 20).unwrap()
    }

    #[test]
    fn a_dynamic_quorum_of_one_names_itself_in_the_first_snapshot() {
        let disk = SimulatedDisk::new(0).shared();
        let formatted = format(&disk, &options(&["/a", "/b"]), NOW, 1).unwrap();
        let kinds: Vec<_> =
            formatted.directories.iter().map(|(path, kind, _)| (path.to_str().unwrap(), *kind)).collect();
        assert_eq!(kinds, [("/a", DirectoryKind::DynamicMetadataVoter), ("/b", DirectoryKind::Data)]);
        let bytes =
            read(&disk, "/a/__cluster_metadata-0/00000000000000000000-0000000000.checkpoint").unwrap();
        let voters = VoterSet::from_record(&snapshot::decode(&bytes).unwrap().voters.unwrap());
        let key = ReplicaKey { id: BrokerId(1), directory_id: Some(formatted.directories[0].2) };
        assert!(voters.is_only_voter(key));
        // The sizes of Apache Kafka 4.3.1's files for the same input.
        assert_eq!(bytes.len(), 241);
        assert_eq!(read(&disk, "/a/bootstrap.checkpoint").unwrap().len(), 411);
        assert_eq!(read(&disk, "/b/bootstrap.checkpoint").unwrap().len(), 411);
        assert_eq!(read(&disk, "/b/__cluster_metadata-0/00000000000000000000-0000000000.checkpoint"), None);
        assert_ne!(formatted.directories[0].2, formatted.directories[1].2);
    }

    #[test]
    fn a_static_quorum_leaves_no_snapshot() {
        let disk = SimulatedDisk::new(0).shared();
        let options = FormatOptions { quorum: InitialQuorum::Static, ..options(&["/a"]) };
        format(&disk, &options, NOW, 1).unwrap();
        assert!(disk.list(Path::new("/a/__cluster_metadata-0")).is_err());
        let found = info(&*disk, &["/a".into()]);
        let directory_id = found.metadata.as_ref().unwrap().directory_id.unwrap();
        assert_eq!(
            found.to_string(),
            format!(
                "Found log directory:\n  /a\n\nFound metadata: {{cluster.id={CLUSTER}, directory.id={directory_id}, \
                 node.id=1, version=1}}\n\n"
            )
        );
    }

    #[test]
    fn formatted_directories_are_refused_or_left_alone() {
        let disk = SimulatedDisk::new(0).shared();
        format(&disk, &options(&["/a"]), NOW, 1).unwrap();
        let before = read(&disk, "/a/meta.properties");
        let again = format(&disk, &options(&["/a", "/b"]), NOW, 2);
        assert!(matches!(again, Err(FormatError::AlreadyFormatted(path)) if path == Path::new("/a")));
        assert_eq!(read(&disk, "/b/meta.properties"), None);
        // Without a cluster id the others join the cluster of those that are formatted.
        let more = FormatOptions { ignore_formatted: true, cluster_id: None, ..options(&["/a", "/b"]) };
        let formatted = format(&disk, &more, NOW, 2).unwrap();
        assert_eq!((formatted.cluster_id.as_str(), formatted.directories.len()), (CLUSTER, 1));
        assert_eq!(read(&disk, "/a/meta.properties"), before);
        let none = format(&disk, &more, NOW, 3).unwrap();
        assert_eq!(none.to_string(), "All of the log directories are already formatted.\n");
    }

    #[test]
    fn directories_of_another_cluster_or_node_are_refused() {
        let disk = SimulatedDisk::new(0).shared();
        format(&disk, &options(&["/a"]), NOW, 1).unwrap();
        let other =
            FormatOptions { ignore_formatted: true, cluster_id: Some("x".into()), ..options(&["/a", "/b"]) };
        assert!(matches!(format(&disk, &other, NOW, 1), Err(FormatError::OtherCluster { .. })));
        let other = FormatOptions { ignore_formatted: true, node_id: BrokerId(2), ..options(&["/a", "/b"]) };
        assert!(matches!(format(&disk, &other, NOW, 1), Err(FormatError::OtherNode { .. })));
    }

    #[test]
    fn kraft_version_goes_with_the_quorum() {
        let with = |quorum, level| {
            let features = BTreeMap::from([("kraft.version".to_string(), level)]);
            let disk = SimulatedDisk::new(0).shared();
            format(&disk, &FormatOptions { quorum, features, ..options(&["/a"]) }, NOW, 1).map(|_| ())
        };
        assert!(with(InitialQuorum::Static, 0).is_ok());
        assert!(with(InitialQuorum::Standalone(endpoint()), 1).is_ok());
        assert!(matches!(with(InitialQuorum::Static, 1), Err(FormatError::KRaftVersion { level: 1, .. })));
        let zero = with(InitialQuorum::Standalone(endpoint()), 0);
        assert!(matches!(zero, Err(FormatError::KRaftVersion { level: 0, .. })));
        assert!(matches!(with(InitialQuorum::Unknown, 2), Err(FormatError::Features(_))));
    }

    #[test]
    fn the_metadata_directory_of_a_listed_controller_gets_its_listed_id() {
        let listed = DirectoryId("8iDmb7qXRf6M6K97rN1vHg".parse().unwrap());
        let controller =
            |id, directory| (ReplicaKey { id: BrokerId(id), directory_id: Some(directory) }, endpoint());
        let other = DirectoryId("MkU3OEVBNTcwNTJENDM2Qg".parse().unwrap());
        let quorum = InitialQuorum::Controllers(vec![controller(1, listed), controller(2, other)]);
        let disk = SimulatedDisk::new(0).shared();
        let formatted = format(&disk, &FormatOptions { quorum, ..options(&["/a"]) }, NOW, 1).unwrap();
        assert_eq!(formatted.directories, [("/a".into(), DirectoryKind::DynamicMetadataVoter, listed)]);
    }

    #[test]
    fn a_crash_at_any_operation_leaves_directories_that_can_be_formatted_again() {
        let operations = {
            let disk = SimulatedDisk::new(0);
            format(&disk.shared(), &options(&["/a", "/b"]), NOW, 1).unwrap();
            disk.operations()
        };
        let survivals =
            [Survival::Everything, Survival::Nothing, Survival::Prefix, Survival::Sectors { size: 512 }];
        for (at, survival) in (0..operations).flat_map(|at| survivals.map(|survival| (at, survival))) {
            let disk = SimulatedDisk::new(at);
            disk.cut_power_at(at, 7);
            let _ = format(&disk.shared(), &options(&["/a", "/b"]), NOW, 1);
            disk.crash(survival);
            let again = FormatOptions { ignore_formatted: true, ..options(&["/a", "/b"]) };
            let formatted = format(&disk.shared(), &again, NOW, 2);
            formatted.unwrap_or_else(|error| panic!("crash at {at}, {survival:?}: {error}"));
            let problems = info(&*disk.shared(), &["/a".into(), "/b".into()]).problems;
            assert_eq!(problems, Vec::<String>::new(), "crash at {at}, {survival:?}");
        }
    }
}
