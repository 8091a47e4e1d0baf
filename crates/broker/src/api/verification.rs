//! Writes of a transaction wait here until its coordinator has said that their partitions are part of it.
//!
//! ```text
//!   hold ──► (first of its producer) ──► guards, AddPartitionsToTxn ──► answered ──► done, then the next of the producer
//!                     │                              ▲        └── CONCURRENT_TRANSACTIONS: again after a while
//!                     └── all partitions open: done ─┘
//! ```
//! What a producer writes is done in the order in which it came. Newer clients (transaction version 2) leave it to the
//! broker to add partitions; those of older ones are looked up.
//! Source: KIP-890; Kafka `AddPartitionsToTxnManager`, `ReplicaManager.handleProduceAppend`.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::add_partitions_to_txn_request::{
    AddPartitionsToTxnRequest, AddPartitionsToTxnTopic, AddPartitionsToTxnTransaction,
};
use ottla_protocol::messages::add_partitions_to_txn_response::AddPartitionsToTxnResponse;
use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::{PartitionId, ProducerEpoch, ProducerId};

use super::produce::HeldBatches;
use super::transactions::offsets::{self, HeldCommit};
use crate::shard::{OwnRequest, Shard, Waiting};
use crate::verification::{Beginner, Guard};

/// What a request's version allows. Source: Kafka `AddPartitionsToTxnManager.TransactionSupportedOperation`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Look partitions up; the client does not know TRANSACTION_ABORTABLE.
    Verify,
    /// Look partitions up.
    VerifyAbortable,
    /// Add partitions.
    Add,
}

impl Operation {
    /// Of a Produce.
    pub fn of_produce(version: i16) -> Self {
        match version {
            12.. => Self::Add,
            11 => Self::VerifyAbortable,
            _ => Self::Verify,
        }
    }

    /// Of a TxnOffsetCommit.
    pub fn of_txn_offset_commit(version: i16) -> Self {
        match version {
            5.. => Self::Add,
            4 => Self::VerifyAbortable,
            _ => Self::Verify,
        }
    }
}

/// A partition that is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub id: PartitionId,
    /// First sequence of the batch.
    pub sequence: i32,
}

/// A write that waits.
pub(crate) struct Held {
    pub transactional_id: String,
    pub producer_id: ProducerId,
    pub producer_epoch: ProducerEpoch,
    pub operation: Operation,
    pub targets: Vec<Target>,
    pub work: Work,
}

/// What is done when it is known which partitions may be written to.
pub(crate) enum Work {
    Produce(HeldBatches),
    Commit(HeldCommit),
}

/// Whether a partition may be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nobody checks; or it is found out at the append that there is no such partition here.
    Unchecked,
    /// The transaction has begun there.
    Open,
    /// The coordinator says that it is part of the transaction: may be written while the guard holds.
    Verified(Guard),
    /// It is not, or nobody can say.
    Refused(ErrorCode),
}

/// A write whose coordinator is asked.
struct Asking {
    held: Held,
    /// By place in the targets.
    verdicts: Vec<Verdict>,
    since: Monotonic,
}

/// The writes of one producer.
#[derive(Default)]
struct Producer {
    asking: Option<Asking>,
    waiting: VecDeque<Held>,
}

/// The writes of a shard that wait.
#[derive(Default)]
pub(crate) struct HeldWrites(BTreeMap<ProducerId, Producer>);

impl HeldWrites {
    /// Whether a write to the partition waits: later ones must wait behind it.
    pub fn contains(&self, producer_id: ProducerId, id: PartitionId) -> bool {
        let targets = |held: &Held| held.targets.iter().any(|target| target.id == id);
        self.0.get(&producer_id).is_some_and(|producer| {
            producer.asking.iter().any(|asking| targets(&asking.held)) || producer.waiting.iter().any(targets)
        })
    }
}

/// Whether a transactional write to a partition of this shard must be held.
pub(crate) fn must_hold(
    shard: &Shard,
    operation: Operation,
    producer_id: ProducerId,
    epoch: ProducerEpoch,
    id: PartitionId,
) -> bool {
    if operation != Operation::Add && !shard.config.transactions.is_partition_verification_enabled {
        return false;
    }
    let is_open =
        shard.partitions.get(&id).is_some_and(|partition| partition.has_open_transaction(producer_id, epoch));
    !is_open || shard.held_writes.contains(producer_id, id)
}

/// Takes a write, to do it in its turn.
pub(crate) fn hold(shard: &mut Shard, held: Held, now: Now) {
    let producer_id = held.producer_id;
    let producer = shard.held_writes.0.entry(producer_id).or_default();
    producer.waiting.push_back(held);
    if producer.asking.is_none() {
        go_on(shard, producer_id, now);
    }
}

/// Does what can be done without asking, and asks for the next.
fn go_on(shard: &mut Shard, producer_id: ProducerId, now: Now) {
    while let Some(producer) = shard.held_writes.0.get_mut(&producer_id) {
        let Some(held) = producer.waiting.pop_front() else {
            shard.held_writes.0.remove(&producer_id);
            return;
        };
        if let Some(asking) = begin(shard, held, now.mono, now) {
            if let Some(producer) = shard.held_writes.0.get_mut(&producer_id) {
                producer.asking = Some(asking);
            }
            return ask(shard, producer_id, now);
        }
    }
}

/// Looks at the partitions of a write. Returns it if its coordinator must be asked; else it is done.
fn begin(shard: &mut Shard, held: Held, since: Monotonic, now: Now) -> Option<Asking> {
    let verdicts: Vec<Verdict> = held.targets.iter().map(|target| look(shard, &held, target, now)).collect();
    if verdicts.iter().any(|verdict| matches!(verdict, Verdict::Verified(_))) {
        return Some(Asking { held, verdicts, since });
    }
    finish(shard, held, &verdicts, now);
    None
}

/// What is known of a partition without asking. A guard is taken if that is not enough.
fn look(shard: &mut Shard, held: &Held, target: &Target, now: Now) -> Verdict {
    if held.operation != Operation::Add && !shard.config.transactions.is_partition_verification_enabled {
        return Verdict::Unchecked;
    }
    let disk = Arc::clone(&shard.disk);
    let Some(partition) = shard.partitions.get_mut(&target.id).filter(|partition| partition.is_leader) else {
        return Verdict::Unchecked;
    };
    let (producer_id, producer_epoch) = (held.producer_id, held.producer_epoch);
    let log = match partition.log(&disk, now) {
        Ok(log) => log,
        Err(error) => return Verdict::Refused(error),
    };
    if log.producer_epoch(producer_id).is_some_and(|known| producer_epoch < known) {
        return Verdict::Refused(ErrorCode::INVALID_PRODUCER_EPOCH);
    }
    if log.has_open_transaction(producer_id, producer_epoch) {
        return Verdict::Open;
    }
    let adds = held.operation == Operation::Add;
    let beginner = Beginner { producer_id, producer_epoch, sequence: target.sequence, adds };
    Verdict::Verified(partition.verifications.begin(&beginner, now.wall))
}

fn ask(shard: &mut Shard, producer_id: ProducerId, now: Now) {
    let Some(asking) = shard.held_writes.0.get(&producer_id).and_then(|producer| producer.asking.as_ref())
    else {
        return;
    };
    let Asking { held, verdicts, .. } = asking;
    let mut topics = BTreeMap::<String, Vec<i32>>::new();
    for (target, verdict) in held.targets.iter().zip(verdicts) {
        if matches!(verdict, Verdict::Verified(_))
            && let Some(partition) = shard.partitions.get(&target.id)
        {
            topics.entry(partition.topic.to_string()).or_default().push(target.id.partition);
        }
    }
    let topics = topics.into_iter().map(|(name, partitions)| AddPartitionsToTxnTopic { name, partitions });
    let transaction = AddPartitionsToTxnTransaction {
        transactional_id: held.transactional_id.clone(),
        producer_id: held.producer_id.0,
        producer_epoch: held.producer_epoch.0,
        verify_only: held.operation != Operation::Add,
        topics: topics.collect(),
    };
    let request = AddPartitionsToTxnRequest { transactions: vec![transaction], ..Default::default() };
    shard.ask_own(&request, OwnRequest::Verify(producer_id), now);
}

/// A coordinator has answered about the write of a producer that is first in line; `None` if it cannot be reached.
pub(crate) fn answered(
    shard: &mut Shard,
    producer_id: ProducerId,
    answer: Option<&AddPartitionsToTxnResponse>,
    now: Now,
) {
    let Some(asking) = shard.held_writes.0.get_mut(&producer_id).and_then(|producer| producer.asking.take())
    else {
        return;
    };
    let Asking { held, mut verdicts, since } = asking;
    let mut is_concurrent = false;
    for (target, verdict) in held.targets.iter().zip(&mut verdicts) {
        let Verdict::Verified(guard) = *verdict else { continue };
        let error = match (answer, shard.partitions.get(&target.id)) {
            (None, _) | (_, None) => ErrorCode::NETWORK_EXCEPTION,
            (Some(answer), Some(partition)) => error_of(answer, &partition.topic, target.id.partition),
        };
        is_concurrent |= error == ErrorCode::CONCURRENT_TRANSACTIONS;
        if error != ErrorCode::NONE {
            *verdict = Verdict::Refused(as_known(error, held.operation));
            if !is_passing(error)
                && let Some(partition) = shard.partitions.get_mut(&target.id)
            {
                partition.verifications.refuse(producer_id, guard);
            }
        }
    }
    let transactions = &shard.config.transactions;
    let patience = millis(transactions.add_partitions_retry_backoff_ms_max);
    if is_concurrent && held.operation == Operation::Add && now.mono < since + patience {
        // The last transaction of the producer is ending: that takes a moment, and less than to have it all sent again.
        let again = now.mono + millis(transactions.add_partitions_retry_backoff_ms);
        if let Some(producer) = shard.held_writes.0.get_mut(&producer_id) {
            producer.asking = Some(Asking { held, verdicts, since });
        }
        shard.purgatory.park(Waiting::Verification(producer_id), again, None);
        return;
    }
    finish(shard, held, &verdicts, now);
    go_on(shard, producer_id, now);
}

fn millis(ms: i32) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

/// It is time to ask again.
pub(crate) fn retry(shard: &mut Shard, producer_id: ProducerId, now: Now) {
    let Some(producer) = shard.held_writes.0.get_mut(&producer_id) else { return };
    let Some(Asking { held, since, .. }) = producer.asking.take() else { return };
    match begin(shard, held, since, now) {
        Some(asking) => {
            if let Some(producer) = shard.held_writes.0.get_mut(&producer_id) {
                producer.asking = Some(asking);
            }
            ask(shard, producer_id, now);
        }
        None => go_on(shard, producer_id, now),
    }
}

/// What the coordinator says of a partition.
fn error_of(answer: &AddPartitionsToTxnResponse, topic: &str, index: i32) -> ErrorCode {
    let topics = answer.results_by_transaction.iter().flat_map(|result| &result.topic_results);
    let partitions =
        topics.filter(|result| result.name == topic).flat_map(|result| &result.results_by_partition);
    let mut of_partition = partitions.filter(|result| result.partition_index == index);
    match of_partition.next() {
        Some(result) => ErrorCode::from(result.partition_error_code),
        None if answer.error_code != 0 => ErrorCode::from(answer.error_code),
        None => ErrorCode::NONE,
    }
}

/// The error as clients of an operation know it.
fn as_known(error: ErrorCode, operation: Operation) -> ErrorCode {
    match error {
        ErrorCode::PRODUCER_FENCED => ErrorCode::INVALID_PRODUCER_EPOCH,
        ErrorCode::TRANSACTION_ABORTABLE if operation == Operation::Verify => ErrorCode::INVALID_TXN_STATE,
        other => other,
    }
}

/// Whether the same write may be accepted a little later.
pub(crate) fn is_passing(error: ErrorCode) -> bool {
    matches!(
        error,
        ErrorCode::CONCURRENT_TRANSACTIONS
            | ErrorCode::NETWORK_EXCEPTION
            | ErrorCode::COORDINATOR_LOAD_IN_PROGRESS
            | ErrorCode::COORDINATOR_NOT_AVAILABLE
            | ErrorCode::NOT_COORDINATOR
    )
}

fn finish(shard: &mut Shard, held: Held, verdicts: &[Verdict], now: Now) {
    match held.work {
        Work::Produce(batches) => super::produce::verified(shard, batches, verdicts, now),
        Work::Commit(commit) => {
            if let Some((target, verdict)) = held.targets.iter().zip(verdicts).next() {
                offsets::verified(shard, commit, target, *verdict, now);
            }
        }
    }
}
