//! Subscriptions by regular expression: resolved off the coordinator's thread, and again as topics come.
//! Source: Kafka `maybeUpdateRegularExpressions`, `handleRegularExpressionsResult`, `TopicRegexResolver`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ottla_metadata::api_error::ApiError;
use ottla_metadata::image::MetadataImage;

use super::super::coordinator::{GroupCoordinator, Shared};
use super::super::interface::Effect;
use super::change::ResolvedRegex;
use super::decision::{ConsumerDone, Decision, Undo};
use super::pattern::Pattern;
use super::topics::TopicsView;
use super::{Change, ConsumerGroup};
use crate::messages::ErrorCode;

/// The least time between two resolutions of a group's expressions, in milliseconds.
const REFRESH_INTERVAL_MS_MIN: i64 = 10_000;

/// Work for another thread: find the topics that regular expressions match.
#[derive(Clone, Debug, PartialEq)]
pub struct RegexJob {
    group: Arc<str>,
    regexes: Vec<Arc<str>>,
    image: Arc<MetadataImage>,
    started_ms: i64,
}

/// What a [`RegexJob`] found.
#[derive(Clone, Debug, PartialEq)]
pub struct ResolvedRegexes {
    group: Arc<str>,
    resolved: BTreeMap<Arc<str>, Arc<ResolvedRegex>>,
}

impl RegexJob {
    /// Does the work. O(topics × expressions). `is_visible` says whether who asked may describe a topic.
    #[must_use]
    pub fn run(self, is_visible: impl Fn(&str) -> bool) -> ResolvedRegexes {
        let version = self.image.provenance.last_contained_offset.0;
        let resolve = |regex: Arc<str>| {
            // It was compiled before it was accepted.
            let pattern = Pattern::new(&regex).ok();
            let names = self.image.topics.iter().map(|topic| &*topic.name);
            let matched = names.filter(|name| pattern.as_ref().is_some_and(|pattern| pattern.matches(name)));
            let topics: BTreeSet<String> =
                matched.filter(|name| is_visible(name)).map(str::to_owned).collect();
            (regex, Arc::new(ResolvedRegex { topics, version, timestamp_ms: self.started_ms }))
        };
        ResolvedRegexes { group: self.group, resolved: self.regexes.into_iter().map(resolve).collect() }
    }
}

/// What a member's heartbeat means for its regular expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RegexUpdate {
    Unchanged,
    /// It is another, and will have to be resolved.
    Updated,
    /// It is another, and it is known what it matches.
    Resolved,
}

/// When the expressions of a group were resolved last, in milliseconds since 1970, and with which topics.
#[derive(Clone, Copy)]
pub(super) struct LastRefresh {
    at_ms: i64,
    version: i64,
}

impl ConsumerGroup {
    /// When the expressions were resolved last.
    pub(super) fn last_refresh(&self) -> LastRefresh {
        let last = self.regexes.values().next();
        last.map_or(LastRefresh { at_ms: i64::MIN, version: 0 }, |resolved| LastRefresh {
            at_ms: resolved.timestamp_ms,
            version: resolved.version,
        })
    }
}

impl Decision<'_> {
    /// A member, whose metadata is written, has the expression `after` where it had `before`. Has the group's expressions
    /// resolved if they need it.
    pub(super) fn update_regex(
        &mut self,
        shared: &mut Shared,
        topics: &TopicsView,
        last: LastRefresh,
        before: Option<&str>,
        after: Option<&str>,
    ) -> Result<RegexUpdate, ApiError> {
        let mut update = RegexUpdate::Unchanged;
        let mut is_due = false;
        if before != after {
            update = RegexUpdate::Updated;
            if let Some(before) = before
                && !self.group.subscribed_regexes.contains_key(before)
            {
                self.apply(Change::Regex(before.into(), None));
            }
            match after {
                Some(after) if self.group.subscribed_regexes.get(after) == Some(&1) => {
                    Pattern::new(after).map_err(|error| invalid(after, &error))?;
                    is_due = true;
                }
                Some(after) if !self.group.regexes.contains_key(after) => {}
                Some(_) | None => update = RegexUpdate::Resolved,
            }
        }
        let now_ms = shared.now.wall.0;
        let group = &mut *self.group;
        if group.subscribed_regexes.is_empty()
            || group.is_resolving
            || now_ms <= last.at_ms.saturating_add(REFRESH_INTERVAL_MS_MIN)
        {
            return Ok(update);
        }
        is_due |= group.subscribed_regexes.len() != group.regexes.len()
            || last.version < topics.new_topics_at()
            || now_ms > last.at_ms.saturating_add(shared.config.consumer.regex_refresh_interval_ms);
        if is_due {
            group.is_resolving = true;
            shared.ask(Effect::ResolveRegexes(RegexJob {
                group: Arc::clone(&group.id),
                regexes: group.subscribed_regexes.keys().map(|regex| regex.as_str().into()).collect(),
                image: Arc::clone(topics.image()),
                started_ms: now_ms,
            }));
        }
        Ok(update)
    }
}

fn invalid(regex: &str, error: &str) -> ApiError {
    ApiError::new(
        ErrorCode::INVALID_REGULAR_EXPRESSION,
        format!("SubscribedTopicRegex `{regex}` is not a valid regular expression: {error}."),
    )
}

impl GroupCoordinator {
    /// Writes what regular expressions match.
    pub(in super::super) fn regexes_resolved(&mut self, found: ResolvedRegexes) {
        let Some(group) = self.consumer_groups.get_mut(&found.group) else { return };
        group.is_resolving = false;
        let mut decision = Decision::new(group);
        let mut is_changed = false;
        for (regex, resolved) in found.resolved {
            if !decision.group.subscribed_regexes.contains_key(&*regex) {
                continue;
            }
            let before = decision.group.regexes.get(&regex);
            is_changed |=
                before.map_or(!resolved.topics.is_empty(), |before| before.topics != resolved.topics);
            decision.apply(Change::Regex(regex, Some(resolved)));
        }
        decision.update_group_epoch(is_changed, &mut self.topics);
        let Decision { records, undo: changes, .. } = decision;
        let undo = Undo { changes, ..Undo::default() };
        self.write_consumer(records, ConsumerDone { group: found.group, reply: None, joined: None, undo });
    }
}
