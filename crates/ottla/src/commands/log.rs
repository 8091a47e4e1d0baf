//! `ottla log`.

use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use ottla_storage::dump::{self, DumpItem, dump};
use ottla_storage::io::posix::PosixDisk;
use ottla_storage::layout::{CHECKPOINT_SUFFIX, FileName, LEADER_EPOCH_CHECKPOINT};
use serde_json::json;

use super::output::or_broken_pipe;
use crate::cli::{DumpOptions, LogArgs, LogCommand};

/// Runs `ottla log`.
pub fn run(args: &LogArgs) -> anyhow::Result<ExitCode> {
    match &args.command {
        LogCommand::Dump(options) => or_broken_pipe(dump_all(options)),
    }
}

fn dump_all(options: &DumpOptions) -> anyhow::Result<ExitCode> {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut exit = ExitCode::SUCCESS;
    for path in files(&options.paths)? {
        let problems = dump_file(&path, options, &mut out)?;
        out.flush().context("cannot print")?;
        for problem in problems {
            exit = ExitCode::FAILURE;
            eprintln!("error: {}: {problem}", path.display());
        }
    }
    Ok(exit)
}

/// The files themselves, and those of the directories that a log has.
fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let entries = path.read_dir().with_context(|| format!("cannot read {}", path.display()))?;
        let mut of_dir = Vec::new();
        for entry in entries {
            let file = entry.with_context(|| format!("cannot read {}", path.display()))?.path();
            if is_log_file(&file) {
                of_dir.push(file);
            }
        }
        if of_dir.is_empty() {
            bail!("{} holds no files of a log: it should be the directory of one partition", path.display());
        }
        of_dir.sort();
        files.append(&mut of_dir);
    }
    Ok(files)
}

fn is_log_file(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name == LEADER_EPOCH_CHECKPOINT || name.ends_with(CHECKPOINT_SUFFIX) || FileName::parse(name).is_some()
}

/// Prints a file. Gives what is wrong with it.
fn dump_file(path: &Path, options: &DumpOptions, out: &mut impl Write) -> anyhow::Result<Vec<String>> {
    let dump_options = dump::DumpOptions {
        records: options.records,
        max_bytes: options.max_bytes,
        verify_only: options.verify_only,
    };
    let mut printed = Ok(());
    if !options.output.json && !options.verify_only {
        writeln!(out, "Dumping {}", path.display()).context("cannot print")?;
    }
    let problems = dump(&PosixDisk, path, &dump_options, &mut |item| {
        printed = print(item, path, options.output.json, out);
        if printed.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    printed.context("cannot print")?;
    problems.with_context(|| format!("cannot dump {}", path.display()))
}

fn print(item: &DumpItem, path: &Path, is_json: bool, out: &mut impl Write) -> io::Result<()> {
    if !is_json {
        return writeln!(out, "{item}");
    }
    let mut object = item.to_json();
    object["file"] = json!(path);
    writeln!(out, "{object}")
}
