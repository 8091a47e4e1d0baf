//! The transaction index: the aborted transactions whose markers are in the segment, so that readers of committed records can
//! skip what they wrote. There is no file if there are none.
//!
//! ```text
//! i16 version (0) | i64 producer id | i64 first offset | i64 last offset (the marker's) | i64 last stable offset after it
//! ```
//!
//! Source: KIP-98; Kafka `TransactionIndex`, `AbortedTxn`.

use std::io::IoSlice;
use std::path::Path;

use ottla_protocol::types::{Offset, ProducerId};

use crate::error::StorageError;
use crate::io::{Disk, OpenMode, read_file};

const VERSION: i16 = 0;
const ENTRY_SIZE: usize = 2 + 4 * 8;
/// Aborted transactions of one segment: 7 million are 256 MB.
const FILE_SIZE_MAX: u64 = 256 << 20;

/// An aborted transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbortedTransactionEntry {
    /// The producer.
    pub producer_id: ProducerId,
    /// First offset of the transaction in this partition.
    pub first_offset: Offset,
    /// Offset of its marker.
    pub last_offset: Offset,
    /// Last stable offset once the marker was written: no later entry concerns offsets below it.
    pub last_stable_offset: Offset,
}

impl AbortedTransactionEntry {
    fn encode(self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&VERSION.to_be_bytes());
        for field in [self.producer_id.0, self.first_offset.0, self.last_offset.0, self.last_stable_offset.0]
        {
            bytes.extend_from_slice(&field.to_be_bytes());
        }
    }
}

/// An index file that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransactionIndexError {
    /// A version from the future.
    #[error("unknown version {version} of entry {index} of the transaction index")]
    Version {
        /// Index of the entry.
        index: usize,
        /// Its version.
        version: i16,
    },
    /// Offsets that contradict each other, the entry before, or the segment.
    #[error("entry {index} of the transaction index is out of order")]
    Order {
        /// Index of the entry.
        index: usize,
    },
}

/// All entries in the bytes of the index of the segment at `base_offset`. Bytes that do not make a whole entry at the end are
/// left out, as Kafka does.
pub fn entries(
    bytes: &[u8],
    base_offset: Offset,
) -> Result<Vec<AbortedTransactionEntry>, TransactionIndexError> {
    let mut entries: Vec<AbortedTransactionEntry> = Vec::new();
    for (index, bytes) in bytes.as_chunks::<ENTRY_SIZE>().0.iter().enumerate() {
        let version = i16::from_be_bytes([bytes[0], bytes[1]]);
        if version != VERSION {
            return Err(TransactionIndexError::Version { index, version });
        }
        let field = |at: usize| i64::from_be_bytes(bytes[at..at + 8].try_into().expect("8 bytes"));
        let entry = AbortedTransactionEntry {
            producer_id: ProducerId(field(2)),
            first_offset: Offset(field(10)),
            last_offset: Offset(field(18)),
            last_stable_offset: Offset(field(26)),
        };
        let ascends = entries.last().is_none_or(|last| entry.last_offset > last.last_offset);
        if !ascends || entry.last_offset < base_offset || entry.first_offset > entry.last_offset {
            return Err(TransactionIndexError::Order { index });
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// The transaction index of one segment.
#[derive(Debug, Default)]
pub(crate) struct TransactionIndex {
    /// All entries, once they were needed or the segment is being written.
    entries: Option<Vec<AbortedTransactionEntry>>,
    /// Entries in the file.
    written: usize,
    /// There is a file.
    has_file: bool,
}

impl TransactionIndex {
    /// The index of a segment that has a file or not; it is read when it is needed.
    pub(crate) const fn on_disk(has_file: bool) -> Self {
        Self { entries: None, written: 0, has_file }
    }

    pub(crate) const fn has_file(&self) -> bool {
        self.has_file
    }

    /// Whether there is certainly no entry.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.as_ref().map_or(!self.has_file, Vec::is_empty)
    }

    /// The entries. `Ok(Err)` if the file cannot be understood.
    pub(crate) fn load(
        &mut self,
        disk: &dyn Disk,
        path: &Path,
        base_offset: Offset,
    ) -> Result<Result<&[AbortedTransactionEntry], TransactionIndexError>, StorageError> {
        if self.entries.is_none() {
            let bytes = if self.has_file { read_file(disk, path, FILE_SIZE_MAX)? } else { None };
            match entries(&bytes.unwrap_or_default(), base_offset) {
                Ok(entries) => {
                    self.written = entries.len();
                    self.entries = Some(entries);
                }
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(self.loaded()))
    }

    /// The entries, as far as they are known without reading the file.
    pub(crate) fn known(&self) -> Option<&[AbortedTransactionEntry]> {
        match &self.entries {
            Some(entries) => Some(entries),
            None if self.has_file => None,
            None => Some(&[]),
        }
    }

    /// The entries that were loaded or replaced.
    pub(crate) fn loaded(&self) -> &[AbortedTransactionEntry] {
        self.entries.as_deref().unwrap_or_default()
    }

    /// Takes the place of what the file holds, which is written anew with the next spill.
    pub(crate) fn replace(&mut self, entries: Vec<AbortedTransactionEntry>) {
        self.entries = Some(entries);
        self.written = 0;
    }

    /// Forgets what was read of a file that has everything.
    pub(crate) fn release(&mut self) {
        if self.entries.as_ref().is_some_and(|entries| self.written == entries.len()) {
            self.entries = None;
        }
    }

    /// Adds an entry behind those that there are, which must be known.
    pub(crate) fn push(&mut self, entry: AbortedTransactionEntry) {
        assert!(self.known().is_some(), "an entry behind entries that are not known");
        self.entries.get_or_insert_default().push(entry);
    }

    /// Writes what the file lacks. Not synced. Does nothing if it lacks nothing.
    pub(crate) fn spill(&mut self, disk: &dyn Disk, path: &Path) -> Result<(), StorageError> {
        let Some(entries) = &self.entries else { return Ok(()) };
        if self.written == entries.len() {
            return Ok(());
        }
        let mode = if self.written == 0 { OpenMode::Truncate } else { OpenMode::Existing };
        let file = disk.open(path, mode)?;
        let mut bytes = Vec::with_capacity((entries.len() - self.written) * ENTRY_SIZE);
        entries[self.written..].iter().for_each(|entry| entry.encode(&mut bytes));
        file.write_at(&[IoSlice::new(&bytes)], (self.written * ENTRY_SIZE) as u64)?;
        self.written = entries.len();
        self.has_file = true;
        Ok(())
    }

    /// Drops the entries, which must be loaded, whose markers are at `offset` or behind.
    pub(crate) fn truncate(
        &mut self,
        disk: &dyn Disk,
        path: &Path,
        offset: Offset,
    ) -> Result<(), StorageError> {
        let Some(entries) = &mut self.entries else { return Ok(()) };
        let count = entries.partition_point(|entry| entry.last_offset < offset);
        entries.truncate(count);
        if count < self.written {
            self.written = count;
            disk.open(path, OpenMode::Existing)?.set_len((count * ENTRY_SIZE) as u64)?;
        }
        Ok(())
    }

    /// Begins anew, for a segment that is scanned from its beginning.
    pub(crate) fn reset(&mut self, disk: &dyn Disk, path: &Path) -> Result<(), StorageError> {
        if self.has_file {
            disk.remove_file(path)?;
        }
        *self = Self { entries: Some(Vec::new()), written: 0, has_file: false };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::simulated::SimulatedDisk;

    fn entry(producer_id: i64, first_offset: i64, last_offset: i64) -> AbortedTransactionEntry {
        AbortedTransactionEntry {
            producer_id: ProducerId(producer_id),
            first_offset: Offset(first_offset),
            last_offset: Offset(last_offset),
            last_stable_offset: Offset(last_offset + 1),
        }
    }

    fn load(index: &mut TransactionIndex, disk: &SimulatedDisk, path: &Path) -> Vec<AbortedTransactionEntry> {
        index.load(disk, path, Offset(10)).unwrap().unwrap().to_vec()
    }

    #[test]
    fn entries_are_appended_read_and_cut() {
        let (disk, path) = (SimulatedDisk::new(0), Path::new("/a.txnindex"));
        let mut index = TransactionIndex::default();
        index.spill(&disk, path).unwrap();
        assert_eq!(disk.contents(path), None, "no entry, no file");
        index.push(entry(1, 10, 12));
        index.spill(&disk, path).unwrap();
        index.push(entry(2, 11, 15));
        index.push(entry(3, 16, 19));
        index.spill(&disk, path).unwrap();
        assert_eq!(disk.contents(path).unwrap().len(), 3 * 34);
        index.release();
        assert_eq!(load(&mut index, &disk, path), [entry(1, 10, 12), entry(2, 11, 15), entry(3, 16, 19)]);
        index.truncate(&disk, path, Offset(15)).unwrap();
        let mut again = TransactionIndex::on_disk(true);
        assert_eq!(load(&mut again, &disk, path), [entry(1, 10, 12)]);
        again.reset(&disk, path).unwrap();
        assert!(again.is_empty() && disk.contents(path).is_none());
    }

    #[test]
    fn a_damaged_file_is_refused() {
        let mut bytes = Vec::new();
        entry(1, 10, 12).encode(&mut bytes);
        entry(2, 11, 15).encode(&mut bytes);
        assert_eq!(entries(&bytes, Offset(10)).map(|entries| entries.len()), Ok(2));
        assert_eq!(entries(&bytes[..60], Offset(10)).map(|entries| entries.len()), Ok(1), "a torn entry");
        assert_eq!(entries(&bytes, Offset(13)), Err(TransactionIndexError::Order { index: 0 }));
        let mut wrong = bytes.clone();
        wrong[34 + 25] = 1;
        assert_eq!(entries(&wrong, Offset(10)), Err(TransactionIndexError::Order { index: 1 }));
        bytes[1] = 7;
        assert_eq!(entries(&bytes, Offset(10)), Err(TransactionIndexError::Version { index: 0, version: 7 }));
    }
}
