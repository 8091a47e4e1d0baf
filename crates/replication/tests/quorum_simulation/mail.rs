//! Requests and responses on their way.

use ottla_protocol::messages::api_versions_response::{ApiVersionsResponse, SupportedFeatureKey};
use ottla_protocol::messages::vote_request::VoteRequest;
use ottla_protocol::types::LeaderEpoch;
use ottla_replication::quorum::{
    Attachment, CorrelationId, Input, ReplicaKey, Request, RequestContext, RequestFailure, RequestId,
    Response,
};

use super::network::{max_version, request_over_wire, response_over_wire};
use super::node::{LISTENER, Origin};
use super::options::MS;
use super::world::{Awake, Event, World};

impl World {
    pub fn send(&mut self, from: usize, to: usize, correlation_id: CorrelationId, request: Request) {
        let life = self.nodes[from].life;
        let is_old = self.nodes[from].is_old || self.nodes[to].is_old;
        let version = max_version(request.api_key(), is_old);
        let asks_for_more = matches!(&request, Request::Vote(vote) if is_pre_vote(vote)) && version < Some(2);
        let Some(version) = version.filter(|_| !asks_for_more) else {
            let result = Err(RequestFailure::UnsupportedVersion);
            return self.at(MS, Event::Response { to: from, life, correlation_id, result });
        };
        let request = match self.options.over_the_wire {
            true => request_over_wire(&request, version),
            false => request,
        };
        if self.nodes[to].machine.is_none() && !self.network.is_blocked(from, to) {
            return self.refuse((from, life), to, correlation_id);
        }
        for delay in self.network.arrivals((from, to), &self.options, &mut self.random) {
            let request = request.clone();
            self.at(delay, Event::Request { from, life, to, correlation_id, request, version });
        }
    }

    /// Nobody listens at `to`: whoever asked learns that, if the network lets it.
    pub fn refuse(&mut self, (from, life): (usize, u64), to: usize, correlation_id: CorrelationId) {
        if !self.network.is_blocked(to, from) {
            let result = Err(RequestFailure::Disconnected);
            self.at(2 * MS, Event::Response { to: from, life, correlation_id, result });
        }
    }

    pub fn deliver_request(
        &mut self,
        (from, life): (usize, u64),
        to: usize,
        correlation_id: CorrelationId,
        request: Request,
        version: i16,
    ) {
        match self.awake(to, self.nodes[to].life) {
            Awake::Gone => return self.refuse((from, life), to, correlation_id),
            Awake::Later(delay) => {
                return self.at(delay, Event::Request { from, life, to, correlation_id, request, version });
            }
            Awake::Yes => {}
        }
        let origin = Origin { from: Some((from, life)), correlation_id, version, vote: vote_of(&request) };
        self.ask(to, origin, request);
    }

    /// A request arrives at a node.
    pub fn ask(&mut self, to: usize, origin: Origin, request: Request) {
        let node = &mut self.nodes[to];
        node.last_request += 1;
        let id = RequestId(node.last_request);
        node.requests.insert(id, origin);
        if let Request::ApiVersions(_) = request {
            // The host's own API.
            let name = "kraft.version".into();
            let feature = SupportedFeatureKey { name, min_version: 0, max_version: 1 };
            let response = ApiVersionsResponse { supported_features: vec![feature], ..Default::default() };
            return self.answer(to, id, response.into(), None);
        }
        let context = RequestContext { id, listener: LISTENER.into() };
        self.tell(to, Input::Request { context, request });
    }

    pub fn answer(
        &mut self,
        index: usize,
        id: RequestId,
        response: Response,
        attachment: Option<Attachment>,
    ) {
        let mut response = response;
        match attachment {
            Some(Attachment::Records { from, max_bytes, .. }) => {
                response.attach(&self.nodes[index].read_records(from, max_bytes));
            }
            Some(Attachment::Snapshot { name, position, max_bytes }) => {
                let snapshot = &self.nodes[index].disk.snapshots[&name];
                let end = (position as usize + max_bytes as usize).min(snapshot.bytes.len());
                response.attach(&snapshot.bytes.slice(position as usize..end));
            }
            None => {}
        }
        let Some(origin) = self.nodes[index].requests.remove(&id) else { return };
        self.check_vote(index, &origin, &response);
        let Some((from, life)) = origin.from else { return };
        if self.options.over_the_wire {
            response = response_over_wire(&response, origin.version);
        }
        for delay in self.network.arrivals((index, from), &self.options, &mut self.random) {
            let result = Ok(response.clone());
            let correlation_id = origin.correlation_id;
            self.at(delay, Event::Response { to: from, life, correlation_id, result });
        }
    }

    /// A vote that is given is on the disk.
    pub fn check_vote(&mut self, index: usize, origin: &Origin, response: &Response) {
        let (Response::Vote(vote), Some((epoch, candidate))) = (response, origin.vote) else { return };
        let is_granted = vote.topics.iter().flat_map(|topic| &topic.partitions).any(|it| it.vote_granted);
        let durable = self.nodes[index].disk.election.as_ref();
        let is_remembered = durable.is_some_and(|state| {
            state.epoch > epoch
                || state.epoch == epoch && state.voted.is_some_and(|voted| voted.names(candidate))
        });
        if is_granted && !is_remembered {
            let detail =
                format!("{} votes for {candidate:?} in {epoch}: {durable:?}", self.nodes[index].id());
            self.checker.fail("a vote is on the disk before it is given", detail);
        }
    }
}

fn is_pre_vote(vote: &VoteRequest) -> bool {
    vote.topics.iter().flat_map(|topic| &topic.partitions).any(|it| it.pre_vote)
}

fn vote_of(request: &Request) -> Option<(LeaderEpoch, ReplicaKey)> {
    let Request::Vote(vote) = request else { return None };
    let asked = vote.topics.first()?.partitions.first().filter(|asked| !asked.pre_vote)?;
    let candidate = ReplicaKey::from_wire(asked.replica_id, asked.replica_directory_id);
    Some((LeaderEpoch(asked.replica_epoch), candidate))
}
