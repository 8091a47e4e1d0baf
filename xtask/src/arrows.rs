//! Which crate may use which: the arrows of the architecture, checked against what cargo says.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::root;

/// The arrows. A crate that is not named here may not exist.
const ARROWS: &[(&str, &[&str])] = &[
    ("ottla-protocol", &[]),
    ("ottla-storage", &["ottla-protocol"]),
    ("ottla-replication", &["ottla-protocol"]),
    ("ottla-metadata", &["ottla-protocol"]),
    ("ottla-coordinator", &["ottla-protocol", "ottla-metadata"]),
    (
        "ottla-broker",
        &["ottla-protocol", "ottla-storage", "ottla-replication", "ottla-metadata", "ottla-coordinator"],
    ),
    ("ottla-client", &["ottla-protocol"]),
    ("ottla", &["ottla-protocol", "ottla-storage", "ottla-broker", "ottla-client"]),
];

/// Crates beside the nine, which may use any of them.
const TOOLS: &[&str] = &["xtask", "ottla-fuzz", "ottla-oracle", "ottla-bench"];

/// Errors: a crate uses one that it may not use, or is not known.
pub fn check() -> anyhow::Result<()> {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (package, used) in dependencies()? {
        if TOOLS.contains(&package.as_str()) {
            continue;
        }
        let Some(allowed) = allowed.get(package.as_str()) else {
            wrong.push(format!("{package} is not one of the crates of the architecture"));
            continue;
        };
        let forbidden = used.iter().filter(|dependency| !allowed.contains(&dependency.as_str()));
        wrong.extend(forbidden.map(|dependency| format!("{package} may not use {dependency}")));
    }
    if !wrong.is_empty() {
        bail!("{}", wrong.join("; "));
    }
    println!("{} crates use only what they may", ARROWS.len());
    Ok(())
}

/// Every package of the workspace with those of the project that it uses at run time.
fn dependencies() -> anyhow::Result<Vec<(String, Vec<String>)>> {
    let output = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .context("cannot run cargo metadata")?;
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata is not JSON")?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    Ok(packages
        .iter()
        .map(|package| {
            let used = package["dependencies"].as_array().into_iter().flatten();
            let used = used
                .filter(|dependency| dependency["kind"].is_null())
                .map(|dependency| text(&dependency["name"]));
            (text(&package["name"]), used.filter(|name| name.starts_with("ottla")).collect())
        })
        .collect())
}
