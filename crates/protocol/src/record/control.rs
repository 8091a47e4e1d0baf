//! Control records: what coordinators and the metadata quorum write into a log for its readers, not for consumers.
//!
//! The key is a version (0) and a type. A transaction marker's value is a version and the body; a quorum record's value is
//! the message alone, which holds its version itself. Source: Kafka `ControlRecordType`, `EndTransactionMarker`,
//! `ControlRecordUtils`; KIP-98, KIP-595, KIP-630, KIP-853.

use super::builder::{BatchBuilder, BatchOptions};
use crate::time::Timestamp;
use crate::types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId};

/// What a control record says. The value of a quorum record is a message of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ControlRecordType {
    /// A transaction of the batch's producer has been aborted.
    Abort,
    /// A transaction of the batch's producer has been committed.
    Commit,
    /// The quorum has a new leader (`LeaderChangeMessage`).
    LeaderChange,
    /// A snapshot begins (`SnapshotHeaderRecord`).
    SnapshotHeader,
    /// A snapshot is complete (`SnapshotFooterRecord`).
    SnapshotFooter,
    /// The quorum's `kraft.version` (`KRaftVersionRecord`).
    KraftVersion,
    /// The quorum's voters (`VotersRecord`).
    KraftVoters,
}

/// A control record that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlRecordError {
    /// Key or value is missing or too short.
    #[error("control record {part} of {size} bytes is too short")]
    TooShort {
        /// `key` or `value`.
        part: &'static str,
        /// Its size.
        size: usize,
    },
    /// A negative version.
    #[error("control record version {version} is negative")]
    NegativeVersion {
        /// The version.
        version: i16,
    },
}

const KEY_VERSION: i16 = 0;
const MARKER_VERSION: i16 = 0;

impl ControlRecordType {
    /// Every type, in the order of their codes.
    pub const ALL: [Self; 7] = [
        Self::Abort,
        Self::Commit,
        Self::LeaderChange,
        Self::SnapshotHeader,
        Self::SnapshotFooter,
        Self::KraftVersion,
        Self::KraftVoters,
    ];

    /// The code in the key.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Abort => 0,
            Self::Commit => 1,
            Self::LeaderChange => 2,
            Self::SnapshotHeader => 3,
            Self::SnapshotFooter => 4,
            Self::KraftVersion => 5,
            Self::KraftVoters => 6,
        }
    }

    /// The key of records of this type.
    #[must_use]
    pub const fn key(self) -> [u8; 4] {
        let [a, b] = KEY_VERSION.to_be_bytes();
        let [c, d] = self.code().to_be_bytes();
        [a, b, c, d]
    }

    /// The type that a key names; `None` for a type of the future, which readers skip. A newer key version may add fields
    /// behind.
    pub fn from_key(key: Option<&[u8]>) -> Result<Option<Self>, ControlRecordError> {
        let key = key.unwrap_or_default();
        let Some(&[a, b, c, d]) = key.first_chunk() else {
            return Err(ControlRecordError::TooShort { part: "key", size: key.len() });
        };
        let version = i16::from_be_bytes([a, b]);
        if version < 0 {
            return Err(ControlRecordError::NegativeVersion { version });
        }
        let code = i16::from_be_bytes([c, d]);
        Ok(Self::ALL.into_iter().find(|kind| kind.code() == code))
    }

    /// Whether records of this type end a transaction.
    #[must_use]
    pub const fn is_transaction_marker(self) -> bool {
        matches!(self, Self::Abort | Self::Commit)
    }
}

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransactionResult {
    /// Its records are to be skipped by readers of committed data.
    Abort,
    /// Its records are valid.
    Commit,
}

impl From<TransactionResult> for ControlRecordType {
    fn from(result: TransactionResult) -> Self {
        match result {
            TransactionResult::Abort => Self::Abort,
            TransactionResult::Commit => Self::Commit,
        }
    }
}

/// The mark that ends a transaction on a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndTransactionMarker {
    /// How it ended.
    pub result: TransactionResult,
    /// Epoch of the transaction coordinator: a deposed one's marks are refused.
    pub coordinator_epoch: i32,
}

impl EndTransactionMarker {
    /// The marker that a control record holds, or `None` if it is another kind of control record.
    pub fn from_record(key: Option<&[u8]>, value: Option<&[u8]>) -> Result<Option<Self>, ControlRecordError> {
        let result = match ControlRecordType::from_key(key)? {
            Some(ControlRecordType::Abort) => TransactionResult::Abort,
            Some(ControlRecordType::Commit) => TransactionResult::Commit,
            _ => return Ok(None),
        };
        let value = value.unwrap_or_default();
        let Some(&[a, b, epoch @ ..]) = value.first_chunk::<6>() else {
            return Err(ControlRecordError::TooShort { part: "value", size: value.len() });
        };
        let version = i16::from_be_bytes([a, b]);
        if version < 0 {
            return Err(ControlRecordError::NegativeVersion { version });
        }
        Ok(Some(Self { result, coordinator_epoch: i32::from_be_bytes(epoch) }))
    }

    /// The value of the marker's record.
    #[must_use]
    pub fn value(&self) -> [u8; 6] {
        let [a, b] = MARKER_VERSION.to_be_bytes();
        let [c, d, e, f] = self.coordinator_epoch.to_be_bytes();
        [a, b, c, d, e, f]
    }

    /// The batch of one marker for a producer's transaction, uncompressed, at offset 0.
    ///
    /// Panics if `producer_id` or `producer_epoch` is "none". Source: Kafka `MemoryRecords.withEndTransactionMarker`.
    #[must_use]
    pub fn batch(
        &self,
        producer_id: ProducerId,
        producer_epoch: ProducerEpoch,
        timestamp: Timestamp,
    ) -> Vec<u8> {
        let options =
            BatchOptions { producer_id, producer_epoch, is_transactional: true, ..BatchOptions::default() };
        control_batch(options, timestamp, &[(self.result.into(), &self.value())])
    }
}

/// A batch of quorum records, uncompressed. A record's value is the encoded message.
///
/// Source: Kafka `MemoryRecords.withLeaderChangeMessage` and its like.
#[must_use]
pub fn quorum_batch(
    base_offset: Offset,
    leader_epoch: LeaderEpoch,
    timestamp: Timestamp,
    records: &[(ControlRecordType, &[u8])],
) -> Vec<u8> {
    let options = BatchOptions { base_offset, leader_epoch, ..BatchOptions::default() };
    control_batch(options, timestamp, records)
}

fn control_batch(
    options: BatchOptions,
    timestamp: Timestamp,
    records: &[(ControlRecordType, &[u8])],
) -> Vec<u8> {
    let mut builder = BatchBuilder::new(BatchOptions { is_control: true, ..options });
    for (kind, value) in records {
        builder
            .append(timestamp, Some(&kind.key()), Some(value), &[])
            .expect("a few small records of the present");
    }
    builder.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_name_their_types() {
        for (kind, code) in ControlRecordType::ALL.into_iter().zip(0u8..) {
            assert_eq!(kind.key(), [0, 0, 0, code]);
            assert_eq!(ControlRecordType::from_key(Some(&kind.key())), Ok(Some(kind)));
        }
        assert_eq!(ControlRecordType::from_key(Some(&[0, 0, 0, 7])), Ok(None), "a type of the future");
        assert_eq!(ControlRecordType::from_key(Some(&[0, 9, 0, 1, 5])), Ok(Some(ControlRecordType::Commit)));
        assert_eq!(
            ControlRecordType::from_key(Some(&[0xff, 0xff, 0, 1])),
            Err(ControlRecordError::NegativeVersion { version: -1 })
        );
        assert_eq!(
            ControlRecordType::from_key(Some(&[0; 3])),
            Err(ControlRecordError::TooShort { part: "key", size: 3 })
        );
        assert_eq!(
            ControlRecordType::from_key(None),
            Err(ControlRecordError::TooShort { part: "key", size: 0 })
        );
    }

    #[test]
    fn markers_round_trip() {
        for result in [TransactionResult::Abort, TransactionResult::Commit] {
            let marker = EndTransactionMarker { result, coordinator_epoch: 77 };
            let key = ControlRecordType::from(result).key();
            assert_eq!(
                EndTransactionMarker::from_record(Some(&key), Some(&marker.value())),
                Ok(Some(marker))
            );
            assert_eq!(
                EndTransactionMarker::from_record(Some(&key), Some(&marker.value()[..5])),
                Err(ControlRecordError::TooShort { part: "value", size: 5 })
            );
        }
        let other = ControlRecordType::LeaderChange.key();
        assert_eq!(EndTransactionMarker::from_record(Some(&other), None), Ok(None));
    }
}
