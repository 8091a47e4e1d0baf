//! Producer, consumer and admin client for Rust programs: for Ottla, Apache Kafka, and whatever else speaks Kafka's
//! protocol.
//!
//! Everything is async on tokio, on a runtime of one thread or of many. A [`Client`] is a cluster: it keeps connections and
//! metadata, retries what may be retried, and is shared by what is built on it.
//!
//! | to | use |
//! |---|---|
//! | send records, none lost, doubled or reordered | [`Producer`] |
//! | send records and the offsets of what was read all or none, exactly once | [`TransactionalProducer`] |
//! | read records, alone or in a group | [`Consumer`] |
//! | keep topics, configs, offsets, groups | [`Admin`] |
//! | send any request to one broker | [`Connection`] and the messages of `ottla_protocol` |
//!
//! ```no_run
//! use std::time::Duration;
//! use ottla_client::{Client, Consumer, NewTopic, Producer, Record, StartOffset};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::connect("localhost:9092").await?;
//! client.admin().create_topic(&NewTopic::new("greetings").partitions(3)).await?;
//!
//! let producer = Producer::builder(&client).start();
//! let delivery = producer.send(Record::new("greetings").key("en").value("hello")).await?;
//! println!("delivered to partition {}", delivery.await?.partition);
//! producer.close().await;
//!
//! let mut consumer = Consumer::builder(&client).build();
//! consumer.assign_topic("greetings", StartOffset::Earliest).await?;
//! for record in consumer.poll(Duration::from_secs(5)).await? {
//!     println!("{:?}: {:?}", record.key, record.value);
//! }
//! consumer.close().await;
//! client.close().await;
//! # Ok(()) }
//! ```
//!
//! Every task that is spawned has an owner: it ends with a `close`, which waits for it, or when its owner is dropped.

mod address;
mod admin;
mod backoff;
mod client;
mod cluster;
mod connection;
mod consumer;
mod error;
mod partition;
mod partitioner;
mod producer;
mod random;
mod record;
mod task;
#[cfg(test)]
mod test_broker;
mod transport;
mod versions;

pub use address::{Address, ParseAddressError};
pub use admin::{
    Admin, BrokerDescription, ClusterDescription, CommittedOffset, ConfigChange, ConfigEntry, ConfigResource,
    ConfigSource, CreatedTopic, EachResult, GroupDescription, GroupListing, GroupMember, HangingTransaction,
    IsolationLevel, ListedOffset, LogDir, LogDirReplica, NewTopic, OffsetSpec, ProducerState,
    TransactionDescription, TransactionFilter, TransactionListing,
};
pub use client::{AutoCreate, Client, ClientBuilder, ClientOptions};
pub use cluster::{Broker, Cluster, Partition, Topic};
pub use connection::{Connection, ConnectionOptions, InFlight};
pub use consumer::{
    BatchFault, ConsumeError, Consumer, ConsumerBuilder, ConsumerOptions, GroupOptions, OffsetReset,
    StartOffset,
};
pub use error::{ApiError, CloseReason, ConnectError, ConnectFailure, Error, RequestError};
pub use ottla_protocol::record::{Compression, TimestampType};
pub use ottla_protocol::time::Timestamp;
pub use partition::TopicPartition;
pub use partitioner::{murmur2, partition_for_key};
pub use producer::{
    Acks, Delivery, GroupMetadata, ProduceError, Producer, ProducerBuilder, ProducerOptions, RecordMetadata,
    Transaction, TransactionError, TransactionalProducer,
};
pub use record::{ConsumerRecord, Header, Record};
pub use transport::{BoxReader, BoxWriter, Opening, Transport};
pub use versions::ApiVersions;
