//! Creating, listing, describing, growing and deleting topics.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_protocol::messages::create_partitions_request::{CreatePartitionsRequest, CreatePartitionsTopic};
use ottla_protocol::messages::create_topics_request::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use ottla_protocol::messages::create_topics_response::CreatableTopicResult;
use ottla_protocol::messages::delete_topics_request::{DeleteTopicState, DeleteTopicsRequest};
use ottla_protocol::types::{BrokerId, TopicId};

use super::{Admin, EachResult};
use crate::client::AutoCreate;
use crate::cluster::Topic;
use crate::error::{ApiError, Error};

/// A topic to create. What is not set is left to the brokers (`num.partitions`, `default.replication.factor`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "the topic is not created yet"]
pub struct NewTopic {
    name: String,
    partitions: i32,
    replication_factor: i16,
    assignments: BTreeMap<i32, Vec<BrokerId>>,
    configs: BTreeMap<String, String>,
}

impl NewTopic {
    /// A topic of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            partitions: -1,
            replication_factor: -1,
            assignments: BTreeMap::new(),
            configs: BTreeMap::new(),
        }
    }

    /// Number of partitions.
    pub fn partitions(mut self, count: i32) -> Self {
        self.partitions = count;
        self
    }

    /// Number of replicas of each partition.
    pub fn replication_factor(mut self, factor: i16) -> Self {
        self.replication_factor = factor;
        self
    }

    /// The brokers of one partition, the preferred leader first. All partitions need one then, and neither count nor
    /// replication factor may be set.
    pub fn assign(mut self, partition: i32, brokers: impl IntoIterator<Item = BrokerId>) -> Self {
        self.assignments.insert(partition, brokers.into_iter().collect());
        self
    }

    /// A topic config such as `retention.ms`.
    pub fn config(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.configs.insert(name.into(), value.into());
        self
    }

    fn to_request(&self) -> CreatableTopic {
        let assignment = |(&partition_index, brokers): (&i32, &Vec<BrokerId>)| CreatableReplicaAssignment {
            partition_index,
            broker_ids: brokers.iter().map(|broker| broker.0).collect(),
        };
        let config = |(name, value): (&String, &String)| CreatableTopicConfig {
            name: name.clone(),
            value: Some(value.clone()),
        };
        CreatableTopic {
            name: self.name.clone(),
            num_partitions: self.partitions,
            replication_factor: self.replication_factor,
            assignments: self.assignments.iter().map(assignment).collect(),
            configs: self.configs.iter().map(config).collect(),
        }
    }
}

/// A topic that was created (or would be).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedTopic {
    /// Its id; zero from brokers older than Kafka 2.8, and when it was only validated.
    pub id: TopicId,
    /// Number of partitions, if the broker told.
    pub partitions: Option<i32>,
    /// Replicas of each partition, if the broker told.
    pub replication_factor: Option<i16>,
}

impl Admin {
    /// Creates a topic.
    ///
    /// Errors: [`Error::Api`], for example with `TOPIC_ALREADY_EXISTS` or `INVALID_PARTITIONS`.
    pub async fn create_topic(&self, topic: &NewTopic) -> Result<CreatedTopic, Error> {
        only(self.create_topics(std::slice::from_ref(topic)).await?)
    }

    /// Creates topics, each for itself: some may fail and others not.
    pub async fn create_topics(
        &self,
        topics: &[NewTopic],
    ) -> Result<EachResult<String, CreatedTopic>, Error> {
        self.create(topics, false).await
    }

    /// Says what [`Admin::create_topics`] would, without creating anything.
    pub async fn validate_topics(
        &self,
        topics: &[NewTopic],
    ) -> Result<EachResult<String, CreatedTopic>, Error> {
        self.create(topics, true).await
    }

    async fn create(
        &self,
        topics: &[NewTopic],
        validate_only: bool,
    ) -> Result<EachResult<String, CreatedTopic>, Error> {
        let request = CreateTopicsRequest {
            topics: topics.iter().map(NewTopic::to_request).collect(),
            timeout_ms: self.timeout_ms(),
            validate_only,
        };
        self.client
            .retry("create topics", || async {
                let response = self.client.send_to_any(&request).await?;
                let results = response.topics.into_iter().map(|topic| (topic.name.clone(), created(topic)));
                retriable_first(results.collect())
            })
            .await
    }

    /// All topics, the brokers' own included, by name.
    pub async fn list_topics(&self) -> Result<Vec<Arc<Topic>>, Error> {
        let cluster = self.client.refresh_all().await?;
        Ok(cluster.topics.values().cloned().collect())
    }

    /// The named topics as they are at the moment.
    pub async fn describe_topics(&self, names: &[&str]) -> Result<EachResult<String, Arc<Topic>>, Error> {
        let mut described = Vec::with_capacity(names.len());
        self.client.refresh(names, AutoCreate::Forbidden).await?;
        for &name in names {
            described.push((name.to_owned(), self.client.topic(name).await));
        }
        Ok(described)
    }

    /// Raises the number of partitions of `topic` to `total`. Keys may land in other partitions from then on.
    pub async fn create_partitions(&self, topic: &str, total: i32) -> Result<(), Error> {
        let request = CreatePartitionsRequest {
            topics: vec![CreatePartitionsTopic { name: topic.to_owned(), count: total, assignments: None }],
            timeout_ms: self.timeout_ms(),
            ..Default::default()
        };
        self.client
            .retry("create partitions", || async {
                let response = self.client.send_to_any(&request).await?;
                response.results.into_iter().try_for_each(|result| {
                    let what = format!("grow topic `{topic}` to {total} partitions");
                    ApiError::check(result.error_code, result.error_message)
                        .map_err(|error| Error::api(what, error))
                })
            })
            .await
    }

    /// Deletes topics with all their records.
    pub async fn delete_topics(&self, names: &[&str]) -> Result<EachResult<String, ()>, Error> {
        let state = |&name: &&str| DeleteTopicState { name: Some(name.to_owned()), ..Default::default() };
        let request = DeleteTopicsRequest {
            // Version 6 reads the first field, older ones the second.
            topics: names.iter().map(state).collect(),
            topic_names: names.iter().map(|&name| name.to_owned()).collect(),
            timeout_ms: self.timeout_ms(),
        };
        self.client
            .retry("delete topics", || async {
                let response = self.client.send_to_any(&request).await?;
                let results = response.responses.into_iter().map(|result| {
                    let name = result.name.unwrap_or_default();
                    let what = format!("delete topic `{name}`");
                    let outcome = ApiError::check(result.error_code, result.error_message)
                        .map_err(|error| Error::api(what, error));
                    (name, outcome)
                });
                retriable_first(results.collect())
            })
            .await
    }
}

fn created(topic: CreatableTopicResult) -> Result<CreatedTopic, Error> {
    let what = format!("create topic `{}`", topic.name);
    ApiError::check(topic.error_code, topic.error_message).map_err(|error| Error::api(what, error))?;
    Ok(CreatedTopic {
        id: TopicId(topic.topic_id),
        partitions: Some(topic.num_partitions).filter(|&count| count >= 0),
        replication_factor: Some(topic.replication_factor).filter(|&factor| factor >= 0),
    })
}

/// The results, or an error that is worth another try if all of them failed with such.
fn retriable_first<V>(results: EachResult<String, V>) -> Result<EachResult<String, V>, Error> {
    let is_retriable = |result: &Result<V, Error>| {
        result.as_ref().is_err_and(|error| {
            error.code() != Some(ottla_protocol::error::ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
                && error.is_retriable()
        })
    };
    if results.is_empty() || !results.iter().all(|(_, result)| is_retriable(result)) {
        return Ok(results);
    }
    match results.into_iter().next() {
        Some((_, Err(error))) => Err(error),
        _ => Ok(Vec::new()),
    }
}

/// The one result of an operation on one thing.
pub(super) fn only<K, V>(results: EachResult<K, V>) -> Result<V, Error> {
    results.into_iter().next().map_or(Err(Error::MissingResult), |(_, result)| result)
}
