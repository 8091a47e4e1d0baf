//! Incremental fetch sessions over the wire.

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::fetch_request::{FetchRequest, ForgottenTopic};
use ottla_protocol::messages::fetch_response::FetchResponse;

use crate::harness::Harness;
use crate::harness::cluster::{self, ORDERS};
use crate::harness::requests::{batch, fetch_from, produce, produce_to};

/// Versions with sessions by name, with divergence, and by topic id.
const VERSIONS: [i16; 4] = [7, 12, 13, 18];

/// Opens a session on both partitions, from these offsets.
fn open(client: &mut Harness, version: i16, offsets: [i64; 2]) -> i32 {
    let mut request = fetch_from(ORDERS, &[(0, offsets[0]), (1, offsets[1])], 0, 1);
    request.session_epoch = 0;
    let answer = client.send(version, &request).now();
    assert_eq!((answer.error_code, shown(&answer).len()), (0, 2), "the first answer shows all");
    assert_ne!(answer.session_id, 0);
    answer.session_id
}

/// A request in a session that changes these partitions.
fn next(session_id: i32, session_epoch: i32, changed: &[(i32, i64)]) -> FetchRequest {
    let mut request = fetch_from(ORDERS, changed, 0, 1);
    if changed.is_empty() {
        request.topics.clear();
    }
    FetchRequest { session_id, session_epoch, ..request }
}

fn forget(request: FetchRequest, partitions: &[i32]) -> FetchRequest {
    let topic = ForgottenTopic {
        topic: ORDERS.name.to_owned(),
        topic_id: ORDERS.id.0,
        partitions: partitions.to_vec(),
    };
    FetchRequest { forgotten_topics_data: vec![topic], ..request }
}

/// Index, error, and whether there are records, of every partition that the answer lists.
fn shown(answer: &FetchResponse) -> Vec<(i32, i16, bool)> {
    let partitions = answer.responses.iter().flat_map(|topic| &topic.partitions);
    let has_records =
        |records: &Option<bytes::Bytes>| records.as_ref().is_some_and(|bytes| !bytes.is_empty());
    partitions.map(|p| (p.partition_index, p.error_code, has_records(&p.records))).collect()
}

#[test]
fn an_answer_lists_only_what_is_new() {
    for version in VERSIONS {
        let mut client = Harness::new();
        let id = open(&mut client, version, [0, 0]);
        let ask = |client: &mut Harness, epoch, changed: &[(i32, i64)]| {
            let answer = client.send(version, &next(id, epoch, changed)).now();
            assert_eq!((answer.error_code, answer.session_id), (0, id));
            shown(&answer)
        };
        assert_eq!(ask(&mut client, 1, &[]), []);
        client.ask(&produce_to(ORDERS, 1, 1, batch(client.now, &["a"])));
        assert_eq!(ask(&mut client, 2, &[]), [(1, 0, true)]);
        assert_eq!(ask(&mut client, 3, &[]), [(1, 0, true)], "the client has not said that it has read it");
        assert_eq!(ask(&mut client, 4, &[(1, 1)]), []);
        client.ask(&produce(1, batch(client.now, &["a"])));
        assert_eq!(ask(&mut client, 5, &[(0, 9)]), [(0, ErrorCode::OFFSET_OUT_OF_RANGE.0, false)]);
        assert_eq!(ask(&mut client, 6, &[(0, 1)]), [(0, 0, false)], "once more after an error");
        assert_eq!(ask(&mut client, 7, &[]), []);
    }
}

#[test]
fn partitions_are_forgotten_and_an_empty_session_ends() {
    for version in VERSIONS {
        let mut client = Harness::new();
        client.ask(&produce(1, batch(client.now, &["a"])));
        let id = open(&mut client, version, [0, 0]);
        let answer = client.send(version, &forget(next(id, 1, &[]), &[0])).now();
        assert_eq!((answer.session_id, shown(&answer)), (id, vec![]));
        let answer = client.send(version, &forget(next(id, 2, &[]), &[1])).now();
        assert_eq!((answer.error_code, answer.session_id, shown(&answer)), (0, 0, vec![]));
        let answer = client.send(version, &next(id, 3, &[])).now();
        assert_eq!(answer.error_code, ErrorCode::FETCH_SESSION_ID_NOT_FOUND.0);
    }
}

#[test]
fn sessions_are_refused_by_name() {
    let mut client = Harness::new();
    let id = open(&mut client, 12, [0, 0]);
    for (version, request, error) in [
        (12, next(id ^ 1, 1, &[]), ErrorCode::FETCH_SESSION_ID_NOT_FOUND),
        (12, next(id, 2, &[]), ErrorCode::INVALID_FETCH_SESSION_EPOCH),
        (13, next(id, 1, &[]), ErrorCode::FETCH_SESSION_TOPIC_ID_ERROR),
        (12, next(0, 1, &[]), ErrorCode::FETCH_SESSION_ID_NOT_FOUND),
        (12, next(id, -5, &[]), ErrorCode::INVALID_FETCH_SESSION_EPOCH),
    ] {
        let answer = client.send(version, &request).now();
        assert_eq!((answer.error_code, answer.responses.len(), answer.session_id), (error.0, 0, 0));
    }
    assert_eq!(client.send(12, &next(id, 1, &[])).now().error_code, 0, "nothing of this has hurt it");
    client.send(12, &next(id, -1, &[(0, 0)])).now();
    let gone = client.send(12, &next(id, 2, &[])).now();
    assert_eq!(gone.error_code, ErrorCode::FETCH_SESSION_ID_NOT_FOUND.0, "the final epoch has closed it");
}

#[test]
fn a_waiting_fetch_of_a_session_lists_what_ended_its_wait() {
    for version in VERSIONS {
        let mut client = Harness::new();
        let id = open(&mut client, version, [0, 0]);
        let request = FetchRequest { max_wait_ms: 500, ..next(id, 1, &[]) };
        let waiting = client.send(version, &request).later();
        client.ask(&produce_to(ORDERS, 1, 1, batch(client.now, &["a"])));
        let answer = client.take_response::<FetchRequest>(waiting, version).unwrap();
        assert_eq!((answer.session_id, shown(&answer)), (id, vec![(1, 0, true)]));
    }
}

#[test]
fn a_session_learns_that_its_topic_is_gone() {
    for (version, error) in [(12, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION), (13, ErrorCode::UNKNOWN_TOPIC_ID)] {
        let mut client = Harness::new();
        let id = open(&mut client, version, [0, 0]);
        client.publish(&[cluster::delete(ORDERS)]);
        for epoch in 1..3 {
            let answer = client.send(version, &next(id, epoch, &[])).now();
            assert_eq!(shown(&answer), [(0, error.0, false), (1, error.0, false)], "every time");
        }
    }
}

#[test]
fn when_the_answer_is_full_the_partitions_take_turns() {
    let mut client = Harness::new();
    for partition in [0, 1] {
        client.ask(&produce_to(ORDERS, partition, 1, batch(client.now, &["a"])));
    }
    let mut request = fetch_from(ORDERS, &[(0, 0), (1, 0)], 0, 1);
    (request.session_epoch, request.max_bytes) = (0, 1);
    let id = client.send(12, &request).now().session_id;
    let mut turns = Vec::new();
    for epoch in 1..5 {
        let answer = client.send(12, &FetchRequest { max_bytes: 1, ..next(id, epoch, &[]) }).now();
        turns.extend(
            shown(&answer).into_iter().filter(|(_, _, has_records)| *has_records).map(|(index, ..)| index),
        );
    }
    assert_eq!(turns, [0, 1, 0, 1]);
}
