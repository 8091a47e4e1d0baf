//! The network between the replicas: who reaches whom, how long messages take, and what the wire makes of them.

use ottla_protocol::api::ApiKey;
use ottla_protocol::messages::Message;
use ottla_protocol::wire::Reader;
use ottla_replication::quorum::{Request, Response};

use super::options::Options;
use super::random::Random;

#[derive(Debug)]
pub struct Network {
    /// `blocked[from][to]`: nothing arrives.
    blocked: Vec<Vec<bool>>,
    /// Delays, losses and doubles happen; off once the network is healed.
    is_troubled: bool,
}

/// When the copies of a message arrive, after it was sent.
pub type Arrivals = Vec<u64>;

impl Network {
    pub fn new(nodes: usize) -> Self {
        Self { blocked: vec![vec![false; nodes]; nodes], is_troubled: true }
    }

    pub fn is_blocked(&self, from: usize, to: usize) -> bool {
        self.blocked[from][to]
    }

    pub fn heal(&mut self) {
        self.blocked.iter_mut().flatten().for_each(|blocked| *blocked = false);
    }

    pub fn calm(&mut self) {
        self.heal();
        self.is_troubled = false;
    }

    /// Cuts some links: a node off, the nodes in two, one direction only, or one pair.
    pub fn cut(&mut self, random: &mut Random) {
        let nodes = self.blocked.len();
        let (a, b) = (random.index(nodes), random.index(nodes));
        match random.index(5) {
            0 => (0..nodes).for_each(|other| self.block_both(a, other)),
            1 => {
                let side: Vec<_> = (0..nodes).map(|_| random.chance(500)).collect();
                for from in 0..nodes {
                    for to in 0..nodes {
                        self.blocked[from][to] |= side[from] != side[to];
                    }
                }
            }
            2 => (0..nodes).for_each(|other| self.blocked[a][other] = true),
            3 => (0..nodes).for_each(|other| self.blocked[other][a] = true),
            _ => self.block_both(a, b),
        }
    }

    fn block_both(&mut self, a: usize, b: usize) {
        self.blocked[a][b] = true;
        self.blocked[b][a] = true;
    }

    /// When the copies of a message from one node to another arrive; none if it is lost.
    pub fn arrivals(&self, (from, to): (usize, usize), options: &Options, random: &mut Random) -> Arrivals {
        if self.blocked[from][to] {
            return Vec::new();
        }
        let base = random.range(options.delay_max / 10, options.delay_max);
        if !self.is_troubled {
            return vec![base];
        }
        if random.chance(options.lost_per_mille) {
            return Vec::new();
        }
        let late = if random.chance(options.straggler_per_mille) {
            random.range(0, options.straggler_delay)
        } else {
            0
        };
        let mut arrivals = vec![base + late];
        if random.chance(options.doubled_per_mille) {
            arrivals.push(base + random.range(0, options.straggler_delay));
        }
        arrivals
    }
}

/// The highest version that a node knows of an API. `None`: it does not know it.
pub fn max_version(api: ApiKey, is_old: bool) -> Option<i16> {
    match (is_old, api) {
        (false, _) => Some(api.max_version()),
        (true, ApiKey::Vote | ApiKey::BeginQuorumEpoch | ApiKey::EndQuorumEpoch | ApiKey::FetchSnapshot) => {
            Some(0)
        }
        (true, ApiKey::Fetch) => Some(15),
        (true, ApiKey::UpdateRaftVoter | ApiKey::AddRaftVoter | ApiKey::RemoveRaftVoter) => None,
        (true, _) => Some(api.max_version()),
    }
}

fn through<M: Message>(message: &M, version: i16) -> M {
    let bytes = message.to_vec(version);
    M::decode(&mut Reader::new(&bytes), version).expect("what was encoded can be decoded")
}

/// What arrives of a request in this version.
pub fn request_over_wire(request: &Request, version: i16) -> Request {
    match request {
        Request::Vote(message) => through(message, version).into(),
        Request::BeginQuorumEpoch(message) => through(message, version).into(),
        Request::EndQuorumEpoch(message) => through(message, version).into(),
        Request::Fetch(message) => through(message, version).into(),
        Request::FetchSnapshot(message) => through(message, version).into(),
        Request::DescribeQuorum(message) => through(message, version).into(),
        Request::AddRaftVoter(message) => through(message, version).into(),
        Request::RemoveRaftVoter(message) => through(message, version).into(),
        Request::UpdateRaftVoter(message) => through(message, version).into(),
        Request::ApiVersions(message) => through(message, version).into(),
    }
}

/// What arrives of a response in this version.
pub fn response_over_wire(response: &Response, version: i16) -> Response {
    match response {
        Response::Vote(message) => through(message, version).into(),
        Response::BeginQuorumEpoch(message) => through(message, version).into(),
        Response::EndQuorumEpoch(message) => through(message, version).into(),
        Response::Fetch(message) => through(message, version).into(),
        Response::FetchSnapshot(message) => through(message, version).into(),
        Response::DescribeQuorum(message) => through(message, version).into(),
        Response::AddRaftVoter(message) => through(message, version).into(),
        Response::RemoveRaftVoter(message) => through(message, version).into(),
        Response::UpdateRaftVoter(message) => through(message, version).into(),
        Response::ApiVersions(message) => through(message, version).into(),
    }
}
