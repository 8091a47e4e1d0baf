//! Producer snapshots: the state of all producers at an offset, so that recovery need not read the log from its start.
//!
//! ```text
//! i16 version (1) | u32 CRC-32C of what follows | i32 count | count x 46 bytes:
//!   i64 producer id | i16 epoch | i32 last sequence | i64 last offset | i32 offset delta | i64 timestamp
//!   | i32 coordinator epoch | i64 first offset of the open transaction, or -1
//! ```
//!
//! Only the last batch of a producer is kept. Source: Kafka `ProducerSnapshot.json`, `ProducerStateManager.writeSnapshot`.

use ottla_protocol::record::checksum::crc32c;
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{Offset, ProducerEpoch, ProducerId};

use super::{BatchMetadata, ProducerEntry, ProducerStates};

const VERSION: i16 = 1;
/// Where what the CRC covers begins.
const ENTRIES_OFFSET: usize = 2 + 4;
const ENTRY_SIZE: usize = 8 + 2 + 4 + 8 + 4 + 8 + 4 + 8;

/// The largest snapshot that is read: five million producers.
pub(crate) const SNAPSHOT_SIZE_MAX: u64 = 256 << 20;

/// A snapshot that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// Too short for its head.
    #[error("{0} bytes are too few for a producer snapshot")]
    Incomplete(usize),
    /// A version from the future.
    #[error("unknown producer snapshot version {0}")]
    Version(i16),
    /// The bytes are not those over which the CRC was computed.
    #[error("producer snapshot crc {stored:#010x} does not match computed {computed:#010x}")]
    Crc {
        /// In the file.
        stored: u32,
        /// Over the bytes.
        computed: u32,
    },
    /// The count and the bytes contradict each other.
    #[error("{count} producers do not fill {size} bytes")]
    Count {
        /// The count as it stands in the file.
        count: i32,
        /// Bytes behind it.
        size: usize,
    },
}

/// One producer of a snapshot, as it stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotEntry {
    /// The producer.
    pub producer_id: ProducerId,
    /// Its last epoch.
    pub epoch: ProducerEpoch,
    /// Sequence of its last record, -1 if there is none.
    pub last_sequence: i32,
    /// Offset of its last record, -1 if there is none.
    pub last_offset: Offset,
    /// Last offset less first offset of its last batch.
    pub offset_delta: i32,
    /// Timestamp of its last batch.
    pub timestamp: Timestamp,
    /// Epoch of the coordinator that wrote its last marker, -1 if there is none.
    pub coordinator_epoch: i32,
    /// First offset of its open transaction.
    pub transaction_first_offset: Option<Offset>,
}

/// The content of a snapshot file.
pub(crate) fn encode(states: &ProducerStates) -> Vec<u8> {
    let count = i32::try_from(states.entries().count()).expect("fewer than 2^31 producers");
    let mut bytes = Vec::with_capacity(ENTRIES_OFFSET + 4 + states.entries().count() * ENTRY_SIZE);
    bytes.extend_from_slice(&VERSION.to_be_bytes());
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(&count.to_be_bytes());
    for (producer_id, entry) in states.entries() {
        let none = BatchMetadata {
            last_sequence: -1,
            last_offset: Offset::UNKNOWN,
            offset_delta: 0,
            timestamp: Timestamp::NONE,
        };
        let batch = entry.last_batch().unwrap_or(none);
        bytes.extend_from_slice(&producer_id.0.to_be_bytes());
        bytes.extend_from_slice(&entry.epoch.0.to_be_bytes());
        bytes.extend_from_slice(&batch.last_sequence.to_be_bytes());
        bytes.extend_from_slice(&batch.last_offset.0.to_be_bytes());
        bytes.extend_from_slice(&batch.offset_delta.to_be_bytes());
        bytes.extend_from_slice(&entry.last_timestamp.0.to_be_bytes());
        bytes.extend_from_slice(&entry.coordinator_epoch.to_be_bytes());
        bytes.extend_from_slice(&entry.transaction_first_offset.unwrap_or(Offset::UNKNOWN).0.to_be_bytes());
    }
    let crc = crc32c(&bytes[ENTRIES_OFFSET..]);
    bytes[2..ENTRIES_OFFSET].copy_from_slice(&crc.to_be_bytes());
    bytes
}

/// The producers in the content of a snapshot file.
pub fn decode(bytes: &[u8]) -> Result<Vec<SnapshotEntry>, SnapshotError> {
    let incomplete = SnapshotError::Incomplete(bytes.len());
    let (version, rest) = bytes.split_first_chunk().ok_or(incomplete.clone())?;
    let version = i16::from_be_bytes(*version);
    if version != VERSION {
        return Err(SnapshotError::Version(version));
    }
    let (stored, covered) = rest.split_first_chunk().ok_or(incomplete.clone())?;
    let (stored, computed) = (u32::from_be_bytes(*stored), crc32c(covered));
    if stored != computed {
        return Err(SnapshotError::Crc { stored, computed });
    }
    let (count, entries) = covered.split_first_chunk().ok_or(incomplete)?;
    let count = i32::from_be_bytes(*count);
    if usize::try_from(count).ok().and_then(|count| count.checked_mul(ENTRY_SIZE)) != Some(entries.len()) {
        return Err(SnapshotError::Count { count, size: entries.len() });
    }
    Ok(entries.as_chunks::<ENTRY_SIZE>().0.iter().map(decode_entry).collect())
}

fn decode_entry(bytes: &[u8; ENTRY_SIZE]) -> SnapshotEntry {
    let mut at = 0;
    let mut take = |size: usize| {
        at += size;
        let field = &bytes[at - size..at];
        // Sign-extended to the widest of the fields.
        let negative = field[0] & 0x80 != 0;
        field.iter().fold(if negative { -1 } else { 0 }, |value: i64, byte| (value << 8) | i64::from(*byte))
    };
    SnapshotEntry {
        producer_id: ProducerId(take(8)),
        epoch: ProducerEpoch(take(2) as i16),
        last_sequence: take(4) as i32,
        last_offset: Offset(take(8)),
        offset_delta: take(4) as i32,
        timestamp: Timestamp(take(8)),
        coordinator_epoch: take(4) as i32,
        transaction_first_offset: Some(Offset(take(8))).filter(|offset| *offset >= Offset::ZERO),
    }
}

impl SnapshotEntry {
    pub(crate) fn into_entry(self) -> (ProducerId, ProducerEntry) {
        let mut entry = ProducerEntry::new(self.epoch);
        entry.coordinator_epoch = self.coordinator_epoch;
        entry.last_timestamp = self.timestamp;
        entry.transaction_first_offset = self.transaction_first_offset;
        if self.last_offset >= Offset::ZERO {
            entry.push(BatchMetadata {
                last_sequence: self.last_sequence,
                last_offset: self.last_offset,
                offset_delta: self.offset_delta,
                timestamp: self.timestamp,
            });
        }
        (self.producer_id, entry)
    }
}
