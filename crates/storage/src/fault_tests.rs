//! A full disk, an I/O error or a failed sync at every operation of a workload.
//!
//! What was refused is not in the log, what was acknowledged is; a full disk needs no more than room to go on.

use ottla_protocol::types::Offset;

use crate::append::AppendOrigin;
use crate::io::Operation;
use crate::io::simulated::{Fault, FaultKind, SimulatedDisk, Survival};
use crate::testing::*;

struct Run {
    log: Fixture,
    /// First record of each batch that was acknowledged, by offset.
    acknowledged: Vec<(i64, String)>,
    /// Everything below was flushed.
    durable: i64,
    sequence: i32,
    refused: usize,
    /// Faults that never happened.
    missed: usize,
}

impl Run {
    fn new() -> Self {
        let log = Fixture::on(SimulatedDisk::new(1), small_segments(400));
        Self { log, acknowledged: Vec::new(), durable: 0, sequence: 0, refused: 0, missed: 0 }
    }

    /// Appends, and once more if that fails, as a client would; after the second failure the log is opened again.
    fn append(&mut self) {
        let bytes = idempotent(1, 0, self.sequence, 1);
        for _ in 0..4 {
            match self.log.append_from(AppendOrigin::Client, &bytes) {
                Ok(appended) => {
                    assert!(!appended.is_duplicate || self.refused > 0);
                    self.acknowledged.push((appended.base_offset.0, "value".into()));
                    self.sequence += 1;
                    return;
                }
                Err(_) => self.refused += 1,
            }
            if self.refused.is_multiple_of(2) {
                self.reopen();
            }
        }
        panic!("the append never succeeds");
    }

    /// A failed flush ends the log; what it did not sync is lost with the power.
    fn flush(&mut self) {
        let log = self.log.log();
        let flushed = match log.flush_ticket() {
            Ok(None) => return,
            Ok(Some(ticket)) => ticket.run(),
            Err(error) => Err(error),
        };
        match flushed {
            Ok(flushed) => {
                self.log.log().mark_flushed(&flushed);
                self.durable = self.log.log().recovery_point().0;
            }
            Err(_) => {
                self.refused += 1;
                self.log.open.recovery_point = Offset(self.durable);
                self.log.disk.crash(Survival::Nothing);
                self.reopen();
                let end = self.log.log().log_end_offset().0;
                assert!(end >= self.durable, "{end} of {}", self.durable);
                self.acknowledged.retain(|(offset, _)| *offset < end);
                self.sequence = self.acknowledged.len() as i32;
            }
        }
    }

    fn reopen(&mut self) {
        self.log.open.recovery_point = Offset(self.durable);
        self.log.open.had_clean_shutdown = false;
        if self.log.reopen().is_err() {
            self.log.reopen().expect("there is one fault only");
        }
    }

    fn work(&mut self) {
        for round in 0..12 {
            self.append();
            if round % 5 == 3 {
                self.flush();
            }
            if round == 8 && self.log.log().roll(at(0).wall).is_err() {
                self.refused += 1;
            }
        }
        self.flush();
        self.missed = self.log.disk.lift_faults();
        assert_eq!(self.log.records_from(0), self.acknowledged);
        self.reopen();
        assert_eq!(self.log.records_from(0), self.acknowledged);
        self.append();
        self.flush();
        self.log.disk.crash(Survival::Nothing);
        self.reopen();
        assert_eq!(self.log.records_from(0), self.acknowledged);
    }
}

fn check(kinds: &[FaultKind], operation: Option<Operation>) {
    let mut counting = Run::new();
    let before = counting.log.disk.operations();
    counting.work();
    let operations = counting.log.disk.operations() - before;
    let (mut points, mut refused) = (0, 0);
    for after in 0..operations {
        for kind in kinds {
            let mut run = Run::new();
            run.log.disk.inject(Fault { operation, after, count: 1, kind: *kind });
            run.work();
            points += usize::from(run.missed == 0);
            refused += run.refused;
        }
    }
    println!("{points} faults, {refused} refusals, no acknowledged record lost");
    assert!(refused > 0);
}

#[test]
fn a_full_disk_at_any_operation_refuses_and_goes_on() {
    let full = [FaultKind::Full { torn: 0 }, FaultKind::Full { torn: 30 }, FaultKind::Full { torn: 72 }];
    check(&full, Some(Operation::Write));
    check(&[FaultKind::Full { torn: 0 }], Some(Operation::Open));
}

#[test]
fn an_io_error_at_any_operation_loses_nothing_acknowledged() {
    check(&[FaultKind::Io { torn: 0 }, FaultKind::Io { torn: 50 }], None);
}

#[test]
fn a_failed_sync_is_never_followed_by_an_acknowledgement() {
    check(&[FaultKind::Io { torn: 0 }], Some(Operation::Sync));
    check(&[FaultKind::Io { torn: 0 }], Some(Operation::SyncDir));
}

#[test]
fn a_disk_that_fills_up_goes_on_when_there_is_room_again() {
    let mut run = Run::new();
    run.append();
    run.flush();
    let used = run.log.disk.space_used();
    let mut capacity = used;
    for _ in 0..200 {
        capacity += 7;
        run.log.disk.set_capacity(capacity);
        let bytes = idempotent(1, 0, run.sequence, 1);
        if let Ok(appended) = run.log.append_from(AppendOrigin::Client, &bytes) {
            run.acknowledged.push((appended.base_offset.0, "value".into()));
            run.sequence += 1;
        }
        assert_eq!(run.log.records_from(0), run.acknowledged);
    }
    assert!(run.acknowledged.len() > 10);
    run.log.disk.set_capacity(u64::MAX);
    run.append();
    run.flush();
    run.reopen();
    assert_eq!(run.log.records_from(0), run.acknowledged);
}
