//! What replicas say to each other: the requests and responses of the quorum's protocol, and what all of them share.
//!
//! A message is the generated one of `ottla_protocol`, in which fields that a version does not carry have their defaults;
//! so the machine needs no version of its own: it writes every field and leaves the rest to the encoder. Every message is
//! about one partition, `__cluster_metadata-0`.

use bytes::Bytes;
use ottla_protocol::api::ApiKey;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::add_raft_voter_request::AddRaftVoterRequest;
use ottla_protocol::messages::add_raft_voter_response::AddRaftVoterResponse;
use ottla_protocol::messages::api_versions_request::ApiVersionsRequest;
use ottla_protocol::messages::api_versions_response::ApiVersionsResponse;
use ottla_protocol::messages::begin_quorum_epoch_request::BeginQuorumEpochRequest;
use ottla_protocol::messages::begin_quorum_epoch_response::BeginQuorumEpochResponse;
use ottla_protocol::messages::describe_quorum_request::DescribeQuorumRequest;
use ottla_protocol::messages::describe_quorum_response::DescribeQuorumResponse;
use ottla_protocol::messages::end_quorum_epoch_request::EndQuorumEpochRequest;
use ottla_protocol::messages::end_quorum_epoch_response::EndQuorumEpochResponse;
use ottla_protocol::messages::fetch_request::FetchRequest;
use ottla_protocol::messages::fetch_response::FetchResponse;
use ottla_protocol::messages::fetch_snapshot_request::FetchSnapshotRequest;
use ottla_protocol::messages::fetch_snapshot_response::FetchSnapshotResponse;
use ottla_protocol::messages::remove_raft_voter_request::RemoveRaftVoterRequest;
use ottla_protocol::messages::remove_raft_voter_response::RemoveRaftVoterResponse;
use ottla_protocol::messages::update_raft_voter_request::UpdateRaftVoterRequest;
use ottla_protocol::messages::update_raft_voter_response::UpdateRaftVoterResponse;
use ottla_protocol::messages::vote_request::VoteRequest;
use ottla_protocol::messages::vote_response::VoteResponse;
use ottla_protocol::types::{BrokerId, LeaderEpoch, Offset};

use super::log_state::OffsetAndEpoch;
use super::voters::{VoterEndpoint, endpoint};

/// Name of the topic that the metadata log is.
pub const METADATA_TOPIC: &str = "__cluster_metadata";
/// Its only partition.
pub const METADATA_PARTITION: i32 = 0;

/// The host's name for a request that waits for its response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestId(pub u64);

/// The machine's number of a request that it sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CorrelationId(pub u64);

/// Where a request came from, as far as its response depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestContext {
    /// The host's name for it.
    pub id: RequestId,
    /// The listener that it came in by: the response names endpoints of the same listener.
    pub listener: String,
}

macro_rules! messages {
    ($(#[$doc:meta])* $name:ident { $($kind:ident($message:ident)),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name {
            $(
                #[doc = concat!("`", stringify!($message), "`.")]
                $kind($message),
            )*
        }

        impl $name {
            /// The API that it belongs to.
            #[must_use]
            pub const fn api_key(&self) -> ApiKey {
                match self {
                    $(Self::$kind(_) => ApiKey::$kind,)*
                }
            }
        }

        $(impl From<$message> for $name {
            fn from(message: $message) -> Self {
                Self::$kind(message)
            }
        })*
    };
}

messages! {
    /// A request between replicas, or of an administrator to the leader.
    Request {
        Vote(VoteRequest),
        BeginQuorumEpoch(BeginQuorumEpochRequest),
        EndQuorumEpoch(EndQuorumEpochRequest),
        Fetch(FetchRequest),
        FetchSnapshot(FetchSnapshotRequest),
        DescribeQuorum(DescribeQuorumRequest),
        AddRaftVoter(AddRaftVoterRequest),
        RemoveRaftVoter(RemoveRaftVoterRequest),
        UpdateRaftVoter(UpdateRaftVoterRequest),
        ApiVersions(ApiVersionsRequest),
    }
}

messages! {
    /// The response to a [`Request`].
    Response {
        Vote(VoteResponse),
        BeginQuorumEpoch(BeginQuorumEpochResponse),
        EndQuorumEpoch(EndQuorumEpochResponse),
        Fetch(FetchResponse),
        FetchSnapshot(FetchSnapshotResponse),
        DescribeQuorum(DescribeQuorumResponse),
        AddRaftVoter(AddRaftVoterResponse),
        RemoveRaftVoter(RemoveRaftVoterResponse),
        UpdateRaftVoter(UpdateRaftVoterResponse),
        ApiVersions(ApiVersionsResponse),
    }
}

/// Why a request got no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestFailure {
    /// The peer cannot be reached, or its connection broke.
    Disconnected,
    /// The peer knows no version of the request that could say what it must.
    UnsupportedVersion,
}

/// Bytes that the host puts into a response: the machine knows which, not what they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attachment {
    /// Whole batches of the log; at least one, even if that is larger than `max_bytes`.
    Records {
        /// Offset of the first record.
        from: Offset,
        /// Where the log ends.
        up_to: Offset,
        /// About how many bytes.
        max_bytes: i32,
    },
    /// A piece of a snapshot's file, which may end within a batch.
    Snapshot {
        /// Which snapshot.
        name: OffsetAndEpoch,
        /// Where the piece begins, in bytes.
        position: u64,
        /// Its size at most, in bytes.
        max_bytes: i32,
    },
}

impl Response {
    /// Puts the bytes of an [`Attachment`] where they belong. Responses without room for any are left as they are.
    pub fn attach(&mut self, bytes: &Bytes) {
        match self {
            Self::Fetch(response) => {
                let partitions = response.responses.iter_mut().flat_map(|topic| &mut topic.partitions);
                for partition in partitions {
                    partition.records = Some(bytes.clone());
                }
            }
            Self::FetchSnapshot(response) => {
                let partitions = response.topics.iter_mut().flat_map(|topic| &mut topic.partitions);
                for partition in partitions {
                    partition.unaligned_records = bytes.clone();
                }
            }
            _ => {}
        }
    }
}

/// What every response of the protocol says of the leader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LeaderHint {
    pub(super) error: ErrorCode,
    pub(super) epoch: LeaderEpoch,
    pub(super) leader: Option<BrokerId>,
    /// Empty if the response did not say.
    pub(super) endpoints: Vec<VoterEndpoint>,
}

impl LeaderHint {
    pub(super) fn new(error: i16, epoch: i32, leader: i32) -> Self {
        Self {
            error: ErrorCode::from(error),
            epoch: LeaderEpoch(epoch),
            leader: node(leader),
            endpoints: Vec::new(),
        }
    }

    /// Adds the leader's endpoint, if the nodes that the response names include it. The response came by `listener`.
    pub(super) fn with_endpoints(
        mut self,
        nodes: impl Iterator<Item = (i32, String, u16)>,
        listener: &str,
    ) -> Self {
        let leader = self.leader;
        let of_leader = nodes.filter(|(id, ..)| Some(BrokerId(*id)) == leader);
        self.endpoints = of_leader
            .map(|(_, host, port)| VoterEndpoint { listener: listener.to_string(), host, port })
            .collect();
        self
    }
}

/// The node that an id on the wire names; negative ones are none.
pub(super) fn node(id: i32) -> Option<BrokerId> {
    (id >= 0).then_some(BrokerId(id))
}

/// Leader and endpoint as a response on `listener` gives them.
pub(super) fn leader_endpoint<'a>(
    leader: Option<BrokerId>,
    endpoints: &'a [VoterEndpoint],
    listener: &str,
) -> Option<(i32, &'a VoterEndpoint)> {
    Some((leader?.0, endpoint(endpoints, listener)?))
}

/// The one partition that a message about the metadata log is about; `None` if it is about anything else.
macro_rules! singleton {
    ($topics:expr, $name:ident, $partition:ident) => {
        match $topics.as_slice() {
            [topic] if topic.$name == crate::quorum::rpc::METADATA_TOPIC => match topic.partitions.as_slice()
            {
                [partition] if partition.$partition == crate::quorum::rpc::METADATA_PARTITION => {
                    Some(partition)
                }
                _ => None,
            },
            _ => None,
        }
    };
}
pub(super) use singleton;
