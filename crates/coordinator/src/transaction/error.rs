//! Where failures of a transaction request meet the wire.

use super::interface::{TransactionRequest, TransactionResponse, VerifiedPartition};
use crate::messages::{
    EndTxnResponse, ErrorCode, InitProducerIdResponse, ListTransactionsResponse, TransactionDescription,
};

/// What a request is answered when its record could not be written.
/// Source: Kafka `TransactionStateManager.appendTransactionToLog`.
pub(super) fn from_append(error: ErrorCode) -> ErrorCode {
    match error {
        ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
        | ErrorCode::NOT_ENOUGH_REPLICAS
        | ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND
        | ErrorCode::REQUEST_TIMED_OUT => ErrorCode::COORDINATOR_NOT_AVAILABLE,
        ErrorCode::NOT_LEADER_OR_FOLLOWER | ErrorCode::KAFKA_STORAGE_ERROR => ErrorCode::NOT_COORDINATOR,
        ErrorCode::MESSAGE_TOO_LARGE | ErrorCode::RECORD_LIST_TOO_LARGE => ErrorCode::UNKNOWN_SERVER_ERROR,
        other => other,
    }
}

/// The first version of InitProducerId, and of the other APIs, whose clients know PRODUCER_FENCED.
const INIT_FENCED_FROM: i16 = 4;
const FENCED_FROM: i16 = 2;

fn fenced_as_known(error: ErrorCode, is_known: bool) -> ErrorCode {
    match error {
        ErrorCode::PRODUCER_FENCED if !is_known => ErrorCode::INVALID_PRODUCER_EPOCH,
        other => other,
    }
}

/// An InitProducerId response with `error` alone.
pub(super) fn init_error(error: ErrorCode, api_version: i16) -> TransactionResponse {
    TransactionResponse::InitProducerId(InitProducerIdResponse {
        error_code: fenced_as_known(error, api_version >= INIT_FENCED_FROM).into(),
        producer_id: -1,
        producer_epoch: -1,
        ..InitProducerIdResponse::default()
    })
}

/// The response to an AddPartitions.
pub(super) fn add_response(error: ErrorCode, api_version: i16) -> TransactionResponse {
    TransactionResponse::AddPartitions(fenced_as_known(error, api_version >= FENCED_FROM))
}

/// An EndTxn response with `error` alone.
pub(super) fn end_error(error: ErrorCode, api_version: i16) -> TransactionResponse {
    TransactionResponse::EndTxn(EndTxnResponse {
        error_code: fenced_as_known(error, api_version >= FENCED_FROM).into(),
        producer_id: -1,
        producer_epoch: -1,
        ..EndTxnResponse::default()
    })
}

/// A DescribeTransactions result with `error` alone.
pub(super) fn describe_error(transactional_id: &str, error: ErrorCode) -> TransactionDescription {
    TransactionDescription {
        transactional_id: transactional_id.to_owned(),
        error_code: error.into(),
        ..TransactionDescription::default()
    }
}

impl TransactionRequest {
    /// The response that says `error` and nothing else, as `api_version` says it. For the host: an error of the
    /// authorizer, or NOT_COORDINATOR and COORDINATOR_NOT_AVAILABLE where no coordinator is at hand to answer.
    #[must_use]
    pub fn error_response(&self, error: ErrorCode, api_version: i16) -> TransactionResponse {
        match self {
            Self::InitProducerId(_) => init_error(error, api_version),
            Self::AddPartitions { .. } => add_response(error, api_version),
            Self::VerifyPartitions(request) => {
                let verified = request.partitions.iter().cloned();
                let verified = verified.map(|partition| VerifiedPartition { partition, error });
                TransactionResponse::VerifyPartitions(verified.collect())
            }
            Self::EndTxn(_) => end_error(error, api_version),
            Self::DescribeTransactions { transactional_ids } => TransactionResponse::DescribeTransactions(
                transactional_ids.iter().map(|id| describe_error(id, error)).collect(),
            ),
            Self::ListTransactions(_) => TransactionResponse::ListTransactions(ListTransactionsResponse {
                error_code: error.into(),
                ..ListTransactionsResponse::default()
            }),
        }
    }
}
