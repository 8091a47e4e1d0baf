//! InitProducerId: a producer gets its id and epoch, and whoever had them before is fenced.

use std::sync::Arc;

use ottla_protocol::record::control::TransactionResult;
use ottla_protocol::types::{ProducerEpoch, ProducerId};

use super::coordinator::{Done, Transaction, TransactionCoordinator};
use super::end::EndReply;
use super::error::init_error;
use super::interface::ProducerIds;
use super::metadata::{Metadata, is_epoch_exhausted};
use super::state::TransactionState;
use crate::host::RequestToken;
use crate::messages::{ErrorCode, InitProducerIdRequest};

/// What a producer believes its id and epoch to be.
type Known = Option<(ProducerId, ProducerEpoch)>;

/// What follows from an InitProducerId.
enum Step {
    /// The metadata is written, and the producer told.
    Write(Metadata),
    /// The producer's predecessor has a transaction open: that is aborted first, and the producer tries again.
    Fence,
}

impl TransactionCoordinator {
    /// Answers an InitProducerId, when its record is committed. Source: Kafka
    /// `TransactionCoordinator.handleInitProducerId`.
    pub(super) fn init_producer_id(
        &mut self,
        token: RequestToken,
        api_version: i16,
        request: &InitProducerIdRequest,
        producer_ids: &mut dyn ProducerIds,
    ) {
        match self.decide_init(request, producer_ids) {
            Err(error) => self.respond(token, init_error(error, api_version)),
            Ok((id, Step::Write(metadata))) => {
                let (producer_id, producer_epoch) = (metadata.producer_id, metadata.producer_epoch);
                let request = Some((token, api_version));
                self.write(&id, metadata, Done::Initialized { request, producer_id, producer_epoch });
            }
            Ok((id, Step::Fence)) => {
                let reply = EndReply::Fenced { token, api_version };
                self.fence_and_abort(&id, Some(reply), producer_ids);
            }
        }
    }

    fn decide_init(
        &mut self,
        request: &InitProducerIdRequest,
        producer_ids: &mut dyn ProducerIds,
    ) -> Result<(Arc<str>, Step), ErrorCode> {
        let known = match (ProducerId(request.producer_id), ProducerEpoch(request.producer_epoch)) {
            (ProducerId::NONE, ProducerEpoch::NONE) => None,
            (ProducerId::NONE, _) | (_, ProducerEpoch::NONE) => return Err(ErrorCode::INVALID_REQUEST),
            known => Some(known),
        };
        let transactional_id = request.transactional_id.as_deref().unwrap_or_default();
        if transactional_id.is_empty() {
            return Err(ErrorCode::INVALID_REQUEST);
        }
        if request.enable_2pc && !self.config.is_two_phase_commit_enabled {
            return Err(ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
        }
        if request.keep_prepared_txn {
            return Err(ErrorCode::UNSUPPORTED_VERSION);
        }
        let timeout_ms = match request.transaction_timeout_ms {
            _ if request.enable_2pc => i32::MAX,
            timeout_ms if (1..=self.config.timeout_ms_max).contains(&timeout_ms) => timeout_ms,
            _ => return Err(ErrorCode::INVALID_TRANSACTION_TIMEOUT),
        };
        self.check_active()?;
        if !self.transactions.contains_key(transactional_id) {
            let metadata = Metadata::new(producer_ids.next_producer_id()?, timeout_ms, self.now.wall);
            self.transactions.insert(transactional_id.into(), Transaction::new(metadata));
        }
        let (id, transaction) = self.transactions.get_key_value(transactional_id).expect("it was just made");
        let step = decide_step(transaction, timeout_ms, known, self.now.wall, producer_ids)?;
        Ok((Arc::clone(id), step))
    }

    /// Begins to abort an open transaction that its producer did not end. Nothing happens if it cannot begin.
    pub(super) fn fence_and_abort(
        &mut self,
        id: &Arc<str>,
        reply: Option<EndReply>,
        producer_ids: &mut dyn ProducerIds,
    ) {
        let Some(transaction) = self.transactions.get(id) else { return };
        // It is not the client that ends it, so the cluster's level counts.
        let version = self.config.transaction_version;
        match super::end::abort_by_fencing(&transaction.metadata, version, self.now.wall, producer_ids) {
            Ok(metadata) => {
                debug_assert_eq!(super::end::result_of(metadata.state), TransactionResult::Abort);
                self.write(id, metadata, Done::Prepared { id: Arc::clone(id), reply });
            }
            Err(error) => {
                if let Some(reply) = reply {
                    self.answer_end_error(reply, error);
                }
            }
        }
    }
}

/// Source: Kafka `TransactionCoordinator.prepareInitProducerIdTransit`.
fn decide_step(
    transaction: &Transaction,
    timeout_ms: i32,
    known: Known,
    now: ottla_protocol::time::Timestamp,
    producer_ids: &mut dyn ProducerIds,
) -> Result<Step, ErrorCode> {
    let metadata = &transaction.metadata;
    if transaction.pending.is_some() {
        return Err(ErrorCode::CONCURRENT_TRANSACTIONS);
    }
    if !known.is_none_or(|known| is_valid(metadata, known)) {
        return Err(ErrorCode::PRODUCER_FENCED);
    }
    match metadata.state {
        TransactionState::PrepareCommit | TransactionState::PrepareAbort => {
            Err(ErrorCode::CONCURRENT_TRANSACTIONS)
        }
        TransactionState::Ongoing => Ok(Step::Fence),
        TransactionState::Empty | TransactionState::CompleteCommit | TransactionState::CompleteAbort => {
            let knows_epoch = known.is_none_or(|(_, epoch)| epoch == metadata.producer_epoch);
            if metadata.is_epoch_exhausted() && knows_epoch {
                let next = producer_ids.next_producer_id()?;
                return Ok(Step::Write(metadata.with_next_producer_id(
                    next,
                    timeout_ms,
                    known.is_some(),
                    now,
                )));
            }
            let expected = known.map(|(_, epoch)| epoch);
            metadata.with_next_epoch(timeout_ms, expected, now).map(Step::Write)
        }
        TransactionState::Dead | TransactionState::PrepareEpochFence => {
            // A log that says so was written by no coordinator.
            Err(ErrorCode::UNKNOWN_SERVER_ERROR)
        }
    }
}

/// Whether the producer's id is the current one, or the one before in a retry of a step that changed it, or the
/// transactional id was forgotten meanwhile.
fn is_valid(metadata: &Metadata, (producer_id, epoch): (ProducerId, ProducerEpoch)) -> bool {
    metadata.producer_epoch == ProducerEpoch::NONE
        || producer_id == metadata.producer_id
        || (producer_id == metadata.previous_producer_id && is_epoch_exhausted(epoch))
}
