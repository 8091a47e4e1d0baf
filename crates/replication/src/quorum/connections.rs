//! To whom a request is under way, and when a peer may be asked again.
//!
//! One request at a time to one peer. A follower has one Fetch under way in all, so that no batch is fetched twice. After
//! a failure the peer is left alone for the backoff. A change of role forgets everything that is under way: answers to
//! what another role asked are not expected, and not heard. Source: Kafka `RequestManager`.

use std::collections::BTreeMap;
use std::time::Duration;

use ottla_protocol::time::Monotonic;
use ottla_protocol::types::BrokerId;

use super::random::Random;
use super::rpc::CorrelationId;

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The node, or a negative number of its own for a bootstrap server, whose node is not known.
    pub id: BrokerId,
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

#[derive(Clone, Copy, Debug)]
enum Connection {
    Awaiting { correlation_id: CorrelationId, until: Monotonic },
    BackingOff { until: Monotonic },
}

/// What a peer's connection is fit for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Ready,
    Awaiting { until: Monotonic },
    TimedOut,
    BackingOff { until: Monotonic },
}

#[derive(Debug)]
pub(super) struct Connections {
    bootstrap: Vec<Destination>,
    connections: BTreeMap<BrokerId, Connection>,
    request_timeout: Duration,
    retry_backoff: Duration,
    last_correlation_id: u64,
}

impl Connections {
    pub(super) fn new(
        bootstrap: Vec<Destination>,
        request_timeout: Duration,
        retry_backoff: Duration,
    ) -> Self {
        let connections = BTreeMap::new();
        Self { bootstrap, connections, request_timeout, retry_backoff, last_correlation_id: 0 }
    }

    pub(super) fn status(&self, id: BrokerId, now: Monotonic) -> Status {
        match self.connections.get(&id) {
            None => Status::Ready,
            Some(Connection::Awaiting { until, .. }) if *until <= now => Status::TimedOut,
            Some(Connection::Awaiting { until, .. }) => Status::Awaiting { until: *until },
            Some(Connection::BackingOff { until }) if *until <= now => Status::Ready,
            Some(Connection::BackingOff { until }) => Status::BackingOff { until: *until },
        }
    }

    /// Takes note of a request that leaves now, and numbers it. `Err` is the time until which the peer is busy or left
    /// alone.
    pub(super) fn begin(&mut self, id: BrokerId, now: Monotonic) -> Result<CorrelationId, Monotonic> {
        match self.status(id, now) {
            Status::Awaiting { until } | Status::BackingOff { until } => return Err(until),
            Status::Ready | Status::TimedOut => {}
        }
        self.last_correlation_id += 1;
        let correlation_id = CorrelationId(self.last_correlation_id);
        let until = now + self.request_timeout;
        self.connections.insert(id, Connection::Awaiting { correlation_id, until });
        Ok(correlation_id)
    }

    /// When the request to this peer times out, if one is under way.
    pub(super) fn busy_until(&self, id: BrokerId) -> Option<Monotonic> {
        match self.connections.get(&id) {
            Some(Connection::Awaiting { until, .. }) => Some(*until),
            _ => None,
        }
    }

    /// Who is expected to answer the request with this number.
    pub(super) fn expects(&self, correlation_id: CorrelationId) -> Option<BrokerId> {
        let is_it = |connection: &Connection| matches!(connection, Connection::Awaiting { correlation_id: expected, .. } if *expected == correlation_id);
        self.connections.iter().find(|(_, connection)| is_it(connection)).map(|(id, _)| *id)
    }

    /// Takes note of how the answer was taken. An answer that is not expected changes nothing.
    pub(super) fn finish(&mut self, correlation_id: CorrelationId, is_success: bool, now: Monotonic) {
        let Some(id) = self.expects(correlation_id) else { return };
        if is_success {
            self.connections.remove(&id);
        } else {
            let until = now + self.retry_backoff;
            self.connections.insert(id, Connection::BackingOff { until });
        }
    }

    /// Forgets the request to one peer.
    pub(super) fn reset(&mut self, id: BrokerId) {
        self.connections.remove(&id);
    }

    /// Forgets every request.
    pub(super) fn reset_all(&mut self) {
        self.connections.clear();
    }

    /// Until when any request is under way; `None` if none is.
    pub(super) fn any_in_flight(&mut self, now: Monotonic) -> Option<Monotonic> {
        self.connections.retain(|_, connection| match connection {
            Connection::Awaiting { until, .. } | Connection::BackingOff { until } => *until > now,
        });
        self.connections.values().find_map(|connection| match connection {
            Connection::Awaiting { until, .. } => Some(*until),
            Connection::BackingOff { .. } => None,
        })
    }

    /// A random bootstrap server that can be asked now. `Err` is the time until which none can.
    pub(super) fn ready_bootstrap_server(
        &mut self,
        random: &mut Random,
        now: Monotonic,
    ) -> Result<Destination, Monotonic> {
        if let Some(until) = self.any_in_flight(now) {
            return Err(until);
        }
        let count = self.bootstrap.len();
        let first = random.below(count as u64) as usize;
        let mut soonest = Monotonic::NEVER;
        for step in 0..count {
            let server = &self.bootstrap[(first + step) % count];
            match self.status(server.id, now) {
                Status::Ready | Status::TimedOut => return Ok(server.clone()),
                Status::Awaiting { until } | Status::BackingOff { until } => soonest = soonest.min(until),
            }
        }
        Err(soonest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn connections() -> Connections {
        let server = |id: i32| Destination {
            id: BrokerId(id),
            host: "host".into(),
            port: u16::try_from(-id).unwrap(),
        };
        let bootstrap = [-2, -3].map(server).to_vec();
        Connections::new(bootstrap, Duration::from_secs(2), Duration::from_secs(1))
    }

    #[test]
    fn one_request_at_a_time_and_a_pause_after_a_failure() {
        let mut connections = connections();
        let peer = BrokerId(1);
        let first = connections.begin(peer, Monotonic(0)).unwrap();
        assert_eq!(connections.begin(peer, Monotonic(SECOND)), Err(Monotonic(2 * SECOND)));
        connections.finish(first, false, Monotonic(SECOND));
        assert_eq!(
            connections.status(peer, Monotonic(SECOND)),
            Status::BackingOff { until: Monotonic(2 * SECOND) }
        );
        let second = connections.begin(peer, Monotonic(2 * SECOND)).unwrap();
        assert_eq!((connections.expects(first), connections.expects(second)), (None, Some(peer)));
        assert_eq!(connections.status(peer, Monotonic(4 * SECOND)), Status::TimedOut);
        connections.reset_all();
        assert_eq!(connections.expects(second), None, "another role does not hear it");
    }

    #[test]
    fn bootstrap_servers_wait_while_anything_is_under_way() {
        let mut connections = connections();
        let mut random = Random::new(1);
        connections.begin(BrokerId(1), Monotonic(0)).unwrap();
        let busy = connections.ready_bootstrap_server(&mut random, Monotonic(1));
        assert_eq!(busy, Err(Monotonic(2 * SECOND)));
        let server = connections.ready_bootstrap_server(&mut random, Monotonic(2 * SECOND)).unwrap();
        let asked = connections.begin(server.id, Monotonic(2 * SECOND)).unwrap();
        connections.finish(asked, false, Monotonic(2 * SECOND));
        let other = connections.ready_bootstrap_server(&mut random, Monotonic(2 * SECOND)).unwrap();
        assert_ne!(server, other, "the one that failed is left alone");
    }
}
