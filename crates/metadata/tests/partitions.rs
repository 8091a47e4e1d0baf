//! AlterPartition, AssignReplicasToDirs and reassignments.

mod scenario;

use ottla_metadata::controller::list_partition_reassignments;
use ottla_protocol::messages::alter_partition_reassignments_request::{
    AlterPartitionReassignmentsRequest, ReassignablePartition, ReassignableTopic,
};
use ottla_protocol::messages::alter_partition_request::{self, AlterPartitionRequest, BrokerState};
use ottla_protocol::messages::assign_replicas_to_dirs_request::{
    self as assign, AssignReplicasToDirsRequest,
};
use ottla_protocol::messages::broker_heartbeat_request::BrokerHeartbeatRequest;
use ottla_protocol::messages::broker_registration_request::BrokerRegistrationRequest;
use ottla_protocol::messages::list_partition_reassignments_request::ListPartitionReassignmentsRequest;
use ottla_protocol::types::{BrokerId, Uuid};
use scenario::{Scenario, assigned, with_configs};

fn epoch_of(scenario: &Scenario, id: i32) -> i64 {
    scenario.image().cluster.broker(BrokerId(id)).map_or(-1, |broker| broker.epoch.0)
}

/// A leader's wish for partition 0 of topic `a`, with the partition's present epochs.
fn wish(scenario: &Scenario, isr: &[i32]) -> alter_partition_request::PartitionData {
    let topic = scenario.image().topics.by_name("a").unwrap();
    let partition = topic.partition(0).unwrap();
    let member = |id: &i32| BrokerState { broker_id: *id, broker_epoch: epoch_of(scenario, *id) };
    alter_partition_request::PartitionData {
        partition_index: 0,
        leader_epoch: partition.leader_epoch.0,
        partition_epoch: partition.partition_epoch,
        new_isr_with_epochs: isr.iter().map(member).collect(),
        ..Default::default()
    }
}

fn alter(scenario: &mut Scenario, leader: i32, wish: alter_partition_request::PartitionData) -> i16 {
    let topic_id = scenario.image().topics.by_name("a").unwrap().id.0;
    let request = AlterPartitionRequest {
        broker_id: leader,
        broker_epoch: epoch_of(scenario, leader),
        topics: vec![alter_partition_request::TopicData { topic_id, partitions: vec![wish] }],
    };
    let response = scenario.run(|controller, context| controller.alter_partition(&request, context));
    if response.error_code != 0 { response.error_code } else { response.topics[0].partitions[0].error_code }
}

fn three_brokers() -> Scenario {
    let mut scenario = Scenario::new(&[1, 2, 3]);
    scenario.create_ok(with_configs(assigned("a", &[&[1, 2, 3]]), &[("min.insync.replicas", Some("2"))]));
    scenario
}

#[test]
fn a_leader_shrinks_and_expands_its_isr() {
    let mut scenario = three_brokers();
    let mut step = |isr: &[i32], expected: &str| {
        let wish = wish(&scenario, isr);
        assert_eq!(alter(&mut scenario, 1, wish), 0);
        assert_eq!(scenario.partition("a", 0), expected);
    };
    step(&[1, 2], "1 / 1,2 /  /  / 0.1");
    step(&[1], "1 / 1 / 2 /  / 0.2");
    step(&[1, 3], "1 / 1,3 /  /  / 0.3");
    step(&[1, 3], "1 / 1,3 /  /  / 0.3");
    step(&[1, 2, 3], "1 / 1,2,3 /  /  / 0.4");
}

#[test]
fn wishes_that_do_not_fit_are_refused() {
    type Spoil = fn(&mut alter_partition_request::PartitionData);
    let cases: [(i32, &[i32], Spoil, i16); 13] = [
        (1, &[1, 2], |wish| wish.partition_index = 5, 3),
        (1, &[1, 2], |wish| wish.leader_epoch += 1, 41),
        (1, &[1, 2], |wish| wish.partition_epoch += 1, 41),
        (1, &[1, 2], |wish| wish.leader_epoch -= 1, 74),
        (1, &[1, 2], |wish| wish.partition_epoch -= 1, 95),
        (2, &[1, 2], |_| {}, 42),
        (1, &[], |_| {}, 42),
        (1, &[1, 9], |_| {}, 42),
        (1, &[1, 1], |_| {}, 42),
        (1, &[2], |_| {}, 42),
        (1, &[1], |wish| wish.leader_recovery_state = 1, 42),
        (1, &[1, 2], |wish| wish.new_isr_with_epochs[1].broker_epoch += 1, 107),
        (9, &[1, 2], |_| {}, 102),
    ];
    for (leader, isr, spoil, code) in cases {
        let mut scenario = three_brokers();
        let mut wish = wish(&scenario, isr);
        spoil(&mut wish);
        assert_eq!(alter(&mut scenario, leader, wish.clone()), code, "{leader} {wish:?}");
        assert_eq!(scenario.partition("a", 0), "1 / 1,2,3 /  /  / 0.0");
    }
}

#[test]
fn only_active_brokers_join_an_isr_and_epochs_may_be_left_out() {
    let mut scenario = three_brokers();
    scenario.heartbeat(3, BrokerHeartbeatRequest { want_fence: true, ..Default::default() });
    let fenced = wish(&scenario, &[1, 2, 3]);
    assert_eq!(alter(&mut scenario, 1, fenced), 107);
    scenario.heartbeat(3, BrokerHeartbeatRequest::default());
    let mut unknown = wish(&scenario, &[1, 2, 3]);
    unknown.new_isr_with_epochs[2].broker_epoch = -1;
    assert_eq!(alter(&mut scenario, 1, unknown), 0);
    scenario.api_version = 2;
    let mut old = wish(&scenario, &[]);
    old.new_isr = vec![1, 2];
    assert_eq!(alter(&mut scenario, 1, old), 0);
    assert_eq!(scenario.partition("a", 0), "1 / 1,2 /  /  / 0.3");
}

#[test]
fn a_leader_tells_that_it_has_recovered() {
    let mut scenario = Scenario::with_config(&[1, 2], "4.0".parse().unwrap(), "");
    let unclean = [("unclean.leader.election.enable", Some("true"))];
    scenario.create_ok(with_configs(assigned("a", &[&[1, 2]]), &unclean));
    let fence = || BrokerHeartbeatRequest { want_fence: true, ..Default::default() };
    scenario.heartbeat(2, fence());
    scenario.heartbeat(1, fence());
    scenario.heartbeat(2, BrokerHeartbeatRequest::default());
    let recovery = |scenario: &Scenario| {
        scenario.image().topics.by_name("a").unwrap().partition(0).unwrap().leader_recovery_state.value()
    };
    assert_eq!(recovery(&scenario), 1);
    let done = wish(&scenario, &[2]);
    assert_eq!(alter(&mut scenario, 2, done), 0);
    assert_eq!(recovery(&scenario), 0);
}

fn reassign(scenario: &mut Scenario, replicas: Option<&[i32]>, allow_change: bool) -> (i16, String) {
    let partitions =
        vec![ReassignablePartition { partition_index: 0, replicas: replicas.map(<[i32]>::to_vec) }];
    let request = AlterPartitionReassignmentsRequest {
        allow_replication_factor_change: allow_change,
        topics: vec![ReassignableTopic { name: "a".into(), partitions }],
        ..Default::default()
    };
    let response = scenario.run(|controller, _| controller.alter_partition_reassignments(&request));
    let result = &response.responses[0].partitions[0];
    (result.error_code, result.error_message.clone().unwrap_or_default())
}

/// `replicas +adding -removing`.
fn moving(scenario: &Scenario) -> String {
    let partition = scenario.image().topics.by_name("a").unwrap().partition(0).unwrap().clone();
    let ids = |ids: &[BrokerId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    assert_eq!(partition.replicas.len(), partition.directories.len());
    format!(
        "{} +{} -{}",
        ids(&partition.replicas),
        ids(&partition.adding_replicas),
        ids(&partition.removing_replicas)
    )
}

#[test]
fn a_reassignment_ends_when_the_new_replicas_are_in_sync() {
    let mut scenario = Scenario::new(&[1, 2, 3, 4]);
    scenario.create_ok(assigned("a", &[&[1, 2]]));
    assert_eq!(reassign(&mut scenario, Some(&[3, 4]), true).0, 0);
    assert_eq!(moving(&scenario), "3,4,1,2 +3,4 -1,2");
    let list = |scenario: &Scenario| {
        let request = ListPartitionReassignmentsRequest { topics: None, ..Default::default() };
        list_partition_reassignments(&scenario.image().topics, &request).topics.len()
    };
    assert_eq!(list(&scenario), 1);
    let half = wish(&scenario, &[1, 2, 3]);
    assert_eq!(alter(&mut scenario, 1, half), 0);
    assert_eq!(moving(&scenario), "3,4,1,2 +3,4 -1,2");
    // The leader leaves: it learns so by an error.
    let all = wish(&scenario, &[1, 2, 3, 4]);
    assert_eq!(alter(&mut scenario, 1, all), 108);
    assert_eq!((moving(&scenario), list(&scenario)), ("3,4 + -".into(), 0));
    assert_eq!(scenario.partition("a", 0), "3 / 3,4 /  /  / 1.3");
    let directories: Vec<_> = {
        let partition = scenario.image().topics.by_name("a").unwrap().partition(0).unwrap().clone();
        partition.directories.iter().map(|directory| directory.0.as_u128()).collect()
    };
    assert_eq!(directories, [2003, 2004]);
}

#[test]
fn a_reassignment_that_adds_nobody_ends_at_once() {
    let mut scenario = Scenario::new(&[1, 2, 3]);
    scenario.create_ok(assigned("a", &[&[1, 2, 3]]));
    assert_eq!(reassign(&mut scenario, Some(&[2, 1, 3]), true).0, 0);
    assert_eq!(
        (moving(&scenario), scenario.partition("a", 0)),
        ("2,1,3 + -".into(), "1 / 1,2,3 /  /  / 0.1".into())
    );
    assert_eq!(reassign(&mut scenario, Some(&[2, 3]), true).0, 0);
    assert_eq!(
        (moving(&scenario), scenario.partition("a", 0)),
        ("2,3 + -".into(), "2 / 2,3 /  /  / 1.2".into())
    );
}

#[test]
fn a_reassignment_can_be_cancelled() {
    let mut scenario = Scenario::new(&[1, 2, 3]);
    scenario.create_ok(assigned("a", &[&[1]]));
    assert_eq!(reassign(&mut scenario, None, true).0, 85);
    reassign(&mut scenario, Some(&[2, 3]), true);
    let one = wish(&scenario, &[1, 2]);
    assert_eq!(alter(&mut scenario, 1, one), 0);
    assert_eq!(reassign(&mut scenario, None, true).0, 0);
    assert_eq!((moving(&scenario), scenario.partition("a", 0)), ("1 + -".into(), "1 / 1 /  /  / 1.3".into()));
}

#[test]
fn impossible_reassignments_are_refused() {
    let mut scenario = Scenario::new(&[1, 2]);
    scenario.create_ok(assigned("a", &[&[1]]));
    for (replicas, allow_change, code) in [
        (&[] as &[i32], true, 39),
        (&[9], true, 39),
        (&[1, 1], true, 39),
        (&[1, 2], false, 38),
        (&[2], false, 0),
    ] {
        assert_eq!(reassign(&mut scenario, Some(replicas), allow_change).0, code, "{replicas:?}");
    }
}

#[test]
fn a_broker_tells_where_its_replicas_are() {
    let mut scenario = Scenario::new(&[2]);
    let dirs = [Uuid::from_u128(501), Uuid::from_u128(502)];
    scenario
        .register_with(&BrokerRegistrationRequest { log_dirs: dirs.to_vec(), ..Scenario::registration(1) });
    scenario.heartbeat(1, BrokerHeartbeatRequest::default());
    scenario.create_ok(assigned("a", &[&[1, 2]]));
    let topic_id = scenario.image().topics.by_name("a").unwrap().id.0;
    let directory = |scenario: &Scenario| {
        let partition = scenario.image().topics.by_name("a").unwrap().partition(0).unwrap().clone();
        partition.directories[0].0.as_u128()
    };
    // Which of several directories is for the broker to choose.
    assert_eq!(directory(&scenario), 1);
    let mut assign = |broker_id: i32, id: Uuid, topic_id: Uuid, partition_index: i32| {
        let partitions = vec![assign::PartitionData { partition_index }];
        let topics = vec![assign::TopicData { topic_id, partitions }];
        let broker_epoch = epoch_of(&scenario, broker_id);
        let directories = vec![assign::DirectoryData { id, topics }];
        let request = AssignReplicasToDirsRequest { broker_id, broker_epoch, directories };
        let response = scenario.run(|controller, _| controller.assign_replicas_to_dirs(&request));
        let code = match response.directories.first() {
            Some(directory) => directory.topics[0].partitions[0].error_code,
            None => response.error_code,
        };
        (code, directory(&scenario), scenario.partition("a", 0))
    };
    assert_eq!(assign(1, dirs[1], topic_id, 0), (0, 502, "1 / 1,2 /  /  / 0.1".into()));
    assert_eq!(assign(1, dirs[1], topic_id, 0), (0, 502, "1 / 1,2 /  /  / 0.1".into()));
    assert_eq!(assign(1, dirs[1], Uuid::from_u128(9), 0).0, 100);
    assert_eq!(assign(1, dirs[1], topic_id, 7).0, 3);
    assert_eq!(assign(9, dirs[1], topic_id, 0).0, 102);
    // A directory that is not among its online ones.
    let (code, at, partition) = assign(1, Uuid::from_u128(999), topic_id, 0);
    assert_eq!((code, at, &*partition), (0, 999, "2 / 2 /  /  / 1.3"));
}
