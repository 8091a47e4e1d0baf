//! Produce: idempotent producers, producer ids, and who may not write.

use std::time::Duration;

use ottla_broker::node::{NodeInput, ProducerIdBlock};
use ottla_broker::shard::ShardInput;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::message::Message;
use ottla_protocol::messages::describe_producers_request::{DescribeProducersRequest, TopicRequest};
use ottla_protocol::messages::init_producer_id_request::InitProducerIdRequest;
use ottla_protocol::messages::produce_request::ProduceRequest;
use ottla_protocol::types::ProducerId;

use crate::harness::cluster::{self, OFFSETS, ORDERS};
use crate::harness::requests::{batch, fetch, fetched, idempotent, produce, produce_to, produced};
use crate::harness::{Got, Harness, Options, TOPIC};

const OUT_OF_ORDER: i16 = ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER.0;

fn send(client: &mut Harness, producer_id: i64, epoch: i16, sequence: i32, values: &[&str]) -> (i16, i64) {
    let records = idempotent(client.now, producer_id, epoch, sequence, values);
    produced(&client.ask(&produce(1, records)))
}

#[test]
fn a_batch_that_comes_again_is_answered_with_its_first_offset() {
    let mut client = Harness::new();
    assert_eq!(send(&mut client, 7, 0, 0, &["a", "b"]), (0, 0));
    assert_eq!(send(&mut client, 7, 0, 2, &["c"]), (0, 2));
    assert_eq!(send(&mut client, 8, 0, 0, &["x"]), (0, 3), "another producer counts for itself");
    assert_eq!(send(&mut client, 7, 0, 0, &["a", "b"]), (0, 0));
    assert_eq!(send(&mut client, 7, 0, 2, &["c"]), (0, 2));
    client.restart();
    assert_eq!(
        send(&mut client, 7, 0, 2, &["c"]),
        (0, 2),
        "a snapshot knows the last batch of each producer"
    );
    assert_eq!(fetched(&client.send(12, &fetch(0, 0, 1)).now()).high_watermark, 4);
}

#[test]
fn sequences_have_no_gaps_and_old_epochs_no_say() {
    let mut client = Harness::new();
    assert_eq!(send(&mut client, 7, 3, 5, &["a"]), (0, 0), "a producer that is not known may begin anywhere");
    assert_eq!(send(&mut client, 7, 3, 7, &["b"]), (OUT_OF_ORDER, -1));
    assert_eq!(send(&mut client, 7, 3, 5, &["a", "b"]), (OUT_OF_ORDER, -1), "half of it is a duplicate");
    assert_eq!(send(&mut client, 7, 2, 6, &["b"]), (ErrorCode::INVALID_PRODUCER_EPOCH.0, -1));
    assert_eq!(send(&mut client, 7, 4, 6, &["b"]), (OUT_OF_ORDER, -1), "a new epoch begins at 0");
    assert_eq!(send(&mut client, 7, 4, 0, &["b"]), (0, 1));
    let partitions = vec![TopicRequest { name: TOPIC.to_owned(), partition_indexes: vec![0, 0] }];
    let answer = client.ask(&DescribeProducersRequest { topics: partitions });
    let partitions = &answer.topics[0].partitions;
    let producers: Vec<_> = partitions[0]
        .active_producers
        .iter()
        .map(|p| (p.producer_id, p.producer_epoch, p.last_sequence))
        .collect();
    assert_eq!((partitions.len(), producers), (1, vec![(7, 4, 0)]));
}

#[test]
fn a_sequence_goes_round() {
    let mut client = Harness::new();
    assert_eq!(send(&mut client, 7, 0, i32::MAX, &["a"]), (0, 0));
    assert_eq!(send(&mut client, 7, 0, 0, &["b"]), (0, 1));
}

#[test]
fn a_duplicate_of_a_write_that_is_not_on_the_disk_yet_waits_as_well() {
    let mut client = Harness::new();
    let records = idempotent(client.now, 7, 0, 0, &["a"]);
    let first = client.send(9, &produce(-1, records.clone())).later();
    let again = client.send(9, &produce(-1, records)).later();
    client.run_jobs();
    for id in [first, again] {
        assert_eq!(produced(&client.take_response::<ProduceRequest>(id, 9).unwrap()), (0, 0));
    }
}

/// Answers the shard's asking for producer ids.
fn grant(client: &mut Harness, block: Result<ProducerIdBlock, ErrorCode>) {
    let asked =
        client.to_node.iter().filter(|input| matches!(input, NodeInput::AllocateProducerIds { .. })).count();
    assert_eq!(asked, 1, "asked once");
    client.to_node.clear();
    client.handle_all(|| ShardInput::ProducerIds(block));
}

#[test]
fn producer_ids_come_in_blocks_from_the_control_plane() {
    let mut client = Harness::new();
    let init = InitProducerIdRequest { transactional_id: None, ..Default::default() };
    let waiting: Vec<_> = (0..3).map(|_| client.send(4, &init).later()).collect();
    grant(&mut client, Ok(ProducerIdBlock { first: ProducerId(100), count: 2 }));
    let answers = waiting.into_iter().map(|id| client.take_response::<InitProducerIdRequest>(id, 4).unwrap());
    let answers: Vec<_> =
        answers.map(|answer| (answer.error_code, answer.producer_id, answer.producer_epoch)).collect();
    let again = ErrorCode::COORDINATOR_LOAD_IN_PROGRESS.0;
    assert_eq!(answers, [(0, 100, 0), (0, 101, 0), (again, -1, -1)]);
    let id = client.send(4, &init).later();
    grant(&mut client, Err(ErrorCode::UNKNOWN_SERVER_ERROR));
    assert_eq!(client.take_response::<InitProducerIdRequest>(id, 4).unwrap().error_code, -1);
    let id = client.send(4, &init).later();
    client.pass(Duration::from_secs(5));
    assert_eq!(
        client.take_response::<InitProducerIdRequest>(id, 4).unwrap().error_code,
        ErrorCode::REQUEST_TIMED_OUT.0
    );
    grant(&mut client, Ok(ProducerIdBlock { first: ProducerId(200), count: 1000 }));
    for expected in 200..1200 {
        assert_eq!(client.send(4, &init).now().producer_id, expected);
    }
}

#[test]
fn half_an_identity_is_none() {
    let mut client = Harness::new();
    let init = |id: Option<&str>, producer_id, producer_epoch| InitProducerIdRequest {
        transactional_id: id.map(str::to_owned),
        producer_id,
        producer_epoch,
        ..Default::default()
    };
    let invalid = ErrorCode::INVALID_REQUEST.0;
    for (request, error) in
        [(init(None, 5, -1), invalid), (init(None, -1, 5), invalid), (init(Some(""), -1, -1), invalid)]
    {
        let answer = client.send(4, &request).now();
        assert_eq!((answer.error_code, answer.producer_id, answer.producer_epoch), (error, -1, -1));
    }
}

#[test]
fn what_is_wrong_with_the_request_is_said_in_kafkas_order() {
    let topics = vec![ORDERS, OFFSETS];
    let mut client = Harness::start(Options { topics, ..Options::default() });
    let records = batch(client.now, &["a"]);
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0;
    let nowhere = cluster::Topic { name: "nowhere", id: cluster::PAYMENTS.id, ..ORDERS };
    for (what, request, version, error) in [
        ("acks", produce(2, records.clone()), 12, ErrorCode::INVALID_REQUIRED_ACKS.0),
        ("unknown topic before acks", produce_to(nowhere, 0, 2, records.clone()), 12, unknown),
        (
            "unknown id before acks",
            produce_to(nowhere, 0, 2, records.clone()),
            13,
            ErrorCode::UNKNOWN_TOPIC_ID.0,
        ),
        ("unknown partition", produce_to(ORDERS, 7, 1, records.clone()), 12, unknown),
        ("negative partition", produce_to(ORDERS, -1, 1, records.clone()), 12, unknown),
        (
            "internal topic",
            produce_to(OFFSETS, 0, 1, records.clone()),
            12,
            ErrorCode::INVALID_TOPIC_EXCEPTION.0,
        ),
    ] {
        assert_eq!(produced(&client.send(version, &request).now()), (error, -1), "{what}");
    }
    client.publish(&[cluster::leader(ORDERS, 0, -1)]);
    for version in ProduceRequest::VERSIONS {
        let answer = client.send(version, &produce(1, records.clone())).now();
        let partition = &answer.responses[0].partition_responses[0];
        assert_eq!(partition.error_code, ErrorCode::NOT_LEADER_OR_FOLLOWER.0);
        let epoch = if version >= 10 { 1 } else { -1 };
        assert_eq!((partition.current_leader.leader_id, partition.current_leader.leader_epoch), (-1, epoch));
    }
}

#[test]
fn one_request_may_hold_good_and_bad_partitions() {
    let mut client = Harness::new();
    let mut request = produce(1, batch(client.now, &["a"]));
    request.topic_data[0]
        .partition_data
        .extend(produce_to(ORDERS, 1, 1, "nonsense".into()).topic_data.remove(0).partition_data);
    request.topic_data[0]
        .partition_data
        .extend(produce_to(ORDERS, 9, 1, batch(client.now, &["a"])).topic_data.remove(0).partition_data);
    let answer = client.ask(&request);
    let results: Vec<_> = answer.responses[0]
        .partition_responses
        .iter()
        .map(|p| (p.index, p.error_code, p.base_offset))
        .collect();
    let (corrupt, unknown) = (ErrorCode::INVALID_RECORD.0, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0);
    assert_eq!(results, [(0, 0, 0), (1, corrupt, -1), (9, unknown, -1)]);
    request.acks = 0;
    assert_eq!(client.send(13, &request), Got::Closed, "without an answer the error closes the connection");
    assert_eq!(
        fetched(&client.send(12, &fetch(0, 0, 1)).now()).high_watermark,
        2,
        "the good ones are written"
    );
}

#[test]
fn acks_all_needs_the_replicas_that_the_topic_asks_for_and_its_time_is_bounded() {
    let mut client = Harness::with_configs(&[("min.insync.replicas", "2")]);
    // There is one replica, so one is enough.
    let id = client.send(9, &produce(-1, batch(client.now, &["a"]))).later();
    client.pass(Duration::from_millis(999));
    assert_eq!(client.take_response::<ProduceRequest>(id, 9), None);
    client.pass(Duration::from_millis(1));
    let answer = client.take_response::<ProduceRequest>(id, 9).unwrap();
    assert_eq!(produced(&answer).0, ErrorCode::REQUEST_TIMED_OUT.0);
    client.run_jobs();
    assert_eq!(client.responses_left(), 0, "once");
    assert_eq!(fetched(&client.send(12, &fetch(0, 0, 1)).now()).high_watermark, 1, "it stays in the log");
}
