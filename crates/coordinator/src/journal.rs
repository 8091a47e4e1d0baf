//! The way of a decision into the log: gathered, handed out, written, committed.
//!
//! ```text
//!   push        poll           appended(Ok)      committed
//!   ----> gathering ----> appending ----> written ----> replayed, answered
//!                             |
//!                             | appended(Err): this batch, and all that was decided on top of it, is undone
//! ```
//!
//! One batch at most is between the coordinator and the log: what is decided meanwhile gathers, so a refused batch takes
//! along only decisions that are not in the log either. Any number of batches may wait to be committed.

use std::collections::VecDeque;
use std::time::Duration;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::{Offset, ProducerEpoch, ProducerId};

use crate::group::TxnMarker;
use crate::host::{AppendToken, Record};

/// What one record of a decision does when it is replayed.
pub(crate) type Records<R> = Vec<(Record, R)>;

/// Which decisions may share a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BatchKind {
    /// Plain records.
    Plain,
    /// Records of one producer's transaction.
    Transactional(ProducerId, ProducerEpoch),
    /// A marker; it has a batch of its own.
    Marker(TxnMarker),
}

/// One decision: records that are written together or not at all, and what follows.
///
/// `R` says how a record is replayed, `D` what happens when the decision is done, or undone.
#[derive(Debug)]
pub(crate) struct Decision<R, D> {
    /// The batch that it may be part of.
    pub(crate) kind: BatchKind,
    /// Its records, in order.
    pub(crate) records: Records<R>,
    /// What follows.
    pub(crate) done: D,
}

/// What became of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Its records are committed.
    Committed,
    /// They are on their way for too long; their fate is told again later.
    TimedOut,
    /// They are not in the log, and never will be.
    Refused(ErrorCode),
}

impl Fate {
    /// What went wrong, if something did.
    pub(crate) fn error(self) -> Option<ErrorCode> {
        match self {
            Self::Committed => None,
            Self::TimedOut => Some(ErrorCode::REQUEST_TIMED_OUT),
            Self::Refused(error) => Some(error),
        }
    }
}

/// A batch of decisions.
#[derive(Debug)]
pub(crate) struct Batch<R, D> {
    token: AppendToken,
    kind: BatchKind,
    /// The records to hand out. Empty once they are.
    records: Vec<Record>,
    /// How the records are replayed, in order.
    pub(crate) replays: Vec<R>,
    /// What follows, in order. Taken when the batch times out: its requests are answered then.
    pub(crate) done: Vec<D>,
    /// When the responses stop to wait.
    deadline: Monotonic,
    /// Estimated size on the wire, in bytes.
    size: usize,
    /// Offset of the first record.
    pub(crate) base_offset: Offset,
    /// Offset after the last record.
    end_offset: Offset,
}

/// Header of a record batch, and the most that a record's framing takes: length, attributes, deltas and lengths.
const BATCH_OVERHEAD: usize = 61;
const RECORD_OVERHEAD: usize = 5 + 1 + 5 + 5 + 5 + 5 + 1;

/// All decisions that are not yet committed.
#[derive(Debug)]
pub(crate) struct Journal<R, D> {
    gathering: VecDeque<Batch<R, D>>,
    appending: Option<Batch<R, D>>,
    /// In order of offset. Batches that timed out stay for their replay.
    written: VecDeque<Batch<R, D>>,
    batches_made: u64,
    batch_size_max: usize,
    timeout: Duration,
}

impl<R, D> Journal<R, D> {
    pub(crate) fn new(batch_size_max: usize, timeout: Duration) -> Self {
        Self {
            gathering: VecDeque::new(),
            appending: None,
            written: VecDeque::new(),
            batches_made: 0,
            batch_size_max,
            timeout,
        }
    }

    /// Adds a decision, to the last batch if it fits there. A decision that is larger than a batch goes alone, for the
    /// log to refuse.
    pub(crate) fn push(&mut self, decision: Decision<R, D>, now: Now) {
        let Decision { kind, records, done } = decision;
        let size: usize = records.iter().map(|(record, _)| record_size(record)).sum();
        let fits = |batch: &Batch<R, D>| {
            batch.kind == kind
                && !matches!(kind, BatchKind::Marker(_))
                && batch.size + size <= self.batch_size_max
        };
        if !self.gathering.back().is_some_and(fits) {
            let token = AppendToken(self.batches_made);
            self.batches_made += 1;
            self.gathering.push_back(Batch {
                token,
                kind,
                records: Vec::new(),
                replays: Vec::new(),
                done: Vec::new(),
                deadline: now.mono + self.timeout,
                size: BATCH_OVERHEAD,
                base_offset: Offset::UNKNOWN,
                end_offset: Offset::UNKNOWN,
            });
        }
        let batch = self.gathering.back_mut().expect("a batch was just made if there was none");
        batch.size += size;
        batch.done.push(done);
        for (record, replay) in records {
            batch.records.push(record);
            batch.replays.push(replay);
        }
    }

    /// Adds `done` to the last batch that is not committed, so that it follows everything decided so far. Gives it back
    /// if everything is committed.
    pub(crate) fn push_after_all(&mut self, done: D, now: Now) -> Result<(), D> {
        let last = self.gathering.back_mut().or(self.appending.as_mut()).or(self.written.back_mut());
        match last {
            Some(batch) => {
                batch.done.push(done);
                // The batch may have timed out before.
                batch.deadline = batch.deadline.min(now.mono + self.timeout);
                Ok(())
            }
            None => Err(done),
        }
    }

    /// Hands out the next batch, unless the log still owes an answer for the last one.
    pub(crate) fn poll(&mut self) -> Option<(AppendToken, BatchKind, Vec<Record>)> {
        if self.appending.is_some() {
            return None;
        }
        let mut batch = self.gathering.pop_front()?;
        let handed_out = (batch.token, batch.kind, std::mem::take(&mut batch.records));
        self.appending = Some(batch);
        Some(handed_out)
    }

    /// The log took the batch that was handed out.
    pub(crate) fn appended(&mut self, token: AppendToken, base_offset: Offset) {
        let mut batch = self.take_appending(token);
        let count = match batch.kind {
            BatchKind::Marker(_) => 1,
            BatchKind::Plain | BatchKind::Transactional(..) => batch.replays.len(),
        };
        batch.base_offset = base_offset;
        batch.end_offset =
            base_offset.plus(i64::try_from(count).expect("a batch has less than 2^31 records"));
        if let Some(last) = self.written.back() {
            assert!(
                last.end_offset <= base_offset,
                "the log went back: {} -> {base_offset}",
                last.end_offset
            );
        }
        self.written.push_back(batch);
    }

    /// The log refused the batch that was handed out. Takes it, and all that gathered on top of it, in order.
    pub(crate) fn refused(&mut self, token: AppendToken) -> Vec<Batch<R, D>> {
        let batch = self.take_appending(token);
        std::iter::once(batch).chain(self.gathering.drain(..)).collect()
    }

    fn take_appending(&mut self, token: AppendToken) -> Batch<R, D> {
        let batch = self.appending.take().expect("an append is answered once, after it was handed out");
        assert_eq!(batch.token, token, "appends are answered in order");
        batch
    }

    /// Takes the next batch that ends at or below `end_offset`.
    pub(crate) fn pop_committed(&mut self, end_offset: Offset) -> Option<Batch<R, D>> {
        let first = self.written.front()?;
        if first.end_offset > end_offset { None } else { self.written.pop_front() }
    }

    /// Takes what follows each batch whose deadline has come, in order, with the batch to [`Self::put_back`] it. The
    /// batches stay: they are in the log, or will be, or will be refused.
    pub(crate) fn take_expired(&mut self, now: Monotonic) -> Vec<(AppendToken, Vec<D>)> {
        let mut expired = Vec::new();
        for batch in self.written.iter_mut().chain(&mut self.appending).chain(&mut self.gathering) {
            if batch.deadline <= now {
                batch.deadline = Monotonic::NEVER;
                expired.push((batch.token, std::mem::take(&mut batch.done)));
            }
        }
        expired
    }

    /// Gives a batch back what follows it, in front of what was added meanwhile.
    pub(crate) fn put_back(&mut self, token: AppendToken, mut done: Vec<D>) {
        let mut waiting = self.written.iter_mut().chain(&mut self.appending).chain(&mut self.gathering);
        if let Some(batch) = waiting.find(|batch| batch.token == token) {
            done.append(&mut batch.done);
            batch.done = done;
        }
    }

    /// Takes what follows every batch, in order: none will be committed here.
    pub(crate) fn drain(&mut self) -> Vec<D> {
        let written = self.written.drain(..);
        written.chain(self.appending.take()).chain(self.gathering.drain(..)).flat_map(|b| b.done).collect()
    }

    /// When the next response stops to wait.
    pub(crate) fn deadline(&self) -> Monotonic {
        let waiting = self.written.iter().chain(&self.appending).chain(&self.gathering);
        waiting.map(|batch| batch.deadline).min().unwrap_or(Monotonic::NEVER)
    }
}

impl<R, D> Batch<R, D> {
    /// What the batch holds.
    pub(crate) fn kind(&self) -> BatchKind {
        self.kind
    }
}

fn record_size(record: &Record) -> usize {
    RECORD_OVERHEAD + record.key.len() + record.value.as_ref().map_or(0, |value| value.len())
}
