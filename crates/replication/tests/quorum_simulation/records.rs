//! What is appended, committed and snapshotted, and the rules that it must keep.

use std::rc::Rc;

use bytes::Bytes;
use ottla_protocol::record::{BatchBuilder, BatchOptions};
use ottla_protocol::types::Offset;
use ottla_replication::quorum::{ControlRecord, Input, OffsetAndEpoch, Quorum, Voter};

use super::disk::{Batch, Snapshot};
use super::node::Node;
use super::options::{MS, Options};
use super::world::{Event, World};

impl World {
    pub fn append(&mut self, index: usize, bytes: &Bytes) {
        for batch in Batch::all_of(bytes) {
            let disk = &mut self.nodes[index].disk;
            self.checker.on_append(&batch, disk.log.batches.last().map(Rc::as_ref));
            disk.append(batch);
        }
    }

    pub fn append_as_leader(&mut self, index: usize, bytes: &Bytes) {
        self.append(index, bytes);
        let now = self.nodes[index].clock(self.now);
        let Some(batch) = self.nodes[index].disk.log.batches.last().map(Rc::clone) else { return };
        if let Some(machine) = &mut self.nodes[index].machine {
            let (epoch, base_offset, last_offset) = (batch.epoch, batch.base, batch.last);
            let control = batch.control.clone();
            machine.handle(Input::Appended { epoch, base_offset, last_offset, control }, now);
        }
    }

    /// Appends a client's records at a node that takes itself for the leader. The offset of the last one.
    pub fn append_at_leader(&mut self) -> Option<Offset> {
        let awake = |node: &&Node| node.paused_until <= self.now && node.leads.is_some();
        let leaders: Vec<_> = self.nodes.iter().filter(awake).map(|node| node.index).collect();
        let leaders: Vec<_> = leaders
            .into_iter()
            .filter(|index| self.nodes[*index].machine.as_ref().is_some_and(Quorum::is_leader))
            .collect();
        if leaders.is_empty() {
            return None;
        }
        let index = self.random.pick(&leaders);
        let epoch = self.nodes[index].machine.as_ref()?.epoch();
        let options = BatchOptions {
            base_offset: self.nodes[index].disk.log.end(),
            leader_epoch: epoch,
            ..BatchOptions::default()
        };
        let now = self.nodes[index].clock(self.now);
        let mut batch = BatchBuilder::new(options);
        for _ in 0..self.random.range(1, 4) {
            self.next_value += 1;
            batch.append(now.wall, None, Some(&self.next_value.to_be_bytes()), &[]).unwrap();
        }
        self.append_as_leader(index, &batch.build().into());
        let end = self.nodes[index].disk.log.end();
        self.tell(index, Input::Tick);
        Some(end.plus(-1))
    }

    pub fn advance(&mut self, index: usize, offset: Offset) {
        let node = &self.nodes[index];
        let Some(machine) = &node.machine else { return };
        let (under, id) = (machine.epoch(), node.id());
        let batches: Vec<_> = node.disk.log.from(node.applied).to_vec();
        for batch in batches.iter().take_while(|batch| batch.base < offset) {
            if batch.last >= offset {
                return self.checker.fail("whole batches are committed", format!("{offset} at {id}"));
            }
            self.checker.on_applied(id, batch, under);
        }
        if offset < self.nodes[index].applied {
            self.checker.fail("the high watermark never goes back", format!("{offset} at {id}"));
        }
        if machine.is_leader() {
            self.check_majority(index, offset);
        }
        self.nodes[index].applied = offset;
    }

    /// What a leader commits is on the disks of a majority of the voters.
    pub fn check_majority(&mut self, index: usize, offset: Offset) {
        let node = &self.nodes[index];
        let (Some(machine), last) = (&node.machine, offset.plus(-1)) else { return };
        let Some(epoch) = node.disk.log.batch_at(last).map(|batch| batch.epoch) else { return };
        let voters = machine.membership().voters();
        let has_it = |voter: &&Voter| {
            let replica = &self.nodes[voter.key.id.0 as usize - 1];
            // A disk that was lost since had it when it said so.
            let is_lost = !voter.key.names(replica.key());
            is_lost || replica.disk.has_durably(last, epoch)
        };
        let count = voters.voters().filter(has_it).count();
        if count <= voters.count() / 2 {
            let detail =
                format!("{count} of {} voters have what {} commits: {last}", voters.count(), node.id());
            self.checker.fail("what is committed is on a majority's disks", detail);
        }
    }

    pub fn everybody_has(&self, offset: Offset) -> bool {
        let has = |node: &Node| {
            node.machine.as_ref().and_then(Quorum::high_watermark).is_some_and(|committed| committed > offset)
        };
        self.nodes.iter().all(has)
    }

    /// A leader that was succeeded does not lead on for ever. Check-quorum takes one and a half fetch timeouts (3 s) of a
    /// clock that may be slow by 15 %, after the last fetch that was under way.
    pub fn check_deposed_leaders(&mut self) {
        let last = self.checker.last_epoch();
        let Options { delay_max, straggler_delay, straggler_per_mille, doubled_per_mille, .. } = self.options;
        let has_stragglers = straggler_per_mille + doubled_per_mille > 0;
        let patience = 3800 * MS + delay_max + if has_stragglers { straggler_delay } else { 0 };
        for index in 0..self.nodes.len() {
            let node = &mut self.nodes[index];
            let leads = node.machine.as_ref().filter(|machine| machine.is_leader()).map(Quorum::epoch);
            if leads.is_none_or(|epoch| epoch == last) || node.paused_until > self.now {
                node.deposed_at = self.now;
            } else if self.now > node.deposed_at + patience {
                let detail = self.describe(&self.nodes[index]);
                self.checker.fail("a leader without a majority resigns", detail);
            }
        }
    }

    pub fn take_snapshot(&mut self) {
        let period = self.options.snapshot_period;
        let delay = self.random.range(period / 2, period * 2);
        self.at(delay, Event::TakeSnapshot);
        let index = self.random.index(self.nodes.len());
        let node = &self.nodes[index];
        let Some(machine) = node.machine.as_ref().filter(|_| node.paused_until <= self.now) else { return };
        let Some(end) = machine.high_watermark() else { return };
        let is_new = machine.log().latest_snapshot().is_none_or(|latest| latest.offset < end);
        let Some(batch) = node.disk.log.batch_at(end.plus(-1)) else { return };
        if !is_new || end > machine.log().synced_offset() {
            return;
        }
        let name = OffsetAndEpoch { epoch: batch.epoch, offset: end };
        let (version, voters) = machine.membership().at(end.plus(-1));
        let control = voters.map_or(Vec::new(), |voters| ControlRecord::membership(version, voters).to_vec());
        let size = 100 + (end.0 as usize * 37) % 3000;
        let bytes: Vec<u8> =
            (0..size).map(|at| (at as i64 * 7 + end.0 + i64::from(name.epoch.0)) as u8).collect();
        let snapshot = Snapshot { control, bytes: bytes.into() };
        let known = self.snapshots.entry(name).or_insert_with(|| snapshot.clone());
        if *known != snapshot {
            let detail = format!("{name:?}: {:?} and {:?}", known.control, snapshot.control);
            return self.checker.fail("equal snapshots", detail);
        }
        let size = snapshot.bytes.len() as u64;
        self.nodes[index].disk.snapshots.insert(name, snapshot);
        self.tell(index, Input::SnapshotTaken { name, size });
        if self.random.chance(700) {
            self.nodes[index].disk.drop_below(end);
            self.tell(index, Input::LogStartAdvanced(end));
        }
    }

    pub fn snapshot_written(&mut self, index: usize, name: OffsetAndEpoch) {
        let Some((of, bytes)) = self.nodes[index].fetching.take() else { return };
        let snapshot = self.snapshots.get(&name).cloned();
        let Some(snapshot) = snapshot.filter(|_| of == name) else { return };
        if snapshot.bytes != bytes {
            return self.checker.fail("snapshots arrive whole", format!("{name:?} at node {index}"));
        }
        let is_readable = !self.has_faults || !self.random.chance(50);
        if is_readable {
            self.nodes[index].disk.snapshots.insert(name, snapshot.clone());
        }
        self.tell(index, Input::SnapshotFetched { name, control: is_readable.then_some(snapshot.control) });
    }
}
