//! How transactions end: the markers, who may write them, and what stands in their way.

use ottla_protocol::error::ErrorCode;
pub use ottla_protocol::messages::end_txn_request::EndTxnRequest as EndTxn;
use ottla_protocol::messages::write_txn_markers_request::{
    WritableTxnMarker, WritableTxnMarkerTopic, WriteTxnMarkersRequest,
};
use ottla_storage::io::Operation;
use ottla_storage::io::simulated::{Fault, FaultKind};

use super::producer::{GROUP, Producer, ask, broker, committed, end_offsets, init, settle};
use crate::harness::cluster::{self, OFFSETS, ORDERS, TRANSACTIONS, feature, leader};
use crate::harness::requests::{produce_to, produced, transactional};
use crate::harness::{Harness, Options};

#[test]
fn the_end_once_more_is_a_retry_and_the_other_end_is_not() {
    for level in [0, 2] {
        let mut client = broker(level);
        let mut producer = Producer::new(&mut client, level);
        producer.send(&mut client, 0, &["a"]);
        let (version, request) = producer.end_request(true);
        let first = ask(&mut client, version, &request);
        settle(&mut client);
        assert_eq!(ask(&mut client, version, &request), first, "level {level}");
        let other = EndTxn { committed: false, ..request };
        assert_eq!(ask(&mut client, version, &other).error_code, ErrorCode::INVALID_TXN_STATE.0);
        assert_eq!(committed(&mut client), ["a"]);
        assert_eq!(end_offsets(&mut client, 0), (2, 2), "there is one marker");
    }
}

#[test]
fn a_transaction_whose_topic_is_gone_ends_all_the_same() {
    let mut client = broker(2);
    let mut producer = Producer::new(&mut client, 2);
    producer.send(&mut client, 0, &["a"]);
    client.publish(&[cluster::delete(ORDERS)]);
    producer.commit(&mut client);
    client.publish(&cluster::create(cluster::ORDERS_AGAIN));
    let request = producer.produce(&client, cluster::ORDERS_AGAIN, 0, &["b"]);
    assert_eq!(produced(&ask(&mut client, producer.produce_version(), &request)), (0, 0));
    producer.commit(&mut client);
}

#[test]
fn markers_wait_for_their_partitions_leader() {
    let mut client = broker(2);
    let mut producer = Producer::new(&mut client, 2);
    producer.send(&mut client, 0, &["a"]);
    producer.send(&mut client, 1, &["b"]);
    client.publish(&[leader(ORDERS, 0, -1)]);
    producer.commit(&mut client);
    assert_eq!(super::committed_of(&mut client, 1), ["b"]);
    let busy = init(&mut client, &producer.transactional_id, 60_000).error_code;
    assert_eq!(busy, ErrorCode::CONCURRENT_TRANSACTIONS.0, "it has not ended");
    client.publish(&[leader(ORDERS, 0, 1)]);
    settle(&mut client);
    assert_eq!(committed(&mut client), ["a"]);
    assert_eq!(init(&mut client, &producer.transactional_id, 60_000).error_code, 0);
}

#[test]
fn a_coordinator_of_a_new_epoch_begins_from_its_log() {
    let mut client = broker(2);
    let mut producer = Producer::new(&mut client, 2);
    producer.send(&mut client, 0, &["a"]);
    client.publish(&[leader(TRANSACTIONS, 0, 1)]);
    settle(&mut client);
    producer.commit(&mut client);
    assert_eq!(committed(&mut client), ["a"]);
    let id = (producer.producer_id, producer.producer_epoch);
    let deposed = write_markers(&mut client, id, 0, &[("orders", &[0])]);
    let fenced = ErrorCode::TRANSACTION_COORDINATOR_FENCED.0;
    assert_eq!(deposed, [("orders".to_owned(), vec![(0, fenced)])], "the marker was one of epoch 1");
}

#[test]
fn what_a_client_sent_in_a_transaction_that_has_ended_does_not_touch_the_next() {
    for committed_first in [true, false] {
        let mut client = broker(2);
        let mut producer = Producer::new(&mut client, 2);
        producer.send(&mut client, 0, &["a"]);
        let (version, late_end) = producer.end_request(!committed_first);
        let late_batch = producer.produce(&client, ORDERS, 1, &["late"]);
        if committed_first {
            producer.commit(&mut client)
        } else {
            producer.abort(&mut client)
        };
        producer.send(&mut client, 0, &["b"]);
        let ends = end_offsets(&mut client, 0);
        assert_eq!(ask(&mut client, version, &late_end).error_code, ErrorCode::PRODUCER_FENCED.0);
        let answer = ask(&mut client, producer.produce_version(), &late_batch);
        assert_eq!(produced(&answer).0, ErrorCode::INVALID_PRODUCER_EPOCH.0);
        settle(&mut client);
        assert_eq!(end_offsets(&mut client, 0), ends, "the transaction is open");
        assert_eq!(end_offsets(&mut client, 1), (0, 0), "nothing is written");
        producer.commit(&mut client);
        let expected: &[&str] = if committed_first { &["a", "b"] } else { &["b"] };
        assert_eq!(committed(&mut client), expected);
    }
}

/// Errors of a WriteTxnMarkers, by partition.
fn write_markers(
    client: &mut Harness,
    (producer_id, producer_epoch): (i64, i16),
    coordinator_epoch: i32,
    topics: &[(&str, &[i32])],
) -> Vec<(String, Vec<(i32, i16)>)> {
    let topics = topics.iter().map(|(name, partitions)| WritableTxnMarkerTopic {
        name: (*name).to_owned(),
        partition_indexes: partitions.to_vec(),
    });
    let marker = WritableTxnMarker {
        producer_id,
        producer_epoch,
        transaction_result: false,
        topics: topics.collect(),
        coordinator_epoch,
        transaction_version: 0,
    };
    let answer = ask(client, 1, &WriteTxnMarkersRequest { markers: vec![marker] });
    assert_eq!(answer.markers.len(), 1);
    let topics = answer.markers[0].topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|p| (p.partition_index, p.error_code));
        (topic.name.clone(), partitions.collect())
    });
    topics.collect()
}

#[test]
fn an_operator_ends_a_transaction_that_hangs() {
    // Without verification, a late batch opens a transaction of which the coordinator does not know.
    let configs = [("transaction.partition.verification.enable", "false")];
    let mut client = super::broker_with(0, &configs);
    let producer = Producer::new(&mut client, 0);
    let id = (producer.producer_id, producer.producer_epoch);
    let late = producer.produce(&client, ORDERS, 0, &["late"]);
    assert_eq!(produced(&ask(&mut client, 11, &late)), (0, 0));
    assert_eq!(end_offsets(&mut client, 0), (1, 0), "it hangs");
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0;
    let answer = write_markers(&mut client, id, -1, &[("nowhere", &[0]), ("orders", &[0, 1, 9])]);
    let expected = [
        ("nowhere".to_owned(), vec![(0, unknown)]),
        ("orders".to_owned(), vec![(0, 0), (1, 0), (9, unknown)]),
    ];
    assert_eq!(answer, expected);
    assert_eq!(end_offsets(&mut client, 0), (2, 2));
    assert_eq!(committed(&mut client), Vec::<String>::new());
    for nobody in [(id.0, -1), (-1, 0)] {
        let topics: [(&str, &[i32]); 2] = [(OFFSETS.name, &[0]), ("orders", &[0])];
        let errors = write_markers(&mut client, nobody, -1, &topics);
        let failed = vec![(0, ErrorCode::UNKNOWN_SERVER_ERROR.0)];
        assert_eq!(errors, [(OFFSETS.name.to_owned(), failed.clone()), ("orders".to_owned(), failed)]);
    }
    write_markers(&mut client, id, 5, &[("orders", &[0])]);
    let deposed = write_markers(&mut client, id, 4, &[("orders", &[0])]);
    assert_eq!(deposed, [("orders".to_owned(), vec![(0, ErrorCode::TRANSACTION_COORDINATOR_FENCED.0)])]);
    client.publish(&[leader(ORDERS, 0, -1), leader(OFFSETS, 0, -1)]);
    let not_leader = ErrorCode::NOT_LEADER_OR_FOLLOWER.0;
    let answer = write_markers(&mut client, id, 5, &[(OFFSETS.name, &[0]), ("orders", &[0])]);
    assert_eq!(
        answer,
        [(OFFSETS.name.to_owned(), vec![(0, not_leader)]), ("orders".to_owned(), vec![(0, not_leader)])]
    );
    assert_eq!(ask(&mut client, 2, &WriteTxnMarkersRequest { markers: Vec::new() }).markers, []);
}

/// `orders` and the groups in one directory, the transactions in another.
fn with_transactions_elsewhere() -> Harness {
    let elsewhere = cluster::Topic { log_dir: 1, ..TRANSACTIONS };
    let topics = vec![ORDERS, OFFSETS, elsewhere];
    let mut client = Harness::start(Options { topics, log_dirs: 2, ..Options::default() });
    client.publish(&[feature("transaction.version", 2)]);
    settle(&mut client);
    client
}

#[test]
fn a_coordinator_whose_disk_fails_promises_nothing() {
    for operation in [Operation::Write, Operation::Sync] {
        let mut client = with_transactions_elsewhere();
        let mut producer = Producer::new(&mut client, 2);
        producer.send(&mut client, 0, &["a"]);
        let (version, request) = producer.end_request(true);
        let fault = Fault { operation: Some(operation), after: 0, count: 1, kind: FaultKind::Io { torn: 0 } };
        client.disk.inject(fault);
        let answer = ask(&mut client, version, &request);
        assert_eq!(answer.error_code, ErrorCode::NOT_COORDINATOR.0, "{operation:?}");
        assert_eq!(end_offsets(&mut client, 0), (1, 0), "no marker is written");
        assert_eq!(init(&mut client, GROUP, 60_000).error_code, ErrorCode::NOT_COORDINATOR.0);
        let other = transactional(client.now, (producer.producer_id, producer.producer_epoch), 1, &["b"]);
        let more = ask(&mut client, 12, &produce_to(ORDERS, 0, 1, other));
        assert_eq!(produced(&more).0, ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED.0);
        assert_eq!(producer.send(&mut client, 0, &["b"]), (0, 1), "where it is open it can be written to");
        assert_eq!(producer.send(&mut client, 1, &["c"]).0, ErrorCode::NOT_ENOUGH_REPLICAS.0);
    }
}

#[test]
fn a_full_disk_ends_no_transaction_until_there_is_room() {
    let mut client = broker(2);
    let mut producer = Producer::new(&mut client, 2);
    producer.send(&mut client, 0, &["a"]);
    client.disk.set_capacity(client.disk.space_used() + 10);
    let (version, request) = producer.end_request(true);
    assert_eq!(ask(&mut client, version, &request).error_code, ErrorCode::NOT_COORDINATOR.0);
    client.disk.set_capacity(1 << 30);
    producer.commit(&mut client);
    assert_eq!(committed(&mut client), ["a"]);
}
