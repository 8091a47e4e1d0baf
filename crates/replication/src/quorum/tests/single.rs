//! The only voter.

use super::*;

fn start_of_epoch(epoch: i32, membership: Option<&VoterSet>) -> Effect {
    let one = || [BrokerId(1)].into_iter();
    let mut records = vec![ControlRecord::leader_change(BrokerId(1), one(), one())];
    if let Some(voters) = membership {
        records.extend(ControlRecord::membership(KRaftVersion::Reconfigurable, voters));
    }
    Effect::AppendControl { epoch: LeaderEpoch(epoch), records }
}

fn last_append(replica: &mut Replica) -> Option<Effect> {
    replica.effects().into_iter().rfind(|effect| matches!(effect, Effect::AppendControl { .. }))
}

#[test]
fn the_only_voter_elects_itself_in_the_next_epoch() {
    let mut replica = Replica::fixed(1, &[1], None, LogState::empty());
    let effects = replica.effects();
    let persisted: Vec<_> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Persist { state, sequence } => Some((state.clone(), *sequence)),
            _ => None,
        })
        .collect();
    assert_eq!(persisted, [(state(1, None, Some(1)), 1), (state(1, Some(1), None), 2)]);
    assert_eq!(effects.last(), Some(&start_of_epoch(1, None)));
    assert!(replica.quorum.is_leader());
    assert_eq!(replica.quorum.poll_deadline(), Monotonic::NEVER, "it waits for nobody");
}

#[test]
fn a_former_leader_takes_a_new_epoch() {
    for durable in [state(4, Some(1), None), state(4, None, Some(1)), state(4, Some(2), None)] {
        let replica = Replica::fixed(1, &[1], Some(durable), log(&[(4, 10)]));
        assert_eq!((replica.quorum.epoch(), replica.quorum.is_leader()), (LeaderEpoch(5), true));
    }
}

#[test]
fn the_log_may_know_a_higher_epoch_than_the_file() {
    let replica = Replica::fixed(1, &[1], Some(state(2, Some(1), None)), log(&[(6, 10)]));
    assert_eq!(replica.quorum.epoch(), LeaderEpoch(7));
    assert_eq!(Replica::fixed(1, &[1], None, log(&[(6, 10)])).quorum.epoch(), LeaderEpoch(7));
}

#[test]
fn nothing_is_committed_before_the_epoch_and_a_record_of_it_are_on_the_disk() {
    let mut replica = Replica::fixed(1, &[1], Some(state(4, Some(1), None)), log(&[(4, 10)]));
    replica.effects();
    replica.append(1);
    replica.append(1);
    assert_eq!(replica.committed(), None, "the epoch is not persisted");
    replica.tell(Input::Persisted { sequence: 1 });
    assert_eq!(replica.committed(), None, "only the vote is");
    replica.tell(Input::Persisted { sequence: 2 });
    assert_eq!(replica.effects(), [Effect::AdvanceHighWatermark(Offset(12))]);

    let mut replica = Replica::fixed(1, &[1], Some(state(4, Some(1), None)), log(&[(4, 10)]));
    replica.settle();
    replica.sync();
    assert_eq!(replica.committed(), None, "only records of earlier epochs are synced");
}

#[test]
fn a_leader_that_is_asked_to_resigns_and_commits_nothing_more() {
    let mut replica = Replica::fixed(1, &[1], None, LogState::empty());
    replica.settle();
    replica.append(1);
    assert_eq!(replica.committed(), Some(1));
    replica.tell(Input::Resign(LeaderEpoch(0)));
    assert!(replica.quorum.is_leader(), "of a past epoch");
    replica.tell(Input::Shutdown);
    assert_eq!((replica.quorum.role(), replica.quorum.is_shutdown_complete()), (Role::Resigned, true));
    let point = replica.quorum.sync_point();
    replica.tell(Input::Synced(point));
    assert_eq!(replica.committed(), Some(1));
}

#[test]
fn the_first_leader_of_a_dynamic_quorum_logs_its_voters() {
    let formatted = |replica: i32| {
        let mut quorum = Quorum::new(config(replica), VoterSet::default(), None, LogState::empty(), 1);
        for record in ControlRecord::membership(KRaftVersion::Reconfigurable, &voters(&[1])) {
            quorum.load_control(BOOTSTRAP_VOTERS_OFFSET, &record);
        }
        Replica::started(quorum)
    };
    assert_eq!(last_append(&mut formatted(1)), Some(start_of_epoch(1, Some(&voters(&[1])))));
    let mut logged = Replica::dynamic(1, &[1], Some(state(1, Some(1), None)), log(&[(1, 10)]));
    assert_eq!(last_append(&mut logged), Some(start_of_epoch(2, None)));
}

#[test]
fn a_leader_that_moved_logs_its_new_endpoint() {
    let mut moved = voter(1);
    moved.endpoints[0].port = 9095;
    let moved_config = QuorumConfig { local: moved.clone(), ..config(1) };
    let mut quorum = Quorum::new(moved_config, VoterSet::default(), None, log(&[(1, 10)]), 1);
    for record in ControlRecord::membership(KRaftVersion::Reconfigurable, &voters(&[1])) {
        quorum.load_control(Offset::ZERO, &record);
    }
    let expected: VoterSet = [moved].into_iter().collect();
    assert_eq!(last_append(&mut Replica::started(quorum)), Some(start_of_epoch(2, Some(&expected))));
}
