//! Following a leader.

use bytes::Bytes;

use super::*;

fn follower() -> Replica {
    let mut replica =
        Replica::dynamic(2, &[1, 2, 3], Some(state(5, Some(1), None)), log(&[(3, 10), (4, 10)]));
    assert_eq!(replica.quorum.role(), Role::Follower { leader: BrokerId(1) });
    replica.now.mono = Monotonic(1);
    replica
}

/// The fetch that is under way.
fn fetch(replica: &mut Replica) -> Option<(CorrelationId, fetch::FetchPartition)> {
    replica.sent().into_iter().find_map(|(_, correlation_id, request)| match request {
        Request::Fetch(request) => Some((correlation_id, request.topics[0].partitions[0].clone())),
        _ => None,
    })
}

fn records(bytes: &[Vec<u8>], high_watermark: i64) -> fetched::PartitionData {
    fetched::PartitionData { records: Some(bytes.concat().into()), high_watermark, ..Default::default() }
}

#[test]
fn a_follower_fetches_on_only_when_what_it_has_is_on_the_disk() {
    let mut replica = follower();
    let (correlation_id, asked) = fetch(&mut replica).unwrap();
    assert_eq!((asked.fetch_offset, asked.last_fetched_epoch, asked.high_watermark), (20, 4, -1));
    replica.answer(correlation_id, fetch_response(1, 5, records(&[batch(20, 5, 3)], 22)));
    let effects = replica.effects();
    assert!(matches!(effects[0], Effect::AppendFetched { base_offset: Offset(20), .. }), "{effects:?}");
    assert_eq!(effects[1..], [Effect::AdvanceHighWatermark(Offset(22))]);
    replica.sync();
    let (_, asked) = fetch(&mut replica).unwrap();
    assert_eq!((asked.fetch_offset, asked.last_fetched_epoch, asked.high_watermark), (23, 5, 22));
}

#[test]
fn the_high_watermark_of_a_follower_stays_within_its_log_and_never_goes_back() {
    let mut replica = follower();
    for (told, known) in [(99, 20), (15, 20), (-1, 20)] {
        let (correlation_id, _) = fetch(&mut replica).unwrap();
        replica.answer(correlation_id, fetch_response(1, 5, records(&[], told)));
        assert_eq!(replica.committed(), Some(known));
    }
}

#[test]
fn a_log_is_cut_back_to_where_it_and_the_leaders_part() {
    let mut replica = follower();
    let (correlation_id, _) = fetch(&mut replica).unwrap();
    let diverging_epoch = fetched::EpochEndOffset { epoch: 3, end_offset: 8 };
    let partition = fetched::PartitionData { diverging_epoch, ..Default::default() };
    replica.answer(correlation_id, fetch_response(1, 5, partition));
    let (_, asked) = {
        let effects = replica.settle();
        assert_eq!(effects[0], Effect::Truncate(Offset(8)));
        let sent = effects.into_iter().find_map(|effect| match effect {
            Effect::Send { correlation_id, request: Request::Fetch(request), .. } => {
                Some((correlation_id, request.topics[0].partitions[0].clone()))
            }
            _ => None,
        });
        sent.unwrap()
    };
    assert_eq!((asked.fetch_offset, asked.last_fetched_epoch), (8, 3));
}

#[test]
fn what_is_committed_is_never_cut() {
    let mut replica = follower();
    let (correlation_id, _) = fetch(&mut replica).unwrap();
    replica.answer(correlation_id, fetch_response(1, 5, records(&[], 15)));
    let (correlation_id, _) = fetch(&mut replica).unwrap();
    let diverging_epoch = fetched::EpochEndOffset { epoch: 3, end_offset: 8 };
    let partition = fetched::PartitionData { diverging_epoch, ..Default::default() };
    replica.answer(correlation_id, fetch_response(1, 5, partition));
    let fault =
        Fault::CutBelowHighWatermark { epoch: LeaderEpoch(5), offset: Offset(8), high_watermark: Offset(15) };
    assert!(replica.effects().contains(&Effect::Halt(fault)));
    assert_eq!(replica.quorum.log().end_offset(), Offset(20));
}

#[test]
fn a_change_of_voters_goes_with_the_record_that_is_cut_off() {
    let mut replica = follower();
    let (correlation_id, _) = fetch(&mut replica).unwrap();
    let more = ControlRecord::Voters(voters(&[1, 2, 3, 4]).to_record());
    let change = control_batch(Offset(20), LeaderEpoch(5), &[more], Timestamp(1));
    replica.answer(correlation_id, fetch_response(1, 5, records(&[change], -1)));
    replica.sync();
    assert_eq!(replica.quorum.membership().voters().count(), 4, "it counts before it is committed");
    let (correlation_id, _) = fetch(&mut replica).unwrap();
    let diverging_epoch = fetched::EpochEndOffset { epoch: 4, end_offset: 20 };
    let partition = fetched::PartitionData { diverging_epoch, ..Default::default() };
    replica.answer(correlation_id, fetch_response(1, 5, partition));
    assert_eq!(replica.quorum.membership().voters().count(), 3);
}

#[test]
fn a_snapshot_takes_the_place_of_the_log() {
    let mut replica = follower();
    let (correlation_id, _) = fetch(&mut replica).unwrap();
    let snapshot_id = fetched::SnapshotId { end_offset: 100, epoch: 5 };
    let partition = fetched::PartitionData { snapshot_id, ..Default::default() };
    replica.answer(correlation_id, fetch_response(1, 5, partition));
    let mut effects = replica.settle();
    for (position, piece, is_last) in [(0, "abc", false), (3, "de", true)] {
        let asked = effects.iter().find_map(|effect| match effect {
            Effect::Send { correlation_id, request: Request::FetchSnapshot(request), .. } => {
                Some((*correlation_id, request.topics[0].partitions[0].position))
            }
            _ => None,
        });
        let (correlation_id, asked_position) = asked.unwrap();
        assert_eq!(asked_position, position);
        replica.answer(correlation_id, snapshot_piece(5, position, piece));
        effects = replica.settle();
        let (name, bytes) = (place(100, 5), Bytes::from(piece));
        let position = u64::try_from(position).unwrap();
        assert_eq!(effects[0], Effect::WriteSnapshot { name, position, bytes, is_last });
    }
    assert_eq!(fetch(&mut replica), None, "nothing is fetched before it is on the disk");
    let control = ControlRecord::membership(KRaftVersion::Reconfigurable, &voters(&[1, 2])).to_vec();
    replica.tell(Input::SnapshotFetched { name: place(100, 5), control: Some(control) });
    let effects = replica.effects();
    let expected = [Effect::StartLogAt(place(100, 5)), Effect::AdvanceHighWatermark(Offset(100))];
    assert_eq!(effects[..2], expected);
    assert_eq!(replica.quorum.log().end(), place(100, 5));
    assert_eq!(replica.quorum.membership().voters(), &voters(&[1, 2]));
}

fn snapshot_piece(size: i64, position: i64, piece: &'static str) -> Response {
    use ottla_protocol::messages::fetch_snapshot_response as snapshot;
    let partition = snapshot::PartitionSnapshot {
        snapshot_id: snapshot::SnapshotId { end_offset: 100, epoch: 5 },
        current_leader: snapshot::LeaderIdAndEpoch { leader_id: 1, leader_epoch: 5 },
        size,
        position,
        unaligned_records: Bytes::from(piece),
        ..Default::default()
    };
    snapshot::FetchSnapshotResponse {
        topics: vec![snapshot::TopicSnapshot { name: METADATA_TOPIC.into(), partitions: vec![partition] }],
        ..Default::default()
    }
    .into()
}

#[test]
fn a_silent_leader_is_given_up_after_the_fetch_timeout_and_an_absent_one_soon() {
    let mut silent = follower();
    silent.after(1999);
    assert_eq!(silent.quorum.role(), Role::Follower { leader: BrokerId(1) });
    silent.after(1);
    assert_eq!(silent.quorum.role(), Role::Prospective);

    let mut absent = follower();
    for _ in 0..2 {
        let (correlation_id, _) = fetch(&mut absent).unwrap();
        absent.tell(Input::Response { correlation_id, result: Err(RequestFailure::Disconnected) });
        absent.settle();
        absent.now.mono = absent.now.mono + Duration::from_millis(20);
        // A bootstrap server is asked in the meantime, and does not answer.
        absent.quorum.connections.reset_all();
        absent.tell(Input::Tick);
    }
    absent.after(150);
    assert_eq!(absent.quorum.role(), Role::Prospective);
}

#[test]
fn a_leader_that_ends_its_epoch_is_succeeded_in_the_order_that_it_names() {
    use ottla_protocol::messages::end_quorum_epoch_request as end;
    let request = |successors: &[i32]| end::EndQuorumEpochRequest {
        topics: vec![end::TopicData {
            topic_name: METADATA_TOPIC.into(),
            partitions: vec![end::PartitionData {
                leader_id: 1,
                leader_epoch: 5,
                preferred_successors: successors.to_vec(),
                ..Default::default()
            }],
        }],
        ..Default::default()
    };
    for (successors, wait) in [(&[2, 3, 4][..], 0), (&[3, 2, 4], 250), (&[3, 4, 2], 500), (&[3, 4], 1000)] {
        let mut replica = follower();
        replica.ask(request(successors));
        if wait > 0 {
            replica.after(wait - 1);
            assert_eq!(replica.quorum.role(), Role::Follower { leader: BrokerId(1) }, "{successors:?}");
            replica.after(1);
        }
        assert_eq!(replica.quorum.role(), Role::Prospective, "{successors:?}");
    }
}

#[test]
fn an_epoch_has_one_leader() {
    let mut replica = follower();
    let error = |response| match response {
        Some(Response::BeginQuorumEpoch(response)) => ErrorCode(response.topics[0].partitions[0].error_code),
        other => panic!("{other:?}"),
    };
    assert_eq!(error(replica.ask(begin_request(3, 5))), ErrorCode::INVALID_REQUEST);
    assert_eq!(error(replica.ask(begin_request(3, 4))), ErrorCode::FENCED_LEADER_EPOCH);
    assert_eq!(replica.quorum.election(), &state(5, Some(1), None));
    assert_eq!(error(replica.ask(begin_request(3, 6))), ErrorCode::NONE);
    assert_eq!(replica.quorum.election(), &state(6, Some(3), None));
    assert_eq!(
        error(replica.ask(begin_request(2, 7))),
        ErrorCode::INVALID_REQUEST,
        "nobody knows better whether we lead"
    );
}

#[test]
fn a_replica_that_knows_the_leader_but_not_where_it_listens_learns_that_from_the_leader_itself() {
    let bootstrap_servers = vec![("localhost".to_string(), 9001)];
    let asking = QuorumConfig { bootstrap_servers, ..config(4) };
    let durable = Some(state(5, Some(1), None));
    let mut replica =
        Replica::started(Quorum::new(asking, VoterSet::default(), durable, LogState::empty(), 1));
    assert_eq!(replica.quorum.role(), Role::Unattached);
    let (correlation_id, _) = fetch(&mut replica).unwrap();
    let node = fetched::NodeEndpoint { node_id: 1, host: "localhost".into(), port: 9001, rack: None };
    let response = fetch_response(1, 5, records(&[], -1));
    replica.answer(correlation_id, fetched::FetchResponse { node_endpoints: vec![node], ..response });
    assert_eq!(replica.quorum.role(), Role::Follower { leader: BrokerId(1) });
}

#[test]
fn replicas_that_look_for_a_leader_do_not_ask_each_other_without_a_pause() {
    let mut replica = Replica::dynamic(2, &[1, 2, 3], Some(state(5, None, None)), log(&[(4, 10)]));
    let bootstrap = vec![("localhost".to_string(), 9002), ("localhost".to_string(), 9001)];
    let asking = QuorumConfig { bootstrap_servers: bootstrap, ..config(2) };
    let durable = Some(state(5, None, None));
    replica.quorum = Quorum::new(asking, voters(&[1, 2, 3]), durable, log(&[(4, 10)]), 1);
    replica.tell(Input::Start);
    let sent = replica.sent();
    assert_eq!(sent.iter().map(|(to, ..)| *to).collect::<Vec<_>>(), [-3], "it does not ask itself");
    let error_code = ErrorCode::NOT_LEADER_OR_FOLLOWER.into();
    let nobody = fetched::PartitionData { error_code, ..Default::default() };
    replica.answer(sent[0].1, fetch_response(-1, 5, nobody));
    assert_eq!(replica.sent().len(), 0, "the answer told nothing new");
    replica.after(20);
    assert_eq!(replica.sent().len(), 1);
}
