// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `StreamsGroupMetadataValue` and what it holds.

use std::ops::RangeInclusive;

use crate::message::{self, Message, StoredRecord};
use crate::wire::{DecodeError, Reader, Writer};

/// Value of coordinator records of type 17: version 0, flexible.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamsGroupMetadataValue {
    /// `Epoch`.
    pub epoch: i32,
    /// `MetadataHash`.
    pub metadata_hash: i64,
    /// `ValidatedTopologyEpoch`, tag 0, default -1.
    pub validated_topology_epoch: i32,
    /// `LastAssignmentConfigs`, tag 1, default `Some(Vec::new())`.
    pub last_assignment_configs: Option<Vec<LastAssignmentConfig>>,
    /// `StoredDescriptionTopologyEpoch`, tag 2, default -1.
    pub stored_description_topology_epoch: i32,
    /// `FailedDescriptionTopologyEpoch`, tag 3, default -1.
    pub failed_description_topology_epoch: i32,
}

impl Default for StreamsGroupMetadataValue {
    fn default() -> Self {
        Self {
            epoch: 0,
            metadata_hash: 0,
            validated_topology_epoch: -1,
            last_assignment_configs: Some(Vec::new()),
            stored_description_topology_epoch: -1,
            failed_description_topology_epoch: -1,
        }
    }
}

impl Message for StreamsGroupMetadataValue {
    const NAME: &'static str = "StreamsGroupMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let mut this = Self {
            epoch: reader.i32()?,
            metadata_hash: reader.i64()?,
            validated_topology_epoch: -1,
            last_assignment_configs: Some(Vec::new()),
            stored_description_topology_epoch: -1,
            failed_description_topology_epoch: -1,
        };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 => this.validated_topology_epoch = reader.i32()?,
                1 => {
                    this.last_assignment_configs =
                        reader.nullable_array(version, LastAssignmentConfig::decode)?
                }
                2 => this.stored_description_topology_epoch = reader.i32()?,
                3 => this.failed_description_topology_epoch = reader.i32()?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.i32(self.epoch);
        writer.i64(self.metadata_hash);
        let has_validated_topology_epoch = self.validated_topology_epoch != -1;
        let has_last_assignment_configs = self.last_assignment_configs != Some(Vec::new());
        let has_stored_description_topology_epoch = self.stored_description_topology_epoch != -1;
        let has_failed_description_topology_epoch = self.failed_description_topology_epoch != -1;
        writer.unsigned_varint(
            u32::from(has_validated_topology_epoch)
                + u32::from(has_last_assignment_configs)
                + u32::from(has_stored_description_topology_epoch)
                + u32::from(has_failed_description_topology_epoch),
        );
        if has_validated_topology_epoch {
            let start = writer.begin_tagged_field(0);
            writer.i32(self.validated_topology_epoch);
            writer.end_tagged_field(start);
        }
        if has_last_assignment_configs {
            let start = writer.begin_tagged_field(1);
            writer.nullable_array(
                version,
                self.last_assignment_configs.as_deref(),
                LastAssignmentConfig::encode,
            );
            writer.end_tagged_field(start);
        }
        if has_stored_description_topology_epoch {
            let start = writer.begin_tagged_field(2);
            writer.i32(self.stored_description_topology_epoch);
            writer.end_tagged_field(start);
        }
        if has_failed_description_topology_epoch {
            let start = writer.begin_tagged_field(3);
            writer.i32(self.failed_description_topology_epoch);
            writer.end_tagged_field(start);
        }
    }
}

impl StoredRecord for StreamsGroupMetadataValue {
    const RECORD_TYPE: i16 = 17;
}

/// `LastAssignmentConfig` in `StreamsGroupMetadataValue`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct LastAssignmentConfig {
    /// `Key`.
    pub key: String,
    /// `Value`.
    pub value: String,
}

impl LastAssignmentConfig {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { key: reader.string()?, value: reader.string()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.string(&self.key);
        writer.string(&self.value);
        writer.no_tagged_fields();
    }
}
