//! What changes while a broker runs: sequences, configs, searches by time, topics that are created on demand.

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::create_topics_response::CreateTopicsResponse;
use ottla_protocol::messages::list_offsets_request::ListOffsetsRequest;
use ottla_protocol::messages::metadata_request::{MetadataRequest, MetadataRequestTopic};
use ottla_protocol::messages::produce_request::ProduceRequest;

use super::harness::cluster::{broker_config, topic_config};
use super::harness::requests::{batch, idempotent, list_offsets, produce, produced};
use super::harness::{Got, Harness, TOPIC};

fn send(client: &mut Harness, request: &ProduceRequest) -> (i16, i64) {
    match client.send(12, request) {
        Got::Response(response) => produced(&response),
        other => panic!("expected a response, got {other:?}"),
    }
}

#[test]
fn a_batch_that_is_sent_again_is_answered_with_its_first_offset_and_a_gap_is_refused() {
    let mut client = Harness::new();
    let (first, second) =
        (idempotent(client.now, 7, 0, 0, &["a", "b"]), idempotent(client.now, 7, 0, 2, &["c"]));
    assert_eq!(send(&mut client, &produce(1, first.clone())), (0, 0));
    assert_eq!(send(&mut client, &produce(1, second)), (0, 2));
    assert_eq!(send(&mut client, &produce(1, first)), (0, 0), "a duplicate is no second append");
    let gap = idempotent(client.now, 7, 0, 5, &["d"]);
    assert_eq!(send(&mut client, &produce(1, gap)), (ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER.0, -1));
    let newer = idempotent(client.now, 7, 1, 0, &["e"]);
    assert_eq!(send(&mut client, &produce(1, newer)), (0, 3));
    let older = idempotent(client.now, 7, 0, 3, &["f"]);
    assert_eq!(send(&mut client, &produce(1, older)), (ErrorCode::INVALID_PRODUCER_EPOCH.0, -1));
}

#[test]
fn configs_of_topics_and_of_all_brokers_take_effect_at_once() {
    let mut client = Harness::new();
    let large = produce(1, batch(client.now, &[&"x".repeat(200)]));
    assert_eq!(send(&mut client, &large), (0, 0));
    client.publish(&[broker_config("message.max.bytes", Some("100"))]);
    assert_eq!(send(&mut client, &large).0, ErrorCode::MESSAGE_TOO_LARGE.0);
    client.publish(&[topic_config(TOPIC, "max.message.bytes", Some("1000"))]);
    assert_eq!(send(&mut client, &large), (0, 1), "the topic's own config wins");
    client.publish(&[topic_config(TOPIC, "max.message.bytes", None)]);
    assert_eq!(send(&mut client, &large).0, ErrorCode::MESSAGE_TOO_LARGE.0);
}

#[test]
fn a_search_by_time_finds_the_first_record_that_is_not_older() {
    let mut client = Harness::new();
    let start = client.now.wall.0;
    for value in ["a", "b", "c"] {
        let now = client.now;
        send(&mut client, &produce(1, batch(now, &[value])));
        client.now.wall.0 += 1000;
    }
    let mut at = |timestamp| {
        let response = client.ask_later::<ListOffsetsRequest>(&list_offsets(0, timestamp));
        let partition = &response.topics[0].partitions[0];
        (partition.error_code, partition.offset, partition.timestamp)
    };
    assert_eq!(at(start), (0, 0, start));
    assert_eq!(at(start + 1), (0, 1, start + 1000));
    assert_eq!(at(start + 2001), (0, -1, -1), "nothing is as new");
}

#[test]
fn a_missing_topic_is_asked_for_once_until_the_controller_has_answered() {
    let mut client = Harness::new();
    let request = MetadataRequest {
        topics: Some(vec![MetadataRequestTopic { name: Some("new".to_owned()), ..Default::default() }]),
        allow_auto_topic_creation: true,
        ..Default::default()
    };
    let ask = |client: &mut Harness| {
        let response = client.ask::<MetadataRequest>(&request);
        assert_eq!(response.topics[0].error_code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0);
        client.take_node_requests()
    };
    let asked = ask(&mut client);
    assert_eq!(asked.len(), 1);
    assert_eq!(ask(&mut client).len(), 0, "it is under way");
    client.answer(&asked[0], &CreateTopicsResponse::default());
    assert_eq!(ask(&mut client).len(), 1, "it did not come about");
}
