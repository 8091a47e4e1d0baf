//! Why a node does not start.

use std::path::PathBuf;

use ottla_metadata::api_error::ApiError;
use ottla_metadata::config::StaticConfigError;
use ottla_metadata::delta::DeltaError;
use ottla_metadata::features::VersionRange;
use ottla_metadata::snapshot::SnapshotError;
use ottla_protocol::types::{BrokerId, Offset};
use ottla_storage::StorageError;
use ottla_storage::log_dir::{LogDirError, MetaPropertiesError};

use super::super::format::FormatError;
use crate::quorum_host::{MetadataReadError, OpenQuorumError, TooLarge};

/// Why a node does not start.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// The configuration contradicts itself.
    #[error(transparent)]
    Config(#[from] StaticConfigError),
    /// The node has to be both for now.
    #[error(
        "process.roles must be `broker,controller`: a node without one of the roles is not supported yet"
    )]
    Roles,
    /// A log directory is in use, or its identity cannot be read.
    #[error(transparent)]
    LogDir(#[from] LogDirError),
    /// A log directory is not formatted.
    #[error("no `meta.properties` found in {path} (have you run `ottla storage format` on it?)", path = .0.display())]
    NotFormatted(PathBuf),
    /// A log directory is not formatted, but holds data: its `meta.properties` is lost.
    #[error("{path} holds logs, but no `meta.properties` that says whose they are: not formatting over it", path = .0.display())]
    DataWithoutIdentity(PathBuf),
    /// The metadata directory is not formatted, but another one is: the metadata log is lost or not mounted.
    #[error(
        "the metadata directory {metadata} is not formatted, but {other} is: is the disk of the metadata directory mounted?",
        metadata = metadata.display(), other = other.display()
    )]
    MetadataDirectoryMissing {
        /// `metadata.log.dir`.
        metadata: PathBuf,
        /// A directory that is formatted.
        other: PathBuf,
    },
    /// A log directory belongs to another node.
    #[error(
        "{path} belongs to node {found}, and this is node {expected}: set node.id={found}, or use another directory",
        path = path.display()
    )]
    OtherNode {
        /// The directory.
        path: PathBuf,
        /// `node.id`.
        expected: BrokerId,
        /// The node that it belongs to.
        found: BrokerId,
    },
    /// The log directories belong to different clusters, or to each other's copies.
    #[error(transparent)]
    Disagree(#[from] MetaPropertiesError),
    /// A metadata log where none must be.
    #[error(
        "found unexpected metadata location in data directory {found} (the configured metadata directory is {configured})",
        found = found.display(), configured = configured.display()
    )]
    UnexpectedMetadataLog {
        /// The log.
        found: PathBuf,
        /// `metadata.log.dir`.
        configured: PathBuf,
    },
    /// The metadata directory is none of `log.dirs`, and none of those can be used.
    #[error("none of the log directories can be used: {}", .0.join(", "))]
    NoLogDirs(Vec<String>),
    /// Two directories hold the same replica.
    #[error(
        "{replica} lies in both {first} and {second}: a move between them was interrupted; remove one of the two (the \
         one in the directory that has failed)",
        first = first.display(), second = second.display()
    )]
    DuplicateReplica {
        /// Name of the replica's folder.
        replica: String,
        /// A directory that holds it.
        first: PathBuf,
        /// Another one.
        second: PathBuf,
    },
    /// Formatting failed.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The metadata log cannot be opened.
    #[error(transparent)]
    Quorum(#[from] OpenQuorumError),
    /// The metadata log cannot be read.
    #[error(transparent)]
    Read(#[from] MetadataReadError),
    /// A record of the metadata log does not fit those before it, or comes from a newer version.
    #[error("cannot replay the metadata log at offset {offset}: {reason}")]
    Replay {
        /// Offset of the record.
        offset: Offset,
        /// What is wrong.
        reason: DeltaError,
    },
    /// `bootstrap.checkpoint` cannot be read.
    #[error("{path}: {reason}", path = path.display())]
    Bootstrap {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: SnapshotError,
    },
    /// The quorum has other voters.
    #[error(
        "node {node} cannot lead the metadata quorum alone: its voters are {voters:?} (a quorum of several nodes is not \
         supported yet)"
    )]
    NotOnlyVoter {
        /// This node.
        node: BrokerId,
        /// The voters' ids.
        voters: Vec<i32>,
    },
    /// The cluster uses a feature at a level that this program does not support: a newer one raised it.
    #[error("the cluster's {name} is at level {level}, and this version supports {supported}")]
    Feature {
        /// Name of the feature.
        name: String,
        /// Its finalized level.
        level: i16,
        /// What this program supports.
        supported: VersionRange,
    },
    /// The controller refuses this broker.
    #[error("the broker cannot register: {0}")]
    Registration(ApiError),
    /// The first records of this life do not fit the metadata log.
    #[error("cannot append to the metadata log: {0}")]
    TooLarge(String),
    /// The disk failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<TooLarge> for BootError {
    fn from(error: TooLarge) -> Self {
        Self::TooLarge(error.to_string())
    }
}
