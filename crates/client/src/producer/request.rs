//! Produce requests from batches, and back from their responses.

use std::collections::BTreeMap;

use bytes::Bytes;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData};
use ottla_protocol::messages::produce_response::{PartitionProduceResponse, ProduceResponse};
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{Offset, TopicId, Uuid};

use super::options::ProducerOptions;
use super::queue::BatchId;
use super::transaction::Membership;
use crate::error::ApiError;
use crate::partition::TopicPartition;

/// First version that names topics by id alone.
const TOPIC_IDS_FROM: i16 = 13;

/// A batch that is under way.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) partition: TopicPartition,
    pub(super) topic_id: TopicId,
    pub(super) id: BatchId,
    /// The batch, stamped.
    pub(super) bytes: Bytes,
}

/// The broker's answer for one batch.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) base_offset: Option<Offset>,
    /// Set in `LogAppendTime` topics.
    pub(super) log_append_time: Option<Timestamp>,
}

/// The request that carries `batches`, at most one for each partition, and the range of versions that can.
pub(super) fn encode(
    batches: &[Sent],
    options: &ProducerOptions,
    transactions: Option<&Membership>,
) -> (ProduceRequest, i16) {
    let mut topics: BTreeMap<&str, TopicProduceData> = BTreeMap::new();
    for batch in batches {
        let topic = topics.entry(&batch.partition.topic).or_insert_with(|| TopicProduceData {
            name: batch.partition.topic.to_string(),
            topic_id: batch.topic_id.0,
            partition_data: Vec::new(),
        });
        topic.partition_data.push(PartitionProduceData {
            index: batch.partition.partition,
            records: Some(batch.bytes.clone()),
        });
    }
    let have_ids = topics.values().all(|topic| topic.topic_id != Uuid::ZERO);
    let request = ProduceRequest {
        transactional_id: transactions.map(|membership| membership.transactional_id.clone()),
        acks: options.acks.wire(),
        timeout_ms: i32::try_from(options.request_timeout.as_millis()).unwrap_or(i32::MAX),
        topic_data: topics.into_values().collect(),
    };
    let ids = if have_ids { i16::MAX } else { TOPIC_IDS_FROM - 1 };
    (request, ids.min(transactions.map_or(i16::MAX, Membership::produce_version_max)))
}

/// What the response says of each batch: an answer or error for those that it names.
pub(super) fn decode(response: ProduceResponse, batches: &[Sent]) -> Vec<Option<Result<Answer, ApiError>>> {
    let mut answers: BTreeMap<(String, Uuid, i32), PartitionProduceResponse> = BTreeMap::new();
    for topic in response.responses {
        for partition in topic.partition_responses {
            answers.insert((topic.name.clone(), topic.topic_id, partition.index), partition);
        }
    }
    batches
        .iter()
        .map(|batch| {
            let index = batch.partition.partition;
            // A response names topics by name or by id, and leaves the other empty.
            let by_name = (batch.partition.topic.to_string(), Uuid::ZERO, index);
            let by_id = (String::new(), batch.topic_id.0, index);
            let answer = answers.remove(&by_name).or_else(|| answers.remove(&by_id))?;
            Some(answer_of(answer))
        })
        .collect()
}

fn answer_of(partition: PartitionProduceResponse) -> Result<Answer, ApiError> {
    let message = partition.error_message.or_else(|| {
        partition.record_errors.into_iter().next().and_then(|error| error.batch_index_error_message)
    });
    match ErrorCode(partition.error_code) {
        ErrorCode::NONE | ErrorCode::DUPLICATE_SEQUENCE_NUMBER => Ok(Answer {
            base_offset: Some(Offset(partition.base_offset)).filter(|&offset| offset >= Offset::ZERO),
            log_append_time: Some(Timestamp(partition.log_append_time_ms))
                .filter(|&time| time != Timestamp::NONE),
        }),
        code => Err(ApiError { code, message }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ottla_protocol::messages::produce_response::TopicProduceResponse;

    fn sent(topic: &str, topic_id: u128, partition: i32) -> Sent {
        Sent {
            partition: TopicPartition::new(topic, partition),
            topic_id: TopicId(Uuid::from_u128(topic_id)),
            id: 0,
            bytes: Bytes::from_static(b"batch"),
        }
    }

    #[test]
    fn topics_are_named_by_id_only_if_all_ids_are_known() {
        let options = ProducerOptions::default();
        let (request, version_max) =
            encode(&[sent("a", 1, 0), sent("a", 1, 1), sent("b", 2, 0)], &options, None);
        let shape: Vec<_> =
            request.topic_data.iter().map(|t| (t.name.as_str(), t.partition_data.len())).collect();
        assert_eq!((shape, version_max), (vec![("a", 2), ("b", 1)], i16::MAX));
        assert_eq!(encode(&[sent("a", 1, 0), sent("b", 0, 0)], &options, None).1, 12);
    }

    #[test]
    fn answers_are_found_by_name_or_by_id() {
        let partition =
            |index, base_offset| PartitionProduceResponse { index, base_offset, ..Default::default() };
        let by_name = TopicProduceResponse {
            name: "a".to_owned(),
            partition_responses: vec![partition(0, 5)],
            ..Default::default()
        };
        let by_id = TopicProduceResponse {
            topic_id: Uuid::from_u128(2),
            partition_responses: vec![partition(3, 6)],
            ..Default::default()
        };
        let response = ProduceResponse { responses: vec![by_name, by_id], ..Default::default() };
        let offsets: Vec<_> = decode(response, &[sent("a", 1, 0), sent("b", 2, 3), sent("c", 3, 0)])
            .into_iter()
            .map(|answer| answer.map(|answer| answer.unwrap().base_offset))
            .collect();
        assert_eq!(offsets, [Some(Some(Offset(5))), Some(Some(Offset(6))), None]);
    }
}
