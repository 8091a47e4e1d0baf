//! Images: records in, the same records out; transactions; and what is said to have changed.

use std::collections::BTreeSet;

use ottla_metadata::delta::{DeltaError, MetadataChanges, MetadataDelta, TopicChanges};
use ottla_metadata::features::MetadataVersion;
use ottla_metadata::image::{ConfigResource, MetadataImage, Provenance, ReplayError};
use ottla_metadata::record::{self, MetadataRecord};
use ottla_metadata::snapshot::{self, Snapshot};
use ottla_protocol::messages::abort_transaction_record::AbortTransactionRecord;
use ottla_protocol::messages::access_control_entry_record::AccessControlEntryRecord;
use ottla_protocol::messages::begin_transaction_record::BeginTransactionRecord;
use ottla_protocol::messages::broker_registration_change_record::BrokerRegistrationChangeRecord;
use ottla_protocol::messages::client_quota_record::{ClientQuotaRecord, EntityData};
use ottla_protocol::messages::config_record::ConfigRecord;
use ottla_protocol::messages::delegation_token_record::DelegationTokenRecord;
use ottla_protocol::messages::end_transaction_record::EndTransactionRecord;
use ottla_protocol::messages::feature_level_record::FeatureLevelRecord;
use ottla_protocol::messages::fence_broker_record::FenceBrokerRecord;
use ottla_protocol::messages::partition_change_record::PartitionChangeRecord;
use ottla_protocol::messages::partition_record::PartitionRecord;
use ottla_protocol::messages::producer_ids_record::ProducerIdsRecord;
use ottla_protocol::messages::register_broker_record::{BrokerEndpoint, BrokerFeature, RegisterBrokerRecord};
use ottla_protocol::messages::register_controller_record::RegisterControllerRecord;
use ottla_protocol::messages::remove_topic_record::RemoveTopicRecord;
use ottla_protocol::messages::topic_record::TopicRecord;
use ottla_protocol::messages::user_scram_credential_record::UserScramCredentialRecord;
use ottla_protocol::messages::zk_migration_state_record::ZkMigrationStateRecord;
use ottla_protocol::time::Timestamp;
use ottla_protocol::types::{BrokerId, DirectoryId, LeaderEpoch, Offset, TopicId, Uuid};
use proptest::prelude::*;

fn topic(id: u128, name: &str) -> MetadataRecord {
    TopicRecord { name: name.into(), topic_id: Uuid::from_u128(id) }.into()
}

fn partition(topic: u128, partition_id: i32) -> PartitionRecord {
    PartitionRecord {
        partition_id,
        topic_id: Uuid::from_u128(topic),
        replicas: vec![1, 2],
        isr: vec![1, 2],
        leader: 1,
        leader_epoch: 0,
        partition_epoch: 0,
        directories: vec![Uuid::from_u128(201), Uuid::from_u128(202)],
        ..Default::default()
    }
}

fn config(resource_type: i8, resource_name: &str, name: &str, value: Option<&str>) -> MetadataRecord {
    let record = ConfigRecord {
        resource_type,
        resource_name: resource_name.into(),
        name: name.into(),
        value: value.map(Into::into),
    };
    record.into()
}

fn metadata_version(level: i16) -> MetadataRecord {
    FeatureLevelRecord { name: "metadata.version".into(), feature_level: level }.into()
}

fn at(offset: i64) -> Provenance {
    Provenance {
        last_contained_offset: Offset(offset),
        last_contained_epoch: LeaderEpoch(3),
        last_contained_log_timestamp: Timestamp(offset * 10),
    }
}

fn replayed(records: &[MetadataRecord]) -> MetadataDelta {
    let mut delta = MetadataDelta::default();
    for (offset, record) in (0..).zip(records) {
        delta.replay(at(offset), record).unwrap();
    }
    delta
}

fn error(records: &[MetadataRecord]) -> DeltaError {
    let (last, before) = records.split_last().unwrap();
    replayed(before).replay(at(99), last).unwrap_err()
}

fn begin() -> MetadataRecord {
    BeginTransactionRecord::default().into()
}

fn end() -> MetadataRecord {
    EndTransactionRecord::default().into()
}

#[test]
fn a_transaction_shows_when_it_ends_and_never_if_it_is_aborted() {
    let names = |delta: &MetadataDelta| {
        delta.apply().topics.iter().map(|topic| topic.name.to_string()).collect::<Vec<_>>().join(" ")
    };
    let mut delta = replayed(&[topic(1, "a"), begin(), topic(2, "b")]);
    assert!(delta.in_transaction());
    assert_eq!(names(&delta), "a");
    assert_eq!(delta.apply().provenance, at(0));
    assert_eq!(delta.latest().topics.len(), 2);
    // The transaction outlives the delta that it began in.
    let mut ended = delta.next();
    assert!(ended.changes().is_empty());
    ended.replay(at(3), &end()).unwrap();
    assert_eq!((names(&ended), ended.apply().provenance), ("a b".into(), at(3)));
    let ids: Vec<_> = ended.changes().topics.keys().copied().collect();
    assert_eq!(ids, [TopicId(Uuid::from_u128(2))]);

    delta.replay(at(3), &AbortTransactionRecord::default().into()).unwrap();
    assert_eq!((names(&delta), delta.apply().provenance), ("a".into(), at(3)));
}

#[test]
fn transactions_neither_nest_nor_end_out_of_nothing() {
    assert_eq!(error(&[begin(), begin()]), DeltaError::NestedTransaction);
    assert_eq!(error(&[end()]), DeltaError::NoTransaction);
    assert_eq!(error(&[AbortTransactionRecord::default().into()]), DeltaError::NoTransaction);
}

#[test]
fn records_that_do_not_fit_are_refused() {
    let change = |topic: u128| PartitionChangeRecord {
        topic_id: Uuid::from_u128(topic),
        partition_id: 5,
        ..Default::default()
    };
    let unknown = TopicId(Uuid::from_u128(9));
    for (records, expected) in [
        (vec![metadata_version(99)], ReplayError::UnknownMetadataVersion(99)),
        (vec![partition(9, 0).into()], ReplayError::UnknownTopic(unknown)),
        (vec![change(9).into()], ReplayError::UnknownTopic(unknown)),
        (vec![topic(9, "a"), change(9).into()], ReplayError::UnknownPartition(unknown, 5)),
        (vec![RemoveTopicRecord { topic_id: unknown.0 }.into()], ReplayError::UnknownTopic(unknown)),
        (
            vec![FenceBrokerRecord { id: 1, epoch: 7 }.into()],
            ReplayError::UnknownBroker(BrokerId(1), ottla_metadata::image::BrokerEpoch(7)),
        ),
        (
            vec![
                topic(9, "a"),
                PartitionRecord { directories: vec![Uuid::from_u128(300)], ..partition(9, 0) }.into(),
            ],
            ReplayError::DirectoryCount(unknown, 2, 1),
        ),
        (
            vec![config(3, "x", "y", None)],
            ReplayError::InvalidField { record: "ConfigRecord", field: "resourceType", value: 3 },
        ),
        (
            vec![topic(9, "a"), PartitionRecord { leader_recovery_state: 7, ..partition(9, 0) }.into()],
            ReplayError::InvalidField { record: "PartitionRecord", field: "leaderRecoveryState", value: 7 },
        ),
    ] {
        assert_eq!(error(&records), DeltaError::Replay(expected), "{records:?}");
    }
}

#[test]
fn a_change_record_replaces_what_it_names_and_raises_epochs() {
    let change = |record: PartitionChangeRecord| PartitionChangeRecord {
        topic_id: Uuid::from_u128(1),
        partition_id: 0,
        ..record
    };
    let records = [
        topic(1, "a"),
        PartitionRecord { directories: Vec::new(), ..partition(1, 0) }.into(),
        change(PartitionChangeRecord { isr: Some(vec![2]), leader: 2, ..Default::default() }).into(),
        change(PartitionChangeRecord { leader: 2, replicas: Some(vec![2, 3, 1]), ..Default::default() })
            .into(),
        change(PartitionChangeRecord { leader_recovery_state: 1, ..Default::default() }).into(),
    ];
    let image = replayed(&records).apply();
    let partition = image.topics.by_name("a").unwrap().partition(0).unwrap().clone();
    assert_eq!(partition.replicas, [2, 3, 1].map(BrokerId));
    assert_eq!(partition.directories, [DirectoryId::MIGRATING; 3]);
    assert_eq!(
        (partition.leader, partition.leader_epoch, partition.partition_epoch),
        (BrokerId(2), LeaderEpoch(2), 3)
    );
    assert_eq!(partition.isr, [BrokerId(2)]);
}

#[test]
fn removing_a_topic_removes_its_configs() {
    let records = [
        topic(1, "a"),
        config(2, "a", "retention.ms", Some("5")),
        RemoveTopicRecord { topic_id: Uuid::from_u128(1) }.into(),
    ];
    let delta = replayed(&records);
    assert_eq!(delta.apply(), MetadataImage { provenance: at(2), ..Default::default() });
    // It was never there for whoever reads the changes.
    assert!(delta.changes().topics.is_empty() && delta.changes().deleted_topics.is_empty());
}

#[test]
fn kraft_version_and_zookeeper_leave_no_trace() {
    let records = [
        FeatureLevelRecord { name: "kraft.version".into(), feature_level: 1 }.into(),
        ZkMigrationStateRecord { zk_migration_state: 2 }.into(),
    ];
    assert_eq!(replayed(&records).apply(), MetadataImage { provenance: at(1), ..Default::default() });
}

#[test]
fn changes_say_what_differs() {
    let before = replayed(&[topic(1, "a"), partition(1, 0).into(), partition(1, 1).into(), topic(2, "b")]);
    let mut delta = before.next();
    for record in [
        PartitionChangeRecord {
            topic_id: Uuid::from_u128(1),
            partition_id: 1,
            isr: Some(vec![1]),
            ..Default::default()
        }
        .into(),
        RemoveTopicRecord { topic_id: Uuid::from_u128(2) }.into(),
        topic(3, "c"),
        partition(3, 0).into(),
        config(4, "", "log.retention.ms", Some("5")),
    ] {
        delta.replay(at(9), &record).unwrap();
    }
    let id = |id: u128| TopicId(Uuid::from_u128(id));
    let changes = delta.changes();
    let expected = [
        (id(1), TopicChanges { is_new: false, partitions: BTreeSet::from([1]) }),
        (id(3), TopicChanges { is_new: true, partitions: BTreeSet::from([0]) }),
    ];
    assert_eq!(changes.topics, expected.into());
    assert_eq!(changes.deleted_topics.keys().copied().collect::<Vec<_>>(), [id(2)]);
    assert_eq!(changes.configs, BTreeSet::from([ConfigResource::cluster_default()]));
    assert_eq!(MetadataChanges::between(&before.apply(), &delta.apply()), *changes);
}

/// Records of a whole cluster, each as random as it may be and still fit.
fn any_cluster() -> impl Strategy<Value = Vec<MetadataRecord>> {
    let name = "[a-z]{1,4}";
    let ids = || prop::collection::vec(0..6i32, 0..4);
    let brokers =
        prop::collection::btree_map(0..6i32, (any::<u128>(), any::<bool>(), prop::option::of(name)), 0..4);
    let topics = prop::collection::btree_map(
        name,
        prop::collection::vec((ids(), ids(), ids(), -1..6i32, any::<bool>(), 0..9i32), 0..4),
        0..4,
    );
    let configs = prop::collection::vec((prop::sample::select(vec![2i8, 4, 16, 32]), name, name, name), 0..6);
    let quotas = prop::collection::vec((name, prop::option::of(name), 1..9i32), 0..4);
    let security = prop::collection::vec((any::<u128>(), name, 1..9i8), 0..4);
    (brokers, topics, configs, quotas, security, prop::option::of(0..9_000i64)).prop_map(
        |(brokers, topics, configs, quotas, security, producer_ids)| {
            let mut records = vec![metadata_version(30)];
            records.push(FeatureLevelRecord { name: "group.version".into(), feature_level: 1 }.into());
            for (id, (random, fenced, rack)) in brokers {
                records.extend(broker(id, random, fenced, rack));
            }
            for (index, (name, partitions)) in topics.into_iter().enumerate() {
                let topic_id = 1000 + index as u128;
                records.push(topic(topic_id, &name));
                for (number, (replicas, elr, adding, leader, recovering, epoch)) in (0..).zip(partitions) {
                    let directories = (0..replicas.len()).map(|n| Uuid::from_u128(500 + n as u128)).collect();
                    let record = PartitionRecord {
                        isr: replicas.clone(),
                        replicas,
                        directories,
                        leader,
                        leader_epoch: epoch,
                        partition_epoch: epoch,
                        leader_recovery_state: i8::from(recovering),
                        adding_replicas: adding,
                        eligible_leader_replicas: Some(elr.clone()),
                        last_known_elr: Some(elr),
                        ..partition(topic_id, number)
                    };
                    records.push(record.into());
                }
            }
            records.extend(
                configs.iter().map(|(kind, resource, key, value)| config(*kind, resource, key, Some(value))),
            );
            for (key, name, value) in quotas {
                let entity = vec![EntityData { entity_type: "user".into(), entity_name: name }];
                records.push(ClientQuotaRecord { entity, key, value: value.into(), remove: false }.into());
            }
            records.extend(producer_ids.map(|next_producer_id| {
                ProducerIdsRecord { broker_id: -1, broker_epoch: -1, next_producer_id }.into()
            }));
            for (random, name, small) in security {
                records.extend(secrets(random, &name, small));
            }
            records
        },
    )
}

fn broker(id: i32, random: u128, fenced: bool, rack: Option<String>) -> [MetadataRecord; 3] {
    let registration = RegisterBrokerRecord {
        broker_id: id,
        incarnation_id: Uuid::from_u128(random),
        broker_epoch: 5,
        end_points: vec![BrokerEndpoint {
            name: "P".into(),
            host: "h".into(),
            port: 9,
            security_protocol: 1,
        }],
        features: vec![BrokerFeature {
            name: "metadata.version".into(),
            min_supported_version: 7,
            max_supported_version: 30,
        }],
        rack,
        fenced: true,
        log_dirs: vec![Uuid::from_u128(random | 1 << 90)],
        ..Default::default()
    };
    let change = BrokerRegistrationChangeRecord {
        broker_id: id,
        broker_epoch: 5,
        fenced: if fenced { 1 } else { -1 },
        cordoned_log_dirs: Some(Vec::new()),
        ..Default::default()
    };
    let controller = RegisterControllerRecord { controller_id: id, ..Default::default() };
    [registration.into(), change.into(), controller.into()]
}

fn secrets(random: u128, name: &str, small: i8) -> [MetadataRecord; 3] {
    let acl = AccessControlEntryRecord {
        id: Uuid::from_u128(random),
        resource_type: small,
        resource_name: name.into(),
        pattern_type: 3,
        principal: format!("User:{name}"),
        host: "*".into(),
        operation: small,
        permission_type: 3,
    };
    let scram = UserScramCredentialRecord {
        name: name.into(),
        mechanism: 1,
        salt: random.to_be_bytes().to_vec().into(),
        iterations: 4096,
        ..Default::default()
    };
    let token = DelegationTokenRecord {
        owner: format!("User:{name}"),
        token_id: random.to_string(),
        renewers: vec![name.into()],
        ..Default::default()
    };
    [acl.into(), scram.into(), token.into()]
}

proptest! {
    #[test]
    fn a_snapshot_makes_the_image_that_it_was_made_of(records in any_cluster()) {
        let image = replayed(&records).apply();
        let written = Snapshot {
            last_contained_log_timestamp: image.provenance.last_contained_log_timestamp,
            records: snapshot::snapshot_records(&image),
            ..Default::default()
        };
        let file = snapshot::encode(&written, LeaderEpoch(3), Timestamp(7));
        let read = snapshot::decode(&file).unwrap();
        prop_assert_eq!(&read, &written);
        prop_assert_eq!(snapshot::image_of(&read, image.provenance).unwrap(), image);
    }

    #[test]
    fn decoding_arbitrary_bytes_only_ever_says_no(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = MetadataRecord::decode(&bytes);
        let _ = snapshot::decode(&bytes);
    }

    #[test]
    fn a_changed_record_is_refused_or_read_and_never_a_panic(
        records in any_cluster(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut delta = MetadataDelta::default();
        for original in &records {
            let mut value = record::encode(original, MetadataVersion::LATEST_PRODUCTION).to_vec();
            for (index, byte) in &flips {
                let index = index.index(value.len());
                value[index] ^= byte;
            }
            if let Ok((changed, _)) = MetadataRecord::decode(&value) {
                let _ = delta.replay(at(0), &changed);
            }
        }
        let _ = snapshot::snapshot_records(&delta.apply());
    }
}
