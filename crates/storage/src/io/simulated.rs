//! A file system in memory that knows what has been synced, and can be crashed.
//!
//! Every operation has a number, from 1 on. A test runs a workload once to learn how many there are, and then again with the
//! power cut at each of them: [`SimulatedDisk::cut_power_at`], then [`SimulatedDisk::crash`]. What had been synced is there
//! afterwards; of what had not been, a [`Survival`] says how much is.
//!
//! Directory entries are synced by the directory's sync, bytes and length by the file's, as POSIX has it: a synced file in a
//! directory that was not synced is gone.

mod crash;
mod faults;
mod state;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io::{self, IoSlice};
use std::os::fd::BorrowedFd;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ottla_protocol::time::Timestamp;

use super::{Disk, DiskFile, DiskLock, DiskSpace, Entry, FileStat, OpenMode, Operation, StorageError};
pub use faults::{Fault, FaultKind, Survival};
use state::{InodeId, State};

/// A file system in memory. Clones are the same disk.
#[derive(Clone)]
pub struct SimulatedDisk {
    state: Arc<Mutex<State>>,
    files: Arc<OpenFiles>,
}

/// What is shared by all open files.
#[derive(Debug, Default)]
struct OpenFiles {
    token: Arc<()>,
}

impl fmt::Debug for SimulatedDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedDisk").finish_non_exhaustive()
    }
}

impl SimulatedDisk {
    /// An empty disk. The same seed and the same operations give the same crashes.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: Arc::new(Mutex::new(State::new(seed))), files: Arc::default() }
    }

    /// This disk, as the trait.
    #[must_use]
    pub fn shared(&self) -> Arc<dyn Disk> {
        Arc::new(self.clone())
    }

    /// How many files are open.
    #[must_use]
    pub fn open_files(&self) -> usize {
        Arc::strong_count(&self.files.token) - 1
    }

    /// Count of operations so far. Reads and lookups count like writes and syncs.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.state().faults.operations()
    }

    /// Lets the operation with this number, and all after it, fail. If it is a write, `torn` says how many of its bytes reach
    /// the page cache.
    pub fn cut_power_at(&self, operation: u64, torn: usize) {
        self.state().faults.cut_power_at(operation, torn);
    }

    /// Crashes and starts the machine: open files are gone, injected faults are lifted, what was synced is there, and so much
    /// of the rest as `survival` says.
    pub fn crash(&self, survival: Survival) {
        self.state().crash(survival);
    }

    /// Keeps a copy of the disk from before every operation that changes something, for [`Self::take_forks`].
    pub fn record_forks(&self) {
        self.state().forks = Some(Vec::new());
    }

    /// The copies since [`Self::record_forks`], each a disk whose power was cut at an operation: a test runs its workload once
    /// and then looks at every crash.
    #[must_use]
    pub fn take_forks(&self) -> Vec<DiskFork> {
        self.state().forks.take().unwrap_or_default()
    }

    /// Lets operations fail, in the order that [`Fault`] says.
    pub fn inject(&self, fault: Fault) {
        self.state().faults.inject(fault);
    }

    /// Lifts all injected faults that have not happened, and tells how many they were.
    pub fn lift_faults(&self) -> usize {
        self.state().faults.lift()
    }

    /// Bounds the bytes that all files together may have; writes beyond it fail with `StorageFull` after what fits.
    pub fn set_capacity(&self, bytes: u64) {
        self.state().set_capacity(bytes);
    }

    /// Bytes that all files together have.
    #[must_use]
    pub fn space_used(&self) -> u64 {
        self.state().used()
    }

    /// The time that written files get.
    pub fn set_time(&self, now: Timestamp) {
        self.state().now = now;
    }

    /// Drops the page cache: [`DiskFile::read_cached_at`] finds nothing of a file until it was read.
    pub fn evict(&self) {
        self.state().evict();
    }

    /// Changes the bytes of a file behind everybody's back, on the disk and in the page cache: bit rot, a misdirected write,
    /// a lost tail. Panics if there is no such file.
    pub fn corrupt(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        self.state().corrupt(path, change);
    }

    /// Flips one bit of a file, counted from 0, as [`Self::corrupt`] does.
    pub fn flip_bit(&self, path: &Path, bit: u64) {
        self.corrupt(path, |bytes| {
            let index = usize::try_from(bit / 8).expect("a position in memory");
            bytes[index] ^= 1 << (bit % 8);
        });
    }

    /// The bytes of a file as a reader sees them, without counting as an operation; `None` if there is none.
    #[must_use]
    pub fn contents(&self, path: &Path) -> Option<Vec<u8>> {
        self.state().contents(path)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere in a test must not hide behind a second one here.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run<T>(
        &self,
        operation: Operation,
        path: &Path,
        call: impl FnOnce(&mut State) -> io::Result<T>,
    ) -> Result<T, StorageError> {
        let mut state = self.state();
        state.fork(operation, None);
        state
            .faults
            .begin(operation)
            .and_then(|()| call(&mut state))
            .map_err(|error| StorageError::new(operation, path, error))
    }
}

impl Disk for SimulatedDisk {
    fn open(&self, path: &Path, mode: OpenMode) -> Result<Arc<dyn DiskFile>, StorageError> {
        let (inode, boot) =
            self.run(Operation::Open, path, |state| Ok((state.open(path, mode)?, state.boot)))?;
        let writable = mode != OpenMode::ReadOnly;
        let open = Arc::clone(&self.files.token);
        Ok(Arc::new(SimulatedFile {
            disk: self.clone(),
            _open: open,
            inode,
            boot,
            writable,
            path: path.into(),
        }))
    }

    fn create_dir_all(&self, path: &Path) -> Result<(), StorageError> {
        self.run(Operation::CreateDir, path, |state| state.create_dir_all(path))
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), StorageError> {
        self.run(Operation::Rename, from, |state| state.rename(from, to))
    }

    fn remove_file(&self, path: &Path) -> Result<bool, StorageError> {
        self.run(Operation::Remove, path, |state| state.remove(path, false))
    }

    fn remove_dir_all(&self, path: &Path) -> Result<bool, StorageError> {
        self.run(Operation::Remove, path, |state| state.remove(path, true))
    }

    fn list(&self, dir: &Path) -> Result<Vec<Entry>, StorageError> {
        self.run(Operation::List, dir, |state| state.list(dir))
    }

    fn stat(&self, path: &Path) -> Result<Option<FileStat>, StorageError> {
        self.run(Operation::Stat, path, |state| Ok(state.stat(path)))
    }

    fn set_modified(&self, path: &Path, modified: Timestamp) -> Result<(), StorageError> {
        self.run(Operation::SetTime, path, |state| state.set_modified(path, modified))
    }

    fn sync_dir(&self, dir: &Path) -> Result<(), StorageError> {
        let result = self.run(Operation::SyncDir, dir, |state| state.sync_dir(dir));
        if result.is_err() {
            self.state().forget_dir(dir);
        }
        result
    }

    fn sync_all(&self, dir: &Path) -> Result<(), StorageError> {
        self.run(Operation::Sync, dir, |state| {
            state.sync_all();
            Ok(())
        })
    }

    fn lock(&self, path: &Path) -> Result<Option<Box<dyn DiskLock>>, StorageError> {
        let boot = self.run(Operation::Lock, path, |state| {
            state.open(path, OpenMode::Create)?;
            Ok(state.locks.insert(path.to_path_buf()).then_some(state.boot))
        })?;
        Ok(boot.map(|boot| {
            let lock: Box<dyn DiskLock> =
                Box::new(SimulatedLock { disk: self.clone(), boot, path: path.into() });
            lock
        }))
    }

    fn space(&self, dir: &Path) -> Result<DiskSpace, StorageError> {
        self.run(Operation::Stat, dir, |state| Ok(state.space()))
    }
}

/// A copy of a disk from before an operation.
#[derive(Clone, Debug)]
pub struct DiskFork {
    /// Number of the operation.
    pub operation: u64,
    state: State,
    write: Option<(InodeId, Vec<u8>, u64)>,
}

impl DiskFork {
    /// Size of the write that the power cut, in bytes; `None` if the operation is no write.
    #[must_use]
    pub fn write_size(&self) -> Option<usize> {
        self.write.as_ref().map(|(_, bytes, _)| bytes.len())
    }

    /// The disk after the crash. Of the write that the power cut, so many bytes reached the page cache.
    #[must_use]
    pub fn crash(&self, torn: usize, survival: Survival, seed: u64) -> SimulatedDisk {
        let mut state = self.state.clone();
        if let Some((inode, bytes, position)) = &self.write {
            state.write_torn(*inode, &bytes[..torn.min(bytes.len())], *position);
        }
        state.reseed(seed);
        state.crash(survival);
        SimulatedDisk { state: Arc::new(Mutex::new(state)), files: Arc::default() }
    }
}

#[derive(Debug)]
struct SimulatedLock {
    disk: SimulatedDisk,
    boot: u32,
    path: Box<Path>,
}

impl DiskLock for SimulatedLock {}

impl Drop for SimulatedLock {
    fn drop(&mut self) {
        let mut state = self.disk.state();
        if state.boot == self.boot {
            state.locks.remove(&*self.path);
        }
    }
}

#[derive(Debug)]
struct SimulatedFile {
    disk: SimulatedDisk,
    _open: Arc<()>,
    inode: InodeId,
    boot: u32,
    writable: bool,
    path: Box<Path>,
}

impl SimulatedFile {
    fn run<T>(
        &self,
        operation: Operation,
        call: impl FnOnce(&mut State) -> io::Result<T>,
    ) -> Result<T, StorageError> {
        self.disk.run(operation, &self.path, |state| {
            if state.boot != self.boot {
                return Err(io::Error::other("the file was open when the machine crashed"));
            }
            if !self.writable && matches!(operation, Operation::Write | Operation::SetLen) {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            call(state)
        })
    }
}

impl DiskFile for SimulatedFile {
    fn path(&self) -> &Path {
        &self.path
    }

    fn read_at(&self, buffer: &mut [u8], position: u64) -> Result<usize, StorageError> {
        self.run(Operation::Read, |state| Ok(state.read(self.inode, buffer, position)))
    }

    fn read_cached_at(&self, buffer: &mut [u8], position: u64) -> Result<Option<usize>, StorageError> {
        self.run(Operation::Read, |state| {
            Ok(state.is_cached(self.inode).then(|| state.read(self.inode, buffer, position)))
        })
    }

    fn write_at(&self, slices: &[IoSlice<'_>], position: u64) -> Result<(), StorageError> {
        let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
        self.disk.state().fork(Operation::Write, Some((self.inode, &bytes, position)));
        let result = self.run(Operation::Write, |state| state.write(self.inode, &bytes, position));
        if result.is_err() {
            let mut state = self.disk.state();
            let torn = state.faults.take_torn();
            if state.boot == self.boot {
                state.write_torn(self.inode, &bytes[..torn.min(bytes.len())], position);
            }
        }
        result
    }

    fn sync_data(&self) -> Result<(), StorageError> {
        let result = self.run(Operation::Sync, |state| {
            state.sync_file(self.inode);
            Ok(())
        });
        if result.is_err() {
            self.disk.state().forget_file(self.inode);
        }
        result
    }

    fn set_len(&self, size: u64) -> Result<(), StorageError> {
        self.run(Operation::SetLen, |state| state.set_len(self.inode, size))
    }

    fn len(&self) -> Result<u64, StorageError> {
        self.run(Operation::Stat, |state| Ok(state.len(self.inode)))
    }

    fn allocate(&self, _position: u64, _size: u64) -> Result<(), StorageError> {
        self.run(Operation::SetLen, |_| Ok(()))
    }

    fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        None
    }
}
