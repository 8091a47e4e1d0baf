//! Hosts the metadata log: performs the quorum's effects on `__cluster_metadata-0`, its `quorum-state` and its snapshots.
//!
//! Records that are appended get their offsets at once, and wait in memory for the sync that is under way; then all of
//! them go down in one batch, and one sync commits them. So no more than one batch is ever written and not synced: a
//! power cut leaves it whole or not at all, and never a hole with a valid batch behind it. A log that has such a hole
//! is damaged, and is refused.
//!
//! ```text
//! append ──► pending ──► one batch ──► Sync job ──► Synced ──► quorum ──► high watermark (all below is committed)
//! ```
//!
//! The vote and epoch in `quorum-state` are synced beside the log, not before it: the only voter has no peer to whom it
//! could break a promise, and commits nothing before both are on the disk.

mod batch;
mod snapshots;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use ottla_metadata::config::MetadataLogConfig;
use ottla_metadata::features::MetadataVersion;
use ottla_metadata::image::{MetadataImage, Provenance};
use ottla_metadata::record::{self, MetadataRecord};
use ottla_metadata::snapshot::{Snapshot, image_of};
use ottla_protocol::record::batches;
use ottla_protocol::time::{Now, Timestamp};
use ottla_protocol::types::{BrokerId, LeaderEpoch, Offset, TopicId};
use ottla_replication::quorum::{
    Effect, ElectionState, ElectionStateError, Input, KRaftVersion, LogEnd, Quorum, QuorumMembership,
    StartOfEpoch, Voter, VoterSet,
};
use ottla_storage::StorageError;
use ottla_storage::append::{AppendContext, AppendError, AppendOrigin, LeaderBatch};
use ottla_storage::config::{CleanupPolicy, LogConfig};
use ottla_storage::io::{Disk, read_exact_at, read_file, replace_file};
use ottla_storage::layout::{CLUSTER_METADATA_DIR, QUORUM_STATE, SnapshotName};
use ottla_storage::log::{FlushTicket, Flushed, Log, OpenContext, ReadError, ReadRequest, Unlink};
use ottla_storage::recovery::{OnDamage, OpenError};

pub use batch::MetadataReadError;
use batch::{BATCH_RECORDS_MAX, BATCH_SIZE_MAX, BatchContent, ControlRecord};
pub(crate) use snapshots::BOOTSTRAP_SNAPSHOT;
use snapshots::{SnapshotTask, SnapshotWritten, Snapshots};

/// A `quorum-state` file is about a hundred bytes.
const QUORUM_STATE_SIZE_MAX: u64 = 1 << 20;
/// How much of the log is read at once at start, in bytes.
const READ_SIZE: u32 = 1 << 20;

/// How a metadata log is opened.
#[derive(Clone, Debug)]
pub(crate) struct QuorumOptions {
    /// `metadata.log.dir`.
    pub(crate) log_dir: PathBuf,
    /// This node as a voter: its id and directory, and its controller listeners.
    pub(crate) local: Voter,
    /// `controller.quorum.voters`; empty with a dynamic quorum.
    pub(crate) static_voters: VoterSet,
    /// Sizes and periods.
    pub(crate) config: MetadataLogConfig,
    /// Makes the log's roll jitter its own.
    pub(crate) seed: u64,
}

/// Why a metadata log cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenQuorumError {
    /// The log cannot be recovered.
    #[error(transparent)]
    Log(#[from] OpenError),
    /// The log or a snapshot cannot be read.
    #[error(transparent)]
    Read(#[from] MetadataReadError),
    /// `quorum-state` cannot be read.
    #[error("{path}: {reason}", path = path.display())]
    QuorumState {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: ElectionStateError,
    },
    /// The log's beginning is gone, and no snapshot stands for it.
    #[error("the metadata log in {dir} begins at offset {log_start_offset}, and no snapshot covers what lies below", dir = dir.display())]
    NoSnapshot {
        /// The log's directory.
        dir: PathBuf,
        /// Its first offset.
        log_start_offset: Offset,
    },
    /// The disk failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Records on their way from the log into the image: one data batch, or a control batch that holds no metadata.
#[derive(Debug, PartialEq)]
pub(crate) struct LoadedBatch {
    /// The records, each with its offset.
    pub(crate) records: Vec<(Offset, MetadataRecord)>,
    /// Where the batch ends: its last record, its epoch and its append time.
    pub(crate) provenance: Provenance,
    /// Size of the batch in bytes.
    pub(crate) size: u64,
}

/// What an append came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Appended {
    /// Offset of the first record.
    pub(crate) base_offset: Offset,
    /// The last record, its epoch and its append time.
    pub(crate) provenance: Provenance,
    /// Size of the records in bytes.
    pub(crate) size: u64,
}

/// Records that have offsets and are not in the log yet.
#[derive(Debug)]
struct Pending {
    values: Vec<Bytes>,
    size: usize,
    appended_at: Timestamp,
}

/// Records that must be in one batch, and do not fit one. Nothing is appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{count} records of {size} bytes do not fit one batch of the metadata log")]
pub(crate) struct TooLarge {
    count: usize,
    size: usize,
}

/// Work of the metadata log that waits for the disk.
#[derive(Debug)]
pub(crate) enum QuorumJob {
    /// Put the vote and the epoch into `quorum-state`.
    Persist { disk: Arc<dyn Disk>, path: PathBuf, content: String, epoch: LeaderEpoch },
    /// Sync the log.
    Sync(FlushTicket),
    /// Write a snapshot.
    Snapshot(Box<SnapshotTask>),
    /// Unlink files that nothing needs any more.
    Unlink { disk: Arc<dyn Disk>, unlink: Unlink },
}

/// What a [`QuorumJob`] came to.
#[derive(Debug)]
pub(crate) enum QuorumJobDone {
    Persisted(Result<LeaderEpoch, StorageError>),
    Synced(Result<(Offset, Flushed), StorageError>),
    Snapshot(Result<SnapshotWritten, StorageError>),
    Unlinked(Result<(), StorageError>),
}

impl QuorumJob {
    /// Does the work. Waits for the disk.
    pub(crate) fn run(self) -> QuorumJobDone {
        match self {
            Self::Persist { disk, path, content, epoch } => {
                QuorumJobDone::Persisted(replace_file(&*disk, &path, content.as_bytes()).map(|()| epoch))
            }
            Self::Sync(ticket) => {
                let up_to = ticket.up_to();
                QuorumJobDone::Synced(ticket.run().map(|flushed| (up_to, flushed)))
            }
            Self::Snapshot(task) => QuorumJobDone::Snapshot(task.run()),
            Self::Unlink { disk, unlink } => QuorumJobDone::Unlinked(unlink.run(&*disk)),
        }
    }
}

/// The metadata log of one node, with its quorum.
#[derive(Debug)]
pub(crate) struct QuorumHost {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    log: Log,
    quorum: Quorum,
    snapshots: Snapshots,
    config: MetadataLogConfig,
    /// Records that wait to be written.
    pending: VecDeque<Pending>,
    /// Offset of the next record: the log's end and what is pending.
    next_offset: Offset,
    /// A sync is under way.
    is_syncing: bool,
    /// A snapshot is being written.
    is_snapshotting: bool,
    jobs: VecDeque<QuorumJob>,
}

impl QuorumHost {
    /// Opens the log (recovering it, or making a new one) and loads the newest snapshot: the image that it makes, which
    /// everything behind it in the log is to be replayed onto with [`Self::load`].
    pub(crate) fn open(
        disk: Arc<dyn Disk>,
        options: QuorumOptions,
        now: Now,
    ) -> Result<(Self, MetadataImage), OpenQuorumError> {
        let dir = options.log_dir.join(CLUSTER_METADATA_DIR);
        if disk.list(&dir).is_err() {
            disk.create_dir_all(&dir)?;
            disk.sync_dir(&options.log_dir)?;
        }
        let mut snapshots = Snapshots::open(Arc::clone(&disk), &dir)?;
        let newest = snapshots.newest();
        let snapshot = newest.map(|name| snapshots.read(name)).transpose()?;
        let mut log = open_log(&disk, &dir, &options, newest, now)?;
        start_at_snapshot(&mut log, newest, now)?;
        if log.log_start_offset() > newest.map_or(Offset::ZERO, |name| name.offset) {
            return Err(OpenQuorumError::NoSnapshot { dir, log_start_offset: log.log_start_offset() });
        }
        snapshots.drop_before(log.log_start_offset())?;

        let (durable, current_voters) = read_quorum_state(&*disk, &dir)?;
        let image = match (&snapshot, newest) {
            (Some(snapshot), Some(name)) => snapshot_image(snapshot, name, &snapshots.path(name))?,
            _ => MetadataImage::default(),
        };
        let mut membership = static_membership(&options, &current_voters);
        if let Some(snapshot) = snapshot {
            let is_logged = newest != Some(BOOTSTRAP_SNAPSHOT);
            apply_snapshot_membership(&mut membership, &snapshot, is_logged);
        }
        let log_end = log_end(&log, newest);
        let quorum = Quorum::new(options.local, membership, durable, log_end);
        let host = Self {
            disk,
            dir,
            log,
            quorum,
            snapshots,
            config: options.config,
            pending: VecDeque::new(),
            next_offset: log_end.offset,
            is_syncing: false,
            is_snapshotting: false,
            jobs: VecDeque::new(),
        };
        Ok((host, image))
    }

    /// Reads the log from `offset` on, handing each batch to `replay` in order. Voters in the log take effect.
    pub(crate) fn load<E: From<MetadataReadError>>(
        &mut self,
        offset: Offset,
        mut replay: impl FnMut(LoadedBatch) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut offset = offset;
        let end = self.log.log_end_offset();
        let mut bytes = Vec::new();
        while offset < end {
            let path = self.read_chunk(offset, end, &mut bytes)?;
            let before = offset;
            // A batch that the chunk cuts is read whole by the next one.
            for batch in batches(&bytes).map_while(Result::ok) {
                let loaded = self.load_batch(&batch, &path)?;
                offset = loaded.provenance.last_contained_offset.next();
                replay(loaded)?;
            }
            if offset == before {
                let reason = "no whole batch".to_string();
                return Err(MetadataReadError::Damaged { path, offset, reason }.into());
            }
        }
        Ok(())
    }

    /// Takes part in the quorum: the only voter becomes the leader, and writes the first batch of its epoch. Whether it
    /// did. Waits for the disk if a former life of the process left something unsynced.
    pub(crate) fn start(&mut self, now: Now) -> Result<bool, StorageError> {
        if let Some(ticket) = self.log.flush_ticket()? {
            let flushed = ticket.run()?;
            self.log.mark_flushed(&flushed);
        }
        self.quorum.handle(Input::Start);
        let mut persist = None;
        while let Some(effect) = self.quorum.poll_effect() {
            match effect {
                // Nothing happens between the two states of an election that nobody else takes part in.
                Effect::Persist(state) => persist = Some(state),
                Effect::AppendStartOfEpoch(start) => self.write_start_of_epoch(&start, now)?,
                Effect::AdvanceHighWatermark(_) => unreachable!("nothing of this epoch is synced yet"),
            }
        }
        if let Some(state) = persist {
            self.persist(&state);
        }
        Ok(self.quorum.is_leader())
    }

    /// Appends records that must not be torn apart: they are in one batch of the log.
    ///
    /// Errors: they do not fit one batch.
    pub(crate) fn append(
        &mut self,
        records: &[MetadataRecord],
        metadata_version: MetadataVersion,
        now: Timestamp,
    ) -> Result<Appended, TooLarge> {
        assert!(self.quorum.is_leader(), "only the leader appends");
        let values = record::encode_all(records, metadata_version);
        let (count, size) = (values.len(), batch::size_of(&values));
        if count > BATCH_RECORDS_MAX || size > BATCH_SIZE_MAX {
            return Err(TooLarge { count, size });
        }
        let base_offset = self.next_offset;
        self.next_offset = base_offset.plus(count as i64);
        self.pending.push_back(Pending { values, size, appended_at: now });
        let provenance = Provenance {
            last_contained_offset: self.next_offset.plus(-1),
            last_contained_epoch: self.quorum.epoch(),
            last_contained_log_timestamp: now,
        };
        Ok(Appended { base_offset, provenance, size: size as u64 })
    }

    /// Cuts a run of records into pieces that [`Self::append`] takes, for outcomes that may be torn apart.
    pub(crate) fn pieces(records: &[MetadataRecord], metadata_version: MetadataVersion) -> Vec<usize> {
        let values = record::encode_all(records, metadata_version);
        batch::chunks(&values, BATCH_SIZE_MAX).map(<[_]>::len).collect()
    }

    /// Writes pending records to the log, in one batch, unless one that is written waits to be synced.
    ///
    /// Errors: the disk failed. The log is as it was, and the records are still pending.
    pub(crate) fn maybe_write(&mut self, now: Now) -> Result<(), StorageError> {
        if self.is_syncing || self.log.recovery_point() < self.log.log_end_offset() {
            return Ok(());
        }
        let mut size = 0;
        let fits = |pending: &&Pending| {
            size += pending.size;
            size <= BATCH_SIZE_MAX
        };
        let count = self.pending.iter().take_while(fits).count();
        if count == 0 {
            return Ok(());
        }
        // Kafka wants one timestamp for all records of a batch: that of the state behind it.
        let appended_at = self.pending[count - 1].appended_at;
        let values = self.pending.iter().take(count).flat_map(|pending| &pending.values);
        let bytes = batch::data_batch(values, appended_at);
        self.write_batch(&bytes, now)?;
        self.pending.drain(..count);
        Ok(())
    }

    /// Begins to sync what was written, unless a sync is under way.
    pub(crate) fn maybe_sync(&mut self) -> Result<(), StorageError> {
        if self.is_syncing {
            return Ok(());
        }
        if let Some(ticket) = self.log.flush_ticket()? {
            self.is_syncing = true;
            self.jobs.push_back(QuorumJob::Sync(ticket));
        }
        Ok(())
    }

    /// Whether something was appended that is not on the disk.
    pub(crate) fn has_unsynced(&self) -> bool {
        self.log.recovery_point() < self.next_offset
    }

    /// Forgets what is pending: it never happened.
    pub(crate) fn discard_pending(&mut self) {
        self.pending.clear();
        self.next_offset = self.log.log_end_offset();
    }

    /// The next job to run.
    pub(crate) fn poll_job(&mut self) -> Option<QuorumJob> {
        self.jobs.pop_front()
    }

    /// Takes in what a job came to. Errors: the disk failed, which ends the metadata log.
    pub(crate) fn handle(&mut self, done: QuorumJobDone) -> Result<(), StorageError> {
        match done {
            QuorumJobDone::Persisted(epoch) => self.quorum.handle(Input::Persisted(epoch?)),
            QuorumJobDone::Synced(synced) => {
                self.is_syncing = false;
                let (up_to, flushed) = synced?;
                self.log.mark_flushed(&flushed);
                self.quorum.handle(Input::Synced(up_to));
            }
            QuorumJobDone::Snapshot(written) => {
                self.is_snapshotting = false;
                self.snapshots.insert(written?);
            }
            QuorumJobDone::Unlinked(result) => result?,
        }
        while let Some(effect) = self.quorum.poll_effect() {
            match effect {
                Effect::AdvanceHighWatermark(offset) => self.log.on_high_watermark(offset),
                Effect::Persist(_) | Effect::AppendStartOfEpoch(_) => {
                    unreachable!("elections happen at start")
                }
            }
        }
        Ok(())
    }

    /// Offset below which everything is committed; `Offset::ZERO` before anything is.
    pub(crate) fn high_watermark(&self) -> Offset {
        self.quorum.high_watermark().unwrap_or(Offset::ZERO)
    }

    /// Offset of the next append.
    pub(crate) fn next_offset(&self) -> Offset {
        self.next_offset
    }

    /// The quorum.
    pub(crate) fn quorum(&self) -> &Quorum {
        &self.quorum
    }

    /// Begins to write a snapshot of a committed image, unless there is one of its offset already, or one is being
    /// written. Returns whether it did.
    pub(crate) fn maybe_snapshot(&mut self, image: &MetadataImage, now: Timestamp) -> bool {
        let provenance = image.provenance;
        let name = SnapshotName {
            offset: provenance.last_contained_offset.next(),
            epoch: provenance.last_contained_epoch.0,
        };
        let is_behind = self.snapshots.newest().is_some_and(|newest| name.offset <= newest.offset);
        if self.is_snapshotting || is_behind {
            return false;
        }
        assert!(name.offset <= self.high_watermark(), "a snapshot holds committed records only");
        let membership = self.quorum.membership();
        let is_dynamic = membership.kraft_version >= KRaftVersion::Reconfigurable;
        let head = Snapshot {
            last_contained_log_timestamp: provenance.last_contained_log_timestamp,
            kraft_version: is_dynamic.then(|| membership.kraft_version.level()),
            voters: is_dynamic.then(|| membership.voters.to_record()),
            records: Vec::new(),
        };
        self.is_snapshotting = true;
        let task = self.snapshots.task(name, head, image.clone(), now);
        self.jobs.push_back(QuorumJob::Snapshot(Box::new(task)));
        true
    }

    /// Drops the oldest snapshots, and what of the log they join, while `metadata.max.retention.bytes` or
    /// `metadata.max.retention.ms` is passed; one snapshot stays. Source: Kafka `KafkaRaftLog.maybeClean`.
    pub(crate) fn clean(&mut self, now: Timestamp) -> Result<(), MetadataReadError> {
        while let Some(keep_from) = self.first_to_keep_after_next(now)? {
            if !self.log.advance_log_start_offset(keep_from) {
                break;
            }
            let retained = self.log.delete_old_segments(self.high_watermark(), now)?;
            if !retained.unlink.is_empty() {
                let disk = Arc::clone(&self.disk);
                self.jobs.push_back(QuorumJob::Unlink { disk, unlink: retained.unlink });
            }
            self.snapshots.drop_before(keep_from)?;
        }
        Ok(())
    }

    /// When [`Self::clean`] may have something to do because of age alone: `None` if never.
    pub(crate) fn clean_at(&mut self) -> Result<Option<Timestamp>, MetadataReadError> {
        let mut names = self.snapshots.iter().map(|(name, _)| name);
        let (Some(oldest), Some(_)) = (names.next(), names.next()) else { return Ok(None) };
        drop(names);
        if self.config.retention_ms < 0 {
            return Ok(None);
        }
        let written = self.snapshots.timestamp(oldest)?;
        Ok(Some(Timestamp(written.0.saturating_add(self.config.retention_ms).saturating_add(1))))
    }

    /// Stops appending, and closes the log. The ticket syncs what is left.
    pub(crate) fn close(mut self) -> Result<FlushTicket, StorageError> {
        self.quorum.handle(Input::Resign);
        self.log.close()
    }

    /// If the oldest snapshot is to go: the end offset of the one after it.
    fn first_to_keep_after_next(&mut self, now: Timestamp) -> Result<Option<Offset>, MetadataReadError> {
        let mut names = self.snapshots.iter().map(|(name, _)| name);
        let (Some(oldest), Some(next)) = (names.next(), names.next()) else { return Ok(None) };
        drop(names);
        let size = self.log.size() + self.snapshots.size();
        let is_too_large = u64::try_from(self.config.retention_bytes).is_ok_and(|max| size > max);
        let is_too_old = self.config.retention_ms >= 0
            && now.0.saturating_sub(self.snapshots.timestamp(oldest)?.0) > self.config.retention_ms;
        Ok((is_too_large || is_too_old).then_some(next.offset))
    }

    fn persist(&mut self, state: &ElectionState) {
        let membership = self.quorum.membership();
        self.jobs.push_back(QuorumJob::Persist {
            disk: Arc::clone(&self.disk),
            path: self.dir.join(QUORUM_STATE),
            content: state.to_json(membership.kraft_version, membership.voters.ids()),
            epoch: state.epoch,
        });
    }

    fn write_start_of_epoch(&mut self, start: &StartOfEpoch, now: Now) -> Result<(), StorageError> {
        self.log.assign_leader_epoch(start.epoch);
        let bytes = batch::control_batch(&ControlRecord::start_of_epoch(start), now.wall);
        self.write_batch(&bytes, now)?;
        self.next_offset = self.log.log_end_offset();
        Ok(())
    }

    fn write_batch(&mut self, bytes: &[u8], now: Now) -> Result<(), StorageError> {
        let batch = LeaderBatch::new(bytes).expect("the batch was just built");
        let context = AppendContext {
            origin: AppendOrigin::RaftLeader,
            leader_epoch: self.quorum.epoch(),
            transaction_version: 0,
            now,
        };
        let mut batches = [batch];
        self.log.append_as_leader(&mut batches, &context)?;
        let [batch] = batches;
        match batch.into_outcome() {
            Ok(_) => Ok(()),
            Err(AppendError::Storage(error)) => Err(error),
            Err(refused) => panic!("the quorum leader's own batch is refused: {refused}"),
        }
    }

    /// Reads whole batches from `offset` on into `bytes`. The file that they are in.
    fn read_chunk(
        &mut self,
        offset: Offset,
        end: Offset,
        bytes: &mut Vec<u8>,
    ) -> Result<PathBuf, MetadataReadError> {
        let request = ReadRequest { offset, upper_bound: end, max_bytes: READ_SIZE, min_one_batch: true };
        let damaged = |reason: String| MetadataReadError::Damaged { path: self.dir.clone(), offset, reason };
        let region = match self.log.read(&request) {
            Ok(Some(region)) => region,
            Ok(None) => return Err(damaged("nothing is there".into())),
            Err(ReadError::Storage(error)) => return Err(error.into()),
            Err(error @ ReadError::OffsetOutOfRange { .. }) => return Err(damaged(error.to_string())),
        };
        bytes.resize(region.size as usize, 0);
        read_exact_at(&*region.file, bytes, region.position)?;
        Ok(region.file.path().to_path_buf())
    }

    fn load_batch(
        &mut self,
        batch: &ottla_protocol::record::BatchView<'_>,
        path: &Path,
    ) -> Result<LoadedBatch, MetadataReadError> {
        let header = *batch.header();
        let records = match batch::content(batch, path)? {
            BatchContent::Data(records) => records,
            BatchContent::Control(records) => {
                let damaged = |reason| MetadataReadError::Damaged {
                    path: path.into(),
                    offset: header.base_offset,
                    reason,
                };
                self.load_membership(records).map_err(damaged)?;
                Vec::new()
            }
        };
        let provenance = Provenance {
            last_contained_offset: header.base_offset.plus(i64::from(header.last_offset_delta)),
            last_contained_epoch: header.leader_epoch,
            last_contained_log_timestamp: header.max_timestamp,
        };
        Ok(LoadedBatch { records, provenance, size: header.size_bytes as u64 })
    }

    fn load_membership(&mut self, records: Vec<ControlRecord>) -> Result<(), String> {
        let mut membership = self.quorum.membership().clone();
        for record in records {
            match record {
                ControlRecord::KRaftVersion(record) => {
                    membership.kraft_version = KRaftVersion::from_level(record.kraft_version)
                        .ok_or_else(|| format!("kraft.version {} is not known", record.kraft_version))?;
                }
                ControlRecord::Voters(record) => {
                    membership.voters = VoterSet::from_record(&record);
                    membership.is_logged = true;
                }
                ControlRecord::LeaderChange(_) | ControlRecord::Other => {}
            }
        }
        self.quorum.set_membership(membership);
        Ok(())
    }
}

fn open_log(
    disk: &Arc<dyn Disk>,
    dir: &Path,
    options: &QuorumOptions,
    newest: Option<SnapshotName>,
    now: Now,
) -> Result<Log, OpenQuorumError> {
    let config = LogConfig {
        segment_bytes: u32::try_from(options.config.segment_bytes).unwrap_or(u32::MAX >> 1),
        segment_ms: options.config.segment_ms,
        retention_ms: None,
        retention_bytes: None,
        cleanup_policy: CleanupPolicy { delete: true, compact: false },
        ..LogConfig::default()
    };
    let context = OpenContext {
        topic_id: Some(TopicId::METADATA),
        // A snapshot holds synced records only. Behind it the log is read whole anyway.
        recovery_point: newest.map_or(Offset::ZERO, |name| name.offset),
        log_start_offset: Offset::ZERO,
        had_clean_shutdown: false,
        on_damage: OnDamage::Refuse,
        now,
        seed: options.seed,
    };
    let (log, report) = Log::open(Arc::clone(disk), dir, Arc::new(config), &context)?;
    if let Some(torn) = &report.torn_tail {
        tracing::warn!(size = torn.size, reason = %torn.reason, "cut a torn batch off the metadata log");
    }
    Ok(log)
}

/// A snapshot that lies beyond the log stands for all of it: the log goes on at its end.
/// Source: Kafka `KafkaRaftLog.truncateToLatestSnapshot`.
fn start_at_snapshot(log: &mut Log, newest: Option<SnapshotName>, now: Now) -> Result<(), StorageError> {
    let Some(name) = newest else { return Ok(()) };
    let latest_epoch = log.latest_epoch().map_or(0, |epoch| epoch.0);
    let is_beyond =
        name.epoch > latest_epoch || (name.epoch == latest_epoch && name.offset > log.log_end_offset());
    if is_beyond {
        // The files are under their `.deleted` names and go when the log is opened again.
        let _ = log.truncate_fully_and_start_at(name.offset, None, now.wall)?;
    }
    Ok(())
}

fn log_end(log: &Log, newest: Option<SnapshotName>) -> LogEnd {
    let snapshot_epoch = newest.map_or(LeaderEpoch(0), |name| LeaderEpoch(name.epoch));
    LogEnd { offset: log.log_end_offset(), epoch: log.latest_epoch().unwrap_or(snapshot_epoch) }
}

fn read_quorum_state(
    disk: &dyn Disk,
    dir: &Path,
) -> Result<(Option<ElectionState>, Vec<BrokerId>), OpenQuorumError> {
    let path = dir.join(QUORUM_STATE);
    let Some(bytes) = read_file(disk, &path, QUORUM_STATE_SIZE_MAX)? else { return Ok((None, Vec::new())) };
    let text = String::from_utf8_lossy(&bytes);
    match ElectionState::from_json(&text) {
        Ok((state, voters)) => Ok((Some(state), voters)),
        Err(reason) => Err(OpenQuorumError::QuorumState { path, reason }),
    }
}

/// The voters while no record says who they are: the configured ones; or, where none are, those of the last run with
/// static voters, if this node was alone. So a directory of a static quorum of one opens without its configuration.
fn static_membership(options: &QuorumOptions, current_voters: &[BrokerId]) -> QuorumMembership {
    let mut voters = options.static_voters.clone();
    if voters.count() == 0 && *current_voters == [options.local.key.id] {
        voters = [options.local.clone()].into_iter().collect();
    }
    QuorumMembership { kraft_version: KRaftVersion::Static, voters, is_logged: false }
}

fn apply_snapshot_membership(membership: &mut QuorumMembership, snapshot: &Snapshot, is_logged: bool) {
    if let Some(voters) = &snapshot.voters {
        membership.kraft_version =
            snapshot.kraft_version.and_then(KRaftVersion::from_level).unwrap_or(KRaftVersion::Static);
        membership.voters = VoterSet::from_record(voters);
        membership.is_logged = is_logged;
    }
}

fn snapshot_image(
    snapshot: &Snapshot,
    name: SnapshotName,
    path: &Path,
) -> Result<MetadataImage, MetadataReadError> {
    let last_contained = Provenance {
        last_contained_offset: name.offset.plus(-1),
        last_contained_epoch: LeaderEpoch(name.epoch),
        last_contained_log_timestamp: snapshot.last_contained_log_timestamp,
    };
    image_of(snapshot, last_contained).map_err(|error| MetadataReadError::Damaged {
        path: path.to_path_buf(),
        offset: name.offset,
        reason: error.to_string(),
    })
}
