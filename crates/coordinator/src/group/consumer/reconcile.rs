//! A member's way from what it has to what it is to have.
//!
//! A partition moves in two steps: its owner is told to give it up, and stays the owner until its heartbeat says that it
//! has; then the next member gets it. So a partition has one owner at most.
//! Source: Kafka `CurrentAssignmentBuilder`, `GroupMetadataManager.maybeReconcile`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ottla_metadata::api_error::ApiError;
use ottla_protocol::types::TopicId;

use super::super::coordinator::Shared;
use super::change::Partitions;
use super::decision::Decision;
use super::member::{CurrentAssignment, HeldPartitions, Member, MemberState, owns_any};
use super::topics::TopicsView;
use super::{Change, ConsumerGroup};
use crate::messages::{ErrorCode, HeartbeatTopicPartitions};

impl Decision<'_> {
    /// Moves a member on towards the target assignment, as far as it can go. `owned` is what the member says that it
    /// owns.
    pub(super) fn reconcile(
        &mut self,
        shared: &mut Shared,
        topics: &TopicsView,
        member_id: &Arc<str>,
        has_subscription_changed: bool,
        owned: Option<&[HeartbeatTopicPartitions]>,
    ) -> Result<(), ApiError> {
        let Some(member) = self.group.members.get(member_id) else { return Ok(()) };
        if !has_subscription_changed && member.is_reconciled_to(self.group.assignment_epoch) {
            return Ok(());
        }
        let reconciliation = Reconciliation {
            group: self.group,
            member,
            current: member.current(),
            target: &self.group.target(member_id),
            subscribed: self.group.subscribed_topic_ids(member, topics),
            owned,
        };
        let Some(next) = reconciliation.next(has_subscription_changed)? else { return Ok(()) };
        if next == *member.current() {
            return Ok(());
        }
        let uses_classic = member.classic().is_some();
        let rebalance_timeout_ms = member.metadata().rebalance_timeout_ms;
        let (state, epoch) = (next.state, next.member_epoch);
        self.apply(Change::Current(Arc::clone(member_id), Some(Arc::new(next))));
        // A member of the classic protocol has its own timers.
        if !uses_classic {
            if state == MemberState::UnrevokedPartitions {
                self.group.watch_rebalance(shared, member_id, epoch, rebalance_timeout_ms);
            } else {
                self.group.unwatch_rebalance(shared, member_id);
            }
        }
        Ok(())
    }
}

struct Reconciliation<'a> {
    group: &'a ConsumerGroup,
    member: &'a Member,
    current: &'a CurrentAssignment,
    target: &'a Partitions,
    subscribed: BTreeSet<TopicId>,
    owned: Option<&'a [HeartbeatTopicPartitions]>,
}

impl Reconciliation<'_> {
    /// What the member has next; `None` for no change.
    fn next(&self, has_subscription_changed: bool) -> Result<Option<CurrentAssignment>, ApiError> {
        let CurrentAssignment { member_epoch, state, pending_revocation, .. } = self.current;
        let target_epoch = self.group.assignment_epoch;
        Ok(match state {
            MemberState::Stable if *member_epoch != target_epoch => Some(self.towards_target(*member_epoch)),
            MemberState::Stable if has_subscription_changed => self.without_unsubscribed(),
            MemberState::Stable => None,
            MemberState::UnrevokedPartitions if owns_any(self.owned, pending_revocation) => {
                if has_subscription_changed {
                    self.without_unsubscribed()
                } else {
                    None
                }
            }
            MemberState::UnrevokedPartitions | MemberState::UnreleasedPartitions => {
                Some(self.towards_target(*member_epoch))
            }
            // A newer broker was the coordinator: what it meant is not known.
            MemberState::Unknown => {
                if self.owned.is_none_or(|owned| !owned.is_empty()) {
                    return Err(ApiError::new(
                        ErrorCode::FENCED_MEMBER_EPOCH,
                        "The consumer group member is in a unknown state. The member must abandon all its \
                         partitions and rejoin.",
                    ));
                }
                Some(self.towards_target(target_epoch))
            }
        })
    }

    /// The member gives up the topics that it is subscribed to no longer, and keeps its epoch.
    fn without_unsubscribed(&self) -> Option<CurrentAssignment> {
        let (kept, dropped): (HeldPartitions, HeldPartitions) = self
            .current
            .assigned
            .iter()
            .map(|(topic, partitions)| (*topic, partitions.clone()))
            .partition(|(topic, _)| self.subscribed.contains(topic));
        if dropped.is_empty() {
            return None;
        }
        let mut pending = self.current.pending_revocation.clone();
        for (topic, partitions) in dropped {
            pending.entry(topic).or_default().extend(partitions);
        }
        let epoch = self.current.member_epoch;
        let next = CurrentAssignment {
            member_epoch: epoch,
            previous_member_epoch: epoch,
            assigned: kept,
            ..self.current.clone()
        };
        Some(if owns_any(self.owned, &pending) {
            CurrentAssignment { state: MemberState::UnrevokedPartitions, pending_revocation: pending, ..next }
        } else {
            next
        })
    }

    /// Gives up what the target does not have; or takes what of the target is free, in the target's epoch.
    fn towards_target(&self, member_epoch: i32) -> CurrentAssignment {
        let Split { kept, revoked, free, has_unreleased } = self.split();
        if !revoked.is_empty() && owns_any(self.owned, &revoked) {
            return CurrentAssignment {
                member_epoch,
                previous_member_epoch: self.current.member_epoch,
                state: MemberState::UnrevokedPartitions,
                assigned: kept,
                pending_revocation: revoked,
            };
        }
        let target_epoch = self.group.assignment_epoch;
        let mut assigned = kept;
        for (topic, partitions) in free {
            let partitions = partitions.into_iter().map(|partition| (partition, target_epoch));
            assigned.entry(topic).or_default().extend(partitions);
        }
        CurrentAssignment {
            member_epoch: target_epoch,
            previous_member_epoch: self.current.member_epoch,
            state: if has_unreleased { MemberState::UnreleasedPartitions } else { MemberState::Stable },
            assigned,
            pending_revocation: BTreeMap::new(),
        }
    }

    fn split(&self) -> Split {
        let mut split = Split::default();
        let nothing = (BTreeSet::new(), BTreeMap::new());
        let topics: BTreeSet<TopicId> =
            self.target.keys().chain(self.current.assigned.keys()).copied().collect();
        for topic in topics {
            let target = self.target.get(&topic).filter(|_| self.subscribed.contains(&topic));
            let target = target.unwrap_or(&nothing.0);
            let has = self.current.assigned.get(&topic).unwrap_or(&nothing.1);
            for (partition, epoch) in has {
                let into = if target.contains(partition) { &mut split.kept } else { &mut split.revoked };
                into.entry(topic).or_default().insert(*partition, *epoch);
            }
            for partition in target.iter().filter(|partition| !has.contains_key(partition)) {
                if self.is_free(topic, *partition) {
                    split.free.entry(topic).or_default().insert(*partition);
                } else {
                    split.has_unreleased = true;
                }
            }
        }
        split
    }

    /// Whether nobody else owns the partition. What the member itself was to give up is not taken by another yet.
    fn is_free(&self, topic: TopicId, partition: i32) -> bool {
        let pending = &self.member.current().pending_revocation;
        !self.group.owners.contains_key(&(topic, partition))
            || pending.get(&topic).is_some_and(|partitions| partitions.contains_key(&partition))
    }
}

/// What a member has and is to have, partition by partition.
#[derive(Default)]
struct Split {
    /// It has them, and is to have them.
    kept: HeldPartitions,
    /// It has them, and is not to have them.
    revoked: HeldPartitions,
    /// It is to have them, and nobody has them.
    free: Partitions,
    /// It is to have some that another still has.
    has_unreleased: bool,
}
