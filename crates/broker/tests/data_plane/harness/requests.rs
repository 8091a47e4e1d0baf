//! Requests that many tests send, and what they look for in the responses.

use bytes::Bytes;
use ottla_protocol::messages::*;
use ottla_protocol::record::{BatchBuilder, BatchOptions};
use ottla_protocol::time::Now;
use ottla_protocol::types::{ProducerEpoch, ProducerId};

use super::TOPIC;
use super::cluster::{ORDERS, Topic};

/// A batch of records with these values and no keys.
pub fn batch(now: Now, values: &[&str]) -> Bytes {
    build(now, BatchOptions::default(), values)
}

/// A batch of an idempotent producer.
pub fn idempotent(
    now: Now,
    producer_id: i64,
    producer_epoch: i16,
    base_sequence: i32,
    values: &[&str],
) -> Bytes {
    let (producer_id, producer_epoch) = (ProducerId(producer_id), ProducerEpoch(producer_epoch));
    build(now, BatchOptions { producer_id, producer_epoch, base_sequence, ..BatchOptions::default() }, values)
}

/// A batch of a producer's transaction.
pub fn transactional(
    now: Now,
    (producer_id, producer_epoch): (i64, i16),
    base_sequence: i32,
    values: &[&str],
) -> Bytes {
    let (producer_id, producer_epoch) = (ProducerId(producer_id), ProducerEpoch(producer_epoch));
    let options = BatchOptions {
        producer_id,
        producer_epoch,
        base_sequence,
        is_transactional: true,
        ..BatchOptions::default()
    };
    build(now, options, values)
}

fn build(now: Now, options: BatchOptions, values: &[&str]) -> Bytes {
    let mut builder = BatchBuilder::new(options);
    for value in values {
        builder.append(now.wall, None, Some(value.as_bytes()), &[]).unwrap();
    }
    Bytes::from(builder.build())
}

/// A Produce of one batch to partition 0, by name (up to version 12) and by id.
pub fn produce(acks: i16, records: Bytes) -> produce_request::ProduceRequest {
    produce_to(ORDERS, 0, acks, records)
}

/// A Produce of one batch.
pub fn produce_to(topic: Topic, index: i32, acks: i16, records: Bytes) -> produce_request::ProduceRequest {
    produce_request::ProduceRequest {
        acks,
        timeout_ms: 1000,
        topic_data: vec![produce_request::TopicProduceData {
            name: topic.name.to_owned(),
            topic_id: topic.id.0,
            partition_data: vec![produce_request::PartitionProduceData { index, records: Some(records) }],
        }],
        ..Default::default()
    }
}

/// Error and base offset of the only partition of a Produce response.
pub fn produced(response: &produce_response::ProduceResponse) -> (i16, i64) {
    let partition = &response.responses[0].partition_responses[0];
    (partition.error_code, partition.base_offset)
}

/// A Fetch of partition 0 from `offset`.
pub fn fetch(offset: i64, max_wait_ms: i32, min_bytes: i32) -> fetch_request::FetchRequest {
    fetch_from(ORDERS, &[(0, offset)], max_wait_ms, min_bytes)
}

/// A Fetch of partitions `(index, offset)` outside of any session.
pub fn fetch_from(
    topic: Topic,
    partitions: &[(i32, i64)],
    max_wait_ms: i32,
    min_bytes: i32,
) -> fetch_request::FetchRequest {
    let partitions = partitions.iter().map(|(partition, fetch_offset)| fetch_request::FetchPartition {
        partition: *partition,
        fetch_offset: *fetch_offset,
        partition_max_bytes: 1 << 20,
        ..Default::default()
    });
    fetch_request::FetchRequest {
        max_wait_ms,
        min_bytes,
        max_bytes: 1 << 20,
        session_epoch: -1,
        topics: vec![fetch_request::FetchTopic {
            topic: topic.name.to_owned(),
            topic_id: topic.id.0,
            partitions: partitions.collect(),
        }],
        ..Default::default()
    }
}

/// The only partition of a Fetch response.
pub fn fetched(response: &fetch_response::FetchResponse) -> &fetch_response::PartitionData {
    assert_eq!(response.error_code, 0);
    &response.responses[0].partitions[0]
}

/// Size of the records of the only partition of a Fetch response.
pub fn fetched_bytes(response: &fetch_response::FetchResponse) -> usize {
    fetched(response).records.as_ref().map_or(0, Bytes::len)
}

/// A ListOffsets of one partition of `orders` by a consumer.
pub fn list_offsets(partition_index: i32, timestamp: i64) -> list_offsets_request::ListOffsetsRequest {
    let partition =
        list_offsets_request::ListOffsetsPartition { partition_index, timestamp, ..Default::default() };
    let topic =
        list_offsets_request::ListOffsetsTopic { name: TOPIC.to_owned(), partitions: vec![partition] };
    list_offsets_request::ListOffsetsRequest { replica_id: -1, topics: vec![topic], ..Default::default() }
}
