//! What was measured so far, of all connections together.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use super::process::ProcessTimes;

/// Longest latency that is told from longer ones, in microseconds: ten minutes.
const LATENCY_MAX_US: u64 = 600_000_000;

/// Counters and latencies. One thread uses it.
#[derive(Debug)]
pub struct Meter {
    counts: RefCell<Counts>,
    /// Since the last progress line.
    recent: RefCell<Counts>,
    started: Cell<Instant>,
    is_stopped: Cell<bool>,
    broker: Cell<Option<ProcessTimes>>,
}

/// Something counted over a time.
#[derive(Clone, Debug)]
pub struct Counts {
    pub requests: u64,
    pub errors: u64,
    pub records: u64,
    pub bytes_out: u64,
    pub bytes_in: u64,
    /// In microseconds.
    pub latency: Histogram<u64>,
    pub first_error: Option<String>,
}

impl Default for Counts {
    fn default() -> Self {
        let latency = Histogram::new_with_bounds(1, LATENCY_MAX_US, 3).expect("the bounds are in order");
        Self { requests: 0, errors: 0, records: 0, bytes_out: 0, bytes_in: 0, latency, first_error: None }
    }
}

/// What one answered request adds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sample {
    pub latency: Option<Duration>,
    pub records: u64,
    pub bytes_out: u64,
    pub bytes_in: u64,
}

impl Counts {
    fn add(&mut self, sample: &Sample) {
        self.requests += 1;
        self.records += sample.records;
        self.bytes_out += sample.bytes_out;
        self.bytes_in += sample.bytes_in;
        if let Some(latency) = sample.latency {
            self.latency.saturating_record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX).max(1));
        }
    }

    fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        self.errors += other.errors;
        self.records += other.records;
        self.bytes_out += other.bytes_out;
        self.bytes_in += other.bytes_in;
        self.latency += &other.latency;
        if self.first_error.is_none() {
            self.first_error.clone_from(&other.first_error);
        }
    }
}

impl Meter {
    pub fn new() -> Self {
        Self {
            counts: RefCell::default(),
            recent: RefCell::default(),
            started: Cell::new(Instant::now()),
            is_stopped: Cell::new(false),
            broker: Cell::new(None),
        }
    }

    /// Forgets what was counted: from here on it counts.
    pub fn start(&self) {
        self.counts.take();
        self.recent.take();
        self.started.set(Instant::now());
    }

    pub fn add(&self, sample: &Sample) {
        self.recent.borrow_mut().add(sample);
    }

    pub fn add_error(&self, error: impl FnOnce() -> String) {
        let mut recent = self.recent.borrow_mut();
        recent.errors += 1;
        recent.first_error.get_or_insert_with(error);
    }

    /// Asks every connection to send nothing more.
    pub fn stop(&self) {
        self.is_stopped.set(true);
    }

    pub fn is_stopped(&self) -> bool {
        self.is_stopped.get()
    }

    /// What was counted since the last call.
    pub fn take_recent(&self) -> Counts {
        let recent = self.recent.take();
        self.counts.borrow_mut().merge(&recent);
        recent
    }

    /// All that was counted, and for how long.
    pub fn total(&self) -> (Counts, Duration) {
        self.take_recent();
        (self.counts.borrow().clone(), self.started.get().elapsed())
    }

    /// Notes the broker's times at the start of what counts.
    pub fn note_broker(&self, times: ProcessTimes) {
        self.broker.set(Some(times));
    }

    /// The broker's times at the start of what counts.
    pub fn broker_times(&self) -> Option<ProcessTimes> {
        self.broker.get()
    }
}
