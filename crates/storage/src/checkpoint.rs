//! Checkpoint files: a version, a count, and one entry a line, replaced atomically.
//!
//! ```text
//! 0                 version
//! 2                 count of entries
//! orders 0 1042     topic, partition, offset        (or: epoch, start offset)
//! orders 1 977
//! ```
//!
//! Source: Kafka `CheckpointFile`, `OffsetCheckpointFile`, `LeaderEpochCheckpointFile`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use ottla_protocol::types::{LeaderEpoch, Offset};

use crate::error::StorageError;
use crate::io::{Disk, read_file, replace_file};
use crate::layout::TopicPartition;
use crate::leader_epochs::EpochEntry;

/// Far above any real checkpoint file: 200,000 partitions with the longest names are 60 MB.
const FILE_SIZE_MAX: u64 = 256 << 20;

/// A checkpoint file that cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The content is not a checkpoint's.
    #[error("line {line} of the checkpoint is not {expected}")]
    Malformed {
        /// The line, from 1 on.
        line: usize,
        /// What must be there.
        expected: &'static str,
    },
    /// The disk failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Reads an offset checkpoint. A missing or empty file has no entries.
pub fn read_offsets(
    disk: &dyn Disk,
    path: &Path,
) -> Result<BTreeMap<TopicPartition, Offset>, CheckpointError> {
    let Some(bytes) = read_file(disk, path, FILE_SIZE_MAX)? else { return Ok(BTreeMap::new()) };
    let entries = parse(&bytes, "a topic, a partition and an offset", |fields| match fields {
        [topic, partition, offset] => {
            Some((TopicPartition::new(topic, number(partition)?), Offset(number(offset)?)))
        }
        _ => None,
    })?;
    Ok(entries.into_iter().collect())
}

/// Replaces an offset checkpoint, durably. Waits for the disk.
pub fn write_offsets<'a>(
    disk: &dyn Disk,
    path: &Path,
    entries: impl IntoIterator<Item = (&'a TopicPartition, Offset)>,
) -> Result<(), StorageError> {
    let text = format_entries(entries, |text, (topic_partition, offset)| {
        let TopicPartition { topic, partition } = topic_partition;
        writeln!(text, "{topic} {partition} {offset}")
    });
    replace_file(disk, path, text.as_bytes())
}

/// Reads a leader epoch checkpoint: `None` if the file is missing or empty. Entries must ascend in epoch and offset.
pub fn read_epochs(disk: &dyn Disk, path: &Path) -> Result<Option<Vec<EpochEntry>>, CheckpointError> {
    let Some(bytes) = read_file(disk, path, FILE_SIZE_MAX)?.filter(|bytes| !bytes.is_empty()) else {
        return Ok(None);
    };
    let mut last = EpochEntry { epoch: LeaderEpoch::UNKNOWN, start_offset: Offset::UNKNOWN };
    let entries =
        parse(&bytes, "an epoch and its start offset above the line before", |fields| match fields {
            [epoch, start_offset] => {
                let entry = EpochEntry {
                    epoch: LeaderEpoch(number(epoch)?),
                    start_offset: Offset(number(start_offset)?),
                };
                let ascends = entry.epoch > last.epoch && entry.start_offset > last.start_offset;
                last = entry;
                ascends.then_some(entry)
            }
            _ => None,
        })?;
    Ok(Some(entries))
}

/// The content of a leader epoch checkpoint.
#[must_use]
pub fn format_epochs(entries: &[EpochEntry]) -> String {
    format_entries(entries, |text, EpochEntry { epoch, start_offset }| {
        writeln!(text, "{epoch} {start_offset}")
    })
}

fn format_entries<T>(
    entries: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut String, T) -> std::fmt::Result,
) -> String {
    let mut lines = String::new();
    let mut count = 0;
    for entry in entries {
        write(&mut lines, entry).expect("a string takes everything");
        count += 1;
    }
    format!("0\n{count}\n{lines}")
}

fn parse<T>(
    bytes: &[u8],
    expected: &'static str,
    mut entry: impl FnMut(&[&str]) -> Option<T>,
) -> Result<Vec<T>, CheckpointError> {
    let malformed = |line, expected| CheckpointError::Malformed { line, expected };
    let text = std::str::from_utf8(bytes).map_err(|_| malformed(1, "text"))?;
    let mut lines = text.lines().enumerate();
    let Some((_, version)) = lines.next() else { return Ok(Vec::new()) };
    if number::<i32>(version.trim()) != Some(0) {
        return Err(malformed(1, "version 0"));
    }
    let count: usize =
        lines.next().and_then(|(_, count)| number(count.trim())).ok_or(malformed(2, "a count"))?;
    // The count sizes nothing: the lines that are there do.
    let mut entries = Vec::new();
    for (index, line) in lines {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        if fields.is_empty() {
            continue;
        }
        if entries.len() == count {
            return Err(malformed(index + 1, "the end, by the count in line 2"));
        }
        entries.push(entry(&fields).ok_or(malformed(index + 1, expected))?);
    }
    if entries.len() != count {
        return Err(malformed(2, "the count of lines that follow"));
    }
    Ok(entries)
}

fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::io::IoSlice;

    use super::*;
    use crate::io::OpenMode;
    use crate::io::simulated::{SimulatedDisk, Survival};

    fn disk_with(content: &[u8]) -> SimulatedDisk {
        let disk = SimulatedDisk::new(0);
        let file = disk.open(Path::new("/checkpoint"), OpenMode::Create).unwrap();
        file.write_at(&[IoSlice::new(content)], 0).unwrap();
        disk
    }

    fn offsets(content: &[u8]) -> Result<BTreeMap<TopicPartition, Offset>, CheckpointError> {
        read_offsets(&disk_with(content), Path::new("/checkpoint"))
    }

    fn epochs(content: &[u8]) -> Result<Option<Vec<EpochEntry>>, CheckpointError> {
        read_epochs(&disk_with(content), Path::new("/checkpoint"))
    }

    #[test]
    fn offsets_have_kafkas_form() {
        let disk = disk_with(b"");
        let (a, b) = (TopicPartition::new("orders", 1), TopicPartition::new("orders", 0));
        write_offsets(&disk, Path::new("/checkpoint"), [(&a, Offset(977)), (&b, Offset(1042))]).unwrap();
        assert_eq!(
            disk.contents(Path::new("/checkpoint")).as_deref(),
            Some(&b"0\n2\norders 1 977\norders 0 1042\n"[..])
        );
        let read = read_offsets(&disk, Path::new("/checkpoint")).unwrap();
        assert_eq!(read, BTreeMap::from([(a, Offset(977)), (b, Offset(1042))]));
    }

    #[test]
    fn a_missing_or_empty_file_has_no_entries() {
        assert_eq!(read_offsets(&SimulatedDisk::new(0), Path::new("/none")).unwrap(), BTreeMap::new());
        assert_eq!(offsets(b"").unwrap(), BTreeMap::new());
        assert_eq!(offsets(b"0\n0\n").unwrap(), BTreeMap::new());
        assert_eq!(read_epochs(&SimulatedDisk::new(0), Path::new("/none")).unwrap(), None);
        assert_eq!(epochs(b"").unwrap(), None);
        assert_eq!(epochs(b"0\n0\n").unwrap(), Some(vec![]));
    }

    #[test]
    fn malformed_files_are_refused() {
        for content in [
            &b"1\n0\n"[..],
            b"0\n",
            b"0\nx\n",
            b"0\n-1\n",
            b"0\n1\n",
            b"0\n2\na 0 1\n",
            b"0\n0\na 0 1\n",
            b"0\n1\na 0\n",
            b"0\n1\na 0 1 2\n",
            b"0\n1\na x 1\n",
            b"0\n1\na 0 99999999999999999999\n",
            b"0\n4000000000\na 0 1\n",
            b"\xff\xfe",
            b"\0\0\0\0",
        ] {
            assert!(offsets(content).is_err(), "{}", content.escape_ascii());
        }
    }

    #[test]
    fn epochs_must_ascend() {
        let entry = |epoch, start| EpochEntry { epoch: LeaderEpoch(epoch), start_offset: Offset(start) };
        let entries = vec![entry(0, 0), entry(4, 20)];
        assert_eq!(format_epochs(&entries), "0\n2\n0 0\n4 20\n");
        assert_eq!(epochs(b"0\n2\n0 0\n4 20\n").unwrap(), Some(entries));
        for content in [&b"0\n2\n4 0\n4 20\n"[..], b"0\n2\n0 20\n4 20\n", b"0\n1\n-1 0\n", b"0\n1\n0 -1\n"] {
            assert!(epochs(content).is_err(), "{}", content.escape_ascii());
        }
    }

    #[test]
    fn a_replacement_is_old_or_new_at_every_crash() {
        let (path, key) = (Path::new("/checkpoint"), TopicPartition::new("orders", 0));
        for seed in 0..20 {
            for cut in 0..8 {
                let disk = SimulatedDisk::new(seed);
                write_offsets(&disk, path, [(&key, Offset(1))]).unwrap();
                disk.cut_power_at(disk.operations() + cut, 5);
                let _ = write_offsets(&disk, path, [(&key, Offset(2))]);
                disk.crash(Survival::Sectors { size: 4 });
                let offset = read_offsets(&disk, path).unwrap()[&key];
                assert!(offset == Offset(1) || offset == Offset(2), "{offset}");
            }
        }
    }
}
