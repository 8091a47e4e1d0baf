//! Who leads now, who led: BeginQuorumEpoch and EndQuorumEpoch, and a leader's way out.
//!
//! A leader that stops tells the voters, and in which order they should try to follow it: the one with the most of the
//! log asks for votes at once, each next one waits longer. Source: KIP-595; Kafka `ResignedState`,
//! `handleBeginQuorumEpochRequest`, `handleEndQuorumEpochRequest`, `endEpochElectionBackoff`.

use std::collections::BTreeSet;
use std::time::Duration;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::begin_quorum_epoch_request::BeginQuorumEpochRequest;
use ottla_protocol::messages::begin_quorum_epoch_response::{self as begin, BeginQuorumEpochResponse};
use ottla_protocol::messages::end_quorum_epoch_request::{
    self as end_request, EndQuorumEpochRequest, LeaderEndpoint, ReplicaInfo,
};
use ottla_protocol::messages::end_quorum_epoch_response::{self as end, EndQuorumEpochResponse};
use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::{BrokerId, LeaderEpoch};

use super::Quorum;
use super::role::State;
use super::rpc::{
    LeaderHint, METADATA_PARTITION, METADATA_TOPIC, RequestContext, leader_endpoint, singleton,
};
use super::voters::{ReplicaKey, VoterEndpoint};

/// A leader that leads no more, until its epoch is over.
#[derive(Debug)]
pub(super) struct Resigned {
    /// Voters that have not answered that they know.
    unacknowledged: BTreeSet<BrokerId>,
    /// Who should lead next, the best first.
    successors: Vec<ReplicaKey>,
    pub(super) election_deadline: Monotonic,
}

impl Resigned {
    pub(super) fn new(
        unacknowledged: BTreeSet<BrokerId>,
        successors: Vec<ReplicaKey>,
        election_deadline: Monotonic,
    ) -> Self {
        Self { unacknowledged, successors, election_deadline }
    }
}

impl Quorum {
    pub(super) fn on_begin_quorum_epoch(
        &mut self,
        request: &BeginQuorumEpochRequest,
        context: &RequestContext,
        now: Now,
    ) -> BeginQuorumEpochResponse {
        if !self.has_valid_cluster_id(request.cluster_id.as_deref()) {
            let error_code = ErrorCode::INCONSISTENT_CLUSTER_ID.into();
            return BeginQuorumEpochResponse { error_code, ..Default::default() };
        }
        let Some(told) = singleton!(request.topics, topic_name, partition_index) else {
            let error_code = ErrorCode::INVALID_REQUEST.into();
            return BeginQuorumEpochResponse { error_code, ..Default::default() };
        };
        let endpoints = request.leader_endpoints.iter().map(|at| (&at.name, &at.host, at.port));
        let error = match self.on_leader_claim(told.leader_id, told.leader_epoch, endpoints, now) {
            Err(error) => error,
            Ok(_) => {
                let voter = ReplicaKey::from_wire(request.voter_id, told.voter_directory_id);
                if self.is_meant(request.voter_id, voter) {
                    ErrorCode::NONE
                } else {
                    ErrorCode::INVALID_VOTER_KEY
                }
            }
        };
        let partition = begin::PartitionData {
            partition_index: METADATA_PARTITION,
            error_code: error.into(),
            leader_id: self.leader_id_on_wire(),
            leader_epoch: self.election.epoch.0,
        };
        let leader = leader_endpoint(self.election.leader, self.leader_endpoints(), &context.listener);
        BeginQuorumEpochResponse {
            topics: vec![begin::TopicData { topic_name: METADATA_TOPIC.into(), partitions: vec![partition] }],
            node_endpoints: leader
                .map(|(node_id, at)| begin::NodeEndpoint { node_id, host: at.host.clone(), port: at.port })
                .into_iter()
                .collect(),
            ..Default::default()
        }
    }

    /// A voter knows now that we lead: it will fetch, or be told again.
    pub(super) fn on_begin_quorum_epoch_response(
        &mut self,
        response: &BeginQuorumEpochResponse,
        now: Now,
    ) -> bool {
        let Some(partition) = singleton!(response.topics, topic_name, partition_index) else { return false };
        if response.error_code != 0 {
            return false;
        }
        let nodes = response.node_endpoints.iter().map(|node| (node.node_id, node.host.clone(), node.port));
        let hint = LeaderHint::new(partition.error_code, partition.leader_epoch, partition.leader_id)
            .with_endpoints(nodes, &self.config.listener);
        if let Some(handled) = self.on_leader_hint(hint, now) {
            return handled;
        }
        partition.error_code == 0
    }

    pub(super) fn on_end_quorum_epoch(
        &mut self,
        request: &EndQuorumEpochRequest,
        context: &RequestContext,
        now: Now,
    ) -> EndQuorumEpochResponse {
        if !self.has_valid_cluster_id(request.cluster_id.as_deref()) {
            let error_code = ErrorCode::INCONSISTENT_CLUSTER_ID.into();
            return EndQuorumEpochResponse { error_code, ..Default::default() };
        }
        let Some(told) = singleton!(request.topics, topic_name, partition_index) else {
            let error_code = ErrorCode::INVALID_REQUEST.into();
            return EndQuorumEpochResponse { error_code, ..Default::default() };
        };
        let endpoints = request.leader_endpoints.iter().map(|at| (&at.name, &at.host, at.port));
        let claim = self.on_leader_claim(told.leader_id, told.leader_epoch, endpoints, now);
        if let (Ok(leader), State::Follower(_)) = (claim, &self.state)
            && self.election.leader == Some(leader)
        {
            let wait = self.wait_for_succession(&preferred_candidates(told));
            if let State::Follower(follower) = &mut self.state {
                follower.fetch_deadline = now.mono + wait;
            }
        }
        let partition = end::PartitionData {
            partition_index: METADATA_PARTITION,
            error_code: claim.err().unwrap_or(ErrorCode::NONE).into(),
            leader_id: self.leader_id_on_wire(),
            leader_epoch: self.election.epoch.0,
        };
        let leader = leader_endpoint(self.election.leader, self.leader_endpoints(), &context.listener);
        EndQuorumEpochResponse {
            topics: vec![end::TopicData { topic_name: METADATA_TOPIC.into(), partitions: vec![partition] }],
            node_endpoints: leader
                .map(|(node_id, at)| end::NodeEndpoint { node_id, host: at.host.clone(), port: at.port })
                .into_iter()
                .collect(),
            ..Default::default()
        }
    }

    pub(super) fn on_end_quorum_epoch_response(
        &mut self,
        source: BrokerId,
        response: &EndQuorumEpochResponse,
        now: Now,
    ) -> bool {
        let Some(partition) = singleton!(response.topics, topic_name, partition_index) else { return false };
        if response.error_code != 0 {
            return false;
        }
        let nodes = response.node_endpoints.iter().map(|node| (node.node_id, node.host.clone(), node.port));
        let hint = LeaderHint::new(partition.error_code, partition.leader_epoch, partition.leader_id)
            .with_endpoints(nodes, &self.config.listener);
        if let Some(handled) = self.on_leader_hint(hint, now) {
            return handled;
        }
        if let (State::Resigned(resigned), 0) = (&mut self.state, partition.error_code) {
            resigned.unacknowledged.remove(&source);
        }
        partition.error_code == 0
    }

    /// Somebody says that he leads, or led, an epoch. Who; or why that is not believed.
    fn on_leader_claim<'a>(
        &mut self,
        leader_id: i32,
        epoch: i32,
        endpoints: impl Iterator<Item = (&'a String, &'a String, u16)>,
        now: Now,
    ) -> Result<BrokerId, ErrorCode> {
        let (leader, epoch) = self.check_epoch_claim(leader_id, epoch)?;
        let mut endpoints: Vec<_> = endpoints
            .map(|(listener, host, port)| VoterEndpoint {
                listener: listener.clone(),
                host: host.clone(),
                port,
            })
            .collect();
        if endpoints.is_empty() {
            endpoints = self.known_endpoints(leader);
        }
        if self.learn_of_leader(Some(leader), epoch, endpoints, now) {
            Ok(leader)
        } else {
            Err(ErrorCode::INVALID_REQUEST)
        }
    }

    /// How long this replica leaves the succession to others. A leader that has just restarted names nobody: whoever is
    /// first then wins.
    fn wait_for_succession(&mut self, successors: &[ReplicaKey]) -> Duration {
        let most = self.config.limits.election_backoff_max;
        if successors.is_empty() {
            return self.random_wait(most / 8);
        }
        let position = successors.iter().position(|successor| successor.names(self.config.local.key));
        match position {
            Some(0) => Duration::ZERO,
            None => most,
            Some(position) => {
                let halvings = u32::try_from(successors.len() - 1).unwrap_or(u32::MAX).min(31);
                let doublings = u32::try_from(position - 1).unwrap_or(u32::MAX).min(31);
                (most / (1 << halvings)).saturating_mul(1 << doublings).min(most)
            }
        }
    }

    /// The node wants to lead no more. Source: Kafka `KafkaRaftClient.resign`.
    pub(super) fn on_resign_asked(&mut self, epoch: LeaderEpoch, now: Now) {
        if epoch == self.election.epoch && self.is_leader() {
            self.resign(now);
        }
    }

    pub(super) fn resign(&mut self, now: Now) {
        let State::Leader(leader) = &self.state else { return };
        let successors = leader.voters_by_end_offset();
        self.become_resigned(successors, now);
    }

    pub(super) fn poll_resigned(&mut self, now: Now) -> Monotonic {
        let State::Resigned(resigned) = &self.state else { return Monotonic::NEVER };
        let deadline = resigned.election_deadline;
        if deadline <= now.mono && !self.is_shutting_down {
            // The epoch must end, or a replica that asks would be told to follow one that does not lead.
            let epoch = self.election.epoch.0.checked_add(1).expect("a log cannot have seen 2^31 elections");
            self.become_unattached(LeaderEpoch(epoch), None, now);
            return now.mono;
        }
        let unacknowledged: Vec<_> = resigned.unacknowledged.iter().copied().collect();
        let mut wake_at = if self.is_shutting_down { Monotonic::NEVER } else { deadline };
        for voter in unacknowledged {
            wake_at = wake_at.min(self.send_end_quorum_epoch(voter, now));
        }
        wake_at
    }

    fn send_end_quorum_epoch(&mut self, voter: BrokerId, now: Now) -> Monotonic {
        let Some(to) = self.voter_destination(voter) else { return Monotonic::NEVER };
        match self.connections.begin(voter, now.mono) {
            Ok(correlation_id) => {
                let request = self.end_quorum_epoch_request();
                self.send(to, correlation_id, request.into());
                self.connections.busy_until(voter).unwrap_or(Monotonic::NEVER)
            }
            Err(until) => until,
        }
    }

    fn end_quorum_epoch_request(&self) -> EndQuorumEpochRequest {
        let State::Resigned(Resigned { successors, .. }) = &self.state else {
            return EndQuorumEpochRequest::default();
        };
        let partition = end_request::PartitionData {
            partition_index: METADATA_PARTITION,
            leader_id: self.config.local.key.id.0,
            leader_epoch: self.election.epoch.0,
            preferred_successors: successors.iter().map(|key| key.id.0).collect(),
            preferred_candidates: successors
                .iter()
                .map(|key| ReplicaInfo {
                    candidate_id: key.id.0,
                    candidate_directory_id: key.directory_to_wire(),
                })
                .collect(),
        };
        let endpoint = |at: &VoterEndpoint| LeaderEndpoint {
            name: at.listener.clone(),
            host: at.host.clone(),
            port: at.port,
        };
        EndQuorumEpochRequest {
            cluster_id: Some(self.config.cluster_id.clone()),
            topics: vec![end_request::TopicData {
                topic_name: METADATA_TOPIC.into(),
                partitions: vec![partition],
            }],
            leader_endpoints: self.config.local.endpoints.iter().map(endpoint).collect(),
        }
    }
}

/// Version 0 names nodes only.
fn preferred_candidates(told: &end_request::PartitionData) -> Vec<ReplicaKey> {
    if told.preferred_candidates.is_empty() {
        let by_node = |id: &i32| ReplicaKey { id: BrokerId(*id), directory_id: None };
        return told.preferred_successors.iter().map(by_node).collect();
    }
    let by_replica =
        |info: &ReplicaInfo| ReplicaKey::from_wire(info.candidate_id, info.candidate_directory_id);
    told.preferred_candidates.iter().map(by_replica).collect()
}
