//! The coordinator of one partition of `__consumer_offsets`.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::{Offset, ProducerId};

use super::classic::{Assignments, ClassicGroup, StaticReplacement};
use super::config::GroupConfig;
use super::consumer::{ConsumerDone, ConsumerGroup, ConsumerTimer, TopicsView};
use super::error::{from_append, offset_fetch_error};
use super::interface::{BatchContents, Effect, GroupResponse, Input, OffsetFetch, RequestContext, TxnResult};
use super::member_ids::MemberIds;
use super::offsets::{CommittedOffset, ExpiryScan, OffsetKey, Offsets};
use super::records::{self, GroupRecord, LoadError};
use crate::host::{AppendToken, Record, RequestToken};
use crate::journal::{Batch, BatchKind, Decision, Fate, Journal};
use crate::messages::ErrorCode;
use crate::timers::Timers;

/// The batch that a record of the log is in, as far as replay needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadedBatch {
    /// The producer whose transaction the batch is part of, or [`ProducerId::NONE`] if it is not transactional.
    pub producer_id: ProducerId,
}

/// The coordinator of the groups of one partition of `__consumer_offsets`, on the broker that leads it.
///
/// Life: [`new`](Self::new); every record and transaction marker of the log in order through [`load`](Self::load) and
/// [`load_marker`](Self::load_marker); [`loaded`](Self::loaded); then facts through [`handle`](Self::handle). The host
/// hands over every fact it has at hand, then performs [`poll_effect`](Self::poll_effect) until `None`: what was
/// decided in between shares one batch. When the broker stops to lead the partition, [`unload`](Self::unload) answers
/// everything that waits.
///
/// Every request gets exactly one response. A response that promises something leaves when its records are committed,
/// or after `offsets.commit.timeout.ms` with COORDINATOR_NOT_AVAILABLE.
#[derive(Debug)]
pub struct GroupCoordinator {
    pub(super) phase: Phase,
    /// The classic groups. Invariant: no id is also in `consumer_groups`.
    pub(super) groups: BTreeMap<Arc<str>, ClassicGroup>,
    pub(super) consumer_groups: BTreeMap<Arc<str>, ConsumerGroup>,
    pub(super) topics: TopicsView,
    pub(super) offsets: Offsets,
    pub(super) expiry: ExpiryScan,
    pub(super) shared: Shared,
}

/// Where a coordinator is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The log is being replayed.
    Loading,
    /// It serves its groups.
    Active,
    /// The partition is led elsewhere.
    Unloaded,
}

/// What every part of a coordinator works with.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: GroupConfig,
    pub(super) now: Now,
    pub(super) member_ids: MemberIds,
    pub(super) timers: Timers<TimerKey>,
    pub(super) journal: Journal<Replay, Done>,
    /// Responses, and work for other threads.
    responses: VecDeque<Effect>,
}

/// What a timer is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TimerKey {
    /// The session of a member, or of a member id that was given out: group, member id.
    Session(Arc<str>, Arc<str>),
    /// The end of a group's join phase.
    Join(Arc<str>),
    /// The end of a group's wait for SyncGroup.
    Sync(Arc<str>),
    /// What a member of a consumer group has to do in time: group, member id.
    Consumer(ConsumerTimer, Arc<str>, Arc<str>),
    /// The scan for expired offsets.
    Expiry,
}

/// How a committed record is replayed.
#[derive(Debug)]
pub(super) enum Replay {
    /// An offset, or its tombstone.
    Offset(OffsetKey, Option<CommittedOffset>),
    /// A record of a group: the group in memory knows already, or knows better.
    Group,
}

/// What follows when a decision's records are committed, or refused, or take too long.
#[derive(Debug)]
pub(super) enum Done {
    /// Nothing.
    Nothing,
    /// A request is answered. `None` once it is.
    Respond(Option<Reply>),
    /// An OffsetFetch looks at what is committed then. `None` once it did.
    StableFetch(Option<Box<StableFetch>>),
    /// A group exists, and a request is answered.
    GroupCreated {
        /// Its id.
        group: Arc<str>,
        /// `None` once it is answered, or if it waits in the group.
        reply: Option<Reply>,
    },
    /// Groups are gone, and a request is answered.
    GroupsRemoved {
        /// The groups, to bring them back if the log refuses.
        removed: RemovedGroups,
        /// `None` once it is answered, or if nobody asked.
        reply: Option<Reply>,
    },
    /// A consumer group has changed, or has told what it was before.
    Consumer(Box<ConsumerDone>),
    /// A generation has its assignments.
    Synced(Assignments),
    /// A static member has another id. `None` once that is settled.
    StaticReplaced(Option<Box<StaticReplacement>>),
}

/// Groups that were taken out of the maps.
#[derive(Debug, Default)]
pub(super) struct RemovedGroups {
    pub(super) classic: Vec<ClassicGroup>,
    pub(super) consumer: Vec<ConsumerGroup>,
}

impl Done {
    /// A response that waits.
    pub(super) fn respond(token: RequestToken, api_version: i16, response: GroupResponse) -> Self {
        Self::Respond(Some(Reply { token, api_version, response }))
    }
}

/// A response that waits for its records.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) token: RequestToken,
    pub(super) api_version: i16,
    /// If all goes well.
    pub(super) response: GroupResponse,
}

/// An OffsetFetch that waits for what was decided before it.
#[derive(Debug)]
pub(super) struct StableFetch {
    pub(super) token: RequestToken,
    pub(super) api_version: i16,
    pub(super) request: OffsetFetch,
}

impl GroupCoordinator {
    /// A coordinator that knows no groups and answers COORDINATOR_LOAD_IN_PROGRESS until it has
    /// [`loaded`](Self::loaded). `seed` is where member ids come from: take it from the machine's randomness.
    #[must_use]
    pub fn new(config: GroupConfig, seed: u64) -> Self {
        let timeout_ms = u64::try_from(config.offsets_commit_timeout_ms).unwrap_or(0);
        let journal = Journal::new(config.batch_size_max, Duration::from_millis(timeout_ms));
        Self {
            phase: Phase::Loading,
            groups: BTreeMap::new(),
            consumer_groups: BTreeMap::new(),
            topics: TopicsView::default(),
            offsets: Offsets::default(),
            expiry: ExpiryScan::default(),
            shared: Shared {
                config,
                now: Now::default(),
                member_ids: MemberIds::new(seed),
                timers: Timers::default(),
                journal,
                responses: VecDeque::new(),
            },
        }
    }

    /// Replays one record of the log. Records of types that are not served here (other kinds of groups, newer brokers)
    /// are skipped.
    ///
    /// Errors: the key or value cannot be read; the partition must not be served then.
    pub fn load(
        &mut self,
        offset: Offset,
        batch: LoadedBatch,
        key: &[u8],
        value: Option<&[u8]>,
    ) -> Result<(), LoadError> {
        match records::decode(offset, key, value)? {
            None => {}
            Some(GroupRecord::Offset { group, topic, partition, value }) => {
                let group = self.known_id(&group).unwrap_or_else(|| group.into());
                let key = self.offsets.key(&group, &topic, partition);
                // Who commits offsets without being a member makes a simple group.
                if value.is_some() && !self.has_group(&group) {
                    let now = self.shared.now.wall;
                    self.groups.insert(Arc::clone(&group), ClassicGroup::new(group, now));
                }
                self.offsets.replay(offset, batch.producer_id, &key, value);
            }
            Some(GroupRecord::Group { group, value: None }) => {
                self.groups.remove(group.as_str());
            }
            Some(GroupRecord::Group { group, value: Some(value) }) => {
                let id: Arc<str> = group.into();
                self.consumer_groups.remove(&id);
                self.groups.insert(Arc::clone(&id), ClassicGroup::from_record(id, value));
            }
            Some(GroupRecord::Consumer { group, change }) => self.load_consumer(&group, change),
        }
        Ok(())
    }

    /// Replays one transaction marker of the log.
    pub fn load_marker(&mut self, producer_id: ProducerId, result: TxnResult) {
        self.offsets.replay_marker(producer_id, result);
    }

    /// The log is replayed up to its end, and all of it is committed: the host waits until its high watermark has
    /// reached where its log ended when it became the leader. Timers start.
    pub fn loaded(&mut self, now: Now) {
        assert_eq!(self.phase, Phase::Loading, "a log is loaded once");
        self.shared.now = now;
        self.phase = Phase::Active;
        self.shared.member_ids.stir(now.mono.0 ^ now.wall.0.cast_unsigned());
        let Self { groups, consumer_groups, topics, shared, .. } = self;
        for group in groups.values_mut() {
            if let Some(record) = group.loaded(shared) {
                shared.write_group(record, Done::Nothing);
            }
        }
        for group in consumer_groups.values_mut() {
            group.loaded(shared, topics);
        }
        self.schedule_expiry();
    }

    /// The broker leads the partition no longer: answers NOT_COORDINATOR to everything that waits. Poll the effects
    /// for the last time after this; there are only responses.
    pub fn unload(&mut self) {
        self.phase = Phase::Unloaded;
        let error = ErrorCode::NOT_COORDINATOR;
        for done in self.shared.journal.drain() {
            match done {
                Done::Respond(Some(reply))
                | Done::GroupCreated { reply: Some(reply), .. }
                | Done::GroupsRemoved { reply: Some(reply), .. } => {
                    self.shared.fail(reply, error);
                }
                Done::StableFetch(Some(fetch)) => self.shared.fail_fetch(&fetch, error),
                Done::Consumer(done) => {
                    if let Some(reply) = done.into_reply() {
                        self.shared.fail(reply, error);
                    }
                }
                // The requests of these wait in the groups.
                _ => {}
            }
        }
        for (_, mut group) in std::mem::take(&mut self.groups) {
            group.answer_all(&mut self.shared, error);
        }
        self.consumer_groups.clear();
        self.offsets = Offsets::default();
        self.shared.timers = Timers::default();
    }

    /// Takes a fact. What follows from it comes out of [`Self::poll_effect`].
    pub fn handle(&mut self, input: Input, now: Now) {
        self.shared.now = now;
        match input {
            Input::Request { token, context, request } => self.request(token, &context, request),
            Input::Metadata { image, changes } => self.metadata_changed(image, changes.as_deref()),
            Input::ConsumerGroupConfig(config) => self.configure_consumer_groups(*config),
            _ if self.phase != Phase::Active => {}
            Input::RegexesResolved(found) => self.regexes_resolved(found),
            Input::Appended { batch, result: Ok(base_offset) } => {
                self.shared.journal.appended(batch, base_offset);
            }
            Input::Appended { batch, result: Err(error) } => self.refused(batch, error),
            Input::Committed { end_offset } => {
                while let Some(batch) = self.shared.journal.pop_committed(end_offset) {
                    self.committed(batch);
                }
            }
            Input::TopicsDeleted { topics } => self.topics_deleted(&topics),
            Input::Timer => self.timer(),
        }
    }

    /// The next thing that the host must do, or `None` for now. Responses come before appends.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        if let Some(response) = self.shared.responses.pop_front() {
            return Some(response);
        }
        let (batch, kind, records) = self.shared.journal.poll()?;
        let contents = match kind {
            BatchKind::Plain => BatchContents::Records(records),
            BatchKind::Transactional(producer_id, producer_epoch) => {
                BatchContents::Transactional { producer_id, producer_epoch, records }
            }
            BatchKind::Marker(marker) => BatchContents::Marker(marker),
        };
        Some(Effect::Append { batch, timestamp: self.shared.now.wall, contents })
    }

    /// When to hand over [`Input::Timer`] at the latest, or [`Monotonic::NEVER`].
    #[must_use]
    pub fn poll_deadline(&self) -> Monotonic {
        self.shared.timers.next().min(self.shared.journal.deadline())
    }

    /// The id under which the group is known, if it is.
    pub(super) fn known_id(&self, group_id: &str) -> Option<Arc<str>> {
        let classic = self.groups.get_key_value(group_id).map(|(id, _)| Arc::clone(id));
        classic.or_else(|| self.consumer_groups.get_key_value(group_id).map(|(id, _)| Arc::clone(id)))
    }

    /// Whether there is such a group, of whatever kind.
    pub(super) fn has_group(&self, group_id: &str) -> bool {
        self.groups.contains_key(group_id) || self.consumer_groups.contains_key(group_id)
    }

    /// Answers when everything that was decided is committed: the response may tell of it.
    pub(super) fn respond_after_all(
        &mut self,
        token: RequestToken,
        context: &RequestContext,
        response: GroupResponse,
    ) {
        let done = Done::respond(token, context.api_version, response);
        if let Err(mut done) = self.shared.journal.push_after_all(done, self.shared.now) {
            self.finish(&mut done, Fate::Committed);
        }
    }

    /// Writes a record of a group.
    pub(super) fn write_group(&mut self, record: Record, done: Done) {
        self.shared.write_group(record, done);
    }

    /// Writes offsets and tombstones, and what else belongs to the decision.
    pub(super) fn write(&mut self, kind: BatchKind, records: Vec<(Record, Replay)>, done: Done) {
        for (_, replay) in &records {
            if let Replay::Offset(key, _) = replay {
                self.offsets.decided(key);
            }
        }
        self.shared.journal.push(Decision { kind, records, done }, self.shared.now);
    }

    /// Takes a group out of the map: its tombstone is about to be written. What is decided on top of that finds no
    /// group.
    pub(super) fn remove_group(&mut self, group_id: &str) -> Option<ClassicGroup> {
        let mut group = self.groups.remove(group_id)?;
        group.cancel_timers(&mut self.shared);
        Some(group)
    }

    fn committed(&mut self, batch: Batch<Replay, Done>) {
        let producer_id = match batch.kind() {
            BatchKind::Plain => ProducerId::NONE,
            BatchKind::Transactional(producer_id, _) => producer_id,
            BatchKind::Marker(marker) => {
                self.offsets.replay_marker(marker.producer_id, marker.result);
                marker.producer_id
            }
        };
        let mut offset = batch.base_offset;
        for replay in batch.replays {
            if let Replay::Offset(key, value) = replay {
                self.offsets.settled(&key);
                self.offsets.replay(offset, producer_id, &key, value);
            }
            offset = offset.next();
        }
        for mut done in batch.done {
            self.finish(&mut done, Fate::Committed);
        }
    }

    /// A batch was refused, and with it all that was decided on top of it. First everyone learns, then it is undone
    /// in reverse, so that each undo finds the state that its decision left.
    fn refused(&mut self, batch: AppendToken, error: ErrorCode) {
        let mut batches = self.shared.journal.refused(batch);
        for done in batches.iter_mut().flat_map(|batch| &mut batch.done) {
            self.finish(done, Fate::Refused(error));
        }
        for batch in batches.into_iter().rev() {
            for done in batch.done.into_iter().rev() {
                self.undo(done, error);
            }
            for replay in batch.replays {
                if let Replay::Offset(key, _) = replay {
                    self.offsets.settled(&key);
                }
            }
        }
    }

    pub(super) fn finish(&mut self, done: &mut Done, fate: Fate) {
        match done {
            Done::Consumer(done) => self.finish_consumer(done, fate),
            Done::Nothing => {}
            Done::Respond(reply) | Done::GroupsRemoved { reply, .. } => {
                self.shared.finish_reply(reply, fate);
            }
            Done::StableFetch(fetch) => {
                if let Some(fetch) = fetch.take() {
                    self.finish_stable_fetch(&fetch, fate);
                }
            }
            Done::GroupCreated { group, reply } => {
                self.shared.finish_reply(reply, fate);
                let Self { groups, shared, .. } = self;
                if let (Some(error), Some(group)) = (fate.error(), groups.get_mut(group)) {
                    group.answer_joins(shared, from_append(error));
                }
            }
            Done::Synced(assignments) => self.finish_sync(assignments, fate),
            Done::StaticReplaced(replacement) => {
                if let Some(replacement) = replacement.take() {
                    self.finish_static_replacement(*replacement, fate);
                }
            }
        }
    }

    fn undo(&mut self, done: Done, error: ErrorCode) {
        match done {
            Done::GroupCreated { group, .. } => {
                if let Some(mut group) = self.groups.remove(&group) {
                    group.answer_all(&mut self.shared, from_append(error));
                    group.cancel_timers(&mut self.shared);
                }
            }
            Done::GroupsRemoved { removed, .. } => {
                for group in removed.consumer {
                    self.consumer_groups.insert(Arc::clone(group.id()), group);
                }
                for group in removed.classic {
                    let replaced = self.groups.insert(Arc::clone(group.id()), group);
                    assert!(replaced.is_none(), "what was made on top of a removal is undone before it");
                }
            }
            Done::Consumer(done) => self.undo_consumer_done(*done, error),
            Done::Nothing
            | Done::Respond(_)
            | Done::StableFetch(_)
            | Done::Synced(_)
            | Done::StaticReplaced(_) => {}
        }
    }

    fn timer(&mut self) {
        let now = self.shared.now.mono;
        for (batch, mut dones) in self.shared.journal.take_expired(now) {
            for done in &mut dones {
                self.finish(done, Fate::TimedOut);
            }
            self.shared.journal.put_back(batch, dones);
        }
        while let Some((entry, key)) = self.shared.timers.pop(now) {
            match key {
                TimerKey::Expiry => self.expiry_timer(&entry),
                TimerKey::Consumer(timer, group, member) => {
                    self.consumer_timer(&entry, timer, &group, &member);
                }
                TimerKey::Session(..) | TimerKey::Join(_) | TimerKey::Sync(_) => {
                    self.group_timer(&entry, key)
                }
            }
        }
    }
}

impl Shared {
    /// Sends a response.
    pub(super) fn respond(&mut self, token: RequestToken, response: GroupResponse) {
        self.responses.push_back(Effect::Respond { token, response });
    }

    /// Has the host do something else.
    pub(super) fn ask(&mut self, effect: Effect) {
        self.responses.push_back(effect);
    }

    pub(super) fn finish_reply(&mut self, reply: &mut Option<Reply>, fate: Fate) {
        if let Some(reply) = reply.take() {
            match fate.error() {
                None => self.respond(reply.token, reply.response),
                Some(error) => self.fail(reply, from_append(error)),
            }
        }
    }

    fn fail(&mut self, reply: Reply, error: ErrorCode) {
        let response = reply.response.failed(error, reply.api_version);
        self.respond(reply.token, response);
    }

    pub(super) fn fail_fetch(&mut self, fetch: &StableFetch, error: ErrorCode) {
        let response = offset_fetch_error(&fetch.request.group, error, fetch.api_version);
        self.respond(fetch.token, GroupResponse::OffsetFetch(response));
    }

    /// Writes a record of a group.
    pub(super) fn write_group(&mut self, record: Record, done: Done) {
        let records = vec![(record, Replay::Group)];
        self.journal.push(Decision { kind: BatchKind::Plain, records, done }, self.now);
    }
}
