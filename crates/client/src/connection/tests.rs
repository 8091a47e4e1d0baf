//! The rules of a connection, against a scripted broker.

use std::sync::Arc;
use std::time::Duration;

use ottla_protocol::api::ApiKey;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::api_versions_response::{ApiVersion, ApiVersionsResponse};
use ottla_protocol::messages::init_producer_id_request::InitProducerIdRequest;
use ottla_protocol::messages::init_producer_id_response::InitProducerIdResponse;
use ottla_protocol::messages::metadata_request::MetadataRequest;
use ottla_protocol::messages::produce_request::ProduceRequest;

use super::*;
use crate::test_broker::{Asked, Reply, TestBroker};

async fn connect(broker: TestBroker) -> Result<Connection, ConnectError> {
    connect_with(broker, ConnectionOptions::default()).await
}

async fn connect_with(broker: TestBroker, options: ConnectionOptions) -> Result<Connection, ConnectError> {
    let options = ConnectionOptions { transport: Some(Arc::new(broker)), ..options };
    Connection::connect(&"b:1".parse().unwrap(), options).await
}

/// A question whose answer tells which one it answers.
fn question(number: i32) -> InitProducerIdRequest {
    InitProducerIdRequest { transaction_timeout_ms: number, ..Default::default() }
}

fn echo(asked: &Asked<'_>) -> Reply {
    let producer_id = asked.decode::<InitProducerIdRequest>().transaction_timeout_ms.into();
    Reply::with(&InitProducerIdResponse { producer_id, ..Default::default() }, asked)
}

fn echo_all(asked: &Asked<'_>) -> Option<Reply> {
    (asked.key == ApiKey::InitProducerId).then(|| echo(asked))
}

#[tokio::test(start_paused = true)]
async fn pipelined_requests_get_their_own_responses() {
    let connection = connect(TestBroker::new(echo_all)).await.unwrap();
    let mut in_flight = Vec::new();
    for number in 0..50 {
        in_flight.push(connection.enqueue(&question(number), 5, Duration::from_secs(1)).await.unwrap());
    }
    for (expected, pending) in (0i32..50).zip(in_flight).rev() {
        assert_eq!(pending.response().await.unwrap().producer_id, i64::from(expected));
    }
    connection.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_dropped_request_does_not_disturb_the_next() {
    let connection = connect(TestBroker::new(echo_all)).await.unwrap();
    drop(connection.enqueue(&question(1), 5, Duration::from_secs(1)).await.unwrap());
    assert_eq!(connection.send(&question(2)).await.unwrap().producer_id, 2);
}

#[tokio::test(start_paused = true)]
async fn an_overdue_response_ends_the_connection() {
    let broker = TestBroker::new(|asked| (asked.key == ApiKey::InitProducerId).then_some(Reply::Silence));
    let connection = connect(broker).await.unwrap();
    let error = connection.send(&question(1)).await.unwrap_err();
    assert!(matches!(error, RequestError::TimedOut { api: "InitProducerId", .. }), "{error}");
    let error = connection.send(&question(2)).await.unwrap_err();
    assert!(matches!(error, RequestError::Closed(CloseReason::ResponseOverdue { .. })), "{error}");
    assert!(connection.is_closed());
}

#[tokio::test(start_paused = true)]
async fn requests_under_way_learn_that_the_broker_closed() {
    let broker = TestBroker::new(|asked| (asked.key == ApiKey::InitProducerId).then_some(Reply::Close));
    let connection = connect(broker).await.unwrap();
    let first = connection.enqueue(&question(1), 5, Duration::from_secs(1)).await.unwrap();
    let second = connection.enqueue(&question(2), 5, Duration::from_secs(1)).await.unwrap();
    for pending in [first, second] {
        let error = pending.response().await.unwrap_err();
        assert!(matches!(error, RequestError::Closed(CloseReason::Peer | CloseReason::Socket(_))), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_frame_that_answers_nothing_ends_the_connection() {
    let frames: [&[u8]; 4] =
        [&[0, 0, 0, 4, 0, 0, 0, 99], &[0xff; 8], &[0, 0, 0, 3, 1, 2, 3], &[0x7f, 0, 0, 0]];
    for frame in frames {
        let broker = TestBroker::new(move |asked| {
            (asked.key == ApiKey::InitProducerId).then(|| Reply::Raw(frame.to_vec()))
        });
        let connection = connect(broker).await.unwrap();
        let error = connection.send(&question(1)).await.unwrap_err();
        assert!(matches!(error, RequestError::Closed(CloseReason::BadResponse(_))), "{frame:?}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_requests_than_allowed_are_in_flight() {
    let broker = TestBroker::new(|asked| (asked.key == ApiKey::InitProducerId).then_some(Reply::Silence));
    let options = ConnectionOptions { in_flight_max: 2, ..Default::default() };
    let connection = connect_with(broker, options).await.unwrap();
    let long = Duration::from_secs(10);
    let _first = connection.enqueue(&question(1), 5, long).await.unwrap();
    let _second = connection.enqueue(&question(2), 5, long).await.unwrap();
    let third = connection.enqueue(&question(3), 5, Duration::from_secs(1)).await;
    assert!(matches!(third, Err(RequestError::TimedOut { .. })));
}

#[tokio::test(start_paused = true)]
async fn the_newest_common_version_is_used_or_none() {
    let broker = TestBroker::new(|asked| {
        (asked.key == ApiKey::InitProducerId).then(|| {
            assert_eq!(asked.version, 3);
            echo(asked)
        })
    });
    let broker = broker.with_versions(ApiKey::InitProducerId, 1, 3).with_versions(ApiKey::Metadata, 90, 99);
    let connection = connect(broker).await.unwrap();
    assert_eq!(connection.send(&question(4)).await.unwrap().producer_id, 4);
    let error = connection.send(&MetadataRequest::default()).await.unwrap_err();
    let text = "the broker does not support Metadata in versions 0 to 13 (it has 90 to 99)";
    assert_eq!(error.to_string(), text);
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_does_not_know_the_newest_api_versions_is_asked_again() {
    let broker = TestBroker::new(|asked| {
        if asked.key != ApiKey::ApiVersions {
            return None;
        }
        let supported = asked.version <= 2;
        let response = ApiVersionsResponse {
            error_code: if supported { 0 } else { ErrorCode::UNSUPPORTED_VERSION.into() },
            api_keys: vec![ApiVersion {
                api_key: ApiKey::ApiVersions.into(),
                min_version: 0,
                max_version: 2,
            }],
            ..Default::default()
        };
        Some(Reply::Body(ottla_protocol::messages::Message::to_vec(
            &response,
            if supported { asked.version } else { 0 },
        )))
    });
    let connection = connect(broker).await.unwrap();
    assert_eq!(connection.versions().range(ApiKey::ApiVersions), Some(0..=2));
    assert_eq!(connection.versions().range(ApiKey::Metadata), None);
}

#[tokio::test(start_paused = true)]
async fn a_silent_peer_is_given_up_within_the_connect_timeout() {
    let error = connect(TestBroker::new(|_| Some(Reply::Silence))).await.unwrap_err();
    assert!(matches!(error.failure, ConnectFailure::TimedOut(_)), "{error}");
}

#[tokio::test(start_paused = true)]
async fn one_way_requests_wait_for_no_answer_and_close_waits_for_those_under_way() {
    let broker = TestBroker::new(|asked| match asked.key {
        ApiKey::Produce => Some(Reply::Silence),
        _ => echo_all(asked),
    });
    let connection = connect(broker).await.unwrap();
    connection.send_one_way(&ProduceRequest::default(), 9).await.unwrap();
    let pending = connection.enqueue(&question(3), 5, Duration::from_secs(1)).await.unwrap();
    connection.close().await;
    assert_eq!(pending.response().await.unwrap().producer_id, 3);
    assert!(matches!(connection.send(&question(4)).await, Err(RequestError::Closed(CloseReason::Local))));
}
