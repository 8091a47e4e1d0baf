//! Reading: from an offset to the bytes to send.

use std::sync::Arc;

use ottla_protocol::types::{Offset, ProducerId};

use super::Log;
use super::lookup::BatchPlace;
use crate::error::StorageError;
use crate::index::transaction::AbortedTransactionEntry;
use crate::io::DiskFile;
use crate::layout::FileKind;
use crate::walk::{Access, ReadFault};

/// What to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadRequest {
    /// First offset wanted; the batch that holds it comes whole.
    pub offset: Offset,
    /// Nothing at or beyond this offset: high watermark, last stable offset, or log end offset.
    pub upper_bound: Offset,
    /// At most so many bytes. The last batch may be cut, as Kafka does.
    pub max_bytes: u32,
    /// The first batch comes whole even if it is larger than `max_bytes`.
    pub min_one_batch: bool,
}

/// Bytes of a segment file, to be sent to whoever asked.
#[derive(Clone, Debug)]
pub struct Region {
    /// The segment's file. It stays readable after the segment was deleted.
    pub file: Arc<dyn DiskFile>,
    /// Where the region begins, in bytes: at a batch.
    pub position: u64,
    /// Its size in bytes, not 0.
    pub size: u32,
    /// Base offset of the first batch; may be below the offset asked for.
    pub base_offset: Offset,
    /// Base offset of the segment.
    pub segment_base_offset: Offset,
    /// No record at or beyond this offset is in the region. Exact if the region ends at the upper bound or at the segment's end;
    /// else it may be too high: by an index interval if the log has aborted transactions, which are looked up with it.
    pub end_offset: Offset,
    /// The first batch is larger than the region (it was asked for without `min_one_batch`).
    pub first_batch_is_cut: bool,
}

/// What [`Log::read_cached`] found.
#[derive(Debug)]
pub enum CachedRead {
    /// Something to send.
    Region(Region),
    /// Nothing between the offset and the upper bound.
    Empty,
    /// The index, a batch header or the region itself is not in the page cache: run the job on another thread, then read
    /// again.
    Cold(ColdRead),
}

/// A read that waits for the disk.
#[derive(Debug)]
pub struct ColdRead {
    file: Arc<dyn DiskFile>,
    position: u64,
    size: usize,
}

impl ColdRead {
    pub(crate) fn new(file: Arc<dyn DiskFile>, position: u64, size: usize) -> Self {
        Self { file, position, size }
    }

    /// Brings the bytes into the page cache. Waits for the disk.
    pub fn run(self) -> Result<(), StorageError> {
        let mut buffer = vec![0; self.size.min(READ_AT_ONCE)];
        let mut done = 0;
        while done < self.size {
            let wanted = buffer.len().min(self.size - done);
            let read = self.file.read_at(&mut buffer[..wanted], self.position + done as u64)?;
            if read == 0 {
                break;
            }
            done += read;
        }
        Ok(())
    }
}

impl Region {
    /// Whether the region is in the page cache, by samples: what is read ahead or let go of is larger than the stretch
    /// between two of them, or nearly so.
    fn is_cached(&self) -> Result<bool, StorageError> {
        let last = self.position + u64::from(self.size) - 1;
        let samples = (self.position..last).step_by(SAMPLE_EVERY).chain([last]);
        for position in samples {
            if self.file.read_cached_at(&mut [0], position)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Most bytes that a cold read takes at once.
const READ_AT_ONCE: usize = 256 << 10;
/// Distance in bytes of the places in a region at which the page cache is asked: twice what Linux reads ahead.
const SAMPLE_EVERY: usize = 256 << 10;

/// Why nothing can be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// OFFSET_OUT_OF_RANGE (1).
    #[error("offset {offset} is not within {log_start_offset}..={log_end_offset}")]
    OffsetOutOfRange {
        /// The offset asked for.
        offset: Offset,
        /// First offset that may be read.
        log_start_offset: Offset,
        /// Offset of the next append.
        log_end_offset: Offset,
    },
    /// The disk failed, or the bytes where the batch must be are no batch.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// An aborted transaction whose records a reader must skip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbortedTransaction {
    /// The producer.
    pub producer_id: ProducerId,
    /// First offset of the transaction in this partition.
    pub first_offset: Offset,
}

impl Log {
    /// The bytes from the batch that holds `request.offset` on; `None` if there are none below the upper bound. May wait for
    /// the disk if an index is cold.
    pub fn read(&mut self, request: &ReadRequest) -> Result<Option<Region>, ReadError> {
        self.check_in_range(request.offset)?;
        Ok(self.find_region(request, Access::Wait).map_err(ReadFault::into_storage)?)
    }

    /// Like [`Self::read`], but does not wait for index blocks or headers that are not in the page cache, and gives no region
    /// that is not: whoever sends it would wait. (An index that turns out to be damaged is made anew at once.)
    pub fn read_cached(&mut self, request: &ReadRequest) -> Result<CachedRead, ReadError> {
        self.check_in_range(request.offset)?;
        match self.find_region(request, Access::Cached) {
            Ok(Some(region)) if self.was_just_written(&region) || region.is_cached()? => {
                Ok(CachedRead::Region(region))
            }
            Ok(Some(Region { file, position, size, .. })) => {
                Ok(CachedRead::Cold(ColdRead::new(file, position, size as usize)))
            }
            Ok(None) => Ok(CachedRead::Empty),
            Err(ReadFault::Cold(cold)) => Ok(CachedRead::Cold(cold)),
            Err(ReadFault::Storage(error)) => Err(error.into()),
        }
    }

    /// The aborted transactions that a reader of offsets `from..to` must know of, in the order of their markers. Reads the
    /// transaction indexes of the segments that have any.
    ///
    /// Source: Kafka `LocalLog.collectAbortedTransactions`, `TransactionIndex.collectAbortedTxns`.
    pub fn aborted_transactions(
        &mut self,
        from: Offset,
        to: Offset,
    ) -> Result<Vec<AbortedTransaction>, StorageError> {
        let mut found = Vec::new();
        for index in self.segment_of(from)..self.segments.len() {
            if self.segments[index].transactions.is_empty() {
                continue;
            }
            for entry in self.transaction_entries(index)? {
                if entry.last_offset >= from && entry.first_offset < to {
                    let AbortedTransactionEntry { producer_id, first_offset, .. } = *entry;
                    found.push(AbortedTransaction { producer_id, first_offset });
                }
                // Later entries are of transactions that begin behind this one's last stable offset.
                if entry.last_stable_offset >= to {
                    return Ok(found);
                }
            }
        }
        Ok(found)
    }

    /// The entries of a segment's transaction index, made anew if its file is damaged.
    pub(super) fn transaction_entries(
        &mut self,
        index: usize,
    ) -> Result<&[AbortedTransactionEntry], StorageError> {
        let (disk, dir) = (Arc::clone(&self.disk), Arc::clone(&self.dir));
        let segment = &mut self.segments[index];
        let base_offset = segment.base_offset;
        let path = segment.path(&dir, FileKind::TransactionIndex);
        let loaded = segment.transactions.load(&*disk, &path, base_offset)?;
        // There is a file only if there was an entry.
        if loaded.is_ok_and(|entries| !entries.is_empty()) {
            return Ok(self.segments[index].transactions.loaded());
        }
        self.rebuild_transactions(index)?;
        Ok(self.segments[index].transactions.loaded())
    }

    fn check_in_range(&self, offset: Offset) -> Result<(), ReadError> {
        let (log_start_offset, log_end_offset) = (self.log_start_offset, self.log_end_offset);
        if offset < log_start_offset || offset > log_end_offset {
            return Err(ReadError::OffsetOutOfRange { offset, log_start_offset, log_end_offset });
        }
        Ok(())
    }

    /// Whether the region was appended by this process, and not long ago: nothing lets go of it so soon.
    fn was_just_written(&self, region: &Region) -> bool {
        let position = u32::try_from(region.position).unwrap_or(0);
        region.segment_base_offset == self.active().base_offset && self.recent.first_from(position).is_some()
    }

    fn find_region(&mut self, request: &ReadRequest, access: Access) -> Result<Option<Region>, ReadFault> {
        let upper_bound = request.upper_bound.min(self.log_end_offset);
        if request.offset >= upper_bound {
            return Ok(None);
        }
        let mut index = self.segment_of(request.offset);
        let first = loop {
            if let Some(first) = self.find_batch(index, request.offset, access)? {
                break first;
            }
            // Compaction may have taken the last batches of a segment: the next one goes on.
            index += 1;
            if index == self.segments.len() || self.segments[index].base_offset >= upper_bound {
                return Ok(None);
            }
        };
        let limit = self.bound_position(index, upper_bound, first, access)?;
        if limit <= first.position {
            return Ok(None);
        }
        let wanted =
            if request.min_one_batch { request.max_bytes.max(first.size) } else { request.max_bytes };
        let size = wanted.min(limit - first.position);
        if size == 0 {
            return Ok(None);
        }
        let end = first.position + size;
        let end_offset = if end == limit {
            upper_bound.min(self.segment_end(index))
        } else {
            self.end_offset_at(index, end, upper_bound, access)?
        };
        let (disk, dir) = (Arc::clone(&self.disk), Arc::clone(&self.dir));
        let segment = &mut self.segments[index];
        Ok(Some(Region {
            file: Arc::clone(segment.file(&*disk, &dir)?),
            position: u64::from(first.position),
            size,
            base_offset: first.base_offset,
            segment_base_offset: segment.base_offset,
            end_offset,
            first_batch_is_cut: size < first.size,
        }))
    }

    /// Where the batch begins in the segment at `index` that holds `bound`, or the segment ends.
    fn bound_position(
        &mut self,
        index: usize,
        bound: Offset,
        first: BatchPlace,
        access: Access,
    ) -> Result<u32, ReadFault> {
        if bound >= self.segment_end(index) {
            return Ok(self.segments[index].size);
        }
        let segment = self.segments[index].base_offset;
        if let Some((offset, of_segment, position)) = self.bound
            && (offset, of_segment) == (bound, segment)
        {
            return Ok(position);
        }
        if bound <= first.base_offset {
            return Ok(first.position);
        }
        let found = self.find_batch(index, bound, access)?;
        let position = found.map_or(self.segments[index].size, |place| place.position);
        self.bound = Some((bound, segment, position));
        Ok(position)
    }

    /// An offset that no record before `end`, a position in the segment at `index`, has or passes. It is looked up only if there
    /// are aborted transactions to be told of.
    fn end_offset_at(
        &mut self,
        index: usize,
        end: u32,
        upper_bound: Offset,
        access: Access,
    ) -> Result<Offset, ReadFault> {
        let highest = upper_bound.min(self.segment_end(index));
        if index + 1 == self.segments.len()
            && let Some(batch) = self.recent.first_from(end)
        {
            return Ok(batch.base_offset.min(highest));
        }
        if self.segments.iter().skip(index).all(|segment| segment.transactions.is_empty()) {
            return Ok(highest);
        }
        let indexed = self.indexed_offset_from(index, end, access)?;
        Ok(indexed.map_or(highest, |offset| offset.min(highest)))
    }
}
