//! CreateTopics, CreatePartitions and DeleteTopics: every refusal with Kafka's code and words, and what is written.

mod scenario;

use ottla_metadata::controller::{AllowAll, MutationQuota, QuotaExceeded, TopicAccess, Unlimited};
use ottla_metadata::features::MetadataVersion;
use ottla_metadata::image::ConfigResource;
use ottla_protocol::messages::broker_heartbeat_request::BrokerHeartbeatRequest;
use ottla_protocol::messages::create_partitions_request::{
    CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic,
};
use ottla_protocol::messages::create_topics_request::{CreatableTopic, CreateTopicsRequest};
use ottla_protocol::messages::delete_topics_request::{DeleteTopicState, DeleteTopicsRequest};
use ottla_protocol::types::{BrokerId, Uuid};
use scenario::{Scenario, assigned, topic, with_configs};

/// Creates the topic beside an existing `orders` on brokers 1 and 2, with 3 fenced.
fn refusal(wanted: CreatableTopic) -> (i16, String) {
    let mut scenario = Scenario::new(&[1, 2, 3]);
    scenario.create_ok(topic("or.ders", 1, 1));
    scenario.create_ok(topic("orders", 1, 1));
    scenario.heartbeat(3, BrokerHeartbeatRequest { want_fence: true, ..Default::default() });
    let before = scenario.image().topics.len();
    let (_, code, message) = scenario.create(vec![wanted]).remove(0);
    assert_eq!(scenario.image().topics.len() > before, code == 0);
    (code, message.unwrap_or_default())
}

#[test]
fn each_refusal_has_kafkas_code_and_words() {
    let too_long = "x".repeat(250);
    for (wanted, code, message) in [
        (topic("new", 2, 2), 0, ""),
        (topic("new", -1, -1), 0, ""),
        (
            topic("a b", 1, 1),
            17,
            "Topic name is invalid: 'a b' contains one or more characters other than ASCII",
        ),
        (topic(&too_long, 1, 1), 17, "Topic name is invalid: the length of 'xxx"),
        (topic("", 1, 1), 17, "Topic name is invalid: the empty string is not allowed"),
        (topic("or_ders", 1, 1), 17, "Topic 'or_ders' collides with existing topic: or.ders"),
        (topic("orders", 1, 1), 36, "Topic 'orders' already exists."),
        (topic("or.ders", 1, 1), 36, "Topic 'or.ders' already exists."),
        (
            topic("__cluster_metadata", 1, 1),
            42,
            "Creation of internal topic __cluster_metadata is prohibited.",
        ),
        (with_configs(topic("new", 0, 0), &[("nope", Some("1"))]), 40, "Unknown topic config name: nope"),
        (
            with_configs(topic("new", 1, 1), &[("retention.ms", None)]),
            40,
            "Null value not supported for topic configs",
        ),
        (
            with_configs(topic("new", 1, 1), &[("retention.ms", Some("-2"))]),
            40,
            "Invalid value -2 for configuration retention.ms: Value must be at least -1",
        ),
        (
            CreatableTopic { replication_factor: 1, ..assigned("new", &[&[1]]) },
            42,
            "A manual partition assignment was specified, but replication factor was not set to -1.",
        ),
        (
            CreatableTopic { num_partitions: 1, ..assigned("new", &[&[1]]) },
            42,
            "A manual partition assignment was specified, but numPartitions was not set to -1.",
        ),
        (topic("new", 0, 0), 38, "Replication factor must be larger than 0, or -1 to use the default value."),
        (topic("new", 0, 1), 37, "Number of partitions was set to an invalid non-positive value."),
        (topic("new", -2, 1), 37, "Number of partitions was set to an invalid non-positive value."),
        (
            topic("new", 1, 4),
            38,
            "Unable to replicate the partition 4 time(s): The target replication factor of 4 cannot be reached because \
             only 3 broker(s) are registered",
        ),
        (assigned("new", &[&[]]), 39, "The manual partition assignment includes an empty replica list."),
        (
            assigned("new", &[&[9]]),
            39,
            "The manual partition assignment includes broker 9, but no such broker",
        ),
        (
            assigned("new", &[&[1, 1]]),
            39,
            "The manual partition assignment includes the broker 1 more than once.",
        ),
        (
            assigned("new", &[&[1, 2], &[1]]),
            39,
            "The manual partition assignment includes a partition with 1 replica(s)",
        ),
        (
            assigned("new", &[&[3]]),
            39,
            "All brokers specified in the manual partition assignment for partition 0 are fenced or in controlled \
             shutdown.",
        ),
        (topic("new", 10_001, 1), 44, "Excessively large number of partitions per request."),
        (topic("new", 10_000, 1), 44, "Unable to perform excessively large batch operation."),
    ] {
        let label = format!("{wanted:?}");
        let (got_code, got_message) = refusal(wanted);
        assert_eq!(got_code, code, "{label}: {got_message}");
        assert!(got_message.starts_with(message), "{label}: {got_message}");
    }
}

#[test]
fn assignments_must_be_consecutive_from_zero() {
    let mut gap = assigned("new", &[&[1], &[1]]);
    gap.assignments[1].partition_index = 2;
    assert_eq!(refusal(gap), (39, "partitions should be a consecutive 0-based integer sequence".into()));
    let mut twice = assigned("new", &[&[1], &[1]]);
    twice.assignments[1].partition_index = 0;
    assert_eq!(refusal(twice), (39, "Found multiple manual partition assignments for partition 0".into()));
}

#[test]
fn a_repeated_name_is_refused_once_and_the_others_are_created() {
    let mut scenario = Scenario::new(&[1]);
    let results = scenario.create(vec![topic("a", 1, 1), topic("b", 1, 1), topic("a", 2, 1)]);
    let shown: Vec<_> = results.iter().map(|(name, code, _)| (name.as_str(), *code)).collect();
    assert_eq!(shown, [("b", 0), ("a", 42)]);
    assert_eq!(results[1].2.as_deref(), Some("Duplicate topic name."));
}

#[test]
fn the_response_tells_what_was_created() {
    let mut scenario = Scenario::with_config(&[1], MetadataVersion::LATEST_PRODUCTION, "num.partitions=3");
    let topics = vec![with_configs(topic("a", -1, -1), &[("retention.ms", Some("5"))])];
    let request = CreateTopicsRequest { topics, ..Default::default() };
    let response = scenario.run(|controller, context| controller.create_topics(&request, context));
    let created = &response.topics[0];
    assert_eq!((created.num_partitions, created.replication_factor), (3, 1));
    assert_eq!(created.topic_id, scenario.image().topics.by_name("a").unwrap().id.0);
    let configs = created.configs.as_ref().unwrap();
    let retention = configs.iter().find(|config| config.name == "retention.ms").unwrap();
    assert_eq!((retention.value.as_deref(), retention.config_source), (Some("5"), 1));
    // Bootstrap set it for the whole cluster.
    let min_isr = configs.iter().find(|config| config.name == "min.insync.replicas").unwrap();
    assert_eq!((min_isr.value.as_deref(), min_isr.config_source), (Some("1"), 3));
    assert!(configs.iter().all(|config| config.name != "internal.segment.bytes"));
    assert!(configs.is_sorted_by(|a, b| a.name < b.name));
}

#[test]
fn validate_only_says_the_same_and_writes_nothing() {
    let mut scenario = Scenario::new(&[1]);
    let topics = vec![topic("a", 2, 1), topic("b", 0, 1)];
    let request = CreateTopicsRequest { topics, validate_only: true, ..Default::default() };
    let response = scenario.run(|controller, context| controller.create_topics(&request, context));
    let shown: Vec<_> = response.topics.iter().map(|t| (t.error_code, t.num_partitions)).collect();
    assert_eq!(shown, [(0, 2), (37, -1)]);
    assert!(scenario.image().topics.is_empty());
}

#[test]
fn the_active_replicas_are_in_sync_and_the_first_of_them_leads() {
    let mut scenario = Scenario::new(&[1, 2, 3]);
    scenario.heartbeat(3, BrokerHeartbeatRequest { want_fence: true, ..Default::default() });
    scenario.create_ok(assigned("a", &[&[3, 2, 1]]));
    assert_eq!(scenario.partition("a", 0), "2 / 2,1 /  /  / 0.0");
    let directory = |id: i32| Uuid::from_u128(2000 + u128::from(id.unsigned_abs()));
    let partition = scenario.image().topics.by_name("a").unwrap().partition(0).unwrap().clone();
    assert_eq!(partition.directories.iter().map(|d| d.0).collect::<Vec<_>>(), [3, 2, 1].map(directory));
}

struct Nothing;

impl TopicAccess for Nothing {
    fn may_create(&self, topic: &str) -> bool {
        topic == "mine"
    }
    fn may_describe_configs(&self, _: &str) -> bool {
        false
    }
    fn may_describe(&self, topic: &str) -> bool {
        topic != "hidden"
    }
    fn may_delete(&self, topic: &str) -> bool {
        topic == "mine"
    }
    fn may_alter(&self, topic: &str) -> bool {
        topic == "mine"
    }
}

#[test]
fn topics_of_others_are_not_created_and_configs_stay_hidden() {
    let mut scenario = Scenario::new(&[1]);
    let request =
        CreateTopicsRequest { topics: vec![topic("mine", 1, 1), topic("other", 1, 1)], ..Default::default() };
    let response = scenario
        .run_as(&Nothing, &mut Unlimited, |controller, context| controller.create_topics(&request, context));
    let mine = &response.topics[0];
    assert_eq!((mine.error_code, mine.topic_config_error_code, mine.num_partitions), (0, 29, -1));
    let other = &response.topics[1];
    assert_eq!((other.error_code, other.error_message.as_deref()), (29, Some("Authorization failed.")));
}

/// Takes up to so many partitions.
struct Budget(usize);

impl MutationQuota for Budget {
    fn charge(&mut self, partitions: usize) -> Result<(), QuotaExceeded> {
        if self.0 < partitions {
            return Err(QuotaExceeded { throttle_time_ms: 250 });
        }
        self.0 -= partitions;
        Ok(())
    }
}

#[test]
fn mutations_beyond_the_quota_are_throttled() {
    let mut scenario = Scenario::new(&[1]);
    let request =
        CreateTopicsRequest { topics: vec![topic("a", 3, 1), topic("b", 3, 1)], ..Default::default() };
    let response = scenario
        .run_as(&AllowAll, &mut Budget(5), |controller, context| controller.create_topics(&request, context));
    assert_eq!(response.topics.iter().map(|topic| topic.error_code).collect::<Vec<_>>(), [0, 89]);
    assert_eq!(response.throttle_time_ms, 250);
}

fn add_partitions(
    scenario: &mut Scenario,
    name: &str,
    count: i32,
    assignments: Option<&[&[i32]]>,
) -> (i16, Option<String>) {
    let assignment = |broker_ids: &&[i32]| CreatePartitionsAssignment { broker_ids: broker_ids.to_vec() };
    let assignments = assignments.map(|lists| lists.iter().map(assignment).collect());
    let topics = vec![CreatePartitionsTopic { name: name.into(), count, assignments }];
    let request = CreatePartitionsRequest { topics, ..Default::default() };
    let response = scenario.run(|controller, context| controller.create_partitions(&request, context));
    (response.results[0].error_code, response.results[0].error_message.clone())
}

#[test]
fn partitions_are_added_behind_the_last() {
    let mut scenario = Scenario::new(&[1, 2]);
    scenario.create_ok(topic("a", 2, 2));
    assert_eq!(add_partitions(&mut scenario, "a", 4, None), (0, None));
    assert_eq!(add_partitions(&mut scenario, "a", 5, Some(&[&[2, 1]])), (0, None));
    let topic = scenario.image().topics.by_name("a").unwrap();
    assert!(topic.partitions.keys().copied().eq(0..5));
    assert_eq!(scenario.partition("a", 4), "2 / 2,1 /  /  / 0.0");
    for (name, count, assignments, code, message) in [
        ("a", 5, None, 37, "Topic already has 5 partition(s)."),
        ("a", 1, None, 37, "The topic a currently has 5 partition(s); 1 would not be an increase."),
        ("b", 5, None, 3, ""),
        (
            "a",
            7,
            Some(&[&[1, 2] as &[i32]] as &[&[i32]]),
            39,
            "Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified.",
        ),
        ("a", 6, Some(&[&[1]]), 39, "The manual partition assignment includes a partition with 1 replica(s)"),
        ("a", 20_000, None, 44, "Excessively large number of partitions per request."),
    ] {
        let (got, text) = add_partitions(&mut scenario, name, count, assignments);
        assert_eq!(got, code, "{name} {count}");
        assert!(text.clone().unwrap_or_default().starts_with(message), "{text:?}");
    }
}

#[test]
fn adding_partitions_to_a_repeated_or_a_foreign_topic_is_refused() {
    let mut scenario = Scenario::new(&[1]);
    scenario.create_ok(topic("mine", 1, 1));
    scenario.create_ok(topic("other", 1, 1));
    let more = |name: &str| CreatePartitionsTopic { name: name.into(), count: 2, assignments: None };
    let topics = vec![more("mine"), more("other"), more("twice"), more("twice")];
    let request = CreatePartitionsRequest { topics, ..Default::default() };
    let response = scenario.run_as(&Nothing, &mut Unlimited, |controller, context| {
        controller.create_partitions(&request, context)
    });
    let shown: Vec<_> =
        response.results.iter().map(|result| (result.name.as_str(), result.error_code)).collect();
    assert_eq!(shown, [("twice", 42), ("mine", 0), ("other", 29)]);
}

fn delete(scenario: &mut Scenario, request: &DeleteTopicsRequest) -> Vec<(Option<String>, Uuid, i16)> {
    let response = scenario
        .run_as(&Nothing, &mut Unlimited, |controller, context| controller.delete_topics(request, context));
    let mut shown: Vec<_> = response
        .responses
        .into_iter()
        .map(|result| (result.name, result.topic_id, result.error_code))
        .collect();
    shown.sort();
    shown
}

#[test]
fn deletion_by_name_and_by_id() {
    let mut scenario = Scenario::new(&[1]);
    for name in ["mine", "other", "hidden"] {
        scenario.create_ok(with_configs(topic(name, 1, 1), &[("retention.ms", Some("5"))]));
    }
    let id = |scenario: &Scenario, name: &str| scenario.image().topics.by_name(name).unwrap().id.0;
    let (mine, other, hidden) = (id(&scenario, "mine"), id(&scenario, "other"), id(&scenario, "hidden"));
    let unknown = Uuid::from_u128(77);
    let by = |name: Option<&str>, topic_id| DeleteTopicState { name: name.map(Into::into), topic_id };
    let topics = vec![
        by(None, Uuid::ZERO),
        by(Some("both"), unknown),
        by(Some("absent"), Uuid::ZERO),
        by(Some("other"), Uuid::ZERO),
        by(None, hidden),
        by(None, unknown),
        by(Some("twice"), Uuid::ZERO),
        by(Some("twice"), Uuid::ZERO),
        by(Some("mine"), Uuid::ZERO),
    ];
    let name = |text: &str| Some(text.to_string());
    assert_eq!(
        delete(&mut scenario, &DeleteTopicsRequest { topics, ..Default::default() }),
        [
            (None, Uuid::ZERO, 42),
            (None, unknown, 100),
            (None, hidden, 29),
            (name("absent"), Uuid::ZERO, 3),
            (name("both"), unknown, 42),
            (name("mine"), mine, 0),
            (name("other"), Uuid::ZERO, 29),
            (name("twice"), Uuid::ZERO, 42),
        ]
    );
    assert!(scenario.image().topics.by_name("mine").is_none());
    assert!(scenario.image().configs.get(&ConfigResource::topic("mine")).is_none());
    let request = DeleteTopicsRequest { topics: vec![by(None, other)], ..Default::default() };
    assert_eq!(delete(&mut scenario, &request), [(name("other"), other, 29)]);
}

#[test]
fn a_topic_named_and_given_by_id_is_not_deleted() {
    let mut scenario = Scenario::new(&[1]);
    scenario.create_ok(topic("mine", 1, 1));
    let id = scenario.image().topics.by_name("mine").unwrap().id.0;
    let topics = vec![
        DeleteTopicState { name: Some("mine".into()), topic_id: Uuid::ZERO },
        DeleteTopicState { name: None, topic_id: id },
    ];
    let request = DeleteTopicsRequest { topics, ..Default::default() };
    assert_eq!(delete(&mut scenario, &request), [(Some("mine".to_string()), id, 42)]);
    assert!(scenario.image().topics.by_name("mine").is_some());
}

#[test]
fn deletion_can_be_disabled() {
    let config = "delete.topic.enable=false";
    let mut scenario = Scenario::with_config(&[1], MetadataVersion::LATEST_PRODUCTION, config);
    scenario.create_ok(topic("mine", 1, 1));
    let request = DeleteTopicsRequest { topic_names: vec!["mine".into()], ..Default::default() };
    assert_eq!(delete(&mut scenario, &request)[0].2, 73);
    scenario.api_version = 2;
    assert_eq!(delete(&mut scenario, &request)[0].2, 42);
}

#[test]
fn a_name_can_be_taken_again_and_no_longer_collides() {
    let mut scenario = Scenario::new(&[1]);
    scenario.create_ok(topic("a.b", 1, 1));
    let first = scenario.image().topics.by_name("a.b").unwrap().id;
    let request = DeleteTopicsRequest { topic_names: vec!["a.b".into()], ..Default::default() };
    scenario.run(|controller, context| controller.delete_topics(&request, context));
    scenario.create_ok(topic("a_b", 1, 1));
    assert_ne!(scenario.image().topics.by_name("a_b").unwrap().id, first);
}

#[test]
fn brokers_that_shut_down_or_have_cordoned_all_directories_get_no_replicas() {
    let mut scenario = Scenario::new(&[1, 2, 3]);
    scenario.create_ok(assigned("keeps2busy", &[&[2]]));
    let stopping = BrokerHeartbeatRequest { want_shut_down: true, ..Default::default() };
    scenario.heartbeat(2, stopping);
    let cordoned = vec![Uuid::from_u128(2003)];
    scenario.heartbeat(3, BrokerHeartbeatRequest { cordoned_log_dirs: Some(cordoned), ..Default::default() });
    scenario.create_ok(topic("a", 10, 1));
    let topic = scenario.image().topics.by_name("a").unwrap();
    assert!(topic.partitions.values().all(|partition| partition.replicas == [BrokerId(1)]));
}
