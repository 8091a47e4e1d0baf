//! Reading a closed segment from batch to batch, with every check that there is: what compaction takes in it will write anew, with
//! a new CRC, and damage that it does not see would be good data afterwards.

use std::sync::Arc;

use ottla_protocol::record::batch::BatchError;
use ottla_protocol::record::legacy::{AnyHeader, LegacyView};
use ottla_protocol::record::{BatchView, header::HEADER_SIZE_UP_TO_MAGIC};
use ottla_protocol::types::Offset;

use super::CleanError;
use crate::io::{DiskFile, read_exact_at};
use crate::segment::is_in_range;
use crate::walk::BatchFault;

/// A segment to compact, as it was when compaction was planned. It will not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    pub base_offset: Offset,
    /// Base offset of the next segment.
    pub end_offset: Offset,
    /// Size of its batches, in bytes.
    pub size: u32,
}

/// One whole batch that has passed the checks.
#[derive(Clone, Copy, Debug)]
pub(super) enum Batch<'a> {
    Current(BatchView<'a>),
    Legacy(LegacyView<'a>),
}

impl<'a> Batch<'a> {
    pub(super) fn header(&self) -> AnyHeader {
        match self {
            Self::Current(batch) => AnyHeader::Current(*batch.header()),
            Self::Legacy(batch) => AnyHeader::Legacy(*batch.header()),
        }
    }

    pub(super) const fn bytes(&self) -> &'a [u8] {
        match self {
            Self::Current(batch) => batch.bytes(),
            Self::Legacy(batch) => batch.bytes(),
        }
    }
}

/// Reads a segment's batches in order.
#[derive(Debug)]
pub(super) struct BatchReader {
    source: Source,
    file: Arc<dyn DiskFile>,
    buffer: Vec<u8>,
    /// Where in the file the buffer begins, and how much of it is read.
    held_from: u32,
    held: usize,
    /// Where the next batch begins, in the file.
    position: u32,
    /// The least offset that it may have.
    expected: Offset,
}

impl BatchReader {
    /// A reader of `file`, which is the segment's, that reads `buffer_size` bytes at once.
    pub(super) fn new(source: Source, file: Arc<dyn DiskFile>, buffer_size: usize) -> Self {
        let buffer = vec![0; buffer_size.min(source.size as usize).max(HEADER_SIZE_UP_TO_MAGIC)];
        let expected = source.base_offset;
        Self { source, file, buffer, held_from: 0, held: 0, position: 0, expected }
    }

    /// The next batch; `None` at the segment's end. Errors: the disk fails, or what is there is not the batch that must be.
    pub(super) fn next(&mut self) -> Result<Option<Batch<'_>>, CleanError> {
        let left = (self.source.size - self.position) as usize;
        if left == 0 {
            return Ok(None);
        }
        self.hold(left.min(HEADER_SIZE_UP_TO_MAGIC))?;
        let size = match self.head_size() {
            Ok(size) if size <= left => size,
            Ok(needed) => {
                return Err(self.damage(&BatchError::Incomplete { needed, available: left }.into()));
            }
            Err(error) => return Err(self.damage(&error.into())),
        };
        self.hold(size)?;
        if let Err(fault) = self.check(size) {
            return Err(self.damage(&fault));
        }
        let at = (self.position - self.held_from) as usize;
        let bytes = &self.buffer[at..at + size];
        let batch = match BatchView::first_of(bytes) {
            Ok(batch) => Batch::Current(batch),
            Err(_) => Batch::Legacy(LegacyView::first_of(bytes).expect("checked")),
        };
        self.position += size as u32;
        self.expected = batch.header().next_offset();
        Ok(Some(batch))
    }

    /// The batch that was read last cannot be understood.
    pub(super) fn damage_before(&self, size: usize, reason: &dyn std::fmt::Display) -> CleanError {
        CleanError::Damaged {
            path: self.file.path().to_path_buf(),
            position: u64::from(self.position) - size as u64,
            reason: reason.to_string(),
        }
    }

    fn damage(&self, fault: &BatchFault) -> CleanError {
        self.damage_before(0, fault)
    }

    /// Size of the batch whose first bytes are held.
    fn head_size(&self) -> Result<usize, BatchError> {
        let at = (self.position - self.held_from) as usize;
        ottla_protocol::record::batch::BatchPeek::parse(&self.buffer[at..self.held])
            .map(|peek| peek.size_bytes)
    }

    fn check(&self, size: usize) -> Result<(), BatchFault> {
        let at = (self.position - self.held_from) as usize;
        let bytes = &self.buffer[at..at + size];
        let header = AnyHeader::parse(bytes)?;
        let crc = match header {
            AnyHeader::Current(_) => BatchView::first_of(bytes)?.verify_crc(),
            AnyHeader::Legacy(_) => LegacyView::first_of(bytes)?.verify_crc(),
        };
        crc.map_err(|crc| BatchFault::Crc { stored: crc.stored, computed: crc.computed })?;
        let last_offset = header.last_offset();
        let base_offset = header.base_offset().unwrap_or(last_offset);
        if base_offset < self.expected || last_offset < base_offset {
            return Err(BatchFault::Order { expected: self.expected.0, got: base_offset.0 });
        }
        if last_offset >= self.source.end_offset || !is_in_range(self.source.base_offset, last_offset) {
            return Err(BatchFault::Range(last_offset.0));
        }
        Ok(())
    }

    /// Has `size` bytes from the position on in the buffer. There are so many in the file.
    fn hold(&mut self, size: usize) -> Result<(), CleanError> {
        let at = (self.position - self.held_from) as usize;
        if at + size <= self.held {
            return Ok(());
        }
        if size > self.buffer.len() {
            // No more than the file has: a length that claims more was refused.
            self.buffer.resize(size, 0);
        }
        self.held = 0;
        self.held_from = self.position;
        let size = self.buffer.len().min((self.source.size - self.position) as usize);
        read_exact_at(&*self.file, &mut self.buffer[..size], u64::from(self.position))?;
        self.held = size;
        Ok(())
    }
}
