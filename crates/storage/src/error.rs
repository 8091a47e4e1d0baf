//! The one error of the machine failing us: what was tried, where, and what the system said.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

/// What was tried on a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Open or create a file.
    Open,
    /// Read bytes.
    Read,
    /// Write bytes.
    Write,
    /// Make a file's bytes durable (`fdatasync`).
    Sync,
    /// Make a directory's entries durable.
    SyncDir,
    /// Change a file's length, or reserve space for it.
    SetLen,
    /// Ask for a file's or file system's size or times.
    Stat,
    /// Set a file's time of last change.
    SetTime,
    /// List a directory.
    List,
    /// Create a directory.
    CreateDir,
    /// Rename a file or directory.
    Rename,
    /// Remove a file or directory.
    Remove,
    /// Take a lock.
    Lock,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::Read => "read",
            Self::Write => "write",
            Self::Sync => "sync",
            Self::SyncDir => "sync directory",
            Self::SetLen => "set length of",
            Self::Stat => "stat",
            Self::SetTime => "set time of",
            Self::List => "list",
            Self::CreateDir => "create directory",
            Self::Rename => "rename",
            Self::Remove => "remove",
            Self::Lock => "lock",
        })
    }
}

/// The disk failed: an operation on a path did not do what it must. After one of these from a write or a sync, nothing
/// that depended on it may be acknowledged.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation} {path}: {source}", path = path.display())]
pub struct StorageError {
    /// What was tried.
    pub operation: Operation,
    /// On what.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl StorageError {
    /// The failure of `operation` on `path`.
    #[must_use]
    pub fn new(operation: Operation, path: &Path, source: impl Into<io::Error>) -> Self {
        Self { operation, path: path.to_path_buf(), source: source.into() }
    }

    /// A file that holds what it must not (Kafka's `CorruptRecordException` and the like), as a failed read.
    #[must_use]
    pub fn invalid_data(path: &Path, reason: impl fmt::Display) -> Self {
        Self::new(Operation::Read, path, io::Error::new(io::ErrorKind::InvalidData, reason.to_string()))
    }

    /// Whether the path does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.source.kind() == io::ErrorKind::NotFound
    }

    /// Whether the disk, or the user's share of it, is full.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self.source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
    }

    /// Whether the process, or the machine, has too many files open: the disk works, and will be asked again.
    #[must_use]
    pub fn is_out_of_files(&self) -> bool {
        let reasons = [Errno::MFILE, Errno::NFILE].map(Errno::raw_os_error);
        self.source.raw_os_error().is_some_and(|errno| reasons.contains(&errno))
    }

    /// Whether a file holds what it must not: the disk works, what is on it is damaged. Only what lies there is lost.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        self.source.kind() == io::ErrorKind::InvalidData
    }
}
