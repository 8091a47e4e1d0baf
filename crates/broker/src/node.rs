//! The control plane of one broker: the metadata log, the controller, and the image that it publishes.
//!
//! A change goes `decide` (against everything that has been appended) → append → sync → commit → `replay` → image →
//! [`NodeEffect::Publish`] → [`NodeEffect::Respond`]. Nothing is published or answered before its records are on the
//! disk; requests that come while a sync runs share the next one.
//!
//! ```text
//! host:  Node::boot ──► image ──► shards open their logs ──► NodeInput::ShardReady (each) ──► NodeEffect::Ready
//!        NodeInput::Stop ──► NodeEffect::StopShards ──► NodeInput::ShardStopped (each) ──► NodeEffect::Stopped
//! ```

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use ottla_metadata::controller::Outcome;
use ottla_metadata::image::MetadataImage;
use ottla_metadata::random::Random;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::allocate_producer_ids_request::AllocateProducerIdsRequest;
use ottla_protocol::messages::broker_heartbeat_request::BrokerHeartbeatRequest;
use ottla_protocol::messages::broker_heartbeat_response::BrokerHeartbeatResponse;
use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::{DirectoryId, Offset, ProducerId};
use ottla_storage::StorageError;
use ottla_storage::io::Disk;

use crate::effect::ShardId;
use crate::log_levels::LogLevels;
use crate::quorum_host::QuorumJobDone;

mod boot;
mod checkpoints;
mod control_plane;
mod directories;
pub mod format;
mod job;
mod messages;
mod requests;
mod snapshots;
mod stop;
#[cfg(test)]
mod tests;

pub use boot::{AutoFormat, BootError, Booted, BootedLogDir, NodeSetup, ReplicaFolder};
use boot::{Identity, NodeParts};
use checkpoints::CheckpointBook;
use control_plane::{ControlPlane, with_context};
pub use job::{NodeJob, NodeJobDone};
use job::{Work, WorkDone};
pub use messages::{NodeEffect, NodeFailure, NodeInput, ProducerIdBlock};
use requests::Waiting;
use snapshots::SnapshotSchedule;

/// How far the node has come in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Waits for the shards to open their logs.
    Starting,
    /// Serves.
    Running,
    /// Waits for the shards to close their logs.
    StoppingShards,
    /// Waits for the last records to be committed.
    LeavingOffice,
    /// Closes the log directories, of which so many are left.
    Closing(usize),
    /// Does nothing more.
    Ended,
}

/// What the broker wants to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Fenced,
    Unfenced,
    ShutDown,
}

/// A log directory that was online at start.
#[derive(Debug)]
struct LogDirHandle {
    index: usize,
    path: PathBuf,
    directory_id: DirectoryId,
    has_failed: bool,
}

/// One broker's control plane. Made by [`Node::boot`].
#[derive(Debug)]
pub struct Node {
    disk: Arc<dyn Disk>,
    identity: Identity,
    broker_epoch: i64,
    shard_count: usize,
    /// `None` once the metadata log is closed.
    control: Option<ControlPlane>,
    metadata_dir: PathBuf,
    log_dirs: Vec<LogDirHandle>,
    checkpoints: CheckpointBook,
    published: Arc<MetadataImage>,
    /// Answers that wait for their records to be committed, by the offset that they wait for.
    waiting: VecDeque<Waiting>,
    phase: Phase,
    shards_ready: BTreeSet<ShardId>,
    shards_stopped: BTreeSet<ShardId>,
    /// Every shard that has stopped closed its logs properly.
    is_stop_clean: bool,
    snapshots: SnapshotSchedule,
    random: Random,
    log_levels: Arc<LogLevels>,
    /// The time of the last input.
    now: Now,
    /// Jobs that are under way.
    jobs: usize,
    effects: VecDeque<NodeEffect>,
}

impl Node {
    fn new(parts: NodeParts, now: Now) -> Self {
        let NodeParts { disk, identity, broker_epoch, shard_count, config, directories, inventories, .. } =
            parts;
        let mut log_dirs = Vec::new();
        let mut checkpoint_dirs = Vec::new();
        let (mut to_remove, mut failed) = (Vec::new(), Vec::new());
        for (directory, inventory) in directories.online.into_iter().zip(inventories) {
            log_dirs.push(LogDirHandle {
                index: directory.index,
                path: directory.dir.path().to_path_buf(),
                directory_id: directory.directory_id,
                has_failed: inventory.booted.is_offline,
            });
            failed.extend(inventory.booted.is_offline.then_some(directory.index));
            checkpoint_dirs.push((directory.index, Arc::new(directory.dir), inventory.checkpoints));
            to_remove.extend(inventory.to_remove);
        }
        let behind_snapshot = parts.control.behind_snapshot();
        let mut node = Self {
            checkpoints: CheckpointBook::new(checkpoint_dirs, &config.log_manager, now.mono),
            identity,
            broker_epoch,
            shard_count: usize::from(shard_count),
            control: Some(parts.control),
            metadata_dir: directories.metadata,
            log_dirs,
            published: parts.published,
            waiting: VecDeque::new(),
            phase: Phase::Starting,
            shards_ready: BTreeSet::new(),
            shards_stopped: BTreeSet::new(),
            is_stop_clean: true,
            snapshots: SnapshotSchedule {
                config: config.metadata_log,
                bytes_since: behind_snapshot,
                last: now.mono,
                clean_at: Monotonic::NEVER,
            },
            random: parts.random,
            log_levels: Arc::default(),
            now,
            jobs: 0,
            effects: VecDeque::new(),
            disk,
        };
        for log_dir in failed {
            node.checkpoints.fail(log_dir);
        }
        if !to_remove.is_empty() {
            let disk = Arc::clone(&node.disk);
            node.run(Work::RemoveFolders { disk, folders: to_remove });
        }
        if let Err(failure) = node.schedule_cleaning() {
            node.fail(failure);
        }
        node.run_quorum_jobs();
        node
    }

    /// Tells the node a fact. Take its effects afterwards: the more facts come in between, the more of them share a sync.
    pub fn handle(&mut self, input: NodeInput, now: Now) {
        if self.phase == Phase::Ended {
            return;
        }
        self.now = now;
        let handled = match input {
            NodeInput::Request(request) => self.request(request),
            NodeInput::AllocateProducerIds { shard } => self.allocate_producer_ids(shard),
            NodeInput::JobDone(done) => self.job_done(done),
            NodeInput::Checkpoints { shard, entries } => {
                self.checkpoints.update(shard, entries);
                Ok(())
            }
            NodeInput::ShardReady { shard } => self.shard_ready(shard),
            NodeInput::ReplicasPlaced { replicas } => {
                self.assign_replicas(&replicas);
                Ok(())
            }
            NodeInput::LeadersRecovered { partitions } => {
                self.leaders_recovered(&partitions);
                Ok(())
            }
            NodeInput::LogDirFailed { log_dir } => self.log_dir_failed(log_dir),
            NodeInput::ShardStopped { shard, is_clean } => {
                self.shards_stopped.insert(shard);
                self.is_stop_clean &= is_clean;
                Ok(())
            }
            NodeInput::Stop => {
                self.stop();
                Ok(())
            }
            NodeInput::Tick => self.tick(),
        };
        let handled = handled.and_then(|()| self.maybe_close());
        if let Err(failure) = handled {
            self.fail(failure);
        }
    }

    /// The next thing that the host must do, or `None` if there is nothing more for now.
    pub fn poll_effect(&mut self) -> Option<NodeEffect> {
        if self.effects.is_empty()
            && self.phase != Phase::Ended
            && let Err(failure) = self.begin_jobs()
        {
            self.fail(failure);
        }
        self.effects.pop_front()
    }

    /// When to call `handle` with [`NodeInput::Tick`] at the latest.
    #[must_use]
    pub fn poll_deadline(&self) -> Monotonic {
        let waiting =
            || self.waiting.iter().map(|waiting| waiting.deadline).min().unwrap_or(Monotonic::NEVER);
        match self.phase {
            Phase::Starting => waiting().min(self.checkpoints.deadline()),
            Phase::Running => waiting()
                .min(self.checkpoints.deadline())
                .min(self.snapshot_deadline())
                .min(self.session_deadline()),
            // Checkpoints and snapshots are for the end now.
            Phase::StoppingShards => waiting(),
            Phase::Ended | Phase::Closing(_) | Phase::LeavingOffice => Monotonic::NEVER,
        }
    }

    /// The cluster's state that was published last.
    #[must_use]
    pub fn image(&self) -> &Arc<MetadataImage> {
        &self.published
    }

    fn control(&mut self) -> &mut ControlPlane {
        self.control.as_mut().expect("the metadata log is open")
    }

    fn run(&mut self, work: Work) {
        self.jobs += 1;
        self.effects.push_back(NodeEffect::Run(NodeJob(work)));
    }

    fn run_quorum_jobs(&mut self) {
        while let Some(job) = self.control.as_mut().and_then(|control| control.quorum.poll_job()) {
            self.run(Work::Quorum(job));
        }
    }

    /// Begins what waits for the disk and is due: called when the host has told everything that it knows.
    fn begin_jobs(&mut self) -> Result<(), NodeFailure> {
        let (phase, now) = (self.phase, self.now);
        if let Some(control) = &mut self.control {
            // Until the shards are ready nobody waits for what boot appended: the unfencing shares its sync.
            let written = if phase == Phase::Starting { Ok(()) } else { control.write(now) };
            control.quorum.maybe_sync()?;
            if let Err(error) = written {
                self.cannot_write(error)?;
            }
        }
        self.run_quorum_jobs();
        if matches!(self.phase, Phase::Starting | Phase::Running) {
            for work in self.checkpoints.poll(self.now.mono) {
                self.run(work);
            }
        }
        Ok(())
    }

    fn fail(&mut self, failure: NodeFailure) {
        tracing::error!(%failure, "the control plane ends");
        self.phase = Phase::Ended;
        self.effects.clear();
        self.effects.push_back(NodeEffect::Fatal(failure));
    }

    fn job_done(&mut self, done: NodeJobDone) -> Result<(), NodeFailure> {
        self.jobs -= 1;
        match done.0 {
            WorkDone::Quorum(done) => {
                let was_snapshot = matches!(done, QuorumJobDone::Snapshot(_));
                let now = self.now;
                self.control().quorum.handle(done, now)?;
                if was_snapshot {
                    self.clean()?;
                }
                self.commit()
            }
            WorkDone::Checkpoints { log_dir, result } => {
                self.checkpoints.written(log_dir);
                result.or_else(|error| self.directory_error(log_dir, &error))
            }
            WorkDone::Closed { log_dir, result } => {
                if let Phase::Closing(left) = &mut self.phase {
                    *left -= 1;
                }
                let result = result.or_else(|error| self.directory_error(log_dir, &error));
                if self.phase == Phase::Closing(0) {
                    self.phase = Phase::Ended;
                    self.effects.push_back(NodeEffect::Stopped);
                }
                result
            }
            WorkDone::FoldersRemoved(result) => {
                if let Err(error) = result {
                    tracing::warn!(%error, "a deleted replica's folder cannot be removed");
                }
                Ok(())
            }
        }
    }

    /// Publishes what became committed, and answers those who waited for it.
    fn commit(&mut self) -> Result<(), NodeFailure> {
        let Some(committed) = self.control().commit() else { return Ok(()) };
        self.snapshots.bytes_since += committed.bytes;
        let image = Arc::new(committed.image);
        let has_new_configs = !committed.changes.configs.is_empty();
        if !committed.changes.is_empty() {
            let changes = Arc::new(committed.changes);
            self.effects.push_back(NodeEffect::Publish { image: Arc::clone(&image), changes });
        }
        self.published = image;
        let high_watermark = self.control().quorum.high_watermark();
        while self.waiting.front().is_some_and(|waiting| waiting.end_offset <= high_watermark) {
            let waiting = self.waiting.pop_front().expect("there is a first one");
            self.effects.push_back(waiting.into_effect());
        }
        if has_new_configs && self.phase == Phase::Running {
            // Directories may have been cordoned.
            self.heartbeat(Wish::Unfenced);
        }
        self.maybe_snapshot();
        Ok(())
    }

    /// Appends what was decided. `None` if it is too much for one batch.
    fn append<R>(&mut self, outcome: Outcome<R>) -> Option<(R, Offset)> {
        let now = self.now.wall;
        let appended = self.control().append(outcome, now);
        appended.inspect_err(|error| tracing::error!(%error, "a change of the metadata is refused")).ok()
    }

    /// On a full disk those who wait for what could not be written are refused. Everything else is fatal.
    fn cannot_write(&mut self, error: StorageError) -> Result<(), NodeFailure> {
        if !error.is_full() {
            return Err(error.into());
        }
        tracing::error!(%error, "changes of the metadata are refused");
        let end = self.control().quorum.next_offset();
        for waiting in std::mem::take(&mut self.waiting) {
            if waiting.end_offset <= end {
                self.waiting.push_back(waiting);
            } else {
                self.effects.push_back(waiting.into_refusal(ErrorCode::KAFKA_STORAGE_ERROR));
            }
        }
        Ok(())
    }

    /// Sends the effect once everything below `end_offset` is committed.
    fn wait(&mut self, waiting: Waiting) {
        if waiting.end_offset <= self.control().quorum.high_watermark() {
            self.effects.push_back(waiting.into_effect());
        } else {
            self.waiting.push_back(waiting);
        }
    }

    fn shard_ready(&mut self, shard: ShardId) -> Result<(), NodeFailure> {
        self.shards_ready.insert(shard);
        if self.phase != Phase::Starting || self.shards_ready.len() < self.shard_count {
            return Ok(());
        }
        self.phase = Phase::Running;
        if !self.failed_log_dirs().is_empty() {
            // Before the election that the unfencing is: replicas in them are no candidates.
            self.heartbeat(Wish::Fenced);
        }
        let appended = self.heartbeat(Wish::Unfenced);
        let end_offset = match appended {
            Some((response, end_offset)) if !response.is_fenced && response.error_code == 0 => end_offset,
            Some((response, _)) => return Err(NodeFailure::Fenced(response.error_code.into())),
            None => return Err(NodeFailure::Fenced(ErrorCode::UNKNOWN_SERVER_ERROR)),
        };
        self.wait(Waiting::ready(end_offset));
        Ok(())
    }

    /// What this broker says of itself and of its log directories, decided as if it had sent it.
    fn heartbeat(&mut self, wish: Wish) -> Option<(BrokerHeartbeatResponse, Offset)> {
        let request = BrokerHeartbeatRequest {
            broker_id: self.identity.node_id.0,
            broker_epoch: self.broker_epoch,
            current_metadata_offset: self.control().quorum.next_offset().0,
            offline_log_dirs: self.failed_log_dirs(),
            cordoned_log_dirs: self.cordoned_log_dirs(),
            want_fence: wish == Wish::Fenced,
            want_shut_down: wish == Wish::ShutDown,
        };
        let (now, seed) = (self.now, self.random.next_u64());
        let controller = &mut self.control().controller;
        let outcome = with_context(now, seed, 0, |context| controller.broker_heartbeat(&request, context));
        self.append(outcome)
    }

    fn allocate_producer_ids(&mut self, shard: ShardId) -> Result<(), NodeFailure> {
        if self.control.is_none() {
            return Ok(());
        }
        let request = AllocateProducerIdsRequest {
            broker_id: self.identity.node_id.0,
            broker_epoch: self.broker_epoch,
        };
        let outcome = self.control().controller.allocate_producer_ids(&request);
        let (block, end_offset) = match self.append(outcome) {
            Some((response, end_offset)) if response.error_code == 0 => {
                let first = ProducerId(response.producer_id_start);
                (Ok(ProducerIdBlock { first, count: response.producer_id_len }), end_offset)
            }
            Some((response, end_offset)) => (Err(ErrorCode::from(response.error_code)), end_offset),
            None => (Err(ErrorCode::UNKNOWN_SERVER_ERROR), Offset::ZERO),
        };
        let deadline = self.now.mono + requests::TIMEOUT_DEFAULT;
        self.wait(Waiting::producer_ids(end_offset, deadline, shard, block));
        Ok(())
    }

    fn tick(&mut self) -> Result<(), NodeFailure> {
        let now = self.now.mono;
        let mut left = VecDeque::new();
        for waiting in std::mem::take(&mut self.waiting) {
            if waiting.deadline <= now {
                self.effects.push_back(waiting.into_refusal(ErrorCode::REQUEST_TIMED_OUT));
            } else {
                left.push_back(waiting);
            }
        }
        self.waiting = left;
        if self.phase == Phase::Running {
            self.fence_stale_brokers()?;
            if self.snapshots.clean_at <= now {
                self.clean()?;
            }
            self.maybe_snapshot();
        }
        Ok(())
    }

    /// Other brokers that a log of former days has registered are fenced when their sessions end.
    fn fence_stale_brokers(&mut self) -> Result<(), NodeFailure> {
        if self.session_deadline() > self.now.mono {
            return Ok(());
        }
        let (id, now) = (self.identity.node_id, self.now.mono);
        self.control().controller.broker_registered(id, now);
        loop {
            let outcome = self.control().controller.fence_stale_broker(now);
            let is_last = outcome.response.is_none();
            self.append(outcome);
            if is_last {
                return Ok(());
            }
        }
    }

    fn session_deadline(&self) -> Monotonic {
        let Some(control) = &self.control else { return Monotonic::NEVER };
        let mut unfenced = control.controller.image().cluster.unfenced_brokers();
        // This process need not prove to itself that it lives.
        if self.phase == Phase::Running && unfenced.any(|broker| broker.id != self.identity.node_id) {
            control.controller.next_session_end()
        } else {
            Monotonic::NEVER
        }
    }
}
