// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `PartitionRecord` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Metadata record of type 3: versions 0 to 2, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionRecord {
    /// `PartitionId`, default -1.
    pub partition_id: i32,
    /// `TopicId`.
    pub topic_id: Uuid,
    /// `Replicas`.
    pub replicas: Vec<i32>,
    /// `Isr`.
    pub isr: Vec<i32>,
    /// `RemovingReplicas`.
    pub removing_replicas: Vec<i32>,
    /// `AddingReplicas`.
    pub adding_replicas: Vec<i32>,
    /// `Leader`, default -1.
    pub leader: i32,
    /// `LeaderRecoveryState`, tag 0.
    pub leader_recovery_state: i8,
    /// `LeaderEpoch`, default -1.
    pub leader_epoch: i32,
    /// `PartitionEpoch`, default -1.
    pub partition_epoch: i32,
    /// `Directories`, from version 1.
    pub directories: Vec<Uuid>,
    /// `EligibleLeaderReplicas`, from version 2, tag 1.
    pub eligible_leader_replicas: Option<Vec<i32>>,
    /// `LastKnownElr`, from version 2, tag 2.
    pub last_known_elr: Option<Vec<i32>>,
}

impl Default for PartitionRecord {
    fn default() -> Self {
        Self {
            partition_id: -1,
            topic_id: Uuid::ZERO,
            replicas: Vec::new(),
            isr: Vec::new(),
            removing_replicas: Vec::new(),
            adding_replicas: Vec::new(),
            leader: -1,
            leader_recovery_state: 0,
            leader_epoch: -1,
            partition_epoch: -1,
            directories: Vec::new(),
            eligible_leader_replicas: None,
            last_known_elr: None,
        }
    }
}

impl Message for PartitionRecord {
    const NAME: &'static str = "PartitionRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let mut this = Self {
            partition_id: reader.i32()?,
            topic_id: reader.uuid()?,
            replicas: reader.i32_array()?,
            isr: reader.i32_array()?,
            removing_replicas: reader.i32_array()?,
            adding_replicas: reader.i32_array()?,
            leader: reader.i32()?,
            leader_recovery_state: 0,
            leader_epoch: reader.i32()?,
            partition_epoch: reader.i32()?,
            directories: if version >= 1 { reader.uuid_array()? } else { Vec::new() },
            eligible_leader_replicas: None,
            last_known_elr: None,
        };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 => this.leader_recovery_state = reader.i8()?,
                1 if version >= 2 => this.eligible_leader_replicas = reader.nullable_i32_array()?,
                2 if version >= 2 => this.last_known_elr = reader.nullable_i32_array()?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.partition_id);
        writer.uuid(self.topic_id);
        writer.i32_array(&self.replicas);
        writer.i32_array(&self.isr);
        writer.i32_array(&self.removing_replicas);
        writer.i32_array(&self.adding_replicas);
        writer.i32(self.leader);
        writer.i32(self.leader_epoch);
        writer.i32(self.partition_epoch);
        if version >= 1 {
            writer.uuid_array(&self.directories);
        }
        let has_leader_recovery_state = self.leader_recovery_state != 0;
        let has_eligible_leader_replicas = version >= 2 && self.eligible_leader_replicas.is_some();
        let has_last_known_elr = version >= 2 && self.last_known_elr.is_some();
        writer.unsigned_varint(
            u32::from(has_leader_recovery_state)
                + u32::from(has_eligible_leader_replicas)
                + u32::from(has_last_known_elr),
        );
        if has_leader_recovery_state {
            let start = writer.begin_tagged_field(0);
            writer.i8(self.leader_recovery_state);
            writer.end_tagged_field(start);
        }
        if has_eligible_leader_replicas {
            let start = writer.begin_tagged_field(1);
            writer.nullable_i32_array(self.eligible_leader_replicas.as_deref());
            writer.end_tagged_field(start);
        }
        if has_last_known_elr {
            let start = writer.begin_tagged_field(2);
            writer.nullable_i32_array(self.last_known_elr.as_deref());
            writer.end_tagged_field(start);
        }
    }
}

impl StoredRecord for PartitionRecord {
    const RECORD_TYPE: i16 = 3;
}
