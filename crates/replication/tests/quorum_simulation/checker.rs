//! What must hold at every step, whatever fails.
//!
//! The checker sees all replicas at once. It remembers every batch that was ever in a log, every leader, and everything
//! that any replica took for committed. Names of the rules are Raft's.

use std::collections::BTreeMap;

use ottla_protocol::types::{BrokerId, LeaderEpoch, Offset};
use ottla_replication::quorum::{ControlRecord, ReplicaKey, VoterSet};

use super::disk::{Batch, Log};

/// A rule that was broken.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    pub rule: &'static str,
    pub detail: String,
}

#[derive(Debug)]
struct Committed {
    last: Offset,
    epoch: LeaderEpoch,
    content: u32,
    /// Epoch of the first leader under which a replica took it for committed.
    by: LeaderEpoch,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Leadership {
    node: BrokerId,
    life: u64,
    /// Whether the leader will know of it after a crash. If not, nobody else can know of it.
    is_durable: bool,
}

#[derive(Debug, Default)]
pub struct Checker {
    leaders: BTreeMap<LeaderEpoch, Leadership>,
    /// Content, and what stands before, by epoch and base offset.
    batches: BTreeMap<(LeaderEpoch, Offset), (u32, Offset, LeaderEpoch)>,
    committed: BTreeMap<Offset, Committed>,
    committed_end: Offset,
    committed_voters: Option<Vec<ReplicaKey>>,
    pub violation: Option<Violation>,
    pub elections: u64,
}

impl Checker {
    pub fn fail(&mut self, rule: &'static str, detail: String) {
        self.violation.get_or_insert(Violation { rule, detail });
    }

    pub fn committed_end(&self) -> Offset {
        self.committed_end
    }

    /// Election safety, and leader completeness.
    pub fn on_leader(&mut self, node: BrokerId, life: u64, epoch: LeaderEpoch, log: &Log) {
        self.elections += 1;
        let now = Leadership { node, life, is_durable: false };
        if let Some(before) = self.leaders.insert(epoch, now) {
            if before.node != node || before.is_durable {
                let detail = format!("{before:?} and {now:?} lead epoch {epoch}");
                self.fail("election safety", detail);
            }
            // A crash took that leadership and its records with it: it never happened.
            self.batches.retain(|(of, _), _| *of != epoch);
        }
        let earlier = self.committed.values().rev().find(|committed| committed.by < epoch);
        if let Some(committed) = earlier {
            let has_it = committed.last < log.start
                || log.batch_at(committed.last).is_some_and(|batch| batch.epoch == committed.epoch);
            if !has_it {
                let detail = format!(
                    "leader {node} of epoch {epoch}, with a log from {} to {}, does not have {committed:?}",
                    log.start,
                    log.end()
                );
                self.fail("leader completeness", detail);
            }
        }
    }

    /// A leader has its leadership on the disk.
    pub fn on_durable_leader(&mut self, node: BrokerId, epoch: LeaderEpoch) {
        if let Some(leadership) = self.leaders.get_mut(&epoch).filter(|leadership| leadership.node == node) {
            leadership.is_durable = true;
        }
    }

    /// The highest epoch that ever had a leader.
    pub fn last_epoch(&self) -> LeaderEpoch {
        self.leaders.last_key_value().map_or(LeaderEpoch(0), |(epoch, _)| *epoch)
    }

    /// Log matching: a batch is the same in all logs, and so is everything before it.
    pub fn on_append(&mut self, batch: &Batch, previous: Option<&Batch>) {
        let before = previous.map_or(LeaderEpoch(-1), |previous| previous.epoch);
        let found = (batch.content, batch.last, before);
        let key = (batch.epoch, batch.base);
        let known = *self.batches.entry(key).or_insert(found);
        // A log that begins at a snapshot knows nothing of what stands before.
        let is_same = (known.0, known.1) == (found.0, found.1)
            && (known.2 == found.2 || known.2.0 < 0 || found.2.0 < 0);
        if !is_same {
            self.fail("log matching", format!("{key:?}: {known:?} and {found:?}"));
        } else if known.2.0 < 0 {
            self.batches.insert(key, found);
        }
    }

    /// State machine safety: what one replica applies at an offset, all do.
    pub fn on_applied(&mut self, node: BrokerId, batch: &Batch, under: LeaderEpoch) {
        if batch.base >= self.committed_end {
            if batch.base > self.committed_end {
                return self.fail("state machine safety", format!("{node} skips to {}", batch.base));
            }
            self.check_voters(batch);
            let committed =
                Committed { last: batch.last, epoch: batch.epoch, content: batch.content, by: under };
            self.committed.insert(batch.base, committed);
            self.committed_end = batch.last.next();
            return;
        }
        match self.committed.get_mut(&batch.base) {
            Some(known)
                if (known.last, known.epoch, known.content) == (batch.last, batch.epoch, batch.content) =>
            {
                known.by = known.by.min(under);
            }
            known => {
                let detail = format!(
                    "{node} applies the batch of epoch {} at {}, others {known:?}",
                    batch.epoch, batch.base
                );
                self.fail("state machine safety", detail);
            }
        }
    }

    /// Voters change one at a time.
    fn check_voters(&mut self, batch: &Batch) {
        for record in &batch.control {
            let ControlRecord::Voters(record) = record else { continue };
            let voters: Vec<_> = VoterSet::from_record(record).voters().map(|voter| voter.key).collect();
            if let Some(before) = &self.committed_voters {
                let added = voters.iter().filter(|key| !before.contains(key)).count();
                let removed = before.iter().filter(|key| !voters.contains(key)).count();
                if added + removed > 1 {
                    self.fail("one change at a time", format!("{before:?} became {voters:?}"));
                }
            }
            self.committed_voters = Some(voters);
        }
    }
}
