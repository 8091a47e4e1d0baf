//! A replica's disk: what it has written, and what of that a crash leaves.

use std::collections::BTreeMap;
use std::rc::Rc;

use bytes::Bytes;
use ottla_protocol::record::{BatchView, batches, records};
use ottla_protocol::types::{LeaderEpoch, Offset};
use ottla_replication::quorum::{
    ControlRecord, ElectionState, EpochStart, LogState, OffsetAndEpoch, SyncPoint,
};

use super::random::Random;

/// A batch of the log.
#[derive(Debug)]
pub struct Batch {
    pub base: Offset,
    pub last: Offset,
    pub epoch: LeaderEpoch,
    pub bytes: Bytes,
    /// Stands for the records.
    pub content: u32,
    pub control: Vec<ControlRecord>,
}

impl Batch {
    pub fn all_of(bytes: &Bytes) -> Vec<Rc<Self>> {
        batches(bytes).map_while(Result::ok).map(|batch| Rc::new(Self::of(&batch, bytes))).collect()
    }

    fn of(batch: &BatchView<'_>, bytes: &Bytes) -> Self {
        let header = batch.header();
        let mut control = Vec::new();
        if header.attributes.is_control() {
            let all = batch.uncompressed_records(1 << 20).unwrap();
            for record in records(&all, header.record_count).map(Result::unwrap) {
                control.push(ControlRecord::from_bytes(record.key, record.value.unwrap()).unwrap());
            }
        }
        Self {
            base: header.base_offset,
            last: header.base_offset.plus(i64::from(header.last_offset_delta)),
            epoch: header.leader_epoch,
            bytes: bytes.slice_ref(batch.bytes()),
            content: header.crc,
            control,
        }
    }
}

/// A snapshot of the log: what it says, and the bytes that travel.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    pub control: Vec<ControlRecord>,
    pub bytes: Bytes,
}

/// Batches in order, from `start` on.
#[derive(Clone, Debug, Default)]
pub struct Log {
    pub start: Offset,
    pub batches: Vec<Rc<Batch>>,
}

impl Log {
    pub fn end(&self) -> Offset {
        self.batches.last().map_or(self.start, |batch| batch.last.next())
    }

    /// The batch that holds the record at `offset`.
    pub fn batch_at(&self, offset: Offset) -> Option<&Rc<Batch>> {
        let index = self.batches.partition_point(|batch| batch.last < offset);
        self.batches.get(index).filter(|batch| batch.base <= offset)
    }

    /// The batches behind `offset`, which must be the beginning of one.
    pub fn from(&self, offset: Offset) -> &[Rc<Batch>] {
        let index = self.batches.partition_point(|batch| batch.base < offset);
        &self.batches[index..]
    }
}

/// What a replica keeps. `log` is what a reader of the file sees; `durable` is what a power cut leaves.
#[derive(Debug, Default)]
pub struct Disk {
    pub log: Log,
    durable: Log,
    /// So many batches at the beginning are the same in both.
    common: usize,
    cuts: u64,
    pub election: Option<ElectionState>,
    pub snapshots: BTreeMap<OffsetAndEpoch, Snapshot>,
}

/// A sync that is under way.
#[derive(Clone, Copy, Debug)]
pub struct Sync {
    pub point: SyncPoint,
    end: Offset,
    cuts: u64,
}

impl Disk {
    pub fn append(&mut self, batch: Rc<Batch>) {
        assert_eq!(batch.base, self.log.end(), "a hole in the log");
        self.log.batches.push(batch);
    }

    pub fn truncate(&mut self, offset: Offset) {
        let kept = self.log.batches.partition_point(|batch| batch.last < offset);
        assert!(
            kept == self.log.batches.len() || self.log.batches[kept].base >= offset,
            "a batch is cut in two at {offset}"
        );
        self.log.batches.truncate(kept);
        self.common = self.common.min(kept);
        self.cuts += 1;
    }

    pub fn begin_sync(&self, point: SyncPoint) -> Sync {
        Sync { point, end: self.log.end(), cuts: self.cuts }
    }

    /// What was written before the sync began is durable, if it is there still.
    pub fn end_sync(&mut self, sync: Sync) {
        if sync.cuts != self.cuts {
            return;
        }
        let end = self.log.batches.partition_point(|batch| batch.last < sync.end).max(self.common);
        self.durable.batches.truncate(self.common);
        self.durable.batches.extend_from_slice(&self.log.batches[self.common..end]);
        self.durable.start = self.log.start;
        self.common = end;
    }

    /// Whether the record at `offset` is of this epoch on the disk, or below what the log begins with.
    pub fn has_durably(&self, offset: Offset, epoch: LeaderEpoch) -> bool {
        offset < self.durable.start || self.durable.batch_at(offset).is_some_and(|batch| batch.epoch == epoch)
    }

    pub fn drop_below(&mut self, offset: Offset) {
        let gone = self.log.batches.partition_point(|batch| batch.last < offset);
        self.log.batches.drain(..gone);
        self.log.start = offset;
        let gone = self.durable.batches.partition_point(|batch| batch.last < offset);
        self.durable.batches.drain(..gone);
        self.durable.start = offset;
        self.common = self.common.saturating_sub(gone);
        self.snapshots.retain(|name, _| name.offset >= offset);
    }

    /// Truncating fully and starting anew is on the disk when it returns: file names change, not bytes.
    pub fn start_at(&mut self, name: OffsetAndEpoch) {
        self.log = Log { start: name.offset, batches: Vec::new() };
        self.durable = self.log.clone();
        self.common = 0;
        self.cuts += 1;
        self.snapshots.retain(|other, _| *other == name);
    }

    /// The power fails: of what was not synced, any beginning may be there all the same.
    pub fn crash(&mut self, random: &mut Random) {
        let unsynced = self.log.batches.len() - self.common;
        let survived = if random.chance(500) { 0 } else { random.index(unsynced + 1) };
        if survived > 0 {
            let end = self.common + survived;
            self.durable.batches.truncate(self.common);
            self.durable.batches.extend_from_slice(&self.log.batches[self.common..end]);
        }
        self.log = self.durable.clone();
        self.common = self.log.batches.len();
        self.cuts += 1;
        // A snapshot that lies beyond the log stands for all of it.
        let newest = self.snapshots.last_key_value().map(|(name, _)| *name);
        let last_epoch = self.log.batches.last().map_or(LeaderEpoch(0), |batch| batch.epoch);
        if let Some(name) = newest
            && name > (OffsetAndEpoch { epoch: last_epoch, offset: self.log.end() })
        {
            self.start_at(name);
        }
    }

    /// What a replica finds when it opens the log.
    pub fn log_state(&self) -> LogState {
        let mut epochs: Vec<EpochStart> = Vec::new();
        for batch in &self.log.batches {
            if epochs.last().is_none_or(|last| last.epoch < batch.epoch) {
                epochs.push(EpochStart { epoch: batch.epoch, start_offset: batch.base.max(self.log.start) });
            }
        }
        let snapshots = self.snapshots.iter().map(|(name, snapshot)| (*name, snapshot.bytes.len() as u64));
        LogState::new((self.log.start, self.log.end()), epochs, snapshots.collect())
    }

    /// The control records of the newest snapshot that the log stands on, and of the log.
    pub fn control_records(&self) -> Vec<(Offset, ControlRecord)> {
        let mut found = Vec::new();
        let base = self.snapshots.iter().rev().find(|(name, _)| name.offset <= self.log.end());
        let mut from = self.log.start;
        if let Some((name, snapshot)) = base {
            from = name.offset;
            found.extend(snapshot.control.iter().map(|record| (name.offset.plus(-1), record.clone())));
        }
        for batch in self.log.from(from) {
            found.extend((0..).map(|at| batch.base.plus(at)).zip(batch.control.iter().cloned()));
        }
        found
    }
}
