//! A controller whose outcomes are replayed at once, for tests that state its rules.
#![allow(dead_code)] // Each test file uses a part.

use ottla_metadata::bootstrap::BootstrapMetadata;
use ottla_metadata::config::StaticConfig;
use ottla_metadata::controller::{
    AllowAll, Controller, ControllerConfig, MutationQuota, Outcome, RequestContext, TopicAccess, Unlimited,
};
use ottla_metadata::features::{MetadataVersion, supported_features};
use ottla_metadata::image::{MetadataImage, Provenance};
use ottla_metadata::record::MetadataRecord;
use ottla_protocol::messages::broker_heartbeat_request::BrokerHeartbeatRequest;
use ottla_protocol::messages::broker_registration_request::{BrokerRegistrationRequest, Feature, Listener};
use ottla_protocol::messages::create_topics_request::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use ottla_protocol::time::{Monotonic, Now, Timestamp};
use ottla_protocol::types::{BrokerId, LeaderEpoch, Offset, Uuid};

pub const CLUSTER_ID: &str = "MkU3OEVBNTcwNTJENDM2Qg";

pub struct Scenario {
    pub controller: Controller,
    pub now: Now,
    pub seed: u64,
    pub api_version: i16,
    next_offset: Offset,
}

impl Scenario {
    /// A cluster of these unfenced brokers, at the newest metadata version.
    pub fn new(brokers: &[i32]) -> Self {
        Self::with_config(brokers, MetadataVersion::LATEST_PRODUCTION, "")
    }

    pub fn with_config(brokers: &[i32], metadata_version: MetadataVersion, properties: &str) -> Self {
        let config = ControllerConfig {
            node_id: BrokerId(1),
            cluster_id: CLUSTER_ID.into(),
            static_config: StaticConfig::from_properties(properties).unwrap().into(),
            quorum_node_ids: vec![BrokerId(1)],
        };
        let now = Now { wall: Timestamp(1), mono: Monotonic(1) };
        let controller = Controller::new(config, &MetadataImage::default(), now);
        let mut scenario = Self { controller, now, seed: 1, api_version: 7, next_offset: Offset::ZERO };
        let bootstrap = BootstrapMetadata::new(metadata_version, &Default::default()).unwrap();
        let outcome = scenario.controller.activate(&bootstrap);
        scenario.append(&outcome.records);
        for id in brokers {
            scenario.register(*id, -1);
            scenario.heartbeat(*id, BrokerHeartbeatRequest::default());
        }
        scenario
    }

    pub fn image(&self) -> &MetadataImage {
        self.controller.image()
    }

    /// Replays records as the log would.
    pub fn append(&mut self, records: &[MetadataRecord]) {
        for record in records {
            let at = Provenance {
                last_contained_offset: self.next_offset,
                last_contained_epoch: LeaderEpoch(1),
                last_contained_log_timestamp: self.now.wall,
            };
            self.controller.replay(at, record).unwrap();
            self.next_offset = self.next_offset.next();
        }
    }

    /// Decides with the context of a client that may do everything, and replays the outcome.
    pub fn run<R>(
        &mut self,
        decide: impl FnOnce(&mut Controller, &mut RequestContext<'_>) -> Outcome<R>,
    ) -> R {
        self.run_as(&AllowAll, &mut Unlimited, decide)
    }

    pub fn run_as<R>(
        &mut self,
        access: &dyn TopicAccess,
        quota: &mut dyn MutationQuota,
        decide: impl FnOnce(&mut Controller, &mut RequestContext<'_>) -> Outcome<R>,
    ) -> R {
        self.seed += 1;
        let mut context = RequestContext {
            now: self.now,
            seed: self.seed,
            api_version: self.api_version,
            is_forwarded: true,
            access,
            quota,
        };
        let outcome = decide(&mut self.controller, &mut context);
        self.append(&outcome.records);
        outcome.response
    }

    pub fn registration(id: i32) -> BrokerRegistrationRequest {
        BrokerRegistrationRequest {
            broker_id: id,
            cluster_id: CLUSTER_ID.into(),
            incarnation_id: Uuid::from_u128(1000 + u128::from(id.unsigned_abs())),
            listeners: vec![Listener {
                name: "PLAINTEXT".into(),
                host: format!("host{id}"),
                port: 9092,
                security_protocol: 0,
            }],
            features: supported_features()
                .into_iter()
                .map(|(name, range)| Feature {
                    name: name.into(),
                    min_supported_version: range.min,
                    max_supported_version: range.max,
                })
                .collect(),
            rack: None,
            log_dirs: vec![Uuid::from_u128(2000 + u128::from(id.unsigned_abs()))],
            ..Default::default()
        }
    }

    /// Registers a broker; its error code.
    pub fn register_with(&mut self, request: &BrokerRegistrationRequest) -> i16 {
        let offset = self.next_offset;
        let response = self.run(|controller, context| controller.register_broker(request, offset, context));
        if response.error_code == 0 {
            self.controller.broker_registered(BrokerId(request.broker_id), self.now.mono);
        }
        response.error_code
    }

    pub fn register(&mut self, id: i32, previous_broker_epoch: i64) {
        let request = BrokerRegistrationRequest { previous_broker_epoch, ..Self::registration(id) };
        assert_eq!(self.register_with(&request), 0);
    }

    /// A heartbeat of a broker that has read everything: error code, fenced, shall stop.
    pub fn heartbeat(&mut self, id: i32, request: BrokerHeartbeatRequest) -> (i16, bool, bool) {
        let broker_epoch = self.image().cluster.broker(BrokerId(id)).map_or(-1, |broker| broker.epoch.0);
        let current_metadata_offset = self.next_offset.0;
        let request =
            BrokerHeartbeatRequest { broker_id: id, broker_epoch, current_metadata_offset, ..request };
        let response = self.run(|controller, context| controller.broker_heartbeat(&request, context));
        (response.error_code, response.is_fenced, response.should_shut_down)
    }

    /// Creates topics, each of which has a code and a message in the order of the response.
    pub fn create(&mut self, topics: Vec<CreatableTopic>) -> Vec<(String, i16, Option<String>)> {
        let request = CreateTopicsRequest { topics, ..Default::default() };
        let response = self.run(|controller, context| controller.create_topics(&request, context));
        let result =
            response.topics.into_iter().map(|topic| (topic.name, topic.error_code, topic.error_message));
        result.collect()
    }

    /// Creates one topic that must be accepted.
    pub fn create_ok(&mut self, topic: CreatableTopic) {
        let results = self.create(vec![topic]);
        assert_eq!(results[0].1, 0, "{results:?}");
    }

    /// `leader / isr / elr / last known elr / leader epoch.partition epoch` of a partition.
    pub fn partition(&self, topic: &str, index: i32) -> String {
        let topic = self.image().topics.by_name(topic).unwrap();
        let p = topic.partition(index).unwrap();
        let ids = |ids: &[BrokerId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        format!(
            "{} / {} / {} / {} / {}.{}",
            p.leader,
            ids(&p.isr),
            ids(&p.elr),
            ids(&p.last_known_elr),
            p.leader_epoch,
            p.partition_epoch
        )
    }
}

pub fn topic(name: &str, num_partitions: i32, replication_factor: i16) -> CreatableTopic {
    CreatableTopic { name: name.into(), num_partitions, replication_factor, ..Default::default() }
}

pub fn assigned(name: &str, replicas: &[&[i32]]) -> CreatableTopic {
    let assignment = |(index, replicas): (usize, &&[i32])| CreatableReplicaAssignment {
        partition_index: i32::try_from(index).unwrap(),
        broker_ids: replicas.to_vec(),
    };
    let assignments = replicas.iter().enumerate().map(assignment).collect();
    CreatableTopic { assignments, ..topic(name, -1, -1) }
}

pub fn with_configs(topic: CreatableTopic, configs: &[(&str, Option<&str>)]) -> CreatableTopic {
    let config = |(name, value): &(&str, Option<&str>)| CreatableTopicConfig {
        name: (*name).into(),
        value: value.map(ToString::to_string),
    };
    CreatableTopic { configs: configs.iter().map(config).collect(), ..topic }
}
