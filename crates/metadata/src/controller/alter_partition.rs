//! AlterPartition: a leader changes its ISR, or tells that it has recovered.
//!
//! Source: Kafka `ReplicationControlManager.alterPartition`, `validateAlterPartitionData`.

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::alter_partition_request::{AlterPartitionRequest, PartitionData as Asked};
use ottla_protocol::messages::alter_partition_response::{AlterPartitionResponse, PartitionData, TopicData};
use ottla_protocol::messages::metadata_record::MetadataRecord;
use ottla_protocol::types::{BrokerId, LeaderEpoch, TopicId};

use super::{Controller, Outcome, RequestContext};
use crate::image::{BrokerEpoch, LeaderRecoveryState, PartitionRegistration, TopicImage, merge_partition};

impl Controller {
    /// Decides an AlterPartition request: partition by partition.
    #[must_use]
    pub fn alter_partition(
        &self,
        request: &AlterPartitionRequest,
        context: &RequestContext<'_>,
    ) -> Outcome<AlterPartitionResponse> {
        if let Err(code) = self.check_broker_epoch(request.broker_id, request.broker_epoch) {
            let response = AlterPartitionResponse { error_code: code.into(), ..Default::default() };
            return Outcome::unchanged(response);
        }
        let leader = BrokerId(request.broker_id);
        let mut records = Vec::new();
        let topics = request.topics.iter().map(|asked| {
            let topic = self.latest.topics.by_id(TopicId(asked.topic_id));
            let partitions = asked.partitions.iter().map(|asked| {
                let altered = match topic {
                    Some(topic) => {
                        self.alter_one_partition(leader, topic, asked, context.api_version, &mut records)
                    }
                    None => Err(ErrorCode::UNKNOWN_TOPIC_ID),
                };
                response_of(asked.partition_index, altered)
            });
            TopicData { topic_id: asked.topic_id, partitions: partitions.collect() }
        });
        let topics = topics.collect();
        Outcome::in_order(records, AlterPartitionResponse { topics, ..Default::default() })
    }

    /// The partition as it is afterwards.
    fn alter_one_partition(
        &self,
        leader: BrokerId,
        topic: &TopicImage,
        asked: &Asked,
        api_version: i16,
        records: &mut Vec<MetadataRecord>,
    ) -> Result<PartitionRegistration, ErrorCode> {
        let index = asked.partition_index;
        let partition = topic.partition(index).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
        let isr = proposed_isr(asked, api_version);
        let recovery = LeaderRecoveryState::from_value(asked.leader_recovery_state).unwrap_or_default();
        check_epochs(leader, partition, asked)?;
        self.check_isr(partition, &isr, recovery)?;
        let layers = self.layers();
        let min_isr = self.effective_min_isr(topic, &layers);
        let is_acceptable =
            |id: BrokerId| self.latest.cluster.is_active(id) && self.has_online_replica(partition, id);
        let mut change = self.partition_change(topic.id, index, partition, min_isr, &is_acceptable);
        change.set_election(self.automatic_election(topic, &layers));
        change.set_isr(isr.into_iter().map(|(id, _)| id).collect());
        change.set_recovery_state(recovery);
        let Some(record) = change.build() else { return Ok(PartitionRegistration::clone(partition)) };
        // The builder keeps replicas and directories in step, so the change always fits.
        let after =
            merge_partition(topic.id, partition, &record).map_err(|_| ErrorCode::UNKNOWN_SERVER_ERROR)?;
        let leader_moves = record.leader != leader.0 && record.leader != super::leadership::NO_LEADER_CHANGE;
        records.push(record.into());
        // A reassignment that this ISR completes may take the leadership away: the only error with a record.
        if leader_moves { Err(ErrorCode::NEW_LEADER_ELECTED) } else { Ok(after) }
    }

    fn check_isr(
        &self,
        partition: &PartitionRegistration,
        isr: &[(BrokerId, BrokerEpoch)],
        recovery: LeaderRecoveryState,
    ) -> Result<(), ErrorCode> {
        let is_assigned = |(index, (id, _)): (usize, &(BrokerId, BrokerEpoch))| {
            partition.replicas.contains(id) && !isr[..index].iter().any(|(other, _)| other == id)
        };
        let has_leader = isr.iter().any(|(id, _)| *id == partition.leader);
        let recovers = recovery == LeaderRecoveryState::Recovering;
        let was_recovered = partition.leader_recovery_state == LeaderRecoveryState::Recovered;
        if isr.is_empty()
            || !isr.iter().enumerate().all(is_assigned)
            || !has_leader
            || (recovers && (isr.len() > 1 || was_recovered))
        {
            return Err(ErrorCode::INVALID_REQUEST);
        }
        let is_eligible = |(id, epoch): &(BrokerId, BrokerEpoch)| {
            let broker = self.latest.cluster.broker(*id);
            broker.is_some_and(|broker| {
                broker.is_active() && (*epoch == BrokerEpoch::UNKNOWN || *epoch == broker.epoch)
            })
        };
        if isr.iter().all(is_eligible) { Ok(()) } else { Err(ErrorCode::INELIGIBLE_REPLICA) }
    }

    /// Whether a broker is registered with this epoch.
    pub(super) fn check_broker_epoch(&self, id: i32, epoch: i64) -> Result<(), ErrorCode> {
        match self.latest.cluster.broker(BrokerId(id)) {
            None => Err(ErrorCode::BROKER_ID_NOT_REGISTERED),
            Some(broker) if broker.epoch != BrokerEpoch(epoch) => Err(ErrorCode::STALE_BROKER_EPOCH),
            Some(_) => Ok(()),
        }
    }
}

/// Before version 3 the members come without their epochs.
fn proposed_isr(asked: &Asked, api_version: i16) -> Vec<(BrokerId, BrokerEpoch)> {
    if api_version < 3 {
        return asked.new_isr.iter().map(|id| (BrokerId(*id), BrokerEpoch::UNKNOWN)).collect();
    }
    let members = asked.new_isr_with_epochs.iter();
    members.map(|member| (BrokerId(member.broker_id), BrokerEpoch(member.broker_epoch))).collect()
}

fn check_epochs(leader: BrokerId, partition: &PartitionRegistration, asked: &Asked) -> Result<(), ErrorCode> {
    let asked_epoch = LeaderEpoch(asked.leader_epoch);
    // A leader that knows more than this controller talks to a former one.
    if asked_epoch > partition.leader_epoch || asked.partition_epoch > partition.partition_epoch {
        return Err(ErrorCode::NOT_CONTROLLER);
    }
    if asked_epoch < partition.leader_epoch {
        return Err(ErrorCode::FENCED_LEADER_EPOCH);
    }
    if leader != partition.leader {
        return Err(ErrorCode::INVALID_REQUEST);
    }
    if asked.partition_epoch < partition.partition_epoch {
        return Err(ErrorCode::INVALID_UPDATE_VERSION);
    }
    Ok(())
}

fn response_of(partition_index: i32, altered: Result<PartitionRegistration, ErrorCode>) -> PartitionData {
    match altered {
        Ok(partition) => PartitionData {
            partition_index,
            error_code: 0,
            leader_id: partition.leader.0,
            leader_epoch: partition.leader_epoch.0,
            isr: partition.isr.iter().map(|id| id.0).collect(),
            leader_recovery_state: partition.leader_recovery_state.value(),
            partition_epoch: partition.partition_epoch,
        },
        Err(code) => PartitionData { partition_index, error_code: code.into(), ..Default::default() },
    }
}
