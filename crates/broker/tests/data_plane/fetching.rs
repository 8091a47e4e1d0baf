//! Fetch: what ends a wait, what does not, and reads that wait for the disk.

use std::time::Duration;

use ottla_broker::job::Job;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::fetch_request::{FetchRequest, ReplicaState};
use ottla_protocol::messages::fetch_response::EpochEndOffset;
use ottla_storage::io::Operation;
use ottla_storage::io::simulated::{Fault, FaultKind};

use crate::harness::cluster::{self, ORDERS, ORDERS_AGAIN};
use crate::harness::requests::{
    batch, fetch, fetch_from, fetched, fetched_bytes, produce, produce_to, produced,
};
use crate::harness::{Got, Harness, encode};

/// Partition 0 with enough records that they lie behind an index and several pages.
fn with_long_log() -> Harness {
    let mut client = Harness::with_configs(&[("segment.bytes", "1048576")]);
    let text = "x".repeat(5000);
    for offset in 0..300 {
        let records = batch(client.now, &[&text]);
        assert_eq!(produced(&client.ask(&produce(1, records))), (0, offset));
    }
    client
}

fn warm_jobs(client: &Harness) -> usize {
    client.jobs.iter().filter(|job| matches!(job, (_, Job::Warm { .. }))).count()
}

#[test]
fn cold_records_are_waited_for_even_by_who_does_not_want_to_wait() {
    let mut client = with_long_log();
    client.disk.evict();
    let id = client.send(12, &fetch(10, 0, 1)).later();
    assert_eq!(warm_jobs(&client), 1);
    client.pass(Duration::from_millis(1));
    assert_eq!(client.take_response::<FetchRequest>(id, 12), None, "nothing is there to answer with yet");
    client.run_jobs();
    let answer = client.take_response::<FetchRequest>(id, 12).unwrap();
    assert_eq!(fetched(&answer).high_watermark, 300);
    assert!(fetched_bytes(&answer) > 5000);
}

#[test]
fn while_a_fetch_waits_for_the_disk_new_records_do_not_send_it_there_again() {
    let mut client = with_long_log();
    client.disk.evict();
    let id = client.send(12, &fetch(10, 500, 1)).later();
    for _ in 0..3 {
        client.ask(&produce(1, batch(client.now, &["a"])));
    }
    assert_eq!(warm_jobs(&client), 1);
    client.run_jobs();
    assert!(client.take_response::<FetchRequest>(id, 12).is_some());
}

#[test]
fn a_disk_that_never_answers_keeps_a_fetch_for_half_a_minute() {
    let mut client = with_long_log();
    client.disk.evict();
    let id = client.send(12, &fetch_from(ORDERS, &[(1, 0), (0, 10)], 500, 1)).later();
    client.pass(Duration::from_secs(29));
    assert_eq!(client.take_response::<FetchRequest>(id, 12), None);
    client.pass(Duration::from_secs(1));
    let answer = client.take_response::<FetchRequest>(id, 12).unwrap();
    let partitions = &answer.responses[0].partitions;
    let seen: Vec<_> =
        partitions.iter().map(|p| (p.partition_index, p.error_code, p.high_watermark)).collect();
    assert_eq!(seen, [(1, 0, 0), (0, 0, 300)]);
    client.run_jobs();
    assert_eq!(client.responses_left(), 0, "once");
}

#[test]
fn a_read_that_fails_is_a_storage_error() {
    let mut client = with_long_log();
    client.disk.evict();
    let id = client.send(12, &fetch(10, 500, 1)).later();
    client.disk.inject(Fault {
        operation: Some(Operation::Read),
        after: 0,
        count: 2,
        kind: FaultKind::Io { torn: 0 },
    });
    client.run_jobs();
    let answer = client.take_response::<FetchRequest>(id, 12).unwrap();
    assert_eq!(fetched(&answer).error_code, ErrorCode::KAFKA_STORAGE_ERROR.0);
}

#[test]
fn a_partition_that_does_not_exist_ends_no_wait_for_those_that_do() {
    let mut client = Harness::new();
    let id = client.send(12, &fetch_from(ORDERS, &[(9, 0), (0, 0)], 500, 1)).later();
    client.ask(&produce(1, batch(client.now, &["a"])));
    let answer = client.take_response::<FetchRequest>(id, 12).unwrap();
    let partitions = &answer.responses[0].partitions;
    let seen: Vec<_> = partitions.iter().map(|p| (p.partition_index, p.error_code)).collect();
    assert_eq!(seen, [(9, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0), (0, 0)]);
    let alone = client.send(12, &fetch_from(ORDERS, &[(9, 0)], 500, 1)).now();
    assert_eq!(fetched(&alone).error_code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0);
    let unknown_id = client.send(13, &fetch_from(ORDERS_AGAIN, &[(0, 0)], 500, 1)).now();
    assert_eq!(fetched(&unknown_id).error_code, ErrorCode::UNKNOWN_TOPIC_ID.0);
}

#[test]
fn who_waits_is_woken_though_another_begins_to_wait_in_the_same_round() {
    let mut client = Harness::new();
    let first = client.send(12, &fetch(0, 500, 1)).later();
    client.send_in_round(&encode("test", 12, &produce(1, batch(client.now, &["a"]))));
    assert!(matches!(client.send_in_round(&encode("test", 12, &fetch(1, 500, 1))), Got::Waits(_)));
    client.drain();
    assert!(client.take_response::<FetchRequest>(first, 12).is_some());
}

#[test]
fn a_wait_ends_when_the_topic_goes_and_when_nobody_leads_it() {
    let mut client = Harness::new();
    let id = client.send(13, &fetch(0, 500, 1)).later();
    client.publish(&[cluster::leader(ORDERS, 0, -1)]);
    let answer = client.take_response::<FetchRequest>(id, 13).unwrap();
    assert_eq!(fetched(&answer).error_code, ErrorCode::NOT_LEADER_OR_FOLLOWER.0);
    let id = client.send(13, &fetch_from(ORDERS, &[(1, 0)], 500, 1)).later();
    client.publish(&[cluster::delete(ORDERS)]);
    let answer = client.take_response::<FetchRequest>(id, 13).unwrap();
    assert_eq!(fetched(&answer).error_code, ErrorCode::UNKNOWN_TOPIC_ID.0);
}

#[test]
fn a_topic_of_the_same_name_is_another_topic() {
    let mut client = Harness::new();
    client.ask(&produce(1, batch(client.now, &["a", "b"])));
    let mut records = vec![cluster::delete(ORDERS)];
    records.extend(cluster::create(ORDERS_AGAIN));
    client.publish(&records);
    let by_name = client.send(12, &fetch(0, 0, 1)).now();
    assert_eq!((fetched(&by_name).error_code, fetched(&by_name).high_watermark), (0, 0), "it is empty");
    let old = client.send(13, &fetch(0, 0, 1)).now();
    assert_eq!(fetched(&old).error_code, ErrorCode::UNKNOWN_TOPIC_ID.0);
    assert_eq!(
        produced(&client.ask(&produce(1, batch(client.now, &["c"])))).0,
        ErrorCode::UNKNOWN_TOPIC_ID.0
    );
    let again = produce_to(ORDERS_AGAIN, 0, 1, batch(client.now, &["c"]));
    assert_eq!(produced(&client.ask(&again)), (0, 0));
    // The old folder stays for a minute and goes then.
    client.run_jobs();
    assert!(client.disk.space_used() > 0);
    client.pass(Duration::from_secs(61));
    client.run_jobs();
    client.restart();
    assert_eq!(fetched(&client.send(12, &fetch(0, 0, 1)).now()).high_watermark, 1);
}

#[test]
fn a_reader_whose_log_parts_from_ours_is_told_where() {
    let mut client = Harness::new();
    client.ask(&produce(1, batch(client.now, &["a", "b"])));
    let mut request = fetch(3, 500, 1);
    request.topics[0].partitions[0].last_fetched_epoch = 0;
    let answer = client.send(12, &request).now();
    let partition = fetched(&answer);
    assert_eq!(partition.diverging_epoch, EpochEndOffset { epoch: 0, end_offset: 2 });
    assert_eq!((partition.error_code, partition.high_watermark, partition.last_stable_offset), (0, 2, 2));
    request.topics[0].partitions[0].last_fetched_epoch = 5;
    let answer = client.send(12, &request).now();
    assert_eq!(fetched(&answer).error_code, ErrorCode::OFFSET_OUT_OF_RANGE.0, "an epoch that never was");
}

#[test]
fn a_broker_that_holds_no_replica_is_no_follower() {
    let mut client = Harness::new();
    for (epoch, error) in [(-1, ErrorCode::NOT_LEADER_OR_FOLLOWER), (0, ErrorCode::UNKNOWN_LEADER_EPOCH)] {
        let mut request = fetch(0, 500, 1);
        request.replica_id = 7;
        request.replica_state = ReplicaState { replica_id: 7, replica_epoch: 1 };
        request.topics[0].partitions[0].current_leader_epoch = epoch;
        for version in [12, 17] {
            let answer = client.send(version, &request).now();
            assert_eq!(fetched(&answer).error_code, error.0, "version {version}, epoch {epoch}");
        }
    }
}

#[test]
fn a_closed_connection_is_not_answered() {
    let mut client = Harness::new();
    let connection = client.connect();
    client.send(12, &fetch(0, 500, 1)).later();
    client.disconnect(connection);
    client.connect();
    client.ask(&produce(1, batch(client.now, &["a"])));
    client.pass(Duration::from_secs(1));
    assert_eq!(client.responses_left(), 0);
}
