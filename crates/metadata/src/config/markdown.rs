//! The table as a page of the reference documentation.

use std::fmt::Write;

use super::table::{
    BROKER_CONFIGS, CLIENT_METRICS_CONFIGS, DYNAMIC_ONLY_BROKER_CONFIGS, GROUP_CONFIGS, OTTLA_BROKER_CONFIGS,
    OTTLA_TOPIC_CONFIGS, TOPIC_CONFIGS,
};
use super::{ConfigDef, ConfigType, DefaultValue, Status};

/// The page `docs/reference/configs.md`.
#[must_use]
pub fn render() -> String {
    let mut page = String::from(
        "# Configuration keys\n\n\
         Generated from the config table: do not edit. Names, types, defaults and update modes are Apache Kafka's. \
         Keys that have no effect yet are accepted and kept, and say what they wait for.\n\n\
         Update: `read-only` keys stand in the configuration file; `per-broker` and `cluster-wide` keys can be changed \
         while the broker runs.\n",
    );
    section(&mut page, "Broker keys", &BROKER_CONFIGS);
    section(&mut page, "Broker keys that can only be set dynamically", &DYNAMIC_ONLY_BROKER_CONFIGS);
    section(&mut page, "Topic keys", &TOPIC_CONFIGS);
    section(&mut page, "Group keys", &GROUP_CONFIGS);
    section(&mut page, "Client metrics keys", &CLIENT_METRICS_CONFIGS);
    section(&mut page, "Broker keys of Ottla's own", &OTTLA_BROKER_CONFIGS);
    section(&mut page, "Topic keys of Ottla's own", &OTTLA_TOPIC_CONFIGS);
    page
}

fn section(page: &mut String, title: &str, defs: &[ConfigDef]) {
    let shown: Vec<_> = defs.iter().filter(|def| !def.internal).collect();
    let implemented = shown.iter().filter(|def| def.status == Status::Implemented).count();
    page.push_str(&format!("\n## {title}\n\n{implemented} of {} take effect.\n\n", shown.len()));
    page.push_str("| key | type | default | update | takes effect | meaning |\n|---|---|---|---|---|---|\n");
    for def in shown {
        row(page, def);
    }
}

fn row(page: &mut String, def: &ConfigDef) {
    let default = match def.default {
        DefaultValue::Required => "(required)".to_string(),
        DefaultValue::Null => "null".to_string(),
        DefaultValue::Text("") if def.value_type == ConfigType::List => "(empty list)".to_string(),
        DefaultValue::Text("") => "(empty)".to_string(),
        DefaultValue::Text(text) => format!("`{text}`"),
    };
    let status = match def.status {
        Status::Implemented => "yes".to_string(),
        Status::NotYet(reason) => format!("not yet: {reason}"),
        Status::NotApplicable(reason) => format!("no: {reason}"),
    };
    let doc = def.doc.replace('|', "\\|");
    let (name, kind, update) = (def.name, def.value_type.name().to_lowercase(), def.update_mode.name());
    // Writing to a String cannot fail.
    let _ = writeln!(page, "| `{name}` | {kind} | {default} | {update} | {status} | {doc} |");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_that_is_not_internal_has_a_row() {
        let page = render();
        assert!(page.contains("| `retention.ms` | long | `604800000` | dynamic | yes | "));
        assert!(page.contains("| `node.id` | int | (required) | read-only | yes | "));
        assert!(!page.contains("log.initial.task.delay.ms"));
        let rows = page.lines().filter(|line| line.starts_with("| `")).count();
        assert_eq!(rows, crate::config::all_defs().filter(|def| !def.internal).count());
    }
}
