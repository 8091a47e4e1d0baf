//! Producer ids for clients that want one, out of blocks that the control plane gives.
//!
//! Source: KIP-730; Kafka `RPCProducerIdManager`.

use ottla_coordinator::transaction;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::types::ProducerId;

use crate::node::ProducerIdBlock;

/// The ids that are left, and whether more are on their way.
#[derive(Debug, Default)]
pub(crate) struct ProducerIds {
    next: i64,
    end: i64,
    is_asked: bool,
    /// A coordinator went without one.
    is_missed: bool,
}

impl transaction::ProducerIds for ProducerIds {
    fn next_producer_id(&mut self) -> Result<ProducerId, ErrorCode> {
        let id = self.take();
        self.is_missed |= id.is_none();
        id.ok_or(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS)
    }
}

impl ProducerIds {
    /// The next id, if one is left.
    pub fn take(&mut self) -> Option<ProducerId> {
        (self.next < self.end).then(|| {
            self.next += 1;
            ProducerId(self.next - 1)
        })
    }

    /// Whether to ask for a block now. Says so once until an answer comes.
    pub fn should_ask(&mut self) -> bool {
        let asks = self.next >= self.end && !self.is_asked;
        self.is_asked |= asks;
        asks
    }

    /// Whether a coordinator has missed an id since this was last asked.
    pub fn take_missed(&mut self) -> bool {
        std::mem::take(&mut self.is_missed)
    }

    /// Takes the answer to the asking; `None` if there was none to give.
    pub fn refill(&mut self, block: Option<ProducerIdBlock>) {
        self.is_asked = false;
        if let Some(block) = block {
            self.next = block.first.0;
            self.end = block.first.0 + i64::from(block.count);
        }
    }
}
