//! The aborted transactions of a log, from the transaction indexes of its segments, for a walk on another thread.

use std::collections::BTreeMap;
use std::path::Path;

use ottla_protocol::types::Offset;

use super::CleanError;
use crate::index::transaction::{self, AbortedTransactionEntry};
use crate::io::{Disk, read_file};
use crate::layout::{FileKind, FileName};

/// Most that a transaction index may have: 7 million entries.
const FILE_SIZE_MAX: u64 = 256 << 20;

/// What is known of a segment's transaction index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IndexedAborts {
    /// Its entries; none if it has no index.
    Known(Vec<AbortedTransactionEntry>),
    /// It is in its file.
    InFile,
}

/// The transaction indexes of all segments of a log, by base offset.
#[derive(Debug)]
pub(crate) struct AbortedTransactions(BTreeMap<Offset, IndexedAborts>);

impl AbortedTransactions {
    pub(crate) const fn new(indexes: BTreeMap<Offset, IndexedAborts>) -> Self {
        Self(indexes)
    }

    /// Those that a walk over the offsets `from..to` must know of: they end at `from` or behind, and begin before `to`.
    ///
    /// Source: Kafka `LocalLog.collectAbortedTransactions`.
    pub(super) fn between(
        &mut self,
        disk: &dyn Disk,
        dir: &Path,
        from: Offset,
        to: Offset,
    ) -> Result<Vec<AbortedTransactionEntry>, CleanError> {
        let mut found = Vec::new();
        let first = self.0.range(..=from).next_back().map_or(from, |(base_offset, _)| *base_offset);
        for (base_offset, index) in self.0.range_mut(first..) {
            for entry in entries(disk, dir, *base_offset, index)? {
                if entry.last_offset >= from && entry.first_offset < to {
                    found.push(*entry);
                }
                // Later entries are of transactions that begin behind this one's last stable offset.
                if entry.last_stable_offset >= to {
                    return Ok(found);
                }
            }
        }
        Ok(found)
    }
}

fn entries<'a>(
    disk: &dyn Disk,
    dir: &Path,
    base_offset: Offset,
    index: &'a mut IndexedAborts,
) -> Result<&'a [AbortedTransactionEntry], CleanError> {
    if *index == IndexedAborts::InFile {
        let path = FileName::live(base_offset, FileKind::TransactionIndex).in_dir(dir);
        let bytes = read_file(disk, &path, FILE_SIZE_MAX)?.unwrap_or_default();
        let entries = transaction::entries(&bytes, base_offset);
        // There is a file only if there was an entry.
        let entries = entries.ok().filter(|entries| !entries.is_empty());
        *index = IndexedAborts::Known(entries.ok_or(CleanError::TransactionIndex { base_offset })?);
    }
    let IndexedAborts::Known(entries) = index else { unreachable!("known from here on") };
    Ok(entries)
}
