//! From the files of a metadata log to its state: recovery, the newest snapshot, who votes, and the batches behind it.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ottla_metadata::config::MetadataLogConfig;
use ottla_metadata::image::{MetadataImage, Provenance};
use ottla_metadata::record::MetadataRecord;
use ottla_metadata::snapshot::{Snapshot, image_of};
use ottla_protocol::record::{BatchView, batches};
use ottla_protocol::time::Now;
use ottla_protocol::types::{BrokerId, LeaderEpoch, Offset, TopicId};
use ottla_replication::quorum::{
    ControlRecord, ElectionState, ElectionStateError, EpochStart, KRaftVersion, LogState, Quorum,
    QuorumConfig, VoterSet,
};
use ottla_storage::StorageError;
use ottla_storage::config::{CleanupPolicy, LogConfig};
use ottla_storage::io::{Disk, read_exact_at, read_file};
use ottla_storage::layout::{CLUSTER_METADATA_DIR, QUORUM_STATE, SnapshotName};
use ottla_storage::log::{Log, OpenContext, ReadError, ReadRequest};
use ottla_storage::recovery::{OnDamage, OpenError};

use super::QuorumHost;
use super::batch::{self, BatchContent, MetadataReadError};
use super::snapshots::{Snapshots, offset_and_epoch};

/// A `quorum-state` file is about a hundred bytes.
const QUORUM_STATE_SIZE_MAX: u64 = 1 << 20;
/// How much of the log is read at once, in bytes.
const READ_SIZE: u32 = 1 << 20;

/// How a metadata log is opened.
#[derive(Clone, Debug)]
pub(crate) struct QuorumOptions {
    /// `metadata.log.dir`.
    pub(crate) log_dir: PathBuf,
    /// This node as a replica of the quorum, and its patience.
    pub(crate) quorum: QuorumConfig,
    /// `controller.quorum.voters`; empty with a dynamic quorum.
    pub(crate) static_voters: VoterSet,
    /// Sizes and periods.
    pub(crate) config: MetadataLogConfig,
    /// Makes the log's roll jitter and the election timeouts its own.
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
        let static_voters = static_voters(&options, &current_voters);
        let state = log_state(&log, &snapshots);
        let next_offset = state.end_offset();
        let mut quorum = Quorum::new(options.quorum, static_voters, durable, state, options.seed);
        if let (Some(snapshot), Some(name)) = (&snapshot, newest) {
            load_snapshot_membership(&mut quorum, snapshot, name);
        }
        let host = Self {
            disk,
            dir,
            log,
            quorum,
            snapshots,
            config: options.config,
            pending: VecDeque::new(),
            next_offset,
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

    fn load_batch(&mut self, batch: &BatchView<'_>, path: &Path) -> Result<LoadedBatch, MetadataReadError> {
        let header = *batch.header();
        let records = match batch::content(batch, path)? {
            BatchContent::Data(records) => records,
            BatchContent::Control(records) => {
                for (record, at) in records.iter().zip(0..) {
                    self.quorum.load_control(header.base_offset.plus(at), record);
                }
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
        was_compacted: false,
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

/// What the quorum knows of the log that was opened.
fn log_state(log: &Log, snapshots: &Snapshots) -> LogState {
    let epochs = log.leader_epochs().iter();
    let epochs = epochs.map(|entry| EpochStart { epoch: entry.epoch, start_offset: entry.start_offset });
    let snapshots = snapshots.iter().map(|(name, file)| (offset_and_epoch(name), file.size));
    LogState::new((log.log_start_offset(), log.log_end_offset()), epochs.collect(), snapshots.collect())
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
fn static_voters(options: &QuorumOptions, current_voters: &[BrokerId]) -> VoterSet {
    let local = &options.quorum.local;
    if options.static_voters.count() == 0 && *current_voters == [local.key.id] {
        return [local.clone()].into_iter().collect();
    }
    options.static_voters.clone()
}

/// A snapshot tells of the voters at its last offset: that of formatting before the first.
fn load_snapshot_membership(quorum: &mut Quorum, snapshot: &Snapshot, name: SnapshotName) {
    let Some(voters) = &snapshot.voters else { return };
    let at = name.offset.plus(-1);
    let version = snapshot.kraft_version.and_then(KRaftVersion::from_level).unwrap_or(KRaftVersion::Static);
    quorum.load_control(at, &ControlRecord::KRaftVersion(version.to_record()));
    quorum.load_control(at, &ControlRecord::Voters(voters.clone()));
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
