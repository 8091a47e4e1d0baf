//! From a log to a coordinator: its records are replayed slice by slice, so that no step of the shard is long and no more
//! than a slice is in memory.
//!
//! ```text
//!   index, then bytes in the page cache? ── yes ──► replay ──► next slice at the next tick … ──► loaded
//!                      └── no ──► Job::Load on another thread ──┘
//! ```
//! What cannot be read or replayed ends the loading: a coordinator that has forgotten something must not serve.
//! Source: Kafka `CoordinatorLoaderImpl`.

use std::sync::Arc;

use ottla_coordinator::{group, transaction};
use ottla_protocol::record::batch::CrcMismatch;
use ottla_protocol::record::control::{ControlRecordError, EndTransactionMarker};
use ottla_protocol::record::legacy::{AnyHeader, LegacyError, LegacyView};
use ottla_protocol::record::records::RecordError;
use ottla_protocol::record::{BatchError, BatchView, CompressionError, records};
use ottla_protocol::types::{Offset, ProducerId};
use ottla_storage::io::{DiskFile, StorageError};
use ottla_storage::log::{CachedRead, ColdRead, Log, ReadError, ReadRequest};

use super::Coordinator;

/// Bytes of a log that are replayed in one step, if no single batch is larger.
const SLICE_BYTES: u32 = 128 << 10;
/// Most bytes that a batch of coordinator records may decompress to.
const DECOMPRESSED_BYTES_MAX: usize = 64 << 20;

/// How far a coordinator's log has been replayed.
#[derive(Debug)]
pub(super) struct Loading {
    /// First offset that has not been; `None` before the first slice.
    next: Option<Offset>,
    /// A read is under way on another thread.
    pub is_reading: bool,
    /// What that read brought.
    read: Option<Vec<u8>>,
}

/// What has come of a step.
#[derive(Debug)]
pub(super) enum Step {
    /// There is more.
    More,
    /// There is more, and the disk must be waited for.
    Read(LoadRead),
    /// Everything is replayed.
    Loaded,
}

/// A read for a coordinator that is being loaded.
#[derive(Debug)]
pub enum LoadRead {
    /// Of what leads to the records.
    Index(ColdRead),
    /// Of the records.
    Records {
        /// The segment's file.
        file: Arc<dyn DiskFile>,
        /// Where they begin, in bytes.
        position: u64,
        /// Their size in bytes.
        size: u32,
    },
}

impl LoadRead {
    /// Reads: the records, or `None` if they must be looked for again. Waits for the disk.
    pub fn run(self) -> Result<Option<Vec<u8>>, StorageError> {
        match self {
            Self::Index(cold) => cold.run().map(|()| None),
            Self::Records { file, position, size } => {
                let mut bytes = vec![0; size as usize];
                ottla_storage::io::read_exact_at(&*file, &mut bytes, position)?;
                Ok(Some(bytes))
            }
        }
    }
}

/// Why a coordinator's log cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub(super) enum LoadError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error("no batch at offset {offset}: {source}")]
    Batch { offset: Offset, source: BatchError },
    #[error("offset {0} is not where the index leads")]
    Astray(Offset),
    #[error(transparent)]
    Crc(#[from] CrcMismatch),
    #[error(transparent)]
    Compression(#[from] CompressionError),
    #[error(transparent)]
    Legacy(#[from] LegacyError),
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(transparent)]
    Marker(#[from] ControlRecordError),
    #[error(transparent)]
    Replay(#[from] ReplayError),
}

/// A record that a coordinator cannot replay.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplayError {
    #[error(transparent)]
    Group(#[from] group::LoadError),
    #[error(transparent)]
    Transaction(#[from] transaction::LoadError),
}

impl Loading {
    pub fn new() -> Self {
        Self { next: None, is_reading: false, read: None }
    }

    /// Takes what a read brought.
    pub fn read_done(&mut self, bytes: Option<Vec<u8>>) {
        self.is_reading = false;
        self.read = bytes;
    }

    /// Replays a slice. Errors: the coordinator must not serve.
    pub fn step<C: Coordinator>(&mut self, coordinator: &mut C, log: &mut Log) -> Result<Step, LoadError> {
        let end = log.log_end_offset();
        // Retention may have taken what was to come next.
        let next = self.next.unwrap_or(Offset::ZERO).max(log.log_start_offset());
        if next >= end {
            return Ok(Step::Loaded);
        }
        if let Some(bytes) = self.read.take() {
            return self.replay(coordinator, next, &bytes);
        }
        let request =
            ReadRequest { offset: next, upper_bound: end, max_bytes: SLICE_BYTES, min_one_batch: true };
        let region = match log.read_cached(&request)? {
            CachedRead::Region(region) => region,
            CachedRead::Empty => return Ok(Step::Loaded),
            CachedRead::Cold(cold) => return Ok(self.wait_for(LoadRead::Index(cold))),
        };
        let mut bytes = vec![0; region.size as usize];
        match region.file.read_cached_at(&mut bytes, region.position)? {
            Some(size) if size == bytes.len() => self.replay(coordinator, next, &bytes),
            _ => {
                let (file, position, size) = (region.file, region.position, region.size);
                Ok(self.wait_for(LoadRead::Records { file, position, size }))
            }
        }
    }

    fn wait_for(&mut self, read: LoadRead) -> Step {
        self.is_reading = true;
        Step::Read(read)
    }

    /// Replays the whole batches of `bytes`; the one that is cut at the end begins the next slice.
    fn replay<C: Coordinator>(
        &mut self,
        coordinator: &mut C,
        from: Offset,
        mut bytes: &[u8],
    ) -> Result<Step, LoadError> {
        let mut next = from;
        while !bytes.is_empty() {
            let whole = AnyHeader::parse(bytes).and_then(|header| {
                let needed = header.size_bytes();
                let incomplete = BatchError::Incomplete { needed, available: bytes.len() };
                bytes.split_at_checked(needed).map(|parts| (header, parts)).ok_or(incomplete)
            });
            let (header, (batch, rest)) = match whole {
                Ok(whole) => whole,
                Err(BatchError::Incomplete { .. }) if next > from => break,
                Err(source) => return Err(LoadError::Batch { offset: next, source }),
            };
            match header {
                AnyHeader::Current(_) => replay_batch(coordinator, from, BatchView::first_of(batch))?,
                AnyHeader::Legacy(_) => replay_legacy(coordinator, from, LegacyView::first_of(batch))?,
            }
            next = next.max(header.next_offset());
            bytes = rest;
        }
        if next == from {
            return Err(LoadError::Astray(from));
        }
        self.next = Some(next);
        Ok(Step::More)
    }
}

fn replay_batch<C: Coordinator>(
    coordinator: &mut C,
    from: Offset,
    batch: Result<BatchView<'_>, BatchError>,
) -> Result<(), LoadError> {
    let batch = batch.map_err(|source| LoadError::Batch { offset: from, source })?;
    batch.verify_crc()?;
    let header = *batch.header();
    let is_transactional = header.attributes.is_transactional();
    let plain = batch.uncompressed_records(DECOMPRESSED_BYTES_MAX)?;
    for record in records(&plain, header.record_count) {
        let record = record?;
        let at = header.base_offset.plus(record.offset_delta.into());
        if at < from {
            // The batch begins before what is to be replayed.
        } else if header.attributes.is_control() {
            // Control records of other kinds say nothing to coordinators.
            if let Some(marker) = EndTransactionMarker::from_record(record.key, record.value)? {
                coordinator.load_marker(header.producer_id, marker.result);
            }
        } else {
            let producer_id = if is_transactional { header.producer_id } else { ProducerId::NONE };
            let key = record.key.unwrap_or_default();
            coordinator.load(at, producer_id, key, record.value)?;
        }
    }
    Ok(())
}

/// Records of magic 0 and 1: of clusters that are older than transactions.
fn replay_legacy<C: Coordinator>(
    coordinator: &mut C,
    from: Offset,
    message: Result<LegacyView<'_>, BatchError>,
) -> Result<(), LoadError> {
    let message = message.map_err(|source| LoadError::Batch { offset: from, source })?;
    message.verify_crc()?;
    for record in message.records(DECOMPRESSED_BYTES_MAX)?.iter().filter(|record| record.offset >= from) {
        let key = record.key.unwrap_or_default();
        coordinator.load(record.offset, ProducerId::NONE, key, record.value)?;
    }
    Ok(())
}
