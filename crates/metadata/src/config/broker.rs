//! The broker's configs as typed structs: what the broker, the controller and the program work with.
//!
//! The keys are named once each, where their field is filled. A key that may change while the broker runs is read again
//! from the layers of the new image: resolve the whole struct again.

use ottla_protocol::types::BrokerId;

use super::definition::ConfigValue;
use super::listeners::parse_protocol_map;
use super::{ConfigLayers, Listener, StaticConfigError, TopicConfig, broker_def, parse_listeners};

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
    /// `node.id`.
    pub id: BrokerId,
    /// `process.roles`.
    pub roles: ProcessRoles,
    /// `broker.rack`.
    pub rack: Option<String>,
    /// `listeners`: what to bind, controller listeners included.
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
    /// `metadata.log.dir`, or the first of `log_dirs`.
    pub metadata_log_dir: String,
    /// `ottla.shard.count`; `None` means one for each core.
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
    /// `producer.id.expiration.ms`.
    pub producer_id_expiration_ms: i32,
    /// `producer.id.expiration.check.interval.ms`.
    pub producer_id_expiration_check_interval_ms: i32,
}

impl BrokerConfig {
    /// Resolves the layers. Values that their key does not admit are passed over for those of the next layer.
    ///
    /// Errors: a key that a node needs is missing, or keys contradict each other.
    pub fn resolve(layers: &ConfigLayers) -> Result<Self, StaticConfigError> {
        let keys = Keys(layers);
        Ok(Self {
            node: keys.node()?,
            network: keys.network(),
            topics: keys.topics(),
            topic_config: TopicConfig::defaults(layers),
            log_manager: keys.log_manager(),
            metadata_log: keys.metadata_log(),
            quorum: keys.quorum()?,
            replication: keys.replication(),
            groups: keys.groups(),
            transactions: keys.transactions(),
        })
    }
}

/// Reads keys by type. The keys are constants of this file, and the test below reads them all: a key that is missing
/// from the table, or of another type, is a bug here and not the user's.
struct Keys<'a>(&'a ConfigLayers);

impl Keys<'_> {
    fn value(&self, key: &str) -> Option<ConfigValue> {
        self.0.value(broker_def(key).unwrap_or_else(|| panic!("{key} is not in the config table")))
    }

    fn int(&self, key: &str) -> i32 {
        match self.value(key) {
            Some(ConfigValue::Int(value)) => value,
            other => panic!("{key} is not an integer: {other:?}"),
        }
    }

    fn short(&self, key: &str) -> i16 {
        match self.value(key) {
            Some(ConfigValue::Short(value)) => value,
            other => panic!("{key} is not a short integer: {other:?}"),
        }
    }

    fn long(&self, key: &str) -> i64 {
        match self.value(key) {
            Some(ConfigValue::Long(value)) => value,
            other => panic!("{key} is not a long integer: {other:?}"),
        }
    }

    fn double(&self, key: &str) -> f64 {
        match self.value(key) {
            Some(ConfigValue::Double(value)) => value,
            other => panic!("{key} is not a number: {other:?}"),
        }
    }

    fn boolean(&self, key: &str) -> bool {
        match self.value(key) {
            Some(ConfigValue::Boolean(value)) => value,
            other => panic!("{key} is not a boolean: {other:?}"),
        }
    }

    fn text(&self, key: &str) -> Option<String> {
        match self.value(key) {
            Some(ConfigValue::Text(value)) => Some(value),
            None => None,
            other => panic!("{key} is not a text: {other:?}"),
        }
    }

    fn list(&self, key: &str) -> Option<Vec<String>> {
        match self.value(key) {
            Some(ConfigValue::List(items)) => Some(items),
            None => None,
            other => panic!("{key} is not a list: {other:?}"),
        }
    }

    fn is_set(&self, key: &str) -> bool {
        self.0.static_config().get(key).is_some()
    }

    fn node(&self) -> Result<NodeConfig, StaticConfigError> {
        let id = self.node_id()?;
        let roles = self.roles()?;
        let names = self.list("controller.listener.names").unwrap_or_default();
        let protocols = parse_protocol_map(
            &self.text("listener.security.protocol.map").unwrap_or_default(),
            !self.is_set("listener.security.protocol.map"),
            &names,
        )?;
        let listeners = self.list("listeners").unwrap_or_default();
        let listeners = parse_listeners("listeners", &listeners, &protocols)?;
        let controller_listener_names: Vec<_> = names.iter().map(|name| name.to_uppercase()).collect();
        check_controller_listeners(roles, &controller_listener_names, &listeners)?;
        let advertised_listeners = match self.list("advertised.listeners") {
            Some(items) => parse_listeners("advertised.listeners", &items, &protocols)?,
            None => {
                listeners.iter().filter(|l| !controller_listener_names.contains(&l.name)).cloned().collect()
            }
        };
        check_advertised_listeners(roles, &advertised_listeners, &listeners)?;
        let log_dirs = self.list("log.dirs").or_else(|| self.list("log.dir")).unwrap_or_default();
        let first_log_dir = log_dirs.first().cloned().unwrap_or_default();
        Ok(NodeConfig {
            id,
            roles,
            rack: self.text("broker.rack"),
            inter_broker_listener: self.inter_broker_listener(&advertised_listeners)?,
            listeners,
            advertised_listeners,
            controller_listener_names,
            metadata_log_dir: self.text("metadata.log.dir").unwrap_or(first_log_dir),
            log_dirs,
            shard_count: u16::try_from(self.int("ottla.shard.count")).ok().filter(|count| *count > 0),
            heartbeat_interval_ms: self.int("broker.heartbeat.interval.ms"),
            session_timeout_ms: self.int("broker.session.timeout.ms"),
        })
    }

    fn node_id(&self) -> Result<BrokerId, StaticConfigError> {
        let broker_id = self.int("broker.id");
        match self.value("node.id") {
            Some(ConfigValue::Int(id)) if broker_id == -1 || broker_id == id => Ok(BrokerId(id)),
            Some(_) => {
                let reason = "You must set `node.id` to the same value as `broker.id`.";
                Err(StaticConfigError::Conflict(reason.into()))
            }
            None if broker_id >= 0 => Ok(BrokerId(broker_id)),
            None => Err(StaticConfigError::Missing("node.id")),
        }
    }

    fn roles(&self) -> Result<ProcessRoles, StaticConfigError> {
        let roles = self.list("process.roles").ok_or(StaticConfigError::Missing("process.roles"))?;
        let has = |role: &str| roles.iter().any(|item| item == role);
        Ok(ProcessRoles { broker: has("broker"), controller: has("controller") })
    }

    fn inter_broker_listener(&self, advertised: &[Listener]) -> Result<String, StaticConfigError> {
        if let Some(name) = self.text("inter.broker.listener.name") {
            if self.is_set("security.inter.broker.protocol") {
                let reason = "Only one of inter.broker.listener.name and security.inter.broker.protocol should be set.";
                return Err(StaticConfigError::Conflict(reason.into()));
            }
            return Ok(name.to_uppercase());
        }
        let protocol = self.text("security.inter.broker.protocol").unwrap_or_default();
        let found = advertised.iter().find(|listener| listener.security_protocol.name() == protocol);
        Ok(found.map_or(protocol, |listener| listener.name.clone()))
    }

    fn network(&self) -> NetworkConfig {
        let buffer = |key| Some(self.int(key)).filter(|bytes| *bytes >= 0);
        NetworkConfig {
            request_bytes_max: self.int("socket.request.max.bytes"),
            socket_send_buffer_bytes: buffer("socket.send.buffer.bytes"),
            socket_receive_buffer_bytes: buffer("socket.receive.buffer.bytes"),
            listen_backlog: self.int("socket.listen.backlog.size"),
            connection_idle_ms_max: self.long("connections.max.idle.ms"),
            connections_max: self.int("max.connections"),
            connections_per_ip_max: self.int("max.connections.per.ip"),
            fetch_bytes_max: self.int("fetch.max.bytes"),
            fetch_session_cache_slots: self.int("max.incremental.fetch.session.cache.slots"),
            describe_partitions_max: self.int("max.request.partition.size.limit"),
        }
    }

    fn topics(&self) -> TopicDefaults {
        let num_partitions = self.int("num.partitions");
        let factor = i16::try_from(self.int("default.replication.factor")).unwrap_or(i16::MAX);
        TopicDefaults {
            auto_create: self.boolean("auto.create.topics.enable"),
            delete_enable: self.boolean("delete.topic.enable"),
            num_partitions,
            num_partitions_set: self.is_set("num.partitions").then_some(num_partitions),
            replication_factor: factor,
            replication_factor_set: self.is_set("default.replication.factor").then_some(factor),
        }
    }

    fn log_manager(&self) -> LogManagerConfig {
        LogManagerConfig {
            initial_task_delay_ms: self.long("log.initial.task.delay.ms"),
            retention_check_interval_ms: self.long("log.retention.check.interval.ms"),
            flush_scheduler_interval_ms: self.long("log.flush.scheduler.interval.ms"),
            recovery_point_checkpoint_interval_ms: self.int("log.flush.offset.checkpoint.interval.ms"),
            log_start_checkpoint_interval_ms: self.int("log.flush.start.offset.checkpoint.interval.ms"),
            high_watermark_checkpoint_interval_ms: self.long("replica.high.watermark.checkpoint.interval.ms"),
            cleaner_enable: self.boolean("log.cleaner.enable"),
            cleaner_backoff_ms: self.long("log.cleaner.backoff.ms"),
            cleaner_dedupe_buffer_bytes: self.long("log.cleaner.dedupe.buffer.size"),
            cleaner_io_buffer_bytes: self.int("log.cleaner.io.buffer.size"),
            cleaner_load_factor: self.double("log.cleaner.io.buffer.load.factor"),
            cleaner_bytes_per_second_max: self.double("log.cleaner.io.max.bytes.per.second"),
        }
    }

    fn metadata_log(&self) -> MetadataLogConfig {
        MetadataLogConfig {
            segment_bytes: self.int("metadata.log.segment.bytes"),
            segment_ms: self.long("metadata.log.segment.ms"),
            snapshot_bytes_between: self.long("metadata.log.max.record.bytes.between.snapshots"),
            snapshot_interval_ms: self.long("metadata.log.max.snapshot.interval.ms"),
            retention_bytes: self.long("metadata.max.retention.bytes"),
            retention_ms: self.long("metadata.max.retention.ms"),
            idle_interval_ms: self.int("metadata.max.idle.interval.ms"),
        }
    }

    fn quorum(&self) -> Result<QuorumConfig, StaticConfigError> {
        let voters = self.list("controller.quorum.voters").unwrap_or_default();
        let voters = voters.iter().map(|item| parse_voter(item)).collect::<Result<_, _>>()?;
        Ok(QuorumConfig {
            voters,
            bootstrap_servers: self.list("controller.quorum.bootstrap.servers").unwrap_or_default(),
            election_timeout_ms: self.int("controller.quorum.election.timeout.ms"),
            election_backoff_ms_max: self.int("controller.quorum.election.backoff.max.ms"),
            fetch_timeout_ms: self.int("controller.quorum.fetch.timeout.ms"),
            append_linger_ms: self.int("controller.quorum.append.linger.ms"),
            request_timeout_ms: self.int("controller.quorum.request.timeout.ms"),
            retry_backoff_ms: self.int("controller.quorum.retry.backoff.ms"),
            fetch_bytes_max: self.int("controller.quorum.fetch.max.bytes"),
            fetch_snapshot_bytes_max: self.int("controller.quorum.fetch.snapshot.max.bytes"),
        })
    }

    fn replication(&self) -> ReplicationConfig {
        ReplicationConfig {
            lag_ms_max: self.long("replica.lag.time.max.ms"),
            fetch_bytes_max: self.int("replica.fetch.max.bytes"),
            fetch_wait_ms_max: self.int("replica.fetch.wait.max.ms"),
            fetch_bytes_min: self.int("replica.fetch.min.bytes"),
            fetch_response_bytes_max: self.int("replica.fetch.response.max.bytes"),
            fetch_backoff_ms: self.int("replica.fetch.backoff.ms"),
        }
    }

    fn groups(&self) -> GroupCoordinatorConfig {
        GroupCoordinatorConfig {
            offsets_topic_partitions: self.int("offsets.topic.num.partitions"),
            offsets_topic_replication_factor: self.short("offsets.topic.replication.factor"),
            offsets_topic_segment_bytes: self.int("offsets.topic.segment.bytes"),
            offsets_topic_compression_codec: self.int("offsets.topic.compression.codec"),
            offset_metadata_bytes_max: self.int("offset.metadata.max.bytes"),
            offsets_retention_minutes: self.int("offsets.retention.minutes"),
            offsets_retention_check_interval_ms: self.long("offsets.retention.check.interval.ms"),
            offsets_commit_timeout_ms: self.int("offsets.commit.timeout.ms"),
            session_timeout_ms_min: self.int("group.min.session.timeout.ms"),
            session_timeout_ms_max: self.int("group.max.session.timeout.ms"),
            initial_rebalance_delay_ms: self.int("group.initial.rebalance.delay.ms"),
            size_max: self.int("group.max.size"),
        }
    }

    fn transactions(&self) -> TransactionConfig {
        TransactionConfig {
            topic_partitions: self.int("transaction.state.log.num.partitions"),
            topic_replication_factor: self.short("transaction.state.log.replication.factor"),
            topic_min_isr: self.int("transaction.state.log.min.isr"),
            topic_segment_bytes: self.int("transaction.state.log.segment.bytes"),
            timeout_ms_max: self.int("transaction.max.timeout.ms"),
            transactional_id_expiration_ms: self.int("transactional.id.expiration.ms"),
            producer_id_expiration_ms: self.int("producer.id.expiration.ms"),
            producer_id_expiration_check_interval_ms: self.int("producer.id.expiration.check.interval.ms"),
        }
    }
}

/// Source: Kafka `KafkaConfig.validateValues`.
fn check_controller_listeners(
    roles: ProcessRoles,
    names: &[String],
    listeners: &[Listener],
) -> Result<(), StaticConfigError> {
    let conflict = |reason: &str| Err(StaticConfigError::Conflict(reason.to_string()));
    if names.is_empty() {
        return conflict("controller.listener.names must contain at least one value when running KRaft mode");
    }
    let bound = |name: &String| listeners.iter().any(|listener| listener.name == *name);
    if roles.controller && !names.iter().all(bound) {
        return conflict(
            "controller.listener.names must only contain values appearing in the 'listeners' configuration when \
             running the KRaft controller role",
        );
    }
    if !roles.controller && names.iter().any(bound) {
        return conflict(
            "controller.listener.names must not contain a value appearing in the 'listeners' configuration when \
             running KRaft with just the broker role",
        );
    }
    Ok(())
}

fn check_advertised_listeners(
    roles: ProcessRoles,
    advertised: &[Listener],
    listeners: &[Listener],
) -> Result<(), StaticConfigError> {
    if roles.broker && advertised.is_empty() {
        let reason =
            "There must be at least one broker advertised listener when the broker role is configured";
        return Err(StaticConfigError::Conflict(reason.into()));
    }
    let unbound = advertised.iter().find(|a| !listeners.iter().any(|listener| listener.name == a.name));
    match unbound {
        Some(listener) => Err(StaticConfigError::Conflict(format!(
            "advertised.listeners listener names must be equal to or a subset of the ones defined in listeners: {}",
            listener.name
        ))),
        None => Ok(()),
    }
}

fn parse_voter(item: &str) -> Result<QuorumVoter, StaticConfigError> {
    let parse = || {
        let (id, address) = item.split_once('@')?;
        let (host, port) = address.rsplit_once(':')?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        Some(QuorumVoter { id: BrokerId(id.parse().ok()?), host: host.to_string(), port: port.parse().ok()? })
    };
    parse().ok_or_else(|| {
        StaticConfigError::InvalidValue(format!(
            "controller.quorum.voters: `{item}` is not of the form id@host:port"
        ))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::config::StaticConfig;
    use crate::image::SecurityProtocol;

    const COMBINED: &str = "process.roles=broker,controller\nnode.id=1\ncontroller.listener.names=CONTROLLER\n\
                            listeners=PLAINTEXT://:9092,CONTROLLER://:9093\n";

    fn resolve(extra: &str) -> Result<BrokerConfig, String> {
        let fixed = StaticConfig::from_properties(&format!("{COMBINED}{extra}")).unwrap();
        BrokerConfig::resolve(&ConfigLayers::of_static(Arc::new(fixed))).map_err(|error| error.to_string())
    }

    #[test]
    fn a_combined_node_resolves_with_kafkas_defaults() {
        let config = resolve("log.dirs=/a, /b\ncontroller.quorum.voters=1@localhost:9093").unwrap();
        let listener = |name: &str, port| Listener {
            name: name.into(),
            security_protocol: SecurityProtocol::PLAINTEXT,
            host: String::new(),
            port,
        };
        assert_eq!(
            config.node,
            NodeConfig {
                id: BrokerId(1),
                roles: ProcessRoles { broker: true, controller: true },
                rack: None,
                listeners: vec![listener("PLAINTEXT", 9092), listener("CONTROLLER", 9093)],
                advertised_listeners: vec![listener("PLAINTEXT", 9092)],
                controller_listener_names: vec!["CONTROLLER".into()],
                inter_broker_listener: "PLAINTEXT".into(),
                log_dirs: vec!["/a".into(), "/b".into()],
                metadata_log_dir: "/a".into(),
                shard_count: None,
                heartbeat_interval_ms: 2000,
                session_timeout_ms: 9000,
            }
        );
        let voter = QuorumVoter { id: BrokerId(1), host: "localhost".into(), port: 9093 };
        assert_eq!(config.quorum.voters, [voter]);
        assert_eq!(config.network.request_bytes_max, 104_857_600);
        assert_eq!(config.groups.offsets_topic_partitions, 50);
        assert_eq!(config.topics.num_partitions_set, None);
    }

    #[test]
    fn contradictions_are_refused() {
        for (extra, reason) in [
            ("broker.id=2", "You must set `node.id` to the same value as `broker.id`."),
            (
                "controller.listener.names=OTHER\nlistener.security.protocol.map=PLAINTEXT:SSL,CONTROLLER:SSL",
                "controller.listener.names must only contain values appearing",
            ),
            ("process.roles=broker", "controller.listener.names must not contain a value appearing"),
            ("listeners=CONTROLLER://:9093", "There must be at least one broker advertised listener"),
            (
                "advertised.listeners=SSL://h:1",
                "advertised.listeners listener names must be equal to or a subset",
            ),
            ("inter.broker.listener.name=PLAINTEXT\nsecurity.inter.broker.protocol=SSL", "Only one of"),
        ] {
            let error = resolve(extra).unwrap_err();
            assert!(error.starts_with(reason), "{extra}: {error}");
        }
        let error = BrokerConfig::resolve(&ConfigLayers::default()).unwrap_err().to_string();
        assert_eq!(error, "Missing required configuration \"node.id\" which has no default value.");
    }

    #[test]
    fn auto_creation_asks_only_what_the_file_sets() {
        let topics = resolve("num.partitions=3").unwrap().topics;
        assert_eq!((topics.num_partitions, topics.num_partitions_set), (3, Some(3)));
        assert_eq!((topics.replication_factor, topics.replication_factor_set), (1, None));
    }
}
