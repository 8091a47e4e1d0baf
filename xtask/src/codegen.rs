//! `cargo xtask codegen`: the Rust code of every message, from the schema files.
//!
//! Reads `crates/protocol/schema/*.txt`, writes `crates/protocol/src/messages/` and the generators of random values
//! beside it. The output is committed; a test below proves that it is what the schemas give.

mod arbitrary;
mod kinds;
mod message;
mod names;
mod schema;
mod types;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, process};

use anyhow::{Context, ensure};

use schema::Message;

/// Options of `cargo xtask codegen`.
#[derive(clap::Args)]
pub struct Options {
    /// Change nothing; fail if a file is not what the schemas give.
    #[arg(long)]
    check: bool,
}

const HEADER: &str = "// Generated from crates/protocol/schema by `cargo xtask codegen`: do not edit.\n\n";

/// Writes the generated files, or only compares them.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let wanted = generate()?;
    let stale = stale_files(&wanted)?;
    if options.check {
        ensure!(stale.is_empty(), "not what the schemas give (run `cargo xtask codegen`): {stale:?}");
        return Ok(());
    }
    for path in &stale {
        match wanted.get(path) {
            Some(text) => {
                fs::create_dir_all(path.parent().context("a generated file lies in a folder")?)?;
                fs::write(path, text).with_context(|| format!("writing {}", path.display()))?;
            }
            None => fs::remove_file(path)?,
        }
    }
    println!("{} files generated, {} changed", wanted.len(), stale.len());
    Ok(())
}

fn source_folder() -> PathBuf {
    crate::root().join("crates/protocol/src")
}

/// Every message of every schema file, in the files' alphabetical order.
fn read_schemas() -> anyhow::Result<Vec<Message>> {
    let folder = crate::root().join("crates/protocol/schema");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<anyhow::Result<Vec<_>>>()?
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    let mut messages = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file)?;
        messages.extend(schema::parse(&text).with_context(|| format!("in {}", file.display()))?);
    }
    Ok(messages)
}

/// Path and text of every generated file, formatted.
fn generate() -> anyhow::Result<BTreeMap<PathBuf, String>> {
    let messages = read_schemas()?;
    let mut files = BTreeMap::new();
    for message in &messages {
        files.insert(format!("messages/{}.rs", names::snake(&message.name)), message::module(message)?);
    }
    files.insert("messages.rs".to_owned(), kinds::index(&messages));
    files.insert("messages/request.rs".to_owned(), kinds::requests(&messages));
    files.insert("messages/response.rs".to_owned(), kinds::responses(&messages));
    files.insert("messages/metadata_record.rs".to_owned(), kinds::metadata_records(&messages));
    files.insert("fuzzing/catalog.rs".to_owned(), kinds::catalog(&messages));
    files.insert("fuzzing/arbitrary.rs".to_owned(), arbitrary::module(&messages));
    format_all(&files)
}

/// Runs rustfmt over the files in a folder of its own.
fn format_all(files: &BTreeMap<String, String>) -> anyhow::Result<BTreeMap<PathBuf, String>> {
    let folder = env::temp_dir().join(format!("ottla-codegen-{}", process::id()));
    let formatted = format_in(&folder, files);
    let _ = fs::remove_dir_all(&folder);
    formatted
}

fn format_in(folder: &Path, files: &BTreeMap<String, String>) -> anyhow::Result<BTreeMap<PathBuf, String>> {
    let mut paths = Vec::new();
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().context("a generated file lies in a folder")?)?;
        fs::write(&path, format!("{HEADER}{text}"))?;
        paths.push(path);
    }
    let output = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(crate::root())
        .args(&paths)
        .output()
        .context("running rustfmt")?;
    ensure!(output.status.success(), "rustfmt: {}", String::from_utf8_lossy(&output.stderr));
    let mut formatted = BTreeMap::new();
    for (name, path) in files.keys().zip(&paths) {
        formatted.insert(source_folder().join(name), fs::read_to_string(path)?);
    }
    Ok(formatted)
}

/// The files whose committed text is not the wanted one, with generated files that should not be there any more.
fn stale_files(wanted: &BTreeMap<PathBuf, String>) -> anyhow::Result<Vec<PathBuf>> {
    let mut stale = Vec::new();
    for (path, text) in wanted {
        if fs::read_to_string(path).ok().as_ref() != Some(text) {
            stale.push(path.clone());
        }
    }
    for folder in ["messages", "fuzzing"] {
        let Ok(entries) = fs::read_dir(source_folder().join(folder)) else { continue };
        for entry in entries {
            let path = entry?.path();
            let is_generated = fs::read_to_string(&path).is_ok_and(|text| text.starts_with(HEADER));
            if is_generated && !wanted.contains_key(&path) {
                stale.push(path);
            }
        }
    }
    Ok(stale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn committed_code_is_what_the_schemas_give() {
        let stale = stale_files(&generate().unwrap()).unwrap();
        assert!(stale.is_empty(), "run `cargo xtask codegen`: {stale:?}");
    }
}
