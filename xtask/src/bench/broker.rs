//! One broker of either kind, started through `compat/lib/broker` as the compatibility suites start it.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use clap::ValueEnum;

/// Which broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Kind {
    /// This project's.
    Ottla,
    /// The real Apache Kafka.
    Kafka,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Ottla => "ottla",
            Self::Kafka => "kafka",
        })
    }
}

/// A running broker; dropping it stops it and deletes its data.
pub struct Broker {
    kind: Kind,
    folder: PathBuf,
    port: u16,
    /// Its process.
    pub pid: u32,
    /// Where clients connect.
    pub address: String,
    /// From the start of the process to the first answered Metadata, seconds.
    pub ready_seconds: f64,
}

impl Broker {
    /// Starts on a fresh folder.
    pub fn start(kind: Kind, folder: &Path, port: u16) -> anyhow::Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        let mut broker = Self {
            kind,
            folder: folder.to_owned(),
            port,
            pid: 0,
            address: String::new(),
            ready_seconds: 0.0,
        };
        broker.launch()?;
        Ok(broker)
    }

    fn launch(&mut self) -> anyhow::Result<()> {
        let port = self.port.to_string();
        let said = adapter(&["start", &self.kind.to_string(), &self.folder.to_string_lossy(), &port])?;
        for pair in said.split_whitespace() {
            match pair.split_once('=').with_context(|| format!("`{said}` from the broker's start"))? {
                ("pid", pid) => self.pid = pid.parse()?,
                ("address", address) => self.address = address.to_owned(),
                ("ready_s", seconds) => self.ready_seconds = seconds.parse()?,
                _ => {}
            }
        }
        ensure!(self.pid != 0, "`{said}` names no process");
        Ok(())
    }

    /// Clean stop and start; seconds that the stop took.
    pub fn restart(&mut self) -> anyhow::Result<f64> {
        let said = adapter(&["stop", &self.folder.to_string_lossy()])?;
        self.launch()?;
        said.trim()
            .strip_prefix("seconds=")
            .and_then(|seconds| seconds.parse().ok())
            .context("no time of the stop")
    }

    /// SIGKILL and start.
    pub fn restart_after_kill(&mut self) -> anyhow::Result<()> {
        adapter(&["kill", &self.folder.to_string_lossy()])?;
        self.launch()
    }

    /// Memory in RAM now, MB of 1,000,000 bytes.
    pub fn rss_mb(&self) -> anyhow::Result<f64> {
        self.memory("VmRSS:")
    }

    /// The most memory in RAM that the process ever had, MB.
    pub fn rss_peak_mb(&self) -> anyhow::Result<f64> {
        self.memory("VmHWM:")
    }

    fn memory(&self, field: &str) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid))?;
        let line = status.lines().find(|line| line.starts_with(field)).context("no memory in the status")?;
        let kib: f64 = line.split_whitespace().nth(1).context("no number in the status")?.parse()?;
        Ok(kib * 1024.0 / 1e6)
    }

    /// User and system time that the process has used, seconds.
    pub fn cpu_seconds(&self) -> anyhow::Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid))?;
        let (_, fields) = stat.rsplit_once(')').context("no fields in the stat")?;
        let ticks: u64 =
            fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        Ok(ticks as f64 / 100.0)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // A broker that does not stop, or files that stay, must not hide the result.
        let _ = adapter(&["stop", &self.folder.to_string_lossy()]);
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn adapter(arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(crate::root().join("compat/lib/broker")).args(arguments).output()?;
    ensure!(
        output.status.success(),
        "compat/lib/broker {}: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?)
}
