//! Several log directories: where replicas lie, and what becomes of them when a directory fails.

use ottla_metadata::image::{LeaderRecoveryState, PartitionRegistration};
use ottla_protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use ottla_protocol::types::{BrokerId, PartitionId};
use ottla_storage::io::Operation;
use ottla_storage::io::simulated::{Fault, FaultKind};

use super::*;

fn partitions(image: &MetadataImage, topic: &str) -> Vec<(PartitionId, PartitionRegistration)> {
    let topic = image.topics.by_name(topic).unwrap();
    let id = |index: i32| PartitionId { topic_id: topic.id, partition: index };
    topic.partitions.iter().map(|(index, partition)| (id(*index), (**partition).clone())).collect()
}

impl Harness {
    fn directories(&self) -> Vec<DirectoryId> {
        self.booted.log_dirs.iter().map(|dir| dir.directory_id).collect()
    }

    /// Tells where the topic's replicas lie, as the shards do: in turn in every directory.
    fn place(&mut self, topic: &str) {
        let directories = self.directories();
        let image = Arc::clone(self.node.image());
        let placed = partitions(&image, topic).into_iter().enumerate();
        let replicas = placed.map(|(at, (id, _))| (id, directories[at % directories.len()])).collect();
        self.tell(NodeInput::ReplicasPlaced { replicas });
        self.run();
    }

    fn fail(&mut self, log_dir: usize) {
        self.tell(NodeInput::LogDirFailed { log_dir });
        self.run();
    }

    fn leaders(&self, topic: &str) -> Vec<i32> {
        partitions(self.node.image(), topic).iter().map(|(_, partition)| partition.leader.0).collect()
    }
}

#[test]
fn the_image_knows_the_directory_of_every_replica() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    harness.create_topic("orders", 3);
    let [a, b] = harness.directories()[..] else { panic!("two directories") };
    let of = |harness: &Harness| -> Vec<_> {
        let partitions = partitions(harness.node.image(), "orders");
        partitions.into_iter().map(|(_, partition)| partition.directories).collect()
    };
    assert_eq!(of(&harness), [[DirectoryId::UNASSIGNED]; 3]);
    harness.place("orders");
    assert_eq!(of(&harness), [[a], [b], [a]]);
    // What is known makes no records when it is told again.
    let end = harness.node.image().provenance;
    harness.place("orders");
    assert_eq!(harness.node.image().provenance, end);
    harness.stop();
    assert_eq!(of(&Harness::start(&disk, &setup(""), 2)), [[a], [b], [a]]);
}

#[test]
fn one_directory_is_assigned_by_the_controller_itself() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup("log.dirs=/a\n"), 1);
    harness.create_topic("orders", 1);
    let [(_, partition)] = &partitions(harness.node.image(), "orders")[..] else { panic!("one partition") };
    assert_eq!(partition.directories, harness.directories());
}

#[test]
fn a_failed_directory_takes_its_partitions_offline_and_leaves_the_others() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    harness.create_topic("orders", 4);
    harness.place("orders");
    let a = harness.directories()[0];
    harness.fail(1);
    assert_eq!(harness.leaders("orders"), [1, -1, 1, -1]);
    assert_eq!(harness.node.image().cluster.broker(BrokerId(1)).unwrap().log_dirs, [a]);
    // A topic that is created now knows where it goes.
    harness.create_topic("later", 1);
    assert_eq!(partitions(harness.node.image(), "later")[0].1.directories, [a]);
}

#[test]
fn a_directory_that_fails_before_the_broker_serves_is_reported_when_it_does() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    harness.create_topic("orders", 4);
    harness.place("orders");
    harness.stop();
    let mut harness = Harness::boot_with(&disk, &setup(""), 2).unwrap();
    harness.tell(NodeInput::LogDirFailed { log_dir: 1 });
    harness.shards_ready();
    harness.run();
    assert_eq!(harness.leaders("orders"), [1, -1, 1, -1]);
    assert_eq!(harness.node.image().cluster.broker(BrokerId(1)).unwrap().log_dirs.len(), 1);
}

#[test]
fn a_directory_whose_checkpoints_cannot_be_written_has_failed_for_the_shards_too() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    harness.create_topic("orders", 2);
    harness.place("orders");
    let entry = PartitionCheckpoint {
        log_dir: 1,
        topic: "orders".into(),
        partition: 1,
        recovery_point: Offset(7),
        log_start_offset: Offset(0),
        high_watermark: Offset(7),
        cleaned_up_to: None,
    };
    harness.tell(NodeInput::Checkpoints { shard: ShardId(0), entries: vec![entry] });
    harness.set_time(harness.now.mono + Duration::from_secs(60));
    harness.tell(NodeInput::Tick);
    harness.poll();
    disk.inject(Fault {
        operation: Some(Operation::Write),
        after: 0,
        count: 1,
        kind: FaultKind::Io { torn: 0 },
    });
    harness.run();
    let told = |effect: &NodeEffect| matches!(effect, NodeEffect::LogDirFailed { log_dir: 1 });
    assert_eq!(harness.effects.iter().filter(|effect| told(effect)).count(), 1);
    assert_eq!(harness.leaders("orders"), [1, -1]);
}

#[test]
fn partitions_of_a_directory_that_is_gone_at_start_are_offline_until_it_is_back() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    harness.create_topic("orders", 4);
    harness.place("orders");
    harness.stop();
    let properties = disk.contents(Path::new("/b/meta.properties")).unwrap();
    disk.corrupt(Path::new("/b/meta.properties"), |bytes| bytes.truncate(3));
    let harness = Harness::start(&disk, &setup(""), 2);
    let seen: Vec<_> = harness.booted.log_dirs.iter().map(|dir| (dir.index, dir.is_offline)).collect();
    assert_eq!(seen, [(0, false), (1, true)]);
    assert_eq!(harness.leaders("orders"), [1, -1, 1, -1]);
    // As in Kafka the stop before counts as unclean: what is offline can vouch for nothing.
    let state = |at: usize| partitions(harness.node.image(), "orders")[at].1.leader_recovery_state;
    assert_eq!([state(0), state(1)], [LeaderRecoveryState::Recovering, LeaderRecoveryState::Recovered]);
    harness.stop();
    disk.corrupt(Path::new("/b/meta.properties"), |bytes| bytes.clone_from(&properties));
    assert_eq!(Harness::start(&disk, &setup(""), 3).leaders("orders"), [1, 1, 1, 1]);
}

#[test]
fn leaders_that_have_recovered_after_an_unclean_stop_say_so() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    harness.create_topic("orders", 2);
    drop(harness);
    disk.crash(ottla_storage::io::simulated::Survival::Nothing);
    let mut harness = Harness::start(&disk, &setup(""), 2);
    let states = |harness: &Harness| -> Vec<_> {
        let partitions = partitions(harness.node.image(), "orders");
        partitions.into_iter().map(|(_, partition)| partition.leader_recovery_state).collect()
    };
    assert_eq!(states(&harness), [LeaderRecoveryState::Recovering; 2], "the election was unclean");
    let ids: Vec<_> = partitions(harness.node.image(), "orders").into_iter().map(|(id, _)| id).collect();
    harness.tell(NodeInput::LeadersRecovered { partitions: ids[1..].to_vec() });
    harness.run();
    assert_eq!(states(&harness), [LeaderRecoveryState::Recovering, LeaderRecoveryState::Recovered]);
    let end = harness.node.image().provenance;
    harness.tell(NodeInput::LeadersRecovered { partitions: ids[1..].to_vec() });
    harness.run();
    assert_eq!(harness.node.image().provenance, end, "it is said once");
    harness.tell(NodeInput::LeadersRecovered { partitions: ids });
    harness.run();
    assert_eq!(states(&harness), [LeaderRecoveryState::Recovered; 2]);
}

#[test]
fn cordoned_directories_are_told_to_the_controller() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup("cordoned.log.dirs=/b\n"), 1);
    let [a, b] = harness.directories()[..] else { panic!("two directories") };
    let cordoned = |harness: &Harness| {
        harness.node.image().cluster.broker(BrokerId(1)).unwrap().cordoned_log_dirs.clone()
    };
    assert_eq!(cordoned(&harness), Some(vec![b]));
    let set = |value: &str| IncrementalAlterConfigsRequest {
        resources: vec![AlterConfigsResource {
            resource_type: 4,
            resource_name: "1".into(),
            configs: vec![AlterableConfig {
                name: "cordoned.log.dirs".into(),
                config_operation: 0,
                value: Some(value.into()),
            }],
        }],
        validate_only: false,
    };
    for (value, expected) in [("*", vec![a, b]), ("/a", vec![a]), ("", vec![])] {
        let response = harness.call(&set(value), 1);
        assert_eq!(response.responses[0].error_code, 0, "{:?}", response.responses[0].error_message);
        harness.run();
        assert_eq!(cordoned(&harness), Some(expected));
    }
}
