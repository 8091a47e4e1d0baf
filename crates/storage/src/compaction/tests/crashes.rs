//! Every crash point of compaction: a round changes what is in a log only group by group, and what a crash interrupts the next
//! opening undoes or finishes.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::crash_tests::crashes;
use crate::io::OpenMode;
use crate::io::simulated::{SimulatedDisk, Survival};
use crate::log::{Log, OpenContext};
use crate::producer_state::ProducerSummary;
use crate::recovery::OnDamage;

/// What a log says to a reader of committed records, and what it remembers.
#[derive(Clone, Debug, PartialEq)]
struct Content {
    committed: Vec<Survivor>,
    producers: Vec<ProducerSummary>,
    end: i64,
}

fn content(log: &mut Fixture) -> Content {
    let end = log.high_watermark();
    let start = log.log().log_start_offset();
    let aborted = log.log().aborted_transactions(start, end).unwrap();
    let mut committed = Vec::new();
    let mut skipping = BTreeSet::new();
    let mut begins: Vec<_> = aborted.iter().map(|found| (found.first_offset, found.producer_id)).collect();
    begins.sort_unstable();
    // As a consumer does it: from its first offset on, a producer is skipped up to its marker.
    for batch in log.batches() {
        let header = *BatchView::first_of(&batch).unwrap().header();
        begins.retain(|(first_offset, producer_id)| {
            let begins = *first_offset <= header.last_offset();
            if begins {
                skipping.insert(*producer_id);
            }
            !begins
        });
        if header.attributes.is_control() {
            skipping.remove(&header.producer_id);
        } else if !header.attributes.is_transactional() || !skipping.contains(&header.producer_id) {
            committed.extend(survivors_of(&batch));
        }
    }
    Content { committed, producers: log.log().producers(), end: end.0 }
}

/// The log from before a round, and what may be on the disk from this operation on.
struct Stage {
    from: u64,
    before: Content,
    /// Every record that the round, finished, leaves.
    after: Content,
    recovery_point: Offset,
    cleaned_up_to: Option<Offset>,
}

fn open(disk: &SimulatedDisk, log: &Fixture, stage: &Stage) -> Fixture {
    let open = OpenContext {
        recovery_point: stage.recovery_point,
        was_compacted: false,
        had_clean_shutdown: false,
        on_damage: OnDamage::Refuse,
        ..log.open.clone()
    };
    let config = Arc::clone(&log.config);
    let (mut opened, _) = Log::open(disk.shared(), Path::new(DIR), Arc::clone(&config), &open).unwrap();
    if let Some(offset) = stage.cleaned_up_to {
        opened.restore_cleaned_up_to(offset);
    }
    Fixture { disk: disk.clone(), config, log: Some(opened), open, epoch: 9 }
}

fn check_crash(disk: &SimulatedDisk, log: &Fixture, stage: &Stage, name: &str) {
    let mut found = open(disk, log, stage);
    let now = content(&mut found);
    let leftovers: Vec<String> =
        found.names().into_iter().filter(|name| name.matches('.').count() > 1).collect();
    assert_eq!(leftovers, [""; 0], "{name}");
    let (before, after) = (&stage.before, &stage.after);
    assert!(now.committed.iter().all(|record| before.committed.contains(record)), "{name}: {now:?}");
    assert!(after.committed.iter().all(|record| now.committed.contains(record)), "{name}: {now:?}");
    assert!(now.committed.is_sorted_by_key(|(offset, ..)| *offset), "{name}: {now:?}");
    assert_eq!((&now.producers, now.end), (&before.producers, before.end), "{name}");
    // What was interrupted is done again.
    if found.dirt(5000).is_some_and(|dirt| dirt.dirty_bytes > 0) {
        found.clean(5000);
        assert_eq!(content(&mut found), *after, "{name}");
    }
    let next = found.append(&keyed(&[("goes", Some("on"))]));
    found.flush();
    let report = found.restart_cleanly();
    assert!(report.is_clean(), "{name}: {report}");
    assert_eq!(found.survivors().last().map(|last| last.0), Some(next), "{name}");
}

/// Fills a log, and then compacts and fills it in turn; crashes at every operation of the rounds.
fn check(name: &str, segment_bytes: u32, fill: impl Fn(&mut Fixture, usize), rounds: usize) {
    let mut log = Fixture::new(compacted(segment_bytes));
    let (mut points, mut count) = (0, 0);
    for round in 0..rounds {
        fill(&mut log, round);
        log.roll();
        log.flush();
        let before = content(&mut log);
        let recovery_point = log.log().recovery_point();
        let cleaned_up_to = log.log().cleaned_up_to();
        log.disk.record_forks();
        let from = log.disk.operations();
        log.clean(5000);
        let after = content(&mut log);
        let stage = Stage { from, before, after, recovery_point, cleaned_up_to };
        let forks = log.disk.take_forks();
        // What the cleaner checkpoint says may be on the disk as soon as the round is over: so must be what it did.
        log.disk.record_forks();
        log.disk.open(Path::new("/next"), OpenMode::Create).unwrap();
        let disk = log.disk.take_forks().remove(0).crash(0, Survival::Nothing, 0);
        assert_eq!(content(&mut open(&disk, &log, &stage)), stage.after, "{name}, round {round}");
        for fork in forks {
            assert!(fork.operation > stage.from);
            points += 1;
            for (torn, survival, seed) in crashes(&fork) {
                let disk = fork.crash(torn, survival, seed);
                let name = format!(
                    "{name}, round {round}, operation {}, {torn} bytes, {survival:?}, seed {seed}",
                    fork.operation - stage.from
                );
                check_crash(&disk, &log, &stage, &name);
                count += 1;
            }
        }
    }
    println!("{name}: {points} operations, {count} crashes, all recovered");
}

fn plain(log: &mut Fixture, round: usize) {
    for at in 0..6 {
        let (key, value) = (format!("key {}", at * (round + 1) % 4), format!("value {round} {at}"));
        let is_tombstone = at == 5;
        log.append(&keyed(&[(&key, (!is_tombstone).then_some(&*value)), ("each", Some(&value))]));
        if at % 2 == 1 {
            log.roll();
        }
    }
}

#[test]
fn plain_rounds_survive_every_crash() {
    check("plain, one group", 1 << 20, plain, 2);
    check("plain, several groups", 300, plain, 2);
}

#[test]
fn rounds_over_transactions_survive_every_crash() {
    let transactions = |log: &mut Fixture, round: usize| {
        let sequence = round as i32 * 3;
        let (key, value) = (format!("key {round}"), format!("value {round}"));
        log.append(&in_transaction(1, sequence, &[("a", Some(&value)), (&key, Some("committed"))]));
        log.append(&of_producer(3, sequence, &[("idempotent", Some(&value))]));
        log.roll();
        log.append(&in_transaction(2, sequence, &[("a", Some("aborted"))]));
        log.append(&in_transaction(1, sequence + 2, &[("b", Some(&value))]));
        log.roll();
        log.append(&in_transaction(2, sequence + 1, &[(&key, Some("aborted")), ("b", Some("aborted"))]));
        log.mark(&abort(2));
        log.append(&of_producer(3, sequence + 1, &[("idempotent", None), ("x", Some("y"))]));
        log.mark(&commit(1));
    };
    check("transactions, one group", 1 << 20, transactions, 2);
    check("transactions, several groups", 250, transactions, 2);
}
