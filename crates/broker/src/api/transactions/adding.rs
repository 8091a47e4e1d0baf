//! AddPartitionsToTxn: partitions become part of a transaction, for clients; or are looked up in it, for brokers.

use std::collections::BTreeMap;

use ottla_coordinator::transaction::{
    TopicPartition, TransactionRequest, TransactionResponse, TxnPartitions, VerifiedPartition,
};
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::add_partitions_to_txn_request::{
    AddPartitionsToTxnRequest, AddPartitionsToTxnTopic, AddPartitionsToTxnTransaction,
};
use ottla_protocol::messages::add_partitions_to_txn_response::{
    AddPartitionsToTxnPartitionResult, AddPartitionsToTxnResponse, AddPartitionsToTxnResult,
    AddPartitionsToTxnTopicResult,
};
use ottla_protocol::time::Now;
use ottla_protocol::types::{ProducerEpoch, ProducerId};

use super::Gathered;
use crate::shard::{RequestOrigin, Shard};

/// First version of brokers: it has many transactions, and adds for the clients of transaction version 2.
const BATCHED_FROM: i16 = 4;

/// One transaction of a request.
pub(crate) enum Adding {
    /// It is refused as it is.
    Refused(AddPartitionsToTxnResult),
    /// Its coordinator is asked.
    Asked(AddPartitionsToTxnTransaction),
}

pub(super) fn partition(topic: &str, partition: i32) -> TopicPartition {
    TopicPartition { topic: topic.to_owned(), partition }
}

pub(super) fn add_partitions(
    shard: &mut Shard,
    origin: RequestOrigin,
    request: AddPartitionsToTxnRequest,
    now: Now,
) {
    let is_batched = origin.context.api_version >= BATCHED_FROM;
    let transactions = if is_batched {
        request.transactions
    } else {
        vec![AddPartitionsToTxnTransaction {
            transactional_id: request.v3_and_below_transactional_id,
            producer_id: request.v3_and_below_producer_id,
            producer_epoch: request.v3_and_below_producer_epoch,
            verify_only: false,
            topics: request.v3_and_below_topics,
        }]
    };
    let mut adding = Vec::with_capacity(transactions.len());
    let mut requests = Vec::with_capacity(transactions.len());
    for transaction in transactions {
        if let Some(refused) = refuse_missing(shard, &transaction) {
            adding.push(Adding::Refused(refused));
            continue;
        }
        let client_transaction_version = if is_batched { 2 } else { 0 };
        requests.push((
            shard.transaction_partition(&transaction.transactional_id),
            ask(&transaction, client_transaction_version),
        ));
        adding.push(Adding::Asked(transaction));
    }
    shard.ask_transactions(origin, Gathered::AddPartitions(adding), requests, now);
}

fn ask(transaction: &AddPartitionsToTxnTransaction, client_transaction_version: i16) -> TransactionRequest {
    let partitions = transaction
        .topics
        .iter()
        .flat_map(|topic| topic.partitions.iter().map(|index| partition(&topic.name, *index)));
    let partitions = TxnPartitions {
        transactional_id: transaction.transactional_id.clone(),
        producer_id: ProducerId(transaction.producer_id),
        producer_epoch: ProducerEpoch(transaction.producer_epoch),
        partitions: partitions.collect(),
    };
    if transaction.verify_only {
        TransactionRequest::VerifyPartitions(partitions)
    } else {
        TransactionRequest::AddPartitions { partitions, client_transaction_version }
    }
}

/// The result of a transaction of which some partition does not exist: none is added.
fn refuse_missing(
    shard: &Shard,
    transaction: &AddPartitionsToTxnTransaction,
) -> Option<AddPartitionsToTxnResult> {
    let exists = |topic: &AddPartitionsToTxnTopic, index: i32| {
        shard.image.topics.by_name(&topic.name).is_some_and(|topic| topic.partition(index).is_some())
    };
    let exist_all =
        transaction.topics.iter().all(|topic| topic.partitions.iter().all(|index| exists(topic, *index)));
    if exist_all {
        return None;
    }
    Some(result(transaction, |topic, index| {
        if exists(topic, index) {
            ErrorCode::OPERATION_NOT_ATTEMPTED
        } else {
            ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
        }
    }))
}

fn result(
    transaction: &AddPartitionsToTxnTransaction,
    error: impl Fn(&AddPartitionsToTxnTopic, i32) -> ErrorCode,
) -> AddPartitionsToTxnResult {
    let topics = transaction.topics.iter().map(|topic| AddPartitionsToTxnTopicResult {
        name: topic.name.clone(),
        results_by_partition: topic
            .partitions
            .iter()
            .map(|index| AddPartitionsToTxnPartitionResult {
                partition_index: *index,
                partition_error_code: error(topic, *index).into(),
            })
            .collect(),
    });
    AddPartitionsToTxnResult {
        transactional_id: transaction.transactional_id.clone(),
        topic_results: topics.collect(),
    }
}

/// The answers of the coordinators, each in the place of its transaction.
pub(super) fn finish(
    shard: &mut Shard,
    origin: &RequestOrigin,
    transactions: Vec<Adding>,
    parts: Vec<TransactionResponse>,
) {
    let mut parts = parts.into_iter();
    let results = transactions.into_iter().filter_map(|transaction| match transaction {
        Adding::Refused(result) => Some(result),
        Adding::Asked(transaction) => Some(match parts.next()? {
            TransactionResponse::AddPartitions(error) => result(&transaction, |_, _| error),
            TransactionResponse::VerifyPartitions(verified) => verified_result(&transaction, &verified),
            other => unreachable!("{other:?} does not answer AddPartitionsToTxn"),
        }),
    });
    let mut results: Vec<AddPartitionsToTxnResult> = results.collect();
    let response = if origin.context.api_version >= BATCHED_FROM {
        AddPartitionsToTxnResponse { results_by_transaction: results, ..Default::default() }
    } else {
        let results_by_topic_v3_and_below =
            results.pop().map(|result| result.topic_results).unwrap_or_default();
        AddPartitionsToTxnResponse { results_by_topic_v3_and_below, ..Default::default() }
    };
    shard.respond_with(origin, &response);
}

fn verified_result(
    transaction: &AddPartitionsToTxnTransaction,
    verified: &[VerifiedPartition],
) -> AddPartitionsToTxnResult {
    let errors: BTreeMap<_, _> = verified
        .iter()
        .map(|verified| ((&*verified.partition.topic, verified.partition.partition), verified.error))
        .collect();
    result(transaction, |topic, index| {
        errors.get(&(&*topic.name, index)).copied().unwrap_or(ErrorCode::UNKNOWN_SERVER_ERROR)
    })
}
