//! Making and opening a log.

use std::collections::{BTreeSet, VecDeque};
use std::io::IoSlice;
use std::path::Path;
use std::sync::Arc;

use ottla_protocol::time::{Now, Timestamp};
use ottla_protocol::types::{Offset, TopicId};

use super::Log;
use super::flush::SyncState;
use super::recent::RecentBatches;
use crate::checkpoint::{CheckpointError, read_epochs};
use crate::config::LogConfig;
use crate::error::{Operation, StorageError};
use crate::io::{Disk, OpenMode};
use crate::layout::{FileKind, LEADER_EPOCH_CHECKPOINT, PARTITION_METADATA};
use crate::leader_epochs::LeaderEpochs;
use crate::partition_metadata::{self, PartitionMetadata};
use crate::producer_state::ProducerStates;
use crate::recovery::{OnDamage, OpenError, RecoveryReport, SegmentFiles, settle};
use crate::segment::Segment;

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
    /// The log has been compacted, whatever its policy is today: offsets may be missing between its segments.
    pub was_compacted: bool,
    /// The log directory has the clean shutdown marker: nothing is scanned.
    pub had_clean_shutdown: bool,
    /// What to do about a damaged batch with valid ones behind it.
    pub on_damage: OnDamage,
    /// The time.
    pub now: Now,
    /// Makes the roll jitter of this log differ from others'.
    pub seed: u64,
}

impl Log {
    /// Makes a new, empty log that begins at `start_offset`. Nothing is synced: the first [`super::FlushTicket`] does that.
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
        disk.create_dir_all(dir)?;
        let sync = SyncState::new(start_offset, true);
        let mut log = Self::empty(disk, dir, config, sync, seed);
        (log.log_start_offset, log.log_end_offset) = (start_offset, start_offset);
        let jitter_ms = log.draw_jitter_ms();
        let mut segment = Segment::new(start_offset, now.wall, jitter_ms);
        let file = log.disk.open(&segment.path(dir, FileKind::Log), OpenMode::Create)?;
        if !file.is_empty()? {
            let error = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
            return Err(StorageError::new(Operation::Open, dir, error));
        }
        // An unused partition holds no file open.
        drop(file);
        segment.release();
        log.segments.push_back(segment);
        if let Some(topic_id) = topic_id {
            log.write_topic_id(topic_id)?;
        }
        Ok(log)
    }

    /// Opens the log in `dir`, recovering it if it was not closed cleanly; makes a new one if there is none.
    ///
    /// After an unclean stop every segment from the recovery point on is read whole: its batches are checked, its indexes, the
    /// leader epochs and the producer state are made anew, and it ends before the first bad batch. Waits for the disk.
    /// Source: Kafka `LogLoader`.
    pub fn open(
        disk: Arc<dyn Disk>,
        dir: &Path,
        config: Arc<LogConfig>,
        context: &OpenContext,
    ) -> Result<(Self, RecoveryReport), OpenError> {
        let mut report = RecoveryReport::default();
        let entries = match disk.list(dir) {
            Ok(entries) => entries,
            Err(error) if error.is_not_found() => {
                let OpenContext { topic_id, log_start_offset, now, seed, .. } = *context;
                let log = Self::create(disk, dir, config, topic_id, log_start_offset, now, seed)?;
                return Ok((log, report));
            }
            Err(error) => return Err(error.into()),
        };
        let files = settle(&*disk, dir, &entries)?;
        report.files_removed = files.removed;
        let mut log = Self::empty(disk, dir, config, SyncState::new(Offset::ZERO, false), context.seed);
        log.load_topic_id(context.topic_id)?;
        log.load_segments(files, context.now.wall)?;
        let epochs_are_known = log.load_epochs()?;
        if log.segments.is_empty() {
            log.begin_at(context.log_start_offset, context.now.wall)?;
        }
        log.find_end(context, &mut report)?;
        let recovery_point = if report.segments_scanned == 0 && context.had_clean_shutdown {
            log.log_end_offset
        } else {
            context.recovery_point.min(log.log_end_offset)
        };
        if log.log_end_offset < context.log_start_offset {
            log.start_over(context.log_start_offset, context.now.wall, &mut report)?;
        }
        log.sync.set_recovery_point(recovery_point.min(log.log_end_offset));
        log.log_start_offset = context.log_start_offset.max(log.segments[0].base_offset);
        if !epochs_are_known && log.segments.iter().any(|segment| segment.size > 0) {
            log.rebuild_epochs()?;
            report.epochs_rebuilt = true;
        }
        log.epochs.truncate_from_end(log.log_end_offset);
        log.epochs.truncate_from_start(log.log_start_offset);
        if report.segments_scanned == 0 {
            log.rebuild_producers(context.now.wall)?;
        }
        log.producers.forget_replicated(log.log_start_offset);
        if context.had_clean_shutdown && report == RecoveryReport::default() {
            log.opened_clean_at = Some(log.log_end_offset);
        }
        log.release_files();
        Ok((log, report))
    }

    fn empty(disk: Arc<dyn Disk>, dir: &Path, config: Arc<LogConfig>, sync: SyncState, seed: u64) -> Self {
        Self {
            disk,
            dir: Arc::from(dir),
            config,
            topic_id: None,
            segments: VecDeque::new(),
            log_start_offset: Offset::ZERO,
            log_end_offset: Offset::ZERO,
            hole_from: None,
            epochs: LeaderEpochs::default(),
            producers: ProducerStates::default(),
            snapshots: BTreeSet::new(),
            recent: RecentBatches::default(),
            index_block: None,
            bound: None,
            sync,
            cleaned_up_to: None,
            opened_clean_at: None,
            lookups: Arc::default(),
            has_failed: false,
            random: seed,
            changes: Vec::new(),
        }
    }

    /// Gives a log without a topic id one; the file is synced with the next flush. Panics if it has another.
    pub fn assign_topic_id(&mut self, topic_id: TopicId) -> Result<(), StorageError> {
        match self.topic_id {
            None => self.write_topic_id(topic_id),
            Some(known) => {
                assert!(known == topic_id, "topic id {topic_id} for a log of {known}");
                Ok(())
            }
        }
    }

    fn write_topic_id(&mut self, topic_id: TopicId) -> Result<(), StorageError> {
        let file = self.disk.open(&self.dir.join(PARTITION_METADATA), OpenMode::Truncate)?;
        file.write_at(&[IoSlice::new(partition_metadata::format(topic_id).as_bytes())], 0)?;
        self.topic_id = Some(topic_id);
        self.sync.note_new_metadata();
        Ok(())
    }

    fn load_topic_id(&mut self, expected: Option<TopicId>) -> Result<(), OpenError> {
        match (partition_metadata::read(&*self.disk, &self.dir)?, expected) {
            (PartitionMetadata::Known(found), Some(expected)) if found != expected => {
                let dir = self.dir.to_path_buf();
                return Err(OpenError::InconsistentTopicId { dir, found, expected });
            }
            (PartitionMetadata::Known(found), _) => self.topic_id = Some(found),
            (PartitionMetadata::Missing | PartitionMetadata::Unreadable, Some(expected)) => {
                self.write_topic_id(expected)?;
            }
            (PartitionMetadata::Missing | PartitionMetadata::Unreadable, None) => {}
        }
        Ok(())
    }

    fn load_segments(&mut self, files: SegmentFiles, now: Timestamp) -> Result<(), StorageError> {
        self.snapshots = files.snapshots;
        for (base_offset, kinds) in files.segments {
            // Every closed segment has the other two indexes. If one is missing, somebody has removed index files, and that there is no
            // transaction index says nothing: it is made anew when it is needed.
            let has_lost_some =
                !kinds.contains(&FileKind::OffsetIndex) || !kinds.contains(&FileKind::TimeIndex);
            let has_transactions = kinds.contains(&FileKind::TransactionIndex) || has_lost_some;
            let mut segment = Segment::on_disk(base_offset, 0, has_transactions, now);
            let path = segment.path(&self.dir, FileKind::Log);
            let size = self.disk.stat(&path)?.map_or(0, |stat| stat.size);
            if size > i32::MAX as u64 {
                return Err(StorageError::invalid_data(
                    &path,
                    format!("{size} bytes are too many for a segment"),
                ));
            }
            segment.size = size as u32;
            segment.roll_jitter_ms = self.draw_jitter_ms();
            self.segments.push_back(segment);
        }
        Ok(())
    }

    /// Reads the leader epochs; `false` if the file is missing or not understood.
    fn load_epochs(&mut self) -> Result<bool, StorageError> {
        match read_epochs(&*self.disk, &self.dir.join(LEADER_EPOCH_CHECKPOINT)) {
            Ok(Some(entries)) => {
                self.sync.set_epochs(&entries);
                self.epochs = LeaderEpochs::new(entries);
                return Ok(true);
            }
            Ok(None) => {}
            Err(CheckpointError::Storage(error)) if !error.is_damage() => {
                return Err(error);
            }
            Err(error) => tracing::warn!(dir = %self.dir.display(), %error, "leader epochs are made anew"),
        }
        Ok(false)
    }

    /// Makes an empty first segment.
    pub(super) fn begin_at(&mut self, offset: Offset, now: Timestamp) -> Result<(), StorageError> {
        let jitter_ms = self.draw_jitter_ms();
        let segment = Segment::new(offset, now, jitter_ms);
        self.disk.open(&segment.path(&self.dir, FileKind::Log), OpenMode::Truncate)?;
        self.sync.note_dir_change();
        self.segments.push_back(segment);
        self.log_end_offset = offset;
        Ok(())
    }

    /// The log ends below what may be read: segments were taken away by hand. Goes on, empty, at the log start offset.
    fn start_over(
        &mut self,
        offset: Offset,
        now: Timestamp,
        report: &mut RecoveryReport,
    ) -> Result<(), StorageError> {
        let unlink = self.truncate_fully_and_start_at(offset, None, now)?;
        unlink.run(&*self.disk)?;
        report.started_over = true;
        Ok(())
    }
}
