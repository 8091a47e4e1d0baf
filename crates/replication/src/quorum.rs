//! The KRaft quorum: who leads the metadata log, who votes, and up to where the log is committed.
//!
//! A pure machine, one for each replica of the log. Facts go in with the time at which they happened ([`Input`]); what
//! must be done comes out in order ([`Effect`]); the machine says when it wants to be woken. It knows no bytes of the log
//! but those that it is handed, and no file.
//!
//! ```text
//!                       a request or response names the leader of an epoch that is not below ours
//!            ┌────────────────────────────────────────────────────────────────────────────────────┐
//!            │                                                                                    ▼
//!       Unattached ──election timeout──► Prospective ──majority of pre-votes──► Candidate      Follower
//!            ▲                             │  ▲  ▲                                │  │            │  ▲
//!            │        lost, leader unknown │  │  └──────── election timeout ──────┘  │            │  │ lost, leader
//!            ├─────────────────────────────┘  └──────────────── fetch timeout ───────┼────────────┘  │ known
//!            │                                └───────────────────────────────────────┼──────────────┘
//!            │ a higher epoch without a known leader                 majority of votes│
//!            │                                                                        ▼
//!       any other role        Resigned ◄── no majority fetches, asked to, or no voter any more ── Leader
//! ```
//! Observers, which do not vote, are Unattached or Follower.
//!
//! The rules, each in its own file:
//! * `vote`: one vote in an epoch, on disk before it is given, to a candidate whose log is not behind.
//! * `candidate`: pre-vote first (KIP-996), so that a replica that was cut off disturbs nobody; a majority elects.
//! * `leader`: committed is what a majority has on its disks, once that includes a record of the leader's own epoch.
//! * `fetch`, `follower`: a follower has a prefix of the leader's log, or cuts its own back to where they part.
//! * `snapshot`: what the leader's log has no more is fetched as a snapshot, which replaces the follower's log.
//! * `membership`, `voter_change`: voters change one at a time, and a change counts as soon as it is in the log.
//! * `outbox`: nothing leaves that the disk does not know.
//!
//! Sources: KIP-595 (the protocol), KIP-630 (snapshots), KIP-853 (voters that change), KIP-996 (pre-vote); Ongaro,
//! "Consensus: Bridging Theory and Practice". What travels is Kafka's to the byte, so that both stand in one quorum.

mod candidate;
mod config;
mod connections;
mod control;
mod describe;
mod effect;
mod election_state;
mod fetch;
mod fetched;
mod follower;
mod leader;
mod log_state;
mod membership;
mod observer;
mod outbox;
mod planted;
mod random;
mod resign;
mod role;
mod rpc;
mod snapshot;
mod upgrade;
mod vote;
mod voter_change;
mod voter_update;
mod voters;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::{BrokerId, LeaderEpoch, Offset};

pub use config::{QuorumConfig, QuorumLimits};
use connections::Connections;
pub use connections::Destination;
pub use control::{ControlRecord, control_batch};
pub use effect::{Effect, Fault, Input};
pub use election_state::{ElectionState, ElectionStateError};
pub use log_state::{EpochStart, LogState, OffsetAndEpoch, SyncPoint, Validity};
pub use membership::{BOOTSTRAP_VOTERS_OFFSET, Membership};
use outbox::Outbox;
pub use planted::Bug;
use random::Random;
pub use role::Role;
use role::State;
use rpc::LeaderHint;
pub use rpc::{
    Attachment, CorrelationId, METADATA_PARTITION, METADATA_TOPIC, Request, RequestContext, RequestFailure,
    RequestId, Response,
};
pub use upgrade::UpgradeError;
pub use voters::{KRaftVersion, ReplicaKey, Voter, VoterEndpoint, VoterSet, endpoint};

/// One replica's view of the quorum.
#[derive(Debug)]
pub struct Quorum {
    config: QuorumConfig,
    log: LogState,
    membership: Membership,
    /// What `quorum-state` holds, or will: the highest epoch, its leader, and our vote in it.
    election: ElectionState,
    state: State,
    /// Everything below is committed, as far as this replica knows. Never goes back.
    high_watermark: Option<Offset>,
    connections: Connections,
    random: Random,
    outbox: Outbox,
    is_started: bool,
    is_shutting_down: bool,
    wake_at: Monotonic,
    #[cfg(feature = "planted-bugs")]
    planted: Option<Bug>,
}

impl Quorum {
    /// The machine as it stood when the node stopped: `durable` is the content of `quorum-state`, if there is one, `log`
    /// what was found of the log. `seed` makes its election timeouts its own. It does nothing before [`Input::Start`].
    #[must_use]
    pub fn new(
        config: QuorumConfig,
        static_voters: VoterSet,
        durable: Option<ElectionState>,
        log: LogState,
        seed: u64,
    ) -> Self {
        let bootstrap = bootstrap_servers(&config, &static_voters);
        let limits = config.limits;
        Self {
            connections: Connections::new(bootstrap, limits.request_timeout, limits.retry_backoff),
            config,
            log,
            membership: Membership::new(static_voters),
            election: durable.unwrap_or(ElectionState::FIRST),
            state: State::unattached(Monotonic::NEVER),
            high_watermark: None,
            random: Random::new(seed),
            outbox: Outbox::default(),
            is_started: false,
            is_shutting_down: false,
            wake_at: Monotonic::NEVER,
            #[cfg(feature = "planted-bugs")]
            planted: None,
        }
    }

    /// Takes note of a control record of the newest snapshot or the log, in the order of the log. Records of a snapshot
    /// stand at its last offset.
    ///
    /// Panics after [`Input::Start`].
    pub fn load_control(&mut self, offset: Offset, record: &ControlRecord) {
        assert!(!self.is_started, "a replica that takes part learns of records by what it appends");
        self.membership.add(offset, record);
    }

    /// Tells the quorum a fact.
    pub fn handle(&mut self, input: Input, now: Now) {
        if let Input::Start = input {
            self.start(now);
        }
        if !self.is_started {
            return;
        }
        match input {
            Input::Start | Input::Tick => {}
            Input::Request { context, request } => self.on_request(context, request, now),
            Input::Response { correlation_id, result } => self.on_response(correlation_id, result, now),
            Input::Persisted { sequence } => {
                self.outbox.persisted(sequence);
                self.on_leader_progress(now);
            }
            Input::Appended { epoch, base_offset, last_offset, control } => {
                self.on_appended(epoch, (base_offset, last_offset), &control, now);
            }
            Input::Synced(point) => {
                self.log.synced(point);
                self.on_leader_progress(now);
            }
            Input::SnapshotTaken { name, size } => self.log.insert_snapshot(name, size),
            Input::LogStartAdvanced(offset) => {
                self.log.advance_start(offset);
                self.membership.advance_start(offset);
            }
            Input::SnapshotFetched { name, control } => {
                self.on_snapshot_fetched(name, control.as_deref(), now)
            }
            Input::Resign(epoch) => self.on_resign_asked(epoch, now),
            Input::Shutdown => self.is_shutting_down = true,
        }
        self.poll(now);
    }

    /// The next thing that the host must do.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.outbox.pop()
    }

    /// When the machine wants to be told of the time: [`Input::Tick`].
    #[must_use]
    pub fn poll_deadline(&self) -> Monotonic {
        self.wake_at
    }

    /// What this replica is to the quorum.
    #[must_use]
    pub fn role(&self) -> Role {
        self.state.role(&self.election)
    }

    /// Whether this replica may append.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        matches!(self.state, State::Leader(_))
    }

    /// Whether this replica votes, by the last voters in its log.
    #[must_use]
    pub fn is_voter(&self) -> bool {
        self.is_voter_key(self.config.local.key)
    }

    /// The highest epoch seen.
    #[must_use]
    pub fn epoch(&self) -> LeaderEpoch {
        self.election.epoch
    }

    /// Who leads the epoch, if known.
    #[must_use]
    pub fn leader(&self) -> Option<BrokerId> {
        self.election.leader
    }

    /// Where the leader of the epoch listens; empty if that is not known.
    #[must_use]
    pub fn leader_endpoints(&self) -> &[VoterEndpoint] {
        self.state.leader_endpoints(&self.config.local)
    }

    /// The epoch, its leader and our vote: what `quorum-state` holds, or is about to.
    #[must_use]
    pub fn election(&self) -> &ElectionState {
        &self.election
    }

    /// Offset below which everything is committed, as far as this replica knows; `None` if it does not know yet.
    #[must_use]
    pub fn high_watermark(&self) -> Option<Offset> {
        self.high_watermark
    }

    /// Who votes, by which rules.
    #[must_use]
    pub fn membership(&self) -> &Membership {
        &self.membership
    }

    /// What is known of the log.
    #[must_use]
    pub fn log(&self) -> &LogState {
        &self.log
    }

    /// Where a sync that begins now will bring the log: for [`Input::Synced`].
    #[must_use]
    pub fn sync_point(&self) -> SyncPoint {
        self.log.sync_point()
    }

    /// This replica as a voter.
    #[must_use]
    pub fn local(&self) -> &Voter {
        &self.config.local
    }

    /// Whether the node may stop: somebody else leads, or nobody needs to be told. Source: Kafka
    /// `KafkaRaftClient.maybeCompleteShutdown`.
    #[must_use]
    pub fn is_shutdown_complete(&self) -> bool {
        let local = self.config.local.key;
        let is_led_by_another = self.election.leader.is_some_and(|leader| leader != local.id);
        let is_alone = self.membership.voters().is_only_voter(local);
        self.is_shutting_down && (!self.is_voter() || is_alone || is_led_by_another)
    }

    fn on_request(&mut self, context: RequestContext, request: Request, now: Now) {
        let response = match request {
            Request::Vote(request) => Some(self.on_vote(&request, &context, now).into()),
            Request::BeginQuorumEpoch(request) => {
                Some(self.on_begin_quorum_epoch(&request, &context, now).into())
            }
            Request::EndQuorumEpoch(request) => {
                Some(self.on_end_quorum_epoch(&request, &context, now).into())
            }
            Request::DescribeQuorum(request) => Some(self.describe(&request, now).into()),
            Request::Fetch(request) => return self.on_fetch(&request, context, now),
            Request::FetchSnapshot(request) => return self.on_fetch_snapshot(&request, &context, now),
            Request::AddRaftVoter(request) => self.on_add_voter(&request, &context, now).map(Into::into),
            Request::RemoveRaftVoter(request) => {
                self.on_remove_voter(&request, &context, now).map(Into::into)
            }
            Request::UpdateRaftVoter(request) => Some(self.on_update_voter(&request, &context, now).into()),
            // The host's own API, which says nothing of the quorum.
            Request::ApiVersions(_) => None,
        };
        if let Some(response) = response {
            self.respond(context.id, response, None);
        }
    }

    fn on_response(
        &mut self,
        correlation_id: CorrelationId,
        result: Result<Response, RequestFailure>,
        now: Now,
    ) {
        let Some(source) = self.connections.expects(correlation_id) else {
            if let (true, Ok(response)) = (self.has_bug(Bug::HearLateAnswers), result) {
                self.on_expected_response(BrokerId::NONE, response, now);
            }
            return;
        };
        let is_success = match result {
            Ok(response) => self.on_expected_response(source, response, now),
            Err(failure) => self.on_failure(source, failure, now),
        };
        self.connections.finish(correlation_id, is_success, now.mono);
    }

    /// Whether the peer may be asked again at once.
    fn on_expected_response(&mut self, source: BrokerId, response: Response, now: Now) -> bool {
        match response {
            Response::Vote(response) => self.on_vote_response(source, &response, now),
            Response::BeginQuorumEpoch(response) => self.on_begin_quorum_epoch_response(&response, now),
            Response::EndQuorumEpoch(response) => self.on_end_quorum_epoch_response(source, &response, now),
            Response::Fetch(response) => self.on_fetch_response(response, now),
            Response::FetchSnapshot(response) => self.on_fetch_snapshot_response(response, now),
            Response::UpdateRaftVoter(response) => self.on_update_voter_response(&response, now),
            Response::AddRaftVoter(response) => self.on_voter_change_response(response.error_code, now),
            Response::RemoveRaftVoter(response) => self.on_voter_change_response(response.error_code, now),
            Response::ApiVersions(response) => self.on_api_versions_response(source, &response, now),
            Response::DescribeQuorum(_) => true,
        }
    }

    fn on_failure(&mut self, source: BrokerId, failure: RequestFailure, now: Now) -> bool {
        match (&self.state, failure) {
            // A peer without pre-vote: nobody can be asked first. Source: Kafka `handleVoteResponse`.
            (State::Prospective(_), RequestFailure::UnsupportedVersion) => {
                self.become_candidate(now);
                true
            }
            (State::Leader(_), _) => {
                self.on_voter_unreachable(source);
                false
            }
            (State::Follower(_), RequestFailure::Disconnected) => {
                self.on_leader_unreachable(source, now);
                false
            }
            (State::Follower(_), RequestFailure::UnsupportedVersion) => self.on_voter_update_unsupported(),
            _ => false,
        }
    }

    /// Runs the timers of the role, and sends what it wants to send, until it stays the same.
    fn poll(&mut self, now: Now) {
        // Roles only change a few times without the world outside: the only voter goes from Follower over Prospective
        // and Candidate to Leader.
        for _ in 0..8 {
            let before = self.role();
            let epoch = self.election.epoch;
            self.wake_at = match self.state {
                State::Unattached(_) => self.poll_unattached(now),
                State::Follower(_) => self.poll_follower(now),
                State::Prospective(_) | State::Candidate(_) => self.poll_nominee(now),
                State::Leader(_) => self.poll_leader(now),
                State::Resigned(_) => self.poll_resigned(now),
            };
            if (before, epoch) == (self.role(), self.election.epoch) {
                return;
            }
        }
        self.wake_at = now.mono;
    }

    fn send(&mut self, to: Destination, correlation_id: CorrelationId, request: Request) {
        self.outbox.send(Effect::Send { to, correlation_id, request });
    }

    fn respond(&mut self, id: RequestId, response: Response, attachment: Option<Attachment>) {
        let effect = Effect::Respond { id, response, attachment };
        if self.has_bug(Bug::AnswerBeforePersisting) {
            self.outbox.push(effect);
        } else {
            self.outbox.send(effect);
        }
    }

    /// Changes what must be remembered over a crash.
    fn set_election(&mut self, election: ElectionState) {
        assert!(
            election.epoch >= self.election.epoch,
            "epoch {} follows {}",
            election.epoch,
            self.election.epoch
        );
        if election != self.election {
            self.election = election;
            self.outbox.persist(self.election.clone());
        }
    }

    fn advance_high_watermark(&mut self, offset: Offset) {
        if self.high_watermark.is_none_or(|current| current < offset) {
            self.high_watermark = Some(offset);
            self.outbox.push(Effect::AdvanceHighWatermark(offset));
        }
    }

    fn is_voter_key(&self, replica: ReplicaKey) -> bool {
        self.membership.voters().is_voter(replica)
    }

    /// Whether this replica may stand for election: it votes, or its removal may not be committed.
    fn may_stand(&self) -> bool {
        self.membership.may_be_voter(self.config.local.key, self.high_watermark)
    }

    /// Where the replicas of a voter's node are reached.
    fn voter_destination(&self, id: BrokerId) -> Option<Destination> {
        let voter = self.membership.voters().voter(id)?;
        self.destination(id, &voter.endpoints)
    }

    fn destination(&self, id: BrokerId, endpoints: &[VoterEndpoint]) -> Option<Destination> {
        let VoterEndpoint { host, port, .. } = endpoint(endpoints, &self.config.listener)?;
        Some(Destination { id, host: host.clone(), port: *port })
    }

    /// Where a voter listens, as far as the log knows.
    fn known_endpoints(&self, id: BrokerId) -> Vec<VoterEndpoint> {
        self.membership.voters().voter(id).map(|voter| voter.endpoints.clone()).unwrap_or_default()
    }

    fn has_valid_cluster_id(&self, cluster_id: Option<&str>) -> bool {
        cluster_id.is_none_or(|id| id == self.config.cluster_id)
    }

    /// Refuses a request that tells who leads or wants to, if it is of a past epoch or of nobody. Source: Kafka
    /// `validateVoterOnlyRequest`.
    fn check_epoch_claim(&self, sender: i32, epoch: i32) -> Result<(BrokerId, LeaderEpoch), ErrorCode> {
        let epoch = LeaderEpoch(epoch);
        if epoch < self.election.epoch {
            return Err(ErrorCode::FENCED_LEADER_EPOCH);
        }
        match rpc::node(sender) {
            Some(sender) => Ok((sender, epoch)),
            None => Err(ErrorCode::INVALID_REQUEST),
        }
    }

    /// Refuses a request that is for the leader of `epoch`, if that is not this replica. Source: Kafka
    /// `validateLeaderOnlyRequest`.
    fn check_leads(&self, epoch: LeaderEpoch) -> Result<(), ErrorCode> {
        if epoch < self.election.epoch && !self.has_bug(Bug::IgnoreFencing) {
            Err(ErrorCode::FENCED_LEADER_EPOCH)
        } else if epoch > self.election.epoch && !self.has_bug(Bug::IgnoreFencing) {
            Err(ErrorCode::UNKNOWN_LEADER_EPOCH)
        } else if !self.is_leader() {
            Err(ErrorCode::NOT_LEADER_OR_FOLLOWER)
        } else if self.is_shutting_down {
            Err(ErrorCode::BROKER_NOT_AVAILABLE)
        } else {
            Ok(())
        }
    }

    /// Whether a request that names a replica means this one.
    fn is_meant(&self, voter_id: i32, voter: ReplicaKey) -> bool {
        let local = self.config.local.key;
        voter_id < 0 || voter.names(local) || voter_id == local.id.0 && self.has_bug(Bug::AnyDirectoryCounts)
    }

    /// Takes in what a response says of the leader. `None` if the response itself is to be looked into; else whether
    /// the peer may be asked again at once: not if it told nothing new, or replicas that look for a leader would ask each
    /// other without a pause. Source: Kafka `maybeHandleCommonResponse`, which has no such pause.
    fn on_leader_hint(&mut self, hint: LeaderHint, now: Now) -> Option<bool> {
        let LeaderHint { error, epoch, leader, mut endpoints } = hint;
        if let (Some(leader), true) = (leader, endpoints.is_empty()) {
            endpoints = self.known_endpoints(leader);
        }
        let hears_all = self.has_bug(Bug::HearLateAnswers) || self.has_bug(Bug::IgnoreFencing);
        if epoch < self.election.epoch && !hears_all || error == ErrorCode::UNKNOWN_LEADER_EPOCH {
            Some(false)
        } else if epoch > self.election.epoch
            || error == ErrorCode::FENCED_LEADER_EPOCH
            || error == ErrorCode::NOT_LEADER_OR_FOLLOWER
        {
            let before = (self.election.clone(), self.role());
            let goes_with = self.learn_of_leader(leader, epoch, endpoints, now);
            Some(goes_with && before != (self.election.clone(), self.role()))
        } else if leader.is_some()
            && (self.election.leader.is_none() || matches!(self.state, State::Unattached(_)))
        {
            // The leader was not known, or not where it listens.
            if !self.learn_of_leader(leader, epoch, endpoints, now) {
                return Some(false);
            }
            (error != ErrorCode::NONE).then_some(true)
        } else {
            match error {
                // The peer is not who we take it for, or not ready. Kafka asks again at once in the third case.
                ErrorCode::BROKER_NOT_AVAILABLE
                | ErrorCode::INVALID_REQUEST
                | ErrorCode::INVALID_VOTER_KEY => Some(false),
                _ => None,
            }
        }
    }

    /// Takes in that `leader` leads `epoch`, or that `epoch` has begun. Whether that goes with what is known: no two
    /// replicas lead one epoch, and nobody else knows better whether we lead.
    ///
    /// Source: Kafka `maybeTransition`, `hasConsistentLeader`.
    fn learn_of_leader(
        &mut self,
        leader: Option<BrokerId>,
        epoch: LeaderEpoch,
        endpoints: Vec<VoterEndpoint>,
        now: Now,
    ) -> bool {
        let known = self.election.leader;
        if epoch < self.election.epoch {
            return true;
        }
        if leader == Some(self.config.local.key.id) {
            return epoch == self.election.epoch && self.is_leader();
        }
        if epoch > self.election.epoch {
            if self.is_leader() && self.has_bug(Bug::IgnoreFencing) {
                return true;
            }
            match leader {
                Some(leader) => self.become_follower(epoch, leader, endpoints, now),
                None => self.become_unattached(epoch, None, now),
            }
            return true;
        }
        match (leader, known) {
            (Some(leader), Some(known)) if leader != known => false,
            (Some(leader), known) => {
                if known.is_none() || endpoints.len() > self.leader_endpoints().len() {
                    self.become_follower(epoch, leader, endpoints, now);
                }
                true
            }
            (None, _) => true,
        }
    }
}

/// The servers that are asked who leads, ourselves left out. Those of the configuration have no node id: they get
/// negative ones.
fn bootstrap_servers(config: &QuorumConfig, static_voters: &VoterSet) -> Vec<Destination> {
    let is_other = |to: &Destination| {
        let local = &config.local.endpoints;
        to.id != config.local.key.id && !local.iter().any(|at| at.host == to.host && at.port == to.port)
    };
    if config.bootstrap_servers.is_empty() {
        let of_voter = |voter: &Voter| {
            let VoterEndpoint { host, port, .. } = endpoint(&voter.endpoints, &config.listener)?;
            Some(Destination { id: voter.key.id, host: host.clone(), port: *port })
        };
        return static_voters.voters().filter_map(of_voter).filter(is_other).collect();
    }
    let servers = config.bootstrap_servers.iter().zip((2..).map(|number: i32| BrokerId(-number)));
    let server =
        |((host, port), id): (&(String, u16), BrokerId)| Destination { id, host: host.clone(), port: *port };
    servers.map(server).filter(is_other).collect()
}

#[cfg(test)]
mod tests;
