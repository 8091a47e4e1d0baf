//! The APIs of transactions: from requests to coordinators and back.
//!
//! What needs the metadata image is done here: partitions that do not exist are found out before a coordinator is asked.
//! Source: Kafka `KafkaApis`, `TransactionCoordinator`.

use std::collections::BTreeMap;

use ottla_coordinator::partitioner::partition_for;
use ottla_coordinator::transaction::{TransactionRequest, TransactionResponse, TxnPartitions, list_nothing};
use ottla_protocol::api::ApiKey;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::add_offsets_to_txn_request::AddOffsetsToTxnRequest;
use ottla_protocol::messages::add_offsets_to_txn_response::AddOffsetsToTxnResponse;
use ottla_protocol::messages::describe_transactions_request::DescribeTransactionsRequest;
use ottla_protocol::messages::describe_transactions_response::DescribeTransactionsResponse;
use ottla_protocol::messages::end_txn_request::EndTxnRequest;
use ottla_protocol::messages::init_producer_id_request::InitProducerIdRequest;
use ottla_protocol::messages::list_transactions_request::ListTransactionsRequest;
use ottla_protocol::messages::list_transactions_response::ListTransactionsResponse;
use ottla_protocol::time::Now;
use ottla_protocol::types::{ProducerEpoch, ProducerId};
use ottla_protocol::wire::DecodeError;
use regex::Regex;

use super::decode;
use super::groups::distinct;
use crate::internal_topics::{CONSUMER_OFFSETS, TRANSACTION_STATE};
use crate::response::Answer;
use crate::shard::{RequestOrigin, Shard};

mod adding;
pub(crate) mod markers;
pub(crate) mod offsets;

use adding::Adding;

/// How the parts of an answer become the response.
pub(crate) enum Gathered {
    /// There is one part, and it is the response.
    Single,
    /// AddOffsetsToTxn: one part.
    AddOffsets,
    /// AddPartitionsToTxn: one part for each transaction that a coordinator was asked about.
    AddPartitions(Vec<Adding>),
    /// DescribeTransactions: one part per partition; the order of the ids in the request.
    Describe(Vec<String>),
    /// ListTransactions: one part per partition, of which ids that match count.
    List(Option<Regex>),
}

/// Handles a request. Errors: its body cannot be read.
pub(crate) fn handle(
    shard: &mut Shard,
    origin: RequestOrigin,
    body: &[u8],
    now: Now,
) -> Result<Answer, DecodeError> {
    let version = origin.context.api_version;
    match origin.context.api_key {
        ApiKey::AddPartitionsToTxn => adding::add_partitions(shard, origin, decode(body, version)?, now),
        ApiKey::AddOffsetsToTxn => add_offsets(shard, origin, decode(body, version)?, now),
        ApiKey::EndTxn => {
            let request: EndTxnRequest = decode(body, version)?;
            let partition = shard.transaction_partition(&request.transactional_id);
            let requests = vec![(partition, TransactionRequest::EndTxn(request))];
            shard.ask_transactions(origin, Gathered::Single, requests, now);
        }
        ApiKey::WriteTxnMarkers => markers::write(shard, origin, &decode(body, version)?, now),
        ApiKey::TxnOffsetCommit => offsets::commit(shard, origin, body, decode(body, version)?, now),
        ApiKey::DescribeTransactions => describe(shard, origin, decode(body, version)?, now),
        ApiKey::ListTransactions => list(shard, origin, &decode(body, version)?, now),
        other => unreachable!("{other} is not an API of transactions"),
    }
    Ok(Answer::Later)
}

/// InitProducerId of a producer with a transactional id.
pub(super) fn init(
    shard: &mut Shard,
    origin: RequestOrigin,
    transactional_id: &str,
    request: &InitProducerIdRequest,
    now: Now,
) {
    let partition = shard.transaction_partition(transactional_id);
    let requests = vec![(partition, TransactionRequest::InitProducerId(request.clone()))];
    shard.ask_transactions(origin, Gathered::Single, requests, now);
}

/// The group's partition of `__consumer_offsets` becomes part of the transaction.
fn add_offsets(shard: &mut Shard, origin: RequestOrigin, request: AddOffsetsToTxnRequest, now: Now) {
    // Where the topic does not exist yet, this is the partition that the group will have.
    let count = shard.config.groups.offsets_topic_partitions.max(1);
    let offsets =
        shard.group_partition(&request.group_id).unwrap_or_else(|_| partition_for(&request.group_id, count));
    let partition = shard.transaction_partition(&request.transactional_id);
    let request = TransactionRequest::AddPartitions {
        partitions: TxnPartitions {
            transactional_id: request.transactional_id,
            producer_id: ProducerId(request.producer_id),
            producer_epoch: ProducerEpoch(request.producer_epoch),
            partitions: vec![adding::partition(CONSUMER_OFFSETS, offsets)],
        },
        client_transaction_version: 0,
    };
    shard.ask_transactions(origin, Gathered::AddOffsets, vec![(partition, request)], now);
}

fn describe(shard: &mut Shard, origin: RequestOrigin, request: DescribeTransactionsRequest, now: Now) {
    let order = distinct(request.transactional_ids);
    let mut parts = BTreeMap::<Result<i32, ErrorCode>, Vec<String>>::new();
    for id in &order {
        parts.entry(shard.transaction_partition(id)).or_default().push(id.clone());
    }
    let requests = parts.into_iter().map(|(partition, transactional_ids)| {
        (partition, TransactionRequest::DescribeTransactions { transactional_ids })
    });
    let requests = requests.collect();
    shard.ask_transactions(origin, Gathered::Describe(order), requests, now);
}

fn list(shard: &mut Shard, origin: RequestOrigin, request: &ListTransactionsRequest, now: Now) {
    let pattern = match request.transactional_id_pattern.as_deref() {
        None | Some("") => None,
        Some(pattern) => match Regex::new(&format!("^(?:{pattern})$")) {
            Ok(pattern) => Some(pattern),
            Err(_) => {
                let error_code = ErrorCode::INVALID_REGULAR_EXPRESSION.into();
                let response = ListTransactionsResponse { error_code, ..Default::default() };
                return shard.respond_with(&origin, &response);
            }
        },
    };
    let partitions = shard.led_partitions(TRANSACTION_STATE);
    if partitions.is_empty() {
        return shard.respond_with(&origin, &list_nothing(request));
    }
    let requests =
        partitions.into_iter().map(|at| (Ok(at), TransactionRequest::ListTransactions(request.clone())));
    let requests = requests.collect();
    shard.ask_transactions(origin, Gathered::List(pattern), requests, now);
}

/// Makes the response of its parts and sends it.
pub(crate) fn finish(
    shard: &mut Shard,
    origin: &RequestOrigin,
    kind: Gathered,
    parts: Vec<TransactionResponse>,
) {
    match kind {
        Gathered::Single => finish_single(shard, origin, parts),
        Gathered::AddOffsets => {
            for part in parts {
                if let TransactionResponse::AddPartitions(error) = part {
                    let response = AddOffsetsToTxnResponse { error_code: error.into(), ..Default::default() };
                    shard.respond_with(origin, &response);
                }
            }
        }
        Gathered::AddPartitions(transactions) => adding::finish(shard, origin, transactions, parts),
        Gathered::Describe(order) => {
            let mut described = BTreeMap::new();
            for part in parts {
                if let TransactionResponse::DescribeTransactions(states) = part {
                    described.extend(states.into_iter().map(|state| (state.transactional_id.clone(), state)));
                }
            }
            let transaction_states = order.iter().filter_map(|id| described.remove(id)).collect();
            let response = DescribeTransactionsResponse { transaction_states, ..Default::default() };
            shard.respond_with(origin, &response);
        }
        Gathered::List(pattern) => shard.respond_with(origin, &list_response(pattern.as_ref(), parts)),
    }
}

fn finish_single(shard: &mut Shard, origin: &RequestOrigin, parts: Vec<TransactionResponse>) {
    for part in parts {
        match part {
            TransactionResponse::InitProducerId(response) => shard.respond_with(origin, &response),
            TransactionResponse::EndTxn(response) => shard.respond_with(origin, &response),
            other => unreachable!("{other:?} is not a response of one part"),
        }
    }
}

/// A partition that is led elsewhere by now lists nothing; any other error is the error of the whole.
fn list_response(pattern: Option<&Regex>, parts: Vec<TransactionResponse>) -> ListTransactionsResponse {
    let mut response = ListTransactionsResponse::default();
    for part in parts {
        let TransactionResponse::ListTransactions(mut part) = part else { continue };
        match ErrorCode::from(part.error_code) {
            ErrorCode::NONE => {
                part.transaction_states
                    .retain(|state| pattern.is_none_or(|pattern| pattern.is_match(&state.transactional_id)));
                response.transaction_states.extend(part.transaction_states);
                response.unknown_state_filters = part.unknown_state_filters;
            }
            ErrorCode::NOT_COORDINATOR => {}
            error => return ListTransactionsResponse { error_code: error.into(), ..Default::default() },
        }
    }
    response
}
