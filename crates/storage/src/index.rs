//! The indexes of a segment: sorted arrays of fixed-size entries, most of them on the disk.
//!
//! An index gets its entries one by one while the segment grows. The last ones stay in memory and go to the file in one write
//! when there are many, when the segment is rolled, and when the log is closed; a crash may lose them, for recovery makes the
//! indexes of every segment anew that may have grown since the last sync. The file is read in blocks, never mapped: a page
//! fault would stop a thread that others wait for.

pub(crate) mod lookup;
pub mod offset;
pub mod time;
pub mod transaction;

use std::io::IoSlice;
use std::path::Path;

use crate::error::StorageError;
use crate::io::{Disk, OpenMode};

/// So many entries wait in memory before they are written.
const TAIL_MAX: usize = 256;

/// One entry of a sparse index.
pub(crate) trait IndexEntry: Copy + std::fmt::Debug + PartialEq {
    /// Bytes of an entry in the file.
    const SIZE: usize;

    /// Appends the entry's bytes.
    fn encode(self, bytes: &mut Vec<u8>);

    /// The entry in the first [`Self::SIZE`] bytes.
    fn decode(bytes: &[u8]) -> Self;
}

/// A sparse index: entries in a file, and behind them entries in memory.
#[derive(Debug)]
pub(crate) struct SparseIndex<E> {
    /// Entries in the file.
    written: u32,
    /// The last entry in the file.
    last_written: Option<E>,
    /// Entries behind those in the file.
    tail: Vec<E>,
}

impl<E> Default for SparseIndex<E> {
    fn default() -> Self {
        Self { written: 0, last_written: None, tail: Vec::new() }
    }
}

impl<E: IndexEntry> SparseIndex<E> {
    /// An index whose file holds `written` entries, the last of which is `last`.
    pub(crate) const fn with_file(written: u32, last: Option<E>) -> Self {
        Self { written, last_written: last, tail: Vec::new() }
    }

    /// Count of entries.
    pub(crate) fn len(&self) -> u32 {
        self.written + self.tail.len() as u32
    }

    /// Count of entries in the file.
    pub(crate) const fn written(&self) -> u32 {
        self.written
    }

    /// The entries in memory.
    pub(crate) fn tail(&self) -> &[E] {
        &self.tail
    }

    pub(crate) fn last(&self) -> Option<E> {
        self.tail.last().copied().or(self.last_written)
    }

    pub(crate) fn push(&mut self, entry: E) {
        self.tail.push(entry);
    }

    /// Whether so many entries wait that they should be written.
    pub(crate) fn is_spill_due(&self) -> bool {
        self.tail.len() >= TAIL_MAX
    }

    /// Writes the entries in memory to the file, which is created if it is missing and cut to what it must hold. Not synced.
    pub(crate) fn spill(&mut self, disk: &dyn Disk, path: &Path) -> Result<(), StorageError> {
        let file =
            disk.open(path, if self.written == 0 { OpenMode::Truncate } else { OpenMode::Existing })?;
        let mut bytes = Vec::with_capacity(self.tail.len() * E::SIZE);
        self.tail.iter().for_each(|entry| entry.encode(&mut bytes));
        let position = u64::from(self.written) * E::SIZE as u64;
        if !bytes.is_empty() {
            file.write_at(&[IoSlice::new(&bytes)], position)?;
        }
        self.last_written = self.last();
        self.written += self.tail.len() as u32;
        self.tail.clear();
        Ok(())
    }
}
