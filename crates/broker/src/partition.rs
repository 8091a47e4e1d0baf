//! One partition on this broker: its log, its place in the replication, and who waits for it.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ottla_metadata::config::AckDurability;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::{LeaderEpoch, Offset, PartitionId, ProducerEpoch, ProducerId};
use ottla_storage::io::{Disk, StorageError};
use ottla_storage::log::{FlushTicket, Flushed, Log, OpenContext};
use ottla_storage::recovery::{OpenError, RecoveryReport};

use crate::purgatory::ParkedId;
use crate::settings::TopicSettings;
use crate::verification::Verifications;

/// A partition's log, as far as it has been opened.
pub(crate) enum LogState {
    /// Not opened yet.
    Closed {
        /// Its folder.
        folder: PathBuf,
        /// What is known of it.
        open: OpenContext,
        /// There is no folder yet.
        is_new: bool,
    },
    /// In use.
    Open(Box<Log>),
    /// Its directory failed, or it cannot be read: offline until the broker starts again.
    Offline,
}

/// A partition of which this broker holds a replica.
pub(crate) struct Partition {
    pub id: PartitionId,
    pub topic: Arc<str>,
    /// Index of its log directory.
    pub log_dir: usize,
    pub settings: Arc<TopicSettings>,
    pub leader_epoch: LeaderEpoch,
    pub is_leader: bool,
    /// Offset below which every record is on every in-sync replica. Invariant: `log_start <= high_watermark <= log_end`
    /// once the log is open; never goes back within one leader epoch.
    pub high_watermark: Offset,
    /// Up to where the cleaner checkpoint says that the log is compacted, for its opening.
    pub cleaned_up_to: Option<Offset>,
    /// Count of assigned replicas.
    pub replica_count: i32,
    /// Count of in-sync replicas.
    pub isr_size: i32,
    log: LogState,
    /// Whether a sync is under way.
    sync_running: bool,
    /// Somebody waits for a sync up to here.
    sync_wanted: Offset,
    /// When `flush.ms` last asked for a sync.
    synced_by_time: Monotonic,
    /// The high watermark when waiting fetches were last looked at.
    pub fetch_seen: Offset,
    /// Acks=all writes that wait: the offset that must be acknowledgeable, ascending.
    pub produce_waiters: VecDeque<(Offset, ParkedId)>,
    /// Fetches that wait for records.
    pub fetch_waiters: Vec<ParkedId>,
    /// When the log was last wanted.
    pub last_used: Monotonic,
    /// Why the log could not be opened, if it is the disk that failed: the shard has yet to take the directory offline.
    pub disk_failure: Option<StorageError>,
    /// Which producers may begin a transaction here.
    pub verifications: Verifications,
}

/// Whoever waits for a partition.
pub(crate) struct PartitionWaiters {
    pub produces: VecDeque<(Offset, ParkedId)>,
    pub fetches: Vec<ParkedId>,
}

impl Partition {
    pub fn new(
        id: PartitionId,
        topic: Arc<str>,
        log_dir: usize,
        settings: Arc<TopicSettings>,
        log: LogState,
        high_watermark: Offset,
    ) -> Self {
        Self {
            id,
            topic,
            log_dir,
            settings,
            leader_epoch: LeaderEpoch::UNKNOWN,
            is_leader: false,
            high_watermark,
            cleaned_up_to: None,
            replica_count: 1,
            isr_size: 1,
            log,
            sync_running: false,
            sync_wanted: Offset::ZERO,
            synced_by_time: Monotonic(0),
            fetch_seen: Offset::ZERO,
            produce_waiters: VecDeque::new(),
            fetch_waiters: Vec::new(),
            last_used: Monotonic(0),
            disk_failure: None,
            verifications: Verifications::default(),
        }
    }

    /// Name and index, as Kafka writes a partition in logs.
    pub fn name(&self) -> String {
        format!("{}-{}", self.topic, self.id.partition)
    }

    /// The log, opened if need be.
    ///
    /// Errors: `KAFKA_STORAGE_ERROR` if it is offline, or cannot be opened and so goes offline; too many open files alone take
    /// nothing offline.
    pub fn log(&mut self, disk: &Arc<dyn Disk>, now: Now) -> Result<&mut Log, ErrorCode> {
        self.last_used = now.mono;
        if let LogState::Closed { folder, open, .. } = &self.log {
            let open = OpenContext { now, ..open.clone() };
            self.log = match Log::open(Arc::clone(disk), folder, Arc::clone(&self.settings.log), &open) {
                Ok((mut log, report)) => {
                    // That batches were read again is no news after a crash; what was cut or rebuilt is.
                    if (RecoveryReport { segments_scanned: 0, ..report.clone() }) != RecoveryReport::default()
                    {
                        tracing::info!(partition = self.name(), ?report, "log recovered");
                    }
                    if let Some(offset) = self.cleaned_up_to {
                        log.restore_cleaned_up_to(offset);
                    }
                    let (start, end) = (log.log_start_offset(), log.log_end_offset());
                    self.high_watermark = self.high_watermark.clamp(start, end);
                    LogState::Open(Box::new(log))
                }
                Err(OpenError::Storage(error)) if error.is_out_of_files() => {
                    tracing::warn!(partition = self.name(), %error, "log cannot be opened now");
                    return Err(ErrorCode::KAFKA_STORAGE_ERROR);
                }
                Err(error) => {
                    tracing::error!(partition = self.name(), %error, "log cannot be opened: the partition is offline");
                    if let OpenError::Storage(error) = error
                        && !error.is_damage()
                    {
                        self.disk_failure = Some(error);
                    }
                    LogState::Offline
                }
            };
            self.restore_leadership();
        }
        match &mut self.log {
            LogState::Open(log) => Ok(log),
            LogState::Closed { .. } | LogState::Offline => Err(ErrorCode::KAFKA_STORAGE_ERROR),
        }
    }

    /// The log if it is open.
    pub fn open_log(&mut self) -> Option<&mut Log> {
        match &mut self.log {
            LogState::Open(log) => Some(log),
            LogState::Closed { .. } | LogState::Offline => None,
        }
    }

    /// The log's state, for reports that must not open it.
    pub fn log_state(&self) -> &LogState {
        &self.log
    }

    /// Takes the log out for good: the partition is deleted or the shard stops.
    pub fn take_log(&mut self) -> LogState {
        std::mem::replace(&mut self.log, LogState::Offline)
    }

    /// The disk failed: nothing of this log is served until the broker starts again.
    pub fn take_offline(&mut self) {
        self.log = LogState::Offline;
    }

    /// Leads the partition in `epoch`. With one replica everything written is on all of them.
    pub fn become_leader(&mut self, epoch: LeaderEpoch) {
        assert!(epoch >= self.leader_epoch, "leader epoch went back: {} -> {epoch}", self.leader_epoch);
        self.is_leader = true;
        self.leader_epoch = epoch;
        self.restore_leadership();
    }

    fn restore_leadership(&mut self) {
        if !self.is_leader {
            return;
        }
        let epoch = self.leader_epoch;
        if let LogState::Open(log) = &mut self.log {
            log.assign_leader_epoch(epoch);
            self.high_watermark = log.log_end_offset();
            log.on_high_watermark(self.high_watermark);
        }
    }

    /// Everything that was just appended is on all in-sync replicas: there is one.
    pub fn advance_high_watermark(&mut self) {
        if let LogState::Open(log) = &mut self.log {
            let end = log.log_end_offset();
            let from = self.high_watermark;
            assert!(end >= from, "high watermark went back: {from} -> {end}");
            self.high_watermark = end;
            log.on_high_watermark(end);
        }
    }

    /// Offset below which acks=all writes may be acknowledged: on all in-sync replicas and, where the topic's
    /// durability asks for it, on the disk.
    pub fn acknowledgeable(&self) -> Offset {
        match &self.log {
            LogState::Open(log) if self.waits_for_sync() => self.high_watermark.min(log.recovery_point()),
            LogState::Open(_) | LogState::Closed { .. } => self.high_watermark,
            LogState::Offline => Offset::ZERO,
        }
    }

    /// Whether acks=all writes wait for a sync of this broker's disk: where the topic says so, and where there is no other
    /// replica to keep its promise.
    fn waits_for_sync(&self) -> bool {
        let is_alone = self.replica_count < 2 && self.settings.topic.ack_durability == AckDurability::Auto;
        self.settings.ack_waits_for_sync || is_alone
    }

    /// Whether somebody waits for a sync that has not begun.
    pub fn wants_sync(&self) -> bool {
        let LogState::Open(log) = &self.log else { return false };
        !self.sync_running && self.sync_wanted > log.recovery_point()
    }

    /// Asks for a sync up to `end`, whatever the topic's durability.
    pub fn sync_up_to(&mut self, end: Offset) {
        self.sync_wanted = self.sync_wanted.max(end);
    }

    /// Asks for a sync up to `end`, if the topic's durability wants one.
    pub fn want_sync(&mut self, end: Offset) {
        if self.waits_for_sync() {
            self.sync_wanted = self.sync_wanted.max(end);
        }
    }

    /// Asks for a sync if as many records as `flush.messages` says are not known to be on the disk.
    /// Source: Kafka `UnifiedLog.append`.
    pub fn limit_unsynced(&mut self) {
        let LogState::Open(log) = &self.log else { return };
        let (from, end) = (log.recovery_point(), log.log_end_offset());
        if end.0 - from.0 >= self.settings.topic.flush_messages {
            self.sync_wanted = self.sync_wanted.max(end);
        }
    }

    /// Asks for a sync if the last one that this asked for is `flush.ms` ago, and there is something to sync. Whether it
    /// did. Source: Kafka `LogManager.flushDirtyLogs`.
    pub fn sync_by_time(&mut self, now: Monotonic) -> bool {
        let LogState::Open(log) = &self.log else { return false };
        let interval =
            u64::try_from(self.settings.topic.flush_ms).map_or(Duration::MAX, Duration::from_millis);
        let end = log.log_end_offset();
        let is_due = log.recovery_point() < end && now.since(self.synced_by_time) >= interval;
        if is_due {
            self.sync_wanted = self.sync_wanted.max(end);
            self.synced_by_time = now;
        }
        is_due
    }

    /// Begins a sync of everything that is written.
    pub fn start_sync(&mut self) -> Result<Option<FlushTicket>, StorageError> {
        let LogState::Open(log) = &mut self.log else { return Ok(None) };
        let ticket = log.flush_ticket()?;
        self.sync_running = ticket.is_some();
        Ok(ticket)
    }

    /// A sync has ended well.
    pub fn end_sync(&mut self, flushed: &Flushed) {
        self.sync_running = false;
        if let LogState::Open(log) = &mut self.log {
            log.mark_flushed(flushed);
        }
    }

    /// A sync has failed: there is no other.
    pub fn abandon_sync(&mut self) {
        self.sync_running = false;
    }

    /// Whether a sync is under way.
    pub fn is_syncing(&self) -> bool {
        self.sync_running
    }

    /// Everybody who waits for the partition, taken out of it.
    pub fn take_waiters(&mut self) -> PartitionWaiters {
        PartitionWaiters {
            produces: std::mem::take(&mut self.produce_waiters),
            fetches: std::mem::take(&mut self.fetch_waiters),
        }
    }

    /// `waiter` is to be told when writes up to `needed` may be acknowledged.
    pub fn await_ack(&mut self, needed: Offset, waiter: ParkedId) {
        debug_assert!(self.produce_waiters.back().is_none_or(|(last, _)| *last <= needed));
        self.produce_waiters.push_back((needed, waiter));
        self.want_sync(needed);
    }

    /// `waiter` is to be told when there are more records. Those who no longer wait, by `still_waits`, are let go of from
    /// time to time.
    pub fn await_records(&mut self, waiter: ParkedId, still_waits: impl Fn(ParkedId) -> bool) {
        // Whoever waits already may not have been told of the last records yet.
        if self.fetch_waiters.is_empty() {
            self.fetch_seen = self.high_watermark;
        }
        if self.fetch_waiters.len() == self.fetch_waiters.capacity() {
            self.fetch_waiters.retain(|waiter| still_waits(*waiter));
            self.fetch_waiters.reserve(self.fetch_waiters.len().max(8));
        }
        self.fetch_waiters.push(waiter);
    }

    /// Whether the producer's transaction has begun in the log, as far as the log is open.
    pub fn has_open_transaction(&self, producer_id: ProducerId, epoch: ProducerEpoch) -> bool {
        matches!(&self.log, LogState::Open(log) if log.has_open_transaction(producer_id, epoch))
    }

    /// The producer's last epoch in the log, as far as the log is open and remembers the producer.
    pub fn producer_epoch(&self, producer_id: ProducerId) -> Option<ProducerEpoch> {
        match &self.log {
            LogState::Open(log) => log.producer_epoch(producer_id),
            LogState::Closed { .. } | LogState::Offline => None,
        }
    }

    /// Compares the epoch that a client believes in with ours; -1 skips the check.
    pub fn check_epoch(&self, believed: LeaderEpoch) -> Result<(), ErrorCode> {
        if believed == LeaderEpoch::UNKNOWN || believed == self.leader_epoch {
            Ok(())
        } else if believed < self.leader_epoch {
            Err(ErrorCode::FENCED_LEADER_EPOCH)
        } else {
            Err(ErrorCode::UNKNOWN_LEADER_EPOCH)
        }
    }

    /// Whether the log was left behind by a crash and has not been opened since.
    pub fn needs_recovery(&self) -> bool {
        matches!(&self.log, LogState::Closed { open, is_new: false, .. } if !open.had_clean_shutdown)
    }

    /// Whether the log is usable, as far as is known.
    pub fn is_online(&self) -> bool {
        !matches!(self.log, LogState::Offline)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ottla_metadata::config::{BrokerConfig, ConfigLayers, StaticConfig};
    use ottla_metadata::image::MetadataImage;
    use ottla_protocol::time::Monotonic;
    use ottla_protocol::types::TopicId;

    use super::*;
    use crate::purgatory::Purgatory;

    fn partition() -> Partition {
        let configs = [
            ("node.id", "1"),
            ("process.roles", "broker,controller"),
            ("controller.listener.names", "C"),
            ("listeners", "PLAINTEXT://localhost:9092,C://localhost:9093"),
        ];
        let layers = ConfigLayers::of_static(Arc::new(StaticConfig::from_iter(configs)));
        let config = BrokerConfig::resolve(&layers).unwrap();
        let settings = Arc::new(TopicSettings::of_topic("t", &MetadataImage::default(), &config));
        let id = PartitionId { topic_id: TopicId::ZERO, partition: 0 };
        Partition::new(id, "t".into(), 0, settings, LogState::Offline, Offset::ZERO)
    }

    #[test]
    fn fetches_whose_time_was_up_are_not_remembered_for_ever() {
        let mut partition = partition();
        let mut purgatory = Purgatory::default();
        let lasting = purgatory.park((), Monotonic::NEVER, None);
        partition.await_records(lasting, |_| true);
        for _ in 0..10_000 {
            let waiter = purgatory.park((), Monotonic(0) + Duration::from_millis(500), None);
            partition.await_records(waiter, |id| purgatory.contains(id));
            purgatory.take(waiter);
        }
        assert!(partition.fetch_waiters.len() < 32, "{} are remembered", partition.fetch_waiters.len());
        assert!(partition.fetch_waiters.contains(&lasting));
    }
}
