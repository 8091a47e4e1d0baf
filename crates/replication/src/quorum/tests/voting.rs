//! Who gets a vote, who asks for one, and what a restart remembers.

use super::*;

#[test]
fn a_vote_leaves_after_it_is_on_the_disk() {
    let mut replica = Replica::dynamic(2, &[1, 2, 3], Some(state(4, None, None)), log(&[(4, 10)]));
    replica.settle();
    let context = RequestContext { id: RequestId(1), listener: LISTENER.into() };
    let request = vote_request(1, 5, place(10, 4), false).into();
    replica.tell(Input::Request { context, request });
    let effects = replica.effects();
    let is_answer = |effect: &Effect| matches!(effect, Effect::Respond { .. });
    assert!(!effects.iter().any(is_answer), "{effects:?}");
    let persists = effects.iter().filter_map(|effect| match effect {
        Effect::Persist { state, sequence } => Some((state, *sequence)),
        _ => None,
    });
    let (last, sequence) = persists.last().unwrap();
    assert_eq!(*last, state(5, None, Some(1)));
    replica.tell(Input::Persisted { sequence: sequence - 1 });
    assert!(!replica.effects().iter().any(is_answer), "the epoch is on the disk, the vote is not");
    replica.tell(Input::Persisted { sequence });
    assert!(replica.effects().iter().any(is_answer));
}

#[test]
fn one_vote_in_an_epoch_and_to_a_log_that_is_not_behind() {
    let ours = log(&[(4, 10)]);
    for (durable, candidate, last, expected) in [
        (state(5, None, None), 1, place(10, 4), true),
        (state(5, None, None), 1, place(9, 4), false),  // shorter
        (state(5, None, None), 1, place(99, 3), false), // longer, but of an earlier epoch
        (state(5, None, Some(1)), 1, place(10, 4), true), // again
        (state(5, None, Some(3)), 1, place(10, 4), false), // another one has it
        (state(5, Some(3), None), 1, place(10, 4), false), // the epoch has a leader
    ] {
        let mut replica = Replica::dynamic(2, &[1, 2, 3], Some(durable.clone()), ours.clone());
        let vote = vote_of(replica.ask(vote_request(candidate, 5, last, false)));
        assert_eq!(vote, (ErrorCode::NONE, expected), "{durable:?} {last:?}");
    }
}

#[test]
fn a_higher_epoch_is_taken_over_whether_or_not_the_vote_is_given() {
    let mut replica = Replica::dynamic(2, &[1, 2, 3], Some(state(5, Some(3), None)), log(&[(4, 10)]));
    let vote = vote_of(replica.ask(vote_request(1, 7, place(1, 4), false)));
    assert_eq!(vote, (ErrorCode::NONE, false));
    assert_eq!(replica.quorum.election(), &state(7, None, None));
}

#[test]
fn questions_that_cannot_be_are_refused() {
    let mut replica = Replica::dynamic(2, &[1, 2, 3], Some(state(5, None, None)), log(&[(4, 10)]));
    let mut ask = |request| vote_of(replica.ask(request)).0;
    assert_eq!(ask(vote_request(1, 4, place(10, 3), false)), ErrorCode::FENCED_LEADER_EPOCH);
    assert_eq!(ask(vote_request(1, 6, place(10, 6), false)), ErrorCode::INVALID_REQUEST);
    assert_eq!(ask(vote_request(1, 6, place(-1, 4), false)), ErrorCode::INVALID_REQUEST);
    let other_cluster =
        vote::VoteRequest { cluster_id: Some("another".into()), ..vote_request(1, 6, place(10, 4), false) };
    assert_eq!(ask(other_cluster), ErrorCode::INCONSISTENT_CLUSTER_ID);
    let nobody = vote::VoteRequest { topics: Vec::new(), ..vote_request(1, 6, place(10, 4), false) };
    assert_eq!(ask(nobody), ErrorCode::INVALID_REQUEST);
    let mut other_directory = vote_request(1, 6, place(10, 4), false);
    other_directory.voter_id = 2;
    other_directory.topics[0].partitions[0].voter_directory_id = Uuid::from_u128(7);
    assert_eq!(ask(other_directory), ErrorCode::INVALID_VOTER_KEY);
}

#[test]
fn a_pre_vote_changes_nothing_and_is_refused_while_a_leader_is_alive() {
    let mut replica = Replica::dynamic(2, &[1, 2, 3], Some(state(5, Some(3), None)), log(&[(4, 10)]));
    let ask = |replica: &mut Replica| vote_of(replica.ask(vote_request(1, 5, place(10, 4), true))).1;
    assert!(ask(&mut replica), "it has not heard from the leader yet");
    let sent = replica.quorum.connections.expects(CorrelationId(1));
    assert_eq!(sent, Some(BrokerId(3)), "but has asked it");
    let leader = fetched::PartitionData { high_watermark: 3, ..Default::default() };
    replica.answer(CorrelationId(1), fetch_response(3, 5, leader));
    assert!(!ask(&mut replica));
    assert_eq!(replica.quorum.election(), &state(5, Some(3), None));
    replica.after(2000);
    assert_eq!(replica.quorum.role(), Role::Prospective);
    assert!(ask(&mut replica), "the leader is silent");
}

#[test]
fn a_voter_without_a_leader_asks_before_it_raises_the_epoch() {
    let mut replica = Replica::dynamic(1, &[1, 2, 3], Some(state(5, None, None)), log(&[(4, 10)]));
    replica.after(2000);
    assert_eq!((replica.quorum.role(), replica.quorum.epoch()), (Role::Prospective, LeaderEpoch(5)));
    let sent = replica.sent();
    let asked: Vec<_> = sent.iter().filter(|(_, _, request)| matches!(request, Request::Vote(_))).collect();
    assert_eq!(asked.iter().map(|(to, ..)| *to).collect::<Vec<_>>(), [2, 3]);
    replica.answer(asked[0].1, vote_response(5, false));
    assert_eq!(replica.quorum.role(), Role::Prospective);
    replica.answer(asked[1].1, vote_response(5, true));
    assert_eq!((replica.quorum.role(), replica.quorum.epoch()), (Role::Candidate, LeaderEpoch(6)));
    let sent = replica.sent();
    replica.answer(sent[0].1, vote_response(6, true));
    assert_eq!(replica.quorum.role(), Role::Leader { epoch_start_offset: Offset(10) });
}

#[test]
fn a_voter_that_nobody_wants_keeps_its_epoch() {
    let mut replica = Replica::dynamic(1, &[1, 2, 3], Some(state(5, None, None)), log(&[(4, 10)]));
    replica.after(2000);
    for (_, correlation_id, request) in replica.sent() {
        if let Request::Vote(_) = request {
            replica.answer(correlation_id, vote_response(5, false));
        }
    }
    assert_eq!((replica.quorum.role(), replica.quorum.epoch()), (Role::Unattached, LeaderEpoch(5)));
}

#[test]
fn a_peer_without_pre_vote_is_asked_for_its_vote() {
    let mut replica = Replica::fixed(1, &[1, 2, 3], Some(state(5, None, None)), log(&[(4, 10)]));
    replica.after(2000);
    let sent = replica.sent();
    let (_, correlation_id, _) = sent.iter().find(|(_, _, it)| matches!(it, Request::Vote(_))).unwrap();
    let result = Err(RequestFailure::UnsupportedVersion);
    replica.tell(Input::Response { correlation_id: *correlation_id, result });
    assert_eq!((replica.quorum.role(), replica.quorum.epoch()), (Role::Candidate, LeaderEpoch(6)));
}

#[test]
fn an_answer_that_another_role_asked_for_is_not_heard() {
    let mut replica = Replica::dynamic(1, &[1, 2, 3], Some(state(5, None, None)), log(&[(4, 10)]));
    replica.after(2000);
    let sent = replica.sent();
    let (_, pre_vote, _) = sent.iter().find(|(_, _, it)| matches!(it, Request::Vote(_))).unwrap();
    replica.ask(vote_request(3, 6, place(10, 4), false));
    replica.answer(*pre_vote, vote_response(5, true));
    assert_eq!((replica.quorum.role(), replica.quorum.epoch()), (Role::Unattached, LeaderEpoch(6)));
}

#[test]
fn neither_a_leader_nor_a_candidate_goes_on_in_its_epoch_after_a_restart() {
    let led = Replica::dynamic(1, &[1, 2, 3], Some(state(5, Some(1), None)), log(&[(5, 10)]));
    assert_eq!(led.quorum.role(), Role::Resigned);
    let stood = Replica::dynamic(1, &[1, 2, 3], Some(state(5, None, Some(1))), log(&[(4, 10)]));
    assert_eq!(stood.quorum.role(), Role::Unattached);
    for mut replica in [led, stood] {
        let vote = vote_of(replica.ask(vote_request(2, 5, place(99, 4), false)));
        assert_eq!(vote, (ErrorCode::NONE, false), "its vote in the epoch is given");
    }
}

#[test]
fn an_observer_asks_for_no_votes_and_a_removed_voter_does_until_that_is_committed() {
    let mut observer = Replica::dynamic(4, &[1, 2, 3], Some(state(5, None, None)), log(&[(4, 10)]));
    observer.after(60_000);
    assert_eq!(observer.quorum.role(), Role::Unattached);

    let mut quorum =
        Quorum::new(config(1), VoterSet::default(), Some(state(5, None, None)), log(&[(4, 10)]), 1);
    for (at, ids) in [(0, &[1, 2, 3][..]), (9, &[2, 3])] {
        for record in ControlRecord::membership(KRaftVersion::Reconfigurable, &voters(ids)) {
            quorum.load_control(Offset(at), &record);
        }
    }
    let mut removed = Replica::started(quorum);
    removed.after(2000);
    assert_eq!(removed.quorum.role(), Role::Prospective);
}
