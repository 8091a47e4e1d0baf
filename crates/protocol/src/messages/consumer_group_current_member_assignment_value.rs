// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `ConsumerGroupCurrentMemberAssignmentValue` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Value of coordinator records of type 8: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ConsumerGroupCurrentMemberAssignmentValue {
    /// `MemberEpoch`.
    pub member_epoch: i32,
    /// `PreviousMemberEpoch`.
    pub previous_member_epoch: i32,
    /// `State`.
    pub state: i8,
    /// `AssignedPartitions`.
    pub assigned_partitions: Vec<TopicPartitions>,
    /// `PartitionsPendingRevocation`.
    pub partitions_pending_revocation: Vec<TopicPartitions>,
}

impl Message for ConsumerGroupCurrentMemberAssignmentValue {
    const NAME: &'static str = "ConsumerGroupCurrentMemberAssignmentValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let this = Self {
            member_epoch: reader.i32()?,
            previous_member_epoch: reader.i32()?,
            state: reader.i8()?,
            assigned_partitions: reader.array(version, TopicPartitions::decode)?,
            partitions_pending_revocation: reader.array(version, TopicPartitions::decode)?,
        };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.member_epoch);
        writer.i32(self.previous_member_epoch);
        writer.i8(self.state);
        writer.array(version, &self.assigned_partitions, TopicPartitions::encode);
        writer.array(version, &self.partitions_pending_revocation, TopicPartitions::encode);
        writer.no_tagged_fields();
    }
}

impl StoredRecord for ConsumerGroupCurrentMemberAssignmentValue {
    const RECORD_TYPE: i16 = 8;
}

/// `TopicPartitions` in `ConsumerGroupCurrentMemberAssignmentValue`.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicPartitions {
    /// `TopicId`.
    pub topic_id: Uuid,
    /// `Partitions`.
    pub partitions: Vec<i32>,
    /// `AssignmentEpochs`, tag 0, default `Some(Vec::new())`.
    pub assignment_epochs: Option<Vec<i32>>,
}

impl Default for TopicPartitions {
    fn default() -> Self {
        Self { topic_id: Uuid::ZERO, partitions: Vec::new(), assignment_epochs: Some(Vec::new()) }
    }
}

impl TopicPartitions {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let mut this = Self {
            topic_id: reader.uuid()?,
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
        writer.uuid(self.topic_id);
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
