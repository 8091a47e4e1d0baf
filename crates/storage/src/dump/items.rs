//! The items of a dump, as text and as JSON.

use std::fmt;

use ottla_protocol::record::{Compression, TimestampType};
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId};
use serde_json::{Value, json};

use crate::index::transaction::AbortedTransactionEntry;
use crate::layout::SnapshotName;
use crate::leader_epochs::EpochEntry;
use crate::producer_state::snapshot::SnapshotEntry;

/// One line of a dump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DumpItem {
    /// A segment begins.
    LogStart(Offset),
    /// A metadata snapshot begins.
    Snapshot(SnapshotName),
    /// The bootstrap snapshot begins.
    Bootstrap,
    /// A batch.
    Batch(Box<BatchItem>),
    /// A record of the batch before.
    Record(Box<RecordItem>),
    /// Bytes at the end that are no batch.
    TrailingBytes {
        /// How many.
        size: u64,
        /// What is wrong with them.
        reason: String,
    },
    /// An entry of an offset index.
    OffsetEntry {
        /// Last offset of the batch.
        offset: Offset,
        /// Where it begins.
        position: u32,
    },
    /// An entry of a time index.
    TimeEntry {
        /// Largest timestamp so far.
        timestamp: Timestamp,
        /// Last offset of the batch that has it.
        offset: Offset,
    },
    /// An entry of a transaction index.
    AbortedTransaction(AbortedTransactionEntry),
    /// A producer of a snapshot.
    Producer(SnapshotEntry),
    /// An entry of the leader epochs.
    Epoch(EpochEntry),
}

/// A batch, as its header tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchItem {
    /// Where it begins, in bytes.
    pub position: u64,
    /// Size in bytes.
    pub size: usize,
    /// First offset; `None` for a compressed set of old.
    pub base_offset: Option<Offset>,
    /// Last offset.
    pub last_offset: Offset,
    /// Count of records; `None` for magic 0 and 1.
    pub count: Option<i32>,
    /// Sequence of the first record, -1 if none.
    pub base_sequence: i32,
    /// Sequence of the last record, -1 if none.
    pub last_sequence: i32,
    /// The producer, -1 if none.
    pub producer_id: ProducerId,
    /// Its epoch, -1 if none.
    pub producer_epoch: ProducerEpoch,
    /// Epoch of the leader, -1 if not known.
    pub leader_epoch: LeaderEpoch,
    /// It belongs to a transaction.
    pub is_transactional: bool,
    /// It holds control records.
    pub is_control: bool,
    /// When compaction may drop its tombstones.
    pub delete_horizon: Option<Timestamp>,
    /// Whose clock the timestamps come from; `None` for magic 0.
    pub timestamp_type: Option<TimestampType>,
    /// Largest timestamp.
    pub max_timestamp: Timestamp,
    /// Format.
    pub magic: i8,
    /// Codec; `None` if the code names none.
    pub compression: Option<Compression>,
    /// CRC as stored.
    pub crc: u32,
    /// The CRC matches the bytes.
    pub is_valid: bool,
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordItem {
    /// Its offset.
    pub offset: Offset,
    /// Whose clock its timestamp comes from; `None` for magic 0.
    pub timestamp_type: Option<TimestampType>,
    /// Its timestamp.
    pub timestamp: Timestamp,
    /// Its sequence, -1 if none.
    pub sequence: i32,
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// Its value.
    pub value: Option<Vec<u8>>,
    /// Its headers.
    pub headers: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    /// What it says if it is a control record.
    pub control: Option<ControlItem>,
}

/// A control record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlItem {
    /// `COMMIT`, `ABORT`, `LEADER_CHANGE` and so on; `UNKNOWN` if the type is from the future.
    pub kind: &'static str,
    /// Epoch of the transaction coordinator, of a marker.
    pub coordinator_epoch: Option<i32>,
}

impl fmt::Display for DumpItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LogStart(offset) => write!(f, "Log starting offset: {offset}"),
            Self::Snapshot(SnapshotName { offset, epoch }) => {
                write!(f, "Snapshot end offset: {offset}, epoch: {epoch}")
            }
            Self::Bootstrap => f.write_str("KRaft bootstrap snapshot"),
            Self::Batch(batch) => batch.fmt(f),
            Self::Record(record) => record.fmt(f),
            Self::TrailingBytes { size, reason } => {
                write!(f, "Found {size} invalid bytes at the end ({reason})")
            }
            Self::OffsetEntry { offset, position } => write!(f, "offset: {offset} position: {position}"),
            Self::TimeEntry { timestamp, offset } => write!(f, "timestamp: {timestamp} offset: {offset}"),
            Self::AbortedTransaction(entry) => write!(
                f,
                "version: 0 producerId: {} firstOffset: {} lastOffset: {} lastStableOffset: {}",
                entry.producer_id, entry.first_offset, entry.last_offset, entry.last_stable_offset
            ),
            Self::Producer(producer) => fmt_producer(producer, f),
            Self::Epoch(EpochEntry { epoch, start_offset }) => {
                write!(f, "leaderEpoch: {epoch} startOffset: {start_offset}")
            }
        }
    }
}

fn fmt_producer(producer: &SnapshotEntry, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(
        f,
        "producerId: {} producerEpoch: {} coordinatorEpoch: {} currentTxnFirstOffset: ",
        producer.producer_id, producer.epoch, producer.coordinator_epoch
    )?;
    match producer.transaction_first_offset {
        Some(offset) => write!(f, "OptionalLong[{offset}]")?,
        None => f.write_str("OptionalLong.empty")?,
    }
    write!(f, " lastTimestamp: {}", producer.timestamp)?;
    if producer.last_offset >= Offset::ZERO {
        let first =
            ottla_protocol::record::batch::decrement_sequence(producer.last_sequence, producer.offset_delta);
        write!(
            f,
            " firstSequence: {first} lastSequence: {} lastOffset: {} offsetDelta: {} timestamp: {}",
            producer.last_sequence, producer.last_offset, producer.offset_delta, producer.timestamp
        )?;
    }
    Ok(())
}

impl fmt::Display for BatchItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let java = |value: Option<Timestamp>| {
            value.map_or("OptionalLong.empty".to_owned(), |it| format!("OptionalLong[{it}]"))
        };
        if let Some(count) = self.count {
            write!(
                f,
                "baseOffset: {} lastOffset: {} count: {count} baseSequence: {} lastSequence: {} producerId: {} \
                 producerEpoch: {} partitionLeaderEpoch: {} isTransactional: {} isControl: {} deleteHorizonMs: {}",
                self.base_offset.unwrap_or(Offset::UNKNOWN),
                self.last_offset,
                self.base_sequence,
                self.last_sequence,
                self.producer_id,
                self.producer_epoch,
                self.leader_epoch,
                self.is_transactional,
                self.is_control,
                java(self.delete_horizon),
            )?;
        } else {
            write!(f, "offset: {}", self.last_offset)?;
        }
        write!(
            f,
            " position: {} {}: {} size: {} magic: {} compresscodec: {} crc: {} isvalid: {}",
            self.position,
            timestamp_type_name(self.timestamp_type),
            self.max_timestamp,
            self.size,
            self.magic,
            self.compression.map_or("unknown", Compression::name),
            self.crc,
            self.is_valid
        )
    }
}

impl fmt::Display for RecordItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or(-1, |bytes| bytes.len() as i64);
        let keys: Vec<_> = self.headers.iter().map(|(key, _)| String::from_utf8_lossy(key)).collect();
        write!(
            f,
            "| offset: {} {}: {} keySize: {} valueSize: {} sequence: {} headerKeys: [{}]",
            self.offset,
            timestamp_type_name(self.timestamp_type),
            self.timestamp,
            size(&self.key),
            size(&self.value),
            self.sequence,
            keys.join(",")
        )?;
        if let Some(control) = &self.control {
            return match control.coordinator_epoch {
                Some(epoch) => write!(f, " endTxnMarker: {} coordinatorEpoch: {epoch}", control.kind),
                None => write!(f, " controlType: {}", control.kind),
            };
        }
        for (name, bytes) in [("key", &self.key), ("payload", &self.value)] {
            if let Some(bytes) = bytes {
                write!(f, " {name}: {}", String::from_utf8_lossy(bytes))?;
            }
        }
        Ok(())
    }
}

const fn timestamp_type_name(timestamp_type: Option<TimestampType>) -> &'static str {
    match timestamp_type {
        Some(timestamp_type) => timestamp_type.name(),
        None => "NoTimestampType",
    }
}

impl DumpItem {
    /// The item as one JSON object. Keys and values that are not UTF-8 come as arrays of bytes.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Self::LogStart(offset) => json!({"logStartingOffset": offset.0}),
            Self::Snapshot(SnapshotName { offset, epoch }) => {
                json!({"snapshotEndOffset": offset.0, "epoch": epoch})
            }
            Self::Bootstrap => json!({"snapshot": "bootstrap"}),
            Self::Batch(batch) => batch.to_json(),
            Self::Record(record) => record.to_json(),
            Self::TrailingBytes { size, reason } => json!({"invalidBytes": size, "reason": reason}),
            Self::OffsetEntry { offset, position } => json!({"offset": offset.0, "position": position}),
            Self::TimeEntry { timestamp, offset } => json!({"timestamp": timestamp.0, "offset": offset.0}),
            Self::AbortedTransaction(entry) => json!({
                "producerId": entry.producer_id.0,
                "firstOffset": entry.first_offset.0,
                "lastOffset": entry.last_offset.0,
                "lastStableOffset": entry.last_stable_offset.0,
            }),
            Self::Producer(producer) => json!({
                "producerId": producer.producer_id.0,
                "producerEpoch": producer.epoch.0,
                "coordinatorEpoch": producer.coordinator_epoch,
                "currentTxnFirstOffset": producer.transaction_first_offset.map(|offset| offset.0),
                "lastTimestamp": producer.timestamp.0,
                "lastSequence": producer.last_sequence,
                "lastOffset": producer.last_offset.0,
                "offsetDelta": producer.offset_delta,
            }),
            Self::Epoch(EpochEntry { epoch, start_offset }) => {
                json!({"leaderEpoch": epoch.0, "startOffset": start_offset.0})
            }
        }
    }
}

impl BatchItem {
    fn to_json(&self) -> Value {
        json!({
            "baseOffset": self.base_offset.map(|offset| offset.0),
            "lastOffset": self.last_offset.0,
            "count": self.count,
            "baseSequence": self.base_sequence,
            "lastSequence": self.last_sequence,
            "producerId": self.producer_id.0,
            "producerEpoch": self.producer_epoch.0,
            "partitionLeaderEpoch": self.leader_epoch.0,
            "isTransactional": self.is_transactional,
            "isControl": self.is_control,
            "deleteHorizonMs": self.delete_horizon.map(|time| time.0),
            "position": self.position,
            "timestampType": timestamp_type_name(self.timestamp_type),
            "maxTimestamp": self.max_timestamp.0,
            "size": self.size,
            "magic": self.magic,
            "compression": self.compression.map(Compression::name),
            "crc": self.crc,
            "isValid": self.is_valid,
        })
    }
}

impl RecordItem {
    fn to_json(&self) -> Value {
        let bytes = |bytes: &Option<Vec<u8>>| bytes.as_deref().map_or(Value::Null, text_or_bytes);
        let headers: Vec<_> = self
            .headers
            .iter()
            .map(|(key, value)| json!({"key": String::from_utf8_lossy(key), "value": bytes(value)}))
            .collect();
        let control = self
            .control
            .as_ref()
            .map(|control| json!({"type": control.kind, "coordinatorEpoch": control.coordinator_epoch}));
        json!({
            "offset": self.offset.0,
            "timestamp": self.timestamp.0,
            "sequence": self.sequence,
            "key": bytes(&self.key),
            "value": bytes(&self.value),
            "headers": headers,
            "control": control,
        })
    }
}

fn text_or_bytes(bytes: &[u8]) -> Value {
    std::str::from_utf8(bytes).map_or_else(|_| json!(bytes), Value::from)
}
