//! The broker's configs as typed structs: what the broker, the controller and the program work with.
//!
//! The keys are named once each, where their field is filled. A key that may change while the broker runs is read again
//! from the layers of the new image: resolve the whole struct again.

mod resolve;

use ottla_protocol::types::BrokerId;

use super::{Listener, TopicConfig};

/// All configs that the broker works with. Resolve it anew when dynamic broker configs change.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerConfig {
    /// Who the node is and where it listens.
    pub node: NodeConfig,
    /// Limits of connections and requests.
    pub network: NetworkConfig,
    /// How topics are created.
    pub topics: TopicDefaults,
    /// The configs of a topic without any of its own.
    pub topic_config: TopicConfig,
    /// Periods and limits of the logs.
    pub log_manager: LogManagerConfig,
    /// The metadata log and its snapshots.
    pub metadata_log: MetadataLogConfig,
    /// The controller quorum.
    pub quorum: QuorumConfig,
    /// Replication between brokers.
    pub replication: ReplicationConfig,
    /// Groups and committed offsets.
    pub groups: GroupCoordinatorConfig,
    /// Groups of the consumer protocol.
    pub consumer_groups: ConsumerGroupConfig,
    /// Transactions and producer ids.
    pub transactions: TransactionConfig,
}

/// What a node does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessRoles {
    /// It holds partitions and serves clients.
    pub broker: bool,
    /// It votes in the controller quorum.
    pub controller: bool,
}

/// Who the node is and where it listens.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeConfig {
    /// `node.id`, or `broker.id`.
    pub id: BrokerId,
    /// `process.roles`.
    pub roles: ProcessRoles,
    /// `broker.rack`.
    pub rack: Option<String>,
    /// `listeners`: what to bind, controller listeners included; with the protocols of `listener.security.protocol.map`.
    pub listeners: Vec<Listener>,
    /// `advertised.listeners`, or `listeners` without those of the controller.
    pub advertised_listeners: Vec<Listener>,
    /// `controller.listener.names`, in upper case.
    pub controller_listener_names: Vec<String>,
    /// Name of the listener between brokers: `inter.broker.listener.name`, or the first listener with the protocol
    /// `security.inter.broker.protocol`.
    pub inter_broker_listener: String,
    /// `log.dirs`, or `log.dir`.
    pub log_dirs: Vec<String>,
    /// `cordoned.log.dirs`: those of `log_dirs` that get no new replicas; `*` stands for all.
    pub cordoned_log_dirs: Vec<String>,
    /// `metadata.log.dir`, or the first of `log_dirs`.
    pub metadata_log_dir: String,
    /// `ottla.shard.count`; `None` means that the program chooses.
    pub shard_count: Option<u16>,
    /// `broker.heartbeat.interval.ms`.
    pub heartbeat_interval_ms: i32,
    /// `broker.session.timeout.ms`.
    pub session_timeout_ms: i32,
}

/// Limits of connections and requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkConfig {
    /// `socket.request.max.bytes`.
    pub request_bytes_max: i32,
    /// Bytes that connections may hold for their clients: `queued.max.request.bytes` or `ottla.memory.max.bytes`, the smaller of
    /// those that are set. `None` leaves it to the program.
    pub memory_bytes_max: Option<u64>,
    /// `socket.send.buffer.bytes`; `None` leaves it to the system.
    pub socket_send_buffer_bytes: Option<i32>,
    /// `socket.receive.buffer.bytes`; `None` leaves it to the system.
    pub socket_receive_buffer_bytes: Option<i32>,
    /// `socket.listen.backlog.size`.
    pub listen_backlog: i32,
    /// `connections.max.idle.ms`; negative means never.
    pub connection_idle_ms_max: i64,
    /// `max.connections`.
    pub connections_max: i32,
    /// `max.connections.per.ip`.
    pub connections_per_ip_max: i32,
    /// `fetch.max.bytes`.
    pub fetch_bytes_max: i32,
    /// `max.incremental.fetch.session.cache.slots`.
    pub fetch_session_cache_slots: i32,
    /// `max.request.partition.size.limit`.
    pub describe_partitions_max: i32,
}

/// How topics are created and deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopicDefaults {
    /// `auto.create.topics.enable`.
    pub auto_create: bool,
    /// `delete.topic.enable`.
    pub delete_enable: bool,
    /// `num.partitions`.
    pub num_partitions: i32,
    /// `num.partitions` if the configuration file sets it, which auto creation asks.
    pub num_partitions_set: Option<i32>,
    /// `default.replication.factor`.
    pub replication_factor: i16,
    /// `default.replication.factor` if the configuration file sets it, which auto creation asks.
    pub replication_factor_set: Option<i16>,
}

/// Periods of the work on logs, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogManagerConfig {
    /// `log.initial.task.delay.ms`.
    pub initial_task_delay_ms: i64,
    /// `log.retention.check.interval.ms`.
    pub retention_check_interval_ms: i64,
    /// `log.flush.scheduler.interval.ms`.
    pub flush_scheduler_interval_ms: i64,
    /// `log.flush.offset.checkpoint.interval.ms`.
    pub recovery_point_checkpoint_interval_ms: i32,
    /// `log.flush.start.offset.checkpoint.interval.ms`.
    pub log_start_checkpoint_interval_ms: i32,
    /// `replica.high.watermark.checkpoint.interval.ms`.
    pub high_watermark_checkpoint_interval_ms: i64,
    /// `log.cleaner.enable`.
    pub cleaner_enable: bool,
    /// `log.cleaner.threads`.
    pub cleaner_threads: i32,
    /// `log.cleaner.backoff.ms`.
    pub cleaner_backoff_ms: i64,
    /// `log.cleaner.dedupe.buffer.size`.
    pub cleaner_dedupe_buffer_bytes: i64,
    /// `log.cleaner.io.buffer.size`.
    pub cleaner_io_buffer_bytes: i32,
    /// `log.cleaner.io.buffer.load.factor`.
    pub cleaner_load_factor: f64,
    /// `log.cleaner.io.max.bytes.per.second`.
    pub cleaner_bytes_per_second_max: f64,
}

/// The metadata log and its snapshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetadataLogConfig {
    /// `metadata.log.segment.bytes`.
    pub segment_bytes: i32,
    /// `metadata.log.segment.ms`.
    pub segment_ms: i64,
    /// `metadata.log.max.record.bytes.between.snapshots`.
    pub snapshot_bytes_between: i64,
    /// `metadata.log.max.snapshot.interval.ms`; 0 means by size alone.
    pub snapshot_interval_ms: i64,
    /// `metadata.max.retention.bytes`; negative means no limit.
    pub retention_bytes: i64,
    /// `metadata.max.retention.ms`; negative means no limit.
    pub retention_ms: i64,
    /// `metadata.max.idle.interval.ms`; 0 means no NoOpRecords.
    pub idle_interval_ms: i32,
}

/// A static voter, from `controller.quorum.voters`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuorumVoter {
    /// Node id.
    pub id: BrokerId,
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

/// The controller quorum. Times are in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuorumConfig {
    /// `controller.quorum.voters`; empty with a dynamic quorum.
    pub voters: Vec<QuorumVoter>,
    /// `controller.quorum.bootstrap.servers`, as `host:port`.
    pub bootstrap_servers: Vec<String>,
    /// `controller.quorum.election.timeout.ms`.
    pub election_timeout_ms: i32,
    /// `controller.quorum.election.backoff.max.ms`.
    pub election_backoff_ms_max: i32,
    /// `controller.quorum.fetch.timeout.ms`.
    pub fetch_timeout_ms: i32,
    /// `controller.quorum.append.linger.ms`.
    pub append_linger_ms: i32,
    /// `controller.quorum.request.timeout.ms`.
    pub request_timeout_ms: i32,
    /// `controller.quorum.retry.backoff.ms`.
    pub retry_backoff_ms: i32,
    /// `controller.quorum.fetch.max.bytes`.
    pub fetch_bytes_max: i32,
    /// `controller.quorum.fetch.snapshot.max.bytes`.
    pub fetch_snapshot_bytes_max: i32,
}

/// Replication between brokers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicationConfig {
    /// `replica.lag.time.max.ms`.
    pub lag_ms_max: i64,
    /// `replica.fetch.max.bytes`.
    pub fetch_bytes_max: i32,
    /// `replica.fetch.wait.max.ms`.
    pub fetch_wait_ms_max: i32,
    /// `replica.fetch.min.bytes`.
    pub fetch_bytes_min: i32,
    /// `replica.fetch.response.max.bytes`.
    pub fetch_response_bytes_max: i32,
    /// `replica.fetch.backoff.ms`.
    pub fetch_backoff_ms: i32,
}

/// Groups and committed offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupCoordinatorConfig {
    /// `offsets.topic.num.partitions`.
    pub offsets_topic_partitions: i32,
    /// `offsets.topic.replication.factor`.
    pub offsets_topic_replication_factor: i16,
    /// `offsets.topic.segment.bytes`.
    pub offsets_topic_segment_bytes: i32,
    /// `offsets.topic.compression.codec`: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.
    pub offsets_topic_compression_codec: i32,
    /// `offset.metadata.max.bytes`.
    pub offset_metadata_bytes_max: i32,
    /// `offsets.retention.minutes`.
    pub offsets_retention_minutes: i32,
    /// `offsets.retention.check.interval.ms`.
    pub offsets_retention_check_interval_ms: i64,
    /// `offsets.commit.timeout.ms`.
    pub offsets_commit_timeout_ms: i32,
    /// `group.min.session.timeout.ms`.
    pub session_timeout_ms_min: i32,
    /// `group.max.session.timeout.ms`.
    pub session_timeout_ms_max: i32,
    /// `group.initial.rebalance.delay.ms`.
    pub initial_rebalance_delay_ms: i32,
    /// `group.max.size`.
    pub size_max: i32,
}

/// Groups of the consumer protocol (KIP-848). Times are in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerGroupConfig {
    /// Whether `group.coordinator.rebalance.protocols` has them.
    pub enable: bool,
    /// `group.consumer.session.timeout.ms`.
    pub session_timeout_ms: i32,
    /// `group.consumer.min.session.timeout.ms`.
    pub session_timeout_ms_min: i32,
    /// `group.consumer.max.session.timeout.ms`.
    pub session_timeout_ms_max: i32,
    /// `group.consumer.heartbeat.interval.ms`.
    pub heartbeat_interval_ms: i32,
    /// `group.consumer.min.heartbeat.interval.ms`.
    pub heartbeat_interval_ms_min: i32,
    /// `group.consumer.max.heartbeat.interval.ms`.
    pub heartbeat_interval_ms_max: i32,
    /// `group.consumer.assignment.interval.ms`.
    pub assignment_interval_ms: i32,
    /// `group.consumer.min.assignment.interval.ms`.
    pub assignment_interval_ms_min: i32,
    /// `group.consumer.max.assignment.interval.ms`.
    pub assignment_interval_ms_max: i32,
    /// `group.consumer.max.size`, in members.
    pub size_max: i32,
    /// `group.consumer.assignors`.
    pub assignors: Vec<String>,
    /// `group.consumer.migration.policy`.
    pub migration_policy: String,
    /// `group.consumer.regex.refresh.interval.ms`.
    pub regex_refresh_interval_ms: i32,
}

/// Transactions and producer ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransactionConfig {
    /// `transaction.state.log.num.partitions`.
    pub topic_partitions: i32,
    /// `transaction.state.log.replication.factor`.
    pub topic_replication_factor: i16,
    /// `transaction.state.log.min.isr`.
    pub topic_min_isr: i32,
    /// `transaction.state.log.segment.bytes`.
    pub topic_segment_bytes: i32,
    /// `transaction.max.timeout.ms`.
    pub timeout_ms_max: i32,
    /// `transactional.id.expiration.ms`.
    pub transactional_id_expiration_ms: i32,
    /// `transaction.abort.timed.out.transaction.cleanup.interval.ms`.
    pub abort_timed_out_interval_ms: i32,
    /// `transaction.remove.expired.transaction.cleanup.interval.ms`.
    pub remove_expired_interval_ms: i32,
    /// `transaction.two.phase.commit.enable`.
    pub is_two_phase_commit_enabled: bool,
    /// `transaction.partition.verification.enable`.
    pub is_partition_verification_enabled: bool,
    /// `add.partitions.to.txn.retry.backoff.ms`.
    pub add_partitions_retry_backoff_ms: i32,
    /// `add.partitions.to.txn.retry.backoff.max.ms`.
    pub add_partitions_retry_backoff_ms_max: i32,
    /// `producer.id.expiration.ms`.
    pub producer_id_expiration_ms: i32,
    /// `producer.id.expiration.check.interval.ms`.
    pub producer_id_expiration_check_interval_ms: i32,
}
