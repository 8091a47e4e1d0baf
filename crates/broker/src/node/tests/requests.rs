//! Requests: decided, made durable, published, answered.

use ottla_protocol::messages::alter_configs_request;
use ottla_protocol::messages::describe_quorum_request::{self, DescribeQuorumRequest};
use ottla_protocol::messages::describe_quorum_response::ReplicaState;
use ottla_protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use ottla_protocol::messages::list_partition_reassignments_request::{
    self, ListPartitionReassignmentsRequest,
};
use ottla_storage::io::Operation;
use ottla_storage::io::simulated::{Fault, FaultKind};

use super::*;

fn fault(operation: Operation, kind: FaultKind) -> Fault {
    Fault { operation: Some(operation), after: 0, count: u64::MAX, kind }
}

#[test]
fn a_change_is_synced_then_published_then_answered() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    harness.effects.clear();
    let id = harness.send(&create_topics(&[("orders", 2)]), 7);
    harness.poll();
    assert_eq!((harness.effects.len(), harness.jobs.len()), (0, 1), "a sync and nothing else");
    assert_eq!(topic_names(harness.node.image()), Vec::<String>::new());
    harness.run();
    let [NodeEffect::Publish { image, changes }, NodeEffect::Respond(response)] = harness.effects.as_slice()
    else {
        panic!("{:?}", harness.effects)
    };
    assert_eq!(response.request, id);
    let topic = image.topics.by_name("orders").unwrap();
    assert_eq!(changes.topics.keys().collect::<Vec<_>>(), [&topic.id]);
}

#[test]
fn requests_that_come_during_a_sync_share_the_next_one() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    let first = harness.send(&create_topics(&[("a", 1)]), 7);
    harness.poll();
    let others: Vec<_> = ["b", "c", "d"].map(|name| harness.send(&create_topics(&[(name, 1)]), 7)).into();
    harness.poll();
    assert_eq!(harness.jobs.len(), 1, "one sync is under way");
    let done = harness.jobs.remove(0).run();
    harness.tell(NodeInput::JobDone(done));
    harness.poll();
    assert!(harness.response::<CreateTopicsRequest>(first, 7).is_some());
    assert!(others.iter().all(|id| harness.response::<CreateTopicsRequest>(*id, 7).is_none()));
    assert_eq!(harness.jobs.len(), 1, "the next one serves all others");
    harness.run();
    assert!(others.iter().all(|id| harness.response::<CreateTopicsRequest>(*id, 7).is_some()));
}

#[test]
fn what_shares_a_batch_shares_its_timestamp() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    for name in ["a", "b"] {
        harness.send(&create_topics(&[(name, 1)]), 7);
        harness.set_time(harness.now.mono + Duration::from_millis(5));
    }
    harness.run();
    let bytes = disk.contents(Path::new("/a/__cluster_metadata-0/00000000000000000000.log")).unwrap();
    let last = ottla_protocol::record::batches(&bytes).last().unwrap().unwrap();
    assert_eq!(last.header().record_count, 4);
    let image = harness.node.image();
    assert_eq!(image.provenance.last_contained_log_timestamp, last.header().max_timestamp);
    for record in last.records() {
        // Apache Kafka refuses to load a batch of metadata with any other.
        assert_eq!(record.unwrap().timestamp_delta, 0);
    }
}

#[test]
fn requests_are_decided_against_what_is_not_committed_yet_and_wait_for_it() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    harness.send(&create_topics(&[("a", 1)]), 7);
    let again = harness.send(&create_topics(&[("a", 1)]), 7);
    harness.poll();
    assert!(
        harness.response::<CreateTopicsRequest>(again, 7).is_none(),
        "it saw a topic that may not come to be"
    );
    harness.run();
    let response = harness.response::<CreateTopicsRequest>(again, 7).unwrap();
    assert_eq!(response.topics[0].error_code, ErrorCode::TOPIC_ALREADY_EXISTS.0);
    // With nothing uncommitted a refusal needs no sync.
    let id = harness.send(&create_topics(&[("a", 1)]), 7);
    harness.poll();
    assert!(harness.response::<CreateTopicsRequest>(id, 7).is_some());
}

#[test]
fn a_failed_sync_is_fatal_and_answers_nobody() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    harness.effects.clear();
    let id = harness.send(&create_topics(&[("a", 1)]), 7);
    harness.poll();
    disk.inject(fault(Operation::Sync, FaultKind::Io { torn: 0 }));
    harness.run();
    assert!(matches!(harness.effects.as_slice(), [NodeEffect::Fatal(NodeFailure::MetadataLog(_))]));
    assert!(harness.response::<CreateTopicsRequest>(id, 7).is_none());
    harness.send(&create_topics(&[("b", 1)]), 7);
    harness.run();
    assert_eq!(
        (harness.effects.len(), harness.node.poll_deadline()),
        (1, Monotonic::NEVER),
        "it does nothing more"
    );
}

#[test]
fn a_request_that_takes_too_long_is_told_so() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    let id = harness.send(&CreateTopicsRequest { timeout_ms: 100, ..create_topics(&[("a", 1)]) }, 7);
    harness.poll();
    let sync = harness.jobs.remove(0);
    harness.pass(Duration::from_millis(99));
    assert!(harness.response::<CreateTopicsRequest>(id, 7).is_none());
    harness.pass(Duration::from_millis(1));
    let response = harness.response::<CreateTopicsRequest>(id, 7).unwrap();
    assert_eq!(
        (&*response.topics[0].name, response.topics[0].error_code),
        ("a", ErrorCode::REQUEST_TIMED_OUT.0)
    );
    // The topic is created all the same.
    harness.tell(NodeInput::JobDone(sync.run()));
    harness.run();
    assert_eq!(topic_names(harness.node.image()), ["a"]);
}

#[test]
fn a_body_that_cannot_be_read_closes_the_connection() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    harness.effects.clear();
    let context = RequestContext {
        api_key: CreateTopicsRequest::API_KEY,
        api_version: 7,
        correlation_id: 1,
        client_id: None,
        client_address: [127, 0, 0, 1].into(),
        listener: "PLAINTEXT".into(),
    };
    let request = RequestId { connection: ConnectionId(1), sequence: 0 };
    let body = Bytes::from_static(&[0xff, 0xff]);
    harness.tell(NodeInput::Request(NodeRequest { shard: ShardId(0), request, context, body }));
    harness.run();
    let [NodeEffect::Respond(response)] = harness.effects.as_slice() else { panic!("{:?}", harness.effects) };
    assert_eq!((response.request, &response.frame), (request, &None));
}

#[test]
fn producer_ids_come_in_blocks_that_are_never_given_twice() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    harness.effects.clear();
    harness.tell(NodeInput::AllocateProducerIds { shard: ShardId(0) });
    harness.tell(NodeInput::AllocateProducerIds { shard: ShardId(1) });
    harness.run();
    let blocks = |harness: &Harness| -> Vec<_> {
        let blocks = harness.effects.iter().filter_map(|effect| match effect {
            NodeEffect::ProducerIds { shard, block } => {
                Some((shard.0, block.unwrap().first.0, block.unwrap().count))
            }
            _ => None,
        });
        blocks.collect()
    };
    assert_eq!(blocks(&harness), [(0, 0, 1000), (1, 1000, 1000)]);
    drop(harness);
    disk.crash(ottla_storage::io::simulated::Survival::Nothing);
    let mut harness = Harness::start(&disk, &setup(""), 2);
    harness.tell(NodeInput::AllocateProducerIds { shard: ShardId(0) });
    harness.run();
    assert_eq!(blocks(&harness), [(0, 2000, 1000)]);
}

#[test]
fn the_quorum_is_described_as_its_leader_sees_it() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    let request = |topic: &str, index| DescribeQuorumRequest {
        topics: vec![describe_quorum_request::TopicData {
            topic_name: topic.into(),
            partitions: vec![describe_quorum_request::PartitionData { partition_index: index }],
        }],
    };
    let response = harness.call(&request("__cluster_metadata", 0), 2);
    let partition = &response.topics[0].partitions[0];
    assert_eq!((partition.error_code, partition.leader_id, partition.leader_epoch), (0, 1, 1));
    assert_eq!(partition.high_watermark, 15);
    let now = harness.now.wall.0;
    let voter = ReplicaState {
        replica_id: 1,
        replica_directory_id: harness.booted.log_dirs[0].directory_id.0,
        log_end_offset: 15,
        last_fetch_timestamp: now,
        last_caught_up_timestamp: now,
    };
    assert_eq!((partition.current_voters.as_slice(), partition.observers.len()), (&[voter][..], 0));
    assert_eq!((response.nodes[0].node_id, response.nodes[0].listeners[0].port), (1, 9093));
    for (topic, index) in [("orders", 0), ("__cluster_metadata", 1)] {
        let response = harness.call(&request(topic, index), 2);
        let partition = &response.topics[0].partitions[0];
        assert_eq!(partition.error_code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0);
    }
}

fn alter(resources: &[(i8, &str, &str, i8, Option<&str>)]) -> IncrementalAlterConfigsRequest {
    let resource = |&(resource_type, name, key, operation, value): &(i8, &str, &str, i8, Option<&str>)| {
        AlterConfigsResource {
            resource_type,
            resource_name: name.into(),
            configs: vec![AlterableConfig {
                name: key.into(),
                config_operation: operation,
                value: value.map(Into::into),
            }],
        }
    };
    IncrementalAlterConfigsRequest {
        resources: resources.iter().map(resource).collect(),
        validate_only: false,
    }
}

#[test]
fn configs_of_another_broker_and_of_loggers_are_refused_and_the_rest_is_decided() {
    const TOPIC: i8 = 2;
    const BROKER: i8 = 4;
    const LOGGER: i8 = 8;
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    harness.create_topic("orders", 1);
    let request = alter(&[
        (BROKER, "2", "message.max.bytes", 0, Some("5000")),
        (BROKER, "1", "message.max.bytes", 0, Some("5000")),
        (BROKER, "x", "message.max.bytes", 0, Some("5000")),
        (LOGGER, "1", "kafka", 0, Some("DEBUG")),
        (LOGGER, "1", "kafka", 2, Some("DEBUG")),
        (LOGGER, "2", "kafka", 0, Some("DEBUG")),
        (TOPIC, "orders", "retention.ms", 0, Some("1000")),
        (TOPIC, "nobodys", "retention.ms", 0, Some("1000")),
    ]);
    let request = IncrementalAlterConfigsRequest {
        // The two loggers of node 1 are one resource named twice.
        resources: request
            .resources
            .into_iter()
            .enumerate()
            .filter(|(at, _)| *at != 4)
            .map(|(_, r)| r)
            .collect(),
        ..request
    };
    let response = harness.call(&request, 1);
    let codes: Vec<_> =
        response.responses.iter().map(|r| (r.resource_name.as_str(), ErrorCode(r.error_code))).collect();
    assert_eq!(
        codes,
        [
            ("2", ErrorCode::INVALID_REQUEST),
            ("1", ErrorCode::NONE),
            ("x", ErrorCode::INVALID_REQUEST),
            ("1", ErrorCode::INVALID_CONFIG),
            ("2", ErrorCode::INVALID_REQUEST),
            ("orders", ErrorCode::NONE),
            ("nobodys", ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        ]
    );
    assert_eq!(
        response.responses[0].error_message.as_deref(),
        Some("Unexpected broker id, expected 1, but received 2")
    );
    let image = harness.node.image();
    let topic = ottla_metadata::image::ConfigResource::topic("orders");
    assert_eq!(image.configs.get(&topic).unwrap().get("retention.ms").map(|value| &**value), Some("1000"));
}

#[test]
fn levels_of_loggers_change_while_the_broker_runs() {
    const LOGGER: i8 = 8;
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    let set = |validate_only| IncrementalAlterConfigsRequest {
        validate_only,
        ..alter(&[(LOGGER, "1", "ottla.storage", 0, Some("DEBUG"))])
    };
    let filters = |harness: &Harness| -> Vec<String> {
        let filter = |effect: &NodeEffect| match effect {
            NodeEffect::SetLogFilter(filter) => Some(filter.clone()),
            _ => None,
        };
        harness.effects.iter().filter_map(filter).collect()
    };
    assert_eq!(harness.call(&set(true), 1).responses[0].error_code, 0);
    assert_eq!(filters(&harness), [""; 0], "it was only to be checked");
    let end = harness.node.image().provenance;
    assert_eq!(harness.call(&set(false), 1).responses[0].error_code, 0);
    assert_eq!(filters(&harness), ["info,ottla_storage=debug"]);
    assert_eq!(
        harness.call(&alter(&[(LOGGER, "1", "ottla.storage", 1, None)]), 1).responses[0].error_code,
        0
    );
    assert_eq!(filters(&harness), ["info,ottla_storage=debug", "info"]);
    assert_eq!(harness.node.image().provenance, end, "no log keeps levels");
    for (name, operation, value, refusal) in [
        ("root", 1, None, "Removing the log level of the root logger is not allowed"),
        ("root", 2, Some("INFO"), "APPEND operation is not allowed for the BROKER_LOGGER resource"),
        ("root", 0, None, "Null value not supported for : root"),
        ("nobody", 0, Some("INFO"), "Logger nobody does not exist!"),
    ] {
        let response = harness.call(&alter(&[(LOGGER, "1", name, operation, value)]), 1);
        assert_eq!(response.responses[0].error_message.as_deref(), Some(refusal));
    }
}

#[test]
fn the_legacy_alteration_of_configs_keeps_the_order_of_the_request() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    let resource = |resource_type, name: &str| alter_configs_request::AlterConfigsResource {
        resource_type,
        resource_name: name.into(),
        configs: vec![alter_configs_request::AlterableConfig {
            name: "message.max.bytes".into(),
            value: Some("5000".into()),
        }],
    };
    let request = alter_configs_request::AlterConfigsRequest {
        resources: vec![resource(4, "3"), resource(4, "1"), resource(4, ""), resource(4, "")],
        validate_only: false,
    };
    let response = harness.call(&request, 2);
    let codes: Vec<_> =
        response.responses.iter().map(|r| (r.resource_name.as_str(), ErrorCode(r.error_code))).collect();
    let invalid = ErrorCode::INVALID_REQUEST;
    assert_eq!(codes, [("3", invalid), ("1", ErrorCode::NONE), ("", invalid), ("", invalid)]);
}

#[test]
fn nothing_is_being_reassigned_where_nobody_asked_for_it() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    harness.create_topic("orders", 2);
    let of_orders = vec![list_partition_reassignments_request::ListPartitionReassignmentsTopics {
        name: "orders".into(),
        partition_indexes: vec![0, 1, 2],
    }];
    for topics in [None, Some(of_orders)] {
        let request = ListPartitionReassignmentsRequest { timeout_ms: 1000, topics };
        let response = harness.call(&request, 0);
        assert_eq!((response.error_code, response.topics.len()), (0, 0));
    }
}

#[test]
fn a_full_disk_refuses_the_request_and_the_node_goes_on() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    disk.inject(fault(Operation::Write, FaultKind::Full { torn: 0 }));
    let response = harness.call(&create_topics(&[("a", 1)]), 7);
    assert_eq!(response.topics[0].error_code, ErrorCode::KAFKA_STORAGE_ERROR.0);
    disk.lift_faults();
    harness.create_topic("a", 1);
}
