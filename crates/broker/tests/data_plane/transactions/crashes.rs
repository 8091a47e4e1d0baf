//! A crash in every state of a transaction: what was acknowledged stays, what was not is all there or not at all.

use ottla_broker::shard::ShardInput;
use ottla_protocol::error::ErrorCode;
use ottla_storage::io::simulated::Survival;

use super::producer::{
    Producer, TRANSACTIONAL_ID, ask, broker, committed, committed_of, end_offsets, settle,
};
use crate::harness::Harness;
use crate::harness::cluster::ORDERS;
use crate::harness::requests::{fetch_from, fetched, produced};

const SURVIVALS: [Survival; 3] = [Survival::Nothing, Survival::Everything, Survival::Prefix];

/// Runs jobs of the disk one after the other, `steps` of them, as the coordinator and the partitions ask for them.
fn run_jobs(client: &mut Harness, steps: usize) {
    for _ in 0..steps {
        if client.jobs.is_empty() {
            client.handle_all(|| ShardInput::Tick);
        }
        if client.jobs.is_empty() {
            return;
        }
        let (shard, job) = client.jobs.remove(0);
        client.handle_at(shard, ShardInput::JobDone(job.run()));
    }
}

/// The same id begins anew, and whatever it left behind ends.
fn begin_anew(client: &mut Harness, level: i16) -> Producer {
    settle(client);
    let producer = Producer::named(client, level, TRANSACTIONAL_ID);
    for index in [0, 1] {
        let (high_watermark, last_stable_offset) = end_offsets(client, index);
        assert_eq!(high_watermark, last_stable_offset, "nothing is open");
    }
    producer
}

#[test]
fn a_crash_with_an_open_transaction_aborts_it() {
    for level in [0, 2] {
        for survival in SURVIVALS {
            let mut client = broker(level);
            let mut producer = Producer::new(&mut client, level);
            producer.send(&mut client, 0, &["a"]);
            producer.commit(&mut client);
            producer.send(&mut client, 0, &["b"]);
            client.crash(survival);
            let mut next = begin_anew(&mut client, level);
            assert_eq!(committed(&mut client), ["a"], "level {level}, {survival:?}");
            let late = producer.send(&mut client, 0, &["c"]).0;
            assert_eq!(late, ErrorCode::INVALID_PRODUCER_EPOCH.0, "the one from before is fenced");
            next.send(&mut client, 0, &["d"]);
            next.commit(&mut client);
            assert_eq!(committed(&mut client), ["a", "d"]);
        }
    }
}

#[test]
fn an_end_that_was_told_is_kept_through_a_crash_at_every_step_after_it() {
    for level in [0, 2] {
        for survival in SURVIVALS {
            for is_commit in [true, false] {
                for steps in 0..12 {
                    let mut client = broker(level);
                    let mut producer = Producer::new(&mut client, level);
                    producer.send(&mut client, 0, &["a"]);
                    producer.send(&mut client, 1, &["b"]);
                    let (version, request) = producer.end_request(is_commit);
                    let end = client.send(version, &request).later();
                    run_jobs(&mut client, steps);
                    let answer = client.take_response::<super::ending::EndTxn>(end, version);
                    client.crash(survival);
                    begin_anew(&mut client, level);
                    let seen = (committed(&mut client), committed_of(&mut client, 1));
                    let all = (vec!["a".to_owned()], vec!["b".to_owned()]);
                    let what = format!("level {level}, {survival:?}, commit {is_commit}, {steps} steps");
                    match answer {
                        Some(answer) => {
                            assert_eq!(answer.error_code, 0, "{what}");
                            assert_eq!(seen, if is_commit { all } else { Default::default() }, "{what}");
                        }
                        None => assert!(
                            seen == Default::default() || (is_commit && seen == all),
                            "{what}: all or nothing, not {seen:?}"
                        ),
                    }
                }
            }
        }
    }
}

#[test]
fn an_end_is_told_before_its_markers_are_on_the_disk() {
    let mut client = broker(2);
    let mut producer = Producer::new(&mut client, 2);
    producer.send(&mut client, 0, &["a"]);
    let (version, request) = producer.end_request(true);
    let end = client.send(version, &request).later();
    run_jobs(&mut client, 1);
    assert!(client.take_response::<super::ending::EndTxn>(end, version).is_some());
    client.crash(Survival::Nothing);
    settle(&mut client);
    assert_eq!(committed(&mut client), ["a"], "the coordinator goes on where it was");
}

#[test]
fn a_coordinator_acts_on_what_it_loads_only_when_that_is_on_the_disk() {
    let mut client = broker(2);
    let mut producer = Producer::new(&mut client, 2);
    producer.send(&mut client, 0, &["a"]);
    let (version, request) = producer.end_request(true);
    client.send(version, &request).later();
    // The end is written and not synced. The process dies; what it wrote is still in the page cache.
    client.crash(Survival::Everything);
    client.handle_all(|| ShardInput::Tick);
    assert_eq!(end_offsets_now(&mut client), (1, 0), "no marker is written for it");
    settle(&mut client);
    assert_eq!(committed(&mut client), ["a"]);
}

/// High watermark and last stable offset of `orders-0`, with nothing else happening.
fn end_offsets_now(client: &mut Harness) -> (i64, i64) {
    let answer = client.send(12, &fetch_from(ORDERS, &[(0, 0)], 0, 1)).now();
    let partition = fetched(&answer);
    (partition.high_watermark, partition.last_stable_offset)
}

#[test]
fn a_producer_goes_on_after_a_clean_restart_in_the_middle_of_its_transaction() {
    for level in [0, 2] {
        let mut client = broker(level);
        let mut producer = Producer::new(&mut client, level);
        producer.send(&mut client, 0, &["a"]);
        client.restart();
        settle(&mut client);
        let request = producer.produce(&client, ORDERS, 0, &["b"]);
        assert_eq!(produced(&ask(&mut client, producer.produce_version(), &request)), (0, 1));
        producer.commit(&mut client);
        assert_eq!(committed(&mut client), ["a", "b"], "level {level}");
    }
}
