//! Giving votes.
//!
//! The rule: in one epoch a replica votes for one candidate only, and only for one whose log is not behind its own; the
//! vote is on the disk before it is given (see `outbox`). A pre-vote promises nothing: it is given on the log alone, and
//! refused by a replica that hears from a living leader. Source: KIP-595, KIP-996; Kafka
//! `KafkaRaftClient.handleVoteRequest`, `QuorumState.canGrantVote`.

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::vote_request::{PartitionData as Asked, VoteRequest};
use ottla_protocol::messages::vote_response::{NodeEndpoint, PartitionData, TopicData, VoteResponse};
use ottla_protocol::time::Now;
use ottla_protocol::types::{LeaderEpoch, Offset};

use super::election_state::ElectionState;
use super::log_state::OffsetAndEpoch;
use super::role::State;
use super::rpc::{METADATA_PARTITION, METADATA_TOPIC, RequestContext, leader_endpoint, singleton};
use super::voters::ReplicaKey;
use super::{Bug, Quorum};

impl Quorum {
    pub(super) fn on_vote(
        &mut self,
        request: &VoteRequest,
        context: &RequestContext,
        now: Now,
    ) -> VoteResponse {
        if !self.has_valid_cluster_id(request.cluster_id.as_deref()) {
            return refuse(ErrorCode::INCONSISTENT_CLUSTER_ID);
        }
        let Some(asked) = singleton!(request.topics, topic_name, partition_index) else {
            return refuse(ErrorCode::INVALID_REQUEST);
        };
        let vote = self.vote(request.voter_id, asked, now);
        self.vote_response(vote, context)
    }

    /// Whether the vote is given, or why the question is none.
    fn vote(&mut self, voter_id: i32, asked: &Asked, now: Now) -> Result<bool, ErrorCode> {
        let last =
            OffsetAndEpoch { epoch: LeaderEpoch(asked.last_offset_epoch), offset: Offset(asked.last_offset) };
        // A candidate has never seen a leader of its epoch; a prospective one asks in the epoch of its last leader.
        let is_illegal = match asked.pre_vote {
            true => asked.last_offset_epoch > asked.replica_epoch,
            false => asked.last_offset_epoch >= asked.replica_epoch,
        };
        if last.offset < Offset::ZERO || last.epoch < LeaderEpoch(0) || is_illegal {
            return Err(ErrorCode::INVALID_REQUEST);
        }
        let (_, epoch) = self.check_epoch_claim(asked.replica_id, asked.replica_epoch)?;
        let ignores = self.is_leader() && self.has_bug(Bug::IgnoreFencing);
        if epoch > self.election.epoch && !ignores {
            self.become_unattached(epoch, None, now);
        }
        if !self.is_meant(voter_id, ReplicaKey::from_wire(voter_id, asked.voter_directory_id)) {
            return Err(ErrorCode::INVALID_VOTER_KEY);
        }
        let candidate = ReplicaKey::from_wire(asked.replica_id, asked.replica_directory_id);
        let is_up_to_date = last >= self.log.end() || self.has_bug(Bug::VoteForShorterLog);
        if asked.pre_vote {
            return Ok(is_up_to_date && self.may_pre_vote());
        }
        let is_granted = self.may_vote(candidate, is_up_to_date);
        if is_granted && self.election.voted.is_none_or(|voted| !voted.names(candidate)) {
            self.set_election(ElectionState { voted: Some(candidate), ..self.election });
            self.put_off_election(now);
        }
        Ok(is_granted)
    }

    fn may_vote(&self, candidate: ReplicaKey, is_up_to_date: bool) -> bool {
        let is_free = matches!(self.state, State::Unattached(_) | State::Prospective(_));
        if !is_free || candidate.id == self.config.local.key.id {
            return false;
        }
        match self.election.voted {
            _ if self.has_bug(Bug::VoteTwice) => is_up_to_date,
            Some(voted) => voted.names(candidate),
            None => self.election.leader.is_none() && is_up_to_date,
        }
    }

    /// Whether no leader is known to be alive. A follower that has not heard from its leader yet does not know.
    fn may_pre_vote(&self) -> bool {
        match &self.state {
            State::Follower(follower) => !follower.has_fetched,
            State::Leader(_) => false,
            State::Unattached(_) | State::Prospective(_) | State::Candidate(_) | State::Resigned(_) => true,
        }
    }

    fn vote_response(&self, vote: Result<bool, ErrorCode>, context: &RequestContext) -> VoteResponse {
        let partition = PartitionData {
            partition_index: METADATA_PARTITION,
            error_code: vote.err().unwrap_or(ErrorCode::NONE).into(),
            leader_id: self.leader_id_on_wire(),
            leader_epoch: self.election.epoch.0,
            vote_granted: vote == Ok(true),
        };
        let leader = leader_endpoint(self.election.leader, self.leader_endpoints(), &context.listener);
        VoteResponse {
            topics: vec![TopicData { topic_name: METADATA_TOPIC.into(), partitions: vec![partition] }],
            node_endpoints: leader
                .map(|(node_id, at)| NodeEndpoint { node_id, host: at.host.clone(), port: at.port })
                .into_iter()
                .collect(),
            ..Default::default()
        }
    }

    pub(super) fn leader_id_on_wire(&self) -> i32 {
        self.election.leader.map_or(-1, |leader| leader.0)
    }
}

fn refuse(error: ErrorCode) -> VoteResponse {
    VoteResponse { error_code: error.into(), ..Default::default() }
}
