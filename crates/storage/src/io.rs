//! The seam to the machine: everything that this crate does to files goes through [`Disk`] and [`DiskFile`].
//!
//! [`posix::PosixDisk`] is the file system; [`simulated::SimulatedDisk`] is one in memory that tears writes, loses what was
//! not synced, fails on demand and can be crashed at any operation.

use std::fmt;
use std::io::IoSlice;
use std::os::fd::BorrowedFd;
use std::path::Path;
use std::sync::Arc;

use ottla_protocol::time::Timestamp;

pub use crate::error::{Operation, StorageError};

pub mod posix;
pub mod simulated;

/// How a file is opened. Always for reading and writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// The file must exist. It is opened for reading only.
    ReadOnly,
    /// The file must exist.
    Existing,
    /// The file is created if it does not exist; its content is kept.
    Create,
    /// The file is created, or emptied if it exists.
    Truncate,
}

/// What a directory entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// Something else (socket, device), which is none of ours.
    Other,
}

/// One entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The name within the directory. Names that are not UTF-8 are left out of listings: none of ours is.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
}

/// Size and age of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStat {
    /// Length in bytes.
    pub size: u64,
    /// Time of the last change to its bytes.
    pub modified: Timestamp,
}

/// Room on a file system, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskSpace {
    /// Size of the file system.
    pub total: u64,
    /// What is left for this user.
    pub usable: u64,
}

/// A file system, as far as logs need one. Paths are taken as they come; nothing here follows the current directory.
///
/// No operation may be retried after it failed, other than [`Self::list`], [`Self::stat`] and opening for reading.
pub trait Disk: Send + Sync + fmt::Debug {
    /// Opens a file.
    fn open(&self, path: &Path, mode: OpenMode) -> Result<Arc<dyn DiskFile>, StorageError>;
    /// Creates a directory and what is missing above it. Succeeds if it exists.
    fn create_dir_all(&self, path: &Path) -> Result<(), StorageError>;
    /// Renames a file or directory; an existing file at `to` is replaced atomically.
    fn rename(&self, from: &Path, to: &Path) -> Result<(), StorageError>;
    /// Removes a file. Succeeds with `false` if there is none.
    fn remove_file(&self, path: &Path) -> Result<bool, StorageError>;
    /// Removes a directory and all in it. Succeeds with `false` if there is none.
    fn remove_dir_all(&self, path: &Path) -> Result<bool, StorageError>;
    /// The entries of a directory, sorted by name.
    fn list(&self, dir: &Path) -> Result<Vec<Entry>, StorageError>;
    /// Size and age of a file, or `None` if there is no such file.
    fn stat(&self, path: &Path) -> Result<Option<FileStat>, StorageError>;
    /// Sets the time of the last change to a file's bytes.
    fn set_modified(&self, path: &Path, modified: Timestamp) -> Result<(), StorageError>;
    /// Makes the entries of a directory durable: files created, renamed and removed in it.
    fn sync_dir(&self, dir: &Path) -> Result<(), StorageError>;
    /// Makes everything durable that was written to the file system that holds `dir` (`syncfs`): one call in place of
    /// thousands when many files are dirty.
    fn sync_all(&self, dir: &Path) -> Result<(), StorageError>;
    /// Takes an exclusive lock on a file, creating it if need be, against other processes and against this one. `None` if
    /// somebody else holds it. The lock is given back when the value is dropped. Kafka's lock on the same file excludes it.
    fn lock(&self, path: &Path) -> Result<Option<Box<dyn DiskLock>>, StorageError>;
    /// Room on the file system that holds `dir`.
    fn space(&self, dir: &Path) -> Result<DiskSpace, StorageError>;

    /// Whether anything is at `path` that [`Self::stat`] finds.
    fn exists(&self, path: &Path) -> Result<bool, StorageError> {
        Ok(self.stat(path)?.is_some())
    }
}

/// A held lock; dropping it gives it back.
pub trait DiskLock: Send + Sync + fmt::Debug {}

/// An open file. Positions are explicit; there is no cursor. Shared freely: a reader on another thread keeps its handle,
/// and the bytes, even after the file was renamed or removed.
pub trait DiskFile: Send + Sync + fmt::Debug {
    /// The path that the file was opened at, for messages: it may have been renamed since.
    fn path(&self) -> &Path;
    /// Reads into `buffer` from `position` on; fewer bytes than it holds only at the end of the file.
    fn read_at(&self, buffer: &mut [u8], position: u64) -> Result<usize, StorageError>;
    /// Like [`Self::read_at`], but `None` if it would have to wait for the disk.
    fn read_cached_at(&self, buffer: &mut [u8], position: u64) -> Result<Option<usize>, StorageError>;
    /// Writes all of `slices`, one behind the other, from `position` on, extending the file if need be. On an error any
    /// part may have been written.
    fn write_at(&self, slices: &[IoSlice<'_>], position: u64) -> Result<(), StorageError>;
    /// Makes the bytes and the length durable (`fdatasync`). After an error the unsynced bytes are lost for good.
    fn sync_data(&self) -> Result<(), StorageError>;
    /// Cuts the file, or extends it with zeros.
    fn set_len(&self, size: u64) -> Result<(), StorageError>;
    /// Length in bytes.
    fn len(&self) -> Result<u64, StorageError>;
    /// Reserves space for bytes `position..position + size` without changing the length.
    fn allocate(&self, position: u64, size: u64) -> Result<(), StorageError>;
    /// The file's descriptor, for `sendfile`; `None` if it has none (it is simulated).
    fn as_fd(&self) -> Option<BorrowedFd<'_>>;

    /// Whether the file holds nothing.
    fn is_empty(&self) -> Result<bool, StorageError> {
        Ok(self.len()? == 0)
    }
}

/// Reads exactly `buffer`, or fails with `UnexpectedEof`.
pub fn read_exact_at(file: &dyn DiskFile, buffer: &mut [u8], position: u64) -> Result<(), StorageError> {
    let wanted = buffer.len();
    let got = file.read_at(buffer, position)?;
    if got == wanted {
        return Ok(());
    }
    let reason = format!("{got} of {wanted} bytes at position {position}");
    Err(StorageError::new(
        Operation::Read,
        file.path(),
        std::io::Error::new(std::io::ErrorKind::UnexpectedEof, reason),
    ))
}

/// The whole content of a file, or `None` if there is none. Errors also if it is larger than `size_max` bytes.
pub fn read_file(disk: &dyn Disk, path: &Path, size_max: u64) -> Result<Option<Vec<u8>>, StorageError> {
    let file = match disk.open(path, OpenMode::ReadOnly) {
        Ok(file) => file,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    let size = file.len()?;
    if size > size_max {
        return Err(StorageError::invalid_data(
            path,
            format!("{size} bytes, more than the {size_max} that it may have"),
        ));
    }
    let mut bytes = vec![0; usize::try_from(size).unwrap_or(usize::MAX)];
    let got = file.read_at(&mut bytes, 0)?;
    bytes.truncate(got);
    Ok(Some(bytes))
}

/// Replaces a small file so that, whatever happens, either the old or the new content is there, whole: written to
/// `<path>.tmp`, synced, renamed, and the directory synced.
pub fn replace_file(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> Result<(), StorageError> {
    let mut temporary = path.as_os_str().to_os_string();
    temporary.push(crate::layout::TEMPORARY_SUFFIX);
    let temporary = Path::new(&temporary);
    let file = disk.open(temporary, OpenMode::Truncate)?;
    file.write_at(&[IoSlice::new(bytes)], 0)?;
    file.sync_data()?;
    drop(file);
    disk.rename(temporary, path)?;
    disk.sync_dir(path.parent().unwrap_or(Path::new(".")))
}
