//! Where the last batches of the active segment lie, so that readers near the log's end need no index.

use std::collections::VecDeque;

use ottla_protocol::types::Offset;

/// So many batches are remembered.
const BATCHES_MAX: usize = 64;

/// Where a batch begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RecentBatch {
    pub base_offset: Offset,
    pub position: u32,
}

/// The last batches of the active segment, in order, without a gap up to its end.
#[derive(Debug, Default)]
pub(super) struct RecentBatches {
    batches: VecDeque<RecentBatch>,
}

impl RecentBatches {
    #[inline]
    pub(super) fn push(&mut self, batch: RecentBatch) {
        if self.batches.len() == BATCHES_MAX {
            self.batches.pop_front();
        } else if self.batches.capacity() == 0 {
            self.batches.reserve_exact(BATCHES_MAX);
        }
        self.batches.push_back(batch);
    }

    pub(super) fn clear(&mut self) {
        self.batches.clear();
    }

    /// The last batch that begins at or before `offset`, and where the one behind it begins, if there is one; `None` if that batch
    /// is not remembered.
    pub(super) fn holder_of(&self, offset: Offset) -> Option<(RecentBatch, Option<RecentBatch>)> {
        let behind = self.batches.partition_point(|batch| batch.base_offset <= offset);
        let holder = self.batches[behind.checked_sub(1)?];
        Some((holder, self.batches.get(behind).copied()))
    }

    /// The first batch that begins at `position` or behind; `None` if no such batch is remembered, or earlier ones than those
    /// remembered may be it.
    pub(super) fn first_from(&self, position: u32) -> Option<RecentBatch> {
        if self.batches.front()?.position > position {
            return None;
        }
        let at = self.batches.partition_point(|batch| batch.position < position);
        self.batches.get(at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_batches_are_found() {
        let mut recent = RecentBatches::default();
        let batch = |at: u32| RecentBatch { base_offset: Offset(i64::from(at) * 10), position: at * 100 };
        assert_eq!(recent.holder_of(Offset(0)), None);
        assert_eq!(recent.first_from(0), None);
        (0..100).for_each(|at| recent.push(batch(at)));
        assert_eq!(recent.holder_of(Offset(359)), None, "forgotten");
        assert_eq!(recent.holder_of(Offset(360)), Some((batch(36), Some(batch(37)))));
        assert_eq!(recent.holder_of(Offset(995)), Some((batch(99), None)));
        assert_eq!(recent.first_from(3599), None, "may be a forgotten one");
        assert_eq!(recent.first_from(3600), Some(batch(36)));
        assert_eq!(recent.first_from(3601), Some(batch(37)));
        assert_eq!(recent.first_from(9901), None);
        recent.clear();
        assert_eq!(recent.holder_of(Offset(995)), None);
    }
}
