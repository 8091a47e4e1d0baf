//! AllocateProducerIds. Source: Kafka `ProducerIdControlManager`.

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::allocate_producer_ids_request::AllocateProducerIdsRequest;
use ottla_protocol::messages::allocate_producer_ids_response::AllocateProducerIdsResponse;
use ottla_protocol::messages::producer_ids_record::ProducerIdsRecord;

use super::{Controller, Outcome};

/// Count of ids in a block.
pub const PRODUCER_ID_BLOCK_SIZE: i32 = 1000;

impl Controller {
    /// Hands a block of producer ids to a broker.
    #[must_use]
    pub fn allocate_producer_ids(
        &self,
        request: &AllocateProducerIdsRequest,
    ) -> Outcome<AllocateProducerIdsResponse> {
        let refuse = |code: ErrorCode| {
            Outcome::unchanged(AllocateProducerIdsResponse { error_code: code.into(), ..Default::default() })
        };
        if let Err(code) = self.check_broker_epoch(request.broker_id, request.broker_epoch) {
            return refuse(code);
        }
        let first = self.latest.producer_ids.next_producer_id.map_or(0, |next| next.0);
        let Some(next) = first.checked_add(i64::from(PRODUCER_ID_BLOCK_SIZE)) else {
            // 9.2 × 10¹⁸ ids are gone: no broker lives that long, but a forged log may say so.
            return refuse(ErrorCode::UNKNOWN_SERVER_ERROR);
        };
        let record = ProducerIdsRecord {
            broker_id: request.broker_id,
            broker_epoch: request.broker_epoch,
            next_producer_id: next,
        };
        let response = AllocateProducerIdsResponse {
            producer_id_start: first,
            producer_id_len: PRODUCER_ID_BLOCK_SIZE,
            ..Default::default()
        };
        Outcome::in_order(vec![record.into()], response)
    }
}
