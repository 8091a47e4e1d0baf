//! Applies one record to an image: the only writer of state, at start-up and at run time, in brokers and controllers.
//!
//! Source: Kafka `MetadataDelta` and the deltas of its parts, `PartitionRegistration.merge`.

mod security;

use std::sync::Arc;

use ottla_protocol::messages::broker_registration_change_record::BrokerRegistrationChangeRecord;
use ottla_protocol::messages::client_quota_record::ClientQuotaRecord;
use ottla_protocol::messages::config_record::ConfigRecord;
use ottla_protocol::messages::feature_level_record::FeatureLevelRecord;
use ottla_protocol::messages::metadata_record::MetadataRecord;
use ottla_protocol::messages::partition_change_record::PartitionChangeRecord;
use ottla_protocol::messages::partition_record::PartitionRecord;
use ottla_protocol::messages::register_broker_record::RegisterBrokerRecord;
use ottla_protocol::messages::register_controller_record::RegisterControllerRecord;
use ottla_protocol::messages::topic_record::TopicRecord;
use ottla_protocol::types::{BrokerId, DirectoryId, LeaderEpoch, ProducerId, TopicId, Uuid};

use super::{
    BrokerEpoch, BrokerRegistration, ClientQuotaEntity, ConfigResource, ConfigResourceType,
    ControllerRegistration, Endpoint, LeaderRecoveryState, MetadataImage, PartitionRegistration,
    SecurityProtocol, TopicImage,
};
use crate::delta::MetadataChanges;
use crate::features::{KRAFT_VERSION, METADATA_VERSION, MetadataVersion, VersionRange};

/// A record that does not fit the state before it: the log is not what this program, or Kafka, wrote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// A level of `metadata.version` that this program does not know: a newer one wrote the log.
    #[error("metadata.version level {0} is not known; it comes from a newer version")]
    UnknownMetadataVersion(i16),
    /// A record about a topic that does not exist.
    #[error("there is no topic with id {0}")]
    UnknownTopic(TopicId),
    /// A record about a topic that does not exist.
    #[error("there is no topic named `{0}`")]
    UnknownTopicName(String),
    /// A change of a partition that does not exist.
    #[error("there is no partition {1} of the topic with id {0}")]
    UnknownPartition(TopicId, i32),
    /// A change of a broker that is not registered with this epoch.
    #[error("broker {0} is not registered with epoch {1}")]
    UnknownBroker(BrokerId, BrokerEpoch),
    /// A field with a value that has no meaning.
    #[error("{record} has {field} {value}")]
    InvalidField {
        /// Name of the record.
        record: &'static str,
        /// Name of the field.
        field: &'static str,
        /// The value.
        value: i64,
    },
    /// Directories that do not match the replicas.
    #[error("a partition of the topic with id {0} has {1} replicas and {2} directories")]
    DirectoryCount(TopicId, usize, usize),
}

impl MetadataImage {
    /// Applies a record and marks what it changed. Begin, End and AbortTransaction change nothing here.
    ///
    /// Errors: the record does not fit the image, which is then as it was.
    pub(crate) fn replay(
        &mut self,
        record: &MetadataRecord,
        changes: &mut MetadataChanges,
    ) -> Result<(), ReplayError> {
        match record {
            MetadataRecord::RegisterBroker(record) => self.register_broker(record, changes),
            MetadataRecord::UnregisterBroker(record) => {
                self.cluster.brokers.remove(&BrokerId(record.broker_id));
                changes.brokers.insert(BrokerId(record.broker_id));
            }
            MetadataRecord::BrokerRegistrationChange(record) => self.change_broker(record, changes)?,
            MetadataRecord::FenceBroker(record) => {
                self.fence_broker(record.id, record.epoch, true, changes)?
            }
            MetadataRecord::UnfenceBroker(record) => {
                self.fence_broker(record.id, record.epoch, false, changes)?
            }
            MetadataRecord::RegisterController(record) => self.register_controller(record, changes),
            MetadataRecord::UnregisterController(record) => {
                self.cluster.controllers.remove(&BrokerId(record.controller_id));
                changes.controllers.insert(BrokerId(record.controller_id));
            }
            MetadataRecord::Topic(record) => self.create_topic(record, changes),
            MetadataRecord::RemoveTopic(record) => self.remove_topic(TopicId(record.topic_id), changes)?,
            MetadataRecord::Partition(record) => self.put_partition(record, changes)?,
            MetadataRecord::PartitionChange(record) => self.change_partition(record, changes)?,
            MetadataRecord::ClearElr(record) => self.clear_elr(&record.topic_name, changes)?,
            MetadataRecord::Config(record) => self.set_config(record, changes)?,
            MetadataRecord::ClientQuota(record) => self.set_quota(record, changes),
            MetadataRecord::ProducerIds(record) => {
                self.producer_ids.next_producer_id = Some(ProducerId(record.next_producer_id));
                changes.producer_ids = true;
            }
            MetadataRecord::FeatureLevel(record) => self.set_feature(record, changes)?,
            MetadataRecord::AccessControlEntry(_)
            | MetadataRecord::RemoveAccessControlEntry(_)
            | MetadataRecord::UserScramCredential(_)
            | MetadataRecord::RemoveUserScramCredential(_)
            | MetadataRecord::DelegationToken(_)
            | MetadataRecord::RemoveDelegationToken(_) => self.change_security(record, changes),
            MetadataRecord::NoOp(_)
            | MetadataRecord::ZkMigrationState(_)
            | MetadataRecord::BeginTransaction(_)
            | MetadataRecord::EndTransaction(_)
            | MetadataRecord::AbortTransaction(_) => {}
        }
        Ok(())
    }

    fn register_broker(&mut self, record: &RegisterBrokerRecord, changes: &mut MetadataChanges) {
        let broker = BrokerRegistration {
            id: BrokerId(record.broker_id),
            epoch: BrokerEpoch(record.broker_epoch),
            incarnation_id: record.incarnation_id,
            endpoints: record
                .end_points
                .iter()
                .map(|endpoint| Endpoint {
                    listener: endpoint.name.clone(),
                    host: endpoint.host.clone(),
                    port: endpoint.port,
                    security_protocol: SecurityProtocol(endpoint.security_protocol),
                })
                .collect(),
            features: record
                .features
                .iter()
                .map(|feature| {
                    let (min, max) = (feature.min_supported_version, feature.max_supported_version);
                    (feature.name.clone(), VersionRange { min, max })
                })
                .collect(),
            rack: record.rack.as_deref().map(Arc::from),
            fenced: record.fenced,
            in_controlled_shutdown: record.in_controlled_shutdown,
            is_migrating_zk_broker: record.is_migrating_zk_broker,
            log_dirs: directories(&record.log_dirs),
            cordoned_log_dirs: record.cordoned_log_dirs.as_deref().map(directories),
        };
        changes.brokers.insert(broker.id);
        self.cluster.brokers.insert(broker.id, Arc::new(broker));
    }

    fn change_broker(
        &mut self,
        record: &BrokerRegistrationChangeRecord,
        changes: &mut MetadataChanges,
    ) -> Result<(), ReplayError> {
        let invalid = |field, value: i8| ReplayError::InvalidField {
            record: "BrokerRegistrationChangeRecord",
            field,
            value: value.into(),
        };
        let mut broker = self.broker_with_epoch(record.broker_id, record.broker_epoch)?;
        match record.fenced {
            0 => {}
            1 => broker.fenced = true,
            -1 => broker.fenced = false,
            other => return Err(invalid("fenced", other)),
        }
        match record.in_controlled_shutdown {
            0 => {}
            1 => broker.in_controlled_shutdown = true,
            other => return Err(invalid("inControlledShutdown", other)),
        }
        if !record.log_dirs.is_empty() {
            broker.log_dirs = directories(&record.log_dirs);
        }
        if let Some(cordoned) = &record.cordoned_log_dirs {
            broker.cordoned_log_dirs = Some(directories(cordoned));
        }
        self.put_broker(broker, changes);
        Ok(())
    }

    fn fence_broker(
        &mut self,
        id: i32,
        epoch: i64,
        fenced: bool,
        changes: &mut MetadataChanges,
    ) -> Result<(), ReplayError> {
        let broker = BrokerRegistration { fenced, ..self.broker_with_epoch(id, epoch)? };
        self.put_broker(broker, changes);
        Ok(())
    }

    fn broker_with_epoch(&self, id: i32, epoch: i64) -> Result<BrokerRegistration, ReplayError> {
        let (id, epoch) = (BrokerId(id), BrokerEpoch(epoch));
        let broker = self.cluster.broker(id).filter(|broker| broker.epoch == epoch);
        broker.map(|broker| BrokerRegistration::clone(broker)).ok_or(ReplayError::UnknownBroker(id, epoch))
    }

    fn put_broker(&mut self, broker: BrokerRegistration, changes: &mut MetadataChanges) {
        changes.brokers.insert(broker.id);
        self.cluster.brokers.insert(broker.id, Arc::new(broker));
    }

    fn register_controller(&mut self, record: &RegisterControllerRecord, changes: &mut MetadataChanges) {
        let controller = ControllerRegistration {
            id: BrokerId(record.controller_id),
            incarnation_id: record.incarnation_id,
            zk_migration_ready: record.zk_migration_ready,
            endpoints: record
                .end_points
                .iter()
                .map(|endpoint| Endpoint {
                    listener: endpoint.name.clone(),
                    host: endpoint.host.clone(),
                    port: endpoint.port,
                    security_protocol: SecurityProtocol(endpoint.security_protocol),
                })
                .collect(),
            features: record
                .features
                .iter()
                .map(|feature| {
                    let (min, max) = (feature.min_supported_version, feature.max_supported_version);
                    (feature.name.clone(), VersionRange { min, max })
                })
                .collect(),
        };
        changes.controllers.insert(controller.id);
        self.cluster.controllers.insert(controller.id, Arc::new(controller));
    }

    fn create_topic(&mut self, record: &TopicRecord, changes: &mut MetadataChanges) {
        let id = TopicId(record.topic_id);
        self.topics.put(TopicImage { name: record.name.as_str().into(), id, partitions: Default::default() });
        changes.topics.entry(id).or_default().is_new = true;
    }

    fn remove_topic(&mut self, id: TopicId, changes: &mut MetadataChanges) -> Result<(), ReplayError> {
        let topic = self.topics.remove(id).ok_or(ReplayError::UnknownTopic(id))?;
        let resource = ConfigResource::topic(&topic.name);
        if self.configs.remove_resource(&resource) {
            changes.configs.insert(resource);
        }
        // A topic that came and went between two images was never there for whoever reads the changes.
        let change = changes.topics.remove(&id).unwrap_or_default();
        if !change.is_new {
            changes.deleted_topics.insert(id, topic);
        }
        Ok(())
    }

    fn put_partition(
        &mut self,
        record: &PartitionRecord,
        changes: &mut MetadataChanges,
    ) -> Result<(), ReplayError> {
        let topic_id = TopicId(record.topic_id);
        let recovery = record.leader_recovery_state;
        let partition = PartitionRegistration {
            replicas: brokers(&record.replicas),
            directories: directories_of(topic_id, record.replicas.len(), directories(&record.directories))?,
            isr: brokers(&record.isr),
            removing_replicas: brokers(&record.removing_replicas),
            adding_replicas: brokers(&record.adding_replicas),
            elr: brokers(record.eligible_leader_replicas.as_deref().unwrap_or_default()),
            last_known_elr: brokers(record.last_known_elr.as_deref().unwrap_or_default()),
            leader: BrokerId(record.leader),
            leader_recovery_state: LeaderRecoveryState::from_value(recovery)
                .ok_or_else(|| invalid_recovery_state("PartitionRecord", recovery))?,
            leader_epoch: LeaderEpoch(record.leader_epoch),
            partition_epoch: record.partition_epoch,
        };
        self.update_topic(topic_id, |topic| {
            topic.partitions.insert(record.partition_id, Arc::new(partition));
        })?;
        changes.topics.entry(topic_id).or_default().partitions.insert(record.partition_id);
        Ok(())
    }

    fn change_partition(
        &mut self,
        record: &PartitionChangeRecord,
        changes: &mut MetadataChanges,
    ) -> Result<(), ReplayError> {
        let (topic_id, index) = (TopicId(record.topic_id), record.partition_id);
        let topic = self.topics.by_id(topic_id).ok_or(ReplayError::UnknownTopic(topic_id))?;
        let before = topic.partition(index).ok_or(ReplayError::UnknownPartition(topic_id, index))?;
        let after = merge_partition(topic_id, before, record)?;
        self.update_topic(topic_id, |topic| {
            topic.partitions.insert(index, Arc::new(after));
        })?;
        changes.topics.entry(topic_id).or_default().partitions.insert(index);
        Ok(())
    }

    fn clear_elr(&mut self, topic_name: &str, changes: &mut MetadataChanges) -> Result<(), ReplayError> {
        let ids: Vec<TopicId> = if topic_name.is_empty() {
            self.topics.iter().map(|topic| topic.id).collect()
        } else {
            let topic = self.topics.by_name(topic_name);
            vec![topic.ok_or_else(|| ReplayError::UnknownTopicName(topic_name.to_string()))?.id]
        };
        for topic_id in ids {
            let topic = self.topics.by_id(topic_id).ok_or(ReplayError::UnknownTopic(topic_id))?;
            let has_elr = |p: &PartitionRegistration| !p.elr.is_empty() || !p.last_known_elr.is_empty();
            let cleared: Vec<(i32, PartitionRegistration)> = topic
                .partitions
                .iter()
                .filter(|(_, partition)| has_elr(partition))
                .map(|(index, partition)| {
                    let mut partition = PartitionRegistration::clone(partition);
                    partition.elr.clear();
                    partition.last_known_elr.clear();
                    partition.partition_epoch = partition.partition_epoch.wrapping_add(1);
                    (*index, partition)
                })
                .collect();
            if cleared.is_empty() {
                continue;
            }
            changes
                .topics
                .entry(topic_id)
                .or_default()
                .partitions
                .extend(cleared.iter().map(|(index, _)| *index));
            self.update_topic(topic_id, |topic| {
                for (index, partition) in cleared {
                    topic.partitions.insert(index, Arc::new(partition));
                }
            })?;
        }
        Ok(())
    }

    fn update_topic(&mut self, id: TopicId, update: impl FnOnce(&mut TopicImage)) -> Result<(), ReplayError> {
        self.topics.update(id, update).ok_or(ReplayError::UnknownTopic(id))
    }

    fn set_config(
        &mut self,
        record: &ConfigRecord,
        changes: &mut MetadataChanges,
    ) -> Result<(), ReplayError> {
        let kind = ConfigResourceType::from_id(record.resource_type).ok_or(ReplayError::InvalidField {
            record: "ConfigRecord",
            field: "resourceType",
            value: record.resource_type.into(),
        })?;
        let resource = ConfigResource { kind, name: record.resource_name.as_str().into() };
        self.configs.set(resource.clone(), &record.name, record.value.as_deref());
        changes.configs.insert(resource);
        Ok(())
    }

    fn set_quota(&mut self, record: &ClientQuotaRecord, changes: &mut MetadataChanges) {
        let entries =
            record.entity.iter().map(|data| (data.entity_type.clone(), data.entity_name.clone())).collect();
        let entity = ClientQuotaEntity { entries };
        self.client_quotas.set(entity.clone(), &record.key, (!record.remove).then_some(record.value));
        changes.client_quotas.insert(entity);
    }

    fn set_feature(
        &mut self,
        record: &FeatureLevelRecord,
        changes: &mut MetadataChanges,
    ) -> Result<(), ReplayError> {
        let level = record.feature_level;
        match record.name.as_str() {
            METADATA_VERSION => {
                let version =
                    MetadataVersion::from_level(level).ok_or(ReplayError::UnknownMetadataVersion(level))?;
                self.features.metadata_version = Some(version);
            }
            // The quorum's control records decide it; old logs may hold such a record by mistake.
            KRAFT_VERSION => return Ok(()),
            name if level == 0 => {
                self.features.levels.remove(name);
            }
            name => {
                self.features.levels.insert(name.into(), level);
            }
        }
        changes.features = true;
        Ok(())
    }
}

/// The partition behind a change record: each field that is present replaces; naming a leader, even the same, raises
/// the leader epoch; every change raises the partition epoch.
pub(crate) fn merge_partition(
    topic_id: TopicId,
    before: &PartitionRegistration,
    record: &PartitionChangeRecord,
) -> Result<PartitionRegistration, ReplayError> {
    const NO_LEADER_CHANGE: i32 = -2;
    let merged = |field: &Option<Vec<i32>>, before: &Vec<BrokerId>| {
        field.as_deref().map_or_else(|| before.clone(), brokers)
    };
    let replicas = merged(&record.replicas, &before.replicas);
    let listed = record.directories.as_deref().map(directories);
    let kept = if replicas.len() == before.replicas.len() { before.directories.clone() } else { Vec::new() };
    let (leader, leader_epoch) = match record.leader {
        NO_LEADER_CHANGE => (before.leader, before.leader_epoch),
        leader => (BrokerId(leader), LeaderEpoch(before.leader_epoch.0.wrapping_add(1))),
    };
    let leader_recovery_state = match record.leader_recovery_state {
        -1 => before.leader_recovery_state,
        value => LeaderRecoveryState::from_value(value)
            .ok_or_else(|| invalid_recovery_state("PartitionChangeRecord", value))?,
    };
    Ok(PartitionRegistration {
        directories: directories_of(topic_id, replicas.len(), listed.unwrap_or(kept))?,
        replicas,
        isr: merged(&record.isr, &before.isr),
        removing_replicas: merged(&record.removing_replicas, &before.removing_replicas),
        adding_replicas: merged(&record.adding_replicas, &before.adding_replicas),
        elr: merged(&record.eligible_leader_replicas, &before.elr),
        last_known_elr: merged(&record.last_known_elr, &before.last_known_elr),
        leader,
        leader_recovery_state,
        leader_epoch,
        partition_epoch: before.partition_epoch.wrapping_add(1),
    })
}

/// One directory for each replica; none listed means that they are not known yet.
fn directories_of(
    topic_id: TopicId,
    replica_count: usize,
    listed: Vec<DirectoryId>,
) -> Result<Vec<DirectoryId>, ReplayError> {
    match listed.len() {
        0 => Ok(vec![DirectoryId::MIGRATING; replica_count]),
        count if count == replica_count => Ok(listed),
        count => Err(ReplayError::DirectoryCount(topic_id, replica_count, count)),
    }
}

fn invalid_recovery_state(record: &'static str, value: i8) -> ReplayError {
    ReplayError::InvalidField { record, field: "leaderRecoveryState", value: value.into() }
}

fn brokers(ids: &[i32]) -> Vec<BrokerId> {
    ids.iter().copied().map(BrokerId).collect()
}

fn directories(ids: &[Uuid]) -> Vec<DirectoryId> {
    ids.iter().copied().map(DirectoryId).collect()
}
