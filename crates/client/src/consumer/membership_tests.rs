//! The rules of a membership, against a scripted coordinator.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ottla_protocol::api::ApiKey;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::fetch_response::FetchResponse;
use ottla_protocol::messages::find_coordinator_response::{Coordinator, FindCoordinatorResponse};
use ottla_protocol::messages::heartbeat_response::HeartbeatResponse;
use ottla_protocol::messages::join_group_request::JoinGroupRequest;
use ottla_protocol::messages::join_group_response::{JoinGroupResponse, JoinGroupResponseMember};
use ottla_protocol::messages::leave_group_response::LeaveGroupResponse;
use ottla_protocol::messages::offset_commit_request::OffsetCommitRequest;
use ottla_protocol::messages::offset_commit_response::{
    OffsetCommitResponse, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use ottla_protocol::messages::offset_fetch_response::{
    OffsetFetchResponse, OffsetFetchResponseGroup, OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
};
use ottla_protocol::messages::sync_group_request::SyncGroupRequest;
use ottla_protocol::messages::sync_group_response::SyncGroupResponse;
use ottla_protocol::types::Offset;

use super::{Consumer, GroupOptions, OffsetReset};
use crate::client::Client;
use crate::connection::ConnectionOptions;
use crate::test_broker::{Asked, Reply, TestBroker};

/// A coordinator whose group has one member. It writes down what it is asked.
#[derive(Default)]
struct Group {
    log: Vec<String>,
    generation: i32,
    /// Answer of the next heartbeats, the next last.
    heartbeats: Vec<ErrorCode>,
}

impl Group {
    fn answer(&mut self, asked: &Asked<'_>) -> Option<Reply> {
        Some(match asked.key {
            ApiKey::FindCoordinator => {
                let coordinator =
                    Coordinator { node_id: 1, host: "b".to_owned(), port: 1, ..Default::default() };
                let response =
                    FindCoordinatorResponse { coordinators: vec![coordinator], ..Default::default() };
                Reply::with(&response, asked)
            }
            ApiKey::JoinGroup => self.join(asked),
            ApiKey::SyncGroup => {
                let request: SyncGroupRequest = asked.decode();
                self.log.push(format!("sync {}", request.generation_id));
                let assignment = request.assignments[0].assignment.clone();
                Reply::with(&SyncGroupResponse { assignment, ..Default::default() }, asked)
            }
            ApiKey::OffsetFetch => Reply::with(&committed(), asked),
            ApiKey::OffsetCommit => self.commit(asked),
            ApiKey::Heartbeat => {
                let error_code = self.heartbeats.pop().unwrap_or_default().into();
                Reply::with(&HeartbeatResponse { error_code, ..Default::default() }, asked)
            }
            ApiKey::LeaveGroup => {
                self.log.push("leave".to_owned());
                Reply::with(&LeaveGroupResponse::default(), asked)
            }
            ApiKey::Fetch => Reply::Later(
                Duration::from_millis(500),
                ottla_protocol::messages::Message::to_vec(&FetchResponse::default(), asked.version),
            ),
            _ => return None,
        })
    }

    fn join(&mut self, asked: &Asked<'_>) -> Reply {
        let request: JoinGroupRequest = asked.decode();
        self.log.push(format!("join as `{}`", request.member_id));
        let mut response = JoinGroupResponse { member_id: "m".to_owned(), ..Default::default() };
        if request.member_id.is_empty() {
            response.error_code = ErrorCode::MEMBER_ID_REQUIRED.into();
        } else {
            self.generation += 1;
            response.generation_id = self.generation;
            response.leader = "m".to_owned();
            response.protocol_name = Some("range".to_owned());
            response.members = vec![JoinGroupResponseMember {
                member_id: "m".to_owned(),
                metadata: request.protocols[0].metadata.clone(),
                ..Default::default()
            }];
        }
        Reply::with(&response, asked)
    }

    fn commit(&mut self, asked: &Asked<'_>) -> Reply {
        let request: OffsetCommitRequest = asked.decode();
        let topic = &request.topics[0];
        let offsets: Vec<String> = topic
            .partitions
            .iter()
            .map(|p| format!("{}-{}@{}", topic.name, p.partition_index, p.committed_offset))
            .collect();
        self.log.push(format!("commit {}", offsets.join(" ")));
        let partition =
            |p: &ottla_protocol::messages::offset_commit_request::OffsetCommitRequestPartition| {
                OffsetCommitResponsePartition { partition_index: p.partition_index, ..Default::default() }
            };
        let topics = vec![OffsetCommitResponseTopic {
            name: topic.name.clone(),
            partitions: topic.partitions.iter().map(partition).collect(),
            ..Default::default()
        }];
        Reply::with(&OffsetCommitResponse { topics, ..Default::default() }, asked)
    }
}

/// The group stands at 5 in partition 0 and nowhere in partition 1.
fn committed() -> OffsetFetchResponse {
    let partitions = vec![
        OffsetFetchResponsePartitions { partition_index: 0, committed_offset: 5, ..Default::default() },
        OffsetFetchResponsePartitions { partition_index: 1, committed_offset: -1, ..Default::default() },
    ];
    let topics = vec![OffsetFetchResponseTopics { name: "t".to_owned(), partitions, ..Default::default() }];
    OffsetFetchResponse {
        groups: vec![OffsetFetchResponseGroup { group_id: "g".to_owned(), topics, ..Default::default() }],
        ..Default::default()
    }
}

async fn consumer(heartbeats: &[ErrorCode]) -> (Arc<Mutex<Group>>, Consumer) {
    let heartbeats = heartbeats.iter().rev().copied().collect();
    let group = Arc::new(Mutex::new(Group { heartbeats, ..Default::default() }));
    let of_script = Arc::clone(&group);
    let broker = TestBroker::new(move |asked| of_script.lock().unwrap().answer(asked));
    let mut options = crate::ClientOptions::default();
    options.connection = ConnectionOptions { transport: Some(Arc::new(broker)), ..options.connection };
    let client = Client::builder("b:1").options(options).connect().await.unwrap();
    let mut consumer = Consumer::builder(&client).offset_reset(OffsetReset::Fail).build();
    consumer.subscribe(GroupOptions::new("g"), ["t"]).await;
    // Partition 1 has no committed offset, and the consumer fails then: it reads partition 0 alone.
    let error = consumer.poll(Duration::from_secs(1)).await.unwrap_err();
    assert_eq!(error.to_string(), "the group has committed no offset of t-1");
    (group, consumer)
}

fn log(group: &Arc<Mutex<Group>>) -> Vec<String> {
    group.lock().unwrap().log.clone()
}

#[tokio::test(start_paused = true)]
async fn a_member_joins_reads_from_the_committed_offset_commits_and_leaves() {
    let (group, mut consumer) = consumer(&[]).await;
    assert_eq!(consumer.assignment().map(ToString::to_string).collect::<Vec<_>>(), ["t-0"]);
    assert_eq!(consumer.position(&("t", 0).into()), Some(Offset(5)));
    consumer.commit().await.unwrap();
    consumer.close().await;
    let expected = ["join as ``", "join as `m`", "sync 1", "commit t-0@5", "commit t-0@5", "leave"];
    assert_eq!(log(&group), expected);
}

#[tokio::test(start_paused = true)]
async fn in_a_rebalance_positions_are_committed_before_the_member_joins_again() {
    let (group, mut consumer) = consumer(&[ErrorCode::NONE, ErrorCode::REBALANCE_IN_PROGRESS]).await;
    let error = consumer.poll(Duration::from_secs(10)).await.unwrap_err();
    assert_eq!(error.to_string(), "the group has committed no offset of t-1");
    assert_eq!(log(&group)[3..], ["commit t-0@5", "join as `m`", "sync 2"]);
}

#[tokio::test(start_paused = true)]
async fn a_member_that_the_group_has_forgotten_joins_as_a_new_one_and_commits_nothing() {
    let (group, mut consumer) = consumer(&[ErrorCode::UNKNOWN_MEMBER_ID]).await;
    consumer.poll(Duration::from_secs(10)).await.unwrap_err();
    assert_eq!(log(&group)[3..], ["join as ``", "join as `m`", "sync 2"]);
}

#[tokio::test(start_paused = true)]
async fn a_program_that_does_not_poll_leaves_the_group_until_it_does() {
    let (group, mut consumer) = consumer(&[]).await;
    tokio::time::sleep(Duration::from_secs(400)).await;
    assert_eq!(log(&group)[3..], ["leave"]);
    consumer.poll(Duration::from_secs(10)).await.unwrap_err();
    assert_eq!(log(&group)[4..], ["join as ``", "join as `m`", "sync 2"]);
}

#[tokio::test(start_paused = true)]
async fn positions_are_committed_without_being_asked() {
    let (group, mut consumer) = consumer(&[]).await;
    for _ in 0..3 {
        consumer.poll(Duration::from_secs(2)).await.unwrap();
    }
    consumer.poll(Duration::from_secs(2)).await.unwrap();
    assert_eq!(log(&group)[3..], ["commit t-0@5"]);
}
