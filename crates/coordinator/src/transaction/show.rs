//! DescribeTransactions and ListTransactions.

use std::collections::BTreeMap;

use super::coordinator::{Transaction, TransactionCoordinator};
use super::error::describe_error;
use super::interface::TopicPartition;
use super::state::TransactionState;
use crate::messages::{
    DescribedTopic, ErrorCode, ListTransactionsRequest, ListTransactionsResponse, ListedTransaction,
    TransactionDescription,
};

/// The answer to a ListTransactions where there are no transactions: names that are no states are told back all the same.
#[must_use]
pub fn list_nothing(request: &ListTransactionsRequest) -> ListTransactionsResponse {
    let is_unknown = |name: &&String| TransactionState::from_name(name).is_none();
    ListTransactionsResponse {
        unknown_state_filters: request.state_filters.iter().filter(is_unknown).cloned().collect(),
        ..ListTransactionsResponse::default()
    }
}

impl TransactionCoordinator {
    /// One transaction in full. Source: Kafka `TransactionCoordinator.handleDescribeTransactions`.
    pub(super) fn describe(&self, transactional_id: &str) -> TransactionDescription {
        if transactional_id.is_empty() {
            return describe_error(transactional_id, ErrorCode::INVALID_REQUEST);
        }
        if let Err(error) = self.check_active() {
            return describe_error(transactional_id, error);
        }
        let Some(Transaction { metadata, .. }) = self.transactions.get(transactional_id) else {
            return describe_error(transactional_id, ErrorCode::TRANSACTIONAL_ID_NOT_FOUND);
        };
        let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
        for TopicPartition { topic, partition } in &metadata.partitions {
            topics.entry(topic).or_default().push(*partition);
        }
        let topics = topics
            .into_iter()
            .map(|(topic, partitions)| DescribedTopic { topic: topic.to_owned(), partitions });
        TransactionDescription {
            error_code: ErrorCode::NONE.into(),
            transactional_id: transactional_id.to_owned(),
            transaction_state: metadata.state.name().to_owned(),
            transaction_timeout_ms: metadata.timeout_ms,
            transaction_start_time_ms: metadata.start_timestamp.0,
            producer_id: metadata.producer_id.0,
            producer_epoch: metadata.producer_epoch.0,
            topics: topics.collect(),
        }
    }

    /// The transactions that pass the filters; an empty filter lets all pass. Names that are no states are told back.
    /// Source: Kafka `TransactionStateManager.listTransactionStates`.
    pub(super) fn list(&self, request: &ListTransactionsRequest) -> ListTransactionsResponse {
        if let Err(error) = self.check_active() {
            return ListTransactionsResponse {
                error_code: error.into(),
                ..ListTransactionsResponse::default()
            };
        }
        let is_wanted = |transaction: &Transaction| {
            let metadata = &transaction.metadata;
            let age_ms = self.now.wall.0.saturating_sub(metadata.start_timestamp.0);
            let ids = &request.producer_id_filters;
            let states = &request.state_filters;
            (ids.is_empty() || ids.contains(&metadata.producer_id.0))
                && (states.is_empty() || states.iter().any(|name| name == metadata.state.name()))
                && (request.duration_filter < 0 || age_ms > request.duration_filter)
        };
        let wanted = self.transactions.iter().filter(|(_, transaction)| is_wanted(transaction));
        let states = wanted.map(|(id, Transaction { metadata, .. })| ListedTransaction {
            transactional_id: id.to_string(),
            producer_id: metadata.producer_id.0,
            transaction_state: metadata.state.name().to_owned(),
        });
        ListTransactionsResponse { transaction_states: states.collect(), ..list_nothing(request) }
    }
}
