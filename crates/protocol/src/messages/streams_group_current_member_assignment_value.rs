// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `StreamsGroupCurrentMemberAssignmentValue` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Value of coordinator records of type 22: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct StreamsGroupCurrentMemberAssignmentValue {
    /// `MemberEpoch`.
    pub member_epoch: i32,
    /// `PreviousMemberEpoch`.
    pub previous_member_epoch: i32,
    /// `State`.
    pub state: i8,
    /// `ActiveTasks`.
    pub active_tasks: Vec<TaskIds>,
    /// `StandbyTasks`.
    pub standby_tasks: Vec<TaskIds>,
    /// `WarmupTasks`.
    pub warmup_tasks: Vec<TaskIds>,
    /// `ActiveTasksPendingRevocation`.
    pub active_tasks_pending_revocation: Vec<TaskIds>,
    /// `StandbyTasksPendingRevocation`.
    pub standby_tasks_pending_revocation: Vec<TaskIds>,
    /// `WarmupTasksPendingRevocation`.
    pub warmup_tasks_pending_revocation: Vec<TaskIds>,
}

impl Message for StreamsGroupCurrentMemberAssignmentValue {
    const NAME: &'static str = "StreamsGroupCurrentMemberAssignmentValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            member_epoch: reader.i32()?,
            previous_member_epoch: reader.i32()?,
            state: reader.i8()?,
            active_tasks: reader.array(version, TaskIds::decode)?,
            standby_tasks: reader.array(version, TaskIds::decode)?,
            warmup_tasks: reader.array(version, TaskIds::decode)?,
            active_tasks_pending_revocation: reader.array(version, TaskIds::decode)?,
            standby_tasks_pending_revocation: reader.array(version, TaskIds::decode)?,
            warmup_tasks_pending_revocation: reader.array(version, TaskIds::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.member_epoch);
        writer.i32(self.previous_member_epoch);
        writer.i8(self.state);
        writer.array(version, &self.active_tasks, TaskIds::encode);
        writer.array(version, &self.standby_tasks, TaskIds::encode);
        writer.array(version, &self.warmup_tasks, TaskIds::encode);
        writer.array(version, &self.active_tasks_pending_revocation, TaskIds::encode);
        writer.array(version, &self.standby_tasks_pending_revocation, TaskIds::encode);
        writer.array(version, &self.warmup_tasks_pending_revocation, TaskIds::encode);
        writer.no_tagged_fields();
    }
}

impl StoredRecord for StreamsGroupCurrentMemberAssignmentValue {
    const RECORD_TYPE: i16 = 22;
}

/// `TaskIds` in `StreamsGroupCurrentMemberAssignmentValue`.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskIds {
    /// `SubtopologyId`.
    pub subtopology_id: String,
    /// `Partitions`.
    pub partitions: Vec<i32>,
    /// `AssignmentEpochs`, tag 0, default `Some(Vec::new())`.
    pub assignment_epochs: Option<Vec<i32>>,
}

impl Default for TaskIds {
    fn default() -> Self {
        Self { subtopology_id: String::new(), partitions: Vec::new(), assignment_epochs: Some(Vec::new()) }
    }
}

impl TaskIds {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let mut this = Self {
            subtopology_id: reader.string()?,
            partitions: reader.i32_array()?,
            assignment_epochs: Some(Vec::new()),
        };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 => this.assignment_epochs = reader.nullable_i32_array()?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.subtopology_id);
        writer.i32_array(&self.partitions);
        let has_assignment_epochs = self.assignment_epochs != Some(Vec::new());
        writer.unsigned_varint(u32::from(has_assignment_epochs));
        if has_assignment_epochs {
            let start = writer.begin_tagged_field(0);
            writer.nullable_i32_array(self.assignment_epochs.as_deref());
            writer.end_tagged_field(start);
        }
    }
}
