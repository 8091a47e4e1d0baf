//! What a shard asks of itself and of the control plane on its own account.
//!
//! Its coordinators have markers written by the same request that another broker's would send, and partitions are added
//! to transactions by the request that another broker would send: so it does not matter whose the partition is.

use ottla_protocol::frame;
use ottla_protocol::message::{Message, Request};
use ottla_protocol::messages::add_partitions_to_txn_request::AddPartitionsToTxnRequest;
use ottla_protocol::messages::write_txn_markers_request::WriteTxnMarkersRequest;
use ottla_protocol::time::Now;
use ottla_protocol::types::ProducerId;
use ottla_protocol::wire::Reader;

use super::{RequestOrigin, Shard};
use crate::api;
use crate::coordinator_host::MarkerOrder;
use crate::effect::RequestId;
use crate::internal_topics;
use crate::response::ResponseSink;

/// Something that the shard has asked, until the answer comes.
#[derive(Debug)]
pub(crate) enum OwnRequest {
    /// WriteTxnMarkers: a coordinator here ends a transaction.
    WriteMarkers(MarkerOrder),
    /// AddPartitionsToTxn: a producer begins to write to partitions here.
    Verify(ProducerId),
}

/// What the shard has asked, and in which version.
pub(super) struct Asked {
    purpose: OwnRequest,
    api_version: i16,
}

/// An answer to what the shard has asked.
pub(super) struct OwnAnswer {
    asked: Asked,
    response: ResponseSink,
}

impl Shard {
    /// Sends a request of this shard's own. The answer comes back to `purpose`.
    pub(crate) fn ask_own<R: Request>(&mut self, request: &R, purpose: OwnRequest, now: Now) {
        let context = internal_topics::own_context(R::API_KEY);
        let (request_id, api_version) = (self.next_own_request(), context.api_version);
        self.asked.insert(request_id.sequence, Asked { purpose, api_version });
        let body = request.to_vec(api_version);
        api::scatter::serve_own(self, RequestOrigin { request: request_id, context }, &body, now);
    }

    /// An own request is answered, or a part of a client's that this shard has asked others for.
    pub(crate) fn own_answered(&mut self, id: RequestId, response: ResponseSink) {
        match self.asked.remove(&id.sequence) {
            // What follows waits for its turn: an answer may come while the asking is under way.
            Some(asked) => self.own_answers.push_back(OwnAnswer { asked, response }),
            None => api::scatter::answered(self, id.sequence, response),
        }
    }

    /// Takes an answer that waits. Returns whether there was one.
    pub(crate) fn take_own_answer(&mut self, now: Now) -> bool {
        let Some(OwnAnswer { asked, response }) = self.own_answers.pop_front() else { return false };
        let Asked { purpose, api_version } = asked;
        match purpose {
            OwnRequest::WriteMarkers(order) => {
                let answer = decode::<WriteTxnMarkersRequest>(api_version, &response);
                self.markers_written(order, answer.as_ref(), now);
            }
            OwnRequest::Verify(producer_id) => {
                let answer = decode::<AddPartitionsToTxnRequest>(api_version, &response);
                api::verification::answered(self, producer_id, answer.as_ref(), now);
            }
        }
        true
    }
}

/// The message in a response's frame.
fn decode<R: Request>(api_version: i16, response: &ResponseSink) -> Option<R::Response> {
    let mut reader = Reader::new(response.bytes.get(4..)?);
    frame::decode_response_head(&mut reader, R::API_KEY, api_version).ok()?;
    R::Response::decode(&mut reader, api_version).ok()
}
