//! A transaction's record in `__transaction_state`, as bytes. Source: Kafka `TransactionLog`.

use std::collections::BTreeMap;

use bytes::Bytes;
use ottla_protocol::message::{Message, StoredRecord};
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{Offset, ProducerEpoch, ProducerId};
use ottla_protocol::wire::{DecodeError, Reader, Writer};

use super::interface::TopicPartition;
use super::metadata::Metadata;
use super::state::TransactionState;
use crate::host::Record;
use crate::messages::{PartitionsSchema, TransactionLogKey, TransactionLogValue};

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
    #[error("unreadable transaction at offset {offset}: {source}")]
    Value {
        /// Where the record is.
        offset: Offset,
        /// What is wrong.
        source: DecodeError,
    },
    /// There is no such state.
    #[error("unknown transaction state {state} at offset {offset}")]
    State {
        /// Where the record is.
        offset: Offset,
        /// The number.
        state: i8,
    },
}

/// The record of a transactional id, or its tombstone.
pub(super) fn transaction(
    transactional_id: &str,
    metadata: Option<&Metadata>,
    transaction_version: i16,
) -> Record {
    let key = TransactionLogKey { transactional_id: transactional_id.to_owned() };
    // Flexible records came with transaction version 1.
    let version = if transaction_version >= 1 { 1 } else { 0 };
    Record {
        key: encode(TransactionLogKey::RECORD_TYPE, &key, 0),
        value: metadata.map(|metadata| encode(version, &value(metadata), version)),
    }
}

fn encode(prefix: i16, message: &impl Message, version: i16) -> Bytes {
    let mut writer = Writer::new();
    writer.i16(prefix);
    message.encode(&mut writer, version);
    writer.into_vec().into()
}

fn value(metadata: &Metadata) -> TransactionLogValue {
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for TopicPartition { topic, partition } in &metadata.partitions {
        topics.entry(topic).or_default().push(*partition);
    }
    let partitions = topics
        .into_iter()
        .map(|(topic, partition_ids)| PartitionsSchema { topic: topic.to_owned(), partition_ids });
    TransactionLogValue {
        producer_id: metadata.producer_id.0,
        previous_producer_id: metadata.previous_producer_id.0,
        next_producer_id: metadata.next_producer_id.0,
        producer_epoch: metadata.producer_epoch.0,
        transaction_timeout_ms: metadata.timeout_ms,
        transaction_status: metadata.state.id(),
        transaction_partitions: (metadata.state != TransactionState::Empty).then(|| partitions.collect()),
        transaction_last_update_timestamp_ms: metadata.last_update_timestamp.0,
        transaction_start_timestamp_ms: metadata.start_timestamp.0,
        client_transaction_version: metadata.client_transaction_version,
        ..TransactionLogValue::default()
    }
}

/// Reads a record of the log: the transactional id, and what is known of it or that it is gone. `None` if its type or
/// version is of a newer broker's.
pub(super) fn decode(
    offset: Offset,
    key: &[u8],
    value: Option<&[u8]>,
) -> Result<Option<(String, Option<Metadata>)>, LoadError> {
    let mut reader = Reader::new(key);
    let key_error = |source| LoadError::Key { offset, source };
    if reader.i16().map_err(key_error)? != TransactionLogKey::RECORD_TYPE {
        return Ok(None);
    }
    let key = TransactionLogKey::decode(&mut reader, 0).map_err(key_error)?;
    let Some(value) = value else { return Ok(Some((key.transactional_id, None))) };
    let mut reader = Reader::new(value);
    let value_error = |source| LoadError::Value { offset, source };
    let version = reader.i16().map_err(value_error)?;
    if !TransactionLogValue::VERSIONS.contains(&version) {
        return Ok(None);
    }
    let value = TransactionLogValue::decode(&mut reader, version).map_err(value_error)?;
    let state = TransactionState::from_id(value.transaction_status)
        .ok_or(LoadError::State { offset, state: value.transaction_status })?;
    Ok(Some((key.transactional_id, Some(metadata(value, state)))))
}

fn metadata(value: TransactionLogValue, state: TransactionState) -> Metadata {
    let topics = value.transaction_partitions.unwrap_or_default();
    let partitions = topics.into_iter().flat_map(|PartitionsSchema { topic, partition_ids }| {
        partition_ids.into_iter().map(move |partition| TopicPartition { topic: topic.clone(), partition })
    });
    Metadata {
        state,
        producer_id: ProducerId(value.producer_id),
        previous_producer_id: ProducerId(value.previous_producer_id),
        next_producer_id: ProducerId(value.next_producer_id),
        producer_epoch: ProducerEpoch(value.producer_epoch),
        last_producer_epoch: ProducerEpoch::NONE,
        timeout_ms: value.transaction_timeout_ms,
        partitions: partitions.collect(),
        start_timestamp: Timestamp(value.transaction_start_timestamp_ms),
        last_update_timestamp: Timestamp(value.transaction_last_update_timestamp_ms),
        client_transaction_version: value.client_transaction_version,
    }
}
