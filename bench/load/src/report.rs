//! Figures of one run as a line of JSON.

use std::fmt::Write;
use std::time::{Duration, Instant};

/// CPU seconds (user and system) that a process has used; 0 for process 0.
pub fn cpu_seconds(pid: u32) -> f64 {
    let Ok(text) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return 0.0 };
    let Some((_, fields)) = text.rsplit_once(')') else { return 0.0 };
    let ticks: u64 =
        fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    // Linux reports in hundredths of a second on every machine that this runs on.
    ticks as f64 / 100.0
}

/// Collects what happens during a run.
pub struct Report {
    started: Instant,
    pid: u32,
    broker_cpu_before: f64,
    own_cpu_before: f64,
    latencies: Vec<u32>,
    /// Bytes that went over the wire in the direction that counts.
    pub bytes: u64,
    /// Records sent or read.
    pub records: u64,
    /// Answers with an error.
    pub errors: u64,
}

impl Report {
    /// Starts the clocks; `pid` is the broker's process, 0 for none.
    pub fn start(pid: u32) -> Self {
        Self {
            started: Instant::now(),
            pid,
            broker_cpu_before: cpu_seconds(pid),
            own_cpu_before: cpu_seconds(std::process::id()),
            latencies: Vec::with_capacity(1 << 20),
            bytes: 0,
            records: 0,
            errors: 0,
        }
    }

    /// An answer came this long after its request was sent (or due).
    pub fn answer(&mut self, latency: Duration) {
        self.latencies.push(u32::try_from(latency.as_micros()).unwrap_or(u32::MAX));
    }

    /// The figures. CPU seconds a GB are of 1,000,000,000 bytes on the wire.
    pub fn finish(mut self) -> String {
        let seconds = self.started.elapsed().as_secs_f64();
        let requests = self.latencies.len();
        self.latencies.sort_unstable();
        let percentile = |share: f64| {
            let index = ((requests as f64 * share).ceil() as usize).clamp(1, requests.max(1)) - 1;
            self.latencies.get(index).map_or(0.0, |&us| f64::from(us) / 1000.0)
        };
        let mut line = format!(
            "{{\"requests\":{requests},\"errors\":{},\"records\":{},\"seconds\":{seconds:.3},\"requests_per_s\":{:.0},\
             \"records_per_s\":{:.0},\"mb_per_s\":{:.2},\"p50_ms\":{:.3},\"p99_ms\":{:.3},\"p999_ms\":{:.3},\"max_ms\":{:.3}",
            self.errors,
            self.records,
            requests as f64 / seconds,
            self.records as f64 / seconds,
            self.bytes as f64 / seconds / 1e6,
            percentile(0.5),
            percentile(0.99),
            percentile(0.999),
            percentile(1.0),
        );
        let own = cpu_seconds(std::process::id()) - self.own_cpu_before;
        let _ = write!(line, ",\"client_cpu_s\":{own:.2}");
        if self.pid != 0 {
            let cpu = cpu_seconds(self.pid) - self.broker_cpu_before;
            let _ = write!(line, ",\"broker_cpu_s\":{cpu:.2}");
            if self.bytes > 0 {
                let _ = write!(line, ",\"cpu_s_per_gb\":{:.4}", cpu / (self.bytes as f64 / 1e9));
            }
            let _ = write!(line, ",\"cpu_s_per_million\":{:.3}", cpu / (requests.max(1) as f64 / 1e6));
        }
        line.push('}');
        line
    }
}
