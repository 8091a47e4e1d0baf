//! UpdateFeatures, taking office, and client quotas.

mod scenario;

use std::collections::BTreeMap;

use ottla_metadata::bootstrap::BootstrapMetadata;
use ottla_metadata::controller::{Controller, ControllerConfig, describe_client_quotas};
use ottla_metadata::features::MetadataVersion;
use ottla_metadata::image::{ConfigResource, MetadataImage, Provenance};
use ottla_metadata::record::MetadataRecord;
use ottla_protocol::messages::alter_client_quotas_request::{
    AlterClientQuotasRequest, EntityData, EntryData, OpData,
};
use ottla_protocol::messages::broker_registration_request::BrokerRegistrationRequest;
use ottla_protocol::messages::controller_registration_request::ControllerRegistrationRequest;
use ottla_protocol::messages::describe_client_quotas_request::{ComponentData, DescribeClientQuotasRequest};
use ottla_protocol::messages::update_features_request::{FeatureUpdateKey, UpdateFeaturesRequest};
use ottla_protocol::time::Now;
use ottla_protocol::types::{BrokerId, LeaderEpoch, Offset};
use scenario::{CLUSTER_ID, Scenario};

const UPGRADE: i8 = 1;
/// The quorum's level.
const KRAFT_VERSION: i16 = 1;
const SAFE_DOWNGRADE: i8 = 2;
const UNSAFE_DOWNGRADE: i8 = 3;

fn update(scenario: &mut Scenario, updates: &[(&str, i16, i8)]) -> (i16, String) {
    let key = |(feature, max_version_level, upgrade_type): &(&str, i16, i8)| FeatureUpdateKey {
        feature: (*feature).into(),
        max_version_level: *max_version_level,
        upgrade_type: *upgrade_type,
        ..Default::default()
    };
    let request =
        UpdateFeaturesRequest { feature_updates: updates.iter().map(key).collect(), ..Default::default() };
    scenario.api_version = 2;
    let response =
        scenario.run(|controller, context| controller.update_features(&request, KRAFT_VERSION, context));
    (response.error_code, response.error_message.unwrap_or_default())
}

fn at(version: &str) -> Scenario {
    Scenario::with_config(&[1], version.parse().unwrap(), "")
}

#[test]
fn features_go_up_and_down() {
    let mut scenario = at("4.0");
    assert_eq!(
        update(&mut scenario, &[("metadata.version", 30, UPGRADE), ("share.version", 1, UPGRADE)]).0,
        0
    );
    assert_eq!(scenario.controller.metadata_version(), MetadataVersion::LATEST_PRODUCTION);
    assert_eq!(scenario.image().features.level("share.version"), 1);
    assert_eq!(update(&mut scenario, &[("share.version", 0, SAFE_DOWNGRADE)]).0, 0);
    assert_eq!(scenario.image().features.level("share.version"), 0);
}

#[test]
fn the_level_of_the_quorum_may_be_named_where_it_stays() {
    let mut scenario = at("4.3");
    let refusal = |reason: &str| {
        let text = format!(
            "The update failed for all features since the following feature had an error: Invalid update version 0 for \
             feature kraft.version. {reason}"
        );
        (95, text)
    };
    assert_eq!(update(&mut scenario, &[("kraft.version", 1, UPGRADE)]), (0, String::new()));
    assert_eq!(update(&mut scenario, &[("kraft.version", 1, SAFE_DOWNGRADE)]), (0, String::new()));
    assert_eq!(
        update(&mut scenario, &[("kraft.version", 0, UPGRADE)]),
        refusal(
            "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe \
             downgrade."
        )
    );
    assert_eq!(
        update(&mut scenario, &[("kraft.version", 0, UNSAFE_DOWNGRADE)]),
        refusal("Can't downgrade the version of this feature.")
    );
}

#[test]
fn impossible_updates_are_refused_whole() {
    for (version, name, level, upgrade_type, reason) in [
        ("4.3", "group.version", 0, UPGRADE, "Can't downgrade the version of this feature without setting"),
        ("4.0", "share.version", 1, SAFE_DOWNGRADE, "Can't downgrade to a newer version."),
        ("4.3", "group.version", 2, UPGRADE, "Local controller 1 only supports versions 0-1"),
        ("4.3", "nope", 1, UPGRADE, "Local controller 1 does not support this feature."),
        ("4.3", "group.version", -1, UPGRADE, "A feature version cannot be less than 0."),
        ("4.3", "group.version", 1, 0, "The controller does not support the given upgrade type."),
        ("4.3", "metadata.version", 31, UPGRADE, "Local controller 1 only supports versions 7-30"),
        (
            "3.9",
            "eligible.leader.replicas.version",
            1,
            UPGRADE,
            "eligible.leader.replicas.version could not be set to 1 because it depends on metadata.version level 23",
        ),
    ] {
        let mut scenario = at(version);
        let before = scenario.image().features.clone();
        let (code, message) =
            update(&mut scenario, &[("group.version", 1, UPGRADE), (name, level, upgrade_type)]);
        assert_eq!(code, 95, "{name} {level}: {message}");
        let prefix = "The update failed for all features since the following feature had an error: ";
        let expected = format!("{prefix}Invalid update version {level} for feature {name}. {reason}");
        assert!(message.starts_with(&expected), "{message}");
        assert_eq!(scenario.image().features, before);
    }
}

#[test]
fn a_downgrade_that_would_lose_records_is_refused() {
    let mut scenario = at("4.2");
    assert_eq!(update(&mut scenario, &[("metadata.version", 23, SAFE_DOWNGRADE)]).0, 0);
    let (code, message) = update(&mut scenario, &[("metadata.version", 22, SAFE_DOWNGRADE)]);
    assert_eq!(code, 95);
    assert!(message.contains("Unsupported metadata.version downgrade from 23 to 22. Refusing"), "{message}");
    let (code, message) = update(&mut scenario, &[("metadata.version", 22, UNSAFE_DOWNGRADE)]);
    assert_eq!(code, 95);
    assert!(message.ends_with("Unsafe metadata downgrade is not supported in this version."), "{message}");
}

#[test]
fn every_broker_and_controller_must_support_the_level() {
    let mut scenario = at("4.2");
    let mut old = BrokerRegistrationRequest { ..Scenario::registration(2) };
    for feature in &mut old.features {
        feature.max_supported_version = feature.max_supported_version.min(29);
    }
    assert_eq!(scenario.register_with(&old), 0);
    let (_, message) = update(&mut scenario, &[("metadata.version", 30, UPGRADE)]);
    assert!(message.ends_with("Broker 2 only supports versions 7-29"), "{message}");

    let mut scenario = at("4.2");
    let request = ControllerRegistrationRequest { controller_id: 9, ..Default::default() };
    scenario.run(|controller, _| controller.register_controller(&request));
    let (_, message) = update(&mut scenario, &[("metadata.version", 30, UPGRADE)]);
    assert!(message.ends_with("Controller 9 does not support this feature."), "{message}");
}

#[test]
fn turning_elr_on_brings_the_cluster_wide_min_isr() {
    let mut scenario = Scenario::with_config(&[1], "4.0".parse().unwrap(), "min.insync.replicas=3");
    assert_eq!(update(&mut scenario, &[("eligible.leader.replicas.version", 1, UPGRADE)]).0, 0);
    let configs = scenario.image().configs.get_or_empty(&ConfigResource::cluster_default());
    assert_eq!(configs.get("min.insync.replicas").map(|value| &**value), Some("3"));
}

fn controller(image: &MetadataImage) -> Controller {
    let config = ControllerConfig {
        node_id: BrokerId(1),
        cluster_id: CLUSTER_ID.into(),
        static_config: Default::default(),
        quorum_node_ids: vec![BrokerId(1)],
    };
    Controller::new(config, image, Now::default())
}

/// Replays records into a new controller, and gives what it writes on taking office.
fn activation(records: &[MetadataRecord]) -> Vec<MetadataRecord> {
    let mut controller = controller(&MetadataImage::default());
    for (offset, record) in (0..).zip(records) {
        let at = Provenance {
            last_contained_offset: Offset(offset),
            last_contained_epoch: LeaderEpoch(1),
            ..Default::default()
        };
        controller.replay(at, record).unwrap();
    }
    controller.activate(&bootstrap()).records
}

fn bootstrap() -> BootstrapMetadata {
    BootstrapMetadata::new(MetadataVersion::LATEST_PRODUCTION, &BTreeMap::new()).unwrap()
}

#[test]
fn a_controller_bootstraps_an_empty_log_once_and_ends_what_others_left_open() {
    let first = activation(&[]);
    assert_eq!(first, bootstrap().activation_records(1));
    assert_eq!(activation(&first), []);
    // It failed in the middle: once more from the beginning.
    let again = activation(&first[..4]);
    assert!(matches!(again[0], MetadataRecord::AbortTransaction(_)));
    assert_eq!(again[1..], first);
    // A transaction of a later day: only its end.
    let mut open = first.clone();
    open.push(first[0].clone());
    let end = activation(&open);
    assert!(matches!(end[..], [MetadataRecord::AbortTransaction(_)]));
    open.extend(end);
    assert_eq!(activation(&open), []);
}

fn entity(entries: &[(&str, Option<&str>)]) -> Vec<EntityData> {
    let data = |(entity_type, name): &(&str, Option<&str>)| EntityData {
        entity_type: (*entity_type).into(),
        entity_name: name.map(ToString::to_string),
    };
    entries.iter().map(data).collect()
}

fn alter(
    scenario: &mut Scenario,
    entries: &[(&str, Option<&str>)],
    ops: &[(&str, Option<f64>)],
) -> (i16, String) {
    let op = |(key, value): &(&str, Option<f64>)| OpData {
        key: (*key).into(),
        value: value.unwrap_or(0.0),
        remove: value.is_none(),
    };
    let entry = EntryData { entity: entity(entries), ops: ops.iter().map(op).collect() };
    let request = AlterClientQuotasRequest { entries: vec![entry], validate_only: false };
    let response = scenario.run(|controller, _| controller.alter_client_quotas(&request));
    (response.entries[0].error_code, response.entries[0].error_message.clone().unwrap_or_default())
}

fn described(
    scenario: &Scenario,
    components: &[(&str, i8, Option<&str>)],
    strict: bool,
) -> Result<Vec<String>, i16> {
    let component = |(entity_type, match_type, name): &(&str, i8, Option<&str>)| ComponentData {
        entity_type: (*entity_type).into(),
        match_type: *match_type,
        r#match: name.map(ToString::to_string),
    };
    let request =
        DescribeClientQuotasRequest { components: components.iter().map(component).collect(), strict };
    let response = describe_client_quotas(&scenario.image().client_quotas, &request);
    let entries = response.entries.ok_or(response.error_code)?;
    let text = |entry: &ottla_protocol::messages::describe_client_quotas_response::EntryData| {
        let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "*".into());
        let entity =
            entry.entity.iter().map(|data| format!("{}={}", data.entity_type, name(&data.entity_name)));
        let values = entry.values.iter().map(|value| format!("{}={}", value.key, value.value));
        format!("{} {}", entity.collect::<Vec<_>>().join(","), values.collect::<Vec<_>>().join(","))
    };
    Ok(entries.iter().map(text).collect())
}

#[test]
fn quotas_are_set_changed_removed_and_found() {
    let mut scenario = Scenario::new(&[1]);
    let user = [("user", Some("alice"))];
    let both = [("user", None), ("client-id", Some("app"))];
    assert_eq!(alter(&mut scenario, &user, &[("producer_byte_rate", Some(5.0))]).0, 0);
    assert_eq!(alter(&mut scenario, &both, &[("request_percentage", Some(12.5))]).0, 0);
    assert_eq!(
        alter(&mut scenario, &[("ip", Some("10.0.0.1"))], &[("connection_creation_rate", Some(3.0))]).0,
        0
    );
    let before = scenario.controller.next_offset();
    assert_eq!(
        alter(&mut scenario, &user, &[("producer_byte_rate", Some(5.0)), ("consumer_byte_rate", None)]).0,
        0
    );
    assert_eq!(scenario.controller.next_offset(), before, "nothing changed");

    let all = [
        "client-id=app,user=* request_percentage=12.5",
        "ip=10.0.0.1 connection_creation_rate=3",
        "user=alice producer_byte_rate=5",
    ];
    let found = |picked: &[usize]| Ok(picked.iter().map(|index| all[*index].to_string()).collect::<Vec<_>>());
    assert_eq!(described(&scenario, &[], false), found(&[0, 1, 2]));
    assert_eq!(described(&scenario, &[("user", 2, None)], false), found(&[0, 2]));
    assert_eq!(described(&scenario, &[("user", 2, None)], true), found(&[2]));
    assert_eq!(described(&scenario, &[("user", 0, Some("alice"))], true), found(&[2]));
    assert_eq!(described(&scenario, &[("user", 1, None), ("client-id", 2, None)], true), found(&[0]));
    assert_eq!(described(&scenario, &[("ip", 2, None)], true), found(&[1]));
    type Component<'a> = (&'a str, i8, Option<&'a str>);
    let refusals: [(&[Component<'_>], i16); 8] = [
        (&[("user", 0, None)], 42),
        (&[("user", 1, Some("x"))], 42),
        (&[("user", 2, Some("x"))], 42),
        (&[("user", 3, None)], 42),
        (&[("", 2, None)], 42),
        (&[("other", 2, None)], 35),
        (&[("user", 2, None), ("user", 2, None)], 42),
        (&[("user", 2, None), ("ip", 2, None)], 42),
    ];
    for (components, code) in refusals {
        assert_eq!(described(&scenario, components, false), Err(code), "{components:?}");
    }
    assert_eq!(alter(&mut scenario, &user, &[("producer_byte_rate", None)]).0, 0);
    assert_eq!(described(&scenario, &[], false), found(&[0, 1]));
}

#[test]
fn impossible_quotas_are_refused_in_kafkas_words() {
    let mut scenario = Scenario::new(&[1]);
    let user = &[("user", Some("alice"))] as &[(&str, Option<&str>)];
    for (entries, ops, message) in [
        (&[] as &[(&str, Option<&str>)], &[] as &[(&str, Option<f64>)], "Invalid empty client quota entity"),
        (&[("group", Some("g"))], &[], "Unhandled client quota entity type: group"),
        (&[("user", Some(""))], &[], "Empty user not supported"),
        (&[("user", None), ("user", None)], &[], "Invalid client quota entity, duplicate entity entry user"),
        (&[("ip", None), ("user", None)], &[], "Invalid quota entity combination, IP entity should"),
        (&[("ip", Some("no address"))], &[], "no address is not a valid IP or resolvable host."),
        (user, &[("nope", Some(1.0))], "Invalid configuration key nope"),
        (
            user,
            &[("connection_creation_rate", Some(1.0))],
            "Invalid configuration key connection_creation_rate",
        ),
        (user, &[("producer_byte_rate", Some(0.0))], "Quota producer_byte_rate must be greater than 0"),
        (user, &[("producer_byte_rate", Some(f64::NAN))], "Quota producer_byte_rate must be greater than 0"),
        (user, &[("producer_byte_rate", Some(1.5))], "producer_byte_rate cannot be a fractional value."),
        (
            user,
            &[("producer_byte_rate", Some(1e300))],
            "Proposed value for producer_byte_rate is too large for a LONG.",
        ),
        (
            &[("ip", None)],
            &[("connection_creation_rate", Some(3e9))],
            "Proposed value for connection_creation_rate is too large for an INT.",
        ),
        (
            user,
            &[("producer_byte_rate", Some(1.0)), ("producer_byte_rate", Some(2.0))],
            "Duplicate quota key",
        ),
    ] {
        let (code, text) = alter(&mut scenario, entries, ops);
        assert_eq!(code, 42, "{message}");
        assert!(text.starts_with(message), "{text}");
    }
    assert_eq!(described(&scenario, &[], false), Ok(Vec::new()));
}
