//! One consumer group of KIP-848: the coordinator assigns, the members reconcile with what they were assigned.
//!
//! ```text
//!   group epoch       grows when members, subscriptions or topics change
//!   assignment epoch  follows: a target assignment is computed for the group epoch, one in an interval at most
//!   member epoch      follows: each member moves to the target by its own heartbeats
//!
//!   STABLE ── target is new ──► UNREVOKED_PARTITIONS   keeps its epoch until it owns no partition that it must give up
//!     ▲                                │
//!     └───────────── UNRELEASED_PARTITIONS   in the new epoch; waits for partitions that others still own
//! ```
//!
//! Everything but timers is the sum of the group's records: [`replay`](ConsumerGroup::replay) is its only writer, at
//! start-up and at run time. A decision replays its records as it makes them, so that what is decided next sees them;
//! each replay gives back the change that takes it back, for when the log refuses the records.
//! Source: KIP-848; Kafka `ConsumerGroup`, `ModernGroup`, `GroupMetadataManager`.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_metadata::api_error::ApiError;
use ottla_protocol::types::TopicId;

mod assignor;
mod change;
mod classic_members;
mod convert;
mod decision;
mod describe;
mod heartbeat;
mod leave;
mod lifecycle;
mod member;
mod offsets;
mod pattern;
mod reconcile;
mod record;
mod regexes;
mod replay;
mod settings;
mod static_member;
mod subscription;
mod target;
mod timers;
mod topics;

pub use assignor::is_served as is_assignor_served;
pub(super) use change::Change;
pub(super) use decision::ConsumerDone;
pub(super) use describe::GROUP_TYPE as CONSUMER_GROUP_TYPE;
pub(super) use heartbeat::check_request;
pub(super) use offsets::Admission;
pub(super) use record::{Unreadable, decode, is_consumer_record};
pub use regexes::{RegexJob, ResolvedRegexes};
pub use settings::{ConsumerGroupConfig, GroupTime, MigrationPolicy};
pub(super) use timers::ConsumerTimer;
pub(super) use topics::TopicsView;

use change::{Partitions, ResolvedRegex};
use decision::unknown_member;
use member::Member;
use settings::GroupSettings;
use timers::MemberTimers;

/// Epoch of a group, and of its target assignment, that no record tells of.
const FIRST_EPOCH: i32 = 1;

/// Where a group stands. `Dead` is no state here: a group that is gone is not in the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConsumerState {
    /// No members.
    Empty,
    /// The target assignment is behind the group epoch.
    Assigning,
    /// Some member is behind the target assignment.
    Reconciling,
    /// Every member has what the target assignment gives it.
    Stable,
}

impl ConsumerState {
    /// The state's name on the wire.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::Assigning => "Assigning",
            Self::Reconciling => "Reconciling",
            Self::Stable => "Stable",
        }
    }
}

/// In how many ways a group is subscribed to a topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct SubscriptionCount {
    /// Members that name it.
    by_name: usize,
    /// Regular expressions of the group that match it.
    by_regex: usize,
}

/// One consumer group.
#[derive(Debug)]
pub(super) struct ConsumerGroup {
    id: Arc<str>,
    group_epoch: i32,
    /// Hash of what the topics that the group is subscribed to were like in this group epoch.
    metadata_hash: i64,
    assignment_epoch: i32,
    /// When the target assignment was computed, in milliseconds since 1970; 0 if not known.
    assignment_timestamp_ms: i64,
    /// In order of member id.
    members: BTreeMap<Arc<str>, Member>,
    /// What each member is to have.
    targets: BTreeMap<Arc<str>, Arc<Partitions>>,
    /// The topics that each regular expression matched when it was resolved last.
    regexes: BTreeMap<Arc<str>, Arc<ResolvedRegex>>,
    /// Whether the log has a record of a kind that was written before 4.1, to be deleted.
    has_subscription_metadata: bool,

    // What follows is derived from the records.
    /// Member id by instance id.
    static_members: BTreeMap<String, Arc<str>>,
    subscribed_topics: BTreeMap<String, SubscriptionCount>,
    /// Number of members by regular expression.
    subscribed_regexes: BTreeMap<String, usize>,
    /// Number of members that ask for each assignor.
    server_assignors: BTreeMap<String, usize>,
    /// Number of members that use the classic protocol.
    classic_count: usize,
    /// Number of those by protocol that they offer.
    classic_protocols: BTreeMap<String, usize>,
    /// Who holds each partition, be it to give it up. Invariant: one member at most, until its current assignment says
    /// otherwise.
    owners: BTreeMap<(TopicId, i32), Arc<str>>,

    // What follows is soft.
    settings: GroupSettings,
    timers: BTreeMap<Arc<str>, MemberTimers>,
    /// The topics' version at which the metadata hash was compared last; `None` if it has to be.
    checked_topics: Option<u64>,
    /// A resolution of the regular expressions is under way.
    is_resolving: bool,
}

impl ConsumerGroup {
    /// A group without members.
    pub(super) fn new(id: Arc<str>) -> Self {
        Self {
            id,
            group_epoch: FIRST_EPOCH,
            metadata_hash: 0,
            assignment_epoch: FIRST_EPOCH,
            assignment_timestamp_ms: 0,
            members: BTreeMap::new(),
            targets: BTreeMap::new(),
            regexes: BTreeMap::new(),
            has_subscription_metadata: false,
            static_members: BTreeMap::new(),
            subscribed_topics: BTreeMap::new(),
            subscribed_regexes: BTreeMap::new(),
            server_assignors: BTreeMap::new(),
            classic_count: 0,
            classic_protocols: BTreeMap::new(),
            owners: BTreeMap::new(),
            settings: GroupSettings::default(),
            timers: BTreeMap::new(),
            checked_topics: None,
            is_resolving: false,
        }
    }

    /// The group's id.
    pub(super) fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// Whether it has no members.
    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Whether a member may be reading `topic`.
    pub(super) fn is_subscribed_to(&self, topic: &str) -> bool {
        self.subscribed_topics.contains_key(topic)
    }

    /// Where it stands. O(members).
    pub(super) fn state(&self) -> ConsumerState {
        if self.members.is_empty() {
            ConsumerState::Empty
        } else if self.group_epoch > self.assignment_epoch {
            ConsumerState::Assigning
        } else if self.members.values().all(|member| member.is_reconciled_to(self.assignment_epoch)) {
            ConsumerState::Stable
        } else {
            ConsumerState::Reconciling
        }
    }

    /// The member of this id, under the name that the map has for it.
    fn member(&self, member_id: &str) -> Result<(&Arc<str>, &Member), ApiError> {
        self.members.get_key_value(member_id).ok_or_else(|| unknown_member(&self.id, member_id))
    }

    /// The member of this instance id.
    fn static_member(&self, instance_id: &str) -> Option<(&Arc<str>, &Member)> {
        self.members.get_key_value(self.static_members.get(instance_id)?)
    }

    /// What the target assignment gives a member.
    fn target(&self, member_id: &str) -> Arc<Partitions> {
        self.targets.get(member_id).cloned().unwrap_or_default()
    }

    /// The assignor that most members ask for, or the broker's first.
    fn preferred_assignor<'a>(&'a self, config: &'a ConsumerGroupConfig) -> &'a str {
        let preferred = self.server_assignors.iter().max_by_key(|(_, count)| **count);
        preferred.map_or_else(|| config.default_assignor(), |(name, _)| name)
    }
}
