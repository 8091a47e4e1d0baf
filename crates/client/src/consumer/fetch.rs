//! Fetch requests: one under way to each broker that leads an assigned partition.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::fetch_request::{FetchPartition, FetchRequest, FetchTopic, ForgottenTopic};
use ottla_protocol::messages::fetch_response::{FetchResponse, PartitionData};
use ottla_protocol::types::{BrokerId, TopicId, Uuid};
use tokio::task::JoinSet;

use super::options::ConsumerOptions;
use super::session::{FetchSession, SessionRequest, Want};
use super::state::{PartitionState, Position};
use crate::admin::{EachResult, ListedOffset};
use crate::client::Client;
use crate::error::Error;
use crate::partition::TopicPartition;

/// First version that names topics by id alone.
const TOPIC_IDS_FROM: i16 = 13;

pub(super) type Fetched = Result<FetchResponse, Error>;

/// Something that was waited for.
#[derive(Debug)]
pub(super) enum Event {
    Fetched(BrokerId, BTreeMap<TopicPartition, u64>, Fetched),
    Resolved(BTreeMap<TopicPartition, u64>, EachResult<TopicPartition, ListedOffset>),
    Refreshed(Result<(), Error>),
}

#[derive(Debug)]
pub(super) struct Fetcher {
    /// Has connections of its own: fetches wait at the broker, and whatever is behind them in a connection with them.
    client: Client,
    options: Arc<ConsumerOptions>,
    brokers: BTreeMap<BrokerId, BrokerFetch>,
}

#[derive(Debug)]
struct BrokerFetch {
    session: FetchSession,
    is_under_way: bool,
    /// Names of the topics by id, of the request under way and before.
    names: BTreeMap<TopicId, Arc<str>>,
}

impl Fetcher {
    pub(super) fn new(client: Client, options: Arc<ConsumerOptions>) -> Self {
        Self { client, options, brokers: BTreeMap::new() }
    }

    pub(super) async fn close(&self) {
        self.client.close().await;
    }

    /// Whether a partition that should be fetched has no known leader.
    pub(super) fn lacks_leader(&self, partitions: &BTreeMap<TopicPartition, PartitionState>) -> bool {
        let cluster = self.client.cluster();
        partitions.keys().any(|key| cluster.leader(&key.topic, key.partition).is_none())
    }

    /// Sends a fetch to every leader that has none under way and whose fetched bytes are few. Whether a partition has no
    /// known leader.
    pub(super) fn fetch(
        &mut self,
        partitions: &BTreeMap<TopicPartition, PartitionState>,
        events: &mut JoinSet<Event>,
    ) -> bool {
        let cluster = self.client.cluster();
        let mut lacks_leader = false;
        let mut brokers: BTreeMap<BrokerId, (usize, BTreeMap<TopicPartition, Want>)> = BTreeMap::new();
        let mut generations: BTreeMap<TopicPartition, u64> = BTreeMap::new();
        for (key, state) in partitions {
            let topic = cluster.topics.get(&*key.topic);
            let known = topic.and_then(|topic| Some((topic.id, topic.partition(key.partition)?)));
            let Some((topic_id, partition)) = known else {
                lacks_leader = true;
                continue;
            };
            let Some(leader) = partition.leader.filter(|id| cluster.brokers.contains_key(id)) else {
                lacks_leader = true;
                continue;
            };
            let (buffered, wanted) = brokers.entry(leader).or_default();
            *buffered += state.buffered_size();
            if let (Position::At(offset), false) = (state.position, state.is_paused) {
                let bytes_max = self.options.fetch_partition_bytes_max;
                wanted.insert(
                    key.clone(),
                    Want { topic_id, offset, leader_epoch: partition.leader_epoch, bytes_max },
                );
                generations.insert(key.clone(), state.generation);
            }
        }
        for (broker, (buffered, wanted)) in brokers {
            if !wanted.is_empty() && buffered < self.options.buffer_bytes_max {
                self.fetch_from(broker, wanted, &generations, events);
            }
        }
        lacks_leader
    }

    fn fetch_from(
        &mut self,
        id: BrokerId,
        wanted: BTreeMap<TopicPartition, Want>,
        generations: &BTreeMap<TopicPartition, u64>,
        events: &mut JoinSet<Event>,
    ) {
        let broker = self.brokers.entry(id).or_insert_with(|| BrokerFetch {
            session: FetchSession::new(self.options.uses_sessions),
            is_under_way: false,
            names: BTreeMap::new(),
        });
        if broker.is_under_way {
            return;
        }
        broker.is_under_way = true;
        let generations: BTreeMap<_, _> =
            wanted.keys().filter_map(|key| Some((key.clone(), *generations.get(key)?))).collect();
        broker.names = wanted.iter().map(|(key, want)| (want.topic_id, Arc::clone(&key.topic))).collect();
        let have_ids = !broker.names.contains_key(&TopicId(Uuid::ZERO));
        let version_max = if have_ids { i16::MAX } else { TOPIC_IDS_FROM - 1 };
        let request = request(broker.session.next(wanted), &self.options);
        let client = self.client.clone();
        let wait = self.options.fetch_wait_max;
        events.spawn(async move {
            let fetching = async {
                let connection = client.connection(id).await?;
                let version = connection.versions().pick_within::<FetchRequest>(i16::MIN, version_max)?;
                let timeout = connection.options().request_timeout + wait;
                Ok(connection.enqueue(&request, version, timeout).await?.response().await?)
            };
            Event::Fetched(id, generations, fetching.await)
        });
    }

    /// Takes a broker's answer apart. `None` if there is none and it must be asked again.
    pub(super) fn fetched(
        &mut self,
        id: BrokerId,
        result: Fetched,
    ) -> Option<Vec<(TopicPartition, PartitionData)>> {
        let broker = self.brokers.get_mut(&id)?;
        broker.is_under_way = false;
        let response = match result {
            Ok(response) => response,
            Err(error) => {
                tracing::debug!(%error, broker = id.0, "a fetch failed");
                broker.session.failed();
                return None;
            }
        };
        let code = ErrorCode(response.error_code);
        broker.session.answered(response.session_id, code);
        if code.is_error() {
            tracing::debug!(%code, broker = id.0, "a fetch was refused");
            return None;
        }
        let mut answers = Vec::new();
        for topic in response.responses {
            let name = match broker.names.get(&TopicId(topic.topic_id)) {
                Some(name) if topic.topic_id != Uuid::ZERO => Arc::clone(name),
                _ => topic.topic.into(),
            };
            for data in topic.partitions {
                answers.push((TopicPartition::new(Arc::clone(&name), data.partition_index), data));
            }
        }
        Some(answers)
    }
}

fn request(session: SessionRequest, options: &ConsumerOptions) -> FetchRequest {
    let mut topics: Vec<FetchTopic> = Vec::new();
    for (key, want) in session.send {
        let partition = FetchPartition {
            partition: key.partition,
            current_leader_epoch: want.leader_epoch.0,
            fetch_offset: want.offset.0,
            partition_max_bytes: want.bytes_max,
            ..Default::default()
        };
        match topics.last_mut().filter(|topic| topic.topic == *key.topic && topic.topic_id == want.topic_id.0)
        {
            Some(topic) => topic.partitions.push(partition),
            None => topics.push(FetchTopic {
                topic: key.topic.to_string(),
                topic_id: want.topic_id.0,
                partitions: vec![partition],
            }),
        }
    }
    let mut forgotten: Vec<ForgottenTopic> = Vec::new();
    for (key, topic_id) in session.forget {
        match forgotten.last_mut().filter(|topic| topic.topic == *key.topic && topic.topic_id == topic_id.0) {
            Some(topic) => topic.partitions.push(key.partition),
            None => forgotten.push(ForgottenTopic {
                topic: key.topic.to_string(),
                topic_id: topic_id.0,
                partitions: vec![key.partition],
            }),
        }
    }
    FetchRequest {
        max_wait_ms: i32::try_from(options.fetch_wait_max.as_millis()).unwrap_or(i32::MAX),
        min_bytes: options.fetch_bytes_min,
        max_bytes: options.fetch_bytes_max,
        isolation_level: options.isolation_level.wire(),
        session_id: session.session_id,
        session_epoch: session.session_epoch,
        topics,
        forgotten_topics_data: forgotten,
        ..Default::default()
    }
}
