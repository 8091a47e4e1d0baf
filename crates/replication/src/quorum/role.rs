//! What a replica is in its epoch, and how it comes to be that.
//!
//! Every change of role goes through here, so that one place says what is kept (the vote within the epoch, the high
//! watermark), what is forgotten (requests under way) and what must be on the disk. Source: Kafka `QuorumState`.

use std::time::Duration;

use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::{BrokerId, LeaderEpoch, Offset};

use super::candidate::Nominee;
use super::control::ControlRecord;
use super::election_state::ElectionState;
use super::follower::Follower;
use super::leader::Leader;
use super::resign::Resigned;
use super::voters::{KRaftVersion, ReplicaKey, Voter, VoterEndpoint};
use super::{Bug, Effect, Quorum};

/// What a replica is to the quorum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Knows no leader, or not where it listens.
    Unattached,
    /// Fetches from the leader.
    Follower {
        /// The leader.
        leader: BrokerId,
    },
    /// Asks whether it would get votes in the next epoch.
    Prospective,
    /// Asks for votes in its epoch.
    Candidate,
    /// Appends in its epoch.
    Leader {
        /// Offset of the first record of the epoch: nothing is committed by this leader before one of the epoch is.
        epoch_start_offset: Offset,
    },
    /// Led the epoch, and does so no more.
    Resigned,
}

/// The role with what belongs to it. Epoch, leader and vote are the [`ElectionState`]'s.
#[derive(Debug)]
pub(super) enum State {
    Unattached(Unattached),
    Follower(Box<Follower>),
    Prospective(Nominee),
    Candidate(Nominee),
    Leader(Box<Leader>),
    Resigned(Resigned),
}

#[derive(Debug)]
pub(super) struct Unattached {
    /// When a voter asks for votes; never for an observer.
    election_deadline: Monotonic,
}

impl State {
    pub(super) fn unattached(election_deadline: Monotonic) -> Self {
        Self::Unattached(Unattached { election_deadline })
    }

    pub(super) fn role(&self, election: &ElectionState) -> Role {
        match self {
            Self::Unattached(_) => Role::Unattached,
            Self::Follower(_) => Role::Follower { leader: election.leader.unwrap_or(BrokerId::NONE) },
            Self::Prospective(_) => Role::Prospective,
            Self::Candidate(_) => Role::Candidate,
            Self::Leader(leader) => Role::Leader { epoch_start_offset: leader.epoch_start_offset },
            Self::Resigned(_) => Role::Resigned,
        }
    }

    pub(super) fn leader_endpoints<'a>(&'a self, local: &'a Voter) -> &'a [VoterEndpoint] {
        match self {
            Self::Follower(follower) => &follower.leader_endpoints,
            Self::Prospective(nominee) => &nominee.leader_endpoints,
            Self::Leader(_) | Self::Resigned(_) => &local.endpoints,
            Self::Unattached(_) | Self::Candidate(_) => &[],
        }
    }
}

impl Quorum {
    /// The role in which a replica begins again. Source: Kafka `QuorumState.initialize`, but for one thing: a candidate
    /// does not go on in its epoch. It may have won it, and have written records of the epoch that nobody else has seen;
    /// to lead the same epoch again would give two records one (offset, epoch).
    pub(super) fn start(&mut self, now: Now) {
        if self.is_started {
            return;
        }
        self.is_started = true;
        let last_epoch = self.log.end().epoch;
        let local = self.config.local.key;
        if self.election.epoch < last_epoch {
            // Nothing was voted in an epoch that only the log knows.
            self.set_election(ElectionState { epoch: last_epoch, ..ElectionState::FIRST });
        }
        let timeout = self.election_deadline(now);
        match self.election.leader {
            // Records of this epoch that were not on the disk are gone, and must not be written anew in it.
            Some(leader) if leader == local.id && !self.has_bug(Bug::LeadOnAfterRestart) => {
                let others = self.membership.voters().ids().filter(|id| *id != local.id).collect();
                let deadline = self.some_election_timeout(now);
                self.state = State::Resigned(Resigned::new(others, Vec::new(), deadline));
            }
            Some(leader) if leader == local.id => self.lead_on(now),
            Some(leader) => {
                let endpoints = self.known_endpoints(leader);
                if self.destination(leader, &endpoints).is_some() {
                    let deadline = now.mono + self.config.limits.fetch_timeout;
                    self.state = State::Follower(Box::new(Follower::new(endpoints, deadline, deadline)));
                } else {
                    self.state = State::unattached(timeout);
                }
            }
            None => self.state = State::unattached(timeout),
        }
        self.announce_role();
        // A replica that is alone needs no timeout to know that nobody else leads.
        if self.membership.voters().is_only_voter(local) && !self.is_leader() {
            self.become_prospective(now);
        }
    }

    /// A higher epoch has begun, or a pre-vote in this one is lost and its leader not known.
    pub(super) fn become_unattached(&mut self, epoch: LeaderEpoch, leader: Option<BrokerId>, now: Now) {
        let deadline = match &self.state {
            _ if !self.may_stand() => Monotonic::NEVER,
            // An election that others began does not put off our own.
            State::Candidate(nominee) => nominee.election_deadline,
            State::Prospective(nominee) if !nominee.tally.is_lost() => nominee.election_deadline,
            State::Unattached(unattached) => unattached.election_deadline,
            State::Resigned(resigned) => resigned.election_deadline,
            _ => self.election_deadline(now),
        };
        let voted = if epoch == self.election.epoch { self.election.voted } else { None };
        self.change(ElectionState { epoch, leader, voted }, State::unattached(deadline));
    }

    /// Somebody leads the epoch. Without a known endpoint of the leader the replica stays unattached, and asks around.
    pub(super) fn become_follower(
        &mut self,
        epoch: LeaderEpoch,
        leader: BrokerId,
        endpoints: Vec<VoterEndpoint>,
        now: Now,
    ) {
        assert_ne!(leader, self.config.local.key.id, "nobody follows himself");
        if self.destination(leader, &endpoints).is_none() {
            return self.become_unattached(epoch, Some(leader), now);
        }
        let voted = if epoch == self.election.epoch { self.election.voted } else { None };
        let deadline = now.mono + self.config.limits.fetch_timeout;
        let follower = Follower::new(endpoints, deadline, deadline);
        let election = ElectionState { epoch, leader: Some(leader), voted };
        self.change(election, State::Follower(Box::new(follower)));
    }

    /// Asks for pre-votes. Nothing of this need be remembered.
    pub(super) fn become_prospective(&mut self, now: Now) {
        assert!(self.may_stand(), "only a voter asks for votes");
        let endpoints = self.state.leader_endpoints(&self.config.local).to_vec();
        let endpoints =
            if self.election.leader == Some(self.config.local.key.id) { Vec::new() } else { endpoints };
        let deadline = self.election_deadline(now);
        let nominee = Nominee::new(self.membership.voters(), self.config.local.key.id, deadline, endpoints);
        self.change(self.election.clone(), State::Prospective(nominee));
        self.maybe_win(now);
    }

    /// Votes for itself in the next epoch, and asks the others.
    pub(super) fn become_candidate(&mut self, now: Now) {
        assert!(
            matches!(self.state, State::Prospective(_)),
            "whoever asks for votes has asked for pre-votes"
        );
        let epoch = self.election.epoch.0.checked_add(1).expect("a log cannot have seen 2^31 elections");
        let local = self.config.local.key;
        let election = ElectionState { epoch: LeaderEpoch(epoch), leader: None, voted: Some(local) };
        let deadline = self.election_deadline(now);
        let nominee = Nominee::new(self.membership.voters(), local.id, deadline, Vec::new());
        self.change(election, State::Candidate(nominee));
        self.maybe_win(now);
    }

    /// Leads the epoch, and opens it with a record of its own.
    pub(super) fn become_leader(&mut self, now: Now) {
        let State::Candidate(nominee) = &self.state else { panic!("only a candidate is elected") };
        let granting: Vec<_> = nominee.tally.granting_voters().collect();
        let election = ElectionState { leader: Some(self.config.local.key.id), voted: None, ..self.election };
        self.lead(election, &granting, now);
    }

    /// The role of a replica with a planted bug that goes on in the epoch that it led before its restart.
    fn lead_on(&mut self, now: Now) {
        self.lead(self.election.clone(), &[], now);
    }

    fn lead(&mut self, election: ElectionState, granting: &[BrokerId], now: Now) {
        let local = self.config.local.clone();
        let voters = self.membership.voters();
        let records = self.start_of_epoch(&local, granting);
        let in_memory = (self.membership.kraft_version() == KRaftVersion::Static)
            .then(|| voters.updated_ignoring_directory(&local))
            .flatten();
        let epoch_start_offset = self.log.end_offset();
        let leader = Leader::new(local.key, voters, in_memory, epoch_start_offset, &self.config.limits, now);
        let epoch = election.epoch;
        self.change(election, State::Leader(Box::new(leader)));
        self.outbox.push(Effect::AppendControl { epoch, records });
        let sequence = self.outbox.requested_sequence();
        if let State::Leader(leader) = &mut self.state {
            leader.rests_on = sequence;
        }
        self.on_leader_progress(now);
    }

    /// Stops leading, and tells the voters who should be next.
    pub(super) fn become_resigned(&mut self, successors: Vec<ReplicaKey>, now: Now) {
        assert!(self.is_leader(), "only a leader resigns");
        let local = self.config.local.key.id;
        let others = self.membership.voters().ids().filter(|id| *id != local).collect();
        // A replica that votes no more has an end of its leadership too.
        let deadline = self.some_election_timeout(now);
        self.change(self.election.clone(), State::Resigned(Resigned::new(others, successors, deadline)));
    }

    /// Source: Kafka `LeaderState.appendStartOfEpochControlRecords`.
    fn start_of_epoch(&self, local: &Voter, granting: &[BrokerId]) -> Vec<ControlRecord> {
        let voters = self.membership.voters();
        let mut records =
            vec![ControlRecord::leader_change(local.key.id, voters.ids(), granting.iter().copied())];
        let version = self.membership.kraft_version();
        if version == KRaftVersion::Static {
            return records;
        }
        let updated = voters.updated_with(local);
        let is_logged = self.membership.voters_offset().is_some_and(|offset| offset >= Offset::ZERO);
        if updated.is_some() || !is_logged {
            records.extend(ControlRecord::membership(version, updated.as_ref().unwrap_or(voters)));
        }
        records
    }

    fn change(&mut self, election: ElectionState, state: State) {
        self.connections.reset_all();
        self.set_election(election);
        let left = std::mem::replace(&mut self.state, state);
        self.announce_role();
        if let State::Leader(left) = left {
            self.dismiss_waiting(*left);
        }
    }

    fn announce_role(&mut self) {
        let (epoch, role) = (self.election.epoch, self.role());
        self.outbox.push(Effect::ChangeRole { epoch, role });
    }

    /// A time from now in `[election timeout, twice that)`; never for an observer.
    pub(super) fn election_deadline(&mut self, now: Now) -> Monotonic {
        if self.may_stand() { self.some_election_timeout(now) } else { Monotonic::NEVER }
    }

    fn some_election_timeout(&mut self, now: Now) -> Monotonic {
        now.mono + self.random.between_once_and_twice(self.config.limits.election_timeout)
    }

    /// Puts our own election off by a whole timeout: whoever got our vote has as good a chance as we.
    pub(super) fn put_off_election(&mut self, now: Now) {
        let deadline = self.election_deadline(now);
        match &mut self.state {
            State::Unattached(unattached) => unattached.election_deadline = deadline,
            State::Prospective(nominee) => nominee.election_deadline = deadline,
            _ => {}
        }
    }

    /// Asks around for the leader; a voter that does not find one in time asks for votes.
    pub(super) fn poll_unattached(&mut self, now: Now) -> Monotonic {
        let may_stand = self.may_stand();
        let State::Unattached(Unattached { election_deadline: mut deadline }) = self.state else {
            return Monotonic::NEVER;
        };
        // The log says who may stand, and it may say so in the meantime.
        if may_stand != (deadline < Monotonic::NEVER) {
            deadline = self.election_deadline(now);
            self.state = State::unattached(deadline);
        }
        if may_stand && self.is_shutting_down {
            return Monotonic::NEVER;
        }
        if may_stand && deadline <= now.mono {
            self.become_prospective(now);
            return now.mono;
        }
        self.send_fetch_to_bootstrap(now).min(deadline)
    }

    /// A random time below `most`, for waits that must not fall together.
    pub(super) fn random_wait(&mut self, most: Duration) -> Duration {
        Duration::from_nanos(self.random.below(u64::try_from(most.as_nanos()).unwrap_or(u64::MAX)))
    }
}
