//! What stands in log directories, without locking or changing them.

use std::fmt;
use std::path::{Path, PathBuf};

use ottla_protocol::types::BrokerId;
use ottla_storage::io::Disk;
use ottla_storage::layout::META_PROPERTIES;
use ottla_storage::log_dir::{MetaProperties, MetaPropertiesError};

/// What log directories hold. Displays what `kafka-storage info` prints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StorageInfo {
    /// The directories that exist.
    pub directories: Vec<PathBuf>,
    /// What the first of them that is formatted says of itself.
    pub metadata: Option<MetaProperties>,
    /// What is wrong. The command exits with 1 if anything is.
    pub problems: Vec<String>,
}

/// Whose a log directory is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredIdentity {
    /// The cluster.
    pub cluster_id: String,
    /// The node.
    pub node_id: BrokerId,
}

/// Looks at log directories, in the order of their paths.
#[must_use]
pub fn info(disk: &dyn Disk, directories: &[PathBuf]) -> StorageInfo {
    let mut sorted = directories.to_vec();
    sorted.sort();
    sorted.dedup();
    let mut info = StorageInfo::default();
    for path in sorted {
        match disk.list(&path) {
            Ok(_) => info.look_at(disk, path),
            Err(error) if error.is_not_found() => {
                info.problems.push(format!("{} does not exist", path.display()))
            }
            Err(_) => info.problems.push(format!("{} is not a directory", path.display())),
        }
    }
    if info.metadata.as_ref().is_some_and(|metadata| metadata.version == 0) {
        info.problems.push(
            "The kafka configuration file appears to be for a cluster in KRaft mode, but the directories are formatted \
             for legacy mode."
                .into(),
        );
    }
    info
}

/// Whose the directory is, or `None` if it is not formatted. For a node that is started with nothing but a directory.
pub fn stored_identity(
    disk: &dyn Disk,
    directory: &Path,
) -> Result<Option<StoredIdentity>, MetaPropertiesError> {
    let properties = MetaProperties::read(disk, &directory.join(META_PROPERTIES))?;
    Ok(properties.and_then(|properties| {
        Some(StoredIdentity { cluster_id: properties.cluster_id?, node_id: properties.node_id? })
    }))
}

impl StorageInfo {
    fn look_at(&mut self, disk: &dyn Disk, path: PathBuf) {
        let file = path.join(META_PROPERTIES);
        match MetaProperties::read(disk, &file) {
            Ok(None) => self.problems.push(format!("{} is not formatted.", path.display())),
            Ok(Some(found)) => match &self.metadata {
                None => self.metadata = Some(found),
                Some(first) if first.cluster_id != found.cluster_id => {
                    self.problems.push("Mismatched cluster IDs between storage directories.".into());
                }
                Some(first) if first.node_id != found.node_id => {
                    self.problems.push("Mismatched node IDs between storage directories.".into());
                }
                Some(_) => {}
            },
            Err(error) => self.problems.push(format!("Error loading {}: {error}", file.display())),
        }
        self.directories.push(path);
    }
}

impl fmt::Display for StorageInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.directories.is_empty() {
            let plural = if self.directories.len() == 1 { "directory" } else { "directories" };
            writeln!(f, "Found log {plural}:")?;
            for path in &self.directories {
                writeln!(f, "  {}", path.display())?;
            }
            writeln!(f)?;
        }
        if let Some(metadata) = &self.metadata {
            let mut fields = Vec::new();
            fields.extend(metadata.cluster_id.as_ref().map(|id| format!("cluster.id={id}")));
            fields.extend(metadata.directory_id.map(|id| format!("directory.id={id}")));
            fields.extend(metadata.node_id.map(|id| format!("node.id={id}")));
            fields.push(format!("version={}", metadata.version));
            writeln!(f, "Found metadata: {{{}}}\n", fields.join(", "))?;
        }
        if !self.problems.is_empty() {
            let plural = if self.problems.len() == 1 { "problem" } else { "problems" };
            writeln!(f, "Found {plural}:")?;
            for problem in &self.problems {
                writeln!(f, "  {problem}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
