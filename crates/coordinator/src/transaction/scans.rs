//! What takes too long is aborted, and who was not heard of for long is forgotten.
//!
//! Both scans go over all transactional ids in slices: between two slices the host gets its turn. A transaction's start
//! is stored as wall-clock time, and so is what is measured here. Source: Kafka
//! `TransactionStateManager.timedOutTransactions`, `removeExpiredTransactionalIds`.

use std::ops::Bound;
use std::sync::Arc;

use super::coordinator::{TimerKey, Transaction, TransactionCoordinator};
use super::interface::ProducerIds;
use super::state::TransactionState;
use crate::timers::{Entry, Timer};

/// Transactional ids that one slice looks at.
const SLICE: usize = 5_000;

/// Where the scans stand.
#[derive(Debug, Default)]
pub(super) struct Scans {
    timed_out: Scan,
    expired: Scan,
}

#[derive(Debug, Default)]
struct Scan {
    timer: Timer,
    /// The last id that was looked at, while a scan runs.
    last: Option<Arc<str>>,
}

impl TransactionCoordinator {
    /// Sets the times of the next scans.
    pub(super) fn schedule_scans(&mut self) {
        self.arm_timed_out(self.config.abort_timed_out_interval_ms);
        self.arm_expired(self.config.remove_expired_interval_ms);
    }

    fn arm_timed_out(&mut self, timeout_ms: i32) {
        let timer = &mut self.scans.timed_out.timer;
        self.timers.arm(timer, self.now.mono, timeout_ms.into(), || TimerKey::TimedOut);
    }

    fn arm_expired(&mut self, timeout_ms: i32) {
        let timer = &mut self.scans.expired.timer;
        self.timers.arm(timer, self.now.mono, timeout_ms.into(), || TimerKey::Expired);
    }

    /// The scan for transactions that take too long, or its next slice, may be due.
    pub(super) fn timed_out_timer(&mut self, entry: &Entry, producer_ids: &mut dyn ProducerIds) {
        let timer = &mut self.scans.timed_out.timer;
        if !self.timers.is_due(timer, entry, TimerKey::TimedOut, self.now.mono) {
            return;
        }
        let after = self.scans.timed_out.last.take();
        let (found, last) = self.slice(after, Self::is_timed_out);
        for id in found {
            self.fence_and_abort(&id, None, producer_ids);
        }
        let next_ms = if last.is_some() { 1 } else { self.config.abort_timed_out_interval_ms };
        self.scans.timed_out.last = last;
        self.arm_timed_out(next_ms);
    }

    /// The scan for ids that nobody used for long, or its next slice, may be due.
    pub(super) fn expired_timer(&mut self, entry: &Entry) {
        let timer = &mut self.scans.expired.timer;
        if !self.timers.is_due(timer, entry, TimerKey::Expired, self.now.mono) {
            return;
        }
        let after = self.scans.expired.last.take();
        let (found, last) = self.slice(after, Self::is_expired);
        for id in found {
            self.write_tombstone(&id);
        }
        let next_ms = if last.is_some() { 1 } else { self.config.remove_expired_interval_ms };
        self.scans.expired.last = last;
        self.arm_expired(next_ms);
    }

    /// The ids of the next slice that are wanted, and the last of the slice if there are more.
    fn slice(
        &self,
        after: Option<Arc<str>>,
        is_wanted: impl Fn(&Self, &Transaction) -> bool,
    ) -> (Vec<Arc<str>>, Option<Arc<str>>) {
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut found = Vec::new();
        for (index, (id, transaction)) in self.transactions.range((after, Bound::Unbounded)).enumerate() {
            if is_wanted(self, transaction) {
                found.push(Arc::clone(id));
            }
            if index + 1 == SLICE {
                return (found, Some(Arc::clone(id)));
            }
        }
        (found, None)
    }

    fn is_timed_out(&self, transaction: &Transaction) -> bool {
        let metadata = &transaction.metadata;
        let deadline = metadata.start_timestamp.0.saturating_add(metadata.timeout_ms.into());
        transaction.pending.is_none()
            && metadata.state == TransactionState::Ongoing
            && !metadata.is_two_phase_commit()
            && deadline < self.now.wall.0
    }

    fn is_expired(&self, transaction: &Transaction) -> bool {
        let metadata = &transaction.metadata;
        let limit = self.now.wall.0.saturating_sub(self.config.id_expiration_ms.into());
        transaction.pending.is_none()
            && metadata.state.is_at_rest()
            && metadata.last_update_timestamp.0 <= limit
    }
}
