//! IncrementalAlterConfigs, AlterConfigs and DescribeConfigs, by resource.

mod scenario;

use ottla_metadata::config::describe::{self, DescribeOptions};
use ottla_metadata::config::{ConfigLayers, StaticConfig};
use ottla_metadata::features::MetadataVersion;
use ottla_metadata::image::{ConfigResource, ConfigResourceType};
use ottla_protocol::messages::alter_configs_request::{self, AlterConfigsRequest};
use ottla_protocol::messages::describe_configs_request::DescribeConfigsResource;
use ottla_protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use ottla_protocol::types::BrokerId;
use scenario::{Scenario, topic};

const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

const TOPIC: i8 = 2;
const BROKER: i8 = 4;

type Change<'a> = (&'a str, i8, Option<&'a str>);

fn resource(resource_type: i8, name: &str, changes: &[Change<'_>]) -> AlterConfigsResource {
    let config = |(name, config_operation, value): &Change<'_>| AlterableConfig {
        name: (*name).into(),
        config_operation: *config_operation,
        value: value.map(ToString::to_string),
    };
    AlterConfigsResource {
        resource_type,
        resource_name: name.into(),
        configs: changes.iter().map(config).collect(),
    }
}

fn alter_all(scenario: &mut Scenario, resources: Vec<AlterConfigsResource>) -> Vec<(i16, String)> {
    let request = IncrementalAlterConfigsRequest { resources, validate_only: false };
    let response =
        scenario.run(|controller, context| controller.incremental_alter_configs(&request, context));
    let shown = |(code, message): (i16, Option<String>)| (code, message.unwrap_or_default());
    response.responses.into_iter().map(|result| shown((result.error_code, result.error_message))).collect()
}

fn alter(scenario: &mut Scenario, resource_type: i8, name: &str, changes: &[Change<'_>]) -> (i16, String) {
    alter_all(scenario, vec![resource(resource_type, name, changes)]).remove(0)
}

fn values(scenario: &Scenario, kind: ConfigResourceType, name: &str) -> String {
    let configs = scenario.image().configs.get_or_empty(&ConfigResource { kind, name: name.into() });
    configs.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ")
}

fn scenario() -> Scenario {
    let mut scenario = Scenario::new(&[1]);
    scenario.create_ok(topic("a", 1, 1));
    scenario
}

#[test]
fn values_are_set_deleted_appended_and_subtracted() {
    let mut scenario = scenario();
    for (changes, after) in [
        (
            &[("retention.ms", SET, Some("5")), ("cleanup.policy", APPEND, Some("compact"))]
                as &[Change<'_>],
            {
                // The default is what an append begins with.
                "cleanup.policy=delete,compact retention.ms=5"
            },
        ),
        (
            &[("retention.ms", DELETE, None), ("cleanup.policy", APPEND, Some("compact"))],
            "cleanup.policy=delete,compact",
        ),
        (&[("cleanup.policy", SUBTRACT, Some("delete,other"))], "cleanup.policy=compact"),
        (&[("cleanup.policy", SUBTRACT, Some("compact"))], "cleanup.policy="),
        (&[("cleanup.policy", DELETE, Some("ignored"))], ""),
    ] {
        assert_eq!(alter(&mut scenario, TOPIC, "a", changes), (0, String::new()), "{changes:?}");
        assert_eq!(values(&scenario, ConfigResourceType::Topic, "a"), after, "{changes:?}");
    }
}

#[test]
fn refusals_leave_the_resource_as_it_was() {
    let long = "x".repeat(32_768);
    for (resource_type, name, changes, code, message) in [
        (TOPIC, "a", &[("nope", SET, Some("1"))] as &[Change<'_>], 40, "Unknown topic config name: nope"),
        (
            TOPIC,
            "a",
            &[("retention.ms", SET, Some("5")), ("segment.bytes", SET, Some("x"))],
            40,
            "Invalid value x for",
        ),
        (TOPIC, "a", &[("retention.ms", SET, None)], 42, "Null value not supported for : retention.ms"),
        (TOPIC, "a", &[("retention.ms", 9, Some("1"))], 42, "Unknown operations type 9"),
        (
            TOPIC,
            "a",
            &[("retention.ms", SET, Some("1")), ("retention.ms", SET, Some("2"))],
            42,
            "Error due to duplicate",
        ),
        (
            TOPIC,
            "a",
            &[("retention.ms", APPEND, Some("1"))],
            40,
            "Can't APPEND to key retention.ms because its type is not LIST.",
        ),
        (
            TOPIC,
            "a",
            &[("compression.type", SET, Some(&long))],
            40,
            "The configuration value cannot be added because",
        ),
        (TOPIC, "b", &[("retention.ms", SET, Some("1"))], 3, "The topic 'b' does not exist."),
        (TOPIC, "", &[("retention.ms", SET, Some("1"))], 42, "Default topic resources are not allowed."),
        (TOPIC, "a b", &[("retention.ms", SET, Some("1"))], 17, "Topic name is invalid"),
        (BROKER, "7", &[("log.retention.ms", SET, Some("1"))], 102, "No node with id 7 found."),
        (BROKER, "x", &[("log.retention.ms", SET, Some("1"))], 42, "Unable to parse broker name"),
        (
            BROKER,
            "1",
            &[("node.id", SET, Some("1"))],
            42,
            "Cannot update these configs dynamically: [node.id]",
        ),
        (
            BROKER,
            "",
            &[("listeners", SET, Some("A://:1"))],
            42,
            "Cannot update these configs at default cluster level",
        ),
        (8, "1", &[("root", SET, Some("INFO"))], 42, "Unknown resource type 8"),
        (3, "1", &[("root", SET, Some("INFO"))], 42, "Unknown resource type 3"),
        (16, "m", &[("interval.ms", SET, Some("5"))], 42, "Invalid value 5 for interval.ms"),
        (
            32,
            "g",
            &[("consumer.session.timeout.ms", SET, Some("5"))],
            40,
            "consumer.session.timeout.ms must be greater",
        ),
    ] {
        let mut scenario = scenario();
        let before = scenario.image().configs.clone();
        let (got, text) = alter(&mut scenario, resource_type, name, changes);
        assert_eq!(got, code, "{name} {:?}: {text}", changes[0].0);
        assert!(text.starts_with(message), "{text}");
        assert_eq!(scenario.image().configs, before);
    }
}

#[test]
fn one_bad_resource_does_not_hold_the_others_back() {
    let mut scenario = scenario();
    let set = |name: &str, value: &str| resource(TOPIC, name, &[("retention.ms", SET, Some(value))]);
    let results = alter_all(&mut scenario, vec![set("a", "5"), set("b", "5")]);
    assert_eq!(results.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [0, 3]);
    assert_eq!(values(&scenario, ConfigResourceType::Topic, "a"), "retention.ms=5");
    let results = alter_all(&mut scenario, vec![set("a", "6"), set("a", "7")]);
    assert_eq!(results, vec![(42, "Each resource must appear at most once.".to_string()); 2]);
}

#[test]
fn broker_values_are_written_even_if_they_are_the_same() {
    let mut scenario = scenario();
    let before = scenario.controller.next_offset();
    for _ in 0..2 {
        assert_eq!(alter(&mut scenario, BROKER, "1", &[("log.cleaner.threads", SET, Some("2"))]).0, 0);
    }
    assert_eq!(scenario.controller.next_offset(), before.plus(2));
    for _ in 0..2 {
        assert_eq!(alter(&mut scenario, TOPIC, "a", &[("retention.ms", SET, Some("2"))]).0, 0);
    }
    assert_eq!(scenario.controller.next_offset(), before.plus(3));
}

#[test]
fn with_elr_on_only_the_cluster_wide_min_isr_counts() {
    let mut scenario = scenario();
    let set = |value| [("min.insync.replicas", SET, Some(value))];
    let (code, message) = alter(&mut scenario, BROKER, "1", &set("2"));
    assert_eq!(
        (code, &*message),
        (40, "Broker-level min.insync.replicas cannot be altered while ELR is enabled.")
    );
    let (code, message) = alter(&mut scenario, BROKER, "", &[("min.insync.replicas", DELETE, None)]);
    assert_eq!(
        (code, &*message),
        (40, "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.")
    );
    assert_eq!(alter(&mut scenario, BROKER, "", &set("2")).0, 0);
    let mut old = Scenario::with_config(&[1], "4.0".parse().unwrap(), "");
    assert_eq!(alter(&mut old, BROKER, "1", &set("2")).0, 0);
}

#[test]
fn validate_only_writes_nothing() {
    let mut scenario = scenario();
    let before = scenario.controller.next_offset();
    let resources = vec![resource(TOPIC, "a", &[("retention.ms", SET, Some("5"))])];
    let request = IncrementalAlterConfigsRequest { resources, validate_only: true };
    let response =
        scenario.run(|controller, context| controller.incremental_alter_configs(&request, context));
    assert_eq!(response.responses[0].error_code, 0);
    assert_eq!(scenario.controller.next_offset(), before);
}

#[test]
fn the_legacy_request_replaces_all_values() {
    let mut scenario = scenario();
    alter(&mut scenario, TOPIC, "a", &[("retention.ms", SET, Some("5")), ("flush.ms", SET, Some("6"))]);
    let mut replace = |configs: &[(&str, Option<&str>)]| {
        let config = |(name, value): &(&str, Option<&str>)| alter_configs_request::AlterableConfig {
            name: (*name).into(),
            value: value.map(ToString::to_string),
        };
        let resource = alter_configs_request::AlterConfigsResource {
            resource_type: TOPIC,
            resource_name: "a".into(),
            configs: configs.iter().map(config).collect(),
        };
        let request = AlterConfigsRequest { resources: vec![resource], validate_only: false };
        let response = scenario.run(|controller, context| controller.alter_configs(&request, context));
        (response.responses[0].error_code, values(&scenario, ConfigResourceType::Topic, "a"))
    };
    assert_eq!(
        replace(&[("segment.ms", Some("7")), ("flush.ms", Some("6"))]),
        (0, "flush.ms=6 segment.ms=7".into())
    );
    assert_eq!(replace(&[("segment.ms", None)]).0, 42);
    assert_eq!(replace(&[("segment.ms", Some("x"))]).0, 40);
    assert_eq!(replace(&[]), (0, String::new()));
}

#[test]
fn describing_says_what_kafka_says_when_it_cannot() {
    let scenario = scenario();
    let layers = ConfigLayers::new(StaticConfig::default().into(), &scenario.image().configs, BrokerId(1));
    let describe = |resource_type: i8, name: &str, keys: Option<&[&str]>| {
        let request = DescribeConfigsResource {
            resource_type,
            resource_name: name.into(),
            configuration_keys: keys.map(|keys| keys.iter().map(ToString::to_string).collect()),
        };
        let result =
            describe::resource(&request, DescribeOptions::default(), scenario.image(), &layers, BrokerId(1));
        (result.error_code, result.error_message.unwrap_or_default(), result.configs.len())
    };
    assert_eq!(describe(TOPIC, "a", Some(&["retention.ms", "nope"])), (0, String::new(), 1));
    assert_eq!(describe(TOPIC, "b", None), (3, String::new(), 0));
    assert_eq!(describe(TOPIC, "a b", None).0, 17);
    assert_eq!(describe(BROKER, "", None), (0, String::new(), 1));
    assert_eq!(describe(BROKER, "1", Some(&["node.id", "broker.id"])).2, 2);
    let message = "Unexpected broker id, expected 1 or empty string, but received 2";
    assert_eq!(describe(BROKER, "2", None), (42, message.into(), 0));
    assert_eq!(describe(BROKER, "x", None).1, "Broker id must be an integer, but it is: x");
    assert_eq!(describe(16, "", None).1, "Client metrics subscription name must not be empty");
    assert_eq!(describe(16, "unknown", None), (0, String::new(), 3));
    assert_eq!(describe(32, "unknown", None), (0, String::new(), 17));
    assert_eq!(describe(8, "1", None).0, 42);
}

#[test]
fn cordoned_dirs_need_their_metadata_version_and_only_shrink_without_a_broker() {
    let mut old = Scenario::with_config(&[1], MetadataVersion::from_level(29).unwrap(), "");
    let (code, message) = alter(&mut old, BROKER, "1", &[("cordoned.log.dirs", SET, Some("/a"))]);
    assert_eq!(code, 40);
    assert!(message.ends_with("requires metadata.version >= 4.3-IV0"), "{message}");
    let mut scenario = scenario();
    assert_eq!(alter(&mut scenario, BROKER, "1", &[("cordoned.log.dirs", SET, Some("/a,/b"))]).0, 0);
    let mut direct = |value: &str| {
        let resources = vec![resource(BROKER, "1", &[("cordoned.log.dirs", SET, Some(value))])];
        let request = IncrementalAlterConfigsRequest { resources, validate_only: false };
        let response = scenario.run(|controller, context| {
            context.is_forwarded = false;
            controller.incremental_alter_configs(&request, context)
        });
        response.responses[0].error_code
    };
    assert_eq!((direct("/c"), direct("/a"), direct("/b"), direct("")), (40, 0, 40, 0));
}
