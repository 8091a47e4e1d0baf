//! What a replica asks the leader to write about itself: that it is a voter, no more this one, or reached elsewhere.
//!
//! * A voter whose endpoints or versions differ from the log's has them updated; under kraft.version 0, where the log
//!   holds none, every voter tells them to every new leader once.
//! * An observer that may vote and is to join by itself first has the entry of its former directory removed, then itself
//!   added. It must have caught up; until then the leader refuses, and it asks again.
//!
//! Each asks once in a fetch timeout. Source: KIP-853, KIP-1186; Kafka `pollFollowerAsVoter`, `pollFollowerAsObserver`.

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::add_raft_voter_request::{self as add, AddRaftVoterRequest};
use ottla_protocol::messages::remove_raft_voter_request::RemoveRaftVoterRequest;
use ottla_protocol::messages::update_raft_voter_request::{self as update, UpdateRaftVoterRequest};
use ottla_protocol::messages::update_raft_voter_response::UpdateRaftVoterResponse;
use ottla_protocol::time::Now;

use super::Quorum;
use super::role::State;
use super::rpc::{LeaderHint, Request};
use super::voters::{KRaftVersion, Voter, VoterEndpoint};

impl Quorum {
    /// What this follower wants of the leader beside the log, if anything.
    pub(super) fn membership_request(&self) -> Option<Request> {
        let State::Follower(follower) = &self.state else { return None };
        let local = &self.config.local;
        let voters = self.membership.voters();
        let version = self.membership.kraft_version();
        if voters.is_voter(local.key) {
            let is_outdated = match version {
                KRaftVersion::Reconfigurable => voters.updated_with(local).is_some(),
                KRaftVersion::Static => !follower.has_updated_leader,
            };
            return is_outdated.then(|| self.update_voter_request().into());
        }
        let may_join =
            version == KRaftVersion::Reconfigurable && self.config.can_become_voter && self.config.auto_join;
        if !may_join {
            return None;
        }
        match voters.voter(local.key.id) {
            Some(former) => Some(self.remove_voter_request(former).into()),
            None => Some(self.add_voter_request().into()),
        }
    }

    fn update_voter_request(&self) -> UpdateRaftVoterRequest {
        let Voter { key, endpoints, kraft_versions } = &self.config.local;
        let listener = |at: &VoterEndpoint| update::Listener {
            name: at.listener.clone(),
            host: at.host.clone(),
            port: at.port,
        };
        UpdateRaftVoterRequest {
            cluster_id: Some(self.config.cluster_id.clone()),
            current_leader_epoch: self.election.epoch.0,
            voter_id: key.id.0,
            voter_directory_id: key.directory_to_wire(),
            listeners: endpoints.iter().map(listener).collect(),
            kraft_version_feature: update::KRaftVersionFeature {
                min_supported_version: kraft_versions.0,
                max_supported_version: kraft_versions.1,
            },
        }
    }

    fn add_voter_request(&self) -> AddRaftVoterRequest {
        let Voter { key, endpoints, .. } = &self.config.local;
        let listener = |at: &VoterEndpoint| add::Listener {
            name: at.listener.clone(),
            host: at.host.clone(),
            port: at.port,
        };
        AddRaftVoterRequest {
            cluster_id: Some(self.config.cluster_id.clone()),
            timeout_ms: i32::try_from(self.config.limits.request_timeout.as_millis()).unwrap_or(i32::MAX),
            voter_id: key.id.0,
            voter_directory_id: key.directory_to_wire(),
            listeners: endpoints.iter().map(listener).collect(),
            // The answer must not wait for a commit that may need our own fetches.
            ack_when_committed: false,
        }
    }

    fn remove_voter_request(&self, former: &Voter) -> RemoveRaftVoterRequest {
        RemoveRaftVoterRequest {
            cluster_id: Some(self.config.cluster_id.clone()),
            voter_id: former.key.id.0,
            voter_directory_id: former.key.directory_to_wire(),
        }
    }

    pub(super) fn on_update_voter_response(&mut self, response: &UpdateRaftVoterResponse, now: Now) -> bool {
        let current = &response.current_leader;
        let mut hint = LeaderHint::new(response.error_code, current.leader_epoch, current.leader_id);
        if let (false, Ok(port)) = (current.host.is_empty(), u16::try_from(current.port)) {
            let (listener, host) = (self.config.listener.clone(), current.host.clone());
            hint.endpoints = vec![VoterEndpoint { listener, host, port }];
        }
        if let Some(handled) = self.on_leader_hint(hint, now) {
            return handled;
        }
        let error = ErrorCode::from(response.error_code);
        let is_told = error == ErrorCode::NONE || error == ErrorCode::UNSUPPORTED_VERSION;
        let fetch_timeout = self.config.limits.fetch_timeout;
        if let (State::Follower(follower), true) = (&mut self.state, is_told) {
            follower.has_updated_leader = true;
            follower.heard_from_leader(now, fetch_timeout);
        }
        is_told
    }

    /// The leader does not know UpdateRaftVoter: it need not be told again.
    pub(super) fn on_voter_update_unsupported(&mut self) -> bool {
        if let State::Follower(follower) = &mut self.state {
            follower.has_updated_leader = true;
        }
        true
    }

    /// The leader has added or removed a voter for us, or will not now. Either way we ask again in a while, if need be.
    pub(super) fn on_voter_change_response(&mut self, error: i16, now: Now) -> bool {
        let is_handled = [
            ErrorCode::NONE,
            ErrorCode::REQUEST_TIMED_OUT,
            ErrorCode::DUPLICATE_VOTER,
            ErrorCode::VOTER_NOT_FOUND,
        ]
        .contains(&ErrorCode::from(error));
        let fetch_timeout = self.config.limits.fetch_timeout;
        if let State::Follower(follower) = &mut self.state {
            follower.update_voter_at = now.mono + fetch_timeout;
        }
        is_handled
    }
}
