//! What one record of a consumer group says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ottla_protocol::types::TopicId;

use super::member::CurrentAssignment;
pub(super) use crate::messages::ConsumerGroupMemberMetadataValue as MemberMetadata;

/// Partitions by topic. No topic is without partitions.
pub(in super::super) type Partitions = BTreeMap<TopicId, BTreeSet<i32>>;

/// The topics that a regular expression matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct ResolvedRegex {
    /// Their names.
    pub(super) topics: BTreeSet<String>,
    /// Offset of the metadata log up to which topics were known then.
    pub(super) version: i64,
    /// When it was resolved, in milliseconds since 1970.
    pub(super) timestamp_ms: i64,
}

/// A change of one keyed value of a group; `None` is its tombstone.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Change {
    /// The group's epoch and metadata hash.
    Group(Option<(i32, i64)>),
    /// Whether there is a record of topics' metadata, as brokers before 4.1 wrote it.
    SubscriptionMetadata(bool),
    /// What a member said of itself.
    Member(Arc<str>, Option<Arc<MemberMetadata>>),
    /// The target assignment's epoch, and its time in milliseconds since 1970.
    TargetEpoch(Option<(i32, i64)>),
    /// What a member is to have.
    Target(Arc<str>, Option<Arc<Partitions>>),
    /// What a member has.
    Current(Arc<str>, Option<Arc<CurrentAssignment>>),
    /// What a regular expression matches.
    Regex(Arc<str>, Option<Arc<ResolvedRegex>>),
}
