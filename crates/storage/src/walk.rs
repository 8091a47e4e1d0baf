//! Walking a segment from batch to batch by reading headers, and checking whole batches.

use std::sync::Arc;

use ottla_protocol::record::checksum::{crc32c, crc32c_append};
use ottla_protocol::record::control::EndTransactionMarker;
use ottla_protocol::record::header::{ATTRIBUTES_OFFSET, RECORD_BATCH_OVERHEAD};
use ottla_protocol::record::legacy::{AnyHeader, LegacyView};
use ottla_protocol::record::{BatchError, BatchHeader, BatchView};

use crate::error::StorageError;
use crate::io::{DiskFile, read_exact_at};
use crate::log::ColdRead;

/// What a walk that reads all of a file reads at once, in bytes.
pub(crate) const SCAN_SIZE: usize = 256 << 10;
/// What a walk that reads most of a file reads at once, in bytes.
pub(crate) const CHUNK_SIZE: usize = 64 << 10;
/// What is read of a batch that is too large for its neighbour to be in the same chunk.
const HEADER_READ_SIZE: usize = 64;

/// Whether a read may wait for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Wait,
    Cached,
}

/// Why there is nothing to go on with.
#[derive(Debug)]
pub(crate) enum ReadFault {
    /// The bytes are not in the page cache, and the read may not wait.
    Cold(ColdRead),
    /// The disk failed.
    Storage(StorageError),
}

impl From<StorageError> for ReadFault {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl ReadFault {
    /// The failure of a read that may wait.
    pub(crate) fn into_storage(self) -> StorageError {
        match self {
            Self::Storage(error) => error,
            Self::Cold(cold) => unreachable!("{cold:?} of a read that may wait"),
        }
    }
}

/// Reads as far as the file goes, if `access` allows it.
pub(crate) fn read_at(
    file: &Arc<dyn DiskFile>,
    access: Access,
    buffer: &mut [u8],
    position: u64,
) -> Result<usize, ReadFault> {
    if access == Access::Wait {
        return Ok(file.read_at(buffer, position)?);
    }
    match file.read_cached_at(buffer, position)? {
        Some(size) => Ok(size),
        None => Err(ReadFault::Cold(ColdRead::new(Arc::clone(file), position, buffer.len()))),
    }
}

/// Reads the headers of the batches in a segment's first `end` bytes, by position.
pub(crate) struct HeaderReader<'a> {
    file: &'a Arc<dyn DiskFile>,
    end: u32,
    access: Access,
    buffer: &'a mut [u8],
    /// The bytes of the file that the buffer holds.
    held_from: u32,
    held: usize,
    /// The last batch was so large that reading on to the next header would be a waste.
    is_sparse: bool,
}

impl<'a> HeaderReader<'a> {
    /// A reader with a buffer of at least 64 bytes.
    pub(crate) fn new(file: &'a Arc<dyn DiskFile>, end: u32, access: Access, buffer: &'a mut [u8]) -> Self {
        assert!(buffer.len() >= HEADER_READ_SIZE, "room for a header");
        Self { file, end, access, buffer, held_from: 0, held: 0, is_sparse: false }
    }

    /// The header of the batch at `position`, which lies before the end. `Ok(Err)` if there is no batch, or not all of it.
    pub(crate) fn at(&mut self, position: u32) -> Result<Result<AnyHeader, BatchError>, ReadFault> {
        let left = (self.end - position) as usize;
        let bytes = self.bytes_at(position, left)?;
        let header = match AnyHeader::parse(bytes) {
            Ok(header) => header,
            Err(error) => return Ok(Err(error)),
        };
        let needed = header.size_bytes();
        self.is_sparse = needed > self.buffer.len() / 2;
        Ok(if needed <= left { Ok(header) } else { Err(BatchError::Incomplete { needed, available: left }) })
    }

    /// The whole batch at `position`, if the buffer has room for it.
    pub(crate) fn whole(&mut self, position: u32, size: usize) -> Result<Option<&[u8]>, ReadFault> {
        let is_held = position >= self.held_from && (position - self.held_from) as usize + size <= self.held;
        if !is_held {
            if size > self.buffer.len() {
                return Ok(None);
            }
            self.fill(position, self.buffer.len())?;
        }
        let at = (position - self.held_from) as usize;
        Ok(self.buffer[..self.held].get(at..at + size))
    }

    /// Reads `size` bytes from `position` on into the buffer; fewer at the end.
    fn fill(&mut self, position: u32, size: usize) -> Result<(), ReadFault> {
        let size = size.min((self.end - position) as usize);
        self.held = 0;
        self.held = read_at(self.file, self.access, &mut self.buffer[..size], u64::from(position))?;
        self.held_from = position;
        Ok(())
    }

    fn bytes_at(&mut self, position: u32, left: usize) -> Result<&[u8], ReadFault> {
        let needed = left.min(RECORD_BATCH_OVERHEAD);
        let held_at = position.checked_sub(self.held_from).map(|at| at as usize);
        let at = match held_at {
            Some(at) if at + needed <= self.held => at,
            _ => {
                let size = if self.is_sparse { HEADER_READ_SIZE } else { self.buffer.len() };
                self.fill(position, size)?;
                0
            }
        };
        Ok(&self.buffer[at..self.held])
    }
}

/// What is wrong with a batch in a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BatchFault {
    #[error(transparent)]
    Framing(#[from] BatchError),
    #[error("crc {stored:#010x} does not match computed {computed:#010x}")]
    Crc { stored: u32, computed: u32 },
    #[error("offset {got} where {expected} or more must follow")]
    Order { expected: i64, got: i64 },
    #[error("its offset is beyond that of the next batch, {next} at position {position}")]
    Misplaced { next: i64, position: u32 },
    #[error("leader epoch {got} after {before}")]
    Epoch { before: i32, got: i32 },
    #[error("segment at {base} where the log ends at {end}")]
    Gap { end: i64, base: i64 },
    #[error("last offset {0} lies outside of the segment")]
    Range(i64),
}

/// Checks the CRC of the batch with this header, which the reader has read and which lies wholly in the file. O(size), in
/// pieces of the buffer's size.
pub(crate) fn check_crc(
    reader: &mut HeaderReader<'_>,
    position: u32,
    header: &AnyHeader,
    buffer: &mut [u8],
) -> Result<Result<(), BatchFault>, StorageError> {
    let file = reader.file;
    if let AnyHeader::Current(header) = header
        && let Some(bytes) = reader.whole(position, header.size_bytes).map_err(ReadFault::into_storage)?
    {
        let (stored, computed) = (header.crc, crc32c(&bytes[ATTRIBUTES_OFFSET..]));
        return Ok(if stored == computed { Ok(()) } else { Err(BatchFault::Crc { stored, computed }) });
    }
    let AnyHeader::Current(header) = header else {
        let bytes = read_batch(file, position, header.size_bytes())?;
        return Ok(match LegacyView::first_of(&bytes) {
            Ok(view) => view.verify_crc().map_err(crc_fault),
            Err(error) => Err(error.into()),
        });
    };
    let (mut at, mut left) =
        (u64::from(position) + ATTRIBUTES_OFFSET as u64, header.size_bytes - ATTRIBUTES_OFFSET);
    let mut computed = 0;
    while left > 0 {
        let size = left.min(buffer.len());
        let piece = &mut buffer[..size];
        read_exact_at(&**file, piece, at)?;
        computed = crc32c_append(computed, piece);
        at += piece.len() as u64;
        left -= piece.len();
    }
    let stored = header.crc;
    Ok(if stored == computed { Ok(()) } else { Err(BatchFault::Crc { stored, computed }) })
}

fn crc_fault(mismatch: ottla_protocol::record::batch::CrcMismatch) -> BatchFault {
    BatchFault::Crc { stored: mismatch.stored, computed: mismatch.computed }
}

/// The bytes of a batch that lies wholly in the file.
pub(crate) fn read_batch(
    file: &Arc<dyn DiskFile>,
    position: u32,
    size: usize,
) -> Result<Vec<u8>, StorageError> {
    let mut bytes = vec![0; size];
    read_exact_at(&**file, &mut bytes, u64::from(position))?;
    Ok(bytes)
}

/// The transaction marker in a control batch of a producer; `None` if compaction has emptied it, or it holds something else.
pub(crate) fn read_marker(
    file: &Arc<dyn DiskFile>,
    position: u32,
    header: &BatchHeader,
) -> Result<Option<EndTransactionMarker>, StorageError> {
    if !holds_marker(header) {
        return Ok(None);
    }
    let bytes = read_batch(file, position, header.size_bytes)?;
    Ok(BatchView::first_of(&bytes).ok().and_then(|batch| parse_marker(header, batch.records_bytes())))
}

/// Whether a batch may hold a transaction marker.
pub(crate) fn holds_marker(header: &BatchHeader) -> bool {
    header.attributes.is_control() && header.has_producer_id()
}

/// The transaction marker in the records of a control batch.
pub(crate) fn parse_marker(header: &BatchHeader, records: &[u8]) -> Option<EndTransactionMarker> {
    let record = ottla_protocol::record::records(records, header.record_count).next()?.ok()?;
    EndTransactionMarker::from_record(record.key, record.value).ok().flatten()
}
