//! What the broker tells its controller of log directories: which have failed, which are cordoned, and where replicas lie.
//!
//! Source: KIP-858, KIP-1066; Kafka `BrokerLifecycleManager`, `AssignmentsManager`, `Partition.makeLeader`.

use std::collections::BTreeMap;

use ottla_metadata::config::{ConfigValue, broker_def};
use ottla_metadata::image::LeaderRecoveryState;
use ottla_protocol::messages::Message;
use ottla_protocol::messages::alter_partition_request::{
    AlterPartitionRequest, BrokerState, PartitionData as AlteredPartition, TopicData as AlteredTopic,
};
use ottla_protocol::messages::assign_replicas_to_dirs_request::{
    AssignReplicasToDirsRequest, DirectoryData, PartitionData, TopicData,
};
use ottla_protocol::types::{BrokerId, DirectoryId, PartitionId, TopicId, Uuid};
use ottla_storage::StorageError;

use super::control_plane::with_context;
use super::{Node, NodeEffect, NodeFailure, Phase, Wish};

const CORDONED_LOG_DIRS: &str = "cordoned.log.dirs";
/// Stands for all directories.
const ALL: &str = "*";

impl Node {
    pub(super) fn directory_error(
        &mut self,
        log_dir: usize,
        error: &StorageError,
    ) -> Result<(), NodeFailure> {
        tracing::error!(%error, "log directory failed");
        self.effects.push_back(NodeEffect::LogDirFailed { log_dir });
        self.log_dir_failed(log_dir)
    }

    pub(super) fn log_dir_failed(&mut self, log_dir: usize) -> Result<(), NodeFailure> {
        self.checkpoints.fail(log_dir);
        let Some(handle) =
            self.log_dirs.iter_mut().find(|handle| handle.index == log_dir && !handle.has_failed)
        else {
            return Ok(());
        };
        handle.has_failed = true;
        if handle.path == self.metadata_dir {
            return Err(NodeFailure::Directory(handle.path.clone()));
        }
        // Before the broker serves, its first heartbeat says so.
        if self.phase == Phase::Running {
            self.heartbeat(Wish::Unfenced);
        }
        Ok(())
    }

    /// Ids of the directories that were registered and have failed.
    pub(super) fn failed_log_dirs(&self) -> Vec<Uuid> {
        let failed = self.log_dirs.iter().filter(|handle| handle.has_failed);
        failed.map(|handle| handle.directory_id.0).collect()
    }

    /// Ids of the directories that shall get no new replicas; `None` if there are none, and the controller knows.
    pub(super) fn cordoned_log_dirs(&self) -> Option<Vec<Uuid>> {
        let control = self.control.as_ref()?;
        let value = broker_def(CORDONED_LOG_DIRS).and_then(|def| control.layers(&self.published).value(def));
        let Some(ConfigValue::List(paths)) = value else { return None };
        let is_cordoned = |path: &str| paths.iter().any(|cordoned| cordoned == ALL || cordoned == path);
        let cordoned = self.log_dirs.iter().filter(|handle| is_cordoned(&handle.path.to_string_lossy()));
        let cordoned: Vec<_> = cordoned.map(|handle| handle.directory_id.0).collect();
        let broker = control.controller.image().cluster.broker(self.identity.node_id)?;
        let was_cordoned = broker.cordoned_log_dirs.as_ref().is_some_and(|dirs| !dirs.is_empty());
        (was_cordoned || !cordoned.is_empty()).then_some(cordoned)
    }

    /// Tells the controller where replicas lie. What it knows already makes no record.
    pub(super) fn assign_replicas(&mut self, replicas: &[(PartitionId, DirectoryId)]) {
        if !matches!(self.phase, Phase::Starting | Phase::Running) {
            return;
        }
        let mut directories: BTreeMap<DirectoryId, BTreeMap<TopicId, Vec<PartitionData>>> = BTreeMap::new();
        for (PartitionId { topic_id, partition }, directory) in replicas {
            let partitions = directories.entry(*directory).or_default().entry(*topic_id).or_default();
            partitions.push(PartitionData { partition_index: *partition });
        }
        let topic = |(id, partitions): (TopicId, _)| TopicData { topic_id: id.0, partitions };
        let directory = |(id, topics): (DirectoryId, BTreeMap<_, _>)| DirectoryData {
            id: id.0,
            topics: topics.into_iter().map(topic).collect(),
        };
        let request = AssignReplicasToDirsRequest {
            broker_id: self.identity.node_id.0,
            broker_epoch: self.broker_epoch,
            directories: directories.into_iter().map(directory).collect(),
        };
        let outcome = self.control().controller.assign_replicas_to_dirs(&request);
        if let Some((response, _)) = self.append(outcome)
            && response.error_code != 0
        {
            // Metadata versions before directories had ids know no assignment.
            tracing::debug!(code = response.error_code, "directories of replicas are not taken over");
        }
    }

    /// Tells the controller that leaders have recovered from their unclean election.
    ///
    /// Kafka's leaders say so with the next change of their ISR, which a partition with one replica never has.
    pub(super) fn leaders_recovered(&mut self, partitions: &[PartitionId]) {
        if !matches!(self.phase, Phase::Starting | Phase::Running) {
            return;
        }
        let (id, epoch) = (self.identity.node_id, self.broker_epoch);
        let mut topics: BTreeMap<TopicId, Vec<AlteredPartition>> = BTreeMap::new();
        for partition in partitions {
            let asked = self.recovered(*partition);
            topics.entry(partition.topic_id).or_default().extend(asked);
        }
        let topic = |(id, partitions): (TopicId, _)| AlteredTopic { topic_id: id.0, partitions };
        let request = AlterPartitionRequest {
            broker_id: id.0,
            broker_epoch: epoch,
            topics: topics.into_iter().map(topic).collect(),
        };
        let (now, version) = (self.now, *AlterPartitionRequest::VERSIONS.end());
        let seed = self.random.next_u64();
        let controller = &self.control().controller;
        let outcome =
            with_context(now, seed, version, |context| controller.alter_partition(&request, context));
        self.append(outcome);
    }

    /// The partition as its leader, which is this broker, has it after its recovery; `None` if that is known already.
    fn recovered(&mut self, id: PartitionId) -> Option<AlteredPartition> {
        let node_id = self.identity.node_id;
        let partition = self.control().controller.image().topics.partition(id)?;
        let is_news =
            partition.leader == node_id && partition.leader_recovery_state == LeaderRecoveryState::Recovering;
        let member = |id: &BrokerId| BrokerState { broker_id: id.0, ..Default::default() };
        is_news.then(|| AlteredPartition {
            partition_index: id.partition,
            leader_epoch: partition.leader_epoch.0,
            new_isr_with_epochs: partition.isr.iter().map(member).collect(),
            leader_recovery_state: LeaderRecoveryState::Recovered.value(),
            partition_epoch: partition.partition_epoch,
            ..Default::default()
        })
    }
}
