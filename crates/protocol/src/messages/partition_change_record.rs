// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `PartitionChangeRecord` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Metadata record of type 5: versions 0 to 2, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionChangeRecord {
    /// `PartitionId`, default -1.
    pub partition_id: i32,
    /// `TopicId`.
    pub topic_id: Uuid,
    /// `Isr`, tag 0.
    pub isr: Option<Vec<i32>>,
    /// `Leader`, tag 1, default -2.
    pub leader: i32,
    /// `Replicas`, tag 2.
    pub replicas: Option<Vec<i32>>,
    /// `RemovingReplicas`, tag 3.
    pub removing_replicas: Option<Vec<i32>>,
    /// `AddingReplicas`, tag 4.
    pub adding_replicas: Option<Vec<i32>>,
    /// `LeaderRecoveryState`, tag 5, default -1.
    pub leader_recovery_state: i8,
    /// `Directories`, from version 1, tag 8.
    pub directories: Option<Vec<Uuid>>,
    /// `EligibleLeaderReplicas`, from version 2, tag 6.
    pub eligible_leader_replicas: Option<Vec<i32>>,
    /// `LastKnownElr`, from version 2, tag 7.
    pub last_known_elr: Option<Vec<i32>>,
}

impl Default for PartitionChangeRecord {
    fn default() -> Self {
        Self {
            partition_id: -1,
            topic_id: Uuid::ZERO,
            isr: None,
            leader: -2,
            replicas: None,
            removing_replicas: None,
            adding_replicas: None,
            leader_recovery_state: -1,
            directories: None,
            eligible_leader_replicas: None,
            last_known_elr: None,
        }
    }
}

impl Message for PartitionChangeRecord {
    const NAME: &'static str = "PartitionChangeRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let mut this = Self {
            partition_id: reader.i32()?,
            topic_id: reader.uuid()?,
            isr: None,
            leader: -2,
            replicas: None,
            removing_replicas: None,
            adding_replicas: None,
            leader_recovery_state: -1,
            directories: None,
            eligible_leader_replicas: None,
            last_known_elr: None,
        };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 => this.isr = reader.nullable_i32_array()?,
                1 => this.leader = reader.i32()?,
                2 => this.replicas = reader.nullable_i32_array()?,
                3 => this.removing_replicas = reader.nullable_i32_array()?,
                4 => this.adding_replicas = reader.nullable_i32_array()?,
                5 => this.leader_recovery_state = reader.i8()?,
                6 if version >= 2 => this.eligible_leader_replicas = reader.nullable_i32_array()?,
                7 if version >= 2 => this.last_known_elr = reader.nullable_i32_array()?,
                8 if version >= 1 => this.directories = reader.nullable_uuid_array()?,
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
        let has_isr = self.isr.is_some();
        let has_leader = self.leader != -2;
        let has_replicas = self.replicas.is_some();
        let has_removing_replicas = self.removing_replicas.is_some();
        let has_adding_replicas = self.adding_replicas.is_some();
        let has_leader_recovery_state = self.leader_recovery_state != -1;
        let has_eligible_leader_replicas = version >= 2 && self.eligible_leader_replicas.is_some();
        let has_last_known_elr = version >= 2 && self.last_known_elr.is_some();
        let has_directories = version >= 1 && self.directories.is_some();
        writer.unsigned_varint(
            u32::from(has_isr)
                + u32::from(has_leader)
                + u32::from(has_replicas)
                + u32::from(has_removing_replicas)
                + u32::from(has_adding_replicas)
                + u32::from(has_leader_recovery_state)
                + u32::from(has_eligible_leader_replicas)
                + u32::from(has_last_known_elr)
                + u32::from(has_directories),
        );
        if has_isr {
            let start = writer.begin_tagged_field(0);
            writer.nullable_i32_array(self.isr.as_deref());
            writer.end_tagged_field(start);
        }
        if has_leader {
            let start = writer.begin_tagged_field(1);
            writer.i32(self.leader);
            writer.end_tagged_field(start);
        }
        if has_replicas {
            let start = writer.begin_tagged_field(2);
            writer.nullable_i32_array(self.replicas.as_deref());
            writer.end_tagged_field(start);
        }
        if has_removing_replicas {
            let start = writer.begin_tagged_field(3);
            writer.nullable_i32_array(self.removing_replicas.as_deref());
            writer.end_tagged_field(start);
        }
        if has_adding_replicas {
            let start = writer.begin_tagged_field(4);
            writer.nullable_i32_array(self.adding_replicas.as_deref());
            writer.end_tagged_field(start);
        }
        if has_leader_recovery_state {
            let start = writer.begin_tagged_field(5);
            writer.i8(self.leader_recovery_state);
            writer.end_tagged_field(start);
        }
        if has_eligible_leader_replicas {
            let start = writer.begin_tagged_field(6);
            writer.nullable_i32_array(self.eligible_leader_replicas.as_deref());
            writer.end_tagged_field(start);
        }
        if has_last_known_elr {
            let start = writer.begin_tagged_field(7);
            writer.nullable_i32_array(self.last_known_elr.as_deref());
            writer.end_tagged_field(start);
        }
        if has_directories {
            let start = writer.begin_tagged_field(8);
            writer.nullable_uuid_array(self.directories.as_deref());
            writer.end_tagged_field(start);
        }
    }
}

impl StoredRecord for PartitionChangeRecord {
    const RECORD_TYPE: i16 = 5;
}
