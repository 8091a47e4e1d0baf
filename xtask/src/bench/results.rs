//! The figures of a run: medians, how many times better Ottla is, the limit and the goal beside them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};

use super::broker::Kind;
use super::machine;

/// The metric that a suite is judged by comes first; larger is better only for these.
const LARGER_IS_BETTER: [&str; 3] = ["mb_per_s", "requests_per_s", "records_per_s"];

/// (suite, start of the case's name, metric, goal): what this project wants to reach.
const GOALS: [(&str, &str, &str, f64); 15] = [
    ("start", "fresh", "ready_ms", 25.0),
    ("start", "restart", "ready_ms", 20.0),
    ("start", "idle", "rss_mb", 16.0),
    ("produce", "16 KB", "cpu_s_per_gb", 1.3),
    ("produce", "64 KB", "cpu_s_per_gb", 0.75),
    ("produce", "1 MB", "cpu_s_per_gb", 0.6),
    ("produce", "memory", "rss_mb", 48.0),
    ("fetch", "1 MiB", "cpu_s_per_gb", 0.14),
    ("fetch", "64 KiB", "cpu_s_per_gb", 0.3),
    ("requests", "one record, 10", "cpu_s_per_million", 13.0),
    ("requests", "ApiVersions", "cpu_s_per_million", 12.0),
    ("rate", "5000", "p99_ms", 1.0),
    ("partitions", "1000 partitions, created", "seconds", 2.0),
    ("partitions", "5000 partitions, created", "seconds", 8.0),
    ("partitions", "5000 partitions, restarted", "seconds", 1.0),
];

/// (suite, start of the case's name, limit): the limit that bounds the case's first metric.
const LIMITS: [(&str, &str, &str); 8] = [
    ("produce", "16 KB", "sink 16 KiB"),
    ("produce", "64 KB", "sink 64 KiB"),
    ("produce", "1 MB", "sink 256 KiB"),
    ("fetch", "1 MiB", "source 1 MiB"),
    ("fetch", "64 KiB", "source 64 KiB"),
    ("requests", "one record", "round trip"),
    ("requests", "ApiVersions", "round trip"),
    ("requests", "20 partitions", "round trip"),
];

#[derive(Default)]
struct Case {
    /// Metrics in the order in which they were measured, each with its values by kind.
    metrics: Vec<(String, BTreeMap<Kind, Vec<f64>>)>,
}

/// All figures of a run, in the order in which they came.
#[derive(Default)]
pub struct Results {
    cases: Vec<((String, String), Case)>,
    limits: BTreeMap<String, Vec<f64>>,
}

impl Results {
    /// Adds one run's figures of a case, and prints them.
    pub fn add(&mut self, suite: &str, name: &str, kind: Kind, figures: &[(&str, f64)]) {
        let shown: Vec<String> =
            figures.iter().map(|(metric, value)| format!("{metric} {}", short(*value))).collect();
        println!("{kind}, {suite}: {name}: {}", shown.join(", "));
        let key = (suite.to_owned(), name.to_owned());
        let index = self.cases.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
            self.cases.push((key, Case::default()));
            self.cases.len() - 1
        });
        let case = &mut self.cases[index].1;
        for (metric, value) in figures {
            let index = case.metrics.iter().position(|(known, _)| known == metric).unwrap_or_else(|| {
                case.metrics.push(((*metric).to_owned(), BTreeMap::new()));
                case.metrics.len() - 1
            });
            case.metrics[index].1.entry(kind).or_default().push(*value);
        }
    }

    /// Adds what the load generator said, these metrics of it.
    pub fn measured(&mut self, suite: &str, name: &str, kind: Kind, said: &Value, metrics: &[&str]) {
        let figures: Vec<(&str, f64)> =
            metrics.iter().filter_map(|metric| Some((*metric, said[*metric].as_f64()?))).collect();
        self.add(suite, name, kind, &figures);
    }

    /// Adds one measured limit.
    pub fn limit(&mut self, name: &str, metric: &str, said: &Value) {
        println!("{name}: {said}");
        if let Some(value) = said[metric].as_f64() {
            self.limits.entry(name.to_owned()).or_default().push(value);
        }
    }

    /// Prints the table and writes it, and every single figure, to bench/runs/.
    pub fn write(&self, name: &str, repetitions: u32, scale: f64) -> anyhow::Result<()> {
        let date = machine::said("date", &["-u", "+%Y-%m-%d"]).unwrap_or_default();
        let machine = machine::description();
        let mut text = format!("# {date}: {name}\n\nMedians of {repetitions}");
        if (scale - 1.0).abs() > f64::EPSILON {
            let _ = write!(text, "; only {scale} of the usual size, so a first look and no result");
        }
        text.push_str(". One broker at a time.\n\n");
        for (what, value) in &machine {
            let _ = writeln!(text, "* {what}: {value}");
        }
        text.push_str(&self.limits_table());
        text.push_str(&self.tables());
        println!("\n{text}");
        let folder = crate::root().join("bench/runs");
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{date}-{name}"));
        fs::write(path.with_extension("md"), &text)?;
        fs::write(
            path.with_extension("json"),
            serde_json::to_string_pretty(&self.json(&date, &machine))? + "\n",
        )?;
        println!("written to {}.md and .json", path.display());
        Ok(())
    }

    fn limits_table(&self) -> String {
        let mut text =
            "\n## What the machine can do without a broker\n\n| limit | CPU seconds |\n|---|---|\n"
                .to_owned();
        for (name, values) in &self.limits {
            let unit = if name == "round trip" { "a million" } else { "a GB" };
            let _ = writeln!(text, "| {name} | {} {unit} |", short(least(values)));
        }
        text
    }

    /// One table a suite: each metric of each case with both brokers, how many times better Ottla is, limit and goal.
    fn tables(&self) -> String {
        let (mut text, mut last) = (String::new(), "");
        for ((suite, name), case) in &self.cases {
            if suite != last {
                let _ = write!(
                    text,
                    "\n## {suite}\n\n| case | metric | Ottla | Apache Kafka | times better | limit | goal |\n\
                     |---|---|---|---|---|---|---|\n"
                );
                last = suite;
            }
            for (index, (metric, values)) in case.metrics.iter().enumerate() {
                let [ottla, kafka] =
                    [Kind::Ottla, Kind::Kafka].map(|kind| values.get(&kind).map(|values| median(values)));
                let limit = if index == 0 { self.limit_of(suite, name) } else { None };
                let goal = goal_of(suite, name, metric);
                let shown = [ottla, kafka, times_better(metric, ottla, kafka), limit, goal]
                    .map(|value| value.map(short).unwrap_or_default());
                let case = if index == 0 { name.as_str() } else { "" };
                let _ = writeln!(text, "| {case} | {metric} | {} |", shown.join(" | "));
            }
        }
        text
    }

    fn limit_of(&self, suite: &str, name: &str) -> Option<f64> {
        let (_, _, limit) = LIMITS.iter().find(|(of, start, _)| *of == suite && name.starts_with(start))?;
        self.limits.get(*limit).map(|values| least(values))
    }

    fn json(&self, date: &str, machine: &[(&str, String)]) -> Value {
        let cases: Vec<Value> = self
            .cases
            .iter()
            .flat_map(|((suite, name), case)| {
                case.metrics.iter().flat_map(move |(metric, kinds)| {
                    kinds.iter().map(move |(kind, values)| {
                        json!({
                            "suite": suite, "case": name, "metric": metric, "broker": kind.to_string(),
                            "median": median(values), "values": values,
                        })
                    })
                })
            })
            .collect();
        let machine: BTreeMap<&str, &String> = machine.iter().map(|(what, value)| (*what, value)).collect();
        json!({ "date": date, "machine": machine, "limits": self.limits, "cases": cases })
    }
}

fn goal_of(suite: &str, name: &str, metric: &str) -> Option<f64> {
    let matches =
        |of: &str, start: &str, which: &str| of == suite && name.starts_with(start) && which == metric;
    GOALS.iter().find(|(of, start, which, _)| matches(of, start, which)).map(|(_, _, _, goal)| *goal)
}

/// How many times better Ottla is: above 1 is better, whichever way the metric counts.
fn times_better(metric: &str, ottla: Option<f64>, kafka: Option<f64>) -> Option<f64> {
    let (ottla, kafka) = (ottla?, kafka?);
    let (better, worse) = if LARGER_IS_BETTER.contains(&metric) { (kafka, ottla) } else { (ottla, kafka) };
    (better > 0.0).then(|| worse / better)
}

/// The least value: what disturbs a limit only makes it larger.
fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

/// The middle value, or the mean of the two middle ones.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => sorted[count / 2],
        count => f64::midpoint(sorted[count / 2 - 1], sorted[count / 2]),
    }
}

/// About three digits.
fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{goal_of, median, short, times_better};

    #[test]
    fn the_median_is_the_middle_value() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
    }

    #[test]
    fn better_counts_the_right_way_for_costs_and_for_rates() {
        assert_eq!(times_better("cpu_s_per_gb", Some(1.0), Some(7.0)), Some(7.0));
        assert_eq!(times_better("mb_per_s", Some(300.0), Some(100.0)), Some(3.0));
        assert_eq!(times_better("p99_ms", Some(0.0), Some(100.0)), None);
        assert_eq!(times_better("p99_ms", None, Some(100.0)), None);
    }

    #[test]
    fn goals_belong_to_one_metric_of_a_case() {
        assert_eq!(goal_of("produce", "64 KB batches of 100 B, acks 1", "cpu_s_per_gb"), Some(0.75));
        assert_eq!(goal_of("produce", "64 KB batches of 100 B, acks 1", "p99_ms"), None);
        assert_eq!(goal_of("rate", "5000 requests/s, one record, acks 1", "p99_ms"), Some(1.0));
    }

    #[test]
    fn figures_have_about_three_digits() {
        assert_eq!([1234.5, 12.34, 1.234, 0.1234].map(short), ["1234", "12.3", "1.23", "0.123"]);
    }
}
