//! DescribeTopicPartitions: topics and partitions in pages.
//!
//! Source: KIP-966; Kafka `DescribeTopicPartitionsRequestHandler`, `KRaftMetadataCache.describeTopicResponse`.

use std::collections::BTreeSet;

use ottla_metadata::image::{MetadataImage, TopicImage};
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::describe_topic_partitions_request::DescribeTopicPartitionsRequest;
use ottla_protocol::messages::describe_topic_partitions_response::{
    Cursor, DescribeTopicPartitionsResponse, DescribeTopicPartitionsResponsePartition,
    DescribeTopicPartitionsResponseTopic,
};
use ottla_protocol::types::BrokerId;

use super::metadata::{ids, offline_replicas};
use crate::effect::RequestContext;
use crate::shard::Shard;
use crate::{authorized, internal_topics};
use ottla_metadata::topic_name;

/// Answers with one page; a request that makes no sense has its error on every topic.
pub(crate) fn answer(
    shard: &Shard,
    context: &RequestContext,
    request: &DescribeTopicPartitionsRequest,
) -> DescribeTopicPartitionsResponse {
    page(shard, context, request).unwrap_or_else(|error| DescribeTopicPartitionsResponse {
        topics: distinct(request).into_iter().map(|name| refused(name, error)).collect(),
        ..DescribeTopicPartitionsResponse::default()
    })
}

/// The topics that a request names, each once.
fn distinct(request: &DescribeTopicPartitionsRequest) -> BTreeSet<&str> {
    request.topics.iter().map(|topic| topic.name.as_str()).collect()
}

fn page(
    shard: &Shard,
    context: &RequestContext,
    request: &DescribeTopicPartitionsRequest,
) -> Result<DescribeTopicPartitionsResponse, ErrorCode> {
    let named = distinct(request);
    let (first_topic, first_partition) = match &request.cursor {
        Some(cursor) if cursor.partition_index < 0 => return Err(ErrorCode::INVALID_REQUEST),
        Some(cursor) if !named.is_empty() && !named.contains(cursor.topic_name.as_str()) => {
            return Err(ErrorCode::INVALID_REQUEST);
        }
        Some(cursor) => (cursor.topic_name.as_str(), cursor.partition_index),
        None => ("", 0),
    };
    let limit = request.response_partition_limit.min(shard.config.network.describe_partitions_max).max(1);
    let mut page = Page {
        image: &shard.image,
        listener: &context.listener,
        room: usize::try_from(limit).unwrap_or(1),
        response: DescribeTopicPartitionsResponse::default(),
    };
    if named.is_empty() {
        let topics = shard.image.topics.iter_from(first_topic).map(|topic| (&*topic.name, Some(&**topic)));
        page.fill(topics, first_topic, first_partition);
    } else {
        let topics =
            named.range(first_topic..).map(|name| (*name, shard.image.topics.by_name(name).map(|t| &**t)));
        page.fill(topics, first_topic, first_partition);
    }
    Ok(page.response)
}

struct Page<'a> {
    image: &'a MetadataImage,
    listener: &'a str,
    /// Partitions that the page still takes.
    room: usize,
    response: DescribeTopicPartitionsResponse,
}

impl Page<'_> {
    fn fill<'t>(
        &mut self,
        topics: impl Iterator<Item = (&'t str, Option<&'t TopicImage>)>,
        first_topic: &str,
        first_partition: i32,
    ) {
        for (name, topic) in topics {
            let from = if name == first_topic { first_partition } else { 0 };
            if self.room == 0 {
                self.stop_at(name, from);
                return;
            }
            let Some(topic) = topic else {
                self.response.topics.push(unknown(name));
                continue;
            };
            let next = self.add(topic, from);
            if let Some(next) = next {
                self.stop_at(name, next);
                return;
            }
        }
    }

    /// Adds a topic's partitions as far as there is room. Returns the first that had none.
    fn add(&mut self, topic: &TopicImage, from: i32) -> Option<i32> {
        let mut entry = DescribeTopicPartitionsResponseTopic {
            error_code: ErrorCode::NONE.into(),
            name: Some(topic.name.to_string()),
            topic_id: topic.id.0,
            is_internal: internal_topics::is_internal(&topic.name),
            topic_authorized_operations: authorized::TOPIC,
            ..DescribeTopicPartitionsResponseTopic::default()
        };
        let mut next = None;
        for (index, partition) in topic.partitions.range(from..) {
            if self.room == 0 {
                next = Some(*index);
                break;
            }
            self.room -= 1;
            let leader =
                self.image.cluster.broker(partition.leader).map_or(BrokerId::NONE, |leader| leader.id);
            entry.partitions.push(DescribeTopicPartitionsResponsePartition {
                error_code: ErrorCode::NONE.into(),
                partition_index: *index,
                leader_id: leader.0,
                leader_epoch: partition.leader_epoch.0,
                replica_nodes: ids(&partition.replicas),
                isr_nodes: ids(&partition.isr),
                eligible_leader_replicas: Some(ids(&partition.elr)),
                last_known_elr: Some(ids(&partition.last_known_elr)),
                offline_replicas: offline_replicas(self.image, self.listener, partition),
            });
        }
        self.response.topics.push(entry);
        next
    }

    fn stop_at(&mut self, topic: &str, partition: i32) {
        let cursor = Cursor { topic_name: topic.to_owned(), partition_index: partition };
        self.response.next_cursor = Some(cursor);
    }
}

fn unknown(name: &str) -> DescribeTopicPartitionsResponseTopic {
    let error = match topic_name::validate(name) {
        Ok(()) => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        Err(_) => ErrorCode::INVALID_TOPIC_EXCEPTION,
    };
    DescribeTopicPartitionsResponseTopic {
        topic_authorized_operations: authorized::TOPIC,
        ..refused(name, error)
    }
}

fn refused(name: &str, error: ErrorCode) -> DescribeTopicPartitionsResponseTopic {
    DescribeTopicPartitionsResponseTopic {
        error_code: error.into(),
        name: Some(name.to_owned()),
        is_internal: internal_topics::is_internal(name),
        ..DescribeTopicPartitionsResponseTopic::default()
    }
}
