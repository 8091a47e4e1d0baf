//! What a new image, a finished sync, retention and a stop do to the partitions of a shard.

use std::sync::Arc;

use ottla_coordinator::group::GroupCoordinator;
use ottla_coordinator::transaction::TransactionCoordinator;
use ottla_metadata::delta::MetadataChanges;
use ottla_metadata::image::{MetadataImage, PartitionRegistration, TopicImage};
use ottla_protocol::error::ErrorCode;
use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::{Offset, PartitionId};
use ottla_storage::io::StorageError;
use ottla_storage::log::{Flushed, OpenContext};
use ottla_storage::recovery::OnDamage;

use super::{Peer, Shard, ShardEffect};
use crate::api;
use crate::effect::PartitionCheckpoint;
use crate::internal_topics::{CONSUMER_OFFSETS, TRANSACTION_STATE};
use crate::job::{Job, Removal};
use crate::log_dirs::{self, Place};
use crate::node::NodeInput;
use crate::partition::{LogState, Partition, PartitionWaiters};
use crate::settings::TopicSettings;

impl Shard {
    /// Takes the first image.
    pub(super) fn adopt(&mut self, image: Arc<MetadataImage>, now: Now) {
        self.image = image;
        let image = Arc::clone(&self.image);
        self.log_dirs.cordon(&self.config.node.cordoned_log_dirs);
        for topic in image.topics.iter() {
            self.take_topic(topic, now);
        }
        // Logs that were not closed cleanly are recovered before anybody is served.
        let unclean: Vec<PartitionId> =
            self.partitions.values().filter(|p| p.needs_recovery()).map(|p| p.id).collect();
        for id in unclean {
            let disk = Arc::clone(&self.disk);
            if let Some(partition) = self.partitions.get_mut(&id) {
                // A log that cannot be opened says so and is offline; the others are served.
                let _ = partition.log(&disk, now);
            }
        }
        self.report_replicas(image.topics.iter());
        self.adopt_coordinators::<GroupCoordinator>(now);
        self.adopt_coordinators::<TransactionCoordinator>(now);
    }

    /// Takes a new image: opens what has become ours, drops what is deleted, and lets config changes take effect.
    pub(super) fn publish(&mut self, image: Arc<MetadataImage>, changes: &MetadataChanges, now: Now) {
        self.image = image;
        let image = Arc::clone(&self.image);
        for topic in changes.deleted_topics.values() {
            self.drop_topic(topic, now);
        }
        if !changes.configs.is_empty() {
            self.apply_configs();
        }
        self.tell_groups(&image, changes, now);
        let changed = || changes.topics.keys().filter_map(|id| image.topics.by_id(*id));
        for topic in changed() {
            self.take_topic(topic, now);
        }
        self.report_replicas(changed());
        let has_changed = |name: &str| changed().any(|topic| &*topic.name == name);
        if has_changed(CONSUMER_OFFSETS) {
            self.adopt_coordinators::<GroupCoordinator>(now);
        }
        if has_changed(TRANSACTION_STATE) {
            self.adopt_coordinators::<TransactionCoordinator>(now);
            // Whoever comes to a new coordinator wants one.
            api::init_producer_id::ask(self);
        }
        if changes.features {
            self.tell_transaction_version(now);
        }
        self.run_coordinators(now);
    }

    fn take_topic(&mut self, topic: &TopicImage, now: Now) {
        let mut settings = None;
        for (index, registration) in &topic.partitions {
            if !registration.replicas.contains(&self.identity.node_id) {
                continue;
            }
            let id = PartitionId { topic_id: topic.id, partition: *index };
            if !self.is_owner(id) {
                continue;
            }
            if !self.partitions.contains_key(&id) {
                let settings = settings.get_or_insert_with(|| {
                    Arc::new(TopicSettings::of_topic(&topic.name, &self.image, &self.config))
                });
                let partition = self.make_partition(id, topic, registration, Arc::clone(settings), now);
                self.log_dirs.count(partition.log_dir, 1);
                self.partitions.insert(id, partition);
                self.unopened.push_back(id);
            }
            let node_id = self.identity.node_id;
            if let Some(partition) = self.partitions.get_mut(&id) {
                partition.replica_count = i32::try_from(registration.replicas.len()).unwrap_or(i32::MAX);
                partition.isr_size = i32::try_from(registration.isr.len()).unwrap_or(i32::MAX);
                if registration.leader == node_id && registration.leader_epoch > partition.leader_epoch {
                    partition.become_leader(registration.leader_epoch);
                } else if registration.leader != node_id && partition.is_leader {
                    self.resign(id, now);
                }
            }
        }
    }

    /// The partition is led elsewhere, or by nobody. Whoever waits for its records is told at once.
    fn resign(&mut self, id: PartitionId, now: Now) {
        let Some(partition) = self.partitions.get_mut(&id) else { return };
        partition.is_leader = false;
        for waiter in std::mem::take(&mut partition.fetch_waiters) {
            api::fetch::conclude(self, waiter, now);
        }
    }

    fn make_partition(
        &mut self,
        id: PartitionId,
        topic: &TopicImage,
        registration: &PartitionRegistration,
        settings: Arc<TopicSettings>,
        now: Now,
    ) -> Partition {
        let found = self.log_dirs.take_found(&topic.name, id.partition);
        let place = match &found {
            Some(found) => Place::Online(found.log_dir),
            None => self.log_dirs.place(registration.directory(self.identity.node_id), self.id),
        };
        let (Place::Online(log_dir) | Place::Offline(log_dir)) = place;
        let open = OpenContext {
            topic_id: log_dirs::known(topic.id),
            recovery_point: found.as_ref().map_or(Offset::ZERO, |found| found.recovery_point),
            log_start_offset: found.as_ref().map_or(Offset::ZERO, |found| found.log_start_offset),
            was_compacted: found.as_ref().is_some_and(|found| found.cleaned_up_to.is_some()),
            had_clean_shutdown: self.log_dirs.get(log_dir).clean_shutdown,
            on_damage: OnDamage::Refuse,
            now,
            seed: self.next_seed(),
        };
        let folder = self.log_dirs.folder(log_dir, &topic.name, id.partition);
        let high_watermark = found.as_ref().map_or(Offset::ZERO, |found| found.high_watermark);
        let state = match place {
            Place::Online(_) => LogState::Closed { folder, open, is_new: found.is_none() },
            Place::Offline(_) => LogState::Offline,
        };
        let mut partition =
            Partition::new(id, Arc::clone(&topic.name), log_dir, settings, state, high_watermark);
        partition.cleaned_up_to = found.and_then(|found| found.cleaned_up_to);
        partition
    }

    fn drop_topic(&mut self, topic: &TopicImage, now: Now) {
        for index in topic.partitions.keys() {
            let id = PartitionId { topic_id: topic.id, partition: *index };
            let Some(mut partition) = self.partitions.remove(&id) else { continue };
            self.log_dirs.count(partition.log_dir, -1);
            self.unload_coordinators(id);
            let waiters = partition.take_waiters();
            self.release_waiters(id, waiters, now);
            self.delete_folder(partition, now);
        }
        self.groups.host.topic_deleted(&topic.name, topic.id, now);
        // What is known of these logs is not true of others of their names.
        self.report_checkpoints();
    }

    fn delete_folder(&mut self, mut partition: Partition, now: Now) {
        let delay = partition.settings.log.file_delete_delay;
        let unique_id = self.next_uuid();
        if let LogState::Closed { is_new: true, .. } = partition.log_state() {
            return;
        }
        // A closed log is opened to be deleted: the rename is the log's own.
        let disk = Arc::clone(&self.disk);
        let _ = partition.log(&disk, now);
        if let LogState::Open(log) = partition.take_log() {
            match log.delete(unique_id) {
                Ok(unlink) => self.remove_later(unlink, now.mono + delay),
                Err(error) => {
                    tracing::error!(partition = partition.name(), %error, "folder cannot be deleted")
                }
            }
        }
    }

    /// Whoever waits for a partition that is gone or offline gets the answer now.
    fn release_waiters(&mut self, id: PartitionId, waiters: PartitionWaiters, now: Now) {
        for (_, waiter) in waiters.produces {
            api::produce::fail(self, waiter, id);
            api::transactions::markers::fail(self, waiter, id);
        }
        for waiter in waiters.fetches {
            api::fetch::conclude(self, waiter, now);
        }
    }

    fn apply_configs(&mut self) {
        match self.source.broker(&self.image) {
            Ok(config) => {
                self.log_dirs.cordon(&config.node.cordoned_log_dirs);
                self.config = Arc::new(config);
            }
            Err(error) => {
                tracing::error!(%error, "the changed configs contradict each other: the old ones stay")
            }
        }
        let mut by_topic = std::collections::BTreeMap::new();
        for partition in self.partitions.values_mut() {
            let settings = by_topic.entry(Arc::clone(&partition.topic)).or_insert_with(|| {
                Arc::new(TopicSettings::of_topic(&partition.topic, &self.image, &self.config))
            });
            if *partition.settings != **settings {
                partition.settings = Arc::clone(settings);
                if let Some(log) = partition.open_log() {
                    log.set_config(Arc::clone(&settings.log));
                }
            }
        }
    }

    /// Opens some of the logs that nobody has touched yet, so that every partition has its folder soon.
    pub(super) fn open_some(&mut self, count: usize, now: Now) {
        let disk = Arc::clone(&self.disk);
        for _ in 0..count {
            let Some(id) = self.unopened.pop_front() else { return };
            if let Some(partition) = self.partitions.get_mut(&id) {
                // Failures are logged there, and the partition is offline.
                let _ = partition.log(&disk, now);
            }
        }
    }

    /// Notes that a partition has something for whoever waits.
    pub(crate) fn touch(&mut self, id: PartitionId) {
        if self.touched.last() != Some(&id) {
            self.touched.push(id);
        }
    }

    /// Starts a sync if somebody waits for one, and answers whoever need not wait any more.
    pub(super) fn settle(&mut self, id: PartitionId, now: Now) {
        let Some(partition) = self.partitions.get_mut(&id) else { return };
        partition.limit_unsynced();
        if partition.wants_sync() {
            match partition.start_sync() {
                Ok(Some(ticket)) => {
                    self.effects.push_back(ShardEffect::Run(Job::Flush { partition: id, ticket }))
                }
                Ok(None) => {}
                Err(error) => return self.fail_directory(id, &error, now),
            }
        }
        self.complete_produces(id);
        self.wake_fetches(id, now);
        self.tell_coordinator(id, now);
    }

    fn complete_produces(&mut self, id: PartitionId) {
        loop {
            let Some(partition) = self.partitions.get_mut(&id) else { return };
            let acknowledgeable = partition.acknowledgeable();
            match partition.produce_waiters.front() {
                Some((needed, waiter)) if *needed <= acknowledgeable => {
                    let waiter = *waiter;
                    partition.produce_waiters.pop_front();
                    api::produce::advance(self, waiter, id);
                    api::transactions::markers::advance(self, waiter, id);
                }
                _ => return,
            }
        }
    }

    fn wake_fetches(&mut self, id: PartitionId, now: Now) {
        let Some(partition) = self.partitions.get_mut(&id) else { return };
        if partition.fetch_waiters.is_empty() || partition.fetch_seen == partition.high_watermark {
            return;
        }
        partition.fetch_seen = partition.high_watermark;
        for waiter in std::mem::take(&mut partition.fetch_waiters) {
            if api::fetch::retry(self, waiter, now)
                && let Some(partition) = self.partitions.get_mut(&id)
            {
                partition.fetch_waiters.push(waiter);
            }
        }
    }

    fn tell_coordinator(&mut self, id: PartitionId, now: Now) {
        let Some(partition) = self.partitions.get(&id) else { return };
        let committed = partition.acknowledgeable();
        match &*partition.topic {
            CONSUMER_OFFSETS => self.groups.host.committed(id, committed, now),
            TRANSACTION_STATE => self.transactions.host.committed(id, committed, now),
            _ => {}
        }
        self.run_coordinators(now);
    }

    /// A sync has ended.
    pub(super) fn flushed(&mut self, id: PartitionId, result: Result<Flushed, StorageError>, now: Now) {
        match result {
            Ok(flushed) => {
                if let Some(partition) = self.partitions.get_mut(&id) {
                    partition.end_sync(&flushed);
                    self.touch(id);
                }
            }
            Err(error) => {
                self.fail_directory(id, &error, now);
                if let Some(partition) = self.partitions.get_mut(&id) {
                    partition.abandon_sync();
                }
            }
        }
        self.stop_if_done();
    }

    /// Directories in which a log could not be opened, for a failure of the disk, are offline.
    pub(super) fn fail_unopened(&mut self, now: Now) {
        let failures = self.partitions.values_mut().filter_map(|p| Some((p.id, p.disk_failure.take()?)));
        let failures: Vec<_> = failures.collect();
        for (id, error) in failures {
            self.fail_directory(id, &error, now);
        }
    }

    /// A log directory failed: every replica in it is offline until the broker starts again.
    pub(crate) fn fail_directory(&mut self, id: PartitionId, error: &StorageError, now: Now) {
        let Some(at) = self.partitions.get(&id).map(|partition| partition.log_dir) else { return };
        if self.log_dirs.get(at).is_offline {
            return;
        }
        let path = self.log_dirs.get(at).path.display().to_string();
        tracing::error!(%error, path, "log directory failed: its replicas are offline until the broker starts again");
        let log_dir = self.log_dirs.get(at).index;
        self.push(ShardEffect::ToNode(NodeInput::LogDirFailed { log_dir }));
        for shard in self.others() {
            self.tell(shard, Peer::DirectoryFailed { at });
        }
        self.lose_directory(at, now);
    }

    /// Takes every replica in a log directory offline.
    pub(super) fn lose_directory(&mut self, at: usize, now: Now) {
        if self.log_dirs.get(at).is_offline {
            return;
        }
        self.log_dirs.take_offline(at);
        for partition in self.partitions.values_mut().filter(|partition| partition.log_dir == at) {
            partition.take_offline();
        }
        let in_it: Vec<PartitionId> =
            self.partitions.values().filter(|p| p.log_dir == at).map(|p| p.id).collect();
        for id in in_it {
            let Some(partition) = self.partitions.get_mut(&id) else { continue };
            let waiters = partition.take_waiters();
            self.release_waiters(id, waiters, now);
            self.unload_coordinators(id);
        }
        self.run_coordinators(now);
    }

    /// Begins the syncs that `flush.ms` asks for.
    pub(super) fn sync_by_time(&mut self, now: Now) {
        let due = self.partitions.values_mut().filter_map(|it| it.sync_by_time(now.mono).then_some(it.id));
        let due: Vec<PartitionId> = due.collect();
        for id in due {
            self.touch(id);
        }
    }

    /// Applies retention to every open log.
    pub(super) fn retain(&mut self, now: Now) {
        let ids: Vec<PartitionId> = self.partitions.keys().copied().collect();
        for id in ids {
            if self.cleaner.is_cleaning(id) {
                continue;
            }
            let Some(partition) = self.partitions.get_mut(&id) else { continue };
            let high_watermark = partition.high_watermark;
            let delay = partition.settings.log.file_delete_delay;
            let expiration_ms = partition.settings.log.producer_id_expiration_ms;
            partition.verifications.expire(now.wall, expiration_ms);
            let Some(log) = partition.open_log() else { continue };
            log.expire_producers(now.wall);
            match log.delete_old_segments(high_watermark, now.wall) {
                Ok(retained) if retained.dropped.is_empty() => {}
                Ok(retained) => {
                    tracing::info!(partition = partition.name(), dropped = ?retained.dropped, "segments deleted");
                    self.remove_later(retained.unlink, now.mono + delay);
                }
                Err(error) => self.fail_directory(id, &error, now),
            }
        }
    }

    pub(crate) fn remove_later(&mut self, unlink: ottla_storage::log::Unlink, at: Monotonic) {
        if !unlink.is_empty() {
            self.removals.push(Removal { at, unlink });
        }
    }

    pub(super) fn run_removals(&mut self, now: Monotonic) {
        while self.removals.first_due().is_some_and(|at| at <= now) {
            if let Some(removal) = self.removals.pop() {
                let disk = Arc::clone(&self.disk);
                self.effects.push_back(ShardEffect::Run(Job::Remove { disk, unlink: removal.unlink }));
            }
        }
    }

    /// Tells the control plane where every log stands.
    pub(super) fn report_checkpoints(&mut self) {
        let entries =
            self.partitions.values().filter_map(|partition| checkpoint(&self.log_dirs, partition)).collect();
        let shard = self.id;
        self.push(ShardEffect::ToNode(NodeInput::Checkpoints { shard, entries }));
    }

    /// Answers everybody, closes every log, and has all of it synced.
    pub(super) fn stop(&mut self, now: Now) {
        self.stopping = true;
        self.stop_cleaning(now);
        self.groups.host.unload_all();
        self.transactions.host.unload_all();
        self.run_coordinators(now);
        for id in self.purgatory.ids_where(|_| true) {
            self.expire(id, now);
        }
        self.report_checkpoints_at_end();
        let ids: Vec<PartitionId> = self.partitions.keys().copied().collect();
        let mut by_dir = std::collections::BTreeMap::<usize, Vec<_>>::new();
        for id in ids {
            let Some(partition) = self.partitions.get_mut(&id) else { continue };
            let log = match partition.take_log() {
                LogState::Open(log) => log,
                LogState::Closed { .. } => continue,
                LogState::Offline => {
                    // What could not be opened must be looked at again. A failed directory is not vouched for anyway.
                    self.is_close_clean &= self.log_dirs.get(partition.log_dir).is_offline;
                    continue;
                }
            };
            match log.close() {
                Ok(ticket) => by_dir.entry(partition.log_dir).or_default().push(ticket),
                Err(error) => {
                    tracing::error!(partition = partition.name(), %error, "log cannot be closed cleanly");
                    self.is_close_clean = false;
                }
            }
        }
        for (at, tickets) in by_dir {
            let path = self.log_dirs.get(at).path.clone();
            let disk = Arc::clone(&self.disk);
            self.closing += 1;
            self.effects.push_back(ShardEffect::Run(Job::Close { disk, path, tickets }));
        }
        self.stop_if_done();
    }

    pub(super) fn closed(&mut self, result: Result<(), StorageError>) {
        if let Err(error) = result {
            tracing::error!(%error, "logs cannot be synced: the next start recovers them");
            self.is_close_clean = false;
        }
        self.closing -= 1;
        self.stop_if_done();
    }

    pub(super) fn stop_if_done(&mut self) {
        // A sync that is under way may fail, and then no later one of the same file would say so.
        let is_syncing = || self.partitions.values().any(Partition::is_syncing);
        if !self.stopping || self.closing > 0 || self.has_stopped || is_syncing() || self.cleaner.is_running()
        {
            return;
        }
        self.has_stopped = true;
        let shard = self.id;
        self.push(ShardEffect::ToNode(NodeInput::ShardStopped { shard, is_clean: self.is_close_clean }));
        self.push(ShardEffect::Stopped);
    }

    /// The last checkpoints: every log is synced up to its end when they are written.
    fn report_checkpoints_at_end(&mut self) {
        let mut entries: Vec<PartitionCheckpoint> = Vec::new();
        for partition in self.partitions.values() {
            if let Some(mut entry) = checkpoint(&self.log_dirs, partition) {
                if let LogState::Open(log) = partition.log_state() {
                    entry.recovery_point = log.log_end_offset();
                }
                entries.push(entry);
            }
        }
        let shard = self.id;
        self.push(ShardEffect::ToNode(NodeInput::Checkpoints { shard, entries }));
    }

    /// The answer for a partition of which this broker has no replica, or that does not exist.
    pub(crate) fn missing_partition_error(&self, id: PartitionId) -> ErrorCode {
        match self.image.topics.partition(id) {
            Some(_) => ErrorCode::NOT_LEADER_OR_FOLLOWER,
            None => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        }
    }
}

fn checkpoint(log_dirs: &log_dirs::LogDirs, partition: &Partition) -> Option<PartitionCheckpoint> {
    let (recovery_point, log_start_offset) = match partition.log_state() {
        LogState::Open(log) => (log.recovery_point(), log.log_start_offset()),
        LogState::Closed { open, is_new: false, .. } => (open.recovery_point, open.log_start_offset),
        LogState::Closed { .. } | LogState::Offline => return None,
    };
    Some(PartitionCheckpoint {
        log_dir: log_dirs.get(partition.log_dir).index,
        topic: Arc::clone(&partition.topic),
        partition: partition.id.partition,
        recovery_point,
        log_start_offset,
        high_watermark: partition.high_watermark,
        cleaned_up_to: match partition.log_state() {
            LogState::Open(log) => log.cleaned_up_to(),
            LogState::Closed { .. } | LogState::Offline => partition.cleaned_up_to,
        },
    })
}
