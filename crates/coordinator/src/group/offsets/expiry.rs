//! Offsets that nobody needs any more expire, and with the last of them their group.
//!
//! Every `offsets.retention.check.interval.ms` all groups are looked at, in slices: between two slices the host gets its
//! turn. Source: Kafka `GroupCoordinatorShard.cleanupGroupMetadata`.

use std::ops::Bound;
use std::sync::Arc;

use ottla_protocol::time::Timestamp;

use super::super::classic::{ClassicState, ExpiryClock};
use super::super::coordinator::{Done, GroupCoordinator, RemovedGroups, TimerKey};
use super::delete::tombstone;
use super::{CommittedOffset, OffsetKey};
use crate::journal::BatchKind;
use crate::timers::{Entry, Timer};

/// Groups and offsets that one slice looks at, roughly: a group is looked at as a whole.
const SLICE: usize = 2_000;

/// Where the scan for expired offsets stands.
#[derive(Debug, Default)]
pub(in super::super) struct ExpiryScan {
    timer: Timer,
    /// The last group that was looked at, while a scan runs.
    last_group: Option<Arc<str>>,
}

/// The ids of both kinds of groups in one order.
fn merge<'a>(
    classic: impl Iterator<Item = &'a Arc<str>>,
    consumer: impl Iterator<Item = &'a Arc<str>>,
) -> impl Iterator<Item = &'a Arc<str>> {
    let (mut classic, mut consumer) = (classic.peekable(), consumer.peekable());
    std::iter::from_fn(move || match (classic.peek(), consumer.peek()) {
        (Some(a), Some(b)) if b < a => consumer.next(),
        (None, _) => consumer.next(),
        _ => classic.next(),
    })
}

impl GroupCoordinator {
    /// Sets the time of the next scan.
    pub(in super::super) fn schedule_expiry(&mut self) {
        self.arm_expiry(self.shared.config.offsets_retention_check_interval_ms);
    }

    fn arm_expiry(&mut self, timeout_ms: i64) {
        let now = self.shared.now.mono;
        self.shared.timers.arm(&mut self.expiry.timer, now, timeout_ms, || TimerKey::Expiry);
    }

    /// The next scan, or its next slice, may be due.
    pub(in super::super) fn expiry_timer(&mut self, entry: &Entry) {
        let now = self.shared.now.mono;
        if self.shared.timers.is_due(&mut self.expiry.timer, entry, TimerKey::Expiry, now) {
            self.expire_slice();
        }
    }

    fn expire_slice(&mut self) {
        let after = match self.expiry.last_group.take() {
            Some(last) => Bound::Excluded(last),
            None => Bound::Unbounded,
        };
        let mut looked_at = 0;
        let mut slice = Vec::new();
        let range = (after, Bound::Unbounded);
        let classic = self.groups.range(range.clone()).map(|(id, _)| id);
        let consumer = self.consumer_groups.range(range).map(|(id, _)| id);
        for group_id in merge(classic, consumer) {
            if looked_at >= SLICE {
                self.expiry.last_group = slice.last().cloned();
                break;
            }
            looked_at += 1 + self.offsets.count(group_id);
            slice.push(Arc::clone(group_id));
        }
        for group_id in slice {
            self.expire_group(&group_id);
        }
        if self.expiry.last_group.is_some() {
            // Due at once, in the host's next turn.
            self.arm_expiry(1);
        } else {
            self.schedule_expiry();
        }
    }

    fn expire_group(&mut self, group_id: &Arc<str>) {
        let (clock, is_empty) = if let Some(group) = self.groups.get(group_id) {
            (group.expiry_clock(), group.state() == ClassicState::Empty)
        } else if let Some(group) = self.consumer_groups.get(group_id) {
            (Some(ExpiryClock::Commit), group.is_empty())
        } else {
            return;
        };
        let Some((expired, keeps_any)) = self.expired_offsets(group_id, clock) else { return };
        self.write_tombstones(expired.into_iter().map(tombstone).collect());
        if is_empty && !keeps_any {
            let (mut tombstones, mut removed) = (Vec::new(), RemovedGroups::default());
            self.take_group_out(group_id, &mut tombstones, &mut removed);
            self.write(BatchKind::Plain, tombstones, Done::GroupsRemoved { removed, reply: None });
        }
    }

    fn is_subscribed(&self, group_id: &str, topic: &str) -> bool {
        self.groups.get(group_id).is_some_and(|group| group.is_subscribed_to(topic))
            || self.consumer_groups.get(group_id).is_some_and(|group| group.is_subscribed_to(topic))
    }

    /// The group's offsets that have expired, and whether it keeps any. `None` if nothing may expire in its state.
    fn expired_offsets(
        &self,
        group_id: &Arc<str>,
        clock: Option<ExpiryClock>,
    ) -> Option<(Vec<OffsetKey>, bool)> {
        let Some(topics) = self.offsets.groups.get(group_id) else { return Some((Vec::new(), false)) };
        let clock = clock?;
        let mut expired = Vec::new();
        let mut keeps_any = false;
        for (topic, slots) in topics {
            let is_subscribed = self.is_subscribed(group_id, topic);
            for (&partition, slot) in slots {
                let is_settled = slot.in_flight == 0 && slot.open_transactions.is_empty();
                let is_expired = |offset| self.is_expired(offset, clock);
                let committed = slot.committed.as_ref().map(|logged| &logged.offset);
                if !is_subscribed && is_settled && committed.is_some_and(is_expired) {
                    let (group, topic) = (Arc::clone(group_id), Arc::clone(topic));
                    expired.push(OffsetKey { group, topic, partition });
                } else {
                    keeps_any = true;
                }
            }
        }
        Some((expired, keeps_any))
    }

    fn is_expired(&self, offset: &CommittedOffset, clock: ExpiryClock) -> bool {
        let now = self.shared.now.wall;
        if let Some(expire_timestamp) = offset.expire_timestamp {
            return now >= expire_timestamp;
        }
        let Timestamp(since) = match clock {
            ExpiryClock::Commit => offset.commit_timestamp,
            ExpiryClock::EmptySince(timestamp) => timestamp,
        };
        now.0.saturating_sub(since) >= self.shared.config.offsets_retention_ms
    }
}
