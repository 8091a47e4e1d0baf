//! Where replicas lie, and what the control plane is told of it.

use std::collections::BTreeMap;

use ottla_broker::node::NodeInput;
use ottla_broker::shard::ShardInput;
use ottla_metadata::record::MetadataRecord;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::describe_log_dirs_request::DescribeLogDirsRequest;
use ottla_protocol::messages::partition_change_record::PartitionChangeRecord;
use ottla_protocol::types::{DirectoryId, PartitionId, Uuid};
use ottla_storage::io::simulated::Survival;

use crate::harness::cluster::{self, ORDERS, PAYMENTS};
use crate::harness::requests::{batch, produce, produce_to, produced};
use crate::harness::{Harness, Options};

fn id(partition: i32) -> PartitionId {
    PartitionId { topic_id: ORDERS.id, partition }
}

fn directory(index: u128) -> DirectoryId {
    DirectoryId(Uuid::from_u128(1000 + index))
}

/// The records of a new topic whose directories the broker chooses.
fn create_anywhere(topic: cluster::Topic) -> Vec<MetadataRecord> {
    let mut records = cluster::create(topic);
    for record in &mut records {
        if let MetadataRecord::Partition(partition) = record {
            partition.directories = vec![DirectoryId::UNASSIGNED.0];
        }
    }
    records
}

fn placed(client: &mut Harness) -> BTreeMap<PartitionId, DirectoryId> {
    let told = std::mem::take(&mut client.to_node);
    let replicas = told.into_iter().filter_map(|input| match input {
        NodeInput::ReplicasPlaced { replicas } => Some(replicas),
        _ => None,
    });
    replicas.flatten().collect()
}

fn recovered(client: &mut Harness) -> Vec<PartitionId> {
    let told = std::mem::take(&mut client.to_node);
    let partitions = told.into_iter().filter_map(|input| match input {
        NodeInput::LeadersRecovered { partitions } => Some(partitions),
        _ => None,
    });
    let mut partitions: Vec<_> = partitions.flatten().collect();
    partitions.sort_unstable();
    partitions
}

#[test]
fn the_control_plane_is_told_where_new_replicas_went_until_it_knows() {
    let mut client = Harness::start(Options { topics: vec![PAYMENTS], log_dirs: 2, ..Options::default() });
    assert_eq!(placed(&mut client), BTreeMap::new(), "what the state names stands where it says");
    client.publish(&create_anywhere(ORDERS));
    let first = placed(&mut client);
    assert_eq!(first.keys().copied().collect::<Vec<_>>(), [id(0), id(1)]);
    assert_eq!(client.ask(&DescribeLogDirsRequest { topics: None }).results.len(), 2);
    let assigned = |at: i32| {
        MetadataRecord::PartitionChange(PartitionChangeRecord {
            partition_id: at,
            topic_id: ORDERS.id.0,
            directories: Some(vec![first[&id(at)].0]),
            ..Default::default()
        })
    };
    client.publish(&[assigned(1)]);
    assert_eq!(placed(&mut client), [(id(0), first[&id(0)])].into());
    client.publish(&[assigned(0)]);
    assert_eq!(placed(&mut client), BTreeMap::new());
}

#[test]
fn a_replica_is_where_it_was_found() {
    let mut client = Harness::start(Options { log_dirs: 2, ..Options::default() });
    client.ask(&produce(1, batch(client.now, &["a"])));
    let elsewhere = PartitionChangeRecord {
        partition_id: 0,
        topic_id: ORDERS.id.0,
        directories: Some(vec![directory(1).0]),
        ..Default::default()
    };
    client.publish(&[MetadataRecord::PartitionChange(elsewhere)]);
    client.restart();
    assert_eq!(placed(&mut client), [(id(0), directory(0))].into());
    assert_eq!(produced(&client.ask(&produce(1, batch(client.now, &["b"])))), (0, 1));
}

#[test]
fn a_replica_in_a_directory_that_is_offline_is_not_made_again_elsewhere() {
    let topics = vec![ORDERS, cluster::Topic { log_dir: 1, ..PAYMENTS }];
    let mut client =
        Harness::start(Options { topics, log_dirs: 2, offline_dir: Some(1), ..Options::default() });
    let refused = client.ask(&produce_to(PAYMENTS, 0, 1, batch(client.now, &["a"])));
    assert_eq!(produced(&refused).0, ErrorCode::KAFKA_STORAGE_ERROR.0);
    assert_eq!(produced(&client.ask(&produce(1, batch(client.now, &["a"])))), (0, 0));
    assert_eq!(placed(&mut client), BTreeMap::new());
    let dirs = client.ask(&DescribeLogDirsRequest { topics: None }).results;
    let dirs: Vec<_> = dirs.iter().map(|dir| (dir.error_code, dir.topics.len())).collect();
    assert_eq!(dirs, [(0, 1), (ErrorCode::KAFKA_STORAGE_ERROR.0, 0)]);
}

#[test]
fn a_directory_that_the_control_plane_finds_failed_is_offline_on_every_shard() {
    let topics = vec![ORDERS, cluster::Topic { log_dir: 1, ..PAYMENTS }];
    let mut client = Harness::start(Options { topics, log_dirs: 2, ..Options::default() });
    client.handle_all(|| ShardInput::LogDirFailed { log_dir: 1 });
    let refused = client.ask(&produce_to(PAYMENTS, 0, 1, batch(client.now, &["a"])));
    assert_eq!(produced(&refused).0, ErrorCode::KAFKA_STORAGE_ERROR.0);
    assert_eq!(produced(&client.ask(&produce(1, batch(client.now, &["a"])))), (0, 0));
}

#[test]
fn cordoned_directories_get_no_new_replicas_and_say_so() {
    let mut client = Harness::start(Options { topics: vec![PAYMENTS], log_dirs: 2, ..Options::default() });
    client.publish(&[cluster::broker_config("cordoned.log.dirs", Some("/data"))]);
    client.publish(&create_anywhere(ORDERS));
    assert_eq!(placed(&mut client), [(id(0), directory(1)), (id(1), directory(1))].into());
    let dirs = client.ask(&DescribeLogDirsRequest { topics: None }).results;
    assert_eq!(dirs.iter().map(|dir| dir.is_cordoned).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn leaders_after_an_unclean_election_say_that_they_have_recovered() {
    let mut client = Harness::new();
    client.ask(&produce(1, batch(client.now, &["a"])));
    let unclean = |partition_id, leader, leader_recovery_state| {
        MetadataRecord::PartitionChange(PartitionChangeRecord {
            partition_id,
            topic_id: ORDERS.id.0,
            leader,
            leader_recovery_state,
            ..Default::default()
        })
    };
    client.publish(&[unclean(0, -1, 1), unclean(1, -1, 1)]);
    client.crash(Survival::Everything);
    assert_eq!(recovered(&mut client), [], "nobody leads");
    client.publish(&[unclean(0, 1, 1), unclean(1, 1, 1)]);
    assert_eq!(recovered(&mut client), [id(0), id(1)]);
    client.publish(&[unclean(0, -2, 0), unclean(1, -2, 0)]);
    assert_eq!(recovered(&mut client), []);
}
