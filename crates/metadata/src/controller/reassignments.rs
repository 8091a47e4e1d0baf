//! AlterPartitionReassignments and ListPartitionReassignments (KIP-455).
//!
//! A reassignment first adds all new replicas, and ends, in whatever changes the partition, once they are in the ISR: see
//! `leadership`. Source: Kafka `ReplicationControlManager.alterPartitionReassignments`, `PartitionReassignmentReplicas`,
//! `PartitionReassignmentRevert`.

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::alter_partition_reassignments_request::AlterPartitionReassignmentsRequest;
use ottla_protocol::messages::alter_partition_reassignments_response::{
    AlterPartitionReassignmentsResponse, ReassignablePartitionResponse, ReassignableTopicResponse,
};
use ottla_protocol::messages::list_partition_reassignments_request::ListPartitionReassignmentsRequest;
use ottla_protocol::messages::list_partition_reassignments_response::{
    ListPartitionReassignmentsResponse, OngoingPartitionReassignment, OngoingTopicReassignment,
};
use ottla_protocol::messages::metadata_record::MetadataRecord;
use ottla_protocol::types::BrokerId;

use super::leadership::Election;
use super::{Controller, Outcome};
use crate::api_error::{ApiError, code_and_message};
use crate::image::{PartitionRegistration, TopicImage, TopicsImage};

impl Controller {
    /// Decides an AlterPartitionReassignments request: partition by partition.
    #[must_use]
    pub fn alter_partition_reassignments(
        &self,
        request: &AlterPartitionReassignmentsRequest,
    ) -> Outcome<AlterPartitionReassignmentsResponse> {
        let allow_replication_factor_change = request.allow_replication_factor_change;
        let mut records = Vec::new();
        let responses = request.topics.iter().map(|topic| {
            let partitions = topic.partitions.iter().map(|asked| {
                let target = asked.replicas.as_deref();
                let record = self.reassign(
                    &topic.name,
                    asked.partition_index,
                    target,
                    allow_replication_factor_change,
                );
                let result = record.map(|record| records.extend(record));
                let (error_code, error_message) = code_and_message(&result);
                ReassignablePartitionResponse {
                    partition_index: asked.partition_index,
                    error_code,
                    error_message,
                }
            });
            ReassignableTopicResponse { name: topic.name.clone(), partitions: partitions.collect() }
        });
        let responses = responses.collect();
        let response = AlterPartitionReassignmentsResponse {
            allow_replication_factor_change,
            responses,
            ..Default::default()
        };
        Outcome::atomic(records, response)
    }

    fn reassign(
        &self,
        name: &str,
        index: i32,
        target: Option<&[i32]>,
        allow_replication_factor_change: bool,
    ) -> Result<Option<MetadataRecord>, ApiError> {
        let unknown = |reason: String| ApiError::new(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, reason);
        let topic = self
            .latest
            .topics
            .by_name(name)
            .ok_or_else(|| unknown(format!("Unable to find a topic named {name}.")))?;
        let partition = topic
            .partition(index)
            .ok_or_else(|| unknown(format!("Unable to find partition {name}:{index}.")))?;
        match target {
            None => self.cancel_reassignment(topic, index, partition),
            Some(target) => {
                self.check_manual_assignment(target, None)?;
                if !allow_replication_factor_change {
                    check_replication_factor(partition, target.len())?;
                }
                Ok(self.change_reassignment(topic, index, partition, target))
            }
        }
    }

    fn change_reassignment(
        &self,
        topic: &TopicImage,
        index: i32,
        partition: &PartitionRegistration,
        target: &[i32],
    ) -> Option<MetadataRecord> {
        let target: Vec<BrokerId> = target.iter().copied().map(BrokerId).collect();
        let without = |ids: &[BrokerId], others: &[BrokerId]| {
            let mut left: Vec<_> = ids.iter().copied().filter(|id| !others.contains(id)).collect();
            left.sort_unstable();
            left
        };
        let removing = without(&partition.replicas, &target);
        let adding = without(&target, &partition.replicas);
        let replicas: Vec<_> = target.into_iter().chain(removing.iter().copied()).collect();
        let min_isr = self.effective_min_isr(topic, &self.layers());
        let is_acceptable =
            |id: BrokerId| self.latest.cluster.is_active(id) && self.has_online_replica(partition, id);
        let mut change = self.partition_change(topic.id, index, partition, min_isr, &is_acceptable);
        change.set_replicas(replicas, |id| self.default_directory(id));
        if !removing.is_empty() {
            change.set_removing(removing);
        }
        if !adding.is_empty() {
            change.set_adding(adding);
        }
        change.build().map(MetadataRecord::from)
    }

    fn cancel_reassignment(
        &self,
        topic: &TopicImage,
        index: i32,
        partition: &PartitionRegistration,
    ) -> Result<Option<MetadataRecord>, ApiError> {
        if !partition.is_reassigning() {
            return Err(ErrorCode::NO_REASSIGNMENT_IN_PROGRESS.into());
        }
        let layers = self.layers();
        let election = self.automatic_election(topic, &layers);
        let old = |ids: &[BrokerId]| -> Vec<BrokerId> {
            ids.iter().copied().filter(|id| !partition.adding_replicas.contains(id)).collect()
        };
        let (replicas, mut isr) = (old(&partition.replicas), old(&partition.isr));
        if isr.is_empty() {
            // Only new replicas are in sync: to go back may lose records.
            let refuse = |reason: String| Err(ApiError::new(ErrorCode::INVALID_REPLICA_ASSIGNMENT, reason));
            let Some(first) = replicas.first() else {
                return refuse("Invalid replica assignment: addingReplicas contains all replicas.".into());
            };
            if election != Election::Unclean {
                return refuse(format!(
                    "Unable to revert partition assignment for {}:{index} because it would require an unclean leader \
                     election.",
                    topic.name
                ));
            }
            isr.push(*first);
        }
        let min_isr = self.effective_min_isr(topic, &layers);
        let is_acceptable =
            |id: BrokerId| self.latest.cluster.is_active(id) && self.has_online_replica(partition, id);
        let mut change = self.partition_change(topic.id, index, partition, min_isr, &is_acceptable);
        change.set_election(election);
        change.set_isr(isr);
        change.set_replicas(replicas, |id| self.default_directory(id));
        change.set_removing(Vec::new());
        change.set_adding(Vec::new());
        Ok(change.build().map(MetadataRecord::from))
    }
}

/// The target must have as many replicas as the partition has, or will have.
fn check_replication_factor(partition: &PartitionRegistration, target: usize) -> Result<(), ApiError> {
    let stays = partition.replicas.iter().filter(|id| !partition.removing_replicas.contains(id)).count();
    if stays == target {
        return Ok(());
    }
    let reason = format!("The replication factor is changed from {stays} to {target}");
    Err(ApiError::new(ErrorCode::INVALID_REPLICATION_FACTOR, reason))
}

/// Answers ListPartitionReassignments from an image.
#[must_use]
pub fn list_partition_reassignments(
    topics: &TopicsImage,
    request: &ListPartitionReassignmentsRequest,
) -> ListPartitionReassignmentsResponse {
    let ongoing = |topic: &TopicImage, asked: Option<&[i32]>| {
        let is_asked = |index: &i32| asked.is_none_or(|indexes| indexes.contains(index));
        let moving = topic.partitions.iter().filter(|(index, p)| p.is_reassigning() && is_asked(index));
        let partitions: Vec<_> =
            moving.map(|(index, partition)| ongoing_partition(*index, partition)).collect();
        (!partitions.is_empty())
            .then(|| OngoingTopicReassignment { name: topic.name.to_string(), partitions })
    };
    let topics: Vec<_> = match &request.topics {
        None => topics.iter().filter_map(|topic| ongoing(topic, None)).collect(),
        Some(asked) => asked
            .iter()
            .filter_map(|asked| ongoing(topics.by_name(&asked.name)?, Some(&asked.partition_indexes)))
            .collect(),
    };
    ListPartitionReassignmentsResponse { topics, error_message: None, ..Default::default() }
}

fn ongoing_partition(
    partition_index: i32,
    partition: &PartitionRegistration,
) -> OngoingPartitionReassignment {
    let ids = |brokers: &[BrokerId]| brokers.iter().map(|id| id.0).collect();
    OngoingPartitionReassignment {
        partition_index,
        replicas: ids(&partition.replicas),
        adding_replicas: ids(&partition.adding_replicas),
        removing_replicas: ids(&partition.removing_replicas),
    }
}
