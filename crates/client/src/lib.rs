//! Producer, consumer and admin client for Rust programs.
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
    ConfigSource, CreatedTopic, EachResult, GroupDescription, GroupListing, GroupMember, IsolationLevel,
    ListedOffset, LogDir, LogDirReplica, NewTopic, OffsetSpec,
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
    Acks, Delivery, ProduceError, Producer, ProducerBuilder, ProducerOptions, RecordMetadata,
};
pub use record::{ConsumerRecord, Header, Record};
pub use transport::{BoxReader, BoxWriter, Opening, Transport};
pub use versions::ApiVersions;
