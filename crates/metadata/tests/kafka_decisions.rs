//! The controller against Apache Kafka's: at every point of Kafka's own log where its controller decided something, ours
//! decides the same records. See fixtures/kafka-4.3.1/README.md.

use std::time::Duration;

use ottla_metadata::config::StaticConfig;
use ottla_metadata::controller::{AllowAll, Controller, ControllerConfig, RequestContext, Unlimited};
use ottla_metadata::image::{MetadataImage, Provenance};
use ottla_metadata::record::MetadataRecord;
use ottla_protocol::messages::allocate_producer_ids_request::AllocateProducerIdsRequest;
use ottla_protocol::messages::broker_heartbeat_request::BrokerHeartbeatRequest;
use ottla_protocol::messages::broker_registration_request::{BrokerRegistrationRequest, Feature, Listener};
use ottla_protocol::messages::create_partitions_request::{CreatePartitionsRequest, CreatePartitionsTopic};
use ottla_protocol::messages::create_topics_request::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use ottla_protocol::messages::delete_topics_request::{DeleteTopicState, DeleteTopicsRequest};
use ottla_protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use ottla_protocol::record::batches;
use ottla_protocol::time::{Monotonic, Now, Timestamp};
use ottla_protocol::types::{BrokerId, Offset, Uuid};

const LOG: &[u8] = include_bytes!("fixtures/kafka-4.3.1/metadata.log");
const CLUSTER_ID: &str = "MkU3OEVBNTcwNTJENDM2Qg";

/// Kafka's log, and a controller that has replayed it up to some offset.
struct Replay {
    controller: Controller,
    records: Vec<(Provenance, MetadataRecord)>,
    now: Now,
}

impl Replay {
    fn new() -> Self {
        let mut records = Vec::new();
        for batch in batches(LOG) {
            let batch = batch.unwrap();
            let header = *batch.header();
            if header.attributes.is_control() {
                continue;
            }
            for view in batch.records() {
                let view = view.unwrap();
                let at = Provenance {
                    last_contained_offset: view.offset(&header),
                    last_contained_epoch: header.leader_epoch,
                    last_contained_log_timestamp: header.max_timestamp,
                };
                records.push((at, MetadataRecord::decode(view.value.unwrap()).unwrap().0));
            }
        }
        let now = Now { wall: Timestamp(0), mono: Monotonic(1) };
        Self { controller: Controller::new(config(), &MetadataImage::default(), now), records, now }
    }

    /// The node starts anew: the log's state stays, sessions do not.
    fn restart(&mut self, offset: i64) {
        self.replay_below(offset);
        self.controller = Controller::new(config(), self.controller.image(), self.now);
    }

    /// Replays everything below `offset` that has not been replayed, and begins the session of a registered broker.
    fn replay_below(&mut self, offset: i64) {
        let next = self.controller.next_offset();
        for (at, record) in &self.records {
            if (next..Offset(offset)).contains(&at.last_contained_offset) {
                self.controller.replay(*at, record).unwrap();
            }
            if let MetadataRecord::RegisterBroker(broker) = record
                && at.last_contained_offset == self.controller.image().provenance.last_contained_offset
            {
                self.controller.broker_registered(BrokerId(broker.broker_id), self.now.mono);
            }
        }
    }

    /// Kafka's records from `first` to `last`, both inclusive, without NoOpRecords.
    fn logged(&self, first: i64, last: i64) -> Vec<MetadataRecord> {
        let between = |at: &Provenance| (first..=last).contains(&at.last_contained_offset.0);
        let records = self.records.iter().filter(|(at, _)| between(at)).map(|(_, record)| record.clone());
        records.filter(|record| !matches!(record, MetadataRecord::NoOp(_))).collect()
    }

    /// Replays the log below `first`; then `decide` must give the records from `first` to `last`.
    fn decides(
        &mut self,
        first: i64,
        last: i64,
        decide: impl FnOnce(&mut Controller, &mut RequestContext<'_>) -> Vec<MetadataRecord>,
    ) {
        self.replay_below(first);
        let mut context = RequestContext {
            now: self.now,
            seed: 7,
            api_version: 7,
            is_forwarded: true,
            access: &AllowAll,
            quota: &mut Unlimited,
        };
        let ours = decide(&mut self.controller, &mut context);
        let theirs = self.logged(first, last);
        assert_eq!(comparable(ours), comparable(theirs), "offsets {first} to {last}");
    }

    fn heartbeat(&mut self, first: i64, last: i64, request: &BrokerHeartbeatRequest) {
        self.decides(first, last, |controller, context| {
            let broker_epoch = controller.image().cluster.broker(BrokerId(1)).unwrap().epoch.0;
            let request = BrokerHeartbeatRequest { broker_id: 1, broker_epoch, ..request.clone() };
            let outcome = controller.broker_heartbeat(&request, context);
            assert_eq!(outcome.response.error_code, 0);
            outcome.records
        });
    }

    /// Registers the broker as the record at `last` says, with its former life's epoch as it knows it.
    fn register(&mut self, first: i64, last: i64, previous_broker_epoch: i64) {
        let Some(MetadataRecord::RegisterBroker(record)) = self.logged(last, last).pop() else {
            panic!("no registration at {last}");
        };
        let request = BrokerRegistrationRequest {
            broker_id: record.broker_id,
            cluster_id: CLUSTER_ID.into(),
            incarnation_id: record.incarnation_id,
            listeners: record
                .end_points
                .iter()
                .map(|endpoint| Listener {
                    name: endpoint.name.clone(),
                    host: endpoint.host.clone(),
                    port: endpoint.port,
                    security_protocol: endpoint.security_protocol,
                })
                .collect(),
            features: record
                .features
                .iter()
                .map(|feature| Feature {
                    name: feature.name.clone(),
                    min_supported_version: feature.min_supported_version,
                    max_supported_version: feature.max_supported_version,
                })
                .collect(),
            rack: record.rack.clone(),
            log_dirs: record.log_dirs.clone(),
            previous_broker_epoch,
            ..Default::default()
        };
        self.decides(first, last, |controller, context| {
            let outcome = controller.register_broker(&request, Offset(first), context);
            assert_eq!((outcome.response.error_code, outcome.response.broker_epoch), (0, first));
            outcome.records
        });
    }

    fn create(&mut self, first: i64, last: i64, topic: CreatableTopic) {
        self.decides(first, last, |controller, context| {
            let request = CreateTopicsRequest { topics: vec![topic], ..Default::default() };
            controller.create_topics(&request, context).records
        });
    }

    fn alter(
        &mut self,
        first: i64,
        last: i64,
        resource_type: i8,
        name: &str,
        configs: &[(&str, i8, Option<&str>)],
    ) {
        let config = |(name, config_operation, value): &(&str, i8, Option<&str>)| AlterableConfig {
            name: (*name).into(),
            config_operation: *config_operation,
            value: value.map(ToString::to_string),
        };
        let resource = AlterConfigsResource {
            resource_type,
            resource_name: name.into(),
            configs: configs.iter().map(config).collect(),
        };
        let request = IncrementalAlterConfigsRequest { resources: vec![resource], validate_only: false };
        self.decides(first, last, |controller, context| {
            controller.incremental_alter_configs(&request, context).records
        });
    }
}

fn config() -> ControllerConfig {
    ControllerConfig {
        node_id: BrokerId(1),
        cluster_id: CLUSTER_ID.into(),
        static_config: StaticConfig::default().into(),
        quorum_node_ids: vec![BrokerId(1)],
    }
}

/// Records without what is random (the ids of new topics), and with runs of partition changes in one order: Java's maps
/// have an order of their own.
fn comparable(records: Vec<MetadataRecord>) -> Vec<String> {
    let mut new_topic = None;
    let mut texts: Vec<String> = Vec::new();
    let mut run_start = 0;
    for mut record in records {
        match &mut record {
            MetadataRecord::Topic(topic) => new_topic = Some(std::mem::take(&mut topic.topic_id)),
            MetadataRecord::Partition(partition) if Some(partition.topic_id) == new_topic => {
                partition.topic_id = Uuid::ZERO;
            }
            _ => {}
        }
        if !matches!(record, MetadataRecord::PartitionChange(_)) {
            texts[run_start..].sort();
            texts.push(format!("{record:?}"));
            run_start = texts.len();
        } else {
            texts.push(format!("{record:?}"));
        }
    }
    texts[run_start..].sort();
    texts
}

fn topic(name: &str, num_partitions: i32, configs: &[(&str, &str)]) -> CreatableTopic {
    let config = |(name, value): &(&str, &str)| CreatableTopicConfig {
        name: (*name).into(),
        value: Some((*value).into()),
    };
    CreatableTopic {
        name: name.into(),
        num_partitions,
        replication_factor: 1,
        configs: configs.iter().map(config).collect(),
        ..Default::default()
    }
}

#[test]
fn our_controller_decides_what_kafkas_decided() {
    const SET: i8 = 0;
    const DELETE: i8 = 1;
    let caught_up = BrokerHeartbeatRequest { current_metadata_offset: i64::MAX, ..Default::default() };
    let stopping = BrokerHeartbeatRequest { want_shut_down: true, ..caught_up.clone() };
    let uncordoned = BrokerHeartbeatRequest { cordoned_log_dirs: Some(Vec::new()), ..caught_up.clone() };
    let mut replay = Replay::new();

    // A new broker registers, catches up and is unfenced.
    replay.register(11, 11, -1);
    replay.heartbeat(12, 11, &BrokerHeartbeatRequest { current_metadata_offset: 10, ..Default::default() });
    replay.heartbeat(13, 13, &caught_up);
    replay.heartbeat(14, 14, &uncordoned);

    // Topics and configs come and go.
    replay.create(
        70,
        75,
        topic("alpha", 3, &[("retention.ms", "86400000"), ("cleanup.policy", "compact,delete")]),
    );
    replay.create(78, 79, topic("beta.gamma", 1, &[]));
    replay.create(81, 84, topic("doomed", 2, &[("segment.bytes", "2097152")]));
    replay.decides(87, 89, |controller, context| {
        let topics = vec![CreatePartitionsTopic { name: "beta.gamma".into(), count: 4, assignments: None }];
        let request = CreatePartitionsRequest { topics, ..Default::default() };
        controller.create_partitions(&request, context).records
    });
    let removal = find(&replay, |record| matches!(record, MetadataRecord::RemoveTopic(_)));
    replay.decides(removal, removal, |controller, context| {
        let topics = vec![DeleteTopicState { name: Some("doomed".into()), ..Default::default() }];
        controller.delete_topics(&DeleteTopicsRequest { topics, ..Default::default() }, context).records
    });
    let config = |name: &'static str, from: i64| {
        move |at: &Provenance, record: &MetadataRecord| {
            at.last_contained_offset.0 > from
                && matches!(record, MetadataRecord::Config(config) if config.name == name)
        }
    };
    let set = find_at(&replay, config("max.message.bytes", removal));
    replay.alter(set, set, 2, "alpha", &[("max.message.bytes", SET, Some("2000000"))]);
    let deleted = find_at(&replay, config("retention.ms", set));
    replay.alter(deleted, deleted, 2, "alpha", &[("retention.ms", DELETE, None)]);
    let group = find_at(&replay, config("consumer.session.timeout.ms", deleted));
    replay.alter(group, group, 32, "g1", &[("consumer.session.timeout.ms", SET, Some("50000"))]);

    let block = find(&replay, |record| matches!(record, MetadataRecord::ProducerIds(_)));
    replay.decides(block, block, |controller, _| {
        let request = AllocateProducerIdsRequest { broker_id: 1, broker_epoch: 11 };
        controller.allocate_producer_ids(&request).records
    });

    // The broker stops in order: it leaves all ISRs, the only replicas stay eligible.
    replay.heartbeat(302, 310, &stopping);
    replay.heartbeat(311, 311, &stopping);

    // It comes back after a clean shutdown: its replicas are elected from the ELR.
    replay.restart(313);
    replay.register(315, 315, 11);
    replay.heartbeat(317, 325, &caught_up);
    replay.heartbeat(326, 326, &uncordoned);

    // It is killed: its session ends.
    replay.restart(335);
    replay.replay_below(354);
    let later = replay.now.mono + Duration::from_millis(9001);
    replay.decides(354, 362, |controller, _| controller.fence_stale_broker(later).records);
    replay.now.mono = later;

    // It comes back after an unclean shutdown: it leaves the ELRs, then leads again as the last known leader.
    replay.register(366, 374, -1);
    replay.heartbeat(375, 383, &caught_up);

    // With eligible leader replicas, another min.insync.replicas makes void what they promise.
    let assignment = |partition_index| CreatableReplicaAssignment { partition_index, broker_ids: vec![1] };
    let assignments = vec![assignment(0), assignment(1)];
    let manual = CreatableTopic { replication_factor: -1, assignments, ..topic("manual", -1, &[]) };
    replay.create(387, 389, manual);
    replay.alter(392, 393, 2, "alpha", &[("min.insync.replicas", SET, Some("2"))]);
    replay.heartbeat(400, 410, &stopping);
    replay.heartbeat(411, 411, &stopping);
}

fn find(replay: &Replay, predicate: impl Fn(&MetadataRecord) -> bool) -> i64 {
    find_at(replay, |_, record| predicate(record))
}

fn find_at(replay: &Replay, predicate: impl Fn(&Provenance, &MetadataRecord) -> bool) -> i64 {
    let found = replay.records.iter().find(|(at, record)| predicate(at, record));
    found.expect("Kafka wrote such a record").0.last_contained_offset.0
}
