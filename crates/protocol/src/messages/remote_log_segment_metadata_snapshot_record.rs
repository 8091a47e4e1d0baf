// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.

//! `RemoteLogSegmentMetadataSnapshotRecord` and what it holds.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::message::{self, Message, StoredRecord};
use crate::types::Uuid;
use crate::wire::{DecodeError, Reader, Writer};

/// Remote log metadata record of type 3: version 0, flexible.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct RemoteLogSegmentMetadataSnapshotRecord {
    /// `SegmentId`.
    pub segment_id: Uuid,
    /// `StartOffset`.
    pub start_offset: i64,
    /// `EndOffset`.
    pub end_offset: i64,
    /// `BrokerId`.
    pub broker_id: i32,
    /// `MaxTimestampMs`.
    pub max_timestamp_ms: i64,
    /// `EventTimestampMs`.
    pub event_timestamp_ms: i64,
    /// `SegmentLeaderEpochs`.
    pub segment_leader_epochs: Vec<SegmentLeaderEpochEntry>,
    /// `SegmentSizeInBytes`.
    pub segment_size_in_bytes: i32,
    /// `CustomMetadata`.
    pub custom_metadata: Option<Bytes>,
    /// `RemoteLogSegmentState`.
    pub remote_log_segment_state: i8,
    /// `TxnIndexEmpty`, tag 0.
    pub txn_index_empty: bool,
}

impl Message for RemoteLogSegmentMetadataSnapshotRecord {
    const NAME: &'static str = "RemoteLogSegmentMetadataSnapshotRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        message::begin_decode::<Self>(reader, version)?;
        let mut this = Self {
            segment_id: reader.uuid()?,
            start_offset: reader.i64()?,
            end_offset: reader.i64()?,
            broker_id: reader.i32()?,
            max_timestamp_ms: reader.i64()?,
            event_timestamp_ms: reader.i64()?,
            segment_leader_epochs: reader.array(version, SegmentLeaderEpochEntry::decode)?,
            segment_size_in_bytes: reader.i32()?,
            custom_metadata: reader.nullable_bytes()?,
            remote_log_segment_state: reader.i8()?,
            txn_index_empty: false,
        };
        for _ in 0..reader.tagged_field_count()? {
            let field = reader.tagged_field()?;
            match field.tag {
                0 => this.txn_index_empty = reader.bool()?,
                _ => reader.skip_tagged_field(&field),
            }
            reader.end_tagged_field(&field)?;
        }
        Ok(this)
    }

    fn encode(&self, writer: &mut Writer, version: i16) {
        message::begin_encode::<Self>(writer, version);
        writer.uuid(self.segment_id);
        writer.i64(self.start_offset);
        writer.i64(self.end_offset);
        writer.i32(self.broker_id);
        writer.i64(self.max_timestamp_ms);
        writer.i64(self.event_timestamp_ms);
        writer.array(version, &self.segment_leader_epochs, SegmentLeaderEpochEntry::encode);
        writer.i32(self.segment_size_in_bytes);
        writer.nullable_bytes(self.custom_metadata.as_deref());
        writer.i8(self.remote_log_segment_state);
        let has_txn_index_empty = self.txn_index_empty;
        writer.unsigned_varint(u32::from(has_txn_index_empty));
        if has_txn_index_empty {
            let start = writer.begin_tagged_field(0);
            writer.bool(self.txn_index_empty);
            writer.end_tagged_field(start);
        }
    }
}

impl StoredRecord for RemoteLogSegmentMetadataSnapshotRecord {
    const RECORD_TYPE: i16 = 3;
}

/// `SegmentLeaderEpochEntry` in `RemoteLogSegmentMetadataSnapshotRecord`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SegmentLeaderEpochEntry {
    /// `LeaderEpoch`.
    pub leader_epoch: i32,
    /// `Offset`.
    pub offset: i64,
}

impl SegmentLeaderEpochEntry {
    pub(crate) fn decode(reader: &mut Reader<'_>, _version: i16) -> Result<Self, DecodeError> {
        let this = Self { leader_epoch: reader.i32()?, offset: reader.i64()? };
        reader.skip_tagged_fields()?;
        Ok(this)
    }

    pub(crate) fn encode(&self, writer: &mut Writer, _version: i16) {
        writer.i32(self.leader_epoch);
        writer.i64(self.offset);
        writer.no_tagged_fields();
    }
}
