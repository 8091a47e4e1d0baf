//! A host: tells its machine facts, and does what that wants done.

use ottla_protocol::types::LeaderEpoch;
use ottla_replication::quorum::{Effect, Input, Quorum, Role, control_batch};

use super::node::Node;
use super::options::MS;
use super::world::{Event, World, seconds};

impl World {
    /// Tells a machine a fact, and does what it wants done.
    pub fn tell(&mut self, index: usize, input: Input) {
        let now = self.nodes[index].clock(self.now);
        if self.is_loud() && input != Input::Tick {
            eprintln!("{:.6} {} <- {input:?}", seconds(self.now), self.nodes[index].id());
        }
        let Some(machine) = &mut self.nodes[index].machine else { return };
        machine.handle(input, now);
        loop {
            while let Some(effect) = self.nodes[index].machine.as_mut().and_then(Quorum::poll_effect) {
                self.perform(index, effect);
                if self.checker.violation.is_some() {
                    return;
                }
            }
            let Some((epoch, records)) = self.nodes[index].to_append.pop_front() else { break };
            let Some(machine) = &self.nodes[index].machine else { break };
            if machine.is_leader() && machine.epoch() == epoch {
                let base = self.nodes[index].disk.log.end();
                let bytes = control_batch(base, epoch, &records, now.wall).into();
                self.append_as_leader(index, &bytes);
            }
        }
        self.after_step(index);
    }

    pub fn after_step(&mut self, index: usize) {
        let node = &self.nodes[index];
        let Some(machine) = &node.machine else { return };
        let end = (machine.log().end_offset(), node.disk.log.end());
        if end.0 != end.1 {
            self.checker.fail("the machine knows its log", format!("{end:?} at {}", node.id()));
        }
        if machine.high_watermark() > Some(end.0) {
            self.checker.fail("high watermark within the log", self.describe(&self.nodes[index]));
        }
        if !node.is_syncing && !machine.log().is_synced() {
            let sync = node.disk.begin_sync(machine.sync_point());
            let life = node.life;
            self.nodes[index].is_syncing = true;
            let latency = self.disk_latency();
            self.at(latency, Event::Synced { node: index, life, sync });
        }
        let node = &mut self.nodes[index];
        let Some(machine) = &node.machine else { return };
        let wake_at = node.true_time(machine.poll_deadline()).max(self.now);
        if wake_at < node.wake_at {
            node.wake_at = wake_at;
            let life = node.life;
            self.at(wake_at - self.now, Event::Wake { node: index, life });
        }
    }

    pub fn disk_latency(&mut self) -> u64 {
        let most = if self.has_faults { self.options.disk_latency_max } else { 5 * MS };
        self.random.range(most / 10, most)
    }

    pub fn is_loud(&self) -> bool {
        self.now >= self.loud_from
    }

    pub fn perform(&mut self, index: usize, effect: Effect) {
        if self.is_loud() {
            eprintln!("{:.6} {} -> {effect:?}", seconds(self.now), self.nodes[index].id());
        }
        let life = self.nodes[index].life;
        match effect {
            Effect::Persist { state, sequence } => {
                let at = (self.now + self.disk_latency()).max(self.nodes[index].persisted_at + 1);
                self.nodes[index].persisted_at = at;
                self.at(at - self.now, Event::Persisted { node: index, life, state, sequence });
            }
            Effect::Send { to, correlation_id, request } => {
                let to = Node::at_port(to.port);
                self.send(index, to, correlation_id, request);
            }
            Effect::Respond { id, response, attachment } => self.answer(index, id, response, attachment),
            Effect::AppendControl { epoch, records } => {
                self.nodes[index].to_append.push_back((epoch, records));
            }
            Effect::AppendFetched { base_offset, bytes } => {
                assert_eq!(base_offset, self.nodes[index].disk.log.end(), "fetched records follow the log");
                self.append(index, &bytes);
            }
            Effect::Truncate(offset) => {
                self.nodes[index].disk.truncate(offset);
                if self.nodes[index].applied > offset {
                    let detail = format!("{} cuts to {offset}", self.nodes[index].id());
                    self.checker.fail("committed records stay", detail);
                }
            }
            Effect::AdvanceHighWatermark(offset) => self.advance(index, offset),
            Effect::WriteSnapshot { name, position, bytes, is_last } => {
                let node = &mut self.nodes[index];
                let (_, written) = node
                    .fetching
                    .take_if(|(of, _)| *of == name && position > 0)
                    .unwrap_or((name, Vec::new()));
                let mut written = written;
                assert_eq!(written.len() as u64, position, "pieces of a snapshot follow each other");
                written.extend_from_slice(&bytes);
                node.fetching = Some((name, written));
                if is_last {
                    let latency = self.disk_latency();
                    self.at(latency, Event::SnapshotWritten { node: index, life, name });
                }
            }
            Effect::StartLogAt(name) => {
                let node = &mut self.nodes[index];
                node.disk.start_at(name);
                node.applied = node.applied.max(name.offset);
            }
            Effect::ChangeRole { epoch, role } => self.on_role(index, epoch, role),
            Effect::Halt(fault) => self.checker.fail("nothing that is committed is lost", fault.to_string()),
        }
    }

    pub fn on_role(&mut self, index: usize, epoch: LeaderEpoch, role: Role) {
        let node = &mut self.nodes[index];
        node.to_append.clear();
        node.leads = None;
        if let Role::Leader { .. } = role {
            node.leads = Some(epoch);
            self.checker.on_leader(node.id(), node.life, epoch, &node.disk.log);
        }
    }
}
