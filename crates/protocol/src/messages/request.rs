// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! A request of any API.

use super::add_offsets_to_txn_request::AddOffsetsToTxnRequest;
use super::add_partitions_to_txn_request::AddPartitionsToTxnRequest;
use super::add_raft_voter_request::AddRaftVoterRequest;
use super::allocate_producer_ids_request::AllocateProducerIdsRequest;
use super::alter_client_quotas_request::AlterClientQuotasRequest;
use super::alter_configs_request::AlterConfigsRequest;
use super::alter_partition_reassignments_request::AlterPartitionReassignmentsRequest;
use super::alter_partition_request::AlterPartitionRequest;
use super::alter_replica_log_dirs_request::AlterReplicaLogDirsRequest;
use super::alter_share_group_offsets_request::AlterShareGroupOffsetsRequest;
use super::alter_user_scram_credentials_request::AlterUserScramCredentialsRequest;
use super::api_versions_request::ApiVersionsRequest;
use super::assign_replicas_to_dirs_request::AssignReplicasToDirsRequest;
use super::begin_quorum_epoch_request::BeginQuorumEpochRequest;
use super::broker_heartbeat_request::BrokerHeartbeatRequest;
use super::broker_registration_request::BrokerRegistrationRequest;
use super::consumer_group_describe_request::ConsumerGroupDescribeRequest;
use super::consumer_group_heartbeat_request::ConsumerGroupHeartbeatRequest;
use super::controller_registration_request::ControllerRegistrationRequest;
use super::create_acls_request::CreateAclsRequest;
use super::create_delegation_token_request::CreateDelegationTokenRequest;
use super::create_partitions_request::CreatePartitionsRequest;
use super::create_topics_request::CreateTopicsRequest;
use super::delete_acls_request::DeleteAclsRequest;
use super::delete_groups_request::DeleteGroupsRequest;
use super::delete_records_request::DeleteRecordsRequest;
use super::delete_share_group_offsets_request::DeleteShareGroupOffsetsRequest;
use super::delete_share_group_state_request::DeleteShareGroupStateRequest;
use super::delete_topics_request::DeleteTopicsRequest;
use super::describe_acls_request::DescribeAclsRequest;
use super::describe_client_quotas_request::DescribeClientQuotasRequest;
use super::describe_cluster_request::DescribeClusterRequest;
use super::describe_configs_request::DescribeConfigsRequest;
use super::describe_delegation_token_request::DescribeDelegationTokenRequest;
use super::describe_groups_request::DescribeGroupsRequest;
use super::describe_log_dirs_request::DescribeLogDirsRequest;
use super::describe_producers_request::DescribeProducersRequest;
use super::describe_quorum_request::DescribeQuorumRequest;
use super::describe_share_group_offsets_request::DescribeShareGroupOffsetsRequest;
use super::describe_topic_partitions_request::DescribeTopicPartitionsRequest;
use super::describe_transactions_request::DescribeTransactionsRequest;
use super::describe_user_scram_credentials_request::DescribeUserScramCredentialsRequest;
use super::elect_leaders_request::ElectLeadersRequest;
use super::end_quorum_epoch_request::EndQuorumEpochRequest;
use super::end_txn_request::EndTxnRequest;
use super::envelope_request::EnvelopeRequest;
use super::expire_delegation_token_request::ExpireDelegationTokenRequest;
use super::fetch_request::FetchRequest;
use super::fetch_snapshot_request::FetchSnapshotRequest;
use super::find_coordinator_request::FindCoordinatorRequest;
use super::get_telemetry_subscriptions_request::GetTelemetrySubscriptionsRequest;
use super::heartbeat_request::HeartbeatRequest;
use super::incremental_alter_configs_request::IncrementalAlterConfigsRequest;
use super::init_producer_id_request::InitProducerIdRequest;
use super::initialize_share_group_state_request::InitializeShareGroupStateRequest;
use super::join_group_request::JoinGroupRequest;
use super::leave_group_request::LeaveGroupRequest;
use super::list_config_resources_request::ListConfigResourcesRequest;
use super::list_groups_request::ListGroupsRequest;
use super::list_offsets_request::ListOffsetsRequest;
use super::list_partition_reassignments_request::ListPartitionReassignmentsRequest;
use super::list_transactions_request::ListTransactionsRequest;
use super::metadata_request::MetadataRequest;
use super::offset_commit_request::OffsetCommitRequest;
use super::offset_delete_request::OffsetDeleteRequest;
use super::offset_fetch_request::OffsetFetchRequest;
use super::offset_for_leader_epoch_request::OffsetForLeaderEpochRequest;
use super::produce_request::ProduceRequest;
use super::push_telemetry_request::PushTelemetryRequest;
use super::read_share_group_state_request::ReadShareGroupStateRequest;
use super::read_share_group_state_summary_request::ReadShareGroupStateSummaryRequest;
use super::remove_raft_voter_request::RemoveRaftVoterRequest;
use super::renew_delegation_token_request::RenewDelegationTokenRequest;
use super::sasl_authenticate_request::SaslAuthenticateRequest;
use super::sasl_handshake_request::SaslHandshakeRequest;
use super::share_acknowledge_request::ShareAcknowledgeRequest;
use super::share_fetch_request::ShareFetchRequest;
use super::share_group_describe_request::ShareGroupDescribeRequest;
use super::share_group_heartbeat_request::ShareGroupHeartbeatRequest;
use super::streams_group_describe_request::StreamsGroupDescribeRequest;
use super::streams_group_heartbeat_request::StreamsGroupHeartbeatRequest;
use super::streams_group_topology_description_update_request::StreamsGroupTopologyDescriptionUpdateRequest;
use super::sync_group_request::SyncGroupRequest;
use super::txn_offset_commit_request::TxnOffsetCommitRequest;
use super::unregister_broker_request::UnregisterBrokerRequest;
use super::unregister_controller_request::UnregisterControllerRequest;
use super::update_features_request::UpdateFeaturesRequest;
use super::update_raft_voter_request::UpdateRaftVoterRequest;
use super::vote_request::VoteRequest;
use super::write_share_group_state_request::WriteShareGroupStateRequest;
use super::write_txn_markers_request::WriteTxnMarkersRequest;

use crate::api::ApiKey;
use crate::message::Message;
use crate::wire::{DecodeError, Reader, Writer};

/// The body of a request, by API.
#[derive(Clone, Debug, PartialEq)]
pub enum RequestKind {
    /// Request of API 0: versions 3 to 13, flexible from 9.
    Produce(ProduceRequest),
    /// Request of API 1: versions 4 to 18, flexible from 12.
    Fetch(FetchRequest),
    /// Request of API 2: versions 1 to 11, flexible from 6.
    ListOffsets(ListOffsetsRequest),
    /// Request of API 3: versions 0 to 13, flexible from 9.
    Metadata(MetadataRequest),
    /// Request of API 8: versions 2 to 10, flexible from 8.
    OffsetCommit(OffsetCommitRequest),
    /// Request of API 9: versions 1 to 10, flexible from 6.
    OffsetFetch(OffsetFetchRequest),
    /// Request of API 10: versions 0 to 6, flexible from 3.
    FindCoordinator(FindCoordinatorRequest),
    /// Request of API 11: versions 0 to 9, flexible from 6.
    JoinGroup(JoinGroupRequest),
    /// Request of API 12: versions 0 to 4, flexible from 4.
    Heartbeat(HeartbeatRequest),
    /// Request of API 13: versions 0 to 5, flexible from 4.
    LeaveGroup(LeaveGroupRequest),
    /// Request of API 14: versions 0 to 5, flexible from 4.
    SyncGroup(SyncGroupRequest),
    /// Request of API 15: versions 0 to 6, flexible from 5.
    DescribeGroups(DescribeGroupsRequest),
    /// Request of API 16: versions 0 to 5, flexible from 3.
    ListGroups(ListGroupsRequest),
    /// Request of API 17: versions 0 to 1, never flexible.
    SaslHandshake(SaslHandshakeRequest),
    /// Request of API 18: versions 0 to 5, flexible from 3.
    ApiVersions(ApiVersionsRequest),
    /// Request of API 19: versions 2 to 7, flexible from 5.
    CreateTopics(CreateTopicsRequest),
    /// Request of API 20: versions 1 to 6, flexible from 4.
    DeleteTopics(DeleteTopicsRequest),
    /// Request of API 21: versions 0 to 2, flexible from 2.
    DeleteRecords(DeleteRecordsRequest),
    /// Request of API 22: versions 0 to 6, flexible from 2; 6 is not stable yet.
    InitProducerId(InitProducerIdRequest),
    /// Request of API 23: versions 2 to 4, flexible from 4.
    OffsetForLeaderEpoch(OffsetForLeaderEpochRequest),
    /// Request of API 24: versions 0 to 5, flexible from 3.
    AddPartitionsToTxn(AddPartitionsToTxnRequest),
    /// Request of API 25: versions 0 to 4, flexible from 3.
    AddOffsetsToTxn(AddOffsetsToTxnRequest),
    /// Request of API 26: versions 0 to 5, flexible from 3.
    EndTxn(EndTxnRequest),
    /// Request of API 27: versions 1 to 2, flexible.
    WriteTxnMarkers(WriteTxnMarkersRequest),
    /// Request of API 28: versions 0 to 6, flexible from 3.
    TxnOffsetCommit(TxnOffsetCommitRequest),
    /// Request of API 29: versions 1 to 3, flexible from 2.
    DescribeAcls(DescribeAclsRequest),
    /// Request of API 30: versions 1 to 3, flexible from 2.
    CreateAcls(CreateAclsRequest),
    /// Request of API 31: versions 1 to 3, flexible from 2.
    DeleteAcls(DeleteAclsRequest),
    /// Request of API 32: versions 1 to 4, flexible from 4.
    DescribeConfigs(DescribeConfigsRequest),
    /// Request of API 33: versions 0 to 2, flexible from 2.
    AlterConfigs(AlterConfigsRequest),
    /// Request of API 34: versions 1 to 2, flexible from 2.
    AlterReplicaLogDirs(AlterReplicaLogDirsRequest),
    /// Request of API 35: versions 1 to 5, flexible from 2.
    DescribeLogDirs(DescribeLogDirsRequest),
    /// Request of API 36: versions 0 to 2, flexible from 2.
    SaslAuthenticate(SaslAuthenticateRequest),
    /// Request of API 37: versions 0 to 3, flexible from 2.
    CreatePartitions(CreatePartitionsRequest),
    /// Request of API 38: versions 1 to 3, flexible from 2.
    CreateDelegationToken(CreateDelegationTokenRequest),
    /// Request of API 39: versions 1 to 2, flexible from 2.
    RenewDelegationToken(RenewDelegationTokenRequest),
    /// Request of API 40: versions 1 to 2, flexible from 2.
    ExpireDelegationToken(ExpireDelegationTokenRequest),
    /// Request of API 41: versions 1 to 3, flexible from 2.
    DescribeDelegationToken(DescribeDelegationTokenRequest),
    /// Request of API 42: versions 0 to 3, flexible from 2.
    DeleteGroups(DeleteGroupsRequest),
    /// Request of API 43: versions 0 to 2, flexible from 2.
    ElectLeaders(ElectLeadersRequest),
    /// Request of API 44: versions 0 to 1, flexible from 1.
    IncrementalAlterConfigs(IncrementalAlterConfigsRequest),
    /// Request of API 45: versions 0 to 1, flexible.
    AlterPartitionReassignments(AlterPartitionReassignmentsRequest),
    /// Request of API 46: version 0, flexible.
    ListPartitionReassignments(ListPartitionReassignmentsRequest),
    /// Request of API 47: version 0, never flexible.
    OffsetDelete(OffsetDeleteRequest),
    /// Request of API 48: versions 0 to 1, flexible from 1.
    DescribeClientQuotas(DescribeClientQuotasRequest),
    /// Request of API 49: versions 0 to 1, flexible from 1.
    AlterClientQuotas(AlterClientQuotasRequest),
    /// Request of API 50: version 0, flexible.
    DescribeUserScramCredentials(DescribeUserScramCredentialsRequest),
    /// Request of API 51: version 0, flexible.
    AlterUserScramCredentials(AlterUserScramCredentialsRequest),
    /// Request of API 52: versions 0 to 2, flexible.
    Vote(VoteRequest),
    /// Request of API 53: versions 0 to 1, flexible from 1.
    BeginQuorumEpoch(BeginQuorumEpochRequest),
    /// Request of API 54: versions 0 to 1, flexible from 1.
    EndQuorumEpoch(EndQuorumEpochRequest),
    /// Request of API 55: versions 0 to 2, flexible.
    DescribeQuorum(DescribeQuorumRequest),
    /// Request of API 56: versions 2 to 3, flexible.
    AlterPartition(AlterPartitionRequest),
    /// Request of API 57: versions 0 to 2, flexible.
    UpdateFeatures(UpdateFeaturesRequest),
    /// Request of API 58: version 0, flexible.
    Envelope(EnvelopeRequest),
    /// Request of API 59: versions 0 to 1, flexible.
    FetchSnapshot(FetchSnapshotRequest),
    /// Request of API 60: versions 0 to 2, flexible.
    DescribeCluster(DescribeClusterRequest),
    /// Request of API 61: version 0, flexible.
    DescribeProducers(DescribeProducersRequest),
    /// Request of API 62: versions 0 to 4, flexible.
    BrokerRegistration(BrokerRegistrationRequest),
    /// Request of API 63: versions 0 to 2, flexible.
    BrokerHeartbeat(BrokerHeartbeatRequest),
    /// Request of API 64: version 0, flexible.
    UnregisterBroker(UnregisterBrokerRequest),
    /// Request of API 65: version 0, flexible.
    DescribeTransactions(DescribeTransactionsRequest),
    /// Request of API 66: versions 0 to 2, flexible.
    ListTransactions(ListTransactionsRequest),
    /// Request of API 67: version 0, flexible.
    AllocateProducerIds(AllocateProducerIdsRequest),
    /// Request of API 68: versions 0 to 1, flexible.
    ConsumerGroupHeartbeat(ConsumerGroupHeartbeatRequest),
    /// Request of API 69: versions 0 to 1, flexible.
    ConsumerGroupDescribe(ConsumerGroupDescribeRequest),
    /// Request of API 70: version 0, flexible.
    ControllerRegistration(ControllerRegistrationRequest),
    /// Request of API 71: version 0, flexible.
    GetTelemetrySubscriptions(GetTelemetrySubscriptionsRequest),
    /// Request of API 72: version 0, flexible.
    PushTelemetry(PushTelemetryRequest),
    /// Request of API 73: version 0, flexible.
    AssignReplicasToDirs(AssignReplicasToDirsRequest),
    /// Request of API 74: versions 0 to 1, flexible.
    ListConfigResources(ListConfigResourcesRequest),
    /// Request of API 75: version 0, flexible.
    DescribeTopicPartitions(DescribeTopicPartitionsRequest),
    /// Request of API 76: version 1, flexible.
    ShareGroupHeartbeat(ShareGroupHeartbeatRequest),
    /// Request of API 77: version 1, flexible.
    ShareGroupDescribe(ShareGroupDescribeRequest),
    /// Request of API 78: versions 1 to 2, flexible.
    ShareFetch(ShareFetchRequest),
    /// Request of API 79: versions 1 to 2, flexible.
    ShareAcknowledge(ShareAcknowledgeRequest),
    /// Request of API 80: versions 0 to 1, flexible.
    AddRaftVoter(AddRaftVoterRequest),
    /// Request of API 81: version 0, flexible.
    RemoveRaftVoter(RemoveRaftVoterRequest),
    /// Request of API 82: version 0, flexible.
    UpdateRaftVoter(UpdateRaftVoterRequest),
    /// Request of API 83: version 0, flexible.
    InitializeShareGroupState(InitializeShareGroupStateRequest),
    /// Request of API 84: version 0, flexible.
    ReadShareGroupState(ReadShareGroupStateRequest),
    /// Request of API 85: versions 0 to 1, flexible.
    WriteShareGroupState(WriteShareGroupStateRequest),
    /// Request of API 86: version 0, flexible.
    DeleteShareGroupState(DeleteShareGroupStateRequest),
    /// Request of API 87: versions 0 to 1, flexible.
    ReadShareGroupStateSummary(ReadShareGroupStateSummaryRequest),
    /// Request of API 88: versions 0 to 1, flexible.
    StreamsGroupHeartbeat(StreamsGroupHeartbeatRequest),
    /// Request of API 89: versions 0 to 1, flexible.
    StreamsGroupDescribe(StreamsGroupDescribeRequest),
    /// Request of API 90: versions 0 to 1, flexible.
    DescribeShareGroupOffsets(DescribeShareGroupOffsetsRequest),
    /// Request of API 91: version 0, flexible.
    AlterShareGroupOffsets(AlterShareGroupOffsetsRequest),
    /// Request of API 92: version 0, flexible.
    DeleteShareGroupOffsets(DeleteShareGroupOffsetsRequest),
    /// Request of API 93: version 0, flexible.
    StreamsGroupTopologyDescriptionUpdate(StreamsGroupTopologyDescriptionUpdateRequest),
    /// Request of API 94: version 0, flexible.
    UnregisterController(UnregisterControllerRequest),
}

impl RequestKind {
    /// The API that the request belongs to.
    #[must_use]
    pub fn api_key(&self) -> ApiKey {
        match self {
            Self::Produce(_) => ApiKey::Produce,
            Self::Fetch(_) => ApiKey::Fetch,
            Self::ListOffsets(_) => ApiKey::ListOffsets,
            Self::Metadata(_) => ApiKey::Metadata,
            Self::OffsetCommit(_) => ApiKey::OffsetCommit,
            Self::OffsetFetch(_) => ApiKey::OffsetFetch,
            Self::FindCoordinator(_) => ApiKey::FindCoordinator,
            Self::JoinGroup(_) => ApiKey::JoinGroup,
            Self::Heartbeat(_) => ApiKey::Heartbeat,
            Self::LeaveGroup(_) => ApiKey::LeaveGroup,
            Self::SyncGroup(_) => ApiKey::SyncGroup,
            Self::DescribeGroups(_) => ApiKey::DescribeGroups,
            Self::ListGroups(_) => ApiKey::ListGroups,
            Self::SaslHandshake(_) => ApiKey::SaslHandshake,
            Self::ApiVersions(_) => ApiKey::ApiVersions,
            Self::CreateTopics(_) => ApiKey::CreateTopics,
            Self::DeleteTopics(_) => ApiKey::DeleteTopics,
            Self::DeleteRecords(_) => ApiKey::DeleteRecords,
            Self::InitProducerId(_) => ApiKey::InitProducerId,
            Self::OffsetForLeaderEpoch(_) => ApiKey::OffsetForLeaderEpoch,
            Self::AddPartitionsToTxn(_) => ApiKey::AddPartitionsToTxn,
            Self::AddOffsetsToTxn(_) => ApiKey::AddOffsetsToTxn,
            Self::EndTxn(_) => ApiKey::EndTxn,
            Self::WriteTxnMarkers(_) => ApiKey::WriteTxnMarkers,
            Self::TxnOffsetCommit(_) => ApiKey::TxnOffsetCommit,
            Self::DescribeAcls(_) => ApiKey::DescribeAcls,
            Self::CreateAcls(_) => ApiKey::CreateAcls,
            Self::DeleteAcls(_) => ApiKey::DeleteAcls,
            Self::DescribeConfigs(_) => ApiKey::DescribeConfigs,
            Self::AlterConfigs(_) => ApiKey::AlterConfigs,
            Self::AlterReplicaLogDirs(_) => ApiKey::AlterReplicaLogDirs,
            Self::DescribeLogDirs(_) => ApiKey::DescribeLogDirs,
            Self::SaslAuthenticate(_) => ApiKey::SaslAuthenticate,
            Self::CreatePartitions(_) => ApiKey::CreatePartitions,
            Self::CreateDelegationToken(_) => ApiKey::CreateDelegationToken,
            Self::RenewDelegationToken(_) => ApiKey::RenewDelegationToken,
            Self::ExpireDelegationToken(_) => ApiKey::ExpireDelegationToken,
            Self::DescribeDelegationToken(_) => ApiKey::DescribeDelegationToken,
            Self::DeleteGroups(_) => ApiKey::DeleteGroups,
            Self::ElectLeaders(_) => ApiKey::ElectLeaders,
            Self::IncrementalAlterConfigs(_) => ApiKey::IncrementalAlterConfigs,
            Self::AlterPartitionReassignments(_) => ApiKey::AlterPartitionReassignments,
            Self::ListPartitionReassignments(_) => ApiKey::ListPartitionReassignments,
            Self::OffsetDelete(_) => ApiKey::OffsetDelete,
            Self::DescribeClientQuotas(_) => ApiKey::DescribeClientQuotas,
            Self::AlterClientQuotas(_) => ApiKey::AlterClientQuotas,
            Self::DescribeUserScramCredentials(_) => ApiKey::DescribeUserScramCredentials,
            Self::AlterUserScramCredentials(_) => ApiKey::AlterUserScramCredentials,
            Self::Vote(_) => ApiKey::Vote,
            Self::BeginQuorumEpoch(_) => ApiKey::BeginQuorumEpoch,
            Self::EndQuorumEpoch(_) => ApiKey::EndQuorumEpoch,
            Self::DescribeQuorum(_) => ApiKey::DescribeQuorum,
            Self::AlterPartition(_) => ApiKey::AlterPartition,
            Self::UpdateFeatures(_) => ApiKey::UpdateFeatures,
            Self::Envelope(_) => ApiKey::Envelope,
            Self::FetchSnapshot(_) => ApiKey::FetchSnapshot,
            Self::DescribeCluster(_) => ApiKey::DescribeCluster,
            Self::DescribeProducers(_) => ApiKey::DescribeProducers,
            Self::BrokerRegistration(_) => ApiKey::BrokerRegistration,
            Self::BrokerHeartbeat(_) => ApiKey::BrokerHeartbeat,
            Self::UnregisterBroker(_) => ApiKey::UnregisterBroker,
            Self::DescribeTransactions(_) => ApiKey::DescribeTransactions,
            Self::ListTransactions(_) => ApiKey::ListTransactions,
            Self::AllocateProducerIds(_) => ApiKey::AllocateProducerIds,
            Self::ConsumerGroupHeartbeat(_) => ApiKey::ConsumerGroupHeartbeat,
            Self::ConsumerGroupDescribe(_) => ApiKey::ConsumerGroupDescribe,
            Self::ControllerRegistration(_) => ApiKey::ControllerRegistration,
            Self::GetTelemetrySubscriptions(_) => ApiKey::GetTelemetrySubscriptions,
            Self::PushTelemetry(_) => ApiKey::PushTelemetry,
            Self::AssignReplicasToDirs(_) => ApiKey::AssignReplicasToDirs,
            Self::ListConfigResources(_) => ApiKey::ListConfigResources,
            Self::DescribeTopicPartitions(_) => ApiKey::DescribeTopicPartitions,
            Self::ShareGroupHeartbeat(_) => ApiKey::ShareGroupHeartbeat,
            Self::ShareGroupDescribe(_) => ApiKey::ShareGroupDescribe,
            Self::ShareFetch(_) => ApiKey::ShareFetch,
            Self::ShareAcknowledge(_) => ApiKey::ShareAcknowledge,
            Self::AddRaftVoter(_) => ApiKey::AddRaftVoter,
            Self::RemoveRaftVoter(_) => ApiKey::RemoveRaftVoter,
            Self::UpdateRaftVoter(_) => ApiKey::UpdateRaftVoter,
            Self::InitializeShareGroupState(_) => ApiKey::InitializeShareGroupState,
            Self::ReadShareGroupState(_) => ApiKey::ReadShareGroupState,
            Self::WriteShareGroupState(_) => ApiKey::WriteShareGroupState,
            Self::DeleteShareGroupState(_) => ApiKey::DeleteShareGroupState,
            Self::ReadShareGroupStateSummary(_) => ApiKey::ReadShareGroupStateSummary,
            Self::StreamsGroupHeartbeat(_) => ApiKey::StreamsGroupHeartbeat,
            Self::StreamsGroupDescribe(_) => ApiKey::StreamsGroupDescribe,
            Self::DescribeShareGroupOffsets(_) => ApiKey::DescribeShareGroupOffsets,
            Self::AlterShareGroupOffsets(_) => ApiKey::AlterShareGroupOffsets,
            Self::DeleteShareGroupOffsets(_) => ApiKey::DeleteShareGroupOffsets,
            Self::StreamsGroupTopologyDescriptionUpdate(_) => ApiKey::StreamsGroupTopologyDescriptionUpdate,
            Self::UnregisterController(_) => ApiKey::UnregisterController,
        }
    }

    /// Reads the body of a request of `api` in `version`.
    pub fn decode(api: ApiKey, reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        match api {
            ApiKey::Produce => ProduceRequest::decode(reader, version).map(Self::Produce),
            ApiKey::Fetch => FetchRequest::decode(reader, version).map(Self::Fetch),
            ApiKey::ListOffsets => ListOffsetsRequest::decode(reader, version).map(Self::ListOffsets),
            ApiKey::Metadata => MetadataRequest::decode(reader, version).map(Self::Metadata),
            ApiKey::OffsetCommit => OffsetCommitRequest::decode(reader, version).map(Self::OffsetCommit),
            ApiKey::OffsetFetch => OffsetFetchRequest::decode(reader, version).map(Self::OffsetFetch),
            ApiKey::FindCoordinator => {
                FindCoordinatorRequest::decode(reader, version).map(Self::FindCoordinator)
            }
            ApiKey::JoinGroup => JoinGroupRequest::decode(reader, version).map(Self::JoinGroup),
            ApiKey::Heartbeat => HeartbeatRequest::decode(reader, version).map(Self::Heartbeat),
            ApiKey::LeaveGroup => LeaveGroupRequest::decode(reader, version).map(Self::LeaveGroup),
            ApiKey::SyncGroup => SyncGroupRequest::decode(reader, version).map(Self::SyncGroup),
            ApiKey::DescribeGroups => {
                DescribeGroupsRequest::decode(reader, version).map(Self::DescribeGroups)
            }
            ApiKey::ListGroups => ListGroupsRequest::decode(reader, version).map(Self::ListGroups),
            ApiKey::SaslHandshake => SaslHandshakeRequest::decode(reader, version).map(Self::SaslHandshake),
            ApiKey::ApiVersions => ApiVersionsRequest::decode(reader, version).map(Self::ApiVersions),
            ApiKey::CreateTopics => CreateTopicsRequest::decode(reader, version).map(Self::CreateTopics),
            ApiKey::DeleteTopics => DeleteTopicsRequest::decode(reader, version).map(Self::DeleteTopics),
            ApiKey::DeleteRecords => DeleteRecordsRequest::decode(reader, version).map(Self::DeleteRecords),
            ApiKey::InitProducerId => {
                InitProducerIdRequest::decode(reader, version).map(Self::InitProducerId)
            }
            ApiKey::OffsetForLeaderEpoch => {
                OffsetForLeaderEpochRequest::decode(reader, version).map(Self::OffsetForLeaderEpoch)
            }
            ApiKey::AddPartitionsToTxn => {
                AddPartitionsToTxnRequest::decode(reader, version).map(Self::AddPartitionsToTxn)
            }
            ApiKey::AddOffsetsToTxn => {
                AddOffsetsToTxnRequest::decode(reader, version).map(Self::AddOffsetsToTxn)
            }
            ApiKey::EndTxn => EndTxnRequest::decode(reader, version).map(Self::EndTxn),
            ApiKey::WriteTxnMarkers => {
                WriteTxnMarkersRequest::decode(reader, version).map(Self::WriteTxnMarkers)
            }
            ApiKey::TxnOffsetCommit => {
                TxnOffsetCommitRequest::decode(reader, version).map(Self::TxnOffsetCommit)
            }
            ApiKey::DescribeAcls => DescribeAclsRequest::decode(reader, version).map(Self::DescribeAcls),
            ApiKey::CreateAcls => CreateAclsRequest::decode(reader, version).map(Self::CreateAcls),
            ApiKey::DeleteAcls => DeleteAclsRequest::decode(reader, version).map(Self::DeleteAcls),
            ApiKey::DescribeConfigs => {
                DescribeConfigsRequest::decode(reader, version).map(Self::DescribeConfigs)
            }
            ApiKey::AlterConfigs => AlterConfigsRequest::decode(reader, version).map(Self::AlterConfigs),
            ApiKey::AlterReplicaLogDirs => {
                AlterReplicaLogDirsRequest::decode(reader, version).map(Self::AlterReplicaLogDirs)
            }
            ApiKey::DescribeLogDirs => {
                DescribeLogDirsRequest::decode(reader, version).map(Self::DescribeLogDirs)
            }
            ApiKey::SaslAuthenticate => {
                SaslAuthenticateRequest::decode(reader, version).map(Self::SaslAuthenticate)
            }
            ApiKey::CreatePartitions => {
                CreatePartitionsRequest::decode(reader, version).map(Self::CreatePartitions)
            }
            ApiKey::CreateDelegationToken => {
                CreateDelegationTokenRequest::decode(reader, version).map(Self::CreateDelegationToken)
            }
            ApiKey::RenewDelegationToken => {
                RenewDelegationTokenRequest::decode(reader, version).map(Self::RenewDelegationToken)
            }
            ApiKey::ExpireDelegationToken => {
                ExpireDelegationTokenRequest::decode(reader, version).map(Self::ExpireDelegationToken)
            }
            ApiKey::DescribeDelegationToken => {
                DescribeDelegationTokenRequest::decode(reader, version).map(Self::DescribeDelegationToken)
            }
            ApiKey::DeleteGroups => DeleteGroupsRequest::decode(reader, version).map(Self::DeleteGroups),
            ApiKey::ElectLeaders => ElectLeadersRequest::decode(reader, version).map(Self::ElectLeaders),
            ApiKey::IncrementalAlterConfigs => {
                IncrementalAlterConfigsRequest::decode(reader, version).map(Self::IncrementalAlterConfigs)
            }
            ApiKey::AlterPartitionReassignments => {
                AlterPartitionReassignmentsRequest::decode(reader, version)
                    .map(Self::AlterPartitionReassignments)
            }
            ApiKey::ListPartitionReassignments => ListPartitionReassignmentsRequest::decode(reader, version)
                .map(Self::ListPartitionReassignments),
            ApiKey::OffsetDelete => OffsetDeleteRequest::decode(reader, version).map(Self::OffsetDelete),
            ApiKey::DescribeClientQuotas => {
                DescribeClientQuotasRequest::decode(reader, version).map(Self::DescribeClientQuotas)
            }
            ApiKey::AlterClientQuotas => {
                AlterClientQuotasRequest::decode(reader, version).map(Self::AlterClientQuotas)
            }
            ApiKey::DescribeUserScramCredentials => {
                DescribeUserScramCredentialsRequest::decode(reader, version)
                    .map(Self::DescribeUserScramCredentials)
            }
            ApiKey::AlterUserScramCredentials => {
                AlterUserScramCredentialsRequest::decode(reader, version).map(Self::AlterUserScramCredentials)
            }
            ApiKey::Vote => VoteRequest::decode(reader, version).map(Self::Vote),
            ApiKey::BeginQuorumEpoch => {
                BeginQuorumEpochRequest::decode(reader, version).map(Self::BeginQuorumEpoch)
            }
            ApiKey::EndQuorumEpoch => {
                EndQuorumEpochRequest::decode(reader, version).map(Self::EndQuorumEpoch)
            }
            ApiKey::DescribeQuorum => {
                DescribeQuorumRequest::decode(reader, version).map(Self::DescribeQuorum)
            }
            ApiKey::AlterPartition => {
                AlterPartitionRequest::decode(reader, version).map(Self::AlterPartition)
            }
            ApiKey::UpdateFeatures => {
                UpdateFeaturesRequest::decode(reader, version).map(Self::UpdateFeatures)
            }
            ApiKey::Envelope => EnvelopeRequest::decode(reader, version).map(Self::Envelope),
            ApiKey::FetchSnapshot => FetchSnapshotRequest::decode(reader, version).map(Self::FetchSnapshot),
            ApiKey::DescribeCluster => {
                DescribeClusterRequest::decode(reader, version).map(Self::DescribeCluster)
            }
            ApiKey::DescribeProducers => {
                DescribeProducersRequest::decode(reader, version).map(Self::DescribeProducers)
            }
            ApiKey::BrokerRegistration => {
                BrokerRegistrationRequest::decode(reader, version).map(Self::BrokerRegistration)
            }
            ApiKey::BrokerHeartbeat => {
                BrokerHeartbeatRequest::decode(reader, version).map(Self::BrokerHeartbeat)
            }
            ApiKey::UnregisterBroker => {
                UnregisterBrokerRequest::decode(reader, version).map(Self::UnregisterBroker)
            }
            ApiKey::DescribeTransactions => {
                DescribeTransactionsRequest::decode(reader, version).map(Self::DescribeTransactions)
            }
            ApiKey::ListTransactions => {
                ListTransactionsRequest::decode(reader, version).map(Self::ListTransactions)
            }
            ApiKey::AllocateProducerIds => {
                AllocateProducerIdsRequest::decode(reader, version).map(Self::AllocateProducerIds)
            }
            ApiKey::ConsumerGroupHeartbeat => {
                ConsumerGroupHeartbeatRequest::decode(reader, version).map(Self::ConsumerGroupHeartbeat)
            }
            ApiKey::ConsumerGroupDescribe => {
                ConsumerGroupDescribeRequest::decode(reader, version).map(Self::ConsumerGroupDescribe)
            }
            ApiKey::ControllerRegistration => {
                ControllerRegistrationRequest::decode(reader, version).map(Self::ControllerRegistration)
            }
            ApiKey::GetTelemetrySubscriptions => {
                GetTelemetrySubscriptionsRequest::decode(reader, version).map(Self::GetTelemetrySubscriptions)
            }
            ApiKey::PushTelemetry => PushTelemetryRequest::decode(reader, version).map(Self::PushTelemetry),
            ApiKey::AssignReplicasToDirs => {
                AssignReplicasToDirsRequest::decode(reader, version).map(Self::AssignReplicasToDirs)
            }
            ApiKey::ListConfigResources => {
                ListConfigResourcesRequest::decode(reader, version).map(Self::ListConfigResources)
            }
            ApiKey::DescribeTopicPartitions => {
                DescribeTopicPartitionsRequest::decode(reader, version).map(Self::DescribeTopicPartitions)
            }
            ApiKey::ShareGroupHeartbeat => {
                ShareGroupHeartbeatRequest::decode(reader, version).map(Self::ShareGroupHeartbeat)
            }
            ApiKey::ShareGroupDescribe => {
                ShareGroupDescribeRequest::decode(reader, version).map(Self::ShareGroupDescribe)
            }
            ApiKey::ShareFetch => ShareFetchRequest::decode(reader, version).map(Self::ShareFetch),
            ApiKey::ShareAcknowledge => {
                ShareAcknowledgeRequest::decode(reader, version).map(Self::ShareAcknowledge)
            }
            ApiKey::AddRaftVoter => AddRaftVoterRequest::decode(reader, version).map(Self::AddRaftVoter),
            ApiKey::RemoveRaftVoter => {
                RemoveRaftVoterRequest::decode(reader, version).map(Self::RemoveRaftVoter)
            }
            ApiKey::UpdateRaftVoter => {
                UpdateRaftVoterRequest::decode(reader, version).map(Self::UpdateRaftVoter)
            }
            ApiKey::InitializeShareGroupState => {
                InitializeShareGroupStateRequest::decode(reader, version).map(Self::InitializeShareGroupState)
            }
            ApiKey::ReadShareGroupState => {
                ReadShareGroupStateRequest::decode(reader, version).map(Self::ReadShareGroupState)
            }
            ApiKey::WriteShareGroupState => {
                WriteShareGroupStateRequest::decode(reader, version).map(Self::WriteShareGroupState)
            }
            ApiKey::DeleteShareGroupState => {
                DeleteShareGroupStateRequest::decode(reader, version).map(Self::DeleteShareGroupState)
            }
            ApiKey::ReadShareGroupStateSummary => ReadShareGroupStateSummaryRequest::decode(reader, version)
                .map(Self::ReadShareGroupStateSummary),
            ApiKey::StreamsGroupHeartbeat => {
                StreamsGroupHeartbeatRequest::decode(reader, version).map(Self::StreamsGroupHeartbeat)
            }
            ApiKey::StreamsGroupDescribe => {
                StreamsGroupDescribeRequest::decode(reader, version).map(Self::StreamsGroupDescribe)
            }
            ApiKey::DescribeShareGroupOffsets => {
                DescribeShareGroupOffsetsRequest::decode(reader, version).map(Self::DescribeShareGroupOffsets)
            }
            ApiKey::AlterShareGroupOffsets => {
                AlterShareGroupOffsetsRequest::decode(reader, version).map(Self::AlterShareGroupOffsets)
            }
            ApiKey::DeleteShareGroupOffsets => {
                DeleteShareGroupOffsetsRequest::decode(reader, version).map(Self::DeleteShareGroupOffsets)
            }
            ApiKey::StreamsGroupTopologyDescriptionUpdate => {
                StreamsGroupTopologyDescriptionUpdateRequest::decode(reader, version)
                    .map(Self::StreamsGroupTopologyDescriptionUpdate)
            }
            ApiKey::UnregisterController => {
                UnregisterControllerRequest::decode(reader, version).map(Self::UnregisterController)
            }
        }
    }

    /// Writes the body in `version`.
    pub fn encode(&self, writer: &mut Writer, version: i16) {
        match self {
            Self::Produce(body) => body.encode(writer, version),
            Self::Fetch(body) => body.encode(writer, version),
            Self::ListOffsets(body) => body.encode(writer, version),
            Self::Metadata(body) => body.encode(writer, version),
            Self::OffsetCommit(body) => body.encode(writer, version),
            Self::OffsetFetch(body) => body.encode(writer, version),
            Self::FindCoordinator(body) => body.encode(writer, version),
            Self::JoinGroup(body) => body.encode(writer, version),
            Self::Heartbeat(body) => body.encode(writer, version),
            Self::LeaveGroup(body) => body.encode(writer, version),
            Self::SyncGroup(body) => body.encode(writer, version),
            Self::DescribeGroups(body) => body.encode(writer, version),
            Self::ListGroups(body) => body.encode(writer, version),
            Self::SaslHandshake(body) => body.encode(writer, version),
            Self::ApiVersions(body) => body.encode(writer, version),
            Self::CreateTopics(body) => body.encode(writer, version),
            Self::DeleteTopics(body) => body.encode(writer, version),
            Self::DeleteRecords(body) => body.encode(writer, version),
            Self::InitProducerId(body) => body.encode(writer, version),
            Self::OffsetForLeaderEpoch(body) => body.encode(writer, version),
            Self::AddPartitionsToTxn(body) => body.encode(writer, version),
            Self::AddOffsetsToTxn(body) => body.encode(writer, version),
            Self::EndTxn(body) => body.encode(writer, version),
            Self::WriteTxnMarkers(body) => body.encode(writer, version),
            Self::TxnOffsetCommit(body) => body.encode(writer, version),
            Self::DescribeAcls(body) => body.encode(writer, version),
            Self::CreateAcls(body) => body.encode(writer, version),
            Self::DeleteAcls(body) => body.encode(writer, version),
            Self::DescribeConfigs(body) => body.encode(writer, version),
            Self::AlterConfigs(body) => body.encode(writer, version),
            Self::AlterReplicaLogDirs(body) => body.encode(writer, version),
            Self::DescribeLogDirs(body) => body.encode(writer, version),
            Self::SaslAuthenticate(body) => body.encode(writer, version),
            Self::CreatePartitions(body) => body.encode(writer, version),
            Self::CreateDelegationToken(body) => body.encode(writer, version),
            Self::RenewDelegationToken(body) => body.encode(writer, version),
            Self::ExpireDelegationToken(body) => body.encode(writer, version),
            Self::DescribeDelegationToken(body) => body.encode(writer, version),
            Self::DeleteGroups(body) => body.encode(writer, version),
            Self::ElectLeaders(body) => body.encode(writer, version),
            Self::IncrementalAlterConfigs(body) => body.encode(writer, version),
            Self::AlterPartitionReassignments(body) => body.encode(writer, version),
            Self::ListPartitionReassignments(body) => body.encode(writer, version),
            Self::OffsetDelete(body) => body.encode(writer, version),
            Self::DescribeClientQuotas(body) => body.encode(writer, version),
            Self::AlterClientQuotas(body) => body.encode(writer, version),
            Self::DescribeUserScramCredentials(body) => body.encode(writer, version),
            Self::AlterUserScramCredentials(body) => body.encode(writer, version),
            Self::Vote(body) => body.encode(writer, version),
            Self::BeginQuorumEpoch(body) => body.encode(writer, version),
            Self::EndQuorumEpoch(body) => body.encode(writer, version),
            Self::DescribeQuorum(body) => body.encode(writer, version),
            Self::AlterPartition(body) => body.encode(writer, version),
            Self::UpdateFeatures(body) => body.encode(writer, version),
            Self::Envelope(body) => body.encode(writer, version),
            Self::FetchSnapshot(body) => body.encode(writer, version),
            Self::DescribeCluster(body) => body.encode(writer, version),
            Self::DescribeProducers(body) => body.encode(writer, version),
            Self::BrokerRegistration(body) => body.encode(writer, version),
            Self::BrokerHeartbeat(body) => body.encode(writer, version),
            Self::UnregisterBroker(body) => body.encode(writer, version),
            Self::DescribeTransactions(body) => body.encode(writer, version),
            Self::ListTransactions(body) => body.encode(writer, version),
            Self::AllocateProducerIds(body) => body.encode(writer, version),
            Self::ConsumerGroupHeartbeat(body) => body.encode(writer, version),
            Self::ConsumerGroupDescribe(body) => body.encode(writer, version),
            Self::ControllerRegistration(body) => body.encode(writer, version),
            Self::GetTelemetrySubscriptions(body) => body.encode(writer, version),
            Self::PushTelemetry(body) => body.encode(writer, version),
            Self::AssignReplicasToDirs(body) => body.encode(writer, version),
            Self::ListConfigResources(body) => body.encode(writer, version),
            Self::DescribeTopicPartitions(body) => body.encode(writer, version),
            Self::ShareGroupHeartbeat(body) => body.encode(writer, version),
            Self::ShareGroupDescribe(body) => body.encode(writer, version),
            Self::ShareFetch(body) => body.encode(writer, version),
            Self::ShareAcknowledge(body) => body.encode(writer, version),
            Self::AddRaftVoter(body) => body.encode(writer, version),
            Self::RemoveRaftVoter(body) => body.encode(writer, version),
            Self::UpdateRaftVoter(body) => body.encode(writer, version),
            Self::InitializeShareGroupState(body) => body.encode(writer, version),
            Self::ReadShareGroupState(body) => body.encode(writer, version),
            Self::WriteShareGroupState(body) => body.encode(writer, version),
            Self::DeleteShareGroupState(body) => body.encode(writer, version),
            Self::ReadShareGroupStateSummary(body) => body.encode(writer, version),
            Self::StreamsGroupHeartbeat(body) => body.encode(writer, version),
            Self::StreamsGroupDescribe(body) => body.encode(writer, version),
            Self::DescribeShareGroupOffsets(body) => body.encode(writer, version),
            Self::AlterShareGroupOffsets(body) => body.encode(writer, version),
            Self::DeleteShareGroupOffsets(body) => body.encode(writer, version),
            Self::StreamsGroupTopologyDescriptionUpdate(body) => body.encode(writer, version),
            Self::UnregisterController(body) => body.encode(writer, version),
        }
    }
}

impl From<ProduceRequest> for RequestKind {
    fn from(body: ProduceRequest) -> Self {
        Self::Produce(body)
    }
}

impl From<FetchRequest> for RequestKind {
    fn from(body: FetchRequest) -> Self {
        Self::Fetch(body)
    }
}

impl From<ListOffsetsRequest> for RequestKind {
    fn from(body: ListOffsetsRequest) -> Self {
        Self::ListOffsets(body)
    }
}

impl From<MetadataRequest> for RequestKind {
    fn from(body: MetadataRequest) -> Self {
        Self::Metadata(body)
    }
}

impl From<OffsetCommitRequest> for RequestKind {
    fn from(body: OffsetCommitRequest) -> Self {
        Self::OffsetCommit(body)
    }
}

impl From<OffsetFetchRequest> for RequestKind {
    fn from(body: OffsetFetchRequest) -> Self {
        Self::OffsetFetch(body)
    }
}

impl From<FindCoordinatorRequest> for RequestKind {
    fn from(body: FindCoordinatorRequest) -> Self {
        Self::FindCoordinator(body)
    }
}

impl From<JoinGroupRequest> for RequestKind {
    fn from(body: JoinGroupRequest) -> Self {
        Self::JoinGroup(body)
    }
}

impl From<HeartbeatRequest> for RequestKind {
    fn from(body: HeartbeatRequest) -> Self {
        Self::Heartbeat(body)
    }
}

impl From<LeaveGroupRequest> for RequestKind {
    fn from(body: LeaveGroupRequest) -> Self {
        Self::LeaveGroup(body)
    }
}

impl From<SyncGroupRequest> for RequestKind {
    fn from(body: SyncGroupRequest) -> Self {
        Self::SyncGroup(body)
    }
}

impl From<DescribeGroupsRequest> for RequestKind {
    fn from(body: DescribeGroupsRequest) -> Self {
        Self::DescribeGroups(body)
    }
}

impl From<ListGroupsRequest> for RequestKind {
    fn from(body: ListGroupsRequest) -> Self {
        Self::ListGroups(body)
    }
}

impl From<SaslHandshakeRequest> for RequestKind {
    fn from(body: SaslHandshakeRequest) -> Self {
        Self::SaslHandshake(body)
    }
}

impl From<ApiVersionsRequest> for RequestKind {
    fn from(body: ApiVersionsRequest) -> Self {
        Self::ApiVersions(body)
    }
}

impl From<CreateTopicsRequest> for RequestKind {
    fn from(body: CreateTopicsRequest) -> Self {
        Self::CreateTopics(body)
    }
}

impl From<DeleteTopicsRequest> for RequestKind {
    fn from(body: DeleteTopicsRequest) -> Self {
        Self::DeleteTopics(body)
    }
}

impl From<DeleteRecordsRequest> for RequestKind {
    fn from(body: DeleteRecordsRequest) -> Self {
        Self::DeleteRecords(body)
    }
}

impl From<InitProducerIdRequest> for RequestKind {
    fn from(body: InitProducerIdRequest) -> Self {
        Self::InitProducerId(body)
    }
}

impl From<OffsetForLeaderEpochRequest> for RequestKind {
    fn from(body: OffsetForLeaderEpochRequest) -> Self {
        Self::OffsetForLeaderEpoch(body)
    }
}

impl From<AddPartitionsToTxnRequest> for RequestKind {
    fn from(body: AddPartitionsToTxnRequest) -> Self {
        Self::AddPartitionsToTxn(body)
    }
}

impl From<AddOffsetsToTxnRequest> for RequestKind {
    fn from(body: AddOffsetsToTxnRequest) -> Self {
        Self::AddOffsetsToTxn(body)
    }
}

impl From<EndTxnRequest> for RequestKind {
    fn from(body: EndTxnRequest) -> Self {
        Self::EndTxn(body)
    }
}

impl From<WriteTxnMarkersRequest> for RequestKind {
    fn from(body: WriteTxnMarkersRequest) -> Self {
        Self::WriteTxnMarkers(body)
    }
}

impl From<TxnOffsetCommitRequest> for RequestKind {
    fn from(body: TxnOffsetCommitRequest) -> Self {
        Self::TxnOffsetCommit(body)
    }
}

impl From<DescribeAclsRequest> for RequestKind {
    fn from(body: DescribeAclsRequest) -> Self {
        Self::DescribeAcls(body)
    }
}

impl From<CreateAclsRequest> for RequestKind {
    fn from(body: CreateAclsRequest) -> Self {
        Self::CreateAcls(body)
    }
}

impl From<DeleteAclsRequest> for RequestKind {
    fn from(body: DeleteAclsRequest) -> Self {
        Self::DeleteAcls(body)
    }
}

impl From<DescribeConfigsRequest> for RequestKind {
    fn from(body: DescribeConfigsRequest) -> Self {
        Self::DescribeConfigs(body)
    }
}

impl From<AlterConfigsRequest> for RequestKind {
    fn from(body: AlterConfigsRequest) -> Self {
        Self::AlterConfigs(body)
    }
}

impl From<AlterReplicaLogDirsRequest> for RequestKind {
    fn from(body: AlterReplicaLogDirsRequest) -> Self {
        Self::AlterReplicaLogDirs(body)
    }
}

impl From<DescribeLogDirsRequest> for RequestKind {
    fn from(body: DescribeLogDirsRequest) -> Self {
        Self::DescribeLogDirs(body)
    }
}

impl From<SaslAuthenticateRequest> for RequestKind {
    fn from(body: SaslAuthenticateRequest) -> Self {
        Self::SaslAuthenticate(body)
    }
}

impl From<CreatePartitionsRequest> for RequestKind {
    fn from(body: CreatePartitionsRequest) -> Self {
        Self::CreatePartitions(body)
    }
}

impl From<CreateDelegationTokenRequest> for RequestKind {
    fn from(body: CreateDelegationTokenRequest) -> Self {
        Self::CreateDelegationToken(body)
    }
}

impl From<RenewDelegationTokenRequest> for RequestKind {
    fn from(body: RenewDelegationTokenRequest) -> Self {
        Self::RenewDelegationToken(body)
    }
}

impl From<ExpireDelegationTokenRequest> for RequestKind {
    fn from(body: ExpireDelegationTokenRequest) -> Self {
        Self::ExpireDelegationToken(body)
    }
}

impl From<DescribeDelegationTokenRequest> for RequestKind {
    fn from(body: DescribeDelegationTokenRequest) -> Self {
        Self::DescribeDelegationToken(body)
    }
}

impl From<DeleteGroupsRequest> for RequestKind {
    fn from(body: DeleteGroupsRequest) -> Self {
        Self::DeleteGroups(body)
    }
}

impl From<ElectLeadersRequest> for RequestKind {
    fn from(body: ElectLeadersRequest) -> Self {
        Self::ElectLeaders(body)
    }
}

impl From<IncrementalAlterConfigsRequest> for RequestKind {
    fn from(body: IncrementalAlterConfigsRequest) -> Self {
        Self::IncrementalAlterConfigs(body)
    }
}

impl From<AlterPartitionReassignmentsRequest> for RequestKind {
    fn from(body: AlterPartitionReassignmentsRequest) -> Self {
        Self::AlterPartitionReassignments(body)
    }
}

impl From<ListPartitionReassignmentsRequest> for RequestKind {
    fn from(body: ListPartitionReassignmentsRequest) -> Self {
        Self::ListPartitionReassignments(body)
    }
}

impl From<OffsetDeleteRequest> for RequestKind {
    fn from(body: OffsetDeleteRequest) -> Self {
        Self::OffsetDelete(body)
    }
}

impl From<DescribeClientQuotasRequest> for RequestKind {
    fn from(body: DescribeClientQuotasRequest) -> Self {
        Self::DescribeClientQuotas(body)
    }
}

impl From<AlterClientQuotasRequest> for RequestKind {
    fn from(body: AlterClientQuotasRequest) -> Self {
        Self::AlterClientQuotas(body)
    }
}

impl From<DescribeUserScramCredentialsRequest> for RequestKind {
    fn from(body: DescribeUserScramCredentialsRequest) -> Self {
        Self::DescribeUserScramCredentials(body)
    }
}

impl From<AlterUserScramCredentialsRequest> for RequestKind {
    fn from(body: AlterUserScramCredentialsRequest) -> Self {
        Self::AlterUserScramCredentials(body)
    }
}

impl From<VoteRequest> for RequestKind {
    fn from(body: VoteRequest) -> Self {
        Self::Vote(body)
    }
}

impl From<BeginQuorumEpochRequest> for RequestKind {
    fn from(body: BeginQuorumEpochRequest) -> Self {
        Self::BeginQuorumEpoch(body)
    }
}

impl From<EndQuorumEpochRequest> for RequestKind {
    fn from(body: EndQuorumEpochRequest) -> Self {
        Self::EndQuorumEpoch(body)
    }
}

impl From<DescribeQuorumRequest> for RequestKind {
    fn from(body: DescribeQuorumRequest) -> Self {
        Self::DescribeQuorum(body)
    }
}

impl From<AlterPartitionRequest> for RequestKind {
    fn from(body: AlterPartitionRequest) -> Self {
        Self::AlterPartition(body)
    }
}

impl From<UpdateFeaturesRequest> for RequestKind {
    fn from(body: UpdateFeaturesRequest) -> Self {
        Self::UpdateFeatures(body)
    }
}

impl From<EnvelopeRequest> for RequestKind {
    fn from(body: EnvelopeRequest) -> Self {
        Self::Envelope(body)
    }
}

impl From<FetchSnapshotRequest> for RequestKind {
    fn from(body: FetchSnapshotRequest) -> Self {
        Self::FetchSnapshot(body)
    }
}

impl From<DescribeClusterRequest> for RequestKind {
    fn from(body: DescribeClusterRequest) -> Self {
        Self::DescribeCluster(body)
    }
}

impl From<DescribeProducersRequest> for RequestKind {
    fn from(body: DescribeProducersRequest) -> Self {
        Self::DescribeProducers(body)
    }
}

impl From<BrokerRegistrationRequest> for RequestKind {
    fn from(body: BrokerRegistrationRequest) -> Self {
        Self::BrokerRegistration(body)
    }
}

impl From<BrokerHeartbeatRequest> for RequestKind {
    fn from(body: BrokerHeartbeatRequest) -> Self {
        Self::BrokerHeartbeat(body)
    }
}

impl From<UnregisterBrokerRequest> for RequestKind {
    fn from(body: UnregisterBrokerRequest) -> Self {
        Self::UnregisterBroker(body)
    }
}

impl From<DescribeTransactionsRequest> for RequestKind {
    fn from(body: DescribeTransactionsRequest) -> Self {
        Self::DescribeTransactions(body)
    }
}

impl From<ListTransactionsRequest> for RequestKind {
    fn from(body: ListTransactionsRequest) -> Self {
        Self::ListTransactions(body)
    }
}

impl From<AllocateProducerIdsRequest> for RequestKind {
    fn from(body: AllocateProducerIdsRequest) -> Self {
        Self::AllocateProducerIds(body)
    }
}

impl From<ConsumerGroupHeartbeatRequest> for RequestKind {
    fn from(body: ConsumerGroupHeartbeatRequest) -> Self {
        Self::ConsumerGroupHeartbeat(body)
    }
}

impl From<ConsumerGroupDescribeRequest> for RequestKind {
    fn from(body: ConsumerGroupDescribeRequest) -> Self {
        Self::ConsumerGroupDescribe(body)
    }
}

impl From<ControllerRegistrationRequest> for RequestKind {
    fn from(body: ControllerRegistrationRequest) -> Self {
        Self::ControllerRegistration(body)
    }
}

impl From<GetTelemetrySubscriptionsRequest> for RequestKind {
    fn from(body: GetTelemetrySubscriptionsRequest) -> Self {
        Self::GetTelemetrySubscriptions(body)
    }
}

impl From<PushTelemetryRequest> for RequestKind {
    fn from(body: PushTelemetryRequest) -> Self {
        Self::PushTelemetry(body)
    }
}

impl From<AssignReplicasToDirsRequest> for RequestKind {
    fn from(body: AssignReplicasToDirsRequest) -> Self {
        Self::AssignReplicasToDirs(body)
    }
}

impl From<ListConfigResourcesRequest> for RequestKind {
    fn from(body: ListConfigResourcesRequest) -> Self {
        Self::ListConfigResources(body)
    }
}

impl From<DescribeTopicPartitionsRequest> for RequestKind {
    fn from(body: DescribeTopicPartitionsRequest) -> Self {
        Self::DescribeTopicPartitions(body)
    }
}

impl From<ShareGroupHeartbeatRequest> for RequestKind {
    fn from(body: ShareGroupHeartbeatRequest) -> Self {
        Self::ShareGroupHeartbeat(body)
    }
}

impl From<ShareGroupDescribeRequest> for RequestKind {
    fn from(body: ShareGroupDescribeRequest) -> Self {
        Self::ShareGroupDescribe(body)
    }
}

impl From<ShareFetchRequest> for RequestKind {
    fn from(body: ShareFetchRequest) -> Self {
        Self::ShareFetch(body)
    }
}

impl From<ShareAcknowledgeRequest> for RequestKind {
    fn from(body: ShareAcknowledgeRequest) -> Self {
        Self::ShareAcknowledge(body)
    }
}

impl From<AddRaftVoterRequest> for RequestKind {
    fn from(body: AddRaftVoterRequest) -> Self {
        Self::AddRaftVoter(body)
    }
}

impl From<RemoveRaftVoterRequest> for RequestKind {
    fn from(body: RemoveRaftVoterRequest) -> Self {
        Self::RemoveRaftVoter(body)
    }
}

impl From<UpdateRaftVoterRequest> for RequestKind {
    fn from(body: UpdateRaftVoterRequest) -> Self {
        Self::UpdateRaftVoter(body)
    }
}

impl From<InitializeShareGroupStateRequest> for RequestKind {
    fn from(body: InitializeShareGroupStateRequest) -> Self {
        Self::InitializeShareGroupState(body)
    }
}

impl From<ReadShareGroupStateRequest> for RequestKind {
    fn from(body: ReadShareGroupStateRequest) -> Self {
        Self::ReadShareGroupState(body)
    }
}

impl From<WriteShareGroupStateRequest> for RequestKind {
    fn from(body: WriteShareGroupStateRequest) -> Self {
        Self::WriteShareGroupState(body)
    }
}

impl From<DeleteShareGroupStateRequest> for RequestKind {
    fn from(body: DeleteShareGroupStateRequest) -> Self {
        Self::DeleteShareGroupState(body)
    }
}

impl From<ReadShareGroupStateSummaryRequest> for RequestKind {
    fn from(body: ReadShareGroupStateSummaryRequest) -> Self {
        Self::ReadShareGroupStateSummary(body)
    }
}

impl From<StreamsGroupHeartbeatRequest> for RequestKind {
    fn from(body: StreamsGroupHeartbeatRequest) -> Self {
        Self::StreamsGroupHeartbeat(body)
    }
}

impl From<StreamsGroupDescribeRequest> for RequestKind {
    fn from(body: StreamsGroupDescribeRequest) -> Self {
        Self::StreamsGroupDescribe(body)
    }
}

impl From<DescribeShareGroupOffsetsRequest> for RequestKind {
    fn from(body: DescribeShareGroupOffsetsRequest) -> Self {
        Self::DescribeShareGroupOffsets(body)
    }
}

impl From<AlterShareGroupOffsetsRequest> for RequestKind {
    fn from(body: AlterShareGroupOffsetsRequest) -> Self {
        Self::AlterShareGroupOffsets(body)
    }
}

impl From<DeleteShareGroupOffsetsRequest> for RequestKind {
    fn from(body: DeleteShareGroupOffsetsRequest) -> Self {
        Self::DeleteShareGroupOffsets(body)
    }
}

impl From<StreamsGroupTopologyDescriptionUpdateRequest> for RequestKind {
    fn from(body: StreamsGroupTopologyDescriptionUpdateRequest) -> Self {
        Self::StreamsGroupTopologyDescriptionUpdate(body)
    }
}

impl From<UnregisterControllerRequest> for RequestKind {
    fn from(body: UnregisterControllerRequest) -> Self {
        Self::UnregisterController(body)
    }
}
