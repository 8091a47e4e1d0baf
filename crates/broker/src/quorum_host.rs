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
mod job;
mod open;
mod snapshots;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use ottla_metadata::config::MetadataLogConfig;
use ottla_metadata::features::MetadataVersion;
use ottla_metadata::image::{MetadataImage, Provenance};
use ottla_metadata::record::{self, MetadataRecord};
use ottla_metadata::snapshot::Snapshot;
use ottla_protocol::time::{Now, Timestamp};
use ottla_protocol::types::{LeaderEpoch, Offset};
use ottla_replication::quorum::{
    ControlRecord, Effect, ElectionState, Input, KRaftVersion, Quorum, VoterSet, control_batch,
};
use ottla_storage::StorageError;
use ottla_storage::append::{AppendContext, AppendError, AppendOrigin, LeaderBatch};
use ottla_storage::io::Disk;
use ottla_storage::layout::{QUORUM_STATE, SnapshotName};
use ottla_storage::log::{FlushTicket, Log};

pub use batch::MetadataReadError;
use batch::{BATCH_RECORDS_MAX, BATCH_SIZE_MAX};
pub(crate) use job::{QuorumJob, QuorumJobDone};
pub use open::OpenQuorumError;
pub(crate) use open::{LoadedBatch, QuorumOptions};
pub(crate) use snapshots::BOOTSTRAP_SNAPSHOT;
use snapshots::Snapshots;

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
    /// Takes part in the quorum: the only voter becomes the leader, and writes the first batch of its epoch. Whether it
    /// did. Waits for the disk if a former life of the process left something unsynced.
    pub(crate) fn start(&mut self, now: Now) -> Result<bool, StorageError> {
        if let Some(ticket) = self.log.flush_ticket()? {
            let flushed = ticket.run()?;
            self.log.mark_flushed(&flushed);
        }
        self.quorum.handle(Input::Start, now);
        if !self.quorum.is_leader() {
            return Ok(false);
        }
        // Nothing happens between the states of an election that nobody else takes part in: the last one will do.
        let mut persist = None;
        while let Some(effect) = self.quorum.poll_effect() {
            match effect {
                Effect::Persist { state, sequence } => persist = Some((state, sequence)),
                Effect::AppendControl { records, .. } => self.write_control(records, now)?,
                effect => self.perform(effect),
            }
        }
        if let Some((state, sequence)) = persist {
            self.persist(&state, sequence);
        }
        Ok(true)
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
        self.write_batch(&bytes, Vec::new(), now)?;
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
            self.jobs.push_back(QuorumJob::Sync(ticket, self.quorum.sync_point()));
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
    pub(crate) fn handle(&mut self, done: QuorumJobDone, now: Now) -> Result<(), StorageError> {
        match done {
            QuorumJobDone::Persisted(sequence) => {
                self.quorum.handle(Input::Persisted { sequence: sequence? }, now);
            }
            QuorumJobDone::Synced(synced) => {
                self.is_syncing = false;
                let (point, flushed) = synced?;
                self.log.mark_flushed(&flushed);
                self.quorum.handle(Input::Synced(point), now);
            }
            QuorumJobDone::Snapshot(written) => {
                self.is_snapshotting = false;
                let written = written?;
                let name = snapshots::offset_and_epoch(written.name());
                self.quorum.handle(Input::SnapshotTaken { name, size: written.size() }, now);
                self.snapshots.insert(written);
            }
            QuorumJobDone::Unlinked(result) => result?,
        }
        while let Some(effect) = self.quorum.poll_effect() {
            self.perform(effect);
        }
        Ok(())
    }

    /// What the quorum of one voter wants done while it leads. It has nobody to talk to, and elections happen at start.
    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::AdvanceHighWatermark(offset) => self.log.on_high_watermark(offset),
            Effect::ChangeRole { epoch, role } => tracing::debug!(%epoch, ?role, "a role in the quorum"),
            effect => unreachable!("the only voter leads, and asks for nothing: {effect:?}"),
        }
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
        let (kraft_version, voters) = self.quorum.membership().at(provenance.last_contained_offset);
        let is_dynamic = kraft_version >= KRaftVersion::Reconfigurable;
        let head = Snapshot {
            last_contained_log_timestamp: provenance.last_contained_log_timestamp,
            kraft_version: is_dynamic.then(|| kraft_version.level()),
            voters: voters.filter(|_| is_dynamic).map(VoterSet::to_record),
            records: Vec::new(),
        };
        self.is_snapshotting = true;
        let task = self.snapshots.task(name, head, image.clone(), now);
        self.jobs.push_back(QuorumJob::Snapshot(Box::new(task)));
        true
    }

    /// Drops the oldest snapshots, and what of the log they join, while `metadata.max.retention.bytes` or
    /// `metadata.max.retention.ms` is passed; one snapshot stays. Source: Kafka `KafkaRaftLog.maybeClean`.
    pub(crate) fn clean(&mut self, now: Now) -> Result<(), MetadataReadError> {
        while let Some(keep_from) = self.first_to_keep_after_next(now.wall)? {
            if !self.log.advance_log_start_offset(keep_from) {
                break;
            }
            let retained = self.log.delete_old_segments(self.high_watermark(), now.wall)?;
            if !retained.unlink.is_empty() {
                let disk = Arc::clone(&self.disk);
                self.jobs.push_back(QuorumJob::Unlink { disk, unlink: retained.unlink });
            }
            self.snapshots.drop_before(keep_from)?;
            self.quorum.handle(Input::LogStartAdvanced(keep_from), now);
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
    pub(crate) fn close(self) -> Result<FlushTicket, StorageError> {
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

    fn persist(&mut self, state: &ElectionState, sequence: u64) {
        let membership = self.quorum.membership();
        self.jobs.push_back(QuorumJob::Persist {
            disk: Arc::clone(&self.disk),
            path: self.dir.join(QUORUM_STATE),
            content: state.to_json(membership.kraft_version(), membership.voters().ids()),
            sequence,
        });
    }

    fn write_control(&mut self, records: Vec<ControlRecord>, now: Now) -> Result<(), StorageError> {
        self.log.assign_leader_epoch(self.quorum.epoch());
        let bytes = control_batch(Offset::ZERO, LeaderEpoch::UNKNOWN, &records, now.wall);
        self.write_batch(&bytes, records, now)?;
        self.next_offset = self.log.log_end_offset();
        Ok(())
    }

    /// Writes a batch, whose offsets and epoch are the log's to set, and tells the quorum.
    fn write_batch(
        &mut self,
        bytes: &[u8],
        control: Vec<ControlRecord>,
        now: Now,
    ) -> Result<(), StorageError> {
        let batch = LeaderBatch::new(bytes).expect("the batch was just built");
        let epoch = self.quorum.epoch();
        let context = AppendContext {
            origin: AppendOrigin::RaftLeader,
            leader_epoch: epoch,
            transaction_version: 0,
            now,
        };
        let base_offset = self.log.log_end_offset();
        let mut batches = [batch];
        self.log.append_as_leader(&mut batches, &context)?;
        let [batch] = batches;
        match batch.into_outcome() {
            Ok(_) => {
                let last_offset = self.log.log_end_offset().plus(-1);
                self.quorum.handle(Input::Appended { epoch, base_offset, last_offset, control }, now);
                Ok(())
            }
            Err(AppendError::Storage(error)) => Err(error),
            Err(refused) => panic!("the quorum leader's own batch is refused: {refused}"),
        }
    }
}
