//! Every crash point of small logs, on the simulated disk.
//!
//! A workload runs once; before each of its operations on the disk a copy of the disk is kept, and with it what the log had
//! promised by then. Each copy is then crashed in several ways and opened, and the promise is checked:
//!
//! * everything below the last finished flush is there;
//! * what is there is a beginning of what was appended, batch for batch and byte for byte;
//! * epochs, producers, aborted transactions and lookups are those of a log that holds just these batches;
//! * the log goes on, and closes cleanly.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use ottla_protocol::record::control::TransactionResult;
use ottla_protocol::record::{BatchMut, batches};
use ottla_protocol::types::{LeaderEpoch, Offset};

use crate::append::AppendOrigin;
use crate::config::LogConfig;
use crate::io::simulated::{DiskFork, SimulatedDisk, Survival};
use crate::log::{Log, OpenContext};
use crate::recovery::OnDamage;
use crate::testing::*;

/// What a log has promised, while one step of a workload runs.
#[derive(Clone, Debug)]
struct Promise {
    /// Count of disk operations when the step began.
    from: u64,
    /// Stamped batches in order, with the one that the step appends.
    batches: Vec<Vec<u8>>,
    /// Histories that a truncation has ended, but that may come back until the next flush.
    ended: Vec<Vec<Vec<u8>>>,
    /// End of what was flushed.
    durable: i64,
    log_start: i64,
    recovery_point: i64,
}

/// A step of a workload.
#[derive(Clone, Debug)]
enum Step {
    /// A client's batch in this epoch.
    Append(i32, Vec<u8>),
    /// A marker.
    Mark(i32, Vec<u8>),
    Flush,
    /// The recovery point and log start offset go to their checkpoint files.
    Checkpoint,
    Truncate(i64),
    DeleteBefore(i64),
    Retain,
    Roll,
    /// Close cleanly and open again.
    Restart,
}

struct Run {
    log: Fixture,
    promise: Promise,
    promises: Vec<Promise>,
}

impl Run {
    fn new(config: LogConfig) -> Self {
        let disk = SimulatedDisk::new(1);
        let log = Fixture::on(disk, config);
        let promise = Promise {
            from: 0,
            batches: Vec::new(),
            ended: Vec::new(),
            durable: 0,
            log_start: 0,
            recovery_point: 0,
        };
        log.disk.record_forks();
        Self { log, promise, promises: Vec::new() }
    }

    fn begin(&mut self) {
        self.promise.from = self.log.disk.operations();
        self.promises.push(self.promise.clone());
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Append(epoch, bytes) => self.append(AppendOrigin::Client, *epoch, bytes),
            Step::Mark(epoch, bytes) => self.append(AppendOrigin::Coordinator, *epoch, bytes),
            Step::Flush => {
                self.begin();
                let had_something = self.log.log().recovery_point() < self.log.log().log_end_offset();
                self.log.flush();
                self.promise.durable = self.log.log().recovery_point().0;
                if had_something {
                    self.promise.ended.clear();
                }
            }
            Step::Checkpoint => {
                self.promise.recovery_point = self.log.log().recovery_point().0;
                self.promise.log_start = self.log.log().log_start_offset().0;
                self.begin();
            }
            Step::Truncate(offset) => {
                self.promise.ended.push(self.promise.batches.clone());
                self.promise.batches.retain(|batch| last_offset(batch) < *offset);
                // A batch that spans the offset goes whole.
                let end = self.promise.batches.last().map_or(0, |batch| last_offset(batch) + 1);
                self.promise.durable = self.promise.durable.min(end);
                // The checkpoint is lowered before anything else is acknowledged: here, before the truncation.
                self.promise.recovery_point = self.promise.recovery_point.min(*offset);
                self.begin();
                let unlink = self.log.log().truncate_to(Offset(*offset), at(0).wall).unwrap();
                unlink.run(&*self.log.disk.shared()).unwrap();
            }
            Step::DeleteBefore(offset) => {
                self.begin();
                self.log.log().advance_log_start_offset(Offset(*offset));
            }
            Step::Retain => {
                self.begin();
                let end = self.log.log().log_end_offset();
                let retained = self.log.log().delete_old_segments(end, at(0).wall).unwrap();
                retained.unlink.run(&*self.log.disk.shared()).unwrap();
            }
            Step::Roll => {
                self.begin();
                self.log.log().roll(at(0).wall).unwrap();
            }
            Step::Restart => {
                self.begin();
                self.log.open.log_start_offset = self.log.log().log_start_offset();
                self.log.restart_cleanly();
                self.promise.durable = self.log.log().log_end_offset().0;
                self.promise.recovery_point = self.promise.durable;
                self.promise.ended.clear();
            }
        }
    }

    fn append(&mut self, origin: AppendOrigin, epoch: i32, bytes: &[u8]) {
        let mut stamped = bytes.to_vec();
        let mut batch = BatchMut::first_of(&mut stamped).unwrap();
        batch.set_base_offset(self.log.log().log_end_offset());
        batch.set_leader_epoch(LeaderEpoch(epoch));
        self.promise.batches.push(stamped);
        self.begin();
        self.log.epoch = epoch;
        self.log.append_from(origin, bytes).unwrap();
    }
}

fn last_offset(batch: &[u8]) -> i64 {
    batches(batch).next().unwrap().unwrap().header().last_offset().0
}

fn base_offset(batch: &[u8]) -> i64 {
    batches(batch).next().unwrap().unwrap().header().base_offset.0
}

/// Opens the log of a crashed disk as a broker would.
fn open(disk: &SimulatedDisk, config: &Arc<LogConfig>, promise: &Promise) -> Fixture {
    let open = OpenContext {
        topic_id: Some(TOPIC_ID),
        recovery_point: Offset(promise.recovery_point),
        log_start_offset: Offset(promise.log_start),
        was_compacted: false,
        had_clean_shutdown: false,
        // Whoever truncates has a leader to fetch from again.
        on_damage: if promise.ended.is_empty() { OnDamage::Refuse } else { OnDamage::Cut },
        now: at(0),
        seed: 1,
    };
    let (log, _) = Log::open(disk.shared(), Path::new(DIR), Arc::clone(config), &open)
        .unwrap_or_else(|error| panic!("{error}; promised {}", promise.durable));
    Fixture { disk: disk.clone(), config: Arc::clone(config), log: Some(log), open, epoch: 99 }
}

/// The batches of a log, from its start to its end.
fn contents(log: &mut Fixture) -> Vec<Vec<u8>> {
    let end = log.log().log_end_offset().0;
    let mut next = log.log().log_start_offset().0;
    let mut found = Vec::new();
    while next < end {
        let bytes = log.read_up_to(next, end, u32::MAX);
        if bytes.is_empty() {
            break;
        }
        for batch in batches(&bytes) {
            let batch = batch.expect("whole batches");
            next = batch.header().next_offset().0;
            found.push(batch.bytes().to_vec());
        }
    }
    found
}

/// What follows from the batches of a log.
fn derived(log: &mut Fixture) -> String {
    let (start, end) = (log.log().log_start_offset(), log.log().log_end_offset());
    log.log().on_high_watermark(end);
    let aborted = log.log().aborted_transactions(start, end).unwrap();
    let stable = log.log().last_stable_offset(end);
    let (epochs, producers) = (log.log().leader_epochs().to_vec(), log.log().producers());
    format!("{start} {end} {aborted:?} {stable} {epochs:?} {producers:?}")
}

fn check_crash(disk: &SimulatedDisk, config: &Arc<LogConfig>, promise: &Promise, name: &str) {
    let mut log = open(disk, config, promise);
    let (start, end) = (log.log().log_start_offset().0, log.log().log_end_offset().0);
    assert!(end >= promise.durable, "{name}: ends at {end}, promised {}", promise.durable);
    let found = contents(&mut log);
    let histories = std::iter::once(&promise.batches).chain(&promise.ended);
    let is_beginning = |history: &Vec<Vec<u8>>| {
        let expected: Vec<_> =
            history.iter().filter(|batch| last_offset(batch) >= start && base_offset(batch) < end).collect();
        found.iter().collect::<Vec<_>>() == expected
    };
    assert!(histories.clone().any(is_beginning), "{name}: offsets {start}..{end} are of no history");
    let covered = found.first().is_none_or(|batch| base_offset(batch) <= start);
    assert!(covered, "{name}: what is readable begins behind the log start {start}");
    if start == 0 {
        check_derived(&mut log, config, &found, name);
    }
    // It goes on.
    let next = log.append(&batch(0, &["goes on"]));
    assert_eq!(next, end, "{name}");
    log.flush();
    let report = log.restart_cleanly();
    assert!(report.is_clean(), "{name}: {report}");
    assert_eq!(log.records_from(next), [(next, "goes on".to_owned())], "{name}");
}

/// Compares with a log that never crashed and was given the same batches.
fn check_derived(log: &mut Fixture, config: &Arc<LogConfig>, found: &[Vec<u8>], name: &str) {
    let mut oracle = Fixture::new((**config).clone());
    oracle.epoch = 99;
    for batch in found {
        oracle.append_as_follower(batch).unwrap();
    }
    assert_eq!(derived(log), derived(&mut oracle), "{name}");
}

/// The ways in which a disk can crash at an operation.
pub(crate) fn crashes(fork: &DiskFork) -> Vec<(usize, Survival, u64)> {
    let mut ways = Vec::new();
    let size = fork.write_size().unwrap_or(0);
    let torn: BTreeSet<_> = [0, 1, size / 3, size / 2, size.saturating_sub(1), size].into();
    for torn in torn {
        ways.push((torn, Survival::Everything, 0));
        ways.push((torn, Survival::Nothing, 0));
    }
    for seed in 0..4 {
        ways.push((size, Survival::Prefix, seed));
        ways.push((size / 2, Survival::Prefix, seed + 10));
    }
    for seed in 0..8 {
        ways.push((size, Survival::Sectors { size: 512 }, seed + 20));
        ways.push((size, Survival::Sectors { size: 4096 }, seed + 40));
    }
    ways
}

fn check(workload: &str, config: LogConfig, steps: &[Step]) {
    let mut run = Run::new(config.clone());
    for step in steps {
        run.step(step);
    }
    run.begin();
    let (forks, config) = (run.log.disk.take_forks(), Arc::new(config));
    let (mut points, mut count) = (0, 0);
    for fork in &forks {
        let at = run.promises.iter().rposition(|promise| promise.from < fork.operation);
        let promise = &run.promises[at.unwrap_or(0)];
        points += 1;
        for (torn, survival, seed) in crashes(fork) {
            let disk = fork.crash(torn, survival, seed);
            let name =
                format!("{workload}, operation {}, {torn} bytes, {survival:?}, seed {seed}", fork.operation);
            check_crash(&disk, &config, promise, &name);
            count += 1;
        }
    }
    println!("{workload}: {points} operations, {count} crashes, all recovered");
}

fn plain(epoch: i32, size: usize) -> Step {
    Step::Append(epoch, batch(0, &[&"v".repeat(size), "w"]))
}

#[test]
fn appends_rolls_and_flushes_survive_every_crash() {
    let mut steps = Vec::new();
    for round in 0..10 {
        steps.push(plain(round / 4, 150));
        steps.push(Step::Append(round / 4, idempotent(1, 0, round * 2, 2)));
        if round % 3 == 1 {
            steps.push(Step::Flush);
        }
        if round % 4 == 3 {
            steps.push(Step::Checkpoint);
        }
    }
    check("appends, rolls and flushes", small_segments(900), &steps);
}

#[test]
fn transactions_survive_every_crash() {
    let mut steps = Vec::new();
    for round in 0..5 {
        steps.push(Step::Append(0, transactional(1, 0, round, 1)));
        steps.push(Step::Append(0, transactional(2, 0, round * 2, 2)));
        let result = if round % 2 == 0 { TransactionResult::Abort } else { TransactionResult::Commit };
        steps.push(Step::Mark(0, marker(1, 0, result)));
        if round == 2 {
            steps.extend([Step::Flush, Step::Checkpoint]);
        }
        steps.push(Step::Mark(0, marker(2, 0, TransactionResult::Abort)));
    }
    check("transactions", small_segments(500), &steps);
}

#[test]
fn truncations_survive_every_crash() {
    let mut steps = Vec::new();
    for round in 0..6 {
        steps.push(plain(0, 120 + round * 10));
    }
    steps.extend([Step::Flush, Step::Checkpoint, plain(0, 100), Step::Truncate(9)]);
    steps.extend([plain(1, 130), plain(1, 60), Step::Flush, plain(1, 170), Step::Truncate(11)]);
    steps.extend([plain(2, 150), Step::Checkpoint, Step::Flush, plain(2, 90)]);
    check("truncations", small_segments(700), &steps);
}

#[test]
fn retention_and_restarts_survive_every_crash() {
    let mut steps = Vec::new();
    for round in 0..4 {
        steps.extend([plain(round, 200), plain(round, 100), plain(round, 150)]);
        match round {
            1 => steps.extend([Step::Flush, Step::DeleteBefore(3), Step::Checkpoint, Step::Retain]),
            2 => steps.extend([Step::Restart, Step::Roll]),
            _ => steps.extend([Step::Flush, Step::Checkpoint]),
        }
    }
    check("retention and restarts", small_segments(600), &steps);
}

/// The checker finds a broken promise: here a flush that never happened.
#[test]
#[should_panic(expected = "promised 4")]
fn a_flush_that_syncs_nothing_is_found() {
    let mut run = Run::new(small_segments(900));
    run.step(&plain(0, 100));
    run.step(&plain(0, 100));
    run.promise.durable = run.log.log().log_end_offset().0;
    run.begin();
    run.log.append(&batch(0, &["next"]));
    let fork = run.log.disk.take_forks().pop().unwrap();
    let disk = fork.crash(0, Survival::Nothing, 0);
    check_crash(&disk, &Arc::clone(&run.log.config), &run.promise, "planted");
}

/// The checker finds a batch that is not the one that was appended.
#[test]
#[should_panic(expected = "are of no history")]
fn another_batch_in_the_place_of_one_is_found() {
    let mut run = Run::new(small_segments(900));
    run.step(&plain(0, 100));
    run.step(&plain(0, 100));
    run.promise.batches.swap(0, 1);
    run.begin();
    let fork = run.log.disk.take_forks().pop().unwrap();
    let disk = fork.crash(usize::MAX, Survival::Everything, 0);
    check_crash(&disk, &Arc::clone(&run.log.config), &run.promise, "planted");
}
