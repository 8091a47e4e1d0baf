// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! A response of any API.

use super::add_offsets_to_txn_response::AddOffsetsToTxnResponse;
use super::add_partitions_to_txn_response::AddPartitionsToTxnResponse;
use super::add_raft_voter_response::AddRaftVoterResponse;
use super::allocate_producer_ids_response::AllocateProducerIdsResponse;
use super::alter_client_quotas_response::AlterClientQuotasResponse;
use super::alter_configs_response::AlterConfigsResponse;
use super::alter_partition_reassignments_response::AlterPartitionReassignmentsResponse;
use super::alter_partition_response::AlterPartitionResponse;
use super::alter_replica_log_dirs_response::AlterReplicaLogDirsResponse;
use super::alter_share_group_offsets_response::AlterShareGroupOffsetsResponse;
use super::alter_user_scram_credentials_response::AlterUserScramCredentialsResponse;
use super::api_versions_response::ApiVersionsResponse;
use super::assign_replicas_to_dirs_response::AssignReplicasToDirsResponse;
use super::begin_quorum_epoch_response::BeginQuorumEpochResponse;
use super::broker_heartbeat_response::BrokerHeartbeatResponse;
use super::broker_registration_response::BrokerRegistrationResponse;
use super::consumer_group_describe_response::ConsumerGroupDescribeResponse;
use super::consumer_group_heartbeat_response::ConsumerGroupHeartbeatResponse;
use super::controller_registration_response::ControllerRegistrationResponse;
use super::create_acls_response::CreateAclsResponse;
use super::create_delegation_token_response::CreateDelegationTokenResponse;
use super::create_partitions_response::CreatePartitionsResponse;
use super::create_topics_response::CreateTopicsResponse;
use super::delete_acls_response::DeleteAclsResponse;
use super::delete_groups_response::DeleteGroupsResponse;
use super::delete_records_response::DeleteRecordsResponse;
use super::delete_share_group_offsets_response::DeleteShareGroupOffsetsResponse;
use super::delete_share_group_state_response::DeleteShareGroupStateResponse;
use super::delete_topics_response::DeleteTopicsResponse;
use super::describe_acls_response::DescribeAclsResponse;
use super::describe_client_quotas_response::DescribeClientQuotasResponse;
use super::describe_cluster_response::DescribeClusterResponse;
use super::describe_configs_response::DescribeConfigsResponse;
use super::describe_delegation_token_response::DescribeDelegationTokenResponse;
use super::describe_groups_response::DescribeGroupsResponse;
use super::describe_log_dirs_response::DescribeLogDirsResponse;
use super::describe_producers_response::DescribeProducersResponse;
use super::describe_quorum_response::DescribeQuorumResponse;
use super::describe_share_group_offsets_response::DescribeShareGroupOffsetsResponse;
use super::describe_topic_partitions_response::DescribeTopicPartitionsResponse;
use super::describe_transactions_response::DescribeTransactionsResponse;
use super::describe_user_scram_credentials_response::DescribeUserScramCredentialsResponse;
use super::elect_leaders_response::ElectLeadersResponse;
use super::end_quorum_epoch_response::EndQuorumEpochResponse;
use super::end_txn_response::EndTxnResponse;
use super::envelope_response::EnvelopeResponse;
use super::expire_delegation_token_response::ExpireDelegationTokenResponse;
use super::fetch_response::FetchResponse;
use super::fetch_snapshot_response::FetchSnapshotResponse;
use super::find_coordinator_response::FindCoordinatorResponse;
use super::get_telemetry_subscriptions_response::GetTelemetrySubscriptionsResponse;
use super::heartbeat_response::HeartbeatResponse;
use super::incremental_alter_configs_response::IncrementalAlterConfigsResponse;
use super::init_producer_id_response::InitProducerIdResponse;
use super::initialize_share_group_state_response::InitializeShareGroupStateResponse;
use super::join_group_response::JoinGroupResponse;
use super::leave_group_response::LeaveGroupResponse;
use super::list_config_resources_response::ListConfigResourcesResponse;
use super::list_groups_response::ListGroupsResponse;
use super::list_offsets_response::ListOffsetsResponse;
use super::list_partition_reassignments_response::ListPartitionReassignmentsResponse;
use super::list_transactions_response::ListTransactionsResponse;
use super::metadata_response::MetadataResponse;
use super::offset_commit_response::OffsetCommitResponse;
use super::offset_delete_response::OffsetDeleteResponse;
use super::offset_fetch_response::OffsetFetchResponse;
use super::offset_for_leader_epoch_response::OffsetForLeaderEpochResponse;
use super::produce_response::ProduceResponse;
use super::push_telemetry_response::PushTelemetryResponse;
use super::read_share_group_state_response::ReadShareGroupStateResponse;
use super::read_share_group_state_summary_response::ReadShareGroupStateSummaryResponse;
use super::remove_raft_voter_response::RemoveRaftVoterResponse;
use super::renew_delegation_token_response::RenewDelegationTokenResponse;
use super::sasl_authenticate_response::SaslAuthenticateResponse;
use super::sasl_handshake_response::SaslHandshakeResponse;
use super::share_acknowledge_response::ShareAcknowledgeResponse;
use super::share_fetch_response::ShareFetchResponse;
use super::share_group_describe_response::ShareGroupDescribeResponse;
use super::share_group_heartbeat_response::ShareGroupHeartbeatResponse;
use super::streams_group_describe_response::StreamsGroupDescribeResponse;
use super::streams_group_heartbeat_response::StreamsGroupHeartbeatResponse;
use super::streams_group_topology_description_update_response::StreamsGroupTopologyDescriptionUpdateResponse;
use super::sync_group_response::SyncGroupResponse;
use super::txn_offset_commit_response::TxnOffsetCommitResponse;
use super::unregister_broker_response::UnregisterBrokerResponse;
use super::unregister_controller_response::UnregisterControllerResponse;
use super::update_features_response::UpdateFeaturesResponse;
use super::update_raft_voter_response::UpdateRaftVoterResponse;
use super::vote_response::VoteResponse;
use super::write_share_group_state_response::WriteShareGroupStateResponse;
use super::write_txn_markers_response::WriteTxnMarkersResponse;

use crate::api::ApiKey;
use crate::message::Message;
use crate::wire::{DecodeError, Reader, Writer};

/// The body of a response, by API.
#[derive(Clone, Debug, PartialEq)]
pub enum ResponseKind {
    /// Response of API 0: versions 3 to 13, flexible from 9.
    Produce(ProduceResponse),
    /// Response of API 1: versions 4 to 18, flexible from 12.
    Fetch(FetchResponse),
    /// Response of API 2: versions 1 to 11, flexible from 6.
    ListOffsets(ListOffsetsResponse),
    /// Response of API 3: versions 0 to 13, flexible from 9.
    Metadata(MetadataResponse),
    /// Response of API 8: versions 2 to 10, flexible from 8.
    OffsetCommit(OffsetCommitResponse),
    /// Response of API 9: versions 1 to 10, flexible from 6.
    OffsetFetch(OffsetFetchResponse),
    /// Response of API 10: versions 0 to 6, flexible from 3.
    FindCoordinator(FindCoordinatorResponse),
    /// Response of API 11: versions 0 to 9, flexible from 6.
    JoinGroup(JoinGroupResponse),
    /// Response of API 12: versions 0 to 4, flexible from 4.
    Heartbeat(HeartbeatResponse),
    /// Response of API 13: versions 0 to 5, flexible from 4.
    LeaveGroup(LeaveGroupResponse),
    /// Response of API 14: versions 0 to 5, flexible from 4.
    SyncGroup(SyncGroupResponse),
    /// Response of API 15: versions 0 to 6, flexible from 5.
    DescribeGroups(DescribeGroupsResponse),
    /// Response of API 16: versions 0 to 5, flexible from 3.
    ListGroups(ListGroupsResponse),
    /// Response of API 17: versions 0 to 1, never flexible.
    SaslHandshake(SaslHandshakeResponse),
    /// Response of API 18: versions 0 to 5, flexible from 3.
    ApiVersions(ApiVersionsResponse),
    /// Response of API 19: versions 2 to 7, flexible from 5.
    CreateTopics(CreateTopicsResponse),
    /// Response of API 20: versions 1 to 6, flexible from 4.
    DeleteTopics(DeleteTopicsResponse),
    /// Response of API 21: versions 0 to 2, flexible from 2.
    DeleteRecords(DeleteRecordsResponse),
    /// Response of API 22: versions 0 to 6, flexible from 2.
    InitProducerId(InitProducerIdResponse),
    /// Response of API 23: versions 2 to 4, flexible from 4.
    OffsetForLeaderEpoch(OffsetForLeaderEpochResponse),
    /// Response of API 24: versions 0 to 5, flexible from 3.
    AddPartitionsToTxn(AddPartitionsToTxnResponse),
    /// Response of API 25: versions 0 to 4, flexible from 3.
    AddOffsetsToTxn(AddOffsetsToTxnResponse),
    /// Response of API 26: versions 0 to 5, flexible from 3.
    EndTxn(EndTxnResponse),
    /// Response of API 27: versions 1 to 2, flexible.
    WriteTxnMarkers(WriteTxnMarkersResponse),
    /// Response of API 28: versions 0 to 6, flexible from 3.
    TxnOffsetCommit(TxnOffsetCommitResponse),
    /// Response of API 29: versions 1 to 3, flexible from 2.
    DescribeAcls(DescribeAclsResponse),
    /// Response of API 30: versions 1 to 3, flexible from 2.
    CreateAcls(CreateAclsResponse),
    /// Response of API 31: versions 1 to 3, flexible from 2.
    DeleteAcls(DeleteAclsResponse),
    /// Response of API 32: versions 1 to 4, flexible from 4.
    DescribeConfigs(DescribeConfigsResponse),
    /// Response of API 33: versions 0 to 2, flexible from 2.
    AlterConfigs(AlterConfigsResponse),
    /// Response of API 34: versions 1 to 2, flexible from 2.
    AlterReplicaLogDirs(AlterReplicaLogDirsResponse),
    /// Response of API 35: versions 1 to 5, flexible from 2.
    DescribeLogDirs(DescribeLogDirsResponse),
    /// Response of API 36: versions 0 to 2, flexible from 2.
    SaslAuthenticate(SaslAuthenticateResponse),
    /// Response of API 37: versions 0 to 3, flexible from 2.
    CreatePartitions(CreatePartitionsResponse),
    /// Response of API 38: versions 1 to 3, flexible from 2.
    CreateDelegationToken(CreateDelegationTokenResponse),
    /// Response of API 39: versions 1 to 2, flexible from 2.
    RenewDelegationToken(RenewDelegationTokenResponse),
    /// Response of API 40: versions 1 to 2, flexible from 2.
    ExpireDelegationToken(ExpireDelegationTokenResponse),
    /// Response of API 41: versions 1 to 3, flexible from 2.
    DescribeDelegationToken(DescribeDelegationTokenResponse),
    /// Response of API 42: versions 0 to 3, flexible from 2.
    DeleteGroups(DeleteGroupsResponse),
    /// Response of API 43: versions 0 to 2, flexible from 2.
    ElectLeaders(ElectLeadersResponse),
    /// Response of API 44: versions 0 to 1, flexible from 1.
    IncrementalAlterConfigs(IncrementalAlterConfigsResponse),
    /// Response of API 45: versions 0 to 1, flexible.
    AlterPartitionReassignments(AlterPartitionReassignmentsResponse),
    /// Response of API 46: version 0, flexible.
    ListPartitionReassignments(ListPartitionReassignmentsResponse),
    /// Response of API 47: version 0, never flexible.
    OffsetDelete(OffsetDeleteResponse),
    /// Response of API 48: versions 0 to 1, flexible from 1.
    DescribeClientQuotas(DescribeClientQuotasResponse),
    /// Response of API 49: versions 0 to 1, flexible from 1.
    AlterClientQuotas(AlterClientQuotasResponse),
    /// Response of API 50: version 0, flexible.
    DescribeUserScramCredentials(DescribeUserScramCredentialsResponse),
    /// Response of API 51: version 0, flexible.
    AlterUserScramCredentials(AlterUserScramCredentialsResponse),
    /// Response of API 52: versions 0 to 2, flexible.
    Vote(VoteResponse),
    /// Response of API 53: versions 0 to 1, flexible from 1.
    BeginQuorumEpoch(BeginQuorumEpochResponse),
    /// Response of API 54: versions 0 to 1, flexible from 1.
    EndQuorumEpoch(EndQuorumEpochResponse),
    /// Response of API 55: versions 0 to 2, flexible.
    DescribeQuorum(DescribeQuorumResponse),
    /// Response of API 56: versions 2 to 3, flexible.
    AlterPartition(AlterPartitionResponse),
    /// Response of API 57: versions 0 to 2, flexible.
    UpdateFeatures(UpdateFeaturesResponse),
    /// Response of API 58: version 0, flexible.
    Envelope(EnvelopeResponse),
    /// Response of API 59: versions 0 to 1, flexible.
    FetchSnapshot(FetchSnapshotResponse),
    /// Response of API 60: versions 0 to 2, flexible.
    DescribeCluster(DescribeClusterResponse),
    /// Response of API 61: version 0, flexible.
    DescribeProducers(DescribeProducersResponse),
    /// Response of API 62: versions 0 to 4, flexible.
    BrokerRegistration(BrokerRegistrationResponse),
    /// Response of API 63: versions 0 to 2, flexible.
    BrokerHeartbeat(BrokerHeartbeatResponse),
    /// Response of API 64: version 0, flexible.
    UnregisterBroker(UnregisterBrokerResponse),
    /// Response of API 65: version 0, flexible.
    DescribeTransactions(DescribeTransactionsResponse),
    /// Response of API 66: versions 0 to 2, flexible.
    ListTransactions(ListTransactionsResponse),
    /// Response of API 67: version 0, flexible.
    AllocateProducerIds(AllocateProducerIdsResponse),
    /// Response of API 68: versions 0 to 1, flexible.
    ConsumerGroupHeartbeat(ConsumerGroupHeartbeatResponse),
    /// Response of API 69: versions 0 to 1, flexible.
    ConsumerGroupDescribe(ConsumerGroupDescribeResponse),
    /// Response of API 70: version 0, flexible.
    ControllerRegistration(ControllerRegistrationResponse),
    /// Response of API 71: version 0, flexible.
    GetTelemetrySubscriptions(GetTelemetrySubscriptionsResponse),
    /// Response of API 72: version 0, flexible.
    PushTelemetry(PushTelemetryResponse),
    /// Response of API 73: version 0, flexible.
    AssignReplicasToDirs(AssignReplicasToDirsResponse),
    /// Response of API 74: versions 0 to 1, flexible.
    ListConfigResources(ListConfigResourcesResponse),
    /// Response of API 75: version 0, flexible.
    DescribeTopicPartitions(DescribeTopicPartitionsResponse),
    /// Response of API 76: version 1, flexible.
    ShareGroupHeartbeat(ShareGroupHeartbeatResponse),
    /// Response of API 77: version 1, flexible.
    ShareGroupDescribe(ShareGroupDescribeResponse),
    /// Response of API 78: versions 1 to 2, flexible.
    ShareFetch(ShareFetchResponse),
    /// Response of API 79: versions 1 to 2, flexible.
    ShareAcknowledge(ShareAcknowledgeResponse),
    /// Response of API 80: versions 0 to 1, flexible.
    AddRaftVoter(AddRaftVoterResponse),
    /// Response of API 81: version 0, flexible.
    RemoveRaftVoter(RemoveRaftVoterResponse),
    /// Response of API 82: version 0, flexible.
    UpdateRaftVoter(UpdateRaftVoterResponse),
    /// Response of API 83: version 0, flexible.
    InitializeShareGroupState(InitializeShareGroupStateResponse),
    /// Response of API 84: version 0, flexible.
    ReadShareGroupState(ReadShareGroupStateResponse),
    /// Response of API 85: versions 0 to 1, flexible.
    WriteShareGroupState(WriteShareGroupStateResponse),
    /// Response of API 86: version 0, flexible.
    DeleteShareGroupState(DeleteShareGroupStateResponse),
    /// Response of API 87: versions 0 to 1, flexible.
    ReadShareGroupStateSummary(ReadShareGroupStateSummaryResponse),
    /// Response of API 88: versions 0 to 1, flexible.
    StreamsGroupHeartbeat(StreamsGroupHeartbeatResponse),
    /// Response of API 89: versions 0 to 1, flexible.
    StreamsGroupDescribe(StreamsGroupDescribeResponse),
    /// Response of API 90: versions 0 to 1, flexible.
    DescribeShareGroupOffsets(DescribeShareGroupOffsetsResponse),
    /// Response of API 91: version 0, flexible.
    AlterShareGroupOffsets(AlterShareGroupOffsetsResponse),
    /// Response of API 92: version 0, flexible.
    DeleteShareGroupOffsets(DeleteShareGroupOffsetsResponse),
    /// Response of API 93: version 0, flexible.
    StreamsGroupTopologyDescriptionUpdate(StreamsGroupTopologyDescriptionUpdateResponse),
    /// Response of API 94: version 0, flexible.
    UnregisterController(UnregisterControllerResponse),
}

impl ResponseKind {
    /// The API that the response belongs to.
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

    /// Reads the body of a response of `api` in `version`.
    pub fn decode(api: ApiKey, reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        match api {
            ApiKey::Produce => ProduceResponse::decode(reader, version).map(Self::Produce),
            ApiKey::Fetch => FetchResponse::decode(reader, version).map(Self::Fetch),
            ApiKey::ListOffsets => ListOffsetsResponse::decode(reader, version).map(Self::ListOffsets),
            ApiKey::Metadata => MetadataResponse::decode(reader, version).map(Self::Metadata),
            ApiKey::OffsetCommit => OffsetCommitResponse::decode(reader, version).map(Self::OffsetCommit),
            ApiKey::OffsetFetch => OffsetFetchResponse::decode(reader, version).map(Self::OffsetFetch),
            ApiKey::FindCoordinator => {
                FindCoordinatorResponse::decode(reader, version).map(Self::FindCoordinator)
            }
            ApiKey::JoinGroup => JoinGroupResponse::decode(reader, version).map(Self::JoinGroup),
            ApiKey::Heartbeat => HeartbeatResponse::decode(reader, version).map(Self::Heartbeat),
            ApiKey::LeaveGroup => LeaveGroupResponse::decode(reader, version).map(Self::LeaveGroup),
            ApiKey::SyncGroup => SyncGroupResponse::decode(reader, version).map(Self::SyncGroup),
            ApiKey::DescribeGroups => {
                DescribeGroupsResponse::decode(reader, version).map(Self::DescribeGroups)
            }
            ApiKey::ListGroups => ListGroupsResponse::decode(reader, version).map(Self::ListGroups),
            ApiKey::SaslHandshake => SaslHandshakeResponse::decode(reader, version).map(Self::SaslHandshake),
            ApiKey::ApiVersions => ApiVersionsResponse::decode(reader, version).map(Self::ApiVersions),
            ApiKey::CreateTopics => CreateTopicsResponse::decode(reader, version).map(Self::CreateTopics),
            ApiKey::DeleteTopics => DeleteTopicsResponse::decode(reader, version).map(Self::DeleteTopics),
            ApiKey::DeleteRecords => DeleteRecordsResponse::decode(reader, version).map(Self::DeleteRecords),
            ApiKey::InitProducerId => {
                InitProducerIdResponse::decode(reader, version).map(Self::InitProducerId)
            }
            ApiKey::OffsetForLeaderEpoch => {
                OffsetForLeaderEpochResponse::decode(reader, version).map(Self::OffsetForLeaderEpoch)
            }
            ApiKey::AddPartitionsToTxn => {
                AddPartitionsToTxnResponse::decode(reader, version).map(Self::AddPartitionsToTxn)
            }
            ApiKey::AddOffsetsToTxn => {
                AddOffsetsToTxnResponse::decode(reader, version).map(Self::AddOffsetsToTxn)
            }
            ApiKey::EndTxn => EndTxnResponse::decode(reader, version).map(Self::EndTxn),
            ApiKey::WriteTxnMarkers => {
                WriteTxnMarkersResponse::decode(reader, version).map(Self::WriteTxnMarkers)
            }
            ApiKey::TxnOffsetCommit => {
                TxnOffsetCommitResponse::decode(reader, version).map(Self::TxnOffsetCommit)
            }
            ApiKey::DescribeAcls => DescribeAclsResponse::decode(reader, version).map(Self::DescribeAcls),
            ApiKey::CreateAcls => CreateAclsResponse::decode(reader, version).map(Self::CreateAcls),
            ApiKey::DeleteAcls => DeleteAclsResponse::decode(reader, version).map(Self::DeleteAcls),
            ApiKey::DescribeConfigs => {
                DescribeConfigsResponse::decode(reader, version).map(Self::DescribeConfigs)
            }
            ApiKey::AlterConfigs => AlterConfigsResponse::decode(reader, version).map(Self::AlterConfigs),
            ApiKey::AlterReplicaLogDirs => {
                AlterReplicaLogDirsResponse::decode(reader, version).map(Self::AlterReplicaLogDirs)
            }
            ApiKey::DescribeLogDirs => {
                DescribeLogDirsResponse::decode(reader, version).map(Self::DescribeLogDirs)
            }
            ApiKey::SaslAuthenticate => {
                SaslAuthenticateResponse::decode(reader, version).map(Self::SaslAuthenticate)
            }
            ApiKey::CreatePartitions => {
                CreatePartitionsResponse::decode(reader, version).map(Self::CreatePartitions)
            }
            ApiKey::CreateDelegationToken => {
                CreateDelegationTokenResponse::decode(reader, version).map(Self::CreateDelegationToken)
            }
            ApiKey::RenewDelegationToken => {
                RenewDelegationTokenResponse::decode(reader, version).map(Self::RenewDelegationToken)
            }
            ApiKey::ExpireDelegationToken => {
                ExpireDelegationTokenResponse::decode(reader, version).map(Self::ExpireDelegationToken)
            }
            ApiKey::DescribeDelegationToken => {
                DescribeDelegationTokenResponse::decode(reader, version).map(Self::DescribeDelegationToken)
            }
            ApiKey::DeleteGroups => DeleteGroupsResponse::decode(reader, version).map(Self::DeleteGroups),
            ApiKey::ElectLeaders => ElectLeadersResponse::decode(reader, version).map(Self::ElectLeaders),
            ApiKey::IncrementalAlterConfigs => {
                IncrementalAlterConfigsResponse::decode(reader, version).map(Self::IncrementalAlterConfigs)
            }
            ApiKey::AlterPartitionReassignments => {
                AlterPartitionReassignmentsResponse::decode(reader, version)
                    .map(Self::AlterPartitionReassignments)
            }
            ApiKey::ListPartitionReassignments => ListPartitionReassignmentsResponse::decode(reader, version)
                .map(Self::ListPartitionReassignments),
            ApiKey::OffsetDelete => OffsetDeleteResponse::decode(reader, version).map(Self::OffsetDelete),
            ApiKey::DescribeClientQuotas => {
                DescribeClientQuotasResponse::decode(reader, version).map(Self::DescribeClientQuotas)
            }
            ApiKey::AlterClientQuotas => {
                AlterClientQuotasResponse::decode(reader, version).map(Self::AlterClientQuotas)
            }
            ApiKey::DescribeUserScramCredentials => {
                DescribeUserScramCredentialsResponse::decode(reader, version)
                    .map(Self::DescribeUserScramCredentials)
            }
            ApiKey::AlterUserScramCredentials => AlterUserScramCredentialsResponse::decode(reader, version)
                .map(Self::AlterUserScramCredentials),
            ApiKey::Vote => VoteResponse::decode(reader, version).map(Self::Vote),
            ApiKey::BeginQuorumEpoch => {
                BeginQuorumEpochResponse::decode(reader, version).map(Self::BeginQuorumEpoch)
            }
            ApiKey::EndQuorumEpoch => {
                EndQuorumEpochResponse::decode(reader, version).map(Self::EndQuorumEpoch)
            }
            ApiKey::DescribeQuorum => {
                DescribeQuorumResponse::decode(reader, version).map(Self::DescribeQuorum)
            }
            ApiKey::AlterPartition => {
                AlterPartitionResponse::decode(reader, version).map(Self::AlterPartition)
            }
            ApiKey::UpdateFeatures => {
                UpdateFeaturesResponse::decode(reader, version).map(Self::UpdateFeatures)
            }
            ApiKey::Envelope => EnvelopeResponse::decode(reader, version).map(Self::Envelope),
            ApiKey::FetchSnapshot => FetchSnapshotResponse::decode(reader, version).map(Self::FetchSnapshot),
            ApiKey::DescribeCluster => {
                DescribeClusterResponse::decode(reader, version).map(Self::DescribeCluster)
            }
            ApiKey::DescribeProducers => {
                DescribeProducersResponse::decode(reader, version).map(Self::DescribeProducers)
            }
            ApiKey::BrokerRegistration => {
                BrokerRegistrationResponse::decode(reader, version).map(Self::BrokerRegistration)
            }
            ApiKey::BrokerHeartbeat => {
                BrokerHeartbeatResponse::decode(reader, version).map(Self::BrokerHeartbeat)
            }
            ApiKey::UnregisterBroker => {
                UnregisterBrokerResponse::decode(reader, version).map(Self::UnregisterBroker)
            }
            ApiKey::DescribeTransactions => {
                DescribeTransactionsResponse::decode(reader, version).map(Self::DescribeTransactions)
            }
            ApiKey::ListTransactions => {
                ListTransactionsResponse::decode(reader, version).map(Self::ListTransactions)
            }
            ApiKey::AllocateProducerIds => {
                AllocateProducerIdsResponse::decode(reader, version).map(Self::AllocateProducerIds)
            }
            ApiKey::ConsumerGroupHeartbeat => {
                ConsumerGroupHeartbeatResponse::decode(reader, version).map(Self::ConsumerGroupHeartbeat)
            }
            ApiKey::ConsumerGroupDescribe => {
                ConsumerGroupDescribeResponse::decode(reader, version).map(Self::ConsumerGroupDescribe)
            }
            ApiKey::ControllerRegistration => {
                ControllerRegistrationResponse::decode(reader, version).map(Self::ControllerRegistration)
            }
            ApiKey::GetTelemetrySubscriptions => GetTelemetrySubscriptionsResponse::decode(reader, version)
                .map(Self::GetTelemetrySubscriptions),
            ApiKey::PushTelemetry => PushTelemetryResponse::decode(reader, version).map(Self::PushTelemetry),
            ApiKey::AssignReplicasToDirs => {
                AssignReplicasToDirsResponse::decode(reader, version).map(Self::AssignReplicasToDirs)
            }
            ApiKey::ListConfigResources => {
                ListConfigResourcesResponse::decode(reader, version).map(Self::ListConfigResources)
            }
            ApiKey::DescribeTopicPartitions => {
                DescribeTopicPartitionsResponse::decode(reader, version).map(Self::DescribeTopicPartitions)
            }
            ApiKey::ShareGroupHeartbeat => {
                ShareGroupHeartbeatResponse::decode(reader, version).map(Self::ShareGroupHeartbeat)
            }
            ApiKey::ShareGroupDescribe => {
                ShareGroupDescribeResponse::decode(reader, version).map(Self::ShareGroupDescribe)
            }
            ApiKey::ShareFetch => ShareFetchResponse::decode(reader, version).map(Self::ShareFetch),
            ApiKey::ShareAcknowledge => {
                ShareAcknowledgeResponse::decode(reader, version).map(Self::ShareAcknowledge)
            }
            ApiKey::AddRaftVoter => AddRaftVoterResponse::decode(reader, version).map(Self::AddRaftVoter),
            ApiKey::RemoveRaftVoter => {
                RemoveRaftVoterResponse::decode(reader, version).map(Self::RemoveRaftVoter)
            }
            ApiKey::UpdateRaftVoter => {
                UpdateRaftVoterResponse::decode(reader, version).map(Self::UpdateRaftVoter)
            }
            ApiKey::InitializeShareGroupState => InitializeShareGroupStateResponse::decode(reader, version)
                .map(Self::InitializeShareGroupState),
            ApiKey::ReadShareGroupState => {
                ReadShareGroupStateResponse::decode(reader, version).map(Self::ReadShareGroupState)
            }
            ApiKey::WriteShareGroupState => {
                WriteShareGroupStateResponse::decode(reader, version).map(Self::WriteShareGroupState)
            }
            ApiKey::DeleteShareGroupState => {
                DeleteShareGroupStateResponse::decode(reader, version).map(Self::DeleteShareGroupState)
            }
            ApiKey::ReadShareGroupStateSummary => ReadShareGroupStateSummaryResponse::decode(reader, version)
                .map(Self::ReadShareGroupStateSummary),
            ApiKey::StreamsGroupHeartbeat => {
                StreamsGroupHeartbeatResponse::decode(reader, version).map(Self::StreamsGroupHeartbeat)
            }
            ApiKey::StreamsGroupDescribe => {
                StreamsGroupDescribeResponse::decode(reader, version).map(Self::StreamsGroupDescribe)
            }
            ApiKey::DescribeShareGroupOffsets => DescribeShareGroupOffsetsResponse::decode(reader, version)
                .map(Self::DescribeShareGroupOffsets),
            ApiKey::AlterShareGroupOffsets => {
                AlterShareGroupOffsetsResponse::decode(reader, version).map(Self::AlterShareGroupOffsets)
            }
            ApiKey::DeleteShareGroupOffsets => {
                DeleteShareGroupOffsetsResponse::decode(reader, version).map(Self::DeleteShareGroupOffsets)
            }
            ApiKey::StreamsGroupTopologyDescriptionUpdate => {
                StreamsGroupTopologyDescriptionUpdateResponse::decode(reader, version)
                    .map(Self::StreamsGroupTopologyDescriptionUpdate)
            }
            ApiKey::UnregisterController => {
                UnregisterControllerResponse::decode(reader, version).map(Self::UnregisterController)
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

impl From<ProduceResponse> for ResponseKind {
    fn from(body: ProduceResponse) -> Self {
        Self::Produce(body)
    }
}

impl From<FetchResponse> for ResponseKind {
    fn from(body: FetchResponse) -> Self {
        Self::Fetch(body)
    }
}

impl From<ListOffsetsResponse> for ResponseKind {
    fn from(body: ListOffsetsResponse) -> Self {
        Self::ListOffsets(body)
    }
}

impl From<MetadataResponse> for ResponseKind {
    fn from(body: MetadataResponse) -> Self {
        Self::Metadata(body)
    }
}

impl From<OffsetCommitResponse> for ResponseKind {
    fn from(body: OffsetCommitResponse) -> Self {
        Self::OffsetCommit(body)
    }
}

impl From<OffsetFetchResponse> for ResponseKind {
    fn from(body: OffsetFetchResponse) -> Self {
        Self::OffsetFetch(body)
    }
}

impl From<FindCoordinatorResponse> for ResponseKind {
    fn from(body: FindCoordinatorResponse) -> Self {
        Self::FindCoordinator(body)
    }
}

impl From<JoinGroupResponse> for ResponseKind {
    fn from(body: JoinGroupResponse) -> Self {
        Self::JoinGroup(body)
    }
}

impl From<HeartbeatResponse> for ResponseKind {
    fn from(body: HeartbeatResponse) -> Self {
        Self::Heartbeat(body)
    }
}

impl From<LeaveGroupResponse> for ResponseKind {
    fn from(body: LeaveGroupResponse) -> Self {
        Self::LeaveGroup(body)
    }
}

impl From<SyncGroupResponse> for ResponseKind {
    fn from(body: SyncGroupResponse) -> Self {
        Self::SyncGroup(body)
    }
}

impl From<DescribeGroupsResponse> for ResponseKind {
    fn from(body: DescribeGroupsResponse) -> Self {
        Self::DescribeGroups(body)
    }
}

impl From<ListGroupsResponse> for ResponseKind {
    fn from(body: ListGroupsResponse) -> Self {
        Self::ListGroups(body)
    }
}

impl From<SaslHandshakeResponse> for ResponseKind {
    fn from(body: SaslHandshakeResponse) -> Self {
        Self::SaslHandshake(body)
    }
}

impl From<ApiVersionsResponse> for ResponseKind {
    fn from(body: ApiVersionsResponse) -> Self {
        Self::ApiVersions(body)
    }
}

impl From<CreateTopicsResponse> for ResponseKind {
    fn from(body: CreateTopicsResponse) -> Self {
        Self::CreateTopics(body)
    }
}

impl From<DeleteTopicsResponse> for ResponseKind {
    fn from(body: DeleteTopicsResponse) -> Self {
        Self::DeleteTopics(body)
    }
}

impl From<DeleteRecordsResponse> for ResponseKind {
    fn from(body: DeleteRecordsResponse) -> Self {
        Self::DeleteRecords(body)
    }
}

impl From<InitProducerIdResponse> for ResponseKind {
    fn from(body: InitProducerIdResponse) -> Self {
        Self::InitProducerId(body)
    }
}

impl From<OffsetForLeaderEpochResponse> for ResponseKind {
    fn from(body: OffsetForLeaderEpochResponse) -> Self {
        Self::OffsetForLeaderEpoch(body)
    }
}

impl From<AddPartitionsToTxnResponse> for ResponseKind {
    fn from(body: AddPartitionsToTxnResponse) -> Self {
        Self::AddPartitionsToTxn(body)
    }
}

impl From<AddOffsetsToTxnResponse> for ResponseKind {
    fn from(body: AddOffsetsToTxnResponse) -> Self {
        Self::AddOffsetsToTxn(body)
    }
}

impl From<EndTxnResponse> for ResponseKind {
    fn from(body: EndTxnResponse) -> Self {
        Self::EndTxn(body)
    }
}

impl From<WriteTxnMarkersResponse> for ResponseKind {
    fn from(body: WriteTxnMarkersResponse) -> Self {
        Self::WriteTxnMarkers(body)
    }
}

impl From<TxnOffsetCommitResponse> for ResponseKind {
    fn from(body: TxnOffsetCommitResponse) -> Self {
        Self::TxnOffsetCommit(body)
    }
}

impl From<DescribeAclsResponse> for ResponseKind {
    fn from(body: DescribeAclsResponse) -> Self {
        Self::DescribeAcls(body)
    }
}

impl From<CreateAclsResponse> for ResponseKind {
    fn from(body: CreateAclsResponse) -> Self {
        Self::CreateAcls(body)
    }
}

impl From<DeleteAclsResponse> for ResponseKind {
    fn from(body: DeleteAclsResponse) -> Self {
        Self::DeleteAcls(body)
    }
}

impl From<DescribeConfigsResponse> for ResponseKind {
    fn from(body: DescribeConfigsResponse) -> Self {
        Self::DescribeConfigs(body)
    }
}

impl From<AlterConfigsResponse> for ResponseKind {
    fn from(body: AlterConfigsResponse) -> Self {
        Self::AlterConfigs(body)
    }
}

impl From<AlterReplicaLogDirsResponse> for ResponseKind {
    fn from(body: AlterReplicaLogDirsResponse) -> Self {
        Self::AlterReplicaLogDirs(body)
    }
}

impl From<DescribeLogDirsResponse> for ResponseKind {
    fn from(body: DescribeLogDirsResponse) -> Self {
        Self::DescribeLogDirs(body)
    }
}

impl From<SaslAuthenticateResponse> for ResponseKind {
    fn from(body: SaslAuthenticateResponse) -> Self {
        Self::SaslAuthenticate(body)
    }
}

impl From<CreatePartitionsResponse> for ResponseKind {
    fn from(body: CreatePartitionsResponse) -> Self {
        Self::CreatePartitions(body)
    }
}

impl From<CreateDelegationTokenResponse> for ResponseKind {
    fn from(body: CreateDelegationTokenResponse) -> Self {
        Self::CreateDelegationToken(body)
    }
}

impl From<RenewDelegationTokenResponse> for ResponseKind {
    fn from(body: RenewDelegationTokenResponse) -> Self {
        Self::RenewDelegationToken(body)
    }
}

impl From<ExpireDelegationTokenResponse> for ResponseKind {
    fn from(body: ExpireDelegationTokenResponse) -> Self {
        Self::ExpireDelegationToken(body)
    }
}

impl From<DescribeDelegationTokenResponse> for ResponseKind {
    fn from(body: DescribeDelegationTokenResponse) -> Self {
        Self::DescribeDelegationToken(body)
    }
}

impl From<DeleteGroupsResponse> for ResponseKind {
    fn from(body: DeleteGroupsResponse) -> Self {
        Self::DeleteGroups(body)
    }
}

impl From<ElectLeadersResponse> for ResponseKind {
    fn from(body: ElectLeadersResponse) -> Self {
        Self::ElectLeaders(body)
    }
}

impl From<IncrementalAlterConfigsResponse> for ResponseKind {
    fn from(body: IncrementalAlterConfigsResponse) -> Self {
        Self::IncrementalAlterConfigs(body)
    }
}

impl From<AlterPartitionReassignmentsResponse> for ResponseKind {
    fn from(body: AlterPartitionReassignmentsResponse) -> Self {
        Self::AlterPartitionReassignments(body)
    }
}

impl From<ListPartitionReassignmentsResponse> for ResponseKind {
    fn from(body: ListPartitionReassignmentsResponse) -> Self {
        Self::ListPartitionReassignments(body)
    }
}

impl From<OffsetDeleteResponse> for ResponseKind {
    fn from(body: OffsetDeleteResponse) -> Self {
        Self::OffsetDelete(body)
    }
}

impl From<DescribeClientQuotasResponse> for ResponseKind {
    fn from(body: DescribeClientQuotasResponse) -> Self {
        Self::DescribeClientQuotas(body)
    }
}

impl From<AlterClientQuotasResponse> for ResponseKind {
    fn from(body: AlterClientQuotasResponse) -> Self {
        Self::AlterClientQuotas(body)
    }
}

impl From<DescribeUserScramCredentialsResponse> for ResponseKind {
    fn from(body: DescribeUserScramCredentialsResponse) -> Self {
        Self::DescribeUserScramCredentials(body)
    }
}

impl From<AlterUserScramCredentialsResponse> for ResponseKind {
    fn from(body: AlterUserScramCredentialsResponse) -> Self {
        Self::AlterUserScramCredentials(body)
    }
}

impl From<VoteResponse> for ResponseKind {
    fn from(body: VoteResponse) -> Self {
        Self::Vote(body)
    }
}

impl From<BeginQuorumEpochResponse> for ResponseKind {
    fn from(body: BeginQuorumEpochResponse) -> Self {
        Self::BeginQuorumEpoch(body)
    }
}

impl From<EndQuorumEpochResponse> for ResponseKind {
    fn from(body: EndQuorumEpochResponse) -> Self {
        Self::EndQuorumEpoch(body)
    }
}

impl From<DescribeQuorumResponse> for ResponseKind {
    fn from(body: DescribeQuorumResponse) -> Self {
        Self::DescribeQuorum(body)
    }
}

impl From<AlterPartitionResponse> for ResponseKind {
    fn from(body: AlterPartitionResponse) -> Self {
        Self::AlterPartition(body)
    }
}

impl From<UpdateFeaturesResponse> for ResponseKind {
    fn from(body: UpdateFeaturesResponse) -> Self {
        Self::UpdateFeatures(body)
    }
}

impl From<EnvelopeResponse> for ResponseKind {
    fn from(body: EnvelopeResponse) -> Self {
        Self::Envelope(body)
    }
}

impl From<FetchSnapshotResponse> for ResponseKind {
    fn from(body: FetchSnapshotResponse) -> Self {
        Self::FetchSnapshot(body)
    }
}

impl From<DescribeClusterResponse> for ResponseKind {
    fn from(body: DescribeClusterResponse) -> Self {
        Self::DescribeCluster(body)
    }
}

impl From<DescribeProducersResponse> for ResponseKind {
    fn from(body: DescribeProducersResponse) -> Self {
        Self::DescribeProducers(body)
    }
}

impl From<BrokerRegistrationResponse> for ResponseKind {
    fn from(body: BrokerRegistrationResponse) -> Self {
        Self::BrokerRegistration(body)
    }
}

impl From<BrokerHeartbeatResponse> for ResponseKind {
    fn from(body: BrokerHeartbeatResponse) -> Self {
        Self::BrokerHeartbeat(body)
    }
}

impl From<UnregisterBrokerResponse> for ResponseKind {
    fn from(body: UnregisterBrokerResponse) -> Self {
        Self::UnregisterBroker(body)
    }
}

impl From<DescribeTransactionsResponse> for ResponseKind {
    fn from(body: DescribeTransactionsResponse) -> Self {
        Self::DescribeTransactions(body)
    }
}

impl From<ListTransactionsResponse> for ResponseKind {
    fn from(body: ListTransactionsResponse) -> Self {
        Self::ListTransactions(body)
    }
}

impl From<AllocateProducerIdsResponse> for ResponseKind {
    fn from(body: AllocateProducerIdsResponse) -> Self {
        Self::AllocateProducerIds(body)
    }
}

impl From<ConsumerGroupHeartbeatResponse> for ResponseKind {
    fn from(body: ConsumerGroupHeartbeatResponse) -> Self {
        Self::ConsumerGroupHeartbeat(body)
    }
}

impl From<ConsumerGroupDescribeResponse> for ResponseKind {
    fn from(body: ConsumerGroupDescribeResponse) -> Self {
        Self::ConsumerGroupDescribe(body)
    }
}

impl From<ControllerRegistrationResponse> for ResponseKind {
    fn from(body: ControllerRegistrationResponse) -> Self {
        Self::ControllerRegistration(body)
    }
}

impl From<GetTelemetrySubscriptionsResponse> for ResponseKind {
    fn from(body: GetTelemetrySubscriptionsResponse) -> Self {
        Self::GetTelemetrySubscriptions(body)
    }
}

impl From<PushTelemetryResponse> for ResponseKind {
    fn from(body: PushTelemetryResponse) -> Self {
        Self::PushTelemetry(body)
    }
}

impl From<AssignReplicasToDirsResponse> for ResponseKind {
    fn from(body: AssignReplicasToDirsResponse) -> Self {
        Self::AssignReplicasToDirs(body)
    }
}

impl From<ListConfigResourcesResponse> for ResponseKind {
    fn from(body: ListConfigResourcesResponse) -> Self {
        Self::ListConfigResources(body)
    }
}

impl From<DescribeTopicPartitionsResponse> for ResponseKind {
    fn from(body: DescribeTopicPartitionsResponse) -> Self {
        Self::DescribeTopicPartitions(body)
    }
}

impl From<ShareGroupHeartbeatResponse> for ResponseKind {
    fn from(body: ShareGroupHeartbeatResponse) -> Self {
        Self::ShareGroupHeartbeat(body)
    }
}

impl From<ShareGroupDescribeResponse> for ResponseKind {
    fn from(body: ShareGroupDescribeResponse) -> Self {
        Self::ShareGroupDescribe(body)
    }
}

impl From<ShareFetchResponse> for ResponseKind {
    fn from(body: ShareFetchResponse) -> Self {
        Self::ShareFetch(body)
    }
}

impl From<ShareAcknowledgeResponse> for ResponseKind {
    fn from(body: ShareAcknowledgeResponse) -> Self {
        Self::ShareAcknowledge(body)
    }
}

impl From<AddRaftVoterResponse> for ResponseKind {
    fn from(body: AddRaftVoterResponse) -> Self {
        Self::AddRaftVoter(body)
    }
}

impl From<RemoveRaftVoterResponse> for ResponseKind {
    fn from(body: RemoveRaftVoterResponse) -> Self {
        Self::RemoveRaftVoter(body)
    }
}

impl From<UpdateRaftVoterResponse> for ResponseKind {
    fn from(body: UpdateRaftVoterResponse) -> Self {
        Self::UpdateRaftVoter(body)
    }
}

impl From<InitializeShareGroupStateResponse> for ResponseKind {
    fn from(body: InitializeShareGroupStateResponse) -> Self {
        Self::InitializeShareGroupState(body)
    }
}

impl From<ReadShareGroupStateResponse> for ResponseKind {
    fn from(body: ReadShareGroupStateResponse) -> Self {
        Self::ReadShareGroupState(body)
    }
}

impl From<WriteShareGroupStateResponse> for ResponseKind {
    fn from(body: WriteShareGroupStateResponse) -> Self {
        Self::WriteShareGroupState(body)
    }
}

impl From<DeleteShareGroupStateResponse> for ResponseKind {
    fn from(body: DeleteShareGroupStateResponse) -> Self {
        Self::DeleteShareGroupState(body)
    }
}

impl From<ReadShareGroupStateSummaryResponse> for ResponseKind {
    fn from(body: ReadShareGroupStateSummaryResponse) -> Self {
        Self::ReadShareGroupStateSummary(body)
    }
}

impl From<StreamsGroupHeartbeatResponse> for ResponseKind {
    fn from(body: StreamsGroupHeartbeatResponse) -> Self {
        Self::StreamsGroupHeartbeat(body)
    }
}

impl From<StreamsGroupDescribeResponse> for ResponseKind {
    fn from(body: StreamsGroupDescribeResponse) -> Self {
        Self::StreamsGroupDescribe(body)
    }
}

impl From<DescribeShareGroupOffsetsResponse> for ResponseKind {
    fn from(body: DescribeShareGroupOffsetsResponse) -> Self {
        Self::DescribeShareGroupOffsets(body)
    }
}

impl From<AlterShareGroupOffsetsResponse> for ResponseKind {
    fn from(body: AlterShareGroupOffsetsResponse) -> Self {
        Self::AlterShareGroupOffsets(body)
    }
}

impl From<DeleteShareGroupOffsetsResponse> for ResponseKind {
    fn from(body: DeleteShareGroupOffsetsResponse) -> Self {
        Self::DeleteShareGroupOffsets(body)
    }
}

impl From<StreamsGroupTopologyDescriptionUpdateResponse> for ResponseKind {
    fn from(body: StreamsGroupTopologyDescriptionUpdateResponse) -> Self {
        Self::StreamsGroupTopologyDescriptionUpdate(body)
    }
}

impl From<UnregisterControllerResponse> for ResponseKind {
    fn from(body: UnregisterControllerResponse) -> Self {
        Self::UnregisterController(body)
    }
}
