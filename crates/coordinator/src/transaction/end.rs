//! EndTxn: a transaction commits or aborts.

use std::sync::Arc;

use ottla_protocol::record::control::TransactionResult;
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{ProducerEpoch, ProducerId};

use super::coordinator::{Done, Transaction, TransactionCoordinator};
use super::error::{end_error, init_error};
use super::interface::{ProducerIds, TransactionResponse};
use super::metadata::Metadata;
use super::state::TransactionState;
use crate::host::RequestToken;
use crate::messages::{EndTxnRequest, EndTxnResponse, ErrorCode};

/// From this version on, clients take the next epoch from the response. Source: KIP-890.
const EPOCH_BUMP_FROM: i16 = 5;

/// Who waits for a transaction to be about to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EndReply {
    /// An EndTxn.
    EndTxn { token: RequestToken, api_version: i16 },
    /// An InitProducerId whose predecessor had to be fenced: it has to try again.
    Fenced { token: RequestToken, api_version: i16 },
}

/// What follows from an EndTxn.
enum Step {
    /// The transaction ends.
    Write(Metadata),
    /// It has: this is a retry.
    Already,
}

impl TransactionCoordinator {
    /// Answers an EndTxn, when it is committed that the transaction will end. Source: Kafka
    /// `TransactionCoordinator.endTransaction`, `endTransactionWithTV1`.
    pub(super) fn end_txn(
        &mut self,
        token: RequestToken,
        api_version: i16,
        request: &EndTxnRequest,
        producer_ids: &mut dyn ProducerIds,
    ) {
        match self.decide_end(api_version, request, producer_ids) {
            Err(error) => self.respond(token, end_error(error, api_version)),
            Ok((id, Step::Write(metadata))) => {
                let reply = Some(EndReply::EndTxn { token, api_version });
                self.write(&id, metadata, Done::Prepared { id: Arc::clone(&id), reply });
            }
            Ok((id, Step::Already)) => {
                let metadata = &self.transactions[&id].metadata;
                let response = end_response(api_version, metadata.producer_id, metadata.producer_epoch);
                self.respond(token, response);
            }
        }
    }

    fn decide_end(
        &self,
        api_version: i16,
        request: &EndTxnRequest,
        producer_ids: &mut dyn ProducerIds,
    ) -> Result<(Arc<str>, Step), ErrorCode> {
        if request.transactional_id.is_empty() {
            return Err(ErrorCode::INVALID_REQUEST);
        }
        self.check_active()?;
        let found = self.transactions.get_key_value(request.transactional_id.as_str());
        let (id, transaction) = found.ok_or(ErrorCode::INVALID_PRODUCER_ID_MAPPING)?;
        let step = if api_version >= EPOCH_BUMP_FROM {
            end_with_epoch_bump(transaction, request, self.now.wall, producer_ids)?
        } else {
            end_in_same_epoch(transaction, request, self.now.wall)?
        };
        Ok((Arc::clone(id), step))
    }

    /// It is committed that the transaction will end: that is what the request waited for.
    pub(super) fn answer_prepared(&mut self, id: &Arc<str>, reply: EndReply) {
        match reply {
            EndReply::EndTxn { token, api_version } => {
                // The id and epoch are those from the end on.
                let ending = self.transactions.get(id).and_then(|transaction| transaction.ending.as_ref());
                let after =
                    ending.map(|ending| (ending.complete.producer_id, ending.complete.producer_epoch));
                let (producer_id, epoch) = after.unwrap_or((ProducerId::NONE, ProducerEpoch::NONE));
                self.respond(token, end_response(api_version, producer_id, epoch));
            }
            EndReply::Fenced { token, api_version } => {
                self.respond(token, init_error(ErrorCode::CONCURRENT_TRANSACTIONS, api_version));
            }
        }
    }

    /// The transaction will not end.
    pub(super) fn answer_end_error(&mut self, reply: EndReply, error: ErrorCode) {
        let (token, response) = match reply {
            EndReply::EndTxn { token, api_version } => (token, end_error(error, api_version)),
            EndReply::Fenced { token, api_version } => (token, init_error(error, api_version)),
        };
        self.respond(token, response);
    }
}

fn end_response(api_version: i16, producer_id: ProducerId, epoch: ProducerEpoch) -> TransactionResponse {
    let has_next = api_version >= EPOCH_BUMP_FROM;
    TransactionResponse::EndTxn(EndTxnResponse {
        producer_id: if has_next { producer_id.0 } else { -1 },
        producer_epoch: if has_next { epoch.0 } else { -1 },
        ..EndTxnResponse::default()
    })
}

/// The state in which a transaction is about to end so.
fn prepared_state(is_commit: bool) -> TransactionState {
    if is_commit { TransactionState::PrepareCommit } else { TransactionState::PrepareAbort }
}

/// How a transaction ends that is in this state.
pub(super) fn result_of(state: TransactionState) -> TransactionResult {
    match state {
        TransactionState::PrepareCommit | TransactionState::CompleteCommit => TransactionResult::Commit,
        _ => TransactionResult::Abort,
    }
}

/// Transaction version 0 or 1: the epoch stays, and tells nothing about a retry.
fn end_in_same_epoch(
    transaction: &Transaction,
    request: &EndTxnRequest,
    now: Timestamp,
) -> Result<Step, ErrorCode> {
    let metadata = &transaction.metadata;
    if metadata.producer_id != ProducerId(request.producer_id) {
        return Err(ErrorCode::INVALID_PRODUCER_ID_MAPPING);
    }
    if metadata.producer_epoch != ProducerEpoch(request.producer_epoch) {
        return Err(ErrorCode::PRODUCER_FENCED);
    }
    if transaction.pending.is_some() {
        return Err(ErrorCode::CONCURRENT_TRANSACTIONS);
    }
    let is_same_result = result_of(metadata.state) == result_of(prepared_state(request.committed));
    match metadata.state {
        TransactionState::Ongoing => {
            let state = prepared_state(request.committed);
            Ok(Step::Write(metadata.prepared(state, 0, ProducerId::NONE, now)))
        }
        TransactionState::CompleteCommit | TransactionState::CompleteAbort if is_same_result => {
            Ok(Step::Already)
        }
        TransactionState::PrepareCommit | TransactionState::PrepareAbort if is_same_result => {
            Err(ErrorCode::CONCURRENT_TRANSACTIONS)
        }
        TransactionState::Dead | TransactionState::PrepareEpochFence => Err(ErrorCode::UNKNOWN_SERVER_ERROR),
        _ => Err(ErrorCode::INVALID_TXN_STATE),
    }
}

/// Transaction version 2: ending a transaction begins the next epoch, so the epoch before is that of a retry, and a
/// producer may abort what it has not begun, to get a clean epoch.
fn end_with_epoch_bump(
    transaction: &Transaction,
    request: &EndTxnRequest,
    now: Timestamp,
    producer_ids: &mut dyn ProducerIds,
) -> Result<Step, ErrorCode> {
    let metadata = &transaction.metadata;
    let (producer_id, epoch) = (ProducerId(request.producer_id), ProducerEpoch(request.producer_epoch));
    // The last epoch of the id before, with which the client ended what began the first epoch of this one.
    let is_retry_over_overflow = metadata.previous_producer_id == producer_id
        && epoch == ProducerEpoch(i16::MAX - 1)
        && metadata.producer_epoch == ProducerEpoch(0);
    let is_retry_over_bump = epoch.0.checked_add(1) == Some(metadata.producer_epoch.0);
    let is_retry = is_retry_over_bump || is_retry_over_overflow;
    let is_valid_epoch = match metadata.state {
        TransactionState::PrepareCommit | TransactionState::PrepareAbort => is_retry_over_bump,
        TransactionState::CompleteCommit | TransactionState::CompleteAbort => {
            is_retry || epoch == metadata.producer_epoch
        }
        _ => epoch == metadata.producer_epoch,
    };
    // First of all: the producer may be using an id and epoch that are still on their way.
    if transaction.pending.is_some() {
        return Err(ErrorCode::CONCURRENT_TRANSACTIONS);
    }
    if metadata.producer_id != producer_id && !is_retry_over_overflow {
        return Err(ErrorCode::INVALID_PRODUCER_ID_MAPPING);
    }
    if !is_valid_epoch {
        return Err(ErrorCode::PRODUCER_FENCED);
    }
    let is_commit = request.committed;
    let is_same_result = result_of(metadata.state) == result_of(prepared_state(is_commit));
    match metadata.state {
        TransactionState::Ongoing => prepare(metadata, is_commit, now, producer_ids),
        TransactionState::Empty if !is_commit => prepare(metadata, false, now, producer_ids),
        TransactionState::CompleteCommit | TransactionState::CompleteAbort => match (is_retry, is_commit) {
            (true, _) if is_same_result => Ok(Step::Already),
            (false, false) => prepare(metadata, false, now, producer_ids),
            _ => Err(ErrorCode::INVALID_TXN_STATE),
        },
        TransactionState::PrepareCommit | TransactionState::PrepareAbort if is_same_result => {
            Err(ErrorCode::CONCURRENT_TRANSACTIONS)
        }
        TransactionState::Dead | TransactionState::PrepareEpochFence => Err(ErrorCode::UNKNOWN_SERVER_ERROR),
        _ => Err(ErrorCode::INVALID_TXN_STATE),
    }
}

fn prepare(
    metadata: &Metadata,
    is_commit: bool,
    now: Timestamp,
    producer_ids: &mut dyn ProducerIds,
) -> Result<Step, ErrorCode> {
    let next = next_producer_id(metadata, producer_ids)?;
    Ok(Step::Write(metadata.prepared(prepared_state(is_commit), 2, next, now)))
}

/// The id to go on with, if the epochs of this one end with the transaction.
fn next_producer_id(
    metadata: &Metadata,
    producer_ids: &mut dyn ProducerIds,
) -> Result<ProducerId, ErrorCode> {
    if metadata.is_epoch_exhausted() { producer_ids.next_producer_id() } else { Ok(ProducerId::NONE) }
}

/// The coordinator aborts an open transaction, under an epoch that fences its producer.
pub(super) fn abort_by_fencing(
    metadata: &Metadata,
    transaction_version: i16,
    now: Timestamp,
    producer_ids: &mut dyn ProducerIds,
) -> Result<Metadata, ErrorCode> {
    let state = TransactionState::PrepareAbort;
    if transaction_version >= 2 {
        let next = next_producer_id(metadata, producer_ids)?;
        return Ok(metadata.prepared(state, transaction_version, next, now));
    }
    let fenced = Metadata {
        producer_epoch: metadata.fencing_epoch(),
        last_producer_epoch: ProducerEpoch::NONE,
        ..metadata.clone()
    };
    Ok(fenced.prepared(state, 0, ProducerId::NONE, now))
}
