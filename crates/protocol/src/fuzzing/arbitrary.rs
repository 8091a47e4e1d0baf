// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! A random value of every message in every version.

use super::{Arbitrary, Random};
use crate::messages;
use crate::types::Uuid;

impl Arbitrary for messages::consumer_protocol_assignment::ConsumerProtocolAssignment {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            assigned_partitions: random
                .array(version, messages::consumer_protocol_assignment::TopicPartition::arbitrary),
            user_data: random.bool().then(|| random.bytes()),
        }
    }
}

impl Arbitrary for messages::consumer_protocol_assignment::TopicPartition {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { topic: random.string(), partitions: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::consumer_protocol_subscription::ConsumerProtocolSubscription {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topics: random.list(Random::string),
            user_data: random.bool().then(|| random.bytes()),
            owned_partitions: if version >= 1 {
                random.array(version, messages::consumer_protocol_subscription::TopicPartition::arbitrary)
            } else {
                Vec::new()
            },
            generation_id: if version >= 2 { random.i32() } else { -1 },
            rack_id: if version >= 3 { random.bool().then(|| random.string()) } else { None },
        }
    }
}

impl Arbitrary for messages::consumer_protocol_subscription::TopicPartition {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { topic: random.string(), partitions: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::default_principal_data::DefaultPrincipalData {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { r#type: random.string(), name: random.string(), token_authenticated: random.bool() }
    }
}

impl Arbitrary for messages::metadata_request::MetadataRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topics: if version >= 1 {
                random.bool().then(|| {
                    random.array(version, messages::metadata_request::MetadataRequestTopic::arbitrary)
                })
            } else {
                Some(random.array(version, messages::metadata_request::MetadataRequestTopic::arbitrary))
            },
            allow_auto_topic_creation: if version >= 4 { random.bool() } else { true },
            include_cluster_authorized_operations: if (8..=10).contains(&version) {
                random.bool()
            } else {
                false
            },
            include_topic_authorized_operations: if version >= 8 { random.bool() } else { false },
        }
    }
}

impl Arbitrary for messages::metadata_request::MetadataRequestTopic {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_id: if version >= 10 { random.uuid() } else { Uuid::ZERO },
            name: if version >= 10 { random.bool().then(|| random.string()) } else { Some(random.string()) },
        }
    }
}

impl Arbitrary for messages::metadata_response::MetadataResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: if version >= 3 { random.i32() } else { 0 },
            brokers: random.array(version, messages::metadata_response::MetadataResponseBroker::arbitrary),
            cluster_id: if version >= 2 { random.bool().then(|| random.string()) } else { None },
            controller_id: if version >= 1 { random.i32() } else { -1 },
            topics: random.array(version, messages::metadata_response::MetadataResponseTopic::arbitrary),
            cluster_authorized_operations: if (8..=10).contains(&version) { random.i32() } else { i32::MIN },
            error_code: if version >= 13 { random.i16() } else { 0 },
        }
    }
}

impl Arbitrary for messages::metadata_response::MetadataResponseBroker {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            node_id: random.i32(),
            host: random.string(),
            port: random.i32(),
            rack: if version >= 1 { random.bool().then(|| random.string()) } else { None },
        }
    }
}

impl Arbitrary for messages::metadata_response::MetadataResponseTopic {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            error_code: random.i16(),
            name: if version >= 12 { random.bool().then(|| random.string()) } else { Some(random.string()) },
            topic_id: if version >= 10 { random.uuid() } else { Uuid::ZERO },
            is_internal: if version >= 1 { random.bool() } else { false },
            partitions: random
                .array(version, messages::metadata_response::MetadataResponsePartition::arbitrary),
            topic_authorized_operations: if version >= 8 { random.i32() } else { i32::MIN },
        }
    }
}

impl Arbitrary for messages::metadata_response::MetadataResponsePartition {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            error_code: random.i16(),
            partition_index: random.i32(),
            leader_id: random.i32(),
            leader_epoch: if version >= 7 { random.i32() } else { -1 },
            replica_nodes: random.list(Random::i32),
            isr_nodes: random.list(Random::i32),
            offline_replicas: if version >= 5 { random.list(Random::i32) } else { Vec::new() },
        }
    }
}

impl Arbitrary for messages::api_versions_request::ApiVersionsRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            client_software_name: if version >= 3 { random.string() } else { String::new() },
            client_software_version: if version >= 3 { random.string() } else { String::new() },
            cluster_id: if version >= 5 { random.bool().then(|| random.string()) } else { None },
            node_id: if version >= 5 { random.i32() } else { -1 },
        }
    }
}

impl Arbitrary for messages::api_versions_response::ApiVersionsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            error_code: random.i16(),
            api_keys: random.array(version, messages::api_versions_response::ApiVersion::arbitrary),
            throttle_time_ms: if version >= 1 { random.i32() } else { 0 },
            supported_features: if version >= 3 {
                if random.bool() {
                    random.array(version, messages::api_versions_response::SupportedFeatureKey::arbitrary)
                } else {
                    Vec::new()
                }
            } else {
                Vec::new()
            },
            finalized_features_epoch: if version >= 3 {
                if random.bool() { random.i64() } else { -1 }
            } else {
                -1
            },
            finalized_features: if version >= 3 {
                if random.bool() {
                    random.array(version, messages::api_versions_response::FinalizedFeatureKey::arbitrary)
                } else {
                    Vec::new()
                }
            } else {
                Vec::new()
            },
            zk_migration_ready: if version >= 3 {
                if random.bool() { random.bool() } else { false }
            } else {
                false
            },
        }
    }
}

impl Arbitrary for messages::api_versions_response::ApiVersion {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { api_key: random.i16(), min_version: random.i16(), max_version: random.i16() }
    }
}

impl Arbitrary for messages::api_versions_response::SupportedFeatureKey {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), min_version: random.i16(), max_version: random.i16() }
    }
}

impl Arbitrary for messages::api_versions_response::FinalizedFeatureKey {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), max_version_level: random.i16(), min_version_level: random.i16() }
    }
}

impl Arbitrary for messages::update_features_request::UpdateFeaturesRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            timeout_ms: random.i32(),
            feature_updates: random
                .array(version, messages::update_features_request::FeatureUpdateKey::arbitrary),
            validate_only: if version >= 1 { random.bool() } else { false },
        }
    }
}

impl Arbitrary for messages::update_features_request::FeatureUpdateKey {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            feature: random.string(),
            max_version_level: random.i16(),
            allow_downgrade: if version <= 0 { random.bool() } else { false },
            upgrade_type: if version >= 1 { random.i8() } else { 1 },
        }
    }
}

impl Arbitrary for messages::update_features_response::UpdateFeaturesResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            results: if version <= 1 {
                random.array(version, messages::update_features_response::UpdatableFeatureResult::arbitrary)
            } else {
                Vec::new()
            },
        }
    }
}

impl Arbitrary for messages::update_features_response::UpdatableFeatureResult {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            feature: random.string(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::envelope_request::EnvelopeRequest {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            request_data: random.bytes(),
            request_principal: random.bool().then(|| random.bytes()),
            client_host_address: random.bytes(),
        }
    }
}

impl Arbitrary for messages::envelope_response::EnvelopeResponse {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { response_data: random.bool().then(|| random.bytes()), error_code: random.i16() }
    }
}

impl Arbitrary for messages::describe_cluster_request::DescribeClusterRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            include_cluster_authorized_operations: random.bool(),
            endpoint_type: if version >= 1 { random.i8() } else { 1 },
            include_fenced_brokers: if version >= 2 { random.bool() } else { false },
        }
    }
}

impl Arbitrary for messages::describe_cluster_response::DescribeClusterResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            endpoint_type: if version >= 1 { random.i8() } else { 1 },
            cluster_id: random.string(),
            controller_id: random.i32(),
            brokers: random
                .array(version, messages::describe_cluster_response::DescribeClusterBroker::arbitrary),
            cluster_authorized_operations: random.i32(),
        }
    }
}

impl Arbitrary for messages::describe_cluster_response::DescribeClusterBroker {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            broker_id: random.i32(),
            host: random.string(),
            port: random.i32(),
            rack: random.bool().then(|| random.string()),
            is_fenced: if version >= 2 { random.bool() } else { false },
        }
    }
}

impl Arbitrary for messages::broker_registration_request::BrokerRegistrationRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            broker_id: random.i32(),
            cluster_id: random.string(),
            incarnation_id: random.uuid(),
            listeners: random.array(version, messages::broker_registration_request::Listener::arbitrary),
            features: random.array(version, messages::broker_registration_request::Feature::arbitrary),
            rack: random.bool().then(|| random.string()),
            is_migrating_zk_broker: if version >= 1 { random.bool() } else { false },
            log_dirs: if version >= 2 { random.list(Random::uuid) } else { Vec::new() },
            previous_broker_epoch: if version >= 3 { random.i64() } else { -1 },
        }
    }
}

impl Arbitrary for messages::broker_registration_request::Listener {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            name: random.string(),
            host: random.string(),
            port: random.u16(),
            security_protocol: random.i16(),
        }
    }
}

impl Arbitrary for messages::broker_registration_request::Feature {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            name: random.string(),
            min_supported_version: random.i16(),
            max_supported_version: random.i16(),
        }
    }
}

impl Arbitrary for messages::broker_registration_response::BrokerRegistrationResponse {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { throttle_time_ms: random.i32(), error_code: random.i16(), broker_epoch: random.i64() }
    }
}

impl Arbitrary for messages::broker_heartbeat_request::BrokerHeartbeatRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            broker_id: random.i32(),
            broker_epoch: random.i64(),
            current_metadata_offset: random.i64(),
            want_fence: random.bool(),
            want_shut_down: random.bool(),
            offline_log_dirs: if version >= 1 {
                if random.bool() { random.list(Random::uuid) } else { Vec::new() }
            } else {
                Vec::new()
            },
            cordoned_log_dirs: if version >= 2 {
                random.bool().then(|| random.list(Random::uuid))
            } else {
                None
            },
        }
    }
}

impl Arbitrary for messages::broker_heartbeat_response::BrokerHeartbeatResponse {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            is_caught_up: random.bool(),
            is_fenced: random.bool(),
            should_shut_down: random.bool(),
        }
    }
}

impl Arbitrary for messages::unregister_broker_request::UnregisterBrokerRequest {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { broker_id: random.i32() }
    }
}

impl Arbitrary for messages::unregister_broker_response::UnregisterBrokerResponse {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::allocate_producer_ids_request::AllocateProducerIdsRequest {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { broker_id: random.i32(), broker_epoch: random.i64() }
    }
}

impl Arbitrary for messages::allocate_producer_ids_response::AllocateProducerIdsResponse {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            producer_id_start: random.i64(),
            producer_id_len: random.i32(),
        }
    }
}

impl Arbitrary for messages::controller_registration_request::ControllerRegistrationRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            controller_id: random.i32(),
            incarnation_id: random.uuid(),
            zk_migration_ready: random.bool(),
            listeners: random.array(version, messages::controller_registration_request::Listener::arbitrary),
            features: random.array(version, messages::controller_registration_request::Feature::arbitrary),
        }
    }
}

impl Arbitrary for messages::controller_registration_request::Listener {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            name: random.string(),
            host: random.string(),
            port: random.u16(),
            security_protocol: random.i16(),
        }
    }
}

impl Arbitrary for messages::controller_registration_request::Feature {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            name: random.string(),
            min_supported_version: random.i16(),
            max_supported_version: random.i16(),
        }
    }
}

impl Arbitrary for messages::controller_registration_response::ControllerRegistrationResponse {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::assign_replicas_to_dirs_request::AssignReplicasToDirsRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            broker_id: random.i32(),
            broker_epoch: random.i64(),
            directories: random
                .array(version, messages::assign_replicas_to_dirs_request::DirectoryData::arbitrary),
        }
    }
}

impl Arbitrary for messages::assign_replicas_to_dirs_request::DirectoryData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            id: random.uuid(),
            topics: random.array(version, messages::assign_replicas_to_dirs_request::TopicData::arbitrary),
        }
    }
}

impl Arbitrary for messages::assign_replicas_to_dirs_request::TopicData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_id: random.uuid(),
            partitions: random
                .array(version, messages::assign_replicas_to_dirs_request::PartitionData::arbitrary),
        }
    }
}

impl Arbitrary for messages::assign_replicas_to_dirs_request::PartitionData {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { partition_index: random.i32() }
    }
}

impl Arbitrary for messages::assign_replicas_to_dirs_response::AssignReplicasToDirsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            directories: random
                .array(version, messages::assign_replicas_to_dirs_response::DirectoryData::arbitrary),
        }
    }
}

impl Arbitrary for messages::assign_replicas_to_dirs_response::DirectoryData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            id: random.uuid(),
            topics: random.array(version, messages::assign_replicas_to_dirs_response::TopicData::arbitrary),
        }
    }
}

impl Arbitrary for messages::assign_replicas_to_dirs_response::TopicData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_id: random.uuid(),
            partitions: random
                .array(version, messages::assign_replicas_to_dirs_response::PartitionData::arbitrary),
        }
    }
}

impl Arbitrary for messages::assign_replicas_to_dirs_response::PartitionData {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { partition_index: random.i32(), error_code: random.i16() }
    }
}

impl Arbitrary for messages::describe_topic_partitions_request::DescribeTopicPartitionsRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topics: random
                .array(version, messages::describe_topic_partitions_request::TopicRequest::arbitrary),
            response_partition_limit: random.i32(),
            cursor: random
                .bool()
                .then(|| messages::describe_topic_partitions_request::Cursor::arbitrary(random, version)),
        }
    }
}

impl Arbitrary for messages::describe_topic_partitions_request::TopicRequest {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string() }
    }
}

impl Arbitrary for messages::describe_topic_partitions_request::Cursor {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { topic_name: random.string(), partition_index: random.i32() }
    }
}

impl Arbitrary for messages::describe_topic_partitions_response::DescribeTopicPartitionsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            topics: random.array(
                version,
                messages::describe_topic_partitions_response::DescribeTopicPartitionsResponseTopic::arbitrary,
            ),
            next_cursor: random
                .bool()
                .then(|| messages::describe_topic_partitions_response::Cursor::arbitrary(random, version)),
        }
    }
}

impl Arbitrary for messages::describe_topic_partitions_response::DescribeTopicPartitionsResponseTopic {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
error_code: random.i16(),
name: random.bool().then(|| random.string()),
topic_id: random.uuid(),
is_internal: random.bool(),
partitions: random.array(version, messages::describe_topic_partitions_response::DescribeTopicPartitionsResponsePartition::arbitrary),
topic_authorized_operations: random.i32(),
}
    }
}

impl Arbitrary for messages::describe_topic_partitions_response::DescribeTopicPartitionsResponsePartition {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            error_code: random.i16(),
            partition_index: random.i32(),
            leader_id: random.i32(),
            leader_epoch: random.i32(),
            replica_nodes: random.list(Random::i32),
            isr_nodes: random.list(Random::i32),
            eligible_leader_replicas: random.bool().then(|| random.list(Random::i32)),
            last_known_elr: random.bool().then(|| random.list(Random::i32)),
            offline_replicas: random.list(Random::i32),
        }
    }
}

impl Arbitrary for messages::describe_topic_partitions_response::Cursor {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { topic_name: random.string(), partition_index: random.i32() }
    }
}

impl Arbitrary for messages::unregister_controller_request::UnregisterControllerRequest {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { controller_id: random.i32() }
    }
}

impl Arbitrary for messages::unregister_controller_response::UnregisterControllerResponse {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::describe_configs_request::DescribeConfigsRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            resources: random
                .array(version, messages::describe_configs_request::DescribeConfigsResource::arbitrary),
            include_synonyms: random.bool(),
            include_documentation: if version >= 3 { random.bool() } else { false },
        }
    }
}

impl Arbitrary for messages::describe_configs_request::DescribeConfigsResource {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            resource_type: random.i8(),
            resource_name: random.string(),
            configuration_keys: random.bool().then(|| random.list(Random::string)),
        }
    }
}

impl Arbitrary for messages::describe_configs_response::DescribeConfigsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            results: random
                .array(version, messages::describe_configs_response::DescribeConfigsResult::arbitrary),
        }
    }
}

impl Arbitrary for messages::describe_configs_response::DescribeConfigsResult {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            resource_type: random.i8(),
            resource_name: random.string(),
            configs: random.array(
                version,
                messages::describe_configs_response::DescribeConfigsResourceResult::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::describe_configs_response::DescribeConfigsResourceResult {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: random.string(),
            value: random.bool().then(|| random.string()),
            read_only: random.bool(),
            config_source: random.i8(),
            is_sensitive: random.bool(),
            synonyms: random
                .array(version, messages::describe_configs_response::DescribeConfigsSynonym::arbitrary),
            config_type: if version >= 3 { random.i8() } else { 0 },
            documentation: if version >= 3 {
                random.bool().then(|| random.string())
            } else {
                Some(String::new())
            },
        }
    }
}

impl Arbitrary for messages::describe_configs_response::DescribeConfigsSynonym {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), value: random.bool().then(|| random.string()), source: random.i8() }
    }
}

impl Arbitrary for messages::alter_configs_request::AlterConfigsRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            resources: random
                .array(version, messages::alter_configs_request::AlterConfigsResource::arbitrary),
            validate_only: random.bool(),
        }
    }
}

impl Arbitrary for messages::alter_configs_request::AlterConfigsResource {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            resource_type: random.i8(),
            resource_name: random.string(),
            configs: random.array(version, messages::alter_configs_request::AlterableConfig::arbitrary),
        }
    }
}

impl Arbitrary for messages::alter_configs_request::AlterableConfig {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), value: random.bool().then(|| random.string()) }
    }
}

impl Arbitrary for messages::alter_configs_response::AlterConfigsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            responses: random
                .array(version, messages::alter_configs_response::AlterConfigsResourceResponse::arbitrary),
        }
    }
}

impl Arbitrary for messages::alter_configs_response::AlterConfigsResourceResponse {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            resource_type: random.i8(),
            resource_name: random.string(),
        }
    }
}

impl Arbitrary for messages::incremental_alter_configs_request::IncrementalAlterConfigsRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            resources: random
                .array(version, messages::incremental_alter_configs_request::AlterConfigsResource::arbitrary),
            validate_only: random.bool(),
        }
    }
}

impl Arbitrary for messages::incremental_alter_configs_request::AlterConfigsResource {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            resource_type: random.i8(),
            resource_name: random.string(),
            configs: random
                .array(version, messages::incremental_alter_configs_request::AlterableConfig::arbitrary),
        }
    }
}

impl Arbitrary for messages::incremental_alter_configs_request::AlterableConfig {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            name: random.string(),
            config_operation: random.i8(),
            value: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::incremental_alter_configs_response::IncrementalAlterConfigsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            responses: random.array(
                version,
                messages::incremental_alter_configs_response::AlterConfigsResourceResponse::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::incremental_alter_configs_response::AlterConfigsResourceResponse {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            resource_type: random.i8(),
            resource_name: random.string(),
        }
    }
}

impl Arbitrary for messages::describe_client_quotas_request::DescribeClientQuotasRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            components: random
                .array(version, messages::describe_client_quotas_request::ComponentData::arbitrary),
            strict: random.bool(),
        }
    }
}

impl Arbitrary for messages::describe_client_quotas_request::ComponentData {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            entity_type: random.string(),
            match_type: random.i8(),
            r#match: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::describe_client_quotas_response::DescribeClientQuotasResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            entries: random.bool().then(|| {
                random.array(version, messages::describe_client_quotas_response::EntryData::arbitrary)
            }),
        }
    }
}

impl Arbitrary for messages::describe_client_quotas_response::EntryData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            entity: random.array(version, messages::describe_client_quotas_response::EntityData::arbitrary),
            values: random.array(version, messages::describe_client_quotas_response::ValueData::arbitrary),
        }
    }
}

impl Arbitrary for messages::describe_client_quotas_response::EntityData {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { entity_type: random.string(), entity_name: random.bool().then(|| random.string()) }
    }
}

impl Arbitrary for messages::describe_client_quotas_response::ValueData {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { key: random.string(), value: random.f64() }
    }
}

impl Arbitrary for messages::alter_client_quotas_request::AlterClientQuotasRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            entries: random.array(version, messages::alter_client_quotas_request::EntryData::arbitrary),
            validate_only: random.bool(),
        }
    }
}

impl Arbitrary for messages::alter_client_quotas_request::EntryData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            entity: random.array(version, messages::alter_client_quotas_request::EntityData::arbitrary),
            ops: random.array(version, messages::alter_client_quotas_request::OpData::arbitrary),
        }
    }
}

impl Arbitrary for messages::alter_client_quotas_request::EntityData {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { entity_type: random.string(), entity_name: random.bool().then(|| random.string()) }
    }
}

impl Arbitrary for messages::alter_client_quotas_request::OpData {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { key: random.string(), value: random.f64(), remove: random.bool() }
    }
}

impl Arbitrary for messages::alter_client_quotas_response::AlterClientQuotasResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            entries: random.array(version, messages::alter_client_quotas_response::EntryData::arbitrary),
        }
    }
}

impl Arbitrary for messages::alter_client_quotas_response::EntryData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            entity: random.array(version, messages::alter_client_quotas_response::EntityData::arbitrary),
        }
    }
}

impl Arbitrary for messages::alter_client_quotas_response::EntityData {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { entity_type: random.string(), entity_name: random.bool().then(|| random.string()) }
    }
}

impl Arbitrary for messages::get_telemetry_subscriptions_request::GetTelemetrySubscriptionsRequest {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { client_instance_id: random.uuid() }
    }
}

impl Arbitrary for messages::get_telemetry_subscriptions_response::GetTelemetrySubscriptionsResponse {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            client_instance_id: random.uuid(),
            subscription_id: random.i32(),
            accepted_compression_types: random.list(Random::i8),
            push_interval_ms: random.i32(),
            telemetry_max_bytes: random.i32(),
            delta_temporality: random.bool(),
            requested_metrics: random.list(Random::string),
        }
    }
}

impl Arbitrary for messages::push_telemetry_request::PushTelemetryRequest {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            client_instance_id: random.uuid(),
            subscription_id: random.i32(),
            terminating: random.bool(),
            compression_type: random.i8(),
            metrics: random.bytes(),
        }
    }
}

impl Arbitrary for messages::push_telemetry_response::PushTelemetryResponse {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { throttle_time_ms: random.i32(), error_code: random.i16() }
    }
}

impl Arbitrary for messages::list_config_resources_request::ListConfigResourcesRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self { resource_types: if version >= 1 { random.list(Random::i8) } else { Vec::new() } }
    }
}

impl Arbitrary for messages::list_config_resources_response::ListConfigResourcesResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            config_resources: random
                .array(version, messages::list_config_resources_response::ConfigResource::arbitrary),
        }
    }
}

impl Arbitrary for messages::list_config_resources_response::ConfigResource {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self { resource_name: random.string(), resource_type: if version >= 1 { random.i8() } else { 16 } }
    }
}

impl Arbitrary for messages::control_record_type_schema::ControlRecordTypeSchema {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { r#type: random.i16() }
    }
}

impl Arbitrary for messages::end_txn_marker::EndTxnMarker {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { coordinator_epoch: random.i32() }
    }
}

impl Arbitrary for messages::kraft_version_record::KRaftVersionRecord {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { version: random.i16(), kraft_version: random.i16() }
    }
}

impl Arbitrary for messages::leader_change_message::LeaderChangeMessage {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            version: random.i16(),
            leader_id: random.i32(),
            voters: random.array(version, messages::leader_change_message::Voter::arbitrary),
            granting_voters: random.array(version, messages::leader_change_message::Voter::arbitrary),
        }
    }
}

impl Arbitrary for messages::leader_change_message::Voter {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            voter_id: random.i32(),
            voter_directory_id: if version >= 1 { random.uuid() } else { Uuid::ZERO },
        }
    }
}

impl Arbitrary for messages::snapshot_footer_record::SnapshotFooterRecord {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { version: random.i16() }
    }
}

impl Arbitrary for messages::snapshot_header_record::SnapshotHeaderRecord {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { version: random.i16(), last_contained_log_timestamp: random.i64() }
    }
}

impl Arbitrary for messages::voters_record::VotersRecord {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            version: random.i16(),
            voters: random.array(version, messages::voters_record::Voter::arbitrary),
        }
    }
}

impl Arbitrary for messages::voters_record::Voter {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            voter_id: random.i32(),
            voter_directory_id: random.uuid(),
            endpoints: random.array(version, messages::voters_record::Endpoint::arbitrary),
            kraft_version_feature: messages::voters_record::KRaftVersionFeature::arbitrary(random, version),
        }
    }
}

impl Arbitrary for messages::voters_record::Endpoint {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), host: random.string(), port: random.u16() }
    }
}

impl Arbitrary for messages::voters_record::KRaftVersionFeature {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { min_supported_version: random.i16(), max_supported_version: random.i16() }
    }
}

impl Arbitrary for messages::legacy_offset_commit_key::LegacyOffsetCommitKey {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group: random.string(), topic: random.string(), partition: random.i32() }
    }
}

impl Arbitrary for messages::legacy_offset_commit_value::LegacyOffsetCommitValue {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { offset: random.i64(), metadata: random.string(), commit_timestamp: random.i64() }
    }
}

impl Arbitrary for messages::offset_commit_key::OffsetCommitKey {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group: random.string(), topic: random.string(), partition: random.i32() }
    }
}

impl Arbitrary for messages::offset_commit_value::OffsetCommitValue {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            offset: random.i64(),
            leader_epoch: if version >= 3 { random.i32() } else { -1 },
            metadata: random.string(),
            commit_timestamp: random.i64(),
            expire_timestamp: if version == 1 { random.i64() } else { -1 },
            topic_id: if version >= 4 {
                if random.bool() { random.uuid() } else { Uuid::ZERO }
            } else {
                Uuid::ZERO
            },
        }
    }
}

impl Arbitrary for messages::group_metadata_key::GroupMetadataKey {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group: random.string() }
    }
}

impl Arbitrary for messages::group_metadata_value::GroupMetadataValue {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            protocol_type: random.string(),
            generation: random.i32(),
            protocol: random.bool().then(|| random.string()),
            leader: random.bool().then(|| random.string()),
            current_state_timestamp: if version >= 2 { random.i64() } else { -1 },
            members: random.array(version, messages::group_metadata_value::MemberMetadata::arbitrary),
        }
    }
}

impl Arbitrary for messages::group_metadata_value::MemberMetadata {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            member_id: random.string(),
            group_instance_id: if version >= 3 { random.bool().then(|| random.string()) } else { None },
            client_id: random.string(),
            client_host: random.string(),
            rebalance_timeout: if version >= 1 { random.i32() } else { -1 },
            session_timeout: random.i32(),
            subscription: random.bytes(),
            assignment: random.bytes(),
        }
    }
}

impl Arbitrary for messages::consumer_group_metadata_key::ConsumerGroupMetadataKey {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group_id: random.string() }
    }
}

impl Arbitrary for messages::consumer_group_metadata_value::ConsumerGroupMetadataValue {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { epoch: random.i32(), metadata_hash: if random.bool() { random.i64() } else { 0 } }
    }
}

impl Arbitrary for messages::consumer_group_partition_metadata_key::ConsumerGroupPartitionMetadataKey {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group_id: random.string() }
    }
}

impl Arbitrary for messages::consumer_group_partition_metadata_value::ConsumerGroupPartitionMetadataValue {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topics: random
                .array(version, messages::consumer_group_partition_metadata_value::TopicMetadata::arbitrary),
        }
    }
}

impl Arbitrary for messages::consumer_group_partition_metadata_value::TopicMetadata {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_id: random.uuid(),
            topic_name: random.string(),
            num_partitions: random.i32(),
            partition_metadata: random.array(
                version,
                messages::consumer_group_partition_metadata_value::PartitionMetadata::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::consumer_group_partition_metadata_value::PartitionMetadata {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { partition: random.i32(), racks: random.list(Random::string) }
    }
}

impl Arbitrary for messages::consumer_group_member_metadata_key::ConsumerGroupMemberMetadataKey {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group_id: random.string(), member_id: random.string() }
    }
}

impl Arbitrary for messages::consumer_group_member_metadata_value::ConsumerGroupMemberMetadataValue {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            instance_id: random.bool().then(|| random.string()),
            rack_id: random.bool().then(|| random.string()),
            client_id: random.string(),
            client_host: random.string(),
            subscribed_topic_names: random.list(Random::string),
            subscribed_topic_regex: random.bool().then(|| random.string()),
            rebalance_timeout_ms: random.i32(),
            server_assignor: random.bool().then(|| random.string()),
            classic_member_metadata: if random.bool() {
                Some(messages::consumer_group_member_metadata_value::ClassicMemberMetadata::default())
            } else {
                random.bool().then(|| {
                    messages::consumer_group_member_metadata_value::ClassicMemberMetadata::arbitrary(
                        random, version,
                    )
                })
            },
        }
    }
}

impl Arbitrary for messages::consumer_group_member_metadata_value::ClassicMemberMetadata {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            session_timeout_ms: random.i32(),
            supported_protocols: random
                .array(version, messages::consumer_group_member_metadata_value::ClassicProtocol::arbitrary),
        }
    }
}

impl Arbitrary for messages::consumer_group_member_metadata_value::ClassicProtocol {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), metadata: random.bytes() }
    }
}

impl Arbitrary
    for messages::consumer_group_target_assignment_metadata_key::ConsumerGroupTargetAssignmentMetadataKey
{
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group_id: random.string() }
    }
}

impl Arbitrary
    for messages::consumer_group_target_assignment_metadata_value::ConsumerGroupTargetAssignmentMetadataValue
{
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            assignment_epoch: random.i32(),
            assignment_timestamp: if random.bool() { random.i64() } else { 0 },
        }
    }
}

impl Arbitrary
    for messages::consumer_group_target_assignment_member_key::ConsumerGroupTargetAssignmentMemberKey
{
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group_id: random.string(), member_id: random.string() }
    }
}

impl Arbitrary
    for messages::consumer_group_target_assignment_member_value::ConsumerGroupTargetAssignmentMemberValue
{
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_partitions: random.array(
                version,
                messages::consumer_group_target_assignment_member_value::TopicPartition::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::consumer_group_target_assignment_member_value::TopicPartition {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { topic_id: random.uuid(), partitions: random.list(Random::i32) }
    }
}

impl Arbitrary
    for messages::consumer_group_current_member_assignment_key::ConsumerGroupCurrentMemberAssignmentKey
{
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group_id: random.string(), member_id: random.string() }
    }
}

impl Arbitrary
    for messages::consumer_group_current_member_assignment_value::ConsumerGroupCurrentMemberAssignmentValue
{
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            member_epoch: random.i32(),
            previous_member_epoch: random.i32(),
            state: random.i8(),
            assigned_partitions: random.array(
                version,
                messages::consumer_group_current_member_assignment_value::TopicPartitions::arbitrary,
            ),
            partitions_pending_revocation: random.array(
                version,
                messages::consumer_group_current_member_assignment_value::TopicPartitions::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::consumer_group_current_member_assignment_value::TopicPartitions {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            topic_id: random.uuid(),
            partitions: random.list(Random::i32),
            assignment_epochs: if random.bool() {
                Some(Vec::new())
            } else {
                random.bool().then(|| random.list(Random::i32))
            },
        }
    }
}

impl Arbitrary for messages::share_group_member_metadata_key::ShareGroupMemberMetadataKey {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group_id: random.string(), member_id: random.string() }
    }
}

impl Arbitrary for messages::share_group_member_metadata_value::ShareGroupMemberMetadataValue {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            rack_id: random.bool().then(|| random.string()),
            client_id: random.string(),
            client_host: random.string(),
            subscribed_topic_names: random.list(Random::string),
        }
    }
}

impl Arbitrary for messages::share_group_metadata_key::ShareGroupMetadataKey {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group_id: random.string() }
    }
}

impl Arbitrary for messages::share_group_metadata_value::ShareGroupMetadataValue {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { epoch: random.i32(), metadata_hash: random.i64() }
    }
}

impl Arbitrary
    for messages::share_group_target_assignment_metadata_key::ShareGroupTargetAssignmentMetadataKey
{
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group_id: random.string() }
    }
}

impl Arbitrary
    for messages::share_group_target_assignment_metadata_value::ShareGroupTargetAssignmentMetadataValue
{
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            assignment_epoch: random.i32(),
            assignment_timestamp: if random.bool() { random.i64() } else { 0 },
        }
    }
}

impl Arbitrary for messages::share_group_target_assignment_member_key::ShareGroupTargetAssignmentMemberKey {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group_id: random.string(), member_id: random.string() }
    }
}

impl Arbitrary
    for messages::share_group_target_assignment_member_value::ShareGroupTargetAssignmentMemberValue
{
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_partitions: random.array(
                version,
                messages::share_group_target_assignment_member_value::TopicPartition::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::share_group_target_assignment_member_value::TopicPartition {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { topic_id: random.uuid(), partitions: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::share_group_current_member_assignment_key::ShareGroupCurrentMemberAssignmentKey {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group_id: random.string(), member_id: random.string() }
    }
}

impl Arbitrary
    for messages::share_group_current_member_assignment_value::ShareGroupCurrentMemberAssignmentValue
{
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            member_epoch: random.i32(),
            previous_member_epoch: random.i32(),
            state: random.i8(),
            assigned_partitions: random.array(
                version,
                messages::share_group_current_member_assignment_value::TopicPartitions::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::share_group_current_member_assignment_value::TopicPartitions {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { topic_id: random.uuid(), partitions: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::share_group_state_partition_metadata_key::ShareGroupStatePartitionMetadataKey {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group_id: random.string() }
    }
}

impl Arbitrary
    for messages::share_group_state_partition_metadata_value::ShareGroupStatePartitionMetadataValue
{
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            initializing_topics: random.array(
                version,
                messages::share_group_state_partition_metadata_value::TopicPartitionsInfo::arbitrary,
            ),
            initialized_topics: random.array(
                version,
                messages::share_group_state_partition_metadata_value::TopicPartitionsInfo::arbitrary,
            ),
            deleting_topics: random
                .array(version, messages::share_group_state_partition_metadata_value::TopicInfo::arbitrary),
        }
    }
}

impl Arbitrary for messages::share_group_state_partition_metadata_value::TopicPartitionsInfo {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { topic_id: random.uuid(), topic_name: random.string(), partitions: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::share_group_state_partition_metadata_value::TopicInfo {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { topic_id: random.uuid(), topic_name: random.string() }
    }
}

impl Arbitrary for messages::consumer_group_regular_expression_key::ConsumerGroupRegularExpressionKey {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group_id: random.string(), regular_expression: random.string() }
    }
}

impl Arbitrary for messages::consumer_group_regular_expression_value::ConsumerGroupRegularExpressionValue {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { topics: random.list(Random::string), version: random.i64(), timestamp: random.i64() }
    }
}

impl Arbitrary for messages::streams_group_metadata_key::StreamsGroupMetadataKey {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group_id: random.string() }
    }
}

impl Arbitrary for messages::streams_group_metadata_value::StreamsGroupMetadataValue {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            epoch: random.i32(),
            metadata_hash: random.i64(),
            validated_topology_epoch: if random.bool() { random.i32() } else { -1 },
            last_assignment_configs: if random.bool() {
                Some(Vec::new())
            } else {
                random.bool().then(|| {
                    random.array(
                        version,
                        messages::streams_group_metadata_value::LastAssignmentConfig::arbitrary,
                    )
                })
            },
            stored_description_topology_epoch: if random.bool() { random.i32() } else { -1 },
            failed_description_topology_epoch: if random.bool() { random.i32() } else { -1 },
        }
    }
}

impl Arbitrary for messages::streams_group_metadata_value::LastAssignmentConfig {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { key: random.string(), value: random.string() }
    }
}

impl Arbitrary for messages::streams_group_member_metadata_key::StreamsGroupMemberMetadataKey {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group_id: random.string(), member_id: random.string() }
    }
}

impl Arbitrary for messages::streams_group_member_metadata_value::StreamsGroupMemberMetadataValue {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            instance_id: random.bool().then(|| random.string()),
            rack_id: random.bool().then(|| random.string()),
            client_id: random.string(),
            client_host: random.string(),
            rebalance_timeout_ms: random.i32(),
            topology_epoch: random.i32(),
            process_id: random.string(),
            user_endpoint: random
                .bool()
                .then(|| messages::streams_group_member_metadata_value::Endpoint::arbitrary(random, version)),
            client_tags: random
                .array(version, messages::streams_group_member_metadata_value::KeyValue::arbitrary),
        }
    }
}

impl Arbitrary for messages::streams_group_member_metadata_value::Endpoint {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { host: random.string(), port: random.u16() }
    }
}

impl Arbitrary for messages::streams_group_member_metadata_value::KeyValue {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { key: random.string(), value: random.string() }
    }
}

impl Arbitrary
    for messages::streams_group_target_assignment_metadata_key::StreamsGroupTargetAssignmentMetadataKey
{
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group_id: random.string() }
    }
}

impl Arbitrary
    for messages::streams_group_target_assignment_metadata_value::StreamsGroupTargetAssignmentMetadataValue
{
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            assignment_epoch: random.i32(),
            assignment_timestamp: if random.bool() { random.i64() } else { 0 },
        }
    }
}

impl Arbitrary
    for messages::streams_group_target_assignment_member_key::StreamsGroupTargetAssignmentMemberKey
{
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group_id: random.string(), member_id: random.string() }
    }
}

impl Arbitrary
    for messages::streams_group_target_assignment_member_value::StreamsGroupTargetAssignmentMemberValue
{
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            active_tasks: random
                .array(version, messages::streams_group_target_assignment_member_value::TaskIds::arbitrary),
            standby_tasks: random
                .array(version, messages::streams_group_target_assignment_member_value::TaskIds::arbitrary),
            warmup_tasks: random
                .array(version, messages::streams_group_target_assignment_member_value::TaskIds::arbitrary),
        }
    }
}

impl Arbitrary for messages::streams_group_target_assignment_member_value::TaskIds {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { subtopology_id: random.string(), partitions: random.list(Random::i32) }
    }
}

impl Arbitrary
    for messages::streams_group_current_member_assignment_key::StreamsGroupCurrentMemberAssignmentKey
{
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group_id: random.string(), member_id: random.string() }
    }
}

impl Arbitrary
    for messages::streams_group_current_member_assignment_value::StreamsGroupCurrentMemberAssignmentValue
{
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            member_epoch: random.i32(),
            previous_member_epoch: random.i32(),
            state: random.i8(),
            active_tasks: random
                .array(version, messages::streams_group_current_member_assignment_value::TaskIds::arbitrary),
            standby_tasks: random
                .array(version, messages::streams_group_current_member_assignment_value::TaskIds::arbitrary),
            warmup_tasks: random
                .array(version, messages::streams_group_current_member_assignment_value::TaskIds::arbitrary),
            active_tasks_pending_revocation: random
                .array(version, messages::streams_group_current_member_assignment_value::TaskIds::arbitrary),
            standby_tasks_pending_revocation: random
                .array(version, messages::streams_group_current_member_assignment_value::TaskIds::arbitrary),
            warmup_tasks_pending_revocation: random
                .array(version, messages::streams_group_current_member_assignment_value::TaskIds::arbitrary),
        }
    }
}

impl Arbitrary for messages::streams_group_current_member_assignment_value::TaskIds {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            subtopology_id: random.string(),
            partitions: random.list(Random::i32),
            assignment_epochs: if random.bool() {
                Some(Vec::new())
            } else {
                random.bool().then(|| random.list(Random::i32))
            },
        }
    }
}

impl Arbitrary for messages::streams_group_topology_key::StreamsGroupTopologyKey {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group_id: random.string() }
    }
}

impl Arbitrary for messages::streams_group_topology_value::StreamsGroupTopologyValue {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            epoch: random.i32(),
            subtopologies: random
                .array(version, messages::streams_group_topology_value::Subtopology::arbitrary),
        }
    }
}

impl Arbitrary for messages::streams_group_topology_value::Subtopology {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            subtopology_id: random.string(),
            source_topics: random.list(Random::string),
            source_topic_regex: random.list(Random::string),
            state_changelog_topics: random
                .array(version, messages::streams_group_topology_value::TopicInfo::arbitrary),
            repartition_sink_topics: random.list(Random::string),
            repartition_source_topics: random
                .array(version, messages::streams_group_topology_value::TopicInfo::arbitrary),
            copartition_groups: random
                .array(version, messages::streams_group_topology_value::CopartitionGroup::arbitrary),
        }
    }
}

impl Arbitrary for messages::streams_group_topology_value::TopicInfo {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: random.string(),
            partitions: random.i32(),
            replication_factor: random.i16(),
            topic_configs: random
                .array(version, messages::streams_group_topology_value::TopicConfig::arbitrary),
        }
    }
}

impl Arbitrary for messages::streams_group_topology_value::CopartitionGroup {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            source_topics: random.list(Random::i16),
            source_topic_regex: random.list(Random::i16),
            repartition_source_topics: random.list(Random::i16),
        }
    }
}

impl Arbitrary for messages::streams_group_topology_value::TopicConfig {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { key: random.string(), value: random.string() }
    }
}

impl Arbitrary for messages::offset_commit_request::OffsetCommitRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            group_id: random.string(),
            generation_id_or_member_epoch: random.i32(),
            member_id: random.string(),
            group_instance_id: if version >= 7 { random.bool().then(|| random.string()) } else { None },
            retention_time_ms: if version <= 4 { random.i64() } else { -1 },
            topics: random
                .array(version, messages::offset_commit_request::OffsetCommitRequestTopic::arbitrary),
        }
    }
}

impl Arbitrary for messages::offset_commit_request::OffsetCommitRequestTopic {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: if version <= 9 { random.string() } else { String::new() },
            topic_id: if version >= 10 { random.uuid() } else { Uuid::ZERO },
            partitions: random
                .array(version, messages::offset_commit_request::OffsetCommitRequestPartition::arbitrary),
        }
    }
}

impl Arbitrary for messages::offset_commit_request::OffsetCommitRequestPartition {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            committed_offset: random.i64(),
            committed_leader_epoch: if version >= 6 { random.i32() } else { -1 },
            committed_metadata: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::offset_commit_response::OffsetCommitResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: if version >= 3 { random.i32() } else { 0 },
            topics: random
                .array(version, messages::offset_commit_response::OffsetCommitResponseTopic::arbitrary),
        }
    }
}

impl Arbitrary for messages::offset_commit_response::OffsetCommitResponseTopic {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: if version <= 9 { random.string() } else { String::new() },
            topic_id: if version >= 10 { random.uuid() } else { Uuid::ZERO },
            partitions: random
                .array(version, messages::offset_commit_response::OffsetCommitResponsePartition::arbitrary),
        }
    }
}

impl Arbitrary for messages::offset_commit_response::OffsetCommitResponsePartition {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { partition_index: random.i32(), error_code: random.i16() }
    }
}

impl Arbitrary for messages::offset_fetch_request::OffsetFetchRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            group_id: if version <= 7 { random.string() } else { String::new() },
            topics: if version <= 7 {
                if version >= 2 {
                    random.bool().then(|| {
                        random.array(
                            version,
                            messages::offset_fetch_request::OffsetFetchRequestTopic::arbitrary,
                        )
                    })
                } else {
                    Some(
                        random.array(
                            version,
                            messages::offset_fetch_request::OffsetFetchRequestTopic::arbitrary,
                        ),
                    )
                }
            } else {
                Some(Vec::new())
            },
            groups: if version >= 8 {
                random.array(version, messages::offset_fetch_request::OffsetFetchRequestGroup::arbitrary)
            } else {
                Vec::new()
            },
            require_stable: if version >= 7 { random.bool() } else { false },
        }
    }
}

impl Arbitrary for messages::offset_fetch_request::OffsetFetchRequestTopic {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), partition_indexes: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::offset_fetch_request::OffsetFetchRequestGroup {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            group_id: random.string(),
            member_id: if version >= 9 { random.bool().then(|| random.string()) } else { None },
            member_epoch: if version >= 9 { random.i32() } else { -1 },
            topics: random.bool().then(|| {
                random.array(version, messages::offset_fetch_request::OffsetFetchRequestTopics::arbitrary)
            }),
        }
    }
}

impl Arbitrary for messages::offset_fetch_request::OffsetFetchRequestTopics {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: if version <= 9 { random.string() } else { String::new() },
            topic_id: if version >= 10 { random.uuid() } else { Uuid::ZERO },
            partition_indexes: random.list(Random::i32),
        }
    }
}

impl Arbitrary for messages::offset_fetch_response::OffsetFetchResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: if version >= 3 { random.i32() } else { 0 },
            topics: if version <= 7 {
                random.array(version, messages::offset_fetch_response::OffsetFetchResponseTopic::arbitrary)
            } else {
                Vec::new()
            },
            error_code: if (2..=7).contains(&version) { random.i16() } else { 0 },
            groups: if version >= 8 {
                random.array(version, messages::offset_fetch_response::OffsetFetchResponseGroup::arbitrary)
            } else {
                Vec::new()
            },
        }
    }
}

impl Arbitrary for messages::offset_fetch_response::OffsetFetchResponseTopic {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: random.string(),
            partitions: random
                .array(version, messages::offset_fetch_response::OffsetFetchResponsePartition::arbitrary),
        }
    }
}

impl Arbitrary for messages::offset_fetch_response::OffsetFetchResponsePartition {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            committed_offset: random.i64(),
            committed_leader_epoch: if version >= 5 { random.i32() } else { -1 },
            metadata: random.bool().then(|| random.string()),
            error_code: random.i16(),
        }
    }
}

impl Arbitrary for messages::offset_fetch_response::OffsetFetchResponseGroup {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            group_id: random.string(),
            topics: random
                .array(version, messages::offset_fetch_response::OffsetFetchResponseTopics::arbitrary),
            error_code: random.i16(),
        }
    }
}

impl Arbitrary for messages::offset_fetch_response::OffsetFetchResponseTopics {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: if version <= 9 { random.string() } else { String::new() },
            topic_id: if version >= 10 { random.uuid() } else { Uuid::ZERO },
            partitions: random
                .array(version, messages::offset_fetch_response::OffsetFetchResponsePartitions::arbitrary),
        }
    }
}

impl Arbitrary for messages::offset_fetch_response::OffsetFetchResponsePartitions {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            committed_offset: random.i64(),
            committed_leader_epoch: random.i32(),
            metadata: random.bool().then(|| random.string()),
            error_code: random.i16(),
        }
    }
}

impl Arbitrary for messages::find_coordinator_request::FindCoordinatorRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            key: if version <= 3 { random.string() } else { String::new() },
            key_type: if version >= 1 { random.i8() } else { 0 },
            coordinator_keys: if version >= 4 { random.list(Random::string) } else { Vec::new() },
        }
    }
}

impl Arbitrary for messages::find_coordinator_response::FindCoordinatorResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: if version >= 1 { random.i32() } else { 0 },
            error_code: if version <= 3 { random.i16() } else { 0 },
            error_message: if (1..=3).contains(&version) {
                random.bool().then(|| random.string())
            } else {
                Some(String::new())
            },
            node_id: if version <= 3 { random.i32() } else { 0 },
            host: if version <= 3 { random.string() } else { String::new() },
            port: if version <= 3 { random.i32() } else { 0 },
            coordinators: if version >= 4 {
                random.array(version, messages::find_coordinator_response::Coordinator::arbitrary)
            } else {
                Vec::new()
            },
        }
    }
}

impl Arbitrary for messages::find_coordinator_response::Coordinator {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            key: random.string(),
            node_id: random.i32(),
            host: random.string(),
            port: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::join_group_request::JoinGroupRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            group_id: random.string(),
            session_timeout_ms: random.i32(),
            rebalance_timeout_ms: if version >= 1 { random.i32() } else { -1 },
            member_id: random.string(),
            group_instance_id: if version >= 5 { random.bool().then(|| random.string()) } else { None },
            protocol_type: random.string(),
            protocols: random
                .array(version, messages::join_group_request::JoinGroupRequestProtocol::arbitrary),
            reason: if version >= 8 { random.bool().then(|| random.string()) } else { None },
        }
    }
}

impl Arbitrary for messages::join_group_request::JoinGroupRequestProtocol {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), metadata: random.bytes() }
    }
}

impl Arbitrary for messages::join_group_response::JoinGroupResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: if version >= 2 { random.i32() } else { 0 },
            error_code: random.i16(),
            generation_id: random.i32(),
            protocol_type: if version >= 7 { random.bool().then(|| random.string()) } else { None },
            protocol_name: if version >= 7 {
                random.bool().then(|| random.string())
            } else {
                Some(random.string())
            },
            leader: random.string(),
            skip_assignment: if version >= 9 { random.bool() } else { false },
            member_id: random.string(),
            members: random.array(version, messages::join_group_response::JoinGroupResponseMember::arbitrary),
        }
    }
}

impl Arbitrary for messages::join_group_response::JoinGroupResponseMember {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            member_id: random.string(),
            group_instance_id: if version >= 5 { random.bool().then(|| random.string()) } else { None },
            metadata: random.bytes(),
        }
    }
}

impl Arbitrary for messages::heartbeat_request::HeartbeatRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            group_id: random.string(),
            generation_id: random.i32(),
            member_id: random.string(),
            group_instance_id: if version >= 3 { random.bool().then(|| random.string()) } else { None },
        }
    }
}

impl Arbitrary for messages::heartbeat_response::HeartbeatResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self { throttle_time_ms: if version >= 1 { random.i32() } else { 0 }, error_code: random.i16() }
    }
}

impl Arbitrary for messages::leave_group_request::LeaveGroupRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            group_id: random.string(),
            member_id: if version <= 2 { random.string() } else { String::new() },
            members: if version >= 3 {
                random.array(version, messages::leave_group_request::MemberIdentity::arbitrary)
            } else {
                Vec::new()
            },
        }
    }
}

impl Arbitrary for messages::leave_group_request::MemberIdentity {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            member_id: random.string(),
            group_instance_id: random.bool().then(|| random.string()),
            reason: if version >= 5 { random.bool().then(|| random.string()) } else { None },
        }
    }
}

impl Arbitrary for messages::leave_group_response::LeaveGroupResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: if version >= 1 { random.i32() } else { 0 },
            error_code: random.i16(),
            members: if version >= 3 {
                random.array(version, messages::leave_group_response::MemberResponse::arbitrary)
            } else {
                Vec::new()
            },
        }
    }
}

impl Arbitrary for messages::leave_group_response::MemberResponse {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            member_id: random.string(),
            group_instance_id: random.bool().then(|| random.string()),
            error_code: random.i16(),
        }
    }
}

impl Arbitrary for messages::sync_group_request::SyncGroupRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            group_id: random.string(),
            generation_id: random.i32(),
            member_id: random.string(),
            group_instance_id: if version >= 3 { random.bool().then(|| random.string()) } else { None },
            protocol_type: if version >= 5 { random.bool().then(|| random.string()) } else { None },
            protocol_name: if version >= 5 { random.bool().then(|| random.string()) } else { None },
            assignments: random
                .array(version, messages::sync_group_request::SyncGroupRequestAssignment::arbitrary),
        }
    }
}

impl Arbitrary for messages::sync_group_request::SyncGroupRequestAssignment {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { member_id: random.string(), assignment: random.bytes() }
    }
}

impl Arbitrary for messages::sync_group_response::SyncGroupResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: if version >= 1 { random.i32() } else { 0 },
            error_code: random.i16(),
            protocol_type: if version >= 5 { random.bool().then(|| random.string()) } else { None },
            protocol_name: if version >= 5 { random.bool().then(|| random.string()) } else { None },
            assignment: random.bytes(),
        }
    }
}

impl Arbitrary for messages::describe_groups_request::DescribeGroupsRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            groups: random.list(Random::string),
            include_authorized_operations: if version >= 3 { random.bool() } else { false },
        }
    }
}

impl Arbitrary for messages::describe_groups_response::DescribeGroupsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: if version >= 1 { random.i32() } else { 0 },
            groups: random.array(version, messages::describe_groups_response::DescribedGroup::arbitrary),
        }
    }
}

impl Arbitrary for messages::describe_groups_response::DescribedGroup {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            error_code: random.i16(),
            error_message: if version >= 6 { random.bool().then(|| random.string()) } else { None },
            group_id: random.string(),
            group_state: random.string(),
            protocol_type: random.string(),
            protocol_data: random.string(),
            members: random
                .array(version, messages::describe_groups_response::DescribedGroupMember::arbitrary),
            authorized_operations: if version >= 3 { random.i32() } else { i32::MIN },
        }
    }
}

impl Arbitrary for messages::describe_groups_response::DescribedGroupMember {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            member_id: random.string(),
            group_instance_id: if version >= 4 { random.bool().then(|| random.string()) } else { None },
            client_id: random.string(),
            client_host: random.string(),
            member_metadata: random.bytes(),
            member_assignment: random.bytes(),
        }
    }
}

impl Arbitrary for messages::list_groups_request::ListGroupsRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            states_filter: if version >= 4 { random.list(Random::string) } else { Vec::new() },
            types_filter: if version >= 5 { random.list(Random::string) } else { Vec::new() },
        }
    }
}

impl Arbitrary for messages::list_groups_response::ListGroupsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: if version >= 1 { random.i32() } else { 0 },
            error_code: random.i16(),
            groups: random.array(version, messages::list_groups_response::ListedGroup::arbitrary),
        }
    }
}

impl Arbitrary for messages::list_groups_response::ListedGroup {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            group_id: random.string(),
            protocol_type: random.string(),
            group_state: if version >= 4 { random.string() } else { String::new() },
            group_type: if version >= 5 { random.string() } else { String::new() },
        }
    }
}

impl Arbitrary for messages::delete_groups_request::DeleteGroupsRequest {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { groups_names: random.list(Random::string) }
    }
}

impl Arbitrary for messages::delete_groups_response::DeleteGroupsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            results: random.array(version, messages::delete_groups_response::DeletableGroupResult::arbitrary),
        }
    }
}

impl Arbitrary for messages::delete_groups_response::DeletableGroupResult {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            group_id: random.string(),
            error_code: random.i16(),
            error_message: if version >= 3 { random.bool().then(|| random.string()) } else { None },
        }
    }
}

impl Arbitrary for messages::offset_delete_request::OffsetDeleteRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            group_id: random.string(),
            topics: random
                .array(version, messages::offset_delete_request::OffsetDeleteRequestTopic::arbitrary),
        }
    }
}

impl Arbitrary for messages::offset_delete_request::OffsetDeleteRequestTopic {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: random.string(),
            partitions: random
                .array(version, messages::offset_delete_request::OffsetDeleteRequestPartition::arbitrary),
        }
    }
}

impl Arbitrary for messages::offset_delete_request::OffsetDeleteRequestPartition {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { partition_index: random.i32() }
    }
}

impl Arbitrary for messages::offset_delete_response::OffsetDeleteResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            error_code: random.i16(),
            throttle_time_ms: random.i32(),
            topics: random
                .array(version, messages::offset_delete_response::OffsetDeleteResponseTopic::arbitrary),
        }
    }
}

impl Arbitrary for messages::offset_delete_response::OffsetDeleteResponseTopic {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: random.string(),
            partitions: random
                .array(version, messages::offset_delete_response::OffsetDeleteResponsePartition::arbitrary),
        }
    }
}

impl Arbitrary for messages::offset_delete_response::OffsetDeleteResponsePartition {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { partition_index: random.i32(), error_code: random.i16() }
    }
}

impl Arbitrary for messages::consumer_group_heartbeat_request::ConsumerGroupHeartbeatRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            group_id: random.string(),
            member_id: random.string(),
            member_epoch: random.i32(),
            instance_id: random.bool().then(|| random.string()),
            rack_id: random.bool().then(|| random.string()),
            rebalance_timeout_ms: random.i32(),
            subscribed_topic_names: random.bool().then(|| random.list(Random::string)),
            subscribed_topic_regex: if version >= 1 { random.bool().then(|| random.string()) } else { None },
            server_assignor: random.bool().then(|| random.string()),
            topic_partitions: random.bool().then(|| {
                random.array(version, messages::consumer_group_heartbeat_request::TopicPartitions::arbitrary)
            }),
        }
    }
}

impl Arbitrary for messages::consumer_group_heartbeat_request::TopicPartitions {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { topic_id: random.uuid(), partitions: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::consumer_group_heartbeat_response::ConsumerGroupHeartbeatResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            member_id: random.bool().then(|| random.string()),
            member_epoch: random.i32(),
            heartbeat_interval_ms: random.i32(),
            assignment: random
                .bool()
                .then(|| messages::consumer_group_heartbeat_response::Assignment::arbitrary(random, version)),
        }
    }
}

impl Arbitrary for messages::consumer_group_heartbeat_response::Assignment {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_partitions: random
                .array(version, messages::consumer_group_heartbeat_response::TopicPartitions::arbitrary),
        }
    }
}

impl Arbitrary for messages::consumer_group_heartbeat_response::TopicPartitions {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { topic_id: random.uuid(), partitions: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::consumer_group_describe_request::ConsumerGroupDescribeRequest {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group_ids: random.list(Random::string), include_authorized_operations: random.bool() }
    }
}

impl Arbitrary for messages::consumer_group_describe_response::ConsumerGroupDescribeResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            groups: random
                .array(version, messages::consumer_group_describe_response::DescribedGroup::arbitrary),
        }
    }
}

impl Arbitrary for messages::consumer_group_describe_response::DescribedGroup {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            group_id: random.string(),
            group_state: random.string(),
            group_epoch: random.i32(),
            assignment_epoch: random.i32(),
            assignor_name: random.string(),
            members: random.array(version, messages::consumer_group_describe_response::Member::arbitrary),
            authorized_operations: random.i32(),
        }
    }
}

impl Arbitrary for messages::consumer_group_describe_response::Member {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            member_id: random.string(),
            instance_id: random.bool().then(|| random.string()),
            rack_id: random.bool().then(|| random.string()),
            member_epoch: random.i32(),
            client_id: random.string(),
            client_host: random.string(),
            subscribed_topic_names: random.list(Random::string),
            subscribed_topic_regex: random.bool().then(|| random.string()),
            assignment: messages::consumer_group_describe_response::Assignment::arbitrary(random, version),
            target_assignment: messages::consumer_group_describe_response::Assignment::arbitrary(
                random, version,
            ),
            member_type: if version >= 1 { random.i8() } else { -1 },
        }
    }
}

impl Arbitrary for messages::consumer_group_describe_response::Assignment {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_partitions: random
                .array(version, messages::consumer_group_describe_response::TopicPartitions::arbitrary),
        }
    }
}

impl Arbitrary for messages::consumer_group_describe_response::TopicPartitions {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { topic_id: random.uuid(), topic_name: random.string(), partitions: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::request_header::RequestHeader {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            request_api_key: random.i16(),
            request_api_version: random.i16(),
            correlation_id: random.i32(),
            client_id: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::response_header::ResponseHeader {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { correlation_id: random.i32() }
    }
}

impl Arbitrary for messages::aborted_txn::AbortedTxn {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            producer_id: random.i64(),
            first_offset: random.i64(),
            last_offset: random.i64(),
            last_stable_offset: random.i64(),
        }
    }
}

impl Arbitrary for messages::producer_snapshot::ProducerSnapshot {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            crc: random.u32(),
            producer_entries: random.array(version, messages::producer_snapshot::ProducerEntry::arbitrary),
        }
    }
}

impl Arbitrary for messages::producer_snapshot::ProducerEntry {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            producer_id: random.i64(),
            epoch: random.i16(),
            last_sequence: random.i32(),
            last_offset: random.i64(),
            offset_delta: random.i32(),
            timestamp: random.i64(),
            coordinator_epoch: random.i32(),
            current_txn_first_offset: random.i64(),
        }
    }
}

impl Arbitrary for messages::produce_request::ProduceRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            transactional_id: random.bool().then(|| random.string()),
            acks: random.i16(),
            timeout_ms: random.i32(),
            topic_data: random.array(version, messages::produce_request::TopicProduceData::arbitrary),
        }
    }
}

impl Arbitrary for messages::produce_request::TopicProduceData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: if version <= 12 { random.string() } else { String::new() },
            topic_id: if version >= 13 { random.uuid() } else { Uuid::ZERO },
            partition_data: random.array(version, messages::produce_request::PartitionProduceData::arbitrary),
        }
    }
}

impl Arbitrary for messages::produce_request::PartitionProduceData {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { index: random.i32(), records: random.bool().then(|| random.bytes()) }
    }
}

impl Arbitrary for messages::produce_response::ProduceResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            responses: random.array(version, messages::produce_response::TopicProduceResponse::arbitrary),
            throttle_time_ms: random.i32(),
            node_endpoints: if version >= 10 {
                if random.bool() {
                    random.array(version, messages::produce_response::NodeEndpoint::arbitrary)
                } else {
                    Vec::new()
                }
            } else {
                Vec::new()
            },
        }
    }
}

impl Arbitrary for messages::produce_response::TopicProduceResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: if version <= 12 { random.string() } else { String::new() },
            topic_id: if version >= 13 { random.uuid() } else { Uuid::ZERO },
            partition_responses: random
                .array(version, messages::produce_response::PartitionProduceResponse::arbitrary),
        }
    }
}

impl Arbitrary for messages::produce_response::PartitionProduceResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            index: random.i32(),
            error_code: random.i16(),
            base_offset: random.i64(),
            log_append_time_ms: random.i64(),
            log_start_offset: if version >= 5 { random.i64() } else { -1 },
            record_errors: if version >= 8 {
                random.array(version, messages::produce_response::BatchIndexAndErrorMessage::arbitrary)
            } else {
                Vec::new()
            },
            error_message: if version >= 8 { random.bool().then(|| random.string()) } else { None },
            current_leader: if version >= 10 {
                if random.bool() {
                    messages::produce_response::LeaderIdAndEpoch::arbitrary(random, version)
                } else {
                    messages::produce_response::LeaderIdAndEpoch::default()
                }
            } else {
                messages::produce_response::LeaderIdAndEpoch::default()
            },
        }
    }
}

impl Arbitrary for messages::produce_response::BatchIndexAndErrorMessage {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { batch_index: random.i32(), batch_index_error_message: random.bool().then(|| random.string()) }
    }
}

impl Arbitrary for messages::produce_response::LeaderIdAndEpoch {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { leader_id: random.i32(), leader_epoch: random.i32() }
    }
}

impl Arbitrary for messages::produce_response::NodeEndpoint {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            node_id: random.i32(),
            host: random.string(),
            port: random.i32(),
            rack: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::fetch_request::FetchRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            cluster_id: if version >= 12 { random.bool().then(|| random.string()) } else { None },
            replica_id: if version <= 14 { random.i32() } else { -1 },
            replica_state: if version >= 15 {
                if random.bool() {
                    messages::fetch_request::ReplicaState::arbitrary(random, version)
                } else {
                    messages::fetch_request::ReplicaState::default()
                }
            } else {
                messages::fetch_request::ReplicaState::default()
            },
            max_wait_ms: random.i32(),
            min_bytes: random.i32(),
            max_bytes: random.i32(),
            isolation_level: random.i8(),
            session_id: if version >= 7 { random.i32() } else { 0 },
            session_epoch: if version >= 7 { random.i32() } else { -1 },
            topics: random.array(version, messages::fetch_request::FetchTopic::arbitrary),
            forgotten_topics_data: if version >= 7 {
                random.array(version, messages::fetch_request::ForgottenTopic::arbitrary)
            } else {
                Vec::new()
            },
            rack_id: if version >= 11 { random.string() } else { String::new() },
        }
    }
}

impl Arbitrary for messages::fetch_request::ReplicaState {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { replica_id: random.i32(), replica_epoch: random.i64() }
    }
}

impl Arbitrary for messages::fetch_request::FetchTopic {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic: if version <= 12 { random.string() } else { String::new() },
            topic_id: if version >= 13 { random.uuid() } else { Uuid::ZERO },
            partitions: random.array(version, messages::fetch_request::FetchPartition::arbitrary),
        }
    }
}

impl Arbitrary for messages::fetch_request::FetchPartition {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            partition: random.i32(),
            current_leader_epoch: if version >= 9 { random.i32() } else { -1 },
            fetch_offset: random.i64(),
            last_fetched_epoch: if version >= 12 { random.i32() } else { -1 },
            log_start_offset: if version >= 5 { random.i64() } else { -1 },
            partition_max_bytes: random.i32(),
            replica_directory_id: if version >= 17 {
                if random.bool() { random.uuid() } else { Uuid::ZERO }
            } else {
                Uuid::ZERO
            },
            high_watermark: if version >= 18 {
                if random.bool() { random.i64() } else { i64::MAX }
            } else {
                i64::MAX
            },
        }
    }
}

impl Arbitrary for messages::fetch_request::ForgottenTopic {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic: if version <= 12 { random.string() } else { String::new() },
            topic_id: if version >= 13 { random.uuid() } else { Uuid::ZERO },
            partitions: random.list(Random::i32),
        }
    }
}

impl Arbitrary for messages::fetch_response::FetchResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: if version >= 7 { random.i16() } else { 0 },
            session_id: if version >= 7 { random.i32() } else { 0 },
            responses: random.array(version, messages::fetch_response::FetchableTopicResponse::arbitrary),
            node_endpoints: if version >= 16 {
                if random.bool() {
                    random.array(version, messages::fetch_response::NodeEndpoint::arbitrary)
                } else {
                    Vec::new()
                }
            } else {
                Vec::new()
            },
        }
    }
}

impl Arbitrary for messages::fetch_response::FetchableTopicResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic: if version <= 12 { random.string() } else { String::new() },
            topic_id: if version >= 13 { random.uuid() } else { Uuid::ZERO },
            partitions: random.array(version, messages::fetch_response::PartitionData::arbitrary),
        }
    }
}

impl Arbitrary for messages::fetch_response::PartitionData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            error_code: random.i16(),
            high_watermark: random.i64(),
            last_stable_offset: random.i64(),
            log_start_offset: if version >= 5 { random.i64() } else { -1 },
            diverging_epoch: if version >= 12 {
                if random.bool() {
                    messages::fetch_response::EpochEndOffset::arbitrary(random, version)
                } else {
                    messages::fetch_response::EpochEndOffset::default()
                }
            } else {
                messages::fetch_response::EpochEndOffset::default()
            },
            current_leader: if version >= 12 {
                if random.bool() {
                    messages::fetch_response::LeaderIdAndEpoch::arbitrary(random, version)
                } else {
                    messages::fetch_response::LeaderIdAndEpoch::default()
                }
            } else {
                messages::fetch_response::LeaderIdAndEpoch::default()
            },
            snapshot_id: if version >= 12 {
                if random.bool() {
                    messages::fetch_response::SnapshotId::arbitrary(random, version)
                } else {
                    messages::fetch_response::SnapshotId::default()
                }
            } else {
                messages::fetch_response::SnapshotId::default()
            },
            aborted_transactions: random
                .bool()
                .then(|| random.array(version, messages::fetch_response::AbortedTransaction::arbitrary)),
            preferred_read_replica: if version >= 11 { random.i32() } else { -1 },
            records: random.bool().then(|| random.bytes()),
        }
    }
}

impl Arbitrary for messages::fetch_response::EpochEndOffset {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { epoch: random.i32(), end_offset: random.i64() }
    }
}

impl Arbitrary for messages::fetch_response::LeaderIdAndEpoch {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { leader_id: random.i32(), leader_epoch: random.i32() }
    }
}

impl Arbitrary for messages::fetch_response::SnapshotId {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { end_offset: random.i64(), epoch: random.i32() }
    }
}

impl Arbitrary for messages::fetch_response::AbortedTransaction {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { producer_id: random.i64(), first_offset: random.i64() }
    }
}

impl Arbitrary for messages::fetch_response::NodeEndpoint {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            node_id: random.i32(),
            host: random.string(),
            port: random.i32(),
            rack: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::list_offsets_request::ListOffsetsRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            replica_id: random.i32(),
            isolation_level: if version >= 2 { random.i8() } else { 0 },
            topics: random.array(version, messages::list_offsets_request::ListOffsetsTopic::arbitrary),
            timeout_ms: if version >= 10 { random.i32() } else { 0 },
        }
    }
}

impl Arbitrary for messages::list_offsets_request::ListOffsetsTopic {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: random.string(),
            partitions: random
                .array(version, messages::list_offsets_request::ListOffsetsPartition::arbitrary),
        }
    }
}

impl Arbitrary for messages::list_offsets_request::ListOffsetsPartition {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            current_leader_epoch: if version >= 4 { random.i32() } else { -1 },
            timestamp: random.i64(),
        }
    }
}

impl Arbitrary for messages::list_offsets_response::ListOffsetsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: if version >= 2 { random.i32() } else { 0 },
            topics: random
                .array(version, messages::list_offsets_response::ListOffsetsTopicResponse::arbitrary),
        }
    }
}

impl Arbitrary for messages::list_offsets_response::ListOffsetsTopicResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: random.string(),
            partitions: random
                .array(version, messages::list_offsets_response::ListOffsetsPartitionResponse::arbitrary),
        }
    }
}

impl Arbitrary for messages::list_offsets_response::ListOffsetsPartitionResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            error_code: random.i16(),
            timestamp: random.i64(),
            offset: random.i64(),
            leader_epoch: if version >= 4 { random.i32() } else { -1 },
        }
    }
}

impl Arbitrary for messages::delete_records_request::DeleteRecordsRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topics: random.array(version, messages::delete_records_request::DeleteRecordsTopic::arbitrary),
            timeout_ms: random.i32(),
        }
    }
}

impl Arbitrary for messages::delete_records_request::DeleteRecordsTopic {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: random.string(),
            partitions: random
                .array(version, messages::delete_records_request::DeleteRecordsPartition::arbitrary),
        }
    }
}

impl Arbitrary for messages::delete_records_request::DeleteRecordsPartition {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { partition_index: random.i32(), offset: random.i64() }
    }
}

impl Arbitrary for messages::delete_records_response::DeleteRecordsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            topics: random
                .array(version, messages::delete_records_response::DeleteRecordsTopicResult::arbitrary),
        }
    }
}

impl Arbitrary for messages::delete_records_response::DeleteRecordsTopicResult {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: random.string(),
            partitions: random
                .array(version, messages::delete_records_response::DeleteRecordsPartitionResult::arbitrary),
        }
    }
}

impl Arbitrary for messages::delete_records_response::DeleteRecordsPartitionResult {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { partition_index: random.i32(), low_watermark: random.i64(), error_code: random.i16() }
    }
}

impl Arbitrary for messages::offset_for_leader_epoch_request::OffsetForLeaderEpochRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            replica_id: if version >= 3 { random.i32() } else { -2 },
            topics: random
                .array(version, messages::offset_for_leader_epoch_request::OffsetForLeaderTopic::arbitrary),
        }
    }
}

impl Arbitrary for messages::offset_for_leader_epoch_request::OffsetForLeaderTopic {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic: random.string(),
            partitions: random.array(
                version,
                messages::offset_for_leader_epoch_request::OffsetForLeaderPartition::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::offset_for_leader_epoch_request::OffsetForLeaderPartition {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { partition: random.i32(), current_leader_epoch: random.i32(), leader_epoch: random.i32() }
    }
}

impl Arbitrary for messages::offset_for_leader_epoch_response::OffsetForLeaderEpochResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            topics: random.array(
                version,
                messages::offset_for_leader_epoch_response::OffsetForLeaderTopicResult::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::offset_for_leader_epoch_response::OffsetForLeaderTopicResult {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic: random.string(),
            partitions: random
                .array(version, messages::offset_for_leader_epoch_response::EpochEndOffset::arbitrary),
        }
    }
}

impl Arbitrary for messages::offset_for_leader_epoch_response::EpochEndOffset {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            error_code: random.i16(),
            partition: random.i32(),
            leader_epoch: random.i32(),
            end_offset: random.i64(),
        }
    }
}

impl Arbitrary for messages::describe_producers_request::DescribeProducersRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self { topics: random.array(version, messages::describe_producers_request::TopicRequest::arbitrary) }
    }
}

impl Arbitrary for messages::describe_producers_request::TopicRequest {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), partition_indexes: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::describe_producers_response::DescribeProducersResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            topics: random.array(version, messages::describe_producers_response::TopicResponse::arbitrary),
        }
    }
}

impl Arbitrary for messages::describe_producers_response::TopicResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: random.string(),
            partitions: random
                .array(version, messages::describe_producers_response::PartitionResponse::arbitrary),
        }
    }
}

impl Arbitrary for messages::describe_producers_response::PartitionResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            active_producers: random
                .array(version, messages::describe_producers_response::ProducerState::arbitrary),
        }
    }
}

impl Arbitrary for messages::describe_producers_response::ProducerState {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            producer_id: random.i64(),
            producer_epoch: random.i32(),
            last_sequence: random.i32(),
            last_timestamp: random.i64(),
            coordinator_epoch: random.i32(),
            current_txn_start_offset: random.i64(),
        }
    }
}

impl Arbitrary for messages::register_broker_record::RegisterBrokerRecord {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            broker_id: random.i32(),
            is_migrating_zk_broker: if version >= 2 { random.bool() } else { false },
            incarnation_id: random.uuid(),
            broker_epoch: random.i64(),
            end_points: random.array(version, messages::register_broker_record::BrokerEndpoint::arbitrary),
            features: random.array(version, messages::register_broker_record::BrokerFeature::arbitrary),
            rack: random.bool().then(|| random.string()),
            fenced: random.bool(),
            in_controlled_shutdown: if version >= 1 { random.bool() } else { false },
            log_dirs: if version >= 3 {
                if random.bool() { random.list(Random::uuid) } else { Vec::new() }
            } else {
                Vec::new()
            },
            cordoned_log_dirs: if version >= 4 {
                random.bool().then(|| random.list(Random::uuid))
            } else {
                None
            },
        }
    }
}

impl Arbitrary for messages::register_broker_record::BrokerEndpoint {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            name: random.string(),
            host: random.string(),
            port: random.u16(),
            security_protocol: random.i16(),
        }
    }
}

impl Arbitrary for messages::register_broker_record::BrokerFeature {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            name: random.string(),
            min_supported_version: random.i16(),
            max_supported_version: random.i16(),
        }
    }
}

impl Arbitrary for messages::unregister_broker_record::UnregisterBrokerRecord {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { broker_id: random.i32(), broker_epoch: random.i64() }
    }
}

impl Arbitrary for messages::topic_record::TopicRecord {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), topic_id: random.uuid() }
    }
}

impl Arbitrary for messages::partition_record::PartitionRecord {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            partition_id: random.i32(),
            topic_id: random.uuid(),
            replicas: random.list(Random::i32),
            isr: random.list(Random::i32),
            removing_replicas: random.list(Random::i32),
            adding_replicas: random.list(Random::i32),
            leader: random.i32(),
            leader_recovery_state: if random.bool() { random.i8() } else { 0 },
            leader_epoch: random.i32(),
            partition_epoch: random.i32(),
            directories: if version >= 1 { random.list(Random::uuid) } else { Vec::new() },
            eligible_leader_replicas: if version >= 2 {
                random.bool().then(|| random.list(Random::i32))
            } else {
                None
            },
            last_known_elr: if version >= 2 { random.bool().then(|| random.list(Random::i32)) } else { None },
        }
    }
}

impl Arbitrary for messages::config_record::ConfigRecord {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            resource_type: random.i8(),
            resource_name: random.string(),
            name: random.string(),
            value: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::partition_change_record::PartitionChangeRecord {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            partition_id: random.i32(),
            topic_id: random.uuid(),
            isr: random.bool().then(|| random.list(Random::i32)),
            leader: if random.bool() { random.i32() } else { -2 },
            replicas: random.bool().then(|| random.list(Random::i32)),
            removing_replicas: random.bool().then(|| random.list(Random::i32)),
            adding_replicas: random.bool().then(|| random.list(Random::i32)),
            leader_recovery_state: if random.bool() { random.i8() } else { -1 },
            directories: if version >= 1 { random.bool().then(|| random.list(Random::uuid)) } else { None },
            eligible_leader_replicas: if version >= 2 {
                random.bool().then(|| random.list(Random::i32))
            } else {
                None
            },
            last_known_elr: if version >= 2 { random.bool().then(|| random.list(Random::i32)) } else { None },
        }
    }
}

impl Arbitrary for messages::fence_broker_record::FenceBrokerRecord {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { id: random.i32(), epoch: random.i64() }
    }
}

impl Arbitrary for messages::unfence_broker_record::UnfenceBrokerRecord {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { id: random.i32(), epoch: random.i64() }
    }
}

impl Arbitrary for messages::remove_topic_record::RemoveTopicRecord {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { topic_id: random.uuid() }
    }
}

impl Arbitrary for messages::delegation_token_record::DelegationTokenRecord {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            owner: random.string(),
            requester: random.string(),
            renewers: random.list(Random::string),
            issue_timestamp: random.i64(),
            max_timestamp: random.i64(),
            expiration_timestamp: random.i64(),
            token_id: random.string(),
        }
    }
}

impl Arbitrary for messages::user_scram_credential_record::UserScramCredentialRecord {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            name: random.string(),
            mechanism: random.i8(),
            salt: random.bytes(),
            stored_key: random.bytes(),
            server_key: random.bytes(),
            iterations: random.i32(),
        }
    }
}

impl Arbitrary for messages::feature_level_record::FeatureLevelRecord {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), feature_level: random.i16() }
    }
}

impl Arbitrary for messages::client_quota_record::ClientQuotaRecord {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            entity: random.array(version, messages::client_quota_record::EntityData::arbitrary),
            key: random.string(),
            value: random.f64(),
            remove: random.bool(),
        }
    }
}

impl Arbitrary for messages::client_quota_record::EntityData {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { entity_type: random.string(), entity_name: random.bool().then(|| random.string()) }
    }
}

impl Arbitrary for messages::producer_ids_record::ProducerIdsRecord {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { broker_id: random.i32(), broker_epoch: random.i64(), next_producer_id: random.i64() }
    }
}

impl Arbitrary for messages::broker_registration_change_record::BrokerRegistrationChangeRecord {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            broker_id: random.i32(),
            broker_epoch: random.i64(),
            fenced: if random.bool() { random.i8() } else { 0 },
            in_controlled_shutdown: if version >= 1 {
                if random.bool() { random.i8() } else { 0 }
            } else {
                0
            },
            log_dirs: if version >= 2 {
                if random.bool() { random.list(Random::uuid) } else { Vec::new() }
            } else {
                Vec::new()
            },
            cordoned_log_dirs: if version >= 3 {
                random.bool().then(|| random.list(Random::uuid))
            } else {
                None
            },
        }
    }
}

impl Arbitrary for messages::access_control_entry_record::AccessControlEntryRecord {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            id: random.uuid(),
            resource_type: random.i8(),
            resource_name: random.string(),
            pattern_type: random.i8(),
            principal: random.string(),
            host: random.string(),
            operation: random.i8(),
            permission_type: random.i8(),
        }
    }
}

impl Arbitrary for messages::remove_access_control_entry_record::RemoveAccessControlEntryRecord {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { id: random.uuid() }
    }
}

impl Arbitrary for messages::no_op_record::NoOpRecord {
    fn arbitrary(_random: &mut Random, _version: i16) -> Self {
        Self {}
    }
}

impl Arbitrary for messages::zk_migration_state_record::ZkMigrationStateRecord {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { zk_migration_state: random.i8() }
    }
}

impl Arbitrary for messages::remove_user_scram_credential_record::RemoveUserScramCredentialRecord {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), mechanism: random.i8() }
    }
}

impl Arbitrary for messages::begin_transaction_record::BeginTransactionRecord {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.bool().then(|| random.string()) }
    }
}

impl Arbitrary for messages::end_transaction_record::EndTransactionRecord {
    fn arbitrary(_random: &mut Random, _version: i16) -> Self {
        Self {}
    }
}

impl Arbitrary for messages::abort_transaction_record::AbortTransactionRecord {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { reason: random.bool().then(|| random.string()) }
    }
}

impl Arbitrary for messages::remove_delegation_token_record::RemoveDelegationTokenRecord {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { token_id: random.string() }
    }
}

impl Arbitrary for messages::register_controller_record::RegisterControllerRecord {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            controller_id: random.i32(),
            incarnation_id: random.uuid(),
            zk_migration_ready: random.bool(),
            end_points: random
                .array(version, messages::register_controller_record::ControllerEndpoint::arbitrary),
            features: random
                .array(version, messages::register_controller_record::ControllerFeature::arbitrary),
        }
    }
}

impl Arbitrary for messages::register_controller_record::ControllerEndpoint {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            name: random.string(),
            host: random.string(),
            port: random.u16(),
            security_protocol: random.i16(),
        }
    }
}

impl Arbitrary for messages::register_controller_record::ControllerFeature {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            name: random.string(),
            min_supported_version: random.i16(),
            max_supported_version: random.i16(),
        }
    }
}

impl Arbitrary for messages::clear_elr_record::ClearElrRecord {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { topic_name: random.string() }
    }
}

impl Arbitrary for messages::unregister_controller_record::UnregisterControllerRecord {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { controller_id: random.i32() }
    }
}

impl Arbitrary for messages::quorum_state_data::QuorumStateData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            cluster_id: if version <= 0 { random.string() } else { String::new() },
            leader_id: random.i32(),
            leader_epoch: random.i32(),
            voted_id: random.i32(),
            voted_directory_id: if version >= 1 { random.uuid() } else { Uuid::ZERO },
            applied_offset: if version <= 0 { random.i64() } else { 0 },
            current_voters: if version <= 0 {
                random.bool().then(|| random.array(version, messages::quorum_state_data::Voter::arbitrary))
            } else {
                Some(Vec::new())
            },
        }
    }
}

impl Arbitrary for messages::quorum_state_data::Voter {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { voter_id: random.i32() }
    }
}

impl Arbitrary for messages::vote_request::VoteRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            cluster_id: random.bool().then(|| random.string()),
            voter_id: if version >= 1 { random.i32() } else { -1 },
            topics: random.array(version, messages::vote_request::TopicData::arbitrary),
        }
    }
}

impl Arbitrary for messages::vote_request::TopicData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_name: random.string(),
            partitions: random.array(version, messages::vote_request::PartitionData::arbitrary),
        }
    }
}

impl Arbitrary for messages::vote_request::PartitionData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            replica_epoch: random.i32(),
            replica_id: random.i32(),
            replica_directory_id: if version >= 1 { random.uuid() } else { Uuid::ZERO },
            voter_directory_id: if version >= 1 { random.uuid() } else { Uuid::ZERO },
            last_offset_epoch: random.i32(),
            last_offset: random.i64(),
            pre_vote: if version >= 2 { random.bool() } else { false },
        }
    }
}

impl Arbitrary for messages::vote_response::VoteResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            error_code: random.i16(),
            topics: random.array(version, messages::vote_response::TopicData::arbitrary),
            node_endpoints: if version >= 1 {
                if random.bool() {
                    random.array(version, messages::vote_response::NodeEndpoint::arbitrary)
                } else {
                    Vec::new()
                }
            } else {
                Vec::new()
            },
        }
    }
}

impl Arbitrary for messages::vote_response::TopicData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_name: random.string(),
            partitions: random.array(version, messages::vote_response::PartitionData::arbitrary),
        }
    }
}

impl Arbitrary for messages::vote_response::PartitionData {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            error_code: random.i16(),
            leader_id: random.i32(),
            leader_epoch: random.i32(),
            vote_granted: random.bool(),
        }
    }
}

impl Arbitrary for messages::vote_response::NodeEndpoint {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { node_id: random.i32(), host: random.string(), port: random.u16() }
    }
}

impl Arbitrary for messages::begin_quorum_epoch_request::BeginQuorumEpochRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            cluster_id: random.bool().then(|| random.string()),
            voter_id: if version >= 1 { random.i32() } else { -1 },
            topics: random.array(version, messages::begin_quorum_epoch_request::TopicData::arbitrary),
            leader_endpoints: if version >= 1 {
                random.array(version, messages::begin_quorum_epoch_request::LeaderEndpoint::arbitrary)
            } else {
                Vec::new()
            },
        }
    }
}

impl Arbitrary for messages::begin_quorum_epoch_request::TopicData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_name: random.string(),
            partitions: random.array(version, messages::begin_quorum_epoch_request::PartitionData::arbitrary),
        }
    }
}

impl Arbitrary for messages::begin_quorum_epoch_request::PartitionData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            voter_directory_id: if version >= 1 { random.uuid() } else { Uuid::ZERO },
            leader_id: random.i32(),
            leader_epoch: random.i32(),
        }
    }
}

impl Arbitrary for messages::begin_quorum_epoch_request::LeaderEndpoint {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), host: random.string(), port: random.u16() }
    }
}

impl Arbitrary for messages::begin_quorum_epoch_response::BeginQuorumEpochResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            error_code: random.i16(),
            topics: random.array(version, messages::begin_quorum_epoch_response::TopicData::arbitrary),
            node_endpoints: if version >= 1 {
                if random.bool() {
                    random.array(version, messages::begin_quorum_epoch_response::NodeEndpoint::arbitrary)
                } else {
                    Vec::new()
                }
            } else {
                Vec::new()
            },
        }
    }
}

impl Arbitrary for messages::begin_quorum_epoch_response::TopicData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_name: random.string(),
            partitions: random
                .array(version, messages::begin_quorum_epoch_response::PartitionData::arbitrary),
        }
    }
}

impl Arbitrary for messages::begin_quorum_epoch_response::PartitionData {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            error_code: random.i16(),
            leader_id: random.i32(),
            leader_epoch: random.i32(),
        }
    }
}

impl Arbitrary for messages::begin_quorum_epoch_response::NodeEndpoint {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { node_id: random.i32(), host: random.string(), port: random.u16() }
    }
}

impl Arbitrary for messages::end_quorum_epoch_request::EndQuorumEpochRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            cluster_id: random.bool().then(|| random.string()),
            topics: random.array(version, messages::end_quorum_epoch_request::TopicData::arbitrary),
            leader_endpoints: if version >= 1 {
                random.array(version, messages::end_quorum_epoch_request::LeaderEndpoint::arbitrary)
            } else {
                Vec::new()
            },
        }
    }
}

impl Arbitrary for messages::end_quorum_epoch_request::TopicData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_name: random.string(),
            partitions: random.array(version, messages::end_quorum_epoch_request::PartitionData::arbitrary),
        }
    }
}

impl Arbitrary for messages::end_quorum_epoch_request::PartitionData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            leader_id: random.i32(),
            leader_epoch: random.i32(),
            preferred_successors: if version <= 0 { random.list(Random::i32) } else { Vec::new() },
            preferred_candidates: if version >= 1 {
                random.array(version, messages::end_quorum_epoch_request::ReplicaInfo::arbitrary)
            } else {
                Vec::new()
            },
        }
    }
}

impl Arbitrary for messages::end_quorum_epoch_request::ReplicaInfo {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { candidate_id: random.i32(), candidate_directory_id: random.uuid() }
    }
}

impl Arbitrary for messages::end_quorum_epoch_request::LeaderEndpoint {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), host: random.string(), port: random.u16() }
    }
}

impl Arbitrary for messages::end_quorum_epoch_response::EndQuorumEpochResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            error_code: random.i16(),
            topics: random.array(version, messages::end_quorum_epoch_response::TopicData::arbitrary),
            node_endpoints: if version >= 1 {
                if random.bool() {
                    random.array(version, messages::end_quorum_epoch_response::NodeEndpoint::arbitrary)
                } else {
                    Vec::new()
                }
            } else {
                Vec::new()
            },
        }
    }
}

impl Arbitrary for messages::end_quorum_epoch_response::TopicData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_name: random.string(),
            partitions: random.array(version, messages::end_quorum_epoch_response::PartitionData::arbitrary),
        }
    }
}

impl Arbitrary for messages::end_quorum_epoch_response::PartitionData {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            error_code: random.i16(),
            leader_id: random.i32(),
            leader_epoch: random.i32(),
        }
    }
}

impl Arbitrary for messages::end_quorum_epoch_response::NodeEndpoint {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { node_id: random.i32(), host: random.string(), port: random.u16() }
    }
}

impl Arbitrary for messages::describe_quorum_request::DescribeQuorumRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self { topics: random.array(version, messages::describe_quorum_request::TopicData::arbitrary) }
    }
}

impl Arbitrary for messages::describe_quorum_request::TopicData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_name: random.string(),
            partitions: random.array(version, messages::describe_quorum_request::PartitionData::arbitrary),
        }
    }
}

impl Arbitrary for messages::describe_quorum_request::PartitionData {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { partition_index: random.i32() }
    }
}

impl Arbitrary for messages::describe_quorum_response::DescribeQuorumResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            error_code: random.i16(),
            error_message: if version >= 2 {
                random.bool().then(|| random.string())
            } else {
                Some(String::new())
            },
            topics: random.array(version, messages::describe_quorum_response::TopicData::arbitrary),
            nodes: if version >= 2 {
                random.array(version, messages::describe_quorum_response::Node::arbitrary)
            } else {
                Vec::new()
            },
        }
    }
}

impl Arbitrary for messages::describe_quorum_response::TopicData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_name: random.string(),
            partitions: random.array(version, messages::describe_quorum_response::PartitionData::arbitrary),
        }
    }
}

impl Arbitrary for messages::describe_quorum_response::PartitionData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            error_code: random.i16(),
            error_message: if version >= 2 {
                random.bool().then(|| random.string())
            } else {
                Some(String::new())
            },
            leader_id: random.i32(),
            leader_epoch: random.i32(),
            high_watermark: random.i64(),
            current_voters: random
                .array(version, messages::describe_quorum_response::ReplicaState::arbitrary),
            observers: random.array(version, messages::describe_quorum_response::ReplicaState::arbitrary),
        }
    }
}

impl Arbitrary for messages::describe_quorum_response::ReplicaState {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            replica_id: random.i32(),
            replica_directory_id: if version >= 2 { random.uuid() } else { Uuid::ZERO },
            log_end_offset: random.i64(),
            last_fetch_timestamp: if version >= 1 { random.i64() } else { -1 },
            last_caught_up_timestamp: if version >= 1 { random.i64() } else { -1 },
        }
    }
}

impl Arbitrary for messages::describe_quorum_response::Node {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            node_id: random.i32(),
            listeners: random.array(version, messages::describe_quorum_response::Listener::arbitrary),
        }
    }
}

impl Arbitrary for messages::describe_quorum_response::Listener {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), host: random.string(), port: random.u16() }
    }
}

impl Arbitrary for messages::fetch_snapshot_request::FetchSnapshotRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            cluster_id: random.bool().then(|| random.string()),
            replica_id: random.i32(),
            max_bytes: random.i32(),
            topics: random.array(version, messages::fetch_snapshot_request::TopicSnapshot::arbitrary),
        }
    }
}

impl Arbitrary for messages::fetch_snapshot_request::TopicSnapshot {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: random.string(),
            partitions: random.array(version, messages::fetch_snapshot_request::PartitionSnapshot::arbitrary),
        }
    }
}

impl Arbitrary for messages::fetch_snapshot_request::PartitionSnapshot {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            partition: random.i32(),
            current_leader_epoch: random.i32(),
            snapshot_id: messages::fetch_snapshot_request::SnapshotId::arbitrary(random, version),
            position: random.i64(),
            replica_directory_id: if version >= 1 {
                if random.bool() { random.uuid() } else { Uuid::ZERO }
            } else {
                Uuid::ZERO
            },
        }
    }
}

impl Arbitrary for messages::fetch_snapshot_request::SnapshotId {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { end_offset: random.i64(), epoch: random.i32() }
    }
}

impl Arbitrary for messages::fetch_snapshot_response::FetchSnapshotResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            topics: random.array(version, messages::fetch_snapshot_response::TopicSnapshot::arbitrary),
            node_endpoints: if version >= 1 {
                if random.bool() {
                    random.array(version, messages::fetch_snapshot_response::NodeEndpoint::arbitrary)
                } else {
                    Vec::new()
                }
            } else {
                Vec::new()
            },
        }
    }
}

impl Arbitrary for messages::fetch_snapshot_response::TopicSnapshot {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: random.string(),
            partitions: random
                .array(version, messages::fetch_snapshot_response::PartitionSnapshot::arbitrary),
        }
    }
}

impl Arbitrary for messages::fetch_snapshot_response::PartitionSnapshot {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            index: random.i32(),
            error_code: random.i16(),
            snapshot_id: messages::fetch_snapshot_response::SnapshotId::arbitrary(random, version),
            current_leader: if random.bool() {
                messages::fetch_snapshot_response::LeaderIdAndEpoch::arbitrary(random, version)
            } else {
                messages::fetch_snapshot_response::LeaderIdAndEpoch::default()
            },
            size: random.i64(),
            position: random.i64(),
            unaligned_records: random.bytes(),
        }
    }
}

impl Arbitrary for messages::fetch_snapshot_response::SnapshotId {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { end_offset: random.i64(), epoch: random.i32() }
    }
}

impl Arbitrary for messages::fetch_snapshot_response::LeaderIdAndEpoch {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { leader_id: random.i32(), leader_epoch: random.i32() }
    }
}

impl Arbitrary for messages::fetch_snapshot_response::NodeEndpoint {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { node_id: random.i32(), host: random.string(), port: random.u16() }
    }
}

impl Arbitrary for messages::add_raft_voter_request::AddRaftVoterRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            cluster_id: random.bool().then(|| random.string()),
            timeout_ms: random.i32(),
            voter_id: random.i32(),
            voter_directory_id: random.uuid(),
            listeners: random.array(version, messages::add_raft_voter_request::Listener::arbitrary),
            ack_when_committed: if version >= 1 { random.bool() } else { true },
        }
    }
}

impl Arbitrary for messages::add_raft_voter_request::Listener {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), host: random.string(), port: random.u16() }
    }
}

impl Arbitrary for messages::add_raft_voter_response::AddRaftVoterResponse {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::remove_raft_voter_request::RemoveRaftVoterRequest {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            cluster_id: random.bool().then(|| random.string()),
            voter_id: random.i32(),
            voter_directory_id: random.uuid(),
        }
    }
}

impl Arbitrary for messages::remove_raft_voter_response::RemoveRaftVoterResponse {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::update_raft_voter_request::UpdateRaftVoterRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            cluster_id: random.bool().then(|| random.string()),
            current_leader_epoch: random.i32(),
            voter_id: random.i32(),
            voter_directory_id: random.uuid(),
            listeners: random.array(version, messages::update_raft_voter_request::Listener::arbitrary),
            kraft_version_feature: messages::update_raft_voter_request::KRaftVersionFeature::arbitrary(
                random, version,
            ),
        }
    }
}

impl Arbitrary for messages::update_raft_voter_request::Listener {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), host: random.string(), port: random.u16() }
    }
}

impl Arbitrary for messages::update_raft_voter_request::KRaftVersionFeature {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { min_supported_version: random.i16(), max_supported_version: random.i16() }
    }
}

impl Arbitrary for messages::update_raft_voter_response::UpdateRaftVoterResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            current_leader: if random.bool() {
                messages::update_raft_voter_response::CurrentLeader::arbitrary(random, version)
            } else {
                messages::update_raft_voter_response::CurrentLeader::default()
            },
        }
    }
}

impl Arbitrary for messages::update_raft_voter_response::CurrentLeader {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            leader_id: random.i32(),
            leader_epoch: random.i32(),
            host: random.string(),
            port: random.i32(),
        }
    }
}

impl Arbitrary for messages::remote_log_segment_metadata_record::RemoteLogSegmentMetadataRecord {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            remote_log_segment_id:
                messages::remote_log_segment_metadata_record::RemoteLogSegmentIdEntry::arbitrary(
                    random, version,
                ),
            start_offset: random.i64(),
            end_offset: random.i64(),
            broker_id: random.i32(),
            max_timestamp_ms: random.i64(),
            event_timestamp_ms: random.i64(),
            segment_leader_epochs: random.array(
                version,
                messages::remote_log_segment_metadata_record::SegmentLeaderEpochEntry::arbitrary,
            ),
            segment_size_in_bytes: random.i32(),
            custom_metadata: random.bool().then(|| random.bytes()),
            remote_log_segment_state: random.i8(),
            txn_index_empty: if random.bool() { random.bool() } else { false },
        }
    }
}

impl Arbitrary for messages::remote_log_segment_metadata_record::RemoteLogSegmentIdEntry {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_id_partition:
                messages::remote_log_segment_metadata_record::TopicIdPartitionEntry::arbitrary(
                    random, version,
                ),
            id: random.uuid(),
        }
    }
}

impl Arbitrary for messages::remote_log_segment_metadata_record::TopicIdPartitionEntry {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), id: random.uuid(), partition: random.i32() }
    }
}

impl Arbitrary for messages::remote_log_segment_metadata_record::SegmentLeaderEpochEntry {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { leader_epoch: random.i32(), offset: random.i64() }
    }
}

impl Arbitrary for messages::remote_log_segment_metadata_update_record::RemoteLogSegmentMetadataUpdateRecord {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            remote_log_segment_id:
                messages::remote_log_segment_metadata_update_record::RemoteLogSegmentIdEntry::arbitrary(
                    random, version,
                ),
            broker_id: random.i32(),
            event_timestamp_ms: random.i64(),
            custom_metadata: random.bool().then(|| random.bytes()),
            remote_log_segment_state: random.i8(),
        }
    }
}

impl Arbitrary for messages::remote_log_segment_metadata_update_record::RemoteLogSegmentIdEntry {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_id_partition:
                messages::remote_log_segment_metadata_update_record::TopicIdPartitionEntry::arbitrary(
                    random, version,
                ),
            id: random.uuid(),
        }
    }
}

impl Arbitrary for messages::remote_log_segment_metadata_update_record::TopicIdPartitionEntry {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), id: random.uuid(), partition: random.i32() }
    }
}

impl Arbitrary for messages::remote_partition_delete_metadata_record::RemotePartitionDeleteMetadataRecord {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_id_partition:
                messages::remote_partition_delete_metadata_record::TopicIdPartitionEntry::arbitrary(
                    random, version,
                ),
            broker_id: random.i32(),
            event_timestamp_ms: random.i64(),
            remote_partition_delete_state: random.i8(),
        }
    }
}

impl Arbitrary for messages::remote_partition_delete_metadata_record::TopicIdPartitionEntry {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), id: random.uuid(), partition: random.i32() }
    }
}

impl Arbitrary
    for messages::remote_log_segment_metadata_snapshot_record::RemoteLogSegmentMetadataSnapshotRecord
{
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            segment_id: random.uuid(),
            start_offset: random.i64(),
            end_offset: random.i64(),
            broker_id: random.i32(),
            max_timestamp_ms: random.i64(),
            event_timestamp_ms: random.i64(),
            segment_leader_epochs: random.array(
                version,
                messages::remote_log_segment_metadata_snapshot_record::SegmentLeaderEpochEntry::arbitrary,
            ),
            segment_size_in_bytes: random.i32(),
            custom_metadata: random.bool().then(|| random.bytes()),
            remote_log_segment_state: random.i8(),
            txn_index_empty: if random.bool() { random.bool() } else { false },
        }
    }
}

impl Arbitrary for messages::remote_log_segment_metadata_snapshot_record::SegmentLeaderEpochEntry {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { leader_epoch: random.i32(), offset: random.i64() }
    }
}

impl Arbitrary for messages::sasl_handshake_request::SaslHandshakeRequest {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { mechanism: random.string() }
    }
}

impl Arbitrary for messages::sasl_handshake_response::SaslHandshakeResponse {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { error_code: random.i16(), mechanisms: random.list(Random::string) }
    }
}

impl Arbitrary for messages::describe_acls_request::DescribeAclsRequest {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            resource_type_filter: random.i8(),
            resource_name_filter: random.bool().then(|| random.string()),
            pattern_type_filter: random.i8(),
            principal_filter: random.bool().then(|| random.string()),
            host_filter: random.bool().then(|| random.string()),
            operation: random.i8(),
            permission_type: random.i8(),
        }
    }
}

impl Arbitrary for messages::describe_acls_response::DescribeAclsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            resources: random
                .array(version, messages::describe_acls_response::DescribeAclsResource::arbitrary),
        }
    }
}

impl Arbitrary for messages::describe_acls_response::DescribeAclsResource {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            resource_type: random.i8(),
            resource_name: random.string(),
            pattern_type: random.i8(),
            acls: random.array(version, messages::describe_acls_response::AclDescription::arbitrary),
        }
    }
}

impl Arbitrary for messages::describe_acls_response::AclDescription {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            principal: random.string(),
            host: random.string(),
            operation: random.i8(),
            permission_type: random.i8(),
        }
    }
}

impl Arbitrary for messages::create_acls_request::CreateAclsRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self { creations: random.array(version, messages::create_acls_request::AclCreation::arbitrary) }
    }
}

impl Arbitrary for messages::create_acls_request::AclCreation {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            resource_type: random.i8(),
            resource_name: random.string(),
            resource_pattern_type: random.i8(),
            principal: random.string(),
            host: random.string(),
            operation: random.i8(),
            permission_type: random.i8(),
        }
    }
}

impl Arbitrary for messages::create_acls_response::CreateAclsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            results: random.array(version, messages::create_acls_response::AclCreationResult::arbitrary),
        }
    }
}

impl Arbitrary for messages::create_acls_response::AclCreationResult {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { error_code: random.i16(), error_message: random.bool().then(|| random.string()) }
    }
}

impl Arbitrary for messages::delete_acls_request::DeleteAclsRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self { filters: random.array(version, messages::delete_acls_request::DeleteAclsFilter::arbitrary) }
    }
}

impl Arbitrary for messages::delete_acls_request::DeleteAclsFilter {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            resource_type_filter: random.i8(),
            resource_name_filter: random.bool().then(|| random.string()),
            pattern_type_filter: random.i8(),
            principal_filter: random.bool().then(|| random.string()),
            host_filter: random.bool().then(|| random.string()),
            operation: random.i8(),
            permission_type: random.i8(),
        }
    }
}

impl Arbitrary for messages::delete_acls_response::DeleteAclsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            filter_results: random
                .array(version, messages::delete_acls_response::DeleteAclsFilterResult::arbitrary),
        }
    }
}

impl Arbitrary for messages::delete_acls_response::DeleteAclsFilterResult {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            matching_acls: random
                .array(version, messages::delete_acls_response::DeleteAclsMatchingAcl::arbitrary),
        }
    }
}

impl Arbitrary for messages::delete_acls_response::DeleteAclsMatchingAcl {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            resource_type: random.i8(),
            resource_name: random.string(),
            pattern_type: random.i8(),
            principal: random.string(),
            host: random.string(),
            operation: random.i8(),
            permission_type: random.i8(),
        }
    }
}

impl Arbitrary for messages::sasl_authenticate_request::SaslAuthenticateRequest {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { auth_bytes: random.bytes() }
    }
}

impl Arbitrary for messages::sasl_authenticate_response::SaslAuthenticateResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            auth_bytes: random.bytes(),
            session_lifetime_ms: if version >= 1 { random.i64() } else { 0 },
        }
    }
}

impl Arbitrary for messages::create_delegation_token_request::CreateDelegationTokenRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            owner_principal_type: if version >= 3 {
                random.bool().then(|| random.string())
            } else {
                Some(String::new())
            },
            owner_principal_name: if version >= 3 {
                random.bool().then(|| random.string())
            } else {
                Some(String::new())
            },
            renewers: random
                .array(version, messages::create_delegation_token_request::CreatableRenewers::arbitrary),
            max_lifetime_ms: random.i64(),
        }
    }
}

impl Arbitrary for messages::create_delegation_token_request::CreatableRenewers {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { principal_type: random.string(), principal_name: random.string() }
    }
}

impl Arbitrary for messages::create_delegation_token_response::CreateDelegationTokenResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            error_code: random.i16(),
            principal_type: random.string(),
            principal_name: random.string(),
            token_requester_principal_type: if version >= 3 { random.string() } else { String::new() },
            token_requester_principal_name: if version >= 3 { random.string() } else { String::new() },
            issue_timestamp_ms: random.i64(),
            expiry_timestamp_ms: random.i64(),
            max_timestamp_ms: random.i64(),
            token_id: random.string(),
            hmac: random.bytes(),
            throttle_time_ms: random.i32(),
        }
    }
}

impl Arbitrary for messages::renew_delegation_token_request::RenewDelegationTokenRequest {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { hmac: random.bytes(), renew_period_ms: random.i64() }
    }
}

impl Arbitrary for messages::renew_delegation_token_response::RenewDelegationTokenResponse {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { error_code: random.i16(), expiry_timestamp_ms: random.i64(), throttle_time_ms: random.i32() }
    }
}

impl Arbitrary for messages::expire_delegation_token_request::ExpireDelegationTokenRequest {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { hmac: random.bytes(), expiry_time_period_ms: random.i64() }
    }
}

impl Arbitrary for messages::expire_delegation_token_response::ExpireDelegationTokenResponse {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { error_code: random.i16(), expiry_timestamp_ms: random.i64(), throttle_time_ms: random.i32() }
    }
}

impl Arbitrary for messages::describe_delegation_token_request::DescribeDelegationTokenRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            owners: random.bool().then(|| {
                random.array(
                    version,
                    messages::describe_delegation_token_request::DescribeDelegationTokenOwner::arbitrary,
                )
            }),
        }
    }
}

impl Arbitrary for messages::describe_delegation_token_request::DescribeDelegationTokenOwner {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { principal_type: random.string(), principal_name: random.string() }
    }
}

impl Arbitrary for messages::describe_delegation_token_response::DescribeDelegationTokenResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            error_code: random.i16(),
            tokens: random.array(
                version,
                messages::describe_delegation_token_response::DescribedDelegationToken::arbitrary,
            ),
            throttle_time_ms: random.i32(),
        }
    }
}

impl Arbitrary for messages::describe_delegation_token_response::DescribedDelegationToken {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            principal_type: random.string(),
            principal_name: random.string(),
            token_requester_principal_type: if version >= 3 { random.string() } else { String::new() },
            token_requester_principal_name: if version >= 3 { random.string() } else { String::new() },
            issue_timestamp: random.i64(),
            expiry_timestamp: random.i64(),
            max_timestamp: random.i64(),
            token_id: random.string(),
            hmac: random.bytes(),
            renewers: random.array(
                version,
                messages::describe_delegation_token_response::DescribedDelegationTokenRenewer::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::describe_delegation_token_response::DescribedDelegationTokenRenewer {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { principal_type: random.string(), principal_name: random.string() }
    }
}

impl Arbitrary for messages::describe_user_scram_credentials_request::DescribeUserScramCredentialsRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            users: random.bool().then(|| {
                random.array(version, messages::describe_user_scram_credentials_request::UserName::arbitrary)
            }),
        }
    }
}

impl Arbitrary for messages::describe_user_scram_credentials_request::UserName {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string() }
    }
}

impl Arbitrary for messages::describe_user_scram_credentials_response::DescribeUserScramCredentialsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
throttle_time_ms: random.i32(),
error_code: random.i16(),
error_message: random.bool().then(|| random.string()),
results: random.array(version, messages::describe_user_scram_credentials_response::DescribeUserScramCredentialsResult::arbitrary),
}
    }
}

impl Arbitrary for messages::describe_user_scram_credentials_response::DescribeUserScramCredentialsResult {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            user: random.string(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            credential_infos: random.array(
                version,
                messages::describe_user_scram_credentials_response::CredentialInfo::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::describe_user_scram_credentials_response::CredentialInfo {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { mechanism: random.i8(), iterations: random.i32() }
    }
}

impl Arbitrary for messages::alter_user_scram_credentials_request::AlterUserScramCredentialsRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            deletions: random.array(
                version,
                messages::alter_user_scram_credentials_request::ScramCredentialDeletion::arbitrary,
            ),
            upsertions: random.array(
                version,
                messages::alter_user_scram_credentials_request::ScramCredentialUpsertion::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::alter_user_scram_credentials_request::ScramCredentialDeletion {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), mechanism: random.i8() }
    }
}

impl Arbitrary for messages::alter_user_scram_credentials_request::ScramCredentialUpsertion {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            name: random.string(),
            mechanism: random.i8(),
            iterations: random.i32(),
            salt: random.bytes(),
            salted_password: random.bytes(),
        }
    }
}

impl Arbitrary for messages::alter_user_scram_credentials_response::AlterUserScramCredentialsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            results: random.array(
                version,
                messages::alter_user_scram_credentials_response::AlterUserScramCredentialsResult::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::alter_user_scram_credentials_response::AlterUserScramCredentialsResult {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            user: random.string(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::share_group_heartbeat_request::ShareGroupHeartbeatRequest {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            group_id: random.string(),
            member_id: random.string(),
            member_epoch: random.i32(),
            rack_id: random.bool().then(|| random.string()),
            subscribed_topic_names: random.bool().then(|| random.list(Random::string)),
        }
    }
}

impl Arbitrary for messages::share_group_heartbeat_response::ShareGroupHeartbeatResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            member_id: random.bool().then(|| random.string()),
            member_epoch: random.i32(),
            heartbeat_interval_ms: random.i32(),
            assignment: random
                .bool()
                .then(|| messages::share_group_heartbeat_response::Assignment::arbitrary(random, version)),
        }
    }
}

impl Arbitrary for messages::share_group_heartbeat_response::Assignment {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_partitions: random
                .array(version, messages::share_group_heartbeat_response::TopicPartitions::arbitrary),
        }
    }
}

impl Arbitrary for messages::share_group_heartbeat_response::TopicPartitions {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { topic_id: random.uuid(), partitions: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::share_group_describe_request::ShareGroupDescribeRequest {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group_ids: random.list(Random::string), include_authorized_operations: random.bool() }
    }
}

impl Arbitrary for messages::share_group_describe_response::ShareGroupDescribeResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            groups: random.array(version, messages::share_group_describe_response::DescribedGroup::arbitrary),
        }
    }
}

impl Arbitrary for messages::share_group_describe_response::DescribedGroup {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            group_id: random.string(),
            group_state: random.string(),
            group_epoch: random.i32(),
            assignment_epoch: random.i32(),
            assignor_name: random.string(),
            members: random.array(version, messages::share_group_describe_response::Member::arbitrary),
            authorized_operations: random.i32(),
        }
    }
}

impl Arbitrary for messages::share_group_describe_response::Member {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            member_id: random.string(),
            rack_id: random.bool().then(|| random.string()),
            member_epoch: random.i32(),
            client_id: random.string(),
            client_host: random.string(),
            subscribed_topic_names: random.list(Random::string),
            assignment: messages::share_group_describe_response::Assignment::arbitrary(random, version),
        }
    }
}

impl Arbitrary for messages::share_group_describe_response::Assignment {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_partitions: random
                .array(version, messages::share_group_describe_response::TopicPartitions::arbitrary),
        }
    }
}

impl Arbitrary for messages::share_group_describe_response::TopicPartitions {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { topic_id: random.uuid(), topic_name: random.string(), partitions: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::share_fetch_request::ShareFetchRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            group_id: random.bool().then(|| random.string()),
            member_id: random.bool().then(|| random.string()),
            share_session_epoch: random.i32(),
            max_wait_ms: random.i32(),
            min_bytes: random.i32(),
            max_bytes: random.i32(),
            max_records: random.i32(),
            batch_size: random.i32(),
            share_acquire_mode: if version >= 2 { random.i8() } else { 0 },
            is_renew_ack: if version >= 2 { random.bool() } else { false },
            topics: random.array(version, messages::share_fetch_request::FetchTopic::arbitrary),
            forgotten_topics_data: random
                .array(version, messages::share_fetch_request::ForgottenTopic::arbitrary),
        }
    }
}

impl Arbitrary for messages::share_fetch_request::FetchTopic {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_id: random.uuid(),
            partitions: random.array(version, messages::share_fetch_request::FetchPartition::arbitrary),
        }
    }
}

impl Arbitrary for messages::share_fetch_request::FetchPartition {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            acknowledgement_batches: random
                .array(version, messages::share_fetch_request::AcknowledgementBatch::arbitrary),
        }
    }
}

impl Arbitrary for messages::share_fetch_request::AcknowledgementBatch {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            first_offset: random.i64(),
            last_offset: random.i64(),
            acknowledge_types: random.list(Random::i8),
        }
    }
}

impl Arbitrary for messages::share_fetch_request::ForgottenTopic {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { topic_id: random.uuid(), partitions: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::share_fetch_response::ShareFetchResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            acquisition_lock_timeout_ms: random.i32(),
            responses: random
                .array(version, messages::share_fetch_response::ShareFetchableTopicResponse::arbitrary),
            node_endpoints: random.array(version, messages::share_fetch_response::NodeEndpoint::arbitrary),
        }
    }
}

impl Arbitrary for messages::share_fetch_response::ShareFetchableTopicResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_id: random.uuid(),
            partitions: random.array(version, messages::share_fetch_response::PartitionData::arbitrary),
        }
    }
}

impl Arbitrary for messages::share_fetch_response::PartitionData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            acknowledge_error_code: random.i16(),
            acknowledge_error_message: random.bool().then(|| random.string()),
            current_leader: messages::share_fetch_response::LeaderIdAndEpoch::arbitrary(random, version),
            records: random.bytes(),
            acquired_records: random
                .array(version, messages::share_fetch_response::AcquiredRecords::arbitrary),
        }
    }
}

impl Arbitrary for messages::share_fetch_response::LeaderIdAndEpoch {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { leader_id: random.i32(), leader_epoch: random.i32() }
    }
}

impl Arbitrary for messages::share_fetch_response::AcquiredRecords {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { first_offset: random.i64(), last_offset: random.i64(), delivery_count: random.i16() }
    }
}

impl Arbitrary for messages::share_fetch_response::NodeEndpoint {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            node_id: random.i32(),
            host: random.string(),
            port: random.i32(),
            rack: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::share_acknowledge_request::ShareAcknowledgeRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            group_id: random.bool().then(|| random.string()),
            member_id: random.bool().then(|| random.string()),
            share_session_epoch: random.i32(),
            is_renew_ack: if version >= 2 { random.bool() } else { false },
            topics: random.array(version, messages::share_acknowledge_request::AcknowledgeTopic::arbitrary),
        }
    }
}

impl Arbitrary for messages::share_acknowledge_request::AcknowledgeTopic {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_id: random.uuid(),
            partitions: random
                .array(version, messages::share_acknowledge_request::AcknowledgePartition::arbitrary),
        }
    }
}

impl Arbitrary for messages::share_acknowledge_request::AcknowledgePartition {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            acknowledgement_batches: random
                .array(version, messages::share_acknowledge_request::AcknowledgementBatch::arbitrary),
        }
    }
}

impl Arbitrary for messages::share_acknowledge_request::AcknowledgementBatch {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            first_offset: random.i64(),
            last_offset: random.i64(),
            acknowledge_types: random.list(Random::i8),
        }
    }
}

impl Arbitrary for messages::share_acknowledge_response::ShareAcknowledgeResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            acquisition_lock_timeout_ms: if version >= 2 { random.i32() } else { 0 },
            responses: random.array(
                version,
                messages::share_acknowledge_response::ShareAcknowledgeTopicResponse::arbitrary,
            ),
            node_endpoints: random
                .array(version, messages::share_acknowledge_response::NodeEndpoint::arbitrary),
        }
    }
}

impl Arbitrary for messages::share_acknowledge_response::ShareAcknowledgeTopicResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_id: random.uuid(),
            partitions: random.array(version, messages::share_acknowledge_response::PartitionData::arbitrary),
        }
    }
}

impl Arbitrary for messages::share_acknowledge_response::PartitionData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            current_leader: messages::share_acknowledge_response::LeaderIdAndEpoch::arbitrary(
                random, version,
            ),
        }
    }
}

impl Arbitrary for messages::share_acknowledge_response::LeaderIdAndEpoch {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { leader_id: random.i32(), leader_epoch: random.i32() }
    }
}

impl Arbitrary for messages::share_acknowledge_response::NodeEndpoint {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            node_id: random.i32(),
            host: random.string(),
            port: random.i32(),
            rack: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::initialize_share_group_state_request::InitializeShareGroupStateRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            group_id: random.string(),
            topics: random.array(
                version,
                messages::initialize_share_group_state_request::InitializeStateData::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::initialize_share_group_state_request::InitializeStateData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_id: random.uuid(),
            partitions: random
                .array(version, messages::initialize_share_group_state_request::PartitionData::arbitrary),
        }
    }
}

impl Arbitrary for messages::initialize_share_group_state_request::PartitionData {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { partition: random.i32(), state_epoch: random.i32(), start_offset: random.i64() }
    }
}

impl Arbitrary for messages::initialize_share_group_state_response::InitializeShareGroupStateResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            results: random.array(
                version,
                messages::initialize_share_group_state_response::InitializeStateResult::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::initialize_share_group_state_response::InitializeStateResult {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_id: random.uuid(),
            partitions: random
                .array(version, messages::initialize_share_group_state_response::PartitionResult::arbitrary),
        }
    }
}

impl Arbitrary for messages::initialize_share_group_state_response::PartitionResult {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            partition: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::read_share_group_state_request::ReadShareGroupStateRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            group_id: random.string(),
            topics: random.array(version, messages::read_share_group_state_request::ReadStateData::arbitrary),
        }
    }
}

impl Arbitrary for messages::read_share_group_state_request::ReadStateData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_id: random.uuid(),
            partitions: random
                .array(version, messages::read_share_group_state_request::PartitionData::arbitrary),
        }
    }
}

impl Arbitrary for messages::read_share_group_state_request::PartitionData {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { partition: random.i32(), leader_epoch: random.i32() }
    }
}

impl Arbitrary for messages::read_share_group_state_response::ReadShareGroupStateResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            results: random
                .array(version, messages::read_share_group_state_response::ReadStateResult::arbitrary),
        }
    }
}

impl Arbitrary for messages::read_share_group_state_response::ReadStateResult {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_id: random.uuid(),
            partitions: random
                .array(version, messages::read_share_group_state_response::PartitionResult::arbitrary),
        }
    }
}

impl Arbitrary for messages::read_share_group_state_response::PartitionResult {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            partition: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            state_epoch: random.i32(),
            start_offset: random.i64(),
            state_batches: random
                .array(version, messages::read_share_group_state_response::StateBatch::arbitrary),
        }
    }
}

impl Arbitrary for messages::read_share_group_state_response::StateBatch {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            first_offset: random.i64(),
            last_offset: random.i64(),
            delivery_state: random.i8(),
            delivery_count: random.i16(),
        }
    }
}

impl Arbitrary for messages::write_share_group_state_request::WriteShareGroupStateRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            group_id: random.string(),
            topics: random
                .array(version, messages::write_share_group_state_request::WriteStateData::arbitrary),
        }
    }
}

impl Arbitrary for messages::write_share_group_state_request::WriteStateData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_id: random.uuid(),
            partitions: random
                .array(version, messages::write_share_group_state_request::PartitionData::arbitrary),
        }
    }
}

impl Arbitrary for messages::write_share_group_state_request::PartitionData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            partition: random.i32(),
            state_epoch: random.i32(),
            leader_epoch: random.i32(),
            start_offset: random.i64(),
            delivery_complete_count: if version >= 1 { random.i32() } else { -1 },
            state_batches: random
                .array(version, messages::write_share_group_state_request::StateBatch::arbitrary),
        }
    }
}

impl Arbitrary for messages::write_share_group_state_request::StateBatch {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            first_offset: random.i64(),
            last_offset: random.i64(),
            delivery_state: random.i8(),
            delivery_count: random.i16(),
        }
    }
}

impl Arbitrary for messages::write_share_group_state_response::WriteShareGroupStateResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            results: random
                .array(version, messages::write_share_group_state_response::WriteStateResult::arbitrary),
        }
    }
}

impl Arbitrary for messages::write_share_group_state_response::WriteStateResult {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_id: random.uuid(),
            partitions: random
                .array(version, messages::write_share_group_state_response::PartitionResult::arbitrary),
        }
    }
}

impl Arbitrary for messages::write_share_group_state_response::PartitionResult {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            partition: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::delete_share_group_state_request::DeleteShareGroupStateRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            group_id: random.string(),
            topics: random
                .array(version, messages::delete_share_group_state_request::DeleteStateData::arbitrary),
        }
    }
}

impl Arbitrary for messages::delete_share_group_state_request::DeleteStateData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_id: random.uuid(),
            partitions: random
                .array(version, messages::delete_share_group_state_request::PartitionData::arbitrary),
        }
    }
}

impl Arbitrary for messages::delete_share_group_state_request::PartitionData {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { partition: random.i32() }
    }
}

impl Arbitrary for messages::delete_share_group_state_response::DeleteShareGroupStateResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            results: random
                .array(version, messages::delete_share_group_state_response::DeleteStateResult::arbitrary),
        }
    }
}

impl Arbitrary for messages::delete_share_group_state_response::DeleteStateResult {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_id: random.uuid(),
            partitions: random
                .array(version, messages::delete_share_group_state_response::PartitionResult::arbitrary),
        }
    }
}

impl Arbitrary for messages::delete_share_group_state_response::PartitionResult {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            partition: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::read_share_group_state_summary_request::ReadShareGroupStateSummaryRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            group_id: random.string(),
            topics: random.array(
                version,
                messages::read_share_group_state_summary_request::ReadStateSummaryData::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::read_share_group_state_summary_request::ReadStateSummaryData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_id: random.uuid(),
            partitions: random
                .array(version, messages::read_share_group_state_summary_request::PartitionData::arbitrary),
        }
    }
}

impl Arbitrary for messages::read_share_group_state_summary_request::PartitionData {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { partition: random.i32(), leader_epoch: random.i32() }
    }
}

impl Arbitrary for messages::read_share_group_state_summary_response::ReadShareGroupStateSummaryResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            results: random.array(
                version,
                messages::read_share_group_state_summary_response::ReadStateSummaryResult::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::read_share_group_state_summary_response::ReadStateSummaryResult {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_id: random.uuid(),
            partitions: random.array(
                version,
                messages::read_share_group_state_summary_response::PartitionResult::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::read_share_group_state_summary_response::PartitionResult {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            partition: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            state_epoch: random.i32(),
            leader_epoch: random.i32(),
            start_offset: random.i64(),
            delivery_complete_count: if version >= 1 { random.i32() } else { -1 },
        }
    }
}

impl Arbitrary for messages::describe_share_group_offsets_request::DescribeShareGroupOffsetsRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
groups: random.array(version, messages::describe_share_group_offsets_request::DescribeShareGroupOffsetsRequestGroup::arbitrary),
}
    }
}

impl Arbitrary for messages::describe_share_group_offsets_request::DescribeShareGroupOffsetsRequestGroup {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
group_id: random.string(),
topics: random.bool().then(|| random.array(version, messages::describe_share_group_offsets_request::DescribeShareGroupOffsetsRequestTopic::arbitrary)),
}
    }
}

impl Arbitrary for messages::describe_share_group_offsets_request::DescribeShareGroupOffsetsRequestTopic {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { topic_name: random.string(), partitions: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::describe_share_group_offsets_response::DescribeShareGroupOffsetsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
throttle_time_ms: random.i32(),
groups: random.array(version, messages::describe_share_group_offsets_response::DescribeShareGroupOffsetsResponseGroup::arbitrary),
}
    }
}

impl Arbitrary for messages::describe_share_group_offsets_response::DescribeShareGroupOffsetsResponseGroup {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
group_id: random.string(),
topics: random.array(version, messages::describe_share_group_offsets_response::DescribeShareGroupOffsetsResponseTopic::arbitrary),
error_code: random.i16(),
error_message: random.bool().then(|| random.string()),
}
    }
}

impl Arbitrary for messages::describe_share_group_offsets_response::DescribeShareGroupOffsetsResponseTopic {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
topic_name: random.string(),
topic_id: random.uuid(),
partitions: random.array(version, messages::describe_share_group_offsets_response::DescribeShareGroupOffsetsResponsePartition::arbitrary),
}
    }
}

impl Arbitrary
    for messages::describe_share_group_offsets_response::DescribeShareGroupOffsetsResponsePartition
{
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            start_offset: random.i64(),
            leader_epoch: random.i32(),
            lag: if version >= 1 { random.i64() } else { -1 },
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::alter_share_group_offsets_request::AlterShareGroupOffsetsRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            group_id: random.string(),
            topics: random.array(
                version,
                messages::alter_share_group_offsets_request::AlterShareGroupOffsetsRequestTopic::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::alter_share_group_offsets_request::AlterShareGroupOffsetsRequestTopic {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
topic_name: random.string(),
partitions: random.array(version, messages::alter_share_group_offsets_request::AlterShareGroupOffsetsRequestPartition::arbitrary),
}
    }
}

impl Arbitrary for messages::alter_share_group_offsets_request::AlterShareGroupOffsetsRequestPartition {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { partition_index: random.i32(), start_offset: random.i64() }
    }
}

impl Arbitrary for messages::alter_share_group_offsets_response::AlterShareGroupOffsetsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            responses: random.array(
                version,
                messages::alter_share_group_offsets_response::AlterShareGroupOffsetsResponseTopic::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::alter_share_group_offsets_response::AlterShareGroupOffsetsResponseTopic {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
topic_name: random.string(),
topic_id: random.uuid(),
partitions: random.array(version, messages::alter_share_group_offsets_response::AlterShareGroupOffsetsResponsePartition::arbitrary),
}
    }
}

impl Arbitrary for messages::alter_share_group_offsets_response::AlterShareGroupOffsetsResponsePartition {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::delete_share_group_offsets_request::DeleteShareGroupOffsetsRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            group_id: random.string(),
            topics: random.array(
                version,
                messages::delete_share_group_offsets_request::DeleteShareGroupOffsetsRequestTopic::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::delete_share_group_offsets_request::DeleteShareGroupOffsetsRequestTopic {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { topic_name: random.string() }
    }
}

impl Arbitrary for messages::delete_share_group_offsets_response::DeleteShareGroupOffsetsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
throttle_time_ms: random.i32(),
error_code: random.i16(),
error_message: random.bool().then(|| random.string()),
responses: random.array(version, messages::delete_share_group_offsets_response::DeleteShareGroupOffsetsResponseTopic::arbitrary),
}
    }
}

impl Arbitrary for messages::delete_share_group_offsets_response::DeleteShareGroupOffsetsResponseTopic {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            topic_name: random.string(),
            topic_id: random.uuid(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::share_snapshot_key::ShareSnapshotKey {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group_id: random.string(), topic_id: random.uuid(), partition: random.i32() }
    }
}

impl Arbitrary for messages::share_snapshot_value::ShareSnapshotValue {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            snapshot_epoch: random.i32(),
            state_epoch: random.i32(),
            leader_epoch: random.i32(),
            start_offset: random.i64(),
            delivery_complete_count: if random.bool() { random.i32() } else { -1 },
            create_timestamp: random.i64(),
            write_timestamp: random.i64(),
            state_batches: random.array(version, messages::share_snapshot_value::StateBatch::arbitrary),
        }
    }
}

impl Arbitrary for messages::share_snapshot_value::StateBatch {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            first_offset: random.i64(),
            last_offset: random.i64(),
            delivery_state: random.i8(),
            delivery_count: random.i16(),
        }
    }
}

impl Arbitrary for messages::share_update_key::ShareUpdateKey {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { group_id: random.string(), topic_id: random.uuid(), partition: random.i32() }
    }
}

impl Arbitrary for messages::share_update_value::ShareUpdateValue {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            snapshot_epoch: random.i32(),
            leader_epoch: random.i32(),
            start_offset: random.i64(),
            delivery_complete_count: if random.bool() { random.i32() } else { -1 },
            state_batches: random.array(version, messages::share_update_value::StateBatch::arbitrary),
        }
    }
}

impl Arbitrary for messages::share_update_value::StateBatch {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            first_offset: random.i64(),
            last_offset: random.i64(),
            delivery_state: random.i8(),
            delivery_count: random.i16(),
        }
    }
}

impl Arbitrary for messages::streams_group_heartbeat_request::StreamsGroupHeartbeatRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            group_id: random.string(),
            member_id: random.string(),
            member_epoch: random.i32(),
            endpoint_information_epoch: random.i32(),
            instance_id: random.bool().then(|| random.string()),
            rack_id: random.bool().then(|| random.string()),
            rebalance_timeout_ms: random.i32(),
            topology: random
                .bool()
                .then(|| messages::streams_group_heartbeat_request::Topology::arbitrary(random, version)),
            active_tasks: random.bool().then(|| {
                random.array(version, messages::streams_group_heartbeat_request::TaskIds::arbitrary)
            }),
            standby_tasks: random.bool().then(|| {
                random.array(version, messages::streams_group_heartbeat_request::TaskIds::arbitrary)
            }),
            warmup_tasks: random.bool().then(|| {
                random.array(version, messages::streams_group_heartbeat_request::TaskIds::arbitrary)
            }),
            process_id: random.bool().then(|| random.string()),
            user_endpoint: random
                .bool()
                .then(|| messages::streams_group_heartbeat_request::Endpoint::arbitrary(random, version)),
            client_tags: random.bool().then(|| {
                random.array(version, messages::streams_group_heartbeat_request::KeyValue::arbitrary)
            }),
            task_offsets: random.bool().then(|| {
                random.array(version, messages::streams_group_heartbeat_request::TaskOffset::arbitrary)
            }),
            task_end_offsets: random.bool().then(|| {
                random.array(version, messages::streams_group_heartbeat_request::TaskOffset::arbitrary)
            }),
            shutdown_application: random.bool(),
        }
    }
}

impl Arbitrary for messages::streams_group_heartbeat_request::Topology {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            epoch: random.i32(),
            subtopologies: random
                .array(version, messages::streams_group_heartbeat_request::Subtopology::arbitrary),
        }
    }
}

impl Arbitrary for messages::streams_group_heartbeat_request::Subtopology {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            subtopology_id: random.string(),
            source_topics: random.list(Random::string),
            source_topic_regex: random.list(Random::string),
            state_changelog_topics: random
                .array(version, messages::streams_group_heartbeat_request::TopicInfo::arbitrary),
            repartition_sink_topics: random.list(Random::string),
            repartition_source_topics: random
                .array(version, messages::streams_group_heartbeat_request::TopicInfo::arbitrary),
            copartition_groups: random
                .array(version, messages::streams_group_heartbeat_request::CopartitionGroup::arbitrary),
        }
    }
}

impl Arbitrary for messages::streams_group_heartbeat_request::TopicInfo {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: random.string(),
            partitions: random.i32(),
            replication_factor: random.i16(),
            topic_configs: random
                .array(version, messages::streams_group_heartbeat_request::KeyValue::arbitrary),
        }
    }
}

impl Arbitrary for messages::streams_group_heartbeat_request::CopartitionGroup {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            source_topics: random.list(Random::i16),
            source_topic_regex: random.list(Random::i16),
            repartition_source_topics: random.list(Random::i16),
        }
    }
}

impl Arbitrary for messages::streams_group_heartbeat_request::TaskIds {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { subtopology_id: random.string(), partitions: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::streams_group_heartbeat_request::Endpoint {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { host: random.string(), port: random.u16() }
    }
}

impl Arbitrary for messages::streams_group_heartbeat_request::KeyValue {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { key: random.string(), value: random.string() }
    }
}

impl Arbitrary for messages::streams_group_heartbeat_request::TaskOffset {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { subtopology_id: random.string(), partition: random.i32(), offset: random.i64() }
    }
}

impl Arbitrary for messages::streams_group_heartbeat_response::StreamsGroupHeartbeatResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            member_id: random.string(),
            member_epoch: random.i32(),
            heartbeat_interval_ms: random.i32(),
            acceptable_recovery_lag_legacy: if version <= 0 { random.i32() } else { 0 },
            task_offset_interval_ms: random.i32(),
            acceptable_recovery_lag: if version >= 1 { random.i64() } else { -1 },
            status: random.bool().then(|| {
                random.array(version, messages::streams_group_heartbeat_response::Status::arbitrary)
            }),
            active_tasks: random.bool().then(|| {
                random.array(version, messages::streams_group_heartbeat_response::TaskIds::arbitrary)
            }),
            standby_tasks: random.bool().then(|| {
                random.array(version, messages::streams_group_heartbeat_response::TaskIds::arbitrary)
            }),
            warmup_tasks: random.bool().then(|| {
                random.array(version, messages::streams_group_heartbeat_response::TaskIds::arbitrary)
            }),
            topology_description_required: if version >= 1 { random.bool() } else { false },
            endpoint_information_epoch: random.i32(),
            partitions_by_user_endpoint: random.bool().then(|| {
                random.array(
                    version,
                    messages::streams_group_heartbeat_response::EndpointToPartitions::arbitrary,
                )
            }),
        }
    }
}

impl Arbitrary for messages::streams_group_heartbeat_response::Status {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { status_code: random.i8(), status_detail: random.string() }
    }
}

impl Arbitrary for messages::streams_group_heartbeat_response::TaskIds {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { subtopology_id: random.string(), partitions: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::streams_group_heartbeat_response::EndpointToPartitions {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            user_endpoint: messages::streams_group_heartbeat_response::Endpoint::arbitrary(random, version),
            active_partitions: random
                .array(version, messages::streams_group_heartbeat_response::TopicPartition::arbitrary),
            standby_partitions: random
                .array(version, messages::streams_group_heartbeat_response::TopicPartition::arbitrary),
        }
    }
}

impl Arbitrary for messages::streams_group_heartbeat_response::Endpoint {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { host: random.string(), port: random.u16() }
    }
}

impl Arbitrary for messages::streams_group_heartbeat_response::TopicPartition {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { topic: random.string(), partitions: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::streams_group_describe_request::StreamsGroupDescribeRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            group_ids: random.list(Random::string),
            include_authorized_operations: random.bool(),
            include_topology_description: if version >= 1 { random.bool() } else { false },
        }
    }
}

impl Arbitrary for messages::streams_group_describe_response::StreamsGroupDescribeResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            groups: random
                .array(version, messages::streams_group_describe_response::DescribedGroup::arbitrary),
        }
    }
}

impl Arbitrary for messages::streams_group_describe_response::DescribedGroup {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            group_id: random.string(),
            group_state: random.string(),
            group_epoch: random.i32(),
            assignment_epoch: random.i32(),
            topology: random
                .bool()
                .then(|| messages::streams_group_describe_response::Topology::arbitrary(random, version)),
            members: random.array(version, messages::streams_group_describe_response::Member::arbitrary),
            authorized_operations: random.i32(),
            topology_description: if version >= 1 {
                random.bool().then(|| {
                    messages::streams_group_describe_response::TopologyDescription::arbitrary(random, version)
                })
            } else {
                None
            },
            topology_description_status: if version >= 1 { random.i8() } else { 0 },
            assignor_name: if version >= 1 { random.bool().then(|| random.string()) } else { None },
        }
    }
}

impl Arbitrary for messages::streams_group_describe_response::Topology {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            epoch: random.i32(),
            subtopologies: random.bool().then(|| {
                random.array(version, messages::streams_group_describe_response::Subtopology::arbitrary)
            }),
        }
    }
}

impl Arbitrary for messages::streams_group_describe_response::Subtopology {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            subtopology_id: random.string(),
            source_topics: random.list(Random::string),
            repartition_sink_topics: random.list(Random::string),
            state_changelog_topics: random
                .array(version, messages::streams_group_describe_response::TopicInfo::arbitrary),
            repartition_source_topics: random
                .array(version, messages::streams_group_describe_response::TopicInfo::arbitrary),
        }
    }
}

impl Arbitrary for messages::streams_group_describe_response::TopicInfo {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: random.string(),
            partitions: random.i32(),
            replication_factor: random.i16(),
            topic_configs: random
                .array(version, messages::streams_group_describe_response::KeyValue::arbitrary),
        }
    }
}

impl Arbitrary for messages::streams_group_describe_response::Member {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            member_id: random.string(),
            member_epoch: random.i32(),
            instance_id: random.bool().then(|| random.string()),
            rack_id: random.bool().then(|| random.string()),
            client_id: random.string(),
            client_host: random.string(),
            topology_epoch: random.i32(),
            process_id: random.string(),
            user_endpoint: random
                .bool()
                .then(|| messages::streams_group_describe_response::Endpoint::arbitrary(random, version)),
            client_tags: random
                .array(version, messages::streams_group_describe_response::KeyValue::arbitrary),
            task_offsets: random
                .array(version, messages::streams_group_describe_response::TaskOffset::arbitrary),
            task_end_offsets: random
                .array(version, messages::streams_group_describe_response::TaskOffset::arbitrary),
            assignment: messages::streams_group_describe_response::Assignment::arbitrary(random, version),
            target_assignment: messages::streams_group_describe_response::Assignment::arbitrary(
                random, version,
            ),
            is_classic: random.bool(),
        }
    }
}

impl Arbitrary for messages::streams_group_describe_response::Endpoint {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { host: random.string(), port: random.u16() }
    }
}

impl Arbitrary for messages::streams_group_describe_response::KeyValue {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { key: random.string(), value: random.string() }
    }
}

impl Arbitrary for messages::streams_group_describe_response::TaskOffset {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { subtopology_id: random.string(), partition: random.i32(), offset: random.i64() }
    }
}

impl Arbitrary for messages::streams_group_describe_response::Assignment {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            active_tasks: random
                .array(version, messages::streams_group_describe_response::TaskIds::arbitrary),
            standby_tasks: random
                .array(version, messages::streams_group_describe_response::TaskIds::arbitrary),
            warmup_tasks: random
                .array(version, messages::streams_group_describe_response::TaskIds::arbitrary),
        }
    }
}

impl Arbitrary for messages::streams_group_describe_response::TopologyDescription {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            subtopologies: if version >= 1 {
                random.array(
                    version,
                    messages::streams_group_describe_response::TopologyDescriptionSubtopology::arbitrary,
                )
            } else {
                Vec::new()
            },
            global_stores: if version >= 1 {
                random.array(
                    version,
                    messages::streams_group_describe_response::TopologyDescriptionGlobalStore::arbitrary,
                )
            } else {
                Vec::new()
            },
        }
    }
}

impl Arbitrary for messages::streams_group_describe_response::TaskIds {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { subtopology_id: random.string(), partitions: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::streams_group_describe_response::TopologyDescriptionSubtopology {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            subtopology_id: if version >= 1 { random.string() } else { String::new() },
            nodes: if version >= 1 {
                random.array(
                    version,
                    messages::streams_group_describe_response::TopologyDescriptionNode::arbitrary,
                )
            } else {
                Vec::new()
            },
        }
    }
}

impl Arbitrary for messages::streams_group_describe_response::TopologyDescriptionGlobalStore {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            source: if version >= 1 {
                messages::streams_group_describe_response::TopologyDescriptionNode::arbitrary(random, version)
            } else {
                messages::streams_group_describe_response::TopologyDescriptionNode::default()
            },
            processor: if version >= 1 {
                messages::streams_group_describe_response::TopologyDescriptionNode::arbitrary(random, version)
            } else {
                messages::streams_group_describe_response::TopologyDescriptionNode::default()
            },
        }
    }
}

impl Arbitrary for messages::streams_group_describe_response::TopologyDescriptionNode {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: if version >= 1 { random.string() } else { String::new() },
            node_type: if version >= 1 { random.i8() } else { 0 },
            source_topics: if version >= 1 { random.list(Random::string) } else { Vec::new() },
            sink_topic: if version >= 1 { random.bool().then(|| random.string()) } else { None },
            stores: if version >= 1 { random.list(Random::string) } else { Vec::new() },
            successors: if version >= 1 { random.list(Random::string) } else { Vec::new() },
        }
    }
}

impl Arbitrary for messages::streams_group_topology_description_update_request::StreamsGroupTopologyDescriptionUpdateRequest {
            fn arbitrary(random: &mut Random, version: i16) -> Self {
                Self {
group_id: random.string(),
member_id: random.string(),
topology_epoch: random.i32(),
topology_description: messages::streams_group_topology_description_update_request::TopologyDescription::arbitrary(random, version),
}
            }
        }

impl Arbitrary for messages::streams_group_topology_description_update_request::TopologyDescription {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
subtopologies: random.array(version, messages::streams_group_topology_description_update_request::TopologyDescriptionSubtopology::arbitrary),
global_stores: random.array(version, messages::streams_group_topology_description_update_request::TopologyDescriptionGlobalStore::arbitrary),
}
    }
}

impl Arbitrary
    for messages::streams_group_topology_description_update_request::TopologyDescriptionSubtopology
{
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
subtopology_id: random.string(),
nodes: random.array(version, messages::streams_group_topology_description_update_request::TopologyDescriptionNode::arbitrary),
}
    }
}

impl Arbitrary
    for messages::streams_group_topology_description_update_request::TopologyDescriptionGlobalStore
{
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
source: messages::streams_group_topology_description_update_request::TopologyDescriptionNode::arbitrary(random, version),
processor: messages::streams_group_topology_description_update_request::TopologyDescriptionNode::arbitrary(random, version),
}
    }
}

impl Arbitrary for messages::streams_group_topology_description_update_request::TopologyDescriptionNode {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            name: random.string(),
            node_type: random.i8(),
            source_topics: random.list(Random::string),
            sink_topic: random.bool().then(|| random.string()),
            stores: random.list(Random::string),
            successors: random.list(Random::string),
        }
    }
}

impl Arbitrary for messages::streams_group_topology_description_update_response::StreamsGroupTopologyDescriptionUpdateResponse {
            fn arbitrary(random: &mut Random, _version: i16) -> Self {
                Self {
throttle_time_ms: random.i32(),
error_code: random.i16(),
error_message: random.bool().then(|| random.string()),
}
            }
        }

impl Arbitrary for messages::create_topics_request::CreateTopicsRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topics: random.array(version, messages::create_topics_request::CreatableTopic::arbitrary),
            timeout_ms: random.i32(),
            validate_only: random.bool(),
        }
    }
}

impl Arbitrary for messages::create_topics_request::CreatableTopic {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: random.string(),
            num_partitions: random.i32(),
            replication_factor: random.i16(),
            assignments: random
                .array(version, messages::create_topics_request::CreatableReplicaAssignment::arbitrary),
            configs: random.array(version, messages::create_topics_request::CreatableTopicConfig::arbitrary),
        }
    }
}

impl Arbitrary for messages::create_topics_request::CreatableReplicaAssignment {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { partition_index: random.i32(), broker_ids: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::create_topics_request::CreatableTopicConfig {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), value: random.bool().then(|| random.string()) }
    }
}

impl Arbitrary for messages::create_topics_response::CreateTopicsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            topics: random.array(version, messages::create_topics_response::CreatableTopicResult::arbitrary),
        }
    }
}

impl Arbitrary for messages::create_topics_response::CreatableTopicResult {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: random.string(),
            topic_id: if version >= 7 { random.uuid() } else { Uuid::ZERO },
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            topic_config_error_code: if version >= 5 {
                if random.bool() { random.i16() } else { 0 }
            } else {
                0
            },
            num_partitions: if version >= 5 { random.i32() } else { -1 },
            replication_factor: if version >= 5 { random.i16() } else { -1 },
            configs: if version >= 5 {
                random.bool().then(|| {
                    random.array(version, messages::create_topics_response::CreatableTopicConfigs::arbitrary)
                })
            } else {
                Some(Vec::new())
            },
        }
    }
}

impl Arbitrary for messages::create_topics_response::CreatableTopicConfigs {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            name: random.string(),
            value: random.bool().then(|| random.string()),
            read_only: random.bool(),
            config_source: random.i8(),
            is_sensitive: random.bool(),
        }
    }
}

impl Arbitrary for messages::delete_topics_request::DeleteTopicsRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topics: if version >= 6 {
                random.array(version, messages::delete_topics_request::DeleteTopicState::arbitrary)
            } else {
                Vec::new()
            },
            topic_names: if version <= 5 { random.list(Random::string) } else { Vec::new() },
            timeout_ms: random.i32(),
        }
    }
}

impl Arbitrary for messages::delete_topics_request::DeleteTopicState {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.bool().then(|| random.string()), topic_id: random.uuid() }
    }
}

impl Arbitrary for messages::delete_topics_response::DeleteTopicsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            responses: random
                .array(version, messages::delete_topics_response::DeletableTopicResult::arbitrary),
        }
    }
}

impl Arbitrary for messages::delete_topics_response::DeletableTopicResult {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: if version >= 6 { random.bool().then(|| random.string()) } else { Some(random.string()) },
            topic_id: if version >= 6 { random.uuid() } else { Uuid::ZERO },
            error_code: random.i16(),
            error_message: if version >= 5 { random.bool().then(|| random.string()) } else { None },
        }
    }
}

impl Arbitrary for messages::alter_replica_log_dirs_request::AlterReplicaLogDirsRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            dirs: random
                .array(version, messages::alter_replica_log_dirs_request::AlterReplicaLogDir::arbitrary),
        }
    }
}

impl Arbitrary for messages::alter_replica_log_dirs_request::AlterReplicaLogDir {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            path: random.string(),
            topics: random
                .array(version, messages::alter_replica_log_dirs_request::AlterReplicaLogDirTopic::arbitrary),
        }
    }
}

impl Arbitrary for messages::alter_replica_log_dirs_request::AlterReplicaLogDirTopic {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), partitions: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::alter_replica_log_dirs_response::AlterReplicaLogDirsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            results: random.array(
                version,
                messages::alter_replica_log_dirs_response::AlterReplicaLogDirTopicResult::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::alter_replica_log_dirs_response::AlterReplicaLogDirTopicResult {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_name: random.string(),
            partitions: random.array(
                version,
                messages::alter_replica_log_dirs_response::AlterReplicaLogDirPartitionResult::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::alter_replica_log_dirs_response::AlterReplicaLogDirPartitionResult {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { partition_index: random.i32(), error_code: random.i16() }
    }
}

impl Arbitrary for messages::describe_log_dirs_request::DescribeLogDirsRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topics: random.bool().then(|| {
                random.array(version, messages::describe_log_dirs_request::DescribableLogDirTopic::arbitrary)
            }),
        }
    }
}

impl Arbitrary for messages::describe_log_dirs_request::DescribableLogDirTopic {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { topic: random.string(), partitions: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::describe_log_dirs_response::DescribeLogDirsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: if version >= 3 { random.i16() } else { 0 },
            results: random
                .array(version, messages::describe_log_dirs_response::DescribeLogDirsResult::arbitrary),
        }
    }
}

impl Arbitrary for messages::describe_log_dirs_response::DescribeLogDirsResult {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            error_code: random.i16(),
            log_dir: random.string(),
            topics: random
                .array(version, messages::describe_log_dirs_response::DescribeLogDirsTopic::arbitrary),
            total_bytes: if version >= 4 { random.i64() } else { -1 },
            usable_bytes: if version >= 4 { random.i64() } else { -1 },
            is_cordoned: if version >= 5 { random.bool() } else { false },
        }
    }
}

impl Arbitrary for messages::describe_log_dirs_response::DescribeLogDirsTopic {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: random.string(),
            partitions: random
                .array(version, messages::describe_log_dirs_response::DescribeLogDirsPartition::arbitrary),
        }
    }
}

impl Arbitrary for messages::describe_log_dirs_response::DescribeLogDirsPartition {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            partition_size: random.i64(),
            offset_lag: random.i64(),
            is_future_key: random.bool(),
        }
    }
}

impl Arbitrary for messages::create_partitions_request::CreatePartitionsRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topics: random
                .array(version, messages::create_partitions_request::CreatePartitionsTopic::arbitrary),
            timeout_ms: random.i32(),
            validate_only: random.bool(),
        }
    }
}

impl Arbitrary for messages::create_partitions_request::CreatePartitionsTopic {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: random.string(),
            count: random.i32(),
            assignments: random.bool().then(|| {
                random.array(
                    version,
                    messages::create_partitions_request::CreatePartitionsAssignment::arbitrary,
                )
            }),
        }
    }
}

impl Arbitrary for messages::create_partitions_request::CreatePartitionsAssignment {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { broker_ids: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::create_partitions_response::CreatePartitionsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            results: random
                .array(version, messages::create_partitions_response::CreatePartitionsTopicResult::arbitrary),
        }
    }
}

impl Arbitrary for messages::create_partitions_response::CreatePartitionsTopicResult {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            name: random.string(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::elect_leaders_request::ElectLeadersRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            election_type: if version >= 1 { random.i8() } else { 0 },
            topic_partitions: random
                .bool()
                .then(|| random.array(version, messages::elect_leaders_request::TopicPartitions::arbitrary)),
            timeout_ms: random.i32(),
        }
    }
}

impl Arbitrary for messages::elect_leaders_request::TopicPartitions {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { topic: random.string(), partitions: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::elect_leaders_response::ElectLeadersResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: if version >= 1 { random.i16() } else { 0 },
            replica_election_results: random
                .array(version, messages::elect_leaders_response::ReplicaElectionResult::arbitrary),
        }
    }
}

impl Arbitrary for messages::elect_leaders_response::ReplicaElectionResult {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic: random.string(),
            partition_result: random
                .array(version, messages::elect_leaders_response::PartitionResult::arbitrary),
        }
    }
}

impl Arbitrary for messages::elect_leaders_response::PartitionResult {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            partition_id: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::alter_partition_reassignments_request::AlterPartitionReassignmentsRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            timeout_ms: random.i32(),
            allow_replication_factor_change: if version >= 1 { random.bool() } else { true },
            topics: random.array(
                version,
                messages::alter_partition_reassignments_request::ReassignableTopic::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::alter_partition_reassignments_request::ReassignableTopic {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: random.string(),
            partitions: random.array(
                version,
                messages::alter_partition_reassignments_request::ReassignablePartition::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::alter_partition_reassignments_request::ReassignablePartition {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { partition_index: random.i32(), replicas: random.bool().then(|| random.list(Random::i32)) }
    }
}

impl Arbitrary for messages::alter_partition_reassignments_response::AlterPartitionReassignmentsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            allow_replication_factor_change: if version >= 1 { random.bool() } else { true },
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            responses: random.array(
                version,
                messages::alter_partition_reassignments_response::ReassignableTopicResponse::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::alter_partition_reassignments_response::ReassignableTopicResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: random.string(),
            partitions: random.array(
                version,
                messages::alter_partition_reassignments_response::ReassignablePartitionResponse::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::alter_partition_reassignments_response::ReassignablePartitionResponse {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::list_partition_reassignments_request::ListPartitionReassignmentsRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
timeout_ms: random.i32(),
topics: random.bool().then(|| random.array(version, messages::list_partition_reassignments_request::ListPartitionReassignmentsTopics::arbitrary)),
}
    }
}

impl Arbitrary for messages::list_partition_reassignments_request::ListPartitionReassignmentsTopics {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), partition_indexes: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::list_partition_reassignments_response::ListPartitionReassignmentsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            error_message: random.bool().then(|| random.string()),
            topics: random.array(
                version,
                messages::list_partition_reassignments_response::OngoingTopicReassignment::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::list_partition_reassignments_response::OngoingTopicReassignment {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: random.string(),
            partitions: random.array(
                version,
                messages::list_partition_reassignments_response::OngoingPartitionReassignment::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::list_partition_reassignments_response::OngoingPartitionReassignment {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            replicas: random.list(Random::i32),
            adding_replicas: random.list(Random::i32),
            removing_replicas: random.list(Random::i32),
        }
    }
}

impl Arbitrary for messages::alter_partition_request::AlterPartitionRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            broker_id: random.i32(),
            broker_epoch: random.i64(),
            topics: random.array(version, messages::alter_partition_request::TopicData::arbitrary),
        }
    }
}

impl Arbitrary for messages::alter_partition_request::TopicData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_id: random.uuid(),
            partitions: random.array(version, messages::alter_partition_request::PartitionData::arbitrary),
        }
    }
}

impl Arbitrary for messages::alter_partition_request::PartitionData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            leader_epoch: random.i32(),
            new_isr: if version <= 2 { random.list(Random::i32) } else { Vec::new() },
            new_isr_with_epochs: if version >= 3 {
                random.array(version, messages::alter_partition_request::BrokerState::arbitrary)
            } else {
                Vec::new()
            },
            leader_recovery_state: random.i8(),
            partition_epoch: random.i32(),
        }
    }
}

impl Arbitrary for messages::alter_partition_request::BrokerState {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { broker_id: random.i32(), broker_epoch: random.i64() }
    }
}

impl Arbitrary for messages::alter_partition_response::AlterPartitionResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            topics: random.array(version, messages::alter_partition_response::TopicData::arbitrary),
        }
    }
}

impl Arbitrary for messages::alter_partition_response::TopicData {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            topic_id: random.uuid(),
            partitions: random.array(version, messages::alter_partition_response::PartitionData::arbitrary),
        }
    }
}

impl Arbitrary for messages::alter_partition_response::PartitionData {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            error_code: random.i16(),
            leader_id: random.i32(),
            leader_epoch: random.i32(),
            isr: random.list(Random::i32),
            leader_recovery_state: random.i8(),
            partition_epoch: random.i32(),
        }
    }
}

impl Arbitrary for messages::transaction_log_key::TransactionLogKey {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { transactional_id: random.string() }
    }
}

impl Arbitrary for messages::transaction_log_value::TransactionLogValue {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            producer_id: random.i64(),
            previous_producer_id: if version >= 1 {
                if random.bool() { random.i64() } else { -1 }
            } else {
                -1
            },
            next_producer_id: if version >= 1 { if random.bool() { random.i64() } else { -1 } } else { -1 },
            producer_epoch: random.i16(),
            next_producer_epoch: if version >= 1 {
                if random.bool() { random.i16() } else { -1 }
            } else {
                -1
            },
            transaction_timeout_ms: random.i32(),
            transaction_status: random.i8(),
            transaction_partitions: random
                .bool()
                .then(|| random.array(version, messages::transaction_log_value::PartitionsSchema::arbitrary)),
            transaction_last_update_timestamp_ms: random.i64(),
            transaction_start_timestamp_ms: random.i64(),
            client_transaction_version: if version >= 1 {
                if random.bool() { random.i16() } else { 0 }
            } else {
                0
            },
        }
    }
}

impl Arbitrary for messages::transaction_log_value::PartitionsSchema {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { topic: random.string(), partition_ids: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::init_producer_id_request::InitProducerIdRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            transactional_id: random.bool().then(|| random.string()),
            transaction_timeout_ms: random.i32(),
            producer_id: if version >= 3 { random.i64() } else { -1 },
            producer_epoch: if version >= 3 { random.i16() } else { -1 },
            enable_2pc: if version >= 6 { random.bool() } else { false },
            keep_prepared_txn: if version >= 6 { random.bool() } else { false },
        }
    }
}

impl Arbitrary for messages::init_producer_id_response::InitProducerIdResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            producer_id: random.i64(),
            producer_epoch: random.i16(),
            ongoing_txn_producer_id: if version >= 6 { random.i64() } else { -1 },
            ongoing_txn_producer_epoch: if version >= 6 { random.i16() } else { -1 },
        }
    }
}

impl Arbitrary for messages::add_partitions_to_txn_request::AddPartitionsToTxnRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            transactions: if version >= 4 {
                random.array(
                    version,
                    messages::add_partitions_to_txn_request::AddPartitionsToTxnTransaction::arbitrary,
                )
            } else {
                Vec::new()
            },
            v3_and_below_transactional_id: if version <= 3 { random.string() } else { String::new() },
            v3_and_below_producer_id: if version <= 3 { random.i64() } else { 0 },
            v3_and_below_producer_epoch: if version <= 3 { random.i16() } else { 0 },
            v3_and_below_topics: if version <= 3 {
                random.array(
                    version,
                    messages::add_partitions_to_txn_request::AddPartitionsToTxnTopic::arbitrary,
                )
            } else {
                Vec::new()
            },
        }
    }
}

impl Arbitrary for messages::add_partitions_to_txn_request::AddPartitionsToTxnTransaction {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            transactional_id: random.string(),
            producer_id: random.i64(),
            producer_epoch: random.i16(),
            verify_only: random.bool(),
            topics: random
                .array(version, messages::add_partitions_to_txn_request::AddPartitionsToTxnTopic::arbitrary),
        }
    }
}

impl Arbitrary for messages::add_partitions_to_txn_request::AddPartitionsToTxnTopic {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), partitions: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::add_partitions_to_txn_response::AddPartitionsToTxnResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: if version >= 4 { random.i16() } else { 0 },
            results_by_transaction: if version >= 4 {
                random.array(
                    version,
                    messages::add_partitions_to_txn_response::AddPartitionsToTxnResult::arbitrary,
                )
            } else {
                Vec::new()
            },
            results_by_topic_v3_and_below: if version <= 3 {
                random.array(
                    version,
                    messages::add_partitions_to_txn_response::AddPartitionsToTxnTopicResult::arbitrary,
                )
            } else {
                Vec::new()
            },
        }
    }
}

impl Arbitrary for messages::add_partitions_to_txn_response::AddPartitionsToTxnResult {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            transactional_id: random.string(),
            topic_results: random.array(
                version,
                messages::add_partitions_to_txn_response::AddPartitionsToTxnTopicResult::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::add_partitions_to_txn_response::AddPartitionsToTxnTopicResult {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: random.string(),
            results_by_partition: random.array(
                version,
                messages::add_partitions_to_txn_response::AddPartitionsToTxnPartitionResult::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::add_partitions_to_txn_response::AddPartitionsToTxnPartitionResult {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { partition_index: random.i32(), partition_error_code: random.i16() }
    }
}

impl Arbitrary for messages::add_offsets_to_txn_request::AddOffsetsToTxnRequest {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            transactional_id: random.string(),
            producer_id: random.i64(),
            producer_epoch: random.i16(),
            group_id: random.string(),
        }
    }
}

impl Arbitrary for messages::add_offsets_to_txn_response::AddOffsetsToTxnResponse {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { throttle_time_ms: random.i32(), error_code: random.i16() }
    }
}

impl Arbitrary for messages::end_txn_request::EndTxnRequest {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            transactional_id: random.string(),
            producer_id: random.i64(),
            producer_epoch: random.i16(),
            committed: random.bool(),
        }
    }
}

impl Arbitrary for messages::end_txn_response::EndTxnResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            producer_id: if version >= 5 { random.i64() } else { -1 },
            producer_epoch: if version >= 5 { random.i16() } else { -1 },
        }
    }
}

impl Arbitrary for messages::write_txn_markers_request::WriteTxnMarkersRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            markers: random.array(version, messages::write_txn_markers_request::WritableTxnMarker::arbitrary),
        }
    }
}

impl Arbitrary for messages::write_txn_markers_request::WritableTxnMarker {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            producer_id: random.i64(),
            producer_epoch: random.i16(),
            transaction_result: random.bool(),
            topics: random
                .array(version, messages::write_txn_markers_request::WritableTxnMarkerTopic::arbitrary),
            coordinator_epoch: random.i32(),
            transaction_version: if version >= 2 { random.i8() } else { 0 },
        }
    }
}

impl Arbitrary for messages::write_txn_markers_request::WritableTxnMarkerTopic {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { name: random.string(), partition_indexes: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::write_txn_markers_response::WriteTxnMarkersResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            markers: random
                .array(version, messages::write_txn_markers_response::WritableTxnMarkerResult::arbitrary),
        }
    }
}

impl Arbitrary for messages::write_txn_markers_response::WritableTxnMarkerResult {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            producer_id: random.i64(),
            topics: random.array(
                version,
                messages::write_txn_markers_response::WritableTxnMarkerTopicResult::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::write_txn_markers_response::WritableTxnMarkerTopicResult {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: random.string(),
            partitions: random.array(
                version,
                messages::write_txn_markers_response::WritableTxnMarkerPartitionResult::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::write_txn_markers_response::WritableTxnMarkerPartitionResult {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { partition_index: random.i32(), error_code: random.i16() }
    }
}

impl Arbitrary for messages::txn_offset_commit_request::TxnOffsetCommitRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            transactional_id: random.string(),
            group_id: random.string(),
            producer_id: random.i64(),
            producer_epoch: random.i16(),
            generation_id_or_member_epoch: if version >= 3 { random.i32() } else { -1 },
            member_id: if version >= 3 { random.string() } else { String::new() },
            group_instance_id: if version >= 3 { random.bool().then(|| random.string()) } else { None },
            topics: random
                .array(version, messages::txn_offset_commit_request::TxnOffsetCommitRequestTopic::arbitrary),
        }
    }
}

impl Arbitrary for messages::txn_offset_commit_request::TxnOffsetCommitRequestTopic {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: if version <= 5 { random.string() } else { String::new() },
            topic_id: if version >= 6 { random.uuid() } else { Uuid::ZERO },
            partitions: random.array(
                version,
                messages::txn_offset_commit_request::TxnOffsetCommitRequestPartition::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::txn_offset_commit_request::TxnOffsetCommitRequestPartition {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            partition_index: random.i32(),
            committed_offset: random.i64(),
            committed_leader_epoch: if version >= 2 { random.i32() } else { -1 },
            committed_metadata: random.bool().then(|| random.string()),
        }
    }
}

impl Arbitrary for messages::txn_offset_commit_response::TxnOffsetCommitResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            topics: random.array(
                version,
                messages::txn_offset_commit_response::TxnOffsetCommitResponseTopic::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::txn_offset_commit_response::TxnOffsetCommitResponseTopic {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            name: if version <= 5 { random.string() } else { String::new() },
            topic_id: if version >= 6 { random.uuid() } else { Uuid::ZERO },
            partitions: random.array(
                version,
                messages::txn_offset_commit_response::TxnOffsetCommitResponsePartition::arbitrary,
            ),
        }
    }
}

impl Arbitrary for messages::txn_offset_commit_response::TxnOffsetCommitResponsePartition {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { partition_index: random.i32(), error_code: random.i16() }
    }
}

impl Arbitrary for messages::describe_transactions_request::DescribeTransactionsRequest {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { transactional_ids: random.list(Random::string) }
    }
}

impl Arbitrary for messages::describe_transactions_response::DescribeTransactionsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            transaction_states: random
                .array(version, messages::describe_transactions_response::TransactionState::arbitrary),
        }
    }
}

impl Arbitrary for messages::describe_transactions_response::TransactionState {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            error_code: random.i16(),
            transactional_id: random.string(),
            transaction_state: random.string(),
            transaction_timeout_ms: random.i32(),
            transaction_start_time_ms: random.i64(),
            producer_id: random.i64(),
            producer_epoch: random.i16(),
            topics: random.array(version, messages::describe_transactions_response::TopicData::arbitrary),
        }
    }
}

impl Arbitrary for messages::describe_transactions_response::TopicData {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self { topic: random.string(), partitions: random.list(Random::i32) }
    }
}

impl Arbitrary for messages::list_transactions_request::ListTransactionsRequest {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            state_filters: random.list(Random::string),
            producer_id_filters: random.list(Random::i64),
            duration_filter: if version >= 1 { random.i64() } else { -1 },
            transactional_id_pattern: if version >= 2 {
                random.bool().then(|| random.string())
            } else {
                None
            },
        }
    }
}

impl Arbitrary for messages::list_transactions_response::ListTransactionsResponse {
    fn arbitrary(random: &mut Random, version: i16) -> Self {
        Self {
            throttle_time_ms: random.i32(),
            error_code: random.i16(),
            unknown_state_filters: random.list(Random::string),
            transaction_states: random
                .array(version, messages::list_transactions_response::TransactionState::arbitrary),
        }
    }
}

impl Arbitrary for messages::list_transactions_response::TransactionState {
    fn arbitrary(random: &mut Random, _version: i16) -> Self {
        Self {
            transactional_id: random.string(),
            producer_id: random.i64(),
            transaction_state: random.string(),
        }
    }
}
