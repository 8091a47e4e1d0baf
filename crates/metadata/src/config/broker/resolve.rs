//! From the layers of configuration to the typed structs.

use ottla_protocol::types::BrokerId;

use super::{
    BrokerConfig, ConsumerGroupConfig, GroupCoordinatorConfig, LogManagerConfig, MetadataLogConfig,
    NetworkConfig, NodeConfig, ProcessRoles, QuorumConfig, QuorumVoter, ReplicationConfig, TopicDefaults,
    TransactionConfig,
};
use crate::config::listeners::parse_protocol_map;
use crate::config::{
    ConfigLayers, ConfigValue, Listener, StaticConfigError, TopicConfig, broker_def, parse_listeners,
};

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
            consumer_groups: keys.consumer_groups(),
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
            cordoned_log_dirs: self.list("cordoned.log.dirs").unwrap_or_default(),
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
            memory_bytes_max: ["queued.max.request.bytes", "ottla.memory.max.bytes"]
                .into_iter()
                .filter_map(|key| u64::try_from(self.long(key)).ok().filter(|bytes| *bytes > 0))
                .min(),
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
            cleaner_threads: self.int("log.cleaner.threads"),
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

    fn consumer_groups(&self) -> ConsumerGroupConfig {
        let protocols = self.list("group.coordinator.rebalance.protocols").unwrap_or_default();
        ConsumerGroupConfig {
            enable: protocols.iter().any(|protocol| protocol == "consumer"),
            session_timeout_ms: self.int("group.consumer.session.timeout.ms"),
            session_timeout_ms_min: self.int("group.consumer.min.session.timeout.ms"),
            session_timeout_ms_max: self.int("group.consumer.max.session.timeout.ms"),
            heartbeat_interval_ms: self.int("group.consumer.heartbeat.interval.ms"),
            heartbeat_interval_ms_min: self.int("group.consumer.min.heartbeat.interval.ms"),
            heartbeat_interval_ms_max: self.int("group.consumer.max.heartbeat.interval.ms"),
            assignment_interval_ms: self.int("group.consumer.assignment.interval.ms"),
            assignment_interval_ms_min: self.int("group.consumer.min.assignment.interval.ms"),
            assignment_interval_ms_max: self.int("group.consumer.max.assignment.interval.ms"),
            size_max: self.int("group.consumer.max.size"),
            assignors: self.list("group.consumer.assignors").unwrap_or_default(),
            migration_policy: self.text("group.consumer.migration.policy").unwrap_or_default(),
            regex_refresh_interval_ms: self.int("group.consumer.regex.refresh.interval.ms"),
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
            abort_timed_out_interval_ms: self
                .int("transaction.abort.timed.out.transaction.cleanup.interval.ms"),
            remove_expired_interval_ms: self
                .int("transaction.remove.expired.transaction.cleanup.interval.ms"),
            is_two_phase_commit_enabled: self.boolean("transaction.two.phase.commit.enable"),
            is_partition_verification_enabled: self.boolean("transaction.partition.verification.enable"),
            add_partitions_retry_backoff_ms: self.int("add.partitions.to.txn.retry.backoff.ms"),
            add_partitions_retry_backoff_ms_max: self.int("add.partitions.to.txn.retry.backoff.max.ms"),
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
                cordoned_log_dirs: vec![],
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
