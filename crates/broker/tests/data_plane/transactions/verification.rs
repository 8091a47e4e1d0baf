//! Who may write in a transaction: only what its coordinator knows of.

use ottla_protocol::api::ApiKey;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::add_partitions_to_txn_request::{
    AddPartitionsToTxnRequest, AddPartitionsToTxnTopic, AddPartitionsToTxnTransaction,
};
use ottla_protocol::messages::produce_request::ProduceRequest;

use super::producer::{Producer, ask, broker, broker_with, committed, end_offsets, settle};
use crate::harness::cluster::{ORDERS, TRANSACTIONS, leader};
use crate::harness::requests::{batch, idempotent, produce, produced};
use crate::harness::{Got, Harness, encode, newest};

#[test]
fn a_batch_of_a_partition_that_was_not_added_is_refused() {
    for (version, error) in [
        (3, ErrorCode::INVALID_TXN_STATE),
        (10, ErrorCode::INVALID_TXN_STATE),
        (11, ErrorCode::TRANSACTION_ABORTABLE),
    ] {
        let mut client = broker(0);
        let mut producer = Producer::new(&mut client, 0);
        assert_eq!(producer.add(&mut client, 1), 0);
        let request = producer.produce(&client, ORDERS, 0, &["a"]);
        let answer = ask(&mut client, version, &request);
        assert_eq!(produced(&answer), (error.0, -1), "version {version}");
        assert_eq!(end_offsets(&mut client, 0), (0, 0), "nothing is written");
        assert_eq!(producer.send(&mut client, 1, &["b"]).0, 0);
        producer.commit(&mut client);
    }
}

#[test]
fn from_version_12_on_the_broker_adds_the_partition() {
    let mut client = broker(2);
    let producer = Producer::new(&mut client, 2);
    for version in [12, newest(ApiKey::Produce)] {
        let request = producer.produce(&client, ORDERS, 0, &["a"]);
        assert_eq!(produced(&ask(&mut client, version, &request)), (0, 0), "the second one is a duplicate");
    }
}

#[test]
fn nobody_checks_older_clients_where_verification_is_off() {
    let mut client = broker_with(0, &[("transaction.partition.verification.enable", "false")]);
    let producer = Producer::new(&mut client, 0);
    let request = producer.produce(&client, ORDERS, 0, &["a"]);
    assert_eq!(produced(&ask(&mut client, 11, &request)), (0, 0));
}

#[test]
fn without_a_coordinator_the_client_is_told_to_send_again() {
    for version in [11, 12] {
        let mut client = broker(2);
        let producer = Producer::new(&mut client, 2);
        client.publish(&[leader(TRANSACTIONS, 0, -1)]);
        let request = producer.produce(&client, ORDERS, 0, &["a"]);
        let answer = ask(&mut client, version, &request);
        assert_eq!(produced(&answer), (ErrorCode::NOT_ENOUGH_REPLICAS.0, -1), "version {version}");
        let message = answer.responses[0].partition_responses[0].error_message.as_deref().unwrap();
        assert_eq!(
            message,
            "Unable to verify the partition has been added to the transaction. Underlying error: NOT_COORDINATOR"
        );
        client.publish(&[leader(TRANSACTIONS, 0, 1)]);
        settle(&mut client);
        if version == 12 {
            assert_eq!(produced(&ask(&mut client, version, &request)), (0, 0), "the same batch again");
        }
    }
}

#[test]
fn an_unknown_producer_or_epoch_is_refused() {
    let mut client = broker(2);
    let mut producer = Producer::new(&mut client, 2);
    let (id, epoch) = (producer.producer_id, producer.producer_epoch);
    for (producer_id, producer_epoch, error) in [
        (id + 1, epoch, ErrorCode::INVALID_PRODUCER_ID_MAPPING),
        (id, epoch + 1, ErrorCode::INVALID_PRODUCER_EPOCH),
    ] {
        (producer.producer_id, producer.producer_epoch) = (producer_id, producer_epoch);
        assert_eq!(producer.send(&mut client, 0, &["a"]), (error.0, -1));
    }
    (producer.producer_id, producer.producer_epoch) = (id, epoch);
    assert_eq!(producer.send(&mut client, 0, &["a"]), (0, 0));
}

#[test]
fn what_a_producer_sends_meanwhile_is_written_behind_what_waits() {
    for version in [11, 12] {
        let mut client = broker(2);
        let mut producer = Producer::new(&mut client, if version < 12 { 0 } else { 2 });
        if version < 12 {
            producer.add(&mut client, 0);
        }
        let mut ids = Vec::new();
        for value in ["a", "b", "c", "d"] {
            let request = producer.produce(&client, ORDERS, 0, &[value]);
            match client.send_in_round(&encode("test", version, &request)) {
                Got::Waits(id) => ids.push(id),
                other => panic!("{other:?}"),
            }
            producer.advance(0, 1);
        }
        client.drain();
        settle(&mut client);
        let answers = ids.into_iter().map(|id| client.take_response::<ProduceRequest>(id, version).unwrap());
        let offsets: Vec<_> = answers.map(|answer| produced(&answer)).collect();
        assert_eq!(offsets, [(0, 0), (0, 1), (0, 2), (0, 3)], "version {version}");
        producer.commit(&mut client);
        assert_eq!(committed(&mut client), ["a", "b", "c", "d"]);
    }
}

#[test]
fn the_next_transaction_waits_for_the_end_of_the_last() {
    let mut client = broker(2);
    let mut producer = Producer::new(&mut client, 2);
    producer.send(&mut client, 0, &["a"]);
    let (version, request) = producer.end_request(true);
    let end = client.send(version, &request).later();
    // The end is on the disk and told, its markers are on their way.
    client.run_jobs_once();
    let answer = client.take_response::<super::ending::EndTxn>(end, version).unwrap();
    (producer.producer_id, producer.producer_epoch) = (answer.producer_id, answer.producer_epoch);
    let next = ProduceRequest { acks: -1, ..producer.produce(&client, ORDERS, 1, &["b"]) };
    let waits = client.send(12, &next).later();
    assert_eq!(client.take_response::<ProduceRequest>(waits, 12), None);
    settle(&mut client);
    assert_eq!(produced(&client.take_response::<ProduceRequest>(waits, 12).unwrap()), (0, 0));
}

#[test]
fn without_acks_an_error_closes_the_connection() {
    let mut client = broker(0);
    let mut producer = Producer::new(&mut client, 0);
    let connection = client.connect();
    let request = ProduceRequest { acks: 0, ..producer.produce(&client, ORDERS, 0, &["a"]) };
    // The connection is held until the coordinator has spoken, though nobody is answered.
    assert!(!matches!(client.send(11, &request), Got::Response(_)));
    settle(&mut client);
    assert_eq!(client.closed, [connection]);
    client.connect();
    producer.add(&mut client, 0);
    assert!(!matches!(client.send(11, &request), Got::Response(_) | Got::Closed));
    settle(&mut client);
    assert_eq!(end_offsets(&mut client, 0).0, 1);
    assert_eq!(client.closed, [connection]);
}

#[test]
fn a_batch_outside_of_the_transaction_that_is_open_is_refused() {
    let mut client = broker(2);
    let mut producer = Producer::new(&mut client, 2);
    producer.send(&mut client, 0, &["a"]);
    let outside = idempotent(client.now, producer.producer_id, producer.producer_epoch, 1, &["b"]);
    let answer = ask(&mut client, 12, &produce(1, outside));
    assert_eq!(produced(&answer), (ErrorCode::INVALID_TXN_STATE.0, -1));
    assert_eq!(produced(&client.ask(&produce(1, batch(client.now, &["c"])))).0, 0, "others may write");
}

#[test]
fn a_producer_that_the_partition_does_not_know_begins_at_the_beginning() {
    let mut client = broker(2);
    let mut producer = Producer::new(&mut client, 2);
    producer.advance(0, 5);
    assert_eq!(producer.send(&mut client, 0, &["a"]).0, ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER.0);
}

fn transaction(
    producer: &Producer,
    topics: &[(&str, &[i32])],
    verify_only: bool,
) -> AddPartitionsToTxnTransaction {
    let topics = topics.iter().map(|(name, partitions)| AddPartitionsToTxnTopic {
        name: (*name).to_owned(),
        partitions: partitions.to_vec(),
    });
    AddPartitionsToTxnTransaction {
        transactional_id: producer.transactional_id.clone(),
        producer_id: producer.producer_id,
        producer_epoch: producer.producer_epoch,
        verify_only,
        topics: topics.collect(),
    }
}

fn added(
    client: &mut Harness,
    version: i16,
    transactions: Vec<AddPartitionsToTxnTransaction>,
) -> Vec<Vec<(i32, i16)>> {
    let request = AddPartitionsToTxnRequest { transactions, ..Default::default() };
    let answer = ask(client, version, &request);
    let results = answer.results_by_transaction.iter().map(|result| {
        let partitions = result.topic_results.iter().flat_map(|topic| &topic.results_by_partition);
        partitions.map(|p| (p.partition_index, p.partition_error_code)).collect()
    });
    results.collect()
}

#[test]
fn brokers_add_and_verify_many_transactions_at_once() {
    for version in [4, 5] {
        let mut client = broker(2);
        let first = Producer::named(&mut client, 2, "first");
        let second = Producer::named(&mut client, 2, "second");
        let both = vec![
            transaction(&first, &[("orders", &[0])], false),
            transaction(&second, &[("orders", &[1, 9]), ("orders", &[0])], false),
        ];
        let (unknown, not_tried) =
            (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0, ErrorCode::OPERATION_NOT_ATTEMPTED.0);
        let expected = [vec![(0, 0)], vec![(1, not_tried), (9, unknown), (0, not_tried)]];
        assert_eq!(added(&mut client, version, both), expected, "version {version}: all of one or none");
        let both = vec![
            transaction(&first, &[("orders", &[0, 1])], true),
            transaction(&second, &[("orders", &[0])], true),
        ];
        let missing = ErrorCode::TRANSACTION_ABORTABLE.0;
        assert_eq!(added(&mut client, version, both), [vec![(0, 0), (1, missing)], vec![(0, missing)]]);
        assert_eq!(added(&mut client, version, Vec::new()), Vec::<Vec<(i32, i16)>>::new());
    }
}
