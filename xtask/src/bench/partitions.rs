//! Many partitions: how long until all are there, what they cost in memory, how long a restart takes.

use anyhow::Context;
use serde_json::Value;

use super::Bench;
use super::broker::Kind;
use super::results::Results;

/// One topic of 1,000 and one of 5,000 partitions, each on a fresh broker.
pub fn run(bench: &Bench<'_>, kind: Kind, results: &mut Results) -> anyhow::Result<()> {
    for count in [1_000, 5_000] {
        let partitions = bench.scaled(count).to_string();
        let name = format!("{partitions} partitions");
        for _ in 0..bench.options.repetitions {
            let mut broker = bench.broker(kind)?;
            let address = broker.address.clone();
            let topic = ["--broker", &address, "--topic", "many", "--partitions", &partitions];
            let created = bench.load(&[&["create"], &topic[..]].concat())?;
            results.add(
                "partitions",
                &format!("{name}, created and all writable"),
                kind,
                &[
                    ("seconds", seconds(&created, "writable_s")?),
                    ("created_s", seconds(&created, "created_s")?),
                    ("leaders_s", seconds(&created, "leaders_s")?),
                    ("rss_mb", broker.rss_mb()?),
                ],
            );
            let before = broker.cpu_seconds()?;
            std::thread::sleep(std::time::Duration::from_secs(5));
            let idle = (broker.cpu_seconds()? - before) / 5.0;
            results.add("partitions", &format!("{name}, idle"), kind, &[("cpu_percent", idle * 100.0)]);
            let stop = broker.restart()?;
            let writable = bench.load(&[&["writable"], &topic[..]].concat())?;
            let restarted = broker.ready_seconds + seconds(&writable, "writable_s")?;
            let figures = [("seconds", restarted), ("stop_s", stop), ("rss_mb", broker.rss_mb()?)];
            results.add("partitions", &format!("{name}, restarted and all writable"), kind, &figures);
            broker.restart_after_kill()?;
            let writable = bench.load(&[&["writable"], &topic[..]].concat())?;
            let restarted = broker.ready_seconds + seconds(&writable, "writable_s")?;
            let figures = [("seconds", restarted)];
            results.add("partitions", &format!("{name}, killed, restarted and all writable"), kind, &figures);
        }
    }
    Ok(())
}

fn seconds(said: &Value, field: &str) -> anyhow::Result<f64> {
    said[field].as_f64().with_context(|| format!("no {field} in {said}"))
}
