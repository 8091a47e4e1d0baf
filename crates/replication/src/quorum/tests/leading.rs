//! Leading: commitment, divergence, patience, and voters that change.

use ottla_protocol::messages::add_raft_voter_request::{AddRaftVoterRequest, Listener};
use ottla_protocol::messages::api_versions_response::{ApiVersionsResponse, SupportedFeatureKey};
use ottla_protocol::messages::describe_quorum_request as describe;
use ottla_protocol::messages::remove_raft_voter_request::RemoveRaftVoterRequest;
use ottla_protocol::messages::update_raft_voter_request as update;

use super::*;

#[test]
fn a_record_is_committed_when_a_majority_has_it_and_a_record_of_the_epoch() {
    // Ten records of epoch 4; the leader of epoch 5 has its own first record at 10.
    let mut leader = Replica::leader(&[1, 2, 3], &[(4, 10)]);
    leader.ask(fetch_request(2, 5, place(10, 4)));
    assert_eq!(leader.committed(), None, "a majority has the records of epoch 4: that is not enough");
    leader.ask(fetch_request(2, 5, place(11, 5)));
    assert_eq!(leader.committed(), Some(11));
    leader.append(5);
    assert_eq!(leader.committed(), Some(11), "the leader alone is no majority");
    leader.ask(fetch_request(4, 5, place(16, 5)));
    assert_eq!(leader.committed(), Some(11), "an observer does not count");
    leader.ask(fetch_request(3, 5, place(13, 5)));
    assert_eq!(leader.committed(), Some(13));
}

#[test]
fn what_the_leader_has_not_synced_does_not_count_for_it() {
    let mut leader = Replica::leader(&[1, 2, 3], &[(4, 10)]);
    let (epoch, base_offset, last_offset) = (LeaderEpoch(5), Offset(11), Offset(20));
    leader.tell(Input::Appended { epoch, base_offset, last_offset, control: Vec::new() });
    leader.ask(fetch_request(2, 5, place(21, 5)));
    assert_eq!(leader.committed(), Some(11));
    leader.sync();
    assert_eq!(leader.committed(), Some(21));
}

#[test]
fn a_fetch_is_answered_with_what_follows_or_where_the_logs_part() {
    let mut leader = Replica::leader(&[1, 2, 3], &[(2, 5), (4, 5)]);
    let partition = fetched_partition(leader.ask(fetch_request(2, 5, place(9, 4))));
    assert_eq!((partition.error_code, partition.diverging_epoch.epoch), (0, -1));
    let partition = fetched_partition(leader.ask(fetch_request(2, 5, place(8, 3))));
    assert_eq!(partition.diverging_epoch, fetched::EpochEndOffset { epoch: 2, end_offset: 5 });
    let leaders = partition.current_leader;
    assert_eq!((leaders.leader_id, leaders.leader_epoch), (1, 5));
    for (epoch, error) in [(4, ErrorCode::FENCED_LEADER_EPOCH), (6, ErrorCode::UNKNOWN_LEADER_EPOCH)] {
        let partition = fetched_partition(leader.ask(fetch_request(2, epoch, place(9, 4))));
        assert_eq!(ErrorCode(partition.error_code), error);
    }
    let ourselves = fetched_partition(leader.ask(fetch_request(1, 5, place(9, 4))));
    assert_eq!(ErrorCode(ourselves.error_code), ErrorCode::INVALID_REQUEST);
}

#[test]
fn a_fetch_without_news_waits_for_some() {
    let mut leader = Replica::leader(&[1, 2, 3], &[(4, 10)]);
    leader.ask(fetch_request(2, 5, place(11, 5)));
    assert_eq!(leader.ask(fetch_request(2, 5, place(11, 5))), None);
    let id = RequestId(leader.requests);
    leader.after(499);
    assert_eq!(leader.response(id), None);
    leader.after(1);
    assert!(leader.response(id).is_some(), "time is up");

    assert_eq!(leader.ask(fetch_request(2, 5, place(11, 5))), None);
    let id = RequestId(leader.requests);
    leader.append(1);
    assert!(leader.response(id).is_some(), "the log has grown");
}

#[test]
fn an_empty_replica_is_given_a_snapshot_if_there_is_one() {
    let mut leader = Replica::leader(&[1, 2, 3], &[(4, 10)]);
    leader.tell(Input::SnapshotTaken { name: place(8, 4), size: 5 });
    let partition = fetched_partition(leader.ask(fetch_request(2, 5, OffsetAndEpoch::ZERO)));
    assert_eq!(partition.snapshot_id, fetched::SnapshotId { end_offset: 8, epoch: 4 });
}

#[test]
fn a_leader_without_a_majority_resigns() {
    let mut leader = Replica::leader(&[1, 2, 3], &[(4, 10)]);
    leader.after(2000);
    leader.ask(fetch_request(2, 5, place(11, 5)));
    leader.after(2999);
    assert!(leader.quorum.is_leader());
    leader.ask(fetch_request(4, 5, place(11, 5)));
    leader.after(1);
    assert_eq!(leader.quorum.role(), Role::Resigned, "an observer is no majority");
    let sent = leader.sent();
    let ends = sent.iter().filter(|(_, _, request)| matches!(request, Request::EndQuorumEpoch(_)));
    assert_eq!(ends.count(), 2);
}

#[test]
fn a_leader_that_learns_of_a_higher_epoch_dismisses_who_waits() {
    let mut leader = Replica::leader(&[1, 2, 3], &[(4, 10)]);
    leader.ask(fetch_request(2, 5, place(11, 5)));
    assert_eq!(leader.ask(fetch_request(2, 5, place(11, 5))), None);
    let waiting = RequestId(leader.requests);
    leader.begin(begin_request(3, 6));
    let partition = fetched_partition(leader.response(waiting));
    assert_eq!(ErrorCode(partition.error_code), ErrorCode::NOT_LEADER_OR_FOLLOWER);
    assert_eq!(partition.current_leader.leader_id, 3);
}

fn add_request(id: i32) -> AddRaftVoterRequest {
    let Voter { key, endpoints, .. } = voter(id);
    let listener = |at: VoterEndpoint| Listener { name: at.listener, host: at.host, port: at.port };
    AddRaftVoterRequest {
        cluster_id: Some("cluster".into()),
        timeout_ms: 1000,
        voter_id: key.id.0,
        voter_directory_id: key.directory_to_wire(),
        listeners: endpoints.into_iter().map(listener).collect(),
        ack_when_committed: true,
    }
}

fn remove_request(id: i32) -> RemoveRaftVoterRequest {
    let key = voter(id).key;
    RemoveRaftVoterRequest {
        cluster_id: None,
        voter_id: key.id.0,
        voter_directory_id: key.directory_to_wire(),
    }
}

fn versions(max_version: i16) -> ApiVersionsResponse {
    let feature = SupportedFeatureKey { name: "kraft.version".into(), min_version: 0, max_version };
    ApiVersionsResponse { supported_features: vec![feature], ..Default::default() }
}

fn error_of(response: Option<Response>) -> ErrorCode {
    match response {
        Some(Response::AddRaftVoter(response)) => ErrorCode(response.error_code),
        Some(Response::RemoveRaftVoter(response)) => ErrorCode(response.error_code),
        Some(Response::UpdateRaftVoter(response)) => ErrorCode(response.error_code),
        other => panic!("{other:?}"),
    }
}

/// Asks to add node 4, and answers for it. The id of the request.
fn begin_adding(leader: &mut Replica, max_version: i16) -> RequestId {
    let id = leader.begin(add_request(4));
    let sent = leader.sent();
    let asked = sent.iter().find(|(_, _, request)| matches!(request, Request::ApiVersions(_)));
    let (to, correlation_id, _) = asked.unwrap();
    assert_eq!(*to, 4);
    leader.answer(*correlation_id, versions(max_version));
    id
}

#[test]
fn a_voter_is_added_when_it_has_caught_up_and_the_new_majority_has_committed_it() {
    let mut leader = Replica::leader(&[1, 2, 3], &[(4, 10)]);
    assert_eq!(
        error_of(leader.ask(add_request(4))),
        ErrorCode::REQUEST_TIMED_OUT,
        "nothing is committed yet"
    );
    leader.ask(fetch_request(2, 5, place(11, 5)));
    assert_eq!(error_of(leader.ask(add_request(3))), ErrorCode::DUPLICATE_VOTER);
    let id = begin_adding(&mut leader, 1);
    assert_eq!(error_of(leader.response(id)), ErrorCode::REQUEST_TIMED_OUT, "it has not caught up");
    leader.ask(fetch_request(4, 5, place(11, 5)));
    let id = begin_adding(&mut leader, 0);
    assert_eq!(error_of(leader.response(id)), ErrorCode::INVALID_REQUEST, "it knows version 0 only");

    let id = begin_adding(&mut leader, 1);
    assert_eq!(leader.write_control(), [vec![ControlRecord::Voters(voters(&[1, 2, 3, 4]).to_record())]]);
    assert_eq!(leader.quorum.membership().voters().count(), 4, "it counts at once");
    assert_eq!(error_of(leader.ask(remove_request(3))), ErrorCode::REQUEST_TIMED_OUT, "one at a time");
    leader.ask(fetch_request(2, 5, place(12, 5)));
    assert_eq!(leader.committed(), Some(11), "two of four are no majority");
    leader.begin(fetch_request(4, 5, place(12, 5)));
    assert_eq!(error_of(leader.response(id)), ErrorCode::NONE);
    assert_eq!(leader.committed(), Some(12));
}

#[test]
fn a_change_that_takes_too_long_is_answered_and_still_in_the_way() {
    let mut leader = Replica::leader(&[1, 2, 3], &[(4, 10)]);
    leader.ask(fetch_request(2, 5, place(11, 5)));
    let id = leader.begin(remove_request(3));
    leader.write_control();
    leader.after(1000);
    leader.ask(fetch_request(2, 5, place(11, 5)));
    leader.after(1000);
    assert_eq!(error_of(leader.response(id)), ErrorCode::REQUEST_TIMED_OUT);
    assert_eq!(error_of(leader.ask(remove_request(2))), ErrorCode::REQUEST_TIMED_OUT, "not committed yet");
    leader.ask(fetch_request(2, 5, place(12, 5)));
    assert_eq!(leader.ask(remove_request(2)), None, "committed, so the next one may come");
}

#[test]
fn a_leader_that_removes_itself_leads_until_that_is_committed_without_it() {
    let mut leader = Replica::leader(&[1, 2, 3], &[(4, 10)]);
    leader.ask(fetch_request(2, 5, place(11, 5)));
    leader.begin(remove_request(1));
    leader.write_control();
    leader.ask(fetch_request(2, 5, place(12, 5)));
    assert_eq!((leader.committed(), leader.quorum.is_leader()), (Some(11), true), "one of two");
    leader.ask(fetch_request(3, 5, place(12, 5)));
    assert_eq!((leader.committed(), leader.quorum.role()), (Some(12), Role::Resigned));
}

#[test]
fn changes_that_cannot_be_are_refused() {
    let mut leader = Replica::leader(&[1, 2, 3], &[(4, 10)]);
    leader.ask(fetch_request(2, 5, place(11, 5)));
    assert_eq!(error_of(leader.ask(remove_request(4))), ErrorCode::VOTER_NOT_FOUND);
    let mut other_directory = remove_request(3);
    other_directory.voter_directory_id = Uuid::from_u128(7);
    assert_eq!(error_of(leader.ask(other_directory)), ErrorCode::VOTER_NOT_FOUND);
    let nowhere = AddRaftVoterRequest { listeners: Vec::new(), ..add_request(4) };
    assert_eq!(error_of(leader.ask(nowhere)), ErrorCode::INVALID_REQUEST);
    let nobody = AddRaftVoterRequest { voter_id: -1, ..add_request(4) };
    assert_eq!(error_of(leader.ask(nobody)), ErrorCode::INVALID_REQUEST);
    let elsewhere = AddRaftVoterRequest { cluster_id: Some("another".into()), ..add_request(4) };
    assert_eq!(error_of(leader.ask(elsewhere)), ErrorCode::INCONSISTENT_CLUSTER_ID);
    let mut follower = Replica::dynamic(2, &[1, 2, 3], Some(state(5, Some(1), None)), log(&[(4, 10)]));
    assert_eq!(error_of(follower.ask(add_request(4))), ErrorCode::NOT_LEADER_OR_FOLLOWER);
}

fn update_request(id: i32, epoch: i32, port: u16) -> update::UpdateRaftVoterRequest {
    let Voter { key, endpoints, kraft_versions } = voter(id);
    let listener = |at: VoterEndpoint| update::Listener { name: at.listener, host: at.host, port };
    update::UpdateRaftVoterRequest {
        cluster_id: Some("cluster".into()),
        current_leader_epoch: epoch,
        voter_id: id,
        voter_directory_id: key.directory_to_wire(),
        listeners: endpoints.into_iter().map(listener).collect(),
        kraft_version_feature: update::KRaftVersionFeature {
            min_supported_version: kraft_versions.0,
            max_supported_version: kraft_versions.1,
        },
    }
}

#[test]
fn a_voter_that_moved_is_updated_in_the_log() {
    let mut leader = Replica::leader(&[1, 2, 3], &[(4, 10)]);
    leader.ask(fetch_request(2, 5, place(11, 5)));
    assert_eq!(error_of(leader.ask(update_request(2, 5, 9002))), ErrorCode::NONE);
    assert_eq!(leader.write_control().len(), 0, "nothing is new");
    leader.begin(update_request(2, 5, 9999));
    assert_eq!(leader.write_control().len(), 1);
    let moved = leader.quorum.membership().voters().voter(BrokerId(2)).unwrap().endpoints[0].port;
    assert_eq!(moved, 9999);
    assert_eq!(error_of(leader.ask(update_request(4, 5, 9004))), ErrorCode::REQUEST_TIMED_OUT);
    leader.ask(fetch_request(2, 5, place(12, 5)));
    assert_eq!(error_of(leader.ask(update_request(4, 5, 9004))), ErrorCode::VOTER_NOT_FOUND);
    assert_eq!(error_of(leader.ask(update_request(2, 4, 9002))), ErrorCode::FENCED_LEADER_EPOCH);
}

#[test]
fn static_voters_are_upgraded_once_all_have_told_of_themselves() {
    let mut leader = Replica::fixed(1, &[1, 2], Some(state(4, None, None)), log(&[(4, 10)]));
    leader.after(2000);
    for _ in 0..2 {
        for (_, correlation_id, request) in leader.sent() {
            if let Request::Vote(asked) = request {
                let epoch = asked.topics[0].partitions[0].replica_epoch;
                leader.answer(correlation_id, vote_response(epoch, true));
            }
        }
    }
    leader.write_control();
    leader.ask(fetch_request(2, 5, place(11, 5)));
    assert_eq!(error_of(leader.ask(remove_request(2))), ErrorCode::UNSUPPORTED_VERSION);
    let upgrade = |leader: &mut Replica| {
        leader.quorum.upgrade_kraft_version(LeaderEpoch(5), KRaftVersion::Reconfigurable, false)
    };
    assert_eq!(upgrade(&mut leader), Err(UpgradeError::Unsupported { voter: 2, to: 1 }));
    assert_eq!(error_of(leader.ask(update_request(2, 5, 9002))), ErrorCode::NONE);
    assert_eq!(upgrade(&mut leader), Ok(true));
    let expected = ControlRecord::membership(KRaftVersion::Reconfigurable, &voters(&[1, 2])).to_vec();
    assert_eq!(leader.write_control(), [expected]);
    assert_eq!(leader.quorum.membership().kraft_version(), KRaftVersion::Reconfigurable);
    assert_eq!(upgrade(&mut leader), Ok(false));
}

#[test]
fn the_quorum_is_described_with_every_replica() {
    let mut leader = Replica::leader(&[1, 2, 3], &[(4, 10)]);
    leader.after(100);
    leader.ask(fetch_request(2, 5, place(11, 5)));
    leader.ask(fetch_request(4, 5, place(10, 4)));
    let request = describe::DescribeQuorumRequest {
        topics: vec![describe::TopicData {
            topic_name: METADATA_TOPIC.into(),
            partitions: vec![describe::PartitionData { partition_index: 0 }],
        }],
    };
    let described = leader.quorum.describe(&request, leader.now);
    let partition = &described.topics[0].partitions[0];
    let replica = |state: &ottla_protocol::messages::describe_quorum_response::ReplicaState| {
        (state.replica_id, state.log_end_offset, state.last_caught_up_timestamp)
    };
    let voters: Vec<_> = partition.current_voters.iter().map(replica).collect();
    let now = leader.now.wall.0;
    assert_eq!(voters, [(1, 11, now), (2, 11, now), (3, -1, -1)]);
    assert_eq!(partition.observers.iter().map(replica).collect::<Vec<_>>(), [(4, 10, -1)]);
    assert_eq!((partition.high_watermark, described.nodes.len()), (11, 3));
}
