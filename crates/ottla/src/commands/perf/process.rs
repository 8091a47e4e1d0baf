//! What a process has used: read from /proc.

use std::fs;
use std::time::Duration;

use anyhow::Context;

/// CPU time and memory of a process at one moment, or their difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProcessTimes {
    /// Of all its threads, in user and kernel mode.
    pub cpu: Duration,
    /// Resident memory in bytes.
    pub rss_bytes: u64,
}

/// Kernel clock ticks per second in /proc: the same on every Linux that Rust runs on.
const TICKS_PER_SECOND: u64 = 100;

impl ProcessTimes {
    pub fn of(pid: u32) -> anyhow::Result<Self> {
        Self::read(&pid.to_string())
    }

    pub fn of_self() -> anyhow::Result<Self> {
        Self::read("self")
    }

    fn read(process: &str) -> anyhow::Result<Self> {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).context("no such process here")?;
        let status = fs::read_to_string(format!("/proc/{process}/status")).context("no such process here")?;
        parse(&stat, &status).context("/proc is not as expected")
    }

    /// The CPU time since `before`, and the memory as it is.
    pub fn since(self, before: Self) -> Self {
        Self { cpu: self.cpu.saturating_sub(before.cpu), rss_bytes: self.rss_bytes }
    }
}

fn parse(stat: &str, status: &str) -> Option<ProcessTimes> {
    // The name, in parentheses, may hold spaces and parentheses itself. utime and stime are the 12th and 13th after it.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    let ticks = ticks()? + ticks()?;
    let rss = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let rss_kib: u64 = rss.split_ascii_whitespace().next()?.parse().ok()?;
    Some(ProcessTimes {
        cpu: Duration::from_millis(ticks * 1_000 / TICKS_PER_SECOND),
        rss_bytes: rss_kib << 10,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_any_name() {
        let stat = "12 (a b) c) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 1 0";
        let status = "Name:\ta b) c\nVmRSS:\t    1024 kB\nThreads:\t1\n";
        let times = ProcessTimes { cpu: Duration::from_secs(2), rss_bytes: 1 << 20 };
        assert_eq!(parse(stat, status), Some(times));
        assert_eq!(parse("12 (x) S", status), None);
    }
}
