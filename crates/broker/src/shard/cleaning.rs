//! Compaction: the dirtiest of a shard's logs is compacted, and then the next.
//!
//! ```text
//!  every backoff ─► the dirtiest log ─► plan ─► slice ─► slice ─► … ─► a group is ready: swap ─► slice … ─► done ─► the next
//!                                         └ Job::Clean ┘ └ a pause for the throttle
//! ```
//! A round is done in slices on other threads, so that it holds up neither a shard nor the syncs of others for long, keeps to its
//! rate, and ends soon when its log is deleted. Memory and rate of the cleaner are shared out evenly among the shards.
//!
//! Source: Kafka `LogCleaner.CleanerThread`, `LogCleanerManager.grabFilthiestCompactedLog`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ottla_metadata::config::LogManagerConfig;
use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::{Offset, PartitionId};
use ottla_storage::compaction::{
    CleanError, Cleaned, CleanerOptions, Cleaning, CleaningStep, Dirt, HashSecret,
};
use ottla_storage::io::{Operation, StorageError};
use ottla_storage::log::SwapError;

use super::{Shard, ShardEffect, millis};
use crate::job::{CleanTask, Job};

/// Bytes of a slice: some milliseconds of work.
const SLICE_BYTES_MAX: u64 = 2 << 20;
/// Bytes of a slice under a tight throttle.
const SLICE_BYTES_MIN: u64 = 64 << 10;
/// A look at all logs is not for nothing.
const BACKOFF_MIN: Duration = Duration::from_millis(10);
/// How long a swap waits for whoever reads the segments by name.
const BUSY_WAIT: Duration = Duration::from_millis(100);

/// What a shard compacts, and what it does not.
#[derive(Debug, Default)]
pub(super) struct LogCleaner {
    /// When to look for the dirtiest log next.
    next_look: Monotonic,
    rounds: BTreeMap<PartitionId, Round>,
    /// Logs of which a round has failed: they stay as they are until the broker starts again.
    uncleanable: BTreeSet<PartitionId>,
    /// Transaction indexes that were made anew because a round wanted more of them: once.
    recovered: BTreeSet<(PartitionId, Offset)>,
    /// When the rate allows more.
    free_at: Monotonic,
}

/// A round under way.
#[derive(Debug)]
enum Round {
    /// A slice of it is being done elsewhere.
    Running,
    /// It goes on at a time.
    Paused { until: Monotonic, step: CleaningStep },
}

impl LogCleaner {
    pub(super) fn new(now: Monotonic, config: &LogManagerConfig) -> Self {
        Self { next_look: now + backoff(config), ..Self::default() }
    }

    /// When there may be something to do.
    pub(super) fn next_deadline(&self) -> Monotonic {
        let paused = self.rounds.values().filter_map(|round| match round {
            Round::Running => None,
            Round::Paused { until, .. } => Some(*until),
        });
        paused.min().unwrap_or(Monotonic::NEVER).min(self.next_look)
    }

    /// Whether the log is being compacted: retention waits.
    pub(super) fn is_cleaning(&self, id: PartitionId) -> bool {
        self.rounds.contains_key(&id)
    }

    /// Whether anything is being done elsewhere.
    pub(super) fn is_running(&self) -> bool {
        self.rounds.values().any(|round| matches!(round, Round::Running))
    }

    /// Takes note that a slice has cost so much of the rate.
    fn pay(&mut self, bytes: u64, rate: f64, now: Monotonic) {
        let seconds = bytes as f64 / rate.max(1.0);
        let pause = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        self.free_at = self.free_at.max(now) + pause;
    }
}

impl Shard {
    /// Goes on with rounds that waited, and looks for the next.
    pub(super) fn tick_cleaner(&mut self, now: Now) {
        let is_due = |round: &Round| matches!(round, Round::Paused { until, .. } if *until <= now.mono);
        let due: Vec<PartitionId> =
            self.cleaner.rounds.iter().filter(|(_, round)| is_due(round)).map(|(id, _)| *id).collect();
        for id in due {
            if let Some(Round::Paused { step, .. }) = self.cleaner.rounds.remove(&id) {
                self.go_on_cleaning(id, step, now);
            }
        }
        while self.cleaner.next_look <= now.mono {
            self.cleaner.next_look = now.mono + backoff(&self.config.log_manager);
            if self.can_clean_more() && self.clean_dirtiest(now) && self.can_clean_more() {
                self.cleaner.next_look = now.mono;
            } else {
                break;
            }
        }
    }

    fn can_clean_more(&self) -> bool {
        let config = &self.config.log_manager;
        config.cleaner_enable && !self.stopping && self.cleaner.rounds.len() < self.rounds_max()
    }

    /// How many logs may be compacted at once: this shard's part of `log.cleaner.threads`.
    fn rounds_max(&self) -> usize {
        let threads = usize::try_from(self.config.log_manager.cleaner_threads).unwrap_or(0);
        threads.div_ceil(usize::from(self.shard_count))
    }

    /// Begins a round on the log that is dirtiest. Whether there is one.
    fn clean_dirtiest(&mut self, now: Now) -> bool {
        self.forget_uncleanable();
        let mut dirtiest: Option<(f64, PartitionId, Dirt)> = None;
        let mut failed = Vec::new();
        for (id, partition) in &mut self.partitions {
            let settings = &partition.settings.log;
            let (compaction, compacts) = (settings.compaction, settings.cleanup_policy.compact);
            if !compacts || self.cleaner.uncleanable.contains(id) || self.cleaner.is_cleaning(*id) {
                continue;
            }
            let high_watermark = partition.high_watermark;
            let Some(log) = partition.open_log() else { continue };
            // What is not on the disk yet may be lost, and must not take the place of what is.
            match log.dirt(high_watermark.min(log.recovery_point()), now.wall) {
                Ok(Some(dirt)) if dirt.wants_cleaning(compaction.min_cleanable_dirty_ratio) => {
                    // Of equals, the one with the lower id, so that the same facts have the same effects.
                    let rank = |(ratio, id): (f64, PartitionId)| (ratio, std::cmp::Reverse(id));
                    let own = dirt.ratio();
                    if dirtiest
                        .as_ref()
                        .is_none_or(|(ratio, other, _)| rank((own, *id)) > rank((*ratio, *other)))
                    {
                        dirtiest = Some((own, *id, dirt));
                    }
                }
                Ok(_) => {}
                Err(error) => failed.push((*id, error)),
            }
        }
        for (id, error) in failed {
            self.cleaning_failed(id, &error.into(), now);
        }
        let Some((ratio, id, dirt)) = dirtiest else { return false };
        tracing::debug!(partition = self.cleaned_name(id), ratio, ?dirt, "compaction begins");
        self.begin_cleaning(id, &dirt, now)
    }

    fn begin_cleaning(&mut self, id: PartitionId, dirt: &Dirt, now: Now) -> bool {
        let options = self.cleaner_options();
        let Some(log) = self.partitions.get_mut(&id).and_then(|partition| partition.open_log()) else {
            return false;
        };
        match log.plan_cleaning(dirt, options, now.wall) {
            Ok(cleaning) => {
                self.go_on_cleaning(id, CleaningStep::More(cleaning), now);
                true
            }
            Err(error) => {
                self.cleaning_failed(id, &error.into(), now);
                false
            }
        }
    }

    fn cleaner_options(&mut self) -> CleanerOptions {
        let hash_secret = HashSecret([self.next_seed(), self.next_seed()]);
        let config = &self.config.log_manager;
        let rounds = self.rounds_max().max(1) * usize::from(self.shard_count);
        CleanerOptions {
            dedupe_buffer_size: u64::try_from(config.cleaner_dedupe_buffer_bytes).unwrap_or(0)
                / rounds as u64,
            load_factor: config.cleaner_load_factor,
            io_buffer_size: usize::try_from(config.cleaner_io_buffer_bytes).unwrap_or(0) / rounds / 2,
            hash_secret,
        }
    }

    /// Bytes that this shard may read and write in a second.
    fn cleaner_rate(&self) -> f64 {
        self.config.log_manager.cleaner_bytes_per_second_max / f64::from(self.shard_count)
    }

    /// Does the next thing of a round: a slice elsewhere, or the swap of a group here.
    fn go_on_cleaning(&mut self, id: PartitionId, step: CleaningStep, now: Now) {
        match step {
            CleaningStep::Done(cleaned) => self.cleaned(id, &cleaned, now),
            CleaningStep::More(cleaning) if self.has_log_to_clean(id) => {
                if self.cleaner.free_at > now.mono {
                    let until = self.cleaner.free_at;
                    let step = CleaningStep::More(cleaning);
                    self.cleaner.rounds.insert(id, Round::Paused { until, step });
                } else {
                    let slice = (self.cleaner_rate() / 10.0) as u64;
                    let slice = slice.clamp(SLICE_BYTES_MIN, SLICE_BYTES_MAX);
                    self.run_cleaning(id, cleaning, CleanTask::Slice(slice));
                }
            }
            CleaningStep::Ready(cleaning) if self.has_log_to_clean(id) => self.swap_in(id, cleaning, now),
            CleaningStep::More(cleaning) | CleaningStep::Ready(cleaning) => {
                self.run_cleaning(id, cleaning, CleanTask::Abandon);
            }
        }
    }

    /// Whether the log is still there, and not on its way out.
    fn has_log_to_clean(&mut self, id: PartitionId) -> bool {
        let log = self.partitions.get_mut(&id).and_then(|partition| partition.open_log());
        log.is_some_and(|log| log.config().cleanup_policy.compact) && !self.stopping
    }

    fn run_cleaning(&mut self, partition: PartitionId, cleaning: Box<Cleaning>, task: CleanTask) {
        self.cleaner.rounds.insert(partition, Round::Running);
        self.effects.push_back(ShardEffect::Run(Job::Clean { partition, cleaning, task }));
    }

    fn swap_in(&mut self, id: PartitionId, mut cleaning: Box<Cleaning>, now: Now) {
        let Some(partition) = self.partitions.get_mut(&id) else { return };
        let delay = partition.settings.log.file_delete_delay;
        let Some(log) = partition.open_log() else { return };
        match log.swap_in(&mut cleaning) {
            Ok(unlink) => {
                self.remove_later(unlink, now.mono + delay);
                self.go_on_cleaning(id, CleaningStep::More(cleaning), now);
            }
            Err(SwapError::Busy) => {
                let (until, step) = (now.mono + BUSY_WAIT, CleaningStep::Ready(cleaning));
                self.cleaner.rounds.insert(id, Round::Paused { until, step });
            }
            Err(error @ SwapError::Stale) => {
                tracing::info!(partition = self.cleaned_name(id), %error, "compaction is begun anew later");
                self.run_cleaning(id, cleaning, CleanTask::Abandon);
            }
            Err(SwapError::Storage(error)) => {
                self.fail_directory(id, &error, now);
                self.run_cleaning(id, cleaning, CleanTask::Abandon);
            }
        }
    }

    /// A slice has been done, or a round given up (`None`).
    pub(super) fn cleaning_done(
        &mut self,
        id: PartitionId,
        bytes: u64,
        result: Option<Result<CleaningStep, CleanError>>,
        now: Now,
    ) {
        self.cleaner.rounds.remove(&id);
        let rate = self.cleaner_rate();
        self.cleaner.pay(bytes, rate, now.mono);
        match result {
            Some(Ok(step)) => self.go_on_cleaning(id, step, now),
            Some(Err(error)) => self.cleaning_failed(id, &error, now),
            None => {}
        }
        self.stop_if_done();
    }

    /// A round has ended well.
    fn cleaned(&mut self, id: PartitionId, cleaned: &Cleaned, now: Now) {
        let name = self.cleaned_name(id);
        let Some(log) = self.partitions.get_mut(&id).and_then(|partition| partition.open_log()) else {
            return;
        };
        log.mark_cleaned(cleaned);
        let Cleaned { first_dirty, end_offset, stats } = cleaned;
        tracing::info!(partition = name, %first_dirty, %end_offset, ?stats, "log compacted");
        if stats.records_without_key > 0 {
            tracing::warn!(
                partition = name,
                count = stats.records_without_key,
                "records without a key in a compacted topic are gone"
            );
        }
        // Where one was dirty, others may be.
        self.cleaner.next_look = now.mono;
    }

    /// A round has ended badly. What the disk may have got over is tried again; anything else stays as it is, and is told.
    fn cleaning_failed(&mut self, id: PartitionId, error: &CleanError, now: Now) {
        let partition = self.cleaned_name(id);
        let Some(log) = self.partitions.get_mut(&id).and_then(|partition| partition.open_log()) else {
            // Deleted or offline meanwhile: of course it failed.
            return;
        };
        match error {
            CleanError::TransactionIndex { base_offset } => {
                if self.cleaner.recovered.insert((id, *base_offset))
                    && log.recover_transaction_index(*base_offset).is_ok()
                {
                    tracing::warn!(partition, %error, "transaction index made anew");
                    return;
                }
            }
            CleanError::Storage(error) if error.is_full() => {
                tracing::warn!(partition, %error, "not compacted: the disk is full");
                return;
            }
            CleanError::Storage(error) if is_failed_sync(error) => {
                return self.fail_directory(id, error, now);
            }
            CleanError::Storage(_) | CleanError::Damaged { .. } | CleanError::TooLarge { .. } => {}
        }
        tracing::error!(partition, %error, "log cannot be compacted: it stays as it is until the broker starts again");
        self.cleaner.uncleanable.insert(id);
    }

    /// Partitions that are gone are no longer uncleanable.
    fn forget_uncleanable(&mut self) {
        let partitions = &self.partitions;
        self.cleaner.uncleanable.retain(|id| partitions.contains_key(id));
        self.cleaner.recovered.retain(|(id, _)| partitions.contains_key(id));
    }

    /// Gives up every round that waits: the shard stops.
    pub(super) fn stop_cleaning(&mut self, now: Now) {
        for (id, round) in std::mem::take(&mut self.cleaner.rounds) {
            match round {
                Round::Running => {
                    self.cleaner.rounds.insert(id, Round::Running);
                }
                Round::Paused { step, .. } => self.go_on_cleaning(id, step, now),
            }
        }
    }

    fn cleaned_name(&self, id: PartitionId) -> String {
        self.partitions.get(&id).map_or_else(|| id.to_string(), |partition| partition.name())
    }
}

/// How long to wait when nothing is dirty.
fn backoff(config: &LogManagerConfig) -> Duration {
    millis(config.cleaner_backoff_ms).max(BACKOFF_MIN)
}

/// After a sync that failed nothing in its directory can be trusted.
fn is_failed_sync(error: &StorageError) -> bool {
    matches!(error.operation, Operation::Sync | Operation::SyncDir)
}
