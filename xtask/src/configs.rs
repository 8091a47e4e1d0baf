//! Whether the config table says the truth about which keys take effect.
//!
//! A key is read where its name stands as a literal (the controller, the commands), or where the field of the resolved
//! structs is used whose documentation names the key. It takes effect if that happens outside of the config table's own
//! crate, or in the controller; or if the topic key that it is the default of takes effect. What the code then does with
//! the value is for the tests of that code to tell.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::root;

const CONFIG: &str = "crates/metadata/src/config";
/// Where values take effect.
const READERS: &[&str] = &[
    "crates/metadata/src/controller",
    "crates/metadata/src/controller.rs",
    "crates/coordinator/src",
    "crates/broker/src",
    "crates/ottla/src",
];

/// Keys that are read for one of their values, or for one of their purposes, alone: their mark says so.
const PARTLY: &[&str] = &[
    "inter.broker.listener.name",
    "security.inter.broker.protocol",
    // The machine of the quorum has them, and its host speaks to no other node yet.
    "controller.quorum.bootstrap.servers",
    "controller.quorum.election.backoff.max.ms",
    "controller.quorum.election.timeout.ms",
    "controller.quorum.fetch.max.bytes",
    "controller.quorum.fetch.snapshot.max.bytes",
    "controller.quorum.fetch.timeout.ms",
    "controller.quorum.request.timeout.ms",
    "controller.quorum.retry.backoff.ms",
];

/// Errors: a key is marked otherwise than the code treats it.
pub fn check() -> anyhow::Result<()> {
    let table = read(&format!("{CONFIG}/table.rs"))?;
    let sources = Sources::read()?;
    let wrong = sources.wrong_marks(&table);
    if !wrong.is_empty() {
        bail!("the config table is wrong:\n{}", wrong.join("\n"));
    }
    println!("{} marks of the config table agree with the code", rows(&table).count());
    Ok(())
}

/// The code that reads configs.
struct Sources {
    readers: Vec<String>,
    /// The fields of each key: the section of `BrokerConfig`, and the field in it.
    broker_fields: BTreeMap<String, Vec<(String, String)>>,
    /// Broker key to the topic key that it is the default of.
    synonyms: BTreeMap<String, String>,
}

impl Sources {
    fn read() -> anyhow::Result<Self> {
        let mut readers = Vec::new();
        for reader in READERS {
            collect(&root().join(reader), &mut readers)?;
        }
        let broker_fields = broker_fields(&read(&format!("{CONFIG}/broker.rs"))?);
        Ok(Self { readers, broker_fields, synonyms: synonyms(&read(&format!("{CONFIG}/table.rs"))?) })
    }

    fn wrong_marks(&self, table: &str) -> Vec<String> {
        let mut wrong = Vec::new();
        for row in rows(table) {
            let is_read = self.is_read(row);
            if row.is_implemented && !is_read {
                wrong.push(format!("{} is marked as implemented, and nothing reads it", row.key));
            } else if !row.is_implemented && is_read && !PARTLY.contains(&row.key) {
                wrong.push(format!("{} is marked as without effect, and is read", row.key));
            }
        }
        wrong
    }

    fn is_read(&self, row: Row<'_>) -> bool {
        match row.table {
            "TOPIC_CONFIGS" | "OTTLA_TOPIC_CONFIGS" => self.is_topic_key_read(row.key),
            "BROKER_CONFIGS" | "OTTLA_BROKER_CONFIGS" | "DYNAMIC_ONLY_BROKER_CONFIGS" => {
                let synonym = self.synonyms.get(row.key);
                self.is_broker_key_read(row.key) || synonym.is_some_and(|topic| self.is_topic_key_read(topic))
            }
            // Groups and subscriptions are resolved by key.
            _ => self.is_literal(row.key),
        }
    }

    fn is_literal(&self, key: &str) -> bool {
        let literal = format!("\"{key}\"");
        self.readers.iter().any(|source| source.contains(&literal))
    }

    fn is_topic_key_read(&self, key: &str) -> bool {
        let field = key.replace('.', "_");
        // `with_overrides` and friends make a `TopicConfig`; the broker calls it `topic` wherever it reads from it.
        let read = [format!("topic.{field}"), format!("config.{field}")];
        self.is_literal(key)
            || self.readers.iter().any(|source| read.iter().any(|read| has_word(source, read)))
            || (key == "ack.durability"
                && self.readers.iter().any(|source| source.contains("ack_needs_sync()")))
    }

    fn is_broker_key_read(&self, key: &str) -> bool {
        let fields = self.broker_fields.get(key).map_or(&[][..], Vec::as_slice);
        let is_field_read = |(section, field): &(String, String)| {
            let (path, end) = (format!("{section}.{field}"), format!(".{field}"));
            // A file that is given one section names its type.
            let given = |source: &String| source.contains(section_type(section)) && has_word(source, &end);
            self.readers.iter().any(|source| has_word(source, &path) || given(source))
        };
        self.is_literal(key) || fields.iter().any(is_field_read)
    }
}

/// The struct behind a field of `BrokerConfig`.
fn section_type(section: &str) -> &'static str {
    match section {
        "node" => "NodeConfig",
        "network" => "NetworkConfig",
        "topics" => "TopicDefaults",
        "log_manager" => "LogManagerConfig",
        "metadata_log" => "MetadataLogConfig",
        "quorum" => "QuorumConfig",
        "replication" => "ReplicationConfig",
        "groups" => "GroupCoordinatorConfig",
        _ => "TransactionConfig",
    }
}

#[derive(Clone, Copy)]
struct Row<'a> {
    table: &'a str,
    key: &'a str,
    is_implemented: bool,
}

/// The rows of the table's source: one a line.
fn rows(source: &str) -> impl Iterator<Item = Row<'_>> {
    let mut table = "";
    source.lines().filter_map(move |line| {
        if let Some(rest) = line.strip_prefix("pub(super) static ") {
            table = rest.split(':').next().unwrap_or_default();
        }
        let row = line.trim();
        let rest = row.strip_prefix("key(\"").or_else(|| row.strip_prefix("internal(\""))?;
        let key = rest.split('"').next()?;
        Some(Row { table, key, is_implemented: row.ends_with("Implemented),") })
    })
}

/// The keys in backticks of each field's documentation, with the fields.
fn broker_fields(source: &str) -> BTreeMap<String, Vec<(String, String)>> {
    let sections = sections(source);
    let mut fields: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let (mut section, mut keys) = (None, Vec::new());
    for line in source.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("pub struct ").and_then(|rest| rest.strip_suffix(" {")) {
            section = sections.get(name).cloned();
            keys.clear();
        } else if let Some(doc) = line.strip_prefix("///") {
            keys.extend(doc.split('`').skip(1).step_by(2).map(str::to_owned));
        } else if let Some(field) = line.strip_prefix("pub ").and_then(|rest| rest.split(':').next()) {
            for key in keys.drain(..) {
                let place = section.clone().map(|section: String| (section, field.to_owned()));
                fields.entry(key).or_default().extend(place);
            }
        }
    }
    fields
}

/// Struct names with the field of `BrokerConfig` that holds them.
fn sections(source: &str) -> BTreeMap<String, String> {
    let body = source.split("pub struct BrokerConfig {").nth(1).and_then(|rest| rest.split("\n}").next());
    let fields = body.unwrap_or_default().lines().map(str::trim);
    let pairs = fields.filter_map(|line| line.strip_prefix("pub ")?.strip_suffix(',')?.split_once(": "));
    pairs.map(|(field, kind)| (kind.to_owned(), field.to_owned())).collect()
}

fn synonyms(source: &str) -> BTreeMap<String, String> {
    let lines = source.lines().filter_map(|line| line.trim().strip_prefix("synonyms(\""));
    let mut synonyms = BTreeMap::new();
    for line in lines {
        let mut texts = line.split('"').step_by(2);
        let topic = texts.next().unwrap_or_default();
        for key in texts.filter(|text| text.contains('.')) {
            synonyms.insert(key.to_owned(), topic.to_owned());
        }
    }
    synonyms
}

/// Whether `word` stands in `text` and does not go on behind it.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let next = text[at + word.len()..].chars().next();
        next.is_none_or(|next| !(next.is_alphanumeric() || next == '_'))
    })
}

fn collect(path: &Path, sources: &mut Vec<String>) -> anyhow::Result<()> {
    // Tests and the command line set configs, and do not read them; no acceptor asks the quota yet.
    let is_writer = |name: &str| ["tests", "fuzzing", "options"].contains(&name);
    if path.file_stem().and_then(|name| name.to_str()).is_some_and(is_writer) {
        return Ok(());
    }
    if path.is_dir() {
        let entries = std::fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))?;
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.sort();
        return paths.iter().try_for_each(|path| collect(path, sources));
    }
    let source = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let code = source.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    sources.push(code.to_owned());
    Ok(())
}

fn read(path: &str) -> anyhow::Result<String> {
    std::fs::read_to_string(root().join(path)).with_context(|| format!("cannot read {path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_which_keys_take_effect() {
        check().unwrap();
    }

    #[test]
    fn a_wrong_mark_is_named() {
        let sources = Sources {
            readers: vec!["let x = config.network.used_max; f(\"by.name\"); settings.topic.topic_key".into()],
            broker_fields: broker_fields(
                "pub struct BrokerConfig {\n    /// Limits.\n    pub network: NetworkConfig,\n}\n\
                 pub struct NetworkConfig {\n    /// `used.max`.\n    pub used_max: i32,\n    \
                 /// `unused.max`.\n    pub used_max_not: i32,\n}\n",
            ),
            synonyms: synonyms("    synonyms(\"topic.key\", &[(\"log.topic.key\", Unit::Same)]),"),
        };
        let row = |key: &str, status: &str| format!("    key(\"{key}\", Int, Any, \"meaning\", {status}),\n");
        let table = format!(
            "pub(super) static BROKER_CONFIGS: [ConfigDef; 4] = [\n{}{}{}{}];\n",
            row("used.max", "NotYet(LIMITS)"),
            row("unused.max", "Implemented"),
            row("by.name", "Implemented"),
            row("log.topic.key", "Implemented"),
        );
        let expected = [
            "used.max is marked as without effect, and is read",
            "unused.max is marked as implemented, and nothing reads it",
        ];
        assert_eq!(sources.wrong_marks(&table), expected);
    }
}
