//! What a shard answers, seen as a client sees it: frames in, frames out, on a simulated disk.

mod across;
mod compaction;
mod configs;
mod consumer_groups;
mod disks;
mod fetching;
pub(crate) mod groups;
pub(crate) mod harness;
mod live;
mod offsets;
mod placement;
mod producing;
mod sessions;
mod transactions;

use std::time::Duration;

use bytes::Bytes;
use ottla_protocol::api::ApiKey;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::message::Message;
use ottla_protocol::messages::api_versions_response::ApiVersionsResponse;
use ottla_protocol::messages::fetch_request::FetchRequest;
use ottla_protocol::messages::list_offsets_request::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use ottla_protocol::messages::metadata_request::MetadataRequest;
use ottla_protocol::messages::produce_request::ProduceRequest;
use ottla_protocol::wire::Reader;
use ottla_storage::io::Operation;
use ottla_storage::io::simulated::{Fault, FaultKind};

use harness::requests::{batch, fetch, fetched, produce, produced};
use harness::{Got, Harness, newest};

fn response<T: std::fmt::Debug>(got: Got<T>) -> T {
    match got {
        Got::Response(response) => response,
        other => panic!("expected a response, got {other:?}"),
    }
}

#[test]
fn what_is_produced_is_fetched_in_every_version() {
    for version in ProduceRequest::VERSIONS {
        let mut client = Harness::new();
        let records = batch(client.now, &["a", "b"]);
        assert_eq!(produced(&response(client.send(version, &produce(1, records.clone())))), (0, 0));
        assert_eq!(produced(&response(client.send(version, &produce(1, records.clone())))), (0, 2));
        for version in FetchRequest::VERSIONS {
            let answer = response(client.send(version, &fetch(2, 0, 1)));
            let partition = fetched(&answer);
            let bytes = partition.records.as_deref().unwrap();
            assert_eq!((partition.error_code, partition.high_watermark), (0, 4), "version {version}");
            assert_eq!(bytes.len(), records.len());
            assert_eq!(bytes[..8], 2i64.to_be_bytes(), "the base offset is the broker's");
            assert_eq!(bytes[17..], records[17..], "the rest is as it came");
        }
    }
}

#[test]
fn an_unknown_version_of_api_versions_is_answered_in_version_0_with_its_own_range() {
    let mut client = Harness::new();
    for version in [6i16, 9999, i16::MAX, -1] {
        let mut frame = [18i16.to_be_bytes(), version.to_be_bytes()].concat();
        frame.extend(42i32.to_be_bytes());
        frame.extend([0xff, 0xff, 0, 0]);
        let bytes = response(client.send_frame(&frame));
        let mut reader = Reader::new(&bytes[8..]);
        let answer = ApiVersionsResponse::decode(&mut reader, 0).unwrap();
        assert_eq!(answer.error_code, 35);
        let keys: Vec<_> = answer.api_keys.iter().map(|api| (api.api_key, api.min_version)).collect();
        assert_eq!(keys, [(18, 0)]);
    }
}

#[test]
fn what_cannot_be_answered_closes_the_connection() {
    let mut client = Harness::new();
    for frame in
        [&b""[..], b"\0", b"\0\x03\0\x01\0\0\0\x01\xff\xff\x7f\xff\xff\xff", b"\x7f\xff\0\0\0\0\0\0\xff\xff"]
    {
        assert_eq!(client.send_frame(frame), Got::Closed, "{frame:?}");
    }
    assert!(client.send(3, &ProduceRequest { acks: 1, ..ProduceRequest::default() }).is_response());
}

impl<T> Got<T> {
    fn is_response(&self) -> bool {
        matches!(self, Self::Response(_))
    }
}

#[test]
fn an_empty_fetch_has_empty_records_and_not_null() {
    let mut client = Harness::new();
    for version in FetchRequest::VERSIONS {
        let answer = response(client.send(version, &fetch(0, 0, 1)));
        assert_eq!(fetched(&answer).records, Some(Bytes::new()), "version {version}");
    }
}

#[test]
fn a_batch_over_max_message_bytes_is_refused_and_not_appended() {
    let mut client = Harness::with_configs(&[("max.message.bytes", "100")]);
    let large = "x".repeat(200);
    let answer = response(client.send(newest(ApiKey::Produce), &produce(1, batch(client.now, &[&large]))));
    assert_eq!(produced(&answer), (ErrorCode::MESSAGE_TOO_LARGE.0, -1));
    assert_eq!(fetched(&response(client.send(12, &fetch(0, 0, 1)))).high_watermark, 0);
}

#[test]
fn bad_batches_are_refused_by_name() {
    let mut client = Harness::new();
    let good = batch(client.now, &["a"]);
    let change = |at: usize, byte: u8| {
        let mut bad = good.to_vec();
        bad[at] = byte;
        Bytes::from(bad)
    };
    let two = Bytes::from([&good[..], &good[..]].concat());
    for (what, records, error) in [
        ("wrong crc", change(17, !good[17]), ErrorCode::CORRUPT_MESSAGE),
        ("changed payload", change(good.len() - 1, !good[good.len() - 1]), ErrorCode::CORRUPT_MESSAGE),
        ("magic 1", change(16, 1), ErrorCode::INVALID_RECORD),
        ("base offset 5", change(7, 5), ErrorCode::INVALID_RECORD),
        ("two batches", two, ErrorCode::INVALID_RECORD),
        ("nothing", Bytes::new(), ErrorCode::INVALID_RECORD),
    ] {
        let answer = response(client.send(newest(ApiKey::Produce), &produce(1, records)));
        assert_eq!(produced(&answer), (error.0, -1), "{what}");
    }
    assert_eq!(
        fetched(&response(client.send(12, &fetch(0, 0, 1)))).high_watermark,
        0,
        "nothing was appended"
    );
}

#[test]
fn acks_0_has_no_answer_and_an_error_closes_the_connection() {
    let mut client = Harness::new();
    assert_eq!(client.send(9, &produce(0, batch(client.now, &["a"]))), Got::Nothing);
    assert_eq!(client.send(9, &produce(0, Bytes::new())), Got::Closed);
}

#[test]
fn acks_all_waits_for_a_sync_that_began_after_the_write_and_shares_it() {
    let mut client = Harness::new();
    let version = newest(ApiKey::Produce);
    let Got::Waits(first) = client.send(version, &produce(-1, batch(client.now, &["a"]))) else { panic!() };
    assert_eq!(client.jobs.len(), 1, "the first write starts a sync");
    let Got::Waits(second) = client.send(version, &produce(-1, batch(client.now, &["b"]))) else { panic!() };
    let Got::Waits(third) = client.send(version, &produce(-1, batch(client.now, &["c"]))) else { panic!() };
    assert_eq!(client.jobs.len(), 1, "one sync at a time");
    client.run_jobs_once();
    assert_eq!(produced(&client.take_response::<ProduceRequest>(first, version).unwrap()), (0, 0));
    assert_eq!(client.take_response::<ProduceRequest>(second, version), None, "written after the sync began");
    assert_eq!(client.jobs.len(), 1, "the next sync covers both");
    client.run_jobs_once();
    assert_eq!(produced(&client.take_response::<ProduceRequest>(second, version).unwrap()), (0, 1));
    assert_eq!(produced(&client.take_response::<ProduceRequest>(third, version).unwrap()), (0, 2));
}

#[test]
fn acks_all_does_not_wait_where_the_replicas_keep_the_promise() {
    let mut client = Harness::with_configs(&[("ack.durability", "replicated")]);
    assert!(client.send(9, &produce(-1, batch(client.now, &["a"]))).is_response());
}

#[test]
fn after_a_failed_sync_nothing_is_acknowledged_and_the_directory_is_offline() {
    let mut client = Harness::new();
    let version = newest(ApiKey::Produce);
    let Got::Waits(waiting) = client.send(version, &produce(-1, batch(client.now, &["a"]))) else { panic!() };
    client.disk.inject(Fault {
        operation: Some(Operation::Sync),
        after: 0,
        count: 1,
        kind: FaultKind::Io { torn: 0 },
    });
    client.run_jobs_once();
    let answer = client.take_response::<ProduceRequest>(waiting, version).unwrap();
    assert_eq!(produced(&answer), (ErrorCode::KAFKA_STORAGE_ERROR.0, -1));
    let answer = response(client.send(version, &produce(1, batch(client.now, &["b"]))));
    assert_eq!(produced(&answer).0, ErrorCode::KAFKA_STORAGE_ERROR.0, "not tried again");
}

#[test]
fn a_fetch_waits_for_records_and_is_answered_when_they_come() {
    let mut client = Harness::new();
    let Got::Waits(waiting) = client.send(12, &fetch(0, 500, 1)) else { panic!() };
    assert_eq!(client.take_response::<FetchRequest>(waiting, 12), None);
    client.send(9, &produce(1, batch(client.now, &["a"])));
    let answer = client.take_response::<FetchRequest>(waiting, 12).unwrap();
    assert!(!fetched(&answer).records.as_ref().unwrap().is_empty());
}

#[test]
fn a_fetch_whose_time_is_up_is_answered_with_what_there_is() {
    let mut client = Harness::new();
    client.send(9, &produce(1, batch(client.now, &["a"])));
    let Got::Waits(waiting) = client.send(12, &fetch(0, 500, 1_000_000)) else { panic!() };
    client.pass(Duration::from_millis(499));
    assert_eq!(client.take_response::<FetchRequest>(waiting, 12), None);
    client.pass(Duration::from_millis(1));
    let answer = client.take_response::<FetchRequest>(waiting, 12).unwrap();
    assert!(!fetched(&answer).records.as_ref().unwrap().is_empty());
}

#[test]
fn offsets_outside_the_log_are_out_of_range() {
    let mut client = Harness::new();
    client.send(9, &produce(1, batch(client.now, &["a"])));
    for (offset, error) in [(-1, 1), (0, 0), (1, 0), (2, 1)] {
        let answer = response(client.send(12, &fetch(offset, 0, 1)));
        assert_eq!(fetched(&answer).error_code, error, "offset {offset}");
    }
}

#[test]
fn leader_epochs_of_the_past_and_the_future_are_told_apart() {
    let mut client = Harness::new();
    for (epoch, error) in [(-1, ErrorCode::NONE), (0, ErrorCode::NONE), (1, ErrorCode::UNKNOWN_LEADER_EPOCH)]
    {
        let mut request = fetch(0, 0, 1);
        request.topics[0].partitions[0].current_leader_epoch = epoch;
        assert_eq!(fetched(&response(client.send(12, &request))).error_code, error.0, "epoch {epoch}");
    }
}

#[test]
fn earliest_and_latest_are_told_and_a_duplicate_partition_is_refused() {
    let mut client = Harness::new();
    client.send(9, &produce(1, batch(client.now, &["a", "b"])));
    let partition =
        |index, timestamp| ListOffsetsPartition { partition_index: index, timestamp, ..Default::default() };
    let request = |partitions| ListOffsetsRequest {
        replica_id: -1,
        topics: vec![ListOffsetsTopic { name: harness::TOPIC.to_owned(), partitions }],
        ..Default::default()
    };
    let mut ask = |partitions| {
        let answer = response(client.send(9, &request(partitions)));
        answer.topics[0].partitions.iter().map(|p| (p.error_code, p.offset)).collect::<Vec<_>>()
    };
    assert_eq!(ask(vec![partition(0, -1), partition(1, -1)]), [(0, 2), (0, 0)]);
    assert_eq!(ask(vec![partition(0, -2), partition(7, -2)]), [(0, 0), (3, -1)]);
    assert_eq!(ask(vec![partition(0, -1), partition(0, -2)]), [(42, -1)], "however often it is named");
    assert_eq!(ask(vec![partition(0, -7)]), [(35, -1)]);
}

#[test]
fn metadata_shows_the_topic_in_every_version() {
    let mut client = Harness::new();
    for version in MetadataRequest::VERSIONS {
        let request =
            MetadataRequest { topics: if version > 0 { None } else { Some(vec![]) }, ..Default::default() };
        let answer = response(client.send(version, &request));
        assert_eq!(answer.brokers.len(), 1, "version {version}");
        let topic = &answer.topics[0];
        assert_eq!((topic.name.as_deref(), topic.partitions.len()), (Some(harness::TOPIC), 2));
        assert_eq!(topic.partitions[1].leader_id, 1);
    }
}
