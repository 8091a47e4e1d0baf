//! Asking for votes: first whether there would be a majority (pre-vote), then for the votes.
//!
//! A replica that lost its leader does not raise the epoch before a majority says that it would vote for it; so a
//! replica that was cut off, or whose log is behind, comes back without deposing a leader that works. Source: KIP-996;
//! Kafka `ProspectiveState`, `CandidateState`, `EpochElection`.

use std::collections::BTreeMap;

use ottla_protocol::messages::vote_request::{PartitionData, TopicData, VoteRequest};
use ottla_protocol::messages::vote_response::VoteResponse;
use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::BrokerId;

use super::role::State;
use super::rpc::{LeaderHint, METADATA_PARTITION, METADATA_TOPIC, singleton};
use super::voters::{ReplicaKey, VoterEndpoint, VoterSet};
use super::{Bug, Quorum};

/// The votes of one election among the voters that there were when it began.
#[derive(Debug)]
pub(super) struct Tally {
    votes: BTreeMap<BrokerId, (ReplicaKey, Option<bool>)>,
}

impl Tally {
    fn new(voters: &VoterSet, local: BrokerId) -> Self {
        let unknown = voters.voters().map(|voter| (voter.key.id, (voter.key, None)));
        let mut tally = Self { votes: unknown.collect() };
        tally.record(local, true);
        tally
    }

    /// A vote of somebody who does not vote is none.
    fn record(&mut self, voter: BrokerId, is_granted: bool) {
        if let Some((_, vote)) = self.votes.get_mut(&voter) {
            *vote = Some(is_granted);
        }
    }

    fn majority(&self) -> usize {
        self.votes.len() / 2 + 1
    }

    fn is_won(&self) -> bool {
        self.granting_voters().count() >= self.majority()
    }

    /// Whether a majority cannot be reached any more.
    pub(super) fn is_lost(&self) -> bool {
        let rejected = self.votes.values().filter(|(_, vote)| *vote == Some(false)).count();
        self.votes.len() - rejected < self.majority()
    }

    pub(super) fn granting_voters(&self) -> impl Iterator<Item = BrokerId> + '_ {
        self.votes.iter().filter(|(_, (_, vote))| *vote == Some(true)).map(|(id, _)| *id)
    }

    fn unrecorded_voters(&self) -> impl Iterator<Item = ReplicaKey> + '_ {
        self.votes.values().filter(|(_, vote)| vote.is_none()).map(|(key, _)| *key)
    }
}

/// A replica that asks for votes, or for pre-votes.
#[derive(Debug)]
pub(super) struct Nominee {
    pub(super) tally: Tally,
    pub(super) election_deadline: Monotonic,
    /// Where the leader of the epoch listens, to whom a prospective replica returns if nobody wants another.
    pub(super) leader_endpoints: Vec<VoterEndpoint>,
}

impl Nominee {
    pub(super) fn new(
        voters: &VoterSet,
        local: BrokerId,
        election_deadline: Monotonic,
        leader_endpoints: Vec<VoterEndpoint>,
    ) -> Self {
        Self { tally: Tally::new(voters, local), election_deadline, leader_endpoints }
    }
}

impl Quorum {
    pub(super) fn on_vote_response(&mut self, source: BrokerId, response: &VoteResponse, now: Now) -> bool {
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
        if partition.error_code != 0 {
            return false;
        }
        if let State::Prospective(nominee) | State::Candidate(nominee) = &mut self.state {
            nominee.tally.record(source, partition.vote_granted);
            if !partition.vote_granted {
                self.shorten_election(now);
            }
            self.maybe_win(now);
        }
        true
    }

    /// A candidate that is refused has a rival that got the vote. It does not sit out its whole election timeout, as
    /// Kafka's does, but makes room for a random part of the backoff, so that the two do not meet again.
    fn shorten_election(&mut self, now: Now) {
        let most = self.config.limits.election_backoff_max;
        let wait = most / 16 + self.random_wait(most / 4);
        if let State::Candidate(nominee) = &mut self.state {
            nominee.election_deadline = nominee.election_deadline.min(now.mono + wait);
        }
    }

    /// Goes on to the next step if a majority says so; gives up if one says no.
    pub(super) fn maybe_win(&mut self, now: Now) {
        let bold = self.has_bug(Bug::MinorityElects);
        match &self.state {
            State::Prospective(nominee) if nominee.tally.is_won() => self.become_candidate(now),
            State::Prospective(nominee) if nominee.tally.is_lost() => self.give_up(now),
            State::Candidate(nominee) if nominee.tally.is_won() => self.become_leader(now),
            State::Candidate(nominee)
                if bold && nominee.tally.granting_voters().count() >= nominee.tally.majority() - 1 =>
            {
                self.become_leader(now);
            }
            // A candidate that lost waits for the rest of its timeout: its backoff.
            _ => {}
        }
    }

    /// Back to the leader that is known, or to looking for one.
    fn give_up(&mut self, now: Now) {
        let State::Prospective(nominee) = &self.state else { return };
        let endpoints = nominee.leader_endpoints.clone();
        let epoch = self.election.epoch;
        match self.election.leader {
            Some(leader) if leader != self.config.local.key.id && !endpoints.is_empty() => {
                self.become_follower(epoch, leader, endpoints, now);
            }
            leader => self.become_unattached(epoch, leader, now),
        }
    }

    pub(super) fn poll_nominee(&mut self, now: Now) -> Monotonic {
        let (nominee, pre_vote) = match &self.state {
            State::Prospective(nominee) => (nominee, true),
            State::Candidate(nominee) => (nominee, false),
            _ => return Monotonic::NEVER,
        };
        let deadline = nominee.election_deadline;
        // A node that stops goes on with the election that it has begun: if it wins, it can resign.
        if deadline <= now.mono && !self.is_shutting_down {
            // The log may have said in the meantime that this replica votes no more.
            if pre_vote || !self.may_stand() {
                self.lose(now);
            } else {
                self.become_prospective(now);
            }
            return now.mono;
        }
        if nominee.tally.is_lost() {
            return deadline;
        }
        let unrecorded: Vec<_> = nominee.tally.unrecorded_voters().collect();
        let mut wake_at = if self.is_shutting_down { Monotonic::NEVER } else { deadline };
        for voter in unrecorded {
            wake_at = wake_at.min(self.ask_for_vote(voter, pre_vote, now));
        }
        wake_at
    }

    fn lose(&mut self, now: Now) {
        if matches!(self.state, State::Prospective(_)) {
            self.give_up(now);
        } else {
            self.become_unattached(self.election.epoch, None, now);
        }
    }

    fn ask_for_vote(&mut self, voter: ReplicaKey, pre_vote: bool, now: Now) -> Monotonic {
        let Some(to) = self.voter_destination(voter.id) else { return Monotonic::NEVER };
        match self.connections.begin(to.id, now.mono) {
            Ok(correlation_id) => {
                let request = self.vote_request(voter, pre_vote);
                self.send(to, correlation_id, request.into());
                self.connections.busy_until(voter.id).unwrap_or(Monotonic::NEVER)
            }
            Err(until) => until,
        }
    }

    fn vote_request(&self, voter: ReplicaKey, pre_vote: bool) -> VoteRequest {
        let local = self.config.local.key;
        let last = self.log.end();
        let partition = PartitionData {
            partition_index: METADATA_PARTITION,
            replica_epoch: self.election.epoch.0,
            replica_id: local.id.0,
            replica_directory_id: local.directory_to_wire(),
            voter_directory_id: voter.directory_to_wire(),
            last_offset_epoch: last.epoch.0,
            last_offset: last.offset.0,
            pre_vote,
        };
        VoteRequest {
            cluster_id: Some(self.config.cluster_id.clone()),
            voter_id: voter.id.0,
            topics: vec![TopicData { topic_name: METADATA_TOPIC.into(), partitions: vec![partition] }],
        }
    }
}
