//! What the quorum knows of the log: where it begins and ends, which epochs it holds, what of it is on the disk.
//!
//! The machine decides by this value alone; the bytes are the host's. It changes with every effect that changes the log
//! and with every append that the host tells of, so it is always what the log will be once the effects are performed.

use std::collections::BTreeMap;

use ottla_protocol::types::{LeaderEpoch, Offset};

use crate::divergence::EpochEnd;

/// A place in the history of the log: everything below `offset`, of which the last record is of `epoch`. It names a
/// snapshot, and tells which of two logs is more up to date. Ordered by epoch, then offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OffsetAndEpoch {
    /// Epoch of the last record.
    pub epoch: LeaderEpoch,
    /// One past the last record.
    pub offset: Offset,
}

impl OffsetAndEpoch {
    /// The empty log; also the name of the snapshot that formatting makes.
    pub const ZERO: Self = Self { epoch: LeaderEpoch(0), offset: Offset::ZERO };
}

/// Where an epoch begins in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochStart {
    /// The epoch.
    pub epoch: LeaderEpoch,
    /// Offset of its first record.
    pub start_offset: Offset,
}

/// Up to where the log was written at some moment. What is synced after that moment is on the disk up to there, as long
/// as the log was not cut in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncPoint {
    up_to: Offset,
    cuts: u64,
}

/// How a replica's place in the log relates to this log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Its log is a prefix of this one.
    Valid,
    /// The histories part: it must cut its log to this end, or its own end of the same epoch, whichever is smaller.
    Diverging(EpochEnd),
    /// What it needs is not in the log any more: it must fetch this snapshot.
    Snapshot(OffsetAndEpoch),
}

/// What the quorum knows of the log. Invariant: `start <= synced <= end`; epochs and their starts ascend strictly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogState {
    start_offset: Offset,
    end_offset: Offset,
    synced_offset: Offset,
    epochs: Vec<EpochStart>,
    /// Size in bytes by name.
    snapshots: BTreeMap<OffsetAndEpoch, u64>,
    /// How often the log was cut.
    cuts: u64,
}

impl LogState {
    /// The log as it was opened: all of it is on the disk. `epochs` ascend.
    ///
    /// Panics if the offsets or epochs do not ascend.
    #[must_use]
    pub fn new(
        (start_offset, end_offset): (Offset, Offset),
        epochs: Vec<EpochStart>,
        snapshots: BTreeMap<OffsetAndEpoch, u64>,
    ) -> Self {
        assert!(start_offset <= end_offset, "a log from {start_offset} to {end_offset}");
        assert!(epochs.is_sorted_by(|a, b| a.epoch < b.epoch && a.start_offset <= b.start_offset));
        Self { start_offset, end_offset, synced_offset: end_offset, epochs, snapshots, cuts: 0 }
    }

    /// A log without records and snapshots.
    #[must_use]
    pub fn empty() -> Self {
        Self::new((Offset::ZERO, Offset::ZERO), Vec::new(), BTreeMap::new())
    }

    /// Offset of the first record.
    #[must_use]
    pub fn start_offset(&self) -> Offset {
        self.start_offset
    }

    /// One past the last record.
    #[must_use]
    pub fn end_offset(&self) -> Offset {
        self.end_offset
    }

    /// Everything below is on the disk.
    #[must_use]
    pub fn synced_offset(&self) -> Offset {
        self.synced_offset
    }

    /// Whether the whole log is on the disk.
    #[must_use]
    pub fn is_synced(&self) -> bool {
        self.synced_offset == self.end_offset
    }

    /// The end of the log with the epoch of its last record; a log that begins at a snapshot has that one's.
    #[must_use]
    pub fn end(&self) -> OffsetAndEpoch {
        let of_snapshot = || self.latest_snapshot().map(|snapshot| snapshot.epoch);
        let last = self.epochs.last().map(|entry| entry.epoch);
        OffsetAndEpoch { epoch: last.or_else(of_snapshot).unwrap_or(LeaderEpoch(0)), offset: self.end_offset }
    }

    /// The snapshot that covers most.
    #[must_use]
    pub fn latest_snapshot(&self) -> Option<OffsetAndEpoch> {
        self.snapshots.last_key_value().map(|(name, _)| *name)
    }

    /// Size of a snapshot in bytes; `None` if there is none of this name.
    #[must_use]
    pub fn snapshot_size(&self, name: OffsetAndEpoch) -> Option<u64> {
        self.snapshots.get(&name).copied()
    }

    /// Where a sync that begins now will bring the log, if it succeeds.
    #[must_use]
    pub fn sync_point(&self) -> SyncPoint {
        SyncPoint { up_to: self.end_offset, cuts: self.cuts }
    }

    /// Whether a replica whose log ends at `place` has a prefix of this log.
    ///
    /// Source: KIP-595, KIP-630; Kafka `RaftLog.validateOffsetAndEpoch`.
    #[must_use]
    pub fn validate(&self, place: OffsetAndEpoch) -> Validity {
        if self.start_offset == Offset::ZERO && place.offset == Offset::ZERO {
            return Validity::Valid;
        }
        if let (Some((earliest, _)), Some(latest)) =
            (self.snapshots.first_key_value(), self.latest_snapshot())
        {
            let is_below = place.offset < self.start_offset
                || place.offset == self.start_offset && place.epoch != earliest.epoch
                || place.epoch < earliest.epoch;
            if is_below {
                return Validity::Snapshot(latest);
            }
        }
        let end = self.end_of_epoch(place.epoch);
        if end.epoch == place.epoch && end.end_offset >= place.offset {
            Validity::Valid
        } else {
            Validity::Diverging(end)
        }
    }

    /// The largest epoch that is not above `epoch`, and where it ends. An epoch above all is answered with the log's
    /// end, one below all with the start of the first.
    ///
    /// Source: Kafka `KafkaRaftLog.endOffsetForEpoch`, `LeaderEpochFileCache.endOffsetFor`.
    #[must_use]
    pub fn end_of_epoch(&self, epoch: LeaderEpoch) -> EpochEnd {
        let end = self.end();
        if epoch >= end.epoch {
            return EpochEnd { epoch: end.epoch, end_offset: end.offset };
        }
        let next = self.epochs.iter().position(|entry| entry.epoch > epoch);
        let end_offset = next.map_or(self.end_offset, |next| self.epochs[next].start_offset);
        let own = next.and_then(|next| next.checked_sub(1)).map(|index| self.epochs[index].epoch);
        let earliest = self.snapshots.first_key_value().map(|(name, _)| *name);
        match (own, earliest) {
            (Some(epoch), _) => EpochEnd { epoch, end_offset },
            // Before the first epoch of the log there is the snapshot on which it stands.
            (None, Some(snapshot)) if snapshot.offset == end_offset => {
                EpochEnd { epoch: snapshot.epoch, end_offset }
            }
            (None, _) => EpochEnd { epoch, end_offset },
        }
    }

    /// Takes note of records at the end of the log. Panics if they do not follow it, or are of an earlier epoch.
    pub(super) fn append(&mut self, base_offset: Offset, last_offset: Offset, epoch: LeaderEpoch) {
        assert_eq!(base_offset, self.end_offset, "records are appended at the end");
        assert!(last_offset >= base_offset);
        let last_epoch = self.end().epoch;
        assert!(epoch >= last_epoch, "epoch {epoch} follows {last_epoch}");
        if self.epochs.last().is_none_or(|last| last.epoch < epoch) {
            self.epochs.push(EpochStart { epoch, start_offset: base_offset });
        }
        self.end_offset = last_offset.next();
    }

    /// A sync that began at `point` succeeded.
    pub(super) fn synced(&mut self, point: SyncPoint) {
        if point.cuts == self.cuts {
            self.synced_offset = self.synced_offset.max(point.up_to);
        }
    }

    /// Where this log is to be cut when a leader's log ends `end.epoch` at `end.end_offset`.
    ///
    /// Source: Kafka `RaftLog.truncateToEndOffset`.
    #[must_use]
    pub fn truncation_offset(&self, end: EpochEnd) -> Offset {
        if end.epoch == LeaderEpoch(0) {
            return self.end_offset.min(end.end_offset);
        }
        let own = self.end_of_epoch(end.epoch);
        if own.epoch == end.epoch { own.end_offset.min(end.end_offset) } else { own.end_offset }
    }

    /// Cuts the log. Panics if that is below its start.
    pub(super) fn truncate(&mut self, offset: Offset) {
        assert!(offset >= self.start_offset, "cut to {offset}, below the start {}", self.start_offset);
        if offset < self.end_offset {
            self.end_offset = offset;
            self.synced_offset = self.synced_offset.min(offset);
            self.epochs.retain(|entry| entry.start_offset < offset);
            self.cuts += 1;
        }
    }

    /// Puts a snapshot in the place of the whole log.
    pub(super) fn start_at(&mut self, snapshot: OffsetAndEpoch, size: u64) {
        self.start_offset = snapshot.offset;
        self.end_offset = snapshot.offset;
        self.synced_offset = snapshot.offset;
        self.epochs.clear();
        self.snapshots = BTreeMap::from([(snapshot, size)]);
        self.cuts += 1;
    }

    /// Takes note of a snapshot of this log.
    pub(super) fn insert_snapshot(&mut self, name: OffsetAndEpoch, size: u64) {
        self.snapshots.insert(name, size);
    }

    /// What lies below `offset` is gone, and every snapshot that ends below it.
    pub(super) fn advance_start(&mut self, offset: Offset) {
        assert!(offset <= self.end_offset);
        self.start_offset = self.start_offset.max(offset);
        self.synced_offset = self.synced_offset.max(self.start_offset);
        self.snapshots.retain(|name, _| name.offset >= offset);
        let kept = self.epochs.iter().rposition(|entry| entry.start_offset <= offset).unwrap_or(0);
        self.epochs.drain(..kept);
        // As in Kafka's cache, an epoch that ends where the log begins is gone, and the first one begins with the log.
        if let Some(first) = self.epochs.first_mut() {
            first.start_offset = first.start_offset.max(offset);
        }
        if self.start_offset == self.end_offset {
            self.epochs.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(offset: i64, epoch: i32) -> OffsetAndEpoch {
        OffsetAndEpoch { epoch: LeaderEpoch(epoch), offset: Offset(offset) }
    }

    fn end(epoch: i32, end_offset: i64) -> EpochEnd {
        EpochEnd { epoch: LeaderEpoch(epoch), end_offset: Offset(end_offset) }
    }

    /// Epoch 2 from 0, 5 from 20, 7 from 30; ends at 42.
    fn log() -> LogState {
        let mut log = LogState::empty();
        for (base, last, epoch) in [(0, 19, 2), (20, 29, 5), (30, 41, 7)] {
            log.append(Offset(base), Offset(last), LeaderEpoch(epoch));
        }
        log
    }

    #[test]
    fn a_place_in_the_log_is_valid_diverging_or_below_a_snapshot() {
        let mut log = log();
        for (asked, expected) in [
            (place(0, 0), Validity::Valid),
            (place(42, 7), Validity::Valid),
            (place(43, 7), Validity::Diverging(end(7, 42))),
            (place(20, 2), Validity::Valid),
            (place(21, 2), Validity::Diverging(end(2, 20))),
            (place(25, 4), Validity::Diverging(end(2, 20))),
            (place(25, 6), Validity::Diverging(end(5, 30))),
            (place(42, 9), Validity::Diverging(end(7, 42))),
            (place(10, 1), Validity::Diverging(end(1, 0))),
        ] {
            assert_eq!(log.validate(asked), expected, "{asked:?}");
        }
        log.insert_snapshot(place(25, 5), 100);
        log.insert_snapshot(place(35, 7), 100);
        log.advance_start(Offset(25));
        for (asked, expected) in [
            (place(0, 0), Validity::Snapshot(place(35, 7))),
            (place(24, 5), Validity::Snapshot(place(35, 7))),
            (place(25, 5), Validity::Valid),
            (place(25, 4), Validity::Snapshot(place(35, 7))),
            (place(40, 2), Validity::Snapshot(place(35, 7))),
            (place(31, 5), Validity::Diverging(end(5, 30))),
            (place(42, 7), Validity::Valid),
        ] {
            assert_eq!(log.validate(asked), expected, "{asked:?} above the snapshot");
        }
    }

    #[test]
    fn a_log_is_cut_where_it_and_the_leaders_part() {
        let log = log();
        for (leader_end, expected) in [
            (end(5, 25), 25), // the leader's epoch ended earlier
            (end(5, 35), 30), // or later than ours
            (end(6, 35), 30), // an epoch that we do not have: our end of the one before
            (end(1, 10), 0),
            (end(0, 7), 7),
        ] {
            assert_eq!(log.truncation_offset(leader_end), Offset(expected), "{leader_end:?}");
        }
    }

    #[test]
    fn what_is_cut_is_forgotten_and_a_sync_from_before_says_nothing() {
        let mut log = log();
        let before = log.sync_point();
        log.truncate(Offset(25));
        assert_eq!((log.end(), log.synced_offset()), (place(25, 5), Offset(0)));
        log.append(Offset(25), Offset(59), LeaderEpoch(8));
        log.synced(before);
        assert_eq!(log.synced_offset(), Offset(0));
        log.synced(log.sync_point());
        assert!(log.is_synced());
        log.truncate(Offset(60));
        assert_eq!(log.sync_point().cuts, 1, "nothing was cut");
    }

    #[test]
    fn a_snapshot_stands_for_the_log() {
        let mut log = log();
        log.start_at(place(100, 9), 1234);
        assert_eq!((log.start_offset(), log.end(), log.is_synced()), (Offset(100), place(100, 9), true));
        assert_eq!(log.snapshot_size(place(100, 9)), Some(1234));
        assert_eq!(log.validate(place(100, 9)), Validity::Valid);
        log.append(Offset(100), Offset(100), LeaderEpoch(10));
        assert_eq!(log.validate(place(100, 9)), Validity::Valid);
        assert_eq!(log.validate(place(101, 9)), Validity::Diverging(end(9, 100)));
    }
}
