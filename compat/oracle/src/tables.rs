//! The API table and the error table beside Kafka's.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use ottla_protocol::api::{ApiKey, Listener};
use ottla_protocol::error::ErrorCode;

/// The first error code that Kafka 4.3 does not have.
const FIRST_NEW_ERROR: i16 = 134;
/// An error whose text 4.4 changed: ours is that of 4.3.
const REWORDED: ErrorCode = ErrorCode::FENCED_STATE_EPOCH;

/// Compares our rows with those of the file: one a line, fields between tabs.
pub fn compare(path: &Path, kafka_4_3: bool) -> anyhow::Result<()> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let is_reworded = |row: &&str| !kafka_4_3 && row.starts_with(&format!("error\t{}\t", REWORDED.0));
    let theirs: BTreeSet<&str> = text.lines().filter(|row| !is_reworded(row)).collect();
    let rows = api_rows(kafka_4_3).into_iter().chain(error_rows(kafka_4_3)).collect::<Vec<_>>();
    let ours: BTreeSet<&str> = rows.iter().map(String::as_str).filter(|row| !is_reworded(row)).collect();
    for row in ours.symmetric_difference(&theirs) {
        println!("{} {row}", if ours.contains(row) { "OURS  " } else { "THEIRS" });
    }
    let agree = ours.intersection(&theirs).count();
    println!(
        "{agree} rows of the API and error tables agree, {} differ",
        ours.len().max(theirs.len()) - agree
    );
    ensure!(ours == theirs, "the tables differ");
    Ok(())
}

fn api_rows(kafka_4_3: bool) -> Vec<String> {
    let row = |key: &ApiKey| {
        let api = key.api();
        let newest = if kafka_4_3 { api.newest_in_4_3? } else { key.max_version() };
        let stable = newest.min(key.max_stable_version());
        Some(format!(
            "api\t{}\t{}\t{}\t{newest}\t{stable}\t{}\t{}\t{}\t{}",
            i16::from(*key),
            api.name,
            key.min_version(),
            key.is_served_on(Listener::Broker),
            key.is_served_on(Listener::Controller),
            key.is_forwardable(),
            key.is_cluster_action(),
        ))
    };
    ApiKey::ALL.iter().filter_map(row).collect()
}

fn error_rows(kafka_4_3: bool) -> Vec<String> {
    ErrorCode::all()
        .filter(|code| !kafka_4_3 || code.0 < FIRST_NEW_ERROR)
        .map(|code| format!("error\t{}\t{code}\t{:?}\t{}", code.0, code.retry(), code.message()))
        .collect()
}
