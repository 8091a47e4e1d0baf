//! Batches of transactions that wait until it is known that their partitions are part of them.

use std::sync::Arc;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::produce_view::ProduceView;
use ottla_protocol::record::BatchHeader;
use ottla_protocol::time::Now;
use ottla_protocol::types::{PartitionId, ProducerEpoch, ProducerId};

use super::append::append;
use super::{PeerBatch, Pending, respond_if_done};
use crate::api::verification::{self, Held, Operation, Target, Verdict, Work};
use crate::purgatory::ParkedId;
use crate::shard::{Shard, Waiting};

/// Batches that are held.
pub(crate) struct HeldBatches {
    /// Who waits for the outcomes.
    pub(super) waiter: ParkedId,
    pub(super) version: i16,
    pub(super) acks: i16,
    pub(super) batches: Vec<PeerBatch>,
}

/// Who writes the transactional batches of a request, and in which way.
pub(super) struct Writer {
    pub(super) transactional_id: Arc<str>,
    producer_id: ProducerId,
    producer_epoch: ProducerEpoch,
    operation: Operation,
}

impl Writer {
    /// The producer of the transactional batches of a request, if there are any.
    ///
    /// Errors: `INVALID_PRODUCER_ID_MAPPING` if there are several.
    pub(super) fn of(request: &ProduceView<'_>, version: i16) -> Result<Option<Self>, ErrorCode> {
        let Some(transactional_id) = request.transactional_id else { return Ok(None) };
        let partitions = request.topics().flat_map(|topic| topic.partitions());
        let mut producers =
            partitions.filter_map(|partition| transactional(partition.records.unwrap_or_default()));
        let Some((producer_id, producer_epoch, _)) = producers.next() else { return Ok(None) };
        if producers.any(|(id, epoch, _)| (id, epoch) != (producer_id, producer_epoch)) {
            return Err(ErrorCode::INVALID_PRODUCER_ID_MAPPING);
        }
        let operation = Operation::of_produce(version);
        Ok(Some(Self { transactional_id: transactional_id.into(), producer_id, producer_epoch, operation }))
    }

    /// The producer of another shard's batches.
    pub(super) fn of_batches(
        transactional_id: Arc<str>,
        batches: &[PeerBatch],
        version: i16,
    ) -> Option<Self> {
        let (producer_id, producer_epoch, _) =
            batches.iter().find_map(|batch| transactional(&batch.records))?;
        let operation = Operation::of_produce(version);
        Some(Self { transactional_id, producer_id, producer_epoch, operation })
    }

    /// Whether a batch must wait.
    pub(super) fn must_hold(&self, shard: &Shard, id: PartitionId, records: &[u8]) -> bool {
        transactional(records).is_some()
            && verification::must_hold(shard, self.operation, self.producer_id, self.producer_epoch, id)
    }

    /// Lets batches wait.
    pub(super) fn hold(&self, shard: &mut Shard, batches: HeldBatches, now: Now) {
        if batches.batches.is_empty() {
            return;
        }
        let targets = batches.batches.iter().map(|batch| {
            let sequence = transactional(&batch.records).map_or(0, |(_, _, sequence)| sequence);
            Target { id: batch.id, sequence }
        });
        let held = Held {
            transactional_id: self.transactional_id.to_string(),
            producer_id: self.producer_id,
            producer_epoch: self.producer_epoch,
            operation: self.operation,
            targets: targets.collect(),
            work: Work::Produce(batches),
        };
        verification::hold(shard, held, now);
    }
}

/// Producer id, epoch and first sequence of a transactional batch.
fn transactional(records: &[u8]) -> Option<(ProducerId, ProducerEpoch, i32)> {
    let header = BatchHeader::parse(records).ok()?;
    let is_transactional = header.attributes.is_transactional() && header.has_producer_id();
    is_transactional.then_some((header.producer_id, header.producer_epoch, header.base_sequence))
}

/// It is known of batches whether their partitions are part of the transaction: appends them if so.
pub(crate) fn verified(shard: &mut Shard, held: HeldBatches, verdicts: &[Verdict], now: Now) {
    let HeldBatches { waiter, version, acks, batches } = held;
    for (PeerBatch { place, id, records }, verdict) in batches.into_iter().zip(verdicts) {
        let (response, pending) = append(shard, id, version, acks, &records, *verdict, now);
        // Whoever waited may have given up.
        let Some(Waiting::Produce(parked)) = shard.purgatory.get_mut(waiter) else { continue };
        let mut outcomes = parked.outcomes.iter_mut();
        let Some(outcome) = outcomes.find(|outcome| outcome.place == place) else { continue };
        debug_assert_eq!(outcome.pending, Pending::Verification, "a batch is held once");
        (outcome.response, outcome.pending) = (response, pending);
        match pending {
            Pending::Durability(end) => {
                if let Some(partition) = shard.partitions.get_mut(&id) {
                    partition.await_ack(end, waiter);
                }
            }
            Pending::Nothing | Pending::Shard | Pending::Verification => parked.waiting -= 1,
        }
    }
    respond_if_done(shard, waiter);
}
