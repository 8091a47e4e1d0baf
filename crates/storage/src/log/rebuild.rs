//! What is derived from the batches, made anew: producer state, leader epochs, transaction indexes.

use std::sync::Arc;

use ottla_protocol::record::legacy::AnyHeader;
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{LeaderEpoch, Offset};

use super::Log;
use crate::error::StorageError;
use crate::index::transaction::AbortedTransactionEntry;
use crate::io::{DiskFile, read_file};
use crate::layout::{FileKind, FileName};
use crate::producer_state::{Trust, snapshot};
use crate::walk::{Access, CHUNK_SIZE, HeaderReader, ReadFault, read_marker};

impl Log {
    /// Makes the transaction index of a segment anew from its batches, and writes it. Waits for the disk.
    pub(super) fn rebuild_transactions(&mut self, index: usize) -> Result<(), StorageError> {
        let (disk, dir) = (Arc::clone(&self.disk), Arc::clone(&self.dir));
        let (base_offset, end) = (self.segments[index].base_offset, self.segment_end(index));
        tracing::info!(dir = %dir.display(), %base_offset, "making a transaction index anew");
        // The producers as they were when the segment began, out of the way of those of today.
        let today = std::mem::take(&mut self.producers);
        let mut entries = Vec::new();
        let walked = self.load_producers(base_offset, Timestamp(i64::MIN)).and_then(|()| {
            self.walk_headers(base_offset, end, |log, position, header, file| {
                entries.extend(log.follow_header(position, header, file)?);
                Ok(())
            })
        });
        self.producers = today;
        walked?;
        self.sync.note_dir_change();
        let segment = &mut self.segments[index];
        let path = segment.path(&dir, FileKind::TransactionIndex);
        segment.transactions.reset(&*disk, &path)?;
        segment.transactions.replace(entries);
        segment.transactions.spill(&*disk, &path)
    }

    /// Makes the producer state anew as of the log's end: from the newest snapshot that can be read, and the batches behind it.
    /// Waits for the disk.
    pub(super) fn rebuild_producers(&mut self, now: Timestamp) -> Result<(), StorageError> {
        self.load_producers(self.log_end_offset, now)
    }

    /// The producer state as of `end`.
    pub(super) fn load_producers(&mut self, end: Offset, now: Timestamp) -> Result<(), StorageError> {
        self.producers.clear();
        let mut from = self.segments[0].base_offset;
        while let Some(offset) = self.snapshots.range(..=end).next_back().copied() {
            let path = FileName::live(offset, FileKind::ProducerSnapshot).in_dir(&self.dir);
            let bytes = read_file(&*self.disk, &path, snapshot::SNAPSHOT_SIZE_MAX)?.unwrap_or_default();
            match snapshot::decode(&bytes) {
                Ok(entries) => {
                    let entries = entries.into_iter().map(snapshot::SnapshotEntry::into_entry).collect();
                    self.producers.load(entries, now, self.config.producer_id_expiration_ms);
                    from = from.max(offset);
                    break;
                }
                Err(error) => {
                    tracing::warn!(path = %path.display(), %error, "producer state is read from an older snapshot");
                    self.disk.remove_file(&path)?;
                    self.snapshots.remove(&offset);
                }
            }
        }
        self.walk_headers(from, end, |log, position, header, file| {
            log.follow_header(position, header, file).map(|_| ())
        })
    }

    /// Makes the leader epochs anew from all batches.
    pub(super) fn rebuild_epochs(&mut self) -> Result<(), StorageError> {
        self.epochs.clear();
        self.sync.forget_epochs();
        let (from, end) = (self.segments[0].base_offset, self.log_end_offset);
        self.walk_headers(from, end, |log, _, header, _| {
            log.note_epoch(header);
            Ok(())
        })
    }

    /// Visits the headers of the batches that hold offsets `from..end`, as far as they can be read.
    fn walk_headers(
        &mut self,
        from: Offset,
        end: Offset,
        mut visit: impl FnMut(&mut Self, u32, &AnyHeader, &Arc<dyn DiskFile>) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        if from >= end {
            return Ok(());
        }
        let (disk, dir) = (Arc::clone(&self.disk), Arc::clone(&self.dir));
        let mut buffer = vec![0; CHUNK_SIZE];
        for index in self.segment_of(from)..self.segments.len() {
            let segment = &mut self.segments[index];
            let (base_offset, size) = (segment.base_offset, segment.size);
            if base_offset >= end {
                break;
            }
            if size == 0 {
                continue;
            }
            let file = Arc::clone(segment.file(&*disk, &dir)?);
            let mut reader = HeaderReader::new(&file, size, Access::Wait, &mut buffer);
            let mut position = 0;
            while position < size {
                let Ok(header) = reader.at(position).map_err(ReadFault::into_storage)? else { break };
                if header.last_offset() >= end {
                    break;
                }
                if header.last_offset() >= from {
                    visit(self, position, &header, &file)?;
                }
                position += header.size_bytes() as u32;
            }
        }
        Ok(())
    }

    /// Follows the producer of a batch that is in the log; answers the entry of the transaction index that it makes.
    pub(super) fn follow_header(
        &mut self,
        position: u32,
        header: &AnyHeader,
        file: &Arc<dyn DiskFile>,
    ) -> Result<Option<AbortedTransactionEntry>, StorageError> {
        let AnyHeader::Current(header) = header else { return Ok(None) };
        if !header.has_producer_id() {
            return Ok(None);
        }
        let marker = read_marker(file, position, header)?;
        let admitted = self.producers.admit(header, marker, Trust::Follow).ok().and_then(Result::ok);
        self.producers.commit();
        let aborted = admitted.flatten().and_then(|change| self.producers.apply(change));
        Ok(aborted.map(|(done, last_stable_offset)| done.entry(last_stable_offset)))
    }

    /// A batch of a later epoch than any before says that the epoch begins with it.
    pub(super) fn note_epoch(&mut self, header: &AnyHeader) {
        let AnyHeader::Current(header) = header else { return };
        let latest = self.epochs.latest().map_or(LeaderEpoch::UNKNOWN, |latest| latest.epoch);
        if header.leader_epoch > latest {
            self.epochs.assign(header.leader_epoch, header.base_offset);
        }
    }
}
