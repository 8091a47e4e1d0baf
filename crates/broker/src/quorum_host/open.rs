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
    ElectionState, ElectionStateError, KRaftVersion, LogEnd, Quorum, QuorumMembership, Voter, VoterSet,
};
use ottla_storage::StorageError;
use ottla_storage::config::{CleanupPolicy, LogConfig};
use ottla_storage::io::{Disk, read_exact_at, read_file};
use ottla_storage::layout::{CLUSTER_METADATA_DIR, QUORUM_STATE, SnapshotName};
use ottla_storage::log::{Log, OpenContext, ReadError, ReadRequest};
use ottla_storage::recovery::{OnDamage, OpenError};

use super::QuorumHost;
use super::batch::{self, BatchContent, ControlRecord, MetadataReadError};
use super::snapshots::{BOOTSTRAP_SNAPSHOT, Snapshots};

/// A `quorum-state` file is about a hundred bytes.
const QUORUM_STATE_SIZE_MAX: u64 = 1 << 20;
/// How much of the log is read at once, in bytes.
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
