//! Changing the voters, one at a time.
//!
//! The rules, which together keep any two majorities that can commit or elect overlapping:
//! 1. A change adds one voter, removes one, or says how one is reached (`voter_update`).
//! 2. It counts as soon as it is in the log, on every replica (see `membership`).
//! 3. The next one waits until it is committed; and a leader makes its first one only after it has committed a record of
//!    its own epoch, which fences changes of earlier leaders.
//!
//! A new voter must be reachable, know the kraft.version, and have caught up before it is added, so that the quorum does
//! not wait for it. A leader that removes itself leads until that is committed, without counting itself. Source: KIP-853,
//! KIP-1186; Kafka `AddVoterHandler`, `RemoveVoterHandler`.

use std::time::Duration;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::add_raft_voter_request::AddRaftVoterRequest;
use ottla_protocol::messages::add_raft_voter_response::AddRaftVoterResponse;
use ottla_protocol::messages::api_versions_request::ApiVersionsRequest;
use ottla_protocol::messages::api_versions_response::ApiVersionsResponse;
use ottla_protocol::messages::remove_raft_voter_request::RemoveRaftVoterRequest;
use ottla_protocol::messages::remove_raft_voter_response::RemoveRaftVoterResponse;
use ottla_protocol::time::{Monotonic, Now};
use ottla_protocol::types::{BrokerId, Offset};

use super::control::ControlRecord;
use super::role::State;
use super::rpc::{RequestContext, RequestId};
use super::voters::{KRaftVersion, ReplicaKey, Voter, VoterEndpoint, VoterSet};
use super::{Bug, Effect, Quorum};

/// Name of the feature in ApiVersions.
const KRAFT_VERSION_FEATURE: &str = "kraft.version";
/// A replica that has caught up at some time, and fetched within this one, may become a voter.
const CAUGHT_UP_WITHIN: Duration = Duration::from_secs(3600);

/// A change of voters that is not committed yet.
#[derive(Debug)]
pub(super) struct VoterChange {
    /// The request that waits for it; `None` if it is answered.
    request: Option<RequestId>,
    deadline: Monotonic,
    kind: Kind,
    /// Offset of the record, once it is in the log.
    offset: Option<Offset>,
}

#[derive(Debug)]
enum Kind {
    /// Asks the new voter for its versions before anything is written.
    Asking(Box<Candidate>),
    Adding,
    Removing,
}

/// Who wants to be a voter.
#[derive(Debug)]
struct Candidate {
    key: ReplicaKey,
    endpoints: Vec<VoterEndpoint>,
    ack_when_committed: bool,
}

/// Why a change cannot be: the code and a text for people.
pub(super) type Refusal = (ErrorCode, String);

impl Quorum {
    /// `None` if the answer comes later.
    pub(super) fn on_add_voter(
        &mut self,
        request: &AddRaftVoterRequest,
        context: &RequestContext,
        now: Now,
    ) -> Option<AddRaftVoterResponse> {
        match self.begin_adding(request, context, now) {
            Ok(()) => None,
            Err((error, message)) => Some(AddRaftVoterResponse {
                error_code: error.into(),
                error_message: Some(message),
                ..Default::default()
            }),
        }
    }

    fn begin_adding(
        &mut self,
        request: &AddRaftVoterRequest,
        context: &RequestContext,
        now: Now,
    ) -> Result<(), Refusal> {
        self.check_change(request.cluster_id.as_deref())?;
        let key = ReplicaKey::from_wire(request.voter_id, request.voter_directory_id);
        if request.voter_id < 0 || key.directory_id.is_none() {
            return Err((ErrorCode::INVALID_REQUEST, "a voter has a node id and a directory id".into()));
        }
        let endpoint = |at: &ottla_protocol::messages::add_raft_voter_request::Listener| VoterEndpoint {
            listener: at.name.clone(),
            host: at.host.clone(),
            port: at.port,
        };
        let endpoints: Vec<_> = request.listeners.iter().map(endpoint).collect();
        let Some(to) = self.destination(key.id, &endpoints) else {
            let message = format!("no endpoint of the listener {} is given", self.config.listener);
            return Err((ErrorCode::INVALID_REQUEST, message));
        };
        let voters = self.check_changeable(now)?;
        if voters.voter(key.id).is_some() {
            return Err((ErrorCode::DUPLICATE_VOTER, format!("node {} votes already", key.id)));
        }
        let Ok(correlation_id) = self.connections.begin(to.id, now.mono) else {
            return Err((
                ErrorCode::REQUEST_TIMED_OUT,
                format!("node {} is busy with another request", key.id),
            ));
        };
        let candidate = Candidate { key, endpoints, ack_when_committed: request.ack_when_committed };
        self.set_voter_change(VoterChange {
            request: Some(context.id),
            deadline: now.mono + self.config.limits.request_timeout,
            kind: Kind::Asking(Box::new(candidate)),
            offset: None,
        });
        let request = ApiVersionsRequest {
            client_software_name: "ottla".into(),
            client_software_version: env!("CARGO_PKG_VERSION").into(),
            ..Default::default()
        };
        self.send(to, correlation_id, request.into());
        Ok(())
    }

    /// The new voter said which versions it knows: it is added if it fits.
    pub(super) fn on_api_versions_response(
        &mut self,
        source: BrokerId,
        response: &ApiVersionsResponse,
        now: Now,
    ) -> bool {
        let State::Leader(leader) = &mut self.state else { return true };
        let is_asking = |change: &mut VoterChange| matches!(&change.kind, Kind::Asking(candidate) if candidate.key.id == source);
        let Some(mut change) = leader.voter_change.take_if(is_asking) else { return true };
        let Kind::Asking(candidate) = std::mem::replace(&mut change.kind, Kind::Adding) else { return true };
        match self.newcomer(*candidate, response, now) {
            Err((error, message)) => {
                self.finish_voter_change(&change, error, Some(message));
                response.error_code == 0
            }
            Ok((voters, ack_when_committed)) => {
                if !ack_when_committed && let Some(id) = change.request.take() {
                    self.respond(id, AddRaftVoterResponse::default().into(), None);
                }
                self.set_voter_change(change);
                self.append_voters(&voters);
                true
            }
        }
    }

    /// The voters with the newcomer among them, and whether its request waits for the commit.
    fn newcomer(
        &self,
        candidate: Candidate,
        response: &ApiVersionsResponse,
        now: Now,
    ) -> Result<(VoterSet, bool), Refusal> {
        let Candidate { key, endpoints, ack_when_committed } = candidate;
        if response.error_code != 0 {
            let message = format!("node {} answers ApiVersions with error {}", key.id, response.error_code);
            return Err((ErrorCode::REQUEST_TIMED_OUT, message));
        }
        let range = response.supported_features.iter().find(|feature| feature.name == KRAFT_VERSION_FEATURE);
        let kraft_versions = range.map_or((0, 0), |range| (range.min_version, range.max_version));
        let voter = Voter { key, endpoints, kraft_versions };
        let version = self.membership.kraft_version();
        if !voter.supports(version) {
            let message = format!(
                "node {} knows the kraft.versions {} to {}, not {}",
                key.id,
                kraft_versions.0,
                kraft_versions.1,
                version.level()
            );
            return Err((ErrorCode::INVALID_REQUEST, message));
        }
        let State::Leader(leader) = &self.state else {
            return Err((ErrorCode::NOT_LEADER_OR_FOLLOWER, "leads no more".into()));
        };
        let progress = leader.observer(key);
        let has_caught_up = progress.is_some_and(|progress| {
            progress.last_caught_up.is_some()
                && progress.last_fetch.is_some_and(|at| now.mono.since(at.mono) < CAUGHT_UP_WITHIN)
        });
        if !has_caught_up {
            return Err((ErrorCode::REQUEST_TIMED_OUT, format!("node {} has not caught up yet", key.id)));
        }
        match self.membership.voters().with_added(voter) {
            Some(voters) => Ok((voters, ack_when_committed)),
            None => Err((ErrorCode::DUPLICATE_VOTER, format!("node {} votes already", key.id))),
        }
    }

    /// `None` if the answer comes later.
    pub(super) fn on_remove_voter(
        &mut self,
        request: &RemoveRaftVoterRequest,
        context: &RequestContext,
        now: Now,
    ) -> Option<RemoveRaftVoterResponse> {
        match self.begin_removing(request, context, now) {
            Ok(()) => None,
            Err((error, message)) => Some(RemoveRaftVoterResponse {
                error_code: error.into(),
                error_message: Some(message),
                ..Default::default()
            }),
        }
    }

    fn begin_removing(
        &mut self,
        request: &RemoveRaftVoterRequest,
        context: &RequestContext,
        now: Now,
    ) -> Result<(), Refusal> {
        self.check_change(request.cluster_id.as_deref())?;
        let key = ReplicaKey::from_wire(request.voter_id, request.voter_directory_id);
        if request.voter_id < 0 || key.directory_id.is_none() {
            return Err((ErrorCode::INVALID_REQUEST, "a voter has a node id and a directory id".into()));
        }
        let Some(voters) = self.check_changeable(now)?.with_removed(key) else {
            let message = format!("node {} with this directory is no voter, or the last one", key.id);
            return Err((ErrorCode::VOTER_NOT_FOUND, message));
        };
        self.set_voter_change(VoterChange {
            request: Some(context.id),
            deadline: now.mono + self.config.limits.request_timeout,
            kind: Kind::Removing,
            offset: None,
        });
        self.append_voters(&voters);
        Ok(())
    }

    fn check_change(&self, cluster_id: Option<&str>) -> Result<(), Refusal> {
        if !self.has_valid_cluster_id(cluster_id) {
            let ours = &self.config.cluster_id;
            let message = format!("this is the cluster {ours}, not {}", cluster_id.unwrap_or_default());
            return Err((ErrorCode::INCONSISTENT_CLUSTER_ID, message));
        }
        let refuse = |error: ErrorCode| (error, error.message().to_string());
        self.check_leads(self.election.epoch).map_err(refuse)
    }

    /// Whether no change is under way, and this leader has committed a record of its epoch.
    pub(super) fn check_unchanging(&mut self, now: Now) -> Result<Offset, Refusal> {
        self.poll_voter_change(now);
        let State::Leader(leader) = &self.state else {
            let error = ErrorCode::NOT_LEADER_OR_FOLLOWER;
            return Err((error, error.message().to_string()));
        };
        let wait = |message: &str| Err((ErrorCode::REQUEST_TIMED_OUT, message.to_string()));
        if self.has_bug(Bug::ConcurrentVoterChanges) {
            return Ok(self.log.end_offset());
        }
        if leader.voter_change.is_some() || leader.is_voters_record_pending {
            return wait("an earlier change of voters is under way");
        }
        match leader.high_watermark() {
            None => wait("the leader has not committed a record of its epoch yet"),
            Some(high_watermark) => Ok(high_watermark),
        }
    }

    /// The voters, if they can be changed now.
    pub(super) fn check_changeable(&mut self, now: Now) -> Result<&VoterSet, Refusal> {
        let high_watermark = self.check_unchanging(now)?;
        let version = self.membership.kraft_version();
        if version == KRaftVersion::Static {
            let message = format!("voters cannot change under kraft.version {}", version.level());
            return Err((ErrorCode::UNSUPPORTED_VERSION, message));
        }
        if self.membership.voters_offset().is_none_or(|offset| offset >= high_watermark) {
            let message = "the voters that count are not committed yet".to_string();
            return Err((ErrorCode::REQUEST_TIMED_OUT, message));
        }
        Ok(self.membership.voters())
    }

    fn set_voter_change(&mut self, change: VoterChange) {
        if let State::Leader(leader) = &mut self.state {
            leader.voter_change = Some(change);
        }
    }

    pub(super) fn append_voters(&mut self, voters: &VoterSet) {
        let records = vec![ControlRecord::Voters(voters.to_record())];
        self.append_membership(records);
    }

    pub(super) fn append_membership(&mut self, records: Vec<ControlRecord>) {
        let State::Leader(leader) = &mut self.state else { return };
        leader.is_voters_record_pending = true;
        self.outbox.push(Effect::AppendControl { epoch: self.election.epoch, records });
    }

    /// The record of a change is in the log.
    pub(super) fn on_voters_appended(&mut self, offset: Offset) {
        let State::Leader(leader) = &mut self.state else { return };
        if let Some(change) = &mut leader.voter_change
            && !matches!(change.kind, Kind::Asking(_))
        {
            change.offset.get_or_insert(offset);
        }
    }

    /// The high watermark has moved: a change may be done, and this leader out of office.
    pub(super) fn on_committed(&mut self, high_watermark: Offset, now: Now) {
        let State::Leader(leader) = &mut self.state else { return };
        let is_done = |change: &mut VoterChange| change.offset.is_some_and(|offset| offset < high_watermark);
        if let Some(change) = leader.voter_change.take_if(is_done) {
            self.finish_voter_change(&change, ErrorCode::NONE, None);
        }
        let is_committed = self.membership.voters_offset().is_some_and(|offset| offset < high_watermark);
        if is_committed && !self.is_voter() {
            self.resign(now);
        }
    }

    /// The voter that is being added does not answer.
    pub(super) fn on_voter_unreachable(&mut self, source: BrokerId) {
        let State::Leader(leader) = &mut self.state else { return };
        let is_asking = |change: &mut VoterChange| matches!(&change.kind, Kind::Asking(candidate) if candidate.key.id == source);
        if let Some(change) = leader.voter_change.take_if(is_asking) {
            let message = format!("node {source} cannot be reached");
            self.finish_voter_change(&change, ErrorCode::REQUEST_TIMED_OUT, Some(message));
        }
    }

    /// Gives up a change that takes too long: its record, if there is one, may still be committed later.
    pub(super) fn poll_voter_change(&mut self, now: Now) -> Monotonic {
        let State::Leader(leader) = &mut self.state else { return Monotonic::NEVER };
        if let Some(change) = leader.voter_change.take_if(|change| change.deadline <= now.mono) {
            self.finish_voter_change(&change, ErrorCode::REQUEST_TIMED_OUT, None);
            return Monotonic::NEVER;
        }
        leader.voter_change.as_ref().map_or(Monotonic::NEVER, |change| change.deadline)
    }

    pub(super) fn finish_voter_change(
        &mut self,
        change: &VoterChange,
        error: ErrorCode,
        message: Option<String>,
    ) {
        let Some(id) = change.request else { return };
        let default = error.is_error().then(|| error.message().to_string());
        let error_message = message.or(default);
        let error_code = error.into();
        let response = match change.kind {
            Kind::Removing => {
                RemoveRaftVoterResponse { error_code, error_message, ..Default::default() }.into()
            }
            Kind::Asking(_) | Kind::Adding => {
                AddRaftVoterResponse { error_code, error_message, ..Default::default() }.into()
            }
        };
        self.respond(id, response, None);
    }
}
