//! Transactions through a shard: what is committed is read, what is aborted is not, whatever happens in between.

mod crashes;
mod ending;
mod offsets;
mod producer;
mod showing;
mod verification;

use std::time::Duration;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::init_producer_id_request::InitProducerIdRequest;
use ottla_protocol::messages::produce_request::ProduceRequest;

use crate::harness::Harness;
use crate::harness::cluster::{ORDERS, feature};
use crate::harness::requests::{produce_to, produced, transactional};
use producer::{
    Producer, TRANSACTIONAL_ID, ask, broker, broker_with, committed, committed_of, end_offsets, init, settle,
};

#[test]
fn what_is_committed_is_read_and_what_is_aborted_is_not() {
    for level in [0, 1, 2] {
        let mut client = broker(level);
        let mut producer = Producer::new(&mut client, level);
        assert_eq!(producer.send(&mut client, 0, &["a", "b"]), (0, 0));
        assert_eq!(end_offsets(&mut client, 0), (2, 0), "level {level}: high watermark, last stable offset");
        assert_eq!(committed(&mut client), Vec::<String>::new());
        producer.commit(&mut client);
        assert_eq!(end_offsets(&mut client, 0), (3, 3), "level {level}: the marker has an offset of its own");
        assert_eq!(committed(&mut client), ["a", "b"]);

        producer.send(&mut client, 0, &["c"]);
        producer.send(&mut client, 1, &["d"]);
        producer.abort(&mut client);
        producer.send(&mut client, 0, &["e"]);
        producer.commit(&mut client);
        assert_eq!(committed(&mut client), ["a", "b", "e"], "level {level}");
        assert_eq!(committed_of(&mut client, 1), Vec::<String>::new());
        client.restart();
        settle(&mut client);
        assert_eq!(committed(&mut client), ["a", "b", "e"], "level {level}: after a restart");
    }
}

#[test]
fn an_open_transaction_holds_back_who_reads_committed_and_nobody_else() {
    let mut client = broker(2);
    let mut first = Producer::named(&mut client, 2, "first");
    let mut second = Producer::named(&mut client, 2, "second");
    first.send(&mut client, 0, &["a"]);
    second.send(&mut client, 0, &["b"]);
    second.commit(&mut client);
    assert_eq!(end_offsets(&mut client, 0), (3, 0));
    assert_eq!(committed(&mut client), Vec::<String>::new(), "the first one is open");
    first.abort(&mut client);
    assert_eq!(end_offsets(&mut client, 0), (4, 4));
    assert_eq!(committed(&mut client), ["b"]);
}

#[test]
fn a_second_producer_of_the_same_id_fences_the_first() {
    for level in [0, 2] {
        let mut client = broker(level);
        let mut first = Producer::new(&mut client, level);
        first.send(&mut client, 0, &["a"]);
        let answer = init(&mut client, TRANSACTIONAL_ID, 60_000);
        assert_eq!(
            answer.error_code,
            ErrorCode::CONCURRENT_TRANSACTIONS.0,
            "its transaction is aborted first"
        );
        settle(&mut client);
        let mut second = Producer::new(&mut client, level);
        assert!(second.producer_epoch > first.producer_epoch);
        assert_eq!(first.send(&mut client, 0, &["b"]).0, ErrorCode::INVALID_PRODUCER_EPOCH.0);
        assert_eq!(first.end(&mut client, true), ErrorCode::PRODUCER_FENCED.0);
        second.send(&mut client, 0, &["c"]);
        second.commit(&mut client);
        assert_eq!(committed(&mut client), ["c"], "level {level}");
    }
}

#[test]
fn a_transaction_that_takes_too_long_is_aborted() {
    for level in [0, 2] {
        let mut client = broker(level);
        let mut producer = Producer::with_timeout(&mut client, level, 30_000);
        producer.send(&mut client, 0, &["a"]);
        client.pass(Duration::from_secs(29));
        settle(&mut client);
        assert_eq!(end_offsets(&mut client, 0), (1, 0), "level {level}: it may take so long");
        client.pass(Duration::from_secs(12));
        settle(&mut client);
        assert_eq!(end_offsets(&mut client, 0), (2, 2), "level {level}");
        assert_eq!(committed(&mut client), Vec::<String>::new());
        assert_eq!(producer.send(&mut client, 0, &["b"]).0, ErrorCode::INVALID_PRODUCER_EPOCH.0);
        // From version 2 on its epoch is that of the transaction that was aborted: it is told that it is too late.
        let late = if level < 2 { ErrorCode::PRODUCER_FENCED } else { ErrorCode::INVALID_TXN_STATE };
        assert_eq!(producer.end(&mut client, true), late.0);
    }
}

#[test]
fn the_cluster_may_change_its_transaction_version_while_transactions_go_on() {
    let mut client = broker(0);
    let mut producer = Producer::new(&mut client, 0);
    producer.send(&mut client, 0, &["a"]);
    client.publish(&[feature("transaction.version", 2)]);
    producer.commit(&mut client);
    let mut producer = Producer::new(&mut client, 2);
    producer.send(&mut client, 0, &["b"]);
    producer.commit(&mut client);
    client.publish(&[feature("transaction.version", 1)]);
    let mut producer = Producer::new(&mut client, 1);
    producer.send(&mut client, 0, &["c"]);
    producer.commit(&mut client);
    assert_eq!(committed(&mut client), ["a", "b", "c"]);
}

#[test]
fn ids_are_forgotten_when_nobody_has_used_them_for_long() {
    let configs = [
        ("transactional.id.expiration.ms", "60000"),
        ("transaction.remove.expired.transaction.cleanup.interval.ms", "10000"),
    ];
    let mut client = broker_with(2, &configs);
    let first = Producer::new(&mut client, 2);
    client.pass(Duration::from_secs(50));
    settle(&mut client);
    assert_eq!(showing::ids(&mut client), [TRANSACTIONAL_ID]);
    client.pass(Duration::from_secs(21));
    settle(&mut client);
    assert_eq!(showing::ids(&mut client), Vec::<String>::new());
    let second = Producer::new(&mut client, 2);
    assert_eq!((second.producer_epoch, second.producer_id > first.producer_id), (0, true), "another life");
    client.restart();
    settle(&mut client);
    assert_eq!(showing::ids(&mut client), [TRANSACTIONAL_ID]);
}

#[test]
fn there_is_no_coordinator_before_its_topic_and_none_for_an_empty_id() {
    let mut client = Harness::new();
    let request = |id: &str| InitProducerIdRequest {
        transactional_id: Some(id.to_owned()),
        transaction_timeout_ms: 60_000,
        ..Default::default()
    };
    let answer = ask(&mut client, 5, &request("t"));
    assert_eq!((answer.error_code, answer.producer_id), (ErrorCode::NOT_COORDINATOR.0, -1));
    assert_eq!(client.ask(&request("")).error_code, ErrorCode::INVALID_REQUEST.0);
}

#[test]
fn batches_of_two_producers_in_one_request_are_refused() {
    let mut client = broker(2);
    let producer = Producer::new(&mut client, 2);
    let other = (producer.producer_id + 7, producer.producer_epoch);
    let mut request = producer.produce(&client, ORDERS, 0, &["a"]);
    let stranger = transactional(client.now, other, 0, &["b"]);
    let more = produce_to(ORDERS, 1, 1, stranger).topic_data.remove(0).partition_data;
    request.topic_data[0].partition_data.extend(more);
    let answer = client.ask(&request);
    let errors: Vec<_> = answer.responses[0].partition_responses.iter().map(|p| p.error_code).collect();
    assert_eq!(errors, [ErrorCode::INVALID_PRODUCER_ID_MAPPING.0; 2]);
    let request = ProduceRequest { transactional_id: None, ..producer.produce(&client, ORDERS, 0, &["a"]) };
    let refused = ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED.0;
    assert_eq!(produced(&client.ask(&request)).0, refused, "a transaction has an id");
}
