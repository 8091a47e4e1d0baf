//! How the messages that name topics with their partitions are taken apart and put together.

use std::collections::{BTreeMap, VecDeque};

use ottla_protocol::messages::{
    delete_records_request, delete_records_response, describe_log_dirs_request, describe_log_dirs_response,
    describe_producers_request, describe_producers_response, list_offsets_request, list_offsets_response,
    offset_for_leader_epoch_request, offset_for_leader_epoch_response,
};

use super::{Scatter, Shards};
use crate::effect::ShardId;

/// A topic with partitions in a message.
trait Topic: Default {
    type Partition: Clone;

    fn name(&self) -> &str;
    fn partitions(&self) -> &[Self::Partition];
    fn index(partition: &Self::Partition) -> i32;
    fn with(name: &str, partitions: Vec<Self::Partition>) -> Self;
}

macro_rules! topic {
    ($topic:ty, $name:ident, $partitions:ident: $partition:ty, |$it:ident| $index:expr) => {
        impl Topic for $topic {
            type Partition = $partition;

            fn name(&self) -> &str {
                &self.$name
            }

            fn partitions(&self) -> &[$partition] {
                &self.$partitions
            }

            fn index($it: &$partition) -> i32 {
                $index
            }

            fn with(name: &str, partitions: Vec<$partition>) -> Self {
                Self { $name: name.to_owned(), $partitions: partitions }
            }
        }
    };
}

topic!(list_offsets_request::ListOffsetsTopic, name, partitions: list_offsets_request::ListOffsetsPartition,
    |it| it.partition_index);
topic!(list_offsets_response::ListOffsetsTopicResponse, name,
    partitions: list_offsets_response::ListOffsetsPartitionResponse, |it| it.partition_index);
topic!(offset_for_leader_epoch_request::OffsetForLeaderTopic, topic,
    partitions: offset_for_leader_epoch_request::OffsetForLeaderPartition, |it| it.partition);
topic!(offset_for_leader_epoch_response::OffsetForLeaderTopicResult, topic,
    partitions: offset_for_leader_epoch_response::EpochEndOffset, |it| it.partition);
topic!(delete_records_request::DeleteRecordsTopic, name,
    partitions: delete_records_request::DeleteRecordsPartition, |it| it.partition_index);
topic!(delete_records_response::DeleteRecordsTopicResult, name,
    partitions: delete_records_response::DeleteRecordsPartitionResult, |it| it.partition_index);
topic!(describe_producers_request::TopicRequest, name, partition_indexes: i32, |it| *it);
topic!(describe_producers_response::TopicResponse, name,
    partitions: describe_producers_response::PartitionResponse, |it| it.partition_index);
topic!(describe_log_dirs_response::DescribeLogDirsTopic, name,
    partitions: describe_log_dirs_response::DescribeLogDirsPartition, |it| it.partition_index);

/// The topics of each shard with the partitions that it has, in the request's order.
fn split<T: Topic>(topics: &[T], shards: &Shards<'_>) -> BTreeMap<ShardId, Vec<T>> {
    let mut parts = BTreeMap::<ShardId, Vec<T>>::new();
    for topic in topics {
        let mut by_shard = BTreeMap::<ShardId, Vec<T::Partition>>::new();
        for partition in topic.partitions() {
            let owner = shards.owner(topic.name(), T::index(partition));
            by_shard.entry(owner).or_default().push(partition.clone());
        }
        for (owner, partitions) in by_shard {
            parts.entry(owner).or_default().push(T::with(topic.name(), partitions));
        }
    }
    parts
}

/// The answers for all partitions in the order in which `asked` names them. One that is named twice has as many answers as
/// its shard gave.
fn merge<A: Topic, T: Topic>(asked: &[A], parts: impl Iterator<Item = Vec<T>>) -> Vec<T> {
    let mut answers = BTreeMap::<(String, i32), VecDeque<T::Partition>>::new();
    for topic in parts.flatten() {
        for partition in topic.partitions() {
            let key = (topic.name().to_owned(), T::index(partition));
            answers.entry(key).or_default().push_back(partition.clone());
        }
    }
    let topics = asked.iter().map(|topic| {
        let partitions = topic.partitions().iter().filter_map(|partition| {
            let key = (topic.name().to_owned(), A::index(partition));
            answers.get_mut(&key).and_then(VecDeque::pop_front)
        });
        T::with(topic.name(), partitions.collect())
    });
    topics.collect()
}

/// Implements [`Scatter`] for a request and a response that have nothing but topics to take apart.
macro_rules! scatter_topics {
    ($request:ty) => {
        impl Scatter for $request {
            fn split(&self, shards: &Shards<'_>) -> BTreeMap<ShardId, Self> {
                let parts = split(&self.topics, shards).into_iter();
                let part = |topics| {
                    let mut part = self.clone();
                    part.topics = topics;
                    part
                };
                parts.map(|(shard, topics)| (shard, part(topics))).collect()
            }

            fn merge(&self, parts: Vec<Self::Response>) -> Self::Response {
                let topics = merge(&self.topics, parts.into_iter().map(|part| part.topics));
                Self::Response { topics, ..Default::default() }
            }
        }
    };
}

scatter_topics!(list_offsets_request::ListOffsetsRequest);
scatter_topics!(offset_for_leader_epoch_request::OffsetForLeaderEpochRequest);
scatter_topics!(describe_producers_request::DescribeProducersRequest);

impl Scatter for delete_records_request::DeleteRecordsRequest {
    fn split(&self, shards: &Shards<'_>) -> BTreeMap<ShardId, Self> {
        let parts = split(&self.topics, shards).into_iter();
        parts.map(|(shard, topics)| (shard, Self { topics, ..self.clone() })).collect()
    }

    /// As one shard would answer: partitions by index, and no topic without any.
    fn merge(&self, parts: Vec<Self::Response>) -> Self::Response {
        let topics = merge(&self.topics, parts.into_iter().map(|part| part.topics));
        let mut topics: Vec<delete_records_response::DeleteRecordsTopicResult> = topics;
        topics.retain(|topic| !topic.partitions.is_empty());
        for topic in &mut topics {
            topic.partitions.sort_by_key(|partition| partition.partition_index);
        }
        Self::Response { topics, ..Default::default() }
    }
}

impl Scatter for describe_log_dirs_request::DescribeLogDirsRequest {
    /// Every shard has replicas in every directory.
    fn split(&self, shards: &Shards<'_>) -> BTreeMap<ShardId, Self> {
        shards.all().map(|shard| (shard, self.clone())).collect()
    }

    fn merge(&self, parts: Vec<Self::Response>) -> Self::Response {
        let mut parts = parts.into_iter();
        let mut whole = parts.next().unwrap_or_default();
        for part in parts {
            for (dir, part) in whole.results.iter_mut().zip(part.results) {
                if part.error_code != 0 {
                    *dir = part;
                } else if dir.error_code == 0 {
                    dir.topics.extend(part.topics);
                }
            }
        }
        for dir in &mut whole.results {
            dir.topics = by_name(&dir.topics);
        }
        whole
    }
}

/// Each topic once, by name, with its partitions by index.
fn by_name<T: Topic>(topics: &[T]) -> Vec<T> {
    let mut all = BTreeMap::<String, Vec<T::Partition>>::new();
    for topic in topics {
        all.entry(topic.name().to_owned()).or_default().extend_from_slice(topic.partitions());
    }
    let topics = all.into_iter().map(|(name, mut partitions)| {
        partitions.sort_by_key(T::index);
        T::with(&name, partitions)
    });
    topics.collect()
}
