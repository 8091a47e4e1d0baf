//! What is on the simulated disk, and what is only in its page cache.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Component, Path, PathBuf};

use ottla_protocol::time::Timestamp;

use super::DiskFork;
use super::faults::Faults;
use crate::io::{DiskSpace, Entry, EntryKind, FileStat, OpenMode, Operation};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct InodeId(u64);

pub(super) const ROOT: InodeId = InodeId(0);

/// A change to a file's bytes that has not been synced.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Write { at: u64, position: usize, bytes: Vec<u8> },
    SetLen { at: u64, size: usize },
}

impl Change {
    pub(super) const fn at(&self) -> u64 {
        match self {
            Self::Write { at, .. } | Self::SetLen { at, .. } => *at,
        }
    }

    /// Applies the first `size` bytes of the change.
    pub(super) fn apply(&self, content: &mut Vec<u8>, limit: usize) {
        match self {
            Self::Write { position, bytes, .. } => put(content, *position, &bytes[..limit.min(bytes.len())]),
            Self::SetLen { size, .. } => content.resize(*size, 0),
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct File {
    pub(super) durable: Vec<u8>,
    pub(super) current: Vec<u8>,
    pub(super) changes: Vec<Change>,
    modified: Timestamp,
    pub(super) evicted: bool,
}

pub(super) type Directory = BTreeMap<String, InodeId>;
pub(super) type Tree = BTreeMap<InodeId, Directory>;

/// A change to directory entries that has not been synced. `set` takes effect after `unset`.
#[derive(Clone, Debug)]
pub(super) struct EntryChange {
    pub(super) at: u64,
    pub(super) unset: Option<(InodeId, String)>,
    pub(super) set: Option<(InodeId, String, InodeId)>,
}

impl EntryChange {
    fn touches(&self, dir: InodeId) -> bool {
        self.unset.as_ref().is_some_and(|(at, _)| *at == dir)
            || self.set.as_ref().is_some_and(|(at, ..)| *at == dir)
    }

    pub(super) fn apply(&self, tree: &mut Tree) {
        if let Some((dir, name)) = &self.unset {
            tree.entry(*dir).or_default().remove(name);
        }
        if let Some((dir, name, inode)) = &self.set {
            tree.entry(*dir).or_default().insert(name.clone(), *inode);
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) faults: Faults,
    pub(super) now: Timestamp,
    /// Counts the crashes: a handle from before one is of no use.
    pub(super) boot: u32,
    pub(super) locks: BTreeSet<PathBuf>,
    pub(super) files: BTreeMap<InodeId, File>,
    pub(super) current: Tree,
    pub(super) durable: Tree,
    pub(super) entry_changes: Vec<EntryChange>,
    next_inode: u64,
    capacity: u64,
    pub(super) random: u64,
    /// Copies from before every change, if they are kept.
    pub(super) forks: Option<Vec<DiskFork>>,
}

impl State {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            faults: Faults::default(),
            now: Timestamp(0),
            boot: 0,
            locks: BTreeSet::new(),
            files: BTreeMap::new(),
            current: Tree::from([(ROOT, Directory::new())]),
            durable: Tree::from([(ROOT, Directory::new())]),
            entry_changes: Vec::new(),
            next_inode: 1,
            capacity: u64::MAX,
            random: seed,
            forks: None,
        }
    }

    /// Keeps a copy if copies are kept and the operation, which is about to happen, changes something.
    pub(super) fn fork(&mut self, operation: Operation, write: Option<(InodeId, &[u8], u64)>) {
        let changes = !matches!(operation, Operation::Read | Operation::Stat | Operation::List);
        if !changes || (operation == Operation::Write) != write.is_some() {
            return;
        }
        let Some(mut forks) = self.forks.take() else { return };
        forks.push(DiskFork {
            operation: self.faults.operations() + 1,
            state: self.clone(),
            write: write.map(|(inode, bytes, position)| (inode, bytes.to_vec(), position)),
        });
        self.forks = Some(forks);
    }

    pub(super) const fn reseed(&mut self, seed: u64) {
        self.random = seed;
    }

    pub(super) fn open(&mut self, path: &Path, mode: OpenMode) -> io::Result<InodeId> {
        let (dir, name) = self.parent(path)?;
        if let Some(inode) = self.current[&dir].get(&name).copied() {
            if !self.files.contains_key(&inode) {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            if mode == OpenMode::Truncate {
                self.set_len(inode, 0)?;
            }
            return Ok(inode);
        }
        if matches!(mode, OpenMode::ReadOnly | OpenMode::Existing) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let inode = self.new_inode();
        self.files.insert(inode, File { modified: self.now, ..File::default() });
        self.change_entries(None, Some((dir, name, inode)));
        Ok(inode)
    }

    pub(super) fn create_dir_all(&mut self, path: &Path) -> io::Result<()> {
        let mut dir = ROOT;
        for name in names(path) {
            dir = match self.current[&dir].get(&name).copied() {
                Some(inode) if self.current.contains_key(&inode) => inode,
                Some(_) => return Err(io::ErrorKind::AlreadyExists.into()),
                None => {
                    let inode = self.new_inode();
                    self.current.insert(inode, Directory::new());
                    self.durable.insert(inode, Directory::new());
                    self.change_entries(None, Some((dir, name, inode)));
                    inode
                }
            };
        }
        Ok(())
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let (from_dir, from_name) = self.parent(from)?;
        let (to_dir, to_name) = self.parent(to)?;
        let inode = *self.current[&from_dir].get(&from_name).ok_or(io::ErrorKind::NotFound)?;
        if self.current[&to_dir]
            .get(&to_name)
            .and_then(|there| self.current.get(there))
            .is_some_and(|dir| !dir.is_empty())
        {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        self.change_entries(Some((from_dir, from_name)), Some((to_dir, to_name, inode)));
        Ok(())
    }

    pub(super) fn remove(&mut self, path: &Path, is_dir: bool) -> io::Result<bool> {
        let Ok((dir, name)) = self.parent(path) else { return Ok(false) };
        let Some(inode) = self.current[&dir].get(&name).copied() else { return Ok(false) };
        if self.current.contains_key(&inode) != is_dir {
            return Err(
                if is_dir { io::ErrorKind::NotADirectory } else { io::ErrorKind::IsADirectory }.into()
            );
        }
        self.change_entries(Some((dir, name)), None);
        Ok(true)
    }

    pub(super) fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        let inode = self.find(dir).ok_or(io::ErrorKind::NotFound)?;
        let entries = self.current.get(&inode).ok_or(io::ErrorKind::NotADirectory)?;
        let kind =
            |inode| if self.current.contains_key(inode) { EntryKind::Directory } else { EntryKind::File };
        Ok(entries.iter().map(|(name, inode)| Entry { name: name.clone(), kind: kind(inode) }).collect())
    }

    pub(super) fn stat(&self, path: &Path) -> Option<FileStat> {
        let inode = self.find(path)?;
        let file = self.files.get(&inode);
        Some(FileStat {
            size: file.map_or(0, |file| file.current.len() as u64),
            modified: file.map_or(Timestamp::NONE, |file| file.modified),
        })
    }

    pub(super) fn set_modified(&mut self, path: &Path, modified: Timestamp) -> io::Result<()> {
        let inode = self.find(path).ok_or(io::ErrorKind::NotFound)?;
        self.file(inode).modified = modified;
        Ok(())
    }

    pub(super) fn read(&mut self, inode: InodeId, buffer: &mut [u8], position: u64) -> usize {
        let file = self.file(inode);
        file.evicted = false;
        let from = usize::try_from(position).unwrap_or(usize::MAX).min(file.current.len());
        let size = buffer.len().min(file.current.len() - from);
        buffer[..size].copy_from_slice(&file.current[from..from + size]);
        size
    }

    pub(super) fn is_cached(&mut self, inode: InodeId) -> bool {
        !self.file(inode).evicted
    }

    pub(super) fn write(&mut self, inode: InodeId, bytes: &[u8], position: u64) -> io::Result<()> {
        let position = usize::try_from(position).map_err(|_| io::ErrorKind::InvalidInput)?;
        let end = position.checked_add(bytes.len()).ok_or(io::ErrorKind::InvalidInput)?;
        let grows = end.saturating_sub(self.file(inode).current.len());
        let room = self.capacity.saturating_sub(self.used());
        if grows as u64 > room {
            let fits = bytes.len() - (grows - usize::try_from(room).unwrap_or(0));
            self.write_torn(inode, &bytes[..fits], position as u64);
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.write_torn(inode, bytes, position as u64);
        Ok(())
    }

    /// Writes without asking for room.
    pub(super) fn write_torn(&mut self, inode: InodeId, bytes: &[u8], position: u64) {
        if bytes.is_empty() {
            return;
        }
        let (at, now) = (self.faults.operations(), self.now);
        let position = usize::try_from(position).expect("a position in memory");
        let file = self.file(inode);
        put(&mut file.current, position, bytes);
        file.changes.push(Change::Write { at, position, bytes: bytes.to_vec() });
        file.modified = now;
        file.evicted = false;
    }

    pub(super) fn set_len(&mut self, inode: InodeId, size: u64) -> io::Result<()> {
        let (at, now) = (self.faults.operations(), self.now);
        let size = usize::try_from(size).map_err(|_| io::ErrorKind::InvalidInput)?;
        let file = self.file(inode);
        if file.current.len() != size {
            file.current.resize(size, 0);
            file.changes.push(Change::SetLen { at, size });
            file.modified = now;
        }
        Ok(())
    }

    pub(super) fn len(&mut self, inode: InodeId) -> u64 {
        self.file(inode).current.len() as u64
    }

    pub(super) fn sync_file(&mut self, inode: InodeId) {
        let file = self.file(inode);
        // Changes that a failed sync has dropped are not among these: they stay lost.
        for change in std::mem::take(&mut file.changes) {
            change.apply(&mut file.durable, usize::MAX);
        }
    }

    /// A sync failed: what had not been synced will never be.
    pub(super) fn forget_file(&mut self, inode: InodeId) {
        if !self.faults.power_is_cut() {
            self.file(inode).changes.clear();
        }
    }

    pub(super) fn sync_dir(&mut self, dir: &Path) -> io::Result<()> {
        let inode = self.find(dir).ok_or(io::ErrorKind::NotFound)?;
        let (synced, rest): (Vec<_>, _) =
            std::mem::take(&mut self.entry_changes).into_iter().partition(|change| change.touches(inode));
        self.entry_changes = rest;
        synced.iter().for_each(|change| change.apply(&mut self.durable));
        Ok(())
    }

    /// A sync of a directory failed: what had not been synced will never be.
    pub(super) fn forget_dir(&mut self, dir: &Path) {
        if !self.faults.power_is_cut()
            && let Some(inode) = self.find(dir)
        {
            self.entry_changes.retain(|change| !change.touches(inode));
        }
    }

    pub(super) fn sync_all(&mut self) {
        let inodes: Vec<_> = self.files.keys().copied().collect();
        inodes.into_iter().for_each(|inode| self.sync_file(inode));
        std::mem::take(&mut self.entry_changes).iter().for_each(|change| change.apply(&mut self.durable));
    }

    pub(super) fn set_capacity(&mut self, bytes: u64) {
        self.capacity = bytes;
    }

    pub(super) fn space(&self) -> DiskSpace {
        DiskSpace { total: self.capacity, usable: self.capacity.saturating_sub(self.used()) }
    }

    pub(super) fn evict(&mut self) {
        self.files.values_mut().for_each(|file| file.evicted = true);
    }

    pub(super) fn corrupt(&mut self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        let inode = self.find(path).expect("the file to corrupt exists");
        let file = self.file(inode);
        change(&mut file.current);
        file.durable.clone_from(&file.current);
        file.changes.clear();
    }

    pub(super) fn contents(&self, path: &Path) -> Option<Vec<u8>> {
        Some(self.files.get(&self.find(path)?)?.current.clone())
    }

    pub(super) fn used(&self) -> u64 {
        self.files.values().map(|file| file.current.len() as u64).sum()
    }

    fn new_inode(&mut self) -> InodeId {
        self.next_inode += 1;
        InodeId(self.next_inode)
    }

    fn change_entries(&mut self, unset: Option<(InodeId, String)>, set: Option<(InodeId, String, InodeId)>) {
        let change = EntryChange { at: self.faults.operations(), unset, set };
        change.apply(&mut self.current);
        self.entry_changes.push(change);
    }

    pub(super) fn file(&mut self, inode: InodeId) -> &mut File {
        self.files.entry(inode).or_default()
    }

    fn find(&self, path: &Path) -> Option<InodeId> {
        names(path).try_fold(ROOT, |dir, name| self.current.get(&dir)?.get(&name).copied())
    }

    fn parent(&self, path: &Path) -> io::Result<(InodeId, String)> {
        let name = names(path).last().ok_or(io::ErrorKind::InvalidInput)?;
        let parent = self.find(path.parent().unwrap_or(Path::new("/"))).ok_or(io::ErrorKind::NotFound)?;
        if !self.current.contains_key(&parent) {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok((parent, name))
    }
}

pub(super) fn put(content: &mut Vec<u8>, position: usize, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    let end = position + bytes.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    content[position..end].copy_from_slice(bytes);
}

fn names(path: &Path) -> impl Iterator<Item = String> {
    path.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    })
}
