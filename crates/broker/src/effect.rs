//! What passes between a broker's two machines, and between them and their host.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use ottla_protocol::api::ApiKey;
use ottla_protocol::types::Offset;

/// Index of a data-plane shard, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShardId(pub u16);

/// One connection on one shard, of which the upper 16 bits are the id: a response finds its way from any shard. Never used
/// again after the connection has closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

impl ConnectionId {
    const NUMBER_BITS: u32 = 48;
    /// The number of what a shard asks on its own account.
    const OWN: u64 = (1 << Self::NUMBER_BITS) - 1;

    /// The connection of this number, counted from 0, on a shard.
    #[must_use]
    pub fn new(shard: ShardId, number: u64) -> Self {
        Self((u64::from(shard.0) << Self::NUMBER_BITS) | (number & Self::OWN))
    }

    /// Under this id a shard asks the control plane and the other shards on its own account.
    #[must_use]
    pub fn own(shard: ShardId) -> Self {
        Self::new(shard, Self::OWN)
    }

    /// The shard that serves the connection.
    #[must_use]
    pub fn shard(self) -> ShardId {
        ShardId((self.0 >> Self::NUMBER_BITS) as u16)
    }

    /// Whether no client is at the other end.
    #[must_use]
    pub fn is_own(self) -> bool {
        self.0 & Self::OWN == Self::OWN
    }
}

/// One request of one connection, until its response has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId {
    /// The connection that the request came on.
    pub connection: ConnectionId,
    /// Counts the connection's requests from 0: responses leave in this order.
    pub sequence: u64,
}

/// Who asks, in which words: what a handler needs to know of a request beside its body.
#[derive(Clone, Debug)]
pub struct RequestContext {
    /// The API that the request calls.
    pub api_key: ApiKey,
    /// Version of the request and of its response.
    pub api_version: i16,
    /// Echoed in the response.
    pub correlation_id: i32,
    /// The client's own name for itself, or `None` if the header has null.
    pub client_id: Option<Arc<str>>,
    /// The peer's address.
    pub client_address: IpAddr,
    /// Name of the listener that the request came through.
    pub listener: Arc<str>,
}

/// A request that the control plane answers (it changes, or reads more than the image shows of, the cluster's state).
#[derive(Clone, Debug)]
pub struct NodeRequest {
    /// The shard that waits for the answer.
    pub shard: ShardId,
    /// The request to answer.
    pub request: RequestId,
    /// Who asks.
    pub context: RequestContext,
    /// The request's body, after its header.
    pub body: Bytes,
}

/// The control plane's answer to a [`NodeRequest`].
#[derive(Clone, Debug)]
pub struct NodeResponse {
    /// The shard that waits.
    pub shard: ShardId,
    /// The request that is answered.
    pub request: RequestId,
    /// A whole response frame: size, header, body. `None` closes the connection without an answer.
    pub frame: Option<Vec<u8>>,
}

/// Where one partition's log stands, for the checkpoint files of its log directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionCheckpoint {
    /// Index of the log directory in `log.dirs`.
    pub log_dir: usize,
    /// The topic's name.
    pub topic: Arc<str>,
    /// Index of the partition in its topic.
    pub partition: i32,
    /// Everything below is on the disk.
    pub recovery_point: Offset,
    /// First offset that may be read.
    pub log_start_offset: Offset,
    /// Everything below is on all in-sync replicas.
    pub high_watermark: Offset,
    /// Everything below is compacted; `None` if nothing ever was.
    pub cleaned_up_to: Option<Offset>,
}
