//! The real file system. This file, and no other of the core, touches it.

use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ottla_protocol::time::Timestamp;
use rustix::fs::{
    self, AtFlags, Dir, FallocateFlags, FileType, FlockOperation, Mode, OFlags, Timespec, Timestamps,
};
use rustix::io::{Errno, ReadWriteFlags};

use super::{
    Disk, DiskFile, DiskLock, DiskSpace, Entry, EntryKind, FileStat, OpenMode, Operation, StorageError,
};

/// The system takes at most so many slices in one vectored write (`IOV_MAX`).
const SLICES_MAX: usize = 1024;

/// The file system of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct PosixDisk;

impl PosixDisk {
    /// The disk, shared.
    #[must_use]
    pub fn shared() -> Arc<dyn Disk> {
        Arc::new(Self)
    }
}

impl Disk for PosixDisk {
    fn open(&self, path: &Path, mode: OpenMode) -> Result<Arc<dyn DiskFile>, StorageError> {
        let flags = match mode {
            OpenMode::ReadOnly => OFlags::RDONLY,
            OpenMode::Existing => OFlags::RDWR,
            OpenMode::Create => OFlags::RDWR | OFlags::CREATE,
            OpenMode::Truncate => OFlags::RDWR | OFlags::CREATE | OFlags::TRUNC,
        };
        let fd = retry(|| fs::open(path, flags | OFlags::CLOEXEC, Mode::from_raw_mode(0o644)))
            .map_err(|errno| StorageError::new(Operation::Open, path, errno))?;
        Ok(Arc::new(PosixFile { fd, path: path.into() }))
    }

    fn create_dir_all(&self, path: &Path) -> Result<(), StorageError> {
        // The directory above exists as a rule: one call, not one per component.
        match fs::mkdir(path, Mode::from_raw_mode(0o755)) {
            Ok(()) => Ok(()),
            Err(_) => std::fs::create_dir_all(path)
                .map_err(|error| StorageError::new(Operation::CreateDir, path, error)),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), StorageError> {
        fs::rename(from, to).map_err(|errno| StorageError::new(Operation::Rename, from, errno))
    }

    fn remove_file(&self, path: &Path) -> Result<bool, StorageError> {
        match fs::unlink(path) {
            Ok(()) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(errno) => Err(StorageError::new(Operation::Remove, path, errno)),
        }
    }

    fn remove_dir_all(&self, path: &Path) -> Result<bool, StorageError> {
        match std::fs::remove_dir_all(path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(StorageError::new(Operation::Remove, path, error)),
        }
    }

    fn list(&self, dir: &Path) -> Result<Vec<Entry>, StorageError> {
        let failed = |errno| StorageError::new(Operation::List, dir, errno);
        let fd = open_dir(dir).map_err(failed)?;
        let mut entries = Vec::new();
        for entry in Dir::read_from(&fd).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let Ok(name) = entry.file_name().to_str() else { continue };
            if name == "." || name == ".." {
                continue;
            }
            let mut file_type = entry.file_type();
            if matches!(file_type, FileType::Unknown | FileType::Symlink) {
                // Some file systems do not tell, and a log directory may be a link.
                let Ok(stat) = fs::statat(&fd, entry.file_name(), AtFlags::empty()) else { continue };
                file_type = FileType::from_raw_mode(stat.st_mode);
            }
            let kind = match file_type {
                FileType::RegularFile => EntryKind::File,
                FileType::Directory => EntryKind::Directory,
                _ => EntryKind::Other,
            };
            entries.push(Entry { name: name.to_owned(), kind });
        }
        entries.sort_unstable();
        Ok(entries)
    }

    fn stat(&self, path: &Path) -> Result<Option<FileStat>, StorageError> {
        match fs::stat(path) {
            Ok(stat) => Ok(Some(FileStat {
                size: u64::try_from(stat.st_size).unwrap_or(0),
                modified: Timestamp(
                    to_i64(stat.st_mtime).saturating_mul(1000) + to_i64(stat.st_mtime_nsec) / 1_000_000,
                ),
            })),
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
            Err(errno) => Err(StorageError::new(Operation::Stat, path, errno)),
        }
    }

    fn set_modified(&self, path: &Path, modified: Timestamp) -> Result<(), StorageError> {
        let time = Timespec {
            tv_sec: modified.0.div_euclid(1000),
            tv_nsec: modified.0.rem_euclid(1000) * 1_000_000,
        };
        let times = Timestamps { last_access: time, last_modification: time };
        fs::utimensat(fs::CWD, path, &times, AtFlags::empty())
            .map_err(|errno| StorageError::new(Operation::SetTime, path, errno))
    }

    fn sync_dir(&self, dir: &Path) -> Result<(), StorageError> {
        open_dir(dir)
            .and_then(|fd| retry(|| fs::fsync(&fd)))
            .map_err(|errno| StorageError::new(Operation::SyncDir, dir, errno))
    }

    fn sync_all(&self, dir: &Path) -> Result<(), StorageError> {
        open_dir(dir)
            .and_then(|fd| retry(|| fs::syncfs(&fd)))
            .map_err(|errno| StorageError::new(Operation::Sync, dir, errno))
    }

    fn lock(&self, path: &Path) -> Result<Option<Box<dyn DiskLock>>, StorageError> {
        let failed = |errno| StorageError::new(Operation::Lock, path, errno);
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC;
        let fd = fs::open(path, flags, Mode::from_raw_mode(0o644)).map_err(failed)?;
        // Two kinds of lock, which do not see each other: `flock` keeps out a second taker within this process, and the POSIX
        // lock is the one that Java's FileChannel takes.
        match fs::flock(&fd, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Ok(None),
            Err(errno) => return Err(failed(errno)),
        }
        match fs::fcntl_lock(&fd, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Box::new(PosixLock { _fd: fd }))),
            Err(Errno::AGAIN | Errno::ACCESS) => Ok(None),
            Err(errno) => Err(failed(errno)),
        }
    }

    fn space(&self, dir: &Path) -> Result<DiskSpace, StorageError> {
        let stat = fs::statvfs(dir).map_err(|errno| StorageError::new(Operation::Stat, dir, errno))?;
        Ok(DiskSpace {
            total: stat.f_blocks.saturating_mul(stat.f_frsize),
            usable: stat.f_bavail.saturating_mul(stat.f_frsize),
        })
    }
}

#[derive(Debug)]
struct PosixLock {
    _fd: OwnedFd,
}

impl DiskLock for PosixLock {}

#[derive(Debug)]
struct PosixFile {
    fd: OwnedFd,
    path: Box<Path>,
}

impl PosixFile {
    fn failed(&self, operation: Operation, errno: Errno) -> StorageError {
        StorageError::new(operation, &self.path, errno)
    }
}

impl DiskFile for PosixFile {
    fn path(&self) -> &Path {
        &self.path
    }

    fn read_at(&self, buffer: &mut [u8], position: u64) -> Result<usize, StorageError> {
        let mut done = 0;
        while done < buffer.len() {
            let rest = &mut buffer[done..];
            let read = retry(|| rustix::io::pread(&self.fd, &mut *rest, position + done as u64))
                .map_err(|errno| self.failed(Operation::Read, errno))?;
            if read == 0 {
                break;
            }
            done += read;
        }
        Ok(done)
    }

    fn read_cached_at(&self, buffer: &mut [u8], position: u64) -> Result<Option<usize>, StorageError> {
        let mut done = 0;
        while done < buffer.len() {
            let slice = &mut [IoSliceMut::new(&mut buffer[done..])];
            let at = position + done as u64;
            match retry(|| rustix::io::preadv2(&self.fd, slice, at, ReadWriteFlags::NOWAIT)) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(Errno::AGAIN) => return Ok(None),
                // A file system that cannot tell: read, and wait if it must be.
                Err(Errno::OPNOTSUPP | Errno::NOSYS) => {
                    return Ok(Some(done + self.read_at(&mut buffer[done..], at)?));
                }
                Err(errno) => return Err(self.failed(Operation::Read, errno)),
            }
        }
        Ok(Some(done))
    }

    fn write_at(&self, slices: &[IoSlice<'_>], position: u64) -> Result<(), StorageError> {
        let mut at = position;
        for slices in slices.chunks(SLICES_MAX) {
            let size: usize = slices.iter().map(|slice| slice.len()).sum();
            let written = retry(|| rustix::io::pwritev(&self.fd, slices, at))
                .map_err(|errno| self.failed(Operation::Write, errno))?;
            if written < size {
                self.write_rest(slices, at, written)?;
            }
            at += size as u64;
        }
        Ok(())
    }

    fn sync_data(&self) -> Result<(), StorageError> {
        retry(|| fs::fdatasync(&self.fd)).map_err(|errno| self.failed(Operation::Sync, errno))
    }

    fn set_len(&self, size: u64) -> Result<(), StorageError> {
        retry(|| fs::ftruncate(&self.fd, size)).map_err(|errno| self.failed(Operation::SetLen, errno))
    }

    fn len(&self) -> Result<u64, StorageError> {
        let stat = fs::fstat(&self.fd).map_err(|errno| self.failed(Operation::Stat, errno))?;
        Ok(u64::try_from(stat.st_size).unwrap_or(0))
    }

    fn allocate(&self, position: u64, size: u64) -> Result<(), StorageError> {
        match retry(|| fs::fallocate(&self.fd, FallocateFlags::KEEP_SIZE, position, size)) {
            // Reserving is a favour; a file system without it stores the bytes all the same.
            Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
            Err(errno) => Err(self.failed(Operation::SetLen, errno)),
        }
    }

    fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.fd.as_fd())
    }
}

impl PosixFile {
    /// What a short write left: a signal, a full disk or a quota came between. The next write tells which.
    fn write_rest(&self, slices: &[IoSlice<'_>], position: u64, mut skip: usize) -> Result<(), StorageError> {
        let mut at = position + skip as u64;
        for slice in slices {
            if skip >= slice.len() {
                skip -= slice.len();
                continue;
            }
            let mut rest = &slice[std::mem::take(&mut skip)..];
            while !rest.is_empty() {
                let written = retry(|| rustix::io::pwrite(&self.fd, rest, at))
                    .map_err(|errno| self.failed(Operation::Write, errno))?;
                if written == 0 {
                    return Err(self.failed(Operation::Write, Errno::NOSPC));
                }
                rest = &rest[written..];
                at += written as u64;
            }
        }
        Ok(())
    }
}

fn open_dir(path: &Path) -> Result<OwnedFd, Errno> {
    retry(|| fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()))
}

fn retry<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            result => return result,
        }
    }
}

fn to_i64(value: impl TryInto<i64>) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}

/// A path below the system's directory for temporary files that no other process uses: for tests of the real file system.
/// Removed with all in it when the value is dropped.
#[derive(Debug)]
pub struct ScratchDir(PathBuf);

impl ScratchDir {
    /// A new, empty directory. `label` goes into its name.
    pub fn new(label: &str) -> Result<Self, StorageError> {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("ottla-{label}-{}-{count}", std::process::id()));
        PosixDisk.remove_dir_all(&path)?;
        PosixDisk.create_dir_all(&path)?;
        Ok(Self(path))
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for ScratchDir {
    fn drop(&mut self) {
        // A directory that cannot be removed now is in nobody's way.
        let _ = PosixDisk.remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, kind: EntryKind) -> Entry {
        Entry { name: name.into(), kind }
    }

    #[test]
    fn files_are_written_read_and_cut() {
        let scratch = ScratchDir::new("files").unwrap();
        let path = scratch.path().join("a");
        let file = PosixDisk.open(&path, OpenMode::Create).unwrap();
        file.write_at(&[IoSlice::new(b"hello "), IoSlice::new(b""), IoSlice::new(b"world")], 2).unwrap();
        file.sync_data().unwrap();
        let mut buffer = [0xff; 16];
        assert_eq!(file.read_at(&mut buffer, 0).unwrap(), 13);
        assert_eq!(&buffer[..13], b"\0\0hello world");
        assert_eq!(file.read_cached_at(&mut buffer, 8).unwrap(), Some(5));
        file.set_len(4).unwrap();
        assert_eq!((file.len().unwrap(), file.read_at(&mut buffer, 4).unwrap()), (4, 0));
        file.allocate(0, 1 << 16).unwrap();
        assert_eq!(PosixDisk.stat(&path).unwrap().map(|stat| stat.size), Some(4));
        assert!(file.as_fd().is_some());
    }

    #[test]
    fn more_slices_than_the_system_takes_are_written() {
        let scratch = ScratchDir::new("slices").unwrap();
        let file = PosixDisk.open(&scratch.path().join("a"), OpenMode::Create).unwrap();
        let slices = vec![IoSlice::new(b"ab"); 3000];
        file.write_at(&slices, 0).unwrap();
        assert_eq!(file.len().unwrap(), 6000);
    }

    #[test]
    fn names_are_listed_renamed_and_removed() {
        let scratch = ScratchDir::new("names").unwrap();
        let dir = scratch.path();
        PosixDisk.open(&dir.join("b"), OpenMode::Create).unwrap();
        PosixDisk.create_dir_all(&dir.join("d/e")).unwrap();
        PosixDisk.create_dir_all(&dir.join("d/e")).unwrap();
        PosixDisk.rename(&dir.join("b"), &dir.join("c")).unwrap();
        PosixDisk.sync_dir(dir).unwrap();
        assert_eq!(
            PosixDisk.list(dir).unwrap(),
            [entry("c", EntryKind::File), entry("d", EntryKind::Directory)]
        );
        assert!(PosixDisk.remove_file(&dir.join("c")).unwrap());
        assert!(!PosixDisk.remove_file(&dir.join("c")).unwrap());
        assert!(PosixDisk.remove_dir_all(&dir.join("d")).unwrap());
        assert!(!PosixDisk.remove_dir_all(&dir.join("d")).unwrap());
        assert_eq!(PosixDisk.stat(&dir.join("c")).unwrap(), None);
        let missing = PosixDisk.open(&dir.join("c"), OpenMode::ReadOnly).unwrap_err();
        assert!(missing.is_not_found());
        assert!(PosixDisk.space(dir).unwrap().usable > 0);
    }

    #[test]
    fn a_lock_excludes_until_it_is_dropped() {
        let scratch = ScratchDir::new("lock").unwrap();
        let path = scratch.path().join(".lock");
        let lock = PosixDisk.lock(&path).unwrap().unwrap();
        assert!(PosixDisk.lock(&path).unwrap().is_none());
        drop(lock);
        assert!(PosixDisk.lock(&path).unwrap().is_some());
    }

    #[test]
    fn replacing_a_file_leaves_no_temporary_one() {
        let scratch = ScratchDir::new("replace").unwrap();
        let path = scratch.path().join("checkpoint");
        super::super::replace_file(&PosixDisk, &path, b"old and long").unwrap();
        super::super::replace_file(&PosixDisk, &path, b"new").unwrap();
        assert_eq!(super::super::read_file(&PosixDisk, &path, 100).unwrap().as_deref(), Some(&b"new"[..]));
        assert_eq!(PosixDisk.list(scratch.path()).unwrap(), [entry("checkpoint", EntryKind::File)]);
        assert!(super::super::read_file(&PosixDisk, &path, 2).is_err());
    }
}
