//! Power cuts at every operation of the disk.

use ottla_storage::io::simulated::{Fault, FaultKind, Survival};

use super::*;

const SURVIVALS: [Survival; 4] =
    [Survival::Everything, Survival::Nothing, Survival::Prefix, Survival::Sectors { size: 512 }];

/// What a client was told before the power went.
#[derive(Default)]
struct Told {
    ready: bool,
    topics: Vec<&'static str>,
}

const TOPICS: [&str; 3] = ["first", "second", "third"];

/// Boots, creates topics one after the other, and stops: as far as the disk lets it come.
fn live(disk: &SimulatedDisk, seed: u64) -> Told {
    let mut told = Told::default();
    let Ok(mut harness) = Harness::boot_with(disk, &setup(""), seed) else { return told };
    harness.shards_ready();
    harness.run();
    told.ready = harness.effects.iter().any(|effect| matches!(effect, NodeEffect::Ready));
    for name in TOPICS {
        let id = harness.send(&create_topics(&[(name, 3)]), 7);
        harness.run();
        match harness.response_if_open(id) {
            Some(response) if response.topics[0].error_code == 0 => told.topics.push(name),
            _ => return told,
        }
    }
    harness.tell(NodeInput::Stop);
    for shard in 0..2 {
        harness.tell(NodeInput::ShardStopped { shard: ShardId(shard), is_clean: true });
    }
    harness.run();
    told
}

impl Harness {
    fn response_if_open(&self, id: RequestId) -> Option<CreateTopicsResponse> {
        let is_closed = self.effects.iter().any(|effect| {
            matches!(effect, NodeEffect::Respond(response) if response.request == id && response.frame.is_none())
        });
        if is_closed { None } else { self.response::<CreateTopicsRequest>(id, 7) }
    }
}

/// After the crash the node starts, has everything that was acknowledged, and of what was not all or nothing.
fn check(disk: &SimulatedDisk, told: &Told, cluster_id: Option<&str>, what: &str) {
    let mut harness = match Harness::boot_with(disk, &setup(""), 99) {
        Ok(harness) => harness,
        Err(error) => panic!("{what}: {error}"),
    };
    if let Some(cluster_id) = cluster_id {
        assert_eq!(harness.booted.cluster_id, cluster_id, "{what}");
    }
    harness.shards_ready();
    harness.run();
    let image = harness.node.image();
    let names = topic_names(image);
    for name in &told.topics {
        assert!(names.iter().any(|found| found == name), "{what}: {name} was acknowledged and is gone");
    }
    for topic in image.topics.iter() {
        assert_eq!(topic.partitions.len(), 3, "{what}: {} is torn", topic.name);
        for partition in topic.partitions.values() {
            assert!(partition.has_leader(), "{what}: {} has no leader", topic.name);
        }
    }
    assert!(harness.effects.iter().any(|effect| matches!(effect, NodeEffect::Ready)), "{what}: not ready");
    let response = harness.call(&create_topics(&[("after", 3)]), 7);
    assert_eq!(response.topics[0].error_code, 0, "{what}");
}

/// Runs `prepare`, then cuts the power at every operation of a life, with every kind of survival.
fn crash_everywhere(prepare: impl Fn(&SimulatedDisk)) {
    let operations = |survival| {
        let disk = SimulatedDisk::new(0);
        prepare(&disk);
        let before = disk.operations();
        let told = live(&disk, 5);
        assert!(told.ready && told.topics.len() == TOPICS.len(), "{survival:?}");
        (before, disk.operations())
    };
    let (first, end) = operations(Survival::Everything);
    assert!(end - first > 50, "{first}..{end}");
    for at in first..end {
        for survival in SURVIVALS {
            let disk = SimulatedDisk::new(at);
            prepare(&disk);
            assert_eq!(disk.operations(), first, "the preparation does not depend on the seed");
            disk.cut_power_at(at, 31);
            let told = live(&disk, 5);
            disk.crash(survival);
            let cluster_id = told.ready.then_some("MkU3OEVBNTcwNTJENDM2Qg");
            check(&disk, &told, cluster_id, &format!("power cut at operation {at}, {survival:?} survived"));
        }
    }
}

/// One operation fails and those behind it do not: a failed sync lies about what comes after it.
#[test]
fn a_fault_at_any_time_loses_nothing_acknowledged() {
    let end = {
        let disk = SimulatedDisk::new(0);
        live(&disk, 5);
        disk.operations()
    };
    for kind in [FaultKind::Io { torn: 9 }, FaultKind::Full { torn: 9 }] {
        for (after, survival) in (0..end).flat_map(|after| SURVIVALS.map(|survival| (after, survival))) {
            let disk = SimulatedDisk::new(after);
            disk.inject(Fault { operation: None, after, count: 1, kind });
            let told = live(&disk, 5);
            disk.crash(survival);
            let what = format!("{kind:?} at operation {after}, {survival:?} survived");
            check(&disk, &told, told.ready.then_some("MkU3OEVBNTcwNTJENDM2Qg"), &what);
        }
    }
}

#[test]
fn a_power_cut_at_any_time_of_the_first_life_loses_nothing_acknowledged() {
    crash_everywhere(|_| {});
}

#[test]
fn a_power_cut_at_any_time_of_the_second_life_loses_nothing_acknowledged() {
    crash_everywhere(|disk| {
        Harness::start(disk, &setup(""), 1).stop();
    });
}

#[test]
fn a_power_cut_after_a_power_cut_loses_nothing_acknowledged() {
    crash_everywhere(|disk| {
        drop(Harness::start(disk, &setup(""), 1));
        disk.crash(Survival::Nothing);
    });
}
