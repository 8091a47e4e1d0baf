//! Compacted topics, as a shard compacts them in the background.

use std::time::Duration;

use bytes::Bytes;
use ottla_broker::job::{CleanTask, Job};
use ottla_broker::node::NodeInput;
use ottla_broker::shard::ShardInput;
use ottla_protocol::record::{BatchBuilder, BatchOptions, batches, records};
use ottla_storage::io::simulated::{Fault, FaultKind, Survival};
use ottla_storage::io::{Disk, Operation};

use super::groups::{commit, committed};
use crate::harness::cluster::{self, OFFSETS, ORDERS, ORDERS_AGAIN, topic_config};
use crate::harness::requests::{fetch, fetch_from, fetched, list_offsets, produce, produced};
use crate::harness::{Harness, Options, newest};

const BACKOFF: Duration = Duration::from_secs(15);
const COMPACTED: [(&str, &str); 3] =
    [("cleanup.policy", "compact"), ("segment.bytes", "1048576"), ("segment.ms", "1000")];

/// A batch of records of these keys, whose values are a running number.
fn keyed(client: &Harness, keys: &[&str], value: usize) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    for key in keys {
        builder
            .append(client.now.wall, Some(key.as_bytes()), Some(value.to_string().as_bytes()), &[])
            .unwrap();
    }
    Bytes::from(builder.build())
}

/// Rounds of these keys, each in a segment of its own.
fn fill(client: &mut Harness, keys: &[&str], rounds: usize) {
    for round in 0..rounds {
        let batch = keyed(client, keys, round);
        assert_eq!(produced(&client.ask(&produce(1, batch))).0, 0);
        client.settle();
        client.now.wall.0 += 2000;
    }
}

/// What a reader of `orders-0` gets, as `offset key=value`.
fn read(client: &mut Harness) -> Vec<String> {
    let mut found = Vec::new();
    let mut offset = 0;
    loop {
        let answer = client.send(newest(ottla_protocol::api::ApiKey::Fetch), &fetch(offset, 0, 1)).now();
        let partition = fetched(&answer);
        assert_eq!(partition.error_code, 0);
        let bytes = partition.records.clone().unwrap_or_default();
        if bytes.is_empty() {
            return found;
        }
        for batch in batches(&bytes) {
            let batch = batch.unwrap();
            let header = *batch.header();
            for record in records(batch.records_bytes(), header.record_count) {
                let record = record.unwrap();
                let text = |field: Option<&[u8]>| field.unwrap_or(b"-").escape_ascii().to_string();
                found.push(format!("{} {}={}", record.offset(&header), text(record.key), text(record.value)));
            }
            offset = header.next_offset().0;
        }
    }
}

fn segments(client: &Harness, folder: &str) -> usize {
    let entries = client.disk.list(folder.as_ref()).unwrap();
    entries.iter().filter(|entry| entry.name.ends_with(".log")).count()
}

/// What the control plane was told last about how far `orders-0` is compacted.
fn reported(client: &Harness) -> Option<i64> {
    let entries = client.to_node.iter().rev().find_map(|input| match input {
        NodeInput::Checkpoints { entries, .. } => {
            entries.iter().find(|entry| &*entry.topic == ORDERS.name && entry.partition == 0)
        }
        _ => None,
    });
    entries.and_then(|entry| entry.cleaned_up_to).map(|offset| offset.0)
}

fn cleaning(job: &Job) -> bool {
    matches!(job, Job::Clean { .. })
}

#[test]
fn a_dirty_log_is_compacted_in_the_background() {
    let mut client = Harness::with_configs(&COMPACTED);
    fill(&mut client, &["a", "b"], 5);
    assert_eq!(segments(&client, "/data/orders-0"), 5);
    let newest_ms = client.now.wall.0 - 2000;
    client.pass(BACKOFF);
    client.settle();
    let expected = ["6 a=3", "7 b=3", "8 a=4", "9 b=4"];
    assert_eq!(read(&mut client), expected);
    assert_eq!(segments(&client, "/data/orders-0"), 2);
    let answer = client.ask_later(&list_offsets(0, newest_ms));
    assert_eq!(answer.topics[0].partitions[0].offset, 8, "the newest segment");
    client.pass(Duration::from_secs(5));
    assert_eq!(reported(&client), Some(8));
    let deleted = |client: &Harness| {
        let entries = client.disk.list("/data/orders-0".as_ref()).unwrap();
        entries.iter().filter(|entry| entry.name.ends_with(".deleted")).count()
    };
    assert!(deleted(&client) > 0, "readers may still read the old files");
    client.pass(Duration::from_secs(60));
    client.settle();
    assert_eq!(deleted(&client), 0);
    client.restart();
    assert_eq!(read(&mut client), expected);
    client.pass(Duration::from_secs(5));
    assert_eq!(reported(&client), Some(8), "the next start knows");
}

#[test]
fn a_log_that_is_clean_enough_is_left_alone() {
    let mut client = Harness::with_configs(&COMPACTED);
    fill(&mut client, &["a", "b"], 5);
    client.pass(BACKOFF);
    client.settle();
    // One dirty segment beside a clean one of the same size: half is not more than half.
    fill(&mut client, &["a", "b"], 1);
    client.pass(BACKOFF);
    assert!(!client.jobs.iter().any(|(_, job)| cleaning(job)));
    fill(&mut client, &["a", "b"], 2);
    client.pass(BACKOFF);
    assert!(client.jobs.iter().any(|(_, job)| cleaning(job)));
    client.settle();
    assert_eq!(read(&mut client), ["12 a=0", "13 b=0", "14 a=1", "15 b=1"]);
}

#[test]
fn topics_that_are_not_compacted_are_not() {
    let mut client = Harness::with_configs(&COMPACTED[1..]);
    fill(&mut client, &["a"], 3);
    client.pass(BACKOFF);
    client.settle();
    assert_eq!(read(&mut client).len(), 3);
    client.publish(&[topic_config(ORDERS.name, "cleanup.policy", Some("compact"))]);
    client.pass(BACKOFF);
    client.settle();
    assert_eq!(read(&mut client), ["1 a=1", "2 a=2"]);
    let mut off = Harness::start(Options {
        topic_configs: COMPACTED.to_vec(),
        broker_configs: vec![("log.cleaner.enable", "false")],
        ..Options::default()
    });
    fill(&mut off, &["a"], 3);
    off.pass(BACKOFF);
    off.settle();
    assert_eq!(read(&mut off).len(), 3);
}

#[test]
fn compacted_topics_with_delete_are_retained_as_well() {
    let mut configs = COMPACTED.to_vec();
    configs[0] = ("cleanup.policy", "compact,delete");
    configs.push(("retention.ms", "3600000"));
    let mut client = Harness::with_configs(&configs);
    fill(&mut client, &["a", "b"], 3);
    client.pass(BACKOFF);
    client.settle();
    assert_eq!(read(&mut client).len(), 4);
    client.pass(Duration::from_secs(2 * 3600));
    client.settle();
    assert_eq!(client.ask(&list_offsets(0, -2)).topics[0].partitions[0].offset, 6);
}

#[test]
fn a_round_keeps_to_its_rate() {
    let mut client = Harness::start(Options {
        topic_configs: COMPACTED.to_vec(),
        broker_configs: vec![("log.cleaner.io.max.bytes.per.second", "3000")],
        ..Options::default()
    });
    let large = "k".repeat(100_000);
    fill(&mut client, &[&large], 4);
    client.pass(BACKOFF);
    let mut seconds = 0;
    while read(&mut client).len() > 2 {
        client.run_jobs();
        client.pass(Duration::from_secs(1));
        seconds += 1;
        assert!(seconds < 2000, "it never ends");
    }
    // 3 dirty segments are read twice, and one is written. A third of the rate is this shard's, if there are three.
    let shards = usize::from(crate::harness::shard_count());
    assert!((200 * shards..260 * shards).contains(&seconds), "{seconds} seconds");
}

#[test]
fn damage_makes_a_log_uncleanable_and_nothing_is_lost() {
    let mut client = Harness::with_configs(&COMPACTED);
    fill(&mut client, &["a", "b"], 4);
    let path = "/data/orders-0/00000000000000000002.log".as_ref();
    client.disk.flip_bit(path, 8 * 70);
    client.pass(BACKOFF);
    client.settle();
    client.disk.flip_bit(path, 8 * 70);
    assert_eq!(read(&mut client).len(), 8, "all of it is there");
    client.pass(BACKOFF);
    assert!(!client.jobs.iter().any(|(_, job)| cleaning(job)), "it is not tried again");
    client.restart();
    client.pass(Duration::from_secs(1));
    client.settle();
    client.pass(BACKOFF);
    client.settle();
    assert_eq!(read(&mut client), ["4 a=2", "5 b=2", "6 a=3", "7 b=3"], "until the next start");
}

#[test]
fn a_full_disk_postpones_a_round_and_a_failed_sync_takes_the_directory_offline() {
    let mut client = Harness::with_configs(&COMPACTED);
    fill(&mut client, &["a", "b"], 4);
    client.disk.set_capacity(client.disk.space_used() + 20);
    client.pass(BACKOFF);
    client.settle();
    assert_eq!(read(&mut client).len(), 8);
    client.disk.set_capacity(u64::MAX);
    client.disk.inject(Fault {
        operation: Some(Operation::Sync),
        after: 0,
        count: 1,
        kind: FaultKind::Io { torn: 0 },
    });
    client.pass(BACKOFF);
    client.settle();
    assert!(client.to_node.iter().any(|input| matches!(input, NodeInput::LogDirFailed { log_dir: 0 })));
}

#[test]
fn a_topic_that_is_deleted_in_the_middle_of_a_round_is_gone() {
    let mut client = Harness::with_configs(&COMPACTED);
    fill(&mut client, &["a", "b"], 4);
    client.pass(BACKOFF);
    assert!(client.jobs.iter().any(|(_, job)| cleaning(job)));
    client.publish(&[cluster::delete(ORDERS)]);
    client.publish(&cluster::create(ORDERS_AGAIN));
    client.settle();
    client.pass(Duration::from_secs(100));
    client.settle();
    let entries = client.disk.list("/data".as_ref()).unwrap();
    let names: Vec<_> =
        entries.iter().map(|entry| entry.name.as_str()).filter(|n| !n.contains("offset")).collect();
    assert_eq!(names, ["orders-0", "orders-1"]);
    assert!(!client.jobs.iter().any(|(_, job)| cleaning(job)));
}

#[test]
fn a_stop_waits_for_the_slice_and_leaves_nothing_behind() {
    let mut client = Harness::with_configs(&COMPACTED);
    fill(&mut client, &["a", "b"], 4);
    client.pass(BACKOFF);
    let (clean, others): (Vec<_>, Vec<_>) =
        std::mem::take(&mut client.jobs).into_iter().partition(|(_, job)| cleaning(job));
    client.jobs = others;
    client.handle_all(|| ShardInput::Stop);
    client.run_jobs();
    assert!(!client.has_stopped(), "a slice is being done elsewhere");
    client.jobs = clean;
    client.run_jobs();
    assert!(client.has_stopped());
    let entries = client.disk.list("/data/orders-0".as_ref()).unwrap();
    assert!(!entries.iter().any(|entry| entry.name.ends_with(".cleaned")), "{entries:?}");
}

#[test]
fn a_crash_in_the_middle_of_a_round_begins_it_anew() {
    let mut client = Harness::with_configs(&COMPACTED);
    fill(&mut client, &["a", "b"], 4);
    client.pass(BACKOFF);
    client.run_jobs_apart();
    client.crash(Survival::Everything);
    assert_eq!(read(&mut client).len(), 8);
    client.pass(Duration::from_secs(1));
    client.pass(BACKOFF);
    client.settle();
    assert_eq!(read(&mut client), ["4 a=2", "5 b=2", "6 a=3", "7 b=3"]);
}

#[test]
fn what_a_group_has_committed_survives_the_compaction_of_its_topic() {
    let mut client = Harness::with_groups();
    client.publish(&[
        topic_config(OFFSETS.name, "segment.bytes", Some("1048576")),
        topic_config(OFFSETS.name, "segment.ms", Some("1000")),
    ]);
    let partitions: &[i32] = &[0, 1];
    for offset in 0..20 {
        client.ask_later(&commit(&[(ORDERS.name, ORDERS.id, partitions)], offset));
        client.settle();
        client.now.wall.0 += 2000;
    }
    let before = committed(&mut client, None);
    assert_eq!(before, [(ORDERS.id.0, 0, 19, 0), (ORDERS.id.0, 1, 19, 0)]);
    let size = |client: &mut Harness| {
        let answer = client.send(12, &fetch_from(OFFSETS, &[(0, 0)], 0, 1)).now();
        fetched(&answer).records.as_ref().map_or(0, Bytes::len)
    };
    assert_eq!(segments(&client, "/data/__consumer_offsets-0"), 20);
    let full = size(&mut client);
    client.pass(BACKOFF);
    client.settle();
    assert_eq!(segments(&client, "/data/__consumer_offsets-0"), 2);
    assert!(size(&mut client) <= full);
    assert_eq!(committed(&mut client, None), before);
    client.restart();
    client.settle();
    assert_eq!(committed(&mut client, None), before, "loaded from what is left");
    client.ask_later(&commit(&[(ORDERS.name, ORDERS.id, partitions)], 99));
    client.crash(Survival::Nothing);
    client.settle();
    assert_eq!(committed(&mut client, None)[0].2, 99);
}

#[test]
fn slices_are_bounded() {
    let mut client = Harness::with_configs(&COMPACTED);
    fill(&mut client, &["a", "b"], 4);
    client.pass(BACKOFF);
    let slices = client.jobs.iter().filter_map(|(_, job)| match job {
        Job::Clean { task: CleanTask::Slice(bytes), .. } => Some(*bytes),
        _ => None,
    });
    assert_eq!(slices.collect::<Vec<_>>(), [2 << 20]);
}
