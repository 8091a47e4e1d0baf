//! What goes wrong, and who votes: the hand that shakes the world.

use ottla_protocol::messages::add_raft_voter_request::{AddRaftVoterRequest, Listener};
use ottla_protocol::messages::remove_raft_voter_request::RemoveRaftVoterRequest;
use ottla_replication::quorum::{CorrelationId, Input, KRaftVersion, Quorum, ReplicaKey, Request, VoterSet};

use super::disk::Disk;
use super::node::{Node, Origin};
use super::options::{MS, SECOND, VoterKind};
use super::world::{Event, World};

impl World {
    pub fn fault(&mut self) {
        if !self.has_faults {
            return;
        }
        let period = self.options.fault_period;
        let delay = self.random.range(period / 2, period * 2);
        self.at(delay, Event::Fault);
        self.faults_count += 1;
        let index = self.random.index(self.nodes.len());
        match self.random.index(12) {
            0..=2 => self.crash_for_a_while(index),
            3 => (0..self.nodes.len()).for_each(|index| self.crash_for_a_while(index)),
            4 => {
                // The leader is worth more than others.
                let leader = self.nodes.iter().position(|node| node.leads.is_some());
                self.crash_for_a_while(leader.unwrap_or(index));
            }
            5 | 6 => {
                let length = self.random.range(10 * MS, 6 * SECOND);
                self.nodes[index].paused_until = self.now + length;
            }
            7 | 8 => {
                self.network.cut(&mut self.random);
                // Some last longer than any patience of the protocol.
                let most = if self.random.chance(250) { 15 * SECOND } else { 5 * SECOND };
                let length = self.random.range(200 * MS, most);
                self.at(length, Event::HealNetwork);
            }
            9 => self.nodes[index].wall_offset += self.random.range(0, 200_000) as i64 - 100_000,
            10 => {
                if let Some(epoch) = self.nodes[index].leads {
                    self.tell(index, Input::Resign(epoch));
                }
                self.tell(index, Input::Shutdown);
                let life = self.nodes[index].life;
                self.at(500 * MS, Event::Restart { node: index });
                let _ = life;
                self.crash_later(index);
            }
            _ => self.wipe(index),
        }
    }

    pub fn crash_for_a_while(&mut self, index: usize) {
        if self.nodes[index].machine.is_none() {
            return;
        }
        self.crash(index);
        let length = self.random.range(MS, 4 * SECOND);
        self.at(length, Event::Restart { node: index });
    }

    /// A node that was shut down is gone by the time that it starts again.
    pub fn crash_later(&mut self, index: usize) {
        self.crash_for_a_while(index);
    }

    /// A disk is lost for good. Only one at a time may be missing among the voters, and only of three or more, or
    /// committed records could be lost with it, or the majority.
    pub fn wipe(&mut self, index: usize) {
        let mut sets = self.nodes.iter().map(settled_voters);
        let Some(Some(voters)) = sets.next() else { return };
        let is_safe = voters.count() >= 3 && sets.all(|other| other == Some(voters));
        if !self.options.wipes || !is_safe || self.is_a_voter_missing() {
            return;
        }
        self.crash(index);
        let node = &mut self.nodes[index];
        node.disk = Disk::default();
        node.directory += 1_000_000;
        node.has_lost_disk = true;
        let length = self.random.range(MS, 2 * SECOND);
        self.at(length, Event::Restart { node: index });
    }

    /// Whether somebody takes a directory for a voter that is lost.
    pub fn is_a_voter_missing(&self) -> bool {
        let is_missing = |key: ReplicaKey| {
            let node = &self.nodes[key.id.0 as usize - 1];
            key.directory_id.is_some() && key != node.key()
        };
        let knows_missing = |node: &Node| {
            let Some(machine) = &node.machine else { return true };
            machine.membership().voters().voters().any(|voter| is_missing(voter.key))
        };
        self.nodes.iter().any(knows_missing)
    }

    pub fn end_faults(&mut self) {
        self.has_faults = false;
        self.network.calm();
        for index in 0..self.nodes.len() {
            self.nodes[index].paused_until = 0;
            if self.nodes[index].machine.as_ref().is_some_and(Quorum::is_shutdown_complete) {
                self.crash(index);
            }
            self.start(index);
        }
    }

    /// An administrator adds or removes a voter, or has the rules upgraded.
    pub fn change_voters(&mut self) {
        if !self.has_faults || self.options.voter_kind == VoterKind::Static {
            return;
        }
        let period = self.options.voter_change_period;
        let delay = self.random.range(period / 2, period * 2);
        self.at(delay, Event::ChangeVoters);
        if self.options.wipes && self.is_a_voter_missing() {
            // A careful administrator does not remove voters while another one is lost.
            return;
        }
        let leads = |node: &Node| node.leads.is_some() && node.paused_until <= self.now;
        let Some(leader) = self.nodes.iter().position(leads) else { return };
        let Some(machine) = &mut self.nodes[leader].machine else { return };
        if machine.membership().kraft_version() == KRaftVersion::Static {
            let epoch = machine.epoch();
            if machine.upgrade_kraft_version(epoch, KRaftVersion::Reconfigurable, false) == Ok(true) {
                self.voter_changes += 1;
                self.tell(leader, Input::Tick);
            }
            return;
        }
        let voters = machine.membership().voters().clone();
        let spare: Vec<_> = self
            .nodes
            .iter()
            .filter(|node| node.is_controller && voters.voter(node.id()).is_none())
            .map(|node| node.index)
            .collect();
        let request: Request = if !spare.is_empty() && self.random.chance(600) {
            add(&self.nodes[self.random.pick(&spare)])
        } else {
            let keys: Vec<_> = voters.voters().map(|voter| voter.key).collect();
            remove(self.random.pick(&keys))
        };
        self.voter_changes += 1;
        let origin = Origin { from: None, correlation_id: CorrelationId(0), version: 0, vote: None };
        self.ask(leader, origin, request);
    }
}

/// The voters that a node knows, if they are in the log and committed.
fn settled_voters(node: &Node) -> Option<&VoterSet> {
    let machine = node.machine.as_ref()?;
    let membership = machine.membership();
    let is_committed = membership.voters_offset() < machine.high_watermark();
    let is_dynamic = membership.kraft_version() == KRaftVersion::Reconfigurable;
    (is_committed && is_dynamic).then(|| membership.voters())
}

fn add(node: &Node) -> Request {
    let voter = node.voter();
    let listener = |at: &ottla_replication::quorum::VoterEndpoint| Listener {
        name: at.listener.clone(),
        host: at.host.clone(),
        port: at.port,
    };
    AddRaftVoterRequest {
        cluster_id: Some("cluster".into()),
        timeout_ms: 1000,
        voter_id: voter.key.id.0,
        voter_directory_id: voter.key.directory_to_wire(),
        listeners: voter.endpoints.iter().map(listener).collect(),
        ack_when_committed: true,
    }
    .into()
}

fn remove(key: ReplicaKey) -> Request {
    RemoveRaftVoterRequest {
        cluster_id: None,
        voter_id: key.id.0,
        voter_directory_id: key.directory_to_wire(),
    }
    .into()
}
