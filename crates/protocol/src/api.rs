//! THE API table: what each API is for, where it is served and in which versions.
//!
//! Versions come from the schema files, by way of the generated messages. The removed APIs 4 to 7 are not here: a
//! request for them is a request for an unknown key.

use std::fmt;
use std::ops::RangeInclusive;

use crate::message::{Message, Request};
use crate::messages::*;

/// Who listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listener {
    /// A broker's listener.
    Broker,
    /// A controller's listener.
    Controller,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    /// The key.
    pub key: ApiKey,
    /// Kafka's name.
    pub name: &'static str,
    /// Versions that exist, the newest unstable one included.
    pub versions: RangeInclusive<i16>,
    /// First version with compact lengths and tagged fields.
    pub flexible_from: Option<i16>,
    /// The listeners that serve the API.
    pub listeners: &'static [Listener],
    /// Whether a broker passes the request on to the active controller, inside an Envelope.
    pub is_forwardable: bool,
    /// Whether only nodes of the cluster may send the request (`ClusterAction`).
    pub is_cluster_action: bool,
    /// Whether the newest version is hidden unless `unstable.api.versions.enable` is set.
    pub is_newest_unstable: bool,
    /// The newest version in Kafka 4.3, or `None` if the API is new in 4.4.
    pub newest_in_4_3: Option<i16>,
}

/// A key that no API has, or that of a removed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("api key {0} is unknown")]
pub struct UnknownApiKey(pub i16);

impl ApiKey {
    /// The oldest version that is served.
    #[must_use]
    pub fn min_version(self) -> i16 {
        *self.api().versions.start()
    }

    /// The newest version that exists. It may be unstable: see [`ApiKey::max_stable_version`].
    #[must_use]
    pub fn max_version(self) -> i16 {
        *self.api().versions.end()
    }

    /// The newest version to advertise when `unstable.api.versions.enable` is not set.
    #[must_use]
    pub fn max_stable_version(self) -> i16 {
        self.max_version() - i16::from(self.api().is_newest_unstable)
    }

    /// The oldest version to advertise. Produce claims 0 on broker listeners, although 0 to 2 are refused: old
    /// librdkafka takes a higher minimum for a broker that has no Produce. Source: Kafka `ApiKeys.toApiVersion`.
    #[must_use]
    pub fn advertised_min_version(self) -> i16 {
        if self == Self::Produce { 0 } else { self.min_version() }
    }

    /// Whether `version` exists.
    #[must_use]
    pub fn has_version(self, version: i16) -> bool {
        self.api().versions.contains(&version)
    }

    /// First version with compact lengths and tagged fields.
    #[must_use]
    pub fn flexible_from(self) -> Option<i16> {
        self.api().flexible_from
    }

    /// Whether `version` has compact lengths and tagged fields.
    #[must_use]
    pub fn is_flexible(self, version: i16) -> bool {
        self.flexible_from().is_some_and(|from| version >= from)
    }

    /// Version of the header in front of a request of `version`.
    #[must_use]
    pub fn request_header_version(self, version: i16) -> i16 {
        if self.is_flexible(version) { 2 } else { 1 }
    }

    /// Version of the header in front of a response of `version`. ApiVersions always has 0: a client that does not know
    /// yet what the broker speaks must be able to read it (KIP-511).
    #[must_use]
    pub fn response_header_version(self, version: i16) -> i16 {
        i16::from(self != Self::ApiVersions && self.is_flexible(version))
    }

    /// The listeners that serve the API.
    #[must_use]
    pub fn listeners(self) -> &'static [Listener] {
        self.api().listeners
    }

    /// Whether `listener` serves the API.
    #[must_use]
    pub fn is_served_on(self, listener: Listener) -> bool {
        self.listeners().contains(&listener)
    }

    /// Whether a broker passes the request on to the active controller.
    #[must_use]
    pub fn is_forwardable(self) -> bool {
        self.api().is_forwardable
    }

    /// Whether only nodes of the cluster may send the request.
    #[must_use]
    pub fn is_cluster_action(self) -> bool {
        self.api().is_cluster_action
    }

    /// Kafka's name of the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.api().name
    }
}

impl From<ApiKey> for i16 {
    fn from(key: ApiKey) -> Self {
        key as Self
    }
}

impl fmt::Display for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

const BROKER: &[Listener] = &[Listener::Broker];
const CONTROLLER: &[Listener] = &[Listener::Controller];
const BOTH: &[Listener] = &[Listener::Broker, Listener::Controller];

/// Whether a request is forwarded, and whether it is for nodes of the cluster only.
struct Use {
    is_forwardable: bool,
    is_cluster_action: bool,
}

const PLAIN: Use = Use { is_forwardable: false, is_cluster_action: false };
const FORWARDABLE: Use = Use { is_forwardable: true, is_cluster_action: false };
const CLUSTER_ACTION: Use = Use { is_forwardable: false, is_cluster_action: true };
const FORWARDABLE_CLUSTER_ACTION: Use = Use { is_forwardable: true, is_cluster_action: true };

macro_rules! api_table {
    ($($name:ident = $key:literal, $module:ident::$request:ident, $listeners:ident, $use:ident, $in_4_3:expr;)*) => {
        /// An API, by its key on the wire.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(i16)]
        pub enum ApiKey {$(
            #[doc = concat!("API ", stringify!($key), ": see [`", stringify!($module), "`].")]
            $name = $key,
        )*}

        impl ApiKey {
            /// Every API, by ascending key.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The API's row of the table.
            #[must_use]
            pub fn api(self) -> &'static Api {
                match self {$(
                    Self::$name => {
                        static API: Api = Api {
                            key: ApiKey::$name,
                            name: stringify!($name),
                            versions: $module::$request::VERSIONS,
                            flexible_from: $module::$request::FLEXIBLE_FROM,
                            listeners: $listeners,
                            is_forwardable: $use.is_forwardable,
                            is_cluster_action: $use.is_cluster_action,
                            is_newest_unstable: $module::$request::IS_NEWEST_UNSTABLE,
                            newest_in_4_3: $in_4_3,
                        };
                        &API
                    }
                )*}
            }
        }

        impl TryFrom<i16> for ApiKey {
            type Error = UnknownApiKey;

            fn try_from(key: i16) -> Result<Self, UnknownApiKey> {
                match key {
                    $($key => Ok(Self::$name),)*
                    _ => Err(UnknownApiKey(key)),
                }
            }
        }
    };
}

// Name, key, request, listeners, use, newest version in Kafka 4.3.
#[rustfmt::skip]
api_table! {
    Produce = 0, produce_request::ProduceRequest, BROKER, PLAIN, Some(13);
    Fetch = 1, fetch_request::FetchRequest, BOTH, PLAIN, Some(18);
    ListOffsets = 2, list_offsets_request::ListOffsetsRequest, BROKER, PLAIN, Some(11);
    Metadata = 3, metadata_request::MetadataRequest, BROKER, PLAIN, Some(13);
    OffsetCommit = 8, offset_commit_request::OffsetCommitRequest, BROKER, PLAIN, Some(10);
    OffsetFetch = 9, offset_fetch_request::OffsetFetchRequest, BROKER, PLAIN, Some(10);
    FindCoordinator = 10, find_coordinator_request::FindCoordinatorRequest, BROKER, PLAIN, Some(6);
    JoinGroup = 11, join_group_request::JoinGroupRequest, BROKER, PLAIN, Some(9);
    Heartbeat = 12, heartbeat_request::HeartbeatRequest, BROKER, PLAIN, Some(4);
    LeaveGroup = 13, leave_group_request::LeaveGroupRequest, BROKER, PLAIN, Some(5);
    SyncGroup = 14, sync_group_request::SyncGroupRequest, BROKER, PLAIN, Some(5);
    DescribeGroups = 15, describe_groups_request::DescribeGroupsRequest, BROKER, PLAIN, Some(6);
    ListGroups = 16, list_groups_request::ListGroupsRequest, BROKER, PLAIN, Some(5);
    SaslHandshake = 17, sasl_handshake_request::SaslHandshakeRequest, BOTH, PLAIN, Some(1);
    ApiVersions = 18, api_versions_request::ApiVersionsRequest, BOTH, PLAIN, Some(4);
    CreateTopics = 19, create_topics_request::CreateTopicsRequest, BOTH, FORWARDABLE, Some(7);
    DeleteTopics = 20, delete_topics_request::DeleteTopicsRequest, BOTH, FORWARDABLE, Some(6);
    DeleteRecords = 21, delete_records_request::DeleteRecordsRequest, BROKER, PLAIN, Some(2);
    InitProducerId = 22, init_producer_id_request::InitProducerIdRequest, BROKER, PLAIN, Some(6);
    OffsetForLeaderEpoch = 23, offset_for_leader_epoch_request::OffsetForLeaderEpochRequest, BROKER, PLAIN, Some(4);
    AddPartitionsToTxn = 24, add_partitions_to_txn_request::AddPartitionsToTxnRequest, BROKER, PLAIN, Some(5);
    AddOffsetsToTxn = 25, add_offsets_to_txn_request::AddOffsetsToTxnRequest, BROKER, PLAIN, Some(4);
    EndTxn = 26, end_txn_request::EndTxnRequest, BROKER, PLAIN, Some(5);
    WriteTxnMarkers = 27, write_txn_markers_request::WriteTxnMarkersRequest, BROKER, CLUSTER_ACTION, Some(2);
    TxnOffsetCommit = 28, txn_offset_commit_request::TxnOffsetCommitRequest, BROKER, PLAIN, Some(5);
    DescribeAcls = 29, describe_acls_request::DescribeAclsRequest, BOTH, PLAIN, Some(3);
    CreateAcls = 30, create_acls_request::CreateAclsRequest, BOTH, FORWARDABLE, Some(3);
    DeleteAcls = 31, delete_acls_request::DeleteAclsRequest, BOTH, FORWARDABLE, Some(3);
    DescribeConfigs = 32, describe_configs_request::DescribeConfigsRequest, BOTH, PLAIN, Some(4);
    AlterConfigs = 33, alter_configs_request::AlterConfigsRequest, BOTH, FORWARDABLE, Some(2);
    AlterReplicaLogDirs = 34, alter_replica_log_dirs_request::AlterReplicaLogDirsRequest, BROKER, PLAIN, Some(2);
    DescribeLogDirs = 35, describe_log_dirs_request::DescribeLogDirsRequest, BROKER, PLAIN, Some(5);
    SaslAuthenticate = 36, sasl_authenticate_request::SaslAuthenticateRequest, BOTH, PLAIN, Some(2);
    CreatePartitions = 37, create_partitions_request::CreatePartitionsRequest, BOTH, FORWARDABLE, Some(3);
    CreateDelegationToken = 38, create_delegation_token_request::CreateDelegationTokenRequest, BOTH, FORWARDABLE, Some(3);
    RenewDelegationToken = 39, renew_delegation_token_request::RenewDelegationTokenRequest, BOTH, FORWARDABLE, Some(2);
    ExpireDelegationToken = 40, expire_delegation_token_request::ExpireDelegationTokenRequest, BOTH, FORWARDABLE, Some(2);
    DescribeDelegationToken = 41, describe_delegation_token_request::DescribeDelegationTokenRequest, BOTH, PLAIN, Some(3);
    DeleteGroups = 42, delete_groups_request::DeleteGroupsRequest, BROKER, PLAIN, Some(2);
    ElectLeaders = 43, elect_leaders_request::ElectLeadersRequest, BOTH, FORWARDABLE, Some(2);
    IncrementalAlterConfigs = 44, incremental_alter_configs_request::IncrementalAlterConfigsRequest, BOTH, FORWARDABLE, Some(1);
    AlterPartitionReassignments = 45, alter_partition_reassignments_request::AlterPartitionReassignmentsRequest, BOTH, FORWARDABLE, Some(1);
    ListPartitionReassignments = 46, list_partition_reassignments_request::ListPartitionReassignmentsRequest, BOTH, FORWARDABLE, Some(0);
    OffsetDelete = 47, offset_delete_request::OffsetDeleteRequest, BROKER, PLAIN, Some(0);
    DescribeClientQuotas = 48, describe_client_quotas_request::DescribeClientQuotasRequest, BROKER, PLAIN, Some(1);
    AlterClientQuotas = 49, alter_client_quotas_request::AlterClientQuotasRequest, BOTH, FORWARDABLE, Some(1);
    DescribeUserScramCredentials = 50, describe_user_scram_credentials_request::DescribeUserScramCredentialsRequest, BOTH, PLAIN, Some(0);
    AlterUserScramCredentials = 51, alter_user_scram_credentials_request::AlterUserScramCredentialsRequest, BOTH, FORWARDABLE, Some(0);
    Vote = 52, vote_request::VoteRequest, CONTROLLER, CLUSTER_ACTION, Some(2);
    BeginQuorumEpoch = 53, begin_quorum_epoch_request::BeginQuorumEpochRequest, CONTROLLER, CLUSTER_ACTION, Some(1);
    EndQuorumEpoch = 54, end_quorum_epoch_request::EndQuorumEpochRequest, CONTROLLER, CLUSTER_ACTION, Some(1);
    DescribeQuorum = 55, describe_quorum_request::DescribeQuorumRequest, BOTH, FORWARDABLE_CLUSTER_ACTION, Some(2);
    AlterPartition = 56, alter_partition_request::AlterPartitionRequest, CONTROLLER, CLUSTER_ACTION, Some(3);
    UpdateFeatures = 57, update_features_request::UpdateFeaturesRequest, BOTH, FORWARDABLE_CLUSTER_ACTION, Some(2);
    Envelope = 58, envelope_request::EnvelopeRequest, CONTROLLER, CLUSTER_ACTION, Some(0);
    FetchSnapshot = 59, fetch_snapshot_request::FetchSnapshotRequest, CONTROLLER, PLAIN, Some(1);
    DescribeCluster = 60, describe_cluster_request::DescribeClusterRequest, BOTH, PLAIN, Some(2);
    DescribeProducers = 61, describe_producers_request::DescribeProducersRequest, BROKER, PLAIN, Some(0);
    BrokerRegistration = 62, broker_registration_request::BrokerRegistrationRequest, CONTROLLER, CLUSTER_ACTION, Some(4);
    BrokerHeartbeat = 63, broker_heartbeat_request::BrokerHeartbeatRequest, CONTROLLER, CLUSTER_ACTION, Some(2);
    UnregisterBroker = 64, unregister_broker_request::UnregisterBrokerRequest, BOTH, FORWARDABLE, Some(0);
    DescribeTransactions = 65, describe_transactions_request::DescribeTransactionsRequest, BROKER, PLAIN, Some(0);
    ListTransactions = 66, list_transactions_request::ListTransactionsRequest, BROKER, PLAIN, Some(2);
    AllocateProducerIds = 67, allocate_producer_ids_request::AllocateProducerIdsRequest, CONTROLLER, FORWARDABLE_CLUSTER_ACTION, Some(0);
    ConsumerGroupHeartbeat = 68, consumer_group_heartbeat_request::ConsumerGroupHeartbeatRequest, BROKER, PLAIN, Some(1);
    ConsumerGroupDescribe = 69, consumer_group_describe_request::ConsumerGroupDescribeRequest, BROKER, PLAIN, Some(1);
    ControllerRegistration = 70, controller_registration_request::ControllerRegistrationRequest, CONTROLLER, PLAIN, Some(0);
    GetTelemetrySubscriptions = 71, get_telemetry_subscriptions_request::GetTelemetrySubscriptionsRequest, BROKER, PLAIN, Some(0);
    PushTelemetry = 72, push_telemetry_request::PushTelemetryRequest, BROKER, PLAIN, Some(0);
    AssignReplicasToDirs = 73, assign_replicas_to_dirs_request::AssignReplicasToDirsRequest, CONTROLLER, PLAIN, Some(0);
    ListConfigResources = 74, list_config_resources_request::ListConfigResourcesRequest, BROKER, PLAIN, Some(1);
    DescribeTopicPartitions = 75, describe_topic_partitions_request::DescribeTopicPartitionsRequest, BROKER, PLAIN, Some(0);
    ShareGroupHeartbeat = 76, share_group_heartbeat_request::ShareGroupHeartbeatRequest, BROKER, PLAIN, Some(1);
    ShareGroupDescribe = 77, share_group_describe_request::ShareGroupDescribeRequest, BROKER, PLAIN, Some(1);
    ShareFetch = 78, share_fetch_request::ShareFetchRequest, BROKER, PLAIN, Some(2);
    ShareAcknowledge = 79, share_acknowledge_request::ShareAcknowledgeRequest, BROKER, PLAIN, Some(2);
    AddRaftVoter = 80, add_raft_voter_request::AddRaftVoterRequest, BOTH, FORWARDABLE, Some(1);
    RemoveRaftVoter = 81, remove_raft_voter_request::RemoveRaftVoterRequest, BOTH, FORWARDABLE, Some(0);
    UpdateRaftVoter = 82, update_raft_voter_request::UpdateRaftVoterRequest, CONTROLLER, PLAIN, Some(0);
    InitializeShareGroupState = 83, initialize_share_group_state_request::InitializeShareGroupStateRequest, BROKER, CLUSTER_ACTION, Some(0);
    ReadShareGroupState = 84, read_share_group_state_request::ReadShareGroupStateRequest, BROKER, CLUSTER_ACTION, Some(0);
    WriteShareGroupState = 85, write_share_group_state_request::WriteShareGroupStateRequest, BROKER, CLUSTER_ACTION, Some(1);
    DeleteShareGroupState = 86, delete_share_group_state_request::DeleteShareGroupStateRequest, BROKER, CLUSTER_ACTION, Some(0);
    ReadShareGroupStateSummary = 87, read_share_group_state_summary_request::ReadShareGroupStateSummaryRequest, BROKER, CLUSTER_ACTION, Some(1);
    StreamsGroupHeartbeat = 88, streams_group_heartbeat_request::StreamsGroupHeartbeatRequest, BROKER, PLAIN, Some(0);
    StreamsGroupDescribe = 89, streams_group_describe_request::StreamsGroupDescribeRequest, BROKER, PLAIN, Some(0);
    DescribeShareGroupOffsets = 90, describe_share_group_offsets_request::DescribeShareGroupOffsetsRequest, BROKER, PLAIN, Some(1);
    AlterShareGroupOffsets = 91, alter_share_group_offsets_request::AlterShareGroupOffsetsRequest, BROKER, PLAIN, Some(0);
    DeleteShareGroupOffsets = 92, delete_share_group_offsets_request::DeleteShareGroupOffsetsRequest, BROKER, PLAIN, Some(0);
    StreamsGroupTopologyDescriptionUpdate = 93, streams_group_topology_description_update_request::StreamsGroupTopologyDescriptionUpdateRequest, BROKER, PLAIN, None;
    UnregisterController = 94, unregister_controller_request::UnregisterControllerRequest, BOTH, FORWARDABLE, None;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_ascend_and_are_those_that_try_from_knows() {
        for pair in ApiKey::ALL.windows(2) {
            assert!(pair[0] < pair[1]);
        }
        let known: Vec<ApiKey> = (i16::MIN..=i16::MAX).filter_map(|key| ApiKey::try_from(key).ok()).collect();
        assert_eq!(known, ApiKey::ALL);
    }

    #[test]
    fn removed_apis_are_unknown() {
        for key in [-1, 4, 5, 6, 7, 95] {
            assert_eq!(ApiKey::try_from(key), Err(UnknownApiKey(key)));
        }
    }

    #[test]
    fn header_versions_follow_flexibility_except_for_the_answer_to_api_versions() {
        assert_eq!(
            (ApiKey::Produce.request_header_version(8), ApiKey::Produce.response_header_version(8)),
            (1, 0)
        );
        assert_eq!(
            (ApiKey::Produce.request_header_version(9), ApiKey::Produce.response_header_version(9)),
            (2, 1)
        );
        let key = ApiKey::ApiVersions;
        assert_eq!((key.request_header_version(3), key.response_header_version(3)), (2, 0));
        assert_eq!(ApiKey::SaslHandshake.request_header_version(1), 1);
    }

    #[test]
    fn only_init_producer_id_has_an_unstable_version() {
        let unstable: Vec<_> = ApiKey::ALL.iter().filter(|key| key.api().is_newest_unstable).collect();
        assert_eq!(unstable, [&ApiKey::InitProducerId]);
        assert_eq!(ApiKey::InitProducerId.max_stable_version(), 5);
    }
}
