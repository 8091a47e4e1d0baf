//! What passes between a group coordinator and its host.

use std::sync::Arc;

use ottla_metadata::delta::MetadataChanges;
use ottla_metadata::image::MetadataImage;
use ottla_protocol::record::control::TransactionResult;
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, TopicId};

use super::consumer::{ConsumerGroupConfig, RegexJob, ResolvedRegexes};
use crate::host::{AppendToken, Record, RequestToken};
use crate::messages::{
    ConsumerDescribedGroup, ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
    DeletableGroupResult, DescribedGroup, ErrorCode, HeartbeatRequest, HeartbeatResponse, JoinGroupRequest,
    JoinGroupResponse, LeaveGroupRequest, LeaveGroupResponse, ListGroupsRequest, ListGroupsResponse,
    OffsetCommitRequest, OffsetCommitResponse, OffsetDeleteRequest, OffsetDeleteResponse,
    OffsetFetchRequestGroup, OffsetFetchResponseGroup, SyncGroupRequest, SyncGroupResponse,
    TxnOffsetCommitRequest, TxnOffsetCommitResponse,
};

/// Who asks, and in which version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestContext {
    /// The header's client id; empty if it has none.
    pub client_id: String,
    /// The peer's address as Java's `InetAddress.toString` shows one without a name: `/127.0.0.1`.
    pub client_host: String,
    /// Version of the request and of its response.
    pub api_version: i16,
}

/// A request, checked as far as the wire and the authorizer go.
///
/// The host has done what needs the metadata image or the authorizer: partitions that are unauthorized or unknown are
/// taken out (and put into the response afterwards), and both the name and the id of every topic are set.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupRequest {
    /// A member (or one to be) takes part in the next generation. Answered when the generation is made up.
    JoinGroup(JoinGroupRequest),
    /// A member asks for its assignment; the leader brings them all. Answered when they are committed.
    SyncGroup(SyncGroupRequest),
    /// A member is alive.
    Heartbeat(HeartbeatRequest),
    /// A member of a consumer group joins, goes on or leaves.
    ConsumerGroupHeartbeat(Box<ConsumerGroupHeartbeatRequest>),
    /// Consumer groups of this partition, in full.
    ConsumerGroupDescribe {
        /// Ids of the groups; each must belong to this partition.
        groups: Vec<String>,
    },
    /// Members leave. Versions 0 to 2 use `member_id`, later ones `members`.
    LeaveGroup(LeaveGroupRequest),
    /// Offsets to keep. `name` and `topic_id` of every topic are set; a `topic_id` of zero means unknown.
    OffsetCommit(OffsetCommitRequest),
    /// Offsets to keep if the producer's transaction commits.
    TxnOffsetCommit(TxnOffsetCommitRequest),
    /// Offsets of one group.
    OffsetFetch(OffsetFetch),
    /// The groups of this partition, in full.
    DescribeGroups {
        /// Ids of the groups; each must belong to this partition.
        groups: Vec<String>,
    },
    /// All groups of this partition, in brief.
    ListGroups(ListGroupsRequest),
    /// Delete whole groups.
    DeleteGroups {
        /// Ids of the groups; each must belong to this partition.
        groups: Vec<String>,
    },
    /// Delete offsets of one group.
    OffsetDelete(OffsetDeleteRequest),
    /// A transaction that may hold offsets of this partition has ended.
    WriteTxnMarker(TxnMarker),
}

/// One group of an OffsetFetch request, in any version.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetch {
    /// The group, in the shape of version 8 and later. `topics: None` asks for all; `name` of every topic is set.
    pub group: OffsetFetchRequestGroup,
    /// Answer UNSTABLE_OFFSET_COMMIT for a partition with an open transactional commit.
    pub require_stable: bool,
}

/// The end of a transaction, as the transaction coordinator wants it written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TxnMarker {
    /// The producer.
    pub producer_id: ProducerId,
    /// Its epoch.
    pub producer_epoch: ProducerEpoch,
    /// Epoch of the transaction coordinator.
    pub coordinator_epoch: LeaderEpoch,
    /// Whether the transaction commits or aborts.
    pub result: TxnResult,
    /// The transaction protocol: 2 means that the producer's epoch must be above the last one of the partition.
    pub transaction_version: i8,
}

/// How a transaction ends.
pub type TxnResult = TransactionResult;

/// The answer to the [`GroupRequest`] of the same name.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupResponse {
    /// To a JoinGroup.
    JoinGroup(JoinGroupResponse),
    /// To a SyncGroup.
    SyncGroup(SyncGroupResponse),
    /// To a Heartbeat.
    Heartbeat(HeartbeatResponse),
    /// To a ConsumerGroupHeartbeat.
    ConsumerGroupHeartbeat(ConsumerGroupHeartbeatResponse),
    /// To a ConsumerGroupDescribe: in the request's order. `authorized_operations` is left at its default.
    ConsumerGroupDescribe(Vec<ConsumerDescribedGroup>),
    /// To a LeaveGroup.
    LeaveGroup(LeaveGroupResponse),
    /// To an OffsetCommit: topics and partitions in the request's order, with both `name` and `topic_id`.
    OffsetCommit(OffsetCommitResponse),
    /// To a TxnOffsetCommit.
    TxnOffsetCommit(TxnOffsetCommitResponse),
    /// To an OffsetFetch: one group. `name` is always set, `topic_id` as in the request.
    OffsetFetch(OffsetFetchResponseGroup),
    /// To a DescribeGroups: in the request's order. `authorized_operations` is left at its default.
    DescribeGroups(Vec<DescribedGroup>),
    /// To a ListGroups: in order of group id.
    ListGroups(ListGroupsResponse),
    /// To a DeleteGroups: in the request's order.
    DeleteGroups(Vec<DeletableGroupResult>),
    /// To an OffsetDelete.
    OffsetDelete(OffsetDeleteResponse),
    /// To a WriteTxnMarker: the error of this partition.
    WriteTxnMarker(ErrorCode),
}

/// A fact.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A request arrived.
    Request {
        /// The host's name for it.
        token: RequestToken,
        /// Who asks.
        context: RequestContext,
        /// What is asked.
        request: GroupRequest,
    },
    /// The log took the batch of an [`Effect::Append`], or refused it as a whole. Must be the next input about the log
    /// after the effect was polled: no other batch is given out before.
    Appended {
        /// The batch.
        batch: AppendToken,
        /// Offset of its first record; or the error, which means that nothing of the batch is in the log.
        result: Result<Offset, ErrorCode>,
    },
    /// Every record below `end_offset` is committed: on all in-sync replicas, and as durable as the topic asks.
    Committed {
        /// Exclusive.
        end_offset: Offset,
    },
    /// Topics were deleted from the cluster.
    TopicsDeleted {
        /// Name and id of each.
        topics: Vec<(String, TopicId)>,
    },
    /// There is another metadata image. Also while the log is loaded: the coordinator needs one to begin.
    Metadata {
        /// The image.
        image: Arc<MetadataImage>,
        /// What differs from the last image; `None` if anything may.
        changes: Option<Arc<MetadataChanges>>,
    },
    /// The broker's settings of consumer groups are these from here on.
    ConsumerGroupConfig(Box<ConsumerGroupConfig>),
    /// The work of an [`Effect::ResolveRegexes`] is done.
    RegexesResolved(ResolvedRegexes),
    /// Time passed. Needed when the deadline has come; harmless at any other time.
    Timer,
}

/// Something that the host must do, in the order given.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Append one batch (acks=all) to the coordinator's partition, and tell with [`Input::Appended`].
    Append {
        /// Name of the batch.
        batch: AppendToken,
        /// CreateTime of all its records.
        timestamp: Timestamp,
        /// What is in it.
        contents: BatchContents,
    },
    /// Do this work on another thread, and tell with [`Input::RegexesResolved`].
    ResolveRegexes(RegexJob),
    /// Send the response to a request.
    Respond {
        /// The request.
        token: RequestToken,
        /// Its response.
        response: GroupResponse,
    },
}

/// The contents of a batch. Every batch but a marker's has base sequence 0, as Kafka writes them, and is appended as the
/// coordinator's own: its sequence is not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchContents {
    /// Plain records.
    Records(Vec<Record>),
    /// Records in the producer's transaction: the batch carries the producer's id and epoch, and the transactional flag. The host has verified the transaction, or does so on append.
    Transactional {
        /// The producer.
        producer_id: ProducerId,
        /// Its epoch.
        producer_epoch: ProducerEpoch,
        /// The records.
        records: Vec<Record>,
    },
    /// A control batch that ends the producer's transaction.
    Marker(TxnMarker),
}
