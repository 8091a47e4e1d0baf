//! Requests about partitions that may lie on several shards: the answer is that of one broker.

use std::time::Duration;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::delete_records_request::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use ottla_protocol::messages::describe_log_dirs_request::DescribeLogDirsRequest;
use ottla_protocol::messages::fetch_request::{FetchRequest, FetchTopic};
use ottla_protocol::messages::fetch_response::FetchResponse;
use ottla_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsRequest};
use ottla_protocol::messages::list_offsets_response::ListOffsetsResponse;
use ottla_protocol::messages::produce_request::{PartitionProduceData, ProduceRequest};
use ottla_storage::io::Operation;
use ottla_storage::io::simulated::{Fault, FaultKind};

use crate::harness::cluster::{ORDERS, PAYMENTS, Topic};
use crate::harness::requests::{batch, fetch_from, list_offsets, produce_to, produced};
use crate::harness::{Got, Harness, Options};

/// More partitions than shards.
const WIDE: Topic = Topic { partitions: 7, ..ORDERS };
const ALL: [i32; 7] = [0, 1, 2, 3, 4, 5, 6];

fn wide() -> Harness {
    Harness::start(Options { topics: vec![WIDE, PAYMENTS], ..Options::default() })
}

/// One batch to each of these partitions.
fn produce_all(client: &Harness, acks: i16, partitions: &[i32]) -> ProduceRequest {
    let records = batch(client.now, &["a", "b"]);
    let mut request = produce_to(WIDE, 0, acks, records.clone());
    let data =
        partitions.iter().map(|index| PartitionProduceData { index: *index, records: Some(records.clone()) });
    request.topic_data[0].partition_data = data.collect();
    request
}

fn indexes_and_sizes(answer: &FetchResponse) -> Vec<(i32, usize)> {
    let partitions = answer.responses.iter().flat_map(|topic| &topic.partitions);
    partitions.map(|p| (p.partition_index, p.records.as_ref().map_or(0, |r| r.len()))).collect()
}

#[test]
fn a_produce_is_answered_in_the_order_of_its_partitions() {
    let mut client = wide();
    let order = [5, 0, 9, 3, 1, 6];
    let answer = client.ask(&produce_all(&client, 1, &order));
    let partitions = &answer.responses[0].partition_responses;
    let seen: Vec<_> = partitions.iter().map(|p| (p.index, p.error_code, p.base_offset)).collect();
    let missing = (9, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0, -1);
    assert_eq!(seen, [(5, 0, 0), (0, 0, 0), missing, (3, 0, 0), (1, 0, 0), (6, 0, 0)]);
}

#[test]
fn acks_all_waits_for_the_last_of_the_partitions() {
    let mut client = wide();
    let request = produce_all(&client, -1, &ALL);
    let id = client.send(12, &request).later();
    let last = client.jobs.pop();
    client.run_jobs();
    assert_eq!(client.take_response::<ProduceRequest>(id, 12), None);
    client.jobs.extend(last);
    client.run_jobs();
    let answer = client.take_response::<ProduceRequest>(id, 12).unwrap();
    assert!(answer.responses[0].partition_responses.iter().all(|p| (p.error_code, p.base_offset) == (0, 0)));
}

#[test]
fn what_is_not_durable_in_time_has_timed_out_and_the_rest_has_not() {
    let mut client = wide();
    let request = produce_all(&client, -1, &ALL);
    let id = client.send(12, &request).later();
    let never = client.jobs.pop();
    client.run_jobs();
    client.pass(Duration::from_secs(1));
    let answer = client.take_response::<ProduceRequest>(id, 12).unwrap();
    let errors: Vec<_> = answer.responses[0].partition_responses.iter().map(|p| p.error_code).collect();
    let timed_out = errors.iter().filter(|error| **error == ErrorCode::REQUEST_TIMED_OUT.0).count();
    assert_eq!((timed_out, errors.iter().filter(|error| **error == 0).count()), (1, 6), "{errors:?}");
    client.jobs.extend(never);
    client.run_jobs();
    assert_eq!(client.responses_left(), 0, "answered once");
}

#[test]
fn acks_0_closes_the_connection_wherever_the_refused_batch_belongs() {
    for index in ALL {
        let mut client = wide();
        client.ask(&produce_to(WIDE, index, 1, batch(client.now, &["a"])));
        let mut bad = batch(client.now, &["b"]).to_vec();
        bad[17] = !bad[17];
        assert_eq!(client.send(9, &produce_to(WIDE, index, 0, bad.into())), Got::Closed, "partition {index}");
    }
}

#[test]
fn writes_of_one_connection_keep_their_order() {
    let mut client = wide();
    for _ in 0..5 {
        for index in ALL {
            let frame =
                crate::harness::encode("c", 9, &produce_to(WIDE, index, 1, batch(client.now, &["a"])));
            client.send_in_round(&frame);
        }
    }
    client.drain();
    let targets = ALL.map(|index| (index, 0));
    let answer = client.send(12, &fetch_from(WIDE, &targets, 0, 1)).now();
    let high_watermarks: Vec<_> = answer.responses[0].partitions.iter().map(|p| p.high_watermark).collect();
    assert_eq!(high_watermarks, [5; 7]);
}

#[test]
fn a_fetch_has_all_partitions_in_its_own_order() {
    let mut client = wide();
    client.ask(&produce_all(&client, 1, &[0, 1, 2, 4, 6]));
    let size = batch(client.now, &["a", "b"]).len();
    let targets = [(6, 0), (5, 0), (4, 2), (9, 0), (0, 0), (1, 7)];
    let answer = client.send(12, &fetch_from(WIDE, &targets, 500, 1)).now();
    let partitions = &answer.responses[0].partitions;
    let errors: Vec<_> = partitions.iter().map(|p| p.error_code).collect();
    assert_eq!(indexes_and_sizes(&answer), [(6, size), (5, 0), (4, 0), (9, 0), (0, size), (1, 0)]);
    assert_eq!(
        errors,
        [0, 0, 0, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0, 0, ErrorCode::OFFSET_OUT_OF_RANGE.0]
    );
}

#[test]
fn a_fetch_that_waits_is_woken_by_any_of_its_partitions() {
    for index in ALL {
        let mut client = wide();
        let reader = client.connect();
        let id = client.send(12, &fetch_from(WIDE, &ALL.map(|index| (index, 0)), 500, 1)).later();
        assert_eq!(id.connection, reader);
        client.connect();
        client.ask(&produce_to(WIDE, index, 1, batch(client.now, &["a"])));
        let answer = client.take_response::<FetchRequest>(id, 12).expect("woken");
        let filled: Vec<_> = indexes_and_sizes(&answer).into_iter().filter(|(_, size)| *size > 0).collect();
        assert_eq!(filled.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [index]);
    }
}

#[test]
fn records_that_come_between_the_read_and_the_wait_are_not_missed() {
    for index in ALL {
        let mut client = wide();
        let wait = crate::harness::encode("c", 12, &fetch_from(WIDE, &ALL.map(|index| (index, 0)), 500, 1));
        let write = crate::harness::encode("c", 9, &produce_to(WIDE, index, 1, batch(client.now, &["a"])));
        let id = client.send_in_round(&wait).later();
        client.send_in_round(&write);
        client.drain();
        assert!(client.take_response::<FetchRequest>(id, 12).is_some(), "partition {index}");
    }
}

#[test]
fn min_bytes_counts_all_partitions_together() {
    let mut client = wide();
    let size = batch(client.now, &["a"]).len();
    let enough = i32::try_from(3 * size).unwrap();
    let id = client.send(12, &fetch_from(WIDE, &ALL.map(|index| (index, 0)), 500, enough)).later();
    for index in [0, 1] {
        client.ask(&produce_to(WIDE, index, 1, batch(client.now, &["a"])));
        assert_eq!(client.take_response::<FetchRequest>(id, 12), None);
    }
    client.ask(&produce_to(WIDE, 2, 1, batch(client.now, &["a"])));
    let answer = client.take_response::<FetchRequest>(id, 12).expect("three batches are enough");
    assert_eq!(indexes_and_sizes(&answer).iter().filter(|(_, read)| *read == size).count(), 3);
}

#[test]
fn max_bytes_bounds_all_partitions_together_and_the_first_batch_comes_whole() {
    let mut client = wide();
    client.ask(&produce_all(&client, 1, &ALL));
    let size = batch(client.now, &["a", "b"]).len();
    for (max_bytes, whole) in [(1, 1), (size, 1), (2 * size, 2), (3 * size - 1, 2), (100 * size, 7)] {
        let mut request = fetch_from(WIDE, &ALL.map(|index| (index, 0)), 500, 1);
        request.max_bytes = i32::try_from(max_bytes).unwrap();
        let answer = client.send(12, &request).now();
        let read: Vec<_> = indexes_and_sizes(&answer).into_iter().map(|(_, size)| size).collect();
        let expected: Vec<_> = (0..7).map(|at| if at < whole { size } else { 0 }).collect();
        assert_eq!(read, expected, "max_bytes {max_bytes}");
    }
}

#[test]
fn a_fetch_whose_time_is_up_says_what_there_is() {
    let mut client = wide();
    client.ask(&produce_all(&client, 1, &[2, 3]));
    let size = batch(client.now, &["a", "b"]).len();
    let id = client.send(12, &fetch_from(WIDE, &ALL.map(|index| (index, 0)), 500, 1_000_000)).later();
    client.pass(Duration::from_millis(499));
    assert_eq!(client.take_response::<FetchRequest>(id, 12), None);
    client.pass(Duration::from_millis(1));
    let answer = client.take_response::<FetchRequest>(id, 12).expect("the time is up");
    let filled: Vec<_> = indexes_and_sizes(&answer).into_iter().filter(|(_, size)| *size > 0).collect();
    assert_eq!(filled, [(2, size), (3, size)]);
}

#[test]
fn two_topics_of_a_fetch_stay_apart() {
    let mut client = wide();
    client.ask(&produce_to(PAYMENTS, 0, 1, batch(client.now, &["p"])));
    let mut request = fetch_from(WIDE, &[(0, 0), (1, 0)], 500, 1);
    let payments: FetchTopic = fetch_from(PAYMENTS, &[(0, 0)], 0, 0).topics.remove(0);
    request.topics.push(payments);
    let answer = client.send(12, &request).now();
    let topics: Vec<_> = answer.responses.iter().map(|t| (t.topic.as_str(), t.partitions.len())).collect();
    assert_eq!(topics, [("orders", 2), ("payments", 1)]);
}

#[test]
fn a_closed_connection_is_forgotten_by_all() {
    let mut client = wide();
    let reader = client.connect();
    client.send(12, &fetch_from(WIDE, &ALL.map(|index| (index, 0)), 500, 1)).later();
    client.disconnect(reader);
    client.connect();
    client.ask(&produce_all(&client, 1, &ALL));
    client.pass(Duration::from_secs(1));
    assert_eq!(client.responses_left(), 0);
}

fn offsets(answer: &ListOffsetsResponse) -> Vec<(i32, i16, i64)> {
    let partitions = answer.topics.iter().flat_map(|topic| &topic.partitions);
    partitions.map(|p| (p.partition_index, p.error_code, p.offset)).collect()
}

#[test]
fn offsets_of_all_partitions_come_in_the_order_of_the_request() {
    let mut client = wide();
    client.ask(&produce_all(&client, 1, &[1, 3, 6]));
    let mut request: ListOffsetsRequest = list_offsets(0, -1);
    let asked = [
        (6, -1),
        (3, -2),
        (9, -1),
        (0, -1),
        (1, -1),
        (1, -2),
        (5, 1_600_000_000_000),
        (3, 1_600_000_000_000),
    ];
    let partitions = asked.map(|(partition_index, timestamp)| ListOffsetsPartition {
        partition_index,
        timestamp,
        ..Default::default()
    });
    // Partition 1 is named twice and so is 3, which is refused.
    request.topics[0].partitions = partitions.to_vec();
    let id = match client.send(9, &request) {
        Got::Response(answer) => return assert_listed(&answer),
        got => got.later(),
    };
    client.run_jobs();
    assert_listed(&client.take_response::<ListOffsetsRequest>(id, 9).unwrap());
}

fn assert_listed(answer: &ListOffsetsResponse) {
    let [missing, twice] = [ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0, ErrorCode::INVALID_REQUEST.0];
    assert_eq!(
        offsets(answer),
        [(6, 0, 2), (3, twice, -1), (9, missing, -1), (0, 0, 0), (1, twice, -1), (5, 0, -1)]
    );
}

#[test]
fn records_of_all_partitions_are_deleted_and_reported_by_index() {
    let mut client = wide();
    client.ask(&produce_all(&client, 1, &ALL));
    let partitions = [6, 2, 4].map(|partition_index| DeleteRecordsPartition { partition_index, offset: 1 });
    let topics = vec![
        DeleteRecordsTopic { name: "orders".to_owned(), partitions: partitions.to_vec() },
        DeleteRecordsTopic { name: "nothing".to_owned(), partitions: Vec::new() },
    ];
    let answer = client.ask(&DeleteRecordsRequest { topics, timeout_ms: 1000 });
    let seen: Vec<_> =
        answer.topics.iter().map(|topic| (topic.name.as_str(), topic.partitions.len())).collect();
    assert_eq!(seen, [("orders", 3)]);
    let marks =
        answer.topics[0].partitions.iter().map(|p| (p.partition_index, p.error_code, p.low_watermark));
    assert_eq!(marks.collect::<Vec<_>>(), [(2, 0, 1), (4, 0, 1), (6, 0, 1)]);
}

#[test]
fn a_directory_lists_every_partition_once_by_topic_and_index() {
    let mut client = wide();
    client.ask(&produce_all(&client, 1, &ALL));
    let answer = client.ask(&DescribeLogDirsRequest { topics: None });
    assert_eq!(answer.results.len(), 1);
    let topics = answer.results[0].topics.iter();
    let listed: Vec<(&str, Vec<i32>)> =
        topics.map(|t| (t.name.as_str(), t.partitions.iter().map(|p| p.partition_index).collect())).collect();
    assert_eq!(listed, [("orders", ALL.to_vec()), ("payments", vec![0])]);
    assert!(answer.results[0].topics[0].partitions.iter().all(|p| p.partition_size > 0));
}

#[test]
fn a_directory_that_fails_under_one_partition_is_offline_for_all() {
    let mut client = wide();
    client.ask(&produce_all(&client, 1, &ALL));
    client.disk.inject(Fault {
        operation: Some(Operation::Sync),
        after: 0,
        count: 1,
        kind: FaultKind::Io { torn: 0 },
    });
    let id = client.send(9, &produce_to(WIDE, 4, -1, batch(client.now, &["a"]))).later();
    client.run_jobs();
    assert!(client.take_response::<ProduceRequest>(id, 9).is_some());
    for index in ALL {
        let answer = client.ask(&produce_to(WIDE, index, 1, batch(client.now, &["b"])));
        assert_eq!(produced(&answer), (ErrorCode::KAFKA_STORAGE_ERROR.0, -1), "partition {index}");
    }
    let told = client.to_node.iter().filter(|input| format!("{input:?}").starts_with("LogDirFailed"));
    assert_eq!(told.count(), 1, "the control plane is told once");
}

#[test]
fn a_restart_finds_every_partition_again() {
    let mut client = wide();
    client.ask(&produce_all(&client, 1, &ALL));
    client.restart();
    client.ask(&produce_all(&client, 1, &ALL));
    let answer = client.send(12, &fetch_from(WIDE, &ALL.map(|index| (index, 0)), 0, 1)).now();
    assert!(answer.responses[0].partitions.iter().all(|p| p.high_watermark == 4));
}
