//! A voter tells the leader how it is reached and which kraft.versions it knows.
//!
//! Under kraft.version 1 that goes into the log, as a change of voters like any other. Under version 0 the log holds no
//! voters: the leader keeps it in memory, for the day of the upgrade (see `upgrade`). Source: KIP-853; Kafka
//! `UpdateVoterHandler`.

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::update_raft_voter_request::{Listener, UpdateRaftVoterRequest};
use ottla_protocol::messages::update_raft_voter_response::{CurrentLeader, UpdateRaftVoterResponse};
use ottla_protocol::time::Now;
use ottla_protocol::types::LeaderEpoch;

use super::Quorum;
use super::role::State;
use super::rpc::{RequestContext, leader_endpoint};
use super::voters::{KRaftVersion, ReplicaKey, Voter, VoterEndpoint};

impl Quorum {
    pub(super) fn on_update_voter(
        &mut self,
        request: &UpdateRaftVoterRequest,
        context: &RequestContext,
        now: Now,
    ) -> UpdateRaftVoterResponse {
        let error = self.update_voter(request, now).err().unwrap_or(ErrorCode::NONE);
        let leader = leader_endpoint(self.election.leader, self.leader_endpoints(), &context.listener);
        let (host, port) = leader.map_or((String::new(), 0), |(_, at)| (at.host.clone(), i32::from(at.port)));
        let leader_id = self.leader_id_on_wire();
        UpdateRaftVoterResponse {
            error_code: error.into(),
            current_leader: CurrentLeader { leader_id, leader_epoch: self.election.epoch.0, host, port },
            ..Default::default()
        }
    }

    fn update_voter(&mut self, request: &UpdateRaftVoterRequest, now: Now) -> Result<(), ErrorCode> {
        if !self.has_valid_cluster_id(request.cluster_id.as_deref()) {
            return Err(ErrorCode::INCONSISTENT_CLUSTER_ID);
        }
        self.check_leads(LeaderEpoch(request.current_leader_epoch))?;
        let key = ReplicaKey::from_wire(request.voter_id, request.voter_directory_id);
        let range = &request.kraft_version_feature;
        let endpoint =
            |at: &Listener| VoterEndpoint { listener: at.name.clone(), host: at.host.clone(), port: at.port };
        let voter = Voter {
            key,
            endpoints: request.listeners.iter().map(endpoint).collect(),
            kraft_versions: (range.min_supported_version, range.max_supported_version),
        };
        let is_valid = request.voter_id >= 0
            && key.directory_id.is_some()
            && self.destination(key.id, &voter.endpoints).is_some()
            && voter.kraft_versions.0 >= 0
            && voter.supports(self.membership.kraft_version());
        if !is_valid {
            return Err(ErrorCode::INVALID_REQUEST);
        }
        match self.membership.kraft_version() {
            KRaftVersion::Reconfigurable => {
                let voters = self.check_changeable(now).map_err(|(error, _)| error)?;
                if !voters.is_voter(key) {
                    return Err(ErrorCode::VOTER_NOT_FOUND);
                }
                if let Some(updated) = voters.updated_with(&voter) {
                    self.append_voters(&updated);
                }
            }
            KRaftVersion::Static => {
                self.check_unchanging(now).map_err(|(error, _)| error)?;
                let State::Leader(leader) = &mut self.state else {
                    return Err(ErrorCode::NOT_LEADER_OR_FOLLOWER);
                };
                let in_memory = leader.in_memory_voters.as_ref().ok_or(ErrorCode::REQUEST_TIMED_OUT)?;
                let updated = in_memory.updated_ignoring_directory(&voter);
                leader.in_memory_voters = Some(updated.ok_or(ErrorCode::VOTER_NOT_FOUND)?);
            }
        }
        if let State::Leader(leader) = &mut self.state {
            leader.followed_by(key, &self.config.limits, now);
        }
        Ok(())
    }
}
