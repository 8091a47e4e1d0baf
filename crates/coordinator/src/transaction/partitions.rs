//! AddPartitionsToTxn and AddOffsetsToTxn: what a transaction writes to; and whether it does, for a broker that asks.

use std::sync::Arc;

use ottla_protocol::types::ProducerEpoch;

use super::coordinator::{Done, TimerKey, TransactionCoordinator};
use super::error::add_response;
use super::interface::{TransactionResponse, TxnPartitions, VerifiedPartition};
use super::metadata::Metadata;
use super::state::TransactionState;
use crate::host::RequestToken;
use crate::messages::ErrorCode;
use crate::timers::Entry;

/// Version of the transaction protocol from which on brokers add partitions, many at once for one transaction.
const HOLD_FROM: i16 = 2;
/// So many may wait for one transaction.
const HELD_MAX: usize = 64;

/// Partitions that wait to be added.
#[derive(Debug)]
pub(super) struct Adding {
    pub(super) token: RequestToken,
    pub(super) api_version: i16,
    partitions: TxnPartitions,
    client_transaction_version: i16,
}

impl TransactionCoordinator {
    /// Adds partitions to a transaction, and answers when that is committed. Source: Kafka
    /// `TransactionCoordinator.handleAddPartitionsToTransaction`.
    pub(super) fn add_partitions(
        &mut self,
        token: RequestToken,
        api_version: i16,
        partitions: TxnPartitions,
        client_transaction_version: i16,
    ) {
        if client_transaction_version >= HOLD_FROM && self.may_hold(&partitions) {
            return self.hold(Adding { token, api_version, partitions, client_transaction_version });
        }
        match self.decide_add(partitions, client_transaction_version) {
            Err(error) => self.respond(token, add_response(error, api_version)),
            Ok((id, metadata)) => {
                self.write(&id, metadata, Done::Added { requests: vec![(token, api_version)] });
            }
        }
    }

    /// Whether a step of the transaction is on its way, after which the partitions may well be added.
    fn may_hold(&self, partitions: &TxnPartitions) -> bool {
        let transaction = self.transactions.get(partitions.transactional_id.as_str());
        self.config.add_hold_ms > 0
            && transaction
                .is_some_and(|transaction| transaction.pending.is_some() && transaction.held.len() < HELD_MAX)
    }

    /// Lets an adding wait for the step that is on its way. Kafka's brokers ask again and again instead.
    fn hold(&mut self, adding: Adding) {
        let found = self.transactions.get_key_value(adding.partitions.transactional_id.as_str());
        let Some(id) = found.map(|(id, _)| Arc::clone(id)) else { return };
        let (now, hold_ms) = (self.now.mono, self.config.add_hold_ms.into());
        if let Some(transaction) = self.transactions.get_mut(&id) {
            if transaction.held.is_empty() {
                self.timers.arm(&mut transaction.hold, now, hold_ms, || TimerKey::Hold(Arc::clone(&id)));
            }
            transaction.held.push(adding);
        }
    }

    /// A step of the transaction is made, or undone: what waits for it is added, all that can be with one record.
    pub(super) fn add_held(&mut self, id: &Arc<str>) {
        let Some(transaction) = self.transactions.get_mut(id) else { return };
        if transaction.pending.is_some() || transaction.held.is_empty() {
            return;
        }
        let held = std::mem::take(&mut transaction.held);
        self.timers.cancel(&mut transaction.hold);
        let mut together: Option<Adding> = None;
        let mut requests = Vec::new();
        for adding in held {
            match self.decide_add(adding.partitions.clone(), adding.client_transaction_version) {
                Err(error) => self.respond(adding.token, add_response(error, adding.api_version)),
                Ok(_) => {
                    requests.push((adding.token, adding.api_version));
                    match &mut together {
                        None => together = Some(adding),
                        Some(whole) => whole.partitions.partitions.extend(adding.partitions.partitions),
                    }
                }
            }
        }
        let Some(Adding { partitions, client_transaction_version, .. }) = together else { return };
        if let Ok((id, metadata)) = self.decide_add(partitions, client_transaction_version) {
            self.write(&id, metadata, Done::Added { requests });
        }
    }

    /// The step takes too long for those who wait.
    pub(super) fn hold_timer(&mut self, entry: &Entry, id: &Arc<str>) {
        let now = self.now.mono;
        let Some(transaction) = self.transactions.get_mut(id) else { return };
        if !self.timers.is_due(&mut transaction.hold, entry, TimerKey::Hold(Arc::clone(id)), now) {
            return;
        }
        for adding in std::mem::take(&mut transaction.held) {
            self.respond(adding.token, add_response(ErrorCode::CONCURRENT_TRANSACTIONS, adding.api_version));
        }
    }

    /// `Err(NONE)` if there is nothing to do.
    fn decide_add(
        &self,
        request: TxnPartitions,
        client_transaction_version: i16,
    ) -> Result<(Arc<str>, Metadata), ErrorCode> {
        if request.transactional_id.is_empty() {
            return Err(ErrorCode::INVALID_REQUEST);
        }
        self.check_active()?;
        let found = self.transactions.get_key_value(request.transactional_id.as_str());
        let (id, transaction) = found.ok_or(ErrorCode::INVALID_PRODUCER_ID_MAPPING)?;
        // First of all: the producer may be using an id and epoch that are still on their way.
        if transaction.pending.is_some() {
            return Err(ErrorCode::CONCURRENT_TRANSACTIONS);
        }
        let metadata = &transaction.metadata;
        check_producer(metadata, &request)?;
        if metadata.producer_epoch == ProducerEpoch::NONE {
            // The first InitProducerId was not committed, so nobody can know the epoch.
            return Err(ErrorCode::UNKNOWN_SERVER_ERROR);
        }
        let contains_all = request.partitions.iter().all(|partition| metadata.partitions.contains(partition));
        if metadata.state == TransactionState::Ongoing && contains_all {
            return Err(ErrorCode::NONE);
        }
        if !TransactionState::Ongoing.may_follow(metadata.state) {
            return Err(ErrorCode::UNKNOWN_SERVER_ERROR);
        }
        let next = metadata.with_partitions(request.partitions, client_transaction_version, self.now.wall);
        Ok((Arc::clone(id), next))
    }

    /// Tells whether partitions are part of a transaction. What is pending does not matter: the partition's leader
    /// checks again when it appends. Source: Kafka `TransactionCoordinator.handleVerifyPartitionsInTransaction`.
    pub(super) fn verify_partitions(&mut self, token: RequestToken, request: &TxnPartitions) {
        let found = self.find_to_verify(request);
        let verified = request.partitions.iter().map(|partition| {
            let error = match found {
                Err(error) => error,
                Ok(metadata) if metadata.partitions.contains(partition) => ErrorCode::NONE,
                Ok(_) => ErrorCode::TRANSACTION_ABORTABLE,
            };
            VerifiedPartition { partition: partition.clone(), error }
        });
        let verified = verified.collect();
        self.respond(token, TransactionResponse::VerifyPartitions(verified));
    }

    fn find_to_verify(&self, request: &TxnPartitions) -> Result<&Metadata, ErrorCode> {
        if request.transactional_id.is_empty() {
            return Err(ErrorCode::INVALID_REQUEST);
        }
        self.check_active()?;
        let found = self.transactions.get(request.transactional_id.as_str());
        let metadata = &found.ok_or(ErrorCode::INVALID_PRODUCER_ID_MAPPING)?.metadata;
        check_producer(metadata, request)?;
        Ok(metadata)
    }
}

fn check_producer(metadata: &Metadata, request: &TxnPartitions) -> Result<(), ErrorCode> {
    if metadata.producer_id != request.producer_id {
        Err(ErrorCode::INVALID_PRODUCER_ID_MAPPING)
    } else if metadata.producer_epoch != request.producer_epoch {
        Err(ErrorCode::PRODUCER_FENCED)
    } else if metadata.state.is_prepared() {
        Err(ErrorCode::CONCURRENT_TRANSACTIONS)
    } else {
        Ok(())
    }
}
