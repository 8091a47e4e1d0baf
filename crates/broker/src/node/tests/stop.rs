//! Stopping, and what it leaves for the next start.

use ottla_protocol::types::BrokerId;

use super::*;

fn entry(topic: &str, offset: i64) -> PartitionCheckpoint {
    PartitionCheckpoint {
        log_dir: 1,
        topic: topic.into(),
        partition: 0,
        recovery_point: Offset(offset),
        log_start_offset: Offset(0),
        high_watermark: Offset(offset),
        cleaned_up_to: None,
    }
}

#[test]
fn a_clean_stop_writes_checkpoints_and_markers_with_the_broker_epoch() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    harness.tell(NodeInput::Checkpoints { shard: ShardId(0), entries: vec![entry("orders", 7)] });
    let epoch = harness.booted.broker_epoch;
    harness.stop();
    let text = |path: &str| String::from_utf8(disk.contents(Path::new(path)).unwrap()).unwrap();
    for dir in ["/a", "/b"] {
        let marker = text(&format!("{dir}/.kafka_cleanshutdown"));
        assert_eq!(marker.trim_end(), format!("{{\"version\":0,\"brokerEpoch\":{epoch}}}"));
    }
    assert_eq!(text("/b/recovery-point-offset-checkpoint"), "0\n1\norders 0 7\n");
    assert_eq!(text("/b/replication-offset-checkpoint"), "0\n1\norders 0 7\n");
    // The locks are given back, and the markers are taken away by the next start.
    let harness = Harness::start(&disk, &setup(""), 2);
    assert_eq!(disk.contents(Path::new("/a/.kafka_cleanshutdown")), None);
    drop(harness);
}

#[test]
fn while_the_shards_stop_nothing_is_due_that_is_not_done() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup("metadata.log.max.snapshot.interval.ms=1000"), 1);
    harness.send(&create_topics(&[("a", 1)]), 7);
    harness.run();
    harness.tell(NodeInput::Checkpoints { shard: ShardId(0), entries: vec![entry("a", 7)] });
    harness.tell(NodeInput::Stop);
    harness.run();
    for _ in 0..3 {
        harness.set_time(harness.now.mono + Duration::from_secs(3600));
        harness.tell(NodeInput::Tick);
        harness.run();
        assert!(harness.node.poll_deadline() > harness.now.mono, "the host would tick without end");
    }
}

#[test]
fn what_was_asked_before_the_stop_is_answered() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    let before = harness.send(&create_topics(&[("a", 1)]), 7);
    harness.tell(NodeInput::Stop);
    let after = harness.send(&create_topics(&[("b", 1)]), 7);
    for shard in 0..2 {
        harness.tell(NodeInput::ShardStopped { shard: ShardId(shard), is_clean: true });
    }
    harness.run();
    assert!(harness.response::<CreateTopicsRequest>(before, 7).is_some());
    let closed = harness.effects.iter().any(|effect| {
        matches!(effect, NodeEffect::Respond(response) if response.request == after && response.frame.is_none())
    });
    assert!(closed && matches!(harness.effects.last(), Some(NodeEffect::Stopped)));
    drop(harness);
    assert_eq!(topic_names(Harness::start(&disk, &setup(""), 2).node.image()), ["a"]);
}

#[test]
fn the_broker_is_fenced_and_without_leaderships_when_it_has_stopped() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    harness.create_topic("orders", 2);
    harness.stop();
    let harness = Harness::boot_with(&disk, &setup(""), 2).unwrap();
    let orders = Arc::clone(harness.booted.image.topics.by_name("orders").unwrap());
    let partition = orders.partition(0).unwrap();
    assert_eq!((partition.leader, partition.isr.len()), (BrokerId::NONE, 0));
    assert_eq!(partition.elr, [BrokerId(1)], "the clean shutdown was recognised");
}

#[test]
fn a_shard_that_did_not_close_its_logs_makes_the_stop_unclean() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    harness.tell(NodeInput::Checkpoints { shard: ShardId(0), entries: vec![entry("orders", 7)] });
    harness.tell(NodeInput::Stop);
    harness.tell(NodeInput::ShardStopped { shard: ShardId(0), is_clean: false });
    harness.tell(NodeInput::ShardStopped { shard: ShardId(1), is_clean: true });
    harness.run();
    assert!(matches!(harness.effects.last(), Some(NodeEffect::Stopped)));
    for file in ["/a/.kafka_cleanshutdown", "/b/.kafka_cleanshutdown", "/b/recovery-point-offset-checkpoint"]
    {
        assert_eq!(harness.file(file), None, "{file}");
    }
}

#[test]
fn a_node_may_be_stopped_before_it_serves() {
    let disk = SimulatedDisk::new(0);
    let harness = Harness::boot_with(&disk, &setup(""), 1).unwrap();
    harness.stop();
    Harness::start(&disk, &setup(""), 2).stop();
}

#[test]
fn a_failed_data_directory_loses_its_replicas_and_a_failed_metadata_directory_ends_the_node() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    let lost = harness.booted.log_dirs[1].directory_id;
    harness.tell(NodeInput::LogDirFailed { log_dir: 1 });
    harness.run();
    let broker = Arc::clone(harness.node.image().cluster.broker(BrokerId(1)).unwrap());
    assert!(!broker.log_dirs.contains(&lost) && broker.log_dirs.len() == 1);
    harness.effects.clear();
    harness.tell(NodeInput::LogDirFailed { log_dir: 0 });
    harness.run();
    assert!(matches!(harness.effects.as_slice(), [NodeEffect::Fatal(NodeFailure::Directory(_))]));
}
