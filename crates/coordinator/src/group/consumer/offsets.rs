//! Who may commit and fetch offsets of a consumer group, and the group's end.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_protocol::types::TopicId;

use super::super::offsets::Committer;
use super::member::{HeldPartitions, Member};
use super::record::to_record;
use super::{Change, ConsumerGroup};
use crate::host::Record;
use crate::messages::ErrorCode;

/// From this version on OffsetCommit speaks of member epochs.
const MEMBER_EPOCHS_FROM: i16 = 9;

/// Which partitions a member may commit.
#[derive(Debug)]
pub(in super::super) enum Admission {
    /// All.
    All,
    /// The member's epoch is an older one: those that it was assigned by then, and still has. For others the error.
    Held {
        /// Epoch of assignment by partition.
        held: BTreeMap<(TopicId, i32), i32>,
        /// The epoch that the member says.
        epoch: i32,
        /// What is wrong with the others.
        error: ErrorCode,
    },
}

impl Admission {
    /// Whether a partition may be committed.
    pub(in super::super) fn admit(&self, topic_id: TopicId, partition: i32) -> Result<(), ErrorCode> {
        match self {
            Self::All => Ok(()),
            Self::Held { held, epoch, error } => match held.get(&(topic_id, partition)) {
                Some(assigned_in) if assigned_in <= epoch => Ok(()),
                _ => Err(*error),
            },
        }
    }
}

impl ConsumerGroup {
    /// Which partitions `committer` may commit. Source: Kafka `ConsumerGroup.validateOffsetCommit`.
    pub(in super::super) fn admit_commit(
        &self,
        committer: &Committer<'_>,
        api_version: i16,
    ) -> Result<Admission, ErrorCode> {
        let Committer { member_id, group_instance_id, generation: epoch, is_transactional } = *committer;
        if epoch < 0 && self.members.is_empty() {
            return Ok(Admission::All);
        }
        if is_transactional && epoch == -1 && member_id.is_empty() && group_instance_id.is_none() {
            return Ok(Admission::All);
        }
        let member = self.members.get(member_id).ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?;
        let is_classic = member.classic().is_some();
        if !is_transactional && !is_classic && api_version < MEMBER_EPOCHS_FROM {
            return Err(ErrorCode::UNSUPPORTED_VERSION);
        }
        // A producer knows no member epochs.
        let error = epoch_error(is_classic || is_transactional);
        if epoch > member.epoch() {
            return Err(error);
        }
        if epoch == member.epoch() {
            return Ok(Admission::All);
        }
        Ok(Admission::Held { held: held(member), epoch, error })
    }

    /// Whether a member may fetch offsets. Whoever does not say that it is a member may.
    /// Source: Kafka `ConsumerGroup.validateOffsetFetch`.
    pub(in super::super) fn admit_fetch(&self, member_id: Option<&str>, epoch: i32) -> Result<(), ErrorCode> {
        if member_id.is_none() && epoch < 0 {
            return Ok(());
        }
        let member = member_id.and_then(|id| self.members.get(id)).ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?;
        if epoch == member.epoch() { Ok(()) } else { Err(epoch_error(member.classic().is_some())) }
    }

    /// The tombstones of everything that the log has of the group, in Kafka's order.
    /// Source: Kafka `ConsumerGroup.createGroupTombstoneRecords`.
    pub(in super::super) fn tombstones(&self) -> Vec<Record> {
        let members = || self.members.keys().map(Arc::clone);
        let changes = members()
            .map(|id| Change::Current(id, None))
            .chain(members().map(|id| Change::Target(id, None)))
            .chain([Change::TargetEpoch(None)])
            .chain(members().map(|id| Change::Member(id, None)))
            .chain(self.regexes.keys().map(|regex| Change::Regex(Arc::clone(regex), None)))
            .chain([Change::SubscriptionMetadata(false), Change::Group(None)]);
        changes.map(|change| to_record(&self.id, &change)).collect()
    }
}

fn epoch_error(is_classic: bool) -> ErrorCode {
    if is_classic { ErrorCode::ILLEGAL_GENERATION } else { ErrorCode::STALE_MEMBER_EPOCH }
}

/// Epoch of assignment by partition, of all that the member has, be it to give it up.
fn held(member: &Member) -> BTreeMap<(TopicId, i32), i32> {
    let flat = |held: &HeldPartitions| -> Vec<((TopicId, i32), i32)> {
        let flat = held.iter().flat_map(|(topic, partitions)| {
            partitions.iter().map(|(partition, epoch)| ((*topic, *partition), *epoch))
        });
        flat.collect()
    };
    let current = member.current();
    let mut all: BTreeMap<_, _> = flat(&current.pending_revocation).into_iter().collect();
    all.extend(flat(&current.assigned));
    all
}
