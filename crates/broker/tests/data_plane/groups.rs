//! Consumer groups through a shard: members, offsets, and how coordinators come and go.

use bytes::Bytes;
use ottla_broker::job::Job;
use ottla_broker::shard::ShardInput;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::message::Request;
use ottla_protocol::messages::delete_groups_request::DeleteGroupsRequest;
use ottla_protocol::messages::describe_groups_request::DescribeGroupsRequest;
use ottla_protocol::messages::find_coordinator_request::FindCoordinatorRequest;
use ottla_protocol::messages::heartbeat_request::HeartbeatRequest;
use ottla_protocol::messages::join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol};
use ottla_protocol::messages::join_group_response::JoinGroupResponse;
use ottla_protocol::messages::list_groups_request::ListGroupsRequest;
use ottla_protocol::messages::offset_commit_request::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use ottla_protocol::messages::offset_delete_request::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use ottla_protocol::messages::offset_fetch_request::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use ottla_protocol::messages::sync_group_request::{SyncGroupRequest, SyncGroupRequestAssignment};
use ottla_protocol::types::{TopicId, Uuid};
use ottla_storage::io::Operation;
use ottla_storage::io::simulated::{Fault, FaultKind, Survival};

use crate::harness::cluster::{self, OFFSETS, ORDERS, ORDERS_AGAIN, PAYMENTS};
use crate::harness::requests::{batch, produce_to};
use crate::harness::{Harness, Options, newest};

const GROUP: &str = "billing";

fn join(member_id: &str) -> JoinGroupRequest {
    JoinGroupRequest {
        group_id: GROUP.to_owned(),
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 10_000,
        member_id: member_id.to_owned(),
        protocol_type: "consumer".to_owned(),
        protocols: vec![JoinGroupRequestProtocol {
            name: "range".to_owned(),
            metadata: Bytes::from_static(b"m"),
        }],
        ..Default::default()
    }
}

/// Takes part in a generation as its only member.
fn join_alone(client: &mut Harness) -> JoinGroupResponse {
    let first = client.ask_later(&join(""));
    assert_eq!(first.error_code, ErrorCode::MEMBER_ID_REQUIRED.0);
    let joined = client.ask_later(&join(&first.member_id));
    assert_eq!((joined.error_code, joined.generation_id, joined.members.len()), (0, 1, 1));
    joined
}

fn sync(joined: &JoinGroupResponse) -> SyncGroupRequest {
    SyncGroupRequest {
        group_id: GROUP.to_owned(),
        generation_id: joined.generation_id,
        member_id: joined.member_id.clone(),
        protocol_type: Some("consumer".to_owned()),
        protocol_name: Some("range".to_owned()),
        assignments: vec![SyncGroupRequestAssignment {
            member_id: joined.member_id.clone(),
            assignment: Bytes::from_static(b"all"),
        }],
        ..Default::default()
    }
}

pub(crate) fn commit(topics: &[(&str, TopicId, &[i32])], offset: i64) -> OffsetCommitRequest {
    let topics = topics.iter().map(|(name, id, partitions)| OffsetCommitRequestTopic {
        name: (*name).to_owned(),
        topic_id: id.0,
        partitions: partitions
            .iter()
            .map(|partition_index| OffsetCommitRequestPartition {
                partition_index: *partition_index,
                committed_offset: offset,
                ..Default::default()
            })
            .collect(),
    });
    OffsetCommitRequest {
        group_id: GROUP.to_owned(),
        generation_id_or_member_epoch: -1,
        retention_time_ms: -1,
        topics: topics.collect(),
        ..Default::default()
    }
}

fn fetch_offsets(topics: Option<&[(TopicId, &[i32])]>) -> OffsetFetchRequest {
    let topics = topics.map(|topics| {
        let topics = topics.iter().map(|(id, partitions)| OffsetFetchRequestTopics {
            topic_id: id.0,
            partition_indexes: partitions.to_vec(),
            ..Default::default()
        });
        topics.collect()
    });
    let group = OffsetFetchRequestGroup { group_id: GROUP.to_owned(), topics, ..Default::default() };
    OffsetFetchRequest { groups: vec![group], ..Default::default() }
}

#[test]
fn a_partition_that_is_asked_for_many_times_is_answered_once() {
    let mut client = Harness::with_groups();
    client.ask_later(&commit(&[(ORDERS.name, ORDERS.id, &[0, 1])], 7));
    let asked: &[(TopicId, &[i32])] = &[(ORDERS.id, &[1, 0, 1, 1]), (ORDERS.id, &[0])];
    let answer: Vec<_> = committed(&mut client, Some(asked)).iter().map(|p| (p.1, p.2)).collect();
    assert_eq!(answer, [(1, 7), (0, 7)]);
}

/// `(topic id, partition, offset, error)` of every partition of an answer to the one group.
pub(crate) fn committed(
    client: &mut Harness,
    topics: Option<&[(TopicId, &[i32])]>,
) -> Vec<(Uuid, i32, i64, i16)> {
    let answer = client.ask_later(&fetch_offsets(topics));
    let group = &answer.groups[0];
    assert_eq!(group.error_code, 0);
    let partitions = group.topics.iter().flat_map(|topic| {
        let of_topic = topic.partitions.iter();
        of_topic.map(|p| (topic.topic_id, p.partition_index, p.committed_offset, p.error_code))
    });
    partitions.collect()
}

#[test]
fn a_member_joins_syncs_commits_and_fetches_and_finds_it_all_after_a_restart() {
    let mut client = Harness::with_groups();
    let joined = join_alone(&mut client);
    assert_eq!((&joined.leader, joined.protocol_name.as_deref()), (&joined.member_id, Some("range")));
    let synced = client.ask_later(&sync(&joined));
    assert_eq!((synced.error_code, synced.assignment), (0, Bytes::from_static(b"all")));
    let commit = OffsetCommitRequest {
        generation_id_or_member_epoch: 1,
        member_id: joined.member_id.clone(),
        ..commit(&[(ORDERS.name, ORDERS.id, &[0, 1])], 7)
    };
    let committed_now = client.ask_later(&commit);
    assert!(committed_now.topics[0].partitions.iter().all(|partition| partition.error_code == 0));
    client.restart();
    assert_eq!(committed(&mut client, None), [(ORDERS.id.0, 0, 7, 0), (ORDERS.id.0, 1, 7, 0)]);
    let heartbeat = HeartbeatRequest {
        group_id: GROUP.to_owned(),
        generation_id: 1,
        member_id: joined.member_id.clone(),
        ..Default::default()
    };
    assert_eq!(client.ask_later(&heartbeat).error_code, 0, "the generation goes on");
    let listed = client.ask_later(&ListGroupsRequest::default());
    let listed: Vec<_> =
        listed.groups.iter().map(|g| (g.group_id.as_str(), g.group_state.as_str())).collect();
    assert_eq!(listed, [(GROUP, "Stable")]);
}

#[test]
fn a_commit_is_answered_when_it_is_on_the_disk_and_survives_a_power_cut() {
    let mut client = Harness::with_groups();
    let id = client.send(10, &commit(&[(ORDERS.name, ORDERS.id, &[0])], 7)).later();
    assert_eq!(client.take_response::<OffsetCommitRequest>(id, 10), None, "not before the sync");
    client.run_jobs();
    assert!(client.take_response::<OffsetCommitRequest>(id, 10).is_some());
    client.crash(Survival::Nothing);
    assert_eq!(committed(&mut client, None), [(ORDERS.id.0, 0, 7, 0)]);
}

#[test]
fn partitions_that_do_not_exist_are_refused_beside_those_that_do() {
    let mut client = Harness::with_groups();
    let unknown = TopicId(Uuid::from_u128(9));
    let request = commit(&[("nowhere", unknown, &[0]), (ORDERS.name, ORDERS.id, &[0, 5])], 7);
    let answer = client.ask_later(&request);
    let mut errors: Vec<_> = answer
        .topics
        .iter()
        .flat_map(|topic| topic.partitions.iter().map(|p| (topic.topic_id, p.partition_index, p.error_code)))
        .collect();
    errors.sort();
    let (gone, missing) = (ErrorCode::UNKNOWN_TOPIC_ID.0, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0);
    assert_eq!(errors, [(unknown.0, 0, gone), (ORDERS.id.0, 0, 0), (ORDERS.id.0, 5, missing)]);
    assert_eq!(answer.topics.len(), 2, "a topic is listed once");
    // Nothing to commit is committed without asking who commits.
    let none = OffsetCommitRequest { generation_id_or_member_epoch: 77, topics: vec![], ..request };
    assert_eq!(client.ask_later(&none).topics, []);
}

#[test]
fn offsets_of_all_topics_come_with_ids_and_unknown_ids_have_their_error() {
    let mut client = Harness::with_groups();
    client.ask_later(&commit(&[(ORDERS.name, ORDERS.id, &[0])], 7));
    let unknown = TopicId(Uuid::from_u128(9));
    assert_eq!(
        committed(&mut client, Some(&[(unknown, &[3]), (ORDERS.id, &[0, 1])])),
        [(ORDERS.id.0, 0, 7, 0), (ORDERS.id.0, 1, -1, 0), (unknown.0, 3, -1, ErrorCode::UNKNOWN_TOPIC_ID.0)]
    );
    let by_name = client.send(9, &fetch_offsets(None)).later();
    let by_name = client.take_response::<OffsetFetchRequest>(by_name, 9).unwrap();
    assert_eq!(by_name.groups[0].topics[0].name, ORDERS.name);
}

#[test]
fn offsets_are_deleted_where_the_partition_exists() {
    let mut client = Harness::with_groups();
    client.ask_later(&commit(&[(ORDERS.name, ORDERS.id, &[0, 1])], 7));
    let partition = |partition_index| OffsetDeleteRequestPartition { partition_index };
    let topic = |name: &str, partitions| OffsetDeleteRequestTopic { name: name.to_owned(), partitions };
    let mut request = OffsetDeleteRequest {
        group_id: GROUP.to_owned(),
        topics: vec![
            topic(ORDERS.name, vec![partition(0), partition(9)]),
            topic("nowhere", vec![partition(0)]),
        ],
    };
    let answer = client.ask_later(&request);
    let errors = |answer: &ottla_protocol::messages::offset_delete_response::OffsetDeleteResponse| {
        let topics = answer.topics.iter();
        topics
            .flat_map(|t| t.partitions.iter().map(|p| (t.name.clone(), p.partition_index, p.error_code)))
            .collect::<Vec<_>>()
    };
    let missing = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0;
    assert_eq!(
        errors(&answer),
        [
            (ORDERS.name.to_owned(), 0, 0),
            (ORDERS.name.to_owned(), 9, missing),
            ("nowhere".to_owned(), 0, missing)
        ]
    );
    assert_eq!(committed(&mut client, None), [(ORDERS.id.0, 1, 7, 0)]);
    request.group_id = "nobodys".to_owned();
    let answer = client.ask_later(&request);
    assert_eq!((answer.error_code, answer.topics.len()), (ErrorCode::GROUP_ID_NOT_FOUND.0, 0));
}

#[test]
fn a_group_that_is_named_twice_is_answered_once() {
    let mut client = Harness::with_groups();
    client.ask_later(&commit(&[(ORDERS.name, ORDERS.id, &[0])], 7));
    let names = || vec![GROUP.to_owned(), "nobodys".to_owned(), GROUP.to_owned()];
    let describe = DescribeGroupsRequest { groups: names(), include_authorized_operations: true };
    let described = client.ask_later(&describe).groups;
    let described: Vec<_> =
        described.iter().map(|g| (&*g.group_id, g.error_code, g.authorized_operations)).collect();
    let not_found = ErrorCode::GROUP_ID_NOT_FOUND.0;
    let operations = (1 << 3) | (1 << 6) | (1 << 8) | (1 << 10) | (1 << 11);
    assert_eq!(described, [(GROUP, 0, operations), ("nobodys", not_found, i32::MIN)]);
    let mut fetch = fetch_offsets(None);
    fetch.groups.push(fetch.groups[0].clone());
    assert_eq!(client.ask_later(&fetch).groups.len(), 1);
    let deleted = client.ask_later(&DeleteGroupsRequest { groups_names: names() }).results;
    let deleted: Vec<_> = deleted.iter().map(|result| (&*result.group_id, result.error_code)).collect();
    assert_eq!(deleted, [(GROUP, 0), ("nobodys", not_found)]);
}

#[test]
fn the_offsets_of_a_deleted_topic_are_gone_even_if_its_name_comes_back() {
    let topics = vec![ORDERS, PAYMENTS, OFFSETS];
    let mut client = Harness::start(Options { topics, ..Options::default() });
    client.ask_later(&commit(&[(ORDERS.name, ORDERS.id, &[0]), (PAYMENTS.name, PAYMENTS.id, &[0])], 7));
    client.publish(&[cluster::delete(ORDERS)]);
    client.run_jobs();
    client.publish(&cluster::create(ORDERS_AGAIN));
    assert_eq!(committed(&mut client, None), [(PAYMENTS.id.0, 0, 7, 0)]);
    client.restart();
    assert_eq!(committed(&mut client, None), [(PAYMENTS.id.0, 0, 7, 0)]);
}

#[test]
fn without_the_topic_of_offsets_nobody_coordinates_and_asking_creates_it() {
    let mut client = Harness::new();
    let find = FindCoordinatorRequest { coordinator_keys: vec![GROUP.to_owned()], ..Default::default() };
    let answer = client.ask(&find);
    assert_eq!(answer.coordinators[0].error_code, ErrorCode::COORDINATOR_NOT_AVAILABLE.0);
    assert_eq!(client.take_node_requests().len(), 1, "the control plane is asked for the topic");
    client.ask(&find);
    assert_eq!(client.take_node_requests().len(), 0, "once");
    assert_eq!(client.ask_later(&join("")).error_code, ErrorCode::NOT_COORDINATOR.0);
    assert_eq!(client.ask_later(&ListGroupsRequest::default()).error_code, 0);
    client.publish(&cluster::create(OFFSETS));
    let found = &client.ask(&find).coordinators[0];
    assert_eq!((found.error_code, found.node_id, &*found.host, found.port), (0, 1, "localhost", 9092));
    join_alone(&mut client);
}

#[test]
fn a_coordinator_whose_log_cannot_be_read_serves_nobody() {
    let mut client = Harness::with_groups();
    client.ask_later(&commit(&[(ORDERS.name, ORDERS.id, &[0])], 7));
    // The admin client may write anything: here a record without a key.
    let produce = produce_to(OFFSETS, 0, 1, batch(client.now, &["nonsense"]));
    let refused = client.send_as("__admin_client", 12, &produce).now();
    assert_eq!(
        refused.responses[0].partition_responses[0].error_code,
        ErrorCode::INVALID_RECORD.0,
        "compacted"
    );
    let mut keyed = ottla_protocol::record::BatchBuilder::new(Default::default());
    keyed.append(client.now.wall, Some(b"\0\x01\xff"), Some(b"nonsense"), &[]).unwrap();
    let produce = produce_to(OFFSETS, 0, 1, keyed.build().into());
    assert_eq!(
        client.send_as("__admin_client", 12, &produce).now().responses[0].partition_responses[0].error_code,
        0
    );
    assert_eq!(committed(&mut client, None), [(ORDERS.id.0, 0, 7, 0)], "what is loaded serves on");
    client.restart();
    for _ in 0..2 {
        let answer = client.ask_later(&fetch_offsets(None));
        assert_eq!(answer.groups[0].error_code, ErrorCode::NOT_COORDINATOR.0);
    }
    assert_eq!(client.ask_later(&ListGroupsRequest::default()).groups, []);
    client.settle();
}

/// A log of 800 kB whose last commit is of offset 199, and a shard that has just begun to load it.
fn with_long_log() -> Harness {
    let mut client = Harness::with_groups();
    let text = "x".repeat(4000);
    for offset in 0..200 {
        let mut request = commit(&[(ORDERS.name, ORDERS.id, &[0])], offset);
        request.topics[0].partitions[0].committed_metadata = Some(text.clone());
        client.ask_later(&request);
    }
    client.restart();
    client
}

/// Asks without letting the shard do anything else meanwhile.
fn ask_during_load<R: Request>(client: &mut Harness, request: &R) -> R::Response
where
    R::Response: std::fmt::Debug,
{
    let id = client.send(newest(R::API_KEY), request).later();
    client.take_response::<R>(id, newest(R::API_KEY)).expect("answered at once")
}

#[test]
fn a_long_log_is_loaded_slice_by_slice_while_clients_are_told_to_wait() {
    let mut client = with_long_log();
    let loading = ask_during_load(&mut client, &fetch_offsets(None));
    assert_eq!(loading.groups[0].error_code, ErrorCode::COORDINATOR_LOAD_IN_PROGRESS.0);
    let heartbeat = HeartbeatRequest { group_id: GROUP.to_owned(), ..Default::default() };
    assert_eq!(
        ask_during_load(&mut client, &heartbeat).error_code,
        0,
        "who lives shall not lose its patience"
    );
    let listed = ask_during_load(&mut client, &ListGroupsRequest::default());
    assert_eq!(listed.error_code, ErrorCode::COORDINATOR_LOAD_IN_PROGRESS.0);
    assert_eq!(committed(&mut client, None), [(ORDERS.id.0, 0, 199, 0)]);
}

#[test]
fn a_cold_log_is_read_on_another_thread() {
    let mut client = with_long_log();
    client.handle_all(|| ShardInput::Tick);
    client.disk.evict();
    client.handle_all(|| ShardInput::Tick);
    assert!(client.jobs.iter().any(|job| matches!(job, (_, Job::Load { .. }))));
    let loading = ask_during_load(&mut client, &fetch_offsets(None));
    assert_eq!(loading.groups[0].error_code, ErrorCode::COORDINATOR_LOAD_IN_PROGRESS.0);
    client.settle();
    assert_eq!(committed(&mut client, None), [(ORDERS.id.0, 0, 199, 0)]);
}

#[test]
fn a_log_that_cannot_be_read_is_not_served() {
    let mut client = with_long_log();
    client.handle_all(|| ShardInput::Tick);
    client.disk.evict();
    client.handle_all(|| ShardInput::Tick);
    client.disk.inject(Fault {
        operation: Some(Operation::Read),
        after: 0,
        count: 1,
        kind: FaultKind::Io { torn: 0 },
    });
    let answer = client.ask_later(&HeartbeatRequest { group_id: GROUP.to_owned(), ..Default::default() });
    assert_eq!(answer.error_code, 0);
    let answer = client.ask_later(&fetch_offsets(None));
    assert_eq!(answer.groups[0].error_code, ErrorCode::NOT_COORDINATOR.0);
}

#[test]
fn topics_that_are_deleted_during_the_load_lose_their_offsets_after_it() {
    let mut client = Harness::with_groups();
    client.ask_later(&commit(&[(ORDERS.name, ORDERS.id, &[0])], 7));
    client.restart();
    client.publish(&[cluster::delete(ORDERS)]);
    client.publish(&cluster::create(ORDERS_AGAIN));
    client.settle();
    assert_eq!(committed(&mut client, None), []);
}

#[test]
fn who_waits_in_a_group_is_answered_when_the_leader_leaves_and_when_the_broker_stops() {
    let mut client = Harness::with_groups();
    let joined = join_alone(&mut client);
    client.ask_later(&sync(&joined));
    // A second member must wait for the first one to come back.
    client.connect();
    let second = client.ask_later(&join("")).member_id;
    let waiting = client.send(9, &join(&second)).later();
    client.publish(&[cluster::leader(OFFSETS, 0, -1)]);
    let answer = client.take_response::<JoinGroupRequest>(waiting, 9).unwrap();
    assert_eq!(answer.error_code, ErrorCode::NOT_COORDINATOR.0);
    assert_eq!(client.ask_later(&join("")).error_code, ErrorCode::NOT_COORDINATOR.0);
    client.publish(&[cluster::leader(OFFSETS, 0, 1)]);
    let second = client.ask_later(&join("")).member_id;
    let waiting = client.send(9, &join(&second)).later();
    assert!(client.stop());
    let answer = client.take_response::<JoinGroupRequest>(waiting, 9).unwrap();
    assert_eq!(answer.error_code, ErrorCode::NOT_COORDINATOR.0);
}

#[test]
fn a_deleted_topic_of_offsets_takes_its_coordinators_along() {
    let mut client = Harness::with_groups();
    client.ask_later(&commit(&[(ORDERS.name, ORDERS.id, &[0])], 7));
    let again = cluster::Topic { id: PAYMENTS.id, ..OFFSETS };
    let mut records = vec![cluster::delete(OFFSETS)];
    records.extend(cluster::create(again));
    client.publish(&records);
    client.run_jobs();
    assert_eq!(committed(&mut client, None), [], "another topic of this name knows nothing");
}
