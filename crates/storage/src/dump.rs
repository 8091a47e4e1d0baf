//! What is in a file of a log, for people and scripts (`ottla log dump`), and whether it is what it must be.
//!
//! The text is that of Kafka's `DumpLogSegments`, so that one can be compared with the other; every item also has a JSON form.

mod items;
mod log_file;
#[cfg(test)]
mod tests;

use std::ops::ControlFlow;
use std::path::Path;

use ottla_protocol::types::Offset;

use crate::checkpoint::{CheckpointError, read_epochs};
use crate::error::StorageError;
use crate::index::transaction::TransactionIndexError;
use crate::index::{offset, time, transaction};
use crate::io::{Disk, read_file};
use crate::layout::{CHECKPOINT_SUFFIX, FileKind, FileName, LEADER_EPOCH_CHECKPOINT, SnapshotName};
use crate::producer_state::snapshot::{self, SnapshotError};
pub use items::{BatchItem, ControlItem, DumpItem, RecordItem};

/// The largest index, snapshot or checkpoint file that is read, in bytes. (Logs are read batch by batch.)
const FILE_SIZE_MAX: u64 = 256 << 20;

/// How much of a log file is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DumpOptions {
    /// Every record, not only the batches (`--deep-iteration`).
    pub records: bool,
    /// Read so many bytes of a log file at most (`--max-bytes`).
    pub max_bytes: Option<u32>,
    /// Tell nothing but problems (`--verify-index-only`).
    pub verify_only: bool,
}

/// Why a file cannot be dumped.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// The name is none of a log's files.
    #[error("{0} is no file of a log")]
    UnknownFile(String),
    /// A producer snapshot that cannot be understood.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// A transaction index that cannot be understood.
    #[error(transparent)]
    TransactionIndex(#[from] TransactionIndexError),
    /// A checkpoint that cannot be understood.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The disk failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Tells what is in a file, item by item, and checks it on the way; `visit` may break off. Answers what is wrong with the file.
pub fn dump(
    disk: &dyn Disk,
    path: &Path,
    options: &DumpOptions,
    visit: &mut dyn FnMut(&DumpItem) -> ControlFlow<()>,
) -> Result<Vec<String>, DumpError> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if name == LEADER_EPOCH_CHECKPOINT {
        let epochs = read_epochs(disk, path)?.unwrap_or_default();
        return Ok(visit_all(epochs.into_iter().map(DumpItem::Epoch), visit));
    }
    if name.ends_with(CHECKPOINT_SUFFIX) {
        let start = SnapshotName::parse(name).map_or(DumpItem::Bootstrap, DumpItem::Snapshot);
        return log_file::dump(disk, path, &start, options, visit);
    }
    let Some(file) = FileName::parse(name) else { return Err(DumpError::UnknownFile(name.to_owned())) };
    match file.kind {
        FileKind::Log => log_file::dump(disk, path, &DumpItem::LogStart(file.offset), options, visit),
        FileKind::OffsetIndex => dump_offset_index(disk, path, file, options, visit),
        FileKind::TimeIndex => dump_time_index(disk, path, file, options, visit),
        FileKind::TransactionIndex => {
            let entries = transaction::entries(&content(disk, path)?, file.offset)?;
            Ok(visit_all(entries.into_iter().map(DumpItem::AbortedTransaction), visit))
        }
        FileKind::ProducerSnapshot => {
            let producers = snapshot::decode(&content(disk, path)?)?;
            Ok(visit_all(producers.into_iter().map(DumpItem::Producer), visit))
        }
    }
}

fn content(disk: &dyn Disk, path: &Path) -> Result<Vec<u8>, StorageError> {
    match read_file(disk, path, FILE_SIZE_MAX)? {
        Some(bytes) => Ok(bytes),
        None => Err(StorageError::new(crate::io::Operation::Open, path, std::io::ErrorKind::NotFound)),
    }
}

fn visit_all(
    items: impl Iterator<Item = DumpItem>,
    visit: &mut dyn FnMut(&DumpItem) -> ControlFlow<()>,
) -> Vec<String> {
    for item in items {
        if visit(&item).is_break() {
            break;
        }
    }
    Vec::new()
}

/// Every entry must point to the batch that ends with its offset.
fn dump_offset_index(
    disk: &dyn Disk,
    path: &Path,
    file: FileName,
    options: &DumpOptions,
    visit: &mut dyn FnMut(&DumpItem) -> ControlFlow<()>,
) -> Result<Vec<String>, DumpError> {
    let bytes = content(disk, path)?;
    let mut problems = uneven(bytes.len(), 8);
    let batches = log_file::Headers::open(disk, &log_path(path, file))?;
    let mut last = None;
    for entry in offset::entries(&bytes) {
        if last.is_some_and(|last| last >= entry.relative_offset) {
            // A file that is being written, or was when the process died, ends with zeros.
            problems.extend((entry.relative_offset != 0).then(|| "offsets do not ascend".to_owned()));
            break;
        }
        last = Some(entry.relative_offset);
        let offset = file.offset.plus(i64::from(entry.relative_offset));
        match batches.at(entry.position)? {
            Some(header) if header.last_offset() == offset => {}
            Some(header) => {
                problems.push(format!("index offset {offset}, log offset {}", header.last_offset()))
            }
            None => {
                problems.push(format!("no batch at position {} of index offset {offset}", entry.position))
            }
        }
        if !options.verify_only
            && visit(&DumpItem::OffsetEntry { offset, position: entry.position }).is_break()
        {
            break;
        }
    }
    Ok(problems)
}

/// Every entry must have the largest timestamp of the batch that ends with its offset, and of all before.
fn dump_time_index(
    disk: &dyn Disk,
    path: &Path,
    file: FileName,
    options: &DumpOptions,
    visit: &mut dyn FnMut(&DumpItem) -> ControlFlow<()>,
) -> Result<Vec<String>, DumpError> {
    let bytes = content(disk, path)?;
    let mut problems = uneven(bytes.len(), 12);
    let mut batches = log_file::Headers::open(disk, &log_path(path, file))?.walk();
    let (mut last, mut largest) = (None, None);
    for entry in time::entries(&bytes) {
        if last.is_some_and(|(timestamp, _)| timestamp >= entry.timestamp) {
            let is_rest = entry.relative_offset == 0 && entry.timestamp.0 == 0;
            problems.extend((!is_rest).then(|| format!("timestamp {} does not ascend", entry.timestamp)));
            break;
        }
        last = Some((entry.timestamp, entry.relative_offset));
        let offset = file.offset.plus(i64::from(entry.relative_offset));
        let mut found = None;
        while let Some(header) = batches.next()? {
            largest = largest.max(Some(header.max_timestamp()));
            if header.last_offset() >= offset {
                found = Some(header.last_offset());
                break;
            }
        }
        if found != Some(offset) {
            problems.push(format!(
                "indexed offset {offset}, found log offset {}",
                found.unwrap_or(Offset::UNKNOWN)
            ));
        } else if largest != Some(entry.timestamp) {
            let found = largest.unwrap_or_default();
            problems.push(format!("index timestamp {}, log timestamp {found}", entry.timestamp));
        }
        let item = DumpItem::TimeEntry { timestamp: entry.timestamp, offset };
        if !options.verify_only && visit(&item).is_break() {
            break;
        }
    }
    Ok(problems)
}

fn uneven(size: usize, entry_size: usize) -> Vec<String> {
    let rest = size % entry_size;
    if rest == 0 { Vec::new() } else { vec![format!("{size} bytes are no multiple of {entry_size}")] }
}

fn log_path(path: &Path, file: FileName) -> std::path::PathBuf {
    FileName::live(file.offset, FileKind::Log).in_dir(path.parent().unwrap_or(Path::new(".")))
}
