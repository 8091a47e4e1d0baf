//! Configs: what they are, and that a change takes effect at once.

use std::path::Path;
use std::time::Duration;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::describe_configs_request::{DescribeConfigsRequest, DescribeConfigsResource};
use ottla_protocol::messages::describe_configs_response::DescribeConfigsResponse;
use ottla_protocol::messages::list_config_resources_request::ListConfigResourcesRequest;
use ottla_protocol::messages::metadata_request::{MetadataRequest, MetadataRequestTopic};
use ottla_storage::io::Disk;

use crate::harness::cluster::{broker_config, topic_config};
use crate::harness::requests::{batch, fetch, fetched, fetched_bytes, list_offsets, produce, produced};
use crate::harness::{Got, Harness, TOPIC};

const TOPIC_RESOURCE: i8 = 2;
const BROKER_RESOURCE: i8 = 4;

fn describe(kind: i8, name: &str, keys: &[&str]) -> DescribeConfigsRequest {
    let resource = DescribeConfigsResource {
        resource_type: kind,
        resource_name: name.to_owned(),
        configuration_keys: Some(keys.iter().map(|key| (*key).to_owned()).collect()),
    };
    DescribeConfigsRequest { resources: vec![resource], ..Default::default() }
}

/// Value and source of the only config of the only resource of an answer.
fn described(answer: &DescribeConfigsResponse) -> (Option<&str>, i8) {
    assert_eq!(answer.results[0].error_code, 0);
    let config = &answer.results[0].configs[0];
    (config.value.as_deref(), config.config_source)
}

#[test]
fn a_changed_config_is_shown_with_its_source() {
    let mut client = Harness::new();
    let ask = describe(TOPIC_RESOURCE, TOPIC, &["retention.ms"]);
    assert_eq!(described(&client.ask(&ask)), (Some("604800000"), 5), "the default");
    client.publish(&[broker_config("log.retention.ms", Some("2000"))]);
    assert_eq!(described(&client.ask(&ask)), (Some("2000"), 3), "of the cluster");
    client.publish(&[topic_config(TOPIC, "retention.ms", Some("1000"))]);
    assert_eq!(described(&client.ask(&ask)), (Some("1000"), 1), "of the topic");
    client.publish(&[topic_config(TOPIC, "retention.ms", None), broker_config("log.retention.ms", None)]);
    assert_eq!(described(&client.ask(&ask)), (Some("604800000"), 5));
}

#[test]
fn resources_that_do_not_exist_are_refused_and_each_is_answered_once() {
    let mut client = Harness::new();
    for (kind, name, error) in [
        (TOPIC_RESOURCE, "nowhere", ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        (TOPIC_RESOURCE, "no such name!", ErrorCode::INVALID_TOPIC_EXCEPTION),
        (BROKER_RESOURCE, "7", ErrorCode::INVALID_REQUEST),
        (8, "7", ErrorCode::INVALID_REQUEST),
        (99, "x", ErrorCode::INVALID_REQUEST),
    ] {
        assert_eq!(client.ask(&describe(kind, name, &[])).results[0].error_code, error.0, "{kind} {name}");
    }
    let mut twice = describe(TOPIC_RESOURCE, TOPIC, &["retention.ms"]);
    twice.resources.push(twice.resources[0].clone());
    assert_eq!(client.ask(&twice).results.len(), 1);
    let topics = client.ask(&ListConfigResourcesRequest { resource_types: vec![TOPIC_RESOURCE] });
    assert_eq!(topics.config_resources.len(), 1);
}

#[test]
fn the_size_of_batches_follows_the_topic_and_the_broker() {
    let mut client = Harness::new();
    let large = "x".repeat(500);
    let send = |client: &mut Harness| produced(&client.ask(&produce(1, batch(client.now, &[&large])))).0;
    let refused = ErrorCode::MESSAGE_TOO_LARGE.0;
    assert_eq!(send(&mut client), 0);
    client.publish(&[topic_config(TOPIC, "max.message.bytes", Some("100"))]);
    assert_eq!(send(&mut client), refused);
    client.publish(&[
        topic_config(TOPIC, "max.message.bytes", None),
        broker_config("message.max.bytes", Some("200")),
    ]);
    assert_eq!(send(&mut client), refused);
    client.publish(&[broker_config("message.max.bytes", None)]);
    assert_eq!(send(&mut client), 0);
}

#[test]
fn keys_are_asked_for_as_soon_as_a_topic_is_compacted() {
    let mut client = Harness::new();
    client.publish(&[topic_config(TOPIC, "cleanup.policy", Some("compact"))]);
    let answer = client.ask(&produce(1, batch(client.now, &["no key", "none either"])));
    let partition = &answer.responses[0].partition_responses[0];
    assert_eq!(partition.error_code, ErrorCode::INVALID_RECORD.0);
    let indexes: Vec<_> = partition.record_errors.iter().map(|record| record.batch_index).collect();
    assert_eq!(indexes, [0, 1]);
}

#[test]
fn durability_follows_the_topic() {
    let mut client = Harness::new();
    let waits = |client: &mut Harness| {
        matches!(client.send(9, &produce(-1, batch(client.now, &["a"]))), Got::Waits(_))
    };
    assert!(waits(&mut client));
    client.publish(&[topic_config(TOPIC, "ack.durability", Some("replicated"))]);
    assert!(!waits(&mut client), "the replicas keep the promise");
    client.publish(&[topic_config(TOPIC, "ack.durability", None)]);
    assert!(waits(&mut client));
    client.run_jobs();
    assert_eq!(client.responses_left(), 2);
}

#[test]
fn the_clock_of_a_topic_can_be_changed() {
    let mut client = Harness::new();
    client.publish(&[topic_config(TOPIC, "message.timestamp.type", Some("LogAppendTime"))]);
    let records = batch(client.now, &["a"]);
    client.pass(Duration::from_secs(10));
    let answer = client.ask(&produce(1, records));
    assert_eq!(answer.responses[0].partition_responses[0].log_append_time_ms, client.now.wall.0);
    client.publish(&[
        topic_config(TOPIC, "message.timestamp.type", None),
        topic_config(TOPIC, "message.timestamp.before.max.ms", Some("1000")),
    ]);
    let records = batch(client.now, &["a"]);
    assert_eq!(produced(&client.ask(&produce(1, records.clone()))).0, 0);
    client.pass(Duration::from_secs(2));
    assert_eq!(produced(&client.ask(&produce(1, records))).0, ErrorCode::INVALID_TIMESTAMP.0);
}

#[test]
fn retention_follows_the_topic() {
    let mut client = Harness::with_configs(&[("segment.bytes", "1048576")]);
    let text = "x".repeat(400_000);
    for _ in 0..6 {
        client.ask(&produce(1, batch(client.now, &[&text])));
    }
    client.publish(&[topic_config(TOPIC, "retention.bytes", Some("500000"))]);
    client.pass(Duration::from_secs(300));
    let answer = client.ask(&list_offsets(0, -2));
    assert_eq!(answer.topics[0].partitions[0].offset, 4, "two segments of two records each are gone");
    assert_eq!(fetched(&client.send(12, &fetch(3, 0, 1)).now()).error_code, ErrorCode::OFFSET_OUT_OF_RANGE.0);
    assert!(fetched_bytes(&client.send(12, &fetch(4, 0, 1)).now()) > 0);
    let logs = |client: &Harness| {
        let files = client.disk.list(Path::new("/data/orders-0")).unwrap().into_iter();
        files.map(|file| file.name).filter(|name| name.contains(".log")).collect::<Vec<_>>()
    };
    let (first, second, last) =
        ("00000000000000000000.log", "00000000000000000002.log", "00000000000000000004.log");
    assert_eq!(logs(&client), [format!("{first}.deleted"), format!("{second}.deleted"), last.to_owned()]);
    client.pass(Duration::from_secs(60));
    client.run_jobs();
    assert_eq!(logs(&client), [last], "their files go a minute later");
}

#[test]
fn topics_are_created_for_who_asks_if_the_broker_allows_it() {
    let name = |name: &str| MetadataRequestTopic { name: Some(name.to_owned()), ..Default::default() };
    let ask = |names: &[&str], allow_auto_topic_creation| MetadataRequest {
        topics: Some(names.iter().map(|topic| name(topic)).collect()),
        allow_auto_topic_creation,
        ..Default::default()
    };
    let mut client = Harness::new();
    client.send(9, &ask(&["new"], false)).now();
    assert_eq!(client.take_node_requests().len(), 0);
    let answer = client.send(9, &ask(&["new", "new", "bad name!", "newer"], true)).now();
    let errors: Vec<_> =
        answer.topics.iter().map(|topic| (topic.name.as_deref().unwrap(), topic.error_code)).collect();
    let (unknown, invalid) = (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0, ErrorCode::INVALID_TOPIC_EXCEPTION.0);
    assert_eq!(errors, [("bad name!", invalid), ("new", unknown), ("newer", unknown)]);
    assert_eq!(client.take_node_requests().len(), 2);
    let many: Vec<String> = (0..1000).map(|index| format!("topic-{index}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    client.send(9, &ask(&many, true)).now();
    assert!(client.take_node_requests().len() <= 100, "the control plane is not swamped");
    client.publish(&[broker_config("auto.create.topics.enable", Some("false"))]);
    client.send(9, &ask(&["newest"], true)).now();
    assert_eq!(client.take_node_requests().len(), 0);
}
