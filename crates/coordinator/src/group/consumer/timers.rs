//! The deadlines of members.

use std::sync::Arc;

use ottla_metadata::image::MetadataImage;
use ottla_protocol::time::Monotonic;

use super::super::coordinator::{GroupCoordinator, Shared, TimerKey};
use super::ConsumerGroup;
use super::decision::ClassicJoin;
use super::member::{Member, MemberState};
use super::settings::{ConsumerGroupConfig, GroupSettings};
use crate::timers::{Entry, Timer};

/// What a member has to do in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum ConsumerTimer {
    /// Send a heartbeat.
    Session,
    /// Give up partitions.
    Rebalance,
    /// Join again, as a member of the classic protocol.
    Join,
    /// Come for its assignment, as a member of the classic protocol.
    Sync,
}

/// The timers of one member.
#[derive(Debug, Default)]
pub(super) struct MemberTimers {
    session: Timer,
    rebalance: Timer,
    /// The member epoch that `rebalance` is about.
    rebalance_epoch: i32,
    join: Timer,
    sync: Timer,
}

impl MemberTimers {
    fn get(&mut self, timer: ConsumerTimer) -> &mut Timer {
        match timer {
            ConsumerTimer::Session => &mut self.session,
            ConsumerTimer::Rebalance => &mut self.rebalance,
            ConsumerTimer::Join => &mut self.join,
            ConsumerTimer::Sync => &mut self.sync,
        }
    }
}

const TIMERS: [ConsumerTimer; 4] =
    [ConsumerTimer::Session, ConsumerTimer::Rebalance, ConsumerTimer::Join, ConsumerTimer::Sync];

impl ConsumerGroup {
    /// Reads the settings that hold for the group.
    pub(super) fn read_settings(&mut self, config: &ConsumerGroupConfig, image: &MetadataImage) {
        self.settings = GroupSettings::of(&self.id, config, image);
    }

    fn watch(&mut self, shared: &mut Shared, timer: ConsumerTimer, member_id: &Arc<str>, timeout_ms: i32) {
        let Self { id, timers, .. } = self;
        if !timers.contains_key(member_id) {
            timers.insert(Arc::clone(member_id), MemberTimers::default());
        }
        let Some(timers) = timers.get_mut(member_id) else { return };
        let key = || TimerKey::Consumer(timer, Arc::clone(id), Arc::clone(member_id));
        shared.timers.arm(timers.get(timer), shared.now.mono, timeout_ms.into(), key);
    }

    fn unwatch(&mut self, shared: &mut Shared, timer: ConsumerTimer, member_id: &str) {
        if let Some(timers) = self.timers.get_mut(member_id) {
            shared.timers.cancel(timers.get(timer));
        }
    }

    /// The member was heard of.
    pub(super) fn watch_session(&mut self, shared: &mut Shared, member_id: &Arc<str>, timeout_ms: i32) {
        self.watch(shared, ConsumerTimer::Session, member_id, timeout_ms);
    }

    /// The member has to give up partitions.
    pub(super) fn watch_rebalance(
        &mut self,
        shared: &mut Shared,
        member_id: &Arc<str>,
        epoch: i32,
        timeout_ms: i32,
    ) {
        self.watch(shared, ConsumerTimer::Rebalance, member_id, timeout_ms);
        if let Some(timers) = self.timers.get_mut(member_id) {
            timers.rebalance_epoch = epoch;
        }
    }

    /// The member has nothing to give up any more.
    pub(super) fn unwatch_rebalance(&mut self, shared: &mut Shared, member_id: &str) {
        self.unwatch(shared, ConsumerTimer::Rebalance, member_id);
    }

    /// A member of the classic protocol was told to join again, now or before.
    pub(super) fn watch_join(&mut self, shared: &mut Shared, member_id: &Arc<str>, timeout_ms: i32) {
        if !self.timers.get(member_id).is_some_and(|timers| timers.join.is_set()) {
            self.watch(shared, ConsumerTimer::Join, member_id, timeout_ms);
        }
    }

    /// A member of the classic protocol has joined: it has to come for its assignment.
    pub(super) fn await_sync(&mut self, shared: &mut Shared, join: &ClassicJoin) {
        if self.members.contains_key(&join.member_id) {
            self.unwatch(shared, ConsumerTimer::Join, &join.member_id);
            self.watch(shared, ConsumerTimer::Session, &join.member_id, join.session_timeout_ms);
            self.watch(shared, ConsumerTimer::Sync, &join.member_id, join.rebalance_timeout_ms);
        }
    }

    /// A member of the classic protocol has its assignment.
    pub(super) fn unwatch_sync(&mut self, shared: &mut Shared, member_id: &str) {
        self.unwatch(shared, ConsumerTimer::Sync, member_id);
    }

    /// Watches every member that is not watched: after a load, or when one is back.
    pub(in super::super) fn watch_all(&mut self, shared: &mut Shared) {
        let is_watched = |id: &Arc<str>| self.timers.get(id).is_some_and(|timers| timers.session.is_set());
        let members = self.members.iter().filter(|(id, _)| !is_watched(id));
        let members: Vec<(Arc<str>, Member)> =
            members.map(|(id, member)| (Arc::clone(id), member.clone())).collect();
        for (id, member) in members {
            self.watch_session(shared, &id, self.settings.session_timeout_ms);
            if member.current().state == MemberState::UnrevokedPartitions {
                self.watch_rebalance(shared, &id, member.epoch(), member.metadata().rebalance_timeout_ms);
            }
        }
    }

    /// The member is gone.
    pub(super) fn cancel_member_timers(&mut self, shared: &mut Shared, member_id: &str) {
        if let Some(mut timers) = self.timers.remove(member_id) {
            TIMERS.into_iter().for_each(|timer| shared.timers.cancel(timers.get(timer)));
        }
    }

    /// The group is gone.
    pub(in super::super) fn cancel_timers(&mut self, shared: &mut Shared) {
        for mut timers in std::mem::take(&mut self.timers).into_values() {
            TIMERS.into_iter().for_each(|timer| shared.timers.cancel(timers.get(timer)));
        }
    }

    /// Whether a timer is due whose entry came up, and what it is about still holds.
    fn is_due(
        &mut self,
        shared: &mut Shared,
        entry: &Entry,
        timer: ConsumerTimer,
        member_id: &Arc<str>,
        now: Monotonic,
    ) -> bool {
        let Some(timers) = self.timers.get_mut(member_id) else { return false };
        let key = TimerKey::Consumer(timer, Arc::clone(&self.id), Arc::clone(member_id));
        if !shared.timers.is_due(timers.get(timer), entry, key, now) {
            return false;
        }
        let rebalance_epoch = timers.rebalance_epoch;
        let Some(member) = self.members.get(member_id) else {
            // Another member took its place.
            self.cancel_member_timers(shared, member_id);
            return false;
        };
        timer != ConsumerTimer::Rebalance || member.epoch() == rebalance_epoch
    }
}

impl GroupCoordinator {
    /// A timer of a member may have come due: whoever did not do its part in time is out.
    pub(in super::super) fn consumer_timer(
        &mut self,
        entry: &Entry,
        timer: ConsumerTimer,
        group_id: &Arc<str>,
        member_id: &Arc<str>,
    ) {
        let Self { consumer_groups, shared, .. } = self;
        let Some(group) = consumer_groups.get_mut(group_id) else { return };
        let now = shared.now.mono;
        if group.is_due(shared, entry, timer, member_id, now) {
            self.fence_members(group_id, std::slice::from_ref(member_id), None);
        }
    }
}
