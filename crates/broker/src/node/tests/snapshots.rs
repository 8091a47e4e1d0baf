//! Snapshots of the metadata log.

use ottla_storage::io::simulated::Survival;

use super::*;

fn checkpoints(disk: &SimulatedDisk) -> Vec<String> {
    let entries = disk.shared().list(Path::new("/a/__cluster_metadata-0")).unwrap();
    entries.into_iter().map(|entry| entry.name).filter(|name| name.contains(".checkpoint")).collect()
}

#[test]
fn an_hour_after_something_changed_a_snapshot_is_taken() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    harness.create_topic("orders", 3);
    harness.pass(Duration::from_secs(3599));
    assert_eq!(checkpoints(&disk).len(), 1, "the one that formatting made");
    harness.pass(Duration::from_secs(2));
    let end = harness.node.image().provenance.last_contained_offset.next();
    assert_eq!(checkpoints(&disk)[1], format!("{:020}-0000000001.checkpoint", end.0));
    assert_eq!(
        harness.node.poll_deadline(),
        harness.node.snapshots.clean_at,
        "nothing changes: the machine sleeps"
    );
}

#[test]
fn restarts_do_not_let_the_log_grow_without_end() {
    let disk = SimulatedDisk::new(0);
    let limits = "metadata.log.max.record.bytes.between.snapshots=20000\nmetadata.max.retention.bytes=50000\n\
                  metadata.log.segment.bytes=8388608\n";
    let mut harness = Harness::start(&disk, &setup(limits), 1);
    harness.create_topic("orders", 30);
    harness.stop();
    // Two records of each partition at each restart, as Kafka writes them: some 3 kB.
    for life in 2..30 {
        Harness::start(&disk, &setup(limits), life).stop();
    }
    let formatted = "00000000000000000000-0000000000.checkpoint";
    assert!(checkpoints(&disk).iter().all(|name| name != formatted), "{:?}", checkpoints(&disk));
}

#[test]
fn the_image_is_the_same_from_a_snapshot_and_from_the_log() {
    let disk = SimulatedDisk::new(0);
    let small = setup("metadata.log.max.record.bytes.between.snapshots=1000\n");
    let mut harness = Harness::start(&disk, &small, 1);
    for at in 0..20 {
        harness.create_topic(&format!("topic-{at}"), 3);
    }
    let image = Arc::clone(harness.node.image());
    assert!(checkpoints(&disk).len() > 3, "{:?}", checkpoints(&disk));
    drop(harness);
    disk.crash(Survival::Everything);

    // From the newest snapshot and what lies behind it; then the same without snapshots.
    let from_snapshot = Harness::boot_with(&disk, &small, 2).unwrap().booted.image;
    let expect_same = |other: &MetadataImage| {
        assert_eq!(topic_names(other), topic_names(&image));
        let ids = |image: &MetadataImage| image.topics.iter().map(|topic| topic.id).collect::<Vec<_>>();
        assert_eq!(
            (ids(other), &other.configs, &other.features),
            (ids(&image), &image.configs, &image.features)
        );
    };
    expect_same(&from_snapshot);
    disk.crash(Survival::Everything);
    for name in &checkpoints(&disk)[1..] {
        disk.shared().remove_file(&Path::new("/a/__cluster_metadata-0").join(name)).unwrap();
    }
    let from_log = Harness::boot_with(&disk, &small, 2).unwrap().booted.image;
    expect_same(&from_log);
    // Booting twice with the same seed from the same state appends the same records.
    assert_eq!(lasting(&from_snapshot).configs, lasting(&from_log).configs);
}

#[test]
fn old_snapshots_and_segments_go_and_one_snapshot_stays() {
    let disk = SimulatedDisk::new(0);
    let small = setup(
        "metadata.log.max.record.bytes.between.snapshots=1000\nmetadata.max.retention.bytes=1000\n\
         metadata.log.segment.bytes=8388608\n",
    );
    let mut harness = Harness::start(&disk, &small, 1);
    for at in 0..20 {
        harness.create_topic(&format!("topic-{at}"), 3);
    }
    assert_eq!(checkpoints(&disk).len(), 1, "{:?}", checkpoints(&disk));
    let names = topic_names(harness.node.image());
    drop(harness);
    disk.crash(Survival::Nothing);
    assert_eq!(topic_names(Harness::start(&disk, &small, 2).node.image()), names);
}

#[test]
fn a_snapshot_that_is_too_old_goes_when_its_time_comes() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup("metadata.max.retention.ms=86400000\n"), 1);
    harness.pass(Duration::from_secs(3600));
    assert_eq!(checkpoints(&disk).len(), 2);
    harness.pass(Duration::from_secs(23 * 3600 + 1));
    assert_eq!(checkpoints(&disk).len(), 1, "the one that formatting made is a day old");
    assert_eq!(harness.node.poll_deadline(), Monotonic::NEVER);
}

#[test]
fn a_damaged_snapshot_is_refused_and_an_interrupted_one_removed() {
    let disk = SimulatedDisk::new(0);
    let mut harness = Harness::start(&disk, &setup(""), 1);
    harness.pass(Duration::from_secs(3600));
    let newest = checkpoints(&disk).pop().unwrap();
    harness.stop();
    let dir = Path::new("/a/__cluster_metadata-0");
    let part = dir.join(format!("{newest}.part"));
    disk.shared().open(&part, ottla_storage::io::OpenMode::Create).unwrap();
    Harness::start(&disk, &setup(""), 2).stop();
    assert_eq!(disk.contents(&part), None);
    disk.flip_bit(&dir.join(newest), 8 * 100);
    let error = boot_error(&disk, &setup(""));
    assert!(matches!(error, BootError::Quorum(_)), "{error}");
}
