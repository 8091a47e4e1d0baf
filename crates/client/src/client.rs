//! A cluster as one thing: connections to its brokers, what is known of its topics, and the way to retry.

mod connections;
mod options;
mod retry;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use ottla_protocol::messages::find_coordinator_request::FindCoordinatorRequest;
use ottla_protocol::messages::metadata_request::{MetadataRequest, MetadataRequestTopic};
use ottla_protocol::types::BrokerId;
use tokio::sync::Semaphore;

use self::connections::Connections;
pub use self::options::{ClientBuilder, ClientOptions};
use crate::address::Address;
use crate::admin::Admin;
use crate::cluster::{Broker, Cluster, Topic};
use crate::connection::Connection;
use crate::error::{ApiError, Error};
use ottla_protocol::messages::Request;

/// A handle to a cluster. Cheap to clone; all clones share connections and metadata.
///
/// ```no_run
/// # async fn example() -> Result<(), ottla_client::Error> {
/// use ottla_client::Client;
///
/// let client = Client::connect("localhost:9092").await?;
/// let topic = client.topic("orders").await?;
/// println!("{} has {} partitions", topic.name, topic.partition_count());
/// client.close().await;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    shared: Arc<Shared>,
    connections: Arc<Connections>,
}

/// `KeyType` of FindCoordinator.
const KEY_TYPE_GROUP: i8 = 0;
const KEY_TYPE_TRANSACTION: i8 = 1;

/// What clients with connections of their own still share.
#[derive(Debug)]
struct Shared {
    bootstrap: Vec<Address>,
    options: ClientOptions,
    known: Mutex<Known>,
    /// One Metadata request at a time: who waits takes the answer that the one before got.
    refreshing: Semaphore,
}

#[derive(Debug, Default)]
struct Known {
    cluster: Arc<Cluster>,
    /// Counts the snapshots.
    generation: u64,
    /// What the brokers last said against topics that were asked for.
    errors: BTreeMap<String, ApiError>,
}

/// Whether asking for a topic may create it (`auto.create.topics.enable` on the broker decides).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AutoCreate {
    /// Ask the broker to create a missing topic.
    Allowed,
    /// A missing topic stays missing.
    Forbidden,
}

impl Client {
    /// A client of the cluster that the brokers at `bootstrap` belong to, a comma-separated list of `HOST:PORT`.
    ///
    /// Errors: [`Error::NoBroker`] if none of them answers.
    pub async fn connect(bootstrap: &str) -> Result<Self, Error> {
        Self::builder(bootstrap).connect().await
    }

    /// To set options before connecting.
    pub fn builder(bootstrap: impl Into<String>) -> ClientBuilder {
        ClientBuilder::new(bootstrap.into())
    }

    /// Makes the client and fetches the list of brokers once.
    async fn start(bootstrap: Vec<Address>, options: ClientOptions) -> Result<Self, Error> {
        let shared = Shared { bootstrap, options, known: Mutex::default(), refreshing: Semaphore::new(1) };
        let client = Self { shared: Arc::new(shared), connections: Arc::default() };
        client.refresh(&[], AutoCreate::Forbidden).await?;
        Ok(client)
    }

    /// The same cluster and the same knowledge of it, over connections of its own. Long polls of one then do not hold up
    /// the requests of the other, since brokers answer each connection in order.
    #[must_use]
    pub fn with_own_connections(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), connections: Arc::default() }
    }

    /// The admin operations.
    #[must_use]
    pub fn admin(&self) -> Admin {
        Admin::new(self.clone())
    }

    /// The options it was made with.
    #[must_use]
    pub fn options(&self) -> &ClientOptions {
        &self.shared.options
    }

    /// The newest snapshot of the cluster. It holds the topics that were asked for.
    #[must_use]
    pub fn cluster(&self) -> Arc<Cluster> {
        Arc::clone(&self.known().cluster)
    }

    /// The topic `name`, from the snapshot or else from the cluster.
    ///
    /// Errors: [`Error::Api`] with `UNKNOWN_TOPIC_OR_PARTITION` if there is none.
    pub async fn topic(&self, name: &str) -> Result<Arc<Topic>, Error> {
        self.find_topic(name, AutoCreate::Forbidden).await
    }

    /// The topic `name`, created on the way if that is allowed here and by the brokers. A topic that was only just created
    /// is waited for.
    pub async fn find_topic(&self, name: &str, auto_create: AutoCreate) -> Result<Arc<Topic>, Error> {
        if let Some(topic) = self.cluster().topics.get(name) {
            return Ok(Arc::clone(topic));
        }
        self.retry(&format!("find topic `{name}`"), || async {
            let cluster = self.refresh(&[name], auto_create).await?;
            if let Some(topic) = cluster.topics.get(name) {
                return Ok(Arc::clone(topic));
            }
            Err(Error::api(format!("topic `{name}`"), self.topic_error(name)))
        })
        .await
    }

    fn topic_error(&self, name: &str) -> ApiError {
        let unknown = ottla_protocol::error::ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
        self.known().errors.get(name).cloned().unwrap_or(ApiError { code: unknown, message: None })
    }

    /// Asks the cluster for its brokers, for `topics`, and for every topic that the snapshot holds. Returns the new
    /// snapshot, which lacks topics that do not exist.
    pub async fn refresh(&self, topics: &[&str], auto_create: AutoCreate) -> Result<Arc<Cluster>, Error> {
        let seen = self.known().generation;
        let _turn = self.shared.refreshing.acquire().await.map_err(|_| Error::Closed)?;
        {
            let known = self.known();
            let is_covered = topics.iter().all(|&topic| known.cluster.topics.contains_key(topic));
            if known.generation != seen && is_covered {
                return Ok(Arc::clone(&known.cluster));
            }
        }
        let mut names: Vec<String> = self.known().cluster.topics.keys().cloned().collect();
        names.extend(topics.iter().map(|&topic| topic.to_owned()));
        names.sort();
        names.dedup();
        self.fetch_metadata(Some(names), auto_create).await
    }

    /// Asks the cluster for all its topics. The snapshot holds them from then on.
    pub async fn refresh_all(&self) -> Result<Arc<Cluster>, Error> {
        let _turn = self.shared.refreshing.acquire().await.map_err(|_| Error::Closed)?;
        self.fetch_metadata(None, AutoCreate::Forbidden).await
    }

    async fn fetch_metadata(
        &self,
        names: Option<Vec<String>>,
        auto_create: AutoCreate,
    ) -> Result<Arc<Cluster>, Error> {
        let topic = |name| MetadataRequestTopic { name: Some(name), ..Default::default() };
        let is_all = names.is_none();
        let request = MetadataRequest {
            topics: names.map(|names| names.into_iter().map(topic).collect()),
            allow_auto_topic_creation: auto_create == AutoCreate::Allowed,
            ..Default::default()
        };
        let (connection, response) = self.ask_any(&request).await?;
        ApiError::check(response.error_code, None).map_err(|error| Error::api("fetch metadata", error))?;
        let mut known = self.known();
        let (mut cluster, errors) = known.cluster.updated(&response);
        if is_all {
            let names: std::collections::BTreeSet<_> =
                response.topics.iter().filter_map(|topic| topic.name.as_deref()).collect();
            cluster.topics.retain(|name, _| names.contains(name.as_str()));
        }
        *known = Known { cluster: Arc::new(cluster), generation: known.generation + 1, errors };
        drop(connection);
        Ok(Arc::clone(&known.cluster))
    }

    /// Sends `request` to any broker: one that a connection is open to, else one of the cluster, else one of the bootstrap
    /// list. Each is tried once.
    async fn ask_any<R: Request>(&self, request: &R) -> Result<(Arc<Connection>, R::Response), Error> {
        let cluster = self.cluster();
        let mut addresses: Vec<&Address> = cluster.brokers.values().map(|broker| &broker.address).collect();
        self.connections.spread(&mut addresses);
        addresses.extend(
            self.shared
                .bootstrap
                .iter()
                .filter(|&address| !cluster.brokers.values().any(|broker| broker.address == *address)),
        );
        let mut last = Error::Closed;
        for address in addresses {
            match self.connections.get(address, &self.shared.options.connection).await {
                Ok(connection) => match connection.send(request).await {
                    Ok(response) => return Ok((connection, response)),
                    Err(error) if error.is_retriable() => last = error.into(),
                    Err(error) => return Err(error.into()),
                },
                Err(error) => last = error.into(),
            }
        }
        let bootstrap = self.shared.bootstrap.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        Err(Error::NoBroker { bootstrap, last: Box::new(last) })
    }

    /// Sends `request` to any broker and retries on lost connections.
    pub async fn send_to_any<R: Request>(&self, request: &R) -> Result<R::Response, Error> {
        self.retry(R::API_KEY.name(), || async { Ok(self.ask_any(request).await?.1) }).await
    }

    /// Sends `request` to the broker `id`, once.
    pub async fn send_to<R: Request>(&self, id: BrokerId, request: &R) -> Result<R::Response, Error> {
        Ok(self.connection(id).await?.send(request).await?)
    }

    /// The connection to the broker `id`, opened if need be.
    pub async fn connection(&self, id: BrokerId) -> Result<Arc<Connection>, Error> {
        let cluster = self.cluster();
        let broker = cluster.brokers.get(&id).ok_or(Error::UnknownBroker(id.0))?;
        Ok(self.connections.get(&broker.address, &self.shared.options.connection).await?)
    }

    /// The leader of a partition. The topic must exist; its metadata is refreshed once if no leader is known.
    pub async fn leader(&self, topic: &str, partition: i32) -> Result<Broker, Error> {
        if let Some(broker) = self.cluster().leader(topic, partition) {
            return Ok(broker.clone());
        }
        let cluster = self.refresh(&[topic], AutoCreate::Forbidden).await?;
        let known = cluster.topics.get(topic);
        if known.is_none_or(|known| known.partition(partition).is_none()) {
            let what = format!("partition {partition} of topic `{topic}`");
            return Err(Error::api(what, self.topic_error(topic)));
        }
        let no_leader = || Error::NoLeader { topic: topic.to_owned(), partition };
        cluster.leader(topic, partition).cloned().ok_or_else(no_leader)
    }

    /// The broker that coordinates the consumer group `group`.
    pub async fn group_coordinator(&self, group: &str) -> Result<BrokerId, Error> {
        self.coordinator(group, KEY_TYPE_GROUP, "group").await
    }

    /// The broker that coordinates the transactions of `transactional_id`.
    pub async fn transaction_coordinator(&self, transactional_id: &str) -> Result<BrokerId, Error> {
        self.coordinator(transactional_id, KEY_TYPE_TRANSACTION, "transactional id").await
    }

    async fn coordinator(&self, key: &str, key_type: i8, kind: &str) -> Result<BrokerId, Error> {
        self.retry(&format!("find the coordinator of {kind} `{key}`"), || async {
            let request = FindCoordinatorRequest {
                key: key.to_owned(),
                key_type,
                coordinator_keys: vec![key.to_owned()],
            };
            let response = self.ask_any(&request).await?.1;
            // Version 4 and later answer in a list.
            let (code, message, id) = match response.coordinators.into_iter().next() {
                Some(coordinator) => (coordinator.error_code, coordinator.error_message, coordinator.node_id),
                None => (response.error_code, response.error_message, response.node_id),
            };
            let what = || format!("find the coordinator of {kind} `{key}`");
            ApiError::check(code, message).map_err(|error| Error::api(what(), error))?;
            let id = BrokerId(id);
            if !self.cluster().brokers.contains_key(&id) {
                self.refresh(&[], AutoCreate::Forbidden).await?;
            }
            Ok(id)
        })
        .await
    }

    /// Waits for the responses that are due and closes the connections, which clones share. A later call opens new ones.
    pub async fn close(&self) {
        self.connections.close().await;
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.shared.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::{IsolationLevel, NewTopic};
    use crate::partition::TopicPartition;

    fn is_send(_: impl Send) {}

    /// Compiles only if programs may call these from any task.
    #[allow(dead_code)]
    fn calls_can_be_spawned(client: &Client, admin: &Admin, partition: &TopicPartition) {
        is_send(client.topic("t"));
        is_send(client.group_coordinator("g"));
        is_send(client.send_to_any(&MetadataRequest::default()));
        is_send(admin.create_topic(&NewTopic::new("t")));
        is_send(admin.list_offset(partition, crate::OffsetSpec::Latest, IsolationLevel::ReadCommitted));
        is_send(admin.describe_group("g"));
    }
}
