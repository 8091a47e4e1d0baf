//! The loop: every connection has up to `depth` requests in flight, flat out or at a constant rate.

use std::collections::VecDeque;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::epoll;
use rustix::time::Timespec;

use crate::Outcome;
use crate::arguments::Arguments;
use crate::connection::Connection;
use crate::report::Report;
use crate::wire;

/// No answer for so long is an error.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Produce,
    Fetch,
    Api,
}

struct Run {
    mode: Mode,
    topic: String,
    bytes_max: i32,
    depth: usize,
    /// Requests to send in all; fetches end at the high watermark instead.
    requests: u64,
    /// Requests a second, or 0 for flat out.
    rate: f64,
    /// Records in one request.
    records: u64,
    sent: u64,
    answered: u64,
    started: Instant,
    /// Connections that may take another request, when a rate is kept.
    idle: VecDeque<usize>,
}

/// Runs `produce`, `fetch` or `api`.
pub fn run(command: &str, arguments: &Arguments) -> Outcome {
    let mode = match command {
        "produce" => Mode::Produce,
        "fetch" => Mode::Fetch,
        _ => Mode::Api,
    };
    let partitions: i32 = arguments.number_or("partitions", 1)?;
    let connections: usize = arguments.number_or("connections", 1)?;
    let each: i32 = arguments.number_or("each", 1)?;
    let records: usize = if mode == Mode::Produce { arguments.number("records")? } else { 0 };
    let mut run = Run {
        mode,
        topic: if mode == Mode::Api { String::new() } else { arguments.text("topic")?.to_owned() },
        bytes_max: arguments.number_or("max-bytes", 1 << 20)?,
        depth: if mode == Mode::Fetch { 1 } else { arguments.number_or("depth", 1)? },
        requests: if mode == Mode::Fetch { u64::MAX } else { arguments.number("requests")? },
        rate: arguments.number_or("rate", 0.0)?,
        records: records as u64 * each as u64,
        sent: 0,
        answered: 0,
        started: Instant::now(),
        idle: VecDeque::new(),
    };
    let batch =
        if mode == Mode::Produce { wire::batch(records, arguments.number("size")?) } else { Vec::new() };
    let acks: i16 = if mode == Mode::Produce { arguments.number("acks")? } else { 1 };
    if acks == 0 {
        return Err("acks 0 has no answers to measure".into());
    }
    let mut open = Vec::with_capacity(connections);
    for index in 0..connections as i32 {
        let first = index * each % partitions;
        let mut connection = Connection::open(arguments.text("broker")?, index % partitions)?;
        connection.request = match mode {
            Mode::Api => wire::api_versions(),
            Mode::Fetch => wire::fetch(&run.topic, connection.partition, 0, run.bytes_max),
            Mode::Produce => {
                let targets: Vec<i32> = (0..each).map(|offset| (first + offset) % partitions).collect();
                wire::produce(&run.topic, targets.into_iter(), &batch, acks)
            }
        };
        open.push(connection);
    }
    let mut report = Report::start(arguments.number_or("pid", 0)?);
    run.started = Instant::now();
    run.to_the_end(&mut open, &mut report)?;
    if report.errors > 0 { Err(report.finish().into()) } else { Ok(report.finish()) }
}

impl Run {
    fn to_the_end(
        &mut self,
        connections: &mut [Connection],
        report: &mut Report,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        for (index, connection) in connections.iter().enumerate() {
            let flags = epoll::EventFlags::IN | epoll::EventFlags::OUT | epoll::EventFlags::ET;
            epoll::add(&poll, connection.stream.as_fd(), epoll::EventData::new_u64(index as u64), flags)?;
        }
        self.idle = (0..connections.len()).collect();
        for connection in connections.iter_mut() {
            self.send(connection, report)?;
        }
        let mut events: Vec<epoll::Event> = Vec::with_capacity(512);
        let mut last = Instant::now();
        while !self.is_done(connections) {
            if self.rate > 0.0 {
                self.send_due(connections, report)?;
            }
            events.clear();
            let timeout = self.timeout();
            epoll::wait(&poll, spare_capacity(&mut events), Some(&timeout))?;
            if events.is_empty() && self.rate == 0.0 && last.elapsed() > PATIENCE {
                return Err(format!(
                    "no answer for {} s after {} answers",
                    PATIENCE.as_secs(),
                    self.answered
                )
                .into());
            }
            for event in &events {
                let index = event.data.u64() as usize;
                let connection = &mut connections[index];
                let before = self.answered;
                self.receive(connection, report)?;
                if self.answered > before {
                    last = Instant::now();
                    if self.rate > 0.0 && !self.idle.contains(&index) {
                        self.idle.push_back(index);
                    }
                }
                self.send(connection, report)?;
            }
        }
        Ok(())
    }

    fn is_done(&self, connections: &[Connection]) -> bool {
        match self.mode {
            Mode::Fetch => connections.iter().all(|connection| connection.done),
            Mode::Produce | Mode::Api => self.answered >= self.requests,
        }
    }

    /// Until the next request is due, or a second.
    fn timeout(&self) -> Timespec {
        let mut wait = Duration::from_secs(1);
        if self.rate > 0.0 && self.sent < self.requests && !self.idle.is_empty() {
            wait = wait.min(self.due(self.sent).saturating_duration_since(Instant::now()));
        }
        Timespec { tv_sec: wait.as_secs() as i64, tv_nsec: i64::from(wait.subsec_nanos()) }
    }

    /// When a request is due that a rate asks for.
    fn due(&self, request: u64) -> Instant {
        self.started + Duration::from_secs_f64(request as f64 / self.rate)
    }

    /// At a constant rate: a request that is late because no connection was free counts its wait too.
    fn send_due(&mut self, connections: &mut [Connection], report: &mut Report) -> std::io::Result<()> {
        while self.sent < self.requests && self.due(self.sent) <= Instant::now() {
            let Some(index) = self.idle.pop_front() else { return Ok(()) };
            let due = self.due(self.sent);
            self.sent += 1;
            let connection = &mut connections[index];
            let bytes = connection.begin(due)?;
            self.count_sent(bytes, report);
            if !connection.is_sending() && connection.unanswered() < self.depth {
                self.idle.push_back(index);
            }
        }
        Ok(())
    }

    /// Writes what a connection may write.
    fn send(&mut self, connection: &mut Connection, report: &mut Report) -> std::io::Result<()> {
        loop {
            if connection.is_sending() {
                let bytes = connection.go_on()?;
                self.count_sent(bytes, report);
                if connection.is_sending() {
                    return Ok(());
                }
            }
            if self.rate > 0.0
                || connection.done
                || connection.unanswered() >= self.depth
                || self.sent >= self.requests
            {
                return Ok(());
            }
            if self.mode == Mode::Fetch {
                connection.request =
                    wire::fetch(&self.topic, connection.partition, connection.next_offset, self.bytes_max);
            }
            self.sent += 1;
            let bytes = connection.begin(Instant::now())?;
            self.count_sent(bytes, report);
        }
    }

    fn count_sent(&self, bytes: u64, report: &mut Report) {
        if self.mode == Mode::Produce {
            report.bytes += bytes;
        }
    }

    fn receive(&mut self, connection: &mut Connection, report: &mut Report) -> std::io::Result<()> {
        let (mode, mut answers, mut at_end) = (self.mode, 0, false);
        let bytes = connection.read(|next_offset, answer, due| {
            answers += 1;
            report.answer(due.elapsed());
            let error = match mode {
                Mode::Api => answer.first_chunk::<2>().map(|code| i16::from_be_bytes(*code)),
                Mode::Produce => wire::produce_error(answer),
                Mode::Fetch => wire::fetched(answer).map(|fetched| {
                    *next_offset = fetched.next_offset.unwrap_or(*next_offset);
                    report.records += fetched.records;
                    at_end = fetched.error != 0 || *next_offset >= fetched.high_watermark;
                    fetched.error
                }),
            };
            if error != Some(0) {
                if report.errors == 0 {
                    eprintln!("error {error:?} from the broker");
                }
                report.errors += 1;
            }
        })?;
        connection.done |= at_end;
        self.answered += answers;
        report.records += answers * self.records;
        if self.mode == Mode::Fetch {
            report.bytes += bytes;
        }
        Ok(())
    }
}
