//! Operations on partitions: each goes to its leader, and again to the new leader if the leader changed.

use std::collections::BTreeMap;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::types::BrokerId;
use tokio::time::Instant;

use super::EachResult;
use crate::client::{AutoCreate, Client};
use crate::error::{ApiError, Error};
use crate::partition::TopicPartition;

/// What one broker answered for each partition.
pub(super) type Answers<V> = BTreeMap<TopicPartition, Result<V, ApiError>>;

/// Calls `ask` with every leader and its partitions, until each partition has an answer that another try cannot better or
/// the time of the call is over. Returns the answers in the order of `items`.
pub(super) async fn ask_leaders<A: Clone, V, F: Future<Output = Result<Answers<V>, Error>>>(
    client: &Client,
    what: &str,
    items: &[(TopicPartition, A)],
    mut ask: impl FnMut(BrokerId, Vec<(TopicPartition, A)>) -> F,
) -> EachResult<TopicPartition, V> {
    let started = Instant::now();
    let mut backoff = client.backoff();
    let mut results: BTreeMap<TopicPartition, Result<V, Error>> = BTreeMap::new();
    let mut left: Vec<(TopicPartition, A)> = items.to_vec();
    loop {
        for (leader, group) in group_by_leader(client, &left, &mut results).await {
            let answers = ask(leader, group.clone()).await;
            for (partition, _) in group {
                let result = match &answers {
                    Ok(_) => None,
                    Err(error) => Some(Err(error.clone())),
                };
                results.insert(partition, result.unwrap_or(Err(Error::MissingResult)));
            }
            for (partition, answer) in answers.into_iter().flatten() {
                let named = |error| Error::api(format!("{what} of {partition}"), error);
                let result = answer.map_err(named);
                results.insert(partition, result);
            }
        }
        let elapsed = started.elapsed();
        left.retain(|(partition, _)| match results.get(partition) {
            Some(Err(error)) if error.code() == Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION) => {
                elapsed < client.options().unknown_topic_wait
            }
            Some(Err(error)) => error.is_retriable(),
            _ => false,
        });
        let wait = backoff.next_wait();
        if left.is_empty() || elapsed + wait >= client.options().api_timeout {
            return items
                .iter()
                .map(|(partition, _)| {
                    let result = results.remove(partition).unwrap_or(Err(Error::MissingResult));
                    (partition.clone(), result)
                })
                .collect();
        }
        tokio::time::sleep(wait).await;
        // A failure here shows in the next round.
        let _ = client.refresh(&[], AutoCreate::Forbidden).await;
    }
}

async fn group_by_leader<A: Clone, V>(
    client: &Client,
    items: &[(TopicPartition, A)],
    results: &mut BTreeMap<TopicPartition, Result<V, Error>>,
) -> BTreeMap<BrokerId, Vec<(TopicPartition, A)>> {
    let mut groups: BTreeMap<BrokerId, Vec<(TopicPartition, A)>> = BTreeMap::new();
    for (partition, argument) in items {
        match client.leader(&partition.topic, partition.partition).await {
            Ok(broker) => groups.entry(broker.id).or_default().push((partition.clone(), argument.clone())),
            Err(error) => {
                results.insert(partition.clone(), Err(error));
            }
        }
    }
    groups
}

/// The items of each topic together, as requests carry them.
pub(super) fn by_topic<A>(items: &[(TopicPartition, A)]) -> BTreeMap<&str, Vec<(i32, &A)>> {
    let mut topics: BTreeMap<&str, Vec<(i32, &A)>> = BTreeMap::new();
    for (partition, argument) in items {
        topics.entry(&partition.topic).or_default().push((partition.partition, argument));
    }
    topics
}
