//! The records of groups and offsets in `__consumer_offsets`, as bytes.
//!
//! ```text
//!   key:    i16 record type,    body of the key in version 0
//!   value:  i16 value version,  body of the value           or null: a tombstone
//! ```
//! Record types of other kinds of groups, and of newer brokers, are skipped. Source: Kafka
//! `GroupCoordinatorRecordSerde`, `GroupCoordinatorRecordHelpers`.

use bytes::Bytes;
use ottla_protocol::message::{Message, StoredRecord};
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{LeaderEpoch, Offset, TopicId};
use ottla_protocol::wire::{DecodeError, Reader, Writer};

use super::consumer::{self, Change, Unreadable, is_consumer_record};
use super::offsets::{CommittedOffset, OffsetKey};
use crate::host::Record;
use crate::messages::{
    GroupMetadataKey, GroupMetadataValue, LegacyOffsetCommitKey, LegacyOffsetCommitValue, OffsetCommitKey,
    OffsetCommitValue,
};

/// Version of [`GroupMetadataValue`] that is written.
const GROUP_METADATA_VERSION: i16 = 3;
/// Version of [`OffsetCommitValue`] that is written.
const OFFSET_COMMIT_VERSION: i16 = 4;
/// The only version that can carry an expire timestamp.
const OFFSET_COMMIT_VERSION_WITH_EXPIRY: i16 = 1;

/// A record that cannot be replayed. The partition must not be served without it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The key cannot be read.
    #[error("unreadable key of the record at offset {offset}: {source}")]
    Key {
        /// Where the record is.
        offset: Offset,
        /// What is wrong.
        source: DecodeError,
    },
    /// The value cannot be read.
    #[error("unreadable value of type {record_type} at offset {offset}: {source}")]
    Value {
        /// Where the record is.
        offset: Offset,
        /// Type of the record.
        record_type: i16,
        /// What is wrong.
        source: DecodeError,
    },
}

/// A record that tells of groups or offsets.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum GroupRecord {
    /// An offset was committed, or deleted.
    Offset { group: String, topic: String, partition: i32, value: Option<CommittedOffset> },
    /// A classic group has a new generation, or is gone.
    Group { group: String, value: Option<GroupMetadataValue> },
    /// A consumer group has changed.
    Consumer { group: String, change: Change },
}

/// The record of a committed offset, or its tombstone.
pub(super) fn offset_commit(key: &OffsetKey, value: Option<&CommittedOffset>) -> Record {
    let OffsetKey { group, topic, partition } = key;
    let key = OffsetCommitKey { group: (**group).into(), topic: (**topic).into(), partition: *partition };
    let value = value.map(|value| {
        let version = match value.expire_timestamp {
            Some(_) => OFFSET_COMMIT_VERSION_WITH_EXPIRY,
            None => OFFSET_COMMIT_VERSION,
        };
        let value = OffsetCommitValue {
            offset: value.offset.0,
            leader_epoch: value.leader_epoch.0,
            metadata: (*value.metadata).into(),
            commit_timestamp: value.commit_timestamp.0,
            expire_timestamp: value.expire_timestamp.unwrap_or(Timestamp::NONE).0,
            topic_id: value.topic_id.0,
        };
        encode(version, &value, version)
    });
    Record { key: encode(OffsetCommitKey::RECORD_TYPE, &key, 0), value }
}

/// The record of a classic group's generation, or its tombstone.
pub(super) fn group_metadata(group: &str, value: Option<&GroupMetadataValue>) -> Record {
    let key = GroupMetadataKey { group: group.to_owned() };
    Record {
        key: encode(GroupMetadataKey::RECORD_TYPE, &key, 0),
        value: value.map(|value| encode(GROUP_METADATA_VERSION, value, GROUP_METADATA_VERSION)),
    }
}

pub(super) fn encode(prefix: i16, message: &impl Message, version: i16) -> Bytes {
    let mut writer = Writer::new();
    writer.i16(prefix);
    message.encode(&mut writer, version);
    writer.into_vec().into()
}

/// Reads a record of the log; `None` if its type is none of ours.
pub(super) fn decode(
    offset: Offset,
    key: &[u8],
    value: Option<&[u8]>,
) -> Result<Option<GroupRecord>, LoadError> {
    let mut reader = Reader::new(key);
    let key_error = |source| LoadError::Key { offset, source };
    let record_type = reader.i16().map_err(key_error)?;
    let value_error = |source| LoadError::Value { offset, record_type, source };
    let record = match record_type {
        OffsetCommitKey::RECORD_TYPE => {
            let key = OffsetCommitKey::decode(&mut reader, 0).map_err(key_error)?;
            let value: Option<OffsetCommitValue> =
                value.map(decode_value).transpose().map_err(value_error)?;
            let value = value.map(Into::into);
            GroupRecord::Offset { group: key.group, topic: key.topic, partition: key.partition, value }
        }
        LegacyOffsetCommitKey::RECORD_TYPE => {
            let key = LegacyOffsetCommitKey::decode(&mut reader, 0).map_err(key_error)?;
            let value: Option<LegacyOffsetCommitValue> =
                value.map(decode_value).transpose().map_err(value_error)?;
            let value = value.map(|value| {
                let LegacyOffsetCommitValue { offset, metadata, commit_timestamp } = value;
                OffsetCommitValue { offset, metadata, commit_timestamp, ..Default::default() }.into()
            });
            GroupRecord::Offset { group: key.group, topic: key.topic, partition: key.partition, value }
        }
        GroupMetadataKey::RECORD_TYPE => {
            let key = GroupMetadataKey::decode(&mut reader, 0).map_err(key_error)?;
            let value = value.map(decode_value).transpose().map_err(value_error)?;
            GroupRecord::Group { group: key.group, value }
        }
        _ if is_consumer_record(record_type) => {
            let decoded = consumer::decode(record_type, &mut reader, value);
            let (group, change) = decoded.map_err(|unreadable| match unreadable {
                Unreadable::Key(source) => key_error(source),
                Unreadable::Value(source) => value_error(source),
            })?;
            GroupRecord::Consumer { group, change }
        }
        _ => return Ok(None),
    };
    Ok(Some(record))
}

pub(super) fn decode_value<M: Message>(bytes: &[u8]) -> Result<M, DecodeError> {
    let mut reader = Reader::new(bytes);
    let version = reader.i16()?;
    M::decode(&mut reader, version)
}

impl From<OffsetCommitValue> for CommittedOffset {
    fn from(value: OffsetCommitValue) -> Self {
        let expire_timestamp = Timestamp(value.expire_timestamp);
        Self {
            offset: Offset(value.offset),
            leader_epoch: LeaderEpoch(value.leader_epoch),
            metadata: value.metadata.into(),
            commit_timestamp: Timestamp(value.commit_timestamp),
            expire_timestamp: (expire_timestamp != Timestamp::NONE).then_some(expire_timestamp),
            topic_id: TopicId(value.topic_id),
        }
    }
}
