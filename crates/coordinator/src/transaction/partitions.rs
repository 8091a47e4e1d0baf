//! AddPartitionsToTxn and AddOffsetsToTxn: what a transaction writes to; and whether it does, for a broker that asks.

use std::sync::Arc;

use ottla_protocol::types::ProducerEpoch;

use super::coordinator::{Done, TransactionCoordinator};
use super::error::add_response;
use super::interface::{TransactionResponse, TxnPartitions, VerifiedPartition};
use super::metadata::Metadata;
use super::state::TransactionState;
use crate::host::RequestToken;
use crate::messages::ErrorCode;

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
        match self.decide_add(partitions, client_transaction_version) {
            Err(error) => self.respond(token, add_response(error, api_version)),
            Ok((id, metadata)) => {
                self.write(&id, metadata, Done::Added { request: Some((token, api_version)) });
            }
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
