//! The suites of Kafka's own Java tools.

use std::process::Command;

use anyhow::{Context, ensure};

use super::Bench;
use super::broker::{Broker, Kind};
use super::results::Results;

const LATENCY: &str = "org.apache.kafka.tools.EndToEndLatency";
const PRODUCER: &str = "org.apache.kafka.tools.ProducerPerformance";
const CONSUMER: &str = "org.apache.kafka.tools.ConsumerPerformance";

/// Runs a tool of the real Kafka; what it printed.
fn tool(main: &str, broker: &Broker, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(crate::root().join("compat/kafka/run"))
        .arg(main)
        .args(["--bootstrap-server", &broker.address])
        .args(arguments)
        .env("KAFKA_HEAP_OPTS", "-Xmx1g")
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(output.status.success(), "{main}: {said}{}", String::from_utf8_lossy(&output.stderr));
    Ok(said)
}

/// The numbers in a text.
fn numbers(text: &str) -> Vec<f64> {
    let is_part = |letter: char| letter.is_ascii_digit() || letter == '.';
    text.split(|letter| !is_part(letter)).filter_map(|word| word.trim_matches('.').parse().ok()).collect()
}

/// EndToEndLatency: one record at a time, from the producer to the consumer.
pub fn latency(bench: &Bench<'_>, kind: Kind, results: &mut Results) -> anyhow::Result<()> {
    let broker = bench.broker(kind)?;
    let count = bench.scaled(10_000).max(1_000).to_string();
    for acks in ["1", "all"] {
        let name = format!("100 B, acks {acks}");
        for turn in 0..=bench.options.repetitions {
            let topic = format!("latency-{acks}-{turn}");
            let said = tool(
                LATENCY,
                &broker,
                &[
                    "--topic",
                    &topic,
                    "--num-records",
                    &count,
                    "--producer-acks",
                    acks,
                    "--record-size",
                    "100",
                ],
            )?;
            let average = said.lines().find_map(|line| line.strip_prefix("Avg latency: "));
            let shares = said.lines().find_map(|line| line.strip_prefix("Percentiles: "));
            let average = *numbers(average.context("no average")?).first().context("no average")?;
            // "50th = 1, 99th = 2, 99.9th = 3"
            let shares = numbers(shares.context("no percentiles")?);
            if let ([_, p50, _, p99, _, p999], true) = (&shares[..], turn > 0) {
                let figures = [("mean_ms", average), ("p50_ms", *p50), ("p99_ms", *p99), ("p999_ms", *p999)];
                results.add("latency", &name, kind, &figures);
            }
        }
    }
    Ok(())
}

/// ProducerPerformance with its usual batch sizes, then ConsumerPerformance on what it wrote.
pub fn perf(bench: &Bench<'_>, kind: Kind, results: &mut Results) -> anyhow::Result<()> {
    let broker = bench.broker(kind)?;
    let mut made = 0;
    for (count, size) in [(5_000_000, 100), (1_000_000, 1024)] {
        let count = bench.scaled(count);
        for (batch, acks) in [(16_384, "1"), (16_384, "all"), (65_536, "1"), (65_536, "all")] {
            let name = format!("{size} B records, {} KiB batches, acks {acks}", batch / 1024);
            if !bench.is_wanted(&name) {
                continue;
            }
            for turn in 0..=bench.options.repetitions {
                made += 1;
                let topic = format!("perf-{made}");
                create(bench, &broker, &topic)?;
                let produced = produce(&broker, &topic, [count, size, batch], acks)?;
                let consumed = consume(&broker, &topic, count, size)?;
                if turn > 0 {
                    results.add("perf", &format!("produce {name}"), kind, &produced);
                    results.add("perf", &format!("consume {name}"), kind, &consumed);
                }
                bench.load(&["delete", "--broker", &broker.address, "--topic", &topic])?;
            }
        }
    }
    Ok(())
}

fn create(bench: &Bench<'_>, broker: &Broker, topic: &str) -> anyhow::Result<()> {
    bench.load(&["create", "--broker", &broker.address, "--topic", topic, "--partitions", "1"])?;
    Ok(())
}

type Figures = [(&'static str, f64); 4];

fn produce(
    broker: &Broker,
    topic: &str,
    [count, size, batch]: [u64; 3],
    acks: &str,
) -> anyhow::Result<Figures> {
    let before = broker.cpu_seconds()?;
    let [records, bytes] = [count.to_string(), size.to_string()];
    let [acks, batch] = [format!("acks={acks}"), format!("batch.size={batch}")];
    let said = tool(
        PRODUCER,
        broker,
        &[
            "--topic",
            topic,
            "--num-records",
            &records,
            "--record-size",
            &bytes,
            "--throughput",
            "-1",
            "--command-property",
            &acks,
            &batch,
            "linger.ms=5",
        ],
    )?;
    let cpu = broker.cpu_seconds()? - before;
    // "N records sent, N records/sec (N MB/sec), N ms avg latency, N ms max latency, N ms 50th, …, N ms 99th, …"
    let last =
        said.lines().rfind(|line| line.contains("99th")).context("no summary of ProducerPerformance")?;
    let found = numbers(last);
    ensure!(found.len() >= 13, "`{last}` is not what ProducerPerformance prints");
    let gb = (count * size) as f64 / 1e9;
    Ok([
        ("cpu_s_per_gb", cpu / gb),
        ("mb_per_s", found[2] * 1.048_576),
        ("p50_ms", found[5]),
        ("p99_ms", found[9]),
    ])
}

fn consume(broker: &Broker, topic: &str, count: u64, size: u64) -> anyhow::Result<Figures> {
    let before = broker.cpu_seconds()?;
    let records = count.to_string();
    let said = tool(CONSUMER, broker, &["--topic", topic, "--num-records", &records, "--timeout", "30000"])?;
    let cpu = broker.cpu_seconds()? - before;
    let last =
        said.lines().rfind(|line| line.starts_with("20")).context("no summary of ConsumerPerformance")?;
    let fields: Vec<f64> = last.split(", ").skip(2).filter_map(|field| field.trim().parse().ok()).collect();
    ensure!(fields.len() == 8, "`{last}` is not what ConsumerPerformance prints");
    let gb = (count * size) as f64 / 1e9;
    Ok([
        ("cpu_s_per_gb", cpu / gb),
        ("mb_per_s", fields[6] * 1.048_576),
        ("records_per_s", fields[7]),
        ("rebalance_ms", fields[4]),
    ])
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn numbers_are_found_between_words() {
        assert_eq!(numbers("50th = 1.5, 99th = 12, 99.9th = 3"), [50.0, 1.5, 99.0, 12.0, 99.9, 3.0]);
        assert_eq!(numbers("5 records sent, 2.5 records/sec (0.1 MB/sec)."), [5.0, 2.5, 0.1]);
    }
}
