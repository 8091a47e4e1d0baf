//! What the shards of a broker say to each other.
//!
//! A partition belongs to one shard, a connection to another: what a request wants of partitions elsewhere is asked of
//! their shards, and the shard of the connection makes the answer. Messages between two shards arrive in the order in
//! which they were sent.

use ottla_coordinator::group::{GroupCoordinator, GroupResponse};
use ottla_coordinator::transaction::{TransactionCoordinator, TransactionResponse};
use ottla_protocol::messages::produce_response::PartitionProduceResponse;
use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::{Offset, PartitionId};

use bytes::Bytes;

use super::{RequestOrigin, Shard, ShardEffect};
use crate::api;
use crate::api::fetch::{Fetched, PeerRead};
use crate::api::produce::PeerAppend;
use crate::coordinator_host::{GatherId, Question};
use crate::effect::{ConnectionId, RequestId, ShardId};
use crate::purgatory::ParkedId;
use crate::response::ResponseSink;

/// One shard's word to another of the same broker.
pub struct PeerMessage {
    from: ShardId,
    content: Peer,
}

impl std::fmt::Debug for PeerMessage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("PeerMessage").field("from", &self.from).finish_non_exhaustive()
    }
}

/// What a shard asks of another, and the answers.
pub(crate) enum Peer {
    /// A request whose partitions are all the receiver's. The response goes to where the request came from.
    Request { origin: Box<RequestOrigin>, body: Bytes },
    /// The response of a request of the receiver's connections, or of its own.
    Response { request: RequestId, response: ResponseSink },
    /// A connection of the receiver must be closed: its request cannot be answered otherwise.
    Close(ConnectionId),
    /// Batches to append.
    Append(PeerAppend),
    /// What became of batches, by their place in the request that waits.
    Appended { waiter: ParkedId, results: Vec<(usize, PartitionProduceResponse)> },
    /// Partitions to read.
    Read(Box<PeerRead>),
    /// What was read, in the order of the asking.
    ReadDone { waiter: ParkedId, fetched: Vec<Fetched> },
    /// Tell me when one of these high watermarks is another, or at this time.
    Watch { waiter: ParkedId, seen: Vec<(PartitionId, Offset)>, until: Monotonic },
    /// What was watched has changed, or the time is up.
    Changed { waiter: ParkedId },
    /// A part of a request, for the coordinator on this partition of `__consumer_offsets`.
    AskGroup(Box<Question<GroupCoordinator>>),
    /// The coordinator's answer to a part.
    GroupAnswer { gather: GatherId, index: usize, response: Box<GroupResponse> },
    /// A part of a request, for the coordinator on this partition of `__transaction_state`.
    AskTransaction(Box<Question<TransactionCoordinator>>),
    /// The coordinator's answer to a part.
    TransactionAnswer { gather: GatherId, index: usize, response: Box<TransactionResponse> },
    /// The log directory at this index failed.
    DirectoryFailed { at: usize },
}

impl Shard {
    /// The shard that a partition belongs to: those of one topic are spread evenly.
    /// Every shard of a broker says the same, in this life of the broker and the next.
    pub(crate) fn owner(&self, id: PartitionId) -> ShardId {
        if self.shard_count == 1 {
            return self.id;
        }
        let bits = id.topic_id.0.as_u128();
        let topic = (bits as u64 ^ (bits >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let place = topic.wrapping_add(u64::from(id.partition.cast_unsigned()));
        ShardId((place % u64::from(self.shard_count)) as u16)
    }

    /// Whether the partition, if it is this broker's, is this shard's.
    pub(crate) fn is_owner(&self, id: PartitionId) -> bool {
        self.owner(id) == self.id
    }

    /// The other shards of the broker.
    pub(crate) fn others(&self) -> impl Iterator<Item = ShardId> + use<> {
        let own = self.id;
        (0..self.shard_count).map(ShardId).filter(move |shard| *shard != own)
    }

    /// Says something to another shard.
    pub(crate) fn tell(&mut self, shard: ShardId, content: Peer) {
        debug_assert_ne!(shard, self.id, "nobody speaks to himself");
        let message = PeerMessage { from: self.id, content };
        self.push(ShardEffect::ToShard { shard, message });
    }

    pub(super) fn told(&mut self, message: PeerMessage, now: Now) {
        let from = message.from;
        match message.content {
            Peer::Request { origin, body } => api::scatter::serve_part(self, *origin, &body, now),
            Peer::Response { request, response } => self.respond(request, response),
            Peer::Close(connection) => self.close(connection),
            Peer::Append(append) => api::produce::append_for_peer(self, from, append, now),
            Peer::Appended { waiter, results } => api::produce::appended(self, waiter, results),
            Peer::Read(read) => api::fetch::read_for_peer(self, from, *read, now),
            Peer::ReadDone { waiter, fetched } => api::fetch::read_by_peer(self, waiter, from, fetched, now),
            Peer::Watch { waiter, seen, until } => {
                api::fetch::watch_for_peer(self, from, waiter, &seen, until)
            }
            Peer::Changed { waiter } => api::fetch::changed(self, waiter, from, now),
            Peer::AskGroup(question) => self.ask_hosted(from, *question, now),
            Peer::GroupAnswer { gather, index, response } => {
                self.gather::<GroupCoordinator>(gather, index, *response)
            }
            Peer::AskTransaction(question) => self.ask_hosted(from, *question, now),
            Peer::TransactionAnswer { gather, index, response } => {
                self.gather::<TransactionCoordinator>(gather, index, *response)
            }
            Peer::DirectoryFailed { at } => self.lose_directory(at, now),
        }
    }

    /// Closes a connection whose request cannot be answered.
    pub(crate) fn close(&mut self, connection: ConnectionId) {
        match connection.shard() {
            _ if connection.is_own() => {}
            shard if shard == self.id => self.push(ShardEffect::Close(connection)),
            shard => self.tell(shard, Peer::Close(connection)),
        }
    }

    /// Sends the response of a request that waited, from wherever its connection is.
    pub(crate) fn respond(&mut self, request: RequestId, response: ResponseSink) {
        match request.connection.shard() {
            shard if shard != self.id => self.tell(shard, Peer::Response { request, response }),
            _ if request.connection.is_own() => self.own_answered(request, response),
            _ => self.push(ShardEffect::Respond { request, response }),
        }
    }
}
