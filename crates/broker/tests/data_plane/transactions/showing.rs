//! DescribeTransactions, ListTransactions, DescribeProducers.

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::describe_producers_request::{DescribeProducersRequest, TopicRequest};
use ottla_protocol::messages::describe_transactions_request::DescribeTransactionsRequest;
use ottla_protocol::messages::describe_transactions_response::{TopicData, TransactionState};
use ottla_protocol::messages::find_coordinator_request::FindCoordinatorRequest;
use ottla_protocol::messages::list_transactions_request::ListTransactionsRequest;

use super::producer::{Producer, TRANSACTIONAL_ID, ask, broker, settle};
use crate::harness::Harness;
use crate::harness::cluster::ORDERS;

fn list(client: &mut Harness, request: &ListTransactionsRequest) -> (i16, Vec<String>, Vec<String>) {
    let answer = ask(client, 2, request);
    let ids = answer.transaction_states.into_iter().map(|state| state.transactional_id);
    (answer.error_code, ids.collect(), answer.unknown_state_filters)
}

/// The transactional ids that the broker lists.
pub fn ids(client: &mut Harness) -> Vec<String> {
    let (error, ids, _) =
        list(client, &ListTransactionsRequest { duration_filter: -1, ..Default::default() });
    assert_eq!(error, 0);
    ids
}

#[test]
fn transactions_are_described_in_full() {
    let mut client = broker(2);
    let mut producer = Producer::new(&mut client, 2);
    producer.send(&mut client, 1, &["a"]);
    let started = client.now.wall;
    producer.send(&mut client, 0, &["b"]);
    let ids = [TRANSACTIONAL_ID, "unknown", "", TRANSACTIONAL_ID].map(str::to_owned).to_vec();
    let answer = ask(&mut client, 0, &DescribeTransactionsRequest { transactional_ids: ids });
    let [known, unknown, empty] = answer.transaction_states.try_into().unwrap();
    assert!(known.transaction_start_time_ms > 0 && known.transaction_start_time_ms < started.0);
    let expected = TransactionState {
        transactional_id: TRANSACTIONAL_ID.to_owned(),
        transaction_state: "Ongoing".to_owned(),
        transaction_timeout_ms: 60_000,
        transaction_start_time_ms: known.transaction_start_time_ms,
        producer_id: producer.producer_id,
        producer_epoch: producer.producer_epoch,
        topics: vec![TopicData { topic: ORDERS.name.to_owned(), partitions: vec![0, 1] }],
        ..Default::default()
    };
    assert_eq!(known, expected);
    assert_eq!(unknown.error_code, ErrorCode::TRANSACTIONAL_ID_NOT_FOUND.0);
    assert_eq!(empty.error_code, ErrorCode::INVALID_REQUEST.0);
}

#[test]
fn transactions_are_listed_by_state_producer_age_and_pattern() {
    let mut client = broker(2);
    let mut open = Producer::named(&mut client, 2, "pay-1");
    let idle = Producer::named(&mut client, 2, "pay-2");
    open.send(&mut client, 0, &["a"]);
    let all = ListTransactionsRequest { duration_filter: -1, ..Default::default() };
    let strings = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let with = |change: &dyn Fn(&mut ListTransactionsRequest)| {
        let mut request = all.clone();
        change(&mut request);
        request
    };
    let by_state = with(&|r| r.state_filters = strings(&["Ongoing", "Sleeping"]));
    let by_producer = with(&|r| r.producer_id_filters = vec![idle.producer_id]);
    let by_age = with(&|r| r.duration_filter = 3_600_000);
    let by_pattern = with(&|r| r.transactional_id_pattern = Some(".*-2".to_owned()));
    let by_part = with(&|r| r.transactional_id_pattern = Some("pay".to_owned()));
    let broken = with(&|r| r.transactional_id_pattern = Some("(".to_owned()));
    let none = Vec::<String>::new;
    assert_eq!(list(&mut client, &all), (0, strings(&["pay-1", "pay-2"]), none()));
    assert_eq!(list(&mut client, &by_state), (0, strings(&["pay-1"]), strings(&["Sleeping"])));
    assert_eq!(list(&mut client, &by_producer), (0, strings(&["pay-2"]), none()));
    assert_eq!(
        list(&mut client, &by_age),
        (0, strings(&["pay-2"]), none()),
        "as Kafka: no start is long ago"
    );
    assert_eq!(list(&mut client, &by_pattern), (0, strings(&["pay-2"]), none()));
    assert_eq!(list(&mut client, &by_part), (0, none(), none()), "the whole id has to match");
    assert_eq!(list(&mut client, &broken).0, ErrorCode::INVALID_REGULAR_EXPRESSION.0);
    let mut empty = Harness::new();
    assert_eq!(list(&mut empty, &by_state), (0, none(), strings(&["Sleeping"])), "where no coordinator is");
}

#[test]
fn the_producers_of_a_partition_show_their_open_transaction() {
    let mut client = broker(2);
    let mut producer = Producer::new(&mut client, 2);
    let shown = |client: &mut Harness| {
        let topic = TopicRequest { name: ORDERS.name.to_owned(), partition_indexes: vec![0] };
        let answer = ask(client, 0, &DescribeProducersRequest { topics: vec![topic] });
        let producers = &answer.topics[0].partitions[0].active_producers;
        let all = producers.iter().map(|p| {
            (
                p.producer_id,
                p.producer_epoch,
                p.last_sequence,
                p.coordinator_epoch,
                p.current_txn_start_offset,
            )
        });
        all.collect::<Vec<_>>()
    };
    let id = producer.producer_id;
    producer.send(&mut client, 0, &["a", "b"]);
    assert_eq!(shown(&mut client), [(id, 0, 1, -1, 0)]);
    producer.commit(&mut client);
    assert_eq!(shown(&mut client), [(id, 1, -1, 0, -1)], "the marker has raised the epoch");
    producer.send(&mut client, 0, &["c"]);
    assert_eq!(shown(&mut client), [(id, 1, 0, 0, 3)]);
}

#[test]
fn the_coordinator_is_the_leader_of_the_ids_partition() {
    let mut client = broker(2);
    let request = |version: i16| FindCoordinatorRequest {
        key: if version < 4 { "a".to_owned() } else { String::new() },
        key_type: 1,
        coordinator_keys: if version < 4 { Vec::new() } else { vec!["a".to_owned(), "b".to_owned()] },
    };
    for version in 1..=6 {
        let answer = ask(&mut client, version, &request(version));
        let found: Vec<_> = if version < 4 {
            vec![(answer.error_code, answer.node_id, answer.port)]
        } else {
            answer.coordinators.iter().map(|c| (c.error_code, c.node_id, c.port)).collect()
        };
        assert!(found.iter().all(|found| *found == (0, 1, 9092)), "version {version}: {found:?}");
    }
    let mut empty = Harness::new();
    let answer = empty.ask(&request(4));
    assert_eq!(answer.coordinators[0].error_code, ErrorCode::COORDINATOR_NOT_AVAILABLE.0);
    let asked = empty.take_node_requests();
    assert_eq!(asked.len(), 1, "its topic is created");
    settle(&mut empty);
}
