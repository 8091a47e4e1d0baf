//! The coordinator of one partition of `__transaction_state`.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId};

use super::config::TransactionConfig;
use super::end::EndReply;
use super::error::{add_response, from_append, init_error};
use super::interface::{Effect, Input, MarkerToken, ProducerIds, TransactionRequest, TransactionResponse};
use super::markers::{Ending, Order};
use super::metadata::Metadata;
use super::partitions::Adding;
use super::record::{self, LoadError};
use super::scans::Scans;
use super::state::TransactionState;
use crate::host::{AppendToken, RequestToken};
use crate::journal::{Batch, BatchKind, Decision, Fate, Journal};
use crate::messages::{ErrorCode, InitProducerIdResponse};
use crate::timers::{Timer, Timers};

/// The coordinator of the transactional ids of one partition of `__transaction_state`, on the broker that leads it.
///
/// Life: [`new`](Self::new); every record of the log in order through [`load`](Self::load); [`loaded`](Self::loaded);
/// then facts through [`handle`](Self::handle). The host hands over every fact it has at hand, then performs
/// [`poll_effect`](Self::poll_effect) until `None`. When the broker stops to lead the partition,
/// [`unload`](Self::unload) answers everything that waits.
///
/// Every request gets exactly one response. One that changes a transaction leaves when its record is committed, or after
/// the append timeout with COORDINATOR_NOT_AVAILABLE. One transactional id makes one step at a time: meanwhile its other
/// requests get CONCURRENT_TRANSACTIONS.
#[derive(Debug)]
pub struct TransactionCoordinator {
    pub(super) config: TransactionConfig,
    /// Leader epoch of the partition: markers carry it, so that those of a deposed coordinator are refused.
    pub(super) coordinator_epoch: LeaderEpoch,
    pub(super) phase: Phase,
    pub(super) now: Now,
    pub(super) transactions: BTreeMap<Arc<str>, Transaction>,
    /// Markers that the host is writing.
    pub(super) orders: BTreeMap<MarkerToken, Order>,
    pub(super) orders_made: u64,
    pub(super) scans: Scans,
    pub(super) timers: Timers<TimerKey>,
    journal: Journal<Replay, Done>,
    pub(super) effects: VecDeque<Effect>,
}

/// Where a coordinator is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The log is being replayed.
    Loading,
    /// It serves its transactional ids.
    Active,
    /// The partition is led elsewhere.
    Unloaded,
}

/// What a timer is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TimerKey {
    /// The scan for transactions that take too long.
    TimedOut,
    /// The scan for ids that nobody used for long.
    Expired,
    /// Markers of a transactional id, or the record of its completion, are due again.
    Retry(Arc<str>),
    /// Partitions have waited for long enough to be added.
    Hold(Arc<str>),
}

/// One transactional id.
#[derive(Debug)]
pub(super) struct Transaction {
    /// What the log says. Changes in [`TransactionCoordinator::replay`] alone, but for partitions whose marker is
    /// written.
    pub(super) metadata: Metadata,
    /// The state that it is going to; no other step may begin.
    pub(super) pending: Option<TransactionState>,
    /// The transaction's partitions are being told how it ended.
    pub(super) ending: Option<Ending>,
    pub(super) retry: Timer,
    /// Partitions to add after the step that is on its way.
    pub(super) held: Vec<Adding>,
    pub(super) hold: Timer,
}

impl Transaction {
    pub(super) fn new(metadata: Metadata) -> Self {
        Self {
            metadata,
            pending: None,
            ending: None,
            retry: Timer::default(),
            held: Vec::new(),
            hold: Timer::default(),
        }
    }
}

/// How a committed record is replayed: the transactional id, and its metadata or that it is gone.
type Replay = (Arc<str>, Option<Metadata>);

/// What follows when a step's record is committed, or refused, or takes too long. A request is `None` once answered.
#[derive(Debug)]
pub(super) enum Done {
    /// A producer has its id and epoch.
    Initialized {
        request: Option<(RequestToken, i16)>,
        producer_id: ProducerId,
        producer_epoch: ProducerEpoch,
    },
    /// Partitions are part of the transaction.
    Added { requests: Vec<(RequestToken, i16)> },
    /// The transaction is going to end.
    Prepared { id: Arc<str>, reply: Option<EndReply> },
    /// It has ended.
    Completed { id: Arc<str> },
    /// The id is forgotten.
    Removed,
}

impl TransactionCoordinator {
    /// A coordinator that knows no transactional ids and answers COORDINATOR_LOAD_IN_PROGRESS until it has
    /// [`loaded`](Self::loaded). `coordinator_epoch` is the leader epoch of the partition.
    #[must_use]
    pub fn new(config: TransactionConfig, coordinator_epoch: LeaderEpoch) -> Self {
        let timeout = Duration::from_millis(u64::try_from(config.append_timeout_ms).unwrap_or(0));
        let journal = Journal::new(config.batch_size_max, timeout);
        Self {
            config,
            coordinator_epoch,
            phase: Phase::Loading,
            now: Now::default(),
            transactions: BTreeMap::new(),
            orders: BTreeMap::new(),
            // Orders of an earlier life of the coordinator may still be answered.
            orders_made: u64::from(coordinator_epoch.0.cast_unsigned()) << 32,
            scans: Scans::default(),
            timers: Timers::default(),
            journal,
            effects: VecDeque::new(),
        }
    }

    /// Replays one record of the log. Records of newer types and versions are skipped.
    ///
    /// Errors: the record cannot be read; the partition must not be served then.
    pub fn load(&mut self, offset: Offset, key: &[u8], value: Option<&[u8]>) -> Result<(), LoadError> {
        if let Some((id, metadata)) = record::decode(offset, key, value)? {
            self.replay((id.into(), metadata));
        }
        Ok(())
    }

    /// The log is replayed up to its end, and all of it is committed: the host waits until its high watermark has
    /// reached where its log ended when it became the leader. Transactions that were about to end go on to.
    pub fn loaded(&mut self, now: Now) {
        assert_eq!(self.phase, Phase::Loading, "a log is loaded once");
        self.now = now;
        self.phase = Phase::Active;
        let prepared = self.transactions.iter().filter(|(_, t)| t.metadata.state.is_prepared());
        for id in prepared.map(|(id, _)| Arc::clone(id)).collect::<Vec<_>>() {
            self.begin_ending(&id);
        }
        self.schedule_scans();
    }

    /// The broker leads the partition no longer: answers NOT_COORDINATOR to everything that waits. Poll the effects
    /// for the last time after this; there are only responses.
    pub fn unload(&mut self) {
        self.phase = Phase::Unloaded;
        self.effects.retain(|effect| matches!(effect, Effect::Respond { .. }));
        for mut done in self.journal.drain() {
            self.answer_error(&mut done, ErrorCode::NOT_COORDINATOR);
        }
        for (_, transaction) in std::mem::take(&mut self.transactions) {
            self.let_go(transaction, ErrorCode::NOT_COORDINATOR);
        }
        self.orders = BTreeMap::new();
        self.timers = Timers::default();
    }

    /// Takes a fact. What follows from it comes out of [`Self::poll_effect`].
    pub fn handle(&mut self, input: Input, now: Now, producer_ids: &mut dyn ProducerIds) {
        self.now = now;
        match input {
            Input::Request { token, api_version, request } => {
                self.request(token, api_version, request, producer_ids);
            }
            Input::TransactionVersion(level) => self.config.transaction_version = level,
            _ if self.phase != Phase::Active => {}
            Input::Appended { batch, result: Ok(base_offset) } => self.journal.appended(batch, base_offset),
            Input::Appended { batch, result: Err(error) } => self.refused(batch, error),
            Input::Committed { end_offset } => {
                while let Some(batch) = self.journal.pop_committed(end_offset) {
                    self.committed(batch);
                }
            }
            Input::MarkersWritten { markers, outcomes } => self.markers_written(markers, &outcomes),
            Input::Timer => self.timer(producer_ids),
        }
    }

    /// The next thing that the host must do, or `None` for now.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        if let Some(effect) = self.effects.pop_front() {
            return Some(effect);
        }
        let (batch, _, records) = self.journal.poll()?;
        Some(Effect::Append { batch, timestamp: self.now.wall, records })
    }

    /// When to hand over [`Input::Timer`] at the latest, or [`Monotonic::NEVER`].
    #[must_use]
    pub fn poll_deadline(&self) -> Monotonic {
        self.timers.next().min(self.journal.deadline())
    }

    fn request(
        &mut self,
        token: RequestToken,
        api_version: i16,
        request: TransactionRequest,
        producer_ids: &mut dyn ProducerIds,
    ) {
        match request {
            TransactionRequest::InitProducerId(request) => {
                self.init_producer_id(token, api_version, &request, producer_ids);
            }
            TransactionRequest::AddPartitions { partitions, client_transaction_version } => {
                self.add_partitions(token, api_version, partitions, client_transaction_version);
            }
            TransactionRequest::VerifyPartitions(partitions) => self.verify_partitions(token, &partitions),
            TransactionRequest::EndTxn(request) => self.end_txn(token, api_version, &request, producer_ids),
            TransactionRequest::DescribeTransactions { transactional_ids } => {
                let described = transactional_ids.iter().map(|id| self.describe(id)).collect();
                self.respond(token, TransactionResponse::DescribeTransactions(described));
            }
            TransactionRequest::ListTransactions(request) => {
                let response = self.list(&request);
                self.respond(token, TransactionResponse::ListTransactions(response));
            }
        }
    }

    /// What every request is answered until the log is loaded, and after the partition has moved away.
    pub(super) fn check_active(&self) -> Result<(), ErrorCode> {
        match self.phase {
            Phase::Active => Ok(()),
            Phase::Loading => Err(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS),
            Phase::Unloaded => Err(ErrorCode::NOT_COORDINATOR),
        }
    }

    /// Sends a response.
    pub(super) fn respond(&mut self, token: RequestToken, response: TransactionResponse) {
        self.effects.push_back(Effect::Respond { token, response });
    }

    /// Writes a step: the record of the metadata that a transactional id will have. No other step may begin before.
    pub(super) fn write(&mut self, id: &Arc<str>, metadata: Metadata, done: Done) {
        if let Some(transaction) = self.transactions.get_mut(id) {
            transaction.pending = Some(metadata.state);
        }
        let record = record::transaction(id, Some(&metadata), self.config.transaction_version);
        self.push(id, (record, (Arc::clone(id), Some(metadata))), done);
    }

    /// Writes the tombstone of a transactional id.
    pub(super) fn write_tombstone(&mut self, id: &Arc<str>) {
        if let Some(transaction) = self.transactions.get_mut(id) {
            transaction.pending = Some(TransactionState::Dead);
        }
        let record = record::transaction(id, None, self.config.transaction_version);
        self.push(id, (record, (Arc::clone(id), None)), Done::Removed);
    }

    fn push(&mut self, id: &Arc<str>, record: (crate::host::Record, Replay), done: Done) {
        debug_assert!(self.transactions.contains_key(id), "a step is made by a known id");
        let decision = Decision { kind: BatchKind::Plain, records: vec![record], done };
        self.journal.push(decision, self.now);
    }

    /// The only writer of what is logged.
    fn replay(&mut self, (id, metadata): Replay) {
        match (metadata, self.transactions.get_mut(&id)) {
            (None, _) => {
                if let Some(transaction) = self.transactions.remove(&id) {
                    self.let_go(transaction, ErrorCode::INVALID_PRODUCER_ID_MAPPING);
                }
            }
            (Some(metadata), None) => {
                self.transactions.insert(id, Transaction::new(metadata));
            }
            (Some(metadata), Some(transaction)) => {
                transaction.metadata = metadata;
                transaction.pending = None;
            }
        }
    }

    fn committed(&mut self, batch: Batch<Replay, Done>) {
        let mut ids: Vec<Arc<str>> = Vec::with_capacity(batch.replays.len());
        for replay in batch.replays {
            ids.push(Arc::clone(&replay.0));
            self.replay(replay);
        }
        for mut done in batch.done {
            match &mut done {
                Done::Initialized { request, producer_id, producer_epoch } => {
                    if let Some((token, _)) = request.take() {
                        let response = InitProducerIdResponse {
                            producer_id: producer_id.0,
                            producer_epoch: producer_epoch.0,
                            ..InitProducerIdResponse::default()
                        };
                        self.respond(token, TransactionResponse::InitProducerId(response));
                    }
                }
                Done::Added { requests } => {
                    for (token, api_version) in requests.drain(..) {
                        self.respond(token, add_response(ErrorCode::NONE, api_version));
                    }
                }
                Done::Prepared { id, reply } => {
                    self.begin_ending(id);
                    if let Some(reply) = reply.take() {
                        self.answer_prepared(id, reply);
                    }
                }
                Done::Completed { id } => self.end_ending(id),
                Done::Removed => {}
            }
        }
        for id in ids {
            self.add_held(&id);
        }
    }

    /// The log refused a batch, and with it goes what was decided since: none of its steps was ever made.
    fn refused(&mut self, batch: AppendToken, error: ErrorCode) {
        for batch in self.journal.refused(batch) {
            for (id, _) in &batch.replays {
                self.undo(id);
            }
            for mut done in batch.done {
                if let Done::Completed { id } = &done {
                    self.retry_later(id);
                }
                self.answer_error(&mut done, from_append(error));
            }
            for (id, _) in &batch.replays {
                self.add_held(id);
            }
        }
    }

    /// A step of the transactional id was refused.
    fn undo(&mut self, id: &Arc<str>) {
        let Some(transaction) = self.transactions.get_mut(id) else { return };
        if transaction.ending.is_some() {
            // The completion of the transaction will be written again.
            return;
        }
        transaction.pending = None;
        if transaction.metadata.producer_epoch == ProducerEpoch::NONE {
            // It was its first, so nothing is known of the id.
            if let Some(transaction) = self.transactions.remove(id) {
                self.let_go(transaction, ErrorCode::INVALID_PRODUCER_ID_MAPPING);
            }
        }
    }

    /// The transactional id is forgotten.
    fn let_go(&mut self, mut transaction: Transaction, error: ErrorCode) {
        self.timers.cancel(&mut transaction.retry);
        self.timers.cancel(&mut transaction.hold);
        for adding in transaction.held {
            self.respond(adding.token, add_response(error, adding.api_version));
        }
    }

    fn answer_error(&mut self, done: &mut Done, error: ErrorCode) {
        match done {
            Done::Initialized { request, .. } => {
                if let Some((token, api_version)) = request.take() {
                    self.respond(token, init_error(error, api_version));
                }
            }
            Done::Added { requests } => {
                for (token, api_version) in requests.drain(..) {
                    self.respond(token, add_response(error, api_version));
                }
            }
            Done::Prepared { reply, .. } => {
                if let Some(reply) = reply.take() {
                    self.answer_end_error(reply, error);
                }
            }
            Done::Completed { .. } | Done::Removed => {}
        }
    }

    fn timer(&mut self, producer_ids: &mut dyn ProducerIds) {
        let now = self.now.mono;
        if let Some(error) = Fate::TimedOut.error() {
            for (batch, mut dones) in self.journal.take_expired(now) {
                for done in &mut dones {
                    self.answer_error(done, from_append(error));
                }
                self.journal.put_back(batch, dones);
            }
        }
        while let Some((entry, key)) = self.timers.pop(now) {
            match key {
                TimerKey::TimedOut => self.timed_out_timer(&entry, producer_ids),
                TimerKey::Expired => self.expired_timer(&entry),
                TimerKey::Retry(id) => self.retry_timer(&entry, &id),
                TimerKey::Hold(id) => self.hold_timer(&entry, &id),
            }
        }
    }
}
