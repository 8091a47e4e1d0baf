// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `StreamsGroupTargetAssignmentMemberValue` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Value of coordinator records of type 21: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct StreamsGroupTargetAssignmentMemberValue {
    /// `ActiveTasks`.
    pub active_tasks: Vec<TaskIds>,
    /// `StandbyTasks`.
    pub standby_tasks: Vec<TaskIds>,
    /// `WarmupTasks`.
    pub warmup_tasks: Vec<TaskIds>,
}

impl Message for StreamsGroupTargetAssignmentMemberValue {
    const NAME: &'static str = "StreamsGroupTargetAssignmentMemberValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            active_tasks: reader.array(version, TaskIds::decode)?,
            standby_tasks: reader.array(version, TaskIds::decode)?,
            warmup_tasks: reader.array(version, TaskIds::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.array(version, &self.active_tasks, TaskIds::encode);
        writer.array(version, &self.standby_tasks, TaskIds::encode);
        writer.array(version, &self.warmup_tasks, TaskIds::encode);
        writer.no_tagged_fields();
    }
}

impl StoredRecord for StreamsGroupTargetAssignmentMemberValue {
    const RECORD_TYPE: i16 = 21;
}

/// `TaskIds` in `StreamsGroupTargetAssignmentMemberValue`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TaskIds {
    /// `SubtopologyId`.
    pub subtopology_id: String,
    /// `Partitions`.
    pub partitions: Vec<i32>,
}

impl TaskIds {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { subtopology_id: reader.string()?, partitions: reader.i32_array()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.subtopology_id);
        writer.i32_array(&self.partitions);
        writer.no_tagged_fields();
    }
}
