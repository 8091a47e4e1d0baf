//! The batches of one partition, from the first record to the last word of the broker: a machine without clock or socket.
//!
//! ```text
//!              append            take                complete(Written | Rejected)
//!   open batch ------> queued ---------> in flight ------------------------------> finished
//!                         ^                  | complete(Refused | Unknown | SequenceGap)
//!                         +------------------+
//! ```
//!
//! Batches in flight are always the oldest ones. After a failure nothing is sent until all that is in flight has come back;
//! then the unfinished ones go again, oldest first, with the sequences that they had. The broker drops what it has already
//! and refuses what does not follow, so that records are neither doubled nor reordered.
//!
//! A batch that is given up leaves a hole in the sequence. If the broker surely does not have it, the later batches take
//! its place in the sequence. If it may have it, sequences begin anew under a higher epoch (KIP-360).

use std::collections::VecDeque;
use std::time::Duration;

use ottla_protocol::record::BatchBuilder;
use ottla_protocol::record::header::increment_sequence;
use ottla_protocol::types::ProducerEpoch;
use tokio::time::Instant;

use super::batch::{Codec, ProducerIdentity, split};
use super::verdict::Verdict;

/// Last epoch that a producer id is used with. Source: Kafka `ProducerIdAndEpoch`, which keeps the maximum for fencing.
const EPOCH_MAX: i16 = i16::MAX - 1;

/// What all queues of a producer share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Size at which a batch is full, in bytes before compression.
    pub(super) batch_size: usize,
    /// How long an open batch waits for more records.
    pub(super) linger: Duration,
    /// Batches of one partition that may be unfinished at once. The broker remembers five.
    pub(super) in_flight_max: usize,
    /// Age at which a batch is given up.
    pub(super) delivery_timeout: Duration,
    /// Whether batches carry sequences.
    pub(super) is_idempotent: bool,
    /// Whether batches are parts of transactions: then one that is given up takes all others along, as the transaction can
    /// only be aborted, and the epoch is the coordinator's to raise.
    pub(super) is_transactional: bool,
    /// How batches are compressed.
    pub(super) codec: Codec,
}

/// Number of a batch in its producer.
pub(super) type BatchId = u64;

/// A batch's bytes, or the records that become them.
#[derive(Debug)]
pub(super) enum Payload {
    /// Not compressed yet.
    Builder(Box<BatchBuilder>),
    /// As it is sent.
    Bytes(Vec<u8>),
}

impl Payload {
    /// Size in bytes, before compression if that was not done yet.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Builder(builder) => builder.uncompressed_size(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }

    /// The batch as bytes. Compresses it if that was not done yet.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Builder(builder) => builder.build(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

/// A batch to be sent.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) id: BatchId,
    pub(super) payload: Payload,
    pub(super) identity: Option<ProducerIdentity>,
    pub(super) base_sequence: i32,
}

/// A batch that is done with. `T` is what the caller attached to it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Finished<T, E> {
    pub(super) tickets: Vec<T>,
    /// `None` if it was written: the broker's answer has the rest.
    pub(super) failure: Option<Failure<E>>,
}

/// Why a batch was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure<E> {
    /// The broker will not have it.
    Rejected(E),
    /// Its time was over; the last error, if it was ever sent.
    Expired(Option<E>),
    /// It was not known whether the broker has it when the sequence had to begin anew.
    OutcomeUnknown(Option<E>),
}

#[derive(Debug)]
struct Slot<T, E> {
    id: BatchId,
    /// The id, or that of the batch that this one was split off.
    origin: BatchId,
    created: Instant,
    record_count: i32,
    tickets: Vec<T>,
    /// `None` while it is in flight.
    payload: Option<Payload>,
    /// Given by the first `take` after it was queued or its sequence was taken back.
    base_sequence: Option<i32>,
    /// Count of the batches that were given a sequence before it.
    ordinal: u64,
    /// Whether an attempt may have written it.
    maybe_written: bool,
    error: Option<E>,
}

/// What must be done to the sequence once nothing is in flight. The later ones outdo the earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Repair {
    /// Sequences go on from here.
    Rewind(i32),
    /// The broker has lost its state or the sequence is broken: a new epoch.
    NewEpoch,
    /// The same, and batches that may be written cannot be told from those that are not.
    NewEpochAfterLoss,
    /// Producer id and epoch are of no more use, and neither is the broker's memory of them.
    NewIdentity,
}

/// The batches of one partition. `T` is attached to each record, `E` tells why an attempt failed.
#[derive(Debug)]
pub(super) struct PartitionQueue<T, E> {
    limits: Limits,
    /// Oldest first; the first `in_flight` of them are in flight.
    slots: VecDeque<Slot<T, E>>,
    in_flight: usize,
    open: Option<Slot<T, E>>,
    identity: Option<ProducerIdentity>,
    next_sequence: i32,
    next_ordinal: u64,
    /// Whether the broker has a batch under this id and epoch. Before that it would take any sequence as the first one, so
    /// only one batch is in flight.
    is_established: bool,
    /// Sequence of a batch that was given up and is surely not written, if later ones were sent.
    hole: Option<i32>,
    /// Set after a failure: nothing is sent before this time, nor while anything is in flight.
    recovering: Option<Instant>,
    repair: Option<Repair>,
}

impl<T, E: Clone> PartitionQueue<T, E> {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            slots: VecDeque::new(),
            in_flight: 0,
            open: None,
            identity: None,
            next_sequence: 0,
            next_ordinal: 0,
            is_established: false,
            hole: None,
            recovering: None,
            repair: None,
        }
    }

    /// Whether nothing waits or is in flight.
    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty() && self.open.is_none()
    }

    /// Id of the oldest batch that has not ended; a part of a split batch has the id of the whole.
    pub(super) fn oldest(&self) -> Option<BatchId> {
        self.slots.iter().chain(&self.open).map(|slot| slot.origin).min()
    }

    /// Whether it waits for a producer id.
    pub(super) fn needs_identity(&self) -> bool {
        self.limits.is_idempotent && self.identity.is_none()
    }

    pub(super) fn set_identity(&mut self, identity: ProducerIdentity) {
        self.identity = Some(identity);
    }

    /// A transaction has ended, and nothing of it is left: the next one begins under this identity, and if it is another
    /// one, with the first sequence.
    pub(super) fn restart(&mut self, identity: ProducerIdentity) {
        debug_assert!(self.is_empty(), "a transaction ends when its records have");
        if self.identity == Some(identity) {
            return;
        }
        *self = Self { identity: Some(identity), ..Self::new(self.limits) };
    }

    /// Appends a record through `append` to the open batch, or to a new one (with the id `new_id`) if the record of
    /// `size_max` bytes does not fit. Gives back `false` if the record cannot be encoded.
    pub(super) fn append(
        &mut self,
        ticket: T,
        size_max: usize,
        new_id: BatchId,
        now: Instant,
        append: impl FnOnce(&mut BatchBuilder) -> bool,
    ) -> Appended {
        let is_full = self.open.as_ref().is_some_and(|open| open.size() + size_max > self.limits.batch_size);
        if is_full {
            self.slots.extend(self.open.take());
        }
        let is_new = self.open.is_none();
        let room = self.limits.batch_size.min(16 << 10).max(size_max);
        let open = self.open.get_or_insert_with(|| Slot {
            id: new_id,
            origin: new_id,
            created: now,
            record_count: 0,
            tickets: Vec::new(),
            payload: Some(Payload::Builder(Box::new(self.limits.codec.builder(room)))),
            base_sequence: None,
            ordinal: 0,
            maybe_written: false,
            error: None,
        });
        let Some(Payload::Builder(builder)) = &mut open.payload else { return Appended::Refused };
        if !append(builder) {
            if is_new {
                self.open = None;
            }
            return Appended::Refused;
        }
        open.record_count += 1;
        open.tickets.push(ticket);
        let is_full = open.size() >= self.limits.batch_size;
        if is_full {
            self.slots.extend(self.open.take());
        }
        if is_new {
            Appended::InNewBatch
        } else if is_full {
            Appended::Full
        } else {
            Appended::InOpenBatch
        }
    }

    /// The next batch to send, if one may be sent at `now`. `flush` makes the open batch ready whatever its age.
    ///
    /// Batches that had to be given up on the way are put on `finished`.
    pub(super) fn take(
        &mut self,
        now: Instant,
        flush: bool,
        finished: &mut Vec<Finished<T, E>>,
    ) -> Option<Taken> {
        if let Some(retry_at) = self.recovering {
            if self.in_flight > 0 || now < retry_at {
                return None;
            }
            self.recovering = None;
            self.repair_sequence(finished);
        }
        if self.needs_identity() || !self.has_room() {
            return None;
        }
        if self.in_flight == self.slots.len() {
            let is_ready = |open: &Slot<T, E>| flush || now >= open.created + self.limits.linger;
            self.slots.extend(self.open.take_if(|open| is_ready(open)));
        }
        let slot = self.slots.get_mut(self.in_flight)?;
        let payload = slot.payload.take()?;
        self.in_flight += 1;
        let mut base_sequence = -1;
        if self.limits.is_idempotent {
            if slot.base_sequence.is_none() {
                slot.base_sequence = Some(self.next_sequence);
                slot.ordinal = self.next_ordinal;
                self.next_sequence = increment_sequence(self.next_sequence, slot.record_count);
                self.next_ordinal += 1;
            }
            base_sequence = slot.base_sequence.unwrap_or(self.next_sequence);
        }
        Some(Taken { id: slot.id, payload, identity: self.identity, base_sequence })
    }

    /// Whether one more batch may be in flight.
    ///
    /// The broker remembers the last few batches of a producer to know duplicates by. So no batch is sent while one that may
    /// have to be sent again would be forgotten for it.
    fn has_room(&self) -> bool {
        if !self.limits.is_idempotent {
            return self.in_flight < self.limits.in_flight_max;
        }
        if !self.is_established {
            return self.in_flight == 0;
        }
        let ordinal = |slot: &Slot<T, E>| slot.base_sequence.map(|_| slot.ordinal);
        let oldest = self.slots.front().and_then(ordinal).unwrap_or(self.next_ordinal);
        let next = self.slots.get(self.in_flight).and_then(ordinal).unwrap_or(self.next_ordinal);
        usize::try_from(next - oldest).is_ok_and(|count| count < self.limits.in_flight_max)
    }

    /// Takes note of what came of the batch `id`, which `take` had given out, and takes its bytes back. Nothing is sent
    /// again within `backoff`. Batches that are done with are put on `finished`; `split_id` is for the second half if the
    /// batch must be split.
    pub(super) fn complete(
        &mut self,
        done: Attempt<E>,
        split_id: BatchId,
        now: Instant,
        backoff: Duration,
        finished: &mut Vec<Finished<T, E>>,
    ) {
        let Some(index) = self.slots.iter().position(|slot| slot.id == done.id && slot.payload.is_none())
        else {
            return;
        };
        self.in_flight -= 1;
        let mut retry_at = now + backoff;
        match done.verdict {
            Verdict::Written => {
                let sequence = self.slots[index].base_sequence;
                self.finish(index, None, finished);
                self.is_established = true;
                // What lies behind a hole was accepted all the same: the broker had no state to see the hole with.
                self.hole =
                    self.hole.filter(|&hole| sequence.is_none_or(|sequence| !is_after(sequence, hole)));
                return;
            }
            // Halves of a batch that may be written would not be recognised as duplicates.
            Verdict::TooLarge if !self.slots[index].maybe_written && self.split(index, &done, split_id) => {
                retry_at = now;
            }
            Verdict::TooLarge | Verdict::Rejected | Verdict::Failed => {
                self.slots[index].maybe_written |= done.verdict == Verdict::Failed;
                self.give_up(index, Failure::Rejected(done.error.clone()), now, finished);
                if self.limits.is_transactional {
                    self.give_up_all(&done.error, now, finished);
                }
                retry_at = now;
            }
            Verdict::SequenceGap | Verdict::Fenced if self.limits.is_transactional => {
                self.give_up(index, Failure::Rejected(done.error.clone()), now, finished);
                self.give_up_all(&done.error, now, finished);
                retry_at = now;
            }
            Verdict::Refused | Verdict::Unknown | Verdict::SequenceGap | Verdict::Fenced => {
                let slot = &mut self.slots[index];
                slot.payload = Some(Payload::Bytes(done.bytes));
                slot.error = Some(done.error);
                slot.maybe_written = match done.verdict {
                    Verdict::Unknown => true,
                    Verdict::SequenceGap => false,
                    _ => slot.maybe_written,
                };
                self.note_sequence_error(index, done.verdict);
            }
        }
        if !self.slots.is_empty() {
            self.recovering = Some(self.recovering.map_or(retry_at, |at| at.max(retry_at)));
        }
    }

    /// Gives up every batch that is too old and not in flight.
    pub(super) fn expire(&mut self, now: Instant, finished: &mut Vec<Finished<T, E>>) {
        let timeout = self.limits.delivery_timeout;
        while let Some(index) =
            self.slots.iter().position(|slot| slot.payload.is_some() && now >= slot.created + timeout)
        {
            let error = self.slots[index].error.take();
            self.give_up(index, Failure::Expired(error), now, finished);
        }
        if let Some(open) = self.open.take_if(|open| now >= open.created + timeout) {
            finished.push(Finished { tickets: open.tickets, failure: Some(Failure::Expired(None)) });
        }
    }

    /// Gives up every batch that is not in flight.
    pub(super) fn give_up_all(&mut self, error: &E, now: Instant, finished: &mut Vec<Finished<T, E>>) {
        while let Some(index) = self.slots.iter().position(|slot| slot.payload.is_some()) {
            self.give_up(index, Failure::Rejected(error.clone()), now, finished);
        }
        if let Some(open) = self.open.take() {
            finished
                .push(Finished { tickets: open.tickets, failure: Some(Failure::Rejected(error.clone())) });
        }
    }

    /// When, after `now`, `take` or `expire` may have something to do, if nothing else happens. What could be taken at `now`
    /// and was not waits for something else.
    pub(super) fn deadline(&self, now: Instant) -> Option<Instant> {
        let oldest = self.slots.iter().find(|slot| slot.payload.is_some()).or(self.open.as_ref());
        let expiry = oldest.map(|slot| slot.created + self.limits.delivery_timeout);
        let linger = self.open.as_ref().map(|open| open.created + self.limits.linger);
        let sending = match self.recovering {
            Some(_) if self.in_flight > 0 => None,
            Some(retry_at) => Some(retry_at),
            None => linger,
        };
        [expiry, sending].into_iter().flatten().filter(|&at| at > now).min()
    }

    fn finish(&mut self, index: usize, failure: Option<Failure<E>>, finished: &mut Vec<Finished<T, E>>) {
        if let Some(slot) = self.slots.remove(index) {
            finished.push(Finished { tickets: slot.tickets, failure });
        }
    }

    /// Ends a batch that is not in flight (any more) and sees to the hole that it leaves in the sequence.
    fn give_up(
        &mut self,
        index: usize,
        failure: Failure<E>,
        now: Instant,
        finished: &mut Vec<Finished<T, E>>,
    ) {
        let (sequence, maybe_written) = (self.slots[index].base_sequence, self.slots[index].maybe_written);
        self.finish(index, Some(failure), finished);
        let Some(sequence) = sequence else { return };
        if maybe_written {
            self.require(Repair::NewEpochAfterLoss);
            self.recovering.get_or_insert(now);
            return;
        }
        let hole = self.hole.take().filter(|&hole| is_after(sequence, hole)).unwrap_or(sequence);
        if self.slots.iter().any(|slot| slot.base_sequence.is_some_and(|sequence| is_after(sequence, hole))) {
            self.hole = Some(hole);
        } else {
            self.next_sequence = hole;
        }
    }

    /// Cuts the batch at `index` in two, which follow each other in the sequence as its records did.
    fn split(&mut self, index: usize, done: &Attempt<E>, second_id: BatchId) -> bool {
        let Some((first, second, first_count)) = split(&done.bytes, self.limits.codec) else { return false };
        // What comes is cut to a size that the topic may take.
        self.limits.batch_size = (done.bytes.len() / 2).clamp(1, self.limits.batch_size);
        let slot = &mut self.slots[index];
        let second_tickets = slot.tickets.split_off(usize::try_from(first_count).unwrap_or(0));
        let second_slot = Slot {
            id: second_id,
            origin: slot.origin,
            created: slot.created,
            record_count: slot.record_count - first_count,
            tickets: second_tickets,
            payload: Some(Payload::Bytes(second)),
            base_sequence: slot.base_sequence.map(|sequence| increment_sequence(sequence, first_count)),
            ordinal: slot.ordinal,
            maybe_written: slot.maybe_written,
            error: Some(done.error.clone()),
        };
        if slot.base_sequence.is_some() {
            self.next_ordinal += 1;
        }
        slot.record_count = first_count;
        slot.payload = Some(Payload::Bytes(first));
        slot.error = Some(done.error.clone());
        self.slots.insert(index + 1, second_slot);
        for later in self.slots.iter_mut().skip(index + 1) {
            later.ordinal += 1;
        }
        true
    }

    fn note_sequence_error(&mut self, index: usize, verdict: Verdict) {
        match verdict {
            // Behind an unfinished batch a gap is its consequence and heals with it.
            Verdict::SequenceGap if index == 0 => {
                let repair = self.hole.map_or(Repair::NewEpoch, Repair::Rewind);
                self.require(repair);
            }
            Verdict::Fenced => self.require(Repair::NewIdentity),
            _ => {}
        }
    }

    fn require(&mut self, repair: Repair) {
        self.repair = self.repair.max(Some(repair));
    }

    /// Puts the sequence right. Nothing is in flight.
    fn repair_sequence(&mut self, finished: &mut Vec<Finished<T, E>>) {
        let Some(repair) = self.repair.take() else { return };
        if self.limits.is_transactional && repair > Repair::NewEpoch {
            // Only the end of the transaction brings another epoch.
            while let Some(mut slot) = self.slots.pop_front() {
                let failure = Some(Failure::OutcomeUnknown(slot.error.take()));
                finished.push(Finished { tickets: slot.tickets, failure });
            }
            return;
        }
        if repair >= Repair::NewEpochAfterLoss {
            while let Some(index) = self.slots.iter().position(|slot| slot.maybe_written) {
                let error = self.slots[index].error.take();
                self.finish(index, Some(Failure::OutcomeUnknown(error)), finished);
            }
        }
        for slot in &mut self.slots {
            slot.base_sequence = None;
        }
        self.hole = None;
        self.next_sequence = 0;
        self.is_established = matches!(repair, Repair::Rewind(_));
        match (repair, &mut self.identity) {
            (Repair::Rewind(sequence), _) => self.next_sequence = sequence,
            (Repair::NewEpoch | Repair::NewEpochAfterLoss, Some(identity))
                if identity.epoch.0 < EPOCH_MAX =>
            {
                identity.epoch = ProducerEpoch(identity.epoch.0 + 1);
            }
            _ => self.identity = None,
        }
    }
}

/// What came of an attempt to send a batch.
#[derive(Debug)]
pub(super) struct Attempt<E> {
    pub(super) id: BatchId,
    pub(super) verdict: Verdict,
    /// Why it failed; of no meaning if it was written.
    pub(super) error: E,
    pub(super) bytes: Vec<u8>,
}

/// Where a record went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Appended {
    /// It began a batch.
    InNewBatch,
    /// It went to a batch that was open.
    InOpenBatch,
    /// It filled the batch that was open.
    Full,
    /// It cannot be encoded.
    Refused,
}

/// Whether `sequence` comes after `other`; sequences wrap to 0 after 2147483647.
fn is_after(sequence: i32, other: i32) -> bool {
    (1..1 << 30).contains(&(sequence.wrapping_sub(other) & i32::MAX))
}

impl<T, E> Slot<T, E> {
    fn size(&self) -> usize {
        match &self.payload {
            Some(Payload::Builder(builder)) => builder.uncompressed_size(),
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests;
