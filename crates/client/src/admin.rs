//! What an administrator does: topics, configs, offsets, records, groups, the cluster itself. All results are typed.

mod by_leader;
mod cluster;
mod configs;
mod groups;
mod offsets;
mod topics;
mod transactions;

use std::time::Duration;

pub use self::cluster::{BrokerDescription, ClusterDescription, LogDir, LogDirReplica};
pub use self::configs::{ConfigChange, ConfigEntry, ConfigResource, ConfigSource};
pub(crate) use self::groups::decode_assignment;
pub use self::groups::{CommittedOffset, GroupDescription, GroupListing, GroupMember};
pub use self::offsets::{IsolationLevel, ListedOffset, OffsetSpec};
pub use self::topics::{CreatedTopic, NewTopic};
pub use self::transactions::{
    HangingTransaction, ProducerState, TransactionDescription, TransactionFilter, TransactionListing,
};
use crate::client::Client;

/// The admin operations on a cluster; see [`Client::admin`].
///
/// ```no_run
/// # async fn example() -> Result<(), ottla_client::Error> {
/// use ottla_client::{Client, NewTopic};
///
/// let admin = Client::connect("localhost:9092").await?.admin();
/// admin.create_topic(&NewTopic::new("orders").partitions(6).config("retention.ms", "86400000")).await?;
/// for topic in admin.list_topics().await? {
///     println!("{}", topic.name);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Admin {
    client: Client,
}

/// The result of an operation on several things: for each, in the order asked, what came of it.
pub type EachResult<K, V> = Vec<(K, Result<V, crate::error::Error>)>;

impl Admin {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The client below.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Time that the broker may take for an operation, in the form that requests carry. It ends before the response is
    /// given up, so that the broker's own answer is seen.
    fn timeout_ms(&self) -> i32 {
        let timeout = self.client.options().connection.request_timeout;
        let margin = Duration::from_secs(1).min(timeout / 10);
        i32::try_from((timeout - margin).as_millis()).unwrap_or(i32::MAX)
    }
}
