//! Files that Apache Kafka wrote, against what this crate makes of them: see fixtures/kafka-4.3.1/README.md.

use std::collections::BTreeMap;

use ottla_metadata::bootstrap::BootstrapMetadata;
use ottla_metadata::config::describe::{self, ConfigEntry};
use ottla_metadata::config::{ConfigLayers, ConfigSource, StaticConfig};
use ottla_metadata::controller::{Controller, ControllerConfig};
use ottla_metadata::delta::{MetadataChanges, MetadataDelta};
use ottla_metadata::features::MetadataVersion;
use ottla_metadata::image::{ConfigMap, ConfigResource, MetadataImage, Provenance};
use ottla_metadata::record::{self, MetadataRecord};
use ottla_metadata::snapshot::{self, Snapshot};
use ottla_protocol::record::{BatchHeader, batches};
use ottla_protocol::time::{Now, Timestamp};
use ottla_protocol::types::{BrokerId, LeaderEpoch, Offset};

const LOG: &[u8] = include_bytes!("fixtures/kafka-4.3.1/metadata.log");
const BOOTSTRAP: &[u8] = include_bytes!("fixtures/kafka-4.3.1/bootstrap.checkpoint");
const PROPERTIES: &str = include_str!("fixtures/kafka-4.3.1/server.properties");

/// Snapshots with their end offset and epoch.
const SNAPSHOTS: [(i64, i32, &[u8]); 4] = [
    (225, 1, include_bytes!("fixtures/kafka-4.3.1/00000000000000000225-0000000001.checkpoint")),
    (311, 1, include_bytes!("fixtures/kafka-4.3.1/00000000000000000311-0000000001.checkpoint")),
    (364, 3, include_bytes!("fixtures/kafka-4.3.1/00000000000000000364-0000000003.checkpoint")),
    (396, 3, include_bytes!("fixtures/kafka-4.3.1/00000000000000000396-0000000003.checkpoint")),
];

/// Where the log stood when the tools printed the configs.
const DESCRIBED_AT: Offset = Offset(302);

/// One data record of the log.
struct LogRecord {
    at: Provenance,
    version: i16,
    value: Vec<u8>,
    record: MetadataRecord,
}

fn log_records() -> Vec<LogRecord> {
    let mut all = Vec::new();
    for batch in batches(LOG) {
        let batch = batch.unwrap();
        batch.verify_crc().unwrap();
        let header = *batch.header();
        if header.attributes.is_control() {
            continue;
        }
        for view in batch.records() {
            let view = view.unwrap();
            let value = view.value.unwrap().to_vec();
            let (record, version) = MetadataRecord::decode(&value).unwrap();
            let at = Provenance {
                last_contained_offset: view.offset(&header),
                last_contained_epoch: header.leader_epoch,
                last_contained_log_timestamp: header.max_timestamp,
            };
            all.push(LogRecord { at, version, value, record });
        }
    }
    assert!(all.len() > 250, "{}", all.len());
    all
}

fn image_before(end_offset: Offset) -> MetadataImage {
    let mut delta = MetadataDelta::default();
    for LogRecord { at, record, .. } in log_records() {
        if at.last_contained_offset < end_offset {
            delta.replay(at, &record).unwrap();
        }
    }
    assert!(!delta.in_transaction());
    delta.apply()
}

#[test]
fn every_record_is_written_in_the_version_and_bytes_that_kafka_wrote() {
    for LogRecord { at, version, value, record } in log_records() {
        let offset = at.last_contained_offset;
        assert_eq!(
            record::version_at(&record, MetadataVersion::LATEST_PRODUCTION),
            version,
            "{offset}: {record:?}"
        );
        let encoded = record::encode(&record, MetadataVersion::LATEST_PRODUCTION);
        assert_eq!(&encoded[..], &value[..], "{offset}: {record:?}");
    }
}

#[test]
fn the_log_replays_into_the_image_of_each_snapshot() {
    for (end_offset, epoch, bytes) in SNAPSHOTS {
        let from_log = image_before(Offset(end_offset));
        let snapshot = snapshot::decode(bytes).unwrap();
        let last_contained = Provenance {
            last_contained_offset: Offset(end_offset - 1),
            last_contained_epoch: LeaderEpoch(epoch),
            ..Default::default()
        };
        let from_snapshot = snapshot::image_of(&snapshot, last_contained).unwrap();
        assert_eq!(from_log, from_snapshot, "{end_offset}");
        assert!(MetadataChanges::between(&from_log, &from_snapshot).is_empty());
    }
}

#[test]
fn our_snapshot_has_kafkas_records_in_kafkas_batches() {
    for (end_offset, epoch, bytes) in SNAPSHOTS {
        let theirs = snapshot::decode(bytes).unwrap();
        let records = snapshot::snapshot_records(&image_before(Offset(end_offset)));
        // Java's maps have an order of their own inside each part of the image.
        assert_eq!(sorted(&records), sorted(&theirs.records));
        let ours = snapshot::encode(&Snapshot { records, ..theirs }, LeaderEpoch(epoch), Timestamp(1));
        assert_eq!(headers(&ours), headers(bytes));
        assert_eq!(ours.len(), bytes.len());
    }
}

fn sorted(records: &[MetadataRecord]) -> Vec<String> {
    let text = |record: &MetadataRecord| match record {
        MetadataRecord::RegisterBroker(broker) => {
            let mut broker = broker.clone();
            broker.features.sort_by(|a, b| a.name.cmp(&b.name));
            format!("{broker:?}")
        }
        MetadataRecord::RegisterController(controller) => {
            let mut controller = controller.clone();
            controller.features.sort_by(|a, b| a.name.cmp(&b.name));
            format!("{controller:?}")
        }
        other => format!("{other:?}"),
    };
    let mut texts: Vec<_> = records.iter().map(text).collect();
    texts.sort();
    texts
}

/// Headers of all batches without what depends on the time of writing and the order of records.
fn headers(bytes: &[u8]) -> Vec<BatchHeader> {
    let header = |batch: ottla_protocol::record::BatchView<'_>| BatchHeader {
        crc: 0,
        base_timestamp: Timestamp(0),
        max_timestamp: Timestamp(0),
        ..*batch.header()
    };
    batches(bytes).map(|batch| header(batch.unwrap())).collect()
}

#[test]
fn the_bootstrap_file_and_the_first_records_are_kafkas() {
    let ours = BootstrapMetadata::new(MetadataVersion::LATEST_PRODUCTION, &BTreeMap::new()).unwrap();
    assert_eq!(BootstrapMetadata::decode(BOOTSTRAP).unwrap(), ours);
    assert_eq!(headers(&ours.encode(Timestamp(1))), headers(BOOTSTRAP));
    let config = ControllerConfig {
        node_id: BrokerId(1),
        cluster_id: "MkU3OEVBNTcwNTJENDM2Qg".into(),
        static_config: StaticConfig::from_properties(PROPERTIES).unwrap().into(),
        quorum_node_ids: vec![BrokerId(1)],
    };
    let controller = Controller::new(config, &MetadataImage::default(), Now::default());
    let first = controller.activate(&ours).records;
    let logged: Vec<_> = log_records().into_iter().take(first.len()).map(|logged| logged.record).collect();
    assert_eq!(first, logged);
}

#[test]
fn a_controller_replays_the_whole_log() {
    let config = ControllerConfig {
        node_id: BrokerId(1),
        cluster_id: "MkU3OEVBNTcwNTJENDM2Qg".into(),
        static_config: StaticConfig::default().into(),
        quorum_node_ids: vec![BrokerId(1)],
    };
    let mut controller = Controller::new(config, &MetadataImage::default(), Now::default());
    for LogRecord { at, record, .. } in log_records() {
        controller.replay(at, &record).unwrap();
    }
    assert_eq!(controller.image(), &image_before(Offset(i64::MAX)));
    let names: Vec<_> = controller.image().topics.iter().map(|topic| topic.name.to_string()).collect();
    assert_eq!(names, ["alpha", "auto.created", "beta.gamma", "manual"]);
}

/// The lines of `kafka-configs --describe --all`.
fn described(entries: Vec<ConfigEntry>, dynamic: &str) -> Vec<String> {
    let null = || "null".to_string();
    let mut lines: Vec<_> = entries
        .into_iter()
        .filter(|entry| !describe::is_ottla_key(&entry.name))
        .map(|entry| {
            let synonyms: Vec<_> = entry
                .synonyms
                .iter()
                .map(|synonym| {
                    let source = match synonym.source {
                        ConfigSource::Topic => "DYNAMIC_TOPIC_CONFIG",
                        ConfigSource::DynamicBroker => "DYNAMIC_BROKER_CONFIG",
                        ConfigSource::DynamicDefaultBroker => "DYNAMIC_DEFAULT_BROKER_CONFIG",
                        ConfigSource::StaticBroker => "STATIC_BROKER_CONFIG",
                        ConfigSource::Default => "DEFAULT_CONFIG",
                        ConfigSource::ClientMetrics => "DYNAMIC_CLIENT_METRICS_CONFIG",
                        ConfigSource::Group => "DYNAMIC_GROUP_CONFIG",
                    };
                    format!("{source}:{}={}", synonym.name, synonym.value.clone().unwrap_or_else(null))
                })
                .collect();
            format!(
                "  {}={} sensitive={} synonyms={{{}}}",
                entry.name,
                entry.value.unwrap_or_else(null),
                entry.is_sensitive,
                synonyms.join(", ")
            )
        })
        .collect();
    lines.sort();
    lines.insert(0, dynamic.to_string());
    lines
}

fn check_described(printed: &str, entries: Vec<ConfigEntry>) {
    let theirs: Vec<String> = printed.lines().map(ToString::to_string).collect();
    let ours = described(entries, &theirs[0]);
    let missing: Vec<_> = theirs.iter().filter(|line| !ours.contains(line)).collect();
    let extra: Vec<_> = ours.iter().filter(|line| !theirs.contains(line)).collect();
    assert!(missing.is_empty() && extra.is_empty(), "Kafka only: {missing:#?}\nOttla only: {extra:#?}");
}

/// The configs when the tools were asked: before the broker was stopped.
fn layers(image: &MetadataImage) -> ConfigLayers {
    ConfigLayers::new(StaticConfig::from_properties(PROPERTIES).unwrap().into(), &image.configs, BrokerId(1))
}

fn overrides(image: &MetadataImage, resource: &ConfigResource) -> ConfigMap {
    image.configs.get(resource).unwrap().clone()
}

#[test]
fn a_brokers_configs_are_described_as_by_kafka() {
    let image = image_before(DESCRIBED_AT);
    check_described(
        include_str!("fixtures/kafka-4.3.1/configs-broker.txt"),
        describe::broker(&layers(&image)),
    );
}

#[test]
fn a_topics_configs_are_described_as_by_kafka() {
    let image = image_before(DESCRIBED_AT);
    let overrides = overrides(&image, &ConfigResource::topic("alpha"));
    let printed = include_str!("fixtures/kafka-4.3.1/configs-topic.txt");
    check_described(printed, describe::topic(&overrides, &layers(&image)));
}

#[test]
fn a_groups_configs_are_described_as_by_kafka() {
    let image = image_before(DESCRIBED_AT);
    let overrides = overrides(&image, &ConfigResource::group("g1"));
    let printed = include_str!("fixtures/kafka-4.3.1/configs-group.txt");
    check_described(printed, describe::group(&overrides, &layers(&image)));
}
