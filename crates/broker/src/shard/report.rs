//! What a shard tells the control plane of its replicas: where they lie, and which leaders have recovered.
//!
//! Source: Kafka `ReplicaManager.maybeUpdateTopicAssignment`, `Partition.makeLeader`.

use std::sync::Arc;

use ottla_metadata::image::{LeaderRecoveryState, PartitionRegistration, TopicImage};
use ottla_protocol::types::{DirectoryId, PartitionId};

use super::{Shard, ShardEffect};
use crate::node::NodeInput;

impl Shard {
    /// Tells where the cluster's state is wrong, or not yet right, about the replicas of these topics.
    pub(super) fn report_replicas<'a>(&mut self, topics: impl Iterator<Item = &'a Arc<TopicImage>>) {
        let (mut replicas, mut partitions) = (Vec::new(), Vec::new());
        for topic in topics {
            for (index, registration) in &topic.partitions {
                let id = PartitionId { topic_id: topic.id, partition: *index };
                replicas.extend(self.misplaced(id, registration).map(|directory| (id, directory)));
                partitions.extend(self.has_recovered(id, registration).then_some(id));
            }
        }
        if !replicas.is_empty() {
            self.push(ShardEffect::ToNode(NodeInput::ReplicasPlaced { replicas }));
        }
        if !partitions.is_empty() {
            self.push(ShardEffect::ToNode(NodeInput::LeadersRecovered { partitions }));
        }
    }

    /// The directory that a replica lies in, if the cluster's state has another.
    fn misplaced(&self, id: PartitionId, registration: &PartitionRegistration) -> Option<DirectoryId> {
        let partition = self.partitions.get(&id).filter(|partition| partition.is_online())?;
        let known = registration.directory(self.identity.node_id)?;
        let actual = self.log_dirs.get(partition.log_dir).directory_id;
        (known != actual).then_some(actual)
    }

    /// Whether this broker leads a partition after an unclean election, and has recovered its log.
    fn has_recovered(&self, id: PartitionId, registration: &PartitionRegistration) -> bool {
        let is_asked = registration.leader == self.identity.node_id
            && registration.leader_recovery_state == LeaderRecoveryState::Recovering;
        let partition = self.partitions.get(&id).filter(|_| is_asked);
        partition.is_some_and(|partition| partition.is_online() && !partition.needs_recovery())
    }
}
