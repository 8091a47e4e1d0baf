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

use std::path::Path;
use std::sync::Arc;

use ottla_protocol::time::{Now, Timestamp};
use ottla_protocol::types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, TopicId};

use crate::append::{
    AppendContext, AppendError, FollowerAppended, FollowerContext, LeaderAppended, LeaderBatch,
};
use crate::config::LogConfig;
use crate::error::StorageError;
use crate::io::{Disk, DiskFile};
use crate::leader_epochs::{EpochEnd, EpochEntry};
use crate::producer_state::ProducerSummary;
use crate::recovery::{OnDamage, OpenError, RecoveryReport};

fn unfinished<T>() -> T {
    panic!("not built yet")
}

/// What is known about a log before it is opened.
#[derive(Clone, Debug)]
pub struct OpenContext {
    /// The id of the topic that the partition belongs to; `None` if the caller does not know. Checked against
    /// `partition.metadata`, and written to it if that is missing.
    pub topic_id: Option<TopicId>,
    /// From the recovery point checkpoint; `Offset::ZERO` if it has none.
    pub recovery_point: Offset,
    /// From the log start offset checkpoint; `Offset::ZERO` if it has none.
    pub log_start_offset: Offset,
    /// The log directory has the clean shutdown marker: nothing is scanned.
    pub had_clean_shutdown: bool,
    /// What to do about a damaged batch with valid ones behind it.
    pub on_damage: OnDamage,
    /// The time.
    pub now: Now,
    /// Makes the roll jitter of this log differ from others'.
    pub seed: u64,
}

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
    /// No record at or beyond this offset is in the region; exact if the region ends at the upper bound or at the segment's
    /// end, else up to an index interval too high. What aborted transactions are looked up with.
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
    /// The index or a batch header is not in the page cache: run the job on another thread, then read again.
    Cold(ColdRead),
}

/// A read that waits for the disk.
#[derive(Debug)]
pub struct ColdRead {
    file: Arc<dyn DiskFile>,
    position: u64,
    size: u32,
}

impl ColdRead {
    /// Brings the bytes into the page cache. Waits for the disk.
    pub fn run(self) -> Result<(), StorageError> {
        let _ = (self.file, self.position, self.size);
        unfinished()
    }
}

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

/// A record found by timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampedOffset {
    /// The record's timestamp.
    pub timestamp: Timestamp,
    /// Its offset.
    pub offset: Offset,
    /// Epoch of the leader that appended it; `None` if the batch has none.
    pub leader_epoch: Option<LeaderEpoch>,
}

/// A search by timestamp. It reads and decompresses batches: run it on another thread.
#[derive(Debug)]
pub struct TimestampLookup(());

impl TimestampLookup {
    /// The record found, or `None` if there is none.
    pub fn run(self) -> Result<Option<TimestampedOffset>, StorageError> {
        unfinished()
    }
}

/// An aborted transaction whose records a reader must skip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbortedTransaction {
    /// The producer.
    pub producer_id: ProducerId,
    /// First offset of the transaction in this partition.
    pub first_offset: Offset,
}

/// Everything that must be synced for the recovery point to move up. Run it on another thread.
#[derive(Debug)]
pub struct FlushTicket(());

impl FlushTicket {
    /// Where the recovery point will be.
    #[must_use]
    pub fn up_to(&self) -> Offset {
        unfinished()
    }

    /// Syncs. Waits for the disk. A failure ends the log: nothing is retried.
    pub fn run(self) -> Result<Flushed, StorageError> {
        unfinished()
    }

    /// Syncs many logs of one log directory with as few calls as will do: file by file if they are few, the whole file system
    /// at once if they are many. All or nothing.
    pub fn run_all(
        disk: &dyn Disk,
        log_dir: &Path,
        tickets: Vec<Self>,
    ) -> Result<Vec<Flushed>, StorageError> {
        let _ = (disk, log_dir, tickets);
        unfinished()
    }
}

/// The proof that a ticket was run; hand it to [`Log::mark_flushed`] of the same log.
#[derive(Debug)]
pub struct Flushed(());

/// Files under their `.deleted` names, or a `-delete` directory, to be unlinked after `file.delete.delay.ms`.
#[derive(Debug, Default)]
#[must_use = "the files stay until they are unlinked, or the log is opened again"]
pub struct Unlink(());

impl Unlink {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        unfinished()
    }

    /// Unlinks. May wait for the disk.
    pub fn run(self, disk: &dyn Disk) -> Result<(), StorageError> {
        let _ = disk;
        unfinished()
    }
}

/// Why segments went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetentionReason {
    /// They lie below the log start offset.
    LogStartOffset,
    /// `retention.bytes`.
    Size,
    /// `retention.ms`.
    Time,
}

/// What retention did.
#[derive(Debug)]
pub struct Retained {
    /// Segments dropped, with the reason, oldest first.
    pub dropped: Vec<(Offset, RetentionReason)>,
    /// Their files.
    pub unlink: Unlink,
}

/// One partition's log.
#[derive(Debug)]
pub struct Log(());

#[allow(clippy::needless_pass_by_value)]
impl Log {
    /// Makes a new, empty log that begins at `start_offset`. Nothing is synced: the first [`FlushTicket`] does that.
    /// Errors: the disk fails, or the directory holds a log already.
    pub fn create(
        disk: Arc<dyn Disk>,
        dir: &Path,
        config: Arc<LogConfig>,
        topic_id: Option<TopicId>,
        start_offset: Offset,
        now: Now,
        seed: u64,
    ) -> Result<Self, StorageError> {
        let _ = (disk, dir, config, topic_id, start_offset, now, seed);
        unfinished()
    }

    /// Opens the log in `dir`, recovering it if it was not closed cleanly; makes a new one if there is none.
    pub fn open(
        disk: Arc<dyn Disk>,
        dir: &Path,
        config: Arc<LogConfig>,
        context: &OpenContext,
    ) -> Result<(Self, RecoveryReport), OpenError> {
        let _ = (disk, dir, config, context);
        unfinished()
    }

    /// The directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        unfinished()
    }

    /// The topic's id from `partition.metadata`.
    #[must_use]
    pub fn topic_id(&self) -> Option<TopicId> {
        unfinished()
    }

    /// Gives a log without a topic id one. Panics if it has another.
    pub fn assign_topic_id(&mut self, topic_id: TopicId) -> Result<(), StorageError> {
        let _ = topic_id;
        unfinished()
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Arc<LogConfig> {
        unfinished()
    }

    /// Changes the configuration from the next append on.
    pub fn set_config(&mut self, config: Arc<LogConfig>) {
        let _ = config;
        unfinished()
    }

    /// First offset that may be read.
    #[must_use]
    pub fn log_start_offset(&self) -> Offset {
        unfinished()
    }

    /// Offset of the next append.
    #[must_use]
    pub fn log_end_offset(&self) -> Offset {
        unfinished()
    }

    /// Everything below is on the disk.
    #[must_use]
    pub fn recovery_point(&self) -> Offset {
        unfinished()
    }

    /// Base offset of the active segment. A reader below it must not wait: the segment will not grow.
    #[must_use]
    pub fn active_segment_base_offset(&self) -> Offset {
        unfinished()
    }

    /// Size of all segments' batches, in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        unfinished()
    }

    /// Count of segments; at least 1.
    #[must_use]
    pub fn segment_count(&self) -> usize {
        unfinished()
    }

    /// Appends as the leader: gives each batch its offsets and the leader's epoch, checks it against its producer's state, and
    /// writes all that pass with one call. The verdict on each is in the batch; a refused one does not keep the others out.
    ///
    /// Errors: the disk failed. Then no batch is appended and the log is as before, ready for another try (the disk may have
    /// been full), unless putting it back failed too: then every later append fails as well.
    pub fn append_as_leader(
        &mut self,
        batches: &mut [LeaderBatch<'_>],
        context: &AppendContext,
    ) -> Result<LeaderAppended, StorageError> {
        let _ = (batches, context);
        unfinished()
    }

    /// Appends what a follower fetched: whole batches with their offsets and epochs, and maybe a cut one at the end, which is
    /// left out. Checks framing, CRC and order; producer state is followed, not enforced.
    pub fn append_as_follower(
        &mut self,
        records: &[u8],
        context: &FollowerContext,
    ) -> Result<FollowerAppended, AppendError> {
        let _ = (records, context);
        unfinished()
    }

    /// The bytes from the batch that holds `request.offset` on; `None` if there are none below the upper bound. May wait for
    /// the disk if an index is cold.
    pub fn read(&mut self, request: &ReadRequest) -> Result<Option<Region>, ReadError> {
        let _ = request;
        unfinished()
    }

    /// Like [`Self::read`], but never waits for the disk.
    pub fn read_cached(&mut self, request: &ReadRequest) -> Result<CachedRead, ReadError> {
        let _ = request;
        unfinished()
    }

    /// The aborted transactions that a reader of offsets `from..to` must know of, in the order of their markers.
    pub fn aborted_transactions(
        &mut self,
        from: Offset,
        to: Offset,
    ) -> Result<Vec<AbortedTransaction>, StorageError> {
        let _ = (from, to);
        unfinished()
    }

    /// The search for the first record whose timestamp is `timestamp` or later.
    pub fn offset_for_timestamp(&mut self, timestamp: Timestamp) -> Result<TimestampLookup, StorageError> {
        let _ = timestamp;
        unfinished()
    }

    /// The search for the record with the largest timestamp.
    pub fn offset_of_max_timestamp(&mut self) -> Result<TimestampLookup, StorageError> {
        unfinished()
    }

    /// Says that a leader's reign begins at the log's end. The entry goes to the disk with the next flush; batches carry it too.
    pub fn assign_leader_epoch(&mut self, epoch: LeaderEpoch) {
        let _ = epoch;
        unfinished()
    }

    /// The last epoch of which the log knows.
    #[must_use]
    pub fn latest_epoch(&self) -> Option<LeaderEpoch> {
        unfinished()
    }

    /// Every epoch with its first offset, ascending.
    #[must_use]
    pub fn leader_epochs(&self) -> &[EpochEntry] {
        unfinished()
    }

    /// The largest epoch up to `epoch` and where it ends; `None` if `epoch` is above every epoch of the log, or it has none.
    /// Source: Kafka `LeaderEpochFileCache.endOffsetFor`.
    #[must_use]
    pub fn end_offset_for_epoch(&self, epoch: LeaderEpoch) -> Option<EpochEnd> {
        let _ = epoch;
        unfinished()
    }

    /// The epoch of the record at `offset`, as far as the epochs tell.
    #[must_use]
    pub fn epoch_at(&self, offset: Offset) -> Option<LeaderEpoch> {
        let _ = offset;
        unfinished()
    }

    /// Forgets transactions whose markers are below the high watermark, so that the last stable offset can pass them.
    pub fn on_high_watermark(&mut self, high_watermark: Offset) {
        let _ = high_watermark;
        unfinished()
    }

    /// The first offset of a transaction that is open, or whose marker is not below the high watermark; else the high watermark.
    #[must_use]
    pub fn last_stable_offset(&self, high_watermark: Offset) -> Offset {
        let _ = high_watermark;
        unfinished()
    }

    /// Whether the producer has an open transaction here under this epoch.
    #[must_use]
    pub fn has_open_transaction(&self, producer_id: ProducerId, epoch: ProducerEpoch) -> bool {
        let _ = (producer_id, epoch);
        unfinished()
    }

    /// Every producer that the log remembers, by id (for DescribeProducers).
    #[must_use]
    pub fn producers(&self) -> Vec<ProducerSummary> {
        unfinished()
    }

    /// Forgets producers that have been silent for `producer.id.expiration.ms`. Call every 10 minutes.
    pub fn expire_producers(&mut self, now: Timestamp) {
        let _ = now;
        unfinished()
    }

    /// Drops everything from `offset` on. A batch that reaches beyond it goes whole. Does nothing if the log ends before, but
    /// for epochs that begin at its end or later. Whoever calls lowers the high watermark to the new end.
    pub fn truncate_to(&mut self, offset: Offset, now: Timestamp) -> Result<Unlink, StorageError> {
        let _ = (offset, now);
        unfinished()
    }

    /// Drops everything and goes on at `offset`; readable from `log_start_offset` on, if given, else from `offset`.
    pub fn truncate_fully_and_start_at(
        &mut self,
        offset: Offset,
        log_start_offset: Option<Offset>,
        now: Timestamp,
    ) -> Result<Unlink, StorageError> {
        let _ = (offset, log_start_offset, now);
        unfinished()
    }

    /// Raises the log start offset (DeleteRecords, a follower after its leader); `false` if it is there already. Segments below
    /// it go at the next [`Self::delete_old_segments`]. Panics above the log end offset: the caller checks against the high
    /// watermark.
    pub fn advance_log_start_offset(&mut self, offset: Offset) -> bool {
        let _ = offset;
        unfinished()
    }

    /// Applies retention: segments wholly below the high watermark go by log start offset, size and time.
    pub fn delete_old_segments(
        &mut self,
        high_watermark: Offset,
        now: Timestamp,
    ) -> Result<Retained, StorageError> {
        let _ = (high_watermark, now);
        unfinished()
    }

    /// Begins a new segment at the log's end, unless the active one is empty.
    pub fn roll(&mut self, now: Timestamp) -> Result<(), StorageError> {
        let _ = now;
        unfinished()
    }

    /// What to sync for the recovery point to reach the log's end; `None` if it is there.
    pub fn flush_ticket(&mut self) -> Result<Option<FlushTicket>, StorageError> {
        unfinished()
    }

    /// Moves the recovery point up after a ticket was run. A ticket from before a truncation has no effect.
    pub fn mark_flushed(&mut self, flushed: &Flushed) {
        let _ = flushed;
        unfinished()
    }

    /// Lets go of files and index blocks that were opened for reading; they are opened again when needed.
    pub fn release_files(&mut self) {
        unfinished()
    }

    /// Writes out indexes and producer state and lets go of the files. Nothing of the log is lost once the ticket was run (see
    /// [`FlushTicket::run_all`]); then the clean shutdown marker may be written.
    pub fn close(self) -> Result<FlushTicket, StorageError> {
        unfinished()
    }

    /// Renames the directory to its `-delete` name; the files go when the answer is run. `unique_id` must be random.
    pub fn delete(self, unique_id: ottla_protocol::types::Uuid) -> Result<Unlink, StorageError> {
        let _ = unique_id;
        unfinished()
    }

    /// Renames the directory, and goes on in it (`-future` to current, current to `-stray`).
    pub fn rename_dir(&mut self, dir: &Path) -> Result<(), StorageError> {
        let _ = dir;
        unfinished()
    }
}
