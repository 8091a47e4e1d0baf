//! The records that make an image. Source: Kafka `MetadataImage.write` and the `write` of its parts.

use ottla_protocol::messages::access_control_entry_record::AccessControlEntryRecord;
use ottla_protocol::messages::client_quota_record::{ClientQuotaRecord, EntityData};
use ottla_protocol::messages::config_record::ConfigRecord;
use ottla_protocol::messages::delegation_token_record::DelegationTokenRecord;
use ottla_protocol::messages::feature_level_record::FeatureLevelRecord;
use ottla_protocol::messages::metadata_record::MetadataRecord;
use ottla_protocol::messages::partition_record::PartitionRecord;
use ottla_protocol::messages::producer_ids_record::ProducerIdsRecord;
use ottla_protocol::messages::register_broker_record::{BrokerEndpoint, BrokerFeature, RegisterBrokerRecord};
use ottla_protocol::messages::register_controller_record::{
    ControllerEndpoint, ControllerFeature, RegisterControllerRecord,
};
use ottla_protocol::messages::topic_record::TopicRecord;
use ottla_protocol::messages::user_scram_credential_record::UserScramCredentialRecord;
use ottla_protocol::types::{BrokerId, DirectoryId, TopicId, Uuid};

use crate::features::METADATA_VERSION;
use crate::image::{BrokerRegistration, ControllerRegistration, MetadataImage, PartitionRegistration};

/// The records that make the image: features (the metadata version first), brokers, controllers, topics each followed by
/// its partitions, configs, client quotas, producer ids, access control entries, SCRAM credentials, delegation tokens.
#[must_use]
pub fn snapshot_records(image: &MetadataImage) -> Vec<MetadataRecord> {
    let mut records = Vec::new();
    features(image, &mut records);
    records.extend(image.cluster.brokers.values().map(|broker| register_broker(broker).into()));
    let with_controllers =
        image.features.metadata_version_or_minimum().is_controller_registration_supported();
    if with_controllers {
        records.extend(
            image.cluster.controllers.values().map(|controller| register_controller(controller).into()),
        );
    }
    for topic in image.topics.iter() {
        records.push(TopicRecord { name: topic.name.to_string(), topic_id: topic.id.0 }.into());
        let partitions = topic.partitions.iter();
        records.extend(
            partitions.map(|(index, partition)| partition_record(topic.id, *index, partition).into()),
        );
    }
    configs(image, &mut records);
    quotas(image, &mut records);
    if let Some(next) = image.producer_ids.next_producer_id {
        let record = ProducerIdsRecord { broker_id: -1, broker_epoch: -1, next_producer_id: next.0 };
        records.push(record.into());
    }
    security(image, &mut records);
    records
}

fn features(image: &MetadataImage, records: &mut Vec<MetadataRecord>) {
    if let Some(version) = image.features.metadata_version {
        let record =
            FeatureLevelRecord { name: METADATA_VERSION.to_string(), feature_level: version.level() };
        records.push(record.into());
    }
    for (name, level) in &image.features.levels {
        records.push(FeatureLevelRecord { name: name.to_string(), feature_level: *level }.into());
    }
}

/// A broker's registration, with its changes, as one record.
fn register_broker(broker: &BrokerRegistration) -> RegisterBrokerRecord {
    RegisterBrokerRecord {
        broker_id: broker.id.0,
        is_migrating_zk_broker: broker.is_migrating_zk_broker,
        incarnation_id: broker.incarnation_id,
        broker_epoch: broker.epoch.0,
        end_points: broker
            .endpoints
            .iter()
            .map(|endpoint| BrokerEndpoint {
                name: endpoint.listener.clone(),
                host: endpoint.host.clone(),
                port: endpoint.port,
                security_protocol: endpoint.security_protocol.0,
            })
            .collect(),
        features: broker
            .features
            .iter()
            .map(|(name, range)| BrokerFeature {
                name: name.clone(),
                min_supported_version: range.min,
                max_supported_version: range.max,
            })
            .collect(),
        rack: broker.rack.as_deref().map(ToString::to_string),
        fenced: broker.fenced,
        in_controlled_shutdown: broker.in_controlled_shutdown,
        log_dirs: uuids(&broker.log_dirs),
        cordoned_log_dirs: broker.cordoned_log_dirs.as_deref().map(uuids),
    }
}

fn register_controller(controller: &ControllerRegistration) -> RegisterControllerRecord {
    RegisterControllerRecord {
        controller_id: controller.id.0,
        incarnation_id: controller.incarnation_id,
        zk_migration_ready: controller.zk_migration_ready,
        end_points: controller
            .endpoints
            .iter()
            .map(|endpoint| ControllerEndpoint {
                name: endpoint.listener.clone(),
                host: endpoint.host.clone(),
                port: endpoint.port,
                security_protocol: endpoint.security_protocol.0,
            })
            .collect(),
        features: controller
            .features
            .iter()
            .map(|(name, range)| ControllerFeature {
                name: name.clone(),
                min_supported_version: range.min,
                max_supported_version: range.max,
            })
            .collect(),
    }
}

/// A partition as one record. Source: Kafka `PartitionRegistration.toRecord`.
#[must_use]
pub(crate) fn partition_record(
    topic_id: TopicId,
    index: i32,
    partition: &PartitionRegistration,
) -> PartitionRecord {
    // Empty tagged lists are left out, as Kafka does, to save room.
    let tagged = |ids: &[BrokerId]| Some(broker_ids(ids)).filter(|ids| !ids.is_empty());
    PartitionRecord {
        partition_id: index,
        topic_id: topic_id.0,
        replicas: broker_ids(&partition.replicas),
        isr: broker_ids(&partition.isr),
        removing_replicas: broker_ids(&partition.removing_replicas),
        adding_replicas: broker_ids(&partition.adding_replicas),
        leader: partition.leader.0,
        leader_recovery_state: partition.leader_recovery_state.value(),
        leader_epoch: partition.leader_epoch.0,
        partition_epoch: partition.partition_epoch,
        directories: uuids(&partition.directories),
        eligible_leader_replicas: tagged(&partition.elr),
        last_known_elr: tagged(&partition.last_known_elr),
    }
}

fn configs(image: &MetadataImage, records: &mut Vec<MetadataRecord>) {
    for (resource, values) in image.configs.iter() {
        records.extend(values.iter().map(|(name, value)| {
            let record = ConfigRecord {
                resource_type: resource.kind.id(),
                resource_name: resource.name.to_string(),
                name: name.to_string(),
                value: Some(value.to_string()),
            };
            record.into()
        }));
    }
}

fn quotas(image: &MetadataImage, records: &mut Vec<MetadataRecord>) {
    for (entity, quotas) in image.client_quotas.iter() {
        let entity: Vec<_> = entity
            .entries
            .iter()
            .map(|(entity_type, name)| EntityData {
                entity_type: entity_type.clone(),
                entity_name: name.clone(),
            })
            .collect();
        records.extend(quotas.iter().map(|(key, value)| {
            let (entity, key) = (entity.clone(), key.to_string());
            ClientQuotaRecord { entity, key, value: *value, remove: false }.into()
        }));
    }
}

fn security(image: &MetadataImage, records: &mut Vec<MetadataRecord>) {
    for (id, acl) in &image.acls.by_id {
        let record = AccessControlEntryRecord {
            id: *id,
            resource_type: acl.resource_type,
            resource_name: acl.resource_name.clone(),
            pattern_type: acl.pattern_type,
            principal: acl.principal.clone(),
            host: acl.host.clone(),
            operation: acl.operation,
            permission_type: acl.permission_type,
        };
        records.push(record.into());
    }
    for ((mechanism, name), credential) in &image.scram.credentials {
        let record = UserScramCredentialRecord {
            name: name.to_string(),
            mechanism: mechanism.0,
            salt: credential.salt.clone(),
            stored_key: credential.stored_key.clone(),
            server_key: credential.server_key.clone(),
            iterations: credential.iterations,
        };
        records.push(record.into());
    }
    for (id, token) in &image.delegation_tokens.by_id {
        let record = DelegationTokenRecord {
            owner: token.owner.clone(),
            requester: token.requester.clone(),
            renewers: token.renewers.clone(),
            issue_timestamp: token.issue_timestamp,
            max_timestamp: token.max_timestamp,
            expiration_timestamp: token.expiration_timestamp,
            token_id: id.to_string(),
        };
        records.push(record.into());
    }
}

fn broker_ids(ids: &[BrokerId]) -> Vec<i32> {
    ids.iter().map(|id| id.0).collect()
}

fn uuids(ids: &[DirectoryId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.0).collect()
}
