//! DescribeQuorum: answered by the quorum itself.

use ottla_protocol::messages::Message;
use ottla_protocol::messages::describe_quorum_request::DescribeQuorumRequest;
use ottla_protocol::wire::Reader;

use super::super::Node;
use super::{respond, response_frame};
use crate::effect::NodeRequest;

impl Node {
    pub(super) fn describe_quorum(&mut self, request: &NodeRequest) {
        let Some(control) = &self.control else { return };
        let version = request.context.api_version;
        let decoded = DescribeQuorumRequest::decode(&mut Reader::new(&request.body), version);
        let frame = decoded
            .ok()
            .and_then(|body| response_frame(request, &control.quorum.quorum().describe(&body, self.now)));
        self.effects.push_back(respond(request, frame));
    }
}
