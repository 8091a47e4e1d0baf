//! Offsets that are part of a transaction.

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::add_offsets_to_txn_request::AddOffsetsToTxnRequest;
use ottla_protocol::messages::offset_fetch_request::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use ottla_protocol::messages::txn_offset_commit_request::{
    TxnOffsetCommitRequest, TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};
use ottla_protocol::types::TopicId;

use super::producer::{GROUP, Producer, ask, broker, settle};
use crate::harness::cluster::{self, OFFSETS, ORDERS, PAYMENTS, TRANSACTIONS, leader};
use crate::harness::{Harness, Options};

/// Offset and error of `orders-0` in the group; whether the reader insists on what no transaction may change.
fn fetched(client: &mut Harness, require_stable: bool) -> (i64, i16) {
    let topic = OffsetFetchRequestTopics {
        name: ORDERS.name.to_owned(),
        partition_indexes: vec![0],
        ..Default::default()
    };
    let group = OffsetFetchRequestGroup {
        group_id: GROUP.to_owned(),
        topics: Some(vec![topic]),
        ..Default::default()
    };
    let request = OffsetFetchRequest { groups: vec![group], require_stable, ..Default::default() };
    let answer = ask(client, 9, &request);
    let partition = &answer.groups[0].topics[0].partitions[0];
    (partition.committed_offset, partition.error_code)
}

#[test]
fn offsets_count_when_their_transaction_commits() {
    for level in [0, 1, 2] {
        let mut client = broker(level);
        let mut producer = Producer::new(&mut client, level);
        let unstable = (-1, ErrorCode::UNSTABLE_OFFSET_COMMIT.0);
        assert_eq!(producer.commit_offset(&mut client, 5), 0, "level {level}");
        assert_eq!(fetched(&mut client, false), (-1, 0), "level {level}: not yet");
        assert_eq!(fetched(&mut client, true), unstable);
        producer.commit(&mut client);
        assert_eq!(fetched(&mut client, true), (5, 0));
        assert_eq!(producer.commit_offset(&mut client, 9), 0);
        producer.abort(&mut client);
        assert_eq!(fetched(&mut client, true), (5, 0), "level {level}: what was aborted never was");
        client.restart();
        settle(&mut client);
        assert_eq!(fetched(&mut client, true), (5, 0));
    }
}

#[test]
fn records_and_offsets_of_a_transaction_count_together() {
    let mut client = broker(2);
    let mut producer = Producer::new(&mut client, 2);
    producer.send(&mut client, 1, &["a"]);
    producer.commit_offset(&mut client, 3);
    producer.commit_offset(&mut client, 4);
    producer.commit(&mut client);
    assert_eq!(fetched(&mut client, true), (4, 0));
    assert_eq!(super::committed_of(&mut client, 1), ["a"]);
}

#[test]
fn offsets_outside_of_the_transaction_are_refused() {
    let mut client = broker(0);
    let producer = Producer::new(&mut client, 0);
    for (version, error) in [(3, ErrorCode::INVALID_TXN_STATE), (4, ErrorCode::TRANSACTION_ABORTABLE)] {
        let answer = ask(&mut client, version, &producer.offset_commit(5));
        assert_eq!(answer.topics[0].partitions[0].error_code, error.0, "version {version}");
    }
    let mut client = broker(2);
    let mut producer = Producer::new(&mut client, 2);
    let epoch = producer.producer_epoch;
    producer.producer_epoch += 1;
    assert_eq!(producer.commit_offset(&mut client, 5), ErrorCode::INVALID_PRODUCER_EPOCH.0);
    producer.producer_epoch = epoch;
    client.publish(&[leader(OFFSETS, 0, -1)]);
    assert_eq!(producer.commit_offset(&mut client, 5), ErrorCode::NOT_COORDINATOR.0);
}

#[test]
fn partitions_that_do_not_exist_are_answered_beside_the_others() {
    let mut client = broker(2);
    let mut producer = Producer::new(&mut client, 2);
    let partition = |index| TxnOffsetCommitRequestPartition {
        partition_index: index,
        committed_offset: 7,
        ..Default::default()
    };
    let topic = |name: &str, partitions| TxnOffsetCommitRequestTopic {
        name: name.to_owned(),
        partitions,
        ..Default::default()
    };
    let commit = |topics| TxnOffsetCommitRequest { topics, ..producer.offset_commit(7) };
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0;
    let both =
        commit(vec![topic("orders", vec![partition(0), partition(9)]), topic("nowhere", vec![partition(0)])]);
    let nothing = commit(vec![topic("nowhere", vec![partition(0)])]);
    let no_group = TxnOffsetCommitRequest { group_id: String::new(), ..producer.offset_commit(7) };
    let mut errors = |request: &TxnOffsetCommitRequest| {
        let answer = ask(&mut client, 5, request);
        let topics = answer.topics.iter().map(|topic| {
            let partitions = topic.partitions.iter();
            (topic.name.clone(), partitions.map(|p| (p.partition_index, p.error_code)).collect::<Vec<_>>())
        });
        topics.collect::<Vec<_>>()
    };
    assert_eq!(
        errors(&both),
        [("orders".to_owned(), vec![(0, 0), (9, unknown)]), ("nowhere".to_owned(), vec![(0, unknown)])]
    );
    assert_eq!(errors(&nothing), [("nowhere".to_owned(), vec![(0, unknown)])]);
    assert_eq!(errors(&no_group), [("orders".to_owned(), vec![(0, ErrorCode::INVALID_GROUP_ID.0)])]);
    producer.commit(&mut client);
    assert_eq!(fetched(&mut client, true), (7, 0));
}

#[test]
fn the_newest_version_names_topics_by_id() {
    let mut client = broker(2);
    let mut producer = Producer::new(&mut client, 2);
    let topic = |id: TopicId| TxnOffsetCommitRequestTopic {
        topic_id: id.0,
        partitions: vec![TxnOffsetCommitRequestPartition { committed_offset: 7, ..Default::default() }],
        ..Default::default()
    };
    let topics = vec![topic(ORDERS.id), topic(PAYMENTS.id)];
    let answer = ask(&mut client, 6, &TxnOffsetCommitRequest { topics, ..producer.offset_commit(7) });
    let errors: Vec<_> = answer.topics.iter().map(|t| (t.topic_id, t.partitions[0].error_code)).collect();
    assert_eq!(errors, [(ORDERS.id.0, 0), (PAYMENTS.id.0, ErrorCode::UNKNOWN_TOPIC_ID.0)]);
    producer.commit(&mut client);
    assert_eq!(fetched(&mut client, true), (7, 0));
}

#[test]
fn offsets_are_added_for_a_group_whose_topic_is_still_to_come() {
    let topics = vec![ORDERS, TRANSACTIONS];
    let mut client = Harness::start(Options { topics, ..Options::default() });
    settle(&mut client);
    let mut producer = Producer::new(&mut client, 0);
    let added = AddOffsetsToTxnRequest {
        transactional_id: producer.transactional_id.clone(),
        producer_id: producer.producer_id,
        producer_epoch: producer.producer_epoch,
        group_id: GROUP.to_owned(),
    };
    assert_eq!(ask(&mut client, 3, &added).error_code, 0);
    client.publish(&cluster::create(OFFSETS));
    settle(&mut client);
    assert_eq!(producer.commit_offset(&mut client, 5), 0);
    producer.commit(&mut client);
    assert_eq!(fetched(&mut client, true), (5, 0));
}
