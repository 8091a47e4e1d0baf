//! Which leader epoch begins at which offset: what tells where two replicas' logs part.
//!
//! Source: KIP-101, KIP-279; Kafka `LeaderEpochFileCache`.

use ottla_protocol::types::{LeaderEpoch, Offset};

/// First offset of a leader epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochEntry {
    /// The epoch.
    pub epoch: LeaderEpoch,
    /// Offset of its first record.
    pub start_offset: Offset,
}

/// End of a leader epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochEnd {
    /// The epoch.
    pub epoch: LeaderEpoch,
    /// Offset after its last record.
    pub end_offset: Offset,
}

/// The epochs of one log. Invariant: epochs and start offsets both ascend strictly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeaderEpochs {
    entries: Vec<EpochEntry>,
}

impl LeaderEpochs {
    /// The epochs read from a checkpoint, which has checked their order.
    #[must_use]
    pub const fn new(entries: Vec<EpochEntry>) -> Self {
        Self { entries }
    }

    /// All of them, ascending.
    #[must_use]
    pub fn entries(&self) -> &[EpochEntry] {
        &self.entries
    }

    /// The last one.
    #[must_use]
    pub fn latest(&self) -> Option<EpochEntry> {
        self.entries.last().copied()
    }

    /// Says that `epoch` begins at `start_offset`. Does nothing if it is the latest and began no later; entries that the new one
    /// contradicts go: those of higher epochs, and those that begin where it begins or behind. An unknown epoch (-1) says nothing.
    pub fn assign(&mut self, epoch: LeaderEpoch, start_offset: Offset) {
        if epoch < LeaderEpoch(0) || start_offset < Offset::ZERO {
            return;
        }
        if self.latest().is_some_and(|latest| latest.epoch == epoch && latest.start_offset <= start_offset) {
            return;
        }
        while self.latest().is_some_and(|last| last.epoch >= epoch || last.start_offset >= start_offset) {
            self.entries.pop();
        }
        self.entries.push(EpochEntry { epoch, start_offset });
    }

    /// The largest epoch up to `epoch` and where it ends: where the next one begins, or at `log_end_offset`. `None` if `epoch` is
    /// unknown or above all. Below all, it is `epoch` itself, ending where the first one begins: what it had is gone.
    #[must_use]
    pub fn end_offset_for(&self, epoch: LeaderEpoch, log_end_offset: Offset) -> Option<EpochEnd> {
        if epoch == LeaderEpoch::UNKNOWN {
            return None;
        }
        let latest = self.latest()?;
        if epoch == latest.epoch {
            return Some(EpochEnd { epoch, end_offset: log_end_offset });
        }
        let next = self.entries.partition_point(|entry| entry.epoch <= epoch);
        let end_offset = self.entries.get(next)?.start_offset;
        let epoch = next.checked_sub(1).map_or(epoch, |floor| self.entries[floor].epoch);
        Some(EpochEnd { epoch, end_offset })
    }

    /// The epoch of the record at `offset`.
    #[must_use]
    pub fn epoch_at(&self, offset: Offset) -> Option<LeaderEpoch> {
        let next = self.entries.partition_point(|entry| entry.start_offset <= offset);
        next.checked_sub(1).map(|index| self.entries[index].epoch)
    }

    /// Forgets epochs that begin at `end_offset` or behind.
    pub fn truncate_from_end(&mut self, end_offset: Offset) {
        while self.latest().is_some_and(|last| last.start_offset >= end_offset) {
            self.entries.pop();
        }
    }

    /// Forgets epochs that end at or before `start_offset`; the one that holds it begins there from now on.
    pub fn truncate_from_start(&mut self, start_offset: Offset) {
        let count = self.entries.partition_point(|entry| entry.start_offset <= start_offset);
        let Some(holder) = count.checked_sub(1) else { return };
        if holder > 0 || self.entries[holder].start_offset != start_offset {
            self.entries.drain(..holder);
            self.entries[0].start_offset = start_offset;
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epochs(entries: &[(i32, i64)]) -> LeaderEpochs {
        let mut epochs = LeaderEpochs::default();
        entries.iter().for_each(|(epoch, start)| epochs.assign(LeaderEpoch(*epoch), Offset(*start)));
        epochs
    }

    fn raw(epochs: &LeaderEpochs) -> Vec<(i32, i64)> {
        epochs.entries().iter().map(|entry| (entry.epoch.0, entry.start_offset.0)).collect()
    }

    #[test]
    fn only_a_new_epoch_makes_an_entry() {
        let mut epochs = epochs(&[(0, 0), (0, 5), (2, 10), (2, 11), (-1, 20)]);
        assert_eq!(raw(&epochs), [(0, 0), (2, 10)]);
        epochs.assign(LeaderEpoch(2), Offset(30));
        assert_eq!(raw(&epochs), [(0, 0), (2, 10)]);
    }

    #[test]
    fn a_new_entry_removes_what_contradicts_it() {
        assert_eq!(
            raw(&epochs(&[(1, 0), (2, 10), (3, 10)])),
            [(1, 0), (3, 10)],
            "nothing was written in epoch 2"
        );
        assert_eq!(raw(&epochs(&[(1, 0), (3, 10), (2, 20)])), [(1, 0), (2, 20)], "epochs do not go back");
        assert_eq!(raw(&epochs(&[(1, 0), (2, 10), (3, 5)])), [(1, 0), (3, 5)], "offsets do not go back");
        assert_eq!(raw(&epochs(&[(2, 10), (2, 5)])), [(2, 5)]);
    }

    #[test]
    fn the_end_of_an_epoch_is_the_beginning_of_the_next() {
        let epochs = epochs(&[(2, 10), (4, 20), (7, 35)]);
        let end = |epoch| {
            epochs.end_offset_for(LeaderEpoch(epoch), Offset(50)).map(|end| (end.epoch.0, end.end_offset.0))
        };
        assert_eq!(end(-1), None);
        assert_eq!(end(0), Some((0, 10)), "what it had is gone");
        assert_eq!(end(2), Some((2, 20)));
        assert_eq!(end(3), Some((2, 20)));
        assert_eq!(end(6), Some((4, 35)));
        assert_eq!(end(7), Some((7, 50)));
        assert_eq!(end(8), None);
        assert_eq!(LeaderEpochs::default().end_offset_for(LeaderEpoch(0), Offset(50)), None);
    }

    #[test]
    fn an_offset_has_the_epoch_that_began_before_it() {
        let epochs = epochs(&[(2, 10), (4, 20)]);
        let at = |offset| epochs.epoch_at(Offset(offset)).map(|epoch| epoch.0);
        assert_eq!([at(9), at(10), at(19), at(20), at(99)], [None, Some(2), Some(2), Some(4), Some(4)]);
    }

    #[test]
    fn truncation_keeps_the_epoch_that_spans_it() {
        let all = epochs(&[(2, 10), (4, 20), (7, 35)]);
        let cut = |start, end| {
            let mut epochs = all.clone();
            epochs.truncate_from_start(Offset(start));
            epochs.truncate_from_end(Offset(end));
            raw(&epochs)
        };
        assert_eq!(cut(0, 99), [(2, 10), (4, 20), (7, 35)]);
        assert_eq!(cut(10, 36), [(2, 10), (4, 20), (7, 35)]);
        assert_eq!(cut(15, 35), [(2, 15), (4, 20)]);
        assert_eq!(cut(20, 20), []);
        assert_eq!(cut(40, 50), [(7, 40)]);
        assert_eq!(cut(0, 5), []);
    }
}
