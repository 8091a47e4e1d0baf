//! What becomes of a partition when brokers come, go, or change: leader, ISR, ELR, reassignment.
//!
//! Source: Kafka `PartitionChangeBuilder`, `ReplicationControlManager.generateLeaderAndIsrUpdates`, KIP-966.

use std::sync::Arc;

use ottla_protocol::messages::metadata_record::MetadataRecord;
use ottla_protocol::messages::partition_change_record::PartitionChangeRecord;
use ottla_protocol::types::{BrokerId, DirectoryId, PartitionId, TopicId};

use super::Controller;
use crate::config::{ConfigLayers, ConfigValue};
use crate::features::MetadataVersion;
use crate::image::{LeaderRecoveryState, PartitionRegistration, TopicImage};

/// The leader in a change record that leaves it as it is.
pub(super) const NO_LEADER_CHANGE: i32 = -2;

/// How far an election may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Election {
    /// The preferred leader, if it is valid.
    Preferred,
    /// Any valid leader.
    Online,
    /// Any replica that is up if there is no valid leader; committed records may be lost.
    Unclean,
}

/// What happens to brokers, for whom the cluster image is not up to date yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct BrokerTransition {
    /// A broker that is fenced, shuts down or leaves: it leaves ISRs, and cannot lead.
    pub(super) removed: Option<BrokerId>,
    /// A broker that is unfenced: it can lead.
    pub(super) added: Option<BrokerId>,
    /// A broker that came back after an unclean shutdown: it leaves ISRs and ELRs, and cannot lead.
    pub(super) unclean_shutdown: Option<BrokerId>,
}

/// One partition about to change.
pub(super) struct PartitionChange<'a> {
    partition: &'a PartitionRegistration,
    id: PartitionId,
    metadata_version: MetadataVersion,
    min_isr: usize,
    elr_enabled: bool,
    election: Election,
    is_acceptable_leader: &'a dyn Fn(BrokerId) -> bool,
    unclean_shutdown: Option<BrokerId>,
    isr: Vec<BrokerId>,
    replicas: Vec<BrokerId>,
    removing: Vec<BrokerId>,
    adding: Vec<BrokerId>,
    elr: Vec<BrokerId>,
    recovery_state: LeaderRecoveryState,
    directories: Vec<DirectoryId>,
}

struct Elected {
    leader: BrokerId,
    is_unclean: bool,
}

impl PartitionChange<'_> {
    /// How far an election may go; the default is [`Election::Online`].
    pub(super) fn set_election(&mut self, election: Election) {
        self.election = election;
    }

    /// The ISR that the leader wants.
    pub(super) fn set_isr(&mut self, isr: Vec<BrokerId>) {
        self.isr = isr;
    }

    /// Whether the leader has recovered.
    pub(super) fn set_recovery_state(&mut self, state: LeaderRecoveryState) {
        self.recovery_state = state;
    }

    /// The replicas to have; those that are new are in the directory that `default` says.
    pub(super) fn set_replicas(
        &mut self,
        replicas: Vec<BrokerId>,
        default: impl Fn(BrokerId) -> DirectoryId,
    ) {
        let directory = |id: &BrokerId| self.partition.directory(*id).unwrap_or_else(|| default(*id));
        self.directories = replicas.iter().map(directory).collect();
        self.replicas = replicas;
    }

    /// Replicas that leave when a reassignment ends.
    pub(super) fn set_removing(&mut self, removing: Vec<BrokerId>) {
        self.removing = removing;
    }

    /// Replicas that a reassignment adds.
    pub(super) fn set_adding(&mut self, adding: Vec<BrokerId>) {
        self.adding = adding;
    }

    /// Directory of the replica with this index.
    pub(super) fn set_directory(&mut self, replica: usize, directory: DirectoryId) {
        if let Some(slot) = self.directories.get_mut(replica) {
            *slot = directory;
        }
    }

    /// The record that makes the change, or `None` if nothing changes.
    pub(super) fn build(mut self) -> Option<PartitionChangeRecord> {
        let mut record = PartitionChangeRecord {
            partition_id: self.id.partition,
            topic_id: self.id.topic_id.0,
            ..Default::default()
        };
        self.complete_reassignment();
        self.update_elr();
        self.elect(&mut record);
        self.bump_epoch_for_reassignment(&mut record);
        self.record_elr(&mut record);
        if record.isr.is_none()
            && (!self.isr.is_empty() || self.elr_enabled)
            && self.isr != self.partition.isr
        {
            record.isr = Some(ids(&self.isr));
        }
        self.bump_epoch_for_isr_shrink(&mut record);
        self.record_last_known_leader(&mut record);
        self.record_assignment(&mut record);
        if self.recovery_state != self.partition.leader_recovery_state {
            record.leader_recovery_state = self.recovery_state.value();
        }
        let unchanged = PartitionChangeRecord {
            partition_id: record.partition_id,
            topic_id: record.topic_id,
            ..Default::default()
        };
        (record != unchanged).then_some(record)
    }

    /// A reassignment is complete once all added replicas are in the ISR and somebody stays in it. Where the replication
    /// factor goes down, all replicas that stay must be in the ISR, so that it does not become smaller than need be.
    fn complete_reassignment(&mut self) {
        if self.removing.is_empty() && self.adding.is_empty() {
            return;
        }
        let without_removed = |ids: &[BrokerId]| -> Vec<BrokerId> {
            ids.iter().copied().filter(|id| !self.removing.contains(id)).collect()
        };
        let (isr, replicas) = (without_removed(&self.isr), without_removed(&self.replicas));
        let nobody_stays = !self.removing.is_empty() && (isr.is_empty() || replicas.is_empty());
        let all_added = self.adding.iter().all(|id| isr.contains(id));
        let shrinks = self.adding.len() < self.removing.len();
        if nobody_stays || !all_added || (shrinks && !replicas.iter().all(|id| isr.contains(id))) {
            return;
        }
        let directory = |id: &BrokerId| {
            let index = self.replicas.iter().position(|replica| replica == id);
            index.and_then(|index| self.directories.get(index)).copied().unwrap_or(DirectoryId::UNASSIGNED)
        };
        self.directories = replicas.iter().map(directory).collect();
        (self.isr, self.replicas) = (isr, replicas);
        self.removing.clear();
        self.adding.clear();
    }

    /// Members that leave an ISR below `min.insync.replicas` stay eligible: they hold everything committed.
    fn update_elr(&mut self) {
        if !self.elr_enabled {
            return;
        }
        if self.isr.len() >= self.min_isr {
            self.elr.clear();
            return;
        }
        let candidates = self.partition.elr.iter().chain(&self.partition.isr).copied();
        let mut elr: Vec<_> =
            candidates.filter(|id| !self.isr.contains(id) && self.unclean_shutdown != Some(*id)).collect();
        elr.sort_unstable();
        elr.dedup();
        self.elr = elr;
    }

    fn is_valid_leader(&self, id: BrokerId) -> bool {
        let eligible = self.isr.contains(&id) || (self.isr.is_empty() && self.elr.contains(&id));
        eligible && (self.is_acceptable_leader)(id)
    }

    fn elected(&self) -> Elected {
        let clean = |leader| Elected { leader, is_unclean: false };
        let preferred = self.replicas.first().copied().filter(|_| self.election == Election::Preferred);
        let candidates =
            preferred.into_iter().chain([self.partition.leader]).chain(self.replicas.iter().copied());
        if let Some(leader) = candidates.into_iter().find(|id| self.is_valid_leader(*id)) {
            return clean(leader);
        }
        // The last known leader holds more than any other replica, yet maybe not all that was committed.
        let last_known = match *self.partition.last_known_elr {
            [only] if self.elr_enabled && self.elr.is_empty() && self.isr.is_empty() => Some(only),
            _ => None,
        };
        let any = self.replicas.iter().copied().filter(|_| self.election == Election::Unclean);
        match last_known.into_iter().chain(any).find(|id| (self.is_acceptable_leader)(*id)) {
            Some(leader) => Elected { leader, is_unclean: true },
            None => clean(BrokerId::NONE),
        }
    }

    fn elect(&mut self, record: &mut PartitionChangeRecord) {
        let Elected { leader, is_unclean } = self.elected();
        if leader == self.partition.leader {
            return;
        }
        if self.elr.contains(&leader) {
            self.isr = vec![leader];
            self.elr.retain(|id| *id != leader);
        }
        record.leader = leader.0;
        if is_unclean {
            record.isr = Some(vec![leader.0]);
            if self.partition.leader_recovery_state != LeaderRecoveryState::Recovering {
                record.leader_recovery_state = LeaderRecoveryState::Recovering.value();
            }
        }
    }

    /// Replicas that leave must notice it, even if the leader stays.
    fn bump_epoch_for_reassignment(&self, record: &mut PartitionChangeRecord) {
        let all_stay = self.partition.replicas.iter().all(|id| self.replicas.contains(id));
        if record.leader == NO_LEADER_CHANGE && !all_stay {
            record.leader = self.partition.leader.0;
        }
    }

    /// Brokers before 3.6 lose track of a shrinking ISR unless the epoch rises (KAFKA-15021).
    fn bump_epoch_for_isr_shrink(&self, record: &mut PartitionChangeRecord) {
        if !self.metadata_version.is_leader_epoch_bump_required_on_isr_shrink()
            || record.leader != NO_LEADER_CHANGE
        {
            return;
        }
        let shrinks = record
            .isr
            .as_ref()
            .is_some_and(|isr| self.partition.isr.iter().any(|member| !isr.contains(&member.0)));
        if shrinks {
            record.leader = self.partition.leader.0;
        }
    }

    fn record_elr(&mut self, record: &mut PartitionChangeRecord) {
        let is_unclean = record.isr.is_some();
        if is_unclean || !self.elr_enabled {
            self.elr.clear();
        }
        if self.elr != self.partition.elr {
            record.eligible_leader_replicas = Some(ids(&self.elr));
        }
    }

    /// `LastKnownElr` holds the last leader while there is none.
    fn record_last_known_leader(&self, record: &mut PartitionChangeRecord) {
        if !self.elr_enabled {
            return;
        }
        let is_known = !self.partition.last_known_elr.is_empty();
        if record.leader == BrokerId::NONE.0 && !is_known {
            record.last_known_elr = Some(vec![self.partition.leader.0]);
        } else if record.leader >= 0 && is_known {
            record.last_known_elr = Some(Vec::new());
        }
    }

    fn record_assignment(&self, record: &mut PartitionChangeRecord) {
        if !self.replicas.is_empty() {
            let with_directories = self.metadata_version.is_directory_assignment_supported();
            if with_directories && self.directories != self.partition.directories {
                record.directories = Some(self.directories.iter().map(|directory| directory.0).collect());
            }
            if self.replicas != self.partition.replicas {
                record.replicas = Some(ids(&self.replicas));
            }
        }
        if self.removing != self.partition.removing_replicas {
            record.removing_replicas = Some(ids(&self.removing));
        }
        if self.adding != self.partition.adding_replicas {
            record.adding_replicas = Some(ids(&self.adding));
        }
    }
}

fn ids(brokers: &[BrokerId]) -> Vec<i32> {
    brokers.iter().map(|id| id.0).collect()
}

impl Controller {
    /// Records that elect leaders and shrink ISRs as the transition demands, in all partitions that `concerns` picks.
    /// O(partitions).
    pub(super) fn leader_and_isr_updates(
        &self,
        transition: BrokerTransition,
        concerns: impl Fn(PartitionId, &PartitionRegistration) -> bool,
    ) -> Vec<MetadataRecord> {
        let layers = self.layers();
        let mut records = Vec::new();
        for topic in self.latest.topics.iter() {
            let is_concerned = |(index, partition): &(&i32, &Arc<PartitionRegistration>)| {
                concerns(PartitionId { topic_id: topic.id, partition: **index }, partition)
            };
            let mut concerned = topic.partitions.iter().filter(is_concerned).peekable();
            if concerned.peek().is_none() {
                continue;
            }
            let min_isr = self.effective_min_isr(topic, &layers);
            let election = self.automatic_election(topic, &layers);
            for (index, partition) in concerned {
                let is_up = |id: BrokerId| {
                    let lost = [transition.removed, transition.unclean_shutdown].contains(&Some(id));
                    !lost && (transition.added == Some(id) || self.latest.cluster.is_active(id))
                };
                let is_acceptable = |id: BrokerId| is_up(id) && self.has_online_replica(partition, id);
                let mut change = self.partition_change(topic.id, *index, partition, min_isr, &is_acceptable);
                change.election = election;
                change.unclean_shutdown = transition.unclean_shutdown;
                change
                    .isr
                    .retain(|id| ![transition.removed, transition.unclean_shutdown].contains(&Some(*id)));
                records.extend(change.build().map(MetadataRecord::from));
            }
        }
        records
    }

    /// The record of an election that somebody asked for; `None` if nothing changes.
    pub(super) fn elect_leader(
        &self,
        topic: &TopicImage,
        index: i32,
        election: Election,
    ) -> Option<MetadataRecord> {
        let partition = topic.partition(index)?;
        let min_isr = self.effective_min_isr(topic, &self.layers());
        let is_acceptable =
            |id: BrokerId| self.latest.cluster.is_active(id) && self.has_online_replica(partition, id);
        let mut change = self.partition_change(topic.id, index, partition, min_isr, &is_acceptable);
        change.election = election;
        change.build().map(MetadataRecord::from)
    }

    /// Whether the broker's replica of the partition is in a directory that is online.
    pub(super) fn has_online_replica(&self, partition: &PartitionRegistration, id: BrokerId) -> bool {
        let broker = self.latest.cluster.broker(id);
        let directory = partition.directory(id);
        broker.zip(directory).is_some_and(|(broker, directory)| broker.has_online_dir(directory))
    }

    pub(super) fn partition_change<'a>(
        &self,
        topic_id: TopicId,
        index: i32,
        partition: &'a PartitionRegistration,
        min_isr: usize,
        is_acceptable_leader: &'a dyn Fn(BrokerId) -> bool,
    ) -> PartitionChange<'a> {
        PartitionChange {
            partition,
            id: PartitionId { topic_id, partition: index },
            metadata_version: self.metadata_version(),
            min_isr,
            elr_enabled: self.latest.features.is_elr_enabled(),
            election: Election::Online,
            is_acceptable_leader,
            unclean_shutdown: None,
            isr: partition.isr.clone(),
            replicas: partition.replicas.clone(),
            removing: partition.removing_replicas.clone(),
            adding: partition.adding_replicas.clone(),
            elr: partition.elr.clone(),
            recovery_state: partition.leader_recovery_state,
            directories: partition.directories.clone(),
        }
    }

    /// `min.insync.replicas`, but never more than there are replicas.
    pub(super) fn effective_min_isr(&self, topic: &TopicImage, layers: &ConfigLayers) -> usize {
        let configured = match self.topic_config(layers, &topic.name, "min.insync.replicas") {
            Some(ConfigValue::Int(count)) => usize::try_from(count).unwrap_or(1),
            _ => 1,
        };
        let replicas =
            topic.partitions.values().next().map_or(configured, |partition| partition.replicas.len());
        configured.min(replicas)
    }

    pub(super) fn automatic_election(&self, topic: &TopicImage, layers: &ConfigLayers) -> Election {
        match self.topic_config(layers, &topic.name, "unclean.leader.election.enable") {
            Some(ConfigValue::Boolean(true)) => Election::Unclean,
            _ => Election::Online,
        }
    }
}
