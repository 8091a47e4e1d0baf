//! The whole world of one seed: replicas, network, disks and time, on one thread.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use ottla_replication::quorum::{
    ControlRecord, CorrelationId, ElectionState, Input, KRaftVersion, OffsetAndEpoch, Quorum, QuorumConfig,
    QuorumLimits, ReplicaKey, Request, RequestFailure, Response, Voter, VoterSet,
};

use super::checker::{Checker, Violation};
use super::disk::{Snapshot, Sync};
use super::network::Network;
use super::node::{LISTENER, Node};
use super::options::{MS, Options, SECOND, VoterKind};
use super::random::Random;

/// Within this time after the last fault every replica has what a client appends then.
pub const LIVENESS: u64 = 30 * SECOND;
/// No world needs more events.
const EVENTS_MAX: u64 = 500_000;
/// The same bug in all replicas; only the feature `planted-bugs` gives it a meaning.
pub type Planted = Option<ottla_replication::quorum::Bug>;

#[derive(Debug)]
pub enum Event {
    Request {
        from: usize,
        life: u64,
        to: usize,
        correlation_id: CorrelationId,
        request: Request,
        version: i16,
    },
    Response {
        to: usize,
        life: u64,
        correlation_id: CorrelationId,
        result: Result<Response, RequestFailure>,
    },
    Persisted {
        node: usize,
        life: u64,
        state: ElectionState,
        sequence: u64,
    },
    Synced {
        node: usize,
        life: u64,
        sync: Sync,
    },
    SnapshotWritten {
        node: usize,
        life: u64,
        name: OffsetAndEpoch,
    },
    Wake {
        node: usize,
        life: u64,
    },
    Restart {
        node: usize,
    },
    Append,
    Fault,
    TakeSnapshot,
    ChangeVoters,
    HealNetwork,
    EndFaults,
}

/// What a seed came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub violation: Option<Violation>,
    /// Virtual time that passed, in nanoseconds.
    pub virtual_time: u64,
    pub events: u64,
    pub elections: u64,
    pub committed: i64,
    pub faults: u64,
    pub voter_changes: u64,
    /// From the end of the faults until every replica had what was appended then.
    pub recovery_time: u64,
    /// Stands for everything that happened, in its order.
    pub trace: u64,
}

pub struct World {
    pub options: Options,
    pub random: Random,
    pub now: u64,
    pub events: BTreeMap<(u64, u64), Event>,
    pub sequence: u64,
    pub nodes: Vec<Node>,
    pub network: Network,
    pub checker: Checker,
    pub snapshots: BTreeMap<OffsetAndEpoch, Snapshot>,
    pub static_voters: VoterSet,
    pub planted: Planted,
    pub next_value: u64,
    pub events_count: u64,
    pub faults_count: u64,
    pub voter_changes: u64,
    pub has_faults: bool,
    pub trace: u64,
    /// Says on standard error what happens, from this time on.
    pub loud_from: u64,
}

impl World {
    pub fn new(seed: u64, planted: Planted) -> Self {
        let mut random = Random::new(seed);
        let options = Options::new(&mut random);
        Self::with_options(seed, planted, options)
    }

    fn with_options(seed: u64, planted: Planted, options: Options) -> Self {
        let mut random = Random::new(seed ^ 0x5eed);
        let count = options.node_count();
        let controllers = options.voters + options.spare_controllers;
        let nodes: Vec<_> = (0..count)
            .map(|index| {
                let is_old = options.old_versions && random.chance(500);
                Node::new(index, index < controllers, is_old, random.range(850, 1150))
            })
            .collect();
        let initial: VoterSet = nodes[..options.voters].iter().map(Node::voter).collect();
        let without_directory = |voter: &Voter| Voter {
            key: ReplicaKey { directory_id: None, ..voter.key },
            kraft_versions: (0, 0),
            ..voter.clone()
        };
        let is_dynamic = options.voter_kind == VoterKind::Dynamic;
        let static_voters =
            if is_dynamic { VoterSet::default() } else { initial.voters().map(without_directory).collect() };
        let mut world = Self {
            network: Network::new(count),
            random,
            now: SECOND,
            events: BTreeMap::new(),
            sequence: 0,
            nodes,
            checker: Checker::default(),
            snapshots: BTreeMap::new(),
            static_voters,
            planted,
            next_value: 0,
            events_count: 0,
            faults_count: 0,
            voter_changes: 0,
            has_faults: true,
            trace: seed,
            loud_from: u64::MAX,
            options,
        };
        if is_dynamic {
            let control = ControlRecord::membership(KRaftVersion::Reconfigurable, &initial).to_vec();
            let formatted = Snapshot { control, bytes: Bytes::from_static(b"formatted") };
            for node in &mut world.nodes[..world.options.voters] {
                node.disk.snapshots.insert(OffsetAndEpoch::ZERO, formatted.clone());
            }
        }
        for node in 0..count {
            let delay = world.random.range(0, 300 * MS);
            world.at(delay, Event::Restart { node });
        }
        world.at(world.options.append_period, Event::Append);
        world.at(world.options.fault_period, Event::Fault);
        world.at(world.options.snapshot_period, Event::TakeSnapshot);
        world.at(world.options.voter_change_period, Event::ChangeVoters);
        world.at(world.options.faults_until, Event::EndFaults);
        world
    }

    /// A quiet world of three fixed voters, in which nothing happens by itself but what clients append.
    pub fn quiet(seed: u64) -> Self {
        let mut world = Self::with_options(seed, None, Options::quiet());
        world.has_faults = false;
        world.network.calm();
        world
    }

    /// Lives until the condition holds. The virtual time that it took; `None` if it takes longer than `most`.
    pub fn run_until(&mut self, most: u64, holds: impl Fn(&Self) -> bool) -> Option<u64> {
        let start = self.now;
        while !holds(self) {
            let ((at, _), event) = self.events.pop_first()?;
            if at > start + most || self.checker.violation.is_some() {
                return None;
            }
            self.now = at.max(self.now);
            self.happen(event);
        }
        Some(self.now - start)
    }

    /// Lives through the seed: faults first, then peace, in which everybody must catch up.
    pub fn run(mut self) -> Outcome {
        let mut recovery_time = 0;
        let mut probe = None;
        let mut healed_at = None;
        while self.checker.violation.is_none() {
            let Some(((at, _), event)) = self.events.pop_first() else { break };
            self.now = at.max(self.now);
            self.events_count += 1;
            self.trace = (self.trace ^ at).wrapping_mul(0x0100_0000_01b3);
            self.happen(event);
            if self.events_count > EVENTS_MAX {
                let all: Vec<_> = self.nodes.iter().map(|node| self.describe(node)).collect();
                self.checker
                    .fail("the world does not run hot", format!("{}: {}", seconds(self.now), all.join("; ")));
            }
            if self.events_count.is_multiple_of(64) {
                self.check_deposed_leaders();
            }
            if self.has_faults {
                continue;
            }
            let since = *healed_at.get_or_insert(self.now);
            if probe.is_none() {
                probe = self.append_at_leader();
            }
            if probe.is_some_and(|probe| self.everybody_has(probe)) {
                recovery_time = self.now - since;
                break;
            }
            if self.now > since + LIVENESS {
                let roles: Vec<_> = self.nodes.iter().map(|node| self.describe(node)).collect();
                self.checker.fail("liveness", format!("probe {probe:?}: {}", roles.join("; ")));
            }
        }
        Outcome {
            virtual_time: self.now,
            events: self.events_count,
            elections: self.checker.elections,
            committed: self.checker.committed_end().0,
            faults: self.faults_count,
            voter_changes: self.voter_changes,
            recovery_time,
            trace: self.trace,
            violation: self.checker.violation,
        }
    }

    pub fn describe(&self, node: &Node) -> String {
        let Some(machine) = &node.machine else { return format!("{} down", node.id()) };
        let voters: Vec<_> = machine.membership().voters().ids().map(|id| id.0).collect();
        format!(
            "{} {:?} epoch {} end {:?} synced {} hw {:?} voters {voters:?} wake {}",
            node.id(),
            machine.role(),
            machine.epoch(),
            machine.log().end(),
            machine.log().synced_offset(),
            machine.high_watermark(),
            node.true_time(machine.poll_deadline()) as i64 - self.now as i64,
        )
    }

    pub fn at(&mut self, delay: u64, event: Event) {
        self.sequence += 1;
        self.events.insert((self.now.saturating_add(delay), self.sequence), event);
    }

    pub fn happen(&mut self, event: Event) {
        match event {
            Event::Request { from, life, to, correlation_id, request, version } => {
                self.deliver_request((from, life), to, correlation_id, request, version);
            }
            Event::Response { to, life, correlation_id, result } => {
                let again = |result| Event::Response { to, life, correlation_id, result };
                match self.awake(to, life) {
                    Awake::Gone => {}
                    Awake::Later(delay) => self.at(delay, again(result)),
                    Awake::Yes => self.tell(to, Input::Response { correlation_id, result }),
                }
            }
            Event::Persisted { node, life, state, sequence } => {
                if self.nodes[node].life == life {
                    let id = self.nodes[node].id();
                    if state.leader == Some(id) {
                        self.checker.on_durable_leader(id, state.epoch);
                    }
                    self.nodes[node].disk.election = Some(state.clone());
                }
                match self.awake(node, life) {
                    Awake::Gone => {}
                    Awake::Later(delay) => self.at(delay, Event::Persisted { node, life, state, sequence }),
                    Awake::Yes => self.tell(node, Input::Persisted { sequence }),
                }
            }
            Event::Synced { node, life, sync } => match self.awake(node, life) {
                Awake::Gone => {}
                Awake::Later(delay) => self.at(delay, Event::Synced { node, life, sync }),
                Awake::Yes => {
                    self.nodes[node].disk.end_sync(sync);
                    self.nodes[node].is_syncing = false;
                    self.tell(node, Input::Synced(sync.point));
                }
            },
            Event::SnapshotWritten { node, life, name } => match self.awake(node, life) {
                Awake::Gone => {}
                Awake::Later(delay) => self.at(delay, Event::SnapshotWritten { node, life, name }),
                Awake::Yes => self.snapshot_written(node, name),
            },
            Event::Wake { node, life } => match self.awake(node, life) {
                Awake::Gone => {}
                Awake::Later(delay) => self.at(delay, Event::Wake { node, life }),
                Awake::Yes => {
                    self.nodes[node].wake_at = u64::MAX;
                    self.tell(node, Input::Tick);
                }
            },
            Event::Restart { node } => self.start(node),
            Event::Append => {
                self.append_at_leader();
                let period = self.options.append_period;
                let delay = self.random.range(period / 2, period * 2);
                self.at(delay, Event::Append);
            }
            Event::Fault => self.fault(),
            Event::TakeSnapshot => self.take_snapshot(),
            Event::ChangeVoters => self.change_voters(),
            Event::HealNetwork => self.network.heal(),
            Event::EndFaults => self.end_faults(),
        }
    }

    pub fn awake(&self, node: usize, life: u64) -> Awake {
        let node = &self.nodes[node];
        if node.life != life || node.machine.is_none() {
            Awake::Gone
        } else if node.paused_until > self.now {
            Awake::Later(node.paused_until - self.now)
        } else {
            Awake::Yes
        }
    }

    /// A node begins a life.
    pub fn start(&mut self, index: usize) {
        if self.nodes[index].machine.is_some() {
            return;
        }
        let seed = self.random.next_u64();
        let servers = self.nodes.iter().filter(|node| node.is_controller).map(|node| {
            let voter = node.voter();
            (voter.endpoints[0].host.clone(), voter.endpoints[0].port)
        });
        let is_static = self.options.voter_kind == VoterKind::Static;
        let bootstrap_servers = if is_static { Vec::new() } else { servers.collect() };
        let node = &mut self.nodes[index];
        let config = QuorumConfig {
            cluster_id: "cluster".into(),
            local: node.voter(),
            can_become_voter: node.is_controller,
            listener: LISTENER.into(),
            bootstrap_servers,
            auto_join: self.options.auto_join,
            limits: QuorumLimits {
                fetch_snapshot_bytes_max: 700,
                fetch_bytes_max: 4000,
                ..QuorumLimits::default()
            },
        };
        let log = node.disk.log_state();
        // A lost disk is replaced after the upgrade only, and then nobody gives its node the old configuration.
        let static_voters = if node.has_lost_disk { VoterSet::default() } else { self.static_voters.clone() };
        let mut machine = Quorum::new(config, static_voters, node.disk.election.clone(), log, seed);
        for (offset, record) in node.disk.control_records() {
            machine.load_control(offset, &record);
        }
        #[cfg(feature = "planted-bugs")]
        if let Some(bug) = self.planted {
            machine.plant(bug);
        }
        #[cfg(not(feature = "planted-bugs"))]
        assert_eq!(self.planted, None, "bugs are planted with the feature planted-bugs only");
        node.applied = node.disk.log.start;
        node.machine = Some(machine);
        node.deposed_at = self.now;
        node.paused_until = 0;
        self.tell(index, Input::Start);
    }

    /// The node's process ends, and what it has not synced is lost.
    pub fn crash(&mut self, index: usize) {
        let tells_peers = self.random.chance(500);
        self.die(index, tells_peers);
    }

    /// With `tells_peers` the node's connections are reset, as when a process is killed; else its peers hear nothing, as
    /// when the power fails.
    pub fn die(&mut self, index: usize, tells_peers: bool) {
        if self.nodes[index].machine.is_none() {
            return;
        }
        let waiting: Vec<_> = self.nodes[index].requests.values().copied().collect();
        for origin in waiting.into_iter().filter(|_| tells_peers) {
            if let Some((from, life)) = origin.from {
                self.refuse((from, life), index, origin.correlation_id);
            }
        }
        let node = &mut self.nodes[index];
        node.forget_life();
        node.disk.crash(&mut self.random);
    }
}

pub enum Awake {
    Yes,
    Later(u64),
    Gone,
}

/// Virtual time in seconds.
pub fn seconds(nanos: u64) -> f64 {
    Duration::from_nanos(nanos).as_secs_f64()
}

/// Lives through a seed. The error is the rule that was broken, or the assertion of a machine.
pub fn live(seed: u64, planted: Planted) -> Result<Outcome, String> {
    let outcome = std::panic::catch_unwind(|| World::new(seed, planted).run());
    let text = |panic: Box<dyn std::any::Any + Send>| match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(other) => other.downcast_ref::<&str>().map_or("panic".to_string(), |text| (*text).to_string()),
    };
    let outcome = outcome.map_err(|panic| format!("assertion: {}", text(panic)))?;
    match &outcome.violation {
        Some(violation) => Err(format!("{}: {}", violation.rule, violation.detail)),
        None => Ok(outcome),
    }
}

/// In a quiet world of three voters: from the death of the leader's process until its successor has committed records, in
/// virtual nanoseconds.
pub fn failover_gap(seed: u64) -> u64 {
    let mut world = World::quiet(seed);
    let settled = world.run_until(30 * SECOND, |world| world.checker.committed_end().0 > 100);
    assert!(settled.is_some(), "seed {seed}: {:?}", world.checker.violation);
    let leader = world.nodes.iter().position(|node| node.leads.is_some()).unwrap();
    let (end, epoch) = (world.checker.committed_end(), world.checker.last_epoch());
    world.die(leader, true);
    let is_led_on =
        |world: &World| world.checker.last_epoch() > epoch && world.checker.committed_end().0 > end.0 + 3;
    let gap = world.run_until(30 * SECOND, is_led_on);
    gap.unwrap_or_else(|| panic!("seed {seed}: {:?}", world.checker.violation))
}
