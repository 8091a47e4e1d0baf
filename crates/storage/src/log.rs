//! One partition's log: segments in a directory, appended to at the end, read by offset.
//!
//! A log is a value owned by one thread. Its methods write to the page cache at most; what waits for the disk is handed out
//! as a job to run elsewhere ([`FlushTicket`], [`ColdRead`], [`TimestampLookup`], [`Unlink`]).
//!
//! ```text
//!            log_start_offset          recovery_point                log_end_offset
//! segment 0 ──────┬──── segment 1 ───────────┬────── active segment ──────┤
//!                 └ readable                 └ synced up to here          └ next append
//! ```
//!
//! Source: Kafka `UnifiedLog`, `LocalLog`, `LogSegment`.

mod append;
mod clean;
mod close;
mod flush;
mod lookup;
mod open;
mod read;
mod rebuild;
mod recent;
mod recover;
mod retain;
mod roll;
mod swap;
#[cfg(test)]
mod tests;
mod timestamps;
mod truncate;

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::sync::Arc;

use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, TopicId};

use crate::config::LogConfig;
use crate::error::{Operation, StorageError};
use crate::index::lookup::IndexBlock;
use crate::io::Disk;
use crate::leader_epochs::{EpochEnd, EpochEntry, LeaderEpochs};
use crate::producer_state::{ProducerStates, ProducerSummary, TransactionChange};
use crate::segment::Segment;
use flush::SyncState;
pub use flush::{FlushTicket, Flushed};
pub use open::OpenContext;
pub use read::{AbortedTransaction, CachedRead, ColdRead, ReadError, ReadRequest, Region};
use recent::RecentBatches;
pub use retain::{Retained, RetentionReason, Unlink};
pub use swap::SwapError;
pub use timestamps::{TimestampLookup, TimestampedOffset};

/// One partition's log.
#[derive(Debug)]
pub struct Log {
    disk: Arc<dyn Disk>,
    dir: Arc<Path>,
    config: Arc<LogConfig>,
    topic_id: Option<TopicId>,
    /// Ascending; never empty; the last one is active. Invariant: `base_offset` of the first `<= log_start_offset`.
    segments: VecDeque<Segment>,
    /// First offset that may be read. Invariant: `log_start_offset <= log_end_offset`; goes back only by truncation.
    log_start_offset: Offset,
    /// Offset of the next append.
    log_end_offset: Offset,
    /// End of the last batch, if a truncation in the middle of a batch has left a hole between it and the log's end.
    hole_from: Option<Offset>,
    epochs: LeaderEpochs,
    producers: ProducerStates,
    /// End offsets of the producer snapshots on the disk.
    snapshots: BTreeSet<Offset>,
    /// Where the last batches of the active segment lie.
    recent: RecentBatches,
    index_block: Option<IndexBlock>,
    /// The upper bound that was looked up last: offset, and the segment and position of the first batch behind it.
    bound: Option<(Offset, Offset, u32)>,
    sync: SyncState,
    /// Where the log ended when it was opened, if it had been closed cleanly.
    opened_clean_at: Option<Offset>,
    /// Up to where it has been compacted; `None` if it never was. Goes back by truncation.
    cleaned_up_to: Option<Offset>,
    /// Held as well by every search that opens segments by their names.
    lookups: Arc<()>,
    /// An append could neither be completed nor taken back: nothing more is written.
    has_failed: bool,
    /// State of the generator of roll jitter.
    random: u64,
    /// Room for the changes of one append, kept so that appending allocates nothing.
    changes: Vec<TransactionChange>,
}

impl Log {
    /// The directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The topic's id from `partition.metadata`.
    #[must_use]
    pub const fn topic_id(&self) -> Option<TopicId> {
        self.topic_id
    }

    /// The configuration.
    #[must_use]
    pub const fn config(&self) -> &Arc<LogConfig> {
        &self.config
    }

    /// Changes the configuration from the next append on.
    pub fn set_config(&mut self, config: Arc<LogConfig>) {
        self.config = config;
    }

    /// First offset that may be read.
    #[must_use]
    pub const fn log_start_offset(&self) -> Offset {
        self.log_start_offset
    }

    /// Offset of the next append.
    #[must_use]
    pub const fn log_end_offset(&self) -> Offset {
        self.log_end_offset
    }

    /// Base offset of the active segment. A reader below it must not wait: the segment will not grow.
    #[must_use]
    pub fn active_segment_base_offset(&self) -> Offset {
        self.active().base_offset
    }

    /// Size of all segments' batches, in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.segments.iter().map(|segment| u64::from(segment.size)).sum()
    }

    /// Count of segments; at least 1.
    #[must_use]
    pub fn segment_count(&self) -> usize {
        self.segments.len()
    }

    /// Base offsets of the segments, ascending.
    pub fn segment_base_offsets(&self) -> impl Iterator<Item = Offset> + '_ {
        self.segments.iter().map(|segment| segment.base_offset)
    }

    /// Says that a leader's reign begins at the log's end. The entry goes to the disk with the next flush; batches carry it too.
    pub fn assign_leader_epoch(&mut self, epoch: LeaderEpoch) {
        self.epochs.assign(epoch, self.log_end_offset);
    }

    /// The last epoch of which the log knows.
    #[must_use]
    pub fn latest_epoch(&self) -> Option<LeaderEpoch> {
        self.epochs.latest().map(|latest| latest.epoch)
    }

    /// Every epoch with its first offset, ascending.
    #[must_use]
    pub fn leader_epochs(&self) -> &[EpochEntry] {
        self.epochs.entries()
    }

    /// The largest epoch up to `epoch` and where it ends; `None` if `epoch` is above every epoch of the log, or it has none.
    /// Source: Kafka `LeaderEpochFileCache.endOffsetFor`.
    #[must_use]
    pub fn end_offset_for_epoch(&self, epoch: LeaderEpoch) -> Option<EpochEnd> {
        self.epochs.end_offset_for(epoch, self.log_end_offset)
    }

    /// The epoch of the record at `offset`, as far as the epochs tell.
    #[must_use]
    pub fn epoch_at(&self, offset: Offset) -> Option<LeaderEpoch> {
        self.epochs.epoch_at(offset)
    }

    /// Forgets transactions whose markers are below the high watermark, so that the last stable offset can pass them.
    pub fn on_high_watermark(&mut self, high_watermark: Offset) {
        self.producers.forget_replicated(high_watermark);
    }

    /// The first offset of a transaction that is open, or whose marker is not below the high watermark; else the high watermark.
    #[must_use]
    pub fn last_stable_offset(&self, high_watermark: Offset) -> Offset {
        let unstable = self.producers.first_unstable_offset();
        unstable.map_or(high_watermark, |unstable| unstable.max(self.log_start_offset).min(high_watermark))
    }

    /// Whether the producer has an open transaction here under this epoch.
    #[must_use]
    pub fn has_open_transaction(&self, producer_id: ProducerId, epoch: ProducerEpoch) -> bool {
        self.producers.has_open_transaction(producer_id, epoch)
    }

    /// The producer's last epoch here, if the log remembers the producer.
    #[must_use]
    pub fn producer_epoch(&self, producer_id: ProducerId) -> Option<ProducerEpoch> {
        self.producers.epoch_of(producer_id)
    }

    /// Every producer that the log remembers, by id (for DescribeProducers).
    #[must_use]
    pub fn producers(&self) -> Vec<ProducerSummary> {
        self.producers.summaries()
    }

    /// Forgets producers that have been silent for `producer.id.expiration.ms`. Call every 10 minutes.
    pub fn expire_producers(&mut self, now: Timestamp) {
        self.producers.expire(now, self.config.producer_id_expiration_ms);
    }

    /// Raises the log start offset (DeleteRecords, a follower after its leader); `false` if it is there already. Segments below
    /// it go at the next [`Self::delete_old_segments`]. Panics above the log end offset: the caller checks against the high
    /// watermark.
    pub fn advance_log_start_offset(&mut self, offset: Offset) -> bool {
        assert!(
            offset <= self.log_end_offset,
            "log start offset {offset} above log end {}",
            self.log_end_offset
        );
        if offset <= self.log_start_offset {
            return false;
        }
        self.log_start_offset = offset;
        self.epochs.truncate_from_start(offset);
        self.producers.forget_replicated(offset);
        true
    }

    /// Lets go of files and index blocks that were opened for reading; they are opened again when needed.
    pub fn release_files(&mut self) {
        self.index_block = None;
        self.segments.iter_mut().for_each(Segment::release);
    }

    /// How many segments' files are open.
    #[must_use]
    pub fn open_files(&self) -> usize {
        self.segments.iter().filter(|segment| segment.open_file().is_some()).count()
    }

    fn active(&self) -> &Segment {
        self.segments.back().expect("a log has a segment")
    }

    fn active_mut(&mut self) -> &mut Segment {
        self.segments.back_mut().expect("a log has a segment")
    }

    /// Offset after the last one that the segment at `index` can hold.
    fn segment_end(&self, index: usize) -> Offset {
        self.segments.get(index + 1).map_or(self.log_end_offset, |next| next.base_offset)
    }

    /// Index of the segment that holds `offset`, or would. The first if it lies below.
    fn segment_of(&self, offset: Offset) -> usize {
        self.segments.partition_point(|segment| segment.base_offset <= offset).saturating_sub(1)
    }

    fn check_usable(&self) -> Result<(), StorageError> {
        if self.has_failed {
            let reason = std::io::Error::other("an earlier append could not be taken back");
            return Err(StorageError::new(Operation::Write, &self.dir, reason));
        }
        Ok(())
    }
}
