//! Groups of the consumer protocol through a shard: heartbeats, topics that change, regular expressions, and both kinds of
//! groups side by side.

use std::time::Duration;

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::consumer_group_describe_request::ConsumerGroupDescribeRequest;
use ottla_protocol::messages::consumer_group_heartbeat_request::ConsumerGroupHeartbeatRequest;
use ottla_protocol::messages::consumer_group_heartbeat_response::ConsumerGroupHeartbeatResponse;
use ottla_protocol::messages::list_groups_request::ListGroupsRequest;

use crate::harness::cluster::{self, OFFSETS, ORDERS, PAYMENTS};
use crate::harness::{Harness, Options};

const GROUP: &str = "billing";

fn beat(member: &str, epoch: i32) -> ConsumerGroupHeartbeatRequest {
    ConsumerGroupHeartbeatRequest {
        group_id: GROUP.to_owned(),
        member_id: member.to_owned(),
        member_epoch: epoch,
        ..Default::default()
    }
}

fn join(member: &str, topics: &[&str]) -> ConsumerGroupHeartbeatRequest {
    ConsumerGroupHeartbeatRequest {
        rebalance_timeout_ms: 60_000,
        subscribed_topic_names: Some(topics.iter().map(|topic| (*topic).to_owned()).collect()),
        topic_partitions: Some(Vec::new()),
        ..beat(member, 0)
    }
}

/// Error, epoch, and the partitions of each topic if the answer tells.
fn shown(answer: &ConsumerGroupHeartbeatResponse) -> (i16, i32, Option<Vec<Vec<i32>>>) {
    let assignment = answer.assignment.as_ref();
    let topics =
        assignment.map(|all| all.topic_partitions.iter().map(|topic| topic.partitions.clone()).collect());
    (answer.error_code, answer.member_epoch, topics)
}

fn start(configs: &[(&'static str, &'static str)]) -> Harness {
    let mut client = Harness::start(Options {
        topics: vec![ORDERS, OFFSETS],
        broker_configs: configs.to_vec(),
        ..Options::default()
    });
    client.publish(&[cluster::feature("group.version", 1)]);
    client
}

/// State and number of members of the group.
fn described(client: &mut Harness) -> (i16, String, usize) {
    let request = ConsumerGroupDescribeRequest { group_ids: vec![GROUP.to_owned()], ..Default::default() };
    let group = client.ask_later(&request).groups.remove(0);
    (group.error_code, group.group_state, group.members.len())
}

#[test]
fn a_member_joins_gets_its_partitions_and_leaves() {
    let mut client = start(&[]);
    let answer = client.ask_later(&join("a", &[ORDERS.name]));
    let partitions: Vec<i32> = (0..ORDERS.partitions).collect();
    assert_eq!(shown(&answer), (0, 2, Some(vec![partitions])));
    assert_eq!(answer.heartbeat_interval_ms, 5_000);
    assert_eq!(shown(&client.ask_later(&beat("a", 2))), (0, 2, None));
    assert_eq!(described(&mut client), (0, "Stable".to_owned(), 1));
    client.restart();
    assert_eq!(described(&mut client), (0, "Stable".to_owned(), 1));
    assert_eq!(shown(&client.ask_later(&beat("a", -1))), (0, -1, None));
    assert_eq!(described(&mut client), (0, "Empty".to_owned(), 0));
}

#[test]
fn a_new_topic_is_assigned_with_the_next_heartbeat() {
    let mut client = start(&[("group.consumer.assignment.interval.ms", "0")]);
    client.ask_later(&join("a", &[ORDERS.name, PAYMENTS.name]));
    client.publish(&cluster::create(PAYMENTS));
    let (error, epoch, topics) = shown(&client.ask_later(&beat("a", 2)));
    assert_eq!((error, epoch, topics.map(|topics| topics.len())), (0, 3, Some(2)));
    client.publish(&[cluster::delete(PAYMENTS)]);
    let answer = client
        .ask_later(&ConsumerGroupHeartbeatRequest { topic_partitions: Some(Vec::new()), ..beat("a", 3) });
    assert_eq!(shown(&answer).2.map(|topics| topics.len()), Some(1));
}

#[test]
fn the_interval_between_assignments_is_set_while_the_broker_runs() {
    let mut client = start(&[]);
    client.ask_later(&join("a", &[ORDERS.name]));
    assert_eq!(shown(&client.ask_later(&join("b", &[ORDERS.name]))), (0, 2, Some(Vec::new())), "not yet");
    client.publish(&[cluster::broker_config("group.consumer.assignment.interval.ms", Some("0"))]);
    assert_eq!(shown(&client.ask_later(&beat("b", 2))), (0, 3, None), "the new target's epoch");
}

#[test]
fn a_regular_expression_is_resolved_on_another_thread() {
    let mut client = start(&[]);
    let request = ConsumerGroupHeartbeatRequest {
        subscribed_topic_names: None,
        subscribed_topic_regex: Some("ord.*".to_owned()),
        ..join("a", &[])
    };
    let answer = client.ask_later(&request);
    assert_eq!(shown(&answer), (0, 1, Some(Vec::new())));
    client.settle();
    let (error, epoch, topics) = shown(&client.ask_later(&beat("a", 1)));
    assert_eq!((error, epoch, topics.map(|topics| topics.len())), (0, 2, Some(1)));
}

#[test]
fn a_silent_member_is_out_and_groups_of_both_kinds_are_listed() {
    let mut client = start(&[]);
    client.ask_later(&join("a", &[ORDERS.name]));
    client.pass(Duration::from_secs(46));
    assert_eq!(described(&mut client), (0, "Empty".to_owned(), 0));
    let listed = client.ask_later(&ListGroupsRequest::default());
    let groups: Vec<_> = listed.groups.iter().map(|group| (&*group.group_id, &*group.group_type)).collect();
    assert_eq!(groups, [(GROUP, "consumer")]);
}

#[test]
fn what_is_switched_off_is_not_served() {
    let mut client = start(&[("group.coordinator.rebalance.protocols", "classic")]);
    let error = ErrorCode::UNSUPPORTED_VERSION.0;
    assert_eq!(client.ask_later(&join("a", &[ORDERS.name])).error_code, error);
    assert_eq!(described(&mut client).0, error);
    let mut client = start(&[]);
    client.publish(&[cluster::feature("group.version", 0)]);
    assert_eq!(client.ask_later(&join("a", &[ORDERS.name])).error_code, error);
}

#[test]
fn a_group_without_a_name_is_told_so() {
    let mut client = start(&[]);
    let group_ids = vec![String::new(), "nobody".to_owned()];
    let answer = client.ask_later(&ConsumerGroupDescribeRequest { group_ids, ..Default::default() });
    let errors: Vec<_> = answer.groups.iter().map(|group| group.error_code).collect();
    assert_eq!(errors, [ErrorCode::INVALID_GROUP_ID.0, ErrorCode::GROUP_ID_NOT_FOUND.0]);
    let nameless = ConsumerGroupHeartbeatRequest { group_id: String::new(), ..join("a", &[]) };
    assert_eq!(client.ask_later(&nameless).error_code, ErrorCode::INVALID_REQUEST.0);
}
