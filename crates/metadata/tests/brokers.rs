//! Registration, heartbeats, sessions, and what becomes of partitions when brokers come and go.

mod scenario;

use std::time::Duration;

use ottla_metadata::features::MetadataVersion;
use ottla_protocol::messages::allocate_producer_ids_request::AllocateProducerIdsRequest;
use ottla_protocol::messages::broker_heartbeat_request::BrokerHeartbeatRequest;
use ottla_protocol::messages::broker_registration_request::BrokerRegistrationRequest;
use ottla_protocol::messages::elect_leaders_request::{ElectLeadersRequest, TopicPartitions};
use ottla_protocol::messages::unregister_broker_request::UnregisterBrokerRequest;
use ottla_protocol::time::Monotonic;
use ottla_protocol::types::{BrokerId, Uuid};
use scenario::{Scenario, assigned, with_configs};

fn fence() -> BrokerHeartbeatRequest {
    BrokerHeartbeatRequest { want_fence: true, ..Default::default() }
}

fn stop() -> BrokerHeartbeatRequest {
    BrokerHeartbeatRequest { want_shut_down: true, ..Default::default() }
}

fn serve() -> BrokerHeartbeatRequest {
    BrokerHeartbeatRequest::default()
}

#[test]
fn registrations_are_refused_with_kafkas_codes() {
    let mut scenario = Scenario::new(&[1, 2]);
    let base =
        || BrokerRegistrationRequest { incarnation_id: Uuid::from_u128(555), ..Scenario::registration(3) };
    let dirs = |ids: &[u128]| ids.iter().copied().map(Uuid::from_u128).collect::<Vec<_>>();
    let without = |name: &str| {
        let mut request = base();
        request.features.retain(|feature| feature.name != name);
        request
    };
    let mut old = base();
    for feature in &mut old.features {
        feature.max_supported_version = feature.max_supported_version.min(29);
    }
    for (request, code) in [
        (BrokerRegistrationRequest { cluster_id: "other".into(), ..base() }, 104),
        (BrokerRegistrationRequest { broker_id: 1, log_dirs: dirs(&[2001]), ..base() }, 101),
        (BrokerRegistrationRequest { is_migrating_zk_broker: true, ..base() }, 102),
        (BrokerRegistrationRequest { log_dirs: Vec::new(), ..base() }, 119),
        (BrokerRegistrationRequest { log_dirs: dirs(&[99]), ..base() }, 119),
        (BrokerRegistrationRequest { log_dirs: dirs(&[777, 777]), ..base() }, 119),
        (BrokerRegistrationRequest { log_dirs: dirs(&[2001]), ..base() }, 119),
        (without("metadata.version"), 119),
        (without("group.version"), 35),
        (old, 35),
        (base(), 0),
    ] {
        assert_eq!(scenario.register_with(&request), code, "{request:?}");
    }
}

#[test]
fn the_same_life_of_a_broker_keeps_its_epoch_and_another_one_waits_for_its_session_to_end() {
    let mut scenario = Scenario::new(&[1]);
    let broker = |scenario: &Scenario| scenario.image().cluster.broker(BrokerId(1)).unwrap().clone();
    let before = broker(&scenario);
    assert_eq!(scenario.register_with(&Scenario::registration(1)), 0);
    assert_eq!(broker(&scenario), before);

    let other = BrokerRegistrationRequest { incarnation_id: Uuid::from_u128(9), ..Scenario::registration(1) };
    assert_eq!(scenario.register_with(&other), 101);
    scenario.now.mono = scenario.now.mono + Duration::from_millis(9001);
    assert_eq!(scenario.register_with(&other), 0);
    let after = broker(&scenario);
    assert!(after.fenced && after.epoch > before.epoch);
}

#[test]
fn a_node_that_knows_its_broker_dead_registers_at_once() {
    let mut scenario = Scenario::new(&[1]);
    scenario.controller.end_session(BrokerId(1));
    let other = BrokerRegistrationRequest { incarnation_id: Uuid::from_u128(9), ..Scenario::registration(1) };
    assert_eq!(scenario.register_with(&other), 0);
}

#[test]
fn heartbeats_of_unknown_brokers_and_epochs_are_refused() {
    let mut scenario = Scenario::new(&[1]);
    assert_eq!(scenario.heartbeat(7, serve()).0, 102);
    let request = BrokerHeartbeatRequest { broker_id: 1, broker_epoch: 0, ..Default::default() };
    let response = scenario.run(|controller, context| controller.broker_heartbeat(&request, context));
    assert_eq!(response.error_code, 77);
}

#[test]
fn a_broker_is_unfenced_once_it_has_caught_up() {
    let mut scenario = Scenario::new(&[]);
    scenario.register(1, -1);
    let epoch = scenario.image().cluster.broker(BrokerId(1)).unwrap().epoch.0;
    let mut beat = |current_metadata_offset: i64, want_fence: bool| {
        let request = BrokerHeartbeatRequest {
            broker_id: 1,
            broker_epoch: epoch,
            current_metadata_offset,
            want_fence,
            ..Default::default()
        };
        let response = scenario.run(|controller, context| controller.broker_heartbeat(&request, context));
        (response.is_caught_up, response.is_fenced)
    };
    assert_eq!(beat(epoch - 1, false), (false, true));
    assert_eq!(beat(epoch, true), (true, true));
    assert_eq!(beat(epoch, false), (true, false));
}

#[test]
fn a_silent_broker_is_fenced_when_its_session_ends() {
    let mut scenario = Scenario::new(&[1, 2]);
    scenario.create_ok(with_configs(assigned("a", &[&[1, 2]]), &[]));
    let end = scenario.controller.next_session_end();
    assert_eq!(end, Monotonic(1) + Duration::from_millis(9000));
    scenario.now.mono = end + Duration::from_millis(1);
    scenario.heartbeat(2, serve());
    let now = scenario.now.mono;
    assert_eq!(scenario.run(|controller, _| controller.fence_stale_broker(now)), Some(BrokerId(1)));
    assert_eq!(scenario.run(|controller, _| controller.fence_stale_broker(now)), None);
    assert_eq!(scenario.partition("a", 0), "2 / 2 /  /  / 1.1");
}

#[test]
fn elr_keeps_who_leaves_an_isr_below_the_minimum() {
    let mut scenario = Scenario::new(&[1, 2, 3]);
    scenario.create_ok(with_configs(assigned("a", &[&[1, 2, 3]]), &[("min.insync.replicas", Some("2"))]));
    let mut step = |action: &dyn Fn(&mut Scenario), expected: &str| {
        action(&mut scenario);
        assert_eq!(scenario.partition("a", 0), expected);
    };
    step(&|_| {}, "1 / 1,2,3 /  /  / 0.0");
    step(&|s| _ = s.heartbeat(3, fence()), "1 / 1,2 /  /  / 0.1");
    step(&|s| _ = s.heartbeat(2, fence()), "1 / 1 / 2 /  / 0.2");
    step(&|s| _ = s.heartbeat(1, fence()), "-1 /  / 1,2 / 1 / 1.3");
    // 3 left while enough others stayed: it may lack committed records.
    step(&|s| _ = s.heartbeat(3, serve()), "-1 /  / 1,2 / 1 / 1.3");
    step(&|s| _ = s.heartbeat(2, serve()), "2 / 2 / 1 /  / 2.4");
}

#[test]
fn a_broker_back_from_an_unclean_shutdown_is_no_longer_eligible() {
    let mut scenario = Scenario::new(&[1, 2]);
    scenario.create_ok(with_configs(assigned("a", &[&[1, 2]]), &[("min.insync.replicas", Some("2"))]));
    scenario.heartbeat(2, fence());
    scenario.heartbeat(1, fence());
    assert_eq!(scenario.partition("a", 0), "-1 /  / 1,2 / 1 / 1.2");
    let again = |id: i32, previous_broker_epoch: i64| BrokerRegistrationRequest {
        incarnation_id: Uuid::from_u128(9000),
        previous_broker_epoch,
        ..Scenario::registration(id)
    };
    scenario.controller.end_session(BrokerId(2));
    let clean_epoch = scenario.image().cluster.broker(BrokerId(2)).unwrap().epoch.0;
    assert_eq!(scenario.register_with(&again(2, clean_epoch)), 0);
    assert_eq!(scenario.partition("a", 0), "-1 /  / 1,2 / 1 / 1.2");
    scenario.controller.end_session(BrokerId(1));
    assert_eq!(scenario.register_with(&again(1, -1)), 0);
    assert_eq!(scenario.partition("a", 0), "-1 /  / 2 / 1 / 1.3");
    scenario.heartbeat(1, serve());
    assert_eq!(scenario.partition("a", 0), "-1 /  / 2 / 1 / 1.3");
    scenario.heartbeat(2, serve());
    assert_eq!(scenario.partition("a", 0), "2 / 2 /  /  / 2.4");
}

#[test]
fn without_elr_the_last_member_stays_in_the_isr() {
    let mut scenario = Scenario::with_config(&[1, 2], "4.0".parse().unwrap(), "");
    scenario.create_ok(assigned("a", &[&[1, 2]]));
    scenario.heartbeat(2, fence());
    assert_eq!(scenario.partition("a", 0), "1 / 1 /  /  / 0.1");
    scenario.heartbeat(1, fence());
    assert_eq!(scenario.partition("a", 0), "-1 / 1 /  /  / 1.2");
    scenario.heartbeat(2, serve());
    assert_eq!(scenario.partition("a", 0), "-1 / 1 /  /  / 1.2");
    scenario.heartbeat(1, serve());
    assert_eq!(scenario.partition("a", 0), "1 / 1 /  /  / 2.3");
}

#[test]
fn an_unclean_election_takes_whoever_is_up() {
    let unclean = [("unclean.leader.election.enable", Some("true"))];
    let mut scenario = Scenario::with_config(&[1, 2], "4.0".parse().unwrap(), "");
    scenario.create_ok(with_configs(assigned("a", &[&[1, 2]]), &unclean));
    scenario.heartbeat(2, fence());
    scenario.heartbeat(1, fence());
    scenario.heartbeat(2, serve());
    assert_eq!(scenario.partition("a", 0), "2 / 2 /  /  / 2.3");
    let partition = scenario.image().topics.by_name("a").unwrap().partition(0).unwrap().clone();
    assert_eq!(partition.leader_recovery_state.value(), 1);
}

#[test]
fn before_3_6_a_shrinking_isr_raises_the_leader_epoch() {
    let mut scenario = Scenario::with_config(&[1, 2], MetadataVersion::from_level(11).unwrap(), "");
    scenario.create_ok(assigned("a", &[&[1, 2]]));
    scenario.heartbeat(2, fence());
    assert_eq!(scenario.partition("a", 0), "1 / 1 /  /  / 1.1");
}

#[test]
fn a_broker_that_leads_shuts_down_in_order() {
    let mut scenario = Scenario::new(&[1, 2]);
    scenario.create_ok(assigned("a", &[&[1, 2], &[2, 1]]));
    assert_eq!(scenario.heartbeat(1, stop()), (0, false, false));
    assert_eq!(scenario.partition("a", 0), "2 / 2 /  /  / 1.1");
    assert!(scenario.image().cluster.broker(BrokerId(1)).unwrap().in_controlled_shutdown);
    // The others must know first that it leads nothing.
    assert_eq!(scenario.heartbeat(1, stop()), (0, false, false));
    scenario.heartbeat(2, serve());
    assert_eq!(scenario.heartbeat(1, stop()), (0, true, true));
    assert!(scenario.image().cluster.broker(BrokerId(1)).unwrap().fenced);
    assert_eq!(scenario.heartbeat(1, stop()), (0, true, true));
}

#[test]
fn a_broker_that_leads_nothing_shuts_down_at_once() {
    let mut scenario = Scenario::new(&[1]);
    assert_eq!(scenario.heartbeat(1, stop()), (0, true, true));
}

#[test]
fn replicas_in_an_offline_directory_lose_their_place() {
    let mut scenario = Scenario::new(&[1, 2]);
    scenario.create_ok(assigned("a", &[&[1, 2]]));
    let offline =
        BrokerHeartbeatRequest { offline_log_dirs: vec![Uuid::from_u128(2001)], ..Default::default() };
    scenario.heartbeat(1, offline);
    assert_eq!(scenario.partition("a", 0), "2 / 2 /  /  / 1.1");
}

#[test]
fn an_unregistered_broker_leaves_isrs_and_elrs() {
    let mut scenario = Scenario::new(&[1, 2]);
    scenario.create_ok(with_configs(assigned("a", &[&[1, 2]]), &[("min.insync.replicas", Some("2"))]));
    let mut unregister = |broker_id: i32| {
        let request = UnregisterBrokerRequest { broker_id };
        scenario.run(|controller, _| controller.unregister_broker(&request)).error_code
    };
    assert_eq!((unregister(2), unregister(2)), (0, 102));
    assert_eq!(scenario.partition("a", 0), "1 / 1 / 2 /  / 0.1");
    assert!(scenario.image().cluster.broker(BrokerId(2)).is_none());
}

#[test]
fn leaders_are_elected_on_demand() {
    let mut scenario = Scenario::new(&[1, 2]);
    scenario.create_ok(assigned("a", &[&[1, 2], &[2, 1], &[1, 2]]));
    scenario.heartbeat(1, fence());
    scenario.heartbeat(1, serve());
    // 1 is up again, and not yet in sync.
    let elect = |scenario: &mut Scenario, election_type: i8, partitions: Option<&[i32]>| {
        let topics =
            |partitions: &[i32]| vec![TopicPartitions { topic: "a".into(), partitions: partitions.to_vec() }];
        let topic_partitions = partitions.map(topics);
        let request = ElectLeadersRequest { election_type, topic_partitions, ..Default::default() };
        let response = scenario.run(|controller, _| controller.elect_leaders(&request));
        let results = response.replica_election_results.into_iter().flat_map(|topic| topic.partition_result);
        (
            response.error_code,
            results.map(|result| (result.partition_id, result.error_code)).collect::<Vec<_>>(),
        )
    };
    assert_eq!(elect(&mut scenario, 0, Some(&[0, 1, 9])), (0, vec![(0, 80), (1, 84), (9, 3)]));
    assert_eq!(elect(&mut scenario, 0, None), (0, vec![(0, 80), (2, 80)]));
    assert_eq!(elect(&mut scenario, 1, Some(&[0])), (0, vec![(0, 84)]));
    assert_eq!(elect(&mut scenario, 7, None).0, 42);
}

#[test]
fn producer_ids_are_handed_out_in_blocks() {
    let mut scenario = Scenario::new(&[1]);
    let broker_epoch = scenario.image().cluster.broker(BrokerId(1)).unwrap().epoch.0;
    let mut allocate = |broker_id: i32, broker_epoch: i64| {
        let request = AllocateProducerIdsRequest { broker_id, broker_epoch };
        let response = scenario.run(|controller, _| controller.allocate_producer_ids(&request));
        (response.error_code, response.producer_id_start, response.producer_id_len)
    };
    assert_eq!(allocate(1, broker_epoch), (0, 0, 1000));
    assert_eq!(allocate(1, broker_epoch), (0, 1000, 1000));
    assert_eq!(allocate(1, broker_epoch + 1).0, 77);
    assert_eq!(allocate(2, broker_epoch).0, 102);
}
