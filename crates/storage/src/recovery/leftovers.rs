//! What an interrupted deletion, compaction or roll has left in a replica's directory.
//!
//! Source: Kafka `LogLoader.removeTempFilesAndCollectSwapFiles`, `LogLoader.load`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ottla_protocol::types::Offset;

use crate::error::StorageError;
use crate::io::{Disk, Entry, EntryKind, OpenMode};
use crate::layout::{FileKind, FileName, FileState};
use crate::walk::{Access, CHUNK_SIZE, HeaderReader, ReadFault};

/// The live files of a replica's directory, by what they are.
#[derive(Debug, Default)]
pub(crate) struct SegmentFiles {
    /// Segments with the kinds of files that they have.
    pub segments: BTreeMap<Offset, BTreeSet<FileKind>>,
    /// End offsets of producer snapshots.
    pub snapshots: BTreeSet<Offset>,
    /// Files that were removed.
    pub removed: usize,
}

/// Removes what is of no use, finishes a swap that was interrupted, and tells what is there.
pub(crate) fn settle(disk: &dyn Disk, dir: &Path, entries: &[Entry]) -> Result<SegmentFiles, StorageError> {
    let files = entries.iter().filter(|entry| entry.kind == EntryKind::File);
    let mut names: BTreeSet<FileName> = files.filter_map(|entry| FileName::parse(&entry.name)).collect();
    let before = names.len();
    // Compaction that was not finished has changed nothing yet. A split writes all its parts as `.cleaned` before it renames
    // them from the last to the first, so parts at or behind a `.cleaned` one are of a split that was not finished.
    let unfinished =
        names.iter().filter(|name| name.state == FileState::Cleaned).map(|name| name.offset).min();
    let remove = |names: &mut BTreeSet<FileName>, is_useless: &dyn Fn(&FileName) -> bool| {
        let useless: Vec<_> = names.iter().filter(|name| is_useless(name)).copied().collect();
        for name in useless {
            disk.remove_file(&name.in_dir(dir))?;
            names.remove(&name);
        }
        Ok::<_, StorageError>(())
    };
    remove(&mut names, &|name| match name.state {
        FileState::Deleted | FileState::Cleaned => true,
        FileState::Swap => unfinished.is_some_and(|offset| name.offset >= offset),
        FileState::Live => false,
    })?;
    if let Some((from, to)) = swapped_range(disk, dir, &names)? {
        // What the swap replaces: the segments that lie in its range.
        remove(&mut names, &|name| {
            name.state == FileState::Live
                && FileKind::OF_SEGMENT.contains(&name.kind)
                && (from..to).contains(&name.offset)
        })?;
    }
    let swapped: Vec<_> = names.iter().filter(|name| name.state == FileState::Swap).copied().collect();
    for name in swapped {
        let live = FileName { state: FileState::Live, ..name };
        disk.rename(&name.in_dir(dir), &live.in_dir(dir))?;
        names.remove(&name);
        names.insert(live);
    }
    // Index files without a segment.
    let logs: BTreeSet<Offset> =
        names.iter().filter(|name| name.kind == FileKind::Log).map(|name| name.offset).collect();
    remove(&mut names, &|name| name.kind != FileKind::ProducerSnapshot && !logs.contains(&name.offset))?;
    let mut files = SegmentFiles { removed: before - names.len(), ..SegmentFiles::default() };
    for name in names {
        if name.kind == FileKind::ProducerSnapshot {
            files.snapshots.insert(name.offset);
        } else {
            files.segments.entry(name.offset).or_default().insert(name.kind);
        }
    }
    remove_stray_snapshots(disk, dir, &mut files)?;
    Ok(files)
}

/// The offsets that the `.swap` segments hold; `None` if there are none.
fn swapped_range(
    disk: &dyn Disk,
    dir: &Path,
    names: &BTreeSet<FileName>,
) -> Result<Option<(Offset, Offset)>, StorageError> {
    let mut range: Option<(Offset, Offset)> = None;
    for name in names.iter().filter(|name| name.state == FileState::Swap && name.kind == FileKind::Log) {
        let end = end_offset(disk, &name.in_dir(dir), name.offset)?;
        let (from, to) = range.unwrap_or((name.offset, end));
        range = Some((from.min(name.offset), to.max(end)));
    }
    Ok(range)
}

/// Offset after the last batch of a segment file.
fn end_offset(disk: &dyn Disk, path: &Path, base_offset: Offset) -> Result<Offset, StorageError> {
    let file = disk.open(path, OpenMode::ReadOnly)?;
    let size = u32::try_from(file.len()?).unwrap_or(u32::MAX);
    let mut buffer = vec![0; CHUNK_SIZE];
    let mut reader = HeaderReader::new(&file, size, Access::Wait, &mut buffer);
    let (mut position, mut end) = (0, base_offset);
    while position < size {
        let Ok(header) = reader.at(position).map_err(ReadFault::into_storage)? else { break };
        end = end.max(header.next_offset());
        position += header.size_bytes() as u32;
    }
    Ok(end)
}

/// Snapshots belong to the beginning of a segment, but for the newest, which a clean close wrote at the log's end.
fn remove_stray_snapshots(disk: &dyn Disk, dir: &Path, files: &mut SegmentFiles) -> Result<(), StorageError> {
    let newest = files.snapshots.last().copied();
    let strays: Vec<_> = files
        .snapshots
        .iter()
        .filter(|offset| !files.segments.contains_key(offset) && Some(**offset) != newest)
        .copied()
        .collect();
    for offset in strays {
        disk.remove_file(&FileName::live(offset, FileKind::ProducerSnapshot).in_dir(dir))?;
        files.snapshots.remove(&offset);
        files.removed += 1;
    }
    Ok(())
}
