//! Progress while it runs, and the result.

use std::fmt;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde_json::{Value, json};

use super::Bench;
use super::meter::Meter;
use super::process::ProcessTimes;
use crate::commands::output::bytes;

/// The percentiles that are reported, with their names.
const PERCENTILES: [(&str, f64); 5] =
    [("p50", 50.0), ("p90", 90.0), ("p99", 99.0), ("p99_9", 99.9), ("p99_99", 99.99)];

/// Prints a line to standard error each second. Never ends.
pub async fn progress_every_second(bench: &Bench<'_>) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    ticks.tick().await;
    let mut seconds = 0;
    loop {
        ticks.tick().await;
        seconds += 1;
        let recent = bench.meter.take_recent();
        if bench.quiet {
            continue;
        }
        let latency = |percentile| milliseconds(recent.latency.value_at_percentile(percentile));
        eprintln!(
            "{seconds:>4} s  {:>8} req/s  {:>9} rec/s  {:>10}/s  p50 {} ms  p99 {} ms  max {} ms{}",
            recent.requests,
            recent.records,
            bytes(recent.bytes_out.max(recent.bytes_in)),
            latency(50.0),
            latency(99.0),
            milliseconds(recent.latency.max()),
            if recent.errors > 0 { format!("  {} ERRORS", recent.errors) } else { String::new() },
        );
    }
}

/// What was measured.
#[derive(Debug)]
pub struct Report {
    /// `produce`, `consume` or `ping`.
    pub mode: &'static str,
    /// TCP connections.
    pub connections: u32,
    /// Requests that one connection may have unanswered.
    pub depth: u32,
    /// Size of a request in bytes.
    pub request_bytes: u64,
    /// From the first request to the last response.
    pub elapsed: Duration,
    /// Requests that were answered without an error.
    pub requests: u64,
    /// Requests, or partitions of them, that were answered with an error.
    pub errors: u64,
    /// The first of them.
    pub first_error: Option<String>,
    /// Records sent or received.
    pub records: u64,
    /// Bytes sent.
    pub bytes_out: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// In microseconds.
    pub latency: Histogram<u64>,
    /// CPU time of this process, since it started.
    pub client_cpu: Duration,
    /// What the broker used, if it was watched.
    pub broker: Option<ProcessTimes>,
}

impl Report {
    /// What `meter` holds.
    pub fn of(
        mode: &'static str,
        connections: u32,
        depth: u32,
        request_bytes: u64,
        meter: &Meter,
    ) -> anyhow::Result<Self> {
        let (counts, elapsed) = meter.total();
        Ok(Self {
            mode,
            connections,
            depth,
            request_bytes,
            elapsed,
            requests: counts.requests,
            errors: counts.errors,
            first_error: counts.first_error,
            records: counts.records,
            bytes_out: counts.bytes_out,
            bytes_in: counts.bytes_in,
            latency: counts.latency,
            client_cpu: ProcessTimes::of_self()?.cpu,
            broker: None,
        })
    }

    fn per_second(&self, count: u64) -> f64 {
        count as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// Bytes in the direction in which the records go.
    fn bytes(&self) -> u64 {
        self.bytes_out.max(self.bytes_in)
    }

    fn broker_cpu_per(&self, count: u64, unit: f64) -> Option<f64> {
        let cpu = self.broker?.cpu.as_secs_f64();
        (count > 0).then(|| cpu / (count as f64 / unit))
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        let mut latency: serde_json::Map<String, Value> = PERCENTILES
            .iter()
            .map(|&(name, percentile)| {
                (name.to_owned(), (self.latency.value_at_percentile(percentile) as f64 / 1e3).into())
            })
            .collect();
        latency.insert("max".to_owned(), (self.latency.max() as f64 / 1e3).into());
        latency.insert("mean".to_owned(), (self.latency.mean() / 1e3).into());
        let mut json = json!({
            "mode": self.mode,
            "connections": self.connections,
            "depth": self.depth,
            "request_bytes": self.request_bytes,
            "seconds": self.elapsed.as_secs_f64(),
            "requests": self.requests,
            "errors": self.errors,
            "first_error": self.first_error,
            "records": self.records,
            "bytes_out": self.bytes_out,
            "bytes_in": self.bytes_in,
            "requests_per_second": self.per_second(self.requests),
            "records_per_second": self.per_second(self.records),
            "bytes_per_second": self.per_second(self.bytes()),
            "latency_ms": latency,
            "client_cpu_seconds": self.client_cpu.as_secs_f64(),
        });
        if let Some(broker) = self.broker {
            json["broker_cpu_seconds"] = broker.cpu.as_secs_f64().into();
            json["broker_rss_bytes"] = broker.rss_bytes.into();
            json["broker_cpu_seconds_per_gb"] = self.broker_cpu_per(self.bytes(), 1e9).into();
            json["broker_cpu_seconds_per_million_requests"] = self.broker_cpu_per(self.requests, 1e6).into();
        }
        json
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} requests in {:.3} s over {} connections, {} deep: {:.0} requests/s, {:.0} records/s, {}/s",
            self.requests,
            self.elapsed.as_secs_f64(),
            self.connections,
            self.depth,
            self.per_second(self.requests),
            self.per_second(self.records),
            bytes(self.per_second(self.bytes()) as u64),
        )?;
        write!(f, "latency in ms:")?;
        for (name, percentile) in PERCENTILES {
            let value = milliseconds(self.latency.value_at_percentile(percentile));
            write!(f, "  {} {value}", name.replace('_', "."))?;
        }
        writeln!(f, "  max {}", milliseconds(self.latency.max()))?;
        writeln!(f, "CPU of this client: {:.2} s", self.client_cpu.as_secs_f64())?;
        if let Some(broker) = self.broker {
            write!(f, "CPU of the broker: {:.2} s", broker.cpu.as_secs_f64())?;
            if let Some(per_gb) = self.broker_cpu_per(self.bytes(), 1e9) {
                write!(f, ", {per_gb:.3} s/GB")?;
            }
            if let Some(per_million) = self.broker_cpu_per(self.requests, 1e6) {
                write!(f, ", {per_million:.2} s per million requests")?;
            }
            writeln!(f, "; memory {}", bytes(broker.rss_bytes))?;
        }
        if let Some(error) = &self.first_error {
            writeln!(f, "ERRORS: {}, the first {error}", self.errors)?;
        }
        Ok(())
    }
}

fn milliseconds(micros: u64) -> String {
    format!("{:.3}", micros as f64 / 1e3)
}
