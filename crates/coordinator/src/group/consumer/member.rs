//! One member: what it said of itself, and what it has.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_protocol::types::TopicId;

use super::change::{MemberMetadata, Partitions};
use crate::messages::{ClassicMemberMetadata, HeartbeatTopicPartitions};

/// Epoch of a member that leaves.
pub(super) const LEAVE_EPOCH: i32 = -1;
/// Epoch of a static member that leaves for a while.
pub(super) const LEAVE_STATIC_EPOCH: i32 = -2;
/// Epoch of a member that joins.
pub(super) const JOIN_EPOCH: i32 = 0;

/// Partitions of a member, each with the epoch in which the member got it. No topic is without partitions.
pub(super) type HeldPartitions = BTreeMap<TopicId, BTreeMap<i32, i32>>;

/// How far a member is on its way to the target assignment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum MemberState {
    /// It has what it is to have.
    #[default]
    Stable,
    /// It has to give up partitions first.
    UnrevokedPartitions,
    /// It waits for partitions that others have to give up.
    UnreleasedPartitions,
    /// A newer broker wrote a state that is not known here.
    Unknown,
}

impl MemberState {
    /// The value in records.
    pub(super) fn value(self) -> i8 {
        match self {
            Self::Stable => 0,
            Self::UnrevokedPartitions => 1,
            Self::UnreleasedPartitions => 2,
            Self::Unknown => 127,
        }
    }

    /// The state with this value.
    pub(super) fn from_value(value: i8) -> Self {
        match value {
            0 => Self::Stable,
            1 => Self::UnrevokedPartitions,
            2 => Self::UnreleasedPartitions,
            _ => Self::Unknown,
        }
    }
}

/// What a member has, and in which epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct CurrentAssignment {
    pub(super) member_epoch: i32,
    /// The epoch before: the answer that told the member of the present one may be lost.
    pub(super) previous_member_epoch: i32,
    pub(super) state: MemberState,
    pub(super) assigned: HeldPartitions,
    /// What it must give up.
    pub(super) pending_revocation: HeldPartitions,
}

/// What a member has that just came.
static NO_ASSIGNMENT: CurrentAssignment = CurrentAssignment {
    member_epoch: JOIN_EPOCH,
    previous_member_epoch: -1,
    state: MemberState::Stable,
    assigned: BTreeMap::new(),
    pending_revocation: BTreeMap::new(),
};

static NO_METADATA: MemberMetadata = MemberMetadata {
    instance_id: None,
    rack_id: None,
    client_id: String::new(),
    client_host: String::new(),
    subscribed_topic_names: Vec::new(),
    subscribed_topic_regex: Some(String::new()),
    rebalance_timeout_ms: -1,
    server_assignor: None,
    classic_member_metadata: None,
};

/// One member. It is there as long as one of its records is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Member {
    pub(super) metadata: Option<Arc<MemberMetadata>>,
    pub(super) current: Option<Arc<CurrentAssignment>>,
}

impl Member {
    /// What it said of itself.
    pub(super) fn metadata(&self) -> &MemberMetadata {
        self.metadata.as_deref().unwrap_or(&NO_METADATA)
    }

    /// What it has.
    pub(super) fn current(&self) -> &CurrentAssignment {
        self.current.as_deref().unwrap_or(&NO_ASSIGNMENT)
    }

    /// Its epoch.
    pub(super) fn epoch(&self) -> i32 {
        self.current().member_epoch
    }

    /// Whether it has what the target assignment of this epoch gives it.
    pub(super) fn is_reconciled_to(&self, assignment_epoch: i32) -> bool {
        let current = self.current();
        current.state == MemberState::Stable && current.member_epoch == assignment_epoch
    }

    /// What it said of itself as a member of the classic protocol, if it uses that.
    pub(super) fn classic(&self) -> Option<&ClassicMemberMetadata> {
        self.metadata().classic_member_metadata.as_ref()
    }

    /// The regular expression that it is subscribed to.
    pub(super) fn regex(&self) -> Option<&str> {
        regex_of(self.metadata())
    }
}

/// The regular expression that a member is subscribed to; none is written as an empty one.
pub(super) fn regex_of(metadata: &MemberMetadata) -> Option<&str> {
    metadata.subscribed_topic_regex.as_deref().filter(|regex| !regex.is_empty())
}

/// Whether all of `owned` is in `held`. A member that does not say what it owns may own anything.
pub(super) fn is_subset(owned: Option<&[HeartbeatTopicPartitions]>, held: &HeldPartitions) -> bool {
    let has = |topic_id, partition| {
        held.get(&TopicId(topic_id)).is_some_and(|partitions| partitions.contains_key(partition))
    };
    owned.is_some_and(|owned| {
        owned.iter().all(|topic| topic.partitions.iter().all(|partition| has(topic.topic_id, partition)))
    })
}

/// Whether some of `owned` is in `held`. A member that does not say what it owns may own anything.
pub(super) fn owns_any(owned: Option<&[HeartbeatTopicPartitions]>, held: &HeldPartitions) -> bool {
    let has = |topic_id, partition| {
        held.get(&TopicId(topic_id)).is_some_and(|partitions| partitions.contains_key(partition))
    };
    owned.is_none_or(|owned| {
        owned.iter().any(|topic| topic.partitions.iter().any(|partition| has(topic.topic_id, partition)))
    })
}

/// The same partitions without their epochs.
pub(super) fn without_epochs(held: &HeldPartitions) -> Partitions {
    held.iter().map(|(topic, partitions)| (*topic, partitions.keys().copied().collect())).collect()
}
