//! Starting: fresh, again, and on directories that are not this node's.

use std::io::IoSlice;

use ottla_metadata::features::MetadataVersion;
use ottla_metadata::image::{ConfigResource, LeaderRecoveryState};
use ottla_protocol::types::{BrokerId, TopicId};
use ottla_storage::io::OpenMode;
use ottla_storage::layout::{ReplicaDirKind, ReplicaDirName};
use ottla_storage::log_dir::LogDir;
use ottla_storage::partition_metadata;

use super::*;

#[test]
fn a_fresh_node_formats_its_directories_and_is_a_cluster() {
    let disk = SimulatedDisk::new(0);
    let harness = Harness::start(&disk, &setup(""), 1);
    assert_eq!(harness.booted.cluster_id, "MkU3OEVBNTcwNTJENDM2Qg");
    assert_eq!(harness.booted.kraft_version, 1);
    let image = harness.node.image();
    assert_eq!(image.features.metadata_version, Some(MetadataVersion::LATEST_PRODUCTION));
    assert_eq!(image.features.finalized().len(), 6);
    let cluster = image.configs.get(&ConfigResource::cluster_default()).unwrap();
    assert_eq!(cluster.get("min.insync.replicas").map(|value| &**value), Some("1"));
    let broker = image.cluster.broker(BrokerId(1)).unwrap();
    assert_eq!((broker.fenced, broker.epoch.0), (false, harness.booted.broker_epoch));
    let directory_ids: Vec<_> = harness.booted.log_dirs.iter().map(|dir| dir.directory_id).collect();
    assert_eq!(broker.log_dirs, directory_ids);
    assert_eq!(image.cluster.controllers.len(), 1);
    // LeaderChange, KRaftVersion, Voters; the bootstrap transaction of nine; the controller; the broker; its unfencing.
    assert_eq!(harness.booted.broker_epoch, 13);
    assert_eq!(image.provenance.last_contained_offset, Offset(14));
    assert_eq!(
        harness.file("/a/__cluster_metadata-0/quorum-state").unwrap(),
        r#"{"leaderId":1,"leaderEpoch":1,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1}"#
    );
}

#[test]
fn the_first_image_has_the_broker_fenced_and_ready_comes_after_the_unfencing() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::boot_with(&disk, &setup(""), 1).unwrap();
    assert!(harness.booted.image.cluster.broker(BrokerId(1)).unwrap().fenced);
    harness.run();
    assert_eq!(harness.effects.len(), 0, "nothing happens before the shards are ready");
    harness.tell(NodeInput::ShardReady { shard: ShardId(1) });
    harness.tell(NodeInput::ShardReady { shard: ShardId(1) });
    harness.run();
    assert_eq!(harness.effects.len(), 0, "one of two is ready");
    harness.tell(NodeInput::ShardReady { shard: ShardId(0) });
    harness.run();
    let [NodeEffect::Publish { image, changes }, NodeEffect::Ready] = harness.effects.as_slice() else {
        panic!("{:?}", harness.effects)
    };
    assert!(!image.cluster.broker(BrokerId(1)).unwrap().fenced);
    let expected = MetadataChanges { brokers: [BrokerId(1)].into(), ..MetadataChanges::default() };
    assert_eq!(**changes, expected);
}

#[test]
fn a_start_syncs_the_vote_beside_the_first_batch_and_then_all_the_rest_at_once() {
    let disk = SimulatedDisk::new(0);
    Harness::start(&disk, &setup(""), 1).stop();
    let mut harness = Harness::boot_with(&disk, &setup(""), 2).unwrap();
    harness.shards_ready();
    harness.poll();
    assert_eq!(harness.jobs.len(), 2, "{:?}", harness.jobs);
    for _ in 0..2 {
        let done = harness.jobs.remove(0).run();
        harness.tell(NodeInput::JobDone(done));
    }
    harness.poll();
    assert_eq!(harness.jobs.len(), 1, "{:?}", harness.jobs);
    let done = harness.jobs.remove(0).run();
    harness.tell(NodeInput::JobDone(done));
    harness.poll();
    assert!(matches!(harness.effects.last(), Some(NodeEffect::Ready)));
}

#[test]
fn a_restart_keeps_the_state_and_begins_a_new_epoch() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    harness.create_topic("orders", 3);
    let before = Arc::clone(harness.node.image());
    let first_epoch = harness.booted.broker_epoch;
    harness.stop();

    let harness = Harness::start(&disk, &setup(""), 2);
    let after = harness.node.image();
    assert!(harness.booted.broker_epoch > first_epoch);
    assert!(harness.booted.log_dirs.iter().all(|dir| dir.clean_shutdown));
    assert_eq!(after.provenance.last_contained_epoch.0, 2);
    let (old, new) = (before.topics.by_name("orders").unwrap(), after.topics.by_name("orders").unwrap());
    assert_eq!(old.id, new.id);
    for (index, partition) in &new.partitions {
        let old = old.partition(*index).unwrap();
        assert_eq!((partition.leader, &partition.isr), (BrokerId(1), &old.isr));
        assert_eq!(partition.leader_recovery_state, LeaderRecoveryState::Recovered, "a clean election");
        assert!(partition.leader_epoch > old.leader_epoch);
    }
    let without_topics =
        |image: &MetadataImage| MetadataImage { topics: Default::default(), ..lasting(image) };
    assert_eq!(without_topics(&before), without_topics(after));
}

#[test]
fn after_a_crash_the_broker_leads_again() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    harness.create_topic("orders", 1);
    drop(harness);
    disk.crash(ottla_storage::io::simulated::Survival::Nothing);
    let harness = Harness::start(&disk, &setup(""), 2);
    assert!(harness.booted.log_dirs.iter().all(|dir| !dir.clean_shutdown));
    let partition = Arc::clone(harness.node.image().topics.by_name("orders").unwrap().partition(0).unwrap());
    assert_eq!((partition.leader, partition.isr.as_slice()), (BrokerId(1), &[BrokerId(1)][..]));
}

#[test]
fn a_static_quorum_of_one_opens_with_and_without_its_configuration() {
    let disk = SimulatedDisk::new(0);
    let fixed = setup("controller.quorum.voters=1@localhost:9093\n");
    Harness::start(&disk, &fixed, 1).stop();
    assert_eq!(
        String::from_utf8(disk.contents(Path::new("/a/__cluster_metadata-0/quorum-state")).unwrap()).unwrap(),
        r#"{"clusterId":"","leaderId":1,"leaderEpoch":1,"votedId":-1,"appliedOffset":0,"currentVoters":[{"voterId":1}],"data_version":0}"#
    );
    Harness::start(&disk, &fixed, 2).stop();
    let harness = Harness::start(&disk, &setup(""), 3);
    assert_eq!(harness.booted.kraft_version, 0);
}

#[test]
fn a_quorum_of_others_is_refused() {
    let disk = SimulatedDisk::new(0);
    let several = setup("controller.quorum.voters=1@localhost:9093,2@localhost:9094\n");
    assert!(
        matches!(boot_error(&disk, &several), BootError::NotOnlyVoter { voters, .. } if voters == [1, 2])
    );
    let disk = SimulatedDisk::new(0);
    let broker =
        setup("").static_config.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    let mut broker: StaticConfig = broker;
    broker.set("process.roles", "controller");
    let broker = NodeSetup { static_config: Arc::new(broker), ..setup("") };
    assert!(matches!(boot_error(&disk, &broker), BootError::Roles));
}

#[test]
fn directories_of_others_are_refused_with_the_reason() {
    let disk = SimulatedDisk::new(0);
    Harness::start(&disk, &setup(""), 1).stop();

    let other_node = setup("node.id=2\n");
    let expected = "/a belongs to node 1, and this is node 2: set node.id=1, or use another directory";
    assert_eq!(boot_error(&disk, &other_node).to_string(), expected);

    let held = LogDir::open(disk.shared(), Path::new("/b")).unwrap();
    let expected = "log directory /b is locked: another broker is using it";
    assert_eq!(boot_error(&disk, &setup("")).to_string(), expected);
    drop(held);

    let other = SimulatedDisk::new(0);
    let fresh = NodeSetup { auto_format: AutoFormat::Always { cluster_id: None }, ..setup("") };
    Harness::start(&other, &fresh, 5).stop();
    let foreign = other.contents(Path::new("/b/meta.properties")).unwrap();
    let own = disk.contents(Path::new("/b/meta.properties")).unwrap();
    disk.corrupt(Path::new("/b/meta.properties"), |bytes| bytes.clone_from(&foreign));
    assert_eq!(boot_error(&disk, &setup("")).to_string(), "/a and /b belong to different clusters");
    disk.corrupt(Path::new("/b/meta.properties"), |bytes| bytes.clone_from(&own));
    Harness::start(&disk, &setup(""), 2).stop();
}

#[test]
fn an_unreadable_data_directory_is_offline_and_an_unreadable_metadata_directory_is_fatal() {
    let disk = SimulatedDisk::new(0);
    Harness::start(&disk, &setup(""), 1).stop();
    disk.corrupt(Path::new("/b/meta.properties"), |bytes| bytes.truncate(3));
    let harness = Harness::start(&disk, &setup(""), 2);
    let dirs: Vec<_> = harness.booted.log_dirs.iter().map(|dir| (dir.path.clone(), dir.is_offline)).collect();
    assert_eq!(dirs, [(PathBuf::from("/a"), false), (PathBuf::from("/b"), true)]);
    assert_eq!(harness.node.image().cluster.broker(BrokerId(1)).unwrap().log_dirs.len(), 1);
    harness.stop();
    disk.corrupt(Path::new("/a/meta.properties"), |bytes| bytes.truncate(3));
    assert!(matches!(boot_error(&disk, &setup("")), BootError::LogDir(_)));
}

#[test]
fn nothing_is_formatted_over_data_or_without_leave() {
    let disk = SimulatedDisk::new(0);
    let strict = NodeSetup { auto_format: AutoFormat::Never, ..setup("") };
    assert!(matches!(boot_error(&disk, &strict), BootError::NotFormatted(path) if path == Path::new("/a")));

    disk.shared().create_dir_all(Path::new("/b/orders-0")).unwrap();
    assert!(
        matches!(boot_error(&disk, &setup("")), BootError::DataWithoutIdentity(path) if path == Path::new("/b"))
    );

    // The disk of the metadata directory is not mounted.
    let disk = SimulatedDisk::new(0);
    Harness::start(&disk, &setup(""), 1).stop();
    let moved = setup("metadata.log.dir=/m\n");
    assert!(matches!(boot_error(&disk, &moved), BootError::MetadataDirectoryMissing { .. }));
}

#[test]
fn a_metadata_log_outside_the_metadata_directory_is_refused() {
    let disk = SimulatedDisk::new(0);
    Harness::start(&disk, &setup(""), 1).stop();
    let swapped = setup("metadata.log.dir=/b\n");
    let error = boot_error(&disk, &swapped);
    assert!(
        matches!(&error, BootError::UnexpectedMetadataLog { found, .. } if found.starts_with("/a")),
        "{error}"
    );
}

#[test]
fn an_added_directory_joins_the_node() {
    let disk = SimulatedDisk::new(0);
    Harness::start(&disk, &setup("log.dirs=/a\n"), 1).stop();
    let harness = Harness::start(&disk, &setup(""), 2);
    assert_eq!(harness.node.image().cluster.broker(BrokerId(1)).unwrap().log_dirs.len(), 2);
    assert_eq!(harness.booted.log_dirs[1].path, Path::new("/b"));
}

#[test]
fn folders_of_partitions_that_do_not_exist_are_set_aside_and_deleted_ones_removed() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    harness.create_topic("orders", 1);
    harness.stop();
    let gone = "/b/gone-0.00000000000000000000000000000007-delete";
    for folder in ["/a/orders-0", "/a/orders-1", "/b/nobodys-0", gone] {
        disk.shared().create_dir_all(Path::new(folder)).unwrap();
    }
    let mut harness = Harness::boot_with(&disk, &setup(""), 2).unwrap();
    harness.run();
    let found: Vec<_> = harness.booted.log_dirs.iter().map(|dir| dir.replicas.len()).collect();
    assert_eq!(found, [1, 0]);
    let names = |dir: &str| -> Vec<String> {
        let entries = disk.shared().list(Path::new(dir)).unwrap();
        let folders =
            entries.into_iter().filter(|entry| entry.kind == ottla_storage::io::EntryKind::Directory);
        folders.map(|entry| entry.name).collect()
    };
    let a = names("/a");
    assert_eq!((&a[0][..], &a[1][..]), ("__cluster_metadata-0", "orders-0"));
    assert!(a[2].starts_with("orders-1.") && a[2].ends_with("-stray"), "{a:?}");
    let b = names("/b");
    assert!(b.len() == 1 && b[0].starts_with("nobodys-0.") && b[0].ends_with("-stray"), "{b:?}");
}

/// Lays a replica's folder, with its topic's id and records if there are any.
fn lay_folder(disk: &SimulatedDisk, folder: &str, topic_id: Option<TopicId>, records: &[u8]) {
    let folder = Path::new(folder);
    disk.shared().create_dir_all(folder).unwrap();
    let write = |name: &str, content: &[u8]| {
        let file = disk.shared().open(&folder.join(name), OpenMode::Create).unwrap();
        file.write_at(&[IoSlice::new(content)], 0).unwrap();
    };
    if let Some(id) = topic_id {
        write("partition.metadata", partition_metadata::format(id).as_bytes());
    }
    write("00000000000000000000.log", records);
}

#[test]
fn a_folder_of_a_former_topic_of_the_same_name_is_set_aside() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    for name in ["again", "same", "unsynced", "empty", "lost"] {
        harness.create_topic(name, 1);
    }
    let id = harness.node.image().topics.by_name("same").unwrap().id;
    harness.stop();
    let other = TopicId(ottla_protocol::types::Uuid::from_u128(4711));
    lay_folder(&disk, "/a/again-0", Some(other), b"records of the topic that was deleted");
    lay_folder(&disk, "/a/same-0", Some(id), b"records");
    lay_folder(&disk, "/a/unsynced-0", None, b"records that were never synced");
    lay_folder(&disk, "/a/empty-0", None, b"");
    lay_folder(&disk, "/a/lost-0", Some(id), b"another topic's");
    let harness = Harness::boot_with(&disk, &setup(""), 2).unwrap();
    let found: Vec<_> =
        harness.booted.log_dirs[0].replicas.iter().map(|replica| replica.name.as_str()).collect();
    assert_eq!(found, ["empty-0", "same-0"]);
    let entries = disk.shared().list(Path::new("/a")).unwrap();
    let strays: Vec<_> = entries.iter().filter_map(|entry| ReplicaDirName::parse(&entry.name)).collect();
    let strays: Vec<_> = strays.into_iter().filter(|name| name.kind == ReplicaDirKind::Stray).collect();
    let partitions: Vec<_> = strays.iter().map(|name| name.topic_partition.to_string()).collect();
    assert_eq!(partitions, ["again-0", "lost-0", "unsynced-0"]);
    let kept = disk.contents(&Path::new("/a").join(strays[0].as_str()).join("00000000000000000000.log"));
    assert_eq!(kept.unwrap(), b"records of the topic that was deleted", "nothing is deleted");
}

#[test]
fn a_replica_that_lies_in_two_directories_is_for_the_operator_to_decide() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    harness.create_topic("orders", 1);
    let id = harness.node.image().topics.by_name("orders").unwrap().id;
    harness.stop();
    lay_folder(&disk, "/a/orders-0", Some(id), b"records");
    lay_folder(&disk, "/b/orders-0", Some(id), b"records");
    let expected = "orders-0 lies in both /a and /b: a move between them was interrupted; remove one of the two \
                    (the one in the directory that has failed)";
    assert_eq!(boot_error(&disk, &setup("")).to_string(), expected);
}

#[test]
fn records_of_a_newer_version_are_refused_with_the_reason() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::boot_with(&disk, &setup(""), 1).unwrap();
    let record = ottla_protocol::messages::feature_level_record::FeatureLevelRecord {
        name: "metadata.version".into(),
        feature_level: 99,
    };
    let newer = [record.into()];
    harness.run();
    let quorum = &mut harness.node.control().quorum;
    quorum.append(&newer, MetadataVersion::MINIMUM, start_time().wall).unwrap();
    quorum.maybe_write(start_time()).unwrap();
    drop(harness);
    disk.crash(ottla_storage::io::simulated::Survival::Everything);
    let error = boot_error(&disk, &setup(""));
    assert!(matches!(error, BootError::Replay { offset: Offset(14), .. }), "{error}");
}
