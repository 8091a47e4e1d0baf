//! From a list of replicas to a partition: checks of manual assignments, directories, the first ISR.
//!
//! Source: Kafka `ReplicationControlManager.validateManualPartitionAssignment`, `buildPartitionRegistration`,
//! `ClusterControlManager.defaultDir`.

use ottla_protocol::error::ErrorCode;
use ottla_protocol::types::{BrokerId, DirectoryId, LeaderEpoch};

use super::Controller;
use super::placement::UsableBroker;
use crate::api_error::ApiError;
use crate::image::{LeaderRecoveryState, PartitionRegistration};

impl Controller {
    /// Checks one partition's manual assignment, where `replication_factor` is that of the partitions before it.
    ///
    /// Errors: `INVALID_REPLICA_ASSIGNMENT`.
    pub(super) fn check_manual_assignment(
        &self,
        replicas: &[i32],
        replication_factor: Option<usize>,
    ) -> Result<(), ApiError> {
        let refuse = |reason: String| Err(ApiError::new(ErrorCode::INVALID_REPLICA_ASSIGNMENT, reason));
        if replicas.is_empty() {
            return refuse("The manual partition assignment includes an empty replica list.".into());
        }
        let mut sorted = replicas.to_vec();
        sorted.sort_unstable();
        let mut previous = None;
        for id in sorted {
            if self.latest.cluster.broker(BrokerId(id)).is_none() {
                return refuse(format!(
                    "The manual partition assignment includes broker {id}, but no such broker is registered."
                ));
            }
            if previous == Some(id) {
                return refuse(format!(
                    "The manual partition assignment includes the broker {id} more than once."
                ));
            }
            previous = Some(id);
        }
        match replication_factor {
            Some(factor) if factor != replicas.len() => refuse(format!(
                "The manual partition assignment includes a partition with {} replica(s), but this is not consistent \
                 with previous partitions, which have {factor} replica(s).",
                replicas.len()
            )),
            _ => Ok(()),
        }
    }

    /// A new partition with these replicas: the active ones are in sync, the first of them leads. `None` if none is
    /// active.
    pub(super) fn new_partition(&self, replicas: Vec<BrokerId>) -> Option<PartitionRegistration> {
        let isr: Vec<_> = replicas.iter().copied().filter(|id| self.latest.cluster.is_active(*id)).collect();
        Some(PartitionRegistration {
            directories: replicas.iter().map(|id| self.default_directory(*id)).collect(),
            leader: *isr.first()?,
            isr,
            replicas,
            leader_recovery_state: LeaderRecoveryState::Recovered,
            leader_epoch: LeaderEpoch(0),
            partition_epoch: 0,
            ..Default::default()
        })
    }

    /// Directory of a replica that is new on a broker: the only one, or for the broker to choose.
    pub(super) fn default_directory(&self, id: BrokerId) -> DirectoryId {
        if !self.metadata_version().is_directory_assignment_supported() {
            return DirectoryId::MIGRATING;
        }
        match self.latest.cluster.broker(id).map(|broker| broker.log_dirs.as_slice()) {
            Some([]) | None => DirectoryId::MIGRATING,
            Some([only]) => *only,
            Some(_) => DirectoryId::UNASSIGNED,
        }
    }

    /// Brokers that may get new replicas.
    pub(super) fn usable_brokers(&self) -> impl Iterator<Item = UsableBroker> {
        let with_cordoned = self.metadata_version().is_cordoned_log_dirs_supported();
        let brokers = self.latest.cluster.brokers.values();
        brokers
            .filter(move |broker| {
                !broker.in_controlled_shutdown && (!with_cordoned || broker.has_uncordoned_dir())
            })
            .map(|broker| UsableBroker { id: broker.id, rack: broker.rack.clone(), is_fenced: broker.fenced })
    }
}
