//! A decision about one group in the making, and what follows when its records are committed or refused.

use std::sync::Arc;

use ottla_metadata::api_error::ApiError;

use super::super::classic::ClassicGroup;
use super::super::coordinator::{Done, GroupCoordinator, Replay, Reply};
use super::super::error::from_append;
use super::record::to_record;
use super::{Change, ConsumerGroup};
use crate::host::Record;
use crate::journal::{BatchKind, Decision as JournalDecision, Fate};
use crate::messages::ErrorCode;

/// A request of somebody who is no member.
pub(super) fn unknown_member(group_id: &str, member_id: &str) -> ApiError {
    let message = format!("Member {member_id} is not a member of group {group_id}.");
    ApiError::new(ErrorCode::UNKNOWN_MEMBER_ID, message)
}

/// Changes of a group that apply as they are made.
pub(super) struct Decision<'a> {
    pub(super) group: &'a mut ConsumerGroup,
    pub(super) records: Vec<Record>,
    /// What takes the changes back, in the order in which they were made.
    pub(super) undo: Vec<Change>,
}

impl<'a> Decision<'a> {
    pub(super) fn new(group: &'a mut ConsumerGroup) -> Self {
        Self { group, records: Vec::new(), undo: Vec::new() }
    }

    /// Makes a change.
    pub(super) fn apply(&mut self, change: Change) {
        self.records.push(to_record(&self.group.id, &change));
        self.undo.push(self.group.replay(change));
    }
}

/// What follows a decision about a consumer group.
#[derive(Debug)]
pub(in super::super) struct ConsumerDone {
    pub(super) group: Arc<str>,
    /// The request that waits. `None` once it is answered, or if nobody asked.
    pub(super) reply: Option<Reply>,
    /// A member of the classic protocol that joined.
    pub(super) joined: Option<ClassicJoin>,
    pub(super) undo: Undo,
}

impl ConsumerDone {
    /// The request that waits.
    pub(in super::super) fn into_reply(self) -> Option<Reply> {
        self.reply
    }
}

/// A member of the classic protocol that joined: it has to come for its assignment.
#[derive(Debug)]
pub(super) struct ClassicJoin {
    pub(super) member_id: Arc<str>,
    pub(super) session_timeout_ms: i32,
    pub(super) rebalance_timeout_ms: i32,
}

/// How a decision is taken back: from the last to the first.
#[derive(Debug, Default)]
pub(super) struct Undo {
    /// The group of the id was of the other kind, and is this one in its place.
    pub(super) classic_before: Option<Box<ClassicGroup>>,
    /// The group was made.
    pub(super) is_created: bool,
    /// What was changed, in the order in which it was made.
    pub(super) changes: Vec<Change>,
    /// The group was taken out.
    pub(super) consumer_before: Option<Box<ConsumerGroup>>,
    /// A classic group was made in its place.
    pub(super) is_classic_made: bool,
}

impl GroupCoordinator {
    /// Writes what was decided, and answers when it is committed. If nothing was, the answer still waits for what was
    /// decided before: it may tell of that.
    pub(super) fn write_consumer(&mut self, records: Vec<Record>, done: ConsumerDone) {
        let now = self.shared.now;
        let done = Done::Consumer(Box::new(done));
        if records.is_empty() {
            if let Err(mut done) = self.shared.journal.push_after_all(done, now) {
                self.finish(&mut done, Fate::Committed);
            }
            return;
        }
        let records = records.into_iter().map(|record| (record, Replay::Group)).collect();
        self.shared.journal.push(JournalDecision { kind: BatchKind::Plain, records, done }, now);
    }

    /// The records of a decision are committed, or are not.
    pub(in super::super) fn finish_consumer(&mut self, done: &mut ConsumerDone, fate: Fate) {
        self.shared.finish_reply(&mut done.reply, fate);
        if fate == Fate::Committed
            && let Some(join) = done.joined.take()
            && let Some(group) = self.consumer_groups.get_mut(&done.group)
        {
            group.await_sync(&mut self.shared, &join);
        }
    }

    /// Takes a decision back.
    pub(super) fn undo_consumer(&mut self, group_id: &Arc<str>, undo: Undo, error: ErrorCode) {
        let Self { groups, consumer_groups, shared, .. } = self;
        if undo.is_classic_made
            && let Some(mut group) = groups.remove(group_id)
        {
            group.answer_all(shared, from_append(error));
            group.cancel_timers(shared);
        }
        if let Some(group) = undo.consumer_before {
            consumer_groups.insert(Arc::clone(group_id), *group);
        }
        if let Some(group) = consumer_groups.get_mut(group_id) {
            for change in undo.changes.into_iter().rev() {
                group.replay(change);
            }
            group.checked_topics = None;
            group.watch_all(shared);
        }
        if undo.is_created
            && let Some(mut group) = consumer_groups.remove(group_id)
        {
            group.cancel_timers(shared);
        }
        if let Some(mut group) = undo.classic_before {
            group.resume(shared);
            groups.insert(Arc::clone(group_id), *group);
        }
    }

    /// Takes a decision back whose records the log refused.
    pub(in super::super) fn undo_consumer_done(&mut self, done: ConsumerDone, error: ErrorCode) {
        self.undo_consumer(&done.group, done.undo, error);
    }
}
