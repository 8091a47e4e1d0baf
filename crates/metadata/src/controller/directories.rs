//! AssignReplicasToDirs: a broker tells in which directories it has put its replicas (KIP-858).
//!
//! Source: Kafka `ReplicationControlManager.handleAssignReplicasToDirs`.

use std::collections::BTreeSet;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::assign_replicas_to_dirs_request::AssignReplicasToDirsRequest;
use ottla_protocol::messages::assign_replicas_to_dirs_response::{
    AssignReplicasToDirsResponse, DirectoryData, PartitionData, TopicData,
};
use ottla_protocol::messages::metadata_record::MetadataRecord;
use ottla_protocol::types::{BrokerId, DirectoryId, PartitionId, TopicId};

use super::leadership::BrokerTransition;
use super::{Controller, Outcome};

impl Controller {
    /// Decides an AssignReplicasToDirs request. Replicas that are put into a directory that is offline lose their place
    /// in ISRs and their leaderships.
    #[must_use]
    pub fn assign_replicas_to_dirs(
        &self,
        request: &AssignReplicasToDirsRequest,
    ) -> Outcome<AssignReplicasToDirsResponse> {
        let refuse = |code: ErrorCode| {
            let error_code = code.into();
            Outcome::unchanged(AssignReplicasToDirsResponse { error_code, ..Default::default() })
        };
        if !self.metadata_version().is_directory_assignment_supported() {
            return refuse(ErrorCode::UNSUPPORTED_VERSION);
        }
        if let Err(code) = self.check_broker_epoch(request.broker_id, request.broker_epoch) {
            return refuse(code);
        }
        let id = BrokerId(request.broker_id);
        let (mut records, mut offline) = (Vec::new(), BTreeSet::new());
        let directories = request.directories.iter().map(|asked| {
            let directory = DirectoryId(asked.id);
            let is_online =
                self.latest.cluster.broker(id).is_some_and(|broker| broker.has_online_dir(directory));
            let topics = asked.topics.iter().map(|topic| {
                let partitions = topic.partitions.iter().map(|partition| {
                    let partition = PartitionId {
                        topic_id: TopicId(topic.topic_id),
                        partition: partition.partition_index,
                    };
                    let assigned = self.assign_replica(id, directory, partition);
                    let error_code = assigned.as_ref().err().map_or(0, |code| code.0);
                    if !is_online && assigned.is_ok() {
                        offline.insert(partition);
                    }
                    records.extend(assigned.ok().flatten());
                    PartitionData { partition_index: partition.partition, error_code }
                });
                TopicData { topic_id: topic.topic_id, partitions: partitions.collect() }
            });
            DirectoryData { id: asked.id, topics: topics.collect() }
        });
        let directories = directories.collect();
        if !offline.is_empty() {
            let transition = BrokerTransition { removed: Some(id), ..Default::default() };
            records.extend(self.leader_and_isr_updates(transition, |id, _| offline.contains(&id)));
        }
        Outcome::in_order(records, AssignReplicasToDirsResponse { directories, ..Default::default() })
    }

    /// The record that puts the replica there; `None` if it is there.
    fn assign_replica(
        &self,
        id: BrokerId,
        directory: DirectoryId,
        partition_id: PartitionId,
    ) -> Result<Option<MetadataRecord>, ErrorCode> {
        let topic = self.latest.topics.by_id(partition_id.topic_id).ok_or(ErrorCode::UNKNOWN_TOPIC_ID)?;
        let index = partition_id.partition;
        let partition = topic.partition(index).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
        let replica = partition.replicas.iter().position(|replica| *replica == id);
        let replica = replica.ok_or(ErrorCode::NOT_LEADER_OR_FOLLOWER)?;
        let min_isr = self.effective_min_isr(topic, &self.layers());
        let is_acceptable =
            |id: BrokerId| self.latest.cluster.is_active(id) && self.has_online_replica(partition, id);
        let mut change = self.partition_change(topic.id, index, partition, min_isr, &is_acceptable);
        change.set_directory(replica, directory);
        Ok(change.build().map(MetadataRecord::from))
    }
}
