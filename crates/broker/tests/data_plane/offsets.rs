//! Offsets of records: by time, by epoch, and where a log begins.

use std::time::Duration;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::message::Message;
use ottla_protocol::messages::delete_records_request::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use ottla_protocol::messages::list_offsets_request::ListOffsetsRequest;
use ottla_protocol::messages::list_offsets_response::ListOffsetsResponse;
use ottla_protocol::messages::offset_for_leader_epoch_request::{
    OffsetForLeaderEpochRequest, OffsetForLeaderPartition, OffsetForLeaderTopic,
};
use ottla_storage::io::Operation;
use ottla_storage::io::simulated::{Fault, FaultKind};

use crate::harness::cluster::{self, OFFSETS, ORDERS, PAYMENTS};
use crate::harness::requests::{batch, fetch, fetched, list_offsets, produce};
use crate::harness::{Harness, Options, TOPIC};

/// Error, offset and timestamp of the only partition of an answer.
fn found(answer: &ListOffsetsResponse) -> (i16, i64, i64) {
    let partition = &answer.topics[0].partitions[0];
    (partition.error_code, partition.offset, partition.timestamp)
}

/// Three records, a second apart. Returns the first one's timestamp.
fn three_records(client: &mut Harness) -> i64 {
    let first = client.now.wall.0;
    for value in ["a", "b", "c"] {
        client.ask(&produce(1, batch(client.now, &[value])));
        client.pass(Duration::from_secs(1));
    }
    first
}

#[test]
fn offsets_are_found_by_time_on_another_thread() {
    let mut client = Harness::new();
    let first = three_records(&mut client);
    for (timestamp, expected) in [
        (0, (0, 0, first)),
        (first, (0, 0, first)),
        (first + 1, (0, 1, first + 1000)),
        (first + 2000, (0, 2, first + 2000)),
        (first + 2001, (0, -1, -1)),
        (-3, (0, 2, first + 2000)),
    ] {
        let id = client.send(9, &list_offsets(0, timestamp)).later();
        assert_eq!(client.jobs.len(), 1, "{timestamp}");
        client.run_jobs();
        let answer = client.take_response::<ListOffsetsRequest>(id, 9).unwrap();
        assert_eq!(found(&answer), expected, "{timestamp}");
    }
}

#[test]
fn an_answer_waits_for_the_last_of_its_searches() {
    let mut client = Harness::new();
    three_records(&mut client);
    let mut request = list_offsets(0, 0);
    let other = list_offsets(1, 0).topics.remove(0).partitions.remove(0);
    request.topics[0].partitions.push(other);
    let id = client.send(9, &request).later();
    let mut jobs = std::mem::take(&mut client.jobs);
    let last = jobs.pop();
    client.jobs = jobs;
    client.run_jobs();
    assert_eq!(client.take_response::<ListOffsetsRequest>(id, 9), None);
    client.jobs.extend(last);
    client.run_jobs();
    let answer = client.take_response::<ListOffsetsRequest>(id, 9).unwrap();
    let offsets: Vec<_> = answer.topics[0].partitions.iter().map(|p| (p.partition_index, p.offset)).collect();
    assert_eq!(offsets, [(0, 0), (1, -1)]);
}

#[test]
fn a_search_that_fails_or_takes_too_long_says_so() {
    let mut client = Harness::new();
    three_records(&mut client);
    client.disk.evict();
    let id = client.send(9, &list_offsets(0, 0)).later();
    client.disk.inject(Fault {
        operation: Some(Operation::Read),
        after: 0,
        count: 1,
        kind: FaultKind::Io { torn: 0 },
    });
    client.run_jobs();
    let answer = client.take_response::<ListOffsetsRequest>(id, 9).unwrap();
    assert_eq!(found(&answer).0, ErrorCode::KAFKA_STORAGE_ERROR.0);
    let id = client.send(9, &list_offsets(0, 0)).later();
    client.pass(Duration::from_secs(30));
    let answer = client.take_response::<ListOffsetsRequest>(id, 9).unwrap();
    assert_eq!(found(&answer).0, ErrorCode::REQUEST_TIMED_OUT.0);
    client.run_jobs();
    assert_eq!(client.responses_left(), 0, "once");
}

#[test]
fn special_times_are_known_from_their_versions_on() {
    let mut client = Harness::new();
    three_records(&mut client);
    for version in ListOffsetsRequest::VERSIONS {
        for (timestamp, from) in [(-1, 1), (-2, 1), (-4, 8), (-5, 9), (-6, 11), (-7, 99)] {
            let answer = client.send(version, &list_offsets(0, timestamp)).now();
            let error = if version >= from { 0 } else { ErrorCode::UNSUPPORTED_VERSION.0 };
            assert_eq!(found(&answer).0, error, "{timestamp} in version {version}");
            // A time that is not known is refused before the partition is looked for.
            let answer = client.send(version, &list_offsets(9, timestamp)).now();
            let error = if version >= from { ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0 } else { error };
            assert_eq!(found(&answer).0, error, "{timestamp} in version {version}");
        }
    }
    let answer = client.ask(&list_offsets(0, -1));
    assert_eq!(answer.topics[0].partitions[0].leader_epoch, 0);
}

fn delete(topic: &str, partitions: &[(i32, i64)]) -> DeleteRecordsRequest {
    let partitions = partitions.iter().map(|(partition_index, offset)| DeleteRecordsPartition {
        partition_index: *partition_index,
        offset: *offset,
    });
    let topic = DeleteRecordsTopic { name: topic.to_owned(), partitions: partitions.collect() };
    DeleteRecordsRequest { topics: vec![topic], timeout_ms: 1000 }
}

/// Low watermark and error of every partition of the answer.
fn deleted(client: &mut Harness, topic: &str, partitions: &[(i32, i64)]) -> Vec<(i64, i16)> {
    let answer = client.ask(&delete(topic, partitions));
    let partitions = answer.topics.iter().flat_map(|topic| &topic.partitions);
    partitions.map(|p| (p.low_watermark, p.error_code)).collect()
}

#[test]
fn deleted_records_are_gone_for_good() {
    let mut client = Harness::new();
    three_records(&mut client);
    assert_eq!(deleted(&mut client, TOPIC, &[(0, 2)]), [(2, 0)]);
    assert_eq!(deleted(&mut client, TOPIC, &[(0, 1)]), [(2, 0)], "what is gone already is no error");
    let out_of_range = ErrorCode::OFFSET_OUT_OF_RANGE.0;
    assert_eq!(deleted(&mut client, TOPIC, &[(0, 4)]), [(-1, out_of_range)]);
    assert_eq!(deleted(&mut client, TOPIC, &[(0, -2)]), [(-1, out_of_range)]);
    assert_eq!(fetched(&client.send(12, &fetch(1, 0, 1)).now()).error_code, out_of_range);
    let rest = client.send(12, &fetch(2, 0, 1)).now();
    assert_eq!((fetched(&rest).log_start_offset, fetched(&rest).error_code), (2, 0));
    assert_eq!(found(&client.ask(&list_offsets(0, -2))).1, 2);
    client.restart();
    assert_eq!(found(&client.ask(&list_offsets(0, -2))).1, 2, "after a restart too");
    assert_eq!(deleted(&mut client, TOPIC, &[(0, -1)]), [(3, 0)], "-1 is all of it");
    assert_eq!(
        deleted(&mut client, TOPIC, &[(0, 3), (1, 0), (0, 1)]),
        [(3, 0), (0, 0)],
        "the last offset counts"
    );
}

#[test]
fn not_everything_may_be_deleted() {
    let topics = vec![ORDERS, PAYMENTS, OFFSETS];
    let mut client = Harness::start(Options {
        topics,
        topic_configs: vec![("cleanup.policy", "compact")],
        ..Options::default()
    });
    assert_eq!(deleted(&mut client, ORDERS.name, &[(0, 0)]), [(-1, ErrorCode::POLICY_VIOLATION.0)]);
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0;
    assert_eq!(deleted(&mut client, ORDERS.name, &[(7, 0)]), [(-1, unknown)]);
    assert_eq!(deleted(&mut client, "nowhere", &[(0, 0)]), [(-1, unknown)]);
    let internal = ErrorCode::INVALID_TOPIC_EXCEPTION.0;
    assert_eq!(deleted(&mut client, OFFSETS.name, &[(0, 0)]), [(-1, internal)]);
    client.publish(&[cluster::leader(PAYMENTS, 0, -1)]);
    let not_leader = ErrorCode::NOT_LEADER_OR_FOLLOWER.0;
    assert_eq!(deleted(&mut client, PAYMENTS.name, &[(0, 0)]), [(-1, not_leader)]);
    assert_eq!(client.ask(&delete(ORDERS.name, &[])).topics, []);
}

#[test]
fn an_epoch_ends_where_the_next_one_begins() {
    let mut client = Harness::new();
    client.ask(&produce(1, batch(client.now, &["a", "b"])));
    client.publish(&[cluster::leader(ORDERS, 0, -1)]);
    client.publish(&[cluster::leader(ORDERS, 0, 1)]);
    client.ask(&produce(1, batch(client.now, &["c"])));
    let mut ask = |partition, current_leader_epoch, leader_epoch| {
        let partition = OffsetForLeaderPartition { partition, current_leader_epoch, leader_epoch };
        let topic = OffsetForLeaderTopic { topic: TOPIC.to_owned(), partitions: vec![partition] };
        let answer = client.ask(&OffsetForLeaderEpochRequest { replica_id: -1, topics: vec![topic] });
        let end = &answer.topics[0].partitions[0];
        (end.error_code, end.leader_epoch, end.end_offset)
    };
    assert_eq!(ask(0, -1, 0), (0, 0, 2));
    assert_eq!(ask(0, -1, 1), (0, 0, 2), "nothing was written in epoch 1");
    assert_eq!(ask(0, 2, 2), (0, 2, 3));
    assert_eq!(ask(0, -1, 5), (0, -1, -1));
    assert_eq!(ask(0, -1, -1), (0, -1, -1));
    assert_eq!(ask(0, 0, 0), (ErrorCode::FENCED_LEADER_EPOCH.0, -1, -1));
    assert_eq!(ask(0, 9, 0), (ErrorCode::UNKNOWN_LEADER_EPOCH.0, -1, -1));
    assert_eq!(ask(9, -1, 0), (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0, -1, -1));
}
