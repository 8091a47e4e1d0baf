//! The machine: what it is, and what it can do without a broker.

use std::fs;
use std::process::Command;

use super::Bench;
use super::results::Results;

const SINK_BYTES: &str = "2000000000";
const SOURCE_BYTES: &str = "4000000000";
const ROUND_TRIPS: &str = "100000";

/// Measures the limits: socket → CRC → file, file → sendfile → socket, a byte there and back. Larger pieces than 256 KiB
/// cost more again: they do not stay in the processor's caches.
pub fn limits(bench: &Bench<'_>, results: &mut Results) -> anyhow::Result<()> {
    println!("== limits of the machine");
    let file = bench.folder.join("limit");
    let path = file.to_string_lossy().into_owned();
    for _ in 0..bench.options.repetitions {
        for (name, block) in [("sink 16 KiB", "16384"), ("sink 64 KiB", "65536"), ("sink 256 KiB", "262144")]
        {
            let said = bench.load(&["sink", "--file", &path, "--bytes", SINK_BYTES, "--block", block])?;
            results.limit(name, "cpu_s_per_gb", &said);
        }
        for (name, block) in [("source 64 KiB", "65536"), ("source 1 MiB", "1048576")] {
            let said = bench.load(&["source", "--file", &path, "--bytes", SOURCE_BYTES, "--block", block])?;
            results.limit(name, "cpu_s_per_gb", &said);
        }
        let said = bench.load(&["pingpong", "--count", ROUND_TRIPS])?;
        results.limit("round trip", "cpu_s_per_million", &said);
    }
    fs::remove_file(file)?;
    Ok(())
}

/// The machine and the programs in (name, value) pairs; what cannot be found out is left out.
pub fn description() -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let mut add = |name, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            found.push((name, value));
        }
    };
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    add("processor", model.map(|(_, name)| name.to_owned()));
    add("cores", Some(cpuinfo.lines().filter(|line| line.starts_with("processor")).count().to_string()));
    let meminfo = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    add("memory", memory.map(|size| size.trim().to_owned()));
    add("kernel", said("uname", &["-sr"]));
    add("load before", fs::read_to_string("/proc/loadavg").ok().map(|load| load.trim().to_owned()));
    add("file system", said("df", &["--output=fstype,size,avail", "."]).map(|text| text.replace('\n', " ")));
    add("rustc", said("rustc", &["--version"]));
    add("java", said("java", &["--version"]).and_then(|text| text.lines().next().map(str::to_owned)));
    add("commit", said("git", &["rev-parse", "--short", "HEAD"]));
    add("kafka", Some("4.3.1, its own JVM options: -Xmx1g -Xms1g, G1".to_owned()));
    found
}

/// What a program prints.
pub fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).current_dir(crate::root()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
