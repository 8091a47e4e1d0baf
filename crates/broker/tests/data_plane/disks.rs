//! Full disks, failed disks, damaged logs, and how a shard stops on them.

use std::path::Path;

use ottla_broker::job::Job;
use ottla_broker::node::NodeInput;
use ottla_broker::shard::ShardInput;
use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::describe_log_dirs_request::{DescribableLogDirTopic, DescribeLogDirsRequest};
use ottla_protocol::messages::produce_request::ProduceRequest;
use ottla_storage::io::Operation;
use ottla_storage::io::simulated::{Fault, FaultKind, Survival};

use crate::harness::cluster::{self, ORDERS, PAYMENTS};
use crate::harness::requests::{
    batch, fetch, fetch_from, fetched, fetched_bytes, produce, produce_to, produced,
};
use crate::harness::{Harness, Options, newest};

const STORAGE_ERROR: i16 = ErrorCode::KAFKA_STORAGE_ERROR.0;
const PAYMENTS_ELSEWHERE: cluster::Topic = cluster::Topic { log_dir: 1, ..PAYMENTS };

/// `orders` in one directory, `payments` in the other.
fn with_two_dirs() -> Harness {
    let topics = vec![ORDERS, PAYMENTS_ELSEWHERE];
    Harness::start(Options { topics, log_dirs: 2, ..Options::default() })
}

fn fail(client: &Harness, operation: Operation) {
    client.disk.inject(Fault {
        operation: Some(operation),
        after: 0,
        count: 1,
        kind: FaultKind::Io { torn: 0 },
    });
}

fn failed_dirs(client: &Harness) -> Vec<usize> {
    let told = client.to_node.iter().filter_map(|input| match input {
        NodeInput::LogDirFailed { log_dir } => Some(*log_dir),
        _ => None,
    });
    told.collect()
}

#[test]
fn a_full_disk_refuses_writes_and_takes_them_again_when_there_is_room() {
    let mut client = Harness::new();
    client.ask(&produce(1, batch(client.now, &["a"])));
    client.disk.set_capacity(client.disk.space_used() + 10);
    for _ in 0..3 {
        assert_eq!(produced(&client.ask(&produce(1, batch(client.now, &["b"])))), (STORAGE_ERROR, -1));
        assert!(fetched_bytes(&client.send(12, &fetch(0, 0, 1)).now()) > 0, "reads go on");
    }
    assert!(failed_dirs(&client).is_empty());
    client.disk.set_capacity(1 << 30);
    assert_eq!(produced(&client.ask(&produce(1, batch(client.now, &["c"])))), (0, 1));
    client.restart();
    assert_eq!(fetched(&client.send(12, &fetch(0, 0, 1)).now()).high_watermark, 2);
}

#[test]
fn a_failed_write_takes_its_directory_offline_and_no_other() {
    let mut client = with_two_dirs();
    client.ask(&produce(1, batch(client.now, &["a"])));
    client.ask(&produce_to(PAYMENTS, 0, 1, batch(client.now, &["a"])));
    fail(&client, Operation::Write);
    assert_eq!(produced(&client.ask(&produce(1, batch(client.now, &["b"])))), (STORAGE_ERROR, -1));
    assert_eq!(failed_dirs(&client), [0], "the control plane is told");
    assert_eq!(fetched(&client.send(12, &fetch(0, 0, 1)).now()).error_code, STORAGE_ERROR);
    let old = client.send(5, &fetch(0, 0, 1)).now();
    assert_eq!(
        fetched(&old).error_code,
        ErrorCode::NOT_LEADER_OR_FOLLOWER.0,
        "version 5 knows no storage error"
    );
    assert_eq!(produced(&client.ask(&produce_to(ORDERS, 1, 1, batch(client.now, &["b"])))).0, STORAGE_ERROR);
    assert_eq!(produced(&client.ask(&produce_to(PAYMENTS, 0, 1, batch(client.now, &["b"])))), (0, 1));
    assert!(fetched_bytes(&client.send(12, &fetch_from(PAYMENTS, &[(0, 0)], 0, 1)).now()) > 0);
    let dirs = client.ask(&DescribeLogDirsRequest { topics: None });
    let dirs: Vec<_> =
        dirs.results.iter().map(|dir| (&*dir.log_dir, dir.error_code, dir.topics.len())).collect();
    assert_eq!(dirs, [("/data", STORAGE_ERROR, 0), ("/more", 0, 1)]);
}

#[test]
fn who_waits_for_a_directory_that_fails_is_told_at_once() {
    let mut client = Harness::new();
    let version = newest(ottla_protocol::api::ApiKey::Produce);
    let reader = client.send(12, &fetch_from(ORDERS, &[(1, 0)], 500, 1)).later();
    let first = client.send(version, &produce(-1, batch(client.now, &["a"]))).later();
    let second = client.send(version, &produce(-1, batch(client.now, &["b"]))).later();
    fail(&client, Operation::Sync);
    client.run_jobs_once();
    for id in [first, second] {
        let answer = client.take_response::<ProduceRequest>(id, version).unwrap();
        assert_eq!(produced(&answer), (STORAGE_ERROR, -1));
    }
    let answer =
        client.take_response::<ottla_protocol::messages::fetch_request::FetchRequest>(reader, 12).unwrap();
    assert_eq!(fetched(&answer).error_code, STORAGE_ERROR);
    assert_eq!(failed_dirs(&client), [0]);
}

#[test]
fn log_dirs_tell_the_sizes_of_what_was_asked_for() {
    let mut client = with_two_dirs();
    let records = batch(client.now, &["a"]);
    client.ask(&produce(1, records.clone()));
    client.restart();
    let asked = DescribableLogDirTopic { topic: ORDERS.name.to_owned(), partitions: vec![0, 7] };
    let answer = client.ask(&DescribeLogDirsRequest { topics: Some(vec![asked]) });
    assert_eq!(answer.error_code, 0);
    let sizes = answer.results.iter().map(|dir| {
        let partitions = dir.topics.iter().flat_map(|topic| &topic.partitions);
        partitions.map(|p| (p.partition_index, p.partition_size, p.offset_lag)).collect::<Vec<_>>()
    });
    let size = i64::try_from(records.len()).unwrap();
    assert_eq!(
        sizes.collect::<Vec<_>>(),
        [vec![(0, size, 0)], vec![]],
        "even before anybody has used the log"
    );
    assert!(answer.results.iter().all(|dir| dir.total_bytes > 0 && dir.usable_bytes > 0));
}

#[test]
fn a_stop_waits_for_syncs_that_are_under_way_and_for_their_verdict() {
    let mut client = Harness::new();
    client.send(9, &produce(-1, batch(client.now, &["a"]))).later();
    let flush = std::mem::take(&mut client.jobs);
    assert!(matches!(flush[..], [(_, Job::Flush { .. })]));
    client.handle_all(|| ShardInput::Stop);
    client.run_jobs();
    assert!(!client.has_stopped(), "the sync that was under way may still fail");
    fail(&client, Operation::Sync);
    for (shard, job) in flush {
        client.handle_at(shard, ShardInput::JobDone(job.run()));
    }
    assert!(client.has_stopped());
    assert_eq!(failed_dirs(&client), [0], "its directory gets no clean shutdown");
}

#[test]
fn a_log_that_cannot_be_closed_makes_the_stop_unclean() {
    for operation in [Operation::Sync, Operation::SyncDir] {
        let mut client = Harness::new();
        client.ask(&produce(1, batch(client.now, &["a"])));
        fail(&client, operation);
        assert!(!client.stop(), "{operation:?}");
    }
}

#[test]
fn a_damaged_log_is_offline_and_a_later_stop_does_not_vouch_for_it() {
    let mut client = Harness::new();
    for _ in 0..3 {
        client.send(9, &produce(-1, batch(client.now, &["a"]))).later();
        client.run_jobs();
    }
    client.pass(std::time::Duration::from_secs(60));
    client.crash(Survival::Everything);
    assert_eq!(produced(&client.ask(&produce(1, batch(client.now, &["b"])))), (0, 3));
    client.send(9, &produce(-1, batch(client.now, &["a"]))).later();
    client.run_jobs();
    client.pass(std::time::Duration::from_secs(60));
    client.disk.corrupt(Path::new("/data/orders-0/00000000000000000000.log"), |bytes| bytes[80] ^= 0xff);
    client.disk.corrupt(Path::new("/data/orders-0/partition.metadata"), Vec::clear);
    client.crash(Survival::Everything);
    let refused = produced(&client.ask(&produce(1, batch(client.now, &["c"])))).0;
    assert_eq!(refused, STORAGE_ERROR);
    assert_eq!(produced(&client.ask(&produce_to(ORDERS, 1, 1, batch(client.now, &["c"])))).0, 0);
    assert!(!client.stop(), "a clean start would not look at the log again");
}

#[test]
fn files_are_open_within_a_budget_however_many_partitions_are_used() {
    let wide = cluster::Topic { partitions: 100, ..ORDERS };
    let mut client = Harness::start(Options { topics: vec![wide], files_max: 8, ..Options::default() });
    client.settle();
    let budget = 8 * usize::from(crate::harness::shard_count());
    for round in 0..3 {
        for index in 0..100 {
            let answer = client.ask(&produce_to(wide, index, 1, batch(client.now, &["a"])));
            assert_eq!(produced(&answer), (0, round));
            client.now.mono = client.now.mono + std::time::Duration::from_millis(1);
            assert!(client.disk.open_files() <= budget, "{} files are open", client.disk.open_files());
        }
    }
    let all: Vec<_> = (0..100).map(|index| (index, 0)).collect();
    let mut request = fetch_from(wide, &all, 0, 1);
    request.max_bytes = i32::MAX;
    let answer = client.send(12, &request).now();
    assert!(
        answer.responses[0]
            .partitions
            .iter()
            .all(|p| p.high_watermark == 3 && !p.records.as_ref().unwrap().is_empty())
    );
    client.restart();
    assert!(client.disk.open_files() <= budget);
}

fn flushes(client: &Harness) -> usize {
    client.jobs.iter().filter(|(_, job)| matches!(job, Job::Flush { .. })).count()
}

#[test]
fn no_more_records_than_flush_messages_are_not_on_the_disk() {
    let mut client = Harness::with_configs(&[("flush.messages", "3")]);
    for (records, expected) in [(vec!["a", "b"], 0), (vec!["c"], 1)] {
        client.ask(&produce(1, batch(client.now, &records)));
        assert_eq!(flushes(&client), expected, "{records:?}");
    }
    client.run_jobs();
    client.ask(&produce(1, batch(client.now, &["d", "e"])));
    assert_eq!(flushes(&client), 0, "the sync that has ended counts");
}

#[test]
fn records_are_synced_after_flush_ms_where_the_scheduler_looks() {
    let second = std::time::Duration::from_secs(1);
    let topic_configs = vec![("flush.ms", "5000")];
    let mut client = Harness::start(Options { topic_configs: topic_configs.clone(), ..Options::default() });
    client.ask(&produce(1, batch(client.now, &["a"])));
    client.pass(second * 20);
    assert_eq!(flushes(&client), 0, "Kafka's scheduler does not look by default");
    let broker_configs = vec![("log.flush.scheduler.interval.ms", "2000")];
    let mut client = Harness::start(Options { topic_configs, broker_configs, ..Options::default() });
    client.ask(&produce(1, batch(client.now, &["a"])));
    client.pass(second * 4);
    assert_eq!(flushes(&client), 0);
    client.pass(second * 2);
    assert_eq!(flushes(&client), 1);
    client.run_jobs();
    client.pass(second * 20);
    assert_eq!(flushes(&client), 0, "there is nothing new");
}

#[test]
fn too_many_open_files_refuse_a_write_and_take_nothing_offline() {
    let mut client = Harness::new();
    let too_many =
        Fault { operation: Some(Operation::Open), after: 0, count: 1, kind: FaultKind::TooManyFiles };
    client.disk.inject(too_many);
    assert_eq!(produced(&client.ask(&produce(1, batch(client.now, &["a"])))), (STORAGE_ERROR, -1));
    assert_eq!(produced(&client.ask(&produce(1, batch(client.now, &["a"])))), (0, 0));
    client.restart();
    client.disk.inject(too_many);
    assert_eq!(produced(&client.ask(&produce(1, batch(client.now, &["b"])))), (STORAGE_ERROR, -1));
    assert_eq!(produced(&client.ask(&produce(1, batch(client.now, &["b"])))), (0, 1));
    client.pass(std::time::Duration::from_secs(60));
    assert!(failed_dirs(&client).is_empty());
}

#[test]
fn a_disk_that_fails_while_a_log_is_opened_takes_its_directory_offline() {
    let mut client = Harness::new();
    client.ask(&produce(1, batch(client.now, &["a"])));
    client.restart();
    fail(&client, Operation::Read);
    fail(&client, Operation::List);
    assert_eq!(produced(&client.ask(&produce(1, batch(client.now, &["b"])))), (STORAGE_ERROR, -1));
    client.pass(std::time::Duration::from_secs(60));
    assert_eq!(failed_dirs(&client), [0]);
}

#[test]
fn a_directory_that_fails_in_the_middle_of_a_request_takes_back_what_was_written_to_it_before() {
    let mut client = Harness::new();
    let records = batch(client.now, &["a"]);
    client.ask(&produce_to(ORDERS, 0, 1, records.clone()));
    client.ask(&produce_to(ORDERS, 1, 1, records.clone()));
    client.run_jobs();
    let mut request = produce_to(ORDERS, 0, -1, records);
    let mut other = request.topic_data[0].partition_data[0].clone();
    other.index = 1;
    request.topic_data[0].partition_data.push(other);
    client.disk.inject(Fault {
        operation: Some(Operation::Write),
        after: 1,
        count: 1,
        kind: FaultKind::Io { torn: 0 },
    });
    let answer = match client.send(9, &request) {
        crate::harness::Got::Response(answer) => answer,
        got => {
            let id = got.later();
            client.run_jobs();
            client.take_response::<ProduceRequest>(id, 9).unwrap()
        }
    };
    let errors: Vec<_> = answer.responses[0].partition_responses.iter().map(|p| p.error_code).collect();
    assert_eq!(errors, [STORAGE_ERROR, STORAGE_ERROR], "neither is on the disk, and neither can be read");
}

#[test]
fn a_segment_that_is_complete_is_synced_though_nobody_waits() {
    let mut client = Harness::with_configs(&[("segment.bytes", "1048576")]);
    let large = "x".repeat(600_000);
    client.ask(&produce(1, batch(client.now, &[&large])));
    assert_eq!(flushes(&client), 0);
    client.ask(&produce(1, batch(client.now, &[&large])));
    assert_eq!(flushes(&client), 1, "the log has rolled");
    client.run_jobs();
    client.ask(&produce(1, batch(client.now, &["a"])));
    assert_eq!(flushes(&client), 0);
}
