//! Static members: who has which instance id, and who takes over.

use std::sync::Arc;

use ottla_metadata::api_error::ApiError;

use super::decision::Decision;
use super::member::{CurrentAssignment, JOIN_EPOCH, LEAVE_STATIC_EPOCH, Member};
use super::{Change, ConsumerGroup};
use crate::messages::ErrorCode;

impl ConsumerGroup {
    /// The member that has an instance id. Errors: there is none, or it is another than `member_id`.
    pub(super) fn known_static_member(
        &self,
        member_id: &str,
        instance_id: &str,
    ) -> Result<(&Arc<str>, &Member), ApiError> {
        let Some((id, member)) = self.static_member(instance_id) else {
            let message = format!("Instance id {instance_id} is unknown.");
            return Err(ApiError::new(ErrorCode::UNKNOWN_MEMBER_ID, message));
        };
        if &**id != member_id {
            let message = format!(
                "Static member {member_id} with instance id {instance_id} was fenced by member {id}."
            );
            return Err(ApiError::new(ErrorCode::FENCED_INSTANCE_ID, message));
        }
        Ok((id, member))
    }
}

impl Decision<'_> {
    /// A static member joins, or comes back. `is_classic` says by which protocol.
    /// Source: Kafka `getOrMaybeSubscribeStaticConsumerGroupMember`.
    pub(super) fn join_static(
        &mut self,
        member_id: Arc<str>,
        instance_id: &str,
        is_classic: bool,
    ) -> Result<(Arc<str>, Member), ApiError> {
        let Some((old_id, old)) = self.group.static_member(instance_id) else {
            let known = self.group.members.get(&member_id).cloned().unwrap_or_default();
            return Ok((member_id, known));
        };
        // By the protocol of consumer groups, whoever has the id has to let go of it first.
        if !is_classic && old.classic().is_none() && old.epoch() != LEAVE_STATIC_EPOCH {
            return Err(ApiError::new(
                ErrorCode::UNRELEASED_INSTANCE_ID,
                format!(
                    "Static member {member_id} with instance id {instance_id} cannot join the group because the \
                     instance id is owned by {old_id} member."
                ),
            ));
        }
        let (old_id, old) = (Arc::clone(old_id), old.clone());
        let current = CurrentAssignment {
            member_epoch: JOIN_EPOCH,
            previous_member_epoch: JOIN_EPOCH,
            ..old.current().clone()
        };
        let new =
            Member { metadata: Some(Arc::new(old.metadata().clone())), current: Some(Arc::new(current)) };
        let target = self.group.target(&old_id);
        self.remove_member(&old_id);
        self.apply(Change::Member(Arc::clone(&member_id), new.metadata.clone()));
        self.apply(Change::Target(Arc::clone(&member_id), Some(target)));
        self.apply(Change::Current(Arc::clone(&member_id), new.current.clone()));
        Ok((member_id, new))
    }

    /// Writes the tombstones of a member.
    pub(super) fn remove_member(&mut self, member_id: &Arc<str>) {
        self.apply(Change::Current(Arc::clone(member_id), None));
        self.apply(Change::Target(Arc::clone(member_id), None));
        self.apply(Change::Member(Arc::clone(member_id), None));
    }
}
