//! InitProducerId. An idempotent producer gets an id, and epoch 0; one with a transactional id goes to its coordinator.
//!
//! Source: KIP-98; Kafka `TransactionCoordinator.handleInitProducerId` with a null transactional id.

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::init_producer_id_request::InitProducerIdRequest;
use ottla_protocol::messages::init_producer_id_response::InitProducerIdResponse;
use ottla_protocol::time::Now;
use ottla_protocol::types::{ProducerEpoch, ProducerId};

use super::transactions;
use crate::node::NodeInput;
use crate::shard::{RequestOrigin, Shard, ShardEffect, Waiting};

/// Answers now, or parks the request until the control plane has given a block of ids.
pub(crate) fn answer(
    shard: &mut Shard,
    origin: RequestOrigin,
    request: &InitProducerIdRequest,
    now: Now,
) -> Option<InitProducerIdResponse> {
    // Both or neither: half an identity is none.
    if (request.producer_id == ProducerId::NONE.0) != (request.producer_epoch == ProducerEpoch::NONE.0) {
        return Some(failed(ErrorCode::INVALID_REQUEST));
    }
    match request.transactional_id.as_deref() {
        None => {}
        Some("") => return Some(failed(ErrorCode::INVALID_REQUEST)),
        Some(transactional_id) => {
            transactions::init(shard, origin, transactional_id, request, now);
            return None;
        }
    }
    if let Some(id) = shard.producer_ids.take() {
        return Some(granted(id));
    }
    ask(shard);
    let connection = origin.request.connection;
    let deadline = now.mono + Shard::PRODUCER_ID_WAIT;
    shard.purgatory.park(Waiting::ProducerId(Box::new(origin)), deadline, Some(connection));
    None
}

/// Answers a request that waited: with an id, or with the error of having none.
pub(crate) fn answer_waiting(shard: &mut Shard, origin: &RequestOrigin, error: Option<ErrorCode>) {
    let response = match (error, shard.producer_ids.take()) {
        (None, Some(id)) => granted(id),
        // A thousand others were first; the client asks again.
        (None, None) => failed(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS),
        (Some(error), _) => failed(error),
    };
    shard.respond_with(origin, &response);
}

/// Asks the control plane for ids, unless there are some, or it has been asked.
pub(crate) fn ask(shard: &mut Shard) {
    if shard.producer_ids.should_ask() {
        shard.push(ShardEffect::ToNode(NodeInput::AllocateProducerIds { shard: shard.id }));
    }
}

fn granted(id: ProducerId) -> InitProducerIdResponse {
    InitProducerIdResponse { producer_id: id.0, producer_epoch: 0, ..InitProducerIdResponse::default() }
}

fn failed(error: ErrorCode) -> InitProducerIdResponse {
    InitProducerIdResponse {
        error_code: error.into(),
        producer_id: -1,
        producer_epoch: -1,
        ..InitProducerIdResponse::default()
    }
}
